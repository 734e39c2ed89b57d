//! QR codes as text: in half blocks, with two modules, one above the other, in each character; or in full blocks or
//! plain ASCII, with a line for each row of modules.
//!
//! With a line for each row, a code is higher than a terminal of 24 lines, however short its content. A secret of 160
//! bits (RFC 4226 requires at least 128) is 32 characters of base32, after `otpauth://totp/?secret=`: 385 bits in the
//! densest encoding (ISO/IEC 18004: 23 bytes, then 32 alphanumeric characters, with a header each). Version 2, of 25
//! modules, holds 272 bits at level L. Version 3, of 29 modules, holds 440, and is also needed for a secret of 128 bits
//! (352). Version 1, which would fit, holds 152.

use qrcode::{Color, EcLevel, QrCode, Version, bits::Bits, types::QrResult};

/// The light margin, in modules. The standard requires four, but two are enough for readers, and a terminal is small.
const MARGIN: usize = 2;

/// Which modules are drawn: the light ones on a dark terminal, the dark ones on a light terminal. On the other kind of
/// terminal, a code has inverted colours, which ISO/IEC 18004 allows and most readers accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// For light text on a dark screen.
    Light,
    /// For dark text on a light screen.
    Dark,
}

/// How a code is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pen {
    /// In half blocks.
    Blocks,
    /// In full blocks: most fonts of the Linux text console have them, but lack the others.
    FullBlocks,
    /// In ASCII characters.
    Ascii,
}

impl Pen {
    /// Whether a code is higher than many terminals.
    pub fn is_high(self) -> bool {
        self != Self::Blocks
    }
}

/// `text` as lines of equal width; `None` if it needs more than `lines` or `columns`. With the lowest error correction:
/// a screen has no scratches, and a smaller code can be read from farther away.
pub fn draw(text: &[u8], pen: Pen, ink: Ink, lines: usize, columns: usize) -> Option<Vec<String>> {
    let code = code(text)?;
    let (width, modules) = (code.width(), code.to_colors());
    let size = width + 2 * MARGIN;
    let (high, wide) = match pen {
        Pen::Blocks => (size.div_ceil(2), size),
        Pen::FullBlocks | Pen::Ascii => (size, 2 * size),
    };
    if high > lines || wide > columns {
        return None;
    }
    // The surroundings are light, and so is the half line under a code of odd height.
    let dark = |row: usize, column: usize| {
        let (Some(row), Some(column)) = (row.checked_sub(MARGIN), column.checked_sub(MARGIN)) else { return false };
        row < width && column < width && modules.get(row * width + column) == Some(&Color::Dark)
    };
    let drawn = |row, column| dark(row, column) == (ink == Ink::Dark);
    let block = |row: usize, column| match (drawn(row, column), drawn(row + 1, column)) {
        (true, true) => "█",
        (true, false) => "▀",
        (false, true) => "▄",
        (false, false) => " ",
    };
    let signs = if pen == Pen::Ascii { "##" } else { "██" };
    let sign = |row, column| if drawn(row, column) { signs } else { "  " };
    Some(match pen {
        Pen::Blocks => (0..size).step_by(2).map(|row| (0..size).map(|column| block(row, column)).collect()).collect(),
        Pen::FullBlocks | Pen::Ascii => {
            (0..size).map(|row| (0..size).map(|column| sign(row, column)).collect()).collect()
        }
    })
}

/// The smallest code for `text`. The library's own segmentation depends on where digits are in the text, so that some
/// keys got a larger code than others.
fn code(text: &[u8]) -> Option<QrCode> {
    (1..=40).find_map(|version| {
        let bits = written(text, Version::Normal(version)).ok()?;
        QrCode::with_bits(bits, EcLevel::L).ok()
    })
}

/// `text` with its longest run of letters and digits, which is the key, in the dense encoding, and the rest as bytes.
fn written(text: &[u8], version: Version) -> QrResult<Bits> {
    let is_dense = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let run = text.chunk_by(|a, b| is_dense(a) == is_dense(b)).filter(|run| run.iter().all(is_dense));
    let key = run.max_by_key(|run| run.len()).unwrap_or_default();
    let at = text.windows(key.len().max(1)).position(|part| part == key).unwrap_or(text.len());
    let (before, rest) = text.split_at(at);
    let after = rest.get(key.len()..).unwrap_or_default();
    let mut bits = Bits::new(version);
    for (part, dense) in [(before, false), (key, true), (after, false)] {
        match (part, dense) {
            ([], _) => {}
            (part, true) => bits.push_alphanumeric_data(part)?,
            (part, false) => bits.push_byte_data(part)?,
        }
    }
    bits.push_terminator(EcLevel::L)?;
    Ok(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    const URI: &str = "otpauth://totp/shell:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=shell";

    #[test]
    fn a_code_for_an_app_fits_a_terminal_and_a_long_text_is_not_drawn() {
        let lines = draw(URI.as_bytes(), Pen::Blocks, Ink::Light, 21, 79).unwrap();
        assert_eq!(lines.len(), 19);
        assert!(lines.iter().all(|line| line.chars().count() == 37), "{lines:?}");
        assert!(lines.concat().chars().all(|c| "█▀▄ ".contains(c)));
        assert_eq!(draw(&[b'x'; 200], Pen::Blocks, Ink::Light, 21, 79), None);
        assert_eq!(draw(&[b'x'; 9000], Pen::Blocks, Ink::Light, 2000, 2000), None, "more than any code can hold");
    }

    #[test]
    fn the_margin_is_light_all_around_for_either_ink() {
        for (ink, light) in [(Ink::Light, '█'), (Ink::Dark, ' ')] {
            let lines = draw(URI.as_bytes(), Pen::Blocks, ink, 21, 79).unwrap();
            assert!(lines[0].chars().all(|c| c == light), "{:?}", lines[0]);
            for line in &lines {
                let cells: Vec<char> = line.chars().collect();
                assert!([0, 1, 35, 36].iter().all(|at| cells[*at] == light), "{line}");
            }
        }
    }

    #[test]
    fn every_key_gets_a_code_of_the_same_size_wherever_its_digits_are() {
        for key in [
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
            "BHXQZ32HBSYV2MUDA7ASF4AS3TMJHASN",
            "23456723456723456723456723456723",
            "2345672345672345ABCDEFGHIJKLMNOP",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        ] {
            let code = code(URI.replace("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", key).as_bytes()).unwrap();
            assert_eq!(code.width(), 33, "{key}");
        }
        assert_eq!(code(b"").unwrap().width(), 21);
        assert_eq!(code(b"no key in it").unwrap().width(), 21);
    }

    #[test]
    fn in_ascii_no_code_for_an_app_fits_24_lines_however_little_is_in_it() {
        let least = b"otpauth://totp/?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        assert_eq!(QrCode::with_error_correction_level(least, EcLevel::L).unwrap().width(), 29);
        let of_128_bits = b"otpauth://totp/?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY";
        assert_eq!(QrCode::with_error_correction_level(of_128_bits, EcLevel::L).unwrap().width(), 29);
        let lines = draw(URI.as_bytes(), Pen::Ascii, Ink::Light, 40, 79).unwrap();
        assert_eq!(lines.len(), 37);
        assert!(lines.iter().all(|line| line.len() == 74 && line.bytes().all(|b| b"# ".contains(&b))), "{lines:?}");
        assert_eq!(draw(URI.as_bytes(), Pen::Ascii, Ink::Light, 24, 79), None);
    }
}
