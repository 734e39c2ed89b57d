//! A server's answers, from bytes.

use std::fmt;

use zeroize::Zeroizing;

use super::{
    super::ber::{self, BOOLEAN, ENUMERATED, INTEGER, Malformed, OCTETS, Reader, SEQUENCE, SET},
    Control, PAGED, PASSWORD_POLICY,
};

/// The most characters of a server's message that are kept.
const TEXT_MAX: usize = 300;

/// The result of an operation.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// The result code (RFC 4511, 4.1.9); 0 is success.
    pub code: u32,
    /// The server's message, as one line of limited length. For logs.
    pub text: String,
    /// The controls that came with it.
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
/// The limit on the entries of a search was reached: the server's, or the request's.
pub const SIZE_LIMIT: u32 = 4;
/// The name or the password is wrong, or the server does not say which.
pub const INVALID_CREDENTIALS: u32 = 49;

impl Answer {
    /// Whether the operation was done.
    pub const fn is_success(&self) -> bool {
        self.code == SUCCESS
    }

    /// The cookie that requests the next page (RFC 2696); `None` after the last one, or if the server sends none.
    pub fn cookie(&self) -> Option<Vec<u8>> {
        let control = self.controls.iter().find(|control| control.oid == PAGED)?;
        let mut outer = Reader::new(control.value.as_deref()?);
        let mut reader = Reader::new(outer.expect(SEQUENCE).ok()?);
        // The total number of entries, which few servers know.
        reader.expect(INTEGER).ok()?;
        Some(reader.expect(OCTETS).ok()?.to_vec()).filter(|cookie| !cookie.is_empty())
    }

    /// The error of the password policy.
    pub fn policy(&self) -> Option<PolicyError> {
        let control = self.controls.iter().find(|control| control.oid == PASSWORD_POLICY)?;
        policy_error(control.value.as_deref()?).ok().flatten()
    }
}

/// The errors of a password policy (draft-behera-ldap-password-policy).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyError {
    /// The password has expired.
    Expired,
    /// Too many wrong passwords were tried, or an administrator disabled the account.
    Locked,
    /// It must be changed before anything else.
    MustChange,
    /// The user may not change it.
    NotAllowed,
    /// The old password is required.
    NeedsOld,
    /// The password is not good enough; some servers also report this if it is too short.
    Quality,
    /// The password is too short.
    Short,
    /// The last change was too recent.
    Young,
    /// The password was used before, or is the current one.
    Used,
}

fn policy_error(value: &[u8]) -> Result<Option<PolicyError>, Malformed> {
    let mut outer = Reader::new(value);
    let mut reader = Reader::new(outer.expect(SEQUENCE)?);
    // How long the password is still valid, and how many sign-ins are left after that.
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
    /// The values of `attribute`, whose case is ignored.
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

    /// Whether `attribute` has the value `value`; case is ignored in both.
    pub fn has(&self, attribute: &str, value: &str) -> bool {
        self.values(attribute).any(|found| found.eq_ignore_ascii_case(value.as_bytes()))
    }
}

/// A message from a server.
#[derive(Debug)]
pub enum Reply {
    /// An entry that was found.
    Entry(Entry),
    /// A referral, or an intermediate message: neither is followed.
    Aside,
    /// The end of the operation, with the tag of its answer.
    Done(u8, Answer),
}

/// Reads a whole message: its number and its contents.
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
            // Referrals, and fields of single operations, are skipped.
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

/// A server's message, as one line without control characters.
fn line(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text.get(..text.len().min(4 * TEXT_MAX)).unwrap_or_default()).into_owned();
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(TEXT_MAX).collect();
    plain.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{super::super::ber::Writer, *};

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

    #[test]
    fn the_cookie_of_a_page_is_read_and_after_the_last_page_there_is_none() {
        let answer = |value: &[u8]| Answer {
            code: 0,
            text: String::new(),
            controls: vec![Control { oid: PAGED.into(), critical: false, value: Some(value.to_vec()) }],
        };
        assert_eq!(answer(b"\x30\x07\x02\x01\x00\x04\x02ab").cookie(), Some(b"ab".to_vec()));
        for none in [b"\x30\x05\x02\x01\x00\x04\x00".as_slice(), b"", b"\x30\x07\x02\x01\x00\x04\x09ab", b"\x04\x00"] {
            assert_eq!(answer(none).cookie(), None, "{none:?}");
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
