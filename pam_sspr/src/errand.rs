//! The purpose of a dialogue, and its circumstances.

use std::time::Duration;

use sspr_config::dialogue::Purpose;

use crate::host::Secret;

/// The questions that are asked, if the password may have come too soon to be typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pasted {
    /// The password did not come too soon. Everything is asked.
    No,
    /// The password came too soon, and registering may be required. Only questions that must be answered are asked,
    /// until a person answers: a password manager is as fast as a program. An empty first answer means "no". After any
    /// other answer, a person is there, and everything is asked.
    Required,
    /// The password came too soon. Nothing is asked.
    Yes,
}

/// The purpose of a dialogue, and its circumstances.
pub(crate) struct Errand<'a> {
    pub(crate) purpose: Purpose,
    pub(crate) user: &'a str,
    /// How long the first steps may take, up to the first question to a person.
    pub(crate) patience: Duration,
    /// The password that was just typed at the module's own prompt.
    pub(crate) typed: Option<&'a Secret>,
    /// Whether the password came too soon to be typed. Programs can't go on after a question, although their password
    /// is correct.
    pub(crate) pasted: Pasted,
    /// Whether the agent may have `typed`, for the server of the fleet to check.
    pub(crate) hands_on: bool,
}
