//! People of a directory, as `sspr-directory` serves them on the bus and the agent asks: the verbs of [`crate::credential`], with the
//! directory's own id of an entry in place of a uid. A name is a label: whoever was removed and made anew has another id.
//!
//! The program believes nothing that the agent says about an account: scope, groups and state are read from the directory again in
//! each call.
//!
//! | member of `org.pam_sspr.Directory1` | in | out |
//! |---|---|---|
//! | `Account` | `s` user | `ssybb` name and id as the directory has them, verdict, administrator, locked by failures |
//! | `Hindrance` | | `s` why no password can be set at all, whosever it is; empty where nothing is known |
//! | `Verify` | `sh` user, sealed memfd with a password | `b` it is the current password of an eligible account |
//! | `Change` | `ssh` user, id, sealed memfd with the new password | `ys` see [`crate::credential::Change`] |
//! | `Outcome` | `ssh` user, id, sealed memfd with the new password | `b` a change whose answer got lost went through |
//! | `Unlock` | `ss` user, id | |
//! | `Aftermath` | `ss` user, id | `u` minutes for which the directory may still take the old password |
//! | `People` | `s` a handle, at first empty | `sa(ssasas)` the next handle, empty after the last page; [`Person`]s |
//! | `Check` | | `a(syss)` what `sspr doctor` shows of the directory, see [`Row`] |
//! | `TrySettings` | `sh` settings in TOML, sealed memfd with the password of `bind` or nothing | `a(syss)` the same by these settings; root alone |
//!
//! `People` pages through everybody whom self-service would serve and of whom the directory has a contact that the settings name, but for
//! administrators. A handle is good once, and until another caller begins. Where one call fails, nothing is known of those who were to
//! come. Nobody is named twice but where two entries have one name.
//!
//! `Check` changes nothing and names no person. Its rows come in this order; where one fails, those that need it are left out. The id
//! says what was looked at and is not for people; `server`, `tls` and `bind` come once for each server in the settings, `too-many` once
//! for each right, the others once, of the first server that the service can sign in to.
//!
//! | id | what was looked at |
//! |---|---|
//! | `settings` | the settings, the file with the service's password, `ca_file`; only where they can't be used |
//! | `server` | the server can be reached |
//! | `tls` | its certificate, and when it ends |
//! | `bind` | the service's entry signs in |
//! | `kerberos` | with `password = "kerberos"`: the keytab signs in at the admin server |
//! | `clock` | the server's clock, where it tells the time |
//! | `kind` | the server says that it is of another kind; only where it does |
//! | `base` | `base` can be read |
//! | `hints` | Active Directory alone: whether history and minimum age hold for a reset |
//! | `person` | at least one person is found there, and has an id |
//! | `locks` | it can be seen whom an administrator locked |
//! | `groups` | groups and their members can be seen |
//! | `rights` | the service may set passwords, as far as the directory tells |
//! | `contacts` | with `[contacts.directory]`: whether people may write the attributes themselves, once for each |
//! | `mailbox` | with `[contacts.directory] email`: whether the mailboxes may be behind the same password |
//! | `too-many` | it may do more than it needs: reads hashes, is a password administrator, an administrator or the root DN |
//!
//! Errors are [`crate::credential::Error`]; except for `Error::Failed` they mean that nothing was written.

use std::{fmt, time::Duration};

use crate::credential::Verdict;

/// The program's one interface.
pub const INTERFACE: &str = crate::bus::DIRECTORY;

/// How long a server may take to be connected to, TLS included.
pub const CONNECT_MAX: Duration = Duration::from_secs(2);
/// How long a server may take for one operation.
pub const OPERATION_MAX: Duration = Duration::from_secs(5);
/// How long it may take to find an account, whatever the number of servers.
pub const FIND_MAX: Duration = Duration::from_secs(8);
/// How long a change may take until the new password is written or refused, finding the account included.
pub const CHANGE_MAX: Duration = Duration::from_secs(15);
/// How long it is tried afterwards whether the new password signs in.
pub const PROOF_MAX: Duration = Duration::from_secs(4);
/// How long `Check` may take, whatever the number of servers: all are looked at side by side.
pub const CHECK_MAX: Duration = Duration::from_secs(8);

