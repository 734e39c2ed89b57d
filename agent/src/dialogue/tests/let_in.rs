//! Where registration is required and no code arrives: who is let in without, how often, and what is no way around it.

use sspr_config::dialogue::{Purpose, Standing};

use super::{
    required::{DAY, HOUR, LET_IN, REQUIRED, reasons, was_let_in},
    world::{World, email},
};
use crate::{account::Name, delivery::Deliveries, proof::Account};

#[tokio::test]
async fn required_registration_lets_in_whoever_can_not_get_a_code() {
    let world = World::with(REQUIRED).await;
    let mut dave = world.signs_in("dave");
    dave.answers("1, 2 or 3: ", "1").await;
    dave.answers("Which email", "dave@example.org").await;
    dave.answers_without_mail(&world, 0, "on its way", "").await;
    assert!(dave.bound);
    world.later(10);
    dave.answers("1, 2 or 3: ", "").await;
    dave.answers("can't be put off", "").await;
    assert_eq!(dave.ends().await, LET_IN);

    // A user who broke off meanwhile is let in the next time, and may break off.
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
    dave.answers_without_mail(&world, 0, "on its way", "").await;
    dave.answers("1, 2 or 3: ", "").await;
    dave.answers("1, 2 or 3: ", "").await;
    assert_eq!(dave.ends().await.0, Standing::Denied);

    // A stranger who has codes sent for dave at the password prompt uses up nothing of his.
    let world = World::with(REQUIRED).await;
    for n in 0..10 {
        let mut stranger = world.dialogue_from(Purpose::Recover, "dave", 0, &format!("203.0.113.{n}"));
        stranger.types(&["other", &format!("090-1234-56{n}8"), ""]).await;
    }
    let mut dave = world.signs_in("dave");
    dave.answers("1, 2 or 3: ", "1").await;
    world.types_email(&mut dave, "dave@example.org").await;

    // A user who mistypes the code until the account is suspended can go on.
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
    let mut tx = world.agent.begin().await.unwrap();
    Account::new(&world.agent.keys, Name::local("dave")).unblock(&mut tx, &world.agent.keys).await.unwrap();
    tx.commit().await.unwrap();
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
        dave.answers_without_mail(&world, 11, "on its way", "").await;
        dave.answers("1, 2 or 3: ", "").await;
        assert!(!dave.bound);
        dave.answers("1, 2 or 3: ", "").await;
        assert_eq!(dave.ends().await, LET_IN);
        world.later(DAY);
    }
}

#[tokio::test]
async fn a_mail_server_that_takes_minutes_keeps_nobody_out_and_is_no_way_around_registration() {
    let world = World::with(REQUIRED).await;
    for day in 0..3 {
        let mut dave = world.signs_in("dave");
        dave.answers("1, 2 or 3: ", "1").await;
        dave.answers("Which email", "dave@example.org").await;
        // The message is in its hands, and nothing is heard of it.
        dave.answers_after(&world, 29, "on its way", "").await;
        dave.answers("1, 2 or 3: ", "1").await;
        assert!(dave.bound, "a slow server is none that is down");
        dave.answers_after(&world, 1, "Which email", "").await;
        dave.answers("1, 2 or 3: ", "").await;
        assert!(!dave.bound, "day {day}");
        dave.answers("1, 2 or 3: ", "").await;
        assert_eq!(dave.ends().await, LET_IN);
        // The next sign-in of that day need not wait again, and breaking off is no refusal.
        let mut dave = world.signs_in("dave");
        dave.answers("that went to dave@example.org", "").await;
        assert!(!dave.bound);
        dave.answers("1, 2 or 3: ", "").await;
        dave.answers("1, 2 or 3: ", "").await;
        assert_eq!(dave.ends().await, LET_IN);
        world.later(DAY);
        // What was too late is given up.
        world.sql("DELETE FROM outbox").await;
    }
    assert_eq!(reasons(&world).await, ["no code yet"; 6]);
    // Waiting and breaking off lead no further now; patience does.
    let mut dave = world.signs_in("dave");
    dave.answers("1, 2 or 3: ", "1").await;
    dave.answers("Which email", "dave@example.org").await;
    dave.answers_after(&world, 60, "on its way", "").await;
    dave.answers("1, 2 or 3: ", "").await;
    assert!(dave.bound);
    dave.answers("can't be put off", "").await;
    assert_eq!(dave.ends().await.0, Standing::Denied);
    let mut dave = world.signs_in("dave");
    let code = world.mailbox().await.remove(0).1;
    dave.answers("that went to dave@example.org", &code).await;
    assert!(dave.bound);
    dave.answers("Done", "").await;
    assert_eq!(dave.ends().await, LET_IN);
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
    world
        .sql(
            "UPDATE challenge SET accepted = NULL, failed = created WHERE number = (SELECT min(number) FROM challenge)",
        )
        .await;
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
        if breaks_off {
            alice.hangs_up().await;
            let asked = format!("{}|", Standing::AskingOrDenied.to_wire());
            assert!(alice.screen.last().unwrap().starts_with(&asked), "breaking off is a no: {:?}", alice.screen);
            continue;
        }
        // Enter is a no where a program would press it; so no question comes before, which Enter would answer.
        let screen = alice.reads("How do you want", "").await;
        assert!(alice.bound && screen.contains("can't be put off") && screen.contains("Call 4711."), "{screen}");
        let (standing, text) = alice.ends().await;
        assert_eq!(standing, Standing::Denied);
        assert!(text.contains("Call 4711."), "{text}");
    }
    // The help desk's code shows who she is, and lets her in though she has no second way.
    let code = world.helpdesk_code("alice").await;
    let mut alice = world.signs_in("alice");
    alice.answers("can't be put off any longer:\nwithout it, this sign-in ends here.\nHow do you want", "code").await;
    alice.answers("help desk", &code).await;
    alice.answers("needs one more way", "").await;
    assert!(!alice.bound);
    alice.answers("needs one more way", "").await;
    assert_eq!(alice.ends().await, LET_IN);
    // While no mail leaves, nobody is kept out.
    let mut alice = world.signs_in("alice");
    alice.answers("can't be put off any longer:\nwithout it, this sign-in ends here.\nHow do you want", "e").await;
    alice.answers_without_mail(&world, 11, "on its way", "").await;
    alice.answers("Nothing was changed", "").await;
    assert_eq!(alice.ends().await, LET_IN);
}

