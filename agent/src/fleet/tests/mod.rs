//! A server and its hosts: resets, registrations, and what a captured host can't do.

mod captured;
mod failover;
mod keys;
mod own;
mod own_captured;
mod own_moved;
mod own_named;
mod server_key;
mod sign_in;
mod walks;
mod world;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use sspr_config::dialogue::{Ask, Standing};
use sspr_fleet::{client::Trouble, wire::Refusal};
use tokio::sync::Notify;

use super::{Why, identity_file};
use crate::{
    audit_writer,
    principal::Principal,
    sessions::Beginning,
    source,
    store::{AuditRows, audit::Query, hosts::HostState},
};
use world::{MACHINE_ID, NEW, OLD, SOON, Server, begin, ends, link, standing};

fn is_refused(trouble: &Trouble, kind: Refusal) -> bool {
    matches!(trouble, Trouble::Refused(refused) if refused.refused == kind)
}

#[tokio::test]
async fn a_person_of_the_directory_resets_from_a_joined_host_which_then_looks_after_itself() {
    let server = Server::new().await;
    server.imports("dora@example.org").await;
    let host = server.host("web1").await;
    let mut dora = host.forgets("dora");
    let last = dora.resets(&server).await;
    assert_eq!(standing(&last), Standing::Recovered, "{last:?}");
    assert_eq!(*server.directory.password.lock().unwrap(), NEW);
    assert_eq!(*host.machine.settled.lock().unwrap(), [format!("dora {NEW} false")]);
    assert!(last.text.contains("SSH key"), "{}", last.text);
    let told = server.mailbox().await;
    assert!(told.iter().any(|(to, note)| to == "dora@example.org" && note == "Recovered"), "{told:?}");
}

#[tokio::test]
async fn a_host_that_does_not_take_the_new_password_yet_says_so_before_it_goes_on() {
    let server = Server::new().await;
    server.imports("dora@example.org").await;
    let host = server.host("web1").await;
    *host.machine.refuses.lock().unwrap() = true;
    let mut dora = host.forgets("dora");
    let question = dora.resets(&server).await;
    assert_eq!((standing(&question), question.ask), (Standing::Asking, Ask::Line.to_wire()));
    assert!(question.text.contains("can't see it yet"), "{}", question.text);
    let last = dora.answers("can't see it yet", "").await;
    assert_eq!((standing(&last), last.turn), (Standing::Recovered, question.turn + 1));
}

#[tokio::test]
async fn a_name_of_the_hosts_own_files_looks_like_one_that_nobody_has_and_the_server_never_hears_it() {
    let server = Server::new().await;
    server.imports("dora@example.org").await;
    let host = server.host("web1").await;
    let mut screens = Vec::new();
    for name in ["alice", "nobody-has-this", "dora"] {
        let mut person = host.forgets(name);
        let mut screen = vec![person.begins("recover").await];
        for answer in ["e", "000000", "other", "app", "111111", ""] {
            screen.push(person.answers("", answer).await);
        }
        screens.push(screen);
        server.later(86_400 * 3);
    }
    assert_eq!(screens[0], screens[1]);
    assert_eq!(screens[0], screens[2]);
    assert!(server.directory.asked.lock().unwrap().is_empty(), "nobody is looked up before a proof");
    // Five wrong codes suspend it like any other name.
    host.suspends("alice").await;
    let rested = host.forgets("alice").begins("recover").await;
    assert_eq!(standing(&rested), Standing::Refused);
    assert!(rested.text.contains("suspended"), "{}", rested.text);
    // A directory ignores case.
    assert_eq!(host.forgets("Alice").begins("recover").await, rested);
}

