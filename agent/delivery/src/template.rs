//! Text with placeholders such as `{to}`. Values are inserted once, and never read as templates themselves; other
//! braces are plain text.

use std::fmt::Write as _;

/// A placeholder of a template, by its name.
pub(super) const TO: &str = "to";
pub(super) const NUMBER: &str = "number";
pub(super) const TEXT: &str = "text";
pub(super) const CODE: &str = "code";
pub(super) const CODING: &str = "coding";

#[derive(Clone, Debug)]
enum Piece {
    Literal(String),
    Slot(String),
}

#[derive(Clone, Debug)]
pub(super) struct Template(Vec<Piece>);

impl Template {
    /// `names` are the valid placeholders.
    pub(super) fn parse(source: &str, names: &[&str]) -> Self {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = source;
        while let Some(first) = rest.chars().next() {
            let inner = rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
            if let Some((name, behind)) = inner.filter(|(name, _)| names.contains(name)) {
                if !literal.is_empty() {
                    pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                }
                pieces.push(Piece::Slot(name.to_owned()));
                rest = behind;
            } else {
                literal.push(first);
                rest = rest.strip_prefix(first).unwrap_or_default();
            }
        }
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal));
        }
        Self(pieces)
    }

    pub(super) fn has(&self, slot: &str) -> bool {
        self.slots().any(|name| name == slot)
    }

    /// The placeholders.
    pub(super) fn slots(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Slot(name) => Some(name.as_str()),
            Piece::Literal(_) => None,
        })
    }

    /// The text with each placeholder replaced by its `value`.
    pub(super) fn render<'v>(&self, value: impl Fn(&str) -> &'v str, encode: fn(&str) -> String) -> String {
        self.0
            .iter()
            .map(|piece| match piece {
                Piece::Literal(text) => text.clone(),
                Piece::Slot(slot) => encode(value(slot)),
            })
            .collect()
    }
}

/// The value unchanged.
pub(super) fn verbatim(value: &str) -> String {
    value.to_owned()
}

/// Percent-encodes all but the unreserved characters of RFC 3986, 2.3: valid in every part of a URL.
pub(super) fn percent(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len() * 3);
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String can't fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_filled_and_other_braces_stay() {
        let template = Template::parse("a{to}{text} {{code}} {other} {to", &[TO, TEXT, CODE, "token"]);
        let filled = template.render(
            |slot| match slot {
                TO => "+81",
                TEXT => "é&",
                CODE => "007",
                _ => "no",
            },
            percent,
        );
        assert_eq!(filled, "a%2B81%C3%A9%26 {007} {other} {to");
    }

    #[test]
    fn a_value_that_looks_like_a_template_is_not_read_as_one() {
        let template = Template::parse("{text}|{to}", &[TO, TEXT, CODE]);
        assert_eq!(template.render(|s| if s == TEXT { "{to}{code}" } else { "x" }, verbatim), "{to}{code}|x");
    }

    #[test]
    fn percent_encoding_leaves_nothing_that_could_end_a_url_part() {
        assert_eq!(
            percent("a b/c?d#e&f=g%h\r\n\"'<>{}\\^`|~"),
            "a%20b%2Fc%3Fd%23e%26f%3Dg%25h%0D%0A%22%27%3C%3E%7B%7D%5C%5E%60%7C~"
        );
    }
}
