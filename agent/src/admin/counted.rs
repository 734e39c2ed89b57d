//! An account as the report counts it, by the definitions of Entra's report on authentication methods.

use super::wire::Report;

/// The methods, by their words in the report.
pub(super) const METHODS: [&str; 4] = ["email", "phone", "app", "recovery codes"];

/// What the report counts about one account.
#[allow(clippy::struct_excessive_bools, reason = "each is counted by itself")]
pub(super) struct Counted {
    pub(super) enabled: bool,
    pub(super) registered: bool,
    pub(super) exempt: bool,
    pub(super) suspended: bool,
    /// Which of [`METHODS`] the account has.
    pub(super) has: [bool; METHODS.len()],
}

/// The report before any account is counted.
pub(super) fn nobody() -> Report {
    Report { by_method: METHODS.map(|method| (method.to_owned(), 0)).into(), ..Report::default() }
}

/// Which numbers the account adds to, in their order: accounts, enabled, registered, capable, exempt, suspended.
pub(super) const fn holds(account: &Counted) -> [bool; 6] {
    let capable = account.enabled && account.registered;
    [true, account.enabled, account.registered, capable, account.exempt, account.suspended]
}

/// Adds an account to the numbers.
pub(super) fn add(report: &mut Report, account: &Counted) {
    let Report { accounts, enabled, registered, capable, exempt, resting, .. } = report;
    for (number, holds) in [accounts, enabled, registered, capable, exempt, resting].into_iter().zip(holds(account)) {
        *number += u64::from(holds);
    }
    for (method, _) in METHODS.iter().zip(account.has).filter(|(_, has)| *has) {
        if let Some(number) = report.by_method.get_mut(*method) {
            *number += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registered_enabled_and_capable_are_counted_as_entra_defines_them() {
        let mut report = nobody();
        for (enabled, registered, has) in [
            (true, true, [true, false, true, true]),
            (true, false, [false; 4]),
            (true, false, [true, false, false, false]),
            (false, true, [false, true, false, true]),
            (false, false, [false; 4]),
        ] {
            add(&mut report, &Counted { enabled, registered, exempt: false, suspended: false, has });
        }
        assert_eq!((report.accounts, report.enabled, report.registered, report.capable), (5, 3, 2, 1));
        let methods: Vec<_> = report.by_method.iter().map(|(method, n)| (method.as_str(), *n)).collect();
        assert_eq!(methods, [("app", 1), ("email", 2), ("phone", 1), ("recovery codes", 2)]);
    }
}
