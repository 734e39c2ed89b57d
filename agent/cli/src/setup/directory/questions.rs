//! The five questions about a directory.

use std::path::{Path, PathBuf};

use sspr_config::settings::{self, DirectoryKind, DirectoryPassword, DirectoryServer};

use super::{
    super::{
        ask::{Person, ask, hidden},
        secret::Secret,
    },
    Directory, Kdc, PROGRAM, Passwords, Served,
};
use crate::{
    directory_kind,
    doctor::directory::has_people,
    failure::Failure,
    host_directory::{self, Known},
};

/// Asks about a directory if the program that serves its users is installed. Proposes the present settings, or else
/// those in this host's files below `root`.
pub(super) fn asked(
    person: &mut dyn Person,
    now: &settings::Directory,
    root: &Path,
) -> Result<Option<Directory>, Failure> {
    if !root.join(PROGRAM).exists() {
        if has_people(root) {
            person.hear(
                "This host signs people of a directory in. For them, install the package\n\
                 sspr-directory and run sspr setup again.\n",
            );
        }
        return Ok(None);
    }
    questions(person, now, &host_directory::known(root), None)
}

/// The five questions. `typed` is the password that was typed before, with its entry.
pub(super) fn questions(
    person: &mut dyn Person,
    now: &settings::Directory,
    host: &Known,
    typed: Option<(&str, Secret)>,
) -> Result<Option<Directory>, Failure> {
    person.hear(
        "People of a directory: none, openldap, 389ds (389 Directory Server), freeipa\n\
         or ad (Samba and Active Directory).",
    );
    let hinted = host.kind.or_else(|| (!host.servers.is_empty()).then_some(DirectoryKind::OpenLdap));
    let known = now.kind.or(hinted).map_or("none", DirectoryKind::as_str);
    let kind = ask(person, "Directory", known, |typed| match typed {
        "none" => Ok(None),
        typed => match directory_kind::named(typed) {
            Some(kind) => Ok(Some(kind)),
            None => Err("Please type none, openldap, 389ds, freeipa or ad.".to_owned()),
        },
    })?;
    let Some(kind) = kind else { return Ok(now.kind.map(|_| Directory::None)) };
    person.hear(
        "\nThe servers, in the order in which they are asked: ldaps://host (TLS),\n\
         ldap://host (StartTLS), or ldapi:///path for a socket of this machine.",
    );
    let known = if now.servers.is_empty() { &host.servers } else { &now.servers };
    let servers = ask(person, "Servers", &known.join(" "), |typed| servers(typed, kind))?;

    person.hear("\nThe entry below which people are, such as ou=people,dc=example,dc=org.");
    let known = now.base.as_ref().or(host.base.as_ref()).cloned().unwrap_or_default();
    let base = ask(person, "Base", &known, |typed| entry(typed).map(str::to_owned))?;

    person.hear(&format!(
        "\nThe entry that may set passwords, and nothing more. To see the rights that it\n\
         needs, ready to paste: sspr admin directory acl --kind {}",
        kind.as_str()
    ));
    let local = servers.iter().all(|server| is_local(server));
    if local {
        person.hear("none: the server knows the user sspr-directory (SASL EXTERNAL).");
    }
    let known = now.bind.clone().unwrap_or_else(|| if local { "none".to_owned() } else { String::new() });
    let bind = ask(person, "Entry", &known, |typed| match typed {
        "none" if local => Ok(None),
        typed => entry(typed).map(|entry| Some(entry.to_owned())),
    })?;
    let password = match &bind {
        None => None,
        Some(bind) => {
            let before = typed.filter(|(of, _)| of == bind).map(|(_, password)| password);
            let known = before.is_some() || now.password_file.is_some() && now.bind.as_ref() == Some(bind);
            hidden(person, "Its password", known)?.or(before)
        }
    };

    let ca_file = if servers.iter().any(|server| is_encrypted(server)) {
        person.hear(
            "\nA file with the authority that vouches for the servers; or system, for those\nthat this machine trusts.",
        );
        let known = now.ca_file.as_ref().or_else(|| host.ca_file.as_ref().filter(|_| now.kind.is_none()));
        let known = known.map_or_else(|| "system".to_owned(), |path| path.display().to_string());
        ask(person, "Authority", &known, |typed| match typed {
            "system" => Ok(None),
            typed if Path::new(typed).is_file() => Ok(Some(PathBuf::from(typed))),
            typed => Err(format!("There is no file {typed}.")),
        })?
    } else {
        now.ca_file.clone()
    };
    let in_kdc = host.realm.is_some() || now.password == DirectoryPassword::Kerberos;
    let passwords = if in_kdc && !is_by_itself(kind) { passwords(person, now, host)? } else { Passwords::AsIs };
    person.hear("");
    let domains = if now.domains.is_empty() { &host.domains } else { &now.domains }.clone();
    Ok(Some(Directory::Of(Box::new(Served { kind, servers, base, bind, password, ca_file, domains, passwords }))))
}

