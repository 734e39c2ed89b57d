//! Right after a sign-in with name and password: what is missing is registered, what is old is looked at.

use sspr_config::{
    dialogue::{Standing, always_asks},
    settings::Method,
};

use super::{
    Ending, Stop, Talk,
    code::{self, Asked, Asking},
    codes::{self, Unseen},
    contacts::{self, Outcome},
    desk::{Change, Desk},
    due::{self, Due, Review},
    helpdesk::{self, Vouched},
    misread,
    owner::{self, Owner},
    reconfirm::{self, Mine},
    talk::Vouch,
    terms::Terms,
};
use crate::{
    account::Id,
    audit::Event,
    clock::Time,
    new_app,
    proof::{self, Means},
    session::Session,
    settled::Since,
    texts::Texts,
};

/// Why a user can't register, for the audit trail.
const NOT_POSSIBLE: &str = "not possible now";
/// The same where a code to what is registered is to come first.
const NOT_PROVED: &str = "what is registered was not proved";

/// So long, in seconds, it is not tried again to ask where a host could not put the question.
const NOT_ASKED_FOR: Time = 900;

pub(super) async fn at_sign_in(talk: &mut Talk, s: &Session) -> Result<Ending, Stop> {
    // Root can ask for anybody: it is the PAM host in which this person has just signed in.
    if !s.caller().is_host() {
        return Ok(Ending::finished());
    }
    let since = s.settled.since();
    match due::due(s).await? {
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
        Due::Review(desk, review) => reviewed(talk, s, desk, review, since).await,
        Due::Register(mut desk, mandatory, former) => {
            due::invited(s, desk.id, false).await?;
            let mut terms = Terms::of(s, mandatory).await?;
            let ended = match unproved(talk, s, &desk, mandatory).await {
                Ok(Some(ending)) => return Ok(ending),
                Ok(None) => {
                    if always_asks(&s.caller().service) {
                        // What is asked there is seen.
                        due::invited(s, desk.id, true).await?;
                    }
                    invite(talk, s, &mut desk, &mut terms).await
                }
                // The host took leave before any question: nobody typed this password.
                Err(Stop::Gone) => Err(Stop::Gone),
                Err(stop) => return Err(stop),
            };
            let nobody = match ended {
                Err(Stop::Gone) => talk.nobody(!talk.answered()),
                _ => talk.nobody(matches!(ended, Err(Stop::Misread))),
            };
            due::heard(s, talk, desk.id, nobody).await?;
            if desk.missing() == 0 {
                due::found_enough(s).await?;
                return ended;
            }
            if talk.answered() {
                due::invited(s, desk.id, true).await?;
            } else if talk.could_not_ask() && !always_asks(&s.caller().service) {
                due::not_invited(s, desk.id, former).await?;
                if !mandatory {
                    not_for_a_while(s, desk.id, since);
                }
            }
            record(talk, s, &ended).await?;
            terms.ended(talk, s, &ended).await?;
            ended
        }
    }
}

/// Why a user is not asked over SSH for some time.
const UNANSWERED: &str = "not asked: nobody answered before";

/// Where a host could not put a question, as sshd can't in its method `password`.
const NOT_ASKED: &str = "could not be asked";

/// Where the module took leave before any question: over SSH it does where the password came too quickly for a person.
const TOO_QUICK: &str = "not asked: the password came too quickly to be typed";

fn was_not_asked(why: &str) -> bool {
    [NOT_ASKED, TOO_QUICK].contains(&why)
}

