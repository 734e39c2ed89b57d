//! The agent's memory for each user who is being asked. There may be two thousand at a time.

use std::{mem::size_of_val, time::Duration};

use sspr_config::{dialogue::Purpose, language::Language};
use tokio::time::Instant;

use sqlx::Connection as _;

use super::world::{World, email, phone};
use crate::{
    account::Name,
    dialogue::{Caller, Conversation, Screen, hold, recovery},
    proof::{Account, Attempt},
    store::{STATEMENTS, sql::Connection},
};

#[tokio::test]
async fn all_statements_of_registrations_and_resets_stay_prepared() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    world.register("alice", &phone("+819012345678")).await;
    world.recovery_codes("alice").await;
    for new in ["plover tundra biscuit", "granite otter lantern"] {
        let mut alice = world.forgets("alice");
        world.proves_by_email(&mut alice).await;
        alice.answers("at least 12 characters", new).await;
        alice.answers("Type it again", new).await;
        alice.ends().await;
        world.mailbox().await;
        world.later(86_400);
    }
    let mut session = world.agent.store.session().await.unwrap();
    let Connection::Sqlite { connection, .. } = session.connection() else { return };
    let prepared = connection.cached_statements_size();
    assert!(
        (20..STATEMENTS).contains(&prepared),
        "{prepared}: each that is one too many throws out the one that is needed next"
    );
}

#[tokio::test]
async fn whoever_is_asked_takes_up_the_room_of_that_dialogue_and_not_of_the_largest() {
    let world = World::new().await;
    let deadline = Instant::now() + Duration::from_mins(1);
    let (service, source) = ("sshd".into(), "192.0.2.1".into());
    let caller = Caller { uid: 0, service, source, screen: Screen::default(), language: None, host: None };
    let account = Account::new(&world.agent.keys, Name::local("alice"));
    let attempt = Attempt { account, purpose: Purpose::Recover, dialogue: String::new(), began: 0, caller };
    let s = world.agent.session(Language::English, attempt);
    let (mut conversation, ..) = Conversation::new(s.texts.clone(), s.clock.clone(), deadline);
    let any = size_of_val(&hold(&mut conversation, &s));
    let reset = size_of_val(&recovery(&mut conversation, &s));
    assert!(any <= 128, "{any} bytes wherever a dialogue is held");
    assert!(reset <= 3072, "{reset} bytes for each at the menu of a reset");
}
