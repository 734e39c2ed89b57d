//! What is wrong with a server's certificate. rustls says why it is not accepted, and not what was shown: a chain that lacks its
//! middle, a certificate that nobody issued and one of an unknown authority are one and the same to it.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::{
    CertificateError, DigitallySignedStruct, Error, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    pki_types::{CertificateDer, ServerName, UnixTime},
};

use sspr_core::cause::{self, Cause};

/// The longest name of an authority that is told.
const NAME_MAX: usize = 60;

/// What was found wrong in a handshake, and the name of an authority that is not trusted.
#[derive(Clone, Debug, Default)]
pub(super) struct Noted(Arc<Mutex<Option<Found>>>);

type Found = (&'static Cause, Option<String>);

impl Noted {
    /// It, if a certificate was found wrong.
    pub(super) fn found(&self) -> Option<&'static Cause> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|(cause, _)| *cause)
    }

    /// The same for the end of a sentence.
    pub(super) fn words(&self) -> Option<String> {
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (cause, issuer) = found.as_ref()?;
        let by = issuer.as_ref().map(|name| format!(" (issued by \"{name}\")")).unwrap_or_default();
        Some(format!("{}{by}", not_accepted(cause)))
    }

    fn note(&self, cause: &'static Cause, issuer: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((cause, issuer));
    }
}

/// What is said of a certificate.
pub(super) fn not_accepted(cause: &Cause) -> String {
    format!("its certificate is not accepted: {}", cause.words)
}

/// Says what `inner` says, and notes what is wrong.
#[derive(Debug)]
pub(super) struct Noting {
    inner: Arc<dyn ServerCertVerifier>,
    noted: Noted,
}

impl Noting {
    pub(super) fn new(inner: Arc<dyn ServerCertVerifier>) -> (Self, Noted) {
        let noted = Noted::default();
        (Self { inner, noted: noted.clone() }, noted)
    }

    fn noting<T>(
        &self,
        said: Result<T, Error>,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
    ) -> Result<T, Error> {
        if let Err(Error::InvalidCertificate(fault)) = &said {
            let cause = of(fault, own, others.len());
            let unknown = *cause == cause::UNKNOWN_AUTHORITY || *cause == cause::SENT_ALONE;
            let issuer = unknown.then(|| Shown::read(others.last().unwrap_or(own))?.issuer).flatten();
            self.noted.note(cause, issuer);
        }
        said
    }
}

