//! An agent that plays from a script, in a process of its own.

use std::fs::{File, OpenOptions};
use std::future::poll_fn;
use std::io::{Read, Write};
use std::pin::pin;

use futures_core::Stream;
use rustix::fs::{SealFlags, fcntl_get_seals};
use rustix::process::Signal;
use serde::{Deserialize, Serialize};
use sspr_config::bus::{AGENT, AGENT_PATH, CREDENTIAL, CREDENTIAL_PATH, DIALOGUE, PEOPLE};
use sspr_config::dialogue::{Ask, Standing, Step};
use zbus::message::{Flags, Type};
use zbus::{Message, MessageStream, OwnedFd};

use crate::bus::signal;

/// What the agent does at one call.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Part {
    /// Answers with this step; at a beginning with a handle before it.
    Says(Step),
    /// Answers with a D-Bus error of this name.
    Fails(String),
    /// Answers with a body that is no step.
    Babbles,
    /// Does not answer.
    IsSilent,
    /// Stops, as by SIGSTOP, before answering.
    Freezes,
    /// Ends at once.
    Dies,
}

/// The password that the credential helper takes for right, and one about which it does not answer. It is played by this
/// process too.
pub(crate) const PASSWORD: &[u8] = b"hunter2";
pub(crate) const SLOW: &[u8] = b"a hash of cost 11";

/// All parts of an agent.
#[derive(Serialize, Deserialize)]
pub(crate) struct Play {
    pub(crate) parts: Vec<Part>,
    pub(crate) again: bool,
}

/// One call as the agent got it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Heard {
    pub(crate) member: String,
    /// Strings of a beginning; the handle of the others.
    pub(crate) words: Vec<String>,
    pub(crate) turn: u32,
    pub(crate) answer: Vec<u8>,
    /// The answer came in memory that nobody can change.
    pub(crate) sealed: bool,
    /// The call asked the bus not to start anybody.
    pub(crate) no_auto_start: bool,
}

/// A step that asks.
pub(crate) fn asks(turn: u32, ask: Ask, text: &str, prompt: &str) -> Part {
    let standing = Standing::Asking.to_wire();
    Part::Says(Step { turn, standing, ask: ask.to_wire(), text: text.into(), prompt: prompt.into() })
}

/// A step where leaving means no.
pub(crate) fn binds(turn: u32, text: &str, prompt: &str) -> Part {
    let (standing, ask) = (Standing::AskingOrDenied.to_wire(), Ask::Line.to_wire());
    Part::Says(Step { turn, standing, ask, text: text.into(), prompt: prompt.into() })
}

/// A step that ends.
pub(crate) fn ends(standing: Standing, text: &str) -> Part {
    let ask = Ask::Nothing.to_wire();
    Part::Says(Step { turn: 9, standing: standing.to_wire(), ask, text: text.into(), prompt: String::new() })
}

#[test]
#[ignore = "the process of the fake agent, started by the other tests"]
fn process() {
    let play: Play = serde_json::from_reader(File::open(std::env::var("SSPR_TEST_PLAY").unwrap()).unwrap()).unwrap();
    let heard = std::env::var("SSPR_TEST_HEARD").unwrap();
    let mut heard = OpenOptions::new().create(true).append(true).open(heard).unwrap();
    zbus::block_on(async {
        let address = std::env::var("SSPR_TEST_BUS").unwrap();
        let connection = zbus::connection::Builder::address(address.as_str()).build().await.unwrap();
        let mut received = pin!(MessageStream::from(&connection));
        for name in [AGENT, PEOPLE, CREDENTIAL] {
            connection.request_name(name).await.unwrap();
        }
        println!("\nREADY");
        let mut at = 0;
        while let Some(Ok(message)) = poll_fn(|cx| received.as_mut().poll_next(cx)).await {
            if message.message_type() != Type::MethodCall {
                continue;
            }
            let told = hear(&message);
            let is_the_end = matches!(told.member.as_str(), "Cancel" | "Leave");
            let is_begin = told.member == "Begin";
            let mut line = serde_json::to_vec(&told).unwrap();
            line.push(b'\n');
            heard.write_all(&line).unwrap();
            if is_the_end {
                connection.reply(&message.header(), &()).await.unwrap();
                continue;
            }
            if told.member == "Vouch" {
                // The helper takes too long for some hashes.
                if told.answer != SLOW {
                    connection.reply(&message.header(), &(told.answer == PASSWORD)).await.unwrap();
                }
                continue;
            }
            let part = play.parts.get(at).cloned().unwrap_or(Part::IsSilent);
            at = if play.again { (at + 1) % play.parts.len() } else { at + 1 };
            let header = message.header();
            match part {
                Part::Says(step) if is_begin => connection.reply(&header, &("handle-7", step)).await.unwrap(),
                Part::Says(step) => connection.reply(&header, &(step,)).await.unwrap(),
                Part::Fails(name) => connection.reply_error(&header, name.as_str(), &"words").await.unwrap(),
                Part::Babbles => connection.reply(&header, &(1_u8, "x")).await.unwrap(),
                Part::IsSilent => {}
                Part::Freezes => signal(i32::try_from(std::process::id()).unwrap(), Signal::STOP),
                Part::Dies => std::process::exit(0),
            }
        }
    });
}

fn hear(message: &Message) -> Heard {
    let header = message.header();
    let member = header.member().unwrap().to_string();
    let (path, interface) = if member == "Vouch" { (CREDENTIAL_PATH, CREDENTIAL) } else { (AGENT_PATH, DIALOGUE) };
    assert_eq!(header.path().unwrap().as_str(), path);
    assert_eq!(header.interface().unwrap().as_str(), interface);
    let body = message.body();
    let (words, turn, answer, sealed) = match member.as_str() {
        "Begin" => {
            let words: (String, String, String, String, String, String) = body.deserialize().unwrap();
            (vec![words.0, words.1, words.2, words.3, words.4, words.5], 0, vec![], false)
        }
        "Answer" => {
            let (handle, turn, answer): (String, u32, Vec<u8>) = body.deserialize().unwrap();
            (vec![handle], turn, answer, false)
        }
        "AnswerSealed" | "Vouch" => {
            let (handle, turn, fd): (String, u32, OwnedFd) = if member == "Vouch" {
                let (user, fd): (String, OwnedFd) = body.deserialize().unwrap();
                (user, 0, fd)
            } else {
                body.deserialize().unwrap()
            };
            let mut file = File::from(std::os::fd::OwnedFd::from(fd));
            let all = SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL;
            let sealed = fcntl_get_seals(&file).unwrap().contains(all);
            let mut answer = vec![];
            file.read_to_end(&mut answer).unwrap();
            (vec![handle], turn, answer, sealed)
        }
        "Leave" => {
            let (handle, why): (String, String) = body.deserialize().unwrap();
            (vec![handle, why], 0, vec![], false)
        }
        _ => (vec![body.deserialize::<&str>().unwrap().to_owned()], 0, vec![], false),
    };
    let no_auto_start = message.primary_header().flags().contains(Flags::NO_AUTO_START);
    Heard { member, words, turn, answer, sealed, no_auto_start }
}
