//! sshd's settings from sshd itself: with the options that it is started with, and for each kind of connection, as
//! `sshd -T -C` prints them. One answer is not enough, because a Match block may change it.

pub mod config;
pub mod connections;
pub mod patterns;
pub mod started;

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs, io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use config::Keyword;
use connections::Connection;

/// Where sshd's settings are, unless an option says otherwise.
pub const MAIN: &str = "/etc/ssh/sshd_config";

/// The daemon's program, if it is installed.
pub fn program(root: &Path) -> Option<PathBuf> {
    ["usr/sbin/sshd", "usr/bin/sshd"].iter().map(|path| root.join(path)).find(|path| path.exists())
}

/// One way in which sshd is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Daemon {
    /// What starts it: `ssh.service`; empty if unknown.
    pub name: String,
    /// Its program.
    pub program: PathBuf,
    /// Its options, as far as they concern settings.
    pub options: Vec<String>,
    /// The part of its start that is not understood, so that no statement about it is possible.
    pub odd: Option<String>,
}

impl Daemon {
    /// sshd without options.
    pub fn plain(program: &Path) -> Self {
        Self { name: String::new(), program: program.into(), options: Vec::new(), odd: None }
    }

    /// The daemon that `name` starts with the options in `line`.
    fn of(name: &str, program: &Path, line: impl Iterator<Item = String>) -> Self {
        let (options, odd) = started::options(line);
        Self { name: name.into(), program: program.into(), options, odd }
    }

    /// The first file of its settings.
    pub fn main(&self) -> PathBuf {
        let given = self.options.iter().skip_while(|option| *option != "-f").nth(1);
        Path::new(given.map_or(MAIN, String::as_str)).into()
    }

    /// The option that sets `keyword`, and its value.
    pub fn option(&self, keyword: Keyword) -> Option<(String, String)> {
        let pairs = self.options.iter().zip(self.options.iter().skip(1));
        let mut said = pairs.filter(|(letter, _)| *letter == "-o").filter_map(|(_, text)| {
            let (name, value) = text.split_once(['=', ' '])?;
            Some((name.trim().to_ascii_lowercase(), value.trim().to_owned(), text.clone()))
        });
        let names: &[&str] = match keyword {
            Keyword::Password => &["passwordauthentication"],
            Keyword::Conversation => &["kbdinteractiveauthentication", "challengeresponseauthentication"],
            Keyword::Methods => &["authenticationmethods"],
        };
        said.find(|(name, ..)| names.contains(&name.as_str())).map(|(_, value, text)| (value, text))
    }

    /// As part of a sentence: `ssh.service`, with its options.
    pub fn shown(&self) -> String {
        let name = if self.name.is_empty() { "sshd" } else { &self.name };
        if self.options.is_empty() { name.to_owned() } else { format!("{name} ({})", self.options.join(" ")) }
    }

    fn line(&self, first: &[&str], connection: Option<&Connection>) -> Vec<String> {
        let mut line: Vec<String> = ["-T"].iter().chain(first).map(ToString::to_string).collect();
        line.extend(self.options.iter().cloned());
        if let Some(connection) = connection {
            line.extend(["-C".into(), connection.specification()]);
        }
        line
    }

    /// What it would do with its current settings, as printed by `sshd -T`, or its complaint. Options in `first` take
    /// precedence over all others. Without a connection, no Match block counts except `Match all`.
    pub fn says(&self, first: &[&str], connection: Option<&Connection>) -> Result<String, String> {
        // sshd's unit makes it; without it, sshd does not even read its settings.
        let _ = make_run(Path::new("/run/sshd"));
        let mut command = Command::new(&self.program);
        let output = command.args(self.line(first, connection)).stdin(Stdio::null()).output();
        said(&output.map_err(|e| e.to_string())?)
    }

