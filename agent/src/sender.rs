//! The background task that sends waiting messages from the outbox. Each way sends as many at once as it has room for.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use sspr_config::settings::Method;
use tokio::{
    runtime::Handle,
    task::{self, JoinSet},
};

use crate::{
    clock::Time,
    error::Result,
    housekeeping,
    memory::wipe_stack,
    reloadable::Reloadable,
    snapshot::Snapshot,
    store::{ClockJump, LookUps as _, Messages, outbox::Waiting},
};

mod one;

use one::{PAUSE_MAX, send_one};

/// The lease of a message in seconds. It is extended as long as the message is being sent.
pub(crate) const LEASE: Time = 60;
/// How many messages are sent at once, by each way. A slow mail server holds some of them for minutes, and must not
/// delay text messages. A program that sends text messages may be two processes; the unit allows 64.
const fn at_once(method: Method) -> usize {
    if matches!(method, Method::Email) { 32 } else { 16 }
}

/// For how many more messages each way has room.
type Room = [(Method, u32); Method::CONTACTS.len()];

/// The messages that are being sent.
#[derive(Default)]
struct Sending {
    all: JoinSet<()>,
    by: HashMap<task::Id, Method>,
}

impl Sending {
    fn room(&self) -> Room {
        Method::CONTACTS.map(|method| {
            let busy = self.by.values().filter(|by| **by == method).count();
            (method, u32::try_from(at_once(method).saturating_sub(busy)).unwrap_or_default())
        })
    }

    fn begin(&mut self, method: Method, send: impl Future<Output = ()> + Send + 'static, apart: &Handle) {
        self.by.insert(self.all.spawn_on(send, apart).id(), method);
    }

    /// Waits until one message is done; forever if there is none.
    async fn one_ends(&mut self) {
        let Some(ended) = self.all.join_next_with_id().await else { return std::future::pending().await };
        self.by.remove(&ended.map_or_else(|error| error.id(), |(id, ())| id));
    }
}

/// How often outdated rows are deleted while messages are sent: this searches the whole table.
const TIDY_EVERY: Duration = Duration::from_mins(10);

