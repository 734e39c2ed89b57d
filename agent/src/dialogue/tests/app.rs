//! An authenticator app: the picture, the key, and the code that proves it.

use std::{fmt::Write as _, process::Command};

use sspr_config::{
    dialogue::{Purpose, Standing},
    language::Language,
};
use unicode_width::UnicodeWidthStr as _;
use zeroize::Zeroizing;

use super::world::{Person, World, email};
use crate::totp::{self, Secret};

/// The key in groups, as a user reads it from the screen.
pub(super) fn key(screen: &str) -> String {
    let group = |word: &&str| word.len() == 4 && word.chars().all(|c| matches!(c, 'A'..='Z' | '2'..='7'));
    screen.split_whitespace().filter(group).collect()
}

/// The secret in a key (RFC 4648 base32).
pub(super) fn secret(key: &str) -> Secret {
    let mut bits = String::new();
    for c in key.chars() {
        let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(c).unwrap();
        write!(bits, "{value:05b}").unwrap();
    }
    let bytes: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|b| u8::from_str_radix(std::str::from_utf8(b).unwrap(), 2).unwrap())
        .collect();
    Zeroizing::new(bytes.try_into().unwrap())
}

fn code(world: &World, screen: &str) -> String {
    totp::shown(&secret(&key(screen)), world.agent.now())
}

async fn at_the_picture(world: &World) -> (Person, String) {
    let mut alice = world.signs_in("alice");
    alice.answers("3  authenticator app", "3").await;
    let screen = alice.reads("Scan this", "123").await;
    (alice, screen)
}

#[tokio::test]
async fn alice_registers_an_app_with_nothing_but_her_phone() {
    let world = World::new().await;
    let (mut alice, screen) = at_the_picture(&world).await;
    let screen = alice.reads("A code has 6 digits", &code(&world, &screen)).await;
    assert_eq!(key(&screen).len(), 32, "{screen}");
    alice.answers("Done", "").await;
    assert_eq!(alice.ends().await, (Standing::Finished, String::new()));
    assert!(world.mailbox().await.is_empty());
    let (_, text) = world.dialogue(Purpose::Status, "alice", 1001).ends().await;
    assert!(text.contains("authenticator app"), "{text}");
    assert_eq!(world.signs_in("alice").ends().await.0, Standing::Finished);
}

#[tokio::test]
async fn what_is_shown_fits_a_terminal_and_says_the_key_beside_the_picture() {
    let world = World::new().await;
    for (name, uid) in [("alice", 1001), ("somebody.with.a.name", 1020)] {
        world.account(name, uid, crate::credential::Verdict::Eligible);
        let mut person = world.signs_in(name);
        person.answers("1, 2 or 3", "app").await;
        person.answers("Scan this", "swap").await;
        person.answers("Scan this", "text").await;
        person.answers("Type of key", "").await;
        for screen in &person.screen[1..] {
            let (text, _) = screen.splitn(3, '|').nth(2).unwrap().rsplit_once('|').unwrap();
            let lines: Vec<&str> = text.split('\n').collect();
            assert!(lines.len() <= 23, "and a line for the prompt: {screen}");
            assert!(lines.iter().all(|line| line.chars().count() < 80), "{screen}");
            assert!(lines[0].chars().count() <= 53, "{screen}");
        }
        // The word to type for a reader that needs inverted colours, beside the picture.
        let beside = |line: &str| line.contains(['█', '▀', '▄']) && line.contains("swap");
        assert!(person.screen[1].lines().any(beside), "{}", person.screen[1]);
        let keys: Vec<String> = person.screen[1..4].iter().map(|screen| key(screen)).collect();
        assert!(keys.iter().all(|k| k.len() == 32 && *k == keys[0]), "{keys:?}");
        assert!(!person.screen[3].contains('█'), "{}", person.screen[3]);
    }
}

#[tokio::test]
async fn a_console_in_ascii_shows_the_key_alone_unless_somebody_wants_the_picture() {
    let world = World::new().await;
    let mut alice = world.at_console("alice");
    alice.answers("1, 2 or 3", "3").await;
    let screen = alice.reads("Type of key: time-based", "swap").await;
    assert!(screen.is_ascii() && screen.contains("picture (QR code, 40 lines)"), "{screen}");
    assert!(screen.lines().count() < 24, "{screen}");
    alice.answers("A code has 6 digits", &code(&world, &screen)).await;
    alice.answers("Done", "").await;
}

