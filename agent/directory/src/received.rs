//! The bytes that a server sent, cut into messages. A message is read where it arrived: it is neither copied nor moved,
//! and wiped once it was read.

use std::{io, ops::Range};

use tokio::io::{AsyncRead, AsyncReadExt as _};
use zeroize::{Zeroize as _, Zeroizing};

use super::ber;

/// The longest message that is accepted, in bytes. The groups of an account in Active Directory take 30 KiB at most.
const MESSAGE_MAX: usize = 256 * 1024;
/// How many bytes are read at a time at least, if the server has sent as many.
const ROOM: usize = 4096;
/// The room that is there from the beginning.
const FIRST: usize = 4 * ROOM;

/// Why no message can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strange {
    /// The bytes are not LDAP.
    Malformed,
    /// The message is too long.
    TooMuch,
}

impl Strange {
    /// The reason, for logs.
    pub const fn why(self) -> &'static str {
        match self {
            Self::Malformed => "an answer that is not LDAP",
            Self::TooMuch => "the server sends too much",
        }
    }
}

/// Received bytes, of which the first `taken` were read.
#[derive(Default)]
pub struct Received {
    bytes: Zeroizing<Vec<u8>>,
    taken: usize,
}

impl Received {
    /// Whether nothing was received that was not taken.
    pub fn is_empty(&self) -> bool {
        self.rest().is_empty()
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.taken..).unwrap_or_default()
    }

    /// Where the next message is, if all of it has arrived.
    pub fn whole(&self) -> Result<Option<Range<usize>>, Strange> {
        let rest = self.rest();
        let Some((tag, header, length)) = ber::header(rest).map_err(|_| Strange::Malformed)? else { return Ok(None) };
        if tag != ber::SEQUENCE {
            return Err(Strange::Malformed);
        }
        if length > MESSAGE_MAX {
            return Err(Strange::TooMuch);
        }
        let length = header + length;
        Ok((rest.len() >= length).then(|| self.taken..self.taken + length))
    }

    /// The bytes of a message.
    pub fn message(&self, at: &Range<usize>) -> &[u8] {
        self.bytes.get(at.clone()).unwrap_or_default()
    }

    /// The message was read.
    pub fn take(&mut self, at: &Range<usize>) {
        if let Some(message) = self.bytes.get_mut(at.clone()) {
            message.zeroize();
        }
        self.taken = at.end;
        if self.is_empty() {
            self.bytes.clear();
            self.taken = 0;
        }
    }

    /// Receives more from `stream`. Returns how many bytes: none at its end.
    pub async fn more(&mut self, stream: &mut (impl AsyncRead + Unpin + ?Sized)) -> io::Result<usize> {
        self.make_room();
        stream.read_buf(&mut *self.bytes).await
    }

    fn make_room(&mut self) {
        if self.bytes.capacity() - self.bytes.len() >= ROOM {
            return;
        }
        // Not by `reserve`, which would leave a copy behind in memory that was given back.
        let rest = self.rest();
        let mut roomier = Zeroizing::new(Vec::with_capacity((2 * rest.len()).max(FIRST)));
        roomier.extend_from_slice(rest);
        self.bytes = roomier;
        self.taken = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(bytes: &[u8]) -> Received {
        Received { bytes: Zeroizing::new(bytes.to_vec()), taken: 0 }
    }

    #[test]
    fn messages_are_taken_off_one_by_one_and_a_huge_one_is_refused_by_its_header() {
        let mut some = received(&[0x30, 2, 5, 0, 0x30, 0, 0x30]);
        let first = some.whole().unwrap().unwrap();
        assert_eq!(some.message(&first), [0x30, 2, 5, 0]);
        some.take(&first);
        assert_eq!(some.bytes.as_slice(), [0, 0, 0, 0, 0x30, 0, 0x30], "it is wiped");
        let second = some.whole().unwrap().unwrap();
        assert_eq!(some.message(&second), [0x30, 0]);
        some.take(&second);
        assert_eq!((some.whole(), some.rest()), (Ok(None), [0x30].as_slice()));
        for (bad, why) in [
            ([0x30, 0x83, 0x10, 0, 0].as_slice(), Strange::TooMuch),
            (&[0x30, 0x84, 0x7f, 0xff, 0xff, 0xff], Strange::TooMuch),
            (b"HTTP/1.1", Strange::Malformed),
        ] {
            assert_eq!(received(bad).whole(), Err(why), "{bad:?}");
        }
    }

    #[test]
    fn however_the_bytes_come_the_same_messages_are_read_and_the_room_stays_as_large_as_they_need() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let long = [[0x30, 0x82, 0x40, 0].as_slice(), &[7; 0x4000]].concat();
        let all = [[0x30, 2, 5, 0].as_slice(), &long, &[0x30, 0]].concat().repeat(20);
        for piece in [1000, 4096, 5000, all.len()] {
            let (mut some, mut seen) = (Received::default(), Vec::new());
            for part in all.chunks(piece) {
                let mut part = part;
                while !part.is_empty() {
                    runtime.block_on(some.more(&mut part)).unwrap();
                    while let Some(whole) = some.whole().unwrap() {
                        seen.push(some.message(&whole).to_vec());
                        some.take(&whole);
                    }
                }
            }
            assert_eq!(seen.concat(), all);
            assert_eq!(seen.len(), 60);
            assert!(some.is_empty() && some.bytes.capacity() <= 0x10000, "{}", some.bytes.capacity());
        }
        assert_eq!(runtime.block_on(Received::default().more(&mut [].as_slice())).unwrap(), 0);
    }
}
