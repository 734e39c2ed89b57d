//! Registration at sign-in: which users are asked, how often, and what never blocks a sign-in.

use sspr_config::dialogue::{Purpose, Standing};

use super::world::{World, email, phone};
use crate::credential::Verdict;

const DAY: i64 = 86_400;
const HOUR: i64 = 3600;

const LET_IN: (Standing, String) = (Standing::Finished, String::new());

#[tokio::test]
async fn alice_registers_her_email_and_is_not_asked_again() {
    let world = World::new().await;
    let mut alice = world.signs_in("alice");
    alice.answers("1, 2 or 3", "1").await;
    alice.answers("Which email address", "a@b").await;
    alice.answers("full domain", "Alice@Example.org").await;
    alice.answers("It goes to Alice@example.org", "").await;
    alice.answers("1, 2 or 3", "").await;
    alice.ends().await;
    world.the_code().await;
    // She went back: a day later she is asked again, and the old code has expired.
    world.later(DAY + 1);
    let mut alice = world.signs_in("alice");
    alice.answers("1, 2 or 3", "1").await;
    alice.answers("Which email address", "alice@example.org").await;
    alice.answers("on its way", "999 999").await;
    let code = world.the_code().await;
    alice.answers("tries are left", &code).await;
    alice.answers("Done", "").await;
    assert_eq!(alice.ends().await, LET_IN);
    assert_eq!(world.registered("alice").await, ["alice@example.org"]);
    world.accounts().looked_at = 0;
    assert_eq!(world.signs_in("alice").ends().await, LET_IN);
    assert_eq!(world.signs_in("alice").ends().await, LET_IN);
    assert_eq!(world.accounts().looked_at, 0, "who has enough is not looked at again today");
}

#[tokio::test]
async fn several_are_chosen_at_once_and_a_dropped_connection_goes_on_where_it_was() {
    let world = World::new().await;
    let mut carol = world.signs_in("carol");
    carol.answers("such as: 1 2", "1 2").await;
    carol.answers("Which email", "carol@example.org").await;
    carol.hangs_up().await;
    let code = world.the_code().await;
    let mut carol = world.signs_in("carol");
    carol.answers("that went to carol@example.org", &code).await;
    carol.answers("Done", "").await;
    carol.ends().await;
    assert_eq!(world.registered("carol").await, ["carol@example.org"]);

    for typed in ["1 2", "2,1", "email phone", "e+p"] {
        let world = World::new().await;
        let mut dave = world.signs_in("dave");
        dave.answers("1, 2 or 3", typed).await;
        world.types_email(&mut dave, "dave@example.org").await;
        dave.answers("Which number", "090-1234-5678").await;
        dave.answers("It goes to +819012345678", "xxxxxx").await;
        let code = world.the_code().await;
        dave.answers("6 digits", &code).await;
        dave.answers("Done", "").await;
        assert_eq!(dave.ends().await.0, Standing::Finished);
        assert_eq!(world.registered("dave").await, ["dave@example.org", "+819012345678"]);
    }
}

#[tokio::test]
async fn what_is_not_in_the_menu_is_asked_for_again_and_only_what_is_set_is_offered() {
    let world = World::with("[register]\nmethods = [\"phone\", \"app\"]\n").await;
    // Five such answers would not be a person's.
    for wrong in [["3", "0", "e"], ["1 3", "both", "-1"], ["99999999999999999999999", "٣", "y"]] {
        let mut alice = world.signs_in("alice");
        for wrong in wrong {
            let screen = alice.reads("1 or 2 (Enter", wrong).await;
            assert!(!screen.contains("email"), "{screen}");
        }
        alice.answers("one of the answers shown", "2").await;
        alice.answers("authenticator app", "").await;
        alice.answers("1 or 2 (Enter", "").await;
        alice.ends().await;
        world.later(DAY);
    }
    let world = World::with("[register]\nmethods = [\"email\"]\n[recover]\nadmin_methods_required = 1\n").await;
    let mut alice = world.signs_in("alice");
    alice.answers("Register now?", "y").await;
    alice.answers("Which email", "").await;
}

#[tokio::test]
async fn not_now_is_asked_again_when_it_is_time_and_not_sooner() {
    let world = World::new().await;
    let mut dave = world.signs_in("dave");
    dave.answers("not now", "").await;
    assert_eq!(dave.ends().await, LET_IN);
    world.later(DAY - 1);
    assert_eq!(world.signs_in("dave").ends().await, LET_IN);
    world.later(1);
    let mut dave = world.signs_in("dave");
    dave.answers("not now", "later").await;
    dave.ends().await;
    // Optional: it can always be put off.
    world.later(15 * DAY);
    let mut dave = world.signs_in("dave");
    dave.answers("not now", "").await;
    assert_eq!(dave.ends().await.0, Standing::Finished);
    assert!(!dave.bound);
    assert_eq!(world.signs_in("dave").ends().await, LET_IN);

    let world = World::with("[register]\nask_every = \"3d\"\n").await;
    let mut dave = world.signs_in("dave");
    dave.answers("not now", "").await;
    dave.ends().await;
    world.later(3 * DAY - 1);
    assert_eq!(world.signs_in("dave").ends().await, LET_IN);
    world.later(1);
    world.signs_in("dave").answers("not now", "").await;
}

