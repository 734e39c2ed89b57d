//! Attacks on a user's proofs, which are apps, recovery codes and codes from the help desk, and on the menu that leads
//! to them.

use sspr_config::{
    dialogue::{Purpose, Standing},
    language::Language,
    settings::Method,
};

use super::world::{START, World, email, phone};
use crate::{
    account::{Id, Name},
    credential::Verdict,
    dialogue::{Caller, Screen},
    proof::{self, Account, Answered, Attempt, Means, Needed, To, Token},
    session::Session,
    totp,
};

fn person() -> Needed {
    Needed { id: Id::from(1001), methods: 1, admin: false }
}

fn admin() -> Needed {
    Needed { id: Id::from(1001), methods: 2, admin: true }
}

fn case(world: &World, name: &str, dialogue: &str) -> Session {
    let caller = Caller {
        uid: 0,
        service: "sshd".into(),
        source: "192.0.2.1".into(),
        screen: Screen::default(),
        language: None,
        host: None,
    };
    let account = Account::new(&world.agent.keys, Name::local(name));
    let attempt =
        Attempt { account, purpose: Purpose::Recover, dialogue: dialogue.into(), began: START, resumed: false, caller };
    world.agent.session(Language::English, attempt)
}

async fn present(case: &Session, token: Token<'_>) -> Answered {
    proof::present(case, token).await.unwrap()
}

async fn alice() -> World {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    world
}

#[tokio::test]
async fn of_many_dialogues_with_the_same_recovery_or_help_desk_code_exactly_one_spends_it() {
    let world = World::new().await.without_suspensions();
    world.register("alice", &email("alice@example.org")).await;
    let recovery = world.recovery_codes("alice").await.remove(0);
    let helpdesk = world.helpdesk_code("alice").await;
    for code in [recovery, helpdesk] {
        let mut all = tokio::task::JoinSet::new();
        for n in 0..20 {
            let code = code.clone();
            let case = case(&world, "alice", &format!("{code} {n}"));
            all.spawn(async move {
                // A caller that comes after the winner is told that the code is wrong.
                let _ = proof::present(&case, Token::Code(&code)).await.unwrap();
                tokio::task::yield_now().await;
                proof::spend_for(&case, person()).await.unwrap().is_some()
            });
        }
        let wins = all.join_all().await.into_iter().filter(|won| *won).count();
        assert_eq!(wins, 1);
    }
}

#[tokio::test]
async fn a_code_costs_nothing_until_it_is_spent_and_is_given_back_when_nothing_was_written() {
    let world = alice().await;
    for code in [world.recovery_codes("alice").await.remove(0), world.helpdesk_code("alice").await] {
        let dropped = case(&world, "alice", &format!("{code} dropped"));
        assert_eq!(present(&dropped, Token::Code(&code)).await, Answered::Right);
        let refused = case(&world, "alice", &format!("{code} refused"));
        assert_eq!(present(&refused, Token::Code(&code)).await, Answered::Right);
        let spent = proof::spend_for(&refused, person()).await.unwrap().expect("it is good");
        assert!(proof::spend_for(&dropped, person()).await.unwrap().is_none(), "spent by another");
        proof::give_back(&refused, &spent).await.unwrap();
        assert!(proof::spend_for(&dropped, person()).await.unwrap().is_some(), "given back");
        assert!(proof::spend_for(&refused, person()).await.unwrap().is_none());
        proof::give_back(&refused, &spent).await.unwrap();
        let late = case(&world, "alice", &format!("{code} late"));
        assert!(matches!(present(&late, Token::Code(&code)).await, Answered::Wrong(_)), "not given back twice");
    }
}

#[tokio::test]
async fn of_two_dialogues_with_one_id_the_one_that_is_refused_gets_back_only_what_it_spent_itself() {
    // A dialogue that goes on at another server has the same id there, and a host names it.
    let world = alice().await;
    let codes = world.recovery_codes("alice").await;
    let (first, second) = (case(&world, "alice", "one"), case(&world, "alice", "one"));
    for (one, code) in [(&first, &codes[0]), (&second, &codes[1])] {
        assert_eq!(present(one, Token::Code(code)).await, Answered::Right);
        let spent = proof::spend_for(one, person()).await.unwrap().expect("it is good");
        assert_eq!(spent.len(), 1);
        if code == &codes[1] {
            proof::give_back(one, &spent).await.unwrap();
        }
    }
    let late = case(&world, "alice", "late");
    assert!(matches!(present(&late, Token::Code(&codes[0])).await, Answered::Wrong(_)), "it was used");
    assert_eq!(present(&late, Token::Code(&codes[1])).await, Answered::Right);
}

