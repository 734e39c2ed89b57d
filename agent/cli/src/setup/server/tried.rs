//! Tries the names, the port and the database of a server, until they work or the administrator decides.

use std::{
    io::ErrorKind,
    net::{IpAddr, SocketAddr, TcpListener, ToSocketAddrs as _, UdpSocket},
};

use sspr_config::settings::{self, Loaded, PORT};
use sspr_core::typed;
use sspr_protocol::database::Tried;

use super::{
    super::ask::{Person, checked, quoted},
    Given, Password, Server, listening,
    questions::{self, Kept},
    with_password,
};
use crate::{
    database,
    doctor::{self, Finding, Level, database::place},
    failure::Failure,
    findings::told,
};

const NAMES: &str = "names";
const LISTEN: &str = "port";
const DATABASE: &str = "database";

/// The server to be. `how`: the bus; whether there is an administrator to ask; whether nothing will be written, so that
/// nothing is tried.
pub(in crate::setup) async fn wanted(
    person: &mut dyn Person,
    loaded: &Loaded,
    given: &Given,
    how: (&str, bool, bool),
) -> Result<Server, Failure> {
    let now = &loaded.settings.server;
    let known = given.names.clone().unwrap_or_else(|| questions::known_names(now));
    let (mut names, mut asked) = (known, given.names.is_some());
    loop {
        let listen = reachable(person, now, given, &mut names, (how.0, how.1, how.2, asked)).await?;
        match kept(person, now, given, how)? {
            Kept::AsIs => return Ok(Server { names, listen, database: None }),
            Kept::Database(url, password) => return Ok(Server { names, listen, database: Some((url, password)) }),
            // Even if the names came by options.
            Kept::Back => asked = false,
        }
    }
}

/// Asks for names until hosts can reach the server by them, and returns where it is to listen. `how` also says whether the
/// names are known already.
async fn reachable(
    person: &mut dyn Person,
    now: &settings::Server,
    given: &Given,
    names: &mut Vec<String>,
    (bus, asks, only_shows, mut known): (&str, bool, bool, bool),
) -> Result<String, Failure> {
    loop {
        if asks && !known {
            *names = questions::ask_names(person, names)?;
        }
        known = true;
        let Some(first) = names.first() else {
            return Err(Failure::Usage(
                "this machine's name has no domain; add: --server-name reset.example.org".into(),
            ));
        };
        let listen = listens(given, now, names, first);
        let Ok(address) = listen.parse::<SocketAddr>() else {
            return Err(Failure::Usage(format!("{listen:?} is no address with a port; write \"[::]:{PORT}\"")));
        };
        if only_shows || !asks && *names == now.names && Some(&listen) == now.listen.as_ref() {
            return Ok(listen);
        }
        let taken_by_us = listening::now(bus).await.is_ok_and(|address| address == listen);
        person.hear("\nTrying them. Nothing is changed by that.\n");
        let mut findings: Vec<Finding> = names.iter().map(|name| leads_here(name)).collect();
        findings.push(port(address, taken_by_us, least_port()));
        person.hear(&told(&findings));
        let worst = doctor::worst(&findings);
        match (worst, asks) {
            (Level::Fine, _) | (Level::Warning, false) => return Ok(listen),
            (Level::Error, false) => {
                return Err(Failure::Refused("the server can't listen there; nothing was changed".into()));
            }
            (_, true) => {}
        }
        match next(person, worst == Level::Warning)? {
            Next::Again => {}
            Next::Anyway => return Ok(listen),
            Next::Change => known = false,
        }
    }
}

/// Where the server is to listen: as before, unless the port of its first name is another one.
fn listens(given: &Given, now: &settings::Server, names: &[String], first: &str) -> String {
    let port = settings::host_and_port(first).and_then(|(_, port)| port).unwrap_or(PORT);
    let as_before = now
        .listen
        .as_ref()
        .filter(|_| now.names == names || now.address().is_some_and(|address| address.port() == port));
    given.listen.clone().or_else(|| as_before.cloned()).unwrap_or_else(|| {
        // A kernel without IPv6 has no [::].
        let all = if TcpListener::bind("[::]:0").is_ok() { "[::]" } else { "0.0.0.0" };
        format!("{all}:{port}")
    })
}