    /// The same if the file at `path` were empty. The file stays unchanged: only sshd sees an empty one. `None` if that
    /// is not possible, as in a container that may not mount.
    pub fn says_without(&self, path: &Path, connection: Option<&Connection>) -> Option<Result<String, String>> {
        const NO_PLACE: i32 = 125;
        let _ = make_run(Path::new("/run/sshd"));
        let unshared = |line: &[&OsStr]| {
            let mut command = Command::new("unshare");
            command.args(["--mount", "--propagation=private", "--"]).args(line).stdin(Stdio::null()).output().ok()
        };
        // unshare exits with 1 if it may not run, as sshd does if it finds a fault.
        unshared(&["true".as_ref()]).filter(|tried| tried.status.success())?;
        let script = format!("mount --bind /dev/null \"$0\" 2>/dev/null || exit {NO_PLACE}; exec \"$@\"");
        let words = self.line(&[], connection);
        let mut line: Vec<&OsStr> =
            vec!["sh".as_ref(), "-c".as_ref(), script.as_ref(), path.as_os_str(), self.program.as_os_str()];
        line.extend(words.iter().map(AsRef::<OsStr>::as_ref));
        let output = unshared(&line).filter(|output| output.status.code() != Some(NO_PLACE))?;
        Some(said(&output))
    }
}

fn said(output: &Output) -> Result<String, String> {
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    Err(complaint.lines().next().unwrap_or("it gives no reason").to_owned())
}

/// With the unit's mode, whatever the caller's umask: sshd refuses any other.
fn make_run(path: &Path) -> io::Result<()> {
    fs::create_dir(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

/// Whether a typed password lets a user in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Typed {
    /// With no method.
    Never,
    /// Only together with something else, such as a key.
    WithMore,
    /// On its own.
    Alone,
}

/// sshd's answers for one kind of connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// `PasswordAuthentication`.
    pub password: bool,
    /// `KbdInteractiveAuthentication`.
    pub conversations: bool,
    /// `UsePAM`.
    pub pam: bool,
    /// `AuthenticationMethods`: each of its lists; empty if any method will do.
    pub methods: Vec<Vec<String>>,
    /// `LoginGraceTime` in seconds, 0 for no limit.
    pub grace: Option<u64>,
    /// Sources of keys other than the home directory's own two files: the words of the setting.
    pub keys_elsewhere: Vec<String>,
}

impl Answers {
    /// From the output `words` of `sshd -T`.
    pub fn of(words: &str) -> Self {
        let all: BTreeMap<&str, &str> = words.lines().filter_map(|line| line.split_once(' ')).collect();
        let get = |key: &str| all.get(key).copied().unwrap_or_default();
        let older = get("challengeresponseauthentication");
        let lists = get("authenticationmethods").split_whitespace().filter(|list| *list != "any");
        Self {
            password: get("passwordauthentication") == "yes",
            conversations: get("kbdinteractiveauthentication") == "yes" || older == "yes",
            pam: get("usepam") == "yes",
            methods: lists.map(|list| list.split(',').map(str::to_owned).collect()).collect(),
            grace: get("logingracetime").parse().ok(),
            keys_elsewhere: if get("pubkeyauthentication") == "no" { Vec::new() } else { keys_elsewhere(&get) },
        }
    }

    /// Whether a typed password lets a user in, with any method.
    pub fn typed(&self) -> Typed {
        if self.methods.is_empty() {
            return if self.password || self.conversations { Typed::Alone } else { Typed::Never };
        }
        let of_list = |list: &Vec<String>| {
            let typed = list.iter().filter_map(|method| match method.split(':').next() {
                Some("password") => Some(self.password),
                Some("keyboard-interactive") => Some(self.conversations),
                _ => None,
            });
            let typed: Vec<bool> = typed.collect();
            match (typed.is_empty() || typed.contains(&false), typed.len() == list.len()) {
                (true, _) => Typed::Never,
                (false, true) => Typed::Alone,
                (false, false) => Typed::WithMore,
            }
        };
        self.methods.iter().map(of_list).max().unwrap_or(Typed::Never)
    }

    /// Whether a conversation is possible: it is offered, and no list of methods excludes it.
    pub fn converses(&self) -> bool {
        let listed = |list: &Vec<String>| list.iter().any(|m| m.split(':').next() == Some("keyboard-interactive"));
        self.conversations && (self.methods.is_empty() || self.methods.iter().any(listed))
    }

    /// Whether conversations would let a typed password sign in where it can't now, or without anything else.
    pub fn opened_by_conversations(&self) -> bool {
        Self { conversations: true, ..self.clone() }.typed() > self.typed()
    }
}

