//! A double of `FreeIPA`, which answers as the sources of its plugins (4.13) say: `ipa-pwd-extop`, `ipa-lockout` and
//! `ipa-graceperiod`. Debian has no server to try it on.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
    time::SystemTime,
};

use sspr_config::{
    credential::{Change, Error, Verdict},
    directory::Rule,
};
use sspr_directory::{directory::Directory, times};

use crate::{
    ID, NEW, reset, run,
    server::{ALICE, Asked, Does, Rude, answered, answered_by_policy, entry},
};

const OLD: &str = "Old-horse-battery-1";
/// An error of the password policy: the password has expired.
const EXPIRED: u8 = 0;
/// The attributes that a service with our rights may write besides a password.
const ALL: &[&str] = &["krbPasswordExpiration", "krbLastAdminUnlock"];

struct Ipa {
    password: String,
    /// The attributes of alice's entry.
    attributes: BTreeMap<&'static str, String>,
    /// Whether the service sets passwords as users do (`ipa sysaccount-policy --privileged=true`).
    privileged: bool,
    may_write: &'static [&'static str],
    /// The attributes that the service may not read.
    hides: &'static [&'static str],
    changed_lately: bool,
    /// Whether a change is neither made nor answered.
    loses: bool,
}

impl Ipa {
    fn set(&mut self, attribute: &'static str, value: &str) {
        self.attributes.insert(attribute, value.to_owned());
    }

    fn time(&self, attribute: &str) -> Option<i64> {
        times::generalized(self.attributes.get(attribute)?)
    }

    fn is_past(&self, attribute: &str) -> bool {
        self.time(attribute).is_some_and(|time| time <= now())
    }

    fn failures(&self) -> u32 {
        self.attributes.get("krbLoginFailedCount").map_or(0, |count| count.parse().unwrap())
    }

    /// Answers a bind. The password is checked only at the end.
    fn binds(&mut self, asked: &Asked) -> Vec<u8> {
        if self.attributes.get("nsAccountLock").is_some_and(|lock| lock == "TRUE") {
            return answered(asked, 53, "Account inactivated. Contact system administrator.");
        }
        if self.is_past("krbPrincipalExpiration") {
            return answered(asked, 53, "Account (Kerberos principal) is expired");
        }
        if self.failures() >= 6 && self.time("krbLastAdminUnlock") < self.time("krbLastFailedAuth") {
            return answered(asked, 53, "Too many failed logins.\n");
        }
        if self.is_past("krbPasswordExpiration") {
            return answered_by_policy(asked, 49, "Password is expired.\n", EXPIRED);
        }
        if asked.password() == self.password {
            self.set("krbLoginFailedCount", "0");
            return answered(asked, 0, "");
        }
        let count = self.failures() + 1;
        self.set("krbLoginFailedCount", &count.to_string());
        self.set("krbLastFailedAuth", &after(0));
        answered(asked, 49, "")
    }

    fn writes(&mut self, asked: &Asked) -> Vec<u8> {
        for (name, value) in asked.replaced() {
            let value = String::from_utf8(value).unwrap();
            if name == "userPassword" {
                if let Some(why) = self.refuses(&value) {
                    return answered(asked, 19, why);
                }
                self.password = value;
                // A password that another entry set has expired. A lock stays, whoever sets the password.
                let lives = if self.privileged { 90 * 86_400 } else { -1 };
                self.set("krbPasswordExpiration", &after(lives));
            } else if let Some(own) = self.may_write.iter().find(|own| **own == name) {
                self.set(own, &value);
            } else {
                let why = format!("Insufficient 'write' privilege to the '{name}' attribute of entry '{ALICE}'.\n");
                return answered(asked, 50, &why);
            }
        }
        answered(asked, 0, "")
    }

