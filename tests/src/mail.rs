//! A mailbox in the machine, and the messages in it.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use mail_parser::MessageParser;

use crate::{host, phone::code_in};

/// The place where the machine's mail server keeps the mail to one address.
#[derive(Clone, Debug)]
pub struct Mailbox {
    directory: PathBuf,
    address: String,
}

/// A message as its reader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// `Subject`
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// The whole message, as in the mailbox.
    pub source: String,
}

impl Message {
    /// The code in it.
    #[track_caller]
    pub fn code(&self) -> String {
        code_in(&self.text).unwrap_or_else(|| panic!("no code in this message:\n{}", self.source))
    }
}

impl Mailbox {
    pub(crate) fn of(root: &Path, address: &str) -> Self {
        Self { directory: root.join("var/lib/mailboxes").join(address).join("new"), address: address.into() }
    }

    /// The messages so far, oldest first.
    pub fn messages(&self) -> Vec<Message> {
        let mut files: Vec<_> = fs::read_dir(&self.directory)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        files.sort();
        files.into_iter().filter_map(|(_, path)| fs::read(path).ok()).map(|source| parse(&source)).collect()
    }

    /// How many of the messages have a code.
    pub fn codes(&self) -> usize {
        self.messages().iter().filter(|message| code_in(&message.text).is_some()).count()
    }

    /// Waits until `count` messages with a code have come, and returns the last code. Several messages leave at once,
    /// so a notification may come before or after a code that was requested later.
    #[track_caller]
    pub fn wait_for_code(&self, count: usize) -> String {
        host::wait_for(&format!("code {count} to {}", self.address), Duration::from_secs(20), || {
            let codes: Vec<String> = self.messages().iter().filter_map(|message| code_in(&message.text)).collect();
            (codes.len() >= count).then(|| codes.into_iter().next_back()).flatten()
        })
    }

    /// Waits for a message with `text` in its subject or its plain text.
    #[track_caller]
    pub fn wait_for_text(&self, text: &str) -> Message {
        host::wait_for(&format!("{text:?} in the mail to {}", self.address), Duration::from_secs(20), || {
            self.messages().into_iter().find(|message| message.subject.contains(text) || message.text.contains(text))
        })
    }

    /// Waits until `count` messages have come, and returns the last one.
    #[track_caller]
    pub fn wait_for(&self, count: usize) -> Message {
        let what = format!("message {count} to {}", self.address);
        host::wait_for(&what, Duration::from_secs(20), || {
            let messages = self.messages();
            (messages.len() >= count).then(|| messages.into_iter().next_back()).flatten()
        })
    }

    /// Waits for the first message.
    #[track_caller]
    pub fn wait_for_message(&self) -> Message {
        self.wait_for(1)
    }
}

fn parse(source: &[u8]) -> Message {
    let message = MessageParser::default().parse(source).expect("a message that can be parsed");
    Message {
        subject: message.subject().unwrap_or_default().into(),
        text: message.body_text(0).unwrap_or_default().into_owned(),
        html: message.body_html(0).unwrap_or_default().into_owned(),
        source: String::from_utf8_lossy(source).into_owned(),
    }
}
