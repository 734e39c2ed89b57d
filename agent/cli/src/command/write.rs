//! `sspr config write`: writes one settings file for a program that shows it to an administrator. The file is written
//! only if it is unchanged since that program read it, and if the settings are valid with it.

use std::{
    fs::{self, DirBuilder},
    io::{self, Read},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use serde::{Deserialize, Serialize};
use sspr_config::settings::{INSTALLED, PATH, drop_ins};
use sspr_machine::files;
use sspr_protocol::check::Report;

use crate::{
    checked,
    failure::Failure,
    out,
    reload::{self, Reloaded},
    setup::change::{self, Before},
};

/// Twice the largest settings file, as JSON.
const INPUT_MAX: u64 = 8 << 20;

/// The standard input.
#[derive(Debug, Deserialize)]
pub struct Edit {
    /// The file as it was read.
    before: String,
    /// The new file.
    after: String,
}

/// The result.
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The file has the new content already.
    written: bool,
    /// The file changed, or with a dry run would change.
    changed: bool,
    /// The file is no longer the one that was read, or written; another program's change stays.
    changed_meanwhile: bool,
    /// The fault that makes the settings invalid; nothing was written.
    error: Option<String>,
    /// Warnings about probable mistakes.
    warnings: Vec<String>,
    /// Whether the agent has read the file; otherwise it does so when it starts.
    reloaded: bool,
}

/// Checks the file, and writes it unless it is a `dry_run`.
pub async fn run(file: &Path, dry_run: bool, bus: &str) -> ExitCode {
    match edited(file, dry_run, bus).await {
        Ok(outcome) => ExitCode::from(u8::from(outcome.changed_meanwhile || outcome.error.is_some())),
        Err(failure) => failure.complain(),
    }
}

async fn edited(file: &Path, dry_run: bool, bus: &str) -> Result<Outcome, Failure> {
    let edit = read(io::stdin().lock())?;
    let (mut outcome, before) = check(file, &edit, checked::examine)?;
    if let (Some(before), false) = (before, dry_run) {
        write(file, &edit, &before, &mut outcome)?;
        if outcome.written {
            told(reload::ask(bus).await, file, &edit, &before, &mut outcome)?;
        }
    }
    out::json(&outcome)?;
    Ok(outcome)
}

fn read(input: impl Read) -> Result<Edit, Failure> {
    let mut text = String::new();
    input.take(INPUT_MAX).read_to_string(&mut text)?;
    serde_json::from_str(&text)
        .map_err(|_| Failure::Usage("standard input is not {\"before\": ..., \"after\": ...}".into()))
}

/// The findings about the settings with the new file, and the present file if it can be written.
fn check(file: &Path, edit: &Edit, examine: fn(&Path) -> Report) -> Result<(Outcome, Option<Old>), Failure> {
    let refused = |error: io::Error| Failure::Refused(format!("{}: {error}", file.display()));
    let main = main_of(file);
    // The target of a link has other neighbors, and a rename would replace the link with a file.
    let meta = match fs::symlink_metadata(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && main != file => None,
        meta => Some(meta.map_err(refused)?),
    };
    if meta.is_some_and(|meta| !meta.is_file()) {
        return Err(Failure::Refused(format!("{}: is not a regular file", file.display())));
    }
    let before = now(file).map_err(refused)?;
    if before.content() != edit.before.as_bytes() {
        return Ok((Outcome { changed_meanwhile: true, ..Outcome::default() }, None));
    }
    let changed = edit.before != edit.after;
    let scratch = Scratch::of(&main, file, edit).map_err(refused)?;
    let Report { error, warnings } = examine(&scratch.main);
    let home = main.parent().unwrap_or(Path::new("/")).display().to_string();
    let named = |text: String| text.replace(&scratch.home.display().to_string(), &home);
    let (error, warnings) = (error.map(named), warnings.into_iter().map(named).collect());
    let changed = changed && error.is_none();
    let outcome = Outcome { changed, error, warnings, ..Outcome::default() };
    let before = outcome.error.is_none().then_some(before);
    Ok((outcome, before))
}

