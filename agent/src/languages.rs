//! The texts in every language, and the choice of a language for a user.

use std::sync::Arc;

use sspr_config::{
    language::{Language, Locale},
    settings::Words,
};

use crate::{error::Result, templates, texts::Texts};

/// All languages. The texts of each are read when the first one is needed.
#[derive(Debug)]
pub struct Languages {
    texts: [Arc<Texts>; Language::ALL.len()],
    /// The language for all users, if the administrator set one.
    fixed: Option<Language>,
    machine: Locale,
}

impl Languages {
    /// The languages according to the settings, on a machine with the locale `machine`. An administrator's own texts
    /// are checked here; an error names file, line and fix.
    pub fn load(words: &Words, machine: &str) -> Result<Self> {
        let mut own = words.templates.as_deref().map(templates::load).transpose()?.unwrap_or_default();
        let mut own = |language| own.iter().position(|(l, _)| *l == language).map(|at| own.swap_remove(at).1);
        let english = Arc::new(Texts::new(Language::English, own(Language::English), None));
        let texts = Language::ALL.map(|language| match language {
            Language::English => english.clone(),
            other => Arc::new(Texts::new(other, own(other), Some(english.clone()))),
        });
        Ok(Self { texts, fixed: Language::from_tag(&words.language), machine: Locale::parse(machine) })
    }

    /// The texts of one language.
    pub fn texts(&self, language: Language) -> &Arc<Texts> {
        // They are in the order of `ALL`, and complete.
        let [english, ..] = &self.texts;
        self.texts.iter().find(|texts| texts.language() == language).unwrap_or(english)
    }

    /// The language of texts that are for no particular user.
    pub fn default(&self) -> Language {
        self.fixed.unwrap_or(self.machine.language)
    }

    /// The locale to use if a terminal's is `named`.
    pub fn locale(&self, named: Option<Locale>) -> Locale {
        let locale = named.unwrap_or(self.machine);
        Locale { language: self.fixed.unwrap_or(locale.language), ..locale }
    }

    /// The language of a message to a user whose language is `remembered`.
    pub fn of_person(&self, remembered: Option<Language>) -> Language {
        self.fixed.or(remembered).unwrap_or(self.machine.language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn languages(setting: &str, machine: &str) -> Languages {
        Languages::load(&Words { language: setting.into(), templates: None }, machine).unwrap()
    }

    #[test]
    fn a_language_that_is_set_is_everybodys_and_auto_goes_by_terminal_person_and_machine() {
        let german = Some(Locale::parse("de_DE.UTF-8"));
        let auto = languages("auto", "ja_JP.UTF-8");
        assert_eq!(auto.locale(german), Locale { language: Language::German, utf8: true });
        assert_eq!(auto.locale(None), Locale { language: Language::Japanese, utf8: true });
        assert_eq!(auto.of_person(Some(Language::German)), Language::German);
        assert_eq!(auto.of_person(None), Language::Japanese);
        let fixed = languages("pt-br", "ja_JP.UTF-8");
        assert_eq!(fixed.locale(german), Locale { language: Language::BrazilianPortuguese, utf8: true });
        assert_eq!(fixed.of_person(Some(Language::German)), Language::BrazilianPortuguese);
        assert_eq!(fixed.default(), Language::BrazilianPortuguese);
    }

    #[test]
    fn each_language_is_its_own_and_is_read_only_when_it_is_first_used() {
        let languages = languages("auto", "");
        for language in Language::ALL {
            assert_eq!(languages.texts(language).language(), language);
            assert!(!languages.texts(language).is_read());
        }
        languages.texts(Language::German).say("code-prompt", &[]);
        let read = Language::ALL.into_iter().filter(|l| languages.texts(*l).is_read());
        assert_eq!(read.collect::<Vec<_>>(), [Language::German]);
    }
}
