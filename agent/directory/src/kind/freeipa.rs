//! `FreeIPA`. Not tried on a real server: there is none in Debian. By its documents and sources it is 389 Directory Server with states of
//! Kerberos beside; a password that somebody else set has expired at once.

use super::{
    super::{
        message::{Answer, Control, Entry},
        times,
    },
    Closed, Kind, Replace, Rule, SignIn, Write, Written, failed, rule, signs_in, texts,
};

/// For so long a password holds by default, in seconds.
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
        None
    }

    fn locked(&self, entry: &Entry, _now: i64) -> bool {
        let time = |attribute| entry.text(attribute).and_then(times::generalized);
        let counted = entry.number("krbLoginFailedCount").is_some_and(|count| count >= 6);
        counted && time("krbLastAdminUnlock") <= time("krbLastFailedAuth")
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
            19 => Written::Refused(by_text(&answer.text).or_else(|| rule(answer)).unwrap_or(Rule::Quality)),
            _ => failed(answer),
        }
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

    fn signs_in(&self, answer: &Answer) -> SignIn {
        match answer.code {
            19 => SignIn::Closed("locked".to_owned()),
            53 if answer.text.contains("inactivated") => SignIn::Closed("inactivated".to_owned()),
            53 if answer.text.contains("xpired") => SignIn::MustChange,
            _ => signs_in(answer),
        }
    }

    fn unlock(&self, now: i64) -> (Replace, Vec<Control>) {
        // Not nsAccountLock: whom an administrator disabled stays so. This one reaches the other servers.
        let time = times::to_generalized(now).unwrap_or_default();
        (vec![("krbLastAdminUnlock", texts(&[&time]))], Vec::new())
    }
}

fn by_text(text: &str) -> Option<Rule> {
    if text.contains("too short") {
        Some(Rule::Short(None))
    } else if text.contains("reuse") || text.contains("history") {
        Some(Rule::Used)
    } else if text.contains("too young") || text.contains("too soon") {
        Some(Rule::Young)
    } else {
        None
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
        assert_eq!(FreeIpa.written(&answer(19, "Password is too short", None)), Written::Refused(Rule::Short(None)));
    }
}
