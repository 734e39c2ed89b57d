//! A PAM host: real libpam, and a person who answers.
#![allow(unsafe_code, reason = "the one file of the bench that talks C")]

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

#[repr(C)]
struct Message {
    style: c_int,
    text: *const c_char,
}

#[repr(C)]
struct Response {
    text: *mut c_char,
    code: c_int,
}

#[repr(C)]
struct Conversation {
    converse: extern "C" fn(c_int, *mut *const Message, *mut *mut Response, *mut c_void) -> c_int,
    person: *mut c_void,
}

#[link(name = "pam")]
unsafe extern "C" {
    fn pam_start_confdir(
        service: *const c_char,
        user: *const c_char,
        conversation: *const Conversation,
        confdir: *const c_char,
        handle: *mut *mut c_void,
    ) -> c_int;
    fn pam_end(handle: *mut c_void, code: c_int) -> c_int;
    fn pam_authenticate(handle: *mut c_void, flags: c_int) -> c_int;
    fn pam_acct_mgmt(handle: *mut c_void, flags: c_int) -> c_int;
    fn pam_set_item(handle: *mut c_void, item: c_int, value: *const c_void) -> c_int;
    fn calloc(count: usize, size: usize) -> *mut c_void;
    fn strdup(text: *const c_char) -> *mut c_char;
    fn dup2(from: c_int, to: c_int) -> c_int;
}

const PAM_TTY: c_int = 3;
const PAM_CONV_ERR: c_int = 19;
/// The styles up to this one want an answer; the others only tell.
const PAM_PROMPT_ECHO_ON: c_int = 2;

/// The user at the terminal: gets a prompt, gives an answer.
pub(crate) type Person<'a> = &'a mut dyn FnMut(&str) -> String;

extern "C" fn converse(
    count: c_int,
    messages: *mut *const Message,
    responses: *mut *mut Response,
    person: *mut c_void,
) -> c_int {
    let Ok(count) = usize::try_from(count) else { return PAM_CONV_ERR };
    // SAFETY: libpam passes back the pointer of `sign_in`, whose person outlives the transaction, and as many messages as
    // it says; the responses are allocated as libpam frees them.
    unsafe {
        let person = &mut *person.cast::<Person<'_>>();
        let answers = calloc(count, size_of::<Response>()).cast::<Response>();
        for at in 0..count {
            let message = &**messages.add(at);
            if message.style > PAM_PROMPT_ECHO_ON {
                continue;
            }
            let answer = person(&CStr::from_ptr(message.text).to_string_lossy());
            (*answers.add(at)).text = strdup(CString::new(answer).unwrap().as_ptr());
        }
        *responses = answers;
    }
    0
}

/// The terminal that is this process's standard input, as login(1) has it: the module takes nothing else for a login. The other
/// end stays open as long as the process.
fn terminal() -> &'static CString {
    static TERMINAL: OnceLock<(OwnedFd, CString)> = OnceLock::new();
    let made = TERMINAL.get_or_init(|| {
        let other_end = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&other_end).unwrap();
        unlockpt(&other_end).unwrap();
        let name = ptsname(&other_end, Vec::new()).unwrap();
        let terminal = open(&name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
        // SAFETY: a descriptor that is open, and the standard input, which nobody reads here.
        assert_eq!(unsafe { dup2(terminal.as_raw_fd(), 0) }, 0);
        (other_end, name)
    });
    &made.1
}

/// To be called before descriptors are counted.
pub(crate) fn sit_down() {
    terminal();
}

/// Signs `user` in to `service` as the files in `directory` say: auth, then account. Both must succeed. `between` is called
/// after auth.
pub(crate) fn sign_in(directory: &Path, service: &str, user: &str, mut person: Person<'_>, between: impl FnOnce()) {
    let conversation = Conversation { converse, person: (&raw mut person).cast() };
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
