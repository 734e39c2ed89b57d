//! The least rights for the account in `[directory] bind`, ready to paste.

use clap::ValueEnum;
use sspr_config::settings::{self, DirectoryContacts, DirectoryKind, DirectoryPassword};

/// A kind of directory, as the settings call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    #[value(name = "openldap", help = "OpenLDAP")]
    OpenLdap,
    #[value(name = "389ds", help = "389 Directory Server")]
    Ds389,
    #[value(name = "freeipa", help = "FreeIPA")]
    FreeIpa,
    #[value(name = "ad", help = "Samba, and Active Directory")]
    Ad,
}

impl Kind {
    pub(crate) const fn of(kind: DirectoryKind) -> Self {
        match kind {
            DirectoryKind::OpenLdap => Self::OpenLdap,
            DirectoryKind::Ds389 => Self::Ds389,
            DirectoryKind::FreeIpa => Self::FreeIpa,
            DirectoryKind::Ad => Self::Ad,
        }
    }

    /// What the tests on the real servers give the service, and the guide shows.
    const fn text(self, password: DirectoryPassword) -> &'static str {
        match (self, password) {
            (Self::OpenLdap, DirectoryPassword::Ldap) => include_str!("../../directory/acl/openldap.ldif"),
            (Self::OpenLdap, DirectoryPassword::Kerberos) => {
                include_str!("../../directory/acl/openldap-kerberos.ldif")
            }
            (Self::Ds389, DirectoryPassword::Ldap) => include_str!("../../directory/acl/389ds.ldif"),
            (Self::Ds389, DirectoryPassword::Kerberos) => include_str!("../../directory/acl/389ds-kerberos.ldif"),
            // With these, passwords go through the directory in any case.
            (Self::FreeIpa, _) => include_str!("../../directory/acl/freeipa.txt"),
            (Self::Ad, _) => include_str!("../../directory/acl/ad.txt"),
        }
    }

    const fn example(self) -> (&'static str, &'static str) {
        match self {
            Self::Ad => ("CN=sspr,CN=Users,DC=ad,DC=example,DC=org", "OU=People,DC=ad,DC=example,DC=org"),
            _ => ("uid=sspr,ou=services,dc=example,dc=org", "ou=people,dc=example,dc=org"),
        }
    }
}

/// The least rights by these settings; `None` where they name no directory.
pub(crate) fn by_settings(settings: &settings::Settings) -> Option<String> {
    let kind = Kind::of(settings.directory.kind?);
    Some(printed(kind, settings.directory.clone(), &settings.contacts.directory))
}

