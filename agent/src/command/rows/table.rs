//! Tables: fields between commas, semicolons, tabs or bars, and what programs write above the header.

use csv::{ReaderBuilder, StringRecord, Trim};

use super::{Choice, Role, Rows, cell, columns, fault};
use crate::admin::wire::Row;

/// What may stand between two fields.
const BETWEEN: [u8; 4] = [b',', b';', b'\t', b'|'];

pub(super) fn rows(text: &str, choice: &Choice) -> Result<Rows, String> {
    let above = Above::of(text);
    let table = text.get(above.bytes..).unwrap_or_default();
    let between = above.between.unwrap_or_else(|| between(table));
    let mut reader =
        ReaderBuilder::new().delimiter(between).flexible(true).trim(Trim::All).from_reader(table.as_bytes());
    let header = reader.headers().map_err(|error| format!("the header can't be read: {error}"))?;
    let headings: Vec<String> = header.iter().map(crate::typed::argument).collect();
    let roles = columns::assigned(&headings, choice)?;
    let mut read = Rows::default();
    for (heading, role) in headings.iter().zip(&roles) {
        match role {
            Some(role) => read.headings.set(*role, heading),
            None if !heading.is_empty() => read.left_out.push(heading.clone()),
            None => {}
        }
    }
    let mut lines = Lines { bytes: text.as_bytes(), from: 0, line: 1 };
    let mut record = StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => return Ok(read),
            Ok(true) => {}
            Err(error) => return Err(format!("the file can't be read: {error}")),
        }
        // A row without anything, as spreadsheets keep them below what was deleted.
        if record.iter().all(|field| crate::typed::trimmed(field).is_empty()) {
            continue;
        }
        let offset = record.position().map_or(0, csv::Position::byte) + above.bytes as u64;
        let line = lines.at(offset);
        // Entra's template has an example under its header.
        if above.template && record.iter().next().is_some_and(|first| first.starts_with("Example:")) {
            continue;
        }
        // Last fields may be missing where they are empty; what stands beyond the header belongs to no column.
        if let Some(at) =
            (headings.len()..record.len()).find(|at| record.get(*at).is_some_and(|field| !field.is_empty()))
        {
            let why = format!(
                "field {} is in no column: the header has {}. Does a field with {} in it lack its quotes?",
                at + 1,
                headings.len(),
                named(between)
            );
            read.faults.push(fault(line, "", "", why));
            continue;
        }
        match row(line, &record, &roles, &headings) {
            Ok(row) => read.rows.push(row),
            Err(fault) => read.faults.push(fault),
        }
    }
}

fn row(
    line: u64,
    record: &StringRecord,
    roles: &[Option<Role>],
    headings: &[String],
) -> Result<Row, crate::admin::wire::Fault> {
    let mut row = Row { line, ..Row::default() };
    let mut wrong = None;
    for ((field, role), heading) in record.iter().zip(roles).zip(headings) {
        let Some(role) = role else { continue };
        match (cell::read(field, *role), role.plain()) {
            (Ok(text), Role::Email) => row.email = text,
            (Ok(text), Role::Phone) => row.phone = text,
            (Ok(text), Role::Name | Role::Principal) => row.name = text,
            (Err(why), _) => wrong = wrong.or(Some((heading, format!("{}: {why}", role.word())))),
        }
    }
    match wrong {
        None => Ok(row),
        Some((heading, why)) => Err(fault(line, heading, &row.name, why)),
    }
}

/// What stands above the header.
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
                // A tab at the end of the line is no blank.
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

/// What the header has most of.
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

/// Which line a record begins in. The library counts a line as soon as it has read its end, or not yet, as it happens.
struct Lines<'a> {
    bytes: &'a [u8],
    from: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the first byte from `offset` on that ends none. Offsets only grow.
    fn at(&mut self, offset: u64) -> u64 {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        for (place, byte) in self.bytes.iter().enumerate().skip(self.from) {
            if place >= offset && !matches!(byte, b'\r' | b'\n') {
                break;
            }
            // A carriage return alone ends a line too, as from a spreadsheet on a Mac.
            let ends = *byte == b'\n' || (*byte == b'\r' && self.bytes.get(place + 1) != Some(&b'\n'));
            self.line += u64::from(ends);
            self.from = place + 1;
        }
        self.line
    }
}
