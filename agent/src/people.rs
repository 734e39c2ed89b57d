//! Names and uids, as NSS has them.

use nix::unistd::{Uid, User};

/// Looks accounts up by name and by uid. `None` where there is none or the answer can't be had.
pub trait People: Send + Sync {
    /// The uid of `name`.
    fn uid(&self, name: &str) -> Option<u32>;
    /// The name of `uid`.
    fn name(&self, uid: u32) -> Option<String>;
}

/// The machine's accounts.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemPeople;

impl People for SystemPeople {
    fn uid(&self, name: &str) -> Option<u32> {
        User::from_name(name).ok().flatten().map(|user| user.uid.as_raw())
    }

    fn name(&self, uid: u32) -> Option<String> {
        User::from_uid(Uid::from_raw(uid)).ok().flatten().map(|user| user.name)
    }
}
