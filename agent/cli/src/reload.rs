//! Makes the agent read its settings again, and waits for the result.

use std::time::Duration;

use sspr_config::bus;

use crate::failure::Failure;

/// The agent reads a few files; if that takes longer, it is stuck.
const PATIENCE: Duration = Duration::from_secs(20);

/// The result of a reload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reloaded {
    /// The new settings are in force.
    Done,
    /// The agent does not run.
    NotRunning,
    /// The settings have this fault, and the old ones stay in force.
    Kept(String),
}

/// Asks the agent on the bus at `address`.
pub async fn ask(address: &str) -> Result<Reloaded, Failure> {
    let exchange = async {
        let connection = zbus::connection::Builder::address(address).build().await?;
        connection.call_method(Some(bus::AGENT), bus::AGENT_PATH, Some(bus::SETTINGS), "Reload", &()).await
    };
    let answer = tokio::time::timeout(PATIENCE, exchange)
        .await
        .map_err(|_| Failure::Unreachable("the agent does not answer; see: systemctl status sspr-agent".into()))?;
    match answer {
        Ok(_) => Ok(Reloaded::Done),
        Err(zbus::Error::MethodError(name, detail, _)) if name.as_str() == "org.pam_sspr.Error.Settings" => {
            Ok(Reloaded::Kept(detail.unwrap_or_default()))
        }
        Err(zbus::Error::MethodError(_, detail, _)) => {
            Err(Failure::Refused(format!("the agent refused: {}", detail.unwrap_or_default())))
        }
        // zbus has separate variants for these names.
        Err(zbus::Error::FDO(error))
            if matches!(*error, zbus::fdo::Error::ServiceUnknown(_) | zbus::fdo::Error::NameHasNoOwner(_)) =>
        {
            Ok(Reloaded::NotRunning)
        }
        Err(error) => Err(Failure::Unreachable(format!("the bus can't be reached: {error}"))),
    }
}
