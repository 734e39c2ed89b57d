//! The agent as an administrator's command sees it: one call, one answer. A member of the help desk asks another interface than root.

use serde::{Serialize, de::DeserializeOwned};
use sspr_config::{bus, directory};
use sspr_machine::login_uid_in;
use sspr_protocol::admin::{Caller, Label};
use zbus::Connection;

use crate::failure::{Failure, only_root};

/// A connection to the agent.
#[derive(Debug)]
pub struct Client {
    connection: Connection,
    /// What root says of who sits before it; `None` for the help desk, of which the agent asks the bus.
    by: Option<String>,
}

impl Client {
    /// Connects to the bus at `address`, as root.
    pub async fn connect(address: &str) -> Result<Self, Failure> {
        Self::connect_for(address, "admin").await
    }

    /// Connects as a member of the help desk. Whether the caller is one, the agent says.
    pub async fn connect_to_the_desk(address: &str) -> Result<Self, Failure> {
        let connection = zbus::connection::Builder::address(address).build().await.map_err(|_| unreachable())?;
        Ok(Self { connection, by: None })
    }

    /// Connects as root, for `sspr` with the words `what`.
    pub async fn connect_for(address: &str, what: &str) -> Result<Self, Failure> {
        only_root(what)?;
        let connection = zbus::connection::Builder::address(address).build().await.map_err(|_| unreachable())?;
        let sudo = std::env::var("SUDO_UID").ok().and_then(|uid| uid.parse().ok());
        let label = Label { login: login_uid_in("/proc/self/loginuid"), sudo };
        let cgroup = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let cgroup = cgroup.lines().find_map(|line| line.strip_prefix("0::/")).unwrap_or_default().to_owned();
        let by =
            serde_json::to_string(&Caller { label, cgroup }).map_err(|error| Failure::Refused(error.to_string()))?;
        Ok(Self { connection, by: Some(by) })
    }

    /// Asks for `what`.
    pub async fn call<T: DeserializeOwned>(&self, member: &str, what: &(impl Serialize + Sync)) -> Result<T, Failure> {
        let what = serde_json::to_string(what).map_err(|error| Failure::Refused(error.to_string()))?;
        let (what, path) = (what.as_str(), bus::AGENT_PATH);
        let reply = match &self.by {
            Some(by) => {
                let body = (by.as_str(), what);
                self.connection.call_method(Some(bus::AGENT), path, Some(bus::ADMIN), member, &body).await
            }
            None => self.connection.call_method(Some(bus::PEOPLE), path, Some(bus::HELP_DESK), member, &(what,)).await,
        };
        let reply = reply.map_err(|error| failure(&error))?;
        let body = reply.body();
        let answer: &str = body.deserialize().map_err(|error| failure(&error))?;
        serde_json::from_str(answer)
            .map_err(|error| Failure::Refused(format!("the service's answer is not understood: {error}")))
    }
}

impl Client {
    /// The directory's id of the account called `name`; `None` if there is no such account now. The error says why it can't be told.
    pub async fn id_in_the_directory(&self, name: &str) -> Result<Option<String>, String> {
        let (program, path, interface) = (bus::DIRECTORY, bus::DIRECTORY_PATH, directory::INTERFACE);
        let body = (name,);
        let asked = self.connection.call_method(Some(program), path, Some(interface), "Account", &body);
        let asked = tokio::time::timeout(directory::patience::ACCOUNT, asked).await;
        let reply = asked.map_err(|_| "it does not answer in time".to_owned())?.map_err(|why| why.to_string())?;
        let found: (String, String, u8, bool, bool) = reply.body().deserialize().map_err(|why| why.to_string())?;
        let (_, id, ..) = found;
        Ok(Some(id).filter(|id| !id.is_empty()))
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
