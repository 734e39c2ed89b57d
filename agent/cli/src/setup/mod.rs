//! `sspr setup`: asks questions, shows each change before it makes it, and can undo all changes. Options do the same
//! for automation: a second run has nothing to do, and `--check` only shows what would change.
#![allow(clippy::print_stdout, reason = "this is what talks to a person")]

mod arguments;
pub mod ask;
pub mod change;
pub mod directory;
mod document;
mod drop_in;
pub mod mail;
mod modem;
pub mod pam;
pub mod plan;
pub mod questions;
pub mod record;
pub mod secret;
pub mod section;
pub mod server;
pub mod serving;
pub mod ssh;
mod steps;
pub mod stopped;
mod undo;
mod way_out;

use std::{io::IsTerminal as _, path::Path, process::ExitCode};

use nix::unistd::User;
use sspr_config::{
    bus::AGENT_USER,
    settings::{self, EmailGateway, Enable},
};

pub use self::arguments::Arguments;
use self::{
    ask::{AtTerminal, Person},
    change::Change,
    mail::Tried,
    plan::{Mail, Phone, Plan},
    record::Record,
    steps::{Meant, Outcome, Steps, shown},
};
use crate::{
    checked, doctor,
    failure::{Failure, only_root},
    findings::told,
    unit, whom,
};

/// Where PAM's files are tried on copies. It is gone with the next boot at the latest.
const SCRATCH: &str = "/run/sspr-setup";

/// Runs `sspr setup`.
pub async fn run(arguments: &Arguments, bus: &str) -> ExitCode {
    let outcome = if arguments.leave_sshd {
        undo::leave_sshd()
    } else if arguments.check_sshd {
        check_sshd()
    } else if arguments.check_pam {
        check_pam(&arguments.config)
    } else if arguments.undo {
        undo::undo(arguments, bus).await
    } else {
        set_up(arguments, bus).await
    };
    outcome.unwrap_or_else(|failure| failure.complain())
}

/// After an upgrade: a drop-in that an older version wrote may lack the statements of Match blocks. Only setup adds
/// them, because a user may be signing in through it. Exit status 1 if some are missing.
fn check_sshd() -> Result<ExitCode, Failure> {
    only_root("setup --check-sshd")?;
    let ssh::SshPlan::DropIn(ssh::DropIn { change, .. }) = ssh::plan(false)? else { return Ok(ExitCode::SUCCESS) };
    let Change { path, before: Some(before), after: Some(after), .. } = change else { return Ok(ExitCode::SUCCESS) };
    let open = drop_in::closes(&before.content, &after);
    if open.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "sspr: {} accepts passwords over SSH from users whom sshd keeps to keys: {}.\nsspr: to keep them to keys again, run: \
         sspr setup",
        path.display(),
        open.join("; ")
    );
    Ok(ExitCode::from(1))
}

/// After an installation over old settings, as of a package that was removed: they may have the service on, while the
/// removal took the module out of PAM. Exit status 1 if so.
fn check_pam(config: &Path) -> Result<ExitCode, Failure> {
    let settings = settings::load(config).map_err(|error| Failure::Refused(error.to_string()))?;
    if settings.scope.enable == Enable::None || doctor::pam::is_wired(Path::new("/")) {
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "sspr: the settings have it on for {}, but PAM does not have pam_sspr.so: nobody can reset or register.\n\
         sspr: to add it, run: {}",
        whom::words(&settings.scope.enable),
        doctor::pam::switch_on(Path::new("/"))
    );
    Ok(ExitCode::from(1))
}

