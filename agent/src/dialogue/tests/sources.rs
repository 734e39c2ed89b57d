//! Where a user sits: what is counted by it, and what it shows of others.

use std::time::Duration;

use sspr_config::dialogue::{Purpose, Standing};
use tokio::time::Instant;

use super::world::{Person, World, email};
use crate::{audit_writer, store::sql};

const STRANGER: &str = "203.0.113.9";

async fn alice() -> World {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    world
}

fn stranger(world: &World) -> Person {
    world.dialogue_from(Purpose::Recover, "alice", 0, STRANGER)
}

/// Reasons of the records of an event.
async fn recorded(world: &World, event: &str) -> Vec<String> {
    audit_writer::drain(&world.agent).await.unwrap();
    let rows: Vec<(String, String)> = sql::query_as("SELECT event, reason FROM audit ORDER BY id")
        .fetch_all(world.agent.store.session().await.unwrap().connection())
        .await
        .unwrap();
    rows.into_iter().filter(|row| row.0 == event).map(|row| row.1).collect()
}

#[tokio::test]
async fn a_reset_counts_as_begun_at_its_first_answer_that_is_not_empty_and_a_refusal_is_recorded_once_an_hour() {
    let world = alice().await;
    // As a program does at every prompt whose key was refused.
    for _ in 0..60 {
        let mut program = stranger(&world);
        program.answers("How do you want", "").await;
        program.ends().await;
    }
    for n in 0..20 {
        let mut person = world.dialogue_from(Purpose::Recover, &format!("name{n}"), 0, STRANGER);
        person.answers("How do you want", "yy").await;
        person.answers("How do you want", "").await;
        person.ends().await;
    }
    for _ in 0..5 {
        assert!(stranger(&world).ends().await.1.contains("Too many tries"));
    }
    assert_eq!(recorded(&world, "Self-service refused").await, ["too many tries from this source"]);
    world.later(3601);
    let mut open = Vec::new();
    for _ in 0..25 {
        let mut person = stranger(&world);
        person.step().await.unwrap();
        open.push(person);
    }
    // Begun before the limit was reached, and answered beyond it.
    let mut turned_away = 0;
    for mut person in open {
        person.says(b"yy").await;
        let step = person.step().await.unwrap();
        turned_away += usize::from(step.text.contains("Too many tries"));
        if Standing::from_wire(step.standing) == Some(Standing::Asking) {
            person.leaves().await;
        }
    }
    assert_eq!(turned_away, 5);
    assert_eq!(recorded(&world, "Self-service refused").await.len(), 2);
}

/// What a stranger sees who tries a wrong code before and after another user was here, who recovers or does nothing.
async fn seen_by_a_stranger(registered: bool) -> Vec<String> {
    let world = if registered { alice().await } else { World::new().await };
    let mut seen = Vec::new();
    let mut before = stranger(&world);
    before.answers("How do you want", "e").await;
    before.answers("on its way", "000000").await;
    before.step().await;
    seen.append(&mut before.screen);
    before.leaves().await;
    world.later(61);
    world.mailbox().await;
    let mut other = world.forgets("alice");
    other.answers("before", "other").await;
    other.answers("How do you want", "e").await;
    other.answers("on its way", "999999").await;
    if registered {
        let code = world.the_code().await;
        other.answers("not right", &code).await;
        other.answers("New password", "plover tundra biscuit").await;
        other.answers("Type it again", "plover tundra biscuit").await;
        assert_eq!(other.ends().await.0, Standing::Recovered);
    } else {
        other.answers("not right", "").await;
        other.ends().await;
    }
    // The code that was asked for is open until it is too old, and the tries that were used up stay so.
    for wait in [0, 61, 600] {
        world.later(wait);
        let mut after = stranger(&world);
        after.types(&["111111", "other", "e", ""]).await;
        seen.append(&mut after.screen);
    }
    for _ in 0..3 {
        let mut after = stranger(&world);
        after.types(&["app", "222222", "222222", "222222", "222222", "222222"]).await;
        seen.append(&mut after.screen);
        world.later(86_400);
    }
    seen
}

#[tokio::test]
async fn what_a_stranger_has_used_up_and_sent_does_not_tell_that_the_owner_recovered_meanwhile() {
    let (recovered, nobody) = (seen_by_a_stranger(true).await, seen_by_a_stranger(false).await);
    assert!(recovered.iter().any(|line| line.contains("before")), "{recovered:#?}");
    assert!(recovered.iter().any(|line| line.contains("suspended")), "{recovered:#?}");
    assert_eq!(recovered, nobody);
}

#[tokio::test]
async fn once_the_owner_has_recovered_an_old_code_is_good_nowhere_and_is_not_asked_for_where_the_owner_sits() {
    let world = alice().await;
    let mut hers = world.forgets("alice");
    hers.answers("How do you want", "e").await;
    hers.answers("on its way", "999999").await;
    let code = world.the_code().await;
    hers.answers("not right", &code).await;
    hers.answers("New password", "plover tundra biscuit").await;
    hers.answers("Type it again", "plover tundra biscuit").await;
    assert_eq!(hers.ends().await.0, Standing::Recovered);
    let mut thief = stranger(&world);
    thief.types(&[&code, &code, ""]).await;
    assert!(thief.screen.iter().all(|line| !line.contains("New password")), "{:?}", thief.screen);
    world.forgets("alice").answers("How do you want", "").await;
}

