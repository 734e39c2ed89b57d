//! Reads the rows of an import: tables as written by spreadsheets and directories, JSON, and LDIF. The file is read as
//! a stream, so that a large one takes no more memory than a small one.

mod cell;
mod columns;
mod encoding;
mod json;
mod keys;
mod ldif;
mod names;
mod table;

use std::{cell::Cell, io::Read, rc::Rc};

pub use columns::{Choice, Role};
use encoding::{Encoding, Guess, Text};

use sspr_protocol::admin::{Fault, Row};

/// The longest field that is accepted, in bytes.
const FIELD_MAX: usize = 600;
/// The longest row, in bytes: a longer one has no closing quote or bracket.
const ROW_MAX: usize = 1 << 20;
/// The most faults that are collected; with more, it is the wrong file.
pub const FAULTS_MAX: usize = 10_000;

/// The content of a whole file.
#[derive(Debug, Default)]
pub struct Rows {
    /// The rows.
    pub rows: Vec<Row>,
    /// The faults of invalid rows.
    pub faults: Vec<Fault>,
    /// The file's names for the name, the address and the number, if it has any.
    pub headings: Headings,
    /// The columns that were left out.
    pub left_out: Vec<String>,
}

/// Rows and faults, in the order of the file.
#[derive(Debug, Default)]
pub struct Batch {
    /// The rows.
    pub rows: Vec<Row>,
    /// The faults of invalid rows.
    pub faults: Vec<Fault>,
}

/// The file's own names.
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

    /// The file's name for `word`: "name", "email" or "phone".
    pub fn of<'a>(&'a self, word: &'a str) -> &'a str {
        let heading = match word {
            "name" => &self.name,
            "email" => &self.email,
            _ => &self.phone,
        };
        heading.as_deref().unwrap_or(word)
    }

    /// For example `name from "SamAccountName"`, if the file uses another name than we do.
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

enum Kind {
    Table(table::Table),
    Json(json::Json),
    Ldif(ldif::Ldif),
}

/// A file that is being read.
pub struct Reader {
    kind: Kind,
    encoding: Rc<Cell<Encoding>>,
    any: bool,
    faults: usize,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("faults", &self.faults).finish_non_exhaustive()
    }
}

impl Reader {
    /// `Err`: it is not such a file, or the meaning of its columns is unclear.
    pub fn of(source: Box<dyn Read>, choice: &Choice) -> Result<Self, String> {
        let mut text = Text::of(source)?;
        let encoding = text.encoding();
        let noted = |why: String| noted(why, encoding.get());
        let first = text.peek().map_err(|error| error.to_string())?;
        let first = String::from_utf8_lossy(first).into_owned();
        let kind = match first.trim_start().chars().next() {
            None if text.is_whole() => return Err("the file is empty".into()),
            Some('{' | '[') => Kind::Json(json::Json::of(text, &first, choice)),
            _ if ldif::is_ldif(&first) => Kind::Ldif(ldif::Ldif::of(text, choice)),
            _ => Kind::Table(table::Table::of(text, &first, choice).map_err(noted)?),
        };
        Ok(Self { kind, encoding, any: false, faults: 0 })
    }

    /// The next rows and faults, at most `most`, in the order of the file; `None` at its end. `Err`: it is the wrong
    /// file after all.
    pub fn next(&mut self, most: usize) -> Result<Option<Batch>, String> {
        let mut batch = Batch::default();
        let mut more = true;
        while more && batch.rows.len() + batch.faults.len() < most {
            let read = match &mut self.kind {
                Kind::Table(table) => table.next(&mut batch),
                Kind::Json(json) => json.next(&mut batch),
                Kind::Ldif(ldif) => ldif.next(&mut batch),
            };
            more = read.map_err(|why| self.noted(why))?;
        }
        if let Some(guess) = self.encoding.get().guess() {
            self.without_guesses(&mut batch, guess);
        }
        self.faults += batch.faults.len();
        if self.faults > FAULTS_MAX {
            return Err(format!("more than {FAULTS_MAX} rows can't be read; is it the right file?"));
        }
        if batch.rows.is_empty() && batch.faults.is_empty() {
            return if self.any { Ok(None) } else { Err(self.noted(self.nothing().into())) };
        }
        self.any = true;
        Ok(Some(batch))
    }

