//! Random bytes as a parameter, and the codes and handles made of them.

use zeroize::Zeroizing;

use crate::error::Result;

/// A source of random bytes.
pub trait Random: Send + Sync {
    /// Fills `bytes` with unpredictable bytes.
    fn fill(&self, bytes: &mut [u8]) -> Result<()>;
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        Ok(getrandom::fill(bytes)?)
    }
}

/// A code of `digits` decimal digits, each equally likely, with leading zeros.
pub fn code(random: &dyn Random, digits: u8) -> Result<Zeroizing<String>> {
    sspr_core::code::random(digits, |bytes| random.fill(bytes))
}

/// 128 random bits in hexadecimal, to name a dialogue or a challenge.
pub fn handle(random: &dyn Random) -> Result<String> {
    let mut bytes = [0u8; 16];
    random.fill(&mut bytes)?;
    Ok(hexadecimal(&bytes))
}

/// A name like a [`handle`], made of the first 128 bits of `tag`.
pub fn named(tag: &[u8; 32]) -> String {
    hexadecimal(tag.get(..16).unwrap_or_default())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(32), |mut text, byte| {
        use std::fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(std::sync::Mutex<u8>);

    impl Random for Fixed {
        fn fill(&self, bytes: &mut [u8]) -> Result<()> {
            let mut next = self.0.lock().unwrap();
            for byte in bytes {
                *byte = *next;
                *next = next.wrapping_add(1);
            }
            Ok(())
        }
    }

    #[test]
    fn every_digit_comes_up_alike_over_all_byte_values_and_none_is_left_out() {
        let random = Fixed(std::sync::Mutex::new(0));
        let mut counts = [0u32; 10];
        // The first 240 byte values, each once.
        let all: String = (0..15).map(|_| code(&random, 16).unwrap().to_string()).collect();
        for byte in all.bytes() {
            counts[usize::from(byte - b'0')] += 1;
        }
        assert_eq!(counts, [24; 10]);
        let random = Fixed(std::sync::Mutex::new(250));
        assert_eq!(code(&random, 8).unwrap().as_str(), "01234567", "bytes over 249 are thrown away");
    }

    #[test]
    fn a_code_keeps_its_leading_zeros_and_its_length() {
        let random = Fixed(std::sync::Mutex::new(0));
        assert_eq!(code(&random, 6).unwrap().as_str(), "012345");
        for digits in 6..=8 {
            assert_eq!(code(&SystemRandom, digits).unwrap().len(), usize::from(digits));
        }
    }

    #[test]
    fn handles_do_not_repeat() {
        let one = handle(&SystemRandom).unwrap();
        assert_eq!(one.len(), 32);
        assert_ne!(one, handle(&SystemRandom).unwrap());
    }
}
