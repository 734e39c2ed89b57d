//! What `bench` runs inside its machines, as root: signs people in through libpam as a login program does, talks to the agent
//! as a PAM host does, and says in lines of `name value` how long it took. All durations are in nanoseconds.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr
)]

mod alike;
mod answers;
mod bus;
mod crowd;
mod dialogue;
mod directory;
mod hosts;
mod own;
mod pam;
mod peers;

use std::{
    cell::{Cell, RefCell},
    fs::{self, File},
    io::Write as _,
    os::unix::fs::MetadataExt as _,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use bus::Bus;
use nix::{time::clock_getcpuclockid, unistd::Pid};
use rustix::time::{ClockId, clock_gettime};

/// PAM files of a host without the package, and with it.
const PLAIN: &str = "/etc/bench/plain";
const WITH: &str = "/etc/bench/with";

fn main() {
    pam::sit_down();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["register", user, password, address] => register(user, password, address),
        ["sign-ins", user, password, pairs, ref daemons @ ..] => {
            sign_ins(user, password, pairs.parse().unwrap(), daemons);
        }
        ["recover", user, address, new] => recover(user, address, new),
        ["loads", times, ref modules @ ..] => loads(times.parse().unwrap(), modules),
        ["chpasswd", user, password] => chpasswd(user, password),
        ["ldappasswd", password] => directory::ldappasswd(password),
        ["floors", directory] => floors(Path::new(directory)),
        ["peers", user, password, rounds, ref stacks @ ..] => {
            peers::rounds(user, password, rounds.parse().unwrap(), stacks);
        }
        ["once", user, password, stack, ref code @ ..] => peers::once(user, password, stack, code.first().copied()),
        ["alike", rounds, lanes, ref kinds @ ..] => {
            wait(alike::alike(rounds.parse().unwrap(), lanes.parse().unwrap(), kinds));
        }
        ["beside", rounds, ref kinds @ ..] => wait(alike::beside(rounds.parse().unwrap(), kinds)),
        ["rest", kind, lanes] => wait(alike::rest(kind, lanes.parse().unwrap())),
        ["open", count, agent] => wait(crowd::open(count.parse().unwrap(), agent)),
        [how @ ("stored" | "reset"), seconds, lanes, accounts] => wait(crowd::sustained(
            seconds.parse().unwrap(),
            lanes.parse().unwrap(),
            accounts.parse().unwrap(),
            how == "reset",
        )),
        ["hosts", tokens, count, a_second, seconds, alone] => wait(hosts::asked(
            Path::new(tokens),
            count.parse().unwrap(),
            (a_second.parse().unwrap(), seconds.parse().unwrap()),
            alone.parse().unwrap(),
        )),
        ["own", password, codes, ref names @ ..] => wait(own::register(password, Path::new(codes), names)),
        ["starts", times] => wait(answers::starts(times.parse().unwrap())),
        ["look-ups", user, times] => wait(answers::look_ups(user, times.parse().unwrap())),
        ["held", ref command @ ..] => held(command),
        ["meanwhile", user, until] => wait(answers::meanwhile(user, until)),
        _ => panic!("what {arguments:?} means is not known"),
    }
}

fn wait(work: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work);
}

fn say(name: &str, value: u128) {
    println!("{name} {value}");
}

fn register(user: &str, password: &str, address: &str) {
    pam::sign_in(
        Path::new(WITH),
        "login",
        user,
        &mut |prompt| match last_line(prompt) {
            "Password: " => password.into(),
            asked if asked.starts_with("1, 2 or 3") => "1".into(),
            asked if asked.starts_with("Email address") => address.into(),
            "Code: " => code_to(address),
            asked if asked.starts_with("Press Enter") => String::new(),
            _ => panic!("registering, unexpected: {prompt}"),
        },
        || {},
    );
}

/// Pairs of sign-ins, one without and one with the module, each first in every other pair. One without comes before them and does not
/// count: it brings into memory what every sign-in has there.
fn sign_ins(user: &str, password: &str, pairs: usize, daemons: &[&str]) {
    let one = |directory: &str| {
        let asked = Cell::new(0);
        let (wall, cpu) = (Instant::now(), cpu());
        pam::sign_in(
            Path::new(directory),
            "login",
            user,
            &mut |prompt| {
                asked.set(asked.get() + 1);
                assert_eq!(last_line(prompt), "Password: ");
                password.into()
            },
            || {},
        );
        let took = (wall.elapsed().as_nanos(), self::cpu() - cpu);
        assert_eq!(asked.get(), 1, "a registered person is asked for the password alone");
        took
    };
    one(PLAIN);
    let before = (threads(), descriptors());
    let daemons_before: u128 = daemons.iter().map(|pid| daemon_cpu(pid)).sum();
    for pair in 0..pairs {
        let (plain, with) = if pair % 2 == 0 {
            let plain = one(PLAIN);
            (plain, one(WITH))
        } else {
            let with = one(WITH);
            (one(PLAIN), with)
        };
        println!("pair {} {} {} {}", plain.0, with.0, plain.1, with.1);
    }
    // What the agent does after its answer counts as well.
    thread::sleep(Duration::from_millis(50));
    say("daemons", daemons.iter().map(|pid| daemon_cpu(pid)).sum::<u128>() - daemons_before);
    for (name, (threads, descriptors)) in [("before", before), ("after", (self::threads(), self::descriptors()))] {
        println!("{name} {threads} {descriptors}");
    }
}

