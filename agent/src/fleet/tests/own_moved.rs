//! Resets of accounts of the hosts themselves whose server is lost.

use sspr_config::dialogue::{Ask, Standing, Step};

use super::{
    own::{both, password, proves, registers, with_alice},
    world::{Host, NEW, OLD, OWN, Server, standing},
};
use crate::{held::Refused, principal::Principal};

#[tokio::test]
async fn a_server_that_was_restarted_before_a_proof_goes_on_in_the_same_words_for_every_name() {
    let mut screens = Vec::new();
    for name in ["alice", "nobody-has-this", "dora"] {
        let (mut server, host) = both().await;
        server.imports("dora@example.org").await;
        registers(&server, &host).await;
        let mut person = host.forgets(name);
        let mut screen = vec![person.begins("recover").await, person.answers("", "e").await];
        server.dies().await;
        server.replica(server.address).await;
        for answer in ["000000", "000000", "app", "111111", ""] {
            screen.push(person.answers("", answer).await);
        }
        assert!(screen[2].text.contains("The server stopped answering."), "{}", screen[2].text);
        screens.push(screen);
    }
    assert!(screens.iter().all(|screen| *screen == screens[0]), "{screens:?}");
}

#[tokio::test]
async fn a_server_that_is_gone_before_a_proof_is_told_in_the_same_words_for_every_name() {
    let mut screens = Vec::new();
    for name in ["alice", "nobody-has-this", "dora"] {
        let (mut server, host) = both().await;
        server.imports("dora@example.org").await;
        registers(&server, &host).await;
        let mut person = host.forgets(name);
        let mut screen = vec![person.begins("recover").await, person.answers("", "e").await];
        server.dies().await;
        screen.push(person.answers("", "000000").await);
        screens.push(screen);
    }
    assert!(screens.iter().all(|screen| *screen == screens[0]), "{screens:?}");
}

#[tokio::test]
async fn her_reset_goes_on_at_another_server_with_what_she_proved_and_each_server_may_ask_the_host() {
    let mut server = Server::with(OWN).await;
    let host = with_alice(&server, "web1").await;
    registers(&server, &host).await;
    let mut alice = host.forgets("alice");
    proves(&server, &mut alice).await;
    alice.answers("", NEW).await;
    server.dies().await;
    server.replica(server.address).await;
    // Nothing was set, so the new password is asked for again.
    let asked = alice.answers("", NEW).await;
    assert_eq!((asked.ask, password(&host).as_str()), (Ask::NewPassword.to_wire(), OLD), "{asked:?}");
    alice.answers("The server stopped answering.", NEW).await;
    let last = alice.answers("", NEW).await;
    assert_eq!((standing(&last), password(&host).as_str()), (Standing::Recovered, NEW), "{last:?}");
}

/// A server that is lost at the first question, on a host of two servers of which the first one serves accounts of the
/// hosts themselves or does not, and the second one the reverse. Whether alice, who has one, dora of the directory and
/// nobody read the same.
async fn moves_alike(first_serves: bool) {
    let mut screens = Vec::new();
    for name in ["alice", "dora", "nobody-has-this"] {
        let mut server = Server::with(if first_serves { OWN } else { "" }).await;
        server.imports("dora@example.org").await;
        let second = server.replica_serving(!first_serves).await;
        let host = server.host_of_with("web1", &[second], OWN).await;
        host.machine.passwords.lock().unwrap().insert("alice".into(), OLD.into());
        if first_serves {
            registers(&server, &host).await;
        }
        let mut person = host.forgets(name);
        let mut screen = vec![person.begins("recover").await];
        server.dies().await;
        for answer in ["e", "e", "000000", "other", "app", "111111", ""] {
            screen.push(person.answers("", answer).await);
        }
        assert!(screen[1].text.contains("The server stopped answering."), "{}", screen[1].text);
        screens.push(screen);
    }
    assert!(screens.iter().all(|screen| *screen == screens[0]), "{screens:?}");
}

#[tokio::test]
async fn a_server_that_serves_no_accounts_of_hosts_goes_on_with_the_first_question_for_every_name_alike() {
    moves_alike(true).await;
    moves_alike(false).await;
}

/// What a user reads who asked for English and then lost the server, and another one goes on or none.
async fn in_english(name: &str, goes_on: bool) -> Step {
    let (mut server, host) = both().await;
    server.imports("dora@example.org").await;
    registers(&server, &host).await;
    let mut person = host.forgets(name).speaking("de_DE.UTF-8");
    let german = person.begins("recover").await;
    assert!(!german.text.contains("How do you want"), "{}", german.text);
    person.answers("", "en").await;
    server.dies().await;
    if goes_on {
        server.replica(server.address).await;
    }
    person.answers("How do you want", "e").await
}

#[tokio::test]
async fn whoever_asked_for_english_reads_it_also_of_a_lost_server_whosever_the_name_is() {
    for goes_on in [true, false] {
        let alices = in_english("alice", goes_on).await;
        assert!(alices.text.is_ascii(), "{}", alices.text);
        for name in ["dora", "nobody-has-this"] {
            assert_eq!(in_english(name, goes_on).await, alices, "{name}");
        }
    }
}

#[tokio::test]
async fn a_reset_that_went_on_elsewhere_is_over_when_its_time_is_though_the_server_counts_anew() {
    for name in ["alice", "dora"] {
        let (mut server, host) = both().await;
        server.imports("dora@example.org").await;
        registers(&server, &host).await;
        let mut person = host.forgets(name);
        person.begins("recover").await;
        server.dies().await;
        server.replica(server.address).await;
        server.later(14 * 60);
        let step = person.answers("", "e").await;
        server.later(2 * 60);
        let who = Principal::new(0, ":1.5");
        let late = host.relay.answer(&who, &person.handle, step.turn, b"e", false).await;
        assert!(matches!(late, Err(Refused::NoDialogue(_))), "{late:?}");
    }
}

async fn in_a_shell(host: &Host, name: &str) -> Step {
    *host.machine.own.lock().unwrap() = [(name.to_owned(), 1001)].into();
    host.machine.passwords.lock().unwrap().insert(name.into(), OLD.into());
    host.in_her_shell().begins("enroll").await
}

#[tokio::test]
async fn whoever_is_not_served_is_told_so_in_a_shell_before_a_password_is_typed() {
    let (_server, host) = both().await;
    assert_eq!(in_a_shell(&host, "alice").await.ask, Ask::Secret.to_wire());
    let odd = in_a_shell(&host, "j\u{fc}rgen").await;
    *host.machine.admins.lock().unwrap() = true;
    for step in [odd, in_a_shell(&host, "alice").await] {
        assert_eq!((standing(&step), step.ask), (Standing::Refused, 0), "{step:?}");
        assert!(step.text.contains("not on for this account"), "{}", step.text);
    }
}
