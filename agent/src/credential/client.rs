//! The agent's connection to the helper, with a deadline on every call.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sspr_config::{
    bus::{self, CREDENTIAL, CREDENTIAL_PATH},
    credential::patience,
    sealed,
};
use tokio::{
    runtime::Handle,
    time::{Instant, timeout},
};
use zbus::{Connection, Fd, Message, message::Flags};

use super::{Account, Aftermath, Change, Error, INTERFACE, Verdict};

pub use super::port::{Answer, Credentials, CredentialsError, Made};

/// How long "passwords can be set" is valid without asking again: many dialogues may begin at a time, and the helper
/// has one thread for all of them.
const ABLE: Duration = Duration::from_mins(1);
/// How long the password lines are not read again if nothing was wrong with them: reading means a look into a dozen
/// files and folders, on the one thread that everything waits for.
const LINES: Duration = Duration::from_millis(250);
/// How long the first question of a reset waits for that answer. The module waits a second for the question. A helper
/// that is busy or slow to start is no reason to refuse.
pub(crate) const HEARS_MAX: Duration = Duration::from_millis(400);

/// How long after an answer the helper is certainly there: it exits after a minute without a call.
const THERE: Duration = Duration::from_secs(5);

/// A finding, and until when it is valid without another check.
#[derive(Debug)]
struct Known {
    why: Option<String>,
    until: Instant,
}

/// The helper on a bus, started by it when needed.
#[derive(Clone, Debug)]
pub struct BusCredentials {
    bus: Connection,
    /// Why no password can be set, if that is known.
    known: Arc<Mutex<Option<Known>>>,
    /// When the password lines were last found to be in order.
    lines: Arc<Mutex<Option<Instant>>>,
    /// When the helper last answered.
    heard: Arc<Mutex<Option<Instant>>>,
}

impl BusCredentials {
    /// Talks to the helper over `bus`.
    pub fn new(bus: Connection) -> Self {
        Self { bus, known: Arc::default(), lines: Arc::default(), heard: Arc::default() }
    }

    /// The last finding, and whether it is still valid.
    fn known(&self) -> Option<(Option<String>, bool)> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.as_ref().map(|known| (known.why.clone(), Instant::now() < known.until))
    }

    /// What is wrong in the host's password lines.
    fn by_the_lines(&self) -> Option<String> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.is_some_and(|read| read.elapsed() < LINES) {
            return None;
        }
        let why = sspr_machine::why_no_password_can_be_set();
        *lines = why.is_none().then(Instant::now);
        why
    }

    /// Asks the helper, because only it knows what its sandbox allows, and stores its answer.
    async fn hindrance(self) -> Option<String> {
        let why = match self.call("Hindrance", &(), patience::ACCOUNT).await {
            Ok(reply) => Some(reply.body().deserialize::<String>().unwrap_or_default()).filter(|why| !why.is_empty()),
            Err(Failure::Bus(why)) if bus::can_not_start(&why) => Some(format!("the helper can't be started: {why}")),
            // The bus waits for a service that systemd fails to start. If the name has no owner by now, it will get
            // none.
            Err(Failure::Late(_)) if !self.is_there().await => Some("the helper does not start".to_owned()),
            // The helper is busy, was killed during the call, or is of the previous release. The last finding is valid.
            Err(failure) => {
                tracing::warn!(?failure, "whether passwords can be set is not known");
                return self.known().and_then(|(why, _)| why);
            }
        };
        if let Some(why) = &why {
            tracing::error!("no password can be set for now: {why}");
        }
        // A fault is checked each time: an administrator may have fixed it.
        let until = Instant::now() + if why.is_some() { Duration::ZERO } else { ABLE };
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(Known { why: why.clone(), until });
        why
    }

    /// Whether the helper owns its name; does not start it. Yes if in doubt.
    async fn is_there(&self) -> bool {
        let bus = "org.freedesktop.DBus";
        let call = self.bus.call_method(Some(bus), "/org/freedesktop/DBus", Some(bus), "NameHasOwner", &CREDENTIAL);
        match timeout(patience::ACCOUNT, call).await {
            Ok(Ok(reply)) => reply.body().deserialize().unwrap_or(true),
            _ => true,
        }
    }

    async fn call<B>(&self, member: &'static str, body: &B, limit: Duration) -> Result<Message, Failure>
    where
        B: serde::Serialize + zbus::DynamicType + Sync,
    {
        let call = self.bus.call_method(Some(CREDENTIAL), CREDENTIAL_PATH, Some(INTERFACE), member, body);
        match timeout(limit, call).await {
            Err(_) => Err(Failure::Late(limit)),
            Ok(Err(why)) => Err(Failure::Bus(why)),
            Ok(Ok(reply)) => {
                *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
                Ok(reply)
            }
        }
    }

    /// The outcome of a change whose answer was lost, from a newly started helper.
    async fn outcome(&self, user: &str, uid: u32, password: &[u8], why: String) -> Result<Change, CredentialsError> {
        let sealed = seal(password)?;
        let found = match self.call("Outcome", &(user, uid, Fd::from(&sealed)), patience::OUTCOME).await {
            Ok(reply) => reply.body().deserialize().map_err(|error| error.to_string()),
            Err(failure) => Err(failure.before_a_write().to_string()),
        };
        match found {
            Ok(true) => Ok(Change::ChangedWithWarning(format!("the helper did not live to tell: {why}"))),
            Ok(false) => Err(CredentialsError::Unavailable(format!("nothing was written: {why}"))),
            Err(again) => Err(CredentialsError::Unknown(format!("{why}; and looking again: {again}"))),
        }
    }
}

