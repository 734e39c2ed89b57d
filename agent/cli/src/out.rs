//! A command's output, and its questions at a terminal.

use std::{
    fmt::Write as _,
    io::{BufRead as _, ErrorKind, IsTerminal as _, Write as _},
};

use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;
use sspr_core::plain::{is_obeyed, plain_lines};
use sspr_protocol::Time;

use crate::failure::Failure;

/// Writes lines to standard output, without control sequences of a terminal, because much of it comes from the agent.
/// If the reader has closed it (`| head`), the command ends quietly.
pub fn print(text: &str) -> Result<(), Failure> {
    let text = &plain_lines(text);
    let mut out = std::io::stdout().lock();
    let newline = if text.ends_with('\n') || text.is_empty() { "" } else { "\n" };
    match out.write_all(text.as_bytes()).and_then(|()| out.write_all(newline.as_bytes())).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
        done => Ok(done?),
    }
}

/// Writes `value` as indented JSON. Control characters are escaped, so that nothing is lost.
pub fn json(value: &impl Serialize) -> Result<(), Failure> {
    print(&escaped(&serde_json::to_string_pretty(value).map_err(|error| Failure::Refused(error.to_string()))?))
}

/// Outside of its strings, JSON has no such character except the newlines of its indentation.
fn escaped(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if is_obeyed(c) && c != '\n' {
            // Writing to a String can't fail. All of them fit into the sixteen bits of an escape.
            let _ = write!(escaped, "\\u{:04x}", u32::from(c));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// The number of columns of standard output; `None` if it is not a terminal.
pub fn width() -> Option<usize> {
    let out = std::io::stdout();
    out.is_terminal()
        .then(|| rustix::termios::tcgetwinsize(out).map_or(80, |size| usize::from(size.ws_col)))
        .map(|columns| if columns == 0 { 80 } else { columns })
}

/// Whether block characters can be shown.
pub fn unicode() -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
    let locale = set.into_iter().find(|value| !value.is_empty()).unwrap_or_default().to_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

/// Asks before something is deleted. `yes`: the command line already said so.
pub fn confirm(question: &str, yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::Refused(format!("{question} There is no terminal to ask at; to confirm, add --yes.")));
    }
    let mut err = std::io::stderr().lock();
    write!(err, "{} Type yes to go on: ", plain_lines(question))?;
    err.flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    if answer.trim().eq_ignore_ascii_case("yes") {
        return Ok(());
    }
    Err(Failure::Refused("nothing was changed".into()))
}

/// A time in this machine's time zone.
pub fn moment(at: Time) -> String {
    Timestamp::from_second(at)
        .map_or_else(|_| at.to_string(), |at| at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string())
}

/// The day of a time.
pub fn day(at: Time) -> String {
    moment(at).chars().take(10).collect()
}

/// A waiting time in the largest suitable unit, rounded up.
pub fn wait(seconds: Time) -> String {
    match seconds.max(1) {
        s @ ..=90 => format!("{s} s"),
        s @ ..=5400 => format!("{} min", (s + 59) / 60),
        s @ ..=172_800 => format!("{} h", (s + 3599) / 3600),
        s => format!("{} days", (s + 86_399) / 86_400),
    }
}

/// `1 account`, `2 accounts`.
pub fn number(count: u64, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_what_a_terminal_would_obey_as_an_escape() {
        let value = serde_json::json!({ "a": "\u{1b}[2J\u{9b}1m\u{7f}\u{202e}\u{61c}é\n" });
        let text = escaped(&serde_json::to_string_pretty(&value).unwrap());
        assert!(text.chars().all(|c| c == '\n' || !is_obeyed(c)), "{text:?}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }
}
