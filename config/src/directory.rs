//! Users of a directory, as `sspr-directory` serves them on the bus and the agent asks: the verbs of
//! [`crate::credential`], with the directory's own id of an entry in place of a uid. A name is only a label: an entry
//! that was removed and created again has another id.
//!
//! The program does not rely on what the agent says about an account: it reads scope, groups and state from the
//! directory again in each call.
//!
//! | member of `org.pam_sspr.Directory1` | in | out |
//! |---|---|---|
//! | `Account` | `s` user | `ssybb` name and id in the directory, verdict, administrator, locked by failures |
//! | `Hindrance` | | `s` why no account's password can be set; empty if no reason is known |
//! | `Verify` | `sh` user, sealed memfd with a password | `b` it is the current password of an eligible account |
//! | `Change` | `ssh` user, id, sealed memfd with the new password | `ys` see [`crate::credential::Change`] |
//! | `Outcome` | `ssh` user, id, sealed memfd with the new password | `b` a change whose answer was lost went through |
//! | `Unlock` | `ss` user, id | |
//! | `People` | `s` a handle, at first empty | `sa(ssasas)` the next handle, empty after the last page; [`Person`]s |
//! | `Check` | | `a(syss)` what `sspr doctor` shows of the directory, see [`Row`] |
//! | `TrySettings` | `sh` settings in TOML, sealed memfd with the password of `bind` or nothing | `a(syss)` the same with these settings; only for root |
//!
//! `People` pages through all users whom self-service would serve and who have a contact in the attributes that the
//! settings name, except administrators. A handle is valid once, and until another caller begins. If a call fails,
//! nothing is known about the users that were still to come. A user is listed twice only if two entries have one name.
//!
//! `Check` changes nothing and names no user. Its rows come in this order; if a check fails, the checks that depend on
//! it are left out. The id names the check and is not for users. `server`, `tls` and `bind` come once for each server
//! in the settings, and `too-many` once for each right. The others come once, for the first server that the service can
//! sign in to.
//!
//! | id | what was checked |
//! |---|---|
//! | `settings` | the settings, the file with the service's password, `ca_file`; only if they can't be used |
//! | `server` | the server can be reached |
//! | `tls` | its certificate, and when it expires |
//! | `bind` | the service's entry signs in |
//! | `kerberos` | with `password = "kerberos"`: the keytab signs in at the admin server |
//! | `clock` | the server's clock, where it tells the time |
//! | `kind` | the server says that it is of another kind; only where it does |
//! | `untried` | that servers of this kind were not tried; `FreeIPA`, and Active Directory but for Samba |
//! | `base` | `base` can be read |
//! | `hints` | Active Directory only: whether history and minimum age apply to a reset |
//! | `person` | at least one person is found there, and has an id |
//! | `locks` | accounts that an administrator locked can be recognized |
//! | `groups` | groups and their members can be read |
//! | `rights` | the service may set passwords, as far as the directory reports it |
//! | `contacts` | with `[contacts.directory]`: whether people may write the attributes themselves, once for each |
//! | `mailbox` | with `[contacts.directory] email`: whether the mailboxes may be protected by the same password |
//! | `too-many` | it has more rights than it needs: reads hashes, is a password administrator, an administrator or the root DN |
//!
//! Errors are [`crate::credential::Error`]; except for `Error::Failed` they mean that nothing was written.

use std::{fmt, time::Duration};

use crate::credential::Verdict;

/// The program's one interface.
pub const INTERFACE: &str = crate::bus::DIRECTORY;

