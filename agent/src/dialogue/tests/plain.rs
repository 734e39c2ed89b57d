//! Terminals that show only ASCII, and clients that exit at characters that they don't have.

use sspr_config::{
    dialogue::{Purpose, Standing},
    language::Language,
};

use super::{
    app::key,
    world::{World, email},
};

const LET_IN: (Standing, String) = (Standing::Finished, String::new());

#[tokio::test]
async fn en_gives_english_in_ascii_from_then_on_alike_for_every_name() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    for language in [Language::Japanese, Language::German] {
        for service in ["sshd", "login"] {
            let world = world.speaking(language);
            let mut screens = Vec::new();
            // sshd passes on junk of the same length for a name that it does not know.
            for (name, en) in [("alice", "en"), ("alice", "EN"), ("bob", "en"), ("nobody-at-all", "\x08\n")] {
                let en = if service == "login" { "en" } else { en };
                let mut person = world.dialogue_at(service, Purpose::Recover, name, 0, "192.0.2.1");
                person.answers("", en).await;
                person.answers("How do you want to show that it is you?", "e").await;
                person.answers("a code is on its way there", "1234").await;
                person.answers("Type the code, or: new", "").await;
                assert_eq!(person.ends().await.0, Standing::Refused);
                assert!(person.screen[1..].iter().all(|screen| screen.is_ascii()), "{:?}", person.screen);
                assert_eq!(person.screen[0].contains("For English type: en"), service == "sshd", "{:?}", person.screen);
                screens.push(person.screen.clone());
                world.later(3600);
            }
            assert!(screens.iter().all(|screen| *screen == screens[0]), "{screens:?}");
        }
    }
}

