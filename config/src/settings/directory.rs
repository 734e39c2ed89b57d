//! Users of a directory: `[directory]`.

use std::{fmt, path::PathBuf};

use serde::{Deserialize, Serialize};

use super::is_loopback;

/// `[directory]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Directory {
    /// The kind of server; if unset, no user of a directory is served.
    pub kind: Option<DirectoryKind>,
    /// The servers, in the order in which they are tried, see [`DirectoryServer`].
    pub servers: Vec<String>,
    /// The authorities that vouch for the servers; if unset, the system's.
    pub ca_file: Option<PathBuf>,
    /// The entry that may set passwords; unset on `ldapi://` for the program's own user (SASL EXTERNAL).
    pub bind: Option<String>,
    /// A file with its password, readable only by root or the program's user.
    pub password_file: Option<PathBuf>,
    /// Users are searched for below this entry.
    pub base: Option<String>,
    /// Which entries are users, as an LDAP filter; by default, that of the kind.
    pub filter: Option<String>,
    /// The attribute with the name that users sign in with; by default, that of the kind.
    pub name_attribute: Option<String>,
    /// Groups are searched for below this entry; by default, below the end of `base`.
    pub group_base: Option<String>,
    /// Members of these groups of the directory are never served, in addition to those that the kind protects.
    pub protected_groups: Vec<String>,
    /// The domains in names such as `EXAMPLE\alice` and `alice@ad.example.org`.
    pub domains: Vec<String>,
    /// Where users' passwords are.
    pub password: DirectoryPassword,
    /// With `password = "kerberos"`: the realm of users' principals.
    pub realm: Option<String>,
    /// With `password = "kerberos"`: the principal that may set passwords.
    pub admin_principal: Option<String>,
    /// With `password = "kerberos"`: a file with its key, readable only by the program's user.
    pub keytab: Option<PathBuf>,
}

impl Directory {
    /// The entry below which groups are searched for.
    pub fn groups(&self) -> &str {
        self.group_base.as_deref().unwrap_or_else(|| suffix(self.base.as_deref().unwrap_or_default()))
    }
}

/// The end of `base`: its domain (`dc=example,dc=org`), or its last part if it has none.
fn suffix(base: &str) -> &str {
    let mut starts = vec![0];
    let mut escaped = false;
    for (at, c) in base.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ',' => starts.push(at + 1),
            _ => {}
        }
    }
    let part = |start: usize| base.get(start..).unwrap_or_default().trim_start();
    let is_domain = |start: &&usize| part(**start).get(..3).is_some_and(|kind| kind.eq_ignore_ascii_case("dc="));
    let of_domain = starts.iter().rev().take_while(is_domain).last();
    part(of_domain.or(starts.last()).copied().unwrap_or_default())
}

/// `[directory] password`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DirectoryPassword {
    /// In the entries of the directory.
    #[default]
    Ldap,
    /// In a KDC of MIT Kerberos, through kadmin.
    Kerberos,
}

/// `[directory] kind`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub enum DirectoryKind {
    /// `OpenLDAP`.
    #[serde(rename = "openldap")]
    OpenLdap,
    /// 389 Directory Server.
    #[serde(rename = "389ds")]
    Ds389,
    /// `FreeIPA`.
    #[serde(rename = "freeipa")]
    FreeIpa,
    /// Active Directory, and Samba as a domain controller.
    #[serde(rename = "ad")]
    Ad,
}

impl DirectoryKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::OpenLdap, Self::Ds389, Self::FreeIpa, Self::Ad];

    /// Its name in the settings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenLdap => "openldap",
            Self::Ds389 => "389ds",
            Self::FreeIpa => "freeipa",
            Self::Ad => "ad",
        }
    }

    /// The attribute with the name that users sign in with.
    pub const fn name_attribute(self) -> &'static str {
        match self {
            Self::OpenLdap | Self::Ds389 | Self::FreeIpa => "uid",
            Self::Ad => "sAMAccountName",
        }
    }

    /// Which entries are users.
    pub const fn filter(self) -> &'static str {
        match self {
            Self::OpenLdap | Self::Ds389 | Self::FreeIpa => "(objectClass=posixAccount)",
            // By their class, computers are users, too.
            Self::Ad => "(&(objectCategory=person)(objectClass=user))",
        }
    }
}

/// How a connection to a server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectorySecurity {
    /// `ldaps://`
    Tls,
    /// `ldap://`, which always starts TLS before anything else.
    StartTls,
    /// `ldap+plain://`, for a server on this machine.
    Plain,
}

/// One of `[directory] servers`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DirectoryServer {
    /// Over the network.
    Network {
        /// Name or address.
        host: String,
        /// The port.
        port: u16,
        /// How it is protected.
        security: DirectorySecurity,
    },
    /// A socket of this machine.
    Local(PathBuf),
}

