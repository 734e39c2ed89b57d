//! A forgotten password, from the menu to the new one.

use sspr_config::dialogue::{Purpose, Standing};

use super::world::{World, email, phone};
use crate::credential::{Verdict, client::CredentialsError};

const NEW: &str = "plover tundra biscuit";

#[tokio::test]
async fn alice_recovers_by_email_and_every_contact_gets_a_note() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    world.register("alice", &phone("+819012345678")).await;
    let mut alice = world.forgets("alice");
    alice.answers("How do you want to show", "e").await;
    alice.answers("If this account has a registered email address", "nonsense").await;
    let mail = world.mailbox().await;
    assert_eq!(mail.len(), 1);
    assert_eq!(mail[0].0, "alice@example.org");
    alice.answers("That code is not right. 4 tries are left.\nA code has 6 digits.", &mail[0].1).await;
    alice.answers("at least 12 characters", "short").await;
    alice.answers("too short", NEW).await;
    alice.answers("Type it again", "another one that is long").await;
    alice.answers("do not match", NEW).await;
    alice.answers("Type it again", NEW).await;
    assert_eq!(alice.ends().await, (Standing::Recovered, String::new()));
    assert_eq!(world.accounts().passwords["alice"], NEW);
    let mut notes = world.mailbox().await;
    notes.sort();
    assert_eq!(notes, [("+819012345678".into(), "Recovered".into()), ("alice@example.org".into(), "Recovered".into())]);
}

#[tokio::test]
async fn what_can_be_known_of_a_new_password_is_found_out_while_it_is_typed_again_and_let_go_where_it_is_not() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    let prepared = || world.accounts().prepared.clone();
    let mut alice = world.forgets("alice");
    world.proves_by_email(&mut alice).await;
    alice.answers("at least 12 characters", "short").await;
    assert!(prepared().is_empty(), "nothing but what may be the new one");
    alice.answers("too short", NEW).await;
    let is = |wanted: &[&str]| assert_eq!(prepared(), wanted);
    alice.answers_while("Type it again", "another one that is long", || is(&[NEW])).await;
    alice.answers_while("do not match", NEW, || is(&[])).await;
    alice.answers_while("Type it again", "another one that is long", || is(&[NEW])).await;
    alice.answers("do not match", NEW).await;
    // A user who leaves leaves nothing behind.
    alice.hangs_up().await;
    is(&[]);
    assert!(world.accounts().changes.is_empty());
}

#[tokio::test]
async fn a_phone_gets_a_code_only_from_somebody_who_knows_its_number_and_a_wrong_one_looks_the_same() {
    let world = World::new().await;
    world.register("bob", &phone("+819012345678")).await;
    let mut screens = Vec::new();
    for number in ["090-1234-5679", "not a number", "\u{8}\n\r\u{7f}INCORRECT", "110110", "０９０−１２３４−５６７８"]
    {
        let mut bob = world.forgets("bob");
        bob.answers("How do you want", number).await;
        bob.answers("If that is registered for this account", "000000").await;
        bob.answers("4 tries are left", "").await;
        bob.ends().await;
        let sent = world.mailbox().await;
        assert_eq!(sent.len(), usize::from(number.starts_with('０')), "{number}");
        screens.push(bob.screen);
        world.later(86_400);
    }
    assert!(screens.iter().all(|s| *s == screens[0]), "{screens:#?}");
}

#[tokio::test]
async fn what_sshd_types_in_place_of_somebody_it_does_not_know_looks_the_same_at_every_question() {
    // OpenSSH's fake_password: the same length, other characters.
    let fake = |typed: &str| -> String { "\u{8}\n\r\u{7f}INCORRECT".chars().cycle().take(typed.len()).collect() };
    let scripts: [&[&str]; 8] = [
        &["e", "000000", "111111", "new", "222222", ""],
        &["e", "new", "other", "e", "12345678", "x", ""],
        &["1", "123 456", "123-45-6", "abcdefg", ""],
        &["phone", "p", "oops", "neww", "090-1234-5678", "000000", ""],
        &["090-1234-5678", "000000", "111111", "222222", "333333", "444444"],
        &["not a number", "new", "000000", ""],
        &["xy", "xyz", "wxyz", "vwxyz", "uvwxyz", "ab", "abcd", ""],
        &["e", "é", "１２３４５６", "  ", "000 000 ", ""],
    ];
    for (n, script) in scripts.iter().enumerate() {
        let world = World::new().await;
        world.register("alice", &email("alice@example.org")).await;
        world.register("alice", &phone("+819012345678")).await;
        let mut alice = world.forgets("alice");
        alice.types(script).await;
        let faked: Vec<String> = script.iter().map(|typed| fake(typed)).collect();
        let mut nobody = world.dialogue_from(Purpose::Recover, "nobody-of-that-name", 0, "198.51.100.1");
        nobody.types(&faked.iter().map(String::as_str).collect::<Vec<_>>()).await;
        assert_eq!(alice.screen, nobody.screen, "script {n}");
    }
}

