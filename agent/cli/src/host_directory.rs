//! What this host's own files say about a directory: setup proposes it, and doctor compares it. Nothing is asked over
//! the network.

use std::{
    fs,
    path::{Path, PathBuf},
};

use sspr_config::settings::{DirectoryKind, DirectoryServer};

/// The authorities that this machine trusts, where clients of LDAP are often told to look.
const OF_THE_SYSTEM: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem"];

/// What the files say; empty if they say nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The kind of directory. No file distinguishes `OpenLDAP` from 389 Directory Server.
    pub kind: Option<DirectoryKind>,
    /// The servers.
    pub servers: Vec<String>,
    /// The entry below which users are.
    pub base: Option<String>,
    /// The authorities that vouch for the servers.
    pub ca_file: Option<PathBuf>,
    /// The domains in users' names.
    pub domains: Vec<String>,
    /// The realm of the KDC that verifies passwords for this host, if that is not the directory itself.
    pub realm: Option<String>,
    /// Whether sssd verifies passwords at the servers. These then need a certificate that `ca_file` or this machine
    /// vouches for.
    pub sssd_needs_tls: bool,
}

/// sssd's settings: its file, and those in `conf.d`, which take precedence.
pub fn sssd_conf(root: &Path) -> String {
    let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
    let mut sssd = read(&root.join("etc/sssd/sssd.conf"));
    let more = fs::read_dir(root.join("etc/sssd/conf.d")).into_iter().flatten().flatten();
    let mut more: Vec<_> =
        more.map(|file| file.path()).filter(|path| path.extension().is_some_and(|e| e == "conf")).collect();
    more.sort();
    for path in more {
        sssd.push('\n');
        sssd.push_str(&read(&path));
    }
    sssd
}

/// Reads the files below `root`. sssd's take precedence, then Samba's, then nslcd's, then those of all clients.
pub fn known(root: &Path) -> Known {
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap_or_default();
    let samba = of_samba(&read("etc/samba/smb.conf"));
    let found = of_sssd(&sssd_conf(root), root).or_else(|| samba.clone()).or_else(|| of_nslcd(&read("etc/nslcd.conf")));
    let Some(mut found) = found else { return Known::default() };
    if let Some(samba) = samba.filter(|_| found.kind == Some(DirectoryKind::Ad)) {
        // Only Samba's file has the short name of the domain.
        add(&mut found.domains, samba.domains);
    }
    // The settings of LDAP clients add nothing for a domain controller.
    if !matches!(found.kind, Some(DirectoryKind::Ad | DirectoryKind::FreeIpa)) {
        let clients = ["etc/ldap/ldap.conf", "etc/openldap/ldap.conf"].map(read).concat();
        let clients = of_words(&clients, "tls_cacert");
        if found.servers.is_empty() {
            found.servers = clients.servers;
        }
        found.base = found.base.or(clients.base);
        found.ca_file = found.ca_file.or(clients.ca_file);
    }
    if let Some(realm) = found.realm.as_mut().filter(|realm| realm.is_empty()) {
        *realm = default_realm(&read("etc/krb5.conf")).unwrap_or_default();
    }
    if found.servers.is_empty() && found.kind == Some(DirectoryKind::Ad) {
        // Each domain controller is a KDC.
        found.servers = kdcs(&read("etc/krb5.conf"), &found.domains);
    }
    found
}

fn add(all: &mut Vec<String>, more: impl IntoIterator<Item = String>) {
    for one in more {
        let fits = !one.is_empty() && !one.contains(['\\', '@', ' ']);
        if fits && !all.iter().any(|known| known.eq_ignore_ascii_case(&one)) {
            all.push(one);
        }
    }
}

