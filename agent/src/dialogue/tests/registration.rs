//! Registration at sign-in and from a shell.

use sspr_config::dialogue::{Purpose, Standing};

use super::world::{World, email, phone};
use crate::credential::Verdict;

const DAY: i64 = 86_400;

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
    // She went back: a day later she is asked again, and the old code is too old by then.
    world.later(DAY + 1);
    let mut alice = world.signs_in("alice");
    alice.answers("1, 2 or 3", "1").await;
    alice.answers("Which email address", "alice@example.org").await;
    alice.answers("on its way", "999 999").await;
    let code = world.the_code().await;
    alice.answers("tries are left", &code).await;
    alice.answers("Done", "").await;
    assert_eq!(alice.ends().await, (Standing::Finished, String::new()));
    assert_eq!(world.registered("alice").await, ["alice@example.org"]);
    world.accounts().looked_at = 0;
    assert_eq!(world.signs_in("alice").ends().await, (Standing::Finished, String::new()));
}

#[tokio::test]
async fn carol_registers_both_and_a_dropped_connection_goes_on_where_it_was() {
    let world = World::new().await;
    let mut carol = world.signs_in("carol");
    carol.answers("1, 2 or 3", "both").await;
    carol.answers("Which email", "carol@example.org").await;
    carol.hangs_up().await;
    let code = world.the_code().await;
    let mut carol = world.signs_in("carol");
    carol.answers("that went to carol@example.org", &code).await;
    carol.answers("Done", "").await;
    carol.ends().await;
    assert_eq!(world.registered("carol").await, ["carol@example.org"]);

    let mut dave = world.signs_in("dave");
    dave.answers("1, 2 or 3", "3").await;
    dave.answers("Which email", "dave@example.org").await;
    dave.answers("on its way", "xxxxxx").await;
    let code = world.the_code().await;
    dave.answers("6 digits", &code).await;
    dave.answers("Which number", "090-1234-5678").await;
    dave.answers("It goes to +819012345678", "xxxxxx").await;
    let code = world.the_code().await;
    dave.answers("6 digits", &code).await;
    dave.answers("Done", "").await;
    assert_eq!(dave.ends().await.0, Standing::Finished);
    assert_eq!(world.registered("dave").await, ["dave@example.org", "+819012345678"]);
}

#[tokio::test]
async fn not_now_is_asked_again_the_next_day_and_not_sooner() {
    let world = World::new().await;
    let mut dave = world.signs_in("dave");
    dave.answers("not now", "").await;
    assert_eq!(dave.ends().await, (Standing::Finished, String::new()));
    world.later(DAY - 1);
    assert_eq!(world.signs_in("dave").ends().await.0, Standing::Finished);
    world.later(1);
    let mut dave = world.signs_in("dave");
    dave.answers("not now", "later").await;
    dave.ends().await;
    // Skippable: it can always be put off.
    world.later(15 * DAY);
    let mut dave = world.signs_in("dave");
    dave.answers("not now", "").await;
    assert_eq!(dave.ends().await.0, Standing::Finished);
    assert_eq!(world.signs_in("dave").ends().await, (Standing::Finished, String::new()));
}

#[tokio::test]
async fn required_registration_can_be_put_off_for_its_days_and_then_ends_the_sign_in() {
    let world =
        World::with("[register]\nmode = \"required\"\nskip_days = 2\n[helpdesk]\ntext = \"Call 4711.\"\n").await;
    let mut dave = world.signs_in("dave");
    dave.answers("not now", "").await;
    assert_eq!(dave.ends().await.0, Standing::Finished);
    world.later(2 * DAY);
    let mut dave = world.signs_in("dave");
    dave.answers("1, 2 or 3: ", "").await;
    dave.answers("can't be put off", "").await;
    let (standing, text) = dave.ends().await;
    assert_eq!(standing, Standing::Denied);
    assert!(text.ends_with("Call 4711."), "{text}");
}

#[tokio::test]
async fn required_registration_lets_in_whoever_can_not_get_a_code() {
    let required = "[register]\nmode = \"required\"\nskip_days = 0\n";
    let world = World::with(required).await;
    let mut dave = world.signs_in("dave");
    dave.answers("1, 2 or 3: ", "1").await;
    dave.answers("Which email", "dave@example.org").await;
    // Nothing is taken out of the outbox: the mail server is down.
    dave.answers("on its way", "").await;
    dave.answers("1, 2 or 3: ", "").await;
    dave.answers("can't be put off", "").await;
    assert_eq!(dave.ends().await.0, Standing::Finished);

    // A stranger who has codes sent for dave at the password prompt uses up nothing of his.
    let world = World::with(required).await;
    for n in 0..10 {
        let mut stranger = world.talk_from(Purpose::Recover, "dave", 0, &format!("203.0.113.{n}"));
        stranger.types(&["other", &format!("090-1234-56{n}8"), ""]).await;
    }
    let mut dave = world.signs_in("dave");
    dave.answers("1, 2 or 3: ", "1").await;
    dave.answers("Which email", "dave@example.org").await;
    dave.answers("on its way", "xxxxxx").await;
    let code = world.the_code().await;
    dave.answers("6 digits", &code).await;

    // Whoever mistypes the code until it rests can go on.
    let world = World::with(required).await;
    let mut dave = world.signs_in("dave");
    dave.answers("1, 2 or 3: ", "1").await;
    dave.answers("Which email", "dave@example.org").await;
    for _ in 0..5 {
        dave.answers("Code: ", "999999").await;
    }
    dave.answers("Too many wrong codes", "").await;
    assert_eq!(dave.ends().await.0, Standing::Finished);
}

