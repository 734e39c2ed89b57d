//! Whether this machine's password lines can set a password of an account of its own at all, as far as that can be told for
//! certain and beforehand: nobody should prove who they are, choose a password twice, and only then hear that it can't be.
//!
//! The lines are walked as they are if all goes well. What can't be told is left to the try itself.

use std::{collections::BTreeMap, io};

use super::pamconf::{self, ASK, ConfError, Kind};

/// Modules that neither ask nor set anything of an account of this machine. The last fails for those, and is ignored.
const SILENT: [&str; 4] = ["pam_permit", "pam_warn", "pam_debug", "pam_systemd_home"];

/// A line, as it is in the copy.
struct Line {
    control: String,
    module: String,
    use_authtok: bool,
}

/// Why no password can be set through `service`, if that is certain.
pub(super) fn why_not(service: &str) -> Option<String> {
    let files = match pamconf::copy(service) {
        Ok(files) => files,
        // The helper may read what the agent may not.
        Err(ConfError::File(_, error)) if error.kind() != io::ErrorKind::NotFound => return None,
        Err(why) => return Some(why.to_string()),
    };
    let mut lines = Vec::new();
    // A line that is not understood has been an error already.
    flatten(&files, service, &mut lines);
    walk(&lines).err().map(|why| format!("the password lines of the PAM service {service}: {why}"))
}

/// Adds the password lines of the copy `name` and of what it includes.
fn flatten(files: &BTreeMap<String, String>, name: &str, all: &mut Vec<Line>) {
    for line in files.get(name).map(String::as_str).unwrap_or_default().lines() {
        match pamconf::parts(line) {
            // A jump takes all of a substack for one line.
            Some((Kind::Password, control, ..)) if control == "substack" => {
                all.push(Line { control: String::new(), module: "substack".to_owned(), use_authtok: false });
            }
            Some((Kind::Password, control, target, _)) if control == "include" => {
                let name = target.rsplit('/').next().unwrap_or_default();
                flatten(files, name, all);
            }
            Some((Kind::Password, control, module, arguments)) => {
                let use_authtok = arguments.iter().any(|argument| argument == "use_authtok");
                all.push(Line { control, module: pamconf::module_name(&module).to_owned(), use_authtok });
            }
            _ => {}
        }
    }
}

/// Goes through the lines as if each did what it is there for.
fn walk(lines: &[Line]) -> Result<(), String> {
    let (mut at, mut asked) = (0, false);
    while let Some(Line { control, module, use_authtok }) = lines.get(at) {
        at += 1;
        let name = module.as_str();
        if name == "pam_deny" {
            return Err("pam_deny.so comes before pam_unix.so".to_owned());
        }
        if SILENT.contains(&name) {
            if name != "pam_systemd_home" {
                at += jump(control).unwrap_or(0);
            }
            continue;
        }
        if !ASK.contains(&name) {
            // Whatever it does.
            return Ok(());
        }
        if *use_authtok && !asked {
            return Err(format!("{name}.so has use_authtok, but no line before it asks for the new password"));
        }
        if name == "pam_unix" {
            return Ok(());
        }
        asked = true;
        if control == "sufficient" {
            return Err(format!("{name}.so is sufficient: nothing after it sets the password"));
        }
        at += jump(control).unwrap_or(0);
    }
    Err("none reaches pam_unix.so".to_owned())
}

/// How many lines are jumped over after success.
fn jump(control: &str) -> Option<usize> {
    let values = control.strip_prefix('[')?.strip_suffix(']')?;
    values.split_ascii_whitespace().find_map(|value| value.strip_prefix("success="))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walked(text: &str) -> Result<(), String> {
        let files = BTreeMap::from([("sspr".to_owned(), text.to_owned())]);
        let mut lines = Vec::new();
        flatten(&files, "sspr", &mut lines);
        walk(&lines)
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
            "password [success=1 default=ignore] pam_tcb.so\n",
            "password substack common\n",
        ] {
            assert_eq!(walked(&format!("{text}{END}")), Ok(()), "{text}");
        }
    }

    #[test]
    fn lines_that_can_set_nothing_are_known_and_the_reason_is_told() {
        for (text, why) in [
            // As systemd-homed's profile leaves it.
            (
                "password [success=2 default=ignore] pam_systemd_home.so\n\
                 password [success=1 default=ignore] pam_unix.so use_authtok\n",
                "use_authtok",
            ),
            ("password requisite pam_pwquality.so use_authtok\npassword required pam_unix.so\n", "use_authtok"),
            ("", "pam_deny.so"),
            ("password [success=1 default=ignore] pam_pwquality.so\npassword required pam_unix.so\n", "pam_deny.so"),
            ("password sufficient pam_pwquality.so\npassword required pam_unix.so use_authtok\n", "sufficient"),
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
        assert_eq!(walk(&lines), Ok(()));
        assert!(why_not("no-such-service").is_some_and(|why| why.contains("no-such-service")));
    }
}
