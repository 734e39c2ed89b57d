//! Tables: fields between commas, semicolons, tabs or bars, and what programs write above the header.

use csv::{ReaderBuilder, StringRecord, Trim};

use super::{Choice, FIELD_MAX, Role, Rows, cell, columns, fault};
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
    let header_ends = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
    if swallowing(table.as_bytes().get(..header_ends).unwrap_or_default(), between, headings.len()).is_some() {
        return Err("the header can't be read: a quote is not closed".into());
    }
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
        let begins = record.position().map_or(0, csv::Position::byte);
        let line = lines.at(begins + above.bytes as u64);
        // Entra's template has an example under its header.
        if above.template && record.iter().next().is_some_and(|first| first.starts_with("Example:")) {
            continue;
        }
        let place = |byte: u64| usize::try_from(byte).unwrap_or(usize::MAX);
        let raw = table.as_bytes().get(place(begins)..place(reader.position().byte())).unwrap_or_default();
        if let Some(at) = swallowing(raw, between, headings.len()) {
            let heading = headings.get(at).map(String::as_str).unwrap_or_default();
            read.faults.push(fault(
                line,
                heading,
                "",
                "a quote is not closed, it seems: rows may be lost in this field",
            ));
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

/// Which field of a record has others in it, for want of a closing quote. The library reads on to the next quote, as it should, and
/// rows are lost in a field that nobody looks at.
fn swallowing(raw: &[u8], between: u8, columns: usize) -> Option<usize> {
    let ends_line = |byte: u8| matches!(byte, b'\n' | b'\r');
    let ends_field = |byte: u8| byte == between || ends_line(byte);
    let empty = raw.iter().take_while(|byte| ends_line(**byte)).count();
    let mut rest = raw.get(empty..).unwrap_or_default();
    for at in 0.. {
        if let Some(quoted) = rest.strip_prefix(b"\"") {
            // What ends with the file is not closed at all.
            let Some(length) = closing(quoted) else { return Some(at) };
            let (inside, after) = quoted.split_at(length);
            rest = after.get(1..).unwrap_or_default();
            let behind = rest.iter().take_while(|byte| !ends_field(**byte));
            let is_torn =
                inside.iter().any(|byte| ends_field(*byte)) && !behind.copied().all(|b| b.is_ascii_whitespace());
            if is_torn || holds_rows(inside, between, at, columns) {
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

/// Where the quote is that ends a field. Two are one that is part of it.
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

/// Whether a field at place `at` looks like the end of its row, rows, and the beginning of another one.
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
