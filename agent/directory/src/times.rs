//! Time formats of directories.

use jiff::civil::DateTime;

/// Seconds between 1601, where Active Directory begins, and 1970.
const SINCE_1601: i64 = 11_644_473_600;

/// A generalized time such as `20261128120000Z` (RFC 4517, 3.3.13) in seconds since 1970; `None` if it is invalid.
/// Fractions of a second are dropped. Missing minutes or seconds count as zero, and a time without `Z` counts as UTC.
pub fn generalized(text: &str) -> Option<i64> {
    let digits = text.split(|c: char| !c.is_ascii_digit()).next()?;
    let part = |from: usize, to: usize| digits.get(from..to).map_or(Some(0), |part| part.parse::<i8>().ok());
    let year = digits.get(..4)?.parse().ok()?;
    let (month, day) = (digits.get(4..6)?.parse().ok()?, digits.get(6..8)?.parse().ok()?);
    let time = DateTime::new(year, month, day, part(8, 10)?, part(10, 12)?, part(12, 14)?.min(59), 0).ok()?;
    Some(time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
}

/// A time in seconds since 1970 as a generalized time; `None` if it is out of range.
pub fn to_generalized(seconds: i64) -> Option<String> {
    let time = jiff::Timestamp::from_second(seconds).ok()?.to_zoned(jiff::tz::TimeZone::UTC);
    Some(time.strftime("%Y%m%d%H%M%SZ").to_string())
}

/// A time of Active Directory, in steps of 100 ns since 1601, in seconds since 1970.
pub const fn filetime(number: i64) -> i64 {
    number / 10_000_000 - SINCE_1601
}

/// The day of a time in seconds since 1970, in days since 1970 as in shadow(5).
pub const fn day(seconds: i64) -> i64 {
    seconds.div_euclid(86_400)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_come_back_as_they_were() {
        for (text, seconds) in [
            ("19700101000000Z", 0),
            ("20261128120000Z", 1_795_867_200),
            ("20261128120000.123Z", 1_795_867_200),
            ("202611281200Z", 1_795_867_200),
            ("20261128120000", 1_795_867_200),
        ] {
            assert_eq!(generalized(text), Some(seconds), "{text}");
        }
        assert_eq!(to_generalized(1_795_867_200).as_deref(), Some("20261128120000Z"));
        for bad in ["", "TRUE", "2026", "20261328000000Z", "20260230000000Z"] {
            assert_eq!(generalized(bad), None, "{bad}");
        }
        assert_eq!(filetime(132_000_000_000_000_000), 1_555_526_400);
        assert_eq!((day(0), day(86_399), day(86_400), day(-1)), (0, 0, 1, -1));
    }
}
