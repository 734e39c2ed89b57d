//! Notes to a person about what happened to the account: to every contact, so that the one who did not do it hears of it.

use crate::{
    clock::Time,
    contact::Contact,
    dialogue::Caller,
    doors::Doors,
    error::Result,
    outbox::{self, Letter, Note, NoteKind},
    store::registrations,
};

/// A note that can't be sent within this time is of no use any more.
const KEPT: Time = 24 * 3600;

/// The password was reset.
pub async fn recovered(doors: &Doors, name: &str, caller: &Caller) -> Result<()> {
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let registration = registrations::get(&mut tx, &doors.keys, name).await?;
    tx.commit().await?;
    drop(session);
    match registration {
        Some(registration) => {
            put(doors, NoteKind::Recovered, name, caller, registration.contacts.iter().map(|c| &c.contact)).await
        }
        None => Ok(()),
    }
}

/// What is registered was changed; `before` are the contacts that were registered until then.
pub async fn contact_changed<'a>(
    doors: &Doors,
    name: &str,
    caller: &Caller,
    before: impl Iterator<Item = &'a Contact>,
) -> Result<()> {
    put(doors, NoteKind::ContactChanged, name, caller, before).await
}

async fn put<'a>(
    doors: &Doors,
    kind: NoteKind,
    name: &str,
    caller: &Caller,
    contacts: impl Iterator<Item = &'a Contact>,
) -> Result<()> {
    let now = doors.clock.now();
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
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
        outbox::put(&mut tx, doors, None, &letter, now, now + KEPT).await?;
    }
    tx.commit().await?;
    drop(session);
    doors.outbox.wake();
    Ok(())
}
