//! The options for a directory, for automation.

use std::path::{Path, PathBuf};

use clap::{
    Args,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};
use sspr_config::settings::{self, DirectoryKind};

use super::{super::secret::secret_in, Directory, Kdc, Passwords, Served};
use crate::{directory_kind, failure::Failure};

/// Options for users of a directory.
#[derive(Clone, Debug, Default, Args)]
pub struct Options {
    /// Kind of directory whose users are served too, or none; setup tries it before it writes it
    #[arg(long, value_parser = choice(), value_name = "KIND")]
    directory: Option<Choice>,
    #[allow(clippy::doc_markdown, reason = "help shows it as it is")]
    /// Server of the directory, such as ldaps://ldap.example.org; can be repeated, in the order of use
    #[arg(long, value_name = "URL")]
    directory_server: Vec<String>,
    /// Entry below which the users are
    #[arg(long, value_name = "DN")]
    directory_base: Option<String>,
    /// Entry that may set passwords
    #[arg(long, value_name = "DN")]
    directory_bind: Option<String>,
    /// File with its password; setup copies it
    #[arg(long, value_name = "FILE")]
    directory_password_file: Option<PathBuf>,
    /// File with the certificate authority of the servers, or system for those that this machine trusts
    #[arg(long, value_name = "FILE")]
    directory_ca_file: Option<PathBuf>,
    /// Domain in names such as alice@ad.example.org; can be repeated
    #[arg(long, value_name = "NAME")]
    directory_domain: Vec<String>,
    /// Realm, if the passwords are in a KDC of MIT Kerberos
    #[arg(long, value_name = "REALM", requires = "directory_principal")]
    directory_realm: Option<String>,
    /// Principal that may change passwords in the KDC
    #[arg(long, value_name = "PRINCIPAL", requires = "directory_keytab")]
    directory_principal: Option<String>,
    /// File with its key, of mode 0600 and owned by sspr-directory; setup does not copy it
    #[arg(long, value_name = "FILE", requires = "directory_realm")]
    directory_keytab: Option<PathBuf>,
}

/// A typed kind of directory, or none.
#[derive(Clone, Copy, Debug)]
enum Choice {
    None,
    Of(DirectoryKind),
}

fn choice() -> impl TypedValueParser<Value = Choice> {
    let none = PossibleValue::new("none").help("no directory users are served");
    PossibleValuesParser::new([none].into_iter().chain(directory_kind::all()))
        .map(|word| directory_kind::named(&word).map_or(Choice::None, Choice::Of))
}

impl Options {
    /// The directory that the options plan; `now` are the current settings. `None`: no option is about one.
    pub(in super::super) fn plan(&self, now: &settings::Directory) -> Result<Option<Directory>, Failure> {
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
            Some(Choice::Of(kind)) => Some(kind),
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
        assert!(options(&[]).plan(&now).unwrap().is_none());
        assert!(matches!(options(&["--directory", "none"]).plan(&now), Ok(Some(Directory::None))));
        assert!(options(&["--directory", "none", "--directory-base", "dc=x"]).plan(&now).is_err());
        let why = options(&["--directory-base", "dc=x"]).plan(&now).unwrap_err();
        assert!(why.to_string().contains("add: --directory openldap"), "{why}");
        let now = settings::Directory {
            kind: Some(DirectoryKind::Ds389),
            servers: vec!["ldaps://a".into()],
            ca_file: Some("/ca".into()),
            ..now
        };
        let planned = options(&["--directory-base", "dc=x", "--directory-ca-file", "system"]).plan(&now).unwrap();
        let Some(Directory::Of(served)) = planned else { panic!("{planned:?}") };
        assert_eq!((served.kind, served.base.as_str(), served.servers.len()), (DirectoryKind::Ds389, "dc=x", 1));
        assert_eq!(served.ca_file, None);
        // Without an entry, settings for a server on the network are invalid, and are not even tried.
        let why = to_be(&Settings::default(), &served, Path::new("/etc/sspr")).unwrap_err();
        assert!(matches!(&why, Failure::Usage(why) if why.contains("bind is not set")), "{why}");
    }
}
