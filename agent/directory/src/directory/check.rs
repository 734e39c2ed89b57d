//! What `sspr doctor` shows about a directory: everything that a reset needs, checked without changing anything.

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

use sspr_config::{
    credential::Error,
    directory::{Level, Row},
};
use tokio::time::{Instant, timeout_at};

use super::{
    super::{
        filter::Filter,
        kerberos::Kerberos,
        kind::rights,
        message::{Control, Entry, PASSWORD_POLICY, POLICY_HINTS, Request, SIZE_LIMIT, Scope, Search},
        times,
    },
    Directory, Session,
    find::same_dn,
    now,
};

mod rows;

use rows::{certificate, clock, hints, other_kind, untried};
pub(super) use rows::{fine, row};

/// How many users are checked.
const SOME: u8 = 20;
const DOCS: &str = "see /usr/share/doc/sspr-directory/directories.md";

/// The row for settings that can't be used.
pub fn settings(why: &Error) -> Row {
    let why = match why {
        Error::Unavailable(why) => why.clone(),
        other => other.to_string(),
    };
    row("settings", Level::Fail, why, "correct [directory] in /etc/sspr/sspr.toml")
}

impl Directory {
    /// Checks each server, and then the directory on the first server that the service can sign in to.
    pub async fn check(&self) -> Vec<Row> {
        if let Some(why) = self.hindrance() {
            return vec![settings(&Error::Unavailable(why))];
        }
        let start = Instant::now();
        // A silent server must leave time for the others.
        let (half, until) = (start + self.times.check / 2, start + self.times.check);
        let mut looks: Vec<Look<'_, Part>> = vec![Box::pin(self.look_at_servers(half, until))];
        if let Some(kerberos) = &self.kerberos {
            looks.push(Box::pin(
                async move { Part { first: vec![look_at_kerberos(kerberos, until).await], last: vec![] } },
            ));
        }
        let parts = side_by_side(looks).await;
        let (first, last): (Vec<_>, Vec<_>) = parts.into_iter().map(|part| (part.first, part.last)).unzip();
        first.into_iter().chain(last).flatten().collect()
    }

    async fn look_at_servers(&self, half: Instant, until: Instant) -> Part {
        let mut looks: Vec<Look<'_, (Vec<Row>, Option<Session>)>> = Vec::new();
        for server in 0..self.servers.len() {
            looks.push(Box::pin(self.reach(server, half, until)));
        }
        let (mut part, mut best) = (Part::default(), None);
        for (rows, session) in side_by_side(looks).await {
            part.first.extend(rows);
            best = best.or(session);
        }
        if let Some(mut session) = best {
            self.look_around(&mut session, &mut part.last).await;
            session.connection.close().await;
        }
        part
    }

    /// Signs in at a server, until `half`. After that, nothing on the connection takes longer than `until`.
    async fn reach(&self, server: usize, half: Instant, until: Instant) -> (Vec<Row>, Option<Session>) {
        let mut rows = Vec::new();
        let Ok(session) = timeout_at(half, self.enter(server, until, &mut rows)).await else {
            let id = if rows.is_empty() { "server" } else { "bind" };
            let sentence = self.at(server, "no answer in time");
            rows.push(row(id, Level::Fail, sentence, "check the server, and the network between"));
            return (rows, None);
        };
        (rows, session)
    }

    async fn enter(&self, server: usize, until: Instant, rows: &mut Vec<Row>) -> Option<Session> {
        let name = self.servers.get(server)?;
        let connection = match self.open(server, None, until).await {
            Ok(connection) => connection,
            Err(why) => {
                let why = why.to_string();
                let (id, fix) = if why.contains("certificate") {
                    ("tls", "check ca_file and that the name in servers is in the server's certificate")
                } else if why.contains("StartTLS") {
                    ("tls", "set up TLS on the server")
                } else {
                    ("server", "check the name and the port in servers, the server and the firewall")
                };
                rows.push(row(id, Level::Fail, format!("{name}: {why}"), fix));
                return None;
            }
        };
        rows.push(fine("server", format!("{name} can be reached")));
        if name.is_encrypted() {
            rows.push(certificate(&name.to_string(), connection.certificate_end(), now()));
        }
        match self.signed_in(connection).await {
            Ok(session) => {
                rows.push(fine("bind", format!("the service's entry signs in at {name}")));
                Some(session)
            }
            Err(why) => {
                let fix = "check bind and the password in password_file, and that the entry is not locked or expired";
                rows.push(row("bind", Level::Fail, format!("{name}: {why}"), fix));
                None
            }
        }
    }

