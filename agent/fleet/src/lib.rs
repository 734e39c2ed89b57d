//! How the hosts of a fleet reach their server: one POST for each of six calls, JSON over HTTP/1.1 and TLS 1.3. Both
//! ends know each other by the hash of a public key, see [`Pin`]; there is no authority, no expiry and no revocation
//! list.
//!
//! | path | body | answer |
//! |---|---|---|
//! | `/v1/begin` | [`wire::Begin`] | [`wire::Begun`] |
//! | `/v1/answer` | [`wire::Answer`] | a step of the dialogue |
//! | `/v1/sealed` | [`wire::Answer`], which nothing in between may read or keep | a step of the dialogue |
//! | `/v1/leave` | [`wire::Leave`] | nothing |
//! | `/v1/join` | [`wire::Join`] | [`wire::Joined`] |
//! | `/v1/hello` | [`wire::Hello`] | [`wire::Greeting`] |
//!
//! Every body is padded, see [`wire::padded`], so that its length does not tell what was typed or said. Nothing of a
//! body is logged.

pub mod client;
pub mod identity;
mod issuer;
mod key;
mod next_key;
mod proxied;
mod race;
mod room;
pub mod server;
pub mod server_keys;
mod tls;
pub mod token;
pub mod wire;

pub use key::{Key, KeyError, Pin};
pub use next_key::NextKey;
