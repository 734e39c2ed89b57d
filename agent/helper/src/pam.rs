//! Linux-PAM as an application calls it: the one file with unsafe code in this crate.
//!
//! One transaction is one service, one user and one secret. The secret answers prompts without echo; the modules'
//! messages are collected. C integers stay integers until they are mapped.
#![allow(unsafe_code, reason = "libpam is a C library; there is no safe binding for its application side")]

mod failure;

use std::{
    ffi::{CStr, c_char, c_int, c_uint, c_void},
    panic::{AssertUnwindSafe, catch_unwind},
    ptr,
};

use zeroize::{Zeroize as _, Zeroizing};

pub(crate) use failure::Failure;
use failure::{PAM_CONV_ERR, PAM_SUCCESS, checked};

const PAM_BUF_ERR: c_int = 5;

const PAM_PROMPT_ECHO_OFF: c_int = 1;
const PAM_ERROR_MSG: c_int = 3;
const PAM_TEXT_INFO: c_int = 4;

const PAM_FAIL_DELAY: c_int = 10;

/// `PAM_MAX_NUM_MSG` of `_pam_types.h`.
const MESSAGES_AT_ONCE: c_int = 32;
/// The most messages that are kept, more than any stack sends; further messages are dropped.
const MESSAGES_MAX: usize = 64;

#[repr(C)]
struct Handle {
    _opaque: [u8; 0],
}

#[repr(C)]
struct RawMessage {
    style: c_int,
    text: *const c_char,
}

#[repr(C)]
struct RawResponse {
    text: *mut c_char,
    /// Unused, must be 0.
    code: c_int,
}

type Converse = unsafe extern "C" fn(c_int, *mut *const RawMessage, *mut *mut RawResponse, *mut c_void) -> c_int;

#[repr(C)]
struct RawConversation {
    converse: Converse,
    data: *mut c_void,
}

#[link(name = "pam")]
unsafe extern "C" {
    fn pam_start_confdir(
        service: *const c_char,
        user: *const c_char,
        conversation: *const RawConversation,
        confdir: *const c_char,
        handle: *mut *mut Handle,
    ) -> c_int;
    fn pam_set_item(handle: *mut Handle, item: c_int, value: *const c_void) -> c_int;
    fn pam_authenticate(handle: *mut Handle, flags: c_int) -> c_int;
    fn pam_chauthtok(handle: *mut Handle, flags: c_int) -> c_int;
    fn pam_end(handle: *mut Handle, status: c_int) -> c_int;
}

/// A message from a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// Whether the module sent it as an error or as information.
    pub(crate) error: bool,
    /// As received, unfiltered.
    pub(crate) text: String,
}

/// The kind of the one secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Secret {
    /// The account's current password.
    Current,
    /// The account's new password. A prompt for the current one does not get it: other modules compare the new password
    /// with the one that a module accepted as the current one.
    New,
}

/// The user's side of the conversation.
struct Person {
    secret: Zeroizing<Vec<u8>>,
    kind: Secret,
    /// How many more prompts get the secret.
    prompts: usize,
    messages: Vec<Message>,
}

/// One PAM transaction, ended when it is dropped.
pub(crate) struct Transaction {
    handle: *mut Handle,
    /// The pointer comes from `Box::into_raw`, so only the callback and this struct's methods reach it.
    person: *mut Person,
    status: c_int,
}

