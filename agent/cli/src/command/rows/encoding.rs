//! The text of a file, in whatever encoding, a block at a time: a file may be larger than the memory.

use std::{
    cell::Cell,
    io::{self, Read},
    rc::Rc,
};

/// How much is read at once. The first block with more than ASCII decides for all that follow.
const BLOCK: usize = 1 << 18;

/// Windows-1252 from 0x80 to 0x9F; the rest is as in Latin-1. Five places are empty there.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The file's encoding, as far as it was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    /// UTF-8, with or without a byte order mark.
    #[default]
    Utf8,
    /// UTF-16, in either byte order.
    Utf16,
    /// An encoding without a mark. Structure and ASCII are correct in any case.
    Guessed(Guess),
}

/// The possible encodings of non-ASCII letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guess {
    /// Windows-1252, Excel's encoding in Western Europe and America.
    Western,
    /// Shift-JIS, Excel's encoding in Japan.
    Japanese,
    /// Something else.
    Other,
}

impl Guess {
    /// Guesses from the bytes that are not ASCII: letters of Western Europe are mostly single, those of other scripts
    /// in sequences.
    fn of(bytes: &[u8]) -> Self {
        // For Shift-JIS: the characters of two bytes, those of them that begin as most Japanese ones do, and how many
        // of these follow another.
        let (mut pairs, mut usual, mut in_row, mut odd) = (0usize, 0usize, 0usize, false);
        let mut after_pair = false;
        let mut rest = bytes.iter().copied();
        while let Some(byte) = rest.next() {
            let pair = matches!(byte, 0x81..=0x9f | 0xe0..=0xfc);
            if pair {
                pairs += 1;
                let is_usual = byte < 0xa0;
                usual += usize::from(is_usual);
                in_row += usize::from(is_usual && after_pair);
                odd |= rest.next().is_some_and(|second| !matches!(second, 0x40..=0x7e | 0x80..=0xfc));
            } else {
                odd |= matches!(byte, 0x80 | 0xa0 | 0xfd..);
            }
            after_pair = pair;
        }
        if !odd && in_row > 0 && usual * 2 >= pairs {
            return Self::Japanese;
        }
        let is_letter = |byte: &u8| *byte >= 0xa1;
        let letters = bytes.iter().filter(|byte| is_letter(byte)).count();
        let together = bytes.windows(2).filter(|two| two.iter().all(is_letter)).count();
        if letters > 1 && together * 2 >= letters { Self::Other } else { Self::Western }
    }

    /// The remark after a fault, with the fix.
    pub(super) const fn note(self) -> &'static str {
        match self {
            Self::Western => " (the file is not UTF-8 and was read as Windows-1252; save it as \"CSV UTF-8\")",
            Self::Japanese => " (the file is not UTF-8 but Shift-JIS (CP932); save it as \"CSV UTF-8\")",
            Self::Other => " (the file is neither UTF-8 nor Windows-1252; save it as \"CSV UTF-8\")",
        }
    }
}

impl Encoding {
    /// The warning for a file whose letters may have been misread.
    pub(super) const fn doubt(self) -> Option<&'static str> {
        match self {
            Self::Utf8 | Self::Utf16 => None,
            Self::Guessed(Guess::Western) => Some("the file is not UTF-8; it was read as Windows-1252"),
            Self::Guessed(Guess::Japanese) => {
                Some("the file is Shift-JIS (CP932), of which only what is ASCII was read; save it as \"CSV UTF-8\"")
            }
            Self::Guessed(Guess::Other) => Some(
                "the file is neither UTF-8 nor Windows-1252; only what is ASCII was read; save it as \"CSV UTF-8\"",
            ),
        }
    }

    /// The guess, if it is one.
    pub(super) const fn guess(self) -> Option<Guess> {
        match self {
            Self::Guessed(guess) => Some(guess),
            Self::Utf8 | Self::Utf16 => None,
        }
    }
}

