//! What sshd offers, as `sshd -T` says it, and how long login(1) waits.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs, io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use super::Finding;

const CHECK: &str = "sshd";
/// Why a server that was hardened stays as it is until somebody says otherwise.
pub const KEYS_ALONE: &str = "this sshd takes keys alone; keyboard-interactive would let passwords in";
/// What OpenSSH ships, in seconds: enough to wait for a code and to type it.
const GRACE: u64 = 120;
/// What login(1) ships, in seconds: enough to have a code sent, which stays good for the next sign-in.
const LOGIN: u64 = 60;

/// The daemon's program, where it is installed.
pub fn program(root: &Path) -> Option<PathBuf> {
    ["usr/sbin/sshd", "usr/bin/sshd"].iter().map(|path| root.join(path)).find(|path| path.exists())
}

/// What sshd would do with its settings as they are: the words of `sshd -T`, or its complaint.
pub fn effective(program: &Path) -> Result<String, String> {
    // Made by sshd's unit; without it sshd would not even look at its settings.
    let _ = make_run(Path::new("/run/sshd"));
    let output = Command::new(program).arg("-T").output().map_err(|e| e.to_string())?;
    said(&output)
}

/// What sshd would do if the file at `path` were empty, with the file left as it is: sshd is asked where only it sees that.
/// `None` where that can't be had, such as in a container that may not mount.
pub fn effective_without(program: &Path, path: &Path) -> Option<Result<String, String>> {
    const NO_PLACE: i32 = 125;
    let _ = make_run(Path::new("/run/sshd"));
    let unshared = |line: &[&OsStr]| {
        Command::new("unshare").args(["--mount", "--propagation=private", "--"]).args(line).output().ok()
    };
    // unshare says 1 where it may not, as sshd does where it takes offence.
    unshared(&["true".as_ref()]).filter(|tried| tried.status.success())?;
    let script = format!("mount --bind /dev/null \"$0\" 2>/dev/null || exit {NO_PLACE}; exec \"$1\" -T");
    let line = ["sh".as_ref(), "-c".as_ref(), script.as_ref(), path.as_os_str(), program.as_os_str()];
    let output = unshared(&line).filter(|output| output.status.code() != Some(NO_PLACE))?;
    Some(said(&output))
}

fn said(output: &Output) -> Result<String, String> {
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    Err(complaint.lines().next().unwrap_or("it gives no reason").to_owned())
}

