//! Many simultaneous dialogues, and dialogues one after another as fast as possible.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    fs,
    path::Path,
    rc::Rc,
    time::{Duration, Instant},
};

use tokio::{
    task::{JoinSet, LocalSet},
    time::sleep,
};
use zbus::Connection;

use crate::{
    dialogue::{self, Dialogue},
    say,
};

/// Dialogues over one connection; the bus allows one user 256 connections.
const OVER_ONE: usize = 8;
/// Beginnings that are measured with this many others open, and with none.
const MORE: usize = 50;
const SPOOL: &str = "/var/lib/sspr/spool";

/// Opens `count` recoveries of the accounts `crowd0`, `crowd1`, ... and prints the time for one more and the agent's
/// memory.
pub(crate) async fn open(count: usize, agent: &str) {
    let buses = connections(count.div_ceil(OVER_ONE)).await;
    let extra = dialogue::connect().await;
    one_more("alone", &extra).await;
    say("resident-before", resident(agent));
    let mut opening = JoinSet::new();
    for number in 0..count {
        let bus = buses[number % buses.len()].clone();
        opening.spawn(async move { Dialogue::begin(&bus, "recover", &crowd(number)).await });
    }
    let open = opening.join_all().await;
    assert!(open.iter().all(|dialogue| dialogue.asks("Your choice (Enter to go back):")));
    say("resident-open", resident(agent));
    one_more("beside", &extra).await;
    for dialogue in open {
        dialogue.cancel().await;
    }
    say("resident-after", resident(agent));
}

/// The beginning of a recovery, and a sign-in for which the agent is asked.
async fn one_more(beside: &str, bus: &Connection) {
    for _ in 0..MORE {
        for purpose in ["recover", "register"] {
            let begun = Instant::now();
            let dialogue = Dialogue::begin(bus, purpose, "crowd0").await;
            say(&format!("{purpose}-{beside}"), begun.elapsed().as_nanos());
            dialogue.cancel().await;
        }
    }
}

/// Recoveries for this many seconds in this many lanes, of `accounts` accounts in turn: up to the stored code, or with
/// `to_the_end` up to the changed password, with the code from the spool.
pub(crate) async fn sustained(seconds: u64, lanes: usize, accounts: usize, to_the_end: bool) {
    let done = Rc::new(Cell::new(0u128));
    let next = Rc::new(Cell::new(0));
    let codes = Rc::new(RefCell::new(HashMap::new()));
    let begun = Instant::now();
    let until = begun + Duration::from_secs(seconds);
    let local = LocalSet::new();
    let mut running = Vec::new();
    for bus in connections(lanes).await {
        let (done, next, codes) = (done.clone(), next.clone(), codes.clone());
        running.push(local.spawn_local(async move {
            while Instant::now() < until {
                let name = crowd(next.replace(next.get() + 1) % accounts);
                let mut dialogue = Dialogue::begin(&bus, "recover", &name).await;
                dialogue.answer("e").await;
                assert!(dialogue.asks("Code:"), "{}", dialogue.screen());
                if to_the_end {
                    let code = code_for(&codes, &name).await;
                    dialogue.answer(&code).await;
                    // Never the same password twice in a row.
                    let new = format!("{name} is harbour {}", begun.elapsed().as_nanos());
                    let new = new.replace("crowd", "cobalt ");
                    dialogue.answer(&new).await;
                    let again = dialogue.asks("Type it again:") || dialogue.asks("The same again:");
                    assert!(again, "{}", dialogue.screen());
                    dialogue.answer(&new).await;
                    assert!(dialogue.step.prompt.is_empty(), "{}", dialogue.screen());
                } else {
                    dialogue.cancel().await;
                }
                if Instant::now() < until {
                    done.set(done.get() + 1);
                }
            }
        }));
    }
    if to_the_end {
        let codes = codes.clone();
        local.spawn_local(async move {
            while Instant::now() < until + Duration::from_secs(30) && Rc::strong_count(&codes) > 2 {
                collect(&codes);
                sleep(Duration::from_millis(2)).await;
            }
        });
    }
    local.await;
    for lane in running {
        lane.await.unwrap();
    }
    say("recoveries", done.get());
    say("seconds", u128::from(seconds));
}

type Codes = RefCell<HashMap<String, String>>;

/// Waits for the code to `name`, and takes it.
async fn code_for(codes: &Codes, name: &str) -> String {
    let begun = Instant::now();
    loop {
        if let Some(code) = codes.borrow_mut().remove(name) {
            return code;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "no code came for {name}");
        sleep(Duration::from_millis(2)).await;
    }
}

/// Takes the messages out of the spool.
fn collect(codes: &Codes) {
    for entry in fs::read_dir(Path::new(SPOOL)).into_iter().flatten().flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let mail = fs::read_to_string(entry.path()).unwrap();
        fs::remove_file(entry.path()).unwrap();
        let to = mail.strip_prefix("To: ").and_then(|rest| rest.split_once('@')).map(|(name, _)| name);
        if let (Some(name), Some(code)) = (to, crate::code_in(&mail)) {
            codes.borrow_mut().insert(name.to_owned(), code.to_owned());
        }
    }
}

async fn connections(count: usize) -> Vec<Connection> {
    let mut all = Vec::new();
    for _ in 0..count {
        all.push(dialogue::connect().await);
    }
    all
}

fn crowd(number: usize) -> String {
    format!("crowd{number}")
}

/// KiB of memory that a process uses.
pub(crate) fn resident(pid: &str) -> u128 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
