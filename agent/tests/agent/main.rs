//! The real agent and the real helper on a private bus, with real accounts and messages in the spool. As at every login
//! prompt, what speaks to the agent is a connection on the bus.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(missing_docs, reason = "test names are sentences")]

#[path = "../../helper/tests/credential/host.rs"]
#[allow(dead_code, reason = "shared with the tests of the helper")]
mod host;

mod administration;
mod escapes;
mod helpdesk;
mod hostile;
mod kills;
mod power_cut;
mod races;
mod unshown;

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command},
    time::{Duration, Instant},
};

use host::{ADDRESS, Host, NEW, OLD, SETTINGS, on_a_host};
use sspr_agent::credential::{Verdict, client::Credentials as _};
use sspr_cli::{
    doctor::{self, Level},
    reload::{self, Reloaded},
};
use sspr_config::{
    bus::{AGENT, AGENT_PATH, DIALOGUE, PEOPLE},
    dialogue::{Ask, Standing, Step},
    sealed,
};
use zbus::Connection;

const STATE: &str = "/run/sspr-test/state";
const SERVED: &str = "[scope]\nenable = \"all\"\n[phone]\ndefault_region = \"JP\"\n[spool]\ndirectory = \"/run/sspr-test/state/spool\"\n";

/// The command, as cargo has built it.
fn sspr() -> PathBuf {
    host::beside("sspr", &["cli/src", "cli/src/command", "core/src", "protocol/src"])
}

/// A running agent; killed when dropped.
struct Agent(Child);

impl Agent {
    async fn start(host: &Host) -> Self {
        host.settings(SERVED);
        let _ = fs::create_dir(STATE);
        let agent = Self::spawn(Command::new(env!("CARGO_BIN_EXE_sspr-agent")));
        agent.up(host).await;
        agent
    }

    /// Runs `program`, which is the agent or what starts it, on the settings as they are.
    fn spawn(mut program: Command) -> Self {
        program.args(["--config", SETTINGS, "--state", STATE, "--bus", ADDRESS]);
        program.stderr(fs::OpenOptions::new().create(true).append(true).open("/run/sspr-test/log").unwrap());
        Self(program.spawn().unwrap())
    }

