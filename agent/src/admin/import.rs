//! Importing contacts: every row is checked first, and then all are written in one transaction.
//!
//! Rows come in batches and wait in a file without a name, sealed and as they will be written: a large import takes no more memory
//! than a small one. The store is asked once for a batch and written to at the very end, so that sign-ins are not held up by a file
//! of a hundred thousand lines.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};

use sspr_config::settings::Imported;
use tokio::sync::Mutex;

use crate::{
    account::{Id, Name},
    audit::{self, Deed, Event},
    contact::{
        Contact, ContactFault, EmailAddress, PhoneNumber,
        listed::{self, ListedFault},
    },
    contact_texts,
    notes::{self, About, Changed},
    random,
    snapshot::Snapshot,
    store::{
        Registrations,
        import::{self as rows, Chunk, Existing, NewContact},
        registrations,
        spill::{Spill, Spilt},
    },
};

use super::{
    Desk, Error, Result, people, refused,
    wire::{AsRead, BATCH_MAX, Fault, Import, ImportBegin, ImportOutcome, ImportRows, Row},
};

/// The most rows that wait to be written. More are no fault, but a transaction has to end some time.
const ROWS_MAX: usize = 250_000;
/// An import that nothing was heard of for so long is dropped when another begins.
const IDLE_MAX: Duration = Duration::from_mins(5);

/// The one import that may go on at a time.
#[derive(Clone, Default)]
pub(super) struct Imports(Arc<Mutex<Option<Importing>>>);

impl std::fmt::Debug for Imports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Imports(..)")
    }
}

struct Importing {
    handle: String,
    owner: String,
    heard: Instant,
    replace: bool,
    usable: bool,
    /// This machine's own accounts, as they were at the beginning.
    accounts: HashMap<String, Own>,
    rows: usize,
    /// What is to be written, batch by batch.
    waiting: Spill,
    outcome: ImportOutcome,
    name_service_hangs: bool,
}

/// An account of this machine.
struct Own {
    uid: u32,
    /// In which line it was named; 0 where it was not. Small, as there may be a million of these.
    line: u32,
}

