//! The module's own edge to C, for what pam-bindings leaves out: setting `PAM_AUTHTOK`, the environment of the
//! transaction, the system log, the data that a transaction keeps, and the host's terminal. Everything else goes
//! through pam-bindings.

use std::cell::Cell;
use std::ffi::{CStr, CString, OsStr, c_char, c_int};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Component, Path};

use pam::constants::{
    PAM_ERROR_MSG, PAM_PROMPT_ECHO_OFF, PAM_PROMPT_ECHO_ON, PAM_SILENT, PAM_TEXT_INFO, PamFlag, PamMessageStyle,
};
use pam::conv::Conv;
use pam::items::{AuthTok, Item, RHost, Service, Tty};
use pam::module::PamHandle;
use pam::secret::SecretBytes;
use sspr_config::language::{self, Language, VARIABLES};
use zeroize::Zeroizing;

use crate::host::{Host, Level, Mark, Secret, Style, Tone};
use crate::text;

/// The name of the mark among the data of a transaction. Only [`PamHost::mark`] sets it.
const MARK: &str = "pam_sspr.typed";

/// The data under that name. libpam drops it, and so wipes a password in it, when it is replaced and in `pam_end`.
type Kept = Cell<Option<Mark>>;

/// The longest user name that is passed on: no account has a name longer than Linux's `LOGIN_NAME_MAX` (256).
const USER_MAX: usize = 256;

/// The most bytes of a terminal's or a remote host's name that are passed on.
const PLACE_MAX: usize = 256;

unsafe extern "C" {
    // Linux-PAM's pam_modutil.h, pam_appl.h and pam_ext.h.
    fn pam_modutil_getpwnam(pamh: *mut PamHandle, user: *const c_char) -> *const libc::passwd;
    fn pam_getenv(pamh: *const PamHandle, name: *const c_char) -> *const c_char;
    fn pam_syslog(pamh: *const PamHandle, priority: c_int, fmt: *const c_char, ...);
}

/// A real PAM transaction.
pub(crate) struct PamHost<'a> {
    pamh: &'a mut PamHandle,
    silent: bool,
    /// Whether debug lines are logged.
    pub(crate) debug: bool,
    /// Whether the service draws text itself, and is not a terminal.
    pub(crate) screen: bool,
    /// The language that the administrator set for this host.
    pub(crate) language: Option<Language>,
}

impl<'a> PamHost<'a> {
    pub(crate) fn new(pamh: &'a mut PamHandle, flags: PamFlag) -> Self {
        Self { pamh, silent: flags & PAM_SILENT != 0, debug: false, screen: false, language: None }
    }

    fn send(&self, style: PamMessageStyle, text: &str) -> Option<SecretBytes> {
        self.pamh.get_item::<Conv<'_>>().ok()??.send(style, text).ok()?
    }

    fn kept(&self) -> Option<&Kept> {
        // SAFETY: data of this name is set only in `mark`, as a `Kept`. Another module cannot set it by mistake: the
        // name is this module's.
        unsafe { self.pamh.get_data::<Kept>(MARK) }.ok()
    }

    /// A variable of the transaction's environment, which the host's programs inherit.
    fn variable(&self, name: &str) -> Option<String> {
        let name = CString::new(name).ok()?;
        // SAFETY: the handle is the one that libpam called this module with, and the name is NUL-terminated.
        let value = unsafe { pam_getenv(&raw const *self.pamh, name.as_ptr()) };
        // SAFETY: libpam gives a NUL-terminated string of its own, which stays until the environment is changed;
        // nothing changes it before it is copied, two lines below.
        let value = (!value.is_null()).then(|| unsafe { CStr::from_ptr(value) })?;
        Some(place(value))
    }
}

