//! The enrollment of one user: the registration as it was when the user was admitted, and the changes that the user
//! makes to it. If the registration is changed elsewhere in the meantime, nothing more is written. Contacts that were
//! registered before are notified in the same transaction.

use std::collections::BTreeSet;

use sspr_config::settings::Method;

use super::Stop;
use crate::{
    account::Id,
    audit::Event,
    clock::Time,
    contact::Contact,
    credential::Verdict,
    error::Error,
    methods::{Named, With},
    notifications::{self, About, Changed},
    proof::{self, Needed},
    session::Session,
    store::{
        Authenticators, FirstContacts, LookUps as _, Registrations, Tx,
        registrations::{CONTACTS_MAX, Registered},
    },
    targets::State,
    totp::Secret,
};

/// The registration of one user at one moment.
pub(super) struct Enrollment {
    /// The account's id; an account of the same name with another id is another user's.
    pub(super) id: Id,
    /// How many different methods the account needs.
    pub(super) required: usize,
    /// Whether the account is an administrator's.
    pub(super) admin: bool,
    /// The enabled methods.
    pub(super) enabled: Vec<Method>,
    /// The contacts, oldest first.
    pub(super) contacts: Vec<Registered>,
    /// The authenticator app's row.
    pub(super) app: Option<i64>,
}

