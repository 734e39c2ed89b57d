//! Passwords of people in a KDC of MIT Kerberos: set by kadmin, tried by kinit and kvno (package krb5-user), each a program that runs for
//! one question. A password goes to their standard input, never into their arguments, which every user of the host sees.
//!
//! kadmin is asked in its script form: `kadmin -q` says that all went well also where the password was refused.

use std::{
    fs::remove_file,
    path::{Path, PathBuf},
    process::Stdio,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use sspr_config::settings;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    process::Command,
    time::{Instant, timeout_at},
};
use zeroize::Zeroizing;

use super::{
    kind::{Rule, SignIn, Written},
    secret,
};

/// So long may one of the programs take, and no longer than what it is needed for: with a KDC that does not answer they try the next one
/// after some seconds.
const PROGRAM_MAX: Duration = Duration::from_secs(10);
/// So much of what they say is read, in bytes.
const SAID_MAX: u64 = 4096;
/// Where the programs are.
const PROGRAMS: &str = "/usr/bin";
/// Where tickets lie while they are looked at, if nothing else is said: a folder of this program's own.
const RUNTIME: &str = "/run/sspr-directory";
/// Tickets that are looked at have names of their own.
static TICKETS: AtomicU64 = AtomicU64::new(0);

/// People's realm, and who sets passwords there.
#[derive(Clone, Debug)]
pub struct Kerberos {
    realm: String,
    admin: String,
    keytab: PathBuf,
    /// Where systemd keeps secrets for this program.
    credentials: Option<PathBuf>,
    programs: PathBuf,
    runtime: PathBuf,
}

/// A file for tickets that goes with the question.
struct Tickets(PathBuf);

impl Tickets {
    fn cache(&self) -> String {
        format!("FILE:{}", self.0.display())
    }
}

impl Drop for Tickets {
    fn drop(&mut self) {
        // Where nobody got a ticket there is none.
        let _ = remove_file(&self.0);
    }
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
    pub fn new(settings: &settings::Directory, credentials: Option<&Path>) -> Option<Self> {
        if settings.password != settings::DirectoryPassword::Kerberos {
            return None;
        }
        Some(Self {
            realm: settings.realm.clone()?,
            admin: settings.admin_principal.clone()?,
            keytab: settings.keytab.clone()?,
            credentials: credentials.map(Path::to_owned),
            programs: PROGRAMS.into(),
            runtime: RUNTIME.into(),
        })
    }

    /// With tickets in this folder while they are looked at.
    pub fn with_runtime(&mut self, folder: &Path) {
        folder.clone_into(&mut self.runtime);
    }

    /// With the programs in another folder.
    pub fn with_programs(&mut self, folder: &Path) {
        folder.clone_into(&mut self.programs);
    }

    /// Why no password can be set, whosever it is, as far as is seen without asking the KDC.
    pub fn hindrance(&self) -> Option<String> {
        for program in ["kadmin", "kinit", "kvno"] {
            let path = self.programs.join(program);
            if !path.exists() {
                return Some(format!(
                    "{} is not there; install krb5-user (krb5-workstation in Fedora and Red Hat)",
                    path.display()
                ));
            }
        }
        self.guarded().err()
    }

    /// That the key of the one who sets passwords is read by nobody else.
    fn guarded(&self) -> Result<(), String> {
        secret::open(&self.keytab, "keytab", self.credentials.as_deref()).map(drop)
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
            Ok(Said { words, .. }) => written(&words).ok_or_else(|| format!("kadmin: {words}")),
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
        let tickets = self.tickets();
        match self.run("kinit", &["-c", &tickets.cache(), "-l", "60s", &principal], &typed, until).await {
            Ok(Said { success: true, .. }) => match self.proves_itself(&tickets, until).await {
                Ok(()) => SignIn::Yes,
                Err(why) => SignIn::Trouble(why),
            },
            Ok(Said { words, .. }) => signs_in(&words),
            Err(Silent::NotStarted(why) | Silent::Lost(why)) => SignIn::Trouble(why),
        }
    }

