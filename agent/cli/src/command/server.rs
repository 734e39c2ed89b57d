//! `sspr server`: the server of a fleet. What users register can be moved from this machine's file into a PostgreSQL database.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use sspr_config::settings::{self, PATH};
use sspr_protocol::database::Database;

use super::rekey::{self, Rekey};
use crate::{
    database,
    doctor::database::place,
    failure::{Failure, only_root},
    out,
    setup::{secret::secret_in, serving::copied, stopped::not_now},
    unit,
};

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Server {
    /// Create or update the tables in the PostgreSQL database, and copy this machine's registrations into it
    ///
    /// The settings name the database ("sspr setup --server" asks for it, and copies everything itself). The agent is
    /// stopped while the file is copied, and sign-ins go on without it. If the database has everything already, nothing
    /// is stopped or copied. The file stays where it is.
    Migrate(Arguments),
    /// Show the key by which hosts know this server, or replace it in three steps
    ///
    /// First --announce: hosts learn the next key with their hellos. When all of them know it, --use. When all servers of the fleet use
    /// it, --finish. Without an option, this shows the keys, and which hosts do not know the next one yet.
    Rekey(Rekey),
}

/// How to migrate.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Change nothing, and say whether the database can be used
    #[arg(long)]
    check: bool,
    /// Don't ask before the agent is stopped
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    database: Named,
}

/// The database that is meant.
#[derive(Debug, Args)]
pub(super) struct Named {
    #[allow(clippy::doc_markdown, reason = "help shows it as it is")]
    /// Reach PostgreSQL itself at this URL, if the one in the settings leads to a pooler such as PgBouncer
    #[arg(long, value_name = "URL")]
    direct: Option<String>,
    /// The settings file
    #[arg(long, hide = true, default_value = PATH)]
    config: PathBuf,
}

impl Named {
    /// The database in the settings, or at the URL that was given; `None` if the settings name none.
    pub(super) fn database(&self) -> Result<Option<Database>, Failure> {
        let settings = settings::load(&self.config)
            .map_err(|error| Failure::Refused(format!("correct the settings first: {error}")))?;
        let Some(url) = settings.server.database else {
            return match self.direct {
                None => Ok(None),
                Some(_) => Err(Failure::Refused("the settings name no database; leave out --direct".into())),
            };
        };
        let password = settings.server.database_password_file.as_ref().map(secret_in).transpose()?;
        Ok(Some(Database { url: self.direct.clone().unwrap_or(url), password }))
    }
}

impl Server {
    /// Does it.
    pub async fn run(self, bus: &str) -> ExitCode {
        let done = match self {
            Self::Migrate(arguments) => migrate(&arguments),
            Self::Rekey(arguments) => rekey::run(&arguments, bus).await,
        };
        done.unwrap_or_else(|failure| failure.complain())
    }
}

fn migrate(arguments: &Arguments) -> Result<ExitCode, Failure> {
    only_root("server migrate")?;
    let Some(database) = arguments.database.database()? else {
        return Err(Failure::Refused("the settings name no database; to choose one, run: sspr setup --server".into()));
    };
    let tried = database::tried(&database);
    let place = place(&database.url);
    if let Some(why) = tried.error {
        let fix = tried.fix.map(|fix| format!("\nfix: {fix}")).unwrap_or_default();
        return Err(Failure::Refused(format!("{place}: {why}{fix}")));
    }
    if arguments.check {
        let use_of_it = if tried.in_use { "it is in use" } else { "it is empty" };
        out::print(&format!("{place} can be used; {use_of_it}."))?;
        return Ok(ExitCode::SUCCESS);
    }
    if tried.in_use {
        let carried = database::carried(&database);
        if let Some(why) = carried.error {
            return Err(Failure::Refused(why));
        }
        out::print(&copied(&carried))?;
        // An earlier run may have been ended before the agent's start.
        unit::start().map_err(Failure::Refused)?;
        return Ok(ExitCode::SUCCESS);
    }
    let question = format!("The agent stops while everything is copied to {place}. Sign-ins go on.");
    out::confirm(&question, arguments.yes)?;
    let _whole = not_now().map_err(|why| Failure::Refused(why.to_string()))?;
    unit::stop().map_err(Failure::Refused)?;
    let carried = database::carried(&database);
    if let Some(why) = carried.error {
        // With an empty database, the agent would know nobody.
        return Err(Failure::Refused(format!(
            "{why}\nThe agent is stopped, and sign-ins go on without it. Run this again; or, to go on with the file, take \
             [server] database out of the settings and run: systemctl start sspr-agent"
        )));
    }
    out::print(&copied(&carried))?;
    unit::restart().map_err(Failure::Refused)?;
    out::print("The agent runs with the database. Next: sspr doctor")?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_is_the_one_in_the_settings_or_past_its_pooler_with_the_same_password() {
        let dir = tempfile::tempdir().unwrap();
        let config = dir.path().join("sspr.toml");
        let password = dir.path().join("password");
        std::fs::write(&password, "s3cret\n").unwrap();
        let with = |text: &str, direct: Option<&str>| {
            sspr_machine::files::write(&config, text.as_bytes(), 0o644, None).unwrap();
            Named { direct: direct.map(str::to_owned), config: config.clone() }.database()
        };
        assert!(with("", None).unwrap().is_none());
        assert!(with("", Some("postgres://sspr@db/sspr")).unwrap_err().to_string().contains("leave out --direct"));
        let text =
            format!("[server]\ndatabase = \"postgres://sspr@pool/sspr\"\ndatabase_password_file = {password:?}\n");
        let found = with(&text, None).unwrap().unwrap();
        assert_eq!((found.url.as_str(), found.password.unwrap().as_str()), ("postgres://sspr@pool/sspr", "s3cret"));
        let found = with(&text, Some("postgres://sspr@db/sspr")).unwrap().unwrap();
        assert_eq!((found.url.as_str(), found.password.unwrap().as_str()), ("postgres://sspr@db/sspr", "s3cret"));
    }
}
