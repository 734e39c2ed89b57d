//! Whether this machine can set the password of a local account at all, as far as that is certain beforehand. No user
//! should have to prove who they are and choose a password twice, only to learn that it can't be set.
//!
//! The password lines are followed as if every module succeeds. What can't be known is left to the actual change.

use std::{collections::BTreeMap, io, path::Path};

use super::{
    account::SHADOW,
    local,
    pamconf::{self, ASK, ConfError, Kind},
    pwquality::{self, Quality},
};
use crate::modules::is_installed;

/// Modules that neither ask nor set anything for a local account. The last one fails for local accounts, and is
/// ignored.
const SILENT: [&str; 4] = ["pam_permit", "pam_warn", "pam_debug", "pam_systemd_home"];

/// A line, as in the private copy.
#[derive(Clone, Debug)]
pub struct Line {
    control: String,
    /// Its name without path and suffix.
    pub module: String,
    /// The path as written, if it contains a directory.
    path: Option<String>,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Skipped if the module is missing.
    dashed: bool,
}

impl Line {
    fn has(&self, argument: &str) -> bool {
        self.arguments.iter().any(|has| has == argument)
    }

    /// Whether its success ends the stack.
    fn ends(&self) -> bool {
        self.control == "sufficient" || self.on_success() == Some("done")
    }

    /// Whether the next line follows whatever its result, unless the stack ends.
    pub fn leads_on(&self) -> bool {
        let jumps = self.control.split(['[', ']', ' ', '=']).any(|word| word.parse::<usize>().is_ok());
        !self.ends() && !jumps
    }

    /// How many lines are skipped after success.
    fn jump(&self) -> usize {
        self.on_success().and_then(|action| action.parse().ok()).unwrap_or(0)
    }

    fn on_success(&self) -> Option<&str> {
        self.action("success")
    }

    fn action(&self, code: &str) -> Option<&str> {
        let values = self.control.strip_prefix('[')?.strip_suffix(']')?;
        let mut pairs = values.split_ascii_whitespace().filter_map(|pair| pair.split_once('='));
        pairs.find(|(name, _)| *name == code).map(|(_, action)| action)
    }

    /// Whether its failure to set a password fails the whole stack; `None` if that depends.
    pub fn is_fatal(&self) -> Option<bool> {
        self.is_fatal_by("authtok_err")
    }

    fn is_fatal_by(&self, code: &str) -> Option<bool> {
        match self.control.as_str() {
            "required" | "requisite" => Some(true),
            "optional" | "sufficient" => Some(false),
            _ => match self.action(code).or_else(|| self.action("default")) {
                Some("die" | "bad") | None => Some(true),
                Some("ignore") => Some(false),
                Some(_) => None,
            },
        }
    }
}

/// Why no password can be set through `service`, if that is certain.
pub fn why_not(service: &str) -> Option<String> {
    why_not_by_lines(service).or_else(|| shadow_is_a_mount().then(|| MOUNTED.to_owned()))
}

/// Why no password can be set if no new file can replace the old one.
pub const MOUNTED: &str = "something is mounted on /etc/shadow: no new file can take its place";

/// Whether /etc/shadow is itself a mount point, as in a container with the file bind-mounted.
pub fn shadow_is_a_mount() -> bool {
    local::is_mounted_on(Path::new(SHADOW)).unwrap_or(false)
}

/// The same, from the password lines only.
pub fn why_not_by_lines(service: &str) -> Option<String> {
    let lines = match lines(service) {
        Ok(lines) => lines,
        // The helper may be able to read what the agent can't.
        Err(ConfError::File(_, error)) if error.kind() != io::ErrorKind::NotFound => return None,
        Err(why) => return Some(why.to_string()),
    };
    let root = Path::new("/");
    let walked = walk(&lines, &|line| is_missing(root, line), &|line| lacks_dictionary(root, line));
    walked.err().map(|why| format!("the password lines of the PAM service {service}: {why}"))
}

/// The password lines of `service` in the order of the copy.
pub fn lines(service: &str) -> Result<Vec<Line>, ConfError> {
    let mut lines = Vec::new();
    // A line that can't be parsed is an error already.
    flatten(&pamconf::copy(service)?, service, &mut lines);
    Ok(lines)
}

