//! A server with a directory, and hosts that join it, over real TLS on this machine.

mod directory;
mod machine;
mod terminal;

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU16, Ordering},
    },
    time::Duration,
};

pub(super) use directory::Directory;
pub(super) use machine::Machine;
use sspr_config::dialogue::{Ask, Standing, Step};
use sspr_fleet::{
    Key, Pin,
    client::{Link, Way},
    server::{Bounds, Listener},
    token::Token,
    wire::{Begin, VERSION},
};
use tempfile::TempDir;
pub(super) use terminal::Terminal;
use tokio::{sync::watch, task::JoinHandle, time::Instant};

use crate::{
    account::{DIRECTORY, Id, Name},
    clock::{Clock, Time, Wait},
    contact::{Contact, EmailAddress},
    fleet::{Fleet, Why, relay::Relay},
    outbox::OutboxMessage,
    principal::Principal,
    random::SystemRandom,
    reloadable::Reloadable,
    sender,
    sessions::Sessions,
    snapshot::Snapshot,
    store::{
        Hosts, Registrations, Synced,
        hosts::{HostState, NewToken},
        registrations,
    },
    transport::fleet::FleetService,
};

pub(super) const START: Time = 1_800_000_000;
pub(super) const DORAS_ID: &str = "5f3c1f0e-1b0a-103f-8c55-3d1c4c2f7a11";
pub(super) const DORA: Name<'static> = Name { realm: DIRECTORY, name: "dora" };
pub(super) const NEW: &str = "plover tundra biscuit";
pub(super) const OLD: &str = "the old one";
/// How long the directory holds back a no.
const HOLDS: Duration = Duration::from_secs(2);

/// A clock that the tests set.
#[derive(Default)]
pub(super) struct Wall(AtomicI64);

impl Clock for Wall {
    fn now(&self) -> Time {
        self.0.load(Ordering::SeqCst)
    }

    fn until(&self, _: Instant) -> Wait<'_> {
        Box::pin(tokio::task::yield_now())
    }
}

/// The server.
pub(super) struct Server {
    pub(super) agent: Arc<Snapshot>,
    machine: Arc<Machine>,
    pub(super) directory: Arc<Directory>,
    pub(super) wall: Arc<Wall>,
    pub(super) address: SocketAddr,
    pub(super) key: Key,
    running: Running,
}

/// A listener with dialogues of its own.
pub(super) struct Running {
    pub(super) address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Running {
    /// Listens on `address`, and has the store and key of `server`.
    pub(super) async fn beside(server: &Server, address: SocketAddr) -> Self {
        Self::new(&server.agent, &server.key, address).await
    }

    async fn new(agent: &Arc<Snapshot>, key: &Key, address: SocketAddr) -> Self {
        let since = Instant::now();
        let listener = loop {
            match Listener::bind(address, key, Bounds::default()).await {
                Ok(listener) => break listener,
                // A program that another test starts may have inherited the former listener, for a moment.
                Err(why) => assert!(since.elapsed() < SOON, "{why}"),
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        let address = listener.address().unwrap();
        let service = FleetService::new(agent.clone(), Sessions::new(agent.clone()));
        let (stop, stopping) = watch::channel(false);
        Self { address, stop, task: tokio::spawn(listener.serve(Arc::new(service), stopping)) }
    }

    /// Dies, with every dialogue that it holds.
    pub(super) async fn dies(&mut self) {
        self.task.abort();
        let _ = (&mut self.task).await;
    }
}

const SETTINGS: &str = "[directory]\nkind = \"openldap\"\nservers = [\"ldaps://l.example.org\"]\nbase = \"dc=example\"\n\
                        bind = \"cn=reset\"\npassword_file = \"/secret\"\n[server]\nlisten = \"127.0.0.1:7142\"\n";

/// Any free port of an address that no other test has: a server that is started again needs the port that it had.
pub(super) fn any() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(1);
    let [high, low] = NEXT.fetch_add(1, Ordering::SeqCst).to_be_bytes();
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 1, high, low)), 0)
}

