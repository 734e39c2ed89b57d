//! `sspr doctor`: one check, with its fix, for each thing that makes the service fail in practice.
//!
//! The checks of files take the root of the file system as a parameter; those that judge a program's output take its
//! text. Only the agent talks to the network, and is asked: see [`network`]. The findings are data; the program that
//! calls this shows them.

pub mod admins;
pub mod database;
pub mod directory;
pub mod files;
pub mod fleet;
pub mod hashes;
pub mod modem;
pub mod network;
pub mod pam;
pub mod rules;
pub mod sandbox;
pub mod scope;
pub mod service;
pub mod sshd;
pub mod sssd;
pub mod stacks;

use std::{path::Path, sync::Arc, thread, time::Duration};

use serde::Serialize;
use sspr_config::settings;
use sspr_protocol::check::Report;
use tokio::{
    sync::oneshot,
    time::{Instant, timeout_at},
};

use crate::checked;

/// How severe it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Fine,
    /// It works, but not for all users, or not for long.
    Warning,
    /// It does not work.
    Error,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The check's name.
    pub check: &'static str,
    /// How severe it is.
    pub level: Level,
    /// What was found.
    pub what: String,
    /// What to do, in one line.
    pub fix: Option<String>,
}

impl Finding {
    /// All is well.
    pub fn fine(check: &'static str, what: impl Into<String>) -> Self {
        Self { check, level: Level::Fine, what: what.into(), fix: None }
    }

    /// It works, but.
    pub fn warning(check: &'static str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, level: Level::Warning, what: what.into(), fix: Some(fix.into()) }
    }

    /// It does not work.
    pub fn error(check: &'static str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, level: Level::Error, what: what.into(), fix: Some(fix.into()) }
    }
}

/// The level of the worst finding.
pub fn worst(findings: &[Finding]) -> Level {
    findings.iter().map(|finding| finding.level).max().unwrap_or(Level::Fine)
}

/// How long all checks together may take: a name service or a mail server that hangs fails only its own check.
const PATIENCE: Duration = Duration::from_secs(11);

/// A check under way.
struct Check {
    name: &'static str,
    outcome: oneshot::Receiver<Vec<Finding>>,
}

/// Begins a check that waits for files and programs, on its own thread: a check that never ends holds up neither the
/// result nor other checks.
fn aside(name: &'static str, work: impl FnOnce() -> Vec<Finding> + Send + 'static) -> Check {
    let (done, outcome) = oneshot::channel();
    // Without a thread, the channel closes, and the check counts as not done.
    let _ = thread::Builder::new().name(name.into()).spawn(move || done.send(work()));
    Check { name, outcome }
}

/// Begins a check that waits for the bus.
fn asked(name: &'static str, work: impl Future<Output = Vec<Finding>> + Send + 'static) -> Check {
    let (done, outcome) = oneshot::channel();
    tokio::spawn(async move { done.send(work.await) });
    Check { name, outcome }
}

impl Check {
    async fn found(self, until: Instant) -> Vec<Finding> {
        let Self { name, outcome } = self;
        let unseen = |what: String, fix: &str| vec![Finding::warning(name, format!("not checked: {what}"), fix)];
        match timeout_at(until, outcome).await {
            Ok(Ok(findings)) => findings,
            Ok(Err(_)) => unseen("the check failed".into(), "report it, with the lines above"),
            Err(_) => unseen(
                format!("it took longer than {} s", PATIENCE.as_secs()),
                "find out what hangs: getent passwd, systemctl status, or df; then run again: sspr doctor",
            ),
        }
    }
}

