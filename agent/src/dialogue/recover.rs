//! Recovery at the password prompt: prove who you are, choose a new password.

use sspr_config::{
    dialogue::Standing,
    settings::{Disclose, Enable},
};
use zeroize::Zeroizing;

pub(super) use super::prove::prove;
use super::{
    Caller, Ending, Stop, Talk, admission, aftermath,
    code::{self, Asked},
    unlock::{self, Wish},
    with_help,
};
use crate::{
    audit::{self, Event},
    credential::{Change, Verdict, client::CredentialsError},
    doors::Doors,
    error::Error,
    notes::{self, Held},
    password,
    proof::{self, Account, Case, Means, Needed},
};

/// How often a new password may be refused before the person has to begin again.
const PASSWORDS_MAX: u32 = 12;

pub(super) async fn recover(talk: &mut Talk, doors: &Doors, caller: &Caller, case: &Case) -> Result<Ending, Stop> {
    let texts = &doors.texts;
    // Where the first question shows contacts, an attacker may come for the question alone.
    let shows = doors.settings.recover.disclose != Disclose::Never;
    // Until the first question, what is said stands above the prompt for a password.
    let first = &super::doors_for_now(talk, doors);
    let refused = if shows && talk.begins() {
        admission::counted(first, case).await?
    } else {
        admission::not_counted_yet(first, case).await?
    };
    if let Some(ending) = refused {
        return Ok(ending);
    }
    // For every name alike, and before anybody is asked anything.
    if let Some(why) = doors.credentials.why_not().await {
        tracing::error!(why, "no password can be set: {why}");
        audit::record(Event::Failed, case, caller, "no password can be set");
        return Ok(Ending::refused(with_help(first, first.texts.say("unavailable", &[]))));
    }
    // The helper takes most of a tenth of a second to start; it does so while the person reads. It hears no name.
    doors.credentials.wake();
    if let Some(seconds) = proof::resting(doors, case).await? {
        audit::record(Event::Blocked, case, caller, "failed proofs");
        return Ok(code::resting(first, seconds));
    }
    let mut proved = Vec::new();
    let (admitted, good) = loop {
        match prove(talk, doors, case, &proved).await? {
            // Nobody but the owner gets here.
            Asked::Right => talk.keep_time(None),
            // It stands above the prompt for a password, which would say nothing of what happened.
            Asked::Other | Asked::Back => return Ok(Ending::refused(texts.say("recover-left", &[]))),
            Asked::Over(ending) => {
                audit::record(Event::Refused, case, caller, "not proved");
                return Ok(ending);
            }
        }
        // Only here, with a proof in hand, is the account looked at.
        let admitted = admitted(doors, &case.account).await?;
        let good = match &admitted {
            Some(admitted) => proof::good(doors, case, admitted.needed.uid).await?,
            None => Vec::new(),
        };
        let Some(admitted) = admitted.filter(|_| !good.is_empty()) else {
            audit::record(Event::Refused, case, caller, "account state");
            return Ok(Ending::refused(with_help(doors, texts.say("code-refused", &[]))));
        };
        if admitted.needed.is_met_by(&good) {
            break (admitted, good);
        }
        proved = proof::proved(doors, case).await?;
    };
    // By now it is known where it took longer to find out. The proof is not spent.
    if let Some(why) = doors.credentials.why_not().await {
        tracing::error!(why, "no password can be set: {why}");
        audit::record(Event::Failed, case, caller, "no password can be set");
        return Ok(Ending::refused(with_help(doors, texts.say("unavailable", &[]))));
    }
    // A user who is not registered may be here with a code from the help desk, and is known from now on.
    let case = &Case { account: case.account.clone().vouched(), ..case.clone() };
    let means: Vec<&str> = good.into_iter().map(Means::as_str).collect();
    audit::record(Event::Proved, case, caller, &means.join(", "));
    let uid = admitted.needed.uid;
    // In room of their own: most who are asked who they are never come here.
    if admitted.locked && Box::pin(unlock::ask(talk, doors)).await? == Wish::Unlock {
        return Box::pin(unlock::unlock(doors, caller, case, uid)).await;
    }
    Box::pin(new_password(talk, doors, caller, case, uid)).await
}

/// An account that may recover.
#[derive(Debug)]
pub(super) struct Admitted {
    /// What it takes.
    pub(super) needed: Needed,
    /// Whether too many wrong passwords have locked it.
    pub(super) locked: bool,
}

/// Reads the account's state now. `None`: it may not recover, whatever was proved. It need not be registered: what was
/// registered under its name for another uid proves nothing, and a code from the help desk is enough without.
pub(super) async fn admitted(doors: &Doors, account: &Account) -> Result<Option<Admitted>, Stop> {
    let scope = &doors.settings.scope;
    // The helper decides by the settings as they stand in the files, or by those that counted last while there is a mistake
    // in them. Whom the agent's own leave out by name stays out as well.
    if scope.enable == Enable::None || scope.exclude.contains(&account.name) {
        return Ok(None);
    }
    let state = doors.credentials.account(&account.name).await.map_err(Error::from)?;
    let methods = usize::from(doors.settings.recover.required(state.admin));
    let needed = Needed { uid: state.uid, methods, admin: state.admin };
    Ok((state.verdict == Verdict::Eligible).then_some(Admitted { needed, locked: state.faillock_locked }))
}

