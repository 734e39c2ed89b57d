//! `sspr admin audit --verify`: whether the audit trail is whole, and whether it says what root's helper and the directory's program did.
//! It is checked here, in root's process: the agent gives the rows, and its word is not taken for anything.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
    process::ExitCode,
    time::Duration,
};

use serde::Serialize;
use sspr_config::settings;
use sspr_core::plain::plain;
use sspr_machine::{
    names,
    witness::{self, Line, What, Who},
};
use sspr_protocol::{
    Time,
    audit::{PAGE, Record},
    chain::{self, ChainOf, Chained, ERASED, Link, RECEIPT, WITNESSED, unhex},
};
use tokio::time::{Instant, sleep};

use crate::{client::Client, failure::Failure, out};

mod compared;
#[cfg(test)]
mod tests;

use compared::{Compared, Deed, Fault, HELPER, PROGRAM, Trail, UNWITNESSED, WhoIs, Writer, time};

const DAY: Time = 86_400;
/// For how long the directory's program is asked again while it tells nothing of anybody.
const PATIENCE: Duration = Duration::from_mins(1);
/// The time before those are asked about again of whom it told nothing.
const PAUSE: Duration = Duration::from_secs(2);

/// What was found.
#[derive(Clone, Debug, Default, Serialize)]
struct Found {
    /// How many rows there are.
    rows: u64,
    /// The first one.
    first: Option<i64>,
    /// The last one.
    last: Option<i64>,
    /// In how many a person's data were erased.
    erased: u64,
    /// Since when root's helper has a record of its own.
    witness_since: Option<Time>,
    /// How many changes and unlocked accounts it has.
    witnessed: u64,
    /// The same of the directory's program.
    directory_since: Option<Time>,
    directory_witnessed: u64,
    /// How many rows are about something that another server must have done.
    elsewhere: u64,
    /// What is not as it must be.
    faults: Vec<Fault>,
    /// What can't be told.
    notes: Vec<String>,
}

/// Checks it; the status is 1 where something is not as it must be.
pub async fn run(client: &Client, json: bool) -> Result<ExitCode, Failure> {
    let read =
        |of: Writer| witness::read(Path::new(of.file)).map_err(|why| Failure::Refused(format!("{}: {why}", of.file)));
    let mut check = Check::new(read(HELPER)?, read(PROGRAM)?);
    check.is_shared =
        settings::load(Path::new(settings::PATH)).is_ok_and(|settings| settings.server.database.is_some());
    let mut of = ChainOf::default();
    loop {
        let page: Chained = client.call("Chain", &of).await?;
        let full = page.rows.len() >= PAGE as usize;
        if let Some(last) = page.rows.last() {
            of.after = last.record.id;
        }
        check.page(&page);
        if !full {
            break;
        }
    }
    let names = check.of_the_directory();
    let (entries, untold) =
        asked_about(names, PATIENCE, PAUSE, async |name: &str| client.id_in_the_directory(name).await).await;
    if let Some(untold) = untold {
        check.not_compared(jiff::Timestamp::now().as_second(), &untold);
    }
    let found = check.done(jiff::Timestamp::now().as_second(), &|realm, name| {
        if realm == PROGRAM.realm {
            return entries.get(name).cloned().flatten().map(Who::Entry);
        }
        names::user(name).ok().flatten().map(|user| Who::Uid(user.uid.as_raw()))
    });
    if json {
        out::json(&found)?;
    } else {
        out::print(&described(&found))?;
    }
    Ok(ExitCode::from(u8::from(!found.faults.is_empty())))
}

/// Accounts of the directory of which its program did not say whose they are, and why at last.
struct Untold {
    names: BTreeSet<String>,
    why: String,
}

/// The ids of `names`. Somebody may keep the program busy: whom it tells nothing of is asked about again after a `pause`, until for as
/// long as `patience` nothing came.
async fn asked_about(
    names: BTreeSet<String>,
    patience: Duration,
    pause: Duration,
    ask: impl AsyncFn(&str) -> Result<Option<String>, String>,
) -> (HashMap<String, Option<String>>, Option<Untold>) {
    let mut told = HashMap::new();
    let mut untold = Untold { names, why: String::new() };
    let mut last = Instant::now();
    loop {
        for name in std::mem::take(&mut untold.names) {
            // The first is asked about in any case.
            if untold.names.is_empty() || last.elapsed() < patience {
                match ask(&name).await {
                    Ok(id) => {
                        last = Instant::now();
                        told.insert(name, id);
                        continue;
                    }
                    Err(why) => untold.why = why,
                }
            }
            untold.names.insert(name);
        }
        if untold.names.is_empty() {
            return (told, None);
        }
        if last.elapsed() >= patience {
            return (told, Some(untold));
        }
        sleep(pause).await;
    }
}

