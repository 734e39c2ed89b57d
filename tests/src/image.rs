//! The base of a machine: a plain Debian (12 or 13), or one with the built package installed. Built once and kept.

use std::{
    ffi::OsStr,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, SystemTime},
};

use sha2::{Digest as _, Sha256};

use crate::host;

const BROWSER: &str = include_str!("../image/browser");
const COMPANY: &str = include_str!("../image/company");
const OPENLDAP: &str = include_str!("../image/openldap");
const KERBEROS: &str = include_str!("../image/kerberos");
const NSLCD: &str = include_str!("../image/nslcd");
const WINBIND: &str = include_str!("../image/winbind");
const GREETERS: &str = include_str!("../image/greeters");
const SCREENS: &str = include_str!("../image/screens");
const PROGRAMS: &str = include_str!("../image/programs");
const WAYLAND: &str = include_str!("../image/wayland");
const WAITING: &str = include_str!("../image/waiting");

/// A release of Debian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    /// 12.
    Bookworm,
    /// 13.
    Trixie,
}

impl Default for Suite {
    /// The release of tests that can run on any: 12, or the one in `SSPR_SUITE`.
    fn default() -> Self {
        let asked = std::env::var("SSPR_SUITE");
        asked.map_or(Self::Bookworm, |asked| {
            Self::ALL.into_iter().find(|suite| suite.name() == asked).expect("SSPR_SUITE is bookworm or trixie")
        })
    }
}

impl Suite {
    /// All releases that the package supports.
    pub const ALL: [Self; 2] = [Self::Bookworm, Self::Trixie];

    const fn name(self) -> &'static str {
        match self {
            Self::Bookworm => "bookworm",
            Self::Trixie => "trixie",
        }
    }
}

/// A root file system, as layers for an overlay, the topmost first.
#[derive(Clone, Debug)]
pub struct Image {
    pub(crate) layers: Vec<PathBuf>,
}

impl Image {
    /// Debian 12 with sshd, sudo, cron and the like; nothing of ours.
    pub fn plain() -> Self {
        Self::plain_of(Suite::default())
    }

    /// [`Image::plain`] of another release.
    pub fn plain_of(suite: Suite) -> Self {
        Self::plain_with(suite, &[])
    }

    /// [`Image::plain_of`] with more Debian packages. As for apt, `NAME-` leaves one out.
    pub fn plain_with(suite: Suite, packages: &[&str]) -> Self {
        Self { layers: vec![plain(suite, packages)] }
    }

    /// [`Image::plain`] with the package in `dist/` installed, and nothing enabled.
    pub fn installed() -> Self {
        Self::installed_on(Suite::default())
    }

    /// [`Image::installed`] on another release.
    pub fn installed_on(suite: Suite) -> Self {
        Self::installed_with(suite, &[])
    }

    /// Debian 12 with the daemons and PAM modules that a company may use besides ours, and the package installed.
    pub fn in_company() -> Self {
        Self::installed_with(Suite::default(), &COMPANY.lines().collect::<Vec<_>>())
    }

    /// [`Image::installed`] with Postfix and `OpenSMTPD`, each in its own Debian below `/srv`.
    pub fn with_mail_servers() -> Self {
        let mut image = Self::installed();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("image/servers.sh");
        let said = host::command("sh", [script.as_os_str(), OsStr::new(Suite::Trixie.name())]);
        image.layers.insert(0, said.trim_end().into());
        image
    }

    /// [`Image::installed`] with the files of `package` that match `pattern`. The package is not installed, because its
    /// own scripts and rules would interfere with building the image.
    pub fn with_files_of(package: &str, pattern: &str) -> Self {
        let (mut image, suite) = (Self::installed(), Suite::default());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("image/unpacked.sh");
        let arguments = [script.as_os_str(), OsStr::new(suite.name()), OsStr::new(package), OsStr::new(pattern)];
        let said = host::command("sh", arguments);
        image.layers.insert(0, said.trim_end().into());
        image
    }

