//! Proves the user's identity: the user chooses a way, and types the code.
//!
//! Up to a correct code, nothing here depends on whether the account exists: the questions, the texts and the work are
//! the same. `disclose = "masked"` is the one exception, and the administrator's choice.

use std::time::Duration;

use sspr_config::{
    dialogue::Purpose,
    settings::{Disclose, Method},
};
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::{
    Conversation, Stop, admission,
    code::{self, Asking, Post},
    ending::Asked,
    named,
    token::{self, Kind},
    with_help,
};
use crate::{
    contact::{Contact, reading},
    credential::Verdict,
    proof::{self, Means, To},
    session::Session,
    store::{Authenticators, Registrations},
    typed::{argument, word},
};

/// The ways to choose from.
#[allow(clippy::struct_excessive_bools, reason = "each is a circumstance of its own")]
struct Offer {
    /// The kinds of contacts that codes can go to.
    contacts: Vec<Method>,
    app: bool,
    recovery_codes: bool,
    helpdesk: bool,
    /// The account's own contacts, if the settings show them.
    listed: Vec<Contact>,
    /// Whether the purpose can't be put off.
    insisting: bool,
}

impl Offer {
    /// `methods` and the other ways that are enabled, without those that were proved already.
    fn new(s: &Session, methods: &[Method], proved: &[Means]) -> Self {
        let open = |means: Means| !proved.contains(&means);
        let registered = |method: Method| methods.contains(&method) && open(Means::By(method));
        Self {
            contacts: Method::CONTACTS.into_iter().filter(|method| registered(*method)).collect(),
            app: registered(Method::App),
            recovery_codes: s.settings.recover.recovery_codes && open(Means::RecoveryCode),
            helpdesk: open(Means::HelpDesk),
            listed: Vec::new(),
            insisting: false,
        }
    }

    /// The method that an invalid contact is treated as.
    fn any_contact(&self) -> Option<Method> {
        self.contacts.iter().copied().find(|method| *method == Method::Phone).or(self.contacts.first().copied())
    }

    /// The listed phone, if it is the only one.
    fn only_phone(&self) -> Option<&Contact> {
        let mut phones = self.listed.iter().filter(|contact| contact.method() == Method::Phone);
        phones.next().filter(|_| phones.next().is_none())
    }

    /// Whether a recovery code or one from the help desk is a way.
    const fn takes_codes(&self) -> bool {
        self.recovery_codes || self.helpdesk
    }

    fn menu(&self, s: &Session) -> String {
        let mut lines = vec![s.say("recover-menu")];
        for (number, contact) in (1i64..).zip(&self.listed) {
            let masked = contact.masked();
            let values = [("n", number.into()), ("contact", masked.as_str().into())];
            lines.push(s.say_with("recover-menu-listed", &values));
        }
        if self.listed.is_empty() && self.contacts.contains(&Method::Email) {
            lines.push(s.say("recover-menu-email"));
        }
        if self.app {
            lines.push(s.say("recover-menu-app"));
        }
        match (self.recovery_codes, self.helpdesk) {
            (true, true) => lines.push(s.say("recover-menu-codes")),
            (true, false) => lines.push(s.say("recover-menu-recovery-code")),
            (false, true) => lines.push(s.say("recover-menu-helpdesk-code")),
            (false, false) => {}
        }
        match self.contacts.as_slice() {
            _ if !self.listed.is_empty() => {}
            [] => {}
            [Method::Email] => lines.push(s.say("recover-menu-address")),
            [Method::Phone] => lines.push(s.say("recover-menu-number")),
            _ => lines.push(s.say("recover-menu-contact")),
        }
        lines.join("\n")
    }
}

/// The way that the user chose.
enum Chosen {
    /// The registered mailbox.
    Email,
    /// A contact that was picked from the list.
    Listed(Contact),
    /// A contact that was typed in full, or any other text.
    Typed(Method, Option<Contact>, Zeroizing<Vec<u8>>),
    /// A code that the user already has.
    Token(Kind),
}

/// Proves the identity by one means that is not among `proved`. A code that was sent before the connection dropped is
/// still valid.
pub(super) async fn prove(conversation: &mut Conversation, s: &Session, proved: &[Means]) -> Result<Asked, Stop> {
    prove_by(conversation, s, &s.settings.register.methods, proved, false).await
}

