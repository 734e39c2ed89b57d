//! A PAM host: real libpam, and a user who answers.
#![allow(unsafe_code, reason = "the one file of the bench that talks C")]

#[path = "../../../libpam.rs"]
mod libpam;

use std::{
    ffi::{CStr, CString, c_char, c_int, c_void},
    os::fd::{AsRawFd as _, OwnedFd},
    path::Path,
    sync::OnceLock,
};

use rustix::{
    fs::{Mode, OFlags, open},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
};

use libpam::{
    Conversation, ECHO_ON, PAM_TTY, Reply, pam_acct_mgmt, pam_authenticate, pam_end, pam_set_item, pam_start_confdir,
};

unsafe extern "C" {
    fn dup2(from: c_int, to: c_int) -> c_int;
    fn dlopen(path: *const c_char, flags: c_int) -> *mut c_void;
    fn dlclose(handle: *mut c_void) -> c_int;
}

/// The flag with which libpam loads modules.
const RTLD_NOW: c_int = 2;

/// Loads a module as libpam does, and unloads it.
pub(crate) fn load(module: &str) {
    let path = CString::new(module).unwrap();
    // SAFETY: the path ends with NUL; the library is unloaded once, and nothing of it is used.
    unsafe {
        let handle = dlopen(path.as_ptr(), RTLD_NOW);
        assert!(!handle.is_null(), "{module} can't be loaded");
        assert_eq!(dlclose(handle), 0, "{module}");
    }
}

/// The user at the terminal: sees a prompt and gives an answer.
pub(crate) type Person<'a> = &'a mut dyn FnMut(&str) -> String;

struct Sitting<'a>(Person<'a>);

impl libpam::Person for Sitting<'_> {
    fn hears(&mut self, style: c_int, text: &CStr) -> Reply {
        Ok((style <= ECHO_ON).then(|| CString::new((self.0)(&text.to_string_lossy())).unwrap()))
    }
}

/// The terminal that is this process's standard input, as for login(1): the module accepts nothing else as a login. The
/// other end stays open for the life of the process.
fn terminal() -> &'static CString {
    static TERMINAL: OnceLock<(OwnedFd, CString)> = OnceLock::new();
    let made = TERMINAL.get_or_init(|| {
        let other_end = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&other_end).unwrap();
        unlockpt(&other_end).unwrap();
        let name = ptsname(&other_end, Vec::new()).unwrap();
        let terminal = open(&name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
        // SAFETY: the descriptor is open, and the standard input is not read here.
        assert_eq!(unsafe { dup2(terminal.as_raw_fd(), 0) }, 0);
        (other_end, name)
    });
    &made.1
}

/// To be called before descriptors are counted.
pub(crate) fn sit_down() {
    terminal();
}

/// Signs `user` in to `service` according to the files in `directory`: auth, then account. Both must succeed. `between`
/// is called after auth.
pub(crate) fn sign_in(directory: &Path, service: &str, user: &str, person: Person<'_>, between: impl FnOnce()) {
    let mut person = Sitting(person);
    let conversation = Conversation::with(&raw mut person);
    let directory = CString::new(directory.as_os_str().as_encoded_bytes()).unwrap();
    let (service, user) = (CString::new(service).unwrap(), CString::new(user).unwrap());
    // SAFETY: all strings and the conversation outlive the transaction, which ends below.
    unsafe {
        let mut handle = std::ptr::null_mut();
        let started = pam_start_confdir(
            service.as_ptr(),
            user.as_ptr(),
            &raw const conversation,
            directory.as_ptr(),
            &raw mut handle,
        );
        assert_eq!(started, 0, "pam_start");
        pam_set_item(handle, PAM_TTY, terminal().as_ptr().cast());
        assert_eq!(pam_authenticate(handle, 0), 0, "pam_authenticate");
        between();
        assert_eq!(pam_acct_mgmt(handle, 0), 0, "pam_acct_mgmt");
        assert_eq!(pam_end(handle, 0), 0, "pam_end");
    }
}
