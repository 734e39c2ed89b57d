//! Recovery codes: shown once.

use sspr_config::dialogue::{Purpose, Standing};

use super::world::{World, email};

fn codes(screen: &str) -> Vec<String> {
    let shown = |word: &&str| word.len() == 14 && word.split('-').all(|part| part.len() == 4);
    screen.split_whitespace().filter(shown).map(str::to_owned).collect()
}

#[tokio::test]
async fn ten_are_shown_once_at_the_end_of_the_first_registration() {
    let world = World::new().await;
    let mut alice = world.signs_in("alice");
    alice.answers("1, 2 or 3", "1").await;
    world.types_email(&mut alice, "alice@example.org").await;
    let screen = alice.reads("Done, you are registered", "").await;
    let shown = codes(&screen);
    assert_eq!(shown.len(), 10, "{screen}");
    assert!(screen.lines().count() < 20 && screen.lines().all(|line| line.chars().count() <= 80), "{screen}");
    let (_, text) = world.talk(Purpose::Status, "alice", 1001).ends().await;
    assert!(text.contains("Recovery codes left: 10"), "{text}");

    let stricter = world.set("[recover]\nmethods_required = 2\n");
    let mut alice = stricter.signs_in("alice");
    world.proves_by_email(&mut alice).await;
    alice.answers("needs one more", "1").await;
    alice.answers("Which number", "+819012345678").await;
    alice.answers("on its way", "xxxxxx").await;
    let code = world.mailbox().await[0].1.clone();
    alice.answers("6 digits", &code).await;
    let screen = alice.reads("Done", "").await;
    assert!(codes(&screen).is_empty(), "she has some: {screen}");
}

#[tokio::test]
async fn codes_that_nobody_is_known_to_have_seen_come_again() {
    let world = World::new().await;
    let mut alice = world.signs_in("alice");
    alice.answers("1, 2 or 3", "1").await;
    world.types_email(&mut alice, "alice@example.org").await;
    // The connection drops while they are shown.
    alice.hangs_up().await;
    world.later(61);
    let mut alice = world.talk(Purpose::Enroll, "alice", 1001);
    alice.answers("Current password", "the old one").await;
    world.proves_by_email(&mut alice).await;
    alice.answers("What can reset", "e").await;
    world.types_email(&mut alice, "second@example.org").await;
    alice.answers("Saved", "").await;
    let shown = codes(&alice.reads("Done", "").await);
    assert_eq!(shown.len(), 10);
    alice.ends().await;
    let mut session = world.doors.store.session().await;
    let mut tx = session.begin().await.unwrap();
    assert!(crate::store::recovery_codes::any_seen(&mut tx, "alice").await.unwrap());
    for code in &shown {
        let code = crate::recovery_codes::tidy(code).unwrap();
        let found = crate::store::recovery_codes::find(&mut tx, &world.doors.keys, "alice", &code).await.unwrap();
        assert!(found.is_some());
    }
}

#[tokio::test]
async fn new_ones_take_the_place_of_the_old_and_the_contacts_are_told() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    let mut seen = Vec::new();
    for _ in 0..2 {
        let mut alice = world.talk(Purpose::Codes, "alice", 1001);
        alice.answers("Current password", "the old one").await;
        alice.answers("How do you want", "e").await;
        alice.answers("on its way", "xxxxxx").await;
        let code = world.the_code().await;
        alice.answers("6 digits", &code).await;
        let shown = codes(&alice.reads("Ten recovery codes", "").await);
        assert_eq!(shown.len(), 10);
        assert!(shown.iter().all(|code| !seen.contains(code)));
        seen.extend(shown);
        assert_eq!(alice.ends().await, (Standing::Finished, String::new()));
        assert_eq!(world.mailbox().await, [("alice@example.org".into(), "new codes".into())]);
        world.later(61);
    }
    let mut session = world.doors.store.session().await;
    let mut tx = session.begin().await.unwrap();
    for (at, code) in seen.iter().enumerate() {
        let code = crate::recovery_codes::tidy(code).unwrap();
        let found = crate::store::recovery_codes::find(&mut tx, &world.doors.keys, "alice", &code).await.unwrap();
        assert_eq!(found.is_some(), at >= 10, "the first ten are dead");
    }
}

#[tokio::test]
async fn there_are_none_for_whoever_is_not_registered_nor_where_they_are_switched_off() {
    let world = World::new().await;
    let mut alice = world.talk(Purpose::Codes, "alice", 1001);
    alice.answers("Current password", "the old one").await;
    assert!(alice.ends().await.1.contains("Nothing is registered"));

    let world = World::with("[recover]\nrecovery_codes = false\n").await;
    let mut alice = world.signs_in("alice");
    alice.answers("1, 2 or 3", "1").await;
    world.types_email(&mut alice, "alice@example.org").await;
    let screen = alice.reads("Done", "").await;
    assert!(codes(&screen).is_empty(), "{screen}");
    let (standing, text) = world.talk(Purpose::Codes, "alice", 1001).ends().await;
    assert_eq!(standing, Standing::Refused);
    assert!(text.contains("not in use"), "{text}");
    assert!(!world.talk(Purpose::Status, "alice", 1001).ends().await.1.contains("codes"));
}
