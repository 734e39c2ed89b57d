//! Servers that are gone, silent or frozen, and working servers beside them.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use sspr_fleet::{
    Key,
    client::{Link, Trouble},
    server::{Bounds, Listener},
    wire::{Answer, Hello, Typed, VERSION},
};
use tokio::{net::TcpListener, sync::watch};

use super::served::{Echo, SOON, Served, begin, served, served_to, way};

/// Two servers with the same key, and a host that both know.
async fn two() -> (Served, Served, Link) {
    let one = served(Bounds::default()).await;
    let other = served_to("127.0.0.1:0".parse().unwrap(), &one.key, one.host.clone(), Bounds::default()).await;
    let link = way(&[one.address, other.address], one.key.pin(), &one.host);
    (one, other, link)
}

fn calls(served: &Served) -> usize {
    served.echo.calls.load(Ordering::SeqCst)
}

#[tokio::test]
async fn the_next_server_is_tried_where_one_is_silent_or_gone_and_the_good_one_comes_first_from_then_on() {
    let served = served(Bounds::default()).await;
    // This server accepts connections, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let servers = [silent.local_addr().unwrap(), gone, served.address];
    let link = way(&servers, served.key.pin(), &served.host);
    assert!(link.begin(&begin("zoe"), SOON).await.is_ok());
    drop(silent);
    assert!(link.begin(&begin("zoe"), SOON).await.is_ok());
    assert_eq!(link.down(), None);
}

#[tokio::test]
async fn the_answers_of_a_dialogue_go_to_the_server_that_has_it_and_to_no_other() {
    let (one, other, link) = two().await;
    let begun = link.begin(&begin("zoe"), SOON).await.unwrap();
    let answer = Answer { v: VERSION, handle: begun.handle, turn: 1, answer: Typed(b"e".to_vec().into()) };
    link.answer(&begun.at, &answer, false, SOON).await.unwrap();
    assert_eq!((calls(&one), calls(&other)), (2, 0));
    one.stop.send_replace(true);
    one.task.await.unwrap();
    let trouble = link.answer(&begun.at, &answer, false, SOON).await.unwrap_err();
    assert!(matches!(trouble, Trouble::Unreachable(_)), "{trouble}");
    // The next dialogue begins at the other server at once.
    assert_eq!(link.down(), None);
    let begun = link.begin(&begin("zoe"), SOON).await.unwrap();
    link.answer(&begun.at, &answer, false, SOON).await.unwrap();
    assert_eq!(calls(&other), 2);
}

#[tokio::test]
async fn a_server_that_falls_silent_on_an_open_connection_costs_no_beginning_its_time() {
    let (one, other, link) = two().await;
    let begun = link.begin(&begin("zoe"), SOON).await.unwrap();
    other.echo.slow.add_permits(1);
    // The first server does not answer from here on.
    let at_the_other = link.begin(&begin("slow"), SOON).await.unwrap();
    assert!(at_the_other.at != begun.at && calls(&one) == 2 && calls(&other) == 1);
    let slow = Answer { v: VERSION, handle: "slow".into(), turn: 1, answer: Typed(b"e".to_vec().into()) };
    link.answer(&at_the_other.at, &slow, false, SOON).await.unwrap();
    assert_eq!((link.down(), calls(&other)), (None, 2));
}

#[tokio::test]
async fn a_server_that_is_only_slow_is_waited_for_where_no_other_answers() {
    let (one, other, link) = two().await;
    link.begin(&begin("zoe"), SOON).await.unwrap();
    other.stop.send_replace(true);
    other.task.await.unwrap();
    let slow = {
        let link = link.clone();
        tokio::spawn(async move { link.begin(&begin("slow"), SOON).await })
    };
    tokio::time::sleep(Duration::from_millis(600)).await;
    one.echo.slow.add_permits(1);
    assert_eq!(slow.await.unwrap().unwrap().handle, "slow");
    assert_eq!((link.down(), calls(&one)), (None, 2));
}

