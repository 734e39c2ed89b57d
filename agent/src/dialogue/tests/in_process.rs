//! Dialogues and administrators' commands over a transport of function calls: neither depends on a bus.

use std::future;

use sspr_config::dialogue::{Ask, Standing, Step};
use tokio::runtime::Handle;

use super::world::{World, email};
use crate::{
    admin::{self, Admin, Verb, wire},
    principal::Principal,
    sessions::{Beginning, Refused, Sessions},
};

const NEW: &str = "plover tundra biscuit";
const RESET: [&str; 5] = ["alice", "sshd", "", "192.0.2.1", ""];

/// One end of the transport.
struct Host {
    sessions: Sessions,
    who: Principal,
}

impl Host {
    async fn begins(&self) -> (String, Step) {
        let wanted = Beginning::new("recover", RESET).unwrap();
        self.sessions.begin(&self.who, wanted, future::pending()).await.unwrap()
    }

    async fn answers(&self, handle: &str, step: &Step, answer: &str, sealed: bool) -> Result<Step, Refused> {
        self.sessions.answer(&self.who, handle, step.turn, answer.as_bytes(), sealed).await
    }
}

async fn hosts(world: &World) -> (Host, Host) {
    world.register("alice", &email("alice@example.org")).await;
    let sessions = Sessions::new(world.agent.clone());
    let host = |connection: &str| Host { sessions: sessions.clone(), who: Principal::new(0, connection) };
    (host("one"), host("another"))
}

#[tokio::test]
async fn a_whole_reset_is_held_and_found_in_the_audit_log() {
    let world = World::new().await;
    let (host, other) = hosts(&world).await;
    let (handle, menu) = host.begins().await;
    assert!(matches!(other.answers(&handle, &menu, "e", false).await, Err(Refused::NoDialogue(_))), "not its own");
    assert!(matches!(host.answers(&handle, &menu, "e", true).await, Err(Refused::Malformed(_))), "no secret");
    let code = host.answers(&handle, &menu, "e", false).await.unwrap();
    assert!(matches!(host.answers(&handle, &menu, "e", false).await, Err(Refused::Malformed(_))), "answered before");
    let password = host.answers(&handle, &code, &world.the_code().await, false).await.unwrap();
    assert_eq!(Ask::from_wire(password.ask), Some(Ask::NewPassword), "{}", password.text);
    assert!(matches!(host.answers(&handle, &password, NEW, false).await, Err(Refused::Malformed(_))), "a secret");
    let again = host.answers(&handle, &password, NEW, true).await.unwrap();
    let done = host.answers(&handle, &again, NEW, true).await.unwrap();
    assert_eq!(Standing::from_wire(done.standing), Some(Standing::Recovered), "{}", done.text);
    assert_eq!(world.accounts().passwords["alice"], NEW);
    assert!(matches!(host.answers(&handle, &done, "", false).await, Err(Refused::NoDialogue(_))), "it is over");

    let admin = Admin::new(world.agent.clone(), Handle::current());
    let by = serde_json::to_string(&wire::Caller::default()).unwrap();
    let asks = async |who: Principal| admin.call(&who, Verb::Audit, &by, "{}").await;
    let said = asks(Principal::new(0, "one")).await.unwrap();
    assert!(said.contains("Reset password (self-service)"), "{said}");
    assert!(matches!(asks(Principal::new(1001, "one")).await, Err(admin::Error::Denied(_))));
}

#[tokio::test]
async fn a_dialogue_is_cancelled_by_its_own_connection_alone_and_its_code_stays_good() {
    let world = World::new().await;
    let (host, other) = hosts(&world).await;
    let (handle, menu) = host.begins().await;
    let code = host.answers(&handle, &menu, "e", false).await.unwrap();
    other.sessions.cancel(&other.who, &handle);
    let sent = world.the_code().await;
    let code = host.answers(&handle, &code, "en", false).await.expect("still there");
    host.sessions.cancel(&host.who, &handle);
    assert!(matches!(host.answers(&handle, &code, &sent, false).await, Err(Refused::NoDialogue(_))));
    let (handle, resumed) = other.begins().await;
    let password = other.answers(&handle, &resumed, &sent, false).await.unwrap();
    assert_eq!(Ask::from_wire(password.ask), Some(Ask::NewPassword), "{}", password.text);
}
