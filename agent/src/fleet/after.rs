//! What a host does after its server has reset a password.

use sspr_config::dialogue::{Ask, Standing, Step};

use crate::{
    account::Id,
    aftermath_texts,
    credential::{Aftermath, client::Made},
    snapshot::Snapshot,
    texts::Texts,
};

/// A reset that the server has made.
pub(super) struct Reset<'a> {
    /// The user's name, as it was typed.
    pub(super) user: &'a str,
    /// The uid of the caller, whose own sessions go on.
    pub(super) uid: u32,
    /// The new password, as it was typed.
    pub(super) new_password: &'a [u8],
    /// The texts in the user's language.
    pub(super) texts: &'a Texts,
}

/// Asks the credential helper to make this host accept the new password, and to end sessions if this host's settings
/// say so. Returns the server's `last` step with this host's lines added. If this host still refuses the new password,
/// a question of its own comes first.
pub(super) async fn look_after(agent: &Snapshot, reset: Reset<'_>, last: Step) -> (Option<Step>, Step) {
    let made = Made {
        as_typed: reset.user,
        // The directory's id of the user is not known on a host.
        id: Id::NONE,
        new_password: reset.new_password,
        end_sessions: agent.settings.recover.end_sessions,
        but_for: reset.uid,
    };
    let found = agent.helper.settle(made).await.unwrap_or_else(|error| {
        tracing::error!(%error, "after a reset through the fleet: {error}");
        Aftermath::default()
    });
    let own = aftermath_texts::said(reset.texts, found);
    let text = [last.text.as_str(), own.as_str()].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>();
    let mut end = Step { text: text.join("\n"), ..last };
    if !found.refused_here {
        return (None, end);
    }
    let question = Step {
        turn: end.turn,
        standing: Standing::Asking.to_wire(),
        ask: Ask::Line.to_wire(),
        text: reset.texts.say("recover-refused-here", &[]),
        prompt: reset.texts.say("go-on-prompt", &[]),
    };
    end.turn += 1;
    (Some(question), end)
}
