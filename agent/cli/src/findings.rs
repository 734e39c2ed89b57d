//! Doctor's findings, as text for a terminal.

use std::fmt::Write as _;

use sspr_core::plain::plain;

use crate::doctor::{Finding, Level};

/// For a terminal of 80 columns.
pub fn told(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let level = match finding.level {
            Level::Fine => "fine",
            Level::Warning => "warning",
            Level::Error => "ERROR",
        };
        for (number, line) in folded(&finding.what, 60).into_iter().enumerate() {
            let (level, check) = if number == 0 { (level, finding.check) } else { ("", "") };
            text.push_str(format!("{level:<8} {check:<10} {line}").trim_end());
            text.push('\n');
        }
        for (number, line) in finding.fix.iter().flat_map(|fix| folded(fix, 55)).enumerate() {
            let _ = writeln!(text, "{:<19} {} {line}", "", if number == 0 { "fix:" } else { "    " });
        }
    }
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    let _ = match (count(Level::Error), count(Level::Warning)) {
        (0, 0) => writeln!(text, "All is well."),
        (errors, warnings) => writeln!(text, "Errors: {errors}, warnings: {warnings}."),
    };
    text
}

/// Lines of at most `width` columns, broken between words.
fn folded(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    // They may contain, for example, a mail server's words.
    lines.iter().map(|line| plain(line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_stranger_s_server_move_no_cursor() {
        let text = told(&[Finding::error("mail", "550 \u{1b}[2Jno\r\n\u{9b}31mway", "try \u{7}again")]);
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
    }

    #[test]
    fn what_was_found_fits_a_terminal_and_each_fix_stands_below_its_finding() {
        let long = "the mail server does not take the user name and the password that the settings name for it";
        let text = told(&[Finding::fine("sshd", "offers conversations"), Finding::error("mail", long, long)]);
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        assert!(text.contains("ERROR    mail       the mail server"), "{text}");
        assert!(text.contains("                    fix: the mail server"), "{text}");
        assert!(text.ends_with("Errors: 1, warnings: 0.\n"), "{text}");
    }
}
