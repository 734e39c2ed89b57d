//! A sign-in that reads like a sentence, carried out by real libpam in a process of its own.

use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sspr_config::policy::Policy;

use crate::bus::Bus;
use crate::libpam::State;
use crate::memory;
use crate::module_file::module;

/// What the person, or the program that stands in for them, does at a question.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Does {
    Types(Vec<u8>),
    /// The conversation fails, as on ctrl-C, or as sshd's does for a question that it cannot put.
    Fails,
    /// The conversation ends with this code, which may be none of PAM's.
    Returns(i32),
    /// The conversation succeeds and brings nothing.
    Nothing,
    /// The same, and there is not even a response to be nothing.
    NoResponse,
    /// Sends a signal to a process, and then does something else.
    Signals(i32, i32, Box<Does>),
}

/// What is done in the transaction, in this order.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Act {
    Authenticate,
    Account,
    SetCredentials,
    ChangePassword,
    OpenSession,
    CloseSession,
}

/// Everything about one sign-in.
#[allow(clippy::struct_excessive_bools, reason = "each is a circumstance of its own")]
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Login {
    pub(crate) confdir: String,
    pub(crate) service: String,
    pub(crate) user: Option<Vec<u8>>,
    pub(crate) flags: i32,
    pub(crate) acts: Vec<Act>,
    pub(crate) person: Vec<Does>,
    pub(crate) times: u32,
    pub(crate) without_standard_files: bool,
    pub(crate) with_alarms: bool,
    pub(crate) descriptors_max: Option<u64>,
    /// The host has no function to ask with.
    pub(crate) without_conversation: bool,
    /// The host dies of a signal that nobody handles, as a program in C does, and not one in Rust.
    pub(crate) sigpipe_kills: bool,
    /// The host has signed a user in before, and forks for the next.
    pub(crate) after_fork: bool,
    /// So many at once, each in a thread of its own.
    pub(crate) at_once: usize,
    /// What the host puts into the environment of the transaction.
    pub(crate) transaction_env: Vec<String>,
    /// Without a remote host.
    pub(crate) local: bool,
    /// The terminal that the host names, where it is not the one that is its standard input.
    pub(crate) tty: Option<String>,
    /// Standard input is a pipe, as of a program.
    pub(crate) without_terminal: bool,
    /// The host is not root.
    pub(crate) as_user: bool,
    /// The file that an administrator makes before the account stack.
    pub(crate) off_meanwhile: Option<String>,
    /// What the credential helper wrote for the module.
    policy: String,
    /// In valgrind, which fails the test for each byte that is misused or lost.
    checked: bool,
    module_args: String,
    earlier: Option<String>,
    env: Vec<(String, String)>,
}

/// How it went.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Report {
    /// What each act returned.
    pub(crate) codes: Vec<i32>,
    /// How long each act took.
    pub(crate) took: Vec<Duration>,
    /// Style and text of all that was shown.
    pub(crate) shown: Vec<(i32, String)>,
    /// The terminal that the host named.
    pub(crate) tty: String,
    pub(crate) before: State,
    pub(crate) after: State,
    /// The most threads that there were at any question.
    pub(crate) threads_at_questions: usize,
    /// How much the resident memory grew from the tenth part of all rounds to their end, in bytes.
    pub(crate) growth: i64,
    /// Of each round, how long the last act took.
    pub(crate) last_act: Vec<Duration>,
    /// What the modules behind ours found in `PAM_AUTHTOK`, if anything.
    #[serde(skip)]
    pub(crate) password: Option<Vec<u8>>,
    /// Whatever came out on stderr.
    #[serde(skip)]
    pub(crate) stderr: String,
}

pub(crate) const ECHO_OFF: i32 = 1;
pub(crate) const ECHO_ON: i32 = 2;
pub(crate) const ERROR: i32 = 3;
pub(crate) const INFO: i32 = 4;

pub(crate) const SUCCESS: i32 = 0;
pub(crate) const PERM_DENIED: i32 = 6;

pub(crate) const HINTED: &str = "Forgotten? Press Enter to reset it.\nPassword: ";
/// What the module behind ours asks when it finds no password.
pub(crate) const NEXT_MODULE: &str = "Password: ";

/// alice at the console, with a module that talks to `bus`.
pub(crate) fn alice(bus: &Bus) -> Login {
    at(&bus.address())
}

