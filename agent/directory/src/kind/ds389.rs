//! 389 Directory Server 2.3 and 3.1.
//!
//! A reset is a modify of userPassword: the server hashes the password, checks it against its rules and names the
//! broken rule in words. If the service may act as the user (an ACI with `proxy`), it does. Then the user need not
//! change the password again (passwordMustChange).

use super::{
    super::{
        message::{Answer, Control, Entry},
        times,
    },
    Closed, Kind, Replace, Rule, SignIn, Write, Written, failed, number_before, rule, signs_in, texts,
};

/// The value of passwordExpirationTime after a reset by another entry if passwordMustChange is on.
const MUST_CHANGE: &str = "19700101000000Z";
/// How long a password is valid by default (passwordMaxAge), in seconds.
const MAX_AGE: i64 = 8_640_000;

#[derive(Debug)]
pub(super) struct Ds389;

impl Kind for Ds389 {
    fn attributes(&self) -> &'static [&'static str] {
        &[
            "uid",
            "uidNumber",
            "gidNumber",
            "loginShell",
            "nsUniqueId",
            "nsAccountLock",
            "passwordRetryCount",
            "accountUnlockTime",
            "passwordExpirationTime",
            "shadowExpire",
        ]
    }

    fn id(&self, entry: &Entry) -> Option<String> {
        entry.text("nsUniqueId").map(str::to_ascii_lowercase)
    }

    fn closed(&self, entry: &Entry, now: i64) -> Option<Closed> {
        if entry.has("nsAccountLock", "true") {
            return Some(Closed::Administrator("nsAccountLock"));
        }
        if entry.number("shadowExpire").is_some_and(|day| day >= 0 && times::day(now) >= day) {
            return Some(Closed::Ended("shadowExpire is over"));
        }
        None
    }

    fn locked(&self, entry: &Entry, now: i64) -> bool {
        // A reset leaves accountUnlockTime unchanged, so it is valid only while failures are counted. 1970 means
        // forever.
        let counted = entry.number("passwordRetryCount").is_some_and(|count| count > 0);
        let until = entry.text("accountUnlockTime").and_then(times::generalized);
        counted && until.is_some_and(|until| until == 0 || until > now)
    }

    fn protected_groups(&self) -> &'static [&'static str] {
        &["Directory Administrators", "Password Administrators"]
    }

    fn writes(&self, new: &[u8]) -> Result<Vec<Write>, Rule> {
        let replace = || vec![("userPassword", vec![new.to_vec().into()])];
        Ok(vec![Write::AsThePerson(replace()), Write::Modify(replace())])
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

    fn must_change(&self, entry: &Entry, _now: i64) -> bool {
        entry.text("passwordExpirationTime") == Some(MUST_CHANGE)
    }

    fn no_more_change(&self, now: i64) -> Replace {
        // This attribute counts, not pwdReset.
        let end = times::to_generalized(now.saturating_add(MAX_AGE)).unwrap_or_default();
        vec![("passwordExpirationTime", texts(&[&end]))]
    }

    fn signs_in(&self, answer: &Answer) -> SignIn {
        match answer.code {
            // Other servers report 49 for this.
            19 => SignIn::Closed("locked".to_owned()),
            53 if answer.text.contains("inactivated") => SignIn::Closed("inactivated".to_owned()),
            _ => signs_in(answer),
        }
    }

    fn unlock(&self, _now: i64) -> (Replace, Vec<Control>) {
        (vec![("passwordRetryCount", texts(&["0"])), ("accountUnlockTime", Vec::new())], Vec::new())
    }
}

/// The rule that the server's message names after a modify. After RFC 3062 the message says only that it failed.
fn by_text(text: &str) -> Option<Rule> {
    if text.contains("minimum age") {
        return Some(Rule::Young);
    }
    if text.contains("in history") {
        return Some(Rule::Used);
    }
    let words = text.strip_prefix("invalid password syntax - ")?;
    if words.contains("characters long")
        && let Some(least) = number_before(words, "characters")
    {
        return Some(Rule::Short(Some(least)));
    }
    // The messages for a hash in place of a password, and for trivial words.
    if words.contains("storage scheme") || words.contains("based off of user entry") {
        return Some(Rule::Quality);
    }
    Some(Rule::Words(format!("The {}.", words.trim_end_matches('.'))))
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{answer, entry},
        *,
    };

    const NOW: i64 = 1_795_867_200;

    #[test]
    fn what_the_server_says_in_words_is_told_with_its_number_and_the_control_helps_where_it_says_nothing() {
        for (text, policy, rule) in [
            ("invalid password syntax - password must be at least 10 characters long", Some(5), Rule::Short(Some(10))),
            ("password in history", Some(8), Rule::Used),
            ("within password minimum age", Some(7), Rule::Young),
            ("Failed to update password", Some(8), Rule::Used),
            ("Failed to update password", Some(5), Rule::Quality),
            ("Failed to update password", None, Rule::Quality),
            ("invalid password syntax - passwords with storage scheme are not allowed", Some(5), Rule::Quality),
            (
                "invalid password syntax - password must contain at least 2 digit characters",
                Some(5),
                Rule::Words("The password must contain at least 2 digit characters.".into()),
            ),
        ] {
            assert_eq!(Ds389.written(&answer(19, text, policy)), Written::Refused(rule), "{text}");
        }
    }

    #[test]
    fn a_time_to_unlock_at_says_nothing_where_no_failures_are_counted() {
        let state = |count: &str, until: &str| {
            Ds389.locked(&entry(&[("passwordRetryCount", count), ("accountUnlockTime", until)]), NOW)
        };
        assert!(state("3", "20261128130000Z") && state("3", "19700101000000Z"));
        assert!(!state("0", "20261128130000Z") && !state("3", "20261128110000Z"));
        assert!(!Ds389.locked(&entry(&[("passwordRetryCount", "3")]), NOW));
    }

    #[test]
    fn an_inactivated_account_is_closed_and_a_locked_one_has_a_code_of_its_own() {
        assert!(matches!(Ds389.closed(&entry(&[("nsAccountLock", "TRUE")]), NOW), Some(Closed::Administrator(_))));
        assert_eq!(Ds389.closed(&entry(&[("nsAccountLock", "false")]), NOW), None);
        assert_eq!(
            Ds389.signs_in(&answer(19, "Exceed password retry limit. Please try later.", None)),
            SignIn::Closed("locked".into())
        );
        let inactivated = "Account inactivated. Contact system administrator.";
        assert_eq!(Ds389.signs_in(&answer(53, inactivated, Some(1))), SignIn::Closed("inactivated".into()));
        assert_eq!(Ds389.signs_in(&answer(0, "", Some(2))), SignIn::MustChange);
    }

    #[test]
    fn the_person_is_acted_for_where_that_is_allowed_and_a_change_that_must_follow_is_seen() {
        let ways = Ds389.writes(b"new").unwrap();
        assert!(matches!(ways.as_slice(), [Write::AsThePerson(_), Write::Modify(_)]));
        assert!(Ds389.must_change(&entry(&[("passwordExpirationTime", MUST_CHANGE)]), NOW));
        assert!(!Ds389.must_change(&entry(&[("passwordExpirationTime", "20270308120000Z")]), NOW));
        assert_eq!(Ds389.no_more_change(NOW), [("passwordExpirationTime", texts(&["20270308120000Z"]))]);
    }
}
