//! Recovery at the password prompt: prove who you are, choose a new password.

use sspr_config::{
    dialogue::Standing,
    directory::Rule,
    names,
    settings::{Disclose, Enable},
};
use zeroize::Zeroizing;

pub(super) use super::prove::prove;
use super::{
    Ending, Stop, Talk,
    admission::{self, Admission},
    aftermath,
    code::{self, Asked},
    unlock::{self, Wish},
    with_help,
};
use crate::{
    account::Id,
    audit::Event,
    credential::{Change, Verdict, client::CredentialsError},
    error::Error,
    notes::{self, Held},
    password,
    proof::{self, Means, Needed},
    session::Session,
};

/// How often a new password may be refused before the person has to begin again.
const PASSWORDS_MAX: u32 = 12;

pub(super) async fn recover(talk: &mut Talk, s: &Session) -> Result<Ending, Stop> {
    // Where the first question shows contacts, an attacker may come for the question alone.
    let shows = s.settings.recover.disclose != Disclose::Never;
    // Until the first question, what is said stands above the prompt for a password.
    let first = &super::for_now(talk, s);
    let admission = if shows && talk.begins() {
        admission::counted(first).await?
    } else {
        admission::not_counted_yet(first).await?
    };
    let suspended = match admission {
        Admission::Refused(ending) => return Ok(ending),
        Admission::Admitted(suspended) => suspended,
    };
    // For every name alike, and before anybody is asked anything.
    if let Some(why) = s.why_nobody().await {
        tracing::error!(why, "no password can be set: {why}");
        s.record(Event::Failed, "no password can be set");
        return Ok(Ending::refused(with_help(first, first.say("unavailable"))));
    }
    // The helper takes most of a tenth of a second to start; it does so while the person reads. It hears no name.
    s.wake();
    if let Some(seconds) = suspended {
        s.record(Event::Blocked, "failed proofs");
        return Ok(code::resting(first, seconds));
    }
    let mut proved = Vec::new();
    let (admitted, good) = loop {
        match prove(talk, s, &proved).await? {
            // Nobody but the owner gets here.
            Asked::Right => talk.keep_time(None),
            // It stands above the prompt for a password, which would say nothing of what happened.
            Asked::Other | Asked::Back => return Ok(Ending::refused(s.say("recover-left"))),
            Asked::Over(ending) => {
                s.record(Event::Refused, "not proved");
                return Ok(ending);
            }
        }
        // Only here, with a proof in hand, is the account looked at.
        let admitted = match admitted(s).await {
            Ok(admitted) => admitted,
            Err(stop) => return out_of_reach(s, stop),
        };
        let good = match &admitted {
            Some(admitted) => proof::good(s, admitted.needed.id).await?,
            None => Vec::new(),
        };
        let Some(admitted) = admitted.filter(|_| !good.is_empty()) else {
            s.record(Event::Refused, "account state");
            return Ok(Ending::refused(with_help(s, s.say("code-refused"))));
        };
        if admitted.needed.is_met_by(&good) {
            break (admitted, good);
        }
        proved = proof::proved(s).await?;
    };
    // By now it is known where it took longer to find out. The proof is not spent.
    if let Some(why) = s.targets.why_not(s.name()).await {
        tracing::error!(why, "no password can be set: {why}");
        s.record(Event::Failed, "no password can be set");
        return Ok(Ending::refused(with_help(s, s.say("unavailable"))));
    }
    // A user who is not registered may be here with a code from the help desk, and is known from now on.
    let s = &s.vouched();
    let means: Vec<&str> = good.into_iter().map(Means::as_str).collect();
    s.record(Event::Proved, &means.join(", "));
    let id = admitted.needed.id;
    // In room of their own: most who are asked who they are never come here.
    if admitted.locked && Box::pin(unlock::ask(talk, s)).await? == Wish::Unlock {
        return Box::pin(unlock::unlock(s, id)).await;
    }
    Box::pin(new_password(talk, s, id)).await
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
/// registered under its name for another id proves nothing, and a code from the help desk is enough without.
pub(super) async fn admitted(s: &Session) -> Result<Option<Admitted>, Stop> {
    let scope = &s.settings.scope;
    // The helper decides by the settings as they stand in the files, or by those that counted last while there is a mistake
    // in them. Whom the agent's own leave out by name stays out as well.
    let far = s.targets.is_far(s.name());
    // In whatever way the host writes it.
    let is_theirs = |entry: &String| {
        let name = s.name().name;
        if far { names::folded(entry, &s.settings.directory.domains) == name } else { entry == name }
    };
    if scope.enable == Enable::None || scope.exclude.iter().any(is_theirs) {
        return Ok(None);
    }
    let state = s.targets.account(s.name()).await.map_err(Error::from)?;
    let methods = usize::from(s.settings.recover.required(state.admin));
    let needed = Needed { id: state.id, methods, admin: state.admin };
    Ok((state.verdict == Verdict::Eligible).then_some(Admitted { needed, locked: state.locked }))
}

/// Asks for a new password until one is taken. The proofs are spent before the write, and given back only when the helper
/// is certain that nothing was written.
async fn new_password(talk: &mut Talk, s: &Session, id: Id) -> Result<Ending, Stop> {
    let rules = password::rules(s);
    let mut text = match recovery_codes_left(s).await? {
        Some(left) => format!("{}\n{rules}", s.say_with("recovery-codes-left", &[("left", left.into())])),
        None => rules.clone(),
    };
    for _ in 0..PASSWORDS_MAX {
        let Some((new, ahead)) = typed_twice(talk, s, id, &mut text).await? else { continue };
        let admitted = match admitted(s).await {
            Ok(admitted) => admitted,
            Err(stop) => return out_of_reach(s, stop),
        };
        let Some(admitted) = admitted.filter(|admitted| admitted.needed.id == id) else {
            s.record(Event::Refused, "account state");
            return Ok(Ending::refused(with_help(s, s.say("not-changed"))));
        };
        // From here on the end of the program waits: what was spent is used or given back.
        let busy = s.busy.enter();
        let Some(mut tx) = proof::spending(s, admitted.needed).await? else {
            s.record(Event::Refused, "proof no longer good");
            return Ok(Ending::refused(with_help(s, s.say("proof-gone"))));
        };
        // With the notes that go by themselves should nobody live to send them: both are kept, or neither.
        let note = notes::recovering(&mut tx, s, id).await?;
        tx.commit().await?;
        s.outbox.wake();
        let outcome = s.targets.change(s.name(), id, new.as_bytes()).await;
        ahead.used_up();
        match outcome {
            Ok(changed @ (Change::Changed | Change::ChangedWithWarning(_))) => {
                let warning = changed.to_wire().1;
                if !warning.is_empty() {
                    tracing::warn!(correlation = s.attempt.dialogue, warning, "a password was changed, but: {warning}");
                }
                s.record(Event::Recovered, &warning);
                // The password is changed; what fails from here on must not look as if it were not.
                if let Err(error) = after_recovery(s, note).await {
                    tracing::error!(%error, "after a recovery");
                }
                let (refused_here, said) = aftermath::look_after(s, id, new.as_bytes()).await;
                drop(busy);
                // Whoever leaves at this question has the new password all the same.
                if refused_here && talk.wait(|| s.say("recover-refused-here")).await.is_err() {
                    tracing::debug!(
                        correlation = s.attempt.dialogue,
                        "nobody waited to read what this host does not know yet"
                    );
                }
                return Ok(Ending::new(Standing::Recovered, said));
            }
            Ok(Change::Refused(reason)) => {
                not_changed(s, note).await?;
                text = format!("{}\n{rules}", refused(s, &reason, &new));
            }
            Ok(Change::Same) => {
                not_changed(s, note).await?;
                text = format!("{}\n{rules}", s.say("password-same"));
            }
            Err(error) => {
                tracing::error!(%error, "changing a password: {error}");
                s.record(Event::Failed, s.by_whom());
                if matches!(error, CredentialsError::Unknown(_)) {
                    // If it did go through, the owner should hear of it.
                    if let Err(error) = note.send(s).await {
                        tracing::error!(%error, "a note about a change that may have gone through");
                    }
                    return Ok(Ending::refused(with_help(s, s.say("not-sure"))));
                }
                // The helper says that it wrote nothing; the same code is good for another try.
                not_changed(s, note).await?;
                return Ok(Ending::refused(with_help(s, s.say("not-changed"))));
            }
        }
    }
    Ok(Ending::refused(s.say("not-changed")))
}

/// Whoever could say what may be done now does not answer. Nothing was written and no proof is spent: the same code is good.
fn out_of_reach(s: &Session, stop: Stop) -> Result<Ending, Stop> {
    let Stop::Failed(Error::Credential(error)) = stop else { return Err(stop) };
    tracing::error!(%error, correlation = s.attempt.dialogue, "nothing is changed: {error}");
    s.record(Event::Failed, s.by_whom());
    Ok(Ending::refused(with_help(s, s.say("not-changed"))))
}

/// Why the host, or the directory, refuses `new`.
fn refused(s: &Session, reason: &str, new: &str) -> String {
    if s.targets.is_far(s.name()) {
        let typed = u32::try_from(new.chars().count()).unwrap_or(u32::MAX);
        return match Rule::read(reason) {
            Rule::Short(Some(least)) if least > typed => {
                s.say_with("password-too-short", &[("more", i64::from(least - typed).into())])
            }
            Rule::Short(_) => s.say("password-short-there"),
            Rule::Used => s.say("password-rules-history"),
            Rule::Quality => s.say("password-weak"),
            Rule::Young => s.say("password-young"),
            Rule::Words(words) => s.say_with("password-refused-there", &[("reason", words.as_str().into())]),
        };
    }
    s.say_with("password-refused", &[("reason", reason.into())])
}

/// How many recovery codes are left when the one that was typed is used up; `None` where none was.
async fn recovery_codes_left(s: &Session) -> Result<Option<i64>, Stop> {
    if !proof::proved(s).await?.contains(&Means::RecoveryCode) {
        return Ok(None);
    }
    Ok(Some((proof::recovery_codes_left(s).await? - 1).max(0)))
}

/// What the account's target finds out of a new password while its owner types it again. It is let go with this, however the
/// dialogue goes on.
struct Ahead<'s>(Option<&'s Session>);

