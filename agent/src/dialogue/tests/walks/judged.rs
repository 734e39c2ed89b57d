//! By what right something was written: held against the ledger.

use sspr_config::dialogue::{Purpose, Step};

use super::{
    Held, Walk, count,
    ledger::{Registered, enough, kept, may_be_served, registered},
};
use crate::{proof::Means, totp};

impl Walk<'_> {
    /// A changed password or a lock that was taken off: whose, and by what right.
    pub(super) fn judge_write(&mut self, held: &Held, before: &Registered, writes: (usize, usize)) {
        let state = self.state(held.name);
        assert_eq!(held.purpose, Purpose::Recover);
        assert!(may_be_served(state), "{state:?}");
        let (changes, unlocked) = self.writes();
        assert_eq!(changes + unlocked, writes.0 + writes.1 + 1, "two writes at once");
        let accounts = self.world.accounts();
        let whose = if changes > writes.0 { accounts.changes.last() } else { accounts.unlocked.last() };
        assert_eq!(whose.map(String::as_str), Some(held.name));
        drop(accounts);
        let mine = before.clone().of(state.uid);
        let proofs = self.ledger.held(&held.typed, held.name, Purpose::Recover, state, &mine, self.now());
        assert!(enough(&proofs, state), "a write with {proofs:?} for {state:?}");
        for means in &proofs.means {
            let index = Means::all().position(|one| one == *means).unwrap();
            count(&self.seen.by[index]);
        }
        self.ledger.spend(proofs, held.name, Purpose::Recover);
        count(if changes > writes.0 { &self.seen.recovered } else { &self.seen.unlocked });
    }

    /// Checks the enrollment: which user was shown it, and the proofs behind each change. Returns whether anything
    /// succeeded.
    pub(super) async fn judge_enrollment(&mut self, held: &mut Held, before: &Registered, step: Option<&Step>) -> bool {
        let (name, state, now) = (held.name, self.state(held.name), self.now());
        let after = registered(&self.world, name).await;
        let mut succeeded = false;
        let shows_enrollment = step.is_some_and(|step| {
            step.prompt.starts_with("A number")
                || step.prompt.starts_with("Type remove")
                || step.text.contains("sspr codes")
        });
        if shows_enrollment && !held.has_enrollment && (held.purpose != Purpose::Register || after == *before) {
            count(&self.seen.enrollments);
            held.has_enrollment = true;
            succeeded = true;
            assert!(
                held.purpose == Purpose::Register || held.password_right,
                "has the enrollment without the password"
            );
            let mine = before.clone().of(state.uid);
            let proofs = self.ledger.held(&held.typed, name, Purpose::Enroll, state, &mine, now);
            let helped = !state.admin && proofs.means.contains(&Means::HelpDesk);
            assert!(
                proofs.means.len() >= held.needed || helped,
                "has the enrollment with {proofs:?}, needs {}",
                held.needed
            );
            if held.needed > 0 {
                self.ledger.spend(proofs, name, Purpose::Enroll);
            }
        }
        if after == *before {
            return succeeded;
        }
        assert!(may_be_served(state), "an enrollment of an account that is not served");
        assert!(after.uid == state.uid || after == Registered::default(), "a change of what another uid registered");
        let mine = before.clone().of(state.uid);
        for contact in after.contacts.keys().filter(|contact| !mine.contacts.contains_key(*contact)) {
            assert!(self.ledger.proves_new(&held.typed, name, contact, now), "{contact} was added without proof");
            self.ledger.succeeded(name, Purpose::Register);
            count(&self.seen.added);
        }
        let removed = mine.contacts.keys().filter(|contact| !after.contacts.contains_key(*contact)).count();
        let app_gone = mine.app.is_some() && after.app != mine.app;
        if let Some((_, secret)) = after.app.as_ref().filter(|_| after.app != mine.app) {
            let shown = held.typed.iter().any(|typed| totp::check(&kept(secret), &typed.text, now, 0).is_some());
            assert!(shown, "an app was registered that showed nothing");
            count(&self.seen.added);
        }
        if removed > 0 || app_gone {
            assert!(held.has_enrollment, "something registered was removed by {:?}", held.purpose);
            count(&self.seen.removed);
        }
        if held.purpose == Purpose::Register && !held.has_enrollment {
            assert!(held.missing, "nothing was missing");
        }
        assert!(held.has_enrollment || held.purpose == Purpose::Register);
        true
    }
}
