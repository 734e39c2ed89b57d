//! Why a command failed, and its exit status.

use std::process::ExitCode;

use crate::terminal;

/// Why a command did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Wrong usage, such as a group that does not exist.
    #[error("{0}")]
    Usage(String),
    /// It was refused, or failed.
    #[error("{0}")]
    Refused(String),
    /// The named thing does not exist.
    #[error("{0}")]
    NotFound(String),
    /// The service can't be reached.
    #[error("{0}")]
    Unreachable(String),
}

impl Failure {
    /// The command's exit status.
    pub const fn status(&self) -> u8 {
        match self {
            Self::Refused(_) | Self::NotFound(_) => 1,
            Self::Usage(_) => 2,
            Self::Unreachable(_) => 3,
        }
    }

    /// Reports the failure, and returns its exit status.
    pub fn complain(&self) -> ExitCode {
        terminal::complain(&format!("sspr: {self}"));
        ExitCode::from(self.status())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Refused(error.to_string())
    }
}

/// Fails unless root runs the command.
pub fn only_root(what: &str) -> Result<(), Failure> {
    if rustix::process::geteuid().is_root() {
        return Ok(());
    }
    Err(Failure::Refused(format!("{what} is for root; try: sudo sspr {what}")))
}
