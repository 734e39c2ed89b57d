//! A user at a terminal: reads a program's output and types.

use std::{
    fs::File,
    io::{Read as _, Write as _},
    num::NonZeroU16,
    os::fd::OwnedFd,
    process::{Child, Command, ExitStatus},
    sync::{Arc, Condvar, Mutex},
    thread,
    time::{Duration, Instant},
};

use rustix::{
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{Winsize, tcsetwinsize},
};

/// How long a user waits for a program before it counts as stuck. The longest legitimate wait is a password that
/// `pam_unix` refuses (2 s) on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A program in a terminal of 100 columns and 40 lines.
#[derive(Debug)]
pub struct Terminal {
    title: String,
    child: Child,
    keyboard: OwnedFd,
    seen: Arc<(Mutex<Seen>, Condvar)>,
}

struct Seen {
    parser: vte::Parser,
    text: Text,
    screen: vt100::Parser,
    /// How much of the text the user has read.
    read: usize,
    closed: bool,
}

/// Only the text, without colours and cursor movements, and with whole lines where the screen wraps them.
#[derive(Debug, Default)]
struct Text(String);

impl vte::Perform for Text {
    fn print(&mut self, c: char) {
        self.0.push(c);
    }

    fn execute(&mut self, byte: u8) {
        if byte == b'\n' || byte == b'\t' {
            self.0.push(char::from(byte));
        }
    }
}

impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text.0)
    }
}

impl Terminal {
    /// Starts a program. It gets its own terminal, and an environment with only `TERM`, `PATH` and `LC_ALL`.
    pub fn start(title: &str, line: &[String]) -> Self {
        let (columns, lines) = (100, 40);
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let slave = ptsname(&master, Vec::new()).unwrap();
        let slave = File::options().read(true).write(true).open(slave.to_str().unwrap()).unwrap();
        tcsetwinsize(&master, size(columns, lines)).unwrap();
        // setsid --ctty makes ctrl-C and similar keys reach the program. Tests in the background of a script ignore
        // SIGINT, and their children would inherit that.
        let mut command = Command::new("setsid");
        command.args(["--ctty", "--wait", "env", "--default-signal"]).args(line);
        command.env_clear().env("TERM", "vt100").env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        // Without it, ssh writes non-ASCII characters in octal.
        command.env("LC_ALL", "C.UTF-8");
        command.stdin(slave.try_clone().unwrap()).stdout(slave.try_clone().unwrap()).stderr(slave);
        let child = command.spawn().unwrap();
        // The command keeps copies of the slave side open.
        drop(command);
        let screen = vt100::Parser::new(nonzero(lines), nonzero(columns), 500);
        let seen = Seen { parser: vte::Parser::new(), text: Text::default(), screen, read: 0, closed: false };
        let seen = Arc::new((Mutex::new(seen), Condvar::new()));
        let reader = File::from(master.try_clone().unwrap());
        thread::spawn({
            let seen = Arc::clone(&seen);
            move || read(reader, &seen)
        });
        Self { title: title.into(), child, keyboard: master, seen }
    }

    /// Waits for `text` in the unread output, and reads up to its end.
    #[track_caller]
    pub fn expect(&mut self, text: &str) -> &mut Self {
        self.expect_any(&[text]);
        self
    }

    /// Waits for one of `texts`, reads up to its end, and returns its index. If several have come, the first one in the
    /// output counts.
    #[track_caller]
    pub fn expect_any(&mut self, texts: &[&str]) -> usize {
        self.expect_within(texts, PATIENCE)
    }

