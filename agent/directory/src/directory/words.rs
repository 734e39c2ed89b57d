//! The words of a server, for logs and for a refusal that the user reads. Words that contain the password are left out.

use sspr_config::{
    credential::{Change, Error},
    directory::Rule,
};

/// Replaces words that contain the password.
const REPEATS: &str = "the server repeats the password in its words, so they are left out";

/// These words, unless they contain `password`.
pub(super) fn plain(words: String, password: &[u8]) -> String {
    if repeats(&words, password) { REPEATS.to_owned() } else { words }
}

/// The error without the password in its words.
pub(super) fn of_error(error: Error, password: &[u8]) -> Error {
    match error {
        Error::Refused(why) => Error::Refused(plain(why, password)),
        Error::Unavailable(why) => Error::Unavailable(plain(why, password)),
        Error::Failed(why) => Error::Failed(plain(why, password)),
        // The other errors contain no words of a server.
        other => other,
    }
}

/// The outcome of a change without the password in its words.
pub(super) fn of_change(outcome: Result<Change, Error>, password: &[u8]) -> Result<Change, Error> {
    match outcome {
        // The user reads a complete sentence instead.
        Ok(Change::Refused(words)) if repeats(&words, password) => Ok(Change::Refused(Rule::Quality.to_string())),
        Ok(Change::ChangedWithWarning(why)) => Ok(Change::ChangedWithWarning(plain(why, password))),
        Ok(outcome) => Ok(outcome),
        Err(error) => Err(of_error(error, password)),
    }
}

fn repeats(words: &str, password: &[u8]) -> bool {
    let password = String::from_utf8_lossy(password).to_lowercase();
    !password.is_empty() && words.to_lowercase().contains(&password)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_the_password_in_them_in_whatever_case_are_left_out_and_others_stay() {
        assert_eq!(plain("code 19: tr0ub4dor is weak".to_owned(), b"Tr0ub4dor"), REPEATS);
        assert_eq!(plain("code 19: weak".to_owned(), b"Tr0ub4dor"), "code 19: weak");
        assert_eq!(plain("code 19".to_owned(), b""), "code 19");
        for error in [Error::Refused, Error::Unavailable, Error::Failed] {
            let kept = error("no".to_owned());
            assert_eq!(of_error(error("no: secret".to_owned()), b"secret"), error(REPEATS.to_owned()));
            assert_eq!(of_error(error("no".to_owned()), b"secret"), kept);
        }
        let said = of_change(Ok(Change::ChangedWithWarning("secret".to_owned())), b"secret");
        assert_eq!(said, Ok(Change::ChangedWithWarning(REPEATS.to_owned())));
        let said = of_change(Ok(Change::Refused("It is secret.".to_owned())), b"secret");
        assert_eq!(said, Ok(Change::Refused("The password is too simple for the directory.".to_owned())));
        assert_eq!(of_change(Ok(Change::Changed), b"secret"), Ok(Change::Changed));
    }
}
