//! Passwords of people in a KDC of MIT Kerberos: set by kadmin, tried by kinit (package krb5-user), each a program that runs for one
//! question. A password goes to their standard input, never into their arguments, which every user of the host sees.
//!
//! kadmin is asked in its script form: `kadmin -q` says that all went well also where the password was refused.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use sspr_config::settings;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    process::Command,
    time::{Instant, timeout_at},
};
use zeroize::Zeroizing;

use super::kind::{Rule, SignIn, Written};

/// So long may one of the programs take, and no longer than what it is needed for: with a KDC that does not answer they try the next one
/// after some seconds.
const PROGRAM_MAX: Duration = Duration::from_secs(10);
/// So much of what they say is read, in bytes.
const SAID_MAX: u64 = 4096;
/// Where the programs are.
const PROGRAMS: &str = "/usr/bin";

/// People's realm, and who sets passwords there.
#[derive(Clone, Debug)]
pub struct Kerberos {
    realm: String,
    admin: String,
    keytab: PathBuf,
    programs: PathBuf,
}

/// What a program said.
struct Said {
    success: bool,
    words: String,
}

/// Why it said nothing.
enum Silent {
    /// It was not started.
    NotStarted(String),
    /// It did not end in time, or can't be heard.
    Lost(String),
}

impl Kerberos {
    /// By the settings; `None` where passwords are in the directory itself.
    pub fn new(settings: &settings::Directory) -> Option<Self> {
        if settings.password != settings::DirectoryPassword::Kerberos {
            return None;
        }
        Some(Self {
            realm: settings.realm.clone()?,
            admin: settings.admin_principal.clone()?,
            keytab: settings.keytab.clone()?,
            programs: PROGRAMS.into(),
        })
    }

    /// With the programs in another folder.
    pub fn with_programs(&mut self, folder: &Path) {
        folder.clone_into(&mut self.programs);
    }

    /// Why no password can be set, whosever it is, as far as is seen without asking the KDC.
    pub fn hindrance(&self) -> Option<String> {
        for program in ["kadmin", "kinit"] {
            let path = self.programs.join(program);
            if !path.exists() {
                return Some(format!(
                    "{} is not there; install krb5-user (krb5-workstation in Fedora and Red Hat)",
                    path.display()
                ));
            }
        }
        let open = std::fs::File::open(&self.keytab);
        let why = open.err()?;
        Some(format!(
            "[directory] keytab: {}: {why}; it should be mode 0600 and owned by sspr-directory",
            self.keytab.display()
        ))
    }

    /// The person's principal; `None` for a name that is more than one part of it, or an option.
    pub fn principal(&self, name: &str) -> Option<String> {
        let plain = !name.is_empty()
            && !name.starts_with('-')
            && !name.contains(|c: char| matches!(c, '/' | '@' | '\\' | '#') || c.is_whitespace() || c.is_control());
        plain.then(|| format!("{name}@{}", self.realm))
    }

    /// Whether `value` of userPassword says that the password is the one of this principal: `{SASL}alice@EXAMPLE.ORG`.
    pub fn keeps(&self, name: &str, value: &[u8]) -> bool {
        let Some((scheme, rest)) = value.split_at_checked(6) else { return false };
        let own = self.principal(name);
        scheme.eq_ignore_ascii_case(b"{SASL}") && own.is_some_and(|own| own.as_bytes() == rest)
    }

    /// Sets the password of `name`. Where the answer is lost, it may have been set.
    pub async fn change(&self, name: &str, new: &[u8], until: Instant) -> Result<Written, String> {
        let Some(principal) = self.principal(name) else {
            return Ok(not_written("a name that is no principal"));
        };
        // Twice, as to a person.
        let typed = Zeroizing::new([new, b"\n", new, b"\n"].concat());
        match self.kadmin(&["cpw", &principal], &typed, until).await {
            Ok(Said { success: true, .. }) => Ok(Written::Done),
            Ok(Said { words, .. }) => Ok(written(&words)),
            Err(Silent::NotStarted(why)) => Ok(not_written(&why)),
            Err(Silent::Lost(why)) => Err(why),
        }
    }

