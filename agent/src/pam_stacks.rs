//! The stacks of PAM services as their files have them, includes resolved, and which modules are installed.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    credential::pamconf::{logical_lines, words},
    files,
};

/// How deep includes go before they are taken for a loop.
const DEPTH: usize = 16;

/// A line that has an effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) kind: String,
    pub(crate) control: String,
    /// Without directory and `.so`.
    pub(crate) module: String,
    /// Goes on where the module is not there.
    pub(crate) optional: bool,
    /// What follows the module.
    pub(crate) arguments: Vec<String>,
}

/// The stack of `service` below `root`, includes resolved; `None` where there is no such service.
pub(crate) fn stack(root: &Path, service: &str) -> Result<Option<Vec<Line>>, String> {
    let mut lines = Vec::new();
    match read(root, service) {
        Ok(text) => {
            add(root, service, &text, None, 0, &mut lines)?;
            Ok(Some(lines))
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(format!("the PAM service {service} can't be read: {e}")),
    }
}

fn read(root: &Path, name: &str) -> io::Result<String> {
    if let Some(absolute) = name.strip_prefix('/') {
        return files::text(&root.join(absolute));
    }
    match files::text(&root.join("etc/pam.d").join(name)) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => files::text(&root.join("usr/lib/pam.d").join(name)),
        done => done,
    }
}

fn add(
    root: &Path,
    file: &str,
    text: &str,
    only: Option<&str>,
    depth: usize,
    all: &mut Vec<Line>,
) -> Result<(), String> {
    if depth > DEPTH {
        return Err(format!("the PAM file {file} includes itself"));
    }
    for line in logical_lines(text) {
        let unclear = || format!("the PAM file {file} has a line that is not understood: {line}");
        let found = words(&line).ok_or_else(unclear)?;
        let include = |name: &str, only: Option<&str>, all: &mut Vec<Line>| {
            let text = read(root, name)
                .map_err(|e| format!("the PAM file {file} includes {name}, which can't be read: {e}"))?;
            add(root, name, &text, only, depth + 1, all)
        };
        match found.as_slice() {
            [at, name] if at.eq_ignore_ascii_case("@include") => include(name, only, all)?,
            [kind, control, rest @ ..] => {
                let (kind, optional) = kind.strip_prefix('-').map_or((*kind, false), |kind| (kind, true));
                if only.is_some_and(|only| !only.eq_ignore_ascii_case(kind)) {
                    continue;
                }
                let Some(target) = rest.first() else { return Err(unclear()) };
                if ["include", "substack"].contains(&control.to_ascii_lowercase().as_str()) {
                    include(target, Some(kind), all)?;
                    continue;
                }
                let module = target.rsplit('/').next().unwrap_or(target);
                all.push(Line {
                    kind: kind.to_ascii_lowercase(),
                    control: control.to_ascii_lowercase(),
                    module: module.strip_suffix(".so").unwrap_or(module).to_owned(),
                    optional,
                    arguments: rest.iter().skip(1).map(|argument| (*argument).to_owned()).collect(),
                });
            }
            _ => return Err(unclear()),
        }
    }
    Ok(())
}

/// Where PAM looks for modules.
fn directories(root: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for base in ["lib", "lib64", "usr/lib", "usr/lib64"] {
        let base = root.join(base);
        all.push(base.join("security"));
        // Debian's /usr/lib/x86_64-linux-gnu.
        for entry in fs::read_dir(&base).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().contains("-linux-") {
                all.push(entry.path().join("security"));
            }
        }
    }
    all
}

/// Whether `module` is where PAM looks for it.
pub(crate) fn is_installed(root: &Path, module: &str) -> bool {
    directories(root).iter().any(|directory| directory.join(format!("{module}.so")).exists())
}

/// Modules that open something with the password that was typed, by their names. They learn of a new one from whoever knows the
/// old one, which nobody does in a reset.
const ENCRYPTING: [&str; 8] = [
    "pam_fscrypt",
    "pam_gnome_keyring",
    "pam_ecryptfs",
    "pam_mount",
    "pam_kwallet",
    "pam_kwallet5",
    "pam_zfs_key",
    "pam_cryptpass",
];

/// Those of them that stand in the stacks of `services` and are installed.
pub(crate) fn encrypting(root: &Path, services: &[&str]) -> Vec<&'static str> {
    let lines: Vec<Line> =
        services.iter().filter_map(|service| stack(root, service).ok().flatten()).flatten().collect();
    let stands = |module: &&str| lines.iter().any(|line| line.module == *module) && is_installed(root, module);
    ENCRYPTING.into_iter().filter(stands).collect()
}

/// Services that people sign in at, with what is common to all.
pub(crate) const SIGN_INS: [&str; 11] = [
    "login",
    "sshd",
    "lightdm",
    "xdm",
    "greetd",
    "gdm-password",
    "sddm",
    "common-auth",
    "common-session",
    "common-password",
    "system-auth",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_opens_with_the_old_password_is_found_in_every_kind_of_line_where_it_is_installed() {
        let root = tempfile::tempdir().unwrap();
        let (services, modules) = (root.path().join("etc/pam.d"), root.path().join("lib/security"));
        fs::create_dir_all(&services).unwrap();
        fs::create_dir_all(&modules).unwrap();
        for module in ["pam_fscrypt", "pam_mount", "pam_gnome_keyring"] {
            fs::write(modules.join(format!("{module}.so")), "").unwrap();
        }
        fs::write(services.join("common-session"), "session optional pam_fscrypt.so\n").unwrap();
        fs::write(services.join("common-password"), "password optional pam_ecryptfs.so\n").unwrap();
        fs::write(services.join("lightdm"), "-auth optional pam_gnome_keyring.so\n# auth optional pam_mount.so\n")
            .unwrap();
        assert_eq!(encrypting(root.path(), &SIGN_INS), ["pam_fscrypt", "pam_gnome_keyring"]);
        assert!(encrypting(root.path(), &["sshd"]).is_empty());
    }
}