impl Transaction {
    /// Starts `service` as configured in the directory `confdir`, and in no other. At most `prompts` prompts without
    /// echo are answered with `secret`, which must contain no NUL. Any further prompt, and any prompt with echo, ends
    /// the transaction.
    pub(crate) fn start(
        confdir: &CStr,
        service: &CStr,
        user: &CStr,
        (secret, kind): (Zeroizing<Vec<u8>>, Secret),
        prompts: usize,
    ) -> Result<Self, Failure> {
        let person = Box::into_raw(Box::new(Person { secret, kind, prompts, messages: Vec::new() }));
        let mut this = Self { handle: ptr::null_mut(), person, status: PAM_SUCCESS };
        let conversation = RawConversation { converse, data: person.cast() };
        // SAFETY: all strings end with NUL and outlive the call, libpam copies them and `conversation`; `person` lives
        // until `drop`, after `pam_end`.
        let code = unsafe {
            pam_start_confdir(
                service.as_ptr(),
                user.as_ptr(),
                &raw const conversation,
                confdir.as_ptr(),
                &raw mut this.handle,
            )
        };
        checked(code)?;
        if this.handle.is_null() {
            return Err(Failure::Other(PAM_BUF_ERR));
        }
        // The caller delays after a failure, so that a failure without PAM takes as long.
        // SAFETY: the handle is live; PAM_FAIL_DELAY takes a function of exactly this type as its value.
        let code = unsafe { pam_set_item(this.handle, PAM_FAIL_DELAY, no_delay as DelayFn as *const c_void) };
        checked(code)?;
        Ok(this)
    }

    /// `pam_authenticate`
    pub(crate) fn authenticate(&mut self) -> Result<(), Failure> {
        // SAFETY: the handle is live, and no reference to `*self.person` is held during the call.
        self.status = unsafe { pam_authenticate(self.handle, 0) };
        checked(self.status)
    }

    /// `pam_chauthtok`
    pub(crate) fn change_password(&mut self) -> Result<(), Failure> {
        // SAFETY: as in `authenticate`.
        self.status = unsafe { pam_chauthtok(self.handle, 0) };
        checked(self.status)
    }

    /// The modules' messages so far, in order.
    pub(crate) fn messages(&mut self) -> Vec<Message> {
        // SAFETY: `person` is live until `drop`, and libpam calls back only from within a call on the handle.
        let person = unsafe { &mut *self.person };
        std::mem::take(&mut person.messages)
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if !self.handle.is_null() {
            // SAFETY: the handle is live and not used after this.
            unsafe { pam_end(self.handle, self.status) };
        }
        // SAFETY: made by `Box::into_raw`, freed only here; libpam is done with it.
        drop(unsafe { Box::from_raw(self.person) });
    }
}

type DelayFn = extern "C" fn(c_int, c_uint, *mut c_void);

extern "C" fn no_delay(_code: c_int, _micros: c_uint, _data: *mut c_void) {}

unsafe extern "C" fn converse(
    count: c_int,
    messages: *mut *const RawMessage,
    responses: *mut *mut RawResponse,
    data: *mut c_void,
) -> c_int {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        if messages.is_null() || responses.is_null() || data.is_null() || !(1..=MESSAGES_AT_ONCE).contains(&count) {
            return PAM_CONV_ERR;
        }
        // SAFETY: libpam passes back the pointer from `start`, which is live, and nothing else refers to it meanwhile.
        let person = unsafe { &mut *data.cast::<Person>() };
        let count = usize::try_from(count).unwrap_or(0);
        // SAFETY: Linux-PAM passes an array of `count` pointers.
        let messages = unsafe { std::slice::from_raw_parts(messages, count) };
        let mut answers = Answers::new(count);
        match answers.fill(person, messages) {
            Ok(()) => {
                // SAFETY: checked for null above; the modules take over the array and its strings.
                unsafe { *responses = answers.give_away() };
                PAM_SUCCESS
            }
            Err(failure) => failure.to_raw(),
        }
    }));
    outcome.unwrap_or(PAM_CONV_ERR)
}

/// An array of responses from malloc(3), wiped and freed unless it is given away.
struct Answers {
    array: *mut RawResponse,
    count: usize,
    secret_len: usize,
}

impl Answers {
    fn new(count: usize) -> Self {
        // SAFETY: calloc has no preconditions; null is handled in `fill`.
        let array = unsafe { libc::calloc(count, size_of::<RawResponse>()) }.cast();
        Self { array, count, secret_len: 0 }
    }

