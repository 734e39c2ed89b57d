//! Recovery codes: shown once, at the end of a registration or by `sspr codes`.

use sspr_config::dialogue::Standing;
use zeroize::Zeroizing;

use super::{
    Conversation, Ending, Stop,
    enrollment::Enrollment,
    is_read, misread,
    owner::{self, Errand, Owner},
    readable, too_quick,
};
use crate::{
    audit::Event,
    clock::Time,
    notifications::{self, Changed},
    proof, recovery_codes,
    session::Session,
    store::{LookUps as _, RecoveryCodes, recovery_codes::Batch},
    texts::Texts,
};

/// `sspr codes`: replaces the recovery codes with new ones.
pub(super) async fn codes(conversation: &mut Conversation, s: &Session) -> Result<Ending, Stop> {
    if !s.settings.recover.recovery_codes {
        return Ok(Ending::refused(s.say("codes-off")));
    }
    let enrollment = match owner::open_enrollment(conversation, s, Errand::Registered).await? {
        Ok(enrollment) => enrollment,
        Err(ending) => return Ok(ending),
    };
    // Through a host of the fleet, the name is known to be somebody's from here on.
    let s = &s.vouched();
    if !enrollment.has_any() {
        return Ok(Ending::refused(s.say("status-nothing")));
    }
    let Some(shown) = make(s, &enrollment, true).await? else {
        return Ok(Ending::refused(s.say("register-changed")));
    };
    // A question keeps them on the screen until the user has written them down.
    conversation.wait(|| shown.text(&s.texts)).await?;
    shown.seen(s).await?;
    Ok(Ending::new(Standing::Finished, ""))
}

/// Seconds for which codes count as being shown, because two dialogues may show codes at once. No dialogue lasts
/// longer.
const SHOWN_FOR: Time = 3600;

/// New codes, to be shown.
pub(super) struct Shown {
    codes: Vec<Zeroizing<String>>,
    batch: Batch,
}

impl Shown {
    /// The text that shows them.
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

    /// Notes that a user was there to read them. Until then, new ones are made at the next opportunity.
    pub(super) async fn seen(&self, s: &Session) -> Result<(), Stop> {
        let mut tx = s.begin().await?;
        RecoveryCodes::seen(&mut tx, s.name(), self.batch, s.now()).await?;
        Ok(tx.commit().await?)
    }
}

/// Codes that the user may not have seen, because the connection dropped while they were shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unseen {
    /// The user registered from this source a moment ago.
    ShownHere,
    /// The codes may have been shown to another person.
    Offered,
}

/// Whether something in `enrollment` was registered a moment ago from the source of this dialogue.
pub(super) async fn made_here(s: &Session, enrollment: &Enrollment) -> Result<bool, Stop> {
    let contacts: Vec<_> = enrollment.usable().map(|registered| &registered.contact).collect();
    Ok(proof::registered_here(s, &contacts, enrollment.app.is_some()).await?)
}

/// Shows new codes in place of those that the user may not have seen. This requires more than the password, which a
/// thief may have too, unless the codes were shown at this source a moment ago.
pub(super) async fn again(
    conversation: &mut Conversation,
    s: &Session,
    enrollment: &Enrollment,
    unseen: Unseen,
) -> Result<(), Stop> {
    let question = || s.say("codes-unseen");
    let mut text = question();
    loop {
        // Enter alone is never a yes, because programs press it: codes shown to a program would count as seen.
        match conversation.word(text, s.say("imported-prompt")).await?.as_str() {
            "" | "later" => return Ok(()),
            // Codes shown to a program would count as seen.
            "y" | "yes" if !is_read(conversation, s) => text = too_quick(conversation, s, &question())?,
            "y" | "yes" => break,
            "n" | "no" => return never_again(s).await,
            _ => text = misread(conversation, s, question())?,
        }
    }
    if unseen == Unseen::Offered
        && let Owner::Not(ending) = owner::prove(conversation, s, enrollment).await?
    {
        if !ending.text.is_empty() {
            conversation.wait(|| readable(s, &ending.text, "register-not-now")).await?;
        }
        return Ok(());
    }
    if let Some(shown) = first(s, enrollment).await? {
        conversation.wait(|| shown.text(&s.texts)).await?;
        shown.seen(s).await?;
    }
    Ok(())
}

/// The user has the codes, or wants none. The present codes stay valid, and are not asked about again.
async fn never_again(s: &Session) -> Result<(), Stop> {
    let mut tx = s.begin().await?;
    RecoveryCodes::all_seen(&mut tx, s.name(), s.now()).await?;
    Ok(tx.commit().await?)
}

/// Whether there are codes of which the user has seen none.
pub(super) async fn wait(s: &Session) -> Result<bool, Stop> {
    let mut tx = s.begin().await?;
    let name = s.name();
    let wait = RecoveryCodes::left(&mut tx, name).await? > 0 && !RecoveryCodes::any_seen(&mut tx, name).await?;
    tx.commit().await?;
    Ok(wait)
}

/// New codes to show to a registered user who has seen none of the present ones.
pub(super) async fn first(s: &Session, enrollment: &Enrollment) -> Result<Option<Shown>, Stop> {
    if !s.settings.recover.recovery_codes || !enrollment.has_any() {
        return Ok(None);
    }
    // A greeter cuts the codes off, or shows a single line. They count as made but not seen, and a terminal will show
    // new ones. The present codes may be on paper, and stay valid.
    if !s.caller().has_terminal() && wait(s).await? {
        return Ok(None);
    }
    Ok(make(s, enrollment, false).await?.filter(|_| s.caller().has_terminal()))
}

/// Makes codes, and stores their hashes before they are shown: a code that was seen must be valid. If `wanted`, they
/// replace the old ones, and the contacts are notified. `None`: the account belongs to another user by now, or the
/// codes are not wanted and there are some already.
async fn make(s: &Session, enrollment: &Enrollment, wanted: bool) -> Result<Option<Shown>, Stop> {
    if !enrollment.is_theirs(s).await? {
        return Ok(None);
    }
    let codes = recovery_codes::make(s.random.as_ref())?;
    let (name, now) = (s.name(), s.now());
    let mut tx = s.begin().await?;
    if tx.id_at_registration(name).await? != Some(enrollment.id) {
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
        notifications::changed(&mut tx, s, name, s.caller(), Changed::Codes, &enrollment.told()).await?;
    }
    tx.commit().await?;
    s.outbox.wake();
    // Until the user has seen them, there is something to ask at a sign-in.
    s.settled.forget(name.name);
    s.record(Event::CodesMade, "");
    Ok(Some(Shown { codes, batch }))
}
