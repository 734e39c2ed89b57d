//! The requirements of this machine's own modules for a password, as far as their settings say: `pam_pwquality` (or
//! `pam_cracklib`), `pam_pwhistory`, and `pam_unix` itself. They are shown to users beforehand; the modules themselves
//! decide when the password is set.

use std::path::Path;

use crate::credential::PAM_SERVICE;
use sspr_machine::{encrypting, pwquality::Quality, unix_rules::UnixRules};

/// The rules that can be described in a line each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HostRules {
    /// The minimum length.
    pub length: u8,
    /// The minimum number of digits.
    pub digits: u8,
    /// The minimum number of capital letters.
    pub capitals: u8,
    /// The minimum number of small letters.
    pub small: u8,
    /// The minimum number of other characters.
    pub others: u8,
    /// The password needs characters of this many of these four kinds.
    pub kinds: u8,
    /// Whether used passwords are refused.
    pub history: bool,
    /// Whether something is opened with the typed password, and stays locked after a reset.
    pub encrypts: bool,
}

/// The rules of this machine. Settings that can't be read are left out.
pub(super) fn read() -> HostRules {
    let lines = |module| sspr_machine::password_arguments(PAM_SERVICE, module).unwrap_or_default();
    let quality = match (lines("pam_pwquality").first(), lines("pam_cracklib").first()) {
        (Some(arguments), _) => Some(Quality::read(Path::new("/"), arguments)),
        (None, Some(arguments)) => Some(Quality::of_cracklib(arguments)),
        (None, None) => None,
    };
    let history = !lines("pam_pwhistory").is_empty();
    let encrypts = !encrypting::encrypting(Path::new("/"), &encrypting::sign_ins()).is_empty();
    HostRules { encrypts, ..of(quality.as_ref(), UnixRules::of(&lines("pam_unix")), history) }
}

/// The rules to show.
fn of(quality: Option<&Quality>, unix: UnixRules, history: bool) -> HostRules {
    // A module that only warns demands nothing.
    let mut rules = quality.filter(|quality| quality.enforces()).map(demands).unwrap_or_default();
    rules.length = rules.length.max(u8::try_from(unix.length).unwrap_or(0));
    rules.history = history || unix.remember;
    rules
}

fn demands(quality: &Quality) -> HostRules {
    // pwquality.conf(5): below zero, that many are needed; above, each one makes up for a character.
    let needed = |key: &str| u8::try_from(quality.number(key, 0).saturating_neg()).unwrap_or(0);
    let credits = ["dcredit", "ucredit", "lcredit", "ocredit"].iter().map(|key| quality.number(key, 0).max(0));
    let credits = credits.fold(0i32, i32::saturating_add);
    HostRules {
        length: u8::try_from(quality.number("minlen", 0).saturating_sub(credits)).unwrap_or(0),
        digits: needed("dcredit"),
        capitals: needed("ucredit"),
        small: needed("lcredit"),
        others: needed("ocredit"),
        kinds: u8::try_from(quality.number("minclass", 0)).unwrap_or(0),
        history: false,
        encrypts: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str, unix: &str) -> HostRules {
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let root = tempfile::tempdir().unwrap();
        of(Some(&Quality::read(root.path(), &words(line))), UnixRules::of(&[words(unix)]), false)
    }

    #[test]
    fn the_rules_are_those_of_the_settings_and_then_of_the_line() {
        assert_eq!(told("retry=3", "obscure yescrypt"), HostRules { length: 8, ..HostRules::default() });
        let strict = told("minlen=15 dcredit=-1 minclass=3 ucredit=-2 lcredit=1 ocredit=x", "");
        assert_eq!(strict, HostRules { length: 14, digits: 1, capitals: 2, kinds: 3, ..HostRules::default() });
        assert_eq!(told("minlen=2", "").length, 6, "pwquality takes no less");
        assert_eq!(told("minlen=9999", "").length, 0, "what nobody can type is nothing to tell");
        assert_eq!(told("dcredit=2147483646 ucredit=2147483646", "").length, 0);
        assert_eq!(told("dcredit=-2147483647", "").digits, 0);
    }

    #[test]
    fn a_module_that_only_warns_demands_nothing_and_pam_unix_has_rules_of_its_own() {
        assert_eq!(told("minlen=20 dcredit=-1 enforcing=0", ""), HostRules::default());
        let unix = HostRules { length: 18, history: true, ..HostRules::default() };
        assert_eq!(told("minlen=20 enforcing=0", "use_authtok minlen=18 remember=5"), unix);
        assert_eq!(told("minlen=20", "minlen=18").length, 20);
        assert!(of(None, UnixRules::default(), true).history);
    }
}
