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

/// The longest login name of a host's own account, in characters. useradd makes none of more than 32.
const LOGIN_MAX: usize = 64;

/// Whether `name` looks like the login name of a host's own account, in whichever way it was added: letters, digits, and
/// some marks within. It can't contain a sentence.
pub fn is_login(name: &str) -> bool {
    let marks = |c: char| matches!(c, '.' | '_' | '-' | '@');
    let body = name.strip_suffix('$').unwrap_or(name);
    name.len() <= LOGIN_MAX
        && body.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && body.chars().all(|c| c.is_ascii_alphanumeric() || marks(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_name_has_letters_digits_and_few_marks() {
        for name in ["alice", "Alice.B", "_apt", "www-data", "build$", "a", "2fa", "alice@example.org", &"a".repeat(64)]
        {
            assert!(is_login(name), "{name}");
        }
        let long = "a".repeat(65);
        for name in [
            "",
            "$",
            "-rf",
            ".",
            "@all",
            "a b",
            "a\tb",
            "a\n",
            "a$b",
            "a:b",
            "a/b",
            "a\\b",
            "<b>",
            "a,b",
            "\u{5bc6}\u{7801}",
            "j\u{fc}rgen",
            "a\u{a0}b",
            "a\u{202e}b",
            "-",
            long.as_str(),
        ] {
            assert!(!is_login(name), "{name:?}");
        }
    }

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
