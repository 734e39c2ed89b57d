//! `sspr setup --undo`: undoes setup's own changes.
#![allow(clippy::print_stdout, reason = "this is what talks to a person")]

use std::{
    io::IsTerminal as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use super::{
    Arguments,
    ask::{AtTerminal, agrees},
    change::{self, Change},
    drop_in, pam,
    record::{self, Record},
    server, ssh,
};
use sspr_config::settings;

use crate::{
    failure::{Failure, only_root},
    reload::{self, Reloaded},
    whom,
};

/// Removes sshd's drop-in before the package is removed, unless that would lock users out or let them in. Fails if the
/// drop-in stays.
pub(super) fn leave_sshd() -> Result<ExitCode, Failure> {
    only_root("setup --leave-sshd")?;
    let path = Path::new(ssh::DROP_IN);
    let Some(now) = change::now(path)? else { return Ok(ExitCode::SUCCESS) };
    let stays = |why: &str| {
        Failure::Refused(format!(
            "{} is kept: {why}.\nIf sshd is to accept keys only, remove that file and reload sshd",
            path.display()
        ))
    };
    if !drop_in::is_ours(&now.content) {
        return Err(stays("it was changed"));
    }
    let record = Record::load(Path::new(record::DIRECTORY))?;
    let change = Change { path: path.into(), before: Some(now), after: None, mode: 0, owner: (0, 0), secret: false };
    match ssh::leave(&change, record.sshd_keys_alone)? {
        None => Ok(ExitCode::SUCCESS),
        Some(why) => Err(stays(&why)),
    }
}

/// Shows what would be undone, asks, and undoes it.
pub(super) async fn undo(arguments: &Arguments, bus: &str) -> Result<ExitCode, Failure> {
    only_root("setup --undo")?;
    let directory = Path::new(record::DIRECTORY);
    let record = Record::load(directory)?;
    let (back, theirs) = record.way_back()?;
    let enabled = enabled(&arguments.config, &back, &theirs);
    if record.is_empty() {
        println!("There is nothing to undo.");
        say(enabled.as_deref());
        return Ok(ExitCode::SUCCESS);
    }
    for change in &back {
        print!("{}", change.shown());
    }
    let nothing = back.is_empty() && !record.pam;
    if record.pam {
        println!("PAM: pam-auth-update --disable sspr");
    }
    for path in &theirs {
        println!("{}: it was changed since, and is left as it is", path.display());
    }
    say(enabled.as_deref());
    if back.iter().any(server::names_a_database) {
        println!(
            "What is registered stays in the database. From its next start the agent goes by the file on this machine,\n\
             which has what was registered before."
        );
    }
    for path in record.replaced() {
        println!("{}: its former secret was not kept, and is not put back", path.display());
    }
    if arguments.check {
        return Ok(ExitCode::from(u8::from(!nothing)));
    }
    if nothing && !theirs.is_empty() {
        println!("There is nothing else to undo.");
        return Ok(ExitCode::SUCCESS);
    }
    if !arguments.yes {
        if !std::io::stdin().is_terminal() {
            return Err(Failure::Usage("there is no terminal to ask at; use --yes".into()));
        }
        if !agrees(&mut AtTerminal, "\nUndo this?")? {
            return Ok(ExitCode::SUCCESS);
        }
    }
    if record.pam {
        pam::disable()?;
    }
    let mut kept = theirs;
    for change in &back {
        if !ssh::is_drop_in(&change.path) {
            change.make()?;
        } else if let Some(why) = ssh::undo(change, record.sshd_keys_alone)? {
            println!("{} is kept: {why}", change.path.display());
            kept.push(change.path.clone());
        }
    }
    let left = record.only(&kept);
    if left.is_empty() {
        std::fs::remove_dir_all(directory)?;
    } else {
        left.save(directory)?;
    }
    match reload::ask(bus).await? {
        Reloaded::Done | Reloaded::NotRunning => {}
        Reloaded::Kept(why) => return Err(Failure::Refused(format!("the agent keeps its old settings: {why}"))),
    }
    if left.is_empty() && record.replaced().is_empty() && enabled.is_none() {
        println!("Everything is as before. Registrations are kept.");
    } else {
        println!("Everything but these is as before. Registrations are kept.");
        for path in kept.iter().chain(&enabled).map(PathBuf::as_path).chain(record.replaced()) {
            println!("  {}", path.display());
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The drop-in of `sspr admin enable`, if it exists and setup has not written it.
fn enabled(config: &Path, back: &[Change], theirs: &[PathBuf]) -> Option<PathBuf> {
    let path = settings::drop_ins(config).join(whom::DROP_IN);
    let known = back.iter().any(|change| change.path == path) || theirs.contains(&path);
    (!known && path.exists()).then_some(path)
}

fn say(enabled: Option<&Path>) {
    if let Some(path) = enabled {
        println!("{}", by_enable(path));
    }
}

/// The message about that file: it sets who can use the service, and stays because the administrator chose that.
fn by_enable(path: &Path) -> String {
    format!(
        "{}: \"sspr admin enable\" wrote it, and it stays. To switch self-service off, run: sspr admin enable none",
        path.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_enable_wrote_is_named_unless_setup_wrote_it_or_knows_that_it_was_changed() {
        let dir = tempfile::tempdir().unwrap();
        let config = dir.path().join("sspr.toml");
        let path = settings::drop_ins(&config).join("50-enable.toml");
        assert_eq!(enabled(&config, &[], &[]), None);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "[scope]\nenable = \"all\"\n").unwrap();
        assert_eq!(enabled(&config, &[], &[]), Some(path.clone()));
        assert_eq!(enabled(&config, &[], std::slice::from_ref(&path)), None);
        let back = Change::to(path.clone(), Vec::new()).unwrap();
        assert_eq!(enabled(&config, &[back], &[]), None);
        let said = by_enable(&path);
        assert!(said.contains("it stays") && said.ends_with("sspr admin enable none"), "{said}");
    }
}
