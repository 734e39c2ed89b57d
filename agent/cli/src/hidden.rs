//! Asks at a terminal for input that must not be visible.

use std::io::{self, Write as _};

use nix::sys::signal::{SigSet, Signal};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

/// Shows `prompt` and reads a line that is not shown.
///
/// rpassword shows the prompt first and switches the echo off afterwards. What a quick user or a script types in
/// between would be visible, so the terminal is set to rpassword's mode before the prompt, until the answer was read.
/// On ctrl-C, which rpassword reads as a key and turns into the signal, the terminal is restored first.
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
