//! Verifies and changes a password through PAM, and finds out for certain what the result is.
//!
//! Everything here blocks and runs on the process's main thread: the C library's account lock waits for an alarm
//! signal, which must reach the thread that waits. The hash of the outcome may be computed on a thread of its own, which
//! gets no signals: see [`super::beside`].

use zeroize::Zeroizing;

use super::{
    Account, Change, Error,
    account::{shadow_of, today},
    crypt, faillock,
    pam::{Failure, Message, Secret},
    prepared::{self, Finding, Ground, Prepared},
    shadow::Shadow,
    transaction::{start, start_new},
};

/// The longest reason that is passed on, in characters.
const REASON_MAX: usize = 200;

/// The reason to give if a module refuses without a message that can be passed on.
const REFUSED: &str = "This password was refused. Choose a different one.";

/// Whether `password` is the current one of the eligible account `user`.
///
/// PAM counts failures and may say no. Its yes is not enough: the module that decides on this host may be one that the
/// private copy leaves out. So the hash is checked as well.
pub(crate) fn verify(user: &str, password: &Zeroizing<Vec<u8>>) -> Result<bool, Error> {
    match start(user, (password.clone(), Secret::Current), 1)?.authenticate() {
        Ok(()) => {
            let right = shadow_of(user)?.is_some_and(|entry| crypt::matches(password, &entry.hash));
            if !right {
                tracing::warn!(
                    user,
                    "the PAM service sspr takes a password that is not in /etc/shadow; see its auth lines"
                );
            }
            Ok(right)
        }
        Err(Failure::AuthErr | Failure::MaxTries | Failure::PermDenied | Failure::UserUnknown) => Ok(false),
        Err(failure) => Err(Error::Unavailable(format!("PAM: {failure:?}"))),
    }
}

/// Sets the password of the eligible `account` with the name `user`. A `prepared` finding for it is used if it still
/// holds.
///
/// Fails with [`Error::Unavailable`] if nothing was written.
pub(crate) fn attempt(
    user: &str,
    account: Account,
    password: &Zeroizing<Vec<u8>>,
    prepared: Option<Prepared>,
) -> Result<Attempt, Error> {
    let ground = Ground::read(user)?;
    let prepared = prepared.filter(|prepared| prepared.holds(user, account.uid, password, &ground));
    tracing::debug!(user, uid = account.uid, as_prepared = prepared.is_some(), "a new password");
    let (finding, transaction) = match prepared {
        Some(prepared) => (prepared.finding, Some(prepared.transaction)),
        None => (prepared::finding(user, &ground, password), None),
    };
    match finding {
        Finding::Same => return Ok(Attempt::Refused(Change::Same)),
        Finding::Refused(reason) => return Ok(Attempt::Refused(Change::Refused(reason.to_owned()))),
        Finding::Good => {}
    }
    let before = ground.shadow;
    let mut transaction = match transaction {
        Some(transaction) => transaction,
        None => start_new(user, password)?,
    };
    let outcome = transaction.change_password();
    let messages = transaction.messages();
    drop(transaction);
    // Something may have been written. PAM returns only the last module's result; the shadow entry shows what happened.
    let after = shadow_of(user).map_err(|why| why.to_string());
    Ok(Attempt::Made(Made { before, after, outcome, messages }))
}

/// An attempt to set a password.
pub(crate) enum Attempt {
    /// PAM was not asked to write.
    Refused(Change),
    /// PAM was asked to.
    Made(Made),
}

/// What PAM returned, and the shadow entry before and after.
pub(crate) struct Made {
    before: Option<Shadow>,
    after: Result<Option<Shadow>, String>,
    outcome: Result<(), Failure>,
    messages: Vec<Message>,
}

impl Made {
    /// The hash that was written. It must be compared with the password.
    pub(crate) fn written(&self) -> Option<&str> {
        let after = self.after.as_ref().ok()?.as_ref()?;
        let changed = self.before.as_ref().is_none_or(|before| before.hash != after.hash);
        changed.then_some(after.hash.as_str())
    }

