//! An administrator's own texts for mail and text messages: `TAG.ftl` in the directory that `[texts] templates` names.
//! They are checked when they are loaded, so that no message ever leaves without its code.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File, Metadata},
    io::Read as _,
    os::unix::fs::MetadataExt as _,
    path::Path,
};

use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern, PatternElement},
    parser,
};
use sspr_config::{bus::AGENT_USER, language::Language, settings::SettingsError, why::Why};
use sspr_machine::names;

use crate::texts;

/// The largest file that is read, in bytes.
const SIZE_MAX: u64 = 64 << 10;

/// The placeholders that every message must contain if the built-in one does; not required in a subject.
const NEEDED: [&str; 2] = ["code", "host"];

/// Reads the files of `directory`, each for the language in its name. Files other than `*.ftl` are ignored.
pub fn load(directory: &Path) -> Result<Vec<(Language, String)>, SettingsError> {
    let refuse = |path: &Path, why: Why| SettingsError::File { path: path.into(), why };
    let unreadable = |path: &Path, e: std::io::Error| refuse(path, Why::of(&e, format!("can't be read: {e}")));
    let meta = fs::metadata(directory).map_err(|e| unreadable(directory, e))?;
    if !meta.is_dir() {
        return Err(refuse(directory, "is not a directory; [texts] templates names one".into()));
    }
    trusted(directory, &meta, "0755")?;
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(|e| unreadable(directory, e))? {
        let path = entry.map_err(|e| unreadable(directory, e))?.path();
        if path.extension().is_some_and(|extension| extension == "ftl") {
            files.push(path);
        }
    }
    // So that the same file is always reported first.
    files.sort();
    files
        .iter()
        .map(|path| {
            let tag = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            let language = Language::from_tag(&tag).ok_or_else(|| {
                let tags = Language::ALL.map(Language::tag).join(", ");
                refuse(path, format!("{tag:?} is no language; name the file after one of {tags}").into())
            })?;
            let file = File::open(path).map_err(|e| unreadable(path, e))?;
            let meta = file.metadata().map_err(|e| unreadable(path, e))?;
            if !meta.is_file() || meta.len() > SIZE_MAX {
                return Err(refuse(path, "is not a regular file of at most 64 KiB".into()));
            }
            trusted(path, &meta, "0644")?;
            let mut text = String::new();
            file.take(SIZE_MAX).read_to_string(&mut text).map_err(|e| unreadable(path, e))?;
            check(&text).map_err(|(line, why)| SettingsError::Line { path: path.clone(), line, why })?;
            Ok((language, text))
        })
        .collect()
}

/// Whether a file that belongs to `uid` is root's, the agent's, or, in a test, of the user who runs it.
pub(crate) fn is_trusted(uid: u32) -> bool {
    let agents = || matches!(names::user(AGENT_USER), Ok(Some(agent)) if agent.uid.as_raw() == uid);
    uid == 0 || uid == rustix::process::geteuid().as_raw() || agents()
}

/// A user who can write the file can put anything into a message that its readers trust.
fn trusted(path: &Path, meta: &Metadata, mode: &str) -> Result<(), SettingsError> {
    let refuse = |why: Why| Err(SettingsError::File { path: path.into(), why });
    if meta.mode() & 0o022 != 0 {
        let found = meta.mode() & 0o7777;
        return refuse(
            format!("is writable by others than its owner (mode {found:04o}); run: chmod {mode} {}", path.display())
                .into(),
        );
    }
    if !is_trusted(meta.uid()) {
        return refuse(format!("belongs to uid {}; run: chown root:root {}", meta.uid(), path.display()).into());
    }
    Ok(())
}

