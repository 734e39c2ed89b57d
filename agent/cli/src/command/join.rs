//! `sspr join` and `sspr leave`: this host in a fleet. The agent makes the key and talks to the server; the command writes the
//! servers into the settings.

use std::{
    fs::{self, DirBuilder},
    io::{IsTerminal as _, Read as _},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use sspr_config::settings::{self, PATH};
use sspr_machine::files;
use sspr_protocol::{
    admin::Nothing,
    fleet::{FleetState, HostState, JoinDone, JoinWish, Left, NewKey, Repin},
};
use zeroize::Zeroizing;

use crate::{
    client::Client,
    failure::{Failure, only_root},
    out,
    reload::{self, Reloaded},
};

/// The drop-in with the servers.
const DROP_IN: &str = "60-fleet.toml";
/// Its first line.
const WRITTEN_BY: &str = "# Written by: sspr join\n";
/// The longest token, in bytes.
const TOKEN_MAX: u64 = 8192;

/// How to join.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Change nothing: say whether this host has joined, and whether the server answers; exit status 1 if not
    #[arg(long)]
    check: bool,
    /// Replace the key of this host, which has joined; it also does so by itself once a year
    #[arg(long, conflicts_with = "check")]
    new_key: bool,
    /// Know the server by this key from now on, which "sspr server rekey" shows there; the host stays the same
    #[arg(long, value_name = "KEY", conflicts_with_all = ["check", "new_key"])]
    repin: Option<String>,
    /// As JSON
    #[arg(long)]
    json: bool,
    /// The settings file
    #[arg(long, hide = true, default_value = PATH)]
    config: PathBuf,
}

/// How to leave.
#[derive(Debug, Args)]
pub struct LeaveArguments {
    /// The settings file
    #[arg(long, hide = true, default_value = PATH)]
    config: PathBuf,
}

/// Joins, or says whether this host has.
pub async fn join(arguments: &Arguments, bus: &str) -> ExitCode {
    let done = if arguments.check {
        check(arguments, bus).await
    } else if arguments.new_key {
        new_key(arguments, bus).await
    } else if let Some(pin) = &arguments.repin {
        repin(pin, bus).await
    } else {
        joined(arguments, bus).await
    };
    done.unwrap_or_else(|failure| failure.complain())
}

/// Leaves.
pub async fn leave(arguments: &LeaveArguments, bus: &str) -> ExitCode {
    left(arguments, bus).await.unwrap_or_else(|failure| failure.complain())
}

/// The token on standard input.
fn token() -> Result<Zeroizing<String>, Failure> {
    let mut text = Zeroizing::new(String::with_capacity(usize::try_from(TOKEN_MAX).unwrap_or_default()));
    if std::io::stdin().is_terminal() {
        crate::terminal::complain(
            "Paste the token that \"sspr admin hosts token\" printed at the server, then press Enter:",
        );
        std::io::stdin().read_line(&mut text)?;
    } else {
        std::io::stdin().lock().take(TOKEN_MAX).read_to_string(&mut text)?;
    }
    if text.trim().is_empty() {
        return Err(Failure::Usage(
            "there is no token on standard input; make one at the server: sspr admin hosts token".into(),
        ));
    }
    Ok(text)
}