/// A change of the enrollment.
#[derive(Clone, Copy)]
pub(super) enum Change<'a> {
    /// A contact that its owner proved. Spends the proof, and makes an imported contact usable.
    Add(&'a Contact),
    /// An app that showed a correct code, for this time step. Spends the proof.
    AddApp(&'a Secret, i64),
    /// Removes this contact.
    Remove(&'a Registered),
    /// Removes the app.
    RemoveApp,
    /// Prefers this contact to others of its method.
    Prefer(&'a Registered),
}

impl Enrollment {
    /// Reads the enrollment of the account of `s`, whose state is `state`.
    pub(super) async fn open(s: &Session, state: &State) -> Result<Self, Stop> {
        let State { id, admin, .. } = *state;
        let required = usize::from(s.settings.recover.required(admin));
        let mut tx = s.begin_to_read().await?;
        let (contacts, app) = read(&mut tx, s, id).await?;
        tx.commit().await?;
        Ok(Self { id, required, admin, enabled: s.settings.register.methods.clone(), contacts, app })
    }

    /// The usable contacts.
    pub(super) fn usable(&self) -> impl Iterator<Item = &Registered> {
        self.contacts.iter().filter(|c| c.usable)
    }

    /// The contacts that are notified of a change.
    pub(super) fn told(&self) -> Vec<Contact> {
        self.usable().map(|c| c.contact.clone()).collect()
    }

    /// Whether nothing is registered, and nothing waits to be confirmed.
    pub(super) fn is_empty(&self) -> bool {
        self.contacts.is_empty() && self.app.is_none()
    }

    /// Whether anything is registered that could prove the user's identity.
    pub(super) fn has_any(&self) -> bool {
        self.each().next().is_some()
    }

    /// Whether a source other than the user vouches for `contact`, which the user now confirms.
    fn is_vouched_for(&self, contact: &Contact) -> bool {
        self.contacts.iter().any(|known| known.source.is_some() && known.contact == *contact)
    }

    /// Everything that is registered and usable, by its method. A disabled method still proves the user's identity
    /// before a change, but counts for nothing else.
    fn each(&self) -> impl Iterator<Item = Method> {
        self.usable().map(|c| c.contact.method()).chain(self.app.map(|_| Method::App))
    }

    /// The different methods that are registered, enabled or not.
    pub(super) fn registered(&self) -> BTreeSet<Method> {
        self.each().collect()
    }

    /// The different methods that are registered and can be used to recover.
    pub(super) fn methods(&self) -> BTreeSet<Method> {
        self.each().filter(|method| self.enabled.contains(method)).collect()
    }

    /// Whether something of `method` is the only usable means of recovery: it can't be removed without another.
    pub(super) fn is_last(&self, method: Method) -> bool {
        self.enabled.contains(&method) && self.each().filter(|method| self.enabled.contains(method)).count() == 1
    }

    /// How many more methods the account needs.
    pub(super) fn missing(&self) -> usize {
        self.required.saturating_sub(self.methods().len())
    }

    /// Whether one more of `method` can be registered.
    pub(super) fn has_room(&self, method: Method) -> bool {
        match Named::of(method).with {
            With::Contact(..) => self.contacts.iter().filter(|c| c.contact.method() == method).count() < CONTACTS_MAX,
            With::App => self.app.is_none(),
        }
    }

    /// Whether the account is still the one that was admitted, and may still register: checked before anything is
    /// written.
    pub(super) async fn is_theirs(&self, s: &Session) -> Result<bool, Stop> {
        let state = s.targets.account(s.name()).await.map_err(Error::from)?;
        let theirs = state.verdict == Verdict::Eligible && state.id == self.id;
        if !theirs {
            s.record(Event::Refused, "account state");
        }
        Ok(theirs)
    }

    /// Writes `change` and notifies the contacts that were registered before. `false`: nothing was written, because the
    /// proof is gone, the name belongs to another account now, or the registration was changed in the meantime.
    pub(super) async fn change(&mut self, s: &Session, change: Change<'_>) -> Result<bool, Stop> {
        if !self.is_theirs(s).await? {
            return Ok(false);
        }
        let proved = matches!(change, Change::Add(_) | Change::AddApp(..));
        if proved && proof::spend_for(s, Needed { id: self.id, methods: 1, admin: true }).await?.is_none() {
            return Ok(false);
        }
        let (name, now) = (s.name(), s.now());
        let (keys, random) = (&s.keys, s.random.as_ref());
        let mut tx = s.begin().await?;
        let (contacts, app) = read(&mut tx, s, self.id).await?;
        if app != self.app || contacts.iter().map(|c| c.id).ne(self.contacts.iter().map(|c| c.id)) {
            return Ok(false);
        }
        let (event, told) = match change {
            Change::Add(contact) => {
                Registrations::add_contact(&mut tx, keys, random, name, self.id, contact, now).await?;
                (Event::Registered, Changed::Added(About::contact(contact)))
            }
            Change::AddApp(secret, step) => {
                Authenticators::put(&mut tx, keys, random, name, self.id, secret, step, now).await?;
                Registrations::confirm(&mut tx, name, now).await?;
                (Event::Registered, Changed::Added(About::app()))
            }
            Change::Remove(registered) => {
                Registrations::remove_contact(&mut tx, name, registered.id).await?;
                proof::void_new(&mut tx, s, &registered.contact).await?;
                (Event::Deleted, Changed::Removed(About::contact(&registered.contact)))
            }
            Change::RemoveApp => {
                Authenticators::remove(&mut tx, name).await?;
                (Event::Deleted, Changed::Removed(About::app()))
            }
            Change::Prefer(registered) => {
                Registrations::prefer(&mut tx, name, registered.id).await?;
                (Event::Changed, Changed::Preferred(About::contact(&registered.contact)))
            }
        };
        if let (true, Some(language)) = (proved, s.caller().language) {
            Registrations::set_language(&mut tx, name, language).await?;
        }
        let mut why = told.method().to_owned();
        let vouched = matches!(change, Change::Add(contact) if self.is_vouched_for(contact));
        if proved && !vouched && !self.has_any() && waits_at_first(s) {
            let until = now + s.settings.server.first_contact_wait.as_secs();
            let via = s.caller().host.as_deref().unwrap_or_default();
            FirstContacts::wait(&mut tx, name, until, via).await?;
            if until > now {
                let through = if via.is_empty() { String::new() } else { format!(" through host {via}") };
                why = format!("{why}, first{through}, good for no reset until {}", shown(until));
            }
        }
        notifications::changed(&mut tx, s, name, s.caller(), told, &self.told()).await?;
        (self.contacts, self.app) = read(&mut tx, s, self.id).await?;
        tx.commit().await?;
        s.outbox.wake();
        s.settled.forget(name.name);
        if proved {
            proof::succeed(s).await?;
        }
        s.record(event, &why);
        Ok(true)
    }
}

/// Whether a first registration waits. It does through a host of the fleet, and at the fleet's server for every user
/// whom the fleet serves: an attacker who has seen the password at a host can sign in at the server with it. An account
/// of a host is reset on that host only, and an attacker who is root there needs no reset.
fn waits_at_first(s: &Session) -> bool {
    if s.name().host().is_some() {
        return false;
    }
    s.caller().host.is_some() || (s.settings.server.listen.is_some() && s.targets.is_far(s.name()))
}

/// A moment for the audit trail.
fn shown(at: Time) -> String {
    jiff::Timestamp::from_second(at).map_or_else(|_| at.to_string(), |at| at.to_string())
}

async fn read(tx: &mut Tx<'_>, s: &Session, id: Id) -> Result<(Vec<Registered>, Option<i64>), Error> {
    let name = s.name();
    let Some(registration) = Registrations::get(tx, &s.keys, name).await?.filter(|r| r.id == id) else {
        return Ok((Vec::new(), None));
    };
    let app = Authenticators::get(tx, &s.keys, name).await?.map(|app| app.id);
    Ok((registration.contacts, app))
}

/// Drops the registration of an earlier directory entry with this name; `id` is the id that the directory reports now.
/// Otherwise codes and notifications would go to the previous owner of the name. Deleted local accounts are noticed in
/// another way.
pub(super) async fn forget_of_another(s: &Session, id: Id) -> Result<(), Stop> {
    let name = s.name();
    if !s.targets.is_far(name) || id == Id::NONE {
        return Ok(());
    }
    let kept = s.store.look().await?.id_at_registration(name).await?;
    if kept.is_none_or(|kept| kept == id) {
        return Ok(());
    }
    let mut tx = s.begin().await?;
    // Another dialogue may have registered in between.
    let kept = tx.id_at_registration(name).await?;
    let gone = kept.is_some_and(|kept| kept != id);
    if gone {
        Registrations::forget(&mut tx, name).await?;
    }
    tx.commit().await?;
    if gone {
        s.settled.forget(name.name);
        s.record(Event::Deleted, "of an entry that is gone");
    }
    Ok(())
}
