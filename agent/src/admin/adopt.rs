//! A local account becomes one of the directory: what it registered is kept for the entry with its name, if an administrator says so.

use sspr_config::names;

use super::{Desk, Result, find, not_found, refused, wire::Done};
use crate::{
    account::Name,
    audit::{Deed, Event},
    credential::Verdict,
    proof::Account,
    store::{Authenticators, Overviews, Registrations},
    targets::Placed,
};

/// Has the entry of the directory with the name of the local account `user` take over its usable contacts and its app. Recovery codes are
/// bound to the account, and new ones are made when they are wanted.
pub(super) async fn adopt(desk: &Desk, user: &str) -> Result<Done> {
    let agent = &desk.agent;
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
    let (keys, random, now) = (&agent.keys, agent.random.as_ref(), agent.now());
    let mut tx = agent.begin().await?;
    let registration = Registrations::get(&mut tx, keys, from).await?.ok_or_else(not_found)?;
    if agent.targets.known(from).is_some_and(|id| id != registration.id) {
        return Err(refused(format!("what is registered for {user} is of another account that had this name")));
    }
    let theirs = Registrations::get(&mut tx, keys, to).await?.filter(|own| own.id == state.id);
    if theirs.is_some_and(|own| !own.contacts.is_empty()) || Authenticators::exists(&mut tx, to).await? {
        return Err(refused(format!("{user} of the directory has registered already")));
    }
    for contact in registration.usable() {
        Registrations::add_contact(&mut tx, keys, random, to, state.id, &contact, now).await?;
    }
    if let Some(app) = Authenticators::get(&mut tx, keys, from).await? {
        Authenticators::put(&mut tx, keys, random, to, state.id, &app.secret, app.last_step, now).await?;
    }
    Overviews::forget(&mut tx, from).await?;
    Account::new(keys, from).void(&mut tx, keys, now).await?;
    tx.commit().await?;
    agent.settled.forget(user);
    let reason = "taken over from the local account";
    desk.record(Deed { event: Event::Imported, success: true, account: to.name, reason });
    Ok(Done { changed: true })
}