/// The file with the machine's id, in the directory of a host.
pub(super) const MACHINE_ID: &str = "machine-id";

/// A host.
pub(super) struct Host {
    pub(super) machine: Arc<Machine>,
    pub(super) agent: Arc<Snapshot>,
    pub(super) relay: Relay,
    pub(super) fleet: Fleet,
    pub(super) state: TempDir,
    pub(super) id: String,
}

impl Server {
    pub(super) async fn new() -> Self {
        Self::with("").await
    }

    pub(super) async fn with(settings: &str) -> Self {
        Self::of(&format!("{SETTINGS}{settings}")).await
    }

    /// A server with these settings alone.
    pub(super) async fn of(settings: &str) -> Self {
        let wall = Arc::new(Wall::default());
        wall.0.store(START, Ordering::SeqCst);
        let machine = Arc::new(Machine::default());
        // The server's own files have another user called dora.
        machine.own.lock().unwrap().insert("dora".into(), 1001);
        // For the tests that listen as the agent does.
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let settings = settings.replace("7142", &free.to_string());
        let agent = Snapshot::for_tests(&settings, wall.clone(), machine.clone()).await;
        let directory = Arc::new(Directory {
            password: Mutex::new(OLD.into()),
            asked: Mutex::default(),
            tried: Mutex::default(),
            fails: Mutex::default(),
            blind: Mutex::default(),
            holds: Mutex::new(HOLDS),
            set: Mutex::default(),
            gate: Mutex::default(),
        });
        let target = directory.clone();
        let agent = agent.with_services(|services| services.targets = services.targets.clone().with(target));
        let key = Key::generate().unwrap();
        let running = Running::new(&agent, &key, any()).await;
        Self { agent, machine, directory, wall, address: running.address, key, running }
    }

    /// Another server with the same store and key, which serves to the end of the test.
    pub(super) async fn replica(&self, address: SocketAddr) -> SocketAddr {
        let Running { address, stop, task } = Running::beside(self, address).await;
        tokio::spawn(async move { (stop, task.await).1 });
        address
    }

    /// Another server of the same store and key, which may serve accounts of the hosts themselves.
    pub(super) async fn replica_serving(&self, local_accounts: bool) -> SocketAddr {
        let mut settings = (*self.agent.settings).clone();
        settings.server.local_accounts = local_accounts;
        let agent = self.agent.with_settings(settings);
        let Running { address, stop, task } = Running::new(&agent, &self.key, any()).await;
        tokio::spawn(async move { (stop, task.await).1 });
        address
    }

    /// See [`Running::dies`].
    pub(super) async fn dies(&mut self) {
        self.running.dies().await;
    }

