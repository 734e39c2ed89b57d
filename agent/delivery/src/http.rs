//! Requests to gateways: no redirects, no proxy except that of the settings, a deadline, and a maximum size of the
//! answer.

use std::time::Duration;

use jiff::{Timestamp, fmt::rfc2822};
use reqwest::{
    Client, Method, RequestBuilder, Response, StatusCode, Url,
    header::{HeaderMap, RETRY_AFTER},
    redirect,
};

use super::{
    DeliveryError, DeliverySetupError, Trust,
    certificate::Noted,
    file,
    gateway::Setup,
    proxy::{Proxy, Target},
    reach, tls, trouble,
};

/// The most bytes of an answer that are read.
const ANSWER_MAX: usize = 64 * 1024;
/// The longest wait that a gateway may ask for.
const AFTER_MAX: Duration = Duration::from_hours(1);

/// How long to wait for the body of an answer whose status is enough.
const BODY_DEADLINE: Duration = Duration::from_secs(2);

/// How long a connection is kept for the next request.
const IDLE_MAX: Duration = Duration::from_secs(5);

/// Clients that are kept from one request to the next: reading certificates takes a while, and so does a handshake.
#[derive(Debug, Default)]
pub(super) struct Clients {
    encrypted: Option<(Client, Noted)>,
    plain: Option<(Client, Noted)>,
}

#[derive(Debug)]
pub(super) struct Door {
    /// The gateway's name in errors.
    pub(super) name: &'static str,
    trust: Trust,
    proxy: Option<Proxy>,
    deadline: Duration,
}

/// The beginning of the gateway's answer.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) after: Option<Duration>,
    response: Response,
}

impl Door {
    /// The connection that `[phone]` describes, for the gateway with that name, or Entra.
    pub(super) fn of(name: &'static str, setup: &Setup<'_>) -> Result<Self, DeliverySetupError> {
        let (phone, around) = (&setup.settings.phone, setup.around);
        let trust = match &phone.ca_file {
            Some(path) => around.trust.clone().with(path).map_err(|why| file(path, why))?,
            None => around.trust.clone(),
        };
        let proxy = Proxy::of(phone, around.credentials.as_deref())?;
        Ok(Self { name, trust, proxy, deadline: around.gateway_deadline })
    }

    /// Sends the request that `build` makes, and reads the answer with `read`, all within the deadline.
    pub(super) async fn ask<T>(
        &self,
        method: Method,
        url: &str,
        build: impl FnOnce(RequestBuilder) -> RequestBuilder,
        read: impl AsyncFnOnce(Answer) -> Result<T, DeliveryError>,
    ) -> Result<T, DeliveryError> {
        self.ask_by(&mut Clients::default(), method, url, build, read).await
    }

    /// The same with a client that is kept for the next request.
    pub(super) async fn ask_by<T>(
        &self,
        clients: &mut Clients,
        method: Method,
        url: &str,
        build: impl FnOnce(RequestBuilder) -> RequestBuilder,
        read: impl AsyncFnOnce(Answer) -> Result<T, DeliveryError>,
    ) -> Result<T, DeliveryError> {
        let work = async {
            let kept = if is_encrypted(url) { &mut clients.encrypted } else { &mut clients.plain };
            let (client, noted) = match kept {
                Some(kept) => kept,
                None => kept.insert(self.client(url).await?),
            };
            let response = match build(client.request(method, url)).send().await {
                Ok(response) => response,
                Err(error) => return Err(self.trouble(url, &error, noted).await),
            };
            let after = retry_after(response.headers());
            read(Answer { status: response.status(), after, response }).await
        };
        tokio::time::timeout(self.deadline, work).await.unwrap_or_else(|_| Err(self.silent(url)))
    }

    /// Checks the way to the server at `url`, up to its certificate. Sends no request.
    pub(super) async fn look(&self, url: &str, within: Duration) -> Result<(), DeliveryError> {
        let within = within.min(self.deadline);
        match tokio::time::timeout(within, self.open(url, within / 2)).await {
            Ok(opened) => opened.map_err(|words| self.later(&words)),
            Err(_) => Err(self.silent(url)),
        }
    }

    /// Opens a connection, or describes the obstacle in plain words. `within` limits how long a server or a proxy may
    /// keep silent.
    async fn open(&self, url: &str, within: Duration) -> Result<(), String> {
        let Some(target) = target(url) else { return Ok(()) };
        let at = |words: String| format!("{}: {words}", target.host);
        if let Some(proxy) = self.proxy_for(url) {
            let stream = proxy.connect(&target, &self.trust, within).await?;
            return tls::begin(&self.trust, &target.host, stream).await.map(drop).map_err(at);
        }
        let stream = reach::connect(&target.host, target.port, within).await.map_err(at)?;
        if !is_encrypted(url) {
            return Ok(());
        }
        tls::begin(&self.trust, &target.host, stream).await.map(drop).map_err(at)
    }