/// Whether the module of a line is missing; only if it is known where modules are.
fn is_missing(root: &Path, line: &Line) -> bool {
    match &line.path {
        // These directories may look different to each program.
        Some(path)
            if ["/home/", "/root/", "/run/user/", "/tmp/", "/var/tmp/"].iter().any(|own| path.starts_with(own)) =>
        {
            false
        }
        Some(path) => root
            .join(path.trim_start_matches('/'))
            .symlink_metadata()
            .is_err_and(|error| error.kind() == io::ErrorKind::NotFound),
        None => is_installed(root, "pam_permit") && !is_installed(root, &line.module),
    }
}

/// Without its dictionary, a module refuses every password.
fn lacks_dictionary(root: &Path, line: &Line) -> Option<String> {
    let quality = match line.module.as_str() {
        "pam_pwquality" => Quality::read(root, &line.arguments),
        "pam_cracklib" => Quality::of_cracklib(&line.arguments),
        _ => return None,
    };
    pwquality::no_dictionary(root, &quality)
}

/// Adds the password lines of the copy `name` and of what it includes.
fn flatten(files: &BTreeMap<String, String>, name: &str, all: &mut Vec<Line>) {
    for line in files.get(name).map(String::as_str).unwrap_or_default().lines() {
        match pamconf::parts(line) {
            // To a jump, a whole substack is one line.
            Some((Kind::Password, control, ..)) if control == "substack" => {
                let (control, module) = (String::new(), "substack".to_owned());
                all.push(Line { control, module, path: None, arguments: Vec::new(), dashed: true });
            }
            Some((Kind::Password, control, target, _)) if control == "include" => {
                let name = target.rsplit('/').next().unwrap_or_default();
                flatten(files, name, all);
            }
            Some((Kind::Password, control, module, arguments)) => {
                let name = pamconf::module_name(&module).to_owned();
                let path = module.starts_with('/').then_some(module);
                all.push(Line { control, module: name, path, arguments, dashed: line.starts_with('-') });
            }
            _ => {}
        }
    }
}

