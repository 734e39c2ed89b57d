//! The line in a shell.

use sspr_config::dialogue::{Purpose, Standing};

use super::world::{World, email};
use crate::credential::Verdict;

const LINE: &str = "sspr enroll";

/// What `name` with `uid` sees; `source` is the key under which starts are counted.
async fn sees(world: &World, name: &str, uid: u32, source: &str) -> String {
    let (standing, text) = world.dialogue_from(Purpose::Hint, name, uid, source).ends().await;
    assert_eq!(standing, Standing::Finished);
    text
}

#[tokio::test]
async fn who_could_register_and_has_not_sees_one_line_and_nobody_else_sees_anything() {
    let world = World::new().await;
    let line = sees(&world, "alice", 1001, "uid 1001").await;
    assert!(line.contains(LINE) && line.lines().count() == 1, "{line}");
    world.register("alice", &email("alice@example.org")).await;
    assert_eq!(sees(&world, "alice", 1001, "uid 1001").await, "", "registered");
    for (name, uid, verdict) in [
        ("root", 0, Verdict::System),
        ("daemon", 2, Verdict::System),
        ("outside", 1012, Verdict::OutOfScope),
        ("locked", 1013, Verdict::Locked),
    ] {
        world.account(name, uid, verdict);
        assert_eq!(sees(&world, name, uid, name).await, "", "{name}");
    }
    assert_eq!(sees(&world, "bob", 1003, "uid 1003").await, "", "somebody else's name");
    assert_eq!(sees(&world, "nobody-of-that-name", 1099, "uid 1099").await, "");
}

#[tokio::test]
async fn an_administrator_with_one_method_of_two_is_told_and_people_are_not_where_registration_is_off() {
    let world = World::new().await;
    world.accounts().states.get_mut("alice").unwrap().admin = true;
    world.register("alice", &email("alice@example.org")).await;
    assert!(sees(&world, "alice", 1001, "uid 1001").await.contains(LINE));
    let world = World::with("[register]\nmode = \"off\"\n").await;
    assert_eq!(sees(&world, "alice", 1001, "uid 1001").await, "");
    assert_eq!(world.accounts().looked_at, 0, "the helper is not even started");
}

#[tokio::test]
async fn a_shell_that_asks_again_and_again_is_answered_with_nothing() {
    let world = World::new().await;
    for _ in 0..120 {
        assert!(sees(&world, "alice", 1001, "uid 1001").await.contains(LINE));
    }
    assert_eq!(sees(&world, "alice", 1001, "uid 1001").await, "");
    assert!(sees(&world, "alice", 1001, "uid 1002").await.contains(LINE), "each source by itself");
    // It has used up no reset, and neither has a look at the registration.
    let (_, text) = world.dialogue_from(Purpose::Status, "alice", 1001, "uid 1002").ends().await;
    assert!(text.contains("Nothing is registered"), "{text}");
    for source in ["uid 1001", "uid 1002"] {
        for _ in 0..20 {
            let mut reset = world.dialogue_from(Purpose::Recover, "alice", 1001, source);
            reset.answers("How do you want", "yy").await;
            reset.step().await;
        }
        let mut over = world.dialogue_from(Purpose::Recover, "alice", 1001, source);
        assert!(over.ends().await.1.contains("Too many tries"), "{source}");
    }
}
