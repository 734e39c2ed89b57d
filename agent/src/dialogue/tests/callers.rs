//! The caller is whom the bus names. If it names none, or the answer can't be understood, the call is refused
//! (CVE-2021-3560 of polkit: a caller that had already left was treated as root).

use sspr_config::{
    bus::{AGENT_PATH, DIALOGUE},
    dialogue::Purpose,
};
use zbus::{Message, object_server::Interface as _};

use super::world::World;
use crate::{
    principal::Principal,
    sessions::{Beginning, Refused, Sessions},
    transport::bus::{CallError, Service, sender, told_uid},
};

fn call() -> Message {
    Message::method_call(AGENT_PATH, "Begin").interface(DIALOGUE).build(&()).unwrap()
}

#[test]
fn a_caller_of_whom_the_bus_can_not_tell_who_it_is_is_refused() {
    let denied = |answer: zbus::Result<Message>| matches!(told_uid(answer), Err(CallError::Denied(_)));
    let call = call();
    let header = call.header();
    let answers = |body: Message| Ok(body);
    // The caller is gone, the connection is lost, and answers of every wrong type.
    assert!(denied(Err(zbus::Error::FDO(Box::new(zbus::fdo::Error::NameHasNoOwner("gone".into()))))));
    assert!(denied(Err(zbus::Error::InvalidReply)));
    assert!(denied(answers(Message::method_return(&header).build(&()).unwrap())));
    assert!(denied(answers(Message::method_return(&header).build(&"0").unwrap())));
    assert!(denied(answers(Message::method_return(&header).build(&0u64).unwrap())));
    assert!(denied(answers(Message::method_return(&header).build(&(true, "root")).unwrap())));
    assert_eq!(told_uid(answers(Message::method_return(&header).build(&1002u32).unwrap())).unwrap(), 1002);
    assert!(matches!(sender(&header), Err(CallError::Denied(_))), "nobody sent it");
}

#[tokio::test]
async fn whoever_is_not_root_by_the_bus_acts_for_itself_whatever_it_says_about_who_and_where_it_is() {
    let world = World::new().await;
    let sessions = Sessions::new(world.agent.clone());
    let identify = async |purpose: Purpose, uid| {
        let wanted = Beginning::new(purpose.as_str(), ["alice", "sshd", "tty1", "192.0.2.1", ""])?;
        sessions.identify(&Principal::new(uid, ":1.7"), &wanted).await
    };
    assert!(matches!(identify(Purpose::Desk, 0).await, Err(Refused::Malformed(_))), "it has no dialogue");
    for purpose in Purpose::ALL.into_iter().filter(|purpose| *purpose != Purpose::Desk) {
        let (name, caller) = identify(purpose, 0).await.unwrap();
        assert_eq!((name.as_str(), caller.service.as_str(), caller.source.as_str()), ("alice", "sshd", "192.0.2.1"));
        for uid in [1002, u32::MAX] {
            match identify(purpose, uid).await {
                Ok((name, caller)) => {
                    assert_eq!((caller.uid, caller.service.as_str()), (uid, "sspr"), "{purpose:?}");
                    assert_eq!(caller.source, format!("uid {uid}"), "its limits are its own");
                    let own = if purpose == Purpose::Recover { "alice" } else { "bob" };
                    assert_eq!(name, own, "{purpose:?}");
                    assert!(purpose == Purpose::Recover || uid == 1002, "nobody has that uid");
                }
                Err(error) => {
                    assert!(matches!(error, Refused::Denied(_)), "{error}");
                    assert!(purpose == Purpose::Register || uid == u32::MAX, "{purpose:?}");
                }
            }
        }
    }
}

/// LTB Self Service Password CVE-2023-49032: at a later step, the client named the account again.
#[tokio::test]
async fn nothing_but_a_handle_a_turn_and_an_answer_is_taken_from_the_caller_after_the_beginning() {
    let mut xml = String::new();
    Service::new(Sessions::new(World::new().await.agent.clone())).introspect_to_writer(&mut xml, 0);
    let mut taken: Vec<(&str, String)> = Vec::new();
    for method in xml.split("<method ").skip(1) {
        let arguments = method.split("<arg ").skip(1).filter(|argument| argument.contains("direction=\"in\""));
        taken.push((attribute(method, "name"), arguments.map(|argument| attribute(argument, "type")).collect()));
    }
    taken.sort_unstable();
    let expected = [("Answer", "suay"), ("AnswerSealed", "suh"), ("Begin", "ssssss"), ("Cancel", "s"), ("Leave", "ss")];
    assert_eq!(taken, expected.map(|(name, types)| (name, types.to_owned())), "{xml}");
}

/// The first attribute of that name in a piece of XML.
fn attribute<'a>(xml: &'a str, name: &str) -> &'a str {
    let (_, rest) = xml.split_once(&format!("{name}=\"")).unwrap();
    rest.split('"').next().unwrap()
}
