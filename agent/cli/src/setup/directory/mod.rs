//! Users of a directory: setup's questions about it, and the settings for it.

pub mod options;
mod questions;
pub mod tried;

use std::path::{Path, PathBuf};

use nix::unistd::User;
use sspr_config::{
    bus::DIRECTORY_USER,
    settings::{self, DirectoryKind, DirectoryPassword, Loaded, Settings},
};
use toml_edit::Value;
use zeroize::Zeroizing;

use super::{
    change::Change,
    document::{Document, list},
    secret::Secret,
};
use crate::failure::Failure;

const SECTION: &str = "directory";
/// The file with the password of the entry in `bind`, beside the settings.
const PASSWORD: &str = "directory-password";
/// The program in the package.
const PROGRAM: &str = "usr/libexec/sspr/sspr-directory";

/// The directory whose users are served.
#[derive(Clone, Debug)]
pub enum Directory {
    /// None.
    None,
    /// This one.
    Of(Box<Served>),
}

/// A directory, and how to reach it.
#[derive(Clone)]
pub struct Served {
    kind: DirectoryKind,
    servers: Vec<String>,
    base: String,
    /// `None`: the server identifies the program by its user.
    bind: Option<String>,
    /// `None`: it stays as it is.
    password: Option<Secret>,
    /// `None`: the certificate authorities that this machine trusts.
    ca_file: Option<PathBuf>,
    /// Empty: they stay as they are.
    domains: Vec<String>,
    passwords: Passwords,
}

/// Where the users' passwords are.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Passwords {
    /// Where the settings say.
    AsIs,
    /// In the directory.
    There,
    /// In a KDC.
    InKdc(Kdc),
}

/// A KDC with the users' passwords, as kadmin reaches it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Kdc {
    realm: String,
    principal: String,
    keytab: PathBuf,
}

// The content may be secret; the kind is not.
impl std::fmt::Debug for Served {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind.as_str())
    }
}

impl Served {
    /// The new `[directory]`; `now` is the present one.
    fn settings(&self, now: &settings::Directory, beside: &Path) -> settings::Directory {
        let own = || beside.join(PASSWORD);
        let password_file = match (&self.bind, &self.password) {
            (None, _) => None,
            (Some(_), Some(_)) => Some(own()),
            (Some(_), None) => now.password_file.clone().or_else(|| Some(own())),
        };
        let now = match &self.passwords {
            Passwords::AsIs => now.clone(),
            Passwords::There => settings::Directory {
                password: DirectoryPassword::Ldap,
                realm: None,
                admin_principal: None,
                keytab: None,
                ..now.clone()
            },
            Passwords::InKdc(kdc) => settings::Directory {
                password: DirectoryPassword::Kerberos,
                realm: Some(kdc.realm.clone()),
                admin_principal: Some(kdc.principal.clone()),
                keytab: Some(kdc.keytab.clone()),
                ..now.clone()
            },
        };
        settings::Directory {
            kind: Some(self.kind),
            servers: self.servers.clone(),
            base: Some(self.base.clone()),
            bind: self.bind.clone(),
            password_file,
            ca_file: self.ca_file.clone(),
            domains: if self.domains.is_empty() { now.domains.clone() } else { self.domains.clone() },
            ..now
        }
    }
}

/// The new settings; `now` are the present ones. An error if they are invalid.
pub(super) fn to_be(now: &Settings, served: &Served, beside: &Path) -> Result<Settings, Failure> {
    let mut settings = now.clone();
    settings.directory = served.settings(&now.directory, beside);
    let text = toml::to_string(&settings).map_err(|why| Failure::Refused(why.to_string()))?;
    match settings::parse(&text, Path::new("")) {
        Ok(_) => Ok(settings),
        Err(settings::SettingsError::Line { why, .. }) => Err(Failure::Usage(why)),
        Err(why) => Err(Failure::Usage(why.to_string())),
    }
}

/// The change to the file with the password; `None` if it stays as it is.
pub(super) fn secret(planned: &Directory, now: &settings::Directory, beside: &Path) -> Result<Option<Change>, Failure> {
    let path = beside.join(PASSWORD);
    match planned {
        Directory::Of(served) => {
            let Some(password) = &served.password else { return Ok(None) };
            let content = Zeroizing::new(format!("{}\n", password.as_str()));
            Ok(Some(Change::to_secret(path, content.as_bytes().to_vec(), owner()?)?))
        }
        Directory::None if now.password_file.as_ref() == Some(&path) => {
            let before = super::change::now(&path)?;
            Ok(Some(Change { path, before, after: None, mode: 0, owner: (0, 0), secret: true }))
        }
        Directory::None => Ok(None),
    }
}

/// The owner of that file: the uid and gid of the program's user.
fn owner() -> Result<(u32, u32), Failure> {
    let user = User::from_name(DIRECTORY_USER).ok().flatten();
    let user = user.ok_or_else(|| {
        Failure::Refused(format!("there is no user {DIRECTORY_USER}; install the package sspr-directory first"))
    })?;
    Ok((user.uid.as_raw(), user.gid.as_raw()))
}

/// Every key that setup writes, with its value in `directory`; `None`: the line is left out.
fn keys(directory: &settings::Directory) -> [(&'static str, Option<Value>); 11] {
    let word = |word: &Option<String>| word.as_deref().map(Value::from);
    let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string().into());
    let words = |words: &[String]| {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        (!words.is_empty()).then(|| list(&words).into())
    };
    let in_kdc = directory.password == DirectoryPassword::Kerberos;
    [
        ("kind", directory.kind.map(|kind| kind.as_str().into())),
        ("servers", words(&directory.servers)),
        ("base", word(&directory.base)),
        ("bind", word(&directory.bind)),
        ("password_file", path(&directory.password_file)),
        ("ca_file", path(&directory.ca_file)),
        ("domains", words(&directory.domains)),
        ("password", in_kdc.then(|| "kerberos".into())),
        ("realm", word(&directory.realm)),
        ("admin_principal", word(&directory.admin_principal)),
        ("keytab", path(&directory.keytab)),
    ]
}

