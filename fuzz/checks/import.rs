//! Any file to import is read, or refused: each row or fault has a line of the file.

use sspr_cli::command::rows::{self, Choice, Rows};
use sspr_protocol::admin::Row;

pub(crate) fn check(bytes: &[u8]) -> Vec<Row> {
    let Ok(Rows { rows, faults, .. }) = rows::parse(bytes, &Choice::default()) else { return Vec::new() };
    assert!(!rows.is_empty() || !faults.is_empty());
    let last = 1 + bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() as u64;
    let in_file = |line: u64| (1..=last).contains(&line);
    assert!(rows.windows(2).all(|two| two[0].line <= two[1].line), "a row before the one above it");
    assert!(rows.iter().all(|row| in_file(row.line)), "a row that is in no line");
    assert!(faults.iter().all(|fault| in_file(fault.line) && !fault.reason.is_empty()), "a fault that is in no line");
    rows
}
