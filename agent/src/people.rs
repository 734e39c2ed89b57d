//! Names and uids. This machine's own accounts, which are the served ones, are read from its files. Only for other
//! accounts is the name service asked, which may hang because a directory is gone; it never runs on the thread that
//! all dialogues share.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    future::Future,
    io,
    pin::Pin,
    sync::Arc,
    thread,
    time::Duration,
};

use sspr_config::settings::Scope;
use tokio::{
    sync::{Semaphore, oneshot},
    time::{Instant, timeout_at},
};

use sspr_machine::{
    listing::{self, Listed},
    membership, names, own, passwd,
};

/// The answer of the name service, in time.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Looks up accounts by name and by uid.
pub trait People: Send + Sync {
    /// The uid of this machine's own account `name`; `None` if it does not exist or the files can't be read.
    fn uid(&self, name: &str) -> Option<u32>;
    /// Whether this machine's files have the account `name`. Also true if they can't be read, so that no account is
    /// taken for another.
    fn is_here(&self, name: &str) -> bool {
        self.uid(name).is_some()
    }
    /// Those of `names` for which [`Self::is_here`] holds.
    fn are_here<'n>(&self, names: &HashSet<&'n str>) -> HashSet<&'n str> {
        names.iter().copied().filter(|name| self.is_here(name)).collect()
    }
    /// Whether the account `name` is this machine's own, in its files or elsewhere, such as systemd-homed. Also true if
    /// that can't be told: no password of such an account leaves the machine.
    fn is_own(&self, name: &str) -> bool {
        self.is_here(name)
    }
    /// The name of `uid`, wherever the account is; `None` if it does not exist or the answer does not come in time.
    fn name(&self, uid: u32) -> Answer<'_, Option<String>>;
    /// Whether there is an account `name`, wherever it is; `None` if the answer does not come in time.
    fn exists<'a>(&'a self, name: &'a str) -> Answer<'a, Option<bool>>;
    /// The groups among `groups` that the account `name` is in; it has `uid` if one is given. `None` if the account
    /// does not exist, or the answer does not come in time.
    fn member_of<'a>(
        &'a self,
        name: &'a str,
        uid: Option<u32>,
        groups: Vec<String>,
    ) -> Answer<'a, Option<BTreeSet<String>>> {
        let _ = (name, uid, groups);
        Box::pin(async { None })
    }
    /// This machine's own accounts with their uids.
    fn local(&self) -> io::Result<Vec<(String, u32)>>;
    /// The user accounts among them, by the rules of `scope`. May take a while.
    fn listed(&self, scope: &Scope) -> io::Result<Vec<Listed>>;
    /// Passes each of them to `take`, in the same order.
    fn each(&self, scope: &Scope, take: &mut dyn FnMut(&Listed)) -> io::Result<()> {
        self.listed(scope)?.iter().for_each(take);
        Ok(())
    }
    /// The names of all user accounts. Quick, however many there are.
    fn names(&self, scope: &Scope) -> io::Result<Vec<String>> {
        Ok(self.listed(scope)?.into_iter().map(|listed| listed.name).collect())
    }
    /// The user accounts with these names.
    fn called(&self, scope: &Scope, names: &HashSet<&str>) -> io::Result<Vec<Listed>> {
        Ok(self.listed(scope)?.into_iter().filter(|listed| names.contains(listed.name.as_str())).collect())
    }
    /// The members of `groups` among the user accounts, each with its groups. A user in none is left out. A group that
    /// does not exist has no members. May take a while.
    fn members(&self, _scope: &Scope, _groups: &[String]) -> io::Result<HashMap<String, BTreeSet<String>>> {
        Ok(HashMap::new())
    }
    /// Whether there is such a group.
    fn is_group(&self, _name: &str) -> bool {
        false
    }
}

/// How long a question to the name service may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// How many questions may wait for the name service at once. A question that hangs keeps its place until it returns.
const AT_ONCE: usize = 16;
/// The same for the help desk.
const AT_ONCE_FOR_THE_DESK: usize = 4;

/// This machine's accounts.
#[derive(Clone, Debug)]
pub struct SystemPeople {
    name_service: NameService,
    /// The places for the help desk: questions of local users there take up none of those that sign-ins need.
    for_the_desk: NameService,
}

impl Default for SystemPeople {
    fn default() -> Self {
        Self {
            name_service: NameService::new(AT_ONCE, PATIENCE),
            for_the_desk: NameService::new(AT_ONCE_FOR_THE_DESK, PATIENCE),
        }
    }
}

impl People for SystemPeople {
    fn uid(&self, name: &str) -> Option<u32> {
        passwd::uid(name).ok().flatten()
    }

    fn is_here(&self, name: &str) -> bool {
        !matches!(passwd::uid(name), Ok(None))
    }

