//! What follows, on a host, a reset that its server has made.

use sspr_config::dialogue::{Ask, Standing, Step};

use crate::{
    account::Id,
    aftermath_texts,
    credential::{Aftermath, client::Made},
    snapshot::Snapshot,
    texts::Texts,
};

/// Whose password was reset, and to what.
pub(super) struct Reset<'a> {
    /// The user's name, as it was typed.
    pub(super) user: &'a str,
    /// The uid that asked: its own sessions go on.
    pub(super) uid: u32,
    pub(super) new_password: &'a [u8],
    /// What this person reads.
    pub(super) texts: &'a Texts,
}

/// Has root's helper see to it that this host takes the new password, and end sessions if the settings here say so. The server's
/// last step, and before it a question of this host's own if it does not take the password yet.
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