/// How bytes are converted to text.
#[derive(Clone, Copy)]
enum Form {
    /// Only ASCII so far.
    Ascii,
    Utf8,
    Utf16(fn([u8; 2]) -> u16),
    Bytes,
}

/// The text of a source, in UTF-8. Invalid bytes become U+FFFD.
pub(super) struct Text {
    source: Box<dyn Read>,
    /// Bytes that are not decoded yet.
    raw: Vec<u8>,
    ready: Vec<u8>,
    /// How much of `ready` was consumed.
    taken: usize,
    form: Form,
    ended: bool,
    encoding: Rc<Cell<Encoding>>,
}

impl Text {
    /// `Err`: it can't be read, or is not text.
    pub(super) fn of(source: Box<dyn Read>) -> Result<Self, String> {
        let mut text = Self {
            source,
            raw: Vec::new(),
            ready: Vec::new(),
            taken: 0,
            form: Form::Ascii,
            ended: false,
            encoding: Rc::default(),
        };
        text.more().map_err(|error| error.to_string())?;
        text.begin()?;
        text.decode();
        Ok(text)
    }

    /// The encoding, as far as the file was read.
    pub(super) fn encoding(&self) -> Rc<Cell<Encoding>> {
        Rc::clone(&self.encoding)
    }

    /// Some of the text that comes next; empty at the end.
    pub(super) fn peek(&mut self) -> io::Result<&[u8]> {
        while self.taken >= self.ready.len() && !(self.ended && self.raw.is_empty()) {
            self.ready.clear();
            self.taken = 0;
            self.more()?;
            self.decode();
        }
        Ok(self.ready.get(self.taken..).unwrap_or_default())
    }

    /// Consumes this many bytes of the peeked text.
    pub(super) const fn advance(&mut self, count: usize) {
        self.taken += count;
    }

    /// Whether the peeked text is all that is left.
    pub(super) const fn is_whole(&self) -> bool {
        self.ended
    }

    /// Adds a line with its end to `line`, up to a length of `most`. `false` at the end of the file.
    pub(super) fn line(&mut self, line: &mut Vec<u8>, most: usize) -> io::Result<bool> {
        let mut any = false;
        loop {
            let next = self.peek()?;
            let (count, ends) = match next.iter().position(|byte| *byte == b'\n') {
                Some(place) => (place + 1, true),
                None => (next.len(), false),
            };
            if count == 0 {
                return Ok(any);
            }
            any = true;
            if line.len() + count <= most {
                line.extend_from_slice(next.get(..count).unwrap_or_default());
            }
            self.advance(count);
            if ends {
                return Ok(true);
            }
        }
    }

    fn more(&mut self) -> io::Result<()> {
        if !self.ended {
            let count = (&mut self.source).take(BLOCK as u64).read_to_end(&mut self.raw)?;
            self.ended = count < BLOCK;
        }
        Ok(())
    }

    /// Examines the first bytes.
    fn begin(&mut self) -> Result<(), String> {
        let mark = match self.raw.as_slice() {
            [b'P', b'K', 3, 4, ..] | [0xd0, 0xcf, 0x11, 0xe0, ..] => {
                return Err("the file is a workbook; save it as \"CSV UTF-8\"".into());
            }
            [0xff, 0xfe, ..] => Some((2, u16::from_le_bytes as fn([u8; 2]) -> u16)),
            [0xfe, 0xff, ..] => Some((2, u16::from_be_bytes as _)),
            // There is no mark, but text has no zeros.
            [first, 0, ..] if *first != 0 => Some((0, u16::from_le_bytes as _)),
            [0, second, ..] if *second != 0 => Some((0, u16::from_be_bytes as _)),
            _ => None,
        };
        if let Some((length, unit)) = mark {
            self.raw.drain(..length);
            self.form = Form::Utf16(unit);
            self.encoding.set(Encoding::Utf16);
            return Ok(());
        }
        if self.raw.starts_with(b"\xef\xbb\xbf") {
            self.raw.drain(..3);
        }
        if self.raw.iter().take(1000).any(|byte| *byte == 0) {
            return Err("the file is not text; save it as \"CSV UTF-8\"".into());
        }
        Ok(())
    }