/// The sources of keys in `get` other than the two files in `~/.ssh`.
fn keys_elsewhere<'a>(get: &impl Fn(&str) -> &'a str) -> Vec<String> {
    let known = |file: &&str| {
        let file = file.strip_prefix("%h/").unwrap_or(file);
        matches!(file, ".ssh/authorized_keys" | ".ssh/authorized_keys2" | "none")
    };
    let files: Vec<&str> =
        get("authorizedkeysfile").split(' ').filter(|file| !file.is_empty() && !known(file)).collect();
    let mut found: Vec<String> = files.iter().map(|file| format!("AuthorizedKeysFile {file}")).collect();
    for (keyword, shown) in
        [("authorizedkeyscommand", "AuthorizedKeysCommand"), ("trustedusercakeys", "TrustedUserCAKeys")]
    {
        match get(keyword) {
            "" | "none" => {}
            value => found.push(format!("{shown} {value}")),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_typed_password_is_good_for_depends_on_all_three_settings() {
        for (password, conversations, methods, want) in [
            ("yes", "no", "any", Typed::Alone),
            ("no", "yes", "any", Typed::Alone),
            ("no", "no", "any", Typed::Never),
            ("yes", "yes", "publickey", Typed::Never),
            ("yes", "yes", "publickey,password", Typed::WithMore),
            ("no", "yes", "publickey,password", Typed::Never),
            ("no", "yes", "publickey,password publickey,keyboard-interactive:pam", Typed::WithMore),
            ("yes", "no", "publickey keyboard-interactive", Typed::Never),
            ("yes", "yes", "publickey keyboard-interactive", Typed::Alone),
            ("yes", "yes", "password,keyboard-interactive", Typed::Alone),
            ("yes", "no", "password,keyboard-interactive", Typed::Never),
        ] {
            let words = format!(
                "passwordauthentication {password}\nkbdinteractiveauthentication {conversations}\nauthenticationmethods {methods}\n"
            );
            assert_eq!(Answers::of(&words).typed(), want, "{words}");
        }
        let of = |words: &str| Answers::of(words).opened_by_conversations();
        assert!(of("passwordauthentication no\n") && !of("passwordauthentication yes\n"));
        assert!(of("passwordauthentication yes\nauthenticationmethods publickey keyboard-interactive\n"));
        assert!(!of("passwordauthentication no\nauthenticationmethods publickey\n"));
    }

    #[test]
    fn keys_that_are_not_in_the_home_directory_s_files_are_known_by_their_setting() {
        let of = |words: &str| Answers::of(words).keys_elsewhere.join("; ");
        assert_eq!(
            of("authorizedkeysfile .ssh/authorized_keys .ssh/authorized_keys2\nauthorizedkeyscommand none\n"),
            ""
        );
        let all = "authorizedkeysfile %h/.ssh/authorized_keys /etc/ssh/keys/%u\n\
                   authorizedkeyscommand /usr/bin/sss_ssh_authorizedkeys\ntrustedusercakeys /etc/ssh/ca.pub\n";
        assert_eq!(
            of(all),
            "AuthorizedKeysFile /etc/ssh/keys/%u; AuthorizedKeysCommand /usr/bin/sss_ssh_authorizedkeys; \
             TrustedUserCAKeys /etc/ssh/ca.pub"
        );
        assert_eq!(of(&format!("{all}pubkeyauthentication no\n")), "");
    }

    #[test]
    fn an_older_sshd_calls_it_by_its_older_name() {
        assert!(Answers::of("challengeresponseauthentication yes\n").conversations);
        assert!(!Answers::of("challengeresponseauthentication no\n").conversations);
        assert!(!Answers::of("").conversations);
    }

    #[test]
    fn the_directory_of_sshd_is_made_as_its_unit_makes_it_and_left_alone_where_it_is() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("sshd");
        let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o7777;
        make_run(&path).unwrap();
        assert_eq!(mode(), 0o755);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o711)).unwrap();
        make_run(&path).unwrap_err();
        assert_eq!(mode(), 0o711);
    }

    #[test]
    fn the_option_that_counts_is_the_first() {
        let line = ["-o", "PasswordAuthentication no", "-oPasswordAuthentication=yes", "-f", "/etc/ssh/other"];
        let daemon = Daemon::of("ssh.service", Path::new("/usr/sbin/sshd"), line.iter().map(ToString::to_string));
        assert_eq!(daemon.option(Keyword::Password), Some(("no".into(), "PasswordAuthentication no".into())));
        assert_eq!(daemon.option(Keyword::Methods), None);
        assert_eq!(daemon.main(), Path::new("/etc/ssh/other"));
        assert_eq!(Daemon::plain(Path::new("/usr/sbin/sshd")).main(), Path::new(MAIN));
    }
}
