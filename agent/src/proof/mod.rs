//! Proof of identity. Everything that decides about it is here; a dialogue can only ask. A proof comes from a stored
//! challenge that was answered correctly in the dialogue that spends it, never from a flag.
//!
//! `codes` sends codes, `tokens` checks codes that a user already has (an app's, recovery codes, help-desk codes), and
//! `spending` decides whether proofs are enough, and uses them up.

use sspr_config::{dialogue::Purpose, settings::Method};

use crate::{
    clock::Time,
    error::Result,
    keys::Keys,
    limits::{self, Allowance},
    session::Session,
    store::{Challenges, FirstContacts, Tx},
};

mod codes;
mod counted;
pub(crate) mod failing;
pub mod new_app;
mod spending;
mod tokens;

pub use crate::attempt::{Account, Attempt};
pub use sspr_core::code::tidy as tidy_code;

pub use codes::{
    Gateways, Sent, To, answer, begun_here, destination, gateways, open_challenge, registered_here, send, sent_by,
    sent_to, to_typed_contact,
};
pub(crate) use codes::{destination_context, void_new};
pub(crate) use spending::succeeding;
pub use spending::{Needed, give_back, good, proved, recovery_codes_left, spend, spend_for, spending, succeed};
pub use tokens::{Token, present};

/// A means of proof. Two different means make two proofs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Means {
    /// A code of a method.
    By(Method),
    /// A recovery code.
    RecoveryCode,
    /// A help-desk code: a person has verified the caller.
    HelpDesk,
}

impl Means {
    /// Its name in the store and the journal.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::By(method) => method.as_str(),
            Self::RecoveryCode => "recovery-code",
            Self::HelpDesk => "help-desk",
        }
    }

    /// The means with the name `word`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::all().find(|means| means.as_str() == word)
    }

    /// All of them.
    pub(crate) fn all() -> impl Iterator<Item = Self> + Clone {
        Method::ALL.into_iter().map(Self::By).chain([Self::RecoveryCode, Self::HelpDesk])
    }
}

impl Account {
    /// Ends the account's suspension on behalf of an administrator, for every purpose, and restarts the time in which
    /// it has to register.
    pub(crate) async fn unblock(&self, tx: &mut Tx<'_>, keys: &Keys) -> Result<()> {
        for (_, failures) in self.all_failures(keys) {
            limits::clear_failures(tx, &failures).await?;
        }
        limits::clear_let_ins(tx, &self.let_ins(keys)).await
    }

    /// Voids every code that was sent to it. A stranger at a login prompt does not see that.
    pub(crate) async fn void(&self, tx: &mut Tx<'_>, keys: &Keys, now: Time) -> Result<()> {
        let nowhere = keys.mac("nowhere", &[]);
        for purpose in Purpose::ALL {
            let closed_from = (purpose == Purpose::Recover).then_some(&nowhere);
            Challenges::void_all(tx, self.tag(), purpose.as_str(), closed_from, now).await?;
        }
        Ok(())
    }
}

/// The verdict on an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// Correct: proved, for this dialogue.
    Right,
    /// Wrong; this many tries are left, of the code or of the account.
    Wrong(i64),
    /// Too late, or a newer code took its place.
    Expired,
    /// Nothing can be tried for now.
    Suspended(Pause),
}

/// For how many seconds no code or password can be tried, and by whose limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// Self-service of the account is suspended.
    Account(Time),
    /// Too many codes and passwords were wrong through the host of the fleet.
    Host(Time),
}

/// For how many seconds self-service of the account is still suspended; `None` if it is not.
pub(crate) async fn suspended(tx: &mut Tx<'_>, s: &Session) -> Result<Option<Time>> {
    Ok(match limits::suspension(tx, &s.settings.limits, &s.failures(), s.now()).await? {
        Allowance::Granted => None,
        Allowance::Wait(seconds) => Some(seconds),
    })
}

/// Whether no code or password can be tried now; the limits of the host that sends this one count, too.
pub(crate) async fn paused_before_a_try(tx: &mut Tx<'_>, s: &Session) -> Result<Option<Pause>> {
    if let Some(seconds) = suspended(tx, s).await? {
        return Ok(Some(Pause::Account(seconds)));
    }
    let Some(host) = &s.caller().host else { return Ok(None) };
    Ok(match limits::host_try(tx, &s.settings.limits, (&s.keys, host), s.now()).await? {
        Allowance::Granted => None,
        Allowance::Wait(seconds) => Some(Pause::Host(seconds)),
    })
}

/// Whether the user's own registration can't be used for a reset yet, see [`FirstContacts`]. Until then, it does not
/// verify a caller for the help desk either, because the help desk's code allows a reset.
pub(crate) async fn waits(tx: &mut Tx<'_>, s: &Session) -> Result<bool> {
    Ok(waits_until(s, FirstContacts::waits(tx, s.name()).await?.map(|waits| waits.until)))
}

/// Whether a waiting time that ends at `until` matters now.
fn waits_until(s: &Session, until: Option<Time>) -> bool {
    matches!(s.purpose(), Purpose::Recover | Purpose::Desk) && until.is_some_and(|until| s.now() < until)
}
