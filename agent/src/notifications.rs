//! Notifications about an account. They go to every contact, so that an owner who did not make the change is notified.

use sspr_config::dialogue::Purpose;

use crate::{
    account::{Id, Name},
    caller::Caller,
    clock::Time,
    contact::{Contact, EmailAddress},
    error::Result,
    limits, machines,
    outbox::{self, Notification, NotificationKind, OutboxMessage},
    services::Services,
    session::Session,
    snapshot::Snapshot,
    source::named,
    store::{Messages, Registrations, Tx},
};

pub use crate::outbox::{About, Changed};

/// A notification that can't be sent within this time is dropped.
const KEPT: Time = 24 * 3600;

/// Longer than a change of a password and the check of its result may take.
const HELD: Time = 90;

/// The notifications about a reset, written before it. They are held back until the result is known. If the agent dies
/// before that, they are sent by themselves: the password may have been changed, and then its owner has to be
/// notified.
#[derive(Debug)]
pub struct Held(Vec<i64>);

/// Writes these notifications before the password of the account with `id` is changed, in the transaction that spends
/// the proofs. Call [`Bell::wake`](crate::bell::Bell::wake) after the commit, because the outbox has to know when they
/// are due.
pub async fn recovering(tx: &mut Tx<'_>, s: &Session, id: Id) -> Result<Held> {
    if !s.settings.notify.recovery {
        return Ok(Held(Vec::new()));
    }
    // A contact of an earlier account with this name is not notified.
    let registration = Registrations::get(tx, &s.keys, s.name()).await?.filter(|r| r.id == id);
    let Some(registration) = registration else { return Ok(Held(Vec::new())) };
    let rows = put(tx, s, NotificationKind::Recovered, None, s.name(), s.caller(), &registration.usable()).await?;
    for row in &rows {
        Messages::later(tx, *row, s.now() + HELD).await?;
    }
    Ok(Held(rows))
}

impl Held {
    /// The password was changed, or may have been.
    pub async fn send(self, services: &Services) -> Result<()> {
        self.settle(services, true).await?;
        services.outbox.wake();
        Ok(())
    }

    /// The password was not changed.
    pub async fn withdraw(self, services: &Services) -> Result<()> {
        self.settle(services, false).await
    }

    async fn settle(self, services: &Services, send: bool) -> Result<()> {
        let mut tx = services.begin().await?;
        for row in self.0 {
            if send {
                Messages::later(&mut tx, row, services.now()).await?;
            } else {
                Messages::remove(&mut tx, row).await?;
            }
        }
        tx.commit().await
    }
}

/// Notifies the user that the account was unlocked after too many wrong passwords.
pub async fn unlocked(s: &Session) -> Result<()> {
    let mut tx = s.begin().await?;
    if let Some(registration) = Registrations::get(&mut tx, &s.keys, s.name()).await? {
        put(&mut tx, s, NotificationKind::Unlocked, None, s.name(), s.caller(), &registration.usable()).await?;
    }
    tx.commit().await?;
    s.outbox.wake();
    Ok(())
}

/// Notifies the user that the registration was changed, in this transaction. `before` are the contacts that were
/// registered until then. Call [`Bell::wake`](crate::bell::Bell::wake) after the commit.
pub async fn changed(
    tx: &mut Tx<'_>,
    agent: &Snapshot,
    name: Name<'_>,
    caller: &Caller,
    change: Changed,
    before: &[Contact],
) -> Result<()> {
    if !agent.settings.notify.changes {
        return Ok(());
    }
    put(tx, agent, NotificationKind::ContactChanged, Some(change), name, caller, before).await.map(drop)
}

/// Notifies the user that self-service of the account is suspended. The account is looked up apart from the dialogue:
/// the user who typed the last wrong code gets the same answer at once, whether a contact is notified or not.
pub fn blocked_soon(s: &Session) {
    // Wrong codes for a contact that is being registered concern only the user who types them. Wrong codes that a
    // caller reads out to the help desk suspend no reset.
    if !s.settings.notify.blocked || matches!(s.purpose(), Purpose::Register | Purpose::Desk) {
        return;
    }
    let s = s.clone();
    tokio::spawn(async move {
        if let Err(error) = blocked(&s).await {
            tracing::error!(%error, correlation = s.attempt.dialogue, "a note that self-service is suspended");
        }
    });
}

async fn blocked(s: &Session) -> Result<()> {
    let name = s.name();
    let far = s.targets.is_far(name);
    let id = s.targets.known(name);
    let key = s.keys.mac("blocked-note", &[&name.bytes()]);
    let mut tx = s.begin().await?;
    let registration = Registrations::get(&mut tx, &s.keys, name).await?.filter(|r| far || Some(r.id) == id);
    if let Some(registration) = registration
        && limits::blocked_note(&mut tx, &key, s.now()).await?
    {
        put(&mut tx, s, NotificationKind::Blocked, None, name, s.caller(), &registration.usable()).await?;
    }
    tx.commit().await?;
    s.outbox.wake();
    Ok(())
}

/// Notifies the addresses in the settings that the password of an administrator was reset.
pub async fn admin_recovered(s: &Session) -> Result<()> {
    to_admins(s, NotificationKind::AdminRecovered, s.name()).await
}

/// Notifies the addresses in the settings that more codes were wrong than by typos; `kind` says where. The notification
/// is written apart from the dialogue of the user who typed the last code.
pub fn many_failures_soon(s: &Session, kind: NotificationKind) {
    let s = s.clone();
    tokio::spawn(async move {
        if let Err(error) = to_admins(&s, kind, Name::local("-")).await {
            tracing::error!(%error, "a note that many codes are wrong");
        }
    });
}

async fn to_admins(s: &Session, kind: NotificationKind, name: Name<'_>) -> Result<()> {
    let admins: Vec<Contact> = s
        .settings
        .notify
        .admins
        .iter()
        .filter_map(|address| EmailAddress::parse(address).ok().map(Contact::Email))
        .collect();
    let mut tx = s.begin().await?;
    put(&mut tx, s, kind, None, name, s.caller(), &admins).await?;
    tx.commit().await?;
    s.outbox.wake();
    Ok(())
}

async fn put(
    tx: &mut Tx<'_>,
    services: &Services,
    kind: NotificationKind,
    change: Option<Changed>,
    name: Name<'_>,
    caller: &Caller,
    contacts: &[Contact],
) -> Result<Vec<i64>> {
    let now = services.now();
    let mut rows = Vec::new();
    if contacts.is_empty() {
        return Ok(rows);
    }
    let source = place(tx, caller).await?;
    for contact in contacts {
        let queued = OutboxMessage::Notification(Notification {
            kind,
            change: change.clone(),
            realm: name.realm.to_owned(),
            name: name.name.to_owned(),
            method: contact.method().as_str().to_owned(),
            contact: contact.as_str().to_owned(),
            at: now,
            service: caller.service.clone(),
            source: source.clone(),
        });
        rows.push(outbox::put(tx, services, contact.method(), None, &queued, now, now + KEPT).await?);
    }
    Ok(rows)
}

/// The source of the user for a reader: a host of the fleet by its name.
async fn place(tx: &mut Tx<'_>, caller: &Caller) -> Result<String> {
    let Some(id) = &caller.host else { return Ok(caller.source.clone()) };
    Ok(named(&caller.source, &machines::of_host(tx, id).await?))
}
