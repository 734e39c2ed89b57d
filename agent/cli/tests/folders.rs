//! The files and folders of each crate import one another in one direction.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
#![allow(missing_docs, reason = "test names are sentences")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

const CRATES: [&str; 11] = [
    "agent",
    "agent/cli",
    "agent/core",
    "agent/delivery",
    "agent/directory",
    "agent/fleet",
    "agent/helper",
    "agent/machine",
    "agent/protocol",
    "config",
    "pam_sspr",
];

/// Where a module is, from the root of its crate.
type Module = Vec<String>;
/// What each file or folder of one folder imports of its neighbours.
type Imports = BTreeMap<String, BTreeSet<String>>;

/// The word that `text` begins with.
fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The paths that `text` begins with, and what is behind them: `a::{b, c::d}` is two.
fn paths(text: &str) -> (Vec<Module>, &str) {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        let mut all = Vec::new();
        loop {
            rest = rest.trim_start();
            if rest.is_empty() {
                return (all, rest);
            }
            if let Some(behind) = rest.strip_prefix('}') {
                return (all, behind);
            }
            let (more, behind) = paths(rest);
            all.extend(more);
            let end = behind.find([',', '}']).unwrap_or(behind.len());
            rest = behind[end..].strip_prefix(',').unwrap_or(&behind[end..]);
        }
    }
    let name = word(text);
    let behind = &text[name.len()..];
    let Some(below) = behind.strip_prefix("::") else { return (vec![vec![name]], behind) };
    let (below, behind) = paths(below);
    (below.into_iter().map(|path| [vec![name.clone()], path].concat()).collect(), behind)
}

/// `text` without comments, which may name what stands above, and without tests, which may do as they like.
fn product(text: &str) -> String {
    let (mut kept, mut in_tests) = (String::new(), false);
    for line in text.lines() {
        in_tests |= line.starts_with("#[cfg(test)]") || line.starts_with("#[cfg(any(test");
        if !in_tests && !line.trim_start().starts_with("//") {
            kept.push_str(line);
            kept.push('\n');
        }
        in_tests &= !(line == "}" || line.ends_with(';') && !line.starts_with(' '));
    }
    kept
}

/// All that `text`, which is the module `here`, imports of its own crate: by `crate::`, `self::` and `super::`.
fn imported(here: &[String], text: &str) -> Vec<Module> {
    let mut found = Vec::new();
    for (first, base) in [("crate::", &[][..]), ("self::", here), ("super::", &here[..here.len().saturating_sub(1)])] {
        let mut read = 0;
        for (at, _) in text.match_indices(first) {
            if at < read || text[..at].ends_with(|c: char| c.is_alphanumeric() || "_:".contains(c)) {
                continue;
            }
            let (paths, behind) = paths(&text[at + first.len()..]);
            read = text.len() - behind.len();
            found.extend(paths.into_iter().map(|path| {
                let up = path.iter().take_while(|name| *name == "super").count();
                [&base[..base.len().saturating_sub(up)], &path[up..]].concat()
            }));
        }
    }
    found
}

/// The modules of the crate at `src`, each with its text.
fn modules(src: &Path) -> BTreeMap<Module, String> {
    let (mut modules, mut folders) = (BTreeMap::new(), vec![(src.to_owned(), Module::new())]);
    while let Some((folder, above)) = folders.pop() {
        for path in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
            let here = [above.as_slice(), std::slice::from_ref(&stem)].concat();
            match stem.as_str() {
                "tests" | "conformance" | "bin" | "lib" | "main" => {}
                name if name.ends_with("_tests") => {}
                _ if path.is_dir() => folders.push((path, here)),
                "mod" => drop(modules.insert(above.clone(), product(&fs::read_to_string(path).unwrap()))),
                _ if path.extension().is_some_and(|ext| ext == "rs") => {
                    modules.insert(here, product(&fs::read_to_string(path).unwrap()));
                }
                _ => {}
            }
        }
    }
    modules
}

