//! The scripts that a text is written in, and what is left of it on a screen that shows only ASCII.
//!
//! A client replaces characters that its locale does not have, and `OpenSSH`'s exits at one. A user who answered a
//! question in a script is assumed to see all of that script.

use std::{borrow::Cow, ops::BitOr};

/// A set of scripts; empty for ASCII.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Writings(u16);

impl Writings {
    /// The scripts of `text`.
    pub(crate) fn of(text: &str) -> Self {
        Self(text.chars().map(|c| writing(c).map_or(0, |number| 1 << number)).fold(0, BitOr::bitor))
    }

    /// Whether all of `others` are among them.
    pub(crate) const fn has(self, others: Self) -> bool {
        others.0 & !self.0 == 0
    }
}

impl BitOr for Writings {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Grouped by character sets: ISO-8859-1 has the first, -2 and -9 a part of the first and the second, KOI8 the third.
const fn writing(c: char) -> Option<u16> {
    Some(match c as u32 {
        0..0x80 => return None,
        0x80..0x100 => 0,
        0x100..0x250 => 1,
        0x370..0x400 => 2,
        0x400..0x530 => 3,
        0x2000..0x2100 => 4,
        0x2500..0x25a0 => 5,
        0x3040..0x3100 => 6,
        0x3000..0x3040 | 0x4e00..0xa000 | 0xff00..0xfff0 => 7,
        0x1100..0x1200 | 0xac00..0xd7b0 => 8,
        _ => 9,
    })
}

/// Whether `text` contains a picture in block elements.
pub(crate) fn is_picture(text: &str) -> bool {
    text.contains(['\u{2580}', '\u{2584}', '\u{2588}'])
}

/// `text` in ASCII. An administrator's own texts and users' names may have more: a line that has hardly any ASCII is
/// left out.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let plain = |line: &str| -> String { line.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect() };
    let readable = |line: &&str| 2 * line.chars().filter(|c| !c.is_ascii()).count() <= line.chars().count();
    let lines: Vec<String> = text.split('\n').filter(readable).map(plain).collect();
    Cow::Owned(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_read_one_text_in_a_writing_reads_the_others_and_no_more() {
        let seen = |texts: &[&str]| texts.iter().fold(Writings::default(), |all, text| all | Writings::of(text));
        for (shown, other, reads) in [
            (&[][..], "Code: ", true),
            (&[], "Zurücksetzen", false),
            (&["Vergessen? Code: "], "Zurücksetzen", false),
            (&["möglich"], "Zurücksetzen", true),
            // A client with ISO-8859-1 shows the first, and not the second.
            (&["Który sposób?"], "Naciśnij Enter", false),
            (&["Который"], "Натисніть", true),
            (&["コードを 入力"], "登録 済み", true),
            (&["コード"], "登録", false),
            (&["验证码"], "코드", false),
            (&["Code: "], "\u{2588}\u{2580} \u{2584}", false),
        ] {
            assert_eq!(seen(shown).has(Writings::of(other)), reads, "{shown:?} {other}");
        }
    }

    #[test]
    fn what_is_left_in_ascii_can_be_read_or_is_left_out() {
        for (text, left) in [
            ("Code: ", "Code: "),
            ("It goes to j\u{fc}rgen@example.org", "It goes to j?rgen@example.org"),
            ("Nothing was changed.\n\u{7ba1}\u{7406}\u{8005}: 4711", "Nothing was changed.\n???: 4711"),
            ("One.\n\u{7ba1}\u{7406}\u{8005}\u{306b}\nTwo.", "One.\nTwo."),
        ] {
            assert_eq!(plain(text), left);
        }
    }
}
