//! A trail and a witness, and what somebody does to them who may write the store.

use sspr_protocol::chain::{Place, hex};

use super::*;

const NOW: Time = 1_800_000_000;

fn who(realm: &str, name: &str) -> Option<Who> {
    match (realm, name) {
        ("local", "alice") => Some(Who::Uid(1001)),
        ("local", "bob") => Some(Who::Uid(1002)),
        ("directory", "alice") => Some(entry("a1")),
        ("directory", "bob") => Some(entry("b2")),
        _ => None,
    }
}

fn entry(id: &str) -> Who {
    Who::Entry(id.to_owned())
}

fn changed(uid: u32) -> What {
    What::Changed(Who::Uid(uid))
}

/// What a witness wrote down.
type Seen<'a> = Option<&'a [(Time, What)]>;

/// A trail of rows, each of an account at a time.
struct Trail(Vec<Link>);

impl Trail {
    fn of(rows: &[(Time, &str, &str)]) -> Self {
        let mut trail = Self(Vec::new());
        for (number, (at, account, event)) in (1..).zip(rows) {
            let record = Record {
                id: number,
                at: *at,
                event: (*event).to_owned(),
                correlation: "d1".into(),
                actor: (*account).to_owned(),
                account: (*account).to_owned(),
                service: "sshd".into(),
                source: "192.0.2.1".into(),
                outcome: "success".into(),
                reason: String::new(),
            };
            trail.0.push(Link {
                record,
                realm: "local".into(),
                salt: Some("5a".into()),
                person: String::new(),
                chain: String::new(),
            });
        }
        trail.chained_from(0);
        trail
    }

    /// What somebody does who may write the store.
    fn chained_from(&mut self, first: usize) {
        for at in first..self.0.len() {
            let before = at.checked_sub(1).map_or(chain::BEGINNING.to_vec(), |at| unhex(&self.0[at].chain).unwrap());
            let link = &mut self.0[at];
            if let Some(salt) = &link.salt {
                link.person = hex(&chain::person(&unhex(salt).unwrap(), &link.realm, &link.record));
            }
            link.chain = hex(&chain::chain(&before, &link.record, &unhex(&link.person).unwrap()));
        }
    }

    fn erase(&mut self, at: usize, pseudonym: &str) {
        let link = &mut self.0[at];
        link.salt = None;
        (link.record.actor, link.record.account) = (pseudonym.into(), pseudonym.into());
    }

    fn head(&self, at: usize) -> What {
        What::Head(self.0[at].record.id, self.0[at].chain.clone())
    }

    fn checked(&self, lines: Option<&[(Time, What)]>, anchor: Option<Place>) -> Found {
        self.checked_with(lines, None, anchor)
    }

    fn checked_with(&self, lines: Seen<'_>, directory: Seen<'_>, anchor: Option<Place>) -> Found {
        let line = |(at, what): &(Time, What)| Line { at: u64::try_from(*at).unwrap(), what: what.clone() };
        let [lines, directory] = [lines, directory].map(|lines| lines.map(|lines| lines.iter().map(line).collect()));
        let mut check = Check::new(lines, directory);
        check.page(&Chained { anchor, keep_days: 400, rows: self.0.clone() });
        check.done(NOW, &who)
    }

    /// The same rows of accounts of a directory.
    fn of_the_directory(mut self) -> Self {
        for link in &mut self.0 {
            link.realm = "directory".into();
        }
        self.chained_from(0);
        self
    }

    /// As on one of two servers.
    fn checked_on_a_server(&self, lines: &[(Time, What)]) -> Found {
        let line = |(at, what): &(Time, What)| Line { at: u64::try_from(*at).unwrap(), what: what.clone() };
        let mut check = Check::new(Some(lines.iter().map(line).collect()), None);
        check.is_shared = true;
        check.page(&Chained { anchor: None, keep_days: 400, rows: self.0.clone() });
        check.done(NOW, &who)
    }

    fn kinds(&self, lines: Option<&[(Time, What)]>) -> Vec<(&'static str, Option<i64>)> {
        self.checked(lines, None).faults.into_iter().map(|fault| (fault.kind, fault.row)).collect()
    }
}

const RESET: &str = WITNESSED[0];

fn trail() -> Trail {
    Trail::of(&[
        (NOW - 5000, "alice", "Security info saved"),
        (NOW - 4000, "alice", RESET),
        (NOW - 3000, "bob", "Self-service refused"),
        (NOW - 2000, "bob", RESET),
    ])
}

fn witness() -> Vec<(Time, What)> {
    vec![(NOW - 4003, What::Trying(Who::Uid(1001))), (NOW - 4002, changed(1001)), (NOW - 2001, changed(1002))]
}

#[test]
fn a_trail_that_is_whole_and_says_what_root_did_has_no_fault() {
    let trail = trail();
    let lines = [witness(), vec![(NOW - 1990, trail.head(3))]].concat();
    let found = trail.checked(Some(&lines), None);
    assert!(found.faults.is_empty(), "{found:?}");
    assert_eq!((found.rows, found.witnessed, found.witness_since), (4, 2, Some(NOW - 4003)));
    assert!(described(&found).contains("Nothing speaks against"), "{}", described(&found));
    let found = trail.checked(None, None);
    assert!(found.faults.is_empty() && found.notes[0].contains("no record of its own yet"), "{found:?}");
}

