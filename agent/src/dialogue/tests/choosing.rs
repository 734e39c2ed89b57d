//! Choosing a new password, and what is said and done once it is set.

use std::{fs, sync::Arc};

use sspr_config::dialogue::Standing;

use super::world::{Person, World, email, phone};
use crate::{
    delivery::Content,
    password::{host::HostRules, strength::tests_support::InProcess},
    sender::tests_support::drain,
};

const NEW: &str = "plover tundra biscuit";

/// Alice with her code typed, before the new password.
async fn proved(world: &World) -> Person {
    world.register("alice", &email("alice@example.org")).await;
    let mut alice = world.forgets("alice");
    alice.types(&["e"]).await;
    let code = world.the_code().await;
    drop(alice);
    let mut alice = world.forgets("alice");
    alice.answers("before", &code).await;
    alice
}

async fn chooses(alice: &mut Person, text: &str, password: &str) -> String {
    alice.answers(text, password).await;
    alice.answers("Type it again", password).await;
    let (standing, text) = alice.ends().await;
    assert_eq!(standing, Standing::Recovered);
    text
}

#[tokio::test]
async fn a_banned_word_is_refused_by_its_name_in_any_disguise_and_the_list_is_read_each_time() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), "Northwind\n").unwrap();
    let world = World::with(&format!("[password]\nbanned_words_file = {:?}\n", file.path())).await;
    let mut alice = proved(&world).await;
    alice.answers("Some words are banned", "the n0rthw1nd report").await;
    alice.answers("banned here:\nNorthwind\n", "tundra of the fabrikam").await;
    // A password that is asked for again has passed the rules; they are looked at for the next one only.
    alice.answers("Type it again", "not the same").await;
    fs::write(file.path(), "Northwind\nFabrikam\n").unwrap();
    alice.answers("do not match", "tundra of the f4brikam").await;
    alice.answers("banned here:\nFabrikam\n", NEW).await;
    alice.answers("Type it again", "not the same").await;
    fs::write(file.path(), "ab\n").unwrap();
    alice.answers("do not match", NEW).await;
    alice.answers("isn't available", "").await;
    alice.hangs_up().await;
    assert!(world.accounts().changes.is_empty());
}

#[tokio::test]
async fn the_reason_is_exact_and_the_current_password_is_not_a_new_one() {
    let world = World::new().await;
    world.accounts().passwords.insert("alice".into(), "walrus quilt trombone".into());
    let mut alice = proved(&world).await;
    alice.answers("at least 12 characters", "tundra bis").await;
    alice.answers("It needs 2 more characters", "tundra bisc").await;
    alice.answers("It needs one more character", "walrus quilt trombone").await;
    alice.answers("Type it again", "walrus quilt trombone").await;
    assert!(chooses(&mut alice, "That is the one you have now", NEW).await.is_empty());
    assert_eq!(world.accounts().changes, ["alice"]);
}

#[tokio::test]
async fn after_a_recovery_sessions_end_if_that_is_set_and_keys_that_can_still_sign_in_are_told() {
    for (settings, sessions, keys, said, left) in [
        ("", 2, 0, "", 2),
        ("", 2, 1, "One SSH key can still sign in as you; check it.", 2),
        ("[recover]\nend_sessions = true\n", 0, 0, "", 0),
        (
            "[recover]\nend_sessions = true\n",
            2,
            3,
            "2 open sessions were ended.\n3 SSH keys can still sign in as you; check them.",
            0,
        ),
    ] {
        let world = World::with(settings).await;
        (world.accounts().sessions, world.accounts().ssh_keys) = (sessions, keys);
        let mut alice = proved(&world).await;
        assert_eq!(chooses(&mut alice, "New password", NEW).await, said, "{settings}");
        assert_eq!(world.accounts().sessions, left);
    }
}

#[tokio::test]
async fn where_no_password_can_be_set_nobody_is_led_through_a_reset_whatever_the_name() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    world.accounts().why_not = Some("use_authtok".into());
    let mut said = Vec::new();
    for name in ["alice", "bob", "nobody-has-this"] {
        let mut person = world.forgets(name);
        said.push(person.ends().await);
    }
    assert_eq!(said[0].0, Standing::Refused);
    assert!(said.iter().all(|ending| *ending == said[0]), "{said:?}");
    assert_eq!(world.accounts().looked_at, 0);
}

#[tokio::test]
async fn keys_that_could_not_be_looked_at_are_not_taken_for_none() {
    let unseen = "Some SSH keys could not be read; check them.";
    for (keys, said) in
        [(0, unseen.to_owned()), (2, format!("2 SSH keys can still sign in as you; check them.\n{unseen}"))]
    {
        let world = World::new().await;
        (world.accounts().ssh_keys, world.accounts().ssh_unseen) = (keys, true);
        let mut alice = proved(&world).await;
        assert_eq!(chooses(&mut alice, "New password", NEW).await, said);
    }
}

