//! Requests to gateways: no redirects, no proxy, a deadline, and answers of a bounded size.

use std::time::Duration;

use jiff::{Timestamp, fmt::rfc2822};
use reqwest::{
    Client, Method, RequestBuilder, Response, StatusCode,
    header::{HeaderMap, RETRY_AFTER},
    redirect,
};

use super::{DeliveryError, Trust, tls, trouble};

/// The most of an answer that is read, in bytes.
const ANSWER_MAX: usize = 64 * 1024;
/// The longest wait that a gateway may ask for.
const AFTER_MAX: Duration = Duration::from_hours(1);

#[derive(Clone, Debug)]
pub(super) struct Door {
    /// The gateway's name in errors.
    pub(super) name: &'static str,
    pub(super) trust: Trust,
    pub(super) deadline: Duration,
}

/// The beginning of what the gateway answered.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) after: Option<Duration>,
    response: Response,
}

impl Door {
    /// Sends the request that `build` makes, and looks at the answer with `read`, all within the deadline.
    pub(super) async fn ask<T>(
        &self,
        method: Method,
        url: &str,
        build: impl FnOnce(RequestBuilder) -> RequestBuilder,
        read: impl AsyncFnOnce(Answer) -> Result<T, DeliveryError>,
    ) -> Result<T, DeliveryError> {
        let work = async {
            let request = build(self.client(url).await?.request(method, url));
            let response = request.send().await.map_err(|e| self.trouble(&e))?;
            let after = retry_after(response.headers());
            read(Answer { status: response.status(), after, response }).await
        };
        tokio::time::timeout(self.deadline, work)
            .await
            .unwrap_or_else(|_| Err(DeliveryError::later(format!("{}: {}", self.name, trouble::SILENT))))
    }

    async fn client(&self, url: &str) -> Result<Client, DeliveryError> {
        let encrypted = !url.starts_with("http://");
        let config = if encrypted { self.trust.client().await } else { tls::none() };
        let config = config.map_err(|words| DeliveryError::later(format!("{}: {words}", self.name)))?;
        Client::builder()
            .tls_backend_preconfigured(config)
            .https_only(encrypted)
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .user_agent("pam_sspr")
            .pool_max_idle_per_host(0)
            .build()
            .map_err(|e| self.trouble(&e))
    }

    fn trouble(&self, error: &reqwest::Error) -> DeliveryError {
        if error.is_builder() {
            return DeliveryError::later(format!("{}: the request can't be put together", self.name));
        }
        DeliveryError::later(format!("{}: {}", self.name, trouble::plain(error)))
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
