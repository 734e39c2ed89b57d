//! What is asked of a directory, from top to bottom: find the one entry, see who may be served, write, and look what came of it.
//!
//! Nothing is believed that can be looked at: success is a bind by the new password, and an answer that got lost means to look again.

pub mod check;
mod find;
mod own;
pub mod people;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use rustls::ClientConfig;
use sspr_config::{
    credential::{Change, Error, Verdict},
    directory::{Account, CHANGE_MAX, CHECK_MAX, CONNECT_MAX, FIND_MAX, OPERATION_MAX, PROOF_MAX},
    settings::{self, DirectoryServer, Settings},
};
use tokio::time::{Instant, sleep, sleep_until};
use zeroize::Zeroizing;

use super::{
    connection::{Connection, Failure, Limits},
    filter::Filter,
    kerberos::Kerberos,
    kind::{self, Kind, Replace, SignIn, Write, Written},
    message::{Answer, Control, Entry, Request, Scope, Search},
    secret, tls,
};

/// How soon it is tried again whether a new password signs in, where the server does not answer.
const AGAIN: Duration = Duration::from_millis(250);
/// What a KDC's no means after a change that may have been made at another.
const LAGS: &str = "the KDC refuses the new password, and may not have it yet";
/// What was to hold did not.
const ASSERTION_FAILED: u32 = 122;

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// To connect to a server, and one operation.
    pub limits: Limits,
    /// To find an account, on all servers together.
    pub find: Duration,
    /// To write a new password, finding included.
    pub change: Duration,
    /// To see whether it signs in.
    pub proof: Duration,
    /// To look at all that doctor shows.
    pub check: Duration,
}

impl Default for Times {
    fn default() -> Self {
        let limits = Limits { connect: CONNECT_MAX, operation: OPERATION_MAX };
        Self { limits, find: FIND_MAX, change: CHANGE_MAX, proof: PROOF_MAX, check: CHECK_MAX }
    }
}

/// A directory by the settings of this moment.
pub struct Directory {
    settings: settings::Directory,
    scope: settings::Scope,
    contacts: settings::DirectoryContacts,
    /// Mail domains that can't be registered.
    refused: Vec<String>,
    kind: &'static dyn Kind,
    name_attribute: String,
    filter: Filter,
    servers: Vec<DirectoryServer>,
    tls: Arc<ClientConfig>,
    credentials: Option<PathBuf>,
    /// The password of the service's entry, where it is not to be read from its file.
    given: Option<Zeroizing<Vec<u8>>>,
    times: Times,
    /// Where passwords are in a KDC.
    kerberos: Option<Kerberos>,
}

/// An entry that was found, and what may be done with it.
#[derive(Clone, Debug)]
pub struct Found {
    /// What the agent gets to hear.
    pub account: Account,
    /// Why it may not be served, for logs.
    pub why: Option<String>,
    entry: Entry,
    server: usize,
}

/// A connection on which the service's entry is signed in.
struct Session {
    connection: Connection,
    /// The controls that the server says it knows.
    known: Vec<String>,
}

/// The service's entry and its password.
type Credential<'a> = (&'a str, Zeroizing<Vec<u8>>);

/// What came of a write.
enum Step {
    Written(Written),
    /// The server was asked, and did not answer.
    Lost(String),
}

impl Directory {
    /// By `settings`. Secrets are read where they are needed; those that systemd guards are in `credentials`.
    pub fn new(settings: &Settings, credentials: Option<&Path>, times: Times) -> Result<Self, Error> {
        let own = &settings.directory;
        let unavailable = |why: &str| Error::Unavailable(why.to_owned());
        let kind = own.kind.ok_or_else(|| unavailable("[directory] kind is not set"))?;
        let servers: Result<Vec<_>, _> = own.servers.iter().map(|server| DirectoryServer::parse(server)).collect();
        let filter = own.filter.as_deref().unwrap_or(kind.filter());
        let filter = Filter::parse(filter).ok_or_else(|| unavailable("[directory] filter is no LDAP filter"))?;
        Ok(Self {
            settings: own.clone(),
            scope: settings.scope.clone(),
            contacts: settings.contacts.directory.clone(),
            refused: settings.register.refuse_email_domains.clone(),
            kind: kind::of(kind),
            name_attribute: own.name_attribute.clone().unwrap_or_else(|| kind.name_attribute().to_owned()),
            filter,
            servers: servers.map_err(Error::Unavailable)?,
            tls: tls::client(own.ca_file.as_deref()).map_err(Error::Unavailable)?,
            credentials: credentials.map(Path::to_owned),
            given: None,
            times,
            kerberos: Kerberos::new(own, credentials),
        })
    }

