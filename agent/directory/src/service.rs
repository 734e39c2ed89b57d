//! The program on the bus: who may ask, and gone when idle.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use sspr_config::{
    activity::Activity,
    bus::{DIRECTORY, DIRECTORY_PATH},
    credential::{Change, Error, Verdict},
    dialogue::ANSWER_MAX,
    directory::{Account, Person, PersonOnWire, Row},
    sealed,
    settings::{self, Settings},
};
use sspr_machine::{
    kept,
    serve::{admit, on_demand},
    tries::{self, Kind},
};
use tokio::{
    sync::Mutex,
    time::{Instant, sleep_until},
};
use zbus::{Connection, OwnedFd, message::Header};
use zeroize::Zeroizing;

use super::{
    directory::{Directory, Times, check, people::Going},
    secret,
    turns::{self, Turns},
};

/// A wrong password is answered so long after the question, and so is one for an account that is not eligible.
const WRONG_TAKES: Duration = Duration::from_secs(2);
/// What errors in settings that are only tried are named by.
const TRIED: &str = "the new settings";
/// How long a call waits for others to end.
const TURN_MAX: Duration = Duration::from_secs(3);

/// Where the program listens and what it goes by.
#[derive(Clone, Debug)]
pub struct Options {
    /// D-Bus address.
    pub bus: String,
    /// The settings file.
    pub config: PathBuf,
    /// A directory of its own.
    pub runtime: PathBuf,
    /// Where systemd keeps secrets for it.
    pub credentials: Option<PathBuf>,
    /// So long without a call, and it ends.
    pub idle: Duration,
}

/// Serves until nothing was asked for `options.idle`. Needs a tokio runtime.
pub async fn run(options: Options) -> zbus::Result<()> {
    let activity = Arc::new(Activity::new());
    let idle = options.idle;
    let address = options.bus.clone();
    let turns = Turns::new(turns::AT_ONCE);
    let service = Service { options, activity: Arc::clone(&activity), turns, going: Mutex::default() };
    on_demand(&address, (DIRECTORY, DIRECTORY_PATH), service, &activity, idle).await
}

struct Service {
    options: Options,
    activity: Arc<Activity>,
    turns: Turns,
    /// Whoever reads the list of people, one at a time.
    going: Mutex<Option<Going>>,
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
        // Without the name: at a prompt people type passwords by mistake.
        let found = found.await.inspect_err(|why| tracing::error!(%why, "account: {why}"))?;
        if let Some(why) = found.as_ref().and_then(|found| found.why.as_ref()) {
            tracing::info!(why, "account: not served");
        }
        let Account { name, id, verdict, admin, locked } = found.map_or_else(Account::unknown, |found| found.account);
        Ok((name, id, verdict.to_wire(), admin, locked))
    }

    /// Asks no server and names nobody.
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
        // Right before the write: if whoever asked is gone by then, the person has been told that it is not sure.
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

    /// For a caller that asked for a change and got no answer.
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
            self.directory()?.unlock(&user, &id).await
        }
        .await;
        match &outcome {
            Ok(()) => tracing::info!(?user, id, "unlocked"),
            Err(why) => tracing::error!(?user, id, %why, "unlock: {why}"),
        }
        outcome
    }

    /// A page of the people with contacts. An empty handle begins, and ends what somebody else began.
    #[zbus(out_args("handle", "people"))]
    async fn people(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        handle: String,
    ) -> Result<(String, Vec<PersonOnWire>), Error> {
        let _busy = self.activity.call();
        admit(bus, &header).await?;
        let page = self.page_of_people(&handle).await;
        let (people, next) = page.inspect_err(|why| tracing::error!(%why, "people: {why}"))?;
        Ok((next, people.into_iter().map(Person::to_wire).collect()))
    }

    /// What `sspr doctor` shows of the directory: rows of id, level (0 ok, 1 warn, 2 fail), sentence and fix, see
    /// [`sspr_config::directory`]. Changes nothing and names no person.
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

    /// What [`Self::check`] would show by these settings, with this password; an empty one stands for the one in `password_file`. For
    /// setup, which is root: it tries what it writes before it writes it. Changes and keeps nothing.
    #[zbus(out_args("rows"))]
    async fn try_settings(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        settings: String,
        password: OwnedFd,
    ) -> Result<Vec<(String, u8, String, String)>, Error> {
        let _busy = self.activity.call();
        // It goes to whatever server the caller names.
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

    /// Sessions and keys are the host's. What a note to the owner must not promise is told here.
    #[zbus(out_args("old_password_lives"))]
    async fn aftermath(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        user: String,
        id: String,
    ) -> Result<u32, Error> {
        let _busy = self.activity.call();
        admit(bus, &header).await?;
        let lives = self.directory()?.old_password_lives();
        tracing::info!(?user, id, lives, "aftermath");
        Ok(lives)
    }
}

