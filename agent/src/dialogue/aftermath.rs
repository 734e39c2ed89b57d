//! What follows a recovery, and what the person should know of it.

use crate::{
    account::Id,
    credential::{Aftermath, client::Made},
    error::Error,
    notes,
    session::Session,
};

/// Tells the administrators of a recovery of one of them, ends the account's sessions where `[recover] end_sessions` says so, and tells what the person should look after; empty
/// where there is nothing. The password is changed by now: what fails here is only logged.
///
/// The text is the last one of the dialogue. sshd shows it once the session is open, login(1) and the command at once. Whether this host
/// refuses the new password so far is told beside it: then no session may open.
pub(super) async fn look_after(s: &Session, id: Id, new_password: &[u8]) -> (bool, String) {
    let name = s.name();
    if !s.settings.notify.admins.is_empty()
        && let Err(error) = tell_admins(s).await
    {
        tracing::error!(%error, correlation = s.attempt.dialogue, "a note to the administrators");
    }
    let (as_typed, but_for) = (s.attempt.account.as_typed(), s.caller().uid);
    let made = Made { as_typed, id, new_password, end_sessions: s.settings.recover.end_sessions, but_for };
    let found = s.targets.after(name, made).await.unwrap_or_else(|error| {
        tracing::error!(%error, correlation = s.attempt.dialogue, "after a recovery");
        Aftermath::default()
    });
    let counted = [("recover-sessions-ended", found.sessions_ended), ("recover-ssh-keys", found.ssh_keys)];
    let said = counted.into_iter().filter(|(_, n)| *n > 0);
    let mut said: Vec<_> = said.map(|(key, n)| s.say_with(key, &[("n", i64::from(n).into())])).collect();
    if found.ssh_unseen {
        said.push(s.say("recover-ssh-unseen"));
    }
    (found.refused_here, said.join("\n"))
}

async fn tell_admins(s: &Session) -> Result<(), Error> {
    if s.targets.account(s.name()).await?.admin {
        notes::admin_recovered(s).await?;
    }
    Ok(())
}
