//! A separate host for each test: private /etc, /run and processes, a message bus that starts the real helper, and
//! accounts made by the system's own tools.
#![allow(clippy::unused_self, reason = "the host has to be there while they are called")]

use std::{
    cell::RefCell,
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant, SystemTime},
};

use sspr_agent::credential::client::BusCredentials;
use zbus::{Connection, connection};

/// Set inside the private host.
const INSIDE: &str = "SSPR_TEST_PRIVATE_HOST";
const DIRECTORY: &str = "/run/sspr-test";
pub(crate) const ADDRESS: &str = "unix:path=/run/sspr-test/bus";
const LOG: &str = "/run/sspr-test/log";
/// As on Debian with libpam-pwquality installed, whatever the tests' host has.
const COMMON_PASSWORD: &str = "\
password requisite pam_pwquality.so retry=3
password [success=1 default=ignore] pam_unix.so obscure use_authtok try_first_pass yescrypt
password requisite pam_deny.so
password required pam_permit.so
";
pub(crate) const SETTINGS: &str = "/etc/sspr/sspr.toml";

/// The password of accounts from [`Host::user`].
pub(crate) const OLD: &str = "Old-horse-battery-1";
pub(crate) const NEW: &str = "New-staple-correct-2";

/// Runs `test`, which is the body of the test function `name`, on its own host.
pub(crate) fn on_a_host(name: &str, test: impl AsyncFnOnce(&Host)) {
    on_a_host_for(Duration::from_mins(10), name, test);
}

/// The same for a test that may take `limit`. Its output is shown.
pub(crate) fn on_a_host_for(limit: Duration, name: &str, test: impl AsyncFnOnce(&Host)) {
    if std::env::var_os(INSIDE).is_some() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let host = Host::start();
        runtime.block_on(test(&host));
        let log = host.log();
        assert!(![OLD, NEW].iter().any(|secret| log.contains(secret)), "a password in the log:\n{log}");
        return;
    }
    assert!(rustix::process::geteuid().is_root(), "this test makes accounts in a private /etc: run it as root");
    let this = std::env::current_exe().unwrap();
    let done = Command::new("timeout")
        .args(["--kill-after=5", &limit.as_secs().to_string(), "unshare", "--mount", "--propagation=private"])
        .args(["--pid", "--fork", "--kill-child", "--mount-proc", "--"])
        .arg(this)
        .args(["--exact", name, "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    let errors = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && said.contains("1 passed"), "{said}\n{errors}");
    #[allow(clippy::print_stdout, reason = "what the test says, for whoever asks by --nocapture")]
    {
        print!("{said}");
    }
}

/// A host with the helper installed, `[scope] enable = "all"`, and no accounts but the system's and `sspr`.
pub(crate) struct Host {
    bus: RefCell<Child>,
}

#[allow(clippy::unused_self, reason = "who has a host may use it, and nobody else")]
/// The helper, built by cargo. For the tests of another crate it is beside them, if it was built with them.
fn helper() -> PathBuf {
    if let Some(built) = option_env!("CARGO_BIN_EXE_sspr-credential") {
        return built.into();
    }
    beside("sspr-credential", &["helper/src", "machine/src", "../config/src"])
}

/// A program of another crate, built from `sources` below `agent/`: it is beside the tests, if it was built with them.
pub(crate) fn beside(name: &str, sources: &[&str]) -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let program = tests.parent().and_then(Path::parent).unwrap().join(name);
    let agent = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources: Vec<PathBuf> = sources.iter().map(|folder| agent.join(folder)).collect();
    let newer = newer_source(&program, &sources);
    assert_eq!(
        newer,
        None,
        "{} is not built from this; run: cargo build --locked --workspace --exclude pam_sspr --bins",
        program.display()
    );
    program
}

/// A file below `sources` that changed after `program` was built; the first file if there is no program.
fn newer_source(program: &Path, sources: &[PathBuf]) -> Option<PathBuf> {
    let changed = |path: &Path| fs::metadata(path).and_then(|meta| meta.modified()).unwrap();
    let built = program.exists().then(|| changed(program));
    let mut folders = sources.to_vec();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if built.is_none_or(|built| changed(&entry) > built) {
                return Some(entry);
            }
        }
    }
    None
}

#[test]
fn a_helper_that_is_older_than_any_of_its_sources_or_was_never_built_is_told_from_one_that_is_not() {
    let place = tempfile::tempdir().unwrap();
    let (program, deep) = (place.path().join("program"), place.path().join("src/in/here"));
    fs::create_dir_all(&deep).unwrap();
    let hour = Duration::from_hours(1);
    let begun = SystemTime::now() - hour * 3;
    let write = |path: &Path, hours: u32| {
        fs::write(path, "").unwrap();
        fs::File::options().append(true).open(path).unwrap().set_modified(begun + hour * hours).unwrap();
    };
    let newer = || newer_source(&program, &[place.path().join("src")]);
    let (old, new) = (place.path().join("src/old.rs"), deep.join("new.rs"));
    write(&old, 0);
    assert_eq!(newer(), Some(old), "never built");
    write(&program, 1);
    write(&new, 1);
    assert_eq!(newer(), None);
    write(&new, 2);
    assert_eq!(newer(), Some(new), "a change in a folder of a folder");
}

