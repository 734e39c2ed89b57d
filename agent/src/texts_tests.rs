use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::LazyLock,
};

use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Message, Pattern, PatternElement, VariantKey},
    parser,
};
use sspr_config::settings::Method;
use unicode_width::UnicodeWidthStr as _;

use super::*;
use crate::{
    methods::{Named, With},
    templates::Asks,
};

fn sources(dir: &Path, all: &mut String) {
    for entry in std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()) {
        if entry.is_dir() {
            sources(&entry, all);
        } else if entry.extension().is_some_and(|e| e == "rs")
            && !entry.file_name().unwrap().to_string_lossy().starts_with("texts")
        {
            all.push_str(&std::fs::read_to_string(&entry).unwrap());
        }
    }
}

/// The messages of a language by key.
fn messages(language: Language) -> BTreeMap<&'static str, Message<&'static str>> {
    let resource = parser::parse(source(language)).unwrap_or_else(|(_, errors)| panic!("{language:?}: {errors:?}"));
    let mut messages = BTreeMap::new();
    for entry in resource.body {
        if let Entry::Message(message) = entry {
            assert!(message.attributes.is_empty());
            let key = message.id.name;
            assert!(messages.insert(key, message).is_none(), "{language:?}: {key} stands there twice");
        }
    }
    messages
}

fn pattern<'a>(message: &'a Message<&'static str>) -> &'a Pattern<&'static str> {
    message.value.as_ref().unwrap()
}

/// The texts of a language without the fallback to English.
fn alone(language: Language) -> Texts {
    Texts::new(language, None, None)
}

/// Whether a key is of a text that is not read at a terminal.
fn is_sent(key: &str) -> bool {
    ["mail-", "text-", "call-"].iter().any(|sent| key.starts_with(sent))
}

/// The placeholders of each English text, read once.
static PLACEHOLDERS: LazyLock<BTreeMap<&str, BTreeSet<&str>>> = LazyLock::new(|| {
    let english = messages(Language::English);
    english.iter().map(|(key, message)| (*key, Asks::of(pattern(message)).possible)).collect()
});

/// A value for every placeholder of a text: a number, a span of time, or something long.
fn values<'a>(key: &str, time: &'a str, number: i64) -> Vec<(&'static str, Value<'a>)> {
    let names = PLACEHOLDERS.get(key).cloned().unwrap_or_default();
    let value = |name: &'static str| match name {
        "n" | "minutes" | "digits" | "length" | "left" | "more" | "lines" => number.into(),
        "time" => time.into(),
        "reason" => "Short.".into(),
        "domain" | "host" => "mail.example.org".into(),
        "account" => "maximilian.mustermann".into(),
        "date" => "2026-11-22".into(),
        "word" | "key" => "Northwind Traders Corporation of Example".into(),
        _ => "somebody.with.a.long.name@mail.example.org".into(),
    };
    names.into_iter().map(|name| (name, value(name))).collect()
}

#[test]
fn every_text_is_used_and_every_key_in_the_code_is_a_text() {
    let mut code = String::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut code);
    let keys = messages(Language::English);
    assert!(keys.len() > 30);
    for key in keys.keys().filter(|key| !key.starts_with("span-")) {
        assert!(code.contains(&format!("\"{key}\"")), "{key} is never used");
    }
    let used: BTreeSet<&str> = code.split(".say(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let of_methods = Method::ALL.into_iter().flat_map(|method| {
        let Named { name, only, add, about, line, with, .. } = Named::of(method);
        let asked = if let With::Contact(question, prompt) = with { vec![question, prompt] } else { Vec::new() };
        assert_eq!(asked.is_empty(), !method.has_contacts());
        [name, only, add, about, line].into_iter().chain(asked)
    });
    for key in used.into_iter().chain(of_methods) {
        assert!(keys.contains_key(key), "{key} has no text");
    }
}