fn write(file: &Path, edit: &Edit, before: &Old, outcome: &mut Outcome) -> Result<(), Failure> {
    if now(file)? != *before {
        *outcome = Outcome { changed_meanwhile: true, changed: false, ..std::mem::take(outcome) };
        return Ok(());
    }
    outcome.written = true;
    // A missing file with no new content is not created.
    if edit.before == edit.after {
        return Ok(());
    }
    if let (None, Some(directory)) = (&before.0, file.parent())
        && !directory.exists()
    {
        DirBuilder::new().mode(0o755).create(directory)?;
    }
    let (mode, owner) = before.0.as_ref().map_or((NEW, None), |before| (before.mode, Some(before.owner)));
    files::write(file, edit.after.as_bytes(), mode, owner)?;
    Ok(())
}

/// The agent's answer. If it can't use the settings, the old file is restored, unless another program has written it
/// meanwhile.
fn told(
    said: Result<Reloaded, Failure>,
    file: &Path,
    edit: &Edit,
    before: &Old,
    outcome: &mut Outcome,
) -> Result<(), Failure> {
    match said {
        Ok(Reloaded::Done) => outcome.reloaded = true,
        Ok(Reloaded::NotRunning) => {}
        Ok(Reloaded::Kept(why)) => {
            let ours = now(file)?.content() == edit.after.as_bytes();
            match &before.0 {
                _ if !ours => {}
                Some(before) => files::write(file, &before.content, before.mode, Some(before.owner))?,
                None => files::remove(file)?,
            }
            outcome.changed_meanwhile = !ours;
            (outcome.written, outcome.changed) = (false, false);
            outcome.error = Some(why);
        }
        Err(failure) => outcome.warnings.push(failure.to_string()),
    }
    Ok(())
}

/// Every user can read a new drop-in, as all settings.
const NEW: u32 = 0o644;

/// The old settings file; a drop-in may not exist yet.
#[derive(Debug, PartialEq, Eq)]
struct Old(Option<Before>);

impl Old {
    fn content(&self) -> &[u8] {
        self.0.as_ref().map_or(&[], |before| before.content.as_slice())
    }
}

fn now(file: &Path) -> io::Result<Old> {
    Ok(Old(change::now(file)?))
}

/// The main file: `file` itself, or the one that it is beside or whose drop-in it is.
fn main_of(file: &Path) -> PathBuf {
    if file.file_name().is_some_and(|name| name == INSTALLED) {
        return file.with_file_name(Path::new(PATH).file_name().unwrap_or_default());
    }
    let parent = file.parent().unwrap_or(Path::new("/"));
    match parent.as_os_str().to_str().and_then(|parent| parent.strip_suffix(".toml.d")) {
        Some(stem) => format!("{stem}.toml").into(),
        None => file.to_owned(),
    }
}

/// The new settings, in a directory of root's beside them, where the checking program may read.
struct Scratch {
    home: PathBuf,
    main: PathBuf,
}