async fn set_up(arguments: &Arguments, bus: &str) -> Result<ExitCode, Failure> {
    only_root("setup")?;
    let asks = !arguments.yes && !arguments.check;
    if asks && !std::io::stdin().is_terminal() {
        return Err(Failure::Usage("there is no terminal to ask at; use --yes, or --check to change nothing".into()));
    }
    if asks {
        stopped::on_ctrl_c()?;
    }
    let config = &arguments.config;
    let loaded = settings::load_with_origins(config)
        .map_err(|error| Failure::Refused(format!("correct the settings first: {error}")))?;
    let person: &mut dyn Person = &mut AtTerminal;
    let of_fleet = arguments.server.given()?;
    if of_fleet.is_some() {
        server::may_be(&loaded.settings, Path::new("/"))?;
    }
    let mut wanted = arguments.plan(&loaded.settings)?;
    if asks {
        wanted = questions::plan(person, &loaded, wanted)?;
    }
    let how = (bus, asks, arguments.check);
    let people = directory::tried::wanted(person, &loaded.settings, config, wanted.directory.take(), how).await?;
    wanted.directory = people.as_ref().map(|(planned, _)| planned.clone());
    let server = match &of_fleet {
        Some(given) => {
            server::has_people(people.as_ref().map_or(&loaded.settings.directory, |(_, to_be)| to_be))?;
            Some(server::wanted(person, &loaded, given, how).await?)
        }
        None => None,
    };
    let owner = owner_of_secrets()?;
    let mut changes = plan::changes(config, &loaded, &wanted, owner)?;
    let of_server = server.as_ref().map(|server| server::changes(config, &loaded, server, owner)).transpose()?;
    let of_server = of_server.unwrap_or_default();
    let by_modem = matches!(wanted.phone, Some(Phone::Modem(_)));
    let on_the_bus = if by_modem { modem::change(Path::new(modem::LOCAL))? } else { None };
    let closes = on_the_bus.is_some();
    changes.extend(on_the_bus);
    if wanted.phone.is_some() {
        changes.extend(modem::rule(Path::new(modem::RULE), Path::new(modem::SHIPPED), by_modem)?);
    }
    let pam = if arguments.no_pam { pam::PamPlan::InPlace } else { pam::plan(Path::new(SCRATCH))? };
    let ssh = if arguments.no_sshd { ssh::SshPlan::InPlace } else { ssh::plan(arguments.sshd_passwords)? };
    let ssh = if asks {
        ssh::asked(person, ssh, arguments.sshd_match_blocks, || ssh::plan(true))?
    } else {
        ssh::unasked(ssh, arguments.sshd_match_blocks)?
    };
    who_else_adds_lines(&pam);

    let nothing = changes.is_empty()
        && of_server.is_empty()
        && !matches!(pam, pam::PamPlan::Enable(_))
        && ssh == ssh::SshPlan::InPlace;
    match (nothing, &pam) {
        (true, pam::PamPlan::InPlace) => println!("Nothing to change: settings, PAM and sshd are as asked."),
        (true, _) => println!("Nothing else to change: settings and sshd are as asked."),
        (false, _) => {}
    }
    if arguments.check {
        show(changes.iter().chain(&of_server), &pam, &ssh);
        return Ok(ExitCode::from(u8::from(!nothing)));
    }
    if nothing && !asks {
        // An earlier run may have been ended between the settings and the agent's start.
        return server.map_or(Ok(()), |_| unit::start()).map_err(Failure::Refused).map(|()| ExitCode::SUCCESS);
    }

    let kept = Path::new(record::DIRECTORY);
    let checks = checked::examine;
    let mut steps = Steps { person, asks, checks, record: Record::load(kept)?, kept, outcome: Outcome::default() };
    let (whom, people) = (wanted.scope.as_ref().map(|(whom, _)| whom), people.as_ref().map(|(_, to_be)| to_be));
    let meant = Meant { whom, people, server: None };
    steps.settings(config, bus, &changes, meant).await?;
    if closes {
        modem::reload(bus).await?;
    }
    if asks {
        tried_out(&mut steps, config, bus, owner).await?;
    }
    let next = match &server {
        Some(server) => serving::made(&mut steps, (config, bus), server, &of_server, &loaded.settings.server).await?,
        None => None,
    };
    if let pam::PamPlan::Enable(lines) = &pam {
        steps.pam(lines)?;
    }
    if let ssh::SshPlan::DropIn(drop_in) = &ssh {
        steps.ssh(drop_in)?;
    }
    if let Some(told) = steps.outcome.told() {
        println!("\n{told}\n");
    }
    let findings = doctor::examine(config, bus, false, None).await;
    print!("{}", told(&findings));
    if let Some(next) = next {
        println!("\n{next}");
    }
    Ok(ExitCode::from(u8::from(doctor::worst(&findings) == doctor::Level::Error)))
}

