//! Text messages through a program of this machine. No shell: each argument is passed as it is.
//!
//! | how it ends | meaning |
//! |---|---|
//! | exit status 0 | sent |
//! | exit status 65 (`EX_DATAERR` of sysexits.h) | the number or the text is refused: never try again |
//! | any other exit status | try again later |
//! | can't be started, killed by a signal, too slow | try again later |
//!
//! No other status ends a message: 1 or 2 may be a modem that is unplugged or a wrong option, and curl exits with 67
//! when it can't sign in. An administrator can correct that while the code is still valid.
//!
//! The program gets the message on standard input, where no other user sees it. After a failure, the last line of its
//! standard error goes to the journal, or of its standard output if it wrote nothing else, as gammu does. The journal
//! never gets the number or the code.

use std::{
    io,
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process_group};
use sspr_config::settings::Command as CommandSettings;
use sspr_core::{contact::EmailAddress, plain::plain};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
    process::Command,
    task::JoinHandle,
    time::timeout,
};

use super::{
    Content, DeliveryError, DeliverySetupError, Message, Probed,
    gateway::{Gateway, Setup, Work},
    missing,
    template::{CODE, TEXT, TO, Template, verbatim},
    wrong_kind,
};

/// `EX_DATAERR`
const REFUSED: i32 = 65;

/// How much of its output is kept, in bytes, and how much of the last line of that is shown.
const SAID_MAX: usize = 4096;
const SHOWN_MAX: usize = 200;
/// A child process of the program may hold standard error open.
const SAID_WAIT: Duration = Duration::from_secs(1);

#[derive(Debug)]
struct CommandGateway {
    program: String,
    arguments: Vec<Template>,
    timeout: Duration,
}

/// Kills the program and all that it started if this is dropped before it ended.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(pid) = self.0 {
            // It may just have ended.
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}

/// The program that `[phone.command]` names.
pub(super) fn gateway(setup: &Setup<'_>) -> Result<Box<dyn Gateway>, DeliverySetupError> {
    if let Some(exposed) = setup.settings.shown_message() {
        return Ok(Box::new(Off(format!("[{}] {}: {}", exposed.section, exposed.key, exposed.why))));
    }
    let settings = setup.settings.phone.command.as_ref().ok_or_else(|| missing("phone.command"))?;
    Ok(Box::new(CommandGateway::new(settings)))
}

const NAME: &str = "command";

impl Gateway for CommandGateway {
    fn name(&self) -> &'static str {
        NAME
    }

    fn deliver<'a>(&'a self, message: &'a Message) -> Work<'a, Option<String>> {
        Box::pin(self.send(message))
    }

    fn probe<'a>(&'a self, _: Option<&'a EmailAddress>, _: Duration) -> Work<'a, Probed> {
        Box::pin(async move { self.look().map(|()| Probed::Accepted) })
    }
}

/// A program that would get the message where every user sees it, which version 0.1.0 allowed. Nothing is sent, for
/// this reason.
#[derive(Debug)]
pub(super) struct Off(pub(super) String);

impl Gateway for Off {
    fn name(&self) -> &'static str {
        NAME
    }

    fn deliver<'a>(&'a self, _: &'a Message) -> Work<'a, Option<String>> {
        Box::pin(async move { Err(DeliveryError::later(&self.0)) })
    }

    fn probe<'a>(&'a self, _: Option<&'a EmailAddress>, _: Duration) -> Work<'a, Probed> {
        Box::pin(async move { Err(DeliveryError::later(&self.0)) })
    }
}

impl CommandGateway {
    /// Whether the program exists and can be run.
    fn look(&self) -> Result<(), DeliveryError> {
        rustix::fs::access(&self.program, rustix::fs::Access::EXEC_OK)
            .map_err(|why| DeliveryError::later(format!("the program {} can't be run: {why}", self.program)))
    }

    fn new(command: &CommandSettings) -> Self {
        let mut words = command.argv.iter();
        Self {
            program: words.next().cloned().unwrap_or_default(),
            arguments: words.map(|word| Template::parse(word, &[TO, TEXT, CODE])).collect(),
            timeout: Duration::from_secs(command.timeout.as_secs().cast_unsigned()),
        }
    }

