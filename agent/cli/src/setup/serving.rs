//! Makes the server: moves registrations into the database, writes the settings, and waits until the server listens.

use std::{net::SocketAddr, path::Path};

use sspr_config::settings::{self, PORT};
use sspr_protocol::database::{Carried, Database};

use super::{
    change::Change,
    server::{Password, Server, listening, with_password},
    steps::{Meant, Steps, reloaded},
    stopped,
};
use crate::{database, failure::Failure, out, unit};

/// Makes the changes if the administrator agrees; `now` is the server that the settings had. Returns what to do next;
/// `None` if the administrator declined.
pub(super) async fn made(
    steps: &mut Steps<'_>,
    (config, bus): (&Path, &str),
    server: &Server,
    changes: &[Change],
    now: &settings::Server,
) -> Result<Option<String>, Failure> {
    const WHAT: &str = "the server";
    if settings::load(config).is_ok_and(|settings| settings.directory.kind.is_none()) {
        steps.outcome.decline(WHAT);
        return Ok(None);
    }
    if !changes.is_empty() {
        let difference: String = changes.iter().map(Change::shown).collect();
        let moves = server.database.as_ref().filter(|(url, _)| now.database.as_ref() != Some(url));
        let heading = match (moves, &now.database) {
            (None, Some(_)) => "The server, followed by a restart of the agent if the database's password is new",
            (None, None) => "The server",
            (Some(_), None) => "The server; what is registered is copied into the database",
            (Some(_), Some(_)) => "The server, followed by a restart of the agent",
        };
        if !steps.agreed(WHAT, heading, &difference)? {
            return Ok(None);
        }
        let meant = Meant { server: Some(server), ..Meant::default() };
        // The agent keeps the password that it began with, also after a reload.
        let renewed = matches!(&server.database, Some((_, password)) if !matches!(password, Password::AsIs));
        match moves {
            None if renewed => steps.written(config, changes, meant, async { unit::restart() }).await?,
            None => steps.written(config, changes, meant, reloaded(bus)).await?,
            Some((url, password)) => {
                // In the middle of it the agent is stopped.
                let _whole = stopped::not_now().map_err(|why| Failure::Refused(why.to_string()))?;
                let database = with_password(now, url, password)?;
                if let Err(failure) = moved(steps, config, changes, meant, (now, &database)).await {
                    // With the old settings.
                    return Err(match unit::restart() {
                        Ok(()) => failure,
                        Err(why) => Failure::Refused(format!("{failure}\n{why}")),
                    });
                }
            }
        }
    }
    if changes.is_empty() {
        // An earlier run may have been ended between the settings and the agent's start.
        unit::start().map_err(Failure::Refused)?;
    }
    steps.person.hear("\nWaiting until the server listens.");
    listening::wait_for(bus, &server.listen).await?;
    steps.person.hear(&format!("The server listens on {}.", server.listen));
    let port = server.listen.parse().map_or(PORT, |address: SocketAddr| address.port());
    Ok(Some(next_steps(Path::new("/"), port)))
}

/// Has the database get what the file has, and the agent use it.
async fn moved(
    steps: &mut Steps<'_>,
    config: &Path,
    changes: &[Change],
    meant: Meant<'_>,
    (now, database): (&settings::Server, &Database),
) -> Result<(), Failure> {
    unit::stop().map_err(Failure::Refused)?;
    if now.database.is_none() {
        let carried = database::carried(database);
        if let Some(why) = carried.error {
            return Err(Failure::Refused(format!("the settings are as before: {why}")));
        }
        steps.person.hear(&copied(&carried));
    }
    steps.written(config, changes, meant, async { unit::restart() }).await
}

/// What was copied, in a line.
pub(crate) fn copied(carried: &Carried) -> String {
    if carried.before {
        return "The database has everything already; nothing was copied.".to_owned();
    }
    let of = |name: &str| carried.rows.iter().find(|(table, _)| table == name).map_or(0, |(_, rows)| *rows);
    let all: u64 = carried.rows.iter().map(|(_, rows)| rows).sum();
    let registrations = out::number(of("registration"), "registration", "registrations");
    format!("Copied into the database: {registrations}, {all} rows in all.")
}

/// What is left to do, for the machine at `root`.
fn next_steps(root: &Path, port: u16) -> String {
    let has = |file: &str| root.join(file).exists();
    let named = port == PORT && has("usr/lib/firewalld/services/sspr-server.xml");
    let firewalld = if named { "service=sspr-server".to_owned() } else { format!("port={port}/tcp") };
    let ufw = if port == PORT && has("etc/ufw/applications.d/sspr-server") {
        "sspr-server".to_owned()
    } else {
        format!("{port}/tcp")
    };
    let open = match () {
        () if has("usr/bin/firewall-cmd") => format!(
            "Open the port to your hosts:\n    firewall-cmd --permanent --add-{firewalld} && firewall-cmd --reload"
        ),
        () if has("usr/sbin/ufw") => format!("Open the port to your hosts:\n    ufw allow {ufw}"),
        () => format!("If a firewall protects this machine, open TCP port {port} to your hosts."),
    };
    format!(
        "Next:\n\
         - {open}\n\
         - Make a token that lets one host join, and hand it over like a password:\n    \
             sspr admin hosts token\n\
         - On the host, as root, with the package sspr. It asks for the token:\n    \
             sspr join\n\
         - See which hosts have joined:\n    \
             sspr admin hosts"
    )
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_next_steps_name_the_firewall_that_is_there_and_fit_the_terminal() {
        let root = tempfile::tempdir().unwrap();
        let make = |file: &str| {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        };
        let say = |port| {
            let said = next_steps(root.path(), port);
            assert!(said.lines().all(|line| line.chars().count() <= 80), "{said}");
            assert!(said.contains("\n    sspr admin hosts token\n"), "{said}");
            said
        };
        assert!(say(7142).contains("open TCP port 7142"));
        make("usr/sbin/ufw");
        assert!(say(7142).contains("ufw allow 7142/tcp"));
        make("etc/ufw/applications.d/sspr-server");
        assert!(say(7142).contains("ufw allow sspr-server") && say(8142).contains("ufw allow 8142/tcp"));
        make("usr/bin/firewall-cmd");
        assert!(say(7142).contains("--add-port=7142/tcp &&"));
        make("usr/lib/firewalld/services/sspr-server.xml");
        assert!(say(7142).contains("--add-service=sspr-server &&") && say(8142).contains("--add-port=8142/tcp &&"));
    }

    #[test]
    fn what_was_copied_is_told_in_a_line() {
        let rows = vec![("registration".to_owned(), 12), ("audit".to_owned(), 30)];
        let carried = Carried { rows, ..Carried::default() };
        assert_eq!(copied(&carried), "Copied into the database: 12 registrations, 42 rows in all.");
        assert!(copied(&Carried { before: true, ..Carried::default() }).contains("nothing was copied"));
    }
}
