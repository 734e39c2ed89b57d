//! Accounts and their registrations: the list, one account in full, and the changes that an administrator can make.

use std::collections::{BTreeMap, HashMap};

use sspr_config::{dialogue::Purpose, settings::Method};

use crate::{
    account::{DIRECTORY, Id, LOCAL, Name},
    audit::{Deed, Event},
    clock::Time,
    credential::{NO_UID, Verdict},
    dialogue::{Caller, Outlook, Screen},
    limits,
    notifications::{self, Changed},
    proof::Account,
    snapshot::Snapshot,
    store::{
        Exemptions, FirstContacts, LookUps as _, Overviews, Registrations, Tx, exemptions::Exemption,
        overview::Overview, registrations,
    },
};
use sspr_machine::listing::Listed;

use super::{
    AdminCall, Result, aside,
    find::{self, Found, Kept},
    no_accounts, not_found, refused,
    wire::{Done, Exempting, Shown, ShownCode, ShownContact, ShownExemption, ShownNext, ShownWait, User, Whom},
};

/// The most characters of a reason that are kept.
const REASON_MAX: usize = 200;

/// Facts about all users of a realm, read once.
pub(super) struct Facts {
    realm: String,
    suspended: HashMap<Vec<u8>, Time>,
    exempt: HashMap<String, Id>,
}

impl Facts {
    pub(super) async fn read(tx: &mut Tx<'_>, agent: &Snapshot, realm: &str) -> Result<Self> {
        Ok(Self {
            realm: realm.to_owned(),
            suspended: limits::all_suspensions(tx, &agent.settings.limits, agent.now()).await?,
            exempt: Exemptions::all(tx, realm).await?.into_iter().collect(),
        })
    }

    pub(super) fn is_exempt(&self, name: &str, id: Id) -> bool {
        self.exempt.get(name) == Some(&id)
    }

    /// For how many seconds self-service of `name` is suspended, for any purpose.
    pub(super) fn suspended_for(&self, agent: &Snapshot, name: &str) -> Option<Time> {
        self.account_suspended_for(agent, Name { realm: &self.realm, name })
    }

    /// The same for an account of any realm.
    pub(super) fn account_suspended_for(&self, agent: &Snapshot, name: Name<'_>) -> Option<Time> {
        if self.suspended.is_empty() {
            return None;
        }
        let failures = Account::new(&agent.keys, name).all_failures(&agent.keys).into_iter();
        // If a caller read wrong codes out to the help desk, the account can still be reset.
        let failures = failures.filter(|(purpose, _)| *purpose != Purpose::Desk);
        failures.filter_map(|(_, key)| self.suspended.get(key.as_slice()).copied()).max()
    }

    fn user(&self, agent: &Snapshot, listed: Listed, id: Id, overview: Option<&Overview>) -> User {
        let own = overview.filter(|overview| overview.id == id);
        let mut methods = own.map(|own| own.usable.clone()).unwrap_or_default();
        if own.is_some_and(|own| own.app) {
            methods.push("app".to_owned());
        }
        let enough = |words: &[String]| {
            has_enough(agent, listed.admin, |method| words.iter().any(|word| word == method.as_str()))
        };
        let registered = enough(&methods);
        let waiting = own.filter(|own| own.waits.is_some_and(|until| agent.now() < until));
        User {
            exempt: self.is_exempt(&listed.name, id),
            capable: listed.enabled && waiting.map_or(registered, |own| enough(&own.vouched)),
            waits_until: waiting.and_then(|own| own.waits),
            enabled: listed.enabled,
            admin: listed.admin,
            registered,
            methods,
            unconfirmed: own.map(|own| own.waiting.clone()).unwrap_or_default(),
            recovery_codes: own.map_or(0, |own| own.recovery_codes),
            confirmed: own.map(|own| own.confirmed),
            rests_for: self.suspended_for(agent, &listed.name),
            uid: listed.uid,
            name: listed.name,
        }
    }
}

