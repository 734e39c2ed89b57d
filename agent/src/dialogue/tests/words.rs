//! The words that dialogues match are those that the module knows, because an account may have such a name.

use std::{collections::BTreeSet, fs, path::Path};

use sspr_config::{dialogue::WORDS, settings::Method};

use crate::methods::Named;

/// The literals in `code`, where the first one is at the beginning or follows a character other than a quotation mark.
fn literals(code: &str) -> impl Iterator<Item = &str> {
    code.split('"').skip(1).step_by(2)
}

/// The words in the arms of a match on an answer, in comparisons with one by length, and in constants for one.
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
    // Empty and single-letter answers are always answers.
    found.retain(|word| word.len() > 1);
    found
}

#[test]
fn every_word_that_a_dialogue_matches_is_one_that_the_module_knows() {
    let mut all = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/dialogue")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("tests") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let source = fs::read_to_string(&path).unwrap();
                all.extend(matched(&source).into_iter().map(str::to_owned));
            }
        }
    }
    let names = Method::ALL.into_iter().flat_map(|method| Named::of(method).typed);
    all.extend(names.filter(|word| word.len() > 1).map(|word| (*word).to_owned()));
    for found in ["app", "e-mail", "sms", "not now", "en", "unlock", "remove", "swap", "call", "change", "done"] {
        assert!(all.contains(found), "{found}: {all:?}");
    }
    let unknown: Vec<_> = all.iter().filter(|word| !WORDS.contains(&word.as_str())).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
