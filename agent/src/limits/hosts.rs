//! What one host of a fleet may do in an hour. Beyond it the host waits, and no other; nobody has to free it. It is a limit of its
//! own: a host that was broken into names any place and any user.

use super::{Allowance, HOUR, Kind, Result, Settings, Time, Tx, count, once};
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
