//! What is done to a store by the agent's program, which alone links one: a PostgreSQL database is tried or filled, or the
//! host key is replaced. It runs as the agent's user and reads the database's password from its standard input.

use std::{
    io::{Read as _, Write as _},
    os::unix::process::CommandExt as _,
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use nix::unistd::User;
use serde::{Serialize, de::DeserializeOwned};
use sspr_config::bus::AGENT_USER;
use sspr_protocol::database::{CARRY, Carried, Database, REPLACE_KEY, Rekeyed, TRY, Tried};
use zeroize::Zeroizing;

use crate::checked;

/// How long a try may take; the program itself gives up before.
const TRY_MAX: Duration = Duration::from_secs(20);
/// How long may take what reads everything: longer than for millions of rows.
const CARRY_MAX: Duration = Duration::from_hours(12);

/// Whether a server on this machine could use the database. Changes nothing in it.
pub(crate) fn tried(database: &Database) -> Tried {
    asked(TRY, database, TRY_MAX).unwrap_or_else(|why| Tried { error: Some(why), ..Tried::default() })
}

/// Copies this machine's file into the database.
pub(crate) fn carried(database: &Database) -> Carried {
    asked(CARRY, database, CARRY_MAX).unwrap_or_else(|why| Carried { error: Some(why), ..Carried::default() })
}

/// Replaces the host key of `database`, or of this machine's file, and seals everything anew.
pub(crate) fn rekeyed(database: Option<&Database>) -> Rekeyed {
    asked(REPLACE_KEY, &database, CARRY_MAX).unwrap_or_else(|why| Rekeyed {
        // A program that was ended may have done it.
        error: Some(format!(
            "it is not known whether the key was replaced: it was if /var/lib/sspr/host.key.old is there now. {why}"
        )),
        ..Rekeyed::default()
    })
}

fn asked<T: DeserializeOwned>(option: &str, question: &impl Serialize, patience: Duration) -> Result<T, String> {
    let program = checked::program();
    let mut command = Command::new(&program);
    command.arg(option).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").current_dir("/");
    // Ctrl-C at the terminal does not end it in the middle.
    command.process_group(0);
    if rustix::process::geteuid().is_root() {
        let agent = User::from_name(AGENT_USER).ok().flatten();
        let agent = agent.ok_or_else(|| format!("there is no user {AGENT_USER}; reinstall the package sspr"))?;
        command.uid(agent.uid.as_raw()).gid(agent.gid.as_raw());
    }
    answer(command, question, patience)
        .map_err(|why| format!("{}: {why}; reinstall the package sspr", program.display()))
}

fn answer<T: DeserializeOwned>(
    mut command: Command,
    question: &impl Serialize,
    patience: Duration,
) -> Result<T, String> {
    let question = Zeroizing::new(serde_json::to_vec(question).map_err(|why| why.to_string())?);
    let mut child = command.spawn().map_err(|why| format!("it can't be run: {why}"))?;
    if let Some(mut there) = child.stdin.take() {
        // A program that ends without reading says more by its status.
        let _ = there.write_all(&question);
    }
    let (tell, told) = mpsc::channel();
    if let Some(mut said) = child.stdout.take() {
        thread::spawn(move || {
            let mut all = Vec::new();
            let _ = said.read_to_end(&mut all);
            let _ = tell.send(all);
        });
    }
    let said = told.recv_timeout(patience).ok();
    if said.is_none() {
        let _ = child.kill();
    }
    let status = child.wait().map_or_else(|why| why.to_string(), |status| status.to_string());
    let said = said.ok_or_else(|| format!("it did not finish in {} s", patience.as_secs()))?;
    serde_json::from_slice(&said).map_err(|_| format!("it gave no answer ({status})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(script: &str, patience: Duration) -> Result<Tried, String> {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let password = Some(Zeroizing::new("s3cret".to_owned()));
        answer(command, &Database { url: "postgres://sspr@h/sspr".into(), password }, patience)
    }

    #[test]
    fn the_password_goes_over_standard_input_and_the_answer_is_told_as_it_is() {
        let script = r#"grep -q '"password":"s3cret"' && printf '{"error":null,"fix":null,"in_use":true}'"#;
        assert_eq!(says(script, TRY_MAX), Ok(Tried { in_use: true, ..Tried::default() }));
    }

    #[test]
    fn a_program_that_says_nothing_or_hangs_is_a_fault() {
        assert!(says("exit 7", TRY_MAX).unwrap_err().contains("it gave no answer (exit status: 7)"));
        assert!(says("exec sleep 1000", Duration::from_millis(50)).unwrap_err().contains("did not finish"));
    }
}