/// How long one page of `People` may take, and all of them together.
pub const PAGE_MAX: Duration = Duration::from_secs(40);
/// See [`PAGE_MAX`].
pub const PEOPLE_MAX: Duration = Duration::from_hours(2);
/// So many values of one attribute are told.
pub const VALUES_MAX: usize = 8;

/// How long a caller waits for each member; each is longer than the program takes.
pub mod patience {
    use std::time::Duration;

    /// For `Account`, `Hindrance` and `Aftermath`.
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
    /// For `Check`, which doctor asks, and `TrySettings`; a little less than all its checks have.
    pub const CHECK: Duration = Duration::from_secs(10);
}

/// What was found out about a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// As the directory has it: one for all the ways in which a host may write it. Empty where nobody has the name.
    pub name: String,
    /// The directory's own, never given to another entry. Empty where nobody has the name.
    pub id: String,
    /// Whether self-service may touch it.
    pub verdict: Verdict,
    /// Member of one of `[scope] admin_groups`, directly or through other groups.
    pub admin: bool,
    /// The directory refuses a sign-in now, after too many wrong passwords. What an administrator closed is not meant.
    pub locked: bool,
}

impl Account {
    /// Of a name that nobody has.
    pub const fn unknown() -> Self {
        Self { name: String::new(), id: String::new(), verdict: Verdict::Unknown, admin: false, locked: false }
    }
}

/// Somebody in `People`: whom self-service would serve, with what the directory has in the attributes that the settings name. On the bus it
/// is `(ssasas)`.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// As in [`Account::name`].
    pub name: String,
    /// As in [`Account::id`].
    pub id: String,
    /// Values of the attribute for mail addresses, as they are written there.
    pub emails: Vec<String>,
    /// Values of the attribute for telephone numbers, as they are written there.
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
    /// By which the next one is asked for; empty: there is none.
    pub handle: String,
    /// Those on it. There may be none, and more to come.
    pub people: Vec<Person>,
}

/// A rule of the directory that refuses a password. On the bus it is its sentence, see [`crate::credential::Change::Refused`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Too short; how long it must be, where the directory says so.
    Short(Option<u32>),
    /// Not good enough.
    Quality,
    /// Used before, or the current one.
    Used,
    /// The last change was too short a time ago.
    Young,
    /// What the directory says, in its words.
    Words(String),
}

impl Rule {
    /// The rule that says `sentence`; the directory's own words where none of ours does.
    pub fn read(sentence: &str) -> Self {
        let number = sentence.split(|c: char| !c.is_ascii_digit()).find_map(|digits| digits.parse().ok());
        let known = [Self::Short(number), Self::Short(None), Self::Quality, Self::Used, Self::Young];
        known.into_iter().find(|rule| rule.to_string() == sentence).unwrap_or_else(|| Self::Words(sentence.to_owned()))
    }
}

impl fmt::Display for Rule {
    /// One plain sentence for the person.
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

/// How good a [`Row`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Ok,
    /// It works, and should be looked at.
    Warn,
    /// People can't be served, or not safely.
    Fail,
}

/// One thing that `Check` looked at: `(syss)` id, level (0 ok, 1 warn, 2 fail), sentence, fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What was looked at, see the module's table.
    pub id: &'static str,
    /// How good it is.
    pub level: Level,
    /// What was seen, for an administrator: one sentence without its full stop.
    pub sentence: String,
    /// What to do; empty where nothing has to be done.
    pub fix: String,
}

impl Row {
    /// As it goes over the bus.
    pub fn to_wire(self) -> (String, u8, String, String) {
        (self.id.to_owned(), self.level as u8, self.sentence, self.fix)
    }
}

impl Level {
    /// From the bus. What is not known is a failure.
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
        assert!(CHANGE_MAX + PROOF_MAX < patience::CHANGE && FIND_MAX < patience::ACCOUNT);
        assert!(FIND_MAX + OPERATION_MAX < patience::VERIFY && FIND_MAX + PROOF_MAX < patience::OUTCOME);
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
