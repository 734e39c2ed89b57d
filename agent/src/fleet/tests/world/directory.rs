//! The directory of a server.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::sync::Notify;

use super::DORAS_ID;
use crate::{
    account::{DIRECTORY, Id},
    credential::{
        Aftermath, Change, Verdict,
        client::{Answer, CredentialsError, Made},
    },
    targets::{Living, State, Target},
};

/// The directory, with dora in it.
pub(in super::super) struct Directory {
    pub(in super::super) password: Mutex<String>,
    /// The names that were looked up.
    pub(in super::super) asked: Mutex<Vec<String>>,
    /// The names whose passwords were checked.
    pub(in super::super) tried: Mutex<Vec<String>>,
    /// Whether it fails to check passwords.
    pub(in super::super) fails: Mutex<bool>,
    /// Whether it fails to look up accounts.
    pub(in super::super) blind: Mutex<bool>,
    /// How long it holds back every answer but a yes, as `sspr-directory` does.
    pub(in super::super) holds: Mutex<Duration>,
    /// The passwords that were set.
    pub(in super::super) set: Mutex<Vec<String>>,
    /// If there is one, a change notifies the first when it begins, and waits for the second.
    pub(in super::super) gate: Mutex<Option<Arc<[Notify; 2]>>>,
}

impl Target for Directory {
    fn realm(&self) -> &'static str {
        DIRECTORY
    }

    fn is_far(&self) -> bool {
        true
    }

    fn known(&self, _: &str) -> Option<Id> {
        None
    }

    fn living(&self) -> std::io::Result<Living> {
        Ok(Living::Untold)
    }

    fn account<'a>(&'a self, name: &'a str) -> Answer<'a, State> {
        self.asked.lock().unwrap().push(name.to_owned());
        let (id, verdict) = if name == "dora" {
            (Id::parse(DORAS_ID).unwrap(), Verdict::Eligible)
        } else {
            (Id::NONE, Verdict::Unknown)
        };
        let blind = *self.blind.lock().unwrap();
        Box::pin(async move {
            if blind {
                return Err(CredentialsError::Unavailable("no server answers".into()));
            }
            Ok(State { id, verdict, admin: false, locked: false })
        })
    }

    fn verify<'a>(&'a self, name: &'a str, password: &'a [u8]) -> Answer<'a, bool> {
        self.tried.lock().unwrap().push(name.to_owned());
        let right = name == "dora" && self.password.lock().unwrap().as_bytes() == password;
        let (fails, holds) = (*self.fails.lock().unwrap(), *self.holds.lock().unwrap());
        Box::pin(async move {
            if (fails || !right) && !holds.is_zero() {
                tokio::time::sleep(holds).await;
            }
            if fails { Err(CredentialsError::Unavailable("no server answers".into())) } else { Ok(right) }
        })
    }

    fn change<'a>(&'a self, name: &'a str, id: Id, new_password: &'a [u8]) -> Answer<'a, Change> {
        assert_eq!((name, id.as_str()), ("dora", DORAS_ID));
        let new = String::from_utf8(new_password.to_vec()).unwrap();
        self.set.lock().unwrap().push(new.clone());
        *self.password.lock().unwrap() = new;
        let gate = self.gate.lock().unwrap().clone();
        Box::pin(async move {
            if let Some([under_way, on]) = gate.as_deref() {
                under_way.notify_one();
                on.notified().await;
            }
            Ok(Change::Changed)
        })
    }

    fn unlock<'a>(&'a self, _: &'a str, _: Id) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn after<'a>(&'a self, _: &'a str, _: Made<'a>) -> Answer<'a, Aftermath> {
        panic!("a server does not look after itself for a reset on a host");
    }
}