/// What neighbours import of one another, by the folder that they are in.
fn imports(modules: &BTreeMap<Module, String>) -> BTreeMap<String, Imports> {
    let known: BTreeSet<&[String]> =
        modules.keys().flat_map(|module| (1..=module.len()).map(|depth| &module[..depth])).collect();
    let mut all: BTreeMap<String, Imports> = BTreeMap::new();
    for (here, text) in modules {
        for path in imported(here, text) {
            let depth = (1..=path.len()).take_while(|depth| known.contains(&path[..*depth])).count();
            let there = &path[..depth];
            let shared = here.iter().zip(there).take_while(|(a, b)| a == b).count();
            if let (Some(from), Some(to)) = (here.get(shared), there.get(shared)) {
                let folder = all.entry(here[..shared].join("/")).or_default();
                folder.entry(to.clone()).or_default();
                folder.entry(from.clone()).or_default().insert(to.clone());
            }
        }
    }
    all
}

/// What stands in a circle of `imports`, or leads into one.
fn circle(mut imports: Imports) -> BTreeSet<String> {
    loop {
        let free: Vec<String> = imports
            .iter()
            .filter(|(_, others)| others.iter().all(|other| !imports.contains_key(other)))
            .map(|(name, _)| name.clone())
            .collect();
        if free.is_empty() {
            return imports.into_keys().collect();
        }
        imports.retain(|name, _| !free.contains(name));
    }
}

fn imports_of(package: &str) -> BTreeMap<String, Imports> {
    imports(&modules(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(package).join("src")))
}

#[test]
fn no_files_and_folders_of_a_crate_stand_in_a_circle() {
    for package in CRATES {
        for (folder, imports) in imports_of(package) {
            let inside = circle(imports.clone());
            let said: Imports = imports.into_iter().filter(|(name, _)| inside.contains(name)).collect();
            assert!(inside.is_empty(), "{package}: {folder:?}: {said:?}");
        }
    }
    let (agent, command) = (imports_of("agent"), imports_of("agent/cli"));
    assert!(agent[""]["dialogue"].contains("proof") && agent[""]["proof"].contains("store"), "{agent:?}");
    assert!(command[""]["command"].contains("setup") && command["setup"]["plan"].contains("directory"), "{command:?}");
}

#[test]
fn a_circle_and_every_way_to_write_an_import_are_found() {
    let names = |here: &str, text: &str| {
        let here: Module = here.split('/').map(str::to_owned).collect();
        imported(&here, &product(text)).iter().map(|path| path.join("/")).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names("x", "use crate::a::b;\nlet y = crate::c::d();"), "a/b c/d");
    assert_eq!(
        names("x", "use crate::{\n    a::{self, B},\n    c as e,\n    d::e,\n};\nuse x::y;"),
        "a/self a/B c d/e"
    );
    assert_eq!(names("x/y", "use super::{super::a, b};\nuse self::c;\nsuper::super::d::e();"), "x/y/c a x/b d/e");
    assert_eq!(names("x", "use crate::a;\n#[cfg(test)]\nmod tests {\n    use crate::z;\n}\nuse crate::b;"), "a b");
    assert_eq!(names("x", "// crate::a\n#[cfg(test)]\nmod tests;\nlet y = my_crate::b;\nuse crate::c;"), "c");
    let of = |pairs: &[(&str, &str)]| -> Imports {
        pairs.iter().map(|(name, other)| ((*name).to_owned(), BTreeSet::from([(*other).to_owned()]))).collect()
    };
    assert!(circle(of(&[("a", "b"), ("b", "c")])).is_empty());
    assert_eq!(circle(of(&[("a", "b"), ("b", "c"), ("c", "b")])).into_iter().collect::<Vec<_>>(), ["a", "b", "c"]);
    let module = |name: &str, text: &str| (name.split('/').map(str::to_owned).collect(), text.to_owned());
    let two = BTreeMap::from([module("x/a", "use super::b::c;"), module("x/b", "use crate::x::a;")]);
    assert_eq!(circle(imports(&two)["x"].clone()).len(), 2, "a circle in a folder");
}
