//! The accounts of the test's host, and a helper that changes them.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard},
};

use sspr_config::settings;
use sspr_machine::listing::Listed;

use crate::{
    credential::{
        Account as State, Aftermath, Change, NO_UID, Verdict,
        client::{Answer as Call, Credentials, CredentialsError},
    },
    people::{Answer as Asked, People},
};

/// Something that happens in the middle of something else.
pub(in super::super) type Meanwhile = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// What the helper knows and what it was asked to do.
#[derive(Default)]
pub(in super::super) struct Accounts {
    pub(in super::super) states: HashMap<String, State>,
    pub(in super::super) passwords: HashMap<String, String>,
    pub(in super::super) changes: Vec<String>,
    /// New passwords that may be set next.
    pub(in super::super) prepared: Vec<String>,
    pub(in super::super) refuse: Option<String>,
    pub(in super::super) fail: Option<CredentialsError>,
    pub(in super::super) looked_at: u32,
    /// Who was unlocked.
    pub(in super::super) unlocked: Vec<String>,
    /// What happens while an account is unlocked.
    pub(in super::super) meanwhile: Option<Meanwhile>,
    /// What [`Credentials::aftermath`] finds: open sessions and keys.
    pub(in super::super) sessions: u32,
    pub(in super::super) ssh_keys: u32,
    pub(in super::super) ssh_unseen: bool,
    /// Why no password can be set at all.
    pub(in super::super) why_not: Option<String>,
}

#[derive(Default)]
pub(super) struct Helper(Mutex<Accounts>);

impl Helper {
    pub(super) fn accounts(&self) -> MutexGuard<'_, Accounts> {
        self.0.lock().unwrap()
    }
}

impl Credentials for Helper {
    fn why_not(&self) -> std::pin::Pin<Box<dyn Future<Output = Option<String>> + Send + '_>> {
        Box::pin(async move { self.0.lock().unwrap().why_not.clone() })
    }

    fn account<'a>(&'a self, user: &'a str) -> Call<'a, State> {
        Box::pin(async move {
            let mut accounts = self.0.lock().unwrap();
            accounts.looked_at += 1;
            let unknown = State { uid: NO_UID, verdict: Verdict::Unknown, admin: false, faillock_locked: false };
            Ok(accounts.states.get(user).copied().unwrap_or(unknown))
        })
    }

    fn verify<'a>(&'a self, user: &'a str, password: &'a [u8]) -> Call<'a, bool> {
        Box::pin(
            async move { Ok(self.0.lock().unwrap().passwords.get(user).is_some_and(|p| p.as_bytes() == password)) },
        )
    }

    fn prepare(&self, user: &str, uid: u32, new_password: &[u8]) {
        let mut accounts = self.0.lock().unwrap();
        // Of another account by now, or of none, nothing is found out.
        if accounts.states.get(user).map(|s| s.uid) == Some(uid) {
            accounts.prepared.push(String::from_utf8(new_password.to_vec()).unwrap());
        }
    }

    fn forget(&self, _: &str) {
        self.0.lock().unwrap().prepared.clear();
    }

    fn change<'a>(&'a self, user: &'a str, uid: u32, new_password: &'a [u8]) -> Call<'a, Change> {
        Box::pin(async move {
            // Meanwhile others go on.
            tokio::task::yield_now().await;
            let mut accounts = self.0.lock().unwrap();
            if let Some(error) = accounts.fail.clone() {
                return Err(error);
            }
            if let Some(reason) = accounts.refuse.take() {
                return Ok(Change::Refused(reason));
            }
            assert_eq!(accounts.states.get(user).map(|s| s.uid), Some(uid));
            accounts.prepared.clear();
            let new = String::from_utf8(new_password.to_vec()).unwrap();
            if accounts.passwords.get(user) == Some(&new) {
                return Ok(Change::Same);
            }
            accounts.changes.push(user.to_owned());
            accounts.passwords.insert(user.to_owned(), new);
            accounts.states.get_mut(user).unwrap().faillock_locked = false;
            Ok(Change::Changed)
        })
    }

    fn unlock<'a>(&'a self, user: &'a str, uid: u32) -> Call<'a, ()> {
        Box::pin(async move {
            let meanwhile = self.0.lock().unwrap().meanwhile.take();
            if let Some(meanwhile) = meanwhile {
                meanwhile.await;
            }
            let mut accounts = self.0.lock().unwrap();
            if let Some(error) = accounts.fail.clone() {
                return Err(error);
            }
            let state = accounts.states.get_mut(user).unwrap();
            if state.uid != uid || state.verdict != Verdict::Eligible {
                return Err(CredentialsError::Refused("another account, or not eligible".into()));
            }
            state.faillock_locked = false;
            accounts.unlocked.push(user.to_owned());
            Ok(())
        })
    }

    fn publish(&self) -> Call<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    fn aftermath<'a>(&'a self, user: &'a str, uid: u32, end_sessions: bool) -> Call<'a, Aftermath> {
        Box::pin(async move {
            let mut accounts = self.0.lock().unwrap();
            assert_eq!(accounts.states.get(user).map(|s| s.uid), Some(uid));
            let sessions_ended = if end_sessions { std::mem::take(&mut accounts.sessions) } else { 0 };
            let (ssh_keys, ssh_unseen) = (accounts.ssh_keys, accounts.ssh_unseen);
            Ok(Aftermath { sessions_ended, ssh_keys, ssh_unseen, refused_here: false })
        })
    }
}

impl People for Helper {
    fn uid(&self, name: &str) -> Option<u32> {
        self.0.lock().unwrap().states.get(name).map(|s| s.uid)
    }

    fn name(&self, uid: u32) -> Asked<'_, Option<String>> {
        let found = self.0.lock().unwrap().states.iter().find(|(_, s)| s.uid == uid).map(|(n, _)| n.clone());
        Box::pin(async { found })
    }

    fn exists<'a>(&'a self, name: &'a str) -> Asked<'a, Option<bool>> {
        Box::pin(async { Some(self.uid(name).is_some()) })
    }

    fn local(&self) -> std::io::Result<Vec<(String, u32)>> {
        Ok(self.0.lock().unwrap().states.iter().map(|(name, state)| (name.clone(), state.uid)).collect())
    }

    fn listed(&self, _: &settings::Scope) -> std::io::Result<Vec<Listed>> {
        let accounts = self.0.lock().unwrap();
        let listed = |(name, state): (&String, &State)| Listed {
            name: name.clone(),
            uid: state.uid,
            enabled: state.verdict == Verdict::Eligible,
            admin: state.admin,
        };
        Ok(accounts.states.iter().map(listed).collect())
    }
}
