//! Samba as a domain controller 4.17 to 4.22, and Active Directory (not tried on Microsoft's).
//!
//! A reset is one modify of unicodePwd and lockoutTime together, so both are written or neither is. unicodePwd alone
//! leaves an account locked. userPassword and RFC 3062 do nothing, even if the server reports success.

use super::{
    super::{
        message::{Answer, Control, Entry, INVALID_CREDENTIALS, POLICY_HINTS},
        times,
    },
    Closed, Kind, Replace, Rule, SignIn, Write, Written, failed, hex, number_before, texts,
};

/// userAccountControl: an administrator disabled the account.
const DISABLED: i64 = 0x2;
/// userAccountControl: the account of a computer or a domain.
const NO_PERSON: i64 = 0x0800 | 0x1000 | 0x2000;
/// msDS-User-Account-Control-Computed: the account is locked now.
const LOCKED: i64 = 0x10;
/// accountExpires: the account never expires.
const NEVER: [i64; 2] = [0, i64::MAX];

#[derive(Debug)]
pub(super) struct Ad;

impl Kind for Ad {
    fn attributes(&self) -> &'static [&'static str] {
        &[
            "sAMAccountName",
            "userPrincipalName",
            "objectGUID",
            "objectSid",
            "userAccountControl",
            "msDS-User-Account-Control-Computed",
            "accountExpires",
            "lockoutTime",
            "adminCount",
            "isCriticalSystemObject",
            "uidNumber",
            "loginShell",
        ]
    }

    fn id(&self, entry: &Entry) -> Option<String> {
        entry.values("objectGUID").next().filter(|id| id.len() == 16).map(hex)
    }

    fn closed(&self, entry: &Entry, now: i64) -> Option<Closed> {
        let Some(control) = entry.number("userAccountControl") else {
            return Some(Closed::Administrator("userAccountControl can't be read"));
        };
        if control & DISABLED != 0 {
            return Some(Closed::Administrator("disabled"));
        }
        let end = entry.number("accountExpires").filter(|end| !NEVER.contains(end));
        if end.is_some_and(|end| times::filetime(end) <= now) {
            return Some(Closed::Ended("accountExpires is over"));
        }
        None
    }

    fn locked(&self, entry: &Entry, _now: i64) -> bool {
        match entry.number("msDS-User-Account-Control-Computed") {
            Some(computed) => computed & LOCKED != 0,
            None => entry.number("lockoutTime").is_some_and(|time| time > 0),
        }
    }

    fn protected(&self, entry: &Entry) -> Option<&'static str> {
        if entry.number("userAccountControl").is_some_and(|control| control & NO_PERSON != 0) {
            return Some("an account of a computer or of a domain");
        }
        if entry.number("adminCount").is_some_and(|count| count > 0) {
            return Some("adminCount: it is or was an administrator");
        }
        if entry.has("isCriticalSystemObject", "TRUE") {
            return Some("isCriticalSystemObject");
        }
        None
    }

    fn writes(&self, new: &[u8]) -> Result<Vec<Write>, Rule> {
        // The value is UTF-16, so the password must be text.
        let Ok(text) = std::str::from_utf8(new) else { return Err(Rule::Quality) };
        let mut value = zeroize::Zeroizing::new(Vec::with_capacity(2 * new.len() + 4));
        for unit in "\"".encode_utf16().chain(text.encode_utf16()).chain("\"".encode_utf16()) {
            value.extend_from_slice(&unit.to_le_bytes());
        }
        Ok(vec![Write::Modify(vec![("unicodePwd", vec![value]), ("lockoutTime", texts(&["0"]))])])
    }

    fn controls(&self, known: &[String]) -> Vec<Control> {
        // Samba does not know this control: it refuses it if critical, and ignores it otherwise.
        known.iter().any(|oid| oid == POLICY_HINTS).then(Control::policy_hints).into_iter().collect()
    }

    fn written(&self, answer: &Answer) -> Written {
        match answer.code {
            0 => Written::Done,
            19 => Written::Refused(by_text(&answer.text)),
            // A rule refuses the password; the server reports it with another code.
            _ if answer.text.contains("0000052D") => Written::Refused(by_text(&answer.text)),
            _ => failed(answer),
        }
    }

    fn signs_in(&self, answer: &Answer) -> SignIn {
        let data = answer.text.split("data ").nth(1).map(|rest| rest.split([',', ' ']).next().unwrap_or_default());
        match (answer.code, data) {
            // The server reports these two numbers for a correct password, at a wrong hour or from a wrong workstation.
            (0, _) | (INVALID_CREDENTIALS, Some("530" | "531")) => SignIn::Yes,
            (INVALID_CREDENTIALS, Some("775")) => SignIn::Closed("locked".to_owned()),
            (INVALID_CREDENTIALS, Some("533")) => SignIn::Closed("disabled".to_owned()),
            (INVALID_CREDENTIALS, Some("701")) => SignIn::Closed("ended".to_owned()),
            // The server reports both only for a correct password.
            (INVALID_CREDENTIALS, Some("773" | "532")) => SignIn::MustChange,
            (INVALID_CREDENTIALS, _) => SignIn::Wrong,
            _ => SignIn::Trouble(answer.to_string()),
        }
    }

    fn unlock(&self, _now: i64) -> (Replace, Vec<Control>) {
        (vec![("lockoutTime", texts(&["0"]))], Vec::new())
    }

    fn has_sids(&self) -> bool {
        true
    }
}

/// The words for a refusal by Microsoft's, which reports only a number, whichever rule it is.
const UNTOLD: &str =
    "It may be too short, too simple or one that you used before, or the last change may be too recent.";