    /// With kadmin, kinit and kvno in this folder.
    #[must_use]
    pub fn with_programs(mut self, folder: &Path) -> Self {
        if let Some(kerberos) = &mut self.kerberos {
            kerberos.with_programs(folder);
        }
        self
    }

    /// With this password of the service's entry in place of the one in its file.
    #[must_use]
    pub fn with_password(self, password: Zeroizing<Vec<u8>>) -> Self {
        Self { given: Some(password), ..self }
    }

    /// With this program's own folder here.
    #[must_use]
    pub fn with_runtime(mut self, folder: &Path) -> Self {
        if let Some(kerberos) = &mut self.kerberos {
            kerberos.with_runtime(folder);
        }
        self
    }

    /// Why no password can be set, whosever it is, as far as is known without asking the directory: nothing asks it before a proof.
    pub fn hindrance(&self) -> Option<String> {
        self.password().err().or_else(|| self.kerberos.as_ref()?.hindrance())
    }

    /// For how many minutes the old password may be taken after a change.
    pub fn old_password_lives(&self) -> u32 {
        self.kind.old_password_lives()
    }

    /// Finds the one entry that is called `user`; `None` where nobody is, or where it is not clear who.
    pub async fn find(&self, user: &str) -> Result<Option<Found>, Error> {
        let until = Instant::now() + self.times.find;
        let mut whys = Vec::new();
        for server in 0..self.servers.len() {
            match self.look(server, user, until).await {
                Ok((session, found)) => {
                    session.connection.close().await;
                    return Ok(found);
                }
                Err(why) => whys.push(why),
            }
        }
        Err(Error::Unavailable(whys.join("; ")))
    }

    /// Whether `password` is the one of the entry that was found.
    pub async fn is_right(&self, found: &Found, password: &[u8]) -> Result<bool, Error> {
        let until = Instant::now() + self.times.limits.operation;
        match self.sign_in(found, password, until).await {
            // Whoever answers in the KDC's place can say so of any password, and no ticket proves who it is.
            SignIn::MustChange if self.kerberos.is_some() => Err(Error::Unavailable(
                "the KDC says that the password has expired, and nothing proves that".to_owned(),
            )),
            // It is right, and the host's own sign-in may ask for another.
            SignIn::Yes | SignIn::MustChange => Ok(true),
            SignIn::Wrong | SignIn::Closed(_) => Ok(false),
            SignIn::Trouble(why) => Err(Error::Unavailable(why)),
        }
    }

    /// Sets the password of `user`, which must still be eligible and have `id`. Right before the write, `go_on` is waited for: where it fails, nothing is written.
    pub async fn change(
        &self,
        user: &str,
        id: &str,
        new: &[u8],
        go_on: impl Future<Output = Result<(), Error>> + Send,
    ) -> Result<Change, Error> {
        let mut go_on = Some(Box::pin(go_on));
        let until = Instant::now() + self.times.change;
        let mut whys = Vec::new();
        for server in 0..self.servers.len() {
            let (mut session, found) = match self.look(server, user, until).await {
                Ok((session, found)) => (session, allowed(found, id)?),
                Err(why) => {
                    whys.push(why);
                    continue;
                }
            };
            if let Some(go_on) = go_on.take() {
                go_on.await?;
            }
            let step = match &self.kerberos {
                Some(kerberos) => self.write_there(kerberos, &found, new, until).await,
                None => self.write(&mut session, &found, new).await,
            };
            match step {
                Step::Written(Written::Done) => return self.finish(session, &found, new).await,
                Step::Written(Written::Refused(rule)) => return Ok(Change::Refused(rule.to_string())),
                Step::Written(Written::Failed { why, elsewhere: true }) => whys.push(self.at(server, &why)),
                Step::Written(Written::Failed { why, .. }) => return Err(Error::Unavailable(self.at(server, &why))),
                Step::Lost(why) => return self.look_again(&found, new, &self.at(server, &why)).await,
            }
        }
        Err(Error::Unavailable(whys.join("; ")))
    }

