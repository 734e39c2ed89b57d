//! An account that too many wrong passwords have locked: after proof, a new password or just the lock taken off.

use super::{Caller, Ending, Stop, Talk, recover, with_help};
use crate::{
    audit::{self, Event},
    credential::client::CredentialsError,
    doors::Doors,
    error::Error,
    notes,
    proof::{self, Case},
};

/// What a user with a locked account wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    NewPassword,
    Unlock,
}

/// Asks. The user has proved an identity by now, so the answer comes through unchanged.
pub(super) async fn ask(talk: &mut Talk, doors: &Doors) -> Result<Wish, Stop> {
    let texts = &doors.texts;
    let mut text = texts.say("unlock-menu", &[]);
    loop {
        let typed = talk.word(text, texts.say("unlock-prompt", &[])).await?;
        match typed.as_str() {
            "" | "new" => return Ok(Wish::NewPassword),
            "unlock" => return Ok(Wish::Unlock),
            _ if talk.has_turned() => text = texts.say("unlock-menu", &[]),
            _ => text = format!("{}\n{}", texts.say("choose-again", &[]), texts.say("unlock-menu", &[])),
        }
    }
}

/// Takes the lock off, which costs the proof like a new password does. The old password is asked for again then: nobody is
/// signed in by this.
pub(super) async fn unlock(doors: &Doors, caller: &Caller, case: &Case, uid: u32) -> Result<Ending, Stop> {
    let texts = &doors.texts;
    let account = &case.account;
    let refused = |key: &str| Ok(Ending::refused(with_help(doors, texts.say(key, &[]))));
    let Some(admitted) = recover::admitted(doors, account).await?.filter(|admitted| admitted.needed.uid == uid) else {
        audit::record(Event::Refused, case, caller, "account state");
        return refused("not-changed");
    };
    // From here on the end of the program waits: what is spent is used or given back.
    let _busy = doors.busy.enter();
    if !proof::spend_for(doors, case, admitted.needed).await? {
        audit::record(Event::Refused, case, caller, "proof no longer good");
        return refused("proof-gone");
    }
    if let Err(error) = doors.credentials.unlock(&account.name, uid).await {
        tracing::error!(%error, "unlocking an account");
        audit::record(Event::Failed, case, caller, "credential helper");
        if !matches!(error, CredentialsError::Unknown(_)) {
            proof::give_back(doors, case).await?;
            return refused("not-changed");
        }
        // It may have been done: the proof stays spent. No note says that it was.
        return refused("unlock-not-sure");
    }
    audit::record(Event::Unlocked, case, caller, "");
    // The lock is off; what fails from here on must not look as if it were not.
    if let Err(error) = told(doors, caller, case).await {
        tracing::error!(%error, "a note about an unlocking");
    }
    if let Err(error) = proof::succeed(doors, case).await {
        tracing::error!(%error, "after an unlocking");
    }
    Ok(Ending::refused(texts.say("unlocked", &[])))
}

async fn told(doors: &Doors, caller: &Caller, case: &Case) -> Result<(), Error> {
    if doors.settings.notify.recovery {
        notes::unlocked(doors, &case.account.name, caller).await?;
    }
    Ok(())
}
