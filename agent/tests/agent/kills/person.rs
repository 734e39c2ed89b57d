//! A user who registers and recovers, starts again when the connection is lost, and remembers the answers.

use std::{
    io::Write as _,
    process::{Command, Stdio},
    time::Duration,
};

use sspr_config::dialogue::Standing;

use super::{
    super::{
        Terminal,
        host::{Host, until},
    },
    street::{Street, more},
};

/// Longer than agent and helper take in the worst case.
const PATIENCE: Duration = Duration::from_secs(40);

/// The connection is lost.
struct Lost;

impl From<zbus::Error> for Lost {
    fn from(_: zbus::Error) -> Self {
        Self
    }
}

impl From<tokio::time::error::Elapsed> for Lost {
    fn from(_: tokio::time::error::Elapsed) -> Self {
        Self
    }
}

pub(super) struct Person {
    pub(super) name: String,
    pub(super) address: String,
    registered: bool,
    /// The passwords that may be valid: one, or several while that is uncertain.
    possible: Vec<String>,
    hash: String,
    /// All passwords that were chosen so far, and what the user was told.
    story: Vec<(String, String)>,
    changes: u32,
    /// Recovery codes that were never typed, or that were given back.
    codes: Vec<String>,
    used: Vec<String>,
    /// A code by mail has changed the password, and no other code was requested.
    mail_is_spent: bool,
    read: usize,
}

/// How a proof was given.
#[derive(Clone)]
enum Proof {
    Mail,
    Paper(String),
}

impl Person {
    pub(super) fn new(name: String, password: &str, hash: &str) -> Self {
        Self {
            address: format!("{name}@example.org"),
            name,
            registered: false,
            possible: vec![password.into()],
            hash: hash.into(),
            story: Vec::new(),
            changes: 0,
            codes: Vec::new(),
            used: Vec::new(),
            mail_is_spent: false,
            read: 0,
        }
    }

    pub(super) const fn changes(&self) -> u32 {
        self.changes
    }

    pub(super) fn codes_used(&self) -> u32 {
        u32::try_from(self.used.len()).unwrap()
    }

    /// Holds the next dialogue.
    pub(super) async fn goes_on(&mut self, street: &Street<'_>) {
        let done = if self.registered { self.recover(street).await } else { self.register(street).await };
        if done.is_err() {
            more(&street.tally.lost);
        }
        self.look_at_the_hash(street);
    }

    /// A user who does not get through tries again until there is an answer.
    async fn begin(&self, street: &Street<'_>, purpose: &str) -> Result<Terminal, Lost> {
        let begin = async || {
            let begun =
                tokio::time::timeout(PATIENCE, Terminal::try_begin(street.host, purpose, &self.name, "192.0.2.7"))
                    .await;
            begun.ok().and_then(Result::ok)
        };
        street.orphans_are_gone().await;
        let terminal = until(PATIENCE, begin).await;
        more(&street.tally.dialogues);
        available(&terminal)?;
        Ok(terminal)
    }

    async fn register(&mut self, street: &Street<'_>) -> Result<(), Lost> {
        let mut terminal = self.begin(street, "register").await?;
        for _ in 0..12 {
            let (text, prompt) = (terminal.step.text.clone(), terminal.step.prompt.clone());
            if terminal.standing() != Standing::Asking {
                // Nothing is missing, or nothing works at the moment: only the status in a shell tells.
                let status = self.begin(street, "status").await?;
                self.registered = status.step.text.contains("Registered for password reset");
                return Ok(());
            }
            if text.contains("Done, you are registered") || text.contains("Ten recovery codes") {
                // From here it was confirmed. Codes that no user is known to have seen are shown again.
                self.registered = true;
                more(&street.tally.registered);
                self.codes = codes_in(&text);
                say(&mut terminal, "").await?;
            } else if prompt.contains("1, 2 or 3") {
                say(&mut terminal, "1").await?;
            } else if prompt.contains("Email address") {
                let address = self.address.clone();
                self.read = street.codes_so_far(&self.address);
                say(&mut terminal, &address).await?;
            } else if prompt.contains("Code:") {
                assert!(text.contains("is on its way") || text.contains("To finish your registration"), "{text}");
                let (code, _) = street.code(&self.address, self.read).await;
                say(&mut terminal, &code).await?;
            } else {
                panic!("{}: {text:?} {prompt:?}", self.name);
            }
        }
        panic!("{}: a registration does not end", self.name);
    }

