//! The accounts of a machine, and its helper.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use sspr_config::settings;
use sspr_machine::listing::Listed;
use tokio::sync::Notify;

use crate::{
    credential::{
        Account as Found, Aftermath, Change, NO_UID, Verdict,
        client::{Answer, Credentials, CredentialsError, Made},
    },
    people::{Answer as Asked, People},
};

/// The accounts and the helper of one machine.
#[derive(Default)]
pub(in super::super) struct Machine {
    /// The accounts in its files: name and uid.
    pub(in super::super) own: Mutex<HashMap<String, u32>>,
    /// Whether dora is its own without being in these files, as in systemd-homed.
    pub(in super::super) has_dora: Mutex<bool>,
    /// The calls to its helper after resets.
    pub(in super::super) settled: Mutex<Vec<String>>,
    /// Whether it still refuses the new password at a sign-in.
    pub(in super::super) refuses: Mutex<bool>,
    /// The passwords of those of its accounts that self-service serves.
    pub(in super::super) passwords: Mutex<HashMap<String, String>>,
    /// The calls about these accounts.
    pub(in super::super) asked: Mutex<Vec<String>>,
    /// The answer to the next change, in place of setting the password.
    pub(in super::super) says: Mutex<Option<Result<Change, CredentialsError>>>,
    /// Whether too many wrong passwords have locked its accounts.
    pub(in super::super) locked: Mutex<bool>,
    /// Whether its accounts are administrators'.
    pub(in super::super) admins: Mutex<bool>,
    /// If there is one, a change notifies the first when it begins, and waits for the second.
    pub(in super::super) gate: Mutex<Option<Arc<[Notify; 2]>>>,
}

impl Machine {
    fn hears(&self, what: String) {
        self.asked.lock().unwrap().push(what);
    }

    fn serves(&self, name: &str, uid: u32) -> bool {
        self.uid(name) == Some(uid) && self.passwords.lock().unwrap().contains_key(name)
    }
}

impl Credentials for Machine {
    fn account<'a>(&'a self, name: &'a str) -> Answer<'a, Found> {
        self.hears(format!("account {name}"));
        let uid = self.uid(name).filter(|uid| self.serves(name, *uid));
        let verdict = if uid.is_some() { Verdict::Eligible } else { Verdict::Unknown };
        let (admin, faillock_locked) = (*self.admins.lock().unwrap(), *self.locked.lock().unwrap());
        let found = Found { uid: uid.unwrap_or(NO_UID), verdict, admin, faillock_locked };
        Box::pin(async move { Ok(found) })
    }

    fn verify<'a>(&'a self, name: &'a str, password: &'a [u8]) -> Answer<'a, bool> {
        self.hears(format!("verify {name}"));
        let right = self.passwords.lock().unwrap().get(name).is_some_and(|known| known.as_bytes() == password);
        Box::pin(async move { Ok(right) })
    }

    fn change<'a>(&'a self, name: &'a str, uid: u32, password: &'a [u8]) -> Answer<'a, Change> {
        self.hears(format!("change {name} {uid}"));
        let gate = self.gate.lock().unwrap().clone();
        Box::pin(async move {
            if let Some([under_way, on]) = gate.as_deref() {
                under_way.notify_one();
                on.notified().await;
            }
            if let Some(said) = self.says.lock().unwrap().take() {
                return said;
            }
            if !self.serves(name, uid) {
                return Err(CredentialsError::Refused("nobody is served here".into()));
            }
            let password = String::from_utf8(password.to_vec()).unwrap();
            self.passwords.lock().unwrap().insert(name.to_owned(), password);
            Ok(Change::Changed)
        })
    }

    fn unlock<'a>(&'a self, name: &'a str, uid: u32) -> Answer<'a, ()> {
        self.hears(format!("unlock {name} {uid}"));
        let served = self.serves(name, uid);
        Box::pin(async move {
            if !served {
                return Err(CredentialsError::Refused("nobody is served here".into()));
            }
            *self.locked.lock().unwrap() = false;
            Ok(())
        })
    }

    fn publish(&self) -> Answer<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    fn aftermath<'a>(&'a self, name: &'a str, uid: u32, ends: bool) -> Answer<'a, Aftermath> {
        self.hears(format!("aftermath {name} {uid} {ends}"));
        Box::pin(async { Ok(Aftermath { ssh_keys: 1, ..Aftermath::default() }) })
    }

    fn settle<'a>(&'a self, made: Made<'a>) -> Answer<'a, Aftermath> {
        let password = String::from_utf8_lossy(made.new_password).into_owned();
        self.settled.lock().unwrap().push(format!("{} {password} {}", made.as_typed, made.end_sessions));
        let refused_here = *self.refuses.lock().unwrap();
        Box::pin(async move { Ok(Aftermath { refused_here, ssh_keys: 1, ..Aftermath::default() }) })
    }
}

impl People for Machine {
    fn uid(&self, name: &str) -> Option<u32> {
        self.own.lock().unwrap().get(name).copied()
    }

    fn is_own(&self, name: &str) -> bool {
        self.is_here(name) || name == "dora" && *self.has_dora.lock().unwrap()
    }

    fn name(&self, uid: u32) -> Asked<'_, Option<String>> {
        let own = self.own.lock().unwrap().iter().find(|(_, own)| **own == uid).map(|(name, _)| name.clone());
        // sssd knows dora.
        let found = own.or_else(|| (uid == 20_000).then(|| "dora".to_owned()));
        Box::pin(async move { found })
    }

    fn exists<'a>(&'a self, _: &'a str) -> Asked<'a, Option<bool>> {
        Box::pin(async { Some(true) })
    }

    fn local(&self) -> std::io::Result<Vec<(String, u32)>> {
        Ok(Vec::new())
    }

    fn listed(&self, _: &settings::Scope) -> std::io::Result<Vec<Listed>> {
        Ok(Vec::new())
    }
}