/// Whether a user who `has` these methods has as many enabled ones as are required.
pub(super) fn has_enough(agent: &Snapshot, admin: bool, has: impl Fn(Method) -> bool) -> bool {
    let allowed = &agent.settings.register.methods;
    let counted = Method::ALL.into_iter().filter(|m| allowed.contains(m) && has(*m));
    counted.count() >= usize::from(agent.settings.recover.required(admin))
}

/// The number of registrations that are read at a time. Sign-ins come in between, and a million users take no memory.
const BATCH: usize = 500;

/// All user accounts on this machine, by name.
pub(super) async fn users(agent: &Snapshot) -> Result<Vec<User>> {
    // Reading the groups of ten thousand accounts takes a while, and sign-ins must not wait for it.
    let (people, settings) = (agent.people.clone(), agent.settings.clone());
    let listed = aside(move || people.listed(&settings.scope)).await?.map_err(no_accounts)?;
    let mut users = local(agent, listed).await?;
    let names = names_of_the_directory(agent).await?;
    users.extend(of_the_directory(agent, &names).await?);
    users.extend(of_the_hosts(agent, &names_of_the_hosts(agent).await?).await?);
    users.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(users)
}

/// Accounts of this machine with their registrations.
pub(super) async fn local(agent: &Snapshot, listed: Vec<Listed>) -> Result<Vec<User>> {
    let mut tx = agent.begin_to_read().await?;
    let facts = Facts::read(&mut tx, agent, LOCAL).await?;
    tx.commit().await?;
    let (mut listed, mut users) = (listed.into_iter(), Vec::new());
    loop {
        let batch: Vec<Listed> = listed.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        let names: Vec<&str> = batch.iter().map(|listed| listed.name.as_str()).collect();
        let mut tx = agent.begin_to_read().await?;
        let registered: HashMap<String, Overview> =
            Overviews::of(&mut tx, LOCAL, &names).await?.into_iter().map(|own| (own.name.clone(), own)).collect();
        tx.commit().await?;
        for listed in batch {
            let (id, own) = (Id::from(listed.uid), registered.get(&listed.name));
            users.push(facts.user(agent, listed, id, own));
        }
    }
    Ok(users)
}

/// The names of directory users who registered. The directory is not asked for its users.
pub(super) async fn names_of_the_directory(agent: &Snapshot) -> Result<Vec<String>> {
    if agent.settings.directory.kind.is_none() {
        return Ok(Vec::new());
    }
    let mut tx = agent.begin_to_read().await?;
    let names = Overviews::names(&mut tx, DIRECTORY).await?;
    tx.commit().await?;
    Ok(names)
}

/// The accounts of hosts of the fleet themselves that are registered, by their names in full.
pub(super) async fn names_of_the_hosts(agent: &Snapshot) -> Result<Vec<String>> {
    let mut tx = agent.begin_to_read().await?;
    let names = Overviews::names_of_the_hosts(&mut tx).await?;
    tx.commit().await?;
    Ok(names.iter().map(|(realm, name)| Name { realm, name }.in_full().into_owned()).collect())
}

/// Accounts of hosts of the fleet themselves, by their names in full. A host is not asked whether it still serves them,
/// so all count as enabled.
pub(super) async fn of_the_hosts(agent: &Snapshot, names: &[String]) -> Result<Vec<User>> {
    let mut realms: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for Name { realm, name } in names.iter().filter_map(|name| Name::of_a_host(name)) {
        realms.entry(realm).or_default().push(name.to_owned());
    }
    let mut users = Vec::new();
    for (realm, names) in realms {
        for user in registered_in(agent, realm, &names).await? {
            let name = Name { realm, name: &user.name }.in_full().into_owned();
            users.push(User { name, ..user });
        }
    }
    Ok(users)
}

/// The directory users with these names. Only a look-up of each account would tell whether it is served now, and
/// whether it is an administrator's, so all count as enabled here.
pub(super) async fn of_the_directory(agent: &Snapshot, names: &[String]) -> Result<Vec<User>> {
    registered_in(agent, DIRECTORY, names).await
}

