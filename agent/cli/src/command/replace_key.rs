//! `sspr replace-key`: another key for what is registered.

use std::{path::Path, process::ExitCode};

use clap::Args;
use sspr_protocol::database::Rekeyed;

use super::server::Named;
use crate::{
    database,
    doctor::files::has_credential,
    failure::{Failure, only_root},
    out,
    setup::stopped::not_now,
    unit,
};

const QUESTION: &str = "The agent stops while everything that is registered is sealed with a new key. Sign-ins go on. Codes that \
                        were sent become void, and suspensions end.";
const FILE: &str = "/var/lib/sspr/sspr.db";
const CREDENTIAL: &str = "the key is a systemd credential, which only you can replace. For the time being, write it to \
                          /var/lib/sspr/host.key (systemd-creds decrypt; owner sspr, mode 0600), take its line out of the unit's \
                          drop-in, run: systemctl daemon-reload, and run this again. Then encrypt the new key in the same way";

/// How to replace the key.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Don't ask before the agent is stopped
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    database: Named,
}

/// Does it.
pub fn run(arguments: &Arguments) -> ExitCode {
    replace(arguments).unwrap_or_else(|failure| failure.complain())
}

fn replace(arguments: &Arguments) -> Result<ExitCode, Failure> {
    only_root("replace-key")?;
    // In a drop-in that is not loaded yet, or in the unit.
    if has_credential(Path::new("/")) || unit::has_credential("host.key") {
        return Err(Failure::Refused(CREDENTIAL.to_owned()));
    }
    // Before the agent stops: a credential of its unit is gone then.
    let database = arguments.database.database()?;
    out::confirm(QUESTION, arguments.yes)?;
    let _whole = not_now().map_err(|why| Failure::Refused(why.to_string()))?;
    unit::stop().map_err(Failure::Refused)?;
    let done = database::rekeyed(database.as_ref());
    if let Some(why) = &done.error {
        // At its start, the agent finds out which key counts.
        let started = unit::restart().err().map(|why| format!("\n{why}")).unwrap_or_default();
        return Err(Failure::Refused(format!("{why}{started}")));
    }
    out::print(&described(&done, Path::new(FILE).exists()))?;
    unit::restart().map_err(Failure::Refused)?;
    out::print("The agent runs with the new key. Next: sspr doctor")?;
    Ok(ExitCode::SUCCESS)
}

/// What was done and what is left to do; `file`: the file of this machine exists.
fn described(done: &Rekeyed, file: bool) -> String {
    let mut said = vec![format!(
        "Sealed with the new key: {} and {}. Recovery codes stay valid.",
        out::number(done.contacts, "contact", "contacts"),
        out::number(done.apps, "authenticator app", "authenticator apps")
    )];
    if done.shared {
        said.push(
            "This machine alone has the new key. Copy /var/lib/sspr/host.key to the other servers of the database now (owner sspr, \
             mode 0600), then run there: systemctl restart sspr-agent"
                .to_owned(),
        );
        if file {
            said.push(format!(
                "{FILE} is from before the database, and still has the old key. Delete it, or move it to a backup."
            ));
        }
    }
    said.push(
        "The old key is /var/lib/sspr/host.key.old. Move it to the backups from before, which need it, and make a new backup."
            .to_owned(),
    );
    said.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_is_told_with_what_is_left_to_do() {
        let done = Rekeyed { contacts: 1, apps: 2, ..Rekeyed::default() };
        let said = described(&done, true);
        assert!(said.starts_with("Sealed with the new key: 1 contact and 2 authenticator apps."), "{said}");
        assert!(said.contains("host.key.old") && !said.contains("other servers") && !said.contains(FILE), "{said}");
        let said = described(&Rekeyed { shared: true, ..done }, true);
        assert!(said.contains("to the other servers of the database now") && said.contains(FILE), "{said}");
    }
}