fn described(found: &Found) -> String {
    let mut lines = Vec::new();
    match (found.first, found.last) {
        (Some(first), Some(last)) => {
            lines.push(format!("{}, {first} to {last}.", out::number(found.rows, "row", "rows")));
        }
        _ => lines.push("The audit trail has no rows.".to_owned()),
    }
    if found.erased > 0 {
        lines.push(format!(
            "{} without the name of a person whose data were erased.",
            out::number(found.erased, "row is", "rows are")
        ));
    }
    if let Some(since) = found.witness_since {
        lines.push(format!(
            "Root's helper has {} of its own since {}.",
            out::number(found.witnessed, "record", "records"),
            out::moment(since)
        ));
    }
    if let Some(since) = found.directory_since {
        lines.push(format!(
            "sspr-directory has {} of its own since {}.",
            out::number(found.directory_witnessed, "record", "records"),
            out::moment(since)
        ));
    }
    lines.extend(found.notes.iter().cloned());
    if found.faults.is_empty() {
        let rest = if found.elsewhere == 0 { " Nothing speaks against the audit trail." } else { "" };
        lines.push(format!("Each row fits the one before.{rest}"));
    } else {
        lines.extend(found.faults.iter().map(|fault| format!("FAULT: {}", fault.text)));
        lines.push("Look at the journal of both too: journalctl -u sspr-credential -u sspr-directory".to_owned());
    }
    // Names are as the agent gives them.
    lines.iter().map(|line| plain(line)).collect::<Vec<_>>().join("\n")
}

/// Goes through the rows once.
struct Check {
    lines: Option<Vec<Line>>,
    /// Of the directory's program.
    directory: Option<Vec<Line>>,
    /// What root's helper saw of the chain, by the row.
    heads: HashMap<i64, Vec<(Time, String)>>,
    /// Several servers write into the trail.
    is_shared: bool,
    before: Option<Vec<u8>>,
    /// The chain does not fit from here on; it is told once.
    broken: bool,
    anchor: Option<i64>,
    keep_days: u16,
    oldest: Option<Time>,
    deeds: Vec<Deed>,
    /// Rows without a person's name, and how many the receipt speaks of.
    erased: BTreeMap<String, u64>,
    receipts: BTreeMap<String, u64>,
    found: Found,
}

impl Check {
    fn new(lines: Option<Vec<Line>>, directory: Option<Vec<Line>>) -> Self {
        let mut heads: HashMap<i64, Vec<(Time, String)>> = HashMap::new();
        for line in lines.iter().flatten() {
            if let What::Head(row, chain) = &line.what {
                heads.entry(*row).or_default().push((time(line), chain.clone()));
            }
        }
        Self {
            lines,
            directory,
            heads,
            is_shared: false,
            before: None,
            broken: false,
            anchor: None,
            keep_days: 0,
            oldest: None,
            deeds: Vec::new(),
            erased: BTreeMap::new(),
            receipts: BTreeMap::new(),
            found: Found::default(),
        }
    }

    fn page(&mut self, page: &Chained) {
        if self.before.is_none() {
            let anchor = page.anchor.as_ref();
            self.anchor = anchor.map(|anchor| anchor.row);
            self.keep_days = page.keep_days;
            self.before =
                Some(anchor.and_then(|anchor| unhex(&anchor.chain)).unwrap_or_else(|| chain::BEGINNING.to_vec()));
        }
        for link in &page.rows {
            self.link(link);
        }
    }

    fn link(&mut self, link: &Link) {
        let record = &link.record;
        self.found.rows += 1;
        self.found.first.get_or_insert(record.id);
        self.found.last = Some(record.id);
        self.oldest = Some(self.oldest.map_or(record.at, |oldest| oldest.min(record.at)));
        let (person, chained) = (unhex(&link.person).unwrap_or_default(), unhex(&link.chain).unwrap_or_default());
        let before = self.before.replace(chained.clone()).unwrap_or_default();
        if !self.broken {
            let said =
                link.salt.as_deref().map(|salt| chain::person(&unhex(salt).unwrap_or_default(), &link.realm, record));
            let fits = chain::chain(&before, record, &person).as_slice() == chained;
            let why = match said {
                _ if !fits => Some("it, or a row before it, was changed, removed or put in later"),
                Some(said) if said.as_slice() != person => Some("who, from where or why was changed in it later"),
                _ => None,
            };
            if let Some(why) = why {
                self.broken = true;
                self.fault(
                    "row",
                    Some(record.id),
                    record.at,
                    format!("row {} ({}) is the first that does not fit: {why}", record.id, shown(record)),
                );
            }
        }
        if link.salt.is_none() {
            self.found.erased += 1;
            *self.erased.entry(record.account.clone()).or_default() += 1;
        }
        if record.event == RECEIPT {
            self.receipts.insert(record.account.clone(), rows_of_the_trail(&record.reason));
        }
        for (at, seen) in self.heads.remove(&record.id).unwrap_or_default() {
            if seen != link.chain {
                let text = format!(
                    "row {} was another one when root's helper saw it on {}: rows up to it were changed since",
                    record.id,
                    out::moment(at)
                );
                self.fault("head", Some(record.id), record.at, text);
            }
        }
        if WITNESSED.contains(&record.event.as_str()) && [HELPER.realm, PROGRAM.realm].contains(&link.realm.as_str()) {
            let (Record { id, at, account, event, .. }, realm) = (record.clone(), link.realm.clone());
            self.deeds.push(Deed { row: id, at, realm, account, event, witnessed: false });
        }
    }

