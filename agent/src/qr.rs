//! QR codes as text: two modules, one above the other, in each character, as half blocks.
//!
//! There is no form in plain ASCII: with one module a line, even the smallest code (21 modules and its margin) is higher than
//! a terminal of 24 lines. Where the screen shows ASCII alone, the secret is typed by hand.

use qrcode::{Color, EcLevel, QrCode};

/// The light margin, in modules. The standard asks for four, readers are content with two, and a terminal is small.
const MARGIN: usize = 2;

/// Which modules are drawn: the light ones on a dark terminal, the dark ones on a light terminal. Seen on the other kind, a
/// code has its colours exchanged, which ISO/IEC 18004 allows and most readers take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// For light writing on a dark screen.
    Light,
    /// For dark writing on a light screen.
    Dark,
}

/// `text` as lines of equal width; `None` where it needs more than `most` lines. At the lowest error correction: a screen
/// has no scratches, and a smaller code is read from farther away.
pub fn draw(text: &[u8], ink: Ink, most: usize) -> Option<Vec<String>> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let (width, modules) = (code.width(), code.to_colors());
    let size = width + 2 * MARGIN;
    if size.div_ceil(2) > most {
        return None;
    }
    // What lies outside is light, and so is the half line under a code of odd height.
    let dark = |row: usize, column: usize| {
        let (Some(row), Some(column)) = (row.checked_sub(MARGIN), column.checked_sub(MARGIN)) else { return false };
        row < width && column < width && modules.get(row * width + column) == Some(&Color::Dark)
    };
    let drawn = |row, column| dark(row, column) == (ink == Ink::Dark);
    let line = |row: usize| {
        let cell = |column| match (drawn(row, column), drawn(row + 1, column)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        };
        (0..size).map(cell).collect()
    };
    Some((0..size).step_by(2).map(line).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const URI: &str = "otpauth://totp/shell:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=shell";

    #[test]
    fn a_code_for_an_app_fits_a_terminal_and_a_long_text_is_not_drawn() {
        let lines = draw(URI.as_bytes(), Ink::Light, 21).unwrap();
        assert_eq!(lines.len(), 19);
        assert!(lines.iter().all(|line| line.chars().count() == 37), "{lines:?}");
        assert!(lines.concat().chars().all(|c| "█▀▄ ".contains(c)));
        assert_eq!(draw(&[b'x'; 200], Ink::Light, 21), None);
        assert_eq!(draw(&[b'x'; 9000], Ink::Light, 2000), None, "more than any code can hold");
    }

    #[test]
    fn the_margin_is_light_all_around_for_either_ink() {
        for (ink, light) in [(Ink::Light, '█'), (Ink::Dark, ' ')] {
            let lines = draw(URI.as_bytes(), ink, 21).unwrap();
            assert!(lines[0].chars().all(|c| c == light), "{:?}", lines[0]);
            for line in &lines {
                let cells: Vec<char> = line.chars().collect();
                assert!([0, 1, 35, 36].iter().all(|at| cells[*at] == light), "{line}");
            }
        }
    }
}
