//! The place where what one person has registered is changed. It knows what was registered when the person was let at it; if
//! another user changed that meanwhile, nothing is written any more. Contacts that were registered before are notified in the same
//! transaction.

use std::collections::BTreeSet;

use sspr_config::settings::Method;

use super::Stop;
use crate::{
    account::Id,
    audit::Event,
    contact::Contact,
    credential::Verdict,
    error::Error,
    notes::{self, About, Changed},
    proof::{self, Needed},
    session::Session,
    store::{
        Authenticators, Registrations, Tx,
        registrations::{CONTACTS_MAX, Registered},
    },
    targets::State,
    totp::Secret,
};

/// What one person has registered, at one moment.
pub(super) struct Desk {
    /// Whose; an account of the same name with another id is another user's.
    pub(super) id: Id,
    /// How many different methods the account needs.
    pub(super) required: usize,
    /// Whether it is an administrator's.
    pub(super) admin: bool,
    /// The methods that are switched on.
    pub(super) enabled: Vec<Method>,
    /// The contacts, oldest first.
    pub(super) contacts: Vec<Registered>,
    /// The authenticator app's row.
    pub(super) app: Option<i64>,
}

/// A change at the desk.
#[derive(Clone, Copy)]
pub(super) enum Change<'a> {
    /// A contact that its owner proved. Spends the proof. An imported one becomes good by this.
    Add(&'a Contact),
    /// An app that showed a right code, which was of this time step. Spends the proof.
    AddApp(&'a Secret, i64),
    /// This contact goes.
    Remove(&'a Registered),
    /// The app goes.
    RemoveApp,
    /// This one before others of its method.
    Prefer(&'a Registered),
}

impl Desk {
    /// The desk of the account that `s` is about, whose state is `state`.
    pub(super) async fn open(s: &Session, state: &State) -> Result<Self, Stop> {
        let State { id, admin, .. } = *state;
        let required = usize::from(s.settings.recover.required(admin));
        let mut tx = s.begin().await?;
        let (contacts, app) = read(&mut tx, s, id).await?;
        tx.commit().await?;
        Ok(Self { id, required, admin, enabled: s.settings.register.methods.clone(), contacts, app })
    }

    /// The contacts that are good for something.
    pub(super) fn usable(&self) -> impl Iterator<Item = &Registered> {
        self.contacts.iter().filter(|c| c.usable)
    }

    /// Whom a change is told.
    pub(super) fn told(&self) -> Vec<Contact> {
        self.usable().map(|c| c.contact.clone()).collect()
    }

    /// Whether there is nothing at all, nor anything that is still to be confirmed.
    pub(super) fn is_empty(&self) -> bool {
        self.contacts.is_empty() && self.app.is_none()
    }

    /// Whether anything is registered that could prove who the user is.
    pub(super) fn has_any(&self) -> bool {
        self.each().next().is_some()
    }

    /// Everything that is registered and usable, by its method. A method that is switched off still proves who a user
    /// is before something is changed, but counts for nothing else.
    fn each(&self) -> impl Iterator<Item = Method> {
        self.usable().map(|c| c.contact.method()).chain(self.app.map(|_| Method::App))
    }

    /// The different methods that are registered, whether or not they are switched on.
    pub(super) fn registered(&self) -> BTreeSet<Method> {
        self.each().collect()
    }

    /// The different methods that are registered and can be used to recover.
    pub(super) fn methods(&self) -> BTreeSet<Method> {
        self.each().filter(|method| self.enabled.contains(method)).collect()
    }

    /// Whether something of `method` is all that can be used to recover: it can't go by itself.
    pub(super) fn is_last(&self, method: Method) -> bool {
        self.enabled.contains(&method) && self.each().filter(|method| self.enabled.contains(method)).count() == 1
    }

    /// How many more methods the account needs.
    pub(super) fn missing(&self) -> usize {
        self.required.saturating_sub(self.methods().len())
    }

    /// Whether one more of `method` can be registered.
    pub(super) fn has_room(&self, method: Method) -> bool {
        match method {
            Method::App => self.app.is_none(),
            Method::Email | Method::Phone => {
                self.contacts.iter().filter(|c| c.contact.method() == method).count() < CONTACTS_MAX
            }
        }
    }

    /// Whether the account is still the one that was let at the desk, and may still register: looked at before anything is
    /// written.
    pub(super) async fn is_theirs(&self, s: &Session) -> Result<bool, Stop> {
        let state = s.targets.account(s.name()).await.map_err(Error::from)?;
        let theirs = state.verdict == Verdict::Eligible && state.id == self.id;
        if !theirs {
            s.record(Event::Refused, "account state");
        }
        Ok(theirs)
    }

    /// Writes `change` and notifies the contacts that were registered before. `false`: nothing was written, because the proof is
    /// gone, the account is another by now, or the registration was changed in the meantime.
    pub(super) async fn change(&mut self, s: &Session, change: Change<'_>) -> Result<bool, Stop> {
        if !self.is_theirs(s).await? {
            return Ok(false);
        }
        let proved = matches!(change, Change::Add(_) | Change::AddApp(..));
        if proved && !proof::spend_for(s, Needed { id: self.id, methods: 1, admin: true }).await? {
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
        let method = told.method();
        notes::changed(&mut tx, s, name, s.caller(), told, &self.told()).await?;
        (self.contacts, self.app) = read(&mut tx, s, self.id).await?;
        tx.commit().await?;
        s.outbox.wake();
        s.settled.forget(name.name);
        if proved {
            proof::succeed(s).await?;
        }
        s.record(event, method);
        Ok(true)
    }
}

async fn read(tx: &mut Tx<'_>, s: &Session, id: Id) -> Result<(Vec<Registered>, Option<i64>), Error> {
    let name = s.name();
    let Some(registration) = Registrations::get(tx, &s.keys, name).await?.filter(|r| r.id == id) else {
        return Ok((Vec::new(), None));
    };
    let app = Authenticators::get(tx, &s.keys, name).await?.map(|app| app.id);
    Ok((registration.contacts, app))
}
