//! The text of a step as it is shown.

use sspr_config::dialogue::{Ask, Purpose, Step};

use super::Conversation;
use crate::writing;

/// Whether `text` contains the word that scripts wait for at a password prompt.
fn is_forbidden(text: &str) -> bool {
    text.to_ascii_lowercase().contains("assword")
}

/// Shown once, in ASCII, to a user who may be unable to read the rest.
const PLAIN_HINT: &str = "For English type: en";
/// With at most this many lines, it still fits on a screen of 24.
const PLAIN_HINT_LINES: usize = 20;

impl Conversation {
    /// At a remote terminal, the first question that is not ASCII says how to get one that is.
    pub(super) fn with_a_hint(&mut self, ask: Ask, mut step: Step) -> Step {
        let is_ascii = step.text.is_ascii() && step.prompt.is_ascii();
        let foreign = !is_ascii && !writing::is_picture(&step.text);
        if self.remote && !self.hinted && foreign && ask == Ask::Line {
            self.hinted = true;
            if step.text.lines().count() < PLAIN_HINT_LINES {
                let between = if step.text.is_empty() { "" } else { "\n" };
                step.text.push_str(between);
                step.text.push_str(PLAIN_HINT);
            }
        }
        step
    }

    /// The text without the lines that the module would not show for this purpose. None of our texts has such a line,
    /// but an administrator's may.
    pub(super) fn fit(&self, text: &str) -> String {
        let plain = if self.is_plain() { writing::plain(text) } else { text.into() };
        let text = &*plain;
        if self.purpose != Some(Purpose::Register) || !is_forbidden(text) {
            return text.to_owned();
        }
        tracing::warn!(
            "a line of [texts] or [helpdesk] is left out at a sign-in: nothing there may have \"password\" in it"
        );
        text.lines().filter(|line| !is_forbidden(line)).collect::<Vec<_>>().join("\n")
    }
}
