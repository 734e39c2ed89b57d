//! Secrets travel on the bus as sealed memfds: the message contains only a descriptor, and the content can't change
//! between check and use.

use std::{
    fmt,
    os::fd::{AsFd, OwnedFd},
};

use rustix::{
    fs::{MemfdFlags, SealFlags, fcntl_add_seals, fcntl_get_seals, fstat, memfd_create},
    io::{Errno, pread, write},
};
use zeroize::Zeroizing;

/// The seals that a descriptor needs to be read: without them, its owner could change the content after the check.
const NEEDED: SealFlags = SealFlags::WRITE.union(SealFlags::SHRINK).union(SealFlags::GROW);

/// Why a descriptor's content was not accepted, or none could be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealedError {
    /// Not a memfd, or one that can still be changed.
    NotSealed,
    /// More bytes than the reader accepts.
    TooLong(usize),
    /// The system refused.
    System(Errno),
}

impl fmt::Display for SealedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSealed => f.write_str("not a sealed memfd"),
            Self::TooLong(most) => write!(f, "more than {most} bytes"),
            Self::System(error) => write!(f, "the system refused: {error}"),
        }
    }
}

impl std::error::Error for SealedError {}

impl From<Errno> for SealedError {
    fn from(error: Errno) -> Self {
        Self::System(error)
    }
}

/// A memfd that contains `bytes` and can no longer be changed.
pub fn make(bytes: &[u8]) -> Result<OwnedFd, SealedError> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    // Kernels before 6.3 don't know NOEXEC_SEAL; some later ones are configured to require it.
    let fd = match memfd_create("sspr", flags | MemfdFlags::NOEXEC_SEAL) {
        Err(Errno::INVAL) => memfd_create("sspr", flags)?,
        made => made?,
    };
    let mut rest = bytes;
    while !rest.is_empty() {
        let written = write(&fd, rest)?;
        rest = rest.get(written..).unwrap_or_default();
    }
    fcntl_add_seals(&fd, NEEDED | SealFlags::SEAL)?;
    Ok(fd)
}

/// The whole content of a sealed memfd, whatever its file position.
///
/// Never blocks: a pipe, a socket, or a file on a slow or hostile file system has no such seals and is refused unread.
pub fn read(fd: impl AsFd, max: usize) -> Result<Zeroizing<Vec<u8>>, SealedError> {
    // A file in a tmpfs answers too, but always with SEAL alone, and no other seal can be added to it.
    let seals = fcntl_get_seals(&fd).map_err(|_| SealedError::NotSealed)?;
    if !seals.contains(NEEDED) {
        return Err(SealedError::NotSealed);
    }
    let size = usize::try_from(fstat(&fd)?.st_size).unwrap_or(usize::MAX);
    if size > max {
        return Err(SealedError::TooLong(max));
    }
    let mut bytes = Zeroizing::new(vec![0; size]);
    let mut filled = 0;
    while let Some(room) = bytes.get_mut(filled..).filter(|room| !room.is_empty()) {
        match pread(&fd, room, filled as u64)? {
            0 => return Err(SealedError::System(Errno::IO)),
            n => filled += n,
        }
    }
    Ok(bytes)
}

/// A password must be sealed, not empty, at most `max` bytes, and without control characters, which no prompt accepts.
/// The error says why this is none.
pub fn read_password(fd: impl AsFd, max: usize) -> Result<Zeroizing<Vec<u8>>, String> {
    let bytes = read(fd, max).map_err(|why| why.to_string())?;
    let control = match std::str::from_utf8(&bytes) {
        Ok(text) => text.chars().any(char::is_control),
        Err(_) => bytes.iter().any(u8::is_ascii_control),
    };
    if bytes.is_empty() || control {
        return Err("empty, or with control characters".to_owned());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn what_was_sealed_is_read_back_twice_up_to_the_limit_and_not_beyond() {
        for bytes in [b"".as_slice(), b"tr0ub4dor", &[0xff; 511]] {
            let fd = make(bytes).unwrap();
            assert_eq!(read(&fd, 511).unwrap().as_slice(), bytes);
            assert_eq!(read(&fd, 511).unwrap().as_slice(), bytes);
        }
        assert_eq!(read(make(&[b'a'; 512]).unwrap(), 511).unwrap_err(), SealedError::TooLong(511));
    }

    #[test]
    fn a_sealed_memfd_can_no_longer_be_written() {
        let fd = make(b"one").unwrap();
        assert_eq!(write(&fd, b"two").unwrap_err(), Errno::PERM);
    }

    #[test]
    fn a_memfd_with_any_needed_seal_missing_is_refused() {
        for missing in [SealFlags::WRITE, SealFlags::SHRINK, SealFlags::GROW] {
            let fd = memfd_create("t", MemfdFlags::ALLOW_SEALING).unwrap();
            write(&fd, b"secret").unwrap();
            fcntl_add_seals(&fd, NEEDED.difference(missing)).unwrap();
            assert_eq!(read(&fd, 511).unwrap_err(), SealedError::NotSealed, "{missing:?}");
        }
        assert_eq!(read(memfd_create("t", MemfdFlags::empty()).unwrap(), 511).unwrap_err(), SealedError::NotSealed);
    }

    #[test]
    fn files_pipes_sockets_and_devices_are_refused_unread() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"secret").unwrap();
        let (pipe, _writer) = std::io::pipe().unwrap();
        let (socket, _peer) = std::os::unix::net::UnixStream::pair().unwrap();
        let zero = std::fs::File::open("/dev/zero").unwrap();
        let shm = tempfile::tempfile_in("/dev/shm").unwrap();
        for fd in [file.as_fd(), pipe.as_fd(), socket.as_fd(), zero.as_fd(), shm.as_fd()] {
            assert_eq!(read(fd, 511).unwrap_err(), SealedError::NotSealed);
        }
    }
}