/// The agent's uid and gid.
fn owner_of_secrets() -> Result<(u32, u32), Failure> {
    let agent = User::from_name(AGENT_USER).ok().flatten();
    let agent = agent.ok_or_else(|| Failure::Refused("there is no user sspr; reinstall the package sspr".into()))?;
    Ok((agent.uid.as_raw(), agent.gid.as_raw()))
}

/// Shows what would change.
fn show<'a>(changes: impl Iterator<Item = &'a Change>, pam: &pam::PamPlan, ssh: &ssh::SshPlan) {
    for change in changes {
        print!("{}", change.shown());
    }
    if let pam::PamPlan::Enable(lines) = pam {
        print!("{}", shown(lines));
    }
    if let ssh::SshPlan::DropIn(drop_in) = ssh {
        print!("{}", drop_in.change.shown());
    }
}

/// Tests whether messages are sent as chosen. If not, the administrator can choose again.
async fn tried_out(steps: &mut Steps<'_>, config: &Path, bus: &str, owner: (u32, u32)) -> Result<(), Failure> {
    loop {
        let now = settings::load_with_origins(config).map_err(|error| Failure::Refused(error.to_string()))?;
        let Some(wanted) = way_out::asked(steps.person, bus, &now).await? else { break };
        let changes = plan::changes(config, &now, &wanted, owner)?;
        // If the agent can't use an answer, it is asked for again.
        match steps.settings(config, bus, &changes, Meant::default()).await {
            Err(Failure::Refused(why)) => steps.person.hear(&format!("  {why}")),
            other => other?,
        }
    }
    if !settings::load(config).is_ok_and(|settings| settings.email.gateway == EmailGateway::Smtp) {
        return Ok(());
    }
    loop {
        let tried = mail::try_out(steps.person, bus).await?;
        let now = settings::load_with_origins(config).map_err(|error| Failure::Refused(error.to_string()))?;
        let mail = match tried {
            Tried::Enough => return Ok(()),
            Tried::AnotherSender(from) => {
                let url = now.settings.email.smtp.clone().unwrap_or_default();
                Mail::Smtp { url, from: Some(from), user: None, password: None }
            }
            Tried::AnotherServer => questions::mail(steps.person, &now)?,
        };
        let gone = matches!(mail, Mail::None);
        let wanted = Plan { mail: Some(mail), ..Plan::default() };
        let changes = plan::changes(config, &now, &wanted, owner)?;
        steps.settings(config, bus, &changes, Meant::default()).await?;
        if gone {
            return Ok(());
        }
    }
}

/// Says who adds the lines for PAM if setup does not.
fn who_else_adds_lines(pam: &pam::PamPlan) {
    match pam {
        pam::PamPlan::ByHand => println!("{BY_HAND}"),
        pam::PamPlan::ByAuthselect => println!("PAM: this system has authselect. Run: {}", doctor::pam::BY_AUTHSELECT),
        pam::PamPlan::InPlace | pam::PamPlan::Enable(_) => {}
    }
}

const BY_HAND: &str = "\
PAM: this system has no pam-auth-update. Add these lines by hand, the first before pam_unix.so,
the second after it, to the stacks of login and sshd:
  auth     [default=ignore]                   pam_sspr.so
  account  [perm_denied=die default=ignore]   pam_sspr.so";