    /// Debian 12 with SSH clients and with programs that leave passwords to PAM, and the package installed.
    pub fn with_programs() -> Self {
        Self::installed_with(Suite::Bookworm, &PROGRAMS.lines().collect::<Vec<_>>())
    }

    /// [`Image::installed_on`] with Cockpit, our page in it, and a browser.
    pub fn with_browser(suite: Suite) -> Self {
        Self::installed_of(suite, &BROWSER.lines().collect::<Vec<_>>(), &[package(), for_cockpit()])
    }

    /// Debian 13 with greetd and its greeters for a terminal, and the package installed.
    pub fn with_greeters() -> Self {
        Self::installed_with(Suite::Trixie, &GREETERS.lines().collect::<Vec<_>>())
    }

    /// Debian 13 with greetd, and a greeter in a Wayland compositor, and the package installed.
    pub fn with_wayland() -> Self {
        Self::installed_with(Suite::Trixie, &WAYLAND.lines().collect::<Vec<_>>())
    }

    /// Debian 12 with display managers, screen lockers and a screen for them, and the package installed.
    pub fn with_screens() -> Self {
        Self::installed_with(Suite::Bookworm, &SCREENS.lines().collect::<Vec<_>>())
    }

    /// Debian 12 with SSH clients that wait for their user, and the package installed.
    pub fn with_clients_that_wait() -> Self {
        Self::installed_with(Suite::Bookworm, &WAITING.lines().collect::<Vec<_>>())
    }

    /// [`Image::installed_on`] with an `OpenLDAP` server, sssd, and the package for directory users.
    pub fn with_openldap(suite: Suite) -> Self {
        Self::installed_of(suite, &OPENLDAP.lines().collect::<Vec<_>>(), &[package(), for_directories()])
    }

    /// [`Image::with_openldap`] with none of our packages.
    pub fn plain_with_openldap(suite: Suite) -> Self {
        Self::plain_with(suite, &OPENLDAP.lines().collect::<Vec<_>>())
    }

    /// [`Image::installed`] with an `OpenLDAP` server and a KDC of MIT Kerberos, and the package for directory users.
    pub fn with_kerberos() -> Self {
        let packages: Vec<_> = KERBEROS.lines().collect();
        Self::installed_of(Suite::Bookworm, &packages, &[package(), for_directories()])
    }

    /// [`Image::with_openldap`] with nslcd instead of sssd.
    pub fn with_nslcd(suite: Suite) -> Self {
        Self::installed_of(suite, &NSLCD.lines().collect::<Vec<_>>(), &[package(), for_directories()])
    }

    /// [`Image::installed_on`] with Samba as a domain controller and winbind, and the package for directory users.
    pub fn with_winbind(suite: Suite) -> Self {
        Self::installed_of(suite, &WINBIND.lines().collect::<Vec<_>>(), &[package(), for_directories()])
    }

    /// [`Image::installed_on`] with more Debian packages.
    pub fn installed_with(suite: Suite, packages: &[&str]) -> Self {
        Self::installed_of(suite, packages, &[package()])
    }

    /// [`Image::installed`] with this package instead of the one in `dist/`.
    pub fn installed_from(deb: &Path) -> Self {
        Self::installed_of(Suite::default(), &[], &[deb.to_owned()])
    }

    fn installed_of(suite: Suite, packages: &[&str], ours: &[PathBuf]) -> Self {
        let plain = plain(suite, packages);
        let _lock = lock();
        let contents: Vec<Vec<u8>> = ours.iter().map(|deb| fs::read(deb).unwrap()).collect();
        let mut parts: Vec<&[u8]> = contents.iter().map(Vec::as_slice).collect();
        parts.push(plain.as_os_str().as_encoded_bytes());
        let layer = host::cache().join(format!("package-{}", hash(&parts)));
        if !layer.exists() {
            remove_old_packages();
            build(&layer, |directory| {
                host::mount_overlay(directory, std::slice::from_ref(&plain));
                let root = directory.join("root");
                for deb in ours {
                    fs::copy(deb, root.join("root/sspr.deb")).unwrap();
                    host::chroot(&root, "dpkg -i /root/sspr.deb");
                }
                host::command("umount", [&root]);
            });
        }
        Self { layers: vec![layer.join("upper"), plain] }
    }
}

