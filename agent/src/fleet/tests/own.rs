//! Accounts of the hosts themselves: the server registers them and checks codes, the host's own helper writes, and no
//! password crosses.

use std::sync::Arc;

use sspr_config::dialogue::{Ask, Purpose, Standing, Step};
use tokio::sync::Notify;

use super::world::{Host, NEW, OLD, OWN, SOON, Server, Terminal, ends, standing};
use crate::{
    account::{Name, realm_of_host},
    admin::{Admin, Verb},
    audit::Event,
    audit_writer,
    credential::{Change, client::CredentialsError},
    principal::Principal,
    snapshot::Snapshot,
    store::{
        AuditRows, LookUps as _,
        audit::{Query, Record},
    },
};

const ALICES: &str = "alice@example.org";

/// A server and a host that both serve accounts of the host itself, of which alice has one.
pub(super) async fn both() -> (Server, Host) {
    let server = Server::with(OWN).await;
    let host = with_alice(&server, "web1").await;
    (server, host)
}

pub(super) async fn with_alice(server: &Server, name: &str) -> Host {
    let host = server.host_with(name, OWN).await;
    host.machine.passwords.lock().unwrap().insert("alice".into(), OLD.into());
    host.fleet.hello(&host.agent.settings.fleet, name, SOON).await.unwrap();
    host
}

pub(super) fn password(host: &Host) -> String {
    host.machine.passwords.lock().unwrap()["alice"].clone()
}

pub(super) async fn registers(server: &Server, host: &Host) {
    host.in_her_shell().registers(server, OLD, ALICES).await;
    server.mailbox().await;
    server.later(120);
}

/// Resets up to the question for the new password.
pub(super) async fn proves(server: &Server, alice: &mut Terminal<'_>) -> Step {
    alice.begins("recover").await;
    alice.answers("How do you want", "e").await;
    let code = server.the_code().await;
    alice.answers("on its way", &code).await
}

/// Alice, who has registered, has proved who she is, and has typed the new password once.
async fn types_once<'h>(server: &Server, host: &'h Host) -> Terminal<'h> {
    registers(server, host).await;
    let mut alice = host.forgets("alice");
    proves(server, &mut alice).await;
    alice.answers("", NEW).await;
    alice
}

/// A change on the host notifies the first when it begins, and waits for the second.
fn gated(host: &Host) -> Arc<[Notify; 2]> {
    let gate = Arc::new([Notify::new(), Notify::new()]);
    *host.machine.gate.lock().unwrap() = Some(gate.clone());
    gate
}

async fn is_registered(server: &Server, realm: &str) -> bool {
    let store = server.agent.store.look().await.unwrap();
    let name = Name { realm, name: "alice" };
    let mut store = store;
    store.id_at_registration(name).await.unwrap().is_some()
}

/// Whether the audit trail has `event` of a reset.
async fn recorded(agent: &Snapshot, event: Event) -> bool {
    audit_writer::drain(agent).await.unwrap();
    let mut tx = agent.begin().await.unwrap();
    let records = AuditRows::read(&mut tx, &Query::default()).await.unwrap();
    tx.commit().await.unwrap();
    records.iter().any(|record| record.event == event.name(Purpose::Recover))
}