    /// What a ticket that is asked for by this password says of it.
    pub async fn signs_in(&self, name: &str, password: &[u8], until: Instant) -> SignIn {
        let Some(principal) = self.principal(name) else { return SignIn::Wrong };
        if password.is_empty() {
            return SignIn::Wrong;
        }
        let typed = Zeroizing::new([password, b"\n"].concat());
        match self.run("kinit", &["-c", "MEMORY:sspr", "-l", "60s", &principal], &typed, until).await {
            Ok(Said { success: true, .. }) => SignIn::Yes,
            Ok(Said { words, .. }) => signs_in(&words),
            Err(Silent::NotStarted(why) | Silent::Lost(why)) => SignIn::Trouble(why),
        }
    }

    /// Whether the keytab signs in at the admin server. Changes nothing.
    pub async fn reach(&self, until: Instant) -> Result<(), String> {
        match self.kadmin(&["getprivs"], &Zeroizing::default(), until).await {
            Ok(Said { success: true, .. }) => Ok(()),
            Ok(Said { words, .. }) => Err(format!("kadmin: {words}")),
            Err(Silent::NotStarted(why) | Silent::Lost(why)) => Err(why),
        }
    }

    async fn kadmin(&self, question: &[&str], typed: &Zeroizing<Vec<u8>>, until: Instant) -> Result<Said, Silent> {
        let keytab = self.keytab.display().to_string();
        let start = ["-r", &self.realm, "-p", &self.admin, "-k", "-t", &keytab];
        self.run("kadmin", &[start.as_slice(), question].concat(), typed, until).await
    }

    async fn run(
        &self,
        program: &str,
        arguments: &[&str],
        typed: &Zeroizing<Vec<u8>>,
        until: Instant,
    ) -> Result<Said, Silent> {
        let end = until.min(Instant::now() + PROGRAM_MAX);
        let mut command = Command::new(self.programs.join(program));
        command.args(arguments).env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("LC_ALL", "C.UTF-8");
        command.env("KRB5CCNAME", "MEMORY:sspr").current_dir("/").kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|why| Silent::NotStarted(format!("{program}: {why}")))?;
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let talk = async {
            if let Some(mut stdin) = stdin {
                // It may have ended before it read anything; what it said counts.
                let _ = stdin.write_all(typed).await;
                let _ = stdin.shutdown().await;
            }
            let (mut out, mut err) = (Vec::new(), Vec::new());
            if let (Some(stdout), Some(stderr)) = (stdout, stderr) {
                // One after the other: neither says more than a pipe holds.
                stdout.take(SAID_MAX).read_to_end(&mut out).await?;
                stderr.take(SAID_MAX).read_to_end(&mut err).await?;
            }
            let status = child.wait().await?;
            std::io::Result::Ok((status, [err, out].concat()))
        };
        match timeout_at(end, talk).await {
            Ok(Ok((status, said))) => Ok(Said { success: status.success(), words: line(&said) }),
            Ok(Err(why)) => Err(Silent::Lost(format!("{program}: {why}"))),
            Err(_) => Err(Silent::Lost(format!("{program} does not end in time"))),
        }
    }
}