    /// Whether the change of a password, whose answer got lost, went through.
    pub async fn went_through(&self, user: &str, id: &str, new: &[u8]) -> Result<bool, Error> {
        let found = allowed(self.find(user).await?, id)?;
        match self.sign_in(&found, new, Instant::now() + self.times.proof).await {
            SignIn::Yes | SignIn::MustChange => Ok(true),
            SignIn::Wrong if self.kerberos.is_some() => Err(Error::Failed(LAGS.to_owned())),
            SignIn::Wrong => Ok(false),
            SignIn::Closed(why) | SignIn::Trouble(why) => Err(Error::Unavailable(why)),
        }
    }

    /// Opens the account again that too many wrong passwords locked. What an administrator closed stays.
    pub async fn unlock(&self, user: &str, id: &str) -> Result<(), Error> {
        let until = Instant::now() + self.times.change;
        let mut whys = Vec::new();
        for server in 0..self.servers.len() {
            let (mut session, found) = match self.look(server, user, until).await {
                Ok((session, found)) => (session, allowed(found, id)?),
                Err(why) => {
                    whys.push(why);
                    continue;
                }
            };
            if !found.account.locked {
                return Ok(());
            }
            let (replace, controls) = self.kind.unlock(now());
            match session.modify(&found.entry.dn, &replace, &controls).await {
                Ok(answer) if answer.is_success() => return Ok(()),
                Ok(answer) if answer.code == ASSERTION_FAILED => {
                    return Err(Error::Refused("an administrator has locked it".to_owned()));
                }
                Ok(answer) => whys.push(self.at(server, &format!("it is not unlocked: {answer}"))),
                Err(Failure::Unreachable(why)) => whys.push(self.at(server, &why)),
                Err(Failure::Lost(why)) => {
                    let locked = allowed(self.find(user).await?, id)?.account.locked;
                    return if locked { Err(Error::Unavailable(self.at(server, &why))) } else { Ok(()) };
                }
            }
        }
        Err(Error::Unavailable(whys.join("; ")))
    }

    /// Signs the service in at a server, and finds `user` there. In words why not.
    async fn look(&self, server: usize, user: &str, until: Instant) -> Result<(Session, Option<Found>), String> {
        let looked = async {
            let mut session = self.session(server, until).await?;
            let found = self.find_in(&mut session, server, user).await?;
            Ok((session, found))
        };
        looked.await.map_err(|why: String| self.at(server, &why))
    }

    fn at(&self, server: usize, why: &str) -> String {
        self.servers.get(server).map_or_else(|| why.to_owned(), |server| format!("{server}: {why}"))
    }

    async fn open(&self, server: usize, until: Instant) -> Result<Connection, Failure> {
        let server = self.servers.get(server).ok_or_else(|| Failure::Unreachable("no such server".to_owned()))?;
        Connection::open(server, &self.tls, self.times.limits, until).await
    }