    /// Waits until it has its name.
    async fn up(&self, host: &Host) {
        let bus = host.connect().await;
        let deadline = Instant::now() + Duration::from_secs(20);
        while !has_owner(&bus).await {
            assert!(Instant::now() < deadline, "the agent did not come up:\n{}", host.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn has_owner(bus: &Connection) -> bool {
    let name = "org.freedesktop.DBus";
    let reply =
        bus.call_method(Some(name), "/org/freedesktop/DBus", Some(name), "NameHasOwner", &(AGENT,)).await.unwrap();
    reply.body().deserialize().unwrap()
}

/// A terminal that talks to the agent.
struct Terminal {
    bus: Connection,
    handle: String,
    step: Step,
}

impl Terminal {
    async fn begin(host: &Host, purpose: &str, user: &str) -> Self {
        Self::begin_from(host, purpose, user, "192.0.2.7").await
    }

    async fn begin_from(host: &Host, purpose: &str, user: &str, rhost: &str) -> Self {
        Self::try_begin(host, purpose, user, rhost).await.unwrap()
    }

    async fn try_begin(host: &Host, purpose: &str, user: &str, rhost: &str) -> zbus::Result<Self> {
        let bus = host.try_connect().await?;
        let body = (purpose, user, "sshd", "ssh", rhost, "");
        let reply = bus.call_method(Some(AGENT), AGENT_PATH, Some(DIALOGUE), "Begin", &body).await?;
        let (handle, step) = reply.body().deserialize()?;
        let mut terminal = Self { bus, handle, step };
        // The module has the helper look, and no person has a hand in it.
        if Ask::from_wire(terminal.step.ask) == Some(Ask::Vouch) {
            terminal.step = terminal.try_answer(terminal.step.turn, "yes").await?;
        }
        Ok(terminal)
    }

    #[track_caller]
    fn shows(&self, part: &str) {
        assert!(
            self.step.text.contains(part) || self.step.prompt.contains(part),
            "expected {part:?} in {:?}",
            self.step
        );
    }

    async fn answer(&mut self, answer: &str) {
        self.step = self.try_answer(self.step.turn, answer).await.unwrap();
    }

    async fn try_answer(&self, turn: u32, answer: &str) -> zbus::Result<Step> {
        let sealed = matches!(Ask::from_wire(self.step.ask), Some(Ask::Secret | Ask::NewPassword));
        let reply = if sealed {
            let fd = sealed::make(answer.as_bytes()).unwrap();
            let body = (self.handle.as_str(), turn, zbus::Fd::from(&fd));
            self.bus.call_method(Some(AGENT), AGENT_PATH, Some(DIALOGUE), "AnswerSealed", &body).await?
        } else {
            let body = (self.handle.as_str(), turn, answer.as_bytes());
            self.bus.call_method(Some(AGENT), AGENT_PATH, Some(DIALOGUE), "Answer", &body).await?
        };
        let (step,): (Step,) = reply.body().deserialize()?;
        Ok(step)
    }

    fn standing(&self) -> Standing {
        Standing::from_wire(self.step.standing).unwrap()
    }
}

/// The messages in the spool, oldest first, once there are `count`.
async fn messages(count: usize) -> Vec<String> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let mut files: Vec<_> = fs::read_dir(Path::new(STATE).join("spool"))
            .map(|all| all.map(|e| e.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "txt")).collect())
            .unwrap_or_default();
        files.sort();
        if files.len() >= count {
            return files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
        }
        assert!(Instant::now() < deadline, "{} of {count} messages", files.len());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn code(message: &str) -> String {
    let code: String = message.split("\n\n").nth(1).unwrap().chars().take_while(char::is_ascii_digit).collect();
    assert_eq!(code.len(), 6, "{message}");
    code
}

async fn register(host: &Host, name: &str) {
    let before = messages(0).await.len();
    let mut terminal = Terminal::begin(host, "register", name).await;
    terminal.shows("1, 2 or 3");
    terminal.answer("1").await;
    terminal.shows("Which email");
    terminal.answer(&format!("{name}@example.org")).await;
    terminal.shows("on its way");
    let code = code(messages(before + 1).await.last().unwrap());
    terminal.answer(&code).await;
    terminal.shows("Done");
    terminal.answer("").await;
    assert_eq!(terminal.standing(), Standing::Finished);
}

/// Runs a shell line: whether it succeeded, and what it said.
fn sh_ok(line: &str) -> (bool, String) {
    let output = Command::new("sh").args(["-c", line]).output().unwrap();
    (output.status.success(), host::both(&output))
}

#[test]
fn alice_registers_forgets_and_recovers_over_kills_of_the_agent() {
    on_a_host("alice_registers_forgets_and_recovers_over_kills_of_the_agent", async |host| {
        host.user("alice");
        let agent = Agent::start(host).await;
        register(host, "alice").await;
        let mut alice = Terminal::begin(host, "recover", "alice").await;
        alice.answer("e").await;
        let code = code(&messages(2).await[1]);
        drop(agent);
        let agent = Agent::start(host).await;
        assert!(alice.try_answer(alice.step.turn, &code).await.is_err(), "the dialogue died with the agent");
        let mut alice = Terminal::begin(host, "recover", "alice").await;
        alice.shows("sent by email before");
        alice.answer(&code).await;
        alice.shows("New password");
        alice.answer("too short").await;
        alice.shows("too short");
        drop(agent);
        let _agent = Agent::start(host).await;
        let mut alice = Terminal::begin(host, "recover", "alice").await;
        alice.shows("sent by email before");
        alice.answer(&code).await;
        let before = host.shadow("alice")[1].clone();
        alice.answer(NEW).await;
        alice.shows("Type it again");
        assert_eq!(host.shadow("alice")[1], before, "nothing is written before everything is known");
        alice.answer(NEW).await;
        assert_eq!(alice.standing(), Standing::Recovered, "{:?}", alice.step);
        assert_ne!(host.shadow("alice")[1], before);
        let all = messages(3).await;
        assert_eq!(all.len(), 3, "one code to register, one to recover, one note");
        assert!(all[2].contains("was reset on") && all[2].contains("192.0.2.7"), "{}", all[2]);
        let log = host.log();
        assert!(log.contains("Reset password (self-service)") && log.contains("Security info saved"), "{log}");
        for secret in [code.as_str(), "alice@example.org", "@example"] {
            assert!(!log.contains(secret), "{secret} in the log:\n{log}");
        }
        for file in ["sspr.db", "sspr.db-wal"] {
            let bytes = fs::read(Path::new(STATE).join(file)).unwrap_or_default();
            for secret in [code.as_str(), "alice@example.org", NEW, OLD] {
                assert!(!bytes.windows(secret.len()).any(|w| w == secret.as_bytes()), "{secret} in {file}");
            }
        }
    });
}

#[test]
fn a_stranger_on_the_bus_gets_nowhere() {
    on_a_host("a_stranger_on_the_bus_gets_nowhere", async |host| {
        host.user("alice");
        host.user("carol");
        let _agent = Agent::start(host).await;
        register(host, "alice").await;
        let alice = Terminal::begin(host, "recover", "alice").await;
        // Another caller's handle, another turn, the other kind of answer.
        let stranger = Terminal { bus: host.connect().await, handle: alice.handle.clone(), step: alice.step.clone() };
        let error = stranger.try_answer(1, "1").await.unwrap_err().to_string();
        assert!(error.contains("NoDialogue"), "{error}");
        let error = alice.try_answer(alice.step.turn + 1, "1").await.unwrap_err().to_string();
        assert!(error.contains("Malformed"), "{error}");
        let fd = sealed::make(b"1").unwrap();
        let body = (alice.handle.as_str(), alice.step.turn, zbus::Fd::from(&fd));
        assert!(alice.bus.call_method(Some(AGENT), AGENT_PATH, Some(DIALOGUE), "AnswerSealed", &body).await.is_err());
        // Another's cancel changes nothing; the dialogue still takes its own answer.
        let body = (alice.handle.as_str(),);
        stranger.bus.call_method(Some(AGENT), AGENT_PATH, Some(DIALOGUE), "Cancel", &body).await.unwrap();
        let step = alice.try_answer(alice.step.turn, "e").await.unwrap();
        assert!(step.text.contains("on its way"), "{step:?}");

        // Far more than a terminal can send: not an answer, and the dialogue goes on.
        let mut carol = Terminal::begin(host, "register", "carol").await;
        for size in [512, 100_000] {
            carol.step = carol.try_answer(carol.step.turn, &"x".repeat(size)).await.unwrap();
            carol.shows("too long");
        }
        carol.answer("").await;
        assert_eq!(carol.standing(), Standing::Finished);

        // A local user may recover like anybody, but neither register another user nor say who it is.
        let nobody = |purpose: &str, user: &str| {
            sh_ok(&format!(
                "setpriv --reuid=nobody --clear-groups busctl --address={ADDRESS} call {PEOPLE} {AGENT_PATH} {DIALOGUE} \
                 Begin ssssss {purpose} {user} sshd ssh 192.0.2.1 '' 2>&1"
            ))
        };
        assert!(nobody("register", "alice").1.contains("only a PAM host"));
        let (ok, said) = nobody("status", "alice");
        assert!(ok && !said.contains("example"), "the status of nobody, not of alice: {said}");
        assert!(nobody("reset", "alice").1.contains("no such purpose"));
        assert!(nobody("recover", &"a".repeat(300)).1.contains("too long"));
        // Each of these leaves the bus at once. If their dialogues stayed open, the ninth would be refused.
        for n in 0..12 {
            let (ok, said) = nobody("recover", "alice");
            assert!(ok, "{n}: {said}");
        }
    });
}

#[test]
fn settings_that_can_not_be_used_are_named_with_line_and_fix_and_the_agent_does_not_run() {
    on_a_host("settings_that_can_not_be_used_are_named_with_line_and_fix_and_the_agent_does_not_run", async |host| {
        fs::create_dir(STATE).unwrap();
        let start = || {
            let output = Command::new("timeout")
                .args([
                    "10",
                    env!("CARGO_BIN_EXE_sspr-agent"),
                    "--config",
                    SETTINGS,
                    "--state",
                    STATE,
                    "--bus",
                    ADDRESS,
                ])
                .output()
                .unwrap();
            (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
        };
        for (text, said) in [
            (
                "[code]\nlifetme = \"5m\"\n",
                "sspr.toml:2: there is no setting \"lifetme\" in [code]; did you mean \"lifetime\"?",
            ),
            ("[code]\nlifetime = \"soon\"\n", "sspr.toml:2: code.lifetime: \"soon\" is not a duration"),
            ("[email]\ngateway = \"smtp\"\n", "sspr.toml:1: mail is to go by SMTP, but no server is named"),
            (
                "[email]\ngateway = \"smtp\"\nsmtp = \"smtp://localhost\"\nfrom = \"a@b.org\"\nusername = \"u\"\npassword_file = \"/none\"\n",
                "/none",
            ),
        ] {
            host.settings(text);
            let (status, stderr) = start();
            assert_eq!(status, Some(78), "{stderr}");
            assert!(stderr.contains(said), "{stderr}");
            assert!(stderr.contains("sign-ins go on without it"), "{stderr}");
        }
        fs::set_permissions(SETTINGS, std::os::unix::fs::PermissionsExt::from_mode(0o666)).unwrap();
        let (status, stderr) = start();
        assert!(status == Some(78) && stderr.contains("chmod 0644"), "{stderr}");
        fs::remove_file(SETTINGS).unwrap();
        let (status, stderr) = start();
        assert!(status == Some(78) && stderr.contains("there is no such file"), "{stderr}");
    });
}

#[test]
fn settings_are_read_again_when_root_asks_and_a_mistake_is_told_and_keeps_the_old_ones() {
    on_a_host(
        "settings_are_read_again_when_root_asks_and_a_mistake_is_told_and_keeps_the_old_ones",
        async |host: &Host| {
            host.user("alice");
            host.settings(SERVED);
            // As the helper's unit makes it: there it keeps the settings that counted last.
            fs::create_dir("/run/sspr-credential").unwrap();
            fs::set_permissions("/run/sspr-credential", fs::Permissions::from_mode(0o700)).unwrap();
            assert_eq!(reload::ask(ADDRESS).await, Ok(Reloaded::NotRunning));
            assert_eq!(doctor::service::agent(ADDRESS).await.level, Level::Error);
            let _agent = Agent::start(host).await;
            assert_eq!(doctor::service::agent(ADDRESS).await.level, Level::Fine);
            assert_eq!(doctor::service::helper(ADDRESS).await.level, Level::Fine);

            let digits = |number: u8| host.settings(&format!("{SERVED}[code]\ndigits = {number}\n"));
            digits(8);
            assert_eq!(reload::ask(ADDRESS).await, Ok(Reloaded::Done));
            let credentials = host.credentials().await;
            assert_eq!(credentials.account("alice").await.unwrap().verdict, Verdict::Eligible);
            digits(4);
            let Ok(Reloaded::Kept(why)) = reload::ask(ADDRESS).await else { panic!("a mistake was taken") };
            assert!(why.contains("digits = 4 is out of range"), "{why}");
            let mut terminal = Terminal::begin(host, "register", "alice").await;
            terminal.answer("1").await;
            terminal.answer("alice@example.org").await;
            let message = messages(1).await.remove(0);
            let code = message.split("\n\n").nth(1).unwrap().chars().take_while(char::is_ascii_digit).count();
            assert_eq!(code, 8, "{message}");
        },
    );
}
