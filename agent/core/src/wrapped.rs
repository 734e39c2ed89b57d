//! Text broken into lines.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// `text` in lines of at most `width` columns, broken at blanks. A wider word gets a line of its own. Text without
/// blanks, as in Chinese and Japanese, is broken between two characters.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ if word.is_ascii() || word.width() <= width => lines.push(word.to_owned()),
            _ => lines.extend(broken(word, width)),
        }
    }
    lines
}

fn broken(word: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for c in word.chars() {
        let is_full =
            lines.last().is_some_and(|line| !line.is_empty() && line.width() + c.width().unwrap_or(0) > width);
        if is_full {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            line.push(c);
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
        assert_eq!(wrapped("このキーを入力: x", 8), ["このキー", "を入力:", "x"]);
        assert_eq!(wrapped("ключ", 4), ["ключ"]);
    }
}
