//! `sspr admin import`.

use std::{
    fmt::Write as _,
    io::{IsTerminal as _, Read as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{
    Failure,
    client::Client,
    out,
    rows::{self, Choice, Headings, Role, Rows},
    table::plain,
};
use crate::{
    admin::wire::{AsRead, Fault, Import, ImportBegin, ImportOutcome, ImportRows},
    terminal,
};

/// How many rows go to the agent at once.
const BATCH: usize = 500;
/// From so many rows on a bar shows how far it is.
const LONG: usize = 2000;
/// The exit status where some rows were imported and others could not be.
const PARTLY: u8 = 4;

/// What to import, and how.
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    /// The file; - for standard input
    file: PathBuf,
    /// Import the valid rows, and name the others
    #[arg(long)]
    keep_going: bool,
    /// Replace contacts that are already registered; their owners are notified
    #[arg(long)]
    replace: bool,
    /// Check only, and list what would be stored
    #[arg(long)]
    dry_run: bool,
    /// What a column is: mail=email, "Login name"=name, 4=phone; can be repeated
    #[arg(long, value_name = "COLUMN=FIELD", value_parser = Choice::mapping)]
    map: Vec<(String, Role)>,
    /// A column to leave out; * for all unknown ones; can be repeated
    #[arg(long, value_name = "COLUMN")]
    ignore: Vec<String>,
    /// Don't ask before contacts are replaced
    #[arg(short, long)]
    yes: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Imports the file.
pub async fn run(client: &Client, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let choice = Choice { map: arguments.map.clone(), ignore: arguments.ignore.clone() };
    let Rows { rows, mut faults, headings, left_out } =
        rows::parse(&read(&arguments.file)?, &choice).map_err(Failure::Refused)?;
    if !arguments.json {
        described(&headings, &left_out);
    }
    let mut checked = ImportOutcome::default();
    let import: Import = client.call("ImportBegin", &ImportBegin { replace: arguments.replace }).await?;
    let bar = progress(rows.len(), arguments.json);
    let mut rows = rows.into_iter();
    loop {
        let batch: Vec<_> = rows.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        let count = batch.len() as u64;
        let rows = ImportRows { handle: import.handle.clone(), rows: batch, list: arguments.dry_run };
        let outcome: ImportOutcome = client.call("ImportRows", &rows).await?;
        checked.imported += outcome.imported;
        checked.replaced += outcome.replaced;
        checked.unchanged += outcome.unchanged;
        checked.usable = outcome.usable;
        faults.extend(outcome.faults.into_iter().map(|fault| in_words_of_the_file(fault, &headings)));
        if arguments.json {
            checked.read.extend(outcome.read);
        } else if !outcome.read.is_empty() {
            bar.suspend(|| out::print(&listed(&outcome.read)))?;
        }
        bar.inc(count);
    }
    bar.finish_and_clear();
    faults.sort_by_key(|fault| fault.line);
    name(&faults, arguments.json);
    let stopped = !faults.is_empty() && !arguments.keep_going;
    let write = !arguments.dry_run && !stopped && checked.imported > 0;
    if write && checked.replaced > 0 {
        let whose = out::number(checked.replaced, "account", "accounts");
        if let Err(failure) = out::confirm(&format!("This replaces registered contacts of {whose}."), arguments.yes) {
            let _: Result<ImportOutcome, Failure> = client.call("ImportCancel", &import).await;
            return Err(failure);
        }
    }
    let outcome = if write {
        client.call("ImportCommit", &import).await?
    } else {
        let _: ImportOutcome = client.call("ImportCancel", &import).await?;
        ImportOutcome { imported: 0, replaced: 0, ..checked.clone() }
    };
    let outcome = ImportOutcome { faults, ..outcome };
    if arguments.json {
        // What could be imported, where nothing is to be.
        out::json(&if arguments.dry_run {
            ImportOutcome { faults: outcome.faults.clone(), ..checked }
        } else {
            outcome.clone()
        })?;
    } else {
        out::print(&summary(&outcome, &checked, arguments))?;
    }
    Ok(match (outcome.faults.is_empty(), arguments.keep_going) {
        (true, _) => ExitCode::SUCCESS,
        (false, true) if outcome.imported + outcome.unchanged > 0 => ExitCode::from(PARTLY),
        (false, _) => ExitCode::from(1),
    })
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes)?;
    } else {
        bytes = std::fs::read(file).map_err(|error| Failure::Refused(format!("{}: {error}", file.display())))?;
    }
    Ok(bytes)
}

/// A fault with what the file calls the column.
fn in_words_of_the_file(mut fault: Fault, headings: &Headings) -> Fault {
    if !fault.column.is_empty() {
        fault.column = headings.of(&fault.column).to_owned();
    }
    fault
}

/// What was made of the columns, where it is not plain.
fn described(headings: &Headings, left_out: &[String]) {
    if let Some(read) = headings.described() {
        terminal::complain(&plain(&format!("reading {read}")));
    }
    if !left_out.is_empty() {
        let first: Vec<&str> = left_out.iter().take(20).map(String::as_str).collect();
        let more = if left_out.len() > first.len() { ", ..." } else { "" };
        terminal::complain(&plain(&format!("leaving out {}{more}", first.join(", "))));
    }
}

/// What would be stored, a line for each account.
fn listed(read: &[AsRead]) -> String {
    read.iter().fold(String::new(), |mut text, row| {
        let _ = writeln!(text, "line {}, {}: {}", row.line, plain(&row.name), plain(&row.contacts.join(", ")));
        text
    })
}

/// Names each row that can't be imported, with line and reason.
fn name(faults: &[Fault], json: bool) {
    if json {
        return;
    }
    for fault in faults {
        let whose = if fault.name.is_empty() { String::new() } else { format!(", {}", plain(&fault.name)) };
        // Where the file has its own name for the column, the reason does not say which it is.
        let words = ["name", "email", "phone"];
        let column = if fault.column.is_empty() || words.iter().any(|word| fault.column.eq_ignore_ascii_case(word)) {
            String::new()
        } else {
            format!(", column \"{}\"", plain(&fault.column))
        };
        terminal::complain(&format!("line {}{whose}{column}: {}", fault.line, plain(&fault.reason)));
    }
}

fn summary(outcome: &ImportOutcome, checked: &ImportOutcome, arguments: &Arguments) -> String {
    let accounts = |count| out::number(count, "account", "accounts");
    let bad = out::number(outcome.faults.len() as u64, "row", "rows");
    let mut text = if arguments.dry_run {
        format!("Checked only. Contacts of {} could be imported", accounts(checked.imported))
    } else if !outcome.faults.is_empty() && !arguments.keep_going {
        return format!(
            "Nothing was imported, because {bad} can't be. Correct the file, or import the others with --keep-going."
        );
    } else {
        format!("Imported the contacts of {}", accounts(outcome.imported))
    };
    for (count, words) in [
        (checked.replaced, "replaced others"),
        (checked.unchanged, "had theirs already"),
        (outcome.faults.len() as u64, "could not be imported"),
    ] {
        if count > 0 {
            let _ = write!(text, "; {count} {words}");
        }
    }
    text.push('.');
    if checked.imported > 0 && !checked.usable {
        text.push_str("\nThey are usable once their owners have typed a code at a sign-in ([register] imported).");
    }
    text
}

fn progress(rows: usize, json: bool) -> ProgressBar {
    if rows < LONG || json || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(rows as u64), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("checking {pos}/{len} [{wide_bar}] {eta}") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar
}
