//! `FreeIPA`, not tried on a real server, because Debian has none. According to its documents and the sources of its
//! plugins (4.13), it is 389 Directory Server with the states of Kerberos in addition.
//!
//! A password that another user set has expired at once. A system account may have the right to set passwords as users
//! do; then the password does not expire at once, but a lock stays. At a sign-in, the server reports whether an account
//! is locked or has ended, and whether its password has expired, before it checks the password.

use super::{
    super::{
        message::{Answer, Control, Entry, INVALID_CREDENTIALS},
        times,
    },
    Closed, Kind, Replace, Rule, SignIn, Write, Written, failed, rule, signs_in, texts,
};

/// How long a password is valid by default, in seconds.
const MAX_LIFE: i64 = 90 * 86_400;

#[derive(Debug)]
pub(super) struct FreeIpa;

impl Kind for FreeIpa {
    fn attributes(&self) -> &'static [&'static str] {
        &[
            "uid",
            "uidNumber",
            "gidNumber",
            "loginShell",
            "ipaUniqueID",
            "nsUniqueId",
            "nsAccountLock",
            "krbPrincipalExpiration",
            "krbPasswordExpiration",
            "krbLoginFailedCount",
            "krbLastFailedAuth",
            "krbLastAdminUnlock",
            "ipaUserAuthType",
        ]
    }

    fn id(&self, entry: &Entry) -> Option<String> {
        entry.text("ipaUniqueID").or_else(|| entry.text("nsUniqueId")).map(str::to_ascii_lowercase)
    }

    fn closed(&self, entry: &Entry, now: i64) -> Option<Closed> {
        if entry.has("nsAccountLock", "true") {
            return Some(Closed::Administrator("nsAccountLock"));
        }
        if entry.text("krbPrincipalExpiration").and_then(times::generalized).is_some_and(|end| end <= now) {
            return Some(Closed::Ended("krbPrincipalExpiration is over"));
        }
        // A new password would not sign the user in by itself, and nothing would prove that it was set.
        let is = |names: &[&str]| names.iter().any(|name| entry.has("ipaUserAuthType", name));
        if is(&["otp", "radius", "pkinit", "idp", "passkey"]) && !is(&["password", "hardened"]) {
            return Some(Closed::Elsewhere("ipaUserAuthType: a password alone does not sign in"));
        }
        None
    }

    fn locked(&self, entry: &Entry, _now: i64) -> bool {
        let time = |attribute| entry.text(attribute).and_then(times::generalized);
        let counted = entry.number("krbLoginFailedCount").is_some_and(|count| count >= 6);
        counted && time("krbLastAdminUnlock") < time("krbLastFailedAuth")
    }

    fn protected_groups(&self) -> &'static [&'static str] {
        &["admins", "trust admins"]
    }

    fn writes(&self, new: &[u8]) -> Result<Vec<Write>, Rule> {
        Ok(vec![Write::Modify(vec![("userPassword", vec![new.to_vec().into()])])])
    }

    fn written(&self, answer: &Answer) -> Written {
        match answer.code {
            0 => Written::Done,
            19 if answer.text.contains("Account expired") => {
                Written::Failed { why: format!("the account has ended: {answer}"), elsewhere: false }
            }
            19 => Written::Refused(by_text(&answer.text).or_else(|| rule(answer)).unwrap_or(Rule::Quality)),
            _ => failed(answer),
        }
    }

    fn besides(&self, entry: &Entry, now: i64) -> Replace {
        // Where the service may not read the count, the account may be locked.
        if entry.number("krbLoginFailedCount") == Some(0) {
            return Vec::new();
        }
        // The lock applies if the last failure was later than this time, by the server's clock.
        let last = entry.text("krbLastFailedAuth").and_then(times::generalized).unwrap_or(now);
        unlocked(now.max(last))
    }

    fn looked_at_again(&self) -> bool {
        true
    }

    fn must_change(&self, entry: &Entry, now: i64) -> bool {
        entry
            .text("krbPasswordExpiration")
            .and_then(times::generalized)
            .is_some_and(|end| end <= now.saturating_add(60))
    }

    fn no_more_change(&self, now: i64) -> Replace {
        let end = times::to_generalized(now.saturating_add(MAX_LIFE)).unwrap_or_default();
        vec![("krbPasswordExpiration", texts(&[&end]))]
    }

    fn says_expired_of_any(&self) -> bool {
        true
    }

    fn signs_in(&self, answer: &Answer) -> SignIn {
        let closed = |why: &str| SignIn::Closed(why.to_owned());
        let says = |words: &str| answer.text.contains(words);
        match answer.code {
            19 => closed("locked"),
            53 if says("inactivated") => closed("inactivated"),
            53 if says("is expired") => closed("ended"),
            53 if says("Too many failed logins") || says("permanently locked") => closed("locked"),
            INVALID_CREDENTIALS if says("Password is expired") => SignIn::MustChange,
            _ => signs_in(answer),
        }
    }

    fn unlock(&self, now: i64) -> (Replace, Vec<Control>) {
        // nsAccountLock is not written: a user whom an administrator disabled stays disabled. krbLastAdminUnlock is
        // replicated to the other servers.
        (unlocked(now), Vec::new())
    }
}

