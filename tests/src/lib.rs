//! Machines for tests: a whole Debian with systemd, sshd and a console, our package installed, a mail server and a text
//! message gateway to talk to.
//!
//! ```no_run
//! use sspr_tests::{Image, Machine};
//!
//! let machine = Machine::with(Image::installed()).switched_on().user("alice", "old password").with_mail().boot();
//! let mut terminal = machine.ssh("alice");
//! terminal.expect("Password: ");
//! terminal.press_enter();
//! ```
//!
//! It takes root, network namespaces, overlayfs and `systemd-nspawn`; images are kept in `$SSPR_TEST_CACHE`
//! (`/var/cache/sspr-tests`). Whatever goes wrong panics with what was seen, as a test wants it.
// The crate is for tests: a panic is how it speaks.
#![allow(
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc
)]

pub mod agent;
pub mod apparmor;
pub mod browser;
pub mod conversation;
pub mod fleet;
pub mod host;
pub mod image;
pub mod machine;
pub mod mail;
pub mod openldap;
pub mod phone;
pub mod registered;
pub mod screen;
pub mod servers;
pub mod show;
pub mod ssh;
pub mod story;
pub mod terminal;
pub mod twilio;

pub use image::{Image, Suite};
pub use machine::{Machine, Output};
pub use terminal::Terminal;
