//! How easy a password is to guess, according to zxcvbn.
//!
//! Once used, zxcvbn's dictionaries take 20 MB that are never freed. So the agent asks a subprocess, which exits after
//! its answer. The subprocess runs as the agent's user: the credential helper, which also gets the password, is root
//! and should do nothing that another program can do.

use std::{future::Future, io::Write as _, path::PathBuf, pin::Pin, process::Stdio, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use tokio::{process::Command, sync::Semaphore, task::spawn_blocking, time::timeout};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};
use zxcvbn::feedback::{Feedback, Warning};

use super::host::{self, HostRules};
use sspr_config::sealed;

/// The option of `sspr-agent` that makes it [`answer`].
pub const OPTION: &str = "--judge-password";

/// zxcvbn takes more time for longer passwords; further characters make no password weaker.
const CHECKED_CHARS: usize = 72;
/// The maximum size of a question in bytes.
const QUESTION_MAX: usize = 1 << 14;
const ANSWER_MAX: Duration = Duration::from_secs(5);
/// The most subprocesses at a time.
const SEATS: usize = 2;

/// Why a password is easy to guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// A row of keys.
    Keyboard,
    /// It repeats itself.
    Repeats,
    /// abc, 1234.
    Sequence,
    /// A date or a year.
    Date,
    /// One of the most used passwords.
    Common,
    /// A single word or name.
    Word,
    /// No particular reason.
    Short,
}

impl Weakness {
    const TABLE: [(Self, &str); 7] = [
        (Self::Keyboard, "keyboard"),
        (Self::Repeats, "repeats"),
        (Self::Sequence, "sequence"),
        (Self::Date, "date"),
        (Self::Common, "common"),
        (Self::Word, "word"),
        (Self::Short, "short"),
    ];

    fn as_str(self) -> &'static str {
        Self::TABLE.into_iter().find(|(w, _)| *w == self).map_or("short", |(_, word)| word)
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::TABLE.into_iter().find(|(_, w)| *w == word).map(|(weakness, _)| weakness)
    }
}

/// The password to be checked.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct Question {
    /// The password.
    pub password: String,
    /// Easy guesses for this account: its name, the machine's.
    pub names: Vec<String>,
    /// The lowest score that is accepted.
    pub min_score: u8,
}

/// The result of a check; `None` means strong enough.
pub type Checked<'a> = Pin<Box<dyn Future<Output = Option<Weakness>> + Send + 'a>>;

/// Checks the strength of new passwords before they are set.
pub trait StrengthChecker: Send + Sync {
    /// Why the password is easy to guess; `None` means strong enough.
    fn check(&self, question: Question) -> Checked<'_>;

    /// The requirements of the host's own modules for a password.
    fn host_rules(&self) -> HostRules;
}

/// Checks in a subprocess.
#[derive(Clone, Debug)]
pub struct Subprocess {
    program: PathBuf,
    /// How many subprocesses may run at a time; each takes about 20 MB.
    seats: Arc<Semaphore>,
}

impl Subprocess {
    /// A checker that starts `program`, which is `sspr-agent`.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), seats: Arc::new(Semaphore::new(SEATS)) }
    }

    async fn ask(&self, question: &Question) -> std::io::Result<Option<Weakness>> {
        let _seat = self.seats.acquire().await.map_err(std::io::Error::other)?;
        let json = Zeroizing::new(serde_json::to_vec(question)?);
        // Sealed and passed by descriptor: it can't be seen in arguments, environment or a pipe that others may open.
        let question = sealed::make(&json).map_err(std::io::Error::other)?;
        let mut checker = Command::new(&self.program);
        checker.arg(OPTION).stdin(question).stdout(Stdio::piped()).stderr(Stdio::null()).env_clear().kill_on_drop(true);
        let output = timeout(ANSWER_MAX, checker.output()).await??;
        let word = String::from_utf8_lossy(&output.stdout);
        match word.trim() {
            "strong" if output.status.success() => Ok(None),
            word => Weakness::from_word(word)
                .filter(|_| output.status.success())
                .map(Some)
                .ok_or_else(|| std::io::Error::other(format!("the checker ended with {}", output.status))),
        }
    }
}

