//! External text, made safe for a terminal.

/// External text without what a terminal would obey: control characters, and marks that reverse the writing direction.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if is_obeyed(c) { '\u{fffd}' } else { c }).collect()
}

/// The same for text of several lines, which may contain tabs.
pub fn plain_lines(text: &str) -> String {
    text.chars().map(|c| if is_obeyed(c) && !matches!(c, '\n' | '\t') { '\u{fffd}' } else { c }).collect()
}

/// Whether a terminal would obey it.
pub fn is_obeyed(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_text_in_lines_the_lines_alone_are_kept() {
        assert_eq!(plain_lines("a\u{1b}]0;x\u{7}\n\nb\rc"), "a\u{fffd}]0;x\u{fffd}\n\nb\u{fffd}c");
    }
}
