//! The messages between the user's end (the PAM module or the `sspr` command) and the agent.
//!
//! A caller begins a dialogue and gets a handle and a [`Step`]; it shows the step, sends the answer with the step's
//! `turn`, and gets the next, until a step says how it ended. Nothing about who, where to, or which step comes next is
//! ever taken from the caller after the beginning.
//!
//! | member of `org.pam_sspr.Dialogue1` | in | out |
//! |---|---|---|
//! | `Begin` | `ssssss` purpose, user, service, tty, rhost, locale | `s(uyyss)` handle, step |
//! | `Answer` | `suay` handle, turn, answer | `(uyyss)` step |
//! | `AnswerSealed` | `suh` handle, turn, sealed memfd that holds the answer | `(uyyss)` step |
//! | `Cancel` | `s` handle | |
//! | `Leave` | `ss` handle, why | |
//!
//! A module that does not know [`Ask::Vouch`] cancels there, and the sign-in goes on: without a password that is known to be
//! right nothing is registered.
//!
//! The locale is the name of a POSIX locale, such as `de_DE.UTF-8`: that of the terminal where the caller knows it, else
//! that of its own process; empty where there is none. It chooses the language, and one that is not known means English.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use zbus::Type;

pub use crate::services::always_asks;

/// The most bytes an answer may have: `PAM_MAX_RESP_SIZE` (512) of Linux-PAM's `_pam_types.h` counts the closing NUL.
/// A terminal that got a longer one sends the first `ANSWER_MAX + 1` bytes, so that the agent can say "too long".
pub const ANSWER_MAX: usize = 511;

/// The words that a user can type at a question, in every language, besides digits and single letters. A user may have such a name.
pub const WORDS: [&str; 24] = [
    "app", "call", "change", "code", "done", "email", "en", "help", "later", "mail", "new", "no", "not now", "other",
    "phone", "picture", "remove", "skip", "sms", "swap", "text", "unlock", "use", "yes",
];

/// How long the agent may take over a sealed answer: a new password goes through the host's own modules, waits for the lock of the
/// shadow file, and takes the time of the hash that an administrator chose. The module waits a little longer, so that the agent
/// says how it went.
pub const ANSWER_SEALED_MAX: Duration = Duration::from_secs(85);

/// What a dialogue is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// At a password prompt: the password is forgotten, set a new one.
    Recover,
    /// Right after a sign-in with name and password: offer registration if it is due.
    Register,
    /// From a shell: the user registers, or changes the registration.
    Enroll,
    /// From a shell: the user looks at the registration.
    Status,
    /// From the start of a shell: a line, if there is something to say.
    Hint,
    /// From a shell: new recovery codes in place of the old ones.
    Codes,
    /// From a shell: remove everything that is registered.
    Remove,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Recover, Self::Register, Self::Enroll, Self::Status, Self::Hint, Self::Codes, Self::Remove];

    /// The word on the bus.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recover => "recover",
            Self::Register => "register",
            Self::Enroll => "enroll",
            Self::Status => "status",
            Self::Hint => "hint",
            Self::Codes => "codes",
            Self::Remove => "remove",
        }
    }

    /// The purpose that `word` names on the bus.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.as_str() == word)
    }
}

/// One turn of the agent, `(uyyss)` on the bus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Step {
    /// Counts up from 1 in each dialogue; an answer names the turn that it answers.
    pub turn: u32,
    /// How the dialogue stands, see [`Standing`]. Kept raw: a newer agent may send more.
    pub standing: u8,
    /// What kind of answer is wanted, see [`Ask`]. Kept raw likewise.
    pub ask: u8,
    /// What the person should read first; may be empty, may have several lines, ends without a newline.
    pub text: String,
    /// The question itself, one line, with its closing space; empty when nothing is asked.
    pub prompt: String,
}