    /// [`Terminal::expect_any`] with a separate time limit.
    #[track_caller]
    pub fn expect_within(&mut self, texts: &[&str], patience: Duration) -> usize {
        let deadline = Instant::now() + patience;
        let (mutex, changed) = &*self.seen;
        let mut seen = mutex.lock().unwrap();
        loop {
            let unread = &seen.text.0[seen.read..];
            let found = texts.iter().enumerate().filter_map(|(i, t)| unread.find(t).map(|at| (at, t.len(), i))).min();
            if let Some((at, length, index)) = found {
                seen.read += at + length;
                return index;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if seen.closed || left.is_zero() {
                let why = if seen.closed { "it ended" } else { "nothing more came" };
                let story = format!("{}: expected {texts:?}, but {why}.\n{}", self.title, story(&seen));
                drop(seen);
                panic!("{story}");
            }
            seen = changed.wait_timeout(seen, left).unwrap().0;
        }
    }

    /// Everything shown so far, as text.
    pub fn transcript(&self) -> String {
        self.seen.0.lock().unwrap().text.0.clone()
    }

    /// The current content of the screen.
    pub fn screen(&self) -> String {
        self.seen.0.lock().unwrap().screen.screen().contents()
    }

    /// The output after the last expected text.
    pub fn unread(&self) -> String {
        let seen = self.seen.0.lock().unwrap();
        seen.text.0[seen.read..].to_owned()
    }

    /// Whether the program has ended and shown everything.
    pub fn is_closed(&self) -> bool {
        self.seen.0.lock().unwrap().closed
    }

    /// Types a line and presses Enter.
    pub fn type_line(&mut self, line: &str) -> &mut Self {
        self.type_bytes(line.as_bytes());
        self.type_bytes(b"\r")
    }

    /// Presses Enter.
    pub fn press_enter(&mut self) -> &mut Self {
        self.type_bytes(b"\r")
    }

    /// Presses a key together with Ctrl.
    pub fn ctrl(&mut self, key: char) -> &mut Self {
        self.type_bytes(&[u8::try_from(key.to_ascii_uppercase()).unwrap() & 0x1f])
    }

    /// Types any bytes.
    pub fn type_bytes(&mut self, bytes: &[u8]) -> &mut Self {
        let mut keyboard = File::from(self.keyboard.try_clone().unwrap());
        // A program that has ended accepts no keys; its output says more than this error.
        let _ = keyboard.write_all(bytes);
        self
    }

    /// Changes the size of the window.
    pub fn resize(&mut self, columns: u16, lines: u16) {
        self.seen.0.lock().unwrap().screen.screen_mut().set_size(nonzero(lines), nonzero(columns));
        tcsetwinsize(&self.keyboard, size(columns, lines)).unwrap();
    }

    /// Waits until the program has ended and shown everything, and returns its status.
    #[track_caller]
    pub fn wait_closed(&mut self) -> ExitStatus {
        self.wait_closed_within(PATIENCE)
    }

    /// [`Terminal::wait_closed`] with a separate time limit.
    #[track_caller]
    pub fn wait_closed_within(&mut self, patience: Duration) -> ExitStatus {
        let deadline = Instant::now() + patience;
        let (mutex, changed) = &*self.seen;
        let mut seen = mutex.lock().unwrap();
        while !seen.closed {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let story = format!("{}: expected it to end.\n{}", self.title, story(&seen));
                drop(seen);
                panic!("{story}");
            }
            seen = changed.wait_timeout(seen, left).unwrap().0;
        }
        drop(seen);
        self.child.wait().unwrap()
    }

