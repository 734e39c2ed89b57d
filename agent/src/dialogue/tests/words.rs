//! The words that dialogues match are those that the module knows: an account may be called by one.

use std::{collections::BTreeSet, fs, path::Path};

use sspr_config::dialogue::WORDS;

/// The literals in `code`, the first of which begins it or follows what is no quotation mark.
fn literals(code: &str) -> impl Iterator<Item = &str> {
    code.split('"').skip(1).step_by(2)
}

/// What the arms of a match on an answer, comparisons with one by length, and constants for one have in them.
fn matched(source: &str) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    for line in source.lines().map(str::trim) {
        let arm = line.split_once(" =>").map(|(pattern, _)| pattern);
        if let Some(pattern) = arm.filter(|pattern| pattern.starts_with(['"', '('])) {
            found.extend(literals(pattern));
        }
        found.extend(line.split("is(\"").skip(1).filter_map(|rest| rest.split('"').next()));
        if line.starts_with("const WORD: &str") || line.starts_with("const PLAIN: &str") {
            found.extend(literals(line));
        }
    }
    // Nothing and single letters are answers anyway.
    found.retain(|word| word.len() > 1);
    found
}

#[test]
fn every_word_that_a_dialogue_matches_is_one_that_the_module_knows() {
    let mut all = BTreeSet::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/dialogue")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path).unwrap();
            all.extend(matched(&source).into_iter().map(str::to_owned));
        }
    }
    for found in ["app", "not now", "en", "unlock", "remove", "swap", "call", "change", "done"] {
        assert!(all.contains(found), "{found}: {all:?}");
    }
    let unknown: Vec<_> = all.iter().filter(|word| !WORDS.contains(&word.as_str())).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
