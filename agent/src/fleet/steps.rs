//! Converts the steps of a dialogue between the agent and the wire.

use sspr_config::dialogue::{Ask, Standing, Step};
use sspr_fleet::wire;

/// The step as the server sends it.
pub(crate) fn to_wire(step: Step) -> wire::Step {
    let Step { turn, standing, ask, text, prompt } = step;
    wire::Step { turn, standing, ask, text, prompt }
}

/// The step as the host passes it on.
pub(crate) fn from_wire(step: wire::Step) -> Step {
    let wire::Step { turn, standing, ask, text, prompt } = step;
    Step { turn, standing, ask, text, prompt }
}

/// A step that ends a dialogue.
pub(super) fn end(turn: u32, standing: Standing, text: String) -> Step {
    Step { turn, standing: standing.to_wire(), ask: Ask::Nothing.to_wire(), text, prompt: String::new() }
}

/// The kind of answer that the step asks for.
pub(super) fn ask(step: &Step) -> Ask {
    Ask::from_wire(step.ask).unwrap_or(Ask::Nothing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_dialogue_is_one_at_the_other_end_too() {
        assert!(to_wire(end(1, Standing::Finished, String::new())).is_last());
    }
}