impl StrengthChecker for Subprocess {
    fn check(&self, question: Question) -> Checked<'_> {
        Box::pin(async move {
            match self.ask(&question).await {
                Ok(weakness) => weakness,
                Err(error) => {
                    // Better to use the memory than to accept a password without checking it.
                    tracing::error!(%error, "a password is judged in the agent itself");
                    let _seat = self.seats.acquire().await;
                    spawn_blocking(move || weakness(&question)).await.unwrap_or(Some(Weakness::Short))
                }
            }
        })
    }

    fn host_rules(&self) -> HostRules {
        host::read()
    }
}

/// The main function of the subprocess: reads the question from standard input and writes one word.
pub fn answer() -> std::io::Result<()> {
    let json = sealed::read(std::io::stdin(), QUESTION_MAX).map_err(std::io::Error::other)?;
    let question: Question = serde_json::from_slice(&json)?;
    let word = weakness(&question).map_or("strong", Weakness::as_str);
    writeln!(std::io::stdout(), "{word}")
}

/// Why the password in `question` is easy to guess, checked in this process; `None` means strong enough.
pub fn weakness(question: &Question) -> Option<Weakness> {
    let checked: Zeroizing<String> = Zeroizing::new(question.password.chars().take(CHECKED_CHARS).collect());
    let names: Vec<&str> = question.names.iter().map(String::as_str).collect();
    let estimate = zxcvbn::zxcvbn(&checked, &names);
    if u8::from(estimate.score()) >= question.min_score {
        return None;
    }
    Some(match estimate.feedback().and_then(Feedback::warning) {
        Some(Warning::StraightRowsOfKeysAreEasyToGuess | Warning::ShortKeyboardPatternsAreEasyToGuess) => {
            Weakness::Keyboard
        }
        Some(Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess) => {
            Weakness::Repeats
        }
        Some(Warning::SequencesLikeAbcAreEasyToGuess) => Weakness::Sequence,
        Some(Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess) => Weakness::Date,
        Some(
            Warning::ThisIsATop10Password
            | Warning::ThisIsATop100Password
            | Warning::ThisIsACommonPassword
            | Warning::ThisIsSimilarToACommonlyUsedPassword,
        ) => Weakness::Common,
        Some(
            Warning::AWordByItselfIsEasyToGuess
            | Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
            | Warning::CommonNamesAndSurnamesAreEasyToGuess,
        ) => Weakness::Word,
        None => Weakness::Short,
    })
}

#[cfg(any(test, fuzzing))]
pub(crate) mod tests_support {
    //! The strength checker of the dialogue tests.

    use super::*;

    /// Checks in the test's own process, on a host with these rules.
    #[derive(Debug, Default)]
    pub(crate) struct InProcess(pub(crate) HostRules);

    impl StrengthChecker for InProcess {
        fn check(&self, question: Question) -> Checked<'_> {
            Box::pin(async move { weakness(&question) })
        }

        fn host_rules(&self) -> HostRules {
            self.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(password: &str) -> Question {
        Question { password: password.into(), names: vec!["alice".into()], min_score: 3 }
    }

    #[tokio::test]
    async fn a_checker_that_can_not_be_had_or_says_nothing_lets_no_weak_password_through() {
        for program in ["/nonexistent", "/bin/true", "/bin/false", "/bin/echo"] {
            let checker = Subprocess::new(program);
            assert_eq!(checker.check(question("password1234")).await, Some(Weakness::Common), "{program}");
            assert_eq!(checker.check(question("plover tundra biscuit")).await, None, "{program}");
        }
    }

    #[test]
    fn every_weakness_comes_back_from_its_word() {
        for (weakness, word) in Weakness::TABLE {
            assert_eq!((Weakness::from_word(word), weakness.as_str()), (Some(weakness), word));
        }
        assert_eq!(Weakness::from_word("strong"), None);
    }

    #[test]
    fn an_endless_password_is_checked_in_no_time() {
        let start = std::time::Instant::now();
        weakness(&question(&"correct horse battery staple ".repeat(100)));
        assert!(start.elapsed() < Duration::from_secs(3));
    }
}
