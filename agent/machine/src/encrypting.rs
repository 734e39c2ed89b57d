//! What the PAM stacks of services decrypt with the typed password.

use std::path::Path;

use sspr_config::services;

use crate::{
    modules::is_installed,
    stack::{Line, stack},
};

/// Modules that decrypt something with the typed password, by name. They can adopt a new password only with the old
/// one, which nobody knows in a reset.
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

/// Those that are in the stacks of `services` and installed.
pub fn encrypting(root: &Path, services: &[&str]) -> Vec<&'static str> {
    let lines: Vec<Line> =
        services.iter().filter_map(|service| stack(root, service).ok().flatten()).flatten().collect();
    let stands = |module: &&str| lines.iter().any(|line| line.module == *module) && is_installed(root, module);
    ENCRYPTING.into_iter().filter(stands).collect()
}

/// The files that services have in common.
const COMMON: [&str; 4] = ["common-auth", "common-session", "common-password", "system-auth"];

/// The services that users sign in at, and the files that all have in common.
pub fn sign_ins() -> Vec<&'static str> {
    services::named(|service| !service.locker).chain(COMMON).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

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
        assert_eq!(encrypting(root.path(), &sign_ins()), ["pam_fscrypt", "pam_gnome_keyring"]);
        assert!(encrypting(root.path(), &["sshd"]).is_empty());
    }
}
