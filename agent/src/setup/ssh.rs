//! The drop-in for sshd. It stays only if sshd takes it and it has its effect.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{
    ask::{Person, agrees},
    change::Change,
};
use crate::{command::Failure, doctor::sshd};

const DROP_IN: &str = "/etc/ssh/sshd_config.d/10-sspr.conf";
const CONTENT: &str = include_str!("../../../packaging/sshd/10-sspr.conf");

/// What is to be done about sshd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// It offers conversations already, or is not installed.
    InPlace,
    /// The drop-in; whether it lets passwords in where nobody could type one.
    DropIn(Change, bool),
}

/// Looks what is to be done.
pub fn plan() -> Result<Plan, Failure> {
    let Some(program) = sshd::program(Path::new("/")) else { return Ok(Plan::InPlace) };
    let words =
        sshd::effective(&program).map_err(|why| Failure::Refused(format!("sshd's settings can't be read: {why}")))?;
    if sshd::offers_conversations(&words) {
        return Ok(Plan::InPlace);
    }
    let change = Change::to(PathBuf::from(DROP_IN), CONTENT.into())?;
    if !change.is_needed() {
        return Err(no_effect());
    }
    Ok(Plan::DropIn(change, sshd::takes_keys_alone(&words)))
}

/// Where nobody is there to ask: what `plan` comes to, if passwords may come in only with `passwords`.
pub fn unasked(plan: Plan, passwords: bool) -> Result<Plan, Failure> {
    match plan {
        Plan::DropIn(_, true) if !passwords => Err(Failure::Refused(format!(
            "{}. To want that: --sshd-passwords; to leave sshd alone: --no-sshd",
            sshd::KEYS_ALONE
        ))),
        plan => Ok(plan),
    }
}

/// The same, asked.
pub fn asked(person: &mut dyn Person, plan: Plan, passwords: bool) -> Result<Plan, Failure> {
    match plan {
        Plan::DropIn(_, true) if !passwords => {
            person.hear(&format!("\nsshd: {}.", sshd::KEYS_ALONE));
            Ok(if agrees(person, "Let people type passwords over SSH?")? { plan } else { Plan::InPlace })
        }
        plan => Ok(plan),
    }
}

fn no_effect() -> Failure {
    Failure::Refused(
        "/etc/ssh/sshd_config says otherwise before it reads the drop-in: put this first in it, then try again: Include \
         /etc/ssh/sshd_config.d/*.conf"
            .into(),
    )
}

/// Makes the change, and takes it back if sshd refuses it or heeds it not.
pub fn make(change: &Change) -> Result<(), Failure> {
    let Some(program) = sshd::program(Path::new("/")) else { return Ok(()) };
    change.make()?;
    let outcome = test(&program).and_then(|()| match sshd::effective(&program) {
        Ok(words) if sshd::offers_conversations(&words) => Ok(()),
        _ => Err(no_effect()),
    });
    if let Err(failure) = outcome {
        change.take_back()?;
        return Err(failure);
    }
    reload();
    Ok(())
}

/// Takes the drop-in away, unless sshd would not start without it or, but for `keys_alone`, would let nobody type a password
/// any more: then it stays, and why is the outcome.
pub fn undo(change: &Change, keys_alone: bool) -> Result<Option<String>, Failure> {
    let Some(program) = sshd::program(Path::new("/")) else {
        change.make()?;
        return Ok(None);
    };
    undo_with(&program, change, keys_alone)
}

fn undo_with(program: &Path, change: &Change, keys_alone: bool) -> Result<Option<String>, Failure> {
    let stays = |words: Result<String, String>| match words {
        Ok(words) if keys_alone || !sshd::takes_keys_alone(&words) => None,
        Ok(_) => {
            Some("without it nobody could type a password over SSH any more; take it away by hand to want that".into())
        }
        Err(why) => Some(why),
    };
    // An sshd that starts anew while the file is away would go on without it: so it is asked before, where that can be.
    let asked = if change.after.is_none() { sshd::effective_without(program, &change.path) } else { None };
    if let Some(why) = asked.and_then(stays) {
        return Ok(Some(why));
    }
    change.make()?;
    let why = stays(test(program).map_err(|failure| failure.to_string()).and_then(|()| sshd::effective(program)));
    if why.is_some() {
        change.take_back()?;
    }
    reload();
    Ok(why)
}