/// Has what is registered looked at, and notes what came of it.
async fn reviewed(talk: &mut Talk, s: &Session, desk: Desk, review: Review, since: Since) -> Result<Ending, Stop> {
    let (id, asked) = (desk.id, review.asked);
    // The user who made the codes here a moment ago is a person whose connection dropped.
    let person = review.codes == Some(Unseen::ShownHere);
    // Before the first question, so that a user who can't answer it is not asked at every sign-in.
    due::reviewing(s).await?;
    let ended = match unproved(talk, s, &desk, false).await {
        Ok(Some(ending)) => return Ok(ending),
        Ok(None) => reconfirm::review(talk, s, desk, review).await,
        // The host took leave before any question: nobody typed this password.
        Err(Stop::Gone) => Err(Stop::Gone),
        Err(stop) => return Err(stop),
    };
    let nobody = talk.nobody(!talk.typed() || matches!(ended, Err(Stop::Misread)));
    due::heard(s, talk, id, nobody && !person).await?;
    let why = why_not(talk, s, &ended);
    if let Some(why) = why.filter(|why| was_not_asked(why)) {
        due::not_reviewed(s, asked).await?;
        not_for_a_while(s, id, since);
        s.record_once_a_day(Event::ReviewPutOff, why).await?;
    } else if let Some(why) = why.or((ended.is_ok() && !talk.typed()).then_some("later")) {
        s.record(Event::ReviewPutOff, why);
    }
    ended
}

/// A program may sign in every minute; a person is not kept from being asked for long.
fn not_for_a_while(s: &Session, id: Id, since: Since) {
    let now = s.now();
    s.nothing_due(since, id, now, now + NOT_ASKED_FOR);
}

/// Nobody but the owner of the password is to register anything first: what was typed at the prompt may never have been looked
/// at, where another module signed the person in. People are not made to type it a second time, which would teach them to; in a
/// shell, `sspr enroll` asks for it. Where something is registered, a code to that is asked for, which a password adds nothing to.
///
/// What is `mandatory` does not bind here: nobody is kept out because a module of the host's signs people in by something else, or
/// because a hash takes long. The days in which it can be put off do not begin either, as nothing was asked.
async fn unproved(talk: &mut Talk, s: &Session, desk: &Desk, mandatory: bool) -> Result<Option<Ending>, Stop> {
    if desk.has_any() {
        return Ok(None);
    }
    let why = match (talk.vouched().await?, mandatory) {
        (Vouch::Right, _) => return Ok(None),
        (Vouch::No, false) => "the password is not known to be right",
        (Vouch::No, true) => "registration required, not asked: the password is not known to be right",
        (Vouch::Untold, false) => "the password can't be checked at a sign-in",
        (Vouch::Untold, true) => "registration required, not asked: the password can't be checked at a sign-in",
    };
    s.record_once_a_day(Event::PutOff, why).await?;
    Ok(Some(Ending::new(Standing::Finished, s.say("register-by-hand"))))
}

/// Why no answer came, where none did.
fn why_not(talk: &Talk, s: &Session, ended: &Result<Ending, Stop>) -> Option<&'static str> {
    match ended {
        Err(Stop::Misread) => Some("answered as by a program"),
        Err(Stop::Gone) if talk.is_a_programs() => Some("answered as by a program"),
        // At a terminal of its own a host puts each question: a user who ends it there saw it.
        Err(Stop::Gone) if talk.could_not_ask() && !always_asks(&s.caller().service) => {
            Some(if talk.ended_before_a_question() { TOO_QUICK } else { NOT_ASKED })
        }
        Err(Stop::Gone) if !talk.answered() => Some("not answered"),
        Err(Stop::Gone) => Some("broken off"),
        Ok(_) | Err(Stop::Failed(_) | Stop::Over(_)) => None,
    }
}

/// A user who was not asked, or broke off, leaves one record of it, like one who declines: of a refusal where that is a "no".
async fn record(talk: &Talk, s: &Session, ended: &Result<Ending, Stop>) -> Result<(), Stop> {
    let Some(why) = why_not(talk, s, ended) else { return Ok(()) };
    if talk.binding() {
        s.record(Event::Refused, &format!("registration required: {why}"));
    } else if was_not_asked(why) {
        s.record_once_a_day(Event::PutOff, why).await?;
    } else {
        s.record(Event::PutOff, why);
    }
    Ok(())
}