    /// A server on this machine, which may use no TLS, is reached without a proxy.
    fn proxy_for(&self, url: &str) -> Option<&Proxy> {
        self.proxy.as_ref().filter(|_| is_encrypted(url))
    }

    async fn client(&self, url: &str) -> Result<(Client, Noted), DeliveryError> {
        let encrypted = is_encrypted(url);
        let (config, noted) = if encrypted {
            self.trust.noting_client().await
        } else {
            tls::none().map(|config| (config, Noted::default()))
        }
        .map_err(|words| self.later(&words))?;
        let broken = |_| self.later("the request can't be put together");
        let mut client = Client::builder()
            .tls_backend_preconfigured(config)
            .https_only(encrypted)
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            // Proxies from the environment are not for this program.
            .no_proxy()
            .referer(false)
            .user_agent("pam_sspr")
            .pool_max_idle_per_host(1)
            .pool_idle_timeout(IDLE_MAX);
        if let Some(proxy) = self.proxy_for(url) {
            client = client.proxy(proxy.of_requests().map_err(broken)?);
        }
        Ok((client.build().map_err(broken)?, noted))
    }

    /// Why a request could not be sent. `error` says too little about proxies and names, so the way is checked once
    /// more.
    async fn trouble(&self, url: &str, error: &reqwest::Error, noted: &Noted) -> DeliveryError {
        if error.is_builder() {
            return self.later("the request can't be put together");
        }
        let found = noted.words();
        if error.is_connect()
            && (found.is_none() || self.proxy_for(url).is_some())
            && let Err(words) = self.open(url, self.deadline / 3).await
        {
            return self.later(&words);
        }
        let host = target(url).map(|target| target.host).filter(|_| error.is_connect());
        let at = host.map(|host| format!("{host}: ")).unwrap_or_default();
        self.later(&format!("{at}{}", found.unwrap_or_else(|| trouble::plain(error))))
    }

    fn silent(&self, url: &str) -> DeliveryError {
        let by = self.proxy_for(url).map(|proxy| format!(" by way of the proxy {}", proxy.at())).unwrap_or_default();
        self.later(&format!("{}{by}", trouble::SILENT))
    }

    fn later(&self, words: &str) -> DeliveryError {
        DeliveryError::later(format!("{}: {words}", self.name))
    }

    /// The meaning of an answer that is no success. No failure is final: a fault of an account, a secret or the
    /// settings can be corrected while the code is still valid. The gateway itself has to recognize answers that
    /// refuse the number or the text.
    pub(super) fn refusal(&self, status: StatusCode, after: Option<Duration>, detail: &str) -> DeliveryError {
        let hint = match status {
            s if s.is_redirection() => ": redirects are not followed; correct the url in the settings",
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ": is the account or the token right, and not locked?",
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => ": is the url right?",
            _ => "",
        };
        DeliveryError::Later { why: format!("{} answered {}{detail}{hint}", self.name, status.as_u16()), after }
    }
}

impl Answer {
    /// The body, if it comes soon: the status is enough.
    pub(super) async fn body_soon(self) -> Vec<u8> {
        tokio::time::timeout(BODY_DEADLINE, self.body()).await.unwrap_or_default()
    }

    /// The body, up to 64 KiB, or up to where the connection broke.
    pub(super) async fn body(mut self) -> Vec<u8> {
        let mut body = Vec::new();
        while let Ok(Some(chunk)) = self.response.chunk().await {
            let room = ANSWER_MAX - body.len();
            body.extend(chunk.iter().take(room));
            if chunk.len() >= room {
                break;
            }
        }
        body
    }
}

fn is_encrypted(url: &str) -> bool {
    !url.starts_with("http://")
}

/// Host and port of a URL.
fn target(url: &str) -> Option<Target> {
    let url = Url::parse(url).ok()?;
    let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']').to_owned();
    Some(Target { host, port: url.port_or_known_default()? })
}

/// RFC 9110, 10.2.3: seconds, or a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if let Ok(seconds) = value.parse() {
        Duration::from_secs(seconds)
    } else {
        let at = rfc2822::parse(value).ok()?.timestamp();
        Duration::try_from(at.duration_since(Timestamp::now())).unwrap_or_default()
    };
    Some(wait.min(AFTER_MAX))
}
