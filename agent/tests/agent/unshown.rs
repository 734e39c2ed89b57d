//! A client whose locale has no characters for a text, as the agent sees it: it is gone at the first question.

use std::time::Duration;

use zbus::Connection;

use super::{
    Agent,
    host::{Host, on_a_host, until},
};
use sspr_config::{
    bus::{AGENT, AGENT_PATH, DIALOGUE},
    dialogue::Step,
};

/// The first question of a reset, and the connection that holds it open.
async fn begun(host: &Host, user: &str, service: &str, rhost: &str) -> (Connection, String, Step) {
    let bus = host.connect().await;
    let tty = if rhost.is_empty() { "tty63" } else { "ssh" };
    let body = ("recover", user, service, tty, rhost, "de_DE.UTF-8");
    let reply = bus.call_method(Some(AGENT), AGENT_PATH, Some(DIALOGUE), "Begin", &body).await.unwrap();
    let (handle, step) = reply.body().deserialize().unwrap();
    (bus, handle, step)
}

async fn is_plain(host: &Host, user: &str, service: &str, rhost: &str) -> bool {
    let (bus, handle, step) = begun(host, user, service, rhost).await;
    // After a cancellation, the client has not failed.
    bus.call_method(Some(AGENT), AGENT_PATH, Some(DIALOGUE), "Cancel", &(handle,)).await.unwrap();
    assert_eq!(step.text.is_ascii(), step.text.starts_with("How do you want"), "{}", step.text);
    step.text.is_ascii()
}

#[test]
fn who_left_at_what_is_not_ascii_gets_english_there_whatever_the_name() {
    let name = "unshown::who_left_at_what_is_not_ascii_gets_english_there_whatever_the_name";
    on_a_host(name, async |host| {
        host.user("alice");
        let _agent = Agent::start(host).await;
        assert!(!is_plain(host, "alice", "sshd", "192.0.2.7").await);
        assert!(!is_plain(host, "alice", "sshd", "192.0.2.7").await, "who says good-bye is no client that failed");
        let (bus, ..) = begun(host, "nobody-at-all", "my-sshd", "192.0.2.7").await;
        bus.close().await.unwrap();
        // The bus informs the agent.
        until(Duration::from_secs(20), async || is_plain(host, "alice", "sshd", "192.0.2.7").await.then_some(())).await;
        for user in ["alice", "nobody-at-all", "bob"] {
            assert!(is_plain(host, user, "sshd", "192.0.2.7").await, "{user}");
            assert!(is_plain(host, user, "sshd", "::ffff:192.0.2.7").await, "the same place");
            assert!(!is_plain(host, user, "sshd", "192.0.2.8").await, "{user} elsewhere");
            assert!(!is_plain(host, user, "login", "").await, "{user} at a terminal of this machine");
        }
    });
}