/// The first fault of `text`: its line, the fault, and the fix.
fn check(text: &str) -> Result<(), (usize, String)> {
    let resource = parser::parse(text).map_err(|(_, errors)| {
        let first = errors.first();
        let line = first.map_or(1, |e| 1 + text.bytes().take(e.pos.start).filter(|b| *b == b'\n').count());
        (line, format!("is not Fluent: {}", first.map_or_else(String::new, ToString::to_string)))
    })?;
    let built_in = parser::parse(texts::source(Language::English)).unwrap_or_else(|(rest, _)| rest);
    let mut seen = BTreeSet::new();
    let terms: BTreeMap<&str, &Pattern<&str>> = resource
        .body
        .iter()
        .filter_map(|entry| if let Entry::Term(term) = entry { Some((term.id.name, &term.value)) } else { None })
        .collect();
    for entry in &resource.body {
        let (name, pattern) = match entry {
            Entry::Message(message) => (message.id.name, message.value.as_ref()),
            Entry::Term(term) => (term.id.name, Some(&term.value)),
            Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) | Entry::Junk { .. } => continue,
        };
        let is_term = matches!(entry, Entry::Term(_));
        let fault = |why: String| (line_of(text, name, is_term), why);
        if !seen.insert((name, is_term)) {
            return Err(fault(format!("{name} is defined twice")));
        }
        let Some(pattern) = pattern else { return Err(fault(format!("{name} has no text"))) };
        let asks = Asks::of(pattern);
        if let Some(strange) = asks.strange {
            return Err(fault(format!("{name} has {strange}")));
        }
        if let Some(unknown) = asks.terms.iter().find(|term| is_term || !terms.contains_key(*term)) {
            return Err(fault(format!("{name} refers to -{unknown}; a term must be defined here, and be plain text")));
        }
        if is_term {
            if let Some(variable) = asks.possible.first() {
                return Err(fault(format!("the term {name} has ${variable}; a term is plain text")));
            }
            continue;
        }
        message(name, pattern, &asks, &built_in.body).map_err(fault)?;
        let long = asks.terms.iter().find(|term| terms.get(*term).is_some_and(|words| has_lines(words)));
        if let Some(term) = long.filter(|_| is_subject(name)) {
            return Err(fault(format!("{name} must be one line, and -{term} has more")));
        }
    }
    Ok(())
}

fn is_subject(name: &str) -> bool {
    name.ends_with("-subject")
}

fn has_lines(pattern: &Pattern<&str>) -> bool {
    any_text(pattern, &|text| text.contains('\n'))
}

fn message(name: &str, pattern: &Pattern<&str>, asks: &Asks<'_>, built_in: &[Entry<&str>]) -> Result<(), String> {
    let known = built_in.iter().filter_map(|entry| match entry {
        Entry::Message(m) if is_of_messages(m.id.name) => m.value.as_ref().map(|value| (m.id.name, value)),
        _ => None,
    });
    let Some((_, original)) = known.clone().find(|(key, _)| *key == name) else {
        let nearest = known.map(|(key, _)| (strsim::damerau_levenshtein(name, key), key)).min();
        return Err(match nearest {
            Some((distance, key)) if distance <= 5 => format!("there is no text {name}; did you mean {key}?"),
            _ => format!("{name} can't be replaced; only texts of messages can, which begin with mail- and text-"),
        });
    };
    let original = Asks::of(original);
    if let Some(unknown) = asks.possible.difference(&original.possible).next() {
        let there: Vec<String> = original.possible.iter().map(|name| format!("{{ ${name} }}")).collect();
        return Err(format!("{name} has {{ ${unknown} }}; there is {}", there.join(", ")));
    }
    let subject = is_subject(name);
    if let Some(missing) = NEEDED.iter().find(|n| original.possible.contains(*n) && !asks.certain.contains(*n))
        && !subject
    {
        return Err(format!("{name} must have {{ ${missing} }}, whatever it chooses between"));
    }
    if subject && has_lines(pattern) {
        return Err(format!("{name} must be one line"));
    }
    Ok(())
}

/// Whether `key` is that of a message, which an administrator may replace; the texts of dialogues may not be replaced.
fn is_of_messages(key: &str) -> bool {
    key.starts_with("mail-") || key.starts_with("text-")
}

/// The line on which the definition of `name` begins.
fn line_of(text: &str, name: &str, is_term: bool) -> usize {
    let begins = |line: &str| {
        let line = if is_term { line.strip_prefix('-') } else { Some(line) };
        line.and_then(|line| line.strip_prefix(name)).is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    1 + text.lines().enumerate().filter(|(_, line)| begins(line)).map(|(at, _)| at).last().unwrap_or_default()
}

/// The parts of a text besides its words.
#[derive(Debug, Default)]
pub(crate) struct Asks<'a> {
    /// The placeholders.
    pub(crate) possible: BTreeSet<&'a str>,
    /// Those that are shown in every variant.
    pub(crate) certain: BTreeSet<&'a str>,
    terms: BTreeSet<&'a str>,
    /// Something that is not allowed here.
    strange: Option<&'static str>,
}

