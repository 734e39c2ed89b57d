//! Registrations of a machine that are written directly to the store, for tests whose subject is not registering.

use std::time::Duration;

use sspr_agent::{
    account::{Id, Name},
    contact::{Contact, EmailAddress},
    keys::Keys,
    random::SystemRandom,
    recovery_codes,
    store::{Authenticators, HelpdeskCodes, RecoveryCodes, Registrations, Store, Tx, helpdesk_codes::Issue},
    totp,
};

use crate::{Machine, host};

/// An authenticator app, on a phone with the correct time.
#[derive(Clone, Debug)]
pub struct App {
    secret: String,
}

impl App {
    /// The code that it shows now, as `oathtool` computes it.
    #[track_caller]
    pub fn shows(&self) -> String {
        host::command("oathtool", ["--totp", "--base32", &self.secret]).trim().to_owned()
    }

    /// Waits until it shows another code than `code`, and returns that.
    #[track_caller]
    pub fn shows_after(&self, code: &str) -> String {
        host::wait_for("the next code of the app", Duration::from_secs(35), || {
            Some(self.shows()).filter(|shown| shown != code)
        })
    }
}

impl Machine {
    /// Registers an authenticator app.
    #[track_caller]
    pub fn has_app(&self, user: &str) -> App {
        let uid = self.uid(user);
        let secret = totp::secret(&SystemRandom).unwrap();
        self.behind_the_agent(async |tx, keys, now| {
            Authenticators::put(tx, keys, &SystemRandom, Name::local(user), Id::from(uid), &secret, 0, now)
                .await
                .unwrap();
        });
        App { secret: totp::grouped(&secret).to_string() }
    }

    /// Registers an address to which no code was ever sent.
    #[track_caller]
    pub fn has_email(&self, user: &str, address: &str) {
        let uid = self.uid(user);
        let contact = Contact::Email(EmailAddress::parse(address).unwrap());
        self.behind_the_agent(async |tx, keys, now| {
            Registrations::add_contact(tx, keys, &SystemRandom, Name::local(user), Id::from(uid), &contact, now)
                .await
                .unwrap();
        });
    }

    /// Gives ten recovery codes to a registered user.
    #[track_caller]
    pub fn has_recovery_codes(&self, user: &str) -> Vec<String> {
        let codes = recovery_codes::make(&SystemRandom).unwrap();
        self.behind_the_agent(async |tx, keys, now| {
            RecoveryCodes::replace(tx, keys, Name::local(user), &codes, now).await.unwrap();
            RecoveryCodes::all_seen(tx, Name::local(user), now).await.unwrap();
        });
        codes.iter().map(|code| recovery_codes::shown(code).to_string()).collect()
    }

    /// Has the help desk issue a code, valid for an hour.
    #[track_caller]
    pub fn has_helpdesk_code(&self, user: &str) -> String {
        let uid = self.uid(user);
        let mut code = String::new();
        self.behind_the_agent(async |tx, keys, now| {
            let issue = Issue { name: Name::local(user), id: Id::from(uid), issuer: "root", now, expires: now + 3600 };
            code = HelpdeskCodes::issue(tx, keys, &SystemRandom, issue).await.unwrap().to_string();
        });
        code
    }

    #[track_caller]
    fn uid(&self, user: &str) -> u32 {
        self.must(&format!("id -u '{user}'")).parse().unwrap()
    }

    /// Writes to the store while the agent is stopped.
    #[track_caller]
    fn behind_the_agent(&self, write: impl AsyncFnOnce(&mut Tx<'_>, &Keys, i64)) {
        self.agent().stop();
        let state = self.root().join("var/lib/sspr");
        let keys = Keys::load(&state.join("host.key"), false, &SystemRandom).unwrap();
        let now = jiff::Timestamp::now().as_second();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let store = Store::open(&state.join("sspr.db")).await.unwrap();
            let mut tx = store.begin().await.unwrap();
            write(&mut tx, &keys, now).await;
            tx.commit().await.unwrap();
        });
        // The last connection to close removes the log.
        host::wait_for("the store to close", Duration::from_secs(10), || {
            (!state.join("sspr.db-wal").exists()).then_some(())
        });
        self.must("chown sspr: /var/lib/sspr/sspr.db*");
        self.agent().restart();
    }
}
