//! Recovery codes: shown once, at the end of a registration or by `sspr codes`.

use sspr_config::dialogue::Standing;

use super::{Caller, Ending, Stop, Talk, desk::Desk, owner};
use crate::{
    audit::{self, Event},
    doors::Doors,
    error::Error,
    notes::{self, Changed},
    proof::Case,
    recovery_codes,
    store::{recovery_codes as rows, registrations},
};

/// `sspr codes`: new ones, in place of the old ones.
pub(super) async fn codes(talk: &mut Talk, doors: &Doors, caller: &Caller, case: &Case) -> Result<Ending, Stop> {
    let texts = &doors.texts;
    if !doors.settings.recover.recovery_codes {
        return Ok(Ending::refused(texts.say("codes-off", &[])));
    }
    let desk = match owner::at_desk(talk, doors, caller, case).await? {
        Ok(desk) => desk,
        Err(ending) => return Ok(ending),
    };
    if !desk.has_any() {
        return Ok(Ending::refused(texts.say("status-nothing", &[])));
    }
    let Some(shown) = make(doors, caller, case, &desk, true).await? else {
        return Ok(Ending::refused(texts.say("register-changed", &[])));
    };
    // As a question, so that they stay on the screen until they are written down.
    talk.line(shown, texts.say("go-on-prompt", &[])).await?;
    Ok(Ending::new(Standing::Finished, ""))
}

/// New codes, to be shown, for somebody who is registered and has none.
pub(super) async fn first(doors: &Doors, caller: &Caller, case: &Case, desk: &Desk) -> Result<Option<String>, Stop> {
    if !doors.settings.recover.recovery_codes || !desk.has_any() {
        return Ok(None);
    }
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let left = rows::left(&mut tx, &case.account.name).await?;
    tx.commit().await.map_err(Error::from)?;
    drop(session);
    if left > 0 { Ok(None) } else { make(doors, caller, case, desk, false).await }
}

/// Makes codes, keeps what tells them, and gives the text that shows them. They are kept before they are shown: one that was
/// seen must be good. `None`: the account is locked, or somebody else's, by now.
async fn make(doors: &Doors, caller: &Caller, case: &Case, desk: &Desk, tell: bool) -> Result<Option<String>, Stop> {
    if !desk.is_theirs(doors, caller, case).await? {
        return Ok(None);
    }
    let codes = recovery_codes::make(doors.random.as_ref())?;
    let (name, now) = (&case.account.name, doors.clock.now());
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    if registrations::uid_of(&mut tx, name).await? != Some(desk.uid) {
        return Ok(None);
    }
    rows::replace(&mut tx, &doors.keys, name, &codes, now).await?;
    if tell {
        notes::changed(&mut tx, doors, name, caller, Changed::Codes, &desk.told()).await?;
    }
    tx.commit().await.map_err(Error::from)?;
    drop(session);
    doors.outbox.wake();
    audit::record(Event::CodesMade, case, caller, "");
    let mut lines = vec![doors.texts.say("codes-shown", &[])];
    for pair in codes.chunks(2) {
        let pair: Vec<_> = pair.iter().map(|code| recovery_codes::shown(code)).collect();
        let pair: Vec<&str> = pair.iter().map(|code| code.as_str()).collect();
        lines.push(format!("    {}", pair.join("    ")));
    }
    lines.push(doors.texts.say("codes-keep", &[]));
    Ok(Some(lines.join("\n")))
}
