//! What an attacker who has a host's key can't do.

use sspr_fleet::{
    Key,
    wire::{Answer, Hello, Join, Refusal, Step, Typed, VERSION},
};

use super::{
    is_refused,
    world::{DORA, NEW, OLD, SOON, Server, begin, ends, link},
};
use crate::{
    attempt::Account,
    store::{Events, events::Kind, hosts::HostState},
};
use sspr_config::dialogue::{Purpose, Standing};

fn answer(handle: &str, turn: u32, typed: &str) -> Answer {
    Answer { v: VERSION, handle: handle.into(), turn, answer: Typed(typed.as_bytes().to_vec().into()) }
}

fn refuses(step: &Step) -> bool {
    [Standing::Refused, Standing::GivenUp].contains(&Standing::from_wire(step.standing).unwrap())
}

/// The number of wrong codes that were counted for dora.
async fn failures(server: &Server) -> i64 {
    let key = Account::new(&server.agent.keys, DORA).failures(&server.agent.keys, Purpose::Recover);
    let mut tx = server.agent.begin().await.unwrap();
    Events::count(&mut tx, Kind::Failure, &key, 0).await.unwrap()
}

#[tokio::test]
async fn it_can_not_answer_or_end_the_dialogue_of_another_host() {
    let server = Server::new().await;
    server.imports("dora@example.org").await;
    let (one, other) = (server.host("web1").await, server.host("web2").await);
    let (mine, theirs) = (one.captured(&server), other.captured(&server));
    let begun = mine.begin(&begin("recover", "dora", "192.0.2.1"), SOON).await.unwrap();
    let refused = theirs.answer(&begun.at, &answer(&begun.handle, 1, "e"), false, SOON).await.unwrap_err();
    assert!(is_refused(&refused, Refusal::NoDialogue));
    let leave = sspr_fleet::wire::Leave { v: VERSION, handle: begun.handle.clone(), why: None };
    theirs.leave(&begun.at, &leave, SOON).await.unwrap();
    let step = mine.answer(&begun.at, &answer(&begun.handle, 1, "e"), false, SOON).await.unwrap();
    assert!(step.text.contains("on its way"), "{}", step.text);
}

#[tokio::test]
async fn it_is_not_served_from_the_moment_on_at_which_it_is_revoked_and_its_key_never_joins_again() {
    let server = Server::new().await;
    let host = server.host("web1").await;
    let mine = host.captured(&server);
    let begun = mine.begin(&begin("recover", "dora", "192.0.2.1"), SOON).await.unwrap();
    server.is(&host, HostState::Revoked).await;
    let refused = mine.answer(&begun.at, &answer(&begun.handle, 1, "e"), false, SOON).await.unwrap_err();
    assert!(is_refused(&refused, Refusal::NotJoined));
    let stranger = link(&server, &Key::generate().unwrap(), server.key.pin());
    for link in [&mine, &stranger] {
        let refused = link.begin(&begin("recover", "dora", "192.0.2.1"), SOON).await.unwrap_err();
        assert!(is_refused(&refused, Refusal::NotJoined), "both hear the same");
        let hello =
            Hello { v: VERSION, name: "web1".into(), version: String::new(), counter: 9, next: None, pins: Vec::new() };
        assert!(is_refused(&link.hello(&hello, SOON).await.unwrap_err(), Refusal::NotJoined));
    }
    let join = Join { v: VERSION, secret: Typed(vec![7; 32].into()), name: "web1".into(), version: String::new() };
    assert!(is_refused(&mine.join(&join, SOON).await.unwrap_err(), Refusal::Denied));
    // Once the machine itself is clean, it joins again: with a new key, as a new host.
    let (_, id, before) = host.fleet.join(None, &server.token(1, "").await, "web1", super::world::START).await.unwrap();
    assert!(!before && id != host.id);
    assert!(host.captured(&server).begin(&begin("recover", "dora", "192.0.2.1"), SOON).await.is_ok());
    assert!(is_refused(
        &mine.begin(&begin("recover", "dora", "192.0.2.1"), SOON).await.unwrap_err(),
        Refusal::NotJoined
    ));
    let why = host.fleet.join(None, "nonsense", "web1", super::world::START).await.unwrap_err();
    assert!(matches!(why, crate::fleet::Why::NoToken));
}

