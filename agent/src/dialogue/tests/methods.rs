//! Every way to prove who one is, from the menu to the new password.

use std::time::Duration;

use sspr_config::dialogue::{Purpose, Standing};

use super::world::{Person, World, email, phone};
use crate::{
    credential::{Verdict, client::CredentialsError},
    outbox::OutboxMessage,
    sender::tests_support::drain,
    store::sql,
};

const NEW: &str = "plover tundra biscuit";
const VOICE: &str = "voice = true\ngateway = \"twilio\"\n[phone.twilio]\ntoken_file = \"/t\"\nfrom = \"+15005550006\"\n\
                     account_sid = \"AC00000000000000000000000000000000\"\n";

async fn chooses_a_new_password(person: &mut Person) {
    person.answers("New password", NEW).await;
    person.answers("Type it again", NEW).await;
    assert_eq!(person.ends().await.0, Standing::Recovered);
}

#[tokio::test]
async fn alice_recovers_by_her_app_on_a_host_that_sends_nothing() {
    let world = World::with("[register]\nmethods = [\"app\"]\n[recover]\nadmin_methods_required = 1\n").await;
    let secret = world.register_app("alice").await;
    let mut alice = world.forgets("alice");
    alice.answers("  app   a code from your authenticator app", "app").await;
    alice.answers("Type the code that your authenticator app shows", "000 00x").await;
    alice.answers("4 tries are left", "new").await;
    let code = world.shown(&secret);
    alice.answers("one of the answers shown", &format!("{} {}", &code[..3], &code[3..])).await;
    chooses_a_new_password(&mut alice).await;
    assert!(world.mailbox().await.is_empty());
    assert!(alice.screen.iter().all(|screen| !screen.contains("email") && !screen.contains("phone")));
}

#[tokio::test]
async fn a_recovery_code_is_taken_in_any_case_and_says_how_many_are_left() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    let codes = world.recovery_codes("alice").await;
    for (code, left) in [(codes[0].to_uppercase(), "9 recovery codes left"), (codes[1].replace('-', ""), "8 rec")] {
        world.accounts().passwords.insert("alice".into(), "the old one".into());
        let mut alice = world.forgets("alice");
        alice.answers("  code  a recovery code or one from the help desk", "code").await;
        alice.answers("Type a recovery code", &code).await;
        alice.answers(left, "").await;
        chooses_a_new_password(&mut alice).await;
    }
    let mut alice = world.forgets("alice");
    alice.answers("How do you want", "code").await;
    alice.answers("Type a recovery code", &codes[0]).await;
    alice.answers("That code is not right. 4 tries are left.", "").await;
}

/// The user whose mail never came is asked for its code until it expires.
#[tokio::test]
async fn at_a_code_that_is_still_open_the_word_code_leads_to_the_codes_that_the_user_has_and_a_line_says_so() {
    const LINE: &str = "For a recovery code, or one from the help desk, type: code";
    for (service, source) in [("sshd", "192.0.2.1"), ("login", "tty1")] {
        let world = World::new().await;
        world.register("alice", &email("alice@example.org")).await;
        let codes = world.recovery_codes("alice").await;
        let vouched = world.helpdesk_code("alice").await;
        for code in [&vouched, &codes[0]] {
            world.accounts().passwords.insert("alice".into(), "the old one".into());
            let mut alice = world.dialogue_at(service, Purpose::Recover, "alice", 0, source);
            alice.answers("How do you want", "e").await;
            let fresh = alice.reads("on its way", "").await;
            assert!(!fresh.contains(LINE), "{fresh}");
            assert_eq!(
                alice.ends().await,
                (Standing::Refused, "You left the reset. Nothing was changed.".into()),
                "it stands above the next prompt"
            );
            let mut alice = world.dialogue_at(service, Purpose::Recover, "alice", 0, source);
            let resumed = alice.reads("sent by email before", "code").await;
            assert!(resumed.contains(LINE), "{resumed}");
            alice.answers("Type a recovery code", "other").await;
            alice.answers("How do you want", "e").await;
            let fresh = alice.reads("was sent before and is still good", "code").await;
            assert!(!fresh.contains(LINE), "{fresh}");
            if service == "sshd" {
                // A code that lacks two digits is as long.
                alice.answers("A code has 6 digits", "other").await;
                alice.answers("How do you want", "code").await;
            }
            alice.answers("Type a recovery code", code).await;
            chooses_a_new_password(&mut alice).await;
            world.later(90_000);
        }
    }
    // Where a code is of a contact that is just being registered, it takes no other one.
    let world = World::new().await;
    let mut bob = world.signs_in("bob");
    bob.answers("1, 2 or 3", "1").await;
    bob.answers("Which email", "bob@example.org").await;
    let asked = bob.reads("on its way", "code").await;
    assert!(!asked.contains(LINE), "{asked}");
    bob.answers("A code has 6 digits", "").await;
}

