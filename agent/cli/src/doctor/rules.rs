//! The rules for new passwords in this machine's own modules: whether a reset applies them like a user's own change,
//! and whether they are read as intended.

use std::path::Path;

use super::Finding;
use sspr_machine::{pwquality::Quality, stack::Line, unix_rules::UnixRules};

const CHECK: &str = "password";

/// The findings for the password lines `setters`, which set a password.
pub fn examine(root: &Path, setters: &[&Line]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let of = |module: &str| setters.iter().copied().find(|line| line.module == module);
    if let Some(line) = of("pam_pwquality") {
        findings.extend(quality(line, &Quality::read(root, &line.arguments)));
    }
    let remembers =
        |line: &&&Line| line.module == "pam_unix" && UnixRules::of(std::slice::from_ref(&line.arguments)).remember;
    if let Some(line) = setters.iter().find(remembers)
        && of("pam_pwhistory").is_none()
    {
        findings.push(Finding::warning(
            CHECK,
            format!(
                "{}: remember= of pam_unix.so refuses old passwords in a reset too, but does not \
                 remember the one that a reset replaced",
                line.place
            ),
            "remove remember= there, and put this line before it: password requisite pam_pwhistory.so remember=5 use_authtok",
        ));
    }
    let own =
        setters.iter().any(|line| ["pam_pwquality", "pam_passwdqc", "pam_cracklib"].contains(&line.module.as_str()));
    findings.push(Finding::fine(
        CHECK,
        if own {
            "this machine's own rules for new passwords apply as well"
        } else {
            "the rules of [password] apply; libpam-pwquality would add its own"
        },
    ));
    findings
}

fn quality(line: &Line, quality: &Quality) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(stopped) = &quality.stopped {
        findings.push(Finding::warning(
            CHECK,
            format!("{stopped}; pam_pwquality reads no further, so later lines do not count"),
            "correct that line",
        ));
    }
    if !quality.enforces() {
        findings.push(Finding::fine(
            CHECK,
            format!(
                "{}: pam_pwquality.so only warns (enforcing = 0), so a reset does not hold its rules either",
                line.place
            ),
        ));
    }
    findings
}

#[cfg(test)]
mod tests {
    use std::fs;

    use sspr_machine::stack::stack;

    use super::{super::Level, *};

    /// The findings on a machine with these password lines and these settings of pwquality.
    fn said(lines: &str, quality: &str) -> Vec<(Level, String)> {
        let root = tempfile::tempdir().unwrap();
        for directory in ["etc/pam.d", "etc/security"] {
            fs::create_dir_all(root.path().join(directory)).unwrap();
        }
        fs::write(root.path().join("etc/pam.d/sspr"), lines).unwrap();
        fs::write(root.path().join("etc/security/pwquality.conf"), quality).unwrap();
        let lines = stack(root.path(), "sspr").unwrap().unwrap();
        let findings = examine(root.path(), &lines.iter().collect::<Vec<_>>());
        findings.into_iter().map(|finding| (finding.level, finding.what)).collect()
    }

    #[test]
    fn rules_that_are_read_otherwise_than_they_were_meant_are_named_with_file_and_line() {
        let lines = "password requisite pam_pwquality.so\npassword required pam_unix.so use_authtok\n";
        let found = said(lines, "# caf\nminlen == 20\n");
        assert!(
            found[0].0 == Level::Warning
                && found[0].1.starts_with("/etc/security/pwquality.conf:2: the value is not a number"),
            "{found:?}"
        );
        assert_eq!(said(lines, "minlen 20\n").len(), 1);
        let found = said(lines, "enforcing = 0\n");
        assert!(found[0].0 == Level::Fine && found[0].1.starts_with("/etc/pam.d/sspr:1: "), "{found:?}");
    }

    #[test]
    fn what_pam_unix_does_not_remember_in_a_reset_is_said_unless_pam_pwhistory_does() {
        let unix = "password required pam_unix.so remember=5\n";
        let found = said(unix, "");
        assert!(found[0].0 == Level::Warning && found[0].1.starts_with("/etc/pam.d/sspr:1: remember="), "{found:?}");
        assert_eq!(said(&format!("password requisite pam_pwhistory.so\n{unix}"), "").len(), 1);
        assert_eq!(said("password required pam_unix.so minlen=20\n", "").len(), 1);
    }
}
