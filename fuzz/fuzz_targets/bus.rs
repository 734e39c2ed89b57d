//! Any bodies of messages: what the module makes of an agent that says anything, to a host that must stay in order; and
//! everything else that crosses the bus is read, or refused, and comes back as itself.
//!
//! The first byte of the input says what it is; bodies follow, each after a byte with its length.
#![no_main]
#![allow(dead_code, reason = "the module's own files, of which a host and its handle to C are left out")]

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    fmt::Debug,
    path::Path,
    rc::Rc,
    time::Duration,
};

use libfuzzer_sys::fuzz_target;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sspr_agent::admin::wire;
use sspr_config::dialogue::{Standing, Step};
use zbus::{
    Type,
    wire::{BE, LE, serialized::Context, serialized::Data, to_bytes},
};

#[path = "../../pam_sspr/src/account.rs"]
mod account;
#[path = "../../pam_sspr/src/agent.rs"]
mod agent;
#[path = "../../pam_sspr/src/auth.rs"]
mod auth;
#[path = "../../pam_sspr/src/host.rs"]
mod host;
#[path = "../../pam_sspr/src/relay.rs"]
mod relay;
#[path = "../../pam_sspr/src/text.rs"]
mod text;
#[path = "../../pam_sspr/src/words.rs"]
mod words;

use agent::{Agent, Beginning, Dialogue, Trouble};
use host::{Host, Level, Secret, Style, Tone};

/// The bodies of an agent's replies, as they come, and how the dialogue stood after each.
#[derive(Clone)]
struct Babbler {
    bodies: Rc<RefCell<VecDeque<Vec<u8>>>>,
    context: Context,
    standing: Rc<Cell<u8>>,
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
    async fn answer(&mut self, _: u32, answer: &Secret) -> Result<Step, Trouble> {
        assert!(answer.bytes().len() <= 512);
        Ok(self.step(self.says()?))
    }

    async fn answer_sealed(&mut self, turn: u32, answer: &Secret) -> Result<Step, Trouble> {
        self.answer(turn, answer).await
    }

    async fn cancel(&mut self) {}
}

/// A host whose person types what is left of the input, and breaks off when nothing is.
struct Person {
    answers: VecDeque<Vec<u8>>,
    typed: Vec<Vec<u8>>,
    password: Option<Vec<u8>>,
    marked: bool,
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

    fn mark(&mut self, typed: bool) {
        self.marked = typed;
    }

    fn marked(&self) -> bool {
        self.marked
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

fn sign_in(bodies: VecDeque<Vec<u8>>, context: Context, answers: VecDeque<Vec<u8>>, at_account: bool) {
    let agent = Babbler { bodies: Rc::new(RefCell::new(bodies)), context, standing: Rc::default() };
    let mut person = Person { answers, typed: Vec::new(), password: None, marked: at_account };
    if at_account {
        let verdict = account::account(&mut person, &agent, Path::new("/nowhere"));
        if verdict == account::Verdict::Denied {
            let standing = Standing::from_wire(agent.standing.get());
            assert!(matches!(standing, Some(Standing::Denied | Standing::AskingOrDenied)), "denied by {standing:?}");
        }
        assert!(person.password.is_none());
        return;
    }
    auth::authenticate(&mut person, &agent, true);
    if let Some(password) = &person.password {
        let is_it = |typed: &Vec<u8>| typed == password || typed.get(..512) == Some(password);
        assert!(person.typed.iter().any(is_it), "a password that nobody typed");
    }
    assert!(!person.marked || person.password.is_some_and(|password| !password.is_empty()));
}

/// What is read from a body comes back as itself.
fn body<T: DeserializeOwned + Serialize + Type + PartialEq + Debug>(data: &Data<'_, '_>) {
    if let Ok((read, _)) = data.deserialize::<T>() {
        let written = to_bytes(data.context(), &read).expect("what was read can be written");
        assert_eq!(written.deserialize::<T>().expect("and read").0, read);
    }
}

/// The same for the JSON of the administrators' interface.
fn json<T: DeserializeOwned + Serialize>(text: &str) {
    if let Ok(read) = serde_json::from_str::<T>(text) {
        let written = serde_json::to_string(&read).expect("what was read can be written");
        let again = serde_json::from_str::<T>(&written).expect("and read");
        assert_eq!(serde_json::to_string(&again).expect("and written"), written);
    }
}

/// A memfd cannot come out of bytes alone: a body that names one has none.
#[derive(Deserialize, Type)]
struct WithDescriptor(String, u32, zbus::OwnedFd);

fuzz_target!(|input: &[u8]| {
    let Some((what, mut rest)) = input.split_first() else { return };
    let context = if what & 1 == 0 { Context::new(LE, 0) } else { Context::new(BE, 0) };
    let mut bodies = VecDeque::new();
    if what & 6 < 4 {
        let many = usize::from(what >> 4);
        while bodies.len() < many
            && let Some((length, after)) = rest.split_first()
        {
            let (body, after) = after.split_at(usize::from(*length).min(after.len()));
            bodies.push_back(body.to_vec());
            rest = after;
        }
        let answers = rest.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect();
        return sign_in(bodies, context, answers, what & 2 != 0);
    }
    let data = Data::new(rest, context);
    body::<(String, Step)>(&data);
    body::<(Step,)>(&data);
    body::<(String, String, String, String, String, String)>(&data);
    body::<(String, u32, Vec<u8>)>(&data);
    body::<(u32, u8, bool, bool)>(&data);
    body::<(u8, String)>(&data);
    body::<(u32, u32)>(&data);
    body::<(String, String)>(&data);
    assert!(data.deserialize::<WithDescriptor>().is_err());
    if let Ok(text) = std::str::from_utf8(rest) {
        json::<wire::Label>(text);
        json::<wire::Whom>(text);
        json::<wire::Exempting>(text);
        json::<wire::ImportBegin>(text);
        json::<wire::ImportRows>(text);
        json::<wire::ImportOutcome>(text);
        json::<wire::ReportOf>(text);
        json::<wire::Report>(text);
        json::<wire::AuditOf>(text);
        json::<wire::Test>(text);
        json::<wire::Shown>(text);
        json::<wire::HelpdeskCode>(text);
    }
});
