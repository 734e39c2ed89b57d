//! Help-desk codes: for a user who has nothing else, read out by a person who knows the user.

use crate::{
    audit::{Deed, Event},
    credential::Verdict,
    store::{HelpdeskCodes, helpdesk_codes::Issue},
};

use super::{
    Desk, Result,
    find::{self, Found},
    refused,
    wire::HelpdeskCode,
};

/// A code for `user`, who must be one whom self-service serves, and not the administrator.
pub(super) async fn issue(desk: &Desk, user: &str) -> Result<HelpdeskCode> {
    let agent = &desk.agent;
    let found = Found::new(agent, user).await?;
    if found.state.verdict != Verdict::Eligible {
        return Err(refused(format!("{user} can't have a code: {}", find::why_not(found.state.verdict))));
    }
    // In whatever way the host writes it.
    let own = desk.names.iter().flatten().any(|name| name == user || agent.place(name).name() == found.who());
    if own || found.state.id.uid().is_some_and(|uid| desk.uids.contains(&uid)) {
        let reason = "an administrator's own account";
        desk.record(Deed { event: Event::HelpdeskCode, success: false, account: &found.name, reason });
        return Err(refused("that is your own account: another administrator has to give you a code"));
    }
    // People of a directory are known by their names alone: whose name is not known may be this one.
    if agent.targets.is_far(found.who()) && desk.names.iter().any(Option::is_none) {
        let reason = "it is not known whether it is the administrator's own account";
        desk.record(Deed { event: Event::HelpdeskCode, success: false, account: &found.name, reason });
        let why =
            "this host can't tell your name, so this may be your own account: run it in a session under your own name";
        return Err(refused(why));
    }
    let now = agent.now();
    let lifetime = agent.settings.helpdesk.code_lifetime.as_secs();
    let expires = now + lifetime;
    let mut tx = agent.begin().await?;
    let issue = Issue { name: found.who(), id: found.state.id, issuer: &desk.administrator, now, expires };
    let code = HelpdeskCodes::issue(&mut tx, &agent.keys, agent.random.as_ref(), issue).await?;
    tx.commit().await?;
    // Root can have any name: the process says a little more.
    desk.record(Deed { event: Event::HelpdeskCode, success: true, account: &found.name, reason: &desk.process });
    Ok(HelpdeskCode { code, expires, lifetime })
}
