//! `sspr enroll`: a menu to add and remove contacts and the app, and to prefer one contact to another.

use sspr_config::{
    dialogue::{Purpose, Standing},
    settings::Method,
};

use super::{
    Conversation, Ending, Stop, codes, contacts,
    ending::Outcome,
    enrollment::{Change, Enrollment},
    misread, named,
    owner::{self, Errand},
};
use crate::{
    audit::Event,
    contact::Contact,
    methods::{self, Named},
    session::Session,
    store::registrations::Registered,
};

pub(super) async fn enroll(conversation: &mut Conversation, s: &Session) -> Result<Ending, Stop> {
    let mut enrollment = match owner::open_enrollment(conversation, s, Errand::Any).await? {
        Ok(enrollment) => enrollment,
        Err(ending) => return Ok(ending),
    };
    // Through a host of the fleet, the name is known to be somebody's from here on.
    let s = &s.vouched();
    let missing = enrollment.missing();
    let edited = edit(conversation, s, &mut enrollment).await?;
    if missing > 0 && enrollment.missing() == 0 {
        s.record(Event::Completed, "");
    }
    // Also for a user who changed nothing, if a greeter could not show them.
    let wanted = edited == Edited::Something || codes::wait(s).await?;
    let codes = if wanted { codes::first(s, &enrollment).await? } else { None };
    if let Some(codes) = codes {
        conversation
            .wait(|| match edited {
                Edited::Nothing => codes.text(&s.texts),
                Edited::Something => format!("{}\n\n{}", done(s, &enrollment), codes.text(&s.texts)),
            })
            .await?;
        codes.seen(s).await?;
        return Ok(Ending::finished());
    }
    Ok(match edited {
        Edited::Nothing => Ending::refused(s.say("enroll-unchanged")),
        Edited::Something => Ending::new(Standing::Finished, done(s, &enrollment)),
    })
}

/// The outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edited {
    /// Nothing was changed.
    Nothing,
    /// A change was saved.
    Something,
}

/// The text after a change.
pub(super) fn done(s: &Session, enrollment: &Enrollment) -> String {
    s.say(if enrollment.missing() == 0 { "registered" } else { "status-too-few" })
}

/// An item of the menu.
enum Item<'a> {
    Contact(&'a Registered),
    App,
    Add(Method),
}

/// Lets the user change the registration until they are done.
pub(super) async fn edit(
    conversation: &mut Conversation,
    s: &Session,
    enrollment: &mut Enrollment,
) -> Result<Edited, Stop> {
    let registering = s.for_purpose(Purpose::Register);
    let (mut said, mut changed) = (String::new(), false);
    loop {
        let items = items(s, enrollment);
        let typed = conversation.word(menu(s, enrollment, &items, &said), s.say("enroll-menu-prompt")).await?;
        let chosen = match typed.as_str() {
            "" | "q" | "done" => {
                return Ok(if changed { Edited::Something } else { Edited::Nothing });
            }
            typed => match named(&s.texts, typed) {
                Some(wanted) => items.iter().find(|item| matches!(item, Item::Add(method) if *method == wanted)),
                None => typed.parse::<usize>().ok().and_then(|n| n.checked_sub(1)).and_then(|n| items.get(n)),
            },
        };
        let outcome = match chosen {
            None => {
                said = if conversation.has_turned() {
                    String::new()
                } else {
                    conversation.misread()?;
                    s.say("choose-again")
                };
                continue;
            }
            Some(Item::Add(method)) => {
                let method = *method;
                contacts::register_one(conversation, &registering, enrollment, method).await?
            }
            Some(Item::Contact(registered)) => {
                let registered = (*registered).clone();
                change_contact(conversation, s, enrollment, &registered).await?
            }
            Some(Item::App) => change_app(conversation, s, enrollment).await?,
        };
        said = match outcome {
            Outcome::Saved => {
                changed = true;
                s.say("enroll-saved")
            }
            Outcome::GivenUp => String::new(),
            Outcome::NotPossible(text) => text,
        };
    }
}