impl<'a> Asks<'a> {
    /// Of `pattern`.
    pub(crate) fn of(pattern: &Pattern<&'a str>) -> Self {
        let mut asks = Self::default();
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { value } => asks.words(value),
                PatternElement::Placeable { expression } => asks.expression(expression),
            }
        }
        asks
    }

    fn words(&mut self, words: &str) {
        if words.chars().any(|c| c.is_control() && c != '\n') {
            self.strange = Some("a control character; take it out");
        }
    }

    fn expression(&mut self, expression: &Expression<&'a str>) {
        match expression {
            Expression::Inline(inline) => self.inline(inline),
            Expression::Select { selector, variants } => {
                // The selector of the variants, which is not shown.
                let mut chooser = Self::default();
                chooser.inline(selector);
                self.possible.append(&mut chooser.possible);
                self.strange = self.strange.or(chooser.strange);
                let mut all: Option<BTreeSet<&str>> = None;
                for variant in variants {
                    let mut inner = Self::of(&variant.value);
                    self.possible.append(&mut inner.possible);
                    self.terms.append(&mut inner.terms);
                    self.strange = self.strange.or(inner.strange);
                    all = Some(all.map_or(inner.certain.clone(), |all| &all & &inner.certain));
                }
                self.certain.append(&mut all.unwrap_or_default());
            }
        }
    }

    fn inline(&mut self, inline: &InlineExpression<&'a str>) {
        match inline {
            InlineExpression::StringLiteral { value } if value.contains('\\') => {
                self.strange = Some("an escape with \\; write the character itself");
            }
            InlineExpression::StringLiteral { value } => self.words(value),
            InlineExpression::NumberLiteral { .. } => {}
            InlineExpression::VariableReference { id } => {
                self.possible.insert(id.name);
                self.certain.insert(id.name);
            }
            InlineExpression::TermReference { id, attribute: None, arguments: None } => {
                self.terms.insert(id.name);
            }
            InlineExpression::Placeable { expression } => self.expression(expression),
            InlineExpression::FunctionReference { .. }
            | InlineExpression::MessageReference { .. }
            | InlineExpression::TermReference { .. } => {
                self.strange =
                    Some("a function, an attribute or another text in it; only placeholders and terms can be");
            }
        }
    }
}

