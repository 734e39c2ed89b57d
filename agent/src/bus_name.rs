//! Taking a well-known name on the bus, for good: a later request for it fails, whatever the bus would allow.
//! (zbus by itself lets others replace the owner.)

use zbus::{Connection, fdo::RequestNameFlags};

/// Owns `name` from now on. Call it once everything is served. Fails where somebody owns it already.
pub(crate) async fn own(connection: &Connection, name: &'static str) -> zbus::Result<()> {
    let flags = RequestNameFlags::REPLACE_EXISTING | RequestNameFlags::DO_NOT_QUEUE;
    connection.request_name_with_flags(name, flags).await.map(|_| ())
}