    /// The rules apply to passwords that users set, and to a service that sets them as users do.
    fn refuses(&self, new: &str) -> Option<&'static str> {
        if !self.privileged {
            return None;
        }
        Some(match new {
            _ if self.changed_lately => "Too soon to change password",
            short if short.len() < 10 => "Password is too short",
            same if same == self.password => "Password reuse not permitted",
            plain if !plain.contains(|c: char| c.is_ascii_digit()) => "Password is too simple",
            named if named.contains("alice") => "Password contains username",
            _ => return None,
        })
    }

    fn answers(&mut self, asked: &Asked) -> Option<Does> {
        match asked.tag {
            0x66 if self.loses => Some(Does::Sulks),
            0x66 => Some(Does::Sends(self.writes(asked))),
            _ if asked.is_alices() => Some(Does::Sends(self.binds(asked))),
            // There is a visible group, for any question about one.
            0x63 if asked.has("groupOfNames") && asked.has("1.1") => {
                let group = entry::<&str>(asked.id, "cn=ipausers,cn=groups,dc=example,dc=org", &[]);
                Some(Does::Sends([group, answered(asked, 0, "")].concat()))
            }
            _ if asked.is_for_people() => {
                let own = [("uid", "alice"), ("uidNumber", "20000"), ("loginShell", "/bin/bash"), ("ipaUniqueID", ID)];
                let seen = self.attributes.iter().filter(|(name, _)| !self.hides.contains(name));
                let more = seen.map(|(name, value)| (*name, value.as_str()));
                let all: Vec<_> = own.into_iter().chain(more).collect();
                Some(Does::Sends([entry(asked.id, ALICE, &all), answered(asked, 0, "")].concat()))
            }
            _ => None,
        }
    }
}

struct StandIn {
    rude: Rude,
    ipa: Arc<Mutex<Ipa>>,
}

impl StandIn {
    /// Starts the server with a service that has all rights. Alice's password is valid for 30 more days.
    async fn start(prepare: impl FnOnce(&mut Ipa)) -> Self {
        let mut ipa = Ipa {
            password: OLD.to_owned(),
            attributes: BTreeMap::new(),
            privileged: true,
            may_write: ALL,
            hides: &[],
            changed_lately: false,
            loses: false,
        };
        ipa.set("krbPasswordExpiration", &after(30 * 86_400));
        ipa.set("krbLoginFailedCount", "0");
        prepare(&mut ipa);
        let ipa = Arc::new(Mutex::new(ipa));
        let own = Arc::clone(&ipa);
        Self { rude: Rude::start(move |asked| own.lock().unwrap().answers(asked)).await, ipa }
    }

    fn directory(&self) -> Directory {
        self.rude.directory_of("ldap+plain", "freeipa")
    }

    fn ipa(&self) -> MutexGuard<'_, Ipa> {
        self.ipa.lock().unwrap()
    }

    async fn is_right(&self, password: &str) -> Result<bool, Error> {
        let directory = self.directory();
        let found = directory.find("alice").await.unwrap().unwrap();
        assert_eq!(found.account.verdict, Verdict::Eligible);
        directory.is_right(&found, password.as_bytes()).await
    }
}

fn now() -> i64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs().try_into().unwrap()
}

/// The time after this many seconds.
fn after(seconds: i64) -> String {
    times::to_generalized(now() + seconds).unwrap()
}

/// Alice typed too many wrong passwords, the last one a minute ago.
fn failed(ipa: &mut Ipa) {
    ipa.set("krbLoginFailedCount", "6");
    ipa.set("krbLastFailedAuth", &after(-60));
}

#[test]
fn each_rule_is_told_apart_and_what_a_privileged_account_sets_need_not_be_changed_again() {
    run(async {
        let server = StandIn::start(|_| {}).await;
        let directory = server.directory();
        let set = async |new: &str| directory.change("alice", ID, new.as_bytes(), async { Ok(()) }).await;
        let refused = |rule: Rule| Ok(Change::Refused(rule.to_string()));
        assert_eq!(set("short-1").await, refused(Rule::Short(None)));
        assert_eq!(set(OLD).await, refused(Rule::Used));
        assert_eq!(set("no-digits-in-this").await, refused(Rule::Quality));
        assert_eq!(set("long-alice-long-1").await, refused(Rule::Words("Password contains username.".to_owned())));
        assert_eq!(set(NEW).await, Ok(Change::Changed));
        // Only the password was written.
        assert_eq!((server.rude.asked("userPassword"), server.ipa().password.as_str()), (5, NEW));
        assert_eq!(server.is_right(NEW).await, Ok(true));
        assert_eq!(server.is_right(OLD).await, Ok(false));
        server.ipa().changed_lately = true;
        assert_eq!(set(OLD).await, refused(Rule::Young));
    });
}

