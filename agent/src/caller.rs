//! The caller of the agent, and where it is.

use sspr_config::{dialogue::always_asks, language::Language};

/// The caller, as the bus and the PAM host describe it.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The uid of the process on the bus; 0 is a PAM host.
    pub uid: u32,
    /// The PAM service, or "sspr" for the command.
    pub service: String,
    /// Where the user is: a remote host, otherwise a terminal, otherwise the uid.
    pub source: String,
    /// What the user's screen can show.
    pub screen: Screen,
    /// The language of the locale in which the dialogue was begun, whether or not the screen can show it; `None` if no
    /// locale was given.
    pub language: Option<Language>,
    /// The id of the host of the fleet through which the user speaks; `None` on this machine. What the host says of itself is in the
    /// other fields, and none of it is believed where it could be checked.
    pub host: Option<String>,
}

/// What a screen can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Screen {
    /// Whether it shows more than ASCII.
    pub utf8: bool,
    /// Whether it is the Linux text console: most of its fonts lack half blocks.
    pub text_console: bool,
}

impl Caller {
    /// Whether it is a PAM host, which acts for the user at its terminal. Any other caller acts for itself.
    pub(crate) const fn is_host(&self) -> bool {
        self.uid == 0 && self.host.is_none()
    }

    /// Whether it comes through a host of the fleet.
    pub(crate) const fn is_of_the_fleet(&self) -> bool {
        self.host.is_some()
    }

    /// Whether a PAM host, here or on a host of the fleet, puts the questions: everybody but the command.
    fn is_asked_by_pam(&self) -> bool {
        self.is_host() || self.is_of_the_fleet() && self.service != "sspr"
    }

    /// Whether only the length of an answer may count before a proof. For an account that it does not know, sshd
    /// replaces the typed text by junk of the same length (`fake_password` in OpenSSH's auth-pam.c). It may use any
    /// service name (its `PAMServiceName`), so this is true for every PAM host except those that are known to ask for
    /// every name.
    pub(crate) fn counts_by_length(&self) -> bool {
        self.is_asked_by_pam() && !always_asks(&self.service)
    }

    /// Whether the user can read all text there: a display manager truncates texts, or shows only one line of them.
    pub(crate) fn has_terminal(&self) -> bool {
        matches!(self.service.as_str(), "sshd" | "login" | "remote" | "sspr")
    }
}
