//! What the service's entry may do with users, as far as each kind of directory reports it. The rights must be enough,
//! and no more than the service needs. Nothing here asks a server.

use sspr_config::{
    directory::{Level, Row},
    settings::DirectoryKind,
};

use super::super::message::{Control, Entry};

/// Points to the least rights.
const DOCS: &str = "sspr admin directory acl prints the least rights";

/// The bits of Active Directory's sDRightsEffective: owner, group and access list of the entry.
const OWNS: i64 = 1 | 2 | 4;

/// The attributes of a user's entry that show the service's rights, and the controls of that search. `bind` is the
/// service's entry.
pub fn asked(kind: DirectoryKind, bind: Option<&str>) -> (&'static [&'static str], Vec<Control>) {
    match kind {
        DirectoryKind::OpenLdap => {
            (&["userPassword", "pwdHistory", "sambaNTPassword", "sambaLMPassword", "krbPrincipalKey"], Vec::new())
        }
        DirectoryKind::Ds389 | DirectoryKind::FreeIpa => (
            &["userPassword", "nsAccountLock", "sambaNTPassword", "sambaLMPassword", "krbPrincipalKey"],
            bind.map(Control::effective_rights).into_iter().collect(),
        ),
        DirectoryKind::Ad => (&["allowedAttributesEffective", "sDRightsEffective"], Vec::new()),
    }
}

/// The rows for a user's entry with these attributes.
pub fn rows(kind: DirectoryKind, person: &Entry, bind: Option<&str>) -> Vec<Row> {
    let mut rows = match kind {
        DirectoryKind::OpenLdap => vec![row(
            "rights",
            Level::Ok,
            "OpenLDAP does not tell what the service's entry may do; a first reset shows whether it may set passwords",
            "",
        )],
        DirectoryKind::Ds389 | DirectoryKind::FreeIpa => effective(person),
        DirectoryKind::Ad => allowed(person),
    };
    if super::shows_hashes(person) {
        rows.push(too_many("the service's entry can read password hashes"));
    }
    if bind.is_some_and(is_root) {
        rows.push(too_many("the service's entry looks like the root DN, for which no rule of the directory holds"));
    }
    if !rows.iter().any(|row| row.id == "too-many") {
        let fine = "as far as the directory tells, the service's entry has no rights that it does not need";
        rows.push(row("too-many", Level::Ok, fine, ""));
    }
    rows
}

fn row(id: &'static str, level: Level, sentence: impl Into<String>, fix: impl Into<String>) -> Row {
    Row { id, level, sentence: sentence.into(), fix: fix.into() }
}

fn too_many(sentence: &str) -> Row {
    row("too-many", Level::Warn, sentence, format!("give it less; {DOCS}"))
}

/// Names that root DNs have by default, right below a suffix or on their own.
fn is_root(bind: &str) -> bool {
    let first = bind.split(',').next().unwrap_or_default().trim().to_lowercase();
    let first = first.strip_prefix("cn=").unwrap_or_default().trim().to_owned();
    matches!(first.as_str(), "directory manager" | "manager" | "root")
        || (first == "admin" && bind.split(',').skip(1).all(|part| part.trim().to_lowercase().starts_with("dc=")))
        || first == "administrator"
}

/// The rows for 389 Directory Server: `attributeLevelRights: uid:rsc, userPassword:wo` and `entryLevelRights: none`.
fn effective(person: &Entry) -> Vec<Row> {
    let Some(list) = person.text("attributeLevelRights") else {
        let unknown = "the server does not tell what the service's entry may do; a first reset shows whether it may set passwords";
        return vec![row("rights", Level::Ok, unknown, "")];
    };
    let of = |wanted: &str| {
        let mut pairs = list.split(',').filter_map(|pair| pair.trim().split_once(':'));
        pairs.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map_or("", |(_, rights)| rights)
    };
    let mut rows = Vec::new();
    if of("userPassword").contains('w') {
        rows.push(row("rights", Level::Ok, "the service's entry may set passwords", ""));
    } else {
        let sentence = "the service's entry may not set passwords";
        rows.push(row("rights", Level::Fail, sentence, format!("let it write userPassword; {DOCS}")));
    }
    if ["userPassword"].iter().chain(&super::OTHER_HASHES).any(|name| of(name).contains('r')) {
        rows.push(too_many("the service's entry may read password hashes"));
    }
    if of("nsAccountLock").contains('w') {
        rows.push(too_many("the service's entry may enable people whom an administrator inactivated"));
    }
    // Adding entries below it, deleting it, or renaming it.
    let entry = person.text("entryLevelRights").unwrap_or_default();
    if entry != "none" && entry.contains(['a', 'd', 'n']) {
        rows.push(too_many("the service's entry may delete or rename people"));
    }
    rows
}