/// Runs every check on this machine, side by side.
pub async fn examine(config: &Path, bus: &str, offline: bool, mail_to: Option<&str>) -> Vec<Finding> {
    let until = Instant::now() + PATIENCE;
    let root = Path::new("/");
    let mut findings = Vec::new();
    if !rustix::process::geteuid().is_root() {
        findings.push(Finding::warning(
            "doctor",
            "some checks need root and are incomplete now",
            "run: sudo sspr doctor",
        ));
    }
    let settings = settings::load(config).ok().map(Arc::new);
    let (file, address) = (Arc::<Path>::from(config), Arc::<str>::from(bus));
    let mut checks = Vec::new();
    let of_file = file.clone();
    checks.push(aside("settings", move || of_settings(&of_file, &checked::examine(&of_file))));
    checks.push(aside("pam", move || [pam::lines(root), pam::modules(root), stacks::examine(root)].concat()));
    checks.push(aside("password", move || sandbox::examine(root)));
    checks.push(aside("sshd", move || sshd::examine(root)));
    checks.push(aside("console", move || vec![sshd::login_timeout(root)]));
    checks.push(aside("bus", move || vec![service::policy(root)]));
    let at = address.clone();
    checks.push(asked("agent", async move { vec![service::agent(&at).await] }));
    let at = address.clone();
    checks.push(asked("helper", async move { vec![service::helper(&at).await] }));
    checks.push(aside("clock", || vec![service::clock()]));
    checks.push(aside("state", move || {
        let mut found: Vec<Finding> = files::off(root).into_iter().collect();
        found.push(files::user(root));
        found.extend(files::state(root, files::owner_of_state(root)));
        found
    }));
    checks.push(aside("shadow", move || vec![files::shadow(root)]));
    checks.push(aside("hashes", move || hashes::examine(root)));
    checks.push(aside("disk", move || files::space(root)));
    if let Some(settings) = settings {
        let (of_file, own) = (file.clone(), settings.clone());
        checks.push(aside("scope", move || scope::examine(root, &of_file, &own)));
        let own = settings.clone();
        checks.push(aside("directory", move || directory::host(root, &own)));
        let (own, at) = (settings.clone(), address.clone());
        checks.push(asked("directory", async move { directory::service(&own, &at).await }));
        let (own, at) = (settings.clone(), address.clone());
        checks.push(asked("directory", async move { directory::contacts(&own, &at).await }));
        let own = settings.clone();
        checks.push(aside("directory", move || sssd::line(&own)));
        let (own, at) = (settings.clone(), address.clone());
        checks.push(asked("directory", async move { sssd::tls(root, &own, &at).await }));
        let (own, at) = (settings.clone(), address.clone());
        checks.push(asked("fleet", async move { fleet::examine(&own, &at).await }));
        let (own, at) = (settings.clone(), address.clone());
        checks.push(asked("database", async move { database::examine(&own, &at).await }));
        let own = settings.clone();
        checks.push(aside("admins", move || admins::examine(&own)));
        let (own, at) = (settings.clone(), address.clone());
        checks.push(asked("sessions", async move { service::sessions(root, &own, &at).await.into_iter().collect() }));
        let own = settings.clone();
        checks.push(aside("phone", move || modem::rule(root, &own).into_iter().collect()));
        for way in network::Way::ALL {
            let (own, at) = (settings.clone(), address.clone());
            let to = mail_to.filter(|_| way == network::Way::Email).map(str::to_owned);
            checks.push(asked(
                way.check(),
                async move { network::examine(&own, way, offline, to.as_deref(), &at).await },
            ));
        }
    }
    for check in checks {
        findings.extend(check.found(until).await);
    }
    findings
}

fn of_settings(config: &Path, report: &Report) -> Vec<Finding> {
    let mut findings: Vec<_> = report
        .warnings
        .iter()
        .map(|warning| Finding::warning("settings", warning, "correct it, then: systemctl reload sspr-agent"))
        .collect();
    match &report.error {
        Some(error) => {
            findings.push(Finding::error(
                "settings",
                error,
                "correct it, then: systemctl reload-or-restart sspr-agent",
            ));
        }
        None if findings.is_empty() => findings.push(Finding::fine("settings", config.display().to_string())),
        None => {}
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_status_is_that_of_the_worst_finding() {
        let (fine, warning, error) =
            (Finding::fine("a", "b"), Finding::warning("a", "b", "c"), Finding::error("a", "b", "c"));
        for (findings, status) in [
            (vec![], 0),
            (vec![fine.clone()], 0),
            (vec![warning.clone(), fine.clone()], 1),
            (vec![error, warning, fine], 2),
        ] {
            assert_eq!(worst(&findings) as u8, status);
        }
    }

    #[tokio::test]
    async fn a_check_that_hangs_or_breaks_costs_itself_alone() {
        let (_held, waits) = oneshot::channel::<Vec<Finding>>();
        let hangs = Check { name: "hangs", outcome: waits };
        let breaks = aside("breaks", || panic!("a check that breaks"));
        let good = aside("good", || vec![Finding::fine("good", "as it should be")]);
        let asks = asked("asks", async { vec![Finding::fine("asks", "answered")] });
        let (mut said, until) = (Vec::new(), Instant::now() + Duration::from_millis(200));
        said.extend(breaks.found(Instant::now() + PATIENCE).await);
        said.extend(good.found(Instant::now() + PATIENCE).await);
        said.extend(asks.found(Instant::now() + PATIENCE).await);
        said.extend(hangs.found(until).await);
        let levels: Vec<_> = said.iter().map(|finding| (finding.check, finding.level)).collect();
        let (fine, warning) = (Level::Fine, Level::Warning);
        assert_eq!(levels, [("breaks", warning), ("good", fine), ("asks", fine), ("hangs", warning)]);
        assert!(said[3].what.starts_with("not checked: it took longer than"), "{said:?}");
    }
}