    fn decode(&mut self) {
        if matches!(self.form, Form::Ascii) {
            self.decide();
        }
        let used = match self.form {
            Form::Ascii => {
                // The rest is the beginning of one character.
                let ascii = self.raw.iter().position(|byte| !byte.is_ascii()).unwrap_or(self.raw.len());
                self.ready.extend(self.raw.iter().take(ascii));
                ascii
            }
            Form::Utf8 => utf_8(&self.raw, self.ended, &mut self.ready),
            Form::Utf16(unit) => utf_16(&self.raw, self.ended, unit, &mut self.ready),
            Form::Bytes => {
                let text: String = self.raw.iter().map(|byte| windows_1252(*byte)).collect();
                self.ready.extend_from_slice(text.as_bytes());
                self.raw.len()
            }
        };
        self.raw.drain(..used);
    }

    /// Decides by the first block that has more than ASCII.
    fn decide(&mut self) {
        let valid = match std::str::from_utf8(&self.raw) {
            Ok(text) => (!text.is_ascii()).then_some(true),
            // The character may continue in the next block.
            Err(error) if error.error_len().is_none() && !self.ended => {
                let before = self.raw.get(..error.valid_up_to()).unwrap_or_default();
                (!before.is_ascii()).then_some(true)
            }
            Err(_) => Some(false),
        };
        match valid {
            None => {}
            Some(true) => self.form = Form::Utf8,
            Some(false) => {
                self.form = Form::Bytes;
                self.encoding.set(Encoding::Guessed(Guess::of(&self.raw)));
            }
        }
    }
}

impl Read for Text {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut next = self.peek()?;
        let count = next.read(buffer)?;
        self.advance(count);
        Ok(count)
    }
}

/// Decodes `raw`, except a character that continues in the next block. Returns how much was decoded.
fn utf_8(raw: &[u8], ended: bool, into: &mut Vec<u8>) -> usize {
    let mut at = 0;
    loop {
        let rest = raw.get(at..).unwrap_or_default();
        let Err(error) = std::str::from_utf8(rest) else {
            into.extend_from_slice(rest);
            return raw.len();
        };
        into.extend_from_slice(rest.get(..error.valid_up_to()).unwrap_or_default());
        at += error.valid_up_to();
        match error.error_len() {
            None if !ended => return at,
            length => {
                into.extend_from_slice("\u{fffd}".as_bytes());
                at += length.unwrap_or(raw.len() - at);
            }
        }
    }
}

fn utf_16(raw: &[u8], ended: bool, unit: fn([u8; 2]) -> u16, into: &mut Vec<u8>) -> usize {
    let mut units: Vec<u16> = raw.as_chunks().0.iter().map(|pair| unit(*pair)).collect();
    // Its other half is in the next block.
    if !ended && units.last().is_some_and(|unit| (0xd800..0xdc00).contains(unit)) {
        units.pop();
    }
    let used = if ended { raw.len() } else { 2 * units.len() };
    for c in char::decode_utf16(units) {
        into.extend_from_slice(c.unwrap_or(char::REPLACEMENT_CHARACTER).encode_utf8(&mut [0; 4]).as_bytes());
    }
    used
}