#[tokio::test]
async fn whoever_is_not_registered_at_all_gets_in_by_the_help_desk_even_where_two_methods_are_required() {
    let world = World::with("[recover]\nmethods_required = 2\nrecovery_codes = false\n").await;
    let code = world.helpdesk_code("bob").await;
    let mut bob = world.forgets("bob");
    bob.answers("  code  a code from the help desk", "code").await;
    bob.answers("what the help desk gave you", &code).await;
    chooses_a_new_password(&mut bob).await;
    assert_eq!(world.accounts().changes, ["bob"]);
    let mut again = world.forgets("bob");
    again.answers("How do you want", "code").await;
    again.answers("help desk", &code).await;
    again.answers("That code is not right", "").await;
}

#[tokio::test]
async fn an_administrator_takes_any_two_in_any_order_and_the_help_desk_is_one_of_them() {
    for swapped in [false, true] {
        let world = World::new().await;
        world.accounts().states.get_mut("alice").unwrap().admin = true;
        let secret = world.register_app("alice").await;
        let mut ways = [("app", world.shown(&secret)), ("code", world.helpdesk_code("alice").await)];
        if swapped {
            ways.reverse();
        }
        let mut alice = world.forgets("alice");
        alice.answers("How do you want", ways[0].0).await;
        alice.answers("Type", &ways[0].1).await;
        alice.answers("Your account needs one more, another way.", ways[1].0).await;
        alice.answers("Type", &ways[1].1).await;
        chooses_a_new_password(&mut alice).await;
        let asked_again = alice.screen.iter().find(|screen| screen.contains("one more")).unwrap();
        assert_eq!(asked_again.contains("authenticator app"), swapped, "what was proved is not offered again");
        assert_eq!(asked_again.contains("one from the help desk"), !swapped, "{asked_again}");
    }
}

#[tokio::test]
async fn e_goes_to_the_preferred_mailbox_a_typed_address_to_that_one_and_an_unconfirmed_one_gets_nothing() {
    let world = World::new().await;
    for address in ["first@example.org", "second@example.org", "imported@example.org"] {
        world.register("alice", &email(address)).await;
    }
    world.sql("UPDATE contact SET preferred = CASE id WHEN 2 THEN 1 ELSE 0 END, usable = CASE id WHEN 3 THEN 0 ELSE 1 END").await;
    for (typed, gets) in [
        ("e", Some("second@example.org")),
        ("first@example.org", Some("first@example.org")),
        (" SECOND@EXAMPLE.ORG", Some("second@example.org")),
        ("imported@example.org", None),
        ("bob@example.org", None),
    ] {
        let mut alice = world.forgets("alice");
        alice.answers("How do you want", typed).await;
        alice.answers("on its way", "other").await;
        alice.answers("How do you want", "").await;
        let mail = world.mailbox().await;
        assert_eq!(mail.first().map(|(to, _)| to.as_str()), gets, "{typed}");
        world.later(86_400);
    }
    // Where no usable one is preferred, the oldest.
    world.sql("UPDATE contact SET preferred = CASE id WHEN 3 THEN 1 ELSE 0 END").await;
    let mut alice = world.forgets("alice");
    alice.answers("How do you want", "e").await;
    alice.hangs_up().await;
    assert_eq!(world.mailbox().await[0].0, "first@example.org");
}