/// With the mode that the unit gives it, whatever the umask of whoever runs this: sshd keeps its distance from another one.
fn make_run(path: &Path) -> io::Result<()> {
    fs::create_dir(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

/// Asks the sshd of this machine.
pub fn examine(root: &Path) -> Vec<Finding> {
    let Some(program) = program(root) else {
        return vec![Finding::fine(CHECK, "not installed; the console is served")];
    };
    match effective(&program) {
        Ok(words) => judge(&words),
        Err(why) => vec![Finding::error(
            CHECK,
            format!("its settings can't be read: {why}"),
            "as root, run: sshd -t, and mend what it says",
        )],
    }
}

/// Whether sshd offers conversations, as `words` of `sshd -T` have it.
pub fn offers_conversations(words: &str) -> bool {
    let all = parsed(words);
    let get = |key: &str| all.get(key).copied();
    get("kbdinteractiveauthentication").or_else(|| get("challengeresponseauthentication")) == Some("yes")
}

/// Whether sshd, as `words` of `sshd -T` have it, lets nobody type a password by any method.
pub fn takes_keys_alone(words: &str) -> bool {
    parsed(words).get("passwordauthentication") == Some(&"no") && !offers_conversations(words)
}

fn parsed(words: &str) -> BTreeMap<&str, &str> {
    words.lines().filter_map(|line| line.split_once(' ')).collect()
}

/// What `words` of `sshd -T` mean for a reset over SSH.
pub fn judge(words: &str) -> Vec<Finding> {
    let all = parsed(words);
    let get = |key: &str| all.get(key).copied().unwrap_or_default();
    let mut findings = Vec::new();
    if takes_keys_alone(words) {
        findings.push(Finding::warning(
            CHECK,
            format!("{KEYS_ALONE}: nobody resets over SSH, the console is served"),
            "to want passwords over SSH, run: sspr setup --sshd-passwords",
        ));
    } else if !offers_conversations(words) {
        findings.push(Finding::error(
            CHECK,
            "KbdInteractiveAuthentication is \"no\": over SSH nobody can register or reset",
            "run: sspr setup (or copy /usr/share/sspr/sshd_config.d/10-sspr.conf and reload ssh)",
        ));
    }
    if get("usepam") != "yes" {
        findings.push(Finding::error(
            CHECK,
            "UsePAM is \"no\": sshd never asks PAM",
            "write UsePAM yes in /etc/ssh/sshd_config, and reload ssh",
        ));
    }
    let methods = get("authenticationmethods");
    if !methods.is_empty() && methods != "any" && !methods.contains("keyboard-interactive") {
        findings.push(Finding::warning(
            CHECK,
            format!("AuthenticationMethods is {methods:?}: nobody gets to a conversation"),
            "add keyboard-interactive to it where passwords are allowed",
        ));
    }
    // 0: no limit.
    if let Ok(seconds) = get("logingracetime").parse::<u64>()
        && (1..GRACE).contains(&seconds)
    {
        findings.push(Finding::warning(
            CHECK,
            format!("LoginGraceTime is {seconds} s: too short to wait for a code and type it"),
            format!("write LoginGraceTime {GRACE} in /etc/ssh/sshd_config, and reload ssh"),
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::fine(CHECK, "offers conversations through PAM, and gives people time"));
    }
    findings
}

/// How long login(1) waits at the console.
pub fn login_timeout(root: &Path) -> Finding {
    let text = crate::files::text(&root.join("etc/login.defs")).unwrap_or_default();
    let set = text.lines().filter_map(|line| line.trim().strip_prefix("LOGIN_TIMEOUT")).next_back();
    let seconds = set.and_then(|rest| rest.trim().parse::<u64>().ok()).unwrap_or(LOGIN);
    match seconds {
        1..LOGIN => Finding::warning(
            "console",
            format!("LOGIN_TIMEOUT is {seconds} s: too short to have a code sent and type it"),
            "write LOGIN_TIMEOUT 180 in /etc/login.defs",
        ),
        0 => Finding::fine("console", "no limit of time"),
        _ => Finding::fine(
            "console",
            format!("login waits {seconds} s; the code that was sent is good for the next try"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Level, *};

    const GOOD: &str =
        "port 22\nusepam yes\nlogingracetime 120\nkbdinteractiveauthentication yes\nauthenticationmethods any\n";

    #[test]
    fn each_setting_that_keeps_people_from_a_conversation_is_found() {
        assert_eq!(judge(GOOD)[0].level, Level::Fine);
        assert_eq!(judge(&GOOD.replace("logingracetime 120", "logingracetime 0"))[0].level, Level::Fine);
        for (from, to, level, want) in [
            (
                "kbdinteractiveauthentication yes",
                "kbdinteractiveauthentication no",
                Level::Error,
                "KbdInteractiveAuthentication is \"no\"",
            ),
            ("usepam yes", "usepam no", Level::Error, "UsePAM is \"no\""),
            ("logingracetime 120", "logingracetime 30", Level::Warning, "LoginGraceTime is 30 s"),
            (
                "authenticationmethods any",
                "authenticationmethods publickey",
                Level::Warning,
                "AuthenticationMethods is \"publickey\"",
            ),
        ] {
            let found = judge(&GOOD.replace(from, to));
            assert!(found.len() == 1 && found[0].level == level && found[0].what.contains(want), "{found:?}");
        }
    }

    #[test]
    fn an_sshd_that_takes_keys_alone_is_no_error_and_nobody_is_told_to_open_it_unawares() {
        let keys = GOOD.replace("kbdinteractiveauthentication yes", "kbdinteractiveauthentication no");
        assert!(!takes_keys_alone(GOOD) && !takes_keys_alone(&keys), "what is not said is no word against passwords");
        assert!(!takes_keys_alone(&format!("{GOOD}passwordauthentication no\n")));
        assert!(!takes_keys_alone(&format!("{keys}passwordauthentication yes\n")));
        let keys = format!("{keys}passwordauthentication no\n");
        assert!(takes_keys_alone(&keys));
        let found = judge(&keys);
        assert!(found.len() == 1 && found[0].level == Level::Warning, "{found:?}");
        assert!(found[0].what.contains(KEYS_ALONE), "{found:?}");
        assert!(found[0].fix.as_deref().is_some_and(|fix| fix.ends_with("--sshd-passwords")), "{found:?}");
    }

    #[test]
    fn the_directory_of_sshd_is_made_as_its_unit_makes_it_and_left_alone_where_it_is() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("sshd");
        let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o7777;
        make_run(&path).unwrap();
        assert_eq!(mode(), 0o755);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o711)).unwrap();
        make_run(&path).unwrap_err();
        assert_eq!(mode(), 0o711);
    }

    #[test]
    fn an_older_sshd_calls_it_by_its_older_name() {
        assert!(offers_conversations("challengeresponseauthentication yes\n"));
        assert!(!offers_conversations("challengeresponseauthentication no\n"));
        assert!(!offers_conversations(""));
    }

    #[test]
    fn the_console_may_not_hurry_people() {
        let root = tempfile::tempdir().unwrap();
        let with = |text: &str| {
            fs::create_dir_all(root.path().join("etc")).unwrap();
            fs::write(root.path().join("etc/login.defs"), text).unwrap();
            login_timeout(root.path()).level
        };
        assert_eq!(login_timeout(root.path()).level, Level::Fine);
        assert_eq!(with("LOGIN_TIMEOUT\t\t60\n"), Level::Fine);
        assert_eq!(with("# LOGIN_TIMEOUT 10\nLOGIN_TIMEOUT 30\n"), Level::Warning);
        assert_eq!(with("LOGIN_TIMEOUT 0\n"), Level::Fine);
    }
}