#[tokio::test]
async fn a_host_is_looked_after_also_if_the_person_leaves_while_the_server_sets_the_password() {
    let server = Server::new().await;
    server.imports("dora@example.org").await;
    let host = server.host("web1").await;
    let mut dora = host.forgets("dora");
    dora.proves(&server).await;
    dora.answers("", NEW).await;
    let gate = Arc::new([Notify::new(), Notify::new()]);
    *server.directory.gate.lock().unwrap() = Some(gate.clone());
    let handle = dora.handle.clone();
    let leaves = async {
        gate[0].notified().await;
        host.relay.leave(&Principal::new(0, ":1.5"), &handle, "");
        gate[1].notify_one();
    };
    let (last, ()) = tokio::join!(dora.answers("", NEW), leaves);
    assert_eq!(standing(&last), Standing::Recovered);
    assert_eq!(*host.machine.settled.lock().unwrap(), [format!("dora {NEW} false")]);
}

#[tokio::test]
async fn a_first_registration_at_the_server_itself_waits_as_well() {
    let server = Server::new().await;
    server.itself().in_a_shell().registers(&server, OLD, "dora@example.org").await;
    server.mailbox().await;
    let host = server.host("web1").await;
    let mut dora = host.forgets("dora");
    dora.begins("recover").await;
    dora.answers("How do you want", "e").await;
    assert_eq!(server.mailbox().await, [], "no code goes there");
    server.later(86_400);
    assert_eq!(standing(&host.forgets("dora").resets(&server).await), Standing::Recovered);
}

#[tokio::test]
async fn a_contact_that_somebody_vouches_for_does_not_wait_once_its_owner_has_confirmed_it() {
    let server = Server::new().await;
    server.vouches("dora@example.org", false).await;
    let host = server.host("web1").await;
    host.in_a_shell().registers(&server, OLD, "dora@example.org").await;
    server.mailbox().await;
    server.later(120);
    assert_eq!(standing(&host.forgets("dora").resets(&server).await), Standing::Recovered);
}

#[tokio::test]
async fn with_the_server_down_every_name_hears_at_once_that_there_is_no_reset_now() {
    let server = Server::new().await;
    let host = server.host("web1").await;
    assert_eq!(standing(&host.forgets("dora").begins("recover").await), Standing::Asking);
    server.stops().await;
    let mut said = Vec::new();
    for name in ["dora", "alice", "nobody-has-this"] {
        said.push(host.forgets(name).begins("recover").await);
    }
    assert!(said.iter().all(|step| *step == said[0]), "{said:?}");
    assert_eq!(standing(&said[0]), Standing::Refused);
    assert!(said[0].text.contains("isn't available right now"), "{}", said[0].text);
    let reach = host.fleet.reach(&host.agent.settings.fleet).unwrap();
    assert!(reach.down().is_some(), "the next question waits for nothing");
    // A user who signs in is not asked, and is let in.
    assert_eq!(standing(&host.forgets("dora").begins("register").await), Standing::Finished);
}

#[tokio::test]
async fn a_host_that_has_not_joined_has_no_resets_and_is_never_half_joined() {
    let server = Server::new().await;
    let host = server.machine().await;
    let step = host.forgets("dora").begins("recover").await;
    assert_eq!(standing(&step), Standing::Refused);
    assert!(matches!(host.fleet.identity(), Err(Why::Identity(_))));
    // A file that was cut off counts as none.
    let joined = server.host("web2").await;
    let file = identity_file(&joined.fleet);
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    assert!(joined.fleet.identity().unwrap_err().to_string().contains("sspr join"));
}

#[tokio::test]
async fn a_copy_of_a_host_has_no_key_and_says_what_to_do() {
    let server = Server::new().await;
    let host = server.host("web1").await;
    std::fs::write(host.state.path().join(MACHINE_ID), "another machine\n").unwrap();
    let why = host.fleet.identity().unwrap_err().to_string();
    assert!(why.contains("another machine") && why.contains("sspr join"), "{why}");
}