    /// The password of the service's entry; `None` where it is known by its connection.
    fn password(&self) -> Result<Option<Credential<'_>>, String> {
        if let (Some(bind), Some(given)) = (&self.settings.bind, &self.given) {
            return Ok(Some((bind, given.clone())));
        }
        match (&self.settings.bind, &self.settings.password_file) {
            (Some(bind), Some(file)) => Ok(Some((bind, secret::read(file, self.credentials.as_deref())?))),
            _ => Ok(None),
        }
    }

    async fn session(&self, server: usize, until: Instant) -> Result<Session, String> {
        let connection = self.open(server, until).await.map_err(|why| why.to_string())?;
        self.signed_in(connection).await
    }

    /// Signs the service in.
    async fn signed_in(&self, mut connection: Connection) -> Result<Session, String> {
        let password = self.password()?;
        let request = match &password {
            Some((dn, password)) => Request::Bind { dn, password },
            None => Request::External,
        };
        let (_, answer) = connection.ask(&request, &[]).await.map_err(|why| why.to_string())?;
        if !answer.is_success() {
            return Err(format!("the service's entry can't sign in: {answer}"));
        }
        let about_itself = Search {
            base: "",
            scope: Scope::Base,
            filter: Filter::present("objectClass"),
            attributes: &["supportedControl"],
            most: 1,
        };
        let asked = connection.ask(&Request::Search(&about_itself), &[]).await;
        let (entries, _) = asked.map_err(|why| why.to_string())?;
        let known = entries.iter().flat_map(|entry| entry.values("supportedControl"));
        let known = known.map(|oid| String::from_utf8_lossy(oid).into_owned()).collect();
        Ok(Session { connection, known })
    }

    /// Has a new password written in the KDC.
    async fn write_there(&self, kerberos: &Kerberos, found: &Found, new: &[u8], until: Instant) -> Step {
        match kerberos.change(&found.account.name, new, until).await {
            Ok(written) => Step::Written(written),
            Err(why) => Step::Lost(why),
        }
    }

    /// Writes a new password in the first way that the server allows.
    async fn write(&self, session: &mut Session, found: &Found, new: &[u8]) -> Step {
        let dn = &found.entry.dn;
        let ways = match self.kind.writes(new) {
            Ok(ways) => ways,
            Err(rule) => return Step::Written(Written::Refused(rule)),
        };
        let mut last = Written::Failed { why: "there is no way to set a password".to_owned(), elsewhere: false };
        for way in ways {
            let mut controls = self.kind.controls(&session.known);
            let asked = match &way {
                Write::PasswordModify => {
                    session.connection.ask(&Request::PasswordModify { dn, new }, &controls).await.map(|(_, said)| said)
                }
                Write::Modify(replace) => session.modify(dn, replace, &controls).await,
                Write::AsThePerson(replace) => {
                    controls.push(Control::proxied(dn));
                    session.modify(dn, replace, &controls).await
                }
            };
            last = match asked {
                Ok(answer) => self.kind.written(&answer),
                Err(Failure::Unreachable(why)) => Written::Failed { why, elsewhere: true },
                Err(Failure::Lost(why)) => return Step::Lost(why),
            };
            if !matches!(last, Written::Failed { elsewhere: true, .. }) {
                break;
            }
        }
        Step::Written(last)
    }

    /// What belongs to a change that the server says it made, and the look whether it did. None of it takes the change back.
    async fn finish(&self, mut session: Session, found: &Found, new: &[u8]) -> Result<Change, Error> {
        let dn = found.entry.dn.clone();
        session.modify_if_any(&dn, &self.kind.besides(&found.entry, now())).await;
        let here = self.kerberos.is_none();
        if here && self.kind.looked_at_again() && self.wants_another(&mut session, &dn).await {
            session.modify_if_any(&dn, &self.kind.no_more_change(now())).await;
        }
        let mut signs_in = self.prove(found, new).await;
        if here && signs_in == SignIn::MustChange {
            session.modify_if_any(&dn, &self.kind.no_more_change(now())).await;
            signs_in = self.prove(found, new).await;
        }
        session.connection.close().await;
        let said = "the directory says that it set the password";
        match signs_in {
            SignIn::Yes => Ok(Change::Changed),
            SignIn::MustChange => Ok(Change::ChangedWithWarning(
                "the directory wants the password to be changed again at the next sign-in, and the service's entry may not undo \
                 that; see /usr/share/doc/sspr-directory/directories.md"
                    .to_owned(),
            )),
            SignIn::Wrong => Err(Error::Failed(format!("{said}, but nobody can sign in by it"))),
            SignIn::Closed(why) => Err(Error::Failed(format!("{said}, but the account is {why}"))),
            SignIn::Trouble(why) => Err(Error::Failed(format!("{said}, and it could not be tried: {why}"))),
        }
    }

    async fn wants_another(&self, session: &mut Session, dn: &str) -> bool {
        let search = Search {
            base: dn,
            scope: Scope::Base,
            filter: Filter::present("objectClass"),
            attributes: self.kind.attributes(),
            most: 1,
        };
        let asked = session.connection.ask(&Request::Search(&search), &[]).await;
        asked.is_ok_and(|(entries, _)| entries.iter().any(|entry| self.kind.must_change(entry, now())))
    }

    /// Looks whether the new password signs in, at the server that has it. A server that can't say is asked again; one that says no is
    /// not, as each no counts as a failure of the person's.
    async fn prove(&self, found: &Found, new: &[u8]) -> SignIn {
        let until = Instant::now() + self.times.proof;
        loop {
            match self.sign_in(found, new, until).await {
                SignIn::Trouble(why) if Instant::now() + AGAIN >= until => return SignIn::Trouble(why),
                SignIn::Trouble(_) => sleep(AGAIN).await,
                said => return said,
            }
        }
    }

    /// A change was sent and not answered. The server may still be at it, so a no is asked for once more in the end.
    async fn look_again(&self, found: &Found, new: &[u8], why: &str) -> Result<Change, Error> {
        let until = Instant::now() + self.times.proof;
        let mut signs_in = self.prove(found, new).await;
        if signs_in == SignIn::Wrong {
            sleep_until(until).await;
            signs_in = self.prove(found, new).await;
        }
        match signs_in {
            SignIn::Yes | SignIn::MustChange => Ok(Change::ChangedWithWarning(format!("it was not answered: {why}"))),
            SignIn::Wrong if self.kerberos.is_some() => Err(Error::Failed(format!("{why}; and looking again: {LAGS}"))),
            SignIn::Wrong => Err(Error::Unavailable(format!("nothing was written: {why}"))),
            SignIn::Closed(said) | SignIn::Trouble(said) => {
                Err(Error::Failed(format!("{why}; and looking again: {said}")))
            }
        }
    }

    /// Signs in as the entry that was found, on a connection of its own.
    async fn sign_in(&self, found: &Found, password: &[u8], until: Instant) -> SignIn {
        // As nobody, by an empty password, a server may let everybody in.
        if password.is_empty() || found.entry.dn.is_empty() {
            return SignIn::Wrong;
        }
        if let Some(kerberos) = &self.kerberos {
            return kerberos.signs_in(&found.account.name, password, until).await;
        }
        let tried = async {
            let mut connection = self.open(found.server, until).await?;
            let request = Request::Bind { dn: &found.entry.dn, password };
            let (_, answer) = connection.ask(&request, &[Control::password_policy()]).await?;
            connection.close().await;
            Ok::<_, Failure>(self.kind.signs_in(&answer))
        };
        tried.await.unwrap_or_else(|why| SignIn::Trouble(why.to_string()))
    }
}

