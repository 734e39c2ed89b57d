//! libpam as the hosts of the tests call it: its functions, and a conversation that a person of the tests holds. A file of each of
//! them, as they are built apart from one another.
#![allow(unsafe_code, reason = "the one file of the tests' hosts that talks to libpam")]
#![allow(dead_code, reason = "no host needs all of it")]

use std::ffi::{CStr, CString, c_char, c_int, c_void};

#[repr(C)]
pub(crate) struct Message {
    style: c_int,
    text: *const c_char,
}

#[repr(C)]
pub(crate) struct Response {
    text: *mut c_char,
    code: c_int,
}

type Converse = extern "C" fn(c_int, *mut *const Message, *mut *mut Response, *mut c_void) -> c_int;

#[repr(C)]
pub(crate) struct Conversation {
    converse: Option<Converse>,
    person: *mut c_void,
}

#[link(name = "pam")]
unsafe extern "C" {
    pub(crate) fn pam_start_confdir(
        service: *const c_char,
        user: *const c_char,
        conversation: *const Conversation,
        confdir: *const c_char,
        handle: *mut *mut c_void,
    ) -> c_int;
    pub(crate) fn pam_end(handle: *mut c_void, code: c_int) -> c_int;
    pub(crate) fn pam_authenticate(handle: *mut c_void, flags: c_int) -> c_int;
    pub(crate) fn pam_acct_mgmt(handle: *mut c_void, flags: c_int) -> c_int;
    pub(crate) fn pam_setcred(handle: *mut c_void, flags: c_int) -> c_int;
    pub(crate) fn pam_chauthtok(handle: *mut c_void, flags: c_int) -> c_int;
    pub(crate) fn pam_open_session(handle: *mut c_void, flags: c_int) -> c_int;
    pub(crate) fn pam_close_session(handle: *mut c_void, flags: c_int) -> c_int;
    pub(crate) fn pam_putenv(handle: *mut c_void, assignment: *const c_char) -> c_int;
    pub(crate) fn pam_set_item(handle: *mut c_void, item: c_int, value: *const c_void) -> c_int;
    fn calloc(count: usize, size: usize) -> *mut c_void;
    fn free(memory: *mut c_void);
    fn strdup(text: *const c_char) -> *mut c_char;
}

pub(crate) const PAM_TTY: c_int = 3;
pub(crate) const PAM_RHOST: c_int = 4;
pub(crate) const PAM_SILENT: c_int = 0x8000;
pub(crate) const PAM_CONV_ERR: c_int = 19;
pub(crate) const ECHO_OFF: c_int = 1;
/// The styles up to this one want an answer; the others only tell.
pub(crate) const ECHO_ON: c_int = 2;

/// An answer, none, or what the conversation returns in place of one.
pub(crate) type Reply = Result<Option<CString>, c_int>;

/// The user who answers.
pub(crate) trait Person {
    /// So many messages come at once.
    fn begins(&mut self, _count: usize) {}

    /// One of them.
    fn hears(&mut self, style: c_int, text: &CStr) -> Reply;
}

impl Conversation {
    /// With `person`, who must outlive the transaction.
    pub(crate) fn with<P: Person>(person: *mut P) -> Self {
        Self { converse: Some(converse::<P>), person: person.cast() }
    }

    /// A host that has none.
    pub(crate) const fn none() -> Self {
        Self { converse: None, person: std::ptr::null_mut() }
    }
}

extern "C" fn converse<P: Person>(
    count: c_int,
    messages: *mut *const Message,
    responses: *mut *mut Response,
    person: *mut c_void,
) -> c_int {
    let Ok(count) = usize::try_from(count) else { return PAM_CONV_ERR };
    // SAFETY: libpam passes back the pointer of `Conversation::with`, whose person outlives the transaction, and as many messages
    // as it says; the responses are allocated as libpam frees them.
    unsafe {
        let person = &mut *person.cast::<P>();
        person.begins(count);
        let answers = calloc(count, size_of::<Response>()).cast::<Response>();
        for at in 0..count {
            let message = &**messages.add(at);
            match person.hears(message.style, CStr::from_ptr(message.text)) {
                Ok(Some(answer)) => (*answers.add(at)).text = strdup(answer.as_ptr()),
                Ok(None) => {}
                Err(code) => {
                    (0..at).for_each(|before| free((*answers.add(before)).text.cast()));
                    free(answers.cast());
                    return code;
                }
            }
        }
        *responses = answers;
    }
    0
}