    pub(super) fn later(&self, seconds: Time) {
        self.wall.0.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(super) async fn stops(self) {
        self.running.stop.send_replace(true);
        self.running.task.await.unwrap();
    }

    /// A token for `uses` hosts whose names match `pattern`, as text.
    pub(super) async fn token(&self, uses: u32, pattern: &str) -> String {
        let secret: Vec<u8> = (0..32).map(|_| getrandom::u32().unwrap().to_le_bytes()[0]).collect();
        let mac = self.agent.keys.mac("join token", &[&secret]);
        let now = self.agent.now();
        let new =
            NewToken { secret: &mac, uses, pattern, group: "web", issuer: "carol", created: now, expires: now + 3600 };
        let mut tx = self.agent.begin().await.unwrap();
        Hosts::add_token(&mut tx, &new).await.unwrap();
        tx.commit().await.unwrap();
        let secret = sspr_fleet::wire::Typed(secret.into());
        let token = Token { servers: vec![self.address.to_string()], pins: vec![self.key.pin()], secret };
        token.to_text().to_string()
    }

    /// A host that has joined.
    pub(super) async fn host(&self, name: &str) -> Host {
        self.host_with(name, "").await
    }

    /// A host that asks at sign-ins.
    pub(super) async fn asking_host(&self, name: &str) -> Host {
        self.host_with(name, ASKS).await
    }

    /// A host that has joined, with `settings` added to its `[fleet]`.
    pub(super) async fn host_with(&self, name: &str, settings: &str) -> Host {
        self.joins(name, machine(self.address, &self.wall, settings).await).await
    }

    /// A host that has joined, and knows other servers as well.
    pub(super) async fn host_of(&self, name: &str, others: &[SocketAddr]) -> Host {
        let all = [&[self.address], others].concat();
        self.joins(name, machine_of(&all, &self.wall, "").await).await
    }

    /// The same with these settings.
    pub(super) async fn host_of_with(&self, name: &str, others: &[SocketAddr], settings: &str) -> Host {
        let all = [&[self.address], others].concat();
        self.joins(name, machine_of(&all, &self.wall, settings).await).await
    }

    /// The same, but it knows only these servers.
    pub(super) async fn host_with_only(&self, name: &str, servers: &[SocketAddr]) -> Host {
        self.joins(name, machine_of(servers, &self.wall, "").await).await
    }

    async fn joins(&self, name: &str, mut host: Host) -> Host {
        let (_, id, before) = host.fleet.join(None, &self.token(1, "").await, name, START).await.unwrap();
        assert!(!before);
        host.id = id;
        host
    }

    /// The server's own login prompt and shells. dora is in the directory only.
    pub(super) fn itself(&self) -> Host {
        self.machine.own.lock().unwrap().clear();
        let (agent, state) = (self.agent.clone(), tempfile::tempdir().unwrap());
        let fleet = Fleet::new(state.path(), &state.path().join(MACHINE_ID));
        let relay = Relay::from(Sessions::new(agent.clone()));
        Host { machine: self.machine.clone(), agent, relay, fleet, state, id: String::new() }
    }

    /// A machine that has not joined, whose settings name the server.
    pub(super) async fn machine(&self) -> Host {
        machine(self.address, &self.wall, "").await
    }

    pub(super) async fn is(&self, host: &Host, state: HostState) {
        let mut tx = self.agent.begin().await.unwrap();
        assert!(Hosts::set_state(&mut tx, &host.id, state).await.unwrap());
        tx.commit().await.unwrap();
    }

    /// Imports a usable address for dora.
    pub(super) async fn imports(&self, address: &str) {
        self.vouches(address, true).await;
    }

    /// Imports an address for dora. If it is not `usable`, dora has to confirm it.
    pub(super) async fn vouches(&self, address: &str, usable: bool) {
        let (keys, id) = (&self.agent.keys, Id::parse(DORAS_ID).unwrap());
        let contact = Contact::Email(EmailAddress::parse(address).unwrap());
        let mut tx = self.agent.begin().await.unwrap();
        Registrations::import_contact(&mut tx, keys, &SystemRandom, DORA, id, &contact, usable, self.agent.now())
            .await
            .unwrap();
        Synced::vouch(&mut tx, DORA, &registrations::lookup(keys, &contact), "import").await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The messages that are sent, without decoys: the recipient, and the code or the kind of notification.
    pub(super) async fn mailbox(&self) -> Vec<(String, String)> {
        let said = |queued: OutboxMessage| match queued {
            OutboxMessage::Code(code) => code.code.to_string(),
            OutboxMessage::Notification(note) => format!("{:?}", note.kind),
        };
        let sent = sender::tests_support::drain(&self.agent).await;
        sent.into_iter().map(|(queued, message)| (message.to().as_str().to_owned(), said(queued))).collect()
    }

    pub(super) async fn the_code(&self) -> String {
        let mail = self.mailbox().await;
        assert_eq!(mail.len(), 1, "{mail:?}");
        mail[0].1.clone()
    }
}

/// The setting of a host that asks at sign-ins.
pub(super) const ASKS: &str = "register_at_sign_in = true\n";

/// A machine whose settings name the server at `address`, and that has not joined.
pub(super) async fn machine(address: SocketAddr, wall: &Arc<Wall>, settings: &str) -> Host {
    machine_of(&[address], wall, settings).await
}

async fn machine_of(addresses: &[SocketAddr], wall: &Arc<Wall>, settings: &str) -> Host {
    let addresses: Vec<String> = addresses.iter().map(|address| format!("\"{address}\"")).collect();
    let settings = format!("[fleet]\nservers = [{}]\n{settings}", addresses.join(", "));
    let machine = Arc::new(Machine::default());
    machine.own.lock().unwrap().insert("alice".into(), 1001);
    let agent = Arc::new(Snapshot::for_tests(&settings, wall.clone(), machine.clone()).await);
    let state = tempfile::tempdir().unwrap();
    let machine_id: PathBuf = state.path().join(MACHINE_ID);
    std::fs::write(&machine_id, format!("{:032x}\n", getrandom::u64().unwrap())).unwrap();
    let fleet = Fleet::new(state.path(), &machine_id);
    let relay = Relay::new(Sessions::new(agent.clone()), Reloadable::new(agent.clone()), fleet.clone());
    Host { machine, agent, relay, fleet, state, id: String::new() }
}

impl Host {
    pub(super) fn key(&self) -> Key {
        self.fleet.identity().unwrap().key
    }

    /// Says hello, and returns the host's state at the server.
    pub(super) async fn greets(&self) -> Result<String, Why> {
        self.fleet.hello(&self.agent.settings.fleet, "web1", SOON).await.map(|greeting| greeting.state)
    }

    /// A connection to the server with the host's key, past its agent: what an attacker who has the key can send.
    pub(super) fn captured(&self, server: &Server) -> Link {
        link(server, &self.key(), server.key.pin())
    }

    /// Types wrong codes for `name` until that is suspended.
    pub(super) async fn suspends(&self, name: &str) {
        for _ in 0..2 {
            let mut person = self.forgets(name);
            let mut step = person.begins("recover").await;
            for answer in ["e", "000000", "000001", "000002", "000003"] {
                if ends(&step) {
                    break;
                }
                step = person.answers("", answer).await;
            }
        }
    }

    pub(super) fn forgets(&self, name: &str) -> Terminal<'_> {
        Terminal {
            host: self,
            who: Principal::new(0, ":1.5"),
            handle: String::new(),
            step: None,
            name: name.into(),
            locale: "",
        }
    }

    /// Alice, who has an account of the host itself, in a shell on the host.
    pub(super) fn in_her_shell(&self) -> Terminal<'_> {
        Terminal { who: Principal::new(1001, ":1.7"), name: "alice".into(), ..self.in_a_shell() }
    }

