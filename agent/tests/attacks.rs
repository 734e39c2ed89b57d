//! docs/security.md names the tests of each attack. These tests find a name there that does not, or no longer, belong
//! to a test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::{fs, path::Path};

const SECURITY: &str = include_str!("../../docs/security.md");

/// The heading above the rows of attacks.
const ATTACKS: &str = "## Attacks and their tests";

/// The promises of a row: the words between backticks, files and names.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// Whether `source` has a test called `name`.
fn has_test(source: &str, name: &str) -> bool {
    let lines: Vec<&str> = source.lines().collect();
    let is_it = |line: &str| line.trim_start_matches("async ").starts_with(&format!("fn {name}("));
    lines.iter().enumerate().any(|(at, line)| {
        // Its attributes are directly above it.
        is_it(line.trim()) && lines[at.saturating_sub(3)..at].iter().any(|above| above.contains("test"))
    })
}

#[test]
fn each_test_that_stands_for_an_attack_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let (mut rows, mut tests) = (0, 0);
    let (_, attacks) = SECURITY.split_once(ATTACKS).expect("the heading");
    for row in attacks.lines().filter(|line| line.starts_with("| ") && !line.ends_with("| tests here |")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        let [what, here] = cells.as_slice() else { panic!("two columns: {row}") };
        let (mut file, mut named) = (None, 0);
        for word in quoted(here) {
            if Path::new(word).extension().is_some_and(|extension| extension == "rs") {
                file = Some((word, fs::read_to_string(root.join(word)).unwrap_or_else(|why| panic!("{word}: {why}"))));
                continue;
            }
            let (path, source) = file.as_ref().unwrap_or_else(|| panic!("no file before {word}"));
            assert!(has_test(source, word), "{what}\n{path} has no test {word}");
            named += 1;
        }
        assert!(named > 0, "no test stands for: {what}");
        (rows, tests) = (rows + 1, tests + named);
    }
    assert!(rows >= 40 && tests >= 80, "{rows} rows, {tests} tests");
}
