//! When a certificate (RFC 5280) expires. Nothing else in it is read: other code checks before whether it is valid.

use super::{
    ber::{Malformed, Reader, SEQUENCE},
    times,
};

const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// When the certificate `der` expires, in seconds since 1970.
pub(crate) fn end(der: &[u8]) -> Option<i64> {
    let (tag, time) = not_after(der).ok()?;
    let text = std::str::from_utf8(time).ok()?;
    match tag {
        GENERALIZED_TIME => times::generalized(text),
        // Two-digit years start at 1950.
        UTC_TIME => {
            let year: u8 = text.get(..2)?.parse().ok()?;
            times::generalized(&format!("{}{text}", if year < 50 { 20 } else { 19 }))
        }
        _ => None,
    }
}

fn not_after(der: &[u8]) -> Result<(u8, &[u8]), Malformed> {
    let mut certificate = Reader::new(Reader::new(der).expect(SEQUENCE)?);
    let mut content = Reader::new(certificate.expect(SEQUENCE)?);
    // The version is optional. Then come number, algorithm and issuer.
    let _ = content.optional(0xa0)?;
    for _ in 0..3 {
        content.element()?;
    }
    let mut days = Reader::new(content.expect(SEQUENCE)?);
    days.element()?;
    days.element()
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    #[test]
    fn the_end_is_read_before_and_after_the_year_in_which_the_short_form_ends_and_junk_has_none() {
        for (year, seconds) in [(2026, 1_767_225_600), (2049, 2_493_072_000), (2051, 2_556_144_000)] {
            let mut params = CertificateParams::new(vec!["ldap.example.org".to_owned()]).unwrap();
            params.not_after = date_time_ymd(year, 1, 1);
            let made = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
            assert_eq!(end(made.der()), Some(seconds), "{year}");
            for cut in [0, 1, 10, made.der().len() / 2] {
                assert_eq!(end(made.der().get(..cut).unwrap()), None, "{cut}");
            }
        }
    }
}
