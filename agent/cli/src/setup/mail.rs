//! A test mail: the administrator types the code in it. The agent sends it, by the settings in effect.

use sspr_config::settings::Method;
use sspr_core::{cause, code, contact::EmailAddress, typed};
use sspr_protocol::admin::{Test, Tested};
use zeroize::Zeroizing;

use super::{ask::Person, questions};
use crate::{client::Client, failure::Failure};

/// The digits of a code in a test mail.
const DIGITS: u8 = 6;

/// The outcome of the test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tried {
    /// A mail arrived, or the administrator skipped the test.
    Enough,
    /// The server refused the sender, and the administrator gave another one.
    AnotherSender(String),
    /// The administrator wants another server, or another user name or password.
    AnotherServer,
}

/// The word that leads back to the questions about the mail server.
const SERVER: &str = "server";

/// Sends test mails until one arrives or the administrator skips the test.
pub async fn try_out(person: &mut dyn Person, bus: &str) -> Result<Tried, Failure> {
    person.hear("\nA test mail shows whether codes will arrive.");
    let mut failed = false;
    loop {
        let prompt = if failed {
            "Your address (server: other settings, Enter to skip): "
        } else {
            "Your address (Enter to skip): "
        };
        let address = person.line(prompt)?;
        if address.is_empty() {
            return Ok(Tried::Enough);
        }
        if failed && typed::word(&address) == SERVER {
            return Ok(Tried::AnotherServer);
        }
        if EmailAddress::parse(&address).is_err() {
            person.hear("  That is not a mail address.");
            continue;
        }
        let digits = code::random(DIGITS, getrandom::fill).map_err(|e| Failure::Refused(e.to_string()))?;
        let tested = by_the_agent(bus, &address, digits.clone()).await;
        match sent(person, tested)? {
            Sent::No => {
                failed = true;
                continue;
            }
            Sent::Sender(from) => return Ok(Tried::AnotherSender(from)),
            Sent::Yes => {}
        }
        loop {
            let line = person.line("The code in it (new: another mail, Enter to skip): ")?;
            match typed::word(&line).as_str() {
                "" => return Ok(Tried::Enough),
                // It was accepted and did not arrive: another server may be the cause, too.
                "new" => {
                    failed = true;
                    break;
                }
                word if code::tidy(word, DIGITS).is_some_and(|typed| typed == digits) => {
                    person.hear("  Correct: codes arrive.");
                    return Ok(Tried::Enough);
                }
                _ => person.hear("  That is not the code in the mail."),
            }
        }
    }
}

/// The result of a test mail.
#[derive(Debug, PartialEq, Eq)]
enum Sent {
    /// It is under way, or may be.
    Yes,
    No,
    /// The server refused its sender; this is another one.
    Sender(String),
}

/// Shows the result of a test mail, and what to do if it was not sent.
fn sent(person: &mut dyn Person, tested: Result<Tested, Failure>) -> Result<Sent, Failure> {
    let said = match tested {
        Ok(tested) if tested.accepted => {
            person.hear("  Sent. It may take a minute.");
            return Ok(Sent::Yes);
        }
        Ok(tested) if tested.unsure => {
            person.hear(&format!("  It may have been sent: {}", tested.said));
            return Ok(Sent::Yes);
        }
        Ok(tested) => tested.said,
        Err(failure) => failure.to_string(),
    };
    person.hear(&format!("  It was not sent: {said}"));
    if let Some(fix) = cause::fix(&said) {
        person.hear(&format!("  What to do: {fix}"));
    }
    if !cause::is_about_the_sender(&said) {
        return Ok(Sent::No);
    }
    loop {
        let line = person.line("Another sender (Enter to keep it): ")?;
        if line.is_empty() {
            return Ok(Sent::No);
        }
        match questions::sender(&line, true) {
            Ok(from) => return Ok(Sent::Sender(from)),
            Err(why) => person.hear(&format!("  {why}")),
        }
    }
}

async fn by_the_agent(bus: &str, address: &str, code: Zeroizing<String>) -> Result<Tested, Failure> {
    let test = Test { method: Method::Email.as_str().into(), to: address.into(), code: Some(code) };
    Client::connect(bus).await?.call("Test", &test).await
}

#[cfg(test)]
mod tests {
    use super::{super::ask::tests::Script, *};

    #[allow(clippy::unnecessary_wraps, reason = "as the agent answers")]
    fn tested(accepted: bool, unsure: bool, said: &str) -> Result<Tested, Failure> {
        let (gateway, to) = ("smtp".into(), "a@example.org".into());
        Ok(Tested { accepted, unsure, gateway, said: said.into(), to })
    }

    #[tokio::test]
    async fn after_a_mail_that_did_not_go_the_word_server_leads_back_to_the_questions_about_it() {
        // No bus: nothing can be sent.
        let bus = "unix:path=/nonexistent/bus";
        let mut person = Script::of(&["server", "admin@example.org", "Server"]);
        assert_eq!(try_out(&mut person, bus).await.unwrap(), Tried::AnotherServer);
        let (before, after) = person.seen.split_once("It was not sent").unwrap();
        assert!(before.contains("That is not a mail address") && !before.contains("server:"), "{before}");
        assert!(after.contains("(server: other settings, Enter to skip)"), "{after}");
    }

    #[test]
    fn a_mail_that_did_not_go_is_told_with_what_to_do_and_a_refused_sender_can_be_changed_at_once() {
        let mut person = Script::of(&[]);
        let refused = "smtp: mail:587 refused the user name or the password (535)";
        assert_eq!(sent(&mut person, tested(false, false, refused)).unwrap(), Sent::No);
        assert!(person.seen.contains("It was not sent") && person.seen.contains("password_file"), "{}", person.seen);

        let mut person = Script::of(&["no-reply@debian", "no-reply@example.org\u{200b}"]);
        let refused = "smtp: mail:587 wants a full domain in the sender, [email] from (504)";
        assert_eq!(
            sent(&mut person, tested(false, false, refused)).unwrap(),
            Sent::Sender("no-reply@example.org".into())
        );
        assert!(person.seen.contains("has no full domain"), "{}", person.seen);

        let mut person = Script::of(&[""]);
        assert_eq!(sent(&mut person, tested(false, false, refused)).unwrap(), Sent::No);

        let mut person = Script::of(&[]);
        let unsure = "smtp: mail:587: it has the mail and did not say what becomes of it: it may have been sent";
        assert_eq!(sent(&mut person, tested(false, true, unsure)).unwrap(), Sent::Yes);
        assert!(person.seen.contains("It may have been sent"), "{}", person.seen);
        assert_eq!(sent(&mut person, tested(true, false, "")).unwrap(), Sent::Yes);
    }
}
