//! A private bus with a fake agent on it.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::fake_agent::{Heard, Part, Play};

/// A dbus-daemon, and its agent once there is one. Both end with it.
pub(crate) struct Bus {
    dir: TempDir,
    daemon: Child,
    agent: Option<Child>,
}

impl Bus {
    /// A bus without an agent.
    pub(crate) fn empty() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let config = dir.path().join("bus.conf");
        let socket = dir.path().join("bus");
        std::fs::write(
            &config,
            format!(
                "<busconfig><listen>unix:path={}</listen><auth>EXTERNAL</auth>\
                 <policy context='default'><allow user='*'/><allow own='*'/><allow send_destination='*'/>\
                 <allow receive_sender='*'/></policy></busconfig>",
                socket.display()
            ),
        )
        .unwrap();
        let mut daemon = Command::new("dbus-daemon")
            .arg("--nofork")
            .arg("--print-address=1")
            .arg(format!("--config-file={}", config.display()))
            .stdout(Stdio::piped())
            // It complains where it cannot raise its limit of descriptors.
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-daemon is installed");
        await_line(&mut daemon, "unix:");
        Self { dir, daemon, agent: None }
    }

    /// A bus whose agent plays `parts`, one for each call, and is silent afterwards.
    pub(crate) fn with_agent(parts: Vec<Part>) -> Self {
        Self::playing(&Play { parts, again: false })
    }

    /// The same, with the parts repeated for ever.
    pub(crate) fn with_agent_for_ever(parts: Vec<Part>) -> Self {
        Self::playing(&Play { parts, again: true })
    }

    fn playing(play: &Play) -> Self {
        let mut bus = Self::empty();
        let script = bus.dir.path().join("play.json");
        std::fs::write(&script, serde_json::to_vec(play).unwrap()).unwrap();
        let mut agent = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "fake_agent::process", "--ignored", "--nocapture", "--test-threads=1"])
            .env("SSPR_TEST_BUS", bus.address())
            .env("SSPR_TEST_PLAY", script)
            .env("SSPR_TEST_HEARD", bus.heard_path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        await_line(&mut agent, "READY");
        bus.agent = Some(agent);
        bus
    }

    /// The address, as the module's argument wants it.
    pub(crate) fn address(&self) -> String {
        format!("unix:path={}", self.dir.path().join("bus").display())
    }

    /// The process of the bus.
    pub(crate) fn daemon_pid(&self) -> i32 {
        i32::try_from(self.daemon.id()).unwrap()
    }

    /// The process of the agent.
    pub(crate) fn agent_pid(&self) -> i32 {
        i32::try_from(self.agent.as_ref().unwrap().id()).unwrap()
    }

    /// What the agent was told so far.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        let lines = std::fs::read_to_string(self.heard_path()).unwrap_or_default();
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The members that the agent was called by so far.
    pub(crate) fn heard_members(&self) -> Vec<String> {
        self.heard().into_iter().map(|heard| heard.member).collect()
    }

    fn heard_path(&self) -> PathBuf {
        self.dir.path().join("heard")
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        for child in self.agent.iter_mut().chain([&mut self.daemon]) {
            // Also ends a process that is stopped.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Sends a signal to one process.
pub(crate) fn signal(pid: i32, signal: Signal) {
    kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
}

fn await_line(child: &mut Child, start: &str) {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let found = lines.by_ref().map_while(Result::ok).any(|line| line.starts_with(start));
    assert!(found, "the process ended before it was ready");
    // Read on to the end, so that the process never writes to a closed pipe.
    std::thread::spawn(move || lines.count());
}
