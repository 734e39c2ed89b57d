//! The steps of setup: each is shown, agreed to and recorded before it is made.

use std::{fs::DirBuilder, os::unix::fs::DirBuilderExt as _, path::Path};

use sspr_config::settings::{self, Enable};
use sspr_protocol::check::Report;

use super::{
    ask::{Person, agrees},
    change::Change,
    directory, pam,
    record::Record,
    server::{self, Server},
    ssh, stopped,
};
use crate::{
    failure::Failure,
    reload::{self, Reloaded},
    unit, whom,
};

/// The settings that must be in effect afterwards, whatever other files say.
#[derive(Clone, Copy, Default)]
pub(super) struct Meant<'a> {
    pub(super) whom: Option<&'a Enable>,
    pub(super) people: Option<&'a settings::Directory>,
    pub(super) server: Option<&'a Server>,
}

/// Makes the steps, and records each before it is made.
pub(super) struct Steps<'a> {
    pub(super) person: &'a mut dyn Person,
    pub(super) asks: bool,
    /// Checks whether settings are valid.
    pub(super) checks: fn(&Path) -> Report,
    pub(super) record: Record,
    /// The directory of the record.
    pub(super) kept: &'a Path,
    pub(super) outcome: Outcome,
}

/// What became of the steps.
#[derive(Default)]
pub(super) struct Outcome {
    made: bool,
    declined: Vec<&'static str>,
}

impl Outcome {
    /// Notes that a step was declined, or that another one which it needs was.
    pub(super) fn decline(&mut self, what: &'static str) {
        self.declined.retain(|declined| *declined != what);
        self.declined.push(what);
    }

    /// The last words to the administrator; `None` if there was no step.
    pub(super) fn told(&self) -> Option<String> {
        const OPEN: &str = "Keep this shell open until a sign-in in another one has worked.\n\
                            To undo all of it: sspr setup --undo";
        match (self.made, self.declined.join(", ")) {
            (true, declined) if declined.is_empty() => Some(format!("Done. {OPEN}")),
            (true, declined) => {
                Some(format!("Done, except for what you declined: {declined}.\nFor that, run: sspr setup\n{OPEN}"))
            }
            (false, declined) if declined.is_empty() => None,
            (false, _) => {
                Some("Nothing was changed: you declined each change.\nTo start again, run: sspr setup".into())
            }
        }
    }
}

impl Steps<'_> {
    /// Shows the changes, and asks.
    pub(super) fn agreed(&mut self, what: &'static str, heading: &str, difference: &str) -> Result<bool, Failure> {
        self.person.hear(&format!("\n{heading}:\n\n{}", difference.trim_end()));
        let agreed = !self.asks || agrees(self.person, "\nMake this change?")?;
        self.outcome.made |= agreed;
        if agreed {
            self.outcome.declined.retain(|declined| *declined != what);
        } else {
            self.outcome.decline(what);
        }
        Ok(agreed)
    }

    fn note(&mut self, change: &Change) -> Result<(), Failure> {
        stopped::changes();
        self.record.note(change);
        Ok(self.record.save(self.kept)?)
    }

    pub(super) async fn settings(
        &mut self,
        config: &Path,
        bus: &str,
        changes: &[Change],
        meant: Meant<'_>,
    ) -> Result<(), Failure> {
        if changes.is_empty() {
            return Ok(());
        }
        let difference: String = changes.iter().map(Change::shown).collect();
        if !self.agreed("the settings", "The settings", &difference)? {
            return Ok(());
        }
        self.written(config, changes, meant, reloaded(bus)).await
    }

    /// Writes settings that were agreed to, and puts them in force. If they do not work, the old files are back.
    pub(super) async fn written(
        &mut self,
        config: &Path,
        changes: &[Change],
        meant: Meant<'_>,
        in_force: impl Future<Output = Result<(), String>>,
    ) -> Result<(), Failure> {
        let directory = settings::drop_ins(config);
        if !directory.exists() {
            DirBuilder::new().mode(0o755).create(&directory)?;
        }
        let mut made = Vec::new();
        let mut outcome = Ok(());
        for change in changes {
            let noted = self.note(change).map_err(|e| e.to_string());
            outcome = noted.and_then(|()| change.make().map_err(|e| format!("{}: {e}", change.path.display())));
            if outcome.is_err() {
                break;
            }
            made.push(change);
        }
        if outcome.is_ok()
            && let Some(error) = (self.checks)(config).error
        {
            outcome = Err(error);
        }
        if outcome.is_ok()
            && let Some(whom) = meant.whom
        {
            outcome = whom::counts(config, whom);
        }
        if outcome.is_ok()
            && let Some(people) = meant.people
        {
            outcome = directory::counts(config, people);
        }
        if outcome.is_ok()
            && let Some(server) = meant.server
        {
            outcome = server::counts(config, server);
        }
        if outcome.is_ok() {
            outcome = in_force.await;
        }
        outcome.map_err(|why| {
            for change in made.iter().rev() {
                let _ = change.take_back();
            }
            Failure::Refused(format!("the new settings do not work, so the old ones are back: {why}"))
        })
    }

    pub(super) fn pam(&mut self, lines: &[Change]) -> Result<(), Failure> {
        if !self.agreed("PAM", "PAM, by pam-auth-update --enable sspr", &shown(lines))? {
            return Ok(());
        }
        stopped::changes();
        self.record.pam = true;
        self.record.save(self.kept)?;
        pam::enable()
    }

    pub(super) fn ssh(&mut self, drop_in: &ssh::DropIn) -> Result<(), Failure> {
        if !self.agreed("sshd", "sshd, followed by sshd -t and a reload", &drop_in.change.shown())? {
            return Ok(());
        }
        let was = self.record.sshd_keys_alone;
        // A drop-in that only refuses what blocks refuse opens no way in.
        self.record.sshd_keys_alone = drop_in.opens || drop_in.closes && was;
        self.note(&drop_in.change)?;
        let made = ssh::make(drop_in);
        if made.is_err() && self.record.sshd_keys_alone != was {
            self.record.sshd_keys_alone = was;
            self.record.save(self.kept)?;
        }
        made
    }
}

