//! Who asks, as a transport found out: nothing of it is what the caller says of itself.

/// Somebody at the other end of a transport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    uid: u32,
    connection: String,
    process: Option<u32>,
}

impl Principal {
    /// Whoever has `uid` and comes by `connection`, whose name no other connection has or will have.
    pub fn new(uid: u32, connection: impl Into<String>) -> Self {
        Self { uid, connection: connection.into(), process: None }
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

    /// What a dialogue is bound to: it is good for the connection that began it, and for nobody else.
    pub fn connection(&self) -> &str {
        &self.connection
    }

    /// The process, where the transport can tell.
    pub const fn process(&self) -> Option<u32> {
        self.process
    }

    /// Whether it may act for the person at its terminal, and ask what administrators ask. Anybody else acts for itself.
    pub const fn is_root(&self) -> bool {
        self.uid == 0
    }
}