impl Credentials for BusCredentials {
    fn why_not(&self) -> Pin<Box<dyn Future<Output = Option<String>> + Send + '_>> {
        Box::pin(async move {
            if let Some(why) = self.by_the_lines() {
                return Some(why);
            }
            let last = match self.known() {
                Some((why, true)) => return why,
                Some((why, false)) => why,
                None => None,
            };
            // It goes on even if nobody waits for it any more. Until it ends, the last finding is valid.
            let asked = tokio::spawn(self.clone().hindrance());
            timeout(HEARS_MAX, asked).await.ok().and_then(Result::ok).unwrap_or(last)
        })
    }

    fn wake(&self) {
        let heard = *self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        if heard.is_some_and(|heard| heard.elapsed() < THERE) {
            return;
        }
        let bus = self.bus.clone();
        tokio::spawn(async move {
            let peer = Some("org.freedesktop.DBus.Peer");
            let call = bus.call_method(Some(CREDENTIAL), CREDENTIAL_PATH, peer, "Ping", &());
            // If the helper can't be started, that is reported when it is needed.
            let _ = timeout(patience::ACCOUNT, call).await;
        });
    }

    fn account<'a>(&'a self, user: &'a str) -> Answer<'a, Account> {
        Box::pin(async move {
            let asked = (user,);
            let answered = look_up(patience::ACCOUNT, |limit| self.call("Account", &asked, limit)).await;
            let reply = answered.map_err(Failure::before_a_write)?;
            let body = reply.body();
            let (uid, verdict, admin, faillock_locked): (u32, u8, bool, bool) = body.deserialize().map_err(strange)?;
            let verdict = Verdict::from_wire(verdict)
                .ok_or_else(|| CredentialsError::Unavailable(format!("verdict {verdict} is not known")))?;
            Ok(Account { uid, verdict, admin, faillock_locked })
        })
    }

    fn verify<'a>(&'a self, user: &'a str, password: &'a [u8]) -> Answer<'a, bool> {
        Box::pin(async move {
            let sealed = seal(password)?;
            let reply = self
                .call("Verify", &(user, Fd::from(&sealed)), patience::VERIFY)
                .await
                .map_err(Failure::before_a_write)?;
            reply.body().deserialize().map_err(strange)
        })
    }

    fn prepare(&self, user: &str, uid: u32, new_password: &[u8]) {
        let (Ok(sealed), Ok(runtime)) = (seal(new_password), Handle::try_current()) else { return };
        let (this, user) = (self.clone(), user.to_owned());
        runtime.spawn(async move {
            let asked = this.call("Prepare", &(user.as_str(), uid, Fd::from(&sealed)), patience::CHANGE).await;
            // The change finds out by itself, as with a helper of the previous release, which lacks this call.
            if let Err(why) = asked {
                tracing::debug!(?why, "a new password is not prepared");
            }
        });
    }

    fn forget(&self, user: &str) {
        let Ok(runtime) = Handle::try_current() else { return };
        let (bus, user) = (self.bus.clone(), user.to_owned());
        runtime.spawn(async move {
            // A helper that has exited has nothing to forget, and is not started for this.
            let forget = Message::method_call(CREDENTIAL_PATH, "Forget")
                .destination(CREDENTIAL)
                .interface(INTERFACE)
                .with_flags(Flags::NO_AUTO_START)
                .with_flags(Flags::NO_REPLY_EXPECTED)
                .build(&(user.as_str(),));
            if let Ok(forget) = forget {
                let _ = timeout(patience::ACCOUNT, bus.send(&forget)).await;
            }
        });
    }

    fn change<'a>(&'a self, user: &'a str, uid: u32, new_password: &'a [u8]) -> Answer<'a, Change> {
        Box::pin(async move {
            let sealed = seal(new_password)?;
            let reply = match self.call("Change", &(user, uid, Fd::from(&sealed)), patience::CHANGE).await {
                Ok(reply) => reply,
                Err(failure) => {
                    let told = failure.is_told();
                    return match failure.of_a_write() {
                        CredentialsError::Unknown(why) if !told => self.outcome(user, uid, new_password, why).await,
                        known => Err(known),
                    };
                }
            };
            let body = reply.body();
            let (outcome, reason): (u8, String) =
                body.deserialize().map_err(|why: zbus::Error| CredentialsError::Unknown(why.to_string()))?;
            Change::from_wire(outcome, reason)
                .ok_or_else(|| CredentialsError::Unknown(format!("outcome {outcome} is not known")))
        })
    }

    fn unlock<'a>(&'a self, user: &'a str, uid: u32) -> Answer<'a, ()> {
        Box::pin(async move {
            let why = match self.call("Unlock", &(user, uid), patience::UNLOCK).await.map_err(Failure::of_a_write) {
                Ok(_) => return Ok(()),
                Err(CredentialsError::Unknown(why)) => why,
                Err(known) => return Err(known),
            };
            // The answer was lost, but the result can be checked.
            match self.account(user).await {
                Ok(now) if now.uid == uid && !now.faillock_locked => Ok(()),
                Ok(_) => Err(CredentialsError::Unavailable(format!("it is not unlocked: {why}"))),
                Err(again) => Err(CredentialsError::Unknown(format!("{why}; and looking again: {again}"))),
            }
        })
    }

    fn witness<'a>(&'a self, row: i64, chain: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let told = self.call("Witness", &(row, chain), patience::ACCOUNT).await;
            told.map(drop).map_err(Failure::before_a_write)
        })
    }

    fn publish(&self) -> Answer<'_, ()> {
        Box::pin(async move {
            self.call("Publish", &(), patience::ACCOUNT).await.map_err(Failure::before_a_write)?;
            Ok(())
        })
    }

    fn aftermath<'a>(&'a self, user: &'a str, uid: u32, end_sessions: bool) -> Answer<'a, Aftermath> {
        Box::pin(async move {
            let reply = self
                .call("Aftermath", &(user, uid, end_sessions), patience::AFTERMATH)
                .await
                .map_err(Failure::before_a_write)?;
            let body = reply.body();
            // A helper of the previous release does not say whether it could read all of them.
            let (sessions_ended, ssh_keys, ssh_unseen): (u32, u32, bool) = match body.deserialize() {
                Ok(found) => found,
                Err(_) => {
                    body.deserialize::<(u32, u32)>().map(|(ended, keys)| (ended, keys, false)).map_err(strange)?
                }
            };
            Ok(Aftermath { sessions_ended, ssh_keys, ssh_unseen, refused_here: false })
        })
    }

    fn settle<'a>(&'a self, made: Made<'a>) -> Answer<'a, Aftermath> {
        Box::pin(async move {
            let sealed = seal(made.new_password)?;
            let body = (made.as_typed, made.id.as_str(), Fd::from(&sealed), made.end_sessions, made.but_for);
            let reply = self.call("Settle", &body, patience::SETTLE).await.map_err(Failure::before_a_write)?;
            let (refused_here, sessions_ended, ssh_keys, ssh_unseen) = reply.body().deserialize().map_err(strange)?;
            Ok(Aftermath { sessions_ended, ssh_keys, ssh_unseen, refused_here })
        })
    }
}

