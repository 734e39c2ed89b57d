//! What a stranger at a prompt can find out, use up or hold up of what belongs to others.

use sspr_config::dialogue::{Purpose, Standing};

use super::{
    attacks::{alice, case},
    world::{World, email, phone},
};
use crate::{
    credential::Verdict,
    proof::{self, Sent, To},
};

#[tokio::test]
async fn refreshing_sends_no_second_message_and_the_limit_counts_for_names_that_do_not_exist() {
    let world = alice().await;
    for name in ["alice", "nobody-of-that-name"] {
        let case = case(&world, name, Purpose::Recover, name);
        let to = || To::Registered(sspr_config::settings::Method::Email, None);
        let mut outcomes = vec![];
        for _ in 0..3 {
            outcomes.push(proof::send(&case, to()).await.unwrap());
        }
        assert!(matches!(outcomes[0], Sent::Now(_)), "{name}");
        assert_eq!(outcomes[1..], [Sent::Wait(60), Sent::Wait(60)], "{name}");
        assert_eq!(world.mailbox().await.len(), usize::from(name == "alice"));
    }
}

#[tokio::test]
async fn one_source_can_not_begin_without_end() {
    let world = alice().await;
    for n in 0..20 {
        let mut attacker = world.dialogue_from(Purpose::Recover, &format!("name{n}"), 0, "203.0.113.9");
        attacker.answers("How do you want", "yy").await;
        attacker.answers("How do you want", "").await;
        attacker.ends().await;
    }
    let mut attacker = world.dialogue_from(Purpose::Recover, "alice", 0, "203.0.113.9");
    assert!(attacker.ends().await.1.contains("Too many tries"));
    world.dialogue_from(Purpose::Recover, "alice", 0, "203.0.113.10").answers("How do you want", "").await;
}

#[tokio::test]
async fn a_stranger_with_a_wrong_number_neither_voids_the_code_that_bob_waits_for_nor_texts_him() {
    let world = World::new().await;
    world.register("bob", &phone("+819012345678")).await;
    let mut bob = world.forgets("bob");
    bob.answers("How do you want", "090-1234-5678").await;
    bob.answers("on its way", "xxxxxx").await;
    let code = world.the_code().await;
    let mut stranger = world.dialogue_from(Purpose::Recover, "bob", 0, "203.0.113.1");
    // "new" over another connection is "other": a user who resumes says the number again.
    stranger.answers("to the contact that you typed", "new").await;
    stranger.answers("How do you want", "+81 90 0000 0000").await;
    stranger.answers("on its way", "").await;
    assert!(world.mailbox().await.is_empty());
    bob.answers("tries are left", &code).await;
    bob.answers("New password", "").await;
    // And a connection that resumes after the stranger takes bob's code as well.
    let mut bob = world.forgets("bob");
    bob.answers("to the contact that you typed", &code).await;
    bob.answers("New password", "").await;
}

#[tokio::test]
async fn a_stranger_with_a_number_of_the_same_length_holds_up_bobs_text_for_the_cool_down_alone() {
    let world = World::new().await;
    world.register("bob", &phone("+819012345678")).await;
    let mut stranger = world.dialogue_from(Purpose::Recover, "bob", 0, "203.0.113.1");
    stranger.answers("How do you want", "090-0000-0000").await;
    stranger.hangs_up().await;
    world.later(20);
    let mut bob = world.forgets("bob");
    bob.answers("to the contact that you typed", "other").await;
    bob.answers("How do you want", "090-1234-5678").await;
    bob.answers_after(&world, 40, "Another can be sent in 40 seconds", "new").await;
    bob.hangs_up().await;
    let code = world.the_code().await;
    let mut bob = world.forgets("bob");
    bob.answers("to the contact that you typed", &code).await;
    bob.answers("New password", "").await;
}

#[tokio::test]
async fn whoever_uses_up_this_machine_s_messages_does_not_keep_the_owner_from_hearing_of_a_reset() {
    let world = World::with("[limits]\nmessages_per_hour = 1\n").await;
    world.register("alice", &email("alice@example.org")).await;
    world.register("bob", &email("bob@example.org")).await;
    let codes = world.recovery_codes("alice").await;
    for (name, codes) in [("bob", 1), ("alice", 0)] {
        let mut person = world.forgets(name);
        person.answers("How do you want", "e").await;
        person.hangs_up().await;
        assert_eq!(world.mailbox().await.len(), codes, "{name}");
    }
    let mut thief = world.forgets("alice");
    thief.answers("was sent by email before", "other").await;
    thief.answers("How do you want", "code").await;
    thief.answers("Type a recovery code", &codes[0]).await;
    thief.answers("New password", "plover tundra biscuit").await;
    thief.answers("Type it again", "plover tundra biscuit").await;
    assert_eq!(thief.ends().await.0, Standing::Recovered);
    assert_eq!(world.mailbox().await, [("alice@example.org".to_owned(), "Recovered".to_owned())]);
}

