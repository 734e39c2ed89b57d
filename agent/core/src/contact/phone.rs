//! Telephone numbers: any usual way to write one, stored in E.164, if the number can receive text messages.

use std::{fmt, panic};

use phonenumber::{
    Metadata, Type, country,
    metadata::{DATABASE, Database},
};

use super::ContactFault;
use crate::typed::{is_blank, seen};

/// More than any notation of a number needs; longer input is refused unread.
const TYPED_MAX: usize = 64;
/// E.164: at most 15 digits with the country code.
const DIGITS_MAX: usize = 15;

/// A number in E.164, such as `+819012345689`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads what a person typed. A number without a country code is read as one of `default_region` (ISO 3166-1, two
    /// capital letters); without a region, only numbers that begin with `+` can be read.
    ///
    /// Only the shape of the number and the published numbering plans are checked. Whether the line exists and receives
    /// text messages shows when the code arrives. Every kind of line that may receive them is accepted, fixed lines
    /// too.
    pub fn parse(typed: &str, default_region: Option<&str>) -> Result<Self, ContactFault> {
        let result = Self::read(typed, default_region);
        forget_patterns();
        result
    }

    fn read(typed: &str, default_region: Option<&str>) -> Result<Self, ContactFault> {
        Self::read_dialled(&Dialled::read(typed)?, default_region).map(|(number, _)| number)
    }

    /// The number, and what kind of line it is.
    pub(super) fn read_dialled(dialled: &Dialled, default_region: Option<&str>) -> Result<(Self, Type), ContactFault> {
        // Emergency numbers and other three-digit services; no country has subscriber numbers this short.
        if !dialled.international && dialled.digits.len() <= 3 {
            return Err(ContactFault::NotTextable);
        }
        // With a plus, the region says nothing, and the parser would strip that region's trunk prefix from a number of
        // another country.
        let region = default_region.and_then(|region| region.parse::<country::Id>().ok());
        let region = region.filter(|_| !dialled.international);
        if !dialled.international && region.is_none() {
            return Err(ContactFault::NeedsCountry);
        }
        // The parser has unwraps for input that no longer gets here: only digits, and few of them. If one is left, the
        // answer is no and the process goes on.
        panic::catch_unwind(|| plan(dialled, region)).unwrap_or(Err(ContactFault::NotANumber))
    }

    /// Whether `region` is a country that [`PhoneNumber::parse`] knows.
    pub fn knows_region(region: &str) -> bool {
        region.parse::<country::Id>().is_ok()
    }

    /// A number that [`PhoneNumber::as_str`] returned earlier.
    pub fn from_e164(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+')?;
        let plausible = (6..=DIGITS_MAX).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0');
        plausible.then(|| Self(text.to_owned()))
    }

    /// The number in E.164.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn masked(&self) -> String {
        let digits = self.0.trim_start_matches('+');
        let (code, national) = digits.split_at_checked(country_code_length(digits)).unwrap_or((digits, ""));
        let shown_from = national.len().saturating_sub(2);
        let mut masked = format!("+{code}");
        for (place, digit) in national.chars().enumerate() {
            if place == 0 || (national.len() - place).is_multiple_of(4) {
                masked.push(' ');
            }
            masked.push(if place < shown_from { '*' } else { digit });
        }
        masked
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneNumber(..)")
    }
}

/// The digits to dial, and whether a plus comes before them.
pub(super) struct Dialled {
    pub(super) digits: String,
    pub(super) international: bool,
}

impl Dialled {
    pub(super) fn read(typed: &str) -> Result<Self, ContactFault> {
        if typed.chars().nth(TYPED_MAX).is_some() {
            return Err(ContactFault::TooLong);
        }
        if typed.chars().any(char::is_control) {
            return Err(ContactFault::ControlCharacters);
        }
        let typed = seen(typed);
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(ContactFault::Empty);
        }
        let (international, rest) = match typed.strip_prefix('+') {
            Some(rest) => (true, rest),
            None => (false, typed),
        };
        let mut digits = String::new();
        for c in rest.chars() {
            match c {
                '0'..='9' => digits.push(c),
                c if is_blank(c) => {}
                // Dashes and brackets, in ASCII and in typography.
                '-' | '\u{2010}'..='\u{2015}' | '−' | 'ー' | '.' | '/' | '(' | ')' | '[' | ']' => {}
                _ => return Err(ContactFault::NotANumber),
            }
        }
        // Mexico's mobile numbers had a 1 after the country code until 2019, and people still write it.
        if international && digits.len() == 13 && digits.starts_with("521") {
            digits.remove(2);
        } else if digits.len() == 15 && digits.starts_with("00521") {
            digits.remove(4);
        }
        match digits.len() {
            0 => Err(ContactFault::NotANumber),
            1..=20 => Ok(Self { digits, international }),
            _ => Err(ContactFault::TooLong),
        }
    }
}

