//! Who calls is what the bus says. Where it says nothing, or nothing that can be understood, the answer is no
//! (CVE-2021-3560 of polkit: a caller that was gone by then was taken for root).

use std::{future::pending, time::Duration};

use sspr_config::{
    bus::{AGENT_PATH, DIALOGUE},
    dialogue::Step,
};
use tokio::time::timeout;
use zbus::{Connection, Message, MessageStream, connection::Builder, fdo};

use super::world::{World, email};
use crate::service::Service;

/// What the bus says when it is asked who a connection belongs to.
#[derive(Clone, Copy, Debug)]
enum Says {
    Uid(u32),
    /// It is gone.
    Nobody,
    Nonsense,
    Nothing,
}

/// The bus itself, as far as the agent asks it.
struct Bus(Says);

#[zbus::interface(name = "org.freedesktop.DBus")]
impl Bus {
    async fn get_connection_unix_user(&self, name: String) -> fdo::Result<u32> {
        match self.0 {
            Says::Uid(uid) => Ok(uid),
            Says::Nothing => pending().await,
            Says::Nobody | Says::Nonsense => Err(fdo::Error::NameHasNoOwner(name)),
        }
    }
}

struct Babbling;

#[zbus::interface(name = "org.freedesktop.DBus")]
impl Babbling {
    fn get_connection_unix_user(&self, _name: String) -> (bool, String) {
        (true, "root".into())
    }
}

/// A caller whose line to the agent goes through such a bus.
async fn caller(world: &World, says: Says) -> (Connection, Connection) {
    let (one, two) = tokio::net::UnixStream::pair().unwrap();
    let agent = Builder::unix_stream(one)
        .server(zbus::Guid::generate())
        .p2p()
        .serve_at(AGENT_PATH, Service::new(world.doors.clone()));
    let path = "/org/freedesktop/DBus";
    let caller = Builder::unix_stream(two).p2p();
    let caller = match says {
        Says::Nonsense => caller.serve_at(path, Babbling),
        Says::Uid(_) | Says::Nobody | Says::Nothing => caller.serve_at(path, Bus(says)),
    };
    tokio::try_join!(agent.build(), caller.build()).unwrap()
}

/// What comes of beginning a dialogue; `None` where no answer comes.
async fn begins(caller: &Connection, sender: Option<&'static str>, purpose: &str) -> Option<Message> {
    let call = Message::method_call(AGENT_PATH, "Begin").interface(DIALOGUE);
    let call = match sender {
        Some(sender) => call.sender(sender),
        None => call,
    };
    let call = call.build(&(purpose, "alice", "sshd", "ssh", "192.0.2.1", "")).unwrap();
    let serial = call.primary_header().serial_num();
    let mut heard = MessageStream::from(caller);
    caller.send(&call).await.unwrap();
    let answer = async {
        loop {
            let message = futures_util::StreamExt::next(&mut heard).await.unwrap().unwrap();
            if message.header().reply_serial() == Some(serial) {
                return message;
            }
        }
    };
    timeout(Duration::from_millis(500), answer).await.ok()
}

async fn begun(world: &World) -> i64 {
    let mut session = world.doors.store.session().await;
    sqlx::query_scalar("SELECT count(*) FROM event WHERE kind = 'start'").fetch_one(session.connection()).await.unwrap()
}

#[tokio::test]
async fn a_caller_of_whom_the_bus_can_not_tell_who_it_is_begins_nothing() {
    for (says, sender) in [
        (Says::Uid(0), None),
        (Says::Nobody, Some(":1.7")),
        (Says::Nonsense, Some(":1.7")),
        (Says::Nothing, Some(":1.7")),
    ] {
        let world = World::new().await;
        let (_agent, caller) = caller(&world, says).await;
        for purpose in ["recover", "register", "enroll", "status", "remove", "codes", "hint"] {
            match begins(&caller, sender, purpose).await {
                None => assert!(matches!(says, Says::Nothing), "{says:?} {purpose}"),
                Some(answer) => {
                    let header = answer.header();
                    let error = header.error_name().map(|name| name.to_string());
                    assert_eq!(error.as_deref(), Some("org.pam_sspr.Error.Denied"), "{says:?} {purpose}");
                }
            }
        }
        assert_eq!(begun(&world).await, 0, "{says:?}");
    }
}

#[tokio::test]
async fn whoever_is_not_root_by_the_bus_acts_for_itself_whatever_name_it_says() {
    for (uid, registers, shows) in
        [(0, true, "***"), (1002, false, "Nothing is registered"), (u32::MAX, false, "no account")]
    {
        let world = World::new().await;
        world.register("alice", &email("alice@example.org")).await;
        let (_agent, caller) = caller(&world, Says::Uid(uid)).await;
        let answer = begins(&caller, Some(":1.7"), "register").await.unwrap();
        assert_eq!(answer.header().error_name().is_none(), registers, "{uid}");
        let answer = begins(&caller, Some(":1.7"), "status").await.unwrap();
        let said = match answer.body().deserialize::<(String, Step)>() {
            Ok((_, step)) => step.text,
            Err(_) => answer.body().deserialize().unwrap(),
        };
        assert!(said.contains(shows), "{uid}: {said}");
    }
}

/// LTB Self Service Password CVE-2023-49032: the client said again, at a later step, whom it was about.
#[tokio::test]
async fn nothing_but_a_handle_a_turn_and_an_answer_is_taken_from_the_caller_after_the_beginning() {
    let world = World::new().await;
    let (_agent, caller) = caller(&world, Says::Uid(0)).await;
    let introspectable = Some("org.freedesktop.DBus.Introspectable");
    let reply = caller.call_method(None::<&str>, AGENT_PATH, introspectable, "Introspect", &()).await.unwrap();
    let xml: String = reply.body().deserialize().unwrap();
    let (_, dialogue) = xml.split_once(&format!("<interface name=\"{DIALOGUE}\">")).unwrap();
    let (dialogue, _) = dialogue.split_once("</interface>").unwrap();
    let mut taken: Vec<(&str, String)> = Vec::new();
    for method in dialogue.split("<method ").skip(1) {
        let arguments = method.split("<arg ").skip(1).filter(|argument| argument.contains("direction=\"in\""));
        taken.push((attribute(method, "name"), arguments.map(|argument| attribute(argument, "type")).collect()));
    }
    taken.sort_unstable();
    let expected = [("Answer", "suay"), ("AnswerSealed", "suh"), ("Begin", "ssssss"), ("Cancel", "s")];
    assert_eq!(taken, expected.map(|(name, types)| (name, types.to_owned())));
}

/// The first attribute of that name in a piece of XML.
fn attribute<'a>(xml: &'a str, name: &str) -> &'a str {
    let (_, rest) = xml.split_once(&format!("{name}=\"")).unwrap();
    rest.split('"').next().unwrap()
}
