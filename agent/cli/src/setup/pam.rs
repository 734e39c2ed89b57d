//! Switches the PAM profile on and off with `pam-auth-update`, and shows the changes beforehand.

use std::{
    fs::{self, DirBuilder},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::change::{Change, now};
use crate::{doctor, failure::Failure};

const PROGRAM: &str = "/usr/sbin/pam-auth-update";
/// The files that the profile changes.
const FILES: [&str; 2] = ["common-auth", "common-account"];

/// Runs it on copies, in a separate mount namespace: only there do the copies replace the originals.
const ON_COPIES: &str = "set -e
cp -a /etc/pam.d \"$1/pam.d\"
cp -a /var/lib/pam \"$1/lib\"
mount --bind \"$1/pam.d\" /etc/pam.d
mount --bind \"$1/lib\" /var/lib/pam
if [ -d /var/cache/debconf ]; then
    cp -a /var/cache/debconf \"$1/debconf\"
    mount --bind \"$1/debconf\" /var/cache/debconf
fi
exec pam-auth-update --enable sspr";

/// The plan for PAM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PamPlan {
    /// The lines are there.
    InPlace,
    /// `pam-auth-update` will make these changes; empty if they could not be determined beforehand.
    Enable(Vec<Change>),
    /// A feature of authselect's profile has the lines, and it is off.
    ByAuthselect,
    /// This system has neither.
    ByHand,
}

/// Examines the system, and tries the changes on copies in `scratch`.
pub fn plan(scratch: &Path) -> Result<PamPlan, Failure> {
    if !Path::new(PROGRAM).exists() {
        return Ok(elsewhere(Path::new("/")));
    }
    if in_place() {
        return Ok(PamPlan::InPlace);
    }
    let changes = try_on_copies(scratch).unwrap_or_default();
    let _ = fs::remove_dir_all(scratch);
    Ok(PamPlan::Enable(changes))
}

/// The plan for a system without `pam-auth-update`.
fn elsewhere(root: &Path) -> PamPlan {
    match () {
        () if doctor::pam::is_wired(root) => PamPlan::InPlace,
        () if doctor::pam::has_our_profile(root) => PamPlan::ByAuthselect,
        () => PamPlan::ByHand,
    }
}

fn in_place() -> bool {
    FILES.iter().all(|name| has_line(&Path::new("/etc/pam.d").join(name)))
}

fn has_line(file: &Path) -> bool {
    let text = sspr_machine::files::text(file).unwrap_or_default();
    text.lines().any(|line| !line.trim_start().starts_with('#') && line.contains("pam_sspr.so"))
}

fn try_on_copies(scratch: &Path) -> Option<Vec<Change>> {
    let _ = fs::remove_dir_all(scratch);
    DirBuilder::new().mode(0o700).recursive(true).create(scratch).ok()?;
    let done = Command::new("unshare")
        .args(["--mount", "--propagation", "private", "sh", "-c", ON_COPIES, "sh"])
        .arg(scratch)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .output()
        .ok()?;
    if !done.status.success() {
        return None;
    }
    let mut changes = Vec::new();
    for name in FILES {
        let path = PathBuf::from("/etc/pam.d").join(name);
        let copy = now(&scratch.join("pam.d").join(name)).ok()??;
        let before = now(&path).ok()?;
        if before.as_ref() != Some(&copy) {
            let after = Some(copy.content);
            changes.push(Change { path, before, after, mode: copy.mode, owner: copy.owner, secret: false });
        }
    }
    Some(changes)
}

/// Switches the profile on.
pub fn enable() -> Result<(), Failure> {
    run("--enable")?;
    if in_place() {
        return Ok(());
    }
    Err(Failure::Refused(
        "pam-auth-update did not add the lines: common-auth or common-account was edited by hand. Run pam-auth-update as root \
         and choose, or add the lines as /usr/share/pam-configs/sspr has them"
            .into(),
    ))
}

/// Switches it off.
pub fn disable() -> Result<(), Failure> {
    run("--disable")
}

fn run(option: &str) -> Result<(), Failure> {
    let output = Command::new(PROGRAM)
        .args([option, "sspr"])
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .output()
        .map_err(|e| Failure::Refused(format!("{PROGRAM}: {e}")))?;
    if output.status.success() {
        return Ok(());
    }
    let why = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(Failure::Refused(format!("pam-auth-update {option} sspr failed: {why}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_pam_auth_update_lines_that_are_there_are_found_and_else_it_is_said_who_adds_them() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("etc/pam.d/login", "auth substack system-auth\n");
        write("etc/pam.d/system-auth", "auth sufficient pam_unix.so\n");
        assert_eq!(elsewhere(root.path()), PamPlan::ByHand);
        write("etc/authselect/authselect.conf", "custom/sspr\nwithout-nullok\n");
        assert_eq!(elsewhere(root.path()), PamPlan::ByAuthselect);
        write("etc/pam.d/system-auth", "auth [default=ignore] pam_sspr.so\nauth sufficient pam_unix.so\n");
        assert_eq!(elsewhere(root.path()), PamPlan::InPlace);
    }
}
