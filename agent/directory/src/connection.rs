//! A connection to one server: one request at a time, with limits on how much a server may send and how long it may
//! take.
//!
//! The client is our own, because a reset needs only five operations, one after another, and because the server may be
//! anyone until its certificate is checked. The `ldap3` crate (0.12) ends the task with a panic on many malformed
//! answers, does not limit the size of an answer, parses it from the start with each piece that arrives, and keeps
//! passwords in buffers that it copies.

use std::{fmt, net::SocketAddr, ops::Range, sync::Arc, time::Duration};

use rustls::{ClientConfig, pki_types::ServerName};
use sspr_config::settings::{DirectorySecurity, DirectoryServer};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt as _},
    net::{TcpStream, UnixStream, lookup_host},
    time::{Instant, timeout, timeout_at},
};
use tokio_rustls::TlsConnector;

use super::{
    certificate,
    message::{self, Answer, Control, Entry, Reply, Request},
    received::{Received, Strange},
};

/// The most bytes that one request may bring in all.
const TOTAL_MAX: usize = 1024 * 1024;
/// Why an answer longer than that is refused.
pub const TOO_MUCH: &str = "the server sends too much";
/// The most intermediate messages and referrals that are skipped.
const ASIDES_MAX: usize = 64;

/// How long a server may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The time to connect, TLS included.
    pub connect: Duration,
    /// The time for one operation.
    pub operation: Duration,
}

/// The reason for a missing answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The server can't be reached, or is not the expected one: the request was not sent.
    Unreachable(String),
    /// The request was sent, and no complete answer came in time.
    Lost(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(why) | Self::Lost(why) => f.write_str(why),
        }
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// An open connection.
pub struct Connection {
    stream: Box<dyn Stream>,
    received: Received,
    last_id: u32,
    limits: Limits,
    until: Instant,
    /// Whether a request failed. Then nothing that arrives can answer the next request.
    broken: bool,
    certificate_end: Option<i64>,
    /// The address of the server; `None` if it is on this machine's socket.
    peer: Option<SocketAddr>,
    /// Whether the server's name has no other address.
    is_only: bool,
}

impl Connection {
    /// Connects to `server`, with TLS as configured. The connection is not used after `until`. With `peer`, it connects
    /// to this address of `server`: several servers may share a name, and changes on one of them may not have reached
    /// the others yet.
    pub async fn open_at(
        server: &DirectoryServer,
        peer: Option<SocketAddr>,
        tls: &Arc<ClientConfig>,
        limits: Limits,
        until: Instant,
    ) -> Result<Self, Failure> {
        let end = until.min(Instant::now() + limits.connect);
        let opened = timeout_at(end, Self::connect(server, peer, tls, limits, until)).await;
        opened.unwrap_or_else(|_| Err(Failure::Unreachable("does not answer in time".to_owned())))
    }

    async fn connect(
        server: &DirectoryServer,
        peer: Option<SocketAddr>,
        tls: &Arc<ClientConfig>,
        limits: Limits,
        until: Instant,
    ) -> Result<Self, Failure> {
        let unreachable = |why: &dyn fmt::Display| Failure::Unreachable(why.to_string());
        let of = |stream: Box<dyn Stream>, peer: Option<SocketAddr>, is_only: bool| Self {
            stream,
            received: Received::default(),
            last_id: 0,
            limits,
            until,
            broken: false,
            certificate_end: None,
            peer,
            is_only,
        };
        let (host, port, security) = match server {
            DirectoryServer::Local(path) => {
                let stream = UnixStream::connect(path).await.map_err(|why| unreachable(&why))?;
                return Ok(of(Box::new(stream), None, true));
            }
            DirectoryServer::Network { host, port, security } => (host, *port, *security),
        };
        let (mut stream, is_only) = tcp(host, port, peer, limits.connect).await.map_err(|why| unreachable(&why))?;
        let peer = stream.peer_addr().ok();
        if security == DirectorySecurity::Plain {
            return Ok(of(Box::new(stream), peer, is_only));
        }
        if security == DirectorySecurity::StartTls {
            stream = start_tls(stream, limits, until).await?;
        }
        let name = ServerName::try_from(host.clone()).map_err(|why| unreachable(&why))?;
        let stream =
            TlsConnector::from(Arc::clone(tls)).connect(name, stream).await.map_err(|why| unreachable(&why))?;
        let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
        let certificate_end = shown.and_then(|shown| certificate::end(shown));
        Ok(Self { certificate_end, ..of(Box::new(stream), peer, is_only) })
    }