#[tokio::test]
async fn how_many_digits_a_code_has_is_said_only_where_another_number_was_typed() {
    for (seat, typed, said) in
        [("login", "00 00-00", false), ("login", "000000", false), ("sshd", "000000", false), ("sshd", "0000000", true)]
    {
        let world = World::new().await;
        let mut alice = world.dialogue_at(seat, Purpose::Recover, "alice", 0, "192.0.2.1");
        alice.answers("How do you want", "e").await;
        alice.answers("on its way", typed).await;
        let screen = alice.reads("4 tries are left", "").await;
        assert_eq!(screen.contains("A code has 6 digits"), said, "{seat} {typed}: {screen}");
    }
}

#[tokio::test]
async fn over_sshd_where_only_lengths_count_a_mistyped_short_answer_does_no_harm() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    let mut alice = world.forgets("alice");
    alice.answers("How do you want", "e").await;
    alice.answers("on its way", "12").await;
    alice.answers("A code has 6 digits", "1234").await;
    // As long as "new": during the cool-down nothing is sent.
    alice.answers("A code has 6 digits", "123").await;
    // A digit is missing. It is as long as "other", and the code stays valid.
    alice.answers("Another can be sent in", "12345").await;
    alice.answers("How do you want", "e").await;
    let code = world.the_code().await;
    alice.answers("sent before and is still good", &code).await;
    alice.answers("New password", "").await;
}

#[tokio::test]
async fn a_code_may_be_typed_with_spaces_dashes_and_full_width_digits() {
    for spread in [
        |c: &str| format!("{} {}", &c[..3], &c[3..]),
        |c: &str| format!(" {}-{} ", &c[..2], &c[2..]),
        |c: &str| c.chars().map(|d| char::from_u32(d as u32 - 0x30 + 0xff10).unwrap()).collect(),
    ] {
        let world = World::new().await;
        world.register("alice", &email("alice@example.org")).await;
        let mut alice = world.forgets("alice");
        alice.answers("How do you want", "e").await;
        alice.answers("on its way", "").await;
        alice.ends().await;
        let code = world.the_code().await;
        let mut alice = world.forgets("alice");
        alice.answers("was sent by email before", &spread(&code)).await;
        alice.answers("New password", "").await;
    }
}

#[tokio::test]
async fn a_second_connection_goes_on_with_the_code_that_was_sent_and_no_second_message_is() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    let mut first = world.forgets("alice");
    first.answers("How do you want", "e").await;
    first.hangs_up().await;
    let code = world.the_code().await;
    world.later(200);
    let mut second = world.forgets("alice");
    second.answers("was sent by email before", &code).await;
    // The connection drops again, after the proof: the same code is accepted once more.
    second.hangs_up().await;
    let mut third = world.forgets("alice");
    third.answers("was sent by email before", &code).await;
    third.answers("New password", NEW).await;
    third.answers("Type it again", NEW).await;
    assert_eq!(third.ends().await.0, Standing::Recovered);
    let notes = world.mailbox().await;
    assert_eq!(notes, [("alice@example.org".into(), "Recovered".into())]);
}

#[tokio::test]
async fn another_code_goes_after_the_cool_down_and_voids_the_old_one() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    let mut alice = world.forgets("alice");
    alice.answers("How do you want", "e").await;
    alice.answers("on its way", "new").await;
    let old = world.the_code().await;
    alice.answers("Another can be sent in 60 seconds", "xxxxxx").await;
    world.later(61);
    alice.answers("4 tries are left", "NEW").await;
    alice.answers("on its way", &old).await;
    let new = world.the_code().await;
    if old != new {
        alice.answers("4 tries are left", &new).await;
        alice.answers("New password", "").await;
    }
}

#[tokio::test]
async fn a_refusal_by_the_host_says_why_and_the_next_try_needs_no_new_code() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    world.accounts().refuse = Some("Password has been already used.".into());
    let mut alice = world.forgets("alice");
    alice.answers("How do you want", "e").await;
    alice.answers("on its way", "").await;
    let code = world.the_code().await;
    let mut alice = world.forgets("alice");
    alice.answers("before", &code).await;
    alice.answers("New password", NEW).await;
    alice.answers("Type it again", NEW).await;
    alice.answers("Password has been already used.", "walrus quilt trombone").await;
    alice.answers("Type it again", "walrus quilt trombone").await;
    assert_eq!(alice.ends().await.0, Standing::Recovered);
    assert_eq!(world.accounts().changes.len(), 1);
}