#[tokio::test]
async fn a_dropped_connection_shows_the_same_key_again_and_a_wrong_code_registers_nothing() {
    let world = World::new().await;
    let (mut alice, first) = at_the_picture(&world).await;
    alice.answers("6 digits", "000000").await;
    alice.hangs_up().await;
    let mut alice = world.signs_in("alice");
    // Not the picture: it may have ended the connection.
    let screen = alice.reads("Type of key", "picture").await;
    assert!(!screen.contains('█'), "{screen}");
    let screen = alice.reads("Scan this", "000001").await;
    assert_eq!(key(&screen), key(&first));
    alice.answers("3 tries are left", "000002").await;
    alice.answers("2 tries are left", "000003").await;
    alice.answers("One try is left", "000004").await;
    alice.answers("Too many wrong codes", "").await;
    assert_eq!(alice.ends().await, (Standing::Finished, String::new()));
    let (_, text) = world.dialogue(Purpose::Status, "alice", 1001).ends().await;
    assert!(text.contains("Nothing is registered"), "{text}");
}

#[tokio::test]
async fn a_key_that_was_shown_elsewhere_is_shown_to_nobody_else() {
    let world = World::new().await;
    let mut thief = world.dialogue_from(Purpose::Register, "alice", 0, "203.0.113.7");
    thief.answers("3  authenticator app", "3").await;
    let planted = thief.reads("Scan this", "123").await;
    thief.hangs_up().await;
    let mut alice = world.signs_in("alice");
    alice.answers("3  authenticator app", "3").await;
    let screen = alice.reads("Type of key", &code(&world, &planted)).await;
    assert_ne!(key(&screen), key(&planted));
    let screen = alice.reads("is not right", &code(&world, &screen)).await;
    assert_ne!(key(&screen), key(&planted));
    alice.answers("Done", "").await;
    alice.ends().await;
}

#[tokio::test]
async fn a_key_that_was_shown_too_long_ago_is_worth_nothing() {
    let world = World::new().await;
    let (mut alice, screen) = at_the_picture(&world).await;
    world.later(901);
    let screen2 = alice.reads("6 digits", &code(&world, &screen)).await;
    assert_eq!(key(&screen2), key(&screen));
    let anew = alice.reads("start over", "").await;
    assert_ne!(key(&anew), key(&screen));
}

#[tokio::test]
async fn an_app_is_added_and_removed_from_a_shell_and_the_address_is_told() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    let mut alice = world.dialogue(Purpose::Enroll, "alice", 1001);
    alice.answers("Current password", "the old one").await;
    alice.answers("How do you want", "e").await;
    alice.answers("on its way", "xxxxxx").await;
    let mail = world.the_code().await;
    alice.answers("6 digits", &mail).await;
    alice.answers("What can let you in", "a").await;
    let screen = alice.reads("Scan this", "xxx").await;
    alice.answers("6 digits", &code(&world, &screen)).await;
    let screen = alice.reads("Saved", "2").await;
    assert!(screen.contains("2  authenticator app") && !screen.contains("add an authenticator"), "{screen}");
    alice.answers("1  remove it", "1").await;
    alice.answers("add an authenticator app", "").await;
    alice.answers("Done", "").await;
    alice.ends().await;
    let notes = world.mailbox().await;
    let to = |what: &str| ("alice@example.org".to_owned(), what.to_owned());
    assert_eq!(notes, [to("added app"), to("removed app")]);
}

/// The picture of a step as a terminal of 80x24 shows it, in pixels: zbarimg sees what a camera would.
fn photograph(text: &str, light_terminal: bool) -> Vec<u8> {
    let mut terminal = vt100::Parser::new(24.try_into().unwrap(), 80.try_into().unwrap(), 0);
    terminal.process(text.replace('\n', "\r\n").as_bytes());
    let (ink, paper) = if light_terminal { (0u8, 255u8) } else { (255, 0) };
    let (cell, rows, columns) = (4usize, 24u16, 80u16);
    let mut pixels =
        format!("P5\n{} {}\n255\n", usize::from(columns) * cell, usize::from(rows) * 2 * cell).into_bytes();
    for row in 0..rows {
        for half in 0..2 {
            let mut line = Vec::new();
            for column in 0..columns {
                let shown = terminal.screen().cell(row, column).map(|c| c.contents().to_owned()).unwrap_or_default();
                let inked = matches!((shown.as_str(), half), ("█", _) | ("▀", 0) | ("▄", 1));
                line.extend(std::iter::repeat_n(if inked { ink } else { paper }, cell));
            }
            for _ in 0..cell {
                pixels.extend(&line);
            }
        }
    }
    pixels
}

