//! An account as the report counts it, by the definitions of Entra's report on authentication methods.

use std::collections::BTreeMap;

use sspr_config::settings::Method;

use super::wire::Report;
use crate::store::tally::Table;

/// Which means an account has: those of [`Method::ALL`], and recovery codes.
pub(super) type Has = [bool; Method::ALL.len() + 1];

/// The words of [`Has`] in the report.
fn words() -> impl Iterator<Item = &'static str> {
    Method::ALL.into_iter().map(Method::as_str).chain(["recovery codes"])
}

/// The index in [`Has`] that a row of `table` with `word` counts for, if it counts.
pub(super) fn index(table: Table, word: &str) -> Option<usize> {
    match table {
        Table::Contacts | Table::Vouched => Method::from_word(word).map(Method::index),
        Table::Apps => Some(Method::App.index()),
        Table::RecoveryCodes => Some(Method::ALL.len()),
        Table::Registrations | Table::Waits => None,
    }
}

/// Whether an account with `has` has `method`.
pub(super) fn holds_method(has: Has, method: Method) -> bool {
    has.get(method.index()).copied().unwrap_or_default()
}

/// The numbers by method, before anything is counted.
pub(super) fn none() -> BTreeMap<String, u64> {
    words().map(|word| (word.to_owned(), 0)).collect()
}

/// Counts what an account `has`.
pub(super) fn count(by_method: &mut BTreeMap<String, u64>, has: Has) {
    for (word, _) in words().zip(has).filter(|(_, has)| *has) {
        if let Some(number) = by_method.get_mut(word) {
            *number += 1;
        }
    }
}

/// What the report counts about one account.
#[allow(clippy::struct_excessive_bools, reason = "each is counted by itself")]
pub(super) struct Counted {
    pub(super) enabled: bool,
    pub(super) registered: bool,
    pub(super) exempt: bool,
    pub(super) suspended: bool,
    pub(super) has: Has,
}

/// The report before any account is counted.
pub(super) fn nobody() -> Report {
    Report { by_method: none(), ..Report::default() }
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
    count(&mut report.by_method, account.has);
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
