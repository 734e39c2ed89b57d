//! A booted machine, and its operations.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use toml::Table;

use crate::{
    Image, Terminal,
    agent::Agent,
    host::{self, Place},
    mail::Mailbox,
    phone::Gateway,
    terminal,
};

/// Enables the module as an administrator would.
const SWITCH_ON: &str = "
    pam-auth-update --enable sspr
    cp /usr/share/sspr/sshd_config.d/10-sspr.conf /etc/ssh/sshd_config.d/
";

/// A machine that is being configured.
#[derive(Debug)]
pub struct Builder {
    place: Place,
    settings: Table,
    gateway: bool,
    typists: bool,
}

/// A booted machine. It is removed, with everything that belongs to it, when it is dropped.
#[derive(Debug)]
pub struct Machine {
    console: Terminal,
    gateway: Option<Gateway>,
    leader: u32,
    place: Place,
}

/// The result of a command in a machine.
#[derive(Clone, Debug)]
pub struct Output {
    /// The exit status; 124 if it took too long.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Machine {
    /// Starts configuring a machine.
    #[expect(clippy::needless_pass_by_value, reason = "a machine is made of it, as its reader sees it")]
    pub fn with(image: Image) -> Builder {
        let place = Place::new(&image.layers);
        Builder { place, settings: Table::new(), gateway: false, typists: true }
    }

    /// A machine with the package enabled, mail server and gateway, and these accounts with these passwords.
    #[track_caller]
    pub fn ready(accounts: &[(&str, &str)]) -> Self {
        Self::ready_with(accounts, "")
    }

    /// [`Machine::ready`] with more settings.
    #[track_caller]
    pub fn ready_with(accounts: &[(&str, &str)], settings: &str) -> Self {
        let mut builder = Self::with(Image::installed()).switched_on().with_mail().with_gateway();
        for (name, password) in accounts {
            builder = builder.user(name, password);
        }
        builder.settings("[scope]\nenable = \"all\"\n").settings(settings).boot()
    }
}

impl Builder {
    /// Adds to the settings in `/etc/sspr/sspr.toml`; if a key is set twice, the last value counts.
    #[must_use]
    pub fn settings(mut self, text: &str) -> Self {
        merge(&mut self.settings, text.parse().unwrap());
        self
    }

    /// The package's own rule: a password that comes too soon was not typed. The tests' users type faster than any
    /// person, so it is off by default.
    #[must_use]
    pub fn with_bound_on_typing(mut self) -> Self {
        self.typists = false;
        self
    }

    /// Installs the package's PAM profile and sshd settings.
    #[must_use]
    pub fn switched_on(self) -> Self {
        self.prepare(SWITCH_ON)
    }

    /// An account with a home directory and a password.
    #[must_use]
    pub fn user(self, name: &str, password: &str) -> Self {
        self.prepare(&format!("useradd -m -s /bin/bash '{name}'\nprintf '%s\\n' '{name}:{password}' | chpasswd"))
    }

    /// A mail server in the machine, and settings to use it with STARTTLS and a password.
    #[must_use]
    pub fn with_mail(self) -> Self {
        self.prepare(
            "systemctl enable -q mail-server
             echo 'smtp of the tests' >/etc/sspr/smtp-password
             chmod 600 /etc/sspr/smtp-password
             chown sspr /etc/sspr/smtp-password",
        )
        .settings(
            r#"[email]
            gateway = "smtp"
            smtp = "smtp://mail.example.org:587"
            from = "Password reset <no-reply@example.org>"
            username = "sspr"
            password_file = "/etc/sspr/smtp-password""#,
        )
    }

    /// A text message gateway that behaves like Twilio's, and settings to use it.
    #[must_use]
    pub fn with_gateway(mut self) -> Self {
        self.gateway = true;
        self.prepare(&format!(
            "echo '{}' >/etc/sspr/twilio-token
             chmod 600 /etc/sspr/twilio-token
             chown sspr /etc/sspr/twilio-token",
            Gateway::TOKEN
        ))
        .settings(&Gateway::settings())
    }

    /// Runs a shell script in the machine's root file system before it boots, which must succeed.
    #[must_use]
    #[track_caller]
    pub fn prepare(self, script: &str) -> Self {
        self.place.prepare(script);
        self
    }

