//! If mail hangs, only mail is affected.

use std::{sync::Arc, time::Duration};

use sspr_config::settings::Method;
use tokio::{net::TcpListener, runtime::Handle};

use super::{
    outage::with_mail_by,
    required::{LET_IN, REQUIRED, was_let_in},
    world::{World, email},
};
use crate::{
    outbox::{self, Notification, NotificationKind, OutboxMessage},
    reloadable::Reloadable,
    sender::{self, tests_support::rests},
    snapshot::Snapshot,
    store::{Messages, Store, sql},
};

fn note(method: Method, contact: &str) -> OutboxMessage {
    OutboxMessage::Notification(Notification {
        kind: NotificationKind::Recovered,
        change: None,
        realm: crate::account::local(),
        name: "alice".into(),
        method: method.as_str().into(),
        contact: contact.into(),
        at: 0,
        service: "sshd".into(),
        source: "192.0.2.1".into(),
    })
}

#[tokio::test]
async fn mails_that_all_hang_keep_no_text_message_from_leaving() {
    let world = World::new().await;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let spool = tempfile::tempdir().unwrap();
    let directory = spool.path().join("spool");
    let deliveries = with_mail_by(silent.local_addr().unwrap().port(), &directory);
    let now = world.agent.now();
    let mut tx = world.agent.begin().await.unwrap();
    for n in 0..50 {
        let mail = note(Method::Email, &format!("alice{n}@example.org"));
        outbox::put(&mut tx, &world.agent, Method::Email, None, &mail, now, now + 3600).await.unwrap();
    }
    let text = note(Method::Phone, "+819012345678");
    outbox::put(&mut tx, &world.agent, Method::Phone, None, &text, now, now + 3600).await.unwrap();
    tx.commit().await.unwrap();

    let agent = Snapshot { deliveries: Arc::new(deliveries), ..Snapshot::clone(&world.agent) };
    let run = sender::run(Reloadable::new(Arc::new(agent)), Handle::current());
    let task = tokio::spawn(run);
    let mut held = Vec::new();
    // The maximum number of mails is being sent, and no more.
    for _ in 0..32 {
        held.push(tokio::time::timeout(Duration::from_secs(20), silent.accept()).await.unwrap().unwrap());
    }
    let sent = async {
        while !std::fs::read_dir(&directory).is_ok_and(|mut files| files.next().is_some()) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), sent).await.expect("the text message leaves");
    assert!(tokio::time::timeout(Duration::from_millis(200), silent.accept()).await.is_err());
    // When one is finished, the next is sent.
    drop(held.pop());
    tokio::time::timeout(Duration::from_secs(20), silent.accept()).await.unwrap().unwrap();
    task.abort();
}

#[tokio::test]
async fn messages_leave_although_outdated_rows_can_not_be_deleted() {
    let world = World::new().await;
    let spool = tempfile::tempdir().unwrap();
    let directory = spool.path().join("spool");
    let now = world.agent.now();
    let mut tx = world.agent.begin().await.unwrap();
    let text = note(Method::Phone, "+819012345678");
    outbox::put(&mut tx, &world.agent, Method::Phone, None, &text, now, now + 3600).await.unwrap();
    sql::query("DROP TABLE helpdesk_code").execute(&mut tx).await.unwrap();
    tx.commit().await.unwrap();

    let agent = Snapshot { deliveries: Arc::new(with_mail_by(9, &directory)), ..Snapshot::clone(&world.agent) };
    let task = tokio::spawn(sender::run(Reloadable::new(Arc::new(agent)), Handle::current()));
    let sent = async {
        while !std::fs::read_dir(&directory).is_ok_and(|mut files| files.next().is_some()) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), sent).await.expect("the text message leaves");
    task.abort();
}

#[tokio::test]
async fn an_agent_with_nothing_to_send_looks_for_what_another_server_left_only_in_a_store_that_is_shared() {
    let world = World::new().await;
    for (store, pause) in [(Store::in_memory().await.unwrap(), None), (Store::shared_for_tests().await, Some(60))] {
        let agent = world.agent.with_services(|services| services.store = Arc::new(store));
        assert_eq!(rests(&agent).await, pause.map(Duration::from_secs));
        // What another server was about to send when it died.
        let now = agent.now();
        let mut tx = agent.begin().await.unwrap();
        let mail = note(Method::Email, "alice@example.org");
        outbox::put(&mut tx, &agent, Method::Email, None, &mail, now, now + 3600).await.unwrap();
        assert_eq!(Messages::take(&mut tx, Method::Email, 1, now + 20, now).await.unwrap().len(), 1);
        tx.commit().await.unwrap();
        assert_eq!(rests(&agent).await, Some(Duration::from_secs(20)));
    }
}

#[tokio::test]
async fn whose_code_never_got_its_turn_is_kept_out_by_no_required_registration() {
    let world = World::with(REQUIRED).await;
    world.register("carol", &email("carol@example.org")).await;
    was_let_in(&world, "dave", &[6, 4, 2]).await;
    let mut dave = world.signs_in("dave");
    dave.answers("1, 2 or 3: ", "1").await;
    dave.answers("Which email", "dave@example.org").await;
    assert!(dave.step().await.unwrap().text.contains("on its way"));
    // Others' mails hang all the time, until this one is useless.
    world.later(601);
    world.no_mail_leaves().await;
    dave.says(b"xxxxxx").await;
    dave.step().await.unwrap();
    dave.says(b"").await;
    dave.answers("1, 2 or 3: ", "").await;
    assert!(!dave.bound);
    dave.answers("1, 2 or 3: ", "").await;
    assert_eq!(dave.ends().await, LET_IN);
}
