//! The token with which a host joins: one line of text with the addresses of the servers, the pins of their keys, and a
//! secret. The server stores only the MAC of the secret.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{key::Pin, wire::Typed};

/// The beginning of a token. The digit is the version of its format.
const PREFIX: &str = "sspr-join-1.";
/// The longest token, in bytes.
const MAX: usize = 4096;
/// The most servers or pins in a token.
const LIST_MAX: usize = 16;

/// A token with which hosts join.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// The addresses of the servers, as `host:port`.
    pub servers: Vec<String>,
    /// The pins of the servers' keys.
    pub pins: Vec<Pin>,
    /// The secret. Every machine that has it may join.
    pub secret: Typed,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("servers", &self.servers).field("pins", &self.pins).finish_non_exhaustive()
    }
}

impl Token {
    /// The token as one line, without a line break.
    pub fn to_text(&self) -> Zeroizing<String> {
        let json = Zeroizing::new(serde_json::to_vec(self).unwrap_or_default());
        Zeroizing::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(&*json)))
    }

    /// The token in `text`, with blanks around it ignored; `None` if the text is not a token.
    pub fn parse(text: &str) -> Option<Self> {
        let encoded = text.trim().strip_prefix(PREFIX).filter(|encoded| encoded.len() <= MAX)?;
        let json = Zeroizing::new(URL_SAFE_NO_PAD.decode(encoded).ok()?);
        let token: Self = serde_json::from_slice(&json).ok()?;
        let some = |length: usize| (1..=LIST_MAX).contains(&length);
        (some(token.servers.len()) && some(token.pins.len()) && !token.secret.0.is_empty()).then_some(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_back_from_its_line_and_nothing_else_is_one() {
        let token = Token {
            servers: vec!["reset.example.org:6787".into()],
            pins: vec![Pin::from_bytes([7; 32])],
            secret: Typed(Zeroizing::new(vec![9; 32])),
        };
        let text = token.to_text();
        assert_eq!(Token::parse(&format!("  {}\n", *text)), Some(token.clone()));
        assert!(!format!("{token:?}").contains('9'), "{token:?}");
        let none = Token { servers: Vec::new(), ..token };
        for junk in ["", "sspr-join-1.", "sspr-join-2.AAAA", &text[1..], &none.to_text()] {
            assert_eq!(Token::parse(junk), None, "{junk}");
        }
    }
}
