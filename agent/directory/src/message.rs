//! Messages of LDAP (RFC 4511): what is asked, as bytes, and what is answered, from bytes. No connection is known here.

use std::fmt;

use zeroize::Zeroizing;

use super::{
    ber::{self, BOOLEAN, ENUMERATED, INTEGER, Malformed, OCTETS, Reader, SEQUENCE, SET, Writer},
    filter::{Filter, Written},
};

/// `StartTLS` (RFC 4511, 4.14).
pub const START_TLS: &str = "1.3.6.1.4.1.1466.20037";
/// The operation that changes a password (RFC 3062).
pub const PASSWORD_MODIFY: &str = "1.3.6.1.4.1.4203.1.11.1";
/// The control by which a server tells what its password policy has to say.
pub const PASSWORD_POLICY: &str = "1.3.6.1.4.1.42.2.27.8.5.1";
/// Proxied authorization (RFC 4370).
pub const PROXIED: &str = "2.16.840.1.113730.3.4.18";
/// Assertion (RFC 4528).
pub const ASSERTION: &str = "1.3.6.1.1.12";
/// Active Directory's control by which history and minimum age hold for a reset too.
pub const POLICY_HINTS: &str = "1.2.840.113556.1.4.2239";

/// Results page by page (RFC 2696).
pub const PAGED: &str = "1.2.840.113556.1.4.319";
/// 389 Directory Server's control by which it tells what somebody may do.
pub const EFFECTIVE_RIGHTS: &str = "1.3.6.1.4.1.42.2.27.9.5.2";

/// So much of what a server says is kept, in characters.
const TEXT_MAX: usize = 300;

/// What is asked.
pub enum Request<'a> {
    /// Simple bind.
    Bind {
        /// The entry.
        dn: &'a str,
        /// Its password, never empty: with an empty one, a server may say yes to anybody.
        password: &'a [u8],
    },
    /// Bind as who the connection itself is known to be.
    External,
    /// Search.
    Search(&'a Search<'a>),
    /// Modify an entry, in one step.
    Modify {
        /// The entry.
        dn: &'a str,
        /// Attributes, and the values that they are to have; with none an attribute goes.
        replace: &'a [(&'a str, Vec<Zeroizing<Vec<u8>>>)],
    },
    /// RFC 3062, without the old password.
    PasswordModify {
        /// The entry.
        dn: &'a str,
        /// Its new password.
        new: &'a [u8],
    },
    /// `StartTLS`.
    StartTls,
}

/// What is looked for.
#[derive(Clone, Debug)]
pub struct Search<'a> {
    /// Where.
    pub base: &'a str,
    /// That entry alone, or all below it too.
    pub scope: Scope,
    /// Which.
    pub filter: Filter,
    /// Which attributes of them.
    pub attributes: &'a [&'a str],
    /// At most so many.
    pub most: u32,
}

/// How far a search goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The entry itself.
    Base,
    /// All below it, and itself.
    Subtree,
}

/// Something said along with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// What it is.
    pub oid: String,
    /// Whether a server that does not know it must refuse.
    pub critical: bool,
    /// What it says.
    pub value: Option<Vec<u8>>,
}

impl Control {
    /// Asks for the words of the password policy.
    pub fn password_policy() -> Self {
        Self { oid: PASSWORD_POLICY.to_owned(), critical: false, value: None }
    }

    /// Has the operation done as the entry `dn`.
    pub fn proxied(dn: &str) -> Self {
        Self { oid: PROXIED.to_owned(), critical: true, value: Some(format!("dn:{dn}").into_bytes()) }
    }

    /// Has the operation done only where `filter` holds of the entry.
    pub fn assertion(filter: &Filter) -> Self {
        let mut writer = Writer::default();
        filter.write(&mut writer);
        Self { oid: ASSERTION.to_owned(), critical: true, value: Some(writer.finish().to_vec()) }
    }

    /// Asks for so many entries, less than 128, where a server does not keep to the number in the search itself. What comes after them
    /// is not asked for.
    pub fn page(entries: u8) -> Self {
        Self { oid: PAGED.to_owned(), critical: false, value: Some(vec![0x30, 5, 2, 1, entries & 0x7f, 4, 0]) }
    }

    /// Asks what `dn` may do with the entries that are found.
    pub fn effective_rights(dn: &str) -> Self {
        Self { oid: EFFECTIVE_RIGHTS.to_owned(), critical: true, value: Some(format!("dn:{dn}").into_bytes()) }
    }

    /// Has history and minimum age hold. The one value that is not ignored.
    pub fn policy_hints() -> Self {
        Self { oid: POLICY_HINTS.to_owned(), critical: true, value: Some(vec![0x30, 3, 2, 1, 1]) }
    }
}