#[test]
fn on_one_of_two_servers_what_the_other_one_did_is_no_fault_but_what_this_one_did_unrecorded_is() {
    let trail = trail();
    let own = [(NOW - 4002, changed(1001)), (NOW - 3500, changed(1002))];
    let found = trail.checked_on_a_server(&own);
    assert_eq!(found.faults.iter().map(|fault| fault.kind).collect::<Vec<_>>(), ["missing"]);
    assert!(found.notes[0].starts_with("1 row is of something that"), "{:?}", found.notes);
    let only = trail.checked_on_a_server(&own[..1]);
    assert!(only.faults.is_empty() && !described(&only).contains("Nothing speaks against"), "{only:?}");
    assert!(
        trail.checked(Some(&own), None).faults.len() == 2 && trail.checked_on_a_server(&witness()).notes.is_empty()
    );
}

#[test]
fn the_first_row_that_was_changed_removed_or_put_in_is_named() {
    type Change = fn(&mut Trail);
    let changes: [(Change, i64); 6] = [
        (|t| t.0[1].record.account = "mallory".into(), 2),
        (|t| t.0[1].record.source = "198.51.100.1".into(), 2),
        (|t| t.0[2].record.outcome = "failure".into(), 3),
        (|t| t.0[1].record.at += 1, 2),
        (|t| drop(t.0.remove(1)), 3),
        (|t| t.0.insert(1, t.0[3].clone()), 4),
    ];
    for (number, (change, row)) in changes.into_iter().enumerate() {
        let mut trail = trail();
        change(&mut trail);
        assert_eq!(trail.kinds(None)[0], ("row", Some(row)), "change {number}");
    }
}

#[test]
fn a_trail_that_was_written_anew_as_a_whole_is_not_the_one_that_root_saw() {
    let seen = (NOW - 1990, trail().head(3));
    let lines = [witness(), vec![seen]].concat();
    let mut rewritten = trail();
    rewritten.0[2].record.account = "mallory".into();
    rewritten.chained_from(0);
    assert_eq!(rewritten.kinds(Some(&lines)), [("head", Some(4))]);
    // Nor is one that ends before.
    let mut short = trail();
    short.0.pop();
    assert_eq!(short.kinds(Some(&lines)), [("head", Some(4)), ("missing", None)]);
}

#[test]
fn a_change_without_a_row_and_a_row_without_a_change_are_told() {
    let mut trail = trail();
    // A captured agent resets bob's password, and writes that it was alice's.
    trail.0[3].record.account = "alice".into();
    trail.chained_from(0);
    assert_eq!(trail.kinds(Some(&witness())), [("missing", None), ("unwitnessed", Some(4))]);
    // What happened before root's helper had a record says nothing.
    assert!(self::trail().kinds(Some(&witness()[2..])).is_empty());
    // An answer that got lost and was looked up is one change, and what was just done may have no row yet.
    let again = vec![(NOW - 4000, changed(1001)), (NOW - 5, changed(1002))];
    assert!(self::trail().kinds(Some(&[witness(), again].concat())).is_empty());
}

#[test]
fn names_may_be_erased_with_a_receipt_alone() {
    let mut trail = trail();
    trail.erase(0, "erased-1");
    trail.erase(1, "erased-1");
    assert_eq!(trail.kinds(Some(&witness())), [("erased", None)]);
    let mut receipted = Trail::of(&[
        (NOW - 5000, "alice", "Security info saved"),
        (NOW - 4000, "alice", RESET),
        (NOW - 3000, "erased-1", RECEIPT),
    ]);
    receipted.0[2].record.reason = "audit 2, contact 1".into();
    receipted.chained_from(0);
    receipted.erase(0, "erased-1");
    receipted.erase(1, "erased-1");
    assert!(receipted.kinds(Some(&witness()[..2])).is_empty());
    // One more than the receipt speaks of.
    let mut more = receipted;
    more.0.push(more.0[1].clone());
    more.0[3].record.id = 4;
    more.chained_from(3);
    assert_eq!(more.kinds(None), [("erased", None)]);
}

#[test]
fn rows_that_are_old_enough_go_and_younger_ones_that_root_saw_do_not() {
    let whole = trail();
    let anchor = Place { row: 2, chain: whole.0[1].chain.clone() };
    let rest = Trail(whole.0[2..].to_vec());
    let old = NOW - 401 * DAY;
    let lines = [(old, changed(1001)), (old, whole.head(1)), (NOW - 2001, changed(1002))];
    assert!(rest.checked(Some(&lines), Some(anchor.clone())).faults.is_empty());
    let young = [(NOW - 3500, whole.head(1)), (NOW - 2001, changed(1002))];
    let found = rest.checked(Some(&young), Some(anchor));
    assert_eq!(found.faults.iter().map(|fault| (fault.kind, fault.row)).collect::<Vec<_>>(), [("head", Some(2))]);
}

