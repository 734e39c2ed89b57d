//! The meaning of what kadmin and kinit print.

use super::super::kind::{Rule, SignIn, Written};

/// Nothing was written, for this reason. Another server would not help.
pub(super) fn not_written(why: &str) -> Written {
    Written::Failed { why: why.to_owned(), elsewhere: false }
}

/// The meaning of kadmin's message after a failure; `None` if the password may have been set anyway, as when an answer
/// was lost.
pub(super) fn written(words: &str) -> Option<Written> {
    let has = |text: &str| words.contains(text);
    let rule = if has("too short") {
        Rule::Short(None)
    } else if has("enough character classes") || has("in the password dictionary") {
        Rule::Quality
    } else if has("Cannot reuse password") {
        Rule::Used
    } else if has("minimum life") {
        Rule::Young
    } else {
        // The failure came before the request was sent, or as the answer to it.
        let is_certain = has("while initializing")
            || (has("Operation requires ``") && has("'' privilege"))
            || has("Insufficient authorization for operation")
            || has("Principal does not exist");
        return is_certain.then(|| not_written(&format!("kadmin: {words}")));
    };
    Some(Written::Refused(rule))
}

/// The meaning of kinit's message if it got no ticket.
pub(super) fn signs_in(words: &str) -> SignIn {
    let has = |text: &str| words.contains(text);
    // Both are reported only for a correct password.
    if has("Password expired") || has("Password has expired") {
        SignIn::MustChange
    } else if has("credentials have been revoked") {
        SignIn::Closed("locked, or closed by an administrator".to_owned())
    } else if has("entry in database has expired") {
        SignIn::Closed("ended".to_owned())
    } else if has("Password incorrect") || has("Preauthentication failed") || has("not found in Kerberos database") {
        SignIn::Wrong
    } else {
        SignIn::Trouble(format!("kinit: {words}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_refusal_are_told_apart() {
        for (words, rule) in [
            ("change_password: Password is too short while changing password for \"a@R\".", Rule::Short(None)),
            ("change_password: Password does not contain enough character classes while", Rule::Quality),
            ("change_password: Password is in the password dictionary while changing", Rule::Quality),
            ("change_password: Cannot reuse password while changing", Rule::Used),
            ("change_password: Current password's minimum life has not expired while changing", Rule::Young),
        ] {
            assert_eq!(written(words), Some(Written::Refused(rule)), "{words}");
        }
    }

    #[test]
    fn only_words_that_are_said_before_a_write_or_in_place_of_it_mean_that_nothing_was_written() {
        for certain in [
            "change_password: Operation requires ``change-password'' privilege while changing password for \"a@R\".",
            "change_password: Insufficient authorization for operation while changing password for \"a@R\".",
            "change_password: Principal does not exist while changing password for \"a@R\".",
            "kadmin: Communication failure with server while initializing kadmin interface",
            "kadmin: Client 'x@R' not found in Kerberos database while initializing kadmin interface",
        ] {
            assert!(matches!(written(certain), Some(Written::Failed { elsewhere: false, .. })), "{certain}");
        }
        for lost in [
            "change_password: Communication failure with server while changing password for \"a@R\".",
            "change_password: GSS-API (or Kerberos) error while changing password for \"a@R\".",
            "change_password: Operation failed for unspecified reason while changing password for \"a@R\".",
            "Terminated",
            "",
        ] {
            assert_eq!(written(lost), None, "{lost}");
        }
    }
}
