//! Names that are looked up. How a host's names are one entry's, [`sspr_config::names`] says.

pub use sspr_config::names::{same, short};

/// The longest name that is looked up.
const NAME_MAX: usize = 255;

/// Whether `name` can be a name at all.
pub fn plausible(name: &str) -> bool {
    (1..=NAME_MAX).contains(&name.len())
        && !name.starts_with('-')
        && !name.contains(|c: char| c.is_control() || c.is_whitespace() || matches!(c, ':' | ',' | '/'))
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
}
