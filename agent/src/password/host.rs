//! What this machine's own modules ask of a password, as far as their settings say it: `pam_pwquality` (or `pam_cracklib`)
//! and `pam_pwhistory`. For telling people beforehand; the modules themselves decide when the password is set.

use std::{collections::BTreeMap, fs, path::Path};

use crate::{
    credential::{self, PAM_SERVICE},
    files,
    pam_stacks::{self, SIGN_INS},
};

const SETTINGS: &str = "/etc/security/pwquality.conf";
const DROP_INS: &str = "/etc/security/pwquality.conf.d";

/// What can be said in a line each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HostRules {
    /// The least length.
    pub length: u8,
    /// The least number of digits.
    pub digits: u8,
    /// The least number of capital letters.
    pub capitals: u8,
    /// The least number of small letters.
    pub small: u8,
    /// The least number of other characters.
    pub others: u8,
    /// From so many of these four kinds there must be something.
    pub kinds: u8,
    /// Passwords that were used before are refused.
    pub history: bool,
    /// Something is opened with the password that was typed, and stays locked after a reset.
    pub encrypts: bool,
}

/// The rules of this machine. What can't be read is left out.
pub(super) fn read() -> HostRules {
    let lines = |module| credential::password_arguments(PAM_SERVICE, module).unwrap_or_default();
    let mut files = vec![files::text(Path::new(SETTINGS)).unwrap_or_default()];
    let mut drop_ins: Vec<_> =
        fs::read_dir(DROP_INS).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    drop_ins.sort();
    let is_conf = |path: &&std::path::PathBuf| Path::extension(path).is_some_and(|e| e == "conf");
    files.extend(drop_ins.iter().filter(is_conf).filter_map(|path| files::text(path).ok()));
    let cracklib = lines("pam_cracklib");
    let mut rules = match lines("pam_pwquality").first() {
        Some(arguments) => of(&files, arguments),
        None => cracklib.first().map_or_else(HostRules::default, |arguments| of(&[], arguments)),
    };
    rules.history = !lines("pam_pwhistory").is_empty();
    rules.encrypts = !pam_stacks::encrypting(Path::new("/"), &SIGN_INS).is_empty();
    rules
}

/// What settings files and arguments come to; the last word counts.
fn of(files: &[String], arguments: &[String]) -> HostRules {
    let mut values: BTreeMap<&str, i32> = BTreeMap::new();
    let lines = files.iter().flat_map(|text| text.lines()).filter_map(|line| line.split('#').next());
    for (key, value) in lines.chain(arguments.iter().map(String::as_str)).filter_map(|entry| entry.split_once('=')) {
        if let Ok(value) = value.trim().parse() {
            values.insert(key.trim(), value);
        }
    }
    let value = |key: &str, default| values.get(key).copied().unwrap_or(default);
    // pwquality.conf(5): below zero, so many are needed; above, each one makes up for a character.
    let needed = |key: &str| u8::try_from(-value(key, 0)).unwrap_or(0);
    let credits: i32 = ["dcredit", "ucredit", "lcredit", "ocredit"].iter().map(|key| value(key, 0).max(0)).sum();
    HostRules {
        length: u8::try_from(value("minlen", 8).max(6) - credits).unwrap_or(0),
        digits: needed("dcredit"),
        capitals: needed("ucredit"),
        small: needed("lcredit"),
        others: needed("ocredit"),
        kinds: u8::try_from(value("minclass", 0)).unwrap_or(0),
        history: false,
        encrypts: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_are_those_of_the_settings_and_then_of_the_line() {
        let plain = of(&["# minlen = 20\n# dcredit = -1\n".into()], &["retry=3".into()]);
        assert_eq!(plain, HostRules { length: 8, ..HostRules::default() });
        let files = ["minlen = 14\ndcredit = -1\nminclass=3 # of four\n".into(), "minlen = 15\n".into()];
        let strict = of(&files, &["ucredit=-2".into(), "lcredit=1".into(), "ocredit=x".into()]);
        assert_eq!(strict, HostRules { length: 14, digits: 1, capitals: 2, kinds: 3, ..HostRules::default() });
        assert_eq!(of(&[], &["minlen=2".into()]).length, 6, "pwquality takes no less");
        assert_eq!(of(&[], &["minlen=9999".into()]).length, 0, "what nobody can type is nothing to tell");
    }
}
