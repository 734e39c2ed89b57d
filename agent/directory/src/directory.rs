//! The steps of a reset, from top to bottom: find the one entry, check whether it may be served, write, and check the
//! result.
//!
//! Everything that can be checked is checked: success means a bind with the new password, and a lost answer means
//! checking again.

mod change;
pub mod check;
mod find;
mod own;
pub mod people;
mod words;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use rustls::ClientConfig;
use sspr_config::{
    credential::{Error, Verdict},
    directory::{Account, CHANGE_MAX, CHECK_MAX, CONNECT_MAX, FIND_MAX, OPERATION_MAX, PROOF_MAX},
    settings::{self, DirectoryServer, Settings},
};
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::{
    connection::{Connection, Failure, Limits},
    filter::Filter,
    kerberos::Kerberos,
    kind::{self, Kind, Replace, SignIn},
    message::{Answer, Control, Entry, Request, Scope, Search},
    order::Order,
    secret, tls,
};

/// Why the KDC's word is no proof of an expired password: an attacker in its place can say so about any password, and
/// no ticket proves who answers.
const UNPROVED: &str = "the KDC says that the password has expired, and nothing proves that";
/// The time limits of the steps.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// The limits of one connection.
    pub limits: Limits,
    /// The time to find an account, on all servers together.
    pub find: Duration,
    /// The time to write a new password, finding the account included.
    pub change: Duration,
    /// The time to check whether the new password signs in.
    pub proof: Duration,
    /// The time to check everything that doctor shows.
    pub check: Duration,
}

impl Default for Times {
    fn default() -> Self {
        let limits = Limits { connect: CONNECT_MAX, operation: OPERATION_MAX };
        Self { limits, find: FIND_MAX, change: CHANGE_MAX, proof: PROOF_MAX, check: CHECK_MAX }
    }
}

/// A directory, with the current settings.
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
    /// The password of the service's entry, if it does not come from the file.
    given: Option<Zeroizing<Vec<u8>>>,
    times: Times,
    /// The KDC, if passwords are there.
    kerberos: Option<Kerberos>,
    /// The server to ask first.
    order: Arc<Order>,
}

/// An entry that was found, and whether it may be served.
#[derive(Clone, Debug)]
pub struct Found {
    /// The account, as the agent gets it.
    pub account: Account,
    /// The reason if it may not be served, for logs.
    pub why: Option<String>,
    entry: Entry,
    at: At,
}

/// The server that has an entry.
#[derive(Clone, Copy, Debug)]
struct At {
    server: usize,
    /// Its address, see [`Connection::peer`].
    peer: Option<SocketAddr>,
    /// Whether no other server could have the entry: the settings name one, and its name has one address.
    is_only: bool,
}

/// A connection on which the service's entry is signed in.
struct Session {
    connection: Connection,
    /// The controls that the server says it supports.
    known: Vec<String>,
}

/// The service's entry and its password.
type Credential<'a> = (&'a str, Zeroizing<Vec<u8>>);

