//! After a sign-in with name and password: the user registers what is missing, and reviews what is old.

mod menu;

use menu::{Choice, choose, open};
use sspr_config::{
    dialogue::{Standing, always_asks},
    settings::Method,
};
use tokio::time::Instant;

use super::{
    Conversation, Ending, Stop,
    at_host::{self, Verified},
    code::{self, Asking},
    codes::{self, Unseen},
    contacts,
    conversation::Vouch,
    due::{self, Due, Review},
    ending::{Asked, Outcome},
    enrollment::{Change, Enrollment},
    helpdesk::{self, Vouched},
    owner::{self, Owner},
    reconfirm::{self, Mine},
    terms::Terms,
};
use crate::{
    account::Id,
    audit::Event,
    clock::Time,
    proof::{self, Means, new_app},
    session::Session,
    settled::Since,
};

/// Why a user can't register, for the audit trail.
const NOT_POSSIBLE: &str = "not possible now";
/// The same if a code to a registered contact has to come first.
const NOT_PROVED: &str = "what is registered was not proved";

/// How many seconds pass before the next attempt to ask at a host that could not ask.
const NOT_ASKED_FOR: Time = 900;

pub(super) async fn at_sign_in(conversation: &mut Conversation, s: &Session) -> Result<Ending, Stop> {
    if s.caller().is_of_the_fleet() {
        return match at_host::verified(conversation, s).await? {
            // The account is known to exist from here on.
            Some(verified) => asked(conversation, &s.vouched(), Some(verified)).await,
            None => Ok(Ending::finished()),
        };
    }
    // Root can ask for any user: it is the PAM host at which this user has just signed in.
    if !s.caller().is_host() {
        return Ok(Ending::finished());
    }
    asked(conversation, s, None).await
}

/// Asks what is due. `verified`: this is a sign-in on a host of the fleet, and the password is correct.
async fn asked(conversation: &mut Conversation, s: &Session, verified: Option<Verified>) -> Result<Ending, Stop> {
    let since = s.settled.since();
    let by = verified.as_ref().map_or_else(|| Instant::now() + due::AT_A_SIGN_IN, |verified| verified.by);
    let due = due::due(s, by).await?;
    if let (Due::Register(..) | Due::Review(..), Some(verified)) = (&due, &verified) {
        verified.leads_to_a_question(s).await?;
    }
    match due {
        Due::Nothing => Ok(Ending::finished()),
        Due::Elsewhere => {
            s.record_once_a_day(Event::ReviewPutOff, UNANSWERED).await?;
            Ok(Ending::finished())
        }
        Due::Tell(id) => {
            due::invited(s, id, false).await?;
            s.record(Event::PutOff, UNANSWERED);
            Ok(Ending::new(Standing::Finished, s.say("register-by-hand")))
        }
        Due::Review(enrollment, review) => reviewed(conversation, s, enrollment, review, since).await,
        Due::Register(mut enrollment, mandatory, former) => {
            due::invited(s, enrollment.id, false).await?;
            let mut terms = Terms::of(s, mandatory).await?;
            let ended = match unproved(conversation, s, &enrollment, mandatory).await {
                Ok(Some(ending)) => return Ok(ending),
                Ok(None) => {
                    if always_asks(&s.caller().service) {
                        // A question at such a host is always seen.
                        due::invited(s, enrollment.id, true).await?;
                    }
                    invite(conversation, s, &mut enrollment, &mut terms).await
                }
                // The host left before any question: no person typed this password.
                Err(Stop::Gone) => Err(Stop::Gone),
                Err(stop) => return Err(stop),
            };
            let nobody = match ended {
                Err(Stop::Gone) => conversation.nobody(!conversation.answered()),
                _ => conversation.nobody(matches!(ended, Err(Stop::Misread))),
            };
            due::heard(s, conversation, enrollment.id, nobody).await?;
            if enrollment.missing() == 0 {
                due::found_enough(s).await?;
                return ended;
            }
            if conversation.answered() {
                due::invited(s, enrollment.id, true).await?;
            } else if conversation.could_not_ask() && !always_asks(&s.caller().service) {
                due::not_invited(s, enrollment.id, former).await?;
                if !mandatory {
                    not_for_a_while(s, enrollment.id, since);
                }
            }
            record(conversation, s, &ended).await?;
            terms.ended(conversation, s, &ended).await?;
            ended
        }
    }
}

/// Why a user is not asked over SSH for some time.
const UNANSWERED: &str = "not asked: nobody answered before";

/// The host could not ask a question, like sshd in its method `password`.
const NOT_ASKED: &str = "could not be asked";

/// The module left before any question. Over SSH, it does so if the password came too quickly for a person.
const TOO_QUICK: &str = "not asked: the password came too quickly to be typed";

fn was_not_asked(why: &str) -> bool {
    [NOT_ASKED, TOO_QUICK].contains(&why)
}