#[tokio::test]
async fn whoever_registered_enough_is_let_in_though_the_second_contact_is_given_up() {
    let world = World::with("[register]\nmode = \"required\"\nskip_days = 0\n").await;
    let mut carol = world.signs_in("carol");
    carol.answers("1, 2 or 3: ", "3").await;
    carol.answers("Which email", "carol@example.org").await;
    carol.answers("on its way", "xxxxxx").await;
    let code = world.the_code().await;
    carol.answers("A code has 6 digits", &code).await;
    carol.answers("Which number", "").await;
    carol.answers("Done", "").await;
    assert_eq!(carol.ends().await.0, Standing::Finished);
}

#[tokio::test]
async fn whoever_breaks_off_is_not_asked_at_every_sign_in_but_a_code_that_was_sent_is_asked_for() {
    let world = World::new().await;
    world.signs_in("dave").hangs_up().await;
    assert_eq!(world.signs_in("dave").ends().await, (Standing::Finished, String::new()));
    world.later(DAY);
    let mut dave = world.signs_in("dave");
    dave.answers("1, 2 or 3", "1").await;
    dave.answers("Which email", "dave@example.org").await;
    dave.hangs_up().await;
    world.signs_in("dave").answers("that went to dave@example.org", "").await;
}

#[tokio::test]
async fn a_dialogue_that_was_begun_before_somebody_else_registered_saves_nothing() {
    let world = World::new().await;
    let mut thief = world.talk(Purpose::Enroll, "alice", 1001);
    thief.answers("Current password", "the old one").await;
    thief.answers("What do you want", "1").await;
    thief.answers("Which email", "thief@example.net").await;
    thief.answers("on its way", "xxxxxx").await;
    let code = world.the_code().await;
    world.register("alice", &email("alice@example.org")).await;
    thief.answers("6 digits", &code).await;
    assert_eq!(thief.ends().await.0, Standing::Refused);
    assert_eq!(world.registered("alice").await, ["alice@example.org"]);
}

#[tokio::test]
async fn an_administrator_changes_nothing_with_one_proof_where_two_are_registered() {
    let world = World::new().await;
    world.accounts().states.get_mut("alice").unwrap().admin = true;
    world.register("alice", &email("alice@example.org")).await;
    world.register("alice", &phone("+819012345678")).await;
    let mut thief = world.talk(Purpose::Enroll, "alice", 1001);
    thief.answers("Current password", "the old one").await;
    thief.answers("How do you want", "e").await;
    thief.answers("on its way", "xxxxxx").await;
    let code = world.the_code().await;
    thief.answers("6 digits", &code).await;
    thief.answers("one more, another way", "").await;
    assert_eq!(thief.ends().await.0, Standing::Refused);
    assert_eq!(world.registered("alice").await.len(), 2);
}

#[tokio::test]
async fn nobody_is_asked_who_is_not_served() {
    for settings in ["[register]\nmode = \"off\"\n"] {
        let world = World::with(settings).await;
        assert_eq!(world.signs_in("alice").ends().await, (Standing::Finished, String::new()));
        assert_eq!(world.accounts().looked_at, 0, "no question to the helper");
    }
    let world = World::new().await;
    world.account("outside", 1010, Verdict::OutOfScope);
    world.account("root", 0, Verdict::System);
    for name in ["outside", "root", "nobody-of-that-name"] {
        assert_eq!(world.signs_in(name).ends().await, (Standing::Finished, String::new()), "{name}");
    }
}

#[tokio::test]
async fn a_reused_name_or_uid_inherits_nothing() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    world.account("alice", 2001, Verdict::Eligible);
    let mut new_alice = world.signs_in("alice");
    new_alice.answers("1, 2 or 3", "").await;
    new_alice.ends().await;
    let mut attacker = world.forgets("alice");
    attacker.answers("How do you want", "e").await;
    attacker.answers("on its way", "").await;
    assert!(world.mailbox().await.is_empty(), "the old owner's mailbox is not the new owner's");
}

#[tokio::test]
async fn enrolling_from_a_shell_takes_the_password_and_a_code_to_the_old_contact_which_is_told() {
    let world = World::new().await;
    world.register("alice", &email("old@example.org")).await;
    let mut alice = world.talk(Purpose::Enroll, "alice", 1001);
    alice.answers("Current password", "wrong").await;
    assert_eq!(alice.ends().await.0, Standing::Refused);
    let mut alice = world.talk(Purpose::Enroll, "alice", 1001);
    alice.answers("Current password", "the old one").await;
    alice.answers("How do you want", "e").await;
    alice.answers("on its way", "xxxxxx").await;
    let mail = world.mailbox().await;
    assert_eq!(mail[0].0, "old@example.org");
    alice.answers("6 digits", &mail[0].1).await;
    alice.answers("What do you want to register", "1").await;
    alice.answers("Which email", "new@example.org").await;
    alice.answers("It goes to new@example.org", "xxxxxx").await;
    let code = world.the_code().await;
    alice.answers("6 digits", &code).await;
    assert_eq!(alice.ends().await.0, Standing::Finished);
    assert_eq!(world.registered("alice").await, ["new@example.org"]);
    assert_eq!(world.mailbox().await, [("old@example.org".into(), "ContactChanged".into())]);
}
