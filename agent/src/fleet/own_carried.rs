//! What a server asks this host about an account of its own, between two questions to the user: see [`super::own`].

use std::time::Duration;

use sspr_config::dialogue::Step;
use sspr_fleet::{
    client::{Replica, Trouble},
    wire::{Answer, Typed, VERSION},
};
use tokio::time::Instant;

use super::{own::Own, reach::Reach, steps::from_wire};
use crate::{
    errand::{self, Errand},
    snapshot::Snapshot,
};

/// How long a report about an account of this host may take at least, however late it is.
const REPORT: Duration = Duration::from_secs(2);
/// The most that a server asks of this host after one answer.
const ERRANDS_MAX: u32 = 8;

/// What a server must not ask.
pub(super) fn strange() -> Trouble {
    Trouble::Strange("what this host is to do".to_owned())
}

/// Does what the server asks of this host in the dialogue `handle` of the server `at`, from `step` on, and returns
/// the next step for the user.
pub(super) async fn runs(
    agent: &Snapshot,
    reach: &Reach,
    own: &Own,
    (at, handle): (&Replica, &str),
    mut step: Step,
    by: Instant,
) -> Result<Step, Trouble> {
    for _ in 0..ERRANDS_MAX {
        // The agent does not end before the server has the report.
        let _busy = agent.busy.enter();
        let report = own.does(agent, Errand::of(&step)).await;
        let handle = handle.to_owned();
        let report = Answer { v: VERSION, handle, turn: step.turn, answer: Typed(report.to_answer()) };
        let left = by.saturating_duration_since(Instant::now()).max(REPORT);
        step = from_wire(reach.answer(at, &report, false, left).await?);
        if !errand::is_one(&step) {
            return Ok(step);
        }
    }
    Err(strange())
}