    async fn send(&self, message: &Message) -> Result<Option<String>, DeliveryError> {
        let Content::Text { to, text } = &message.content else { return Err(wrong_kind()) };
        // All users can see arguments, so none contains the text or the code, whatever the settings say.
        let value = |slot: &str| if slot == TO { to.as_str() } else { "" };
        let mut child = Command::new(&self.program)
            .args(self.arguments.iter().map(|argument| argument.render(value, verbatim)))
            .env_clear()
            .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
            .env("LANG", "C.UTF-8")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|e| self.unstartable(&e))?;
        let leader = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let mut group = Group(leader);
        let said = [Said::listen(child.stderr.take()), Said::listen(child.stdout.take())];
        let stdin = child.stdin.take();
        let write = async {
            if let Some(mut pipe) = stdin {
                // A program that doesn't read to the end still reports the outcome by its exit status.
                let _ = pipe.write_all(text.as_bytes()).await;
            }
        };
        let ended = timeout(self.timeout, async {
            let ((), ended) = tokio::join!(write, child.wait());
            ended
        })
        .await;
        let status = match ended {
            Ok(Ok(status)) => status,
            Ok(Err(_)) => return Err(DeliveryError::later(format!("{}: its end can't be learned", self.program))),
            Err(_) => {
                drop(group);
                // Reaps it, which takes no time after SIGKILL.
                let _ = child.wait().await;
                let words = words(said, message, to.as_str()).await;
                return Err(DeliveryError::later(format!("{} took too long and was ended{words}", self.program)));
            }
        };
        // It has ended: its number may soon belong to another process.
        group.0 = None;
        if status.code() == Some(0) {
            return Ok(None);
        }
        let words = words(said, message, to.as_str()).await;
        match status.code() {
            Some(REFUSED) => {
                Err(DeliveryError::never(format!("{} refused the message (status {REFUSED}){words}", self.program)))
            }
            Some(code) => Err(DeliveryError::later(format!("{} ended with status {code}{words}", self.program))),
            None => Err(DeliveryError::later(format!("{} was ended by a signal{words}", self.program))),
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

/// The output of a program. It is read to its end, so that the program never waits, and only the last part is kept.
struct Said {
    last: Arc<Mutex<Vec<u8>>>,
    listening: JoinHandle<()>,
}

impl Said {
    fn listen(pipe: Option<impl AsyncRead + Unpin + Send + 'static>) -> Self {
        let last = Arc::new(Mutex::new(Vec::new()));
        let kept = last.clone();
        // Continues while a process that the program started holds the pipe open: closing it would end a process that
        // writes there.
        let listening = tokio::spawn(async move {
            let Some(mut pipe) = pipe else { return };
            let mut heard = [0; 4096];
            while let Ok(count @ 1..) = pipe.read(&mut heard).await {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend_from_slice(heard.get(..count).unwrap_or_default());
                let excess = kept.len().saturating_sub(SAID_MAX);
                kept.drain(..excess);
            }
        });
        Self { last, listening }
    }

    /// The last line of the output.
    async fn last_line(self, private: &[&str]) -> Option<String> {
        let _ = timeout(SAID_WAIT, self.listening).await;
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last_line(&last, private)
    }
}

/// The last line of a program's output, for the end of a sentence; empty if there was none.
async fn words([errors, rest]: [Said; 2], message: &Message, number: &str) -> String {
    let code = message.code.as_ref().map_or("", |code| code.as_str());
    let private = [code, number];
    let line = match errors.last_line(&private).await {
        Some(line) => Some(line),
        None => rest.last_line(&private).await,
    };
    line.map_or_else(String::new, |line| format!("; it said: {line}"))
}

/// The last line of `said` that is not empty. A program may repeat its input: a line whose digits contain one of the
/// `private` is left out, and in other lines each word with more digits than an error number has.
fn last_line(said: &[u8], private: &[&str]) -> Option<String> {
    const DIGITS_MAX: usize = 3;
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let said = String::from_utf8_lossy(said);
    let line = said.lines().map(str::trim).rfind(|line| !line.is_empty())?;
    let in_line = digits(line);
    let repeated = private.iter().map(|private| digits(private)).any(|private| {
        // The country code of a number may be missing.
        let end = private.get(private.len().saturating_sub(6)..).unwrap_or_default();
        !end.is_empty() && in_line.contains(end)
    });
    if repeated {
        return Some("(left out: it repeats the code or the number)".into());
    }
    let word = |word: &str| if digits(word).len() > DIGITS_MAX { "…".to_owned() } else { plain(word) };
    let words: Vec<String> = line.split_whitespace().map(word).collect();
    Some(words.join(" ").chars().take(SHOWN_MAX).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_words_of_a_program_are_told_without_code_number_and_what_a_terminal_obeys() {
        let told = |said: &str| last_line(said.as_bytes(), &["042042", "+819012345678"]);
        assert_eq!(
            told("starting\nmodem: no \u{1b}[31mcarrier, error 515\n\n").unwrap(),
            "modem: no \u{fffd}[31mcarrier, error 515"
        );
        assert_eq!(told("can't write /var/spool/2026112899.tmp").unwrap(), "can't write …");
        for repeats in ["text: 042042 is your code", "0 4 2-0 4 2", "to 090-1234-5678", "+81 90 1234 5678", "345678"] {
            assert!(told(repeats).unwrap().starts_with("(left out"), "{repeats}");
        }
        assert_eq!(told(" \n"), None);
        assert_eq!(told(&"x".repeat(1000)).unwrap().len(), SHOWN_MAX);
    }
}
