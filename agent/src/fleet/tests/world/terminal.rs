//! A user at a terminal of a host, who types what a dialogue asks for.

use sspr_config::dialogue::{Ask, Step};

use super::{Host, NEW, Server, ends};
use crate::{held::Refused, principal::Principal, sessions::Beginning};

/// A user at a terminal of a host.
pub(in super::super) struct Terminal<'a> {
    pub(super) host: &'a Host,
    pub(super) who: Principal,
    pub(in super::super) handle: String,
    pub(super) step: Option<Step>,
    pub(super) name: String,
    pub(super) locale: &'static str,
}

impl Terminal<'_> {
    pub(in super::super) async fn begins(&mut self, purpose: &str) -> Step {
        let service = if self.who.is_root() { "login" } else { "sspr" };
        let wanted = Beginning::new(purpose, [&self.name, service, "tty1", "", self.locale]).unwrap();
        let (handle, step) = self.host.relay.begin(&self.who, wanted, std::future::pending()).await.unwrap();
        (self.handle, self.step) = (handle, Some(step.clone()));
        step
    }

    /// Answers the question that has `part` in it.
    pub(in super::super) async fn answers(&mut self, part: &str, answer: &str) -> Step {
        let step = self.step.as_ref().expect("a question");
        let shown = format!("{}\n{}", step.text, step.prompt);
        assert!(shown.contains(part), "{part:?} is not in {shown:?}");
        self.tries(answer).await.unwrap()
    }

    /// Answers the question, unless that is refused.
    pub(in super::super) async fn tries(&mut self, answer: &str) -> Result<Step, Refused> {
        let step = self.step.take().expect("a question");
        let sealed = Ask::from_wire(step.ask).is_some_and(Ask::is_sealed);
        let next = self.host.relay.answer(&self.who, &self.handle, step.turn, answer.as_bytes(), sealed).await?;
        self.step = Some(next.clone());
        Ok(next)
    }

    /// The same in another language.
    pub(in super::super) fn speaking(self, locale: &'static str) -> Self {
        Self { locale, ..self }
    }

    /// Leaves the dialogue.
    pub(in super::super) fn leaves(&self) {
        self.host.relay.leave(&self.who, &self.handle, "");
    }

    /// Signs in with `password`, which the module sends if it is asked for, and returns the first other step.
    pub(in super::super) async fn signs_in(&mut self, password: &str) -> Step {
        let step = self.begins("register").await;
        if Ask::from_wire(step.ask) == Some(Ask::Password) { self.answers("", password).await } else { step }
    }

    /// Asks for a code, which is not typed yet.
    pub(in super::super) async fn wants_a_code(&mut self, server: &Server) -> String {
        self.begins("recover").await;
        self.answers("How do you want", "e").await;
        server.the_code().await
    }

    /// Proves it by a code, up to the new password.
    pub(in super::super) async fn proves(&mut self, server: &Server) {
        let code = self.wants_a_code(server).await;
        self.answers("on its way", &code).await;
    }

    /// Resets the password, and returns the last step.
    pub(in super::super) async fn resets(&mut self, server: &Server) -> Step {
        self.proves(server).await;
        self.answers("", NEW).await;
        self.answers("", NEW).await
    }

    /// Registers `address` in a shell, with `password`.
    pub(in super::super) async fn registers(&mut self, server: &Server, password: &str, address: &str) -> Step {
        self.begins("enroll").await;
        let step = self.answers("password", password).await;
        if ends(&step) {
            return step;
        }
        self.answers("", "email").await;
        self.answers("Which email", address).await;
        let code = server.the_code().await;
        self.answers("on its way", &code).await;
        self.answers("", "done").await
    }
}
