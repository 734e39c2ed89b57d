//! Whether an account is this machine's own, wherever such accounts are kept: in passwd(5), in the files of other modules
//! of the name service, or as a record of systemd's.

use std::{io, path::Path};

use super::shadow;

/// passwd(5), and the same files of libnss-extrausers and nss-altfiles.
const LINES: [&str; 3] = ["etc/passwd", "var/lib/extrausers/passwd", "usr/lib/passwd"];
/// Where systemd-homed has records, `NAME.identity`.
const HOMED: &str = "var/lib/systemd/home";
/// Where records lie for nss-systemd, `NAME.user`; see userdb.conf of systemd(1) and nss-systemd(8).
const RECORDS: [&str; 5] = ["etc/userdb", "run/userdb", "run/host/userdb", "usr/local/lib/userdb", "usr/lib/userdb"];

/// Whether `name` is an account of this machine. Fails where that can't be told.
pub fn has(name: &str) -> io::Result<bool> {
    is_at(Path::new("/"), name)
}

fn is_at(root: &Path, name: &str) -> io::Result<bool> {
    // No record has such a name, and no path may lead elsewhere.
    if name.is_empty() || name.contains(['/', '\0']) {
        return Ok(true);
    }
    for file in LINES {
        match shadow::first(&root.join(file), name, |_| Some(())) {
            Ok(None) => {}
            Ok(Some(())) => return Ok(true),
            // The others need not be there.
            Err(error) if error.kind() == io::ErrorKind::NotFound && !file.starts_with("etc") => {}
            Err(error) => return Err(error),
        }
    }
    let identity = [root.join(HOMED).join(format!("{name}.identity"))];
    let records = RECORDS.iter().map(|place| root.join(place).join(format!("{name}.user")));
    for record in identity.into_iter().chain(records) {
        match record.symlink_metadata() {
            Ok(_) => return Ok(true),
            Err(error) if [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory].contains(&error.kind()) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn an_account_is_this_machines_wherever_it_is_kept_and_what_can_not_be_told_is_no_no() {
        let root = tempfile::tempdir().unwrap();
        let at = |path: &str| root.path().join(path);
        assert!(is_at(root.path(), "alice").is_err(), "there is no passwd file");
        for (path, content) in [
            ("etc/passwd", "root:x:0:0::/:/bin/sh\nlana:x:1000:1000::/:/bin/sh\nodd:line\n"),
            ("var/lib/extrausers/passwd", "extra:x:1001:1001::/:/bin/sh\n"),
            ("usr/lib/passwd", "core:x:1002:1002::/:/bin/sh\n"),
            ("var/lib/systemd/home/homer.identity", "{}"),
            ("etc/userdb/edna.user", "{}"),
            ("run/userdb/rudi.user", "{}"),
            ("usr/lib/userdb/vera.user", "{}"),
        ] {
            fs::create_dir_all(at(path).parent().unwrap()).unwrap();
            fs::write(at(path), content).unwrap();
        }
        std::os::unix::fs::symlink("/nowhere", at("etc/userdb/linda.user")).unwrap();
        for own in ["root", "lana", "odd", "extra", "core", "homer", "edna", "rudi", "vera", "linda", "", "../passwd"] {
            assert!(is_at(root.path(), own).unwrap(), "{own}");
        }
        for other in ["alice", "lan", "dora@example.org"] {
            assert!(!is_at(root.path(), other).unwrap(), "{other}");
        }
        fs::remove_dir_all(at("run/userdb")).unwrap();
        std::os::unix::fs::symlink("userdb", at("run/userdb")).unwrap();
        assert!(is_at(root.path(), "alice").is_err(), "a link that leads to itself");
    }
}
