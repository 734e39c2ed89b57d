//! A fleet: whether this host has joined and its server answers, or whether this server listens.

use std::path::Path;

use sspr_config::{
    policy::{self, Policy},
    settings::{RegisterMode, Settings},
};
use sspr_protocol::{
    admin::Nothing,
    fleet::{FleetState, HostState, ServerState},
};

use super::Finding;
use crate::client::Client;

const CHECK: &str = "fleet";

/// What the agent says about it. Empty on a machine that is in no fleet, unless it left one and the module does not know.
pub async fn examine(settings: &Settings, address: &str) -> Vec<Finding> {
    // Only root can read what the module goes by.
    let is_root = rustix::process::geteuid().is_root();
    let sign_ins = is_root.then(|| sign_ins(settings, Path::new(policy::FILE))).flatten();
    if settings.server.listen.is_none() && !settings.fleet.is_on() {
        return sign_ins.into_iter().collect();
    }
    if !is_root {
        return vec![Finding::fine(CHECK, "not asked: only root may")];
    }
    let asked = async { Client::connect_for(address, "doctor").await?.call("Fleet", &Nothing {}).await };
    let found = match asked.await {
        Ok(state) => {
            found(&state).into_iter().chain(state.host.as_ref().and_then(|host| own_accounts(settings, host))).collect()
        }
        Err(failure) => vec![Finding::warning(CHECK, failure.to_string(), "see: journalctl -u sspr-agent")],
    };
    found.into_iter().chain(sign_ins).collect()
}

/// Whether the module goes by the settings, where users of the directory are to be asked at a sign-in on this host.
fn sign_ins(settings: &Settings, written: &Path) -> Option<Finding> {
    let fleet = &settings.fleet;
    let wanted = fleet.checks_sign_ins() && settings.register.mode != RegisterMode::Off;
    let written = std::fs::read_to_string(written).ok().and_then(|text| Policy::parse(&text));
    let now = written.is_some_and(|policy| policy.fleet);
    if !(wanted || now) {
        return None;
    }
    let what = "the passwords of users of the directory who sign in on this host";
    Some(match (wanted, now) {
        (true, true) => Finding::fine(CHECK, format!("{what} are sent to the server, which asks them to register")),
        (true, false) => Finding::warning(
            CHECK,
            format!("{what} are not sent to the server yet, though register_at_sign_in is on"),
            "systemctl reload sspr-agent; if that does not help, see: journalctl -u sspr-credential",
        ),
        _ => Finding::warning(
            CHECK,
            format!("{what} are still handed to the agent, though the settings say no"),
            "systemctl reload sspr-agent; if that does not help, see: journalctl -u sspr-credential",
        ),
    })
}

/// Whether the server serves accounts of this host itself, where the settings want that.
fn own_accounts(settings: &Settings, host: &HostState) -> Option<Finding> {
    if !settings.fleet.is_on() || !settings.fleet.local_accounts || !host.answers {
        return None;
    }
    Some(if host.local_accounts {
        Finding::fine(CHECK, "accounts of this host itself register and reset through the server")
    } else {
        Finding::warning(
            CHECK,
            "accounts of this host itself have no reset, though local_accounts is on: the server does not serve them",
            "at the server, set local_accounts = true in [server]; an earlier version has to be upgraded first",
        )
    })
}

fn found(state: &FleetState) -> Vec<Finding> {
    state.server.iter().map(server).chain(state.host.iter().map(host)).collect()
}

fn server(server: &ServerState) -> Finding {
    let ServerState { listen, fault, active, paused, missing, .. } = server;
    match fault {
        Some(why) => Finding::error(
            CHECK,
            format!("no host is served: {why}"),
            "find out what has the address (ss -ltnp) or correct [server], then: systemctl restart sspr-agent",
        ),
        None if *paused > 0 => Finding::warning(
            CHECK,
            format!("listens on {listen}; {active} hosts are served, and {paused} paused"),
            "find out why they are, then resume or revoke them: sspr admin hosts",
        ),
        None if missing.is_some() => {
            let missing = missing.unwrap_or_default();
            let said = format!(
                "listens on {listen}; the next key is announced, and {missing} of {active} hosts do not know it yet"
            );
            Finding::fine(CHECK, said)
        }
        None => Finding::fine(CHECK, format!("listens on {listen}; {active} hosts are served")),
    }
}