impl Request<'_> {
    /// The message number `id`.
    pub fn write(&self, id: u32, controls: &[Control]) -> Zeroizing<Vec<u8>> {
        let mut message = Writer::default();
        message.inside(SEQUENCE, |w| {
            w.number(INTEGER, id);
            self.operation(w);
            if !controls.is_empty() {
                w.inside(0xa0, |w| controls.iter().for_each(|control| write_control(w, control)));
            }
        });
        message.finish()
    }

    fn operation(&self, w: &mut Writer) {
        match self {
            Self::Bind { dn, password } => {
                w.inside(0x60, |w| {
                    w.number(INTEGER, 3).bytes(OCTETS, dn.as_bytes()).bytes(0x80, password);
                });
            }
            Self::External => {
                w.inside(0x60, |w| {
                    w.number(INTEGER, 3).bytes(OCTETS, b"").inside(0xa3, |w| {
                        w.bytes(OCTETS, b"EXTERNAL").bytes(OCTETS, b"");
                    });
                });
            }
            Self::Search(search) => {
                w.inside(0x63, |w| {
                    let scope = if search.scope == Scope::Base { 0 } else { 2 };
                    // Aliases are never followed. The time is ours to watch.
                    w.bytes(OCTETS, search.base.as_bytes()).number(ENUMERATED, scope).number(ENUMERATED, 0);
                    w.number(INTEGER, search.most).number(INTEGER, 0).boolean(BOOLEAN, false);
                    search.filter.write(w);
                    w.inside(SEQUENCE, |w| {
                        for name in search.attributes {
                            w.bytes(OCTETS, name.as_bytes());
                        }
                    });
                });
            }
            Self::Modify { dn, replace } => {
                w.inside(0x66, |w| {
                    w.bytes(OCTETS, dn.as_bytes()).inside(SEQUENCE, |w| {
                        for (name, values) in *replace {
                            w.inside(SEQUENCE, |w| {
                                w.number(ENUMERATED, 2).inside(SEQUENCE, |w| {
                                    w.bytes(OCTETS, name.as_bytes()).inside(SET, |w| {
                                        for value in values {
                                            w.bytes(OCTETS, value);
                                        }
                                    });
                                });
                            });
                        }
                    });
                });
            }
            Self::PasswordModify { dn, new } => {
                let mut value = Writer::default();
                value.inside(SEQUENCE, |w| {
                    w.bytes(0x80, dn.as_bytes()).bytes(0x82, new);
                });
                let value = value.finish();
                w.inside(0x77, |w| {
                    w.bytes(0x80, PASSWORD_MODIFY.as_bytes()).bytes(0x81, &value);
                });
            }
            Self::StartTls => {
                w.inside(0x77, |w| {
                    w.bytes(0x80, START_TLS.as_bytes());
                });
            }
        }
    }

    /// The tag of the answer that ends the operation.
    pub const fn answered_by(&self) -> u8 {
        match self {
            Self::Bind { .. } | Self::External => 0x61,
            Self::Search(_) => 0x65,
            Self::Modify { .. } => 0x67,
            Self::PasswordModify { .. } | Self::StartTls => 0x78,
        }
    }

    /// Whether it may change something, so that it matters to know whether it was done.
    pub const fn writes(&self) -> bool {
        matches!(self, Self::Modify { .. } | Self::PasswordModify { .. })
    }
}

/// The end of a session, which is not answered.
pub fn unbind(id: u32) -> Zeroizing<Vec<u8>> {
    let mut message = Writer::default();
    message.inside(SEQUENCE, |w| {
        w.number(INTEGER, id).bytes(0x42, &[]);
    });
    message.finish()
}

fn write_control(w: &mut Writer, control: &Control) {
    w.inside(SEQUENCE, |w| {
        w.bytes(OCTETS, control.oid.as_bytes());
        if control.critical {
            w.boolean(BOOLEAN, true);
        }
        if let Some(value) = &control.value {
            w.bytes(OCTETS, value);
        }
    });
}