/// Reads the number by the numbering plan of its country.
fn plan(dialled: &Dialled, region: Option<country::Id>) -> Result<(PhoneNumber, Type), ContactFault> {
    let database = &*DATABASE;
    let plus = if dialled.international { "+" } else { "" };
    let number =
        phonenumber::parse_with(database, region, format!("{plus}{}", dialled.digits)).map_err(|e| match e {
            phonenumber::ParseError::TooLong => ContactFault::TooLong,
            _ if dialled.digits.len() <= 6 && !dialled.international => ContactFault::NotTextable,
            _ => ContactFault::Invalid,
        })?;
    let code = number.code().value();
    // Kept with its leading zeros: in Italy and a few other countries they are part of the number.
    let national = number.national().to_string();
    match line(database, code, &national) {
        Some(kind @ (Type::Mobile | Type::FixedLineOrMobile | Type::FixedLine | Type::Voip | Type::PersonalNumber)) => {
            PhoneNumber::from_e164(&format!("+{code}{national}"))
                .map(|number| (number, kind))
                .ok_or(ContactFault::Invalid)
        }
        Some(_) => Err(ContactFault::NotTextable),
        // Too short for a subscriber: an emergency number or another service of a few digits.
        None if national.len() <= 3 || (dialled.digits.len() <= 6 && !dialled.international) => {
            Err(ContactFault::NotTextable)
        }
        None => Err(ContactFault::Invalid),
    }
}

/// The kind of line of a national number; `None` if no plan has it.
///
/// The library's own answer drops leading zeros first, and so finds no fixed line in Italy.
fn line(database: &Database, code: u16, national: &str) -> Option<Type> {
    let regions = database.region(&code)?;
    let shared = regions.len() > 1;
    regions.into_iter().filter_map(|region| plan_of(database, code, region)).find_map(|meta| {
        // Several countries share a code (+1, +7, +39, +44 and more): the number belongs to the first that knows it.
        match meta.leading_digits().filter(|_| shared) {
            Some(leading) if leading.find(national).is_none_or(|m| m.start() != 0) => None,
            _ => kind(meta, national),
        }
    })
}

/// Codes that belong to no country, such as +800, are all filed under "001".
fn plan_of<'d>(database: &'d Database, code: u16, region: &str) -> Option<&'d Metadata> {
    if region == "001" { database.by_code(&code)?.into_iter().next() } else { database.by_id(region) }
}

fn kind(meta: &Metadata, national: &str) -> Option<Type> {
    let descriptors = meta.descriptors();
    let is = |kind| descriptors.get(kind).is_some_and(|d| d.is_match(national));
    if !descriptors.general().is_match(national) {
        return None;
    }
    // In the order of libphonenumber: lines that cost or can't answer come first.
    let special = [
        Type::PremiumRate,
        Type::TollFree,
        Type::SharedCost,
        Type::Voip,
        Type::PersonalNumber,
        Type::Pager,
        Type::Uan,
        Type::Voicemail,
    ];
    special.into_iter().find(|kind| is(*kind)).or_else(|| match (is(Type::FixedLine), is(Type::Mobile)) {
        (true, true) => Some(Type::FixedLineOrMobile),
        (true, false) => Some(Type::FixedLine),
        (false, true) => Some(Type::Mobile),
        (false, false) => None,
    })
}

/// Frees the compiled patterns of the numbering plans: about 150 kB each, and up to a hundred of them would stay
/// forever.
pub(super) fn forget_patterns() {
    let cache = DATABASE.cache();
    cache.clear_poison();
    if let Ok(mut cache) = cache.lock() {
        cache.clear();
    }
}

/// How many digits the country code has (ITU-T E.164 list): 1 and 7 stand alone, the codes below have two, all others
/// three.
fn country_code_length(digits: &str) -> usize {
    const TWO: [&str; 44] = [
        "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48", "49",
        "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84",
        "86", "90", "91", "92", "93", "94", "95", "98",
    ];
    match digits {
        d if d.starts_with(['1', '7']) => 1,
        d if TWO.iter().any(|code| d.starts_with(code)) => 2,
        _ => 3,
    }
}

#[cfg(test)]
#[path = "phone_tests.rs"]
mod tests;
