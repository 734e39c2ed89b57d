//! The users' surroundings: a mailbox for each, and a killer.

use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, VecDeque},
    fmt, fs,
    path::Path,
    process::Command,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use sspr_agent::store::Store;
use tokio::time::{Instant, sleep};

use super::{
    super::{
        Agent, SERVED, STATE,
        host::{Host, until},
    },
    person::Person,
};

/// Limits must not interfere: they are not tested here.
const UNLIMITED: &str = "[limits]\nfailed_proofs = 100\nfailed_proofs_per_hour = 100000\nsends_per_hour = 100000\nsends_per_day = 100000\n\
                         starts_per_hour = 100000\nmessages_per_hour = 100000\n[code]\nresend_after = \"1s\"\n";
/// The longest time between two kills.
const CALM_MAX: u64 = 1200;
/// How long a message may take: a little longer than the outbox waits before it retries a message that it was about to
/// send.
const MAIL_MAX: Duration = Duration::from_secs(80);

pub(super) struct Street<'h> {
    pub(super) host: &'h Host,
    agent: RefCell<Agent>,
    people: RefCell<VecDeque<Person>>,
    mail: RefCell<HashMap<String, Vec<String>>>,
    /// Helpers whose bus is gone.
    orphans: RefCell<Vec<Pid>>,
    random: Cell<u64>,
    dialogues: u32,
    lines: usize,
    pub(super) tally: Tally,
}

/// What happened, for the reader of the output.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) dialogues: Cell<u32>,
    pub(super) lost: Cell<u32>,
    pub(super) registered: Cell<u32>,
    pub(super) recovered: Cell<u32>,
    pub(super) unsure: Cell<u32>,
    pub(super) unsure_but_changed: Cell<u32>,
    pub(super) refused: Cell<u32>,
    pub(super) tried_again: Cell<u32>,
    agents: Cell<u32>,
    helpers: Cell<u32>,
    buses: Cell<u32>,
    stores: Cell<u32>,
    longest_mail: Cell<Duration>,
}

pub(super) fn more(count: &Cell<u32>) {
    count.set(count.get() + 1);
}

impl<'h> Street<'h> {
    pub(super) fn new(host: &'h Host, dialogues: u32, seed: u64, people: Vec<Person>) -> Self {
        host.settings(&format!("{SERVED}{UNLIMITED}"));
        fs::create_dir(STATE).unwrap();
        Self {
            host,
            agent: RefCell::new(agent()),
            lines: shadow_lines(),
            people: RefCell::new(people.into()),
            mail: RefCell::default(),
            orphans: RefCell::default(),
            random: Cell::new(seed),
            dialogues,
            tally: Tally::default(),
        }
    }

    /// A number below `end` (splitmix64).
    pub(super) fn random(&self, end: u64) -> u64 {
        let state = self.random.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.random.set(state);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }

    /// Runs the users' next dialogues, one after another, until enough dialogues were held.
    pub(super) async fn walk(&self) {
        while self.tally.dialogues.get() < self.dialogues {
            let Some(mut person) = self.people.borrow_mut().pop_front() else { return };
            person.goes_on(self).await;
            self.people.borrow_mut().push_back(person);
        }
    }

    /// Kills something at random moments.
    pub(super) async fn kill_now_and_then(&self) {
        loop {
            sleep(Duration::from_millis(self.random(CALM_MAX))).await;
            match self.random(10) {
                0..5 => {
                    let _ = self.agent.borrow_mut().0.kill();
                    more(&self.tally.agents);
                }
                5..9 => {
                    if kill_all("sspr-credential") > 0 {
                        more(&self.tally.helpers);
                    }
                }
                _ => {
                    *self.orphans.borrow_mut() = running("sspr-credential");
                    self.host.kill_bus();
                    more(&self.tally.buses);
                }
            }
            self.shadow_is_whole();
        }
    }

    /// Waits until helpers that have lost their bus have finished: a fraction of a second, in which no user can read
    /// that the result is uncertain, request another code and type another password twice.
    pub(super) async fn orphans_are_gone(&self) {
        let orphans = self.orphans.borrow().clone();
        let gone = async || running("sspr-credential").iter().all(|pid| !orphans.contains(pid)).then_some(());
        until(Duration::from_secs(20), gone).await;
    }