/// Sends due messages as long as the agent runs, each `apart` from the dialogues. While nothing waits, it sleeps without a
/// timer, unless other servers have the same store; a reload of the settings wakes it.
pub async fn run(agent: Reloadable<Snapshot>, apart: Handle) {
    let (mut sending, mut tidied) = (Sending::default(), None);
    loop {
        let agent = agent.now();
        let pause = match send_due(&agent, &mut sending, &mut tidied, &apart).await {
            Ok(pause) => pause,
            Err(error) => {
                tracing::error!(%error, "the outbox can't be read");
                Some(Duration::from_secs(30))
            }
        };
        let nap = async {
            match pause {
                Some(pause) => tokio::time::sleep(pause).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = agent.outbox.rings() => {}
            () = nap => {}
            () = sending.one_ends() => {}
        }
    }
}

/// Starts sending due messages, and returns how long until more are due.
async fn send_due(
    agent: &Arc<Snapshot>,
    sending: &mut Sending,
    tidied: &mut Option<Instant>,
    apart: &Handle,
) -> Result<Option<Duration>> {
    let now = agent.now();
    // Most of the time it was a message that is done, or the one that rang is under way already. No writer is waited for
    // then. A time further ahead comes from a clock that was ahead.
    let next = agent.store.look().await?.next_tries(&Method::CONTACTS).await?;
    let is_later = |next: Time| now < next && next <= now + PAUSE_MAX;
    // A server that dies leaves its messages to the others, and rings no bell.
    let idle = agent.store.is_shared().then_some(Duration::from_secs(LEASE.unsigned_abs()));
    if next.is_none_or(is_later) {
        return Ok(next.map(|next| pause(next, now)).or(idle));
    }
    let (due, next) = take_due(agent, now, sending.room()).await?;
    // First, as messages that are on their way would wait for its transactions, and not for long.
    if !due.is_empty() && tidied.is_none_or(|at| at.elapsed() >= TIDY_EVERY) {
        *tidied = Some(Instant::now());
        // Messages leave whatever becomes of it.
        if let Err(error) = housekeeping::prune(agent).await {
            tracing::error!(%error, "outdated rows could not be deleted");
        }
    }
    for (method, waiting) in due {
        let agent = agent.clone();
        let send = async move {
            if let Err(error) = send_one(&agent, &agent.deliveries, &waiting).await {
                // The message becomes due again when its lease ends.
                tracing::error!(%error, "a message could not be handled");
            }
            // The delivering thread may sleep for hours now.
            wipe_stack::<64>();
        };
        sending.begin(method, send, apart);
    }
    Ok(next.map(|next| pause(next, now)).or(idle))
}

/// How long to wait for what is due at `next`.
fn pause(next: Time, now: Time) -> Duration {
    Duration::from_secs(u64::try_from((next - now).clamp(0, LEASE)).unwrap_or_default())
}

/// Leases due messages, for each way at most as many as it has `room` for, and returns when more are due. A way
/// without room is not waited for: it is checked again when one of its messages is done. Messages that are too late by
/// now are dropped.
async fn take_due(agent: &Snapshot, now: Time, room: Room) -> Result<(Vec<(Method, Waiting)>, Option<Time>)> {
    let mut tx = agent.begin().await?;
    ClockJump::settle_if_noticed(&mut tx, now).await?;
    let taken = Messages::take_due(&mut tx, &room, now + LEASE, now).await?;
    tx.commit().await?;
    match taken.late {
        0 => {}
        1 => tracing::warn!("a message was given up: it could not be sent in time"),
        late => tracing::warn!("{late} messages were given up: they could not be sent in time"),
    }
    Ok((taken.messages, taken.next))
}

#[cfg(any(test, fuzzing))]
#[allow(clippy::unwrap_used, reason = "for tests")]
pub(crate) mod tests_support {
    //! The mailbox of a test: what the background task would send, and to whom.

    use super::{
        one::{Admission, admit, closed, language, send_one},
        *,
    };
    use crate::{
        delivery::{Deliveries, Message},
        message_texts,
        outbox::{OutboxMessage, opened},
    };

    /// Sends the waiting messages once.
    #[cfg(test)]
    pub(crate) async fn send(agent: &Snapshot, deliveries: &Deliveries) {
        let room = Method::CONTACTS.map(|method| (method, 1000));
        let (due, _) = take_due(agent, agent.now(), room).await.unwrap();
        for (_, waiting) in due {
            send_one(agent, deliveries, &waiting).await.unwrap();
        }
    }

    /// Starts sending what waits, and returns how long the task sleeps then, if it has a timer.
    #[cfg(test)]
    pub(crate) async fn rests(agent: &Arc<Snapshot>) -> Option<Duration> {
        send_due(agent, &mut Sending::default(), &mut None, &Handle::current()).await.unwrap()
    }

    /// Takes out all messages that would be sent now, through the same admission as the real task.
    pub(crate) async fn drain(agent: &Snapshot) -> Vec<(OutboxMessage, Message)> {
        let now = agent.now();
        let due = {
            let mut tx = agent.begin().await.unwrap();
            let mut due = Vec::new();
            for method in Method::CONTACTS {
                due.extend(Messages::take(&mut tx, method, 1000, now + LEASE, now).await.unwrap());
            }
            due.sort_by_key(|waiting| waiting.id);
            tx.commit().await.unwrap();
            due
        };
        let mut sent = Vec::new();
        for waiting in due {
            let queued = opened(&agent.keys, &waiting.sealed).unwrap();
            if now < waiting.not_after
                && let Admission::To(contact) = admit(agent, &queued, &waiting).await.unwrap()
            {
                let texts = agent.languages.texts(language(agent, &queued).await.unwrap());
                let message = message_texts::render(agent, texts, &queued, contact, &waiting).await.unwrap();
                sent.push((queued, message));
            }
            closed(agent, &waiting, now).await.unwrap();
        }
        sent
    }
}
