//! The identity of an account: a realm, a name in it, and an id that distinguishes it from every other account that
//! ever has the name.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

use sspr_config::credential::NO_UID;

/// The realm of this host's own accounts.
pub const LOCAL: &str = "local";

/// The realm of the users of `[directory]`.
pub const DIRECTORY: &str = "directory";

/// The beginning of the realms of the hosts' own accounts, at the server of a fleet. The id of the host follows.
pub const OF_A_HOST: &str = "host:";

/// The realm of the own accounts of the host with the id `host`.
pub fn realm_of_host(host: &str) -> String {
    format!("{OF_A_HOST}{host}")
}

/// For serde: values without a realm are from before there were realms, and belong to this host's own accounts.
pub fn local() -> String {
    LOCAL.to_owned()
}

/// A name in a realm. Rows, limits and codes are stored by it. It says nothing about whether the account exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name<'a> {
    /// The realm, see [`crate::targets::Targets`].
    pub realm: &'a str,
    /// The name in the realm.
    pub name: &'a str,
}

impl<'a> Name<'a> {
    /// The name of one of this host's own accounts.
    pub const fn local(name: &'a str) -> Self {
        Self { realm: LOCAL, name }
    }

    /// The id of the host whose own account this is, at the server of a fleet; `None` for all other accounts.
    pub fn host(self) -> Option<&'a str> {
        self.realm.strip_prefix(OF_A_HOST)
    }

    /// The name in an administrator's words and in deeds: `host:h1/alice` for an account of a host itself. No login name
    /// contains a slash, so no other account is called that.
    pub fn in_full(self) -> Cow<'a, str> {
        if self.host().is_some() {
            Cow::Owned(format!("{}/{}", self.realm, self.name))
        } else {
            Cow::Borrowed(self.name)
        }
    }

    /// The same name, if `text` is [`Self::in_full`] of an account of a host itself.
    pub fn of_a_host(text: &'a str) -> Option<Self> {
        let (realm, name) = text.split_once('/')?;
        Some(Name { realm, name }).filter(|name| name.host().is_some())
    }

    /// The bytes to which sealed and counted values are bound. For this host's own accounts, they are the name only,
    /// so that values from before there were realms stay valid. No name and no realm contains a NUL.
    pub fn bytes(self) -> Cow<'a, [u8]> {
        match self.realm {
            LOCAL => Cow::Borrowed(self.name.as_bytes()),
            realm => Cow::Owned([realm.as_bytes(), b"\0", self.name.as_bytes()].concat()),
        }
    }
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The longest id in bytes: two UUIDs, and some room.
const ID_MAX: usize = 79;

/// Distinguishes an account from every other that ever has the same name. For this host's own accounts it is the uid;
/// for a directory, the permanent attribute of each entry, such as entryUUID or objectGUID.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id {
    length: u8,
    bytes: [u8; ID_MAX],
}

impl Id {
    /// The id of no account.
    pub const NONE: Self = Self { length: 0, bytes: [0; ID_MAX] };

    /// Reads an id; `None` if `text` is empty, too long, or not printable ASCII.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; ID_MAX];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        let length = u8::try_from(text.len()).ok()?;
        (length > 0 && text.bytes().all(|byte| byte.is_ascii_graphic())).then_some(Self { length, bytes })
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        self.bytes.get(..usize::from(self.length)).and_then(|id| std::str::from_utf8(id).ok()).unwrap_or_default()
    }

    /// The uid, if this is the id of one of this host's own accounts.
    pub fn uid(&self) -> Option<u32> {
        // "01001" and "+1001" are other ids.
        self.as_str().parse().ok().filter(|uid: &u32| uid.to_string() == self.as_str())
    }

    /// The bytes to which values of this account are bound: see [`Name::bytes`].
    pub fn bytes(&self) -> Vec<u8> {
        match self.uid() {
            Some(uid) => uid.to_be_bytes().to_vec(),
            None => self.as_str().as_bytes().to_vec(),
        }
    }
}

impl From<u32> for Id {
    fn from(uid: u32) -> Self {
        if uid == NO_UID { Self::NONE } else { Self::parse(&uid.to_string()).unwrap_or(Self::NONE) }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Id({})", self.as_str())
    }
}

impl Serialize for Id {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() {
            return Ok(Self::NONE);
        }
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("no id of an account"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_an_account_of_this_host_is_bound_as_before_and_to_one_of_a_realm_as_to_no_other() {
        assert_eq!(&*Name::local("alice").bytes(), b"alice");
        assert_eq!(Id::from(1001).bytes(), 1001u32.to_be_bytes());
        let ldap = Name { realm: "ldap", name: "alice" };
        assert_eq!(&*ldap.bytes(), b"ldap\0alice");
        let entry = Id::parse("5f3c1f0e-1b0a-103f-8c55-3d1c4c2f7a11").unwrap();
        assert_eq!((entry.uid(), entry.bytes().len()), (None, 36));
    }

    #[test]
    fn an_account_of_a_host_is_bound_to_that_host_and_is_no_account_of_the_server_or_the_directory() {
        let (one, other) = (realm_of_host("h1"), realm_of_host("h2"));
        let of = |realm| Name { realm, name: "alice" };
        assert_eq!((of(&one).host(), of(LOCAL).host(), of(DIRECTORY).host()), (Some("h1"), None, None));
        assert_eq!(&*of(&one).bytes(), b"host:h1\0alice");
        assert_ne!(of(&one).bytes(), of(&other).bytes());
        let full = of(&one).in_full();
        assert_eq!((&*full, Name::of_a_host(&full)), ("host:h1/alice", Some(of(&one))));
        assert_eq!((&*of(LOCAL).in_full(), Name::of_a_host("local/alice")), ("alice", None));
    }

    #[test]
    fn an_id_is_short_and_printable_and_nobodys_is_none() {
        for (text, good) in [("1001", true), ("", false), ("a b", false), ("\u{e9}", false), ("a\0", false)] {
            assert_eq!(Id::parse(text).is_some(), good, "{text:?}");
        }
        assert!(Id::parse(&"a".repeat(ID_MAX)).is_some() && Id::parse(&"a".repeat(ID_MAX + 1)).is_none());
        assert_eq!(Id::from(NO_UID), Id::NONE);
        assert_eq!((Id::from(0).uid(), Id::NONE.uid()), (Some(0), None));
    }
}