#[tokio::test]
async fn whoever_waits_for_two_codes_types_them_in_any_order() {
    let world = World::with("[recover]\nmethods_required = 2\n").await;
    world.register("alice", &email("alice@example.org")).await;
    world.register("alice", &phone("+819012345678")).await;
    let mut alice = world.forgets("alice");
    alice.answers("How do you want", "e").await;
    alice.answers("on its way", "other").await;
    alice.answers("How do you want", "090-1234-5678").await;
    alice.hangs_up().await;
    let mail = world.mailbox().await;
    assert_eq!(mail.len(), 2);
    let mut alice = world.forgets("alice");
    alice.answers("to the contact that you typed", &mail[0].1).await;
    alice.answers("to the contact that you typed", &mail[1].1).await;
    chooses_a_new_password(&mut alice).await;
}

/// What waits to be sent: to whom, and whether it is a call.
async fn sent(world: &World) -> Vec<(String, bool)> {
    let sent = drain(&world.agent).await;
    sent.into_iter()
        .map(|(queued, message)| {
            (message.to().as_str().to_owned(), matches!(queued, OutboxMessage::Code(code) if code.voice))
        })
        .collect()
}

#[tokio::test]
async fn a_phone_can_be_called_where_voice_is_on_and_an_address_rings_nowhere() {
    let world = World::with(VOICE).await;
    world.register("alice", &phone("+819012345678")).await;
    world.register("alice", &email("alice@example.org")).await;
    for (typed, to, rings) in [
        ("090-1234-5678", "+819012345678", vec![("+819012345678".to_owned(), true)]),
        ("alice@example.org", "alice@example.org", vec![]),
    ] {
        let mut alice = world.forgets("alice");
        alice.answers("How do you want", typed).await;
        alice.answers("call (read it out)", "call").await;
        alice.answers("Another can be sent in 60 seconds", "other").await;
        alice.hangs_up().await;
        assert_eq!(sent(&world).await, [(to.to_owned(), false)]);
        world.later(61);
        let mut alice = world.forgets("alice");
        alice.answers("to the contact that you typed", "other").await;
        alice.answers("How do you want", typed).await;
        alice.answers_after(&world, 61, "on its way", "call").await;
        alice.answers("it rings in a moment", "").await;
        alice.ends().await;
        let mut sent = self::sent(&world).await;
        assert_eq!(sent.remove(0), (to.to_owned(), false));
        assert_eq!(sent, rings);
        world.later(86_400);
    }
}

#[tokio::test]
async fn the_code_that_was_read_out_is_good_and_the_texted_one_before_it_is_not() {
    let world = World::with(VOICE).await;
    world.register("alice", &phone("+819012345678")).await;
    let mut alice = world.forgets("alice");
    alice.answers("How do you want", "090-1234-5678").await;
    alice.hangs_up().await;
    let texted = world.the_code().await;
    let mut alice = world.forgets("alice");
    alice.answers("to the contact that you typed", "other").await;
    alice.answers("How do you want", "090-1234-5678").await;
    alice.answers_after(&world, 61, "was sent before", "call").await;
    alice.hangs_up().await;
    let spoken = world.the_code().await;
    let mut alice = world.forgets("alice");
    if texted != spoken {
        alice.answers("to the contact that you typed", &texted).await;
    }
    alice.answers("", &spoken).await;
    chooses_a_new_password(&mut alice).await;
}

