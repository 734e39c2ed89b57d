//! Words at the choice of a way: a method by its name, and text that is neither a name nor a contact.

use sspr_config::{
    dialogue::{Purpose, Standing},
    language::Language,
};

use super::world::{Person, World, email, phone};

async fn alice() -> World {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    world.register("alice", &phone("+819012345678")).await;
    world
}

fn sits(world: &World, seat: &str, name: &str) -> Person {
    let uid = if seat == "sspr" { 1001 } else { 0 };
    world.dialogue_at(seat, Purpose::Recover, name, uid, "tty1")
}

#[tokio::test]
async fn a_word_for_email_is_taken_as_the_choice_alike_for_every_name() {
    for (language, seat, typed) in [
        (Language::English, "login", "email"),
        (Language::English, "login", " E-Mail "),
        (Language::English, "sspr", "mail"),
        (Language::Spanish, "login", "correo electrónico"),
        (Language::Japanese, "login", "メール"),
        (Language::Japanese, "login", "email"),
    ] {
        let world = alice().await.speaking(language);
        let mut screens = Vec::new();
        for name in ["alice", "nobody-of-that-name"] {
            let mut person = sits(&world, seat, name);
            person.answers("", typed).await;
            person.answers("", "").await;
            person.ends().await;
            assert_eq!(world.mailbox().await.len(), usize::from(name == "alice"), "{typed}");
            screens.push(person.screen);
        }
        assert_eq!(screens[0], screens[1], "{typed}");
    }
}

#[tokio::test]
async fn text_that_is_no_word_for_a_way_and_no_contact_is_asked_again_costs_nothing_and_is_alike_for_every_name() {
    for seat in ["login", "sspr"] {
        let world = World::with("[limits]\nfailed_proofs = 1\nsends_per_hour = 1\n").await;
        world.register("alice", &email("alice@example.org")).await;
        let mut screens = Vec::new();
        for name in ["alice", "nobody-of-that-name"] {
            let mut person = sits(&world, seat, name);
            person.answers("How do you want", "my mailbox").await;
            for typed in ["rain on a tin roof", "alice.example.org", "メールアドレス"] {
                person.answers("Please type one of the answers shown.\nHow do you want", typed).await;
            }
            person.answers("one of the answers shown", "e").await;
            assert!(world.mailbox().await.len() <= usize::from(name == "alice"));
            person.answers("on its way", "").await;
            person.ends().await;
            world.mailbox().await;
            let mut person = sits(&world, seat, name);
            person.answers("is still good", "other").await;
            for _ in 0..5 {
                person.answers("", "my mailbox").await;
            }
            let (standing, text) = person.ends().await;
            assert_eq!(standing, Standing::GivenUp, "{text}");
            screens.push(person.screen);
        }
        assert_eq!(screens[0], screens[1]);
    }
}

#[tokio::test]
async fn a_word_for_the_phone_asks_for_the_number_itself_or_is_the_one_that_is_listed() {
    let world = alice().await;
    let mut screens = Vec::new();
    for name in ["alice", "nobody-of-that-name"] {
        let mut person = sits(&world, "login", name);
        person.answers("How do you want", "phone").await;
        person.answers("Please type the phone number itself.\nHow do you want", "SMS").await;
        person.answers("the phone number itself", "").await;
        person.ends().await;
        screens.push(person.screen);
    }
    assert_eq!(screens[0], screens[1]);
    assert!(world.mailbox().await.is_empty());

    let world = World::with("[recover]\ndisclose = \"masked\"\n").await;
    world.register("alice", &email("alice@example.org")).await;
    world.register("alice", &phone("+819012345678")).await;
    let mut alice = sits(&world, "login", "alice");
    alice.answers("  2     +81 ** **** **78\n", "phone").await;
    alice.answers("on its way", "").await;
    assert_eq!(world.mailbox().await[0].0, "+819012345678");
}

#[tokio::test]
async fn a_word_for_a_way_that_is_not_on_the_menu_is_none_of_the_answers() {
    for (methods, typed) in
        [("\"phone\"", "email"), ("\"phone\"", "mail"), ("\"email\"", "phone"), ("\"email\"", "app")]
    {
        let settings = format!("[register]\nmethods = [{methods}]\n[recover]\nadmin_methods_required = 1\n");
        let world = World::with(&settings).await;
        let mut person = sits(&world, "login", "alice");
        person.answers("How do you want", typed).await;
        person.answers("Please type one of the answers shown.", "").await;
        person.ends().await;
        assert!(world.mailbox().await.is_empty(), "{typed}");
    }
}

#[tokio::test]
async fn a_menu_of_registration_takes_the_names_that_it_shows() {
    let world = World::new().await.speaking(Language::Spanish);
    for typed in ["correo electrónico", "Correo", "e-mail"] {
        let mut bob = world.signs_in("bob");
        bob.answers("", typed).await;
        let screen = bob.reads("", "").await;
        assert!(screen.contains("dirección de correo"), "{typed}: {screen}");
        bob.leaves().await;
        world.later(2 * 86_400);
    }
}
