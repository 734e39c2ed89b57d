//! Whether the server listens: as the agent says, and by a connection.

use std::{
    net::{IpAddr, SocketAddr, TcpStream},
    path::Path,
    time::Duration,
};

use sspr_protocol::{admin::Nothing, fleet::FleetState};
use tokio::time::{Instant, sleep};

use crate::{client::Client, failure::Failure};

/// How long the agent may take until it listens.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a connection to this machine itself may take.
const CONNECT: Duration = Duration::from_secs(1);
/// On kernels with `SELinux`, whether it is enforced.
const SELINUX: &str = "/sys/fs/selinux/enforce";

/// Where the server listens, as the agent says. An error says why it does not.
pub(super) async fn now(bus: &str) -> Result<String, Failure> {
    let state: FleetState = Client::connect_for(bus, "setup").await?.call("Fleet", &Nothing {}).await?;
    let server = state.server.ok_or_else(|| Failure::Refused("the settings are not in force".into()))?;
    match server.fault {
        None => Ok(server.listen),
        Some(why) => Err(Failure::Refused(why)),
    }
}

/// Waits until the server takes connections there.
pub(in crate::setup) async fn wait_for(bus: &str, listen: &str) -> Result<(), Failure> {
    let until = Instant::now() + PATIENCE;
    loop {
        let why = match now(bus).await {
            Ok(address) if address == listen && takes_connections(listen) => return Ok(()),
            Ok(_) => "it takes no connections".to_owned(),
            Err(why) => why.to_string(),
        };
        if Instant::now() > until {
            let fix = if Path::new(SELINUX).exists() {
                "SELinux may keep it from that: setsebool -P sspr_serves_hosts on. Then run: systemctl reload sspr-agent"
            } else {
                "See: sspr doctor, and journalctl -u sspr-agent"
            };
            return Err(Failure::Refused(format!(
                "the settings are written, but the server does not listen: {why}. {fix}"
            )));
        }
        sleep(Duration::from_millis(200)).await;
    }
}

/// Whether a program takes connections there.
fn takes_connections(listen: &str) -> bool {
    let Ok(mut address) = listen.parse::<SocketAddr>() else { return false };
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    TcpStream::connect_timeout(&address, CONNECT).is_ok()
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_listener_takes_connections_at_any_of_its_addresses() {
        let listener = TcpListener::bind("0.0.0.0:0").unwrap();
        let listen = listener.local_addr().unwrap().to_string();
        assert!(takes_connections(&listen));
        drop(listener);
        assert!(!takes_connections(&listen) && !takes_connections("nonsense"));
    }
}
