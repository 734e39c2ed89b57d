//! Passwords and tokens in files of their own, as editors write them.

use crate::typed::is_unseen;

/// The most that a file with a secret may hold, in bytes.
pub const SIZE_MAX: usize = 4096;

/// The first line, without what editors add: a UTF-8 byte order mark before it and any line end after it are not part
/// of the secret.
pub fn first_line(bytes: &[u8]) -> Result<&str, &'static str> {
    let line = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    let text = std::str::from_utf8(line).map_err(|_| "the first line is not UTF-8 text")?;
    if text.is_empty() {
        return Err("the first line is empty; write the secret into it");
    }
    if text.chars().any(char::is_control) {
        return Err("the first line has control characters; write the secret as plain text");
    }
    Ok(text)
}

/// What is unusual about a secret. It is used anyway, but hardly anyone would choose it on purpose.
pub fn odd(secret: &str) -> Option<&'static str> {
    if secret.chars().any(is_unseen) {
        return Some("the secret has a character in it that can't be seen, as if it was pasted along; write it anew");
    }
    let blank = |end: Option<char>| end.is_some_and(char::is_whitespace);
    (blank(secret.chars().next()) || blank(secret.chars().next_back()))
        .then_some("the secret begins or ends with a blank, which counts; take it away if it is none of it")
}
