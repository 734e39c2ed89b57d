//! The limits for one member of the help desk.

use super::{Allowance, HOUR, once, within};
use crate::{
    clock::Time,
    error::Result,
    keys::{Keys, Tag},
    store::{Tx, events::Kind},
};

/// The actions of a help-desk member that are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeskCount {
    /// Any action.
    Calls,
    /// Issuing a code.
    Codes,
    /// Sending a code to verify a caller.
    Verifications,
}

impl DeskCount {
    /// The word for what exceeded the limit.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Calls => "requests",
            Self::Codes => "codes",
            Self::Verifications => "verifications",
        }
    }

    fn key(self, keys: &Keys, uid: u32) -> Tag {
        keys.mac("help desk", &[self.word().as_bytes(), &uid.to_be_bytes()])
    }
}

/// How many actions in an hour a member of the help desk may take: enough for helping users, too few for reading
/// everybody's contacts.
const DESK_CALLS_PER_HOUR: u32 = 300;

/// Counts an action of the member with `uid`: issued codes and verifications at most `codes_per_hour` each.
pub async fn count_desk(
    tx: &mut Tx<'_>,
    keys: &Keys,
    uid: u32,
    what: DeskCount,
    codes_per_hour: u32,
    now: Time,
) -> Result<Allowance> {
    let most = if what == DeskCount::Calls { DESK_CALLS_PER_HOUR } else { codes_per_hour };
    within(tx, Kind::Desk, &what.key(keys, uid), now, HOUR, most).await
}

/// Whether to record that the member with `uid` exceeded a limit: once an hour.
pub async fn desk_limit_note(tx: &mut Tx<'_>, keys: &Keys, uid: u32, what: DeskCount, now: Time) -> Result<bool> {
    once(tx, Kind::DeskNote, &what.key(keys, uid), now, HOUR).await
}
