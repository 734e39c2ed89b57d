//! Changes to the registration from a shell: adding, removing, preferring.

use sspr_config::dialogue::{Purpose, Standing};

use super::world::{Person, World, email, phone};
use crate::{credential::Verdict, store::sql};

/// alice proves her identity: the password, and a code to her registered address.
async fn alice_at(world: &World, purpose: Purpose) -> Person {
    let mut alice = world.dialogue(purpose, "alice", 1001);
    alice.answers("Current password", "the old one").await;
    alice.answers("How do you want", "e").await;
    alice.answers("on its way", "xxxxxx").await;
    let mail = world.mailbox().await;
    assert_eq!(mail.len(), 1, "{mail:?}");
    alice.answers("6 digits", &mail[0].1).await;
    alice
}

#[tokio::test]
async fn an_address_takes_anothers_place_and_the_old_one_is_told_of_each_step() {
    let world = World::new().await;
    world.register("alice", &email("old@example.org")).await;
    let mut alice = world.dialogue(Purpose::Enroll, "alice", 1001);
    alice.answers("Current password", "wrong").await;
    assert_eq!(alice.ends().await.0, Standing::Refused);
    let mut alice = alice_at(&world, Purpose::Enroll).await;
    let screen = alice.reads("o***@e***.org", "2").await;
    assert!(!screen.contains("old@") && screen.contains("2  add an email address"), "{screen}");
    world.types_email(&mut alice, "new@example.org").await;
    let screen = alice.reads("Saved.", "2").await;
    assert!(screen.contains("1  email  o***@e***.org  (used first)"), "{screen}");
    assert!(!screen.contains("add an email address"), "two are the most: {screen}");
    alice.answers("use it before the other", "2").await;
    alice.answers("2  email  n***@e***.org  (used first)", "1").await;
    alice.answers("1  remove it", "1").await;
    let screen = alice.reads("Saved.", "").await;
    assert!(screen.contains("1  email  n***@e***.org|") || screen.contains("1  email  n***@e***.org\n"), "{screen}");
    alice.answers("Ten recovery codes", "").await;
    assert_eq!(alice.ends().await.0, Standing::Finished);
    assert_eq!(world.registered("alice").await, ["new@example.org"]);
    let notes: Vec<(String, String)> = world.mailbox().await;
    let told = |to: &str, what: &str| notes.contains(&(to.to_owned(), what.to_owned()));
    assert!(told("old@example.org", "added email"), "{notes:?}");
    assert!(told("old@example.org", "preferred email") && told("new@example.org", "preferred email"), "{notes:?}");
    assert!(told("old@example.org", "removed email"), "{notes:?}");
}

#[tokio::test]
async fn the_preferred_one_gets_the_code() {
    let world = World::new().await;
    world.register("alice", &email("one@example.org")).await;
    world.register("alice", &email("two@example.org")).await;
    let mut alice = alice_at(&world, Purpose::Enroll).await;
    alice.answers("1  email  o***@e***.org  (used first)", "2").await;
    alice.answers("1 or 2 (Enter to go back)", "2").await;
    alice.answers("2  email  t***@e***.org  (used first)", "").await;
    alice.answers("Ten recovery codes", "").await;
    alice.ends().await;
    world.mailbox().await;
    world.later(61);
    world.forgets("alice").types(&["e"]).await;
    assert_eq!(world.mailbox().await[0].0, "two@example.org");
}

#[tokio::test]
async fn nothing_is_changed_without_the_password_and_a_code_to_what_is_registered() {
    for purpose in [Purpose::Enroll, Purpose::Remove, Purpose::Codes] {
        let world = World::with("[helpdesk]\ntext = \"Call 4711.\"\n").await;
        world.register("alice", &email("alice@example.org")).await;
        let mut thief = world.dialogue(purpose, "alice", 1001);
        thief.answers("Current password", "guess").await;
        assert_eq!(thief.ends().await.0, Standing::Refused);
        let mut thief = world.dialogue(purpose, "alice", 1001);
        thief.answers("Current password", "the old one").await;
        thief.answers("", "").await;
        let (standing, text) = thief.ends().await;
        assert_eq!(standing, Standing::Refused);
        assert!(text.contains("ask the help desk") && text.ends_with("Call 4711."), "{text}");
        assert_eq!(world.registered("alice").await, ["alice@example.org"]);
        assert!(world.mailbox().await.is_empty());
    }
}

