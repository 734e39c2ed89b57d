//! Reading the rows of an import: tables as spreadsheets and directories write them, and JSON.

mod cell;
mod columns;
mod encoding;
mod json;
mod names;
mod table;

pub use columns::{Choice, Role};

use crate::admin::wire::{Fault, Row};

/// The longest field that is looked at, in bytes.
const FIELD_MAX: usize = 600;
/// The most faults that are collected; more mean that it is the wrong file.
const FAULTS_MAX: usize = 10_000;

/// What a file has.
#[derive(Debug, Default)]
pub struct Rows {
    /// The rows.
    pub rows: Vec<Row>,
    /// Those that are none.
    pub faults: Vec<Fault>,
    /// What the file calls the name, the address and the number, where it has them.
    pub headings: Headings,
    /// What was left out.
    pub left_out: Vec<String>,
}

/// What a file calls things.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headings {
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
}

impl Headings {
    fn set(&mut self, role: Role, heading: &str) {
        let place = match role.plain() {
            Role::Email => &mut self.email,
            Role::Phone => &mut self.phone,
            Role::Name | Role::Principal => &mut self.name,
        };
        *place = Some(heading.to_owned());
    }

    /// What the file calls `word`: "name", "email" or "phone".
    pub fn of<'a>(&'a self, word: &'a str) -> &'a str {
        let heading = match word {
            "name" => &self.name,
            "email" => &self.email,
            _ => &self.phone,
        };
        heading.as_deref().unwrap_or(word)
    }

    /// As `name from "SamAccountName"` and so on, where the file calls one otherwise than we do.
    pub fn described(&self) -> Option<String> {
        let one = |word: &str, heading: &Option<String>| {
            heading.as_ref().map(|h| format!("{word} from {}", columns::shown(h)))
        };
        let other =
            |word: &str, heading: &Option<String>| heading.as_ref().is_some_and(|h| !h.eq_ignore_ascii_case(word));
        let all = [("name", &self.name), ("email", &self.email), ("phone", &self.phone)];
        let parts: Vec<String> = all.into_iter().filter_map(|(word, heading)| one(word, heading)).collect();
        all.into_iter().any(|(word, heading)| other(word, heading)).then(|| parts.join(", "))
    }
}

/// The rows in `bytes`. `Err`: it is no such file at all, or it can't be told what its columns are.
pub fn parse(bytes: &[u8], choice: &Choice) -> Result<Rows, String> {
    let (text, guessed) = encoding::text(bytes)?;
    let first = text.trim_start();
    let hinted = |why: String| if guessed { why + NOT_UTF_8 } else { why };
    let mut rows = match first.chars().next() {
        None => return Err("the file is empty".into()),
        Some('{' | '[') => json::rows(&text, choice).map_err(hinted)?,
        Some(_) if is_ldif(first) => {
            return Err("this is LDIF; write CSV: csvde -f people.csv -l sAMAccountName,mail,mobile, or Get-ADUser with Export-Csv".into());
        }
        Some(_) => table::rows(&text, choice).map_err(hinted)?,
    };
    if guessed {
        without_guesses(&mut rows);
    }
    if rows.rows.is_empty() && rows.faults.is_empty() {
        return Err("the file has a header and no rows".into());
    }
    if rows.faults.len() > FAULTS_MAX {
        return Err(format!("more than {FAULTS_MAX} rows can't be read; is it the right file?"));
    }
    if guessed {
        for fault in rows.faults.iter_mut().filter(|fault| !fault.column.is_empty()) {
            fault.reason.push_str(NOT_UTF_8);
        }
    }
    Ok(rows)
}

const NOT_UTF_8: &str = " (the file is not UTF-8; save it as \"CSV UTF-8\")";

/// An address whose letters were guessed may be another user's.
fn without_guesses(rows: &mut Rows) {
    let heading = rows.headings.of("email").to_owned();
    for row in rows.rows.extract_if(.., |row| !row.email.is_ascii()) {
        rows.faults.push(fault(row.line, &heading, &row.name, "email: a letter of it is not certain"));
    }
    rows.faults.sort_by_key(|fault| fault.line);
}

fn is_ldif(text: &str) -> bool {
    let line = text.lines().next().unwrap_or_default().to_ascii_lowercase();
    line.starts_with("dn:") || line.trim_end() == "version: 1"
}

fn fault(line: u64, column: &str, name: &str, reason: impl Into<String>) -> Fault {
    Fault { line, column: column.to_owned(), name: name.to_owned(), reason: reason.into() }
}

#[cfg(test)]
mod tests;
