//! The name of an account, as it is typed on the command line.

use std::convert::Infallible;

use sspr_core::typed;
use sspr_machine::names;

/// An account's name as it was meant, where there is none that is called just what was typed.
#[allow(clippy::unnecessary_wraps, reason = "clap wants it so")]
pub(super) fn account(text: &str) -> Result<String, Infallible> {
    let meant = typed::argument(text);
    Ok(if meant == text || matches!(names::user(text), Ok(Some(_))) { text.to_owned() } else { meant })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pasted_along_with_a_name_is_passed_over_and_a_name_that_is_there_is_taken_as_it_is() {
        for mark in typed::PASTED {
            assert_eq!(account(&format!("{mark}alice{mark}")).unwrap(), "alice", "{mark:?}");
        }
        for name in ["root", "alice", "DOM\\bob", "no such name"] {
            assert_eq!(account(name).unwrap(), name);
        }
    }
}
