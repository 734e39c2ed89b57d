//! Whether settings are valid: the result of `sspr-agent --check-settings`. One program decides that, for its own start
//! and for every program that asks beforehand.

use serde::{Deserialize, Serialize};

/// The option of the agent's program.
pub const OPTION: &str = "--check-settings";

/// The faults in settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The first fault that keeps the agent, or one of its gateways, from starting.
    pub error: Option<String>,
    /// Settings that work, but are probably not intended.
    pub warnings: Vec<String>,
}
