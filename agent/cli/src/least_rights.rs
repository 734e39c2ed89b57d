//! The least rights for the account in `[directory] bind`, ready to paste.

use sspr_config::settings::{self, DirectoryContacts, DirectoryKind, DirectoryPassword};

/// What the tests on the real servers give the service, and the guide shows.
const fn text(kind: DirectoryKind, password: DirectoryPassword) -> &'static str {
    match (kind, password) {
        (DirectoryKind::OpenLdap, DirectoryPassword::Ldap) => include_str!("../../directory/acl/openldap.ldif"),
        (DirectoryKind::OpenLdap, DirectoryPassword::Kerberos) => {
            include_str!("../../directory/acl/openldap-kerberos.ldif")
        }
        (DirectoryKind::Ds389, DirectoryPassword::Ldap) => include_str!("../../directory/acl/389ds.ldif"),
        (DirectoryKind::Ds389, DirectoryPassword::Kerberos) => include_str!("../../directory/acl/389ds-kerberos.ldif"),
        // With these, passwords go through the directory in any case.
        (DirectoryKind::FreeIpa, _) => include_str!("../../directory/acl/freeipa.txt"),
        (DirectoryKind::Ad, _) => include_str!("../../directory/acl/ad.txt"),
    }
}

/// A service and the entry with the people, where the settings have none.
const fn example(kind: DirectoryKind) -> (&'static str, &'static str) {
    match kind {
        DirectoryKind::Ad => ("CN=sspr,CN=Users,DC=ad,DC=example,DC=org", "OU=People,DC=ad,DC=example,DC=org"),
        _ => ("uid=sspr,ou=services,dc=example,dc=org", "ou=people,dc=example,dc=org"),
    }
}

/// The least rights by these settings; `None` where they name no directory.
pub(crate) fn by_settings(settings: &settings::Settings) -> Option<String> {
    Some(printed(settings.directory.kind?, settings.directory.clone(), &settings.contacts.directory))
}

/// The same for a kind, with the names of the settings, and examples for what is not set.
pub(crate) fn printed(kind: DirectoryKind, mut settings: settings::Directory, contacts: &DirectoryContacts) -> String {
    let (service, people) = example(kind);
    let service = settings.bind.take().unwrap_or_else(|| service.to_owned());
    let people = settings.base.get_or_insert_with(|| people.to_owned()).clone();
    let realm = settings.realm.as_deref().unwrap_or("EXAMPLE.ORG");
    let principal = settings.admin_principal.clone().unwrap_or_else(|| format!("sspr/admin@{realm}"));
    let between = if matches!(kind, DirectoryKind::Ds389) { " || " } else { "," };
    let contacts: String = contacts.attributes().iter().flat_map(|(_, name)| [between, *name]).collect();
    // What is put in is not looked at again.
    let mut filled = String::new();
    let mut rest = text(kind, settings.password);
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
        filled.push_str(rest.get(..at).unwrap_or_default());
        filled.push_str(value);
        rest = rest.get(at + word.len()..).unwrap_or_default();
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(kind: DirectoryKind, settings: settings::Directory) -> String {
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
            (settings::Directory::default(), DirectoryKind::OpenLdap, "pwdEndTime,pwdReset,mail,mobile\n"),
            (in_kerberos(), DirectoryKind::OpenLdap, "pwdEndTime,pwdReset,mail,mobile\n"),
            (settings::Directory::default(), DirectoryKind::Ds389, "|| shadowExpire || mail || mobile\")"),
            (in_kerberos(), DirectoryKind::Ds389, "|| shadowExpire || mail || mobile\")"),
        ] {
            let text = printed(kind, settings, &contacts);
            assert!(text.contains(want), "{text}");
        }
    }

    #[test]
    fn the_rights_have_the_names_of_the_settings_in_them_and_no_word_to_fill_in() {
        for kind in DirectoryKind::ALL {
            let text = shown(kind, settings::Directory::default());
            for word in ["SERVICE", "PEOPLE", "GROUPS", "CONTACTS"] {
                assert!(!text.contains(word), "{kind:?}: {text}");
            }
        }
        for kind in [DirectoryKind::OpenLdap, DirectoryKind::Ds389] {
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
        let text = shown(DirectoryKind::Ds389, own);
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
        for (kind, write) in [(DirectoryKind::OpenLdap, "=w\n"), (DirectoryKind::Ds389, "(write)")] {
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
        for kind in [DirectoryKind::FreeIpa, DirectoryKind::Ad] {
            assert_eq!(shown(kind, in_kerberos()), shown(kind, settings::Directory::default()));
        }
    }

    #[test]
    fn the_guide_shows_what_is_printed() {
        let guide = include_str!("../../../docs/directories.md");
        for kind in DirectoryKind::ALL {
            let printed = shown(kind, settings::Directory::default());
            let shown: String = printed.lines().map(|line| format!("    {line}\n").replace("    \n", "\n")).collect();
            assert!(guide.contains(&shown), "docs/directories.md should have:\n{shown}");
        }
    }
}
