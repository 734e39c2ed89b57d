//! A double of Microsoft's domain controller, which answers as administrators have seen theirs do. There is none here
//! to try it on, only Samba.

use std::sync::{Arc, Mutex, MutexGuard};

use sspr_config::{
    credential::{Change, Error, Verdict},
    directory::Rule,
};
use sspr_directory::{directory::Directory, message::POLICY_HINTS};

use crate::{
    NEW, run,
    server::{ALICE, Asked, Does, Rude, answered, entry},
};

const OLD: &str = "Old-horse-battery-1";
const GUID: [u8; 16] = [0xf3, 0x1f, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13];

struct Controller {
    password: String,
    used: Vec<String>,
    /// The answer to every change, if there is one.
    refuses: Option<(u32, &'static str)>,
    /// The number that refuses a sign-in with the correct password, if there is one.
    data: Option<&'static str>,
    control: &'static str,
    locked: bool,
    knows_hints: bool,
}

impl Controller {
    fn binds(&self, asked: &Asked) -> Vec<u8> {
        let no = |data: &str| {
            let text = format!(
                "80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data {data}, v4563\u{0}"
            );
            answered(asked, 49, &text)
        };
        match self.data {
            _ if self.locked => no("775"),
            _ if asked.password() != self.password => no("52e"),
            Some(data) => no(data),
            None => answered(asked, 0, ""),
        }
    }

    fn writes(&mut self, asked: &Asked) -> Vec<u8> {
        if let Some((code, text)) = self.refuses {
            return answered(asked, code, text);
        }
        let mut opens = false;
        let mut new = None;
        for (name, value) in asked.replaced() {
            match name.as_str() {
                "unicodePwd" => {
                    let units: Vec<u16> = value.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
                    let text = String::from_utf16(&units).unwrap();
                    new = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).map(str::to_owned);
                }
                "lockoutTime" => opens = value == b"0",
                other => panic!("{other}"),
            }
        }
        if let Some(new) = new {
            // History applies only if the control requests it. The answer does not name the rule.
            let used = asked.has_control(POLICY_HINTS) && self.used.contains(&new);
            if new.len() < 12 || used {
                return answered(
                    asked,
                    53,
                    "0000052D: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0\n\u{0}",
                );
            }
            // The change also removes the requirement to change the password.
            self.data = self.data.filter(|data| *data != "773");
            self.used.push(new.clone());
            self.password = new;
        }
        self.locked &= !opens;
        answered(asked, 0, "")
    }

    fn answers(&mut self, asked: &Asked) -> Option<Does> {
        let found = |dn: &str, attributes: &[(&str, &[u8])]| {
            Some(Does::Sends([entry(asked.id, dn, attributes), answered(asked, 0, "")].concat()))
        };
        match asked.tag {
            0x66 => Some(Does::Sends(self.writes(asked))),
            _ if asked.is_alices() => Some(Does::Sends(self.binds(asked))),
            0x63 if asked.has("supportedControl") && self.knows_hints => {
                found("", &[("supportedControl", POLICY_HINTS.as_bytes())])
            }
            0x63 if asked.has("tokenGroups") => found(ALICE, &[("tokenGroups", &sid(513))]),
            _ if asked.is_for_people() => {
                let computed: &[u8] = if self.locked { b"16" } else { b"0" };
                found(
                    ALICE,
                    &[
                        ("sAMAccountName", b"alice"),
                        ("objectGUID", &GUID),
                        ("objectSid", &sid(1104)),
                        ("userAccountControl", self.control.as_bytes()),
                        ("msDS-User-Account-Control-Computed", computed),
                    ],
                )
            }
            _ => None,
        }
    }
}

fn sid(last: u32) -> Vec<u8> {
    let mut bytes = vec![1, 5, 0, 0, 0, 0, 0, 5];
    bytes.extend([21, 1, 2, 3, last].into_iter().flat_map(u32::to_le_bytes));
    bytes
}

struct StandIn {
    rude: Rude,
    controller: Arc<Mutex<Controller>>,
}

impl StandIn {
    async fn start(prepare: impl FnOnce(&mut Controller)) -> Self {
        let mut controller = Controller {
            password: OLD.to_owned(),
            used: vec![OLD.to_owned()],
            refuses: None,
            data: None,
            control: "512",
            locked: false,
            knows_hints: true,
        };
        prepare(&mut controller);
        let controller = Arc::new(Mutex::new(controller));
        let own = Arc::clone(&controller);
        Self { rude: Rude::start(move |asked| own.lock().unwrap().answers(asked)).await, controller }
    }

