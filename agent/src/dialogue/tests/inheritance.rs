//! Registrations belong to a name and its uid: an account that has either after another one inherits nothing.

use sspr_config::dialogue::{Purpose, Standing};

use super::world::{START, World, email, phone};
use crate::{
    account::{Id, Name},
    credential::Verdict,
    random::SystemRandom,
    store::{Authenticators, LookUps as _, RecoveryCodes, Registrations, sql},
    totp,
};

const DAY: i64 = 86_400;
const REQUIRED: &str = "[register]\nmode = \"required\"\nskip_days = 0\n";

const LET_IN: (Standing, String) = (Standing::Finished, String::new());

/// Everything that can be kept about an account, for alice with uid 1001.
async fn everything_of_alice(world: &World) {
    world.register("alice", &email("alice@example.org")).await;
    world.register("alice", &phone("+819012345678")).await;
    let (keys, now) = (&world.agent.keys, START);
    let mut tx = world.agent.begin().await.unwrap();
    let secret = totp::secret(&SystemRandom).unwrap();
    Authenticators::put(&mut tx, keys, &SystemRandom, Name::local("alice"), Id::from(1001), &secret, 0, now)
        .await
        .unwrap();
    let codes = crate::recovery_codes::make(&SystemRandom).unwrap();
    RecoveryCodes::replace(&mut tx, keys, Name::local("alice"), &codes, now).await.unwrap();
    sql::query("UPDATE registration SET language = 'ja'").execute(&mut tx).await.unwrap();
    sql::query("INSERT INTO exemption VALUES ('local', 'alice', '1001', 'root', '', 0)")
        .execute(&mut tx)
        .await
        .unwrap();
    Registrations::invite(&mut tx, Name::local("alice"), Id::from(1001), true, now - 100 * DAY).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn an_account_that_was_made_anew_under_the_same_name_inherits_nothing() {
    let world = World::with("[register]\nmode = \"required\"\nskip_days = 14\n").await;
    everything_of_alice(&world).await;
    world.account("alice", 2001, Verdict::Eligible);
    let mut attacker = world.forgets("alice");
    attacker.types(&["e"]).await;
    assert!(world.mailbox().await.is_empty(), "the old owner's mailbox is not the new owner's");

    let mut shell = world.dialogue(Purpose::Status, "alice", 2001);
    assert!(shell.ends().await.1.contains("Nothing is registered"));
    let mut alice = world.signs_in("alice");
    alice.answers("(Enter for not now)", "1").await;
    world.types_email(&mut alice, "new@example.org").await;
    alice.answers("Ten recovery codes", "").await;
    assert_eq!(alice.ends().await, LET_IN);
    assert_eq!(world.registered("alice").await, ["new@example.org"]);
    assert!(world.mailbox().await.is_empty(), "nobody is told of another's account");

    let mut session = world.agent.store.session().await.unwrap();
    for (table, rows) in [("authenticator", 0), ("contact", 1), ("recovery_code", 10), ("invitation", 0)] {
        let count: i64 = sql::query_scalar(sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}")))
            .fetch_one(session.connection())
            .await
            .unwrap();
        assert_eq!(count, rows, "{table}");
    }
    let language: Option<String> =
        sql::query_scalar("SELECT language FROM registration").fetch_one(session.connection()).await.unwrap();
    assert_eq!(language, None);
    assert!(!session.progress(Name::local("alice"), Id::from(2001), &[]).await.unwrap().exempt);
}

#[tokio::test]
async fn an_account_that_came_back_with_name_and_uid_inherits_nothing_of_one_that_was_gone_for_a_day() {
    let world = World::new().await;
    everything_of_alice(&world).await;
    world.register("bob", &email("bob@example.org")).await;
    world.helpdesk_code("alice").await;
    let alice = world.accounts().states.remove("alice").unwrap();
    // Where nobody can be seen at all, nobody is taken to be gone.
    let everybody = std::mem::take(&mut world.accounts().states);
    crate::housekeeping::forget_gone(&world.agent).await.unwrap();
    assert_eq!(world.registered("alice").await.len(), 2);
    world.accounts().states = everybody;

    crate::housekeeping::forget_gone(&world.agent).await.unwrap();
    world.accounts().states.insert("alice".into(), alice);
    let mut session = world.agent.store.session().await.unwrap();
    for table in ["authenticator", "contact", "recovery_code", "invitation", "exemption", "helpdesk_code"] {
        let left: Vec<String> = sql::query_scalar(sqlx::AssertSqlSafe(format!("SELECT name FROM {table}")))
            .fetch_all(session.connection())
            .await
            .unwrap();
        assert!(!left.contains(&"alice".to_owned()), "{table}");
    }
    drop(session);
    assert_eq!(world.registered("bob").await, ["bob@example.org"]);
}

#[tokio::test]
async fn a_renamed_account_and_one_that_got_a_used_uid_inherit_nothing() {
    let world = World::with(REQUIRED).await;
    everything_of_alice(&world).await;
    // alice, 1001, is called alice.lee now; then she is gone, and eve gets the uid.
    for name in ["alice.lee", "eve"] {
        world.accounts().states.remove("alice");
        world.account(name, 1001, Verdict::Eligible);
        world.signs_in(name).answers("can't be put off", "").await;
        let mut shell = world.dialogue(Purpose::Status, name, 1001);
        assert!(shell.ends().await.1.contains("Nothing is registered"), "{name}");
        world.forgets(name).types(&["e"]).await;
        assert!(world.mailbox().await.is_empty(), "{name}");
    }
    // The name that is free now is nobody's.
    world.forgets("alice").types(&["e"]).await;
    assert!(world.mailbox().await.is_empty());
}
