//! The chain of the audit trail. Each row carries a hash over the hash of the row before and its own content, so that a row that was
//! changed, removed or put in between breaks it. The agent writes it, and the command of root checks it by itself.
//!
//! What a row says of a person goes into the chain by a hash of its own, with a random salt. Where a person's data are erased, the
//! names and the salt go and that hash stays: the chain still fits, and the hash can't be tried against names any more.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::audit::Record;

/// A hash of the chain.
pub type Hash = [u8; 32];

/// What the first row's chain begins with.
pub const BEGINNING: Hash = [0; 32];

/// What stands in place of the name of a person whose data were erased begins so; the number of the receipt follows.
pub const ERASED: &str = "erased-";

/// The event of the row that is the receipt of an erasure.
pub const RECEIPT: &str = "Personal data erased (admin)";

/// Events after which root's helper has a line of its own.
pub const WITNESSED: [&str; 2] = ["Reset password (self-service)", "Unlock user account (self-service)"];

/// Parts of any content, each with its length.
struct Parts(Sha256);

impl Parts {
    fn of(what: &[u8]) -> Self {
        Self(Sha256::new()).and(what)
    }

    fn and(mut self, part: &[u8]) -> Self {
        self.0.update((part.len() as u64).to_be_bytes());
        self.0.update(part);
        self
    }

    fn hash(self) -> Hash {
        self.0.finalize().into()
    }
}

/// The hash of what a row says of people.
pub fn person(salt: &[u8], realm: &str, record: &Record) -> Hash {
    let Record { actor, account, source, reason, .. } = record;
    let said = [actor, realm, account, source, reason];
    said.into_iter().fold(Parts::of(b"sspr audit person 1").and(salt), |parts, part| parts.and(part.as_bytes())).hash()
}

/// The chain at a row, from the chain at the row before and the hash of what the row says of people.
pub fn chain(before: &[u8], record: &Record, person: &[u8]) -> Hash {
    let Record { id, at, event, correlation, service, outcome, .. } = record;
    let parts = Parts::of(b"sspr audit chain 1").and(before).and(&id.to_be_bytes()).and(&at.to_be_bytes());
    let said = [event, correlation, service, outcome];
    said.into_iter().fold(parts, |parts, part| parts.and(part.as_bytes())).and(person).hash()
}

/// Rows with their chain.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ChainOf {
    /// Those with a greater id.
    pub after: i64,
}

/// A row with its chain. Hashes are in hexadecimal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Link {
    /// The row.
    #[serde(flatten)]
    pub record: Record,
    /// Whose account it is about.
    pub realm: String,
    /// Nothing: the person's data were erased.
    pub salt: Option<String>,
    /// See [`person`].
    pub person: String,
    /// See [`chain`].
    pub chain: String,
}

/// A place in the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The row.
    pub row: i64,
    /// The chain at it.
    pub chain: String,
}

/// Rows with their chain, oldest first; as many as one answer holds.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Chained {
    /// The last row that was removed because of its age.
    pub anchor: Option<Place>,
    /// For how many days rows are kept.
    pub keep_days: u16,
    /// The rows.
    pub rows: Vec<Link>,
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The bytes that [`hex`] wrote.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect::<Option<_>>()?;
    let pairs = digits.chunks_exact(2);
    pairs
        .remainder()
        .is_empty()
        .then(|| pairs.map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        Record {
            id: 7,
            at: 1_800_000_000,
            event: "Reset password (self-service)".into(),
            correlation: "d1".into(),
            actor: "alice".into(),
            account: "alice".into(),
            service: "sshd".into(),
            source: "192.0.2.1".into(),
            outcome: "success".into(),
            reason: String::new(),
        }
    }

    fn whole(before: &[u8], salt: &[u8], realm: &str, record: &Record) -> Hash {
        chain(before, record, &person(salt, realm, record))
    }

    #[test]
    fn every_field_of_a_row_counts_and_none_runs_into_the_next() {
        let base = whole(&BEGINNING, b"salt", "local", &record());
        assert_eq!(base, whole(&BEGINNING, b"salt", "local", &record()));
        let changes: [fn(&mut Record); 11] = [
            |r| r.id += 1,
            |r| r.at += 1,
            |r| r.event.push('x'),
            |r| r.correlation.push('x'),
            |r| r.actor.push('x'),
            |r| r.account.push('x'),
            |r| r.service.push('x'),
            |r| r.source.push('x'),
            |r| r.outcome.push('x'),
            |r| r.reason.push('x'),
            |r| (r.correlation, r.service) = ("d".into(), "1sshd".into()),
        ];
        for (number, change) in changes.into_iter().enumerate() {
            let mut other = record();
            change(&mut other);
            assert_ne!(base, whole(&BEGINNING, b"salt", "local", &other), "change {number}");
        }
        assert_ne!(base, whole(&[1; 32], b"salt", "local", &record()));
        assert_ne!(base, whole(&BEGINNING, b"tlas", "local", &record()));
        assert_ne!(base, whole(&BEGINNING, b"salt", "directory", &record()));
    }

    #[test]
    fn hashes_are_written_and_read_and_what_is_none_is_not() {
        for bytes in [vec![], vec![0], vec![255, 0, 16, 1], person(b"s", "local", &record()).to_vec()] {
            assert_eq!(unhex(&hex(&bytes)), Some(bytes));
        }
        for text in ["0", "0g", "é0", " 00"] {
            assert_eq!(unhex(text), None, "{text}");
        }
    }
}
