//! What attackers did to other products, tried here.

use sspr_config::{
    dialogue::{Purpose, Standing},
    language::Language,
};

use super::world::{START, World, email, phone};
use crate::{
    account::Name,
    credential::Verdict,
    dialogue::{
        Caller,
        enrollment::{Change, Enrollment},
    },
    proof::{self, Account, Answered, Attempt, Sent, To},
    session::Session,
};

pub(super) fn case(world: &World, name: &str, purpose: Purpose, dialogue: &str) -> Session {
    let caller = Caller {
        uid: 0,
        service: "sshd".into(),
        source: "192.0.2.1".into(),
        screen: crate::dialogue::Screen { utf8: true, text_console: false },
        language: None,
        host: None,
    };
    let account = Account::new(&world.agent.keys, Name::local(name));
    let attempt = Attempt { account, purpose, dialogue: dialogue.into(), began: START, resumed: false, caller };
    world.agent.session(Language::English, attempt)
}

async fn sent(world: &World, case: &Session) -> (String, String) {
    let to = To::Registered(sspr_config::settings::Method::Email, None);
    assert!(matches!(proof::send(case, to).await.unwrap(), Sent::Now(_)));
    let challenge = proof::open_challenge(case, None).await.unwrap().unwrap();
    (challenge.id, world.the_code().await)
}

pub(super) async fn alice() -> World {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    world
}

#[tokio::test]
async fn another_way_is_not_a_proof() {
    let world = alice().await;
    let mut attacker = world.forgets("alice");
    for _ in 0..3 {
        attacker.answers("How do you want", "e").await;
        attacker.answers("Code: ", "other").await;
        attacker.answers("How do you want", "090-1234-5678").await;
        attacker.answers("Code: ", "other").await;
    }
    attacker.answers("How do you want", "").await;
    assert_eq!(attacker.ends().await.0, Standing::Refused);
    assert!(world.accounts().changes.is_empty());
}

#[tokio::test]
async fn a_proof_can_be_spent_once_and_only_in_the_dialogue_that_gave_it() {
    let world = alice().await;
    let (one, two) = (case(&world, "alice", Purpose::Recover, "one"), case(&world, "alice", Purpose::Recover, "two"));
    let (id, code) = sent(&world, &one).await;
    assert_eq!(proof::answer(&one, &id, &code).await.unwrap(), Answered::Right);
    assert!(!proof::spend(&two, 1).await.unwrap(), "another dialogue");
    let bob = case(&world, "bob", Purpose::Recover, "one");
    assert!(!proof::spend(&bob, 1).await.unwrap(), "another account");
    let register = case(&world, "alice", Purpose::Register, "one");
    assert!(!proof::spend(&register, 1).await.unwrap(), "another purpose");
    assert!(!proof::spend(&one, 2).await.unwrap(), "two methods are not one");
    assert!(!proof::spend(&one, 0).await.unwrap(), "no proof is none");
    assert!(proof::spend(&one, 1).await.unwrap());
    assert!(!proof::spend(&one, 1).await.unwrap(), "spent");
    assert_eq!(proof::answer(&two, &id, &code).await.unwrap(), Answered::Expired);
}

#[tokio::test]
async fn of_two_codes_to_one_mailbox_the_newer_is_good_alone_whichever_ways_they_went() {
    for ways in [["e", "alice@example.org"], ["alice@example.org", "e"]] {
        let world = alice().await;
        let mut one = world.forgets("alice");
        one.answers("How do you want", ways[0]).await;
        one.answers("on its way", "12").await;
        let older = world.the_code().await;
        let mut two = world.dialogue_at("login", Purpose::Recover, "alice", 0, "tty1");
        two.answers("was sent", "other").await;
        two.answers("How do you want", ways[1]).await;
        two.answers("on its way", "12").await;
        let newer = world.the_code().await;
        one.answers("A code has 6 digits", &older).await;
        one.answers("has expired", "").await;
        two.answers("A code has 6 digits", &older).await;
        two.answers("not right", &newer).await;
        two.answers("New password", "").await;
    }
}

#[tokio::test]
async fn of_fifty_dialogues_with_the_right_code_at_once_exactly_one_spends_it() {
    let world = alice().await;
    let first = case(&world, "alice", Purpose::Recover, "0");
    let (id, code) = sent(&world, &first).await;
    let mut all = tokio::task::JoinSet::new();
    for n in 0..50 {
        let (id, code) = (id.clone(), code.clone());
        let case = case(&world, "alice", Purpose::Recover, &n.to_string());
        all.spawn(async move {
            let _ = proof::answer(&case, &id, &code).await.unwrap();
            tokio::task::yield_now().await;
            proof::spend(&case, 1).await.unwrap()
        });
    }
    assert_eq!(all.join_all().await.into_iter().filter(|won| *won).count(), 1);
}