/// Whether `path` is the drop-in.
pub fn is_drop_in(path: &Path) -> bool {
    path == Path::new(DROP_IN)
}

fn test(program: &Path) -> Result<(), Failure> {
    let output = Command::new(program).arg("-t").stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    let why = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(Failure::Refused(format!("sshd -t refuses its settings, so it was not reloaded: {why}")))
}

/// Debian calls the unit ssh, others sshd; one that does not run reads its settings when it starts.
fn reload() {
    for unit in ["ssh.service", "sshd.service"] {
        let run = |arguments: &[&str]| {
            Command::new("systemctl")
                .args(arguments)
                .arg(unit)
                .stdin(Stdio::null())
                .output()
                .is_ok_and(|o| o.status.success())
        };
        if run(&["is-active", "--quiet"]) {
            run(&["reload"]);
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    struct Says(&'static str);

    impl Person for Says {
        fn hear(&mut self, _: &str) {}

        fn line(&mut self, prompt: &str) -> Result<String, Failure> {
            assert!(prompt.contains("passwords over SSH"), "{prompt}");
            Ok(self.0.to_owned())
        }

        fn secret(&mut self, _: &str) -> Result<Zeroizing<String>, Failure> {
            Err(Failure::Refused("no secret is asked for".into()))
        }
    }

    /// An sshd that says what the files in `dir` are about: `with` where the drop-in is, else `without`. It notes when it
    /// finds the file away.
    fn program(dir: &Path, with: &str, without: &str, status: u8) -> PathBuf {
        let path = dir.join("sshd");
        let text = format!(
            "#!/bin/sh\ncd {}\n[ -e drop-in ] || touch away\n[ -s drop-in ] || {{ echo '{without}'; exit {status}; }}\necho '{with}'\n",
            dir.display()
        );
        crate::files::write(&path, text.as_bytes(), 0o755, None).unwrap();
        path
    }

    #[test]
    fn undo_keeps_the_last_way_to_type_a_password_and_an_sshd_that_starts() {
        let keys = "passwordauthentication no\nkbdinteractiveauthentication no";
        let typed = "passwordauthentication yes\nkbdinteractiveauthentication no";
        let with = "kbdinteractiveauthentication yes";
        for (without, status, keys_alone, goes) in
            [(typed, 0, false, true), (keys, 0, false, false), (keys, 0, true, true), (typed, 1, true, false)]
        {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("drop-in");
            std::fs::write(&path, CONTENT).unwrap();
            let now = super::super::change::now(&path).unwrap();
            let away = Change { path: path.clone(), before: now, after: None, mode: 0, owner: (0, 0), secret: false };
            let kept = undo_with(&program(dir.path(), with, without, status), &away, keys_alone).unwrap();
            assert_eq!((kept.is_none(), path.exists()), (goes, !goes), "{without} {status} {keys_alone} {kept:?}");
            if rustix::process::geteuid().is_root() {
                // An sshd that was started anew meanwhile would have gone on without a file that stays.
                assert_eq!(dir.path().join("away").exists(), goes);
            }
        }
    }

    #[test]
    fn a_server_of_keys_alone_is_opened_only_for_whoever_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let change = Change::to(dir.path().join("10-sspr.conf"), CONTENT.into()).unwrap();
        let opens = Plan::DropIn(change.clone(), true);
        let why = unasked(opens.clone(), false).unwrap_err().to_string();
        assert!(why.contains("takes keys alone") && why.contains("--sshd-passwords"), "{why}");
        assert_eq!(unasked(opens.clone(), true).unwrap(), opens);
        assert_eq!(asked(&mut Says("n"), opens.clone(), false).unwrap(), Plan::InPlace);
        assert_eq!(asked(&mut Says("y"), opens.clone(), false).unwrap(), opens);
        assert_eq!(asked(&mut Says("never asked"), opens.clone(), true).unwrap(), opens);
        let plain = Plan::DropIn(change, false);
        assert_eq!(unasked(plain.clone(), false).unwrap(), plain);
        assert_eq!(asked(&mut Says("never asked"), plain.clone(), false).unwrap(), plain);
    }
}