fn windows_1252(byte: u8) -> char {
    let named = byte.checked_sub(0x80).and_then(|place| WINDOWS_1252.get(usize::from(place)).copied());
    named.unwrap_or_else(|| char::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> Result<(String, Encoding), String> {
        let mut text = Text::of(Box::new(io::Cursor::new(bytes.to_vec())))?;
        let mut read = String::new();
        text.read_to_string(&mut read).unwrap();
        Ok((read, text.encoding().get()))
    }

    fn utf_16_of(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    #[test]
    fn a_file_is_text_whatever_encoding_its_program_chose() {
        let utf_16 = |unit| utf_16_of("nä€\n", unit);
        let western = Encoding::Guessed(Guess::Western);
        for (bytes, encoding) in [
            ("nä€\n".as_bytes().to_vec(), Encoding::Utf8),
            ("\u{feff}nä€\n".as_bytes().to_vec(), Encoding::Utf8),
            ([b"\xff\xfe".to_vec(), utf_16(u16::to_le_bytes)].concat(), Encoding::Utf16),
            ([b"\xfe\xff".to_vec(), utf_16(u16::to_be_bytes)].concat(), Encoding::Utf16),
            (utf_16(u16::to_le_bytes), Encoding::Utf16),
            (utf_16(u16::to_be_bytes), Encoding::Utf16),
            (b"n\xe4\x80\n".to_vec(), western),
        ] {
            assert_eq!(text(&bytes).unwrap(), ("nä€\n".to_owned(), encoding), "{bytes:?}");
        }
    }

    #[test]
    fn characters_are_whole_wherever_a_block_ends_and_the_encoding_is_that_of_the_first_that_is_not_ascii() {
        for before in BLOCK - 4..=BLOCK + 1 {
            let file = format!("{}€{}ä𝄞", "x".repeat(before), "y".repeat(BLOCK));
            assert_eq!(text(file.as_bytes()).unwrap(), (file.clone(), Encoding::Utf8), "{before}");
            let half = format!("{}𝄞ä", "x".repeat(before / 2));
            let bytes = [b"\xff\xfe".to_vec(), utf_16_of(&half, u16::to_le_bytes)].concat();
            assert_eq!(text(&bytes).unwrap(), (half, Encoding::Utf16), "{before}");
            let latin = [vec![b'x'; before], b"\xe4r ".to_vec()].concat();
            let (read, encoding) = text(&latin).unwrap();
            assert!(read.ends_with("xär ") && encoding == Encoding::Guessed(Guess::Western), "{before}");
        }
        // A byte that does not belong there, far from the beginning.
        let file = [format!("ä{}", "x".repeat(2 * BLOCK)).into_bytes(), b"\xe4r".to_vec()].concat();
        let (read, encoding) = text(&file).unwrap();
        assert!(read.ends_with("x\u{fffd}r") && encoding == Encoding::Utf8);
    }

    #[test]
    fn what_can_not_be_read_is_named_as_what_it_is() {
        let guess = |bytes: &[u8]| text(bytes).unwrap().1.guess().unwrap();
        for (bytes, want) in [
            // ユーザー名, and 鈴木一郎.
            (b"\x83\x86\x81[\x83U\x81[\x96\xbc,mail\n".as_slice(), Guess::Japanese),
            (b"name,full\nsuzuki,\x97\xe9\x96\xd8\x88\xea\x98Y\n", Guess::Japanese),
            // From Excel in China and Korea; in Russia.
            (b"name,full\nwang,\xcd\xf5\xd0\xa1\xc3\xf7\n", Guess::Other),
            (b"name,full\nivan,\xc8\xe2\xe0\xed\n", Guess::Other),
            // Jürgen Müller, André Citroën, "l’été", a no-break blank.
            (b"J\xfcrgen M\xfcller\n", Guess::Western),
            (b"Andr\xe9 Citro\xebn\nl\x92\xe9t\xe9", Guess::Western),
            (b"+49\xa0171 \x96 1", Guess::Western),
            (b"O\x92Brien", Guess::Western),
        ] {
            assert_eq!(guess(bytes), want, "{bytes:?}");
        }
    }

    #[test]
    fn what_is_no_text_is_said() {
        for bytes in [b"PK\x03\x04rest".as_slice(), b"\xd0\xcf\x11\xe0\xa1", b"\0\0\0\0", b"name,\0\0"] {
            assert!(text(bytes).unwrap_err().contains("CSV UTF-8"), "{bytes:?}");
        }
    }
}