    /// The result for the account `user`. `right`: the hash in [`Self::written`] is that of `password`.
    ///
    /// Fails with [`Error::Unavailable`] if nothing was written, and with [`Error::Failed`] if the result is not known.
    pub(crate) fn concluded(self, (user, uid): (&str, u32), password: &[u8], right: bool) -> Result<Change, Error> {
        let found = match &self.after {
            Ok(after) => found(self.before.as_ref(), after.as_ref(), right),
            Err(why) => return Err(Error::Failed(why.clone())),
        };
        match (found, self.outcome) {
            (Found::InPlace(day), outcome) => {
                forget_failures(user, uid);
                let failed = outcome.err().map(|failure| {
                    format!(
                        "PAM: {failure:?} after the password was written; see the last password lines of the service sspr"
                    )
                });
                Ok(match [failed, day].into_iter().flatten().collect::<Vec<_>>().join("; ") {
                    warning if warning.is_empty() => Change::Changed,
                    warning => Change::ChangedWithWarning(warning),
                })
            }
            (Found::AsBefore, Ok(())) => {
                Err(Error::Unavailable("PAM reports success, but the hash is the old one".to_owned()))
            }
            (Found::AsBefore, Err(Failure::LockBusy)) => {
                Err(Error::Unavailable("the account files are locked".to_owned()))
            }
            (Found::AsBefore, Err(failure)) => match refusal(failure, &self.messages, password) {
                Some(reason) => Ok(Change::Refused(reason)),
                None => Err(Error::Unavailable(format!("PAM: {failure:?}"))),
            },
            (Found::Unclear(why), outcome) => Err(Error::Failed(format!("PAM: {outcome:?}, and {why}"))),
        }
    }
}

/// Whether `password` is in place for the eligible account `user`, after a change whose process ended before it could
/// answer. The steps after a change are done here too.
pub(crate) fn went_through(user: &str, uid: u32, password: &[u8]) -> Result<bool, Error> {
    let right = shadow_of(user)?.is_some_and(|entry| crypt::matches(password, &entry.hash));
    if right {
        forget_failures(user, uid);
    }
    Ok(right)
}

/// Old failures must not lock out a user who has just proved their identity. An error here is only logged: the password
/// is set.
fn forget_failures(user: &str, uid: u32) {
    if let Err(why) = faillock::clear(user) {
        tracing::warn!(user, uid, %why, "the failures that faillock counted are not cleared");
    }
}

/// Clears the wrong passwords that were counted for the eligible account `user`.
pub(crate) fn unlock(user: &str) -> Result<(), Error> {
    faillock::clear(user).map_err(|why| Error::Unavailable(format!("faillock: {why}")))
}

/// The result of a change, as the shadow entry shows it.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    /// The new password signs in. The text names anything unusual.
    InPlace(Option<String>),
    /// The password is still the old one.
    AsBefore,
    /// The password is neither the old nor the new one, for this reason.
    Unclear(&'static str),
}

/// `right`: the hash is that of the new password.
fn found(before: Option<&Shadow>, after: Option<&Shadow>, right: bool) -> Found {
    let Some(after) = after else { return Found::Unclear("the shadow entry is gone") };
    if before.is_some_and(|before| before.hash == after.hash) {
        return Found::AsBefore;
    }
    if !right {
        return Found::Unclear("the hash is another one, and not the new password's");
    }
    // Midnight may pass between the write and this look-up.
    let today = after.changed == today() || after.changed == today() - 1;
    Found::InPlace((!today).then(|| format!("the day of the last change is {}", after.changed)))
}

/// Why the host's rules refused the password, if that is what `failure` means. A code alone is not enough: modules use
/// the same codes when they can't write.
fn refusal(failure: Failure, messages: &[Message], password: &[u8]) -> Option<String> {
    match failure {
        Failure::AuthtokErr | Failure::TryAgain | Failure::MaxTries | Failure::PermDenied => {}
        Failure::AuthErr | Failure::UserUnknown | Failure::LockBusy | Failure::Other(_) => return None,
    }
    let last = messages.iter().rfind(|m| m.error).or(messages.last())?;
    Some(plain(&last.text, password))
}

