//! A directory by options, for automation.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use sspr_config::settings::{self, DirectoryKind};

use super::{super::wishes::secret_in, Directory, Kdc, Passwords, Served};
use crate::failure::Failure;

/// Options for people of a directory.
#[derive(Clone, Debug, Default, Args)]
pub struct Options {
    /// The kind of directory whose people are served as well, or none. It is tried before it is written
    #[arg(long, value_enum, value_name = "KIND")]
    directory: Option<Choice>,
    #[allow(clippy::doc_markdown, reason = "help shows it as it is")]
    /// A server of the directory, such as ldaps://ldap.example.org; can be repeated, in the order in which they are asked
    #[arg(long, value_name = "URL")]
    directory_server: Vec<String>,
    /// The entry below which people are
    #[arg(long, value_name = "DN")]
    directory_base: Option<String>,
    /// The entry that may set passwords
    #[arg(long, value_name = "DN")]
    directory_bind: Option<String>,
    /// A file with its password; it is copied
    #[arg(long, value_name = "FILE")]
    directory_password_file: Option<PathBuf>,
    /// A file with the authority that vouches for the servers; or system, for those that this machine trusts
    #[arg(long, value_name = "FILE")]
    directory_ca_file: Option<PathBuf>,
    /// A domain in names such as alice@ad.example.org; can be repeated
    #[arg(long, value_name = "NAME")]
    directory_domain: Vec<String>,
    /// Where passwords are in a KDC of MIT Kerberos: the realm
    #[arg(long, value_name = "REALM", requires = "directory_principal")]
    directory_realm: Option<String>,
    /// The principal that may change passwords there
    #[arg(long, value_name = "PRINCIPAL", requires = "directory_keytab")]
    directory_principal: Option<String>,
    /// A file with its key, of mode 0600 and owned by sspr-directory; it is not copied
    #[arg(long, value_name = "FILE", requires = "directory_realm")]
    directory_keytab: Option<PathBuf>,
}

/// A kind of directory, or none, as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Choice {
    #[value(help = "nobody of a directory is served")]
    None,
    #[value(name = "openldap", help = "OpenLDAP")]
    OpenLdap,
    #[value(name = "389ds", help = "389 Directory Server")]
    Ds389,
    #[value(name = "freeipa", help = "FreeIPA")]
    FreeIpa,
    #[value(name = "ad", help = "Samba, and Active Directory")]
    Ad,
}

impl Choice {
    const fn kind(self) -> Option<DirectoryKind> {
        match self {
            Self::None => None,
            Self::OpenLdap => Some(DirectoryKind::OpenLdap),
            Self::Ds389 => Some(DirectoryKind::Ds389),
            Self::FreeIpa => Some(DirectoryKind::FreeIpa),
            Self::Ad => Some(DirectoryKind::Ad),
        }
    }
}

impl Options {
    /// What they say, on top of the settings as they are `now`.
    pub(in super::super) fn wish(&self, now: &settings::Directory) -> Result<Option<Directory>, Failure> {
        let password = self.directory_password_file.as_ref().map(secret_in).transpose()?;
        let given = !self.directory_server.is_empty()
            || !self.directory_domain.is_empty()
            || self.directory_base.is_some()
            || self.directory_bind.is_some()
            || self.directory_ca_file.is_some()
            || self.directory_realm.is_some()
            || password.is_some();
        let kind = match self.directory {
            Some(Choice::None) if given => {
                return Err(Failure::Usage("--directory none takes no other option for a directory".into()));
            }
            Some(Choice::None) => return Ok(Some(Directory::None)),
            Some(choice) => choice.kind(),
            None if !given => return Ok(None),
            None => now.kind,
        };
        let kind = kind.ok_or_else(|| {
            Failure::Usage("which kind of directory is it? add: --directory openldap, 389ds, freeipa or ad".into())
        })?;
        let or = |given: &Vec<String>, now: &Vec<String>| if given.is_empty() { now.clone() } else { given.clone() };
        let system = Path::new("system");
        let passwords = match (&self.directory_realm, &self.directory_principal, &self.directory_keytab) {
            (Some(realm), Some(principal), Some(keytab)) => {
                Passwords::InKdc(Kdc { realm: realm.clone(), principal: principal.clone(), keytab: keytab.clone() })
            }
            _ => Passwords::AsIs,
        };
        Ok(Some(Directory::Of(Box::new(Served {
            kind,
            servers: or(&self.directory_server, &now.servers),
            base: self.directory_base.clone().or_else(|| now.base.clone()).unwrap_or_default(),
            bind: self.directory_bind.clone().or_else(|| now.bind.clone()),
            password,
            ca_file: self.directory_ca_file.clone().or_else(|| now.ca_file.clone()).filter(|path| path != system),
            domains: self.directory_domain.clone(),
            passwords,
        }))))
    }
}

#[cfg(test)]
mod tests {
    use sspr_config::settings::Settings;

    use super::{super::to_be, *};

    #[test]
    fn options_say_the_same_and_what_they_leave_open_stays_as_it_is() {
        let options = |words: &[&str]| {
            #[derive(clap::Parser)]
            struct Line {
                #[command(flatten)]
                options: Options,
            }
            <Line as clap::Parser>::parse_from([&["sspr"][..], words].concat()).options
        };
        let now = settings::Directory::default();
        assert!(options(&[]).wish(&now).unwrap().is_none());
        assert!(matches!(options(&["--directory", "none"]).wish(&now), Ok(Some(Directory::None))));
        assert!(options(&["--directory", "none", "--directory-base", "dc=x"]).wish(&now).is_err());
        let why = options(&["--directory-base", "dc=x"]).wish(&now).unwrap_err();
        assert!(why.to_string().contains("add: --directory openldap"), "{why}");
        let now = settings::Directory {
            kind: Some(DirectoryKind::Ds389),
            servers: vec!["ldaps://a".into()],
            ca_file: Some("/ca".into()),
            ..now
        };
        let wish = options(&["--directory-base", "dc=x", "--directory-ca-file", "system"]).wish(&now).unwrap();
        let Some(Directory::Of(served)) = wish else { panic!("{wish:?}") };
        assert_eq!((served.kind, served.base.as_str(), served.servers.len()), (DirectoryKind::Ds389, "dc=x", 1));
        assert_eq!(served.ca_file, None);
        // Without an entry over the network it can't stand, and is not even tried.
        let why = to_be(&Settings::default(), &served, Path::new("/etc/sspr")).unwrap_err();
        assert!(matches!(&why, Failure::Usage(why) if why.contains("bind is not set")), "{why}");
    }
}
