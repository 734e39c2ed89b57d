//! What answers where a person is meant, and what was typed where nobody looked at it.

use sspr_config::{
    dialogue::{Purpose, Standing},
    settled,
};

use super::world::{START, World, email};
use crate::{credential::Verdict, store::sql};

const DAY: i64 = 86_400;
const LET_IN: (Standing, String) = (Standing::Finished, String::new());

#[tokio::test]
async fn without_a_password_that_is_known_to_be_right_nothing_is_asked_and_a_line_says_once_a_day_how_to_register() {
    let world = World::new().await;
    for _ in 0..2 {
        let mut alice = world.signs_in("alice");
        alice.vouched = false;
        let (standing, text) = alice.ends().await;
        assert_eq!(
            (standing, text.as_str()),
            (Standing::Finished, "You can register for a reset by code: sspr enroll")
        );
        assert_eq!(world.signs_in("alice").ends().await, LET_IN);
        world.later(DAY + 1);
    }
    assert!(world.registered("alice").await.is_empty());
    world.signs_in("alice").answers("1, 2 or 3", "").await;
}

/// To confirm what an administrator entered is to register it.
#[tokio::test]
async fn what_was_entered_for_somebody_is_asked_about_only_where_the_password_is_known_to_be_right() {
    let world = World::new().await;
    world.import("alice", &email("alice@example.org"), false).await;
    let mut alice = world.signs_in("alice");
    alice.vouched = false;
    assert!(alice.ends().await.1.ends_with("sspr enroll"));
    assert!(!alice.screen.concat().contains("example"), "{:?}", alice.screen);
    world.later(DAY + 1);
    world.signs_in("alice").answers("Is it yours?", "").await;
}

#[tokio::test]
async fn of_who_is_registered_the_helper_is_not_asked_anything() {
    let world = World::with("[recover]\nmethods_required = 2\n").await;
    world.register("alice", &email("alice@example.org")).await;
    world.later(400 * DAY);
    let mut alice = world.signs_in("alice");
    alice.vouched = false;
    // A code to what is there is asked for, to which a password adds nothing.
    alice.answers("How do you want", "").await;
}

#[tokio::test]
async fn a_sign_in_that_could_not_be_asked_leaves_the_question_for_one_that_can() {
    let world = World::with("[register]\nmode = \"required\"\nskip_days = 2\nask_again_days = 0\n").await;
    for _ in 0..3 {
        world.signs_in("alice").can_not_be_asked().await;
    }
    // Who is there and leaves was asked.
    let mut alice = world.signs_in("alice");
    alice.hangs_up().await;
    assert_eq!(world.signs_in("alice").ends().await, LET_IN);
    world.later(DAY + 1);
    // What was noted of the last time stays as it was.
    world.signs_in("alice").can_not_be_asked().await;
    let mut alice = world.signs_in("alice");
    alice.answers("1, 2 or 3", "").await;
    alice.ends().await;
    // The days to put it off have begun, and are not begun anew by what can't be asked.
    world.later(DAY + 1);
    world.signs_in("alice").can_not_be_asked().await;
    world.later(DAY + 1);
    let mut alice = world.signs_in("alice");
    alice.answers("can't be put off any longer", "").await;
    assert!(alice.bound);
}

/// asyncssh, sshpass and others answer before anybody could have typed, and can't go on after a question.
#[tokio::test]
async fn a_password_that_nobody_typed_leaves_the_question_for_a_sign_in_at_which_somebody_does() {
    let run = tempfile::tempdir().unwrap();
    let directory = run.path().join("sspr/settled");
    let world = World::new().await.noting(&directory);
    for _ in 0..2 {
        world.signs_in("alice").was_not_typed().await;
        assert!(settled::holds(&directory, "alice", 1001, START + 899), "it is not tried at each sign-in");
    }
    world.signs_in("alice").answers("1, 2 or 3", "").await;
}

#[tokio::test]
async fn who_signs_in_by_hosts_that_can_not_ask_alone_has_to_register_once_the_days_are_over() {
    let world = World::with("[register]\nmode = \"required\"\nskip_days = 2\n").await;
    for _ in 0..2 {
        world.signs_in("alice").can_not_be_asked().await;
        world.later(DAY + 1);
    }
    // At a terminal she is asked at once, and can do it there.
    let mut alice = world.signs_in("alice");
    alice.answers("can't be put off any longer", "").await;
    assert!(alice.bound);
}