/// Why a row can't be imported, and which of its columns is at fault, if it is one.
struct Wrong(&'static str, String);

impl From<&str> for Wrong {
    fn from(why: &str) -> Self {
        Self("", why.to_owned())
    }
}

/// A row that can be read: an account and its contacts.
struct Read {
    line: u64,
    name: String,
    uid: u32,
    contacts: Vec<Contact>,
}

impl Imports {
    /// Whose connection an import goes on over.
    pub(super) async fn owner(&self) -> Option<String> {
        self.0.lock().await.as_ref().map(|importing| importing.owner.clone())
    }

    /// Drops the import of `owner`, who left.
    pub(super) async fn gone(&self, owner: &str) {
        self.0.lock().await.take_if(|importing| importing.owner == owner);
    }

    pub(super) async fn begin(&self, desk: &Desk, owner: &str, begin: ImportBegin) -> Result<Import> {
        let agent = &desk.agent;
        let mut going = self.0.lock().await;
        if going.as_ref().is_some_and(|importing| importing.heard.elapsed() < IDLE_MAX) {
            return Err(refused("another import is under way; try again in a few minutes"));
        }
        let unreadable = |error: std::io::Error| Error::Unavailable(format!("the accounts can't be read: {error}"));
        let handle = random::handle(agent.random.as_ref())?;
        let local = agent.people.local().map_err(unreadable)?;
        let temporary = std::env::temp_dir();
        let waiting = Spill::in_directory(agent.store.directory().unwrap_or(&temporary)).map_err(no_room)?;
        let usable = agent.settings.register.imported == Imported::Usable;
        *going = Some(Importing {
            handle: handle.clone(),
            owner: owner.to_owned(),
            heard: Instant::now(),
            replace: begin.replace,
            usable,
            accounts: local.into_iter().map(|(name, uid)| (name, Own { uid, line: 0 })).collect(),
            rows: 0,
            waiting,
            outcome: ImportOutcome { usable, ..ImportOutcome::default() },
            name_service_hangs: false,
        });
        Ok(Import { handle })
    }

    /// Checks rows and keeps those that can be imported. What is answered counts these rows alone.
    pub(super) async fn rows(&self, desk: &Desk, batch: ImportRows) -> Result<ImportOutcome> {
        if batch.rows.len() > BATCH_MAX {
            return Err(Error::Malformed(format!("more than {BATCH_MAX} rows at once")));
        }
        let mut going = self.0.lock().await;
        let mut importing = take(&mut going, &batch.handle)?;
        importing.rows += batch.rows.len();
        if importing.rows > ROWS_MAX {
            return Err(refused(format!("more than {ROWS_MAX} rows; import them in several files")));
        }
        // Numbers take a while to read, and so does sealing; the agent's thread is everybody's.
        let agent = desk.agent.clone();
        let (importing, read, faults) = aside(move || {
            let (read, faults) = importing.read(&agent, batch.rows);
            (importing, read, faults)
        })
        .await?;
        let agent = desk.agent.clone();
        let existing = existing(&agent, &read).await?;
        let (mut importing, outcome) = aside(move || {
            let mut importing = importing;
            let outcome = importing.keep(&agent, &existing, read, faults, batch.list);
            (importing, outcome)
        })
        .await?;
        let outcome = outcome?;
        importing.heard = Instant::now();
        *going = Some(importing);
        Ok(outcome)
    }

    /// Drops what was kept; what it would have come to.
    pub(super) async fn cancel(&self, handle: &str) -> Result<ImportOutcome> {
        Ok(take(&mut *self.0.lock().await, handle)?.outcome)
    }

    /// Writes what was kept.
    pub(super) async fn commit(&self, desk: &Desk, handle: &str) -> Result<ImportOutcome> {
        let mut going = self.0.lock().await;
        let importing = take(&mut going, handle)?;
        importing.write(desk).await
    }
}

/// Does `work` on a thread of its own.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::Unavailable(error.to_string()))
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn no_room(error: std::io::Error) -> Error {
    tracing::error!(%error, "what is imported can't be kept until it is written");
    Error::Unavailable(match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
            format!("there is no room for what is imported: {error}")
        }
        _ => format!("what is imported can't be kept until it is written: {error}"),
    })
}

/// What those have registered whom rows name.
async fn existing(agent: &Snapshot, read: &[Read]) -> Result<Vec<Existing>> {
    let names: Vec<&str> = read.iter().map(|row| row.name.as_str()).collect();
    let mut tx = agent.begin().await?;
    let existing = rows::existing(&mut tx, &names).await?;
    tx.commit().await?;
    Ok(existing)
}

fn take(going: &mut Option<Importing>, handle: &str) -> Result<Importing> {
    if going.as_ref().is_none_or(|importing| importing.handle != handle) {
        return Err(refused("there is no such import, or it took too long; begin again"));
    }
    going.take().ok_or_else(|| refused("there is no such import"))
}

impl Importing {
    /// Reads rows by themselves: names, addresses and numbers.
    fn read(&mut self, agent: &Snapshot, rows: Vec<Row>) -> (Vec<Read>, Vec<Fault>) {
        let region = agent.settings.phone.default_region.as_deref();
        let numbers = listed::parse_all(rows.iter().map(|row| row.phone.as_str()), region);
        let (mut read, mut faults) = (Vec::new(), Vec::new());
        for (row, number) in rows.into_iter().zip(numbers) {
            let line = row.line;
            match self.read_one(agent, &row, number) {
                Ok((uid, contacts)) => read.push(Read { line, name: row.name, uid, contacts }),
                Err(Wrong(column, reason)) => {
                    faults.push(Fault { line, column: column.to_owned(), name: shown(&row.name), reason });
                }
            }
        }
        (read, faults)
    }