enum Next {
    Again,
    Change,
    Anyway,
}

fn next(person: &mut dyn Person, may_stay: bool) -> Result<Next, Failure> {
    let words = if may_stay { "again, change, or anyway" } else { "again, or change" };
    person.hear(&format!(
        "again: try once more, such as after a change elsewhere. change: other names.{}",
        if may_stay { "\nanyway: keep them, such as if they lead here later." } else { "" }
    ));
    loop {
        match typed::word(&person.line(&format!("{words}: "))?).as_str() {
            "again" => return Ok(Next::Again),
            "change" => return Ok(Next::Change),
            "anyway" if may_stay => return Ok(Next::Anyway),
            _ => person.hear(&format!("  Please type {words}.")),
        }
    }
}

/// Whether a name leads to this machine.
fn leads_here(name: &str) -> Finding {
    let host = settings::host_and_port(name).map_or(name, |(host, _)| host);
    let Ok(addresses) = (host, 0).to_socket_addrs() else {
        return Finding::warning(
            NAMES,
            format!("{host} is not known: it leads to no address"),
            "enter it in DNS, or in /etc/hosts of this machine and of each host",
        );
    };
    let mut addresses: Vec<IpAddr> = addresses.map(|address| address.ip()).collect();
    addresses.dedup();
    let list = addresses.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(", ");
    if addresses.iter().all(IpAddr::is_loopback) {
        return Finding::fine(NAMES, format!("{host} leads to this machine here ({list}); hosts need it in DNS"));
    }
    // Only an address of this machine can be bound.
    if addresses.iter().any(|address| UdpSocket::bind((*address, 0)).is_ok()) {
        return Finding::fine(NAMES, format!("{host} leads to this machine ({list})"));
    }
    Finding::warning(
        NAMES,
        format!("{host} leads to {list}, which is not this machine"),
        "correct it in DNS, unless that is a load balancer or a router that passes TCP on to this machine",
    )
}

/// The least port that a program may listen on without being root.
fn least_port() -> u16 {
    let text = std::fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start").unwrap_or_default();
    text.trim().parse().unwrap_or(1024)
}

/// Whether the server can listen there. `taken_by_us`: it does already.
fn port(address: SocketAddr, taken_by_us: bool, least: u16) -> Finding {
    let port = address.port();
    if port < least {
        return Finding::error(
            LISTEN,
            format!("{port} is below {least}: the agent is not root, and can't listen there"),
            format!("name another port, such as {PORT}"),
        );
    }
    if taken_by_us {
        return Finding::fine(LISTEN, format!("the agent listens on {address} already"));
    }
    match TcpListener::bind(address) {
        Ok(_) => Finding::fine(LISTEN, format!("{address} is free")),
        Err(why) if why.kind() == ErrorKind::AddrInUse => Finding::error(
            LISTEN,
            format!("another program listens on {port}"),
            format!("find out which one: ss -ltnp 'sport = :{port}'; or name another port"),
        ),
        Err(why) => Finding::error(LISTEN, format!("{address}: {why}"), "name an address of this machine"),
    }
}

