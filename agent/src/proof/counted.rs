//! The keys under which limits count events of an account.

use sspr_config::dialogue::Purpose;

use super::Account;
use crate::keys::{Keys, Tag};

impl Account {
    /// The keys of what counts against the owner: failures, suspensions, and sign-ins without a required registration.
    pub(crate) fn held_against_it(&self, keys: &Keys) -> Vec<Tag> {
        let failures = self.all_failures(keys).into_iter().map(|(_, key)| key);
        let password = keys.mac("password-check", &[&self.name().bytes()]);
        let told = keys.mac("blocked-note", &[&self.name().bytes()]);
        failures.chain([self.let_ins(keys), password, told]).collect()
    }

    /// These keys, and those of the codes that were sent to the account.
    pub(crate) fn counted(&self, keys: &Keys) -> Vec<Tag> {
        let sends = Purpose::ALL.map(|purpose| self.sends(keys, purpose));
        self.held_against_it(keys).into_iter().chain(sends).collect()
    }
}
