//! `sspr admin verify`: verifies that a caller on the phone has a registered contact of an account.

use std::{
    io::{self, BufRead, IsTerminal as _, Read as _, Write as _},
    process::ExitCode,
};

use clap::{
    Args,
    builder::{PossibleValue, PossibleValuesParser},
};
use sspr_config::settings::Method;
use sspr_core::plain::plain;
use sspr_protocol::helpdesk::{Verified, Verify, VerifyAnswer, VerifySent};
use zeroize::Zeroizing;

use crate::{client::Client, failure::Failure, out};

use super::account::account;

/// The longest line that is read as a code.
const LINE_MAX: u64 = 1024;

/// The ways to send a code.
fn ways() -> [PossibleValue; Method::CONTACTS.len()] {
    Method::DESK.map(|method| {
        let help = match method {
            Method::Email => "A mail",
            _ => "A text message",
        };
        PossibleValue::new(method.as_str()).help(help)
    })
}

/// Verify a caller: send a code to a registered contact, and type what the caller reads out.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    /// The account that the caller claims to own
    #[arg(value_parser = account)]
    user: String,
    /// Send the code this way [default: phone if one is registered, otherwise email]
    #[arg(long, value_parser = PossibleValuesParser::new(ways()))]
    by: Option<String>,
    /// Check the code on standard input against the one that --json sent with this handle; send none
    #[arg(long, value_name = "HANDLE", conflicts_with = "by")]
    answer: Option<String>,
    /// Print JSON, and ask for nothing
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub async fn run(client: &Client, arguments: Arguments) -> Result<ExitCode, Failure> {
    let Arguments { user, by, answer, json } = arguments;
    if let Some(handle) = answer {
        let code = line(&mut io::stdin().lock())?;
        let verified = answered(client, &user, &handle, code).await?;
        if json {
            out::json(&verified)?;
        } else {
            out::print(&told(&user, &verified))?;
        }
        return Ok(ExitCode::from(u8::from(!verified.matched)));
    }
    let sent: VerifySent = client.call("Verify", &Verify { user: user.clone(), method: by }).await?;
    if json {
        out::json(&sent)?;
        return Ok(ExitCode::SUCCESS);
    }
    out::print(&format!(
        "A code is on its way to {} by {}. It is valid for {}.\nAsk the caller to read it out. It can't be used for a reset.",
        plain(&sent.to),
        plain(&sent.method),
        out::wait(sent.lifetime)
    ))?;
    asked(client, &user, &sent.handle).await
}

/// Asks for the code as many times as it can be tried.
async fn asked(client: &Client, user: &str, handle: &str) -> Result<ExitCode, Failure> {
    loop {
        if io::stdin().is_terminal() {
            let mut err = io::stderr().lock();
            write!(err, "Code (Enter to give up): ")?;
            err.flush()?;
        }
        let code = line(&mut io::stdin().lock())?;
        if code.is_empty() {
            return Err(Failure::Refused("not verified; the code was not typed".into()));
        }
        let verified = match answered(client, user, handle, code).await {
            // A typo, which was not counted.
            Err(Failure::Refused(why)) if io::stdin().is_terminal() => {
                out::print(&plain(&why))?;
                continue;
            }
            other => other?,
        };
        out::print(&told(user, &verified))?;
        if verified.matched || verified.left == 0 {
            return Ok(ExitCode::from(u8::from(!verified.matched)));
        }
    }
}

async fn answered(client: &Client, user: &str, handle: &str, code: Zeroizing<String>) -> Result<Verified, Failure> {
    client.call("VerifyAnswer", &VerifyAnswer { user: user.to_owned(), handle: handle.to_owned(), code }).await
}

fn line(input: &mut impl BufRead) -> Result<Zeroizing<String>, Failure> {
    let mut text = Zeroizing::new(String::new());
    input.take(LINE_MAX).read_line(&mut text)?;
    Ok(Zeroizing::new(text.trim().to_owned()))
}

fn told(user: &str, verified: &Verified) -> String {
    let user = plain(user);
    match (verified.matched, &verified.why) {
        (true, _) => format!("It matches: the caller has what is registered for {user}."),
        (false, Some(why)) => format!("It does not match: {}.", plain(why)),
        (false, None) => {
            format!("It does not match. {} left.", out::number(verified.left, "more try is", "more tries are"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whether_it_matched_is_said_in_so_many_words() {
        let verified = |matched, left, why: Option<&str>| Verified { matched, left, why: why.map(Into::into) };
        assert_eq!(told("bob", &verified(true, 0, None)), "It matches: the caller has what is registered for bob.");
        assert_eq!(told("bob", &verified(false, 1, None)), "It does not match. 1 more try is left.");
        assert_eq!(told("bob", &verified(false, 3, None)), "It does not match. 3 more tries are left.");
        assert_eq!(told("bob", &verified(false, 0, Some("too late"))), "It does not match: too late.");
    }

    #[test]
    fn a_line_is_read_and_no_more_than_one() {
        assert_eq!(line(&mut &b" 123 456 \nrest"[..]).unwrap().as_str(), "123 456");
        assert_eq!(line(&mut &b""[..]).unwrap().as_str(), "");
        assert!(line(&mut "9".repeat(5000).as_bytes()).unwrap().len() <= 1024);
    }
}
