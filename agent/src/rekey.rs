//! Replaces the host key, `host.key`. The agent does not run meanwhile.
//!
//! The new key is beside the old one, as `host.key.next`, before the store has it. After an interruption, the store says
//! which of them it was sealed with last: each key opens what the one before it handed on.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use sspr_config::{
    dialogue::Purpose,
    settings::{self, AuditJournal},
};
use sspr_machine::birth;
use sspr_protocol::database::{Database as Wanted, Rekeyed};

use crate::{
    audit::{AuditLog, Entry, Event},
    clock::{Clock, SystemClock, Time},
    database::{self, next_key},
    error::{Error, Result},
    keys::{self, Keys},
    logging,
    random::{self, SystemRandom},
    store::{
        Store,
        postgres::Database,
        rekey::{Change, Rekeyed as Counts},
    },
};

fn old(state: &Path) -> PathBuf {
    state.join("host.key.old")
}

/// A name for a key that the store was not sealed with. It is kept all the same: it may be the key of a store that the
/// settings do not name at the moment.
fn unused(state: &Path) -> PathBuf {
    let mut number = 1;
    loop {
        let path = state.join(format!("host.key.unused-{number}"));
        if path.symlink_metadata().is_err() {
            return path;
        }
        number += 1;
    }
}

/// Whether a key was being replaced when its program ended.
pub fn is_under_way(state: &Path) -> bool {
    next_key(state).symlink_metadata().is_ok()
}

/// Goes on with the key that `store` was sealed with, if a program that replaced it was interrupted.
pub async fn settle(store: &Store, state: &Path) -> Result<()> {
    let _only = lock(state)?;
    settle_locked(store, state).await
}

async fn settle_locked(store: &Store, state: &Path) -> Result<()> {
    let Some(key) = keys::read(&next_key(state), false)? else { return Ok(()) };
    if store.took(&Keys::from_host_key(&key)).await? {
        tracing::warn!("the host key was replaced when its program was interrupted; the old one is host.key.old");
        take_over(state)
    } else {
        tracing::warn!("the host key was not replaced, as its program was interrupted");
        let path = unused(state);
        fs::rename(next_key(state), &path).map_err(|source| Error::File { path, source })
    }
}

/// No other program replaces the key while this is held.
fn lock(state: &Path) -> Result<File> {
    let failed = |source| Error::File { path: state.to_owned(), source };
    let directory = File::open(state).map_err(failed)?;
    directory.try_lock().map_err(|why| match why {
        fs::TryLockError::WouldBlock => Error::Rekey("the host key is being replaced now".to_owned()),
        fs::TryLockError::Error(source) => failed(source),
    })?;
    Ok(directory)
}

/// Puts the next key in the place of the old one, which is kept for backups. May be done twice.
fn take_over(state: &Path) -> Result<()> {
    let key = database::key(state);
    let renamed = |from: &Path, to: &Path| match fs::rename(from, to) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(Error::File { path: to.to_owned(), source: e }),
        _ => Ok(()),
    };
    // Where it was interrupted in between, the old key has its place already, and must keep it.
    if next_key(state).exists() {
        let free = if old(state).symlink_metadata().is_err() { old(state) } else { unused(state) };
        renamed(&key, &free)?;
    }
    renamed(&next_key(state), &key)?;
    let synced = File::open(state).and_then(|directory| directory.sync_all());
    synced.map_err(|source| Error::File { path: state.to_owned(), source })?;
    // The new key was made on this machine.
    let _ = fs::remove_file(key.with_file_name(birth::NOTE));
    if let Err(error) = birth::note(&key, Path::new(birth::MACHINE_ID)) {
        tracing::warn!(%error, "on which machine the host key was made is not noted");
    }
    Ok(())
}

