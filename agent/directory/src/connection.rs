//! A connection to one server: one question at a time, with a limit on all that a server may send and on how long it may take.
//!
//! Written by hand because a reset asks for five operations, one after another, and the server may be anybody until its certificate was
//! looked at. The `ldap3` crate (0.12) ends the task by a panic on many malformed answers, puts no bound on the size of an answer, reads it
//! from its beginning with each piece that arrives, and keeps passwords in buffers that it copies.

use std::{fmt, net::SocketAddr, sync::Arc, time::Duration};

use rustls::{ClientConfig, pki_types::ServerName};
use sspr_config::settings::{DirectorySecurity, DirectoryServer};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpStream, UnixStream, lookup_host},
    time::{Instant, timeout, timeout_at},
};
use tokio_rustls::TlsConnector;
use zeroize::Zeroizing;

use super::{
    ber, certificate,
    message::{self, Answer, Control, Entry, Reply, Request},
};

/// The longest message that is taken, in bytes. The groups of an account in Active Directory take 30 KiB at most.
const MESSAGE_MAX: usize = 256 * 1024;
/// So much may one question bring in all.
const TOTAL_MAX: usize = 1024 * 1024;
/// So many words in between, and pointers to other servers, are passed over.
const ASIDES_MAX: usize = 64;

/// How long a server may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// To be connected to, TLS included.
    pub connect: Duration,
    /// For one operation.
    pub operation: Duration,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The server can't be reached, or is not who it should be: the question was not sent.
    Unreachable(String),
    /// The question was sent, and no whole answer came in time.
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
    received: Zeroizing<Vec<u8>>,
    last_id: u32,
    limits: Limits,
    until: Instant,
    /// After a failure nothing that comes is an answer to what is asked next.
    broken: bool,
    certificate_end: Option<i64>,
}

impl Connection {
    /// Connects to `server`, by TLS as it says. Nothing on it takes longer than `until`.
    pub async fn open(
        server: &DirectoryServer,
        tls: &Arc<ClientConfig>,
        limits: Limits,
        until: Instant,
    ) -> Result<Self, Failure> {
        let end = until.min(Instant::now() + limits.connect);
        let opened = timeout_at(end, Self::connect(server, tls, limits, until)).await;
        opened.unwrap_or_else(|_| Err(Failure::Unreachable("does not answer in time".to_owned())))
    }

    async fn connect(
        server: &DirectoryServer,
        tls: &Arc<ClientConfig>,
        limits: Limits,
        until: Instant,
    ) -> Result<Self, Failure> {
        let unreachable = |why: &dyn fmt::Display| Failure::Unreachable(why.to_string());
        let of = |stream: Box<dyn Stream>| Self {
            stream,
            received: Zeroizing::default(),
            last_id: 0,
            limits,
            until,
            broken: false,
            certificate_end: None,
        };
        let (host, port, security) = match server {
            DirectoryServer::Local(path) => {
                return Ok(of(Box::new(UnixStream::connect(path).await.map_err(|why| unreachable(&why))?)));
            }
            DirectoryServer::Network { host, port, security } => (host, *port, *security),
        };
        let mut stream = tcp(host, port, limits.connect).await.map_err(|why| unreachable(&why))?;
        if security == DirectorySecurity::Plain {
            return Ok(of(Box::new(stream)));
        }
        if security == DirectorySecurity::StartTls {
            stream = start_tls(stream, limits, until).await?;
        }
        let name = ServerName::try_from(host.clone()).map_err(|why| unreachable(&why))?;
        let stream =
            TlsConnector::from(Arc::clone(tls)).connect(name, stream).await.map_err(|why| unreachable(&why))?;
        let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
        let certificate_end = shown.and_then(|shown| certificate::end(shown));
        Ok(Self { certificate_end, ..of(Box::new(stream)) })
    }

    /// When the certificate ends that the server showed, in seconds since 1970.
    pub const fn certificate_end(&self) -> Option<i64> {
        self.certificate_end
    }

