//! Where this machine's sshd takes keys from, as far as its settings say so. A setting for some users only, or one that
//! may be in a file that is not read, counts as keys elsewhere: the question is whether all keys were counted.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

const SETTINGS: &str = "etc/ssh/sshd_config";
const DROP_INS: &str = "etc/ssh/sshd_config.d";
/// The Include that Debian and Fedora ship.
const SHIPPED: &str = "/etc/ssh/sshd_config.d/*.conf";
/// Options that sshd is started with; they take precedence over its files.
const OPTIONS: [&str; 2] = ["etc/default/ssh", "etc/sysconfig/sshd"];
/// The files that sshd reads by default.
const FILES: [&str; 2] = [".ssh/authorized_keys", ".ssh/authorized_keys2"];

/// The sources of keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sources {
    /// The files in the home directory that sshd reads.
    pub(crate) files: Vec<&'static str>,
    /// Whether there may be keys in other places.
    pub(crate) elsewhere: bool,
}

/// The sources on this machine. Fails if the settings can't be read, because they may say anything.
pub(crate) fn sources() -> io::Result<Sources> {
    sources_of(Path::new("/"))
}

fn sources_of(root: &Path) -> io::Result<Sources> {
    let both = FILES.to_vec();
    let main = root.join(SETTINGS);
    if !main.exists() {
        return Ok(Sources { files: both, elsewhere: false });
    }
    let mut said = Said::default();
    said.add(&fs::read(main)?);
    for path in drop_ins(root)? {
        said.add(&fs::read(path)?);
    }
    for path in OPTIONS {
        if let Ok(text) = fs::read(root.join(path)) {
            said.options.push_str(&String::from_utf8_lossy(&text).to_ascii_lowercase());
        }
    }
    // No user signs in with a key.
    if said.of_all("pubkeyauthentication").as_deref() == Some("no") {
        return Ok(Sources { files: Vec::new(), elsewhere: false });
    }
    let files = match said.of_all("authorizedkeysfile") {
        Some(named) => FILES.into_iter().filter(|file| named.split(' ').any(|named| is(named, file))).collect(),
        None => both,
    };
    Ok(Sources { files, elsewhere: said.elsewhere })
}

fn drop_ins(root: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(root.join(DROP_INS)) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let paths: Vec<PathBuf> = entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?;
    Ok(paths.into_iter().filter(|path| path.extension().is_some_and(|end| end == "conf")).collect())
}

/// The contents of the settings, line by line.
#[derive(Default)]
struct Said {
    /// By keyword: each value, and whether it applies to all users.
    words: BTreeMap<String, Vec<(bool, String)>>,
    elsewhere: bool,
    options: String,
}

impl Said {
    fn add(&mut self, text: &[u8]) {
        let mut for_all = true;
        for line in String::from_utf8_lossy(text).lines() {
            let words = line.split(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '"'));
            let mut words = words.filter(|word| !word.is_empty());
            let Some(key) = words.next().map(str::to_ascii_lowercase) else { continue };
            let values: Vec<&str> = words.take_while(|word| !word.starts_with('#')).collect();
            match key.as_str() {
                "match" => for_all = false,
                "include" => self.elsewhere |= !for_all || values.iter().any(|file| *file != SHIPPED),
                "authorizedkeysfile" => {
                    let known = |named: &str| named == "none" || FILES.iter().any(|file| is(named, file));
                    self.elsewhere |= !values.iter().all(|named| known(named));
                }
                "authorizedkeyscommand" | "trustedusercakeys" | "authorizedprincipalscommand" => {
                    self.elsewhere |= values.first().is_some_and(|value| !value.eq_ignore_ascii_case("none"));
                }
                "pubkeyauthentication" => {}
                _ => continue,
            }
            self.words.entry(key).or_default().push((for_all, values.join(" ")));
        }
    }

    /// The value of `key` that certainly applies to all users, if there is one: it is set for all users, and not set
    /// differently anywhere else.
    fn of_all(&self, key: &str) -> Option<String> {
        let values = self.words.get(key)?;
        let (_, value) = values.iter().find(|(for_all, _)| *for_all)?;
        let alone = values.iter().all(|(_, other)| other.eq_ignore_ascii_case(value)) && !self.options.contains(key);
        // A file that is not read may set another value.
        let looked = self.words.get("include").is_none_or(|files| files.iter().all(|(_, file)| file == SHIPPED));
        (alone && looked).then(|| value.to_ascii_lowercase())
    }
}

