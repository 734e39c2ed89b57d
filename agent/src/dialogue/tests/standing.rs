//! What `sspr status` says of each way that is registered.

use sspr_config::dialogue::{Purpose, Standing};

use super::world::{World, email, phone};

const NEW: &str = "plover tundra biscuit";

#[tokio::test]
async fn status_says_when_each_way_was_last_used_and_what_a_reset_would_ask_for() {
    let world = World::with("[register]\nmethods = [\"email\", \"app\"]\n").await;
    world.register("alice", &email("alice@example.org")).await;
    world.register("alice", &phone("+819012345678")).await;
    let secret = world.register_app("alice").await;
    let status = async || world.dialogue(Purpose::Status, "alice", 1001).ends().await.1;
    let text = status().await;
    for part in [
        "a***@e***.org\n    not used yet\n",
        // Text messages are switched off.
        "**78\n    not used yet\n    A reset does not ask for it now.\n",
        "authenticator app\n    not used yet\nA reset asks for one of these.\n",
    ] {
        assert!(text.contains(part), "{part:?} in\n{text}");
    }
    let mut alice = world.forgets("alice");
    world.proves_by_email(&mut alice).await;
    assert!(status().await.contains("a***@e***.org\n    not used yet\n"), "a code alone uses nothing");
    for answer in [NEW, NEW] {
        alice.answers("", answer).await;
    }
    assert_eq!(alice.ends().await.0, Standing::Recovered);
    let text = status().await;
    assert!(text.contains("a***@e***.org\n    last used: 2027-01-1"), "{text}");
    assert!(text.contains("authenticator app\n    not used yet\n"), "{text}");

    world.later(3600);
    let mut alice = world.forgets("alice");
    alice.answers("How do you want", "app").await;
    alice.answers("authenticator app shows", &world.shown(&secret)).await;
    for answer in ["wharf lantern pickle", "wharf lantern pickle"] {
        alice.answers("", answer).await;
    }
    assert_eq!(alice.ends().await.0, Standing::Recovered);
    let text = status().await;
    assert!(text.contains("authenticator app\n    last used: 2027-01-1"), "{text}");
    assert!(text.contains("**78\n    not used yet\n"), "{text}");
}

#[tokio::test]
async fn who_needs_two_reads_that_a_reset_asks_for_two_and_who_has_too_few_reads_of_no_reset() {
    let world = World::with("[recover]\nmethods_required = 2\n").await;
    world.register("alice", &email("alice@example.org")).await;
    let status = async || world.dialogue(Purpose::Status, "alice", 1001).ends().await.1;
    let text = status().await;
    assert!(!text.contains("A reset asks") && text.contains("needs one more"), "{text}");
    world.register_app("alice").await;
    assert!(status().await.contains("A reset asks for two of these, of different kinds.\n"));
}