    /// Starts the agent again whenever it has ended, as systemd does, after checking what it left.
    pub(super) async fn keep_running(&self) {
        loop {
            if self.agent.borrow_mut().0.try_wait().unwrap().is_some() {
                store_is_whole().await;
                more(&self.tally.stores);
                *self.agent.borrow_mut() = agent();
            }
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Stops the killing, and waits until everything in progress has ended.
    pub(super) async fn calm(&self) {
        let _ = self.agent.borrow_mut().0.kill();
        let _ = self.agent.borrow_mut().0.wait();
        store_is_whole().await;
        let agent = agent();
        agent.up(self.host).await;
        *self.agent.borrow_mut() = agent;
        wait_for_none("sspr-credential").await;
        self.shadow_is_whole();
    }

    pub(super) fn people(&self) -> Vec<Person> {
        self.people.borrow_mut().drain(..).collect()
    }

    /// The newest of more than `known` codes that came to `address`, as its owner finds it.
    pub(super) async fn code(&self, address: &str, known: usize) -> (String, usize) {
        let start = Instant::now();
        loop {
            let codes = self.codes(address);
            if let Some(code) = codes.last().filter(|_| codes.len() > known) {
                let longest = &self.tally.longest_mail;
                longest.set(longest.get().max(start.elapsed()));
                return (code.clone(), codes.len());
            }
            assert!(start.elapsed() < MAIL_MAX, "no code for {address}:\n{}", self.end_of_log());
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// How many codes have come to `address`.
    pub(super) fn codes_so_far(&self, address: &str) -> usize {
        self.codes(address).len()
    }

    fn codes(&self, address: &str) -> Vec<String> {
        self.read_mail();
        let mail = self.mail.borrow();
        let messages = mail.get(address).map(Vec::as_slice).unwrap_or_default();
        messages.iter().filter_map(|message| code_in(message)).collect()
    }

    fn read_mail(&self) {
        let mut files: Vec<_> =
            fs::read_dir(Path::new(STATE).join("spool")).into_iter().flatten().map(|e| e.unwrap().path()).collect();
        files.retain(|path| path.extension().is_some_and(|e| e == "txt"));
        files.sort();
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            let to = text.lines().next().unwrap().trim_start_matches("To: ").to_owned();
            self.mail.borrow_mut().entry(to).or_default().push(text);
            fs::remove_file(file).unwrap();
        }
    }

    /// A user whose password was changed has a notification about each change, whether or not a program survived to
    /// report it.
    pub(super) async fn notes_came(&self, people: &[Person]) {
        let deadline = Instant::now() + MAIL_MAX;
        let notes = |person: &Person| {
            let mail = self.mail.borrow();
            let all = mail.get(&person.address).map(Vec::as_slice).unwrap_or_default();
            all.iter().filter(|message| message.contains("was reset on")).count()
        };
        loop {
            self.read_mail();
            let missing: Vec<&Person> = people.iter().filter(|p| notes(p) < p.changes() as usize).collect();
            if missing.is_empty() {
                return;
            }
            assert!(Instant::now() < deadline, "{} did not hear of all resets", missing[0].name);
            sleep(Duration::from_millis(50)).await;
        }
    }

    pub(super) fn end_of_log(&self) -> String {
        let log = self.host.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }

    /// Every line has nine fields, and their number is unchanged.
    fn shadow_is_whole(&self) {
        let text = fs::read_to_string("/etc/shadow").unwrap();
        for line in text.lines() {
            assert_eq!(line.split(':').count(), 9, "{line:?}");
        }
        assert!(text.ends_with('\n'));
        assert_eq!(shadow_lines(), self.lines);
    }
}

impl fmt::Display for Street<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let t = &self.tally;
        writeln!(f, "dialogues {}, broken off {}", t.dialogues.get(), t.lost.get())?;
        writeln!(f, "killed: agent {}, helper {}, bus {}", t.agents.get(), t.helpers.get(), t.buses.get())?;
        writeln!(f, "registered {}, recovered {}, refused {}", t.registered.get(), t.recovered.get(), t.refused.get())?;
        writeln!(f, "not sure {}, of these changed {}", t.unsure.get(), t.unsure_but_changed.get())?;
        writeln!(f, "spent codes tried again {}, stores looked at {}", t.tried_again.get(), t.stores.get())?;
        writeln!(f, "the slowest code took {:?}", t.longest_mail.get())
    }
}

fn agent() -> Agent {
    Agent::spawn(Command::new(env!("CARGO_BIN_EXE_sspr-agent")))
}

fn shadow_lines() -> usize {
    fs::read_to_string("/etc/shadow").unwrap().lines().count()
}

/// The code in a message, if it has one.
fn code_in(message: &str) -> Option<String> {
    let code: String = message.split("\n\n").nth(1)?.chars().take_while(char::is_ascii_digit).collect();
    (code.len() == 6).then_some(code)
}

/// Kills all processes that run `program`, and returns their number.
pub(crate) fn kill_all(program: &str) -> usize {
    signal_all(program, Signal::KILL)
}

/// Sends `signal` to every process that runs `program`. Returns their number.
pub(crate) fn signal_all(program: &str, signal: Signal) -> usize {
    let running = running(program);
    for pid in &running {
        let _ = kill_process(*pid, signal);
    }
    running.len()
}

/// Waits until no process runs `program`.
pub(crate) async fn wait_for_none(program: &str) {
    until(Duration::from_secs(20), async || running(program).is_empty().then_some(())).await;
}

/// The processes that run `program`.
pub(crate) fn running(program: &str) -> Vec<Pid> {
    let runs = |entry: &fs::DirEntry| {
        // A zombie no longer has a program.
        fs::read_link(entry.path().join("exe")).is_ok_and(|exe| exe.file_name().is_some_and(|name| name == program))
    };
    let processes = fs::read_dir("/proc").unwrap().flatten().filter(runs);
    processes.filter_map(|entry| Pid::from_raw(entry.file_name().to_str()?.parse().ok()?)).collect()
}

/// A copy of the store as it is, without the index of the log, which is rebuilt at each start.
pub(super) fn copy_of_the_store() -> tempfile::TempDir {
    let copy = tempfile::tempdir_in("/run").unwrap();
    for file in ["sspr.db", "sspr.db-wal"] {
        let from = Path::new(STATE).join(file);
        if from.exists() {
            fs::copy(from, copy.path().join(file)).unwrap();
        }
    }
    copy
}

/// The store of a killed agent can be opened and is sound.
async fn store_is_whole() {
    let copy = copy_of_the_store();
    let store = Store::open(&copy.path().join("sspr.db")).await.unwrap();
    super::super::power_cut::is_sound(&store).await;
}