#[tokio::test]
async fn the_same_answer_sent_again_counts_once_and_gets_the_same_step_and_another_one_gets_none() {
    let server = Server::new().await;
    server.imports("dora@example.org").await;
    let mine = server.host("web1").await.captured(&server);
    let begun = mine.begin(&begin("recover", "dora", "192.0.2.1"), SOON).await.unwrap();
    let asked = mine.answer(&begun.at, &answer(&begun.handle, 1, "e"), false, SOON).await.unwrap();
    let wrong = answer(&begun.handle, asked.turn, "000000");
    let (first, second) =
        tokio::join!(mine.answer(&begun.at, &wrong, false, SOON), mine.answer(&begun.at, &wrong, false, SOON));
    assert_eq!(first.as_ref().unwrap(), second.as_ref().unwrap());
    assert_eq!(mine.answer(&begun.at, &wrong, false, SOON).await.unwrap(), first.unwrap());
    assert_eq!(failures(&server).await, 1);
    let other = mine.answer(&begun.at, &answer(&begun.handle, asked.turn, "111111"), false, SOON).await.unwrap_err();
    assert!(is_refused(&other, Refusal::Malformed));
    assert_eq!(failures(&server).await, 1);
}

#[tokio::test]
async fn it_can_not_reset_without_a_code_whatever_it_sends() {
    let server = Server::new().await;
    server.imports("dora@example.org").await;
    let mine = server.host("web1").await.captured(&server);
    for answers in [vec![NEW, NEW], vec!["e", NEW, NEW], vec!["e", "", NEW], vec!["code", "", NEW, NEW]] {
        let begun = mine.begin(&begin("recover", "dora", "192.0.2.1"), SOON).await.unwrap();
        let mut step = begun.step;
        for typed in answers {
            if ends(&crate::fleet::steps::from_wire(step.clone())) {
                break;
            }
            for sealed in [true, false] {
                if let Ok(next) = mine.answer(&begun.at, &answer(&begun.handle, step.turn, typed), sealed, SOON).await {
                    step = next;
                    break;
                }
            }
        }
        assert!(!step.prompt.contains("New password"), "{step:?}");
    }
    assert_eq!(*server.directory.password.lock().unwrap(), OLD);
}

#[tokio::test]
async fn it_can_not_register_for_a_user_whose_password_it_does_not_have_nor_say_that_somebody_signed_in() {
    let server = Server::new().await;
    let mine = server.host("web1").await.captured(&server);
    // Whichever user it reports as signed in, the server asks for the password and looks up nothing.
    let (mut asked, mut said) = (Vec::new(), Vec::new());
    for user in ["dora", "zoe"] {
        let begun = mine.begin(&begin("register", user, "192.0.2.1"), SOON).await.unwrap();
        said.push(mine.answer(&begun.at, &answer(&begun.handle, 1, "a guess"), true, SOON).await.unwrap());
        asked.push(begun.step);
    }
    assert_eq!((&asked[0], &said[0]), (&asked[1], &said[1]));
    assert_eq!(asked[0].ask, sspr_config::dialogue::Ask::Password.to_wire());
    assert!(said[0].text.is_empty() && said[0].ask == 0, "{:?}", said[0]);
    assert!(server.directory.asked.lock().unwrap().is_empty());
    let begun = mine.begin(&begin("enroll", "dora", "192.0.2.1"), SOON).await.unwrap();
    let step = mine.answer(&begun.at, &answer(&begun.handle, 1, "a guess"), true, SOON).await.unwrap();
    assert!(refuses(&step), "{step:?}");
    assert!(server.directory.asked.lock().unwrap().is_empty(), "how long a look-up takes would tell who there is");
}

#[tokio::test]
async fn it_can_not_tell_who_is_registered_or_who_there_is() {
    let server = Server::new().await;
    *server.directory.holds.lock().unwrap() = std::time::Duration::ZERO;
    server.imports("dora@example.org").await;
    let host = server.host("web1").await;
    let mine = host.captured(&server);
    for purpose in ["status", "hint", "desk"] {
        for user in ["dora", "zoe"] {
            let refused = mine.begin(&begin(purpose, user, "192.0.2.1"), SOON).await.unwrap_err();
            assert!(
                is_refused(&refused, Refusal::Denied) || is_refused(&refused, Refusal::Malformed),
                "{purpose}: {refused}"
            );
        }
    }
    for purpose in ["enroll", "codes", "remove"] {
        let mut screens = Vec::new();
        for user in ["dora", "zoe"] {
            let begun = mine.begin(&begin(purpose, user, "192.0.2.1"), SOON).await.unwrap();
            let next = mine.answer(&begun.at, &answer(&begun.handle, 1, "a guess"), true, SOON).await.unwrap();
            screens.push((begun.step, next));
        }
        assert_eq!(screens[0], screens[1], "{purpose}");
    }
}