/// How long a connection to a server may take, TLS included.
pub const CONNECT_MAX: Duration = Duration::from_secs(2);
/// How long a server may take for one operation.
pub const OPERATION_MAX: Duration = Duration::from_secs(5);
/// How long a call waits for earlier calls about the same account.
pub const TURN_MAX: Duration = Duration::from_secs(3);
/// How long finding an account may take, whatever the number of servers.
pub const FIND_MAX: Duration = Duration::from_secs(8);
/// How long a change may take until the new password is written or refused, finding the account included.
pub const CHANGE_MAX: Duration = Duration::from_secs(15);
/// How long to try afterwards whether the new password signs in, all tries together.
pub const PROOF_MAX: Duration = Duration::from_secs(4);
/// How long `Check` may take, whatever the number of servers: all are checked side by side.
pub const CHECK_MAX: Duration = Duration::from_secs(8);

/// How long one page of `People` may take, and all of them together.
pub const PAGE_MAX: Duration = Duration::from_secs(40);
/// See [`PAGE_MAX`].
pub const PEOPLE_MAX: Duration = Duration::from_hours(2);
/// The most values of one attribute that are returned.
pub const VALUES_MAX: usize = 8;

/// How long a caller waits for each member; each is longer than the program takes.
pub mod patience {
    use std::time::Duration;

    /// For `Account` and `Hindrance`.
    pub const ACCOUNT: Duration = Duration::from_secs(10);
    /// For `Verify`.
    pub const VERIFY: Duration = Duration::from_secs(18);
    /// For `Change`.
    pub const CHANGE: Duration = Duration::from_secs(23);
    /// For `Outcome`.
    pub const OUTCOME: Duration = Duration::from_secs(18);
    /// For `Unlock`.
    pub const UNLOCK: Duration = Duration::from_secs(18);
    /// For `People`.
    pub const PAGE: Duration = Duration::from_secs(50);
    /// For `Check`, which doctor calls, and `TrySettings`; a little less than all of doctor's checks together may take.
    pub const CHECK: Duration = Duration::from_secs(10);
}

/// The facts about a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The name in the directory: one name for all the ways in which a host may write it. Empty if the name does not
    /// exist.
    pub name: String,
    /// The directory's own id, never given to another entry. Empty if the name does not exist.
    pub id: String,
    /// Whether self-service may change it.
    pub verdict: Verdict,
    /// Member of one of `[scope] admin_groups`, directly or through other groups.
    pub admin: bool,
    /// The directory refuses a sign-in now, after too many wrong passwords. An administrator's lock does not count
    /// here.
    pub locked: bool,
}

impl Account {
    /// The account of a name that does not exist.
    pub const fn unknown() -> Self {
        Self { name: String::new(), id: String::new(), verdict: Verdict::Unknown, admin: false, locked: false }
    }
}

/// A user in `People`, whom self-service would serve, with the values of the attributes that the settings name. On the
/// bus it is `(ssasas)`.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// As in [`Account::name`].
    pub name: String,
    /// As in [`Account::id`].
    pub id: String,
    /// Values of the attribute for mail addresses, as written there.
    pub emails: Vec<String>,
    /// Values of the attribute for telephone numbers, as written there.
    pub phones: Vec<String>,
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person").field("name", &self.name).field("id", &self.id).finish_non_exhaustive()
    }
}

/// [`Person`] on the bus.
pub type PersonOnWire = (String, String, Vec<String>, Vec<String>);

impl Person {
    /// As it goes over the bus.
    pub fn to_wire(self) -> PersonOnWire {
        (self.name, self.id, self.emails, self.phones)
    }

    /// From the bus.
    pub fn from_wire((name, id, emails, phones): PersonOnWire) -> Self {
        Self { name, id, emails, phones }
    }
}

/// A page of `People`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The handle of the next page; empty if there is none.
    pub handle: String,
    /// The users on it. A page may be empty although more pages follow.
    pub people: Vec<Person>,
}

/// A rule of the directory that refuses a password. On the bus it is its sentence, see [`crate::credential::Change::Refused`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Too short; the required length, if the directory says so.
    Short(Option<u32>),
    /// Not good enough.
    Quality,
    /// Used before, or the current one.
    Used,
    /// The last change was too recent.
    Young,
    /// The directory's own message.
    Words(String),
}

