//! Tables: fields between commas, semicolons, tabs or bars, and lines that programs write above the header.

use std::{
    cell::RefCell,
    io::{self, Read},
    rc::Rc,
};

use csv::{ReaderBuilder, StringRecord, Trim};

use super::{Batch, Choice, FIELD_MAX, Headings, ROW_MAX, Role, Text, cell, columns, fault};
use sspr_core::typed::{argument, trimmed};
use sspr_protocol::admin::{Fault, Row};

/// The possible separators of fields.
const BETWEEN: [u8; 4] = [b',', b';', b'\t', b'|'];
/// How many bytes are kept before some are dropped.
const KEPT_MAX: usize = 1 << 16;
const NOT_CLOSED: &str = "a quote seems not to be closed: rows may be lost in this field";
/// The rows that follow can't be told apart, so the file is not read any further.
const NOT_ENDED: &str = "a quote seems not to be closed: from this row on, the file was not read";
const NOT_CLOSED_HERE: &str = "a quote seems not to be closed: fields may be lost in this one";

/// A table that is being read.
pub(super) struct Table {
    reader: csv::Reader<Tee>,
    kept: Rc<RefCell<Kept>>,
    lines: Lines,
    record: StringRecord,
    between: u8,
    template: bool,
    columns: Vec<String>,
    roles: Vec<Option<Role>>,
    /// The file's names for the name, the address and the number.
    pub(super) headings: Headings,
    /// The columns that are not used.
    pub(super) left_out: Vec<String>,
    /// The first line that was not read.
    pub(super) unread_from: Option<u64>,
}

impl Table {
    /// `first` is the beginning of the text. `Err`: the meaning of the columns is unclear.
    pub(super) fn of(mut text: Text, first: &str, choice: &Choice) -> Result<Self, String> {
        let above = Above::of(first);
        let between = above.between.unwrap_or_else(|| between(first.get(above.bytes..).unwrap_or_default()));
        let mut lines = Lines { from: 0, line: 1 };
        lines.count(first.get(..above.bytes).unwrap_or_default().as_bytes(), 0, above.bytes as u64);
        lines.from = 0;
        text.advance(above.bytes);
        let kept = Rc::<RefCell<Kept>>::default();
        let mut reader = ReaderBuilder::new()
            .delimiter(between)
            .flexible(true)
            .trim(Trim::All)
            .buffer_capacity(KEPT_MAX)
            .from_reader(Tee { text, kept: Rc::clone(&kept) });
        let header = reader.headers().map_err(|error| format!("the header can't be read: {error}"))?;
        let columns: Vec<String> = header.iter().map(argument).collect();
        let end = reader.position().byte();
        if swallowing(kept.borrow().between(0, end), between, columns.len(), columns.len()).is_some() {
            return Err("the header can't be read: a quote is not closed".into());
        }
        kept.borrow_mut().begun = end;
        let roles = columns::assigned(&columns, choice)?;
        let (mut headings, mut left_out) = (Headings::default(), Vec::new());
        for (heading, role) in columns.iter().zip(&roles) {
            match role {
                Some(role) => headings.set(*role, heading),
                None if !heading.is_empty() => left_out.push(heading.clone()),
                None => {}
            }
        }
        let record = StringRecord::new();
        let template = above.template;
        Ok(Self {
            reader,
            kept,
            lines,
            record,
            between,
            template,
            columns,
            roles,
            headings,
            left_out,
            unread_from: None,
        })
    }

