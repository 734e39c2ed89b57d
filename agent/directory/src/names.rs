//! Names as hosts have them: `alice`, `EXAMPLE\alice`, `alice@ad.example.org`, in any case. All of them are one entry, so that they are one
//! key and have one set of limits.

/// The longest name that is looked up.
const NAME_MAX: usize = 255;

/// Whether `name` can be a name at all.
pub fn plausible(name: &str) -> bool {
    (1..=NAME_MAX).contains(&name.len())
        && !name.starts_with('-')
        && !name.contains(|c: char| c.is_control() || c.is_whitespace() || matches!(c, ':' | ',' | '/'))
}

/// `name` without one of `domains` before or behind it.
pub fn short<'a>(name: &'a str, domains: &[String]) -> &'a str {
    let known = |domain: &str| domains.iter().any(|known| same(known, domain));
    if let Some((domain, short)) = name.split_once('\\')
        && known(domain)
        && !short.is_empty()
    {
        return short;
    }
    match name.rsplit_once('@') {
        Some((short, domain)) if known(domain) && !short.is_empty() => short,
        _ => name,
    }
}

/// Whether two names are one: case does not matter in directories.
pub fn same(one: &str, other: &str) -> bool {
    one == other || one.to_lowercase() == other.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_before_or_behind_a_name_is_left_out_only_where_it_is_one_of_ours() {
        let domains = ["EXAMPLE", "ad.example.org"].map(str::to_owned);
        for (name, want) in [
            ("alice", "alice"),
            ("EXAMPLE\\alice", "alice"),
            ("example\\Alice", "Alice"),
            ("alice@ad.example.org", "alice"),
            ("alice@AD.EXAMPLE.ORG", "alice"),
            ("OTHER\\alice", "OTHER\\alice"),
            ("alice@example.com", "alice@example.com"),
            ("EXAMPLE\\", "EXAMPLE\\"),
            ("@ad.example.org", "@ad.example.org"),
        ] {
            assert_eq!(short(name, &domains), want);
        }
        assert!(same("Jürgen", "JÜRGEN") && !same("alice", "alicia"));
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