#[tokio::test]
async fn a_code_for_one_challenge_account_or_purpose_is_none_for_another() {
    let world = alice().await;
    world.register("bob", &email("bob@example.org")).await;
    let alices = case(&world, "alice", Purpose::Recover, "a");
    let bobs = case(&world, "bob", Purpose::Recover, "b");
    let (alices_id, alices_code) = sent(&world, &alices).await;
    let (bobs_id, bobs_code) = sent(&world, &bobs).await;
    assert_eq!(proof::answer(&bobs, &alices_id, &alices_code).await.unwrap(), Answered::Expired);
    if alices_code != bobs_code {
        assert_eq!(proof::answer(&bobs, &bobs_id, &alices_code).await.unwrap(), Answered::Wrong(4));
    }
    let enrolling = case(&world, "alice", Purpose::Enroll, "a");
    assert_eq!(proof::answer(&enrolling, &alices_id, &alices_code).await.unwrap(), Answered::Expired);
}

#[tokio::test]
async fn a_code_dies_with_its_lifetime_and_when_the_clock_is_set_back() {
    let world = alice().await;
    let alices = case(&world, "alice", Purpose::Recover, "a");
    let (id, code) = sent(&world, &alices).await;
    world.later(600);
    assert_eq!(proof::answer(&alices, &id, &code).await.unwrap(), Answered::Expired);
    world.later(-601);
    assert_eq!(proof::answer(&alices, &id, &code).await.unwrap(), Answered::Expired);
    world.later(2);
    assert_eq!(proof::answer(&alices, &id, &code).await.unwrap(), Answered::Right);
}

#[tokio::test]
async fn a_proof_dies_when_the_recovery_takes_too_long() {
    let world = alice().await;
    let alices = case(&world, "alice", Purpose::Recover, "a");
    let (id, code) = sent(&world, &alices).await;
    assert_eq!(proof::answer(&alices, &id, &code).await.unwrap(), Answered::Right);
    world.later(1000);
    assert!(!proof::spend(&alices, 1).await.unwrap());
}

#[tokio::test]
async fn the_limit_of_failures_holds_at_the_start_at_the_answer_and_at_the_write() {
    let world = alice().await;
    let alices = case(&world, "alice", Purpose::Recover, "a");
    let (id, code) = sent(&world, &alices).await;
    assert_eq!(proof::answer(&alices, &id, &code).await.unwrap(), Answered::Right);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let other = case(&world, "alice", Purpose::Recover, "b");
    for left in [4, 3, 2, 1] {
        assert_eq!(proof::answer(&other, &id, wrong).await.unwrap(), Answered::Wrong(left));
    }
    assert!(matches!(proof::answer(&other, &id, wrong).await.unwrap(), Answered::Suspended(_)));
    assert!(matches!(proof::answer(&other, &id, &code).await.unwrap(), Answered::Suspended(_)), "the right code too");
    assert!(!proof::spend(&alices, 1).await.unwrap(), "a proof from before the rest");
    let mut attacker = world.forgets("alice");
    let (standing, text) = attacker.ends().await;
    assert_eq!(standing, Standing::Refused);
    assert!(text.contains("24 hours"), "{text}");
    world.later(86_400);
    let mut alice = world.forgets("alice");
    alice.answers("How do you want", "").await;
}

#[tokio::test]
async fn switching_methods_and_asking_for_new_codes_buys_no_further_tries() {
    let world = alice().await;
    world.register("alice", &phone("+819012345678")).await;
    let mut guesses = 0;
    for round in 0..40 {
        let mut attacker = world.dialogue_from(Purpose::Recover, "alice", 0, &format!("198.51.100.{round}"));
        attacker.types(&["other", if round % 2 == 0 { "e" } else { "090-1234-5678" }, "000000", "000000"]).await;
        guesses += attacker.screen.iter().filter(|s| s.contains("That code is not right")).count();
        guesses += attacker.screen.iter().filter(|s| s.contains("Too many wrong codes")).count().min(1)
            * usize::from(guesses < 5);
        world.mailbox().await;
        world.later(61);
    }
    assert!(guesses <= 5, "{guesses} guesses");
    assert!(world.accounts().changes.is_empty());
}

