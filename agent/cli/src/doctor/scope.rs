//! Who can use the service, and whether anyone can.

use std::path::Path;

use sspr_config::settings::{Enable, RegisterMode, Settings};

use sspr_machine::{hash::YESCRYPT_COST_MAX, hash_cost};

use super::Finding;
use crate::whom::words;

const CHECK: &str = "scope";

/// Which users `[scope]` serves on this machine.
pub fn examine(root: &Path, config: &Path, settings: &Settings) -> Vec<Finding> {
    if settings.scope.enable == Enable::None {
        return vec![Finding::warning(CHECK, "it is on for nobody", "run: sspr admin enable all, or name groups")];
    }
    let whom = words(&settings.scope.enable);
    if !rustix::process::geteuid().is_root() {
        return vec![Finding::fine(CHECK, format!("it is on for {whom}"))];
    }
    let eligible = match sspr_machine::eligible(config) {
        Ok(eligible) => eligible,
        Err(error) => {
            return vec![Finding::error(CHECK, format!("nobody can be served: {error}"), "correct that")];
        }
    };
    let mut findings = vec![match eligible.accounts {
        0 => Finding::warning(
            CHECK,
            format!("it is on for {whom}, but no account of this machine can use it"),
            "an account needs a password in /etc/shadow, a login shell, and a uid from min_uid up",
        ),
        number => Finding::fine(CHECK, format!("it is on for {whom}; accounts that can use it: {number}")),
    }];
    findings.extend(not_asked(&eligible.slow, hash_cost::new_ones_are_slow(root), settings.register.mode));
    if !eligible.broken.is_empty() {
        let what =
            format!("/etc/shadow: no program can read {}; no such account is served", eligible.broken.join(", "));
        findings.push(Finding::warning(CHECK, what, "run: pwck, and correct it with vipw -s"));
    }
    findings.extend(of_shells(&eligible.shells));
    findings
}

/// Accounts that only their shell excludes, at the login prompt too.
fn of_shells(accounts: &[(String, String)]) -> Option<Finding> {
    let named: Vec<String> = accounts.iter().take(NAMED).map(|(name, shell)| format!("{name} ({shell})")).collect();
    let more = accounts.len().saturating_sub(NAMED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    (!named.is_empty()).then(|| {
        Finding::warning(
            CHECK,
            format!(
                "not served, because their shell is not a program here or, for pam_shells.so, not in /etc/shells: {}{more}",
                named.join(", ")
            ),
            "add the shell to /etc/shells, or change it: chsh -s SHELL NAME",
        )
    })
}

/// How many are named.
const NAMED: usize = 10;

/// Users who are not asked to register at a sign-in, because the hash of their password can't be checked there; and
/// whether that will be so for each `new` password.
fn not_asked(slow: &[String], new: bool, mode: RegisterMode) -> Option<Finding> {
    if (slow.is_empty() && !new) || mode == RegisterMode::Off {
        return None;
    }
    let names = slow.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    let others = slow.len().saturating_sub(NAMED);
    let names = if others == 0 { names } else { format!("{names} and {others} more") };
    let so = if mode == RegisterMode::Required { ", and \"required\" does not keep them out" } else { "" };
    let whom = match (slow.is_empty(), new) {
        (true, _) => "users who get a new password".to_owned(),
        (false, true) => format!("{names}; and users who get a new password"),
        (false, false) => names,
    };
    Some(Finding::warning(
        CHECK,
        format!("not asked to register at a sign-in{so}, as their password hash takes too long to check there: {whom}"),
        format!(
            "have them run: sspr enroll; or lower the cost of hashes (rounds= of pam_unix.so, of yescrypt to \
             {YESCRYPT_COST_MAX}), which counts from each next password on"
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::{super::Level, *};

    #[test]
    fn whom_nothing_but_the_shell_keeps_out_is_named() {
        assert_eq!(of_shells(&[]), None);
        let one = ("alice".to_owned(), "/opt/shell".to_owned());
        assert!(of_shells(std::slice::from_ref(&one)).unwrap().what.ends_with(": alice (/opt/shell)"));
        assert!(of_shells(&vec![one; 12]).unwrap().what.ends_with(" and 2 more"));
    }

    #[test]
    fn whose_hash_takes_too_long_for_a_sign_in_is_named_where_people_are_asked_to_register() {
        let slow: Vec<String> = (0..12).map(|n| format!("user{n}")).collect();
        assert_eq!(not_asked(&slow, true, RegisterMode::Off), None);
        assert_eq!(not_asked(&[], false, RegisterMode::Required), None);
        let new = not_asked(&[], true, RegisterMode::Required).unwrap();
        assert!(new.what.ends_with(": users who get a new password"), "{new:?}");
        let both = not_asked(&slow[..1], true, RegisterMode::Required).unwrap();
        assert!(both.what.ends_with(": user0; and users who get a new password"), "{both:?}");
        let skippable = not_asked(&slow[..1], false, RegisterMode::Skippable).unwrap();
        assert!(skippable.what.ends_with(": user0") && !skippable.what.contains("required"), "{skippable:?}");
        let required = not_asked(&slow, false, RegisterMode::Required).unwrap();
        assert!(required.level == Level::Warning && required.what.contains("does not keep them out"), "{required:?}");
        assert!(required.what.ends_with("user9 and 2 more"), "{required:?}");
    }

    #[test]
    fn a_service_that_is_on_for_nobody_is_said() {
        let found = examine(Path::new("/"), Path::new("/nonexistent"), &Settings::default());
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].level, found[0].what.as_str()), (Level::Warning, "it is on for nobody"));
    }
}
