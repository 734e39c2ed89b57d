//! The host of a sign-in as the rest of the module sees it: the user, the source, a way to ask, and a place for the
//! password.

use std::time::Duration;

use zeroize::Zeroizing;

/// How a question is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// A question whose answer is visible while it is typed.
    EchoOn,
    /// A question whose answer is not shown.
    EchoOff,
}

/// How a text is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Info,
    Error,
}

/// The level of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Error,
    Warning,
    Notice,
    /// Only logged with the argument `debug`.
    Debug,
}

/// Bytes that a person typed. Wiped when dropped, and never printed.
pub(crate) struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// A copy of `typed` at its exact size, so that growing leaves no copy behind.
    pub(crate) fn new(typed: &[u8]) -> Self {
        Self(Zeroizing::new(typed.to_vec()))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// At most the first `most` bytes. The rest stays in the same buffer, which is wiped as a whole.
    pub(crate) fn capped(mut self, most: usize) -> Self {
        self.0.truncate(most);
        self
    }
}

/// The module's note from the auth phase, for the account phase.
pub(crate) enum Mark {
    /// A password was typed at this module's prompt: this one, this long after the prompt. libpam wipes its own copy
    /// before the account phase.
    Typed(Secret, Duration),
    /// The account phase ended the sign-in.
    Denied,
}

/// One PAM transaction. Nothing here fails the sign-in: a failure returns `None` or `false`.
pub(crate) trait Host {
    /// The service's name, if there is one.
    fn service(&self) -> Option<&[u8]>;
    /// The user who signs in. If the name is not known yet, asks for it as the host would. `None` if no name was given
    /// or it isn't text.
    fn user(&mut self) -> Option<String>;
    /// The uid of the account `user`; `None` if there is no such account or the look-up fails.
    fn uid(&mut self, user: &str) -> Option<u32>;
    /// The terminal, empty if unknown.
    fn tty(&self) -> String;
    /// The remote host, empty if unknown.
    fn rhost(&self) -> String;
    /// The name of the user's locale: the transaction's, else the host's, else the machine's; empty if unknown.
    fn locale(&self) -> String;
    /// Whether an earlier module has left a password for the ones behind it.
    fn has_password(&self) -> bool;
    /// Leaves `password` for the modules behind this one; `false` if PAM did not take it.
    fn set_password(&mut self, password: &Secret) -> bool;
    /// Keeps `mark` until the transaction ends, and wipes the previous one.
    fn mark(&mut self, mark: Option<Mark>);
    /// Takes the mark that is kept, if there is one.
    fn take_mark(&mut self) -> Option<Mark>;
    /// Whether the host wants silence: no text is shown to the user, so nothing can be asked.
    fn is_silent(&self) -> bool;
    /// Whether the host draws text itself, in its own widgets, and is no terminal.
    fn is_screen(&self) -> bool;
    /// Whether the host may act for other users.
    fn is_root(&self) -> bool;
    /// Whether the host's standard input is the terminal that it names.
    fn is_at_its_terminal(&self) -> bool;
    /// Asks and waits. `None` if the user broke off or the host cannot ask this.
    fn ask(&mut self, style: Style, prompt: &str) -> Option<Secret>;
    /// Shows `text`, unless it is empty, when the host sees fit; over SSH that may be after the sign-in.
    fn tell(&mut self, tone: Tone, text: &str);
    /// Writes one line to the system log. Never anything that was typed.
    fn log(&self, level: Level, line: &str);
}

#[cfg(test)]
pub(crate) mod double {
    //! A scripted host. It fails the test if it is asked anything other than the next line of the script, and if the
    //! script is not used up.

    use std::cell::RefCell;
    use std::collections::VecDeque;
    use std::time::Duration;

    use super::{Host, Level, Mark, Secret, Style, Tone};

    /// What the person does at one prompt.
    pub(crate) enum Answer {
        Types(Vec<u8>),
        BreaksOff,
    }