/// The same by one of `methods`, or by a code that the user already has. If `insisting`, the first question says that
/// the purpose can't be put off. A separate question before it, answered by Enter, would look to programs like this
/// one, where Enter means "no".
pub(super) async fn prove_by(
    conversation: &mut Conversation,
    s: &Session,
    methods: &[Method],
    proved: &[Means],
    insisting: bool,
) -> Result<Asked, Stop> {
    let mut offer = Offer { insisting: insisting && proved.is_empty(), ..Offer::new(s, methods, proved) };
    // Futures that the menu does not wait for are boxed: most open dialogues are at the menu.
    if let Some(challenge) = Box::pin(proof::sent_by(s, &offer.contacts)).await? {
        let text = if proof::to_typed_contact(s, &challenge) {
            s.say("code-resumed-contact")
        } else {
            s.say("code-resumed-email")
        };
        let text =
            if offer.insisting { format!("{}\n{text}", with_help(s, s.say("register-mandatory"))) } else { text };
        let resumed = Asking::Resumed { or_token: offer.takes_codes() };
        match Box::pin(code::ask(conversation, s, challenge, text, resumed)).await? {
            Asked::Other => {}
            asked => return Ok(asked),
        }
    }
    if s.settings.recover.disclose == Disclose::Masked {
        Box::pin(disclose(s, &mut offer)).await?;
    }
    let mut text = match proved {
        [] if insisting => s.say("register-mandatory"),
        [] => String::new(),
        _ => s.say("one-more-proof"),
    };
    loop {
        let Some(chosen) = choose(conversation, s, &offer, &text).await? else { return Ok(Asked::Back) };
        let (to, method) = match &chosen {
            Chosen::Email => (To::Registered(Method::Email, None), Method::Email),
            // No caller can make the system send a text to a number that they don't know.
            Chosen::Typed(method, contact, typed) => (To::Typed(*method, contact.as_ref(), typed), *method),
            Chosen::Listed(contact) => (To::Registered(contact.method(), Some(contact)), contact.method()),
            Chosen::Token(kind) => match Box::pin(token::ask(conversation, s, *kind)).await? {
                Asked::Other => {
                    text.clear();
                    continue;
                }
                asked => return Ok(asked),
            },
        };
        match Box::pin(code::post(s, to, None, method)).await? {
            Post::Ask(challenge, said) => {
                let fresh = Asking::Fresh { to, or_token: offer.takes_codes() };
                match Box::pin(code::ask(conversation, s, *challenge, said, fresh)).await? {
                    Asked::Other => text.clear(),
                    asked => return Ok(asked),
                }
            }
            Post::NotNow(said) => text = said,
            Post::Over(ending) => return Ok(Asked::Over(ending)),
        }
    }
}

/// Adds the account's contacts to the offer, if the account may recover and has any. Otherwise the offer is the same as
/// without disclosure.
async fn disclose(s: &Session, offer: &mut Offer) -> Result<(), Stop> {
    let name = s.name();
    // A directory is not asked before a proof.
    let far = s.targets.is_far(name);
    let looked = if far { None } else { Some(s.targets.account(name).await) };
    let state = match looked.transpose() {
        Ok(state) => state,
        Err(error) => {
            // The same as for an account without contacts: the helper may fail only for accounts that exist.
            tracing::error!(%error, "what is registered is not shown");
            return Ok(());
        }
    };
    let mut tx = s.begin_to_read().await?;
    let registration = Registrations::get(&mut tx, &s.keys, name).await?;
    let app = Authenticators::exists(&mut tx, name).await?;
    let waits = proof::waits(&mut tx, s).await?;
    tx.commit().await?;
    let theirs = |id| state.is_none_or(|state| id == state.id && state.verdict == Verdict::Eligible);
    let Some(registration) = registration.filter(|r| theirs(r.id)) else {
        return Ok(());
    };
    offer.listed = registration
        .contacts
        .into_iter()
        .filter(|registered| !waits || registered.source.is_some())
        .filter(|registered| registered.usable && offer.contacts.contains(&registered.contact.method()))
        .map(|registered| registered.contact)
        .collect();
    if !offer.listed.is_empty() {
        offer.app &= app && !waits;
    }
    Ok(())
}

/// The time that reading a contact takes, for every contact.
const CONTACT_TIME: Duration = Duration::from_millis(150);

/// The shortest answer that counts as a contact typed in full, in bytes.
const CONTACT_MIN: usize = 6;

