//! The errands of a dialogue with a host, carried by its caller between two questions.

use sspr_config::dialogue::Step;
use tokio::sync::mpsc;

use crate::{dialogue::conversation::Answer, errand::Sent};

/// The channels between a dialogue and its carrier.
pub(crate) struct Channels {
    /// The steps of the dialogue.
    pub(crate) steps: mpsc::Receiver<Step>,
    /// The answers to them.
    pub(crate) answers: mpsc::Sender<Answer>,
}

/// The same channels for a carrier that also carries the `errands` of the dialogue, between its questions. The steps
/// are counted anew.
pub(crate) fn between(inner: Channels, errands: mpsc::Receiver<Sent>) -> Channels {
    let (steps_in, steps) = mpsc::channel(1);
    let (answers, answers_out) = mpsc::channel(1);
    tokio::spawn(carry(inner, errands, steps_in, answers_out));
    Channels { steps, answers }
}

async fn carry(
    mut inner: Channels,
    mut errands: mpsc::Receiver<Sent>,
    steps: mpsc::Sender<Step>,
    mut answers: mpsc::Receiver<Answer>,
) {
    let mut turn = 0u32;
    loop {
        let (step, report) = tokio::select! {
            biased;
            Some((errand, report)) = errands.recv() => {
                if report.is_closed() {
                    // The dialogue has given up waiting, so nothing must be done any more.
                    continue;
                }
                (errand.step(), Some(report))
            }
            step = inner.steps.recv() => match step {
                Some(step) => (step, None),
                None => return,
            },
        };
        turn = turn.saturating_add(1);
        if steps.send(Step { turn, ..step }).await.is_err() {
            return;
        }
        // The caller is gone if there is no answer. Then the dialogue notices it at its own end of the channel.
        let Some(answer) = answers.recv().await else { return };
        match report {
            // Nobody may wait for it any more.
            Some(report) => drop(report.send(answer.0)),
            None => drop(inner.answers.send(answer).await),
        }
    }
}

#[cfg(test)]
mod tests {
    use sspr_config::dialogue::Ask;
    use tokio::sync::oneshot;

    use super::*;
    use crate::{
        account::Id,
        errand::{Errand, is_one},
    };

    #[tokio::test]
    async fn an_errand_that_nobody_waits_for_any_more_is_not_carried() {
        let ((steps_in, steps), (answers, _answers)) = (mpsc::channel(1), mpsc::channel(1));
        let (errands_in, errands) = mpsc::channel(1);
        errands_in.send((Errand::Change { id: Id::from(1001) }, oneshot::channel().0)).await.unwrap();
        steps_in.send(Step { ask: Ask::Line.to_wire(), ..Errand::Account.step() }).await.unwrap();
        let mut outer = between(Channels { steps, answers }, errands);
        let step = outer.steps.recv().await.unwrap();
        assert!(!is_one(&step) && step.turn == 1, "{step:?}");
    }
}
