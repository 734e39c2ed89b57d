//! A mail that must arrive: its code is typed by whoever sets the service up. The agent sends it, by the settings that count.

use sspr_config::settings::Method;
use zeroize::Zeroizing;

use super::ask::Person;
use crate::{
    admin::wire::{Test, Tested},
    command::{Failure, client::Client},
    contact::EmailAddress,
    random::{self, SystemRandom},
};

/// Sends test mails until one has arrived or the person lets it be.
pub async fn try_out(person: &mut dyn Person, bus: &str) -> Result<(), Failure> {
    person.hear("\nA test mail shows whether codes will arrive.");
    loop {
        let address = person.line("Your address (Enter to skip): ")?;
        if address.is_empty() {
            return Ok(());
        }
        if EmailAddress::parse(&address).is_err() {
            person.hear("  That is not a mail address.");
            continue;
        }
        let code = random::code(&SystemRandom, 6).map_err(|e| Failure::Refused(e.to_string()))?;
        match by_the_agent(bus, &address, code.clone()).await {
            Ok(Tested { accepted: true, .. }) => person.hear("  Sent. It may take a minute."),
            Ok(tested @ Tested { unsure: true, .. }) => {
                person.hear(&format!("  The server is slow, and the mail may still arrive: {}", tested.said));
            }
            Ok(tested) => {
                person.hear(&format!("  It could not be sent: {}", tested.said));
                continue;
            }
            Err(why) => {
                person.hear(&format!("  It could not be sent: {why}"));
                continue;
            }
        }
        loop {
            let typed = person.line("The code in it (new: another mail, Enter to skip): ")?;
            match typed.as_str() {
                "" => return Ok(()),
                "new" => break,
                typed if digits(typed) == code.as_str() => {
                    person.hear("  Right: codes arrive.");
                    return Ok(());
                }
                _ => person.hear("  That is not the code in the mail."),
            }
        }
    }
}

/// What was typed without spaces and dashes, which some put between digits.
fn digits(typed: &str) -> String {
    typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect()
}

async fn by_the_agent(bus: &str, address: &str, code: Zeroizing<String>) -> Result<Tested, Failure> {
    let test = Test { method: Method::Email.as_str().into(), to: address.into(), code: Some(code) };
    Client::connect(bus).await?.call("Test", &test).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_may_be_typed_in_groups() {
        assert_eq!(
            (digits("123 456"), digits("12-34-56"), digits("12345x")),
            ("123456".into(), "123456".into(), "12345x".into())
        );
    }
}
