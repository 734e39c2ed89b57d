//! LDIF, as written by `ldapsearch` and `ldifde` (RFC 2849): an entry is a few lines, and an empty line ends it. The
//! administrator did not choose the attributes of a directory's entries, so unknown ones are left out, and so are
//! entries that are not accounts.

use std::io;

use serde_json::{Map, Value};

use super::{Batch, Choice, ROW_MAX, Text, columns::Use, fault, keys::Keys};

/// Classes of entries that may have a name and an address but are not accounts, in Active Directory and elsewhere.
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

/// Whether the text begins like LDIF. Comments may come first; `#TYPE` is not a comment.
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
    /// The first line of the next record, if it was read to see whether it continues the last one.
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

    /// Reads the next entry; `false` at the end.
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
        // The result line of a search is not an entry, and an entry that is not an account need not be complete.
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
        // Several values become a list, which the reader of rows refuses.
        match entry.values.get_mut(attribute) {
            None => {
                entry.values.insert(attribute.to_owned(), Value::String(value));
            }
            Some(Value::Array(list)) => list.push(Value::String(value)),
            Some(other) => *other = Value::Array(vec![other.take(), Value::String(value)]),
        }
    }

    /// A line with its continuation lines, which begin with a blank, and its number. The end of a line that is too long
    /// is dropped: it is a picture or a certificate, which is not needed here.
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
