//! Password modules of this machine that need more than the helper's unit allows: a password history in another place,
//! and programs that notify other systems.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use super::Finding;
use sspr_machine::{
    files,
    history::history_file,
    stack::{Line, stack},
};

const CHECK: &str = "password";
const UNIT: &str = "sspr-credential.service";

/// The settings with which a drop-in gives a program more rights.
const MORE: [&str; 4] = ["PrivateNetwork=", "ReadWritePaths=", "ProtectSystem=", "IPAddressDeny="];

/// The helper's rights according to its unit.
#[derive(Debug, Default)]
struct Unit {
    writable: Vec<String>,
    read_only: Vec<String>,
    /// A drop-in gives programs more than the unit as shipped.
    opened: bool,
}

/// On this machine.
pub fn examine(root: &Path) -> Vec<Finding> {
    // An unreadable file is reported elsewhere.
    let Ok(Some(lines)) = stack(root, "sspr") else { return Vec::new() };
    let lines: Vec<&Line> = lines.iter().filter(|line| line.kind == "password").collect();
    if !lines.iter().any(|line| ["pam_pwhistory", "pam_exec"].contains(&line.module.as_str())) {
        return Vec::new();
    }
    let Some(unit) = unit() else {
        return vec![Finding::fine(CHECK, "not checked: whether the helper's unit restricts password modules")];
    };
    judge(root, &lines, &unit)
}

fn judge(root: &Path, lines: &[&Line], unit: &Unit) -> Vec<Finding> {
    lines.iter().filter_map(|line| history(root, line, unit).or_else(|| program(line, unit))).collect()
}

/// `pam_pwhistory` with a file that the helper can't write.
fn history(root: &Path, line: &Line, unit: &Unit) -> Option<Finding> {
    if line.module != "pam_pwhistory" {
        return None;
    }
    let (file, place) = history_file(root, &line.arguments)?;
    let place = place.unwrap_or_else(|| line.place.clone());
    let directory = Path::new(&file).parent()?.display().to_string();
    (!is_writable(&directory, unit)).then(|| {
        Finding::error(
            CHECK,
            format!("{place}: pam_pwhistory.so keeps old passwords in {file}, where the helper may not write: no password can be set"),
            format!("run: systemctl edit {UNIT}; write: [Service] ReadWritePaths={directory}"),
        )
    })
}

/// The longest path in the unit that matches decides; without a match, it is read-only.
fn is_writable(directory: &str, unit: &Unit) -> bool {
    let longest = |paths: &[String]| {
        paths.iter().filter(|path| Path::new(directory).starts_with(path)).map(String::len).max().unwrap_or(0)
    };
    longest(&unit.writable) > longest(&unit.read_only)
}

/// A program that runs while a password is set. It has no network, and can write only in /etc.
fn program(line: &Line, unit: &Unit) -> Option<Finding> {
    if line.module != "pam_exec" {
        return None;
    }
    let path = line.arguments.iter().find(|argument| argument.starts_with('/')).map_or("a program", String::as_str);
    let what = format!("{}: pam_exec.so runs {path}", line.place);
    Some(if unit.opened {
        Finding::fine(
            CHECK,
            format!(
                "{what}, for which a drop-in of {UNIT} gives the helper more; whether that is enough was not checked"
            ),
        )
    } else {
        Finding::warning(
            CHECK,
            format!(
                "{what}, which in a reset has no network and no place to write but /etc, not even home directories: its \
                 work may fail there"
            ),
            format!(
                "give it what it needs: systemctl edit {UNIT}, with [Service] and those of these lines that it needs: PrivateNetwork=no; \
                 IPAddressDeny= (nothing after it); RestrictAddressFamilies=AF_INET AF_INET6; ReadWritePaths=/DIRECTORY"
            ),
        )
    })
}

/// What systemd knows about the helper's unit; `None` if it can't be asked.
fn unit() -> Option<Unit> {
    const PROPERTIES: &str = "-pReadWritePaths,ReadOnlyPaths,DropInPaths";
    let mut command = Command::new("systemctl");
    let output = command.args(["show", UNIT, PROPERTIES]).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    said.contains("ReadWritePaths=/")
        .then(|| of_properties(&said, |path| files::text(Path::new(path)).unwrap_or_default()))
}