async fn registered_in(agent: &Snapshot, realm: &str, names: &[String]) -> Result<Vec<User>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let mut tx = agent.begin_to_read().await?;
    let facts = Facts::read(&mut tx, agent, realm).await?;
    tx.commit().await?;
    let mut users = Vec::new();
    for batch in names.chunks(BATCH) {
        let names: Vec<&str> = batch.iter().map(String::as_str).collect();
        let mut tx = agent.begin_to_read().await?;
        let registered = Overviews::of(&mut tx, realm, &names).await?;
        tx.commit().await?;
        users.extend(registered.iter().map(|own| {
            let listed = Listed { name: own.name.clone(), uid: NO_UID, enabled: true, admin: false };
            facts.user(agent, listed, own.id, Some(own))
        }));
    }
    Ok(users)
}

/// Everything about one account.
pub(super) async fn show(call: &AdminCall, whom: &Whom) -> Result<Shown> {
    let agent = &call.agent;
    let placed = find::place(agent, &whom.user, whom.local).await?;
    let found = Found::placed(agent, &whom.user, &placed).await?;
    let (name, id) = (found.who(), found.state.id);
    let enabled = found.state.verdict == Verdict::Eligible;
    let listed =
        Listed { name: name.name.to_owned(), uid: id.uid().unwrap_or(NO_UID), enabled, admin: found.state.admin };
    let mut tx = agent.begin().await?;
    let facts = Facts::read(&mut tx, agent, &found.realm).await?;
    let mut contacts = Vec::new();
    if let Some(own) = found.own() {
        for kept in Overviews::contacts(&mut tx, name).await? {
            let contact = registrations::open(&agent.keys, name, own.id, &kept.method, &kept.sealed)?;
            contacts.push(ShownContact {
                method: kept.method,
                contact: if whom.reveal { contact.as_str().to_owned() } else { contact.masked() },
                preferred: kept.preferred,
                usable: kept.usable,
                since: kept.created,
                source: kept.source,
            });
        }
    }
    let helpdesk_code = Overviews::helpdesk_code(&mut tx, name).await?.filter(|code| code.account == id);
    let exemption = Exemptions::get(&mut tx, name, id).await?;
    let asked = Overviews::last_asked(&mut tx, name, id).await?;
    let waits = FirstContacts::waits(&mut tx, name).await?.filter(|waits| agent.now() < waits.until);
    let have = tx.progress(name, id, &agent.settings.register.methods).await?;
    let Outlook { at, over_ssh, why } = Outlook::of(&agent.settings, enabled, found.state.admin, &have, agent.now());
    tx.commit().await?;
    if whom.reveal {
        call.record(Deed { event: Event::Revealed, success: true, account: &name.in_full(), reason: "" });
    }
    Ok(Shown {
        user: facts.user(agent, listed, id, found.own()),
        verdict: find::word(found.state.verdict).to_owned(),
        contacts,
        since: found.own().map(|own| own.created),
        language: found.own().and_then(|own| own.language.clone()),
        asked,
        next: Some(ShownNext { at, over_ssh, why: why.to_owned() }),
        helpdesk_code: helpdesk_code.map(|code| ShownCode {
            issuer: code.issuer,
            created: code.created,
            expires: code.expires,
            used: code.used,
        }),
        exemption: exemption.map(|exemption| ShownExemption {
            issuer: exemption.issuer,
            reason: exemption.reason,
            created: exemption.created,
        }),
        waits: waits.map(|waits| ShownWait { until: waits.until, via: waits.via }),
    })
}

