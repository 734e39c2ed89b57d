//! The file with a host's identity, and the file with a server's key. Each file is replaced as a whole. If anything
//! about a host's file is odd, the host has not joined; there is no state in between.

use std::{
    fmt::Write as _,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::Path,
};

use rustix::fs::{Mode, OFlags};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::{
    key::{Key, Pin},
    wire::Typed,
};

/// The host's file in the fleet's directory.
pub const HOST_FILE: &str = "host.json";
/// The server's file in the fleet's directory.
pub const SERVER_FILE: &str = "server.key";
/// The fleet's directory in the agent's directory.
pub const DIRECTORY: &str = "fleet";

/// The largest size of these files, in bytes.
const MAX: u64 = 64 * 1024;
/// The version of the host's file.
const FORM: u32 = 1;

/// Why a host has not joined, or a server has no key.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// There is no file.
    #[error("this host has not joined a fleet")]
    None,
    /// The file was made on another machine.
    #[error("the key of this host was made on another machine, of which this one is a copy; join anew: sspr join")]
    Copied,
    /// The file is not as it was written.
    #[error("{path}: {why}; join anew: sspr join", path = path.display())]
    Odd {
        /// The file.
        path: std::path::PathBuf,
        /// The fault.
        why: String,
    },
    /// A file of a server's keys is not as it was written.
    #[error("{path}: {why}", path = path.display())]
    Server {
        /// The file.
        path: std::path::PathBuf,
        /// The fault.
        why: String,
    },
    /// The file can't be read or written.
    #[error("{path}: {why}", path = path.display())]
    File {
        /// The file.
        path: std::path::PathBuf,
        /// The error of the system.
        why: io::Error,
    },
}

/// The identity with which a host joined.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The host's id at the server.
    pub id: String,
    /// The host's key.
    pub key: Key,
    /// The key that is to replace it. Until the server has accepted a call with it, either may be the one that counts.
    pub next: Option<Key>,
    /// The pins of the servers.
    pub pins: Vec<Pin>,
    /// The addresses of the servers in the token.
    pub servers: Vec<String>,
    /// When the host joined, in seconds since 1970.
    pub joined: i64,
    /// How many hellos the host has sent.
    pub hellos: u64,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    form: u32,
    id: String,
    private: Typed,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next: Option<Typed>,
    pins: Vec<Pin>,
    servers: Vec<String>,
    joined: i64,
    machine: String,
    #[serde(default)]
    hellos: u64,
}

/// The digest of a machine's `/etc/machine-id`, to which the host's file is bound. It shows whether a machine is a copy
/// of another; it is not a secret.
pub fn machine(machine_id: &str) -> String {
    let digest = Sha256::digest([b"sspr-fleet machine\0", machine_id.trim().as_bytes()].concat());
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Loads the identity with which this host joined. Fails with [`IdentityError::Copied`] if it was stored on another
/// machine than `machine`.
pub fn load(directory: &Path, machine: &str) -> Result<Identity, IdentityError> {
    let path = directory.join(HOST_FILE);
    let odd = |why: &str| IdentityError::Odd { path: path.clone(), why: why.to_owned() };
    let content = match read(&path) {
        Err(IdentityError::File { why, .. }) if why.kind() == io::ErrorKind::NotFound => {
            return Err(IdentityError::None);
        }
        other => other?,
    };
    // serde_json's words may quote the file.
    let kept: Kept = serde_json::from_slice(&content).map_err(|_| odd("is not what was written there"))?;
    if kept.form != FORM {
        return Err(odd("is of another version"));
    }
    if kept.machine != machine {
        return Err(IdentityError::Copied);
    }
    let usable = |private: &Typed| Key::from_pkcs8(&private.0).map_err(|_| odd("has no usable key"));
    let (key, next) = (usable(&kept.private)?, kept.next.as_ref().map(usable).transpose()?);
    if kept.id.is_empty() || kept.pins.is_empty() || kept.servers.is_empty() {
        return Err(odd("lacks something"));
    }
    let Kept { id, pins, servers, joined, hellos, .. } = kept;
    Ok(Identity { id, key, next, pins, servers, joined, hellos })
}

/// Stores the identity with which this host, which is `machine`, joined.
pub fn save(directory: &Path, machine: &str, identity: &Identity) -> Result<(), IdentityError> {
    let private = |key: &Key| Typed(Zeroizing::new(key.private().to_vec()));
    let kept = Kept {
        form: FORM,
        id: identity.id.clone(),
        private: private(&identity.key),
        next: identity.next.as_ref().map(private),
        pins: identity.pins.clone(),
        servers: identity.servers.clone(),
        joined: identity.joined,
        machine: machine.to_owned(),
        hellos: identity.hellos,
    };
    let mut content = Zeroizing::new(Vec::with_capacity(16 * 1024));
    let path = directory.join(HOST_FILE);
    serde_json::to_writer(&mut *content, &kept).map_err(|why| failed(&path, why.into()))?;
    write(directory, &path, &content)
}

/// Deletes the identity with which this host joined. `false`: there was none.
pub fn forget(directory: &Path) -> Result<bool, IdentityError> {
    let path = directory.join(HOST_FILE);
    match fs::remove_file(&path) {
        Ok(()) => Ok(true),
        Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(why) => Err(failed(&path, why)),
    }
}

/// The server's key in the file at `path`, which is created if it is missing.
pub fn server_key(path: &Path) -> Result<Key, IdentityError> {
    let odd = |why: String| IdentityError::Server { path: path.to_owned(), why };
    match read(path) {
        Ok(private) => Key::from_pkcs8(&private).map_err(|why| odd(why.to_string())),
        Err(IdentityError::File { why, .. }) if why.kind() == io::ErrorKind::NotFound => {
            let key = Key::generate().map_err(|why| odd(why.to_string()))?;
            write(path.parent().unwrap_or(path), path, key.private())?;
            Ok(key)
        }
        Err(why) => Err(why),
    }
}

pub(crate) fn failed(path: &Path, why: io::Error) -> IdentityError {
    IdentityError::File { path: path.to_owned(), why }
}

/// The content of a plain file that no other user may read or write. Its owner is not checked.
pub(crate) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, IdentityError> {
    let failed = |why| failed(path, why);
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty()).map_err(|why| failed(why.into()))?);
    let meta = file.metadata().map_err(failed)?;
    if !meta.is_file() || meta.mode() & 0o077 != 0 {
        return Err(IdentityError::Odd { path: path.to_owned(), why: "is open to others".to_owned() });
    }
    let mut content = Zeroizing::new(Vec::with_capacity(usize::try_from(MAX).unwrap_or_default() + 1));
    file.take(MAX).read_to_end(&mut content).map_err(failed)?;
    Ok(content)
}

