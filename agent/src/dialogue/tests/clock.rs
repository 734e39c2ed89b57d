//! The clock is ten years ahead for a while, and right again.

use sspr_config::dialogue::Standing;

use super::world::{World, email};
use crate::clock::Time;

const NEW: &str = "plover tundra biscuit";
const DAY: Time = 86_400;
const TEN_YEARS: Time = 3650 * DAY;

#[tokio::test]
async fn limits_that_were_reached_while_it_was_ahead_last_no_longer_than_if_that_were_now() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    world.register("bob", &email("bob@example.org")).await;
    world.later(TEN_YEARS);
    let mut alice = world.forgets("alice");
    alice.answers("How do you want", "e").await;
    alice.step().await.unwrap();
    let mut bob = world.forgets("bob");
    bob.answers("How do you want", "code").await;
    for _ in 0..5 {
        bob.answers("Code:", "zzzz-zzzz-zzzz").await;
    }
    assert!(bob.ends().await.1.contains("Reset is suspended"));
    world.mailbox().await;
    world.later(-TEN_YEARS);

    // Nobody is freed by it, ...
    let mut alice = world.forgets("alice");
    alice.answers("How do you want", "e").await;
    alice.answers("Another code can be sent in 60 seconds", "").await;
    let mut bob = world.forgets("bob");
    assert!(bob.ends().await.1.contains("Try again in 24 hours"), "{:?}", bob.screen);

    // ... and nobody waits for ten years.
    world.later(61);
    world.mailbox().await;
    let mut alice = world.forgets("alice");
    world.proves_by_email(&mut alice).await;
    alice.answers("New password", NEW).await;
    alice.answers("Type it again", NEW).await;
    assert_eq!(alice.ends().await.0, Standing::Recovered);
    world.later(DAY);
    let mut bob = world.forgets("bob");
    bob.answers("How do you want", "e").await;
}

#[tokio::test]
async fn whoever_said_not_now_while_it_was_ahead_is_asked_again_in_time() {
    let world = World::new().await;
    world.later(TEN_YEARS);
    let mut alice = world.at_console("alice");
    alice.answers("1, 2 or 3", "").await;
    assert_eq!(alice.ends().await.0, Standing::Finished);
    world.later(-TEN_YEARS);
    // Once a day this is done by itself.
    crate::housekeeping::prune(&world.agent).await.unwrap();
    assert_eq!(world.at_console("alice").ends().await.0, Standing::Finished, "asked a moment ago");
    world.later(DAY);
    let mut alice = world.at_console("alice");
    alice.answers("1, 2 or 3", "").await;
}
