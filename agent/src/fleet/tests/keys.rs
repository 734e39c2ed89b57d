//! Hosts that replace their keys, and what ends in the middle of that.

use std::sync::Arc;

use sspr_config::dialogue::Standing;
use sspr_fleet::{
    Key, NextKey,
    client::{Link, Trouble, Way},
    identity::{self, Identity},
    server::{Bounds, Listener},
    wire::{Greeting, Hello, Refusal, VERSION},
};
use tokio::sync::watch;

use super::{
    is_refused,
    world::{Host, MACHINE_ID, SOON, Server, begin, link, standing},
};
use crate::{
    audit_writer,
    clock::Time,
    sessions::Sessions,
    store::{AuditRows, Hosts, audit::Query, hosts::HostState},
    transport::fleet::FleetService,
};

/// Longer than any host's key lasts.
const A_YEAR: Time = 400 * 86_400;

/// Changes the host's file, as a crash would have left it.
fn changed(host: &Host, change: impl FnOnce(&mut Identity)) -> Identity {
    let mut known = host.fleet.identity().unwrap();
    change(&mut known);
    let machine = identity::machine(&std::fs::read_to_string(host.state.path().join(MACHINE_ID)).unwrap());
    identity::save(host.fleet.directory(), &machine, &known).unwrap();
    known
}

/// A hello with `key` that announces `next`, past the host's agent.
async fn says(link: &Link, counter: u64, key: &Key, next: Option<&Key>) -> Result<Greeting, Trouble> {
    let next = next.map(|next| NextKey::new(next, key.pin()).unwrap());
    link.hello(
        &Hello { v: VERSION, name: "web1".into(), version: String::new(), counter, next, pins: Vec::new() },
        SOON,
    )
    .await
}

async fn is_served(server: &Server, key: &Key) -> bool {
    match link(server, key, server.key.pin()).begin(&begin("recover", "dora", ""), SOON).await {
        Ok(_) => true,
        Err(why) => {
            assert!(is_refused(&why, Refusal::NotJoined), "{why}");
            false
        }
    }
}

/// The events of the audit trail about hosts' keys: the reasons.
async fn recorded(server: &Server) -> Vec<String> {
    audit_writer::drain(&server.agent).await.unwrap();
    let mut tx = server.agent.begin().await.unwrap();
    let records = AuditRows::read(&mut tx, &Query::default()).await.unwrap();
    tx.commit().await.unwrap();
    let of_keys = records.into_iter().filter(|record| record.event == "Host of the fleet replaced its key");
    of_keys.map(|record| record.reason).collect()
}

