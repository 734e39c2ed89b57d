//! JSON: an object on each line, a list of objects, or one object after another.

use std::io;

use serde_json::Value;

use super::{Batch, Choice, ROW_MAX, Text, columns, fault, keys::Keys};

const NOT_CLOSED: &str = "not a JSON object on one line, and none that is closed";
/// The rows that follow can't be told apart, so the file is not read any further.
const NOT_ENDED: &str = "a JSON object that is not closed: from this one on, the file was not read";

/// JSON that is being read.
pub(super) struct Json {
    text: Text,
    /// Whether each line has one object.
    by_line: bool,
    /// The next line.
    line: u64,
    pub(super) keys: Keys,
    bytes: Vec<u8>,
    /// The first line that was not read.
    pub(super) unread_from: Option<u64>,
}

impl Json {
    /// `first` is the beginning of the text.
    pub(super) fn of(text: Text, first: &str, choice: &Choice) -> Self {
        let line = first.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
        let by_line = line.starts_with('{') && serde_json::from_str::<Value>(line).is_ok();
        Self { text, by_line, line: 1, keys: Keys::of(choice, false), bytes: Vec::new(), unread_from: None }
    }

    /// Reads the next object; `false` at the end.
    pub(super) fn next(&mut self, batch: &mut Batch) -> Result<bool, String> {
        let unreadable = |error: io::Error| format!("the file can't be read: {error}");
        self.bytes.clear();
        let line = if self.unread_from.is_some() {
            None
        } else if self.by_line {
            let line = self.line;
            self.line += 1;
            self.text.line(&mut self.bytes, ROW_MAX).map_err(unreadable)?.then_some(line)
        } else {
            self.object().map_err(unreadable)?
        };
        let Some(line) = line else {
            self.keys.end()?;
            return Ok(false);
        };
        if self.by_line && self.bytes.trim_ascii().is_empty() {
            return Ok(true);
        }
        match serde_json::from_slice::<Value>(&self.bytes) {
            Ok(Value::Object(object)) => {
                if self.keys.is_new()
                    && let Some(key) = self.keys.wrapper(&object)
                {
                    let key = columns::shown(key);
                    return Err(format!(
                        "line {line}: the rows are in {key}; take them out, such as by: jq '.[{key}][]'"
                    ));
                }
                match self.keys.row(line, &object) {
                    Ok(row) => batch.rows.push(row),
                    Err(fault) => batch.faults.push(fault),
                }
            }
            Ok(_) => batch.faults.push(fault(line, "", "", "not a JSON object")),
            Err(_) if self.unread_from.is_some() => batch.faults.push(fault(line, "", "", NOT_ENDED)),
            Err(_) => batch.faults.push(fault(line, "", "", NOT_CLOSED)),
        }
        Ok(true)
    }

    /// Reads the next object, of a list or after another one, and returns its first line. Anything between objects that
    /// is not an object is returned as well, to be refused.
    fn object(&mut self) -> io::Result<Option<u64>> {
        // The list's brackets and commas.
        loop {
            let next = self.text.peek()?;
            if next.is_empty() {
                return Ok(None);
            }
            let between = |byte: &&u8| byte.is_ascii_whitespace() || b"[],".contains(byte);
            let count = next.iter().take_while(between).count();
            self.line += lines(next.get(..count).unwrap_or_default());
            let all = count == next.len();
            self.text.advance(count);
            if !all {
                break;
            }
        }
        let line = self.line;
        let (mut depth, mut quoted, mut escaped, mut complete) = (0usize, false, false, false);
        while !complete {
            let next = self.text.peek()?;
            if next.is_empty() {
                break;
            }
            let mut count = 0;
            for byte in next {
                // Anything else ends with its line, or at the next comma of the list.
                let any = !self.bytes.is_empty() || count > 0;
                if any && !quoted && depth == 0 && matches!(byte, b',' | b'\n') {
                    complete = true;
                    break;
                }
                count += 1;
                match byte {
                    _ if escaped => escaped = false,
                    b'\\' if quoted => escaped = true,
                    b'"' => quoted = !quoted,
                    b'{' | b'[' if !quoted => depth += 1,
                    b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
                    _ => {}
                }
                if !quoted && depth == 0 && *byte == b'}' {
                    complete = true;
                    break;
                }
            }
            let taken = next.get(..count).unwrap_or_default();
            self.bytes.extend_from_slice(taken);
            self.line += lines(taken);
            self.text.advance(count);
            if self.bytes.len() > ROW_MAX {
                self.unread_from = Some(line);
                break;
            }
        }
        Ok(Some(line))
    }
}

fn lines(bytes: &[u8]) -> u64 {
    bytes.split(|byte| *byte == b'\n').count() as u64 - 1
}
