//! The common part of the tests on real servers: a client with all rights, and our program's settings for a server.
#![allow(dead_code, reason = "each server's tests use a part of it")]

pub(crate) mod server;

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use sspr_config::{
    credential::{Change, Error, Verdict},
    directory::{Level, Person},
    settings::{self, DirectoryServer, Settings},
};
use sspr_directory::{
    connection::{Connection, Limits},
    directory::{Directory, Found, Times},
    filter::Filter,
    message::{Answer, Entry, Request, Scope, Search},
    tls,
};
use zeroize::Zeroizing;

pub(crate) const OLD: &str = "Old-horse-battery-1";
pub(crate) const NEW: &str = "New-staple-correct-2";

/// A server, and a user with all rights there.
pub(crate) struct Client {
    pub(crate) server: String,
    pub(crate) ca: PathBuf,
    pub(crate) root: String,
    pub(crate) secret: String,
}

impl Client {
    /// The values of `attribute` of an entry, as the administrator sees them.
    pub(crate) async fn values(&self, dn: &str, attribute: &str) -> Vec<String> {
        let entry = self.entry(dn, attribute).await;
        entry.values(attribute).map(|value| String::from_utf8_lossy(value).into_owned()).collect()
    }

    async fn entry(&self, dn: &str, attribute: &str) -> Entry {
        let mut root = self.bound(&self.root, &self.secret).await;
        let search = Search {
            base: dn,
            scope: Scope::Base,
            filter: Filter::present("objectClass"),
            attributes: &[attribute],
            most: 1,
        };
        root.ask(&Request::Search(&search), &[]).await.unwrap().0.remove(0)
    }

    /// Sets `attribute` of an entry to these values, or removes it, as the administrator.
    pub(crate) async fn set(&self, dn: &str, attribute: &str, values: &[&str]) {
        let mut root = self.bound(&self.root, &self.secret).await;
        let values = values.iter().map(|value| Zeroizing::new(value.as_bytes().to_vec())).collect();
        let (_, answer) = root.ask(&Request::Modify { dn, replace: &[(attribute, values)] }, &[]).await.unwrap();
        assert!(answer.is_success(), "{attribute}: {answer}");
    }

    /// The server's answer to a sign-in.
    pub(crate) async fn signs_in(&self, dn: &str, password: &str) -> Answer {
        let mut connection = self.connect().await.unwrap();
        connection.ask(&Request::Bind { dn, password: password.as_bytes() }, &[]).await.unwrap().1
    }

    async fn bound(&self, dn: &str, password: &str) -> Connection {
        let mut connection = self.connect().await.unwrap();
        let (_, answer) = connection.ask(&Request::Bind { dn, password: password.as_bytes() }, &[]).await.unwrap();
        assert!(answer.is_success(), "{dn}: {answer}");
        connection
    }

    async fn connect(&self) -> Result<Connection, sspr_directory::connection::Failure> {
        let ten = Duration::from_secs(10);
        let limits = Limits { connect: ten, operation: ten };
        let server = DirectoryServer::parse(&self.server).unwrap();
        let tls = tls::client(Some(&self.ca)).unwrap();
        Connection::open_at(&server, None, &tls, limits, tokio::time::Instant::now() + ten).await
    }