    async fn look_around(&self, session: &mut Session, rows: &mut Vec<Row>) {
        rows.push(told_time(session).await);
        let about_itself = one(session, "", &["objectClass", "vendorName", "supportedCapabilities"]).await;
        let about_itself = about_itself.ok().flatten().unwrap_or_default();
        if let Some(kind) = self.settings.kind {
            rows.extend(other_kind(&about_itself, kind));
            rows.extend(untried(&about_itself, kind));
        }
        let base = self.settings.base.as_deref().unwrap_or_default();
        match one(session, base, &["1.1"]).await {
            Ok(Some(_)) => rows.push(fine("base", format!("{base} can be read"))),
            Ok(None) => {
                let fix = format!("check base, and let the service's entry read it; {DOCS}");
                rows.push(row("base", Level::Fail, format!("{base} is not there, or can't be read"), fix));
                return;
            }
            Err(why) => {
                rows.push(row("base", Level::Fail, format!("{base} can't be read: {why}"), "check base"));
                return;
            }
        }
        if self.kind.has_sids() {
            rows.push(hints(session.known.iter().any(|oid| oid == POLICY_HINTS)));
        }
        let people = self.some(session, base, rows).await;
        let Some(person) = people.first() else { return };
        match self.sees_who_is_closed(session, person).await {
            Err(why) => rows.push(row("locks", Level::Fail, why, "sspr admin directory acl prints the least rights")),
            Ok(()) if !session.known.iter().any(|oid| oid == PASSWORD_POLICY) && self.kind.must_see().is_some() => {
                rows.push(fine("locks", "the server has no password policy, so it locks nobody"));
            }
            Ok(()) => rows.push(fine("locks", "it can be seen whom an administrator locked")),
        }
        let name = person.text(&self.name_attribute).unwrap_or_default().to_owned();
        match self.groups(session, person, &name).await {
            Ok(_) => rows.push(fine("groups", "the groups that the settings name can be seen")),
            Err(why) => {
                let fix = "let the service's entry read groups and their members, or correct the names in the settings";
                rows.push(row("groups", Level::Fail, why, fix));
            }
        }
        self.contacts_of(session, &people, rows).await;
        // With a KDC, the KDC's access list decides this.
        if self.kerberos.is_none() {
            self.rights(session, &people, rows).await;
        }
    }

    /// Some of the users that could be served; any will do.
    async fn some(&self, session: &mut Session, base: &str, rows: &mut Vec<Row>) -> Vec<Entry> {
        let filter = Filter::And(vec![self.filter.clone(), Filter::present(&self.name_attribute)]);
        let mut attributes = self.kind.attributes().to_vec();
        attributes.push(&self.name_attribute);
        let contacts = self.contacts.attributes();
        attributes.extend(contacts.iter().map(|(_, name)| *name));
        let search = Search { base, scope: Scope::Subtree, filter, attributes: &attributes, most: u32::from(SOME) };
        // Samba returns all entries if only the search itself has a limit.
        let asked = session.connection.ask(&Request::Search(&search), &[Control::page(SOME)]).await;
        let bind = self.settings.bind.as_deref().unwrap_or_default();
        let (why, fix) = match asked {
            Ok((mut people, answer)) if matches!(answer.code, 0 | SIZE_LIMIT) => {
                people.retain(|person| self.kind.protected(person).is_none() && !same_dn(&person.dn, bind));
                if people.first().is_some_and(|person| self.kind.id(person).is_some()) {
                    rows.push(fine("person", format!("people are found below {base}")));
                    return people;
                }
                if people.is_empty() {
                    let fix = "check base, filter and name_attribute, and let the service's entry read people";
                    (format!("nobody is found below {base}"), format!("{fix}; {DOCS}"))
                } else {
                    let why = "a person was found, but the directory's id of the entry can't be read";
                    let fix = "let the service's entry read it: entryUUID, nsUniqueId, ipaUniqueID or objectGUID";
                    (why.to_owned(), fix.to_owned())
                }
            }
            Ok((_, answer)) => {
                (format!("people below {base} can't be read: {answer}"), format!("check base and filter; {DOCS}"))
            }
            Err(why) => (format!("people below {base} can't be read: {why}"), "run sspr doctor again".to_owned()),
        };
        rows.push(row("person", Level::Fail, why, fix));
        Vec::new()
    }