    /// Reads the next record; `false` at the end.
    pub(super) fn next(&mut self, batch: &mut Batch) -> Result<bool, String> {
        match self.reader.read_record(&mut self.record) {
            Ok(false) => return Ok(false),
            Ok(true) => {}
            Err(error) => {
                let kept = self.kept.borrow();
                if !kept.too_long {
                    return Err(format!("the file can't be read: {error}"));
                }
                let line = self.lines.at(&kept, kept.begun);
                let raw = kept.between(kept.begun, u64::MAX);
                let at = swallowing(raw, self.between, self.columns.len(), self.columns.len());
                batch.faults.push(fault(line, self.heading(at.unwrap_or(usize::MAX)), "", NOT_ENDED));
                self.unread_from = Some(line);
                return Ok(false);
            }
        }
        let begins = self.record.position().map_or(0, csv::Position::byte);
        let ends = self.reader.position().byte();
        let (line, torn) = {
            let mut kept = self.kept.borrow_mut();
            let line = self.lines.at(&kept, begins);
            let torn = swallowing(kept.between(begins, ends), self.between, self.columns.len(), self.record.len());
            kept.begun = ends;
            kept.forget(self.lines.from);
            (line, torn)
        };
        // An empty row, as spreadsheets keep it below deleted ones.
        if self.record.iter().all(|field| trimmed(field).is_empty()) {
            return Ok(true);
        }
        // Entra's template has an example row below its header.
        if self.template && self.record.iter().next().is_some_and(|first| first.starts_with("Example:")) {
            return Ok(true);
        }
        if let Some(at) = torn {
            let why = if self.record.get(at).is_some_and(|field| field.contains(['\n', '\r'])) {
                NOT_CLOSED
            } else {
                NOT_CLOSED_HERE
            };
            batch.faults.push(fault(line, self.heading(at), "", why));
            return Ok(true);
        }
        // Empty last fields may be missing; fields beyond the header belong to no column.
        let columns = self.columns.len();
        if let Some(at) =
            (columns..self.record.len()).find(|at| self.record.get(*at).is_some_and(|field| !field.is_empty()))
        {
            let why = format!(
                "field {} has no column: the header has {columns}. Does a field with {} in it lack its quotes?",
                at + 1,
                named(self.between)
            );
            batch.faults.push(fault(line, "", "", why));
            return Ok(true);
        }
        match self.row(line) {
            Ok(row) => batch.rows.push(row),
            Err(fault) => batch.faults.push(fault),
        }
        Ok(true)
    }

    fn heading(&self, at: usize) -> &str {
        self.columns.get(at).map(String::as_str).unwrap_or_default()
    }

    fn row(&self, line: u64) -> Result<Row, Fault> {
        let mut row = Row { line, ..Row::default() };
        let mut wrong = None;
        for ((field, role), heading) in self.record.iter().zip(&self.roles).zip(&self.columns) {
            let Some(role) = role else { continue };
            match (cell::read(field, *role), role.plain()) {
                (Ok(text), Role::Email) => row.email = text,
                (Ok(text), Role::Phone) => row.phone = text,
                (Ok(text), Role::Name | Role::Principal) => {
                    row.name = text;
                    row.principal = *role == Role::Principal;
                }
                (Err(why), _) => wrong = wrong.or(Some((heading, format!("{}: {why}", role.word())))),
            }
        }
        match wrong {
            None => Ok(row),
            Some((heading, why)) => Err(fault(line, heading, &row.name, why)),
        }
    }
}

/// The library's input. It keeps the bytes of the last record as written in the file.
struct Tee {
    text: Text,
    kept: Rc<RefCell<Kept>>,
}

#[derive(Default)]
struct Kept {
    bytes: Vec<u8>,
    /// The position of the first of them in the text.
    from: u64,
    /// The position at which the current record begins.
    begun: u64,
    too_long: bool,
}