/// Asks where registrations are to be kept until that works.
fn kept(
    person: &mut dyn Person,
    now: &settings::Server,
    given: &Given,
    (_, asks, only_shows): (&str, bool, bool),
) -> Result<Kept, Failure> {
    let mut wanted = match &given.kept {
        None if !asks => return Ok(Kept::AsIs),
        Some(Kept::AsIs | Kept::Back) if now.database.is_some() => {
            return Err(Failure::Usage(
                "registrations are in a database, and can't be moved back to a file: leave out --server-database"
                    .into(),
            ));
        }
        Some(Kept::AsIs | Kept::Back) => return Ok(Kept::AsIs),
        Some(Kept::Database(url, password)) => Some((url.clone(), password.clone())),
        None => None,
    };
    let mut before: Option<(String, Password)> = None;
    loop {
        let (url, password) = match wanted.take() {
            Some(database) => database,
            None => match questions::ask_kept(person, now, before.as_ref().map(|(url, word)| (url.as_str(), word)))? {
                Kept::Database(url, password) => (url, password),
                other => return Ok(other),
            },
        };
        let same = now.database.as_ref() == Some(&url) && matches!(password, Password::AsIs);
        let works = only_shows || same || {
            person.hear("\nTrying it. Nothing is changed by that.\n");
            let finding = usable(now, &url, &password)?;
            let level = finding.level;
            person.hear(&told(&[finding]));
            level != Level::Error
        };
        if works {
            return Ok(Kept::Database(url, password));
        }
        if !asks {
            return Err(Failure::Refused("the database can't be used; nothing was changed".into()));
        }
        let place = now.database.as_deref().map_or("the file on this machine", place);
        loop {
            let prompt = format!("again, change, or Enter to keep them in {place}: ");
            match typed::word(&person.line(&prompt)?).as_str() {
                "" => return Ok(Kept::AsIs),
                "again" => wanted = Some((url.clone(), password.clone())),
                "change" => {}
                _ => {
                    person.hear("  Please type again or change, or press Enter.");
                    continue;
                }
            }
            break;
        }
        before = Some((url, password));
    }
}

/// Whether the server could keep registrations there.
fn usable(now: &settings::Server, url: &str, password: &Password) -> Result<Finding, Failure> {
    checked(&format!("[server]\ndatabase = {}\n", quoted(url))).map_err(Failure::Usage)?;
    Ok(found(now, url, database::tried(&with_password(now, url, password)?)))
}