fn unlocked(at: i64) -> Replace {
    let time = times::to_generalized(at).unwrap_or_default();
    vec![("krbLastAdminUnlock", texts(&[&time]))]
}

fn by_text(text: &str) -> Option<Rule> {
    match text.trim_end_matches(['.', ' ']) {
        "Password is too short" => Some(Rule::Short(None)),
        "Password reuse not permitted" => Some(Rule::Used),
        "Too soon to change password" => Some(Rule::Young),
        "Password is too simple" => Some(Rule::Quality),
        // Consecutive characters, dictionary words, the user's name, too few digits, and similar rules.
        other if other.starts_with("Password ") => Some(Rule::Words(format!("{other}."))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{answer, entry},
        *,
    };

    const NOW: i64 = 1_795_867_200;

    #[test]
    fn disabled_and_ended_people_are_closed_and_one_who_failed_too_often_is_locked_until_an_administrator_says_otherwise()
     {
        assert!(matches!(FreeIpa.closed(&entry(&[("nsAccountLock", "TRUE")]), NOW), Some(Closed::Administrator(_))));
        let ended = entry(&[("krbPrincipalExpiration", "20261128110000Z")]);
        assert!(matches!(FreeIpa.closed(&ended, NOW), Some(Closed::Ended(_))));
        let failed = ("krbLoginFailedCount", "6");
        let last = ("krbLastFailedAuth", "20261128115000Z");
        assert!(FreeIpa.locked(&entry(&[failed, last]), NOW));
        assert!(!FreeIpa.locked(&entry(&[failed, last, ("krbLastAdminUnlock", "20261128115500Z")]), NOW));
        assert!(!FreeIpa.locked(&entry(&[("krbLoginFailedCount", "2"), last]), NOW));
    }

    #[test]
    fn a_password_that_expired_at_once_is_seen_and_lives_on() {
        assert!(FreeIpa.must_change(&entry(&[("krbPasswordExpiration", "20261128120000Z")]), NOW));
        assert!(!FreeIpa.must_change(&entry(&[("krbPasswordExpiration", "20270226120000Z")]), NOW));
        assert_eq!(FreeIpa.no_more_change(NOW), [("krbPasswordExpiration", texts(&["20270226120000Z"]))]);
    }

    #[test]
    fn each_refusal_of_its_plugin_is_told_apart_and_one_that_is_not_the_passwords_fault_is_none() {
        for (text, rule) in [
            ("Password is too short", Rule::Short(None)),
            ("Password reuse not permitted", Rule::Used),
            ("Too soon to change password", Rule::Young),
            ("Password is too simple", Rule::Quality),
            ("Password contains username", Rule::Words("Password contains username.".into())),
            ("Pre-Encoded passwords are not valid", Rule::Quality),
        ] {
            assert_eq!(FreeIpa.written(&answer(19, text, None)), Written::Refused(rule), "{text}");
        }
        assert!(matches!(FreeIpa.written(&answer(19, "Account expired", None)), Written::Failed { .. }));
    }

    #[test]
    fn what_its_plugins_say_at_a_sign_in_is_told_apart() {
        let said = |code, text| FreeIpa.signs_in(&answer(code, text, None));
        for text in [
            "Too many failed logins. ",
            "Entry permanently locked. ",
            "Account (Kerberos principal) is expired",
            "Account inactivated. Contact system administrator.",
        ] {
            assert!(matches!(said(53, text), SignIn::Closed(_)), "{text}");
        }
        assert_eq!((said(49, "Password is expired. "), said(49, "")), (SignIn::MustChange, SignIn::Wrong));
        assert_eq!(FreeIpa.signs_in(&answer(49, "", Some(0))), SignIn::MustChange);
        assert!(matches!(said(53, "elsewhere"), SignIn::Trouble(_)));
    }

    #[test]
    fn who_signs_in_by_more_than_a_password_is_not_served() {
        let closed = |types: &[&str]| {
            let pairs: Vec<_> = types.iter().map(|own| ("ipaUserAuthType", *own)).collect();
            FreeIpa.closed(&entry(&pairs), NOW)
        };
        for types in [&[][..], &["password"], &["Password", "otp"], &["hardened", "otp"]] {
            assert_eq!(closed(types), None, "{types:?}");
        }
        for types in [&["otp"][..], &["radius"], &["idp", "passkey"]] {
            assert!(matches!(closed(types), Some(Closed::Elsewhere(_))), "{types:?}");
        }
    }

    #[test]
    fn a_reset_opens_what_failures_locked_and_nothing_else_and_its_time_is_not_before_the_last_failure() {
        let written = |count: &str, last: &str| {
            let entry = entry(&[("krbLoginFailedCount", count), ("krbLastFailedAuth", last)]);
            FreeIpa.besides(&entry, NOW)
        };
        assert!(written("0", "20261128110000Z").is_empty());
        assert_eq!(FreeIpa.besides(&entry(&[]), NOW), [("krbLastAdminUnlock", texts(&["20261128120000Z"]))]);
        assert_eq!(written("6", "20261128110000Z"), [("krbLastAdminUnlock", texts(&["20261128120000Z"]))]);
        assert_eq!(written("6", "20261128120007Z"), [("krbLastAdminUnlock", texts(&["20261128120007Z"]))]);
    }
}
