//! Text broken into lines.

use unicode_width::UnicodeWidthStr as _;

/// `text` in lines of at most `width` columns, broken at blanks. A word that is wider has a line of its own.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn a_text_is_broken_at_blanks_and_no_line_is_wider_than_its_room() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("ABCD EFGH IJKL MNOP QRST", 14), ["ABCD EFGH IJKL", "MNOP QRST"]);
        assert_eq!(wrapped("  ", 7), Vec::<String>::new());
        assert_eq!(wrapped("unbreakable x", 4), ["unbreakable", "x"]);
    }
}
