//! A user at a terminal, who reads what is shown and answers.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use sspr_config::dialogue::{ANSWER_MAX, Ask, Standing, Step, UNTOLD, VOUCHED};
use tokio::sync::mpsc;
use zeroize::Zeroizing;

use super::World;
use crate::{
    clock::Time,
    dialogue::conversation::{Answer, LastWord, Word},
};

/// A user at a terminal.
pub(in super::super) struct Person {
    pub(super) steps: mpsc::Receiver<Step>,
    pub(super) answers: Option<mpsc::Sender<Answer>>,
    /// Everything shown, line by line.
    pub(in super::super) screen: Vec<String>,
    /// Whether breaking off at the last question would have meant no.
    pub(in super::super) bound: bool,
    pub(super) last_word: LastWord,
    /// What the helper says of the password that was typed.
    pub(in super::super) vouched: bool,
    /// It can't say.
    pub(in super::super) untold: bool,
    /// Whether it was left at a question that a client may be unable to show.
    pub(super) unshown: Arc<AtomicBool>,
}

impl Person {
    pub(in super::super) async fn step(&mut self) -> Option<Step> {
        let mut step = self.receive().await?;
        // No person has a hand in this.
        if Ask::from_wire(step.ask) == Some(Ask::Vouch) {
            let said = match (self.untold, self.vouched) {
                (true, _) => UNTOLD,
                (false, true) => VOUCHED,
                (false, false) => b"",
            };
            self.says(said).await;
            step = self.receive().await?;
        }
        self.screen.push(format!("{}|{}|{}|{}", step.standing, step.ask, step.text, step.prompt));
        Some(step)
    }

    async fn receive(&mut self) -> Option<Step> {
        tokio::time::timeout(Duration::from_secs(10), self.steps.recv()).await.expect("an answer in time")
    }

    /// The host sees that a program answers the last question that was read.
    pub(in super::super) async fn answers_as_a_program(self) {
        self.last_word.leave(Word::Program);
        self.leaves().await;
    }

    /// The host can't put the question, and says so.
    pub(in super::super) async fn can_not_be_asked(mut self) {
        assert!(self.step().await.is_some(), "a question");
        self.says_good_bye().await;
    }

    /// The same of the last question that was read.
    pub(in super::super) async fn says_good_bye(self) {
        self.last_word.leave(Word::GoodBye);
        self.leaves().await;
    }

    /// A host whose password nobody typed: it takes leave where it is asked whether the password is right.
    pub(in super::super) async fn was_not_typed(mut self) {
        let step = self.receive().await.unwrap();
        assert_eq!(Ask::from_wire(step.ask), Some(Ask::Vouch));
        self.last_word.leave(Word::GoodBye);
        self.leaves().await;
    }

    /// Reads a question whose text or prompt has `part`, and answers it.
    #[track_caller]
    pub(in super::super) fn answers<'a>(&'a mut self, part: &'a str, answer: &'a str) -> impl Future<Output = ()> + 'a {
        self.answers_bytes(part, answer.as_bytes())
    }

    pub(in super::super) async fn answers_bytes(&mut self, part: &str, answer: &[u8]) {
        self.question(part).await;
        let bytes = &answer[..answer.len().min(ANSWER_MAX + 1)];
        let _ = self.answers.as_ref().unwrap().send(Answer(Zeroizing::new(bytes.to_vec()))).await;
    }

    /// Reads a question whose text or prompt has `part`, has something happen, and answers it.
    pub(in super::super) async fn answers_while(&mut self, part: &str, answer: &str, happens: impl FnOnce()) {
        self.question(part).await;
        happens();
        self.says(answer.as_bytes()).await;
    }

    /// Reads a question whose text or prompt has `part`, waits so many seconds, and answers it.
    pub(in super::super) async fn answers_after(&mut self, world: &World, seconds: Time, part: &str, answer: &str) {
        self.question(part).await;
        world.later(seconds);
        let _ = self.answers.as_ref().unwrap().send(Answer(Zeroizing::new(answer.as_bytes().to_vec()))).await;
    }

    /// The same after the outbox tried to send what waits, and the mail server did not answer.
    #[cfg(test)]
    pub(in super::super) async fn answers_without_mail(
        &mut self,
        world: &World,
        seconds: Time,
        part: &str,
        answer: &str,
    ) {
        self.question(part).await;
        world.no_mail_leaves().await;
        world.later(seconds);
        let _ = self.answers.as_ref().unwrap().send(Answer(Zeroizing::new(answer.as_bytes().to_vec()))).await;
    }

    async fn question(&mut self, part: &str) {
        let step = self.step().await.expect("a question");
        let standing = Standing::from_wire(step.standing).unwrap();
        self.bound = standing == Standing::AskingOrDenied;
        assert!(self.bound || standing == Standing::Asking, "{}", self.screen.join("\n"));
        assert!(
            step.text.contains(part) || step.prompt.contains(part),
            "expected {part:?}, the screen was\n{}",
            self.screen.join("\n")
        );
        assert_ne!(Ask::from_wire(step.ask), Some(Ask::Nothing));
    }

    /// Reads a question whose text or prompt has `part`, and gives all of it.
    pub(in super::super) async fn reads(&mut self, part: &str, answer: &str) -> String {
        self.answers(part, answer).await;
        self.screen.last().cloned().unwrap_or_default()
    }

    /// Reads the end.
    pub(in super::super) async fn ends(&mut self) -> (Standing, String) {
        let step = self.step().await.expect("an end");
        let standing = Standing::from_wire(step.standing).unwrap();
        assert!(!matches!(standing, Standing::Asking | Standing::AskingOrDenied), "{}", self.screen.join("\n"));
        (standing, step.text)
    }

    /// Types the answers one after another, whatever is asked, until they are used up or the dialogue is over.
    pub(in super::super) async fn types(&mut self, answers: &[&str]) {
        for answer in answers {
            let Some(step) = self.step().await else { return };
            if !matches!(Standing::from_wire(step.standing), Some(Standing::Asking | Standing::AskingOrDenied)) {
                return;
            }
            let _ = self.answers.as_ref().unwrap().send(Answer(Zeroizing::new(answer.as_bytes().to_vec()))).await;
        }
        self.step().await;
    }

    /// Answers the last question that was read.
    pub(in super::super) async fn says(&self, answer: &[u8]) {
        let answers = self.answers.as_ref().expect("a person who is still there");
        let _ = answers.send(Answer(Zeroizing::new(answer.to_vec()))).await;
    }

    /// Goes away at the last question that was read.
    pub(in super::super) async fn leaves(mut self) {
        self.answers = None;
        while self.steps.recv().await.is_some() {}
    }

    /// Reads a question and goes away.
    pub(in super::super) async fn hangs_up(&mut self) {
        self.step().await;
        self.answers = None;
        let last = self.steps.recv().await.and_then(|step| Standing::from_wire(step.standing));
        assert!(matches!(last, None | Some(Standing::Denied)), "the dialogue ends with the connection");
    }
}
