//! The agent's second connection, for people in shells and screen lockers: under a name of its own, with a queue of its own at
//! the bus, and on a thread of its own. Whatever they send, and however much, is in the way of nobody who signs in.

use std::{io, thread, time::Duration};

use sspr_config::bus;
use tokio::{
    sync::{Notify, oneshot},
    time::timeout,
};
use zbus::{Connection, connection::Builder};

use crate::transport::bus::Service;

/// How long the start of the agent waits for it.
const FIRST: Duration = Duration::from_secs(5);
/// How long until a connection that was lost, or did not come about, is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// The connection; it is tried again for as long as the agent runs.
#[derive(Debug)]
pub struct Shells {
    stop: std::sync::Arc<Notify>,
    stopped: oneshot::Receiver<()>,
}

impl Shells {
    /// Serves `service` at `address`, and returns once it has its name; or after a while without, as where a bus policy of the
    /// administrator's own does not know the name yet. Sign-ins do not depend on it.
    pub async fn open(address: String, service: Service) -> io::Result<Self> {
        let stop = std::sync::Arc::new(Notify::new());
        let (ready, first) = oneshot::channel();
        let (ended, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let stopping = stop.clone();
        thread::Builder::new().name("shells".into()).spawn(move || {
            runtime.block_on(async {
                let _connection = keep_open(&address, &service, ready, &stopping).await;
                let _ = ended.send(());
                // What is under way here, such as a change of a password, goes on and is answered until the program ends.
                std::future::pending::<()>().await;
            });
        })?;
        if timeout(FIRST, first).await.is_err() {
            tracing::error!("people in shells are not served yet");
        }
        Ok(Self { stop, stopped })
    }

    /// Gives the name back: new callers hear that nobody is there.
    pub async fn close(self) {
        self.stop.notify_one();
        let _ = timeout(FIRST, self.stopped).await;
    }
}

/// Until it is to be closed; the connection then, where there is one.
async fn keep_open(address: &str, service: &Service, ready: oneshot::Sender<()>, stop: &Notify) -> Option<Connection> {
    let mut ready = Some(ready);
    loop {
        match connect(address, service).await {
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
                // Once: an own policy of the bus that does not let the agent have the name stays as it is.
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

async fn connect(address: &str, service: &Service) -> zbus::Result<Connection> {
    let connection = Builder::address(address).build().await?;
    connection.object_server().at(bus::AGENT_PATH, service.for_people()).await?;
    bus::own(&connection, bus::PEOPLE).await?;
    Ok(connection)
}
