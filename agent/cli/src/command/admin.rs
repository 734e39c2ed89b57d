//! `sspr admin`.

use std::process::ExitCode;

use clap::Subcommand;
use sspr_protocol::admin::{Exempting, PAGE_MAX, PeopleOf, Test, Whom};

use super::{account::account, audit, compliance, directory, enable, gateways, hosts, import, people, report, verify};
use crate::{client::Client, failure::Failure};

/// The subcommands of `sspr admin`.
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
    /// With --search, --suspended, --page-size or --after, list one page of all user accounts on this machine, in scope or not.
    Users {
        /// List only names that contain this text
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
        /// List only accounts whose self-service is suspended
        #[arg(long)]
        suspended: bool,
        /// Set the number of accounts on a page, 1 to 1000 [default: 50]
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=i64::from(PAGE_MAX)))]
        page_size: Option<u16>,
        /// Continue after this name, the last one on the previous page
        #[arg(long, value_name = "NAME")]
        after: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show everything about one account, with contacts masked
    Show {
        /// The account
        #[arg(value_parser = account)]
        user: String,
        /// Show contacts in full; this is recorded
        #[arg(long)]
        reveal: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Register contacts from a CSV, JSON or LDIF file
    ///
    /// A CSV file has a header with the columns name, email and phone, in any order. A JSON file has objects with these keys,
    /// and an LDIF file has entries. The columns that Excel, PowerShell, Active Directory and Entra export are also known, as
    /// are the attributes uid, mail and mobile; for others, use --map and --ignore. All rows are checked first. If a row can't
    /// be imported, nothing is: each such row is shown with its line and the reason. The setting imported in the section
    /// register decides whether contacts are usable at once.
    Import(import::Arguments),
    /// Issue a one-time code that you read out to the user for a reset
    Code {
        /// The account; neither root nor your own
        #[arg(value_parser = account)]
        user: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Verify a caller: send a code to a registered contact, and type what the caller reads out
    ///
    /// The code is valid only here, and not for a reset. Exit status: 0 the code was correct, 1 it was not.
    Verify(verify::Arguments),
    /// Say whether you are a member of the help desk, and of which group its members are
    ///
    /// Exit status: 0 you are one, 1 you are not.
    Helpdesk {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// End the suspension after too many wrong codes
    Unblock {
        /// The account
        #[arg(value_parser = account)]
        user: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Delete everything that an account registered, after asking
    Forget {
        /// The account
        #[arg(value_parser = account)]
        user: String,
        /// Don't ask
        #[arg(short, long)]
        yes: bool,
        /// Exit with status 0 if nothing is registered or the account does not exist
        #[arg(long)]
        if_registered: bool,
        /// Choose the local account, deleted or not, if the directory has an account with the same name
        #[arg(long)]
        local: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print everything that is stored about a user as JSON, with contacts in full; this is recorded
    ///
    /// Codes and the key of an authenticator app are left out. The administrators' guide explains each field.
    Export {
        /// The account
        #[arg(value_parser = account)]
        user: String,
        /// Choose the local account, deleted or not, if the directory has an account with the same name
        #[arg(long)]
        local: bool,
    },
    /// Erase everything that is stored about a user, after asking, and print a receipt
    ///
    /// The rows of the audit trail stay, with the receipt number in place of the name. Rows about what the user did to other accounts
    /// as an administrator keep the name. The contacts are notified.
    Erase {
        /// The account
        #[arg(value_parser = account)]
        user: String,
        /// Don't ask
        #[arg(short, long)]
        yes: bool,
        /// Choose the local account, deleted or not, if the directory has an account with the same name
        #[arg(long)]
        local: bool,
        /// Print the receipt as JSON
        #[arg(long)]
        json: bool,
    },
    /// Move the contacts and the app of a local account to the directory account with the same name
    ///
    /// The contacts are notified. Recovery codes, help-desk codes, unconfirmed contacts and an exemption are not moved.
    Adopt {
        /// The account; delete the local one afterwards
        #[arg(value_parser = account)]
        user: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Exempt an account from required registration
    Exempt {
        /// The account
        #[arg(value_parser = account)]
        user: String,
        /// Record this reason
        #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
        reason: String,
        /// End the exemption
        #[arg(long, conflicts_with = "reason")]
        remove: bool,
        /// Choose the local account, deleted or not, if the directory has an account with the same name
        #[arg(long, requires = "remove")]
        local: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show how many accounts are registered, enabled and capable, and the resets of each day
    Report(report::Arguments),
    /// Show the audit trail, newest record last
    ///
    /// It contains no contacts, codes or passwords.
    Audit(audit::Arguments),
    /// List the hosts of the fleet that this server serves, let one join, pause or revoke one
    Hosts(hosts::Arguments),
    /// Print the rights that a directory needs, and copy contacts
    #[command(subcommand)]
    Directory(directory::Directory),
    /// Send a test mail, and show the mail server's answer
    TestEmail {
        /// The address
        address: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Send a test text message, and show the gateway's answer
    TestPhone {
        /// The number, with its country code or as it is dialed in your country
        number: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
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
        let client = match &self {
            Self::Helpdesk { .. } => Client::connect_to_the_desk(bus).await?,
            Self::Show { .. } | Self::Code { .. } | Self::Unblock { .. } | Self::Verify(_)
                if !rustix::process::geteuid().is_root() =>
            {
                Client::connect_to_the_desk(bus).await?
            }
            _ => Client::connect(bus).await?,
        };
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
            Self::Verify(arguments) => verify::run(&client, arguments).await,
            Self::Adopt { user, json } => people::adopt(&client, user, json).await,
            Self::Helpdesk { json } => people::membership(&client, json).await,
            Self::Unblock { user, json } => people::unblock(&client, user, json).await,
            Self::Forget { user, yes, if_registered, local, json } => {
                people::forget(&client, Whom { user, reveal: false, local }, yes, json, if_registered).await
            }
            Self::Export { user, local } => compliance::export(&client, Whom { user, reveal: true, local }).await,
            Self::Erase { user, yes, local, json } => {
                compliance::erase(&client, Whom { user, reveal: false, local }, yes, json).await
            }
            Self::Exempt { user, reason, remove, local, json } => {
                people::exempt(&client, Exempting { user, reason, remove, local }, json).await
            }
            Self::Report(arguments) => report::run(&client, &arguments).await,
            Self::Audit(arguments) => audit::run(&client, arguments).await,
            Self::Hosts(arguments) => hosts::run(&client, arguments).await,
            Self::TestEmail { address, json } => {
                gateways::test(&client, Test { method: "email".into(), to: address, code: None }, json).await
            }
            Self::TestPhone { number, json } => {
                gateways::test(&client, Test { method: "phone".into(), to: number, code: None }, json).await
            }
        }
    }
}
