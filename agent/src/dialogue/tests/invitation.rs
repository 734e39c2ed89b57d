//! Registration at sign-in: who is asked, how often, and what is never an obstacle.

use sspr_config::dialogue::{Purpose, Standing};

use super::world::{START, World, email, phone};
use crate::{
    credential::Verdict, delivery::Deliveries, limits, proof::Account, random::SystemRandom, store::registrations, totp,
};

const DAY: i64 = 86_400;
const HOUR: i64 = 3600;
const REQUIRED: &str = "[register]\nmode = \"required\"\nskip_days = 0\n";

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
    // She went back: a day later she is asked again, and the old code is too old by then.
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
    let mut alice = world.signs_in("alice");
    for wrong in ["3", "0", "e", "1 3", "both", "-1", "99999999999999999999999", "１", "y"] {
        let screen = alice.reads("1 or 2 (Enter", wrong).await;
        assert!(!screen.contains("email"), "{screen}");
    }
    alice.answers("one of the answers shown", "2").await;
    alice.answers("authenticator app", "").await;
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
    // Skippable: it can always be put off.
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
async fn required_registration_can_be_put_off_for_its_days_and_then_ends_the_sign_in() {
    let world =
        World::with("[register]\nmode = \"required\"\nskip_days = 2\n[helpdesk]\ntext = \"Call 4711.\"\n").await;
    let mut dave = world.signs_in("dave");
    dave.answers("not now", "").await;
    assert!(!dave.bound);
    assert_eq!(dave.ends().await.0, Standing::Finished);
    world.later(2 * DAY);
    let mut dave = world.signs_in("dave");
    dave.answers("1, 2 or 3: ", "").await;
    assert!(dave.bound, "breaking off would mean no");
    dave.answers("can't be put off", "").await;
    let (standing, text) = dave.ends().await;
    assert_eq!(standing, Standing::Denied);
    assert!(text.ends_with("Call 4711."), "{text}");
}

#[tokio::test]
async fn the_days_to_put_it_off_begin_when_somebody_sees_the_question_and_not_before() {
    let settings = "[register]\nmode = \"required\"\nskip_days = 2\n";
    // sshd's password method can't put the question: it cancels.
    let world = World::with(settings).await;
    for _ in 0..5 {
        world.signs_in("dave").hangs_up().await;
        world.later(DAY);
    }
    let mut dave = world.signs_in("dave");
    dave.answers("not now", "").await;
    assert_eq!(dave.ends().await, LET_IN);
    world.later(2 * DAY);
    world.signs_in("dave").answers("can't be put off", "").await;

    // At the console every question is seen, also by those who break off.
    let world = World::with(settings).await;
    world.at_console("dave").hangs_up().await;
    world.later(2 * DAY);
    world.at_console("dave").answers("can't be put off", "").await;

    // Whoever has enough was not asked: should more be required one day, the days begin then.
    let world = World::with(settings).await;
    world.register("alice", &email("alice@example.org")).await;
    assert_eq!(world.at_console("alice").ends().await, LET_IN);
    world.later(10 * DAY);
    let stricter = world.set(&format!("{settings}[recover]\nmethods_required = 2\n"));
    let mut alice = stricter.at_console("alice");
    world.proves_by_email(&mut alice).await;
    alice.answers("not now", "").await;
    assert_eq!(alice.ends().await, LET_IN);
    world.later(DAY);
    // Registering one of what is missing does not start them anew.
    let three = world.set(&format!("{settings}[recover]\nmethods_required = 2\n"));
    let mut alice = three.at_console("alice");
    world.proves_by_email(&mut alice).await;
    alice.answers("not now", "").await;
    world.later(DAY);
    let mut alice = three.at_console("alice");
    world.proves_by_email(&mut alice).await;
    alice.answers("can't be put off", "").await;
}