fn items<'a>(s: &Session, enrollment: &'a Enrollment) -> Vec<Item<'a>> {
    let registered = enrollment.contacts.iter().map(Item::Contact).chain(enrollment.app.map(|_| Item::App));
    let room = s.settings.register.methods.iter().copied().filter(|method| enrollment.has_room(*method));
    registered.chain(room.map(Item::Add)).collect()
}

fn menu(s: &Session, enrollment: &Enrollment, items: &[Item<'_>], said: &str) -> String {
    let mut lines = Vec::new();
    if !said.is_empty() {
        lines.push(said.to_owned());
    }
    lines.push(match enrollment.missing() {
        0 => s.say("enroll-menu"),
        _ if enrollment.methods().is_empty() => s.say("enroll-menu-nothing"),
        _ => s.say("enroll-menu-missing"),
    });
    for (at, item) in items.iter().enumerate() {
        let what = match item {
            Item::Contact(registered) => marked(s, enrollment, registered),
            Item::App => s.say(Named::of(Method::App).line),
            Item::Add(method) => s.say(Named::of(*method).add),
        };
        lines.push(format!("  {}  {what}", at + 1));
    }
    lines.join("\n")
}

/// A masked contact, with remarks about it.
fn marked(s: &Session, enrollment: &Enrollment, registered: &Registered) -> String {
    let method = registered.contact.method();
    let several = enrollment.usable().filter(|c| c.contact.method() == method).count() > 1;
    let line = line(s, &registered.contact);
    match registered {
        Registered { usable: false, .. } => format!("{line}  {}", s.say("mark-unconfirmed")),
        Registered { preferred: true, .. } if several => format!("{line}  {}", s.say("mark-preferred")),
        _ => line,
    }
}

/// A masked contact.
pub(super) fn line(s: &Session, contact: &Contact) -> String {
    methods::with_contact(&s.texts, Named::of(contact.method()).line, Some(&contact.masked()))
}

/// A line for each registered item.
pub(super) fn list(s: &Session, enrollment: &Enrollment) -> Vec<String> {
    let contacts = enrollment.contacts.iter().map(|registered| marked(s, enrollment, registered));
    contacts.chain(enrollment.app.map(|_| s.say(Named::of(Method::App).line))).map(|line| format!("  {line}")).collect()
}

async fn change_contact(
    conversation: &mut Conversation,
    s: &Session,
    enrollment: &mut Enrollment,
    registered: &Registered,
) -> Result<Outcome, Stop> {
    let can_prefer = registered.usable && !registered.preferred;
    let question = || {
        let question = format!("{}\n  1  {}", marked(s, enrollment, registered), s.say("enroll-remove"));
        if can_prefer { format!("{question}\n  2  {}", s.say("enroll-prefer")) } else { question }
    };
    let prompt = || s.say_with("enroll-change-prompt", &[("n", if can_prefer { 2 } else { 1 }.into())]);
    let mut text = question();
    let change = loop {
        break match conversation.word(text, prompt()).await?.as_str() {
            "" => return Ok(Outcome::GivenUp),
            "1" if registered.usable && enrollment.is_last(registered.contact.method()) => {
                return Ok(Outcome::NotPossible(s.say("enroll-last")));
            }
            "1" => Change::Remove(registered),
            "2" if can_prefer => Change::Prefer(registered),
            _ => {
                text = misread(conversation, s, question())?;
                continue;
            }
        };
    };
    Ok(Outcome::saved(s, enrollment.change(s, change).await?))
}

async fn change_app(
    conversation: &mut Conversation,
    s: &Session,
    enrollment: &mut Enrollment,
) -> Result<Outcome, Stop> {
    let question = || format!("{}\n  1  {}", s.say(Named::of(Method::App).line), s.say("enroll-remove"));
    let mut text = question();
    loop {
        match conversation.word(text, s.say_with("enroll-change-prompt", &[("n", 1.into())])).await?.as_str() {
            "" => return Ok(Outcome::GivenUp),
            "1" if enrollment.is_last(Method::App) => return Ok(Outcome::NotPossible(s.say("enroll-last"))),
            "1" => {
                return Ok(Outcome::saved(s, enrollment.change(s, Change::RemoveApp).await?));
            }
            _ => text = misread(conversation, s, question())?,
        }
    }
}