/// Asks for a new password until one is taken. The proofs are spent before the write, and given back only when the helper
/// is certain that nothing was written.
async fn new_password(talk: &mut Talk, doors: &Doors, caller: &Caller, case: &Case, uid: u32) -> Result<Ending, Stop> {
    let texts = &doors.texts;
    let account = &case.account;
    let rules = password::rules(doors);
    let mut text = match recovery_codes_left(doors, case).await? {
        Some(left) => format!("{}\n{rules}", texts.say("recovery-codes-left", &[("left", left.into())])),
        None => rules.clone(),
    };
    for _ in 0..PASSWORDS_MAX {
        let Some(new) = typed_twice(talk, doors, account, &mut text).await? else { continue };
        let Some(admitted) = admitted(doors, account).await?.filter(|admitted| admitted.needed.uid == uid) else {
            audit::record(Event::Refused, case, caller, "account state");
            return Ok(Ending::refused(with_help(doors, texts.say("not-changed", &[]))));
        };
        // From here on the end of the program waits: what was spent is used or given back.
        let _busy = doors.busy.enter();
        if !proof::spend_for(doors, case, admitted.needed).await? {
            audit::record(Event::Refused, case, caller, "proof no longer good");
            return Ok(Ending::refused(with_help(doors, texts.say("proof-gone", &[]))));
        }
        let note = match notes::recovering(doors, &account.name, uid, caller).await {
            Ok(note) => note,
            Err(error) => {
                proof::give_back(doors, case).await?;
                return Err(error.into());
            }
        };
        match doors.credentials.change(&account.name, uid, new.as_bytes()).await {
            Ok(changed @ (Change::Changed | Change::ChangedWithWarning(_))) => {
                let warning = changed.to_wire().1;
                if !warning.is_empty() {
                    tracing::warn!(correlation = case.dialogue, warning, "a password was changed, but: {warning}");
                }
                audit::record(Event::Recovered, case, caller, &warning);
                // The password is changed; what fails from here on must not look as if it were not.
                if let Err(error) = after_recovery(doors, case, note).await {
                    tracing::error!(%error, "after a recovery");
                }
                return Ok(Ending::new(Standing::Recovered, aftermath::look_after(doors, caller, case, uid).await));
            }
            Ok(Change::Refused(reason)) => {
                not_changed(doors, case, note).await?;
                text = format!("{}\n{rules}", texts.say("password-refused", &[("reason", reason.as_str().into())]));
            }
            Ok(Change::Same) => {
                not_changed(doors, case, note).await?;
                text = format!("{}\n{rules}", texts.say("password-same", &[]));
            }
            Err(error) => {
                tracing::error!(%error, "changing a password: {error}");
                audit::record(Event::Failed, case, caller, "credential helper");
                if matches!(error, CredentialsError::Unknown(_)) {
                    // If it did go through, the owner should hear of it.
                    if let Err(error) = note.send(doors).await {
                        tracing::error!(%error, "a note about a change that may have gone through");
                    }
                    return Ok(Ending::refused(with_help(doors, texts.say("not-sure", &[]))));
                }
                // The helper says that it wrote nothing; the same code is good for another try.
                not_changed(doors, case, note).await?;
                return Ok(Ending::refused(with_help(doors, texts.say("not-changed", &[]))));
            }
        }
    }
    Ok(Ending::refused(texts.say("not-changed", &[])))
}

/// How many recovery codes are left when the one that was typed is used up; `None` where none was.
async fn recovery_codes_left(doors: &Doors, case: &Case) -> Result<Option<i64>, Stop> {
    if !proof::proved(doors, case).await?.contains(&Means::RecoveryCode) {
        return Ok(None);
    }
    Ok(Some((proof::recovery_codes_left(doors, case).await? - 1).max(0)))
}

/// A new password that policy allows, typed the same twice. `None`: not this time, and `text` says why.
async fn typed_twice(
    talk: &mut Talk,
    doors: &Doors,
    account: &Account,
    text: &mut String,
) -> Result<Option<Zeroizing<String>>, Stop> {
    let texts = &doors.texts;
    let new = talk.new_password(text.as_str(), texts.say("password-prompt", &[])).await?;
    if let Some(why) = password::refusal(doors, &new, &account.name).await {
        *text = why;
        return Ok(None);
    }
    // Said before, as sshd holds back what is said later. A hash may take long here, and so may programs that are told.
    let again = talk.again(texts.say("password-takes", &[]), texts.say("password-again-prompt", &[])).await?;
    if !crate::keys::same(new.as_bytes(), &again) {
        *text = texts.say("password-mismatch", &[]);
        return Ok(None);
    }
    Ok(Some(new))
}

/// Nothing was written: the proof is as good as before, and there is nothing to be told.
async fn not_changed(doors: &Doors, case: &Case, note: Held) -> Result<(), Error> {
    let given = proof::give_back(doors, case).await;
    note.withdraw(doors).await?;
    given
}

async fn after_recovery(doors: &Doors, case: &Case, note: Held) -> Result<(), Error> {
    // First: what is still open must not outlive the reset because a note can't be written.
    proof::succeed(doors, case).await?;
    // A registration that was begun with the old password is void as well.
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    case.account.void(&mut tx, doors).await?;
    tx.commit().await?;
    drop(session);
    note.send(doors).await
}
