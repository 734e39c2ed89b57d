//! The process that knows zxcvbn's dictionaries: it reads a question a line, and answers each with one word.

use std::{
    fs::File,
    io::{self, Read as _, Write as _},
    os::{
        fd::{AsFd as _, OwnedFd},
        unix::net,
    },
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::UnixStream,
    process::{Child, Command},
    sync::Semaphore,
    task::spawn_blocking,
    time::{Instant, sleep, timeout},
};
use zeroize::{Zeroize as _, Zeroizing};

use super::{Checked, OPTION, Question, StrengthChecker, Weakness, weakness};
use crate::password::host::{self, HostRules};

/// The maximum size of a question in bytes, its newline included.
const QUESTION_MAX: usize = 1 << 14;
/// The maximum size of an answer.
const WORD_MAX: usize = 32;
const ANSWER_MAX: Duration = Duration::from_secs(5);
/// How long a subprocess waits for the next question. Its first answer takes the most, as it reads the dictionaries.
const KEPT: Duration = Duration::from_secs(1);
/// The most subprocesses that work at a time.
const SEATS: usize = 2;
const STRONG: &str = "strong";

/// Checks in a subprocess.
#[derive(Clone, Debug)]
pub struct Subprocess {
    program: PathBuf,
    /// How many subprocesses may work at a time; each takes about 20 MB.
    seats: Arc<Semaphore>,
    /// Those that wait, and until when.
    kept: Arc<Mutex<Vec<(Instant, Running)>>>,
}

impl Subprocess {
    /// A checker that starts `program`, which is `sspr-agent`.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), seats: Arc::new(Semaphore::new(SEATS)), kept: Arc::default() }
    }

    async fn ask(&self, question: &Question) -> io::Result<Option<Weakness>> {
        let _seat = self.seats.acquire().await.map_err(io::Error::other)?;
        // It has room from the beginning: to grow would leave a copy.
        let mut line = Zeroizing::new(Vec::with_capacity(QUESTION_MAX));
        serde_json::to_writer(&mut *line, question)?;
        line.push(b'\n');
        let kept = self.kept().pop();
        if let Some((_, mut running)) = kept
            && let Ok(answer) = running.ask(&line).await
        {
            self.keep(running);
            return Ok(answer);
        }
        let mut running = Running::start(&self.program)?;
        let answer = running.ask(&line).await?;
        self.keep(running);
        Ok(answer)
    }

    fn kept(&self) -> MutexGuard<'_, Vec<(Instant, Running)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, running: Running) {
        self.kept().push((Instant::now() + KEPT, running));
        let checker = self.clone();
        tokio::spawn(async move {
            sleep(KEPT).await;
            checker.kept().retain(|(until, _)| Instant::now() < *until);
        });
    }
}

impl StrengthChecker for Subprocess {
    fn check(&self, question: Question) -> Checked<'_> {
        Box::pin(async move {
            match self.ask(&question).await {
                Ok(weakness) => weakness,
                Err(error) => {
                    // Better to use the memory than to accept a password without checking it.
                    tracing::error!(%error, "a password is judged in the agent itself");
                    let _seat = self.seats.acquire().await;
                    spawn_blocking(move || weakness(&question)).await.unwrap_or(Some(Weakness::Short))
                }
            }
        })
    }

    fn host_rules(&self) -> HostRules {
        host::read()
    }
}

/// A subprocess, which is killed when this is dropped.
#[derive(Debug)]
struct Running {
    _child: Child,
    /// One end of a pair, which has no name and, unlike a pipe, can't be opened by others through /proc.
    socket: UnixStream,
}

impl Running {
    fn start(program: &Path) -> io::Result<Self> {
        let (ours, theirs) = net::UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let theirs = OwnedFd::from(theirs);
        let mut checker = Command::new(program);
        checker.arg(OPTION).stdin(theirs.try_clone()?).stdout(theirs).stderr(Stdio::null()).env_clear();
        let child = checker.kill_on_drop(true).spawn()?;
        // The other end is the child's alone now, and closed when it ends.
        drop(checker);
        Ok(Self { _child: child, socket: UnixStream::from_std(ours)? })
    }

    async fn ask(&mut self, line: &[u8]) -> io::Result<Option<Weakness>> {
        let mut word = Vec::with_capacity(WORD_MAX);
        timeout(ANSWER_MAX, async {
            self.socket.write_all(line).await?;
            while !word.ends_with(b"\n") && word.len() < WORD_MAX {
                word.push(self.socket.read_u8().await?);
            }
            io::Result::Ok(())
        })
        .await??;
        match String::from_utf8_lossy(&word).trim_end() {
            STRONG => Ok(None),
            word => {
                Weakness::from_word(word).map(Some).ok_or_else(|| io::Error::other("the checker says no known word"))
            }
        }
    }
}

/// The main function of the subprocess: reads questions from standard input, each as JSON on one line, and writes one word
/// for each, until there are no more.
pub fn answer() -> io::Result<()> {
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    // Unbuffered: a buffer would keep what was read.
    let mut input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut line = Zeroizing::new(vec![0; QUESTION_MAX]);
    let mut filled = 0;
    loop {
        match input.read(line.get_mut(filled..).unwrap_or_default()) {
            Ok(0) => return Ok(()),
            Ok(read) => filled += read,
            Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
            Err(why) => return Err(why),
        }
        // One question is answered before the next is asked.
        let Some(question) = line.get(..filled).and_then(|line| line.strip_suffix(b"\n")) else { continue };
        let question: Question = serde_json::from_slice(question)?;
        line.as_mut_slice().zeroize();
        filled = 0;
        let word = weakness(&question).map_or(STRONG, Weakness::as_str);
        writeln!(io::stdout(), "{word}")?;
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;

    fn question(password: &str) -> Question {
        Question { password: password.into(), names: vec!["alice".into()], min_score: 3 }
    }

    #[tokio::test]
    async fn a_checker_that_can_not_be_had_or_says_nothing_lets_no_weak_password_through() {
        for program in ["/nonexistent", "/bin/true", "/bin/false", "/bin/echo", "/bin/cat"] {
            let checker = Subprocess::new(program);
            assert_eq!(checker.check(question("password1234")).await, Some(Weakness::Common), "{program}");
            assert_eq!(checker.check(question("plover tundra biscuit")).await, None, "{program}");
            assert_eq!(checker.kept().len(), 0, "{program}");
        }
    }

    #[tokio::test]
    async fn a_checker_answers_again_until_it_is_idle_and_another_takes_over_from_one_that_died() {
        let dir = tempfile::tempdir().unwrap();
        let (program, starts) = (dir.path().join("checker"), dir.path().join("starts"));
        // It answers twice at the most.
        let script = format!(
            "#!/bin/sh\necho >>{}\nfor word in word strong; do read -r line || exit; echo $word; done\n",
            starts.display()
        );
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let checker = Subprocess::new(&program);
        let started = || fs::read(&starts).unwrap().len();
        for (answer, starts) in [(Some(Weakness::Word), 1), (None, 1), (Some(Weakness::Word), 2)] {
            assert_eq!(checker.ask(&question("plover")).await.unwrap(), answer);
            assert_eq!(started(), starts);
        }
        assert_eq!(checker.kept().len(), 1);
        let gone = async {
            while !checker.kept().is_empty() {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(KEPT * 10, gone).await.expect("it ends when it is idle");
        assert_eq!(checker.ask(&question("plover")).await.unwrap(), Some(Weakness::Word));
        assert_eq!(started(), 3);
    }
}