/// One plain sentence from a module's message, without the password.
fn plain(text: &str, password: &[u8]) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for prefix in ["BAD PASSWORD:", "Weak password:", "Bad:"] {
        if let Some(rest) = text.strip_prefix(prefix) {
            text = rest.trim_start().to_owned();
        }
    }
    let told = |text: &str| {
        let password = String::from_utf8_lossy(password).to_lowercase();
        text.to_lowercase().contains(&password)
    };
    if text.is_empty() || told(&text) {
        return REFUSED.to_owned();
    }
    if text.chars().count() > REASON_MAX {
        text = text.chars().take(REASON_MAX - 1).chain(['…']).collect();
    } else if text.ends_with(char::is_alphanumeric) || text.ends_with(')') {
        text.push('.');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(error: bool, text: &str) -> Message {
        Message { error, text: text.to_owned() }
    }

    #[test]
    fn a_refusal_is_the_last_error_in_plain_words() {
        let messages = [
            said(false, "Changing password for alice."),
            said(true, "first"),
            said(true, "BAD PASSWORD: The password is shorter than 8 characters"),
            said(false, "try harder"),
        ];
        assert_eq!(
            refusal(Failure::AuthtokErr, &messages, b"tr0ub4dor").unwrap(),
            "The password is shorter than 8 characters."
        );
        assert_eq!(refusal(Failure::TryAgain, &messages[..1], b"tr0ub4dor").unwrap(), "Changing password for alice.");
    }

    #[test]
    fn the_words_of_passwdqc_are_passed_on_and_not_what_it_proposes() {
        let messages = [
            said(false, "\nYou can now choose the new password or passphrase.\n"),
            said(
                false,
                "A valid password should be a mix of upper and lower case letters, digits, and\nother characters.",
            ),
            said(false, "Alternatively, [..] pick this as\nyour password: \"overt2fluid5Flick\".\n"),
            said(true, "Weak password: not enough different characters or classes for this length."),
        ];
        assert_eq!(
            refusal(Failure::AuthtokErr, &messages, b"qmvkzjwxgrtpfh").unwrap(),
            "not enough different characters or classes for this length."
        );
    }

    #[test]
    fn a_failure_without_words_or_of_another_kind_is_no_refusal() {
        assert_eq!(refusal(Failure::AuthtokErr, &[], b"secret"), None);
        for failure in [Failure::AuthErr, Failure::UserUnknown, Failure::LockBusy, Failure::Other(4)] {
            assert_eq!(refusal(failure, &[said(true, "no")], b"secret"), None, "{failure:?}");
        }
    }

    #[test]
    fn words_of_a_module_are_cleaned_capped_and_never_hold_the_password() {
        for (text, want) in [
            ("BAD PASSWORD: it is too short", "it is too short."),
            ("Password has been already used. Choose another.", "Password has been already used. Choose another."),
            ("is it\u{1b}[31m red?\r\n", "is it [31m red?"),
            ("BAD PASSWORD: ", REFUSED),
            ("\u{7}\u{9b}", REFUSED),
            ("contains TR0UB4DOR twice", REFUSED),
            ("(too simple)", "(too simple)."),
        ] {
            assert_eq!(plain(text, b"tr0ub4dor"), want, "{text:?}");
        }
        let long = plain(&"é".repeat(1000), b"tr0ub4dor");
        assert_eq!((long.chars().count(), long.chars().last()), (REASON_MAX, Some('…')));
    }

    #[test]
    fn what_came_of_a_change_is_what_the_shadow_entry_says() {
        let entry = |hash: &str, changed| Shadow {
            hash: Zeroizing::new(hash.to_owned()),
            changed,
            max: 99_999,
            inactive: -1,
            expire: -1,
        };
        let (old, new) = ("$1$$qRPK7m23GJusamGpoGLby/", "$1$$oldK7m23GJusamGpoGLby/");
        // The hash of "Old-hors", by perl's crypt.
        let mine = "abewuTISo7ukM";
        let before = entry(old, 1);
        let found = |after: Option<&Shadow>| {
            found(Some(&before), after, after.is_some_and(|after| crypt::matches(b"Old-hors", &after.hash)))
        };
        assert_eq!(found(Some(&entry(mine, today()))), Found::InPlace(None));
        for odd in [0, -1, 1] {
            assert!(matches!(found(Some(&entry(mine, odd))), Found::InPlace(Some(_))), "{odd}");
        }
        for changed in [1, today()] {
            assert_eq!(found(Some(&entry(old, changed))), Found::AsBefore);
        }
        for unclear in [None, Some(entry(new, today())), Some(entry("!", today()))] {
            assert!(matches!(found(unclear.as_ref()), Found::Unclear(_)));
        }
    }
}