#[tokio::test]
async fn no_call_is_offered_for_the_registered_mailbox_or_where_voice_is_off() {
    let world = World::with(VOICE).await;
    let mut alice = world.forgets("alice");
    alice.answers("How do you want", "e").await;
    alice.answers("on its way", "call").await;
    alice.answers("A code has 6 digits", "other").await;
    alice.answers("How do you want", "").await;
    let world = World::new().await;
    let mut bob = world.forgets("bob");
    bob.answers("How do you want", "090-1234-5678").await;
    bob.answers("on its way", "").await;
    bob.ends().await;
    assert!([alice.screen, bob.screen].concat().iter().all(|screen| !screen.contains("call")));
}

#[tokio::test]
async fn a_locked_account_is_unlocked_without_a_new_password_and_leads_back_to_the_old_one() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    let code = world.recovery_codes("alice").await.remove(0);
    world.accounts().states.get_mut("alice").unwrap().faillock_locked = true;
    let mut alice = world.forgets("alice");
    alice.answers("How do you want", "code").await;
    alice.answers("Type a recovery code", &code).await;
    alice.answers("have locked this account", "what?").await;
    alice.answers("one of the answers shown", " Unlock ").await;
    let (standing, text) = alice.ends().await;
    assert_eq!(standing, Standing::Refused, "the module asks for the password again");
    assert!(text.contains("Sign in with the password\nthat you had before"), "{text}");
    assert_eq!(world.accounts().unlocked, ["alice"]);
    assert_eq!(world.accounts().passwords["alice"], "the old one");
    assert_eq!(world.mailbox().await, [("alice@example.org".into(), "Unlocked".into())]);
    let mut again = world.forgets("alice");
    again.answers("How do you want", "code").await;
    again.answers("Type a recovery code", &code).await;
    again.answers("not right", "").await;
}

#[tokio::test]
async fn a_locked_account_can_get_a_new_password_and_a_failing_helper_costs_no_code() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    let code = world.recovery_codes("alice").await.remove(0);
    world.accounts().states.get_mut("alice").unwrap().faillock_locked = true;
    world.accounts().fail = Some(CredentialsError::Unavailable(String::new()));
    let mut alice = world.forgets("alice");
    alice.answers("How do you want", "code").await;
    alice.answers("Type a recovery code", &code).await;
    alice.answers("have locked this account", "unlock").await;
    assert!(alice.ends().await.1.contains("Nothing was changed"));
    world.accounts().fail = None;
    let mut alice = world.forgets("alice");
    alice.answers("How do you want", "code").await;
    alice.answers("Type a recovery code", &code).await;
    alice.answers("have locked this account", "").await;
    chooses_a_new_password(&mut alice).await;
    assert!(world.accounts().unlocked.is_empty());
}

#[tokio::test]
async fn an_account_that_is_another_or_may_no_more_by_then_is_not_unlocked() {
    for (uid, verdict) in [(2001, Verdict::Eligible), (1001, Verdict::Locked), (1001, Verdict::OutOfScope)] {
        let world = World::new().await;
        world.register("alice", &email("alice@example.org")).await;
        world.accounts().states.get_mut("alice").unwrap().faillock_locked = true;
        let mut alice = world.forgets("alice");
        world.proves_by_email(&mut alice).await;
        alice.answers_while("have locked this account", "unlock", || world.account("alice", uid, verdict)).await;
        let (standing, text) = alice.ends().await;
        assert!(standing == Standing::Refused && text.contains("Nothing was changed"), "{text}");
        assert!(world.accounts().unlocked.is_empty());
    }
}