/// The character # of the VGA font, 8 by 16, which the Linux console has as well: a row of pixels each.
const HASH: [u8; 16] = [0, 0, 0, 0x6c, 0x6c, 0xfe, 0x6c, 0x6c, 0x6c, 0xfe, 0x6c, 0x6c, 0, 0, 0, 0];

/// A picture in ASCII, as seen by a camera that is too far away to see the strokes of a character.
fn photograph_ascii(text: &str, light_terminal: bool) -> Vec<u8> {
    let (columns, lines) = (80usize, text.lines().count());
    let mut inked = vec![vec![0u32; columns * 8]; lines * 16];
    for (row, line) in text.lines().enumerate() {
        for (column, sign) in line.chars().enumerate() {
            let glyph = match sign {
                ' ' => [0; 16],
                '#' => HASH,
                // Any other text.
                _ => [0, 0, 0x3c, 0x66, 0x66, 0x3c, 0x66, 0x66, 0x3c, 0, 0, 0, 0, 0, 0, 0],
            };
            for (y, bits) in glyph.into_iter().enumerate() {
                for x in 0..8 {
                    inked[row * 16 + y][column * 8 + x] = u32::from(bits >> (7 - x) & 1);
                }
            }
        }
    }
    let sum = |y: usize, x: usize| -> u32 {
        let window = inked.iter().skip(y.saturating_sub(8)).take(16);
        window.map(|line| line.iter().skip(x.saturating_sub(8)).take(16).sum::<u32>()).sum()
    };
    let near = 4;
    let (high, wide) = (lines * 16 / near, columns * 8 / near);
    let mut pixels = format!("P5\n{wide} {high}\n255\n").into_bytes();
    for y in 0..high {
        for x in 0..wide {
            let ink = u8::try_from(sum(y * near, x * near) * 255 / 256).unwrap();
            pixels.push(if light_terminal { 255 - ink } else { ink });
        }
    }
    pixels
}

/// A picture in full blocks, whose characters are twice as high as wide. Other text is not drawn.
fn photograph_full_blocks(text: &str, light_terminal: bool) -> Vec<u8> {
    let (columns, wide, high) = (80, 4, 8);
    let mut pixels = format!("P5\n{} {}\n255\n", columns * wide, text.lines().count() * high).into_bytes();
    for line in text.lines() {
        let signs: Vec<char> = line.chars().collect();
        let lit = |column: usize| if (signs.get(column) == Some(&'█')) == light_terminal { 0u8 } else { 255 };
        let row: Vec<u8> = (0..columns * wide).map(|x| lit(x / wide)).collect();
        pixels.extend(row.repeat(high));
    }
    pixels
}

fn zbarimg(pixels: &[u8], options: &[&str]) -> Option<String> {
    let file = tempfile::NamedTempFile::with_suffix(".pgm").unwrap();
    std::fs::write(file.path(), pixels).unwrap();
    let output = Command::new("zbarimg").args(["-q", "--raw"]).args(options).arg(file.path()).output();
    let output = output.expect("zbarimg is missing; `make test-deps` installs it");
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap().trim().to_owned())
}

#[tokio::test]
async fn the_app_lists_this_machine_by_its_whole_name_or_as_the_administrator_says() {
    for (settings, name) in
        [("", "shell.example.org"), ("[register]\napp_issuer = \"Example Ltd, web\"\n", "Example Ltd, web")]
    {
        let world = World::with(settings).await;
        let mut alice = world.at_console("alice");
        alice.answers("1, 2 or 3", "3").await;
        let screen = alice.reads("Type of key: time-based", "").await;
        assert!(screen.contains(&format!("Account: alice on {name}")), "{screen}");
    }
}

#[tokio::test]
async fn a_camera_reads_the_picture_on_dark_and_on_light_terminals() {
    let world = World::new().await;
    for (name, uid) in [("alice", 1001), ("a.name.of.twenty.six.bytes", 1020)] {
        world.account(name, uid, crate::credential::Verdict::Eligible);
        let mut person = world.signs_in(name);
        person.answers("1, 2 or 3", "app").await;
        let light_ink = person.reads("Scan this", "swap").await;
        let dark_ink = person.reads("Scan this", "").await;
        let expected = totp::uri(&secret(&key(&light_ink)), "shell.example.org", name, false);
        let text = |screen: &str| screen.splitn(3, '|').nth(2).unwrap().replacen('|', "\n", 1);
        // As intended.
        assert_eq!(
            zbarimg(&photograph(&text(&light_ink), false), &[]).as_deref(),
            Some(expected.as_str()),
            "{light_ink}"
        );
        assert_eq!(zbarimg(&photograph(&text(&dark_ink), true), &[]).as_deref(), Some(expected.as_str()), "{dark_ink}");
        // On the other kind of terminal, with a reader that accepts inverted colours, as phones do.
        let inverted = zbarimg(&photograph(&text(&light_ink), true), &["-Stest-inverted"]);
        assert_eq!(inverted.as_deref(), Some(expected.as_str()));
    }
}

