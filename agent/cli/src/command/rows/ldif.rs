//! LDIF, as `ldapsearch` and `ldifde` write it (RFC 2849): an entry is some lines, and an empty one ends it. Nobody chose the
//! attributes of a directory's entries, so those that are not known are left out; and so are entries that are no accounts.

use std::io;

use serde_json::{Map, Value};

use super::{Batch, Choice, ROW_MAX, Text, columns::Use, fault, keys::Keys};

/// Entries that may have a name and an address, and are nobody's account: classes of Active Directory and of others.
const NO_ACCOUNTS: [&str; 11] = [
    "computer",
    "contact",
    "container",
    "domain",
    "group",
    "groupofnames",
    "groupofuniquenames",
    "msds-groupmanagedserviceaccount",
    "msds-managedserviceaccount",
    "organizationalunit",
    "posixgroup",
];

/// Whether it begins as LDIF does. Comments may stand before it; `#TYPE` is none.
pub(super) fn is_ldif(text: &str) -> bool {
    let comment = |line: &&str| line.trim().is_empty() || line.starts_with("# ") || line.trim_end() == "#";
    let line = text.lines().find(|line| !comment(line)).unwrap_or_default().trim_end().to_ascii_lowercase();
    line.starts_with("dn:") || line.strip_prefix("version:").is_some_and(|number| number.trim() == "1")
}

/// LDIF that is being read.
pub(super) struct Ldif {
    text: Text,
    pub(super) keys: Keys,
    /// The number of the last line that was read.
    line: u64,
    /// The first line of what comes next, where a look at it showed that it continues nothing.
    waiting: Option<Vec<u8>>,
}

/// An entry, as far as it was read.
#[derive(Default)]
struct Entry {
    line: u64,
    named: bool,
    is_no_account: bool,
    has_name: bool,
    values: Map<String, Value>,
    /// Its fault: the attribute, and why.
    wrong: Option<(String, String)>,
}

impl Ldif {
    pub(super) fn of(text: Text, choice: &Choice) -> Self {
        Self { text, keys: Keys::of(choice, true), line: 0, waiting: None }
    }

    /// Reads on by one entry; `false` at the end.
    pub(super) fn next(&mut self, batch: &mut Batch) -> Result<bool, String> {
        let mut entry = Entry::default();
        loop {
            let line = self.unfolded().map_err(|error| format!("the file can't be read: {error}"))?;
            let Some((number, line)) = line else {
                self.finish(entry, batch);
                self.keys.end()?;
                return Ok(false);
            };
            if line.is_empty() {
                self.finish(entry, batch);
                return Ok(true);
            }
            self.attribute(&mut entry, number, &line);
        }
    }

    fn finish(&mut self, entry: Entry, batch: &mut Batch) {
        let Entry { line, named, is_no_account, has_name, values, wrong } = entry;
        // What a search ended with is none, and what an entry that is no account lacks is no fault.
        if !named || is_no_account {
            return;
        }
        if let Some((attribute, why)) = wrong {
            batch.faults.push(fault(line, &attribute, "", why));
        } else if has_name {
            match self.keys.row(line, &values) {
                Ok(row) => batch.rows.push(row),
                Err(fault) => batch.faults.push(fault),
            }
        }
    }

    fn attribute(&mut self, entry: &mut Entry, number: u64, line: &[u8]) {
        if line.starts_with(b"#") {
            return;
        }
        if entry.line == 0 {
            entry.line = number;
        }
        let line = String::from_utf8_lossy(line);
        let Some((attribute, value)) = line.split_once(':') else {
            entry.named = true;
            entry.wrong.get_or_insert((String::new(), format!("line {number} is not LDIF: it has no colon")));
            return;
        };
        // `;binary`, `;lang-ja`
        let attribute = attribute.split(';').next().unwrap_or_default().trim();
        match attribute.to_ascii_lowercase().as_str() {
            "dn" => {
                (entry.line, entry.named) = (number, true);
                return;
            }
            "version" | "search" | "result" if !entry.named => return,
            "changetype" => {
                if !value.trim().eq_ignore_ascii_case("add") {
                    let why = "it changes an entry, and is none; export the entries themselves";
                    entry.wrong.get_or_insert((String::new(), why.into()));
                }
                return;
            }
            "objectclass" => {
                let class = value.trim().to_ascii_lowercase();
                entry.is_no_account |= NO_ACCOUNTS.contains(&class.as_str());
            }
            _ => {}
        }
        let Use::As(role, _) = self.keys.meaning(attribute) else { return };
        entry.has_name |= role.plain() == super::Role::Name;
        let value = match value.as_bytes().first() {
            Some(b':') => decoded(value.get(1..).unwrap_or_default().trim()),
            Some(b'<') => None,
            _ => Some(value.trim().to_owned()),
        };
        let Some(value) = value else {
            let why = "the value is elsewhere, or neither text nor base64 of text";
            entry.wrong.get_or_insert((attribute.to_owned(), why.into()));
            return;
        };
        // Several values are a list, which is for what reads rows to refuse.
        match entry.values.get_mut(attribute) {
            None => {
                entry.values.insert(attribute.to_owned(), Value::String(value));
            }
            Some(Value::Array(list)) => list.push(Value::String(value)),
            Some(other) => *other = Value::Array(vec![other.take(), Value::String(value)]),
        }
    }

    /// A line with those that continue it, which begin with a blank, and its number. What is too long loses its end: pictures and
    /// certificates, which nobody reads here.
    fn unfolded(&mut self) -> io::Result<Option<(u64, Vec<u8>)>> {
        let Some(mut line) = self.physical()? else { return Ok(None) };
        let number = self.line;
        loop {
            let Some(next) = self.physical()? else { return Ok(Some((number, line))) };
            match next.strip_prefix(b" ") {
                Some(more) if !line.is_empty() => {
                    if line.len() + more.len() <= ROW_MAX {
                        line.extend_from_slice(more);
                    }
                }
                _ => {
                    self.waiting = Some(next);
                    self.line -= 1;
                    return Ok(Some((number, line)));
                }
            }
        }
    }

    fn physical(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        if let Some(waiting) = self.waiting.take() {
            line = waiting;
        } else if !self.text.line(&mut line, ROW_MAX)? {
            return Ok(None);
        }
        self.line += 1;
        let end = line.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |at| at + 1);
        line.truncate(end);
        Ok(Some(line))
    }
}

/// Base64 of text.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0);
    for byte in text.trim_end_matches('=').bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(six);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).ok()?);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_text_is_text() {
        for (text, want) in [("", Some("")), ("YQ==", Some("a")), ("w6TigqwK", Some("ä€\n")), ("w6Q=", Some("ä"))] {
            assert_eq!(decoded(text).as_deref(), want, "{text}");
        }
        assert_eq!(decoded("not base64!"), None);
        assert_eq!(decoded("/9j/4AAQ"), None, "a picture");
    }

    #[test]
    fn ldif_is_told_from_tables() {
        for text in
            ["dn: cn=a\n", "# extended LDIF\n#\n# LDAPv3\n\ndn:: Y249\n", "version: 1\n\ndn: x\n", "version:1\n"]
        {
            assert!(is_ldif(text), "{text}");
        }
        for text in
            ["#TYPE Microsoft.X\n\"dn\"\n", "version:v1.0\nName,User name\n", "DN,mail\n", "", "name,email\ndn: x\n"]
        {
            assert!(!is_ldif(text), "{text}");
        }
    }
}
