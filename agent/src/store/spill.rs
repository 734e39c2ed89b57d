//! Data that waits to be written to the store, in an unnamed file beside it: there may be more than fits in the agent's
//! memory. Nothing is left of it when the agent ends, in whatever way.

use std::{
    fs::File,
    io::{self, BufReader, Read as _, Seek as _, Write as _},
    path::Path,
};

use rustix::fs::{CWD, Mode, OFlags, openat, unlinkat};

/// A file of texts, one after the other.
#[derive(Debug)]
pub struct Spill {
    file: File,
    count: usize,
}

impl Spill {
    /// An empty file in `directory`.
    pub fn in_directory(directory: &Path) -> io::Result<Self> {
        let mode = Mode::RUSR | Mode::WUSR;
        let flags = OFlags::RDWR | OFlags::CLOEXEC;
        let file = match openat(CWD, directory, flags | OFlags::TMPFILE, mode) {
            Ok(file) => file,
            // Some file systems don't support unnamed files.
            Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::ISDIR | rustix::io::Errno::INVAL) => {
                let path = directory.join(".import");
                let _ = unlinkat(CWD, &path, rustix::fs::AtFlags::empty());
                let file = openat(CWD, &path, flags | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW, mode)?;
                unlinkat(CWD, &path, rustix::fs::AtFlags::empty())?;
                file
            }
            Err(error) => return Err(error.into()),
        };
        Ok(Self { file: file.into(), count: 0 })
    }

    /// Adds a text.
    pub fn push(&mut self, text: &str) -> io::Result<()> {
        let length = u32::try_from(text.len()).map_err(io::Error::other)?;
        self.file.write_all(&length.to_le_bytes())?;
        self.file.write_all(text.as_bytes())?;
        self.count += 1;
        Ok(())
    }

    /// The number of texts.
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Begins to read the texts again, from the first one.
    pub fn read(mut self) -> io::Result<Spilt> {
        self.file.rewind()?;
        Ok(Spilt { file: BufReader::new(self.file), left: self.count })
    }
}

/// The texts while they are read again.
#[derive(Debug)]
pub struct Spilt {
    file: BufReader<File>,
    left: usize,
}

impl Spilt {
    /// The next text; `None` after the last one.
    pub fn pop(&mut self) -> io::Result<Option<String>> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let mut length = [0; 4];
        self.file.read_exact(&mut length)?;
        let mut text = vec![0; u32::from_le_bytes(length) as usize];
        self.file.read_exact(&mut text)?;
        String::from_utf8(text).map(Some).map_err(io::Error::other)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_was_spilt_comes_back_in_order_and_leaves_nothing_behind() {
        let directory = tempfile::tempdir().unwrap();
        let mut spill = Spill::in_directory(directory.path()).unwrap();
        assert!(spill.is_empty());
        let texts = ["one", "", "three, ä", &"x".repeat(100_000)];
        for text in texts {
            spill.push(text).unwrap();
        }
        assert_eq!(spill.len(), 4);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
        let mut back = spill.read().unwrap();
        for text in texts {
            assert_eq!(back.pop().unwrap().as_deref(), Some(text));
        }
        assert_eq!(back.pop().unwrap(), None);
        assert!(Spill::in_directory(&directory.path().join("gone")).is_err());
    }
}
