//! Dialogues for the hosts of a fleet, at the server. TLS identifies the caller's public key, and the store identifies
//! its host. Every call looks the host up, so a revoked or paused host is not served at its next call. Only a hello of
//! a paused host is answered. The first call with a host's next key makes that its only key.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sspr_config::dialogue::{ANSWER_MAX, Step};
use sspr_fleet::{
    Pin,
    server::{Handler, Peer},
    wire::{self, Answer, Begin, Begun, Done, Greeting, Hello, Join, Joined, Leave, Refusal, Refused},
};
use tokio::time::Instant;
use zeroize::Zeroize as _;

use super::host_keys;
use crate::{
    audit::{Deed, Event},
    clock::Time,
    error::Error,
    fleet::{listening::Listening, steps::to_wire},
    held,
    keys::Tag,
    principal::Principal,
    random,
    reloadable::Reloadable,
    sessions::{Beginning, HANDLE_MAX, Sessions},
    snapshot::Snapshot,
    store::{
        Hosts,
        hosts::{Host, HostState},
    },
};

/// How long the last answer of a dialogue is remembered, in case it is sent again. A host waits for no answer this
/// long.
const REMEMBERED: Duration = Duration::from_mins(2);
/// The shortest time between two reports of a failed join.
const WARNS_EVERY: Duration = Duration::from_secs(10);
/// How many seconds a hello may be delayed on its way. Within this time, a hello that arrives out of order does not
/// count as a copy's.
const ON_THE_WAY: Time = 120;
/// The most remembered dialogues of one host: twice as many as it can have open.
const REMEMBERED_MAX: usize = 128;
/// The longest name and version of a host, in characters.
const LABEL_MAX: usize = 253;

/// The last answer of a dialogue, and the step that it led to. A second sender of the same answer waits for the lock.
type Last = Arc<tokio::sync::Mutex<Option<(u32, Tag, Shown)>>>;

/// A step that is wiped when it is forgotten: it may show recovery codes, or the key of an app.
struct Shown(Step);

impl Drop for Shown {
    fn drop(&mut self) {
        self.0.text.zeroize();
        self.0.prompt.zeroize();
    }
}

/// The server's side of the calls.
#[derive(Clone)]
pub struct FleetService {
    agent: Reloadable<Snapshot>,
    sessions: Sessions,
    /// The remembered dialogues, by host.
    answered: Arc<Mutex<HashMap<String, VecDeque<Remembered>>>>,
    /// When a failed join was last reported.
    warned: Arc<Mutex<Option<Instant>>>,
    /// The keys that hosts are told.
    listening: Listening,
}

/// A dialogue whose last answer is remembered.
struct Remembered {
    handle: String,
    since: Instant,
    last: Last,
}

impl std::fmt::Debug for FleetService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FleetService").finish_non_exhaustive()
    }
}

fn refused(kind: Refusal, why: impl Into<String>) -> Refused {
    Refused::new(kind, why)
}

/// The refusal of strangers, and of hosts that are no longer served. They can't tell which they are.
fn stranger() -> Refused {
    refused(Refusal::NotJoined, "the key of this host is not known here, or not served")
}

fn failed(error: &Error) -> Refused {
    tracing::error!(%error, "a call of a host of the fleet failed: {error}");
    refused(Refusal::Unavailable, "see the server's journal")
}

fn of_a_dialogue(why: held::Refused) -> Refused {
    match why {
        held::Refused::Unavailable(why) => refused(Refusal::Unavailable, why),
        held::Refused::NoDialogue(why) => refused(Refusal::NoDialogue, why),
        held::Refused::Malformed(why) => refused(Refusal::Malformed, why),
        held::Refused::Denied(why) => refused(Refusal::Denied, why),
    }
}

/// A label as it is stored: short, without control characters and blanks.
fn label(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !c.is_whitespace()).take(LABEL_MAX).collect()
}

impl FleetService {
    /// Serves `sessions`, which other transports may share.
    pub fn new(agent: impl Into<Reloadable<Snapshot>>, sessions: Sessions) -> Self {
        let (agent, listening) = (agent.into(), Listening::default());
        Self { agent, sessions, answered: Arc::default(), warned: Arc::default(), listening }
    }