impl Read for Tee {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut kept = self.kept.borrow_mut();
        // An unclosed quote may be the only one in a file that is larger than the memory.
        if kept.from + kept.bytes.len() as u64 - kept.begun > ROW_MAX as u64 {
            kept.too_long = true;
            return Err(io::Error::other("a row does not end"));
        }
        let count = self.text.read(buffer)?;
        kept.bytes.extend_from_slice(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

impl Kept {
    /// The text between two positions.
    fn between(&self, from: u64, to: u64) -> &[u8] {
        let place = |at: u64| usize::try_from(at.saturating_sub(self.from)).unwrap_or(usize::MAX).min(self.bytes.len());
        self.bytes.get(place(from)..place(to)).unwrap_or_default()
    }

    /// Drops the text before `place`, which is not needed any more.
    fn forget(&mut self, place: u64) {
        let count = usize::try_from(place.saturating_sub(self.from)).unwrap_or_default().min(self.bytes.len());
        if count >= KEPT_MAX {
            self.bytes.drain(..count);
            self.from += count as u64;
        }
    }
}

/// The field of a record that contains other fields because its closing quote is missing. The library correctly reads
/// on to the next quote, and rows are lost in a field that is not used. The header has `columns` columns, and the
/// record has `fields` fields.
fn swallowing(raw: &[u8], between: u8, columns: usize, fields: usize) -> Option<usize> {
    let ends_line = |byte: u8| matches!(byte, b'\n' | b'\r');
    let ends_field = |byte: u8| byte == between || ends_line(byte);
    let empty = raw.iter().take_while(|byte| ends_line(**byte)).count();
    let mut rest = raw.get(empty..).unwrap_or_default();
    for at in 0.. {
        if let Some(quoted) = rest.strip_prefix(b"\"") {
            // Without a closing quote before the end of the file, the field is unclosed.
            let Some(length) = closing(quoted) else { return Some(at) };
            let (inside, after) = quoted.split_at(length);
            rest = after.get(1..).unwrap_or_default();
            let behind = rest.iter().take_while(|byte| !ends_field(**byte));
            let is_torn =
                inside.iter().any(|byte| ends_field(*byte)) && !behind.copied().all(|b| b.is_ascii_whitespace());
            if is_torn || holds_rows(inside, between, at, columns) || holds_fields(inside, between, columns, fields) {
                return Some(at);
            }
        }
        let end = rest.iter().position(|byte| ends_field(*byte))?;
        if rest.get(end) != Some(&between) {
            return None;
        }
        rest = rest.get(end + 1..)?;
    }
    None
}

/// The position of the quote that ends a field. Two quotes in a row are one quote in the field.
fn closing(quoted: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += quoted.get(at..)?.iter().position(|byte| *byte == b'"')?;
        if quoted.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

/// Whether a field at position `at` looks like the end of its row, more rows, and the beginning of another one.
fn holds_rows(inside: &[u8], between: u8, at: usize, columns: usize) -> bool {
    let lines: Vec<usize> = inside
        .split(|byte| matches!(byte, b'\n' | b'\r'))
        .map(|line| line.split(|byte| *byte == between).count().saturating_sub(1))
        .collect();
    let [first, others @ .., last] = lines.as_slice() else { return false };
    let whole = columns.saturating_sub(1);
    let is_whole = |count: &usize| whole > 0 && *count >= whole;
    inside.len() > FIELD_MAX
        || others.iter().any(is_whole)
        || is_whole(last)
        || (whole > 0 && *first + at >= whole && *last >= at)
}

/// Whether a long field on one line looks as if it contains other fields of its row, and the row lacks them. Any text
/// in a cell may contain such signs, but then no column is missing.
fn holds_fields(inside: &[u8], between: u8, columns: usize, fields: usize) -> bool {
    inside.len() > FIELD_MAX && fields < columns && inside.split(|byte| *byte == between).count() > columns - fields
}

/// The lines above the header.
#[derive(Default)]
struct Above {
    bytes: usize,
    /// `sep=;`, which Excel reads and some programs write for it.
    between: Option<u8>,
    /// `version:v1.0`, as in Entra's template.
    template: bool,
}

impl Above {
    fn of(text: &str) -> Self {
        let mut above = Self::default();
        for line in text.split_inclusive('\n') {
            let plain = line.trim().trim_matches('"');
            let lower = plain.to_ascii_lowercase();
            if let Some(sign) = lower.strip_prefix("sep=") {
                // A tab at the end of the line is a separator, not a blank.
                above.between = sign.bytes().next().or_else(|| line.contains('\t').then_some(b'\t'));
            } else if lower.starts_with("version:") {
                above.template = true;
            } else if !(plain.is_empty() || lower.starts_with("#type ")) {
                break;
            }
            above.bytes += line.len();
        }
        above
    }
}

/// The most frequent separator in the header.
fn between(table: &str) -> u8 {
    let header = table.split(['\n', '\r']).find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut quoted = false;
    let mut counts = [0usize; BETWEEN.len()];
    for byte in header.bytes() {
        quoted ^= byte == b'"';
        if let (false, Some(count)) =
            (quoted, BETWEEN.iter().position(|sign| *sign == byte).and_then(|at| counts.get_mut(at)))
        {
            *count += 1;
        }
    }
    let most = counts.iter().max().copied().unwrap_or_default();
    let first = counts.iter().position(|count| *count == most).unwrap_or_default();
    BETWEEN.get(first).copied().unwrap_or(b',')
}

const fn named(between: u8) -> &'static str {
    match between {
        b';' => "a semicolon",
        b'\t' => "a tab",
        b'|' => "a bar",
        _ => "a comma",
    }
}

/// The line in which a record begins. The library may or may not have counted the line whose end it has just read.
struct Lines {
    /// The position up to which the lines are counted.
    from: u64,
    line: u64,
}

impl Lines {
    /// The line of the first byte at or after `offset` that is not a line end. Offsets only grow.
    fn at(&mut self, kept: &Kept, offset: u64) -> u64 {
        self.count(kept.between(self.from, u64::MAX), self.from, offset);
        self.line
    }

    /// Counts the lines in `bytes`, which begin at position `begin`.
    fn count(&mut self, bytes: &[u8], begin: u64, offset: u64) {
        for (place, byte) in bytes.iter().enumerate() {
            if begin + place as u64 >= offset && !matches!(byte, b'\r' | b'\n') {
                break;
            }
            // A carriage return without a line feed ends a line too, as from a spreadsheet on a Mac.
            let ends = *byte == b'\n' || (*byte == b'\r' && bytes.get(place + 1) != Some(&b'\n'));
            self.line += u64::from(ends);
            self.from = begin + place as u64 + 1;
        }
    }
}
