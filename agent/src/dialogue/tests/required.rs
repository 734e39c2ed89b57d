//! Registration where it is required: who may put it off, who gets in all the same, and that nobody gets round it.

use sspr_config::dialogue::Standing;

use super::world::{Person, START, World, email};
use crate::{account::Name, credential::Verdict, limits, proof::Account, store::sql};

pub(super) const DAY: i64 = 86_400;
pub(super) const HOUR: i64 = 3600;
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

/// Why people put it off, by the audit trail, oldest first.
pub(super) async fn reasons(world: &World) -> Vec<String> {
    crate::audit_writer::drain(&world.agent).await.unwrap();
    let mut session = world.agent.store.session().await.unwrap();
    sql::query_scalar("SELECT reason FROM audit WHERE event = 'Security info registration put off' ORDER BY id")
        .fetch_all(session.connection())
        .await
        .unwrap()
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
    sql::query("INSERT INTO exemption VALUES ('local', 'dave', '1004', 'root', 'a shared account', $1)")
        .bind(START)
        .execute(&mut tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.signs_in("dave").ends().await, LET_IN);
    world.account("dave", 2004, Verdict::Eligible);
    world.signs_in("dave").answers("can't be put off", "").await;
}

#[tokio::test]
async fn where_leaving_means_no_a_dialogue_that_leads_nowhere_ends_with_no_as_well() {
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
    crate::audit_writer::drain(&world.agent).await.unwrap();
    let reasons: Vec<String> =
        sql::query_scalar("SELECT reason FROM audit WHERE event = 'Security info registration refused' ORDER BY id")
            .fetch_all(world.agent.store.session().await.unwrap().connection())
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
    crate::audit_writer::drain(&world.agent).await.unwrap();
    let mut session = world.agent.store.session().await.unwrap();
    let records: Vec<(String, String)> =
        sql::query_as("SELECT event, reason FROM audit ORDER BY id").fetch_all(session.connection()).await.unwrap();
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
