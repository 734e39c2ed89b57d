//! The sign-in agent: holds the dialogues, keeps the store, sends the messages. Runs as the user `sspr`.

use std::{path::Path, process::ExitCode, sync::Arc, time::Duration};

use clap::Parser as _;
use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use sspr_agent::{
    admin::{Admin, helpdesk::HelpDesk},
    arguments::Arguments,
    audit::AuditLog,
    audit_writer,
    busy::Busy,
    check,
    clock::{Clock, SystemClock},
    credential::client::BusCredentials,
    database,
    delivery::courier::Courier,
    error::{Error, Result},
    fleet::{self, Fleet, listening::Listening, relay::Relay},
    keys::Keys,
    logging,
    password::strength::{self, Subprocess},
    people::SystemPeople,
    random::SystemRandom,
    rekey,
    reload::{self, Chosen, Reloader, SettingsInterface},
    reloadable::Reloadable,
    sender,
    services::{SIGN_INS_AT_ONCE, Services},
    sessions::Sessions,
    settled::Settled,
    shells::Shells,
    store::{Store, postgres::Database},
    sync,
    targets::{Directory, Local, Targets},
    transport::{
        bus::{self as on_the_bus, AdminService, Service},
        fleet::FleetService,
        helpdesk::HelpDeskService,
        listening,
    },
};
use sspr_config::{
    bus,
    settings::{Settings, SettingsError},
    why::Why,
};
use sspr_core::plain::plain_lines;
use sspr_machine::{agent_user, names};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};

/// What is done on the side, such as reading everybody's groups, is not waited for at the end: it may hang.
const ON_THE_SIDE_MAX: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.judge_password {
        return if strength::answer().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    if arguments.check_settings {
        return check_settings(&arguments.config);
    }
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&error);
            return ExitCode::FAILURE;
        }
    };
    let ended = if arguments.try_database || arguments.carry_into {
        runtime.block_on(database::answer(&arguments.state, arguments.carry_into))
    } else if arguments.replace_key {
        runtime.block_on(rekey::answer(&arguments.config, &arguments.state))
    } else if arguments.carry_over {
        runtime.block_on(database::carry_over(&arguments.config, &arguments.state)).map_or_else(
            |error| {
                match error {
                    Error::MaybeCarriedOver(_) => say(&error.to_string()),
                    _ => say(&format!("nothing was carried over: {error}")),
                }
                ExitCode::FAILURE
            },
            |()| ExitCode::SUCCESS,
        )
    } else {
        runtime.block_on(serve(&arguments))
    };
    runtime.shutdown_timeout(ON_THE_SIDE_MAX);
    ended
}

/// Says whether the settings can stand, to the command that asks.
fn check_settings(config: &Path) -> ExitCode {
    // A name service may hang; who asks does not wait for ever, and nothing is left behind.
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
    match serde_json::to_writer(std::io::stdout().lock(), &check::examine(config)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

async fn serve(arguments: &Arguments) -> ExitCode {
    // Codes and contacts pass through its memory. The limit on cores does not hold for programs that take them by a pipe.
    let hidden = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    logging::start("sspr-agent");
    if let Err(error) = hidden {
        tracing::warn!(%error, "a crash may leave a core file");
    }
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // On standard error, which systemd takes down for this unit whatever happens: a record that is sent to the journal
            // by a process that ends at once may come too late to be told whose it was.
            complain(&error);
            // EX_CONFIG of sysexits.h; the unit does not restart on it.
            ExitCode::from(if has_to_be_mended(&error) { 78 } else { 1 })
        }
    }
}

fn complain(why: &dyn std::fmt::Display) {
    say(&format!("sspr-agent does not run, sign-ins go on without it: {why}"));
}

/// On standard error, without what a terminal would obey.
#[allow(clippy::print_stderr, reason = "where there is no journal yet")]
fn say(line: &str) {
    eprintln!("{}", plain_lines(line));
}

