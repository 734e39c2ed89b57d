//! The host process: real libpam, a scripted conversation, and a look at what it left of the process.
#![allow(unsafe_code, reason = "the one test file that talks C")]

#[path = "../../../tests/libpam.rs"]
mod real;

use std::collections::BTreeMap;
use std::ffi::{CStr, CString, c_int};
use std::fs::File;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use real::{
    Conversation, ECHO_ON, PAM_CONV_ERR, PAM_RHOST, PAM_TTY, Reply, pam_acct_mgmt, pam_authenticate, pam_chauthtok,
    pam_close_session, pam_end, pam_open_session, pam_putenv, pam_set_item, pam_setcred, pam_start_confdir,
};

use crate::login::{Act, Does, Login, Report};

const NOBODY: libc::uid_t = 65534;

/// Accounts that no machine need have. libpam looks them up in the file of all.
const PEOPLE: &str = "alice:x:1234:1234::/:/bin/sh\ncarol:x:1235:1235::/:/bin/sh\nbackup-host:x:500:500::/:/bin/sh\n";

/// Gives the accounts to this process alone. Only root can, and only root is a host that signs people in.
fn with_people(directory: &str) {
    let passwd = format!("{directory}/people");
    let all = std::fs::read_to_string("/etc/passwd").unwrap();
    std::fs::write(&passwd, format!("{}\n{PEOPLE}", all.trim_end())).unwrap();
    let passwd = CString::new(passwd).unwrap();
    // SAFETY: system calls with strings that outlive them.
    unsafe {
        assert_eq!(libc::unshare(libc::CLONE_NEWNS), 0, "these tests want root");
        let mounts = |what: &CStr, place: &CStr, flags| {
            libc::mount(what.as_ptr(), place.as_ptr(), c"none".as_ptr(), flags, c"".as_ptr().cast())
        };
        assert_eq!(mounts(c"none", c"/", libc::MS_REC | libc::MS_PRIVATE), 0);
        assert_eq!(mounts(&passwd, c"/etc/passwd", libc::MS_BIND), 0);
    }
}

/// Makes a terminal the standard input of this process, as login(1) has it, and gives its name.
fn at_a_terminal() -> String {
    // SAFETY: descriptors of this function's own, and a name that is copied before anybody else asks for one.
    unsafe {
        let master = libc::posix_openpt(libc::O_RDWR | libc::O_NOCTTY);
        assert!(master > 2 && libc::grantpt(master) == 0 && libc::unlockpt(master) == 0);
        let name = CStr::from_ptr(libc::ptsname(master)).to_owned();
        let slave = libc::open(name.as_ptr(), libc::O_RDWR | libc::O_NOCTTY);
        assert!(libc::dup2(slave, 0) == 0 && libc::close(slave) == 0);
        name.to_str().unwrap().trim_start_matches("/dev/").to_owned()
    }
}

/// What a process has that a module could leave changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) threads: usize,
    pub(crate) descriptors: BTreeMap<i32, String>,
    pub(crate) environment: Vec<String>,
    /// Handler, flags and mask of each signal, and the mask of the thread.
    pub(crate) signals: Vec<(usize, i32, Vec<u8>)>,
    pub(crate) directory: String,
    pub(crate) umask: u32,
}

/// What this process has now.
fn state() -> State {
    let list = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
    let descriptors = list.filter_map(|entry| {
        let number: i32 = entry.file_name().to_str()?.parse().ok()?;
        let target = std::fs::read_link(entry.path()).ok()?.display().to_string();
        // The listing's own descriptor.
        (!target.ends_with("/fd")).then_some((number, target))
    });
    let signals = (1..=64).map(|number| {
        // SAFETY: a zeroed sigaction is a valid one, and only this thread's stack is written.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            libc::sigaction(number, std::ptr::null(), &raw mut action);
            let mask = (1..=64).map(|n| u8::from(libc::sigismember(&raw const action.sa_mask, n) == 1)).collect();
            (action.sa_sigaction, action.sa_flags, mask)
        }
    });
    // SAFETY: reads the mask of this thread, and sets the file mask back at once in a process with one thread.
    let (mask, umask) = unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::pthread_sigmask(libc::SIG_BLOCK, std::ptr::null(), &raw mut set);
        let umask = libc::umask(0o077);
        libc::umask(umask);
        ((1..=64).map(|n| u8::from(libc::sigismember(&raw const set, n) == 1)).collect(), umask)
    };
    State {
        threads: threads(),
        descriptors: descriptors.collect(),
        environment: std::env::vars_os()
            .map(|(name, value)| format!("{}={}", name.display(), value.display()))
            .collect(),
        signals: signals.chain([(0, 0, mask)]).collect(),
        directory: std::env::current_dir().unwrap().display().to_string(),
        umask,
    }
}

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

