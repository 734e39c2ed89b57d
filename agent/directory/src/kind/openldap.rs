//! `OpenLDAP` 2.5 and 2.6, with or without the overlay ppolicy.
//!
//! A reset uses RFC 3062: a modify would store the password as clear text. It removes every pwdAccountLockedTime, even
//! one that an administrator set forever, so that is checked before.

use super::{
    super::{
        filter::Filter,
        message::{Answer, Control, Entry, PolicyError},
        times,
    },
    Closed, Kind, Replace, Rule, Write, Written, failed, is_elsewhere, rule, texts,
};

/// The value of pwdAccountLockedTime with which an administrator locks an account forever.
const FOR_GOOD: &str = "000001010000Z";

#[derive(Debug)]
pub(super) struct OpenLdap;

impl Kind for OpenLdap {
    fn attributes(&self) -> &'static [&'static str] {
        &[
            "uid",
            "uidNumber",
            "gidNumber",
            "loginShell",
            "entryUUID",
            "userPassword",
            "pwdAccountLockedTime",
            "pwdStartTime",
            "pwdEndTime",
            "pwdReset",
            "shadowExpire",
            "shadowLastChange",
        ]
    }

    fn id(&self, entry: &Entry) -> Option<String> {
        entry.text("entryUUID").map(str::to_ascii_lowercase)
    }

    fn must_see(&self) -> Option<&'static str> {
        Some("pwdAccountLockedTime")
    }

    fn closed(&self, entry: &Entry, now: i64) -> Option<Closed> {
        let time = |attribute| entry.text(attribute).and_then(times::generalized);
        if entry.values("pwdAccountLockedTime").any(|value| value.starts_with(b"0000010100")) {
            return Some(Closed::Administrator("pwdAccountLockedTime says for good"));
        }
        if time("pwdEndTime").is_some_and(|end| end <= now) {
            return Some(Closed::Ended("pwdEndTime is over"));
        }
        if time("pwdStartTime").is_some_and(|start| start > now) {
            return Some(Closed::Ended("pwdStartTime is to come"));
        }
        if entry.number("shadowExpire").is_some_and(|day| day >= 0 && times::day(now) >= day) {
            return Some(Closed::Ended("shadowExpire is over"));
        }
        if entry.values("userPassword").any(is_elsewhere) {
            return Some(Closed::Elsewhere("userPassword is {SASL}: the password is kept elsewhere"));
        }
        None
    }

    fn locked(&self, entry: &Entry, _now: i64) -> bool {
        // The end of the lock is in the policy, which other entries may not read. A reset unlocks the account in any
        // case.
        entry.text("pwdAccountLockedTime").is_some_and(|time| !time.starts_with("0000010100"))
    }

    fn writes(&self, _new: &[u8]) -> Result<Vec<Write>, Rule> {
        Ok(vec![Write::PasswordModify])
    }

    fn written(&self, answer: &Answer) -> Written {
        match (answer.code, answer.policy()) {
            (0, _) => Written::Done,
            (19, _) => Written::Refused(rule(answer).unwrap_or_else(|| by_text(&answer.text))),
            (50, Some(PolicyError::NeedsOld)) => Written::Failed {
                why: format!(
                    "pwdSafeModify is TRUE in the password policy: no reset without the old password: {answer}"
                ),
                elsewhere: false,
            },
            _ => failed(answer),
        }
    }

    fn besides(&self, entry: &Entry, now: i64) -> Replace {
        // The server never writes this. Hosts with nslcd, or with sssd's ldap_pwd_policy = shadow, would require
        // another change.
        let day = times::day(now).to_string();
        match entry.text("shadowLastChange") {
            Some(last) if last != day => vec![("shadowLastChange", texts(&[&day]))],
            _ => Vec::new(),
        }
    }

    fn no_more_change(&self, _now: i64) -> Replace {
        // The server sets this if the service has the level manage, or is the root DN, and pwdMustChange is TRUE.
        vec![("pwdReset", texts(&["FALSE"]))]
    }

    fn unlock(&self, _now: i64) -> (Replace, Vec<Control>) {
        // A replace without values succeeds even if there is no value. An administrator's lock stays.
        let stays = Filter::Not(Box::new(Filter::equal("pwdAccountLockedTime", FOR_GOOD)));
        (vec![("pwdAccountLockedTime", Vec::new())], vec![Control::assertion(&stays)])
    }
}