/// Writes the `planned` directory into setup's drop-in. An error if a line that has to go is in another file.
pub(super) fn write(
    doc: &mut Document,
    planned: &Directory,
    loaded: &Loaded,
    beside: &Path,
    drop_in: &Path,
) -> Result<(), Failure> {
    let now = &loaded.settings.directory;
    let new = match planned {
        Directory::Of(served) => served.settings(now, beside),
        Directory::None => settings::Directory::default(),
    };
    for ((key, value), (_, before)) in keys(&new).into_iter().zip(keys(now)) {
        let Some(value) = value else {
            let elsewhere = loaded.origin(SECTION, key).filter(|origin| before.is_some() && origin.path != drop_in);
            if let Some(origin) = elsewhere {
                return Err(Failure::Refused(format!(
                    "{}:{}: [directory] {key} is set there; take that line out, and run setup again",
                    origin.path.display(),
                    origin.line
                )));
            }
            doc.unset(SECTION, key);
            continue;
        };
        doc.set(SECTION, key, value);
    }
    Ok(())
}

/// Whether the settings at `config` have this `[directory]` in effect. An error says why not.
pub(super) fn counts(config: &Path, meant: &settings::Directory) -> Result<(), String> {
    let loaded = settings::load_with_origins(config).map_err(|why| why.to_string())?;
    let now = &loaded.settings.directory;
    if now == meant || now.kind.is_none() && meant.kind.is_none() {
        return Ok(());
    }
    Err("another file of the settings has a different [directory]; see where each key is set: sspr config show".into())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::setup::plan::{self, Plan, tests::settings_file};

    /// A directory without a new password.
    pub(super) fn alice_s() -> Served {
        Served {
            kind: DirectoryKind::OpenLdap,
            servers: vec!["ldaps://ldap.example.org".into()],
            base: "ou=people,dc=example,dc=org".into(),
            bind: Some("uid=sspr,dc=example,dc=org".into()),
            password: None,
            ca_file: None,
            domains: vec!["example".into()],
            passwords: Passwords::AsIs,
        }
    }

    fn apply(config: &Path, planned: Directory) -> Result<usize, Failure> {
        let loaded = settings::load_with_origins(config).unwrap();
        let plan = Plan { directory: Some(planned), ..Plan::default() };
        let changes = plan::changes(config, &loaded, &plan, (0, 0))?;
        for change in &changes {
            change.make().unwrap();
        }
        Ok(changes.len())
    }

    #[test]
    fn it_is_written_once_a_second_time_there_is_nothing_to_do_and_it_can_be_taken_out() {
        let (dir, config) = settings_file("[directory]\nfilter = \"(uid=*)\"\n");
        let planned = || Directory::Of(Box::new(alice_s()));
        assert_eq!((apply(&config, planned()).unwrap(), apply(&config, planned()).unwrap()), (1, 0));
        let now = settings::load(&config).unwrap().directory;
        assert_eq!((now.kind, now.domains.len(), now.ca_file.as_ref()), (Some(DirectoryKind::OpenLdap), 1, None));
        assert_eq!(now.password_file, Some(dir.path().join(PASSWORD)));
        assert_eq!(counts(&config, &alice_s().settings(&now, dir.path())), Ok(()));
        assert!(counts(&config, &settings::Directory::default()).is_err());

        // The password file is removed with the setting that named it.
        fs::write(dir.path().join(PASSWORD), "s3cret\n").unwrap();
        assert_eq!(apply(&config, Directory::None).unwrap(), 2);
        assert!(settings::load(&config).unwrap().directory.kind.is_none() && !dir.path().join(PASSWORD).exists());
    }

    #[test]
    fn where_passwords_are_in_a_kdc_the_settings_say_so() {
        let (dir, config) = settings_file("");
        let keytab = dir.path().join("directory.keytab");
        let kdc = Kdc { realm: "EXAMPLE.ORG".into(), principal: "sspr/admin@EXAMPLE.ORG".into(), keytab };
        let served = Served { passwords: Passwords::InKdc(kdc.clone()), ..alice_s() };
        assert_eq!(apply(&config, Directory::Of(Box::new(served.clone()))).unwrap(), 1);
        let now = settings::load(&config).unwrap().directory;
        assert_eq!((now.password, now.realm.as_ref()), (DirectoryPassword::Kerberos, Some(&kdc.realm)));
        assert_eq!((now.admin_principal.as_ref(), now.keytab.as_ref()), (Some(&kdc.principal), Some(&kdc.keytab)));
        assert_eq!(counts(&config, &served.settings(&now, dir.path())), Ok(()));
        let back = Served { passwords: Passwords::There, ..alice_s() };
        assert_eq!(apply(&config, Directory::Of(Box::new(back))).unwrap(), 1);
        let now = settings::load(&config).unwrap().directory;
        assert_eq!((now.password, now.realm, now.keytab), (DirectoryPassword::Ldap, None, None));
    }

    #[test]
    fn what_another_file_sets_is_not_passed_over() {
        let (_dir, config) = settings_file("[directory]\nca_file = \"/etc/ca.pem\"\n");
        let why = apply(&config, Directory::Of(Box::new(alice_s()))).unwrap_err().to_string();
        assert!(why.contains("sspr.toml:2: [directory] ca_file is set there"), "{why}");
    }
}
