//! Notes to a person about what happened to the account: to every contact, so that the one who did not do it hears of it.

use crate::{
    clock::Time,
    contact::Contact,
    dialogue::Caller,
    doors::Doors,
    error::Result,
    outbox::{self, Letter, Note, NoteKind},
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
