//! The keys of a server: the one that it uses, the next one, which hosts learn of beforehand, and the one before.
//!
//! | file | content |
//! |---|---|
//! | `server.key` | the key |
//! | `server.key.next` | the next key, from [`announce`] until [`switch`] |
//! | `server.key.old` | the pin of the key before, from [`switch`] until [`finish`], for another server that still uses it |

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    identity::{IdentityError, failed, read, server_key, sync, write},
    key::{Key, Pin},
};

/// The keys of a server.
#[derive(Clone, Debug)]
pub struct ServerKeys {
    /// The key that the server uses.
    pub key: Key,
    /// The key that it uses next.
    pub next: Option<Key>,
    /// The pin of the key that it used before.
    pub old: Option<Pin>,
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn next_file(path: &Path) -> PathBuf {
    beside(path, ".next")
}

fn old_file(path: &Path) -> PathBuf {
    beside(path, ".old")
}

fn odd(path: &Path, why: impl Into<String>) -> IdentityError {
    IdentityError::Server { path: path.to_owned(), why: why.into() }
}

/// `None` if there is no such file.
fn found<T>(result: Result<T, IdentityError>) -> Result<Option<T>, IdentityError> {
    match result {
        Err(IdentityError::File { why, .. }) if why.kind() == io::ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

fn key(path: &Path) -> Result<Key, IdentityError> {
    Key::from_pkcs8(&read(path)?).map_err(|why| odd(path, why.to_string()))
}

impl ServerKeys {
    /// The keys beside the file at `path`, which must exist.
    pub fn read(path: &Path) -> Result<Self, IdentityError> {
        let (next, old) = (next_file(path), old_file(path));
        let text = found(read(&old))?;
        let pin = |text: &[u8]| std::str::from_utf8(text).ok().and_then(|text| Pin::parse(text.trim()));
        let old = text.map(|text| pin(&text).ok_or_else(|| odd(&old, "is no hash of a key"))).transpose()?;
        let key = key(path)?;
        let next = found(self::key(&next))?.filter(|next| next.pin() != key.pin());
        let old = old.filter(|old| *old != key.pin());
        Ok(Self { key, next, old })
    }

    /// The same; the key is made if it is missing.
    pub fn made(path: &Path) -> Result<Self, IdentityError> {
        server_key(path)?;
        Self::read(path)
    }

    /// The pins by which hosts are to know the server, in the order in which the keys are used.
    pub fn pins(&self) -> Vec<Pin> {
        let next = self.next.as_ref().map(Key::pin);
        [self.old, Some(self.key.pin()), next].into_iter().flatten().collect()
    }
}

/// Makes the next key, unless there is one.
pub fn announce(path: &Path) -> Result<(), IdentityError> {
    if ServerKeys::read(path)?.next.is_some() {
        return Ok(());
    }
    let next = Key::generate().map_err(|why| odd(path, why.to_string()))?;
    write(path.parent().unwrap_or(path), &next_file(path), next.private())
}

/// Replaces the key by the next one. `false`: there is no next one. A crash leaves the old key or the new one.
pub fn switch(path: &Path) -> Result<bool, IdentityError> {
    let keys = ServerKeys::read(path)?;
    if keys.next.is_none() {
        return Ok(false);
    }
    write(path.parent().unwrap_or(path), &old_file(path), keys.key.pin().to_string().as_bytes())?;
    fs::rename(next_file(path), path).map_err(|why| failed(path, why))?;
    sync(path)?;
    Ok(true)
}

/// Forgets the key before: hosts refuse a server that still uses it, once they have said hello. `false`: there is none.
pub fn finish(path: &Path) -> Result<bool, IdentityError> {
    let old = old_file(path);
    match fs::remove_file(&old) {
        Ok(()) => sync(&old).map(|()| true),
        Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(why) => Err(failed(&old, why)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::SERVER_FILE;

    #[test]
    fn a_server_announces_its_next_key_then_uses_it_and_forgets_the_old_one_last() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("fleet").join(SERVER_FILE);
        assert!(ServerKeys::read(&path).is_err() && announce(&path).is_err(), "no key is made by the way");
        let first = ServerKeys::made(&path).unwrap().key.pin();
        assert!(!switch(&path).unwrap() && !finish(&path).unwrap());
        announce(&path).unwrap();
        let keys = ServerKeys::read(&path).unwrap();
        let next = keys.next.as_ref().unwrap().pin();
        assert_eq!((keys.key.pin(), keys.pins()), (first, vec![first, next]));
        announce(&path).unwrap();
        assert_eq!(ServerKeys::read(&path).unwrap().pins(), [first, next], "it stays the same one");
        assert!(switch(&path).unwrap() && !switch(&path).unwrap());
        assert_eq!(ServerKeys::made(&path).unwrap().pins(), [first, next]);
        assert!(finish(&path).unwrap());
        assert_eq!(ServerKeys::read(&path).unwrap().pins(), [next]);
    }

    #[test]
    fn a_switch_that_was_cut_short_is_made_up_for() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(SERVER_FILE);
        let first = ServerKeys::made(&path).unwrap().key.pin();
        announce(&path).unwrap();
        // It ended before the next key took the place of the old one.
        fs::write(old_file(&path), first.to_string()).unwrap();
        fs::set_permissions(old_file(&path), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let keys = ServerKeys::read(&path).unwrap();
        let next = keys.next.as_ref().unwrap().pin();
        assert_eq!(keys.pins(), [first, next]);
        assert!(switch(&path).unwrap());
        assert_eq!(ServerKeys::read(&path).unwrap().pins(), [first, next]);
    }

    #[test]
    fn a_file_that_is_odd_is_named_and_no_key_is_made_in_its_place() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(SERVER_FILE);
        ServerKeys::made(&path).unwrap();
        for file in [next_file(&path), old_file(&path)] {
            fs::write(&file, "junk").unwrap();
            fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
            let why = ServerKeys::made(&path).unwrap_err().to_string();
            assert!(why.contains(&file.display().to_string()) && !why.contains("sspr join"), "{why}");
            fs::remove_file(&file).unwrap();
        }
    }
}
