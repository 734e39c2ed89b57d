//! Random walks of several users over three servers of one store, which are killed and started again meanwhile. A ledger
//! of its own says after each step who may have got how far.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicUsize, Ordering},
};

use proptest::{
    prelude::*,
    test_runner::{Config, RngSeed, TestRunner},
};
use sspr_config::dialogue::{Ask, Standing, Step};

use super::world::{Host, Running, Server, Terminal, any, ends, standing};
use crate::{
    clock::Time,
    held::Refused,
    random::{Random as _, SystemRandom},
};

/// How many dialogues are open at a time.
const SLOTS: usize = 3;
/// Only dora is registered.
const NAMES: [&str; 3] = ["dora", "dora", "zoe"];
const LOST: &str = "The server stopped answering.";
/// The wrong codes of an account that are taken before it is suspended.
const TRIES: usize = 5;

#[derive(Clone, Debug)]
enum Move {
    /// Begins, or answers with what leads on.
    Goes(usize),
    Wrong(usize),
    /// Types a code that was used before, or is older.
    Old(usize),
    Junk(usize, String),
    Leaves(usize),
    /// A server dies, and is started again.
    Dies(usize),
    Later(i64),
}

fn moves() -> impl Strategy<Value = Move> {
    prop_oneof![
        12 => (0..SLOTS).prop_map(Move::Goes),
        3 => (0..SLOTS).prop_map(Move::Wrong),
        1 => (0..SLOTS).prop_map(Move::Old),
        1 => (0..SLOTS, "[ -~]{0,12}").prop_map(|(slot, text)| Move::Junk(slot, text)),
        1 => (0..SLOTS).prop_map(Move::Leaves),
        3 => (0..SLOTS).prop_map(Move::Dies),
        1 => prop_oneof![Just(70), Just(700), Just(90_000)].prop_map(Move::Later),
    ]
}

#[derive(Default)]
struct Seen {
    reset: AtomicUsize,
    lost: AtomicUsize,
    lost_after_the_proof: AtomicUsize,
    suspended: AtomicUsize,
}

/// A dialogue.
struct Open<'a> {
    terminal: Terminal<'a>,
    name: &'static str,
    step: Step,
    began: Time,
    /// The good code that was typed in it.
    code: Option<String>,
    password: String,
}

struct Walk<'a> {
    server: &'a Server,
    replicas: Vec<Running>,
    hosts: &'a [Host],
    open: [Option<Open<'a>>; SLOTS],
    /// All codes that dora got, newest last.
    codes: Vec<String>,
    used: BTreeSet<String>,
    /// How many wrong codes for dora were judged since the last reset, or within a day.
    wrong: usize,
    set: usize,
    seen: &'a Seen,
}

fn is(step: &Step, ask: Ask) -> bool {
    Ask::from_wire(step.ask) == Some(ask)
}

