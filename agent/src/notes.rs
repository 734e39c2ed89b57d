//! Notes to a person about what happened to the account: to every contact, so that the one who did not do it hears of it.

use sspr_config::dialogue::Purpose;

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
        let contacts = registration.contacts.iter().map(|c| &c.contact);
        put(&mut tx, doors, kind, name, caller, contacts).await?;
    }
    tx.commit().await?;
    drop(session);
    doors.outbox.wake();
    Ok(())
}

/// What is registered was changed, in the transaction in which it is; `before` are the contacts that were registered
/// until then. Call [`outbox::Outbox::wake`] after the commit.
pub async fn contact_changed<'a>(
    tx: &mut Tx<'_>,
    doors: &Doors,
    name: &str,
    caller: &Caller,
    before: impl Iterator<Item = &'a Contact>,
) -> Result<()> {
    put(tx, doors, NoteKind::ContactChanged, name, caller, before).await
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
        let contacts = registration.contacts.iter().map(|c| &c.contact);
        put(&mut tx, doors, NoteKind::Blocked, name, &case.caller, contacts).await?;
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
    put(&mut tx, doors, NoteKind::AdminRecovered, name, caller, admins.iter()).await?;
    tx.commit().await?;
    drop(session);
    doors.outbox.wake();
    Ok(())
}

async fn put<'a>(
    tx: &mut Tx<'_>,
    doors: &Doors,
    kind: NoteKind,
    name: &str,
    caller: &Caller,
    contacts: impl Iterator<Item = &'a Contact>,
) -> Result<()> {
    let now = doors.clock.now();
    for contact in contacts {
        let letter = Letter::Note(Note {
            kind,
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
