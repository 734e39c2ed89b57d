//! The page in Cockpit, as shipped: its texts in every language, and what it does not do. What it does is tested in
//! `tests/tests/desk.rs`, in a browser.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use sspr_config::language::Language;

/// The maximum size of the page, compressed.
const SIZE_MAX: usize = 300 << 10;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/cockpit")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

/// The files of the page with this extension, by name.
fn files(extension: &str) -> Vec<(String, String)> {
    let all = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let ours = all.filter(|path| path.extension().is_some_and(|e| e == extension));
    ours.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), read(&path))).collect()
}

fn texts(language: Language) -> BTreeMap<String, String> {
    let path = folder().join(format!("texts/{}.json", language.tag()));
    serde_json::from_str(&read(&path)).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

/// The texts between two marks, all of them.
fn between<'a>(text: &'a str, begin: &'a str, end: char) -> impl Iterator<Item = &'a str> {
    text.split(begin).skip(1).filter_map(move |rest| rest.split(end).next())
}

fn placeholders(text: &str) -> BTreeSet<&str> {
    between(text, "{", '}').collect()
}

#[test]
fn every_language_has_each_word_of_the_page_with_its_values() {
    let english = texts(Language::English);
    for language in Language::ALL {
        let own = texts(language);
        let lacks: Vec<_> = english.keys().filter(|key| !own.contains_key(*key)).collect();
        let more: Vec<_> = own.keys().filter(|key| !english.contains_key(*key)).collect();
        assert!(lacks.is_empty() && more.is_empty(), "{}: lacks {lacks:?}, has {more:?} too", language.tag());
        for (key, text) in &own {
            assert!(!text.trim().is_empty(), "{} {key}", language.tag());
            assert_eq!(placeholders(text), placeholders(&english[key]), "{} {key}", language.tag());
        }
    }
    let there = fs::read_dir(folder().join("texts")).unwrap().count();
    assert_eq!(there, Language::ALL.len(), "a file of no language");
}

#[test]
fn the_page_knows_each_language() {
    let code = read(&folder().join("texts.js"));
    let list = between(&code, "const LANGUAGES = [", ']').next().unwrap();
    let listed: Vec<_> =
        list.split(',').map(|tag| tag.trim().trim_matches('"')).filter(|tag| !tag.is_empty()).collect();
    assert_eq!(listed, Language::ALL.map(Language::tag));
}

#[test]
fn each_word_that_the_page_uses_is_there_and_each_that_is_there_is_used() {
    let english = texts(Language::English);
    let code: String = files("js").into_iter().map(|(_, text)| text).collect();
    // Not functions whose name merely ends like this, such as `split("`.
    let calls = code.match_indices("t(\"").filter(|(at, _)| {
        code[..*at].chars().next_back().is_some_and(|before| !before.is_alphanumeric() && before != '.')
    });
    let literal: BTreeSet<&str> = calls.filter_map(|(at, call)| code[at + call.len()..].split('"').next()).collect();
    assert!(literal.len() > 100, "{literal:?}");
    for key in literal {
        assert!(english.contains_key(key), "{key} is not in en.json");
    }
    // And keys that are composed, as in `way-${method}`.
    let made: Vec<(&str, &str)> = between(&code, "t(`", '`')
        .filter_map(|key| Some((key.split("${").next()?, key.rsplit_once('}').map_or("", |(_, end)| end))))
        .collect();
    assert!(made.contains(&("way-", "")) && made.contains(&("", "-do")), "{made:?}");
    for key in english.keys() {
        let used = code.contains(&format!("\"{key}\""))
            || made.iter().any(|(begin, end)| key.starts_with(begin) && key.ends_with(end));
        assert!(used, "{key} is used nowhere");
    }
}

#[test]
fn why_somebody_is_not_served_is_said_in_words_of_the_page_for_each_reason_that_the_agent_has() {
    let agent = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/admin/find.rs"));
    let words = agent.split("const fn word").nth(1).unwrap().split("\n}").next().unwrap();
    let words: Vec<&str> = between(words, "=> \"", '"').filter(|word| *word != "eligible").collect();
    assert!(words.len() >= 8, "{words:?}");
    let code = read(&folder().join("person.js"));
    let known = between(&code, "const VERDICTS = [", ']').next().unwrap();
    let english = texts(Language::English);
    for word in words {
        assert!(known.contains(&format!("\"{word}\"")), "{word} is not in person.js");
        assert!(english.contains_key(&format!("verdict-{}", word.replace(' ', "-"))), "{word} has no text");
    }
}

#[test]
fn nothing_from_outside_is_read_as_html_or_code_and_nothing_stands_in_line() {
    for (name, code) in files("js") {
        for bad in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "DOMParser",
            "createContextualFragment",
            "srcdoc",
            "eval(",
            "new Function",
            "javascript:",
            "cockpit.script",
            "setAttribute(\"style\"",
        ] {
            assert!(!code.contains(bad), "{name}: {bad}");
        }
    }
    let page = read(&folder().join("index.html"));
    for script in between(&page, "<script ", '\n') {
        assert!(script.contains("src=\"") && script.ends_with("></script>"), "{script}");
    }
    assert!(!page.contains("<style") && !page.contains(" style=") && !page.contains(" on"), "{page}");
    // Cockpit's rules for pages apply unchanged.
    assert!(!read(&folder().join("manifest.json")).contains("content-security-policy"));
}

#[test]
fn the_page_is_small() {
    let mut all = Vec::new();
    for extension in ["js", "css", "html", "json"] {
        all.extend(files(extension).into_iter().flat_map(|(_, text)| text.into_bytes()));
    }
    for language in Language::ALL {
        all.extend(fs::read(folder().join(format!("texts/{}.json", language.tag()))).unwrap());
    }
    let mut gzip =
        Command::new("gzip").arg("-9c").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("no gzip");
    let mut input = gzip.stdin.take().unwrap();
    let writing = std::thread::spawn(move || input.write_all(&all));
    let size = gzip.wait_with_output().unwrap().stdout.len();
    writing.join().unwrap().unwrap();
    assert!((10_000..SIZE_MAX).contains(&size), "{size}");
}