#[tokio::test]
async fn after_a_reset_no_earlier_code_looks_open_at_that_place_whatever_was_typed_and_wherever_a_reset_was_before() {
    for nonsense in [None, Some("090-0000-0000"), Some("nobody@nowhere")] {
        let world = alice().await;
        for (seat, place) in [("login", "tty1"), ("sshd", "203.0.113.1")] {
            let sits = || world.dialogue_at(seat, Purpose::Recover, "alice", 0, place);
            let mut hers = sits();
            if seat == "sshd" {
                // What succeeded elsewhere looks open here.
                hers.answers("is still good", "other").await;
            }
            if let Some(nonsense) = nonsense {
                hers.answers("How do you want", nonsense).await;
                hers.answers("If that is registered", "other").await;
            }
            world.proves_by_email(&mut hers).await;
            let new = format!("plover tundra biscuit {seat}");
            hers.answers("New password", &new).await;
            hers.answers("Type it again", &new).await;
            assert_eq!(hers.ends().await.0, Standing::Recovered, "{nonsense:?} at {place}");
            world.mailbox().await;
            sits().answers("How do you want", "").await;
            world.later(61);
        }
    }
}

#[tokio::test]
async fn a_source_that_guesses_is_told_to_administrators_once_a_day_however_many_there_are() {
    let settings = "[limits]\nfailed_proofs_per_hour = 8\n[notify]\nadmins = [\"root@example.org\"]\n";
    let world = World::with(settings).await;
    for (hour, notes) in [(0, 1), (2, 0), (4, 0), (24, 1)] {
        let mut told = Vec::new();
        for n in 0..4 {
            let mut guesser =
                world.dialogue_from(Purpose::Recover, &format!("h{hour}n{n}"), 0, &format!("203.0.113.{hour}"));
            guesser.types(&["app", "000000", ""]).await;
        }
        let deadline = Instant::now() + Duration::from_secs(10);
        while told.len() < notes && Instant::now() < deadline {
            tokio::task::yield_now().await;
            told.extend(world.mailbox().await);
        }
        assert_eq!(told, vec![("root@example.org".to_owned(), "FailuresAtSource".to_owned()); notes], "{hour}");
        world.later(if hour == 4 { 20 * 3600 } else { 2 * 3600 });
    }
    assert_eq!(recorded(&world, "Many self-service codes wrong").await.len(), 4);
}

#[tokio::test]
async fn a_burst_of_wrong_codes_over_all_names_slows_answers_down_alike_and_an_administrator_is_told_once_an_hour() {
    let settings = "[limits]\nfailed_proofs_per_hour = 6\n[notify]\nadmins = [\"root@example.org\"]\n";
    let world = World::with(settings).await;
    world.register("alice", &email("alice@example.org")).await;
    let mut told = Vec::new();
    for n in 0..12 {
        let name = if n == 3 { "alice".to_owned() } else { format!("name{n}") };
        let mut guesser = world.dialogue_from(Purpose::Recover, &name, 0, &format!("203.0.113.{n}"));
        guesser.types(&["app", "000000", ""]).await;
        told.extend(world.mailbox().await);
        assert!(n > 5 || told.is_empty(), "{n}: {told:?}");
    }
    // It is put in the outbox behind the back of the user who types.
    let deadline = Instant::now() + Duration::from_secs(10);
    while told.is_empty() && Instant::now() < deadline {
        tokio::task::yield_now().await;
        told.extend(world.mailbox().await);
    }
    assert_eq!(told, [("root@example.org".to_owned(), "ManyFailures".to_owned())]);
    assert_eq!(recorded(&world, "Many self-service codes wrong").await.len(), 1);
    // The beat on which an answer is followed by the next question; later by what the machine takes to come to it.
    let beat_of = async |name: &str| {
        let mut person = world.forgets(name);
        person.step().await;
        let asked = Instant::now();
        person.says(b"app").await;
        person.step().await;
        world.awaited() - asked
    };
    for name in ["alice", "name1", "nobody-of-that-name"] {
        let beat = beat_of(name).await;
        assert!(beat >= Duration::from_secs(1), "{name} {beat:?}");
    }
    world.later(3601);
    // The quickest of some.
    let mut beats = Vec::new();
    for n in 0..10 {
        beats.push(beat_of(&format!("name{n}")).await);
    }
    assert!(beats.iter().min().unwrap() < &Duration::from_secs(1), "{beats:?}");
}

#[tokio::test]
async fn where_contacts_are_shown_seeing_them_counts_as_a_beginning() {
    let world = World::with("[recover]\ndisclose = \"masked\"\n[limits]\nstarts_per_hour = 3\n").await;
    world.register("alice", &email("alice@example.org")).await;
    for _ in 0..3 {
        stranger(&world).hangs_up().await;
    }
    assert!(stranger(&world).ends().await.1.contains("Too many tries"));
}
