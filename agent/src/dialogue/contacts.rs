//! Registers one method: a contact, with a code that is sent there, or an authenticator app.

use sspr_config::settings::Method;

use super::{
    Conversation, Stop, app,
    code::{self, Asking, Post},
    ending::{Asked, Outcome},
    enrollment::{Change, Enrollment},
};
use crate::{
    contact::{Contact, ContactFault, reading},
    contact_texts,
    methods::{Named, With},
    proof::To,
    session::Session,
};

/// Registers a contact or app of `method`: asks for it, has the user prove it, and saves it.
pub(super) async fn register_one(
    conversation: &mut Conversation,
    s: &Session,
    enrollment: &mut Enrollment,
    method: Method,
) -> Result<Outcome, Stop> {
    match Named::of(method).with {
        With::Contact(question, prompt) => {
            register_contact(conversation, s, enrollment, (method, question, prompt)).await
        }
        With::App => app::register(conversation, s, enrollment).await,
    }
}

/// A method with contacts, the question for one, and its prompt.
type Wanted = (Method, &'static str, &'static str);

/// Asks for a contact of the method, sends a code there, and registers the contact once the user has typed the code.
async fn register_contact(
    conversation: &mut Conversation,
    s: &Session,
    enrollment: &mut Enrollment,
    wanted: Wanted,
) -> Result<Outcome, Stop> {
    let mut said = String::new();
    let mut had_to_wait = false;
    loop {
        let Some(contact) = ask_contact(conversation, s, enrollment, wanted, &said).await? else {
            return Ok(if had_to_wait { Outcome::NotPossible(String::new()) } else { Outcome::GivenUp });
        };
        let (challenge, text) = match code::post(s, To::New(&contact), Some(&contact), wanted.0).await? {
            Post::Ask(challenge, text) => (challenge, text),
            Post::NotNow(text) => {
                had_to_wait = true;
                said = text;
                continue;
            }
            Post::Over(ending) => return Ok(Outcome::NotPossible(ending.text)),
        };
        match code::ask(conversation, s, *challenge, text, Asking::Registering(&contact)).await? {
            Asked::Right => {
                return Ok(Outcome::saved(s, enrollment.change(s, Change::Add(&contact)).await?));
            }
            Asked::Other => said.clear(),
            Asked::Back => return Ok(Outcome::GivenUp),
            Asked::Over(ending) => return Ok(Outcome::NotPossible(ending.text)),
        }
    }
}

async fn ask_contact(
    conversation: &mut Conversation,
    s: &Session,
    enrollment: &Enrollment,
    (method, intro, prompt): Wanted,
    said: &str,
) -> Result<Option<Contact>, Stop> {
    let intro = || s.say(intro);
    let mut text = if said.is_empty() { intro() } else { format!("{said}\n{}", intro()) };
    loop {
        let typed = conversation.line(text, s.say(prompt)).await?;
        if conversation.has_turned() {
            text = intro();
            continue;
        }
        if typed.is_empty() {
            return Ok(None);
        }
        let region = s.settings.phone.default_region.clone();
        let parsed = reading::read(move || Contact::parse(method, &typed, region.as_deref())).await;
        text = match parsed.unwrap_or(Err(ContactFault::NotANumber)) {
            Err(fault) => {
                conversation.misread()?;
                contact_texts::fault(&s.texts, fault)
            }
            Ok(Contact::Email(address)) if address.is_of(&s.settings.register.refuse_email_domains) => {
                s.say_with("email-refused-domain", &[("domain", address.domain().into())])
            }
            Ok(contact) if enrollment.usable().any(|known| known.contact == contact) => s.say("contact-known"),
            Ok(contact) => return Ok(Some(contact)),
        }
    }
}
