//! JSON: an object on each line, a list of objects, or one object after the other.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{Choice, Role, Rows, cell, columns, columns::Use, fault};
use crate::admin::wire::{Fault, Row};

pub(super) fn rows(text: &str, choice: &Choice) -> Result<Rows, String> {
    let mut read = Rows::default();
    let mut keys = Keys { choice, known: HashMap::new(), order: Vec::new() };
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
    if !keys.order.is_empty() {
        columns::all_mapped(&keys.order, choice)?;
    }
    read.left_out = keys.left_out();
    Ok(read)
}

fn take(read: &mut Rows, keys: &mut Keys<'_>, line: u64, text: &str) -> Result<(), String> {
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(object)) => {
            if keys.order.is_empty()
                && let Some(key) = keys.wrapper(&object)
            {
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
    known: HashMap<String, Known>,
    /// As they came.
    order: Vec<String>,
}

#[derive(Clone, Copy)]
struct Known {
    meaning: Use,
    /// Whether it was the surest in a row.
    counted: bool,
}

/// The key that counts for one thing, so far.
struct Surest<'a> {
    role: Role,
    rank: u8,
    key: &'a str,
    value: &'a Value,
    twice: bool,
}

impl Keys<'_> {
    fn meaning(&mut self, key: &str) -> Use {
        if let Some(known) = self.known.get(key) {
            return known.meaning;
        }
        let meaning = columns::meaning(key, self.choice);
        self.known.insert(key.to_owned(), Known { meaning, counted: false });
        self.order.push(key.to_owned());
        meaning
    }

    /// The key of the list that has the rows, where the first object is what stands around them. Rows have lists too.
    fn wrapper<'o>(&self, object: &'o Map<String, Value>) -> Option<&'o String> {
        let is_name =
            |key: &String| matches!(columns::meaning(key, self.choice), Use::As(role, _) if role.plain() == Role::Name);
        if object.keys().any(is_name) {
            return None;
        }
        let wraps = |key: &str, value: &Value| {
            let passed_over = self.choice.ignores(key) || columns::meaning(key, &Choice::default()) == Use::Out;
            !passed_over && value.as_array().is_some_and(|list| list.first().is_some_and(Value::is_object))
        };
        object.iter().find(|(key, value)| wraps(key, value)).map(|(key, _)| key)
    }

    fn left_out(&self) -> Vec<String> {
        let is_out =
            |key: &&String| self.known.get(*key).is_some_and(|known| known.meaning != Use::Unknown && !known.counted);
        self.order.iter().filter(is_out).cloned().collect()
    }

    fn row(&mut self, line: u64, object: &Map<String, Value>, read: &mut Rows) -> Result<Row, Fault> {
        let mut row = Row { line, ..Row::default() };
        let mut surest: [Option<Surest<'_>>; 3] = [None, None, None];
        let mut wrong = None;
        for (key, value) in object {
            let (role, rank) = match self.meaning(key) {
                Use::Out => continue,
                Use::As(role, rank) => (role, rank),
                Use::Unknown => {
                    let shown = columns::shown(key);
                    let hint =
                        columns::near(key).map(|near| format!(" Is it meant to be {near:?}?")).unwrap_or_default();
                    wrong = wrong.or(Some((
                        key.as_str(),
                        format!("the key {shown} is not known.{hint} To leave it out: --ignore {shown}"),
                    )));
                    continue;
                }
            };
            let [name, email, phone] = &mut surest;
            let place = match role.plain() {
                Role::Email => email,
                Role::Phone => phone,
                Role::Name | Role::Principal => name,
            };
            match place {
                Some(other) if other.rank < rank => {}
                Some(other) if other.rank == rank => other.twice = true,
                _ => *place = Some(Surest { role, rank, key, value, twice: false }),
            }
        }
        // An empty value counts, as an empty field of a table does: what is less sure does not take its place.
        for Surest { role, key, value, twice, .. } in surest.into_iter().flatten() {
            if let Some(known) = self.known.get_mut(key).filter(|known| !known.counted) {
                known.counted = true;
                read.headings.set(role, key);
            }
            let text = if twice {
                let word = role.word();
                Err(format!("{word} is there twice; say which: --map {}={word}", columns::shown(key)))
            } else {
                let text = text_of(value).map_err(str::to_owned).and_then(|text| cell::read(&text, role));
                text.map_err(|why| format!("{}: {why}", role.word()))
            };
            match (text, role.plain()) {
                (Ok(text), Role::Email) => row.email = text,
                (Ok(text), Role::Phone) => row.phone = text,
                (Ok(text), Role::Name | Role::Principal) => row.name = text,
                (Err(why), _) => wrong = wrong.or(Some((key, why))),
            }
        }
        match wrong {
            None => Ok(row),
            Some((key, why)) => Err(fault(line, key, &row.name, why)),
        }
    }
}

/// What stands for a text: a whole number too, and a list of one.
fn text_of(value: &Value) -> Result<String, &'static str> {
    match value {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text.clone()),
        // It would be written as 819000000000.0, and what it was before nobody knows.
        Value::Number(number) if number.is_f64() => Err("a number with a fraction or a power; write it as text"),
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
