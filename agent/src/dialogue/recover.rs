//! Recovery at the password prompt: the user proves the identity, and chooses a new password.

use sspr_config::{dialogue::Standing, directory::Rule, settings::Disclose};
use zeroize::Zeroizing;

use super::{
    Conversation, Ending, Stop,
    admission::{self, Admission, admitted},
    aftermath,
    ending::Asked,
    prove::prove,
    rules,
    unlock::{self, Wish},
    with_help,
};
use crate::{
    account::Id,
    audit::Event,
    credential::{Change, client::CredentialsError},
    error::Error,
    notifications::{self, Held},
    proof::{self, Means, Pause},
    session::Session,
    store::proofs::Spent,
};

/// How many times a new password may be refused before the user has to start again.
const PASSWORDS_MAX: u32 = 12;

pub(super) async fn recover(conversation: &mut Conversation, s: &Session) -> Result<Ending, Stop> {
    // If the first question shows contacts, an attacker may come for the question alone.
    let shows = s.settings.recover.disclose != Disclose::Never;
    // Until the first question is answered, the text is shown above the password prompt.
    let first = &super::for_now(conversation, s);
    let admission = if shows && conversation.begins() {
        admission::counted(first).await?
    } else {
        admission::not_counted_yet(first).await?
    };
    let suspended = match admission {
        Admission::Refused(ending) => return Ok(ending),
        Admission::Admitted(suspended) => suspended,
    };
    // This applies to every name alike, before any question.
    if let Some(why) = why_nobody(s).await {
        tracing::error!(why, "no password can be set: {why}");
        s.record(Event::Failed, "no password can be set");
        return Ok(Ending::refused(with_help(first, first.say("unavailable"))));
    }
    // The helper takes almost a tenth of a second to start, so it starts while the user reads. It gets no name.
    s.wake();
    if let Some(seconds) = suspended {
        s.record(Event::Blocked, "failed proofs");
        return Ok(Ending::suspended(first, Pause::Account(seconds)));
    }
    let mut proved = if s.attempt.resumed { proof::proved(s).await? } else { Vec::new() };
    // The owner proved it before the server of the dialogue was lost.
    let mut is_proved = !proved.is_empty();
    let (admitted, good) = loop {
        let asked = if std::mem::take(&mut is_proved) { Asked::Right } else { prove(conversation, s, &proved).await? };
        match asked {
            // Only the owner gets here.
            Asked::Right => conversation.keep_time(None),
            // This text appears above the password prompt, which would not say what happened.
            Asked::Other | Asked::Back => return Ok(Ending::refused(s.say("recover-left"))),
            Asked::Over(ending) => {
                s.record(Event::Refused, "not proved");
                return Ok(ending);
            }
        }
        // The account is looked up only here, after a proof.
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
    // The answer is known by now, even where it took longer to find out. The proof is not spent.
    if let Some(why) = s.targets.why_not(s.name()).await {
        tracing::error!(why, "no password can be set: {why}");
        s.record(Event::Failed, "no password can be set");
        return Ok(Ending::refused(with_help(s, s.say("unavailable"))));
    }
    // A user who is not registered may be here with a help-desk code, and counts as known from now on.
    let s = &s.vouched();
    let means: Vec<&str> = good.into_iter().map(Means::as_str).collect();
    s.record(Event::Proved, &means.join(", "));
    let id = admitted.needed.id;
    // Boxed, because most recoveries never come here.
    if admitted.locked && Box::pin(unlock::ask(conversation, s)).await? == Wish::Unlock {
        return Box::pin(unlock::unlock(s, id)).await;
    }
    Box::pin(new_password(conversation, s, id)).await
}

/// Why no reset can be made, whatever the name.
async fn why_nobody(s: &Session) -> Option<String> {
    if s.caller().is_of_the_fleet() { s.why_nobody_of_the_fleet().await } else { s.why_nobody().await }
}

/// Asks for a new password until one is accepted. The proofs are spent before the write, and given back only if the
/// helper is certain that nothing was written.
async fn new_password(conversation: &mut Conversation, s: &Session, id: Id) -> Result<Ending, Stop> {
    let rules = rules::said(s);
    let with_rules = |text: String| if rules.is_empty() { text } else { format!("{text}\n{rules}") };
    let mut text = match recovery_codes_left(s).await? {
        Some(left) => with_rules(s.say_with("recovery-codes-left", &[("left", left.into())])),
        None => rules.clone(),
    };
    for _ in 0..PASSWORDS_MAX {
        let Some((new, ahead)) = typed_twice(conversation, s, id, &mut text).await? else { continue };
        let admitted = match admitted(s).await {
            Ok(admitted) => admitted,
            Err(stop) => return out_of_reach(s, stop),
        };
        let Some(admitted) = admitted.filter(|admitted| admitted.needed.id == id) else {
            s.record(Event::Refused, "account state");
            return Ok(Ending::refused(with_help(s, s.say(unchanged(s)))));
        };
        // From here on, the agent does not end before the spent proof is used or given back.
        let busy = s.busy.enter();
        let Some((mut tx, spent)) = proof::spending(s, admitted.needed).await? else {
            s.record(Event::Refused, "proof no longer good");
            // The server that was lost may not be dead, and may have used it.
            let text = if s.may_be_changed_elsewhere() { "not-sure" } else { "proof-gone" };
            return Ok(Ending::refused(with_help(s, s.say(text))));
        };
        // The notifications are stored in the same transaction as the spent proof. If the agent dies, they are sent
        // anyway.
        let note = notifications::recovering(&mut tx, s, id).await?;
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
                // The password is changed. A later error must not make it look unchanged.
                if let Err(error) = after_recovery(s, note).await {
                    tracing::error!(%error, "after a recovery");
                }
                let (refused_here, said) = aftermath::look_after(s, id, new.as_bytes()).await;
                drop(busy);
                // A user who leaves at this question has the new password anyway.
                if refused_here && conversation.wait(|| s.say("recover-refused-here")).await.is_err() {
                    tracing::debug!(
                        correlation = s.attempt.dialogue,
                        "nobody waited to read what this host does not know yet"
                    );
                }
                return Ok(Ending::new(Standing::Recovered, said));
            }
            Ok(Change::Refused(reason)) => {
                not_changed(s, &spent, note).await?;
                text = with_rules(refused(s, &reason, &new));
            }
            Ok(Change::Same) => {
                not_changed(s, &spent, note).await?;
                text = with_rules(s.say("password-same"));
            }
            Err(error) => {
                tracing::error!(%error, "changing a password: {error}");
                s.record(Event::Failed, s.by_whom());
                if matches!(error, CredentialsError::Unknown(_)) {
                    // If the change did go through, the owner should hear of it.
                    if let Err(error) = note.send(s).await {
                        tracing::error!(%error, "a note about a change that may have gone through");
                    }
                    return Ok(Ending::refused(with_help(s, s.say("not-sure"))));
                }
                // The helper says that it wrote nothing. The same code is valid for another try.
                not_changed(s, &spent, note).await?;
                return Ok(Ending::refused(with_help(s, s.say(unchanged(s)))));
            }
        }
    }
    Ok(Ending::refused(s.say(unchanged(s))))
}

