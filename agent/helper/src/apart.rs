//! Asks the name service and sssd about a directory user, in a child of this program. Both may wait for a network
//! longer than any caller waits here. Then only the child is killed, and other calls go on meanwhile.
//!
//! The child is this program again, with the question as its only argument. The user's name and the password arrive on
//! its standard input.

use std::{
    ffi::OsString,
    io::{self, Read as _, Write as _},
    os::unix::process::CommandExt as _,
    process::{Child, Command, ExitCode, Stdio},
    time::Duration,
};

use sspr_config::{credential::Error, dialogue::ANSWER_MAX};
use tokio::time::{Instant, sleep};
use zeroize::Zeroizing;

use super::within::within;

/// This program, even after its file was replaced.
const PROGRAM: &str = "/proc/self/exe";
/// The child's name in a list of processes.
const NAME: &str = "sspr-credential";
/// Separates the name from the password. Neither can contain it.
const END_OF_NAME: u8 = 0;
/// The longest question, in bytes: a name and a password.
const ASKED_MAX: usize = 1024 + ANSWER_MAX;
/// The longest answer, in bytes.
const ANSWERED_MAX: u64 = 1024;
/// How long the name service may take to return the user's entry, which sssd usually has in its cache.
pub(crate) const ENTRY_MAX: Duration = Duration::from_millis(2500);
/// How long sssd may take for one sign-in. If the server does not answer, sssd takes longer than this.
pub(crate) const SIGN_IN_MAX: Duration = Duration::from_secs(4);
/// How often to check whether the child has ended.
const LOOKS: Duration = Duration::from_millis(5);
/// A child whose parent is gone ends itself this long after its time limit.
const ORPHANED: Duration = Duration::from_secs(1);

/// The questions to a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// The user's entry on this host, and the SSH keys in the user's home directory.
    Entry,
    /// Whether sssd accepts the password.
    SignIn,
}

impl Question {
    const ALL: [(Self, &str); 2] = [(Self::Entry, "--ask-entry"), (Self::SignIn, "--ask-sign-in")];

    /// The question that this program was started for; `None` if it is to serve on the bus.
    pub(crate) fn of(words: &[OsString]) -> Option<Self> {
        let [word] = words else { return None };
        Self::ALL.into_iter().find(|(_, own)| word == own).map(|(question, _)| question)
    }

    fn word(self) -> &'static str {
        Self::ALL.into_iter().find(|(question, _)| *question == self).map_or("", |(_, word)| word)
    }

    fn limit(self) -> Duration {
        match self {
            Self::Entry => ENTRY_MAX,
            Self::SignIn => SIGN_IN_MAX,
        }
    }
}

/// A child that is killed when its caller is gone.
struct Asked(Child);

impl Drop for Asked {
    fn drop(&mut self) {
        // The child may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The child's answer about `user`, with `password` as typed; `None` if the child took too long and was killed.
///
/// Fails with [`Error::Unavailable`] if the child can't be started or reports an error.
pub(crate) async fn ask(question: Question, user: &str, password: &[u8]) -> Result<Option<String>, Error> {
    let unavailable = |why: io::Error| Error::Unavailable(format!("a program for {question:?}: {why}"));
    let mut command = Command::new(PROGRAM);
    command.arg0(NAME).arg(question.word()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = Asked(command.spawn().map_err(unavailable)?);
    let until = Instant::now() + question.limit();
    let asked = Zeroizing::new([user.as_bytes(), &[END_OF_NAME], password].concat());
    if let Some(mut stdin) = child.0.stdin.take() {
        // A pipe has room for more than this. If the child has ended already, its answer is read below.
        let _ = stdin.write_all(&asked);
    }
    let status = loop {
        match child.0.try_wait().map_err(unavailable)? {
            Some(status) => break status,
            None if Instant::now() < until => sleep(LOOKS).await,
            None => return Ok(None),
        }
    };
    let mut said = String::new();
    if let Some(stdout) = child.0.stdout.take() {
        stdout.take(ANSWERED_MAX).read_to_string(&mut said).map_err(unavailable)?;
    }
    if status.success() { Ok(Some(said)) } else { Err(Error::Unavailable(format!("{said} ({status})"))) }
}

/// The work of the child for a user and a password.
type Work = fn(Question, &str, &Zeroizing<Vec<u8>>) -> Result<String, Error>;

/// Answers the question on the standard input with the result of `work`; this is the child's side.
pub(crate) fn answer(question: Question, work: Work) -> ExitCode {
    let answered =
        asked().and_then(|(user, password)| within(question.limit() + ORPHANED, || work(question, &user, &password))?);
    let (said, code) = match answered {
        Ok(said) => (said, ExitCode::SUCCESS),
        Err(Error::Unavailable(why)) => (why, ExitCode::FAILURE),
        Err(why) => (why.to_string(), ExitCode::FAILURE),
    };
    // The parent may no longer wait for the answer.
    let _ = io::stdout().write_all(said.as_bytes());
    code
}

/// The name and the password from the standard input.
fn asked() -> Result<(String, Zeroizing<Vec<u8>>), Error> {
    let unavailable = |why: &str| Error::Unavailable(why.to_owned());
    // The buffer is never moved while it grows: that would leave a copy of the password.
    let mut bytes = Zeroizing::new(Vec::with_capacity(ASKED_MAX + 1));
    let most = u64::try_from(ASKED_MAX).unwrap_or_default();
    io::stdin().take(most).read_to_end(&mut bytes).map_err(|why| unavailable(&why.to_string()))?;
    let (user, password) = split(&bytes).ok_or_else(|| unavailable("it was not asked about a user"))?;
    Ok((user.to_owned(), Zeroizing::new(password.to_vec())))
}

fn split(asked: &[u8]) -> Option<(&str, &[u8])> {
    let end = asked.iter().position(|byte| *byte == END_OF_NAME)?;
    let (user, rest) = asked.split_at_checked(end)?;
    Some((std::str::from_utf8(user).ok()?, rest.get(1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_word_of_a_question_alone_is_one_and_what_it_is_about_comes_apart_again() {
        let of = |words: &[&str]| Question::of(&words.iter().map(OsString::from).collect::<Vec<_>>());
        for (question, word) in Question::ALL {
            assert_eq!(of(&[word]), Some(question));
            assert_eq!(question.word(), word);
            assert_eq!(of(&[word, "--idle"]), None);
        }
        assert_eq!(of(&[]), None);
        assert_eq!(of(&["--bus"]), None);
        assert_eq!(split(b"zoe\0p\xe4ss w\n"), Some(("zoe", b"p\xe4ss w\n".as_slice())));
        assert_eq!(split(b"zoe\0"), Some(("zoe", b"".as_slice())));
        assert_eq!(split(b"zoe"), None);
        assert_eq!(split(b"\xff\0x"), None);
    }
}
