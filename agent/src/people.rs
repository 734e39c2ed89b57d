//! Names and uids, as NSS has them.

use std::io;

use nix::unistd::{Uid, User};
use sspr_config::settings::Scope;

use crate::{
    credential::listing::{self, Listed},
    names,
};

/// Looks accounts up by name and by uid. `None` where there is none or the answer can't be had.
pub trait People: Send + Sync {
    /// The uid of `name`.
    fn uid(&self, name: &str) -> Option<u32>;
    /// The name of `uid`.
    fn name(&self, uid: u32) -> Option<String>;
    /// This machine's own accounts with their uids.
    fn local(&self) -> io::Result<Vec<(String, u32)>>;
    /// Those of them that are people's, by the rules of `scope`.
    fn listed(&self, scope: &Scope) -> io::Result<Vec<Listed>>;
}

/// The machine's accounts.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemPeople;

impl People for SystemPeople {
    fn uid(&self, name: &str) -> Option<u32> {
        names::user(name).ok().flatten().map(|user| user.uid.as_raw())
    }

    fn name(&self, uid: u32) -> Option<String> {
        User::from_uid(Uid::from_raw(uid)).ok().flatten().map(|user| user.name)
    }

    fn local(&self) -> io::Result<Vec<(String, u32)>> {
        listing::local()
    }

    fn listed(&self, scope: &Scope) -> io::Result<Vec<Listed>> {
        listing::people(scope)
    }
}
