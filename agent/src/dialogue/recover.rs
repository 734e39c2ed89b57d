//! Recovery at the password prompt: choose a way, type the code, choose a new password.
//!
//! Up to a right code nothing here depends on whether there is such an account: the same questions, the same words, the
//! same work.

use std::time::Duration;

use sspr_config::{dialogue::Standing, settings::Method};
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::{
    Caller, Ending, Stop, Talk, aftermath,
    code::{self, Asked, Asking, Post},
    with_help,
};
use crate::{
    audit::{self, Event},
    contact::{Contact, PhoneNumber},
    credential::{Change, Verdict, client::CredentialsError},
    doors::Doors,
    error::Error,
    limits::{self, Allowance},
    notes, password,
    proof::{self, Account, Case, To},
    store::{challenges::Challenge, registrations},
};

/// How often a new password may be refused before the person has to begin again.
const PASSWORDS_MAX: u32 = 12;

pub(super) async fn recover(talk: &mut Talk, doors: &Doors, caller: &Caller, case: &Case) -> Result<Ending, Stop> {
    let texts = &doors.texts;
    if let Some(ending) = too_many_starts(doors, caller).await? {
        return Ok(ending);
    }
    if let Some(seconds) = proof::resting(doors, case).await? {
        audit::record(Event::Blocked, case, caller, "failed proofs");
        return Ok(code::resting(doors, seconds));
    }
    // The helper takes a tenth of a second to start; it does so while the person reads. For every name alike.
    let (helper, name) = (doors.credentials.clone(), case.account.name.clone());
    tokio::spawn(async move {
        let _ = helper.account(&name).await;
    });
    let mut proved = Vec::new();
    let uid = loop {
        match prove(talk, doors, case, &proved).await? {
            Asked::Right => {}
            Asked::Other | Asked::Back => return Ok(Ending::refused("")),
            Asked::Over(ending) => {
                audit::record(Event::Refused, case, caller, "not proved");
                return Ok(ending);
            }
        }
        proved = proof::proved(doors, case).await?;
        // Only here, with a proof in hand, is the account looked at.
        let Some(admitted) = admitted(doors, &case.account).await? else {
            audit::record(Event::Refused, case, caller, "account state");
            return Ok(Ending::refused(with_help(doors, texts.say("code-refused", &[]))));
        };
        if proved.len() >= admitted.methods_required {
            break admitted.uid;
        }
    };
    audit::record(Event::Proved, case, caller, "");
    new_password(talk, doors, caller, case, uid).await
}

/// Counted for every name alike, before anybody is looked up.
pub(super) async fn too_many_starts(doors: &Doors, caller: &Caller) -> Result<Option<Ending>, Stop> {
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let allowance =
        limits::start(&mut tx, &doors.settings.limits, &doors.keys, &caller.source, doors.clock.now()).await?;
    tx.commit().await.map_err(Error::from)?;
    Ok(match allowance {
        Allowance::Granted => None,
        Allowance::Wait(seconds) => {
            let time = doors.texts.span(seconds);
            Some(Ending::refused(doors.texts.say("too-many-starts", &[("time", time.as_str().into())])))
        }
    })
}

