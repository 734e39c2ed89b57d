//! `sspr remove`: removes everything that is registered.

use sspr_config::dialogue::Standing;

use super::{
    Conversation, Ending, Stop, enroll,
    owner::{self, Errand},
};
use crate::{
    audit::Event,
    notifications::{self, Changed},
    session::Session,
    store::{LookUps as _, Registrations},
};

/// The word that the user has to type; the same in all languages.
const WORD: &str = "remove";

pub(super) async fn remove(conversation: &mut Conversation, s: &Session) -> Result<Ending, Stop> {
    let enrollment = match owner::open_enrollment(conversation, s, Errand::Registered).await? {
        Ok(enrollment) => enrollment,
        Err(ending) => return Ok(ending),
    };
    // Through a host of the fleet, the name is known to be somebody's from here on.
    let s = &s.vouched();
    if enroll::list(s, &enrollment).is_empty() {
        return Ok(Ending::refused(s.say("status-nothing")));
    }
    let typed = loop {
        let question = format!("{}\n{}", s.say("remove"), enroll::list(s, &enrollment).join("\n"));
        let typed = conversation.word(question, s.say("remove-prompt")).await?;
        if !conversation.has_turned() {
            break typed;
        }
    };
    if typed.as_str() != WORD {
        return Ok(Ending::refused(s.say("enroll-unchanged")));
    }
    if !enrollment.is_theirs(s).await? {
        return Ok(Ending::refused(s.say("register-changed")));
    }
    let name = s.name();
    let mut tx = s.begin().await?;
    if tx.id_at_registration(name).await? != Some(enrollment.id) {
        return Ok(Ending::refused(s.say("register-changed")));
    }
    // Contacts that were registered after this dialogue began are notified too.
    let told = Registrations::get(&mut tx, &s.keys, name).await?.map(|r| r.usable()).unwrap_or_default();
    notifications::changed(&mut tx, s, name, s.caller(), Changed::Everything, &told).await?;
    Registrations::withdraw(&mut tx, name, s.now()).await?;
    tx.commit().await?;
    s.outbox.wake();
    s.settled.forget(name.name);
    s.record(Event::Deleted, "everything");
    Ok(Ending::new(Standing::Finished, s.say("removed")))
}
