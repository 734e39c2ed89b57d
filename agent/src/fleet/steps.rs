//! Converts the steps of a dialogue between the agent and the wire.

use sspr_config::dialogue::Step;
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