/// The first domain of sssd.conf(5) that is a directory, in the order of `domains`, otherwise of the file.
fn of_sssd(text: &str, root: &Path) -> Option<Known> {
    let all = Sections::read(text);
    let listed = all.value("sssd", "domains").unwrap_or_default();
    let listed = words(listed).map(str::to_owned);
    let there = all.0.iter().filter_map(|(section, ..)| section.strip_prefix("domain/").map(str::to_owned));
    listed.chain(there).find_map(|domain| of_domain(&all, &domain, root))
}

fn of_domain(all: &Sections, domain: &str, root: &Path) -> Option<Known> {
    let section = format!("domain/{domain}");
    let value = |key: &str| all.value(&section, key);
    let named = |key: &str| hosts(value(key).unwrap_or_default());
    let searched = value("ldap_user_search_base").or_else(|| value("ldap_search_base")).map(first_base);
    let (kind, servers, base, own) = match value("id_provider")? {
        "ipa" => {
            let own = value("ipa_domain").unwrap_or(domain);
            let base = format!("cn=users,cn=accounts,{}", components(own));
            (Some(DirectoryKind::FreeIpa), named("ipa_server"), Some(base), Some(own))
        }
        "ad" => {
            let own = value("ad_domain").unwrap_or(domain);
            let base = searched.unwrap_or_else(|| components(own));
            (Some(DirectoryKind::Ad), named("ad_server"), Some(base), Some(own))
        }
        "ldap" => {
            let kind = match value("ldap_schema").unwrap_or_default().to_ascii_lowercase().as_str() {
                "ad" => Some(DirectoryKind::Ad),
                "ipa" => Some(DirectoryKind::FreeIpa),
                _ => None,
            };
            (kind, urls(value("ldap_uri").unwrap_or_default()), searched, None)
        }
        _ => return None,
    };
    let by_the_client = "/etc/ipa/ca.crt";
    let enrolled = kind == Some(DirectoryKind::FreeIpa) && root.join("etc/ipa/ca.crt").exists();
    let ca_file = authority(value("ldap_tls_cacert").or(enrolled.then_some(by_the_client)));
    let by = value("auth_provider");
    let in_kerberos = kind.is_none() && by == Some("krb5");
    let realm = in_kerberos.then(|| value("krb5_realm").unwrap_or_default().to_owned());
    let any_certificate = value("ldap_tls_reqcert").is_some_and(|word| ["never", "allow", "try"].contains(&word));
    let sssd_needs_tls = value("id_provider") == Some("ldap") && by.is_none_or(|by| by == "ldap") && !any_certificate;
    let mut domains = Vec::new();
    add(&mut domains, own.into_iter().chain([domain]).map(str::to_owned));
    Some(Known { kind, servers, base, ca_file, domains, realm, sssd_needs_tls })
}

/// A member of a domain, or a domain controller, by smb.conf(5).
fn of_samba(text: &str) -> Option<Known> {
    let all = Sections::read(text);
    let value = |key: &str| all.value("global", key);
    let is_member = value("security").is_some_and(|mode| mode.eq_ignore_ascii_case("ads"));
    let role = value("server role").unwrap_or_default().to_ascii_lowercase();
    let is_controller = ["active directory domain controller", "domain controller", "dc"].contains(&role.as_str());
    let realm = value("realm").filter(|_| is_member || is_controller)?.to_ascii_lowercase();
    let mut servers = hosts(value("password server").unwrap_or_default());
    if is_controller {
        let name = value("netbios name").map_or_else(own_name, str::to_ascii_lowercase);
        servers = hosts(&format!("{name}.{realm}"));
    }
    let base = Some(components(&realm));
    let mut domains = Vec::new();
    add(&mut domains, [realm].into_iter().chain(value("workgroup").map(str::to_owned)));
    Some(Known { kind: Some(DirectoryKind::Ad), servers, base, domains, ..Known::default() })
}

/// This machine's name without its domain.
fn own_name() -> String {
    let name = rustix::system::uname().nodename().to_string_lossy().to_ascii_lowercase();
    name.split('.').next().unwrap_or_default().to_owned()
}

