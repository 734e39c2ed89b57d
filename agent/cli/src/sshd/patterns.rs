//! sshd's patterns, and the parts of a Match line.

use super::config::words;

/// One attribute of a Match line with its list of patterns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criterion {
    /// In lower case: `group`.
    pub attribute: String,
    /// `staff,!interns`; empty if the attribute takes none.
    pub list: String,
}

/// Attributes that take no list.
const ALONE: [&str; 2] = ["all", "invalid-user"];

/// The criteria in `text`, a Match line without the word Match.
pub fn criteria(text: &str) -> Vec<Criterion> {
    let mut all = Vec::new();
    let mut words = words(text).into_iter();
    while let Some(word) = words.next() {
        let (attribute, list) = match word.split_once('=') {
            Some((attribute, list)) if !list.is_empty() => (attribute.to_ascii_lowercase(), list.to_owned()),
            _ => {
                let attribute = word.trim_end_matches('=').to_ascii_lowercase();
                let list =
                    if ALONE.contains(&attribute.as_str()) { String::new() } else { words.next().unwrap_or_default() };
                (attribute, list)
            }
        };
        all.push(Criterion { attribute, list });
    }
    all
}

/// Whether `pattern`, with its `*` and `?`, matches `text`.
pub fn fits(text: &str, pattern: &str) -> bool {
    let (text, pattern): (Vec<char>, Vec<char>) = (text.chars().collect(), pattern.chars().collect());
    // For each character of the pattern in turn: at which positions in the text it may end.
    let mut ends: Vec<bool> = std::iter::once(true).chain(text.iter().map(|_| false)).collect();
    for wanted in pattern {
        let mut next = vec![false; ends.len()];
        let mut reached = false;
        for (at, here) in ends.iter().enumerate() {
            reached |= *here;
            let step = if wanted == '*' { at } else { at.saturating_add(1) };
            let good = match wanted {
                '*' => reached,
                '?' => *here && at < text.len(),
                _ => *here && text.get(at) == Some(&wanted),
            };
            if good && let Some(place) = next.get_mut(step) {
                *place = true;
            }
        }
        ends = next;
    }
    ends.last() == Some(&true)
}

/// Whether `list` matches `text`: one pattern matches, and none that begins with `!`.
pub fn has(list: &str, text: &str) -> bool {
    let mut found = false;
    for pattern in list.split(',') {
        match pattern.strip_prefix('!') {
            Some(pattern) if fits(text, pattern) => return false,
            Some(_) => {}
            None => found |= fits(text, pattern),
        }
    }
    found
}

/// A text that each pattern of `list` matches, exceptions left out, with something in place of each `*` and `?`.
pub fn examples(list: &str) -> Vec<String> {
    let patterns = list.split(',').filter(|pattern| !pattern.is_empty());
    patterns.map(|pattern| pattern.trim_start_matches('!').replace(['*', '?'], "1")).collect()
}

/// The same for a list of addresses: an address of each network.
pub fn addresses(list: &str) -> Vec<String> {
    let whole = |pattern: &str| {
        let network = pattern.split('/').next().unwrap_or_default();
        if network.contains(':') {
            // fd00:* is fd00::1
            return network.replace(":*", "::1").replace(['*', '?'], "1");
        }
        let mut address = network.replace(['*', '?'], "1");
        while address.matches('.').count() < 3 && address.starts_with(|c: char| c.is_ascii_digit()) {
            address.push_str(if address.ends_with('.') { "1" } else { ".1" });
        }
        address
    };
    list.split(',').map(|pattern| whole(pattern.trim_start_matches('!'))).filter(|a| !a.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_as_those_of_sshd_do() {
        for (pattern, text, want) in [
            ("alice", "alice", true),
            ("alice", "alic", false),
            ("alic", "alice", false),
            ("*", "", true),
            ("a*e", "alice", true),
            ("a*e*", "alice2", true),
            ("?lice", "alice", true),
            ("?", "", false),
            ("*.conf", "10-sspr.conf", true),
            ("*.conf", "10-sspr.conf.old", false),
            ("**b", "ab", true),
            ("", "", true),
        ] {
            assert_eq!(fits(text, pattern), want, "{pattern} {text}");
        }
        assert!(has("staff,wheel", "wheel") && !has("*,!wheel", "wheel") && has("*,!wheel", "staff"));
        assert!(!has("!wheel", "staff"), "an exception alone is for nobody");
    }

    #[test]
    fn a_match_line_is_taken_apart_and_has_examples() {
        let list = |text: &str| -> Vec<_> { criteria(text).into_iter().map(|c| (c.attribute, c.list)).collect() };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(list("Group staff Address 10.0.0.0/8"), [pair("group", "staff"), pair("address", "10.0.0.0/8")]);
        assert_eq!(list("User=bob"), [pair("user", "bob")]);
        assert_eq!(list("User \"a b\""), [pair("user", "a b")]);
        assert_eq!(list("all"), [pair("all", "")]);
        assert_eq!(list("Invalid-User LocalPort 22"), [pair("invalid-user", ""), pair("localport", "22")]);
        assert_eq!(examples("web?.example.org,!*.com"), ["web1.example.org", "1.com"]);
        assert_eq!(
            addresses("10.0.0.0/8,!192.168.*,fd00:*,2001:db8::/32,*,10.1.2.3"),
            ["10.0.0.0", "192.168.1.1", "fd00::1", "2001:db8::", "1.1.1.1", "10.1.2.3"]
        );
    }
}
