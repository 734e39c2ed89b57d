//! Codes that a user already has: those of an authenticator app, recovery codes, and help-desk codes. None of them is
//! sent, so there is no challenge before the answer: a correct one makes a challenge that is proved at once.

use sspr_config::settings::Method;

use super::{Answered, Means, failing, paused_before_a_try, waits};
use crate::{
    clock::Time,
    error::Result,
    helpdesk_codes, limits, random, recovery_codes,
    session::Session,
    store::{Authenticators, HelpdeskCodes, Proofs, RecoveryCodes, Tx, proofs::NewToken},
    totp,
};

/// The typed code, and its kind.
#[derive(Clone, Copy)]
pub enum Token<'a> {
    /// A code of the app.
    App(&'a str),
    /// A recovery code or a help-desk code; its form tells which.
    Code(&'a str),
    /// Only a help-desk code.
    HelpDesk(&'a str),
}

/// Checks a code that the user already has. The limits are checked first for every name, and a wrong code counts as a
/// failure of the account, as if it had been sent. The time step of an app is used up with the proof. The other codes
/// are used up when the proof is spent, so an earlier drop of the connection costs none.
pub async fn present(s: &Session, token: Token<'_>) -> Result<Answered> {
    let now = s.now();
    let mut tx = s.begin().await?;
    if let Some(pause) = paused_before_a_try(&mut tx, s).await? {
        return Ok(Answered::Suspended(pause));
    }
    let right = match token {
        Token::App(typed) => app(&mut tx, s, typed, now).await?,
        Token::Code(typed) => code(&mut tx, s, typed, now).await?,
        Token::HelpDesk(typed) => helpdesk(&mut tx, s, typed, now).await?,
    };
    if let Some((means, id)) = right {
        let new = NewToken {
            id: &random::handle(s.random.as_ref())?,
            account: s.attempt.account.tag(),
            purpose: s.purpose().as_str(),
            method: means.as_str(),
            token: id,
            dialogue: &s.attempt.dialogue,
            now,
            expires: now + s.settings.limits.recovery.as_secs(),
        };
        Proofs::add_token(&mut tx, &new).await?;
        tx.commit().await?;
        return Ok(Answered::Right);
    }
    let failed = failing::count(&mut tx, s, now).await?;
    let (failures, source) = (s.failures(), s.source());
    let left = limits::failures_left(&mut tx, &s.settings.limits, &failures, &source, now).await?;
    tx.commit().await?;
    Ok(failed.tell(s, left))
}

/// An account without an app is checked against a secret that nobody knows.
async fn app(tx: &mut Tx<'_>, s: &Session, typed: &str, now: Time) -> Result<Option<(Means, i64)>> {
    let nobodys = totp::secret(s.random.as_ref())?;
    let waits = waits(tx, s).await?;
    let app = Authenticators::get(tx, &s.keys, s.name()).await?.filter(|_| !waits);
    let (secret, last) = app.as_ref().map_or((&nobodys, i64::MAX), |app| (&app.secret, app.last_step));
    let step = totp::check(secret, typed, now, last);
    match (app, step) {
        (Some(app), Some(step)) if Authenticators::take_step(tx, app.id, step).await? => {
            Ok(Some((Means::By(Method::App), app.id)))
        }
        _ => Ok(None),
    }
}

/// Both kinds are looked up for every answer.
async fn code(tx: &mut Tx<'_>, s: &Session, typed: &str, now: Time) -> Result<Option<(Means, i64)>> {
    let recovery = recovery_codes::tidy(typed).unwrap_or_default();
    let recovery = RecoveryCodes::find(tx, &s.keys, s.name(), &recovery).await?;
    let helpdesk = helpdesk(tx, s, typed, now).await?;
    let waits = waits(tx, s).await?;
    let recovery = recovery.filter(|_| s.settings.recover.recovery_codes && !waits).map(|id| (Means::RecoveryCode, id));
    Ok(helpdesk.or(recovery))
}

async fn helpdesk(tx: &mut Tx<'_>, s: &Session, typed: &str, now: Time) -> Result<Option<(Means, i64)>> {
    let typed = helpdesk_codes::tidy(typed).unwrap_or_default();
    let found = HelpdeskCodes::find(tx, &s.keys, s.name(), &typed, now).await?;
    Ok(found.map(|found| (Means::HelpDesk, found.id)))
}
