//! The fault of a line, in words for an administrator: what is there, and what is valid. Messages of the libraries that
//! read the file are never shown.

use super::SHIPPED;

/// A value longer than this is not shown; the message names only its key.
const SHOWN_MAX: usize = 40;

/// The error for a value or a key. `message` is serde's; `path` is the key's; `value` is as it was written.
pub(super) fn value(message: &str, path: &[String], value: Option<&str>, is_section: bool) -> String {
    let name = path.join(".");
    let shown = value.filter(|v| v.chars().count() <= SHOWN_MAX && !v.contains('\n'));
    let cant = || shown.map_or_else(|| format!("{name} can't be that"), |v| format!("{name} can't be {v}"));
    if let Some(known) = message.strip_prefix("unknown field ") {
        return unknown(path, &quoted(known));
    }
    if let Some(known) = message.strip_prefix("unknown variant ") {
        let known: Vec<_> = quoted(known).into_iter().skip(1).map(|word| format!("\"{word}\"")).collect();
        return format!("{}; it can be {}", cant(), either(&known));
    }
    if let Some(missing) = message.strip_prefix("missing field ").map(quoted).unwrap_or_default().first() {
        let example = example(&name, missing).unwrap_or_else(|| format!("{missing} = ..."));
        return format!("[{name}] lacks {missing}; add a line such as: {example}");
    }
    let wrong_type = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "));
    let Some((_, wanted)) = wrong_type.and_then(|rest| rest.split_once(", expected ")) else {
        // One of our own messages, such as a duration's.
        return format!("{name}: {message}");
    };
    let (section, key) =
        path.split_last().map_or_else(Default::default, |(key, above)| (above.join("."), key.as_str()));
    if wanted.starts_with("struct ") || (wanted == "a map" && section.is_empty()) {
        return format!("{name} is a section; write [{name}] in a line of its own and its keys below");
    }
    if is_section {
        let above = if section.is_empty() { "the settings" } else { section.as_str() };
        return format!(
            "{key} is a key of [{above}], not a section; write a line such as: {}",
            shown_example(&section, key)
        );
    }
    // If a value can have several forms, its own words say which.
    if wanted.starts_with('"') {
        return format!("{}; it can be {wanted}", cant());
    }
    let number = value.is_some_and(|v| v.trim_start_matches(['+', '-']).bytes().all(|b| b.is_ascii_digit()));
    let form = match wanted {
        "u8" | "u16" | "u32" | "u64" if number => match wanted {
            "u8" => "it can be 0 to 255",
            "u16" => "it can be 0 to 65535",
            _ => "it can be 0 to 4294967295",
        },
        "u8" | "u16" | "u32" | "u64" => "it takes a whole number, without quotes",
        "a boolean" => "it can be true or false, without quotes",
        "a sequence" => "it takes a list in square brackets",
        "a map" => "it takes keys and values in curly brackets",
        _ => "it takes text in quotes",
    };
    format!("{}; {form}, such as: {}", cant(), shown_example(&section, key))
}

fn unknown(path: &[String], known: &[&str]) -> String {
    let (Some((name, above)), [_, known @ ..]) = (path.split_last(), known) else {
        return "there is no such setting".into();
    };
    let section = above.join(".");
    let nearest = known.iter().map(|known| (strsim::damerau_levenshtein(name, known), known)).min();
    let near = nearest.filter(|(distance, _)| *distance <= 3).map(|(_, known)| known);
    if above.is_empty() {
        if let Some(home) = home_of(name) {
            return format!("{name} is outside its section; it belongs below [{home}]");
        }
        return match near {
            Some(near) => format!("there is no section [{name}]; did you mean [{near}]?"),
            None => format!("there is no section [{name}]; there are {}", known.join(", ")),
        };
    }
    match (home_of(name), near) {
        (Some(home), _) => format!("there is no setting {name:?} in [{section}]; it belongs below [{home}]"),
        (None, Some(near)) => format!("there is no setting {name:?} in [{section}]; did you mean {near:?}?"),
        (None, None) => format!("there is no setting {name:?} in [{section}]; there are {}", known.join(", ")),
    }
}

/// The error for a line that is not TOML.
pub(super) fn syntax(message: &str, text: &str, at: usize, line: usize) -> String {
    let content = text.lines().nth(line - 1).unwrap_or_default().trim();
    if message == "duplicate key" {
        let name: String =
            text.get(at..).unwrap_or_default().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let first = text.lines().position(|l| defines(l, &name, content.starts_with('['))).map_or(line, |n| n + 1);
        let what = if content.starts_with('[') { content.to_owned() } else { name };
        return if first < line {
            format!("{what} was already set on line {first}; keep one of the two")
        } else {
            format!("{what} is set twice; keep one of the two")
        };
    }
    if message.contains("unclosed array") && !content.starts_with('[') {
        return "a list in square brackets is not closed; add ]".into();
    }
    if content.starts_with('[') && !content.split('#').next().unwrap_or_default().trim_end().ends_with(']') {
        return "the name of the section is not closed; write it as [code]".into();
    }
    let Some((key, value)) = content.split_once('=') else {
        return "this is neither a section such as [code] nor a key with a value such as digits = 6".into();
    };
    let (key, value) = (key.trim(), value.trim());
    let value = value.split('#').next().unwrap_or_default().trim();
    if value.is_empty() {
        return format!("{key} has no value; write one after the =, or put a # before the line");
    }
    let quotes = value.matches('"').count();
    if quotes % 2 == 1 {
        return format!("the text of {key} has one quote too few; write it as {key} = \"...\"");
    }
    if value.starts_with('[') && !value.ends_with(']') {
        return format!("the list of {key} is not closed; add ]");
    }
    if quotes == 0 && !value.starts_with(['[', '{', '\'']) {
        return format!("text needs quotes; write {key} = \"{value}\"");
    }
    format!("{key} can't be read; write text in quotes, lists in square brackets, one key on each line")
}

/// Whether the line sets `name`, as a section or as a key.
fn defines(line: &str, name: &str, section: bool) -> bool {
    let line = line.trim();
    if section {
        return line.trim_matches(['[', ']']).rsplit('.').next() == Some(name) && line.starts_with('[');
    }
    line.split('=').next().is_some_and(|key| key.trim().trim_matches('"') == name)
}

/// The texts in backquotes.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

fn either(words: &[String]) -> String {
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}

/// The sections and lines of the shipped file, without comment signs: what can be set, and how.
pub(super) fn shipped() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let mut section = "";
    SHIPPED.lines().filter_map(move |line| {
        let line = line.strip_prefix('#').unwrap_or(line);
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            section = name;
            return None;
        }
        let (key, _) = line.split_once(" = ")?;
        key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_').then_some((section, key, line))
    })
}

fn example(section: &str, key: &str) -> Option<String> {
    shipped().find(|(s, k, _)| *s == section && *k == key).map(|(_, _, line)| line.to_owned())
}

fn shown_example(section: &str, key: &str) -> String {
    example(section, key).unwrap_or_else(|| format!("{key} = ..."))
}

/// The one section that has `key`.
fn home_of(key: &str) -> Option<&'static str> {
    let mut homes = shipped().filter(|(_, k, _)| *k == key).map(|(section, _, _)| section);
    homes.next().filter(|_| homes.next().is_none())
}