    fn read_one(
        &mut self,
        agent: &Snapshot,
        row: &Row,
        number: std::result::Result<PhoneNumber, ListedFault>,
    ) -> std::result::Result<(u32, Vec<Contact>), Wrong> {
        let settings = &agent.settings;
        if row.name.is_empty() {
            return Err("no account is named".into());
        }
        let Some(own) = self.accounts.get_mut(&row.name) else {
            let why = if self.is_elsewhere(agent, &row.name) {
                "the account's password is not kept on this machine"
            } else {
                "there is no such account"
            };
            return Err(Wrong("name", why.into()));
        };
        if own.line > 0 {
            return Err(Wrong("name", format!("the account is in line {} already", own.line)));
        }
        own.line = u32::try_from(row.line).unwrap_or(u32::MAX).max(1);
        let uid = own.uid;
        if uid == 0 || uid < settings.scope.min_uid {
            return Err("root and system accounts (below [scope] min_uid) are never served".into());
        }
        let mut contacts = Vec::new();
        if !row.email.trim().is_empty() {
            let address = EmailAddress::parse(&row.email).map_err(|fault| fault_words(agent, "email", fault))?;
            if address.is_of(&settings.register.refuse_email_domains) {
                let why = "email: addresses of that domain are refused by [register] refuse_email_domains";
                return Err(Wrong("email", why.into()));
            }
            contacts.push(Contact::Email(address));
        }
        if !row.phone.trim().is_empty() {
            contacts.push(Contact::Phone(number.map_err(|fault| number_words(agent, fault))?));
        }
        if contacts.is_empty() {
            return Err("there is neither an email address nor a phone number".into());
        }
        for contact in &contacts {
            if !settings.register.methods.contains(&contact.method()) {
                let column = contact.method().as_str();
                return Err(Wrong(column, format!("{column}: not among [register] methods")));
            }
        }
        Ok((uid, contacts))
    }

    /// Whether the name service has an account that this machine's files have not. Asked on a thread of the runtime's own; a
    /// name service that hangs once is not asked again.
    fn is_elsewhere(&mut self, agent: &Snapshot, name: &str) -> bool {
        if self.name_service_hangs {
            return false;
        }
        let exists = tokio::runtime::Handle::current().block_on(agent.people.exists(name));
        self.name_service_hangs = exists.is_none();
        exists == Some(true)
    }

    /// Compares what was read with what is registered, and keeps what is new.
    fn keep(
        &mut self,
        agent: &Snapshot,
        existing: &[Existing],
        read: Vec<Read>,
        mut faults: Vec<Fault>,
        list: bool,
    ) -> Result<ImportOutcome> {
        let mut by_name: HashMap<&str, Vec<&Existing>> = HashMap::new();
        for contact in existing {
            by_name.entry(&contact.name).or_default().push(contact);
        }
        let mut outcome = ImportOutcome { usable: self.usable, ..ImportOutcome::default() };
        let mut kept = Vec::new();
        for Read { line, name, uid, contacts } in read {
            let id = Id::from(uid);
            let own = by_name.get(name.as_str()).map(Vec::as_slice).unwrap_or_default();
            let own = own.iter().filter(|existing| existing.id == id);
            let mut new = Vec::new();
            let mut replaces = HashSet::new();
            for contact in contacts {
                let lookup = registrations::lookup(&agent.keys, &contact);
                let mut of_method = own.clone().filter(|e| e.method == contact.method().as_str()).peekable();
                if of_method.clone().any(|e| e.lookup == lookup && (e.usable || !self.usable)) {
                    continue;
                }
                if of_method.peek().is_some() && !of_method.all(|e| e.lookup == lookup) {
                    replaces.insert(contact.method());
                }
                new.push((contact, lookup));
            }
            if !self.replace
                && let Some(method) = replaces.iter().next()
            {
                let column = method.as_str();
                let reason = format!("{column}: another one is registered; --replace takes its place");
                faults.push(Fault { line, column: column.to_owned(), name, reason });
                continue;
            }
            if new.is_empty() {
                outcome.unchanged += 1;
                continue;
            }
            if list {
                let contacts = new.iter().map(|(contact, _)| contact.masked()).collect();
                outcome.read.push(AsRead { line, name: name.clone(), contacts });
            }
            outcome.imported += 1;
            outcome.replaced += u64::from(!replaces.is_empty());
            for (contact, lookup) in new {
                kept.push(NewContact {
                    sealed: registrations::seal(&agent.keys, agent.random.as_ref(), Name::local(&name), id, &contact)?,
                    method: contact.method(),
                    name: name.clone(),
                    id,
                    lookup,
                });
            }
        }
        if !kept.is_empty() {
            self.waiting.push(Chunk::new(&kept).as_str()).map_err(no_room)?;
        }
        faults.sort_by_key(|fault| fault.line);
        self.outcome.imported += outcome.imported;
        self.outcome.replaced += outcome.replaced;
        self.outcome.unchanged += outcome.unchanged;
        Ok(ImportOutcome { faults, ..outcome })
    }

