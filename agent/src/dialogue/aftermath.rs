//! The steps after a recovery, and what the user should know about them.

use crate::{
    account::Id,
    aftermath_texts,
    credential::{Aftermath, client::Made},
    error::Error,
    notifications,
    session::Session,
};

/// Notifies the administrators if one of them recovered, ends the account's sessions if `[recover] end_sessions` says
/// so, and returns what the user should check, or an empty text. The password is already changed, so an error here is
/// only logged.
///
/// The text is the last one of the dialogue. sshd shows it once the session is open, login(1) and the command at once.
/// The result also says whether this host still refuses the new password: then no session may open.
pub(super) async fn look_after(s: &Session, id: Id, new_password: &[u8]) -> (bool, String) {
    let name = s.name();
    if !s.settings.notify.admins.is_empty()
        && let Err(error) = tell_admins(s).await
    {
        tracing::error!(%error, correlation = s.attempt.dialogue, "a note to the administrators");
    }
    // The host of the fleet looks after itself.
    if s.caller().is_of_the_fleet() {
        return (false, String::new());
    }
    let (as_typed, but_for) = (s.attempt.account.as_typed(), s.caller().uid);
    let made = Made { as_typed, id, new_password, end_sessions: s.settings.recover.end_sessions, but_for };
    let found = s.targets.after(name, made).await.unwrap_or_else(|error| {
        tracing::error!(%error, correlation = s.attempt.dialogue, "after a recovery");
        Aftermath::default()
    });
    (found.refused_here, aftermath_texts::said(&s.texts, found))
}

async fn tell_admins(s: &Session) -> Result<(), Error> {
    if s.targets.account(s.name()).await?.admin {
        notifications::admin_recovered(s).await?;
    }
    Ok(())
}