async fn joined(arguments: &Arguments, bus: &str) -> Result<ExitCode, Failure> {
    only_root("join")?;
    let token = token()?;
    let client = Client::connect_for(bus, "join").await?;
    let done: JoinDone = client.call("Join", &JoinWish { token }).await?;
    write(&arguments.config, &done.servers)?;
    if let Reloaded::Kept(why) = reload::ask(bus).await? {
        return Err(Failure::Refused(format!("the host has joined, but the agent kept its old settings: {why}")));
    }
    if arguments.json {
        out::json(&done)?;
    } else {
        let servers = done.servers.join(", ");
        let how = if done.before { "had joined already" } else { "has joined" };
        out::print(&format!(
            "This host {how} as {}. Resets are served by {servers} from now on. Next: sspr doctor",
            done.id
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn check(arguments: &Arguments, bus: &str) -> Result<ExitCode, Failure> {
    let client = Client::connect_for(bus, "join --check").await?;
    let state: FleetState = client.call("Fleet", &Nothing {}).await?;
    let host = state.host.unwrap_or_default();
    if arguments.json {
        out::json(&host)?;
    } else {
        out::print(&described(&host))?;
    }
    let good = host.id.is_some() && host.answers && host.state == "active";
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

async fn new_key(arguments: &Arguments, bus: &str) -> Result<ExitCode, Failure> {
    only_root("join --new-key")?;
    let client = Client::connect_for(bus, "join --new-key").await?;
    let done: NewKey = client.call("NewKey", &Nothing {}).await?;
    if arguments.json {
        out::json(&done)?;
    } else {
        out::print(if done.replaced {
            "This host has a new key. The old one is deleted, and the server accepts it no more."
        } else {
            "This host has made a new key. The server accepts one an hour; until it has, the old one counts."
        })?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn repin(pin: &str, bus: &str) -> Result<ExitCode, Failure> {
    only_root("join --repin")?;
    let client = Client::connect_for(bus, "join --repin").await?;
    let _: Nothing = client.call("Repin", &Repin { pin: pin.trim().to_owned() }).await?;
    out::print("The server has that key, and answers. Next: sspr doctor")?;
    Ok(ExitCode::SUCCESS)
}

fn described(host: &HostState) -> String {
    let servers = host.servers.join(", ");
    match (&host.id, &host.fault) {
        (None, None) => "This host has not joined a fleet.".to_owned(),
        (None, Some(why)) => format!("Not joined: {why}"),
        (Some(id), Some(why)) => format!("Joined as {id}, but: {why}"),
        (Some(id), None) if host.state == "active" => format!("Joined as {id}; {servers} answers."),
        (Some(id), None) => {
            format!("Joined as {id}; {servers} answers, but does not serve this host: it is {}.", host.state)
        }
    }
}

async fn left(arguments: &LeaveArguments, bus: &str) -> Result<ExitCode, Failure> {
    only_root("leave")?;
    let client = Client::connect_for(bus, "leave").await?;
    // First the settings: no user is sent to a server that this host has no key for.
    let file = drop_in(&arguments.config);
    match files::read(&file)? {
        Some(content) if content.starts_with(WRITTEN_BY.as_bytes()) => fs::remove_file(&file)?,
        Some(_) => {
            return Err(Failure::Refused(format!(
                "{} is not as \"sspr join\" wrote it; remove [fleet] servers there, then run again: sspr leave",
                file.display()
            )));
        }
        None => {}
    }
    if let Reloaded::Kept(why) = reload::ask(bus).await? {
        return Err(Failure::Refused(format!("the agent kept its old settings: {why}")));
    }
    if settings::load(&arguments.config).is_ok_and(|settings| settings.fleet.is_on()) {
        return Err(Failure::Refused(
            "[fleet] servers is still set in another file; remove it there, then run again: sspr leave".into(),
        ));
    }
    let done: Left = client.call("Leave", &Nothing {}).await?;
    out::print(if done.joined {
        "This host has left; its key is deleted. At the server: sspr admin hosts revoke"
    } else {
        "This host had not joined a fleet."
    })?;
    Ok(ExitCode::SUCCESS)
}

fn drop_in(config: &Path) -> PathBuf {
    settings::drop_ins(config).join(DROP_IN)
}

/// Writes the servers into their drop-in, unless the settings have them: an administrator may have added others there.
fn write(config: &Path, servers: &[String]) -> Result<(), Failure> {
    let set = settings::load(config).map(|settings| settings.fleet.servers).unwrap_or_default();
    if servers.iter().all(|server| set.contains(server)) {
        return Ok(());
    }
    // Servers without a common one are of another fleet.
    let known = if servers.iter().any(|server| set.contains(server)) { set.as_slice() } else { &[] };
    let new = servers.iter().filter(|server| !known.contains(server));
    let servers: Vec<&String> = known.iter().chain(new).collect();
    let file = drop_in(config);
    let list = toml::Value::try_from(servers).map_or_else(|_| "[]".to_owned(), |value| value.to_string());
    let content = format!("{WRITTEN_BY}[fleet]\nservers = {list}\n");
    if files::read(&file)?.is_some_and(|old| old == content.as_bytes()) {
        return Ok(());
    }
    let directory = settings::drop_ins(config);
    if !directory.exists() {
        DirBuilder::new().mode(0o755).create(&directory)?;
    }
    Ok(files::write(&file, content.as_bytes(), 0o644, None)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_are_written_once_and_count() {
        let directory = tempfile::tempdir().unwrap();
        let config = directory.path().join("sspr.toml");
        fs::write(&config, "").unwrap();
        let servers = ["a.example.org:7142".to_owned(), "[2001:db8::1]:7142".to_owned()];
        write(&config, &servers).unwrap();
        assert_eq!(settings::load(&config).unwrap().fleet.servers, servers);
        let written = fs::metadata(drop_in(&config)).unwrap().modified().unwrap();
        write(&config, &servers).unwrap();
        assert_eq!(fs::metadata(drop_in(&config)).unwrap().modified().unwrap(), written);
        // A token of before another server was added takes none away.
        write(&config, &servers[..1]).unwrap();
        assert_eq!(settings::load(&config).unwrap().fleet.servers, servers);
        write(&config, &[servers[0].clone(), "d.example.org:7142".to_owned()]).unwrap();
        let all = [&servers[..], &["d.example.org:7142".to_owned()]].concat();
        assert_eq!(settings::load(&config).unwrap().fleet.servers, all);
        let others = ["c.example.org:7142".to_owned()];
        write(&config, &others).unwrap();
        assert_eq!(settings::load(&config).unwrap().fleet.servers, others);
    }

    #[test]
    fn a_host_that_is_not_served_says_why() {
        let joined = HostState { id: Some("h1".into()), servers: vec!["a:1".into()], ..HostState::default() };
        for (host, said) in [
            (HostState::default(), "has not joined"),
            (HostState { fault: Some("copied".into()), ..HostState::default() }, "Not joined: copied"),
            (HostState { fault: Some("no answer".into()), ..joined.clone() }, "but: no answer"),
            (HostState { answers: true, state: "active".into(), ..joined.clone() }, "a:1 answers."),
            (HostState { answers: true, state: "paused".into(), ..joined.clone() }, "it is paused"),
        ] {
            assert!(described(&host).contains(said), "{}", described(&host));
        }
    }
}
