//! The users whom the service is for: as typed, as shown, and the drop-in that sets them.

use std::{
    fs::{self, DirBuilder},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use sspr_config::settings::{self, Enable, Loaded};
use sspr_core::typed::argument;
use sspr_machine::{files, names};

use crate::failure::Failure;

/// The drop-in that sets them.
pub const DROP_IN: &str = "50-enable.toml";

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enabled {
    /// The users who could use it, and where that was set.
    pub before: (Enable, Option<String>),
    /// The users who can use it.
    pub after: Enable,
    /// The drop-in.
    pub file: PathBuf,
    /// Whether anything was written.
    pub changed: bool,
}

/// The users that `enable` names, in words.
pub fn words(enable: &Enable) -> String {
    match enable {
        Enable::None => "nobody".into(),
        Enable::All => "everybody".into(),
        Enable::Groups(groups) => format!("members of {}", groups.join(", ")),
    }
}

/// Reads the words of the command line. Groups must exist: a typo would silently leave users out.
pub fn parse(typed: &[String]) -> Result<Enable, Failure> {
    let typed: &[String] = &typed.iter().map(|word| argument(word)).collect::<Vec<_>>();
    match typed {
        [word] if word == "none" => return Ok(Enable::None),
        [word] if word == "all" => return Ok(Enable::All),
        _ => {}
    }
    if let Some(word) = typed.iter().find(|word| ["none", "all"].contains(&word.as_str())) {
        return Err(Failure::Usage(format!("{word:?} can't be combined with groups")));
    }
    for group in typed {
        match names::group(group) {
            Ok(Some(_)) => {}
            Ok(None) => {
                return Err(Failure::Usage(format!(
                    "there is no group {group:?} on this machine; nothing was changed"
                )));
            }
            Err(error) => return Err(Failure::Refused(format!("the group {group:?} can't be looked up: {error}"))),
        }
    }
    let mut groups = typed.to_vec();
    groups.sort();
    groups.dedup();
    Ok(Enable::Groups(groups))
}

/// Writes the drop-in, unless it would change nothing. If it has no effect, because of an error elsewhere in the
/// settings or a drop-in with a later name, it is undone.
pub fn switch(config: &Path, whom: &Enable, typed: &[String]) -> Result<Enabled, Failure> {
    let refused = |e: settings::SettingsError| Failure::Refused(format!("correct the settings first: {e}"));
    let loaded = settings::load_with_origins(config).map_err(refused)?;
    let file = settings::drop_ins(config).join(DROP_IN);
    let enabled = |changed| Enabled {
        before: (loaded.settings.scope.enable.clone(), origin(&loaded)),
        after: whom.clone(),
        file: file.clone(),
        changed,
    };
    if loaded.settings.scope.enable == *whom {
        return Ok(enabled(false));
    }
    let can_not = |what: &Path, e: std::io::Error| Failure::Refused(format!("{}: {e}", what.display()));
    let directory = settings::drop_ins(config);
    if !directory.exists() {
        DirBuilder::new().mode(0o755).create(&directory).map_err(|e| can_not(&directory, e))?;
    }
    let old = files::read(&file).map_err(|e| can_not(&file, e))?;
    files::write(&file, content(whom, typed).as_bytes(), 0o644, None).map_err(|e| can_not(&file, e))?;
    let Err(why) = counts(config, whom) else { return Ok(enabled(true)) };
    match old {
        Some(old) => files::write(&file, &old, 0o644, None),
        None => fs::remove_file(&file),
    }
    .map_err(|e| can_not(&file, e))?;
    Err(Failure::Refused(format!("nothing was changed: {why}")))
}

/// Whether the current settings amount to `whom`; if not, why.
pub fn counts(config: &Path, whom: &Enable) -> Result<(), String> {
    match settings::load_with_origins(config) {
        Ok(loaded) if loaded.settings.scope.enable == *whom => Ok(()),
        Ok(loaded) => Err(format!("{} overrides this; change it there", origin(&loaded).unwrap_or_default())),
        Err(error) => Err(error.to_string()),
    }
}

fn origin(loaded: &Loaded) -> Option<String> {
    loaded.origin("scope", "enable").map(|o| format!("{}:{}", o.path.display(), o.line))
}

/// The drop-in, with the words that were typed.
pub fn content(whom: &Enable, typed: &[String]) -> String {
    let value = toml::Value::try_from(whom).map_or_else(|_| "\"none\"".into(), |value| value.to_string());
    format!("# Written by: sspr admin enable {}\n[scope]\nenable = {value}\n", typed.join(" "))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    use super::*;

    fn typed(text: &str) -> Vec<String> {
        text.split(' ').map(Into::into).collect()
    }

    fn settings(text: &str) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sspr.toml");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        (dir, path)
    }

    #[test]
    fn none_and_all_stand_alone_and_a_group_must_exist() {
        assert_eq!(parse(&typed("none")).unwrap(), Enable::None);
        assert_eq!(parse(&typed("all")).unwrap(), Enable::All);
        assert_eq!(parse(&typed("root daemon root")).unwrap(), Enable::Groups(vec!["daemon".into(), "root".into()]));
        for wrong in ["all root", "root none", "no-such-group", "root no-such-group"] {
            assert_eq!(parse(&typed(wrong)).unwrap_err().status(), 2, "{wrong}");
        }
    }

    #[test]
    fn the_drop_in_takes_effect_says_what_was_before_and_is_not_written_twice() {
        let (_dir, path) = settings("[scope]\nenable = [\"staff\"]\n");
        let done = switch(&path, &Enable::All, &typed("all")).unwrap();
        assert_eq!(done.before.0, Enable::Groups(vec!["staff".into()]));
        assert!(done.before.1.unwrap().ends_with("sspr.toml:2"));
        assert!(done.changed);
        assert_eq!(settings::load(&path).unwrap().scope.enable, Enable::All);
        let meta = fs::metadata(&done.file).unwrap();
        assert_eq!(meta.mode() & 0o7777, 0o644);
        let again = switch(&path, &Enable::All, &typed("all")).unwrap();
        assert!(!again.changed);
        assert_eq!(fs::metadata(&done.file).unwrap().ino(), meta.ino());
        switch(&path, &Enable::Groups(vec!["a".into(), "b".into()]), &typed("a b")).unwrap();
        assert_eq!(
            fs::read_to_string(&done.file).unwrap(),
            "# Written by: sspr admin enable a b\n[scope]\nenable = [\"a\", \"b\"]\n"
        );
    }

    #[test]
    fn a_later_drop_in_that_says_otherwise_is_named_and_nothing_is_left_behind() {
        let (_dir, path) = settings("");
        let directory = settings::drop_ins(&path);
        fs::create_dir(&directory).unwrap();
        fs::set_permissions(&directory, fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(directory.join("90-local.toml"), "[scope]\nenable = \"none\"\n").unwrap();
        fs::set_permissions(directory.join("90-local.toml"), fs::Permissions::from_mode(0o644)).unwrap();
        let error = switch(&path, &Enable::All, &typed("all")).unwrap_err().to_string();
        assert!(error.contains("90-local.toml:2 overrides this"), "{error}");
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 1);
    }

    #[test]
    fn with_a_mistake_in_the_settings_nothing_is_changed() {
        let (_dir, path) = settings("[code]\ndigits = 4\n");
        let error = switch(&path, &Enable::All, &typed("all")).unwrap_err().to_string();
        assert!(error.contains("correct the settings first") && error.contains("sspr.toml:2"), "{error}");
        assert!(!settings::drop_ins(&path).exists());
    }
}
