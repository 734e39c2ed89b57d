//! Pasted answers: invisible marks, and blanks of every width, come along with a code or a number.

use sspr_config::dialogue::{Purpose, Standing};

use super::world::{World, email, phone};
use crate::typed::PASTED;

const NEW: &str = "plover tundra biscuit";

#[tokio::test]
async fn a_code_that_was_pasted_with_what_stood_around_it_is_right() {
    for (n, mark) in PASTED.into_iter().enumerate() {
        let world = World::new().await;
        world.register("alice", &email("alice@example.org")).await;
        let service = if n % 2 == 0 { "sshd" } else { "login" };
        let mut alice = world.dialogue_at(service, Purpose::Recover, "alice", 0, "203.0.113.1");
        alice.answers("How do you want", "e").await;
        alice.answers("is on its way", "xxxxxx").await;
        alice.answers("Type the code", &format!("{mark}{}{mark}", world.the_code().await)).await;
        alice.answers("at least 12 characters", NEW).await;
        alice.answers("Type it again", NEW).await;
        assert_eq!(alice.ends().await, (Standing::Recovered, String::new()), "{mark:?} at {service}");
    }
}

#[tokio::test]
async fn a_number_or_an_address_that_was_pasted_with_what_stood_around_it_gets_a_code() {
    for mark in PASTED {
        let world = World::new().await;
        world.register("bob", &phone("+819012345678")).await;
        world.register("bob", &email("bob@example.org")).await;
        for (typed, to) in [
            (format!("{mark}090-1234-5678{mark}"), "+819012345678"),
            (format!("{mark}bob@example.org{mark}"), "bob@example.org"),
        ] {
            let mut bob = world.forgets("bob");
            bob.answers("How do you want", &typed).await;
            bob.answers("If that is registered", "").await;
            let sent = world.mailbox().await;
            assert_eq!(sent.iter().map(|(to, _)| to.as_str()).collect::<Vec<_>>(), [to], "{mark:?}");
            world.later(86_400);
        }
    }
}

#[tokio::test]
async fn where_a_person_s_words_come_through_a_menu_takes_them_with_what_was_pasted_along() {
    for (mark, e) in PASTED.into_iter().zip(["e", "Ｅ", "E"].into_iter().cycle()) {
        let world = World::new().await;
        world.register("alice", &email("alice@example.org")).await;
        let mut alice = world.dialogue_at("login", Purpose::Recover, "alice", 0, "tty1");
        alice.answers("How do you want", &format!("{mark}{e}{mark}")).await;
        alice.answers("is on its way", &format!("ｏｔｈｅｒ{mark}")).await;
        alice.answers("How do you want", &mark.to_string()).await;
        assert_eq!(alice.ends().await.0, Standing::Refused, "{mark:?}");
        // The code that was requested above.
        assert_eq!(world.mailbox().await.len(), 1);

        let mut bob = world.signs_in("bob");
        bob.answers("1, 2 or 3", &format!("{mark}１{mark}")).await;
        bob.answers("Which email address", &format!("{mark}bob@example.org{mark}")).await;
        bob.answers("It goes to bob@example.org.", "xxxxxx").await;
        bob.answers("6 digits", &format!("{}{mark}", world.the_code().await)).await;
        bob.answers("Done", "").await;
    }
}
