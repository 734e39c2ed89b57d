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
    identity::DIRECTORY,
    server::{Bounds, Listener, ServerKey},
    server_keys::ServerKeys,
};
use tokio::{
    sync::{oneshot, watch},
    time::{interval, sleep, timeout},
};

use super::fleet::FleetService;
use crate::{
    fleet::listening::{Listening, State, key_file},
    reloadable::Reloadable,
    snapshot::Snapshot,
};

/// How soon the listener tries again if it can't listen on an address.
const AGAIN: Duration = Duration::from_secs(30);
/// How long calls in progress may take after the listener stops.
const ENDS_WITHIN: Duration = Duration::from_mins(1);
/// How often old answers are forgotten.
const FORGETS: Duration = Duration::from_mins(1);

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
        let path = key_file(&settings, &state.join(DIRECTORY));
        let (mut keys, listener) = match open(&settings, address, &path).await {
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
        listening.is(State::of(bound, &keys));
        let key = listener.key();
        let (end, ends) = watch::channel(false);
        let mut serving = tokio::spawn(listener.serve(service.clone(), ends));
        loop {
            tokio::select! {
                () = reloads.next() => {
                    let now = agent.now().settings.server.clone();
                    if (now.address(), &now.key_file, &now.proxies) != (Some(address), &settings.key_file, &settings.proxies) {
                        break;
                    }
                    again(&path, &key, &mut keys);
                    listening.is(State::of(bound, &keys));
                }
                () = listening.until_keys_change() => {
                    again(&path, &key, &mut keys);
                    listening.is(State::of(bound, &keys));
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

async fn open(settings: &Settings, address: SocketAddr, path: &Path) -> Result<(ServerKeys, Listener), String> {
    let keys = ServerKeys::made(path).map_err(|why| why.to_string())?;
    let listener = Listener::bind(address, &keys.key, Bounds::default()).await.map_err(|why| why.to_string())?;
    Ok((keys, listener.behind(settings.balanced_by())))
}

/// Reads the keys again, and uses another key from now on if there is one. If the files are odd, the keys stay.
fn again(path: &Path, used: &ServerKey, keys: &mut ServerKeys) {
    let replaced = |keys: &ServerKeys| used.replace(&keys.key).map_err(|why| why.to_string());
    match ServerKeys::read(path).map_err(|why| why.to_string()).and_then(|now| replaced(&now).map(|()| now)) {
        Ok(now) => {
            if now.key.pin() != keys.key.pin() {
                tracing::info!("the server has another key for its hosts from now on");
            }
            *keys = now;
        }
        Err(why) => tracing::error!("the server's keys stay as they are: {why}"),
    }
}
