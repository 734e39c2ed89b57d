//! The PostgreSQL database of a server: where it is, whether this machine may use it, and how it gets what the file of
//! this machine has. `sspr setup --server` and `sspr server migrate` ask on standard input, before the settings name it.

use std::{
    io::{ErrorKind, Read as _},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use serde::de::DeserializeOwned;
use sspr_config::settings::Settings;
use sspr_protocol::database::{Carried, Database as Wanted, Tried};
use tokio::time::timeout;
use zeroize::Zeroizing;

use crate::{
    delivery::secret,
    error::{Error, Result},
    fault::Fault,
    keys::{Keys, Tag, same},
    random::SystemRandom,
    reload::Chosen,
    store::{
        Store,
        carry::{self, Carried as Outcome},
        postgres::{Address, Database},
    },
};

/// The longest question on standard input, in bytes.
const QUESTION_MAX: u64 = 16_384;
/// How long a try may take.
const TRY_MAX: Duration = Duration::from_secs(10);
/// What the host key seals, for a database to know the key by.
const LABEL: &str = "host key";

/// Where the database is that the settings name.
pub fn address(settings: &Settings) -> Result<Option<Address>> {
    let Some(url) = &settings.server.database else { return Ok(None) };
    let password = settings.server.database_password_file.as_deref().map(secret::of).transpose();
    let password = password.map_err(Fault::from)?;
    let wrong = |why: String| Fault::Setting { section: "server", key: "database", why: why.into() };
    Ok(Some(Address::of(url, password.as_ref().map(|password| password.as_str())).map_err(wrong)?))
}

/// Refuses a database that was written with another key than this host's.
pub async fn belongs_to(store: &Store, keys: &Keys, path: PathBuf) -> Result<()> {
    let tag = tag(keys);
    if !store.is_written_with(&tag).await? {
        return Err(Error::OtherHostKey { path });
    }
    store.expect(tag, path);
    Ok(())
}

/// The keys of `store`: those of this host, and those that they took the place of. Refuses a store that another host key
/// sealed.
pub async fn keys_of(store: &Store, keys: Keys, path: PathBuf) -> Result<Keys> {
    let former = store.former_keys().await?;
    match keys.with_former(&former) {
        Ok(keys) if store.opens_with(&keys).await? => Ok(keys),
        Ok(_) | Err(Error::Sealed) => Err(Error::OtherHostKey { path }),
        Err(other) => Err(other),
    }
}

/// What a database knows the host key of `keys` by.
pub fn tag(keys: &Keys) -> Tag {
    keys.mac(LABEL, &[])
}

/// Copies the store in the directory `state` into the database of the settings at `config`.
#[allow(clippy::print_stdout, reason = "the answer to an administrator")]
pub async fn carry_over(config: &Path, state: &Path) -> Result<()> {
    let chosen = Chosen::read(config)?;
    let Some(address) = address(chosen.settings())? else {
        return Err(Error::CarryOver("the settings name no database; set [server] database".into()));
    };
    let database = opened(address, state).await?;
    for (table, rows) in carry::carry_over(&file(state), &database).await? {
        println!("{table}: {rows}");
    }
    println!("Everything was carried over. Each replica needs the same host.key.");
    Ok(())
}

/// Tries the database on standard input, or has it get what is in `state`, and answers on standard output.
pub async fn answer(state: &Path, carries: bool) -> ExitCode {
    // The password passes through its memory.
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    let Some(wanted) = question::<Wanted>() else { return ExitCode::FAILURE };
    let out = std::io::stdout().lock();
    let said = if carries {
        serde_json::to_writer(out, &carried(&wanted, state).await)
    } else {
        serde_json::to_writer(out, &tried(&wanted, state).await)
    };
    if said.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What is asked on standard input, as JSON.
pub(crate) fn question<T: DeserializeOwned>() -> Option<T> {
    let mut question = Zeroizing::new(Vec::with_capacity(usize::try_from(QUESTION_MAX).unwrap_or_default()));
    std::io::stdin().lock().take(QUESTION_MAX).read_to_end(&mut question).ok()?;
    serde_json::from_slice(&question).ok()
}

/// Whether a server on this machine could use the database.
pub async fn tried(wanted: &Wanted, state: &Path) -> Tried {
    let tried = timeout(TRY_MAX, try_out(wanted, state)).await;
    match tried.unwrap_or_else(|_| Err(sqlx::Error::PoolTimedOut.into())) {
        Ok(in_use) => Tried { in_use, ..Tried::default() },
        Err(error) => {
            let (error, fix) = told(&error);
            Tried { error: Some(error), fix: fix.map(str::to_owned), in_use: false }
        }
    }
}

async fn try_out(wanted: &Wanted, state: &Path) -> Result<bool> {
    let trial = Database::try_out(at(wanted)?, &carry::tables()).await?;
    if let Some(tag) = trial.host_key {
        let path = key(state);
        let keys = Keys::load(&path, false, &SystemRandom)?;
        if !same(&self::tag(&keys), &tag) {
            return Err(Error::OtherHostKey { path });
        }
    }
    Ok(trial.in_use)
}

/// Copies the store in the directory `state` into the database, unless that has everything.
pub async fn carried(wanted: &Wanted, state: &Path) -> Carried {
    let done = async {
        let database = opened(at(wanted)?, state).await?;
        carry::carry(&file(state), &database).await
    };
    match done.await {
        Ok(Outcome::Rows(rows)) => {
            let rows = rows.into_iter().map(|(table, rows)| (table.to_owned(), rows)).collect();
            Carried { rows, ..Carried::default() }
        }
        Ok(Outcome::Before) => Carried { before: true, ..Carried::default() },
        Err(error @ Error::MaybeCarriedOver(_)) => Carried { error: Some(error.to_string()), ..Carried::default() },
        Err(error) => {
            Carried { error: Some(format!("nothing was carried over: {}", told(&error).0)), ..Carried::default() }
        }
    }
}

/// Where the wanted database is.
pub(crate) fn at(wanted: &Wanted) -> Result<Address> {
    Address::of(&wanted.url, wanted.password.as_ref().map(|password| password.as_str())).map_err(Error::CarryOver)
}

async fn opened(address: Address, state: &Path) -> Result<Database> {
    let key = key(state);
    if next_key(state).symlink_metadata().is_ok() {
        return Err(Error::CarryOver(
            "the host key was being replaced; first start the agent with the settings from then, without this database"
                .into(),
        ));
    }
    let keys = Keys::load(&key, false, &SystemRandom)?;
    let database = Database::open(address).await?;
    belongs_to(&Store::shared(database.clone()), &keys, key).await?;
    Ok(database)
}

/// The host key in the directory `state`.
pub fn key(state: &Path) -> PathBuf {
    state.join("host.key")
}

/// The key that takes its place, until the store has it.
pub fn next_key(state: &Path) -> PathBuf {
    state.join("host.key.next")
}

/// The SQLite store there.
pub fn file(state: &Path) -> PathBuf {
    state.join("sspr.db")
}

const CERTIFICATE: &str = "the certificate must be valid for the host in the URL, and from an authority that this machine \
                           trusts or that ?sslrootcert=/path/ca.pem names; ?sslmode=disable is for a database on this \
                           machine";

/// What went wrong, and what to do about it.
fn told(error: &Error) -> (String, Option<&'static str>) {
    let Error::Store(error) = error else { return (error.to_string(), None) };
    match error {
        sqlx::Error::PoolTimedOut => (
            "it gives no answer within a second".to_owned(),
            Some("check host and port in the URL, and whether a firewall is in between"),
        ),
        sqlx::Error::Tls(error) => (format!("TLS: {error}"), Some(CERTIFICATE)),
        // So comes a certificate that is not accepted.
        sqlx::Error::Io(error) if error.kind() == ErrorKind::InvalidData => {
            (format!("TLS: {error}"), Some(CERTIFICATE))
        }
        sqlx::Error::Io(error) => (
            error.to_string(),
            Some("check the host in the URL, that PostgreSQL runs there, and that it listens there (listen_addresses)"),
        ),
        sqlx::Error::Database(error) => {
            let fix = match error.code().unwrap_or_default().as_ref() {
                "28P01" => Some("correct the password"),
                "28000" => Some("let this user and machine in, in pg_hba.conf at the database"),
                "3D000" => Some("make it: createdb --owner=USER --encoding=UTF8 --template=template0 NAME"),
                "42501" => Some("make the user the owner: ALTER DATABASE name OWNER TO user"),
                _ => None,
            };
            (error.message().to_owned(), fix)
        }
        error => (error.to_string(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(url: &str) -> Wanted {
        Wanted { url: url.to_owned(), password: Some(Zeroizing::new("s3cret".to_owned())) }
    }

    #[tokio::test]
    async fn a_database_that_can_not_be_used_is_told_with_what_to_do_and_the_password_is_not_repeated() {
        let state = tempfile::tempdir().unwrap();
        for (url, why, fix) in [
            ("postgres://sspr@127.0.0.1:1/sspr?sslmode=disable", "refused", Some("listen_addresses")),
            ("postgres://sspr@localhost/sspr?host=/nonexistent", "No such file", Some("PostgreSQL runs")),
            ("mysql://sspr@localhost/sspr", "does not begin with postgres://", None),
            ("postgres://sspr:s3cret@localhost/sspr", "belongs in a file of its own", None),
        ] {
            let tried = tried(&wanted(url), state.path()).await;
            let error = tried.error.unwrap();
            assert!(error.contains(why) && !error.contains("s3cret"), "{error}");
            assert_eq!(tried.fix.is_some(), fix.is_some(), "{error}");
            assert!(tried.fix.unwrap_or_default().contains(fix.unwrap_or_default()), "{error}");
        }
        assert!(!format!("{:?}", wanted("postgres://sspr@localhost/sspr")).contains("s3cret"));
    }

    #[tokio::test]
    async fn nothing_is_carried_without_the_key_of_this_machine() {
        let state = tempfile::tempdir().unwrap();
        let carried = carried(&wanted("postgres://sspr@127.0.0.1:1/sspr?sslmode=disable"), state.path()).await;
        let error = carried.error.unwrap();
        assert!(error.starts_with("nothing was carried over: the host key"), "{error}");
    }
}
