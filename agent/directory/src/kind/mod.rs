//! The differences between the kinds of directory: which attributes are read, which of them close an entry, what a
//! reset writes, and what an answer means. Nothing here asks a server. The rules of `OpenLDAP`, 389 Directory Server
//! and Samba were measured on these servers; those of `FreeIPA` and Microsoft's Active Directory come from documents.

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

/// Attributes and their new values.
pub type Replace = Vec<(&'static str, Vec<Zeroizing<Vec<u8>>>)>;

/// Why an entry can't sign in, whatever the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// An administrator disabled the entry.
    Administrator(&'static str),
    /// The entry has expired, or is not valid yet.
    Ended(&'static str),
    /// The password is stored elsewhere.
    Elsewhere(&'static str),
}

/// One way to write a new password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// The operation of RFC 3062.
    PasswordModify,
    /// A modify of these attributes.
    Modify(Replace),
    /// A modify of these attributes as the user, by proxied authorization.
    AsThePerson(Replace),
}

/// The server's answer to the new password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// The server reports that the password was written.
    Done,
    /// A rule of the directory refuses the password; the user can choose another.
    Refused(Rule),
    /// The password was not written, and the user can't change that.
    Failed {
        /// The reason, for logs.
        why: String,
        /// Whether another server or another way to write may succeed.
        elsewhere: bool,
    },
}

/// The meaning of a bind's result for a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// The password signs in.
    Yes,
    /// The password is correct, and must be changed before anything else.
    MustChange,
    /// The password is wrong, or the server gives no other reason.
    Wrong,
    /// The password can't sign in: the account is locked or disabled.
    Closed(String),
    /// The server has a problem of its own, which says nothing about the password.
    Trouble(String),
}

/// A kind of directory.
pub trait Kind: fmt::Debug + Send + Sync {
    /// The attributes of a user's entry that are read.
    fn attributes(&self) -> &'static [&'static str];

    /// The directory's id of an entry.
    fn id(&self, entry: &Entry) -> Option<String>;

    /// An attribute that must be readable: otherwise a disabled entry looks like any other.
    fn must_see(&self) -> Option<&'static str> {
        None
    }

    /// Why an entry can't sign in at `now`, if it can't.
    fn closed(&self, entry: &Entry, now: i64) -> Option<Closed>;

    /// Whether too many wrong passwords lock the user out at `now`.
    fn locked(&self, entry: &Entry, now: i64) -> bool;

    /// Why the entry itself is never served.
    fn protected(&self, entry: &Entry) -> Option<&'static str> {
        let _ = entry;
        None
    }

    /// Groups whose members are never served, by name.
    fn protected_groups(&self) -> &'static [&'static str] {
        &[]
    }

    /// The ways to write a password, the best first. If the server does not allow one, the next is tried. The error is
    /// a rule that the password breaks in any case.
    fn writes(&self, new: &[u8]) -> Result<Vec<Write>, Rule>;

    /// The controls that go with each way, to a server that supports `known`.
    fn controls(&self, known: &[String]) -> Vec<Control> {
        let _ = known;
        vec![Control::password_policy()]
    }

    /// The meaning of the answer to a write.
    fn written(&self, answer: &Answer) -> Written;

    /// The other attributes to write with the password. `entry` is as it was before. Only administrators see a failure.
    fn besides(&self, entry: &Entry, now: i64) -> Replace {
        let _ = (entry, now);
        Vec::new()
    }

    /// Whether the entry is read again after a change, because a bind does not show everything.
    fn looked_at_again(&self) -> bool {
        false
    }

    /// Whether the entry, after a change, requires another change.
    fn must_change(&self, entry: &Entry, now: i64) -> bool {
        let _ = (entry, now);
        false
    }

    /// The attributes that remove the requirement to change the password, which the user has just chosen.
    fn no_more_change(&self, now: i64) -> Replace {
        let _ = now;
        Vec::new()
    }

    /// The meaning of the answer to a bind.
    fn signs_in(&self, answer: &Answer) -> SignIn {
        signs_in(answer)
    }

    /// Whether the server reports an expired password before it checks whether the password is correct. Then the report
    /// proves nothing.
    fn says_expired_of_any(&self) -> bool {
        false
    }

    /// The attributes that unlock an account after too many wrong passwords, and the controls with the conditions for
    /// it.
    fn unlock(&self, now: i64) -> (Replace, Vec<Control>);

    /// Whether the groups of an account are read as in Active Directory.
    fn has_sids(&self) -> bool {
        false
    }
}

/// The implementation of `kind`.
pub fn of(kind: DirectoryKind) -> &'static dyn Kind {
    match kind {
        DirectoryKind::OpenLdap => &openldap::OpenLdap,
        DirectoryKind::Ds389 => &ds389::Ds389,
        DirectoryKind::FreeIpa => &freeipa::FreeIpa,
        DirectoryKind::Ad => &ad::Ad,
    }
}

/// Whether a value of userPassword says that the password is stored elsewhere, with SASL.
pub fn is_elsewhere(value: &[u8]) -> bool {
    value.get(..6).is_some_and(|start| start.eq_ignore_ascii_case(b"{SASL}"))
}

/// Other attributes with hashes, or with keys that are equivalent.
pub const OTHER_HASHES: [&str; 3] = ["sambaNTPassword", "sambaLMPassword", "krbPrincipalKey"];

/// Whether password hashes in an entry can be read; no service needs that.
pub fn shows_hashes(entry: &Entry) -> bool {
    let stored = entry.values("userPassword").chain(entry.values("pwdHistory"));
    stored.into_iter().any(|value| !is_elsewhere(value))
        || OTHER_HASHES.iter().any(|name| entry.values(name).next().is_some())
}

/// Texts as attribute values.
fn texts(values: &[&str]) -> Vec<Zeroizing<Vec<u8>>> {
    values.iter().map(|value| Zeroizing::new(value.as_bytes().to_vec())).collect()
}

/// Bytes in hexadecimal.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// The meaning of the answer to a bind, with the password policy's control.
fn signs_in(answer: &Answer) -> SignIn {
    match (answer.code, answer.policy()) {
        (0, Some(PolicyError::MustChange | PolicyError::Expired)) => SignIn::MustChange,
        (0, _) => SignIn::Yes,
        (INVALID_CREDENTIALS, Some(PolicyError::Locked)) => SignIn::Closed("locked".to_owned()),
        // Reported only for a correct password.
        (INVALID_CREDENTIALS, Some(PolicyError::Expired | PolicyError::MustChange)) => SignIn::MustChange,
        // Some servers report 32 for an entry that is gone.
        (INVALID_CREDENTIALS | 32, _) => SignIn::Wrong,
        _ => SignIn::Trouble(answer.to_string()),
    }
}

/// The meaning of answers that are not about a rule, which is the same for all kinds.
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

/// The rule that the password policy's control names.
fn rule(answer: &Answer) -> Option<Rule> {
    match answer.policy()? {
        PolicyError::Quality => Some(Rule::Quality),
        PolicyError::Short => Some(Rule::Short(None)),
        PolicyError::Young => Some(Rule::Young),
        PolicyError::Used => Some(Rule::Used),
        _ => None,
    }
}

/// The last number before `word` in `text`.
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