#[tokio::test]
async fn administrators_are_told_when_one_of_them_recovers_and_of_nobody_else() {
    for admin in [true, false] {
        let world = World::with(
            "[notify]\nadmins = [\"security@example.org\", \"it@example.org\"]\n[recover]\nadmin_methods_required = 1\n",
        )
        .await;
        world.accounts().states.get_mut("alice").unwrap().admin = admin;
        let mut alice = proved(&world).await;
        chooses(&mut alice, "New password", NEW).await;
        let mut notes = world.mailbox().await;
        notes.sort();
        let mut want = vec![("alice@example.org".to_owned(), "Recovered".to_owned())];
        if admin {
            for address in ["it@example.org", "security@example.org"] {
                want.push((address.into(), "AdminRecovered".into()));
            }
        }
        assert_eq!(notes, want);
    }
}

/// "Tell your administrator" helps nobody who does not know how.
#[tokio::test]
async fn a_note_to_the_user_ends_with_whom_to_call_and_one_to_administrators_does_not() {
    let settings = "[helpdesk]\ntext = \"Call the help desk, 4711.\"\n[notify]\nadmins = [\"it@example.org\"]\n";
    for (settings, line) in [(settings, true), ("[notify]\nadmins = [\"it@example.org\"]\n", false)] {
        let world = World::with(&format!("[recover]\nadmin_methods_required = 1\n{settings}")).await;
        world.accounts().states.get_mut("alice").unwrap().admin = true;
        world.register("alice", &phone("+819012345678")).await;
        let mut alice = proved(&world).await;
        chooses(&mut alice, "New password", NEW).await;
        let mut told = Vec::new();
        for (_, message) in drain(&world.agent).await {
            let to = message.to().as_str().to_owned();
            let text = match &message.content {
                Content::Mail { text, .. } | Content::Text { text, .. } => text.trim_end().to_owned(),
                Content::Call { .. } => String::new(),
            };
            told.push((to, text.ends_with("Call the help desk, 4711.")));
        }
        told.sort();
        let want = [("+819012345678", line), ("alice@example.org", line), ("it@example.org", false)];
        assert_eq!(told, want.map(|(to, line)| (to.to_owned(), line)));
    }
}

/// Types wrong codes until self-service rests.
async fn is_blocked(world: &World, name: &str) {
    let mut somebody = world.forgets(name);
    somebody.types(&["e", "000000", "111111", "222222", "333333", "444444"]).await;
    assert!(somebody.screen.last().unwrap().contains("Reset is suspended"), "{}", somebody.screen.join("\n"));
}

/// Who was told that self-service rests; waits for the notes, which are written behind the dialogue's back.
async fn told(world: &World, until: usize) -> Vec<String> {
    let mut told = Vec::new();
    for _ in 0..200 {
        told.extend(world.mailbox().await.into_iter().filter(|(_, kind)| kind == "Blocked").map(|(to, _)| to));
        if told.len() >= until {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    told.sort();
    told
}

#[tokio::test]
async fn every_contact_is_told_that_self_service_rests_and_once_a_day_at_most() {
    let world = World::with("[limits]\nfailed_window = \"1h\"\n").await;
    world.register("alice", &email("alice@example.org")).await;
    world.register("alice", &phone("+819012345678")).await;
    is_blocked(&world, "nobody-of-that-name").await;
    is_blocked(&world, "bob").await;
    is_blocked(&world, "alice").await;
    assert_eq!(told(&world, 2).await, ["+819012345678", "alice@example.org"]);
    world.later(4000);
    is_blocked(&world, "alice").await;
    world.register("carol", &email("carol@example.org")).await;
    is_blocked(&world, "carol").await;
    assert_eq!(told(&world, 1).await, ["carol@example.org"], "alice was told today");
}

/// fscrypt and keyrings: nobody said that the files stay locked.
#[tokio::test]
async fn where_something_is_encrypted_with_the_old_password_a_line_says_so_before_a_new_one_is_asked_for() {
    let mut world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    for (encrypts, lines) in [(false, 0), (true, 1)] {
        let checker = Arc::new(InProcess(HostRules { encrypts, ..HostRules::default() }));
        world.agent = world.agent.with_services(|services| services.strength = checker);
        let mut alice = world.forgets("alice");
        world.proves_by_email(&mut alice).await;
        let screen = alice.reads("New password", "abc").await;
        assert_eq!(screen.matches("Data that the old one encrypts stays locked.").count(), lines, "{screen}");
        drop(alice);
        world.later(3600);
    }
}
