//! `sspr admin directory`: what administrators of a directory have to do there.
#![allow(clippy::print_stdout, reason = "this is what talks to a person")]

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use sspr_config::settings;

use super::sync;
use crate::{
    client::Client,
    failure::Failure,
    least_rights::{self, Kind},
};

/// People of a directory.
#[derive(Debug, Subcommand)]
pub enum Directory {
    /// Print the least rights for the account in bind, ready to paste
    ///
    /// The names are those of the section directory in the settings. What is not set there is an example. With password = "kerberos", they
    /// are the rights to find users, and the line for kadm5.acl. Nothing is changed, here or there.
    Acl(Acl),
    /// Copy the contacts that the directory or Entra has, now
    ///
    /// The section contacts.directory in the settings names the attributes, and contacts.entra a tenant; by default none. The agent does the same by itself, as often
    /// as the setting every says. Nothing is erased if suddenly much is missing, or if the directory can't be read to the end.
    Sync(sync::Arguments),
}

/// What to print.
#[derive(Debug, Args)]
pub struct Acl {
    /// The kind of directory; by default the one in the settings
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// The settings file
    #[arg(long, hide = true, default_value = settings::PATH)]
    config: PathBuf,
}

impl Directory {
    /// Does it.
    pub async fn run(self, bus: &str) -> ExitCode {
        let arguments = match self {
            Self::Acl(arguments) => arguments,
            Self::Sync(arguments) => {
                let synced = async { sync::run(&Client::connect(bus).await?, arguments).await };
                return synced.await.unwrap_or_else(|failure: Failure| failure.complain());
            }
        };
        let (settings, contacts) = match settings::load(&arguments.config) {
            Ok(settings) => (settings.directory, settings.contacts.directory),
            // The rights can be given before the settings are there; a mistake in them is another matter.
            Err(_) if !arguments.config.exists() => Default::default(),
            Err(why) => return Failure::Refused(why.to_string()).complain(),
        };
        let Some(kind) = arguments.kind.or(settings.kind.map(Kind::of)) else {
            let why = "[directory] kind is not set; name it: sspr admin directory acl --kind openldap";
            return Failure::Usage(why.to_owned()).complain();
        };
        print!("{}", least_rights::printed(kind, settings, &contacts));
        ExitCode::SUCCESS
    }
}
