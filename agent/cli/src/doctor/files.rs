//! Files: their owners, who can read them, and whether the disk has enough space.

use std::{
    fs::{self, Metadata, OpenOptions},
    io,
    os::unix::fs::MetadataExt as _,
    path::Path,
};

use nix::unistd::User;
use sspr_config::bus::AGENT_USER;

use super::Finding;
use sspr_machine::{
    agent_user,
    birth::{self, Made},
};

/// The key that `sspr replace-key` replaced.
const OLD_KEY: &str = "host.key.old";
const MIB: u64 = 1 << 20;
/// With less free space than this, in bytes, the store may fail any day.
const LITTLE: u64 = 50 * MIB;
/// With less than this, it fails.
const NONE: u64 = MIB;

/// The uid that the agent's files belong to; `None` where that user is missing.
pub fn owner_of_state(root: &Path) -> Option<u32> {
    (root == Path::new("/")).then(|| User::from_name(AGENT_USER).ok().flatten().map(|user| user.uid.as_raw()))?
}

/// Whether the agent's user is a system user. A missing user is reported elsewhere.
pub fn user(root: &Path) -> Finding {
    const CHECK: &str = "user";
    match owner_of_state(root).map(|uid| agent_user::verify(root, uid)) {
        Some(Err(why)) => Finding::error(
            CHECK,
            format!("{why}: the agent does not run, and that user can ask for nothing"),
            format!("run: usermod -l NEWNAME {AGENT_USER}, then reinstall the package"),
        ),
        _ => Finding::fine(CHECK, format!("{AGENT_USER} is the agent's own")),
    }
}

/// The agent's directory, its store and its key: only for `owner`.
pub fn state(root: &Path, owner: Option<u32>) -> Vec<Finding> {
    const CHECK: &str = "state";
    let Some(owner) = owner else {
        return vec![Finding::error(
            CHECK,
            "there is no user sspr",
            "run: systemd-sysusers sspr.conf, or reinstall the package",
        )];
    };
    let directory = root.join("var/lib/sspr");
    let meta = match fs::metadata(&directory) {
        Ok(meta) => meta,
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            return vec![Finding::error(
                CHECK,
                "/var/lib/sspr is missing",
                "run: systemctl restart sspr-agent, which makes it",
            )];
        }
        Err(e) => return vec![Finding::warning(CHECK, format!("/var/lib/sspr: {e}"), "look as root")],
    };
    let mut findings: Vec<_> = guarded("/var/lib/sspr", &meta, owner, "0700").into_iter().collect();
    for name in ["sspr.db", "sspr.db-wal", "sspr.db-shm", "host.key", OLD_KEY, birth::NOTE] {
        match fs::symlink_metadata(directory.join(name)) {
            Ok(meta) => findings.extend(guarded(&format!("/var/lib/sspr/{name}"), &meta, owner, "0600")),
            Err(e) if e.kind() == io::ErrorKind::PermissionDenied => {
                return vec![Finding::warning(CHECK, "only root can look into /var/lib/sspr", "look as root")];
            }
            Err(_) => {}
        }
    }
    if directory.join("sspr.db").exists() && !directory.join("host.key").exists() && !has_credential(root) {
        findings.push(Finding::error(
            CHECK,
            "the store has lost its key: registrations can't be read",
            "restore /var/lib/sspr/host.key from a backup, or give the key as the systemd credential host.key",
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::fine(CHECK, "only the agent can read /var/lib/sspr and the key"));
    }
    if directory.join(OLD_KEY).exists() {
        findings.push(Finding::warning(
            CHECK,
            format!("/var/lib/sspr/{OLD_KEY} is the key from before \"sspr replace-key\""),
            "move it to the backups from before, which need it",
        ));
    }
    let key = directory.join("host.key");
    let machine_id = root.join(birth::MACHINE_ID.trim_start_matches('/'));
    if key.exists() && !has_credential(root) && birth::made(&key, &machine_id).is_ok_and(|made| made == Made::Elsewhere)
    {
        findings.push(Finding::warning(
            CHECK,
            "/var/lib/sspr/host.key was made on a machine with another /etc/machine-id: clones of one image share it, and \
             an administrator of one can read the registrations of all",
            format!(
                "if only this machine has the key: rm /var/lib/sspr/{}; systemctl restart sspr-agent. On a clone, start \
                 anew, which deletes all registrations and the audit trail: systemctl stop sspr-agent; rm /var/lib/sspr/*; \
                 systemctl start sspr-agent; or keep them, with a key of its own: sspr replace-key",
                birth::NOTE
            ),
        ));
    }
    findings
}