impl Walk<'_> {
    async fn go(&mut self, to: &Move) {
        match to {
            Move::Dies(which) => {
                let running = &mut self.replicas[*which];
                running.dies().await;
                *running = Running::beside(self.server, running.address).await;
            }
            Move::Later(seconds) => {
                self.server.later(*seconds);
                if *seconds > 86_400 {
                    self.wrong = 0;
                }
            }
            Move::Leaves(slot) => {
                if let Some(open) = self.open[*slot].take() {
                    open.terminal.leaves();
                }
            }
            Move::Goes(slot) => self.answers(*slot, None).await,
            Move::Wrong(slot) => self.answers(*slot, Some("000000".to_owned())).await,
            Move::Old(slot) => {
                let old = self.codes.first().filter(|_| self.codes.len() > 1).cloned();
                self.answers(*slot, Some(old.unwrap_or_default())).await;
            }
            Move::Junk(slot, text) => self.answers(*slot, Some(text.clone())).await,
        }
        for (address, code) in self.server.mailbox().await {
            assert_eq!(address, "dora@example.org");
            if code.bytes().all(|byte| byte.is_ascii_digit()) {
                self.codes.push(code);
            }
        }
    }

    async fn answers(&mut self, slot: usize, typed: Option<String>) {
        let Some(mut open) = self.open[slot].take() else {
            let (host, name) = (&self.hosts[slot % self.hosts.len()], NAMES[slot]);
            let mut terminal = host.forgets(name);
            let step = terminal.begins("recover").await;
            if !ends(&step) {
                let password = format!("plover tundra biscuit {slot} {}", self.set);
                let began = self.server.agent.now();
                self.open[slot] = Some(Open { terminal, name, step, began, code: None, password });
            }
            return;
        };
        let newest = self.codes.last().cloned();
        let is_code = open.step.prompt.contains("Code:");
        let typed = typed.unwrap_or_else(|| match () {
            () if Ask::from_wire(open.step.ask).is_some_and(Ask::is_sealed) => open.password.clone(),
            () if is_code => newest.clone().unwrap_or_else(|| "111111".to_owned()),
            () => "e".to_owned(),
        });
        let was_new_password = is(&open.step, Ask::NewPassword);
        if is_code && open.name == "dora" && newest.as_deref() == Some(typed.as_str()) && !self.used.contains(&typed) {
            open.code = Some(typed.clone());
        }
        let over = open.began + self.server.agent.settings.limits.recovery.as_secs();
        let step = match open.terminal.tries(&typed).await {
            Ok(step) => step,
            Err(refused) => {
                assert!(matches!(refused, Refused::NoDialogue(_)) && self.server.agent.now() >= over, "{refused:?}");
                return;
            }
        };
        let lost = step.text.contains(LOST);
        assert!(!lost || self.server.agent.now() < over, "a reset got more time");
        self.judge(&open, &step, &typed);
        let seen = self.seen;
        let count = |what: &AtomicUsize, holds: bool| what.fetch_add(usize::from(holds), Ordering::SeqCst);
        count(&seen.lost, lost);
        count(&seen.lost_after_the_proof, lost && was_new_password && is(&step, Ask::NewPassword));
        count(&seen.suspended, step.text.contains("suspended"));
        if is_code && open.name == "dora" && !lost && step.text.contains("wrong") {
            self.wrong += 1;
            assert!(self.wrong <= TRIES, "{} wrong codes were judged", self.wrong);
        }
        open.step = step;
        self.open[slot] = (!ends(&open.step)).then_some(open);
    }

    /// Whether somebody got further than the ledger allows.
    fn judge(&mut self, open: &Open<'_>, step: &Step, typed: &str) {
        let set = self.server.directory.set.lock().unwrap().clone();
        if is(step, Ask::NewPassword) {
            // A code that two dialogues take proves it for the later one. The other one is told at the end.
            assert!(open.code.is_some(), "a new password is asked without a good code");
        }
        assert!(set.len() <= self.set + 1);
        if set.len() > self.set {
            assert_eq!(open.name, "dora");
            assert_eq!(set.last().map(String::as_str), Some(typed));
            let code = open.code.clone().expect("a password is set without a good code");
            assert!(self.used.insert(code), "two passwords are set by one code");
            self.set = set.len();
        }
        if standing(step) == Standing::Recovered {
            assert_eq!(set.last().map(String::as_str), Some(typed), "a reset that was not made");
            self.seen.reset.fetch_add(1, Ordering::SeqCst);
            self.wrong = 0;
        }
    }
}

fn any_seed() -> u64 {
    let mut bytes = [0; 8];
    SystemRandom.fill(&mut bytes).unwrap();
    u64::from_le_bytes(bytes)
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().and_then(|number| number.parse().ok())
}

/// 300 walks, or as many as `SSPR_WALKS` says, and others each time then; `SSPR_SEED` has the same ones made again.
#[test]
fn no_walk_over_three_servers_that_die_gets_further_than_over_one_that_does_not() {
    let asked = number("SSPR_WALKS");
    let origin = number("SSPR_SEED").unwrap_or_else(|| if asked.is_some() { any_seed() } else { 7 });
    let (cases, rng_seed) = (asked.and_then(|cases| u32::try_from(cases).ok()).unwrap_or(300), RngSeed::Fixed(origin));
    println!("seed {origin}");
    let seen = Seen::default();
    let config = Config { cases, rng_seed, max_shrink_iters: 100, source_file: Some(file!()), ..Config::default() };
    let walk = |steps: Vec<Move>| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let limits = "[limits]\nsends_per_hour = 100\nsends_per_day = 100\nmessages_per_hour = 1000\n\
                          host_starts_per_hour = 1000\nhost_codes_per_hour = 1000\nhost_failed_proofs_per_hour = 1000\n\
                          [code]\nresend_after = \"1s\"\n";
            let server = Server::with(limits).await;
            server.imports("dora@example.org").await;
            let mut replicas = Vec::new();
            for _ in 0..SLOTS {
                replicas.push(Running::beside(&server, any()).await);
            }
            let addresses: Vec<_> = replicas.iter().map(|running| running.address).collect();
            let hosts =
                [server.host_with_only("web1", &addresses).await, server.host_with_only("web2", &addresses).await];
            let mut walk = Walk {
                server: &server,
                replicas,
                hosts: &hosts,
                open: [const { None }; SLOTS],
                codes: Vec::new(),
                used: BTreeSet::new(),
                wrong: 0,
                set: 0,
                seen: &seen,
            };
            for step in &steps {
                walk.go(step).await;
            }
        });
        Ok(())
    };
    if let Err(error) = TestRunner::new(config).run(&prop::collection::vec(moves(), 10..60), walk) {
        panic!("{error}");
    }
    let got = [&seen.reset, &seen.lost, &seen.lost_after_the_proof, &seen.suspended].map(|n| n.load(Ordering::SeqCst));
    println!(
        "{cases} walks: {} resets, {} answers lost, {} of them after the proof, {} suspensions",
        got[0], got[1], got[2], got[3]
    );
    let least = usize::try_from(cases / 30).unwrap();
    assert!(got.iter().all(|count| *count >= least), "walks that get nowhere prove nothing: {got:?}");
}