#[tokio::test]
async fn a_code_of_the_app_is_no_good_twice_in_its_own_window_or_the_next_and_no_older_one_after_it() {
    let world = alice().await;
    let secret = world.register_app("alice").await;
    let (before, code) = (totp::shown(&secret, START - 30), world.shown(&secret));
    assert_eq!(present(&case(&world, "alice", "a"), Token::App(&code)).await, Answered::Right);
    for (later, code) in [(0, &code), (0, &before), (29, &code), (1, &code)] {
        world.later(later);
        let other = case(&world, "alice", "b");
        assert!(matches!(present(&other, Token::App(code)).await, Answered::Wrong(_)), "{later}");
        assert!(proof::spend_for(&other, person()).await.unwrap().is_none());
    }
    world.later(30);
    let next = world.shown(&secret);
    assert_eq!(present(&case(&world, "alice", "b"), Token::App(&next)).await, Answered::Right);
}

#[tokio::test]
async fn of_fifty_dialogues_with_the_same_code_of_the_app_one_takes_it() {
    let world = World::new().await.without_suspensions();
    let secret = world.register_app("alice").await;
    let code = world.shown(&secret);
    let mut all = tokio::task::JoinSet::new();
    for n in 0..50 {
        let code = code.clone();
        let case = case(&world, "alice", &n.to_string());
        all.spawn(async move { proof::present(&case, Token::App(&code)).await.unwrap() });
    }
    assert_eq!(all.join_all().await.iter().filter(|answered| **answered == Answered::Right).count(), 1);
}

#[tokio::test]
async fn the_same_means_twice_is_one_proof_whatever_was_chosen_between() {
    let world = alice().await;
    world.accounts().states.get_mut("alice").unwrap().admin = true;
    let secret = world.register_app("alice").await;
    let codes = world.recovery_codes("alice").await;
    let mut attacker = world.forgets("alice");
    attacker.answers("How do you want", "app").await;
    attacker.answers("authenticator app shows", &world.shown(&secret)).await;
    attacker.answers("one more", "e").await;
    attacker.answers("on its way", "other").await;
    // The app is no longer offered.
    attacker.answers("How do you want", "app").await;
    attacker.answers("one of the answers shown", "code").await;
    attacker.answers("Type a recovery code", "other").await;
    attacker.answers("How do you want", "").await;
    assert_eq!(attacker.ends().await.0, Standing::Refused);

    let twice = case(&world, "alice", "twice");
    for code in &codes[..2] {
        assert_eq!(present(&twice, Token::Code(code)).await, Answered::Right);
    }
    assert_eq!(proof::good(&twice, Id::from(1001)).await.unwrap(), [Means::RecoveryCode]);
    assert!(proof::spend_for(&twice, admin()).await.unwrap().is_none());
    world.later(60);
    for _ in 0..2 {
        assert_eq!(present(&twice, Token::App(&world.shown(&secret))).await, Answered::Right);
        world.later(30);
    }
    assert!(proof::spend_for(&twice, admin()).await.unwrap().is_some(), "two different ones are");
    let again = case(&world, "alice", "again");
    assert!(matches!(present(&again, Token::Code(&codes[0])).await, Answered::Wrong(_)), "all that was proved");
    assert!(matches!(present(&again, Token::Code(&codes[1])).await, Answered::Wrong(_)), "is used up");
}

#[tokio::test]
async fn a_help_desk_code_is_for_one_account_and_uid_in_its_time_and_until_the_next() {
    let world = World::new().await;
    let code = world.helpdesk_code("bob").await;
    let wrong = |answered| matches!(answered, Answered::Wrong(_));
    assert!(wrong(present(&case(&world, "alice", "a"), Token::Code(&code)).await), "another account");
    assert!(wrong(present(&case(&world, "bob", "a"), Token::App(&code)).await), "no code of an app");
    world.account("bob", 2002, Verdict::Eligible);
    let mut stranger = world.forgets("bob");
    stranger.answers("How do you want", "code").await;
    stranger.answers("help desk", &code).await;
    assert!(stranger.ends().await.1.contains("That code is not right"), "another uid");
    world.account("bob", 1002, Verdict::Eligible);

    let bobs = case(&world, "bob", "b");
    assert_eq!(present(&bobs, Token::Code(&code)).await, Answered::Right);
    let next = world.helpdesk_code("bob").await;
    assert!(proof::spend_for(&bobs, Needed { id: Id::from(1002), ..person() }).await.unwrap().is_none(), "replaced");
    assert!(wrong(present(&bobs, Token::Code(&code)).await), "replaced");
    world.later(3599);
    let mut late = case(&world, "bob", "c");
    late.attempt.began = START + 3599;
    assert_eq!(present(&late, Token::Code(&next)).await, Answered::Right);
    world.later(1);
    assert!(proof::spend_for(&late, Needed { id: Id::from(1002), ..person() }).await.unwrap().is_none(), "has expired");
    assert!(wrong(present(&late, Token::Code(&next)).await), "has expired");
}