#[tokio::test]
async fn an_administrator_changes_nothing_with_one_proof_where_two_are_registered() {
    for purpose in [Purpose::Enroll, Purpose::Remove, Purpose::Codes] {
        let world = World::new().await;
        world.accounts().states.get_mut("alice").unwrap().admin = true;
        world.register("alice", &email("alice@example.org")).await;
        world.register("alice", &phone("+819012345678")).await;
        let mut thief = alice_at(&world, purpose).await;
        thief.answers("one more, another way", "").await;
        assert_eq!(thief.ends().await.0, Standing::Refused);
        assert_eq!(world.registered("alice").await.len(), 2);
    }
}

#[tokio::test]
async fn a_dialogue_that_was_begun_before_somebody_else_registered_saves_nothing() {
    let world = World::new().await;
    let mut thief = world.dialogue(Purpose::Enroll, "alice", 1001);
    thief.answers("Current password", "the old one").await;
    thief.answers("Nothing is registered yet", "1").await;
    thief.answers("Which email", "thief@example.net").await;
    thief.answers("on its way", "xxxxxx").await;
    let code = world.the_code().await;
    world.register("alice", &email("alice@example.org")).await;
    thief.answers("6 digits", &code).await;
    thief.answers("was changed in the meantime", "").await;
    assert_eq!(thief.ends().await.0, Standing::Refused);
    assert_eq!(world.registered("alice").await, ["alice@example.org"]);
}

#[tokio::test]
async fn the_last_way_can_not_go_by_itself() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    let mut alice = alice_at(&world, Purpose::Enroll).await;
    alice.answers("What can let you in", "1").await;
    alice.answers("1 (Enter to go back)", "2").await;
    alice.answers("one of the answers shown", "1").await;
    alice.answers("sspr remove", "").await;
    assert_eq!(alice.ends().await.0, Standing::Refused);
    assert_eq!(world.registered("alice").await.len(), 1);
}

#[tokio::test]
async fn removing_all_takes_the_word_tells_the_old_ones_and_the_person_is_asked_again_as_set() {
    let world = World::with("[register]\nmode = \"required\"\nskip_days = 14\n").await;
    world.register("alice", &email("alice@example.org")).await;
    world.later(20 * 86_400);
    let mut alice = alice_at(&world, Purpose::Remove).await;
    alice.answers("a***@e***.org", "yes").await;
    assert_eq!(alice.ends().await.0, Standing::Refused);
    world.later(61);
    let mut alice = alice_at(&world, Purpose::Remove).await;
    alice.answers("Type remove", "remove").await;
    assert_eq!(alice.ends().await.0, Standing::Finished);
    assert!(world.registered("alice").await.is_empty());
    assert_eq!(world.mailbox().await, [("alice@example.org".into(), "removed everything".into())]);
    // Removing is not a way to put off again what is required.
    world.signs_in("alice").answers("can't be put off", "").await;
    assert!(world.dialogue(Purpose::Remove, "alice", 1001).ends().await.1.contains("Nothing is registered"));
}

#[tokio::test]
async fn domains_that_are_refused_are_refused_with_their_subdomains_and_the_reason() {
    let world = World::with("[register]\nrefuse_email_domains = [\"example.org\", \"bücher.example\"]\n").await;
    let mut alice = world.signs_in("alice");
    alice.answers("1, 2 or 3", "1").await;
    alice.answers("Which email", "alice@example.org").await;
    alice.answers("An address at example.org can't be used", "alice@Mail.Example.org").await;
    alice.answers("mail.example.org can't be used", "alice@xn--bcher-kva.example").await;
    alice.answers("can't be used", "alice@example.net").await;
    alice.answers("It goes to alice@example.net", "").await;
    assert_eq!(world.mailbox().await[0].0, "alice@example.net");
}

