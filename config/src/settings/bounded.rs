//! Limits that version 0.1.0 accepted although they limit nothing. An agent must start with them after an upgrade, so
//! the nearest valid limit counts instead, and `config check` and the journal say so.

use super::{Exposed, Limits, Settings};
use crate::duration::Span;

/// More guesses at a code than this are no limit.
const PROOFS_MAX: u32 = 100;
/// The shortest and the longest window for counting them, in seconds: 10 minutes and 30 days.
const WINDOW: (i64, i64) = (600, 30 * 86_400);

impl Settings {
    /// Replaces an out-of-range value by the bound.
    pub(super) fn bound(mut self) -> Self {
        self.bounded = self.limits.bound();
        self
    }
}

impl Limits {
    fn bound(&mut self) -> Vec<Exposed> {
        let mut found = Vec::new();
        let mut say = |key, why| found.push(Exposed { section: "limits", key, why });
        if self.failed_proofs > PROOFS_MAX {
            let why = format!(
                "failed_proofs = {} is too high; {PROOFS_MAX}, the maximum, is used instead",
                self.failed_proofs
            );
            say("failed_proofs", why);
            self.failed_proofs = PROOFS_MAX;
        }
        let seconds = self.failed_window.as_secs();
        let bounded = seconds.clamp(WINDOW.0, WINDOW.1);
        if bounded != seconds {
            let counts = Span::seconds(u32::try_from(bounded).unwrap_or(u32::MAX));
            let why = format!(
                "failed_window = \"{}\" is not between \"10m\" and \"30d\"; \"{counts}\" is used instead",
                self.failed_window
            );
            say("failed_window", why);
            self.failed_window = counts;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::parse;

    #[test]
    fn a_limit_that_is_none_counts_as_the_nearest_that_is_one_and_is_said() {
        for (text, proofs, window, said) in [
            (
                "failed_proofs = 1000000",
                100,
                86_400,
                "failed_proofs = 1000000 is too high; 100, the maximum, is used instead",
            ),
            (
                "failed_window = \"1m\"",
                5,
                600,
                "failed_window = \"1m\" is not between \"10m\" and \"30d\"; \"10m\" is used instead",
            ),
            (
                "failed_window = \"90d\"",
                5,
                2_592_000,
                "failed_window = \"90d\" is not between \"10m\" and \"30d\"; \"30d\" is used instead",
            ),
            ("failed_proofs = 100\nfailed_window = \"30d\"", 100, 2_592_000, ""),
        ] {
            let settings = parse(&format!("[limits]\n{text}\n"), Path::new("sspr.toml")).unwrap();
            assert_eq!(
                (settings.limits.failed_proofs, settings.limits.failed_window.as_secs()),
                (proofs, window),
                "{text}"
            );
            let found: Vec<&str> = settings.bounded.iter().map(|bounded| bounded.why.as_str()).collect();
            assert_eq!(found.join(" "), said);
        }
    }
}
