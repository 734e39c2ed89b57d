//! The program on the bus: checks the caller, serves the calls, and exits when idle.

mod work;

use std::{path::PathBuf, sync::Arc, time::Duration};

use sspr_config::{
    activity::Activity,
    bus::{DIRECTORY, DIRECTORY_PATH},
    credential::{Change, Error},
    dialogue::ANSWER_MAX,
    directory::{Account, Person, PersonOnWire, Row, TURN_MAX},
    sealed,
    settings::Settings,
};
use sspr_machine::{
    serve::{admit, on_demand},
    tries::{self, Kind},
    witness::{What, Who},
};
use tokio::{
    sync::Mutex,
    time::{Instant, sleep_until},
};
use zbus::{Connection, OwnedFd, message::Header};

use super::{
    directory::{Directory, check, people::Going},
    order::Order,
    turns::{self, Turns},
};

/// How long the answer takes if the password is wrong or the account is not eligible.
const WRONG_TAKES: Duration = Duration::from_secs(2);

/// The program's address, settings and files.
#[derive(Clone, Debug)]
pub struct Options {
    /// D-Bus address.
    pub bus: String,
    /// The settings file.
    pub config: PathBuf,
    /// The program's own directory.
    pub runtime: PathBuf,
    /// The file with its record of actions, which is the witness of the agent's audit trail.
    pub witness: PathBuf,
    /// The folder in which systemd keeps secrets for the program.
    pub credentials: Option<PathBuf>,
    /// The program exits after this long without a call.
    pub idle: Duration,
}

/// Serves until no call has come for `options.idle`. Needs a tokio runtime.
pub async fn run(options: Options) -> zbus::Result<()> {
    let activity = Arc::new(Activity::new());
    let idle = options.idle;
    let address = options.bus.clone();
    let turns = Turns::new(turns::AT_ONCE);
    let service =
        Service { options, activity: Arc::clone(&activity), turns, order: Arc::default(), reading: Mutex::default() };
    on_demand(&address, (DIRECTORY, DIRECTORY_PATH), service, &activity, idle).await
}

struct Service {
    options: Options,
    activity: Arc<Activity>,
    turns: Turns,
    order: Arc<Order>,
    /// The reader of the list of users; there is only one at a time.
    reading: Mutex<Option<Reading>>,
}

/// A reader of the list of users, and the directory with the settings of its last page.
struct Reading {
    settings: Settings,
    directory: Directory,
    going: Going,
}

#[zbus::interface(interface = "org.pam_sspr.Directory1")]
impl Service {
    #[zbus(out_args("name", "id", "verdict", "admin", "locked"))]
    async fn account(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        user: String,
    ) -> Result<(String, String, u8, bool, bool), Error> {
        let _busy = self.activity.call();
        admit(bus, &header).await?;
        let found = async {
            let _look = self.turns.look()?;
            self.directory()?.find(&user).await
        };
        // The log omits the name: users type passwords at name prompts by mistake.
        let found = found.await.inspect_err(|why| tracing::error!(%why, "account: {why}"))?;
        if let Some(why) = found.as_ref().and_then(|found| found.why.as_ref()) {
            tracing::info!(why, "account: not served");
        }
        let Account { name, id, verdict, admin, locked } = found.map_or_else(Account::unknown, |found| found.account);
        Ok((name, id, verdict.to_wire(), admin, locked))
    }

