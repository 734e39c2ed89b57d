//! The background task that sends what waits in the outbox, by each way as much at once as there is room for.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sspr_config::settings::Method;
use tokio::{runtime::Handle, task::JoinSet};

use crate::{
    clock::Time,
    error::Result,
    memory::wipe_stack,
    outbox::{LEASE, prune, send_one},
    reloadable::Reloadable,
    snapshot::Snapshot,
    store::{Messages, SetBack, outbox::Waiting},
};

/// How many messages leave at once, by each way. A slow mail server holds on to some of them for minutes, and what hangs there must
/// cost no text message. A program that sends those may be two processes, of which the unit allows 64.
const AT_ONCE: [(Method, u32); 2] = [(Method::Email, 32), (Method::Phone, 16)];

/// The messages that are being sent.
#[derive(Default)]
struct Sending {
    mail: JoinSet<()>,
    text: JoinSet<()>,
}

impl Sending {
    fn by(&mut self, method: Method) -> &mut JoinSet<()> {
        match method {
            Method::Email => &mut self.mail,
            Method::Phone | Method::App => &mut self.text,
        }
    }

    /// For how many more there is room, by each way.
    fn room(&mut self) -> [(Method, u32); 2] {
        AT_ONCE.map(|(method, most)| {
            let busy = u32::try_from(self.by(method).len()).unwrap_or(most);
            (method, most.saturating_sub(busy))
        })
    }

    /// Until one is done with; for ever where there is none.
    async fn one_ends(&mut self) {
        tokio::select! {
            Some(_) = self.mail.join_next() => {}
            Some(_) = self.text.join_next() => {}
            else => std::future::pending().await,
        }
    }
}

/// How often what is too old is forgotten while messages leave: all that is kept is looked through for it.
const TIDY_EVERY: Duration = Duration::from_mins(10);

/// Sends what is due for as long as the agent runs, each message `apart` from the dialogues. Sleeps without a timer while nothing
/// waits; a reload of the settings wakes it.
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

/// Starts sending what is due, and says how long until more is.
async fn send_due(
    agent: &Arc<Snapshot>,
    sending: &mut Sending,
    tidied: &mut Option<Instant>,
    apart: &Handle,
) -> Result<Option<Duration>> {
    let now = agent.now();
    let (due, next) = take_due(agent, now, sending.room()).await?;
    if !due.is_empty() && tidied.is_none_or(|at| at.elapsed() >= TIDY_EVERY) {
        prune(agent).await?;
        *tidied = Some(Instant::now());
    }
    for (method, waiting) in due {
        let agent = agent.clone();
        let send = async move {
            if let Err(error) = send_one(&agent, &agent.deliveries, &waiting).await {
                // It comes up again when its lease ends.
                tracing::error!(%error, "a message could not be handled");
            }
            // The thread that delivers may rest for hours now.
            wipe_stack::<65536>();
        };
        sending.by(method).spawn_on(send, apart);
    }
    Ok(next.map(|next| Duration::from_secs(u64::try_from((next - now).clamp(0, LEASE)).unwrap_or_default())))
}

/// Takes what is due on lease, by each way at most as much as it has `room` for, and says when more is. A way that is full is not
/// waited for: it is looked at again when a message of its is done with. What comes too late by now is given up.
pub(crate) async fn take_due(
    agent: &Snapshot,
    now: Time,
    room: [(Method, u32); 2],
) -> Result<(Vec<(Method, Waiting)>, Option<Time>)> {
    let mut tx = agent.begin().await?;
    SetBack::settle_if_noticed(&mut tx, now).await?;
    let taken = Messages::take_due(&mut tx, &room, now + LEASE, now).await?;
    tx.commit().await?;
    match taken.late {
        0 => {}
        1 => tracing::warn!("a message was given up: it could not be sent in time"),
        late => tracing::warn!("{late} messages were given up: they could not be sent in time"),
    }
    Ok((taken.messages, taken.next))
}
