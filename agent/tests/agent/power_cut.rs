//! The power fails at a random moment. The agent runs under strace. From what it wrote and synced, the test builds the
//! disk as it may look after a power cut at any fsync: data that was not synced by then is there, missing, or there in
//! part. From each of these disks the agent has to start, and everything that was confirmed before is there.

mod disk;

use std::{
    fs,
    path::Path,
    process::Command,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use disk::{Disk, Trace};
use rustix::process::Signal;
use sspr_agent::{
    account::Name,
    keys::Keys,
    random::SystemRandom,
    store::{Registrations, Store, sql},
};
use sspr_config::dialogue::Standing;

use super::{
    Agent, SERVED, STATE, Terminal, code,
    host::{Host, on_a_host_for, until},
    kills::street::{running, signal_all, wait_for_none},
    messages,
};

const TRACE: &str = "/run/sspr-test/trace";
/// Enough users register for the log to be checkpointed into the database at least once.
const PEOPLE: usize = 22;
/// The number of disks for each fsync, besides the one without and the one with everything that was not synced.
const TORN: u64 = 2;

/// A fact that holds from a moment on, whatever happens to the power.
#[derive(Debug)]
enum Kept {
    Registered(String),
    /// This many recovery codes of the account were used up.
    CodesUsed(String, u32),
    /// This many proofs of the account were spent.
    Spent(String, u32),
    /// This many wrong codes were counted.
    Failures(u32),
    /// The code that was sent can be answered.
    CanBeAnswered(String),
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap()
}

/// When a password was last changed.
fn shadow_changed() -> Duration {
    fs::metadata("/etc/shadow").unwrap().modified().unwrap().duration_since(UNIX_EPOCH).unwrap()
}

/// The agent under strace, which writes a file for each thread.
fn traced(run: u32) -> Agent {
    let mut strace = Command::new("strace");
    strace.args(["-ff", "-y", "-xx", "-qq", "-ttt", "-s", "1000000", "-e", disk::CALLS, "-o"]);
    strace.arg(format!("{TRACE}/{run}")).args(["--", env!("CARGO_BIN_EXE_sspr-agent")]);
    Agent::spawn(strace)
}

/// Kills the agent between two calls of each of its threads: strace does not know whether a call that is cut short was
/// carried out.
async fn ends(agent: Agent) {
    signal_all("sspr-agent", Signal::STOP);
    let mut calm = 0;
    until(Duration::from_secs(20), async || {
        calm = if all_wait("sspr-agent", &['t', 'T']) && all_wait("strace", &['S']) { calm + 1 } else { 0 };
        (calm == 5).then_some(())
    })
    .await;
    signal_all("sspr-agent", Signal::KILL);
    wait_for_none("strace").await;
    drop(agent);
}

/// Whether all threads of the processes that run `program` are in one of `states`, as in `/proc/PID/stat`.
fn all_wait(program: &str, states: &[char]) -> bool {
    running(program).iter().all(|pid| {
        let threads = fs::read_dir(format!("/proc/{}/task", pid.as_raw_nonzero())).unwrap().flatten();
        threads.into_iter().all(|thread| {
            let stat = fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
            stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with(states))
        })
    })
}

#[test]
fn after_a_power_cut_at_any_fsync_the_store_comes_up_with_all_that_was_confirmed() {
    on_a_host_for(
        Duration::from_mins(15),
        "power_cut::after_a_power_cut_at_any_fsync_the_store_comes_up_with_all_that_was_confirmed",
        async |host: &Host| {
            host.settings(&format!("{SERVED}[limits]\nmessages_per_hour = 1000\nstarts_per_hour = 1000\n"));
            fs::create_dir(STATE).unwrap();
            fs::create_dir(TRACE).unwrap();
            let kept = story(host).await;
            let trace = Trace::read(Path::new(TRACE), Path::new(STATE));
            let (mut cuts, mut disks, mut asked) = (0, 0, 0);
            let mut disk = Disk::default();
            for (at, operation) in trace.operations() {
                if operation.is_sync() {
                    cuts += 1;
                    let due: Vec<&Kept> = kept.iter().filter(|(since, _)| since < at).map(|(_, kept)| kept).collect();
                    for seed in 0..TORN + 2 {
                        comes_up(&disk, seed, &due).await;
                        disks += 1;
                        asked += due.len();
                    }
                }
                disk.does(operation);
            }
            let due: Vec<&Kept> = kept.iter().map(|(_, kept)| kept).collect();
            comes_up(&disk, 0, &due).await;
            is_what_was_seen(&disk);
            println!("{cuts} fsyncs, {disks} disks, {asked} times something confirmed was looked for");
            assert!(cuts > 100 && asked > 1000 && trace.carried_over(), "{cuts} {asked}");
        },
    );
}

/// With everything that was written, it is the disk that the agent left: no step was missed.
fn is_what_was_seen(disk: &Disk) {
    let place = tempfile::tempdir_in("/run").unwrap();
    disk.after_a_cut(1, place.path());
    for file in ["host.key", "sspr.db", "sspr.db-wal"] {
        let (told, seen) = (fs::read(place.path().join(file)), fs::read(Path::new(STATE).join(file)));
        assert!(told.unwrap() == seen.unwrap(), "{file}");
    }
}

