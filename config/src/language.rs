//! The languages that users are addressed in, and which of them a screen gets.
//!
//! The PAM module and the agent share one rule: the language of the locale, as far as the screen can show it.

use std::{fs::File, io::Read as _};

use crate::services;

/// A language that has all texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// `en`, the fallback for everything.
    #[default]
    English,
    /// `ja`
    Japanese,
    /// `de`
    German,
    /// `fr`
    French,
    /// `es`
    Spanish,
    /// `it`
    Italian,
    /// `pt-BR`
    BrazilianPortuguese,
    /// `nl`
    Dutch,
    /// `pl`
    Polish,
    /// `tr`
    Turkish,
    /// `uk`
    Ukrainian,
    /// `zh-Hans`
    SimplifiedChinese,
    /// `zh-Hant`
    TraditionalChinese,
    /// `ko`
    Korean,
    /// `cs`
    Czech,
    /// `sv`
    Swedish,
    /// `da`
    Danish,
    /// `fi`
    Finnish,
    /// `ru`
    Russian,
    /// `pt-PT`
    EuropeanPortuguese,
    /// `nb`
    Norwegian,
    /// `hu`
    Hungarian,
    /// `ro`
    Romanian,
    /// `el`
    Greek,
    /// `id`
    Indonesian,
    /// `vi`
    Vietnamese,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 26] = [
        Self::English,
        Self::Japanese,
        Self::German,
        Self::French,
        Self::Spanish,
        Self::Italian,
        Self::BrazilianPortuguese,
        Self::Dutch,
        Self::Polish,
        Self::Turkish,
        Self::Ukrainian,
        Self::SimplifiedChinese,
        Self::TraditionalChinese,
        Self::Korean,
        Self::Czech,
        Self::Swedish,
        Self::Danish,
        Self::Finnish,
        Self::Russian,
        Self::EuropeanPortuguese,
        Self::Norwegian,
        Self::Hungarian,
        Self::Romanian,
        Self::Greek,
        Self::Indonesian,
        Self::Vietnamese,
    ];

    /// The BCP 47 tag, as in the settings, in the store and in the names of text files.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Japanese => "ja",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Italian => "it",
            Self::BrazilianPortuguese => "pt-BR",
            Self::Dutch => "nl",
            Self::Polish => "pl",
            Self::Turkish => "tr",
            Self::Ukrainian => "uk",
            Self::SimplifiedChinese => "zh-Hans",
            Self::TraditionalChinese => "zh-Hant",
            Self::Korean => "ko",
            Self::Czech => "cs",
            Self::Swedish => "sv",
            Self::Danish => "da",
            Self::Finnish => "fi",
            Self::Russian => "ru",
            Self::EuropeanPortuguese => "pt-PT",
            Self::Norwegian => "nb",
            Self::Hungarian => "hu",
            Self::Romanian => "ro",
            Self::Greek => "el",
            Self::Indonesian => "id",
            Self::Vietnamese => "vi",
        }
    }

    /// The language with exactly this tag; case is ignored (RFC 5646, 2.1.1).
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(tag))
    }

    /// Whether its script needs glyphs that the Linux text console has no room for (512 at most), or that its fonts
    /// lack: of Debian's fonts, only four, of one face, have all letters of Vietnamese.
    const fn is_beyond_the_console(self) -> bool {
        matches!(
            self,
            Self::Japanese | Self::SimplifiedChinese | Self::TraditionalChinese | Self::Korean | Self::Vietnamese
        )
    }
}

/// The contents of the name of a POSIX locale, such as `de_DE.UTF-8`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Locale {
    /// The language; English if it is not supported.
    pub language: Language,
    /// Whether it is encoded in UTF-8.
    pub utf8: bool,
}

/// The longest name of a locale that is read.
const LOCALE_MAX: usize = 64;

