//! Recovery codes: shown once.

use sspr_config::dialogue::{Purpose, Standing};

use super::world::{World, email};
use crate::account::Name;
use crate::store::RecoveryCodes;

const LET_IN: (Standing, String) = (Standing::Finished, String::new());

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
    let (_, text) = world.dialogue(Purpose::Status, "alice", 1001).ends().await;
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
    let mut alice = world.dialogue(Purpose::Enroll, "alice", 1001);
    alice.answers("Current password", "the old one").await;
    world.proves_by_email(&mut alice).await;
    alice.answers("What can let you in", "e").await;
    world.types_email(&mut alice, "second@example.org").await;
    alice.answers("Saved", "").await;
    let shown = codes(&alice.reads("Done", "").await);
    assert_eq!(shown.len(), 10);
    alice.ends().await;
    let mut tx = world.agent.begin().await.unwrap();
    assert!(RecoveryCodes::any_seen(&mut tx, Name::local("alice")).await.unwrap());
    for code in &shown {
        let code = crate::recovery_codes::tidy(code).unwrap();
        let found = RecoveryCodes::find(&mut tx, &world.agent.keys, Name::local("alice"), &code).await.unwrap();
        assert!(found.is_some());
    }
}

/// Registers at a sign-in from `source`; the connection drops while the codes are shown. Returns the codes.
async fn never_saw_the_codes(world: &World, source: &str) -> Vec<String> {
    let mut alice = world.dialogue_from(Purpose::Register, "alice", 0, source);
    alice.answers("1, 2 or 3", "1").await;
    world.types_email(&mut alice, "alice@example.org").await;
    alice.hangs_up().await;
    let shown = codes(alice.screen.last().unwrap());
    assert_eq!(shown.len(), 10);
    shown
}

#[tokio::test]
async fn whoever_lost_the_connection_while_they_were_shown_sees_new_ones_at_the_next_sign_in_from_there() {
    let world = World::new().await;
    let lost = never_saw_the_codes(&world, "192.0.2.1").await;
    // It drops again and again, and each time they are shown again.
    for _ in 0..2 {
        let mut alice = world.signs_in("alice");
        alice.answers("never have seen", "y").await;
        alice.hangs_up().await;
        world.later(60);
    }
    // A program from there that presses Enter has not seen them.
    let mut copy = world.signs_in("alice");
    copy.answers("never have seen", "").await;
    assert_eq!(copy.ends().await, LET_IN);
    let mut alice = world.signs_in("alice");
    alice.answers("never have seen", "y").await;
    let shown = codes(&alice.reads("Ten recovery codes", "").await);
    assert!(shown.len() == 10 && shown.iter().all(|code| !lost.contains(code)));
    assert_eq!(alice.ends().await, LET_IN);
    assert_eq!(world.signs_in("alice").ends().await, LET_IN, "now they were seen");
    world.later(601);
    let mut alice = world.forgets("alice");
    alice.answers("How do you want", "code").await;
    alice.answers("recovery code", &shown[3].replace('-', "x")).await;
    alice.answers("is not right", &shown[3]).await;
    alice.answers("New password", "").await;
}

#[tokio::test]
async fn with_the_password_alone_nobody_sees_codes_that_the_owner_never_saw() {
    let world = World::new().await;
    never_saw_the_codes(&world, "192.0.2.1").await;
    let mut thief = world.dialogue_from(Purpose::Register, "alice", 0, "203.0.113.7");
    thief.answers("you may\nnever have seen", "what?").await;
    thief.answers("one of the answers shown", "y").await;
    thief.answers("How do you want", "e").await;
    thief.answers("on its way", "999999").await;
    thief.answers("tries are left", "").await;
    thief.answers("Nothing was changed", "").await;
    assert_eq!(thief.ends().await, LET_IN);
    assert!(thief.screen.iter().all(|screen| codes(screen).is_empty()));
    // When it is too late, she is treated the same at her own place; and she is not asked at every sign-in.
    world.later(900);
    assert_eq!(world.signs_in("alice").ends().await, LET_IN);
    world.later(24 * 3600);
    let mut alice = world.signs_in("alice");
    alice.answers("never have seen", "y").await;
    world.mailbox().await;
    world.proves_by_email(&mut alice).await;
    assert_eq!(codes(&alice.reads("Ten recovery codes", "").await).len(), 10);
    assert_eq!(alice.ends().await, LET_IN);
    world.later(24 * 3600);
    assert_eq!(world.signs_in("alice").ends().await, LET_IN);
}

#[tokio::test]
async fn whoever_wants_no_new_ones_keeps_what_there_are_and_is_not_asked_again() {
    let world = World::new().await;
    let shown = never_saw_the_codes(&world, "192.0.2.1").await;
    world.later(24 * 3600);
    let mut alice = world.signs_in("alice");
    alice.answers("never have seen", "").await;
    assert_eq!(alice.ends().await, LET_IN);
    // Over SSH, Enter may come from a program.
    world.later(24 * 3600);
    assert_eq!(world.signs_in("alice").ends().await, LET_IN);
    world.later(29 * 24 * 3600);
    let mut alice = world.signs_in("alice");
    alice.answers("never have seen", "n").await;
    assert_eq!(alice.ends().await, LET_IN);
    world.later(24 * 3600);
    assert_eq!(world.signs_in("alice").ends().await, LET_IN);
    let mut alice = world.forgets("alice");
    alice.answers("How do you want", "code").await;
    alice.answers("recovery code", &shown[0]).await;
    alice.answers("New password", "").await;
    // Nor is any user asked if they are disabled.
    let world = World::new().await;
    never_saw_the_codes(&world, "192.0.2.1").await;
    let world = world.set("[recover]\nrecovery_codes = false\n");
    assert_eq!(world.signs_in("alice").ends().await, LET_IN);
}