#[tokio::test]
async fn a_help_desk_code_alone_lets_no_administrator_in_and_nobody_who_may_not_recover() {
    let world = World::new().await;
    world.accounts().states.get_mut("alice").unwrap().admin = true;
    let code = world.helpdesk_code("alice").await;
    let mut alice = world.forgets("alice");
    alice.answers("How do you want", "code").await;
    alice.answers("help desk", &code).await;
    alice.answers("one more, another way", "").await;
    assert_eq!(alice.ends().await.0, Standing::Refused);
    for verdict in [Verdict::Locked, Verdict::OutOfScope, Verdict::System, Verdict::NoLogin] {
        let code = world.helpdesk_code("bob").await;
        world.account("bob", 1002, verdict);
        let mut bob = world.forgets("bob");
        bob.answers("How do you want", "code").await;
        bob.answers("help desk", &code).await;
        assert!(bob.ends().await.1.contains("That code is not right"), "{verdict:?}");
    }
    assert!(world.accounts().changes.is_empty());
}

#[tokio::test]
async fn nothing_that_the_account_before_registered_helps_the_next_one_of_its_name() {
    let world = alice().await;
    let secret = world.register_app("alice").await;
    let codes = world.recovery_codes("alice").await;
    world.account("alice", 2001, Verdict::Eligible);
    world.accounts().states.get_mut("alice").unwrap().admin = true;
    for (way, answer) in [("app", world.shown(&secret)), ("code", codes[0].clone())] {
        let mut old = world.forgets("alice");
        old.answers("How do you want", way).await;
        old.answers("Type", &answer).await;
        assert!(old.ends().await.1.contains("That code is not right"), "{way}");
    }
    // Nor together with a help-desk code for the new one.
    let helpdesk = world.helpdesk_code("alice").await;
    let mut old = world.forgets("alice");
    old.answers("How do you want", "code").await;
    old.answers("Type", &helpdesk).await;
    old.answers("one more", "code").await;
    old.answers("Type", &codes[1]).await;
    old.answers("one more", "").await;
    assert!(world.accounts().changes.is_empty());
}

#[tokio::test]
async fn a_proof_by_an_app_or_a_code_is_none_once_another_has_taken_its_place() {
    let world = alice().await;
    let secret = world.register_app("alice").await;
    let codes = world.recovery_codes("alice").await;
    let thief = case(&world, "alice", "thief");
    assert_eq!(present(&thief, Token::App(&world.shown(&secret))).await, Answered::Right);
    assert_eq!(present(&thief, Token::Code(&codes[0])).await, Answered::Right);
    world.register_app("alice").await;
    world.recovery_codes("alice").await;
    assert!(proof::spend_for(&thief, person()).await.unwrap().is_none());
}

#[tokio::test]
async fn wrong_codes_of_every_kind_count_together_for_every_name() {
    for name in ["alice", "nobody-of-that-name"] {
        let world = alice().await;
        let secret = world.register_app("alice").await;
        let codes = world.recovery_codes("alice").await;
        let one = case(&world, name, "one");
        let to = To::Registered(Method::Email, None);
        proof::send(&one, to).await.unwrap();
        let challenge = proof::open_challenge(&one, None).await.unwrap().unwrap();
        assert_eq!(present(&one, Token::App("000000")).await, Answered::Wrong(4), "{name}");
        assert_eq!(present(&one, Token::Code("0000-0000-0000")).await, Answered::Wrong(3));
        assert_eq!(present(&one, Token::Code("babad-babad-babad")).await, Answered::Wrong(2));
        assert_eq!(proof::answer(&one, &challenge.id, "x").await.unwrap(), Answered::Wrong(4));
        assert!(matches!(present(&one, Token::Code("")).await, Answered::Suspended(_)));
        for right in [Token::App(&world.shown(&secret)), Token::Code(&codes[0])] {
            assert!(matches!(present(&one, right).await, Answered::Suspended(_)), "the right ones too");
        }
        assert!(world.forgets(name).ends().await.1.contains("Reset is suspended"));
    }
}

#[tokio::test]
async fn a_wrong_code_takes_a_try_from_every_code_that_waits_so_that_none_is_told_from_another() {
    // The text that sshd types for a name that it does not know is never an address.
    let mut screens = Vec::new();
    for (name, typed) in
        [("alice", "alice@example.org"), ("alice", "alice#example.org"), ("nobody", "INCORRECTINCORREC")]
    {
        let world = alice().await;
        let mut person = world.forgets(name);
        person.types(&["e", "000000", "other", typed, "000000", "other", "e", "000000", ""]).await;
        screens.push(person.screen);
    }
    assert!(screens.iter().all(|screen| *screen == screens[0]), "{screens:#?}");
}