/// The text that nothing was changed. If the server that was lost is not dead, it may still set what was typed there.
fn unchanged(s: &Session) -> &'static str {
    if s.may_be_changed_elsewhere() { "not-sure" } else { "not-changed" }
}

/// The target of the account does not answer. Nothing was written and no proof is spent: the same code stays valid.
fn out_of_reach(s: &Session, stop: Stop) -> Result<Ending, Stop> {
    let Stop::Failed(Error::Credential(error)) = stop else { return Err(stop) };
    tracing::error!(%error, correlation = s.attempt.dialogue, "nothing is changed: {error}");
    s.record(Event::Failed, s.by_whom());
    Ok(Ending::refused(with_help(s, s.say(unchanged(s)))))
}

/// Why the host or the directory refuses `new`.
fn refused(s: &Session, reason: &str, new: &str) -> String {
    if s.name().host().is_none() && s.targets.is_far(s.name()) {
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

/// How many recovery codes are left once the typed one is used up; `None` if none was typed.
async fn recovery_codes_left(s: &Session) -> Result<Option<i64>, Stop> {
    if !proof::proved(s).await?.contains(&Means::RecoveryCode) {
        return Ok(None);
    }
    Ok(Some((proof::recovery_codes_left(s).await? - 1).max(0)))
}

/// Results that the account's target prepares about a new password while its owner types it again. They are dropped
/// with this value, however the dialogue goes on.
struct Ahead<'s>(Option<&'s Session>);

impl<'s> Ahead<'s> {
    fn of(s: &'s Session, id: Id, new: &str) -> Self {
        s.targets.prepare(s.name(), id, new.as_bytes());
        Self(Some(s))
    }

    /// The change has used the results.
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

/// A new password that the policy allows, typed twice. `None`: not this time; `text` says why.
async fn typed_twice<'s>(
    conversation: &mut Conversation,
    s: &'s Session,
    id: Id,
    text: &mut String,
) -> Result<Option<(Zeroizing<String>, Ahead<'s>)>, Stop> {
    let new = conversation.new_password(text.as_str(), s.say("password-prompt")).await?;
    if let Some(why) = rules::refusal(s, &new).await {
        *text = why;
        return Ok(None);
    }
    let ahead = Ahead::of(s, id, &new);
    // Shown before, because sshd holds back later text. A hash may take long here, and so may programs that are
    // notified.
    let again = conversation.again(s.say("password-takes"), s.say("password-again-prompt")).await?;
    if !crate::keys::same(new.as_bytes(), &again) {
        *text = s.say("password-mismatch");
        return Ok(None);
    }
    Ok(Some((new, ahead)))
}

/// Nothing was written: the proof is valid again, and there is nothing to notify about.
async fn not_changed(s: &Session, spent: &[Spent], note: Held) -> Result<(), Error> {
    let given = proof::give_back(s, spent).await;
    note.withdraw(s).await?;
    given
}

async fn after_recovery(s: &Session, note: Held) -> Result<(), Error> {
    // This comes first: open challenges must not outlive the reset because a notification can't be written.
    let mut tx = s.begin().await?;
    proof::succeeding(&mut tx, s).await?;
    // A registration that began with the old password is void as well.
    s.attempt.account.void(&mut tx, &s.keys, s.now()).await?;
    tx.commit().await?;
    note.send(s).await
}
