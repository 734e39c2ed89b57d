//! A dialogue at a terminal, for the command `sspr`: shows the agent's steps and sends the answers.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is what talks to a person")]

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use sspr_config::{
    bus,
    dialogue::{ANSWER_MAX, Ask, Purpose, Standing, Step},
    language::VARIABLES,
    sealed,
};
use sspr_core::{plain::plain_lines, wrapped::wrapped};
use sspr_machine::names;
use zbus::Connection;
use zeroize::Zeroizing;

use unicode_width::UnicodeWidthStr as _;

use crate::hidden;

/// The outcome of a dialogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It reached its end.
    Done,
    /// It was refused, or the user gave up; everything was already shown.
    Refused,
    /// The service can't be reached; one line says why and what to do.
    Failed(String),
}

/// The name of the user who runs this.
pub fn own_name() -> Option<String> {
    names::of_uid(rustix::process::getuid().as_raw())
}

/// The name of this process's locale; empty if none is set.
fn locale() -> String {
    let set = VARIABLES.into_iter().filter_map(|name| std::env::var(name).ok());
    set.into_iter().find(|value| !value.is_empty()).unwrap_or_default()
}

/// Whether a user can be asked: questions go to standard output, and passwords are read only from a terminal.
pub fn is_there() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

/// Writes `text` to standard error, without control sequences of a terminal, because it may contain the agent's words;
/// at a terminal, wider lines are broken between words.
pub fn complain(text: &str) {
    let err = std::io::stderr();
    let columns = if err.is_terminal() {
        rustix::termios::tcgetwinsize(&err).map_or(80, |size| usize::from(size.ws_col))
    } else {
        usize::MAX
    };
    for line in plain_lines(text).lines() {
        eprintln!("{}", fitted(line, if columns == 0 { 80 } else { columns }));
    }
}

fn fitted(line: &str, columns: usize) -> String {
    if line.width() <= columns { line.to_owned() } else { wrapped(line, columns).join("\n") }
}

/// Holds a dialogue about `user` over the bus at `address`.
pub async fn hold(address: &str, purpose: Purpose, user: &str) -> Outcome {
    match relay(address, purpose, user).await {
        Ok(outcome) => outcome,
        Err(Trouble::Input) => Outcome::Refused,
        Err(Trouble::Bus(error)) => {
            tracing::debug!(%error, "the agent");
            Outcome::Failed(
                "the service can't be reached. Is sspr-agent running? See: systemctl status sspr-agent".into(),
            )
        }
    }
}

enum Trouble {
    Bus(zbus::Error),
    /// End of input: ctrl-D, or no terminal.
    Input,
}

impl From<zbus::Error> for Trouble {
    fn from(error: zbus::Error) -> Self {
        Self::Bus(error)
    }
}

async fn relay(address: &str, purpose: Purpose, user: &str) -> Result<Outcome, Trouble> {
    let connection = zbus::connection::Builder::address(address).build().await?;
    let tty = rustix::termios::ttyname(std::io::stdin(), Vec::new())
        .ok()
        .and_then(|name| name.into_string().ok())
        .unwrap_or_default();
    let locale = locale();
    let begun =
        call(&connection, "Begin", &(purpose.as_str(), user, "sspr", tty.as_str(), "", locale.as_str())).await?;
    let (handle, mut step): (String, Step) = begun.body().deserialize()?;
    loop {
        let standing = Standing::from_wire(step.standing).unwrap_or(Standing::Refused);
        if !step.text.is_empty() {
            println!("{}", plain_lines(&step.text));
        }
        match standing {
            Standing::Asking | Standing::AskingOrDenied => {}
            Standing::Finished => return Ok(Outcome::Done),
            Standing::Recovered => {
                println!("Done: your new password is set.");
                return Ok(Outcome::Done);
            }
            Standing::Refused | Standing::Denied | Standing::GivenUp => return Ok(Outcome::Refused),
        }
        let ask = Ask::from_wire(step.ask).unwrap_or(Ask::Nothing);
        let answer = match read(ask, &plain_lines(&step.prompt)) {
            Ok(answer) => answer,
            Err(trouble) => {
                call(&connection, "Cancel", &(handle.as_str(),)).await?;
                return Err(trouble);
            }
        };
        let reply = if ask == Ask::Line {
            call(&connection, "Answer", &(handle.as_str(), step.turn, answer.as_slice())).await?
        } else {
            let fd = sealed::make(&answer).map_err(|e| zbus::Error::Failure(e.to_string()))?;
            call(&connection, "AnswerSealed", &(handle.as_str(), step.turn, zbus::Fd::from(&fd))).await?
        };
        (step,) = reply.body().deserialize()?;
    }
}

async fn call<B>(connection: &Connection, member: &str, body: &B) -> zbus::Result<zbus::Message>
where
    B: serde::Serialize + zbus::DynamicType,
{
    let agent = bus::agent_of(rustix::process::geteuid().as_raw());
    connection.call_method(Some(agent), bus::AGENT_PATH, Some(bus::DIALOGUE), member, body).await
}

fn read(ask: Ask, prompt: &str) -> Result<Zeroizing<Vec<u8>>, Trouble> {
    let line = match ask {
        Ask::Nothing | Ask::Vouch | Ask::Password => return Err(Trouble::Input),
        Ask::Line => {
            print!("{prompt}");
            std::io::stdout().flush().map_err(|_| Trouble::Input)?;
            let mut line = Zeroizing::new(String::new());
            if std::io::stdin().lock().read_line(&mut line).map_err(|_| Trouble::Input)? == 0 {
                println!();
                return Err(Trouble::Input);
            }
            line
        }
        Ask::Secret | Ask::NewPassword if std::io::stdin().is_terminal() => {
            hidden::ask(prompt).map_err(|_| Trouble::Input)?
        }
        Ask::Secret | Ask::NewPassword => {
            complain("sspr: passwords are read from a terminal only");
            return Err(Trouble::Input);
        }
    };
    let typed = line.trim_end_matches(['\n', '\r']).as_bytes();
    Ok(Zeroizing::new(typed.get(..typed.len().min(ANSWER_MAX + 1)).unwrap_or_default().to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_broken_at_words_and_only_where_it_is_too_wide() {
        assert_eq!(fitted("  as it  is", 11), "  as it  is");
        assert_eq!(fitted("sspr: this is too wide", 12), "sspr: this\nis too wide");
        assert_eq!(fitted("a word", usize::MAX), "a word");
    }
}
