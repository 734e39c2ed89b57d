//! A server that replaces its key, with the listener and the administrator's verbs as in the agent.

use std::{net::SocketAddr, time::Duration};

use serde_json::{Value, json};
use sspr_config::dialogue::Standing;
use sspr_fleet::{Key, Pin};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::watch};

use super::world::{Host, MACHINE_ID, SOON, Server, machine, standing};
use crate::{
    admin::{Admin, Error, Verb},
    audit_writer,
    fleet::{
        Fleet,
        listening::{Listening, State},
    },
    principal::Principal,
    reloadable::Reloadable,
    sessions::Sessions,
    store::{AuditRows, audit::Query},
    transport::{fleet::FleetService, listening},
};

/// The server's listener and its administrator.
struct Running {
    server: Server,
    listening: Listening,
    admin: Admin,
    _state: TempDir,
    _stop: watch::Sender<bool>,
}

impl Running {
    async fn new() -> Self {
        let server = Server::with("names = [\"127.0.0.1:7142\"]\n").await;
        let (state, listening) = (tempfile::tempdir().unwrap(), Listening::default());
        let service = FleetService::new(server.agent.clone(), Sessions::new(server.agent.clone()));
        let (stop, stopping) = watch::channel(false);
        let agent = Reloadable::new(server.agent.clone());
        let path = state.path().to_owned();
        let service = service.announcing(listening.clone());
        drop(listening::apart(agent, service, listening.clone(), path, stopping).unwrap());
        let fleet = Fleet::new(state.path(), &state.path().join(MACHINE_ID));
        let admin = Admin::new(server.agent.clone(), tokio::runtime::Handle::current());
        let admin = admin.of_a_fleet(fleet, listening.clone());
        let this = Self { server, listening, admin, _state: state, _stop: stop };
        this.until(|state| state.address.is_some()).await;
        this
    }

