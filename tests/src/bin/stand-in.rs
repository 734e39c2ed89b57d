//! Runs inside a machine, as the user of the agent and in its place: an agent that was taken over. Writes down all that it hears.
//! As any other user it `floods` a name with huge messages.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's program"
)]

use std::{
    fs::{File, OpenOptions},
    io::{Read as _, Write as _},
    os::fd::OwnedFd,
};

use sspr_config::{
    bus::{AGENT, AGENT_PATH, DIALOGUE},
    dialogue::{Ask, Standing, Step},
};

/// What it answers with, whatever it is asked.
fn step(does: &str) -> Step {
    let again = "The password database was repaired. To go on,";
    let (standing, ask, text, prompt) = match does {
        "denies" => (Standing::Denied, Ask::Nothing, "Permission denied", ""),
        "asks-hidden" => (Standing::Asking, Ask::Secret, again, "Password: "),
        "asks-visibly" => (Standing::Asking, Ask::Line, again, "Password: "),
        "binds" => (Standing::AskingOrDenied, Ask::NewPassword, "", "Once more: "),
        other => panic!("{other}"),
    };
    Step { turn: 1, standing: standing.to_wire(), ask: ask.to_wire(), text: text.into(), prompt: prompt.into() }
}

struct StandIn {
    does: String,
    heard: File,
}

impl StandIn {
    fn hears(&mut self, words: &[&str]) -> Step {
        writeln!(self.heard, "{}", words.join(" ")).unwrap();
        step(&self.does)
    }
}

#[zbus::interface(name = "org.pam_sspr.Dialogue1")]
impl StandIn {
    #[allow(clippy::too_many_arguments, reason = "as they are on the bus")]
    fn begin(
        &mut self,
        purpose: &str,
        user: &str,
        service: &str,
        tty: &str,
        rhost: &str,
        locale: &str,
    ) -> (String, Step) {
        ("handle".into(), self.hears(&["Begin", purpose, user, service, tty, rhost, locale]))
    }

    #[allow(clippy::needless_pass_by_value, reason = "as the bus gives it")]
    fn answer(&mut self, handle: &str, turn: u32, answer: Vec<u8>) -> (Step,) {
        (self.hears(&["Answer", handle, &turn.to_string(), &String::from_utf8_lossy(&answer)]),)
    }

    fn answer_sealed(&mut self, handle: &str, turn: u32, answer: zbus::OwnedFd) -> (Step,) {
        let mut typed = String::new();
        File::from(OwnedFd::from(answer)).read_to_string(&mut typed).unwrap();
        (self.hears(&["AnswerSealed", handle, &turn.to_string(), &typed]),)
    }

    fn cancel(&mut self, handle: &str) {
        self.hears(&["Cancel", handle]);
    }
}

/// As large as the bus takes them, but for their heads.
const HUGE: usize = 30 << 20;

/// Sends huge messages to `name`, one after the other over each of six connections.
async fn floods(name: String) {
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let (bus, name) = (zbus::Connection::system().await.unwrap(), name.clone());
        all.spawn(async move {
            let answer = ("handle", 1u32, vec![0u8; HUGE]);
            loop {
                let _ = bus.call_method(Some(name.as_str()), AGENT_PATH, Some(DIALOGUE), "Answer", &answer).await;
            }
        });
    }
    all.join_all().await;
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments[1] == "floods" {
        return floods(arguments[2].clone()).await;
    }
    let heard = OpenOptions::new().create(true).append(true).open(&arguments[2]).unwrap();
    let stand_in = StandIn { does: arguments[1].clone(), heard };
    let bus = zbus::connection::Builder::system().serve_at(AGENT_PATH, stand_in);
    let _bus = bus.name(AGENT).build().await.unwrap();
    std::future::pending::<()>().await;
}