/// Users register and recover; the agent is killed once in between. Returns what was confirmed, and when.
async fn story(host: &Host) -> Vec<(Duration, Kept)> {
    let mut kept = Vec::new();
    let mut mails = 0;
    let agent = traced(1);
    agent.up(host).await;
    let mut codes = Vec::new();
    for n in 0..PEOPLE {
        let name = format!("person{n}");
        host.user(&name);
        let mut terminal = Terminal::begin(host, "register", &name).await;
        terminal.answer("1").await;
        terminal.answer(&format!("{name}@example.org")).await;
        mails += 1;
        terminal.answer(&code_to(&name, mails).await).await;
        terminal.shows("Done");
        kept.push((now(), Kept::Registered(name)));
        let ten = terminal.step.text.split_whitespace().filter(|word| word.len() == 14).map(str::to_owned);
        codes.push(ten.collect::<Vec<_>>());
        terminal.answer("").await;
    }
    ends(agent).await;
    let agent = traced(2);
    agent.up(host).await;

    // By mail, across a killed agent; by a recovery code; and never.
    let mut terminal = Terminal::begin(host, "recover", "person0").await;
    terminal.answer("e").await;
    terminal.shows("on its way");
    mails += 1;
    terminal.answer(&code_to("person0", mails).await).await;
    recovers(&mut terminal).await;
    kept.push((shadow_changed(), Kept::Spent("person0".into(), 1)));
    for (n, code) in (1..).zip(&codes[1][..3]) {
        let mut terminal = Terminal::begin(host, "recover", "person1").await;
        terminal.answer("code").await;
        terminal.answer(code).await;
        new_password(&mut terminal, &format!("a lantern and {n} kites")).await;
        kept.push((shadow_changed(), Kept::Spent("person1".into(), n)));
        kept.push((shadow_changed(), Kept::CodesUsed("person1".into(), n)));
    }
    let mut terminal = Terminal::begin(host, "recover", "person2").await;
    terminal.answer("code").await;
    for n in 1..5 {
        terminal.answer("zzzz-zzzz-zzzz").await;
        terminal.shows("That code is not right");
        kept.push((now(), Kept::Failures(n)));
    }
    let mut terminal = Terminal::begin(host, "recover", "person3").await;
    terminal.answer("e").await;
    terminal.shows("on its way");
    kept.push((now(), Kept::CanBeAnswered("person3".into())));
    // Background work must finish too.
    messages(mails + 5).await;
    ends(agent).await;
    kept
}

/// The newest code that came to `name`, once there are `count` messages.
async fn code_to(name: &str, count: usize) -> String {
    let to = format!("To: {name}@");
    code(messages(count).await.iter().rfind(|message| message.starts_with(&to)).unwrap())
}

async fn recovers(terminal: &mut Terminal) {
    new_password(terminal, super::NEW).await;
}

async fn new_password(terminal: &mut Terminal, new: &str) {
    terminal.shows("New password");
    terminal.answer(new).await;
    terminal.answer(new).await;
    assert_eq!(terminal.standing(), Standing::Recovered, "{:?}", terminal.step);
}

/// Starts the agent on this disk, and checks what is there.
async fn comes_up(disk: &Disk, seed: u64, due: &[&Kept]) {
    let place = tempfile::tempdir_in("/run").unwrap();
    disk.after_a_cut(seed, place.path());
    let path = place.path().join("sspr.db");
    let keys = Keys::load(&place.path().join("host.key"), !path.exists(), &SystemRandom).unwrap();
    let store = Store::open(&path).await.unwrap();
    is_sound(&store).await;
    for kept in due {
        assert!(holds(&store, &keys, kept).await, "{kept:?} is lost");
    }
}

async fn holds(store: &Store, keys: &Keys, kept: &Kept) -> bool {
    let account = |name: &str| keys.mac("account", &[name.as_bytes()]).to_vec();
    let (sql, account, least) = match kept {
        Kept::Registered(name) => {
            let mut tx = store.begin().await.unwrap();
            let registration = Registrations::get(&mut tx, keys, Name::local(name)).await.unwrap();
            return registration.is_some_and(|r| r.contacts[0].contact.as_str() == format!("{name}@example.org"));
        }
        Kept::CodesUsed(name, count) => (
            "SELECT count(*) FROM recovery_code WHERE used IS NOT NULL AND CAST(name AS BLOB) = $1",
            name.as_bytes().to_vec(),
            *count,
        ),
        Kept::Spent(name, count) => {
            ("SELECT count(*) FROM challenge WHERE spent IS NOT NULL AND account = $1", account(name), *count)
        }
        Kept::Failures(count) => ("SELECT count(*) FROM event WHERE kind = 'failure' AND $1 = x''", Vec::new(), *count),
        Kept::CanBeAnswered(name) => (
            "SELECT count(*) FROM challenge WHERE purpose = 'recover' AND spent IS NULL AND voided IS NULL AND account = $1",
            account(name),
            1,
        ),
    };
    let mut session = store.session().await.unwrap();
    let found: u32 = sql::query_scalar(sql).bind(account).fetch_one(session.connection()).await.unwrap();
    found >= least
}

/// SQLite's own check of the store.
pub(super) async fn is_sound(store: &Store) {
    let mut session = store.session().await.unwrap();
    let said: String = sql::query_scalar("PRAGMA integrity_check").fetch_one(session.connection()).await.unwrap();
    assert_eq!(said, "ok");
    let orphans = sql::query("PRAGMA foreign_key_check").fetch_all(session.connection()).await.unwrap();
    assert!(orphans.is_empty(), "{} orphans", orphans.len());
}
