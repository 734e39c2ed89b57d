//! The power goes at a random moment. The agent runs under strace; from what it wrote and synced, the disk is put together
//! as it may look after a cut at any fsync: what was not synced by then is there, is not, or is there in part. From each of
//! these disks the agent has to come up, and what was confirmed before is there.

mod disk;

use std::{
    fs,
    path::Path,
    process::Command,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use disk::{Disk, Trace};
use sspr_agent::{
    account::Name,
    keys::Keys,
    random::SystemRandom,
    store::{Registrations, Store},
};
use sspr_config::dialogue::Standing;

use super::{
    Agent, SERVED, STATE, Terminal, code,
    host::{Host, on_a_host_for},
    kills::street::{kill_all, wait_for_none},
    messages,
};

const TRACE: &str = "/run/sspr-test/trace";
/// So many people register meanwhile that the log is carried over into the database at least once.
const PEOPLE: usize = 22;
/// Disks for each fsync, besides the one without and the one with all that was not synced.
const TORN: u64 = 2;

/// What holds from a moment on, whatever happens to the power.
#[derive(Debug)]
enum Kept {
    Registered(String),
    /// So many recovery codes of this account were used up.
    CodesUsed(String, u32),
    /// So many proofs of this account were spent.
    Spent(String, u32),
    /// So many wrong codes were counted.
    Failures(u32),
    /// The code that was sent can be answered.
    CanBeAnswered(String),
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap()
}

/// When a password was changed last.
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

#[test]
fn after_a_power_cut_at_any_fsync_the_store_comes_up_with_all_that_was_confirmed() {
    on_a_host_for(
        Duration::from_mins(6),
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

/// With all that was written, it is the disk that the agent left: no step was missed.
fn is_what_was_seen(disk: &Disk) {
    let place = tempfile::tempdir_in("/run").unwrap();
    disk.after_a_cut(1, place.path());
    for file in ["host.key", "sspr.db", "sspr.db-wal"] {
        let (told, seen) = (fs::read(place.path().join(file)), fs::read(Path::new(STATE).join(file)));
        assert!(told.unwrap() == seen.unwrap(), "{file}");
    }
}

/// People register and recover; the agent is killed once on the way. What was confirmed, and when.
async fn story(host: &Host) -> Vec<(Duration, Kept)> {
    let mut kept = Vec::new();
    let mut mails = 0;
    let agent = traced(1);
    agent.up(host).await;
    let mut codes = Vec::new();
    for n in 0..PEOPLE {
        let name = format!("person{n}");
        host.user(&name);
        let mut talk = Terminal::begin(host, "register", &name).await;
        talk.answer("1").await;
        talk.answer(&format!("{name}@example.org")).await;
        mails += 1;
        talk.answer(&code_to(&name, mails).await).await;
        talk.shows("Done");
        kept.push((now(), Kept::Registered(name)));
        let ten = talk.step.text.split_whitespace().filter(|word| word.len() == 14).map(str::to_owned);
        codes.push(ten.collect::<Vec<_>>());
        talk.answer("").await;
    }
    kill_all("sspr-agent");
    wait_for_none("strace").await;
    drop(agent);
    let agent = traced(2);
    agent.up(host).await;

    // By mail, over a killed agent; by a recovery code; and never.
    let mut talk = Terminal::begin(host, "recover", "person0").await;
    talk.answer("e").await;
    talk.shows("on its way");
    mails += 1;
    talk.answer(&code_to("person0", mails).await).await;
    recovers(&mut talk).await;
    kept.push((shadow_changed(), Kept::Spent("person0".into(), 1)));
    for (n, code) in (1..).zip(&codes[1][..3]) {
        let mut talk = Terminal::begin(host, "recover", "person1").await;
        talk.answer("code").await;
        talk.answer(code).await;
        new_password(&mut talk, &format!("a lantern and {n} kites")).await;
        kept.push((shadow_changed(), Kept::Spent("person1".into(), n)));
        kept.push((shadow_changed(), Kept::CodesUsed("person1".into(), n)));
    }
    let mut talk = Terminal::begin(host, "recover", "person2").await;
    talk.answer("code").await;
    for n in 1..5 {
        talk.answer("zzzz-zzzz-zzzz").await;
        talk.shows("That code is not right");
        kept.push((now(), Kept::Failures(n)));
    }
    let mut talk = Terminal::begin(host, "recover", "person3").await;
    talk.answer("e").await;
    talk.shows("on its way");
    kept.push((now(), Kept::CanBeAnswered("person3".into())));
    // What goes on behind a person's back has its end too.
    messages(mails + 5).await;
    kill_all("sspr-agent");
    wait_for_none("strace").await;
    drop(agent);
    kept
}

/// The newest code that came to `name`, once there are `count` messages.
async fn code_to(name: &str, count: usize) -> String {
    let to = format!("To: {name}@");
    code(messages(count).await.iter().rfind(|message| message.starts_with(&to)).unwrap())
}

async fn recovers(talk: &mut Terminal) {
    new_password(talk, super::NEW).await;
}

async fn new_password(talk: &mut Terminal, new: &str) {
    talk.shows("New password");
    talk.answer(new).await;
    talk.answer(new).await;
    assert_eq!(talk.standing(), Standing::Recovered, "{:?}", talk.step);
}

/// The agent's start on this disk, and what is there.
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
            "SELECT count(*) FROM recovery_code WHERE used IS NOT NULL AND CAST(name AS BLOB) = ?",
            name.as_bytes().to_vec(),
            *count,
        ),
        Kept::Spent(name, count) => {
            ("SELECT count(*) FROM challenge WHERE spent IS NOT NULL AND account = ?", account(name), *count)
        }
        Kept::Failures(count) => ("SELECT count(*) FROM event WHERE kind = 'failure' AND ?1 = x''", Vec::new(), *count),
        Kept::CanBeAnswered(name) => (
            "SELECT count(*) FROM challenge WHERE purpose = 'recover' AND spent IS NULL AND voided IS NULL AND account = ?",
            account(name),
            1,
        ),
    };
    let mut session = store.session().await;
    let found: u32 = sqlx::query_scalar(sql).bind(account).fetch_one(session.connection()).await.unwrap();
    found >= least
}

/// What SQLite can tell of its own.
pub(super) async fn is_sound(store: &Store) {
    let mut session = store.session().await;
    let said: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(session.connection()).await.unwrap();
    assert_eq!(said, "ok");
    let orphans = sqlx::query("PRAGMA foreign_key_check").fetch_all(session.connection()).await.unwrap();
    assert!(orphans.is_empty(), "{} orphans", orphans.len());
}
