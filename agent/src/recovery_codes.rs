//! Recovery codes: ten to keep on paper, each usable once. Shown as `xxxx-xxxx-xxxx`, and typed in upper or lower case,
//! with or without dashes and blanks.

use zeroize::Zeroizing;

use crate::{error::Result, random::Random, typed::is_unseen};

/// How many a user gets at a time.
pub const COUNT: usize = 10;
/// How many symbols a code has, of 5 bits each: 60 bits.
const SYMBOLS: usize = 12;
/// Crockford's base32: no letter that looks like a digit, and no U.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Ten new codes, without dashes.
pub fn make(random: &dyn Random) -> Result<Vec<Zeroizing<String>>> {
    (0..COUNT).map(|_| make_one(random)).collect()
}

fn make_one(random: &dyn Random) -> Result<Zeroizing<String>> {
    let mut bytes = Zeroizing::new([0u8; SYMBOLS]);
    random.fill(bytes.as_mut())?;
    let mut code = Zeroizing::new(String::with_capacity(SYMBOLS));
    // 32 divides 256: every symbol is equally likely.
    code.extend(bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(byte % 32)).copied().map(char::from)));
    Ok(code)
}

/// A code as it is shown.
pub fn shown(code: &str) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(code.len() + 2));
    for (at, c) in code.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            text.push('-');
        }
        text.push(c);
    }
    text
}

/// A typed code, in the form in which it was made. An `o` counts as a zero, an `i` or an `l` as a one. `None` if it
/// can't be a code.
pub fn tidy(typed: &str) -> Option<Zeroizing<String>> {
    use unicode_normalization::UnicodeNormalization as _;
    let mut code = Zeroizing::new(String::with_capacity(SYMBOLS));
    for c in typed.nfkc() {
        let c = match c.to_ascii_lowercase() {
            c if c.is_whitespace() || is_unseen(c) || is_dash(c) => continue,
            'o' => '0',
            'i' | 'l' => '1',
            c => c,
        };
        if code.len() == SYMBOLS || !u8::try_from(c).is_ok_and(|byte| ALPHABET.contains(&byte)) {
            return None;
        }
        code.push(c);
    }
    (code.len() == SYMBOLS).then_some(code)
}

/// Whether people type it as a dash.
pub(crate) const fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30fc}' | '_' | '.')
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn ten_codes_differ_and_come_back_from_how_they_are_shown() {
        let codes = make(&SystemRandom).unwrap();
        assert_eq!(codes.iter().map(|c| c.as_str()).collect::<BTreeSet<_>>().len(), COUNT);
        for code in &codes {
            let shown = shown(code);
            assert_eq!(shown.len(), 14);
            assert_eq!(shown.split('-').map(str::len).collect::<Vec<_>>(), [4, 4, 4]);
            assert_eq!(tidy(&shown).as_ref(), Some(code));
        }
    }

    #[test]
    fn every_symbol_comes_up() {
        let all: String = (0..40).flat_map(|_| make(&SystemRandom).unwrap()).map(|c| c.to_string()).collect();
        assert_eq!(all.bytes().collect::<BTreeSet<_>>(), ALPHABET.iter().copied().collect::<BTreeSet<_>>());
    }

    #[test]
    fn a_code_may_be_typed_in_any_case_with_blanks_dashes_and_lookalikes() {
        for typed in
            ["0a1b-2c3d-4e5f", "0A1B2C3D4E5F", " oalb 2c3d 4e5f ", "OAIB–2C3D—4E5F", "０ａ１ｂ－２ｃ３ｄ－４ｅ５ｆ"]
        {
            assert_eq!(tidy(typed).unwrap().as_str(), "0a1b2c3d4e5f", "{typed:?}");
        }
        for wrong in ["", "0a1b-2c3d-4e5", "0a1b-2c3d-4e5f0", "0a1b-2c3d-4e5u", "0a1b/2c3d/4e5f", "\u{1b}a1b2c3d4e5f"] {
            assert_eq!(tidy(wrong), None, "{wrong:?}");
        }
    }
}
