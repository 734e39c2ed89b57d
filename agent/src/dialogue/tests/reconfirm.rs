//! Does what is registered still hold, and is what an administrator entered this person's?

use sspr_config::dialogue::Standing;

use super::world::{World, email, phone};
use crate::store::sql;

const DAY: i64 = 86_400;
const LET_IN: (Standing, String) = (Standing::Finished, String::new());

#[tokio::test]
async fn after_reconfirm_days_y_confirms_and_nothing_is_asked_until_then() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    world.later(180 * DAY - 1);
    assert_eq!(world.signs_in("alice").ends().await, LET_IN);
    world.later(1);
    let mut alice = world.signs_in("alice");
    let screen = alice.reads("Is this still how you can be reached?", "what").await;
    assert!(screen.contains("email  a***@e***.org") && !screen.contains("alice@"), "{screen}");
    alice.answers("one of the answers shown", "y").await;
    assert_eq!(alice.ends().await, LET_IN);
    assert_eq!(recorded(&world).await, ["User reviewed security info: "]);
    world.later(180 * DAY - 1);
    assert_eq!(world.signs_in("alice").ends().await, LET_IN);
    world.later(1);
    world.signs_in("alice").answers("Is this still", "").await;

    let world = World::with("[register]\nreconfirm_days = 0\n").await;
    world.register("alice", &email("alice@example.org")).await;
    world.later(10_000 * DAY);
    assert_eq!(world.signs_in("alice").ends().await, LET_IN);
}

/// What is in the audit trail of reviews.
async fn recorded(world: &World) -> Vec<String> {
    crate::audit_writer::drain(&world.agent).await.unwrap();
    let mut session = world.agent.store.session().await.unwrap();
    let reviews = "SELECT event || ': ' || reason FROM audit WHERE event LIKE '%review%' ORDER BY id";
    sql::query_scalar(reviews).fetch_all(session.connection()).await.unwrap()
}

/// Programs press Enter at whatever they are asked: Ansible, `JSch`, libssh, Perl.
#[tokio::test]
async fn enter_means_later_confirms_nothing_and_over_ssh_it_is_not_asked_again_for_thirty_days() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    world.later(180 * DAY);
    let mut alice = world.signs_in("alice");
    alice.answers("(Enter for later)", "").await;
    assert_eq!(alice.ends().await, LET_IN);
    assert_eq!(recorded(&world).await, ["Security info review put off: later"]);
    for day in 1..30 {
        world.later(DAY);
        assert_eq!(world.signs_in("alice").ends().await, LET_IN);
        assert_eq!(world.signs_in("alice").ends().await, LET_IN);
        let records = recorded(&world).await;
        assert_eq!(records.len(), 1 + day, "one a day: {records:?}");
        assert_eq!(records[day], "Security info review put off: not asked: nobody answered before");
    }
    world.later(DAY);
    world.signs_in("alice").answers("Is this still", "").await;

    // At the console a person is asked the next day.
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    world.later(180 * DAY);
    for _ in 0..3 {
        let mut alice = world.at_console("alice");
        alice.answers("Is this still", "").await;
        assert_eq!(alice.ends().await, LET_IN);
        assert_eq!(world.at_console("alice").ends().await, LET_IN);
        world.later(DAY);
    }
    let mut alice = world.at_console("alice");
    alice.answers("Is this still", "y").await;
    alice.ends().await;
    world.later(DAY);
    assert_eq!(world.at_console("alice").ends().await, LET_IN);
}

#[tokio::test]
async fn whatever_is_asked_about_what_is_there_enter_at_it_over_ssh_counts_as_nobodys_answer() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    world.import("alice", &phone("+819012345678"), false).await;
    let mut alice = world.signs_in("alice");
    alice.answers("Is it yours?", "").await;
    assert_eq!(alice.ends().await, LET_IN);
    world.later(29 * DAY);
    assert_eq!(world.signs_in("alice").ends().await, LET_IN);
    world.later(DAY);
    // And what is none of the answers, five times, is no person's.
    let mut alice = world.signs_in("alice");
    for _ in 0..5 {
        alice.answers("Is it yours?", "zz").await;
    }
    assert_eq!(alice.ends().await, LET_IN);
    world.later(2 * DAY);
    assert_eq!(world.signs_in("alice").ends().await, LET_IN);
    let records = recorded(&world).await;
    assert!(records.contains(&"Security info review put off: answered as by a program".to_owned()), "{records:?}");
}

#[tokio::test]
async fn a_review_that_a_host_could_not_put_is_left_for_one_that_can() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    world.later(180 * DAY);
    for _ in 0..3 {
        world.signs_in("alice").can_not_be_asked().await;
    }
    assert_eq!(recorded(&world).await, ["Security info review put off: could not be asked"]);
    world.signs_in("alice").answers("Is this still", "y").await;
}

