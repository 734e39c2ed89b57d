//! Users of a directory: what `sspr-directory` finds on the servers, and how this host signs these users in.

use std::{fs, path::Path};

use sspr_config::{
    bus,
    directory::{self, patience},
    sealed,
    settings::Settings,
};
use zbus::Fd;

use sspr_protocol::{
    Time,
    admin::{Nothing, SyncState},
};

use super::Finding;
use crate::host_directory::sssd_conf;
use crate::{client::Client, out};

const CHECK: &str = "directory";
/// For how many seconds sssd may accept an old password without asking.
const CACHED_MAX: u64 = 300;

/// What the program finds; only it has a network and the service's password. Nothing if the settings have no directory.
pub async fn service(settings: &Settings, address: &str) -> Vec<Finding> {
    if settings.directory.kind.is_none() {
        return Vec::new();
    }
    if !rustix::process::geteuid().is_root() {
        return vec![Finding::fine(CHECK, "not asked: only root and the agent may")];
    }
    match asked(address, "Check", &()).await {
        Ok(rows) => rows.into_iter().map(finding).collect(),
        Err(fault) => vec![fault],
    }
}

/// What it would find with `settings` and this password of the entry in `bind`; an empty one stands for the one in
/// `password_file`.
pub(crate) async fn tried(settings: &str, password: &[u8], address: &str) -> Vec<Finding> {
    match tried_rows(settings, password, address).await {
        Ok(rows) => rows.into_iter().map(finding).collect(),
        Err(fault) => vec![fault],
    }
}

/// The same, as the program returns it.
pub(super) async fn tried_rows(settings: &str, password: &[u8], address: &str) -> Result<Vec<Row>, Finding> {
    let sealed = sealed::make(password);
    let sealed = sealed.map_err(|why| Finding::error(CHECK, format!("not tried: {why}"), "run it again"))?;
    asked(address, "TrySettings", &(settings, Fd::from(&sealed))).await
}

/// Id, level, sentence and fix, see [`directory::Row`].
type Row = (String, u8, String, String);