    /// The same, and hosts are told the keys of `listening`.
    #[must_use]
    pub fn announcing(self, listening: Listening) -> Self {
        Self { listening, ..self }
    }

    /// The host with this key, if it is served now.
    async fn host(&self, peer: Peer) -> std::result::Result<Host, Refused> {
        let agent = self.agent.now();
        let found = async {
            let mut tx = agent.begin_to_read().await?;
            let found = Hosts::by_pin(&mut tx, &peer.key.to_string()).await?;
            tx.commit().await?;
            Ok::<_, Error>(found)
        };
        let host = found.await.map_err(|error| failed(&error))?;
        let host = host.filter(|host| host.state == HostState::Active).ok_or_else(stranger)?;
        if host_keys::is_next(peer, &host) { self.takes_over(peer, host).await } else { Ok(host) }
    }

    /// Makes the key of `peer`, which is the next one of `host`, its only one.
    async fn takes_over(&self, peer: Peer, mut host: Host) -> std::result::Result<Host, Refused> {
        let this = self.clone();
        let taken = to_the_end(async move {
            let agent = this.agent.now();
            let work = async {
                let mut tx = agent.begin().await?;
                let taken = host_keys::take_over(&mut tx, peer, &mut host, agent.now()).await?;
                if !taken {
                    // Another call took over, or the host was paused meanwhile.
                    let known = Hosts::by_pin(&mut tx, &peer.key.to_string()).await?;
                    let served = known.filter(|known| known.state == HostState::Active);
                    tx.commit().await?;
                    return Ok((served, false));
                }
                tx.commit().await?;
                Ok::<_, Error>((Some(host), true))
            };
            let (host, taken) = work.await.map_err(|error| failed(&error))?;
            if let (Some(host), true) = (&host, taken) {
                host_keys::record(&agent, peer, host);
            }
            Ok(host)
        });
        taken.await?.ok_or_else(stranger)
    }

    /// The place of the last answer of a dialogue. Whether the host owns the dialogue is checked in `sessions`. A host
    /// that names many dialogues uses up only its own room.
    fn last(&self, host: &str, handle: &str) -> Last {
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        let of_host = answered.entry(host.to_owned()).or_default();
        if let Some(kept) = of_host.iter_mut().find(|kept| kept.handle == handle) {
            kept.since = Instant::now();
            return kept.last.clone();
        }
        if of_host.len() >= REMEMBERED_MAX {
            of_host.pop_front();
        }
        let last = Last::default();
        of_host.push_back(Remembered { handle: handle.to_owned(), since: Instant::now(), last: last.clone() });
        last
    }

    /// Forgets answers that are too old to be sent again. Call it from time to time.
    pub fn forget_old_answers(&self) {
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        answered.retain(|_, of_host| {
            // An answer in progress is held by another reference too.
            of_host.retain(|kept| kept.since.elapsed() < REMEMBERED || Arc::strong_count(&kept.last) > 1);
            !of_host.is_empty()
        });
    }

    async fn answered(&self, who: &Principal, answer: Answer, sealed: bool) -> std::result::Result<Step, Refused> {
        if answer.answer.0.len() > ANSWER_MAX + 1 {
            return Err(refused(Refusal::Malformed, "the answer is too long"));
        }
        if answer.handle.len() > HANDLE_MAX {
            return Err(refused(Refusal::NoDialogue, "there is no such dialogue"));
        }
        let Answer { handle, turn, answer, .. } = answer;
        let host = who.host().unwrap_or_default();
        let agent = self.agent.now();
        // The digest is stored in place of the typed answer, which may be a password.
        let digest =
            agent.keys.mac("fleet answer", &[handle.as_bytes(), &turn.to_be_bytes(), &[u8::from(sealed)], &answer.0]);
        let last = self.last(host, &handle);
        let mut last = last.lock().await;
        if let Some((answered, of, step)) = last.as_ref()
            && *answered == turn
        {
            // The host sent the answer again after its connection was lost. The answer counted once.
            return if crate::keys::same(of, &digest) {
                Ok(step.0.clone())
            } else {
                Err(refused(Refusal::Malformed, "another answer to that question was given"))
            };
        }
        let step = self.sessions.answer(who, &handle, turn, &answer.0, sealed).await.map_err(of_a_dialogue)?;
        *last = Some((turn, digest, Shown(step.clone())));
        Ok(step)
    }