    #[derive(Default)]
    #[allow(clippy::struct_excessive_bools, reason = "each is a circumstance of its own")]
    pub(crate) struct Script {
        expected: VecDeque<(Style, String, Answer)>,
        told: VecDeque<(Tone, String)>,
        pub(crate) user: Option<String>,
        pub(crate) service: &'static str,
        pub(crate) tty: &'static str,
        pub(crate) earlier_password: bool,
        pub(crate) password: Option<Vec<u8>>,
        pub(crate) mark: Option<Mark>,
        pub(crate) silent: bool,
        pub(crate) screen: bool,
        pub(crate) not_root: bool,
        pub(crate) uid: Option<u32>,
        pub(crate) uids_asked: u32,
        pub(crate) log: RefCell<Vec<(Level, String)>>,
    }

    impl Script {
        pub(crate) fn new() -> Self {
            Self { user: Some("alice".into()), service: "login", tty: "tty1", uid: Some(1000), ..Self::default() }
        }

        /// A password was typed by hand at our prompt before.
        pub(crate) fn marked(self, typed: &str) -> Self {
            self.marked_after(typed, Duration::from_secs(5))
        }

        /// A password came this long after our prompt.
        pub(crate) fn marked_after(mut self, typed: &str, after: Duration) -> Self {
            self.mark = Some(Mark::Typed(Secret::new(typed.as_bytes()), after));
            self
        }

        /// The password that was typed at our prompt and is remembered.
        pub(crate) fn remembered(&self) -> Option<&[u8]> {
            match &self.mark {
                Some(Mark::Typed(typed, _)) => Some(typed.bytes()),
                Some(Mark::Denied) | None => None,
            }
        }

        pub(crate) fn asked(mut self, style: Style, prompt: &str, typed: &str) -> Self {
            self.expected.push_back((style, prompt.into(), Answer::Types(typed.as_bytes().to_vec())));
            self
        }

        pub(crate) fn asked_and_breaks_off(mut self, style: Style, prompt: &str) -> Self {
            self.expected.push_back((style, prompt.into(), Answer::BreaksOff));
            self
        }

        pub(crate) fn told(mut self, tone: Tone, text: &str) -> Self {
            self.told.push_back((tone, text.into()));
            self
        }

        /// The script was followed to its end.
        #[track_caller]
        pub(crate) fn done(&self) {
            assert!(self.expected.is_empty(), "not asked: {:?}", self.expected.front().map(|e| &e.1));
            assert!(self.told.is_empty(), "not told: {:?}", self.told.front());
        }
    }

    impl Host for Script {
        fn service(&self) -> Option<&[u8]> {
            Some(self.service.as_bytes())
        }

        fn user(&mut self) -> Option<String> {
            self.user.clone()
        }

        fn uid(&mut self, user: &str) -> Option<u32> {
            assert_eq!(Some(user), self.user.as_deref());
            self.uids_asked += 1;
            self.uid
        }

        fn tty(&self) -> String {
            self.tty.into()
        }

        fn rhost(&self) -> String {
            "192.0.2.7".into()
        }

        fn locale(&self) -> String {
            "C.UTF-8".into()
        }

        fn has_password(&self) -> bool {
            self.earlier_password
        }

        fn set_password(&mut self, password: &Secret) -> bool {
            assert!(self.password.is_none(), "a password was set twice");
            self.password = Some(password.bytes().to_vec());
            true
        }

        fn mark(&mut self, mark: Option<Mark>) {
            self.mark = mark;
        }

        fn take_mark(&mut self) -> Option<Mark> {
            self.mark.take()
        }

        fn is_silent(&self) -> bool {
            self.silent
        }

        fn is_screen(&self) -> bool {
            self.screen
        }

        fn is_root(&self) -> bool {
            !self.not_root
        }

        fn is_at_its_terminal(&self) -> bool {
            true
        }

        fn ask(&mut self, style: Style, prompt: &str) -> Option<Secret> {
            let (expected, text, answer) = self.expected.pop_front().expect("no further question is expected");
            assert_eq!((style, prompt), (expected, text.as_str()));
            match answer {
                Answer::Types(typed) => Some(Secret::new(&typed)),
                Answer::BreaksOff => None,
            }
        }

        fn tell(&mut self, tone: Tone, text: &str) {
            if text.is_empty() {
                return;
            }
            let expected = self.told.pop_front().expect("nothing is expected to be told");
            assert_eq!((tone, text), (expected.0, expected.1.as_str()));
        }

        fn log(&self, level: Level, line: &str) {
            self.log.borrow_mut().push((level, line.into()));
        }
    }
}
