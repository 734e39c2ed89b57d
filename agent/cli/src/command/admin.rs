//! `sspr admin`.

use std::{convert::Infallible, process::ExitCode};

use clap::Subcommand;
use sspr_core::typed;
use sspr_machine::names;
use sspr_protocol::admin::{Exempting, PAGE_MAX, PeopleOf, Test, Whom};

use super::{audit, directory, enable, gateways, import, people, report};
use crate::{client::Client, failure::Failure};

/// Manage accounts and their self-service. For administrators; run it with sudo.
#[derive(Debug, Subcommand)]
#[command(
    after_help = "Exit status: 0 done, 1 refused or not found, 2 wrong usage, 3 the service can't be reached or can't \
                        do it now, 4 partly done. Every change is recorded: sspr admin audit."
)]
pub enum Admin {
    /// Choose who can use the service, from the next sign-in on
    Enable(enable::Arguments),
    /// List all accounts in scope, with what they registered and their state
    ///
    /// With --search, --suspended, --page-size or --after, a page of all people's accounts on this machine, in scope or not.
    Users {
        /// Only names with this in them
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
        /// Only those whose self-service is suspended
        #[arg(long)]
        suspended: bool,
        /// So many at a time, 1 to 1000 [default: 50]
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=i64::from(PAGE_MAX)))]
        page_size: Option<u16>,
        /// Only names behind this one, the last of the page before
        #[arg(long, value_name = "NAME")]
        after: Option<String>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Show everything about one account, contacts masked
    Show {
        /// The account
        #[arg(value_parser = account)]
        user: String,
        /// Show contacts in full; this is recorded
        #[arg(long)]
        reveal: bool,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Register contacts from a file: CSV, or JSON
    ///
    /// CSV has a header that names its columns, name, email and phone, in any order; JSON has objects with these keys. The columns
    /// that Excel, PowerShell, Active Directory and Entra export are known too; for others, use --map and --ignore. All rows are
    /// checked first. If some can't be imported, each is named with its line and the reason, and nothing is imported. The setting
    /// imported in register says whether contacts are usable at once.
    Import(import::Arguments),
    /// Issue a one-time code for a reset, to be read out to the user
    Code {
        /// The account; never root's, and never your own
        #[arg(value_parser = account)]
        user: String,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// End the suspension after too many wrong codes
    Unblock {
        /// The account
        #[arg(value_parser = account)]
        user: String,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Delete everything that an account registered; asks first
    Forget {
        /// The account
        #[arg(value_parser = account)]
        user: String,
        /// Don't ask
        #[arg(short, long)]
        yes: bool,
        /// Exit 0 if there is nothing to drop, or no such account
        #[arg(long)]
        if_registered: bool,
        /// What the account of this host registered, though it is deleted and the directory has one of that name
        #[arg(long)]
        local: bool,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Keep the contacts and the app of a local account for the account of the directory with its name
    ///
    /// The contacts are notified. Recovery codes, codes of the help desk, contacts that are not confirmed and an exemption are not kept.
    Adopt {
        /// The account; delete the local one afterwards
        #[arg(value_parser = account)]
        user: String,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Exempt an account from required registration
    Exempt {
        /// The account
        #[arg(value_parser = account)]
        user: String,
        /// Why, for the record
        #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
        reason: String,
        /// End the exemption
        #[arg(long, conflicts_with = "reason")]
        remove: bool,
        /// That of the account of this host, though it is deleted and the directory has one of that name
        #[arg(long, requires = "remove")]
        local: bool,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Show how many are registered, enabled and capable, and what happened day by day
    Report(report::Arguments),
    /// Show who did what, newest last
    Audit(audit::Arguments),
    /// People of a directory
    #[command(subcommand)]
    Directory(directory::Directory),
    /// Send a test mail, and say what the mail server answered
    TestEmail {
        /// The address
        address: String,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Send a test text message, and say what the gateway answered
    TestPhone {
        /// The number, with its country code or as it is dialled here
        number: String,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

/// An account's name as it was meant, where there is none that is called just what was typed.
#[allow(clippy::unnecessary_wraps, reason = "clap wants it so")]
fn account(text: &str) -> Result<String, Infallible> {
    let meant = typed::argument(text);
    Ok(if meant == text || matches!(names::user(text), Ok(Some(_))) { text.to_owned() } else { meant })
}

impl Admin {
    /// Does it.
    pub async fn run(self, bus: &str) -> ExitCode {
        if let Self::Enable(arguments) = self {
            return enable::run(&arguments, bus).await;
        }
        if let Self::Directory(directory) = self {
            return directory.run(bus).await;
        }
        match self.ask(bus).await {
            Ok(code) => code,
            Err(failure) => failure.complain(),
        }
    }

    /// Asks the agent.
    async fn ask(self, bus: &str) -> Result<ExitCode, Failure> {
        let client = Client::connect(bus).await?;
        match self {
            Self::Enable(_) | Self::Directory(_) => Ok(ExitCode::SUCCESS),
            Self::Users { search: None, suspended: false, page_size: None, after: None, json } => {
                people::users(&client, json).await
            }
            Self::Users { search, suspended, page_size, after, json } => {
                let of = PeopleOf {
                    search: search.unwrap_or_default(),
                    after: after.unwrap_or_default(),
                    suspended,
                    most: page_size.unwrap_or(50),
                };
                people::page(&client, of, json).await
            }
            Self::Show { user, reveal, json } => people::show(&client, user, reveal, json).await,
            Self::Import(arguments) => import::run(&client, &arguments).await,
            Self::Code { user, json } => people::code(&client, user, json).await,
            Self::Adopt { user, json } => people::adopt(&client, user, json).await,
            Self::Unblock { user, json } => people::unblock(&client, user, json).await,
            Self::Forget { user, yes, if_registered, local, json } => {
                people::forget(&client, Whom { user, reveal: false, local }, yes, json, if_registered).await
            }
            Self::Exempt { user, reason, remove, local, json } => {
                people::exempt(&client, Exempting { user, reason, remove, local }, json).await
            }
            Self::Report(arguments) => report::run(&client, &arguments).await,
            Self::Audit(arguments) => audit::run(&client, arguments).await,
            Self::TestEmail { address, json } => {
                gateways::test(&client, Test { method: "email".into(), to: address, code: None }, json).await
            }
            Self::TestPhone { number, json } => {
                gateways::test(&client, Test { method: "phone".into(), to: number, code: None }, json).await
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pasted_along_with_a_name_is_passed_over_and_a_name_that_is_there_is_taken_as_it_is() {
        for mark in typed::PASTED {
            assert_eq!(account(&format!("{mark}alice{mark}")).unwrap(), "alice", "{mark:?}");
        }
        for name in ["root", "alice", "DOM\\bob", "no such name"] {
            assert_eq!(account(name).unwrap(), name);
        }
    }
}
