//! Users of a directory. `sspr-directory`, which the bus starts, asks the servers and changes passwords; the agent
//! itself knows no server. Root's helper does what follows on this host.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sspr_config::{
    bus::{DIRECTORY as SERVICE, DIRECTORY_PATH, can_not_start},
    directory::{INTERFACE, Page, Person, PersonOnWire, patience},
    names,
};
use tokio::time::timeout;
use zbus::{Connection, Fd, Message};

use super::{Living, State, Target};
use crate::{
    account::{DIRECTORY, Id},
    credential::{
        Aftermath, Change, Verdict,
        client::{Answer, Credentials, CredentialsError, Failure, HEARS_MAX, Made, look_up, seal, strange},
    },
};

/// The users of `[directory]`. Clones share the last finding.
#[derive(Clone)]
pub struct Directory {
    bus: Connection,
    helper: Arc<dyn Credentials>,
    /// Why no password can be set, according to the last finding.
    known: Arc<Mutex<Option<String>>>,
}

impl Directory {
    /// The users that the program on `bus` finds. `helper` follows up on this host.
    pub fn new(bus: Connection, helper: Arc<dyn Credentials>) -> Self {
        Self { bus, helper, known: Arc::default() }
    }

    async fn call<B>(&self, member: &'static str, body: &B, limit: Duration) -> Result<Message, Failure>
    where
        B: serde::Serialize + zbus::DynamicType + Sync,
    {
        let call = self.bus.call_method(Some(SERVICE), DIRECTORY_PATH, Some(INTERFACE), member, body);
        match timeout(limit, call).await {
            Err(_) => Err(Failure::Late(limit)),
            Ok(Err(why)) => Err(Failure::Bus(why)),
            Ok(Ok(reply)) => Ok(reply),
        }
    }

    /// Why no password can be set, as far as the program knows without asking a server: no server is asked before a
    /// proof.
    async fn hindrance(self) -> Option<String> {
        let why = match self.call("Hindrance", &(), patience::ACCOUNT).await {
            Ok(reply) => Some(reply.body().deserialize::<String>().unwrap_or_default()).filter(|why| !why.is_empty()),
            Err(Failure::Bus(why)) if can_not_start(&why) => Some(format!("sspr-directory can't be started: {why}")),
            Err(failure) => {
                tracing::warn!(?failure, "whether the directory's passwords can be set is not known");
                return None;
            }
        };
        if let Some(why) = &why {
            tracing::error!("no password of the directory can be set for now: {why}");
        }
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&why);
        why
    }

    /// The outcome of a change whose answer was lost. Fails with [`CredentialsError::Unavailable`] if nothing was
    /// written, and with [`CredentialsError::Unknown`] if that can't be found out.
    async fn outcome(&self, name: &str, id: Id, password: &[u8], why: String) -> Result<Change, CredentialsError> {
        let sealed = seal(password)?;
        let body = (name, id.as_str(), Fd::from(&sealed));
        let found = match self.call("Outcome", &body, patience::OUTCOME).await {
            Ok(reply) => reply.body().deserialize().map_err(|error| error.to_string()),
            Err(failure) => Err(failure.before_a_write().to_string()),
        };
        match found {
            Ok(true) => Ok(Change::ChangedWithWarning(format!("sspr-directory did not live to tell: {why}"))),
            Ok(false) => Err(CredentialsError::Unavailable(format!("nothing was written: {why}"))),
            Err(again) => Err(CredentialsError::Unknown(format!("{why}; and looking again: {again}"))),
        }
    }
}

/// The state from the program's answer about `name`, which is folded. An entry with several names is served only by its
/// own name: it has one registration and one set of limits.
fn state(
    name: &str,
    (own, id, verdict, admin, locked): (String, String, u8, bool, bool),
) -> Result<State, CredentialsError> {
    let verdict = Verdict::from_wire(verdict)
        .ok_or_else(|| CredentialsError::Unavailable(format!("verdict {verdict} is not known")))?;
    let found = Id::parse(&id).filter(|_| names::same(&own, name));
    let Some(id) = found else {
        if verdict == Verdict::Eligible {
            tracing::warn!("an entry was found by another name than its own; it is served by that alone");
        }
        let verdict = if verdict == Verdict::Eligible { Verdict::Unknown } else { verdict };
        return Ok(State { id: Id::NONE, verdict, admin, locked: false });
    };
    Ok(State { id, verdict, admin, locked })
}

impl Target for Directory {
    fn realm(&self) -> &str {
        DIRECTORY
    }

    fn is_far(&self) -> bool {
        true
    }