/// Replaces the key of the store on standard input, and answers on standard output.
pub async fn answer(config: &Path, state: &Path) -> ExitCode {
    // Contacts pass through its memory.
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    let Some(asked) = database::question::<Option<Wanted>>() else { return ExitCode::FAILURE };
    let said = replace(config, state, asked.as_ref()).await.unwrap_or_else(|error| Rekeyed {
        error: Some(match error {
            Error::MaybeRekeyed(_) => error.to_string(),
            _ => format!("nothing was changed: {error}"),
        }),
        ..Rekeyed::default()
    });
    match serde_json::to_writer(io::stdout().lock(), &said) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Files that the settings name are not read: a credential of the unit is gone while that is stopped.
async fn replace(config: &Path, state: &Path, database: Option<&Wanted>) -> Result<Rekeyed> {
    let settings = settings::load(config)?;
    let _only = lock(state)?;
    let (store, clock): (_, Arc<dyn Clock>) = match database {
        None => (Store::alone(&database::file(state)).await?, Arc::new(SystemClock)),
        Some(wanted) => {
            let database = Database::open(database::at(wanted)?).await?;
            let (clock, store) = (database.clock(), Store::shared(database));
            if store.is_new().await? && database::file(state).exists() {
                return Err(Error::Rekey("the database is empty, and what is registered is in this machine's file; first run: sspr server migrate".to_owned()));
            }
            (store, clock)
        }
    };
    let record = record(clock.now())?;
    let counts = replace_in(&store, state, &record).await?;
    if let Err(error) = store.forget_former_pages().await {
        tracing::warn!(%error, "the store's file may have former contents for a while");
    }
    logging::to_journal("sspr-agent");
    let log = AuditLog::new(clock);
    log.speak_json(settings.audit.journal == AuditJournal::Json);
    log.journal(0, &record);
    Ok(Rekeyed { error: None, contacts: counts.contacts, apps: counts.apps, shared: store.is_shared() })
}

/// Replaces the key of `store`, which no other program uses. Another program must not do the same now.
async fn replace_in(store: &Store, state: &Path, record: &Entry) -> Result<Counts> {
    settle_locked(store, state).await?;
    let path = database::key(state);
    if old(state).symlink_metadata().is_ok() {
        return Err(Error::Rekey(format!(
            "{} is still there, the key that was replaced the last time; move it to the backups from before",
            old(state).display()
        )));
    }
    let Some(key) = keys::read(&path, false)? else {
        return Err(Error::Rekey(format!(
            "{} is missing; if the key is a systemd credential, put it there for the time being",
            path.display()
        )));
    };
    let before = Keys::from_host_key(&key);
    database::belongs_to(store, &before, path.clone()).await?;
    let before = database::keys_of(store, before, path).await?;
    let mut rekeying = store.begin_to_rekey().await?;
    let key = keys::make(&next_key(state), &SystemRandom)?;
    let after = Keys::from_host_key(&key);
    let tags = (database::tag(&before), database::tag(&after));
    let change = Change { old: &before, new: &after, tags };
    let done = rekeying.replace(&change, &SystemRandom, record).await;
    let counts = match done {
        Ok(counts) => counts,
        Err(error) => {
            drop(rekeying);
            let _ = fs::remove_file(next_key(state));
            return Err(error);
        }
    };
    let in_doubt = |why| Error::MaybeRekeyed(Box::new(why));
    rekeying.commit().await.map_err(in_doubt)?;
    take_over(state).map_err(in_doubt)?;
    Ok(counts)
}

fn record(at: Time) -> Result<Entry> {
    Ok(Entry {
        at,
        event: Event::StoreKey.name(Purpose::Status),
        id: Event::StoreKey.id(Purpose::Status),
        correlation: random::handle(&SystemRandom)?,
        actor: "system".to_owned(),
        account: "-".to_owned(),
        realm: crate::account::LOCAL.to_owned(),
        service: "sspr replace-key".to_owned(),
        source: "this machine".to_owned(),
        success: true,
        reason: String::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        account::{Id, Name},
        contact::{Contact, EmailAddress},
        store::{Registrations, sql},
    };

    const NOW: Time = 1_800_000_000;
    const ALICE: Name<'static> = Name::local("alice");

    struct Machine {
        state: tempfile::TempDir,
    }

    impl Machine {
        /// A machine on which alice is registered.
        async fn new() -> Self {
            let machine = Self { state: tempfile::tempdir().unwrap() };
            let keys = Keys::load(&database::key(machine.state()), true, &SystemRandom).unwrap();
            let store = Store::open(&database::file(machine.state())).await.unwrap();
            let mut tx = store.begin().await.unwrap();
            let contact = Contact::Email(EmailAddress::parse("alice@example.org").unwrap());
            Registrations::add_contact(&mut tx, &keys, &SystemRandom, ALICE, Id::from(1001), &contact, NOW)
                .await
                .unwrap();
            tx.commit().await.unwrap();
            machine
        }

        fn state(&self) -> &Path {
            self.state.path()
        }

        async fn store(&self) -> Store {
            Store::alone(&database::file(self.state())).await.unwrap()
        }

        fn key(&self) -> Vec<u8> {
            fs::read(database::key(self.state())).unwrap()
        }

        /// What an agent finds that starts now.
        async fn assert_registered(&self) {
            let store = self.store().await;
            if is_under_way(self.state()) {
                settle(&store, self.state()).await.unwrap();
            }
            let key = database::key(self.state());
            let keys = Keys::load(&key, false, &SystemRandom).unwrap();
            let keys = database::keys_of(&store, keys, key).await.unwrap();
            let alice = Registrations::get(&mut store.begin().await.unwrap(), &keys, ALICE).await.unwrap().unwrap();
            assert_eq!(alice.usable().len(), 1);
            assert!(!is_under_way(self.state()));
        }
    }

    #[tokio::test]
    async fn the_key_is_replaced_and_the_old_one_kept_until_an_administrator_took_it_away() {
        let machine = Machine::new().await;
        let before = machine.key();
        let counts = replace_in(&machine.store().await, machine.state(), &record(NOW).unwrap()).await.unwrap();
        assert_eq!((counts.contacts, counts.apps), (1, 0));
        assert_ne!(machine.key(), before);
        assert_eq!(fs::read(old(machine.state())).unwrap(), before);
        machine.assert_registered().await;
        let error =
            replace_in(&machine.store().await, machine.state(), &record(NOW).unwrap()).await.unwrap_err().to_string();
        assert!(error.contains("host.key.old") && error.contains("move it to the backups"), "{error}");
        fs::remove_file(old(machine.state())).unwrap();
        replace_in(&machine.store().await, machine.state(), &record(NOW).unwrap()).await.unwrap();
        machine.assert_registered().await;
        // The wrong key is found at the start, not when somebody needs it: with the store of today, or one from before.
        fs::rename(old(machine.state()), database::key(machine.state())).unwrap();
        let (store, path) = (machine.store().await, database::key(machine.state()));
        let refused = || async {
            let wrong = Keys::load(&path, false, &SystemRandom).unwrap();
            matches!(database::keys_of(&store, wrong, path.clone()).await, Err(Error::OtherHostKey { .. }))
        };
        assert!(refused().await);
        let mut tx = store.begin().await.unwrap();
        sql::query("DELETE FROM former_key").execute(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        assert!(refused().await);
    }

    #[tokio::test]
    async fn after_an_interruption_the_store_says_which_key_counts() {
        // Before the store had the new key.
        let machine = Machine::new().await;
        let before = machine.key();
        keys::make(&next_key(machine.state()), &SystemRandom).unwrap();
        machine.assert_registered().await;
        assert_eq!(machine.key(), before);
        assert!(machine.state().join("host.key.unused-1").exists());
        // After it had it: with both keys still in their former places, and with the old one moved away.
        for moved in [false, true] {
            let machine = Machine::new().await;
            let before = machine.key();
            replace_in(&machine.store().await, machine.state(), &record(NOW).unwrap()).await.unwrap();
            fs::rename(database::key(machine.state()), next_key(machine.state())).unwrap();
            if !moved {
                fs::rename(old(machine.state()), database::key(machine.state())).unwrap();
            }
            machine.assert_registered().await;
            assert_ne!(machine.key(), before);
            assert_eq!(fs::read(old(machine.state())).unwrap(), before);
        }
    }

    #[tokio::test]
    async fn a_key_outlives_a_start_with_another_store_than_it_was_made_for() {
        let machine = Machine::new().await;
        replace_in(&machine.store().await, machine.state(), &record(NOW).unwrap()).await.unwrap();
        let after = machine.key();
        fs::rename(database::key(machine.state()), next_key(machine.state())).unwrap();
        fs::rename(old(machine.state()), database::key(machine.state())).unwrap();
        settle(&Store::in_memory().await.unwrap(), machine.state()).await.unwrap();
        assert_ne!(machine.key(), after);
        fs::rename(machine.state().join("host.key.unused-1"), next_key(machine.state())).unwrap();
        machine.assert_registered().await;
        assert_eq!(machine.key(), after);
    }

    #[tokio::test]
    async fn a_key_is_not_replaced_twice_at_once_nor_while_an_agent_has_the_store() {
        let machine = Machine::new().await;
        let held = lock(machine.state()).unwrap();
        assert!(lock(machine.state()).unwrap_err().to_string().contains("being replaced now"));
        drop(held);
        let config = machine.state().join("sspr.toml");
        fs::write(&config, "").unwrap();
        let agent = Store::open(&database::file(machine.state())).await.unwrap();
        let tx = agent.begin().await.unwrap();
        let before = machine.key();
        let error = replace(&config, machine.state(), None).await.unwrap_err().to_string();
        assert!(error.contains("locked"), "{error}");
        assert_eq!(machine.key(), before);
        assert!(!is_under_way(machine.state()));
        tx.commit().await.unwrap();
    }

    #[tokio::test]
    async fn what_is_missing_is_named() {
        let machine = Machine::new().await;
        let store = machine.store().await;
        fs::remove_file(database::key(machine.state())).unwrap();
        let error = replace_in(&store, machine.state(), &record(NOW).unwrap()).await.unwrap_err().to_string();
        assert!(error.contains("host.key is missing") && error.contains("systemd credential"), "{error}");
    }
}
