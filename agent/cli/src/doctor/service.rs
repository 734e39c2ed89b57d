//! The programs: whether they answer on the bus, and whether the clock is synchronized.

use std::{path::Path, process::Command, time::Duration};

use sspr_config::{bus, settings::Settings};
use zbus::fdo;

use super::Finding;
use sspr_machine::stack::{Line, stack};

/// Longer than the helper takes to start.
const PATIENCE: Duration = Duration::from_secs(10);

/// The bus policy, without which no program may own or call these names.
pub fn policy(root: &Path) -> Finding {
    const FILE: &str = "dbus-1/system.d/org.pam_sspr.conf";
    if root.join("etc").join(FILE).exists() {
        return Finding::fine("bus", format!("the policy is /etc/{FILE}, this machine's own"));
    }
    if root.join("usr/share").join(FILE).exists() {
        return Finding::fine("bus", "the policy is in place");
    }
    Finding::error(
        "bus",
        format!("/usr/share/{FILE} is missing: nobody can call the agent"),
        "reinstall the package sspr",
    )
}

/// Whether the agent runs and answers.
pub async fn agent(address: &str) -> Finding {
    const CHECK: &str = "agent";
    let root = rustix::process::geteuid().is_root();
    let own = if root { ping(address, bus::AGENT, bus::AGENT_PATH).await } else { Ok(()) };
    match own {
        Ok(()) => match ping(address, bus::PEOPLE, bus::AGENT_PATH).await {
            Ok(()) => Finding::fine(CHECK, "answers"),
            Err(Silence::Late) if root => Finding::warning(
                CHECK,
                "answers root, but not users in shells: a user may be flooding it",
                "find out who: busctl monitor org.pam_sspr.People1",
            ),
            Err(_) if root => Finding::error(
                CHECK,
                format!("answers root, but nobody else: it does not have the name {}", bus::PEOPLE),
                "if /etc/dbus-1/system.d/org.pam_sspr.conf exists, bring it up to date with the one in /usr/share; \
                 see: journalctl -u sspr-agent",
            ),
            Err(silence) => unheard(CHECK, &silence),
        },
        Err(silence) => unheard(CHECK, &silence),
    }
}

fn unheard(check: &'static str, silence: &Silence) -> Finding {
    match silence {
        Silence::Absent => Finding::error(
            check,
            "does not run: nobody can register or reset",
            "run: systemctl start sspr-agent; if it ends again: journalctl -u sspr-agent",
        ),
        Silence::Bus(why) => Finding::error(check, format!("the system bus: {why}"), "run: systemctl start dbus"),
        Silence::Late => Finding::error(check, "does not answer", "run: systemctl restart sspr-agent"),
    }
}

/// Whether the credential helper can be started and answers.
pub async fn helper(address: &str) -> Finding {
    const CHECK: &str = "helper";
    if !rustix::process::geteuid().is_root() {
        return Finding::fine(CHECK, "not asked: only root and the agent may");
    }
    let fix = "see: systemctl status sspr-credential; journalctl -u sspr-credential";
    match ping(address, bus::CREDENTIAL, bus::CREDENTIAL_PATH).await {
        Ok(()) => match hindrance(address).await {
            Some(why) => Finding::error(
                CHECK,
                format!("answers, but can set no password: {why}"),
                "find out whether the machine forbids it (mount, lsattr) or a drop-in does: systemctl cat sspr-credential",
            ),
            None => Finding::fine(CHECK, "answers"),
        },
        Err(Silence::Absent) => Finding::error(CHECK, "the bus can't start it: no password can be checked or set", fix),
        Err(Silence::Bus(why)) => Finding::error(CHECK, format!("no password can be checked or set: {why}"), fix),
        Err(Silence::Late) => Finding::error(CHECK, "does not answer", fix),
    }
}

/// Why the helper can't set a password, in its own words. An older release does not say.
async fn hindrance(address: &str) -> Option<String> {
    let exchange = async {
        let connection = zbus::connection::Builder::address(address).build().await?;
        let (name, path, interface) = (bus::CREDENTIAL, bus::CREDENTIAL_PATH, bus::CREDENTIAL);
        connection.call_method(Some(name), path, Some(interface), "Hindrance", &()).await
    };
    let reply = tokio::time::timeout(PATIENCE, exchange).await.ok()?.ok()?;
    reply.body().deserialize::<String>().ok().filter(|why| !why.is_empty())
}

enum Silence {
    Absent,
    Late,
    Bus(String),
}

async fn ping(address: &str, name: &str, path: &str) -> Result<(), Silence> {
    let exchange = async {
        let connection = zbus::connection::Builder::address(address).build().await?;
        connection.call_method(Some(name), path, Some("org.freedesktop.DBus.Peer"), "Ping", &()).await
    };
    match tokio::time::timeout(PATIENCE, exchange).await {
        Err(_) => Err(Silence::Late),
        Ok(Ok(_)) => Ok(()),
        // zbus has separate variants for these names.
        Ok(Err(zbus::Error::FDO(error))) => Err(match *error {
            fdo::Error::ServiceUnknown(_) | fdo::Error::NameHasNoOwner(_) => Silence::Absent,
            fdo::Error::NoReply(_) | fdo::Error::Timeout(_) | fdo::Error::TimedOut(_) => Silence::Late,
            other => Silence::Bus(other.to_string()),
        }),
        Ok(Err(error)) => Err(Silence::Bus(error.to_string())),
    }
}