#[tokio::test]
async fn answers_that_are_too_long_not_text_or_full_of_escapes_are_asked_for_again_and_never_shown() {
    let world = World::new().await;
    let mut person = world.signs_in("alice");
    let hostile: [&[u8]; 6] =
        [&[b'x'; 600], b"\xff\xfe", b"1\0", b"\x1b]0;owned\x07", b"1\r\n2", "\u{9b}31m".as_bytes()];
    person.answers_bytes("1, 2 or 3", hostile[0]).await;
    person.answers_bytes("too long", hostile[1]).await;
    for answer in &hostile[2..] {
        person.answers_bytes("can't be read", answer).await;
    }
    person.answers("can't be read", "1").await;
    person.answers("Which email", "\u{1b}[31mann@example.org").await;
    person.answers("can't be read", "ann@example.org").await;
    for answer in &hostile {
        person.answers_bytes("", answer).await;
    }
    person.types(&[]).await;
    assert!(person.screen.iter().all(|s| !s.contains("owned") && !s.contains('\u{1b}') && !s.contains('\u{9b}')));
}

#[tokio::test]
async fn nobody_but_a_pam_host_registers_somebody_at_sign_in() {
    let world = World::new().await;
    assert_eq!(world.dialogue(Purpose::Register, "alice", 1001).ends().await, (Standing::Finished, String::new()));
}

#[tokio::test]
async fn a_code_that_another_took_the_place_of_is_too_old_and_the_new_one_is_right_in_either_window() {
    let world = alice().await;
    let mut one = world.forgets("alice");
    one.answers("How do you want", "e").await;
    one.step().await.unwrap();
    let old = world.the_code().await;
    let mut two = world.forgets("alice");
    two.answers("by email before", "other").await;
    world.later(60);
    two.answers("How do you want", "e").await;
    two.step().await.unwrap();
    let new = world.the_code().await;
    one.says(old.as_bytes()).await;
    one.answers("code has expired", "000000").await;
    one.answers("That code is not right. 4 tries are left", &new).await;
    one.answers("Choose a new password", "").await;
}

#[tokio::test]
async fn decoys_buy_no_further_tries_at_the_real_code() {
    let world =
        World::with("[limits]\nfailed_proofs = 100\nsends_per_hour = 100\nsends_per_day = 100\n[code]\ntries = 3\n")
            .await;
    world.register("bob", &phone("+819012345678")).await;
    let mut bob = world.forgets("bob");
    bob.answers("How do you want", "090-1234-5678").await;
    bob.hangs_up().await;
    let code = world.the_code().await;
    for n in 0..3 {
        let mut stranger = world.dialogue_from(Purpose::Recover, "bob", 0, &format!("203.0.113.{n}"));
        stranger.types(&["other", &format!("090-0000-111{n}"), "xxxxxx", ""]).await;
    }
    let mut stranger = world.dialogue_from(Purpose::Recover, "bob", 0, "203.0.113.9");
    stranger.types(&["other", "090-0000-2222", &code, ""]).await;
    assert!(
        stranger.screen.iter().all(|s| !s.contains("New password")),
        "three wrong guesses wear out every open code"
    );
}

#[tokio::test]
async fn a_code_to_a_contact_of_the_account_that_had_the_name_before_proves_nothing() {
    let world = alice().await;
    let mut old = world.forgets("alice");
    old.answers("How do you want", "e").await;
    old.hangs_up().await;
    let code = world.the_code().await;
    world.account("alice", 2001, Verdict::Eligible);
    world.register("alice", &email("new@example.org")).await;
    let mut old = world.forgets("alice");
    old.types(&[&code, "plover tundra biscuit", "plover tundra biscuit"]).await;
    assert!(world.accounts().changes.is_empty());
}

#[tokio::test]
async fn whoever_is_not_served_any_more_or_is_another_by_now_changes_nothing() {
    for verdict in [Verdict::Eligible, Verdict::OutOfScope] {
        let world = World::new().await;
        world.register("alice", &email("alice@example.org")).await;
        let uid = if verdict == Verdict::Eligible { 2001 } else { 1001 };
        let mut adds = world.signs_in("bob");
        adds.answers("1, 2 or 3", "1").await;
        adds.answers("Which email", "bob@example.org").await;
        adds.answers("on its way", "xxxxxx").await;
        let code = world.the_code().await;
        let mut removes = world.dialogue(Purpose::Remove, "alice", 1001);
        removes.answers("Current password", "the old one").await;
        world.proves_by_email(&mut removes).await;
        world.account("alice", uid, verdict);
        world.account("bob", uid + 1, verdict);
        adds.answers("6 digits", &code).await;
        adds.answers("Nothing was saved", "").await;
        assert!(removes.ends().await.1.contains("Nothing was saved"));
        assert_eq!(world.registered("alice").await, ["alice@example.org"]);
        assert!(world.registered("bob").await.is_empty());
    }
}

