//! Whether the user `sspr` is the agent's, and not a person with that name: a user with that name may set passwords.

use std::{io, path::Path};

use sspr_config::{bus::AGENT_USER, why::Why};
use zeroize::Zeroizing;

use super::{hash, shadow};

/// The agent's home, which sysusers.d(5) gives it.
const HOME: &str = "/var/lib/sspr";

/// Checks that `uid`, which the name services return for the agent's name, belongs to a system user. The error says why
/// not.
pub fn verify(root: &Path, uid: u32) -> Result<(), Why> {
    let no = |what: &str| Err(format!("the user {AGENT_USER} {what}, so it may be a person's").into());
    let line = |file: &str| match line_of(&root.join(file)) {
        // On systems that keep system users and the machine's users in separate files.
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        other => other.map_err(|e| Why::of(&e, format!("/{file}: {e}"))),
    };
    let entry = match line("etc/passwd")? {
        Some(entry) => Some(entry),
        None => line("usr/lib/passwd")?,
    };
    let Some(entry) = entry else { return no("is not in /etc/passwd but in a directory") };
    let fields: Vec<&str> = entry.split(':').collect();
    let [_, password, its, _, _, home, shell] = fields.as_slice() else {
        return no("has a broken line in /etc/passwd");
    };
    if its.parse() != Ok(uid) {
        return no("has another uid in /etc/passwd than elsewhere");
    }
    if uid == 0 {
        return no("is root");
    }
    if !matches!(shell.rsplit('/').next(), Some("nologin" | "false")) {
        return no("has a login shell");
    }
    if *home != HOME && !owns_state(root, uid) {
        return no("has another home than /var/lib/sspr, which is not its own either");
    }
    // Only root can read it; the helper is root.
    let field = match line_of(&root.join("etc/shadow")) {
        Ok(Some(line)) => line.split(':').nth(1).map(|field| Zeroizing::new(field.to_owned())),
        _ => None,
    };
    let field = field.as_deref().map_or(*password, String::as_str);
    if field.is_empty() || hash::usable(field) {
        return no("has a password");
    }
    Ok(())
}

/// The line of the agent's user in an account file, in whatever state.
fn line_of(path: &Path) -> io::Result<Option<Zeroizing<String>>> {
    shadow::first(path, AGENT_USER, |line| Some(Zeroizing::new(String::from_utf8_lossy(line).into_owned())))
}

/// Whether the agent's directory already belongs to the user: an administrator made both.
fn owns_state(root: &Path, uid: u32) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::symlink_metadata(root.join(HOME.trim_start_matches('/')))
        .is_ok_and(|meta| meta.is_dir() && meta.uid() == uid)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const HASH: &str = "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7";

    #[test]
    fn a_person_called_sspr_is_not_the_agent() {
        const OURS: &str = "sspr:x:996:996:Self-service password reset:/var/lib/sspr:/usr/sbin/nologin";
        for (passwd, shadow, defs, uid, want) in [
            (OURS, "sspr:!*:19000::::::", "", 996, None),
            (OURS, "sspr:!:19000::::::", "UID_MIN 500\n", 996, None),
            (OURS, "", "", 996, None),
            ("sspr:x:1005:1005:Sam Sprat:/home/sspr:/bin/bash", "", "", 1005, Some("has a login shell")),
            ("sspr:x:1005:1005::/home/sspr:/usr/sbin/nologin", "", "", 1005, Some("has another home")),
            ("sspr:x:600:600::/home/sspr:/usr/sbin/nologin", "", "UID_MIN\t\t500", 600, Some("has another home")),
            // Made by an administrator before the package was installed.
            ("sspr:x:5000:5000::/var/lib/sspr:/usr/sbin/nologin", "sspr:!:1::::::", "", 5000, None),
            (OURS, "sspr:HASH:19000::::::", "", 996, Some("has a password")),
            (OURS, "sspr::19000::::::", "", 996, Some("has a password")),
            ("sspr:HASH:996:996::/var/lib/sspr:/usr/sbin/nologin", "", "", 996, Some("has a password")),
            ("root:x:0:0::/:/bin/sh", "", "", 70_000, Some("is not in /etc/passwd but in a directory")),
            (OURS, "", "", 70_000, Some("has another uid")),
            ("sspr:x:0:0::/var/lib/sspr:/usr/sbin/nologin", "", "", 0, Some("is root")),
            ("sspr:x:996", "", "", 996, Some("has a broken line")),
        ] {
            let root = tempfile::tempdir().unwrap();
            fs::create_dir(root.path().join("etc")).unwrap();
            for (name, text) in [("passwd", passwd), ("shadow", shadow), ("login.defs", defs)] {
                fs::write(root.path().join("etc").join(name), format!("{}\n", text.replace("HASH", HASH))).unwrap();
            }
            let found = verify(root.path(), uid);
            match want {
                None => assert_eq!(found, Ok(()), "{passwd} {shadow}"),
                Some(want) => {
                    assert!(
                        found.as_ref().is_err_and(|why| why.to_string().contains(want)),
                        "{passwd} {shadow} {found:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_scripts_of_the_packages_ask_the_same() {
        let check = |text: &str| {
            let start = text.find("# Whether the user sspr").unwrap();
            let length = text.get(start..).unwrap().find("\n}\n").unwrap();
            text.get(start..start + length).unwrap().to_owned()
        };
        let first = check(include_str!("../../../packaging/debian/preinst"));
        assert_eq!(check(include_str!("../../../packaging/debian/postrm")), first);
        assert_eq!(check(include_str!("../../../packaging/rpm/pre.sh")), first);
    }
}