    async fn until(&self, so: impl Fn(&State) -> bool) -> State {
        let waiting = async {
            while !so(&self.listening.now()) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(SOON, waiting).await.unwrap();
        self.listening.now()
    }

    async fn asks(&self, verb: Verb, what: &Value) -> Result<Value, Error> {
        let root = Principal::new(0, ":1.9");
        let by = json!({ "login": null, "sudo": null, "cgroup": "" }).to_string();
        self.admin.call(&root, verb, &by, &what.to_string()).await.map(|said| serde_json::from_str(&said).unwrap())
    }

    async fn key(&self, step: &str) -> Result<Value, Error> {
        self.asks(Verb::ServerKey, &json!({ "step": step })).await
    }

    async fn host(&self, name: &str) -> Host {
        let made = self.asks(Verb::HostToken, &json!({ "uses": 1, "lifetime": 600 })).await.unwrap();
        let address: SocketAddr = self.listening.now().address.unwrap();
        let host = machine(address, &self.server.wall, "").await;
        host.fleet.join(None, made["token"].as_str().unwrap(), name, 0).await.unwrap();
        host
    }
}

fn pins(host: &Host) -> Vec<Pin> {
    host.fleet.identity().unwrap().pins
}

#[tokio::test]
async fn hosts_learn_the_next_key_of_a_server_before_it_is_used_and_one_that_missed_it_is_told_by_hand() {
    let running = Running::new().await;
    let (one, mut other) = (running.host("web1").await, running.host("web2").await);
    let old = running.listening.now().pin.unwrap();
    for host in [&one, &other] {
        host.greets().await.unwrap();
        assert_eq!(pins(host), [old]);
    }
    assert!(running.key("use").await.unwrap_err().to_string().contains("--announce"));
    let said = running.key("announce").await.unwrap();
    assert_eq!((&said["missing"], &said["active"]), (&json!(["web1", "web2"]), &json!(2)));
    let next = running.until(|state| state.next.is_some()).await.next.unwrap();
    assert_eq!((said["pin"].clone(), said["next"].clone()), (json!(old.to_string()), json!(next.to_string())));
    assert_eq!(running.key("announce").await.unwrap()["next"], said["next"], "it stays the same one");
    // A host learns it with one hello, and says so with the next.
    for _ in 0..2 {
        one.greets().await.unwrap();
    }
    assert_eq!(pins(&one), [old, next]);
    let refused = running.key("use").await.unwrap_err().to_string();
    assert!(refused.contains("1 of 2 hosts") && refused.contains("web2") && !refused.contains("web1"), "{refused}");
    let listed = running.asks(Verb::Hosts, &json!({})).await.unwrap();
    assert_eq!((&listed[0]["knows_next"], &listed[1]["knows_next"]), (&json!(true), &json!(false)));
    assert_eq!(running.asks(Verb::Fleet, &json!({})).await.unwrap()["server"]["missing"], 1);
    running.asks(Verb::ServerKey, &json!({ "step": "use", "force": true })).await.unwrap();
    running.until(|state| state.pin == Some(next)).await;
    // New connections meet the new key. The host that missed it has to be told.
    assert_eq!(standing(&one.forgets("dora").begins("recover").await), Standing::Asking);
    one.greets().await.unwrap();
    // An agent that runs on resumes its session with the old key.
    other.fleet = Fleet::new(other.state.path(), &other.state.path().join(MACHINE_ID));
    let why = other.greets().await.unwrap_err().to_string();
    assert!(why.contains("another key"), "{why}");
    let repin = async |pin: Pin| other.fleet.repin(&other.agent.settings.fleet, "web2", pin, SOON).await;
    assert!(repin(Key::generate().unwrap().pin()).await.is_err());
    assert_eq!(pins(&other), [old], "a key that the server does not have changes nothing");
    assert_eq!(repin(next).await.unwrap().state, "active");
    assert_eq!(other.greets().await.unwrap(), "active");
    // Another server may still use the old key.
    assert!(pins(&one).contains(&old) && pins(&one).contains(&next));
    assert_eq!(running.key("finish").await.unwrap()["old"], Value::Null);
    running.until(|state| state.old.is_none()).await;
    for host in [&one, &other] {
        host.greets().await.unwrap();
        assert_eq!(pins(host), [next]);
    }
    audit_writer::drain(&running.server.agent).await.unwrap();
    let mut tx = running.server.agent.begin().await.unwrap();
    let records = AuditRows::read(&mut tx, &Query::default()).await.unwrap();
    let changes = records.iter().filter(|record| record.event == "Key of the fleet's server changed (admin)");
    assert_eq!(changes.count(), 3);
}

#[tokio::test]
async fn an_agent_that_ends_while_a_key_is_tried_knows_its_servers_by_the_old_one() {
    let running = Running::new().await;
    let host = running.host("web1").await;
    let (known, hellos) = (pins(&host), host.fleet.identity().unwrap().hellos);
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut settings = host.agent.settings.fleet.clone();
    settings.servers = vec![silent.local_addr().unwrap().to_string()];
    let (fleet, strange) = (host.fleet.clone(), Key::generate().unwrap().pin());
    let trying = tokio::spawn(async move { fleet.repin(&settings, "web1", strange, SOON).await });
    let held = tokio::time::timeout(SOON, silent.accept()).await.unwrap().unwrap();
    trying.abort();
    assert!(trying.await.unwrap_err().is_cancelled());
    drop(held);
    assert_eq!((pins(&host), host.fleet.identity().unwrap().hellos), (known, hellos + 1));
    assert_eq!(host.greets().await.unwrap(), "active");
}

#[tokio::test]
async fn a_server_that_is_told_later_takes_no_key_away_and_the_old_one_is_gone_after_the_last_step() {
    let running = Running::new().await;
    let host = running.host("web1").await;
    running.key("announce").await.unwrap();
    let first = running.until(|state| state.next.is_some()).await;
    let (old, next) = (first.pin.unwrap(), first.next.unwrap());
    let hears = async |state: State| {
        running.listening.is(state);
        host.greets().await.unwrap();
        pins(&host)
    };
    let late = State { next: None, ..first.clone() };
    assert_eq!(hears(first.clone()).await, [old, next]);
    assert_eq!(hears(late.clone()).await, [old, next], "the second server was not told yet");
    host.greets().await.unwrap();
    running.listening.is(first.clone());
    running.key("use").await.unwrap();
    let used = running.until(|state| state.pin == Some(next)).await;
    for state in [&used, &first, &late, &used] {
        assert_eq!(hears(state.clone()).await, [old, next]);
    }
    running.key("finish").await.unwrap();
    let finished = running.until(|state| state.old.is_none()).await;
    host.greets().await.unwrap();
    assert_eq!(pins(&host), [next]);
    // The second server is one step behind.
    assert_eq!(hears(used).await, [old, next]);
    assert_eq!(hears(finished).await, [next]);
}

#[tokio::test]
async fn a_host_that_joins_while_a_key_is_announced_knows_both_and_one_that_hears_no_known_key_keeps_its_own() {
    let running = Running::new().await;
    running.key("announce").await.unwrap();
    let state = running.until(|state| state.next.is_some()).await;
    let host = running.host("web1").await;
    assert_eq!(pins(&host), state.pins());
    // Something is wrong at the server: its answer has no key that the host knows.
    let strange = Key::generate().unwrap().pin();
    running.listening.is(State { pin: Some(strange), next: None, ..state.clone() });
    host.greets().await.unwrap();
    assert_eq!(pins(&host), state.pins());
    running.listening.is(State { pin: None, next: None, ..state.clone() });
    host.greets().await.unwrap();
    assert_eq!(pins(&host), state.pins(), "as from a server of an earlier version");
}