/// The built package: `$SSPR_DEB`, or the one in `dist/`.
pub fn package() -> PathBuf {
    built("SSPR_DEB", "deb").expect("no package in dist/; `make deb` builds it")
}

/// The built package for directory users.
pub fn for_directories() -> PathBuf {
    addition("sspr-directory_")
}

/// The built package for the server of a fleet.
pub fn for_servers() -> PathBuf {
    addition("sspr-server_")
}

/// The built package with the page in Cockpit.
pub fn for_cockpit() -> PathBuf {
    addition("cockpit-sspr_")
}

/// Additions to the built package are in a folder beside it.
fn addition(name: &str) -> PathBuf {
    let directory = package().with_file_name("additions");
    let files = fs::read_dir(&directory).into_iter().flatten().flatten();
    let deb = files.map(|entry| entry.path()).find(|path| {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        file.starts_with(name) && file.ends_with(".deb")
    });
    deb.expect("no such package in additions/ beside the other; `make deb` builds it")
}

/// The built package for other distributions: `$SSPR_RPM`, or the one in `dist/`.
pub fn rpm() -> PathBuf {
    built("SSPR_RPM", "rpm").expect("no .rpm in dist/; `make rpm` builds it")
}

/// The content of `rpm` packed again, with a higher version.
pub fn newer_rpm(rpm: &Path) -> PathBuf {
    let directory = rpm.with_file_name("upgrade");
    let mut files = fs::read_dir(&directory).unwrap().flatten().map(|entry| entry.path());
    files.next().expect("no .rpm in upgrade/ beside the other; `make rpm` builds it")
}

/// The modules of npm that `tests/image/npm` pins.
pub fn npm() -> PathBuf {
    host::command("sh", [Path::new(env!("CARGO_MANIFEST_DIR")).join("image/npm.sh")]).trim_end().into()
}

fn built(variable: &str, extension: &str) -> Option<PathBuf> {
    if let Some(path) = std::env::var_os(variable) {
        return Some(path.into());
    }
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dist");
    let files = fs::read_dir(&dist).into_iter().flatten().flatten().map(|entry| entry.path());
    files.filter(|path| path.extension().is_some_and(|e| e == extension)).max()
}

/// The image of `suite` with `more` packages, built if it is not in the cache.
fn plain(suite: Suite, more: &[&str]) -> PathBuf {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("image/make.sh");
    let arguments = [suite.name()].into_iter().chain(more.iter().copied()).map(OsStr::new);
    let said = host::command("sh", [script.as_os_str()].into_iter().chain(arguments));
    said.trim_end().into()
}

/// Builds in a temporary place and renames, so that a half-built layer is never used.
fn build(layer: &Path, work: impl FnOnce(&Path)) {
    let unfinished = layer.with_extension("unfinished");
    let _ = Command::new("umount").arg(unfinished.join("root")).stderr(Stdio::null()).status();
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).unwrap();
    }
    fs::create_dir_all(&unfinished).unwrap();
    work(&unfinished);
    fs::rename(&unfinished, layer).unwrap();
}

/// One builder at a time, also across processes. Released when the file is closed.
fn lock() -> File {
    fs::create_dir_all(host::cache()).unwrap();
    let file = File::create(host::cache().join("lock")).unwrap();
    file.lock().unwrap();
    file
}

/// Packages are built often, so those that can't be in use any more are removed.
fn remove_old_packages() {
    let day = Duration::from_hours(24);
    for entry in fs::read_dir(host::cache()).unwrap().flatten() {
        let old = entry.metadata().and_then(|m| m.modified()).is_ok_and(|t| SystemTime::now() > t + day);
        if old && entry.file_name().to_string_lossy().starts_with("package-") {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

fn hash(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_le_bytes());
        hasher.update(part);
    }
    hex(&hasher.finalize()[..8])
}
