//! Registration where it is required: who may put it off, who gets in all the same, and that nobody gets round it.

use sspr_config::dialogue::{Purpose, Standing};

use super::world::{Person, START, World, email};
use crate::{account::Name, credential::Verdict, delivery::Deliveries, limits, proof::Account};

const DAY: i64 = 86_400;
const HOUR: i64 = 3600;
pub(super) const REQUIRED: &str = "[register]\nmode = \"required\"\nskip_days = 0\n";

pub(super) const LET_IN: (Standing, String) = (Standing::Finished, String::new());

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
async fn the_days_to_put_it_off_begin_with_the_first_sign_in_at_which_it_is_due() {
    let settings = "[register]\nmode = \"required\"\nskip_days = 2\n";
    // Also where it can't be asked: sshd's password method can't put the question and cancels.
    let world = World::with(settings).await;
    world.signs_in("dave").can_not_be_asked().await;
    world.later(DAY);
    let mut dave = world.signs_in("dave");
    dave.answers("not now", "").await;
    assert_eq!(dave.ends().await, LET_IN);
    world.later(DAY);
    world.signs_in("dave").answers("can't be put off", "").await;

    // At the console every question is seen, also by those who break off.
    let world = World::with(settings).await;
    world.at_console("dave").hangs_up().await;
    world.later(2 * DAY);
    world.at_console("dave").answers("can't be put off", "").await;

    // A user who has enough was not asked: should more be required later, the days begin then.
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
        let mut stranger = world.talk_from(Purpose::Recover, "dave", 0, &format!("203.0.113.{n}"));
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

/// `name` was let in without what is required, so many days ago each.
pub(super) async fn was_let_in(world: &World, name: &str, days: &[i64]) {
    let agent = &world.agent;
    let account = Account::new(&agent.keys, Name::local(name)).let_ins(&agent.keys);
    let mut tx = agent.begin().await.unwrap();
    for day in days {
        limits::was_let_in(&mut tx, &account, agent.now() - day * DAY).await.unwrap();
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

/// Why people put it off, by the audit trail, oldest first.
pub(super) async fn reasons(world: &World) -> Vec<String> {
    crate::audit::drain(&world.agent).await.unwrap();
    let mut session = world.agent.store.session().await;
    sqlx::query_scalar("SELECT reason FROM audit WHERE event = 'Security info registration put off' ORDER BY id")
        .fetch_all(session.connection())
        .await
        .unwrap()
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
        .sql("UPDATE challenge SET accepted = NULL, failed = created WHERE rowid = (SELECT min(rowid) FROM challenge)")
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
async fn where_a_code_was_sent_before_the_question_for_it_says_that_it_can_not_be_put_off() {
    let settings = format!("{REQUIRED}[recover]\nmethods_required = 2\n[helpdesk]\ntext = \"Call 4711.\"\n");
    let world = World::with(&settings).await;
    world.register("alice", &email("alice@example.org")).await;
    was_let_in(&world, "alice", &[6, 4, 2]).await;
    let mut alice = world.signs_in("alice");
    alice.answers("How do you want", "e").await;
    alice.hangs_up().await;
    let mut alice = world.signs_in("alice");
    let screen = alice.reads("was sent by email before", "other").await;
    assert!(alice.bound && screen.contains("can't be put off") && screen.contains("Call 4711."), "{screen}");
    alice.answers("How do you want", "").await;
    assert_eq!(alice.ends().await.0, Standing::Denied);
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
        crate::outbox::tests_support::send(&world.agent, &deliveries).await;
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
    crate::outbox::tests_support::send(&world.agent, &deliveries).await;
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
    dave.answers("Type of key", "").await;

    // While a code is waited for, its gateway turns out to be down; a day later that tells nothing any more.
    let world = World::with(REQUIRED).await;
    let mut dave = world.signs_in("dave");
    dave.answers("1, 2 or 3: ", "1").await;
    dave.answers("Which email", "dave@example.org").await;
    dave.answers_without_mail(&world, 11, "on its way", "xxxxxx").await;
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
    let mut tx = world.agent.begin().await.unwrap();
    sqlx::query("INSERT INTO exemption VALUES ('local', 'dave', '1004', 'root', 'a shared account', ?)")
        .bind(START)
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.signs_in("dave").ends().await, LET_IN);
    world.account("dave", 2004, Verdict::Eligible);
    world.signs_in("dave").answers("can't be put off", "").await;
}

#[tokio::test]
async fn where_leaving_means_no_a_talk_that_leads_nowhere_ends_with_no_as_well() {
    let world = World::with(REQUIRED).await;
    let mut dave = world.signs_in("dave");
    for _ in 0..5 {
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
async fn a_recovery_code_is_none_of_the_help_desks_and_is_not_used_up_where_that_one_is_asked_for() {
    let world = World::with(&format!("{REQUIRED}[recover]\nmethods_required = 2\n")).await;
    world.register("alice", &email("alice@example.org")).await;
    let codes = world.recovery_codes("alice").await;
    let mut alice = world.signs_in("alice");
    world.proves_by_email(&mut alice).await;
    alice.answers("Or type code, if the help desk", "code").await;
    alice.answers("the help desk gave you", &codes[0]).await;
    alice.answers("is not right", &world.helpdesk_code("alice").await).await;
    assert_eq!(alice.ends().await, LET_IN);
    let mut alice = world.signs_in("alice");
    alice.answers("How do you want", "code").await;
    alice.answers("Type a recovery code", &codes[0]).await;
    alice.answers("needs one more way", "").await;
}

#[tokio::test]
async fn each_sign_in_that_is_refused_is_one_record_that_says_how_it_came_to_it() {
    let world = World::with(REQUIRED).await;
    world.at_console("dave").hangs_up().await;
    let mut broken_off = world.at_console("dave");
    broken_off.answers("can't be put off", "xyz").await;
    broken_off.hangs_up().await;
    let mut declined = world.at_console("dave");
    declined.answers("can't be put off", "").await;
    declined.answers("can't be put off", "").await;
    assert_eq!(declined.ends().await.0, Standing::Denied);
    crate::audit::drain(&world.agent).await.unwrap();
    let reasons: Vec<String> =
        sqlx::query_scalar("SELECT reason FROM audit WHERE event = 'Security info registration refused' ORDER BY id")
            .fetch_all(world.agent.store.session().await.connection())
            .await
            .unwrap();
    let expected = ["not answered", "broken off", "declined"].map(|how| format!("registration required: {how}"));
    assert_eq!(reasons, expected);
}

#[tokio::test]
async fn where_the_password_can_not_be_checked_nothing_is_asked_no_day_begins_and_the_record_says_so() {
    let world = World::with("[register]\nmode = \"required\"\nskip_days = 2\n").await;
    // At the console whatever is asked is seen; here nothing was.
    for untold in [false, true] {
        let mut dave = world.at_console("dave");
        (dave.vouched, dave.untold) = (false, untold);
        assert_eq!(dave.ends().await.0, Standing::Finished);
        world.later(3 * DAY);
    }
    let mut dave = world.at_console("dave");
    dave.answers("not now", "").await;
    assert!(!dave.bound);
    assert_eq!(dave.ends().await, LET_IN);
    world.later(2 * DAY);
    let mut dave = world.at_console("dave");
    (dave.vouched, dave.untold) = (false, true);
    assert_eq!(dave.ends().await.0, Standing::Finished);
    world.at_console("dave").answers("can't be put off", "").await;
    assert_eq!(
        reasons(&world).await,
        [
            "the password is not known to be right",
            "the password can't be checked at a sign-in",
            "",
            "registration required, not asked: the password can't be checked at a sign-in",
        ]
    );
}

#[tokio::test]
async fn an_old_proof_that_is_declined_is_one_record() {
    let settings = format!("{REQUIRED}[recover]\nmethods_required = 2\n");
    let world = World::with(&settings).await;
    world.register("alice", &email("alice@example.org")).await;
    was_let_in(&world, "alice", &[6, 4, 2]).await;
    let mut alice = world.signs_in("alice");
    alice.answers("can't be put off any longer:\nwithout it, this sign-in ends here.\nHow do you want", "").await;
    assert_eq!(alice.ends().await.0, Standing::Denied);
    crate::audit::drain(&world.agent).await.unwrap();
    let mut session = world.agent.store.session().await;
    let records: Vec<(String, String)> =
        sqlx::query_as("SELECT event, reason FROM audit ORDER BY id").fetch_all(session.connection()).await.unwrap();
    let declined = "registration required: what is registered was not proved";
    assert_eq!(records, [("Security info registration refused".to_owned(), declined.to_owned())]);
}

/// Where the password was pasted, the module takes an empty first answer for a program's, and the sign-in ends.
#[tokio::test]
async fn where_it_binds_no_first_question_offers_enter_and_the_next_ones_do() {
    async fn first(person: &mut Person, part: &str, answer: &str) {
        let screen = person.reads(part, answer).await;
        assert!(person.bound && screen.contains("can't be put off") && !screen.contains("Enter"), "{screen}");
    }
    let world = World::with(REQUIRED).await;
    first(&mut world.signs_in("dave"), "1, 2 or 3: ", "1").await;
    // What an administrator entered.
    world.import("alice", &email("alice@example.org"), false).await;
    let mut alice = world.signs_in("alice");
    first(&mut alice, "y, n or later: ", "y").await;
    alice.answers("Enter (back)", "").await;
    world.mailbox().await;
    // And a code to it that is on its way.
    let mut alice = world.signs_in("alice");
    first(&mut alice, "y, n or later: ", "later").await;
    alice.answers("Enter (back)", "").await;
    alice.answers("1, 2 or 3: ", "").await;
    // A code to what was typed.
    let mut bob = world.signs_in("bob");
    bob.answers("1, 2 or 3: ", "1").await;
    bob.answers("Which email", "bob@example.org").await;
    bob.step().await;
    world.mailbox().await;
    bob.leaves().await;
    let mut bob = world.signs_in("bob");
    first(&mut bob, "or: new (another code), other (change it).", "new").await;
    bob.answers("Enter (back)", "").await;

    // What is registered is to be proved first.
    let world = World::with(&format!("{REQUIRED}[recover]\nmethods_required = 2\n")).await;
    world.register("alice", &email("alice@example.org")).await;
    was_let_in(&world, "alice", &[6, 4, 2]).await;
    let mut alice = world.signs_in("alice");
    first(&mut alice, "Your choice: ", "e").await;
    alice.answers("Enter (back)", "other").await;
    alice.answers("(Enter to go back)", "").await;
    let mut alice = world.signs_in("alice");
    first(&mut alice, "or: new (another code), other (another way).", "other").await;
    alice.answers("(Enter to go back)", "").await;
}