/// The rows for Active Directory, which lists the attributes that the caller may write. It does not report control
/// rights such as Reset Password.
fn allowed(person: &Entry) -> Vec<Row> {
    let may = |attribute: &str| person.has("allowedAttributesEffective", attribute);
    let mut rows = Vec::new();
    if may("lockoutTime") {
        let sentence =
            "the service's entry may end a lock; whether it may reset passwords is not told, a first reset shows it";
        rows.push(row("rights", Level::Ok, sentence, ""));
    } else {
        let sentence = "the service's entry may not write lockoutTime, and each reset writes it";
        rows.push(row("rights", Level::Fail, sentence, format!("let it write lockoutTime; {DOCS}")));
    }
    for attribute in ["userAccountControl", "accountExpires", "sAMAccountName", "servicePrincipalName", "member"] {
        if may(attribute) {
            rows.push(too_many(&format!("the service's entry may write {attribute} of people")));
        }
    }
    if person.number("sDRightsEffective").is_some_and(|rights| rights & OWNS != 0) {
        rows.push(too_many("the service's entry may change the access lists of people"));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::{super::tests::entry, *};

    fn levels(kind: DirectoryKind, attributes: &[(&str, &str)], bind: &str) -> Vec<(&'static str, Level)> {
        rows(kind, &entry(attributes), Some(bind)).into_iter().map(|row| (row.id, row.level)).collect()
    }

    const SERVICE: &str = "uid=sspr,ou=services,dc=example,dc=org";
    const FINE: [(&str, Level); 2] = [("rights", Level::Ok), ("too-many", Level::Ok)];

    #[test]
    fn on_389_the_server_tells_what_is_missing_and_what_is_too_much() {
        let of = |attributes: &str, own: &str| {
            levels(DirectoryKind::Ds389, &[("attributeLevelRights", attributes), ("entryLevelRights", own)], SERVICE)
        };
        assert_eq!(of("uid:rsc, userPassword:wo, nsAccountLock:rsc", "none"), FINE);
        assert_eq!(of("uid:rsc, userPassword:none", "v"), [("rights", Level::Fail), ("too-many", Level::Ok)]);
        for (attributes, own) in [
            ("userPassword:wo, krbPrincipalKey:rsc", "v"),
            ("userPassword:rscwo", "v"),
            ("userPassword:wo, nsAccountLock:rscwo", "v"),
            ("userPassword:wo", "vadn"),
        ] {
            assert_eq!(of(attributes, own), [("rights", Level::Ok), ("too-many", Level::Warn)], "{attributes} {own}");
        }
    }

    #[test]
    fn in_active_directory_the_attributes_that_may_be_written_are_looked_at() {
        let of = |attributes: &[(&str, &str)]| levels(DirectoryKind::Ad, attributes, SERVICE);
        let least = ("allowedAttributesEffective", "lockoutTime");
        assert_eq!(of(&[least, ("sDRightsEffective", "0")]), FINE);
        assert_eq!(of(&[("sDRightsEffective", "0")]), [("rights", Level::Fail), ("too-many", Level::Ok)]);
        for more in [("sDRightsEffective", "15"), ("allowedAttributesEffective", "userAccountControl")] {
            assert_eq!(of(&[least, more]), [("rights", Level::Ok), ("too-many", Level::Warn)], "{more:?}");
        }
    }

    #[test]
    fn who_reads_hashes_or_is_called_like_a_root_dn_has_too_many_rights() {
        let of = |attributes: &[(&str, &str)], bind: &str| levels(DirectoryKind::OpenLdap, attributes, bind);
        assert_eq!(of(&[], SERVICE), FINE);
        for stored in ["userPassword", "sambaNTPassword", "krbPrincipalKey"] {
            assert_eq!(of(&[(stored, "{SSHA}x")], SERVICE)[1], ("too-many", Level::Warn), "{stored}");
        }
        for root in ["cn=admin,dc=example,dc=org", "cn=Directory Manager", "CN=Manager, dc=example", "cn=root,dc=x"] {
            assert_eq!(of(&[], root)[1], ("too-many", Level::Warn), "{root}");
        }
        assert_eq!(of(&[], "cn=admin,ou=services,dc=example,dc=org"), FINE);
    }
}