#[tokio::test]
async fn whoever_can_not_be_asked_or_breaks_off_is_asked_again_when_it_is_time() {
    let world = World::with("[register]\nask_every = \"2d\"\nask_again_days = 0\n").await;
    world.register("alice", &email("alice@example.org")).await;
    world.later(200 * DAY);
    world.signs_in("alice").hangs_up().await;
    assert_eq!(world.signs_in("alice").ends().await, LET_IN);
    world.later(2 * DAY);
    let mut alice = world.signs_in("alice");
    alice.answers("Is this still", "").await;
    assert!(!alice.bound);
}

#[tokio::test]
async fn changing_takes_a_code_to_what_is_registered_and_the_old_one_is_told() {
    let world = World::with("[helpdesk]\ntext = \"Call 4711.\"\n").await;
    world.register("alice", &email("old@example.org")).await;
    world.later(180 * DAY);
    let mut alice = world.signs_in("alice");
    alice.answers("Is this still", "c").await;
    alice.answers("How do you want", "").await;
    alice.answers("Call 4711.", "").await;
    assert_eq!(alice.ends().await, LET_IN);
    assert!(world.mailbox().await.is_empty());

    world.later(DAY);
    let mut alice = world.signs_in("alice");
    alice.answers("Is this still", "c").await;
    alice.answers("How do you want", "e").await;
    alice.answers("on its way", "xxxxxx").await;
    let code = world.the_code().await;
    alice.answers("6 digits", &code).await;
    alice.answers("What can let you in", "e").await;
    world.types_email(&mut alice, "new@example.org").await;
    alice.answers("Saved", "1").await;
    alice.answers("remove it", "1").await;
    alice.answers("Saved", "").await;
    alice.answers("Done", "").await;
    assert_eq!(alice.ends().await, LET_IN);
    assert_eq!(world.registered("alice").await, ["new@example.org"]);
    let notes = world.mailbox().await;
    assert!(notes.contains(&("old@example.org".into(), "removed email".into())), "{notes:?}");
    world.later(179 * DAY);
    assert_eq!(world.signs_in("alice").ends().await, LET_IN);
}

#[tokio::test]
async fn an_imported_contact_is_good_for_nothing_until_its_owner_typed_a_code() {
    let world = World::with("[register]\nimported = \"confirm\"\n").await;
    world.import("alice", &email("alice@example.org"), false).await;
    world.forgets("alice").types(&["e"]).await;
    assert!(world.mailbox().await.is_empty(), "not confirmed");
    let mut alice = world.signs_in("alice");
    let screen = alice.reads("Your administrator entered", "maybe").await;
    assert!(screen.contains("a***@e***.org") && !screen.contains("alice@"), "{screen}");
    alice.answers("one of the answers shown", "y").await;
    let screen = alice.reads("It goes to a***@e***.org", "xxxxxx").await;
    assert!(!screen.contains("alice@"), "{screen}");
    let code = world.the_code().await;
    alice.answers("6 digits", &code).await;
    alice.answers("Done", "").await;
    assert_eq!(alice.ends().await, LET_IN);
    world.later(601);
    world.forgets("alice").types(&["e"]).await;
    assert_eq!(world.mailbox().await[0].0, "alice@example.org");
    assert_eq!(world.signs_in("alice").ends().await, LET_IN);
}

#[tokio::test]
async fn an_imported_contact_that_is_not_mine_goes_and_one_that_is_usable_is_not_asked_about() {
    let world = World::new().await;
    world.import("alice", &email("somebody@example.net"), false).await;
    let mut alice = world.signs_in("alice");
    alice.answers("Is it yours?", "n").await;
    alice.answers("1, 2 or 3", "").await;
    assert_eq!(alice.ends().await, LET_IN);
    assert!(world.registered("alice").await.is_empty());
    assert!(world.mailbox().await.is_empty(), "a stranger is told nothing");

    world.import("bob", &email("bob@example.org"), true).await;
    assert_eq!(world.signs_in("bob").ends().await, LET_IN);
    world.import("bob", &phone("+819012345678"), false).await;
    let mut bob = world.signs_in("bob");
    bob.answers("+81 ** **** **78", "").await;
    assert_eq!(bob.ends().await, LET_IN);
    assert_eq!(world.signs_in("bob").ends().await, LET_IN, "not at every sign-in");
    world.later(30 * DAY);
    world.signs_in("bob").answers("Is it yours?", "").await;
}

#[tokio::test]
async fn required_registration_is_not_met_by_what_nobody_confirmed() {
    let world = World::with("[register]\nmode = \"required\"\nskip_days = 0\nimported = \"confirm\"\n").await;
    world.import("alice", &email("alice@example.org"), false).await;
    let mut alice = world.signs_in("alice");
    alice.answers("Is it yours?", "").await;
    assert!(alice.bound);
    alice.answers("can't be put off", "").await;
    alice.answers("can't be put off", "").await;
    assert_eq!(alice.ends().await.0, Standing::Denied);
}

