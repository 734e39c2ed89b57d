//! A fleet: `[server]` for the machine that keeps everybody's registrations, and `[fleet]` for the hosts that ask it.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use serde::{Deserialize, Serialize};

use super::host_and_port;
use crate::duration::Span;

/// The port that servers listen on unless the settings say otherwise. IANA has assigned it to nobody, and it is below the ports
/// that Linux gives to outgoing connections.
pub const PORT: u16 = 7142;

/// `[server]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Where hosts are waited for, such as `[::]:7142`; if unset, this machine is no server.
    pub listen: Option<String>,
    /// How hosts reach the server, `name:port` each; written into tokens. If empty, this machine's name and the port of
    /// `listen`.
    pub names: Vec<String>,
    /// The addresses of load balancers, which say by the PROXY protocol, version 2, where a connection comes from.
    pub proxies: Vec<String>,
    /// The server's key, made at the first start; if unset, `fleet/server.key` in the agent's directory.
    pub key_file: Option<PathBuf>,
    /// How long a first registration, through a host or at the server of a fleet, is good for no reset.
    pub first_contact_wait: Span,
    /// Whether accounts of the hosts themselves are served, on hosts whose own settings want it.
    pub local_accounts: bool,
    /// The PostgreSQL database of the registrations, as `postgres://user@host/name`; if unset, a file of this host.
    pub database: Option<String>,
    /// A file with its password, readable only by the agent's user.
    pub database_password_file: Option<PathBuf>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: None,
            names: Vec::new(),
            proxies: Vec::new(),
            key_file: None,
            first_contact_wait: Span::seconds(86_400),
            local_accounts: false,
            database: None,
            database_password_file: None,
        }
    }
}

impl Server {
    /// The address of `listen`, if it is one.
    pub fn address(&self) -> Option<SocketAddr> {
        self.listen.as_ref()?.parse().ok()
    }

    /// The addresses in `proxies`, as a connection from there shows them.
    pub fn balanced_by(&self) -> Vec<IpAddr> {
        self.proxies.iter().filter_map(|text| text.parse().ok()).map(|address: IpAddr| address.to_canonical()).collect()
    }

    /// How hosts reach the server, where the settings leave that to `host_name`.
    pub fn reached_by(&self, host_name: &str) -> Vec<String> {
        match (self.names.is_empty(), self.address()) {
            (true, Some(address)) => vec![format!("{host_name}:{}", address.port())],
            _ => self.names.clone(),
        }
    }
}

/// `[fleet]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fleet {
    /// The servers, `name:port` each, in the order in which they are tried; if empty, this host is in no fleet.
    pub servers: Vec<String>,
    /// The proxy on the way to the servers, as `http://host:port`; never taken from the environment.
    pub proxy: Option<String>,
    /// Whether users of the directory are asked to register at a sign-in on this host. The server checks the password
    /// that they typed, so it is sent there.
    pub register_at_sign_in: bool,
    /// Whether accounts of this host itself register and reset through the server, if the server's settings allow it.
    /// Their passwords stay on this host.
    pub local_accounts: bool,
}

impl Fleet {
    /// Whether this host is to be in a fleet.
    pub fn is_on(&self) -> bool {
        !self.servers.is_empty()
    }

    /// Whether a password that was typed at a sign-in may be sent to a server.
    pub fn checks_sign_ins(&self) -> bool {
        self.is_on() && self.register_at_sign_in
    }
}

/// Whether `text` is a host with a port.
pub(super) fn is_reachable(text: &str) -> bool {
    host_and_port(text).is_some_and(|(_, port)| port.is_some())
}