/// Asks for the way; `None` to go back. The question always shows what is typed: sshd's `password` method can't answer
/// it, and so can't be led into a dialogue.
///
/// Over sshd, only the length of an answer decides what is shown next, as for a code; whether the answer is a valid
/// contact has no visible effect anywhere.
async fn choose(
    conversation: &mut Conversation,
    s: &Session,
    offer: &Offer,
    text: &str,
) -> Result<Option<Chosen>, Stop> {
    let menu = || match s.purpose() {
        Purpose::Enroll => with_help(s, format!("{}\n{}", offer.menu(s), s.say("enroll-lost"))),
        _ => offer.menu(s),
    };
    let mut text = if text.is_empty() { menu() } else { format!("{text}\n{}", menu()) };
    loop {
        let prompt = if conversation.wants_a_word() { "recover-menu-prompt-mandatory" } else { "recover-menu-prompt" };
        let typed = admission::heard(conversation, s, text.as_str(), s.say(prompt)).await?;
        if conversation.has_turned() {
            text = menu();
            if offer.insisting {
                text = format!("{}\n{text}", s.say("register-mandatory"));
            }
            continue;
        }
        // sshd knows a user whose contacts are shown, so the answer arrives unchanged.
        if let Some(contact) = listed(offer, &typed) {
            return Ok(Some(Chosen::Listed(contact)));
        }
        let by_length = s.attempt.by_length();
        let meant =
            if by_length { Zeroizing::default() } else { Zeroizing::new(word(&String::from_utf8_lossy(&typed))) };
        let is = |word: &str| if by_length { typed.len() == word.len() } else { meant.as_str() == word };
        if typed.is_empty() || !by_length && meant.is_empty() {
            return Ok(None);
        }
        // Of a word, sshd passes on only the length, which a program's input may have as well: nothing is sent for that.
        let named = if by_length { None } else { named(&s.texts, &meant) };
        if (is("e") || named == Some(Method::Email)) && offer.contacts.contains(&Method::Email) {
            return Ok(Some(Chosen::Email));
        }
        if (is("app") || named == Some(Method::App)) && offer.app {
            return Ok(Some(Chosen::Token(Kind::App)));
        }
        if is("code") && offer.takes_codes() {
            return Ok(Some(Chosen::Token(Kind::Code)));
        }
        let names_phone = named == Some(Method::Phone) && offer.contacts.contains(&Method::Phone);
        if let Some(phone) = offer.only_phone().filter(|_| names_phone) {
            return Ok(Some(Chosen::Listed(phone.clone())));
        }
        let may_be_contact = if by_length { typed.len() >= CONTACT_MIN } else { may_be_contact(&meant) };
        if let Some(any) = offer.any_contact().filter(|_| may_be_contact) {
            // The time to read it depends on what was typed, and sshd passes that on only for names that it knows.
            let answered = Instant::now() + CONTACT_TIME;
            let read = contact(s, offer, any, typed).await;
            s.clock.until(answered).await;
            return Ok(Some(read));
        }
        conversation.misread()?;
        let again = if names_phone { s.say("choose-number") } else { s.say("choose-again") };
        text = format!("{again}\n{}", menu());
    }
}

/// Whether this is meant as an address or a number, and not as a word.
fn may_be_contact(meant: &str) -> bool {
    meant.len() >= CONTACT_MIN && meant.contains(|c: char| c == '@' || c.is_numeric())
}

/// The contact at the list number that was typed.
fn listed(offer: &Offer, typed: &[u8]) -> Option<Contact> {
    let number: usize = argument(std::str::from_utf8(typed).ok()?).parse().ok()?;
    offer.listed.get(number.checked_sub(1)?).cloned()
}

async fn contact(s: &Session, offer: &Offer, any: Method, typed: Zeroizing<Vec<u8>>) -> Chosen {
    let text = Zeroizing::new(String::from_utf8_lossy(&typed).into_owned());
    let region = s.settings.phone.default_region.clone();
    let contact = reading::read(move || Contact::parse(Contact::looks_like(&text), &text, region.as_deref()).ok());
    match contact.await.flatten() {
        Some(contact) if offer.contacts.contains(&contact.method()) => {
            Chosen::Typed(contact.method(), Some(contact), typed)
        }
        _ => Chosen::Typed(any, None, typed),
    }
}