/// Whether sessions can be ended after a reset, if the settings require it: logind must be running and must know them.
pub async fn sessions(root: &Path, settings: &Settings, address: &str) -> Option<Finding> {
    if !settings.recover.end_sessions {
        return None;
    }
    let logind = ping(address, "org.freedesktop.login1", "/org/freedesktop/login1").await;
    Some(sessions_of(root, logind.is_ok()))
}

fn sessions_of(root: &Path, logind: bool) -> Finding {
    const CHECK: &str = "sessions";
    const WANTED: &str = "[recover] end_sessions = true, but";
    if !logind {
        return Finding::warning(
            CHECK,
            format!("{WANTED} systemd-logind does not answer: a reset ends no session"),
            "run: systemctl start systemd-logind; or write end_sessions = false",
        );
    }
    let unknown = ["sshd", "login"].into_iter().filter(|service| {
        let tells =
            |line: &Line| line.kind == "session" && ["pam_systemd", "pam_elogind"].contains(&line.module.as_str());
        stack(root, service).is_ok_and(|stack| stack.is_some_and(|lines| !lines.iter().any(tells)))
    });
    let unknown: Vec<&str> = unknown.collect();
    if unknown.is_empty() {
        return Finding::fine(CHECK, "a reset ends the sessions that logind knows");
    }
    Finding::warning(
        CHECK,
        format!(
            "{WANTED} logind does not hear of sessions at {}: there is no session line of pam_systemd.so, so a reset does not end them",
            unknown.join(" and ")
        ),
        "install libpam-systemd, or run: pam-auth-update --enable systemd",
    )
}

/// Whether the clock is synchronized: codes of authenticator apps depend on it.
pub fn clock() -> Finding {
    let said = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output().ok()?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    clock_of(
        said("timedatectl", &["show", "-P", "NTPSynchronized"]).as_deref(),
        said("systemd-detect-virt", &["--container"]).as_deref(),
    )
}

fn clock_of(synchronized: Option<&str>, container: Option<&str>) -> Finding {
    const CHECK: &str = "clock";
    match (synchronized, container) {
        (Some("yes"), _) => Finding::fine(CHECK, "synchronized over the network"),
        (_, Some(kind)) if !kind.is_empty() && kind != "none" => Finding::fine(CHECK, "set by this container's host"),
        (Some("no"), _) => Finding::warning(
            CHECK,
            "not synchronized: codes of authenticator apps fail when it is half a minute off",
            "run: timedatectl set-ntp true, or set up chrony",
        ),
        _ => Finding::fine(CHECK, "timedatectl does not say whether it is synchronized"),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Level, *};

    #[test]
    fn a_clock_that_nobody_keeps_right_is_a_warning_unless_the_host_of_a_container_does() {
        for (synchronized, container, level) in [
            (Some("yes"), Some("none"), Level::Fine),
            (Some("no"), Some("none"), Level::Warning),
            (Some("no"), None, Level::Warning),
            (Some("no"), Some("systemd-nspawn"), Level::Fine),
            (Some(""), Some("none"), Level::Fine),
            (None, None, Level::Fine),
        ] {
            assert_eq!(clock_of(synchronized, container).level, level, "{synchronized:?} {container:?}");
        }
    }

    #[test]
    fn sessions_that_logind_does_not_hear_of_are_ended_by_nobody() {
        let root = tempfile::tempdir().unwrap();
        let service = |name: &str, text: &str| {
            std::fs::create_dir_all(root.path().join("etc/pam.d")).unwrap();
            std::fs::write(root.path().join("etc/pam.d").join(name), text).unwrap();
        };
        assert!(sessions_of(root.path(), false).what.contains("systemd-logind does not answer"));
        service("login", "-session optional pam_systemd.so\n");
        assert_eq!(sessions_of(root.path(), true).level, Level::Fine);
        service("sshd", "session required pam_unix.so\n");
        let found = sessions_of(root.path(), true);
        assert!(found.level == Level::Warning && found.what.contains("sessions at sshd:"), "{found:?}");
    }

    #[tokio::test]
    async fn whether_sessions_can_be_ended_is_asked_only_where_they_shall_be() {
        let address = "unix:path=/nonexistent/bus";
        assert_eq!(sessions(Path::new("/"), &Settings::default(), address).await, None);
        let mut settings = Settings::default();
        settings.recover.end_sessions = true;
        assert_eq!(sessions(Path::new("/"), &settings, address).await.unwrap().level, Level::Warning);
    }

    #[test]
    fn a_missing_bus_policy_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(policy(root.path()).level, Level::Error);
        let directory = root.path().join("usr/share/dbus-1/system.d");
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join("org.pam_sspr.conf"), "").unwrap();
        assert_eq!(policy(root.path()).level, Level::Fine);
    }

    #[tokio::test]
    async fn an_agent_on_a_bus_that_is_not_there_is_an_error() {
        let found = agent("unix:path=/nonexistent/bus").await;
        assert!(found.level == Level::Error && found.fix.is_some(), "{found:?}");
    }
}