fn found(now: &settings::Server, url: &str, tried: Tried) -> Finding {
    let place = place(url);
    match tried.error {
        Some(why) => Finding::error(DATABASE, format!("{place}: {why}"), tried.fix.unwrap_or_default()),
        None if tried.in_use => {
            Finding::fine(DATABASE, format!("{place} answers, and has registrations of this fleet already"))
        }
        // Only a file can be carried over.
        None if now.database.as_ref().is_some_and(|present| present != url) => Finding::error(
            DATABASE,
            format!("{place} is empty, while registrations are in another database"),
            "move them there first, with pg_dump and pg_restore",
        ),
        None => Finding::fine(DATABASE, format!("{place} answers, and tables can be made there")),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::super::ask::tests::Script, *};

    const NO_BUS: &str = "unix:path=/nonexistent/bus";

    fn loaded() -> Loaded {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sspr.toml");
        sspr_machine::files::write(&path, b"", 0o644, None).unwrap();
        settings::load_with_origins(&path).unwrap()
    }

    fn given(names: &[&str], listen: &str) -> Given {
        let names = Some(names.iter().map(|name| (*name).to_owned()).collect());
        Given { names, listen: Some(listen.to_owned()), kept: Some(Kept::AsIs) }
    }

    #[test]
    fn a_name_leads_here_elsewhere_or_nowhere() {
        for (name, level, said) in [
            ("localhost:7142", Level::Fine, "hosts need it in DNS"),
            ("192.0.2.1:7142", Level::Warning, "is not this machine"),
            ("no-such-name.invalid:7142", Level::Warning, "leads to no address"),
        ] {
            let found = leads_here(name);
            assert!(found.level == level && found.what.contains(said), "{found:?}");
        }
    }

    #[test]
    fn a_port_is_free_or_ours_or_taken_or_too_low() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let found = port(address, false, 1024);
        assert!(found.level == Level::Error && found.what.contains("another program"), "{found:?}");
        assert_eq!(port(address, true, 1024).level, Level::Fine);
        drop(taken);
        assert_eq!(port(address, false, 1024).level, Level::Fine);
        assert!(port("[::]:443".parse().unwrap(), false, 1024).what.contains("not root"));
        assert_eq!(port("192.0.2.1:7142".parse().unwrap(), false, 1024).level, Level::Error);
    }

    #[tokio::test]
    async fn a_port_that_is_taken_is_explained_and_another_one_is_asked_for() {
        let taken = TcpListener::bind("[::]:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let name = Box::leak(format!("localhost.example.org:{port}").into_boxed_str());
        let free = TcpListener::bind("[::]:0").unwrap().local_addr().unwrap().port();
        let other = Box::leak(format!("no-such-name.invalid:{free}").into_boxed_str());
        let mut person = Script::of(&[name, "anyway", "again", "change", other, "Anyway", "file"]);
        let open = Given::default();
        let server = wanted(&mut person, &loaded(), &open, (NO_BUS, true, false)).await.unwrap();
        assert_eq!((server.names, server.listen), (vec![(*other).to_owned()], format!("[::]:{free}")));
        assert!(server.database.is_none() && person.answers.is_empty(), "{}", person.seen);
        for said in ["another program listens", "Please type again, or change", "leads to no address", "anyway: keep"] {
            assert!(person.seen.contains(said), "{said}\n{}", person.seen);
        }
        for line in person.seen.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }

    #[tokio::test]
    async fn without_anybody_to_ask_a_port_that_is_taken_is_refused_and_a_name_that_leads_elsewhere_is_told() {
        let taken = TcpListener::bind("[::1]:0").unwrap();
        let address = taken.local_addr().unwrap().to_string();
        let mut person = Script::of(&[]);
        let how = (NO_BUS, false, false);
        let refused = wanted(&mut person, &loaded(), &given(&["192.0.2.1:7142"], &address), how).await.unwrap_err();
        assert!(refused.to_string().contains("nothing was changed"), "{refused}");
        drop(taken);
        let mut person = Script::of(&[]);
        let server = wanted(&mut person, &loaded(), &given(&["192.0.2.1:7142"], &address), how).await.unwrap();
        assert!(server.listen == address && person.seen.contains("is not this machine"), "{}", person.seen);
        // Where nothing is written, nothing is tried.
        let mut person = Script::of(&[]);
        wanted(&mut person, &loaded(), &given(&["192.0.2.1:7142"], "[::]:1"), (NO_BUS, false, true)).await.unwrap();
        assert_eq!(person.seen, "");
    }

    #[test]
    fn an_empty_database_is_none_for_what_is_registered_in_another_one() {
        let url = "postgres://sspr@db.example.org/sspr";
        let now = settings::Server { database: Some("postgres://sspr@old/sspr".into()), ..settings::Server::default() };
        let in_use = Tried { in_use: true, ..Tried::default() };
        let broken = Tried { error: Some("no".into()), fix: Some("mend".into()), in_use: false };
        for (now, tried, level, said) in [
            (&settings::Server::default(), Tried::default(), Level::Fine, "tables can be made"),
            (&settings::Server::default(), in_use.clone(), Level::Fine, "already"),
            (&now, in_use, Level::Fine, "already"),
            (&now, Tried::default(), Level::Error, "is empty, while"),
            (&now, broken, Level::Error, "db.example.org/sspr: no"),
        ] {
            let found = found(now, url, tried);
            assert!(found.level == level && found.what.contains(said), "{found:?}");
        }
    }

    #[tokio::test]
    async fn back_at_the_database_leads_to_the_names_again() {
        let mut person = Script::of(&["a.example.org", "anyway", "back", "", "anyway", ""]);
        let server = wanted(&mut person, &loaded(), &Given::default(), (NO_BUS, true, false)).await.unwrap();
        assert!(person.answers.is_empty(), "{}", person.seen);
        assert_eq!(server.names, ["a.example.org:7142"]);
        assert!(person.seen.contains("Names [a.example.org:7142]: "), "{}", person.seen);
    }

    #[test]
    fn the_port_follows_the_first_name_unless_the_settings_have_another_on_purpose() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let listen = |now: &settings::Server, wanted: &[&str]| {
            let wanted = names(wanted);
            listens(&Given::default(), now, &wanted, &wanted[0])
        };
        let none = settings::Server::default();
        assert!(listen(&none, &["a.example.org:8142"]).ends_with(":8142"));
        // Behind a balancer at another port.
        let now =
            settings::Server { listen: Some("192.0.2.1:7142".into()), names: names(&["a.example.org:443"]), ..none };
        assert_eq!(listen(&now, &["a.example.org:443"]), "192.0.2.1:7142");
        assert_eq!(listen(&now, &["b.example.org:7142"]), "192.0.2.1:7142");
        assert!(listen(&now, &["b.example.org:8142"]).ends_with(":8142"));
    }
}
