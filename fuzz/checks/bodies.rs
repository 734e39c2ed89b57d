//! Any body that crosses the bus is read, or refused, and comes back as itself; so does the JSON of the administrators' interface.

use std::fmt::Debug;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sspr_config::dialogue::Step;
use sspr_protocol::admin;
use zbus::{
    Type,
    wire::{BE, LE, serialized::Context, serialized::Data, to_bytes},
};

/// A value that is read from a body comes back as itself.
fn body<T: DeserializeOwned + Serialize + Type + PartialEq + Debug>(data: &Data<'_, '_>) {
    if let Ok((read, _)) = data.deserialize::<T>() {
        let written = to_bytes(data.context(), &read).expect("a value that was read can be written");
        assert_eq!(written.deserialize::<T>().expect("and read").0, read);
    }
}

/// The same for JSON.
fn json<T: DeserializeOwned + Serialize>(text: &str) {
    if let Ok(read) = serde_json::from_str::<T>(text) {
        let written = serde_json::to_string(&read).expect("a value that was read can be written");
        let again = serde_json::from_str::<T>(&written).expect("and read");
        assert_eq!(serde_json::to_string(&again).expect("and written"), written);
    }
}

/// A memfd cannot come out of bytes alone: a body that names one has none.
#[derive(Deserialize, Type)]
#[allow(dead_code, reason = "it is never read")]
struct WithDescriptor(String, u32, zbus::OwnedFd);

/// `what`, the first byte of an input, says in which byte order the rest is read.
pub(crate) fn check(what: u8, rest: &[u8]) {
    let context = if what & 1 == 0 { Context::new(LE, 0) } else { Context::new(BE, 0) };
    let data = Data::new(rest, context);
    body::<(String, Step)>(&data);
    body::<(Step,)>(&data);
    body::<(String, String, String, String, String, String)>(&data);
    body::<(String, u32, Vec<u8>)>(&data);
    body::<(u32, u8, bool, bool)>(&data);
    body::<(u8, String)>(&data);
    body::<(u32, u32)>(&data);
    body::<(String, String)>(&data);
    assert!(data.deserialize::<WithDescriptor>().is_err());
    if let Ok(text) = std::str::from_utf8(rest) {
        json::<admin::Label>(text);
        json::<admin::PeopleOf>(text);
        json::<admin::People>(text);
        json::<admin::Whom>(text);
        json::<admin::Exempting>(text);
        json::<admin::ImportBegin>(text);
        json::<admin::ImportRows>(text);
        json::<admin::ImportOutcome>(text);
        json::<admin::ReportOf>(text);
        json::<admin::Report>(text);
        json::<admin::AuditOf>(text);
        json::<admin::Test>(text);
        json::<admin::Shown>(text);
        json::<admin::HelpdeskCode>(text);
    }
}