    fn are_here<'n>(&self, names: &HashSet<&'n str>) -> HashSet<&'n str> {
        passwd::known(names).unwrap_or_else(|_| names.clone())
    }

    fn is_own(&self, name: &str) -> bool {
        !matches!(own::has(name), Ok(false))
    }

    fn name(&self, uid: u32) -> Answer<'_, Option<String>> {
        Box::pin(async move {
            // The files come first, as for the name service: a user with an account here never waits for a directory.
            match passwd::name(uid).ok().flatten() {
                Some(name) => Some(name),
                None => self.name_service.ask(move || names::of_uid(uid)).await.flatten(),
            }
        })
    }

    fn exists<'a>(&'a self, name: &'a str) -> Answer<'a, Option<bool>> {
        Box::pin(async move {
            if self.uid(name).is_some() {
                return Some(true);
            }
            let asked = name.to_owned();
            self.name_service.ask(move || by_name(&asked)).await
        })
    }

    fn member_of<'a>(
        &'a self,
        name: &'a str,
        uid: Option<u32>,
        groups: Vec<String>,
    ) -> Answer<'a, Option<BTreeSet<String>>> {
        let name = name.to_owned();
        Box::pin(async move { self.for_the_desk.ask(move || membership::of(&name, uid, &groups)).await.flatten() })
    }

    fn local(&self) -> io::Result<Vec<(String, u32)>> {
        passwd::local()
    }

    fn listed(&self, scope: &Scope) -> io::Result<Vec<Listed>> {
        listing::people(scope)
    }

    fn each(&self, scope: &Scope, take: &mut dyn FnMut(&Listed)) -> io::Result<()> {
        listing::each(scope, take)
    }

    fn names(&self, scope: &Scope) -> io::Result<Vec<String>> {
        listing::names(scope)
    }

    fn called(&self, scope: &Scope, names: &HashSet<&str>) -> io::Result<Vec<Listed>> {
        listing::people_called(scope, names)
    }

    fn members(&self, scope: &Scope, groups: &[String]) -> io::Result<HashMap<String, BTreeSet<String>>> {
        listing::members(scope, groups)
    }

    fn is_group(&self, name: &str) -> bool {
        matches!(names::group(name), Ok(Some(_)))
    }
}

fn by_name(name: &str) -> bool {
    matches!(names::user(name), Ok(Some(_)))
}

/// The name service, which answers on its own threads and within a deadline, or not at all.
#[derive(Clone, Debug)]
struct NameService {
    places: Arc<Semaphore>,
    patience: Duration,
}

impl NameService {
    fn new(at_once: usize, patience: Duration) -> Self {
        Self { places: Arc::new(Semaphore::new(at_once)), patience }
    }

    /// The answer to `question`; `None` if it takes too long, or too many others do.
    async fn ask<T: Send + 'static>(&self, question: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let deadline = Instant::now() + self.patience;
        let place = timeout_at(deadline, self.places.clone().acquire_owned()).await.ok()?.ok()?;
        let (answer, answered) = oneshot::channel();
        // Not one of the runtime's threads, because the end of the program waits for those.
        let thread = thread::Builder::new().name("name service".into()).spawn(move || {
            let _place = place;
            // Nobody may be waiting any more.
            let _ = answer.send(question());
        });
        if let Err(error) = thread {
            tracing::warn!(%error, "the name service can't be asked");
            return None;
        }
        let Ok(answer) = timeout_at(deadline, answered).await else {
            tracing::warn!("the name service takes too long");
            return None;
        };
        answer.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    const SHORT: Duration = Duration::from_millis(50);
    const LONG: Duration = Duration::from_mins(1);

    #[tokio::test(flavor = "current_thread")]
    async fn a_name_service_that_hangs_holds_up_nobody_else_and_takes_only_so_many_places() {
        let (hang_up, hanging) = mpsc::channel::<()>();
        let hanging = Arc::new(std::sync::Mutex::new(hanging));
        let hangs = || {
            let hanging = hanging.clone();
            move || hanging.lock().unwrap().recv().is_ok()
        };
        let patient = NameService::new(3, LONG);
        let hurried = NameService { patience: SHORT, ..patient.clone() };
        for _ in 0..2 {
            assert_eq!(hurried.ask(hangs()).await, None, "too late");
        }
        assert_eq!(patient.ask(|| 7).await, Some(7), "one place is left");
        assert_eq!(hurried.ask(hangs()).await, None, "too late");
        assert_eq!(hurried.ask(|| 7).await, None, "all places are taken by what hangs");
        // The directory is back: the hanging questions return, and their places are free.
        drop(hang_up);
        assert_eq!(patient.ask(|| 7).await, Some(7));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn while_the_name_service_hangs_whoever_has_an_account_here_is_known_by_the_files() {
        let nobody = SystemPeople { name_service: NameService::new(0, SHORT), ..SystemPeople::default() };
        assert_eq!(nobody.uid("root"), Some(0));
        assert_eq!(nobody.name(0).await.as_deref(), Some("root"));
        assert_eq!(nobody.exists("root").await, Some(true));
        assert_eq!(nobody.uid("nobody-has-this-name"), None);
        assert!(nobody.is_here("root") && !nobody.is_here("nobody-has-this-name"));
        assert!(nobody.is_own("root") && !nobody.is_own("nobody-has-this-name"));
        assert_eq!(nobody.name(4_000_000_123).await, None);
        assert_eq!(nobody.exists("nobody-has-this-name").await, None);
        let known = SystemPeople::default();
        assert_eq!(known.exists("root").await, Some(true));
        assert_eq!(known.exists("nobody-has-this-name").await, Some(false));
        assert_eq!(known.name(4_000_000_123).await, None);
    }
}