impl ServerCertVerifier for Noting {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let said = self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        self.noting(said, end_entity, intermediates)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.noting(self.inner.verify_tls12_signature(message, cert, dss), cert, &[])
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.noting(self.inner.verify_tls13_signature(message, cert, dss), cert, &[])
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// What `fault` is about, where the server showed `own` and so many `others`.
fn of(fault: &CertificateError, own: &CertificateDer<'_>, others: usize) -> &'static Cause {
    let shown = Shown::read(own);
    match fault {
        CertificateError::UnknownIssuer if shown.as_ref().is_some_and(|shown| shown.issues_itself) => {
            &cause::SELF_SIGNED
        }
        CertificateError::UnknownIssuer if others == 0 => &cause::SENT_ALONE,
        CertificateError::BadSignature if shown.as_ref().is_some_and(|shown| shown.short_key) => &cause::SHORT_KEY,
        CertificateError::NotValidForNameContext { presented, .. } if presented.is_empty() => &cause::NAME_IN_CN,
        fault => plain(fault),
    }
}

/// The same of `fault` alone.
pub(super) fn plain(fault: &CertificateError) -> &'static Cause {
    match fault {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => &cause::EXPIRED,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => &cause::NOT_YET,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => &cause::OTHER_NAME,
        CertificateError::UnknownIssuer | CertificateError::BadSignature => &cause::UNKNOWN_AUTHORITY,
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => &cause::OLD_SIGNATURE,
        CertificateError::Revoked => &cause::REVOKED,
        // The library that looks has names for these, and rustls has not.
        CertificateError::Other(other) => match other.0.to_string().as_str() {
            "UnsupportedCertVersion" => &cause::VERSION_1,
            "CaUsedAsEndEntity" => &cause::AUTHORITY_S_OWN,
            _ => &cause::NOT_FOR_A_SERVER,
        },
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => &cause::NOT_FOR_A_SERVER,
        _ => &cause::FAULTY,
    }
}

/// What a certificate says of itself, as far as it is needed here (RFC 5280, 4.1).
struct Shown {
    issues_itself: bool,
    /// Who issued it, where the name can be told.
    issuer: Option<String>,
    /// RSA, of less than 2048 bits.
    short_key: bool,
}

impl Shown {
    fn read(certificate: &[u8]) -> Option<Self> {
        let mut tbs = Der(Der(Der(certificate).value(0x30)?).value(0x30)?);
        if tbs.0.first() == Some(&0xa0) {
            tbs.value(0xa0)?;
        }
        let (_serial, _algorithm) = (tbs.value(0x02)?, tbs.value(0x30)?);
        let issuer = tbs.value(0x30)?;
        let (_validity, subject) = (tbs.value(0x30)?, tbs.value(0x30)?);
        let mut key = Der(tbs.value(0x30)?);
        let mut algorithm = Der(key.value(0x30)?);
        let rsa = algorithm.value(0x06)? == [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
        let short_key = rsa && modulus(key.value(0x03)?).is_some_and(|bits| bits < 2048);
        Some(Self { issues_itself: issuer == subject, issuer: common_name(issuer), short_key })
    }
}

/// The common name in a distinguished name, else the organization: a line that says nothing but a name.
fn common_name(name: &[u8]) -> Option<String> {
    let of = |wanted: [u8; 3]| {
        let mut parts = Der(name);
        while let Some(part) = parts.value(0x31) {
            let mut pair = Der(Der(part).value(0x30)?);
            if pair.value(0x06)? == wanted {
                // PrintableString or UTF8String; others are rare.
                return String::from_utf8(pair.clone().value(0x0c).or_else(|| pair.value(0x13))?.to_vec()).ok();
            }
        }
        None
    };
    let fits = |name: &String| {
        let good = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '.' | ',' | '-' | '_' | '(' | ')' | '&');
        !name.is_empty() && name.chars().count() <= NAME_MAX && name.chars().all(good)
    };
    of([0x55, 0x04, 0x03]).or_else(|| of([0x55, 0x04, 0x0a])).filter(fits)
}

/// How many bits the modulus of an RSA key has: about, as its first ones may be zero.
fn modulus(bits: &[u8]) -> Option<usize> {
    let mut numbers = Der(Der(bits.split_first()?.1).value(0x30)?);
    let number = numbers.value(0x02)?;
    let number = number.strip_prefix(&[0]).unwrap_or(number);
    Some(number.len() * 8)
}

/// DER from its first byte on.
#[derive(Clone)]
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// What is in the next element, which has to be of this kind.
    fn value(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (first, rest) = self.0.split_first()?;
        let (length, rest) = rest.split_first()?;
        let (length, rest) = match length {
            ..0x80 => (usize::from(*length), rest),
            0x80..=0x84 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
                (bytes.iter().fold(0, |length, byte| (length << 8) | usize::from(*byte)), rest)
            }
            _ => return None,
        };
        let (value, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        (*first == tag).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use rustls::{RootCertStore, client::WebPkiServerVerifier, pki_types::pem::PemObject as _};

    use super::{super::fix, *};

    fn certificate(pem: &str) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
    }

    const AUTHORITY: &str = include_str!("certificates/ca.pem");
    const MIDDLE: &str = include_str!("certificates/mid.pem");
    const GOOD: &str = include_str!("certificates/good.pem");
    const BY_THE_MIDDLE: &str = include_str!("certificates/by-middle.pem");

