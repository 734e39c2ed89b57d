//! The options for a server, for automation.

use std::path::PathBuf;

use clap::Args;

use super::{
    super::secret::secret_in,
    Password,
    questions::{self, Kept},
};
use crate::failure::Failure;

/// Options for the server of a fleet.
#[derive(Clone, Debug, Default, Args)]
#[group(id = "server-options")]
pub struct Options {
    /// Make this machine the server of a fleet, too: hosts join it, and its directory's users reset on them
    #[arg(long)]
    pub(in super::super) server: bool,
    /// How hosts reach the server: NAME or NAME:PORT; can be repeated [default: this machine's name, port 7142]
    #[arg(long, value_name = "NAME", requires = "server")]
    server_name: Vec<String>,
    /// Where the server listens [default: all addresses, at the port of the first name]
    #[arg(long, value_name = "ADDRESS:PORT", requires = "server")]
    server_listen: Option<String>,
    #[allow(clippy::doc_markdown, reason = "help shows it as it is")]
    /// PostgreSQL database for the registrations, such as postgres://sspr@db.example.org/sspr, or file
    #[arg(long, value_name = "URL|file", requires = "server")]
    server_database: Option<String>,
    /// File with the password of the database; setup copies it
    #[arg(long, value_name = "FILE", requires = "server_database")]
    server_database_password_file: Option<PathBuf>,
}

/// What the options say about the server; `None`: they leave it open.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Given {
    pub(super) names: Option<Vec<String>>,
    pub(super) listen: Option<String>,
    pub(super) kept: Option<Kept>,
}

impl Options {
    /// What the options say. `None`: this machine is to be no server.
    pub(in super::super) fn given(&self) -> Result<Option<Given>, Failure> {
        if !self.server {
            return Ok(None);
        }
        let names = match self.server_name.as_slice() {
            [] => None,
            names => Some(questions::names(&names.join(" ")).map_err(Failure::Usage)?),
        };
        let password = self.server_database_password_file.as_ref().map(secret_in).transpose()?;
        let kept = match self.server_database.as_deref() {
            None => None,
            Some(questions::FILE) if password.is_some() => {
                return Err(Failure::Usage("--server-database file takes no password".into()));
            }
            Some(questions::FILE) => Some(Kept::AsIs),
            Some(url) => {
                questions::url(url).map_err(Failure::Usage)?;
                Some(Kept::Database(url.to_owned(), password.map_or(Password::AsIs, Password::New)))
            }
        };
        Ok(Some(Given { names, listen: self.server_listen.clone(), kept }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(words: &[&str]) -> Result<Options, clap::Error> {
        #[derive(clap::Parser)]
        struct Line {
            #[command(flatten)]
            options: Options,
        }
        <Line as clap::Parser>::try_parse_from([&["sspr"][..], words].concat()).map(|line| line.options)
    }

    #[test]
    fn options_say_the_same_and_only_with_the_one_that_asks_for_a_server() {
        assert!(options(&[]).unwrap().given().unwrap().is_none());
        assert!(options(&["--server-name", "r.example.org"]).is_err());
        assert!(options(&["--server", "--server-database-password-file", "/x"]).is_err());
        let words = ["--server", "--server-name", "r.example.org", "--server-name", "s.example.org:8142"];
        let given = options(&words).unwrap().given().unwrap().unwrap();
        assert_eq!(given.names.unwrap(), ["r.example.org:7142", "s.example.org:8142"]);
        assert!(given.kept.is_none());
        let given = options(&["--server", "--server-database", "file"]).unwrap().given().unwrap().unwrap();
        assert!(matches!(given.kept, Some(Kept::AsIs)));
        for (url, why) in [("postgres://sspr:s3cret@h/sspr", "has a password"), ("h", "must be a URL")] {
            let refused = options(&["--server", "--server-database", url]).unwrap().given().unwrap_err().to_string();
            assert!(refused.contains(why) && !refused.contains("s3cret"), "{refused}");
        }
    }
}
