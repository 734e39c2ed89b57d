//! The messages between the user's end (the PAM module or the `sspr` command) and the agent.
//!
//! A caller begins a dialogue and gets a handle and a [`Step`]. It shows the step, sends the answer with the step's
//! `turn`, and gets the next step, until a step says how the dialogue ended. After the beginning, the user, the
//! destination and the next step are never taken from the caller.
//!
//! | member of `org.pam_sspr.Dialogue1` | in | out |
//! |---|---|---|
//! | `Begin` | `ssssss` purpose, user, service, tty, rhost, locale | `s(uyyss)` handle, step |
//! | `Answer` | `suay` handle, turn, answer | `(uyyss)` step |
//! | `AnswerSealed` | `suh` handle, turn, sealed memfd that holds the answer | `(uyyss)` step |
//! | `Cancel` | `s` handle | |
//! | `Leave` | `ss` handle, why | |
//!
//! A module that does not know [`Ask::Vouch`] or [`Ask::Password`] cancels there, and the sign-in goes on: nothing is
//! registered without a password that is known to be correct.
//!
//! The locale is the name of a POSIX locale, such as `de_DE.UTF-8`: the terminal's if the caller knows it, otherwise
//! that of the caller's process; empty if there is none. It chooses the language; an unknown one means English.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use zbus::Type;

pub use crate::services::always_asks;

/// The most bytes of an answer: `PAM_MAX_RESP_SIZE` (512) of Linux-PAM's `_pam_types.h` counts the closing NUL. After a
/// longer answer, a terminal sends the first `ANSWER_MAX + 1` bytes, so that the agent can say "too long".
pub const ANSWER_MAX: usize = 511;

/// The words that a user can type at a question, in every language, besides digits and single letters. A user's name
/// may be one of them.
pub const WORDS: [&str; 25] = [
    "app", "call", "change", "code", "done", "e-mail", "email", "en", "help", "later", "mail", "new", "no", "not now",
    "other", "phone", "picture", "remove", "skip", "sms", "swap", "text", "unlock", "use", "yes",
];

/// How long the agent may take for a sealed answer. A new password goes through the host's own modules, waits for the
/// lock of the shadow file, and takes as long as the hash with an administrator's cost. The module waits a little
/// longer, so that the agent reports the result.
pub const ANSWER_SEALED_MAX: Duration = Duration::from_secs(85);

/// What a dialogue is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// At a password prompt: the user forgot the password and sets a new one.
    Recover,
    /// Right after a sign-in with name and password: offer registration if it is due.
    Register,
    /// From a shell: the user registers, or changes the registration.
    Enroll,
    /// From a shell: the user views the registration.
    Status,
    /// From the start of a shell: one line, if there is anything to say.
    Hint,
    /// From a shell: new recovery codes in place of the old ones.
    Codes,
    /// From a shell: remove everything that is registered.
    Remove,
    /// No dialogue: the help desk has a code sent, to find out whether the caller on the telephone is who it says.
    Desk,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::Recover, Self::Register, Self::Enroll, Self::Status, Self::Hint, Self::Codes, Self::Remove, Self::Desk];

    /// The word on the bus and in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recover => "recover",
            Self::Register => "register",
            Self::Enroll => "enroll",
            Self::Status => "status",
            Self::Hint => "hint",
            Self::Codes => "codes",
            Self::Remove => "remove",
            Self::Desk => "desk",
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
    /// The text to read first; may be empty or have several lines, and ends without a newline.
    pub text: String,
    /// The question itself, one line, with its closing space; empty when nothing is asked.
    pub prompt: String,
}

/// How a dialogue stands after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// An answer is awaited.
    Asking,
    /// Over; the sign-in goes on. The text, if there is any, is for the user to read.
    Finished,
    /// Over; the password was changed to the one that the last [`Ask::NewPassword`] got.
    Recovered,
    /// Over without success; the text says so. At a password prompt, the password is asked for again.
    Refused,
    /// Over; registration is required and the user declined it: the sign-in must not go on.
    Denied,
    /// An answer is awaited. A user who breaks off here declines what is required: the sign-in must not go on. The same
    /// applies if the host can't ask the question.
    AskingOrDenied,
    /// Over without success, and there seems to be no person: a password prompt begins no other dialogue. A caller that
    /// does not know it treats it as [`Standing::Refused`].
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

/// What kind of answer a step expects.
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
    /// Not for the user: whether the password typed at this sign-in is the account's. A PAM host asks the credential
    /// helper. It sends [`VOUCHED`] by `Answer` if it is, [`UNTOLD`] if that is not known, and nothing if it is not.
    Vouch,
    /// Not for the user: the password typed at this sign-in, on a host of a fleet, whose server checks it. A PAM host
    /// sends it by `AnswerSealed` if [`crate::policy`] says so, and cancels otherwise.
    Password,
}

/// The answer to [`Ask::Vouch`] if the password is correct.
pub const VOUCHED: &[u8] = b"yes";

/// The reason in a PAM host's `Leave`: the last answer looks like a program's. It is not sent on.
pub const LEFT_TO_A_PROGRAM: &str = "program";

/// The answer to [`Ask::Vouch`] if it is not known: the helper does not answer, or the hash takes too long. It counts
/// as no.
pub const UNTOLD: &[u8] = b"unknown";

impl Ask {
    const TABLE: [(Self, u8); 6] = [
        (Self::Nothing, 0),
        (Self::Line, 1),
        (Self::Secret, 2),
        (Self::NewPassword, 3),
        (Self::Vouch, 4),
        (Self::Password, 5),
    ];

    /// The number on the bus.
    pub fn to_wire(self) -> u8 {
        Self::TABLE.into_iter().find(|(a, _)| *a == self).map_or(0, |(_, n)| n)
    }

    /// Whether it is answered by `AnswerSealed`.
    pub const fn is_sealed(self) -> bool {
        matches!(self, Self::Secret | Self::NewPassword | Self::Password)
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
                None => assert!(number > 5),
            }
        }
    }
}