    /// What is found wrong with `shown` of a server called `name`, where `trusted` is.
    fn found(shown: &[&str], trusted: &str, name: &str) -> Option<&'static Cause> {
        let mut roots = RootCertStore::empty();
        roots.add(certificate(trusted)).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let inner = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
        let (noting, noted) = Noting::new(inner);
        let shown: Vec<_> = shown.iter().map(|pem| certificate(pem)).collect();
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(2_000_000_000));
        let accepted = noting.verify_server_cert(&shown[0], &shown[1..], &name, &[], now).is_ok();
        assert_eq!(accepted, noted.found().is_none());
        noted.found()
    }

    #[test]
    fn certificates_as_people_make_them_are_told_apart_each_with_its_own_way_out() {
        let name = "mail.example.org";
        for (shown, trusted, asked, want) in [
            (&[GOOD][..], AUTHORITY, name, None),
            (&[BY_THE_MIDDLE, MIDDLE], AUTHORITY, name, None),
            (&[BY_THE_MIDDLE], AUTHORITY, name, Some(&cause::SENT_ALONE)),
            (&[BY_THE_MIDDLE, MIDDLE], GOOD, name, Some(&cause::UNKNOWN_AUTHORITY)),
            (&[GOOD], AUTHORITY, "smtp.example.org", Some(&cause::OTHER_NAME)),
            (&[include_str!("certificates/cn-alone.pem")], AUTHORITY, name, Some(&cause::NAME_IN_CN)),
            (&[include_str!("certificates/version-1.pem")], AUTHORITY, name, Some(&cause::VERSION_1)),
            (&[include_str!("certificates/sha-1.pem")], AUTHORITY, name, Some(&cause::OLD_SIGNATURE)),
            (&[include_str!("certificates/own-authority.pem")], AUTHORITY, name, Some(&cause::AUTHORITY_S_OWN)),
            (&[include_str!("certificates/self-signed.pem")], AUTHORITY, name, Some(&cause::SELF_SIGNED)),
        ] {
            let cause = found(shown, trusted, asked);
            assert_eq!(cause, want, "{shown:?}");
            assert_eq!(cause.and_then(|cause| fix(cause.words)), want.map(|cause| cause.fix));
        }
        // A short key shows when something is signed with it.
        let short = certificate(include_str!("certificates/rsa-1024.pem"));
        assert_eq!(of(&CertificateError::BadSignature, &short, 0), &cause::SHORT_KEY);
        assert_eq!(of(&CertificateError::BadSignature, &certificate(GOOD), 0), &cause::UNKNOWN_AUTHORITY);
    }

    #[test]
    fn a_certificate_says_who_issued_it() {
        let key = rcgen::KeyPair::generate().unwrap();
        let own = rcgen::CertificateParams::new(["mail.example.org".to_owned()]).unwrap().self_signed(&key).unwrap();
        let shown = Shown::read(own.der()).unwrap();
        assert!(shown.issues_itself && !shown.short_key);
        let mut parameters = rcgen::CertificateParams::new(["mail.example.org".to_owned()]).unwrap();
        parameters.distinguished_name.push(rcgen::DnType::CommonName, "mail");
        let issued = parameters.signed_by(&key, &issuer()).unwrap();
        let read = Shown::read(issued.der()).unwrap();
        assert!(!read.issues_itself);
        assert_eq!(read.issuer.as_deref(), Some("authority"));
        for cut in 0..own.der().len() {
            // What is cut off or is none is read as nothing, and does no harm.
            let _ = Shown::read(&own.der()[..cut]);
            let mut bytes = own.der().to_vec();
            bytes[cut] ^= 0xff;
            let _ = Shown::read(&bytes);
        }
    }

    #[test]
    fn the_name_of_an_authority_is_told_only_if_it_is_nothing_but_a_name() {
        let key = rcgen::KeyPair::generate().unwrap();
        for (name, told) in [
            ("Example Corp (Internal) CA, G2", true),
            ("Société", true),
            ("line\nline", false),
            ("<b>\u{1b}[31m", false),
            ("x".repeat(NAME_MAX + 1).as_str(), false),
        ] {
            let mut parameters = rcgen::CertificateParams::new(Vec::new()).unwrap();
            parameters.distinguished_name = rcgen::DistinguishedName::new();
            parameters.distinguished_name.push(rcgen::DnType::CommonName, name);
            let shown = parameters.self_signed(&key).unwrap();
            assert_eq!(Shown::read(shown.der()).unwrap().issuer.as_deref(), told.then_some(name), "{name}");
        }
    }

    fn issuer() -> rcgen::Issuer<'static, rcgen::KeyPair> {
        let mut parameters = rcgen::CertificateParams::new(Vec::new()).unwrap();
        parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        parameters.distinguished_name.push(rcgen::DnType::CommonName, "authority");
        rcgen::Issuer::new(parameters, rcgen::KeyPair::generate().unwrap())
    }
}