    /// Presses ctrl-C until the program has ended, and returns its status. Once is not enough for a program that shows
    /// its prompt a moment before it reads: OpenSSH's client, like any user of readpassphrase(3), then waits for the
    /// next key before it reacts.
    #[track_caller]
    pub fn broken_off(&mut self) -> ExitStatus {
        for _ in 0..20 {
            self.ctrl('c');
            let deadline = Instant::now() + Duration::from_millis(500);
            while Instant::now() < deadline {
                if self.is_closed() {
                    return self.wait_closed();
                }
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        self.wait_closed_within(Duration::from_millis(1))
    }

    /// Ends the program at once, like a crash or a lost connection.
    pub fn kill(&mut self) {
        for pid in children(self.child.id()) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// The process that was started.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.kill();
    }
}

fn read(mut reader: File, seen: &(Mutex<Seen>, Condvar)) {
    let mut bytes = [0; 4096];
    loop {
        // With EIO, a terminal says that its other side is closed.
        let count = reader.read(&mut bytes).unwrap_or(0);
        let mut guard = seen.0.lock().unwrap();
        let now = &mut *guard;
        now.parser.advance(&mut now.text, &bytes[..count]);
        now.screen.process(&bytes[..count]);
        now.closed = count == 0;
        seen.1.notify_all();
        if count == 0 {
            return;
        }
    }
}

fn story(seen: &Seen) -> String {
    let (read, unread) = seen.text.0.split_at(seen.read);
    let read = read.char_indices().rev().nth(1500).map_or(read, |(at, _)| &read[at..]);
    format!("--- read ---\n{read}\n--- not read ---\n{unread}\n------------")
}

/// The processes that `pid` has started, and their children.
pub(crate) fn children(pid: u32) -> Vec<rustix::process::Pid> {
    let list = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let mut found = Vec::new();
    for child in list.split_whitespace().filter_map(|child| child.parse::<u32>().ok()) {
        found.extend(i32::try_from(child).ok().and_then(rustix::process::Pid::from_raw));
        found.extend(children(child));
    }
    found
}

const fn size(columns: u16, lines: u16) -> Winsize {
    Winsize { ws_row: lines, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }
}

fn nonzero(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Terminal {
        Terminal::start("sh", &["sh", "-c", script].map(String::from))
    }

    #[test]
    fn what_was_expected_is_read_once_and_the_rest_stays_unread() {
        let mut terminal = shell("printf 'one two one '; read answer; echo \"you said $answer\"");
        terminal.expect("one").expect("one ");
        assert_eq!(terminal.unread(), "");
        terminal.type_line("three").expect("you said three");
        assert!(terminal.wait_closed().success());
        assert!(terminal.transcript().starts_with("one two one three\n"), "{}", terminal.transcript());
    }

    #[test]
    #[should_panic(expected = "it ended")]
    fn a_program_that_ends_without_the_expected_text_panics_at_once() {
        shell("echo something else").expect("never shown");
    }

    #[test]
    fn ctrl_c_reaches_the_program() {
        let mut terminal = shell("trap 'echo caught; exit 7' INT; echo ready; while :; do sleep 0.1; done");
        terminal.expect("ready").ctrl('c').expect("caught");
        assert_eq!(terminal.wait_closed().code(), Some(7));
    }

    const ASKS: &str = "terminal::tests::asks_for_secrets";

    /// This program, run only for that test, in a shell that continues after ctrl-C and then prints the terminal's
    /// modes. `within` is the program that runs it.
    fn asked_for_secrets(within: &str) -> Terminal {
        let this = std::env::current_exe().unwrap();
        let program = format!("{within} '{}' --exact {ASKS} --ignored --nocapture --test-threads=1", this.display());
        shell(&format!("trap : INT; {program}; stty -a; echo over"))
    }

    #[test]
    #[ignore = "what asked_for_secrets runs"]
    fn asks_for_secrets() {
        for number in 1..=20 {
            let secret = sspr_cli::hidden::ask(&format!("Secret {number}: ")).unwrap();
            assert_eq!(secret.as_str(), "rain on a tin roof");
        }
    }

    #[test]
    fn a_secret_is_not_shown_however_fast_it_is_typed() {
        // It pauses after each change of the terminal's mode.
        let slowly = "strace -f -qq -o /dev/null -e trace=ioctl -e inject=ioctl:delay_exit=10000";
        let mut terminal = asked_for_secrets(slowly);
        for number in 1..=20 {
            terminal.expect(&format!("Secret {number}: ")).type_line("rain on a tin roof");
        }
        terminal.expect("1 passed").expect(" icanon ").expect(" echo ").expect("over");
        assert!(!terminal.transcript().contains("rain"), "{}", terminal.transcript());
    }

    #[test]
    fn ctrl_c_at_a_secret_gives_the_terminal_back() {
        let mut terminal = asked_for_secrets("");
        terminal.expect("Secret 1: ").ctrl('c').expect(" icanon ").expect(" echo ").expect("over");
        assert!(!terminal.transcript().contains("Secret 2"), "{}", terminal.transcript());
    }
}