#[tokio::test]
async fn when_the_number_is_raised_people_are_asked_for_just_what_is_missing() {
    let world = World::new().await;
    world.accounts().states.get_mut("carol").unwrap().admin = true;
    for name in ["alice", "carol"] {
        world.register(name, &email(&format!("{name}@example.org"))).await;
        assert_eq!(world.registered(name).await.len(), 1);
    }
    assert_eq!(world.signs_in("alice").ends().await, LET_IN);
    let mut carol = world.signs_in("carol");
    world.proves_by_email(&mut carol).await;
    let screen = carol.reads("needs one more way", "1").await;
    assert!(!screen.contains("email"), "{screen}");
    carol.answers("Which number", "").await;
    carol.answers("needs one more way", "").await;
    assert_eq!(carol.ends().await, LET_IN);

    let stricter = world.set("[recover]\nmethods_required = 2\n");
    let mut alice = stricter.signs_in("alice");
    world.proves_by_email(&mut alice).await;
    let screen = alice.reads("needs one more way", "1").await;
    assert!(!screen.contains("email"), "{screen}");
    alice.answers("Which number", "+819012345678").await;
    alice.answers("on its way", "xxxxxx").await;
    let sent = world.mailbox().await;
    assert_eq!(sent[0].0, "+819012345678");
    alice.answers("6 digits", &sent[0].1).await;
    alice.answers("Done", "").await;
    assert_eq!(alice.ends().await, LET_IN);
    assert_eq!(world.mailbox().await, [("alice@example.org".into(), "added phone".into())]);
    assert_eq!(stricter.signs_in("alice").ends().await, LET_IN);
}

#[tokio::test]
async fn the_password_alone_adds_nothing_to_what_is_registered_and_whoever_lost_the_mailbox_gets_in() {
    let required = "[register]\nmode = \"required\"\nskip_days = 0\n";
    for mode in ["", required] {
        let settings = format!("{mode}[recover]\nmethods_required = 2\n[helpdesk]\ntext = \"Call 4711.\"\n");
        let world = World::with(&settings).await;
        world.register("alice", &email("alice@example.org")).await;
        world.import("alice", &phone("+819012345678"), false).await;
        let mut thief = world.signs_in("alice");
        thief.answers("How do you want", "e").await;
        thief.answers("on its way", "999999").await;
        thief.answers("tries are left", "").await;
        assert!(!thief.bound);
        thief.answers("Call 4711.", "").await;
        assert_eq!(thief.ends().await, LET_IN);
        let told = thief.screen.join("\n");
        assert!(!told.contains("Is it yours") && !told.contains("Ten recovery codes"), "{told}");
        assert_eq!(world.registered("alice").await.len(), 2);
        assert!(!world.dialogue(Purpose::Status, "alice", 1001).ends().await.1.contains("left: 10"));
    }
    // A registration that another person began is not continued by a user who has not proved the identity.
    let world = World::with("[recover]\nmethods_required = 2\n").await;
    let mut alice = world.signs_in("alice");
    alice.answers("needs two of these", "1 2").await;
    world.types_email(&mut alice, "alice@example.org").await;
    alice.answers("Which number", "+819012345678").await;
    alice.hangs_up().await;
    world.mailbox().await;
    let mut alice = world.signs_in("alice");
    world.proves_by_email(&mut alice).await;
    alice.answers("that went to +819012345678", "").await;
}

#[tokio::test]
async fn what_is_switched_off_counts_for_nothing_but_still_shows_who_somebody_is() {
    let world = World::new().await;
    world.register("alice", &phone("+819012345678")).await;
    world.import("alice", &phone("+819087654321"), false).await;
    let mut alice = world.signs_in("alice");
    assert!(alice.reads("Is it yours?", "").await.contains("21"));
    alice.ends().await;
    let world = world.set("[register]\nmethods = [\"email\"]\n[recover]\nadmin_methods_required = 1\n");
    world.later(30 * DAY);
    let mut thief = world.signs_in("alice");
    thief.answers("How do you want", "").await;
    thief.answers("Nothing was changed", "").await;
    assert_eq!(thief.ends().await, LET_IN);
    world.later(DAY);
    let mut alice = world.signs_in("alice");
    alice.answers("or type your phone number", "090-1234-5678").await;
    alice.answers("on its way", "xxxxxx").await;
    let code = world.the_code().await;
    alice.answers("6 digits", &code).await;
    alice.answers("Register now?", "y").await;
    world.types_email(&mut alice, "alice@example.org").await;
    alice.answers("Done", "").await;
    assert_eq!(alice.ends().await, LET_IN);
    assert_eq!(world.signs_in("alice").ends().await, LET_IN, "nothing is asked about what is switched off");
}

