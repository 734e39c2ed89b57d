//! What a dialogue is held for.

use std::time::Duration;

use sspr_config::dialogue::Purpose;

use crate::host::Secret;

/// What is asked after a password that came too soon to be typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pasted {
    /// It did not come too soon: everything.
    No,
    /// Only questions that must be answered, until a person answers: registering may be required, and a password manager is as fast
    /// as a program. An empty first answer is a "no"; after any other a person is there, who is asked everything.
    Required,
    /// Nothing.
    Yes,
}

/// What a dialogue is held for.
pub(crate) struct Errand<'a> {
    pub(crate) purpose: Purpose,
    pub(crate) user: &'a str,
    /// How long the beginning may take, with all that needs no person.
    pub(crate) patience: Duration,
    /// The password that was typed at our own prompt a moment ago.
    pub(crate) typed: Option<&'a Secret>,
    /// It came too soon to be typed. Programs can't go on after a question, though their password is right.
    pub(crate) pasted: Pasted,
}
