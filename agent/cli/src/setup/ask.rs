//! How setup asks questions, at a terminal or, in tests, by a script, and checks the answers.
#![allow(clippy::print_stdout, reason = "this is what talks to a person")]

use std::io::{BufRead as _, Write as _};

use sspr_config::settings::{self, SettingsError};
use sspr_core::{plain::plain_lines, typed};

use super::{secret::Secret, stopped};
use crate::{failure::Failure, hidden};

/// The administrator who answers, or a test's stand-in.
pub trait Person {
    /// Shows this text.
    fn hear(&mut self, text: &str);
    /// Asks for a line.
    fn line(&mut self, prompt: &str) -> Result<String, Failure>;
    /// Asks for a line that is not shown.
    fn secret(&mut self, prompt: &str) -> Result<Secret, Failure>;
}

/// The administrator at the terminal.
#[derive(Clone, Copy, Debug)]
pub struct AtTerminal;

impl Person for AtTerminal {
    fn hear(&mut self, text: &str) {
        println!("{}", plain_lines(text));
    }

    fn line(&mut self, prompt: &str) -> Result<String, Failure> {
        print!("{prompt}");
        std::io::stdout().flush()?;
        let mut line = String::new();
        if std::io::stdin().lock().read_line(&mut line)? == 0 {
            println!();
            return Err(stopped::failure());
        }
        Ok(typed::trimmed(&line).to_owned())
    }

    fn secret(&mut self, prompt: &str) -> Result<Secret, Failure> {
        hidden::ask(prompt).map_err(|why| {
            if why.kind() == std::io::ErrorKind::Interrupted {
                stopped::wait_for_the_end();
            }
            stopped::failure()
        })
    }
}

/// Yes or no; Enter is no.
pub fn agrees(person: &mut dyn Person, question: &str) -> Result<bool, Failure> {
    loop {
        match typed::word(&person.line(&format!("{question} (y/n): "))?).as_str() {
            "y" | "yes" => return Ok(true),
            "n" | "no" => return Ok(false),
            _ => person.hear("Please type y or n."),
        }
    }
}

/// Asks for a word, a name or an address until `good` accepts it. Text that is often pasted along is removed first.
/// Enter means `default`.
pub(super) fn ask<T>(
    person: &mut dyn Person,
    question: &str,
    default: &str,
    mut good: impl FnMut(&str) -> Result<T, String>,
) -> Result<T, Failure> {
    ask_words(person, question, default, |words| good(&typed::argument(words)))
}

/// The same for words that users will read.
pub(super) fn ask_words<T>(
    person: &mut dyn Person,
    question: &str,
    default: &str,
    mut good: impl FnMut(&str) -> Result<T, String>,
) -> Result<T, Failure> {
    loop {
        let kept = if default.is_empty() { String::new() } else { format!(" [{default}]") };
        let line = person.line(&format!("{question}{kept}: "))?;
        match good(if line.is_empty() { default } else { &line }) {
            Ok(value) => return Ok(value),
            Err(why) => person.hear(&format!("  {why}")),
        }
    }
}

/// Asks for a secret; if one is `known`, Enter keeps it.
pub(super) fn hidden(person: &mut dyn Person, what: &str, known: bool) -> Result<Option<Secret>, Failure> {
    secret(person, what, if known { "; Enter keeps the old one" } else { "" }, known)
}

/// The same for a secret that is not always needed: if none is known, Enter means none.
pub(super) fn hidden_or_none(person: &mut dyn Person, what: &str, known: bool) -> Result<Option<Secret>, Failure> {
    secret(person, what, if known { "; Enter keeps the old one" } else { "; Enter for none" }, true)
}

fn secret(person: &mut dyn Person, what: &str, hint: &str, optional: bool) -> Result<Option<Secret>, Failure> {
    loop {
        let secret = person.secret(&format!("{what} (not shown{hint}): "))?;
        match (secret.is_empty(), optional) {
            (true, true) => return Ok(None),
            (true, false) => person.hear("  A value is required."),
            (false, _) if secret.chars().any(char::is_control) => {
                person.hear("  It has characters that can't be typed.");
            }
            (false, _) if secret.chars().any(typed::is_unseen) => {
                person.hear("  It has invisible characters. Please copy it again, or type it.");
            }
            (false, _) => return Ok(Some(secret)),
        }
    }
}

/// Checks settings that consist only of `text`. An error says why they are invalid.
pub(super) fn checked(text: &str) -> Result<(), String> {
    match settings::parse(text, std::path::Path::new("")) {
        Ok(read) => match read.shown_message().or_else(|| read.shown_secret()) {
            None => Ok(()),
            Some(exposed) => Err(exposed.why),
        },
        Err(SettingsError::File { why, .. }) => Err(why.to_string()),
        Err(SettingsError::Line { why, .. }) => Err(why),
    }
}

pub(super) fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::VecDeque;

    use super::*;

    /// Answers from a script, which must be used up.
    #[derive(Default)]
    pub(in crate::setup) struct Script {
        pub(in crate::setup) answers: VecDeque<&'static str>,
        pub(in crate::setup) seen: String,
    }

    impl Script {
        pub(in crate::setup) fn of(answers: &[&'static str]) -> Self {
            Self { answers: answers.iter().copied().collect(), seen: String::new() }
        }
    }

    impl Person for Script {
        fn hear(&mut self, text: &str) {
            self.seen.push_str(text);
            self.seen.push('\n');
        }

        fn line(&mut self, prompt: &str) -> Result<String, Failure> {
            self.hear(prompt);
            self.answers.pop_front().map(ToOwned::to_owned).ok_or_else(stopped::failure)
        }

        fn secret(&mut self, prompt: &str) -> Result<Secret, Failure> {
            self.line(prompt).map(zeroize::Zeroizing::new)
        }
    }
}