    async fn recover(&mut self, street: &Street<'_>) -> Result<(), Lost> {
        let new = format!("tulip harbour {:x} {}", street.random(1 << 32), self.story.len());
        let mut terminal = self.begin(street, "recover").await?;
        let proof = self.prove(street, &mut terminal).await?;
        assert!(terminal.step.prompt.contains("New password"), "{}: {:?}", self.name, terminal.step);
        goes_on(&mut terminal, &new).await?;
        assert!(terminal.step.prompt.contains("Type it again"), "{}: {:?}", self.name, terminal.step);
        self.look_at_the_hash(street);
        // From here the password may be this one.
        self.possible.push(new.clone());
        let said = say(&mut terminal, &new).await;
        let told = said.as_ref().map_or("lost", |()| terminal.step.text.as_str());
        self.story.push((new.clone(), format!("{:?} {told}", terminal.standing())));
        self.change_ended(street, &terminal, &proof, said.is_ok(), new);
        said
    }

    /// What the user was told about a change, and what can be seen of it. An earlier change may be written only now.
    fn change_ended(&mut self, street: &Street<'_>, terminal: &Terminal, proof: &Proof, said: bool, new: String) {
        let is_new = street.host.shadow(&self.name)[1] != self.hash && signs_in(&self.name, &new);
        if said && terminal.standing() == Standing::Recovered {
            assert!(is_new, "{}: told that it is changed", self.name);
            self.possible = vec![new];
            more(&street.tally.recovered);
            self.spent(proof);
        } else if said && !terminal.step.text.contains("may not have gone through") {
            assert_eq!(terminal.standing(), Standing::Refused, "{:?}", terminal.step);
            assert!(!is_new, "{}: {}", self.name, terminal.step.text);
            self.possible.pop();
            more(&street.tally.refused);
        } else {
            more(&street.tally.unsure);
            if is_new {
                more(&street.tally.unsure_but_changed);
                self.spent(proof);
            } else if let Proof::Paper(code) = proof {
                // It may have been spent, and the change may still be written.
                self.codes.retain(|other| other != code);
            }
        }
    }

    fn spent(&mut self, proof: &Proof) {
        match proof {
            Proof::Mail => self.mail_is_spent = true,
            Proof::Paper(code) => {
                self.codes.retain(|other| other != code);
                self.used.push(code.clone());
            }
        }
    }

    /// Proves the identity, by a code by mail or one on paper.
    async fn prove(&mut self, street: &Street<'_>, terminal: &mut Terminal) -> Result<Proof, Lost> {
        let by_mail = self.codes.is_empty() || street.random(3) == 0;
        let mut old = self.used.last().cloned().filter(|_| street.random(3) == 0);
        for _ in 0..8 {
            let text = terminal.step.text.clone();
            if text.contains("sent by email before") {
                assert!(!self.mail_is_spent, "{}: a code that changed the password is good again", self.name);
                return self.types_mailed_code(street, terminal).await;
            }
            if text.contains("How do you want") {
                if by_mail && old.is_none() {
                    self.read = street.codes_so_far(&self.address);
                    // From here another one may be on its way.
                    self.mail_is_spent = false;
                    goes_on(terminal, "e").await?;
                } else {
                    goes_on(terminal, "code").await?;
                }
            } else if text.contains("address,\na code is on its way") {
                return self.types_mailed_code(street, terminal).await;
            } else if text.contains("Another code can be sent in") {
                goes_on(terminal, "").await?;
                return Err(Lost);
            } else if let Some(spent) = old.take() {
                more(&street.tally.tried_again);
                goes_on(terminal, &spent).await?;
                assert!(
                    terminal.step.text.contains("That code is not right"),
                    "{}: spent twice: {:?}",
                    self.name,
                    terminal.step
                );
                if self.codes.is_empty() {
                    goes_on(terminal, "other").await?;
                }
            } else {
                let code = self.codes.first().expect("asked for one").clone();
                goes_on(terminal, &code).await?;
                assert!(
                    terminal.step.prompt.contains("New password"),
                    "{}: a code is lost: {:?}",
                    self.name,
                    terminal.step
                );
                return Ok(Proof::Paper(code));
            }
            assert_eq!(
                terminal.standing(),
                Standing::Asking,
                "{}: {:?}\n{}",
                self.name,
                terminal.step,
                street.end_of_log()
            );
        }
        panic!("{}: {:?}", self.name, terminal.step);
    }