/// Whether an administrator has to change something. A shortage passes, even where it kept a file from being read that the
/// settings name.
fn has_to_be_mended(error: &Error) -> bool {
    match error {
        Error::Settings(SettingsError::File { why, .. }) | Error::User(why) | Error::HostKey { why, .. } => {
            !why.passes()
        }
        Error::Fault(fault) => !fault.passes(),
        Error::Settings(SettingsError::Line { .. })
        | Error::Texts(_)
        | Error::NewerStore { .. }
        | Error::NewerDatabase
        | Error::OtherHostKey { .. } => true,
        _ => false,
    }
}

async fn run(arguments: &Arguments) -> Result<()> {
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    own_user()?;
    let chosen = Chosen::read(&arguments.config)?;
    let Opened { store, keys, clock } = opened(chosen.settings(), &arguments.state).await?;
    store.resume(clock.now()).await?;
    let connection = zbus::connection::Builder::address(arguments.bus.as_str()).build().await?;
    let helper = Arc::new(BusCredentials::new(connection.clone()));
    let people = Arc::new(SystemPeople::default());
    let services = Arc::new(Services {
        store: Arc::new(store),
        keys: Arc::new(keys),
        outbox: Arc::default(),
        audit: AuditLog::new(clock.clone()),
        busy: Busy::default(),
        clock,
        random: Arc::new(SystemRandom),
        targets: Targets::local(Arc::new(Local::new(helper.clone(), people.clone())))
            .with(Arc::new(Directory::new(connection.clone(), helper.clone()))),
        helper,
        people,
        strength: Arc::new(Subprocess::new("/proc/self/exe")),
        syncing: Arc::default(),
        sign_ins: Arc::new(tokio::sync::Semaphore::new(SIGN_INS_AT_ONCE)),
    });
    let agent = Reloadable::new(Arc::new(chosen.snapshot(services.clone(), Settled::new(&arguments.settled))));
    let courier = Courier::start().map_err(|source| Error::File { path: "a thread".into(), source })?;
    let sending = tokio::spawn(sender::run(agent.clone(), courier.handle().clone()));
    tokio::spawn(audit_writer::run(agent.clone()));
    tokio::spawn(sync::run(agent.clone(), courier.handle().clone()));
    let reloader = Reloader::new(arguments.config.clone(), agent.clone());
    // Before the agent has its name: from then on the program listens to signals.
    let mut hangup = listen(SignalKind::hangup(), "SIGHUP")?;
    let mut terminate = listen(SignalKind::terminate(), "SIGTERM")?;
    let mut interrupt = listen(SignalKind::interrupt(), "SIGINT")?;
    connection.object_server().at(bus::AGENT_PATH, SettingsInterface(reloader.clone())).await?;
    let (own, listening) = (Fleet::new(&arguments.state, Path::new(fleet::MACHINE_ID)), Listening::default());
    let admin = Admin::new(agent.clone(), courier.handle().clone()).of_a_fleet(own.clone(), listening.clone());
    connection.object_server().at(bus::AGENT_PATH, AdminService(admin)).await?;
    reload::publish(services.helper.clone());
    let desk = HelpDeskService(HelpDesk::new(agent.clone()));
    let sessions = Sessions::new(agent.clone());
    let (stop, stopping) = watch::channel(false);
    let held = sessions.clone();
    let of_hosts = FleetService::new(agent.clone(), sessions.clone()).announcing(listening.clone());
    let state = arguments.state.clone();
    let mut serving_hosts = listening::apart(agent.clone(), of_hosts, listening, state, stopping)
        .map_err(|source| Error::File { path: "a thread for hosts of the fleet".into(), source })?;
    tokio::spawn(fleet::greeting::run(agent.clone(), own.clone()));
    let service = Service::new(Relay::new(sessions, agent, own));
    // First the people's name: when systemd sees the other one, both are there.
    let shells = Shells::open(arguments.bus.clone(), service.clone(), desk)
        .await
        .map_err(|source| Error::File { path: "a thread for people in shells".into(), source })?;
    on_the_bus::serve(&connection, service).await?;
    tracing::info!("ready");
    let reloads = async {
        while hangup.recv().await.is_some() {
            // What came of it is in the journal.
            let _ = reloader.reload();
        }
    };
    let ended = tokio::select! {
        () = reloads => Ok(()),
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
        () = connection.closed() => Err(Error::Bus(zbus::Error::Failure("the bus closed the connection".into()))),
        path = services.store.has_other_key() => Err(Error::OtherHostKey { path }),
        _ = sending => Err(Error::Stopped("the outbox")),
    };
    if ended.is_ok() {
        connection.release_name(bus::AGENT).await?;
        shells.close().await;
    }
    stop.send_replace(true);
    // Longer than a change of a password may take; systemd waits for 95 s.
    let _ = tokio::time::timeout(Duration::from_secs(90), async {
        let _ = (&mut serving_hosts).await;
        held.give_up_reports();
        services.busy.settled().await;
    })
    .await;
    if let Err(error) = audit_writer::drain(&services).await {
        tracing::error!(%error, "the last audit records are in the journal alone");
    }
    ended
}

