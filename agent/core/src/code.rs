//! Codes of digits: how they are made, and how typed ones are read.

use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use crate::typed::is_unseen;

/// A code of `digits` decimal digits from random bytes that `fill` supplies. All digits are equally likely; leading
/// zeros stay.
///
/// Bytes of 250 and above are discarded, so that no digit is more likely than another.
pub fn random<E>(digits: u8, mut fill: impl FnMut(&mut [u8]) -> Result<(), E>) -> Result<Zeroizing<String>, E> {
    let digits = usize::from(digits);
    let mut code = Zeroizing::new(String::with_capacity(digits));
    let mut bytes = Zeroizing::new([0u8; 16]);
    while code.len() < digits {
        fill(bytes.as_mut())?;
        for byte in bytes.iter().filter(|b| **b < 250) {
            if code.len() < digits {
                code.push(char::from(b'0' + byte % 10));
            }
        }
    }
    Ok(code)
}

/// A typed code in plain digits: spaces, dashes and invisible characters are dropped, full-width and other decimal digits are
/// converted (Unicode NFKC). `None` if the result does not have `digits` digits.
pub fn tidy(typed: &str, digits: u8) -> Option<Zeroizing<String>> {
    let mut code = Zeroizing::new(String::with_capacity(usize::from(digits)));
    for c in typed.nfkc() {
        match c {
            '0'..='9' if code.len() < usize::from(digits) => code.push(c),
            c if c.is_whitespace() || is_unseen(c) => {}
            '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '.' | '\u{30fc}' => {}
            _ => return None,
        }
    }
    (code.len() == usize::from(digits)).then_some(code)
}