/// How a reset ends for a user who types what is not on offer.
fn given_up() -> (Standing, String) {
    (Standing::GivenUp, "Too many answers were not among those shown.\nNothing was changed.".into())
}

#[tokio::test]
async fn five_answers_that_are_none_end_a_reset_alike_for_every_name_and_a_registration() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    for name in ["alice", "bob", "nobody-at-all"] {
        for service in ["sshd", "login"] {
            let mut person = world.dialogue_at(service, Purpose::Recover, name, 0, "192.0.2.1");
            for answer in ["zzzzz", "yyyyy", "zzzzz", "yyyyy", "zzzzz"] {
                person.answers("How do you want", answer).await;
            }
            assert_eq!(person.ends().await, given_up(), "{name}");
        }
    }
    let mut bob = world.signs_in("bob");
    for _ in 0..5 {
        bob.answers("1, 2 or 3", "zz").await;
    }
    assert_eq!(bob.ends().await, LET_IN);
    let required = world.set("[register]\nmode = \"required\"\nskip_days = 0\n");
    let mut dave = required.signs_in("dave");
    for _ in 0..5 {
        dave.answers("1, 2 or 3", "zz").await;
    }
    assert_eq!(dave.ends().await.0, Standing::Denied);
}

/// A user who mistypes now and then goes on, however often; what can't be read at all is no answer in between.
#[tokio::test]
async fn only_answers_running_that_are_none_end_it_alike_for_every_name() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    for name in ["alice", "bob", "nobody-at-all"] {
        for service in ["sshd", "login"] {
            let mut person = world.dialogue_at(service, Purpose::Recover, name, 0, "192.0.2.1");
            for _ in 0..4 {
                for _ in 0..4 {
                    person.answers("How do you want", "zzzzz").await;
                }
                // Understood, and back.
                person.answers("How do you want", "app").await;
                person.answers("authenticator app shows", "other").await;
            }
            let long = "z".repeat(600);
            for answer in ["zzzzz", "zzzzz", &long, "zzzzz", "zzzzz", "zzzzz"] {
                person.answers("", answer).await;
            }
            assert_eq!(person.ends().await, given_up(), "{name} at {service}");
        }
    }
}

/// The module shows nothing at a sign-in that has the word in it, and ends the dialogue.
#[tokio::test]
async fn an_administrators_own_words_about_passwords_are_left_out_at_a_sign_in() {
    let settings =
        "[register]\nmode = \"required\"\nskip_days = 0\n[helpdesk]\ntext = \"Lost your PASSWORD? Call 4711.\"\n";
    let world = World::with(settings).await;
    let mut alice = world.signs_in("alice");
    alice.answers("1, 2 or 3", "").await;
    alice.answers("1, 2 or 3", "").await;
    let (standing, text) = alice.ends().await;
    assert_eq!(standing, Standing::Denied);
    assert!(text.contains("register") && !text.to_lowercase().contains("assword"), "{text}");
}

/// Clients that can't go on after a question, and those that wait for their person and then can't either.
#[tokio::test]
async fn a_question_over_ssh_that_got_no_persons_answer_is_not_put_there_again_for_thirty_days_and_a_line_is_shown() {
    let world = World::new().await;
    world.signs_in("alice").hangs_up().await;
    for _ in 0..3 {
        world.later(DAY + 1);
        let (standing, text) = world.signs_in("alice").ends().await;
        assert_eq!(
            (standing, text.as_str()),
            (Standing::Finished, "You can register for a reset by code: sspr enroll")
        );
        assert_eq!(world.signs_in("alice").ends().await, LET_IN);
    }
    // At the console a person is asked.
    world.later(DAY + 1);
    let mut alice = world.at_console("alice");
    alice.answers("1, 2 or 3", "").await;
    alice.ends().await;
    world.later(27 * DAY);
    let mut alice = world.signs_in("alice");
    alice.answers("1, 2 or 3", "").await;
    alice.ends().await;
    // Who answers is asked as ever.
    world.later(DAY + 1);
    world.signs_in("alice").answers("1, 2 or 3", "").await;

    let as_before = world.set("[register]\nask_again_days = 0\n");
    as_before.signs_in("bob").hangs_up().await;
    as_before.later(DAY + 1);
    as_before.signs_in("bob").answers("1, 2 or 3", "").await;
}