    fn tickets(&self) -> Tickets {
        let number = TICKETS.fetch_add(1, Ordering::Relaxed);
        Tickets(self.runtime.join(format!("tickets.{}.{number}", std::process::id())))
    }

    /// Whether the KDC that gave `tickets` is the realm's. Whoever answers in its place can say yes to any password; a ticket
    /// for the one who sets passwords can only be made by who has that key, and the keytab has it too.
    async fn proves_itself(&self, tickets: &Tickets, until: Instant) -> Result<(), String> {
        self.guarded()?;
        let keytab = self.keytab.display().to_string();
        let cache = tickets.cache();
        let question = ["-c", &cache, "-k", &keytab, &self.admin];
        match self.run("kvno", &question, &Zeroizing::default(), until).await {
            Ok(Said { success: true, .. }) => Ok(()),
            Ok(Said { words, .. }) => Err(format!("the KDC does not prove that it is the realm's: kvno: {words}")),
            Err(Silent::NotStarted(why) | Silent::Lost(why)) => Err(why),
        }
    }

    /// The same for a ticket by the keytab: without it, no ticket of a person's counts.
    async fn vouches(&self, until: Instant) -> Result<(), String> {
        let (tickets, keytab) = (self.tickets(), self.keytab.display().to_string());
        let cache = tickets.cache();
        let question = ["-c", &cache, "-l", "60s", "-k", "-t", &keytab, &self.admin];
        match self.run("kinit", &question, &Zeroizing::default(), until).await {
            Ok(Said { success: true, .. }) => self.proves_itself(&tickets, until).await,
            Ok(Said { words, .. }) => Err(format!("kinit: {words}")),
            Err(Silent::NotStarted(why) | Silent::Lost(why)) => Err(why),
        }
    }

    /// Whether the keytab signs in at the admin server, and shows that a ticket is the KDC's. Changes nothing.
    pub async fn reach(&self, until: Instant) -> Result<(), String> {
        match self.kadmin(&["getprivs"], &Zeroizing::default(), until).await {
            Ok(Said { success: true, .. }) => self.vouches(until).await,
            Ok(Said { words, .. }) => Err(format!("kadmin: {words}")),
            Err(Silent::NotStarted(why) | Silent::Lost(why)) => Err(why),
        }
    }

    async fn kadmin(&self, question: &[&str], typed: &Zeroizing<Vec<u8>>, until: Instant) -> Result<Said, Silent> {
        self.guarded().map_err(Silent::NotStarted)?;
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

/// What kadmin's words mean where it failed; `None` where the password may have been set all the same, as when an answer got lost.
fn written(words: &str) -> Option<Written> {
    let has = |text: &str| words.contains(text);
    let rule = if has("too short") {
        Rule::Short(None)
    } else if has("enough character classes") || has("in the password dictionary") {
        Rule::Quality
    } else if has("Cannot reuse password") {
        Rule::Used
    } else if has("minimum life") {
        Rule::Young
    } else {
        // Before the question was sent, or in answer to it.
        let is_certain = has("while initializing")
            || (has("Operation requires ``") && has("'' privilege"))
            || has("Insufficient authorization for operation")
            || has("Principal does not exist");
        return is_certain.then(|| not_written(&format!("kadmin: {words}")));
    };
    Some(Written::Refused(rule))
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
            credentials: None,
            programs: "/nowhere".into(),
            runtime: "/nowhere".into(),
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
            assert_eq!(written(words), Some(Written::Refused(rule)), "{words}");
        }
    }