/// Ends the suspension of an account's self-service and clears its failures.
pub(super) async fn unblock(call: &AdminCall, user: &str) -> Result<Done> {
    let agent = &call.agent;
    let found = Found::new(agent, user).await?;
    let account = Account::new(&agent.keys, found.who());
    let mut tx = agent.begin().await?;
    let suspended = limits::all_suspensions(&mut tx, &agent.settings.limits, agent.now()).await?;
    let changed =
        account.all_failures(&agent.keys).iter().any(|(_, failures)| suspended.contains_key(failures.as_slice()));
    account.unblock(&mut tx, &agent.keys).await?;
    tx.commit().await?;
    let reason = if changed { "" } else { "it was not suspended; wrong codes are cleared" };
    call.record(Deed { event: Event::Unblocked, success: true, account: &found.recorded(), reason });
    Ok(Done { changed })
}

/// Deletes everything that an account registered; the contacts are notified.
pub(super) async fn forget(call: &AdminCall, whom: &Whom) -> Result<Done> {
    let (agent, user) = (&call.agent, whom.user.as_str());
    // The account may be gone already, and still have a registration.
    let placed = find::place_whole(agent, user, whom.local, Kept::Registration).await?;
    let who = placed.name();
    let exists = who.host().is_none() && agent.people.exists(user).await == Some(true);
    let mut tx = agent.begin().await?;
    if let Some(registration) = Registrations::get(&mut tx, &agent.keys, who).await? {
        let told = registration.usable();
        notifications::changed(&mut tx, agent, who, &by_an_administrator(), Changed::Everything, &told).await?;
    }
    let changed = Overviews::forget(&mut tx, who).await?;
    Account::new(&agent.keys, who).void(&mut tx, &agent.keys, agent.now()).await?;
    tx.commit().await?;
    agent.outbox.wake();
    agent.settled.forget(who.name);
    if !changed && !exists {
        return Err(not_found());
    }
    if changed {
        call.record(Deed { event: Event::Forgotten, success: true, account: &who.in_full(), reason: "" });
    }
    Ok(Done { changed })
}

/// The source of a change in notifications. It is not the administrator's name, because the notification may go to a
/// stranger.
pub(super) fn by_an_administrator() -> Caller {
    Caller {
        uid: 0,
        service: "sspr".to_owned(),
        source: "an administrator".to_owned(),
        screen: Screen::default(),
        language: None,
        host: None,
    }
}

/// Exempts a user from registering, or ends that.
pub(super) async fn exempt(call: &AdminCall, exempting: &Exempting) -> Result<Done> {
    let agent = &call.agent;
    let user = exempting.user.as_str();
    if exempting.reason.chars().count() > REASON_MAX || exempting.reason.chars().any(char::is_control) {
        return Err(refused(format!("a reason is one line of at most {REASON_MAX} characters")));
    }
    if exempting.remove {
        let mut tx = agent.begin().await?;
        let placed = find::place(agent, user, exempting.local).await?;
        let who = placed.name();
        let changed = Exemptions::end(&mut tx, who).await?;
        tx.commit().await?;
        agent.settled.forget(who.name);
        if changed {
            call.record(Deed { event: Event::ExemptionEnded, success: true, account: &who.in_full(), reason: "" });
        }
        return Ok(Done { changed });
    }
    let found = Found::new(agent, user).await?;
    if matches!(found.state.verdict, Verdict::System | Verdict::Unknown) || found.state.id == Id::NONE {
        return Err(refused(format!("{user} is never asked to register: {}", find::why_not(found.state.verdict))));
    }
    let exemption = Exemption {
        id: found.state.id,
        issuer: call.administrator.clone(),
        reason: exempting.reason.clone(),
        created: agent.now(),
    };
    let mut tx = agent.begin().await?;
    if Exemptions::get(&mut tx, found.who(), exemption.id).await?.is_some_and(|known| known.reason == exemption.reason)
    {
        return Ok(Done { changed: false });
    }
    Exemptions::give(&mut tx, found.who(), &exemption).await?;
    tx.commit().await?;
    call.record(Deed { event: Event::Exempted, success: true, account: &found.recorded(), reason: &exempting.reason });
    Ok(Done { changed: true })
}