fn by_text(text: &str) -> Rule {
    if text.contains("problem ") {
        Rule::Words(UNTOLD.to_owned())
    } else if text.contains("too short") {
        Rule::Short(number_before(text, "characters"))
    } else if text.contains("too young") {
        Rule::Young
    } else if text.contains("history") {
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
    fn password_and_lockout_are_written_in_one_modify_and_the_password_is_quoted_utf_16() {
        let ways = Ad.writes("pä\"x".as_bytes()).unwrap();
        let [Write::Modify(replace)] = ways.as_slice() else { panic!("{ways:?}") };
        assert_eq!(replace[0].0, "unicodePwd");
        assert_eq!(replace[0].1[0].as_slice(), b"\"\0p\0\xe4\0\"\0x\0\"\0");
        assert_eq!(replace[1], ("lockoutTime", texts(&["0"])));
        assert_eq!(Ad.writes(b"latin-1 \xe9"), Err(Rule::Quality));
    }

    #[test]
    fn the_servers_words_are_told_with_their_number() {
        for (text, rule) in [
            (
                "0000052D: Constraint violation - check_password_restrictions: the password is too short. It should be equal or longer than 7 characters!",
                Rule::Short(Some(7)),
            ),
            (
                "0000052D: Constraint violation - check_password_restrictions: the password is too short. It should be equal to or longer than 20 characters!",
                Rule::Short(Some(20)),
            ),
            (
                "0000052D: check_password_restrictions: the password does not meet the complexity criteria!",
                Rule::Quality,
            ),
            ("0000052D: the password is too young to change!", Rule::Young),
        ] {
            assert_eq!(Ad.written(&answer(19, text, None)), Written::Refused(rule), "{text}");
        }
        assert!(matches!(Ad.written(&answer(50, "00002098: Object", None)), Written::Failed { .. }));
    }

    #[test]
    fn of_microsofts_only_the_number_is_known_and_the_person_reads_all_that_it_may_be() {
        for (code, text) in [
            (53, "0000052D: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0"),
            (
                19,
                "0000052D: AtrErr: DSID-03191083, #1: 0: 0000052D: DSID-03191083, problem 1005 (CONSTRAINT_ATT_TYPE), data 0, Att 9005a (unicodePwd)",
            ),
        ] {
            assert_eq!(Ad.written(&answer(code, text, None)), Written::Refused(Rule::Words(UNTOLD.into())), "{text}");
        }
        // The session has no encryption or no right, or leads to a port of the global catalog or to a read-only
        // controller.
        for (code, text, elsewhere) in [
            (53, "0000001F: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0", true),
            (50, "00000005: SecErr: DSID-031A11EF, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0", true),
            (
                53,
                "00002035: LdapErr: DSID-0C090FD2, comment: Operation not allowed through GC port, data 0, v4563",
                true,
            ),
            (10, "0000202B: RefErr: DSID-0310078A, data 0, 1 access points", true),
        ] {
            let Written::Failed { elsewhere: other, .. } = Ad.written(&answer(code, text, None)) else {
                panic!("{text}")
            };
            assert_eq!(other, elsewhere, "{text}");
        }
    }

    #[test]
    fn hints_go_along_only_where_the_server_says_that_it_knows_them() {
        assert!(Ad.controls(&[]).is_empty());
        let controls = Ad.controls(&[POLICY_HINTS.to_owned()]);
        assert_eq!(controls.len(), 1);
        assert!(controls[0].critical && controls[0].value.as_deref() == Some(&[0x30, 3, 2, 1, 1]));
    }

    #[test]
    fn each_number_in_a_refused_bind_is_told_apart() {
        let said = |data: &str| {
            let text =
                format!("80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data {data}, v1db1");
            Ad.signs_in(&answer(49, &text, None))
        };
        for closed in ["775", "533", "701"] {
            assert!(matches!(said(closed), SignIn::Closed(_)), "{closed}");
        }
        assert_eq!(
            (said("773"), said("532"), said("52e"), said("525")),
            (SignIn::MustChange, SignIn::MustChange, SignIn::Wrong, SignIn::Wrong)
        );
        assert_eq!(Ad.signs_in(&answer(49, "", None)), SignIn::Wrong);
    }

    #[test]
    fn disabled_ended_unreadable_and_administrators_are_refused_and_locked_is_seen() {
        let normal = ("userAccountControl", "512");
        assert_eq!(Ad.closed(&entry(&[normal, ("accountExpires", "9223372036854775807")]), NOW), None);
        assert_eq!(Ad.closed(&entry(&[normal, ("accountExpires", "0")]), NOW), None);
        assert!(matches!(
            Ad.closed(&entry(&[normal, ("accountExpires", "132000000000000000")]), NOW),
            Some(Closed::Ended(_))
        ));
        for closed in [vec![("userAccountControl", "514")], vec![]] {
            assert!(matches!(Ad.closed(&entry(&closed), NOW), Some(Closed::Administrator(_))));
        }
        for protected in [
            vec![("userAccountControl", "4096")],
            vec![normal, ("adminCount", "1")],
            vec![("isCriticalSystemObject", "TRUE")],
        ] {
            assert!(Ad.protected(&entry(&protected)).is_some(), "{protected:?}");
        }
        assert_eq!(Ad.protected(&entry(&[normal, ("adminCount", "0")])), None);
        let computed = "msDS-User-Account-Control-Computed";
        assert!(
            Ad.locked(&entry(&[(computed, "16")]), NOW)
                && !Ad.locked(&entry(&[(computed, "8388608"), ("lockoutTime", "5")]), NOW)
        );
    }
}
