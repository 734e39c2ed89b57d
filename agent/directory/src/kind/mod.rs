//! What each kind of directory does differently: what is read of an entry, what closes it, what a reset writes, and what an answer
//! means. Nothing here asks a server; each rule is one that was measured on the server of its name.

mod ad;
mod ds389;
mod freeipa;
mod openldap;
pub mod rights;

use std::fmt;

pub use sspr_config::directory::Rule;
use sspr_config::settings::DirectoryKind;
use zeroize::Zeroizing;

use super::message::{Answer, Control, Entry, INVALID_CREDENTIALS, PolicyError};

/// Attributes and the values that they are to have.
pub type Replace = Vec<(&'static str, Vec<Zeroizing<Vec<u8>>>)>;

/// Why nobody can sign in by an entry, whatever the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// An administrator closed it.
    Administrator(&'static str),
    /// It has ended, or not begun.
    Ended(&'static str),
    /// Its password is kept elsewhere.
    Elsewhere(&'static str),
}

/// One way to write a new password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// RFC 3062.
    PasswordModify,
    /// A modify of these.
    Modify(Replace),
    /// A modify of these as the person, by proxied authorization.
    AsThePerson(Replace),
}

/// What the server said to the new password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// It says that it was written.
    Done,
    /// A rule of the directory refuses the password; the person can choose another.
    Refused(Rule),
    /// It was not written, and that is not the person's fault.
    Failed {
        /// For logs.
        why: String,
        /// Another server may do it, or another way to write.
        elsewhere: bool,
    },
}

/// What a bind by a password says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// It signs in.
    Yes,
    /// It is right, and must be changed before anything else.
    MustChange,
    /// It is wrong, or the server does not say that it is something else.
    Wrong,
    /// Nobody signs in: the account is locked or closed.
    Closed(String),
    /// The server has a trouble of its own.
    Trouble(String),
}

/// A kind of directory.
pub trait Kind: fmt::Debug + Send + Sync {
    /// What is read of a person's entry.
    fn attributes(&self) -> &'static [&'static str];

    /// The directory's id of an entry.
    fn id(&self, entry: &Entry) -> Option<String>;

    /// An attribute whose absence must be told from not being allowed to see it: if it can't be seen, nobody knows who is closed.
    fn must_see(&self) -> Option<&'static str> {
        None
    }

    /// Whether an entry is closed at `now`.
    fn closed(&self, entry: &Entry, now: i64) -> Option<Closed>;

    /// Whether too many wrong passwords keep the person out at `now`.
    fn locked(&self, entry: &Entry, now: i64) -> bool;

    /// Why the entry itself is one of those that are never served.
    fn protected(&self, entry: &Entry) -> Option<&'static str> {
        let _ = entry;
        None
    }

    /// Groups whose members are never served, by name.
    fn protected_groups(&self) -> &'static [&'static str] {
        &[]
    }

    /// The ways to write a password, the best first. The next one is tried where the server does not allow one.
    fn writes(&self, new: &[u8]) -> Result<Vec<Write>, Rule>;

    /// What goes along with each of them on a server that knows the controls `known`.
    fn controls(&self, known: &[String]) -> Vec<Control> {
        let _ = known;
        vec![Control::password_policy()]
    }

    /// What the server said to a write.
    fn written(&self, answer: &Answer) -> Written;

    /// What else belongs to a change of the password of `entry`, as it was before. A failure is for administrators alone.
    fn besides(&self, entry: &Entry, now: i64) -> Replace {
        let _ = (entry, now);
        Vec::new()
    }

    /// Whether the entry is looked at again after a change, as a bind does not tell all.
    fn looked_at_again(&self) -> bool {
        false
    }

    /// Whether the entry, as it is after a change, wants another.
    fn must_change(&self, entry: &Entry, now: i64) -> bool {
        let _ = (entry, now);
        false
    }

    /// What takes back that the password must be changed at once, where the person just chose it.
    fn no_more_change(&self, now: i64) -> Replace {
        let _ = now;
        Vec::new()
    }

    /// What a bind's answer says.
    fn signs_in(&self, answer: &Answer) -> SignIn {
        signs_in(answer)
    }

    /// What opens an account again that too many wrong passwords locked, and what must hold for it.
    fn unlock(&self, now: i64) -> (Replace, Vec<Control>);

    /// For how many minutes the directory may take the old password after a change.
    fn old_password_lives(&self) -> u32 {
        0
    }

    /// Whether the groups of an account are read as Active Directory has them.
    fn has_sids(&self) -> bool {
        false
    }
}

/// What is known of `kind`.
pub fn of(kind: DirectoryKind) -> &'static dyn Kind {
    match kind {
        DirectoryKind::OpenLdap => &openldap::OpenLdap,
        DirectoryKind::Ds389 => &ds389::Ds389,
        DirectoryKind::FreeIpa => &freeipa::FreeIpa,
        DirectoryKind::Ad => &ad::Ad,
    }
}

/// Whether a value of userPassword says that the password is kept elsewhere, by SASL.
pub fn is_elsewhere(value: &[u8]) -> bool {
    value.get(..6).is_some_and(|start| start.eq_ignore_ascii_case(b"{SASL}"))
}

