//! Telephone numbers in a file. Nobody sees how they are read, and spreadsheets drop a leading plus or zero. So the
//! program does not guess at a number with two readings, but asks the administrator who has the file.

use phonenumber::{Type, country, metadata::DATABASE};

use super::{
    ContactFault, PhoneNumber,
    phone::{Dialled, forget_patterns},
};

/// Why a number in a file is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListedFault {
    /// For the same reason as a typed number.
    Contact(ContactFault),
    /// With a plus it is a number of another country.
    PlusOrNot,
    /// It is a number only with a plus.
    PlusLost,
    /// A fixed line without a plus: more often it is a number of another country that lost its plus.
    FixedLine,
}

/// The numbers of many rows, read at once: a hundred times faster than one by one.
pub fn parse_all<'a>(
    written: impl Iterator<Item = &'a str>,
    default_region: Option<&str>,
) -> Vec<Result<PhoneNumber, ListedFault>> {
    let trunk = default_region.and_then(trunk_prefix);
    let all = written.map(|written| read(written, default_region, trunk)).collect();
    forget_patterns();
    all
}

/// The trunk prefix of `region`, if it has one. In North America hardly anyone writes it.
fn trunk_prefix(region: &str) -> Option<&'static str> {
    let plan = DATABASE.by_id(region.parse::<country::Id>().ok()?.as_ref())?;
    plan.national_prefix().filter(|_| plan.country_code() != 1)
}

fn read(written: &str, region: Option<&str>, trunk: Option<&str>) -> Result<PhoneNumber, ListedFault> {
    let dialled = Dialled::read(written).map_err(ListedFault::Contact)?;
    let read = PhoneNumber::read_dialled(&dialled, region);
    // No country code begins with a zero, so a national number with its zero, or 00 and a country code, is unambiguous.
    if dialled.international || dialled.digits.starts_with('0') {
        let (number, kind) = read.map_err(ListedFault::Contact)?;
        return if dialled.international || dialled.digits.starts_with("00") || kind != Type::FixedLine {
            Ok(number)
        } else {
            Err(ListedFault::FixedLine)
        };
    }
    let with_plus = Dialled { digits: dialled.digits.clone(), international: true };
    let abroad = PhoneNumber::read_dialled(&with_plus, None).map(|(number, _)| number);
    match (read, abroad) {
        (Ok((number, _)), Ok(abroad)) if number == abroad => Ok(number),
        (Ok((_, Type::FixedLine)) | Err(_), Ok(_)) => Err(ListedFault::PlusLost),
        // In a country without a trunk prefix, a complete number is what it seems.
        (Ok(_), Ok(_)) if trunk.is_some_and(|trunk| !dialled.digits.starts_with(trunk)) => Err(ListedFault::PlusOrNot),
        (Ok((_, Type::FixedLine)), _) => Err(ListedFault::FixedLine),
        (Ok((number, _)), _) => Ok(number),
        (Err(fault), Err(_)) => Err(ListedFault::Contact(fault)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_in(region: &str, written: &str) -> Result<String, ListedFault> {
        let region = Some(region).filter(|region| !region.is_empty());
        let mut all = parse_all([written].into_iter(), region);
        all.remove(0).map(|number| number.as_str().to_owned())
    }

    #[test]
    fn a_number_that_is_clear_is_read_and_one_that_may_have_lost_its_plus_is_asked_about() {
        use ListedFault as F;
        for (region, written, want) in [
            ("DE", "+44 7911 123456", Ok("+447911123456")),
            ("DE", "0044 7911 123456", Ok("+447911123456")),
            ("DE", "447911123456", Err(F::PlusLost)),
            ("DE", "0171 1234567", Ok("+491711234567")),
            // A spreadsheet dropped the zero.
            ("DE", "1711234567", Ok("+491711234567")),
            ("DE", "491711234567", Ok("+491711234567")),
            // A number in Texas, or a German mobile without its zero.
            ("DE", "15123456789", Err(F::PlusOrNot)),
            ("DE", "030 123456", Err(F::FixedLine)),
            ("DE", "+49 30 123456", Ok("+4930123456")),
            ("DE", "0049 30 123456", Ok("+4930123456")),
            ("DE", "819012345678", Err(F::PlusLost)),
            ("JP", "819012345678", Ok("+819012345678")),
            ("JP", "9012345678", Ok("+819012345678")),
            ("JP", "03-1234-5678", Err(F::FixedLine)),
            ("US", "415 555 2671", Ok("+14155552671")),
            ("US", "14155552671", Ok("+14155552671")),
            ("US", "447911123456", Err(F::PlusLost)),
            ("GB", "07911 123456", Ok("+447911123456")),
            ("ES", "612 345 678", Ok("+34612345678")),
            ("ES", "447911123456", Err(F::PlusLost)),
            ("", "447911123456", Err(F::PlusLost)),
            ("", "+447911123456", Ok("+447911123456")),
            ("", "0711", Err(F::Contact(ContactFault::NeedsCountry))),
            ("DE", "no number", Err(F::Contact(ContactFault::NotANumber))),
            ("DE", "112", Err(F::Contact(ContactFault::NotTextable))),
        ] {
            assert_eq!(read_in(region, written), want.map(str::to_owned), "{written} in {region}");
        }
    }

    /// The published mobile number of each country, written without its plus, in a file of each of some other
    /// countries. None is accepted in countries that dial a trunk prefix. Elsewhere, a few look exactly like a number
    /// of that country.
    #[test]
    fn no_mobile_of_another_country_that_lost_its_plus_becomes_a_number_of_this_one() {
        let taken = taken_in(&["DE", "JP"]);
        assert_eq!(taken, Vec::<String>::new());
        let taken = taken_in(&["US"]);
        assert!(taken.len() < 15, "of more than two hundred: {taken:?}");
    }

    fn taken_in(regions: &[&str]) -> Vec<String> {
        let mut taken = Vec::new();
        for region in regions {
            let own = DATABASE.by_id(*region).unwrap().country_code();
            let mobiles = DATABASE.iter().filter(|meta| meta.id() != "001" && meta.country_code() != own);
            let mobiles: Vec<String> = mobiles
                .filter_map(|meta| Some(format!("{}{}", meta.country_code(), meta.descriptors().mobile()?.example()?)))
                .collect();
            assert!(mobiles.len() > 200);
            let read = parse_all(mobiles.iter().map(String::as_str), Some(region));
            for (digits, number) in mobiles.iter().zip(read) {
                if let Ok(number) = number
                    && number.as_str() != format!("+{digits}")
                {
                    taken.push(format!("{digits} in {region}: {}", number.as_str()));
                }
            }
        }
        taken
    }
}
