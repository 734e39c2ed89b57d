//! The host key and its derived keys: keyed MACs for codes and look-ups, and sealing for stored contacts and messages.
//! A copy of the store without the key reveals neither contacts nor codes.

use std::{
    fs::{File, OpenOptions},
    io::{Read as _, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use chacha20poly1305::{
    Key, KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use sspr_config::why::Why;
use sspr_machine::birth;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::{
    error::{Error, Result},
    memory::wipe_stack,
    random::Random,
};

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
/// What makes the MAC that takes the place of one under a former key.
const AGAIN: &str = "again";
/// What the keys of MACs are sealed with.
const FORMER: &[u8] = b"former key";

/// A keyed MAC, 32 bytes of HMAC-SHA-256.
pub type Tag = [u8; 32];

/// A host key.
pub type HostKey = Zeroizing<[u8; KEY_BYTES]>;

/// The keys of this host.
pub struct Keys {
    mac: Zeroizing<Tag>,
    seal: XChaCha20Poly1305,
    /// The keys of MACs from before the host key was replaced, oldest first.
    former: Vec<Zeroizing<Tag>>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(..)")
    }
}

/// The MAC of `parts` for the use that `label` names.
fn labelled(key: &Tag, label: &str, parts: &[&[u8]]) -> Tag {
    let all: Vec<&[u8]> = std::iter::once(label.as_bytes()).chain(parts.iter().copied()).collect();
    hmac(key, &all)
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> Tag {
    // HMAC takes a key of any length, so the error can't happen; a MAC under an empty key would still not be a grant.
    let Ok(mut mac) = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key) else {
        return [0; 32];
    };
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

impl Keys {
    /// Derives all keys from the host key.
    pub fn from_host_key(host_key: &[u8; KEY_BYTES]) -> Self {
        let mac = Zeroizing::new(hmac(host_key, &[b"pam_sspr mac v1"]));
        let seal = Zeroizing::new(hmac(host_key, &[b"pam_sspr seal v1"]));
        Self { mac, seal: XChaCha20Poly1305::new(&Key::from(*seal)), former: Vec::new() }
    }

    /// These keys, with the former ones of their store, which [`Keys::handed_on`] sealed. Fails with [`Error::Sealed`] if
    /// that store has another host key.
    pub fn with_former(mut self, sealed: &[Vec<u8>]) -> Result<Self> {
        let opened = |sealed: &Vec<u8>| {
            let plain = self.open(FORMER, sealed)?;
            Tag::try_from(plain.as_slice()).map(Zeroizing::new).map_err(|_| Error::Sealed)
        };
        self.former = sealed.iter().map(opened).collect::<Result<_>>()?;
        Ok(self)
    }

    /// Whether `sealed` is a former key that was sealed for these keys.
    pub fn opens_former(&self, sealed: &[u8]) -> bool {
        self.open(FORMER, sealed).is_ok()
    }

    /// The keys of MACs, this one and the former ones, oldest first, sealed by `next`, which takes their place.
    pub fn handed_on(&self, next: &Self, random: &dyn Random) -> Result<Vec<Vec<u8>>> {
        let all = self.former.iter().chain(std::iter::once(&self.mac));
        all.map(|key| next.seal(random, FORMER, key.as_ref())).collect()
    }

    /// The file that is read for `path`: the systemd credential `host.key` if there is one.
    pub fn path(path: &Path) -> PathBuf {
        credential(credentials().as_deref()).unwrap_or_else(|| path.to_owned())
    }

    /// Reads the host key from the systemd credential `host.key` if there is one, otherwise from `path`. If that file
    /// is missing and `may_create` is set, creates it (0600).
    ///
    /// No key is created if a store already exists: with a new key, its contacts could never be read again.
    pub fn load(path: &Path, may_create: bool, random: &dyn Random) -> Result<Self> {
        Self::load_with(path, credentials().as_deref(), may_create, random)
    }

    fn load_with(path: &Path, credentials: Option<&Path>, may_create: bool, random: &dyn Random) -> Result<Self> {
        let credential = credential(credentials);
        let from_systemd = credential.is_some();
        let path = credential.as_deref().unwrap_or(path);
        let key = match read(path, from_systemd)? {
            Some(key) => key,
            None if may_create => make(path, random)?,
            None => {
                return Err(Error::HostKey {
                    path: path.into(),
                    why: "is missing, but there is a store that was sealed with it; restore the key, or remove the store to start anew".into(),
                });
            }
        };
        if !from_systemd && let Err(error) = birth::note(path, Path::new(birth::MACHINE_ID)) {
            tracing::warn!(%error, "on which machine the host key was made is not noted");
        }
        Ok(Self::from_host_key(&key))
    }

    /// The MAC of `parts` for one use, named by `label`. Parts are length-prefixed: `["ab", "c"]` is not `["a", "bc"]`.
    pub fn mac(&self, label: &str, parts: &[&[u8]]) -> Tag {
        labelled(&self.mac, label, parts)
    }

    /// The MACs under which `parts` may be stored: the one of today, and those of earlier host keys, as [`Keys::again`]
    /// has carried them on.
    pub fn macs(&self, label: &str, parts: &[&[u8]]) -> Vec<Tag> {
        let mut macs = vec![self.mac(label, parts)];
        let mut former = self.former.iter();
        while let Some(key) = former.next() {
            let first = labelled(key, label, parts);
            let last = former.clone().fold(first, |mac, later| labelled(later, AGAIN, &[&mac]));
            macs.push(self.again(&last));
        }
        macs
    }

    /// Takes the place of the MAC `stored`, which the host key before this one made: what it is a MAC of is not known any
    /// more. Without this key, knowing the one before is of no use.
    pub fn again(&self, stored: &[u8]) -> Tag {
        self.mac(AGAIN, &[stored])
    }

    /// Seals `plain`; it opens only together with the same `context`.
    pub fn seal(&self, random: &dyn Random, context: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
        let mut nonce = [0u8; NONCE_BYTES];
        random.fill(&mut nonce)?;
        let sealed =
            self.seal.encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: context }).map_err(|_| Error::Sealed);
        wipe_stack::<8>();
        Ok([nonce.as_slice(), &sealed?].concat())
    }

    /// Opens what [`Keys::seal`] sealed with the same `context`.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(Error::Sealed)?;
        let opened =
            self.seal.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: context }).map(Zeroizing::new);
        wipe_stack::<8>();
        opened.map_err(|_| Error::Sealed)
    }
}

