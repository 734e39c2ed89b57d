//! Rows whose fields have their own names: objects of JSON, entries of LDIF.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{Choice, Headings, Role, cell, columns, columns::Use, fault};
use sspr_protocol::admin::{Fault, Row};

/// The meanings of the keys.
pub(super) struct Keys {
    choice: Choice,
    known: HashMap<String, Known>,
    /// In the order of the file.
    order: Vec<String>,
    /// An unknown key is left out without an error, because the administrator did not choose the keys.
    lenient: bool,
    /// The file's names for the name, the address and the number, as far as it was read.
    pub(super) headings: Headings,
}

#[derive(Clone, Copy)]
struct Known {
    meaning: Use,
    /// Whether its value was used in some row.
    counted: bool,
}

/// The best key for a role so far.
struct Surest<'a> {
    role: Role,
    rank: u8,
    key: &'a str,
    value: &'a Value,
    twice: bool,
}

impl Keys {
    pub(super) fn of(choice: &Choice, lenient: bool) -> Self {
        Self {
            choice: choice.clone(),
            known: HashMap::new(),
            order: Vec::new(),
            lenient,
            headings: Headings::default(),
        }
    }

    /// Whether no row was read yet.
    pub(super) const fn is_new(&self) -> bool {
        self.order.is_empty()
    }

    pub(super) fn meaning(&mut self, key: &str) -> Use {
        if let Some(known) = self.known.get(key) {
            return known.meaning;
        }
        let meaning = columns::meaning(key, &self.choice);
        self.known.insert(key.to_owned(), Known { meaning, counted: false });
        self.order.push(key.to_owned());
        meaning
    }

    /// The key of the list with the rows, if the first object is a wrapper around them. Rows have lists too.
    pub(super) fn wrapper<'o>(&self, object: &'o Map<String, Value>) -> Option<&'o String> {
        let is_name = |key: &String| matches!(columns::meaning(key, &self.choice), Use::As(role, _) if role.plain() == Role::Name);
        if object.keys().any(is_name) {
            return None;
        }
        let wraps = |key: &str, value: &Value| {
            let passed_over = self.choice.ignores(key) || columns::meaning(key, &Choice::default()) == Use::Out;
            !passed_over && value.as_array().is_some_and(|list| list.first().is_some_and(Value::is_object))
        };
        object.iter().find(|(key, value)| wraps(key, value)).map(|(key, _)| key)
    }

    pub(super) fn left_out(&self) -> Vec<String> {
        let is_out = |key: &&String| {
            self.known.get(*key).is_some_and(|known| (self.lenient || known.meaning != Use::Unknown) && !known.counted)
        };
        self.order.iter().filter(is_out).cloned().collect()
    }

    /// At the end; `Err` if a mapped key was in no row.
    pub(super) fn end(&self) -> Result<(), String> {
        if self.order.is_empty() { Ok(()) } else { columns::all_mapped(&self.order, &self.choice) }
    }

    pub(super) fn row(&mut self, line: u64, object: &Map<String, Value>) -> Result<Row, Fault> {
        let mut row = Row { line, ..Row::default() };
        let mut surest: [Option<Surest<'_>>; 3] = [None, None, None];
        let mut wrong = None;
        for (key, value) in object {
            let (role, rank) = match self.meaning(key) {
                Use::As(role, rank) => (role, rank),
                Use::Unknown if !self.lenient => {
                    let shown = columns::shown(key);
                    let hint =
                        columns::near(key).map(|near| format!(" Is it meant to be {near:?}?")).unwrap_or_default();
                    wrong = wrong.or(Some((
                        key.as_str(),
                        format!("the key {shown} is not known.{hint} To leave it out: --ignore {shown}"),
                    )));
                    continue;
                }
                Use::Out | Use::Unknown => continue,
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
        // An empty value counts, as an empty field of a table does: a less certain key does not replace it.
        for Surest { role, key, value, twice, .. } in surest.into_iter().flatten() {
            if let Some(known) = self.known.get_mut(key).filter(|known| !known.counted) {
                known.counted = true;
                self.headings.set(role, key);
            }
            let text = if twice {
                let word = role.word();
                Err(format!("{word} occurs twice; say which: --map {}={word}", columns::shown(key)))
            } else {
                let text = text_of(value).map_err(str::to_owned).and_then(|text| cell::read(&text, role));
                text.map_err(|why| format!("{}: {why}", role.word()))
            };
            match (text, role.plain()) {
                (Ok(text), Role::Email) => row.email = text,
                (Ok(text), Role::Phone) => row.phone = text,
                (Ok(text), Role::Name | Role::Principal) => {
                    row.name = text;
                    row.principal = role == Role::Principal;
                }
                (Err(why), _) => wrong = wrong.or(Some((key, why))),
            }
        }
        match wrong {
            None => Ok(row),
            Some((key, why)) => Err(fault(line, key, &row.name, why)),
        }
    }
}

/// The text of a value: also of a whole number, and of a list of one.
fn text_of(value: &Value) -> Result<String, &'static str> {
    match value {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text.clone()),
        // It would be written as 819000000000.0, and its original form is unknown.
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
