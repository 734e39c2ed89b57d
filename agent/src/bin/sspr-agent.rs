//! The sign-in agent: holds the dialogues, keeps the store, sends the messages. Runs as the user `sspr`.

use std::{path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use clap::Parser;
use sspr_agent::{
    busy::Busy,
    clock::SystemClock,
    credential::client::BusCredentials,
    delivery::Deliveries,
    doors::Doors,
    error::{Error, Result},
    keys::Keys,
    logging,
    outbox::{self, Outbox},
    people::SystemPeople,
    random::SystemRandom,
    service::{self, Service},
    settled::Settled,
    store::Store,
    terminal,
    texts::Texts,
};
use sspr_config::{bus, settings};
use tokio::signal::unix::{SignalKind, signal};

/// Holds the dialogues of self-service password reset. Started by systemd; settings are in /etc/sspr/sspr.toml.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The settings file.
    #[arg(long, default_value = settings::PATH)]
    config: PathBuf,
    /// Where the store and the host key are.
    #[arg(long, default_value = "/var/lib/sspr")]
    state: PathBuf,
    /// Where notes for the module are.
    #[arg(long, default_value = sspr_config::settled::DIRECTORY)]
    settled: PathBuf,
    /// The bus.
    #[arg(long, default_value = bus::SYSTEM_BUS)]
    bus: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    logging::start("sspr-agent");
    match run(&arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // On standard error, which systemd takes down for this unit whatever happens: a record that is sent to the journal
            // by a process that ends at once may come too late to be told whose it was.
            terminal::complain(&format!("sspr-agent does not run, sign-ins go on without it: {error}"));
            // EX_CONFIG of sysexits.h; the unit does not restart on it.
            ExitCode::from(if matches!(error, Error::Settings(_) | Error::Delivery(_) | Error::HostKey { .. }) {
                78
            } else {
                1
            })
        }
    }
}

async fn run(arguments: &Arguments) -> Result<()> {
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    let settings = settings::load(&arguments.config)?;
    let host_name = settings
        .email
        .host_name
        .clone()
        .unwrap_or_else(|| rustix::system::uname().nodename().to_string_lossy().into_owned());
    let deliveries = Deliveries::from_settings(&settings, &host_name).map_err(|e| Error::Delivery(e.to_string()))?;
    let path = arguments.state.join("sspr.db");
    let random = SystemRandom;
    let keys = Keys::load(&arguments.state.join("host.key"), !path.exists(), &random)?;
    let store = Store::open(&path).await?;
    let connection = zbus::connection::Builder::address(arguments.bus.as_str()).build().await?;
    let doors = Arc::new(Doors {
        texts: Texts::english()?,
        settings,
        host_name,
        store,
        keys,
        settled: Settled::new(&arguments.settled),
        outbox: Outbox::default(),
        busy: Busy::default(),
        clock: Arc::new(SystemClock),
        random: Arc::new(random),
        credentials: Arc::new(BusCredentials::new(connection.clone())),
        people: Arc::new(SystemPeople),
    });
    let sending = tokio::spawn(outbox::run(doors.clone(), Arc::new(deliveries)));
    let busy = doors.busy.clone();
    service::serve(&connection, Service::new(doors)).await?;
    tracing::info!("ready");
    let mut terminate =
        signal(SignalKind::terminate()).map_err(|source| Error::File { path: "SIGTERM".into(), source })?;
    let mut interrupt =
        signal(SignalKind::interrupt()).map_err(|source| Error::File { path: "SIGINT".into(), source })?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        () = connection.closed() => return Err(Error::Bus(zbus::Error::Failure("the bus closed the connection".into()))),
        _ = sending => return Err(Error::Delivery("the outbox stopped".into())),
    }
    connection.release_name(bus::AGENT).await?;
    // Longer than a change of a password may take; systemd waits for 30 s.
    let _ = tokio::time::timeout(Duration::from_secs(25), busy.settled()).await;
    Ok(())
}