/// PAM's new lines.
pub(super) fn shown(lines: &[Change]) -> String {
    if lines.is_empty() {
        return "/etc/pam.d/common-auth and common-account get their lines by: pam-auth-update --enable sspr\n".into();
    }
    lines.iter().map(Change::shown).collect()
}

/// Has the agent read the settings again. Starts one that does not run, for example because its settings were invalid.
pub(super) async fn reloaded(bus: &str) -> Result<(), String> {
    match reload::ask(bus).await {
        Ok(Reloaded::Done) => Ok(()),
        Ok(Reloaded::NotRunning) => unit::restart(),
        Ok(Reloaded::Kept(why)) => Err(why),
        Err(failure) => Err(failure.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::PathBuf};

    use super::*;
    use crate::setup::ask::{AtTerminal, tests::Script};

    async fn refused(later: &str) -> (String, Vec<PathBuf>) {
        let dir = tempfile::tempdir().unwrap();
        let config = dir.path().join("sspr.toml");
        sspr_machine::files::write(&config, b"", 0o644, None).unwrap();
        let drop_ins = settings::drop_ins(&config);
        DirBuilder::new().mode(0o755).create(&drop_ins).unwrap();
        if !later.is_empty() {
            sspr_machine::files::write(&drop_ins.join("90-local.toml"), later.as_bytes(), 0o644, None).unwrap();
        }
        let text = b"[scope]\nenable = \"all\"\n".to_vec();
        let change = Change::to(drop_ins.join(whom::DROP_IN), text).unwrap();
        let kept = dir.path().join("kept");
        let checks = |_: &Path| Report::default();
        let mut steps = Steps {
            person: &mut AtTerminal,
            asks: false,
            checks,
            record: Record::default(),
            kept: &kept,
            outcome: Outcome::default(),
        };
        let bus = format!("unix:path={}", dir.path().join("no-bus").display());
        let outcome =
            steps.settings(&config, &bus, &[change], Meant { whom: Some(&Enable::All), ..Meant::default() }).await;
        let left = fs::read_dir(&drop_ins).unwrap().map(|entry| entry.unwrap().path());
        (outcome.unwrap_err().to_string(), left.filter(|path| path.ends_with(whom::DROP_IN)).collect())
    }

    #[tokio::test]
    async fn settings_are_as_they_were_when_the_bus_can_not_be_asked() {
        let (why, left) = refused("").await;
        assert!(why.contains("the old ones are back") && why.contains("the bus can't be reached"), "{why}");
        assert_eq!(left, Vec::<PathBuf>::new());
    }

    #[tokio::test]
    async fn settings_are_as_they_were_when_a_later_drop_in_has_the_last_word() {
        let (why, left) = refused("[scope]\nenable = \"none\"\n").await;
        assert!(why.contains("90-local.toml:2 overrides this"), "{why}");
        assert_eq!(left, Vec::<PathBuf>::new());
    }

    #[tokio::test]
    async fn who_declines_is_told_that_nothing_was_changed_and_how_to_go_on() {
        let dir = tempfile::tempdir().unwrap();
        let change = Change::to(dir.path().join("40-setup.toml"), b"[scope]\n".to_vec()).unwrap();
        let checks = |_: &Path| Report::default();
        for (answers, want, left) in [
            (&["n", "no"][..], "Nothing was changed: you declined each change.\nTo start again, run: sspr setup", None),
            (&["y", "n"], "Done, except for what you declined: PAM.\nFor that, run: sspr setup\n", Some("--undo")),
        ] {
            let mut person = Script::of(answers);
            let (record, kept) = (Record::default(), dir.path());
            let outcome = Outcome::default();
            let mut steps = Steps { person: &mut person, asks: true, checks, record, kept, outcome };
            steps.agreed("the settings", "The settings", &change.shown()).unwrap();
            steps.agreed("PAM", "PAM, by pam-auth-update", "+ a line").unwrap();
            let told = steps.outcome.told().unwrap();
            assert!(told.starts_with(want), "{told}");
            assert_eq!(told.contains("--undo"), left.is_some(), "{told}");
            assert!(told.lines().all(|line| line.len() <= 78), "{told}");
            assert!(person.seen.contains("\nPAM, by pam-auth-update:\n\n+ a line\n"), "{}", person.seen);
        }
        assert_eq!(Outcome::default().told(), None);
        let all = Outcome { made: true, declined: Vec::new() };
        assert!(all.told().unwrap().starts_with("Done. Keep this shell open"));
    }
}
