//! What an account is: a realm, a name in it, and what tells it from every other that has, had or will have that name.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

use crate::credential::NO_UID;

/// The realm of this host's own accounts.
pub const LOCAL: &str = "local";

/// The realm of the people of `[directory]`.
pub const DIRECTORY: &str = "directory";

/// For serde: what was kept before there were other realms is of this host's own accounts.
pub fn local() -> String {
    LOCAL.to_owned()
}

/// A name in a realm: by this, rows, limits and codes are kept. Whether there is such an account it does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name<'a> {
    /// Who answers for it, see [`crate::targets::Targets`].
    pub realm: &'a str,
    /// The name there.
    pub name: &'a str,
}

impl<'a> Name<'a> {
    /// A name of this host's own accounts.
    pub const fn local(name: &'a str) -> Self {
        Self { realm: LOCAL, name }
    }

    /// What values are bound to that belong to it. For this host's own accounts it is the name alone: what is sealed and counted from
    /// before there were other realms stays good. No name and no realm has a NUL in it.
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

/// The longest id: twice a UUID with some room.
const ID_MAX: usize = 79;

/// What tells an account from another that has, had or will have the same name: the uid of one of this host's own, and in a directory
/// what that gives each entry for good, such as entryUUID or objectGUID.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id {
    length: u8,
    bytes: [u8; ID_MAX],
}

impl Id {
    /// The id of no account.
    pub const NONE: Self = Self { length: 0, bytes: [0; ID_MAX] };

    /// The id that `text` is; `None` for what is none: nothing, too long, or not printable ASCII.
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

    /// The uid that it is of one of this host's own accounts.
    pub fn uid(&self) -> Option<u32> {
        // "01001" and "+1001" are ids of their own.
        self.as_str().parse().ok().filter(|uid: &u32| uid.to_string() == self.as_str())
    }

    /// What values are bound to that belong to it: see [`Name::bytes`].
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
    fn an_id_is_short_and_printable_and_nobodys_is_none() {
        for (text, good) in [("1001", true), ("", false), ("a b", false), ("\u{e9}", false), ("a\0", false)] {
            assert_eq!(Id::parse(text).is_some(), good, "{text:?}");
        }
        assert!(Id::parse(&"a".repeat(ID_MAX)).is_some() && Id::parse(&"a".repeat(ID_MAX + 1)).is_none());
        assert_eq!(Id::from(NO_UID), Id::NONE);
        assert_eq!((Id::from(0).uid(), Id::NONE.uid()), (Some(0), None));
    }
}