impl Locale {
    /// Reads the name of a locale: `language[_TERRITORY][.codeset][@modifier]`. A name of another form, or one that is
    /// far too long, means plain English.
    pub fn parse(name: &str) -> Self {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"_-.@".contains(&b);
        if name.len() > LOCALE_MAX || !name.bytes().all(plain) {
            return Self::default();
        }
        let (name, modifier) = name.split_once('@').unwrap_or((name, ""));
        let (name, codeset) = name.split_once('.').unwrap_or((name, ""));
        let utf8 = codeset.eq_ignore_ascii_case("UTF-8") || codeset.eq_ignore_ascii_case("UTF8");
        Self { language: language_of(name, modifier), utf8 }
    }
}

fn language_of(name: &str, modifier: &str) -> Language {
    let mut parts = name.split(['_', '-']);
    let first = parts.next().unwrap_or_default().to_ascii_lowercase();
    match first.as_str() {
        "zh" => {
            let traditional = ["TW", "HK", "MO", "Hant"];
            let simplified = ["CN", "SG", "Hans"];
            let said = |list: &[&str], part: &str| list.iter().any(|known| known.eq_ignore_ascii_case(part));
            // The script comes before the territory, and takes precedence: zh_Hans_HK.
            let telling = parts.chain([modifier]).find(|part| said(&traditional, part) || said(&simplified, part));
            match telling {
                Some(part) if said(&traditional, part) => Language::TraditionalChinese,
                _ => Language::SimplifiedChinese,
            }
        }
        // As in CLDR: the Portuguese of Angola, Mozambique or Macao has that of Portugal as its parent.
        "pt" if parts.next().is_none_or(|territory| territory.eq_ignore_ascii_case("BR")) => {
            Language::BrazilianPortuguese
        }
        "pt" => Language::EuropeanPortuguese,
        // There are no texts in Nynorsk; its readers read Bokmål rather than English.
        "no" | "nn" => Language::Norwegian,
        code => Language::from_tag(code).unwrap_or_default(),
    }
}

/// Where a user is, as the PAM host reports it: the service's name, the terminal and the remote host, as far as known.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The PAM service.
    pub service: &'a str,
    /// `PAM_TTY`, with or without `/dev/`.
    pub tty: &'a str,
    /// `PAM_RHOST`.
    pub rhost: &'a str,
}

impl Place<'_> {
    /// What this screen can show for `locale`: the language, and whether it shows UTF-8.
    pub fn shows(&self, locale: Locale) -> Locale {
        // RFC 4256, 3.2: prompts are UTF-8, and the client converts them for its terminal.
        let utf8 = self.service == "sshd" || self.is_graphical() || locale.utf8;
        let shown = utf8 && !(self.is_text_console() && locale.language.is_beyond_the_console());
        Locale { language: if shown { locale.language } else { Language::English }, utf8 }
    }

    /// Whether this is the Linux text console, whose fonts have few glyphs.
    pub fn is_text_console(&self) -> bool {
        let tty = self.tty.strip_prefix("/dev/").unwrap_or(self.tty);
        self.rhost.is_empty() && !self.is_graphical() && is_virtual_terminal(tty)
    }

    /// Whether texts go through a remote client, whose locale is not known. An sshd may use any service name.
    pub fn is_remote(&self) -> bool {
        self.service == "sshd" || !self.rhost.is_empty()
    }

    /// Display managers, screen lockers and Cockpit draw text themselves.
    fn is_graphical(&self) -> bool {
        services::of(self.service.as_bytes()).is_some_and(|service| service.draws)
            || self.service == "gdm"
            || self.service.starts_with("gdm-")
            || self.service.ends_with("screensaver")
            || self.tty.starts_with(':')
    }
}