/// As with every password that came from a manager of passwords, or by sshd's method `password`.
#[tokio::test]
async fn days_let_in_count_where_nothing_could_be_asked_and_then_the_second_way_binds() {
    let settings = format!("{REQUIRED}[recover]\nmethods_required = 2\n");
    let world = World::with(&settings).await;
    world.register("alice", &email("alice@example.org")).await;
    for day in 0..4 {
        let mut alice = world.signs_in("alice");
        alice.step().await.unwrap();
        let binds = alice.screen[0].starts_with(&format!("{}|", Standing::AskingOrDenied.to_wire()));
        assert_eq!(binds, day == 3, "day {day}: {:?}", alice.screen);
        alice.says_good_bye().await;
        world.later(DAY);
    }
}

#[tokio::test]
async fn a_number_that_the_gateway_refuses_for_good_is_no_way_around_registration() {
    let spool = tempfile::tempdir().unwrap();
    for (status, standing) in [(65, Standing::Denied), (1, Standing::Finished)] {
        let world = World::with(&format!(
            "{REQUIRED}[phone]\ngateway = \"command\"\n[phone.command]\n\
             argv = [\"/bin/sh\", \"-c\", \"exit {status}\", \"sh\", \"{{to}}\"]\n\
             [spool]\ndirectory = {:?}\n",
            spool.path().join("spool").to_str().unwrap()
        ))
        .await;
        let deliveries = Deliveries::from_settings(&world.agent.settings, "shell.example.org").unwrap();
        let mut dave = world.signs_in("dave");
        dave.answers("1, 2 or 3: ", "2").await;
        dave.answers("Which number", "+819012345678").await;
        dave.answers("on its way", "xxxxxx").await;
        crate::sender::tests_support::send(&world.agent, &deliveries).await;
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
    let deliveries = Deliveries::from_settings(&world.agent.settings, "shell.example.org").unwrap();
    world.import("dave", &email("dave@example.org"), true).await;
    was_let_in(&world, "dave", &[6, 4, 2]).await;
    let mut dave = world.signs_in("dave");
    dave.answers("can't be put off any longer:\nwithout it, this sign-in ends here.\nHow do you want", "090-1234-5678")
        .await;
    dave.answers("on its way", "xxxxxx").await;
    // Nothing leaves, as nothing was to leave.
    crate::sender::tests_support::send(&world.agent, &deliveries).await;
    world.later(11);
    dave.answers("6 digits", "").await;
    assert!(dave.bound);
    assert_eq!(dave.ends().await.0, Standing::Denied);
}