#[test]
fn every_language_has_every_text_with_its_placeholders_and_no_other() {
    let english = messages(Language::English);
    let mut faults = Vec::new();
    for language in Language::ALL {
        let there = messages(language);
        let tag = language.tag();
        faults
            .extend(there.keys().filter(|key| !english.contains_key(*key)).map(|key| format!("{tag}: {key} too many")));
        for (key, original) in &english {
            let Some(message) = there.get(key) else {
                faults.push(format!("{tag}: {key} is missing"));
                continue;
            };
            let (here, wanted) = (Asks::of(pattern(message)), Asks::of(pattern(original)));
            // "One try is left" need not say 1.
            let needed: BTreeSet<&str> = wanted.certain.iter().copied().filter(|name| *name != "left").collect();
            if here.possible != wanted.possible || !needed.is_subset(&here.certain) {
                faults.push(format!("{tag}: {key} has {:?}, not {:?}", here.possible, wanted.possible));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_text_is_the_english_one() {
    let english = alone(Language::English);
    let mut same = Vec::new();
    for language in Language::ALL.into_iter().filter(|language| *language != Language::English) {
        let texts = alone(language);
        for key in messages(Language::English).into_keys() {
            let values = values(key, "x", 7);
            let alike = match key {
                // Only placeholders, and words that several languages share.
                "recover-menu-listed" | "date-format" | "method-email" => true,
                "code-prompt" | "app-prompt" => matches!(language, Language::German | Language::Dutch),
                "span-minutes" => language == Language::French,
                _ => false,
            };
            if !alike && texts.say(key, &values) == english.say(key, &values) {
                same.push(format!("{} {key}", language.tag()));
            }
        }
    }
    assert!(same.is_empty(), "{}", same.join("\n"));
}

/// The plural forms of whole numbers (CLDR); none if nouns don't change.
fn plural_forms(language: Language) -> &'static [&'static str] {
    match language {
        Language::Polish | Language::Ukrainian | Language::Russian => &["few", "many", "one"],
        Language::Czech | Language::Romanian => &["few", "one", "other"],
        Language::Japanese
        | Language::Turkish
        | Language::Vietnamese
        | Language::Indonesian
        | Language::Hungarian
        | Language::SimplifiedChinese
        | Language::TraditionalChinese
        | Language::Korean => &[],
        Language::English
        | Language::German
        | Language::French
        | Language::Spanish
        | Language::Italian
        | Language::BrazilianPortuguese
        | Language::Swedish
        | Language::Danish
        | Language::Finnish
        | Language::EuropeanPortuguese
        | Language::Norwegian
        | Language::Greek
        | Language::Dutch => &["one", "other"],
    }
}

/// The variables by which a text selects, and the named forms of each. Explicit numbers, such as 0, are left out.
fn selections<'a>(pattern: &Pattern<&'a str>, found: &mut Vec<(&'a str, BTreeSet<&'a str>)>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression: Expression::Select { selector, variants } } = element {
            let InlineExpression::VariableReference { id } = selector else { panic!("chosen by {selector:?}") };
            let names = variants.iter().filter_map(|variant| match variant.key {
                VariantKey::Identifier { name } => Some(name),
                VariantKey::NumberLiteral { .. } => None,
            });
            found.push((id.name, names.collect()));
            for variant in variants {
                selections(&variant.value, found);
            }
        }
    }
}

