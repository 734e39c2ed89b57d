//! The rules for a new password: the text about them, and the check of a password.

use crate::{
    password::{Fault, banned, check, host::HostRules, say, strength::Question},
    session::Session,
};

/// The text before a new password is asked for: every rule that it will be checked against, including those of the
/// host's own modules. Empty for an account of a host of the fleet, which says its own rules.
pub(crate) fn said(s: &Session) -> String {
    if s.name().host().is_some() {
        return String::new();
    }
    let (texts, host) = (&s.texts, host_rules(s));
    let length = s.settings.password.min_length.max(host.length);
    let mut said = vec![texts.say("password-rules", &[("length", i64::from(length).into())])];
    let needed = [
        ("password-rules-digits", host.digits),
        ("password-rules-capitals", host.capitals),
        ("password-rules-small", host.small),
        ("password-rules-others", host.others),
        // Every password has one kind of characters.
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

/// The rules of this host's own password lines, which do not apply to passwords in a directory. Whether a sign-in
/// decrypts something with the password concerns every user.
fn host_rules(s: &Session) -> HostRules {
    let own = s.strength.host_rules();
    if s.targets.is_far(s.name()) { HostRules { encrypts: own.encrypts, ..HostRules::default() } } else { own }
}

/// Why `password` can't be the new one, in plain words; `None` if it can. The helper asks the host's own modules
/// later, when it sets the password. The new password of an account of a host of the fleet stays on that host, which
/// checks it.
pub(crate) async fn refusal(s: &Session, password: &str) -> Option<String> {
    if s.name().host().is_some() {
        return None;
    }
    let settings = &s.settings.password;
    let banned = match settings.banned_words_file.as_deref().map(banned::load).transpose() {
        Ok(banned) => banned.unwrap_or_default(),
        Err(why) => {
            // The file was valid when the settings were read. A rule that can't be read means no.
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
    let weakness = s.strength.check(question).await?;
    Some(say(&s.texts, &Fault::Weak(weakness)))
}
