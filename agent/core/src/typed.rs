//! Pasted input. Invisible marks come along with a code from a web page, a number from a spreadsheet, or a name from a
//! chat. It is read as what the user sees.

use std::borrow::Cow;

/// Whether it takes no space and shows nothing: soft hyphen, zero-width blanks and joiners, direction marks, byte order
/// mark, variation selectors, tags. Control characters are not among them; they are refused where they matter.
pub const fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Whether it shows only as space: blanks of any width, and those at which no line breaks. No control character.
pub fn is_blank(c: char) -> bool {
    c.is_whitespace() && !c.is_control()
}

/// A full-width character as the ASCII character that it shows; the blank, too.
pub fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        c => c,
    }
}

/// `text` without invisible characters, and in half width.
pub fn seen(text: &str) -> Cow<'_, str> {
    // Files of a hundred thousand rows are read with this function, too.
    if text.is_ascii() || text.chars().all(|c| !is_unseen(c) && half_width(c) == c) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|c| !is_unseen(*c)).map(half_width).collect())
}

/// `text` without blanks and invisible characters at its ends.
pub fn trimmed(text: &str) -> &str {
    if text.is_ascii() { text.trim_ascii() } else { text.trim_matches(|c: char| c.is_whitespace() || is_unseen(c)) }
}

/// A word of a menu as the user meant it, in lower case.
pub fn word(text: &str) -> String {
    seen(text).trim().to_lowercase()
}

/// The value of an argument or a setting.
pub fn argument(text: &str) -> String {
    seen(text).trim_matches(is_blank).to_owned()
}

/// Characters that were most likely pasted by accident: every kind that people were seen to paste, for tests.
#[doc(hidden)]
pub const PASTED: [char; 21] = [
    '\u{ad}', '\u{200b}', '\u{200c}', '\u{200d}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}',
    '\u{202d}', '\u{202e}', '\u{2060}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}', '\u{feff}', '\u{a0}',
    '\u{2007}', '\u{202f}', '\u{3000}',
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pasted_along_is_passed_over_in_words_and_at_the_ends_of_everything() {
        for mark in PASTED {
            assert!(is_unseen(mark) != is_blank(mark), "{mark:?}");
            assert_eq!(word(&format!("{mark}New{mark}")), "new", "{mark:?}");
            assert_eq!(argument(&format!("{mark}a b{mark}")), "a b", "{mark:?}");
            assert_eq!(trimmed(&format!("{mark} é {mark}")), "é", "{mark:?}");
        }
        assert_eq!(word("ｎｅｗ　"), "new");
        assert_eq!(word("n\u{200b}e\u{200d}w"), "new");
        assert!(matches!(seen("plain: é 例え"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_a_terminal_obeys_is_left_for_others_to_refuse() {
        for c in ['\n', '\r', '\t', '\u{1b}', '\u{85}', '\0', '\u{7f}'] {
            assert!(!is_unseen(c) && !is_blank(c), "{c:?}");
        }
        assert_eq!(argument("a\u{1b}[2J\n"), "a\u{1b}[2J\n");
    }
}
