//! How easy a password is to guess, according to zxcvbn.
//!
//! Once used, zxcvbn's dictionaries take 20 MB that are never freed. So the agent asks a subprocess, which exits a second
//! after its last answer. The subprocess runs as the agent's user: the credential helper, which also gets the password, is
//! root and should do nothing that another program can do.

use std::{future::Future, pin::Pin};

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};
use zxcvbn::feedback::{Feedback, Warning};

use super::host::HostRules;

pub use subprocess::{Subprocess, answer};

mod subprocess;

/// The option of `sspr-agent` that makes it [`answer`].
pub const OPTION: &str = "--judge-password";

/// zxcvbn takes more time for longer passwords; further characters make no password weaker.
const CHECKED_CHARS: usize = 72;

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
    use std::time::Duration;

    use super::*;

    fn question(password: &str) -> Question {
        Question { password: password.into(), names: vec!["alice".into()], min_score: 3 }
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