    /// Why no password can be set; empty if nothing is known. Asks no server and names no account.
    #[zbus(out_args("why"))]
    async fn hindrance(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<String, Error> {
        let _busy = self.activity.call();
        admit(bus, &header).await?;
        Ok(match self.directory() {
            Ok(directory) => directory.hindrance().unwrap_or_default(),
            Err(why) => why.to_string(),
        })
    }

    #[zbus(out_args("right"))]
    async fn verify(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        user: String,
        password: OwnedFd,
    ) -> Result<bool, Error> {
        let _busy = self.activity.call();
        let start = Instant::now();
        admit(bus, &header).await?;
        let outcome = self.look_and_verify(&user, &password).await;
        match &outcome {
            Ok(right) => tracing::info!(?user, right, "verify"),
            Err(why) => tracing::error!(?user, %why, "verify: {why}"),
        }
        if !matches!(outcome, Ok(true)) {
            sleep_until(start + WRONG_TAKES).await;
        }
        outcome
    }

    #[zbus(out_args("outcome", "reason"))]
    async fn change(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        user: String,
        id: String,
        new_password: OwnedFd,
    ) -> Result<(u8, String), Error> {
        let _busy = self.activity.call();
        let start = Instant::now();
        admit(bus, &header).await?;
        // The check comes right before the write. If the caller is gone by then, the user has read that the result is
        // not known.
        let still_there = async { admit(bus, &header).await.map(drop) };
        let outcome = self.change_in_turn(start, still_there, &user, &id, &new_password).await;
        match &outcome {
            Ok(Change::Changed) => tracing::info!(?user, id, "changed"),
            Ok(Change::ChangedWithWarning(why)) => tracing::warn!(?user, id, why, "changed, but: {why}"),
            Ok(Change::Refused(reason)) => tracing::info!(?user, id, reason, "new password refused"),
            Ok(Change::Same) => tracing::info!(?user, id, "new password refused: it is the current one"),
            Err(why) => tracing::error!(?user, id, %why, "change: {why}"),
        }
        outcome.map(Change::to_wire)
    }

    /// Whether a change was made, for a caller that requested it and got no answer.
    #[zbus(out_args("changed"))]
    async fn outcome(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        user: String,
        id: String,
        new_password: OwnedFd,
    ) -> Result<bool, Error> {
        let _busy = self.activity.call();
        admit(bus, &header).await?;
        let outcome = self.look_what_came(&user, &id, &new_password).await;
        match &outcome {
            Ok(changed) => tracing::warn!(?user, id, changed, "looked what came of a change"),
            Err(why) => tracing::error!(?user, id, %why, "looking what came of a change: {why}"),
        }
        outcome
    }

    async fn unlock(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        user: String,
        id: String,
    ) -> Result<(), Error> {
        let _busy = self.activity.call();
        admit(bus, &header).await?;
        let outcome = async {
            let _turn = self.turns.take(&id, Instant::now() + TURN_MAX).await?;
            tries::room(self.runtime(), Kind::Unlock, &id, tries::now())?;
            tries::refused(self.runtime(), Kind::Unlock, &id, tries::now())?;
            self.directory()?.unlock(&user, &id).await?;
            self.witnessed(What::Unlocked(Who::Entry(id.clone())));
            Ok(())
        }
        .await;
        match &outcome {
            Ok(()) => tracing::info!(?user, id, "unlocked"),
            Err(why) => tracing::error!(?user, id, %why, "unlock: {why}"),
        }
        outcome
    }

    /// A page of the users who have contacts. An empty handle begins a new list, and ends the list of another caller.
    #[zbus(out_args("handle", "people"))]
    async fn people(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        handle: String,
    ) -> Result<(String, Vec<PersonOnWire>), Error> {
        let _busy = self.activity.call();
        admit(bus, &header).await?;
        let page = Box::pin(self.page_of_people(&handle)).await;
        let (people, next) = page.inspect_err(|why| tracing::error!(%why, "people: {why}"))?;
        Ok((next, people.into_iter().map(Person::to_wire).collect()))
    }

    /// What `sspr doctor` shows about the directory: rows of id, level (0 ok, 1 warn, 2 fail), sentence and fix, see
    /// [`sspr_config::directory`]. Changes nothing and names no user.
    #[zbus(out_args("rows"))]
    async fn check(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<Vec<(String, u8, String, String)>, Error> {
        let _busy = self.activity.call();
        admit(bus, &header).await?;
        let rows = match self.directory() {
            Ok(directory) => directory.check().await,
            Err(why) => vec![check::settings(&why)],
        };
        Ok(rows.into_iter().map(Row::to_wire).collect())
    }

    /// What [`Self::check`] would show with these settings and this password. An empty password means the one in
    /// `password_file`. Setup, which is root, uses this to try settings before it writes them. Changes and stores
    /// nothing.
    #[zbus(out_args("rows"))]
    async fn try_settings(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        settings: String,
        password: OwnedFd,
    ) -> Result<Vec<(String, u8, String, String)>, Error> {
        let _busy = self.activity.call();
        // The password goes to any server that the caller names, so only root may call.
        if admit(bus, &header).await? != 0 {
            return Err(Error::Denied("only root may ask that".to_owned()));
        }
        let password = sealed::read(&password, ANSWER_MAX).map_err(|why| Error::BadSecret(why.to_string()))?;
        let rows = match self.directory_to_be(&settings, password) {
            Ok(directory) => directory.check().await,
            Err(why) => vec![check::settings(&why)],
        };
        Ok(rows.into_iter().map(Row::to_wire).collect())
    }
}
