//! The servers of a fleet, and how to connect to one of them.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use http_body_util::Full;
use hyper::{
    body::Bytes,
    client::conn::http1::{self, SendRequest},
};
use hyper_util::rt::TokioIo;
use rustls::{CertificateError, ClientConfig, pki_types::ServerName};
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;

use super::{Way, proxy::Proxy};
use crate::{
    race,
    tls::{self, AnotherKey},
};

/// How long an address may be silent until the next address of the server is tried as well.
const NEXT_ADDRESS: Duration = Duration::from_millis(100);

pub(super) type Sender = SendRequest<Full<Bytes>>;

/// The servers, numbered from 0 in their given order.
pub(super) struct Servers {
    all: Vec<Server>,
    proxy: Option<Proxy>,
    tls: TlsConnector,
}

struct Server {
    address: String,
    name: ServerName<'static>,
}

impl Servers {
    /// The servers of `way`. The error says which address is invalid, or why TLS can't be set up.
    pub(super) fn new(way: &Way) -> Result<Self, String> {
        let config: ClientConfig = tls::client(&way.key, way.pins.clone()).map_err(|why| why.to_string())?;
        let all = way.servers.iter().map(|address| server(address)).collect::<Result<_, _>>()?;
        let proxy = way.proxy.as_deref().map(Proxy::new).transpose()?;
        Ok(Self { all, proxy, tls: TlsConnector::from(Arc::new(config)) })
    }

    pub(super) const fn len(&self) -> usize {
        self.all.len()
    }

    /// The address of `server`, as `host:port`; empty if there is no such server.
    pub(super) fn address(&self, server: usize) -> &str {
        self.all.get(server).map_or("", |server| server.address.as_str())
    }

    /// The number of the server at `address`.
    pub(super) fn of_address(&self, address: &str) -> Option<usize> {
        self.all.iter().position(|server| server.address == address)
    }

    /// Opens a connection to `server`. The server has proved that it owns the key of a pin.
    pub(super) async fn connect(self: Arc<Self>, server: usize) -> io::Result<Sender> {
        let server = self.all.get(server).ok_or(io::ErrorKind::NotFound)?;
        let stream = match &self.proxy {
            Some(proxy) => {
                let unreachable = |why| io::Error::other(format!("{proxy} can't be reached: {why}"));
                proxy.connect(dialled(proxy.address()).await.map_err(unreachable)?, &server.address).await?
            }
            None => dialled(&server.address).await?,
        };
        let stream = self.tls.connect(server.name.clone(), stream).await.map_err(in_words)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
        tokio::spawn(async move {
            // The sender reports how the connection ended.
            let _ = connection.await;
        });
        Ok(sender)
    }
}

/// Connects to `address`, by each of its addresses in turn.
async fn dialled(address: &str) -> io::Result<TcpStream> {
    let addresses = alternating(lookup_host(address).await?.collect());
    let tries = addresses.into_iter().map(TcpStream::connect).collect();
    let stream = match race::first(tries, NEXT_ADDRESS).await.0 {
        Ok((_, stream)) => stream,
        Err(why) => return Err(why.unwrap_or_else(|| io::ErrorKind::AddrNotAvailable.into())),
    };
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The error in words. A key without a pin gets a message of its own; other errors keep the system's.
fn in_words(why: io::Error) -> io::Error {
    let tls = why.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let Some(rustls::Error::InvalidCertificate(fault)) = tls else { return why };
    let issuer = match fault {
        CertificateError::Other(fault) => fault.0.downcast_ref::<AnotherKey>().and_then(|key| key.issuer.clone()),
        _ => None,
    };
    let text = "it has another key than the one that this host was told";
    io::Error::other(match issuer {
        Some(issuer) => {
            format!("{text}, with a certificate that is issued by {issuer:?}: something opens TLS on the way")
        }
        None => format!("{text}; something may stand between"),
    })
}

/// The addresses, alternating between IPv6 and IPv4, beginning with the family of the first address.
fn alternating(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let six = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, other): (Vec<_>, Vec<_>) = addresses.into_iter().partition(|address| address.is_ipv6() == six);
    let (mut first, mut other) = (first.into_iter(), other.into_iter());
    let mut all = Vec::new();
    loop {
        let two = [first.next(), other.next()];
        if two.iter().all(Option::is_none) {
            return all;
        }
        all.extend(two.into_iter().flatten());
    }
}

fn server(address: &str) -> Result<Server, String> {
    let wrong = || format!("{address:?} is no host with a port");
    let (host, port) = address.rsplit_once(':').ok_or_else(wrong)?;
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let port: u16 = port.parse().map_err(|_| wrong())?;
    let name = ServerName::try_from(host.to_owned()).map_err(|_| wrong())?;
    if port == 0 {
        return Err(wrong());
    }
    Ok(Server { address: address.to_owned(), name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_families_of_addresses_are_tried_in_turn() {
        let all = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<SocketAddr>>();
        let tried = alternating(all(&["[2001:db8::1]:1", "[2001:db8::2]:1", "192.0.2.1:1", "192.0.2.2:1"]));
        assert_eq!(tried, all(&["[2001:db8::1]:1", "192.0.2.1:1", "[2001:db8::2]:1", "192.0.2.2:1"]));
        assert_eq!(alternating(all(&["192.0.2.1:1"])), all(&["192.0.2.1:1"]));
    }

    #[test]
    fn a_server_is_a_name_or_an_address_with_a_port() {
        for good in ["reset.example.org:7142", "192.0.2.1:7142", "[2001:db8::1]:7142"] {
            assert!(server(good).is_ok(), "{good}");
        }
        for bad in ["", "reset.example.org", "reset.example.org:0", "a b:1", ":7142", "x:70000"] {
            assert!(server(bad).is_err(), "{bad}");
        }
    }
}
