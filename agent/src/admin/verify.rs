//! A code with which the help desk verifies a caller: it goes to a registered contact, and the caller reads it out on
//! the phone. It has its own purpose, so it is valid nowhere else, and the answer uses it up.

use sspr_config::{dialogue::Purpose, language::Language, settings::Method};

use crate::{
    audit::{Deed, Event},
    clock::Time,
    contact::Contact,
    credential::Verdict,
    dialogue::{Caller, Screen},
    limits,
    methods::Named,
    proof::{self, Account, Answered, Attempt, Pause, Sent, To},
    session::Session,
    store::{Challenges, Overviews, registrations},
};

use super::{
    AdminCall, Error, Result, codes,
    find::{self, Found},
    refused,
    wire_of_the_desk::{Verified, Verify, VerifyAnswer, VerifySent},
};

/// Sends a code to the contact that `what` names, and returns where it went.
pub(super) async fn send(call: &AdminCall, what: &Verify) -> Result<VerifySent> {
    let agent = &call.agent;
    let wanted = match what.method.as_deref() {
        None => None,
        Some(word) => Some(
            Method::from_word(word)
                .filter(|method| method.has_contacts())
                .ok_or_else(|| Error::Malformed("a code goes by email or by phone".into()))?,
        ),
    };
    let found = Found::new(agent, &what.user).await?;
    if found.state.verdict != Verdict::Eligible {
        return Err(refused(format!("{} can't be verified: {}", what.user, find::why_not(found.state.verdict))));
    }
    codes::not_ones_own(call, &found, &what.user, Event::DeskCodeSent)?;
    let s = session(call, &found, &what.user);
    let (contact, waits) = contact(call, &s, &found, wanted).await?;
    let Some((method, contact)) = contact else {
        if waits {
            return Err(refused(format!(
                "what {} has registered is new and not good for this yet (see [server] first_contact_wait): check who calls in \
                 another way",
                what.user
            )));
        }
        let means = wanted.map_or("email address or phone", |method| Named::of(method).nouns.0);
        let why =
            format!("{} has no {means} registered that a code could go to: check who calls in another way", what.user);
        return Err(refused(why));
    };
    let handle = match proof::send(&s, To::Registered(method, Some(&contact))).await? {
        Sent::Now(challenge) => challenge.id,
        Sent::Wait(seconds) => {
            return Err(refused(format!(
                "a code was sent already; another one can be sent in {}",
                span(call, seconds)
            )));
        }
        Sent::Suspended(pause) => return Err(refused(suspended(call, pause))),
    };
    call.record(Deed {
        event: Event::DeskCodeSent,
        success: true,
        account: &found.recorded(),
        reason: method.as_str(),
    });
    let lifetime = agent.settings.code.lifetime.as_secs();
    let expires = agent.now() + lifetime;
    Ok(VerifySent { handle, method: method.as_str().to_owned(), to: contact.masked(), expires, lifetime })
}

/// Checks the code. A correct one is used up.
pub(super) async fn answer(call: &AdminCall, what: &VerifyAnswer) -> Result<Verified> {
    let agent = &call.agent;
    let digits = agent.settings.code.digits;
    let Some(code) = proof::tidy_code(&what.code, digits) else {
        return Err(refused(format!("a code has {digits} digits; nothing was counted, so type it again")));
    };
    let found = Found::new(agent, &what.user).await?;
    let s = session(call, &found, &what.user);
    let (verified, reason) = match proof::answer(&s, &what.handle, &code).await? {
        Answered::Right => {
            let mut tx = agent.begin().await?;
            Challenges::void_all(&mut tx, s.attempt.account.tag(), Purpose::Desk.as_str(), None, agent.now()).await?;
            limits::succeeded(&mut tx, &s.failures(), &s.source()).await?;
            tx.commit().await?;
            (Verified { matched: true, ..Verified::default() }, "")
        }
        Answered::Wrong(left) if left > 0 => {
            (Verified { left: u64::try_from(left).unwrap_or_default(), ..Verified::default() }, "wrong code")
        }
        Answered::Wrong(_) => (no_more("that code can't be tried any more; send another one"), "wrong code"),
        Answered::Expired => {
            (no_more("that code is expired, used or replaced by a newer one; send another one"), "no valid code")
        }
        Answered::Suspended(pause) => (no_more(&suspended(call, pause)), "too many wrong codes"),
    };
    call.record(Deed { event: Event::DeskVerified, success: verified.matched, account: &found.recorded(), reason });
    Ok(verified)
}

fn no_more(why: &str) -> Verified {
    Verified { matched: false, left: 0, why: Some(why.to_owned()) }
}

fn suspended(call: &AdminCall, pause: Pause) -> String {
    // The help desk sends nothing through a host, so no host's limit counts here.
    let (Pause::Account(seconds) | Pause::Host(seconds)) = pause;
    format!(
        "too many codes of this account were wrong; it can be verified again in {}, or once it is unblocked",
        span(call, seconds)
    )
}

fn span(call: &AdminCall, seconds: Time) -> String {
    call.agent.default_texts().span(seconds)
}

/// The usable contact that the code goes to, and its method; `None` if there is none. Also returns whether the user's
/// own registration still waits. Then only contacts with another source, such as an import, were considered.
async fn contact(
    call: &AdminCall,
    s: &Session,
    found: &Found,
    wanted: Option<Method>,
) -> Result<(Option<(Method, Contact)>, bool)> {
    let Some(own) = found.own() else { return Ok((None, false)) };
    let agent = &call.agent;
    let mut tx = agent.begin().await?;
    let mut kept = Overviews::contacts(&mut tx, found.who()).await?;
    let waits = proof::waits(&mut tx, s).await?;
    tx.commit().await?;
    kept.retain(|kept| !waits || kept.source.is_some());
    for method in Method::DESK.into_iter().filter(|method| wanted.is_none_or(|wanted| wanted == *method)) {
        // Of several contacts, the preferred one comes first.
        if let Some(kept) = kept.iter().find(|kept| kept.usable && kept.method == method.as_str()) {
            let contact = registrations::open(&agent.keys, found.who(), own.id, &kept.method, &kept.sealed)?;
            return Ok((Some((method, contact)), waits));
        }
    }
    Ok((None, waits))
}

fn session(call: &AdminCall, found: &Found, typed: &str) -> Session {
    let agent = &call.agent;
    let caller = Caller {
        uid: call.member.unwrap_or_default(),
        service: "help desk".to_owned(),
        source: format!("help desk, {}", call.administrator),
        screen: Screen::default(),
        language: None,
        host: None,
    };
    let attempt = Attempt {
        account: Account::new(&agent.keys, found.who()).typed(typed).vouched(),
        purpose: Purpose::Desk,
        dialogue: call.correlation.clone(),
        began: agent.now(),
        resumed: false,
        caller,
    };
    agent.session(Language::English, attempt)
}
