//! The text of a file, however the program that wrote it encoded it.

use std::borrow::Cow;

/// What Windows-1252 has from 0x80 to 0x9F; the rest is as in Latin-1. Five places are empty there.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The text in `bytes`, and whether it was guessed that they are Windows-1252: structure and ASCII are right then in any case.
pub(super) fn text(bytes: &[u8]) -> Result<(Cow<'_, str>, bool), String> {
    match bytes {
        [b'P', b'K', 3, 4, ..] | [0xd0, 0xcf, 0x11, 0xe0, ..] => {
            return Err("the file is a workbook; save it as \"CSV UTF-8\"".into());
        }
        [0xff, 0xfe, rest @ ..] => return Ok((utf_16(rest, u16::from_le_bytes).into(), false)),
        [0xfe, 0xff, rest @ ..] => return Ok((utf_16(rest, u16::from_be_bytes).into(), false)),
        // Without a mark, but no text has zeros.
        [first, 0, ..] if *first != 0 => return Ok((utf_16(bytes, u16::from_le_bytes).into(), false)),
        [0, second, ..] if *second != 0 => return Ok((utf_16(bytes, u16::from_be_bytes).into(), false)),
        _ => {}
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.iter().take(1000).any(|byte| *byte == 0) {
        return Err("the file is not text; save it as \"CSV UTF-8\"".into());
    }
    Ok(match std::str::from_utf8(bytes) {
        Ok(text) => (text.into(), false),
        Err(_) => (bytes.iter().map(|byte| windows_1252(*byte)).collect::<String>().into(), true),
    })
}

fn utf_16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units =
        bytes.chunks_exact(2).map(|pair| unit([pair.first().copied().unwrap_or(0), pair.get(1).copied().unwrap_or(0)]));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn windows_1252(byte: u8) -> char {
    let named = byte.checked_sub(0x80).and_then(|place| WINDOWS_1252.get(usize::from(place)).copied());
    named.unwrap_or_else(|| char::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_text_whatever_encoding_its_program_chose() {
        let utf_16 = |unit: fn(u16) -> [u8; 2]| "nä€\n".encode_utf16().flat_map(unit).collect::<Vec<u8>>();
        for (bytes, guessed) in [
            ("nä€\n".as_bytes().to_vec(), false),
            ("\u{feff}nä€\n".as_bytes().to_vec(), false),
            ([b"\xff\xfe".to_vec(), utf_16(u16::to_le_bytes)].concat(), false),
            ([b"\xfe\xff".to_vec(), utf_16(u16::to_be_bytes)].concat(), false),
            (utf_16(u16::to_le_bytes), false),
            (utf_16(u16::to_be_bytes), false),
            (b"n\xe4\x80\n".to_vec(), true),
        ] {
            let (read, was_guessed) = text(&bytes).unwrap();
            assert_eq!((read.as_ref(), was_guessed), ("nä€\n", guessed), "{bytes:?}");
        }
    }

    #[test]
    fn what_is_no_text_is_said() {
        for bytes in [b"PK\x03\x04rest".as_slice(), b"\xd0\xcf\x11\xe0\xa1", b"\0\0\0\0", b"name,\0\0"] {
            assert!(text(bytes).unwrap_err().contains("CSV UTF-8"), "{bytes:?}");
        }
    }
}