#[tokio::test]
async fn en_is_taken_at_every_question_that_is_not_hidden_and_is_no_answer_to_any() {
    let world = World::new().await.speaking(Language::Japanese);
    let mut alice = world.signs_in("alice");
    alice.answers("1", "1").await;
    alice.answers("メール", "en").await;
    world.types_email(&mut alice, "alice@example.org").await;
    let shown = alice.reads("Done, you are registered", "").await;
    assert!(shown.is_ascii(), "{shown}");
    assert_eq!(alice.ends().await, LET_IN);

    // A text is shown again, and codes are not lost by it.
    let mut bob = world.signs_in("bob");
    bob.answers("1", "1").await;
    bob.answers("メール", "bob@example.org").await;
    bob.answers("コード", "xxxxxx").await;
    let code = world.mailbox().await.pop().unwrap().1;
    bob.answers("コード", &code).await;
    let codes = |screen: &str| {
        screen
            .split_whitespace()
            .filter(|word| word.len() == 14 && word.matches('-').count() == 2)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let first = bob.reads("Enter", "en").await;
    let again = bob.reads("Done, you are registered", "").await;
    assert!(again.is_ascii() && codes(&again).len() == 10 && codes(&first) == codes(&again), "{first}\n{again}");
    assert_eq!(bob.ends().await, LET_IN);
    world.later(181 * 86_400);
    let mut bob = world.signs_in("bob");
    bob.answers("", "en").await;
    bob.answers("Is this still how you can be reached?", "c").await;
    bob.answers("How do you want", "").await;
    bob.answers("Nothing was changed", "").await;
    assert_eq!(bob.ends().await, LET_IN);
    // At a password prompt, `en` is a password.
    let mut carol = world.dialogue_at("sspr", Purpose::Enroll, "carol", 1003, "uid 1003");
    carol.answers("パスワード", "en").await;
    assert!(!carol.ends().await.1.is_ascii());
}

#[tokio::test]
async fn a_second_en_is_none_of_the_answers_offered() {
    let world = World::new().await.speaking(Language::German);
    let mut person = world.forgets("alice");
    person.answers("", "en").await;
    for n in 0..5 {
        person.answers(if n == 0 { "How do you" } else { "one of the answers shown" }, "en").await;
    }
    let (standing, text) = person.ends().await;
    assert_eq!(standing, Standing::GivenUp);
    assert!(text.is_ascii() && text.contains("Nothing was changed"), "{text}");
}

#[tokio::test]
async fn en_at_a_picture_shows_the_key_and_a_picture_in_ascii_where_that_is_wanted() {
    let world = World::new().await;
    let mut alice = world.signs_in("alice");
    alice.answers("3  authenticator app", "3").await;
    let picture = alice.reads("Scan this", "en").await;
    assert!(picture.contains('█'));
    let shown = alice.reads("Type of key", "picture").await;
    assert!(shown.is_ascii() && key(&shown) == key(&picture), "{shown}");
    let drawn = alice.reads("Scan this", "text").await;
    assert!(drawn.is_ascii() && drawn.contains("##  ##"), "{drawn}");
    alice.answers("Type of key", "").await;
}

/// `OpenSSH`'s client exits at a picture if its locale has no such characters, and the unfinished registration showed
/// it again at each sign-in.
#[tokio::test]
async fn whoever_was_cut_off_at_a_picture_is_shown_the_key_first_however_much_later_until_a_picture_was_answered() {
    let world = World::new().await;
    let mut alice = world.signs_in("alice");
    alice.answers("3  authenticator app", "3").await;
    alice.step().await;
    assert!(alice.screen.last().unwrap().contains('█'));
    alice.leaves().await;
    for _ in 0..2 {
        world.later(40 * 86_400);
        let mut alice = world.signs_in("alice");
        alice.answers("3  authenticator app", "3").await;
        let screen = alice.reads("Type of key", "").await;
        assert!(!screen.contains('█') && screen.contains("picture (QR code"), "{screen}");
        alice.answers("3  authenticator app", "").await;
        alice.ends().await;
        // Another user is shown the picture.
        let mut bob = world.signs_in("bob");
        bob.answers("3  authenticator app", "3").await;
        bob.answers("Scan this", "").await;
        bob.answers("3  authenticator app", "").await;
        bob.ends().await;
    }
    world.later(40 * 86_400);
    let mut alice = world.signs_in("alice");
    alice.answers("3  authenticator app", "3").await;
    alice.answers("Type of key", "picture").await;
    alice.answers("Scan this", "text").await;
    alice.answers("Type of key", "").await;
    alice.answers("3  authenticator app", "").await;
    alice.ends().await;
    world.later(40 * 86_400);
    let mut alice = world.signs_in("alice");
    alice.answers("3  authenticator app", "3").await;
    alice.answers("Scan this", "").await;
}

#[tokio::test]
async fn a_client_that_ends_at_what_it_can_not_show_is_told_from_one_whose_person_leaves_later() {
    let world = World::new().await.speaking(Language::Polish);
    // At the first question in a script, over SSH, without an answer.
    assert!(world.left_at("sshd", &[]).await);
    assert!(!world.left_at("login", &[]).await);
    // A user who answered there sees that script.
    assert!(!world.left_at("sshd", &["e", "xyz"]).await);
    // English has nothing that a client could not show.
    assert!(!world.speaking(Language::English).left_at("sshd", &[]).await);
}

#[tokio::test]
async fn words_of_an_administrator_and_addresses_are_ascii_as_well_where_nothing_else_can_be_shown() {
    let settings = "[register]\nmode = \"required\"\nskip_days = 0\n[helpdesk]\ntext = \"Bürotür 4711\"\n";
    let world = World::with(settings).await.speaking(Language::Japanese);
    let mut alice = world.signs_in("alice");
    alice.answers("", "en").await;
    alice.answers("can't be put off", "").await;
    alice.answers("can't be put off", "").await;
    let (standing, text) = alice.ends().await;
    assert_eq!(standing, Standing::Denied);
    assert_eq!(text, "To get in, sign in again and register.\nB?rot?r 4711");
}

#[tokio::test]
async fn what_was_said_before_the_switch_and_has_no_ascii_in_it_is_said_in_english_instead() {
    let settings = "[register]\nmode = \"required\"\nskip_days = 0\n[recover]\nmethods_required = 2\n";
    let world = World::with(settings).await;
    world.register("alice", &email("alice@example.org")).await;
    let world = world.speaking(Language::Japanese);
    let mut alice = world.signs_in("alice");
    alice.answers("", "").await;
    // What was not proved, and the days on which she still gets in.
    alice.answers("Enter", "en").await;
    alice.answers("Registering does not work right now.\nYou can go on", "").await;
    assert_eq!(alice.ends().await, LET_IN);

    let world = World::new().await;
    world.register("bob", &email("bob@example.org")).await;
    world.later(200 * 86_400);
    let world = world.speaking(Language::Japanese);
    let mut bob = world.signs_in("bob");
    bob.answers("", "c").await;
    bob.answers("", "").await;
    bob.answers("Enter", "en").await;
    bob.answers("Registering does not work right now.\nYou can go on", "").await;
    assert_eq!(bob.ends().await, LET_IN);
}

/// The hint is above the prompt for the password: a client that has no characters for it exits there, and then not even
/// the correct password signs in.
#[tokio::test]
async fn what_is_said_before_any_question_over_ssh_is_english_in_ascii_alike_for_every_name_and_elsewhere_as_people_speak()
 {
    let settings = "[limits]\nstarts_per_hour = 1\n[helpdesk]\ntext = \"管理者に連絡してください: 内線四七一一\"\n";
    let begins = |world: &World, service: &'static str, name: &'static str| {
        let source = if service == "sshd" { "192.0.2.1" } else { "tty1" };
        world.dialogue_at(service, Purpose::Recover, name, 0, source)
    };
    let ended = |world: &World, service: &'static str, name: &'static str| {
        let mut person = begins(world, service, name);
        async move { person.ends().await }
    };
    for language in [Language::Japanese, Language::German] {
        for name in ["alice", "nobody-at-all"] {
            let world = World::with(settings).await.speaking(language);
            world.register("alice", &email("alice@example.org")).await;
            // Too many tries.
            for service in ["sshd", "login"] {
                let mut person = begins(&world, service, name);
                person.answers("", "zzzzz").await;
                person.leaves().await;
            }
            let (standing, text) = ended(&world, "sshd", name).await;
            assert_eq!(
                (standing, text.as_str()),
                (Standing::Refused, "Too many tries. Try again in 60 minutes."),
                "{name}"
            );
            let (_, text) = ended(&world, "login", name).await;
            assert!(!text.is_empty() && !text.starts_with("Too many"), "{text}");

            // No password can be set here at all.
            world.later(2 * 3600);
            world.accounts().why_not = Some("no line sets one".into());
            let said = (Standing::Refused, "Reset isn't available right now.".to_owned());
            assert_eq!(ended(&world, "sshd", name).await, said, "{name}");
            let (_, text) = ended(&world, "login", name).await;
            assert!(text.ends_with("管理者に連絡してください: 内線四七一一") && !text.contains("available"), "{text}");

            // Too many wrong codes.
            let world = World::with("").await.speaking(language);
            world.register("alice", &email("alice@example.org")).await;
            let mut person = world.forgets(name);
            person.answers("", "e").await;
            for _ in 0..5 {
                person.answers("", "000000").await;
            }
            // A user who answered reads this language.
            let (_, text) = person.ends().await;
            assert!(!text.starts_with("Too many"), "{text}");
            let (standing, text) = ended(&world, "sshd", name).await;
            assert_eq!(standing, Standing::Refused);
            assert!(text.is_ascii() && text.starts_with("Too many wrong codes.\nReset is suspended"), "{name}: {text}");
        }
    }
}
