//! Dialogues at a server that end early.

use std::time::Duration;

use sspr_config::dialogue::Ask;
use sspr_fleet::{
    client::Replica,
    wire::{Leave, VERSION},
};

use super::{open::Open, relay::Host};
use crate::principal::Principal;

/// How long a call that ends a dialogue early may take.
const LEAVE: Duration = Duration::from_secs(2);

impl Host {
    /// Ends a dialogue of the server early. Returns `false` if the handle is not of such a dialogue of `who`.
    pub(super) fn end(&self, who: &Principal, handle: &str, why: Option<String>) -> bool {
        let mut table = self.table();
        if table.get(handle).is_none_or(|open| open.owner != who.connection()) {
            return false;
        }
        if let Some(open) = table.remove(handle) {
            if let Some(signing_in) = &open.signing_in {
                signing_in.left_at(&self.agent.now(), &open.about.user, open.ask);
            }
            self.told(&open, why);
        }
        true
    }

    /// Tells the server in the background that a dialogue is over. While this host may be changing an account of its
    /// own, its report is waited for.
    pub(super) fn told(&self, open: &Open, why: Option<String>) {
        if open.about.own().is_none() || !open.busy {
            self.told_at(open.at.clone(), open.handle.clone(), why);
        }
    }

    /// The same for the dialogue `handle` of the server `at`.
    pub(super) fn told_at(&self, at: Replica, handle: String, why: Option<String>) {
        let Ok(reach) = self.reach(&self.agent.now()) else { return };
        let leave = Leave { v: VERSION, handle, why };
        tokio::spawn(async move {
            // A server that is not told ends the dialogue at its deadline.
            let _ = reach.leave(&at, &leave, LEAVE).await;
        });
    }

    /// Ends the dialogues of a connection that is gone.
    pub(super) fn gone(&self, owner: &str) {
        let mut table = self.table();
        let handles: Vec<String> =
            table.iter().filter(|(_, open)| open.owner == owner).map(|(handle, _)| handle.clone()).collect();
        let gone: Vec<Open> = handles.iter().filter_map(|handle| table.remove(handle)).collect();
        drop(table);
        for mut open in gone {
            // A user who was asked nothing yet did not leave. The module gave up waiting.
            let waits = open.signing_in.is_some() && open.ask == Ask::Password;
            self.told(&open, (!waits).then(|| "gone".to_owned()));
            // Dropping the watch would end the task that runs this.
            open.watch = None;
        }
    }
}