async fn hosts(server: &Server) -> Vec<crate::store::hosts::Host> {
    let mut tx = server.agent.begin().await.unwrap();
    let all = Hosts::all(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    all
}

#[tokio::test]
async fn a_key_that_is_a_year_old_is_replaced_by_itself_and_a_dialogue_goes_on_meanwhile() {
    let server = Server::new().await;
    server.imports("dora@example.org").await;
    let host = server.host("web1").await;
    let old = host.key();
    host.greets().await.unwrap();
    assert_eq!(host.key().pin(), old.pin(), "it is not old yet");
    server.later(A_YEAR);
    let mut dora = host.forgets("dora");
    dora.begins("recover").await;
    host.greets().await.unwrap();
    let (new, file) = (host.key(), host.fleet.identity().unwrap());
    assert!(new.pin() != old.pin() && file.next.is_none());
    assert!(!is_served(&server, &old).await && is_served(&server, &new).await);
    dora.answers("How do you want", "e").await;
    let code = server.the_code().await;
    dora.answers("on its way", &code).await;
    host.greets().await.unwrap();
    assert_eq!(host.key().pin(), new.pin(), "it is new");
    let said = recorded(&server).await;
    assert!(said.len() == 1 && said[0].contains(&host.id), "{said:?}");
    let [known] = hosts(&server).await.try_into().unwrap();
    assert_eq!((known.id, known.keyed, known.counter), (host.id.clone(), server.agent.now(), 5));
    assert_eq!(known.joined, super::world::START);
}

#[tokio::test]
async fn whatever_ends_between_two_steps_the_host_has_the_key_that_counts_and_goes_on_from_there() {
    for steps in 0..4 {
        let server = Server::new().await;
        let host = server.host("web1").await;
        host.greets().await.unwrap();
        server.later(A_YEAR);
        let (old, next) = (host.key(), Key::generate().unwrap());
        // The host has stored its next key.
        let file = changed(&host, |known| known.next = Some(next.clone()));
        if steps > 0 {
            // The server has stored it, too, and the host did not hear of it.
            let said = says(&host.captured(&server), file.hellos + 1, &old, Some(&next)).await.unwrap();
            assert_eq!(said.next, Some(next.pin()));
            changed(&host, |known| known.hellos += 1);
        }
        if steps > 1 {
            // The server has accepted a call with it.
            let by_next = link(&server, &next, server.key.pin());
            if steps == 2 {
                says(&by_next, file.hellos + 2, &next, None).await.unwrap();
                changed(&host, |known| known.hellos += 1);
            } else {
                by_next.begin(&begin("recover", "dora", ""), SOON).await.unwrap();
            }
            assert!(!is_served(&server, &old).await);
        }
        let step = host.forgets("dora").begins("recover").await;
        assert_eq!(standing(&step), Standing::Asking, "a user is served meanwhile, after {steps} steps");
        assert_eq!(host.greets().await.unwrap(), "active");
        let file = host.fleet.identity().unwrap();
        assert!(file.key.pin() == next.pin() && file.next.is_none(), "after {steps} steps");
        assert!(is_served(&server, &next).await && !is_served(&server, &old).await);
        assert_eq!(standing(&host.forgets("dora").begins("recover").await), Standing::Asking);
        assert_eq!(recorded(&server).await.len(), 1);
    }
}

#[tokio::test]
async fn a_host_keeps_its_old_key_until_the_server_has_accepted_the_next_one() {
    let server = Server::new().await;
    let host = server.host("web1").await;
    server.later(A_YEAR);
    let (old, next) = (host.key(), Key::generate().unwrap());
    changed(&host, |known| known.next = Some(next.clone()));
    // A hello overtook those that follow.
    says(&host.captured(&server), 50, &old, Some(&next)).await.unwrap();
    assert_eq!(host.greets().await.unwrap(), "active");
    let file = host.fleet.identity().unwrap();
    assert_eq!((file.key.pin(), file.next.map(|next| next.pin())), (old.pin(), Some(next.pin())));
    changed(&host, |known| known.hellos = 50);
    assert_eq!(host.greets().await.unwrap(), "active");
    assert_eq!(host.key().pin(), next.pin());
}

#[tokio::test]
async fn two_servers_on_one_database_take_any_step_of_it() {
    let server = Server::new().await;
    let host = server.host("web1").await;
    host.greets().await.unwrap();
    server.later(A_YEAR);
    let second = Listener::bind("127.0.0.1:0".parse().unwrap(), &server.key, Bounds::default()).await.unwrap();
    let address = second.address().unwrap();
    let service = FleetService::new(server.agent.clone(), Sessions::new(server.agent.clone()));
    let (_stop, stopping) = watch::channel(false);
    tokio::spawn(second.serve(Arc::new(service), stopping));
    let there = |key: &Key| {
        let way =
            Way { servers: vec![address.to_string()], pins: vec![server.key.pin()], key: key.clone(), proxy: None };
        Link::new(&way).unwrap()
    };
    let (old, next) = (host.key(), Key::generate().unwrap());
    changed(&host, |known| known.next = Some(next.clone()));
    says(&there(&old), 2, &old, Some(&next)).await.unwrap();
    changed(&host, |known| known.hellos = 2);
    let open = host.captured(&server);
    assert!(open.begin(&begin("recover", "dora", ""), SOON).await.is_ok(), "the old one counts still, at both");
    says(&there(&next), 3, &next, None).await.unwrap();
    changed(&host, |known| known.hellos = 3);
    let refused = open.begin(&begin("recover", "dora", ""), SOON).await.unwrap_err();
    assert!(is_refused(&refused, Refusal::NotJoined), "also on the connection that is open");
    assert_eq!(host.greets().await.unwrap(), "active");
    assert_eq!(host.key().pin(), next.pin());
}

#[tokio::test]
async fn a_host_that_is_not_served_gets_out_of_that_with_no_other_key() {
    let server = Server::new().await;
    let host = server.host("web1").await;
    host.greets().await.unwrap();
    server.later(A_YEAR);
    let (old, next) = (host.key(), Key::generate().unwrap());
    server.is(&host, HostState::Paused).await;
    assert_eq!(host.greets().await.unwrap(), "paused");
    assert!(host.fleet.identity().unwrap().next.is_none(), "no other key is made");
    let said = says(&host.captured(&server), 9, &old, Some(&next)).await.unwrap();
    assert_eq!((said.state.as_str(), said.next, said.rekey), ("paused", None, false));
    assert!(!is_served(&server, &next).await);
    // It was paused after it had announced its next key.
    server.is(&host, HostState::Active).await;
    says(&host.captured(&server), 10, &old, Some(&next)).await.unwrap();
    server.is(&host, HostState::Paused).await;
    let by_next = link(&server, &next, server.key.pin());
    let said = says(&by_next, 11, &next, None).await.unwrap();
    assert_eq!((said.state.as_str(), said.next), ("paused", Some(next.pin())), "it did not take over");
    assert!(!is_served(&server, &next).await && !is_served(&server, &old).await);
    server.is(&host, HostState::Revoked).await;
    for key in [&old, &next] {
        let link = link(&server, key, server.key.pin());
        assert!(is_refused(&says(&link, 12, key, None).await.unwrap_err(), Refusal::NotJoined));
    }
    // With a token it joins anew, with a key of its own.
    changed(&host, |known| known.next = Some(next.clone()));
    let (_, id, before) = host.fleet.join(None, &server.token(1, "").await, "web1", 0).await.unwrap();
    assert!(id != host.id && !before && ![old.pin(), next.pin()].contains(&host.key().pin()));
}

#[tokio::test]
async fn no_host_announces_the_key_of_another_one() {
    let server = Server::new().await;
    let (one, other) = (server.host("web1").await, server.host("web2").await);
    server.later(A_YEAR);
    let next = Key::generate().unwrap();
    says(&one.captured(&server), 1, &one.key(), Some(&next)).await.unwrap();
    for (counter, key) in [(1, &one.key()), (2, &next)] {
        let said = says(&other.captured(&server), counter, &other.key(), Some(key)).await.unwrap();
        assert_eq!(said.next, None);
    }
    // It does not own the key that it announces.
    let mut claimed = serde_json::to_value(NextKey::new(&next, other.key().pin()).unwrap()).unwrap();
    let mine = serde_json::to_value(NextKey::new(&other.key(), other.key().pin()).unwrap()).unwrap();
    claimed["proof"] = mine["proof"].clone();
    let claimed = serde_json::from_value(claimed).unwrap();
    let hello = Hello {
        v: VERSION,
        name: "x".into(),
        version: String::new(),
        counter: 3,
        next: Some(claimed),
        pins: Vec::new(),
    };
    assert_eq!(other.captured(&server).hello(&hello, SOON).await.unwrap().next, None);
}

#[tokio::test]
async fn a_copy_that_counts_behind_changes_no_key_and_is_paused_as_ever() {
    let server = Server::new().await;
    let host = server.host("web1").await;
    for _ in 0..3 {
        host.greets().await.unwrap();
    }
    let (old, copied) = (host.key(), Key::generate().unwrap());
    server.later(A_YEAR);
    host.greets().await.unwrap();
    let key = host.key();
    assert_ne!(key.pin(), old.pin());
    server.later(7200);
    // A copy from before the change has no key that counts.
    assert!(!is_served(&server, &old).await);
    // A copy of the new key counts behind. At first, its hello may have been on its way for long.
    host.greets().await.unwrap();
    let said = says(&host.captured(&server), 2, &key, Some(&copied)).await.unwrap();
    assert_eq!((said.state.as_str(), said.next), ("active", None));
    server.later(900);
    let said = says(&host.captured(&server), 2, &key, Some(&copied)).await.unwrap();
    assert_eq!((said.state.as_str(), said.next), ("paused", None));
    assert!(!is_served(&server, &key).await);
}

#[tokio::test]
async fn a_key_that_was_replaced_joins_no_more_and_joining_again_finds_the_one_that_counts() {
    let server = Server::new().await;
    let host = server.host("web1").await;
    host.greets().await.unwrap();
    server.later(A_YEAR);
    let (old, next) = (host.key(), Key::generate().unwrap());
    changed(&host, |known| known.next = Some(next.clone()));
    says(&host.captured(&server), 2, &old, Some(&next)).await.unwrap();
    says(&link(&server, &next, server.key.pin()), 3, &next, None).await.unwrap();
    let token = server.token(1, "").await;
    let (_, id, before) = host.fleet.join(None, &token, "web1", 0).await.unwrap();
    assert!(before && id == host.id, "no token is used");
    assert_eq!((host.key().pin(), hosts(&server).await.len()), (next.pin(), 1));
    // A backup from before the change.
    changed(&host, |known| known.key = old.clone());
    assert!(host.greets().await.is_err());
    let (_, id, before) = host.fleet.join(None, &token, "web1", 0).await.unwrap();
    assert!(!before && id != host.id && host.key().pin() != old.pin());
    assert!(!is_served(&server, &old).await && is_served(&server, &next).await);
}

#[tokio::test]
async fn a_key_is_replaced_by_hand_once_an_hour_at_most() {
    let server = Server::new().await;
    let host = server.host("web1").await;
    let old = host.key();
    let by_hand = async || host.fleet.rekey(&host.agent.settings.fleet, "web1", SOON).await.unwrap();
    assert!(!by_hand().await && host.key().pin() == old.pin());
    let made = host.fleet.identity().unwrap().next.unwrap();
    server.later(3600);
    host.greets().await.unwrap();
    assert_eq!(host.key().pin(), made.pin(), "the key that was made then");
    assert!(!by_hand().await);
    server.later(3600);
    assert!(by_hand().await);
    assert!(!by_hand().await && host.key().pin() != made.pin());
}