/// Whether any words of `pattern` fulfil `is`.
fn any_text(pattern: &Pattern<&str>, is: &dyn Fn(&str) -> bool) -> bool {
    pattern.elements.iter().any(|element| match element {
        PatternElement::TextElement { value } => is(value),
        PatternElement::Placeable { expression: Expression::Select { variants, .. } } => {
            variants.iter().any(|variant| any_text(&variant.value, is))
        }
        PatternElement::Placeable { .. } => false,
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[track_caller]
    fn refused(text: &str) -> String {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("de.ftl"), text).unwrap();
        let error = load(dir.path()).expect_err(text).to_string();
        error.rsplit_once('/').unwrap().1.to_owned()
    }

    #[test]
    fn what_an_administrator_may_write_is_taken() {
        let dir = tempfile::tempdir().unwrap();
        let text = "# ours\n-company = Example AG\nmail-code-subject = Code von { -company }\n\
                    text-recovered = { $host }: { $service ->\n    [sshd] SSH\n   *[other] { $service }\n }\n";
        fs::write(dir.path().join("de.ftl"), "-company = Example AG\nmail-code-subject = Code von { -company }\n")
            .unwrap();
        fs::write(dir.path().join("PT-br.ftl"), "text-code-recover = { $code } ({ $host })\n").unwrap();
        fs::write(dir.path().join("README"), "not ours").unwrap();
        let loaded = load(dir.path()).unwrap();
        let languages: Vec<Language> = loaded.iter().map(|(language, _)| *language).collect();
        assert_eq!(languages, [Language::BrazilianPortuguese, Language::German]);
        // text-recovered has no { $service } of its own, so it is refused.
        assert!(check(text).unwrap_err().1.contains("there is { $account }"));
    }

    #[test]
    fn a_template_that_could_not_do_its_work_is_refused_with_file_line_and_fix() {
        for (text, want) in [
            ("\ntext-code-recover = { $host }\n", "de.ftl:2: text-code-recover must have { $code }"),
            ("text-code-recover = { $code }\n", "de.ftl:1: text-code-recover must have { $host }"),
            (
                "text-code-recover = { $host } { $account ->\n    [root] no\n   *[other] { $code }\n}\n",
                "de.ftl:1: text-code-recover must have { $code }, whatever it chooses between",
            ),
            ("# x\n\nmail-recoverd = x\n", "de.ftl:3: there is no text mail-recoverd; did you mean mail-recovered?"),
            ("code-prompt = Code\n", "de.ftl:1: code-prompt can't be replaced; only texts of messages can"),
            (
                "mail-recovered-subject = { $password }\n",
                "de.ftl:1: mail-recovered-subject has { $password }; there is { $account }, { $host }",
            ),
            (
                "mail-recovered-subject =\n    One\n    Bcc: x@example.org\n",
                "de.ftl:1: mail-recovered-subject must be one line",
            ),
            (
                "mail-recovered-subject = One{\"\\u000A\"}Bcc: x@example.org\n",
                "de.ftl:1: mail-recovered-subject has an escape",
            ),
            ("mail-recovered-subject = One\u{7}\n", "de.ftl:1: mail-recovered-subject has a control character"),
            ("mail-recovered-subject = { NUMBER(1) }\n", "de.ftl:1: mail-recovered-subject has a function"),
            ("mail-recovered-subject = { mail-recovered }\n", "de.ftl:1: mail-recovered-subject has a function"),
            (
                "-firm = Example\n    AG\nmail-recovered-subject = { -firm }: hello\n",
                "de.ftl:3: mail-recovered-subject must be one line, and -firm has more",
            ),
            ("mail-recovered-subject = { -firm }\n", "de.ftl:1: mail-recovered-subject refers to -firm"),
            ("-a = { -b }\n-b = { -a }\n", "de.ftl:1: a refers to -b"),
            ("-a = { $code }\n", "de.ftl:1: the term a has $code"),
            ("mail-code-subject = a\nmail-code-subject = b\n", "de.ftl:2: mail-code-subject is defined twice"),
            ("mail-code-subject = ok\n\nmail-recovered-subject = { $host\n", "de.ftl:4: is not Fluent"),
            ("mail-code-subject\n", "de.ftl:1: is not Fluent"),
        ] {
            let error = refused(text);
            assert!(error.contains(want), "{text:?}\n  got  {error}\n  want {want}");
        }
    }

    #[test]
    fn a_file_that_is_misnamed_too_large_or_writable_by_others_is_refused_with_the_fix() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("de_DE.ftl");
        fs::write(&file, "").unwrap();
        assert!(
            load(dir.path())
                .unwrap_err()
                .to_string()
                .contains("\"de_DE\" is no language; name the file after one of en")
        );
        fs::remove_file(&file).unwrap();
        let file = dir.path().join("de.ftl");
        fs::write(&file, "#".repeat(70_000)).unwrap();
        assert!(load(dir.path()).unwrap_err().to_string().contains("at most 64 KiB"));
        fs::write(&file, [0xff]).unwrap();
        assert!(load(dir.path()).unwrap_err().to_string().contains("can't be read"));
        fs::write(&file, "").unwrap();
        for (path, fix) in [(file.as_path(), "run: chmod 0644"), (dir.path(), "run: chmod 0755")] {
            let before = fs::metadata(path).unwrap().permissions();
            fs::set_permissions(path, fs::Permissions::from_mode(before.mode() | 0o002)).unwrap();
            assert!(load(dir.path()).unwrap_err().to_string().contains(fix));
            fs::set_permissions(path, before).unwrap();
        }
        assert!(load(dir.path()).is_ok());
        assert!(load(&file).unwrap_err().to_string().contains("is not a directory"));
        assert!(load(&dir.path().join("nowhere")).unwrap_err().to_string().contains("can't be read"));
    }
}