#[tokio::test]
async fn a_message_to_an_account_that_was_locked_meanwhile_is_not_sent() {
    let world = alice().await;
    let mut person = world.forgets("alice");
    person.answers("How do you want", "e").await;
    person.hangs_up().await;
    world.account("alice", 1001, Verdict::Locked);
    assert!(world.mailbox().await.is_empty());
}

/// Who watches the helper come and go must not see by it whether a code goes anywhere.
#[tokio::test]
async fn for_a_code_that_goes_nowhere_the_helper_is_asked_as_for_one_that_is_sent() {
    let mut seen = Vec::new();
    for name in ["alice", "nobody-of-that-name"] {
        let world = alice().await;
        let mut person = world.forgets(name);
        person.answers("How do you want", "e").await;
        person.hangs_up().await;
        let before = world.accounts().looked_at;
        let sent = world.mailbox().await.len();
        seen.push((sent, world.accounts().looked_at - before));
    }
    assert_eq!(seen, [(1, 1), (0, 1)]);
}

#[tokio::test]
async fn two_connections_do_not_tell_a_registered_number_from_another() {
    let mut screens = Vec::new();
    for (name, number) in [("bob", "090-1234-5678"), ("bob", "090-8765-4321"), ("nobody-of-that-name", "090-1234-5678")]
    {
        let world = World::new().await;
        world.register("bob", &phone("+819012345678")).await;
        let mut one = world.forgets(name);
        one.answers("How do you want", number).await;
        one.answers("on its way", "000000").await;
        let mut two = world.forgets(name);
        two.answers("to the contact that you typed", "other").await;
        two.answers("How do you want", "090-0000-1111").await;
        two.answers("was sent before", "000000").await;
        one.answers("tries are left", "000000").await;
        one.answers("tries are left", "new").await;
        one.answers("", "").await;
        one.ends().await;
        two.answers("tries are left", "").await;
        two.ends().await;
        screens.push((one.screen, two.screen));
    }
    assert!(screens.iter().all(|s| *s == screens[0]), "{screens:#?}");
}

#[tokio::test]
async fn two_addresses_of_one_length_over_two_connections_do_not_tell_a_name_that_sshd_knows() {
    let mut screens = Vec::new();
    // For the second name sshd types the same rubbish both times.
    for (name, first, second) in [
        ("alice", "alice@example.org", "somebo@example.net"),
        ("alice", "alice@example.net", "somebo@example.org"),
        ("nobody-of-that-name", "INCORRECTINCORRECT", "INCORRECTINCORRECT"),
    ] {
        let first = &format!("{first:x<18}");
        let world = alice().await;
        let mut one = world.forgets(name);
        one.answers("How do you want", first).await;
        one.step().await.unwrap();
        let mut two = world.forgets(name);
        two.answers("to the contact that you typed", "other").await;
        world.later(60);
        two.answers("How do you want", second).await;
        two.answers("on its way", "000000").await;
        one.says(b"000000").await;
        one.answers("3 tries are left", "000000").await;
        two.answers("4 tries are left", "").await;
        two.ends().await;
        one.answers("2 tries are left", "").await;
        one.ends().await;
        screens.push((one.screen, two.screen));
    }
    assert!(screens.iter().all(|s| *s == screens[0]), "{screens:#?}");
}

#[tokio::test]
async fn nobody_can_take_a_proof_away_that_was_given() {
    let world = alice().await;
    let mut hers = world.forgets("alice");
    hers.answers("How do you want", "e").await;
    hers.answers("on its way", "xxxxxx").await;
    let code = world.the_code().await;
    hers.answers("tries are left", &code).await;
    world.later(61);
    let mut stranger = world.dialogue_from(Purpose::Recover, "alice", 0, "203.0.113.1");
    stranger.answers("before", "other").await;
    stranger.answers("How do you want", "e").await;
    stranger.answers("on its way", "").await;
    hers.answers("New password", "plover tundra biscuit").await;
    hers.answers("Type it again", "plover tundra biscuit").await;
    assert_eq!(hers.ends().await.0, Standing::Recovered);
}
