//! Any replies of an agent, and anything that a user types, leave the module in order: a terminal is shown clean, short text; a
//! password that is handed on was typed; only an agent that denies denies, and only where root's helper said that it may; the agent
//! gets the password of a sign-in only where root's helper said so, and once.
//!
//! The modules of `pam_sspr` are those of the crate that this is part of: the fuzzer's target, or the module's own tests.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use sspr_config::dialogue::{ANSWER_MAX, Standing, Step};
use sspr_config::policy::Policy;
use zbus::Type;
use zbus::wire::{BE, LE, serialized::Context, serialized::Data};

use crate::agent::{Agent, Beginning, Dialogue, Trouble};
use crate::host::{Host, Level, Mark, Secret, Style, Tone};
use crate::{account, auth, text};

/// The bodies of an agent's replies, in their order, and the standing of the dialogue after each.
#[derive(Clone)]
struct Babbler {
    bodies: Rc<RefCell<VecDeque<Vec<u8>>>>,
    context: Context,
    standing: Rc<Cell<u8>>,
    /// What was sent sealed.
    sealed: Rc<RefCell<Vec<Vec<u8>>>>,
}

impl Babbler {
    fn says<T: DeserializeOwned + Type>(&self) -> Result<T, Trouble> {
        let body = self.bodies.borrow_mut().pop_front().unwrap_or_default();
        let body = Data::new(body, self.context);
        body.deserialize().map(|(said, _)| said).map_err(|error| Trouble(error.to_string()))
    }

    fn step(&self, step: Step) -> Step {
        self.standing.set(step.standing);
        step
    }
}

impl Agent for Babbler {
    type Dialogue = Self;

    async fn begin(&self, _: &Beginning<'_>, _: Duration) -> Result<(Self, Step), Trouble> {
        let (_, step): (String, Step) = self.says()?;
        Ok((self.clone(), self.step(step)))
    }
}

impl Dialogue for Babbler {
    async fn answer(&mut self, _: u32, answer: &Secret, _: Duration) -> Result<Step, Trouble> {
        assert!(answer.bytes().len() <= ANSWER_MAX + 1);
        Ok(self.step(self.says()?))
    }

    async fn answer_sealed(&mut self, turn: u32, answer: &Secret, patience: Duration) -> Result<Step, Trouble> {
        self.sealed.borrow_mut().push(answer.bytes().to_vec());
        self.answer(turn, answer, patience).await
    }

    async fn vouch(&mut self, _: &str, password: &Secret, _: Duration) -> Result<bool, Trouble> {
        assert_eq!(password.bytes(), TYPED);
        self.says()
    }

    async fn cancel(&mut self) {}

    async fn leave_to_a_program(&mut self) {}
}

/// The password of the sign-in that registers.
const TYPED: &[u8] = b"the current one";

/// A host whose user types the rest of the input, and breaks off at its end.
struct Person {
    answers: VecDeque<Vec<u8>>,
    typed: Vec<Vec<u8>>,
    password: Option<Vec<u8>>,
    mark: Option<Mark>,
}

/// What may reach a terminal.
fn shown(text: &str) {
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
    assert!(text.len() <= 2 * 4096 + 1, "{} bytes at once", text.len());
}

impl Host for Person {
    fn service(&self) -> Option<&[u8]> {
        Some(b"login")
    }

    fn user(&mut self) -> Option<String> {
        Some("alice".into())
    }

    fn uid(&mut self, _: &str) -> Option<u32> {
        Some(1000)
    }

    fn tty(&self) -> String {
        "tty1".into()
    }

    fn rhost(&self) -> String {
        String::new()
    }

    fn locale(&self) -> String {
        "C.UTF-8".into()
    }

    fn has_password(&self) -> bool {
        false
    }

    fn set_password(&mut self, password: &Secret) -> bool {
        assert!(self.password.is_none(), "two passwords");
        self.password = Some(password.bytes().to_vec());
        true
    }

    fn mark(&mut self, mark: Option<Mark>) {
        self.mark = mark;
    }

    fn take_mark(&mut self) -> Option<Mark> {
        self.mark.take()
    }

    fn is_silent(&self) -> bool {
        false
    }

    fn is_screen(&self) -> bool {
        false
    }

    fn is_root(&self) -> bool {
        true
    }

    fn is_at_its_terminal(&self) -> bool {
        true
    }

    fn ask(&mut self, style: Style, prompt: &str) -> Option<Secret> {
        shown(prompt);
        let answer = self.answers.pop_front()?;
        if style == Style::EchoOff {
            self.typed.push(answer.clone());
        }
        Some(Secret::new(&answer))
    }

    fn tell(&mut self, _: Tone, text: &str) {
        shown(text);
    }

    fn log(&self, _: Level, line: &str) {
        // The real one cleans it.
        let _ = text::clean_line(line);
    }
}

/// `what`, the first byte of an input, says in which byte order, at which phase and under which policy the rest is played. Bodies follow,
/// each after a byte with its length, then answers, each up to a zero.
pub(crate) fn check(what: u8, mut rest: &[u8]) {
    let context = if what & 1 == 0 { Context::new(LE, 0) } else { Context::new(BE, 0) };
    let mut bodies = VecDeque::new();
    while bodies.len() < usize::from(what >> 4)
        && let Some((length, after)) = rest.split_first()
    {
        let (body, after) = after.split_at(usize::from(*length).min(after.len()));
        bodies.push_back(body.to_vec());
        rest = after;
    }
    let answers = rest.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect();
    let agent =
        Babbler { bodies: Rc::new(RefCell::new(bodies)), context, standing: Rc::default(), sealed: Rc::default() };
    let mut person = Person { answers, typed: Vec::new(), password: None, mark: None };
    if what & 2 == 0 {
        auth::authenticate(&mut person, &agent, true);
        if let Some(password) = &person.password {
            let is_it = |typed: &Vec<u8>| typed == password || typed.get(..=ANSWER_MAX) == Some(password);
            assert!(person.typed.iter().any(is_it), "a password that the user did not type");
        }
        assert!(person.mark.is_none() || person.password.is_some_and(|password| !password.is_empty()));
        return;
    }
    let (required, fleet) = (what & 8 == 0, what & 16 != 0);
    person.mark = Some(Mark::Typed(Secret::new(TYPED), Duration::MAX));
    let policy = || Policy { required, min_uid: 1000, min_typing_ms: 1000, fleet };
    if account::account(&mut person, &agent, Path::new("/nowhere"), |_| true, policy) == account::Verdict::Denied {
        let standing = Standing::from_wire(agent.standing.get());
        assert!(matches!(standing, Some(Standing::Denied | Standing::AskingOrDenied)), "denied by {standing:?}");
        assert!(required, "denied where nothing is required");
    }
    assert!(person.password.is_none());
    let sealed = agent.sealed.borrow();
    assert!(
        sealed.len() <= usize::from(fleet),
        "the password of a sign-in, more than once or where it may not be handed on"
    );
    assert!(sealed.iter().all(|password| password == TYPED));
}