    /// Writes everything, or nothing.
    async fn write(self, desk: &Desk) -> Result<ImportOutcome> {
        let agent = &desk.agent;
        let Self { waiting, mut outcome, replace, usable, accounts, .. } = self;
        // There may be a million.
        drop(accounts);
        let now = agent.now();
        let _busy = agent.busy.enter();
        let mut tx = agent.begin().await?;
        let mut newest = 0;
        // The registration as it is now counts: a user may have registered since these rows were checked.
        outcome.replaced = 0;
        let mut spilt = waiting.read().map_err(no_room)?;
        while let (left, Some(contacts)) = next(spilt).await? {
            spilt = left;
            contacts.lay_out(&mut tx).await?;
            let others = rows::others(&mut tx).await?;
            if !replace && !others.is_empty() {
                return Err(refused("somebody registered meanwhile; nothing was imported, please begin again"));
            }
            outcome.replaced += others.len() as u64;
            for (name, lookups) in &others {
                let name = Name::local(name);
                let Some(registration) = Registrations::get(&mut tx, &agent.keys, name).await? else { continue };
                let is_replaced = |contact: &Contact| {
                    let lookup = registrations::lookup(&agent.keys, contact);
                    lookups.iter().any(|other| other.as_slice() == lookup)
                };
                for old in registration.usable().into_iter().filter(is_replaced) {
                    let change = Changed::Removed(About::contact(&old));
                    notes::changed(&mut tx, agent, name, &people::by_an_administrator(), change, &[old]).await?;
                }
            }
            rows::write(&mut tx, usable, now).await?;
            newest = rows::record(&mut tx, &desk.administrator, &desk.correlation, now).await?;
        }
        rows::clear_away(&mut tx).await?;
        tx.commit().await?;
        agent.outbox.wake();
        // Contacts may have to be confirmed.
        agent.settled.clear();
        agent.audit.wrote(newest);
        // One record for all of them: so many lines at once are more than the journal takes from a service.
        let reason = format!(
            "{} accounts, {} of them with contacts replaced; each is in: sspr admin audit",
            outcome.imported, outcome.replaced
        );
        let deed = Deed { event: Event::Imported, success: true, account: "-", reason: &reason };
        audit::journal_deed(deed, &desk.administrator, &desk.correlation);
        Ok(outcome)
    }
}

/// The next batch of what waits.
async fn next(mut spilt: Spilt) -> Result<(Spilt, Option<Chunk>)> {
    aside(move || {
        let batch = spilt.pop().map_err(no_room)?.map(Chunk::of_text);
        Ok((spilt, batch))
    })
    .await?
}

fn fault_words(agent: &Snapshot, column: &'static str, fault: ContactFault) -> Wrong {
    Wrong(column, format!("{column}: {}", contact_texts::fault(agent.default_texts(), fault).replace('\n', " ")))
}

fn number_words(agent: &Snapshot, fault: ListedFault) -> Wrong {
    let why = match fault {
        ListedFault::Contact(fault) => return fault_words(agent, "phone", fault),
        ListedFault::PlusLost => {
            "as a number of this country it can't be texted; has it lost its plus sign? write it with one"
        }
        ListedFault::PlusOrNot => "with a plus sign it is a number of another country than without; write it with one",
        ListedFault::FixedLine => {
            "it is a fixed line, if it is a number of this country; write it with a plus sign if it is meant"
        }
    };
    Wrong("phone", format!("phone: {why}"))
}

/// A name as it can stand on a terminal.
fn shown(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(64).collect()
}
