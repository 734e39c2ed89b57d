//! `sspr config write`: one settings file as it is to be, for a program that shows it to an administrator. It is written only if it is
//! still what that program had read, and only if the settings can stand with it.

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

/// What comes on standard input.
#[derive(Debug, Deserialize)]
pub struct Edit {
    /// The file as it was read.
    before: String,
    /// The file as it is to be.
    after: String,
}

/// What became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The file is as it was to be.
    written: bool,
    /// The file is no longer what was read; nothing was written.
    changed_meanwhile: bool,
    /// The fault for which the settings can't stand; nothing was written.
    error: Option<String>,
    /// What is hardly meant.
    warnings: Vec<String>,
    /// The agent has read it; else it does so when it starts.
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
            told(reload::ask(bus).await, file, &before, &mut outcome)?;
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

/// What is to be said of the settings with the file as it is to be, and the file as it is if it can be written.
fn check(file: &Path, edit: &Edit, examine: fn(&Path) -> Report) -> Result<(Outcome, Option<Before>), Failure> {
    let refused = |error: io::Error| Failure::Refused(format!("{}: {error}", file.display()));
    let main = main_of(file);
    // What a link leads to has other neighbours, and a rename would put a file in place of the link.
    if !fs::symlink_metadata(file).map_err(refused)?.is_file() {
        return Err(Failure::Refused(format!("{}: is not a regular file", file.display())));
    }
    let before = change::now(file).map_err(refused)?.filter(|now| now.content == edit.before.as_bytes());
    let Some(before) = before else { return Ok((Outcome { changed_meanwhile: true, ..Outcome::default() }, None)) };
    let scratch = Scratch::of(&main, file, edit).map_err(refused)?;
    let Report { error, warnings } = examine(&scratch.main);
    let home = main.parent().unwrap_or(Path::new("/")).display().to_string();
    let named = |text: String| text.replace(&scratch.home.display().to_string(), &home);
    let outcome =
        Outcome { error: error.map(named), warnings: warnings.into_iter().map(named).collect(), ..Outcome::default() };
    let before = outcome.error.is_none().then_some(before);
    Ok((outcome, before))
}

fn write(file: &Path, edit: &Edit, before: &Before, outcome: &mut Outcome) -> Result<(), Failure> {
    if change::now(file)?.as_ref() != Some(before) {
        outcome.changed_meanwhile = true;
        return Ok(());
    }
    files::write(file, edit.after.as_bytes(), before.mode, Some(before.owner))?;
    outcome.written = true;
    Ok(())
}

/// What the agent said. If it can't use the settings, the file is as it was.
fn told(said: Result<Reloaded, Failure>, file: &Path, before: &Before, outcome: &mut Outcome) -> Result<(), Failure> {
    match said {
        Ok(Reloaded::Done) => outcome.reloaded = true,
        Ok(Reloaded::NotRunning) => {}
        Ok(Reloaded::Kept(why)) => {
            files::write(file, &before.content, before.mode, Some(before.owner))?;
            outcome.written = false;
            outcome.error = Some(why);
        }
        Err(failure) => outcome.warnings.push(failure.to_string()),
    }
    Ok(())
}

/// The main file: `file`, or the one that it is beside or whose drop-in it is.
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

/// The settings as they are to be, in a directory of root's beside them: what reads them may read there.
struct Scratch {
    home: PathBuf,
    main: PathBuf,
}

impl Scratch {
    fn of(main: &Path, file: &Path, edit: &Edit) -> io::Result<Self> {
        let home = main.with_file_name(format!(".check-{}", std::process::id()));
        // A run that was cut off, of a process with the same number.
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

/// What is in a file that can be one of settings.
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

        /// Checks and writes, as with no agent about.
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
        told(Ok(Reloaded::Kept("no".into())), &file, &before, &mut outcome).unwrap();
        assert_eq!((outcome.written, outcome.error.as_deref()), (false, Some("no")));
        assert_eq!(home.text("sspr.toml"), NONE);
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
