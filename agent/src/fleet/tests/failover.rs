//! A server that is lost in the middle of a reset, and another one that goes on with it.

use std::sync::Arc;

use sspr_config::dialogue::{Ask, Standing};
use sspr_fleet::{
    client::{Link, Opened},
    wire::{Answer, Begin, Refusal, Step, Typed, VERSION},
};
use tokio::sync::Notify;

use super::{
    is_refused,
    world::{NEW, OLD, SOON, Server, any, begin, standing},
};
use crate::held::Refused;

const LOST: &str = "The server stopped answering.";

#[tokio::test]
async fn a_server_that_dies_at_the_code_costs_one_answer_and_the_code_stays_good() {
    let mut server = Server::new().await;
    server.imports("dora@example.org").await;
    let host = server.host_of("web1", &[server.replica(any()).await]).await;
    let mut dora = host.forgets("dora");
    let code = dora.wants_a_code(&server).await;
    server.dies().await;
    dora.answers("on its way", &code).await;
    let asked = dora.answers(LOST, &code).await;
    assert_eq!(Ask::from_wire(asked.ask), Some(Ask::NewPassword), "{asked:?}");
    dora.answers("", NEW).await;
    assert_eq!(standing(&dora.answers("", NEW).await), Standing::Recovered);
    assert_eq!(*server.directory.password.lock().unwrap(), NEW);
    let mail = server.mailbox().await;
    assert!(mail.iter().all(|(_, what)| what == "Recovered"), "no second code: {mail:?}");
}

#[tokio::test]
async fn what_was_proved_before_the_server_died_stays_proved_and_only_the_new_password_is_asked_again() {
    let mut server = Server::new().await;
    server.imports("dora@example.org").await;
    let host = server.host_of("web1", &[server.replica(any()).await]).await;
    let mut dora = host.forgets("dora");
    dora.proves(&server).await;
    dora.answers("", NEW).await;
    // The dialogue that goes on begins later than the proof.
    server.later(60);
    server.dies().await;
    // The second typing is lost, and nothing was set.
    let asked = dora.answers("", NEW).await;
    assert_eq!(Ask::from_wire(asked.ask), Some(Ask::NewPassword), "{asked:?}");
    assert_eq!(*server.directory.password.lock().unwrap(), OLD);
    dora.answers(LOST, NEW).await;
    assert_eq!(standing(&dora.answers("", NEW).await), Standing::Recovered);
    assert_eq!(*host.machine.settled.lock().unwrap(), [format!("dora {NEW} false")]);
    // The proof is used.
    let again = host.forgets("dora").begins("recover").await;
    assert_eq!(Ask::from_wire(again.ask), Some(Ask::Line), "{again:?}");
}

#[tokio::test]
async fn a_server_that_is_gone_when_the_new_password_is_typed_for_the_first_time_has_set_nothing() {
    let mut server = Server::new().await;
    server.imports("dora@example.org").await;
    let host = server.host("web1").await;
    let mut dora = host.forgets("dora");
    dora.proves(&server).await;
    server.dies().await;
    let last = dora.answers("", NEW).await;
    assert_eq!(standing(&last), Standing::Refused);
    assert!(last.text.contains("isn't available"), "{last:?}");
}

#[tokio::test]
async fn a_server_that_dies_while_it_sets_the_password_leaves_it_open_whether_it_did() {
    let mut server = Server::new().await;
    server.imports("dora@example.org").await;
    let host = server.host_of("web1", &[server.replica(any()).await]).await;
    let mut dora = host.forgets("dora");
    dora.proves(&server).await;
    dora.answers("", NEW).await;
    let gate = Arc::new([Notify::new(), Notify::new()]);
    *server.directory.gate.lock().unwrap() = Some(gate.clone());
    let dies = async {
        gate[0].notified().await;
        server.dies().await;
    };
    let (last, ()) = tokio::join!(dora.answers("", NEW), dies);
    assert_eq!(standing(&last), Standing::Refused);
    assert!(last.text.contains("may not have gone through"), "{last:?}");
}

#[tokio::test]
async fn a_server_that_was_restarted_goes_on_with_the_reset_of_a_host_that_knows_no_other() {
    let mut server = Server::new().await;
    server.imports("dora@example.org").await;
    let host = server.host("web1").await;
    let mut dora = host.forgets("dora");
    dora.proves(&server).await;
    server.dies().await;
    server.replica(server.address).await;
    let asked = dora.answers("", NEW).await;
    assert_eq!(Ask::from_wire(asked.ask), Some(Ask::NewPassword), "{asked:?}");
    dora.answers(LOST, NEW).await;
    assert_eq!(standing(&dora.answers("", NEW).await), Standing::Recovered);
}

#[tokio::test]
async fn a_reset_whose_time_is_over_gets_no_more_of_it_from_another_server_or_from_the_same_one_after_its_restart() {
    for is_restarted in [false, true] {
        let mut server = Server::new().await;
        server.imports("dora@example.org").await;
        let host = if is_restarted {
            server.host("web1").await
        } else {
            server.host_of("web1", &[server.replica(any()).await]).await
        };
        let mut dora = host.forgets("dora");
        let code = dora.wants_a_code(&server).await;
        server.later(server.agent.settings.limits.recovery.as_secs());
        server.dies().await;
        if is_restarted {
            server.replica(server.address).await;
        }
        assert_eq!(dora.tries(&code).await, Err(Refused::NoDialogue("the dialogue is over".into())));
    }
}

async fn answers(link: &Link, opened: &Opened, turn: u32, typed: &str) -> Step {
    let answer = Typed(typed.as_bytes().to_vec().into());
    let answer = Answer { v: VERSION, handle: opened.handle.clone(), turn, answer };
    link.answer(&opened.at, &answer, false, SOON).await.unwrap()
}

#[tokio::test]
async fn what_was_proved_is_of_no_use_to_another_host_for_another_name_or_purpose_or_when_its_time_is_over() {
    let server = Server::new().await;
    server.imports("dora@example.org").await;
    let (one, other) = (server.host("web1").await, server.host("web2").await);
    let (mine, theirs) = (one.captured(&server), other.captured(&server));
    let opened = mine.begin(&begin("recover", "dora", "192.0.2.1"), SOON).await.unwrap();
    let step = answers(&mine, &opened, opened.step.turn, "e").await;
    let step = answers(&mine, &opened, step.turn, &server.the_code().await).await;
    assert_eq!(Ask::from_wire(step.ask), Some(Ask::NewPassword), "{step:?}");
    let resumes =
        |purpose: &str, name: &str| Begin { resumes: Some(opened.handle.clone()), ..begin(purpose, name, "192.0.2.1") };
    let asked = async |link: &Link, name: &str| {
        Ask::from_wire(link.begin(&resumes("recover", name), SOON).await.unwrap().step.ask)
    };
    assert_eq!(asked(&theirs, "dora").await, Some(Ask::Line));
    assert_eq!(asked(&mine, "zoe").await, Some(Ask::Line));
    assert_eq!(asked(&mine, "dora").await, Some(Ask::NewPassword));
    let refused = mine.begin(&resumes("enroll", "dora"), SOON).await.unwrap_err();
    assert!(is_refused(&refused, Refusal::Malformed), "{refused:?}");
    server.later(server.agent.settings.limits.recovery.as_secs() + 2);
    assert_eq!(asked(&mine, "dora").await, Some(Ask::Line));
}