/// alice at the console, with a module that talks to whatever listens at `address`.
pub(crate) fn at(address: &str) -> Login {
    Login {
        confdir: String::new(),
        service: "login".into(),
        user: Some(b"alice".to_vec()),
        flags: 0,
        acts: vec![Act::Authenticate],
        person: vec![],
        times: 1,
        without_standard_files: false,
        with_alarms: false,
        descriptors_max: None,
        without_conversation: false,
        sigpipe_kills: false,
        after_fork: false,
        at_once: 1,
        transaction_env: vec![],
        local: false,
        tty: None,
        without_terminal: false,
        as_user: false,
        off_meanwhile: None,
        policy: policy(false, 0),
        checked: memory::is_checked_everywhere(),
        module_args: format!("bus={address}"),
        earlier: None,
        env: vec![],
    }
}

/// What the credential helper writes. These people type at once, unless it is said otherwise.
fn policy(required: bool, min_typing_ms: u16) -> String {
    Policy { required, min_uid: 1000, min_typing_ms, fleet: false }.to_text()
}

impl Login {
    pub(crate) fn service(mut self, service: &str) -> Self {
        self.service = service.into();
        self
    }

    pub(crate) fn user(mut self, user: Option<&[u8]>) -> Self {
        self.user = user.map(<[u8]>::to_vec);
        self
    }

    pub(crate) fn types(mut self, typed: impl AsRef<[u8]>) -> Self {
        self.person.push(Does::Types(typed.as_ref().to_vec()));
        self
    }

    pub(crate) fn does(mut self, does: Does) -> Self {
        self.person.push(does);
        self
    }

    /// Goes on to the account stack.
    pub(crate) fn and_account(mut self) -> Self {
        self.acts.push(Act::Account);
        self
    }

    /// Goes on with `act`.
    pub(crate) fn and(mut self, act: Act) -> Self {
        self.acts.push(act);
        self
    }

    /// Only the account stack, as after a public key.
    pub(crate) fn only_account(mut self) -> Self {
        self.acts = vec![Act::Account];
        self
    }

    pub(crate) fn arg(mut self, arg: &str) -> Self {
        self.module_args = format!("{} {arg}", self.module_args);
        self
    }