impl Rule {
    /// The rule that `sentence` expresses; the directory's own message if none of ours does.
    pub fn read(sentence: &str) -> Self {
        let number = sentence.split(|c: char| !c.is_ascii_digit()).find_map(|digits| digits.parse().ok());
        let known = [Self::Short(number), Self::Short(None), Self::Quality, Self::Used, Self::Young];
        known.into_iter().find(|rule| rule.to_string() == sentence).unwrap_or_else(|| Self::Words(sentence.to_owned()))
    }
}

impl fmt::Display for Rule {
    /// One plain sentence for the user.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short(Some(least)) => write!(f, "The password must have at least {least} characters."),
            Self::Short(None) => f.write_str("The password is too short."),
            Self::Quality => f.write_str("The password is too simple for the directory."),
            Self::Used => f.write_str("You used this password before. Choose another."),
            Self::Young => {
                f.write_str("The password was changed a short while ago. The directory allows the next change later.")
            }
            Self::Words(words) => f.write_str(words),
        }
    }
}

/// The level of a [`Row`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Ok,
    /// It works, but should be looked into.
    Warn,
    /// Users can't be served, or not safely.
    Fail,
}

/// One check of `Check`: `(syss)` id, level (0 ok, 1 warn, 2 fail), sentence, fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The check, see the module's table.
    pub id: &'static str,
    /// Its level.
    pub level: Level,
    /// The finding, for an administrator: one sentence without its full stop.
    pub sentence: String,
    /// What to do; empty if there is nothing to do.
    pub fix: String,
}

impl Row {
    /// As it goes over the bus.
    pub fn to_wire(self) -> (String, u8, String, String) {
        (self.id.to_owned(), self.level as u8, self.sentence, self.fix)
    }
}

impl Level {
    /// From the bus. An unknown level counts as a failure.
    pub const fn from_wire(level: u8) -> Self {
        match level {
            0 => Self::Ok,
            1 => Self::Warn,
            _ => Self::Fail,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::ANSWER_SEALED_MAX;

    #[test]
    fn each_rule_comes_back_from_its_sentence() {
        let words = Rule::Words("0000052D: 7 characters".to_owned());
        for rule in [Rule::Short(Some(10)), Rule::Short(None), Rule::Quality, Rule::Used, Rule::Young, words] {
            assert_eq!(Rule::read(&rule.to_string()), rule);
        }
    }

    #[test]
    fn what_one_answer_may_lead_to_is_over_before_the_module_stops_waiting() {
        let on_the_host = crate::credential::patience::SETTLE;
        let new_password = 2 * patience::ACCOUNT + patience::CHANGE + patience::OUTCOME + on_the_host;
        assert!(new_password < ANSWER_SEALED_MAX);
        assert!(TURN_MAX + CHANGE_MAX + PROOF_MAX < patience::CHANGE && FIND_MAX < patience::ACCOUNT);
        assert!(TURN_MAX + FIND_MAX + OPERATION_MAX < patience::VERIFY);
        assert!(TURN_MAX + FIND_MAX + PROOF_MAX < patience::OUTCOME);
        assert!(CHECK_MAX < patience::CHECK && PAGE_MAX < patience::PAGE);
    }

    #[test]
    fn a_level_goes_over_the_bus_and_back_and_one_that_is_not_known_is_a_failure() {
        for level in [Level::Ok, Level::Warn, Level::Fail] {
            let (id, number, sentence, fix) =
                Row { id: "bind", level, sentence: "s".to_owned(), fix: "f".to_owned() }.to_wire();
            assert_eq!(
                (id.as_str(), Level::from_wire(number), sentence.as_str(), fix.as_str()),
                ("bind", level, "s", "f")
            );
        }
        assert_eq!(Level::from_wire(9), Level::Fail);
    }
}
