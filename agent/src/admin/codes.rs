//! Help-desk codes, for a user who has nothing else. A person who knows the user reads the code out.

use crate::{
    audit::{Deed, Event},
    credential::Verdict,
    store::{HelpdeskCodes, helpdesk_codes::Issue},
};

use super::{
    AdminCall, Result,
    find::{self, Found},
    refused,
    wire::HelpdeskCode,
};

/// Makes a code for `user`, which must be an account that self-service serves, and not the administrator's own.
pub(super) async fn issue(call: &AdminCall, user: &str) -> Result<HelpdeskCode> {
    let agent = &call.agent;
    let found = Found::new(agent, user).await?;
    if found.state.verdict != Verdict::Eligible {
        return Err(refused(format!("{user} can't have a code: {}", find::why_not(found.state.verdict))));
    }
    not_ones_own(call, &found, user, Event::HelpdeskCode)?;
    let now = agent.now();
    let lifetime = agent.settings.helpdesk.code_lifetime.as_secs();
    let expires = now + lifetime;
    let mut tx = agent.begin().await?;
    let issue = Issue { name: found.who(), id: found.state.id, issuer: &call.administrator, now, expires };
    let code = HelpdeskCodes::issue(&mut tx, &agent.keys, agent.random.as_ref(), issue).await?;
    tx.commit().await?;
    // Root can use any name, so the process is recorded too.
    call.record(Deed { event: Event::HelpdeskCode, success: true, account: &found.recorded(), reason: &call.process });
    Ok(HelpdeskCode { code, expires, lifetime })
}

/// Refuses and records an action of an administrator or a help-desk member on their own account.
pub(super) fn not_ones_own(call: &AdminCall, found: &Found, user: &str, event: Event) -> Result<()> {
    let agent = &call.agent;
    // The name may be written in any form that the host accepts.
    // An administrator may have an account of the same name on a host of the fleet.
    let on_a_host = |name: &String| found.who().host().is_some() && *name == found.name;
    let own = call
        .names
        .iter()
        .flatten()
        .any(|name| name == user || agent.place(name).name() == found.who() || on_a_host(name));
    // A uid of a host of the fleet means nobody here.
    let uid = found.state.id.uid().filter(|_| found.who().host().is_none());
    if own || uid.is_some_and(|uid| call.uids.contains(&uid)) {
        let reason = "an administrator's own account";
        call.record(Deed { event, success: false, account: &found.recorded(), reason });
        return Err(refused(match event {
            Event::HelpdeskCode => "that is your own account: another administrator has to give you a code",
            _ => "that is your own account: another administrator has to do that",
        }));
    }
    // Directory users are identified only by name. If the name is unknown, it may be this user's own.
    if agent.targets.is_far(found.who()) && call.names.iter().any(Option::is_none) {
        let reason = "it is not known whether it is the administrator's own account";
        call.record(Deed { event, success: false, account: &found.recorded(), reason });
        let why =
            "this host can't tell your name, so this may be your own account: run it in a session under your own name";
        return Err(refused(why));
    }
    Ok(())
}