impl Host for PamHost<'_> {
    fn service(&self) -> Option<&[u8]> {
        self.pamh.get_item::<Service<'_>>().ok()?.map(|service| service.0.to_bytes())
    }

    fn user(&mut self) -> Option<String> {
        let user = self.pamh.get_user(None).ok()?;
        (!user.is_empty() && user.len() <= USER_MAX).then_some(user)
    }

    fn uid(&mut self, user: &str) -> Option<u32> {
        let user = CString::new(user).ok()?;
        // SAFETY: the handle is the one that libpam called this module with, and `user` is NUL-terminated and outlives
        // the call. The result is null, or an entry that libpam keeps until the transaction ends. It is read at once.
        unsafe { pam_modutil_getpwnam(&raw mut *self.pamh, user.as_ptr()).as_ref() }.map(|entry| entry.pw_uid)
    }

    fn tty(&self) -> String {
        self.pamh.get_item::<Tty<'_>>().ok().flatten().map_or_else(String::new, |tty| place(tty.0))
    }

    fn rhost(&self) -> String {
        let named = self.pamh.get_item::<RHost<'_>>().ok().flatten().map_or_else(String::new, |rhost| place(rhost.0));
        if named.is_empty() || named.parse::<std::net::IpAddr>().is_ok() {
            return named;
        }
        // With UseDNS, rhost is a name that the owner of the client's zone chooses. sshd also gives the address to its
        // programs.
        let connection = self.variable("SSH_CONNECTION").unwrap_or_default();
        let address = connection.split(' ').next().filter(|address| address.parse::<std::net::IpAddr>().is_ok());
        address.map_or(named, str::to_owned)
    }

    fn locale(&self) -> String {
        if let Some(language) = self.language {
            return format!("{}.UTF-8", language.tag());
        }
        let of_transaction = VARIABLES.into_iter().filter_map(|name| self.variable(name));
        let of_host = VARIABLES.into_iter().filter_map(|name| std::env::var(name).ok());
        let named = of_transaction.chain(of_host).find(|value| !value.is_empty());
        // getty takes the machine's locale out of login's environment.
        text::clean_line(&named.unwrap_or_else(language::machine_locale)).chars().take(PLACE_MAX).collect()
    }

    fn has_password(&self) -> bool {
        self.pamh.get_item::<AuthTok<'_>>().is_ok_and(|token| token.is_some())
    }

    fn set_password(&mut self, password: &Secret) -> bool {
        // Sized up front: a vector that grows would leave an unwiped copy behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(password.bytes().len() + 1));
        bytes.extend_from_slice(password.bytes());
        bytes.push(0);
        let Ok(token) = CStr::from_bytes_with_nul(&bytes) else { return false };
        // SAFETY: the pointer is to a NUL-terminated string that `bytes` keeps alive and unchanged until after
        // `pam_set_item`, which makes a copy of its own.
        let token = unsafe { AuthTok::from_raw(token.as_ptr()) };
        self.pamh.set_item_str(token).is_ok()
    }

    fn mark(&mut self, mark: Option<Mark>) {
        if let Some(kept) = self.kept() {
            kept.set(mark);
        } else if mark.is_some() {
            // If there is no memory for it, nothing is kept, and registration is offered another time.
            let _ = self.pamh.set_data::<Kept>(MARK, Box::new(Cell::new(mark)));
        }
    }

    fn take_mark(&mut self) -> Option<Mark> {
        self.kept()?.take()
    }

    fn is_silent(&self) -> bool {
        self.silent
    }

    fn is_screen(&self) -> bool {
        self.screen
    }

    fn is_root(&self) -> bool {
        rustix::process::geteuid().is_root()
    }

    fn is_at_its_terminal(&self) -> bool {
        let Some(named) = self.pamh.get_item::<Tty<'_>>().ok().flatten() else { return false };
        let named = Path::new(OsStr::from_bytes(named.0.to_bytes()));
        let name = named.strip_prefix("/dev").unwrap_or(named);
        let is_below_dev = name.components().all(|part| matches!(part, Component::Normal(_)));
        if name.as_os_str().is_empty() || !is_below_dev {
            return false;
        }
        let Some(device) = standard_input() else { return false };
        let terminal = std::fs::metadata(Path::new("/dev").join(name));
        terminal.is_ok_and(|terminal| terminal.file_type().is_char_device() && terminal.rdev() == device)
    }

    fn ask(&mut self, style: Style, prompt: &str) -> Option<Secret> {
        let style = match style {
            Style::EchoOn => PAM_PROMPT_ECHO_ON,
            Style::EchoOff => PAM_PROMPT_ECHO_OFF,
        };
        self.send(style, prompt).map(|answer| Secret::new(answer.as_bytes()))
    }

    fn tell(&mut self, tone: Tone, text: &str) {
        if !self.silent && !text.is_empty() {
            let style = match tone {
                Tone::Info => PAM_TEXT_INFO,
                Tone::Error => PAM_ERROR_MSG,
            };
            let _ = self.send(style, text);
        }
    }

    fn log(&self, level: Level, line: &str) {
        let priority = match level {
            Level::Error => libc::LOG_ERR,
            Level::Warning => libc::LOG_WARNING,
            Level::Notice => libc::LOG_NOTICE,
            Level::Debug if self.debug => libc::LOG_DEBUG,
            Level::Debug => return,
        };
        let Ok(line) = CString::new(text::clean_line(line)) else { return };
        // SAFETY: the handle is the one that libpam called this module with; the format takes exactly the one string
        // that is passed, and both are NUL-terminated and outlive the call.
        unsafe { pam_syslog(&raw const *self.pamh, priority, c"%s".as_ptr(), line.as_ptr()) }
    }
}

/// The device that is the process's standard input, if that is a terminal.
fn standard_input() -> Option<u64> {
    // SAFETY: asks the kernel about a descriptor, which need not be open. It writes to this function's own value, and a
    // zeroed `stat` is a valid one.
    unsafe {
        let mut stat: libc::stat = std::mem::zeroed();
        (libc::isatty(0) == 1 && libc::fstat(0, &raw mut stat) == 0).then_some(stat.st_rdev)
    }
}

/// The place of a sign-in as text: bytes that aren't UTF-8 are replaced, control characters dropped, and the length
/// capped.
fn place(name: &CStr) -> String {
    let bytes = name.to_bytes();
    text::clean_line(&String::from_utf8_lossy(bytes.get(..PLACE_MAX).unwrap_or(bytes)))
}

#[cfg(test)]
mod tests;
