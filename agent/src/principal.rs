//! The caller, as identified by a transport, never by the caller's own words.

use sspr_config::credential::NO_UID;

/// A caller at the other end of a transport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    uid: u32,
    connection: String,
    process: Option<u32>,
    host: Option<String>,
}

impl Principal {
    /// The caller with `uid` on `connection`, whose name no other connection has or will have.
    pub fn new(uid: u32, connection: impl Into<String>) -> Self {
        Self { uid, connection: connection.into(), process: None, host: None }
    }

    /// The host of the fleet with the id `host`. It has nobody's rights on this machine. A dialogue is bound to the host, over
    /// whatever connections it comes.
    pub fn of_host(host: impl Into<String>) -> Self {
        let host = host.into();
        // No name on the bus looks like this.
        Self { uid: NO_UID, connection: format!("fleet {host}"), process: None, host: Some(host) }
    }

    /// The id of the host of the fleet that calls; `None` for a caller on this machine.
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// The same, calling from the process `pid`.
    #[must_use]
    pub fn in_process(self, pid: Option<u32>) -> Self {
        Self { process: pid, ..self }
    }

    /// The uid.
    pub const fn uid(&self) -> u32 {
        self.uid
    }

    /// The connection to which a dialogue is bound: only the connection that began it may use it.
    pub fn connection(&self) -> &str {
        &self.connection
    }

    /// The process, if the transport knows it.
    pub const fn process(&self) -> Option<u32> {
        self.process
    }

    /// Whether it may act for the user at its terminal, and make administrators' requests. Any other caller acts for
    /// itself.
    pub const fn is_root(&self) -> bool {
        self.uid == 0 && self.host.is_none()
    }
}
