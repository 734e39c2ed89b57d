//! The requirements for a new password before the host's own rules: long enough, hard to guess, and without the user's
//! name or a banned word. There are no rules about kinds of characters (NIST SP 800-63B, 3.1.1.2).

use sspr_config::{dialogue::ANSWER_MAX, settings::Password as Settings};

use crate::texts::Texts;

pub mod banned;
pub mod host;
pub mod strength;

use banned::Banned;
use host::HostRules;
use strength::Weakness;

/// Why a password is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing was typed.
    Empty,
    /// This many more characters are required.
    TooShort(u8),
    /// It has more bytes than PAM carries.
    TooLong,
    /// It contains the account's or the machine's name.
    HasName,
    /// It contains this banned word.
    Banned(String),
    /// It begins or ends with a blank, which is easily lost.
    Blanks,
    /// It is easy to guess, for this reason.
    Weak(Weakness),
}

/// Checks everything but the strength of `password`, which must not contain any of `names`.
pub fn check(
    password: &str,
    settings: &Settings,
    host: HostRules,
    names: &[&str],
    banned: &Banned,
) -> Result<(), Fault> {
    if password.is_empty() {
        return Err(Fault::Empty);
    }
    if password.len() > ANSWER_MAX {
        return Err(Fault::TooLong);
    }
    if password.trim() != password {
        return Err(Fault::Blanks);
    }
    let least = settings.min_length.max(host.length);
    if let Some(more @ 1..) = usize::from(least).checked_sub(password.chars().count()) {
        return Err(Fault::TooShort(u8::try_from(more).unwrap_or(least)));
    }
    if let Some(word) = banned.in_password(password) {
        return Err(Fault::Banned(word.to_owned()));
    }
    let folded = banned::fold(password);
    if names.iter().filter(|name| name.chars().count() > 2).any(|name| folded.contains(banned::fold(name).as_str())) {
        return Err(Fault::HasName);
    }
    Ok(())
}

/// The reason in plain words. It does not repeat the password; a banned word is shown as it is in the list.
pub fn say(texts: &Texts, fault: &Fault) -> String {
    match fault {
        Fault::Empty => texts.say("password-empty", &[]),
        Fault::TooShort(more) => texts.say("password-too-short", &[("more", i64::from(*more).into())]),
        Fault::TooLong => texts.say("password-too-long", &[]),
        Fault::HasName => texts.say("password-has-name", &[]),
        Fault::Banned(word) => texts.say("password-banned", &[("word", word.as_str().into())]),
        Fault::Blanks => texts.say("password-blanks", &[]),
        Fault::Weak(Weakness::Keyboard) => texts.say("password-keyboard", &[]),
        Fault::Weak(Weakness::Repeats) => texts.say("password-repeats", &[]),
        Fault::Weak(Weakness::Sequence) => texts.say("password-sequence", &[]),
        Fault::Weak(Weakness::Date) => texts.say("password-date", &[]),
        Fault::Weak(Weakness::Common) => texts.say("password-common", &[]),
        Fault::Weak(Weakness::Word) => texts.say("password-word", &[]),
        Fault::Weak(Weakness::Short) => texts.say("password-weak", &[]),
    }
}

#[cfg(test)]
mod tests {
    use super::{strength::Question, *};

    fn judged(password: &str, settings: &Settings, names: &[&str]) -> Result<(), Fault> {
        check(password, settings, HostRules::default(), names, &Banned::default())?;
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        let question = Question { password: password.to_owned(), names, min_score: settings.min_score };
        strength::weakness(&question).map_or(Ok(()), |weakness| Err(Fault::Weak(weakness)))
    }

    #[test]
    fn a_weak_password_is_refused_with_its_reason_and_a_passphrase_is_taken() {
        let settings = Settings::default();
        let check = |password: &str| judged(password, &settings, &["alice", "shell.example.org"]);
        assert_eq!(check(""), Err(Fault::Empty));
        assert_eq!(check("short"), Err(Fault::TooShort(7)));
        assert_eq!(check("elevenchars"), Err(Fault::TooShort(1)));
        assert_eq!(check("七文字のことば"), Err(Fault::TooShort(5)));
        assert_eq!(check(" a quiet walk home"), Err(Fault::Blanks));
        assert_eq!(check("AliceInWonderland99"), Err(Fault::HasName));
        assert_eq!(check("4l1c3 in wonderland"), Err(Fault::HasName));
        assert_eq!(check("passwordpassword"), Err(Fault::Weak(Weakness::Repeats)));
        assert_eq!(check("qwertyuiop[]"), Err(Fault::Weak(Weakness::Keyboard)));
        assert_eq!(check("aaaaaaaaaaaaaaaa"), Err(Fault::Weak(Weakness::Repeats)));
        assert_eq!(check(&"x".repeat(512)), Err(Fault::TooLong));
        for good in
            ["plover tundra biscuit", "ein ruhiger Weg nach Hause", "静かな帰り道を歩いた夜の月", "vK3#mNq8!xWz"]
        {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn the_host_may_want_more_characters_than_the_settings() {
        let host = HostRules { length: 16, ..HostRules::default() };
        let check = |password: &str, host| check(password, &Settings::default(), host, &[], &Banned::default());
        assert_eq!(check("plover tundra", host), Err(Fault::TooShort(3)));
        assert_eq!(check("plover tundra", HostRules { length: 8, ..host }), Ok(()));
    }

    #[test]
    fn every_reason_has_words_of_its_own_and_none_repeats_the_password() {
        let texts = Texts::english();
        let settings = Settings { min_score: 4, ..Settings::default() };
        for weak in ["password1234", "qwertyuiop[]", "abcabcabcabc", "abcdefghijkl", "1987-05-2012", "extraordinary"] {
            let fault = judged(weak, &settings, &[]).unwrap_err();
            let said = say(&texts, &fault);
            assert!(said.contains(' ') && !said.contains(weak), "{weak}: {said}");
        }
        assert!(say(&texts, &Fault::TooShort(1)).contains("one more"), "{}", say(&texts, &Fault::TooShort(1)));
        assert!(say(&texts, &Fault::TooShort(7)).contains("7 more"));
        assert!(say(&texts, &Fault::Banned("Acme".into())).contains("Acme"));
    }
}
