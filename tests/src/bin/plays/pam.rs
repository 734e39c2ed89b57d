//! One program in real libpam.
#![allow(unsafe_code, reason = "the one file of this program that talks C")]

use std::{
    ffi::{CString, c_char, c_int, c_void},
    ptr, thread,
    time::{Duration, Instant},
};

use sspr_tests::conversation::{Play, Played, Says};

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
    program: *mut c_void,
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
    fn setresuid(real: u32, effective: u32, saved: u32) -> c_int;
    fn setgroups(count: usize, groups: *const u32) -> c_int;
}

const PAM_TTY: c_int = 3;
const PAM_RHOST: c_int = 4;
const PAM_SILENT: c_int = 0x8000;
const PAM_CONV_ERR: c_int = 19;
const ECHO_OFF: c_int = 1;
const ECHO_ON: c_int = 2;

/// The group that may read `/etc/shadow`. An administrator adds a server's user to it.
const SHADOW: u32 = 42;

struct Program<'a> {
    play: &'a Play,
    played: Played,
    start: Instant,
}

impl Program<'_> {
    fn end(&mut self) {
        self.played.took_ms = u64::try_from(self.start.elapsed().as_millis()).unwrap();
        println!("{}", serde_json::to_string(&self.played).unwrap());
    }

    fn answer(&mut self, style: c_int) -> Result<Option<String>, c_int> {
        let (says, count) = if style == ECHO_OFF {
            (&self.play.hidden, &mut self.played.hidden)
        } else {
            (&self.play.visible, &mut self.played.visible)
        };
        let says = says.get(*count as usize).or(says.last()).copied();
        *count += 1;
        thread::sleep(Duration::from_millis(self.play.needs_ms));
        Ok(match says.unwrap() {
            Says::Password => Some(self.play.password.clone()),
            Says::Name => Some(self.play.user.clone()),
            Says::Empty => Some(String::new()),
            Says::Input => Some("name,email,phone".into()),
            Says::Nothing => None,
            Says::Fails => return Err(PAM_CONV_ERR),
            Says::Leaves => {
                self.end();
                std::process::exit(0);
            }
        })
    }
}

extern "C" fn converse(
    count: c_int,
    messages: *mut *const Message,
    responses: *mut *mut Response,
    program: *mut c_void,
) -> c_int {
    let count = usize::try_from(count).unwrap();
    // SAFETY: libpam passes back the pointer of `play`, whose program outlives the transaction, and as many messages as it says; the
    // responses are allocated as libpam frees them.
    unsafe {
        let program = &mut *program.cast::<Program<'_>>();
        let answers = calloc(count, size_of::<Response>()).cast::<Response>();
        for at in 0..count {
            let style = (**messages.add(at)).style;
            if style != ECHO_OFF && style != ECHO_ON {
                continue;
            }
            match program.answer(style) {
                Ok(Some(answer)) => (*answers.add(at)).text = strdup(CString::new(answer).unwrap().as_ptr()),
                Ok(None) => {}
                Err(code) => return code,
            }
        }
        *responses = answers;
    }
    0
}

fn become_user(uid: u32) {
    // SAFETY: system calls in a process with one thread; the list of groups has one.
    unsafe {
        assert_eq!(setgroups(1, [SHADOW].as_ptr()), 0);
        assert_eq!(setresuid(uid, uid, uid), 0);
    }
}

/// Plays it, and says how it went.
pub(crate) fn play(play: &Play) {
    let played = Played { id: play.id.clone(), sign_in: None, account: None, hidden: 0, visible: 0, took_ms: 0 };
    let mut program = Program { play, played, start: Instant::now() };
    let program = &raw mut program;
    let conversation = Conversation { converse, program: program.cast() };
    let text = |text: &str| CString::new(text).unwrap();
    let (service, user, directory) = (text(&play.service), text(&play.user), text(&play.directory));
    let items = [(PAM_TTY, &play.tty), (PAM_RHOST, &play.rhost)];
    let items = items.map(|(item, value)| (item, value.as_deref().map(text)));
    let flags = if play.silent { PAM_SILENT } else { 0 };
    if play.uid != 0 {
        become_user(play.uid);
    }
    // SAFETY: all strings and the conversation outlive the transaction, which ends below.
    unsafe {
        let mut handle = ptr::null_mut();
        let (service, user, directory) = (service.as_ptr(), user.as_ptr(), directory.as_ptr());
        let started = pam_start_confdir(service, user, &raw const conversation, directory, &raw mut handle);
        assert_eq!(started, 0, "pam_start");
        for (item, value) in &items {
            if let Some(value) = value {
                assert_eq!(pam_set_item(handle, *item, value.as_ptr().cast()), 0);
            }
        }
        let signed_in = pam_authenticate(handle, flags);
        (*program).played.sign_in = Some(signed_in);
        if signed_in == 0 && play.account {
            if play.account_uid != play.uid {
                become_user(play.account_uid);
            }
            let allowed = pam_acct_mgmt(handle, flags);
            (*program).played.account = Some(allowed);
        }
        pam_end(handle, 0);
        (*program).end();
    }
}
