//! Recovery codes: shown once, at the end of a registration or by `sspr codes`.

use sspr_config::dialogue::Standing;
use zeroize::Zeroizing;

use super::{
    Ending, Stop, Talk,
    desk::Desk,
    misread,
    owner::{self, Errand, Owner},
    readable, reconfirm, too_quick,
};
use crate::{
    audit::Event,
    clock::Time,
    notes::{self, Changed},
    proof, recovery_codes,
    session::Session,
    store::{RecoveryCodes, recovery_codes::Batch, registrations},
    texts::Texts,
};

/// `sspr codes`: new ones, in place of the old ones.
pub(super) async fn codes(talk: &mut Talk, s: &Session) -> Result<Ending, Stop> {
    if !s.settings.recover.recovery_codes {
        return Ok(Ending::refused(s.say("codes-off")));
    }
    let desk = match owner::at_desk(talk, s, Errand::Registered).await? {
        Ok(desk) => desk,
        Err(ending) => return Ok(ending),
    };
    if !desk.has_any() {
        return Ok(Ending::refused(s.say("status-nothing")));
    }
    let Some(shown) = make(s, &desk, true).await? else {
        return Ok(Ending::refused(s.say("register-changed")));
    };
    // As a question, so that they stay on the screen until they are written down.
    talk.wait(|| shown.text(&s.texts)).await?;
    shown.seen(s).await?;
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
    pub(super) async fn seen(&self, s: &Session) -> Result<(), Stop> {
        let mut tx = s.begin().await?;
        RecoveryCodes::seen(&mut tx, s.name(), self.batch, s.now()).await?;
        Ok(tx.commit().await?)
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

/// Whether something that `desk` has was registered from where this dialogue is held, a moment ago.
pub(super) async fn made_here(s: &Session, desk: &Desk) -> Result<bool, Stop> {
    let contacts: Vec<_> = desk.usable().map(|registered| &registered.contact).collect();
    Ok(proof::registered_here(s, &contacts, desk.app.is_some()).await?)
}

/// Shows new codes in place of those that nobody is known to have seen. The password alone, which is what a thief of it has
/// as well, is not enough for that, unless it is typed where they were shown a moment ago.
pub(super) async fn again(talk: &mut Talk, s: &Session, desk: &Desk, unseen: Unseen) -> Result<(), Stop> {
    let question = || s.say("codes-unseen");
    let mut text = question();
    loop {
        // Never by Enter alone, which a program presses: what it was shown would count as seen.
        match talk.word(text, s.say("imported-prompt")).await?.as_str() {
            "" | "later" => return Ok(()),
            // Shown to a program they would count as seen.
            "y" | "yes" if !reconfirm::is_read(talk, s) => text = too_quick(talk, s, &question())?,
            "y" | "yes" => break,
            "n" | "no" => return never_again(s).await,
            _ => text = misread(talk, s, question())?,
        }
    }
    if unseen == Unseen::Offered
        && let Owner::Not(ending) = owner::prove(talk, s, desk).await?
    {
        if !ending.text.is_empty() {
            talk.wait(|| readable(s, &ending.text, "register-not-now")).await?;
        }
        return Ok(());
    }
    if let Some(shown) = first(s, desk).await? {
        talk.wait(|| shown.text(&s.texts)).await?;
        shown.seen(s).await?;
    }
    Ok(())
}

/// The person has them, or wants none: what there are stay good, and are not asked about again.
async fn never_again(s: &Session) -> Result<(), Stop> {
    let mut tx = s.begin().await?;
    RecoveryCodes::all_seen(&mut tx, s.name(), s.now()).await?;
    Ok(tx.commit().await?)
}

/// Whether there are codes, and nobody is known to have seen any of them.
pub(super) async fn wait(s: &Session) -> Result<bool, Stop> {
    let mut tx = s.begin().await?;
    let name = s.name();
    let wait = RecoveryCodes::left(&mut tx, name).await? > 0 && !RecoveryCodes::any_seen(&mut tx, name).await?;
    tx.commit().await?;
    Ok(wait)
}

/// New codes, to be shown, for a registered user who has seen none that are left.
pub(super) async fn first(s: &Session, desk: &Desk) -> Result<Option<Shown>, Stop> {
    if !s.settings.recover.recovery_codes || !desk.has_any() {
        return Ok(None);
    }
    // A greeter cuts them off, or shows one line: they count as made and not seen, and new ones are shown at a terminal. Those that
    // there are may be on paper, and stay good.
    if !s.caller().has_terminal() && wait(s).await? {
        return Ok(None);
    }
    Ok(make(s, desk, false).await?.filter(|_| s.caller().has_terminal()))
}

/// Makes codes, keeps what tells them, and gives the text that shows them. They are kept before they are shown: one that was
/// seen must be good. Where they are `wanted` they take the place of others, and the contacts are told. `None`: the account is
/// another user's by now, or they are not wanted and there are some.
async fn make(s: &Session, desk: &Desk, wanted: bool) -> Result<Option<Shown>, Stop> {
    if !desk.is_theirs(s).await? {
        return Ok(None);
    }
    let codes = recovery_codes::make(s.random.as_ref())?;
    let (name, now) = (s.name(), s.now());
    let mut tx = s.begin().await?;
    if registrations::id_at_registration(&mut tx, name).await? != Some(desk.id) {
        return Ok(None);
    }
    let batch = if wanted {
        RecoveryCodes::replace(&mut tx, &s.keys, name, &codes, now).await?
    } else if RecoveryCodes::any_seen(&mut tx, name).await? {
        return Ok(None);
    } else {
        RecoveryCodes::add_to_unseen(&mut tx, &s.keys, name, &codes, now - SHOWN_FOR, now).await?
    };
    if wanted {
        notes::changed(&mut tx, s, name, s.caller(), Changed::Codes, &desk.told()).await?;
    }
    tx.commit().await?;
    s.outbox.wake();
    // Until they were seen there is something to ask at a sign-in.
    s.settled.forget(name.name);
    s.record(Event::CodesMade, "");
    Ok(Some(Shown { codes, batch }))
}
