//! Search filters of a directory. Ours are built from parts, so that no name can break out of its place. An
//! administrator's filter is parsed from its text (RFC 4515), both by the check of the settings and by the program that
//! searches.

/// How deep an administrator's filter may be nested.
const DEPTH_MAX: usize = 20;

/// A condition for entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// All of them hold.
    And(Vec<Filter>),
    /// At least one of them holds.
    Or(Vec<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
    /// The attribute has the value.
    Equal(String, Vec<u8>),
    /// The attribute is at least this.
    AtLeast(String, Vec<u8>),
    /// The attribute is at most this.
    AtMost(String, Vec<u8>),
    /// The attribute approximately matches the value.
    About(String, Vec<u8>),
    /// The attribute has a value with this beginning, these middle parts and this end.
    Parts(String, Option<Vec<u8>>, Vec<Vec<u8>>, Option<Vec<u8>>),
    /// The attribute exists.
    Present(String),
    /// The attribute has the value by another matching rule.
    Matching {
        /// The rule's OID.
        rule: String,
        /// The attribute.
        attribute: String,
        /// The value.
        value: Vec<u8>,
    },
}

impl Filter {
    /// The attribute has this value.
    pub fn equal(attribute: &str, value: impl AsRef<[u8]>) -> Self {
        Self::Equal(attribute.to_owned(), value.as_ref().to_vec())
    }

    /// The attribute exists.
    pub fn present(attribute: &str) -> Self {
        Self::Present(attribute.to_owned())
    }

    /// Parses an administrator's filter; `None` if it is invalid.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text.trim();
        let filter = group(&mut rest, 0)?;
        rest.is_empty().then_some(filter)
    }
}

/// `( ... )`
fn group(rest: &mut &str, depth: usize) -> Option<Filter> {
    if depth > DEPTH_MAX {
        return None;
    }
    *rest = rest.strip_prefix('(')?;
    let filter = match rest.chars().next()? {
        sign @ ('&' | '|') => {
            *rest = rest.get(1..)?;
            let mut all = Vec::new();
            while rest.starts_with('(') {
                all.push(group(rest, depth + 1)?);
            }
            if sign == '&' { Filter::And(all) } else { Filter::Or(all) }
        }
        '!' => {
            *rest = rest.get(1..)?;
            Filter::Not(Box::new(group(rest, depth + 1)?))
        }
        _ => {
            let end = rest.find([')', '('])?;
            let (item, behind) = rest.split_at_checked(end)?;
            *rest = behind;
            item_of(item)?
        }
    };
    *rest = rest.strip_prefix(')')?;
    Some(filter)
}

fn item_of(item: &str) -> Option<Filter> {
    let (left, right) = item.split_once('=')?;
    let attribute = |name: &str| {
        let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | ';' | '.');
        (!name.is_empty() && name.chars().all(good)).then(|| name.to_owned())
    };
    if let Some(name) = left.strip_suffix('>') {
        return Some(Filter::AtLeast(attribute(name)?, value(right)?));
    }
    if let Some(name) = left.strip_suffix('<') {
        return Some(Filter::AtMost(attribute(name)?, value(right)?));
    }
    if let Some(name) = left.strip_suffix('~') {
        return Some(Filter::About(attribute(name)?, value(right)?));
    }
    if let Some(name) = left.strip_suffix(':') {
        let (name, rule) = name.split_once(':')?;
        return Some(Filter::Matching { rule: attribute(rule)?, attribute: attribute(name)?, value: value(right)? });
    }
    let name = attribute(left)?;
    if right == "*" {
        return Some(Filter::Present(name));
    }
    let mut parts: Vec<Vec<u8>> = right.split('*').map(value).collect::<Option<_>>()?;
    if parts.len() == 1 {
        return Some(Filter::Equal(name, parts.pop()?));
    }
    let some = |part: Vec<u8>| (!part.is_empty()).then_some(part);
    let last = some(parts.pop()?);
    let first = some(parts.remove(0));
    Some(Filter::Parts(name, first, parts.into_iter().filter(|part| !part.is_empty()).collect(), last))
}

/// A value with its escapes undone.
fn value(text: &str) -> Option<Vec<u8>> {
    let mut bytes = text.bytes();
    let mut value = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            value.push(byte);
            continue;
        }
        let mut digit = || char::from(bytes.next()?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        value.push(digit()? << 4 | digit()?);
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_administrators_filter_is_read_as_rfc_4515_has_it() {
        let equal = |name: &str, value: &str| Filter::equal(name, value);
        for (text, want) in [
            ("(uid=alice)", equal("uid", "alice")),
            ("(cn=a\\28b\\29\\2a\\5c)", equal("cn", "a(b)*\\")),
            ("(cn=J\\c3\\bcrgen)", equal("cn", "Jürgen")),
            ("(uid=*)", Filter::present("uid")),
            ("(&(a=1)(!(b=2)))", Filter::And(vec![equal("a", "1"), Filter::Not(Box::new(equal("b", "2")))])),
            ("(|(a=1)(b=2))", Filter::Or(vec![equal("a", "1"), equal("b", "2")])),
            ("(cn=a*b*c)", Filter::Parts("cn".into(), Some(b"a".to_vec()), vec![b"b".to_vec()], Some(b"c".to_vec()))),
            ("(cn=*z)", Filter::Parts("cn".into(), None, vec![], Some(b"z".to_vec()))),
            ("(n>=5)", Filter::AtLeast("n".into(), b"5".to_vec())),
            (
                "(memberOf:1.2.840.113556.1.4.1941:=cn=x,dc=y)",
                Filter::Matching {
                    rule: "1.2.840.113556.1.4.1941".into(),
                    attribute: "memberOf".into(),
                    value: b"cn=x,dc=y".to_vec(),
                },
            ),
        ] {
            assert_eq!(Filter::parse(text), Some(want), "{text}");
        }
        let deep = format!("{}(a=b){}", "(!".repeat(30), ")".repeat(30));
        for bad in ["", "uid=alice", "(uid=alice", "(uid)", "(&(a=b)", "(a=b)x", "(a=\\zz)", "(=b)", "(a b=c)", &deep] {
            assert_eq!(Filter::parse(bad), None, "{bad}");
        }
    }
}
