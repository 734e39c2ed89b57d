//! The part of BER (X.690) that LDAP uses (RFC 4511, 5.1): one-byte tags and definite lengths. The bytes come from a
//! server that may send anything: nothing is copied before its whole length has arrived, and the reader does not
//! recurse.

use zeroize::Zeroizing;

/// Universal tags.
pub const BOOLEAN: u8 = 0x01;
/// A whole number.
pub const INTEGER: u8 = 0x02;
/// Bytes; texts are bytes, too.
pub const OCTETS: u8 = 0x04;
/// An enumerated number.
pub const ENUMERATED: u8 = 0x0a;
/// A list of elements of different kinds.
pub const SEQUENCE: u8 = 0x30;
/// A list of elements of one kind.
pub const SET: u8 = 0x31;

/// The bytes are not BER as LDAP uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// Writes elements one after another. Its content is wiped.
#[derive(Default)]
pub struct Writer(Zeroizing<Vec<u8>>);

impl Writer {
    /// An element of bytes.
    pub fn bytes(&mut self, tag: u8, content: &[u8]) -> &mut Self {
        self.0.push(tag);
        self.length(content.len());
        self.0.extend_from_slice(content);
        self
    }

    /// An element with the content that `fill` writes.
    pub fn inside(&mut self, tag: u8, fill: impl FnOnce(&mut Self)) -> &mut Self {
        let mut inner = Self::default();
        fill(&mut inner);
        self.bytes(tag, &inner.0)
    }

    /// A whole number, or an enumerated one.
    pub fn number(&mut self, tag: u8, number: u32) -> &mut Self {
        let all = u64::from(number).to_be_bytes();
        let significant = all.iter().position(|byte| *byte != 0).unwrap_or(all.len() - 1);
        // The first bit is the sign.
        let signed = all.get(significant).is_some_and(|byte| byte & 0x80 != 0);
        let start = if signed { significant.saturating_sub(1) } else { significant };
        self.bytes(tag, all.get(start..).unwrap_or_default())
    }

    /// True or false.
    pub fn boolean(&mut self, tag: u8, yes: bool) -> &mut Self {
        self.bytes(tag, &[if yes { 0xff } else { 0 }])
    }

    /// Appends bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// All bytes that were written.
    pub fn finish(self) -> Zeroizing<Vec<u8>> {
        self.0
    }

    fn length(&mut self, length: usize) {
        match u8::try_from(length) {
            Ok(short) if short < 0x80 => self.0.push(short),
            _ => {
                let all = (length as u64).to_be_bytes();
                let start = all.iter().position(|byte| *byte != 0).unwrap_or(0);
                let significant = all.get(start..).unwrap_or_default();
                self.0.push(0x80 | u8::try_from(significant.len()).unwrap_or(8));
                self.0.extend_from_slice(significant);
            }
        }
    }
}

/// Reads elements one after another.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// A reader of all of these bytes.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Whether nothing is left.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The tag of the next element.
    pub fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// The next element: its tag and its content.
    pub fn element(&mut self) -> Result<(u8, &'a [u8]), Malformed> {
        let (tag, header, length) = header(self.0)?.ok_or(Malformed)?;
        let rest = self.0.get(header..).ok_or(Malformed)?;
        let content = rest.get(..length).ok_or(Malformed)?;
        self.0 = rest.get(length..).unwrap_or_default();
        Ok((tag, content))
    }

    /// The content of the next element, which must have `tag`.
    pub fn expect(&mut self, tag: u8) -> Result<&'a [u8], Malformed> {
        match self.element()? {
            (found, content) if found == tag => Ok(content),
            _ => Err(Malformed),
        }
    }

    /// The content of the next element, if it has `tag`; otherwise nothing is read.
    pub fn optional(&mut self, tag: u8) -> Result<Option<&'a [u8]>, Malformed> {
        if self.peek() == Some(tag) { self.expect(tag).map(Some) } else { Ok(None) }
    }

    /// The next element as a number that is not negative.
    pub fn number(&mut self, tag: u8) -> Result<u32, Malformed> {
        number(self.expect(tag)?)
    }
}

