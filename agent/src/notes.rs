//! Notes to a person about what happened to the account: to every contact, so that the one who did not do it hears of it.

use serde::{Deserialize, Serialize};
use sspr_config::{dialogue::Purpose, settings::Method};

use crate::{
    clock::Time,
    contact::{Contact, EmailAddress},
    dialogue::Caller,
    doors::Doors,
    error::Result,
    limits::{self, Allowance},
    outbox::{self, Letter, Note, NoteKind},
    proof::Case,
    store::{Tx, registrations},
};

/// A note that can't be sent within this time is of no use any more.
const KEPT: Time = 24 * 3600;

/// The password was reset.
pub async fn recovered(doors: &Doors, name: &str, caller: &Caller) -> Result<()> {
    to_all(doors, NoteKind::Recovered, name, caller).await
}

/// A lock after too many wrong passwords was taken off.
pub async fn unlocked(doors: &Doors, name: &str, caller: &Caller) -> Result<()> {
    to_all(doors, NoteKind::Unlocked, name, caller).await
}

async fn to_all(doors: &Doors, kind: NoteKind, name: &str, caller: &Caller) -> Result<()> {
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    if let Some(registration) = registrations::get(&mut tx, &doors.keys, name).await? {
        put(&mut tx, doors, kind, None, name, caller, &registration.usable()).await?;
    }
    tx.commit().await?;
    drop(session);
    doors.outbox.wake();
    Ok(())
}

/// What is registered was changed, in the transaction in which it is; `before` are the contacts that were registered
/// until then. Call [`outbox::Outbox::wake`] after the commit.
pub async fn changed(
    tx: &mut Tx<'_>,
    doors: &Doors,
    name: &str,
    caller: &Caller,
    change: Changed,
    before: &[Contact],
) -> Result<()> {
    if !doors.settings.notify.changes {
        return Ok(());
    }
    put(tx, doors, NoteKind::ContactChanged, Some(change), name, caller, before).await
}

/// Self-service of the account that `case` is about begins to rest. Looked up and put in the outbox behind the back of whoever
/// typed the last wrong code, who is answered alike and at once whether anybody is told.
pub fn blocked_soon(doors: &Doors, case: &Case) {
    // Wrong codes for a contact that is just being registered are a matter of whoever sits there.
    if !doors.settings.notify.blocked || case.purpose == Purpose::Register {
        return;
    }
    let (doors, case) = (doors.clone(), case.clone());
    tokio::spawn(async move {
        if let Err(error) = blocked(&doors, &case).await {
            tracing::error!(%error, correlation = case.dialogue, "a note that self-service rests");
        }
    });
}

async fn blocked(doors: &Doors, case: &Case) -> Result<()> {
    let name = &case.account.name;
    let uid = doors.people.uid(name);
    let key = doors.keys.mac("blocked-note", &[name.as_bytes()]);
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let registration = registrations::get(&mut tx, &doors.keys, name).await?.filter(|r| Some(r.uid) == uid);
    if let Some(registration) = registration
        && limits::blocked_note(&mut tx, &key, doors.clock.now()).await? == Allowance::Granted
    {
        put(&mut tx, doors, NoteKind::Blocked, None, name, &case.caller, &registration.usable()).await?;
    }
    tx.commit().await?;
    drop(session);
    doors.outbox.wake();
    Ok(())
}

/// The password of an administrator was reset: to the addresses that the settings name.
pub async fn admin_recovered(doors: &Doors, name: &str, caller: &Caller) -> Result<()> {
    let admins: Vec<Contact> = doors
        .settings
        .notify
        .admins
        .iter()
        .filter_map(|address| EmailAddress::parse(address).ok().map(Contact::Email))
        .collect();
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    put(&mut tx, doors, NoteKind::AdminRecovered, None, name, caller, &admins).await?;
    tx.commit().await?;
    drop(session);
    doors.outbox.wake();
    Ok(())
}

async fn put(
    tx: &mut Tx<'_>,
    doors: &Doors,
    kind: NoteKind,
    change: Option<Changed>,
    name: &str,
    caller: &Caller,
    contacts: &[Contact],
) -> Result<()> {
    let now = doors.clock.now();
    for contact in contacts {
        let letter = Letter::Note(Note {
            kind,
            change: change.clone(),
            name: name.to_owned(),
            method: contact.method().as_str().to_owned(),
            contact: contact.as_str().to_owned(),
            at: now,
            service: caller.service.clone(),
            source: caller.source.clone(),
        });
        outbox::put(tx, doors, None, &letter, now, now + KEPT).await?;
    }
    Ok(())
}

/// What was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Changed {
    /// This is registered now.
    Added(About),
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
            Self::Added(about) | Self::Removed(about) | Self::Preferred(about) => about.method().as_str(),
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