impl<'s> Ahead<'s> {
    fn of(s: &'s Session, id: Id, new: &str) -> Self {
        s.targets.prepare(s.name(), id, new.as_bytes());
        Self(Some(s))
    }

    /// The change took it.
    fn used_up(mut self) {
        self.0 = None;
    }
}

impl Drop for Ahead<'_> {
    fn drop(&mut self) {
        if let Some(s) = self.0 {
            s.targets.forget(s.name());
        }
    }
}

/// A new password that policy allows, typed the same twice. `None`: not this time, and `text` says why.
async fn typed_twice<'s>(
    talk: &mut Talk,
    s: &'s Session,
    id: Id,
    text: &mut String,
) -> Result<Option<(Zeroizing<String>, Ahead<'s>)>, Stop> {
    let new = talk.new_password(text.as_str(), s.say("password-prompt")).await?;
    if let Some(why) = password::refusal(s, &new).await {
        *text = why;
        return Ok(None);
    }
    let ahead = Ahead::of(s, id, &new);
    // Said before, as sshd holds back what is said later. A hash may take long here, and so may programs that are told.
    let again = talk.again(s.say("password-takes"), s.say("password-again-prompt")).await?;
    if !crate::keys::same(new.as_bytes(), &again) {
        *text = s.say("password-mismatch");
        return Ok(None);
    }
    Ok(Some((new, ahead)))
}

/// Nothing was written: the proof is as good as before, and there is nothing to be told.
async fn not_changed(s: &Session, note: Held) -> Result<(), Error> {
    let given = proof::give_back(s).await;
    note.withdraw(s).await?;
    given
}

async fn after_recovery(s: &Session, note: Held) -> Result<(), Error> {
    // First: what is still open must not outlive the reset because a note can't be written.
    let mut tx = s.begin().await?;
    proof::succeeding(&mut tx, s).await?;
    // A registration that was begun with the old password is void as well.
    s.attempt.account.void(&mut tx, &s.keys, s.now()).await?;
    tx.commit().await?;
    note.send(s).await
}