    fn why_not(&self) -> Pin<Box<dyn Future<Output = Option<String>> + Send + '_>> {
        Box::pin(async move {
            let last = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
            // The call goes on even if this caller stops waiting. Until it ends, the last finding counts.
            let asked = tokio::spawn(self.clone().hindrance());
            timeout(HEARS_MAX, asked).await.ok().and_then(Result::ok).unwrap_or(last)
        })
    }

    fn wake(&self) {
        let bus = self.bus.clone();
        tokio::spawn(async move {
            let peer = Some("org.freedesktop.DBus.Peer");
            let call = bus.call_method(Some(SERVICE), DIRECTORY_PATH, peer, "Ping", &());
            // If the program can't be started, the failure is reported when the program is needed.
            let _ = timeout(patience::ACCOUNT, call).await;
        });
    }

    fn known(&self, _: &str) -> Option<Id> {
        None
    }

    fn living(&self) -> io::Result<Living> {
        Ok(Living::Untold)
    }

    fn account<'a>(&'a self, name: &'a str) -> Answer<'a, State> {
        Box::pin(async move {
            let asked = (name,);
            let answered = look_up(patience::ACCOUNT, |limit| self.call("Account", &asked, limit)).await;
            let reply = answered.map_err(Failure::before_a_write)?;
            state(name, reply.body().deserialize().map_err(strange)?)
        })
    }

    fn verify<'a>(&'a self, name: &'a str, password: &'a [u8]) -> Answer<'a, bool> {
        Box::pin(async move {
            let sealed = seal(password)?;
            let asked = self.call("Verify", &(name, Fd::from(&sealed)), patience::VERIFY).await;
            asked.map_err(Failure::before_a_write)?.body().deserialize().map_err(strange)
        })
    }

    fn change<'a>(&'a self, name: &'a str, id: Id, new_password: &'a [u8]) -> Answer<'a, Change> {
        Box::pin(async move {
            let sealed = seal(new_password)?;
            let body = (name, id.as_str(), Fd::from(&sealed));
            let reply = match self.call("Change", &body, patience::CHANGE).await {
                Ok(reply) => reply,
                Err(failure) => {
                    let told = failure.is_told();
                    return match failure.of_a_write() {
                        CredentialsError::Unknown(why) if !told => self.outcome(name, id, new_password, why).await,
                        known => Err(known),
                    };
                }
            };
            let (outcome, reason): (u8, String) =
                reply.body().deserialize().map_err(|why: zbus::Error| CredentialsError::Unknown(why.to_string()))?;
            Change::from_wire(outcome, reason)
                .ok_or_else(|| CredentialsError::Unknown(format!("outcome {outcome} is not known")))
        })
    }

    fn unlock<'a>(&'a self, name: &'a str, id: Id) -> Answer<'a, ()> {
        Box::pin(async move {
            let asked = self.call("Unlock", &(name, id.as_str()), patience::UNLOCK).await;
            let why = match asked.map_err(Failure::of_a_write) {
                Ok(_) => return Ok(()),
                Err(CredentialsError::Unknown(why)) => why,
                Err(known) => return Err(known),
            };
            // The answer was lost, but the result can be checked.
            match self.account(name).await {
                Ok(now) if now.id == id && !now.locked => Ok(()),
                Ok(_) => Err(CredentialsError::Unavailable(format!("it is not unlocked: {why}"))),
                Err(again) => Err(CredentialsError::Unknown(format!("{why}; and looking again: {again}"))),
            }
        })
    }

    fn after<'a>(&'a self, _: &'a str, made: Made<'a>) -> Answer<'a, Aftermath> {
        self.helper.settle(made)
    }

    fn contacts<'a>(&'a self, handle: &'a str) -> Answer<'a, Page> {
        Box::pin(async move {
            let reply = self.call("People", &(handle,), patience::PAGE).await.map_err(Failure::before_a_write)?;
            let (handle, people): (String, Vec<PersonOnWire>) = reply.body().deserialize().map_err(strange)?;
            Ok(Page { handle, people: people.into_iter().map(Person::from_wire).collect() })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_served_by_its_own_name_alone_in_whatever_case() {
        let says =
            |own: &str, id: &str, verdict: Verdict| (own.to_owned(), id.to_owned(), verdict.to_wire(), true, true);
        let found = state("alice", says("Alice", "5f3c", Verdict::Eligible)).unwrap();
        assert_eq!((found.id, found.verdict), (Id::parse("5f3c").unwrap(), Verdict::Eligible));
        // The domain of this principal name is not in the settings.
        let other = state("alice@other.example", says("alice", "5f3c", Verdict::Eligible)).unwrap();
        assert_eq!((other.id, other.verdict), (Id::NONE, Verdict::Unknown));
        let closed = state("alice", says("alice", "5f3c", Verdict::Locked)).unwrap();
        assert_eq!((closed.id.as_str(), closed.verdict), ("5f3c", Verdict::Locked));
        let nobody = state("zoe", says("", "", Verdict::Unknown)).unwrap();
        assert_eq!((nobody.id, nobody.verdict), (Id::NONE, Verdict::Unknown));
        assert!(state("alice", ("alice".into(), "5f3c".into(), 99, false, false)).is_err());
    }
}