#[tokio::test]
async fn the_same_address_is_not_registered_twice_and_of_each_kind_two_at_the_most() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    let mut alice = alice_at(&world, Purpose::Enroll).await;
    alice.answers("What can let you in", "e").await;
    alice.answers("Which email", "alice@EXAMPLE.org").await;
    alice.answers("already registered", "").await;
    alice.answers("What can let you in", "").await;
    world.register("alice", &email("two@example.org")).await;
    world.register("alice", &phone("+819012345678")).await;
    world.later(61);
    let mut alice = alice_at(&world, Purpose::Enroll).await;
    let screen = alice.reads("What can let you in", "e").await;
    assert!(!screen.contains("add an email"), "{screen}");
    alice.answers("one of the answers shown", "6").await;
    alice.answers("one of the answers shown", "5").await;
    alice.answers("authenticator app", "").await;
}

#[tokio::test]
async fn where_notes_are_switched_off_none_is_sent() {
    let world = World::with("[notify]\nchanges = false\n").await;
    world.register("alice", &email("alice@example.org")).await;
    let mut alice = alice_at(&world, Purpose::Enroll).await;
    alice.answers("What can let you in", "e").await;
    world.types_email(&mut alice, "two@example.org").await;
    alice.answers("Saved", "").await;
    assert!(world.mailbox().await.is_empty());
}

#[tokio::test]
async fn status_shows_all_of_it_masked() {
    let world = World::new().await;
    world.accounts().states.get_mut("alice").unwrap().admin = true;
    let mut alice = world.dialogue(Purpose::Status, "alice", 1001);
    assert!(alice.ends().await.1.contains("Run: sspr enroll"));
    world.register("alice", &email("one@example.org")).await;
    world.register("alice", &email("two@example.org")).await;
    world.import("alice", &phone("+819012345678"), false).await;
    let (standing, text) = world.dialogue(Purpose::Status, "alice", 1001).ends().await;
    assert_eq!(standing, Standing::Finished);
    for part in [
        "  email  o***@e***.org  (used first)\n",
        "  email  t***@e***.org\n",
        "  phone  +81 ** **** **78  (not confirmed yet)\n",
        "Recovery codes left: 0\n",
        "Last confirmed: 2027-01-1",
        "needs one more, of another kind",
    ] {
        assert!(text.contains(part), "{part:?} in\n{text}");
    }
    assert!(!text.contains("one@") && !text.contains("9012345678"), "{text}");
    // If nothing is confirmed, there are no others.
    world.import("bob", &email("bob@example.org"), false).await;
    let text = world.dialogue(Purpose::Status, "bob", 1002).ends().await.1;
    assert!(
        text.contains("You will be asked about what is not confirmed yet.") && !text.contains("the others"),
        "{text}"
    );
}

#[tokio::test]
async fn an_enrollment_that_was_open_while_its_account_was_locked_or_made_anew_writes_nothing() {
    for (uid, verdict) in [(1001, Verdict::Locked), (2001, Verdict::Eligible)] {
        for purpose in [Purpose::Enroll, Purpose::Remove, Purpose::Codes] {
            let world = World::new().await;
            world.register("alice", &email("old@example.org")).await;
            world.register("alice", &phone("+819012345678")).await;
            let mut alice = if purpose == Purpose::Codes {
                // Here the write follows at once after the proof.
                let mut alice = world.dialogue(purpose, "alice", 1001);
                alice.answers("Current password", "the old one").await;
                alice.answers("How do you want", "e").await;
                alice.answers("on its way", "xxxxxx").await;
                let code = world.the_code().await;
                alice.answers_while("6 digits", &code, || world.account("alice", uid, verdict)).await;
                alice
            } else {
                alice_at(&world, purpose).await
            };
            match purpose {
                Purpose::Enroll => {
                    alice.answers("o***@e***.org", "1").await;
                    alice.answers_while("1  remove it", "1", || world.account("alice", uid, verdict)).await;
                    alice.answers("Nothing was saved", "").await;
                }
                Purpose::Remove => {
                    alice.answers_while("Type remove", "remove", || world.account("alice", uid, verdict)).await;
                }
                _ => {}
            }
            assert_eq!(alice.ends().await.0, Standing::Refused, "{purpose:?}");
            assert_eq!(
                world.registered("alice").await,
                ["old@example.org", "+819012345678"],
                "{purpose:?} {verdict:?}"
            );
            let mut session = world.agent.store.session().await.unwrap();
            let codes: i64 =
                sql::query_scalar("SELECT count(*) FROM recovery_code").fetch_one(session.connection()).await.unwrap();
            assert_eq!(codes, 0, "{purpose:?} {verdict:?}");
        }
    }
}
