//! The menu of methods that are not registered yet, and what the user chooses there.

use sspr_config::settings::Method;

use super::super::{Conversation, Stop, enrollment::Enrollment, misread, named, terms::Terms, wording::method_name};
use crate::{methods::Named, session::Session, texts::Texts};

/// The methods that are not registered yet and would count.
pub(super) fn open(s: &Session, enrollment: &Enrollment) -> Vec<Method> {
    let have = enrollment.methods();
    s.settings.register.methods.iter().copied().filter(|m| !have.contains(m) && enrollment.has_room(*m)).collect()
}

pub(super) enum Choice {
    Methods(Vec<Method>),
    NotNow,
    /// The help desk gave out a code, for a user who can't register.
    HelpDesk,
}

/// Asks for the method, below the text `said`.
pub(super) async fn choose(
    conversation: &mut Conversation,
    s: &Session,
    enrollment: &Enrollment,
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
            several => ways(texts, several, enrollment),
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
        let typed = conversation.word(text, prompt()).await?;
        text = match typed.as_str() {
            "" | "n" | "no" | "not now" | "later" | "q" => {
                refusals += 1;
                if !mandatory || refusals > 1 {
                    return Ok(Choice::NotNow);
                }
                insisted()
            }
            "code" if mandatory => return Ok(Choice::HelpDesk),
            typed => match chosen(&s.texts, typed, open) {
                Some(methods) => return Ok(Choice::Methods(methods)),
                None if conversation.has_turned() && mandatory => insisted(),
                None => misread(conversation, s, menu())?,
            },
        }
    }
}

fn count<'a>(methods: &[Method]) -> crate::texts::Value<'a> {
    i64::try_from(methods.len()).unwrap_or_default().into()
}

fn only_way(texts: &Texts, method: Method) -> String {
    texts.say(Named::of(method).only, &[])
}

fn ways(texts: &Texts, open: &[Method], enrollment: &Enrollment) -> String {
    let intro = match (enrollment.missing(), enrollment.methods().len()) {
        (1, 1..) => texts.say("register-menu-more", &[]),
        (2.., _) => texts.say("register-menu-two", &[]),
        _ => texts.say("register-menu", &[]),
    };
    let lines = open.iter().enumerate().map(|(at, method)| format!("  {}  {}", at + 1, method_name(texts, *method)));
    let mut text: Vec<String> = std::iter::once(intro).chain(lines).collect();
    if enrollment.missing() < open.len() {
        text.push(texts.say("register-several", &[]));
    }
    text.join("\n")
}

/// The methods that the user typed, by number or by word, in the order of the menu.
fn chosen(texts: &Texts, typed: &str, open: &[Method]) -> Option<Vec<Method>> {
    if open.len() == 1 && matches!(typed, "y" | "yes") {
        return Some(open.to_vec());
    }
    if let Some(method) = named(texts, typed) {
        return open.contains(&method).then(|| vec![method]);
    }
    let mut chosen = Vec::new();
    for word in typed.split(|c: char| c.is_whitespace() || ",;+&".contains(c)).filter(|word| !word.is_empty()) {
        let method = match word.parse::<usize>() {
            Ok(number) => *open.get(number.checked_sub(1)?)?,
            Err(_) => named(texts, word)?,
        };
        chosen.push(method);
    }
    let wanted: Vec<Method> = open.iter().copied().filter(|method| chosen.contains(method)).collect();
    (!wanted.is_empty() && chosen.iter().all(|method| open.contains(method))).then_some(wanted)
}