impl Session {
    async fn modify(&mut self, dn: &str, replace: &Replace, controls: &[Control]) -> Result<Answer, Failure> {
        self.connection.ask(&Request::Modify { dn, replace }, controls).await.map(|(_, answer)| answer)
    }

    /// A modify on which nothing depends.
    async fn modify_if_any(&mut self, dn: &str, replace: &Replace) {
        if replace.is_empty() {
            return;
        }
        let names: Vec<_> = replace.iter().map(|(name, _)| *name).collect();
        match self.modify(dn, replace, &[]).await {
            Ok(answer) if answer.is_success() => {}
            Ok(answer) => tracing::warn!(dn, ?names, %answer, "not written after the change: {answer}"),
            Err(why) => tracing::warn!(dn, ?names, %why, "not written after the change: {why}"),
        }
    }
}

/// The account must be there, be served now, and be the one that was meant.
fn allowed(found: Option<Found>, id: &str) -> Result<Found, Error> {
    let found = found.ok_or_else(|| Error::Refused("nobody has this name".to_owned()))?;
    if found.account.verdict != Verdict::Eligible {
        return Err(Error::Refused(found.why.unwrap_or_else(|| format!("{:?}", found.account.verdict))));
    }
    if found.account.id != id {
        return Err(Error::Refused(format!("the entry has the id {}", found.account.id)));
    }
    Ok(found)
}

/// Seconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
