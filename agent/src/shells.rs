//! The agent's second connection, for users in shells and for screen lockers. It has its own name, its own queue at
//! the bus, and its own thread, so that no amount of calls there holds up a sign-in.

use std::{io, thread, time::Duration};

use sspr_config::bus;
use tokio::{
    sync::{Notify, oneshot},
    time::timeout,
};
use zbus::{Connection, connection::Builder};

use crate::transport::{bus::Service, helpdesk::HelpDeskService};

/// How long the start of the agent waits for the connection.
const FIRST: Duration = Duration::from_secs(5);
/// How long until a lost or failed connection is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// The connection; it is tried again as long as the agent runs.
#[derive(Debug)]
pub struct Shells {
    stop: std::sync::Arc<Notify>,
    stopped: oneshot::Receiver<()>,
}

impl Shells {
    /// Serves `service` and `desk` at `address`, and returns once it has its name, or after a while without it, for
    /// example if an administrator's own bus policy does not have the name yet. Sign-ins do not depend on it.
    pub async fn open(address: String, service: Service, desk: HelpDeskService) -> io::Result<Self> {
        let stop = std::sync::Arc::new(Notify::new());
        let (ready, first) = oneshot::channel();
        let (ended, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let stopping = stop.clone();
        thread::Builder::new().name("shells".into()).spawn(move || {
            runtime.block_on(async {
                let _connection = keep_open(&address, (&service, &desk), ready, &stopping).await;
                let _ = ended.send(());
                // Work that is under way here, such as a change of a password, goes on and is answered until the
                // program ends.
                std::future::pending::<()>().await;
            });
        })?;
        if timeout(FIRST, first).await.is_err() {
            tracing::error!("people in shells are not served yet");
        }
        Ok(Self { stop, stopped })
    }

    /// Releases the name: new callers learn that it has no owner.
    pub async fn close(self) {
        self.stop.notify_one();
        let _ = timeout(FIRST, self.stopped).await;
    }
}

/// Waits until it has to be closed; then returns the connection, if there is one.
async fn keep_open(
    address: &str,
    served: (&Service, &HelpDeskService),
    ready: oneshot::Sender<()>,
    stop: &Notify,
) -> Option<Connection> {
    let mut ready = Some(ready);
    loop {
        match connect(address, served).await {
            Ok(connection) => {
                if let Some(ready) = ready.take() {
                    let _ = ready.send(());
                } else {
                    tracing::info!("people in shells are served again");
                }
                tokio::select! {
                    () = connection.closed() => tracing::warn!("the connection for people in shells was lost"),
                    () = stop.notified() => {
                        let _ = connection.release_name(bus::PEOPLE).await;
                        return Some(connection);
                    }
                }
            }
            Err(error) => {
                // Only once: an administrator's own bus policy that refuses the name stays as it is.
                if let Some(ready) = ready.take() {
                    tracing::error!(%error, "people in shells can't be served: the agent does not get the name {}: {error}", bus::PEOPLE);
                    let _ = ready.send(());
                }
            }
        }
        if timeout(AGAIN, stop.notified()).await.is_ok() {
            return None;
        }
    }
}

async fn connect(address: &str, (service, desk): (&Service, &HelpDeskService)) -> zbus::Result<Connection> {
    let connection = Builder::address(address).build().await?;
    connection.object_server().at(bus::AGENT_PATH, service.for_people()).await?;
    connection.object_server().at(bus::AGENT_PATH, desk.clone()).await?;
    bus::own(&connection, bus::PEOPLE).await?;
    Ok(connection)
}