    /// Asks, and gives what was found and the answer.
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
            let bytes = self.message().await?;
            total += bytes.len();
            if total > TOTAL_MAX {
                return Err(lost("the server sends too much"));
            }
            let (id, reply) = message::read(&bytes).map_err(|_| lost("an answer that is not LDAP"))?;
            match reply {
                // Number 0 tells that the server ends the connection.
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

    /// The next whole message.
    async fn message(&mut self) -> Result<Zeroizing<Vec<u8>>, Failure> {
        loop {
            if let Some(whole) = whole(&mut self.received)? {
                return Ok(whole);
            }
            self.received.reserve(4096);
            if self.stream.read_buf(&mut *self.received).await.map_err(|why| Failure::Lost(why.to_string()))? == 0 {
                return Err(Failure::Lost("the server ended the connection".to_owned()));
            }
        }
    }

    /// Ends it as is proper; a server that does not care is left.
    pub async fn close(mut self) {
        let bytes = message::unbind(self.last_id + 1);
        let goodbye = async {
            self.stream.write_all(&bytes).await?;
            self.stream.shutdown().await
        };
        let _ = timeout(Duration::from_millis(200), goodbye).await;
    }
}

/// Takes a whole message off what was received, if one is there.
fn whole(received: &mut Zeroizing<Vec<u8>>) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
    let lost = |why: &str| Failure::Lost(why.to_owned());
    let Some((tag, header, length)) = ber::header(received).map_err(|_| lost("an answer that is not LDAP"))? else {
        return Ok(None);
    };
    if tag != ber::SEQUENCE {
        return Err(lost("an answer that is not LDAP"));
    }
    if length > MESSAGE_MAX {
        return Err(lost("the server sends too much"));
    }
    let end = header + length;
    if received.len() < end {
        return Ok(None);
    }
    let rest = Zeroizing::new(received.split_off(end));
    Ok(Some(std::mem::replace(received, rest)))
}

/// One address of `host` after another, each with its share of the time: one that leads nowhere must not take all of it.
async fn tcp(host: &str, port: u16, limit: Duration) -> std::io::Result<TcpStream> {
    let addresses: Vec<SocketAddr> = lookup_host((host, port)).await?.collect();
    let share = limit / u32::try_from(addresses.len().max(1)).unwrap_or(u32::MAX);
    let mut last = std::io::Error::other("the name has no address");
    for address in addresses {
        match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Ok(Err(why)) => last = why,
            Err(_) => last = std::io::Error::other(format!("{address} does not answer in time")),
        }
    }
    Err(last)
}

/// Asks for TLS. What came with the answer came from who knows whom, and would count as said by the server.
async fn start_tls(stream: TcpStream, limits: Limits, until: Instant) -> Result<TcpStream, Failure> {
    let mut plain = Plain { stream, received: Zeroizing::default() };
    let bytes = Request::StartTls.write(1, &[]);
    let unreachable = |why: &dyn fmt::Display| Failure::Unreachable(format!("StartTLS: {why}"));
    let end = until.min(Instant::now() + limits.operation);
    let asked = async {
        plain.stream.write_all(&bytes).await.map_err(|why| unreachable(&why))?;
        loop {
            if let Some(whole) = whole(&mut plain.received).map_err(|why| unreachable(&why))? {
                return Ok(whole);
            }
            let read = plain.stream.read_buf(&mut *plain.received).await.map_err(|why| unreachable(&why))?;
            if read == 0 {
                return Err(unreachable(&"the server ended the connection"));
            }
        }
    };
    let answer = timeout_at(end, asked).await.map_err(|_| unreachable(&"no answer in time"))??;
    match message::read(&answer) {
        Ok((1, Reply::Done(0x78, answer))) if answer.is_success() && plain.received.is_empty() => Ok(plain.stream),
        Ok((1, Reply::Done(0x78, answer))) if !answer.is_success() => {
            Err(unreachable(&format!("the server refuses it: {answer}")))
        }
        _ => Err(unreachable(&"an answer that is not LDAP")),
    }
}

struct Plain {
    stream: TcpStream,
    received: Zeroizing<Vec<u8>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_taken_off_one_by_one_and_a_huge_one_is_refused_by_its_header() {
        let mut received = Zeroizing::new(vec![0x30, 2, 5, 0, 0x30, 0, 0x30]);
        assert_eq!(whole(&mut received).unwrap().unwrap().as_slice(), [0x30, 2, 5, 0]);
        assert_eq!(whole(&mut received).unwrap().unwrap().as_slice(), [0x30, 0]);
        assert_eq!(whole(&mut received), Ok(None));
        assert_eq!(received.as_slice(), [0x30]);
        for bad in [[0x30, 0x83, 0x10, 0, 0].as_slice(), &[0x30, 0x84, 0x7f, 0xff, 0xff, 0xff], b"HTTP/1.1"] {
            assert!(whole(&mut Zeroizing::new(bad.to_vec())).is_err(), "{bad:?}");
        }
    }
}
