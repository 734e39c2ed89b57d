//! Adopts a local account into the directory: on an administrator's command, the directory entry with the same name
//! takes over the account's registration.

use sspr_config::{language::Language, names};

use super::{AdminCall, Error, Result, find, people, refused, wire::Done};
use crate::{
    account::{Id, Name},
    audit::{Deed, Event},
    credential::Verdict,
    notifications::{self, About, Changed},
    proof::Account,
    store::{
        Authenticators, LookUps as _, Overviews, Registrations, Synced, Tx, Uses, registrations,
        registrations::Registration,
    },
    targets::Placed,
};

/// Gives the usable contacts and the app of the local account `user` to the directory entry with its name, and
/// notifies these contacts. Recovery codes, help-desk codes and an exemption belong to the account itself, and are not
/// moved.
pub(super) async fn adopt(call: &AdminCall, user: &str) -> Result<Done> {
    let agent = &call.agent;
    if agent.settings.directory.kind.is_none() {
        return Err(refused("[directory] is not set"));
    }
    let from = Name::local(user);
    let placed = Placed::in_the_directory(names::folded(user, &agent.settings.directory.domains));
    let to = placed.name();
    let state = agent.targets.account(to).await.map_err(crate::error::Error::from)?;
    if state.verdict != Verdict::Eligible {
        let why = find::why_not(state.verdict);
        return Err(refused(format!("{user} of the directory can't take anything over: {why}")));
    }
    let mut tx = agent.begin().await?;
    let registration = Registrations::get(&mut tx, &agent.keys, from).await?;
    let registration =
        registration.ok_or_else(|| Error::NotFound(format!("the local account {user} has nothing registered")))?;
    if agent.targets.known(from).is_some_and(|id| id != registration.id) {
        return Err(refused(format!("what is registered for {user} is of another account that had this name")));
    }
    let theirs = Registrations::get(&mut tx, &agent.keys, to).await?.filter(|own| own.id == state.id);
    if let Some(theirs) = theirs
        && (theirs.contacts.iter().any(|own| own.source.is_none()) || Authenticators::exists(&mut tx, to).await?)
    {
        return Err(refused(format!("{user} of the directory has registered already")));
    }
    take_over(call, &mut tx, from, &registration, to, state.id).await?;
    Overviews::forget(&mut tx, from).await?;
    Account::new(&agent.keys, from).void(&mut tx, &agent.keys, agent.now()).await?;
    tx.commit().await?;
    agent.outbox.wake();
    agent.settled.forget(user);
    agent.settled.forget(to.name);
    let reason = "taken over from the local account";
    call.record(Deed { event: Event::Imported, success: true, account: to.name, reason });
    Ok(Done { changed: true })
}

/// Each contact is notified about itself, and all of them about the app. The date of the last confirmation stays.
async fn take_over(
    call: &AdminCall,
    tx: &mut Tx<'_>,
    from: Name<'_>,
    registration: &Registration,
    to: Name<'_>,
    id: Id,
) -> Result<()> {
    let agent = &call.agent;
    let (keys, random, now) = (&agent.keys, agent.random.as_ref(), agent.now());
    let contacts = registration.usable();
    let app = Authenticators::get(tx, keys, from).await?;
    if contacts.is_empty() && app.is_none() {
        return Err(refused(format!("{from} has only contacts that are not confirmed; they are not taken over")));
    }
    for own in registration.contacts.iter().filter(|own| own.usable) {
        let Some(source) = &own.source else {
            Registrations::add_contact(tx, keys, random, to, id, &own.contact, now).await?;
            continue;
        };
        // It stays a synchronized contact, and its source can still take it back. A contact that is there already has
        // another source.
        if Registrations::import_contact(tx, keys, random, to, id, &own.contact, true, now).await? {
            Synced::vouch(tx, to, &registrations::lookup(keys, &own.contact), source).await?;
        }
    }
    for preferred in registration.contacts.iter().filter(|own| own.usable && own.preferred) {
        let lookup = registrations::lookup(keys, &preferred.contact);
        if let Some(row) = Registrations::find_contact(tx, to, preferred.contact.method(), Some(&lookup)).await? {
            Registrations::prefer(tx, to, row).await?;
        }
    }
    if let Some(app) = &app {
        Authenticators::put(tx, keys, random, to, id, &app.secret, app.last_step, now).await?;
    }
    Uses::carry(tx, from, to).await?;
    Registrations::confirm(tx, to, registration.confirmed).await?;
    if let Some(language) = tx.language(from).await?.as_deref().and_then(Language::from_tag) {
        Registrations::set_language(tx, to, language).await?;
    }
    let by = people::by_an_administrator();
    for contact in &contacts {
        let change = Changed::Added(About::contact(contact));
        notifications::changed(tx, agent, to, &by, change, std::slice::from_ref(contact)).await?;
    }
    if app.is_some() {
        notifications::changed(tx, agent, to, &by, Changed::Added(About::app()), &contacts).await?;
    }
    Ok(())
}