impl Scratch {
    fn of(main: &Path, file: &Path, edit: &Edit) -> io::Result<Self> {
        let home = main.with_file_name(format!(".check-{}", std::process::id()));
        // An interrupted run of a process with the same number.
        let _ = fs::remove_dir_all(&home);
        let private = |path: &Path| DirBuilder::new().mode(0o700).create(path);
        private(&home)?;
        let name = main.file_name().ok_or_else(|| io::Error::other("not the name of a file"))?;
        let scratch = Self { main: home.join(name), home };
        private(&drop_ins(&scratch.main))?;
        let mut all = vec![main.to_owned(), main.with_file_name(INSTALLED)];
        match fs::read_dir(drop_ins(main)) {
            Ok(entries) => all.extend(entries.flatten().map(|entry| entry.path())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        if !all.iter().any(|path| path == file) {
            all.push(file.to_owned());
        }
        for path in all {
            let to = match path.strip_prefix(main.parent().unwrap_or(Path::new("/"))) {
                Ok(within) => scratch.home.join(within),
                Err(_) => continue,
            };
            let now = if path == file { Some(edit.after.clone().into_bytes()) } else { readable(&path)? };
            if let Some(content) = now {
                files::write(&to, &content, 0o600, None)?;
            }
        }
        Ok(scratch)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.home);
    }
}

/// Valid content of a settings file.
fn readable(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::metadata(path) {
        Ok(meta) if meta.is_file() => files::read(path),
        Ok(_) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    use sspr_config::settings;

    use super::*;

    fn examine(path: &Path) -> Report {
        Report { error: settings::load(path).err().map(|error| error.to_string()), warnings: Vec::new() }
    }

    struct Home(tempfile::TempDir);

    impl Home {
        fn new() -> Self {
            let home = Self(tempfile::tempdir().unwrap());
            fs::create_dir(home.path("sspr.toml.d")).unwrap();
            fs::set_permissions(home.path("sspr.toml.d"), fs::Permissions::from_mode(0o755)).unwrap();
            files::write(&home.path("sspr.toml"), b"[scope]\nenable = \"none\"\n", 0o640, None).unwrap();
            files::write(&home.path("sspr.toml.d/40.toml"), b"[code]\ntries = 4\n", 0o644, None).unwrap();
            home
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        /// Checks and writes, without an agent.
        fn edit(&self, name: &str, before: &str, after: &str) -> Outcome {
            let (file, edit) = (self.path(name), Edit { before: before.into(), after: after.into() });
            let (mut outcome, before) = check(&file, &edit, examine).unwrap();
            if let Some(before) = before {
                write(&file, &edit, &before, &mut outcome).unwrap();
            }
            let left: Vec<_> = fs::read_dir(self.0.path()).unwrap().flatten().map(|entry| entry.file_name()).collect();
            assert_eq!(left.len(), 2, "{left:?}");
            outcome
        }

        fn text(&self, name: &str) -> String {
            fs::read_to_string(self.path(name)).unwrap()
        }
    }

    const NONE: &str = "[scope]\nenable = \"none\"\n";
    const ALL: &str = "[scope]\nenable = \"all\"\n";

    #[test]
    fn settings_that_can_stand_are_written_with_the_mode_of_the_file() {
        let home = Home::new();
        assert!(home.edit("sspr.toml", NONE, ALL).written);
        assert_eq!(home.text("sspr.toml"), ALL);
        assert_eq!(fs::metadata(home.path("sspr.toml")).unwrap().mode() & 0o7777, 0o640);
        let tries = |n: u8| format!("[code]\ntries = {n}\n");
        assert!(home.edit("sspr.toml.d/40.toml", &tries(4), &tries(3)).written);
        assert_eq!(home.text("sspr.toml.d/40.toml"), tries(3));
    }

    #[test]
    fn a_drop_in_that_is_not_there_yet_is_judged_with_the_others_and_made() {
        let home = Home::new();
        let wrong = home.edit("sspr.toml.d/60-ansible.toml", "", "[code]\ntries = 4000\n");
        assert!(wrong.error.unwrap().contains("60-ansible.toml:2: "));
        assert!(!home.path("sspr.toml.d/60-ansible.toml").exists());
        let nothing = home.edit("sspr.toml.d/60-ansible.toml", "", "");
        assert!(nothing.written && !nothing.changed && !home.path("sspr.toml.d/60-ansible.toml").exists());
        let made = home.edit("sspr.toml.d/60-ansible.toml", "", "[code]\ntries = 3\n");
        assert!(made.written && made.changed);
        assert_eq!(home.text("sspr.toml.d/60-ansible.toml"), "[code]\ntries = 3\n");
        assert_eq!(fs::metadata(home.path("sspr.toml.d/60-ansible.toml")).unwrap().mode() & 0o7777, 0o644);
        let same = home.edit("sspr.toml.d/60-ansible.toml", "[code]\ntries = 3\n", "[code]\ntries = 3\n");
        assert!(same.written && !same.changed);
        // The main file is not created.
        fs::remove_file(home.path("sspr.toml")).unwrap();
        let edit = Edit { before: String::new(), after: ALL.into() };
        assert!(check(&home.path("sspr.toml"), &edit, examine).is_err());
    }

    #[test]
    fn a_new_drop_in_that_the_agent_can_t_use_is_gone_again() {
        let home = Home::new();
        let (file, edit) =
            (home.path("sspr.toml.d/60-ansible.toml"), Edit { before: String::new(), after: ALL.into() });
        let (mut outcome, before) = check(&file, &edit, examine).unwrap();
        let before = before.unwrap();
        write(&file, &edit, &before, &mut outcome).unwrap();
        told(Ok(Reloaded::Kept("no".into())), &file, &edit, &before, &mut outcome).unwrap();
        assert!(!outcome.written && !outcome.changed && !file.exists());
    }

    #[test]
    fn a_fault_is_named_with_the_file_that_it_is_in_and_nothing_is_written() {
        let home = Home::new();
        for (name, before, after, line) in [
            ("sspr.toml", NONE, "[scope]\nenabel = \"all\"\n", 2),
            ("sspr.toml.d/40.toml", "[code]\ntries = 4\n", "[code]\n\ntries = 4000\n", 3),
        ] {
            let outcome = home.edit(name, before, after);
            let error = outcome.error.unwrap();
            assert!(error.starts_with(&format!("{}:{line}: ", home.path(name).display())), "{error}");
            assert!(!outcome.written);
            assert_eq!(home.text(name), before);
        }
    }

    #[test]
    fn what_another_administrator_wrote_meanwhile_is_not_written_over() {
        let home = Home::new();
        let outcome = home.edit("sspr.toml", "[scope]\n", ALL);
        assert_eq!(outcome, Outcome { changed_meanwhile: true, ..Outcome::default() });
        assert_eq!(home.text("sspr.toml"), NONE);
        // Between the check and the write too.
        let (file, edit) = (home.path("sspr.toml"), Edit { before: NONE.into(), after: ALL.into() });
        let (mut outcome, before) = check(&file, &edit, examine).unwrap();
        files::write(&file, b"# mine\n", 0o640, None).unwrap();
        write(&file, &edit, &before.unwrap(), &mut outcome).unwrap();
        assert!(outcome.changed_meanwhile && !outcome.written);
        assert_eq!(home.text("sspr.toml"), "# mine\n");
    }

    #[test]
    fn settings_that_the_agent_can_t_use_are_taken_back() {
        let home = Home::new();
        let (file, edit) = (home.path("sspr.toml"), Edit { before: NONE.into(), after: ALL.into() });
        let (mut outcome, before) = check(&file, &edit, examine).unwrap();
        let before = before.unwrap();
        write(&file, &edit, &before, &mut outcome).unwrap();
        let kept = || Ok(Reloaded::Kept("no".into()));
        told(kept(), &file, &edit, &before, &mut outcome).unwrap();
        assert_eq!((outcome.written, outcome.error.as_deref()), (false, Some("no")));
        assert_eq!(home.text("sspr.toml"), NONE);
        // Another administrator's change in between stays.
        write(&file, &edit, &before, &mut outcome).unwrap();
        files::write(&file, b"# mine\n", 0o640, None).unwrap();
        told(kept(), &file, &edit, &before, &mut outcome).unwrap();
        assert_eq!((outcome.written, outcome.changed_meanwhile), (false, true));
        assert_eq!(home.text("sspr.toml"), "# mine\n");
    }

    #[test]
    fn a_link_is_not_written_through() {
        let home = Home::new();
        fs::rename(home.path("sspr.toml"), home.path("sspr.toml.d/real")).unwrap();
        std::os::unix::fs::symlink(home.path("sspr.toml.d/real"), home.path("sspr.toml")).unwrap();
        let edit = Edit { before: NONE.into(), after: ALL.into() };
        let said = check(&home.path("sspr.toml"), &edit, examine).unwrap_err().to_string();
        assert!(said.contains("is not a regular file"), "{said}");
    }

    #[test]
    fn each_file_is_judged_with_those_around_it() {
        for (file, main) in [
            ("/etc/sspr/sspr.toml", "/etc/sspr/sspr.toml"),
            ("/etc/sspr/installed.toml", "/etc/sspr/sspr.toml"),
            ("/etc/sspr/sspr.toml.d/40-setup.toml", "/etc/sspr/sspr.toml"),
        ] {
            assert_eq!(main_of(Path::new(file)), Path::new(main));
        }
    }

    #[test]
    fn standard_input_is_json_or_a_wrong_use() {
        assert!(read(&b"{\"before\":\"a\",\"after\":\"b\"}"[..]).is_ok());
        assert_eq!(read(&b"a"[..]).unwrap_err().status(), 2);
    }
}
