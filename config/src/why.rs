//! Why something can't be used, in words for an administrator, and whether the cause goes away by itself.

use std::{fmt, io};

use rustix::io::Errno;

/// Temporary shortages of the system.
const SHORTAGES: [Errno; 6] = [Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::NOSPC, Errno::DQUOT, Errno::IO];

/// The words, and whether they describe a shortage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    words: String,
    passes: bool,
    denied: bool,
}

impl Why {
    /// The system's error, in `words` about the object that it concerns.
    pub fn of(error: &io::Error, words: impl Into<String>) -> Self {
        let passes = Errno::from_io_error(error).is_some_and(|error| SHORTAGES.contains(&error));
        Self { words: words.into(), passes, denied: error.kind() == io::ErrorKind::PermissionDenied }
    }

    /// Whether it is a shortage, which ends without an administrator's help.
    pub fn passes(&self) -> bool {
        self.passes
    }

    /// Whether the caller may not read it.
    pub fn is_denied(&self) -> bool {
        self.denied
    }

    /// The same, with `before` in front of it.
    #[must_use]
    pub fn behind(self, before: impl fmt::Display) -> Self {
        Self { words: format!("{before}: {}", self.words), ..self }
    }
}

impl From<String> for Why {
    fn from(words: String) -> Self {
        Self { words, passes: false, denied: false }
    }
}

impl From<&str> for Why {
    fn from(words: &str) -> Self {
        words.to_owned().into()
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortage_passes_whatever_the_words_are_and_nothing_else_does() {
        for (number, passes) in
            [(Errno::MFILE, true), (Errno::NOSPC, true), (Errno::NOENT, false), (Errno::ACCESS, false)]
        {
            let error = io::Error::from(number);
            assert_eq!(Why::of(&error, "can't be read").passes(), passes, "{error}");
            assert_eq!(Why::of(&error, "can't be read").is_denied(), number == Errno::ACCESS, "{error}");
            assert_eq!(Why::of(&error, "can't be read").behind("/etc/passwd").passes(), passes, "{error}");
        }
        assert!(!Why::from("a word of it is \"No space left on device (os error 28)\"").passes());
        assert_eq!(Why::from("is no file").behind("/a").to_string(), "/a: is no file");
    }
}
