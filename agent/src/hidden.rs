//! Asking at a terminal for something that must not be seen.

use std::io::{self, Write as _};

use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

/// Shows `prompt` and reads a line that is not shown.
///
/// rpassword shows a prompt first and hides what is typed then. Whoever is quick, or a script, is seen in between; so the
/// prompt comes while nothing is shown already. Echo is given back before rpassword takes it away again: on ctrl-C it
/// leaves the terminal as it found it.
pub fn ask(prompt: &str) -> io::Result<Zeroizing<String>> {
    let terminal = std::fs::File::options().read(true).write(true).open("/dev/tty")?;
    let before = tcgetattr(&terminal)?;
    let mut quiet = before.clone();
    quiet.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&terminal, OptionalActions::Now, &quiet)?;
    let shown = (&terminal).write_all(prompt.as_bytes());
    tcsetattr(&terminal, OptionalActions::Now, &before)?;
    shown?;
    rpassword::read_password().map(Zeroizing::new)
}