#[test]
fn plurals_have_the_forms_of_their_language() {
    for language in Language::ALL {
        let forms: BTreeSet<&str> = plural_forms(language).iter().copied().collect();
        for (key, message) in messages(language) {
            let mut found = Vec::new();
            selections(pattern(&message), &mut found);
            for (name, named) in found {
                // "1" or "1 or 2" is not a question of grammar.
                let plain = named.len() == 1 && named.contains("other");
                assert!(plain || named == forms, "{language:?}: {key} chooses by {name} between {named:?}");
            }
        }
    }
    for (language, said) in [
        (Language::Polish, ["1 minutę", "2 minuty", "5 minut", "12 minut", "22 minuty", "25 minut"]),
        (Language::Ukrainian, ["1 хвилину", "2 хвилини", "5 хвилин", "12 хвилин", "22 хвилини", "25 хвилин"]),
        (Language::German, ["1 Minute", "2 Minuten", "5 Minuten", "12 Minuten", "22 Minuten", "25 Minuten"]),
        (Language::Czech, ["1 minutu", "2 minuty", "5 minut", "12 minut", "22 minut", "25 minut"]),
        (Language::Swedish, ["1 minut", "2 minuter", "5 minuter", "12 minuter", "22 minuter", "25 minuter"]),
        (Language::Danish, ["1 minut", "2 minutter", "5 minutter", "12 minutter", "22 minutter", "25 minutter"]),
        (Language::Finnish, ["1 minuutin", "2 minuutin", "5 minuutin", "12 minuutin", "22 minuutin", "25 minuutin"]),
        (Language::Russian, ["1 минуту", "2 минуты", "5 минут", "12 минут", "22 минуты", "25 минут"]),
        (
            Language::EuropeanPortuguese,
            ["1 minuto", "2 minutos", "5 minutos", "12 minutos", "22 minutos", "25 minutos"],
        ),
        (Language::Norwegian, ["1 minutt", "2 minutter", "5 minutter", "12 minutter", "22 minutter", "25 minutter"]),
        (Language::Hungarian, ["1 perc", "2 perc", "5 perc", "12 perc", "22 perc", "25 perc"]),
        (Language::Romanian, ["1 minut", "2 minute", "5 minute", "12 minute", "22 de minute", "25 de minute"]),
        (Language::Greek, ["1 λεπτό", "2 λεπτά", "5 λεπτά", "12 λεπτά", "22 λεπτά", "25 λεπτά"]),
        (Language::Indonesian, ["1 menit", "2 menit", "5 menit", "12 menit", "22 menit", "25 menit"]),
        (Language::Vietnamese, ["1 phút", "2 phút", "5 phút", "12 phút", "22 phút", "25 phút"]),
        (Language::Turkish, ["1 dakika", "2 dakika", "5 dakika", "12 dakika", "22 dakika", "25 dakika"]),
    ] {
        let texts = alone(language);
        assert_eq!([1, 2, 5, 12, 22, 25].map(|n: i64| texts.say("span-minutes", &[("n", n.into())])), said);
    }
}

#[test]
fn no_text_of_a_dialogue_is_wider_than_a_terminal() {
    // ssh puts "(user@host) " before the first line.
    let mut wide = Vec::new();
    for language in Language::ALL {
        let texts = alone(language);
        let day = texts.span(86_400);
        for key in messages(language).into_keys().filter(|key| !is_sent(key)) {
            for number in [1, 4, 12] {
                for (at, line) in texts.say(key, &values(key, &day, number)).lines().enumerate() {
                    // These come below other lines.
                    let below = key.contains("usage")
                        || ["status-", "line-", "app-key-lines"].iter().any(|below| key.starts_with(below))
                        || line.starts_with("  ");
                    let most = if at == 0 && !below { 53 } else { 78 };
                    if line.width() > most {
                        wide.push(format!("{} {key}: {line} ({})", language.tag(), line.width()));
                    }
                }
            }
        }
    }
    assert!(wide.is_empty(), "{}", wide.join("\n"));
}

#[test]
fn a_text_has_as_many_lines_in_every_language_and_ends_alike() {
    let english = alone(Language::English);
    for language in Language::ALL {
        let texts = alone(language);
        for key in messages(Language::English).into_keys() {
            let (here, there) = (texts.say(key, &values(key, "x", 4)), english.say(key, &values(key, "x", 4)));
            assert_eq!(here.lines().count(), there.lines().count(), "{language:?} {key}");
            assert_eq!(here.ends_with(": "), there.ends_with(": "), "{language:?} {key}");
        }
    }
}