#[tokio::test]
async fn a_failing_helper_leaves_the_old_password_and_an_unknown_outcome_spends_the_proof() {
    for (error, again) in
        [(CredentialsError::Unavailable(String::new()), true), (CredentialsError::Unknown(String::new()), false)]
    {
        let world = World::new().await;
        world.register("alice", &email("alice@example.org")).await;
        let mut alice = world.forgets("alice");
        alice.answers("How do you want", "e").await;
        alice.hangs_up().await;
        let code = world.the_code().await;
        world.accounts().fail = Some(error);
        let mut alice = world.forgets("alice");
        alice.answers("before", &code).await;
        alice.answers("New password", NEW).await;
        alice.answers("Type it again", NEW).await;
        let (standing, text) = alice.ends().await;
        assert_eq!(standing, Standing::Refused);
        assert!(text.contains(if again { "Nothing was changed" } else { "may not have gone through" }), "{text}");
        assert_eq!(world.accounts().passwords["alice"], "the old one");
        world.accounts().fail = None;
        let mut alice = world.forgets("alice");
        if again {
            alice.answers("before", &code).await;
            alice.answers("New password", "").await;
        } else {
            alice.answers("How do you want", "").await;
        }
    }
}

#[tokio::test]
async fn an_administrator_needs_two_different_methods_in_any_order() {
    let world = World::new().await;
    world.accounts().states.get_mut("alice").unwrap().admin = true;
    world.register("alice", &email("alice@example.org")).await;
    world.register("alice", &phone("+819012345678")).await;
    let mut alice = world.forgets("alice");
    alice.answers("How do you want", "+81 90 1234 5678").await;
    alice.hangs_up().await;
    let code = world.the_code().await;
    let mut alice = world.forgets("alice");
    alice.answers("to the contact that you typed", &code).await;
    world.later(5);
    alice.answers("one more, another way", "y").await;
    alice.hangs_up().await;
    let second = world.the_code().await;
    // A new connection proves both again with the codes that were sent; one of them is not enough.
    let mut alice = world.forgets("alice");
    alice.answers("sent by email before", &second).await;
    alice.answers("to the contact that you typed", &code).await;
    alice.answers("New password", NEW).await;
    alice.answers("Type it again", NEW).await;
    assert_eq!(alice.ends().await.0, Standing::Recovered);
}

#[tokio::test]
async fn accounts_that_may_not_recover_show_the_same_screens_as_one_that_may() {
    let world = World::with("[notify]\nblocked = false\n").await;
    world.register("alice", &email("alice@example.org")).await;
    for (name, uid, verdict) in [
        ("locked", 1010, Verdict::Locked),
        ("expired", 1011, Verdict::Expired),
        ("outside", 1012, Verdict::OutOfScope),
        ("daemon", 2, Verdict::System),
        ("robot", 1013, Verdict::NoLogin),
    ] {
        world.account(name, uid, verdict);
        world.register(name, &email("x@example.org")).await;
    }
    let script = ["xx", "e", "other", "e", "abc", "000000", "111111", "new", "222222", "333333", "444444", "1"];
    let mut want = None;
    for name in [
        "alice",
        "bob",
        "nobody-of-that-name",
        "root",
        "locked",
        "expired",
        "outside",
        "daemon",
        "robot",
        "",
        "ŝpäce x",
    ] {
        let mut person = world.dialogue_from(Purpose::Recover, name, 0, name);
        person.types(&script).await;
        let sent = world.mailbox().await;
        assert_eq!(sent.len(), usize::from(name == "alice"), "{name}: {sent:?}");
        assert!(!sent.iter().any(|(_, code)| script.contains(&code.as_str())), "a guess was right, one in 100000");
        assert!(person.screen.last().unwrap().contains("Reset is suspended"), "{}", person.screen.join("\n"));
        let again = {
            let mut again = world.dialogue_from(Purpose::Recover, name, 0, name);
            again.types(&script).await;
            again.screen
        };
        let screens = (person.screen, again);
        assert_eq!(*want.get_or_insert_with(|| screens.clone()), screens, "{name}");
    }
    assert!(world.accounts().changes.is_empty());
}

#[tokio::test]
async fn an_account_that_is_locked_during_the_dialogue_is_not_changed() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    let mut alice = world.forgets("alice");
    alice.answers("How do you want", "e").await;
    alice.hangs_up().await;
    let code = world.the_code().await;
    let mut alice = world.forgets("alice");
    alice.answers("before", &code).await;
    alice.answers("New password", NEW).await;
    world.account("alice", 1001, Verdict::Locked);
    alice.answers("Type it again", NEW).await;
    assert_eq!(alice.ends().await.0, Standing::Refused);
    assert!(world.accounts().changes.is_empty());
}