    async fn types_mailed_code(&mut self, street: &Street<'_>, terminal: &mut Terminal) -> Result<Proof, Lost> {
        let (code, _) = street.code(&self.address, self.read).await;
        goes_on(terminal, &code).await?;
        Ok(Proof::Mail)
    }

    /// If the hash has changed, one of the possible passwords made it. From now on that is the only possible one,
    /// unless another change is still in progress.
    fn look_at_the_hash(&mut self, street: &Street<'_>) {
        let hash = street.host.shadow(&self.name)[1].clone();
        if hash == self.hash {
            return;
        }
        let right: Vec<&String> = self.possible.iter().rev().filter(|p| signs_in(&self.name, p)).collect();
        let other = self.story.iter().find(|(password, _)| signs_in(&self.name, password));
        assert_eq!(right.len(), 1, "{}: {:?}, it is {other:?} of {:?}", self.name, self.possible, self.story);
        self.changes += 1;
        self.hash = hash;
    }

    /// The password that must be valid signs in, and if the last one was confirmed, it is that one.
    pub(super) fn is_as_told(&self, host: &Host) {
        let right = self.possible.iter().filter(|p| signs_in(&self.name, p)).count();
        assert_eq!(right, 1, "{} {:?} {}", self.name, self.possible, host.shadow(&self.name)[1]);
    }
}

/// Types a line. A user who gets no answer in time has lost the connection.
async fn say(terminal: &mut Terminal, answer: &str) -> Result<(), Lost> {
    terminal.step = tokio::time::timeout(PATIENCE, terminal.try_answer(terminal.step.turn, answer)).await??;
    Ok(())
}

/// The same in the middle of a recovery, which may end because something does not work at the moment.
async fn goes_on(terminal: &mut Terminal, answer: &str) -> Result<(), Lost> {
    say(terminal, answer).await?;
    available(terminal)
}

fn available(terminal: &Terminal) -> Result<(), Lost> {
    // The second one is for a user who has already proved the identity, if the helper that could look up the account is
    // gone.
    let nobody_there = ["isn't available right now", "Nothing was changed; what you had still works"];
    if terminal.standing() == Standing::Refused && nobody_there.iter().any(|said| terminal.step.text.contains(said)) {
        return Err(Lost);
    }
    Ok(())
}

/// The ten codes, as shown.
fn codes_in(text: &str) -> Vec<String> {
    let code = |word: &&str| word.len() == 14 && word.matches('-').count() == 2;
    let codes: Vec<String> = text.split_whitespace().filter(code).map(str::to_owned).collect();
    assert!(codes.is_empty() || codes.len() == 10, "{text}");
    codes
}

/// The program that `pam_unix` runs if it may not read the hash itself.
fn signs_in(name: &str, password: &str) -> bool {
    let mut judge = Command::new("/usr/sbin/unix_chkpwd").args([name, "nonull"]).stdin(Stdio::piped()).spawn().unwrap();
    judge.stdin.take().unwrap().write_all(format!("{password}\0").as_bytes()).unwrap();
    judge.wait().unwrap().success()
}