/// The same for a kind, with the names of the settings, and examples for what is not set.
pub(crate) fn printed(kind: Kind, mut settings: settings::Directory, contacts: &DirectoryContacts) -> String {
    let (service, people) = kind.example();
    let service = settings.bind.take().unwrap_or_else(|| service.to_owned());
    let people = settings.base.get_or_insert_with(|| people.to_owned()).clone();
    let realm = settings.realm.as_deref().unwrap_or("EXAMPLE.ORG");
    let principal = settings.admin_principal.clone().unwrap_or_else(|| format!("sspr/admin@{realm}"));
    let between = if matches!(kind, Kind::Ds389) { " || " } else { "," };
    let contacts: String = contacts.attributes().iter().flat_map(|(_, name)| [between, *name]).collect();
    // What is put in is not looked at again.
    let mut text = String::new();
    let mut rest = kind.text(settings.password);
    let words = [
        ("SERVICE", service.as_str()),
        ("PEOPLE", &people),
        ("GROUPS", settings.groups()),
        ("PRINCIPAL", &principal),
        ("REALM", realm),
        ("CONTACTS", &contacts),
    ];
    while let Some((at, word, value)) =
        words.iter().filter_map(|(word, value)| Some((rest.find(word)?, *word, *value))).min_by_key(|found| found.0)
    {
        text.push_str(rest.get(..at).unwrap_or_default());
        text.push_str(value);
        rest = rest.get(at + word.len()..).unwrap_or_default();
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(kind: Kind, settings: settings::Directory) -> String {
        printed(kind, settings, &DirectoryContacts::default())
    }

    #[test]
    fn the_attributes_with_contacts_are_among_those_that_may_be_read() {
        let contacts = DirectoryContacts {
            email: Some("mail".to_owned()),
            phone: Some("mobile".to_owned()),
            ..DirectoryContacts::default()
        };
        for (settings, kind, want) in [
            (settings::Directory::default(), Kind::OpenLdap, "pwdEndTime,pwdReset,mail,mobile\n"),
            (in_kerberos(), Kind::OpenLdap, "pwdEndTime,pwdReset,mail,mobile\n"),
            (settings::Directory::default(), Kind::Ds389, "|| shadowExpire || mail || mobile\")"),
            (in_kerberos(), Kind::Ds389, "|| shadowExpire || mail || mobile\")"),
        ] {
            let text = printed(kind, settings, &contacts);
            assert!(text.contains(want), "{text}");
        }
    }

    #[test]
    fn the_rights_have_the_names_of_the_settings_in_them_and_no_word_to_fill_in() {
        for kind in [Kind::OpenLdap, Kind::Ds389, Kind::FreeIpa, Kind::Ad] {
            let text = shown(kind, settings::Directory::default());
            for word in ["SERVICE", "PEOPLE", "GROUPS", "CONTACTS"] {
                assert!(!text.contains(word), "{kind:?}: {text}");
            }
        }
        for kind in [Kind::OpenLdap, Kind::Ds389] {
            let text = shown(kind, in_kerberos());
            for word in ["SERVICE", "PEOPLE", "GROUPS", "PRINCIPAL", "REALM", "CONTACTS"] {
                assert!(!text.contains(word), "{kind:?}: {text}");
            }
        }
        let own = settings::Directory {
            bind: Some("cn=PEOPLE,dc=x".to_owned()),
            base: Some("ou=staff,dc=x,dc=y".to_owned()),
            ..settings::Directory::default()
        };
        let text = shown(Kind::Ds389, own);
        assert!(text.contains("ldap:///cn=PEOPLE,dc=x\"") && text.contains("dn: ou=staff,dc=x,dc=y\n"), "{text}");
        assert!(text.contains("dn: dc=x,dc=y\n"), "{text}");
    }

    fn in_kerberos() -> settings::Directory {
        settings::Directory { password: DirectoryPassword::Kerberos, ..settings::Directory::default() }
    }

    #[test]
    fn where_passwords_are_in_a_kdc_its_line_is_printed_and_no_right_to_write_them_in_the_directory() {
        let own = || settings::Directory {
            realm: Some("REALM.EXAMPLE.ORG".to_owned()),
            admin_principal: Some("reset/admin@REALM.EXAMPLE.ORG".to_owned()),
            ..in_kerberos()
        };
        for (kind, write) in [(Kind::OpenLdap, "=w\n"), (Kind::Ds389, "(write)")] {
            let text = shown(kind, own());
            assert!(text.contains("\n#   reset/admin@REALM.EXAMPLE.ORG c *@REALM.EXAMPLE.ORG\n"), "{text}");
            assert!(!text.contains(write), "{text}");
            let with = shown(kind, settings::Directory::default());
            assert!(with.contains(write) && !with.contains("kadm5"), "{with}");
            // All others are the same.
            let number = |line: &str| line.replace(['0', '1', '2', '3', '4', '5', '6'], "");
            let others: Vec<String> = with.lines().map(number).collect();
            let new: Vec<&str> = text.lines().filter(|line| !others.contains(&number(line))).collect();
            assert_eq!(new.len(), 2, "{new:?}");
        }
        for kind in [Kind::FreeIpa, Kind::Ad] {
            assert_eq!(shown(kind, in_kerberos()), shown(kind, settings::Directory::default()));
        }
    }

    #[test]
    fn the_guide_shows_what_is_printed() {
        let guide = include_str!("../../../docs/directories.md");
        for kind in [Kind::OpenLdap, Kind::Ds389, Kind::FreeIpa, Kind::Ad] {
            let printed = shown(kind, settings::Directory::default());
            let shown: String = printed.lines().map(|line| format!("    {line}\n").replace("    \n", "\n")).collect();
            assert!(guide.contains(&shown), "docs/directories.md should have:\n{shown}");
        }
    }
}
