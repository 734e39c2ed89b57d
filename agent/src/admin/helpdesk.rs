//! The help desk without root: members of a group may look at accounts, verify callers, give codes and end
//! suspensions. They may not do so for accounts as good as root, for members of that group, or for themselves.
//!
//! The bus lets every user ask, so everything is decided here. The transport gives the caller's uid; the groups of
//! that uid and of the account are looked up, and an unknown group means no.

use std::collections::BTreeSet;

use sspr_config::settings::AS_GOOD_AS_ROOT;

use crate::{
    audit::{Deed, Event},
    credential::Verdict,
    limits::{self, Allowance, DeskCount},
    principal::Principal,
    random,
    reloadable::Reloadable,
    snapshot::Snapshot,
};

use super::{
    AdminCall, Error, Result, codes,
    find::{self, Found},
    named, people, read, refused, say, verify,
    wire::{Done, HelpdeskCode, Nothing, Shown, Whom},
    wire_of_the_desk::{Membership, Verified, Verify, VerifyAnswer, VerifySent},
};

/// The longest argument, in bytes.
const ARGUMENT_MAX: usize = 4096;

/// The verbs for members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeskVerb {
    /// Says whether the caller is a member. [`Nothing`] -> [`Membership`].
    Member,
    /// Shows an account, with contacts masked. [`Whom`] -> [`Shown`].
    Show,
    /// Makes a code to read out. [`Whom`] -> [`HelpdeskCode`].
    Code,
    /// Ends a suspension and forgets failures. [`Whom`] -> [`Done`].
    Unblock,
    /// Sends a code to a registered contact. [`Verify`] -> [`VerifySent`].
    Verify,
    /// Checks what the caller read out. [`VerifyAnswer`] -> [`Verified`].
    VerifyAnswer,
}

impl DeskVerb {
    /// Its name in the audit trail.
    const fn event(self) -> Event {
        match self {
            Self::Member | Self::Show => Event::Looked,
            Self::Code => Event::HelpdeskCode,
            Self::Unblock => Event::Unblocked,
            Self::Verify => Event::DeskCodeSent,
            Self::VerifyAnswer => Event::DeskVerified,
        }
    }
}

/// The help desk.
#[derive(Clone, Debug)]
pub struct HelpDesk {
    agent: Reloadable<Snapshot>,
}

impl HelpDesk {
    /// A help desk for the members of the group that the settings name.
    pub fn new(agent: impl Into<Reloadable<Snapshot>>) -> Self {
        Self { agent: agent.into() }
    }

    /// Runs the verb for `who`. `what` is its JSON argument; returns its JSON answer.
    pub async fn call(&self, who: &Principal, verb: DeskVerb, what: &str) -> Result<String> {
        let call = self.admit(who).await?;
        if what.len() > ARGUMENT_MAX {
            return Err(Error::Malformed("an argument is too long".into()));
        }
        count(&call, who.uid(), DeskCount::Calls).await?;
        match verb {
            DeskVerb::Member => {
                let Nothing {} = read(what)?;
                say::<Membership>(&Membership { group: call.agent.settings.helpdesk.group.clone() })
            }
            DeskVerb::Show => {
                let whom: Whom = read(what)?;
                if whom.reveal {
                    return Err(Error::Denied("only root sees contacts in full: sudo sspr admin show --reveal".into()));
                }
                let found = target(&call, verb, &whom.user).await?;
                let shown = people::show(&call, &Whom { user: whom.user, ..Whom::default() }).await?;
                call.record(Deed { event: verb.event(), success: true, account: &found.recorded(), reason: "" });
                say::<Shown>(&shown)
            }
            DeskVerb::Code => {
                let user = read::<Whom>(what)?.user;
                target(&call, verb, &user).await?;
                count(&call, who.uid(), DeskCount::Codes).await?;
                say::<HelpdeskCode>(&codes::issue(&call, &user).await?)
            }
            DeskVerb::Unblock => {
                let user = read::<Whom>(what)?.user;
                target(&call, verb, &user).await?;
                say::<Done>(&people::unblock(&call, &user).await?)
            }
            DeskVerb::Verify => {
                let wanted: Verify = read(what)?;
                target(&call, verb, &wanted.user).await?;
                count(&call, who.uid(), DeskCount::Verifications).await?;
                say::<VerifySent>(&verify::send(&call, &wanted).await?)
            }
            DeskVerb::VerifyAnswer => {
                let answer: VerifyAnswer = read(what)?;
                target(&call, verb, &answer.user).await?;
                say::<Verified>(&verify::answer(&call, &answer).await?)
            }
        }
    }