    #[test]
    fn only_words_that_are_said_before_a_write_or_in_place_of_it_mean_that_nothing_was_written() {
        for certain in [
            "change_password: Operation requires ``change-password'' privilege while changing password for \"a@R\".",
            "change_password: Insufficient authorization for operation while changing password for \"a@R\".",
            "change_password: Principal does not exist while changing password for \"a@R\".",
            "kadmin: Communication failure with server while initializing kadmin interface",
            "kadmin: Client 'x@R' not found in Kerberos database while initializing kadmin interface",
        ] {
            assert!(matches!(written(certain), Some(Written::Failed { elsewhere: false, .. })), "{certain}");
        }
        for lost in [
            "change_password: Communication failure with server while changing password for \"a@R\".",
            "change_password: GSS-API (or Kerberos) error while changing password for \"a@R\".",
            "change_password: Operation failed for unspecified reason while changing password for \"a@R\".",
            "Terminated",
            "",
        ] {
            assert_eq!(written(lost), None, "{lost}");
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
            for name in ["kadmin", "kinit", "kvno"] {
                std::fs::write(folder.path().join(name), "#!/bin/sh\nexec sleep 60\n").unwrap();
                rustix::fs::chmod(folder.path().join(name), 0o755.into()).unwrap();
            }
            let keytab = folder.path().join("keytab");
            kerberos.keytab.clone_from(&keytab);
            assert!(kerberos.hindrance().unwrap().contains("keytab"), "there is none");
            for (mode, is_fine) in [(0o640_u32, false), (0o604, false), (0o600, true)] {
                std::fs::write(&keytab, "").unwrap();
                rustix::fs::chmod(&keytab, rustix::fs::Mode::from_raw_mode(mode)).unwrap();
                assert_eq!(kerberos.hindrance().is_none(), is_fine, "{mode:o}");
                // The program that never ends was not started, or it was and may have set it.
                assert_eq!(kerberos.change("alice", b"x", until()).await.is_err(), is_fine, "{mode:o}");
            }
            assert!(matches!(kerberos.signs_in("alice", b"x", until()).await, SignIn::Trouble(_)));
            assert_eq!(kerberos.signs_in("alice", b"", until()).await, SignIn::Wrong);
        });
        kerberos.keytab = folder.path().to_owned();
        assert!(kerberos.hindrance().unwrap().contains("regular file"));
    }

    #[test]
    fn a_ticket_counts_only_if_the_keytab_vouches_for_who_made_it_and_none_is_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        let mut kerberos = kerberos();
        kerberos.with_programs(folder.path());
        let runtime = folder.path().join("runtime");
        std::fs::create_dir(&runtime).unwrap();
        kerberos.with_runtime(&runtime);
        kerberos.keytab = folder.path().join("keytab");
        std::fs::write(&kerberos.keytab, "").unwrap();
        rustix::fs::chmod(&kerberos.keytab, 0o600.into()).unwrap();
        let program = |name: &str, lines: &str| {
            std::fs::write(folder.path().join(name), format!("#!/bin/sh\n{lines}\n")).unwrap();
            rustix::fs::chmod(folder.path().join(name), 0o755.into()).unwrap();
        };
        // Each looks at what it was called with: the same file of tickets, and the key.
        program("kinit", "[ \"$1 $3\" = '-c -l' ] && : >\"${2#FILE:}\"");
        let asked = "[ \"$1 $3 $5\" = '-c -k sspr/admin@EXAMPLE.ORG' ] && [ -f \"${2#FILE:}\" ] && [ -f \"$4\" ]";
        let until = || Instant::now() + Duration::from_mins(1);
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            program("kvno", &format!("{asked} || exit 0\nexit 1"));
            let said = kerberos.signs_in("alice", b"x", until()).await;
            assert!(matches!(&said, SignIn::Trouble(why) if why.contains("does not prove")), "{said:?}");
            program("kvno", asked);
            assert_eq!(kerberos.signs_in("alice", b"x", until()).await, SignIn::Yes);
            rustix::fs::chmod(&kerberos.keytab, 0o644.into()).unwrap();
            assert!(matches!(kerberos.signs_in("alice", b"x", until()).await, SignIn::Trouble(_)));
        });
        assert_eq!(std::fs::read_dir(&runtime).unwrap().count(), 0);
    }
}