impl Directory {
    /// A directory with `settings`. Secrets are read when they are needed; those that systemd protects are in
    /// `credentials`. Fails with [`Error::Unavailable`] if the settings are incomplete or a file of certificates can't
    /// be read.
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
            order: Arc::default(),
        })
    }

    /// Sets the folder of kadmin, kinit and kvno.
    #[must_use]
    pub fn with_programs(mut self, folder: &Path) -> Self {
        if let Some(kerberos) = &mut self.kerberos {
            kerberos.with_programs(folder);
        }
        self
    }

    /// Sets the password of the service's entry, in place of the one in its file.
    #[must_use]
    pub fn with_password(self, password: Zeroizing<Vec<u8>>) -> Self {
        Self { given: Some(password), ..self }
    }

    /// Shares what is known about the servers, which answer or do not, with other calls.
    #[must_use]
    pub fn with_order(self, order: Arc<Order>) -> Self {
        Self { order, ..self }
    }

    /// Sets the program's own folder.
    #[must_use]
    pub fn with_runtime(mut self, folder: &Path) -> Self {
        if let Some(kerberos) = &mut self.kerberos {
            kerberos.with_runtime(folder);
        }
        self
    }

    /// Why no user's password can be set, as far as is known without asking the directory: no server is asked before a
    /// proof.
    pub fn hindrance(&self) -> Option<String> {
        self.password().err().or_else(|| self.kerberos.as_ref()?.hindrance())
    }

    /// Finds the one entry that is called `user`; `None` if there is none. Of several entries with this name, none is
    /// returned, but an account with [`Verdict::SharedUid`]. Fails with [`Error::Unavailable`] if no server can be
    /// asked.
    pub async fn find(&self, user: &str) -> Result<Option<Found>, Error> {
        let until = Instant::now() + self.times.find;
        let mut whys = Vec::new();
        for server in self.order.of(&self.servers, Instant::now()) {
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

    /// Whether `password` is the password of the entry that was found. Fails with [`Error::Unavailable`] if no server
    /// can tell or prove it.
    pub async fn is_right(&self, found: &Found, password: &[u8]) -> Result<bool, Error> {
        let until = Instant::now() + self.times.limits.operation;
        match self.proven(self.sign_in(found, password, until).await) {
            SignIn::MustChange if self.kerberos.is_some() => Err(Error::Unavailable(UNPROVED.to_owned())),
            // The password is correct. The host's own sign-in may require another one.
            SignIn::Yes | SignIn::MustChange => Ok(true),
            SignIn::Wrong | SignIn::Closed(_) => Ok(false),
            SignIn::Trouble(why) => Err(Error::Unavailable(words::plain(why, password))),
        }
    }

    /// Signs the service in at a server, and finds `user` there. The error is the reason, for logs.
    async fn look(&self, server: usize, user: &str, until: Instant) -> Result<(Session, Option<Found>), String> {
        self.look_at(None, server, user, until).await
    }

    /// Does the same at the machine of an earlier session, see [`Connection::peer`].
    async fn look_at(
        &self,
        peer: Option<SocketAddr>,
        server: usize,
        user: &str,
        until: Instant,
    ) -> Result<(Session, Option<Found>), String> {
        let looked = async {
            let mut session = self.session_at(peer, server, until).await?;
            let found = self.find_in(&mut session, server, user).await?;
            self.order.answered(&self.servers, server, Instant::now());
            Ok((session, found))
        };
        looked.await.map_err(|why: String| self.at(server, &why))
    }

    fn at(&self, server: usize, why: &str) -> String {
        self.servers.get(server).map_or_else(|| why.to_owned(), |server| format!("{server}: {why}"))
    }

    /// Connects to a server; with `peer`, to the same machine as an earlier connection, see [`Connection::peer`].
    async fn open(&self, server: usize, peer: Option<SocketAddr>, until: Instant) -> Result<Connection, Failure> {
        let server = self.servers.get(server).ok_or_else(|| Failure::Unreachable("no such server".to_owned()))?;
        Connection::open_at(server, peer, &self.tls, self.times.limits, until).await
    }

    /// The password of the service's entry; `None` if the connection itself identifies the service.
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
        self.session_at(None, server, until).await
    }

    /// Opens another session to the same machine as an earlier one, see [`Connection::peer`].
    async fn session_at(&self, peer: Option<SocketAddr>, server: usize, until: Instant) -> Result<Session, String> {
        let connection = self.open(server, peer, until).await.map_err(|why| why.to_string())?;
        self.signed_in(connection).await
    }

    /// Signs the service in on the connection.
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

    /// What the result of a sign-in proves about its password, if nothing else is known about the password.
    fn proven(&self, said: SignIn) -> SignIn {
        match said {
            SignIn::MustChange if self.kind.says_expired_of_any() => {
                SignIn::Trouble("the server says that the password has expired, and says so of any".to_owned())
            }
            other => other,
        }
    }

    /// Signs in as the entry that was found, on a separate connection to the same machine. Another one may have another
    /// password for now, even if it has the same name.
    async fn sign_in(&self, found: &Found, password: &[u8], until: Instant) -> SignIn {
        // With an empty password, a server may accept any name as anonymous.
        if password.is_empty() || found.entry.dn.is_empty() {
            return SignIn::Wrong;
        }
        if let Some(kerberos) = &self.kerberos {
            return kerberos.signs_in(&found.account.name, password, until).await;
        }
        let tried = async {
            let mut connection = self.open(found.at.server, found.at.peer, until).await?;
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
}

/// Checks that the account exists, is served now, and is the one that the caller means.
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
