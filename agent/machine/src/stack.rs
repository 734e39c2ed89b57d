//! The whole stack of a PAM service below any root, with includes resolved: for code that reads the lines of other
//! services, too.

use std::{io, path::Path};

use crate::{
    files,
    pamconf::{numbered_lines, words},
};

/// How deep includes may nest before they count as a loop.
const DEPTH: usize = 16;

/// A line that has an effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// `auth`, `password` and so on.
    pub kind: String,
    /// What its result means for the stack.
    pub control: String,
    /// The name without directory and `.so`.
    pub module: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Skipped if the module is missing.
    pub optional: bool,
    /// File and number.
    pub place: String,
}

/// The stack of `service` below `root`, with includes resolved; `None` if there is no such service.
pub fn stack(root: &Path, service: &str) -> Result<Option<Vec<Line>>, String> {
    let mut lines = Vec::new();
    match read(root, service) {
        Ok(file) => {
            add(root, &file, None, 0, &mut lines)?;
            Ok(Some(lines))
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(format!("the PAM service {service} can't be read: {e}")),
    }
}

/// A file with lines.
struct Text {
    /// Without the root.
    path: String,
    text: String,
}

fn read(root: &Path, name: &str) -> io::Result<Text> {
    let read = |path: String| {
        let text = files::text(&root.join(path.trim_start_matches('/')))?;
        Ok(Text { path, text })
    };
    if name.starts_with('/') {
        return read(name.to_owned());
    }
    match read(format!("/etc/pam.d/{name}")) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => read(format!("/usr/lib/pam.d/{name}")),
        done => done,
    }
}

fn add(root: &Path, file: &Text, only: Option<&str>, depth: usize, all: &mut Vec<Line>) -> Result<(), String> {
    if depth > DEPTH {
        return Err(format!("the PAM file {} includes itself", file.path));
    }
    for (number, line) in numbered_lines(&file.text) {
        let place = format!("{}:{number}", file.path);
        let unclear = || format!("{place}: this line of PAM is not understood: {line}");
        let found = words(&line).ok_or_else(unclear)?;
        let include = |name: &str, only: Option<&str>, all: &mut Vec<Line>| {
            let included =
                read(root, name).map_err(|e| format!("{place} includes {name}, which can't be read: {e}"))?;
            add(root, &included, only, depth + 1, all)
        };
        match found.as_slice() {
            [at, name] if at.eq_ignore_ascii_case("@include") => include(name, only, all)?,
            [kind, control, rest @ ..] => {
                let (kind, optional) = kind.strip_prefix('-').map_or((*kind, false), |kind| (kind, true));
                if only.is_some_and(|only| !only.eq_ignore_ascii_case(kind)) {
                    continue;
                }
                let Some((target, arguments)) = rest.split_first() else { return Err(unclear()) };
                if ["include", "substack"].contains(&control.to_ascii_lowercase().as_str()) {
                    include(target, Some(kind), all)?;
                    continue;
                }
                let module = target.rsplit('/').next().unwrap_or(target);
                all.push(Line {
                    kind: kind.to_ascii_lowercase(),
                    control: control.to_ascii_lowercase(),
                    module: module.strip_suffix(".so").unwrap_or(module).to_owned(),
                    arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
                    optional,
                    place,
                });
            }
            _ => return Err(unclear()),
        }
    }
    Ok(())
}