    /// A line of the auth stack before ours.
    pub(crate) fn after_module(mut self, line: &str) -> Self {
        self.earlier = Some(line.into());
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    pub(crate) fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    pub(crate) fn flags(mut self, flags: i32) -> Self {
        self.flags = flags;
        self
    }

    /// With standard input, output and error closed.
    pub(crate) fn without_standard_files(mut self) -> Self {
        self.without_standard_files = true;
        self
    }

    /// With a signal every few milliseconds that interrupts system calls.
    pub(crate) fn with_alarms(mut self) -> Self {
        self.with_alarms = true;
        self
    }

    pub(crate) fn transaction_env(mut self, assignment: &str) -> Self {
        self.transaction_env.push(assignment.into());
        self
    }

    /// Nobody is behind a network.
    pub(crate) fn local(mut self) -> Self {
        self.local = true;
        self
    }

    /// The host names this terminal.
    pub(crate) fn tty(mut self, tty: &str) -> Self {
        self.tty = Some(tty.into());
        self
    }

    /// Standard input is no terminal.
    pub(crate) fn without_terminal(mut self) -> Self {
        self.without_terminal = true;
        self
    }

    /// The host runs as a user, as a screen locker does.
    pub(crate) fn not_root(mut self) -> Self {
        self.as_user = true;
        self
    }

    /// The settings say that whose password comes sooner than this is no person.
    pub(crate) fn min_typing_ms(mut self, milliseconds: u16) -> Self {
        self.policy = policy(false, milliseconds);
        self
    }

    /// The settings say that registering is required.
    pub(crate) fn required(mut self) -> Self {
        self.policy = policy(true, 0);
        self
    }

    /// The settings say that the server of a fleet checks the password.
    pub(crate) fn of_a_fleet(mut self) -> Self {
        self.policy = Policy { required: false, min_uid: 1000, min_typing_ms: 0, fleet: true }.to_text();
        self
    }

    pub(crate) fn without_conversation(mut self) -> Self {
        self.without_conversation = true;
        self
    }

    pub(crate) fn sigpipe_kills(mut self) -> Self {
        self.sigpipe_kills = true;
        self
    }

    pub(crate) fn after_fork(mut self) -> Self {
        self.after_fork = true;
        self
    }

    pub(crate) fn at_once(mut self, threads: usize) -> Self {
        self.at_once = threads;
        self
    }

    /// In valgrind.
    pub(crate) fn checked(mut self) -> Self {
        self.checked = true;
        self
    }

    pub(crate) fn descriptors_max(mut self, most: u64) -> Self {
        self.descriptors_max = Some(most);
        self
    }

    /// Carries it out. Any code but `PAM_IGNORE` from our module fails its stack; the modules behind it find out what
    /// is in `PAM_AUTHTOK`, and permit.
    pub(crate) fn run(self) -> Report {
        let kept = "auth required pam_exec.so quiet expose_authtok /bin/sh DIR/keep.sh\nauth required pam_permit.so\n";
        self.run_with("[ignore=ignore default=die]", kept)
    }

    /// The same, with no module behind ours that looks at the password, for many rounds.
    pub(crate) fn run_bare(self) -> Report {
        self.run_with("[ignore=ignore default=die]", "auth required pam_permit.so\n")
    }

    /// Carries it out with no other module in the auth stack, where ours would be sufficient if it granted anything.
    pub(crate) fn run_alone(self) -> Report {
        self.run_with("sufficient", "")
    }

    fn run_with(mut self, control: &str, behind: &str) -> Report {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().display().to_string();
        let policy = dir.path().join("policy");
        std::fs::write(&policy, &self.policy).unwrap();
        let ours = format!("{control} {} {} policy={}", module().display(), self.module_args, policy.display());
        let earlier = self.earlier.as_deref().unwrap_or_default();
        let behind = behind.replace("DIR", &path);
        let mut stack = format!("{earlier}\nauth {ours}\n{behind}account {ours}\naccount required pam_permit.so\n");
        for kind in ["password", "session"] {
            // Where ours is no business of it, an administrator may have put it all the same.
            let permitted = if behind.is_empty() { String::new() } else { format!("{kind} required pam_permit.so\n") };
            stack += &[kind, " ", &ours, "\n", &permitted].concat();
        }
        std::fs::write(dir.path().join(&self.service), stack).unwrap();
        std::fs::write(dir.path().join("keep.sh"), format!("cat > {path}/password\n")).unwrap();
        self.confdir.clone_from(&path);
        let job = dir.path().join("job.json");
        std::fs::write(&job, serde_json::to_vec(&self).unwrap()).unwrap();
        let host = std::env::current_exe().unwrap();
        let log = dir.path().join("valgrind");
        let child = if self.checked { memory::checked(&host, &log) } else { Command::new(&host) }
            .args(["--exact", "libpam::process", "--ignored", "--nocapture", "--test-threads=1"])
            .env("SSPR_TEST_JOB", &job)
            .env_remove("LC_MESSAGES")
            .env_remove("LANG")
            .env("LC_ALL", "C.UTF-8")
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .output()
            .unwrap();
        let report = File::open(dir.path().join("report.json"));
        let stderr = String::from_utf8_lossy(&child.stderr).into_owned();
        let report = report.unwrap_or_else(|_| panic!("the host died: {:?} {stderr}", child.status));
        let mut report: Report = serde_json::from_reader(report).unwrap();
        report.password = kept(&dir.path().join("password"));
        report.stderr = stderr;
        if self.checked {
            memory::assert_clean(&log);
        }
        report
    }
}

impl Report {
    /// All that was shown, as (style, text).
    pub(crate) fn shown(&self) -> Vec<(i32, &str)> {
        self.shown.iter().map(|(style, text)| (*style, text.as_str())).collect()
    }

    #[track_caller]
    pub(crate) fn assert_password(&self, expected: &str) {
        assert_eq!(self.password.as_deref().map(String::from_utf8_lossy).as_deref(), Some(expected));
    }

    /// Promise 3: the host process is as it was.
    #[track_caller]
    pub(crate) fn assert_host_untouched(&self) {
        assert_eq!(self.before, self.after);
        assert_eq!(self.threads_at_questions, self.before.threads);
        assert_eq!(self.stderr, "");
    }
}

fn kept(path: &Path) -> Option<Vec<u8>> {
    let mut kept = std::fs::read(path).ok()?;
    while kept.last() == Some(&0) {
        kept.pop();
    }
    Some(kept)
}