#[tokio::test]
async fn an_imported_contact_is_not_shown_in_full_after_a_dropped_connection_and_disowned_its_code_is_void() {
    let world = World::with("[register]\nmode = \"required\"\nskip_days = 0\n").await;
    world.import("alice", &email("somebody@example.net"), false).await;
    let mut alice = world.signs_in("alice");
    alice.answers("Is it yours?", "y").await;
    alice.hangs_up().await;
    let code = world.the_code().await;
    // Put off, and the code asked for all the same.
    let mut alice = world.signs_in("alice");
    alice.answers("Is it yours?", "").await;
    let screen = alice.reads("that went to s***@e***.net", "").await;
    assert!(!screen.contains("somebody@"), "{screen}");
    alice.hangs_up().await;

    let mut alice = world.signs_in("alice");
    alice.answers("Is it yours?", "n").await;
    let screen = alice.reads("1, 2 or 3", &code).await;
    assert!(!screen.contains("went to"), "{screen}");
    alice.answers("one of the answers shown", "").await;
    alice.answers("can't be put off", "").await;
    assert_eq!(alice.ends().await.0, Standing::Denied);
    assert!(world.registered("alice").await.is_empty());
}

#[tokio::test]
async fn one_more_way_that_an_administrator_entered_costs_a_code_to_what_is_registered_and_to_disown_it_does_not() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    world.import("alice", &phone("+819012345678"), false).await;
    // A thief of the password, with a telephone that an administrator mistook for hers.
    let mut thief = world.signs_in("alice");
    thief.answers("+81 ** **** **78", "y").await;
    thief.answers("How do you want", "").await;
    thief.answers("Nothing was changed", "").await;
    assert_eq!(thief.ends().await, LET_IN);
    assert!(world.mailbox().await.is_empty(), "nothing went to that telephone");
    world.later(DAY);
    let mut alice = world.signs_in("alice");
    alice.answers("Is it yours?", "y").await;
    world.proves_by_email(&mut alice).await;
    alice.answers("It goes to +81 ** **** **78", "xxxxxx").await;
    let code = world.the_code().await;
    alice.answers("6 digits", &code).await;
    assert_eq!(alice.ends().await, LET_IN);
    assert_eq!(world.mailbox().await, [("alice@example.org".into(), "added phone".into())]);

    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    world.import("alice", &phone("+819012345678"), false).await;
    let mut alice = world.signs_in("alice");
    alice.answers("Is it yours?", "n").await;
    assert_eq!(alice.ends().await, LET_IN);
    assert_eq!(world.registered("alice").await, ["alice@example.org"]);
    assert_eq!(world.mailbox().await, [("alice@example.org".into(), "removed phone".into())]);
}

/// Such as `yes` in a pipe, or an answer to another question.
#[tokio::test]
async fn a_y_that_comes_before_anybody_can_have_read_the_question_confirms_nothing_and_shows_no_codes() {
    let world = World::with("[register]\nmin_typing_ms = 5000\n").await;
    world.register("alice", &email("alice@example.org")).await;
    world.later(180 * DAY);
    let mut program = world.signs_in("alice");
    for n in 0..5 {
        // A person who types ahead reads why it is asked again.
        let why =
            if n == 0 { "Is this still" } else { "That came too quickly. Please read this first.\nIs this still" };
        program.answers(why, "y").await;
    }
    assert_eq!(program.ends().await, LET_IN);
    assert_eq!(recorded(&world).await, ["Security info review put off: answered as by a program"]);
    world.later(2 * DAY);
    assert_eq!(world.signs_in("alice").ends().await, LET_IN, "not again over SSH for thirty days");
    // What is no "yes" may be typed as soon as one likes.
    let mut alice = world.at_console("alice");
    alice.answers("Is this still", "y").await;
    alice.answers("Is this still", "later").await;
    assert_eq!(alice.ends().await, LET_IN);
    // Who takes the time that it takes to read it is believed.
    let at_leisure = world.set("[register]\nmin_typing_ms = 1\n");
    world.later(DAY);
    let mut alice = at_leisure.at_console("alice");
    alice.step().await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    alice.says(b"y").await;
    assert_eq!(alice.ends().await, LET_IN);
    assert_eq!(recorded(&world).await.last().unwrap(), "User reviewed security info: ");

    let codes = World::with("[register]\nmin_typing_ms = 5000\n").await;
    let mut bob = codes.signs_in("bob");
    bob.answers("1, 2 or 3", "1").await;
    codes.types_email(&mut bob, "bob@example.org").await;
    bob.hangs_up().await;
    let mut program = codes.signs_in("bob");
    for n in 0..5 {
        program.answers(if n == 0 { "never have seen" } else { "too quickly" }, "y").await;
    }
    assert_eq!(program.ends().await, LET_IN);
}
