//! Durations as people write them in the settings: `"60s"`, `"10m"`, `"24h"`, `"14d"`.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A whole number of seconds, written with a unit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(u32);

impl Span {
    /// A span of `seconds`.
    pub const fn seconds(seconds: u32) -> Self {
        Self(seconds)
    }

    /// Its length in seconds.
    pub const fn as_secs(self) -> i64 {
        self.0 as i64
    }

    /// Its length in whole minutes, rounded up, for texts.
    pub const fn as_minutes(self) -> i64 {
        self.0.div_ceil(60) as i64
    }

    /// Reads `"10m"`. Units are s, m, h and d; the number is whole, more than zero, and the span at most ten years.
    pub fn parse(text: &str) -> Result<Self, String> {
        let bad = || {
            format!(
                "{text:?} is not a duration; write a whole number and a unit, such as \"90s\", \"10m\", \"24h\" or \"14d\""
            )
        };
        let unit = text.chars().next_back().ok_or_else(bad)?;
        let factor = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => return Err(bad()),
        };
        let digits = text.strip_suffix(unit).unwrap_or_default();
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(bad());
        }
        let number: u32 = digits.parse().map_err(|_| bad())?;
        match number.checked_mul(factor) {
            Some(0) => Err(format!("{text:?} is zero; the minimum is \"1s\"")),
            Some(seconds) if seconds <= 3650 * 86_400 => Ok(Self(seconds)),
            _ => Err(format!("{text:?} is longer than ten years")),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, unit) = match self.0 {
            s if s % 86_400 == 0 => (s / 86_400, 'd'),
            s if s % 3600 == 0 => (s / 3600, 'h'),
            s if s % 60 == 0 => (s / 60, 'm'),
            s => (s, 's'),
        };
        write!(f, "{number}{unit}")
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_whole_number_and_a_unit() {
        for (text, seconds) in [("1s", 1), ("60s", 60), ("10m", 600), ("24h", 86_400), ("14d", 1_209_600)] {
            assert_eq!(Span::parse(text).unwrap().as_secs(), seconds, "{text}");
        }
        for text in
            ["", "10", "m", "10 m", "-1m", "1.5h", "+1h", "0m", "10M", "10min", "4000d", "99999999999s", "１m", "10µ"]
        {
            assert!(Span::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_duration_prints_as_it_is_written() {
        for text in ["90s", "10m", "25h", "14d", "1d"] {
            assert_eq!(Span::parse(text).unwrap().to_string(), text);
        }
    }
}