/// Whether a drop-in of the agent's unit provides the key.
pub(crate) fn has_credential(root: &Path) -> bool {
    ["etc", "run", "usr/lib"].iter().any(|base| {
        let drop_ins = root.join(base).join("systemd/system/sspr-agent.service.d");
        fs::read_dir(drop_ins).into_iter().flatten().flatten().any(|entry| {
            let text = sspr_machine::files::text(&entry.path()).unwrap_or_default();
            text.lines().any(|line| match line.trim().split_once('=') {
                Some(("ImportCredential", names)) => {
                    let names = names.split(':').next().unwrap_or_default().trim();
                    names == "host.key" || names.strip_suffix('*').is_some_and(|start| "host.key".starts_with(start))
                }
                Some((key, what)) => key.starts_with("LoadCredential") && what.contains("host.key"),
                None => false,
            })
        })
    })
}

fn guarded(path: &str, meta: &Metadata, owner: u32, mode: &str) -> Option<Finding> {
    if meta.uid() != owner {
        let what = format!("{path} belongs to uid {}, not to the agent", meta.uid());
        return Some(Finding::error("state", what, format!("run: chown {AGENT_USER}: {path}")));
    }
    if meta.mode() & 0o077 != 0 {
        let what = format!("{path} is open to others (mode {:04o})", meta.mode() & 0o7777);
        return Some(Finding::error("state", what, format!("run: chmod {mode} {path}")));
    }
    None
}

/// The file that switches the module off, if it is there.
pub fn off(root: &Path) -> Option<Finding> {
    let file = sspr_config::policy::OFF;
    root.join(file.trim_start_matches('/')).symlink_metadata().ok()?;
    let what = format!("{file} exists: the module does nothing, and nobody can reset or register");
    Some(Finding::error("off", what, format!("when sign-ins work again: rm {file}")))
}

/// Whether a new password can be written.
pub fn shadow(root: &Path) -> Finding {
    const CHECK: &str = "shadow";
    let path = root.join("etc/shadow");
    // Opened as for writing, but nothing is written.
    match OpenOptions::new().append(true).open(&path) {
        Ok(_) => {}
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            return Finding::error(CHECK, "/etc/shadow is missing: no password can be set", "run: pwconv");
        }
        Err(e) if !rustix::process::geteuid().is_root() => {
            return Finding::warning(CHECK, format!("you can't read /etc/shadow: {e}"), "look as root");
        }
        Err(e) => {
            return Finding::error(
                CHECK,
                format!("/etc/shadow can't be written: {e}"),
                "see: mount | grep ' / ' (read-only?) and lsattr /etc/shadow (immutable?)",
            );
        }
    }
    if root == Path::new("/") && sspr_machine::shadow_is_a_mount() {
        return Finding::error(
            CHECK,
            "something is mounted on /etc/shadow: no new file can take its place, and no password can be set",
            "see: findmnt /etc/shadow; mount a directory, not the file",
        );
    }
    match rustix::fs::statvfs(root.join("etc")) {
        Ok(stat) if stat.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY) => {
            Finding::error(CHECK, "/etc is read-only: no password can be set", "mount it read-write")
        }
        _ => Finding::fine(CHECK, "a new password can be written"),
    }
}

/// Whether there is space for the store and for a new /etc/shadow.
pub fn space(root: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    for path in ["var/lib/sspr", "etc"] {
        if let Ok(stat) = rustix::fs::statvfs(root.join(path)) {
            findings.extend(room(path, stat.f_bavail.saturating_mul(stat.f_frsize), stat.f_files, stat.f_favail));
        }
    }
    if findings.is_empty() {
        findings.push(Finding::fine("disk", "there is room"));
    }
    findings
}

fn room(path: &str, bytes: u64, inodes: u64, free_inodes: u64) -> Option<Finding> {
    let fix = "make room on that file system";
    // Some file systems don't count inodes.
    if bytes < NONE || (inodes > 0 && free_inodes < 10) {
        return Some(Finding::error("disk", format!("the file system of /{path} is full"), fix));
    }
    (bytes < LITTLE).then(|| Finding::warning("disk", format!("/{path} has {} MiB left", bytes / MIB), fix))
}

#[cfg(test)]
mod tests {
    use std::{os::unix::fs::PermissionsExt as _, path::PathBuf};

    use super::{super::Level, *};

    fn machine() -> (tempfile::TempDir, PathBuf, u32) {
        let root = tempfile::tempdir().unwrap();
        let state = root.path().join("var/lib/sspr");
        fs::create_dir_all(&state).unwrap();
        fs::create_dir_all(root.path().join("etc")).unwrap();
        fs::set_permissions(&state, fs::Permissions::from_mode(0o700)).unwrap();
        for name in ["sspr.db", "host.key"] {
            fs::write(state.join(name), "").unwrap();
            fs::set_permissions(state.join(name), fs::Permissions::from_mode(0o600)).unwrap();
        }
        (root, state, rustix::process::geteuid().as_raw())
    }