/// Has the user review the registration, and notes the outcome.
async fn reviewed(
    conversation: &mut Conversation,
    s: &Session,
    enrollment: Enrollment,
    review: Review,
    since: Since,
) -> Result<Ending, Stop> {
    let (id, asked) = (enrollment.id, review.asked);
    // A user who made the codes here a moment ago is a person whose connection dropped.
    let person = review.codes == Some(Unseen::ShownHere);
    // This comes before the first question, so that a user who can't answer it is not asked at every sign-in.
    due::reviewing(s).await?;
    let ended = match unproved(conversation, s, &enrollment, false).await {
        Ok(Some(ending)) => return Ok(ending),
        Ok(None) => reconfirm::review(conversation, s, enrollment, review).await,
        // The host left before any question: no person typed this password.
        Err(Stop::Gone) => Err(Stop::Gone),
        Err(stop) => return Err(stop),
    };
    let nobody = conversation.nobody(!conversation.typed() || matches!(ended, Err(Stop::Misread)));
    due::heard(s, conversation, id, nobody && !person).await?;
    let why = why_not(conversation, s, &ended);
    if let Some(why) = why.filter(|why| was_not_asked(why)) {
        due::not_reviewed(s, asked).await?;
        not_for_a_while(s, id, since);
        s.record_once_a_day(Event::ReviewPutOff, why).await?;
    } else if let Some(why) = why.or((ended.is_ok() && !conversation.typed()).then_some("later")) {
        s.record(Event::ReviewPutOff, why);
    }
    ended
}

/// A program may sign in every minute. A person is soon asked again.
fn not_for_a_while(s: &Session, id: Id, since: Since) {
    let now = s.now();
    s.nothing_due(since, id, now, now + NOT_ASKED_FOR);
}

/// Only the owner of the password may register anything first. The typed password may never have been checked, because
/// another module signed the user in. Users are not asked to type it a second time, which would teach them a bad
/// habit; in a shell, `sspr enroll` asks for it. If anything is registered, a code to it is required, and the password
/// adds nothing.
///
/// A `mandatory` registration does not bind here: no user is locked out because another module signs users in by
/// something else, or because a hash takes long. The days of grace do not begin either, because nothing was asked.
async fn unproved(
    conversation: &mut Conversation,
    s: &Session,
    enrollment: &Enrollment,
    mandatory: bool,
) -> Result<Option<Ending>, Stop> {
    // On a host of the fleet, the server has checked the password already.
    if enrollment.has_any() || s.caller().is_of_the_fleet() {
        return Ok(None);
    }
    let why = match (conversation.vouched().await?, mandatory) {
        (Vouch::Right, _) => return Ok(None),
        (Vouch::No, false) => "the password is not known to be right",
        (Vouch::No, true) => "registration required, not asked: the password is not known to be right",
        (Vouch::Untold, false) => "the password can't be checked at a sign-in",
        (Vouch::Untold, true) => "registration required, not asked: the password can't be checked at a sign-in",
    };
    s.record_once_a_day(Event::PutOff, why).await?;
    Ok(Some(Ending::new(Standing::Finished, s.say("register-by-hand"))))
}

/// Why there was no answer, if there was none.
fn why_not(conversation: &Conversation, s: &Session, ended: &Result<Ending, Stop>) -> Option<&'static str> {
    match ended {
        Err(Stop::Misread) => Some("answered as by a program"),
        Err(Stop::Gone) if conversation.is_a_programs() => Some("answered as by a program"),
        // At a terminal of its own, a host asks each question: a user who ends it there saw it.
        Err(Stop::Gone) if conversation.could_not_ask() && !always_asks(&s.caller().service) => {
            Some(if conversation.ended_before_a_question() { TOO_QUICK } else { NOT_ASKED })
        }
        Err(Stop::Gone) if !conversation.answered() => Some("not answered"),
        Err(Stop::Gone) => Some("broken off"),
        Ok(_) | Err(Stop::Failed(_) | Stop::Over(_)) => None,
    }
}

/// Records once that a user was not asked, or left, like a user who declines. It is a refusal if leaving means "no".
async fn record(conversation: &Conversation, s: &Session, ended: &Result<Ending, Stop>) -> Result<(), Stop> {
    let Some(why) = why_not(conversation, s, ended) else { return Ok(()) };
    if conversation.binding() {
        s.record(Event::Refused, &format!("registration required: {why}"));
    } else if was_not_asked(why) {
        s.record_once_a_day(Event::PutOff, why).await?;
    } else {
        s.record(Event::PutOff, why);
    }
    Ok(())
}

