//! Where `pam_pwhistory` keeps old passwords.

use std::{fs, path::Path};

use super::{files, modules::directories};

/// Its settings, where it has them in a file.
const SETTINGS: &str = "etc/security/pwhistory.conf";

/// The file that it is told to use, and where, unless by its arguments. Older versions don't know this option.
pub fn history_file(root: &Path, arguments: &[String]) -> Option<(String, Option<String>)> {
    let mut modules = directories(root).into_iter().map(|directory| directory.join("pam_pwhistory.so"));
    let module = modules.find_map(|path| fs::read(path).ok())?;
    let known = b"file=";
    if !module.windows(known.len()).any(|window| window == known) {
        return None;
    }
    let argument = arguments.iter().rev().find_map(|argument| argument.strip_prefix("file="));
    if let Some(file) = argument {
        return file.starts_with('/').then(|| (file.to_owned(), None));
    }
    let named = arguments.iter().rev().find_map(|argument| argument.strip_prefix("conf="));
    let settings = named.unwrap_or(SETTINGS).trim_start_matches('/');
    let text = files::text(&root.join(settings)).ok()?;
    let key = |line: &str| {
        let line = line.split('#').next()?.trim().to_owned();
        let (key, value) = line.split_once(|c: char| c == '=' || c.is_ascii_whitespace())?;
        let value = value.trim_start_matches(|c: char| c == '=' || c.is_ascii_whitespace());
        (key.eq_ignore_ascii_case("file") && value.starts_with('/')).then(|| value.to_owned())
    };
    let found = (1..).zip(text.lines()).find_map(|(number, line)| Some((number, key(line)?)));
    found.map(|(number, file)| (file, Some(format!("/{settings}:{number}"))))
}