#[tokio::test]
async fn alice_of_the_host_registers_in_a_shell_and_resets_at_the_prompt_at_once() {
    let (server, host) = both().await;
    registers(&server, &host).await;
    assert!(is_registered(&server, &realm_of_host(&host.id)).await);
    assert!(!is_registered(&server, "local").await && !is_registered(&server, "directory").await);
    let mut alice = host.forgets("alice");
    let step = proves(&server, &mut alice).await;
    assert_eq!(step.ask, Ask::NewPassword.to_wire());
    assert!(step.text.contains("at least"), "this host's rules are shown: {}", step.text);
    // A password that this host refuses is asked for again, and the server does not hear of it.
    let again = alice.answers("", "short").await;
    assert_eq!((again.turn, again.ask), (step.turn, Ask::NewPassword.to_wire()));
    assert_ne!(again.text, step.text);
    alice.answers("", NEW).await;
    let mismatch = alice.answers("", "plover tundra muffin").await;
    assert!(mismatch.text.contains("do not match"), "{}", mismatch.text);
    alice.answers("", NEW).await;
    let last = alice.answers("", NEW).await;
    assert_eq!(standing(&last), Standing::Recovered, "{last:?}");
    assert!(last.text.contains("SSH key"), "{}", last.text);
    assert_eq!(password(&host), NEW);
    let told = server.mailbox().await;
    assert!(told.iter().any(|(to, note)| to == ALICES && note == "Recovered"), "{told:?}");
    assert!(server.directory.asked.lock().unwrap().is_empty() && server.directory.tried.lock().unwrap().is_empty());
    assert!(host.machine.settled.lock().unwrap().is_empty());
    let asked = host.machine.asked.lock().unwrap().clone();
    assert_eq!(asked.iter().filter(|call| *call == "change alice 1001").count(), 1, "{asked:?}");
    assert!(asked.contains(&"aftermath alice 1001 false".to_owned()), "{asked:?}");
}

#[tokio::test]
async fn a_server_without_a_directory_serves_the_hosts_own_accounts_alone_and_tells_nobody_which_they_are() {
    let server = Server::of(&format!("[server]\nlisten = \"127.0.0.1:7142\"\n{OWN}")).await;
    let host = with_alice(&server, "web1").await;
    registers(&server, &host).await;
    let mut screens = Vec::new();
    for name in ["alice", "dora", "nobody-has-this"] {
        let mut person = host.forgets(name);
        let mut screen = vec![person.begins("recover").await];
        for answer in ["e", "000000", ""] {
            screen.push(person.answers("", answer).await);
        }
        screens.push(screen);
        server.mailbox().await;
        server.later(86_400);
    }
    assert!(screens.iter().all(|screen| *screen == screens[0]), "{screens:?}");
    assert_eq!(standing(&host.forgets("alice").resets(&server).await), Standing::Recovered);
}

#[tokio::test]
async fn a_wrong_current_password_registers_nothing() {
    let (server, host) = both().await;
    let step = host.in_her_shell().registers(&server, "not it", ALICES).await;
    assert_eq!(standing(&step), Standing::Refused, "{step:?}");
    assert!(!is_registered(&server, &realm_of_host(&host.id)).await);
}

#[tokio::test]
async fn before_a_proof_the_host_is_asked_nothing_and_her_name_looks_like_any_other() {
    let (server, host) = both().await;
    server.imports("dora@example.org").await;
    registers(&server, &host).await;
    host.machine.asked.lock().unwrap().clear();
    let mut screens = Vec::new();
    for name in ["alice", "nobody-has-this", "dora", "ALICE"] {
        let mut person = host.forgets(name);
        let mut screen = vec![person.begins("recover").await];
        for answer in ["e", "000000", "other", "app", "111111", ""] {
            screen.push(person.answers("", answer).await);
        }
        screens.push(screen);
        server.mailbox().await;
        server.later(86_400 * 3);
    }
    assert!(screens.iter().all(|screen| *screen == screens[0]));
    assert!(host.machine.asked.lock().unwrap().is_empty());
    host.suspends("alice").await;
    let rested = host.forgets("alice").begins("recover").await;
    assert!(rested.text.contains("suspended"), "{}", rested.text);
    assert_eq!(host.forgets("Alice").begins("recover").await, rested, "as in a directory, case does not count");
}

#[tokio::test]
async fn what_she_registered_is_good_on_that_host_alone() {
    let (server, host) = both().await;
    let other = with_alice(&server, "web2").await;
    registers(&server, &host).await;
    let mut alice = other.forgets("alice");
    alice.begins("recover").await;
    alice.answers("How do you want", "e").await;
    assert_eq!(server.mailbox().await, [], "another host's alice has registered nothing");
    // Wrong codes on the other host suspend that host's account only.
    other.suspends("alice").await;
    assert_eq!(standing(&other.forgets("alice").begins("recover").await), Standing::Refused);
    assert_eq!(standing(&host.forgets("alice").resets(&server).await), Standing::Recovered);
    assert_eq!((password(&host).as_str(), password(&other).as_str()), (NEW, OLD));
}

