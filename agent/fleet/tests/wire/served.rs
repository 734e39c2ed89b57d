//! A server that answers everything, and a host's connection to it.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use sspr_fleet::{
    Key, Pin,
    client::{Link, Way},
    server::{Bounds, Handler, Listener, Peer, ServerKey},
    wire::{Answer, Begin, Begun, Done, Greeting, Hello, Join, Joined, Leave, Refusal, Refused, Step, VERSION},
};
use tokio::{
    sync::{Semaphore, watch},
    task::JoinHandle,
};

pub(crate) const SOON: Duration = Duration::from_secs(10);

/// Answers every call. A dialogue of the user "slow" begins only when the test lets it, and one of "done" is over at once.
/// After `fails` was set, no call can be served.
pub(crate) struct Echo {
    pub(crate) known: Pin,
    pub(crate) calls: AtomicUsize,
    pub(crate) slow: Semaphore,
    pub(crate) fails: AtomicBool,
}

impl Echo {
    pub(crate) fn new(known: Pin) -> Self {
        Self { known, calls: AtomicUsize::new(0), slow: Semaphore::new(0), fails: AtomicBool::new(false) }
    }

    fn counts(&self) -> Result<(), Refused> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        if self.fails.load(Ordering::SeqCst) { Err(Refused::new(Refusal::Unavailable, "no database")) } else { Ok(()) }
    }
}

pub(crate) fn step(turn: u32, text: &str) -> Step {
    Step { turn, standing: 0, ask: 1, text: text.into(), prompt: "? ".into() }
}

impl Handler for Echo {
    async fn begin(&self, peer: Peer, begin: Begin) -> Result<Begun, Refused> {
        self.counts()?;
        if peer.key != self.known {
            return Err(Refused::new(Refusal::NotJoined, "a stranger"));
        }
        if begin.user == "slow" {
            self.slow.acquire().await.unwrap().forget();
        }
        let ask = u8::from(begin.user != "done");
        Ok(Begun { handle: begin.user.clone(), step: Step { ask, ..step(1, &begin.user) }, own: false })
    }

    async fn answer(&self, _: Peer, answer: Answer, sealed: bool) -> Result<Step, Refused> {
        self.counts()?;
        Ok(step(answer.turn + 1, &format!("{} {sealed}", answer.answer.0.len())))
    }

    async fn leave(&self, _: Peer, _: Leave) -> Result<Done, Refused> {
        Ok(Done {})
    }

    async fn join(&self, _: Peer, join: Join) -> Result<Joined, Refused> {
        Ok(Joined { id: join.name, before: false })
    }

    async fn hello(&self, _: Peer, _: Hello) -> Result<Greeting, Refused> {
        self.counts()?;
        Ok(Greeting {
            version: "0".into(),
            state: "active".into(),
            rekey: false,
            next: None,
            pins: Vec::new(),
            local_accounts: false,
        })
    }
}

pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) key: Key,
    pub(crate) replaces: ServerKey,
    pub(crate) host: Key,
    pub(crate) echo: Arc<Echo>,
    pub(crate) stop: watch::Sender<bool>,
    pub(crate) task: JoinHandle<()>,
}

pub(crate) async fn served(bounds: Bounds) -> Served {
    served_at("127.0.0.1:0".parse().unwrap(), &Key::generate().unwrap(), bounds).await
}

pub(crate) async fn served_at(address: SocketAddr, key: &Key, bounds: Bounds) -> Served {
    served_to(address, key, Key::generate().unwrap(), bounds).await
}

pub(crate) async fn served_to(address: SocketAddr, key: &Key, host: Key, bounds: Bounds) -> Served {
    let listener = Listener::bind(address, key, bounds).await.unwrap();
    let echo = Arc::new(Echo::new(host.pin()));
    let (stop, stopping) = watch::channel(false);
    let (address, replaces) = (listener.address().unwrap(), listener.key());
    let task = tokio::spawn(listener.serve(echo.clone(), stopping));
    Served { address, key: key.clone(), replaces, host, echo, stop, task }
}

impl Served {
    pub(crate) fn link(&self) -> Link {
        self.link_of(&self.host)
    }

    pub(crate) fn link_of(&self, key: &Key) -> Link {
        way(&[self.address], self.key.pin(), key)
    }
}

pub(crate) fn way(servers: &[SocketAddr], pin: Pin, key: &Key) -> Link {
    let servers = servers.iter().map(ToString::to_string).collect();
    Link::new(&Way { servers, pins: vec![pin], key: key.clone(), proxy: None }).unwrap()
}

pub(crate) fn begin(user: &str) -> Begin {
    Begin {
        v: VERSION,
        purpose: "recover".into(),
        user: user.into(),
        service: String::new(),
        tty: String::new(),
        rhost: String::new(),
        locale: String::new(),
        resumes: None,
        own: String::new(),
    }
}
