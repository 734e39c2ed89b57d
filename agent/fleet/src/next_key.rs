//! The key that a host is about to use. The host announces it over a connection of its present key, and proves that it
//! owns it, so that no host can claim the key of another one.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rustls::{SignatureScheme, crypto::ring::default_provider};
use serde::{Deserialize, Serialize};

use crate::key::{Key, KeyError, Pin};

/// What the next key signs, followed by the pin of the present key: a proof is of no use to another host.
const STATEMENT: &[u8] = b"sspr-fleet next key\0";

/// The public part of a host's next key, and the proof that the host owns it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextKey {
    /// The point of the public key, uncompressed, in base64.
    point: String,
    /// The signature, in base64.
    proof: String,
}

fn statement(present: Pin) -> Vec<u8> {
    [STATEMENT, present.as_bytes()].concat()
}

impl NextKey {
    /// `next` as the next key of the host whose present key has the pin `present`.
    pub fn new(next: &Key, present: Pin) -> Result<Self, KeyError> {
        let (point, proof) = next.signed(&statement(present))?;
        Ok(Self { point: STANDARD.encode(point), proof: STANDARD.encode(proof) })
    }

    /// The pin of the next key; `None` if the host with the pin `present` did not prove that it owns it, or if it is
    /// the same key.
    pub fn pin(&self, present: Pin) -> Option<Pin> {
        let point = STANDARD.decode(&self.point).ok()?;
        let proof = STANDARD.decode(&self.proof).ok()?;
        let known = default_provider().signature_verification_algorithms.mapping;
        let (_, algorithms) = known.iter().find(|(scheme, _)| *scheme == SignatureScheme::ECDSA_NISTP256_SHA256)?;
        algorithms.first()?.verify_signature(&point, &statement(present), &proof).ok()?;
        Pin::of_point(&point).filter(|next| *next != present)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_next_key_counts_for_the_host_that_owns_it_and_for_no_other() {
        let (present, next, other) = (Key::generate().unwrap(), Key::generate().unwrap(), Key::generate().unwrap());
        let said = NextKey::new(&next, present.pin()).unwrap();
        assert_eq!(said.pin(present.pin()), Some(next.pin()));
        assert_eq!(said.pin(other.pin()), None, "it was announced by another host");
        let claimed = NextKey { point: NextKey::new(&other, present.pin()).unwrap().point, ..said.clone() };
        assert_eq!(claimed.pin(present.pin()), None, "the host does not own that key");
        for junk in ["", "AAAA", "!"] {
            let (point, proof) = (junk.to_owned(), junk.to_owned());
            assert_eq!(NextKey { point, ..said.clone() }.pin(present.pin()), None);
            assert_eq!(NextKey { proof, ..said.clone() }.pin(present.pin()), None);
        }
        let same = NextKey::new(&present, present.pin()).unwrap();
        assert_eq!(same.pin(present.pin()), None, "the present key is no next one");
    }
}
