//! How people type telephone numbers, country by country.

use super::*;
use crate::typed::PASTED;

fn parsed(typed: &str, region: Option<&str>) -> Result<String, ContactFault> {
    PhoneNumber::parse(typed, region).map(|number| number.as_str().to_owned())
}

#[test]
fn numbers_as_people_write_them_are_kept_in_e164() {
    for (typed, region, kept) in [
        // Examples that libphonenumber's own documentation and tests use.
        ("044 668 18 00", Some("CH"), "+41446681800"),
        ("+41 44 668 1800", None, "+41446681800"),
        ("650 253 0000", Some("US"), "+16502530000"),
        ("1-650-253-0000", Some("US"), "+16502530000"),
        ("(650) 253-0000", Some("US"), "+16502530000"),
        ("+1 650.253.0000", Some("JP"), "+16502530000"),
        ("03-331 6005", Some("NZ"), "+6433316005"),
        ("0064 3 331 6005", Some("GB"), "+6433316005"),
        ("01164 3 331 6005", Some("US"), "+6433316005"),
        ("020 7031 3000", Some("GB"), "+442070313000"),
        ("(020) 7031-3000", Some("GB"), "+442070313000"),
        ("+44 (0)20 7031 3000", None, "+442070313000"),
        ("+44 (0)7912 345 678", Some("RU"), "+447912345678"),
        ("+49 (0)30 123456", Some("US"), "+4930123456"),
        ("02-36618 300", Some("IT"), "+390236618300"),
        ("+39 02-36618 300", None, "+390236618300"),
        ("345 678 901", Some("IT"), "+39345678901"),
        ("343 555 1212", Some("AR"), "+543435551212"),
        // Mexico's mobiles, as they were written until 2019 and as they are now.
        ("+52 1 55 1234 5678", None, "+525512345678"),
        ("+52 55 1234 5678", None, "+525512345678"),
        ("00 52 1 55 1234 5678", Some("DE"), "+525512345678"),
        ("55 1234 5678", Some("MX"), "+525512345678"),
        // A mobile line of each of many plans, as written at home.
        ("090-1234-5678", Some("JP"), "+819012345678"),
        ("０９０−１２３４−５６７８", Some("JP"), "+819012345678"),
        ("＋８１　９０　１２３４　５６７８", None, "+819012345678"),
        ("010 81 90 1234 5678", Some("JP"), "+819012345678"),
        ("81 90 1234 5678", Some("JP"), "+819012345678"),
        ("0171 1234567", Some("DE"), "+491711234567"),
        ("0171/1234567", Some("DE"), "+491711234567"),
        ("06 12 34 56 78", Some("FR"), "+33612345678"),
        ("07400 123456", Some("GB"), "+447400123456"),
        ("081234 56789", Some("IN"), "+918123456789"),
        ("(11) 96123-4567", Some("BR"), "+5511961234567"),
        ("8 (912) 345-67-89", Some("RU"), "+79123456789"),
        ("312 345 6789", Some("IT"), "+393123456789"),
        ("0412 345 678", Some("AU"), "+61412345678"),
        ("131 2345 6789", Some("CN"), "+8613123456789"),
        ("010-2000-0000", Some("KR"), "+821020000000"),
        ("0660 123 4567", Some("AT"), "+436601234567"),
        ("070 123 45 67", Some("SE"), "+46701234567"),
        ("512 345 678", Some("PL"), "+48512345678"),
        ("01 23 45 6789", Some("CI"), "+2250123456789"),
        ("51234", Some("FK"), "+50051234"),
        ("+1 345 949 2311", None, "+13459492311"),
        ("+7 701 123 4567", None, "+77011234567"),
    ] {
        assert_eq!(parsed(typed, region), Ok(kept.to_owned()), "{typed} in {region:?}");
        assert_eq!(parsed(kept, None), Ok(kept.to_owned()), "the kept form is stable");
    }
}

#[test]
fn numbers_that_cost_the_caller_or_get_no_texts_are_refused() {
    for (typed, region) in [
        ("110", Some("JP")),
        ("112", Some("DE")),
        ("911", Some("US")),
        ("119", Some("KR")),
        ("999", Some("GB")),
        ("112", None),
        ("１１０", Some("JP")),
        ("+81 110", None),
        ("116 117", Some("DE")),
        ("12345", Some("US")),
        ("40404", Some("US")),
        ("900 253 0000", Some("US")),
        ("+1 900 253 0000", None),
        ("800 253 0000", Some("US")),
        ("0990-123-456", Some("JP")),
        ("0120-123-456", Some("JP")),
        ("0570-123-456", Some("JP")),
        ("0900 1234567", Some("DE")),
        ("0180 1234567", Some("DE")),
        ("09012 345678", Some("GB")),
        ("0843 123 4567", Some("GB")),
        ("+800 1234 5678", None),
        ("+979 123 456 789", None),
        ("0891 123 456", Some("FR")),
        ("1900 123 456", Some("AU")),
    ] {
        assert_eq!(parsed(typed, region), Err(ContactFault::NotTextable), "{typed} in {region:?}");
    }
}

#[test]
fn what_is_pasted_along_with_a_number_is_passed_over() {
    for mark in PASTED {
        for typed in [format!("{mark}+81 90-1234-5678{mark}"), format!("+81{mark}90{mark}1234{mark}5678")] {
            assert_eq!(parsed(&typed, None), Ok("+819012345678".to_owned()), "{mark:?}");
        }
    }
}