    /// What the service may do with one of `people`: its rights may cover only some of them.
    async fn rights(&self, session: &mut Session, people: &[Entry], rows: &mut Vec<Row>) {
        let Some(kind) = self.settings.kind else { return };
        let bind = self.settings.bind.as_deref();
        let (attributes, controls) = rights::asked(kind, bind);
        let mut seen = Vec::new();
        for person in people {
            let filter = Filter::present("objectClass");
            let search = Search { base: &person.dn, scope: Scope::Base, filter, attributes, most: 1 };
            let said = match session.connection.ask(&Request::Search(&search), &controls).await {
                Ok((entries, answer)) if answer.is_success() => {
                    rights::rows(kind, &entries.into_iter().next().unwrap_or_default(), bind)
                }
                // The server does not report it.
                Ok(_) => rights::rows(kind, &Entry::default(), bind),
                Err(why) => vec![row("rights", Level::Warn, format!("not known: {why}"), "run sspr doctor again")],
            };
            let enough = said.iter().any(|row| (row.id, row.level) == ("rights", Level::Ok));
            if seen.is_empty() || enough {
                seen = said;
            }
            if enough {
                break;
            }
        }
        rows.extend(seen);
        let Some(bind) = bind else { return };
        // The entry's groups show more than its rights on one user.
        let own = one(session, bind, self.kind.attributes()).await;
        // If the service can't read its own entry, the groups must do.
        let own = own.ok().flatten().unwrap_or_else(|| Entry { dn: bind.to_owned(), attributes: Vec::new() });
        if let Ok(Some(group)) = self.standing(session, &own).await {
            let sentence = format!("the service's entry is an administrator of the directory: {group}");
            rows.retain(|row| (row.id, row.level) != ("too-many", Level::Ok));
            rows.push(row("too-many", Level::Fail, sentence, "take it out of that group"));
        }
    }

    /// Why the service's own entry is never served, apart from being the service's own.
    async fn standing(&self, session: &mut Session, own: &Entry) -> Result<Option<String>, String> {
        let name = own.text(&self.name_attribute).unwrap_or_default().to_owned();
        let (_, why) = self.groups(session, own, &name).await?;
        Ok(why.filter(|why| why != super::find::OWN_ENTRY))
    }
}

/// The rows of a part. The rows in `first` of all parts come before the rows in `last`.
#[derive(Default)]
struct Part {
    first: Vec<Row>,
    last: Vec<Row>,
}

type Look<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Waits for all of them at once, and returns their results in order.
async fn side_by_side<T>(mut looks: Vec<Look<'_, T>>) -> Vec<T> {
    let mut seen: Vec<Option<T>> = looks.iter().map(|_| None).collect();
    poll_fn(|context: &mut Context<'_>| {
        for (look, seen) in looks.iter_mut().zip(&mut seen).filter(|(_, seen)| seen.is_none()) {
            if let Poll::Ready(found) = look.as_mut().poll(context) {
                *seen = Some(found);
            }
        }
        if seen.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    seen.into_iter().flatten().collect()
}

async fn look_at_kerberos(kerberos: &Kerberos, until: Instant) -> Row {
    match kerberos.reach(until).await {
        Ok(()) => fine("kerberos", "the keytab signs in at the admin server"),
        Err(why) => {
            let fix = "check realm, admin_principal and keytab, and admin_server in /etc/krb5.conf";
            row("kerberos", Level::Fail, why, fix)
        }
    }
}

/// The row for the clocks. Active Directory tells the time in the entry about itself, 389 Directory Server in its
/// monitor.
async fn told_time(session: &mut Session) -> Row {
    for base in ["", "cn=monitor"] {
        let seen = one(session, base, &["currentTime"]).await;
        if let Ok(Some(entry)) = seen
            && let Some(time) = entry.text("currentTime").and_then(times::generalized)
        {
            return clock(time, now());
        }
    }
    fine("clock", "the server does not tell the time")
}

/// The entry `base`, if it can be read.
async fn one(session: &mut Session, base: &str, attributes: &[&str]) -> Result<Option<Entry>, String> {
    let filter = Filter::present("objectClass");
    let search = Search { base, scope: Scope::Base, filter, attributes, most: 1 };
    let asked = session.connection.ask(&Request::Search(&search), &[]).await;
    let (entries, answer) = asked.map_err(|why| why.to_string())?;
    match answer.code {
        0 => Ok(entries.into_iter().next()),
        // The entry does not exist, or can't be read.
        32 | 50 => Ok(None),
        _ => Err(answer.to_string()),
    }
}