#[tokio::test]
async fn for_every_way_that_can_be_chosen_a_name_shows_nothing_of_what_is_behind_it() {
    let fake = |typed: &str| -> String { "\u{8}\n\r\u{7f}INCORRECT".chars().cycle().take(typed.len()).collect() };
    let scripts: [&[&str]; 11] = [
        &["app", "000000", "123 456", "new", "other", "code", "0000-0000-0000", "babad-babad-babad", "x", "000000"],
        &["code", "babadbabadbabad", "call", "app", "12345", "e", "000000", "new", "call", "other", "app", ""],
        &["alice@example.org", "000000", "call", "new", "other", "090-1234-5678", "000000", "call", "neww", "", ""],
        &["bob@example.org", "call", "000000", "call", "other", "alice@example.org", "call", ""],
        &["not-an@address-at-all", "nothing", "othe", "sixsix", "fiver", "xx", "xxxxx", ""],
        &["1", "2", "3", "12", "app", "three", "123", "1234567", ""],
        &["e", "call", "alice@example.org", "1", "22", "333", "4444", "55555", ""],
        &["code", "", ""],
        // A second contact of the same length: sshd types the same junk for both.
        &["090-1234-5678", "000000", "other", "090-8765-4321", "new", "111111", "other", "090-1234-5678", "", ""],
        &["alice@example.org", "other", "alicf@example.org", "other", "dave@example.org", "other", "", ""],
        // Both within one second: which of them a second connection asks for must not depend on their content.
        &["alice@example.org", "other", "e", ""],
    ];
    let voice = "voice = true\ngateway = \"twilio\"\n[phone.twilio]\ntoken_file = \"/t\"\nfrom = \"+15005550006\"\n\
                 account_sid = \"AC00000000000000000000000000000000\"\n";
    for settings in ["", voice, "[register]\nmethods = [\"email\"]\n[recover]\nadmin_methods_required = 1\n"] {
        for (n, script) in scripts.iter().enumerate() {
            let world = World::with(settings).await;
            for name in ["alice", "dave"] {
                world.register(name, &email(&format!("{name}@example.org"))).await;
                world.register(name, &phone("+819012345678")).await;
                world.register_app(name).await;
                world.recovery_codes(name).await;
                world.helpdesk_code(name).await;
            }
            world.account("dave", 1004, Verdict::Locked);
            let mut alice = world.dialogue_from(Purpose::Recover, "alice", 0, "198.51.100.1");
            alice.types(script).await;
            let mut again = world.dialogue_from(Purpose::Recover, "alice", 0, "198.51.100.1");
            again.types(&["000000", "other", "e", ""]).await;
            let alices = [alice.screen, again.screen];
            let faked: Vec<String> = script.iter().map(|typed| fake(typed)).collect();
            let faked: Vec<&str> = faked.iter().map(String::as_str).collect();
            for (name, script) in [("carol", *script), ("dave", script), ("root", &faked), ("nobody", &faked)] {
                let mut other = world.dialogue_from(Purpose::Recover, name, 0, name);
                other.types(script).await;
                let mut again = world.dialogue_from(Purpose::Recover, name, 0, name);
                again.types(&["000000", "other", "e", ""]).await;
                assert_eq!(alices, [other.screen, again.screen], "{settings:?}, script {n}, {name}");
            }
        }
    }
}

#[tokio::test]
async fn even_where_contacts_are_shown_an_account_without_any_shows_what_everybody_sees() {
    let world = World::with("[recover]\ndisclose = \"masked\"\n").await;
    for (name, contact) in
        [("alice", "alice@example.org"), ("carol", "carol@example.org"), ("dave", "dave@example.org")]
    {
        world.register(name, &email(contact)).await;
    }
    world.sql("UPDATE contact SET usable = 0 WHERE name = 'carol'").await;
    world.account("dave", 1004, Verdict::Locked);
    let mut shown = Vec::new();
    for name in ["nobody-of-that-name", "bob", "carol", "dave", "root"] {
        let mut person = world.dialogue_from(Purpose::Recover, name, 0, name);
        person.types(&["1", "000000", "other", "app", "other", "x@example.org", ""]).await;
        assert!(person.screen.iter().all(|screen| !screen.contains("***")), "{name}");
        shown.push(person.screen);
    }
    assert!(shown.iter().all(|screen| *screen == shown[0]), "{shown:#?}");
    world.account("alice", 2001, Verdict::Eligible);
    let mut other = world.forgets("alice");
    other.types(&[""]).await;
    assert!(!other.screen[0].contains("***"), "registered by the account that had the name before");
}