/// Some display managers truncate a text after 127 bytes, some show only one line of it.
#[tokio::test]
async fn a_greeter_shows_none_and_they_come_in_a_shell_and_at_a_terminal_from_which_a_person_answers() {
    for at_the_desk in [Purpose::Enroll, Purpose::Register] {
        let world = World::new().await;
        let mut alice = world.dialogue_at("greetd", Purpose::Register, "alice", 0, ":0");
        alice.answers("1, 2 or 3", "1").await;
        world.types_email(&mut alice, "alice@example.org").await;
        let screen = alice.reads("Done, you are registered", "").await;
        assert!(codes(&screen).is_empty() && !screen.contains("recovery"), "{screen}");
        assert_eq!(alice.ends().await, LET_IN);
        world.later(25 * 3600);
        // Nor is the question asked there.
        assert_eq!(world.dialogue_at("greetd", Purpose::Register, "alice", 0, ":0").ends().await, LET_IN);
        let (_, hint) = world.dialogue(Purpose::Hint, "alice", 1001).ends().await;
        assert_eq!(hint, "Recovery codes are waiting for you: sspr codes");
        let mut alice = if at_the_desk == Purpose::Enroll {
            let mut alice = world.dialogue_at("sspr", Purpose::Enroll, "alice", 1001, "uid 1001");
            alice.answers("Current password", "the old one").await;
            alice
        } else {
            let mut alice = world.signs_in("alice");
            alice.answers("never have seen", "y").await;
            alice
        };
        world.proves_by_email(&mut alice).await;
        if at_the_desk == Purpose::Enroll {
            // Nothing is changed.
            alice.answers("What can let you in", "").await;
        }
        assert_eq!(codes(&alice.reads("Ten recovery codes", "").await).len(), 10);
        assert_eq!(alice.ends().await, LET_IN);
        assert_eq!(world.dialogue(Purpose::Hint, "alice", 1001).ends().await, LET_IN);
        world.later(25 * 3600);
        assert_eq!(world.signs_in("alice").ends().await, LET_IN);
    }
}

/// They may be on paper: the connection dropped after they were shown.
#[tokio::test]
async fn where_none_can_be_shown_those_that_nobody_is_known_to_have_seen_stay_good() {
    let world = World::new().await;
    let lost = never_saw_the_codes(&world, "192.0.2.1").await;
    world.later(2 * 3600);
    let stricter = world.set("[recover]\nmethods_required = 2\n");
    let mut alice = stricter.dialogue_at("greetd", Purpose::Register, "alice", 0, ":0");
    world.mailbox().await;
    world.proves_by_email(&mut alice).await;
    alice.answers("needs one more", "1").await;
    alice.answers("Which number", "+819012345678").await;
    alice.answers("on its way", "xxxxxx").await;
    let code = world.mailbox().await[0].1.clone();
    alice.answers("6 digits", &code).await;
    assert!(codes(&alice.reads("Done", "").await).is_empty());
    let mut tx = world.agent.begin().await.unwrap();
    for code in &lost {
        let code = crate::recovery_codes::tidy(code).unwrap();
        let found = RecoveryCodes::find(&mut tx, &world.agent.keys, Name::local("alice"), &code).await.unwrap();
        assert!(found.is_some());
    }
}

#[tokio::test]
async fn new_ones_take_the_place_of_the_old_and_the_contacts_are_told() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    let mut seen = Vec::new();
    for _ in 0..2 {
        let mut alice = world.dialogue(Purpose::Codes, "alice", 1001);
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
    let mut tx = world.agent.begin().await.unwrap();
    for (at, code) in seen.iter().enumerate() {
        let code = crate::recovery_codes::tidy(code).unwrap();
        let found = RecoveryCodes::find(&mut tx, &world.agent.keys, Name::local("alice"), &code).await.unwrap();
        assert_eq!(found.is_some(), at >= 10, "the first ten are dead");
    }
}

#[tokio::test]
async fn there_are_none_for_whoever_is_not_registered_nor_where_they_are_switched_off() {
    let world = World::new().await;
    // The message comes at once, as from `sspr status`, not after a password that would be useless.
    assert!(world.dialogue(Purpose::Codes, "alice", 1001).ends().await.1.contains("Nothing is registered"));

    let world = World::with("[recover]\nrecovery_codes = false\n").await;
    let mut alice = world.signs_in("alice");
    alice.answers("1, 2 or 3", "1").await;
    world.types_email(&mut alice, "alice@example.org").await;
    let screen = alice.reads("Done", "").await;
    assert!(codes(&screen).is_empty(), "{screen}");
    let (standing, text) = world.dialogue(Purpose::Codes, "alice", 1001).ends().await;
    assert_eq!(standing, Standing::Refused);
    assert!(text.contains("not in use"), "{text}");
    assert!(!world.dialogue(Purpose::Status, "alice", 1001).ends().await.1.contains("codes"));
}
