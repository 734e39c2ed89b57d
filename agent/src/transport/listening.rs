//! Listens for the hosts of a fleet while the settings say so.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

use sspr_config::settings::Server as Settings;
use sspr_fleet::{
    Pin,
    identity::{self, SERVER_FILE},
    server::{Bounds, Listener},
};
use tokio::{
    sync::{oneshot, watch},
    time::{interval, sleep, timeout},
};

use super::fleet::FleetService;
use crate::{
    fleet::listening::{Listening, State},
    reloadable::Reloadable,
    snapshot::Snapshot,
};

/// How soon the listener tries again if it can't listen on an address.
const AGAIN: Duration = Duration::from_secs(30);
/// How long calls in progress may take after the listener stops.
const ENDS_WITHIN: Duration = Duration::from_mins(1);
/// How often old answers are forgotten.
const FORGETS: Duration = Duration::from_mins(1);

/// The path of the server's key, if the agent's directory is `state`.
fn key_file(settings: &Settings, state: &Path) -> PathBuf {
    settings.key_file.clone().unwrap_or_else(|| state.join(identity::DIRECTORY).join(SERVER_FILE))
}

/// Listens on a separate thread, so that no number of calls there holds up a sign-in. The returned receiver is notified
/// when the listener has stopped. Fails if the thread or its runtime can't be created.
pub fn apart(
    agent: Reloadable<Snapshot>,
    service: FleetService,
    listening: Listening,
    state: PathBuf,
    stop: watch::Receiver<bool>,
) -> io::Result<oneshot::Receiver<()>> {
    let (ended, stopped) = oneshot::channel();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    thread::Builder::new().name("hosts".into()).spawn(move || {
        runtime.block_on(async {
            run(agent, service, listening, state, stop).await;
            let _ = ended.send(());
            // Work in progress on this thread, such as a password change, goes on until the program ends.
            std::future::pending::<()>().await;
        });
    })?;
    Ok(stopped)
}

/// Listens according to the settings, now and after each reload, until `stop` is true.
async fn run(
    agent: Reloadable<Snapshot>,
    service: FleetService,
    listening: Listening,
    state: PathBuf,
    mut stop: watch::Receiver<bool>,
) {
    let service = Arc::new(service);
    let mut reloads = agent.reloads();
    let mut forgets = interval(FORGETS);
    while !*stop.borrow() {
        let settings = agent.now().settings.server.clone();
        let Some(address) = settings.address() else {
            listening.is(State::default());
            tokio::select! {
                () = reloads.next() => continue,
                _ = stop.wait_for(|stop| *stop) => return,
            }
        };
        let (pin, listener) = match open(&settings, address, &state).await {
            Ok(open) => open,
            Err(why) => {
                tracing::error!("hosts of the fleet are not served: {why}");
                listening.is(State { fault: Some(why), ..State::default() });
                tokio::select! {
                    () = reloads.next() => continue,
                    () = sleep(AGAIN) => continue,
                    _ = stop.wait_for(|stop| *stop) => return,
                }
            }
        };
        let bound = listener.address().ok();
        tracing::info!(address = ?bound, "hosts of the fleet are served");
        listening.is(State { address: bound, pin: Some(pin), fault: None });
        let (end, ends) = watch::channel(false);
        let mut serving = tokio::spawn(listener.serve(service.clone(), ends));
        loop {
            tokio::select! {
                () = reloads.next() => {
                    let now = agent.now().settings.server.clone();
                    if (now.address(), &now.key_file, &now.proxies) != (Some(address), &settings.key_file, &settings.proxies) {
                        break;
                    }
                }
                _ = forgets.tick() => service.forget_old_answers(),
                _ = stop.wait_for(|stop| *stop) => break,
                _ = &mut serving => break,
            }
        }
        listening.is(State { fault: Some("it stops".to_owned()), ..State::default() });
        end.send_replace(true);
        if !serving.is_finished() && timeout(ENDS_WITHIN, &mut serving).await.is_err() {
            serving.abort();
        }
    }
}

async fn open(settings: &Settings, address: SocketAddr, state: &Path) -> Result<(Pin, Listener), String> {
    let key = identity::server_key(&key_file(settings, state)).map_err(|why| why.to_string())?;
    let listener = Listener::bind(address, &key, Bounds::default()).await.map_err(|why| why.to_string())?;
    Ok((key.pin(), listener.behind(settings.balanced_by())))
}
