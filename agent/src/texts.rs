//! Every text that a user reads, from Fluent files.

use std::{
    borrow::Cow,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use sspr_config::language::Language;

/// The built-in file of a language.
pub(crate) const fn source(language: Language) -> &'static str {
    match language {
        Language::English => include_str!("../texts/en.ftl"),
        Language::Japanese => include_str!("../texts/ja.ftl"),
        Language::German => include_str!("../texts/de.ftl"),
        Language::French => include_str!("../texts/fr.ftl"),
        Language::Spanish => include_str!("../texts/es.ftl"),
        Language::Italian => include_str!("../texts/it.ftl"),
        Language::BrazilianPortuguese => include_str!("../texts/pt-BR.ftl"),
        Language::Dutch => include_str!("../texts/nl.ftl"),
        Language::Polish => include_str!("../texts/pl.ftl"),
        Language::Turkish => include_str!("../texts/tr.ftl"),
        Language::Ukrainian => include_str!("../texts/uk.ftl"),
        Language::SimplifiedChinese => include_str!("../texts/zh-Hans.ftl"),
        Language::TraditionalChinese => include_str!("../texts/zh-Hant.ftl"),
        Language::Korean => include_str!("../texts/ko.ftl"),
        Language::Czech => include_str!("../texts/cs.ftl"),
        Language::Swedish => include_str!("../texts/sv.ftl"),
        Language::Danish => include_str!("../texts/da.ftl"),
        Language::Finnish => include_str!("../texts/fi.ftl"),
        Language::Russian => include_str!("../texts/ru.ftl"),
        Language::EuropeanPortuguese => include_str!("../texts/pt-PT.ftl"),
        Language::Norwegian => include_str!("../texts/nb.ftl"),
        Language::Hungarian => include_str!("../texts/hu.ftl"),
        Language::Romanian => include_str!("../texts/ro.ftl"),
        Language::Greek => include_str!("../texts/el.ftl"),
        Language::Indonesian => include_str!("../texts/id.ftl"),
        Language::Vietnamese => include_str!("../texts/vi.ftl"),
    }
}

type Bundle = FluentBundle<FluentResource>;

/// The texts in one language. They are read when the first one is needed: most sign-ins need none.
pub struct Texts {
    language: Language,
    own: Arc<Own>,
    /// The source of texts that are missing in this language.
    english: Option<Arc<Texts>>,
    /// Whether the user can read only English in ASCII.
    plain: AtomicBool,
}

/// The parts that all users of a language share.
struct Own {
    bundle: OnceLock<Bundle>,
    /// An administrator's texts, already checked, which replace the built-in ones.
    templates: Option<String>,
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Texts({})", self.language.tag())
    }
}

/// A value to insert into a text.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// Words.
    Text(&'a str),
    /// A number, which may select a plural form.
    Number(i64),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl Texts {
    /// The English texts.
    pub fn english() -> Self {
        Self::new(Language::English, None, None)
    }

    /// The texts in `language`, where an administrator's replace the built-in ones; missing ones are taken from
    /// `english`.
    pub fn new(language: Language, templates: Option<String>, english: Option<Arc<Self>>) -> Self {
        let own = Arc::new(Own { bundle: OnceLock::new(), templates });
        Self { language, own, english, plain: AtomicBool::new(false) }
    }

    /// The same for one dialogue, which may switch to English without affecting others.
    #[must_use]
    pub fn for_one(&self) -> Self {
        let (own, english) = (self.own.clone(), self.english.clone());
        Self { language: self.language, own, english, plain: AtomicBool::new(self.is_plain()) }
    }

    /// From now on all texts are in English, for a screen that shows only ASCII.
    pub fn turn_plain(&self) {
        self.plain.store(true, Ordering::Relaxed);
    }

    /// See [`Texts::turn_plain`].
    pub fn is_plain(&self) -> bool {
        self.plain.load(Ordering::Relaxed)
    }

    /// The language.
    pub const fn language(&self) -> Language {
        self.language
    }

    /// Whether they have been read.
    #[cfg(test)]
    pub(crate) fn is_read(&self) -> bool {
        self.own.bundle.get().is_some()
    }

    fn bundle(&self) -> &Bundle {
        self.own.bundle.get_or_init(|| {
            let locale = self.language.tag().parse().unwrap_or_default();
            let mut bundle = FluentBundle::new_concurrent(vec![locale]);
            // Isolation marks are for bidirectional text on screens that know them; a console shows them as junk.
            bundle.set_use_isolating(false);
            // A text that can't be parsed is left out and falls back to English; a test ensures that there is none.
            for text in [Some(source(self.language)), self.own.templates.as_deref()].into_iter().flatten() {
                let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(rest, _)| rest);
                bundle.add_resource_overriding(resource);
            }
            bundle
        })
    }

    /// The text `key` with `values` inserted. A missing key is shown in English, and if it is missing there, as itself;
    /// tests ensure that none is missing.
    pub fn say(&self, key: &str, values: &[(&str, Value<'_>)]) -> String {
        if let Some(english) = self.english.as_ref().filter(|_| self.is_plain()) {
            return english.say(key, values);
        }
        let bundle = self.bundle();
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            return self.english.as_ref().map_or_else(|| key.to_owned(), |english| english.say(key, values));
        };
        let mut args = FluentArgs::new();
        for (name, value) in values {
            let value = match value {
                Value::Text(text) => FluentValue::String(Cow::Borrowed(text)),
                Value::Number(number) => FluentValue::from(*number),
            };
            args.set(*name, value);
        }
        let mut errors = Vec::new();
        bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned()
    }

    /// A waiting time in the largest suitable unit, rounded up: "40 seconds", "12 minutes", "24 hours".
    pub fn span(&self, seconds: i64) -> String {
        match seconds.max(1) {
            s @ ..=90 => self.say("span-seconds", &[("n", s.into())]),
            s @ ..=5400 => self.say("span-minutes", &[("n", ((s + 59) / 60).into())]),
            s => self.say("span-hours", &[("n", ((s + 3599) / 3600).into())]),
        }
    }
}

#[cfg(test)]
#[path = "texts_tests.rs"]
mod tests;
