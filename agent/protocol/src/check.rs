//! Whether settings can stand: what `sspr-agent --check-settings` says. One program decides that, for its own start and for any program that
//! asks beforehand.

use serde::{Deserialize, Serialize};

/// The option of the agent's program.
pub const OPTION: &str = "--check-settings";

/// The faults of settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The first thing for which the agent would not start, or would start without a gateway.
    pub error: Option<String>,
    /// What it would start with, though it is hardly meant.
    pub warnings: Vec<String>,
}
