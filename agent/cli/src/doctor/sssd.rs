//! The sssd of a host with users of a directory. While it believes that the directory is offline, or can't have TLS
//! with the servers, it accepts the old password from its cache after a reset and refuses the new one.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use sspr_config::{
    directory::Level,
    settings::{Directory, DirectoryPassword, DirectoryServer, Settings},
};

use super::{Finding, directory::tried_rows};
use crate::host_directory::{self, Known};

const CHECK: &str = "directory";

/// How many of sssd's domains are checked.
const DOMAINS_MAX: usize = 4;
/// So long may sssd take over all of them. With a server that does not answer it may take longer.
const SSSD_MAX: Duration = Duration::from_secs(5);

/// Whether sssd believes that a directory is offline, if it says so: its program sssctl and the `InfoPipe` that sssctl
/// asks are in separate packages.
pub fn line(settings: &Settings) -> Vec<Finding> {
    if settings.directory.kind.is_none() {
        return Vec::new();
    }
    let until = Instant::now() + SSSD_MAX;
    let said = |arguments: &[&str]| said("sssctl", arguments, until);
    let domains = said(&["domain-list"]).unwrap_or_default();
    let domains = domains.split_whitespace().take(DOMAINS_MAX);
    domains.filter_map(|domain| offline(domain, &said(&["domain-status", domain, "--online"])?)).collect()
}

/// What a program says until then.
fn said(program: &str, arguments: &[&str], until: Instant) -> Option<String> {
    let left = until.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return None;
    }
    // Of coreutils.
    let mut command = Command::new("timeout");
    command.arg("--signal=KILL").arg(left.as_secs_f32().to_string()).arg(program).args(arguments);
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn offline(domain: &str, said: &str) -> Option<Finding> {
    said.lines().any(|line| line.trim() == "Online status: Offline").then(|| {
        Finding::error(
            CHECK,
            format!(
                "sssd takes the directory of its domain {domain} for offline: it takes old passwords from its cache and may refuse \
                 new ones"
            ),
            "see why in /var/log/sssd; when the servers can be reached: systemctl kill --kill-whom=main -s USR2 sssd",
        )
    })
}

/// Whether sssd can have TLS with the servers, with the authorities that it trusts. `sspr-directory`, which has a
/// network, tries that with an entry that does not exist: the service's password is only for servers that `ca_file` in
/// the settings vouches for.
pub async fn tls(root: &Path, settings: &Settings, address: &str) -> Vec<Finding> {
    let is_root = rustix::process::geteuid().is_root();
    let Some(tried) = is_root.then(|| as_sssd(settings, host_directory::known(root))).flatten() else {
        return Vec::new();
    };
    if let Some(file) = tried.directory.ca_file.as_ref().filter(|file| !file.exists()) {
        return vec![no_tls(&format!("there is no file {}", file.display()))];
    }
    let Ok(text) = toml::to_string(&tried) else { return Vec::new() };
    // If the program does not answer, the check of the directory reports that.
    let rows = tried_rows(&text, NOBODYS.as_bytes(), address).await.unwrap_or_default();
    let refused = rows.into_iter().find(|(id, level, ..)| id == "tls" && Level::from_wire(*level) == Level::Fail);
    refused.map(|(_, _, sentence, _)| no_tls(&sentence)).into_iter().collect()
}

/// A password that nobody has, for an entry that does not exist.
const NOBODYS: &str = "nobody's";
const NOBODY: &str = "cn=sspr-doctor";

/// The settings with sssd's servers and authorities; `None` if it uses none of the directory's servers, or checks no
/// passwords there.
fn as_sssd(settings: &Settings, known: Known) -> Option<Settings> {
    let host = |server: &String| match DirectoryServer::parse(server) {
        Ok(DirectoryServer::Network { host, .. }) => Some(host.to_lowercase()),
        _ => None,
    };
    settings.directory.kind.filter(|_| known.sssd_needs_tls)?;
    let own: Vec<String> = settings.directory.servers.iter().filter_map(host).collect();
    let servers: Vec<String> =
        known.servers.into_iter().filter(|server| host(server).is_some_and(|host| own.contains(&host))).collect();
    if servers.is_empty() {
        return None;
    }
    let directory = Directory {
        servers,
        ca_file: known.ca_file,
        bind: Some(NOBODY.to_owned()),
        // The settings must name a file; it is not read.
        password_file: Some("/nonexistent".into()),
        password: DirectoryPassword::Ldap,
        realm: None,
        admin_principal: None,
        keytab: None,
        ..settings.directory.clone()
    };
    Some(Settings { directory, ..settings.clone() })
}

fn no_tls(why: &str) -> Finding {
    Finding::error(
        CHECK,
        format!("sssd has no TLS with the directory, so after a reset it refuses the new password: {why}"),
        "correct ldap_tls_cacert in /etc/sssd/sssd.conf, then: systemctl restart sssd",
    )
}

#[cfg(test)]
mod tests {
    use sspr_config::settings::DirectoryKind;

    use super::*;

    #[test]
    fn a_program_that_does_not_end_is_not_waited_for() {
        let start = Instant::now();
        let until = start + Duration::from_millis(300);
        assert_eq!(said("echo", &["Online status:", "Offline"], until).as_deref(), Some("Online status: Offline\n"));
        said("sleep", &["60"], until);
        assert!(start.elapsed() < Duration::from_secs(30));
        assert_eq!(said("echo", &["late"], until), None);
    }

    #[test]
    fn an_sssd_that_is_offline_is_told_and_one_that_does_not_say_is_believed() {
        assert!(offline("example", "Online status: Offline\n\n").is_some());
        for said in ["Online status: Online\n\n", "Unable to get online status\n", ""] {
            assert!(offline("example", said).is_none(), "{said}");
        }
    }

    #[test]
    fn sssd_is_tried_with_its_own_authorities_at_the_servers_that_both_have_and_never_with_the_services_password() {
        let mut settings = Settings::default();
        let known = || Known {
            servers: vec!["ldap://LDAP1.example.org".into(), "ldaps://other.example.org".into()],
            ca_file: Some("/etc/ssl/theirs.pem".into()),
            sssd_needs_tls: true,
            ..Known::default()
        };
        assert!(as_sssd(&settings, known()).is_none());
        settings.directory.kind = Some(DirectoryKind::OpenLdap);
        settings.directory.servers = vec!["ldaps://ldap1.example.org".into()];
        settings.directory.bind = Some("uid=sspr,dc=example".into());
        settings.directory.ca_file = Some("/etc/sspr/ours.pem".into());
        let tried = as_sssd(&settings, known()).unwrap().directory;
        assert_eq!((tried.servers.len(), tried.bind.as_deref()), (1, Some(NOBODY)));
        assert_eq!(tried.ca_file, Some("/etc/ssl/theirs.pem".into()));
        assert!(as_sssd(&settings, Known { sssd_needs_tls: false, ..known() }).is_none());
        settings.directory.servers = vec!["ldapi:///run/slapd/ldapi".into()];
        assert!(as_sssd(&settings, known()).is_none());
    }
}