fn host(host: &HostState) -> Finding {
    let servers = host.servers.join(", ");
    match (&host.id, &host.fault) {
        (None, why) => Finding::error(
            CHECK,
            format!("there are no resets: {}", why.as_deref().unwrap_or("this host has not joined")),
            "make a token at the server (sspr admin hosts token), then: sspr join",
        ),
        (Some(id), Some(why)) if why.contains("is issued by") => Finding::error(
            CHECK,
            format!("joined as {id}, but {why}"),
            "have the traffic to the server's port passed through unopened, by the proxy or the firewall that has this certificate",
        ),
        (Some(id), Some(why)) if why.contains("another key") => Finding::error(
            CHECK,
            format!("joined as {id}, but {why}"),
            "if the server's key was replaced, \"sspr server rekey\" shows the new one there: sspr join --repin KEY; if the server was set \
             up anew, join it again: sspr join; otherwise something on the way opens TLS: let it pass this port through",
        ),
        (Some(id), Some(why)) if why.contains("the proxy ") => Finding::error(
            CHECK,
            format!("joined as {id}, but there are no resets: {why}"),
            "correct [fleet] proxy, or allow CONNECT from here to the server's port at the proxy",
        ),
        (Some(id), Some(why)) => Finding::error(
            CHECK,
            format!("joined as {id}, but there are no resets: {why}"),
            "check that the server runs and that its port is open from here; at the server: sspr admin hosts",
        ),
        (Some(id), None) if host.state != "active" => Finding::error(
            CHECK,
            format!("joined as {id}, but the server does not serve this host: it is {}", host.state),
            "at the server: sspr admin hosts resume",
        ),
        (Some(id), None) => {
            let through = host.proxy.as_ref().map(|proxy| format!(", through the proxy {proxy}")).unwrap_or_default();
            Finding::fine(CHECK, format!("joined as {id}; {servers} answers{through}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Level;

    #[test]
    fn each_way_in_which_a_host_is_not_served_is_told_with_what_to_do() {
        let joined = HostState { id: Some("h1".into()), servers: vec!["a:1".into()], ..HostState::default() };
        let with = |fault: &str| HostState { fault: Some(fault.into()), ..joined.clone() };
        for (state, level, fix) in [
            (HostState::default(), Level::Error, "sspr join"),
            (with("it has another key than the one that this host was told"), Level::Error, "sspr join --repin KEY"),
            (
                with("another key, with a certificate that is issued by \"Example\""),
                Level::Error,
                "passed through unopened",
            ),
            (
                with("the proxy p:3128 does not connect to a:1; it answered: HTTP/1.1 403"),
                Level::Error,
                "allow CONNECT",
            ),
            (with("no answer"), Level::Error, "port is open"),
            (HostState { answers: true, state: "paused".into(), ..joined.clone() }, Level::Error, "resume"),
            (HostState { answers: true, state: "active".into(), ..joined.clone() }, Level::Fine, ""),
        ] {
            let finding = host(&state);
            assert_eq!(finding.level, level, "{finding:?}");
            assert!(finding.fix.unwrap_or_default().contains(fix), "{state:?}");
        }
    }

    #[test]
    fn the_proxy_is_named_where_the_server_answers_through_one() {
        let proxy = Some("http://p:3128".to_owned());
        let state =
            HostState { id: Some("h1".into()), answers: true, state: "active".into(), proxy, ..HostState::default() };
        let finding = host(&state);
        assert!(
            finding.level == Level::Fine && finding.what.contains("through the proxy http://p:3128"),
            "{finding:?}"
        );
    }

    #[test]
    fn a_server_that_does_not_serve_the_hosts_own_accounts_is_told_where_they_are_wanted() {
        let on = "[fleet]\nservers = [\"a.example.org:1\"]\nlocal_accounts = true\n";
        let off = "[fleet]\nservers = [\"a.example.org:1\"]\n";
        let level = |text: &str, answers: bool, local_accounts: bool| {
            let settings = sspr_config::settings::parse(text, Path::new("test")).unwrap();
            let host = HostState { answers, local_accounts, ..HostState::default() };
            own_accounts(&settings, &host).map(|finding| finding.level)
        };
        assert_eq!((level(on, true, true), level(on, true, false)), (Some(Level::Fine), Some(Level::Warning)));
        assert_eq!((level(on, false, false), level(off, true, true)), (None, None));
    }

    #[test]
    fn a_module_that_goes_by_other_settings_about_sign_ins_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("policy");
        let on = "[fleet]\nservers = [\"a.example.org:1\"]\nregister_at_sign_in = true\n";
        let off = "[fleet]\nservers = [\"a.example.org:1\"]\n";
        let level = |text: &str| {
            let settings = sspr_config::settings::parse(text, Path::new("test")).unwrap();
            sign_ins(&settings, &file).map(|finding| finding.level)
        };
        assert_eq!((level(on), level(off)), (Some(Level::Warning), None));
        std::fs::write(&file, "required=no\nmin_uid=1000\nfleet=yes\n").unwrap();
        // Also after sspr leave.
        let late = Some(Level::Warning);
        assert_eq!((level(on), level(off), level("")), (Some(Level::Fine), late, late));
    }

    #[test]
    fn a_server_that_does_not_listen_or_has_paused_hosts_says_so() {
        let good = ServerState { listen: "[::]:7142".into(), active: 3, ..ServerState::default() };
        let state = |server: ServerState| FleetState { server: Some(server), host: None };
        assert_eq!(found(&state(good.clone()))[0].level, Level::Fine);
        let next = found(&state(ServerState { missing: Some(2), ..good.clone() }));
        assert!(next[0].level == Level::Fine && next[0].what.contains("2 of 3 hosts"), "{next:?}");
        assert_eq!(found(&state(ServerState { paused: 1, ..good.clone() }))[0].level, Level::Warning);
        assert_eq!(found(&state(ServerState { fault: Some("in use".into()), ..good }))[0].level, Level::Error);
        assert!(found(&FleetState::default()).is_empty());
    }
}