/// Whether passwords are always set through the directory, wherever it keeps them.
const fn is_by_itself(kind: DirectoryKind) -> bool {
    matches!(kind, DirectoryKind::Ad | DirectoryKind::FreeIpa)
}

/// The further questions if a KDC verifies passwords.
fn passwords(person: &mut dyn Person, now: &settings::Directory, host: &Known) -> Result<Passwords, Failure> {
    person.hear("\nA KDC verifies passwords. Where are they set: kerberos, in the KDC; or ldap,\nin the directory?");
    let there = ask(person, "Passwords", "kerberos", |typed| match typed {
        "kerberos" => Ok(true),
        "ldap" => Ok(false),
        _ => Err("Please type kerberos or ldap.".to_owned()),
    })?;
    if !there {
        return Ok(Passwords::There);
    }
    let known = now.realm.as_ref().or(host.realm.as_ref()).cloned().unwrap_or_default();
    let realm = ask(person, "Realm", &known, |typed| Ok(typed.to_owned()))?;
    person.hear(
        "The principal that may change passwords, and a file with its key, of mode\n\
         0600 and owned by sspr-directory: see Passwords in Kerberos in directories.md.",
    );
    let known = now.admin_principal.clone().unwrap_or_else(|| format!("sspr/admin@{realm}"));
    let principal = ask(person, "Principal", &known, |typed| Ok(typed.to_owned()))?;
    let known = now.keytab.as_ref().map_or("/etc/sspr/directory.keytab".into(), |path| path.display().to_string());
    let keytab = ask(person, "Keytab", &known, |typed| {
        let path = PathBuf::from(typed);
        if path.is_file() { Ok(path) } else { Err(format!("There is no file {typed}.")) }
    })?;
    Ok(Passwords::InKdc(Kdc { realm, principal, keytab }))
}

/// Checks the typed servers.
fn servers(typed: &str, kind: DirectoryKind) -> Result<Vec<String>, String> {
    let words: Vec<&str> = typed.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    for word in &words {
        let server = DirectoryServer::parse(word)?;
        if kind == DirectoryKind::Ad && !server.is_encrypted() {
            return Err(format!("{word}: a domain controller takes passwords over TLS alone; use ldaps:// or ldap://"));
        }
    }
    if words.is_empty() {
        return Err("At least one server is required.".into());
    }
    Ok(words.into_iter().map(str::to_owned).collect())
}

fn entry(typed: &str) -> Result<&str, String> {
    if typed.contains('=') { Ok(typed) } else { Err("Please type its whole name, with all of its parts.".into()) }
}

fn is_local(server: &str) -> bool {
    matches!(DirectoryServer::parse(server), Ok(DirectoryServer::Local(_)))
}