impl DirectoryServer {
    /// Reads `ldaps://host:port`, `ldap://host`, `ldap+plain://127.0.0.1` or `ldapi:///run/slapd/ldapi`. The error says
    /// which forms are valid.
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(format!("{text:?} has no scheme; write ldaps:// (TLS) or ldap:// (StartTLS) before the host"));
        };
        if scheme == "ldapi" {
            // As in OpenLDAP's tools, slashes may be written as %2F.
            let path = rest.replace("%2f", "/").replace("%2F", "/");
            return if path.starts_with('/') && path.len() > 1 && !path.contains('%') {
                Ok(Self::Local(path.into()))
            } else {
                Err(format!("{text:?} has no full path; write it as ldapi:///run/slapd/ldapi"))
            };
        }
        let (security, default) = match scheme {
            "ldaps" => (DirectorySecurity::Tls, 636),
            "ldap" => (DirectorySecurity::StartTls, 389),
            "ldap+plain" => (DirectorySecurity::Plain, 389),
            other => {
                return Err(format!(
                    "{text:?} can't begin with {other}://; write ldaps:// (TLS) or ldap:// (StartTLS)"
                ));
            }
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.is_empty()
            || rest.contains(|c: char| matches!(c, '/' | '@' | '?' | '\\' | '%') || c.is_whitespace() || c.is_control())
        {
            return Err(format!("{text:?} must be scheme, host and port alone; the rest goes to bind and base"));
        }
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, Some(port)),
            _ => (rest, None),
        };
        let port = match port {
            None => default,
            Some(port) => port
                .parse()
                .ok()
                .filter(|number| *number > 0)
                .ok_or_else(|| format!("{text:?} has no port {port:?}; write a number up to 65535"))?,
        };
        // A global catalogue has only a part of each entry, and accepts no password.
        if matches!(port, 3268 | 3269) {
            return Err(format!(
                "{text:?} is a global catalogue, where no password can be set; use ldaps:// with port 636"
            ));
        }
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() {
            return Err(format!("{text:?} has no host"));
        }
        if security == DirectorySecurity::Plain && !is_loopback(&host) {
            return Err(format!(
                "{text:?} has no encryption and is for an address of this machine (127.0.0.1, [::1]) only; use ldaps:// or ldap://"
            ));
        }
        Ok(Self::Network { host, port, security })
    }

    /// Whether only this machine and the server can read what is sent.
    pub const fn is_encrypted(&self) -> bool {
        matches!(self, Self::Network { security: DirectorySecurity::Tls | DirectorySecurity::StartTls, .. })
    }
}

impl fmt::Display for DirectoryServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(path) => write!(f, "ldapi://{}", path.display()),
            Self::Network { host, port, security } => {
                let scheme = match security {
                    DirectorySecurity::Tls => "ldaps",
                    DirectorySecurity::StartTls => "ldap",
                    DirectorySecurity::Plain => "ldap+plain",
                };
                if host.contains(':') {
                    write!(f, "{scheme}://[{host}]:{port}")
                } else {
                    write!(f, "{scheme}://{host}:{port}")
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_encrypted_or_on_this_machine_and_prints_as_it_is_written() {
        for (text, shown) in [
            ("ldaps://ldap.example.org", "ldaps://ldap.example.org:636"),
            ("ldaps://ldap.example.org:1636/", "ldaps://ldap.example.org:1636"),
            ("ldap://10.0.0.1", "ldap://10.0.0.1:389"),
            ("ldap://[2001:db8::1]:390", "ldap://[2001:db8::1]:390"),
            ("ldaps://[2001:db8::1]", "ldaps://[2001:db8::1]:636"),
            ("ldap+plain://127.0.0.1:3389", "ldap+plain://127.0.0.1:3389"),
            ("ldap+plain://[::1]", "ldap+plain://[::1]:389"),
            ("ldapi:///run/slapd/ldapi", "ldapi:///run/slapd/ldapi"),
            ("ldapi://%2Frun%2fslapd%2fldapi", "ldapi:///run/slapd/ldapi"),
        ] {
            assert_eq!(DirectoryServer::parse(text).map(|server| server.to_string()), Ok(shown.to_owned()), "{text}");
        }
        for (text, why) in [
            ("ldap.example.org", "has no scheme"),
            ("http://ldap.example.org", "can't begin with http://"),
            ("ldap+plain://ldap.example.org", "has no encryption"),
            ("ldap+plain://10.0.0.1", "has no encryption"),
            ("ldaps://", "scheme, host and port alone"),
            ("ldaps://:636", "has no host"),
            ("ldaps://u@h", "scheme, host and port alone"),
            ("ldaps://h/dc=example", "scheme, host and port alone"),
            ("ldaps://h:0", "has no port"),
            ("ldaps://h:70000", "has no port"),
            ("ldaps://dc1.example.org:3269", "global catalogue"),
            ("ldapi:///", "has no full path"),
            ("ldapi://run/slapd", "has no full path"),
        ] {
            assert!(
                DirectoryServer::parse(text).unwrap_err().contains(why),
                "{text}: {:?}",
                DirectoryServer::parse(text)
            );
        }
    }

    #[test]
    fn a_kind_is_called_as_the_settings_call_it() {
        for kind in DirectoryKind::ALL {
            assert_eq!(toml::Value::try_from(kind).unwrap().as_str(), Some(kind.as_str()));
        }
    }

    #[test]
    fn the_suffix_is_the_domain_or_the_last_part() {
        for (base, want) in [
            ("ou=people,dc=example,dc=org", "dc=example,dc=org"),
            ("dc=example,dc=org", "dc=example,dc=org"),
            ("cn=users, DC=ad, DC=example", "DC=ad, DC=example"),
            ("ou=people,o=Example", "o=Example"),
            ("ou=a\\,dc=b,o=Example\\, Inc", "o=Example\\, Inc"),
            ("", ""),
        ] {
            assert_eq!(suffix(base), want);
        }
    }
}
