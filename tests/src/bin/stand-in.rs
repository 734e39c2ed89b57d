//! Runs inside a machine, as the agent's user and instead of it: a compromised agent. Writes down everything that it
//! hears. As any other user it `floods` a name with huge messages, or `opens` the memory of a unit's processes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's program"
)]

use std::{
    collections::HashSet,
    fs::{self, File, OpenOptions},
    io::{Read as _, Write as _},
    os::fd::OwnedFd,
};

use sspr_config::{
    bus::{AGENT, AGENT_PATH, DIALOGUE},
    dialogue::{Ask, Standing, Step},
};

/// Its answer to every call.
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

/// As large as the bus accepts, without the header.
const HUGE: usize = 30 << 20;

/// Sends huge messages to `name`, one after another over each of six connections, and waits for no answer.
async fn floods(name: String) {
    let answer = ("handle", 1u32, vec![0u8; HUGE]);
    // Written once, because that takes longer than the bus needs to deliver it.
    let call = zbus::Message::method_call(AGENT_PATH, "Answer").destination(name).interface(DIALOGUE);
    let huge = call.build(&answer).unwrap();
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let (bus, huge) = (zbus::Connection::system().await.unwrap(), huge.clone());
        all.spawn(async move { while bus.send(&huge).await.is_ok() {} });
    }
    all.join_all().await;
}

/// Looks for processes in the control group of `unit`, and keeps trying to open the memory of each for its whole life.
/// Writes a line to `file` when it begins to look, and one for each that it could have written to.
fn opens(unit: &str, file: &str) {
    let mut said = OpenOptions::new().create(true).append(true).open(file).unwrap();
    let processes = || {
        let entries = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        entries.filter(|name| name.bytes().all(|c| c.is_ascii_digit())).collect::<HashSet<String>>()
    };
    let memory = |process: &str| OpenOptions::new().read(true).write(true).open(format!("/proc/{process}/mem"));
    let mut known = HashSet::new();
    writeln!(said, "looks").unwrap();
    loop {
        let now = processes();
        for process in now.difference(&known) {
            let is_its = fs::read_to_string(format!("/proc/{process}/cgroup")).is_ok_and(|group| group.contains(unit));
            // A unit's first process joins the group only after a moment and is not seen. Its children are in the group
            // at once, as its copy. The helper itself belongs to root and continues.
            for _ in 0..if is_its { 20_000 } else { 0 } {
                match memory(process) {
                    Ok(_) => {
                        let name = fs::read_to_string(format!("/proc/{process}/cmdline")).unwrap_or_default();
                        writeln!(said, "opened {}", name.replace('\0', " ")).unwrap();
                        break;
                    }
                    Err(why) if why.kind() == std::io::ErrorKind::NotFound => break,
                    Err(_) => {}
                }
            }
        }
        known = now;
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments[1] == "floods" {
        return floods(arguments[2].clone()).await;
    }
    if arguments[1] == "opens" {
        return opens(&arguments[2], &arguments[3]);
    }
    let heard = OpenOptions::new().create(true).append(true).open(&arguments[2]).unwrap();
    let stand_in = StandIn { does: arguments[1].clone(), heard };
    let bus = zbus::connection::Builder::system().serve_at(AGENT_PATH, stand_in);
    let _bus = bus.name(AGENT).build().await.unwrap();
    std::future::pending::<()>().await;
}