#[tokio::test]
async fn one_of_two_methods_does_not_start_the_days_anew() {
    let settings = "[register]\nmode = \"required\"\nskip_days = 2\n[recover]\nmethods_required = 2\n";
    let world = World::with(settings).await;
    let mut dave = world.signs_in("dave");
    dave.answers("needs two of these", "1").await;
    world.types_email(&mut dave, "dave@example.org").await;
    dave.answers("needs one more way", "").await;
    assert_eq!(dave.ends().await, LET_IN);
    world.later(2 * DAY);
    let mut dave = world.signs_in("dave");
    world.proves_by_email(&mut dave).await;
    dave.answers("can't be put off", "").await;
    dave.answers("can't be put off", "").await;
    assert_eq!(dave.ends().await.0, Standing::Denied);
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
        assert!(!world.talk(Purpose::Status, "alice", 1001).ends().await.1.contains("left: 10"));
    }
    // What somebody else began is gone on with by nobody who has not proved who they are.
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
async fn required_registration_lets_in_whoever_can_not_get_a_code() {
    let world = World::with(REQUIRED).await;
    let mut dave = world.signs_in("dave");
    dave.answers("1, 2 or 3: ", "1").await;
    dave.answers("Which email", "dave@example.org").await;
    // Nothing is taken out of the outbox: the mail server is down.
    dave.answers("on its way", "").await;
    assert!(dave.bound);
    world.later(10);
    dave.answers("1, 2 or 3: ", "").await;
    dave.answers("can't be put off", "").await;
    assert_eq!(dave.ends().await, LET_IN);

    // Whoever broke off meanwhile is let in the next time, and may break off.
    let mut dave = world.signs_in("dave");
    dave.answers("that went to dave@example.org", "").await;
    assert!(!dave.bound);
    dave.answers("1, 2 or 3: ", "").await;
    dave.answers("1, 2 or 3: ", "").await;
    assert_eq!(dave.ends().await, LET_IN);

    // A gateway is given a moment: nobody gets in by being quick.
    let world = World::with(REQUIRED).await;
    let mut dave = world.signs_in("dave");
    dave.answers("1, 2 or 3: ", "1").await;
    dave.answers("Which email", "dave@example.org").await;
    dave.answers("on its way", "").await;
    dave.answers("1, 2 or 3: ", "").await;
    dave.answers("1, 2 or 3: ", "").await;
    assert_eq!(dave.ends().await.0, Standing::Denied);

    // A stranger who has codes sent for dave at the password prompt uses up nothing of his.
    let world = World::with(REQUIRED).await;
    for n in 0..10 {
        let mut stranger = world.talk_from(Purpose::Recover, "dave", 0, &format!("203.0.113.{n}"));
        stranger.types(&["other", &format!("090-1234-56{n}8"), ""]).await;
    }
    let mut dave = world.signs_in("dave");
    dave.answers("1, 2 or 3: ", "1").await;
    world.types_email(&mut dave, "dave@example.org").await;

    // Whoever mistypes the code until it rests can go on.
    let world = World::with(REQUIRED).await;
    let mut dave = world.signs_in("dave");
    dave.answers("1, 2 or 3: ", "1").await;
    dave.answers("Which email", "dave@example.org").await;
    for _ in 0..5 {
        dave.answers("Code: ", "999999").await;
    }
    dave.answers("Too many wrong codes", "").await;
    assert!(!dave.bound);
    assert_eq!(dave.ends().await, LET_IN);
}

