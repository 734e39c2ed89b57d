//! The rules for `[server]` and `[fleet]`.

use super::{
    super::{Server, Settings, fleet::is_reachable},
    Fault, fault,
};

/// The most servers of one fleet.
const SERVERS_MAX: usize = 16;
/// The longest wait of a first registration, in seconds: 30 days.
const WAIT_MAX: i64 = 30 * 86_400;

/// The first fault of both.
pub(super) fn check(s: &Settings) -> Result<(), Fault> {
    server(s)?;
    database(&s.server)?;
    fleet(s)
}

fn server(s: &Settings) -> Result<(), Fault> {
    let server = &s.server;
    if let Some(name) = server.names.iter().find(|name| !is_reachable(name)) {
        return fault(
            "server",
            "names",
            format!("{name:?} in names is no name with a port, such as \"reset.example.org:7142\""),
        );
    }
    if server.names.len() > SERVERS_MAX {
        return fault("server", "names", format!("names can have {SERVERS_MAX} entries at most"));
    }
    if let Some(proxy) = server.proxies.iter().find(|proxy| proxy.parse::<std::net::IpAddr>().is_err()) {
        let why =
            format!("{proxy:?} in proxies is no address, such as \"192.0.2.10\"; names and networks can't be used");
        return fault("server", "proxies", why);
    }
    if server.proxies.len() > SERVERS_MAX {
        return fault("server", "proxies", format!("proxies can have {SERVERS_MAX} entries at most"));
    }
    if server.key_file.as_ref().is_some_and(|file| !file.is_absolute()) {
        return fault("server", "key_file", "key_file must be a full path, such as \"/var/lib/sspr/fleet/server.key\"");
    }
    if server.first_contact_wait.as_secs() > WAIT_MAX {
        return fault("server", "first_contact_wait", "first_contact_wait can be \"30d\" at most");
    }
    let Some(listen) = &server.listen else { return Ok(()) };
    if server.address().is_none_or(|address| address.port() == 0) {
        let why = format!(
            "listen = {listen:?} is no address with a port; write \"[::]:7142\" for all addresses of this machine"
        );
        return fault("server", "listen", why);
    }
    if s.directory.kind.is_none() && !server.local_accounts {
        return fault(
            "server",
            "listen",
            "a server serves people of a directory, and none is set; set up [directory] first: sspr setup; or serve accounts of the hosts themselves: local_accounts = true",
        );
    }
    Ok(())
}

fn database(s: &Server) -> Result<(), Fault> {
    if s.database_password_file.as_ref().is_some_and(|file| !file.is_absolute()) {
        return fault(
            "server",
            "database_password_file",
            "database_password_file must be a full path, such as \"/etc/sspr/database-password\"",
        );
    }
    let Some(database) = &s.database else {
        return match s.database_password_file {
            Some(_) => fault("server", "database_password_file", "database_password_file is set but database is not"),
            None => Ok(()),
        };
    };
    let rest = database.strip_prefix("postgres://").or_else(|| database.strip_prefix("postgresql://"));
    let login = rest.and_then(|rest| rest.split(['/', '?']).next()?.rsplit_once('@'));
    match (rest, login) {
        (None, _) => {
            fault("server", "database", "database must be a URL such as \"postgres://sspr@db.example.org/sspr\"")
        }
        (_, None) => {
            fault("server", "database", "database names no user; write it as \"postgres://sspr@db.example.org/sspr\"")
        }
        (_, Some((login, _))) if login.contains(':') || database.contains("password=") => fault(
            "server",
            "database",
            "database has a password, which everybody can read here; move it to the file that database_password_file names",
        ),
        _ => Ok(()),
    }
}

fn fleet(s: &Settings) -> Result<(), Fault> {
    let fleet = &s.fleet;
    if let Some(server) = fleet.servers.iter().find(|server| !is_reachable(server)) {
        let why = format!("{server:?} in servers is no name with a port, such as \"reset.example.org:7142\"");
        return fault("fleet", "servers", why);
    }
    if fleet.servers.len() > SERVERS_MAX {
        return fault("fleet", "servers", format!("servers can have {SERVERS_MAX} entries at most"));
    }
    // It can be set before the host joins, which it is needed for.
    if let Some(url) = &fleet.proxy
        && !url
            .strip_prefix("http://")
            .is_some_and(|rest| !rest.contains('@') && is_reachable(rest.trim_end_matches('/')))
    {
        let why = format!(
            "proxy = {url:?} can't be used; write it as \"http://proxy.example.org:3128\", with its port and without a password"
        );
        return fault("fleet", "proxy", why);
    }
    if !fleet.is_on() {
        return Ok(());
    }
    if s.server.listen.is_some() {
        return fault(
            "fleet",
            "servers",
            "this machine is a server itself, see [server]: people who sign in on it are served without [fleet]",
        );
    }
    if s.directory.kind.is_some() {
        return fault(
            "fleet",
            "servers",
            "a host of a fleet asks its server about people of the directory; remove [directory], whose secret belongs on the server \
             alone",
        );
    }
    Ok(())
}
