//! What the server of a fleet asks a host about an account of the host's own, and the host's reports. They cross as
//! questions and answers of the dialogue: the host is always the caller. No password crosses.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sspr_config::dialogue::{ANSWER_MAX, Ask, Standing, Step};
use tokio::{
    sync::{oneshot, watch},
    time::timeout,
};
use zeroize::Zeroizing;

use crate::{
    account::Id,
    busy::{Busy, Guard},
    credential::{Change, client::CredentialsError},
};

/// The kind of question that is for the host itself. It is none of [`Ask`]: a host passes it on to nobody.
const FOR_THE_HOST: u8 = 250;
/// The longest text of a host that is kept, in characters.
const WORDS_MAX: usize = 200;

/// What the host is asked to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub(crate) enum Errand {
    /// Look the account up.
    Account,
    /// Check the current password that was typed last.
    Verify,
    /// Set the new password that was typed, if the account still has this id.
    Change {
        /// See [`Id`].
        id: Id,
    },
    /// Clear the wrong passwords, if the account still has this id.
    Unlock {
        /// See [`Id`].
        id: Id,
    },
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "report", rename_all = "kebab-case")]
pub(crate) enum Report {
    /// See `sspr_config::credential::Account`.
    Account {
        /// See [`Id`]: its uid, and the mark that the host gave it when it was registered. The uid alone if it has no
        /// mark, or does not exist.
        id: Id,
        /// See `sspr_config::credential::Verdict`.
        verdict: u8,
        /// Whether it is an administrator's.
        admin: bool,
        /// Whether too many wrong passwords have locked it.
        locked: bool,
    },
    /// Whether the typed password is the current one.
    Verified {
        /// It is.
        right: bool,
    },
    /// The change ran to its end; see [`Change::to_wire`].
    Changed {
        /// The number.
        outcome: u8,
        /// The words of the host's modules.
        why: String,
    },
    /// It is unlocked.
    Unlocked,
    /// Refused, and nothing was written.
    Refused {
        /// For logs.
        why: String,
    },
    /// Impossible now, and nothing was written.
    Unavailable {
        /// For logs.
        why: String,
    },
    /// It is not known what was written.
    Unknown {
        /// For logs.
        why: String,
    },
}

/// The text of a host: one short line.
pub(crate) fn words(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(WORDS_MAX).collect()
}

impl From<CredentialsError> for Report {
    fn from(error: CredentialsError) -> Self {
        match error {
            CredentialsError::Refused(why) => Self::Refused { why },
            CredentialsError::Unavailable(why) => Self::Unavailable { why },
            CredentialsError::Unknown(why) => Self::Unknown { why },
        }
    }
}

impl From<Change> for Report {
    fn from(change: Change) -> Self {
        let (outcome, why) = change.to_wire();
        Self::Changed { outcome, why }
    }
}

impl Report {
    fn shortened(self, most: usize) -> Self {
        let short = |why: String| words(&why).chars().take(most).collect();
        match self {
            Self::Changed { outcome, why } => Self::Changed { outcome, why: short(why) },
            Self::Refused { why } => Self::Refused { why: short(why) },
            Self::Unavailable { why } => Self::Unavailable { why: short(why) },
            Self::Unknown { why } => Self::Unknown { why: short(why) },
            whole @ (Self::Account { .. } | Self::Verified { .. } | Self::Unlocked) => whole,
        }
    }

    /// The report as an answer, which has a limited length: only the words are shortened.
    pub(crate) fn to_answer(&self) -> Zeroizing<Vec<u8>> {
        let text = |most| serde_json::to_vec(&self.clone().shortened(most)).unwrap_or_default();
        let fits = [WORDS_MAX, 100, 40].into_iter().map(text).find(|text| text.len() <= ANSWER_MAX);
        Zeroizing::new(fits.unwrap_or_else(|| text(0)))
    }

    /// The report that `answer` is; `None` if it is none.
    pub(crate) fn read(answer: &[u8]) -> Option<Self> {
        parsed::<Self>(answer).map(|report| report.shortened(WORDS_MAX))
    }
}