    /// Admits members. Other callers learn that there is a help desk, but nothing about any account.
    async fn admit(&self, who: &Principal) -> Result<AdminCall> {
        let denied = || {
            Error::Denied(
                "this is for root, and for members of the group that [helpdesk] group names; try: sudo sspr admin"
                    .into(),
            )
        };
        if who.is_root() {
            return Err(Error::Denied("root has an interface of its own: Admin1".into()));
        }
        let agent = self.agent.now();
        let group = agent.settings.helpdesk.group.clone();
        if group.is_empty() {
            return Err(denied());
        }
        let name = agent.people.name(who.uid()).await.ok_or_else(denied)?;
        let groups = agent.people.member_of(&name, Some(who.uid()), vec![group.clone()]).await;
        if !groups.is_some_and(|groups| groups.contains(&group)) {
            return Err(denied());
        }
        let correlation = random::handle(agent.random.as_ref())?;
        let process = named(who.process());
        Ok(AdminCall {
            agent,
            administrator: name.clone(),
            uids: vec![who.uid()],
            names: vec![Some(name)],
            correlation,
            process,
            member: Some(who.uid()),
        })
    }
}

/// Counts an action of the member with `uid`. Actions over the limit are refused. The first of them in an hour is
/// recorded.
async fn count(call: &AdminCall, uid: u32, what: DeskCount) -> Result<()> {
    let agent = &call.agent;
    let now = agent.now();
    let mut tx = agent.begin().await?;
    let most = agent.settings.helpdesk.codes_per_hour;
    let allowance = limits::count_desk(&mut tx, &agent.keys, uid, what, most, now).await?;
    let Allowance::Wait(seconds) = allowance else {
        tx.commit().await?;
        return Ok(());
    };
    let first = limits::desk_limit_note(&mut tx, &agent.keys, uid, what, now).await?;
    tx.commit().await?;
    if first {
        call.record(Deed { event: Event::DeskLimited, success: false, account: "-", reason: what.word() });
    }
    let time = agent.default_texts().span(seconds);
    Err(refused(format!("too many {} within an hour: try again in {time}, or ask an administrator", what.word())))
}

/// The account, if the help desk may act on it.
async fn target(call: &AdminCall, verb: DeskVerb, user: &str) -> Result<Found> {
    let agent = &call.agent;
    let found = Found::new(agent, user).await?;
    codes::not_ones_own(call, &found, user, verb.event())?;
    let Some(why) = protected(call, &found, user).await else { return Ok(found) };
    call.record(Deed { event: verb.event(), success: false, account: &found.recorded(), reason: why });
    Err(refused(format!("the help desk can do nothing for {user}: {why}; only root can")))
}

const SYSTEM: &str = "it is root's or a system account";

/// Why the help desk may not act on an account; `None` if it may.
async fn protected(call: &AdminCall, found: &Found, user: &str) -> Option<&'static str> {
    let settings = &call.agent.settings;
    if found.who().host().is_some() {
        // Only that host knows its groups.
        return Some("it is an account of a host of the fleet itself");
    }
    match found.state.verdict {
        Verdict::System => return Some(SYSTEM),
        _ if found.state.id.uid().is_some_and(|uid| uid < settings.scope.min_uid) => return Some(SYSTEM),
        Verdict::SharedUid => return Some(find::why_not(Verdict::SharedUid)),
        _ if found.state.admin => return Some("it is an administrator's"),
        _ => {}
    }
    let group = &settings.helpdesk.group;
    let mut groups: BTreeSet<String> = AS_GOOD_AS_ROOT.iter().map(|group| (*group).to_owned()).collect();
    groups.extend(settings.scope.admin_groups.iter().cloned());
    groups.insert(group.clone());
    let is_in = call.agent.people.member_of(user, found.state.id.uid(), groups.into_iter().collect()).await;
    match is_in {
        None => Some("its groups can't be told now"),
        Some(is_in) if is_in.contains(group) => Some("it is of a member of the help desk"),
        Some(is_in) if !is_in.is_empty() => Some("it is an administrator's"),
        Some(_) => None,
    }
}