#[tokio::test]
async fn what_is_registered_is_not_asked_about_either_where_nobody_answered_and_what_is_required_is() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    world.later(200 * DAY);
    world.signs_in("alice").hangs_up().await;
    world.later(DAY + 1);
    assert_eq!(world.signs_in("alice").ends().await, LET_IN);
    world.at_console("alice").answers("Is this still how", "").await;

    let required = world.set("[register]\nmode = \"required\"\nskip_days = 0\n");
    for _ in 0..2 {
        let mut bob = required.signs_in("bob");
        bob.hangs_up().await;
        assert!(bob.screen[0].contains("can't be put off"), "{:?}", bob.screen);
    }
}

/// Why the backup failed, and why a user is not asked.
#[tokio::test]
async fn each_sign_in_that_was_refused_put_off_or_not_asked_is_one_record_that_says_why() {
    let world = World::new().await;
    let as_it_stands = |world: &World| {
        let agent = world.agent.clone();
        async move {
            crate::audit_writer::drain(&agent).await.unwrap();
            let mut session = agent.store.session().await.unwrap();
            let all = "SELECT account || ': ' || reason FROM audit ORDER BY id";
            let records: Vec<String> = sql::query_scalar(all).fetch_all(session.connection()).await.unwrap();
            sql::query("DELETE FROM audit").execute(session.connection()).await.unwrap();
            records
        }
    };
    let mut unproved = world.signs_in("alice");
    unproved.vouched = false;
    unproved.ends().await;
    world.later(DAY + 1);
    let mut untold = world.signs_in("alice");
    untold.untold = true;
    untold.ends().await;
    world.signs_in("bob").hangs_up().await;
    for _ in 0..20 {
        world.signs_in("carol").can_not_be_asked().await;
    }
    world.account("erin", 1005, Verdict::Eligible);
    for _ in 0..20 {
        world.signs_in("erin").was_not_typed().await;
    }
    let mut program = world.signs_in("dave");
    program.step().await;
    program.answers_as_a_program().await;
    world.later(DAY + 1);
    for name in ["bob", "dave"] {
        assert!(world.signs_in(name).ends().await.1.ends_with("sspr enroll"), "{name} is not asked again over SSH");
    }
    assert_eq!(
        as_it_stands(&world).await,
        [
            "alice: the password is not known to be right",
            "alice: the password can't be checked at a sign-in",
            "bob: not answered",
            "carol: could not be asked",
            "erin: not asked: the password came too quickly to be typed",
            "dave: answered as by a program",
            "bob: not asked: nobody answered before",
            "dave: not asked: nobody answered before",
        ]
    );
    let required = world.set("[register]\nmode = \"required\"\nskip_days = 0\n");
    let mut program = required.signs_in("alice");
    program.step().await;
    program.answers_as_a_program().await;
    required.signs_in("bob").hangs_up().await;
    for _ in 0..2 {
        required.signs_in("carol").can_not_be_asked().await;
    }
    let refused = |name: &str, why: &str| format!("{name}: registration required: {why}");
    assert_eq!(
        as_it_stands(&required).await,
        [
            refused("alice", "answered as by a program"),
            refused("bob", "not answered"),
            refused("carol", "could not be asked"),
            refused("carol", "could not be asked"),
        ]
    );
}

/// A copy every minute by SSH's method `password` is to cost no more than without us.
#[tokio::test]
async fn where_a_host_can_not_ask_it_is_not_tried_at_each_sign_in_unless_registering_is_required() {
    let run = tempfile::tempdir().unwrap();
    let directory = run.path().join("sspr/settled");
    let holds = |name, uid, after| settled::holds(&directory, name, uid, START + after);
    let world = World::new().await.noting(&directory);
    world.signs_in("alice").can_not_be_asked().await;
    assert!(holds("alice", 1001, 0) && holds("alice", 1001, 899) && !holds("alice", 1001, 900));
    let required = world.set("[register]\nmode = \"required\"\nskip_days = 0\n");
    required.signs_in("bob").can_not_be_asked().await;
    assert!(!holds("bob", 1002, 0));
}