    /// Dora in a shell on the host.
    pub(super) fn in_a_shell(&self) -> Terminal<'_> {
        Terminal {
            host: self,
            who: Principal::new(20_000, ":1.6"),
            handle: String::new(),
            step: None,
            name: "dora".into(),
            locale: "",
        }
    }
}

/// The setting of a server or a host that serves accounts of the hosts themselves.
pub(super) const OWN: &str = "local_accounts = true\n";

pub(super) fn link(server: &Server, key: &Key, pin: Pin) -> Link {
    Link::new(&Way { servers: vec![server.address.to_string()], pins: vec![pin], key: key.clone(), proxy: None })
        .unwrap()
}

pub(super) fn begin(purpose: &str, user: &str, rhost: &str) -> Begin {
    Begin {
        v: VERSION,
        purpose: purpose.into(),
        user: user.into(),
        service: "login".into(),
        tty: String::new(),
        rhost: rhost.into(),
        locale: String::new(),
        resumes: None,
        own: String::new(),
    }
}

pub(super) const SOON: Duration = Duration::from_secs(20);

/// Whether the step is the last one.
pub(super) fn ends(step: &Step) -> bool {
    Ask::from_wire(step.ask) == Some(Ask::Nothing)
}

pub(super) fn standing(step: &Step) -> Standing {
    Standing::from_wire(step.standing).unwrap()
}
