//! Answers about an account of this host itself, on their way to the server: see [`super::own`].

use std::time::Duration;

use sspr_config::dialogue::Step;
use sspr_fleet::{
    client::Trouble,
    wire::{Answer, Typed, VERSION},
};
use tokio::time::Instant;

use super::{
    Why,
    relay::{Host, Taken},
    steps::from_wire,
};
use crate::{
    errand::{self, Errand},
    snapshot::Snapshot,
};

/// How long a report about an account of this host may take at least, however late it is.
const REPORT: Duration = Duration::from_secs(2);
/// The most that a server asks of this host after one answer.
const ERRANDS_MAX: u32 = 8;

impl Host {
    /// Sends an answer to the server that holds the dialogue, and returns its next question to the user. In between,
    /// this host does what the server asks of it about an account of its own.
    pub(super) async fn carried(
        &self,
        agent: &Snapshot,
        taken: &Taken,
        answer: &Answer,
        sealed: bool,
        by: Instant,
    ) -> std::result::Result<Step, Why> {
        let reach = self.reach(agent)?;
        let left = || by.saturating_duration_since(Instant::now());
        let mut step = from_wire(reach.answer(&taken.at, answer, sealed, left()).await?);
        for _ in 0..ERRANDS_MAX {
            if !errand::is_one(&step) {
                return Ok(step);
            }
            let Some(own) = &taken.about.own else { break };
            // The agent does not end before the server has the report.
            let _busy = agent.busy.enter();
            let report = own.does(agent, Errand::of(&step)).await;
            let handle = taken.handle.clone();
            let report = Answer { v: VERSION, handle, turn: step.turn, answer: Typed(report.to_answer()) };
            step = from_wire(reach.answer(&taken.at, &report, false, left().max(REPORT)).await?);
        }
        Err(Why::Server(Trouble::Strange("what this host is to do".to_owned())))
    }
}
