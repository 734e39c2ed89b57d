//! `sspr admin import`.

use std::{
    fmt::Write as _,
    fs::File,
    io::{IsTerminal as _, Read},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sspr_core::plain::plain;
use sspr_protocol::admin::{AsRead, BATCH_MAX, Fault, Import, ImportBegin, ImportOutcome, ImportRows};

use super::rows::{Batch, Choice, FAULTS_MAX, Headings, Reader, Role};
use crate::{client::Client, failure::Failure, out, terminal};

/// How many rows are sent to the agent at once.
const BATCH: usize = BATCH_MAX;
/// From this size in bytes, a bar shows the progress.
const LONG: u64 = 100_000;
/// The exit status if some rows were imported and others could not be.
const PARTLY: u8 = 4;

/// The options of `sspr admin import`.
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    /// The file, or - for standard input
    file: PathBuf,
    /// Import the valid rows, and show the others
    #[arg(long)]
    keep_going: bool,
    /// Replace contacts that are already registered; their owners are notified
    #[arg(long)]
    replace: bool,
    /// Change nothing, and show what would be stored
    #[arg(long)]
    dry_run: bool,
    /// Say what a column contains, such as mail=email, "Login name"=name or 4=phone; can be repeated
    #[arg(long, value_name = "COLUMN=FIELD", value_parser = Choice::mapping)]
    map: Vec<(String, Role)>,
    /// Leave out this column, or all unknown ones with *; can be repeated
    #[arg(long, value_name = "COLUMN")]
    ignore: Vec<String>,
    /// Replace contacts without asking
    #[arg(short, long)]
    yes: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Print lines with the number of checked rows before the JSON; for the page in Cockpit
    #[arg(long, hide = true, requires = "json")]
    progress: bool,
}

/// Imports the file.
pub async fn run(client: &Client, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let choice = Choice { map: arguments.map.clone(), ignore: arguments.ignore.clone() };
    let (source, bar) = open(&arguments.file, arguments.json)?;
    let mut reader = Reader::of(source, &choice).map_err(Failure::Refused)?;
    // A file of another kind must not begin an import.
    let first = reader.next(BATCH).map_err(Failure::Refused)?;
    if !arguments.json && reader.has_header() {
        described(&reader);
    }
    let import: Import = client.call("ImportBegin", &ImportBegin { replace: arguments.replace }).await?;
    let mut check = Check { client, arguments, import, reader, bar, told: Told::of(arguments.json) };
    let outcome = match check.all(first).await {
        Ok(outcome) => outcome,
        Err(failure) => {
            // Even if that fails, the agent drops the import once this program is gone.
            let _ = check.cancel().await;
            return Err(failure);
        }
    };
    check.finish(outcome).await
}

/// An import in progress.
struct Check<'a> {
    client: &'a Client,
    arguments: &'a Arguments,
    import: Import,
    reader: Reader,
    bar: ProgressBar,
    told: Told,
}

impl Check<'_> {
    /// Has the agent check every row, and returns the total.
    async fn all(&mut self, first: Option<Batch>) -> Result<ImportOutcome, Failure> {
        let mut checked = ImportOutcome::default();
        let (mut next, mut count) = (first, 0);
        while let Some(Batch { rows, mut faults }) = next {
            count += rows.len() + faults.len();
            let rows = ImportRows { handle: self.import.handle.clone(), rows, list: self.arguments.dry_run };
            let (client, reader) = (self.client, &mut self.reader);
            // While the agent checks these rows, the next ones are read.
            let (outcome, read) = tokio::join!(client.call::<ImportOutcome>("ImportRows", &rows), async {
                tokio::task::yield_now().await;
                reader.next(BATCH)
            });
            let outcome = outcome?;
            checked.imported += outcome.imported;
            checked.replaced += outcome.replaced;
            checked.unchanged += outcome.unchanged;
            checked.usable = outcome.usable;
            let headings = self.reader.headings();
            faults.extend(outcome.faults.into_iter().map(|fault| in_words_of_the_file(fault, headings)));
            faults.sort_by_key(|fault| fault.line);
            let told = &mut self.told;
            self.bar.suspend(|| told.faults(faults));
            if self.arguments.progress {
                out::print(&serde_json::json!({ "checked": count }).to_string())?;
            }
            if self.arguments.json {
                checked.read.extend(outcome.read);
            } else if !outcome.read.is_empty() {
                self.bar.suspend(|| out::print(&listed(&outcome.read)))?;
            }
            next = match read {
                Ok(next) => next,
                Err(why) => {
                    // It is the wrong file, so the faults of its rows help nobody.
                    self.told.held.clear();
                    return Err(Failure::Refused(why));
                }
            };
        }
        self.bar.finish_and_clear();
        self.told.rest();
        if !self.arguments.json {
            if !self.reader.has_header() {
                described(&self.reader);
            }
            if let Some(doubt) = self.reader.doubt() {
                terminal::complain(doubt);
            }
        }
        Ok(checked)
    }

    /// Writes the checked rows, if that is wanted and possible.
    async fn finish(self, checked: ImportOutcome) -> Result<ExitCode, Failure> {
        let arguments = self.arguments;
        let bad = self.told.count;
        let stopped = bad > 0 && !arguments.keep_going;
        let write = !arguments.dry_run && !stopped && checked.imported > 0;
        if write && checked.replaced > 0 {
            let whose = out::number(checked.replaced, "account", "accounts");
            let question = format!("This replaces registered contacts of {whose}.");
            if let Err(failure) = out::confirm(&question, arguments.yes) {
                self.cancel().await?;
                return Err(failure);
            }
        }
        let outcome = if write {
            self.client.call("ImportCommit", &self.import).await?
        } else {
            self.cancel().await?;
            ImportOutcome { imported: 0, replaced: 0, read: Vec::new(), ..checked.clone() }
        };
        let good = outcome.imported + outcome.unchanged;
        if arguments.json {
            // A dry run shows what could be imported.
            let outcome = if arguments.dry_run { checked } else { ImportOutcome { read: checked.read, ..outcome } };
            let read_as = self.reader.doubt().map(str::to_owned);
            out::json(&ImportOutcome { faults: self.told.held, read_as, ..outcome })?;
        } else {
            let unread_from = self.reader.unread_from();
            out::print(&summary(&outcome, bad, &checked, unread_from, arguments))?;
        }
        Ok(match (bad == 0, arguments.keep_going) {
            (true, _) => ExitCode::SUCCESS,
            (false, true) if good > 0 => ExitCode::from(PARTLY),
            (false, _) => ExitCode::from(1),
        })
    }

    async fn cancel(&self) -> Result<(), Failure> {
        self.client.call::<ImportOutcome>("ImportCancel", &self.import).await.map(drop)
    }
}

