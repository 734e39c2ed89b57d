//! Reads the rows of an import: the account of each, its address and its number. Registrations are not looked at here.

use std::collections::HashMap;

use crate::{
    contact::{
        Contact, ContactFault, EmailAddress, PhoneNumber,
        listed::{self, ListedFault},
    },
    contact_texts,
    snapshot::Snapshot,
};

use super::super::wire::{Fault, Row};

/// This machine's own accounts when the import began, each with the line that named it.
pub(super) struct Accounts {
    own: HashMap<String, Own>,
    name_service_hangs: bool,
}

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
    /// The account.
    pub(super) name: String,
    /// The uid of the account.
    pub(super) uid: u32,
    /// The contacts, at least one.
    pub(super) contacts: Vec<Contact>,
}

impl Accounts {
    /// The accounts with these names and uids, none of them named yet.
    pub(super) fn new(own: impl IntoIterator<Item = (String, u32)>) -> Self {
        let own = own.into_iter().map(|(name, uid)| (name, Own { uid, line: 0 })).collect();
        Self { own, name_service_hangs: false }
    }

    /// Parses rows without looking at registrations: names, addresses and numbers.
    pub(super) fn read(&mut self, agent: &Snapshot, rows: Vec<Row>) -> (Vec<ReadRow>, Vec<Fault>) {
        let region = agent.settings.phone.default_region.as_deref();
        let numbers = listed::parse_all(rows.iter().map(|row| row.phone.as_str()), region);
        let (mut read, mut faults) = (Vec::new(), Vec::new());
        for (row, number) in rows.into_iter().zip(numbers) {
            let line = row.line;
            match self.read_one(agent, &row, number) {
                Ok((uid, contacts)) => read.push(ReadRow { line, name: row.name, uid, contacts }),
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
        let Some(own) = self.own.get_mut(&row.name) else {
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
