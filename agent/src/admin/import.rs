//! Imports contacts: every row is checked first, and then all are written in one transaction.
//!
//! Rows come in batches, and wait sealed in a file without a name, ready to be written: a large import takes no more
//! memory than a small one. The store is read once for each batch, and written to only at the end, so that a file of a
//! hundred thousand lines does not hold up sign-ins.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{StreamExt as _, stream};
use sspr_config::settings::Imported;
use tokio::sync::Mutex;

use crate::{
    account::{DIRECTORY, Name},
    audit::{self, Deed, Event},
    clock::Time,
    contact::Contact,
    credential::client::CredentialsError,
    notifications::{self, About, Changed},
    random,
    snapshot::Snapshot,
    store::{
        ContactsInBulk, Registrations,
        import::{Chunk, Existing, NewContact, Others},
        registrations,
        spill::{Spill, Spilt},
    },
    targets::State,
};

use super::{
    AdminCall, Error, Result, aside, no_accounts, people, refused,
    wire::{AsRead, BATCH_MAX, Fault, Import, ImportBegin, ImportOutcome, ImportRows},
};

mod reading;

use reading::{Accounts, OfTheDirectory, ReadRow};

/// The most rows of one import. All of them are written in one transaction, which holds up other writers.
const ROWS_MAX: usize = 250_000;
/// How many names are looked up in the directory at once. Each is a connection to a server, and users who sign in need
/// some too.
const LOOK_UPS: usize = 4;
/// The pauses before the directory is asked again.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_millis(800)];
/// The most names of a batch about which it may give no answer. Each is a row at fault; more are an outage.
const UNANSWERED_MAX: usize = 8;
/// The time after which an inactive import is dropped when another one begins.
const IDLE_MAX: Duration = Duration::from_mins(5);

/// The import in progress; there is at most one.
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
    begun: Time,
    replace: bool,
    usable: bool,
    accounts: Accounts,
    rows: usize,
    /// The rows to write, batch by batch.
    waiting: Spill,
    outcome: ImportOutcome,
}

impl Imports {
    /// The connection of the administrator who imports.
    pub(super) async fn owner(&self) -> Option<String> {
        self.0.lock().await.as_ref().map(|importing| importing.owner.clone())
    }

    /// Drops the import of the connection `owner`, which is closed.
    pub(super) async fn gone(&self, owner: &str) {
        self.0.lock().await.take_if(|importing| importing.owner == owner);
    }

    pub(super) fn begin(&self, call: &AdminCall, owner: &str, begin: ImportBegin) -> Result<Import> {
        let agent = &call.agent;
        // Its rows are being checked, which takes long where a directory is slow.
        let Ok(mut going) = self.0.try_lock() else { return Err(another()) };
        if going.as_ref().is_some_and(|importing| importing.heard.elapsed() < IDLE_MAX) {
            return Err(another());
        }
        let handle = random::handle(agent.random.as_ref())?;
        let local = agent.people.local().map_err(no_accounts)?;
        let temporary = std::env::temp_dir();
        let waiting = Spill::in_directory(agent.store.directory().unwrap_or(&temporary)).map_err(no_room)?;
        let usable = agent.settings.register.imported == Imported::Usable;
        *going = Some(Importing {
            handle: handle.clone(),
            owner: owner.to_owned(),
            heard: Instant::now(),
            begun: agent.now(),
            replace: begin.replace,
            usable,
            accounts: Accounts::new(local),
            rows: 0,
            waiting,
            outcome: ImportOutcome { usable, ..ImportOutcome::default() },
        });
        Ok(Import { handle })
    }