/// What a program said, as one line without signs that a terminal obeys. Neither repeats a password.
fn line(said: &[u8]) -> String {
    let text = String::from_utf8_lossy(said);
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn not_written(why: &str) -> Written {
    Written::Failed { why: why.to_owned(), elsewhere: false }
}

/// What kadmin's words mean where it failed.
fn written(words: &str) -> Written {
    let rule = if words.contains("too short") {
        Rule::Short(None)
    } else if words.contains("enough character classes") || words.contains("in the password dictionary") {
        Rule::Quality
    } else if words.contains("Cannot reuse password") {
        Rule::Used
    } else if words.contains("minimum life") {
        Rule::Young
    } else {
        return not_written(&format!("kadmin: {words}"));
    };
    Written::Refused(rule)
}

/// What kinit's words mean where it gave no ticket.
fn signs_in(words: &str) -> SignIn {
    let has = |text: &str| words.contains(text);
    // Both are said of a right one.
    if has("Password expired") || has("Password has expired") {
        SignIn::MustChange
    } else if has("credentials have been revoked") {
        SignIn::Closed("locked, or closed by an administrator".to_owned())
    } else if has("entry in database has expired") {
        SignIn::Closed("ended".to_owned())
    } else if has("Password incorrect") || has("Preauthentication failed") || has("not found in Kerberos database") {
        SignIn::Wrong
    } else {
        SignIn::Trouble(format!("kinit: {words}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kerberos() -> Kerberos {
        Kerberos {
            realm: "EXAMPLE.ORG".into(),
            admin: "sspr/admin@EXAMPLE.ORG".into(),
            keytab: "/nowhere".into(),
            programs: "/nowhere".into(),
        }
    }

    #[test]
    fn a_name_is_one_part_of_a_principal_and_never_an_option_or_an_administrators() {
        assert_eq!(kerberos().principal("alice").as_deref(), Some("alice@EXAMPLE.ORG"));
        for odd in ["", "-q", "alice/admin", "alice@OTHER.ORG", "a\\b", "a b", "a\nb", "a#b"] {
            assert_eq!(kerberos().principal(odd), None, "{odd:?}");
        }
        for (value, is_own) in [
            ("{SASL}alice@EXAMPLE.ORG", true),
            ("{sasl}alice@EXAMPLE.ORG", true),
            ("{SASL}bob@EXAMPLE.ORG", false),
            ("{SASL}alice@OTHER.ORG", false),
            ("{SSHA}alice@EXAMPLE.ORG", false),
            ("", false),
        ] {
            assert_eq!(kerberos().keeps("alice", value.as_bytes()), is_own, "{value}");
        }
    }

    #[test]
    fn the_words_of_a_refusal_are_told_apart() {
        for (words, rule) in [
            ("change_password: Password is too short while changing password for \"a@R\".", Rule::Short(None)),
            ("change_password: Password does not contain enough character classes while", Rule::Quality),
            ("change_password: Password is in the password dictionary while changing", Rule::Quality),
            ("change_password: Cannot reuse password while changing", Rule::Used),
            ("change_password: Current password's minimum life has not expired while changing", Rule::Young),
        ] {
            assert_eq!(written(words), Written::Refused(rule), "{words}");
        }
        for other in ["Operation requires ``change-password'' privilege", "Communication failure with server", ""] {
            assert!(matches!(written(other), Written::Failed { elsewhere: false, .. }), "{other}");
        }
    }

    #[test]
    fn programs_that_are_not_there_or_never_end_are_told() {
        let mut kerberos = kerberos();
        assert!(kerberos.hindrance().unwrap().contains("krb5-user"));
        let folder = tempfile::tempdir().unwrap();
        kerberos.with_programs(folder.path());
        let until = || Instant::now() + Duration::from_millis(200);
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            assert!(matches!(kerberos.change("alice", b"x", until()).await, Ok(Written::Failed { .. })));
            for name in ["kadmin", "kinit"] {
                std::fs::write(folder.path().join(name), "#!/bin/sh\nexec sleep 60\n").unwrap();
                rustix::fs::chmod(folder.path().join(name), 0o755.into()).unwrap();
            }
            assert!(kerberos.change("alice", b"x", until()).await.is_err(), "it may have been set");
            assert!(matches!(kerberos.signs_in("alice", b"x", until()).await, SignIn::Trouble(_)));
            assert_eq!(kerberos.signs_in("alice", b"", until()).await, SignIn::Wrong);
        });
        assert!(kerberos.hindrance().unwrap().contains("keytab"));
    }
}