    /// Boots, and waits until all units have started or failed.
    #[track_caller]
    pub fn boot(self) -> Machine {
        let Self { place, mut settings, gateway, typists } = self;
        let directory = place.root().join("etc/sspr");
        // An older package does not know the key.
        let known = fs::read_to_string(directory.join("sspr.toml")).is_ok_and(|text| text.contains("min_typing_ms"));
        if known && typists && !settings.is_empty() {
            merge(&mut settings, "[register]\nmin_typing_ms = 0\n".parse().unwrap());
        }
        if !settings.is_empty() && directory.exists() {
            fs::write(directory.join("sspr.toml"), settings.to_string()).unwrap();
        }
        let gateway = gateway.then(|| Gateway::start(&place));
        let (root, network) = (place.root(), place.network());
        let console = Terminal::start(
            "console",
            &place.in_cgroup(&[
                "systemd-nspawn",
                "--quiet",
                "--register=no",
                "--keep-unit",
                "--hostname=shell.example.org",
                &format!("--machine={}", place.name()),
                &format!("--directory={}", root.display()),
                &format!("--network-namespace-path={}", network.display()),
                "--resolv-conf=off",
                "--timezone=off",
                // As on a physical machine: greetd and lightdm lock their memory.
                "--capability=CAP_IPC_LOCK",
                "--boot",
                // Otherwise the console gets a line for each unit that starts later.
                "systemd.show_status=no",
            ]),
        );
        let leader = host::wait_for("the machine's init", Duration::from_secs(20), || leader(console.pid()));
        let machine = Machine { console, gateway, leader, place };
        let state = host::wait_for("the machine to boot", Duration::from_mins(1), || {
            let state = machine.run("systemctl is-system-running --wait").stdout;
            ["running", "degraded"].contains(&state.trim()).then_some(state)
        });
        assert!(!state.is_empty());
        machine
    }
}

impl Machine {
    /// Runs a shell command as root, outside of PAM and of any session, for a minute at most.
    pub fn run(&self, script: &str) -> Output {
        self.run_within(Duration::from_mins(1), script)
    }

    /// [`Machine::run`] with another limit.
    pub fn run_within(&self, limit: Duration, script: &str) -> Output {
        let mut command = Command::new("timeout");
        command.args([&limit.as_secs().to_string(), "nsenter", "--all", &format!("--target={}", self.leader)]);
        command.args(["--", "sh", "-c", &format!("cd /\n{script}")]).stdin(Stdio::null()).env_clear();
        command.envs([("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), ("HOME", "/root")]);
        output(command)
    }

    /// Runs a shell command as root, which must succeed; returns its output without the last newline.
    #[track_caller]
    pub fn must(&self, script: &str) -> String {
        self.must_within(Duration::from_mins(1), script)
    }

    /// [`Machine::must`] with another limit.
    #[track_caller]
    pub fn must_within(&self, limit: Duration, script: &str) -> String {
        let output = self.run_within(limit, script);
        assert_eq!(output.code, 0, "{script}\n{}{}", output.stdout, output.stderr);
        output.stdout.trim_end_matches('\n').to_owned()
    }

    /// Runs a program on the host, in the machine's network.
    pub fn from_outside(&self, line: &[String]) -> Output {
        let mut command = Command::new("timeout");
        command.arg("60").args(self.in_network(line)).stdin(Stdio::null());
        output(command)
    }

    /// A command line that runs in the machine's network, on the host.
    pub fn in_network(&self, line: &[String]) -> Vec<String> {
        let mut full = ["ip", "netns", "exec", self.place.name()].map(String::from).to_vec();
        full.extend_from_slice(line);
        full
    }

    /// Lays a cable to another machine; `addresses` are this one's and the other's, in a network of 256. Each cable has a
    /// network of its own.
    #[track_caller]
    pub fn connect(&self, other: &Self, addresses: [&str; 2]) {
        let (here, there) = (self.place.name(), other.place.name());
        let cable = format!("cable{}", addresses[0].split('.').nth(2).unwrap());
        let run = |line: &str| {
            let mut command = Command::new("ip");
            command.args(line.split(' '));
            let done = output(command);
            assert_eq!(done.code, 0, "ip {line}\n{}", done.stderr);
        };
        run(&format!("link add {cable} netns {here} type veth peer name {cable} netns {there}"));
        for (network, address) in [here, there].into_iter().zip(addresses) {
            run(&format!("-n {network} address add {address}/24 dev {cable}"));
            run(&format!("-n {network} link set {cable} up"));
        }
    }

    /// A directory on the host for files of the test.
    pub fn scratch(&self) -> PathBuf {
        self.place.scratch()
    }

    /// Copies a file of the host to `path`, which is absolute.
    pub fn copy_in(&self, file: &Path, path: &str) {
        fs::copy(file, self.root().join(path.trim_start_matches('/'))).unwrap();
    }

    /// The machine's file system as the host sees it.
    pub fn root(&self) -> PathBuf {
        self.place.root()
    }

    /// The console, where agetty waits for a name.
    pub fn console(&mut self) -> &mut Terminal {
        &mut self.console
    }

    /// The agent.
    pub const fn agent(&self) -> Agent<'_> {
        Agent::of(self)
    }

    /// Enables the module as an administrator would.
    #[track_caller]
    pub fn switch_on(&self) {
        self.must(SWITCH_ON);
        self.reloads_sshd(|| self.must("systemctl reload ssh"));
    }

    /// Does `work` without the module in the common stacks, as before the package was enabled.
    #[track_caller]
    pub fn without_us<T>(&self, work: impl FnOnce() -> T) -> T {
        self.must(
            "cp -a /etc/pam.d/common-auth /etc/pam.d/common-account /root
             sed -i /pam_sspr.so/d /etc/pam.d/common-auth /etc/pam.d/common-account",
        );
        let done = work();
        self.must("cp -a /root/common-auth /root/common-account /etc/pam.d");
        done
    }

    /// Writes these settings over the others, and waits until the module follows them: root's helper has written the
    /// line `policy` for it. A package without that file is asked at each sign-in.
    #[track_caller]
    pub fn settings_now(&self, settings: &str, policy: &str) {
        fs::write(self.root().join("etc/sspr/sspr.toml.d/90-test.toml"), settings).unwrap();
        self.must(&format!(
            "sspr config reload
             cd /run/sspr-credential 2>/dev/null && [ -e policy ] || exit 0
             timeout 10 sh -c 'until grep -qx {policy} policy; do sleep 0.05; done'"
        ));
    }

    /// Does `work`, which makes sshd read its settings again, and waits until it listens with them. systemd only sends
    /// the signal, and a connection before sshd has restarted is refused or gets the old settings.
    #[track_caller]
    pub fn reloads_sshd<T>(&self, work: impl FnOnce() -> T) -> T {
        let starts = || {
            let said =
                self.run("journalctl --sync; journalctl -q -u ssh -o cat --grep '^Server listening on 0'").stdout;
            said.lines().count()
        };
        let before = starts();
        let done = work();
        host::wait_for("sshd to listen again", Duration::from_secs(20), || (starts() > before).then_some(()));
        done
    }

    /// The gateway for text messages.
    #[track_caller]
    pub fn gateway(&self) -> &Gateway {
        self.gateway.as_ref().expect("this machine was built without_gateway")
    }

    /// The mail to `address`.
    pub fn mailbox(&self, address: &str) -> Mailbox {
        Mailbox::of(&self.root(), address)
    }

    /// The password field of `/etc/shadow`.
    #[track_caller]
    pub fn shadow(&self, user: &str) -> String {
        let line = self.must(&format!("getent shadow '{user}'"));
        line.split(':').nth(1).unwrap().to_owned()
    }

    /// A unit's output in the journal, a line for each entry.
    pub fn journal(&self, unit: &str) -> String {
        self.must(&format!("journalctl --sync; journalctl --quiet --no-pager --output=cat --unit '{unit}'"))
    }

    /// The whole journal, every field except times and cursors. See [`line_showing`].
    pub fn whole_journal(&self) -> String {
        self.must(
            "journalctl --sync; journalctl --no-pager -o export | grep -av '_TIMESTAMP=\\|^__CURSOR=\\|^__SEQNUM'",
        )
    }
}

/// The line of `text` that shows `secret`, unless it is part of a longer word: among the digits of ids and sizes, any
/// code appears by chance.
pub fn line_showing<'a>(text: &'a str, secret: &str) -> Option<&'a str> {
    text.lines().find(|line| {
        line.match_indices(secret).any(|(at, _)| {
            let (before, after) = (line[..at].chars().next_back(), line[at + secret.len()..].chars().next());
            !before.into_iter().chain(after).any(char::is_alphanumeric)
        })
    })
}

