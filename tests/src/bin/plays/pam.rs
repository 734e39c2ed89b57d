//! One program with real libpam.
#![allow(unsafe_code, reason = "the one file of this program that talks C")]

#[path = "../../../libpam.rs"]
mod libpam;

use std::{
    ffi::{CStr, CString, c_int},
    ptr, thread,
    time::{Duration, Instant},
};

use sspr_tests::conversation::{Play, Played, Says};

use libpam::{
    Conversation, ECHO_OFF, ECHO_ON, PAM_CONV_ERR, PAM_RHOST, PAM_SILENT, PAM_TTY, Person, Reply, pam_acct_mgmt,
    pam_authenticate, pam_end, pam_set_item, pam_start_confdir,
};

unsafe extern "C" {
    fn setresuid(real: u32, effective: u32, saved: u32) -> c_int;
    fn setgroups(count: usize, groups: *const u32) -> c_int;
}

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

impl Person for Program<'_> {
    fn hears(&mut self, style: c_int, _: &CStr) -> Reply {
        if style > ECHO_ON {
            return Ok(None);
        }
        Ok(self.answer(style)?.map(|answer| CString::new(answer).unwrap()))
    }
}

fn become_user(uid: u32) {
    // SAFETY: system calls in a process with one thread; the list of groups has one.
    unsafe {
        assert_eq!(setgroups(1, [SHADOW].as_ptr()), 0);
        assert_eq!(setresuid(uid, uid, uid), 0);
    }
}

/// Plays it, and returns the result.
pub(crate) fn play(play: &Play) {
    let played = Played { id: play.id.clone(), sign_in: None, account: None, hidden: 0, visible: 0, took_ms: 0 };
    let mut program = Program { play, played, start: Instant::now() };
    let program = &raw mut program;
    let conversation = Conversation::with(program);
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
