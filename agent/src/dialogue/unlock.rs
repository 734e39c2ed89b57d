//! For an account that is locked after too many wrong passwords: after the proof, the user either chooses a new
//! password or only unlocks the account.

use super::{Conversation, Ending, Stop, admission, with_help};
use crate::{
    account::Id, audit::Event, credential::client::CredentialsError, error::Error, notifications, proof,
    session::Session,
};

/// The wish of a user with a locked account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    NewPassword,
    Unlock,
}

/// Asks. The user has already proved the identity, so the answer arrives unchanged.
pub(super) async fn ask(conversation: &mut Conversation, s: &Session) -> Result<Wish, Stop> {
    let mut text = s.say("unlock-menu");
    loop {
        let typed = conversation.word(text, s.say("unlock-prompt")).await?;
        match typed.as_str() {
            "" | "new" => return Ok(Wish::NewPassword),
            "unlock" => return Ok(Wish::Unlock),
            _ if conversation.has_turned() => text = s.say("unlock-menu"),
            _ => text = format!("{}\n{}", s.say("choose-again"), s.say("unlock-menu")),
        }
    }
}

/// Unlocks the account, which spends the proof just as a new password does. The old password is asked for again
/// afterwards: unlocking signs nobody in.
pub(super) async fn unlock(s: &Session, id: Id) -> Result<Ending, Stop> {
    let refused = |key: &str| Ok(Ending::refused(with_help(s, s.say(key))));
    let Some(admitted) = admission::admitted(s).await?.filter(|admitted| admitted.needed.id == id) else {
        s.record(Event::Refused, "account state");
        return refused("not-changed");
    };
    // From here on, the agent does not end before the spent proof is used or given back.
    let _busy = s.busy.enter();
    let Some(spent) = proof::spend_for(s, admitted.needed).await? else {
        s.record(Event::Refused, "proof no longer good");
        // The server that was lost may not be dead, and may have used it.
        return refused(if s.may_be_changed_elsewhere() { "unlock-not-sure" } else { "proof-gone" });
    };
    if let Err(error) = s.targets.unlock(s.name(), id).await {
        tracing::error!(%error, "unlocking an account");
        s.record(Event::Failed, s.by_whom());
        if !matches!(error, CredentialsError::Unknown(_)) {
            proof::give_back(s, &spent).await?;
            return refused("not-changed");
        }
        // The account may have been unlocked, so the proof stays spent. No notification claims that it was.
        return refused("unlock-not-sure");
    }
    s.record(Event::Unlocked, "");
    // The account is unlocked; a later error must not look as if it were not.
    if let Err(error) = told(s).await {
        tracing::error!(%error, "a note about an unlocking");
    }
    if let Err(error) = proof::succeed(s).await {
        tracing::error!(%error, "after an unlocking");
    }
    Ok(Ending::refused(s.say("unlocked")))
}

async fn told(s: &Session) -> Result<(), Error> {
    if s.settings.notify.recovery {
        notifications::unlocked(s).await?;
    }
    Ok(())
}
