//! Finds the account that an administrator names, and the reason if self-service may not change it.

use sspr_core::plain::plain;

use crate::{
    account::{Name, OF_A_HOST, realm_of_host},
    credential::Verdict,
    snapshot::Snapshot,
    store::{Hosts, Overviews, overview::Overview},
    targets::{Placed, State},
};

use super::{Result, hosts, not_found, refused};

/// An account that exists, or whose registration still exists.
pub(super) struct Found {
    pub(super) realm: String,
    pub(super) name: String,
    pub(super) state: State,
    /// The registration under that name; it may be of an account that is gone.
    pub(super) overview: Option<Overview>,
}

impl Found {
    /// Looks `name` up. Refuses a name with neither an account nor a registration, and does not record it.
    pub(super) async fn new(agent: &Snapshot, name: &str) -> Result<Self> {
        Self::placed(agent, name, &place(agent, name, false).await?).await
    }

    /// The same for the account that `placed` names.
    pub(super) async fn placed(agent: &Snapshot, name: &str, placed: &Placed<'_>) -> Result<Self> {
        let who = placed.name();
        if who.host().is_some() {
            return Self::of_a_host(agent, who).await;
        }
        let mut state = agent.targets.account(who).await.map_err(crate::error::Error::from)?;
        if state.verdict == Verdict::Unknown && agent.people.exists(name).await == Some(true) {
            state.verdict = Verdict::NotLocal;
        }
        let mut tx = agent.begin_to_read().await?;
        let overview = Overviews::of(&mut tx, who.realm, &[who.name]).await?.into_iter().next();
        tx.commit().await?;
        if state.verdict == Verdict::Unknown && overview.is_none() {
            return Err(not_found());
        }
        Ok(Self { realm: placed.realm().to_owned(), name: who.name.to_owned(), state, overview })
    }

    /// The same for an account of a host of the fleet itself. A host is asked only within a dialogue that it began, so
    /// what is registered counts: the host says at a reset whether the account is still there and served.
    async fn of_a_host(agent: &Snapshot, who: Name<'_>) -> Result<Self> {
        let mut tx = agent.begin_to_read().await?;
        let overview = Overviews::of(&mut tx, who.realm, &[who.name]).await?.into_iter().next();
        tx.commit().await?;
        let id = overview.as_ref().ok_or_else(not_found)?.id;
        let state = State { id, verdict: Verdict::Eligible, admin: false, locked: false };
        Ok(Self { realm: who.realm.to_owned(), name: who.name.to_owned(), state, overview })
    }

    /// The key of its rows.
    pub(super) fn who(&self) -> Name<'_> {
        Name { realm: &self.realm, name: &self.name }
    }

    /// Its name in the audit trail.
    pub(super) fn recorded(&self) -> String {
        self.who().in_full().into_owned()
    }

    /// The registration of this account, not that of another account with the same name.
    pub(super) fn own(&self) -> Option<&Overview> {
        self.overview.as_ref().filter(|overview| overview.id == self.state.id)
    }
}

/// The account in this host's own files, if `local`. Once it is gone from them, its name leads to the directory. An
/// account of a host of the fleet itself is called `host:web1/alice`, by the name or the id of the host.
pub(super) async fn place<'a>(agent: &Snapshot, name: &'a str, local: bool) -> Result<Placed<'a>> {
    if local {
        return Ok(Placed::local(name));
    }
    let Some((host, name)) = name.strip_prefix(OF_A_HOST).and_then(|rest| rest.split_once('/')) else {
        return Ok(agent.place(name));
    };
    let mut tx = agent.begin_to_read().await?;
    let host = hosts::named(&mut tx, host).await?;
    tx.commit().await?;
    Ok(Placed::of_a_host(&host.id, name))
}

/// What is looked for under the names of other hosts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    /// A registration.
    Registration,
    /// A registration or a row of the audit trail.
    Anything,
}

/// The same as [`place`] for a verb that must not leave out a part of what it is asked about. Refuses the name of a host
/// that stands for several entries of the fleet, if something is `kept` of an account of this name of another of them.
pub(super) async fn place_whole<'a>(agent: &Snapshot, name: &'a str, local: bool, kept: Kept) -> Result<Placed<'a>> {
    let placed = place(agent, name, local).await?;
    let (who, called) = (placed.name(), name.strip_prefix(OF_A_HOST).and_then(|rest| rest.split_once('/')));
    let (Some(meant), Some((host, name))) = (who.host(), called) else { return Ok(placed) };
    let mut tx = agent.begin_to_read().await?;
    let mut others = Vec::new();
    for other in Hosts::all(&mut tx).await?.into_iter().filter(|other| other.name == host && other.id != host) {
        let realm = realm_of_host(&other.id);
        if other.id != meant
            && Overviews::is_kept(&mut tx, Name { realm: &realm, name }, kept == Kept::Anything).await?
        {
            others.push(other.id);
        }
    }
    tx.commit().await?;
    if meant == host || others.is_empty() {
        return Ok(placed);
    }
    let (host, name) = (plain(host), plain(name));
    Err(refused(format!(
        "several hosts are called {host}, and there is an account {name} of {} too; name it by the id of its host: \
         host:{meant}/{name} is the one that {host} stands for",
        others.join(", "),
    )))
}

/// The name in the audit trail of the account that an administrator calls `name`.
pub(super) async fn in_full(agent: &Snapshot, name: String) -> Result<String> {
    let placed = if name.starts_with(OF_A_HOST) { Some(place(agent, &name, false).await?) } else { None };
    Ok(placed.map(|placed| placed.name().in_full().into_owned()).unwrap_or(name))
}

/// The word for a verdict.
pub(super) const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Eligible => "eligible",
        Verdict::Unknown => "unknown",
        Verdict::System => "system",
        Verdict::OutOfScope => "out of scope",
        Verdict::Locked => "locked",
        Verdict::Expired => "expired",
        Verdict::NoLogin => "no login",
        Verdict::NotLocal => "not local",
        Verdict::SharedUid => "shared uid",
    }
}

/// Why an account with this verdict is not served, and what would change it.
pub(super) const fn why_not(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Eligible => "",
        Verdict::Unknown => "there is no such account",
        Verdict::System => "root and system accounts (below [scope] min_uid) are never served",
        Verdict::OutOfScope => "self-service is not on for this account; see [scope] enable and exclude",
        Verdict::Locked => "its password is locked, or it has none; see: passwd --status",
        Verdict::Expired => "the account has expired; see: chage --list",
        Verdict::NoLogin => "its login shell, or pam_shells, refuses logins; see /etc/shells",
        Verdict::NotLocal => "its password is not kept on this machine, or its line in /etc/shadow is broken; see pwck",
        Verdict::SharedUid => "another account has the same uid; give each one its own: usermod --uid",
    }
}
