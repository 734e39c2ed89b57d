//! Requests to gateways: no redirects, no proxy but the one of the settings, a deadline, and answers of a bounded size.

use std::time::Duration;

use jiff::{Timestamp, fmt::rfc2822};
use reqwest::{
    Client, Method, RequestBuilder, Response, StatusCode, Url,
    header::{HeaderMap, RETRY_AFTER},
    redirect,
};

use super::{
    DeliveryError, DeliverySetupError, Surroundings, Trust,
    certificate::Noted,
    file,
    gateway::Setup,
    proxy::{Proxy, Target},
    reach, tls, trouble,
};

/// The most of an answer that is read, in bytes.
const ANSWER_MAX: usize = 64 * 1024;
/// The longest wait that a gateway may ask for.
const AFTER_MAX: Duration = Duration::from_hours(1);

/// How long the body of an answer whose status says it all is waited for.
const BODY_DEADLINE: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(super) struct Door {
    /// The gateway's name in errors.
    pub(super) name: &'static str,
    trust: Trust,
    proxy: Option<Proxy>,
    deadline: Duration,
}

/// The beginning of what the gateway answered.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) after: Option<Duration>,
    response: Response,
}

impl Door {
    /// The way out that `[phone]` describes, for the gateway of that name.
    pub(super) fn of(name: &'static str, setup: &Setup<'_>) -> Result<Self, DeliverySetupError> {
        let (phone, around) = (&setup.settings.phone, setup.around);
        let trust = match &phone.ca_file {
            Some(path) => around.trust.clone().with(path).map_err(|why| file(path, why))?,
            None => around.trust.clone(),
        };
        let proxy = Proxy::of(phone, around.credentials.as_deref())?;
        Ok(Self { name, trust, proxy, deadline: around.gateway_deadline })
    }

    /// A way out that no setting of `[phone]` counts for.
    pub(super) fn direct(name: &'static str, around: &Surroundings) -> Self {
        Self { name, trust: around.trust.clone(), proxy: None, deadline: around.gateway_deadline }
    }

    /// Sends the request that `build` makes, and looks at the answer with `read`, all within the deadline.
    pub(super) async fn ask<T>(
        &self,
        method: Method,
        url: &str,
        build: impl FnOnce(RequestBuilder) -> RequestBuilder,
        read: impl AsyncFnOnce(Answer) -> Result<T, DeliveryError>,
    ) -> Result<T, DeliveryError> {
        let work = async {
            let (client, noted) = self.client(url).await?;
            let response = match build(client.request(method, url)).send().await {
                Ok(response) => response,
                Err(error) => return Err(self.trouble(url, &error, &noted).await),
            };
            let after = retry_after(response.headers());
            read(Answer { status: response.status(), after, response }).await
        };
        tokio::time::timeout(self.deadline, work).await.unwrap_or_else(|_| Err(self.silent(url)))
    }

    /// Whether the way to the server at `url` is open, up to its certificate. Asks it nothing.
    pub(super) async fn look(&self, url: &str, within: Duration) -> Result<(), DeliveryError> {
        let within = within.min(self.deadline);
        match tokio::time::timeout(within, self.open(url, within / 2)).await {
            Ok(opened) => opened.map_err(|words| self.later(&words)),
            Err(_) => Err(self.silent(url)),
        }
    }

    /// Opens a connection, and says in plain words what is in the way. A server or a proxy may keep silent for so long.
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

    /// What is on this machine, and so may speak without TLS, is reached without a proxy.
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
            // None of the environment's, which is not this program's to read.
            .no_proxy()
            .referer(false)
            .user_agent("pam_sspr")
            .pool_max_idle_per_host(0);
        if let Some(proxy) = self.proxy_for(url) {
            client = client.proxy(proxy.of_requests().map_err(broken)?);
        }
        Ok((client.build().map_err(broken)?, noted))
    }

    /// Why a request did not go out. Of a proxy and of names `error` says too little, so the way is looked at once more.
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

    /// What an answer that is no success means for the message: nothing for good, since what is wrong with an account,
    /// a secret or the settings can be mended while the code is still good. It is for the gateway to know the answers
    /// that refuse the number or the text itself.
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
    /// The body, as far as it comes soon: the status said already what counts.
    pub(super) async fn body_soon(self) -> Vec<u8> {
        tokio::time::timeout(BODY_DEADLINE, self.body()).await.unwrap_or_default()
    }

    /// The body, cut off after 64 KiB; what was read until the connection broke.
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