#[tokio::test]
async fn another_account_that_has_her_name_by_now_inherits_nothing() {
    let (server, host) = both().await;
    registers(&server, &host).await;
    host.machine.own.lock().unwrap().insert("alice".into(), 1002);
    let mut alice = host.forgets("alice");
    let step = proves(&server, &mut alice).await;
    assert_eq!((standing(&step), step.ask), (Standing::Refused, 0), "{step:?}");
    assert!(!host.machine.asked.lock().unwrap().iter().any(|call| call.starts_with("change")));
}

#[tokio::test]
async fn another_account_with_her_name_and_her_uid_inherits_nothing_either() {
    let (server, host) = both().await;
    registers(&server, &host).await;
    // She is deleted, a hello is said, and an account with her name and uid is made.
    host.fleet.forget_gone(&[("root".into(), 0)]).unwrap();
    let mut alice = host.forgets("alice");
    let formers = alice.wants_a_code(&server).await;
    let step = alice.answers("on its way", &formers).await;
    assert_eq!((standing(&step), step.ask), (Standing::Refused, 0), "{step:?}");
    // The new one registers, and what the former one had is gone, with the code that was sent there.
    host.in_her_shell().registers(&server, OLD, "new@example.org").await;
    server.mailbox().await;
    let mut alice = host.forgets("alice");
    alice.begins("recover").await;
    let step = alice.answers("is still good", &formers).await;
    assert!(step.text.contains("not right"), "{step:?}");
    server.later(3600);
    let mut alice = host.forgets("alice");
    alice.begins("recover").await;
    alice.answers("How do you want", "e").await;
    let mail = server.mailbox().await;
    assert_eq!(mail.iter().map(|(to, _)| to.as_str()).collect::<Vec<_>>(), ["new@example.org"]);
}

#[tokio::test]
async fn the_hosts_own_refusal_is_told_and_gives_the_proof_back() {
    let (server, host) = both().await;
    registers(&server, &host).await;
    let mut alice = host.forgets("alice");
    proves(&server, &mut alice).await;
    *host.machine.says.lock().unwrap() = Some(Ok(Change::Refused("It is too much like the old one.".into())));
    alice.answers("", NEW).await;
    let step = alice.answers("", NEW).await;
    assert_eq!(step.ask, Ask::NewPassword.to_wire());
    assert!(step.text.contains("too much like") && step.text.contains("at least"), "{}", step.text);
    alice.answers("", NEW).await;
    assert_eq!(standing(&alice.answers("", NEW).await), Standing::Recovered);
    let told = server.mailbox().await;
    assert_eq!(told.iter().filter(|(_, note)| note == "Recovered").count(), 1, "{told:?}");
}

#[tokio::test]
async fn a_helper_that_wrote_nothing_leaves_the_code_good_and_one_that_does_not_know_spends_it() {
    for (says, text, good) in [
        (CredentialsError::Unavailable("it was killed, and nothing was written".into()), "Nothing was changed", true),
        (CredentialsError::Unknown("it was killed, and so was the next one".into()), "may not have gone", false),
    ] {
        let (server, host) = both().await;
        registers(&server, &host).await;
        let mut alice = host.forgets("alice");
        alice.begins("recover").await;
        alice.answers("How do you want", "e").await;
        let code = server.the_code().await;
        alice.answers("on its way", &code).await;
        *host.machine.says.lock().unwrap() = Some(Err(says));
        alice.answers("", NEW).await;
        let last = alice.answers("", NEW).await;
        assert_eq!(standing(&last), Standing::Refused);
        assert!(last.text.contains(text), "{}", last.text);
        let told = server.mailbox().await;
        assert_eq!(told.iter().any(|(_, note)| note == "Recovered"), !good, "{told:?}");
        let mut again = host.forgets("alice");
        let step = again.begins("recover").await;
        let step = if step.text.contains("sent") { again.answers("", &code).await } else { step };
        assert_eq!(step.ask == Ask::NewPassword.to_wire(), good, "{step:?}");
    }
}