/// What ends an operation.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// The result code (RFC 4511, 4.1.9); 0 is success.
    pub code: u32,
    /// What the server says to it, in one line that is not too long. For logs.
    pub text: String,
    /// Controls that came along.
    pub controls: Vec<Control>,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "code {}", self.code)?;
        if !self.text.is_empty() {
            write!(f, " ({})", self.text)?;
        }
        match self.policy() {
            Some(error) => write!(f, ", password policy {error:?}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// Success.
pub const SUCCESS: u32 = 0;
/// Something is wrong with name or password, or nobody may say what.
pub const INVALID_CREDENTIALS: u32 = 49;

impl Answer {
    /// Whether it was done.
    pub const fn is_success(&self) -> bool {
        self.code == SUCCESS
    }

    /// What the password policy found wrong.
    pub fn policy(&self) -> Option<PolicyError> {
        let control = self.controls.iter().find(|control| control.oid == PASSWORD_POLICY)?;
        policy_error(control.value.as_deref()?).ok().flatten()
    }
}

/// What a password policy finds wrong (draft-behera-ldap-password-policy).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyError {
    /// Too old to sign in by.
    Expired,
    /// Too many wrong ones were tried, or an administrator closed the account.
    Locked,
    /// It must be changed before anything else.
    MustChange,
    /// Its owner may not change it.
    NotAllowed,
    /// The old one must come along.
    NeedsOld,
    /// Not good enough; with some servers also too short.
    Quality,
    /// Too short.
    Short,
    /// The last change was too short a time ago.
    Young,
    /// It was used before, or is the current one.
    Used,
}

fn policy_error(value: &[u8]) -> Result<Option<PolicyError>, Malformed> {
    let mut outer = Reader::new(value);
    let mut reader = Reader::new(outer.expect(SEQUENCE)?);
    // How long it still holds, and how often it may be used after that.
    let _ = reader.optional(0xa0)?;
    let Some(number) = reader.optional(0x81)? else { return Ok(None) };
    Ok(match ber::number(number)? {
        0 => Some(PolicyError::Expired),
        1 => Some(PolicyError::Locked),
        2 => Some(PolicyError::MustChange),
        3 => Some(PolicyError::NotAllowed),
        4 => Some(PolicyError::NeedsOld),
        5 => Some(PolicyError::Quality),
        6 => Some(PolicyError::Short),
        7 => Some(PolicyError::Young),
        8 => Some(PolicyError::Used),
        _ => None,
    })
}

/// An entry that was found.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// Its name, as the server has it.
    pub dn: String,
    /// Attributes and their values.
    pub attributes: Vec<(String, Vec<Zeroizing<Vec<u8>>>)>,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("dn", &self.dn).finish_non_exhaustive()
    }
}

impl Entry {
    /// The values of `attribute`, whose case does not matter.
    pub fn values(&self, attribute: &str) -> impl Iterator<Item = &[u8]> {
        let own = self.attributes.iter().filter(move |(name, _)| name.eq_ignore_ascii_case(attribute));
        own.flat_map(|(_, values)| values.iter().map(|value| value.as_slice()))
    }

    /// The first value of `attribute`, as text.
    pub fn text(&self, attribute: &str) -> Option<&str> {
        self.values(attribute).next().and_then(|value| std::str::from_utf8(value).ok())
    }

    /// The first value of `attribute`, as a number.
    pub fn number(&self, attribute: &str) -> Option<i64> {
        self.text(attribute)?.trim().parse().ok()
    }

    /// Whether `attribute` has the value `value`, whose case does not matter.
    pub fn has(&self, attribute: &str, value: &str) -> bool {
        self.values(attribute).any(|found| found.eq_ignore_ascii_case(value.as_bytes()))
    }
}

/// What a server sends.
#[derive(Debug)]
pub enum Reply {
    /// An entry that was found.
    Entry(Entry),
    /// Entries that are on another server, or words in between: neither is followed.
    Aside,
    /// The end of the operation, with the tag of its answer.
    Done(u8, Answer),
}

/// Reads a whole message: its number and what it says.
pub fn read(bytes: &[u8]) -> Result<(u32, Reply), Malformed> {
    let mut outer = Reader::new(bytes);
    let mut message = Reader::new(outer.expect(SEQUENCE)?);
    let id = message.number(INTEGER)?;
    let (tag, operation) = message.element()?;
    let mut reader = Reader::new(operation);
    let reply = match tag {
        0x64 => Reply::Entry(entry(&mut reader)?),
        0x73 | 0x79 => Reply::Aside,
        _ => {
            let code = reader.number(ENUMERATED)?;
            reader.expect(OCTETS)?;
            let text = line(reader.expect(OCTETS)?);
            // Where else it could be done, and what belongs to one operation alone, is not looked at.
            let controls = message.optional(0xa0)?.map_or(Ok(Vec::new()), controls)?;
            Reply::Done(tag, Answer { code, text, controls })
        }
    };
    Ok((id, reply))
}

fn entry(reader: &mut Reader<'_>) -> Result<Entry, Malformed> {
    let dn = std::str::from_utf8(reader.expect(OCTETS)?).map_err(|_| Malformed)?.to_owned();
    let mut list = Reader::new(reader.expect(SEQUENCE)?);
    let mut attributes = Vec::new();
    while !list.is_empty() {
        let mut attribute = Reader::new(list.expect(SEQUENCE)?);
        let name = std::str::from_utf8(attribute.expect(OCTETS)?).map_err(|_| Malformed)?.to_owned();
        let mut set = Reader::new(attribute.expect(SET)?);
        let mut values = Vec::new();
        while !set.is_empty() {
            values.push(Zeroizing::new(set.expect(OCTETS)?.to_vec()));
        }
        attributes.push((name, values));
    }
    Ok(Entry { dn, attributes })
}

