//! The key of a host or a server. TLS requires a certificate for it. The certificate is self-signed, and valid until
//! the year 9999; only the hash of the public key counts.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rcgen::{CertificateParams, DistinguishedName, KeyPair, PKCS_ECDSA_P256_SHA256, SigningKey as _};
use rustls::{
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    server::ParsedCertificate,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// What comes before the point in the `SubjectPublicKeyInfo` of a key on P-256, and the length of the point.
const P256: [u8; 26] =
    *b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00";
const P256_POINT: usize = 65;

/// Why there is no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KeyError(String);

impl KeyError {
    fn new(why: impl fmt::Display) -> Self {
        Self(why.to_string())
    }
}

/// The SHA-256 of a public key (`SubjectPublicKeyInfo` in DER). As text it is base64url without padding, 43 characters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pin([u8; 32]);

impl Pin {
    /// The pin of the public key in `certificate`, whose own signature and dates don't count.
    pub fn of(certificate: &CertificateDer<'_>) -> Result<Self, KeyError> {
        let parsed = ParsedCertificate::try_from(certificate).map_err(KeyError::new)?;
        Ok(Self(Sha256::digest(parsed.subject_public_key_info()).into()))
    }

    /// The pin of the public key with this point on P-256; `None` if the point has another length.
    pub(crate) fn of_point(point: &[u8]) -> Option<Self> {
        (point.len() == P256_POINT).then(|| Self(Sha256::digest([&P256, point].concat()).into()))
    }

    /// The pin with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes of the pin.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The pin with this text; `None` if the text is not a pin.
    pub fn parse(text: &str) -> Option<Self> {
        Some(Self(URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?))
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pin({self})")
    }
}

impl Serialize for Pin {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Pin {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("no hash of a public key"))
    }
}

/// A private key (ECDSA on P-256) and its certificate.
#[derive(Clone)]
pub struct Key {
    /// The private key in PKCS #8.
    private: Zeroizing<Vec<u8>>,
    certificate: CertificateDer<'static>,
    pin: Pin,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("pin", &self.pin).finish_non_exhaustive()
    }
}

impl Key {
    /// Generates a key.
    pub fn generate() -> Result<Self, KeyError> {
        Self::of(&KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(KeyError::new)?)
    }

    /// The key with this private key in PKCS #8.
    pub fn from_pkcs8(private: &[u8]) -> Result<Self, KeyError> {
        Self::of(&Self::pair(private)?)
    }

    fn pair(private: &[u8]) -> Result<KeyPair, KeyError> {
        let der = PrivatePkcs8KeyDer::from(private);
        KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_ECDSA_P256_SHA256).map_err(KeyError::new)
    }

    /// The point of the public key, and the signature of `statement`.
    pub(crate) fn signed(&self, statement: &[u8]) -> Result<(Vec<u8>, Vec<u8>), KeyError> {
        let pair = Self::pair(&self.private)?;
        let signature = pair.sign(statement).map_err(KeyError::new)?;
        Ok((pair.public_key_raw().to_vec(), signature))
    }

    fn of(pair: &KeyPair) -> Result<Self, KeyError> {
        let mut params = CertificateParams::default();
        params.not_before = rcgen::date_time_ymd(2000, 1, 1);
        params.not_after = rcgen::date_time_ymd(9999, 12, 31);
        params.distinguished_name = DistinguishedName::new();
        let certificate = CertificateDer::from(params.self_signed(pair).map_err(KeyError::new)?.der().to_vec());
        let pin = Pin::of(&certificate)?;
        Ok(Self { private: Zeroizing::new(pair.serialize_der()), certificate, pin })
    }

    /// The pin of the public key.
    pub const fn pin(&self) -> Pin {
        self.pin
    }

    /// The private key in PKCS #8.
    pub fn private(&self) -> &[u8] {
        &self.private
    }

    /// For rustls, which keeps a copy.
    pub(crate) fn for_tls(&self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        (vec![self.certificate.clone()], PrivatePkcs8KeyDer::from(self.private.to_vec()).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_was_kept_is_the_same_key_and_its_pin_comes_back_from_text() {
        let key = Key::generate().unwrap();
        let again = Key::from_pkcs8(key.private()).unwrap();
        assert_eq!(key.pin(), again.pin());
        assert_eq!(Pin::parse(&key.pin().to_string()), Some(key.pin()));
        assert_ne!(Key::generate().unwrap().pin(), key.pin());
        for junk in ["", "x", "AAAA", "!".repeat(43).as_str()] {
            assert_eq!(Pin::parse(junk), None, "{junk}");
        }
        assert!(Key::from_pkcs8(b"junk").is_err());
        let (point, _) = key.signed(b"").unwrap();
        assert_eq!(Pin::of_point(&point), Some(key.pin()));
        assert_eq!(Pin::of_point(&point[1..]), None);
    }

    #[test]
    fn a_key_shows_only_its_pin() {
        let key = Key::generate().unwrap();
        assert_eq!(format!("{key:?}"), format!("Key {{ pin: Pin({}), .. }}", key.pin()));
    }
}