    /// The address of the server; `None` if it is on this machine's socket.
    pub const fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// Whether no other server can have the same name. If the connection is to a given address, that is not known, and
    /// this is `false`.
    pub const fn is_only(&self) -> bool {
        self.is_only
    }

    /// When the server's certificate expires, in seconds since 1970.
    pub const fn certificate_end(&self) -> Option<i64> {
        self.certificate_end
    }

    /// Sends a request, and returns the entries found and the answer.
    pub async fn ask(&mut self, request: &Request<'_>, controls: &[Control]) -> Result<(Vec<Entry>, Answer), Failure> {
        if self.broken {
            return Err(Failure::Unreachable("the connection is broken".to_owned()));
        }
        self.broken = true;
        let end = self.until.min(Instant::now() + self.limits.operation);
        if end <= Instant::now() {
            return Err(Failure::Unreachable("no time is left".to_owned()));
        }
        self.last_id += 1;
        let bytes = request.write(self.last_id, controls);
        let asked = async {
            self.stream.write_all(&bytes).await.map_err(|why| Failure::Lost(why.to_string()))?;
            self.stream.flush().await.map_err(|why| Failure::Lost(why.to_string()))?;
            self.answer(request).await
        };
        let answered = timeout_at(end, asked).await;
        let answered = answered.unwrap_or_else(|_| Err(Failure::Lost("no answer in time".to_owned())));
        self.broken = answered.is_err();
        answered
    }

    async fn answer(&mut self, request: &Request<'_>) -> Result<(Vec<Entry>, Answer), Failure> {
        let lost = |why: &str| Failure::Lost(why.to_owned());
        let most = match request {
            Request::Search(search) | Request::Page(search) => search.most as usize,
            _ => 0,
        };
        let (mut entries, mut total, mut asides) = (Vec::new(), 0, 0);
        loop {
            let whole = self.message().await?;
            total += whole.len();
            if total > TOTAL_MAX {
                return Err(lost(TOO_MUCH));
            }
            let read = message::read(self.received.message(&whole));
            self.received.take(&whole);
            let (id, reply) = read.map_err(|_| lost("an answer that is not LDAP"))?;
            match reply {
                // Message 0 says that the server ends the connection.
                Reply::Done(_, answer) if id == 0 => {
                    return Err(Failure::Lost(format!("the server hangs up: {answer}")));
                }
                _ if id != self.last_id => return Err(lost("an answer to another question")),
                Reply::Entry(entry) if entries.len() < most => entries.push(entry),
                Reply::Entry(_) => return Err(lost("more entries than were asked for")),
                Reply::Aside if asides < ASIDES_MAX => asides += 1,
                Reply::Aside => return Err(lost("too many referrals")),
                Reply::Done(tag, answer) if tag == request.answered_by() => return Ok((entries, answer)),
                Reply::Done(..) => return Err(lost("an answer to another kind of question")),
            }
        }
    }

    /// Receives the next complete message.
    async fn message(&mut self) -> Result<Range<usize>, Failure> {
        loop {
            if let Some(whole) = self.received.whole().map_err(|why| Failure::Lost(why.why().to_owned()))? {
                return Ok(whole);
            }
            if self.received.more(&mut *self.stream).await.map_err(|why| Failure::Lost(why.to_string()))? == 0 {
                return Err(Failure::Lost("the server ended the connection".to_owned()));
            }
        }
    }

    /// Unbinds and closes the connection, without waiting for a server that does not react.
    pub async fn close(mut self) {
        let bytes = message::unbind(self.last_id + 1);
        let goodbye = async {
            self.stream.write_all(&bytes).await?;
            self.stream.shutdown().await
        };
        let _ = timeout(Duration::from_millis(200), goodbye).await;
    }
}