/// The store of the settings, the keys that it is sealed with, and the clock that it goes by.
struct Opened {
    store: Store,
    keys: Keys,
    clock: Arc<dyn Clock>,
}

async fn opened(settings: &Settings, state: &Path) -> Result<Opened> {
    let key = database::key(state);
    // For who has to look at it: it may be a credential.
    let used = Keys::path(&key);
    let Some(address) = database::address(settings)? else {
        let path = database::file(state);
        if rekey::is_under_way(state) {
            rekey::settle(&Store::open(&path).await?, state).await?;
        }
        let keys = Keys::load(&key, !path.exists(), &SystemRandom)?;
        let store = Store::open(&path).await?;
        let keys = database::keys_of(&store, keys, used).await?;
        return Ok(Opened { store, keys, clock: Arc::new(SystemClock) });
    };
    let database = Database::open(address.keeping_files_in(state)).await?;
    let (clock, store) = (database.clock(), Store::shared(database));
    if rekey::is_under_way(state) {
        rekey::settle(&store, state).await?;
    }
    let keys = Keys::load(&key, store.is_new().await?, &SystemRandom)?;
    database::belongs_to(&store, &keys, used.clone()).await?;
    let keys = database::keys_of(&store, keys, used).await?;
    Ok(Opened { store, keys, clock })
}

/// Under the agent's name, whether it is the agent's own: a person who has it could set everybody's password.
fn own_user() -> Result<()> {
    let uid = rustix::process::geteuid().as_raw();
    let failed = |error: nix::Error| {
        let error = std::io::Error::from(error);
        Error::User(Why::of(&error, format!("{}: {error}", bus::AGENT_USER)))
    };
    let agent = names::user(bus::AGENT_USER).map_err(failed)?;
    if agent.is_none_or(|agent| agent.uid.as_raw() != uid) {
        return Ok(());
    }
    agent_user::verify(Path::new("/"), uid).map_err(Error::User)
}

fn listen(kind: SignalKind, name: &str) -> Result<Signal> {
    signal(kind).map_err(|source| Error::File { path: name.into(), source })
}

#[cfg(test)]
mod tests {
    use sspr_agent::fault::Fault;

    use super::*;

    #[test]
    fn a_mistake_has_to_be_mended_and_a_shortage_passes() {
        for (number, mended) in
            [(libc::ENOENT, true), (libc::EACCES, true), (libc::EMFILE, false), (libc::ENOSPC, false)]
        {
            let error = std::io::Error::from_raw_os_error(number);
            let why = Why::of(&error, "can't be read");
            assert_eq!(has_to_be_mended(&Error::HostKey { path: "/k".into(), why: why.clone() }), mended, "{error}");
            assert_eq!(has_to_be_mended(&Error::User(why.clone())), mended);
            assert_eq!(has_to_be_mended(&SettingsError::File { path: "/s".into(), why: why.clone() }.into()), mended);
            assert_eq!(has_to_be_mended(&Fault::File { path: "/token".into(), why }.into()), mended);
        }
        assert!(!has_to_be_mended(&Error::Bus(zbus::Error::Failure("gone".into()))));
    }
}
