//! Codes that the help desk reads out over the phone: three words of consonants and vowels in turn (proquints), such as
//! `babad-dubig-kofap`.

use zeroize::Zeroizing;

use crate::{error::Result, random::Random, recovery_codes::is_dash, typed::is_unseen};

/// How many words a code has, of 16 bits each: 48 bits.
const WORDS: usize = 3;
const LETTERS_IN_WORD: usize = 5;
const LETTERS: usize = WORDS * LETTERS_IN_WORD;
const CONSONANTS: &[u8; 16] = b"bdfghjklmnprstvz";
const VOWELS: &[u8; 4] = b"aiou";

/// A new code, with its dashes.
pub fn make(random: &dyn Random) -> Result<Zeroizing<String>> {
    let mut code = Zeroizing::new(String::with_capacity(LETTERS + WORDS));
    for word in 0..WORDS {
        if word > 0 {
            code.push('-');
        }
        let mut bytes = Zeroizing::new([0u8; 2]);
        random.fill(bytes.as_mut())?;
        let bits = usize::from(u16::from_be_bytes(*bytes));
        for (alphabet, shift) in
            [(CONSONANTS.as_slice(), 12), (VOWELS, 10), (CONSONANTS, 6), (VOWELS, 4), (CONSONANTS, 0)]
        {
            code.extend(alphabet.get((bits >> shift) % alphabet.len()).copied().map(char::from));
        }
    }
    Ok(code)
}

/// A code as it was typed, without its dashes. `None` if it can't be a code.
pub fn tidy(typed: &str) -> Option<Zeroizing<String>> {
    use unicode_normalization::UnicodeNormalization as _;
    let mut code = Zeroizing::new(String::with_capacity(LETTERS));
    for c in typed.nfkc() {
        if c.is_whitespace() || is_unseen(c) || is_dash(c) {
            continue;
        }
        if code.len() == LETTERS || !c.is_ascii_alphabetic() {
            return None;
        }
        code.push(c.to_ascii_lowercase());
    }
    (code.len() == LETTERS).then_some(code)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::random::SystemRandom;

    struct Counting(std::sync::Mutex<u16>);

    impl Random for Counting {
        fn fill(&self, bytes: &mut [u8]) -> Result<()> {
            let mut next = self.0.lock().unwrap();
            bytes.copy_from_slice(&next.to_be_bytes());
            *next = next.wrapping_add(1);
            Ok(())
        }
    }

    #[test]
    fn each_of_the_65536_words_comes_up_once() {
        let counting = Counting(std::sync::Mutex::new(0));
        let mut words = BTreeSet::new();
        while words.len() < 65536 {
            for word in make(&counting).unwrap().split('-') {
                assert!(words.len() == 65536 || words.insert(word.to_owned()), "{word} came twice");
            }
        }
        assert!(words.contains("babab") && words.contains("zuzuz"));
    }

    #[test]
    fn a_code_can_be_typed_as_it_is_heard() {
        let code = make(&SystemRandom).unwrap();
        assert_eq!(code.len(), 17);
        let plain = code.replace('-', "");
        for typed in [
            code.to_string(),
            plain.clone(),
            code.to_uppercase(),
            code.replace('-', " "),
            format!(" {} ", code.as_str()),
        ] {
            assert_eq!(tidy(&typed).unwrap().as_str(), plain, "{typed:?}");
        }
        for wrong in ["", "babad-dubig", "babad-dubig-kofapx", "babad-dubig-kofa1", "babad\u{7f}dubigkofap"] {
            assert_eq!(tidy(wrong), None, "{wrong:?}");
        }
    }
}
