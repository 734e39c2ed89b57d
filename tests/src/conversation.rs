//! How programs talk where PAM expects a person, from `tests/clients`: in the same form for the tests that play them
//! and for those that run the real ones.

use serde::{Deserialize, Serialize};

const CLIENTS: &str = include_str!("../clients/ssh.toml");
const PROGRAMS: &str = include_str!("../clients/programs.toml");

/// The answer to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Says {
    /// The known password.
    Password,
    /// The name of the account.
    Name,
    /// An empty line.
    Empty,
    /// A line of its input, which was meant to be copied.
    Input,
    /// No answer, reported as success.
    Nothing,
    /// An error.
    Fails,
    /// The connection is closed, and the host ends.
    Leaves,
}

/// An SSH client.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Its usual name.
    pub name: String,
    /// Debian's package, or `npm`.
    pub package: Option<String>,
    /// The version, if no package has it.
    pub version: Option<String>,
    /// Shell commands that sign in and print something.
    pub run: Option<String>,
    /// Answers to hidden questions.
    #[serde(default = "password")]
    pub hidden: Vec<Says>,
    /// Answers to visible questions.
    pub visible: Vec<Says>,
    /// The SSH method, if not keyboard-interactive.
    pub method: Option<String>,
    /// Whether a person types the password.
    #[serde(default)]
    pub typed: bool,
    /// Whether it asks its standard input after a wrong password; the end of the input is an empty password.
    #[serde(default)]
    pub asks_again: bool,
}

/// A program that asks PAM.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// Its usual name.
    pub name: String,
    /// Debian's package.
    pub package: Option<String>,
    /// The version, if no package has it.
    pub version: Option<String>,
    /// The PAM service.
    pub service: String,
    /// `PAM_TTY`
    pub tty: Option<String>,
    /// `PAM_RHOST`
    pub rhost: Option<String>,
    /// Whether it passes `PAM_SILENT`.
    #[serde(default)]
    pub silent: bool,
    /// The user that it runs as.
    #[serde(default)]
    pub uid: u32,
    /// Answers to hidden questions.
    #[serde(default = "password")]
    pub hidden: Vec<Says>,
    /// Answers to visible questions.
    pub visible: Vec<Says>,
    /// Whether it checks the account, in the same transaction.
    #[serde(default = "yes")]
    pub account: bool,
    /// The user that it runs as at that time, if another one.
    pub account_uid: Option<u32>,
    /// How long it takes to answer, in milliseconds.
    #[serde(skip)]
    pub needs_ms: u64,
}

/// One sign-in of a program, as `plays` plays it against real libpam.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Play {
    /// The name of the result.
    pub id: String,
    /// The directory of PAM's service files.
    pub directory: String,
    /// The PAM service.
    pub service: String,
    /// The user who signs in, or tries to.
    pub user: String,
    /// The password.
    pub password: String,
    /// `PAM_TTY`
    pub tty: Option<String>,
    /// `PAM_RHOST`
    pub rhost: Option<String>,
    /// Whether it passes `PAM_SILENT`.
    pub silent: bool,
    /// Answers to hidden questions.
    pub hidden: Vec<Says>,
    /// Answers to visible questions.
    pub visible: Vec<Says>,
    /// The user that it runs as.
    pub uid: u32,
    /// Whether it checks the account.
    pub account: bool,
    /// The user that it runs as at that time.
    pub account_uid: u32,
    /// How long it takes to answer.
    pub needs_ms: u64,
}

/// The result of a [`Play`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Played {
    /// The play's.
    pub id: String,
    /// The result of `pam_authenticate`; `None` if the program exited in it.
    pub sign_in: Option<i32>,
    /// The result of `pam_acct_mgmt`; `None` if it was not called, or the program exited in it.
    pub account: Option<i32>,
    /// The number of hidden questions.
    pub hidden: u32,
    /// The number of visible questions.
    pub visible: u32,
    /// The time that it took, in milliseconds.
    pub took_ms: u64,
}

impl Client {
    /// All of them.
    pub fn all() -> Vec<Self> {
        #[derive(Deserialize)]
        struct File {
            client: Vec<Client>,
        }
        toml::from_str::<File>(CLIENTS).expect("tests/clients/ssh.toml").client
    }

    /// The client as sshd presents it to PAM: root, in one transaction. The method `password` answers each hidden
    /// question with the one password, and fails at others.
    pub fn at_sshd(&self) -> Program {
        Program {
            name: self.name.clone(),
            package: self.package.clone(),
            version: self.version.clone(),
            service: "sshd".into(),
            tty: Some("ssh".into()),
            rhost: Some("192.0.2.7".into()),
            silent: false,
            uid: 0,
            hidden: self.hidden.clone(),
            visible: if self.method.is_some() { vec![Says::Fails] } else { self.visible.clone() },
            account: true,
            account_uid: None,
            needs_ms: if self.typed { 2000 } else { 0 },
        }
    }
}

impl Program {
    /// Those that are not SSH clients.
    pub fn all() -> Vec<Self> {
        #[derive(Deserialize)]
        struct File {
            program: Vec<Program>,
        }
        toml::from_str::<File>(PROGRAMS).expect("tests/clients/programs.toml").program
    }

    /// Signs `user` in.
    pub fn play(&self, id: String, directory: &str, user: &str, password: &str) -> Play {
        Play {
            id,
            directory: directory.into(),
            service: self.service.clone(),
            user: user.into(),
            password: password.into(),
            tty: self.tty.clone(),
            rhost: self.rhost.clone(),
            silent: self.silent,
            hidden: self.hidden.clone(),
            visible: self.visible.clone(),
            uid: self.uid,
            account: self.account,
            account_uid: self.account_uid.unwrap_or(self.uid),
            needs_ms: self.needs_ms,
        }
    }

    /// Whether the module considers it a place where a person signs in: a `login` needs a terminal, and sshd must be
    /// the real one, which is root, does not ask for silence and calls its terminal "ssh".
    pub fn may_be_a_person(&self) -> bool {
        self.service == "sshd"
            && self.tty.as_deref() == Some("ssh")
            && !self.silent
            && self.account_uid.unwrap_or(self.uid) == 0
    }
}

fn password() -> Vec<Says> {
    vec![Says::Password]
}

const fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_conversation_is_whole_and_has_a_name_of_its_own() {
        let (clients, programs) = (Client::all(), Program::all());
        let all: Vec<Program> = clients.iter().map(Client::at_sshd).chain(programs).collect();
        for (at, one) in all.iter().enumerate() {
            assert!(!one.hidden.is_empty() && !one.visible.is_empty(), "{}", one.name);
            assert!(all[..at].iter().all(|other| other.name != one.name), "{} is there twice", one.name);
        }
        for client in clients.iter().filter(|client| client.run.is_some()) {
            assert!(client.package.is_some(), "{}: whose version is it", client.name);
        }
    }
}
