//! What a user reads about what follows a reset on the machine that they sit at.

use crate::{credential::Aftermath, texts::Texts};

/// What the user should check; empty if there is nothing.
pub(crate) fn said(texts: &Texts, found: Aftermath) -> String {
    let counted = [("recover-sessions-ended", found.sessions_ended), ("recover-ssh-keys", found.ssh_keys)];
    let said = counted.into_iter().filter(|(_, n)| *n > 0);
    let mut said: Vec<_> = said.map(|(key, n)| texts.say(key, &[("n", i64::from(n).into())])).collect();
    if found.ssh_unseen {
        said.push(texts.say("recover-ssh-unseen", &[]));
    }
    said.join("\n")
}
