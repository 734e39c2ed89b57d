//! The rules for new passwords in `pam_unix` itself. It applies them to users but not to root, and no argument changes
//! that. So the helper applies them before it asks PAM.
//!
//! | argument | rule |
//! |---|---|
//! | `minlen=N` | at least this many bytes |
//! | `remember=N` | none of the passwords in `/etc/security/opasswd` |
//! | `obscure` (Debian's) | not a palindrome, and not too simple. Comparisons with the old password are left out: nobody knows it |

use std::{fs, path::Path};

use super::crypt;

/// Where `pam_unix` and `pam_pwhistory` keep old passwords.
pub const OLD: &str = "/etc/security/opasswd";

/// The rules in the lines of `pam_unix`; of several, the strictest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnixRules {
    /// The least length in bytes.
    pub length: usize,
    /// None of the old passwords.
    pub remember: bool,
    obscure: bool,
}

impl UnixRules {
    /// The rules of lines with these arguments.
    pub fn of(lines: &[Vec<String>]) -> Self {
        let mut rules = Self::default();
        for argument in lines.iter().flatten() {
            if let Some(number) = argument.strip_prefix("minlen=") {
                rules.length = rules.length.max(leading_number(number));
            }
            rules.remember |= argument.starts_with("remember=");
            rules.obscure |= argument == "obscure";
        }
        rules
    }

    /// The same if another module checks the quality of passwords.
    #[must_use]
    pub const fn without_obscure(self) -> Self {
        Self { obscure: false, ..self }
    }

    /// Why `password` can't be the new one of `user`, in the words of `pam_unix`.
    pub fn refusal(self, user: &str, password: &[u8]) -> Option<&'static str> {
        self.refusal_by(user, password, Path::new(OLD))
    }

    fn refusal_by(self, user: &str, password: &[u8], old: &Path) -> Option<&'static str> {
        if self.obscure && is_palindrome(password) {
            return Some("The new password cannot be a palindrome.");
        }
        if self.obscure && is_simple(password) {
            return Some("The new password is too simple.");
        }
        if password.len() < self.length {
            return Some("You must choose a longer password.");
        }
        // A missing file has no old passwords.
        let is_old = || fs::read(old).is_ok_and(|text| is_among(user, password, &text));
        (self.remember && is_old()).then_some("Password has been already used. Choose another.")
    }
}

/// As atoi(3) parses it; never negative.
fn leading_number(text: &str) -> usize {
    let digits = text.trim_start().trim_start_matches('+');
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits.get(..end).and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// Whether `text`, the content of opasswd, has `password` among those of `user`: `name:uid:number:hash,hash`.
fn is_among(user: &str, password: &[u8], text: &[u8]) -> bool {
    let of_user = |line: &&[u8]| line.strip_prefix(user.as_bytes()).is_some_and(|rest| rest.starts_with(b":"));
    let Some(line) = text.split(|byte| *byte == b'\n').find(of_user) else { return false };
    let hashes = line.split(|byte| *byte == b':').nth(3).unwrap_or_default();
    hashes
        .split(|byte| *byte == b',')
        .filter_map(|hash| std::str::from_utf8(hash).ok())
        .any(|hash| !hash.is_empty() && crypt::matches(password, hash))
}

fn is_palindrome(password: &[u8]) -> bool {
    password.iter().map(u8::to_ascii_lowercase).eq(password.iter().rev().map(u8::to_ascii_lowercase))
}

/// A password of one kind of character needs eight of them, of two kinds seven, and so on.
fn is_simple(password: &[u8]) -> bool {
    let kinds: [fn(&u8) -> bool; 4] =
        [u8::is_ascii_digit, u8::is_ascii_uppercase, u8::is_ascii_lowercase, |byte| !byte.is_ascii_alphanumeric()];
    let kinds = kinds.iter().filter(|kind| password.iter().any(kind)).count();
    password.len() + kinds < 9
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(line: &str) -> UnixRules {
        UnixRules::of(&[line.split(' ').map(str::to_owned).collect()])
    }

    /// "rain on a tin roof" as an MD5 hash, as `pam_unix` stores it, and another password as SHA-512.
    fn old() -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        let (md5, sha) = (hashed("rain on a tin roof", "$1$abcdefgh$"), hashed("seven green kites", "$6$saltsalt$"));
        let text = format!("ali:1001:1:{sha}\nm\u{fc}ller:1003:1:x\nalice:1001:2:{md5},{sha}\nbob:1002:0:\n");
        fs::write(file.path(), text).unwrap();
        file
    }

    fn hashed(password: &str, setting: &str) -> String {
        crypt::made(password.as_bytes(), setting).unwrap()
    }

    #[test]
    fn each_rule_of_the_line_is_held_and_no_other() {
        let old = old();
        let refused = |line: &str, user: &str, password: &str| {
            rules(line).refusal_by(user, password.as_bytes(), old.path()).unwrap_or_default()
        };
        for (line, user, password, want) in [
            ("minlen=16 yescrypt", "alice", "plover tundra", "longer"),
            ("minlen=13", "alice", "plover tundra", ""),
            ("minlen=x", "alice", "a", ""),
            ("remember=5", "alice", "rain on a tin roof", "already used"),
            ("remember=5", "alice", "seven green kites", "already used"),
            ("remember=5", "bob", "rain on a tin roof", ""),
            ("remember=5", "carol", "rain on a tin roof", ""),
            ("use_authtok", "alice", "rain on a tin roof", ""),
            ("obscure", "alice", "Never odd or eveN", ""),
            ("obscure", "alice", "step on no Pets", "palindrome"),
            ("obscure", "alice", "abcdef1", ""),
            ("obscure", "alice", "abcdef", "too simple"),
            ("yescrypt", "alice", "step on no pets", ""),
        ] {
            let found = refused(line, user, password);
            assert!(found.contains(want) && found.is_empty() == want.is_empty(), "{line} {user} {password}: {found:?}");
        }
        assert_eq!(rules("remember=5").refusal_by("alice", b"x", Path::new("/no/such/file")), None);
    }

    #[test]
    fn of_several_lines_the_strictest_counts() {
        let lines = ["minlen=8", "obscure minlen=14 remember=3", "minlen=+9"].map(|line| vec![line.to_owned()]);
        let lines: Vec<Vec<String>> =
            lines.iter().map(|line| line[0].split(' ').map(str::to_owned).collect()).collect();
        let rules = UnixRules::of(&lines);
        assert_eq!(rules, UnixRules { length: 14, remember: true, obscure: true });
        assert_eq!(rules.without_obscure(), UnixRules { length: 14, remember: true, obscure: false });
    }
}