#[tokio::test]
async fn a_server_that_can_not_serve_is_left_for_one_that_can_but_no_hello_is_sent_twice() {
    let (one, other, link) = two().await;
    one.echo.fails.store(true, Ordering::SeqCst);
    let begun = link.begin(&begin("zoe"), SOON).await.unwrap();
    assert_eq!((calls(&one), calls(&other)), (1, 1));
    let answer = Answer { v: VERSION, handle: begun.handle, turn: 1, answer: Typed(b"e".to_vec().into()) };
    link.answer(&begun.at, &answer, false, SOON).await.unwrap();
    // The next ones begin there.
    link.begin(&begin("zoe"), SOON).await.unwrap();
    assert_eq!((calls(&one), calls(&other)), (1, 3));
    let hello =
        || Hello { v: VERSION, name: "web1".into(), version: "0".into(), counter: 1, next: None, pins: Vec::new() };
    one.echo.fails.store(false, Ordering::SeqCst);
    other.echo.fails.store(true, Ordering::SeqCst);
    link.hello(&hello(), SOON).await.unwrap_err();
    assert_eq!((calls(&one), calls(&other)), (1, 4));
    link.hello(&hello(), SOON).await.unwrap();
    assert_eq!(calls(&one), 2);
    // Where none can, that is said.
    one.echo.fails.store(true, Ordering::SeqCst);
    let trouble = link.begin(&begin("zoe"), SOON).await.unwrap_err();
    assert!(matches!(trouble, Trouble::Refused(_)), "{trouble}");
    assert_eq!(link.down(), None);
}

#[tokio::test]
async fn a_hello_whose_answer_was_lost_is_not_sent_again() {
    // A number that comes twice may come from two machines with one key.
    let served = served(Bounds::default()).await;
    let link = served.link();
    assert!(link.begin(&begin("zoe"), SOON).await.is_ok());
    served.stop.send_replace(true);
    served.task.await.unwrap();
    let listener = TcpListener::bind(served.address).await.unwrap();
    let hello =
        Hello { v: VERSION, name: "web1".into(), version: String::new(), counter: 1, next: None, pins: Vec::new() };
    let asked = tokio::spawn(async move { link.hello(&hello, Duration::from_secs(2)).await });
    let (stream, _) = listener.accept().await.unwrap();
    drop(stream);
    assert!(matches!(asked.await.unwrap(), Err(Trouble::Unreachable(_))));
    let again = tokio::time::timeout(Duration::from_millis(500), listener.accept()).await;
    assert!(again.is_err(), "one connection, one hello");
}

#[tokio::test]
async fn a_server_that_is_frozen_costs_one_question_its_time_and_the_next_none() {
    // The kernel accepts connections for it, and it says nothing.
    let frozen = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let key = Key::generate().unwrap();
    let link = way(&[frozen.local_addr().unwrap()], key.pin(), &key);
    let trouble = link.begin(&begin("zoe"), Duration::from_millis(300)).await.unwrap_err();
    assert!(matches!(trouble, Trouble::Unreachable(_)));
    assert!(link.down().is_some(), "nothing is tried for a while");
}

#[tokio::test]
async fn a_host_whose_server_is_gone_says_so_at_once_and_finds_it_again_by_itself() {
    let first = served(Bounds::default()).await;
    let (address, key, host) = (first.address, first.key.clone(), first.host.clone());
    let link = first.link();
    assert!(link.begin(&begin("zoe"), SOON).await.is_ok());
    first.stop.send_replace(true);
    first.task.await.unwrap();
    assert!(matches!(link.begin(&begin("zoe"), SOON).await, Err(Trouble::Unreachable(_))));
    assert!(link.down().is_some(), "nothing is tried for a while");
    assert!(matches!(link.begin(&begin("zoe"), SOON).await, Err(Trouble::Unreachable(_))));
    // The server comes back, at the same address and with the same key.
    let listener = Listener::bind(address, &key, Bounds::default()).await.unwrap();
    let echo = Arc::new(Echo::new(host.pin()));
    let (_stop, stopping) = watch::channel(false);
    tokio::spawn(listener.serve(echo, stopping));
    let found = async {
        while link.down().is_some() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), found).await.unwrap();
    assert!(link.begin(&begin("zoe"), SOON).await.is_ok());
}