/// The directory of this program's systemd credentials.
fn credentials() -> Option<PathBuf> {
    std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from)
}

/// The credential `host.key`, if there is one.
fn credential(directory: Option<&Path>) -> Option<PathBuf> {
    directory.map(|directory| directory.join("host.key")).filter(|file| file.exists())
}

/// Whether two MACs are the same, in constant time.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// Reads the key at `path`; `None` if there is none. A systemd credential may have any mode.
pub fn read(path: &Path, from_systemd: bool) -> Result<Option<HostKey>> {
    let refuse = |why: Why| Error::HostKey { path: path.into(), why };
    let open = OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC).open(path);
    let mut file = match open {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(refuse(Why::of(&e, format!("can't be read: {e}")))),
    };
    let meta = file.metadata().map_err(|e| refuse(Why::of(&e, e.to_string())))?;
    if !from_systemd && meta.mode() & 0o077 != 0 {
        return Err(refuse(format!("others can read it (mode {:04o}); run: chmod 0600", meta.mode() & 0o7777).into()));
    }
    let mut key = HostKey::default();
    file.read_exact(key.as_mut()).map_err(|e| match e.kind() {
        std::io::ErrorKind::UnexpectedEof => refuse("is too short; it must have 32 bytes".into()),
        _ => refuse(Why::of(&e, format!("can't be read: {e}"))),
    })?;
    if file.read(&mut [0u8; 1]).map_err(|e| refuse(Why::of(&e, e.to_string())))? != 0 {
        return Err(refuse("is too long; it must have 32 bytes".into()));
    }
    Ok(Some(key))
}

/// Makes a key, and the file `path` with it.
pub fn make(path: &Path, random: &dyn Random) -> Result<HostKey> {
    let mut key = HostKey::default();
    random.fill(key.as_mut())?;
    let failed =
        |e: std::io::Error| Error::HostKey { path: path.into(), why: Why::of(&e, format!("can't be made: {e}")) };
    create(path, key.as_ref()).map_err(failed)?;
    Ok(key)
}