#[tokio::test]
async fn it_can_not_begin_more_than_its_share_in_an_hour_and_spends_the_share_of_no_other_host() {
    let server = Server::new().await;
    let (one, other) = (server.host("web1").await, server.host("web2").await);
    let (mine, theirs) = (one.captured(&server), other.captured(&server));
    let mut refused = 0;
    for number in 0..25 {
        // The host claims another remote host each time.
        let rhost = format!("198.51.100.{number}");
        let begun = mine.begin(&begin("recover", "zoe", &rhost), SOON).await.unwrap();
        let step = if begun.step.ask == 0 {
            begun.step
        } else {
            // A reset begins with the first answer that is not empty.
            mine.answer(&begun.at, &answer(&begun.handle, 1, "nothing that is offered"), false, SOON).await.unwrap()
        };
        refused += usize::from(step.text.contains("Too many tries"));
    }
    assert_eq!(refused, 5);
    let begun = theirs.begin(&begin("recover", "zoe", "198.51.100.1"), SOON).await.unwrap();
    assert_ne!(begun.step.ask, 0);
    // The share is renewed after an hour.
    server.later(3601);
    assert_ne!(mine.begin(&begin("recover", "zoe", "198.51.100.1"), SOON).await.unwrap().step.ask, 0);
}

#[tokio::test]
async fn it_can_not_try_more_codes_and_passwords_in_an_hour_than_its_share_whoever_they_are_for() {
    let server = Server::with("[limits]\nhost_failed_proofs_per_hour = 6\n").await;
    let (one, other) = (server.host("web1").await, server.host("web2").await);
    let mine = one.captured(&server);
    let held = mine.begin(&begin("recover", "u0", "198.51.100.1"), SOON).await.unwrap();
    let asked = mine.answer(&held.at, &answer(&held.handle, held.step.turn, "e"), false, SOON).await.unwrap();
    server.mailbox().await;
    let mut tried = 0;
    'all: for user in ["u1", "u2", "u3", "u4"] {
        let begun = mine.begin(&begin("recover", user, "198.51.100.1"), SOON).await.unwrap();
        let mut step = begun.step;
        for typed in ["e", "000000", "000001", "000002"] {
            if step.ask == 0 {
                break 'all;
            }
            step = mine.answer(&begun.at, &answer(&begun.handle, step.turn, typed), false, SOON).await.unwrap();
            tried += usize::from(step.text.contains("not right"));
        }
        server.mailbox().await;
    }
    assert!((5..=6).contains(&tried), "{tried}");
    // Whoever is in the middle reads of no suspended account, and nothing is recorded as wrong.
    let last = mine.answer(&held.at, &answer(&held.handle, asked.turn, "000000"), false, SOON).await.unwrap();
    assert!(last.ask == 0 && last.text.starts_with("Too many tries."), "{last:?}");
    let begun = mine.begin(&begin("enroll", "dora", "198.51.100.1"), SOON).await.unwrap();
    assert!(begun.step.text.contains("Too many tries"), "{:?}", begun.step);
    let begun = other.captured(&server).begin(&begin("recover", "u5", "198.51.100.2"), SOON).await.unwrap();
    assert_ne!(begun.step.ask, 0);
}

#[tokio::test]
async fn it_can_not_have_more_codes_sent_in_an_hour_than_its_share() {
    let server = Server::with("[limits]\nhost_codes_per_hour = 3\n").await;
    let mine = server.host("web1").await.captured(&server);
    let mut sent = 0;
    for number in 0..6 {
        let begun = mine.begin(&begin("recover", &format!("u{number}"), "198.51.100.1"), SOON).await.unwrap();
        let step = mine.answer(&begun.at, &answer(&begun.handle, 1, "e"), false, SOON).await.unwrap();
        sent += usize::from(step.text.contains("on its way"));
    }
    assert_eq!(sent, 3);
}
