//! `sspr admin directory sync`.

use std::{fmt::Write as _, process::ExitCode};

use clap::Args;
use sspr_protocol::admin::{SyncOutcome, SyncWish};

use crate::{client::Client, failure::Failure, out};

/// The status where something was left undone.
const PARTLY: u8 = 4;

/// How to copy.
#[derive(Clone, Copy, Debug, Args)]
pub struct Arguments {
    /// Change nothing, and show what would be changed
    #[arg(long)]
    dry_run: bool,
    /// Erase what the directory no longer has, even if that is much at once
    #[arg(long)]
    erase: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Copies, and says what came of it.
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
    for (number, what, always) in [
        (outcome.people, "people in scope have contacts in the directory".to_owned(), true),
        (outcome.new, format!("contacts are new; they are usable after {days} days"), true),
        (outcome.changed, format!("contacts are others than before; they are usable after {days} days"), true),
        (outcome.unchanged, "contacts are as before".to_owned(), true),
        (outcome.entered, usable.to_owned(), true),
        (outcome.waiting, "contacts are not usable yet".to_owned(), true),
        (outcome.erased, gone.to_owned(), true),
        (
            outcome.unread,
            "values were left out: not an address or a number, or refused by the settings".to_owned(),
            false,
        ),
        (outcome.left_out, "people were left out: this host or another entry has the name".to_owned(), false),
    ] {
        if always || number > 0 {
            // Writing to a String can't fail.
            let _ = writeln!(text, "{number:>8}  {what}");
        }
    }
    if let Some(held) = &outcome.held {
        let _ = writeln!(text, "Warning: {held}");
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
        let text = described(&SyncOutcome { dry_run: true, unread: 2, held, ..outcome });
        assert!(text.starts_with("Dry run") && text.contains("       2  values were left out"), "{text}");
        assert!(
            text.ends_with("Warning: nothing was erased; if that is right: sspr admin directory sync --erase\n"),
            "{text}"
        );
    }
}