/// Writes a new file and renames it: a crash leaves the old or the new one.
pub(crate) fn write(directory: &Path, path: &Path, content: &[u8]) -> Result<(), IdentityError> {
    let failed = |why| failed(path, why);
    match DirBuilder::new().mode(0o700).recursive(true).create(directory) {
        Err(why) if why.kind() != io::ErrorKind::AlreadyExists => return Err(failed(why)),
        _ => {}
    }
    let beside = path.with_extension("new");
    match fs::remove_file(&beside) {
        Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(failed(why)),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside).map_err(failed)?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&beside, path).map_err(failed)?;
    sync(path)
}

/// Has the system write the entry of the file at `path` in its directory.
pub(crate) fn sync(path: &Path) -> Result<(), IdentityError> {
    let directory = path.parent().unwrap_or(path);
    File::open(directory).and_then(|directory| directory.sync_all()).map_err(|why| failed(path, why))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn identity() -> Identity {
        Identity {
            id: "h1".into(),
            key: Key::generate().unwrap(),
            next: Some(Key::generate().unwrap()),
            pins: vec![Pin::from_bytes([1; 32]), Pin::from_bytes([2; 32])],
            servers: vec!["reset.example.org:7142".into()],
            joined: 7,
            hellos: 3,
        }
    }

    #[test]
    fn a_host_that_joined_is_the_same_after_a_restart_and_no_host_on_another_machine() {
        let directory = tempfile::tempdir().unwrap();
        let fleet = directory.path().join("fleet");
        assert!(matches!(load(&fleet, "m"), Err(IdentityError::None)));
        let (joined, here) = (identity(), machine("0123\n"));
        save(&fleet, &here, &joined).unwrap();
        let again = load(&fleet, &here).unwrap();
        assert_eq!((again.id, again.key.pin(), again.pins), (joined.id.clone(), joined.key.pin(), joined.pins.clone()));
        assert_eq!(again.next.map(|next| next.pin()), joined.next.as_ref().map(Key::pin));
        assert_eq!(fs::metadata(fleet.join(HOST_FILE)).unwrap().mode() & 0o777, 0o600);
        let copied = load(&fleet, &machine("4567")).unwrap_err();
        assert!(matches!(copied, IdentityError::Copied) && copied.to_string().contains("sspr join"));
        assert!(forget(&fleet).unwrap() && !forget(&fleet).unwrap());
    }

    #[test]
    fn whatever_is_odd_about_the_file_means_that_the_host_has_not_joined() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(HOST_FILE);
        save(directory.path(), "m", &identity()).unwrap();
        let whole = fs::read(&path).unwrap();
        let good = String::from_utf8(whole.clone()).unwrap();
        let broken = [
            good[..good.len() / 2].to_owned(),
            good.replace("\"form\":1", "\"form\":2"),
            good.replace("\"id\":\"h1\"", "\"id\":\"\""),
            good.replace("\"private\":\"", "\"private\":\"AAAA"),
            String::new(),
        ];
        for content in broken {
            fs::write(&path, &content).unwrap();
            assert!(matches!(load(directory.path(), "m"), Err(IdentityError::Odd { .. })), "{content}");
        }
        fs::write(&path, &whole).unwrap();
        assert!(load(directory.path(), "m").is_ok());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(load(directory.path(), "m"), Err(IdentityError::Odd { .. })));
    }

    #[test]
    fn a_server_keeps_its_key() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("fleet").join(SERVER_FILE);
        let key = server_key(&path).unwrap();
        assert_eq!(server_key(&path).unwrap().pin(), key.pin());
        fs::write(&path, "junk").unwrap();
        assert!(server_key(&path).is_err(), "a key that hosts know is not replaced by itself");
    }
}
