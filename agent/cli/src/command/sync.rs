//! `sspr admin directory sync`.

use std::{fmt::Write as _, process::ExitCode};

use clap::Args;
use sspr_protocol::admin::{SyncOutcome, SyncWish};

use crate::{client::Client, failure::Failure, out};

/// The exit status if something was left undone.
const PARTLY: u8 = 4;

/// The options of `sspr admin directory sync`.
#[derive(Clone, Copy, Debug, Args)]
pub struct Arguments {
    /// Change nothing, and show what would change
    #[arg(long)]
    dry_run: bool,
    /// Erase contacts that the directory no longer has, even if there are many
    #[arg(long)]
    erase: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Copies contacts, and shows the result.
pub async fn run(client: &Client, arguments: Arguments) -> Result<ExitCode, Failure> {
    let wish = SyncWish { dry_run: arguments.dry_run, erase: arguments.erase };
    let outcome: SyncOutcome = client.call("Sync", &wish).await?;
    if arguments.json {
        out::json(&outcome)?;
    } else {
        out::print(&described(&outcome))?;
    }
    Ok(if outcome.held.is_some() { ExitCode::from(PARTLY) } else { ExitCode::SUCCESS })
}

fn described(outcome: &SyncOutcome) -> String {
    let days = outcome.quiet_days;
    let mut text = String::new();
    if outcome.dry_run {
        text.push_str("Dry run: nothing is changed.\n");
    }
    let usable = if outcome.dry_run { "contacts would be usable now" } else { "contacts are usable from now on" };
    let gone = if outcome.dry_run { "contacts would be erased" } else { "contacts were erased" };
    // If erasing was held back, they are not erased.
    let later = if outcome.held.is_some() { String::new() } else { format!("; they are usable after {days} days") };
    for (number, what, always) in [
        (outcome.people, "people in scope have contacts in the directory".to_owned(), true),
        (outcome.new, format!("contacts are new; they are usable after {days} days"), true),
        (outcome.changed, format!("contacts are others than before{later}"), true),
        (outcome.unchanged, "contacts are as before".to_owned(), true),
        (outcome.entered, usable.to_owned(), true),
        (outcome.waiting, "contacts are not usable yet".to_owned(), true),
        (outcome.erased, gone.to_owned(), true),
        (
            outcome.unread,
            "values were left out: not an address or a number, or refused by the settings".to_owned(),
            false,
        ),
        (
            outcome.left_out,
            "people were left out: this host or somebody else there has the name, or no account here that is served has it"
                .to_owned(),
            false,
        ),
    ] {
        if always || number > 0 {
            // Writing to a String can't fail.
            let _ = writeln!(text, "{number:>8}  {what}");
        }
    }
    for why in [&outcome.held, &outcome.doubled].into_iter().flatten() {
        let _ = writeln!(text, "Warning: {why}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_has_a_line_and_what_was_held_back_is_said_with_what_to_do() {
        let outcome = SyncOutcome { people: 12, new: 3, quiet_days: 7, ..SyncOutcome::default() };
        let text = described(&outcome);
        assert!(
            text.contains("      12  people in scope")
                && text.contains("       3  contacts are new; they are usable after 7 days")
        );
        assert!(!text.contains("left out") && !text.contains("Dry run") && !text.contains("Warning"), "{text}");
        let held = Some("nothing was erased; if that is right: sspr admin directory sync --erase".to_owned());
        assert!(text.contains("others than before; they are usable after 7 days"), "{text}");
        let text = described(&SyncOutcome { dry_run: true, unread: 2, held, ..outcome });
        assert!(text.contains("others than before\n"), "{text}");
        assert!(text.starts_with("Dry run") && text.contains("       2  values were left out"), "{text}");
        assert!(
            text.ends_with("Warning: nothing was erased; if that is right: sspr admin directory sync --erase\n"),
            "{text}"
        );
        let doubled = Some("several users have one name: alice".to_owned());
        let text = described(&SyncOutcome { doubled, left_out: 2, ..SyncOutcome::default() });
        assert!(
            text.ends_with("Warning: several users have one name: alice\n")
                && text.contains("       2  people were left out")
        );
    }
}