#[tokio::test]
async fn whoever_breaks_off_is_not_asked_at_every_sign_in_but_a_code_that_was_sent_is_asked_for() {
    let world = World::new().await;
    world.at_console("dave").hangs_up().await;
    assert_eq!(world.signs_in("dave").ends().await, LET_IN);
    world.later(DAY);
    let mut dave = world.signs_in("dave");
    dave.answers("1, 2 or 3", "1").await;
    dave.answers("Which email", "dave@example.org").await;
    dave.hangs_up().await;
    world.signs_in("dave").answers("that went to dave@example.org", "").await;
}

#[tokio::test]
async fn what_somebody_began_elsewhere_is_not_offered_to_the_owner_as_hers() {
    let world = World::new().await;
    let mut thief = world.dialogue_from(Purpose::Register, "dave", 0, "203.0.113.7");
    thief.answers("1, 2 or 3", "1").await;
    thief.answers("Which email", "dave@example.net").await;
    thief.hangs_up().await;
    let code = world.the_code().await;
    let mut dave = world.signs_in("dave");
    dave.answers("1, 2 or 3", "1").await;
    dave.answers("Which email", "dave@example.org").await;
    dave.answers("It goes to dave@example.org", &code).await;
    dave.answers("tries are left", "").await;
    dave.answers("1, 2 or 3", "").await;
    assert!(world.registered("dave").await.is_empty());
}

#[tokio::test]
async fn nobody_is_asked_who_is_not_served() {
    let world = World::with("[register]\nmode = \"off\"\n").await;
    assert_eq!(world.signs_in("alice").ends().await, LET_IN);
    assert_eq!(world.accounts().looked_at, 0, "no question to the helper");
    let world = World::new().await;
    world.account("outside", 1010, Verdict::OutOfScope);
    world.account("root", 0, Verdict::System);
    for name in ["outside", "root", "nobody-of-that-name"] {
        assert_eq!(world.signs_in(name).ends().await, LET_IN, "{name}");
    }
}

#[tokio::test]
async fn a_person_who_can_be_asked_is_asked_within_a_day_of_becoming_an_administrator() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    assert_eq!(world.signs_in("alice").ends().await, LET_IN);
    world.accounts().states.get_mut("alice").unwrap().admin = true;
    world.later(24 * HOUR);
    let mut alice = world.signs_in("alice");
    world.proves_by_email(&mut alice).await;
    alice.answers("needs one more way", "").await;
}

#[tokio::test]
async fn the_module_is_told_until_when_it_need_not_ask_and_no_longer_than_nothing_comes_due() {
    let run = tempfile::tempdir().unwrap();
    let directory = run.path().join("sspr/settled");
    let world = World::with("[register]\nmode = \"required\"\nskip_days = 2\nask_every = \"30h\"\n").await;
    let world = world.noting(&directory);
    let until = |name: &str, uid: u32| {
        let holds = |time: i64| sspr_config::settled::holds(&directory, name, uid, time);
        (0..=60 * HOUR).step_by(1800).take_while(|after| holds(world.agent.now() + after)).last().unwrap_or(0)
    };
    // Put off: not asked again for 30 hours, of which a note may hold 24.
    let mut dave = world.signs_in("dave");
    dave.answers("not now", "").await;
    dave.ends().await;
    assert_eq!(until("dave", 1004), 0, "not noted before somebody asked in vain");
    assert_eq!(world.signs_in("dave").ends().await, LET_IN);
    assert!((23 * HOUR..=24 * HOUR).contains(&until("dave", 1004)));
    // Put off again, and in 18 hours it can't be put off any more.
    world.later(30 * HOUR);
    let mut dave = world.signs_in("dave");
    dave.answers("not now", "").await;
    dave.ends().await;
    assert_eq!(world.signs_in("dave").ends().await, LET_IN);
    assert!((17 * HOUR..=18 * HOUR).contains(&until("dave", 1004)));
    // Registered, and due for a review in an hour.
    world.register("alice", &email("alice@example.org")).await;
    world.later(180 * DAY - HOUR);
    assert_eq!(world.signs_in("alice").ends().await, LET_IN);
    assert!((HOUR / 2..=HOUR).contains(&until("alice", 1001)));
    let mut alice = world.dialogue(Purpose::Enroll, "alice", 1001);
    alice.answers("Current password", "the old one").await;
    assert_eq!(until("alice", 1001), 0, "whoever changes what is registered is asked about again");
}