    async fn joined(&self, peer: Peer, join: Join) -> std::result::Result<Joined, Refused> {
        let agent = self.agent.now();
        let (pin, name, version) = (peer.key.to_string(), label(&join.name), label(&join.version));
        if name.is_empty() {
            return Err(refused(Refusal::Malformed, "the host has no name"));
        }
        let id = format!("h{}", random::handle(agent.random.as_ref()).map_err(|error| failed(&error))?);
        let id: String = id.chars().take(17).collect();
        let work = async {
            let now = agent.now();
            let secrets = agent.keys.macs("join token", &[&join.secret.0]);
            // A stranger must not keep others from writing.
            let mut tx = agent.begin_to_read().await?;
            let secret = Hosts::find_token(&mut tx, &secrets).await?;
            let can = secret.is_some() || Hosts::by_pin(&mut tx, &pin).await?.is_some();
            tx.commit().await?;
            if !can {
                return Ok(None);
            }
            let mut tx = agent.begin().await?;
            if let Some(known) = Hosts::by_pin(&mut tx, &pin).await? {
                // The host joined before. A revoked key never joins again.
                tx.commit().await?;
                return Ok((known.state != HostState::Revoked).then_some((known, None)));
            }
            if Hosts::is_past(&mut tx, &pin).await? {
                return Ok(None);
            }
            let Some(secret) = secret else { return Ok(None) };
            let Some(taken) = Hosts::take_token(&mut tx, &secret, &name, now).await? else { return Ok(None) };
            let host = Host {
                id: id.clone(),
                pin,
                name,
                group: taken.group.clone(),
                state: HostState::Active,
                joined: now,
                seen: now,
                version,
                counter: 0,
                keyed: now,
                next: None,
                knows: String::new(),
            };
            Hosts::add(&mut tx, &host).await?;
            tx.commit().await?;
            Ok::<_, Error>(Some((host, Some(taken))))
        };
        let Some((host, taken)) = work.await.map_err(|error| failed(&error))? else {
            self.warn_of_a_join(peer);
            return Err(refused(
                Refusal::Denied,
                "the token is not good: it was used, has expired, or is for hosts of other names",
            ));
        };
        if let Some(taken) = &taken {
            let reason = format!("host {} ({}), from {}", host.id, host.name, peer.address);
            let deed = Deed { event: Event::HostJoined, success: true, account: "-", reason: &reason };
            agent.audit.record_deed(deed, &taken.issuer, &host.id);
        }
        Ok(Joined { id: host.id, before: taken.is_none() })
    }

    /// Logs that a host could not join, but not too often: strangers must not fill the journal.
    fn warn_of_a_join(&self, peer: Peer) {
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        if warned.is_some_and(|warned| warned.elapsed() < WARNS_EVERY) {
            return;
        }
        *warned = Some(Instant::now());
        drop(warned);
        tracing::warn!(address = %peer.address, "a host could not join: its token is not good, or not for its name");
    }