/// One recovery by email at the password prompt.
fn recover(user: &str, address: &str, new: &str) {
    let instants = RefCell::new(Vec::new());
    let mark = |name: &'static str| instants.borrow_mut().push((name, since_epoch(SystemTime::now())));
    pam::sign_in(
        Path::new(WITH),
        "login",
        user,
        &mut |prompt| match last_line(prompt) {
            "Password: " => String::new(),
            asked if asked.starts_with("Your choice") => {
                // Nobody reads a menu faster.
                thread::sleep(Duration::from_secs(1));
                mark("chosen");
                "e".into()
            }
            "Code: " => {
                mark("code-asked");
                let code = code_to(address);
                mark("code-typed");
                code
            }
            "New password: " => {
                mark("new-asked");
                new.into()
            }
            // The second are the words of 0.1.
            "Type it again: " | "The same again: " => {
                mark("again-asked");
                // Nobody types it again faster.
                thread::sleep(Duration::from_secs(1));
                mark("again-typed");
                new.into()
            }
            _ => panic!("recovering, unexpected: {prompt}"),
        },
        || mark("signed-in"),
    );
    let shadow = fs::metadata("/etc/shadow").unwrap();
    let renamed = Duration::new(shadow.ctime().try_into().unwrap(), shadow.ctime_nsec().try_into().unwrap());
    instants.borrow_mut().push(("renamed", renamed.as_nanos()));
    for (name, at) in instants.into_inner() {
        say(name, at);
    }
}

/// Loads each of `modules` so many times, by turns, in a process that has libpam, as every sign-in does; one by one they are named by
/// their place.
fn loads(times: usize, modules: &[&str]) {
    for _ in 0..times {
        for (at, module) in modules.iter().enumerate() {
            let begun = Instant::now();
            pam::load(module);
            say(&format!("load-{at}"), begun.elapsed().as_nanos());
        }
    }
}

fn chpasswd(user: &str, password: &str) {
    let begun = Instant::now();
    let mut child = Command::new("chpasswd").stdin(Stdio::piped()).spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{user}:{password}").unwrap();
    assert!(child.wait().unwrap().success());
    say("chpasswd", begun.elapsed().as_nanos());
}

/// What nobody can do faster on this machine.
fn floors(directory: &Path) {
    let path = directory.join("bench-fsync");
    let mut file = File::create(&path).unwrap();
    for _ in 0..50 {
        let begun = Instant::now();
        file.write_all(&[0; 4096]).unwrap();
        file.sync_data().unwrap();
        say("fsync", begun.elapsed().as_nanos());
    }
    fs::remove_file(path).unwrap();
    let mut kept = Bus::connect();
    for _ in 0..200 {
        let begun = Instant::now();
        let mut fresh = Bus::connect();
        fresh.ping();
        say("connect-and-call", begun.elapsed().as_nanos());
        let begun = Instant::now();
        kept.ping();
        say("call", begun.elapsed().as_nanos());
    }
}

/// Runs a command, which must succeed: how long it takes, and the most that it holds, in KiB.
fn held(command: &[&str]) {
    let begun = Instant::now();
    let mut child = Command::new(command[0]).args(&command[1..]).stdout(Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let done = loop {
        // The kernel keeps the peak, so what a look misses is only what came after the last one.
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(peak);
        if let Some(done) = child.try_wait().unwrap() {
            break done;
        }
        thread::sleep(Duration::from_millis(2));
    };
    assert!(done.success(), "{command:?}: {done}");
    say("took", begun.elapsed().as_nanos());
    say("peak", peak);
}

fn last_line(prompt: &str) -> &str {
    prompt.lines().next_back().unwrap_or_default()
}

/// Waits for the mail to `address`, takes it out of the mailbox and gives the code in it.
fn code_to(address: &str) -> String {
    let mailbox = Path::new("/var/lib/mailboxes").join(address).join("new");
    let begun = Instant::now();
    loop {
        for entry in fs::read_dir(&mailbox).into_iter().flatten().flatten() {
            let mail = fs::read_to_string(entry.path()).unwrap();
            fs::remove_file(entry.path()).unwrap();
            if let Some(code) = code_in(&mail) {
                return code.to_owned();
            }
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "no code came to {address}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// The code that a message brings.
fn code_in(mail: &str) -> Option<&str> {
    let (before, _) = mail.split_once(" is your code to")?;
    let digits = before.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
    Some(&before[digits..])
}

fn since_epoch(time: SystemTime) -> u128 {
    time.duration_since(UNIX_EPOCH).unwrap().as_nanos()
}

/// What this process has taken of the processors so far.
fn cpu() -> u128 {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(now.tv_sec.try_into().unwrap(), now.tv_nsec.try_into().unwrap()).as_nanos()
}

/// What another process has taken so far, over all its threads, those that ended included.
fn daemon_cpu(pid: &str) -> u128 {
    let clock = clock_getcpuclockid(Pid::from_raw(pid.parse().unwrap())).unwrap();
    Duration::from(clock.now().unwrap()).as_nanos()
}

fn threads() -> usize {
    fs::read_dir("/proc/self/task").unwrap().count()
}

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}
