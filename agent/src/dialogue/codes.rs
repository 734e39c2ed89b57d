//! Recovery codes: shown once, at the end of a registration or by `sspr codes`.

use sspr_config::dialogue::Standing;
use zeroize::Zeroizing;

use super::{
    Caller, Ending, Stop, Talk,
    desk::Desk,
    misread,
    owner::{self, Errand, Owner},
    readable, reconfirm, too_quick,
};
use crate::{
    audit::{self, Event},
    clock::Time,
    doors::Doors,
    error::Error,
    notes::{self, Changed},
    proof::{self, Case},
    recovery_codes,
    store::{
        recovery_codes::{self as rows, Batch},
        registrations,
    },
    texts::Texts,
};

/// `sspr codes`: new ones, in place of the old ones.
pub(super) async fn codes(talk: &mut Talk, doors: &Doors, caller: &Caller, case: &Case) -> Result<Ending, Stop> {
    let texts = &doors.texts;
    if !doors.settings.recover.recovery_codes {
        return Ok(Ending::refused(texts.say("codes-off", &[])));
    }
    let desk = match owner::at_desk(talk, doors, caller, case, Errand::Registered).await? {
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
    talk.wait(|| shown.text(texts)).await?;
    shown.seen(doors, case).await?;
    Ok(Ending::new(Standing::Finished, ""))
}

/// Two dialogues may show codes at once; none lasts longer.
const SHOWN_FOR: Time = 3600;

/// New codes.
pub(super) struct Shown {
    codes: Vec<Zeroizing<String>>,
    batch: Batch,
}

impl Shown {
    /// What shows them.
    pub(super) fn text(&self, texts: &Texts) -> String {
        let mut lines = vec![texts.say("codes-shown", &[])];
        for pair in self.codes.chunks(2) {
            let pair: Vec<_> = pair.iter().map(|code| recovery_codes::shown(code)).collect();
            let pair: Vec<&str> = pair.iter().map(|code| code.as_str()).collect();
            lines.push(format!("    {}", pair.join("    ")));
        }
        lines.push(texts.say("codes-keep", &[]));
        lines.join("\n")
    }

    /// A user was there to read them. Until then new ones are made at the next opportunity.
    pub(super) async fn seen(&self, doors: &Doors, case: &Case) -> Result<(), Stop> {
        let mut session = doors.store.session().await;
        let mut tx = session.begin().await?;
        rows::seen(&mut tx, &case.account.name, self.batch, doors.clock.now()).await?;
        Ok(tx.commit().await.map_err(Error::from)?)
    }
}

/// Codes that nobody is known to have seen: the connection dropped while they were shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unseen {
    /// What they go with was registered from this very place a moment ago.
    ShownHere,
    /// They may have been shown to another person.
    Offered,
}

/// Whether something that `desk` has was registered from where `case` is, a moment ago.
pub(super) async fn made_here(doors: &Doors, case: &Case, desk: &Desk) -> Result<bool, Stop> {
    let contacts: Vec<_> = desk.usable().map(|registered| &registered.contact).collect();
    Ok(proof::registered_here(doors, case, &contacts, desk.app.is_some()).await?)
}

/// Shows new codes in place of those that nobody is known to have seen. The password alone, which is what a thief of it has
/// as well, is not enough for that, unless it is typed where they were shown a moment ago.
pub(super) async fn again(
    talk: &mut Talk,
    doors: &Doors,
    caller: &Caller,
    case: &Case,
    desk: &Desk,
    unseen: Unseen,
) -> Result<(), Stop> {
    let texts = &doors.texts;
    let question = || texts.say("codes-unseen", &[]);
    let mut text = question();
    loop {
        // Never by Enter alone, which a program presses: what it was shown would count as seen.
        match talk.word(text, texts.say("imported-prompt", &[])).await?.as_str() {
            "" | "later" => return Ok(()),
            // Shown to a program they would count as seen.
            "y" | "yes" if !reconfirm::is_read(talk, doors) => text = too_quick(talk, doors, &question())?,
            "y" | "yes" => break,
            "n" | "no" => return never_again(doors, case).await,
            _ => text = misread(talk, doors, question())?,
        }
    }
    if unseen == Unseen::Offered
        && let Owner::Not(ending) = owner::prove(talk, doors, caller, case, desk).await?
    {
        if !ending.text.is_empty() {
            talk.wait(|| readable(doors, &ending.text, "register-not-now")).await?;
        }
        return Ok(());
    }
    if let Some(shown) = first(doors, caller, case, desk).await? {
        talk.wait(|| shown.text(texts)).await?;
        shown.seen(doors, case).await?;
    }
    Ok(())
}

/// The person has them, or wants none: what there are stay good, and are not asked about again.
async fn never_again(doors: &Doors, case: &Case) -> Result<(), Stop> {
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    rows::all_seen(&mut tx, &case.account.name, doors.clock.now()).await?;
    Ok(tx.commit().await.map_err(Error::from)?)
}

/// Whether there are codes, and nobody is known to have seen any of them.
pub(super) async fn wait(doors: &Doors, case: &Case) -> Result<bool, Stop> {
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let name = &case.account.name;
    let wait = rows::left(&mut tx, name).await? > 0 && !rows::any_seen(&mut tx, name).await?;
    tx.commit().await.map_err(Error::from)?;
    Ok(wait)
}

/// New codes, to be shown, for a registered user who has seen none that are left.
pub(super) async fn first(doors: &Doors, caller: &Caller, case: &Case, desk: &Desk) -> Result<Option<Shown>, Stop> {
    if !doors.settings.recover.recovery_codes || !desk.has_any() {
        return Ok(None);
    }
    // A greeter cuts them off, or shows one line: they count as made and not seen, and new ones are shown at a terminal. Those that
    // there are may be on paper, and stay good.
    if !caller.has_terminal() && wait(doors, case).await? {
        return Ok(None);
    }
    Ok(make(doors, caller, case, desk, false).await?.filter(|_| caller.has_terminal()))
}

/// Makes codes, keeps what tells them, and gives the text that shows them. They are kept before they are shown: one that was
/// seen must be good. Where they are `wanted` they take the place of others, and the contacts are told. `None`: the account is
/// another user's by now, or they are not wanted and there are some.
async fn make(doors: &Doors, caller: &Caller, case: &Case, desk: &Desk, wanted: bool) -> Result<Option<Shown>, Stop> {
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
    let batch = if wanted {
        rows::replace(&mut tx, &doors.keys, name, &codes, now).await?
    } else if rows::any_seen(&mut tx, name).await? {
        return Ok(None);
    } else {
        rows::add_to_unseen(&mut tx, &doors.keys, name, &codes, now - SHOWN_FOR, now).await?
    };
    if wanted {
        notes::changed(&mut tx, doors, name, caller, Changed::Codes, &desk.told()).await?;
    }
    tx.commit().await.map_err(Error::from)?;
    drop(session);
    doors.outbox.wake();
    // Until they were seen there is something to ask at a sign-in.
    doors.settled.forget(name);
    audit::record(Event::CodesMade, case, caller, "");
    Ok(Some(Shown { codes, batch }))
}