fn is_encrypted(server: &str) -> bool {
    DirectoryServer::parse(server).is_ok_and(|server| server.is_encrypted())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{super::super::ask::tests::Script, *};

    #[test]
    fn what_this_host_says_is_proposed_a_wrong_answer_is_explained_and_each_line_fits_the_terminal() {
        let host = Known {
            servers: vec!["ldaps://ldap.example.org".into()],
            base: Some("ou=people,dc=example,dc=org".into()),
            ca_file: Some("/etc/passwd".into()),
            domains: vec!["example".into()],
            realm: Some("EXAMPLE.ORG".into()),
            ..Known::default()
        };
        let mut person = Script::of(&[
            "ldap",
            "",
            "ldap.example.org",
            "",
            "people",
            "",
            "sspr",
            "uid=sspr,dc=example,dc=org",
            "s3cret",
            "/nonexistent",
            "",
            "",
            "",
            "",
            "/etc/group",
        ]);
        let asked = questions(&mut person, &settings::Directory::default(), &host, None).unwrap();
        let Some(Directory::Of(served)) = asked else { panic!("{}", person.seen) };
        assert_eq!(served.password.as_ref().map(|p| p.as_str()), Some("s3cret"));
        assert_eq!(
            (served.kind, &served.servers, &served.domains),
            (DirectoryKind::OpenLdap, &host.servers, &host.domains)
        );
        assert_eq!((Some(&served.base), &served.ca_file), (host.base.as_ref(), &host.ca_file));
        let principal = "sspr/admin@EXAMPLE.ORG".to_owned();
        let kdc = Kdc { realm: "EXAMPLE.ORG".into(), principal, keytab: "/etc/group".into() };
        assert_eq!(served.passwords, Passwords::InKdc(kdc));
        for said in [
            "Directory [openldap]: ",
            "Please type none, openldap",
            "has no scheme",
            "Please type its whole name",
            "There is no file /nonexistent",
            "Passwords in Kerberos",
            "sspr admin directory acl --kind openldap",
        ] {
            assert!(person.seen.contains(said), "{said}\n{}", person.seen);
        }
        for line in person.seen.lines().filter(|line| !line.starts_with("  ")) {
            assert!(line.chars().count() <= 78, "{line}");
        }
    }

    #[test]
    fn at_a_socket_of_this_machine_no_entry_is_needed_and_a_domain_controller_takes_no_open_line() {
        let mut person = Script::of(&["openldap", "ldapi:///run/slapd/ldapi", "dc=example,dc=org", ""]);
        let asked = questions(&mut person, &settings::Directory::default(), &Known::default(), None).unwrap();
        let Some(Directory::Of(served)) = asked else { panic!("{}", person.seen) };
        assert!(served.bind.is_none() && served.password.is_none() && served.ca_file.is_none());
        assert!(servers("ldap+plain://127.0.0.1", DirectoryKind::Ad).unwrap_err().contains("over TLS alone"));
        assert!(servers("", DirectoryKind::OpenLdap).is_err());
    }

    #[test]
    fn without_the_program_nothing_is_asked_and_a_host_with_people_of_a_directory_is_told() {
        let root = tempfile::tempdir().unwrap();
        let none = settings::Directory::default();
        let mut person = Script::of(&[]);
        assert!(asked(&mut person, &none, root.path()).unwrap().is_none() && person.seen.is_empty());
        fs::create_dir_all(root.path().join("etc")).unwrap();
        fs::write(root.path().join("etc/nsswitch.conf"), "passwd: files sss\n").unwrap();
        assert!(asked(&mut person, &none, root.path()).unwrap().is_none());
        assert!(person.seen.contains("install the package\nsspr-directory"), "{}", person.seen);
        fs::create_dir_all(root.path().join("usr/libexec/sspr")).unwrap();
        fs::write(root.path().join(PROGRAM), "").unwrap();
        let mut person = Script::of(&[""]);
        assert!(asked(&mut person, &none, root.path()).unwrap().is_none());
        assert!(person.seen.contains("Directory [none]: "), "{}", person.seen);
    }
}