/// The Linux text console, whose font has few glyphs. `/dev/console` may be one.
fn is_virtual_terminal(tty: &str) -> bool {
    tty == "console" || tty.strip_prefix("tty").is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

/// The variables that name the locale of messages; the first that is set counts (POSIX.1-2024, 8.2).
pub const VARIABLES: [&str; 3] = ["LC_ALL", "LC_MESSAGES", "LANG"];

/// Where a machine's locale is set: systemd's file, and Debian's.
const MACHINE_FILES: [&str; 2] = ["/etc/locale.conf", "/etc/default/locale"];

/// The name of the machine's locale; empty if none is set.
pub fn machine_locale() -> String {
    MACHINE_FILES.into_iter().filter_map(read).find_map(|text| locale_in(&text)).unwrap_or_default()
}

fn read(path: &str) -> Option<String> {
    let mut text = Vec::new();
    // Such a file has a dozen lines; an endless one must not hold up a sign-in.
    File::open(path)
        .ok()
        .filter(|f| f.metadata().is_ok_and(|m| m.is_file()))?
        .take(4096)
        .read_to_end(&mut text)
        .ok()?;
    // A comment may be in any encoding.
    Some(String::from_utf8_lossy(&text).into_owned())
}

/// The locale of messages in a file of assignments.
fn locale_in(text: &str) -> Option<String> {
    VARIABLES.into_iter().find_map(|variable| {
        let mut values = text.lines().filter_map(|line| {
            let (name, value) = line.trim().trim_start_matches("export ").split_once('=')?;
            (name.trim() == variable).then(|| value.trim().trim_matches(['"', '\'']).to_owned())
        });
        values.next_back().filter(|value| !value.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_says_language_and_encoding_and_nonsense_is_plain_english() {
        use Language::*;
        for (name, language, utf8) in [
            ("de_DE.UTF-8", German, true),
            ("de_AT.utf8@euro", German, true),
            ("de", German, false),
            ("de_DE@euro", German, false),
            ("ja_JP.UTF-8", Japanese, true),
            ("ja_JP.eucJP", Japanese, false),
            ("pt_PT.UTF-8", EuropeanPortuguese, true),
            ("pt_AO.UTF-8", EuropeanPortuguese, true),
            ("pt-PT", EuropeanPortuguese, false),
            ("pt_BR.UTF-8", BrazilianPortuguese, true),
            ("pt", BrazilianPortuguese, false),
            ("pt-BR", BrazilianPortuguese, false),
            ("zh_CN.UTF-8", SimplifiedChinese, true),
            ("zh_SG.UTF-8", SimplifiedChinese, true),
            ("zh.UTF-8", SimplifiedChinese, true),
            ("zh_TW.UTF-8", TraditionalChinese, true),
            ("zh_HK.UTF-8", TraditionalChinese, true),
            ("zh-Hant", TraditionalChinese, false),
            ("zh-Hans-HK", SimplifiedChinese, false),
            ("uk_UA.UTF-8", Ukrainian, true),
            ("nb_NO.UTF-8", Norwegian, true),
            ("nn_NO.UTF-8", Norwegian, true),
            ("no_NO.UTF-8", Norwegian, true),
            ("C.UTF-8", English, true),
            ("C", English, false),
            ("POSIX", English, false),
            ("", English, false),
            ("is_IS.UTF-8", English, true),
            ("../../etc/passwd", English, false),
            ("de_DE.UTF-8\n", English, false),
            ("dé_DE.UTF-8", English, false),
            ("_.@", English, false),
        ] {
            assert_eq!(Locale::parse(name), Locale { language, utf8 }, "{name:?}");
        }
        assert_eq!(Locale::parse(&"de_DE.UTF-8".repeat(1000)), Locale::default());
    }

    #[test]
    fn every_language_comes_back_from_its_tag_and_no_other_tag_is_known() {
        for language in Language::ALL {
            assert_eq!(Language::from_tag(language.tag()), Some(language));
            assert_eq!(Language::from_tag(&language.tag().to_uppercase()), Some(language));
            assert_eq!(Locale::parse(language.tag()).language, language);
        }
        for tag in ["", "xx", "pt", "zh", "de_DE", "deutsch", " de"] {
            assert_eq!(Language::from_tag(tag), None, "{tag:?}");
        }
    }

    #[test]
    fn the_settings_and_the_guide_list_every_language() {
        let list = |text: &'static str, after: &str, end: &str| {
            let (_, rest) = text.split_once(after).unwrap();
            rest.split_once(end).unwrap().0.to_owned()
        };
        let tags = list(include_str!("../sspr.toml"), "for everybody:", "#language");
        let tags: Vec<&str> =
            tags.split(|c: char| !(c.is_alphanumeric() || c == '-')).filter(|t| !t.is_empty()).collect();
        assert_eq!(tags, Language::ALL.map(Language::tag));
        let names = list(include_str!("../../docs/administrators-guide.md"), "\n## Languages\n", "You need");
        let names = names.split_whitespace().collect::<Vec<_>>().join(" ");
        for language in Language::ALL {
            let mut name = String::new();
            for c in format!("{language:?}").chars() {
                if c.is_uppercase() && !name.is_empty() {
                    name.push(' ');
                }
                name.push(c);
            }
            assert!(names.contains(&name), "the guide lacks {name}: {names}");
        }
    }

    #[test]
    fn a_screen_gets_the_language_that_it_can_show_and_english_where_it_can_not() {
        let (ssh, vt, serial, desktop) = (
            Place { service: "sshd", tty: "ssh", rhost: "192.0.2.7" },
            Place { service: "login", tty: "/dev/tty1", rhost: "" },
            Place { service: "login", tty: "ttyS0", rhost: "" },
            Place { service: "gdm-password", tty: "/dev/tty2", rhost: "" },
        );
        let shell = Place { service: "sspr", tty: "/dev/pts/3", rhost: "" };
        let console = Place { service: "login", tty: "console", rhost: "" };
        for (place, name, shown, utf8) in [
            (ssh, "ja_JP.UTF-8", "ja", true),
            // The encoding of the machine's locale is not that of the client's terminal.
            (ssh, "ja_JP.eucJP", "ja", true),
            (ssh, "", "en", true),
            (vt, "de_DE.UTF-8", "de", true),
            (vt, "de_DE", "en", false),
            (vt, "ja_JP.UTF-8", "en", true),
            (vt, "zh_TW.UTF-8", "en", true),
            (vt, "uk_UA.UTF-8", "uk", true),
            (vt, "el_GR.UTF-8", "el", true),
            (vt, "vi_VN.UTF-8", "en", true),
            (vt, "", "en", false),
            (console, "ko_KR.UTF-8", "en", true),
            (serial, "ja_JP.UTF-8", "ja", true),
            (serial, "ja_JP.eucJP", "en", false),
            (desktop, "ja_JP.UTF-8", "ja", true),
            (shell, "ko_KR.UTF-8", "ko", true),
            (shell, "nl_NL", "en", false),
            // In ISO-8859-2, in KOI8-R and in ISO-8859-15.
            (vt, "cs_CZ", "en", false),
            (serial, "ru_RU.KOI8-R", "en", false),
            (shell, "fi_FI@euro", "en", false),
            (ssh, "ru_RU.KOI8-R", "ru", true),
        ] {
            let language = Language::from_tag(shown).unwrap();
            assert_eq!(place.shows(Locale::parse(name)), Locale { language, utf8 }, "{place:?} {name}");
        }
        let browser = Place { service: "cockpit", tty: "", rhost: "192.0.2.7" };
        assert!(browser.shows(Locale::parse("C")).utf8);
        assert_eq!(
            [vt, console, ssh, serial, desktop, shell, browser].map(|place| place.is_text_console()),
            [true, true, false, false, false, false, false]
        );
    }

    #[test]
    fn a_comment_in_another_encoding_hides_no_locale() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"# f\xfcr alle\nLANG=de_DE.UTF-8\n").unwrap();
        let text = read(file.path().to_str().unwrap());
        assert_eq!(text.and_then(|text| locale_in(&text)).as_deref(), Some("de_DE.UTF-8"));
    }

    #[test]
    fn the_machines_locale_is_read_from_what_administrators_write() {
        for (text, locale) in [
            ("LANG=ja_JP.UTF-8\n", Some("ja_JP.UTF-8")),
            ("#LANG=de_DE.UTF-8\nLANG=\"fr_FR.UTF-8\"\n", Some("fr_FR.UTF-8")),
            ("LANG=en_US.UTF-8\nLC_MESSAGES='de_DE.UTF-8'\nLC_TIME=en_DK.UTF-8\n", Some("de_DE.UTF-8")),
            ("export LANG=it_IT.UTF-8\nLANG=es_ES.UTF-8", Some("es_ES.UTF-8")),
            ("LANG=\nLC_ALL=\"\"", None),
            ("", None),
            ("LANG", None),
        ] {
            assert_eq!(locale_in(text).as_deref(), locale, "{text:?}");
        }
    }
}