#[test]
fn no_text_has_a_control_character_or_one_that_is_not_seen_or_turns_text_round() {
    for language in Language::ALL {
        for c in source(language).chars() {
            let unseen = matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
                | '\u{61c}' | '\u{feff}' | '\u{a0}' | '\u{202f}');
            assert!(!unseen && (c == '\n' || !c.is_control()), "{language:?}: U+{:04X}", u32::from(c));
        }
    }
}

/// The words to type at a question that the text `key` explains; many are ordinary words elsewhere.
fn typed_words(key: &str) -> &'static [&'static str] {
    if key == "code-usage-token" {
        &["code"]
    } else if key.contains("usage") {
        &["new", "other", "call", "swap", "text"]
    } else if key.contains("prompt") {
        &["e", "y", "n", "c", "1", "2", "3", "unlock", "remove"]
    } else if key.contains("menu") {
        &["e", "1", "2", "3", "app", "unlock"]
    } else if key.starts_with("status") {
        &["sspr", "enroll"]
    } else {
        &[]
    }
}

#[test]
fn the_words_that_are_typed_are_the_same_in_every_language() {
    let english = alone(Language::English);
    for language in Language::ALL {
        let texts = alone(language);
        for key in messages(Language::English).into_keys() {
            let (here, there) = (texts.say(key, &values(key, "x", 7)), english.say(key, &values(key, "x", 7)));
            let words = |text: &str| -> BTreeSet<String> {
                text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).map(str::to_owned).collect()
            };
            for word in typed_words(key).iter().filter(|word| words(&there).contains(**word)) {
                assert!(words(&here).contains(*word), "{language:?} {key}: no {word} in {here}");
            }
            // In the recovery menu, the word to type comes first.
            let first = |text: &str| text.split(' ').find(|word| !word.is_empty()).map(str::to_owned);
            let shown = |text: &str| first(text).filter(|word| ["e", "app", "code"].contains(&word.as_str()));
            assert!(!key.starts_with("recover-menu-") || shown(&here) == shown(&there), "{language:?} {key}");
        }
        for (key, words) in [("code-worn-out", "new"), ("code-expired", "new"), ("status-nothing", "sspr enroll")] {
            assert!(texts.say(key, &[]).contains(words), "{language:?} {key}");
        }
    }
}

#[test]
fn what_can_stand_above_a_password_prompt_has_not_the_word_that_sshpass_waits_for() {
    for language in Language::ALL {
        let texts = alone(language);
        for key in [
            "unavailable",
            "server-changed",
            "resting",
            "too-many-starts",
            "proof-gone",
            "code-refused",
            "not-changed",
            "not-sure",
            "unlock-not-sure",
            "register-denied",
        ] {
            let text = texts.say(key, &values(key, "x", 4)).to_lowercase();
            assert!(!text.contains("assword"), "{language:?} {key}");
        }
    }
}

/// After a sign-in, the module shows nothing that mentions passwords, because a compromised agent could use that to get
/// at one.
#[test]
fn what_is_said_after_a_sign_in_speaks_of_no_password() {
    // Read elsewhere: in messages, after a proof at the password prompt, and in a shell.
    let elsewhere = ["mail-", "text-", "password-", "unlock", "enroll-password", "enroll-wrong-password", "remove"];
    let elsewhere = [&elsewhere[..], &["current-password-prompt", "status-registered", "hint-enroll"]].concat();
    for language in Language::ALL {
        let texts = alone(language);
        for key in messages(language).keys().filter(|key| !elsewhere.iter().any(|start| key.starts_with(start))) {
            let text = texts.say(key, &values(key, "x", 4)).to_lowercase();
            assert!(!text.contains("assword"), "{language:?} {key}: {text}");
        }
    }
}