    fn fill(&mut self, person: &mut Person, messages: &[*const RawMessage]) -> Result<(), Failure> {
        if self.array.is_null() {
            return Err(Failure::Other(PAM_BUF_ERR));
        }
        self.secret_len = person.secret.len();
        for (index, message) in messages.iter().enumerate().take(self.count) {
            // SAFETY: a pointer to a message that lives during the callback, or null.
            let Some(message) = (unsafe { message.as_ref() }) else { return Err(Failure::Other(PAM_CONV_ERR)) };
            match message.style {
                PAM_PROMPT_ECHO_OFF => {
                    if person.kind == Secret::New && asks_for_the_current_one(message) {
                        return Err(Failure::Other(PAM_CONV_ERR));
                    }
                    person.prompts = person.prompts.checked_sub(1).ok_or(Failure::Other(PAM_CONV_ERR))?;
                    let text = copy(&person.secret)?;
                    // SAFETY: `index` is below the length of the array that calloc gave.
                    unsafe { (*self.array.add(index)).text = text };
                }
                PAM_ERROR_MSG | PAM_TEXT_INFO => {
                    if person.messages.len() < MESSAGES_MAX && !message.text.is_null() {
                        // SAFETY: not null, and ends with NUL as every text of a module.
                        let text = unsafe { CStr::from_ptr(message.text) }.to_string_lossy().into_owned();
                        person.messages.push(Message { error: message.style == PAM_ERROR_MSG, text });
                    }
                }
                _ => return Err(Failure::Other(PAM_CONV_ERR)),
            }
        }
        Ok(())
    }

    fn give_away(mut self) -> *mut RawResponse {
        std::mem::replace(&mut self.array, ptr::null_mut())
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        if self.array.is_null() {
            return;
        }
        for index in 0..self.count {
            // SAFETY: `index` is below the array's length; a text is null or from `copy` with `secret_len` bytes.
            unsafe {
                let text = (*self.array.add(index)).text;
                if !text.is_null() {
                    std::slice::from_raw_parts_mut(text.cast::<u8>(), self.secret_len).zeroize();
                    libc::free(text.cast());
                }
            }
        }
        // SAFETY: from calloc, freed once.
        unsafe { libc::free(self.array.cast()) };
    }
}

/// Whether a prompt asks for the account's current password. Modules write English here, because nothing sets a locale.
fn asks_for_the_current_one(message: &RawMessage) -> bool {
    if message.text.is_null() {
        return false;
    }
    // SAFETY: not null, and ends with NUL as every text of a module.
    let text = unsafe { CStr::from_ptr(message.text) }.to_string_lossy().to_ascii_lowercase();
    text.split(|c: char| !c.is_ascii_alphabetic()).any(|word| matches!(word, "current" | "old" | "existing"))
}

