//! Asking at a terminal for something that must not be seen.

use std::io::{self, Write as _};

use nix::sys::signal::{SigSet, Signal};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

/// Shows `prompt` and reads a line that is not shown.
///
/// rpassword shows a prompt first and hides what is typed then. A quick user, or a script, is seen in between; so the
/// terminal is as rpassword will make it before the prompt is there, and until the answer was read. On ctrl-C, which rpassword
/// reads as a key and turns into the signal, the terminal is given back first.
pub fn ask(prompt: &str) -> io::Result<Zeroizing<String>> {
    let terminal = std::fs::File::options().read(true).write(true).open("/dev/tty")?;
    let before = tcgetattr(&terminal)?;
    let mut quiet = before.clone();
    quiet.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG);
    let interrupt = SigSet::from(Signal::SIGINT);
    interrupt.thread_block()?;
    let asked = tcsetattr(&terminal, OptionalActions::Now, &quiet)
        .map_err(io::Error::from)
        .and_then(|()| (&terminal).write_all(prompt.as_bytes()))
        .and_then(|()| rpassword::read_password());
    let given_back = tcsetattr(&terminal, OptionalActions::Now, &before);
    interrupt.thread_unblock()?;
    given_back?;
    asked.map(Zeroizing::new)
}