/// Whether `named` means `file` in the home directory.
fn is(named: &str, file: &str) -> bool {
    named.strip_prefix("%h/").unwrap_or(named) == file
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sources of a machine with these settings, a drop-in and options.
    fn of(settings: &str, drop_in: &str, options: &str) -> Sources {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join(DROP_INS)).unwrap();
        fs::create_dir_all(root.path().join("etc/default")).unwrap();
        fs::write(root.path().join(SETTINGS), [b"# f\xfcr alle\n", settings.as_bytes()].concat()).unwrap();
        fs::write(root.path().join(DROP_INS).join("10.conf"), drop_in).unwrap();
        fs::write(root.path().join(OPTIONS[0]), options).unwrap();
        sources_of(root.path()).unwrap()
    }

    const PLAIN: &str = "Include /etc/ssh/sshd_config.d/*.conf\n";

    #[test]
    fn another_file_a_command_a_certificate_authority_and_another_include_are_elsewhere() {
        for line in [
            "AuthorizedKeysFile /etc/ssh/keys/%u",
            "authorizedkeysfile=.ssh/authorized_keys /etc/ssh/keys/%u",
            "\tAuthorizedKeysFile \".ssh/keys\"",
            "AuthorizedKeysCommand /usr/bin/sss_ssh_authorizedkeys",
            "TrustedUserCAKeys /etc/ssh/ca.pub",
            "Include /srv/ssh/*.conf",
            "Match User bob\nInclude /etc/ssh/sshd_config.d/*.conf",
        ] {
            assert!(of(&format!("{PLAIN}{line}\n"), "", "").elsewhere, "{line}");
            assert!(of(PLAIN, line, "").elsewhere, "{line}");
        }
        for line in [
            "#AuthorizedKeysFile /etc/ssh/keys/%u",
            "AuthorizedKeysFile .ssh/authorized_keys .ssh/authorized_keys2 # as ever",
            "AuthorizedKeysFile %h/.ssh/authorized_keys",
            "AuthorizedKeysCommand none",
            "AuthorizedKeysCommandUser nobody",
            "PasswordAuthentication yes",
            "",
        ] {
            assert!(!of(&format!("{PLAIN}{line}\n"), "", "").elsewhere, "{line}");
        }
        let none = tempfile::tempdir().unwrap();
        assert_eq!(sources_of(none.path()).unwrap(), Sources { files: FILES.to_vec(), elsewhere: false });
    }

    #[test]
    fn files_count_as_sshd_reads_them_where_it_is_certain_for_everybody() {
        let files = |settings: &str, options: &str| of(&format!("{PLAIN}{settings}\n"), "", options).files.len();
        assert_eq!(files("", ""), 2);
        assert_eq!(files("PubkeyAuthentication no", ""), 0);
        assert_eq!(files("PubkeyAuthentication=no\nMatch User bob\nPubkeyAuthentication yes", ""), 2);
        assert_eq!(files("Match User bob\nPubkeyAuthentication no", ""), 2);
        assert_eq!(files("PubkeyAuthentication no", "SSHD_OPTS=-oPubkeyAuthentication=yes"), 2);
        assert_eq!(files("PubkeyAuthentication no\nInclude /srv/*.conf", ""), 2);
        assert_eq!(files("AuthorizedKeysFile none", ""), 0);
        assert_eq!(files("AuthorizedKeysFile .ssh/authorized_keys", ""), 1);
        assert_eq!(files("AuthorizedKeysFile /etc/keys/%u .ssh/authorized_keys", ""), 1);
        assert_eq!(of(PLAIN, "PubkeyAuthentication no\n", "").files.len(), 0);
    }
}
