//! `sspr admin test-email` and `test-phone`.

use std::process::ExitCode;

use sspr_core::{cause, plain::plain};
use sspr_protocol::admin::{Test, Tested};

use crate::{client::Client, failure::Failure, out};

/// The gateway that sends nothing.
const SPOOL: &str = "spool";

/// The result for a message that the gateway accepted. If the gateway sends nothing, the text says so, so that nobody
/// waits for the message.
fn accepted(method: &str, to: &str, gateway: &str, said: &str) -> String {
    if gateway == SPOOL {
        return format!(
            "Nothing was sent: [{method}] gateway = \"spool\" writes messages to files.\nThis one is {said}\n\
             in /var/lib/sspr/spool, or where [spool] directory says.\nTo have messages sent, run: sspr setup"
        );
    }
    let reference = if said.is_empty() { String::new() } else { format!(" as {said}") };
    format!("Sent to {to}: the gateway ({gateway}) accepted it{reference}. Check that it arrives.")
}

/// Sends a test message and shows the gateway's answer.
pub async fn test(client: &Client, test: Test, json: bool) -> Result<ExitCode, Failure> {
    let tested: Tested = client.call("Test", &test).await?;
    if json {
        out::json(&tested)?;
        return Ok(ExitCode::from(u8::from(!tested.accepted)));
    }
    let (to, gateway, said) = (plain(&tested.to), &tested.gateway, plain(&tested.said));
    if !tested.accepted {
        let what = if tested.unsure { "it is not known whether it was sent" } else { "not sent" };
        let fix = if test.method == "phone" { cause::fix_of_gateway } else { cause::fix };
        let advice = fix(&tested.said).map(|fix| format!("\nWhat to do: {fix}")).unwrap_or_default();
        return Err(Failure::Refused(format!("{what} to {to}; {said}{advice}")));
    }
    out::print(&accepted(&test.method, &to, gateway, &said))?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_there_is_no_gateway_nobody_is_told_to_wait_for_the_message() {
        let said = accepted("phone", "+819012345678", "spool", "00000000000001-x.txt");
        assert!(said.starts_with("Nothing was sent: [phone]") && said.contains("00000000000001-x.txt"), "{said}");
        assert!(!said.contains("arrives") && said.lines().all(|line| line.chars().count() <= 80), "{said}");
        let said = accepted("phone", "+819012345678", "twilio", "SM1");
        assert_eq!(said, "Sent to +819012345678: the gateway (twilio) accepted it as SM1. Check that it arrives.");
    }
}
