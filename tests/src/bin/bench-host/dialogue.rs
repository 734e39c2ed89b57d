//! A dialogue with the agent, as a PAM host holds it.

use std::sync::atomic::{AtomicU32, Ordering};

use sspr_config::sealed;
use sspr_config::{
    bus::{AGENT, AGENT_PATH, DIALOGUE},
    dialogue::{Ask, Step},
};
use zbus::Connection;

static PLACES: AtomicU32 = AtomicU32::new(0);

/// An open dialogue, or its end.
pub(crate) struct Dialogue {
    bus: Connection,
    handle: String,
    /// The last step.
    pub(crate) step: Step,
}

/// A connection to the system bus.
pub(crate) async fn connect() -> Connection {
    Connection::system().await.unwrap()
}

impl Dialogue {
    /// Begins one as sshd would, for a user at a remote host.
    pub(crate) async fn begin(bus: &Connection, purpose: &str, user: &str) -> Self {
        // Each from another place, because no single place may open this many.
        let [_, _, high, low] = PLACES.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let from = format!("198.18.{high}.{low}");
        let body = (purpose, user, "sshd", "ssh", from.as_str(), "");
        let reply = bus.call_method(Some(AGENT), AGENT_PATH, Some(DIALOGUE), "Begin", &body).await.unwrap();
        let (handle, step) = reply.body().deserialize().unwrap();
        let mut begun = Self { bus: bus.clone(), handle, step };
        // The module's message once the helper has checked.
        if Ask::from_wire(begun.step.ask) == Some(Ask::Vouch) {
            begun.answer("yes").await;
        }
        begun
    }

    /// Answers the question, as its kind requires.
    pub(crate) async fn answer(&mut self, answer: &str) {
        let (handle, turn) = (self.handle.as_str(), self.step.turn);
        let reply = if matches!(Ask::from_wire(self.step.ask), Some(Ask::Secret | Ask::NewPassword)) {
            let answer = sealed::make(answer.as_bytes()).unwrap();
            let body = (handle, turn, zbus::Fd::from(&answer));
            self.bus.call_method(Some(AGENT), AGENT_PATH, Some(DIALOGUE), "AnswerSealed", &body).await
        } else {
            let body = (handle, turn, answer.as_bytes());
            self.bus.call_method(Some(AGENT), AGENT_PATH, Some(DIALOGUE), "Answer", &body).await
        };
        self.step = reply.unwrap().body().deserialize().unwrap();
    }

    /// Whether the question is `prompt`.
    pub(crate) fn asks(&self, prompt: &str) -> bool {
        self.step.prompt.trim_end() == prompt.trim_end()
    }

    /// The text on the screen, for a panic.
    pub(crate) fn screen(&self) -> String {
        format!("{}\n{}", self.step.text, self.step.prompt)
    }

    /// Ends it.
    pub(crate) async fn cancel(self) {
        let _ = self.bus.call_method(Some(AGENT), AGENT_PATH, Some(DIALOGUE), "Cancel", &(self.handle.as_str(),)).await;
    }
}
