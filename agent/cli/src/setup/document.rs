//! A settings file that is being edited: keys are set and removed, and everything else stays as written.

use sspr_config::settings::Settings;
use toml_edit::{Array, DocumentMut, Item, Table, TomlError, Value};

/// A settings file that is being edited.
pub(super) struct Document {
    doc: DocumentMut,
    effective: toml::Table,
}

impl Document {
    /// The file with this text. A value that the settings have already, from another file or by default, is not
    /// repeated.
    pub(super) fn of(text: &str, settings: &Settings) -> Result<Self, TomlError> {
        Ok(Self { doc: text.parse()?, effective: toml::Table::try_from(settings).unwrap_or_default() })
    }

    pub(super) fn set(&mut self, section: &str, key: &str, value: impl Into<Value>) {
        let value = value.into();
        let written = section.split('.').try_fold(self.doc.as_item(), |item, name| item.get(name));
        let written = written.and_then(|table| table.get(key)).and_then(Item::as_value);
        // A key with the same value is left untouched: a second run must not rewrite a comma.
        let same = match written {
            Some(old) => plain(old) == plain(&value),
            None => self.counts(section, key).is_some_and(|now| now.to_string() == plain(&value)),
        };
        if same {
            return;
        }
        let mut table = self.doc.as_table_mut();
        for name in section.split('.') {
            let item = table.entry(name).or_insert_with(|| {
                let mut new = Table::new();
                // A section that contains only sections gets no heading.
                new.set_implicit(true);
                Item::Table(new)
            });
            let Some(inner) = item.as_table_mut() else { return };
            table = inner;
        }
        table.insert(key, Item::Value(value));
    }

    fn counts(&self, section: &str, key: &str) -> Option<&toml::Value> {
        let mut parts = section.split('.');
        let first = self.effective.get(parts.next()?)?;
        parts.try_fold(first, |value, name| value.get(name))?.get(key)
    }

    pub(super) fn unset(&mut self, section: &str, key: &str) {
        if let Some(table) = self.doc.get_mut(section).and_then(Item::as_table_mut) {
            table.remove(key);
        }
    }

    /// Removes all keys of a section except `keys`.
    pub(super) fn unset_others(&mut self, section: &str, keys: &[&str]) {
        let mut table = self.doc.as_table_mut();
        for name in section.split('.') {
            let Some(inner) = table.get_mut(name).and_then(Item::as_table_mut) else { return };
            table = inner;
        }
        table.retain(|key, _| keys.contains(&key));
    }

    /// The text, without empty sections.
    pub(super) fn text(mut self) -> String {
        let empty = |item: &Item| item.as_table().is_some_and(Table::is_empty);
        let names: Vec<String> = self.doc.iter().filter(|(_, i)| empty(i)).map(|(name, _)| name.to_owned()).collect();
        for name in names {
            self.doc.remove(&name);
        }
        self.doc.to_string()
    }
}

pub(super) fn list(words: &[&str]) -> Array {
    words.iter().copied().collect()
}

fn plain(value: &Value) -> String {
    let mut value = value.clone();
    value.decor_mut().clear();
    value.to_string()
}