/// nslcd.conf(5).
fn of_nslcd(text: &str) -> Option<Known> {
    let found = of_words(text, "tls_cacertfile");
    (!found.servers.is_empty()).then_some(found)
}

/// Lines of a key and its words, as in nslcd.conf(5) and ldap.conf(5). A base for accounts takes precedence over one
/// for everything.
fn of_words(text: &str, authority_key: &str) -> Known {
    let mut found = Known::default();
    let mut of_people = None;
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        let Some((key, rest)) = line.split_once(char::is_whitespace) else { continue };
        let rest = rest.trim();
        match key.to_ascii_lowercase().as_str() {
            "uri" => add(&mut found.servers, urls(rest)),
            "base" => match rest.split_once(char::is_whitespace) {
                Some(("passwd", base)) => of_people = Some(base.trim().to_owned()),
                // A base for another map. The name of an entry may also contain a space.
                Some((map, _)) if !map.contains('=') => {}
                _ => found.base = Some(rest.to_owned()),
            },
            key if key == authority_key => found.ca_file = authority(Some(rest)),
            _ => {}
        }
    }
    Known { base: of_people.or(found.base), ..found }
}

/// The realm of principals that name none, from krb5.conf(5).
fn default_realm(text: &str) -> Option<String> {
    let lines = text.lines().filter_map(|line| line.split_once('='));
    lines
        .map(|(key, value)| (key.trim(), value.trim().to_owned()))
        .find_map(|(key, value)| (key == "default_realm").then_some(value))
}

/// The KDCs of the first of `realms` for which krb5.conf(5) names any.
fn kdcs(text: &str, realms: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    let mut inside = None;
    for line in text.lines().map(str::trim) {
        let Some((key, value)) = line.split_once('=').map(|(key, value)| (key.trim(), value.trim())) else {
            if line.starts_with('}') {
                inside = None;
            }
            continue;
        };
        if value.starts_with('{') {
            inside = realms.iter().find(|realm| realm.eq_ignore_ascii_case(key));
        } else if key == "kdc" && inside.is_some() {
            let host = value.rsplit_once(':').map_or(value, |(host, _)| host);
            add(&mut found, hosts(host));
        }
    }
    found
}

/// `ad.example.org` as an entry.
fn components(domain: &str) -> String {
    domain.split('.').map(|part| format!("dc={part}")).collect::<Vec<_>>().join(",")
}

/// `ldap_search_base` may have a scope and a filter, and more bases.
fn first_base(text: &str) -> String {
    text.split('?').next().unwrap_or_default().trim().to_owned()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ', '\t']).filter(|word| !word.is_empty())
}

/// Servers given as URLs, if these are valid here.
fn urls(text: &str) -> Vec<String> {
    let urls = words(text).map(|url| url.strip_suffix('/').unwrap_or(url));
    urls.filter(|url| DirectoryServer::parse(url).is_ok()).map(str::to_owned).collect()
}

/// Servers given as host names. `_srv_` and `*` mean that the DNS is asked.
fn hosts(text: &str) -> Vec<String> {
    let named = words(text).filter(|host| !host.eq_ignore_ascii_case("_srv_") && *host != "*");
    named.map(|host| format!("ldaps://{host}")).filter(|url| DirectoryServer::parse(url).is_ok()).collect()
}

fn authority(named: Option<&str>) -> Option<PathBuf> {
    named.filter(|path| path.starts_with('/') && !OF_THE_SYSTEM.contains(path)).map(PathBuf::from)
}

/// Section, key and value, as in sssd.conf(5) and smb.conf(5); the last value counts.
struct Sections(Vec<(String, String, String)>);