/// A C string from malloc(3) with the content of `secret`. The module that gets it wipes and frees it.
fn copy(secret: &[u8]) -> Result<*mut c_char, Failure> {
    // SAFETY: calloc has no preconditions.
    let text: *mut u8 = unsafe { libc::calloc(secret.len() + 1, 1) }.cast();
    if text.is_null() {
        return Err(Failure::Other(PAM_BUF_ERR));
    }
    // SAFETY: `text` is new and one byte longer than `secret`; its last byte stays 0.
    unsafe { ptr::copy_nonoverlapping(secret.as_ptr(), text, secret.len()) };
    Ok(text.cast())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Calls the callback as a module would, and frees what it returns.
    fn say(person: &mut Person, said: &[(c_int, &CStr)]) -> Result<Vec<Option<String>>, c_int> {
        let raw: Vec<RawMessage> =
            said.iter().map(|(style, text)| RawMessage { style: *style, text: text.as_ptr() }).collect();
        let mut pointers: Vec<*const RawMessage> = raw.iter().map(ptr::from_ref).collect();
        let mut responses = ptr::null_mut();
        let count = c_int::try_from(said.len()).unwrap();
        // SAFETY: arrays and data as the callback expects them.
        let code = unsafe { converse(count, pointers.as_mut_ptr(), &raw mut responses, ptr::from_mut(person).cast()) };
        if code != PAM_SUCCESS {
            assert!(responses.is_null());
            return Err(code);
        }
        let texts = (0..said.len()).map(|index| {
            // SAFETY: the array has an entry for each message; texts are null or C strings from malloc.
            unsafe {
                let text = (*responses.add(index)).text;
                assert_eq!((*responses.add(index)).code, 0);
                (!text.is_null()).then(|| {
                    let copy = CStr::from_ptr(text).to_str().unwrap().to_owned();
                    libc::free(text.cast());
                    copy
                })
            }
        });
        let texts = texts.collect();
        // SAFETY: from calloc, not used again.
        unsafe { libc::free(responses.cast()) };
        Ok(texts)
    }

    fn person(prompts: usize) -> Person {
        let secret = Zeroizing::new(b"correct horse".to_vec());
        Person { secret, kind: Secret::New, prompts, messages: Vec::new() }
    }

    #[test]
    fn a_new_password_is_no_answer_to_a_prompt_for_the_current_one() {
        for prompt in [c"Current Kerberos password: ", c"(current) LDAP Password: ", c"Old Password:"] {
            assert_eq!(say(&mut person(2), &[(1, prompt)]), Err(PAM_CONV_ERR), "{prompt:?}");
            let mut owner = Person { kind: Secret::Current, ..person(2) };
            assert!(say(&mut owner, &[(1, prompt)]).is_ok(), "{prompt:?}");
        }
        for prompt in [c"New password: ", c"Retype new UNIX password: ", c"Password for the fold: "] {
            assert!(say(&mut person(2), &[(1, prompt)]).is_ok(), "{prompt:?}");
        }
    }

    #[test]
    fn prompts_without_echo_get_the_secret_and_messages_are_collected() {
        let mut person = person(2);
        let answers = say(&mut person, &[(4, c"Changing"), (1, c"New password: "), (3, c"BAD"), (1, c"Retype: ")]);
        let secret = Some("correct horse".to_owned());
        assert_eq!(answers.unwrap(), [None, secret.clone(), None, secret]);
        assert_eq!(
            person.messages,
            [Message { error: false, text: "Changing".into() }, Message { error: true, text: "BAD".into() }]
        );
    }

    #[test]
    fn a_prompt_with_echo_an_unknown_style_or_one_prompt_too_many_ends_the_transaction() {
        assert_eq!(say(&mut person(1), &[(2, c"login: ")]), Err(PAM_CONV_ERR));
        assert_eq!(say(&mut person(1), &[(7, c"binary")]), Err(PAM_CONV_ERR));
        assert_eq!(say(&mut person(1), &[(1, c"Password: "), (1, c"Token: ")]), Err(PAM_CONV_ERR));
    }

    #[test]
    fn null_pointers_and_absurd_counts_are_refused() {
        let mut one = person(1);
        let data: *mut c_void = ptr::from_mut(&mut one).cast();
        let mut messages = [ptr::null::<RawMessage>()];
        let mut responses = ptr::null_mut();
        for (count, messages, data) in [
            (0, messages.as_mut_ptr(), data),
            (-1, messages.as_mut_ptr(), data),
            (33, messages.as_mut_ptr(), data),
            (1, ptr::null_mut(), data),
            (1, messages.as_mut_ptr(), ptr::null_mut()),
            (1, messages.as_mut_ptr(), data),
        ] {
            // SAFETY: a broken module could pass these; the callback must check them before it reads.
            let code = unsafe { converse(count, messages, &raw mut responses, data) };
            assert_eq!(code, PAM_CONV_ERR);
        }
    }

    #[test]
    fn a_service_that_is_not_configured_fails_to_start_or_to_sign_in() {
        let dir = tempfile::tempdir().unwrap();
        let confdir = std::ffi::CString::new(dir.path().to_str().unwrap()).unwrap();
        let started =
            Transaction::start(&confdir, c"sspr", c"nobody", (Zeroizing::new(b"x".to_vec()), Secret::Current), 1);
        assert!(started.is_err() || started.is_ok_and(|mut t| t.authenticate().is_err()));
    }
}
