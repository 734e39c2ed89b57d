//! Merges several settings files: sections key by key, everything else as a whole; the last value counts. Each key
//! remembers where it was written last, so that every fault is reported with its file and line.

use std::{
    collections::BTreeMap,
    ops::Range,
    path::{Path, PathBuf},
};

use serde::Deserialize as _;
use toml::{
    Spanned,
    de::{DeArray, DeTable, DeValue},
};

use super::{
    Settings, SettingsError, check,
    sources::{self, Source},
    words,
};

/// Where something is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The file.
    pub path: PathBuf,
    /// Counted from 1.
    pub line: usize,
}

/// Spans count through all texts, as if the files were concatenated.
pub(super) struct Merged<'a> {
    sources: &'a [Source],
    table: DeTable<'a>,
}

type Span = Range<usize>;

impl<'a> Merged<'a> {
    pub(super) fn of(sources: &'a [Source]) -> Result<Self, SettingsError> {
        let mut table = DeTable::new();
        let mut base = 0;
        for source in sources {
            let parsed = DeTable::parse(&source.text).map_err(|error| {
                let at = error.span().map_or(0, |span| span.start);
                let line = line_of(&source.text, at);
                let why = words::syntax(error.message(), &source.text, at, line);
                SettingsError::Line { path: source.path.clone(), line, why }
            })?;
            lay(&mut table, moved_table(parsed.into_inner(), base));
            base += source.text.len() + 1;
        }
        Ok(Self { sources, table })
    }

    /// The settings, checked.
    pub(super) fn settings(&self) -> Result<Settings, SettingsError> {
        let whole = Spanned::new(0..0, self.table.clone());
        let settings = Settings::deserialize(toml::de::Deserializer::from(whole)).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            let found = find(&self.table, &span, &mut Vec::new()).unwrap_or_default();
            let value = self.text(&span).filter(|_| !found.key && !found.section);
            self.refuse(&span, words::value(error.message(), &found.path, value, found.section))
        })?;
        check::check(&settings).map_err(|fault| {
            let Origin { path, line } = self.place(fault.section, fault.key);
            SettingsError::Line { path, line, why: fault.why }
        })?;
        Ok(settings.bound())
    }

    /// Where each key and each section was written last, by its dotted name.
    pub(super) fn origins(&self) -> BTreeMap<String, Origin> {
        let mut all = BTreeMap::new();
        self.note(&self.table, "", &mut all);
        all
    }

    fn note(&self, table: &DeTable<'_>, above: &str, all: &mut BTreeMap<String, Origin>) {
        for (key, value) in table {
            let name = if above.is_empty() { key.to_string() } else { format!("{above}.{key}") };
            if let DeValue::Table(inner) = value.get_ref() {
                self.note(inner, &name, all);
            }
            all.insert(name, self.origin(key.span().start));
        }
    }

    /// Where `key` of `section` was written last; otherwise the section; otherwise the end of the main file, where it
    /// can be added.
    fn place(&self, section: &str, key: &str) -> Origin {
        let origins = self.origins();
        if let Some(origin) = origins.get(&format!("{section}.{key}")).or_else(|| origins.get(section)) {
            return origin.clone();
        }
        let main = self.main();
        Origin {
            path: main.map(|m| m.path.clone()).unwrap_or_default(),
            line: main.map_or(1, |m| m.text.lines().count().max(1)),
        }
    }

    /// The administrator's own file; the file that the package wrote at installation comes before it.
    fn main(&self) -> Option<&Source> {
        self.sources.iter().find(|source| !source.path.ends_with(sources::INSTALLED))
    }

    fn refuse(&self, span: &Span, why: String) -> SettingsError {
        let Origin { path, line } = self.origin(span.start);
        SettingsError::Line { path, line, why }
    }

    fn origin(&self, mut at: usize) -> Origin {
        for source in self.sources {
            if at <= source.text.len() {
                return Origin { path: source.path.clone(), line: line_of(&source.text, at) };
            }
            at -= source.text.len() + 1;
        }
        Origin { path: self.main().map_or_else(|| Path::new("").into(), |s| s.path.clone()), line: 1 }
    }

    fn text(&self, span: &Span) -> Option<&str> {
        let (mut start, mut end) = (span.start, span.end);
        for source in self.sources {
            if start <= source.text.len() {
                return source.text.get(start..end);
            }
            start -= source.text.len() + 1;
            end = end.saturating_sub(source.text.len() + 1);
        }
        None
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|b| *b == b'\n').count()
}

/// Merges `over` into `under`, and `over` wins.
fn lay<'a>(under: &mut DeTable<'a>, over: DeTable<'a>) {
    for (key, value) in over {
        // Removed first; otherwise the old key with its old place would stay.
        let old = under.remove_entry(key.get_ref().as_ref()).map(|(_, old)| old.into_inner());
        let span = value.span();
        let laid = match (old, value.into_inner()) {
            (Some(DeValue::Table(mut below)), DeValue::Table(above)) => {
                lay(&mut below, above);
                DeValue::Table(below)
            }
            (_, value) => value,
        };
        under.insert(key, Spanned::new(span, laid));
    }
}

fn moved_table(table: DeTable<'_>, by: usize) -> DeTable<'_> {
    table
        .into_iter()
        .map(|(key, value)| (Spanned::new(moved_span(&key, by), key.into_inner()), moved(value, by)))
        .collect()
}

fn moved(value: Spanned<DeValue<'_>>, by: usize) -> Spanned<DeValue<'_>> {
    let span = moved_span(&value, by);
    let value = match value.into_inner() {
        DeValue::Table(table) => DeValue::Table(moved_table(table, by)),
        DeValue::Array(array) => {
            let mut all = DeArray::new();
            for element in array {
                all.push(moved(element, by));
            }
            DeValue::Array(all)
        }
        other => other,
    };
    Spanned::new(span, value)
}

fn moved_span<T>(value: &Spanned<T>, by: usize) -> Span {
    value.span().start + by..value.span().end + by
}

/// The item at a span.
#[derive(Default)]
struct Found {
    path: Vec<String>,
    /// The key itself is wrong.
    key: bool,
    /// It is a section.
    section: bool,
}

fn find(table: &DeTable<'_>, span: &Span, above: &mut Vec<String>) -> Option<Found> {
    for (key, value) in table {
        above.push(key.to_string());
        if key.span() == *span {
            return Some(Found { path: above.clone(), key: true, section: false });
        }
        if value.span() == *span {
            return Some(Found { path: above.clone(), key: false, section: value.get_ref().is_table() });
        }
        match value.get_ref() {
            DeValue::Table(inner) => {
                if let Some(found) = find(inner, span, above) {
                    return Some(found);
                }
            }
            DeValue::Array(_) if value.span().start <= span.start && span.end <= value.span().end => {
                return Some(Found { path: above.clone(), key: false, section: false });
            }
            _ => {}
        }
        above.pop();
    }
    None
}
