//! The files that make up the settings: the main one and its drop-ins.

use std::{
    fs::{self, File, Metadata},
    io::Read as _,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use super::SettingsError;
use crate::why::Why;

/// The largest settings file that is read, in bytes.
const SIZE_MAX: u64 = 1 << 20;

/// Next to the main file: the package's choices at first installation. All other files take precedence over it.
pub const INSTALLED: &str = "installed.toml";

/// One file.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) text: String,
}

/// The directory with the drop-ins of the settings at `path`: `/etc/sspr/sspr.toml.d`.
pub fn drop_ins(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".d");
    name.into()
}

/// The package's choices, the file at `path`, then its drop-ins, `*.toml`, in the order of their names.
pub(super) fn read(path: &Path) -> Result<Vec<Source>, SettingsError> {
    let main =
        read_one(path, "there is no such file; reinstall the package or copy /usr/share/doc/sspr/sspr.toml there")?;
    let installed = path.with_file_name(INSTALLED);
    let mut sources = Vec::new();
    if fs::symlink_metadata(&installed).is_ok() {
        sources.push(read_one(&installed, "went away while it was read; try again")?);
    }
    sources.push(main);
    // A user who can rename files in the directory can replace them. An administrators' group may.
    let home = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let meta = fs::metadata(home)
        .map_err(|e| SettingsError::File { path: home.into(), why: Why::of(&e, format!("can't be read: {e}")) })?;
    if meta.mode() & 0o002 != 0 && meta.mode() & 0o1000 == 0 {
        let why =
            format!("is writable by everybody (mode {:04o}); run: chmod o-w {}", meta.mode() & 0o7777, home.display());
        return Err(SettingsError::File { path: home.into(), why: why.into() });
    }
    belongs(home, &meta)?;
    let directory = drop_ins(path);
    let refuse = |why: Why| SettingsError::File { path: directory.clone(), why };
    let entries = match fs::read_dir(&directory) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(sources),
        Err(e) => {
            return Err(refuse(Why::of(
                &e,
                format!("can't be read: {e}; it should be a directory, mode 0755, and belong to root"),
            )));
        }
    };
    let meta = fs::metadata(&directory).map_err(|e| refuse(Why::of(&e, format!("can't be read: {e}"))))?;
    admit(&directory, &meta, "0755")?;
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(|e| refuse(Why::of(&e, format!("can't be read: {e}"))))?.file_name();
        let shown = name.to_string_lossy();
        // Files that editors and dpkg leave behind end differently, or begin with a dot.
        if shown.ends_with(".toml") && !shown.starts_with('.') {
            names.push(name);
        }
    }
    names.sort();
    for name in names {
        sources.push(read_one(&directory.join(name), "went away while it was read; try again")?);
    }
    Ok(sources)
}

fn read_one(path: &Path, absent: &str) -> Result<Source, SettingsError> {
    let refuse = |why: Why| SettingsError::File { path: path.into(), why };
    let file = File::open(path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => refuse(absent.into()),
        _ => refuse(Why::of(&e, format!("can't be read: {e}; it should be mode 0644 and belong to root"))),
    })?;
    let meta = file.metadata().map_err(|e| refuse(Why::of(&e, format!("can't be read: {e}"))))?;
    if !meta.is_file() {
        return Err(refuse("is not a regular file".into()));
    }
    admit(path, &meta, "0644")?;
    let mut text = String::new();
    file.take(SIZE_MAX + 1)
        .read_to_string(&mut text)
        .map_err(|e| refuse(Why::of(&e, format!("can't be read as text: {e}"))))?;
    if text.len() as u64 > SIZE_MAX {
        return Err(refuse("is larger than 1 MiB".into()));
    }
    Ok(Source { path: path.into(), text })
}

/// The file must belong to root (or to the user who runs a test), and only its owner may be able to write it: a user who can write it can
/// switch the service on.
fn admit(path: &Path, meta: &Metadata, mode: &str) -> Result<(), SettingsError> {
    let refuse = |why: Why| Err(SettingsError::File { path: path.into(), why });
    if meta.mode() & 0o022 != 0 {
        return refuse(
            format!(
                "is writable by others than its owner (mode {:04o}); run: chmod {mode} {}",
                meta.mode() & 0o7777,
                path.display()
            )
            .into(),
        );
    }
    belongs(path, meta)
}

fn belongs(path: &Path, meta: &Metadata) -> Result<(), SettingsError> {
    let own = fs::metadata("/proc/self").map_or(0, |m| m.uid());
    if meta.uid() == 0 || meta.uid() == own {
        return Ok(());
    }
    let why = format!("belongs to uid {}; run: chown root:root {}", meta.uid(), path.display());
    Err(SettingsError::File { path: path.into(), why: why.into() })
}
