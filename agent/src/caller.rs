//! Who speaks to the agent, and where.

use sspr_config::{dialogue::always_asks, language::Language};

/// Who speaks, as the bus and the PAM host say.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The uid of the process on the bus; 0 is a PAM host.
    pub uid: u32,
    /// The PAM service, or "sspr" for the command.
    pub service: String,
    /// Where the person sits: a remote host, else a terminal, else the uid.
    pub source: String,
    /// What the person's screen can show.
    pub screen: Screen,
    /// The language of the locale that the dialogue was begun in, whether or not the screen can show it; `None` where no
    /// locale was named.
    pub language: Option<Language>,
}

/// What a screen can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Screen {
    /// Whether it shows more than ASCII.
    pub utf8: bool,
    /// Whether it is the text console of Linux, most of whose fonts lack half blocks.
    pub text_console: bool,
}

impl Caller {
    /// Whether it is a PAM host, which acts for the person at its terminal; anybody else acts for itself.
    pub(crate) const fn is_host(&self) -> bool {
        self.uid == 0
    }

    /// Whether only the lengths of answers may count before a proof. sshd replaces what is typed for an account that it does not know
    /// by rubbish of the same length (`fake_password` in OpenSSH's auth-pam.c), and may go by any service name (its
    /// `PAMServiceName`); so this holds for every PAM host but those that are known to ask everybody.
    pub(crate) fn counts_by_length(&self) -> bool {
        self.is_host() && !always_asks(&self.service)
    }

    /// Whether a person reads all that is said there: a display manager cuts texts off, or shows one line of them.
    pub(crate) fn has_terminal(&self) -> bool {
        matches!(self.service.as_str(), "sshd" | "login" | "remote" | "sspr")
    }
}