    fn fault(&mut self, kind: &'static str, row: Option<i64>, at: Time, text: String) {
        self.found.faults.push(Fault { kind, row, at, text });
    }

    /// The accounts of the directory that the trail has resets of, where there is something to compare these with.
    fn of_the_directory(&self) -> BTreeSet<String> {
        let theirs = self.deeds.iter().filter(|deed| deed.realm == PROGRAM.realm && self.directory.is_some());
        theirs.map(|deed| deed.account.clone()).filter(|name| !name.starts_with(ERASED)).collect()
    }

    /// What is recorded for one person may have been done to another: without their ids, nobody can tell.
    fn not_compared(&mut self, now: Time, untold: &Untold) {
        let Untold { names, why } = untold;
        let first = names.iter().next().map_or("", String::as_str);
        let text = format!(
            "resets of {}, the first of them {first}, were compared by their times alone, because sspr-directory does \
             not say whose entries they are: {why}",
            out::number(names.len() as u64, "account", "accounts")
        );
        self.fault("not compared", None, now, text);
    }

    /// After the last row.
    fn done(mut self, now: Time, who_is: WhoIs<'_>) -> Found {
        for (name, count) in std::mem::take(&mut self.erased) {
            let most = self.receipts.get(&name).copied().filter(|_| name.starts_with(ERASED));
            if most.is_none_or(|most| count > most) {
                let text = format!(
                    "{} without the name of a person, and no receipt speaks of so many: who did what was changed",
                    out::number(count, "row is", "rows are")
                );
                self.fault("erased", None, now, text);
            }
        }
        self.gone(now);
        match self.lines.take() {
            Some(lines) => {
                (self.found.witness_since, self.found.witnessed) = self.compared(HELPER, &lines, now, who_is);
            }
            None => self.found.notes.push(format!(
                "Root's helper has no record of its own yet. It begins {} with the next reset.",
                HELPER.file
            )),
        }
        match self.directory.take() {
            Some(lines) => {
                let seen = self.compared(PROGRAM, &lines, now, who_is);
                (self.found.directory_since, self.found.directory_witnessed) = seen;
            }
            None if self.deeds.iter().any(|deed| deed.realm == PROGRAM.realm) => self.found.notes.push(format!(
                "sspr-directory has no record of its own yet. It begins {} with the next reset in the directory.",
                PROGRAM.file
            )),
            None => {}
        }
        self.found
    }

    /// Since when `by` wrote down what was done, and how often.
    fn compared(&mut self, by: Writer, lines: &[Line], now: Time, who_is: WhoIs<'_>) -> (Option<Time>, u64) {
        let trail = Trail { now, oldest: self.oldest, is_pruned: self.anchor.is_some(), deeds: &mut self.deeds };
        let Compared { since, count, mut faults, notes } = trail.compare(by, lines, who_is);
        if self.is_shared {
            let all = faults.len();
            faults.retain(|fault| fault.kind != UNWITNESSED);
            let theirs = all - faults.len();
            if theirs > 0 {
                self.found.elsewhere += u64::try_from(theirs).unwrap_or(u64::MAX);
                self.found.notes.push(format!(
                    "{} of something that {} has no record of on this machine. Other servers write into the same database: \
                     run this on each of them.",
                    out::number(u64::try_from(theirs).unwrap_or(u64::MAX), "row is", "rows are"),
                    by.name
                ));
            }
        }
        self.found.faults.extend(faults);
        self.found.notes.extend(notes);
        (since, count)
    }

    /// Rows that root's helper saw and that are not there any more.
    fn gone(&mut self, now: Time) {
        let mut gone: Vec<(i64, Time)> =
            self.heads.drain().flat_map(|(row, seen)| seen.into_iter().map(move |(at, _)| (row, at))).collect();
        gone.sort_unstable();
        for (row, at) in gone {
            // What is old enough goes by itself.
            let aged = self.anchor.is_some_and(|anchor| row <= anchor) && at < now - Time::from(self.keep_days) * DAY;
            if !aged {
                let text = format!(
                    "row {row} is not there any more; root's helper saw it on {}, and rows are kept for {} days",
                    out::moment(at),
                    self.keep_days
                );
                self.fault("head", Some(row), at, text);
            }
        }
    }
}

fn shown(record: &Record) -> String {
    format!("{} {}", out::moment(record.at), record.event)
}

/// Of how many rows of the trail a receipt speaks.
fn rows_of_the_trail(reason: &str) -> u64 {
    let count = reason.split(", ").find_map(|count| count.strip_prefix("audit "));
    count.and_then(|count| count.parse().ok()).unwrap_or_default()
}