#[tokio::test]
async fn a_token_lets_one_host_join_once_and_joining_again_uses_none() {
    let server = Server::new().await;
    let token = server.token(1, "").await;
    let host = server.machine().await;
    let (servers, id, before) = host.fleet.join(None, &token, "web1", world::START).await.unwrap();
    assert_eq!((servers, before), (vec![server.address.to_string()], false));
    let (_, again, before) = host.fleet.join(None, &token, "web1", world::START).await.unwrap();
    assert_eq!((again, before), (id, true), "it stays as it is");
    let other = server.machine().await;
    let why = other.fleet.join(None, &token, "web2", world::START).await.unwrap_err();
    assert!(why.to_string().contains("token is not good"), "{why}");
    assert!(other.fleet.identity().is_err(), "a host that could not join has no key");
    assert!(matches!(other.fleet.join(None, "nonsense", "web2", world::START).await, Err(Why::NoToken)));
}

#[tokio::test]
async fn a_token_is_for_names_that_fit_and_for_its_time() {
    let server = Server::new().await;
    let (for_web, two) = (server.token(1, "web*").await, server.token(2, "").await);
    let joins = async |token: &str, name: &str| {
        server.machine().await.fleet.join(None, token, name, world::START).await.is_ok()
    };
    assert!(!joins(&for_web, "db1").await && joins(&for_web, "web1").await);
    assert!(joins(&two, "a").await && joins(&two, "b").await && !joins(&two, "c").await);
    let late = server.token(1, "").await;
    server.later(3601);
    assert!(!joins(&late, "web2").await);
}

#[tokio::test]
async fn a_host_that_left_is_none_and_a_host_that_is_paused_is_served_again_when_it_is_resumed() {
    let server = Server::new().await;
    let host = server.host("web1").await;
    server.is(&host, HostState::Paused).await;
    assert_eq!(standing(&host.forgets("dora").begins("recover").await), Standing::Refused);
    server.is(&host, HostState::Active).await;
    assert_eq!(standing(&host.forgets("dora").begins("recover").await), Standing::Asking);
    assert!(host.fleet.leave().await.unwrap());
    assert_eq!(standing(&host.forgets("dora").begins("recover").await), Standing::Refused);
}

#[tokio::test]
async fn two_machines_with_one_key_are_paused_as_soon_as_both_have_said_hello() {
    let server = Server::new().await;
    let host = server.host("web1").await;
    let settings = &host.agent.settings.fleet;
    for _ in 0..2 {
        assert_eq!(host.fleet.hello(settings, "web1", SOON).await.unwrap().state, "active");
    }
    // A copy of the machine with the same machine id, made after the first hello.
    let file = identity_file(&host.fleet);
    let mut kept = std::fs::read_to_string(&file).unwrap();
    kept = kept.replace("\"hellos\":2", "\"hellos\":1");
    std::fs::write(&file, &kept).unwrap();
    assert_eq!(host.fleet.hello(settings, "web1", SOON).await.unwrap().state, "active", "it may have been on its way");
    server.later(900);
    std::fs::write(&file, kept).unwrap();
    assert_eq!(host.fleet.hello(settings, "web1", SOON).await.unwrap().state, "paused");
    let refused = host.captured(&server).begin(&begin("recover", "dora", ""), SOON).await.unwrap_err();
    assert!(is_refused(&refused, Refusal::NotJoined));
}

#[tokio::test]
async fn a_server_with_another_key_learns_nothing_from_a_host() {
    let server = Server::new().await;
    let host = server.host("web1").await;
    let elsewhere = link(&server, &host.key(), sspr_fleet::Key::generate().unwrap().pin());
    let trouble = elsewhere.begin(&begin("recover", "dora", ""), SOON).await.unwrap_err();
    assert!(matches!(&trouble, Trouble::Unreachable(why) if why.contains("another key")), "{trouble}");
}

