//! What a new password must be before the host's own rules see it: long enough, not guessable, not the person's name.
//! No rules about kinds of characters (NIST SP 800-63B, 3.1.1.2).

use sspr_config::{dialogue::ANSWER_MAX, settings::Password as Settings};
use zxcvbn::feedback::Warning;

use crate::{doors::Doors, texts::Texts};

/// Why a password is refused.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// Nothing was typed.
    Empty,
    /// Fewer characters than this.
    TooShort(u8),
    /// More bytes than PAM carries.
    TooLong,
    /// It has the account's or the machine's name in it.
    HasName,
    /// It begins or ends with a blank, which is easily lost.
    Blanks,
    /// Guessed too soon; zxcvbn's reason where it gives one.
    Weak(Option<Warning>),
}

/// zxcvbn takes time that grows with the length; what is beyond this makes no password weaker.
const JUDGED_CHARS: usize = 72;

/// Judges `password`; `names` must not be in it.
pub fn check(password: &str, settings: &Settings, names: &[&str]) -> Result<(), Fault> {
    if password.is_empty() {
        return Err(Fault::Empty);
    }
    if password.len() > ANSWER_MAX {
        return Err(Fault::TooLong);
    }
    if password.trim() != password {
        return Err(Fault::Blanks);
    }
    if password.chars().count() < usize::from(settings.min_length) {
        return Err(Fault::TooShort(settings.min_length));
    }
    let lower = password.to_lowercase();
    if names.iter().filter(|name| name.chars().count() > 2).any(|name| lower.contains(&name.to_lowercase())) {
        return Err(Fault::HasName);
    }
    let judged: zeroize::Zeroizing<String> = zeroize::Zeroizing::new(password.chars().take(JUDGED_CHARS).collect());
    let estimate = zxcvbn::zxcvbn(&judged, names);
    if u8::from(estimate.score()) < settings.min_score {
        return Err(Fault::Weak(estimate.feedback().and_then(zxcvbn::feedback::Feedback::warning)));
    }
    Ok(())
}

/// What is said before a new password is asked for: every rule that will be held against it.
pub fn rules(doors: &Doors) -> String {
    doors.texts.say("password-rules", &[("length", i64::from(doors.settings.password.min_length).into())])
}

/// Why `password` can't be the new one of `name`, in plain words; `None` where nothing speaks against it. The host's own
/// rules are asked later, by the helper, when the password is set.
pub async fn refusal(doors: &Doors, password: &str, name: &str) -> Option<String> {
    let fault = check(password, &doors.settings.password, &[name, &doors.host_name]).err()?;
    Some(say(&doors.texts, &fault))
}

/// The reason in plain words.
pub fn say(texts: &Texts, fault: &Fault) -> String {
    match fault {
        Fault::Empty => texts.say("password-empty", &[]),
        Fault::TooShort(length) => texts.say("password-too-short", &[("length", i64::from(*length).into())]),
        Fault::TooLong => texts.say("password-too-long", &[]),
        Fault::HasName => texts.say("password-has-name", &[]),
        Fault::Blanks => texts.say("password-blanks", &[]),
        Fault::Weak(warning) => match warning {
            Some(Warning::StraightRowsOfKeysAreEasyToGuess | Warning::ShortKeyboardPatternsAreEasyToGuess) => {
                texts.say("password-keyboard", &[])
            }
            Some(Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess) => {
                texts.say("password-repeats", &[])
            }
            Some(Warning::SequencesLikeAbcAreEasyToGuess) => texts.say("password-sequence", &[]),
            Some(Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess) => {
                texts.say("password-date", &[])
            }
            Some(
                Warning::ThisIsATop10Password
                | Warning::ThisIsATop100Password
                | Warning::ThisIsACommonPassword
                | Warning::ThisIsSimilarToACommonlyUsedPassword,
            ) => texts.say("password-common", &[]),
            Some(
                Warning::AWordByItselfIsEasyToGuess
                | Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
                | Warning::CommonNamesAndSurnamesAreEasyToGuess,
            ) => texts.say("password-word", &[]),
            None => texts.say("password-weak", &[]),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weak_password_is_refused_with_its_reason_and_a_passphrase_is_taken() {
        let settings = Settings::default();
        let check = |password: &str| check(password, &settings, &["alice", "shell.example.org"]);
        assert_eq!(check(""), Err(Fault::Empty));
        assert_eq!(check("short"), Err(Fault::TooShort(12)));
        assert_eq!(check(" a quiet walk home"), Err(Fault::Blanks));
        assert_eq!(check("AliceInWonderland99"), Err(Fault::HasName));
        assert!(matches!(check("passwordpassword"), Err(Fault::Weak(_))));
        assert!(matches!(check("qwertyuiop[]"), Err(Fault::Weak(_))));
        assert!(matches!(check("aaaaaaaaaaaaaaaa"), Err(Fault::Weak(_))));
        assert_eq!(check(&"x".repeat(512)), Err(Fault::TooLong));
        for good in
            ["plover tundra biscuit", "ein ruhiger Weg nach Hause", "静かな帰り道を歩いた夜の月", "vK3#mNq8!xWz"]
        {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn every_reason_has_words_of_its_own_and_none_repeats_the_password() {
        let texts = Texts::english();
        let settings = Settings { min_score: 4, ..Settings::default() };
        for weak in ["password1234", "qwertyuiop[]", "abcabcabcabc", "abcdefghijkl", "1987-05-2012", "extraordinary"] {
            let fault = check(weak, &settings, &[]).unwrap_err();
            let said = say(&texts, &fault);
            assert!(said.contains(' ') && !said.contains(weak), "{weak}: {said}");
        }
    }
}
