//! Very many hosts of a fleet at once: each has a key and an address of its own, and asks the server as the agent of a host does.

use std::{
    collections::VecDeque,
    fs,
    hash::{BuildHasher as _, RandomState},
    net::Ipv4Addr,
    path::Path,
    process::Command,
    sync::Arc,
    time::Duration,
};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sspr_config::dialogue::Ask;
use sspr_fleet::{
    Key, Pin,
    client::{Link, Way},
    token::Token,
    wire::{Begin, Hello, Join, Leave, VERSION},
};
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};

use crate::{crowd::resident, say};

/// The address of the first host. All are the machine's own, and a connection to one comes from it.
const FIRST: u32 = 0x0a80_0001;
/// How many hosts join at once: fewer than the calls that the server works on for keys that it does not know.
const JOINING: usize = 8;
/// How long a host waits for the first step of a sign-in.
const PATIENCE: Duration = Duration::from_millis(850);
/// How long a host waits for the answers to its other calls.
const IN_THE_BACKGROUND: Duration = Duration::from_secs(5);
/// The mean time between hellos of a host.
const HELLO_EVERY: Duration = Duration::from_mins(15);
/// How long a connection may be open that nobody uses: the server closes it before.
const OPEN_MAX: Duration = Duration::from_secs(40);
/// The pause of one host alone between two questions.
const PAUSE: Duration = Duration::from_millis(40);
/// How many hosts ask right after the restart.
const AFTERWARDS: usize = 20;

struct Host {
    key: Key,
    address: String,
    pins: Arc<[Pin]>,
}

impl Host {
    fn link(&self) -> Link {
        let way =
            Way { servers: vec![self.address.clone()], pins: self.pins.to_vec(), key: self.key.clone(), proxy: None };
        Link::new(&way).unwrap()
    }
}

/// Has `count` hosts join with the tokens in a file, and prints lines of how long questions at sign-ins took: of one host alone, and
/// of so many hosts in every second for so many seconds, each time another one. Then the server's agent is started again.
pub(crate) async fn asked(tokens: &Path, count: usize, (a_second, seconds): (u32, u32), alone: usize) {
    let most = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: most, maximum: most }).unwrap();
    let hosts = joined(&fs::read_to_string(tokens).unwrap(), count).await;
    let agent = agent();
    say("resident-before", resident(&agent));
    for _ in 0..alone {
        question("alone", &hosts[0].link()).await;
        sleep(PAUSE).await;
    }
    let links = many(&hosts, a_second, seconds).await;
    say("resident", resident(&agent));
    restarted(links).await;
}

/// The main process of the agent.
fn agent() -> String {
    let shown =
        Command::new("systemctl").args(["show", "--property=MainPID", "--value", "sspr-agent"]).output().unwrap();
    String::from_utf8(shown.stdout).unwrap().trim().to_owned()
}

/// Each line of `tokens` lets as many hosts join as it takes for `count` of them.
async fn joined(tokens: &str, count: usize) -> Vec<Host> {
    let tokens: Vec<Token> = tokens.lines().map(|line| Token::parse(line).unwrap()).collect();
    let (pins, places): (Arc<[Pin]>, _) = (tokens[0].pins.clone().into(), Arc::new(Semaphore::new(JOINING)));
    let (_, port) = tokens[0].servers[0].rsplit_once(':').unwrap();
    let begun = Instant::now();
    let mut joining = JoinSet::new();
    let each = count.div_ceil(tokens.len());
    for number in 0..count {
        let place = places.clone().acquire_owned().await.unwrap();
        let address = Ipv4Addr::from(FIRST + u32::try_from(number).unwrap());
        let host = Host { key: Key::generate().unwrap(), address: format!("{address}:{port}"), pins: pins.clone() };
        let secret = tokens[number / each].secret.clone();
        joining.spawn(async move {
            let join = Join { v: VERSION, secret, name: format!("host{number}"), version: "0".into() };
            host.link().join(&join, IN_THE_BACKGROUND).await.unwrap();
            drop(place);
            host
        });
    }
    let hosts = joining.join_all().await;
    say("joined", begun.elapsed().as_nanos());
    hosts
}

/// A question at a sign-in, over a new connection unless `link` has one. It is left at the first step.
async fn question(name: &str, link: &Link) {
    let begin = Begin {
        v: VERSION,
        purpose: "register".into(),
        user: "alice".into(),
        service: "sshd".into(),
        tty: "ssh".into(),
        rhost: "198.18.0.1".into(),
        locale: String::new(),
        resumes: None,
        own: String::new(),
    };
    let since = Instant::now();
    match link.begin(&begin, PATIENCE).await {
        Ok(opened) => {
            say(name, since.elapsed().as_nanos());
            assert_eq!(Ask::from_wire(opened.step.ask), Some(Ask::Password), "{:?}", opened.step);
            let leave = Leave { v: VERSION, handle: opened.handle, why: None };
            let _ = link.leave(&opened.at, &leave, IN_THE_BACKGROUND).await;
        }
        Err(why) => {
            eprintln!("{name}: {why}");
            say(&format!("{name}-failed"), since.elapsed().as_nanos());
        }
    }
}

/// Questions at random moments, and the hellos of this many hosts between them. Gives the connections that were used last.
async fn many(hosts: &[Host], a_second: u32, seconds: u32) -> VecDeque<(Instant, Link)> {
    let hellos = f64::from(u32::try_from(hosts.len()).unwrap()) / HELLO_EVERY.as_secs_f64();
    let in_all = f64::from(a_second) + hellos;
    let (random, mut links) = (RandomState::new(), VecDeque::new());
    let mut calls = JoinSet::new();
    let begun = Instant::now();
    let (mut at, mut number) = (begun, 0);
    while at < begun + Duration::from_secs(seconds.into()) {
        let host = &hosts[number % hosts.len()];
        let link = host.link();
        links.push_back((at, link.clone()));
        while links.front().is_some_and(|(since, _)| since.elapsed() > OPEN_MAX) {
            links.pop_front();
        }
        sleep_until(at).await;
        let is_hello = part(&random, (number, "kind")) * in_all < hellos;
        let name = format!("host{number}");
        calls.spawn(async move {
            if is_hello {
                greet(&link, name).await;
            } else {
                question("question", &link).await;
            }
        });
        while calls.try_join_next().is_some() {}
        at += Duration::from_secs_f64(-(1.0 - part(&random, (number, "pause"))).ln() / in_all);
        number += 1;
    }
    calls.join_all().await;
    links
}

async fn greet(link: &Link, name: String) {
    let hello = Hello { v: VERSION, name, version: "0".into(), counter: 1, next: None, pins: Vec::new() };
    let begun = Instant::now();
    let heard = link.hello(&hello, IN_THE_BACKGROUND).await;
    say(if heard.is_ok() { "hello" } else { "hello-failed" }, begun.elapsed().as_nanos());
}

/// A random number from 0 up to 1.
fn part(random: &RandomState, of: (usize, &str)) -> f64 {
    let bits = u32::try_from(random.hash_one(of) >> 32).unwrap();
    f64::from(bits) / (f64::from(u32::MAX) + 1.0)
}

/// Starts the server's agent again; then hosts ask that had a connection to it.
async fn restarted(mut links: VecDeque<(Instant, Link)>) {
    let begun = Instant::now();
    assert!(Command::new("systemctl").args(["restart", "sspr-agent"]).status().unwrap().success());
    say("restart", begun.elapsed().as_nanos());
    for _ in 0..AFTERWARDS {
        let (_, link) = links.pop_back().unwrap();
        question("afterwards", &link).await;
    }
}
