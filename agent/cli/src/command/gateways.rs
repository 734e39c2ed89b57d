//! `sspr admin test-email` and `test-phone`.

use std::process::ExitCode;

use sspr_core::{cause, plain::plain};
use sspr_protocol::admin::{Test, Tested};

use crate::{client::Client, failure::Failure, out};

/// Sends a test message and says what the gateway answered.
pub async fn test(client: &Client, test: Test, json: bool) -> Result<ExitCode, Failure> {
    let tested: Tested = client.call("Test", &test).await?;
    if json {
        out::json(&tested)?;
        return Ok(ExitCode::from(u8::from(!tested.accepted)));
    }
    let (to, gateway, said) = (plain(&tested.to), &tested.gateway, plain(&tested.said));
    if !tested.accepted {
        let what = if tested.unsure { "it is not known whether it was sent" } else { "not sent" };
        let advice = cause::fix(&tested.said).map(|fix| format!("\nWhat to do: {fix}")).unwrap_or_default();
        return Err(Failure::Refused(format!("{what} to {to}; {said}{advice}")));
    }
    let reference = if said.is_empty() { String::new() } else { format!(" as {said}") };
    out::print(&format!("Sent to {to}: the gateway ({gateway}) accepted it{reference}. See whether it arrives."))?;
    Ok(ExitCode::SUCCESS)
}