/// Writes the key to a temporary file and links it into place, so that a crash leaves a whole key or none.
fn create(path: &Path, key: &[u8]) -> std::io::Result<()> {
    let unfinished = path.with_extension("key.new");
    match std::fs::remove_file(&unfinished) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
    file.write_all(key)?;
    file.sync_all()?;
    std::fs::rename(&unfinished, path)?;
    match path.parent() {
        Some(directory) => File::open(directory)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn a_sealed_value_opens_only_with_its_key_and_context_and_unchanged() {
        let keys = Keys::from_host_key(&[1; 32]);
        let sealed = keys.seal(&SystemRandom, b"alice", b"alice@example.org").unwrap();
        assert!(!sealed.windows(5).any(|w| w == b"alice"));
        assert_eq!(keys.open(b"alice", &sealed).unwrap().as_slice(), b"alice@example.org");
        assert!(keys.open(b"bob", &sealed).is_err());
        assert!(Keys::from_host_key(&[2; 32]).open(b"alice", &sealed).is_err());
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert!(keys.open(b"alice", &damaged).is_err(), "byte {at}");
        }
        assert!(keys.open(b"alice", &sealed[..10]).is_err());
    }

    #[test]
    fn a_mac_depends_on_label_key_and_the_borders_between_parts() {
        let keys = Keys::from_host_key(&[1; 32]);
        let tag = keys.mac("code", &[b"ab", b"c"]);
        assert!(same(&tag, &keys.mac("code", &[b"ab", b"c"])));
        assert!(!same(&tag, &keys.mac("code", &[b"a", b"bc"])));
        assert!(!same(&tag, &keys.mac("name", &[b"ab", b"c"])));
        assert!(!same(&tag, &Keys::from_host_key(&[2; 32]).mac("code", &[b"ab", b"c"])));
    }

    #[test]
    fn a_credential_counts_before_the_file_and_may_be_readable_by_the_group_that_systemd_gives_it() {
        let (state, given) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let file = state.path().join("host.key");
        let key_of = |path: &Path| {
            Keys::load_with(path, Some(given.path()), false, &SystemRandom).map(|keys| keys.mac("x", &[]))
        };
        std::fs::write(&file, [1; 32]).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(key_of(&file).unwrap(), Keys::from_host_key(&[1; 32]).mac("x", &[]));
        // With an entry in its access control list, as systemd makes one, the mode shows the group's.
        let credential = given.path().join("host.key");
        std::fs::write(&credential, [2; 32]).unwrap();
        std::fs::set_permissions(&credential, std::fs::Permissions::from_mode(0o440)).unwrap();
        for path in [&file, &credential] {
            assert_eq!(key_of(path).unwrap(), Keys::from_host_key(&[2; 32]).mac("x", &[]), "{path:?}");
        }
        assert!(!given.path().join(birth::NOTE).exists(), "the directory is systemd's");
    }

    /// The keys that take the place of `old`.
    fn next(old: &Keys, number: u8) -> Keys {
        let next = Keys::from_host_key(&[number; 32]);
        let handed_on = old.handed_on(&next, &SystemRandom).unwrap();
        next.with_former(&handed_on).unwrap()
    }

    #[test]
    fn what_a_mac_was_made_of_is_known_again_after_any_number_of_new_keys_and_by_none_but_the_last() {
        let parts: [&[u8]; 2] = [b"alice", b"0a1b2c3d4e5f"];
        let first = Keys::from_host_key(&[1; 32]);
        let stored = first.mac("recovery code", &parts);
        assert_eq!(first.macs("recovery code", &parts), [stored]);
        let second = next(&first, 2);
        let again = second.again(&stored);
        assert_eq!(second.macs("recovery code", &parts), [second.mac("recovery code", &parts), again]);
        let third = next(&second, 3);
        let made_by_second = third.again(&second.mac("recovery code", &parts));
        let all = third.macs("recovery code", &parts);
        assert_eq!(all, [third.mac("recovery code", &parts), third.again(&again), made_by_second]);
        for other in [third.macs("help-desk code", &parts), third.macs("recovery code", &[b"bob", parts[1]])] {
            assert!(other.iter().all(|mac| !all.contains(mac)));
        }
        let handed_on = second.handed_on(&third, &SystemRandom).unwrap();
        for wrong in [first, Keys::from_host_key(&[2; 32])] {
            assert!(matches!(wrong.with_former(&handed_on), Err(Error::Sealed)));
        }
    }

    #[test]
    fn a_host_key_is_made_once_kept_private_and_never_made_for_an_existing_store() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("host.key");
        assert!(Keys::load(&path, false, &SystemRandom).is_err());
        let first = Keys::load(&path, true, &SystemRandom).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        let again = Keys::load(&path, true, &SystemRandom).unwrap();
        assert_eq!(first.mac("x", &[]), again.mac("x", &[]));

        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(Keys::load(&path, true, &SystemRandom).unwrap_err().to_string().contains("chmod 0600"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        for wrong in [31, 33] {
            std::fs::write(&path, vec![7; wrong]).unwrap();
            assert!(Keys::load(&path, true, &SystemRandom).is_err(), "{wrong} bytes");
        }
    }
}
