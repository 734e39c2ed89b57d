//! Whatever is in a file or is typed is accepted or refused, without a panic: ordinary input with one error, and bytes
//! that no person would write. `make fuzz` goes further, with the same checks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]
#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "places in a text"
)]
#![allow(missing_docs, reason = "test names are sentences")]

use std::{fs, path::Path};

#[path = "../../fuzz/checks/bodies.rs"]
mod bodies;
#[path = "../../fuzz/checks/import.rs"]
mod import;
#[path = "../../fuzz/checks/settings.rs"]
mod settings;
#[path = "../../fuzz/checks/templates.rs"]
mod templates;

use proptest::prelude::*;
use sspr_agent::{
    contact::{EmailAddress, PhoneNumber},
    helpdesk_codes, proof, recovery_codes, totp,
};
use sspr_config::language::Locale;

const SHIPPED: &str = include_str!("../../config/sspr.toml");
const TEXTS: &str = include_str!("../texts/en.ftl");

/// `text` with `junk` in place of some of its bytes, at a position between 0 and 1.
fn spoilt(text: &str, at: f64, gone: usize, junk: &str) -> String {
    let mut from = (text.len() as f64 * at) as usize;
    while !text.is_char_boundary(from) {
        from -= 1;
    }
    let mut to = (from + gone).min(text.len());
    while !text.is_char_boundary(to) {
        to -= 1;
    }
    format!("{}{junk}{}", &text[..from], &text[to.max(from)..])
}

/// The settings as shipped, with every commented-out line in force.
fn all_settings() -> String {
    let lines = SHIPPED.lines().map(|line| match line.strip_prefix('#') {
        Some(setting) if setting.contains(" = ") && !setting.starts_with(' ') => setting,
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_settings_file_is_read_or_refused_with_a_reason(
        at in 0.0..1.0f64, gone in 0..30usize, junk in "\\PC{0,12}|[\\[\\]\"=.#\\-0-9a-z\n]{0,12}", alone in any::<bool>(),
    ) {
        let text = if alone { junk } else { spoilt(&all_settings(), at, gone, &junk) };
        settings::check(text.as_bytes());
    }

    #[test]
    fn any_file_to_import_is_read_or_refused(
        at in 0.0..1.0f64, gone in 0..20usize, junk in "\\PC{0,12}|[,;\"{}:\n\r\\[\\]a-z]{0,16}", bytes in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        for text in [
            "name,email,phone\nalice,ann@example.org,+819012345678\n\"bob\",\"bob@example.org\",\n",
            "{\"name\":\"alice\",\"email\":\"ann@example.org\"}\n{\"name\":\"bob\",\"phone\":\"+819012345678\"}\n",
        ] {
            import::check(spoilt(text, at, gone, &junk).as_bytes());
            import::check(&[text.as_bytes(), &bytes].concat());
        }
        import::check(&bytes);
    }

    #[test]
    fn whatever_is_typed_for_a_contact_or_a_code_is_taken_or_refused(
        typed in "\\PC{0,80}|[0-9０-９+() \\-]{0,40}|[a-z.@+\\-]{0,90}|.{0,20}", region in "[A-Z]{2}", now in any::<i32>(),
    ) {
        for region in [None, Some(region.as_str())] {
            if let Ok(number) = PhoneNumber::parse(&typed, region) {
                prop_assert!(number.as_str().starts_with('+') && number.as_str()[1..].bytes().all(|b| b.is_ascii_digit()));
            }
        }
        if let Ok(address) = EmailAddress::parse(&typed) {
            let text = address.as_str();
            prop_assert!(!text.chars().any(|c| c.is_control() || c.is_whitespace()) && text.contains('@'), "{text:?}");
        }
        for digits in 6..=8 {
            if let Some(code) = proof::tidy_code(&typed, digits) {
                prop_assert!(code.len() == usize::from(digits) && code.bytes().all(|b| b.is_ascii_digit()));
            }
        }
        let _ = (recovery_codes::tidy(&typed), helpdesk_codes::tidy(&typed), Locale::parse(&typed));
        let _ = totp::check(&totp::Secret::new([7; 20]), &typed, i64::from(now), 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_template_is_read_or_refused_with_its_name(
        at in 0.0..1.0f64, gone in 0..40usize, junk in "\\PC{0,12}|[{}$*\\[\\]=>\\- \n\"a-z]{0,16}", alone in any::<bool>(),
    ) {
        let text = if alone { junk } else { spoilt(TEXTS, at, gone, &junk) };
        templates::check(text.as_bytes());
    }

    #[test]
    fn any_bytes_are_a_template_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        templates::check(&bytes);
    }
}

#[test]
fn what_the_fuzzer_began_with_and_found_is_taken_or_refused() {
    let file = |bytes: &[u8]| drop(import::check(bytes));
    let body = |bytes: &[u8]| {
        let (what, rest) = bytes.split_first().unwrap();
        bodies::check(*what, rest);
        for at in 0..rest.len() {
            bodies::check(*what, &rest[..at]);
            bodies::check(*what, &[&rest[..at], b"\xff", &rest[at + 1..]].concat());
        }
    };
    for (seeds, check) in
        [("settings", settings::check as fn(&[u8])), ("import", file), ("templates", templates::check), ("bus", body)]
    {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds").join(seeds);
        for seed in fs::read_dir(directory).unwrap() {
            check(&fs::read(seed.unwrap().path()).unwrap());
        }
    }
}