#[test]
fn a_subject_is_one_line_and_a_text_message_fits_a_few_parts() {
    let sample: Vec<(&str, Value<'_>)> = [
        ("code", "12345678"),
        ("account", "maximilian.mustermann"),
        ("host", "shell.example.org"),
        ("until", "14:05 CEST"),
        ("when", "2026-11-22 14:05 CEST"),
        ("service", "sshd"),
        ("source", "2001:db8:85a3::8a2e:370:7334"),
    ]
    .map(|(name, value)| (name, value.into()))
    .to_vec();
    for language in Language::ALL {
        let texts = alone(language);
        for key in messages(language).into_keys().filter(|key| is_sent(key)) {
            let text = texts.say(key, &sample);
            if key.ends_with("-subject") {
                assert_eq!(text.lines().count(), 1, "{language:?} {key}");
            }
            if key.starts_with("text-") {
                // Two parts of the GSM alphabet, or three of UCS-2 (3GPP TS 23.040, 9.2.3.24.1).
                let most = if text.is_ascii() { 306 } else { 268 };
                assert!(text.chars().count() <= most, "{language:?} {key}: {} characters", text.chars().count());
            }
        }
    }
}

/// The sources are constants of the program, so that only the pages that are read are in memory.
#[test]
fn the_texts_of_a_language_are_read_when_the_first_of_them_is_said() {
    let texts = alone(Language::Greek);
    assert!(!texts.is_read());
    assert_ne!(texts.say("code-refused", &[]), "code-refused");
    assert!(texts.is_read());
}

#[test]
fn what_a_language_lacks_is_said_in_english() {
    let english = Arc::new(Texts::english());
    let texts = Texts::new(Language::German, None, Some(english));
    assert_eq!(texts.say("code-prompt", &[]), "Code: ");
    assert_eq!(texts.say("code-refused", &[]), "Dieser Code ist nicht richtig.");
    assert_eq!(texts.say("no-such-text", &[]), "no-such-text");
    let plain = texts.for_one();
    plain.turn_plain();
    assert_eq!(plain.say("code-refused", &[]), "That code is not right.");
    assert_eq!(texts.say("code-refused", &[]), "Dieser Code ist nicht richtig.", "others go on in their language");
    let own = Arc::new(Own { bundle: OnceLock::from(Bundle::new_concurrent(vec![])), templates: None });
    let poor = Texts { own, ..texts };
    assert_eq!(poor.say("code-refused", &[]), "That code is not right.");
}

#[test]
fn an_administrators_text_takes_the_place_of_the_built_in_one_and_only_that() {
    let own = "-firm = Beispiel AG\nmail-code-subject = { -firm }: Code\n".to_owned();
    let texts = Texts::new(Language::German, Some(own), None);
    assert_eq!(texts.say("mail-code-subject", &[("host", "h".into())]), "Beispiel AG: Code");
    assert_eq!(texts.say("code-refused", &[]), "Dieser Code ist nicht richtig.");
}

#[test]
fn times_to_wait_are_said_in_the_unit_that_fits() {
    let texts = Texts::english();
    for (seconds, said) in [
        (0, "1 second"),
        (1, "1 second"),
        (40, "40 seconds"),
        (91, "2 minutes"),
        (600, "10 minutes"),
        (86_400, "24 hours"),
        (5401, "2 hours"),
    ] {
        assert_eq!(texts.span(seconds), said);
    }
}

/// As the first question of a sign-in that requires a registration: an empty answer comes from a program there.
#[test]
fn where_enter_is_no_answer_no_language_offers_it() {
    for language in Language::ALL {
        let texts = alone(language);
        for key in messages(Language::English).into_keys().filter(|key| key.ends_with("-mandatory")) {
            let text = texts.say(key, &values(key, "x", 3));
            // "Introduza" is a different word.
            let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphabetic());
            let named = |name: &&str| text.match_indices(name).any(|(at, _)| ends(&text[at + name.len()..]));
            let offers = ["Enter", "Entrée", "Intro", "Invio"].into_iter().find(named);
            assert_eq!(offers, None, "{language:?} {key}: {text}");
        }
    }
}
