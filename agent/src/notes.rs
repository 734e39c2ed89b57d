//! Notes to a person about what happened to the account: to every contact, so that the one who did not do it hears of it.

use serde::{Deserialize, Serialize};
use sspr_config::{dialogue::Purpose, settings::Method};

use crate::{
    account::{Id, Name},
    caller::Caller,
    clock::Time,
    contact::{Contact, EmailAddress},
    error::Result,
    limits,
    outbox::{self, Letter, Note, NoteKind},
    services::Services,
    session::Session,
    snapshot::Snapshot,
    store::{Messages, Registrations, Tx},
};

/// A note that can't be sent within this time is of no use any more.
const KEPT: Time = 24 * 3600;

/// Longer than a change of a password may take, and than the look at what came of it.
const HELD: Time = 90;

/// Notes that the password was reset, written before it is: they are held back until it is known whether it was. Should the
/// agent not live to hear that, they go by themselves. It may have been changed, and then its owner has to hear of it.
#[derive(Debug)]
pub struct Held(Vec<i64>);

/// Before the password of the account with `id` is changed, in the transaction that spends the proofs. Call
/// [`outbox::Outbox::wake`] after the commit: should nothing else be heard of it, the outbox has to know when it is due.
pub async fn recovering(tx: &mut Tx<'_>, s: &Session, id: Id) -> Result<Held> {
    if !s.settings.notify.recovery {
        return Ok(Held(Vec::new()));
    }
    // What the account before registered is not told.
    let registration = Registrations::get(tx, &s.keys, s.name()).await?.filter(|r| r.id == id);
    let Some(registration) = registration else { return Ok(Held(Vec::new())) };
    let rows = put(tx, s, NoteKind::Recovered, None, s.name(), s.caller(), &registration.usable()).await?;
    for row in &rows {
        Messages::later(tx, *row, s.now() + HELD).await?;
    }
    Ok(Held(rows))
}

impl Held {
    /// It was changed, or may have been.
    pub async fn send(self, services: &Services) -> Result<()> {
        self.settle(services, true).await?;
        services.outbox.wake();
        Ok(())
    }

    /// It was not.
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

/// A lock after too many wrong passwords was taken off.
pub async fn unlocked(s: &Session) -> Result<()> {
    let mut tx = s.begin().await?;
    if let Some(registration) = Registrations::get(&mut tx, &s.keys, s.name()).await? {
        put(&mut tx, s, NoteKind::Unlocked, None, s.name(), s.caller(), &registration.usable()).await?;
    }
    tx.commit().await?;
    s.outbox.wake();
    Ok(())
}

/// What is registered was changed, in the transaction in which it is; `before` are the contacts that were registered
/// until then. Call [`outbox::Outbox::wake`] after the commit.
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
    put(tx, agent, NoteKind::ContactChanged, Some(change), name, caller, before).await.map(drop)
}

/// Self-service of the account begins to rest. Looked up and put in the outbox behind the back of the user who typed the last wrong
/// code, who is answered alike and at once whether anybody is told.
pub fn blocked_soon(s: &Session) {
    // Wrong codes for a contact that is just being registered concern only the user who types them.
    if !s.settings.notify.blocked || s.purpose() == Purpose::Register {
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
        put(&mut tx, s, NoteKind::Blocked, None, name, s.caller(), &registration.usable()).await?;
    }
    tx.commit().await?;
    s.outbox.wake();
    Ok(())
}

/// The password of an administrator was reset: to the addresses that the settings name.
pub async fn admin_recovered(s: &Session) -> Result<()> {
    to_admins(s, NoteKind::AdminRecovered, s.name()).await
}

/// More codes were wrong than people mistype, which `kind` says of whom. Put in the outbox behind the back of the user who typed the
/// last one.
pub fn many_failures_soon(s: &Session, kind: NoteKind) {
    let s = s.clone();
    tokio::spawn(async move {
        if let Err(error) = to_admins(&s, kind, Name::local("-")).await {
            tracing::error!(%error, "a note that many codes are wrong");
        }
    });
}

async fn to_admins(s: &Session, kind: NoteKind, name: Name<'_>) -> Result<()> {
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
    kind: NoteKind,
    change: Option<Changed>,
    name: Name<'_>,
    caller: &Caller,
    contacts: &[Contact],
) -> Result<Vec<i64>> {
    let now = services.now();
    let mut rows = Vec::new();
    for contact in contacts {
        let letter = Letter::Note(Note {
            kind,
            change: change.clone(),
            realm: name.realm.to_owned(),
            name: name.name.to_owned(),
            method: contact.method().as_str().to_owned(),
            contact: contact.as_str().to_owned(),
            at: now,
            service: caller.service.clone(),
            source: caller.source.clone(),
        });
        rows.push(outbox::put(tx, services, contact.method(), None, &letter, now, now + KEPT).await?);
    }
    Ok(rows)
}

/// What was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Changed {
    /// This is registered now.
    Added(About),
    /// The directory has this, and it can be used from then on.
    Announced(About, Time),
    /// This is not registered any more.
    Removed(About),
    /// Of several of its kind, this one comes first now.
    Preferred(About),
    /// There are new recovery codes, and the old ones are worth nothing.
    Codes,
    /// Nothing is registered any more.
    Everything,
}

impl Changed {
    /// The word of the method that it is about, for the audit trail.
    pub fn method(&self) -> &'static str {
        match self {
            Self::Added(about) | Self::Announced(about, _) | Self::Removed(about) | Self::Preferred(about) => {
                about.method().as_str()
            }
            Self::Codes => "codes",
            Self::Everything => "everything",
        }
    }
}

/// A way that is registered, said so that a stranger who reads it learns nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum About {
    /// A mail address, masked.
    Email(String),
    /// A telephone number, masked.
    Phone(String),
    /// The authenticator app.
    App,
}

impl About {
    /// This contact.
    pub fn contact(contact: &Contact) -> Self {
        match contact {
            Contact::Email(_) => Self::Email(contact.masked()),
            Contact::Phone(_) => Self::Phone(contact.masked()),
        }
    }

    /// The authenticator app.
    pub const fn app() -> Self {
        Self::App
    }

    const fn method(&self) -> Method {
        match self {
            Self::Email(_) => Method::Email,
            Self::Phone(_) => Method::Phone,
            Self::App => Method::App,
        }
    }
}