impl Drop for Machine {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let ours = self.run("journalctl --quiet --no-pager --output=short-precise --lines=40").stdout;
            eprintln!("--- the machine's journal ---\n{ours}------------");
        }
    }
}

fn output(mut command: Command) -> Output {
    let output = command.output().unwrap_or_else(|why| panic!("{command:?}: {why}"));
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    Output { code: output.status.code().unwrap_or(-1), stdout: text(&output.stdout), stderr: text(&output.stderr) }
}

/// The machine's init: of the processes that `systemd-nspawn` started, the one with number 1 in its own namespace.
fn leader(nspawn: u32) -> Option<u32> {
    terminal::children(nspawn).into_iter().find_map(|pid| {
        let status = fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero())).ok()?;
        let numbers = status.lines().find_map(|line| line.strip_prefix("NSpid:"))?;
        let mut numbers = numbers.split_whitespace();
        let outside = numbers.next()?.parse().ok()?;
        (numbers.next_back() == Some("1")).then_some(outside)
    })
}

fn merge(into: &mut Table, from: Table) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(toml::Value::Table(old)), toml::Value::Table(new)) => merge(old, new),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_add_up_and_the_last_word_counts() {
        let mut table: Table = "[email]\ngateway = \"smtp\"\nfrom = \"a@b.c\"".parse().unwrap();
        merge(&mut table, "[email]\ngateway = \"spool\"\n[scope]\nmin_uid = 1".parse().unwrap());
        let wanted: Table = "[email]\ngateway = \"spool\"\nfrom = \"a@b.c\"\n[scope]\nmin_uid = 1".parse().unwrap();
        assert_eq!(table, wanted);
    }

    #[test]
    fn a_code_is_found_as_a_word_in_any_company_and_not_inside_an_id() {
        for shown in ["123456", "the code 123456.", "a\ncode=\"123456\"\nb", "é 123456\n-123456-", "0123456 123456"] {
            assert!(line_showing(shown, "123456").is_some(), "{shown}");
        }
        for chance in ["", "4a123456", "1234567", "AVAILABLE=4286123456", "12345\n6"] {
            assert_eq!(line_showing(chance, "123456"), None, "{chance}");
        }
        assert_eq!(line_showing("a\nb rain c\nd", "rain"), Some("b rain c"));
    }
}
