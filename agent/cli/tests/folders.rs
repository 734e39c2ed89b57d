//! The files and folders of the command import one another in one direction, and so do the agent's folders.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
#![allow(missing_docs, reason = "test names are sentences")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

type Imports = BTreeMap<String, BTreeSet<String>>;

/// The word that `text` begins with.
fn word(text: &str) -> String {
    text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// What `text` imports from the root of its crate: `crate::a`, and each name of `crate::{a, b::c}`. Tests may do as they like.
fn imported(text: &str) -> BTreeSet<String> {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    // A comment may name what stands above.
    let text: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut found = BTreeSet::new();
    for after in text.split("crate::").skip(1) {
        let Some(list) = after.strip_prefix('{') else {
            found.insert(word(after));
            continue;
        };
        let (mut depth, mut begins) = (1, true);
        for (at, c) in list.char_indices() {
            if depth == 1 && begins && !c.is_whitespace() {
                found.insert(word(&list[at..]));
            }
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
            begins = depth == 1 && (c == ',' || begins && c.is_whitespace());
        }
    }
    found.remove("");
    found
}

/// What stands in a circle of `imports`.
fn circle(mut imports: Imports) -> BTreeSet<String> {
    loop {
        let free: Vec<String> = imports
            .iter()
            .filter(|(name, others)| others.iter().all(|other| other == *name || !imports.contains_key(other)))
            .map(|(name, _)| name.clone())
            .collect();
        if free.is_empty() {
            return imports.into_keys().collect();
        }
        imports.retain(|name, _| !free.contains(name));
    }
}

fn read(path: &Path, name: &str, imports: &mut Imports) {
    if path.file_name().is_some_and(|folder| folder == "tests") {
        return;
    }
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            read(&entry.unwrap().path(), name, imports);
        }
    } else if path.file_name().is_some_and(|file| !["tests.rs", "conformance.rs"].contains(&&*file.to_string_lossy())) {
        imports.entry(name.to_owned()).or_default().extend(imported(&fs::read_to_string(path).unwrap()));
    }
}

#[test]
fn the_commands_files_and_folders_stand_in_no_circle() {
    let mut imports = Imports::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if !["lib", "main"].contains(&name.as_str()) {
            read(&path, &name, &mut imports);
        }
    }
    assert!(imports["command"].contains("setup") && imports["setup"].contains("doctor"), "{imports:?}");
    assert_eq!(circle(imports), BTreeSet::new());
}

/// What is in no folder is not looked at: it may know several, and they it.
#[test]
fn the_agents_folders_stand_in_no_circle() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src");
    let paths = || fs::read_dir(&src).unwrap().map(|entry| entry.unwrap().path());
    let stem = |path: &Path| path.file_stem().unwrap().to_string_lossy().into_owned();
    let folders: BTreeSet<String> = paths().filter(|path| path.is_dir()).map(|path| stem(&path)).collect();
    let mut imports = Imports::new();
    for path in paths().filter(|path| folders.contains(&stem(path)) && stem(path) != "bin") {
        read(&path, &stem(&path), &mut imports);
    }
    assert!(imports["dialogue"].contains("proof") && imports["proof"].contains("store"), "{imports:?}");
    assert_eq!(circle(imports), BTreeSet::new());
}

#[test]
fn a_circle_and_every_way_to_write_an_import_are_found() {
    let names = |text: &str| imported(text).into_iter().collect::<Vec<_>>().join(" ");
    assert_eq!(names("use crate::a::b;\nlet x = crate::c::d();"), "a c");
    assert_eq!(names("use crate::{\n    a::{self, B},\n    c,\n    d::e,\n};\nuse x::y;"), "a c d");
    assert_eq!(names("use crate::a;\n#[cfg(test)]\nmod tests { use crate::z; }"), "a");
    let of = |pairs: &[(&str, &str)]| -> Imports {
        pairs.iter().map(|(name, other)| ((*name).to_owned(), BTreeSet::from([(*other).to_owned()]))).collect()
    };
    assert!(circle(of(&[("a", "b"), ("b", "c"), ("c", "c")])).is_empty());
    assert_eq!(circle(of(&[("a", "b"), ("b", "c"), ("c", "b")])).into_iter().collect::<Vec<_>>(), ["a", "b", "c"]);
}