fn resident() -> i64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<i64>().unwrap() * 4096
}

/// The user who answers, and the screens until then.
struct Person {
    does: std::vec::IntoIter<Does>,
    shown: Vec<(i32, String)>,
    threads: usize,
}

impl real::Person for Person {
    fn begins(&mut self, count: usize) {
        assert_eq!(count, 1);
    }

    fn hears(&mut self, style: c_int, text: &CStr) -> Reply {
        let text = text.to_str().expect("what is shown is text").to_owned();
        self.shown.push((style, text));
        self.threads = self.threads.max(threads());
        if style > ECHO_ON {
            return Ok(None);
        }
        let mut does = self.does.next().unwrap_or(Does::Fails);
        while let Does::Signals(pid, signal, then) = does {
            // SAFETY: a system call.
            unsafe { libc::kill(pid, signal) };
            does = *then;
        }
        match does {
            Does::Types(typed) => Ok(Some(CString::new(typed).unwrap())),
            Does::Nothing => Ok(None),
            // Says that all is well, and gives nothing.
            Does::NoResponse => Err(0),
            Does::Returns(code) => Err(code),
            Does::Fails | Does::Signals(..) => Err(PAM_CONV_ERR),
        }
    }
}

fn transaction(login: &Login, report: &mut Report) {
    let mut person = Person { does: login.person.clone().into_iter(), shown: vec![], threads: 0 };
    let conversation =
        if login.without_conversation { Conversation::none() } else { Conversation::with(&raw mut person) };
    let service = CString::new(login.service.clone()).unwrap();
    let user = login.user.clone().map(|user| CString::new(user).unwrap());
    let user = user.as_ref().map_or(std::ptr::null(), |user| user.as_ptr());
    let confdir = CString::new(login.confdir.clone()).unwrap();
    report.codes.clear();
    report.took.clear();
    // SAFETY: all strings and the conversation outlive the transaction, which ends below.
    unsafe {
        let mut handle = std::ptr::null_mut();
        let started =
            pam_start_confdir(service.as_ptr(), user, &raw const conversation, confdir.as_ptr(), &raw mut handle);
        assert_eq!(started, 0);
        let own = if login.service == "sshd" { "ssh" } else { report.tty.as_str() };
        let tty = CString::new(login.tty.as_deref().unwrap_or(own)).unwrap();
        pam_set_item(handle, PAM_TTY, tty.as_ptr().cast());
        for assignment in &login.transaction_env {
            let assignment = CString::new(assignment.as_str()).unwrap();
            assert_eq!(pam_putenv(handle, assignment.as_ptr()), 0);
        }
        if !login.local {
            pam_set_item(handle, PAM_RHOST, c"192.0.2.7".as_ptr().cast());
        }
        if login.as_user {
            assert_eq!(libc::seteuid(NOBODY), 0);
        }
        for act in &login.acts {
            if let (Act::Account, Some(off)) = (act, &login.off_meanwhile) {
                std::fs::write(off, "").unwrap();
            }
            let begun = Instant::now();
            report.codes.push(match act {
                Act::Authenticate => pam_authenticate(handle, login.flags),
                Act::Account => pam_acct_mgmt(handle, login.flags),
                Act::SetCredentials => pam_setcred(handle, login.flags),
                Act::ChangePassword => pam_chauthtok(handle, login.flags),
                Act::OpenSession => pam_open_session(handle, login.flags),
                Act::CloseSession => pam_close_session(handle, login.flags),
            });
            report.took.push(begun.elapsed());
        }
        pam_end(handle, 0);
        if login.as_user {
            assert_eq!(libc::seteuid(0), 0);
        }
    }
    report.last_act.extend(report.took.last());
    report.threads_at_questions = report.threads_at_questions.max(person.threads);
    report.shown = person.shown;
}

