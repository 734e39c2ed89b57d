//! Who issued a certificate, in words: a device that opens TLS shows one of its own, and its issuer says whose it is.

/// The longest name that is shown, in characters.
const MAX: usize = 64;
/// The identifiers of the attributes that are shown: the common name and the organization.
const SHOWN: [&[u8]; 2] = [&[0x55, 4, 3], &[0x55, 4, 10]];

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const IDENTIFIER: u8 = 0x06;
const VERSION: u8 = 0xa0;

/// The first element in `der`: its tag, its content, and what follows it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x83 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first - 0x80))?;
            (bytes.iter().fold(0, |length, byte| (length << 8) | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// The same, if the element has this tag: its content, and what follows it.
fn tagged(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    element(der).filter(|(found, ..)| *found == tag).map(|(_, content, rest)| (content, rest))
}

/// The common name and the organization of the issuer of the certificate in `der`; `None` if it has neither, as the
/// certificates of hosts and servers of a fleet.
pub(crate) fn issuer(der: &[u8]) -> Option<String> {
    let (certificate, _) = tagged(SEQUENCE, der)?;
    let (mut rest, _) = tagged(SEQUENCE, certificate)?;
    if let Some((_, after)) = tagged(VERSION, rest) {
        rest = after;
    }
    // The serial number, and the algorithm of the signature.
    for _ in 0..2 {
        rest = element(rest)?.2;
    }
    let (mut names, _) = tagged(SEQUENCE, rest)?;
    let mut shown = Vec::new();
    while let Some((set, after)) = tagged(SET, names) {
        names = after;
        let Some((attribute, _)) = tagged(SEQUENCE, set) else { continue };
        let Some((identifier, value)) = tagged(IDENTIFIER, attribute) else { continue };
        if let (true, Some((_, text, _))) = (SHOWN.contains(&identifier), element(value)) {
            let text = String::from_utf8_lossy(text);
            let plain: String = text.chars().filter(|c| !c.is_control()).take(MAX).collect();
            shown.push(plain);
        }
    }
    shown.retain(|name| !name.trim().is_empty());
    (!shown.is_empty()).then(|| shown.join(", "))
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair};

    use super::*;
    use crate::Key;

    fn certificate(names: &[(DnType, &str)]) -> Vec<u8> {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        for (kind, name) in names {
            params.distinguished_name.push(kind.clone(), *name);
        }
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn the_issuer_of_a_certificate_is_told_in_words_and_a_fleets_own_has_none() {
        let inspected = certificate(&[
            (DnType::CountryName, "NO"),
            (DnType::OrganizationName, "Example Corp"),
            (DnType::CommonName, "TLS\u{7} Inspection"),
        ]);
        assert_eq!(issuer(&inspected).as_deref(), Some("Example Corp, TLS Inspection"));
        let long = certificate(&[(DnType::CommonName, &"x".repeat(500))]);
        assert_eq!(issuer(&long).unwrap().len(), MAX);
        let (own, _) = Key::generate().unwrap().for_tls();
        assert_eq!(issuer(&own[0]), None);
    }

    #[test]
    fn a_certificate_that_is_cut_off_or_changed_anywhere_is_no_trouble() {
        let whole = certificate(&[(DnType::CommonName, "someone")]);
        for at in 0..whole.len() {
            let _ = issuer(&whole[..at]);
            for with in [0, 0x7f, 0x80, 0x84, 0xff] {
                let mut changed = whole.clone();
                changed[at] = with;
                let _ = issuer(&changed);
            }
        }
    }
}
