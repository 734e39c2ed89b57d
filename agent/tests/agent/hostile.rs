//! A local user who calls the agent on the bus without our command, with everything that a connection can send. The bus
//! policy decides who may call and own what; here the bus lets every call through, and the agent stands alone.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use sspr_config::{
    bus::{ADMIN, AGENT, AGENT_PATH, CREDENTIAL, CREDENTIAL_PATH, DIALOGUE, PEOPLE, SETTINGS},
    dialogue::Step,
};
use zbus::Connection;

use super::{
    ADDRESS, Agent, Terminal, code,
    host::{Host, NEW, on_a_host, until},
    messages, register, sh_ok,
};

const PATIENCE: Duration = Duration::from_secs(20);

/// The agent's memory use in kB.
fn memory(agent: &Agent) -> u64 {
    status(agent, "VmRSS")
}

fn status(agent: &Agent, what: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", agent.0.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with(what)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// A process of `who` that is killed when dropped.
struct As(Child);

impl As {
    fn runs(who: &str, line: &str) -> Self {
        Self(
            Command::new("setpriv")
                .args([&format!("--reuid={who}"), "--clear-groups", "sh", "-c", line])
                .spawn()
                .unwrap(),
        )
    }
}

impl Drop for As {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Alice recovers undisturbed.
async fn alice_recovers(host: &Host) {
    let before = messages(0).await.len();
    let mut alice = Terminal::begin(host, "recover", "alice").await;
    alice.shows("How do you want");
    alice.answer("e").await;
    alice.answer(&code(messages(before + 1).await.last().unwrap())).await;
    alice.shows("New password");
    alice.answer(NEW).await;
    alice.answer(NEW).await;
    assert_eq!(alice.standing(), sspr_config::dialogue::Standing::Recovered);
}

#[test]
fn a_handle_a_turn_and_an_answer_are_good_once_and_for_one_connection() {
    on_a_host("hostile::a_handle_a_turn_and_an_answer_are_good_once_and_for_one_connection", async |host: &Host| {
        host.user("alice");
        let _agent = Agent::start(host).await;
        register(host, "alice").await;
        let mut alice = Terminal::begin(host, "recover", "alice").await;
        let first = alice.step.turn;
        alice.answer("e").await;
        let code = code(messages(2).await.last().unwrap());
        for turn in [first, 0, u32::MAX] {
            let error = alice.try_answer(turn, &code).await.unwrap_err().to_string();
            assert!(error.contains("another question"), "{turn}: {error}");
        }
        // Of two answers to one question, only one counts, in whatever order they arrive.
        let (one, two) =
            tokio::join!(alice.try_answer(alice.step.turn, &code), alice.try_answer(alice.step.turn, &code));
        assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
        alice.step = one.or(two).unwrap();
        alice.shows("New password");
        // The handle of a proved dialogue is useless to a stranger.
        let thief = Terminal { bus: host.connect().await, handle: alice.handle.clone(), step: alice.step.clone() };
        let error = thief.try_answer(thief.step.turn, NEW).await.unwrap_err().to_string();
        assert!(error.contains("NoDialogue"), "{error}");
        alice.answer(NEW).await;
        alice.answer(NEW).await;
        let over = alice.try_answer(alice.step.turn, NEW).await.unwrap_err().to_string();
        assert!(over.contains("NoDialogue"), "{over}");
    });
}

#[test]
fn floods_of_one_user_are_refused_memory_stays_and_others_are_served() {
    on_a_host("hostile::floods_of_one_user_are_refused_memory_stays_and_others_are_served", async |host: &Host| {
        host.user("alice");
        let agent = Agent::start(host).await;
        register(host, "alice").await;
        let before = memory(&agent);
        let call = format!(
            "busctl --address={ADDRESS} call {PEOPLE} {AGENT_PATH} {DIALOGUE} Begin ssssss recover alice a b c ''"
        );
        let flood = format!("while :; do for i in 1 2 3 4 5 6; do {call} >>/dev/null 2>&1 & done; wait; done");
        let flooding = As::runs("nobody", &flood);
        alice_recovers(host).await;
        drop(flooding);
        let bus = host.connect().await;
        for size in [1 << 10, 1 << 20, 32 << 20, 100 << 20] {
            let large = vec![b'x'; size];
            let body = ("00", 1u32, large.as_slice());
            let sent = tokio::time::timeout(
                PATIENCE,
                bus.call_method(Some(AGENT), AGENT_PATH, Some(DIALOGUE), "Answer", &body),
            );
            let error = sent.await.expect("an answer in time").unwrap_err().to_string();
            assert!(!error.is_empty());
        }
        let alice = Terminal::begin(host, "recover", "alice").await;
        alice.shows("How do you want");
        let after = memory(&agent);
        assert!(after < before + 60_000, "{before} kB before, {after} kB after");
    });
}

/// The most that the flood sends, over each of its connections, and its duration.
const HUGE: (usize, usize, Duration) = (30 << 20, 60, Duration::from_secs(40));

async fn floods_with_huge_messages() {
    let (size, count, limit) = HUGE;
    let large = std::sync::Arc::new(vec![b'x'; size]);
    let mut all = Vec::new();
    for _ in 0..6 {
        let (bus, large) = (connect().await, large.clone());
        all.push(tokio::spawn(async move {
            for sent in 0..count {
                let body = ("00", 1u32, large.as_slice());
                let _ = bus.call_method(Some(PEOPLE), AGENT_PATH, Some(DIALOGUE), "Answer", &body).await;
                #[allow(clippy::print_stdout, reason = "the parent reads it")]
                if sent == 0 {
                    println!("nothing worked");
                }
            }
        }));
    }
    let _ = tokio::time::timeout(limit, futures_util::future::join_all(all)).await;
}

#[test]
fn huge_messages_of_one_user_keep_nobody_from_being_served_and_take_no_memory() {
    const NAME: &str = "hostile::huge_messages_of_one_user_keep_nobody_from_being_served_and_take_no_memory";
    if std::env::var_os(ROLE).is_some() {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(floods_with_huge_messages());
        return;
    }
    on_a_host(NAME, async |host: &Host| {
        host.user("alice");
        let agent = Agent::start(host).await;
        register(host, "alice").await;
        let flooding = stranger(NAME);
        for _ in 0..12 {
            let alice = Terminal::begin(host, "recover", "alice").await;
            alice.shows("How do you want");
        }
        alice_recovers(host).await;
        let peak = status(&agent, "VmHWM");
        assert!(peak < 200_000, "{peak} kB");
        drop(flooding);
        // Then users in shells are served again.
        let served = until(PATIENCE, async || {
            let line = format!(
                "setpriv --reuid=nobody --clear-groups busctl --address={ADDRESS} call {PEOPLE} {AGENT_PATH} {DIALOGUE} \
                 Begin ssssss recover alice a b c '' 2>&1"
            );
            Some(sh_ok(&line)).filter(|(ok, _)| *ok)
        });
        // If she was not, this does not show that hers is spent.
        assert!(served.await.1.contains("sent by email before"));
    });
}

/// The role of a stranger's process, which runs as the user nobody: it has its own connection, and our test as its
/// program.
const ROLE: &str = "SSPR_TEST_STRANGER";

/// A stranger that has tried everything, and still holds its dialogues.
fn stranger(test: &str) -> As {
    // A copy that every user may run.
    fs::copy(std::env::current_exe().unwrap(), "/run/sspr-test/stranger").unwrap();
    let child = Command::new("setpriv")
        .args(["--reuid=nobody", "--clear-groups", "/run/sspr-test/stranger", "--exact", test, "--nocapture"])
        .env(ROLE, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stranger = As(child);
    let mut said = String::new();
    for line in BufReader::new(stranger.0.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        if line.contains("nothing worked") {
            return stranger;
        }
        said.push_str(&line);
    }
    panic!("the stranger came to an end: {said}");
}

async fn connect() -> Connection {
    zbus::connection::Builder::address(ADDRESS).build().await.unwrap()
}

async fn fails(
    bus: &Connection,
    interface: &str,
    member: &str,
    body: &(impl serde::Serialize + zbus::zvariant::DynamicType),
) -> String {
    let (name, path) = match interface {
        CREDENTIAL => (CREDENTIAL, CREDENTIAL_PATH),
        DIALOGUE => (PEOPLE, AGENT_PATH),
        _ => (AGENT, AGENT_PATH),
    };
    fails_at(bus, name, path, interface, member, body).await
}

async fn fails_at(
    bus: &Connection,
    name: &str,
    path: &str,
    interface: &str,
    member: &str,
    body: &(impl serde::Serialize + zbus::zvariant::DynamicType),
) -> String {
    let sent = tokio::time::timeout(PATIENCE, bus.call_method(Some(name), path, Some(interface), member, body)).await;
    sent.expect("an answer in time").expect_err(&format!("{interface}.{member} let nobody in")).to_string()
}

async fn does_its_worst() {
    let bus = connect().await;
    for member in [
        "Users",
        "People",
        "Show",
        "Code",
        "Unblock",
        "Forget",
        "Exempt",
        "Report",
        "Audit",
        "Test",
        "Probe",
        "ImportBegin",
    ] {
        let error = fails(&bus, ADMIN, member, &("{}", "{\"user\":\"alice\"}")).await;
        assert!(error.contains("only root"), "{member}: {error}");
    }
    fails(&bus, SETTINGS, "Reload", &()).await;
    assert!(fails(&bus, CREDENTIAL, "Account", &("alice",)).await.contains("only the sign-in agent"));
    // Root's interface is only for root, and the other one has only dialogues.
    let begin = ("recover", "alice", "sshd", "ssh", "192.0.2.1", "");
    assert!(fails_at(&bus, AGENT, AGENT_PATH, DIALOGUE, "Begin", &begin).await.contains("for root"));
    for interface in [ADMIN, SETTINGS] {
        assert!(fails_at(&bus, PEOPLE, AGENT_PATH, interface, "Users", &("{}", "{}")).await.contains("Unknown"));
    }
    for (member, body) in [("Unlock", ("alice", 1001u32)), ("Aftermath", ("alice", 1001))] {
        fails(&bus, CREDENTIAL, member, &body).await;
    }
    // Bodies of every other type.
    for member in ["Begin", "Answer", "AnswerSealed", "Cancel"] {
        fails(&bus, DIALOGUE, member, &()).await;
        fails(&bus, DIALOGUE, member, &(1u32, 2u64)).await;
        fails(&bus, DIALOGUE, member, &(vec![vec!["x"; 100]; 100], 1u8)).await;
        fails(&bus, DIALOGUE, member, &("a", 1i32, vec![1u8, 2])).await;
    }
    for (nth, wrong) in ["x".repeat(257), "a\nb".into(), "\u{1b}[2J".into()].iter().enumerate() {
        for at in 1..5 {
            let mut all = ["recover", "alice", "sshd", "ssh", "host", ""];
            all[at] = wrong;
            let body = (all[0], all[1], all[2], all[3], all[4], all[5]);
            assert!(fails(&bus, DIALOGUE, "Begin", &body).await.contains("Malformed"), "{nth} {at}");
        }
    }
    // The name is taken, and is not released to another.
    let dbus = "org.freedesktop.DBus";
    for name in [AGENT, PEOPLE] {
        let reply =
            bus.call_method(Some(dbus), "/org/freedesktop/DBus", Some(dbus), "RequestName", &(name, 7u32)).await;
        assert_eq!(reply.unwrap().body().deserialize::<u32>().unwrap(), 3, "it exists");
    }
    // The maximum number of dialogues for one user, and no more.
    let mut held = Vec::new();
    loop {
        let bus = connect().await;
        let body = ("recover", "alice", "sshd", "ssh", "192.0.2.1", "");
        match bus.call_method(Some(PEOPLE), AGENT_PATH, Some(DIALOGUE), "Begin", &body).await {
            Ok(reply) => held.push((bus, reply.body().deserialize::<(String, Step)>().unwrap())),
            Err(error) => {
                assert!(error.to_string().contains("too many dialogues"), "{error}");
                break;
            }
        }
        assert!(held.len() <= 8);
    }
    assert_eq!(held.len(), 8);
    #[allow(clippy::print_stdout, reason = "the parent reads it")]
    {
        println!("nothing worked");
    }
    // Until it is killed.
    let _ = std::io::stdin().read_line(&mut String::new());
}

#[test]
fn a_stranger_with_a_connection_of_its_own_gets_nowhere_and_in_nobodys_way_and_leaves_nothing_when_it_dies() {
    const NAME: &str = "hostile::a_stranger_with_a_connection_of_its_own_gets_nowhere_and_in_nobodys_way_and_leaves_nothing_when_it_dies";
    if std::env::var_os(ROLE).is_some() {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(does_its_worst());
        return;
    }
    on_a_host(NAME, async |host: &Host| {
        host.user("alice");
        let _agent = Agent::start(host).await;
        register(host, "alice").await;
        let stranger = stranger(NAME);
        alice_recovers(host).await;
        drop(stranger);
        // Its places are free once the bus has reported its end.
        let served = until(PATIENCE, async || {
            let line = format!(
                "setpriv --reuid=nobody --clear-groups busctl --address={ADDRESS} call {PEOPLE} {AGENT_PATH} {DIALOGUE} \
                 Begin ssssss recover alice a b c '' 2>&1"
            );
            Some(sh_ok(&line)).filter(|(ok, _)| *ok)
        });
        // If she was not, this does not show that hers is spent.
        assert!(served.await.1.contains("sent by email before"));
    });
}

#[test]
fn whatever_text_a_terminal_sends_the_agent_lives_and_shows_none_of_it() {
    on_a_host("hostile::whatever_text_a_terminal_sends_the_agent_lives_and_shows_none_of_it", async |host: &Host| {
        host.user("alice");
        let _agent = Agent::start(host).await;
        register(host, "alice").await;
        let bus = host.connect().await;
        let mut runner = TestRunner::deterministic();
        let words =
            proptest::collection::vec("\\PC{0,40}|\\PC{0,30}|\\PC{0,20}|\\PC{1,10}|[\\x00-\\x1f]{1,5}|x{200,300}", 5);
        let answer = proptest::collection::vec(any::<u8>(), 0..600);
        let mut begun = 0;
        for _ in 0..150 {
            let words: Vec<String> = words.new_tree(&mut runner).unwrap().current();
            let words: Vec<String> = words.iter().map(|word| word.replace('\0', "")).collect();
            let body = ("recover", &words[0], &words[1], &words[2], &words[3], &words[4]);
            let call = bus.call_method(Some(AGENT), AGENT_PATH, Some(DIALOGUE), "Begin", &body);
            let Ok(reply) = tokio::time::timeout(PATIENCE, call).await.expect("an answer in time") else { continue };
            let (handle, step): (String, Step) = reply.body().deserialize().unwrap();
            begun += 1;
            let mut terminal = Terminal { bus: bus.clone(), handle, step };
            while terminal.standing() == sspr_config::dialogue::Standing::Asking && terminal.step.turn < 4 {
                let bytes = answer.new_tree(&mut runner).unwrap().current();
                let body = (terminal.handle.as_str(), terminal.step.turn, bytes.as_slice());
                let reply = bus.call_method(Some(AGENT), AGENT_PATH, Some(DIALOGUE), "Answer", &body).await.unwrap();
                (terminal.step,) = reply.body().deserialize().unwrap();
                assert!(!terminal.step.text.chars().any(|c| c.is_control() && c != '\n'), "{:?}", terminal.step);
            }
            let body = (terminal.handle.as_str(),);
            let _ = bus.call_method(Some(AGENT), AGENT_PATH, Some(DIALOGUE), "Cancel", &body).await;
        }
        assert!(begun > 10, "{begun} of 150 began");
        alice_recovers(host).await;
    });
}