fn parsed<T: DeserializeOwned>(text: &[u8]) -> Option<T> {
    serde_json::from_slice(text).ok()
}

impl Errand {
    /// The step that asks for it.
    pub(crate) fn step(&self) -> Step {
        let text = serde_json::to_string(self).unwrap_or_default();
        Step { turn: 0, standing: Standing::Asking.to_wire(), ask: FOR_THE_HOST, text, prompt: String::new() }
    }

    /// The errand that `step` asks for; `None` if this version does not know it.
    pub(crate) fn of(step: &Step) -> Option<Self> {
        if is_one(step) { parsed(step.text.as_bytes()) } else { None }
    }
}

/// Whether `step` is for the host itself.
pub(crate) const fn is_one(step: &Step) -> bool {
    step.ask == FOR_THE_HOST
}

/// The kind of answer that the caller of a dialogue is asked for. An answer to an errand is sent like a line.
pub(crate) fn ask(step: &Step) -> Ask {
    if is_one(step) { Ask::Line } else { Ask::from_wire(step.ask).unwrap_or(Ask::Nothing) }
}

/// The reports that are awaited. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reports(Arc<(Busy, watch::Sender<bool>)>);

impl Reports {
    /// Counts as the wait for a report that must not be lost, until the guard is dropped.
    pub(crate) fn awaited(&self) -> Guard {
        self.0.0.enter()
    }

    /// Ends when no report is worth waiting for any more.
    pub(crate) async fn given_up(&self) {
        // The sender is here, so this ends with the word only.
        let _ = self.0.1.subscribe().wait_for(|ended| *ended).await;
    }

    /// Waits for the reports that must not be lost, for `most` at most.
    pub(crate) async fn settled(&self, most: Duration) {
        if timeout(most, self.0.0.settled()).await.is_err() {
            tracing::warn!("a host does not report what became of a password, and the listener stops");
        }
    }

    /// Gives up all reports: none can arrive any more.
    pub(crate) fn give_up(&self) {
        self.0.1.send_replace(true);
    }
}

/// An errand, and where the answer with its report goes.
pub(crate) type Sent = (Errand, oneshot::Sender<Zeroizing<Vec<u8>>>);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::Verdict;

    #[test]
    fn an_errand_and_each_report_come_back_as_themselves() {
        let id = Id::from(1001);
        for errand in [Errand::Account, Errand::Verify, Errand::Change { id }, Errand::Unlock { id }] {
            assert_eq!(Errand::of(&errand.step()), Some(errand));
        }
        let question = Step { ask: Ask::Line.to_wire(), ..Errand::Account.step() };
        assert!(!is_one(&question) && Errand::of(&question).is_none());
        let later = Step { text: r#"{"do":"something-new"}"#.into(), ..Errand::Account.step() };
        assert!(is_one(&later) && Errand::of(&later).is_none());
        let why = || "why not".to_owned();
        for report in [
            Report::Account { id, verdict: Verdict::Eligible.to_wire(), admin: true, locked: false },
            Report::Verified { right: true },
            Change::Changed.into(),
            Change::Refused(why()).into(),
            Report::Unlocked,
            CredentialsError::Refused(why()).into(),
            CredentialsError::Unavailable(why()).into(),
            CredentialsError::Unknown(why()).into(),
        ] {
            assert_eq!(Report::read(&report.to_answer()), Some(report));
        }
        assert_eq!(Report::read(b"yes"), None);
    }

    #[test]
    fn however_long_and_odd_the_words_of_a_host_are_its_report_fits_into_an_answer() {
        for why in ["\u{20ac}".repeat(4000), "\"\\".repeat(4000), "\u{1b}[2J\n".repeat(4000)] {
            let report: Report = Change::Refused(why).into();
            let answer = report.to_answer();
            assert!(answer.len() <= ANSWER_MAX, "{}", answer.len());
            let Some(Report::Changed { outcome, why }) = Report::read(&answer) else { panic!() };
            assert!(outcome == 1 && !why.chars().any(char::is_control));
        }
    }
}
