//! `sspr remove`: everything that is registered goes.

use sspr_config::dialogue::Standing;

use super::{
    Caller, Ending, Stop, Talk, enroll,
    owner::{self, Errand},
};
use crate::{
    audit::{self, Event},
    doors::Doors,
    error::Error,
    notes::{self, Changed},
    proof::Case,
    store::registrations,
};

/// The word that has to be typed; the same in all languages.
const WORD: &str = "remove";

pub(super) async fn remove(talk: &mut Talk, doors: &Doors, caller: &Caller, case: &Case) -> Result<Ending, Stop> {
    let texts = &doors.texts;
    let desk = match owner::at_desk(talk, doors, caller, case, Errand::Registered).await? {
        Ok(desk) => desk,
        Err(ending) => return Ok(ending),
    };
    if enroll::list(doors, &desk).is_empty() {
        return Ok(Ending::refused(texts.say("status-nothing", &[])));
    }
    let typed = loop {
        let question = format!("{}\n{}", texts.say("remove", &[]), enroll::list(doors, &desk).join("\n"));
        let typed = talk.word(question, texts.say("remove-prompt", &[])).await?;
        if !talk.has_turned() {
            break typed;
        }
    };
    if typed.as_str() != WORD {
        return Ok(Ending::refused(texts.say("enroll-unchanged", &[])));
    }
    if !desk.is_theirs(doors, caller, case).await? {
        return Ok(Ending::refused(texts.say("register-changed", &[])));
    }
    let name = &case.account.name;
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    if registrations::uid_of(&mut tx, name).await? != Some(desk.uid) {
        return Ok(Ending::refused(texts.say("register-changed", &[])));
    }
    // Contacts that were registered after this dialogue began are notified too.
    let told = registrations::get(&mut tx, &doors.keys, name).await?.map(|r| r.usable()).unwrap_or_default();
    notes::changed(&mut tx, doors, name, caller, Changed::Everything, &told).await?;
    registrations::withdraw(&mut tx, name, doors.clock.now()).await?;
    tx.commit().await.map_err(Error::from)?;
    drop(session);
    doors.outbox.wake();
    doors.settled.forget(name);
    audit::record(Event::Deleted, case, caller, "everything");
    Ok(Ending::new(Standing::Finished, texts.say("removed", &[])))
}