/// Where entries have more of them, or keys that are as good.
pub const OTHER_HASHES: [&str; 3] = ["sambaNTPassword", "sambaLMPassword", "krbPrincipalKey"];

/// Whether hashes of passwords can be read of an entry, which nobody needs.
pub fn shows_hashes(entry: &Entry) -> bool {
    let stored = entry.values("userPassword").chain(entry.values("pwdHistory"));
    stored.into_iter().any(|value| !is_elsewhere(value))
        || OTHER_HASHES.iter().any(|name| entry.values(name).next().is_some())
}

/// Values of texts.
fn texts(values: &[&str]) -> Vec<Zeroizing<Vec<u8>>> {
    values.iter().map(|value| Zeroizing::new(value.as_bytes().to_vec())).collect()
}

/// Bytes in hexadecimal.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// What a bind's answer says, with the control of the password policy.
fn signs_in(answer: &Answer) -> SignIn {
    match (answer.code, answer.policy()) {
        (0, Some(PolicyError::MustChange | PolicyError::Expired)) => SignIn::MustChange,
        (0, _) => SignIn::Yes,
        (INVALID_CREDENTIALS, Some(PolicyError::Locked)) => SignIn::Closed("locked".to_owned()),
        // It is only said of a right one.
        (INVALID_CREDENTIALS, Some(PolicyError::Expired | PolicyError::MustChange)) => SignIn::MustChange,
        // Of an entry that is gone, some servers say so.
        (INVALID_CREDENTIALS | 32, _) => SignIn::Wrong,
        _ => SignIn::Trouble(answer.to_string()),
    }
}

/// What answers mean that are no rule's: the same for all kinds.
fn failed(answer: &Answer) -> Written {
    let (why, elsewhere) = match answer.code {
        8 | 13 => ("the server wants an encrypted connection", false),
        10 => ("this server takes no changes, it points to another", true),
        32 => ("the entry is gone", false),
        50 => ("the service's entry has no right to set this password", true),
        51..=53 => ("the server is not able or not willing", true),
        12 | 123 => ("the server does not allow this way to set a password", true),
        _ => ("the server refuses", false),
    };
    Written::Failed { why: format!("{why}: {answer}"), elsewhere }
}

/// The rule that the control of the password policy names.
fn rule(answer: &Answer) -> Option<Rule> {
    match answer.policy()? {
        PolicyError::Quality => Some(Rule::Quality),
        PolicyError::Short => Some(Rule::Short(None)),
        PolicyError::Young => Some(Rule::Young),
        PolicyError::Used => Some(Rule::Used),
        _ => None,
    }
}

/// The number that stands last before `word` in `text`.
fn number_before(text: &str, word: &str) -> Option<u32> {
    let before = text.split(word).next().filter(|before| before.len() < text.len())?;
    before.split(|c: char| !c.is_ascii_digit()).rfind(|digits| !digits.is_empty())?.parse().ok()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::message::PASSWORD_POLICY;

    /// An answer with `code` and `text`, and with the policy's error `policy` in its control.
    pub(crate) fn answer(code: u32, text: &str, policy: Option<u8>) -> Answer {
        let control = |error| Control {
            oid: PASSWORD_POLICY.to_owned(),
            critical: false,
            value: Some(vec![0x30, 3, 0x81, 1, error]),
        };
        Answer { code, text: text.to_owned(), controls: policy.map(control).into_iter().collect() }
    }

    /// An entry with these attributes.
    pub(crate) fn entry(attributes: &[(&str, &str)]) -> Entry {
        Entry {
            dn: "uid=alice,dc=example,dc=org".to_owned(),
            attributes: attributes.iter().map(|(name, value)| ((*name).to_owned(), texts(&[value]))).collect(),
        }
    }

    #[test]
    fn of_a_bind_only_what_the_server_says_is_believed() {
        for (code, policy, want) in [
            (0, None, SignIn::Yes),
            (0, Some(2), SignIn::MustChange),
            (49, None, SignIn::Wrong),
            (49, Some(0), SignIn::MustChange),
            (32, None, SignIn::Wrong),
        ] {
            assert_eq!(signs_in(&answer(code, "", policy)), want, "{code} {policy:?}");
        }
        assert!(matches!(signs_in(&answer(49, "", Some(1))), SignIn::Closed(_)));
        for trouble in [13, 51, 52, 53, 80] {
            assert!(matches!(signs_in(&answer(trouble, "", None)), SignIn::Trouble(_)), "{trouble}");
        }
    }

    #[test]
    fn what_is_no_rule_is_not_the_persons_fault_and_says_whether_another_server_may_do_it() {
        for (code, other) in [(10, true), (53, true), (51, true), (50, true), (13, false), (32, false), (80, false)] {
            let Written::Failed { elsewhere, .. } = failed(&answer(code, "", None)) else { panic!("{code}") };
            assert_eq!(elsewhere, other, "{code}");
        }
    }

    #[test]
    fn the_number_of_characters_is_found_in_the_servers_words() {
        for (text, number) in [
            ("password must be at least 10 characters long", Some(10)),
            ("0000052D: too short. It should be equal or longer than 7 characters!", Some(7)),
            ("characters", None),
            ("0000052D: too simple", None),
        ] {
            assert_eq!(number_before(text, "characters"), number, "{text}");
        }
    }
}
