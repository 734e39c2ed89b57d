//! What a new password must be before the host's own rules see it: long enough, not guessable, without the person's name and
//! without a word that is banned here. No rules about kinds of characters (NIST SP 800-63B, 3.1.1.2).

use sspr_config::{dialogue::ANSWER_MAX, settings::Password as Settings};

use crate::{session::Session, texts::Texts};

pub mod banned;
pub mod host;
pub mod strength;

use banned::Banned;
use host::HostRules;
use strength::{Question, Weakness};

/// Why a password is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing was typed.
    Empty,
    /// So many more characters are needed.
    TooShort(u8),
    /// More bytes than PAM carries.
    TooLong,
    /// It has the account's or the machine's name in it.
    HasName,
    /// It has this word of the list of banned ones in it.
    Banned(String),
    /// It begins or ends with a blank, which is easily lost.
    Blanks,
    /// Guessed too soon.
    Weak(Weakness),
}

/// What is said before a new password is asked for: every rule that will be held against it, those of the host's own modules
/// too.
pub fn rules(s: &Session) -> String {
    let (texts, host) = (&s.texts, host_rules(s));
    let length = s.settings.password.min_length.max(host.length);
    let mut said = vec![texts.say("password-rules", &[("length", i64::from(length).into())])];
    let needed = [
        ("password-rules-digits", host.digits),
        ("password-rules-capitals", host.capitals),
        ("password-rules-small", host.small),
        ("password-rules-others", host.others),
        // One kind is what every password has.
        ("password-rules-kinds", if host.kinds > 1 { host.kinds.min(4) } else { 0 }),
    ];
    for (key, n) in needed.into_iter().filter(|(_, n)| *n > 0) {
        said.push(texts.say(key, &[("n", i64::from(n).into())]));
    }
    if host.history {
        said.push(texts.say("password-rules-history", &[]));
    }
    if s.settings.password.banned_words_file.is_some() {
        said.push(texts.say("password-rules-banned", &[]));
    }
    if host.encrypts {
        said.push(texts.say("password-encrypts", &[]));
    }
    said.join("\n")
}

/// The rules of this host's own password lines, which a directory's passwords do not go through. What is opened at a sign-in with the
/// password is anybody's.
fn host_rules(s: &Session) -> HostRules {
    let own = s.judge.host_rules();
    if s.targets.is_far(s.name()) { HostRules { encrypts: own.encrypts, ..HostRules::default() } } else { own }
}

/// Why `password` can't be the new one, in plain words; `None` where nothing speaks against it. The host's own
/// modules are asked later, by the helper, when the password is set.
pub async fn refusal(s: &Session, password: &str) -> Option<String> {
    let settings = &s.settings.password;
    let banned = match settings.banned_words_file.as_deref().map(banned::load).transpose() {
        Ok(banned) => banned.unwrap_or_default(),
        Err(why) => {
            // The file was right when the settings were read. An unreadable rule means no.
            tracing::error!(%why, "no new password is taken");
            return Some(s.say("unavailable"));
        }
    };
    let names = [s.name().name, &s.host_name];
    if let Err(fault) = check(password, settings, host_rules(s), &names, &banned) {
        return Some(say(&s.texts, &fault));
    }
    let question = Question {
        password: password.to_owned(),
        names: names.map(str::to_owned).to_vec(),
        min_score: settings.min_score,
    };
    let weakness = s.judge.judge(question).await?;
    Some(say(&s.texts, &Fault::Weak(weakness)))
}

/// What can be told without judging how soon `password` is guessed; `names` must not be in it.
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

/// The reason in plain words. What was typed is not repeated; a banned word is said as it stands in the list.
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
    use super::*;

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