    /// Waits until `server` answers the administrator.
    pub(crate) async fn answers(&self, server: &server::Running) {
        let end = tokio::time::Instant::now() + Duration::from_mins(1);
        loop {
            if self.ca.exists()
                && let Ok(mut connection) = self.connect().await
            {
                let bind = Request::Bind { dn: &self.root, password: self.secret.as_bytes() };
                if connection.ask(&bind, &[]).await.is_ok_and(|(_, answer)| answer.is_success()) {
                    return;
                }
            }
            assert!(tokio::time::Instant::now() < end, "{} does not answer: {}", self.server, server.state());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Creates an authority (`ca.pem`) in a folder, and a certificate from it for a server with these names (`cert.pem`,
/// `key.pem`).
pub(crate) fn certificates(folder: &Path, names: &[&str]) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&key).unwrap();
    fs::write(folder.join("ca.pem"), pem("CERTIFICATE", authority.der())).unwrap();
    let issuer = Issuer::new(params, key);
    let own = KeyPair::generate().unwrap();
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let certificate = CertificateParams::new(names).unwrap().signed_by(&own, &issuer).unwrap();
    fs::write(folder.join("cert.pem"), pem("CERTIFICATE", certificate.der())).unwrap();
    fs::write(folder.join("key.pem"), pem("PRIVATE KEY", &own.serialize_der())).unwrap();
    rustix::fs::chmod(folder.join("key.pem"), 0o600.into()).unwrap();
}

/// In PEM format.
fn pem(label: &str, bytes: &[u8]) -> String {
    use base64::Engine as _;
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        base64::engine::general_purpose::STANDARD.encode(bytes)
    )
}

/// A file with a password, as our program requires it.
pub(crate) fn password_file(folder: &Path, password: &str) -> PathBuf {
    let path = folder.join("password");
    fs::write(&path, format!("{password}\n")).unwrap();
    rustix::fs::chmod(&path, 0o600.into()).unwrap();
    path
}

pub(crate) fn settings(text: &str) -> Settings {
    settings::parse(text, Path::new("test")).unwrap()
}

/// The rules that `sspr admin directory acl` prints for `OpenLDAP`, in the form of slapd.conf.
pub(crate) fn slapd_rules(printed: &str) -> String {
    let rules = printed.split_once("add: olcAccess\n").unwrap().1;
    (0..10).fold(format!("\n{rules}"), |rules, n| rules.replace(&format!("olcAccess: {{{n}}}to"), "access to"))
}

/// Our program with these settings.
pub(crate) fn of(settings: &Settings) -> Directory {
    Directory::new(settings, None, Times::default()).unwrap()
}

/// The entry called `name`, which must be there.
pub(crate) async fn found(directory: &Directory, name: &str) -> Found {
    directory.find(name).await.unwrap().unwrap()
}

/// Doctor's rows: id and level of each, with its sentence.
pub(crate) async fn check(directory: &Directory) -> Vec<(&'static str, Level, String)> {
    directory.check().await.into_iter().map(|row| (row.id, row.level, row.sentence)).collect()
}

/// All rows with `id`, one for each of its levels.
#[track_caller]
pub(crate) fn levels(rows: &[(&'static str, Level, String)], id: &str) -> Vec<Level> {
    let levels: Vec<_> = rows.iter().filter(|row| row.0 == id).map(|row| row.1).collect();
    assert!(!levels.is_empty(), "{id}: {rows:?}");
    levels
}

/// All users with contacts, and the number of pages.
pub(crate) async fn everybody(directory: &Directory) -> Result<(Vec<Person>, usize), Error> {
    let (mut all, mut pages) = (Vec::new(), 0);
    let mut next = Some(directory.begin_people().await?);
    while let Some(going) = next {
        let (people, rest) = directory.next_people(going).await?;
        all.extend(people);
        pages += 1;
        next = rest;
    }
    Ok((all, pages))
}

pub(crate) async fn verdict(directory: &Directory, name: &str) -> Verdict {
    found(directory, name).await.account.verdict
}

/// Resets a password as the agent does.
pub(crate) async fn reset(directory: &Directory, name: &str, new: &str) -> Result<Change, Error> {
    let id = found(directory, name).await.account.id;
    directory.change(name, &id, new.as_bytes(), async { Ok(()) }).await
}

/// A refusal in the directory's words, which the user is shown.
pub(crate) fn refused(why: &str) -> Result<Change, Error> {
    Ok(Change::Refused(why.to_owned()))
}

/// Runs a test that waits.
pub(crate) fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
}
