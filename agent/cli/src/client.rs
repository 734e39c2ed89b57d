//! The agent as an administrator's command sees it: one call, one answer.

use serde::{Serialize, de::DeserializeOwned};
use sspr_config::bus;
use sspr_machine::login_uid_in;
use sspr_protocol::admin::{Caller, Label};
use zbus::Connection;

use crate::failure::{Failure, only_root};

/// A connection to the agent, as root.
#[derive(Debug)]
pub struct Client {
    connection: Connection,
    by: String,
}

impl Client {
    /// Connects to the bus at `address`.
    pub async fn connect(address: &str) -> Result<Self, Failure> {
        only_root("admin")?;
        let connection = zbus::connection::Builder::address(address).build().await.map_err(|_| unreachable())?;
        let sudo = std::env::var("SUDO_UID").ok().and_then(|uid| uid.parse().ok());
        let label = Label { login: login_uid_in("/proc/self/loginuid"), sudo };
        let cgroup = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let cgroup = cgroup.lines().find_map(|line| line.strip_prefix("0::/")).unwrap_or_default().to_owned();
        let by =
            serde_json::to_string(&Caller { label, cgroup }).map_err(|error| Failure::Refused(error.to_string()))?;
        Ok(Self { connection, by })
    }

    /// Asks for `what`.
    pub async fn call<T: DeserializeOwned>(&self, member: &str, what: &(impl Serialize + Sync)) -> Result<T, Failure> {
        let what = serde_json::to_string(what).map_err(|error| Failure::Refused(error.to_string()))?;
        let body = (self.by.as_str(), what.as_str());
        let reply =
            self.connection.call_method(Some(bus::AGENT), bus::AGENT_PATH, Some(bus::ADMIN), member, &body).await;
        let reply = reply.map_err(|error| failure(&error))?;
        let body = reply.body();
        let answer: &str = body.deserialize().map_err(|error| failure(&error))?;
        serde_json::from_str(answer)
            .map_err(|error| Failure::Refused(format!("the service's answer is not understood: {error}")))
    }
}

fn unreachable() -> Failure {
    Failure::Unreachable("the service can't be reached. Is sspr-agent running? See: systemctl status sspr-agent".into())
}

fn failure(error: &zbus::Error) -> Failure {
    let zbus::Error::MethodError(name, text, _) = error else { return unreachable() };
    let text = text.clone().unwrap_or_default();
    match name.as_str().strip_prefix("org.pam_sspr.Error.") {
        Some("Malformed") => Failure::Usage(text),
        Some("NotFound") => Failure::NotFound(text),
        Some("Unavailable") => Failure::Unreachable(text),
        Some(_) => Failure::Refused(text),
        None if name.as_str() == "org.freedesktop.DBus.Error.AccessDenied" => {
            Failure::Refused("the bus does not let you ask that; run it with sudo".into())
        }
        None => unreachable(),
    }
}
