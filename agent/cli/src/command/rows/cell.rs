//! One field, without the decoration of the program that wrote it.

use super::{FIELD_MAX, Role};
use sspr_core::typed;

/// The value of a field, for `role`. `Err` tells the owner of the file what is wrong with it.
pub(super) fn read(field: &str, role: Role) -> Result<String, String> {
    if field.len() > FIELD_MAX {
        return Err("too long".into());
    }
    let text = typed::trimmed(field);
    let inner = unwrapped(text).or_else(|| hex(text));
    let text = typed::trimmed(inner.as_deref().unwrap_or(text));
    if text.contains(char::REPLACEMENT_CHARACTER) {
        return Err("a letter of it is lost: the program that wrote the file could not write it, or it is in another encoding than the file".into());
    }
    Ok(match role {
        Role::Name => typed::argument(text),
        // The account of alice@example.org is alice.
        Role::Principal => typed::argument(text.split('@').next().unwrap_or_default()),
        Role::Email => without(text, &["mailto:", "smtp:"]).to_owned(),
        Role::Phone => {
            let number = without(text, &["tel:", "'"]);
            if is_rounded(number) {
                return Err(format!(
                    "the spreadsheet has rounded the number to {number}; format the column as text and fill it in again"
                ));
            }
            if is_fraction(number) {
                return Err(format!(
                    "a program treated it as a quantity and wrote {number}: a leading zero or plus is lost; have it write the column as text"
                ));
            }
            number.to_owned()
        }
    })
}

/// The content of `="+81 90"`, which is how spreadsheets are kept from reading it as a number.
fn unwrapped(text: &str) -> Option<String> {
    Some(text.strip_prefix("=\"")?.strip_suffix('"')?.to_owned())
}

/// The text of `X'c3a4'`, which is how csvde writes text that is not ASCII.
fn hex(text: &str) -> Option<String> {
    let digits = text.strip_prefix("X'")?.strip_suffix('\'')?.as_bytes();
    let pairs = digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    String::from_utf8(pairs.collect::<Option<Vec<u8>>>()?).ok()
}

fn without<'a>(text: &'a str, prefixes: &[&str]) -> &'a str {
    let has = |prefix: &&&str| text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    prefixes.iter().find(has).and_then(|prefix| text.get(prefix.len()..)).unwrap_or(text)
}

/// Whether it is a number such as `4.47911E+11`, whose last digits are lost.
fn is_rounded(text: &str) -> bool {
    let Some((number, power)) = text.split_once(['e', 'E']) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits(power.trim_start_matches('+')) && digits(&number.replace(['.', ','], ""))
}

/// Whether it is a number such as `1711234567.0` or `1,711,234,567.00`, as columns of numbers with gaps are written.
/// The last zeros are not part of the telephone number. `06.12.34.56.00`, however, is a telephone number.
fn is_fraction(text: &str) -> bool {
    let text = text.strip_prefix('+').unwrap_or(text);
    let Some((number, sign, rest)) =
        text.rfind(['.', ',']).and_then(|at| Some((text.get(..at)?, text.get(at..=at)?, text.get(at + 1..)?)))
    else {
        return false;
    };
    let other = if sign == "." { ',' } else { '.' };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits(rest) && rest.bytes().all(|b| b == b'0') && digits(&number.replace(other, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_read_as_what_it_shows() {
        for (field, role, want) in [
            (" alice\u{200b}", Role::Name, "alice"),
            ("alice@example.org", Role::Principal, "alice"),
            ("alice@example.org", Role::Name, "alice@example.org"),
            ("mailto:a@example.org", Role::Email, "a@example.org"),
            ("SMTP:a@example.org", Role::Email, "a@example.org"),
            ("X'61c3a44062'", Role::Email, "aä@b"),
            ("=\"+81 90 1234 5678\"", Role::Phone, "+81 90 1234 5678"),
            ("'+81 90", Role::Phone, "+81 90"),
            ("tel:+81-90", Role::Phone, "+81-90"),
            ("\u{a0}", Role::Phone, ""),
        ] {
            assert_eq!(read(field, role).as_deref(), Ok(want), "{field:?}");
        }
        for number in ["4.47911E+11", "4,47911E+11", "8e10"] {
            assert!(read(number, Role::Phone).unwrap_err().contains("rounded"), "{number}");
        }
        for number in ["1711234567.0", "491711234567.0", "+491711234567,00", "1.711.234.567,00", "1,711,234,567.0"] {
            assert!(read(number, Role::Phone).unwrap_err().contains("column as text"), "{number}");
        }
        for number in ["06.12.34.56.00", "06.12.34.56.0", "030.1234500", "+81.90.1234.5678"] {
            assert_eq!(read(number, Role::Phone).as_deref(), Ok(number));
        }
        assert_eq!(read(&"x".repeat(601), Role::Name).unwrap_err(), "too long");
        assert!(read("al\u{fffd}ce", Role::Name).unwrap_err().contains("a letter of it is lost"));
    }
}
