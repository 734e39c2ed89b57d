//! Codes that a user already has: those of an authenticator app, recovery codes, and those of the help desk. None of them is sent,
//! so there is no challenge before the answer: a correct one makes a challenge that is proved at once.

use super::{Answered, Case, Means, failing, rest};
use crate::{
    clock::Time,
    doors::Doors,
    error::Result,
    helpdesk_codes, limits, random, recovery_codes,
    store::{
        Tx, authenticators, helpdesk_codes as helpdesk_rows,
        proofs::{self, NewToken},
        recovery_codes as recovery_rows,
    },
    totp,
};

/// The typed code, and its kind.
#[derive(Clone, Copy)]
pub enum Token<'a> {
    /// A code of the app.
    App(&'a str),
    /// A recovery code or one from the help desk: its form tells which.
    Code(&'a str),
    /// Only one from the help desk.
    HelpDesk(&'a str),
}

/// Checks a code that the user already had. The limits are checked first for every name, and a wrong code counts as a failure of
/// the account, as if it had been sent. The step of an app is used up with the proof; the other codes are used up when the proof
/// is spent, so a connection that drops earlier costs none.
pub async fn present(doors: &Doors, case: &Case, token: Token<'_>) -> Result<Answered> {
    let now = doors.clock.now();
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    if let Some(seconds) = rest(&mut tx, doors, case).await? {
        return Ok(Answered::Resting(seconds));
    }
    let right = match token {
        Token::App(typed) => app(&mut tx, doors, case, typed, now).await?,
        Token::Code(typed) => code(&mut tx, doors, case, typed, now).await?,
        Token::HelpDesk(typed) => helpdesk(&mut tx, doors, case, typed, now).await?,
    };
    if let Some((means, id)) = right {
        let new = NewToken {
            id: &random::handle(doors.random.as_ref())?,
            account: &case.account.tag,
            purpose: case.purpose.as_str(),
            method: means.as_str(),
            token: id,
            dialogue: &case.dialogue,
            now,
            expires: now + doors.settings.limits.recovery.as_secs(),
        };
        proofs::add_token(&mut tx, &new).await?;
        tx.commit().await?;
        return Ok(Answered::Right);
    }
    let failed = failing::count(&mut tx, doors, case, now).await?;
    let (failures, source) = (case.account.failures(doors, case.purpose), case.source(doors));
    let left = limits::failures_left(&mut tx, &doors.settings.limits, &failures, &source, now).await?;
    tx.commit().await?;
    Ok(failed.tell(doors, case, left))
}

/// An account without an app is checked against a secret that nobody knows.
async fn app(tx: &mut Tx<'_>, doors: &Doors, case: &Case, typed: &str, now: Time) -> Result<Option<(Means, i64)>> {
    let nobodys = totp::secret(doors.random.as_ref())?;
    let app = authenticators::get(tx, &doors.keys, &case.account.name).await?;
    let (secret, last) = app.as_ref().map_or((&nobodys, i64::MAX), |app| (&app.secret, app.last_step));
    let step = totp::check(secret, typed, now, last);
    match (app, step) {
        (Some(app), Some(step)) if authenticators::take_step(tx, app.id, step).await? => Ok(Some((Means::App, app.id))),
        _ => Ok(None),
    }
}

/// Both kinds are looked up for every answer.
async fn code(tx: &mut Tx<'_>, doors: &Doors, case: &Case, typed: &str, now: Time) -> Result<Option<(Means, i64)>> {
    let recovery = recovery_codes::tidy(typed).unwrap_or_default();
    let recovery = recovery_rows::find(tx, &doors.keys, &case.account.name, &recovery).await?;
    let helpdesk = helpdesk(tx, doors, case, typed, now).await?;
    let recovery = recovery.filter(|_| doors.settings.recover.recovery_codes).map(|id| (Means::RecoveryCode, id));
    Ok(helpdesk.or(recovery))
}

async fn helpdesk(tx: &mut Tx<'_>, doors: &Doors, case: &Case, typed: &str, now: Time) -> Result<Option<(Means, i64)>> {
    let typed = helpdesk_codes::tidy(typed).unwrap_or_default();
    let found = helpdesk_rows::find(tx, &doors.keys, &case.account.name, &typed, now).await?;
    Ok(found.map(|found| (Means::HelpDesk, found.id)))
}