/// Asks for what is missing until it is registered, put off or declined.
async fn invite(talk: &mut Talk, s: &Session, desk: &mut Desk, terms: &mut Terms) -> Result<Ending, Stop> {
    // The password alone, which is what a thief of it has as well, adds nothing to what is registered.
    if desk.has_any() {
        let insisting = terms.before_the_old_proof(talk, s).await?;
        match owner::prove_quietly(talk, s, desk, insisting).await? {
            Owner::Proved(means) => terms.vouched |= means.contains(&Means::HelpDesk),
            Owner::Not(ending) => return terms.stuck(talk, s, NOT_PROVED, ending.text).await,
        }
    }
    talk.bind(terms.bind(s).await?);
    if let Mine::PutOff = reconfirm::imported(talk, s, desk, terms.mandatory, true).await?
        && !terms.mandatory
    {
        return Ok(put_off(s, ""));
    }
    let mut said = String::new();
    if let Outcome::NotPossible(why) = resumed(talk, s, desk, terms.mandatory).await? {
        if terms.let_in(s).await? {
            return terms.stuck(talk, s, NOT_POSSIBLE, why).await;
        }
        said = why;
    }
    while desk.missing() > 0 {
        // A gateway that is down must not keep anybody out, nor one that takes minutes.
        talk.bind(terms.bind(s).await?);
        let open = open(s, desk);
        let wanted = match choose(talk, s, desk, &open, terms, &said).await? {
            Choice::Methods(methods) => methods,
            Choice::NotNow if terms.bind(s).await? => {
                s.record(Event::Refused, "registration required: declined");
                return Ok(Ending::declined(s));
            }
            Choice::NotNow => return Ok(put_off(s, terms.why_put_off(s).await?)),
            Choice::HelpDesk => match helpdesk::ask(talk, s, desk).await? {
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
            match contacts::register_one(talk, s, desk, method).await? {
                Outcome::Saved => {}
                // Back to the menu, if there is anything left to choose there.
                Outcome::GivenUp => break,
                Outcome::NotPossible(why) if terms.let_in(s).await? => {
                    return terms.stuck(talk, s, NOT_POSSIBLE, why).await;
                }
                // There may be another way.
                Outcome::NotPossible(why) => {
                    said = why;
                    break;
                }
            }
        }
    }
    talk.bind(false);
    s.record(Event::Completed, "");
    let codes = codes::first(s, desk).await?;
    talk.wait(|| {
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

/// The methods of which nothing is registered that would count.
fn open(s: &Session, desk: &Desk) -> Vec<Method> {
    let have = desk.methods();
    s.settings.register.methods.iter().copied().filter(|m| !have.contains(m) && desk.has_room(*m)).collect()
}

enum Choice {
    Methods(Vec<Method>),
    NotNow,
    /// The help desk gave out a code, for a user who can't register.
    HelpDesk,
}

/// Asks which way, under what was `said` before.
async fn choose(
    talk: &mut Talk,
    s: &Session,
    desk: &Desk,
    open: &[Method],
    terms: &Terms,
    said: &str,
) -> Result<Choice, Stop> {
    let (texts, mandatory) = (&s.texts, terms.mandatory);
    if open.is_empty() {
        return Ok(Choice::NotNow);
    }
    let menu = || {
        let menu = match open {
            [only] => only_way(texts, *only),
            several => ways(texts, several, desk),
        };
        if mandatory { format!("{menu}\n{}", texts.say("register-helpdesk", &[])) } else { menu }
    };
    let prompt = || match (open, mandatory) {
        ([_], false) => texts.say("register-only-prompt", &[]),
        ([_], true) => texts.say("register-only-prompt-mandatory", &[]),
        (_, false) => texts.say("register-menu-prompt", &[("n", count(open))]),
        (_, true) => texts.say("register-menu-prompt-mandatory", &[("n", count(open))]),
    };
    let insisted = || format!("{}\n{}", texts.say("register-mandatory", &[]), menu());
    let mut text = match (said, mandatory) {
        ("", true) => insisted(),
        ("", false) => menu(),
        (said, _) => format!("{said}\n{}", menu()),
    };
    let mut refusals = 0;
    loop {
        let typed = talk.word(text, prompt()).await?;
        text = match typed.as_str() {
            "" | "n" | "no" | "not now" | "later" | "q" => {
                refusals += 1;
                if !mandatory || refusals > 1 {
                    return Ok(Choice::NotNow);
                }
                insisted()
            }
            "code" if mandatory => return Ok(Choice::HelpDesk),
            typed => match chosen(typed, open) {
                Some(methods) => return Ok(Choice::Methods(methods)),
                None if talk.has_turned() && mandatory => insisted(),
                None => misread(talk, s, menu())?,
            },
        }
    }
}

fn count<'a>(methods: &[Method]) -> crate::texts::Value<'a> {
    i64::try_from(methods.len()).unwrap_or_default().into()
}

fn only_way(texts: &Texts, method: Method) -> String {
    match method {
        Method::Email => texts.say("register-email-only", &[]),
        Method::Phone => texts.say("register-phone-only", &[]),
        Method::App => texts.say("register-app-only", &[]),
    }
}

fn ways(texts: &Texts, open: &[Method], desk: &Desk) -> String {
    let intro = match (desk.missing(), desk.methods().len()) {
        (1, 1..) => texts.say("register-menu-more", &[]),
        (2.., _) => texts.say("register-menu-two", &[]),
        _ => texts.say("register-menu", &[]),
    };
    let lines = open.iter().enumerate().map(|(at, method)| format!("  {}  {}", at + 1, method_name(texts, *method)));
    let mut text: Vec<String> = std::iter::once(intro).chain(lines).collect();
    if desk.missing() < open.len() {
        text.push(texts.say("register-several", &[]));
    }
    text.join("\n")
}

/// What a method is called.
pub(super) fn method_name(texts: &Texts, method: Method) -> String {
    match method {
        Method::Email => texts.say("method-email", &[]),
        Method::Phone => texts.say("method-phone", &[]),
        Method::App => texts.say("method-app", &[]),
    }
}

/// The methods that a user typed, by number or by word, in the order of the menu.
fn chosen(typed: &str, open: &[Method]) -> Option<Vec<Method>> {
    if open.len() == 1 && matches!(typed, "y" | "yes") {
        return Some(open.to_vec());
    }
    let mut chosen = Vec::new();
    for word in typed.split(|c: char| c.is_whitespace() || ",;+&".contains(c)).filter(|word| !word.is_empty()) {
        let method = match (word, word.parse::<usize>()) {
            ("e" | "email" | "mail", _) => Method::Email,
            ("p" | "phone" | "sms", _) => Method::Phone,
            ("a" | "app", _) => Method::App,
            (_, Ok(number)) => *open.get(number.checked_sub(1)?)?,
            _ => return None,
        };
        chosen.push(method);
    }
    let wanted: Vec<Method> = open.iter().copied().filter(|method| chosen.contains(method)).collect();
    (!wanted.is_empty() && chosen.iter().all(|method| open.contains(method))).then_some(wanted)
}

/// What was begun before the connection dropped is gone on with first, if it was begun from the same place: what a user
/// else with the password began elsewhere is not to be taken for one's own.
async fn resumed(talk: &mut Talk, s: &Session, desk: &mut Desk, mandatory: bool) -> Result<Outcome, Stop> {
    let Some(challenge) = proof::open_challenge(s, None).await? else { return Ok(Outcome::GivenUp) };
    let open = open(s, desk);
    if challenge.method == Method::App.as_str() {
        // A picture leaves no room to say that it can't be put off: the menu says so, and leads to the same picture.
        if mandatory || !open.contains(&Method::App) || new_app::pending(s).await?.is_none() {
            return Ok(Outcome::GivenUp);
        }
        return contacts::register_one(talk, s, desk, Method::App).await;
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
    // What an administrator entered is not shown in full: it may be a stranger's.
    let entered = desk.contacts.iter().any(|known| !known.usable && known.contact == contact);
    let asking = if entered { Asking::Confirming(&contact) } else { Asking::Registering(&contact) };
    Ok(match code::ask(talk, s, challenge, text, asking).await? {
        Asked::Right => contacts::saved(s, desk.change(s, Change::Add(&contact)).await?),
        Asked::Other | Asked::Back => Outcome::GivenUp,
        Asked::Over(ending) => Outcome::NotPossible(ending.text),
    })
}