#[tokio::test]
async fn nothing_is_registered_without_a_proof_that_is_spent_with_it() {
    let world = World::new().await;
    let case = case(&world, "bob", Purpose::Register, "d1");
    let state = world.agent.targets.account(Name::local("bob")).await.unwrap();
    let address = email("bob@example.org");
    let add = async || {
        let mut enrollment = Enrollment::open(&case, &state).await.unwrap();
        enrollment.change(&case, Change::Add(&address)).await.unwrap()
    };
    assert!(!add().await, "nothing was proved");
    assert!(matches!(proof::send(&case, To::New(&address)).await.unwrap(), Sent::Now(_)));
    let challenge = proof::open_challenge(&case, None).await.unwrap().unwrap();
    assert!(!add().await, "a code was sent");
    let code = world.the_code().await;
    assert_eq!(proof::answer(&case, &challenge.id, &code).await.unwrap(), Answered::Right);
    assert!(world.registered("bob").await.is_empty());
    assert!(add().await);
    assert!(!add().await, "that proof is spent");
    assert_eq!(world.registered("bob").await, ["bob@example.org"]);
}

#[tokio::test]
async fn an_account_that_the_settings_exclude_recovers_nothing_though_the_helper_would_let_it() {
    let world = alice().await.excluding("alice");
    let mut person = world.forgets("alice");
    world.proves_by_email(&mut person).await;
    assert_eq!(person.ends().await.0, Standing::Refused);
    assert!(world.accounts().changes.is_empty());
}

#[tokio::test]
async fn after_a_recovery_nothing_that_a_thief_of_the_old_password_began_is_good_any_more() {
    let world = World::new().await;
    let code = world.helpdesk_code("alice").await;
    let mut thief = world.dialogue_from(Purpose::Register, "alice", 0, "203.0.113.7");
    thief.answers("1, 2 or 3", "1").await;
    thief.answers("Which email", "thief@example.net").await;
    thief.answers("on its way", "xxxxxx").await;
    let sent = world.the_code().await;
    let mut alice = world.forgets("alice");
    alice.types(&["code", &code, "plum violin harbour seven", "plum violin harbour seven"]).await;
    assert_eq!(world.accounts().changes, ["alice"]);
    thief.answers("6 digits", &sent).await;
    thief.answers("code", "").await;
    assert!(world.registered("alice").await.is_empty());
}

#[tokio::test]
async fn while_self_service_rests_no_code_goes_out_from_a_dialogue_that_began_before() {
    let world = alice().await;
    let before = case(&world, "alice", Purpose::Recover, "before");
    let (id, code) = sent(&world, &before).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        proof::answer(&before, &id, wrong).await.unwrap();
    }
    world.mailbox().await;
    world.later(61);
    let to = To::Registered(sspr_config::settings::Method::Email, None);
    assert!(matches!(proof::send(&before, to).await.unwrap(), Sent::Suspended(_)));
    let sent = world.mailbox().await;
    assert!(sent.iter().all(|(_, what)| !what.starts_with(|c: char| c.is_ascii_digit())), "{sent:?}");
}

#[tokio::test]
async fn a_right_code_without_a_write_gives_no_tries_back() {
    let world = alice().await;
    let one = case(&world, "alice", Purpose::Recover, "one");
    let (id, code) = sent(&world, &one).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..4 {
        assert!(matches!(proof::answer(&one, &id, wrong).await.unwrap(), Answered::Wrong(_)));
    }
    assert_eq!(proof::answer(&one, &id, &code).await.unwrap(), Answered::Right);
    let two = case(&world, "alice", Purpose::Recover, "two");
    assert!(matches!(proof::answer(&two, &id, wrong).await.unwrap(), Answered::Suspended(_)));
}

#[tokio::test]
async fn once_a_reset_is_done_no_other_code_that_was_sent_before_it_is_good() {
    let world = alice().await;
    world.register("alice", &phone("+819012345678")).await;
    let one = case(&world, "alice", Purpose::Recover, "one");
    let (id, code) = sent(&world, &one).await;
    let number = phone("+819012345678");
    let to = To::Typed(sspr_config::settings::Method::Phone, Some(&number), b"090-1234-5678");
    let Sent::Now(other) = proof::send(&one, to).await.unwrap() else { panic!("not sent") };
    let other_code = world.the_code().await;
    assert_eq!(proof::answer(&one, &id, &code).await.unwrap(), Answered::Right);
    assert!(proof::spend(&one, 1).await.unwrap());
    proof::succeed(&one).await.unwrap();
    let two = case(&world, "alice", Purpose::Recover, "two");
    assert_eq!(proof::answer(&two, &other.id, &other_code).await.unwrap(), Answered::Expired);
}
