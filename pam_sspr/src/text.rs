//! Makes text safe for a terminal.

/// The most bytes of text that are shown at once.
const TEXT_MAX: usize = 4096;

/// A prompt with the text above it.
pub(crate) fn prompt(above: &str, prompt: &str) -> String {
    if above.is_empty() { prompt.to_owned() } else { format!("{above}\n{prompt}") }
}

/// The agent's text without anything that could move a cursor, recolour a screen or reverse the reading direction. The
/// agent does not send such characters, but a terminal should not have to rely on that.
pub(crate) fn clean(text: &str) -> String {
    filtered(text, |c| c == '\n')
}

/// The same for a question, which is one line.
pub(crate) fn clean_line(text: &str) -> String {
    filtered(text, |_| false)
}

fn filtered(text: &str, kept: impl Fn(char) -> bool) -> String {
    let mut clean = String::with_capacity(text.len().min(TEXT_MAX));
    for c in text.chars().filter(|c| kept(*c) || !(c.is_control() || turns_text(*c))) {
        if clean.len() + c.len_utf8() > TEXT_MAX {
            break;
        }
        clean.push(c);
    }
    clean
}

/// Unicode's explicit marks, embeddings, overrides and isolates of writing direction, and its two line breaks.
fn turns_text(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Characters without a width, which would hide a word from a search but not from a reader.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}')
        || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_and_direction_marks_are_dropped_and_newlines_kept() {
        assert_eq!(clean("a\x1b[2Jb\r\0\x07\nc\u{9b}d\u{202e}e\u{7f}"), "a[2Jb\ncde");
        assert_eq!(clean("Grüße, 世界 👋"), "Grüße, 世界 👋");
        assert_eq!(clean_line("Code:\n "), "Code: ");
    }

    #[test]
    fn text_is_cut_at_four_kibibytes_between_characters() {
        assert_eq!(clean(&"x".repeat(9000)).len(), 4096);
        assert_eq!(clean(&format!("x{}", "ü".repeat(9000))).len(), 4095);
    }
}