/// The rule that the message names. Without the control, it names most rules.
fn by_text(text: &str) -> Rule {
    if text.contains("too young") {
        Rule::Young
    } else if text.contains("history") || text.contains("existing value") {
        Rule::Used
    } else {
        Rule::Quality
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
    fn an_administrators_lock_an_ended_entry_and_a_password_kept_elsewhere_close_and_a_lock_by_failures_does_not() {
        let closed = |attribute: &str, value: &str| OpenLdap.closed(&entry(&[(attribute, value)]), NOW);
        let locked = |value: &str| OpenLdap.locked(&entry(&[("pwdAccountLockedTime", value)]), NOW);
        for lock in ["000001010000Z", "00000101000000Z"] {
            assert!(matches!(closed("pwdAccountLockedTime", lock), Some(Closed::Administrator(_))));
            assert!(!locked(lock));
        }
        assert_eq!(closed("pwdAccountLockedTime", "20261128110000Z"), None);
        assert!(locked("20261128110000Z") && !OpenLdap.locked(&entry(&[]), NOW));
        for (attribute, value) in
            [("pwdEndTime", "20261128115959Z"), ("pwdStartTime", "20261128120001Z"), ("shadowExpire", "20000")]
        {
            assert!(matches!(closed(attribute, value), Some(Closed::Ended(_))), "{attribute}");
        }
        for (attribute, value) in [
            ("pwdEndTime", "20261128120001Z"),
            ("pwdStartTime", "20261128115959Z"),
            ("shadowExpire", "-1"),
            ("shadowExpire", "30000"),
            ("userPassword", "{SSHA}x"),
        ] {
            assert_eq!(closed(attribute, value), None, "{attribute}");
        }
        assert!(matches!(closed("userPassword", "{sasl}alice@EXAMPLE.ORG"), Some(Closed::Elsewhere(_))));
    }

    #[test]
    fn each_refusal_is_told_apart_by_the_control_and_without_it_by_the_words() {
        for (policy, rule) in [(5, Rule::Quality), (6, Rule::Short(None)), (7, Rule::Young), (8, Rule::Used)] {
            assert_eq!(OpenLdap.written(&answer(19, "", Some(policy))), Written::Refused(rule));
        }
        for (text, rule) in [
            ("Password fails quality checking policy", Rule::Quality),
            ("Password is in history of old passwords", Rule::Used),
            ("Password is not being changed from existing value", Rule::Used),
            ("Password is too young to change", Rule::Young),
        ] {
            assert_eq!(OpenLdap.written(&answer(19, text, None)), Written::Refused(rule), "{text}");
        }
        assert_eq!(OpenLdap.written(&answer(0, "", None)), Written::Done);
    }

    #[test]
    fn no_right_and_a_policy_that_wants_the_old_password_have_one_code_and_are_told_apart() {
        let why = |policy| match OpenLdap.written(&answer(50, "", policy)) {
            Written::Failed { why, .. } => why,
            other => panic!("{other:?}"),
        };
        assert!(why(Some(4)).contains("pwdSafeModify") && why(None).contains("no right"));
    }

    #[test]
    fn the_day_of_the_last_change_is_written_only_where_the_entry_has_one() {
        let day = times::day(NOW).to_string();
        assert_eq!(
            OpenLdap.besides(&entry(&[("shadowLastChange", "19000")]), NOW),
            [("shadowLastChange", texts(&[&day]))]
        );
        assert!(OpenLdap.besides(&entry(&[("shadowLastChange", &day)]), NOW).is_empty());
        assert!(OpenLdap.besides(&entry(&[]), NOW).is_empty());
    }
}