#[tokio::test]
async fn of_two_who_unlock_by_one_proof_and_after_an_unlocking_of_unknown_outcome_nobody_unlocks_again() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    let code = world.recovery_codes("alice").await.remove(0);
    world.accounts().states.get_mut("alice").unwrap().faillock_locked = true;
    let chosen = async || {
        let mut alice = world.forgets("alice");
        alice.answers("How do you want", "code").await;
        alice.answers("Type a recovery code", &code).await;
        assert!(alice.step().await.unwrap().text.contains("have locked this account"));
        alice
    };
    // Both have proved it before either acts.
    let (mut one, mut two) = (chosen().await, chosen().await);
    world.accounts().fail = Some(CredentialsError::Unknown("the helper died".into()));
    one.says(b"unlock").await;
    let (standing, text) = one.ends().await;
    assert!(standing == Standing::Refused && text.contains("may still be locked"), "{text}");
    assert!(world.mailbox().await.is_empty(), "no note of what may not have been done");
    world.accounts().fail = None;
    two.says(b"unlock").await;
    let (standing, text) = two.ends().await;
    assert!(standing == Standing::Refused && text.contains("too long"), "{text}");
    assert!(world.accounts().unlocked.is_empty());
}

#[tokio::test]
async fn an_unlocking_is_under_way_before_its_proof_is_spent_and_done_whatever_fails_after_it() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    world.accounts().states.get_mut("alice").unwrap().faillock_locked = true;
    let mut alice = world.forgets("alice");
    world.proves_by_email(&mut alice).await;
    assert!(alice.step().await.unwrap().text.contains("have locked this account"));
    let store = world.agent.store.clone();
    world.accounts().meanwhile = Some(Box::pin(async move {
        let mut session = store.session().await.unwrap();
        for table in ["outbox", "event"] {
            let gone = format!("ALTER TABLE {table} RENAME TO {table}_gone");
            sql::query(sqlx::AssertSqlSafe(gone)).execute(session.connection()).await.unwrap();
        }
    }));
    // Nothing is spent while another task has the store.
    let session = world.agent.store.session().await.unwrap();
    alice.says(b"unlock").await;
    let under_way = async {
        while world.agent.busy.is_idle() {
            tokio::task::yield_now().await;
        }
    };
    let under_way = tokio::time::timeout(Duration::from_secs(20), under_way).await;
    assert!(under_way.is_ok(), "the program could end between the proof and what it is for");
    drop(session);
    let (_, text) = alice.ends().await;
    assert!(text.contains("The account is unlocked"), "{text}");
    assert_eq!(world.accounts().unlocked, ["alice"]);
}

#[tokio::test]
async fn at_the_console_the_words_count() {
    let world = World::new().await;
    let secret = world.register_app("alice").await;
    let mut alice = world.at_the_console("alice");
    alice.answers("How do you want", "xyz").await;
    alice.answers("one of the answers shown", "1").await;
    alice.answers("one of the answers shown", "APP").await;
    alice.answers("authenticator app shows", "othr").await;
    alice.answers("one of the answers shown", "other").await;
    alice.answers("How do you want", "code").await;
    alice.answers("Type a recovery code", "Other").await;
    alice.answers("How do you want", "app").await;
    alice.answers("authenticator app shows", &world.shown(&secret)).await;
    chooses_a_new_password(&mut alice).await;
}

#[tokio::test]
async fn where_the_administrator_chose_so_contacts_are_listed_masked_to_choose_from() {
    let world = World::with("[recover]\ndisclose = \"masked\"\n").await;
    world.register("alice", &email("alice@example.org")).await;
    world.register("alice", &phone("+819012345678")).await;
    world.register("alice", &email("imported@example.org")).await;
    world.sql("UPDATE contact SET usable = CASE id WHEN 3 THEN 0 ELSE 1 END").await;
    for (number, gets) in [("1", "alice@example.org"), ("2", "+819012345678"), ("e", "alice@example.org")] {
        let mut alice = world.forgets("alice");
        alice.answers("  1     a***@e***.org\n  2     +81 ** **** **78\n", number).await;
        alice.answers("on its way", "").await;
        assert_eq!(world.mailbox().await[0].0, gets, "{number}");
        let menu = &alice.screen[0];
        assert!(!menu.contains("app") && !menu.contains("or type") && menu.contains("code  a recovery"), "{menu}");
        world.later(86_400);
    }
}
