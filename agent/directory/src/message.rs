//! LDAP requests as bytes (RFC 4511); answers are in `reply`. This file uses no connection.

mod reply;

use zeroize::Zeroizing;

use super::{
    ber::{BOOLEAN, ENUMERATED, INTEGER, OCTETS, SEQUENCE, SET, Writer},
    filter::{Filter, Written},
};

pub use reply::{Answer, Entry, INVALID_CREDENTIALS, PolicyError, Reply, SIZE_LIMIT, SUCCESS, read};

/// `StartTLS` (RFC 4511, 4.14).
pub const START_TLS: &str = "1.3.6.1.4.1.1466.20037";
/// The operation that changes a password (RFC 3062).
pub const PASSWORD_MODIFY: &str = "1.3.6.1.4.1.4203.1.11.1";
/// The control with which a server reports the result of its password policy.
pub const PASSWORD_POLICY: &str = "1.3.6.1.4.1.42.2.27.8.5.1";
/// Proxied authorization (RFC 4370).
pub const PROXIED: &str = "2.16.840.1.113730.3.4.18";
/// Assertion (RFC 4528).
pub const ASSERTION: &str = "1.3.6.1.1.12";
/// Active Directory's control that applies history and minimum age to a reset, too.
pub const POLICY_HINTS: &str = "1.2.840.113556.1.4.2239";

/// Results page by page (RFC 2696).
pub const PAGED: &str = "1.2.840.113556.1.4.319";
/// 389 Directory Server's control that reports what an entry may do.
pub const EFFECTIVE_RIGHTS: &str = "1.3.6.1.4.1.42.2.27.9.5.2";

/// A request.
pub enum Request<'a> {
    /// Simple bind.
    Bind {
        /// The DN of the entry.
        dn: &'a str,
        /// Its password, never empty: with an empty one, a server may accept any name.
        password: &'a [u8],
    },
    /// Bind as the identity of the connection itself.
    External,
    /// Search.
    Search(&'a Search<'a>),
    /// The same, page by page: `most` is the size of a page, and the server gets no limit on the total.
    Page(&'a Search<'a>),
    /// Modify an entry, in one step.
    Modify {
        /// The DN of the entry.
        dn: &'a str,
        /// Attributes, and their new values; an attribute without values is removed.
        replace: &'a [(&'a str, Vec<Zeroizing<Vec<u8>>>)],
    },
    /// RFC 3062, without the old password.
    PasswordModify {
        /// The DN of the entry.
        dn: &'a str,
        /// Its new password.
        new: &'a [u8],
    },
    /// `StartTLS`.
    StartTls,
}

/// A search.
#[derive(Clone, Debug)]
pub struct Search<'a> {
    /// The entry to start from.
    pub base: &'a str,
    /// Only that entry, or everything below it too.
    pub scope: Scope,
    /// The filter for the entries.
    pub filter: Filter,
    /// The attributes to return.
    pub attributes: &'a [&'a str],
    /// The most entries to return.
    pub most: u32,
}

/// How far a search goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The entry itself.
    Base,
    /// The entry and everything below it.
    Subtree,
}

/// A control, sent along with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// Its name.
    pub oid: String,
    /// Whether a server that does not support it must refuse.
    pub critical: bool,
    /// Its value.
    pub value: Option<Vec<u8>>,
}

impl Control {
    /// Requests the result of the password policy.
    pub fn password_policy() -> Self {
        Self { oid: PASSWORD_POLICY.to_owned(), critical: false, value: None }
    }

    /// Makes the server act as the entry `dn`.
    pub fn proxied(dn: &str) -> Self {
        Self { oid: PROXIED.to_owned(), critical: true, value: Some(format!("dn:{dn}").into_bytes()) }
    }

    /// Makes the operation fail unless `filter` matches the entry.
    pub fn assertion(filter: &Filter) -> Self {
        let mut writer = Writer::default();
        filter.write(&mut writer);
        Self { oid: ASSERTION.to_owned(), critical: true, value: Some(writer.finish().to_vec()) }
    }

    /// Requests this many entries, for servers that ignore the limit in the search itself. Later pages are not
    /// requested.
    pub fn page(entries: u8) -> Self {
        Self { critical: false, ..Self::next_page(entries, b"") }
    }

    /// Requests the next page of this many entries; `cookie` came with the previous page.
    pub fn next_page(entries: u8, cookie: &[u8]) -> Self {
        let mut value = Writer::default();
        value.inside(SEQUENCE, |w| {
            w.number(INTEGER, u32::from(entries)).bytes(OCTETS, cookie);
        });
        Self { oid: PAGED.to_owned(), critical: true, value: Some(value.finish().to_vec()) }
    }

    /// Requests what `dn` may do with the entries found.
    pub fn effective_rights(dn: &str) -> Self {
        Self { oid: EFFECTIVE_RIGHTS.to_owned(), critical: true, value: Some(format!("dn:{dn}").into_bytes()) }
    }

    /// Applies history and minimum age. The server ignores any other value.
    pub fn policy_hints() -> Self {
        Self { oid: POLICY_HINTS.to_owned(), critical: true, value: Some(vec![0x30, 3, 2, 1, 1]) }
    }
}

impl Request<'_> {
    /// The bytes of this message, with the number `id`.
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
            Self::Search(search) | Self::Page(search) => {
                let most = if matches!(self, Self::Page(_)) { 0 } else { search.most };
                w.inside(0x63, |w| {
                    let scope = if search.scope == Scope::Base { 0 } else { 2 };
                    // Aliases are never followed. The time limit is ours, not the server's.
                    w.bytes(OCTETS, search.base.as_bytes()).number(ENUMERATED, scope).number(ENUMERATED, 0);
                    w.number(INTEGER, most).number(INTEGER, 0).boolean(BOOLEAN, false);
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

    /// The tag of the answer that ends this operation.
    pub const fn answered_by(&self) -> u8 {
        match self {
            Self::Bind { .. } | Self::External => 0x61,
            Self::Search(_) | Self::Page(_) => 0x65,
            Self::Modify { .. } => 0x67,
            Self::PasswordModify { .. } | Self::StartTls => 0x78,
        }
    }

    /// Whether the request may change something. Then a lost answer must be followed up.
    pub const fn writes(&self) -> bool {
        matches!(self, Self::Modify { .. } | Self::PasswordModify { .. })
    }
}

/// The request that ends a session. It has no answer.
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
        assert_eq!(Control::page(20).value.unwrap(), [0x30, 5, 2, 1, 20, 4, 0]);
        assert_eq!(Control::next_page(200, b"c").value.unwrap(), b"\x30\x07\x02\x02\x00\xc8\x04\x01c");
    }
}