/// Answers the question that has `part` with what is none of its answers, for as long as it is asked.
async fn talks_past(person: &mut super::world::Person, part: &str, nonsense: &str) {
    for _ in 0..5 {
        person.answers(part, nonsense).await;
    }
    assert_eq!(person.ends().await, LET_IN, "{part}");
}

#[tokio::test]
async fn five_answers_that_are_none_end_every_dialogue_after_a_sign_in() {
    let world = World::new().await;
    talks_past(&mut world.signs_in("alice"), "1, 2 or 3", "what?").await;
    let mut bob = world.signs_in("bob");
    bob.answers("1, 2 or 3", "1").await;
    talks_past(&mut bob, "", "no address").await;
    let mut carol = world.signs_in("carol");
    carol.answers("1, 2 or 3", "3").await;
    talks_past(&mut carol, "", "no code").await;
    world.import("dave", &email("dave@example.org"), false).await;
    talks_past(&mut world.signs_in("dave"), "Is it yours?", "what?").await;

    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    world.later(400 * DAY);
    talks_past(&mut world.signs_in("alice"), "", "what?").await;
}

/// A copy every minute would else wake the agent and root's helper each time.
#[tokio::test]
async fn whoever_is_not_asked_today_is_noted_also_where_something_that_was_entered_waits_to_be_confirmed() {
    let run = tempfile::tempdir().unwrap();
    let directory = run.path().join("sspr/settled");
    let holds = |after| settled::holds(&directory, "alice", 1001, START + after);
    let world = World::new().await.noting(&directory);
    world.import("alice", &email("alice@example.org"), false).await;
    let mut alice = world.signs_in("alice");
    alice.answers("Is it yours?", "later").await;
    assert_eq!(alice.ends().await, LET_IN);
    assert!(!holds(0), "what was found before the question is old by then");
    let looked_at = world.accounts().looked_at;
    assert_eq!(world.signs_in("alice").ends().await, LET_IN);
    assert!(world.accounts().looked_at > looked_at && holds(0) && holds(DAY - 1) && !holds(DAY));
    world.later(DAY);
    world.signs_in("alice").answers("Is it yours?", "").await;
}

#[tokio::test]
async fn a_password_that_nobody_typed_leaves_a_review_for_a_sign_in_at_which_somebody_does() {
    let run = tempfile::tempdir().unwrap();
    let directory = run.path().join("sspr/settled");
    let world = World::new().await.noting(&directory);
    world.import("alice", &email("alice@example.org"), false).await;
    // Who need not register is asked about what an administrator entered.
    world.sql("INSERT INTO exemption VALUES ('local', 'alice', '1001', 'root', 'a robot', 0)").await;
    for _ in 0..2 {
        world.signs_in("alice").was_not_typed().await;
        assert!(settled::holds(&directory, "alice", 1001, START + 899), "it is not tried at each sign-in");
    }
    let mut unproved = world.signs_in("alice");
    unproved.vouched = false;
    assert!(unproved.ends().await.1.ends_with("sspr enroll"));
    assert_eq!(world.signs_in("alice").ends().await, LET_IN, "once a day");
    world.later(DAY + 1);
    world.signs_in("alice").answers("Is it yours?", "").await;
}

/// Each module asks the helper for itself, and the agent knows by which connection.
#[tokio::test]
async fn of_several_sign_ins_at_once_each_is_asked_by_what_the_helper_said_of_its_own_password() {
    let world = World::with("[register]\nmode = \"required\"\nskip_days = 0\n").await;
    let (mut right, mut wrong, mut untold) =
        (world.signs_in("alice"), world.signs_in("alice"), world.signs_in("alice"));
    (wrong.vouched, untold.untold) = (false, true);
    right.step().await.unwrap();
    for other in [&mut wrong, &mut untold] {
        let (standing, text) = other.ends().await;
        assert_eq!((standing, text.ends_with("sspr enroll")), (Standing::Finished, true));
    }
    assert!(right.screen[0].contains("can't be put off"), "{:?}", right.screen);
    right.says(b"1").await;
    world.types_email(&mut right, "alice@example.org").await;
    right.answers("Done", "").await;
    assert_eq!(right.ends().await, LET_IN);
    assert_eq!(world.registered("alice").await, ["alice@example.org"]);
}
