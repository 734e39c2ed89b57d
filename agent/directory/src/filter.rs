//! Writes filters as a server expects them (RFC 4511, 4.5.1.7).

pub use sspr_config::settings::filter::Filter;

use super::ber::{OCTETS, Writer};

/// A part of a request that can be written in BER.
pub trait Written {
    /// Writes the part to a request.
    fn write(&self, to: &mut Writer);
}

impl Written for Filter {
    fn write(&self, to: &mut Writer) {
        let pair = |to: &mut Writer, tag, attribute: &str, value: &[u8]| {
            to.inside(tag, |w| {
                w.bytes(OCTETS, attribute.as_bytes()).bytes(OCTETS, value);
            });
        };
        match self {
            Filter::And(all) => {
                to.inside(0xa0, |w| all.iter().for_each(|one| one.write(w)));
            }
            Filter::Or(all) => {
                to.inside(0xa1, |w| all.iter().for_each(|one| one.write(w)));
            }
            Filter::Not(one) => {
                to.inside(0xa2, |w| one.write(w));
            }
            Filter::Equal(attribute, value) => pair(to, 0xa3, attribute, value),
            Filter::AtLeast(attribute, value) => pair(to, 0xa5, attribute, value),
            Filter::AtMost(attribute, value) => pair(to, 0xa6, attribute, value),
            Filter::About(attribute, value) => pair(to, 0xa8, attribute, value),
            Filter::Present(attribute) => {
                to.bytes(0x87, attribute.as_bytes());
            }
            Filter::Parts(attribute, first, middle, last) => {
                to.inside(0xa4, |w| {
                    w.bytes(OCTETS, attribute.as_bytes()).inside(0x30, |w| {
                        let (first, last) =
                            (first.iter().map(|part| (0x80, part)), last.iter().map(|part| (0x82, part)));
                        for (tag, part) in first.chain(middle.iter().map(|part| (0x81, part))).chain(last) {
                            w.bytes(tag, part);
                        }
                    });
                });
            }
            Filter::Matching { rule, attribute, value } => {
                to.inside(0xa9, |w| {
                    w.bytes(0x81, rule.as_bytes()).bytes(0x82, attribute.as_bytes()).bytes(0x83, value);
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(filter: &Filter) -> Vec<u8> {
        let mut writer = Writer::default();
        filter.write(&mut writer);
        writer.finish().to_vec()
    }

    #[test]
    fn a_name_with_every_sign_of_a_filter_stays_a_value() {
        let bytes = written(&Filter::equal("uid", "*)(uid=admin"));
        assert_eq!(bytes, [b"\xa3\x13\x04\x03uid\x04\x0c".as_slice(), b"*)(uid=admin"].concat());
        assert_eq!(written(&Filter::present("uid")), b"\x87\x03uid");
    }
}