/// The transaction, by as many threads at once as the login says: each with the small stack of a host that has many. The
/// codes of all, one after another.
fn transactions(login: &Login, report: &mut Report) {
    if login.at_once == 1 {
        return transaction(login, report);
    }
    let all: Vec<Report> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..login.at_once)
            .map(|_| {
                let mut own = report.clone();
                let thread = std::thread::Builder::new().stack_size(256 * 1024);
                let signs_in = move || {
                    transaction(login, &mut own);
                    own
                };
                thread.spawn_scoped(scope, signs_in).unwrap()
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    report.codes = all.iter().flat_map(|own| own.codes.clone()).collect();
    report.shown = all.into_iter().flat_map(|own| own.shown).collect();
}

/// Goes on in a child, whose end is that of this process.
fn fork() {
    // SAFETY: in a process with one thread; the parent only waits and ends.
    unsafe {
        let child = libc::fork();
        assert!(child >= 0);
        if child > 0 {
            let mut status = 0;
            libc::waitpid(child, &raw mut status, 0);
            libc::_exit(i32::from(status != 0));
        }
    }
}

extern "C" fn nothing(_: c_int) {}

#[test]
#[ignore = "the process that signs in, started by the other tests"]
fn process() {
    let login: Login = serde_json::from_reader(File::open(std::env::var("SSPR_TEST_JOB").unwrap()).unwrap()).unwrap();
    with_people(&login.confdir);
    let tty = if login.without_terminal { "pts/0".to_owned() } else { at_a_terminal() };
    // SAFETY: plain system calls in a process with one thread; the handler does nothing.
    unsafe {
        // So that a log line from any module does not count as a descriptor left behind.
        libc::openlog(std::ptr::null(), libc::LOG_NDELAY, libc::LOG_AUTHPRIV);
        if login.without_standard_files {
            (0..3).for_each(|fd| {
                libc::close(fd);
            });
        }
        if login.with_alarms {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = nothing as *const () as usize;
            libc::sigaction(libc::SIGALRM, &raw const action, std::ptr::null_mut());
            let every = libc::timeval { tv_sec: 0, tv_usec: 2000 };
            let timer = libc::itimerval { it_interval: every, it_value: every };
            libc::setitimer(libc::ITIMER_REAL, &raw const timer, std::ptr::null_mut());
        }
        if login.sigpipe_kills {
            libc::signal(libc::SIGPIPE, libc::SIG_DFL);
        }
        if let Some(most) = login.descriptors_max {
            let limit = libc::rlimit { rlim_cur: most, rlim_max: most };
            libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit);
        }
    }
    let mut report = Report {
        codes: vec![],
        took: vec![],
        shown: vec![],
        tty,
        before: state(),
        after: state(),
        threads_at_questions: threads(),
        growth: 0,
        last_act: vec![],
        password: None,
        stderr: String::new(),
    };
    if login.after_fork {
        transaction(&login, &mut report);
        fork();
        report.before = state();
        report.threads_at_questions = threads();
    }
    let mut settled = resident();
    for round in 0..login.times {
        transactions(&login, &mut report);
        if round == login.times / 10 {
            settled = resident();
        }
    }
    report.growth = resident() - settled;
    report.after = state();
    std::fs::write(format!("{}/report.json", login.confdir), serde_json::to_vec(&report).unwrap()).unwrap();
    if login.without_standard_files || login.after_fork {
        // The test harness has nowhere to write that it went well, or is the parent's.
        std::process::exit(0);
    }
}
