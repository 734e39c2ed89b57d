//! What follows a recovery, and what the person should know of it.

use super::Caller;
use crate::{credential::Aftermath, doors::Doors, error::Error, notes, proof::Case};

/// Tells the administrators of a recovery of one of them, ends the account's sessions where `[recover] end_sessions` says so, and tells what the person should look after; empty
/// where there is nothing. The password is changed by now: what fails here is only logged.
///
/// The text is the last one of the dialogue. sshd shows it once the session is open, login(1) and the command at once.
pub(super) async fn look_after(doors: &Doors, caller: &Caller, case: &Case, uid: u32) -> String {
    let name = &case.account.name;
    if !doors.settings.notify.admins.is_empty()
        && let Err(error) = tell_admins(doors, caller, name).await
    {
        tracing::error!(%error, correlation = case.dialogue, "a note to the administrators");
    }
    // A user who resets the password in a session would be put out of it.
    let end_sessions = doors.settings.recover.end_sessions && caller.uid != uid;
    let found = doors.credentials.aftermath(name, uid, end_sessions).await.unwrap_or_else(|error| {
        tracing::error!(%error, correlation = case.dialogue, "after a recovery");
        Aftermath::default()
    });
    let counted = [("recover-sessions-ended", found.sessions_ended), ("recover-ssh-keys", found.ssh_keys)];
    let said = counted.into_iter().filter(|(_, n)| *n > 0);
    let mut said: Vec<_> = said.map(|(key, n)| doors.texts.say(key, &[("n", i64::from(n).into())])).collect();
    if found.ssh_unseen {
        said.push(doors.texts.say("recover-ssh-unseen", &[]));
    }
    said.join("\n")
}

async fn tell_admins(doors: &Doors, caller: &Caller, name: &str) -> Result<(), Error> {
    if doors.credentials.account(name).await?.admin {
        notes::admin_recovered(doors, name, caller).await?;
    }
    Ok(())
}