/// 317 of Debian's 456 fonts for the text console have the full block but lack the half blocks, the installer's among
/// them.
#[tokio::test]
async fn at_the_text_console_the_key_comes_first_and_a_picture_in_full_blocks_which_a_camera_reads() {
    let world = World::new().await;
    let console = crate::dialogue::Screen { utf8: true, text_console: true };
    for (service, uid) in [("login", 0), ("sspr", 1001)] {
        let purpose = if uid == 0 { Purpose::Register } else { Purpose::Enroll };
        let mut alice = world.dialogue_before(console, service, purpose, "alice", uid, "tty1");
        if uid != 0 {
            alice.answers("Current password", "the old one").await;
        }
        alice.answers("authenticator app", "3").await;
        let said = alice.reads("Type of key: time-based", "picture").await;
        assert!(said.contains("picture (QR code, 40 lines)") && !said.contains('█'), "{said}");
        let light_ink = alice.reads("Scan this", "swap").await;
        let dark_ink = alice.reads("Scan this", "").await;
        let expected = totp::uri(&secret(&key(&said)), "shell.example.org", "alice", false);
        for (screen, light_terminal) in [(light_ink, false), (dark_ink, true)] {
            let text = screen.splitn(3, '|').nth(2).unwrap().replacen('|', "\n", 1);
            assert!(text.chars().all(|c| c.is_ascii() || c == '█'), "{text}");
            let photograph = photograph_full_blocks(&text, light_terminal);
            assert_eq!(zbarimg(&photograph, &[]).as_deref(), Some(expected.as_str()), "{text}");
        }
    }
}

/// `PuTTY` adds a line above and two columns before each line. Nothing may split the picture.
#[tokio::test]
async fn a_camera_reads_the_picture_between_what_putty_puts_around_it_in_every_language() {
    for language in Language::ALL {
        let world = World::new().await.speaking(language);
        let mut alice = world.signs_in("alice");
        alice.answers("", "app").await;
        let screen = alice.reads("swap", "").await;
        let text = screen.splitn(3, '|').nth(2).unwrap().replacen('|', "\n", 1);
        assert!(text.lines().nth(1).unwrap().starts_with('█') && text.contains("swap"), "{language:?}: {text}");
        let lines: Vec<String> = text.lines().map(|line| format!("| {line}")).collect();
        let shown = format!("-- Keyboard-interactive authentication prompts from server: ------\n{}", lines.join("\n"));
        assert!(shown.lines().all(|line| line.width() <= 80), "{language:?}: {shown}");
        assert!(shown.lines().count() <= 24, "{language:?}: {shown}");
        let expected = totp::uri(&secret(&key(&screen)), "shell.example.org", "alice", false);
        assert_eq!(
            zbarimg(&photograph(&shown, false), &[]).as_deref(),
            Some(expected.as_str()),
            "{language:?}: {shown}"
        );
    }
}

#[tokio::test]
async fn a_camera_reads_the_picture_in_ascii_which_is_as_high_as_the_screen_said() {
    let world = World::new().await;
    let mut alice = world.at_console("alice");
    alice.answers("1, 2 or 3", "3").await;
    let said = alice.reads("picture (QR code, 40 lines)", "picture").await;
    let light_ink = alice.reads("Scan this", "123").await;
    let refused = alice.reads("A code has 6 digits", "swap").await;
    assert!(refused.lines().rev().nth(1).is_some_and(|line| line == "A code has 6 digits."), "in sight: {refused}");
    let dark_ink = alice.reads("Scan this", "text").await;
    alice.answers("picture (QR code, 40 lines)", &code(&world, &said)).await;
    alice.answers("Done", "").await;
    let expected = totp::uri(&secret(&key(&said)), "shell.example.org", "alice", false);
    for (screen, light_terminal) in [(light_ink, false), (dark_ink, true)] {
        assert!(screen.is_ascii(), "{screen}");
        let text = screen.splitn(3, '|').nth(2).unwrap().replacen('|', "\n", 1);
        assert_eq!(text.lines().count(), 40, "{text}");
        assert!(text.lines().all(|line| line.len() < 80), "{text}");
        let photograph = photograph_ascii(&text, light_terminal);
        assert_eq!(zbarimg(&photograph, &[]).as_deref(), Some(expected.as_str()), "{text}");
    }
}