/// Asks for what is missing until it is registered, put off or declined.
async fn invite(
    conversation: &mut Conversation,
    s: &Session,
    enrollment: &mut Enrollment,
    terms: &mut Terms,
) -> Result<Ending, Stop> {
    // The password alone, which a thief may have too, changes nothing that is registered.
    if enrollment.has_any() {
        let insisting = terms.before_the_old_proof(conversation, s).await?;
        match owner::prove_quietly(conversation, s, enrollment, insisting).await? {
            Owner::Proved(means) => terms.vouched |= means.contains(&Means::HelpDesk),
            Owner::Not(ending) => return terms.stuck(conversation, s, NOT_PROVED, ending.text).await,
        }
    }
    conversation.bind(terms.bind(s).await?);
    if let Mine::PutOff = reconfirm::imported(conversation, s, enrollment, terms.mandatory, true).await?
        && !terms.mandatory
    {
        return Ok(put_off(s, ""));
    }
    let mut said = String::new();
    if let Outcome::NotPossible(why) = resumed(conversation, s, enrollment, terms.mandatory).await? {
        if terms.let_in(s).await? {
            return terms.stuck(conversation, s, NOT_POSSIBLE, why).await;
        }
        said = why;
    }
    while enrollment.missing() > 0 {
        // A gateway that is down, or takes minutes, must not lock anybody out.
        conversation.bind(terms.bind(s).await?);
        let open = open(s, enrollment);
        let wanted = match choose(conversation, s, enrollment, &open, terms, &said).await? {
            Choice::Methods(methods) => methods,
            Choice::NotNow if terms.bind(s).await? => {
                s.record(Event::Refused, "registration required: declined");
                return Ok(Ending::declined(s));
            }
            Choice::NotNow => return Ok(put_off(s, terms.why_put_off(s).await?)),
            Choice::HelpDesk => match helpdesk::ask(conversation, s, enrollment).await? {
                Vouched::Yes => {
                    terms.vouched = true;
                    return Ok(put_off(s, terms.why_put_off(s).await?));
                }
                Vouched::No(why) => {
                    said = why;
                    continue;
                }
            },
        };
        said.clear();
        for method in wanted {
            match contacts::register_one(conversation, s, enrollment, method).await? {
                Outcome::Saved => {}
                // Back to the menu, if there is anything left to choose there.
                Outcome::GivenUp => break,
                Outcome::NotPossible(why) if terms.let_in(s).await? => {
                    return terms.stuck(conversation, s, NOT_POSSIBLE, why).await;
                }
                // There may be another way.
                Outcome::NotPossible(why) => {
                    said = why;
                    break;
                }
            }
        }
    }
    conversation.bind(false);
    s.record(Event::Completed, "");
    let codes = codes::first(s, enrollment).await?;
    conversation
        .wait(|| {
            let done = s.say("registered");
            codes.as_ref().map_or_else(|| done.clone(), |codes| format!("{done}\n\n{}", codes.text(&s.texts)))
        })
        .await?;
    if let Some(codes) = codes {
        codes.seen(s).await?;
    }
    Ok(Ending::finished())
}

fn put_off(s: &Session, why: &str) -> Ending {
    s.record(Event::PutOff, why);
    Ending::finished()
}

/// Resumes a registration that began before the connection dropped, if it began from the same source. A registration
/// that another person with the password began elsewhere must not be mistaken for the user's own.
async fn resumed(
    conversation: &mut Conversation,
    s: &Session,
    enrollment: &mut Enrollment,
    mandatory: bool,
) -> Result<Outcome, Stop> {
    let Some(challenge) = proof::open_challenge(s, None).await? else { return Ok(Outcome::GivenUp) };
    let open = open(s, enrollment);
    if challenge.method == Method::App.as_str() {
        // A picture leaves no room to say that it can't be put off. The menu says so, and leads to the same picture.
        if mandatory || !open.contains(&Method::App) || new_app::pending(s).await?.is_none() {
            return Ok(Outcome::GivenUp);
        }
        return contacts::register_one(conversation, s, enrollment, Method::App).await;
    }
    let Some(contact) = proof::destination(s, &challenge)?
        .filter(|c| open.contains(&c.method()) && proof::begun_here(s, &challenge, c))
    else {
        return Ok(Outcome::GivenUp);
    };
    let mut text = s.say_with("code-resumed-to", &[("contact", contact.as_str().into())]);
    if mandatory {
        text = format!("{}\n{text}", s.say("register-mandatory"));
    }
    // A contact that an administrator entered is not shown in full: it may belong to a stranger.
    let entered = enrollment.contacts.iter().any(|known| !known.usable && known.contact == contact);
    let asking = if entered { Asking::Confirming(&contact) } else { Asking::Registering(&contact) };
    Ok(match code::ask(conversation, s, challenge, text, asking).await? {
        Asked::Right => Outcome::saved(s, enrollment.change(s, Change::Add(&contact)).await?),
        Asked::Other | Asked::Back => Outcome::GivenUp,
        Asked::Over(ending) => Outcome::NotPossible(ending.text),
    })
}