#[tokio::test]
async fn too_many_wrong_passwords_are_cleared_by_the_host_after_a_proof() {
    let (server, host) = both().await;
    registers(&server, &host).await;
    *host.machine.locked.lock().unwrap() = true;
    let mut alice = host.forgets("alice");
    proves(&server, &mut alice).await;
    let last = alice.answers("", "unlock").await;
    assert!(ends(&last) && !*host.machine.locked.lock().unwrap(), "{last:?}");
    assert_eq!(password(&host), OLD);
}

#[tokio::test]
async fn a_server_that_is_lost_while_the_host_writes_takes_the_reset_from_nobody() {
    let (mut server, host) = both().await;
    let mut alice = types_once(&server, &host).await;
    let gate = gated(&host);
    let dies = async {
        gate[0].notified().await;
        server.dies().await;
        gate[1].notify_one();
    };
    let (last, ()) = tokio::join!(alice.answers("", NEW), dies);
    assert_eq!((standing(&last), password(&host).as_str()), (Standing::Recovered, NEW), "{last:?}");
}

#[tokio::test]
async fn a_server_that_stops_while_the_host_writes_hears_what_became_of_it() {
    let (server, host) = both().await;
    let mut alice = types_once(&server, &host).await;
    let gate = gated(&host);
    let agent = server.agent.clone();
    let stops = async {
        gate[0].notified().await;
        tokio::join!(server.stops(), async { gate[1].notify_one() });
    };
    let (last, ()) = tokio::join!(alice.answers("", NEW), stops);
    assert_eq!((standing(&last), password(&host).as_str()), (Standing::Recovered, NEW), "{last:?}");
    assert!(last.text.contains("SSH key") && recorded(&agent, Event::Recovered).await, "{last:?}");
}

#[tokio::test]
async fn a_server_that_is_lost_before_the_host_was_asked_changes_nothing_and_is_no_doubt() {
    let (mut server, host) = both().await;
    let mut alice = types_once(&server, &host).await;
    server.dies().await;
    let last = alice.answers("", NEW).await;
    assert_eq!(standing(&last), Standing::Refused);
    assert!(last.text.contains("isn't available right now"), "{}", last.text);
    assert_eq!(password(&host), OLD);
}

#[tokio::test]
async fn the_report_reaches_the_server_also_if_she_leaves_while_the_host_writes() {
    let (server, host) = both().await;
    let mut alice = types_once(&server, &host).await;
    let gate = gated(&host);
    let handle = alice.handle.clone();
    let leaves = async {
        gate[0].notified().await;
        host.relay.leave(&Principal::new(0, ":1.5"), &handle, "");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        gate[1].notify_one();
    };
    let (last, ()) = tokio::join!(alice.answers("", NEW), leaves);
    assert_eq!((standing(&last), password(&host).as_str()), (Standing::Recovered, NEW), "{last:?}");
    assert!(recorded(&server.agent, Event::Recovered).await && !recorded(&server.agent, Event::Failed).await);
    // The host's own helper wrote it down, so the host's own trail has it too.
    assert!(recorded(&host.agent, Event::Recovered).await);
}

#[tokio::test]
async fn a_server_or_a_host_without_the_setting_serves_her_as_before() {
    let (with, without) = (Server::with(OWN).await, Server::new().await);
    for (server, setting) in [(&with, ""), (&without, OWN)] {
        let host = server.host_with("web1", setting).await;
        host.machine.passwords.lock().unwrap().insert("alice".into(), OLD.into());
        host.fleet.hello(&host.agent.settings.fleet, "web1", SOON).await.unwrap();
        // In a shell, the host's own store counts, which is good again once the host leaves the fleet.
        let mut alice = host.in_her_shell();
        alice.begins("enroll").await;
        alice.answers("password", OLD).await;
        assert!(host.machine.asked.lock().unwrap().contains(&"verify alice".to_owned()));
        let mut alice = host.forgets("alice");
        alice.begins("recover").await;
        alice.answers("How do you want", "e").await;
        assert_eq!(server.mailbox().await, []);
    }
}