    /// The file's names for the name, the address and the number, as far as it was read.
    pub const fn headings(&self) -> &Headings {
        match &self.kind {
            Kind::Table(table) => &table.headings,
            Kind::Json(json) => &json.keys.headings,
            Kind::Ldif(ldif) => &ldif.keys.headings,
        }
    }

    /// The columns that are left out, as far as the file was read.
    pub fn left_out(&self) -> Vec<String> {
        match &self.kind {
            Kind::Table(table) => table.left_out.clone(),
            Kind::Json(json) => json.keys.left_out(),
            Kind::Ldif(ldif) => ldif.keys.left_out(),
        }
    }

    /// The first line of a row that does not end; nothing was read from there on.
    pub const fn unread_from(&self) -> Option<u64> {
        match &self.kind {
            Kind::Table(table) => table.unread_from,
            Kind::Json(json) => json.unread_from,
            Kind::Ldif(_) => None,
        }
    }

    /// Whether headings and left-out columns are known before the first row.
    pub const fn has_header(&self) -> bool {
        matches!(self.kind, Kind::Table(_))
    }

    /// The warning if letters may have been misread.
    pub fn doubt(&self) -> Option<&'static str> {
        self.encoding.get().doubt()
    }

    const fn nothing(&self) -> &'static str {
        match &self.kind {
            Kind::Ldif(_) => {
                "no entry of the file is an account: none has a uid or a sAMAccountName. If another attribute is the account's name: \
                 --map ATTRIBUTE=name"
            }
            Kind::Table(_) | Kind::Json(_) => "the file has a header and no rows",
        }
    }

    fn noted(&self, why: String) -> String {
        noted(why, self.encoding.get())
    }

    /// Refuses addresses with guessed letters, because they may be another user's. If only ASCII could be read, that
    /// includes every letter beyond it.
    fn without_guesses(&self, batch: &mut Batch, guess: Guess) {
        let western = guess == Guess::Western;
        let headings = self.headings();
        let uncertain = |row: &Row| {
            let fields = [("name", &row.name, western), ("email", &row.email, false), ("phone", &row.phone, western)];
            fields.into_iter().find(|(_, text, taken)| !(*taken || text.is_ascii())).map(|(word, ..)| word)
        };
        for row in batch.rows.extract_if(.., |row| uncertain(row).is_some()) {
            let word = uncertain(&row).unwrap_or_default();
            // An unreadable name is not shown either.
            let name = if western { row.name.as_str() } else { "" };
            let reason = format!("{word}: one of its letters is not certain");
            batch.faults.push(fault(row.line, headings.of(word), name, reason));
        }
        batch.faults.sort_by_key(|fault| fault.line);
        for fault in batch.faults.iter_mut().filter(|fault| !fault.column.is_empty()) {
            fault.reason.push_str(guess.note());
        }
    }
}

/// The reason why a file can't be read, with a remark on its encoding.
fn noted(why: String, encoding: Encoding) -> String {
    match encoding.guess() {
        Some(guess) => why + guess.note(),
        None => why,
    }
}

/// All rows in `bytes`.
pub fn parse(bytes: &[u8], choice: &Choice) -> Result<Rows, String> {
    let mut reader = Reader::of(Box::new(std::io::Cursor::new(bytes.to_vec())), choice)?;
    let mut all = Rows::default();
    while let Some(mut batch) = reader.next(1000)? {
        all.rows.append(&mut batch.rows);
        all.faults.append(&mut batch.faults);
    }
    all.headings = reader.headings().clone();
    all.left_out = reader.left_out();
    Ok(all)
}

fn fault(line: u64, column: &str, name: &str, reason: impl Into<String>) -> Fault {
    Fault { line, column: column.to_owned(), name: name.to_owned(), reason: reason.into() }
}

#[cfg(test)]
mod tests;