    async fn greeted(&self, peer: Peer, hello: Hello) -> std::result::Result<Greeting, Refused> {
        let agent = self.agent.now();
        let counter = i64::try_from(hello.counter).unwrap_or(i64::MAX);
        let work = async {
            let now = agent.now();
            let mut tx = agent.begin_to_read().await?;
            let known = Hosts::by_pin(&mut tx, &peer.key.to_string()).await?;
            tx.commit().await?;
            if known.is_none() {
                return Ok(None);
            }
            let mut tx = agent.begin().await?;
            let Some(mut host) = Hosts::by_pin(&mut tx, &peer.key.to_string()).await? else { return Ok(None) };
            let (mut copied, mut rekeyed) = (false, false);
            if host.state == HostState::Active {
                let in_order = Hosts::hello(&mut tx, &host.id, &label(&hello.version), counter, now).await?;
                copied = !in_order && now - host.seen > ON_THE_WAY;
                if copied {
                    // Two machines count with the same key.
                    Hosts::set_state(&mut tx, &host.id, HostState::Paused).await?;
                    host.state = HostState::Paused;
                }
                if in_order {
                    host_keys::note_pins(&mut tx, &hello, &mut host).await?;
                }
                // A copy must not change the key.
                if in_order && host_keys::is_next(peer, &host) {
                    rekeyed = host_keys::take_over(&mut tx, peer, &mut host, now).await?;
                } else if in_order {
                    host_keys::announce(&mut tx, peer, &hello, &mut host, now).await?;
                }
            }
            tx.commit().await?;
            let rekey = host.state == HostState::Active && host_keys::is_old(&agent.keys, &host, now);
            Ok::<_, Error>(Some((host, copied, rekeyed, rekey)))
        };
        let found = work.await.map_err(|error| failed(&error))?;
        let Some((host, copied, rekeyed, rekey)) = found.filter(|found| found.0.state != HostState::Revoked) else {
            return Err(stranger());
        };
        if rekeyed {
            host_keys::record(&agent, peer, &host);
        }
        if copied {
            tracing::error!(
                host = host.id,
                "the host {} ({}) is paused: two machines have its key",
                host.id,
                host.name
            );
            let reason = format!("host {} ({}) paused: two machines have its key", host.id, host.name);
            let deed = Deed { event: Event::HostChanged, success: false, account: "-", reason: &reason };
            agent.audit.record_deed(deed, "system", &host.id);
        }
        let (version, state) = (env!("CARGO_PKG_VERSION").to_owned(), host.state.as_str().to_owned());
        let (next, pins) = (host.next.as_deref().and_then(Pin::parse), self.listening.now().pins());
        let local_accounts = agent.settings.server.local_accounts;
        Ok(Greeting { version, state, rekey, next, pins, local_accounts })
    }
}

/// Runs `work` to its end, even if the caller's connection is lost meanwhile: work that has begun is done once and
/// completely.
async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = std::result::Result<T, Refused>> + Send + 'static,
) -> std::result::Result<T, Refused> {
    tokio::spawn(work).await.unwrap_or_else(|_| Err(refused(Refusal::Unavailable, "it failed")))
}

impl Handler for FleetService {
    async fn begin(&self, peer: Peer, begin: Begin) -> std::result::Result<Begun, Refused> {
        let host = self.host(peer).await?;
        let who = Principal::of_host(host.id);
        // An account of the host itself; without the setting, it is a name that nobody has.
        let own = !begin.own.is_empty() && self.agent.now().settings.server.local_accounts;
        let user = if own { begin.own } else { begin.user };
        let arguments = [user, begin.service, begin.tty, begin.rhost, begin.locale];
        let sessions = self.sessions.clone();
        to_the_end(async move {
            let [user, service, tty, rhost, locale] = &arguments;
            let wanted = Beginning::new(&begin.purpose, [user, service, tty, rhost, locale])
                .and_then(|wanted| wanted.resuming(begin.resumes.as_deref()))
                .map_err(of_a_dialogue)?;
            let wanted = if own { wanted.of_the_host().map_err(of_a_dialogue)? } else { wanted };
            // No connection represents the host, so a dialogue ends only when its time is over.
            let (handle, step) = sessions.begin(&who, wanted, std::future::pending()).await.map_err(of_a_dialogue)?;
            Ok(Begun { handle, step: to_wire(step), own })
        })
        .await
    }

    async fn answer(&self, peer: Peer, answer: Answer, sealed: bool) -> std::result::Result<wire::Step, Refused> {
        let host = self.host(peer).await?;
        let this = self.clone();
        let work = async move { this.answered(&Principal::of_host(host.id), answer, sealed).await };
        to_the_end(work).await.map(to_wire)
    }

    async fn leave(&self, peer: Peer, leave: Leave) -> std::result::Result<Done, Refused> {
        let who = Principal::of_host(self.host(peer).await?.id);
        match &leave.why {
            Some(why) => self.sessions.leave(&who, &leave.handle, why),
            None => self.sessions.cancel(&who, &leave.handle),
        }
        Ok(Done {})
    }

    async fn join(&self, peer: Peer, join: Join) -> std::result::Result<Joined, Refused> {
        let this = self.clone();
        to_the_end(async move { this.joined(peer, join).await }).await
    }

    async fn hello(&self, peer: Peer, hello: Hello) -> std::result::Result<Greeting, Refused> {
        let this = self.clone();
        to_the_end(async move { this.greeted(peer, hello).await }).await
    }

    async fn settled(&self) {
        self.sessions.settled().await;
    }
}