/// Proves one method that is not among `proved`. A code that was sent before the connection dropped is still good.
pub(super) async fn prove(talk: &mut Talk, doors: &Doors, case: &Case, proved: &[Method]) -> Result<Asked, Stop> {
    let ways: Vec<Method> = doors.settings.register.methods.iter().copied().filter(|m| !proved.contains(m)).collect();
    if let Some(challenge) = sent_earlier(doors, case, &ways).await? {
        let text = match Method::from_word(&challenge.method) {
            Some(Method::Phone) => doors.texts.say("code-resumed-phone", &[]),
            _ => doors.texts.say("code-resumed-email", &[]),
        };
        match code::ask(talk, doors, case, challenge, text, Asking::Resumed).await? {
            Asked::Other => {}
            asked => return Ok(asked),
        }
    }
    let mut text = match proved {
        [] => String::new(),
        _ => doors.texts.say("one-more-proof", &[]),
    };
    loop {
        let Some(chosen) = choose(talk, doors, case, &ways, &text).await? else { return Ok(Asked::Back) };
        let to = match &chosen {
            Chosen::Email => To::Registered(Method::Email, None),
            // Nobody can make the system text a number that they don't know.
            Chosen::Phone(number) => To::Registered(Method::Phone, Some(number)),
            Chosen::NoNumber(typed) => To::Nowhere(Method::Phone, typed),
        };
        let method = if matches!(chosen, Chosen::Email) { Method::Email } else { Method::Phone };
        match code::post(doors, case, to, None, method).await? {
            Post::Ask(challenge, said) => match code::ask(talk, doors, case, challenge, said, Asking::Fresh).await? {
                Asked::Other => text.clear(),
                asked => return Ok(asked),
            },
            Post::NotNow(said) => text = said,
            Post::Over(ending) => return Ok(Asked::Over(ending)),
        }
    }
}

/// The newest code of one of `ways` that was sent before and can still be answered.
async fn sent_earlier(doors: &Doors, case: &Case, ways: &[Method]) -> Result<Option<Challenge>, Stop> {
    let mut newest: Option<Challenge> = None;
    for way in ways {
        if let Some(challenge) = proof::open_challenge(doors, case, Some(*way)).await?
            && newest.as_ref().is_none_or(|other| other.created <= challenge.created)
        {
            newest = Some(challenge);
        }
    }
    Ok(newest)
}

/// The way that somebody chose.
enum Chosen {
    Email,
    Phone(Contact),
    /// What was typed in place of a number.
    NoNumber(Zeroizing<Vec<u8>>),
}

/// Every number takes so long to read.
const NUMBER_TIME: Duration = Duration::from_millis(150);

/// The shortest thing that is taken for a telephone number, in bytes.
const NUMBER_MIN: usize = 6;

/// Which way; `None` to go back. Always a question that shows what is typed: sshd's `password` method can't answer it,
/// and so can't be led into a dialogue.
///
/// As for a code, only the length of an answer decides what is shown next: one character is for email, a long answer is a
/// telephone number, and whether it can be one does not show.
async fn choose(
    talk: &mut Talk,
    doors: &Doors,
    case: &Case,
    ways: &[Method],
    text: &str,
) -> Result<Option<Chosen>, Stop> {
    let texts = &doors.texts;
    let (menu, prompt) = match ways {
        [Method::Email] => (texts.say("recover-email-only", &[]), texts.say("recover-only-prompt", &[])),
        [Method::Phone] => (texts.say("recover-phone-only", &[]), texts.say("number-prompt", &[])),
        _ => (texts.say("recover-menu", &[]), texts.say("recover-menu-prompt", &[])),
    };
    let mut text = joined(text, &menu);
    loop {
        let typed = talk.anything(text.as_str(), prompt.as_str()).await?;
        match (ways, typed.len()) {
            (_, 0) => return Ok(None),
            ([Method::Email], _) => return Ok(Some(Chosen::Email)),
            ([Method::Phone], _) | (_, NUMBER_MIN..) => {
                // How long a number takes to read depends on what was typed, and sshd shows us that only for names it
                // knows.
                let (answered, read) = (Instant::now() + NUMBER_TIME, number(doors, typed));
                tokio::time::sleep_until(answered).await;
                return Ok(Some(read));
            }
            (_, 1) if code::by_length(case) || typed.eq_ignore_ascii_case(b"e") => return Ok(Some(Chosen::Email)),
            _ => text = joined(&texts.say("choose-again", &[]), &menu),
        }
    }
}

fn joined(above: &str, below: &str) -> String {
    if above.is_empty() { below.to_owned() } else { format!("{above}\n{below}") }
}

fn number(doors: &Doors, typed: Zeroizing<Vec<u8>>) -> Chosen {
    match PhoneNumber::parse(&String::from_utf8_lossy(&typed), doors.settings.phone.default_region.as_deref()) {
        Ok(number) => Chosen::Phone(Contact::Phone(number)),
        Err(_) => Chosen::NoNumber(typed),
    }
}

