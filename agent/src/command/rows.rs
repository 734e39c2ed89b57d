//! Reading the rows of an import: CSV with a header, or JSON lines.

use csv::{ByteRecord, ReaderBuilder, Trim};
use serde::Deserialize;

use crate::admin::wire::{Fault, Row};

/// The longest field that is looked at, in bytes.
const FIELD_MAX: usize = 600;
/// The most faults that are collected; whoever has more has the wrong file.
const FAULTS_MAX: usize = 10_000;

const COLUMNS: [&str; 3] = ["name", "email", "phone"];

/// The rows in `bytes`, and those that are none. `Err`: it is no such file at all.
pub fn parse(bytes: &[u8]) -> Result<(Vec<Row>, Vec<Fault>), String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let utf_16 = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    if utf_16 || bytes.get(..64.min(bytes.len())).is_some_and(|start| start.contains(&0)) {
        return Err("the file is not plain text in UTF-8; save it as \"CSV UTF-8\"".into());
    }
    let (rows, faults) = match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
        None => return Err("the file is empty".into()),
        Some(b'{') => json_lines(bytes),
        Some(_) => csv(bytes)?,
    };
    if rows.is_empty() && faults.is_empty() {
        return Err("the file has a header and no rows".into());
    }
    if faults.len() > FAULTS_MAX {
        return Err(format!("more than {FAULTS_MAX} rows can't be read; is it the right file?"));
    }
    Ok((rows, faults))
}

