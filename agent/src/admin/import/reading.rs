//! Reads the rows of an import: the account of each, its address and its number. Registrations are not looked at here.

use std::collections::{HashMap, HashSet};

use crate::{
    account::{DIRECTORY, Id, LOCAL, Name},
    contact::{
        Contact, ContactFault, EmailAddress, PhoneNumber,
        listed::{self, ListedFault},
    },
    contact_texts,
    credential::Verdict,
    snapshot::Snapshot,
    targets::State,
};

use super::super::wire::{Fault, Row};

/// This machine's own accounts when the import began, and those of the directory that were named, each with the line
/// that named it.
pub(super) struct Accounts {
    own: HashMap<String, Own>,
    of_the_directory: HashMap<String, u32>,
    name_service_hangs: bool,
}

/// What the directory answered about names, which are folded; `Err` says why there is no answer.
pub(super) type OfTheDirectory = HashMap<String, std::result::Result<State, String>>;

/// An account of this machine.
struct Own {
    uid: u32,
    /// The line that named it; 0 if none did. A small type, because there may be a million accounts.
    line: u32,
}

/// Why a row can't be imported, and the column at fault, if any.
struct Wrong(&'static str, String);

impl From<&str> for Wrong {
    fn from(why: &str) -> Self {
        Self("", why.to_owned())
    }
}

/// A readable row: an account and its contacts.
pub(super) struct ReadRow {
    /// Its line in the file.
    pub(super) line: u64,
    /// The account's realm.
    pub(super) realm: &'static str,
    /// The account's name in its realm.
    pub(super) name: String,
    /// The account's id.
    pub(super) id: Id,
    /// The contacts, at least one.
    pub(super) contacts: Vec<Contact>,
}

impl ReadRow {
    /// The key of the account's rows.
    pub(super) fn who(&self) -> Name<'_> {
        Name { realm: self.realm, name: &self.name }
    }
}

/// The account that a row names.
struct Named {
    realm: &'static str,
    name: String,
    id: Id,
}

impl Accounts {
    /// The accounts with these names and uids, none of them named yet.
    pub(super) fn new(own: impl IntoIterator<Item = (String, u32)>) -> Self {
        let own = own.into_iter().map(|(name, uid)| (name, Own { uid, line: 0 })).collect();
        Self { own, of_the_directory: HashMap::new(), name_service_hangs: false }
    }

    /// The names in `rows` that are the directory's if they exist, each folded and once. Empty without a directory.
    pub(super) fn to_look_up(&self, agent: &Snapshot, rows: &[Row]) -> HashSet<String> {
        if agent.settings.directory.kind.is_none() {
            return HashSet::new();
        }
        let others = rows.iter().filter(|row| !row.name.is_empty() && !self.own.contains_key(&row.name));
        others.filter_map(|row| self.folded(agent, row).ok()).collect()
    }

    /// Parses rows without looking at registrations: names, addresses and numbers. `found` has the answers about the
    /// names from [`Self::to_look_up`].
    pub(super) fn read(
        &mut self,
        agent: &Snapshot,
        rows: Vec<Row>,
        found: &OfTheDirectory,
    ) -> (Vec<ReadRow>, Vec<Fault>) {
        let region = agent.settings.phone.default_region.as_deref();
        let numbers = listed::parse_all(rows.iter().map(|row| row.phone.as_str()), region);
        let (mut read, mut faults) = (Vec::new(), Vec::new());
        for (row, number) in rows.into_iter().zip(numbers) {
            let line = row.line;
            match self.read_one(agent, &row, number, found) {
                Ok((Named { realm, name, id }, contacts)) => read.push(ReadRow { line, realm, name, id, contacts }),
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
        found: &OfTheDirectory,
    ) -> std::result::Result<(Named, Vec<Contact>), Wrong> {
        let settings = &agent.settings;
        let named = self.account(agent, row, found)?;
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
        Ok((named, contacts))
    }

    /// The account that a row names, for the first time.
    fn account(&mut self, agent: &Snapshot, row: &Row, found: &OfTheDirectory) -> std::result::Result<Named, Wrong> {
        if row.name.is_empty() {
            return Err("no account is named".into());
        }
        if let Some(own) = self.own.get_mut(&row.name) {
            first(&mut own.line, row.line)?;
            let uid = own.uid;
            if uid == 0 || uid < agent.settings.scope.min_uid {
                return Err(NEVER_SERVED.into());
            }
            return Ok(Named { realm: LOCAL, name: row.name.clone(), id: Id::from(uid) });
        }
        if agent.settings.directory.kind.is_some() {
            let name = self.folded(agent, row)?;
            let id = match found.get(&name) {
                Some(Ok(state)) => served(state)?,
                Some(Err(why)) => return Err(Wrong("name", format!("the directory does not say who that is: {why}"))),
                None => return Err(Wrong("name", "the directory was not asked".into())),
            };
            first(self.of_the_directory.entry(name.clone()).or_default(), row.line)?;
            return Ok(Named { realm: DIRECTORY, name, id });
        }
        let why = if self.is_elsewhere(agent, &row.name) {
            "the account's password is not kept on this machine"
        } else {
            "there is no such account"
        };
        Err(Wrong("name", why.into()))
    }

    /// The name in the directory that a row means, if it can mean only one.
    fn folded(&self, agent: &Snapshot, row: &Row) -> std::result::Result<String, Wrong> {
        // The principal name alice@example.org can be that of asmith, while another user is alice.
        if row.principal || row.name.contains('@') {
            let why = "in a directory, the first part of a principal name can be another user's account name; \
                       use a column with account names, such as SamAccountName";
            return Err(Wrong("name", why.into()));
        }
        let name = agent.place_far(&row.name).name().name.to_owned();
        if !row.name.contains('\\') && self.own.contains_key(&name) {
            let why = format!("write {name} for the account of this machine, and DOMAIN\\{name} for the directory's");
            return Err(Wrong("name", why));
        }
        Ok(name)
    }

    /// Whether the name service has an account that is not in this machine's files. Asked on a thread of the runtime.
    /// After a name service hangs once, it is not asked again.
    fn is_elsewhere(&mut self, agent: &Snapshot, name: &str) -> bool {
        if self.name_service_hangs {
            return false;
        }
        let exists = tokio::runtime::Handle::current().block_on(agent.people.exists(name));
        self.name_service_hangs = exists.is_none();
        exists == Some(true)
    }
}

const NEVER_SERVED: &str = "root and system accounts (below [scope] min_uid) are never served";

/// The id of an account of the directory that self-service can serve.
fn served(state: &State) -> std::result::Result<Id, Wrong> {
    let why = match state.verdict {
        Verdict::Unknown => "there is no such account",
        Verdict::System => return Err(NEVER_SERVED.into()),
        Verdict::SharedUid => "several entries have that name",
        _ if state.id == Id::NONE => "the directory has this entry under another name",
        Verdict::Locked => "the directory has locked the account",
        Verdict::Expired => "the account has expired",
        _ => return Ok(state.id),
    };
    Err(Wrong("name", why.into()))
}

/// Notes in `line` that the account is in the line `now`. Fails if another line named it before.
fn first(line: &mut u32, now: u64) -> std::result::Result<(), Wrong> {
    if *line > 0 {
        return Err(Wrong("name", format!("the account is in line {line} already")));
    }
    *line = u32::try_from(now).unwrap_or(u32::MAX).max(1);
    Ok(())
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

/// A name that is safe to show on a terminal.
fn shown(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(64).collect()
}
