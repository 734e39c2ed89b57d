//! Text messages by a program of this machine. No shell: each argument is passed as it is.
//!
//! | how it ends | meaning |
//! |---|---|
//! | exit status 0 | sent |
//! | exit status 65 (`EX_DATAERR` of sysexits.h) | the number or the text is refused: never try again |
//! | any other exit status | try again later |
//! | can't be started, killed by a signal, too slow | try again later |
//!
//! No other status ends a message: 1 or 2 may be a modem that is unplugged or a wrong option, and curl says 67 when it
//! can't sign in. Somebody can mend that while the code is still good.
//!
//! Its output is discarded: it may have the code in it.

use std::{io, process::Stdio, time::Duration};

use rustix::process::{Pid, Signal, kill_process_group};
use sspr_config::settings::Command as CommandSettings;
use tokio::{io::AsyncWriteExt as _, process::Command};

use super::{
    Content, DeliveryError, Message,
    template::{Slot, Template, verbatim},
    wrong_kind,
};

/// `EX_DATAERR`
const REFUSED: i32 = 65;

#[derive(Debug)]
pub(super) struct CommandGateway {
    program: String,
    arguments: Vec<Template>,
    stdin: bool,
    timeout: Duration,
}

/// Kills the program and whatever it started, when dropped before it ended.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(pid) = self.0 {
            // It may have ended just now.
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}

impl CommandGateway {
    /// Whether there is such a program that can be run.
    pub(super) fn probe(&self) -> Result<(), DeliveryError> {
        rustix::fs::access(&self.program, rustix::fs::Access::EXEC_OK)
            .map_err(|why| DeliveryError::later(format!("the program {} can't be run: {why}", self.program)))
    }

    pub(super) fn new(command: &CommandSettings) -> Self {
        let mut words = command.argv.iter();
        Self {
            program: words.next().cloned().unwrap_or_default(),
            arguments: words.map(|word| Template::parse(word)).collect(),
            stdin: command.stdin,
            timeout: Duration::from_secs(command.timeout.as_secs().cast_unsigned()),
        }
    }

    pub(super) async fn deliver(&self, message: &Message) -> Result<Option<String>, DeliveryError> {
        let Content::Text { to, text } = &message.content else { return Err(wrong_kind()) };
        let code = message.code.as_ref().map_or("", |code| code.as_str());
        let value = |slot| match slot {
            Slot::To => to.as_str(),
            Slot::Text => text.as_str(),
            Slot::Code => code,
            Slot::Token => "",
        };
        let mut child = Command::new(&self.program)
            .args(self.arguments.iter().map(|argument| argument.render(value, verbatim)))
            .env_clear()
            .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
            .env("LANG", "C.UTF-8")
            .current_dir("/")
            .stdin(if self.stdin { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|e| self.unstartable(&e))?;
        let leader = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let mut group = Group(leader);
        let mut stdin = child.stdin.take();
        let work = async {
            if let Some(mut pipe) = stdin.take() {
                // A program that doesn't read to the end still says by its exit status what came of it.
                let _ = pipe.write_all(text.as_bytes()).await;
            }
            child.wait().await
        };
        let ended = tokio::time::timeout(self.timeout, work).await;
        let status = match ended {
            Ok(Ok(status)) => status,
            Ok(Err(_)) => return Err(DeliveryError::later(format!("{}: its end can't be learned", self.program))),
            Err(_) => {
                drop(group);
                // Reaps it; SIGKILL lets it take no time.
                let _ = child.wait().await;
                return Err(DeliveryError::later(format!("{} took too long and was ended", self.program)));
            }
        };
        // Over: its number may belong to somebody else soon.
        group.0 = None;
        match status.code() {
            Some(0) => Ok(None),
            Some(REFUSED) => {
                Err(DeliveryError::never(format!("{} refused the message (status {REFUSED})", self.program)))
            }
            Some(code) => Err(DeliveryError::later(format!("{} ended with status {code}", self.program))),
            None => Err(DeliveryError::later(format!("{} was ended by a signal", self.program))),
        }
    }

    fn unstartable(&self, error: &io::Error) -> DeliveryError {
        match error.raw_os_error() {
            Some(number) => DeliveryError::later(format!(
                "{} can't be started: {}",
                self.program,
                io::Error::from_raw_os_error(number)
            )),
            // Such as a NUL in an argument.
            None => DeliveryError::later(format!("{} can't be started with these arguments", self.program)),
        }
    }
}
