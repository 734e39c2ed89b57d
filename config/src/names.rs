//! Names of a directory's users as hosts write them: `alice`, `EXAMPLE\alice`, `alice@ad.example.org`, in any case. All
//! of them mean one entry, so they are one key with one set of limits.

/// `name` without one of `domains` before or after it.
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

/// Whether two names are the same: directories ignore case.
pub fn same(one: &str, other: &str) -> bool {
    one == other || one.to_lowercase() == other.to_lowercase()
}

/// The key for everything about the user whom a host calls `name`. No program is asked, so it is the same for a name
/// that does not exist.
pub fn folded(name: &str, domains: &[String]) -> String {
    short(name, domains).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_before_or_behind_a_name_is_left_out_only_where_it_is_one_of_ours() {
        let domains = ["EXAMPLE", "ad.example.org"].map(str::to_owned);
        for (name, want, key) in [
            ("alice", "alice", "alice"),
            ("EXAMPLE\\alice", "alice", "alice"),
            ("example\\Alice", "Alice", "alice"),
            ("alice@ad.example.org", "alice", "alice"),
            ("ALICE@AD.EXAMPLE.ORG", "ALICE", "alice"),
            ("OTHER\\alice", "OTHER\\alice", "other\\alice"),
            ("alice@example.com", "alice@example.com", "alice@example.com"),
            ("EXAMPLE\\", "EXAMPLE\\", "example\\"),
            ("@ad.example.org", "@ad.example.org", "@ad.example.org"),
        ] {
            assert_eq!((short(name, &domains), folded(name, &domains).as_str()), (want, key));
        }
        assert!(same("Jürgen", "JÜRGEN") && !same("alice", "alicia"));
    }
}
