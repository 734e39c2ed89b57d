//! Users' passwords in a KDC of MIT Kerberos. kadmin sets them, and kinit and kvno (package krb5-user) try them. Each
//! program runs for one request. A password goes to its standard input, never into its arguments, which every user of
//! the host can see.
//!
//! kadmin runs in its script form: `kadmin -q` reports success even if the password was refused.

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
    kind::{SignIn, Written},
    secret,
};

mod words;

use words::not_written;

/// How long one of the programs may take; the caller's own limit may be shorter. If a KDC does not answer, the programs
/// try the next one after some seconds.
const PROGRAM_MAX: Duration = Duration::from_secs(10);
/// The most bytes of a program's output that are read.
const SAID_MAX: u64 = 4096;
/// The folder of the programs.
const PROGRAMS: &str = "/usr/bin";
/// The default folder for tickets while they are checked, which is this program's own.
const RUNTIME: &str = "/run/sspr-directory";
/// The number of the next ticket file, so that names differ.
static TICKETS: AtomicU64 = AtomicU64::new(0);

/// The users' realm, and the principal that sets passwords there.
#[derive(Clone, Debug)]
pub struct Kerberos {
    realm: String,
    admin: String,
    keytab: PathBuf,
    /// The folder in which systemd keeps secrets for this program.
    credentials: Option<PathBuf>,
    programs: PathBuf,
    runtime: PathBuf,
}

/// A ticket file, deleted when this value is dropped.
struct Tickets(PathBuf);

impl Tickets {
    fn cache(&self) -> String {
        format!("FILE:{}", self.0.display())
    }
}

impl Drop for Tickets {
    fn drop(&mut self) {
        // Without a ticket there is no file.
        let _ = remove_file(&self.0);
    }
}

/// A program's output.
struct Said {
    success: bool,
    words: String,
}

/// The reason for a missing output.
enum Silent {
    /// The program was not started.
    NotStarted(String),
    /// The program did not finish in time, or its output can't be read.
    Lost(String),
}

impl Kerberos {
    /// The KDC in the settings; `None` if passwords are in the directory itself.
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

    /// Sets the folder for tickets while they are checked.
    pub fn with_runtime(&mut self, folder: &Path) {
        folder.clone_into(&mut self.runtime);
    }

    /// Sets the folder of the programs.
    pub fn with_programs(&mut self, folder: &Path) {
        folder.clone_into(&mut self.programs);
    }

    /// Why no user's password can be set, as far as can be seen without asking the KDC.
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

    /// Checks that no other user can read the key of the principal that sets passwords.
    fn guarded(&self) -> Result<(), String> {
        secret::open(&self.keytab, "keytab", self.credentials.as_deref()).map(drop)
    }

    /// The user's principal; `None` for a name that would be several components, or an option.
    pub fn principal(&self, name: &str) -> Option<String> {
        let plain = !name.is_empty()
            && !name.starts_with('-')
            && !name.contains(|c: char| matches!(c, '/' | '@' | '\\' | '#') || c.is_whitespace() || c.is_control());
        plain.then(|| format!("{name}@{}", self.realm))
    }

    /// Whether `value` of userPassword refers to this principal for the password: `{SASL}alice@EXAMPLE.ORG`.
    pub fn keeps(&self, name: &str, value: &[u8]) -> bool {
        let Some((scheme, rest)) = value.split_at_checked(6) else { return false };
        let own = self.principal(name);
        scheme.eq_ignore_ascii_case(b"{SASL}") && own.is_some_and(|own| own.as_bytes() == rest)
    }

    /// Sets the password of `name`. After an error, it may have been set.
    pub async fn change(&self, name: &str, new: &[u8], until: Instant) -> Result<Written, String> {
        let Some(principal) = self.principal(name) else {
            return Ok(not_written("a name that is no principal"));
        };
        // The password is typed twice, as a user would type it.
        let typed = Zeroizing::new([new, b"\n", new, b"\n"].concat());
        match self.kadmin(&["cpw", &principal], &typed, until).await {
            Ok(Said { success: true, .. }) => Ok(Written::Done),
            Ok(Said { words: said, .. }) => words::written(&said).ok_or_else(|| format!("kadmin: {said}")),
            Err(Silent::NotStarted(why)) => Ok(not_written(&why)),
            Err(Silent::Lost(why)) => Err(why),
        }
    }

    /// Whether `password` gets a ticket for `name`, and why not.
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
            Ok(Said { words: said, .. }) => words::signs_in(&said),
            Err(Silent::NotStarted(why) | Silent::Lost(why)) => SignIn::Trouble(why),
        }
    }

    fn tickets(&self) -> Tickets {
        let number = TICKETS.fetch_add(1, Ordering::Relaxed);
        Tickets(self.runtime.join(format!("tickets.{}.{number}", std::process::id())))
    }

    /// Checks that the KDC that issued `tickets` is the realm's. A server in its place can accept any password. But
    /// only a KDC with the key of the principal that sets passwords can issue a ticket for it, and the keytab has that
    /// key too.
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

    /// Does the same with a ticket that is obtained with the keytab: without this, no user's ticket counts.
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

    /// Checks that the keytab signs in at the admin server, and that it proves that a ticket is the KDC's. Changes
    /// nothing.
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
        let exchange = async {
            if let Some(mut stdin) = stdin {
                // The program may have exited before it read anything. Its output counts.
                let _ = stdin.write_all(typed).await;
                let _ = stdin.shutdown().await;
            }
            let (mut out, mut err) = (Vec::new(), Vec::new());
            if let (Some(stdout), Some(stderr)) = (stdout, stderr) {
                // They are read one after the other, because neither output is longer than a pipe holds.
                stdout.take(SAID_MAX).read_to_end(&mut out).await?;
                stderr.take(SAID_MAX).read_to_end(&mut err).await?;
            }
            let status = child.wait().await?;
            std::io::Result::Ok((status, [err, out].concat()))
        };
        match timeout_at(end, exchange).await {
            Ok(Ok((status, said))) => Ok(Said { success: status.success(), words: line(&said) }),
            Ok(Err(why)) => Err(Silent::Lost(format!("{program}: {why}"))),
            Err(_) => Err(Silent::Lost(format!("{program} does not end in time"))),
        }
    }
}

/// A program's output, as one line without control characters. Neither program repeats a password.
fn line(said: &[u8]) -> String {
    let text = String::from_utf8_lossy(said);
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
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
                // A program that never ends was either not started, or was started and may have set the password.
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
        // Each double checks its arguments: the same ticket file, and the key.
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