#[test]
fn a_password_that_expired_at_once_is_given_its_time_and_without_the_right_to_it_is_to_be_changed_again() {
    run(async {
        let server = StandIn::start(|ipa| ipa.privileged = false).await;
        assert_eq!(reset(&server.directory()).await, Ok(Change::Changed));
        assert!(server.ipa().time("krbPasswordExpiration").unwrap() > now() + 80 * 86_400);
        let server = StandIn::start(|ipa| {
            ipa.privileged = false;
            ipa.may_write = &[];
        })
        .await;
        let outcome = reset(&server.directory()).await;
        assert!(
            matches!(&outcome, Ok(Change::ChangedWithWarning(why)) if why.contains("changed again")),
            "{outcome:?}"
        );
        assert_eq!(server.ipa().password, NEW);
    });
}

#[test]
fn a_reset_ends_a_lock_by_failures_which_the_server_leaves_and_without_the_right_the_cause_is_said() {
    run(async {
        let server = StandIn::start(failed).await;
        let found = server.directory().find("alice").await.unwrap().unwrap();
        assert!(found.account.locked);
        assert_eq!(reset(&server.directory()).await, Ok(Change::Changed));
        // The account is unlocked without a new password.
        let server = StandIn::start(failed).await;
        assert_eq!(server.is_right(OLD).await, Ok(false));
        assert_eq!(server.directory().unlock("alice", ID).await, Ok(()));
        assert_eq!(server.is_right(OLD).await, Ok(true));
        let server = StandIn::start(|ipa| {
            failed(ipa);
            ipa.may_write = &["krbPasswordExpiration"];
        })
        .await;
        let outcome = reset(&server.directory()).await;
        assert!(matches!(&outcome, Err(Error::Failed(why)) if why.contains("locked")), "{outcome:?}");
    });
}

#[test]
fn a_reset_ends_a_lock_that_the_service_may_not_see() {
    run(async {
        let server = StandIn::start(|ipa| {
            failed(ipa);
            ipa.hides = &["krbLoginFailedCount", "krbLastFailedAuth", "krbLastAdminUnlock"];
        })
        .await;
        assert!(!server.directory().find("alice").await.unwrap().unwrap().account.locked);
        assert_eq!(reset(&server.directory()).await, Ok(Change::Changed));
        assert_eq!(server.is_right(NEW).await, Ok(true));
    });
}

/// An attacker at an open session could register a contact with any password, and reset the password with it.
#[test]
fn where_the_password_has_expired_a_sign_in_proves_neither_a_right_nor_a_wrong_one_and_a_reset_works() {
    run(async {
        let server = StandIn::start(|ipa| ipa.set("krbPasswordExpiration", &after(-86_400))).await;
        for password in [OLD, "any other password"] {
            let said = server.is_right(password).await;
            assert!(matches!(&said, Err(Error::Unavailable(why)) if why.contains("expired")), "{said:?}");
        }
        // An expired password does not prove a change either that was neither answered nor made.
        server.ipa().loses = true;
        let outcome = reset(&server.directory()).await;
        assert!(matches!(&outcome, Err(Error::Failed(why)) if why.contains("expired")), "{outcome:?}");
        assert_eq!(server.ipa().password, OLD);
        server.ipa().loses = false;
        assert_eq!(reset(&server.directory()).await, Ok(Change::Changed));
        assert_eq!(server.is_right("any other password").await, Ok(false));
    });
}

#[test]
fn whom_an_administrator_disabled_who_has_ended_and_who_needs_more_than_a_password_is_not_served() {
    run(async {
        for (attribute, value) in
            [("nsAccountLock", "TRUE"), ("krbPrincipalExpiration", after(-60).as_str()), ("ipaUserAuthType", "otp")]
        {
            let server = StandIn::start(|ipa| ipa.set(attribute, value)).await;
            let found = server.directory().find("alice").await.unwrap().unwrap();
            assert_ne!(found.account.verdict, Verdict::Eligible, "{attribute}");
            let outcome = reset(&server.directory()).await;
            assert!(matches!(outcome, Err(Error::Refused(_))), "{attribute}: {outcome:?}");
            assert_eq!(server.rude.asked("userPassword"), 0, "{attribute}");
        }
        // The account ends a moment after it was read. Then the server says so about any password.
        let server = StandIn::start(|_| {}).await;
        let directory = server.directory();
        let found = directory.find("alice").await.unwrap().unwrap();
        server.ipa().set("krbPrincipalExpiration", &after(-1));
        assert_eq!(directory.is_right(&found, OLD.as_bytes()).await, Ok(false));
    });
}