#[test]
fn what_the_directory_s_program_wrote_down_is_compared_with_the_rows_of_its_accounts_alone() {
    let kinds = |found: Found| found.faults.into_iter().map(|fault| (fault.kind, fault.row)).collect::<Vec<_>>();
    let seen = |first: &str, second: &str| {
        vec![
            (NOW - 4003, What::Trying(entry(first))),
            (NOW - 4002, What::Changed(entry(first))),
            (NOW - 2001, What::Changed(entry(second))),
        ]
    };
    let trail = trail().of_the_directory();
    let found = trail.checked_with(Some(&[]), Some(&seen("a1", "b2")), None);
    assert_eq!((found.directory_witnessed, found.directory_since), (2, Some(NOW - 4003)));
    assert!(described(&found).contains("sspr-directory has 2 records of its own since"), "{}", described(&found));
    assert_eq!(kinds(found), []);
    // A captured agent resets another one's password, or records a reset that never was.
    assert_eq!(
        kinds(trail.checked_with(Some(&[]), Some(&seen("a1", "c3")), None)),
        [("missing", None), ("unwitnessed", Some(4))]
    );
    assert_eq!(kinds(trail.checked_with(Some(&[]), Some(&seen("a1", "b2")[..2]), None)), [("unwitnessed", Some(4))]);
    // Root's helper has no lines about them, and this program none about accounts of this host.
    assert_eq!(kinds(trail.checked_with(Some(&witness()), Some(&seen("a1", "b2")), None)).len(), 2);
    assert_eq!(kinds(self::trail().checked_with(Some(&witness()), Some(&[]), None)), []);
    // Without its file there is nothing to compare with, which is told where it matters.
    let found = trail.checked_with(Some(&[]), None, None);
    assert!(found.faults.is_empty() && found.notes[0].contains("sspr-directory has no record"), "{found:?}");
    assert!(self::trail().checked_with(Some(&witness()), None, None).notes.is_empty());
}

#[test]
fn a_person_of_the_directory_who_is_gone_is_compared_by_the_time_and_named() {
    let trail = Trail::of(&[(NOW - 4000, "carol", RESET)]).of_the_directory();
    let seen = [(NOW - 4002, What::Changed(entry("c3")))];
    let found = trail.checked_with(Some(&[]), Some(&seen), None);
    assert!(found.faults.is_empty(), "{found:?}");
    assert!(found.notes[0].contains("carol") && found.notes[0].contains("the entry c3"), "{found:?}");
}

#[test]
fn a_line_is_of_the_nearest_row_and_rather_of_its_own_account_s_than_of_one_that_is_gone() {
    // The second row is of something that never was, not the first.
    let rows = [(NOW - 4500, "alice", RESET), (NOW - 4000, "alice", RESET)];
    assert_eq!(
        Trail::of(&rows).kinds(Some(&[(NOW - 4600, What::Trying(Who::Uid(1001))), (NOW - 4001, changed(1001))])),
        [("unwitnessed", Some(1))]
    );
    let rows = [(NOW - 4100, "carol", RESET), (NOW - 3900, "alice", RESET)];
    assert_eq!(Trail::of(&rows).kinds(Some(&[(NOW - 4101, changed(1001)), (NOW - 4099, changed(1009))])), []);
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[tokio::test]
async fn whoever_keeps_the_directory_s_program_busy_has_the_accounts_asked_about_again_and_no_other_left_out() {
    let asked = std::cell::RefCell::new(Vec::new());
    let ask = async |name: &str| {
        asked.borrow_mut().push(name.to_owned());
        let busy = name == "alice" && asked.borrow().len() < 4;
        if busy { Err("too many at once".to_owned()) } else { Ok(Some(format!("{name}1"))) }
    };
    let (told, untold) = asked_about(names(&["alice", "bob"]), Duration::from_mins(1), Duration::ZERO, ask).await;
    assert!(untold.is_none());
    assert_eq!(told["alice"].as_deref(), Some("alice1"));
    assert_eq!(asked.into_inner(), ["alice", "bob", "alice", "alice"]);
}

#[tokio::test]
async fn what_could_not_be_compared_is_a_fault() {
    let ask = async |name: &str| if name == "bob" { Ok(None) } else { Err("no answer".to_owned()) };
    let accounts = names(&["alice", "bob", "carol"]);
    let (told, untold) = asked_about(accounts.clone(), Duration::from_millis(1), Duration::ZERO, ask).await;
    let untold = untold.unwrap();
    assert!(told.len() + untold.names.len() == 3 && untold.names.contains("alice"), "each is told or not");
    let mut check = Check::new(Some(Vec::new()), Some(Vec::new()));
    check.not_compared(NOW, &untold);
    let [fault] = check.found.faults.as_slice() else { panic!("one fault") };
    assert!(fault.kind == "not compared" && fault.text.contains("alice") && fault.text.contains("no answer"));
}