/// The number in an element's bytes.
pub fn number(bytes: &[u8]) -> Result<u32, Malformed> {
    if bytes.is_empty() || bytes.len() > 5 || bytes.first().is_some_and(|byte| byte & 0x80 != 0) {
        return Err(Malformed);
    }
    let number = bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    u32::try_from(number).map_err(|_| Malformed)
}

/// The tag of the element at the start of `bytes`, the length of its header, and the length of its content, in bytes;
/// `None` if the header is not complete yet.
pub fn header(bytes: &[u8]) -> Result<Option<(u8, usize, usize)>, Malformed> {
    let (Some(tag), Some(first)) = (bytes.first(), bytes.get(1)) else { return Ok(None) };
    // A tag of several bytes, which LDAP does not use.
    if tag & 0x1f == 0x1f {
        return Err(Malformed);
    }
    if first & 0x80 == 0 {
        return Ok(Some((*tag, 2, usize::from(*first))));
    }
    let count = usize::from(first & 0x7f);
    // No definite length (0), or more than any server sends.
    if count == 0 || count > 4 {
        return Err(Malformed);
    }
    let Some(length) = bytes.get(2..2 + count) else { return Ok(None) };
    let length = length.iter().fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
    Ok(Some((*tag, 2 + count, length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_whatever_its_length() {
        for length in [0, 1, 127, 128, 255, 256, 65_535, 65_536, 100_000] {
            let content = vec![7; length];
            let mut writer = Writer::default();
            writer.inside(SEQUENCE, |w| {
                w.bytes(OCTETS, &content).number(INTEGER, 5);
            });
            let bytes = writer.finish();
            let mut outer = Reader::new(&bytes);
            let mut reader = Reader::new(outer.expect(SEQUENCE).unwrap());
            assert_eq!(reader.expect(OCTETS).unwrap(), content);
            assert_eq!(reader.number(INTEGER), Ok(5));
            assert!(reader.is_empty() && outer.is_empty());
        }
    }

    #[test]
    fn numbers_are_as_short_as_can_be_and_never_negative() {
        for (number, bytes) in [
            (0, [2, 1, 0].as_slice()),
            (127, &[2, 1, 0x7f]),
            (128, &[2, 2, 0, 0x80]),
            (256, &[2, 2, 1, 0]),
            (0x7fff_ffff, &[2, 4, 0x7f, 0xff, 0xff, 0xff]),
            (u32::MAX, &[2, 5, 0, 0xff, 0xff, 0xff, 0xff]),
        ] {
            let mut writer = Writer::default();
            writer.number(INTEGER, number);
            assert_eq!(writer.finish().as_slice(), bytes);
            assert_eq!(Reader::new(bytes).number(INTEGER), Ok(number));
        }
        for bad in [[2, 0].as_slice(), &[2, 1, 0x80], &[2, 6, 0, 0, 0, 0, 0, 1], &[2, 5, 1, 0, 0, 0, 0]] {
            assert_eq!(Reader::new(bad).number(INTEGER), Err(Malformed), "{bad:?}");
        }
    }

    #[test]
    fn a_length_that_is_not_there_is_no_element_and_takes_no_memory() {
        for bad in [
            [0x30].as_slice(),
            &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
            &[0x30, 0x80, 0, 0],
            &[0x30, 0x85, 0, 0, 0, 0, 0],
            &[0x04, 5, 1, 2],
            &[0x1f, 0x81, 0],
        ] {
            assert!(Reader::new(bad).element().is_err(), "{bad:?}");
        }
        assert_eq!(header(&[0x30, 0x82, 1]), Ok(None));
        assert_eq!(header(&[0x30, 0x82, 1, 0]), Ok(Some((0x30, 4, 256))));
        assert_eq!(header(&[0x30, 0x80]), Err(Malformed));
    }
}
