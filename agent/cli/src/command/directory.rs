//! `sspr admin directory`: what administrators of a directory have to do there.
#![allow(clippy::print_stdout, reason = "this is what talks to a person")]

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use sspr_config::settings::{self, DirectoryKind};

use super::sync;
use crate::{client::Client, directory_kind, failure::Failure, least_rights};

/// Print the rights that a directory needs, and copy contacts.
#[derive(Debug, Subcommand)]
pub enum Directory {
    /// Print the minimum rights for the directory entry in bind, ready to paste
    ///
    /// The names come from the section directory of the settings, or are examples if not set. With password = "kerberos", the rights
    /// to find users and the line for kadm5.acl are printed. Nothing is changed.
    Acl(Acl),
    /// Copy contacts from the directory or Entra now
    ///
    /// The settings in the section contacts.directory name the attributes, and those in contacts.entra a tenant; the default is none.
    /// The agent does the same regularly, at the interval in the setting every. Nothing is erased if many contacts are suddenly missing,
    /// or if the directory can't be read to the end.
    Sync(sync::Arguments),
}

/// The options of `sspr admin directory acl`.
#[derive(Debug, Args)]
pub struct Acl {
    /// The kind of directory; by default the one in the settings
    #[arg(long, value_parser = directory_kind::parser())]
    kind: Option<DirectoryKind>,
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
        let Some(kind) = arguments.kind.or(settings.kind) else {
            let why = "[directory] kind is not set; name it: sspr admin directory acl --kind openldap";
            return Failure::Usage(why.to_owned()).complain();
        };
        print!("{}", least_rights::printed(kind, settings, &contacts));
        ExitCode::SUCCESS
    }
}
