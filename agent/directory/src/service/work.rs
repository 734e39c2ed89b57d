//! What the verbs do, once the caller is admitted.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sspr_config::{
    credential::{Change, Error, Verdict},
    dialogue::ANSWER_MAX,
    directory::{Person, TURN_MAX},
    sealed,
    settings::{self, Settings},
};
use sspr_machine::{
    kept,
    tries::{self, Kind},
    witness::{self, What, Who},
};
use tokio::time::Instant;
use zbus::OwnedFd;
use zeroize::Zeroizing;

use super::{Reading, Service};
use crate::{
    directory::{Directory, Times},
    secret,
};

/// The file name in errors about settings that are only tried.
const TRIED: &str = "the new settings";
/// At least this many users are returned by one call, if more follow: each call costs a check of the caller and a look at
/// the settings here, and a transaction at the agent.
const TOGETHER: usize = 400;
/// A caller does not wait longer than this for more of them.
const TOGETHER_MAX: Duration = Duration::from_secs(2);

impl Service {
    fn settings(&self) -> Result<Settings, Error> {
        kept::load(&self.options.config, &self.options.runtime)
    }

    /// The directory with the current settings.
    pub(super) fn directory(&self) -> Result<Directory, Error> {
        self.directory_with(&self.settings()?)
    }

    fn directory_with(&self, settings: &Settings) -> Result<Directory, Error> {
        let directory = Directory::new(settings, self.options.credentials.as_deref(), Times::default())?;
        Ok(directory.with_runtime(self.runtime()).with_order(Arc::clone(&self.order)))
    }

    /// The directory with settings that are not in the files yet.
    pub(super) fn directory_to_be(&self, settings: &str, password: Zeroizing<Vec<u8>>) -> Result<Directory, Error> {
        let unavailable = |why: String| Error::Unavailable(why);
        let settings = settings::parse(settings, Path::new(TRIED)).map_err(|why| unavailable(why.to_string()))?;
        let directory = self.directory_with(&settings)?;
        if password.is_empty() {
            return Ok(directory);
        }
        secret::first_line(&password)
            .ok_or_else(|| unavailable("the password has characters that can't be typed".to_owned()))?;
        Ok(directory.with_password(password))
    }

    pub(super) fn runtime(&self) -> &Path {
        &self.options.runtime
    }

    /// The next users, and the handle for those after them. An error ends the list.
    pub(super) async fn page_of_people(&self, handle: &str) -> Result<(Vec<Person>, String), Error> {
        let mut held = self.reading.lock().await;
        let settings = self.settings()?;
        let mut reading = match held.take() {
            former if handle.is_empty() => {
                if let Some(former) = former {
                    former.going.close().await;
                }
                let directory = self.directory_with(&settings)?;
                let going = directory.begin_people().await?;
                Reading { settings, directory, going }
            }
            Some(reading) if reading.going.handle() == handle && reading.settings == settings => reading,
            // Who is served was decided by the former settings when the list began.
            Some(reading) if reading.going.handle() == handle => {
                reading.going.close().await;
                return Err(Error::Unavailable("the settings changed; the list begins again".to_owned()));
            }
            // The other reader continues.
            other => {
                *held = other;
                return Err(Error::Unavailable("another has begun to read everybody, or it took too long".to_owned()));
            }
        };
        let (start, mut all) = (Instant::now(), Vec::new());
        loop {
            let (people, next) = reading.directory.next_people(reading.going).await?;
            all.extend(people);
            let Some(going) = next else { return Ok((all, String::new())) };
            reading.going = going;
            if all.len() >= TOGETHER || start.elapsed() >= TOGETHER_MAX {
                let handle = reading.going.handle().to_owned();
                *held = Some(reading);
                return Ok((all, handle));
            }
        }
    }

    pub(super) async fn look_and_verify(&self, user: &str, password: &OwnedFd) -> Result<bool, Error> {
        let password = secret(password)?;
        let directory = self.directory()?;
        let found = {
            let _look = self.turns.look()?;
            directory.find(user).await?
        };
        let Some(found) = found.filter(|found| found.account.verdict == Verdict::Eligible) else { return Ok(false) };
        let id = &found.account.id;
        // The tries of an account are counted one after another, even if they come at the same time.
        let _turn = self.turns.take(id, Instant::now() + TURN_MAX).await?;
        tries::room(self.runtime(), Kind::Verify, id, tries::now())?;
        let right = directory.is_right(&found, &password).await?;
        if !right {
            let refused = tries::refused(self.runtime(), Kind::Verify, id, tries::now())?;
            tracing::warn!(?user, refused, "verify: a wrong password, number {refused} of this account in an hour");
        }
        Ok(right)
    }

    pub(super) async fn change_in_turn(
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
        let who = || Who::Entry(id.to_owned());
        let began = AtomicBool::new(false);
        // The entry was found by now, and is the one that the caller means. A change that can't be recorded by the
        // witness is not made.
        let go_on = async {
            still_there.await?;
            self.witness(What::Trying(who()))?;
            began.store(true, Ordering::Relaxed);
            Ok(())
        };
        let outcome = self.directory()?.change(user, id, &password, go_on).await;
        match &outcome {
            _ if !began.load(Ordering::Relaxed) => {}
            Ok(Change::Changed | Change::ChangedWithWarning(_)) => self.witnessed(What::Changed(who())),
            // The result is not known. The agent can ask for it.
            Err(Error::Failed(_)) => {}
            Ok(Change::Refused(_) | Change::Same) | Err(_) => self.witnessed(What::Unchanged(who())),
        }
        let outcome = outcome?;
        if matches!(outcome, Change::Refused(_) | Change::Same) {
            tries::refused(self.runtime(), Kind::Change, id, tries::now())?;
        }
        Ok(outcome)
    }

    /// Checks the result of a change. The call counts like a verified password, whether it is correct or wrong: it
    /// reveals as much.
    pub(super) async fn look_what_came(&self, user: &str, id: &str, password: &OwnedFd) -> Result<bool, Error> {
        let password = secret(password)?;
        let _turn = self.turns.take(id, Instant::now() + TURN_MAX).await?;
        tries::room(self.runtime(), Kind::Verify, id, tries::now())?;
        tries::refused(self.runtime(), Kind::Verify, id, tries::now())?;
        let changed = self.directory()?.went_through(user, id, &password).await?;
        let who = Who::Entry(id.to_owned());
        self.witnessed(if changed { What::Changed(who) } else { What::Unchanged(who) });
        Ok(changed)
    }

    fn witness(&self, what: What) -> Result<(), Error> {
        witness::add(&self.options.witness, what, witness::now())
    }

    /// Records a completed action. The action can't be undone if the record can't be written; the journal has it
    /// anyway.
    pub(super) fn witnessed(&self, what: What) {
        if let Err(why) = self.witness(what) {
            tracing::error!(%why, "what was done is in the journal alone: {why}");
        }
    }
}

fn secret(fd: &OwnedFd) -> Result<Zeroizing<Vec<u8>>, Error> {
    sealed::read_password(fd, ANSWER_MAX).map_err(Error::BadSecret)
}
