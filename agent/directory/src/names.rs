//! Names that are looked up, and what `base` ends in. How a host's names are one entry's, [`sspr_config::names`] says.

pub use sspr_config::names::{same, short};

/// The longest name that is looked up.
const NAME_MAX: usize = 255;

/// Whether `name` can be a name at all.
pub fn plausible(name: &str) -> bool {
    (1..=NAME_MAX).contains(&name.len())
        && !name.starts_with('-')
        && !name.contains(|c: char| c.is_control() || c.is_whitespace() || matches!(c, ':' | ',' | '/'))
}

/// What `base` ends in: its domain (`dc=example,dc=org`), or its last part where it has none.
pub fn suffix(base: &str) -> &str {
    let mut starts = vec![0];
    let mut escaped = false;
    for (at, c) in base.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ',' => starts.push(at + 1),
            _ => {}
        }
    }
    let part = |start: usize| base.get(start..).unwrap_or_default().trim_start();
    let is_domain = |start: &&usize| part(**start).get(..3).is_some_and(|kind| kind.eq_ignore_ascii_case("dc="));
    let of_domain = starts.iter().rev().take_while(is_domain).last();
    part(of_domain.or(starts.last()).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_no_name_is_not_asked_for() {
        for name in ["alice", "EXAMPLE\\alice", "a*", "a)(uid=*", "jürgen"] {
            assert!(plausible(name), "{name}");
        }
        for name in ["", "-x", "a b", "a\nb", "a:b", "../a", &"a".repeat(256)] {
            assert!(!plausible(name), "{name:?}");
        }
    }

    #[test]
    fn the_suffix_is_the_domain_or_the_last_part() {
        for (base, want) in [
            ("ou=people,dc=example,dc=org", "dc=example,dc=org"),
            ("dc=example,dc=org", "dc=example,dc=org"),
            ("cn=users, DC=ad, DC=example", "DC=ad, DC=example"),
            ("ou=people,o=Example", "o=Example"),
            ("ou=a\\,dc=b,o=Example\\, Inc", "o=Example\\, Inc"),
            ("", ""),
        ] {
            assert_eq!(suffix(base), want);
        }
    }
}