/// Faults; an import may have one for each row. They are shown at the end, unless there are too many to keep.
struct Told {
    held: Vec<Fault>,
    count: u64,
    json: bool,
}

impl Told {
    const fn of(json: bool) -> Self {
        Self { held: Vec::new(), count: 0, json }
    }

    fn faults(&mut self, faults: Vec<Fault>) {
        self.count += faults.len() as u64;
        self.held.extend(faults);
        if self.held.len() > FAULTS_MAX {
            self.rest();
        }
    }

    /// Shows the faults that were kept. JSON has all of them at the end.
    fn rest(&mut self) {
        if !self.json {
            for fault in self.held.drain(..) {
                name(&fault);
            }
        }
    }
}

/// The file to read, and a bar for the progress.
fn open(file: &Path, json: bool) -> Result<(Box<dyn Read>, ProgressBar), Failure> {
    if file == Path::new("-") {
        return Ok((Box::new(std::io::stdin().lock()), ProgressBar::hidden()));
    }
    let refused = |error: std::io::Error| Failure::Refused(format!("{}: {error}", file.display()));
    let opened = File::open(file).map_err(refused)?;
    let length = opened.metadata().map_err(refused)?.len();
    let bar = progress(length, json);
    Ok((Box::new(bar.wrap_read(opened)), bar))
}

/// A fault, with the file's own name of the column.
fn in_words_of_the_file(mut fault: Fault, headings: &Headings) -> Fault {
    if !fault.column.is_empty() {
        fault.column = headings.of(&fault.column).to_owned();
    }
    fault
}

/// Shows how the columns are used, if that is not obvious.
fn described(reader: &Reader) {
    if let Some(read) = reader.headings().described() {
        terminal::complain(&plain(&format!("reading {read}")));
    }
    let left_out = reader.left_out();
    if !left_out.is_empty() {
        let first: Vec<&str> = left_out.iter().take(20).map(String::as_str).collect();
        let more = if left_out.len() > first.len() { ", ..." } else { "" };
        terminal::complain(&plain(&format!("leaving out {}{more}", first.join(", "))));
    }
}

/// The contacts that would be stored, a line for each account.
fn listed(read: &[AsRead]) -> String {
    read.iter().fold(String::new(), |mut text, row| {
        let _ = writeln!(text, "line {}, {}: {}", row.line, plain(&row.name), plain(&row.contacts.join(", ")));
        text
    })
}

/// Shows a row that can't be imported, with line and reason.
fn name(fault: &Fault) {
    let whose = if fault.name.is_empty() { String::new() } else { format!(", {}", plain(&fault.name)) };
    // If the file has its own name for the column, the reason does not mention it.
    let words = ["name", "email", "phone"];
    let column = if fault.column.is_empty() || words.iter().any(|word| fault.column.eq_ignore_ascii_case(word)) {
        String::new()
    } else {
        format!(", column \"{}\"", plain(&fault.column))
    };
    terminal::complain(&format!("line {}{whose}{column}: {}", fault.line, plain(&fault.reason)));
}

fn summary(
    outcome: &ImportOutcome,
    bad: u64,
    checked: &ImportOutcome,
    unread_from: Option<u64>,
    arguments: &Arguments,
) -> String {
    let accounts = |count| out::number(count, "account", "accounts");
    let mut text = if arguments.dry_run {
        format!("Checked only. Contacts of {} could be imported", accounts(checked.imported))
    } else if bad > 0 && !arguments.keep_going {
        let bad = out::number(bad, "row", "rows");
        return format!(
            "Nothing was imported: {bad} can't be. Correct the file, or import the others with --keep-going."
        );
    } else {
        format!("Imported the contacts of {}", accounts(outcome.imported))
    };
    for (count, words) in [
        (if arguments.dry_run { checked.replaced } else { outcome.replaced }, "replaced others"),
        (checked.unchanged, "had theirs already"),
        (bad, "could not be imported"),
    ] {
        if count > 0 {
            let _ = write!(text, "; {count} {words}");
        }
    }
    text.push('.');
    if let Some(line) = unread_from {
        let _ = write!(text, "\nThe file was not read from line {line} on, because the row there does not end.");
    }
    if checked.imported > 0 && !checked.usable {
        text.push_str("\nThey are usable once their owners have typed a code at a sign-in ([register] imported).");
    }
    text
}

fn progress(length: u64, json: bool) -> ProgressBar {
    if length < LONG || json || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("checking [{wide_bar}] {percent}% {eta}") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar
}