fn csv(bytes: &[u8]) -> Result<(Vec<Row>, Vec<Fault>), String> {
    let mut reader = ReaderBuilder::new().flexible(true).trim(Trim::All).from_reader(bytes);
    let header = reader.byte_headers().map_err(|error| format!("the header can't be read: {error}"))?.clone();
    let columns = columns(&header)?;
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    let mut record = ByteRecord::new();
    let mut lines = Lines { bytes, from: 0, line: 1 };
    loop {
        match reader.read_byte_record(&mut record) {
            Ok(false) => return Ok((rows, faults)),
            Ok(true) => {}
            Err(error) => return Err(format!("the file can't be read: {error}")),
        }
        let line = lines.at(record.position().map_or(0, csv::Position::byte));
        let fault = |reason: String| Fault { line, name: String::new(), reason };
        if record.len() != header.len() {
            faults.push(fault(format!("{} fields, where the header has {}", record.len(), header.len())));
            continue;
        }
        match row(line, &record, &columns) {
            Ok(row) => rows.push(row),
            Err(reason) => faults.push(fault(reason)),
        }
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

/// What each column is for.
fn columns(header: &ByteRecord) -> Result<Vec<&'static str>, String> {
    let mut columns = Vec::new();
    for field in header {
        let name = String::from_utf8_lossy(field).to_lowercase();
        let Some(column) = COLUMNS.into_iter().find(|column| *column == name) else {
            // The wrong file may be one with secrets in it.
            let is_name = |c: &char| c.is_alphanumeric() || " ;,_-@.".contains(*c);
            let shown: String = name.chars().take_while(is_name).take(24).collect();
            return Err(format!(
                "the first line has to name the columns, which are name, email and phone; there is none called {shown:?}"
            ));
        };
        if columns.contains(&column) {
            return Err(format!("there are two columns called {column:?}"));
        }
        columns.push(column);
    }
    if !columns.contains(&"name") {
        return Err("there is no column \"name\"".into());
    }
    if columns.len() < 2 {
        return Err("there is neither a column \"email\" nor a column \"phone\"".into());
    }
    Ok(columns)
}

fn row(line: u64, record: &ByteRecord, columns: &[&str]) -> Result<Row, String> {
    let mut row = Row { line, ..Row::default() };
    for (field, column) in record.iter().zip(columns) {
        if field.len() > FIELD_MAX {
            return Err(format!("{column}: too long"));
        }
        let text = std::str::from_utf8(field).map_err(|_| format!("{column}: not UTF-8"))?.to_owned();
        match *column {
            "name" => row.name = text,
            "email" => row.email = text,
            _ => row.phone = text,
        }
    }
    Ok(row)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Object {
    name: String,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    phone: Option<String>,
}

fn json_lines(bytes: &[u8]) -> (Vec<Row>, Vec<Fault>) {
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    for (line, text) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        if text.trim_ascii().is_empty() {
            continue;
        }
        let fault = |reason: String| Fault { line, name: String::new(), reason };
        match serde_json::from_slice::<Object>(text) {
            Ok(Object { name, email, phone }) => {
                let (email, phone) = (email.unwrap_or_default(), phone.unwrap_or_default());
                if [&name, &email, &phone].iter().any(|field| field.len() > FIELD_MAX) {
                    faults.push(fault("too long".into()));
                } else {
                    rows.push(Row { line, name: name.trim().to_owned(), email, phone });
                }
            }
            Err(error) if error.is_data() => faults.push(fault(words(&error))),
            Err(_) => faults.push(fault("not a JSON object on one line".into())),
        }
    }
    (rows, faults)
}

/// What serde says, without its own line number, which is always 1 here.
fn words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &[u8]) -> Vec<(u64, String, String, String)> {
        let (rows, faults) = parse(text).unwrap();
        assert_eq!(faults, []);
        rows.into_iter().map(|row| (row.line, row.name, row.email, row.phone)).collect()
    }

    fn row(line: u64, name: &str, email: &str, phone: &str) -> (u64, String, String, String) {
        (line, name.into(), email.into(), phone.into())
    }

    #[test]
    fn csv_is_read_with_any_order_of_columns_quotes_crlf_bom_blanks_and_lines_between() {
        for text in [
            "name,email,phone\nalice,alice@example.org,\nbob,,090-1234-5678\n",
            "\u{feff}Phone,NAME,Email\r\n,alice,alice@example.org\r\n090-1234-5678,bob,\r\n",
            "name , email , phone\n alice ,alice@example.org ,\nbob,,\"090-1234-5678\"",
        ] {
            assert_eq!(
                rows(text.as_bytes()),
                [row(2, "alice", "alice@example.org", ""), row(3, "bob", "", "090-1234-5678")],
                "{text}"
            );
        }
        let text = "name,phone\n\n\"al\nice\",\"+81 \"\"90\"\"\"\nbob,1\n";
        assert_eq!(rows(text.as_bytes()), [row(3, "al\nice", "", "+81 \"90\""), row(5, "bob", "", "1")]);
    }

    #[test]
    fn a_line_may_end_in_any_way() {
        for end in ["\n", "\r\n", "\r"] {
            let text = format!("name,email{end}alice,a{end}{end}bob,b{end}");
            assert_eq!(rows(text.as_bytes()), [row(2, "alice", "a", ""), row(4, "bob", "b", "")], "{end:?}");
        }
    }

    #[test]
    fn json_lines_are_read_with_missing_and_null_fields() {
        let text = "\u{feff}\n{\"name\":\"alice\",\"email\":\"alice@example.org\"}\r\n\n\
                    {\"phone\":\"1\",\"name\":\"bob\",\"email\":null}";
        assert_eq!(rows(text.as_bytes()), [row(2, "alice", "alice@example.org", ""), row(4, "bob", "", "1")]);
    }

    #[test]
    fn a_row_that_can_not_be_read_is_named_by_its_line_and_the_others_are_read() {
        let long = "x".repeat(FIELD_MAX + 1);
        let text = [
            b"name,email\nalice\nbob,b@example.org,1\ncarol,\xff\n".as_slice(),
            format!("dave,{long}\nerin,e@example.org\n").as_bytes(),
        ]
        .concat();
        let (rows, faults) = parse(&text).unwrap();
        let faults: Vec<_> = faults.iter().map(|fault| (fault.line, fault.reason.as_str())).collect();
        assert_eq!(
            faults,
            [
                (2, "1 fields, where the header has 2"),
                (3, "3 fields, where the header has 2"),
                (4, "email: not UTF-8"),
                (5, "email: too long"),
            ]
        );
        assert_eq!(rows.len(), 1);
        let (rows, faults) =
            parse(b"{\"name\":\"alice\"}\n{\"name\":\"bob\",\"mail\":\"x\"}\n{\"name\":7}\n[1]\n{\"name\":\n").unwrap();
        let faults: Vec<_> = faults.iter().map(|fault| (fault.line, fault.reason.as_str())).collect();
        assert_eq!(
            faults,
            [
                (2, "unknown field `mail`, expected one of `name`, `email`, `phone`"),
                (3, "invalid type: integer `7`, expected a string"),
                (4, "invalid type: integer `1`, expected a string"),
                (5, "not a JSON object on one line"),
            ]
        );
        assert_eq!(rows.len(), 1);
    }

    #[test]
    fn what_is_no_such_file_at_all_is_said() {
        for (text, said) in [
            (b"".as_slice(), "is empty"),
            (b"\n \n", "is empty"),
            (b"\xff\xfen\0a\0", "CSV UTF-8"),
            (b"n\0a\0m\0e\0", "CSV UTF-8"),
            (b"name,email\n", "no rows"),
            (b"name,mail\na,b\n", "there is none called \"mail\""),
            (b"name;email\na;b\n", "there is none called \"name;email\""),
            (b"alice,alice@example.org\n", "there is none called \"alice\""),
            (b"name,email,Email\n", "two columns called \"email\""),
            (b"email,phone\n", "no column \"name\""),
            (b"name\nalice\n", "neither a column"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn a_hundred_thousand_rows_are_read_in_a_moment() {
        let rows = (0..100_000).map(|n| format!("user{n},user{n}@example.org"));
        let text = std::iter::once("name,email".to_owned()).chain(rows).collect::<Vec<_>>().join("\n");
        let (rows, faults) = parse(text.as_bytes()).unwrap();
        assert_eq!((rows.len(), faults.len(), rows[99_999].line), (100_000, 0, 100_001));
    }
}
