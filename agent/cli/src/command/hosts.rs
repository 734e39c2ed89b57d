//! `sspr admin hosts`: the hosts of a fleet, at its server.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use sspr_protocol::{
    admin::Nothing,
    fleet::{Change, Host, HostChange, HostChanged, TokenMade, TokenWish},
};

use crate::{client::Client, failure::Failure, out, table::Table};

/// A host that has not said for so long that it is there is silent: more than two of its hellos were missed.
const SILENT: i64 = 3600;

/// List and manage the hosts of the fleet.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Arguments {
    /// As JSON
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    what: Option<What>,
}

/// What to do.
#[derive(Debug, Subcommand)]
enum What {
    /// Print a token that lets a host join; it can't be shown again
    Token {
        /// How many hosts may join with it
        #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
        uses: u32,
        /// Only hosts whose name fits: "*" stands for any characters, "?" for one
        #[arg(long, default_value = "", hide_default_value = true, value_name = "GLOB")]
        name: String,
        /// The group that these hosts are listed in
        #[arg(long, default_value = "", hide_default_value = true, value_name = "GROUP")]
        group: String,
        /// For how long it is good, such as "30m"; a day at most [default: 1h, with more than one use 24h]
        #[arg(long = "for", value_name = "TIME", value_parser = seconds)]
        lifetime: Option<i64>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Stop serving a host for good; its key never counts again
    Revoke(Which),
    /// Delete what the accounts of a revoked host itself registered
    Forget(Which),
    /// Stop serving a host until it is resumed
    Pause(Which),
    /// Serve a paused host again
    Resume(Which),
    /// Rename a host
    Rename {
        /// Its id, or its name
        host: String,
        /// The new name
        name: String,
    },
}

/// A host.
#[derive(Debug, Args)]
struct Which {
    /// Its id, or its name if no other host has it
    host: String,
}

fn seconds(text: &str) -> Result<i64, String> {
    let span = sspr_config::duration::Span::parse(text)?;
    let seconds = span.as_secs();
    if (1..=86_400).contains(&seconds) { Ok(seconds) } else { Err("it can be \"1s\" to \"24h\"".to_owned()) }
}

/// Does it.
pub async fn run(client: &Client, arguments: Arguments) -> Result<ExitCode, Failure> {
    let (host, what) = match arguments.what {
        None => return list(client, arguments.json).await,
        Some(What::Token { uses, name, group, lifetime, json }) => {
            let lifetime = lifetime.unwrap_or(if uses > 1 { 86_400 } else { 3600 });
            return token(client, TokenWish { uses, name, group, lifetime }, json).await;
        }
        Some(What::Revoke(which)) => (which.host, Change::Revoke),
        Some(What::Forget(which)) => (which.host, Change::Forget),
        Some(What::Pause(which)) => (which.host, Change::Pause),
        Some(What::Resume(which)) => (which.host, Change::Resume),
        Some(What::Rename { host, name }) => {
            return change(client, HostChange { host, change: Change::Rename, name }).await;
        }
    };
    change(client, HostChange { host, change: what, name: String::new() }).await
}

async fn list(client: &Client, json: bool) -> Result<ExitCode, Failure> {
    let hosts: Vec<Host> = client.call("Hosts", &Nothing {}).await?;
    if json {
        out::json(&hosts)?;
    } else if hosts.is_empty() {
        out::print("No host has joined. Make a token: sspr admin hosts token")?;
    } else {
        let now = jiff::Timestamp::now().as_second();
        out::print(&table(&hosts, now).render(out::width(), true))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn table(hosts: &[Host], now: i64) -> Table {
    // While the server's key is about to be replaced.
    let announced = hosts.iter().any(|host| host.knows_next.is_some());
    let mut columns = vec!["id", "name", "group", "state", "last seen", "key age", "version"];
    columns.extend(announced.then_some("knows next key"));
    let mut table = Table::new(&columns);
    for host in hosts {
        let silent = host.state == "active" && now - host.seen > SILENT;
        let state = if silent { "silent".to_owned() } else { host.state.clone() };
        let age = format!("{} days", (now - host.keyed.unwrap_or(host.joined)).max(0) / 86_400);
        let mut cells = vec![
            host.id.clone(),
            host.name.clone(),
            host.group.clone(),
            state,
            out::moment(host.seen),
            age,
            host.version.clone(),
        ];
        if announced {
            cells.push(if host.knows_next == Some(true) { "yes" } else { "no" }.to_owned());
        }
        table.row(&cells);
    }
    table
}

async fn token(client: &Client, wish: TokenWish, json: bool) -> Result<ExitCode, Failure> {
    let made: TokenMade = client.call("HostToken", &wish).await?;
    if json {
        out::json(&made)?;
        return Ok(ExitCode::SUCCESS);
    }
    out::print(&made.token)?;
    let hosts = out::number(u64::from(wish.uses), "host", "hosts");
    // The token alone is on standard output, so that it can be handed on.
    crate::terminal::complain(&format!(
        "It lets {hosts} join until {}, at {}. It can't be shown again. On the host: sspr join",
        out::moment(made.expires),
        made.servers.join(", ")
    ));
    Ok(ExitCode::SUCCESS)
}

async fn change(client: &Client, wish: HostChange) -> Result<ExitCode, Failure> {
    let changed: HostChanged = client.call("HostChange", &wish).await?;
    out::print(&described(&changed, wish.change))?;
    Ok(ExitCode::SUCCESS)
}

fn described(changed: &HostChanged, change: Change) -> String {
    let HostChanged { host: Host { id, name, state, .. }, registrations } = changed;
    let count = registrations.unwrap_or_default();
    let of_its_own = out::number(count, "account of the host itself", "accounts of the host itself");
    match change {
        Change::Forget => format!("{id} ({name}): deleted what {of_its_own} had registered."),
        Change::Revoke if count > 0 => format!(
            "{id} ({name}) is {state}. What {of_its_own} registered is kept. To delete it: sspr admin hosts forget {id}"
        ),
        _ => format!("{id} ({name}) is {state}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_says_nothing_is_shown_as_silent_and_a_revoked_one_as_revoked() {
        let host = |state: &str, seen| Host {
            id: "h1".into(),
            name: "web1".into(),
            group: "web".into(),
            state: state.into(),
            joined: -86_400,
            keyed: Some(0),
            seen,
            version: "0.2.0".into(),
            knows_next: None,
        };
        let now = 10 * 86_400;
        for (state, seen, shown) in [
            ("active", now - 60, "active"),
            ("active", now - SILENT - 1, "silent"),
            ("revoked", 0, "revoked"),
            ("paused", 0, "paused"),
        ] {
            let text = table(&[host(state, seen)], now).render(None, false);
            assert!(text.contains(shown) && text.contains("10 days"), "{text}");
        }
    }

    #[test]
    fn who_does_not_know_the_next_key_of_the_server_is_shown_while_there_is_one() {
        let host = |knows_next| Host {
            id: "h1".into(),
            name: "web1".into(),
            group: "web".into(),
            state: "active".into(),
            joined: 0,
            keyed: None,
            seen: 0,
            version: "0.2.0".into(),
            knows_next,
        };
        let text = |hosts: &[Host]| table(hosts, 0).render(None, true);
        assert!(!text(&[host(None)]).contains("next key"));
        let both = text(&[host(Some(true)), host(Some(false))]);
        assert!(both.contains("knows next key") && both.contains("yes") && both.contains("no"), "{both}");
    }

    #[test]
    fn what_is_left_of_a_revoked_hosts_own_accounts_is_told_with_the_verb_that_deletes_it() {
        let host = Host {
            id: "h1".into(),
            name: "web1".into(),
            group: String::new(),
            state: "revoked".into(),
            joined: 0,
            keyed: None,
            seen: 0,
            version: String::new(),
            knows_next: None,
        };
        let told = |change, registrations| described(&HostChanged { host: host.clone(), registrations }, change);
        let kept = told(Change::Revoke, Some(2));
        assert!(kept.starts_with("h1 (web1) is revoked. What 2 accounts of the host itself registered"), "{kept}");
        assert!(kept.ends_with("sspr admin hosts forget h1"), "{kept}");
        for none in [told(Change::Revoke, Some(0)), told(Change::Pause, None)] {
            assert_eq!(none, "h1 (web1) is revoked.");
        }
        let gone = told(Change::Forget, Some(1));
        assert_eq!(gone, "h1 (web1): deleted what 1 account of the host itself had registered.");
    }

    #[test]
    fn a_token_is_good_for_a_day_at_most() {
        assert_eq!(seconds("30m"), Ok(1800));
        assert!(seconds("25h").is_err() && seconds("soon").is_err());
    }
}
