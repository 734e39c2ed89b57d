//! JSON: an object on each line, a list of objects, or one object after the other.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{Choice, Role, Rows, cell, columns, columns::Use, fault};
use crate::admin::wire::{Fault, Row};

pub(super) fn rows(text: &str, choice: &Choice) -> Result<Rows, String> {
    let mut read = Rows::default();
    let mut keys = Keys { choice, known: HashMap::new() };
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    if first.starts_with('{') && serde_json::from_str::<Value>(first).is_ok() {
        for (line, text) in (1..).zip(text.split('\n')) {
            if !text.trim().is_empty() {
                take(&mut read, &mut keys, line, text)?;
            }
        }
    } else {
        for (line, text) in Objects::of(text) {
            take(&mut read, &mut keys, line, text)?;
        }
    }
    Ok(read)
}

fn take(read: &mut Rows, keys: &mut Keys<'_>, line: u64, text: &str) -> Result<(), String> {
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(object)) => {
            let wraps = |(_, value): (&String, &Value)| {
                value.as_array().is_some_and(|list| list.first().is_some_and(Value::is_object))
            };
            if let Some((key, _)) = object.iter().find(|entry| wraps(*entry)).filter(|_| read.rows.is_empty()) {
                let key = columns::shown(key);
                return Err(format!("line {line}: the rows are in {key}; take them out, such as by: jq '.[{key}][]'"));
            }
            match keys.row(line, &object, read) {
                Ok(row) => read.rows.push(row),
                Err(fault) => read.faults.push(fault),
            }
        }
        Ok(_) => read.faults.push(fault(line, "", "", "not a JSON object")),
        Err(_) => read.faults.push(fault(line, "", "", "not a JSON object on one line, and none that is closed")),
    }
    Ok(())
}

/// What the keys mean, once for each.
struct Keys<'a> {
    choice: &'a Choice,
    known: HashMap<String, Use>,
}

impl Keys<'_> {
    fn meaning(&mut self, key: &str, read: &mut Rows) -> Use {
        if let Some(known) = self.known.get(key) {
            return *known;
        }
        let meaning = columns::meaning(key, self.choice);
        match meaning {
            Use::As(role, _) => read.headings.set(role, key),
            Use::Out => read.left_out.push(key.to_owned()),
            Use::Unknown => {}
        }
        self.known.insert(key.to_owned(), meaning);
        meaning
    }

    fn row(&mut self, line: u64, object: &Map<String, Value>, read: &mut Rows) -> Result<Row, Fault> {
        let mut row = Row { line, ..Row::default() };
        let mut ranks: HashMap<Role, u8> = HashMap::new();
        let mut wrong = None;
        for (key, value) in object {
            let (role, rank) = match self.meaning(key, read) {
                Use::Out => continue,
                Use::As(role, rank) => (role, rank),
                Use::Unknown => {
                    let shown = columns::shown(key);
                    let hint =
                        columns::near(key).map(|near| format!(" Is it meant to be {near:?}?")).unwrap_or_default();
                    wrong = wrong.or(Some((
                        key,
                        format!("the key {shown} is not known.{hint} To leave it out: --ignore {shown}"),
                    )));
                    continue;
                }
            };
            let text = match text_of(value) {
                Ok(text) if text.trim().is_empty() => continue,
                Ok(text) => cell::read(&text, role),
                Err(why) => Err(why.to_owned()),
            };
            match text {
                Err(why) => wrong = wrong.or(Some((key, format!("{}: {why}", role.word())))),
                Ok(text) => match ranks.get(&role.plain()).copied() {
                    Some(other) if other < rank => {}
                    Some(other) if other == rank => {
                        let why = format!(
                            "{} is there twice; say which: --map {}={}",
                            role.word(),
                            columns::shown(key),
                            role.word()
                        );
                        wrong = wrong.or(Some((key, why)));
                    }
                    _ => {
                        ranks.insert(role.plain(), rank);
                        match role.plain() {
                            Role::Email => row.email = text,
                            Role::Phone => row.phone = text,
                            Role::Name | Role::Principal => row.name = text,
                        }
                    }
                },
            }
        }
        match wrong {
            None => Ok(row),
            Some((key, why)) => Err(fault(line, key, &row.name, why)),
        }
    }
}

/// What stands for a text: a number too, and a list of one.
fn text_of(value: &Value) -> Result<String, &'static str> {
    match value {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Array(list) => match list.as_slice() {
            [] => Ok(String::new()),
            [Value::String(text)] => Ok(text.clone()),
            _ => Err("a list of several; leave one"),
        },
        Value::Bool(_) | Value::Object(_) => Err("neither text nor a number"),
    }
}

/// The objects of a list, or one after the other: each with the line that it begins in. What stands between them and is none is
/// given as well, to be refused.
struct Objects<'a> {
    text: &'a str,
    at: usize,
    line: u64,
}

impl<'a> Objects<'a> {
    const fn of(text: &'a str) -> Self {
        Self { text, at: 0, line: 1 }
    }
}

impl<'a> Iterator for Objects<'a> {
    type Item = (u64, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.text.as_bytes();
        // Brackets and commas of the list.
        while let Some(byte) = bytes.get(self.at).filter(|byte| byte.is_ascii_whitespace() || b"[],".contains(byte)) {
            self.line += u64::from(*byte == b'\n');
            self.at += 1;
        }
        let (begin, line) = (self.at, self.line);
        bytes.get(begin)?;
        let (mut depth, mut quoted, mut escaped) = (0usize, false, false);
        while let Some(byte) = bytes.get(self.at) {
            self.at += 1;
            self.line += u64::from(*byte == b'\n');
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                b'{' | b'[' if !quoted => depth += 1,
                b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
                _ => {}
            }
            let next = bytes.get(self.at);
            if !quoted && depth == 0 && (*byte == b'}' || next.is_none_or(|next| matches!(next, b',' | b'\n'))) {
                break;
            }
        }
        Some((line, self.text.get(begin..self.at).unwrap_or_default()))
    }
}
