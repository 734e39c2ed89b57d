//! What can happen in a walk, and how often.

#[cfg(test)]
use proptest::prelude::*;
use sspr_config::dialogue::Purpose;

use crate::clock::Time;

pub(super) const NAMES: [&str; 2] = ["alice", "bob"];
pub(super) const CONTACTS: [&str; 4] = ["ann@example.org", "090-1234-5678", "amy@example.net", "090-8765-4321"];
pub(super) const SLOTS: usize = 3;
pub(super) const SERVICES: [&str; 2] = ["login", "sshd"];
pub(super) const WORDS: [&str; 22] = [
    "",
    "en",
    "new",
    "other",
    "call",
    "e",
    "app",
    "code",
    "000000",
    "123456",
    "babad-babad-babad",
    "the old one",
    "ann@example.org",
    "090-1234-5678",
    "1",
    "2",
    "remove",
    "unlock",
    "y",
    "n",
    "c",
    "text",
];
pub(super) const WAITS: [Time; 16] =
    [1, 20, 30, 60, 61, 300, 599, 600, 901, 3600, 86_399, 90_000, 200 * 86_400, -30, -700, -90_000];

#[derive(Clone, Debug)]
pub(super) enum Move {
    Begin { slot: usize, name: usize, purpose: Purpose, service: &'static str },
    Say { slot: usize, say: Say },
    Leave(usize),
    Wait(Time),
    Administer(usize, Deed),
}

#[derive(Clone, Debug)]
pub(super) enum Say {
    /// What leads on, as the number says where there is a choice.
    Fitting(usize),
    /// A code that was sent once, to anybody for anything.
    AnyCode(usize),
    Word(&'static str),
    Junk(Vec<u8>),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Deed {
    Lock,
    Free,
    /// Deleted, and made again with another uid.
    Recreate,
    Promote,
    Demote,
    Faillock,
    GiveCode,
    RecoveryCodes,
    Unblock,
    /// The host refuses the next new password.
    Refuse,
    /// The helper fails from now on, or no longer.
    Fail(bool),
}

/// Each as often as it should be done.
pub(super) const DEEDS: [Deed; 17] = [
    Deed::Lock,
    Deed::Free,
    Deed::Recreate,
    Deed::Promote,
    Deed::Demote,
    Deed::Faillock,
    Deed::Faillock,
    Deed::Faillock,
    Deed::GiveCode,
    Deed::GiveCode,
    Deed::GiveCode,
    Deed::GiveCode,
    Deed::RecoveryCodes,
    Deed::Unblock,
    Deed::Refuse,
    Deed::Fail(true),
    Deed::Fail(false),
];

#[cfg(test)]
fn say() -> impl Strategy<Value = Say> {
    prop_oneof![
        12 => (0..60usize).prop_map(Say::Fitting),
        2 => (0..40usize).prop_map(Say::AnyCode),
        3 => prop::sample::select(WORDS.to_vec()).prop_map(Say::Word),
        1 => prop::collection::vec(any::<u8>(), 0..20).prop_map(Say::Junk),
    ]
}

#[cfg(test)]
pub(super) fn step() -> impl Strategy<Value = Move> {
    let purpose = prop_oneof![
        6 => Just(Purpose::Recover), 3 => Just(Purpose::Register), 4 => Just(Purpose::Enroll), 1 => Just(Purpose::Remove),
        1 => Just(Purpose::Codes),
    ];
    let begin = (0..SLOTS, 0..NAMES.len(), purpose, prop::sample::select(SERVICES.to_vec()));
    let deed = prop::sample::select(DEEDS.to_vec());
    let wait = prop::sample::select(WAITS.to_vec());
    prop_oneof![
        4 => begin.prop_map(|(slot, name, purpose, service)| Move::Begin { slot, name, purpose, service }),
        30 => (0..SLOTS, say()).prop_map(|(slot, say)| Move::Say { slot, say }),
        1 => (0..SLOTS).prop_map(Move::Leave),
        2 => wait.prop_map(Move::Wait),
        3 => (0..NAMES.len(), deed).prop_map(|(name, deed)| Move::Administer(name, deed)),
    ]
}