#[test]
fn what_is_no_number_is_refused_for_its_reason() {
    use ContactFault as F;
    let huge = "0".repeat(100_000);
    for (typed, region, fault) in [
        ("", Some("JP"), F::Empty),
        ("  ", Some("JP"), F::Empty),
        ("090 1234 5678\n", Some("JP"), F::ControlCharacters),
        ("\x1b[31m090", Some("JP"), F::ControlCharacters),
        ("ann@example.org", Some("JP"), F::NotANumber),
        ("1-800-FLOWERS", Some("US"), F::NotANumber),
        ("090-1234-5678 x12", Some("JP"), F::NotANumber),
        ("090-1234-5678;ext=1", Some("JP"), F::NotANumber),
        ("090-1234-5678, 090-8765-4321", Some("JP"), F::NotANumber),
        ("+", None, F::NotANumber),
        ("()-", Some("JP"), F::NotANumber),
        ("++81 90 1234 5678", None, F::NotANumber),
        ("090+1234", Some("JP"), F::NotANumber),
        ("٠٩٠١٢٣٤٥٦٧٨", Some("JP"), F::NotANumber),
        ("090-1234-5678", None, F::NeedsCountry),
        ("0049 171 1234567", None, F::NeedsCountry),
        ("090-1234-5678", Some("ZZ"), F::NeedsCountry),
        ("090-1234-567", Some("JP"), F::Invalid),
        ("090-1234-56789", Some("JP"), F::Invalid),
        ("+999 123 456 789", None, F::Invalid),
        ("+0 123 456 789", None, F::Invalid),
        ("+1 123 456 7890", None, F::Invalid),
        ("555 1234 567", Some("US"), F::Invalid),
        ("123456789012345678901", Some("US"), F::TooLong),
        (&huge, Some("US"), F::TooLong),
    ] {
        assert_eq!(parsed(typed, region), Err(fault), "{typed:?} in {region:?}");
    }
}

#[test]
fn the_published_example_of_every_country_is_taken_at_home_and_abroad() {
    let mut tried = 0;
    let mut lost = Vec::new();
    for meta in DATABASE.iter().filter(|m| m.id() != "001") {
        for descriptor in [meta.descriptors().mobile(), meta.descriptors().fixed_line()].into_iter().flatten() {
            let Some(example) = descriptor.example() else { continue };
            let kept = format!("+{}{example}", meta.country_code());
            if parsed(&kept, None).as_ref() != Ok(&kept) {
                lost.push(kept.clone());
            }
            // Some countries dial mobile numbers without the trunk prefix, some with it, and most accept both.
            let trunk = format!("{}{example}", meta.national_prefix().unwrap_or_default());
            if ![example, &trunk].into_iter().any(|typed| parsed(typed, Some(meta.id())).as_ref() == Ok(&kept)) {
                lost.push(format!("{trunk} in {}", meta.id()));
            }
            tried += 1;
        }
    }
    assert!(tried > 400, "only {tried} examples");
    assert_eq!(lost, Vec::<String>::new());
}

#[test]
fn no_premium_number_of_any_country_is_taken() {
    let mut tried = 0;
    for meta in DATABASE.iter().filter(|m| m.id() != "001") {
        let descriptors = meta.descriptors();
        for descriptor in
            [descriptors.premium_rate(), descriptors.shared_cost(), descriptors.uan()].into_iter().flatten()
        {
            let Some(example) = descriptor.example() else { continue };
            let typed = format!("+{}{example}", meta.country_code());
            assert!(parsed(&typed, None).is_err(), "{typed} of {}", meta.id());
            tried += 1;
        }
    }
    assert!(tried > 150, "only {tried} examples");
}

#[test]
fn arbitrary_text_is_answered_and_never_panics() {
    // xorshift: the same numbers on every run.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    let alphabet: Vec<char> =
        "0123456789012345678901234567890000++＋ -()./;=x#*telphone-context@é\u{301}０９ー\u{202e}\0\n"
            .chars()
            .collect();
    let regions = [None, Some("JP"), Some("US"), Some("DE"), Some("IT"), Some("AR"), Some("BR"), Some("MX"), Some("")];
    for _ in 0..600 {
        let typed: String = (0..next(24)).map(|_| alphabet[next(alphabet.len())]).collect();
        if let Ok(number) = PhoneNumber::parse(&typed, regions[next(regions.len())]) {
            assert_eq!(PhoneNumber::from_e164(number.as_str()), Some(number), "{typed:?}");
        }
    }
    // Input of digits only goes all the way into the library.
    for _ in 0..400 {
        let plus = if next(2) == 0 { "+" } else { "" };
        let digits: String = (0..next(21)).map(|_| char::from(b'0' + u8::try_from(next(10)).unwrap())).collect();
        let dialled = match Dialled::read(&format!("{plus}{digits}")) {
            Ok(dialled) => dialled,
            Err(fault) => {
                assert!(digits.is_empty(), "{digits}: {fault}");
                continue;
            }
        };
        let region = regions[next(regions.len())].and_then(|r| r.parse().ok());
        let region = if dialled.international { None } else { region.or(Some(country::JP)) };
        // Not through catch_unwind: a panic here fails the test.
        let _ = plan(&dialled, region);
    }
}