    /// Checks rows, and keeps those that can be imported. The answer counts only these rows.
    pub(super) async fn rows(&self, call: &AdminCall, batch: ImportRows) -> Result<ImportOutcome> {
        if batch.rows.len() > BATCH_MAX {
            return Err(Error::Malformed(format!("more than {BATCH_MAX} rows at once")));
        }
        let mut going = self.0.lock().await;
        let mut importing = take(&mut going, &batch.handle)?;
        importing.rows += batch.rows.len();
        if importing.rows > ROWS_MAX {
            return Err(refused(format!("more than {ROWS_MAX} rows; import them in several files")));
        }
        let found = look_up(&call.agent, importing.accounts.to_look_up(&call.agent, &batch.rows)).await?;
        // Parsing numbers and sealing take a while, and all dialogues share the agent's thread.
        let agent = call.agent.clone();
        let (importing, read, faults) = aside(move || {
            let (read, faults) = importing.accounts.read(&agent, batch.rows, &found);
            (importing, read, faults)
        })
        .await?;
        let agent = call.agent.clone();
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

    /// Drops the kept rows, and returns what importing them would have done.
    pub(super) async fn cancel(&self, handle: &str) -> Result<ImportOutcome> {
        Ok(take(&mut *self.0.lock().await, handle)?.outcome)
    }

    /// Writes the kept rows.
    pub(super) async fn commit(&self, call: &AdminCall, handle: &str) -> Result<ImportOutcome> {
        let mut going = self.0.lock().await;
        let importing = take(&mut going, handle)?;
        importing.write(call).await
    }
}

fn another() -> Error {
    refused("another import is under way; try again in a few minutes")
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

/// What the directory says about `names`. Fails if it does not answer about many of them.
async fn look_up(agent: &Snapshot, names: HashSet<String>) -> Result<OfTheDirectory> {
    let (mut found, mut unanswered) = (OfTheDirectory::new(), 0);
    let mut answers = stream::iter(names).map(|name| asked(agent, name)).buffer_unordered(LOOK_UPS);
    while let Some((name, answer)) = answers.next().await {
        let answer = answer.map_err(|why| why.to_string());
        if let Err(why) = &answer {
            unanswered += 1;
            if unanswered > UNANSWERED_MAX {
                return Err(Error::Unavailable(format!("nothing was imported: the directory does not answer: {why}")));
            }
        }
        found.insert(name, answer);
    }
    Ok(found)
}

/// The directory's answer about one name. It is asked again a little later if it has too much to do.
async fn asked(agent: &Snapshot, name: String) -> (String, std::result::Result<State, CredentialsError>) {
    let who = Name { realm: DIRECTORY, name: &name };
    let mut answer = agent.targets.account(who).await;
    for pause in PAUSES {
        if answer.is_ok() {
            break;
        }
        tokio::time::sleep(pause).await;
        answer = agent.targets.account(who).await;
    }
    if let Err(why) = &answer {
        tracing::warn!(%why, "the directory does not say who an account of an import is");
    }
    (name, answer)
}

/// The registrations of the users in the rows.
async fn existing(agent: &Snapshot, read: &[ReadRow]) -> Result<Vec<Existing>> {
    let names: Vec<Name<'_>> = read.iter().map(ReadRow::who).collect();
    let mut tx = agent.begin_to_read().await?;
    let existing = ContactsInBulk::existing(&mut tx, &names, agent.now()).await?;
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
    /// Compares rows with the registrations, and keeps the new contacts.
    fn keep(
        &mut self,
        agent: &Snapshot,
        existing: &[Existing],
        read: Vec<ReadRow>,
        mut faults: Vec<Fault>,
        list: bool,
    ) -> Result<ImportOutcome> {
        let mut by_name: HashMap<(&str, &str), Vec<&Existing>> = HashMap::new();
        for contact in existing {
            by_name.entry((&contact.realm, &contact.name)).or_default().push(contact);
        }
        let mut outcome = ImportOutcome { usable: self.usable, ..ImportOutcome::default() };
        let mut kept = Vec::new();
        for ReadRow { line, realm, name, id, contacts } in read {
            let own = by_name.get(&(realm, name.as_str())).map(Vec::as_slice).unwrap_or_default();
            let own = own.iter().filter(|existing| existing.id == id);
            let mut new = Vec::new();
            let mut replaces = HashSet::new();
            for contact in contacts {
                let lookup = registrations::lookup(&agent.keys, &contact);
                let mut of_method = own.clone().filter(|e| e.method == contact.method().as_str()).peekable();
                if of_method.clone().any(|e| e.lookup == lookup && e.lasts && (e.usable || !self.usable)) {
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
                let who = Name { realm, name: &name };
                kept.push(NewContact {
                    sealed: registrations::seal(&agent.keys, agent.random.as_ref(), who, id, &contact)?,
                    realm,
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
    async fn write(self, call: &AdminCall) -> Result<ImportOutcome> {
        let agent = &call.agent;
        let Self { waiting, mut outcome, replace, usable, accounts, begun, .. } = self;
        // There may be a million accounts.
        drop(accounts);
        let now = agent.now();
        let _busy = agent.busy.enter();
        let mut tx = agent.begin().await?;
        let mut newest = 0;
        // The current registration counts: the user may have registered since these rows were checked.
        outcome.replaced = 0;
        let mut spilt = waiting.read().map_err(no_room)?;
        while let (left, Some(contacts)) = next(spilt).await? {
            spilt = left;
            ContactsInBulk::lay_out(&mut tx, &contacts).await?;
            let others = ContactsInBulk::others(&mut tx).await?;
            let newcomers = ContactsInBulk::has_newcomers(&mut tx, begun).await?;
            if newcomers || !replace && !others.is_empty() {
                return Err(refused("somebody registered meanwhile; nothing was imported, please begin again"));
            }
            outcome.replaced += others.len() as u64;
            for Others { realm, name, lookups } in &others {
                let name = Name { realm, name };
                let Some(registration) = Registrations::get(&mut tx, &agent.keys, name).await? else { continue };
                let is_replaced = |contact: &Contact| {
                    let lookup = registrations::lookup(&agent.keys, contact);
                    lookups.iter().any(|other| other.as_slice() == lookup)
                };
                for old in registration.usable().into_iter().filter(is_replaced) {
                    let change = Changed::Removed(About::contact(&old));
                    notifications::changed(&mut tx, agent, name, &people::by_an_administrator(), change, &[old])
                        .await?;
                }
            }
            ContactsInBulk::write(&mut tx, usable, now).await?;
            newest = ContactsInBulk::record(&mut tx, &call.administrator, &call.correlation, now).await?;
        }
        ContactsInBulk::clear_away(&mut tx).await?;
        tx.commit().await?;
        agent.outbox.wake();
        // Contacts may have to be confirmed.
        agent.settled.clear();
        agent.audit.wrote(newest);
        // One record for all: the journal would not take so many lines at once from a service.
        let reason = format!(
            "{} accounts, {} of them with contacts replaced; each is in: sspr admin audit",
            outcome.imported, outcome.replaced
        );
        let deed = Deed { event: Event::Imported, success: true, account: "-", reason: &reason };
        agent.audit.journal(0, &audit::of_deed(deed, &call.administrator, &call.correlation));
        Ok(outcome)
    }
}

/// The next batch of waiting rows.
async fn next(mut spilt: Spilt) -> Result<(Spilt, Option<Chunk>)> {
    aside(move || {
        let batch = spilt.pop().map_err(no_room)?.map(Chunk::of_text);
        Ok((spilt, batch))
    })
    .await?
}
