//! This host's own accounts: root's helper changes their passwords, and this host's files list them.

use std::{future::Future, io, pin::Pin, sync::Arc};

use super::{Living, State, Target};
use crate::{
    account::{Id, LOCAL},
    credential::{
        Aftermath, Change, NO_UID,
        client::{Answer, Credentials, CredentialsError, Made},
    },
    people::People,
};

/// The accounts of this host.
#[derive(Clone)]
pub struct Local {
    helper: Arc<dyn Credentials>,
    people: Arc<dyn People>,
}

impl Local {
    /// The accounts that `people` finds in this host's files and that `helper` can change.
    pub fn new(helper: Arc<dyn Credentials>, people: Arc<dyn People>) -> Self {
        Self { helper, people }
    }
}

/// The uid in an id of this host.
fn uid(id: Id) -> Result<u32, CredentialsError> {
    let none = || CredentialsError::Refused(format!("{id} is no uid"));
    id.uid().filter(|uid| *uid != NO_UID).ok_or_else(none)
}

impl Target for Local {
    fn realm(&self) -> &str {
        LOCAL
    }

    fn why_not(&self) -> Pin<Box<dyn Future<Output = Option<String>> + Send + '_>> {
        self.helper.why_not()
    }

    fn wake(&self) {
        self.helper.wake();
    }

    fn known(&self, name: &str) -> Option<Id> {
        self.people.uid(name).map(Id::from)
    }

    fn living(&self) -> io::Result<Living> {
        let local = self.people.local()?;
        // An empty list means that something is wrong with the files.
        Ok(if local.is_empty() {
            Living::Untold
        } else {
            Living::All(local.into_iter().map(|(name, uid)| (name, Id::from(uid))).collect())
        })
    }

    fn account<'a>(&'a self, name: &'a str) -> Answer<'a, State> {
        Box::pin(async move {
            let found = self.helper.account(name).await?;
            let (id, locked) = (Id::from(found.uid), found.faillock_locked);
            Ok(State { id, verdict: found.verdict, admin: found.admin, locked })
        })
    }

    fn verify<'a>(&'a self, name: &'a str, password: &'a [u8]) -> Answer<'a, bool> {
        self.helper.verify(name, password)
    }

    fn prepare(&self, name: &str, id: Id, new_password: &[u8]) {
        if let Ok(uid) = uid(id) {
            self.helper.prepare(name, uid, new_password);
        }
    }

    fn forget(&self, name: &str) {
        self.helper.forget(name);
    }

    fn change<'a>(&'a self, name: &'a str, id: Id, new_password: &'a [u8]) -> Answer<'a, Change> {
        Box::pin(async move { self.helper.change(name, uid(id)?, new_password).await })
    }

    fn unlock<'a>(&'a self, name: &'a str, id: Id) -> Answer<'a, ()> {
        Box::pin(async move { self.helper.unlock(name, uid(id)?).await })
    }

    fn after<'a>(&'a self, name: &'a str, made: Made<'a>) -> Answer<'a, Aftermath> {
        Box::pin(async move {
            let uid = uid(made.id)?;
            self.helper.aftermath(name, uid, made.end_sessions && made.but_for != uid).await
        })
    }
}