fn of_properties(said: &str, read: impl Fn(&str) -> String) -> Unit {
    let list = |key: &str| -> Vec<String> {
        let value = said.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        value
            .unwrap_or_default()
            .split(' ')
            .map(|path| path.trim_start_matches(['-', '+']).to_owned())
            .filter(|path| !path.is_empty())
            .collect()
    };
    // An empty list of paths resets what the unit has.
    let gives_more = |line: &str| {
        MORE.iter()
            .any(|key| line.strip_prefix(key).is_some_and(|value| *key == "IPAddressDeny=" || !value.trim().is_empty()))
    };
    let gives = |path: &String| read(path).lines().any(|line| gives_more(line.trim_start()));
    Unit {
        writable: list("ReadWritePaths"),
        read_only: list("ReadOnlyPaths"),
        opened: list("DropInPaths").iter().any(gives),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{super::Level, *};

    const SHIPPED: &str = "ReadWritePaths=/etc -/run/faillock -/var/lib/faillock\nReadOnlyPaths=-/etc/sspr -/etc/pam.d\n\
                           DropInPaths=\n";

    /// The findings on a machine with these password lines and this `pwhistory.conf`.
    fn found(lines: &str, settings: &str, properties: &str, drop_in: &str) -> Vec<Finding> {
        let root = tempfile::tempdir().unwrap();
        for directory in ["etc/pam.d", "etc/security", "usr/lib/security"] {
            fs::create_dir_all(root.path().join(directory)).unwrap();
        }
        fs::write(root.path().join("etc/pam.d/sspr"), "password include common-password\n").unwrap();
        fs::write(root.path().join("etc/pam.d/common-password"), lines).unwrap();
        fs::write(root.path().join("etc/security/pwhistory.conf"), settings).unwrap();
        fs::write(root.path().join("usr/lib/security/pam_pwhistory.so"), "\0remember=\0file=\0").unwrap();
        let lines = stack(root.path(), "sspr").unwrap().unwrap();
        judge(root.path(), &lines.iter().collect::<Vec<_>>(), &of_properties(properties, |_| drop_in.to_owned()))
    }

    #[test]
    fn a_history_of_passwords_that_the_helper_can_not_write_is_named_with_the_drop_in_to_write() {
        let lines =
            "# rules\npassword requisite pam_pwhistory.so remember=5 file=/var/lib/pwhistory/opasswd use_authtok\n";
        let error = found(lines, "", SHIPPED, "");
        assert_eq!((error.len(), error[0].level), (1, Level::Error));
        assert!(error[0].what.starts_with(
            "/etc/pam.d/common-password:2: pam_pwhistory.so keeps old passwords in /var/lib/pwhistory/opasswd"
        ));
        assert!(error[0].fix.as_ref().unwrap().ends_with("[Service] ReadWritePaths=/var/lib/pwhistory"));
        let open = SHIPPED.replace("=/etc ", "=/etc /var/lib/pwhistory ");
        assert_eq!(found(lines, "", &open, ""), []);
        let plain = "password requisite pam_pwhistory.so\n";
        assert_eq!(found(plain, "# file = /var/x\nremember = 5\n", SHIPPED, ""), []);
        assert_eq!(found(plain, "file = /etc/security/old\n", SHIPPED, ""), []);
        let error = found(plain, "# old ones\nfile = /var/old/opasswd\n", SHIPPED, "");
        assert!(error[0].what.starts_with("/etc/security/pwhistory.conf:2: "), "{error:?}");
        assert_eq!(
            found("password requisite pam_pwhistory.so file=/etc/pam.d/x\n", "", SHIPPED, "")[0].level,
            Level::Error
        );
    }

    #[test]
    fn a_program_that_pam_exec_runs_is_a_warning_until_somebody_thought_of_it() {
        let lines = "password optional pam_exec.so expose_authtok /usr/local/sbin/sync-password\n";
        let warning = found(lines, "", SHIPPED, "");
        assert!(
            warning[0].level == Level::Warning
                && warning[0]
                    .what
                    .starts_with("/etc/pam.d/common-password:1: pam_exec.so runs /usr/local/sbin/sync-password")
                && warning[0].fix.as_ref().unwrap().contains("PrivateNetwork=no"),
            "{warning:?}"
        );
        let with =
            SHIPPED.replace("DropInPaths=", "DropInPaths=/etc/systemd/system/sspr-credential.service.d/sync.conf");
        assert_eq!(found(lines, "", &with, "[Service]\nMemoryMax=1G\n")[0].level, Level::Warning);
        assert_eq!(found(lines, "", &with, "[Service]\nPrivateNetwork=no\n")[0].level, Level::Fine);
    }
}