pub(crate) fn seal(secret: &[u8]) -> Result<std::os::fd::OwnedFd, CredentialsError> {
    sealed::make(secret).map_err(|why| CredentialsError::Unavailable(why.to_string()))
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(crate) fn strange(why: zbus::Error) -> CredentialsError {
    CredentialsError::Unavailable(format!("an answer that is not understood: {why}"))
}

/// The answer to a `call` that writes and counts nothing. If the program ended before it answered, the bus starts it anew
/// for a second call. Both share the time `limit`.
pub(crate) async fn look_up<C, A>(limit: Duration, call: C) -> Result<Message, Failure>
where
    C: Fn(Duration) -> A,
    A: Future<Output = Result<Message, Failure>>,
{
    let begun = Instant::now();
    match call(limit).await {
        Err(Failure::Bus(why)) if bus::cut_off(&why) => call(limit.saturating_sub(begun.elapsed())).await,
        answered => answered,
    }
}

/// No answer, or an error instead.
#[derive(Debug)]
pub(crate) enum Failure {
    /// None within this time.
    Late(Duration),
    /// The error from the bus or the other end.
    Bus(zbus::Error),
}

impl Failure {
    /// Whether the helper itself said that it does not know: then no other helper knows better.
    pub(crate) fn is_told(&self) -> bool {
        let Self::Bus(zbus::Error::MethodError(name, ..)) = self else { return false };
        name.as_str() == "org.pam_sspr.Error.Failed"
    }

    /// The error of a call that writes nothing.
    pub(crate) fn before_a_write(self) -> CredentialsError {
        match self.of_a_write() {
            CredentialsError::Unknown(why) => CredentialsError::Unavailable(why),
            known => known,
        }
    }

    /// The error of a change: "unavailable" only if it is certain that no change was begun.
    pub(crate) fn of_a_write(self) -> CredentialsError {
        let why = match self {
            Self::Late(limit) => return CredentialsError::Unknown(format!("no answer within {limit:?}")),
            Self::Bus(why) => why,
        };
        let text = why.to_string();
        match Error::from(why) {
            Error::Refused(why) => CredentialsError::Refused(why),
            Error::Denied(_) | Error::BadSecret(_) | Error::Unavailable(_) => CredentialsError::Unavailable(text),
            Error::ZBus(why) if bus::not_delivered(&why) => CredentialsError::Unavailable(text),
            Error::Failed(_) | Error::ZBus(_) => CredentialsError::Unknown(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_look_up_is_made_again_once_within_its_time_only_if_the_program_ended_before_it_answered() {
        let limit = Duration::from_secs(3);
        let bus = |why: zbus::fdo::Error| Failure::Bus(zbus::Error::FDO(Box::new(why)));
        let ended = || bus(zbus::fdo::Error::NoReply(String::new()));
        let busy = || bus(zbus::fdo::Error::LimitsExceeded(String::new()));
        let tries = async |answers: Vec<Option<Failure>>| {
            let (limits, left) = (std::cell::RefCell::new(Vec::new()), std::cell::RefCell::new(answers.into_iter()));
            let answered = look_up(limit, |limit| {
                limits.borrow_mut().push(limit);
                let answer = left.borrow_mut().next().expect("a call too many");
                let reply = Message::method_call("/", "Account").build(&()).unwrap();
                async { answer.map_or(Ok(reply), Err) }
            });
            let is_answered = answered.await.is_ok();
            (is_answered, limits.into_inner())
        };
        let (is_answered, limits) = tries(vec![Some(ended()), None]).await;
        assert!(is_answered && limits.len() == 2 && limits[1] < limits[0], "{limits:?}");
        let (is_answered, limits) = tries(vec![Some(ended()), Some(ended()), None]).await;
        assert!(!is_answered && limits.len() == 2, "{limits:?}");
        for (first, is_good) in [(None, true), (Some(busy()), false), (Some(Failure::Late(limit)), false)] {
            assert_eq!(tries(vec![first]).await, (is_good, vec![limit]));
        }
    }

    #[test]
    fn a_change_is_unavailable_only_if_it_certainly_did_not_begin() {
        let bus = |why: zbus::fdo::Error| Failure::Bus(zbus::Error::FDO(Box::new(why)));
        let answered = |name: &'static str| {
            let call = Message::method_call("/", "Change").build(&()).unwrap();
            Failure::Bus(zbus::Error::MethodError(name.try_into().unwrap(), None, call))
        };
        for failure in [
            bus(zbus::fdo::Error::ServiceUnknown(String::new())),
            bus(zbus::fdo::Error::SpawnChildExited(String::new())),
            bus(zbus::fdo::Error::AccessDenied(String::new())),
            answered("org.freedesktop.systemd1.UnitMasked"),
            answered("org.freedesktop.DBus.Error.ServiceUnknown"),
            answered("org.freedesktop.DBus.Error.Spawn.ChildExited"),
        ] {
            let got = failure.of_a_write();
            assert!(matches!(got, CredentialsError::Unavailable(_)), "{got}");
        }
        for failure in [
            Failure::Late(patience::CHANGE),
            bus(zbus::fdo::Error::NoReply(String::new())),
            bus(zbus::fdo::Error::Disconnected(String::new())),
            Failure::Bus(zbus::Error::Failure(String::new())),
        ] {
            let got = failure.of_a_write();
            assert!(matches!(got, CredentialsError::Unknown(_)), "{got}");
        }
        let got = bus(zbus::fdo::Error::NoReply(String::new())).before_a_write();
        assert!(matches!(got, CredentialsError::Unavailable(_)), "{got}");
    }
}
