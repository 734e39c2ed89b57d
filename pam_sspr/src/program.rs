//! Tells a program from a person by the answers to visible questions. Answers to hidden questions never count: people
//! type a new password twice.
//!
//! For an unknown name, sshd hands on junk of the same length in place of the answer. So until a proof is correct, only
//! lengths may decide there: a rule that looks at the answer itself would tell an unknown name from a known one.

use sspr_config::dialogue::{Purpose, WORDS};

use crate::errand::Errand;
use crate::host::Secret;

/// This many empty answers in a row to visible questions end a reset; there was already one at the password prompt.
const EMPTY_MAX: u32 = 2;

/// An answer of this many bytes or more is never a person's to two different questions; shorter answers are choices.
const REPEATED_MIN: usize = 6;

/// A name of this many bytes or more is never typed as a choice; choices are single letters.
const NAME_MIN: usize = 2;

/// The answers of one dialogue.
pub(crate) struct Answers<'a> {
    recovering: bool,
    /// Whether the answer itself may decide, or only its length.
    by_content: bool,
    user: &'a str,
    typed: Option<&'a Secret>,
    any: bool,
    empty: u32,
    /// The question before and its answer.
    last: Option<(String, Secret)>,
}

impl<'a> Answers<'a> {
    /// `rhost` is the host that the user comes from; empty at this machine.
    pub(crate) fn new(errand: &Errand<'a>, service: &str, rhost: &str) -> Self {
        let recovering = errand.purpose == Purpose::Recover;
        Self {
            recovering,
            // An sshd may use any service name, and hands on junk of the same length for names that it does not know.
            by_content: !recovering || rhost.is_empty() && service != "sshd",
            user: errand.user,
            typed: errand.typed,
            any: false,
            empty: 0,
            last: None,
        }
    }

    /// Whether any answer was not empty.
    pub(crate) fn any(&self) -> bool {
        self.any
    }

    /// Whether a reset has had only an empty password so far, as programs send it. After a sign-in, an empty answer is
    /// a person's "no".
    pub(crate) fn may_be_a_programs(&self) -> bool {
        self.recovering && !self.any
    }

    /// Whether `answer` to the visible question `prompt` can't be a person's.
    pub(crate) fn is_a_programs(&mut self, answer: &Secret, prompt: &str) -> bool {
        if answer.is_empty() {
            self.empty += 1;
            return self.recovering && self.empty >= EMPTY_MAX;
        }
        self.any = true;
        self.empty = 0;
        if !self.by_content {
            return false;
        }
        let bytes = answer.bytes();
        let is_repeated = self.last.as_ref().is_some_and(|(question, last)| {
            question != prompt && last.bytes() == bytes && bytes.len() >= REPEATED_MIN && !is_code(bytes)
        });
        let is_password = self.typed.is_some_and(|typed| typed.bytes() == bytes);
        self.last = Some((prompt.to_owned(), Secret::new(bytes)));
        is_repeated || is_password || self.is_the_name(bytes)
    }

    /// Whether the answer is the user's name, and could not be a valid answer. A user may be called "mail".
    fn is_the_name(&self, answer: &[u8]) -> bool {
        let could_be_an_answer = answer.len() < NAME_MIN
            || answer.iter().all(u8::is_ascii_digit)
            || WORDS.iter().any(|word| word.as_bytes().eq_ignore_ascii_case(answer));
        answer == self.user.as_bytes() && !could_be_an_answer
    }
}

/// Whether this looks like a code: digits, or a recovery code's groups of letters and digits.
fn is_code(answer: &[u8]) -> bool {
    answer.iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase() || matches!(b, b' ' | b'-'))
        || (answer.contains(&b'-') && answer.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-'))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::errand::Pasted;

    fn errand(purpose: Purpose, typed: Option<&Secret>) -> Errand<'_> {
        Errand { purpose, user: "alice", patience: Duration::ZERO, typed, pasted: Pasted::No, hands_on: false }
    }

    #[test]
    fn a_name_that_is_a_word_of_a_menu_is_an_answer_like_any_other() {
        for (name, is_answer) in [
            ("app", true),
            ("Mail", true),
            ("phone", true),
            ("picture", true),
            ("e", true),
            ("1", true),
            ("al", false),
            ("appa", false),
        ] {
            let errand = Errand { user: name, ..errand(Purpose::Register, None) };
            let mut answers = Answers::new(&errand, "sshd", "192.0.2.7");
            assert_eq!(answers.is_a_programs(&Secret::new(name.as_bytes()), "1, 2 or 3: "), !is_answer, "{name}");
        }
    }

    #[track_caller]
    fn given(purpose: Purpose, service: &str, typed: &str, all: &[(&str, &str)]) -> Vec<bool> {
        let (service, rhost) = service.split_once(" from ").unwrap_or((service, ""));
        let typed = (!typed.is_empty()).then(|| Secret::new(typed.as_bytes()));
        let mut answers = Answers::new(&errand(purpose, typed.as_ref()), service, rhost);
        all.iter().map(|(prompt, answer)| answers.is_a_programs(&Secret::new(answer.as_bytes()), prompt)).collect()
    }

    #[test]
    fn the_password_and_the_name_are_no_answers_after_a_sign_in_and_a_word_to_two_questions_is_none() {
        let registering = |all: &[(&str, &str)]| given(Purpose::Register, "sshd", "493817", all);
        assert_eq!(registering(&[("Code: ", "493817")]), [true]);
        assert_eq!(registering(&[("1 or 2: ", "alice")]), [true]);
        assert_eq!(registering(&[("1: ", "a@example.org"), ("2: ", "a@example.org")]), [false, true]);
        assert_eq!(registering(&[("1: ", "1"), ("2: ", "1"), ("3: ", ""), ("4: ", "")]), [false; 4]);
        // The same question asked again, as after a typo in an address; and a code, which may be typed anywhere.
        assert_eq!(registering(&[("1: ", "a@example"), ("1: ", "a@example")]), [false; 2]);
        assert_eq!(registering(&[("1: ", "112233"), ("2: ", "112233")]), [false; 2]);
        assert_eq!(registering(&[("1: ", "k3tz-9p2m"), ("2: ", "k3tz-9p2m")]), [false; 2]);
    }

    #[test]
    fn before_a_proof_over_ssh_only_lengths_decide_and_elsewhere_the_name_does_too() {
        let all = [("? ", "alice"), ("! ", "alice!!"), ("? ", "alice!!")];
        for sshd in ["sshd", "sshd from 192.0.2.7", "sshd-of-another-name from 192.0.2.7"] {
            assert_eq!(given(Purpose::Recover, sshd, "", &all), [false; 3], "{sshd}");
        }
        assert_eq!(given(Purpose::Recover, "lightdm", "", &all), [true, false, true]);
    }

    #[test]
    fn two_empty_answers_running_end_a_reset_and_no_registration() {
        let all = [("? ", ""), ("? ", "x"), ("? ", ""), ("? ", "")];
        for service in ["sshd", "login"] {
            assert_eq!(given(Purpose::Recover, service, "", &all), [false, false, false, true]);
            assert_eq!(given(Purpose::Register, service, "pw", &all), [false; 4]);
        }
    }
}