    fn directory(&self) -> Directory {
        self.rude.directory_of("ldap+plain", "ad")
    }

    fn controller(&self) -> MutexGuard<'_, Controller> {
        self.controller.lock().unwrap()
    }

    async fn set(&self, new: &str) -> Result<Change, Error> {
        let id = GUID.map(|byte| format!("{byte:02x}")).concat();
        self.directory().change("alice", &id, new.as_bytes(), async { Ok(()) }).await
    }

    async fn is_right(&self, password: &str) -> Result<bool, Error> {
        let directory = self.directory();
        let found = directory.find("alice").await.unwrap().unwrap();
        directory.is_right(&found, password.as_bytes()).await
    }
}

#[test]
fn a_reset_opens_a_lock_and_takes_must_change_away_in_one_step() {
    run(async {
        for (locked, data) in [(true, None), (false, Some("773")), (false, None)] {
            let server = StandIn::start(|dc| (dc.locked, dc.data) = (locked, data)).await;
            assert_eq!(server.set(NEW).await, Ok(Change::Changed), "{locked} {data:?}");
            assert_eq!(server.rude.asked("lockoutTime\u{31}"), 1);
        }
    });
}

#[test]
fn a_refused_password_leaves_the_lock_and_the_person_reads_all_that_it_may_be() {
    run(async {
        let server = StandIn::start(|dc| dc.locked = true).await;
        for refused in ["short-1", OLD] {
            let outcome = server.set(refused).await;
            let Ok(Change::Refused(why)) = &outcome else { panic!("{outcome:?}") };
            assert!(matches!(Rule::read(why), Rule::Words(words) if words.contains("used before")), "{why}");
        }
        assert!(server.controller().locked);
        // If the server does not support the control, history does not apply to a reset, and nothing critical is sent.
        let server = StandIn::start(|dc| dc.knows_hints = false).await;
        assert_eq!(server.set(OLD).await, Ok(Change::Changed));
    });
}

#[test]
fn what_is_not_the_persons_fault_changes_nothing_and_says_the_cause() {
    run(async {
        for (code, text, why) in [
            (53, "0000001F: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0\n\u{0}", "not willing"),
            (50, "00000005: SecErr: DSID-031A11EF, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0\n\u{0}", "no right"),
            (
                53,
                "00002035: LdapErr: DSID-0C090FD2, comment: Operation not allowed through GC port, data 0, v4563\u{0}",
                "GC port",
            ),
            (
                10,
                "0000202B: RefErr: DSID-0310078A, data 0, 1 access points\n\tref 1: 'dc.example.org'\n\u{0}",
                "points to another",
            ),
        ] {
            let server = StandIn::start(|dc| dc.refuses = Some((code, text))).await;
            let outcome = server.set(NEW).await;
            assert!(matches!(&outcome, Err(Error::Unavailable(said)) if said.contains(why)), "{text}: {outcome:?}");
            assert_eq!(server.controller().password, OLD);
        }
    });
}

#[test]
fn each_number_of_a_refused_sign_in_is_told_apart() {
    run(async {
        // Wrong hour, wrong workstation, must change and expired: these are reported only for a correct password.
        for (data, right) in
            [("530", true), ("531", true), ("773", true), ("532", true), ("533", false), ("701", false)]
        {
            let server = StandIn::start(|dc| dc.data = Some(data)).await;
            assert_eq!(server.is_right(OLD).await, Ok(right), "{data}");
            assert_eq!(server.is_right("any other password").await, Ok(false), "{data}");
        }
        let server = StandIn::start(|dc| dc.locked = true).await;
        assert_eq!(server.is_right(OLD).await, Ok(false));
    });
}

#[test]
fn a_disabled_account_a_computer_and_one_whose_state_cannot_be_read_are_not_served() {
    run(async {
        for control in ["514", "4096", ""] {
            let server = StandIn::start(|dc| dc.control = control).await;
            let found = server.directory().find("alice").await.unwrap().unwrap();
            assert_ne!(found.account.verdict, Verdict::Eligible, "{control}");
            assert!(matches!(server.set(NEW).await, Err(Error::Refused(_))), "{control}");
            assert_eq!(server.controller().password, OLD, "{control}");
        }
    });
}