    #[test]
    fn what_is_open_to_others_or_belongs_to_somebody_else_is_found_with_its_fix() {
        let (root, directory, own) = machine();
        assert_eq!(state(root.path(), Some(own))[0].level, Level::Fine);
        assert!(state(root.path(), Some(own + 1))[0].fix.as_ref().unwrap().contains("chown sspr: /var/lib/sspr"));
        assert!(state(root.path(), None)[0].what.contains("no user sspr"));
        fs::set_permissions(directory.join("host.key"), fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(state(root.path(), Some(own))[0].fix.as_deref(), Some("run: chmod 0600 /var/lib/sspr/host.key"));
        fs::set_permissions(directory.join("host.key"), fs::Permissions::from_mode(0o600)).unwrap();
        fs::set_permissions(&directory, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(state(root.path(), Some(own))[0].fix.as_deref(), Some("run: chmod 0700 /var/lib/sspr"));
        fs::remove_dir_all(&directory).unwrap();
        assert!(state(root.path(), Some(own))[0].what.contains("is missing"));
    }

    #[test]
    fn a_store_without_its_key_is_an_error_unless_systemd_brings_the_key() {
        let (root, directory, own) = machine();
        fs::remove_file(directory.join("host.key")).unwrap();
        assert!(state(root.path(), Some(own))[0].what.contains("has lost its key"));
        let drop_ins = root.path().join("etc/systemd/system/sspr-agent.service.d");
        fs::create_dir_all(&drop_ins).unwrap();
        fs::write(drop_ins.join("key.conf"), "[Service]\nLoadCredentialEncrypted=host.key:/etc/key\n").unwrap();
        assert_eq!(state(root.path(), Some(own))[0].level, Level::Fine);
    }

    #[test]
    fn a_key_that_was_made_on_another_machine_is_a_warning_unless_systemd_brings_one() {
        let (root, directory, own) = machine();
        let id = root.path().join("etc/machine-id");
        fs::write(&id, "0123456789abcdef0123456789abcdef\n").unwrap();
        birth::note(&directory.join("host.key"), &id).unwrap();
        assert_eq!(state(root.path(), Some(own)).len(), 1);
        fs::write(&id, "fedcba9876543210fedcba9876543210\n").unwrap();
        let found = state(root.path(), Some(own));
        assert!(found.len() == 2 && found[1].level == Level::Warning, "{found:?}");
        assert!(found[1].what.starts_with("/var/lib/sspr/host.key was made on a machine with another"), "{found:?}");
        let drop_ins = root.path().join("etc/systemd/system/sspr-agent.service.d");
        fs::create_dir_all(&drop_ins).unwrap();
        fs::write(drop_ins.join("key.conf"), "[Service]\nLoadCredentialEncrypted=host.key:/etc/key\n").unwrap();
        assert_eq!(state(root.path(), Some(own)).len(), 1);
    }

    #[test]
    fn the_file_that_switches_the_module_off_is_an_error_with_its_way_out() {
        let (root, _, _) = machine();
        assert_eq!(off(root.path()), None);
        fs::create_dir_all(root.path().join("etc/sspr")).unwrap();
        fs::write(root.path().join("etc/sspr/off"), "").unwrap();
        let found = off(root.path()).unwrap();
        assert_eq!(
            (found.level, found.fix.as_deref()),
            (Level::Error, Some("when sign-ins work again: rm /etc/sspr/off"))
        );
    }

    #[test]
    fn shadow_must_be_there_and_be_writable() {
        let (root, _, _) = machine();
        assert!(shadow(root.path()).what.contains("missing"));
        let path = root.path().join("etc/shadow");
        fs::create_dir(&path).unwrap();
        assert_ne!(shadow(root.path()).level, Level::Fine);
        fs::remove_dir(&path).unwrap();
        fs::write(&path, "").unwrap();
        assert_eq!(shadow(root.path()).level, Level::Fine);
    }

    #[test]
    fn a_full_disk_is_an_error_and_one_that_fills_up_a_warning() {
        assert_eq!(room("etc", 1000 * MIB, 1000, 1000), None);
        assert_eq!(room("etc", 1000 * MIB, 0, 0), None);
        assert_eq!(room("etc", 20 * MIB, 1000, 1000).unwrap().level, Level::Warning);
        assert_eq!(room("etc", 1000, 1000, 1000).unwrap().level, Level::Error);
        assert_eq!(room("etc", 1000 * MIB, 1000, 3).unwrap().level, Level::Error);
    }
}
