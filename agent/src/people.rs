//! Names and uids. This machine's own accounts, which are the ones that are served, are read from its files; only for others
//! is the name service asked, which may hang (a directory that is gone), and never on the thread that everybody's dialogues
//! share.

use std::{collections::HashSet, future::Future, io, pin::Pin, sync::Arc, thread, time::Duration};

use sspr_config::settings::Scope;
use tokio::{
    sync::{Semaphore, oneshot},
    time::{Instant, timeout_at},
};

use sspr_machine::{
    listing::{self, Listed},
    names,
};

/// What the name service comes to, in time.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Looks accounts up by name and by uid.
pub trait People: Send + Sync {
    /// The uid of this machine's own account `name`; `None` where there is none, or its files can't be read.
    fn uid(&self, name: &str) -> Option<u32>;
    /// Whether this machine's files have the account `name`. It is one of theirs as well where they can't be read: nobody is taken for
    /// another.
    fn is_here(&self, name: &str) -> bool {
        self.uid(name).is_some()
    }
    /// The name of `uid`, wherever the account is kept; `None` where there is none or the answer can't be had in time.
    fn name(&self, uid: u32) -> Answer<'_, Option<String>>;
    /// Whether there is an account `name`, wherever it is kept; `None` where the answer can't be had in time.
    fn exists<'a>(&'a self, name: &'a str) -> Answer<'a, Option<bool>>;
    /// This machine's own accounts with their uids.
    fn local(&self) -> io::Result<Vec<(String, u32)>>;
    /// Those of them that are people's, by the rules of `scope`. May take a while.
    fn listed(&self, scope: &Scope) -> io::Result<Vec<Listed>>;
    /// The names of all that are listed. Quick, however many there are.
    fn names(&self, scope: &Scope) -> io::Result<Vec<String>> {
        Ok(self.listed(scope)?.into_iter().map(|listed| listed.name).collect())
    }
    /// Those that are listed with one of these names.
    fn called(&self, scope: &Scope, names: &HashSet<&str>) -> io::Result<Vec<Listed>> {
        Ok(self.listed(scope)?.into_iter().filter(|listed| names.contains(listed.name.as_str())).collect())
    }
}

/// How long a question to the name service may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// How many questions may wait for the name service at once. One that hangs keeps its place until it returns.
const AT_ONCE: usize = 16;

/// The machine's accounts.
#[derive(Clone, Debug)]
pub struct SystemPeople {
    name_service: NameService,
}

impl Default for SystemPeople {
    fn default() -> Self {
        Self { name_service: NameService::new(AT_ONCE, PATIENCE) }
    }
}

impl People for SystemPeople {
    fn uid(&self, name: &str) -> Option<u32> {
        listing::uid(name).ok().flatten()
    }

    fn is_here(&self, name: &str) -> bool {
        !matches!(listing::uid(name), Ok(None))
    }

    fn name(&self, uid: u32) -> Answer<'_, Option<String>> {
        Box::pin(async move {
            // Its files first, as the name service does: a user with an account here never waits for a directory.
            match listing::name(uid).ok().flatten() {
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

    fn local(&self) -> io::Result<Vec<(String, u32)>> {
        listing::local()
    }

    fn listed(&self, scope: &Scope) -> io::Result<Vec<Listed>> {
        listing::people(scope)
    }

    fn names(&self, scope: &Scope) -> io::Result<Vec<String>> {
        listing::names(scope)
    }

    fn called(&self, scope: &Scope, names: &HashSet<&str>) -> io::Result<Vec<Listed>> {
        listing::people_called(scope, names)
    }
}

fn by_name(name: &str) -> bool {
    matches!(names::user(name), Ok(Some(_)))
}

/// The name service, which answers on threads of their own and within a deadline, or not.
#[derive(Clone, Debug)]
struct NameService {
    places: Arc<Semaphore>,
    patience: Duration,
}

impl NameService {
    fn new(at_once: usize, patience: Duration) -> Self {
        Self { places: Arc::new(Semaphore::new(at_once)), patience }
    }

    /// What `question` comes to; `None` where it takes too long, or too many others do.
    async fn ask<T: Send + 'static>(&self, question: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let deadline = Instant::now() + self.patience;
        let place = timeout_at(deadline, self.places.clone().acquire_owned()).await.ok()?.ok()?;
        let (answer, answered) = oneshot::channel();
        // Not one of the runtime's threads, which the end of the program waits for.
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
        // The directory is back: what hung returns, and its places are free.
        drop(hang_up);
        assert_eq!(patient.ask(|| 7).await, Some(7));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn while_the_name_service_hangs_whoever_has_an_account_here_is_known_by_the_files() {
        let nobody = SystemPeople { name_service: NameService::new(0, SHORT) };
        assert_eq!(nobody.uid("root"), Some(0));
        assert_eq!(nobody.name(0).await.as_deref(), Some("root"));
        assert_eq!(nobody.exists("root").await, Some(true));
        assert_eq!(nobody.uid("nobody-has-this-name"), None);
        assert!(nobody.is_here("root") && !nobody.is_here("nobody-has-this-name"));
        assert_eq!(nobody.name(4_000_000_123).await, None);
        assert_eq!(nobody.exists("nobody-has-this-name").await, None);
        let known = SystemPeople::default();
        assert_eq!(known.exists("root").await, Some(true));
        assert_eq!(known.exists("nobody-has-this-name").await, Some(false));
        assert_eq!(known.name(4_000_000_123).await, None);
    }
}
