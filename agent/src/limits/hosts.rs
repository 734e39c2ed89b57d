//! What one host of a fleet may do in an hour. Beyond it the host waits, and no other; nobody has to free it. It is a limit of its
//! own: a host that was broken into names any place and any user.

use super::{Allowance, DAY, HOUR, Kind, Result, Settings, Time, Tx, count, once};
use crate::{
    keys::{Keys, Tag},
    store::events::{AtMost, Events},
};

fn key(keys: &Keys, host: &str) -> Tag {
    keys.mac("fleet host", &[host.as_bytes()])
}

/// Whether a dialogue may begin through `host`, and counts it if it `counts`. None does while too many codes and passwords were wrong.
pub async fn host_start(
    tx: &mut Tx<'_>,
    settings: &Settings,
    (keys, host): (&Keys, &str),
    now: Time,
    counts: bool,
) -> Result<Allowance> {
    let key = key(keys, host);
    let limits =
        [(Kind::HostStart, settings.host_starts_per_hour), (Kind::HostFailure, settings.host_failed_proofs_per_hour)]
            .map(|(kind, most)| AtMost { kind, key: &key, window: HOUR, most });
    let counted = [(Kind::HostStart, &key)];
    count(tx, &limits, if counts { &counted } else { &[] }, now).await
}

/// Whether a code or a password may be tried through `host`. Counts nothing.
pub async fn host_try(
    tx: &mut Tx<'_>,
    settings: &Settings,
    (keys, host): (&Keys, &str),
    now: Time,
) -> Result<Allowance> {
    let key = key(keys, host);
    let most = settings.host_failed_proofs_per_hour;
    count(tx, &[AtMost { kind: Kind::HostFailure, key: &key, window: HOUR, most }], &[], now).await
}

/// Counts a code or a password that was wrong through `host`.
pub async fn host_failure(tx: &mut Tx<'_>, (keys, host): (&Keys, &str), now: Time) -> Result<()> {
    Events::add(tx, Kind::HostFailure, &key(keys, host), now).await
}

/// Counts a code that is sent for `host`.
pub async fn host_code(
    tx: &mut Tx<'_>,
    settings: &Settings,
    (keys, host): (&Keys, &str),
    now: Time,
) -> Result<Allowance> {
    let key = key(keys, host);
    let limit = AtMost { kind: Kind::HostCode, key: &key, window: HOUR, most: settings.host_codes_per_hour };
    count(tx, &[limit], &[(Kind::HostCode, &key)], now).await
}

/// Whether it is to be recorded that `host` reached a limit: once an hour.
pub async fn host_note(tx: &mut Tx<'_>, (keys, host): (&Keys, &str), now: Time) -> Result<bool> {
    once(tx, Kind::HostNote, &key(keys, host), now, HOUR).await
}

/// Whether that was recorded within the last hour. Only reads.
pub async fn host_is_noted(tx: &mut Tx<'_>, (keys, host): (&Keys, &str), now: Time) -> Result<bool> {
    Ok(Events::count(tx, Kind::HostNote, &key(keys, host), now - HOUR).await? > 0)
}

/// Divides the limit on wrong passwords of a host into the limit on those of its sign-ins. They are counted separately, so
/// that a slow directory ends no resets.
const OF_SIGN_INS: u32 = 2;

/// How many seconds after its beginning a try may still be in progress. The store counts in seconds.
const UNDER_WAY: Time = 2;

/// Whether a password may be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It may.
    Granted,
    /// One of this account is being tried on this host, and may be correct.
    UnderWay,
    /// One of this account was tried on this host within a day.
    Tried,
    /// The host has reached a limit.
    TooMany,
}

/// A try of a password at a sign-in on a host.
#[derive(Clone, Copy, Debug)]
pub struct SignIn {
    host: Tag,
    of: Tag,
    at: Time,
}

impl SignIn {
    /// A try at `now` on `host`, for the account with the tag `account`.
    pub fn new(keys: &Keys, host: &str, account: &Tag, now: Time) -> Self {
        Self { host: key(keys, host), of: keys.mac("fleet sign-in", &[host.as_bytes(), account]), at: now }
    }

    /// Whether it may be claimed. Only reads.
    pub async fn may_be_claimed(self, tx: &mut Tx<'_>, settings: &Settings) -> Result<Claim> {
        if let Some(last) = Events::nth_newest(tx, Kind::HostSignInOf, &self.of, self.at - DAY, 1).await? {
            return Ok(if (self.at - last).abs() < UNDER_WAY { Claim::UnderWay } else { Claim::Tried });
        }
        let wrong = settings.host_failed_proofs_per_hour;
        let limits = [
            (Kind::HostSignIn, wrong.div_ceil(OF_SIGN_INS)),
            (Kind::HostStart, settings.host_starts_per_hour),
            (Kind::HostFailure, wrong),
        ]
        .map(|(kind, most)| AtMost { kind, key: &self.host, window: HOUR, most });
        let granted = count(tx, &limits, &[], self.at).await? == Allowance::Granted;
        Ok(if granted { Claim::Granted } else { Claim::TooMany })
    }

    /// Claims the try before the directory is asked. So at most one wrong password of an account is tried in a day,
    /// whatever the directory answers and however many are sent at once.
    pub async fn claim(self, tx: &mut Tx<'_>, settings: &Settings) -> Result<Claim> {
        let claim = self.may_be_claimed(tx, settings).await?;
        if claim == Claim::Granted {
            Events::add_all(tx, &[(Kind::HostSignInOf, &self.of), (Kind::HostSignIn, &self.host)], self.at).await?;
        }
        Ok(claim)
    }

    /// Removes a correct password from the host's count. The claim stays: otherwise the host could tell that the password
    /// was correct.
    pub async fn was_right(self, tx: &mut Tx<'_>) -> Result<()> {
        Events::undo(tx, Kind::HostSignIn, &self.host, self.at).await
    }

    /// Removes the claim, because a question is about to show that the password was correct.
    pub async fn leads_to_a_question(self, tx: &mut Tx<'_>) -> Result<()> {
        Events::clear(tx, Kind::HostSignInOf, &self.of).await
    }
}
