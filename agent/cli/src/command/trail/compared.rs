//! The audit trail beside what somebody else wrote down where the agent can't write.

use std::collections::HashMap;

use serde::Serialize;
use sspr_machine::witness::{self, Line, What, Who};
use sspr_protocol::{
    Time,
    chain::{ERASED, WITNESSED},
};

use crate::out;

/// A row may be dated so many seconds before or after what it is about.
const APART: u64 = 600;
/// What is younger than this, in seconds, may have no row yet.
const YOUNG: Time = 60;

/// Who writes down what was done, each about the accounts of a realm.
#[derive(Clone, Copy, Debug)]
pub(super) struct Writer {
    pub(super) name: &'static str,
    pub(super) realm: &'static str,
    pub(super) file: &'static str,
}

pub(super) const HELPER: Writer = Writer { name: "root's helper", realm: "local", file: witness::FILE };
pub(super) const PROGRAM: Writer = Writer { name: "sspr-directory", realm: "directory", file: witness::DIRECTORY };

/// Whose account it is by realm and name; `None` if nobody can tell.
pub(super) type WhoIs<'a> = &'a dyn Fn(&str, &str) -> Option<Who>;

/// Something that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Fault {
    /// "row", "erased", "head", "missing", "unwitnessed" or "not compared".
    pub(super) kind: &'static str,
    /// The row that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) row: Option<i64>,
    /// When that was.
    pub(super) at: Time,
    /// In words.
    pub(super) text: String,
}

/// A reset or an unlocked account, as the trail has it.
pub(super) struct Deed {
    pub(super) row: i64,
    pub(super) at: Time,
    pub(super) realm: String,
    pub(super) account: String,
    pub(super) event: String,
    pub(super) witnessed: bool,
}

/// The rows of the trail that are about what was done, and how far back it goes.
pub(super) struct Trail<'a> {
    pub(super) now: Time,
    /// The time of the oldest row.
    pub(super) oldest: Option<Time>,
    /// Older rows are gone, as the settings say.
    pub(super) is_pruned: bool,
    pub(super) deeds: &'a mut [Deed],
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Compared {
    /// Since when there are lines.
    pub(super) since: Option<Time>,
    /// How many lines are of something that was done.
    pub(super) count: u64,
    pub(super) faults: Vec<Fault>,
    pub(super) notes: Vec<String>,
}

/// The kind of a fault: a row about something of which there is no line.
pub(super) const UNWITNESSED: &str = "unwitnessed";

impl Trail<'_> {
    /// Each change that `by` wrote down has a row, and each row about one has a change.
    pub(super) fn compare(self, by: Writer, lines: &[Line], who_is: WhoIs<'_>) -> Compared {
        let mut compared = Compared::default();
        let Some(since) = lines.first().map(time) else { return compared };
        compared.since = Some(since);
        let now = self.now;
        let mut known: HashMap<String, Option<Who>> = HashMap::new();
        let mut last: HashMap<(&Who, &str), Time> = HashMap::new();
        for line in lines {
            let at = time(line);
            let (of, event, words) = match &line.what {
                What::Changed(of) => (of, WITNESSED[0], "changed the password of"),
                What::Unlocked(of) => (of, WITNESSED[1], "unlocked"),
                What::Trying(_) | What::Unchanged(_) | What::Settled(_) | What::Head(..) => continue,
            };
            compared.count += 1;
            // Looked at again because the answer got lost.
            let again = last.insert((of, event), at).is_some_and(|before| at - before < 2 * YOUNG);
            let oldest = self.oldest.map(|oldest| oldest.saturating_sub_unsigned(APART));
            let pruned = self.is_pruned && oldest.is_none_or(|oldest| at < oldest);
            if pruned || at > now - YOUNG {
                continue;
            }
            let deeds = self.deeds.iter_mut().filter(|deed| deed.realm == by.realm && !deed.witnessed);
            let near = deeds.filter(|deed| deed.event == event && deed.at.abs_diff(at) <= APART);
            let its = near.filter_map(|deed| {
                let own = known.entry(deed.account.clone()).or_insert_with(|| who_is(by.realm, &deed.account));
                // Without one it is erased, or an account that is gone.
                let is_gone = own.is_none();
                (is_gone || own.as_ref() == Some(of)).then_some((is_gone, deed))
            });
            match its.min_by_key(|(is_gone, deed)| (*is_gone, deed.at.abs_diff(at))) {
                Some((_, deed)) => {
                    deed.witnessed = true;
                    if known.get(&deed.account) == Some(&None) && !deed.account.starts_with(ERASED) {
                        let Deed { row, account, .. } = deed;
                        let (name, of) = (by.name, shown_as(of));
                        compared.notes.push(format!(
                            "Row {row} names the account {account}, which is not known now; {name} had {of} for it."
                        ));
                    }
                }
                None if again => {}
                None => {
                    let (name, of, moment) = (by.name, shown_as(of), out::moment(at));
                    let text = format!("{name} {words} {of} on {moment}, and the audit trail has no row about it");
                    compared.faults.push(Fault { kind: "missing", row: None, at, text });
                }
            }
        }
        let theirs = self.deeds.iter().filter(|deed| deed.realm == by.realm && !deed.witnessed);
        let unwitnessed = theirs.filter(|deed| deed.at >= since && deed.at <= now - YOUNG);
        compared.faults.extend(unwitnessed.map(|deed| Fault {
            kind: UNWITNESSED,
            row: Some(deed.row),
            at: deed.at,
            text: format!(
                "row {} ({} {}) is of something that {} has no record of",
                deed.row,
                out::moment(deed.at),
                deed.event,
                by.name
            ),
        }));
        compared
    }
}

/// An account as a witness knows it.
fn shown_as(who: &Who) -> String {
    match who {
        Who::Uid(uid) => format!("uid {uid}"),
        Who::Entry(id) => format!("the entry {id}"),
    }
}

/// When a line was written.
pub(super) fn time(line: &Line) -> Time {
    Time::try_from(line.at).unwrap_or(Time::MAX)
}