impl Service {
    fn settings(&self) -> Result<Settings, Error> {
        kept::load(&self.options.config, &self.options.runtime)
    }

    /// By the settings as they are now.
    fn directory(&self) -> Result<Directory, Error> {
        let directory = Directory::new(&self.settings()?, self.options.credentials.as_deref(), Times::default())?;
        Ok(directory.with_runtime(self.runtime()))
    }

    /// By settings that are not in the files.
    fn directory_to_be(&self, settings: &str, password: Zeroizing<Vec<u8>>) -> Result<Directory, Error> {
        let unavailable = |why: String| Error::Unavailable(why);
        let settings = settings::parse(settings, Path::new(TRIED)).map_err(|why| unavailable(why.to_string()))?;
        let directory = Directory::new(&settings, self.options.credentials.as_deref(), Times::default())?;
        let directory = directory.with_runtime(self.runtime());
        if password.is_empty() {
            return Ok(directory);
        }
        secret::first_line(&password)
            .ok_or_else(|| unavailable("the password has characters that can't be typed".to_owned()))?;
        Ok(directory.with_password(password))
    }

    fn runtime(&self) -> &Path {
        &self.options.runtime
    }

    /// The next page, and by what the one after it is asked for. Where it fails, all of it has ended.
    async fn page_of_people(&self, handle: &str) -> Result<(Vec<Person>, String), Error> {
        let mut held = self.going.lock().await;
        let directory = self.directory()?;
        let going = match held.take() {
            former if handle.is_empty() => {
                if let Some(former) = former {
                    former.close().await;
                }
                directory.begin_people().await?
            }
            Some(going) if going.handle() == handle => going,
            // Whoever has it goes on.
            other => {
                *held = other;
                return Err(Error::Unavailable("another has begun to read everybody, or it took too long".to_owned()));
            }
        };
        let (people, next) = directory.next_people(going).await?;
        let handle = next.as_ref().map(|next| next.handle().to_owned()).unwrap_or_default();
        *held = next;
        Ok((people, handle))
    }

    async fn look_and_verify(&self, user: &str, password: &OwnedFd) -> Result<bool, Error> {
        let password = secret(password)?;
        let directory = self.directory()?;
        let found = {
            let _look = self.turns.look()?;
            directory.find(user).await?
        };
        let Some(found) = found.filter(|found| found.account.verdict == Verdict::Eligible) else { return Ok(false) };
        let id = &found.account.id;
        // Its tries are counted one after another, however many are asked at once.
        let _turn = self.turns.take(id, Instant::now() + TURN_MAX).await?;
        tries::room(self.runtime(), Kind::Verify, id, tries::now())?;
        let right = directory.is_right(&found, &password).await?;
        if !right {
            let refused = tries::refused(self.runtime(), Kind::Verify, id, tries::now())?;
            tracing::warn!(?user, refused, "verify: a wrong password, number {refused} of this account in an hour");
        }
        Ok(right)
    }

    async fn change_in_turn(
        &self,
        start: Instant,
        still_there: impl Future<Output = Result<(), Error>> + Send,
        user: &str,
        id: &str,
        password: &OwnedFd,
    ) -> Result<Change, Error> {
        let password = secret(password)?;
        let _turn = self.turns.take(id, start + TURN_MAX).await?;
        tries::room(self.runtime(), Kind::Change, id, tries::now())?;
        let outcome = self.directory()?.change(user, id, &password, still_there).await?;
        if matches!(outcome, Change::Refused(_) | Change::Same) {
            tries::refused(self.runtime(), Kind::Change, id, tries::now())?;
        }
        Ok(outcome)
    }

    /// Counted as a password that is verified, right or wrong: it tells as much.
    async fn look_what_came(&self, user: &str, id: &str, password: &OwnedFd) -> Result<bool, Error> {
        let password = secret(password)?;
        let _turn = self.turns.take(id, Instant::now() + TURN_MAX).await?;
        tries::room(self.runtime(), Kind::Verify, id, tries::now())?;
        tries::refused(self.runtime(), Kind::Verify, id, tries::now())?;
        self.directory()?.went_through(user, id, &password).await
    }
}

fn secret(fd: &OwnedFd) -> Result<Zeroizing<Vec<u8>>, Error> {
    sealed::read_password(fd, ANSWER_MAX).map_err(Error::BadSecret)
}
