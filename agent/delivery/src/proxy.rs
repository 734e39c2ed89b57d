//! The proxy of `[phone] proxy`, for networks that allow no direct connection to a gateway (RFC 9110, 9.3.6).

use std::{fmt, path::Path, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sspr_config::settings::{Phone, host_and_port};
use sspr_core::cause::{self, Cause};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    time::timeout,
};
use zeroize::Zeroizing;

use super::{DeliverySetupError, Secret, Trust, reach, secret, setting, tls, trouble};

/// More than a proxy sends before the tunnel is open, in bytes.
const HEAD_MAX: usize = 8 * 1024;

#[derive(Debug)]
pub(super) struct Proxy {
    url: String,
    host: String,
    port: u16,
    /// The user name and the password for the proxy.
    login: Option<(String, Secret)>,
}

/// The destination of a request.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) host: String,
    pub(super) port: u16,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// A connection, encrypted or not.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

impl Proxy {
    /// The proxy of the settings, if there is one.
    pub(super) fn of(phone: &Phone, credentials: Option<&Path>) -> Result<Option<Self>, DeliverySetupError> {
        let Some(url) = &phone.proxy else { return Ok(None) };
        let parts = url.split_once("://").and_then(|(scheme, rest)| {
            let (host, port) = host_and_port(rest.trim_end_matches('/'))?;
            Some((host.to_owned(), port.unwrap_or(if scheme == "https" { 443 } else { 80 })))
        });
        let (host, port) = parts.ok_or_else(|| setting("phone", "proxy", format!("{url:?} has no host")))?;
        let login = match (&phone.proxy_user, &phone.proxy_password_file) {
            (Some(user), Some(file)) => Some((user.clone(), secret::read(file, credentials)?)),
            _ => None,
        };
        Ok(Some(Self { url: url.clone(), host, port, login }))
    }

    /// Its name and port.
    pub(super) fn at(&self) -> String {
        Target { host: self.host.clone(), port: self.port }.to_string()
    }

    /// The same for an HTTP client.
    pub(super) fn of_requests(&self) -> reqwest::Result<reqwest::Proxy> {
        let proxy = reqwest::Proxy::all(&self.url)?;
        Ok(match &self.login {
            Some((user, password)) => proxy.basic_auth(user, &password.0),
            None => proxy,
        })
    }

    /// A connection to `target` through the proxy. An error says in plain words what the proxy has to do with it.
    pub(super) async fn connect(
        &self,
        target: &Target,
        trust: &Trust,
        within: Duration,
    ) -> Result<Box<dyn Stream>, String> {
        let at = self.at();
        let tcp = reach::connect(&self.host, self.port, within).await.map_err(|why| {
            let gone = if why == cause::UNRESOLVED.words { &cause::PROXY_UNRESOLVED } else { &cause::PROXY_GONE };
            format!("{}: {at}: {why}", gone.words)
        })?;
        let mut stream: Box<dyn Stream> = if self.url.starts_with("https://") {
            let begun = tls::begin(trust, &self.host, tcp).await;
            Box::new(begun.map_err(|why| format!("{at}, the proxy: {why}"))?)
        } else {
            Box::new(tcp)
        };
        let asked = timeout(within, self.ask(&mut stream, target)).await;
        let status = asked.map_err(|_| {
            format!("{}: {at} keeps silent about CONNECT {target}: {}", cause::PROXY_FAILS.words, trouble::SILENT)
        })?;
        let cause: &Cause = match (status, &self.login) {
            (None, _) => return Err(format!("{}: {at}", cause::NO_PROXY.words)),
            (Some(200..300), _) => return Ok(stream),
            (Some(407), None) => &cause::PROXY_WANTS_SIGN_IN,
            (Some(407), Some(_)) => &cause::PROXY_PASSWORD,
            (Some(500..600), _) => &cause::PROXY_FAILS,
            _ => &cause::PROXY_REFUSES,
        };
        let status = status.unwrap_or_default();
        Err(format!("{}: {at} answers {status} to CONNECT {target}", cause.words))
    }

    /// Asks for a tunnel to `target`: the status of the answer, if it is an HTTP answer.
    async fn ask(&self, stream: &mut Box<dyn Stream>, target: &Target) -> Option<u16> {
        let mut request = Zeroizing::new(format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n"));
        if let Some((user, password)) = &self.login {
            let plain = Zeroizing::new(format!("{user}:{}", password.0.as_str()));
            request.push_str("Proxy-Authorization: Basic ");
            request.push_str(&Zeroizing::new(STANDARD.encode(plain.as_bytes())));
            request.push_str("\r\n");
        }
        request.push_str("\r\n");
        stream.write_all(request.as_bytes()).await.ok()?;
        stream.flush().await.ok()?;
        let mut head = Vec::new();
        // Whatever follows the head belongs to the target, so nothing more is read.
        while !head.ends_with(b"\r\n\r\n") && head.len() < HEAD_MAX {
            match stream.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => break,
            }
        }
        let head = String::from_utf8_lossy(&head);
        let (version, rest) = head.lines().next()?.split_once(' ')?;
        let status = rest.split(' ').next().filter(|status| status.len() == 3)?;
        version.starts_with("HTTP/1.").then(|| status.parse().ok())?
    }
}
