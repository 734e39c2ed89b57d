//! Accounts of the hosts themselves: the server registers them and checks codes, the host's own helper writes, and no
//! password crosses.

use std::sync::{Arc, Mutex};

use sspr_config::dialogue::{Ask, Purpose, Standing, Step};
use sspr_fleet::{
    server::{Bounds, Handler, Listener, Peer},
    token::Token,
    wire::{self, Answer, Begin, Begun, Done, Greeting, Hello, Join, Joined, Leave, Refusal, Refused, Typed, VERSION},
};
use tokio::sync::{Notify, watch};
use zeroize::Zeroizing;

use super::{
    is_refused,
    world::{Host, NEW, OLD, OWN, SOON, START, Server, Terminal, begin, ends, machine, standing},
};
use crate::{
    account::{Id, Name, realm_of_host},
    admin::{Admin, Verb},
    audit::Event,
    audit_writer,
    credential::{Change, client::CredentialsError},
    errand::{Errand, Report},
    principal::Principal,
    random::SystemRandom,
    snapshot::Snapshot,
    store::{
        AuditRows, LookUps as _,
        audit::{Query, Record},
        hosts::HostState,
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

async fn is_registered(server: &Server, realm: &str) -> bool {
    let store = server.agent.store.look().await.unwrap();
    let name = Name { realm, name: "alice" };
    let mut store = store;
    store.id_at_registration(name).await.unwrap().is_some()
}

/// Whether the server's audit trail has `event` of a reset.
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
    for _ in 0..2 {
        let mut alice = host.forgets("alice");
        let mut step = alice.begins("recover").await;
        for answer in ["e", "000000", "000001", "000002", "000003"] {
            if ends(&step) {
                break;
            }
            step = alice.answers("", answer).await;
        }
    }
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
    for _ in 0..2 {
        let mut alice = other.forgets("alice");
        let mut step = alice.begins("recover").await;
        for answer in ["e", "000000", "000001", "000002", "000003"] {
            if ends(&step) {
                break;
            }
            step = alice.answers("", answer).await;
        }
    }
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
async fn an_administrator_of_the_host_is_not_served_whatever_the_server_says() {
    let (server, host) = both().await;
    registers(&server, &host).await;
    *host.machine.admins.lock().unwrap() = true;
    let mut alice = host.forgets("alice");
    let step = proves(&server, &mut alice).await;
    assert_eq!((standing(&step), step.ask), (Standing::Refused, 0), "{step:?}");
    let other = with_alice(&server, "web2").await;
    *other.machine.admins.lock().unwrap() = true;
    assert_eq!(standing(&other.in_her_shell().begins("enroll").await), Standing::Refused);
    for (errand, answers) in
        [(CHANGE, vec![asks(Ask::NewPassword), asks(Ask::Secret)]), (UNLOCK, vec![asks(Ask::Line)])]
    {
        let typed = if errand == UNLOCK { vec!["unlock"] } else { vec![NEW, NEW] };
        let script = [answers, vec![does(errand), over(Standing::Recovered)]].concat();
        let (heard, last, host) = plays_as("recover", script, &typed, true).await;
        assert!(heard.last().unwrap().contains("refused") && standing(&last) == Standing::Refused, "{heard:?}");
        let asked = host.machine.asked.lock().unwrap().clone();
        assert!(!asked.iter().any(|call| call.starts_with("change") || call.starts_with("unlock")), "{asked:?}");
    }
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
    registers(&server, &host).await;
    let mut alice = host.forgets("alice");
    proves(&server, &mut alice).await;
    alice.answers("", NEW).await;
    let gate = Arc::new([Notify::new(), Notify::new()]);
    *host.machine.gate.lock().unwrap() = Some(gate.clone());
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
    registers(&server, &host).await;
    let mut alice = host.forgets("alice");
    proves(&server, &mut alice).await;
    alice.answers("", NEW).await;
    let gate = Arc::new([Notify::new(), Notify::new()]);
    *host.machine.gate.lock().unwrap() = Some(gate.clone());
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
    registers(&server, &host).await;
    let mut alice = host.forgets("alice");
    proves(&server, &mut alice).await;
    alice.answers("", NEW).await;
    server.dies().await;
    let last = alice.answers("", NEW).await;
    assert_eq!(standing(&last), Standing::Refused);
    assert!(last.text.contains("isn't available right now"), "{}", last.text);
    assert_eq!(password(&host), OLD);
}

#[tokio::test]
async fn the_report_reaches_the_server_also_if_she_leaves_while_the_host_writes() {
    let (server, host) = both().await;
    registers(&server, &host).await;
    let mut alice = host.forgets("alice");
    proves(&server, &mut alice).await;
    alice.answers("", NEW).await;
    let gate = Arc::new([Notify::new(), Notify::new()]);
    *host.machine.gate.lock().unwrap() = Some(gate.clone());
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
    for _ in 0..2 {
        let mut alice = host.forgets("alice");
        let mut step = alice.begins("recover").await;
        for answer in ["e", "000000", "000001", "000002", "000003"] {
            if ends(&step) {
                break;
            }
            step = alice.answers("", answer).await;
        }
    }
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

// --- a captured host

pub(super) fn own(purpose: &str, name: &str) -> Begin {
    Begin { own: name.into(), ..begin(purpose, "~nobody", "192.0.2.1") }
}

fn answer(handle: &str, turn: u32, typed: &[u8]) -> Answer {
    Answer { v: VERSION, handle: handle.into(), turn, answer: Typed(Zeroizing::new(typed.to_vec())) }
}

fn errand(step: &wire::Step) -> Option<Errand> {
    Errand::of(&crate::fleet::steps::from_wire(step.clone()))
}

#[tokio::test]
async fn a_captured_host_reaches_nobody_elses_account_by_calling_it_its_own() {
    let (server, host) = both().await;
    server.imports("dora@example.org").await;
    registers(&server, &host).await;
    let captured = with_alice(&server, "web2").await;
    let mine = captured.captured(&server);
    // For its own alice and dora, no code goes to the other ones.
    for name in ["alice", "dora"] {
        let begun = mine.begin(&own("recover", name), SOON).await.unwrap();
        assert!(begun.own);
        mine.answer(&begun.at, &answer(&begun.handle, begun.step.turn, b"e"), false, SOON).await.unwrap();
        assert_eq!(server.mailbox().await, []);
    }
    // No name leads out of its realm.
    for name in ["host:h1/alice", "local/alice", "directory/dora", "a:b", "a\0b", "a\nb"] {
        let refused = mine.begin(&own("recover", name), SOON).await.unwrap_err();
        assert!(is_refused(&refused, Refusal::Malformed), "{name:?}: {refused}");
    }
    // It says that its dora's password is correct, and registers a mailbox of its own: good on this host alone.
    let begun = mine.begin(&own("enroll", "dora"), SOON).await.unwrap();
    let mut step = mine.answer(&begun.at, &answer(&begun.handle, 1, b"typed"), true, SOON).await.unwrap();
    assert_eq!(errand(&step), Some(Errand::Verify));
    let next = async |step: &wire::Step, typed: &[u8]| {
        mine.answer(&begun.at, &answer(&begun.handle, step.turn, typed), false, SOON).await.unwrap()
    };
    let eligible = Report::Account { id: Id::from(1001), verdict: 0, admin: false, locked: false };
    step = next(&step, &Report::Verified { right: true }.to_answer()).await;
    let mut typed: Vec<Zeroizing<Vec<u8>>> =
        vec![Zeroizing::new(b"email".to_vec()), Zeroizing::new(b"evil@example.org".to_vec())];
    typed.reverse();
    for _ in 0..12 {
        if step.text.contains("on its way") {
            let code = server.the_code().await;
            step = next(&step, code.as_bytes()).await;
        } else if errand(&step) == Some(Errand::Account) {
            step = next(&step, &eligible.to_answer()).await;
        } else if let Some(typed) = typed.pop() {
            step = next(&step, &typed).await;
        } else {
            break;
        }
    }
    assert!(server.directory.asked.lock().unwrap().is_empty() && server.directory.tried.lock().unwrap().is_empty());
    server.mailbox().await;
    server.later(120);
    let mut dora = host.forgets("dora");
    dora.begins("recover").await;
    dora.answers("How do you want", "e").await;
    let mail = server.mailbox().await;
    assert_eq!(mail.iter().map(|(to, _)| to.as_str()).collect::<Vec<_>>(), ["dora@example.org"]);
}

#[tokio::test]
async fn a_captured_host_that_is_paused_or_whose_server_does_not_want_it_serves_no_account_of_its_own() {
    let (server, host) = both().await;
    registers(&server, &host).await;
    let mine = host.captured(&server);
    let begun = mine.begin(&own("recover", "alice"), SOON).await.unwrap();
    server.is(&host, HostState::Paused).await;
    let refused = mine.answer(&begun.at, &answer(&begun.handle, 1, b"e"), false, SOON).await.unwrap_err();
    assert!(is_refused(&refused, Refusal::NotJoined));
    let without = Server::new().await;
    let host = without.host_with("web1", OWN).await;
    let begun = host.captured(&without).begin(&own("recover", "alice"), SOON).await.unwrap();
    assert!(!begun.own);
    let at_sign_in = server.host_with("web3", OWN).await;
    let refused = at_sign_in.captured(&server).begin(&own("register", "alice"), SOON).await.unwrap_err();
    assert!(is_refused(&refused, Refusal::Denied));
}

#[tokio::test]
async fn an_answer_to_an_errand_counts_once_and_an_answer_of_a_person_is_no_report() {
    let (server, host) = both().await;
    let mine = host.captured(&server);
    let begun = mine.begin(&own("enroll", "alice"), SOON).await.unwrap();
    let step = mine.answer(&begun.at, &answer(&begun.handle, 1, b"typed"), true, SOON).await.unwrap();
    assert_eq!(errand(&step), Some(Errand::Verify));
    let report = answer(&begun.handle, step.turn, b"yes");
    let last = mine.answer(&begun.at, &report, false, SOON).await.unwrap();
    assert_eq!(mine.answer(&begun.at, &report, false, SOON).await.unwrap(), last);
    assert_eq!((last.ask, Standing::from_wire(last.standing)), (0, Some(Standing::Refused)), "{last:?}");
}

// --- a captured server

/// The text of a step in place of which the server says that it has no such dialogue.
const FORGOTTEN: &str = "forgotten";

/// A server that follows its script, and notes what it hears.
struct Script {
    steps: Mutex<Vec<wire::Step>>,
    heard: Mutex<Vec<Vec<u8>>>,
}

impl Handler for Script {
    async fn begin(&self, _: Peer, _: Begin) -> Result<Begun, Refused> {
        Ok(Begun { handle: "h".into(), step: self.steps.lock().unwrap().pop().unwrap(), own: true })
    }

    async fn answer(&self, _: Peer, answer: Answer, _: bool) -> Result<wire::Step, Refused> {
        self.heard.lock().unwrap().push(answer.answer.0.to_vec());
        let step = self.steps.lock().unwrap().pop().unwrap();
        if step.text == FORGOTTEN { Err(Refused::new(Refusal::NoDialogue, "it is over")) } else { Ok(step) }
    }

    async fn leave(&self, _: Peer, _: Leave) -> Result<Done, Refused> {
        Ok(Done {})
    }

    async fn join(&self, _: Peer, _: Join) -> Result<Joined, Refused> {
        Ok(Joined { id: "h1".into(), before: false })
    }

    async fn hello(&self, _: Peer, _: Hello) -> Result<Greeting, Refused> {
        Ok(Greeting {
            version: "0".into(),
            state: "active".into(),
            rekey: false,
            next: None,
            pins: Vec::new(),
            local_accounts: true,
        })
    }
}

const CHANGE: &str = r#"{"do":"change","id":"ID"}"#;
const UNLOCK: &str = r#"{"do":"unlock","id":"ID"}"#;

/// Plays a script against alice, who gives these answers. Returns what the server heard, the last step, and her host.
async fn plays(purpose: &str, script: Vec<(Ask, Standing, String)>, answers: &[&str]) -> (Vec<String>, Step, Host) {
    plays_as(purpose, script, answers, false).await
}

/// The same, where alice may be an administrator.
async fn plays_as(
    purpose: &str,
    script: Vec<(Ask, Standing, String)>,
    answers: &[&str],
    admin: bool,
) -> (Vec<String>, Step, Host) {
    let server = Server::new().await;
    let mut steps: Vec<wire::Step> = script
        .into_iter()
        .zip(1..)
        .map(|((ask, standing, text), turn)| {
            // A text that is an errand's is one.
            let ask = if text.starts_with('{') { 250 } else { ask.to_wire() };
            wire::Step { turn, standing: standing.to_wire(), ask, text, prompt: "? ".into() }
        })
        .collect();
    steps.reverse();
    let script = Arc::new(Script { steps: Mutex::new(steps), heard: Mutex::default() });
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap(), &server.key, Bounds::default()).await.unwrap();
    let address = listener.address().unwrap();
    let (_halt, halting) = watch::channel(false);
    let task = tokio::spawn(listener.serve(script.clone(), halting));
    let host = machine(address, &server.wall, OWN).await;
    host.machine.passwords.lock().unwrap().insert("alice".into(), OLD.into());
    *host.machine.admins.lock().unwrap() = admin;
    let secret = Typed(vec![7; 32].into());
    let token = Token { servers: vec![address.to_string()], pins: vec![server.key.pin()], secret };
    host.fleet.join(None, &token.to_text(), "web1", START).await.unwrap();
    let id = host.fleet.mark(&SystemRandom, "alice", 1001).unwrap().unwrap();
    for step in script.steps.lock().unwrap().iter_mut() {
        step.text = step.text.replace("\"ID\"", &format!("\"{}\"", id.as_str()));
    }
    let last = {
        let mut alice = if purpose == "recover" { host.forgets("alice") } else { host.in_her_shell() };
        let mut last = alice.begins(purpose).await;
        for answer in answers {
            last = alice.answers("", answer).await;
        }
        last
    };
    task.abort();
    let heard = script.heard.lock().unwrap().iter().map(|text| String::from_utf8_lossy(text).into_owned()).collect();
    (heard, last, host)
}

fn does(errand: &str) -> (Ask, Standing, String) {
    (Ask::Nothing, Standing::Asking, errand.into())
}

fn asks(ask: Ask) -> (Ask, Standing, String) {
    (ask, Standing::Asking, String::new())
}

fn over(standing: Standing) -> (Ask, Standing, String) {
    (Ask::Nothing, standing, String::new())
}

#[tokio::test]
async fn a_captured_server_hears_no_password_of_an_account_of_the_host() {
    let script = vec![asks(Ask::NewPassword), asks(Ask::Secret), does(CHANGE), over(Standing::Recovered)];
    let (heard, last, host) = plays("recover", script, &[NEW, NEW]).await;
    assert_eq!((standing(&last), password(&host).as_str()), (Standing::Recovered, NEW));
    assert!(heard.iter().all(|text| !text.contains("plover")) && heard[..2] == ["typed", "typed"], "{heard:?}");
    let script = vec![asks(Ask::Secret), does(r#"{"do":"verify"}"#), over(Standing::Finished)];
    let (heard, _, _) = plays("enroll", script, &[OLD]).await;
    assert_eq!(heard, ["typed", r#"{"report":"verified","right":true}"#]);
    for ask in [Ask::Secret, Ask::NewPassword] {
        for purpose in ["recover", "enroll"] {
            let (heard, _, _) = plays(purpose, vec![asks(ask), over(Standing::Finished)], &["bramble"]).await;
            assert!(heard.iter().all(|text| text != "bramble"), "{purpose} {ask:?}: {heard:?}");
        }
    }
}

#[tokio::test]
async fn a_captured_server_has_nothing_set_that_nobody_typed_twice_for_a_reset_and_claims_none() {
    let change = || does(CHANGE);
    let refused = "refused";
    // Without a password, with one that was typed once, and outside a reset.
    for (purpose, script, answers) in [
        ("recover", vec![asks(Ask::Line), change(), over(Standing::Recovered)], vec!["e"]),
        ("recover", vec![asks(Ask::NewPassword), change(), over(Standing::Recovered)], vec![NEW]),
        (
            "recover",
            vec![asks(Ask::NewPassword), asks(Ask::Secret), change(), over(Standing::Recovered)],
            vec![NEW, OLD],
        ),
        (
            "enroll",
            vec![asks(Ask::NewPassword), asks(Ask::Secret), change(), over(Standing::Recovered)],
            vec![NEW, NEW],
        ),
    ] {
        let (heard, last, host) = plays(purpose, script, &answers).await;
        assert!(heard.last().unwrap().contains(refused), "{heard:?}");
        assert_eq!((standing(&last), password(&host).as_str()), (Standing::Refused, OLD), "{last:?}");
    }
    // One that was typed twice is tried once.
    let script = vec![asks(Ask::NewPassword), asks(Ask::Secret), change(), change(), over(Standing::Recovered)];
    let (heard, _, host) = plays("recover", script, &[NEW, NEW]).await;
    assert!(heard.last().unwrap().contains(refused), "{heard:?}");
    let asked = host.machine.asked.lock().unwrap().clone();
    assert_eq!(asked.iter().filter(|call| call.starts_with("change")).count(), 1, "{asked:?}");
    // A password is tried once for each time that it was typed, and never in a reset.
    let verify = || does(r#"{"do":"verify"}"#);
    let script = vec![asks(Ask::Secret), verify(), verify(), over(Standing::Finished)];
    let (heard, _, _) = plays("enroll", script, &[OLD]).await;
    assert!(heard.last().unwrap().contains(refused), "{heard:?}");
    let (heard, _, _) = plays("recover", vec![asks(Ask::Secret), verify(), over(Standing::Finished)], &[OLD]).await;
    assert!(heard.last().unwrap().contains(refused), "{heard:?}");
    // Nothing is unlocked outside a reset, and an errand that is not known is none.
    let unlock = || does(UNLOCK);
    for (purpose, answer) in [("enroll", "unlock"), ("recover", "e"), ("recover", "")] {
        let script = vec![asks(Ask::Line), unlock(), over(Standing::Finished)];
        let (heard, _, _) = plays(purpose, script, &[answer]).await;
        assert!(heard.last().unwrap().contains(refused), "{purpose} {answer}: {heard:?}");
    }
    // Whoever wants it unlocked has that done once, and reads it.
    let script = vec![asks(Ask::Line), unlock(), unlock(), asks(Ask::Line)];
    let (heard, last, _) = plays("recover", script, &["unlock"]).await;
    assert!(heard[1].contains("unlocked") && heard[2].contains(refused), "{heard:?}");
    assert!(ends(&last) && last.text.contains("unlocked"), "{last:?}");
    let later = does(r#"{"do":"something-new"}"#);
    let (heard, _, _) = plays("recover", vec![asks(Ask::Line), later, over(Standing::Finished)], &["e"]).await;
    assert!(heard.last().unwrap().contains("unavailable"), "{heard:?}");
}

#[tokio::test]
async fn a_captured_server_can_not_hide_that_a_password_was_set() {
    let script = vec![asks(Ask::NewPassword), asks(Ask::Secret), does(CHANGE), asks(Ask::Line)];
    let (_, last, host) = plays("recover", script, &[NEW, NEW]).await;
    assert_eq!((standing(&last), last.ask, password(&host).as_str()), (Standing::Recovered, 0, NEW), "{last:?}");
    assert!(last.text.contains("SSH key"), "{last:?}");
    // Nor by forgetting the dialogue, and going on with one in which it is set.
    for next in [Ask::Line, Ask::NewPassword, Ask::Secret] {
        let forgets = (Ask::Nothing, Standing::Asking, FORGOTTEN.to_owned());
        let script = vec![asks(Ask::NewPassword), asks(Ask::Secret), forgets, does(CHANGE), asks(next)];
        let (_, last, host) = plays("recover", script, &[NEW, NEW]).await;
        assert_eq!((standing(&last), last.ask, password(&host).as_str()), (Standing::Recovered, 0, NEW), "{last:?}");
    }
}

#[tokio::test]
async fn a_server_that_never_stops_asking_the_host_is_given_up() {
    let script = std::iter::once(asks(Ask::Line)).chain((0..20).map(|_| does(r#"{"do":"account"}"#))).collect();
    let (heard, last, _) = plays("recover", script, &["e"]).await;
    assert!(ends(&last) && heard.len() < 12, "{heard:?}");
}