impl Sections {
    fn read(text: &str) -> Self {
        let mut section = String::new();
        let mut all = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';'])) {
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                name.trim().clone_into(&mut section);
            } else if let Some((key, value)) = line.split_once('=') {
                // "password server" and "passwordserver" are one key in smb.conf(5), and case does not matter.
                all.push((section.clone(), plain(key), value.trim().to_owned()));
            }
        }
        Self(all)
    }

    fn value(&self, section: &str, key: &str) -> Option<&str> {
        let key = plain(key);
        let is_it = |(of, name, _): &&(String, String, String)| of.eq_ignore_ascii_case(section) && *name == key;
        self.0.iter().rev().find(is_it).map(|(_, _, value)| value.as_str()).filter(|value| !value.is_empty())
    }
}

fn plain(key: &str) -> String {
    key.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposed(files: &[(&str, &str)]) -> Known {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        known(root.path())
    }

    fn list(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    const SSSD: &str = "etc/sssd/sssd.conf";

    #[test]
    fn sssd_says_where_a_directory_is_and_by_what_names_people_go() {
        let plain = proposed(&[(
            SSSD,
            "[sssd]\ndomains = example\n[domain/other]\nid_provider = ad\n[domain/example]\nid_provider = ldap\n\
             ldap_uri = ldaps://ldap1.example.org/, ldap://ldap2.example.org, _srv_\n\
             ldap_search_base = dc=example,dc=org\nldap_user_search_base = ou=people,dc=example,dc=org?subtree?(a=b)\n\
             ldap_tls_cacert = /etc/ldap/ca.pem\n",
        )]);
        assert_eq!(plain.kind, None, "no file tells OpenLDAP from 389 Directory Server");
        assert_eq!(plain.servers, list(&["ldaps://ldap1.example.org", "ldap://ldap2.example.org"]));
        assert_eq!(plain.base.as_deref(), Some("ou=people,dc=example,dc=org"));
        assert_eq!(plain.ca_file, Some("/etc/ldap/ca.pem".into()));
        assert!(plain.sssd_needs_tls && plain.realm.is_none());
        assert_eq!(plain.domains, list(&["example"]));

        let ipa = proposed(&[
            (SSSD, "[domain/ipa.example.org]\nid_provider = ipa\nipa_server = _srv_, ipa1.example.org\n"),
            ("etc/ipa/ca.crt", ""),
        ]);
        assert_eq!((ipa.kind, ipa.servers), (Some(DirectoryKind::FreeIpa), list(&["ldaps://ipa1.example.org"])));
        assert_eq!(ipa.base.as_deref(), Some("cn=users,cn=accounts,dc=ipa,dc=example,dc=org"));
        assert_eq!((ipa.ca_file, ipa.domains), (Some("/etc/ipa/ca.crt".into()), list(&["ipa.example.org"])));

        let ad = proposed(&[
            (SSSD, "[domain/corp]\nid_provider=ad\nad_domain=ad.example.org\n"),
            ("etc/sssd/conf.d/10-servers.conf", "[domain/corp]\nad_server = dc1.ad.example.org\n"),
            ("etc/samba/smb.conf", "[global]\nSecurity = ADS\nrealm = AD.EXAMPLE.ORG\nworkgroup = EXAMPLE\n"),
        ]);
        assert_eq!((ad.kind, ad.servers), (Some(DirectoryKind::Ad), list(&["ldaps://dc1.ad.example.org"])));
        assert_eq!(ad.base.as_deref(), Some("dc=ad,dc=example,dc=org"));
        assert_eq!(ad.domains, list(&["ad.example.org", "corp", "EXAMPLE"]));
        assert!(!ad.sssd_needs_tls && !ipa.sssd_needs_tls, "they sign in by Kerberos");
        for word in ["ldap_tls_reqcert = never", "auth_provider = krb5"] {
            let text = format!("[domain/a]\nid_provider = ldap\nldap_uri = ldaps://h\n{word}\n");
            assert!(!proposed(&[(SSSD, &text)]).sssd_needs_tls, "{word}");
        }
    }

    #[test]
    fn passwords_that_a_kdc_verifies_are_told_from_those_of_the_directory() {
        let with = |more: &str| {
            let text = format!("[domain/a]\nid_provider = ldap\nldap_uri = ldap://h\n{more}");
            proposed(&[(SSSD, &text), ("etc/krb5.conf", "[libdefaults]\n default_realm = EXAMPLE.ORG\n")]).realm
        };
        assert_eq!(with("auth_provider = krb5\n").as_deref(), Some("EXAMPLE.ORG"));
        assert_eq!(with("auth_provider = krb5\nkrb5_realm = OWN.ORG\n").as_deref(), Some("OWN.ORG"));
        for more in ["", "auth_provider = ldap\n", "auth_provider = krb5\nldap_schema = ad\n"] {
            assert_eq!(with(more), None, "{more}");
        }
    }

    #[test]
    fn a_member_of_a_domain_by_winbind_and_a_domain_controller_are_known_by_samba() {
        let member = proposed(&[
            ("etc/samba/smb.conf", "[global]\nsecurity = ads\nrealm = AD.EXAMPLE.ORG\nworkgroup = EXAMPLE\n"),
            (
                "etc/krb5.conf",
                "[realms]\nOTHER.ORG = {\n kdc = x.other.org\n}\nAD.EXAMPLE.ORG = {\n kdc = dc1.ad.example.org:88\n \
                 kdc = dc2.ad.example.org\n}\n",
            ),
        ]);
        assert_eq!(member.servers, list(&["ldaps://dc1.ad.example.org", "ldaps://dc2.ad.example.org"]));
        assert_eq!(member.domains, list(&["ad.example.org", "EXAMPLE"]));
        let controller = proposed(&[(
            "etc/samba/smb.conf",
            "[global]\n netbios name = DC1\n realm = AD.EXAMPLE.ORG\n server role = active directory domain controller\n",
        )]);
        assert_eq!(controller.servers, list(&["ldaps://dc1.ad.example.org"]));
        let file_server = "[global]\nworkgroup = WORKGROUP\nserver role = standalone server\nrealm = A.B\n";
        assert_eq!(proposed(&[("etc/samba/smb.conf", file_server)]), Known::default());
    }

    #[test]
    fn nslcd_and_what_all_clients_go_by_fill_what_is_not_said_elsewhere() {
        let found = proposed(&[
            (
                "etc/nslcd.conf",
                "# base dc=commented\nuri ldap://ldap1.example.org ldap://ldap2.example.org\nbase dc=example,dc=org\n\
                 base group ou=groups,dc=example,dc=org\nbase passwd ou=people,dc=example,dc=org\n",
            ),
            ("etc/ldap/ldap.conf", "URI ldap://no.example.org\nTLS_CACERT /etc/ldap/authority.pem\n"),
        ]);
        assert_eq!(found.servers, list(&["ldap://ldap1.example.org", "ldap://ldap2.example.org"]));
        assert_eq!(found.base.as_deref(), Some("ou=people,dc=example,dc=org"));
        assert_eq!(found.ca_file, Some("/etc/ldap/authority.pem".into()));
        // A host without users of a directory may still be a client of one.
        assert_eq!(proposed(&[("etc/ldap/ldap.conf", "URI ldap://h\nBASE dc=x\n")]), Known::default());
        let of_debian = "BASE dc=example,dc=org\nTLS_CACERT /etc/ssl/certs/ca-certificates.crt\n";
        let found = proposed(&[("etc/nslcd.conf", "uri ldap://h\n"), ("etc/ldap/ldap.conf", of_debian)]);
        assert_eq!((found.base.as_deref(), found.ca_file), (Some("dc=example,dc=org"), None));
    }

    #[test]
    fn a_global_catalogue_and_junk_are_not_proposed() {
        let text = "[domain/a]\nid_provider = ldap\nldap_uri = ldaps://dc:3269, http://x, ldapi://, ldaps://good\n";
        assert_eq!(proposed(&[(SSSD, text)]).servers, list(&["ldaps://good"]));
    }
}
