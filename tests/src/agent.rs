//! Events that can happen to the agent.

use crate::Machine;

/// The agent of a machine.
#[derive(Clone, Copy, Debug)]
pub struct Agent<'a>(&'a Machine);

impl<'a> Agent<'a> {
    pub(crate) const fn of(machine: &'a Machine) -> Self {
        Self(machine)
    }

    /// Stopped by its administrator, and not started again.
    #[track_caller]
    pub fn stop(self) {
        self.0.must("systemctl stop sspr-agent");
    }

    /// Started or restarted.
    #[track_caller]
    pub fn restart(self) {
        self.0.must(
            "rm -f /run/systemd/system/sspr-agent.service.d/tests-restart.conf
             systemctl daemon-reload
             systemctl reset-failed sspr-agent
             systemctl restart sspr-agent",
        );
    }

    /// Killed, and not started again.
    #[track_caller]
    pub fn kill(self) {
        self.0.must(
            "mkdir -p /run/systemd/system/sspr-agent.service.d
             printf '[Service]\\nRestart=no\\n' >/run/systemd/system/sspr-agent.service.d/tests-restart.conf
             systemctl daemon-reload
             systemctl kill --signal=KILL sspr-agent
             while systemctl is-active -q sspr-agent; do sleep 0.05; done",
        );
    }

    /// Frozen in the middle of its work; it keeps its name and its connections.
    #[track_caller]
    pub fn freeze(self) {
        self.0.must("systemctl kill --signal=STOP sspr-agent");
    }

    /// Continued after [`Agent::freeze`].
    #[track_caller]
    pub fn thaw(self) {
        self.0.must("systemctl kill --signal=CONT sspr-agent");
    }

    /// Restarts it this many hours in the future. The machine's own clock stays.
    #[track_caller]
    pub fn hours_later(self, hours: u32) {
        self.clock_is_off(i64::from(hours));
    }

    /// Restarts it with a clock that is this many hours fast, or slow if less than 0. The machine's own clock stays.
    #[track_caller]
    pub fn clock_is_off(self, hours: i64) {
        self.0.must(&format!(
            "mkdir -p /run/systemd/system/sspr-agent.service.d
             printf '[Service]\\nEnvironment=LD_PRELOAD=%s FAKETIME={hours:+}h FAKETIME_DONT_FAKE_MONOTONIC=1\\n' \\
                 \"$(ls /usr/lib/*/faketime/libfaketime.so.1)\" >/run/systemd/system/sspr-agent.service.d/tests-clock.conf
             systemctl daemon-reload"
        ));
        self.restart();
    }
}