/// How a dialogue stands after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// An answer is awaited.
    Asking,
    /// Over; the sign-in goes on. The text, if there is any, is for reading.
    Finished,
    /// Over; the password was changed to the one that the last [`Ask::NewPassword`] got.
    Recovered,
    /// Over without success; the text says so. At a password prompt, the password is asked for again.
    Refused,
    /// Over; registration is required and was declined: the sign-in must not go on.
    Denied,
    /// An answer is awaited. A user who breaks off here instead has declined what is required: the sign-in must not go on.
    /// Nor does it where the host can't put the question.
    AskingOrDenied,
    /// Over without success, and nobody seems to be there: a password prompt begins no other dialogue. What does not know it
    /// takes it for [`Standing::Refused`].
    GivenUp,
}

impl Standing {
    const TABLE: [(Self, u8); 7] = [
        (Self::Asking, 0),
        (Self::Finished, 1),
        (Self::Recovered, 2),
        (Self::Refused, 3),
        (Self::Denied, 4),
        (Self::AskingOrDenied, 5),
        (Self::GivenUp, 6),
    ];

    /// The number on the bus.
    pub fn to_wire(self) -> u8 {
        Self::TABLE.into_iter().find(|(s, _)| *s == self).map_or(3, |(_, n)| n)
    }

    /// `None` for a number that this version does not know; treat it as [`Standing::Refused`].
    pub fn from_wire(number: u8) -> Option<Self> {
        Self::TABLE.into_iter().find(|(_, n)| *n == number).map(|(s, _)| s)
    }
}

/// What kind of answer a step wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// None: the dialogue is over.
    Nothing,
    /// One line that may be seen while typed. Sent by `Answer`.
    Line,
    /// One line that is not shown, such as the current password or a new one repeated. Sent by `AnswerSealed`.
    Secret,
    /// The new password, not shown. Sent by `AnswerSealed`, and kept by a PAM host until the outcome is known.
    NewPassword,
    /// Not the person's to answer: whether the password that was typed at this sign-in is the account's. A PAM host has the
    /// credential helper look, and sends [`VOUCHED`] by `Answer`, [`UNTOLD`] where it can't be told, and nothing where it is not.
    Vouch,
}

/// What answers [`Ask::Vouch`] where the password is right.
pub const VOUCHED: &[u8] = b"yes";

/// Why a PAM host calls `Leave`: the last answer is one that a program gives. It is not sent on.
pub const LEFT_TO_A_PROGRAM: &str = "program";

/// What answers it where that can't be told: the helper does not answer, or the hash takes too long. No more than a no.
pub const UNTOLD: &[u8] = b"unknown";

impl Ask {
    const TABLE: [(Self, u8); 5] =
        [(Self::Nothing, 0), (Self::Line, 1), (Self::Secret, 2), (Self::NewPassword, 3), (Self::Vouch, 4)];

    /// The number on the bus.
    pub fn to_wire(self) -> u8 {
        Self::TABLE.into_iter().find(|(a, _)| *a == self).map_or(0, |(_, n)| n)
    }

    /// `None` for a number that this version does not know; cancel the dialogue then.
    pub fn from_wire(number: u8) -> Option<Self> {
        Self::TABLE.into_iter().find(|(_, n)| *n == number).map(|(a, _)| a)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_has_the_documented_signature() {
        assert_eq!(Step::SIGNATURE.to_string(), "(uyyss)");
    }

    #[test]
    fn every_word_and_number_on_the_wire_comes_back_as_itself_and_no_other_is_known() {
        for purpose in Purpose::ALL {
            assert_eq!(Purpose::from_word(purpose.as_str()), Some(purpose));
        }
        assert_eq!(Purpose::from_word("reset"), None);
        for number in 0..=u8::MAX {
            match Standing::from_wire(number) {
                Some(standing) => assert_eq!(standing.to_wire(), number),
                None => assert!(number > 6),
            }
            match Ask::from_wire(number) {
                Some(ask) => assert_eq!(ask.to_wire(), number),
                None => assert!(number > 4),
            }
        }
    }
}