async fn asked<B>(address: &str, member: &'static str, body: &B) -> Result<Vec<Row>, Finding>
where
    B: serde::Serialize + zbus::DynamicType + Sync,
{
    let exchange = async {
        let connection = zbus::connection::Builder::address(address).build().await?;
        let (name, path) = (bus::DIRECTORY, bus::DIRECTORY_PATH);
        connection.call_method(Some(name), path, Some(directory::INTERFACE), member, body).await
    };
    let fix = "see: journalctl -u sspr-directory";
    match tokio::time::timeout(patience::CHECK, exchange).await {
        // It ends its check before that, whatever the servers do, so this says nothing about them.
        Err(_) => Err(Finding::error(CHECK, "not looked at: sspr-directory does not answer in time", fix)),
        Ok(Err(why)) if bus::can_not_start(&why) => Err(Finding::error(
            CHECK,
            "sspr-directory can't be started: nobody of the directory can reset",
            "install the package sspr-directory; if it is there: systemctl status sspr-directory",
        )),
        Ok(Err(why)) => Err(Finding::error(CHECK, format!("not looked at: {why}"), fix)),
        Ok(Ok(reply)) => reply
            .body()
            .deserialize()
            .map_err(|why| Finding::error(CHECK, format!("an answer that is not understood: {why}"), fix)),
    }
}

/// The state of copying contacts from the directory or from Entra, from the agent. Nothing if the settings name
/// neither.
pub async fn contacts(settings: &Settings, address: &str) -> Vec<Finding> {
    let Some(source) = settings.contacts.source(&settings.register.methods) else { return Vec::new() };
    if !rustix::process::geteuid().is_root() {
        return vec![Finding::fine(CHECK, "how contacts are copied is not asked: only root may")];
    }
    let ask = async { Client::connect(address).await?.call::<SyncState>("SyncState", &Nothing {}).await };
    match tokio::time::timeout(patience::CHECK, ask).await {
        Ok(Ok(state)) => vec![copied(&state, source.every.as_secs(), jiff::Timestamp::now().as_second())],
        Ok(Err(why)) => vec![Finding::warning(
            CHECK,
            format!("how contacts are copied is not known: {why}"),
            "see: systemctl status sspr-agent",
        )],
        Err(_) => vec![Finding::warning(
            CHECK,
            "how contacts are copied is not known: the agent does not answer in time",
            "see: systemctl status sspr-agent",
        )],
    }
}

/// What the agent reports about it at `now`, if contacts are copied `every` so many seconds.
fn copied(state: &SyncState, every: Time, now: Time) -> Finding {
    let by_hand = "run: sspr admin directory sync; and see: journalctl -u sspr-agent -u sspr-directory";
    if let Some(why) = &state.failed {
        return Finding::error(CHECK, format!("contacts were not copied to the end the last time: {why}"), by_hand);
    }
    let Some(done) = state.done else {
        return Finding::warning(CHECK, "contacts were not copied yet", by_hand);
    };
    if let Some(held) = &state.held {
        return Finding::error(CHECK, held, "see what it would erase: sspr admin directory sync --dry-run");
    }
    if let Some(doubled) = &state.doubled {
        let fix =
            "give all but one of them another name in Entra, or name one domain alone in [contacts.entra] domains";
        return Finding::warning(CHECK, doubled, fix);
    }
    if now - done > 3 * every {
        return Finding::warning(CHECK, format!("contacts were last copied on {}", out::moment(done)), by_hand);
    }
    let SyncState { people, contacts, waiting, .. } = state;
    let sentence = format!(
        "{contacts} contacts of {people} people were copied on {}, of which {waiting} are not usable yet",
        out::moment(done)
    );
    Finding::fine(CHECK, sentence)
}

/// A row of `Check`; an unknown level counts as an error.
fn finding((_, level, sentence, fix): Row) -> Finding {
    let fix = if fix.is_empty() { "see: journalctl -u sspr-directory".to_owned() } else { fix };
    match directory::Level::from_wire(level) {
        directory::Level::Ok => Finding::fine(CHECK, sentence),
        directory::Level::Warn => Finding::warning(CHECK, sentence, fix),
        directory::Level::Fail => Finding::error(CHECK, sentence, fix),
    }
}

/// How the host is configured: names first from its files, because they win here, and no cache that accepts an old
/// password for long.
pub fn host(root: &Path, settings: &Settings) -> Vec<Finding> {
    if settings.directory.kind.is_none() {
        return Vec::new();
    }
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap_or_default();
    let mut findings: Vec<Finding> = names(&read("etc/nsswitch.conf")).into_iter().collect();
    findings.extend(cache(&sssd_conf(root)));
    findings
}

/// Whether this host has users of a directory.
pub(crate) fn has_people(root: &Path) -> bool {
    let text = fs::read_to_string(root.join("etc/nsswitch.conf")).unwrap_or_default();
    sources(&text).is_some_and(|sources| sources.iter().any(|source| FAR.contains(source)))
}

/// The name services that have users of a directory.
const FAR: [&str; 3] = ["sss", "ldap", "winbind"];

/// The name services for accounts, in their order.
fn sources(text: &str) -> Option<Vec<&str>> {
    let line = text.lines().find_map(|line| line.trim().strip_prefix("passwd:"))?;
    Some(line.split_whitespace().filter(|word| !word.starts_with('[')).collect())
}

/// What nsswitch.conf(5) says about accounts.
fn names(text: &str) -> Option<Finding> {
    let sources = sources(text)?;
    let place = |names: &[&str]| sources.iter().position(|source| names.contains(source));
    let far = place(&FAR);
    match (place(&["files", "compat"]), far) {
        (_, None) => Some(Finding::warning(
            CHECK,
            "/etc/nsswitch.conf has no people of a directory (passwd: sss, ldap or winbind): none can sign in here",
            "set sssd, nslcd or winbind up for this host",
        )),
        (Some(files), Some(far)) if files < far => None,
        _ => Some(Finding::error(
            CHECK,
            "/etc/nsswitch.conf asks the directory before this host's files: a name that both have is another account there than here",
            "write files first: passwd: files sss",
        )),
    }
}

/// What sssd accepts without asking the directory.
fn cache(text: &str) -> Option<Finding> {
    let value = |line: &str| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "cached_auth_timeout").then(|| value.trim().parse::<u64>().ok())?
    };
    let longest = text.lines().filter_map(value).max().filter(|seconds| *seconds > CACHED_MAX)?;
    Some(Finding::warning(
        CHECK,
        format!("sssd takes a password from its cache for {longest} s: the old one still signs in after a reset"),
        format!("set cached_auth_timeout to at most {CACHED_MAX} in /etc/sssd/sssd.conf, then: systemctl restart sssd"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Level;

    #[test]
    fn the_files_of_the_host_come_first() {
        for (text, level) in [
            ("passwd: files systemd sss\n", None),
            ("# passwd: sss\npasswd:\tfiles [NOTFOUND=continue] ldap", None),
            ("passwd: compat winbind", None),
            ("passwd: sss files", Some(Level::Error)),
            ("passwd: sss", Some(Level::Error)),
            ("passwd: files systemd", Some(Level::Warning)),
            ("group: files", None),
        ] {
            assert_eq!(names(text).map(|finding| finding.level), level, "{text}");
        }
    }

    #[test]
    fn a_cache_that_takes_an_old_password_for_long_is_named() {
        for (text, warns) in [
            ("[domain/a]\ncached_auth_timeout = 3600\n", true),
            ("cached_auth_timeout=300\n", false),
            ("# cached_auth_timeout = 3600\n", false),
            ("cached_auth_timeout = 10\n[domain/b]\ncached_auth_timeout = 301", true),
            ("", false),
        ] {
            assert_eq!(cache(text).is_some(), warns, "{text}");
        }
    }

    #[test]
    fn copying_that_failed_or_erased_nothing_or_is_long_ago_is_told() {
        let good = SyncState { done: Some(1_800_000_000), people: 9, contacts: 12, waiting: 1, ..SyncState::default() };
        let level = |state: &SyncState, days: i64| copied(state, 86_400, 1_800_000_000 + days * 86_400).level;
        assert_eq!(level(&good, 1), Level::Fine);
        assert_eq!(level(&good, 4), Level::Warning);
        assert_eq!(level(&SyncState::default(), 1), Level::Warning);
        assert_eq!(level(&SyncState { failed: Some("down".into()), ..good.clone() }, 1), Level::Error);
        let doubled = SyncState { doubled: Some("several have the name alice".into()), ..good.clone() };
        assert_eq!(level(&doubled, 1), Level::Warning);
        assert!(copied(&doubled, 86_400, 1_800_000_000).what.contains("alice"));
        let held = SyncState { held: Some("900 of the 1000 are missing".into()), ..good };
        assert_eq!(level(&held, 1), Level::Error);
        assert!(copied(&held, 86_400, 1_800_000_000).what.contains("900 of the 1000"));
    }

    #[test]
    fn all_that_the_program_looks_at_is_shown_before_doctor_gives_up() {
        assert!(directory::CHECK_MAX < patience::CHECK && patience::CHECK < crate::doctor::PATIENCE);
    }

    #[test]
    fn a_row_is_a_finding_and_what_is_not_known_is_an_error() {
        let row = |level, fix: &str| finding(("bind".into(), level, "it signs in".into(), fix.into()));
        assert_eq!(row(0, ""), Finding::fine(CHECK, "it signs in"));
        assert_eq!(row(1, "do this"), Finding::warning(CHECK, "it signs in", "do this"));
        assert_eq!((row(2, "").level, row(9, "").level), (Level::Error, Level::Error));
        assert!(row(2, "").fix.is_some());
    }
}