/// Tries the addresses of `host` in turn, each with its share of the time, so that a dead address does not use up all
/// of it. With `peer`, only this address is tried. Also returns whether all addresses lead to one machine for certain.
async fn tcp(host: &str, port: u16, peer: Option<SocketAddr>, limit: Duration) -> std::io::Result<(TcpStream, bool)> {
    let addresses: Vec<SocketAddr> = match peer {
        Some(peer) => vec![peer],
        None => lookup_host((host, port)).await?.collect(),
    };
    let is_only = peer.is_none() && is_one_machine(&addresses);
    let share = limit / u32::try_from(addresses.len().max(1)).unwrap_or(u32::MAX);
    let mut last = std::io::Error::other("the name has no address");
    for address in addresses {
        match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                let _ = stream.set_nodelay(true);
                return Ok((stream, is_only));
            }
            Ok(Err(why)) => last = why,
            Err(_) => last = std::io::Error::other(format!("{address} does not answer in time")),
        }
    }
    Err(last)
}

/// Whether these addresses of one name lead to one machine for certain. An IPv4 and an IPv6 address may be those of two
/// machines.
fn is_one_machine(addresses: &[SocketAddr]) -> bool {
    let mut ips = addresses.iter().map(SocketAddr::ip);
    let Some(first) = ips.next() else { return true };
    ips.all(|ip| ip == first || ip.is_loopback() && first.is_loopback())
}

/// Starts TLS. Bytes that arrive together with the answer are refused: they come from an unverified server, and would
/// count as sent under encryption.
async fn start_tls(stream: TcpStream, limits: Limits, until: Instant) -> Result<TcpStream, Failure> {
    let (mut stream, mut received) = (stream, Received::default());
    let bytes = Request::StartTls.write(1, &[]);
    let unreachable = |why: &dyn fmt::Display| Failure::Unreachable(format!("StartTLS: {why}"));
    let end = until.min(Instant::now() + limits.operation);
    let asked = async {
        stream.write_all(&bytes).await.map_err(|why| unreachable(&why))?;
        loop {
            if let Some(whole) = received.whole().map_err(|why| unreachable(&why.why()))? {
                return Ok(whole);
            }
            if received.more(&mut stream).await.map_err(|why| unreachable(&why))? == 0 {
                return Err(unreachable(&"the server ended the connection"));
            }
        }
    };
    let whole = timeout_at(end, asked).await.map_err(|_| unreachable(&"no answer in time"))??;
    let answer = message::read(received.message(&whole));
    received.take(&whole);
    match answer {
        Ok((1, Reply::Done(0x78, answer))) if answer.is_success() && received.is_empty() => Ok(stream),
        Ok((1, Reply::Done(0x78, answer))) if !answer.is_success() => {
            Err(unreachable(&format!("the server refuses it: {answer}")))
        }
        _ => Err(unreachable(&Strange::Malformed.why())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_more_connection_leads_to_the_same_machine_wherever_the_name_leads_by_then() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let server = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
            let address = server.local_addr().unwrap();
            let of = |host: &str| DirectoryServer::Network {
                host: host.to_owned(),
                port: address.port(),
                security: DirectorySecurity::Plain,
            };
            let ten = Duration::from_secs(10);
            let (limits, until) = (Limits { connect: ten, operation: ten }, Instant::now() + ten);
            let tls = Arc::new(
                ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                    .with_safe_default_protocol_versions()
                    .unwrap()
                    .with_root_certificates(rustls::RootCertStore::empty())
                    .with_no_client_auth(),
            );
            let first = Connection::open_at(&of("127.0.0.1"), None, &tls, limits, until).await.unwrap();
            let second = Connection::open_at(&of("127.0.0.2"), first.peer(), &tls, limits, until).await.unwrap();
            assert_eq!((first.peer(), second.peer()), (Some(address), Some(address)));
            assert!(first.is_only() && !second.is_only());
        });
    }

    #[test]
    fn a_name_with_several_addresses_may_be_several_machines() {
        for (addresses, is_one) in [
            (&["192.0.2.1:636"][..], true),
            (&["192.0.2.1:636", "192.0.2.1:636"], true),
            (&["127.0.0.1:636", "[::1]:636"], true),
            (&["192.0.2.1:636", "192.0.2.2:636"], false),
            (&["[2001:db8::1]:636", "192.0.2.1:636"], false),
        ] {
            let addresses: Vec<SocketAddr> = addresses.iter().map(|address| address.parse().unwrap()).collect();
            assert_eq!(is_one_machine(&addresses), is_one, "{addresses:?}");
        }
    }
}
