//! Many simultaneous dialogues over one store, with three connections to it, as three replicas have.

use std::sync::Arc;

use sspr_config::dialogue::{Purpose, Standing, Step};
use tokio::{sync::Barrier, task::JoinSet};

use super::world::{Person, World, email};
use crate::store::{Store, sql};

/// Alice's account, and the same store for three.
async fn alice(settings: &str) -> (tempfile::TempDir, [World; 3]) {
    let directory = tempfile::tempdir().unwrap();
    let world = World::with(settings).await;
    let worlds = Store::three_for_tests(directory.path()).await.map(|store| world.with_store(store));
    worlds[0].register("alice", &email("alice@example.org")).await;
    (directory, worlds)
}

/// Many users with the same answers, each with a different new password, who answer each question at the same time.
/// Returns the outcome of each.
async fn all_at_once(
    worlds: &[World; 3],
    people: usize,
    answers: &'static [&'static str],
    code: &str,
) -> Vec<Standing> {
    let together = Arc::new(Barrier::new(people));
    let mut all = JoinSet::new();
    for n in 0..people {
        let mut person = worlds[n % 3].dialogue_at("login", Purpose::Recover, "alice", 0, &format!("203.0.113.{n}"));
        let (together, code) = (together.clone(), code.to_owned());
        all.spawn(async move {
            let mut ended = None;
            for answer in answers {
                together.wait().await;
                if ended.is_none() {
                    ended = over(person.step().await);
                    person.says(if *answer == "CODE" { code.as_bytes() } else { answer.as_bytes() }).await;
                }
            }
            let standing = match ended {
                Some(standing) => standing,
                None => chooses(&mut person, &format!("plover tundra biscuit {n}")).await,
            };
            (n, standing)
        });
    }
    let mut ended = all.join_all().await;
    ended.sort_unstable_by_key(|(n, _)| *n);
    ended.into_iter().map(|(_, standing)| standing).collect()
}

/// How a dialogue ended, if this is its end.
fn over(step: Option<Step>) -> Option<Standing> {
    let standing = Standing::from_wire(step.expect("a step").standing).unwrap();
    (standing != Standing::Asking).then_some(standing)
}

/// Types a new password whenever it is asked for.
async fn chooses(person: &mut Person, password: &str) -> Standing {
    loop {
        let step = person.step().await;
        let wants = step.as_ref().is_some_and(|s| s.prompt.starts_with("New") || s.prompt.starts_with("Type it again"));
        if let Some(ended) = over(step) {
            return ended;
        }
        person.says(if wants { password.as_bytes() } else { b"" }).await;
    }
}

/// Exactly one recovered, and that one's password is the valid one.
#[track_caller]
fn one_won(worlds: &[World; 3], ended: &[Standing]) {
    let winners: Vec<_> = (0..ended.len()).filter(|n| ended[*n] == Standing::Recovered).collect();
    let accounts = worlds[0].accounts();
    assert_eq!((winners.len(), accounts.changes.len()), (1, 1), "{ended:?}");
    assert_eq!(accounts.passwords["alice"], format!("plover tundra biscuit {}", winners[0]));
}

#[tokio::test]
async fn of_fifty_dialogues_with_the_right_code_at_once_exactly_one_changes_the_password() {
    let (_directory, worlds) = alice("").await;
    let mut first = worlds[0].dialogue_at("login", Purpose::Recover, "alice", 0, "tty1");
    first.answers("How do you want", "e").await;
    first.hangs_up().await;
    let code = worlds[0].the_code().await;
    let ended = all_at_once(&worlds, 50, &["CODE"], &code).await;
    one_won(&worlds, &ended);
}

#[tokio::test]
async fn of_two_recoveries_with_different_new_passwords_one_holds_and_the_other_is_told_that_it_does_not() {
    for _ in 0..20 {
        let (_directory, worlds) = alice("").await;
        let mut first = worlds[0].dialogue_at("login", Purpose::Recover, "alice", 0, "tty1");
        first.answers("How do you want", "e").await;
        first.hangs_up().await;
        let code = worlds[0].the_code().await;
        one_won(&worlds, &all_at_once(&worlds, 2, &["CODE"], &code).await);
    }
}

#[tokio::test]
async fn one_recovery_code_and_one_code_of_the_help_desk_are_good_for_one_of_twenty_dialogues() {
    for helpdesk in [false, true] {
        let (_directory, worlds) = alice("").await;
        let code = if helpdesk {
            worlds[0].helpdesk_code("alice").await
        } else {
            worlds[0].recovery_codes("alice").await.remove(0)
        };
        one_won(&worlds, &all_at_once(&worlds, 20, &["code", "CODE"], &code).await);
        let late = all_at_once(&worlds, 1, &["code", "CODE"], &code).await;
        assert_eq!((late, worlds[0].accounts().changes.len()), (vec![Standing::Refused], 1));
    }
}

#[tokio::test]
async fn fifty_wrong_codes_at_once_are_five_tries() {
    let (_directory, worlds) = alice("").await;
    let mut first = worlds[0].dialogue_at("login", Purpose::Recover, "alice", 0, "tty1");
    first.answers("How do you want", "e").await;
    first.hangs_up().await;
    let code = worlds[0].the_code().await;
    let wrong = if code == "000000" { "111111" } else { "000000" };
    let ended = all_at_once(&worlds, 50, &["CODE"], wrong).await;
    assert!(ended.iter().all(|standing| *standing == Standing::Refused), "{ended:?}");
    let mut session = worlds[0].agent.store.session().await.unwrap();
    let counted: i64 = sql::query_scalar("SELECT count(*) FROM event WHERE kind = 'failure'")
        .fetch_one(session.connection())
        .await
        .unwrap();
    drop(session);
    assert_eq!(counted, 5);
    // The correct code comes too late.
    let late = all_at_once(&worlds, 1, &[], &code).await;
    assert_eq!((late, worlds[0].accounts().changes.len()), (vec![Standing::Refused], 0));
}
