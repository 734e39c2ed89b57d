//! A directory beside the host's own accounts, with dora as its only user.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

use super::{World, email};
use crate::{
    account::{DIRECTORY, Id, Name},
    credential::{
        Aftermath, Change, Verdict,
        client::{Answer, CredentialsError, Made},
    },
    store::Registrations,
    targets::{Living, State, Target},
};

const SETTINGS: &str = "[directory]\nkind = \"ad\"\nservers = [\"ldaps://dc.example.org\"]\nbase = \"dc=example,dc=org\"\n\
                        bind = \"cn=reset\"\npassword_file = \"/secret\"\ndomains = [\"EXAMPLE\", \"ad.example.org\"]\n";
pub(in super::super) const FIRST: &str = "5f3c1f0e-1b0a-103f-8c55-3d1c4c2f7a11";

/// A directory's content, its answers, and the calls to it.
pub(in super::super) struct Kept {
    /// The id of dora, the only user.
    pub(in super::super) id: &'static str,
    pub(in super::super) verdict: Verdict,
    pub(in super::super) passwords: Vec<String>,
    pub(in super::super) refuse: Option<String>,
    pub(in super::super) fail: Option<CredentialsError>,
    pub(in super::super) hangs: bool,
    /// Whether the host's own sign-in refuses a new password, and the calls about that.
    pub(in super::super) refused_here: bool,
    pub(in super::super) settled: Vec<String>,
}

#[derive(Clone)]
pub(in super::super) struct Directory {
    kept: Arc<Mutex<Kept>>,
    /// How often its server was asked.
    asked: Arc<AtomicU32>,
    pub(in super::super) why_not: Arc<Mutex<Option<String>>>,
}

impl Directory {
    fn new() -> Self {
        let kept = Kept {
            id: FIRST,
            verdict: Verdict::Eligible,
            passwords: Vec::new(),
            refuse: None,
            fail: None,
            hangs: false,
            refused_here: false,
            settled: Vec::new(),
        };
        Self { kept: Arc::new(Mutex::new(kept)), asked: Arc::default(), why_not: Arc::default() }
    }

    pub(in super::super) fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }

    pub(in super::super) fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap()
    }

    /// Counts a call, and fails or hangs if it should.
    async fn is_asked(&self) -> Result<(), CredentialsError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let (hangs, fail) = {
            let kept = self.kept();
            (kept.hangs, kept.fail.clone())
        };
        if hangs {
            std::future::pending::<()>().await;
        }
        fail.map_or(Ok(()), Err)
    }
}

impl Target for Directory {
    fn realm(&self) -> &'static str {
        DIRECTORY
    }

    fn is_far(&self) -> bool {
        true
    }

    fn why_not(&self) -> std::pin::Pin<Box<dyn Future<Output = Option<String>> + Send + '_>> {
        Box::pin(async move { self.why_not.lock().unwrap().clone() })
    }

    fn known(&self, _: &str) -> Option<Id> {
        None
    }

    fn living(&self) -> std::io::Result<Living> {
        Ok(Living::Untold)
    }

    fn account<'a>(&'a self, name: &'a str) -> Answer<'a, State> {
        Box::pin(async move {
            self.is_asked().await?;
            let kept = self.kept();
            Ok(if name == "dora" {
                State { id: Id::parse(kept.id).unwrap(), verdict: kept.verdict, admin: false, locked: false }
            } else {
                State { id: Id::NONE, verdict: Verdict::Unknown, admin: false, locked: false }
            })
        })
    }

    fn verify<'a>(&'a self, _: &'a str, password: &'a [u8]) -> Answer<'a, bool> {
        Box::pin(async move {
            self.is_asked().await?;
            Ok(self.kept().passwords.last().is_some_and(|known| known.as_bytes() == password))
        })
    }

    fn change<'a>(&'a self, name: &'a str, id: Id, new_password: &'a [u8]) -> Answer<'a, Change> {
        Box::pin(async move {
            self.is_asked().await?;
            let mut kept = self.kept();
            assert_eq!((name, id.as_str()), ("dora", kept.id));
            if let Some(reason) = kept.refuse.take() {
                return Ok(Change::Refused(reason));
            }
            kept.passwords.push(String::from_utf8(new_password.to_vec()).unwrap());
            Ok(Change::Changed)
        })
    }

    fn unlock<'a>(&'a self, _: &'a str, _: Id) -> Answer<'a, ()> {
        Box::pin(async move { self.is_asked().await })
    }

    fn after<'a>(&'a self, _: &'a str, made: Made<'a>) -> Answer<'a, Aftermath> {
        let mut kept = self.kept();
        let password = String::from_utf8_lossy(made.new_password);
        kept.settled.push(format!("{} {} {password} {} {}", made.as_typed, made.id, made.end_sessions, made.but_for));
        let found = Aftermath { refused_here: kept.refused_here, ssh_keys: 1, ..Aftermath::default() };
        Box::pin(async move { Ok(found) })
    }
}

/// A host with alice and other accounts of its own, and a directory with dora, who registered an address.
pub(in super::super) async fn worlds(settings: &str) -> (World, Directory) {
    let (mut world, directory) = (World::with(&format!("{SETTINGS}{settings}")).await, Directory::new());
    let target = Arc::new(directory.clone());
    world.agent = world.agent.with_services(|services| services.targets = services.targets.clone().with(target));
    world.register("alice", &email("alice@example.org")).await;
    let mut tx = world.agent.begin().await.unwrap();
    let (keys, now, id) = (&world.agent.keys, world.agent.now(), Id::parse(FIRST).unwrap());
    let theirs = email("dora@example.org");
    Registrations::add_contact(&mut tx, keys, &crate::random::SystemRandom, DORA, id, &theirs, now).await.unwrap();
    tx.commit().await.unwrap();
    (world, directory)
}

pub(in super::super) const DORA: Name<'static> = Name { realm: DIRECTORY, name: "dora" };