#[tokio::test]
async fn a_registration_takes_the_password_that_the_server_checks_and_waits_before_it_is_good_for_a_reset() {
    let server = Server::new().await;
    let (host, other) = (server.host("web1").await, server.host("web2").await);
    let refused = host.in_a_shell().registers(&server, "not it", "dora@example.org").await;
    assert_eq!(standing(&refused), Standing::Refused);
    host.in_a_shell().registers(&server, OLD, "dora@example.org").await;
    server.mailbox().await;
    // At every host, the screens for dora are the same as for a name that no user has.
    let mut screens = Vec::new();
    for name in ["dora", "zoe"] {
        let mut person = other.forgets(name);
        let mut screen = vec![person.begins("recover").await];
        for answer in ["e", "000000", ""] {
            screen.push(person.answers("", answer).await);
        }
        screens.push(screen);
    }
    assert_eq!(screens[0], screens[1]);
    assert_eq!(server.mailbox().await, [], "no code goes there");
    server.later(86_400);
    let last = other.forgets("dora").resets(&server).await;
    assert_eq!(standing(&last), Standing::Recovered, "{last:?}");
}

#[tokio::test]
async fn what_somebody_else_vouches_for_is_good_at_once_beside_a_registration_that_waits() {
    let server = Server::new().await;
    let host = server.host("web1").await;
    host.in_a_shell().registers(&server, OLD, "dora@evil.example").await;
    server.mailbox().await;
    server.imports("dora@example.org").await;
    server.later(120);
    let mut dora = host.forgets("dora");
    dora.begins("recover").await;
    dora.answers("How do you want", "e").await;
    let mail = server.mailbox().await;
    assert_eq!(mail.iter().map(|(to, _)| to.as_str()).collect::<Vec<_>>(), ["dora@example.org"]);
}

#[tokio::test]
async fn what_a_person_in_a_shell_says_of_its_place_is_not_passed_on() {
    let server = Server::new().await;
    let host = server.host("web1").await;
    let who = Principal::new(20_000, ":1.6");
    let wanted = Beginning::new("recover", ["dora", "sshd", "pts/9", "192.0.2.66", ""]).unwrap();
    let (handle, step) = host.relay.begin(&who, wanted, std::future::pending()).await.unwrap();
    let step = host.relay.answer(&who, &handle, step.turn, b"e", false).await.unwrap();
    host.relay.answer(&who, &handle, step.turn, b"000000", false).await.unwrap();
    audit_writer::drain(&server.agent).await.unwrap();
    let mut tx = server.agent.begin().await.unwrap();
    let records = AuditRows::read(&mut tx, &Query::default()).await.unwrap();
    tx.commit().await.unwrap();
    let sources: BTreeSet<_> = records.into_iter().map(|record| record.source).collect();
    assert!(sources.contains(&source::through_host("uid 20000", &host.id)), "{sources:?}");
    assert!(sources.iter().all(|source| !source.contains("192.0.2.66") && !source.contains("pts/9")), "{sources:?}");
}

#[tokio::test]
async fn a_registration_waits_for_as_long_as_the_settings_say() {
    let server = Server::with("first_contact_wait = \"1m\"\n").await;
    let host = server.host("web1").await;
    host.in_a_shell().registers(&server, OLD, "dora@example.org").await;
    server.mailbox().await;
    server.later(120);
    assert_eq!(standing(&host.forgets("dora").resets(&server).await), Standing::Recovered);
}

#[tokio::test]
async fn a_host_that_relayed_something_gives_memory_back_although_the_server_has_the_records() {
    let server = Server::new().await;
    let host = server.host("web1").await;
    let audit = &host.agent.audit;
    let rings = || tokio::time::timeout(Duration::from_millis(300), audit.rings());
    while rings().await.is_ok() {}
    host.forgets("dora").begins("recover").await;
    assert!(rings().await.is_ok());
}

#[tokio::test]
async fn in_a_shell_no_password_leaves_the_host_of_an_account_that_is_its_own_without_being_in_its_files() {
    let server = Server::new().await;
    let host = server.host("web1").await;
    for has_dora in [true, false] {
        *host.machine.has_dora.lock().unwrap() = has_dora;
        let mut dora = host.in_a_shell();
        let step = dora.begins("enroll").await;
        if !ends(&step) {
            dora.answers("", OLD).await;
        }
        assert_eq!(server.directory.tried.lock().unwrap().is_empty(), has_dora, "{step:?}");
    }
}
