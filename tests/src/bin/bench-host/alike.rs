//! The time of every step of a recovery for accounts of every kind: anybody at a login prompt can measure it too.

use std::{
    hash::{BuildHasher as _, RandomState},
    rc::Rc,
    time::{Duration, Instant},
};

use tokio::task::LocalSet;

use crate::dialogue::{self, Dialogue};

/// Accounts of each kind in one lane, named after kind, lane and number. Before an account is visited again, the
/// cool-down between two codes has ended.
const ACCOUNTS: usize = 2;
/// By how much one lane begins after another: all at once, the first of them would take too long.
const APART: Duration = Duration::from_millis(130);
/// A code that was sent to nobody, or once in a million times.
const WRONG: &str = "000000";

/// Visits every kind `rounds` times, shuffled in each round, in `lanes` lanes at once; kinds whose name begins with
/// "resting" are refused at the beginning. Prints lines of `step kind nanoseconds`, with the kind as its number.
pub(crate) async fn alike(rounds: usize, lanes: usize, kinds: &[&str]) {
    let kinds: Rc<[String]> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
    let local = LocalSet::new();
    let mut running = Vec::new();
    for lane in 0..lanes {
        let kinds = kinds.clone();
        running.push(local.spawn_local(async move {
            tokio::time::sleep(APART * u32::try_from(lane).unwrap()).await;
            let bus = dialogue::connect().await;
            for round in (lane..rounds).step_by(lanes) {
                for kind in shuffled(kinds.len()) {
                    let name = format!("{}{lane}{}", kinds[kind], round / lanes % ACCOUNTS);
                    visit(&bus, kind, &name, kinds[kind].starts_with("resting")).await;
                }
            }
        }));
    }
    local.await;
    for lane in running {
        lane.await.unwrap();
    }
}

/// How many users type a contact at the same moment.
const AT_ONCE: usize = 6;
/// What they type, and what sshd passes on instead for a name that it does not know.
const NUMBER: &str = "090-1234-5678";
const RUBBISH: &str = "\u{8}\n\r\u{7f}INCORRECT";
/// An answer is sent on the first beat of 100 ms: if one is given this much earlier than the others, it comes right
/// after theirs.
const BEFORE: Duration = Duration::from_millis(90);

/// The time of an answer on another connection, for a name without an account, while contacts are typed for accounts of
/// every kind: lines of `beside kind nanoseconds`.
pub(crate) async fn beside(rounds: usize, kinds: &[&str]) {
    let bus = dialogue::connect().await;
    for round in 0..rounds {
        for kind in shuffled(kinds.len()) {
            let mut crowd = tokio::task::JoinSet::new();
            for lane in 0..AT_ONCE {
                let (bus, name) = (bus.clone(), format!("{}{lane}{}", kinds[kind], round % ACCOUNTS));
                crowd.spawn(async move {
                    let mut dialogue = Dialogue::begin(&bus, "recover", &name).await;
                    if !dialogue.step.prompt.starts_with("Your choice") {
                        dialogue.answer("other").await;
                    }
                    dialogue
                });
            }
            let crowd = crowd.join_all().await;
            let mut probe = Dialogue::begin(&bus, "recover", "nobody-at-all").await;
            let asked = Instant::now();
            let (probe, dialogues) = tokio::join!(
                tokio::spawn(async move {
                    probe.answer("xyz").await;
                    println!("beside {kind} {}", asked.elapsed().as_nanos());
                    probe
                }),
                async {
                    tokio::time::sleep(BEFORE).await;
                    let typed = if kinds[kind] == "unknown" { RUBBISH } else { NUMBER };
                    let mut typing = tokio::task::JoinSet::new();
                    for mut dialogue in crowd {
                        typing.spawn(async move {
                            dialogue.answer(typed).await;
                            dialogue
                        });
                    }
                    typing.join_all().await
                }
            );
            for dialogue in dialogues.into_iter().chain([probe.unwrap()]) {
                dialogue.cancel().await;
            }
        }
    }
}

async fn visit(bus: &zbus::Connection, kind: usize, name: &str, resting: bool) {
    let begun = Instant::now();
    let mut dialogue = Dialogue::begin(bus, "recover", name).await;
    let took = begun.elapsed();
    if resting {
        println!("turned-away {kind} {}", took.as_nanos());
        assert!(dialogue.step.prompt.is_empty(), "{name} rests\n{}", dialogue.screen());
        return;
    }
    println!("begin {kind} {}", took.as_nanos());
    assert!(dialogue.step.prompt.starts_with("Your choice"), "{name} begins\n{}", dialogue.screen());
    let address = format!("{name}@example.org");
    for (step, answer, prompt) in [
        // There is no pause before an answer, because work that the agent still does after its last answer would show
        // in the next one.
        ("email", "e", "Code:"),
        ("again", "new", "Code:"),
        ("wrong", WRONG, "Code:"),
        ("other", "other", "Your choice"),
        ("address", address.as_str(), "Code:"),
        ("wrong-there", WRONG, "Code:"),
        ("back", "other", "Your choice"),
        ("app", "app", "Code:"),
        ("wrong-app", WRONG, "Code:"),
        ("leave-app", "other", "Your choice"),
        ("code", "code", "Code:"),
        ("wrong-token", "aaaa-bbbb-cccc", "Code:"),
    ] {
        let asked = Instant::now();
        dialogue.answer(answer).await;
        println!("{step} {kind} {}", asked.elapsed().as_nanos());
        assert!(
            dialogue.step.prompt.starts_with(prompt),
            "{name} answered {answer}, and not {prompt}\n{}",
            dialogue.screen()
        );
    }
    dialogue.cancel().await;
}

/// Suspends every account of `kind` in all lanes, with wrong codes.
pub(crate) async fn rest(kind: &str, lanes: usize) {
    let bus = dialogue::connect().await;
    for name in (0..lanes).flat_map(|lane| (0..ACCOUNTS).map(move |number| format!("{kind}{lane}{number}"))) {
        let mut dialogue = Dialogue::begin(&bus, "recover", &name).await;
        dialogue.answer("code").await;
        while !dialogue.step.prompt.is_empty() {
            dialogue.answer("aaaa-bbbb-cccc").await;
        }
    }
}

fn shuffled(count: usize) -> Vec<usize> {
    let random = RandomState::new();
    let mut all: Vec<usize> = (0..count).collect();
    all.sort_by_key(|kind| random.hash_one(kind));
    all
}