#[tokio::test]
async fn a_host_that_has_not_heard_that_the_server_does_not_serve_her_finds_out_and_asks_its_own_store() {
    let server = Server::new().await;
    let host = server.host_with("web1", OWN).await;
    host.machine.passwords.lock().unwrap().insert("alice".into(), OLD.into());
    assert!(!host.fleet.refuses_own());
    let mut alice = host.in_her_shell();
    alice.begins("enroll").await;
    alice.answers("password", OLD).await;
    assert!(host.machine.asked.lock().unwrap().contains(&"verify alice".to_owned()));
    assert!(host.fleet.refuses_own());
    // Nothing is registered in its own store while the server may serve her and is only lost for now.
    let (server, host) = both().await;
    server.stops().await;
    assert_eq!(standing(&host.in_her_shell().begins("enroll").await), Standing::Refused);
}

#[tokio::test]
async fn an_administrator_at_the_server_names_her_by_her_host_and_no_other_alice() {
    let (server, host) = both().await;
    let other = with_alice(&server, "web2").await;
    registers(&server, &host).await;
    let admin = Admin::new(server.agent.clone(), tokio::runtime::Handle::current());
    // The administrator's uid here is alice's there.
    let by = r#"{"login":1001,"sudo":1001}"#;
    let root = Principal::new(0, ":1.9");
    let call = async |verb: Verb, user: &str| {
        let what = if user.is_empty() { "{}".to_owned() } else { format!(r#"{{"user":"{user}"}}"#) };
        admin.call(&root, verb, by, &what).await
    };
    let users = call(Verb::Users, "").await.unwrap();
    assert!(users.contains(&format!("host:{}/alice", host.id)), "{users}");
    for named in ["host:web1/alice".to_owned(), format!("host:{}/alice", host.id)] {
        let shown = call(Verb::Show, &named).await.unwrap();
        assert!(shown.contains("a***@e***.org") || shown.contains("***"), "{shown}");
    }
    // The server's own alice, if there is one, has registered nothing.
    assert!(!call(Verb::Show, "alice").await.unwrap().contains("***"));
    for nobody in ["host:web2/alice".to_owned(), "host:web9/alice".to_owned(), format!("host:{}/bob", host.id)] {
        assert!(call(Verb::Show, &nobody).await.is_err(), "{nobody}");
    }
    // Five wrong codes suspend her, and an administrator ends that.
    host.suspends("alice").await;
    server.mailbox().await;
    assert_eq!(standing(&host.forgets("alice").begins("recover").await), Standing::Refused);
    assert!(call(Verb::Unblock, "host:web1/alice").await.unwrap().contains("true"));
    // A code of the help desk, which is good there alone.
    let code = call(Verb::Code, "host:web1/alice").await.unwrap();
    let code: serde_json::Value = serde_json::from_str(&code).unwrap();
    let code = code["code"].as_str().unwrap().to_owned();
    for (at, good) in [(&other, false), (&host, true)] {
        let mut alice = at.forgets("alice");
        alice.begins("recover").await;
        alice.answers("", "code").await;
        let step = alice.answers("", &code).await;
        assert_eq!(step.ask == Ask::NewPassword.to_wire(), good, "{step:?}");
    }
    assert!(call(Verb::Forget, "host:web1/alice").await.unwrap().contains("true"));
    assert!(!is_registered(&server, &realm_of_host(&host.id)).await);
    let trail = async |user: &str| {
        let of = format!(r#"{{"user":"{user}"}}"#);
        let told = admin.call(&root, Verb::Audit, by, &of).await.map_err(|error| error.to_string())?;
        Ok::<Vec<Record>, String>(serde_json::from_str(&told).unwrap())
    };
    let hers = trail("host:web1/alice").await.unwrap();
    let full = format!("host:{}/alice", host.id);
    assert!(hers.len() > 3 && hers.iter().all(|record| record.account == full), "{hers:?}");
    let saved = Event::Registered.name(Purpose::Enroll);
    assert!(hers.iter().any(|record| record.event == saved && record.actor == full), "{hers:?}");
    assert_eq!(trail("alice").await, Ok(vec![]));
    assert!(trail("host:web9/alice").await.unwrap_err().contains("no host web9"));
}
