//! Names that are looked up. [`sspr_config::names`] decides which names of a host belong to one entry.

pub use sspr_config::names::{same, short};

/// The longest name that is looked up.
const NAME_MAX: usize = 255;

/// Whether `name` can be a name at all.
pub fn plausible(name: &str) -> bool {
    (1..=NAME_MAX).contains(&name.len())
        && !name.starts_with('-')
        && !name.contains(|c: char| c.is_control() || c.is_whitespace() || matches!(c, ':' | ',' | '/'))
}

/// The values of `attribute` in the first part of `dn` (RFC 4514).
pub fn in_rdn(dn: &str, attribute: &str) -> Vec<String> {
    let hex = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
    let (mut values, mut name, mut part) = (Vec::new(), None, Vec::new());
    let mut bytes = dn.bytes().peekable();
    loop {
        match bytes.next() {
            Some(b'\\') => {
                let next = bytes.next();
                if let (Some(high), Some(low)) = (hex(next), hex(bytes.peek().copied())) {
                    bytes.next();
                    part.extend(u8::try_from(16 * high + low));
                } else {
                    part.extend(next);
                }
            }
            Some(b'=') if name.is_none() => name = Some(std::mem::take(&mut part)),
            end @ (None | Some(b',' | b'+')) => {
                let value = String::from_utf8(std::mem::take(&mut part));
                let is_wanted = |name: &Vec<u8>| name.trim_ascii().eq_ignore_ascii_case(attribute.as_bytes());
                if let (Some(_), Ok(value)) = (name.take().filter(is_wanted), value) {
                    values.push(value.trim().to_owned());
                }
                if end != Some(b'+') {
                    return values;
                }
            }
            Some(byte) => part.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_in_a_dn_is_the_value_of_its_first_part_however_it_is_written() {
        for (dn, want) in [
            ("uid=alice,ou=people,dc=example", vec!["alice"]),
            ("UID = Alice , ou=people", vec!["Alice"]),
            ("cn=x+uid=alice,uid=other", vec!["alice"]),
            ("uid=a+uid=b,dc=x", vec!["a", "b"]),
            ("cn=alice,uid=other", vec![]),
            ("uid=j\\C3\\BCrgen,dc=x", vec!["jürgen"]),
            ("uid=comma\\, inc\\+=\\\\,dc=x", vec!["comma, inc+=\\"]),
            ("uid=a\\", vec!["a"]),
            ("uid", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(in_rdn(dn, "uid"), want, "{dn}");
        }
    }

    #[test]
    fn what_can_be_no_name_is_not_asked_for() {
        for name in ["alice", "EXAMPLE\\alice", "a*", "a)(uid=*", "jürgen"] {
            assert!(plausible(name), "{name}");
        }
        for name in ["", "-x", "a b", "a\nb", "a:b", "../a", &"a".repeat(256)] {
            assert!(!plausible(name), "{name:?}");
        }
    }
}
