//! How a question looks on each kind of host. A terminal gets one prompt, below the text to read first. A screen that
//! draws text itself gets a message, and then a question of one line.
//!
//! Of a prompt with several lines, some screens show only one line, some the first 127 bytes, and some all lines as
//! one.

use sspr_config::services::{self, Shows};

use crate::host::{Host, Secret, Style, Tone};
use crate::text;

/// lightdm has many greeters. lightdm-gtk-greeter shows only the message if there is one, so the message must include
/// the question. slick-greeter cuts off a line that is wider than this.
const LIGHTDM_COLUMNS: usize = 32;

/// The columns that all other screens have room for. tuigreet shows few lines on a terminal of 24, so short texts share
/// a line.
const COLUMNS: usize = 72;

/// The blanks at the start of a menu line, and between the word to type and its meaning.
const INDENT: &str = "  ";

/// Asks a question, with the text to read first `above` it.
pub(crate) fn ask<H: Host>(host: &mut H, style: Style, above: &str, question: &str) -> Option<Secret> {
    if above.is_empty() || !host.is_screen() {
        return host.ask(style, &text::prompt(above, question));
    }
    let mut said = sentences(above);
    let shows = host.service().and_then(services::of).map_or(Shows::AfterMessage, |service| service.shows);
    // A host that wants silence is shown nothing, but the question is still asked. Cockpit writes messages to the
    // journal, which must contain neither an address nor an app's key. It shows the whole question, with blanks in
    // place of line ends.
    if shows == Shows::Alone || host.is_silent() {
        if let Some(last) = said.last_mut().filter(|last| is_open(last)) {
            last.push('.');
        }
        return host.ask(style, &format!("{} {question}", said.join(" ")));
    }
    let message = if shows == Shows::InMessage {
        said.push(question.trim_end().trim_end_matches([':', '：']).to_owned());
        said.iter().flat_map(|line| wrapped(line, LIGHTDM_COLUMNS)).collect::<Vec<_>>()
    } else {
        wrapped(&said.join(" "), COLUMNS)
    };
    host.tell(Tone::Info, &message.join("\n"));
    host.ask(style, question)
}

/// The lines of `text`, written so that they can be joined into one line, and shown in a proportional font: a menu is
/// not a table.
fn sentences(text: &str) -> Vec<String> {
    let mut sentences = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let is_indented = |line: &str| line.starts_with(INDENT);
        let item = line.trim().split_once(INDENT).filter(|_| is_indented(line));
        let mut said = match item {
            Some((word, meaning)) => format!("{word}: {}", meaning.trim_start()),
            None => line.trim().to_owned(),
        };
        // Not after a key that stands by itself: the user would type the sign, too.
        let parted = |next: &&str| item.is_some() || is_indented(next) || next.is_empty() && !is_indented(line);
        if is_open(&said) && lines.peek().is_some_and(parted) {
            said.push(';');
        }
        if !said.is_empty() {
            sentences.push(said);
        }
    }
    sentences
}

/// Whether the sentence ends without punctuation.
fn is_open(sentence: &str) -> bool {
    sentence.chars().next_back().is_some_and(|last| last.is_alphanumeric() || last == ')')
}

/// `line` in lines of at most `most` columns, broken at blanks where there are any.
fn wrapped(line: &str, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut room = most;
    for word in line.split_whitespace() {
        let wide = width(word);
        if let Some(last) = lines.last_mut().filter(|last| !last.is_empty() && wide < room) {
            last.push(' ');
            last.push_str(word);
            room -= wide + 1;
            continue;
        }
        if lines.last().is_some_and(|last| !last.is_empty()) {
            lines.push(String::new());
            room = most;
        }
        // Text without blanks, as in Chinese and Japanese, is broken anywhere. An address stays whole, so that it can
        // be copied.
        let breakable = !word.is_ascii();
        for c in word.chars() {
            let wide = columns(c);
            if breakable && wide > room {
                lines.push(String::new());
                room = most;
            }
            if let Some(last) = lines.last_mut() {
                last.push(c);
            }
            room = room.saturating_sub(wide);
        }
    }
    lines
}

fn width(word: &str) -> usize {
    word.chars().map(columns).sum()
}

/// How many columns a character takes: two in East Asian scripts.
fn columns(c: char) -> usize {
    if matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}')
    {
        2
    } else {
        1
    }
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr as _;

    use super::*;
    use crate::host::double::Script;

    const MENU: &str = "How do you want to show that it is you?\n  e     a code to your registered email address\n  \
                        code  a recovery code\n  or type your phone number";

    fn at(service: &'static str, screen: bool) -> Script {
        let mut host = Script::new();
        (host.service, host.screen) = (service, screen);
        host
    }

    #[test]
    fn a_terminal_gets_one_prompt_and_a_screen_a_message_and_a_question_of_one_line() {
        let mut terminal = at("login", false).asked(Style::EchoOn, "Above.\nBelow.\nCode: ", "1");
        assert!(ask(&mut terminal, Style::EchoOn, "Above.\nBelow.", "Code: ").is_some());
        terminal.done();
        for (service, message) in [("greetd", "Above. Below."), ("lightdm", "Above.\nBelow.\nCode")] {
            let mut screen = at(service, true).told(Tone::Info, message).asked(Style::EchoOn, "Code: ", "1");
            assert!(ask(&mut screen, Style::EchoOn, "Above.\nBelow.", "Code: ").is_some());
            screen.done();
            let mut screen = at(service, true).asked(Style::EchoOff, "Type it again: ", "1");
            assert!(ask(&mut screen, Style::EchoOff, "", "Type it again: ").is_some());
            screen.done();
        }
    }

    #[test]
    fn a_screen_that_is_told_nothing_or_writes_it_to_the_journal_has_all_in_the_question() {
        for (service, silent) in [("lightdm", true), ("cockpit", false)] {
            let mut host = at(service, true).asked(Style::EchoOn, "Above. Below (there). Code: ", "1");
            host.silent = silent;
            assert!(ask(&mut host, Style::EchoOn, "Above.\nBelow (there)", "Code: ").is_some());
            host.done();
        }
    }

    #[test]
    fn a_menu_can_be_read_with_its_line_ends_and_with_blanks_in_their_place() {
        assert_eq!(
            sentences(MENU).join(" "),
            "How do you want to show that it is you? e: a code to your registered email address; code: a recovery code; or type \
             your phone number"
        );
        let app =
            "Account: alice on shell.example.org\nType of key: time-based, 6 digits\n\n    ABCD EFGH\n\nType the code.";
        assert_eq!(
            sentences(app).join(" "),
            "Account: alice on shell.example.org Type of key: time-based, 6 digits; ABCD EFGH Type the code."
        );
    }

    #[test]
    fn no_line_is_wider_than_a_screen_has_room_for_and_nothing_is_lost() {
        for text in [
            MENU,
            "どの方法で本人であることを確認しますか。登録済みのメールアドレスに認証コードを送信することもできます。",
            "코드가 올바르지 않습니다. 등록된 이메일 주소로 코드를 다시 보낼 수 있습니다.",
        ] {
            for most in [LIGHTDM_COLUMNS, COLUMNS] {
                let lines = wrapped(text, most);
                assert!(lines.iter().all(|line| line.width() <= most), "{lines:?}");
                let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
                assert_eq!(letters(&lines.concat()), letters(text));
            }
        }
        let address = "somebody.with.a.very.long.name@mail.example.org.";
        assert_eq!(wrapped(&format!("It goes to {address}"), LIGHTDM_COLUMNS), ["It goes to", address]);
    }
}
