//! The PROXY protocol, version 2: how a load balancer says which address a connection comes from
//! (<https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt>).

use std::{
    io,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use ppp::v2::{Addresses, Command, Header};
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// The bytes of the fixed part: the signature, the version and command, the family, and the length of the rest.
const FIXED: usize = 16;
const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
/// The most bytes after the fixed part. Addresses take 36, and the specification wants room for some more.
const REST_MAX: usize = 1024;
/// The shortest time between two warnings of connections without a header.
const WARNS_EVERY: Duration = Duration::from_mins(1);

/// Warns of connections without a header, but not too often: strangers must not fill the journal.
#[derive(Debug, Default)]
pub(crate) struct Warnings(Mutex<Option<(Instant, u64)>>);

impl Warnings {
    /// A connection of `proxy` has no header.
    pub(crate) fn note(&self, proxy: IpAddr, why: &io::Error) {
        if let Some(more) = self.due(Instant::now()) {
            let before =
                if more == 0 { String::new() } else { format!("; {more} more were closed since the last warning") };
            tracing::warn!(%proxy, %why, more, "a load balancer sent no header of the PROXY protocol, version 2{before}");
        }
    }

    /// If it is time for a warning: how many connections there were since the last one.
    fn due(&self, now: Instant) -> Option<u64> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match last.as_mut() {
            Some((at, more)) if now.saturating_duration_since(*at) < WARNS_EVERY => {
                *more += 1;
                None
            }
            _ => last.replace((now, 0)).map_or(Some(0), |(_, more)| Some(more)),
        }
    }
}

/// Reads the header at the beginning of a connection, and nothing after it. Returns the address that the connection
/// comes from; `None` if it is the load balancer's own, such as a health check.
pub(crate) async fn origin(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<IpAddr>> {
    let broken = |why: &str| io::Error::new(io::ErrorKind::InvalidData, why.to_owned());
    let mut header = vec![0; FIXED];
    stream.read_exact(&mut header).await?;
    // The signature is looked at before the length, which would be random otherwise.
    if !header.starts_with(SIGNATURE) {
        return Err(broken("no header of the PROXY protocol, version 2"));
    }
    let [.., high, low] = header[..] else { return Err(broken("no length")) };
    let rest = usize::from(u16::from_be_bytes([high, low]));
    if rest > REST_MAX {
        return Err(broken("the header is too long"));
    }
    header.resize(FIXED + rest, 0);
    stream.read_exact(header.get_mut(FIXED..).unwrap_or_default()).await?;
    let header = Header::try_from(header.as_slice()).map_err(|why| broken(&why.to_string()))?;
    if header.command == Command::Local {
        return Ok(None);
    }
    match header.addresses {
        Addresses::IPv4(from) => Ok(Some(from.source_address.into())),
        Addresses::IPv6(from) => Ok(Some(IpAddr::from(from.source_address).to_canonical())),
        Addresses::Unspecified | Addresses::Unix(_) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use ppp::v2::{Builder, Protocol, Type, Version};

    use super::*;

    fn header(command: Command, addresses: impl Into<Addresses>) -> Vec<u8> {
        let builder = Builder::with_addresses(Version::Two | command, Protocol::Stream, addresses);
        builder.write_tlv(Type::Authority, b"reset.example.org").unwrap().build().unwrap()
    }

    fn pair(source: &str) -> (std::net::SocketAddr, std::net::SocketAddr) {
        let destination = if source.starts_with('[') { "[2001:db8::9]:7142" } else { "192.0.2.9:7142" };
        (source.parse().unwrap(), destination.parse().unwrap())
    }

    #[tokio::test]
    async fn the_address_is_the_callers_and_what_follows_is_left_for_tls() {
        for (source, address) in [
            ("198.51.100.7:40000", "198.51.100.7"),
            ("[2001:db8::7]:40000", "2001:db8::7"),
            ("[::ffff:198.51.100.7]:40000", "198.51.100.7"),
        ] {
            let bytes = [header(Command::Proxy, pair(source)), b"rest".to_vec()].concat();
            let mut stream = bytes.as_slice();
            assert_eq!(origin(&mut stream).await.unwrap(), Some(address.parse().unwrap()));
            assert_eq!(stream, b"rest");
        }
        // A health check.
        let bytes = header(Command::Local, pair("198.51.100.7:40000"));
        assert_eq!(origin(&mut bytes.as_slice()).await.unwrap(), None);
    }

    #[test]
    fn a_warning_comes_once_a_minute_and_says_how_many_connections_had_none() {
        let (warnings, start) = (Warnings::default(), Instant::now());
        let due = |seconds| warnings.due(start + Duration::from_secs(seconds));
        assert_eq!(
            [due(0), due(1), due(59), due(60), due(61), due(200)],
            [Some(0), None, None, Some(2), None, Some(1)]
        );
    }

    #[tokio::test]
    async fn a_connection_without_a_whole_header_is_refused() {
        let whole = header(Command::Proxy, pair("198.51.100.7:40000"));
        let mut long = whole.clone();
        long[14..16].copy_from_slice(&2000_u16.to_be_bytes());
        long.resize(FIXED + 2000, 0);
        for bytes in
            [&whole[..whole.len() - 1], &whole[..8], &long, b"PROXY TCP4 198.51.100.7 192.0.2.9 40000 7142\r\n"]
        {
            assert!(origin(&mut &*bytes).await.is_err(), "{bytes:?}");
        }
    }
}