/// An account that may recover.
struct Admitted {
    uid: u32,
    methods_required: usize,
}

/// Reads the account's state now. `None`: it may not recover, whatever was proved.
async fn admitted(doors: &Doors, account: &Account) -> Result<Option<Admitted>, Stop> {
    let state = doors.credentials.account(&account.name).await.map_err(Error::from)?;
    if state.verdict != Verdict::Eligible {
        return Ok(None);
    }
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let registered = registrations::uid_of(&mut tx, &account.name).await?;
    tx.commit().await.map_err(Error::from)?;
    if registered != Some(state.uid) {
        return Ok(None);
    }
    let methods_required = usize::from(doors.settings.recover.required(state.admin));
    Ok(Some(Admitted { uid: state.uid, methods_required }))
}

/// Asks for a new password until one is taken. The proofs are spent before the write, and given back only when the helper
/// is certain that nothing was written.
async fn new_password(talk: &mut Talk, doors: &Doors, caller: &Caller, case: &Case, uid: u32) -> Result<Ending, Stop> {
    let texts = &doors.texts;
    let account = &case.account;
    let rules = password::rules(doors);
    let mut text = rules.clone();
    for _ in 0..PASSWORDS_MAX {
        let Some(new) = typed_twice(talk, doors, account, &mut text).await? else { continue };
        let Some(admitted) = admitted(doors, account).await?.filter(|a| a.uid == uid) else {
            audit::record(Event::Refused, case, caller, "account state");
            return Ok(Ending::refused(with_help(doors, texts.say("not-changed", &[]))));
        };
        if !proof::spend(doors, case, admitted.methods_required).await? {
            audit::record(Event::Refused, case, caller, "proof no longer good");
            return Ok(Ending::refused(with_help(doors, texts.say("proof-gone", &[]))));
        }
        let _busy = doors.busy.enter();
        match doors.credentials.change(&account.name, uid, new.as_bytes()).await {
            Ok(Change::Changed) => {
                audit::record(Event::Recovered, case, caller, "");
                // The password is changed; what fails from here on must not look as if it were not.
                if let Err(error) = after_recovery(doors, caller, case).await {
                    tracing::error!(%error, "after a recovery");
                }
                return Ok(Ending::new(Standing::Recovered, aftermath::look_after(doors, caller, case, uid).await));
            }
            Ok(Change::Refused(reason)) => {
                proof::give_back(doors, case).await?;
                text = format!("{}\n{rules}", texts.say("password-refused", &[("reason", reason.as_str().into())]));
            }
            Ok(Change::Same) => {
                proof::give_back(doors, case).await?;
                text = format!("{}\n{rules}", texts.say("password-same", &[]));
            }
            Err(error) => {
                tracing::error!(%error, "changing a password");
                audit::record(Event::Failed, case, caller, "credential helper");
                if matches!(error, CredentialsError::Unknown(_)) {
                    // If it did go through, the owner should hear of it.
                    if let Err(error) = notes::recovered(doors, &account.name, caller).await {
                        tracing::error!(%error, "a note about a change that may have gone through");
                    }
                    return Ok(Ending::refused(with_help(doors, texts.say("not-sure", &[]))));
                }
                // The helper says that it wrote nothing; the same code is good for another try.
                proof::give_back(doors, case).await?;
                return Ok(Ending::refused(with_help(doors, texts.say("not-changed", &[]))));
            }
        }
    }
    Ok(Ending::refused(texts.say("not-changed", &[])))
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
    let again = talk.secret("", texts.say("password-again-prompt", &[])).await?;
    if !crate::keys::same(new.as_bytes(), again.as_bytes()) {
        *text = texts.say("password-mismatch", &[]);
        return Ok(None);
    }
    Ok(Some(new))
}

async fn after_recovery(doors: &Doors, caller: &Caller, case: &Case) -> Result<(), Error> {
    if doors.settings.notify.recovery {
        notes::recovered(doors, &case.account.name, caller).await?;
    }
    proof::succeed(doors, case).await
}
