//! Whom the service is for, and whether there is anybody.

use std::path::Path;

use sspr_config::settings::{Enable, Settings};

use super::Finding;
use crate::{command::enable::words, credential};

const CHECK: &str = "scope";

/// Whom `[scope]` serves on this machine.
pub fn examine(config: &Path, settings: &Settings) -> Vec<Finding> {
    if settings.scope.enable == Enable::None {
        return vec![Finding::warning(CHECK, "it is on for nobody", "run: sspr admin enable all, or name groups")];
    }
    let whom = words(&settings.scope.enable);
    if !rustix::process::geteuid().is_root() {
        return vec![Finding::fine(CHECK, format!("it is on for {whom}"))];
    }
    let eligible = match credential::eligible(config) {
        Ok(eligible) => eligible,
        Err(error) => {
            return vec![Finding::error(CHECK, format!("nobody can be served: {error}"), "mend what it says")];
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
    if !eligible.broken.is_empty() {
        let what =
            format!("/etc/shadow: no program can read {}; no such account is served", eligible.broken.join(", "));
        findings.push(Finding::warning(CHECK, what, "run: pwck, and correct it with vipw -s"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{super::Level, *};

    #[test]
    fn a_service_that_is_on_for_nobody_is_said() {
        let found = examine(Path::new("/nonexistent"), &Settings::default());
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].level, found[0].what.as_str()), (Level::Warning, "it is on for nobody"));
    }
}