impl Host {
    fn start() -> Self {
        sh("mount -t tmpfs tmpfs /mnt && cp -a /etc /mnt/etc && mount --bind /mnt/etc /etc");
        sh("mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /var/log && mkdir -m 755 /run/sspr-test /run/faillock");
        sh(
            "useradd --system --no-create-home --home-dir /var/lib/sspr --shell /usr/sbin/nologin sspr && mkdir -p /etc/sspr /run/sspr-test/services",
        );
        sh("printf 'minlen = 12\\ndictcheck = 0\\n' > /etc/security/pwquality.conf");
        fs::write("/etc/pam.d/common-password", COMMON_PASSWORD).unwrap();
        fs::write("/etc/pam.d/sspr", include_str!("../../../../packaging/pam/sspr")).unwrap();
        let host = Self { bus: RefCell::new(Self::start_bus()) };
        host.settings("[scope]\nenable = \"all\"\n");
        host
    }

    fn start_bus() -> Child {
        let helper = helper();
        let helper = helper.display();
        let service = format!(
            "[D-BUS Service]\nName=org.pam_sspr.Credential1\n\
             Exec={helper} --bus {ADDRESS} --config {SETTINGS} --idle 2\n"
        );
        fs::write(format!("{DIRECTORY}/services/org.pam_sspr.Credential1.service"), service).unwrap();
        let config = format!(
            "<busconfig><type>custom</type><listen>{ADDRESS}</listen><auth>EXTERNAL</auth>\
             <servicedir>{DIRECTORY}/services</servicedir><policy context=\"default\">\
             <allow user=\"*\"/><allow own=\"*\"/><allow send_destination=\"*\"/><allow receive_sender=\"*\"/>\
             </policy></busconfig>"
        );
        fs::write(format!("{DIRECTORY}/bus.conf"), config).unwrap();
        let log = fs::OpenOptions::new().create(true).append(true).open(LOG).unwrap();
        let mut bus = Command::new("dbus-daemon")
            .args(["--nofork", "--nopidfile", "--print-address", "--config-file=/run/sspr-test/bus.conf"])
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        // It prints its address once it listens.
        let mut line = String::new();
        BufReader::new(bus.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains(ADDRESS), "{line}");
        bus
    }

    /// Kills the bus, whatever it is doing, and starts another one.
    #[allow(dead_code, reason = "only the agent's tests do")]
    pub(crate) fn kill_bus(&self) {
        let mut bus = self.bus.borrow_mut();
        bus.kill().unwrap();
        bus.wait().unwrap();
        *bus = Self::start_bus();
    }

    /// A connection as root.
    pub(crate) async fn connect(&self) -> Connection {
        self.try_connect().await.unwrap()
    }

    /// The same when there may be no bus.
    pub(crate) async fn try_connect(&self) -> zbus::Result<Connection> {
        connection::Builder::address(ADDRESS).build().await
    }

    /// The agent's client of the helper.
    pub(crate) async fn credentials(&self) -> BusCredentials {
        BusCredentials::new(self.connect().await)
    }

    /// Replaces the settings file.
    pub(crate) fn settings(&self, text: &str) {
        fs::write(SETTINGS, text).unwrap();
    }

    /// Makes an account with the password [`OLD`] and gives its uid.
    pub(crate) fn user(&self, name: &str) -> u32 {
        sh(&format!("useradd --no-create-home --shell /bin/bash {name} && echo '{name}:{OLD}' | chpasswd"));
        sh(&format!("id -u {name}")).trim().parse().unwrap()
    }

    /// The line of `name` in the shadow file, by its fields.
    pub(crate) fn shadow(&self, name: &str) -> Vec<String> {
        let text = fs::read_to_string("/etc/shadow").unwrap();
        let line = text.lines().find(|line| line.starts_with(&format!("{name}:"))).unwrap();
        line.split(':').map(str::to_owned).collect()
    }

    /// The output of the helper and the bus so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(LOG).unwrap()
    }

    /// The answer to `Account` for `name`, called by the user `caller` from a shell.
    pub(crate) fn ask_as(&self, caller: &str, name: &str) -> String {
        let output = Command::new("setpriv")
            .args([&format!("--reuid={caller}"), "--clear-groups", "dbus-send", &format!("--bus={ADDRESS}")])
            .args(["--print-reply", "--dest=org.pam_sspr.Credential1", "/org/pam_sspr/Credential1"])
            .args(["org.pam_sspr.Credential1.Account", &format!("string:{name}")])
            .output()
            .unwrap();
        both(&output)
    }
}

/// Runs a command in a shell, which must succeed, and returns its output.
#[track_caller]
pub(crate) fn sh(line: &str) -> String {
    let output = Command::new("sh").args(["-c", line]).output().unwrap();
    assert!(output.status.success(), "{line}\n{}", both(&output));
    both(&output)
}

pub(crate) fn both(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Adds `line` before the first line of the PAM file `name` that contains `before`.
pub(crate) fn pam_line_before(name: &str, before: &str, line: &str) {
    let path = Path::new("/etc/pam.d").join(name);
    let text = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    let at = lines.iter().position(|l| !l.starts_with('#') && l.contains(before)).unwrap();
    lines.insert(at, line);
    fs::write(path, lines.join("\n") + "\n").unwrap();
}

/// Waits until `what` returns something, for at most `limit`.
pub(crate) async fn until<T>(limit: Duration, mut what: impl AsyncFnMut() -> Option<T>) -> T {
    let end = Instant::now() + limit;
    loop {
        if let Some(found) = what().await {
            return found;
        }
        assert!(Instant::now() < end, "not within {limit:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