/// Follows the lines as if each module does its job. `missing` says whether a module is not installed, and `lacks`
/// names a file that it needs but doesn't have.
fn walk(
    lines: &[Line],
    missing: &dyn Fn(&Line) -> bool,
    lacks: &dyn Fn(&Line) -> Option<String>,
) -> Result<(), String> {
    let (mut at, mut asked, mut set) = (0, false, false);
    while let Some(line) = lines.get(at) {
        at += 1;
        let name = line.module.as_str();
        if name != "substack" && missing(line) {
            match line.is_fatal_by("module_unknown") {
                _ if line.dashed => continue,
                Some(true) => return Err(format!("{name}.so is not installed")),
                Some(false) => continue,
                None => return Ok(()),
            }
        }
        if name == "pam_deny" {
            match (line.is_fatal(), set) {
                (Some(true), false) => return Err("pam_deny.so comes before pam_unix.so".to_owned()),
                (Some(true), true) => {
                    let why =
                        "the line after pam_unix.so that it leads to is pam_deny.so; see the number in its success=";
                    return Err(why.to_owned());
                }
                (Some(false), _) => continue,
                (None, _) => return Ok(()),
            }
        }
        if SILENT.contains(&name) {
            if name != "pam_systemd_home" {
                at += line.jump();
            }
            continue;
        }
        if !ASK.contains(&name) {
            // It may do anything.
            return Ok(());
        }
        if line.has("use_authtok") && !asked {
            return Err(format!("{name}.so has use_authtok, but no line before it asks for the new password"));
        }
        if let Some(missing) = lacks(line) {
            return Err(format!(
                "{name}.so does not find its dictionary, {missing}, and refuses every password without it"
            ));
        }
        (asked, set) = (true, set || name == "pam_unix");
        match (line.ends(), set) {
            (true, true) => return Ok(()),
            (true, false) => return Err(format!("{name}.so is sufficient: nothing after it sets the password")),
            (false, _) => at += line.jump(),
        }
    }
    if set { Ok(()) } else { Err("none reaches pam_unix.so".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walked(text: &str) -> Result<(), String> {
        let files = BTreeMap::from([("sspr".to_owned(), text.to_owned())]);
        let mut lines = Vec::new();
        flatten(&files, "sspr", &mut lines);
        walk(&lines, &|line| line.module == "pam_gone", &|line| line.has("no_words").then(|| "/words".to_owned()))
    }

    const END: &str = "password requisite pam_deny.so\npassword required pam_permit.so\n";

    #[test]
    fn usual_lines_and_those_of_which_it_can_not_be_told_are_good() {
        for text in [
            "password [success=1 default=ignore] pam_unix.so obscure yescrypt\n",
            "password requisite pam_pwquality.so retry=1\npassword [success=1 default=ignore] pam_unix.so use_authtok\n",
            "password requisite pam_pwquality.so\npassword requisite pam_pwhistory.so use_authtok\n\
             password [default=ignore] pam_permit.so\npassword [success=1 default=ignore] pam_unix.so use_authtok\n",
            "password requisite pam_something.so\npassword [success=1 default=ignore] pam_unix.so use_authtok\n",
            "password sufficient pam_unix.so\n",
            "password [success=done default=ignore] pam_unix.so\n",
            "password [success=3 default=ignore] pam_unix.so\npassword [success=1 default=ignore] pam_permit.so\n",
            "password optional pam_deny.so\npassword [success=1 default=ignore] pam_unix.so\n",
            "password [success=2 default=ignore] pam_unix.so\npassword [default=ignore] pam_permit.so\n",
            "password [success=1 default=ignore] pam_tcb.so\n",
            "password substack common\n",
            "-password required pam_gone.so\npassword [success=1 default=ignore] pam_unix.so\n",
            "password optional pam_gone.so\npassword [success=1 default=ignore] pam_unix.so\n",
            "password [success=1 module_unknown=ignore default=die] pam_gone.so\n\
             password [success=1 default=ignore] pam_unix.so\n",
        ] {
            assert_eq!(walked(&format!("{text}{END}")), Ok(()), "{text}");
        }
    }

    #[test]
    fn lines_that_can_set_nothing_are_known_and_the_reason_is_told() {
        for (text, why) in [
            // As systemd-homed's profile leaves the lines.
            (
                "password [success=2 default=ignore] pam_systemd_home.so\n\
                 password [success=1 default=ignore] pam_unix.so use_authtok\n",
                "use_authtok",
            ),
            ("password requisite pam_pwquality.so use_authtok\npassword required pam_unix.so\n", "use_authtok"),
            ("", "pam_deny.so"),
            // The success= of the first was correct before the second was inserted.
            (
                "password [success=1 default=ignore] pam_unix.so obscure yescrypt\n\
                 password [success=1 default=ignore] pam_unix.so obscure use_authtok yescrypt\n",
                "the line after pam_unix.so",
            ),
            ("password required pam_unix.so\n", "the line after pam_unix.so"),
            (
                "password requisite pam_pwquality.so no_words\n\
                 password [success=1 default=ignore] pam_unix.so use_authtok\n",
                "pam_pwquality.so does not find its dictionary, /words",
            ),
            ("password [success=1 default=ignore] pam_pwquality.so\npassword required pam_unix.so\n", "pam_deny.so"),
            ("password sufficient pam_pwquality.so\npassword required pam_unix.so use_authtok\n", "sufficient"),
            (
                "password requisite pam_gone.so\npassword [success=1 default=ignore] pam_unix.so\n",
                "pam_gone.so is not installed",
            ),
        ] {
            let found = walked(&format!("{text}{END}"));
            assert!(found.as_ref().is_err_and(|found| found.contains(why)), "{text}: {found:?}");
        }
        assert!(walked("password required pam_permit.so\n").is_err_and(|why| why.contains("none reaches")));
    }

    #[test]
    fn includes_are_followed() {
        let files = BTreeMap::from([
            ("sspr".to_owned(), "auth include /included-a\npassword include /included-a\n".to_owned()),
            ("included-a".to_owned(), "auth required pam_deny.so\npassword required pam_unix.so\n".to_owned()),
        ]);
        let mut lines = Vec::new();
        flatten(&files, "sspr", &mut lines);
        assert_eq!(lines.len(), 1);
        assert_eq!(walk(&lines, &|_| false, &|_| None), Ok(()));
        assert!(why_not("no-such-service").is_some_and(|why| why.contains("no-such-service")));
    }
}
