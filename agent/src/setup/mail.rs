//! A mail that must arrive: its code is typed by whoever sets the service up. A process of the agent's user sends it, with the
//! agent's own settings and password.

use std::{io::Read as _, path::Path, process::Stdio, time::SystemTime};

use sspr_config::settings;
use tokio::io::AsyncWriteExt as _;
use zeroize::Zeroizing;

use super::ask::Person;
use crate::{
    command::{Failure, networked, table::plain_lines},
    contact::EmailAddress,
    delivery::{Content, Deliveries, Message},
    random::{self, SystemRandom},
    reload::host_name,
};

/// Sends test mails until one has arrived or the person lets it be.
pub async fn try_out(person: &mut dyn Person, config: &Path) -> Result<(), Failure> {
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
        if let Err(why) = as_the_agent(config, &address, &code).await {
            person.hear(&format!("  It could not be sent: {why}"));
            continue;
        }
        person.hear("  Sent. It may take a minute.");
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

async fn as_the_agent(config: &Path, address: &str, code: &str) -> Result<(), String> {
    let mut child = networked::command()?
        .args(["setup", "--send-test-mail", address, "--config"])
        .arg(config)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| e.to_string())?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(code.as_bytes()).await.map_err(|e| e.to_string())?;
    }
    let output = child.wait_with_output().await.map_err(|e| e.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    Err(complaint(&output.stderr))
}

/// What that process complained of, which may have the words of a stranger's server in it.
fn complaint(words: &[u8]) -> String {
    plain_lines(String::from_utf8_lossy(words).trim().trim_start_matches("sspr: "))
}

/// What that process does: sends the code that it reads from standard input.
pub async fn send(config: &Path, address: &str) -> Result<(), Failure> {
    networked::hide()?;
    let refused = |why: String| Failure::Refused(why);
    let settings = settings::load(config).map_err(|e| refused(e.to_string()))?;
    let host = host_name(&settings);
    let deliveries = Deliveries::from_settings(&settings, &host).map_err(|e| refused(e.to_string()))?;
    let mut code = Zeroizing::new(String::new());
    std::io::stdin().lock().take(64).read_to_string(&mut code)?;
    let to = EmailAddress::parse(address).map_err(|_| refused("that is not a mail address".into()))?;
    let text = format!(
        "{} is the code that sspr setup on {host} asks for.\n\nThis mail shows that codes for password reset arrive. \
         If you did not run\nsspr setup, somebody typed your address by mistake; nothing needs to be done.\n",
        code.as_str()
    );
    let message = Message {
        id: "setup".into(),
        at: SystemTime::now(),
        code: None,
        content: Content::Mail {
            to,
            subject: format!("Test mail of password reset on {host}"),
            text: Zeroizing::new(text),
            html: None,
        },
    };
    deliveries.deliver(&message).await.map(drop).map_err(|e| refused(e.to_string()))
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

    #[test]
    fn a_server_s_refusal_reaches_the_terminal_without_what_it_would_obey() {
        let said = complaint(b"sspr: the server said: 550 \x1b]52;c;cm0gLXJm\x07 no\n");
        assert_eq!(said, "the server said: 550 \u{fffd}]52;c;cm0gLXJm\u{fffd} no");
    }
}