fn controls(bytes: &[u8]) -> Result<Vec<Control>, Malformed> {
    let mut list = Reader::new(bytes);
    let mut controls = Vec::new();
    while !list.is_empty() {
        let mut control = Reader::new(list.expect(SEQUENCE)?);
        let oid = String::from_utf8_lossy(control.expect(OCTETS)?).into_owned();
        let critical = control.optional(BOOLEAN)?.is_some_and(|value| value.iter().any(|byte| *byte != 0));
        let value = control.optional(OCTETS)?.map(<[u8]>::to_vec);
        controls.push(Control { oid, critical, value });
    }
    Ok(controls)
}

/// What a server says, as one line without signs that a terminal obeys.
fn line(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text.get(..text.len().min(4 * TEXT_MAX)).unwrap_or_default()).into_owned();
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(TEXT_MAX).collect();
    plain.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_as_openldaps_own_tools_send_them() {
        let bind = Request::Bind { dn: "cn=r", password: b"pw" };
        assert_eq!(bind.write(1, &[]).as_slice(), b"\x30\x12\x02\x01\x01\x60\x0d\x02\x01\x03\x04\x04cn=r\x80\x02pw");
        let exop = Request::PasswordModify { dn: "uid=a", new: b"new" };
        let bytes = exop.write(2, &[Control::password_policy()]);
        let inner = b"\x30\x0c\x80\x05uid=a\x82\x03new";
        assert!(bytes.windows(inner.len()).any(|part| part == inner));
        assert!(bytes.ends_with(b"\xa0\x1d\x30\x1b\x04\x191.3.6.1.4.1.42.2.27.8.5.1"));
        assert_eq!(unbind(3).as_slice(), b"\x30\x05\x02\x01\x03\x42\x00");
    }

    /// As slapd answered: 30 03 81 01 06 in the control.
    #[test]
    fn the_policys_error_is_read_from_its_control_and_a_broken_one_is_none() {
        let answer = |value: &[u8]| Answer {
            code: 19,
            text: String::new(),
            controls: vec![Control { oid: PASSWORD_POLICY.into(), critical: false, value: Some(value.to_vec()) }],
        };
        assert_eq!(answer(&[0x30, 3, 0x81, 1, 6]).policy(), Some(PolicyError::Short));
        assert_eq!(answer(&[0x30, 3, 0x81, 1, 2]).policy(), Some(PolicyError::MustChange));
        // With a warning before it.
        assert_eq!(answer(&[0x30, 8, 0xa0, 3, 0x80, 1, 5, 0x81, 1, 8]).policy(), Some(PolicyError::Used));
        for odd in [[0x30, 0].as_slice(), &[], &[0x30, 3, 0x81, 1, 99], &[0x30, 9, 0x81, 1, 6], &[4, 1, 6]] {
            assert_eq!(answer(odd).policy(), None, "{odd:?}");
        }
    }

    fn result(id: u32, tag: u8, code: u32, text: &str) -> Vec<u8> {
        let mut message = Writer::default();
        message.inside(SEQUENCE, |w| {
            w.number(INTEGER, id).inside(tag, |w| {
                w.number(ENUMERATED, code).bytes(OCTETS, b"").bytes(OCTETS, text.as_bytes());
            });
        });
        message.finish().to_vec()
    }

    #[test]
    fn an_answer_is_its_code_and_one_line_of_words() {
        let long = format!("a\nb\u{1b}[31m{}", "x".repeat(5000));
        let (id, Reply::Done(0x65, answer)) = read(&result(7, 0x65, 49, &long)).unwrap() else { panic!() };
        assert_eq!((id, answer.code), (7, 49));
        assert!(answer.text.starts_with("a b [31mx") && answer.text.chars().count() <= 300);
    }

    #[test]
    fn half_a_message_and_junk_are_malformed_and_nothing_panics() {
        let whole = result(7, 0x65, 0, "fine");
        for end in 0..whole.len() {
            assert!(read(whole.get(..end).unwrap()).is_err(), "{end}");
        }
        for at in 0..whole.len() {
            for byte in [0, 0x30, 0x7f, 0x80, 0xff] {
                let mut junk = whole.clone();
                junk[at] = byte;
                let _ = read(&junk);
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_bytes_come_they_are_read_or_refused(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
            let _ = read(&bytes);
            let _ = policy_error(&bytes);
        }
    }
}