/// `name` was let in without what is required, so many days ago each.
async fn was_let_in(world: &World, name: &str, days: &[i64]) {
    let doors = &world.doors;
    let account = Account::new(doors, name).let_ins(doors);
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await.unwrap();
    for day in days {
        limits::was_let_in(&mut tx, &account, doors.clock.now() - day * DAY).await.unwrap();
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn whoever_wears_codes_out_on_purpose_is_let_in_on_three_days_of_thirty_and_then_by_the_help_desk_alone() {
    let world = World::with(&format!("{REQUIRED}[helpdesk]\ntext = \"Call 4711.\"\n")).await;
    for day in 0..4 {
        let mut dave = world.signs_in("dave");
        dave.answers("1, 2 or 3: ", "1").await;
        dave.answers("Which email", "dave@example.org").await;
        dave.answers("Code: ", "999999").await;
        world.mailbox().await;
        for _ in 1..5 {
            dave.answers("Code: ", "999999").await;
        }
        let screen = dave.reads("Too many wrong codes", "").await;
        if day < 3 {
            assert!(!dave.bound && !screen.contains("1, 2 or 3"), "{screen}");
            assert_eq!(dave.ends().await, LET_IN);
            // For the rest of the day as well.
            world.later(DAY - 60);
            let mut dave = world.signs_in("dave");
            dave.answers("1, 2 or 3: ", "2").await;
            dave.answers("Which number", "090-1234-5678").await;
            dave.answers("Too many wrong codes", "").await;
            assert_eq!(dave.ends().await, LET_IN);
            world.later(60);
            continue;
        }
        assert!(dave.bound && screen.contains("1, 2 or 3"), "{screen}");
        dave.answers("can't be put off", "").await;
        let (standing, text) = dave.ends().await;
        assert_eq!(standing, Standing::Denied);
        assert!(text.contains("Call 4711."), "{text}");
    }
    // The help desk lets in, once a code.
    let code = world.helpdesk_code("dave").await;
    for expected in [Standing::Finished, Standing::Denied] {
        let mut dave = world.signs_in("dave");
        dave.answers("Or type code, if the help desk", "code").await;
        dave.answers("the help desk gave you", &code).await;
        if expected == Standing::Denied {
            dave.answers("is not right", "").await;
            dave.answers("1, 2 or 3: ", "").await;
            dave.answers("1, 2 or 3: ", "").await;
        }
        assert_eq!(dave.ends().await.0, expected);
    }
    // So does an administrator who ends the rest, and so do thirty days.
    let mut session = world.doors.store.session().await;
    let mut tx = session.begin().await.unwrap();
    Account::new(&world.doors, "dave").unblock(&mut tx, &world.doors).await.unwrap();
    tx.commit().await.unwrap();
    drop(session);
    world.later(60);
    let mut dave = world.signs_in("dave");
    dave.answers("1, 2 or 3: ", "1").await;
    world.types_email(&mut dave, "dave@example.org").await;
    dave.answers("Done", "").await;
    assert_eq!(dave.ends().await, LET_IN);
}

#[tokio::test]
async fn whoever_may_not_be_let_in_any_more_is_sent_to_another_way_and_a_gateway_that_is_down_still_lets_in() {
    let world = World::with(REQUIRED).await;
    was_let_in(&world, "dave", &[6, 4, 2]).await;
    let mut dave = world.signs_in("dave");
    dave.answers("1, 2 or 3: ", "1").await;
    for n in 0..5 {
        dave.answers("Which email", &format!("dave{n}@example.org")).await;
        dave.answers("on its way", "other").await;
    }
    world.mailbox().await;
    dave.answers("Which email", "dave@example.org").await;
    dave.answers("Another code can be sent in", "").await;
    assert!(dave.bound);
    dave.answers("can't be put off", "3").await;
    let secret = super::app::secret(&super::app::key(&dave.reads("Scan this", "x").await));
    dave.answers("6 digits", &world.shown(&secret)).await;
    dave.answers("Done", "").await;
    assert_eq!(dave.ends().await, LET_IN);

    let world = World::with(REQUIRED).await;
    was_let_in(&world, "dave", &[6, 4, 2]).await;
    for _ in 0..5 {
        let mut dave = world.signs_in("dave");
        dave.answers("1, 2 or 3: ", "1").await;
        dave.answers("Which email", "dave@example.org").await;
        dave.answers_after(&world, 11, "on its way", "").await;
        dave.answers("1, 2 or 3: ", "").await;
        assert!(!dave.bound);
        dave.answers("1, 2 or 3: ", "").await;
        assert_eq!(dave.ends().await, LET_IN);
        world.later(DAY);
    }
}

#[tokio::test]
async fn an_address_that_alone_gets_no_code_is_an_excuse_on_three_days_of_thirty() {
    let world = World::with(REQUIRED).await;
    was_let_in(&world, "dave", &[4, 2]).await;
    let mut dave = world.signs_in("dave");
    dave.answers("1, 2 or 3: ", "1").await;
    dave.answers("Which email", "dave@slow.example.net").await;
    dave.answers("on its way", "").await;
    world.later(5);
    let mut carol = world.signs_in("carol");
    carol.answers("1, 2 or 3: ", "1").await;
    carol.answers("Which email", "carol@example.org").await;
    carol.answers_after(&world, 1, "on its way", "xxxxxx").await;
    world.mailbox().await;
    world.sql("UPDATE challenge SET accepted = NULL WHERE rowid = (SELECT min(rowid) FROM challenge)").await;
    world.later(5);
    dave.answers("1, 2 or 3: ", "").await;
    dave.answers("1, 2 or 3: ", "").await;
    assert_eq!(dave.ends().await, LET_IN);
    world.later(20 * HOUR);
    let mut dave = world.signs_in("dave");
    dave.answers("1, 2 or 3: ", "").await;
    assert!(!dave.bound);
    dave.answers("1, 2 or 3: ", "").await;
    assert_eq!(dave.ends().await, LET_IN);
    // That was the third day.
    world.later(4 * HOUR);
    let mut dave = world.signs_in("dave");
    dave.answers("1, 2 or 3: ", "").await;
    assert!(dave.bound);
    dave.answers("1, 2 or 3: ", "").await;
    assert_eq!(dave.ends().await.0, Standing::Denied);
}

#[tokio::test]
async fn whoever_does_not_prove_what_is_registered_can_put_a_second_way_off_for_three_days_and_then_sees_the_help_desk()
{
    let settings = format!("{REQUIRED}[recover]\nmethods_required = 2\n[helpdesk]\ntext = \"Call 4711.\"\n");
    let world = World::with(&settings).await;
    world.register("alice", &email("alice@example.org")).await;
    for day in 0..3 {
        let mut alice = world.signs_in("alice");
        if day == 1 {
            // Breaking off is no way around it either.
            alice.answers("How do you want", "app").await;
            alice.hangs_up().await;
        } else {
            alice.answers("How do you want", "").await;
            alice.answers("Nothing was changed", "").await;
            assert_eq!(alice.ends().await, LET_IN);
        }
        world.later(DAY);
    }
    for breaks_off in [true, false] {
        let mut alice = world.signs_in("alice");
        let screen = alice.reads("can't be put off", "").await;
        assert!(alice.bound && screen.contains("Call 4711."), "{screen}");
        if breaks_off {
            alice.hangs_up().await;
            let asked = format!("{}|", Standing::AskingOrDenied.to_wire());
            assert!(alice.screen.last().unwrap().starts_with(&asked), "breaking off is a no: {:?}", alice.screen);
            continue;
        }
        alice.answers("How do you want", "").await;
        let (standing, text) = alice.ends().await;
        assert_eq!(standing, Standing::Denied);
        assert!(text.contains("Call 4711."), "{text}");
    }
    // The help desk's code shows who she is, and lets her in though she has no second way.
    let code = world.helpdesk_code("alice").await;
    let mut alice = world.signs_in("alice");
    alice.answers("can't be put off", "").await;
    alice.answers("How do you want", "code").await;
    alice.answers("help desk", &code).await;
    alice.answers("needs one more way", "").await;
    assert!(!alice.bound);
    alice.answers("needs one more way", "").await;
    assert_eq!(alice.ends().await, LET_IN);
    // While no mail leaves, nobody is kept out.
    let mut alice = world.signs_in("alice");
    alice.answers("can't be put off", "").await;
    alice.answers("How do you want", "e").await;
    alice.answers_after(&world, 11, "on its way", "").await;
    alice.answers("Nothing was changed", "").await;
    assert_eq!(alice.ends().await, LET_IN);
}

#[tokio::test]
async fn what_is_switched_off_counts_for_nothing_but_still_shows_who_somebody_is() {
    let world = World::new().await;
    world.register("alice", &phone("+819012345678")).await;
    world.import("alice", &phone("+819087654321"), false).await;
    assert!(world.signs_in("alice").reads("Is it yours?", "").await.contains("21"));
    let world = world.set("[register]\nmethods = [\"email\"]\n[recover]\nadmin_methods_required = 1\n");
    world.later(DAY);
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
async fn a_number_that_the_gateway_refuses_for_good_is_no_way_around_registration() {
    let spool = tempfile::tempdir().unwrap();
    for (status, standing) in [(65, Standing::Denied), (1, Standing::Finished)] {
        let world = World::with(&format!(
            "{REQUIRED}[phone]\ngateway = \"command\"\n[phone.command]\n\
             argv = [\"/bin/sh\", \"-c\", \"exit {status}\", \"sh\", \"{{to}}\", \"{{text}}\"]\n\
             [spool]\ndirectory = {:?}\n",
            spool.path().join("spool").to_str().unwrap()
        ))
        .await;
        let deliveries = Deliveries::from_settings(&world.doors.settings, "shell.example.org").unwrap();
        let mut dave = world.signs_in("dave");
        dave.answers("1, 2 or 3: ", "2").await;
        dave.answers("Which number", "+819012345678").await;
        dave.answers("on its way", "xxxxxx").await;
        crate::outbox::tests_support::send(&world.doors, &deliveries).await;
        world.later(11);
        dave.answers("6 digits", "").await;
        dave.answers("1, 2 or 3: ", "").await;
        dave.answers("1, 2 or 3: ", "").await;
        assert_eq!(dave.ends().await.0, standing, "{status}");
    }
}

#[tokio::test]
async fn a_number_that_nobody_registered_is_no_way_around_registration_either() {
    let spool = tempfile::tempdir().unwrap();
    let directory = spool.path().join("spool");
    let world =
        World::with(&format!("{REQUIRED}[recover]\nmethods_required = 2\n[spool]\ndirectory = {directory:?}\n")).await;
    let deliveries = Deliveries::from_settings(&world.doors.settings, "shell.example.org").unwrap();
    world.import("dave", &email("dave@example.org"), true).await;
    was_let_in(&world, "dave", &[6, 4, 2]).await;
    let mut dave = world.signs_in("dave");
    dave.answers("can't be put off", "").await;
    dave.answers("How do you want to show", "090-1234-5678").await;
    dave.answers("on its way", "xxxxxx").await;
    // Nothing leaves, as nothing was to leave.
    crate::outbox::tests_support::send(&world.doors, &deliveries).await;
    world.later(11);
    dave.answers("6 digits", "").await;
    assert!(dave.bound);
    assert_eq!(dave.ends().await.0, Standing::Denied);
}

#[tokio::test]
async fn breaking_off_is_a_no_only_where_the_screen_says_so() {
    let world = World::with(REQUIRED).await;
    world.import("dave", &email("dave@example.org"), false).await;
    let mut dave = world.signs_in("dave");
    let screen = dave.reads("Is it yours?", "y").await;
    assert!(dave.bound && screen.contains("can't be put off"), "{screen}");
    dave.hangs_up().await;
    world.mailbox().await;
    let mut dave = world.signs_in("dave");
    dave.answers("Is it yours?", "").await;
    let screen = dave.reads("that went to", "").await;
    assert!(dave.bound && screen.contains("can't be put off"), "{screen}");

    // A picture leaves no room for it.
    let world = World::with(REQUIRED).await;
    let mut dave = world.signs_in("dave");
    dave.answers("1, 2 or 3: ", "3").await;
    dave.hangs_up().await;
    let mut dave = world.signs_in("dave");
    dave.answers("can't be put off", "3").await;
    dave.answers("Scan this", "").await;

    // While a code is waited for, its gateway turns out to be down; a day later that tells nothing any more.
    let world = World::with(REQUIRED).await;
    let mut dave = world.signs_in("dave");
    dave.answers("1, 2 or 3: ", "1").await;
    dave.answers("Which email", "dave@example.org").await;
    dave.answers_after(&world, 11, "on its way", "xxxxxx").await;
    assert!(dave.bound);
    dave.answers("6 digits", "").await;
    assert!(!dave.bound);
    world.later(DAY - 60);
    let mut dave = world.signs_in("dave");
    dave.answers("1, 2 or 3: ", "").await;
    assert!(!dave.bound);
    dave.answers("1, 2 or 3: ", "").await;
    assert_eq!(dave.ends().await, LET_IN);
    world.later(60);
    world.signs_in("dave").types(&["", ""]).await;
    let mut dave = world.signs_in("dave");
    dave.answers("1, 2 or 3: ", "").await;
    assert!(dave.bound);
}

#[tokio::test]
async fn an_exempted_account_is_not_asked_and_whoever_has_the_name_after_it_is() {
    let world = World::with(REQUIRED).await;
    let mut session = world.doors.store.session().await;
    let mut tx = session.begin().await.unwrap();
    sqlx::query("INSERT INTO exemption VALUES ('dave', 1004, 'root', 'a shared account', ?)")
        .bind(START)
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    drop(session);
    assert_eq!(world.signs_in("dave").ends().await, LET_IN);
    world.account("dave", 2004, Verdict::Eligible);
    world.signs_in("dave").answers("can't be put off", "").await;
}

#[tokio::test]
async fn where_leaving_means_no_an_endless_talk_ends_with_no_as_well() {
    let world = World::with(REQUIRED).await;
    let mut dave = world.signs_in("dave");
    for _ in 0..60 {
        dave.answers("1, 2 or 3: ", "what?").await;
        assert!(dave.bound);
    }
    assert_eq!(dave.ends().await.0, Standing::Denied);
}

#[tokio::test]
async fn whoever_registered_enough_is_let_in_though_the_second_contact_is_given_up() {
    let world = World::with(REQUIRED).await;
    let mut carol = world.signs_in("carol");
    carol.answers("1, 2 or 3: ", "1 2").await;
    world.types_email(&mut carol, "carol@example.org").await;
    carol.answers("Which number", "").await;
    carol.answers("Done", "").await;
    assert!(!carol.bound);
    assert_eq!(carol.ends().await, LET_IN);
}

#[tokio::test]
async fn whoever_breaks_off_is_not_asked_at_every_sign_in_but_a_code_that_was_sent_is_asked_for() {
    let world = World::new().await;
    world.signs_in("dave").hangs_up().await;
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
    let mut thief = world.talk_from(Purpose::Register, "dave", 0, "203.0.113.7");
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

/// Everything that can be kept about an account, for alice with uid 1001.
async fn everything_of_alice(world: &World) {
    world.register("alice", &email("alice@example.org")).await;
    world.register("alice", &phone("+819012345678")).await;
    let (keys, now) = (&world.doors.keys, START);
    let mut session = world.doors.store.session().await;
    let mut tx = session.begin().await.unwrap();
    let secret = totp::secret(&SystemRandom).unwrap();
    crate::store::authenticators::put(&mut tx, keys, &SystemRandom, "alice", 1001, &secret, 0, now).await.unwrap();
    let codes = crate::recovery_codes::make(&SystemRandom).unwrap();
    crate::store::recovery_codes::replace(&mut tx, keys, "alice", &codes, now).await.unwrap();
    sqlx::query("UPDATE registration SET language = 'ja'").execute(&mut *tx).await.unwrap();
    sqlx::query("INSERT INTO exemption VALUES ('alice', 1001, 'root', '', 0)").execute(&mut *tx).await.unwrap();
    registrations::invite(&mut tx, "alice", 1001, true, now - 100 * DAY).await.unwrap();
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

    let mut shell = world.talk(Purpose::Status, "alice", 2001);
    assert!(shell.ends().await.1.contains("Nothing is registered"));
    let mut alice = world.signs_in("alice");
    alice.answers("(Enter for not now)", "1").await;
    world.types_email(&mut alice, "new@example.org").await;
    alice.answers("Ten recovery codes", "").await;
    assert_eq!(alice.ends().await, LET_IN);
    assert_eq!(world.registered("alice").await, ["new@example.org"]);
    assert!(world.mailbox().await.is_empty(), "nobody is told of another's account");

    let mut session = world.doors.store.session().await;
    for (table, rows) in [("authenticator", 0), ("contact", 1), ("recovery_code", 10), ("invitation", 0)] {
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}")))
            .fetch_one(session.connection())
            .await
            .unwrap();
        assert_eq!(count, rows, "{table}");
    }
    let language: Option<String> =
        sqlx::query_scalar("SELECT language FROM registration").fetch_one(session.connection()).await.unwrap();
    assert_eq!(language, None);
    assert!(!registrations::progress(session.connection(), "alice", 2001, &[]).await.unwrap().exempt);
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
    crate::outbox::forget_gone(&world.doors).await.unwrap();
    assert_eq!(world.registered("alice").await.len(), 2);
    world.accounts().states = everybody;

    crate::outbox::forget_gone(&world.doors).await.unwrap();
    world.accounts().states.insert("alice".into(), alice);
    let mut session = world.doors.store.session().await;
    for table in ["authenticator", "contact", "recovery_code", "invitation", "exemption", "helpdesk_code"] {
        let left: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT name FROM {table}")))
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
        let mut shell = world.talk(Purpose::Status, name, 1001);
        assert!(shell.ends().await.1.contains("Nothing is registered"), "{name}");
        world.forgets(name).types(&["e"]).await;
        assert!(world.mailbox().await.is_empty(), "{name}");
    }
    // The name that is free now is nobody's.
    world.forgets("alice").types(&["e"]).await;
    assert!(world.mailbox().await.is_empty());
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
    let directory = tempfile::tempdir().unwrap();
    let world = World::with("[register]\nmode = \"required\"\nskip_days = 2\nask_every = \"30h\"\n").await;
    let world = world.noting(directory.path());
    let until = |name: &str, uid: u32| {
        let holds = |time: i64| sspr_config::settled::holds(directory.path(), name, uid, time);
        (0..=60 * HOUR).step_by(1800).take_while(|after| holds(world.doors.clock.now() + after)).last().unwrap_or(0)
    };
    // Put off: not again for 30 hours, of which a note may hold 24.
    let mut dave = world.signs_in("dave");
    dave.answers("not now", "").await;
    dave.ends().await;
    assert_eq!(until("dave", 1004), 0, "not noted before somebody asked in vain");
    assert_eq!(world.signs_in("dave").ends().await, LET_IN);
    assert!((23 * HOUR..=24 * HOUR).contains(&until("dave", 1004)));
    // Put off anew, and in 18 hours it can't be put off any more.
    world.later(30 * HOUR);
    let mut dave = world.signs_in("dave");
    dave.answers("not now", "").await;
    dave.ends().await;
    assert_eq!(world.signs_in("dave").ends().await, LET_IN);
    assert!((17 * HOUR..=18 * HOUR).contains(&until("dave", 1004)));
    // Registered, and to be looked at again in an hour.
    world.register("alice", &email("alice@example.org")).await;
    world.later(180 * DAY - HOUR);
    assert_eq!(world.signs_in("alice").ends().await, LET_IN);
    assert!((HOUR / 2..=HOUR).contains(&until("alice", 1001)));
    let mut alice = world.talk(Purpose::Enroll, "alice", 1001);
    alice.answers("Current password", "the old one").await;
    assert_eq!(until("alice", 1001), 0, "whoever changes what is registered is asked about again");
}
