//! A proxy on the way to the servers. It gets the name and the port of a server (HTTP CONNECT), and passes bytes on; TLS
//! begins behind it.

use std::{fmt, io};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// The longest answer of a proxy, in bytes.
const MAX: usize = 8 * 1024;
/// How much of its first line is shown, in characters.
const SHOWN: usize = 100;

/// A proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Proxy {
    /// The address as `host:port`.
    address: String,
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the proxy {}", self.address)
    }
}

impl Proxy {
    /// The proxy at `url`, which is `http://host:port`.
    pub(super) fn new(url: &str) -> Result<Self, String> {
        let address = url.strip_prefix("http://").map(|rest| rest.trim_end_matches('/'));
        let is_one = |address: &&str| {
            address.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
        };
        match address.filter(is_one) {
            Some(address) => Ok(Self { address: address.to_owned() }),
            None => Err(format!("{url:?} is no proxy; write it as http://proxy.example.org:3128")),
        }
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Has the proxy at the other end of `stream` connect to `server`.
    pub(super) async fn connect(&self, mut stream: TcpStream, server: &str) -> io::Result<TcpStream> {
        let request = format!("CONNECT {server} HTTP/1.1\r\nHost: {server}\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut head = Vec::with_capacity(MAX);
        while !head.ends_with(b"\r\n\r\n") {
            // One byte at a time: what follows the answer is the server's.
            let mut byte = [0; 1];
            if head.len() >= MAX || stream.read(&mut byte).await? == 0 {
                return Err(io::Error::other(format!("{self} closed the connection, or does not answer in HTTP")));
            }
            head.extend_from_slice(&byte);
        }
        let head = String::from_utf8_lossy(&head);
        let first = head.lines().next().unwrap_or_default();
        let status = first.strip_prefix("HTTP/1.").and_then(|rest| rest.split(' ').nth(1));
        if status.is_some_and(|status| status.len() == 3 && status.starts_with('2')) {
            return Ok(stream);
        }
        let first: String = first.chars().filter(|c| !c.is_control()).take(SHOWN).collect();
        Err(io::Error::other(format!("{self} does not connect to {server}; it answered: {first}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_a_host_with_a_port() {
        for good in ["http://proxy.example.org:3128", "http://[2001:db8::1]:3128/"] {
            assert!(Proxy::new(good).is_ok(), "{good}");
        }
        for bad in ["", "proxy:3128", "https://proxy:3128", "http://proxy", "http://:3128", "http://proxy:x"] {
            assert!(Proxy::new(bad).is_err(), "{bad}");
        }
    }
}
