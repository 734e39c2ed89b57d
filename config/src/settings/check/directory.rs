//! The rules for `[directory]`.

use super::{
    super::{Directory, DirectoryKind, DirectoryPassword, DirectoryServer, filter::Filter},
    Fault, fault,
};

const SECTION: &str = "directory";

/// The first fault of `[directory]`.
pub(super) fn check(d: &Directory) -> Result<(), Fault> {
    let mut servers = Vec::new();
    for text in &d.servers {
        match DirectoryServer::parse(text) {
            Ok(server) => servers.push(server),
            Err(why) => return fault(SECTION, "servers", why),
        }
    }
    if d.ca_file.as_ref().is_some_and(|file| !file.is_absolute()) {
        return fault(SECTION, "ca_file", "ca_file must be a full path, such as \"/etc/sspr/directory-ca.pem\"");
    }
    if d.password_file.as_ref().is_some_and(|file| !file.is_absolute()) {
        return fault(
            SECTION,
            "password_file",
            "password_file must be a full path, such as \"/etc/sspr/directory-password\"",
        );
    }
    if let Some(filter) = d.filter.as_ref().filter(|filter| Filter::parse(filter).is_none()) {
        let why = format!("filter = {filter:?} is no LDAP filter; write it as \"(objectClass=posixAccount)\"");
        return fault(SECTION, "filter", why);
    }
    let plain = |name: &String| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if let Some(name) = d.name_attribute.as_ref().filter(|name| !plain(name)) {
        let why = format!("name_attribute = {name:?} is no attribute; write its name alone, such as \"uid\"");
        return fault(SECTION, "name_attribute", why);
    }
    if d.domains.iter().any(|domain| domain.is_empty() || domain.contains(['\\', '@', ' '])) {
        return fault(SECTION, "domains", "domains takes names alone, such as [\"EXAMPLE\", \"ad.example.org\"]");
    }
    if d.protected_groups.iter().any(String::is_empty) {
        return fault(SECTION, "protected_groups", "protected_groups has an empty name");
    }
    let Some(kind) = d.kind else { return Ok(()) };
    if servers.is_empty() {
        return fault(
            SECTION,
            "servers",
            "kind is set, but no server is named; set servers = [\"ldaps://ldap.example.org\"]",
        );
    }
    if d.base.as_ref().is_none_or(|base| !base.contains('=')) {
        return fault(SECTION, "base", "base must say where people are; set base = \"ou=people,dc=example,dc=org\"");
    }
    if kind == DirectoryKind::Ad && !servers.iter().all(DirectoryServer::is_encrypted) {
        return fault(SECTION, "servers", "kind = \"ad\" takes a password over TLS alone; use ldaps:// or ldap://");
    }
    kerberos(d, kind)?;
    match (&d.bind, &d.password_file) {
        (Some(bind), _) if !bind.contains('=') => fault(
            SECTION,
            "bind",
            format!(
                "bind = {bind:?} is no entry; write its whole name, such as \"uid=sspr,ou=services,dc=example,dc=org\""
            ),
        ),
        (Some(_), None) => {
            fault(SECTION, "bind", "bind is set but password_file is not; name a file with the password")
        }
        (None, Some(_)) => fault(SECTION, "password_file", "password_file is set but bind is not; name the entry"),
        (None, None) if !servers.iter().all(|server| matches!(server, DirectoryServer::Local(_))) => fault(
            SECTION,
            "bind",
            "bind is not set; only a server at ldapi:// knows the program without, name the entry and its password_file",
        ),
        _ => Ok(()),
    }
}

/// The rules if users' passwords are in a KDC.
fn kerberos(d: &Directory, kind: DirectoryKind) -> Result<(), Fault> {
    let parts = [
        ("realm", d.realm.is_some()),
        ("admin_principal", d.admin_principal.is_some()),
        ("keytab", d.keytab.is_some()),
    ];
    if d.password == DirectoryPassword::Ldap {
        let odd = parts.iter().find(|(_, is_set)| *is_set).map(|(key, _)| *key);
        return odd.map_or(Ok(()), |key| {
            fault(SECTION, key, format!("{key} is set, but password is not; set password = \"kerberos\""))
        });
    }
    if matches!(kind, DirectoryKind::Ad | DirectoryKind::FreeIpa) {
        let why = "password = \"kerberos\" is for a KDC of MIT Kerberos; with this kind passwords go through the directory, leave it out";
        return fault(SECTION, "password", why);
    }
    if let Some(key) = parts.iter().find(|(_, is_set)| !is_set).map(|(key, _)| *key) {
        return fault(SECTION, key, format!("password = \"kerberos\" needs {key}, see sspr.toml(5)"));
    }
    // They are arguments of programs.
    let plain = |text: &str| {
        text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._/".contains(&b))
            && !text.starts_with(['-', '/'])
            && !text.is_empty()
    };
    if let Some(realm) = d.realm.as_ref().filter(|realm| !plain(realm) || realm.contains('/')) {
        return fault(SECTION, "realm", format!("realm = {realm:?} is no realm; write it as \"EXAMPLE.ORG\""));
    }
    let is_principal = |text: &String| text.split_once('@').is_some_and(|(name, realm)| plain(name) && plain(realm));
    if let Some(admin) = d.admin_principal.as_ref().filter(|admin| !is_principal(admin)) {
        let why = format!("admin_principal = {admin:?} is no principal; write it as \"sspr/admin@EXAMPLE.ORG\"");
        return fault(SECTION, "admin_principal", why);
    }
    if d.keytab.as_ref().is_some_and(|file| !file.is_absolute()) {
        return fault(SECTION, "keytab", "keytab must be a full path, such as \"/etc/sspr/directory.keytab\"");
    }
    Ok(())
}
