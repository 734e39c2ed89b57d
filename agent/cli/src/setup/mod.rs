//! `sspr setup`: asks what is wanted, shows each change before it makes it, and keeps the way back. The same by flags, for
//! automation: a second run has nothing to do, and `--check` only says what it would.
#![allow(clippy::print_stdout, reason = "this is what talks to a person")]

pub mod ask;
pub mod change;
pub mod directory;
mod drop_in;
pub mod mail;
mod modem;
pub mod pam;
pub mod record;
pub mod section;
pub mod ssh;
mod stopped;
mod undo;
pub mod wishes;

use std::{
    fs::DirBuilder,
    io::IsTerminal as _,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    sync::LazyLock,
};

use clap::{Args, ValueEnum, builder::PossibleValue};
use nix::unistd::User;
use sspr_config::{
    bus::AGENT_USER,
    settings::{self, EmailGateway, Enable, PhoneGateway, Provider},
};
use sspr_protocol::check::Report;

use crate::{
    checked, doctor,
    failure::{Failure, only_root},
    findings::told,
    reload::{self, Reloaded},
    whom,
};
use ask::{AtTerminal, Person, agrees};
use change::Change;
use mail::Tried;
use record::Record;
use section::Section;
use wishes::{Mail, Phone, Wishes, secret_in};

/// Where PAM's files are tried on copies; gone with the next boot at the latest.
const SCRATCH: &str = "/run/sspr-setup";

/// Set the service up: asks, shows each change, makes it, and ends with doctor.
///
/// With --yes nothing is asked, and settings without an option stay as they are. Exit status: 0 done or nothing to do, 1 refused,
/// or done and doctor finds an error (with --check: there is something to do), 2 wrong usage.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "options are")]
pub struct Arguments {
    /// Make all changes without asking
    #[arg(long)]
    yes: bool,
    /// Change nothing, only show what would be changed, also with --yes
    #[arg(long)]
    check: bool,
    /// Undo everything that setup has changed
    #[arg(long)]
    undo: bool,
    /// Who can use it: none, all, or names of groups
    #[arg(long, value_delimiter = ',', value_name = "none|all|GROUP,...")]
    scope: Vec<String>,
    /// The mail server by its URL, of scheme smtp (STARTTLS), smtps (TLS) or smtp+plain (on this machine); or none
    #[arg(long, value_name = "URL")]
    smtp: Option<String>,
    /// The sender of mails
    #[arg(long, value_name = "ADDRESS")]
    from: Option<String>,
    /// The user name at the mail server
    #[arg(long, value_name = "NAME")]
    smtp_user: Option<String>,
    /// A file with the password at the mail server; it is copied
    #[arg(long, value_name = "FILE")]
    smtp_password_file: Option<PathBuf>,
    /// How text messages are sent
    #[arg(long, value_enum)]
    phone: Option<Kind>,
    /// The country of numbers without a country code, such as JP
    #[arg(long, value_name = "COUNTRY")]
    region: Option<String>,
    /// The account at a provider, where it has one beside the key
    #[arg(long, value_name = "NAME")]
    provider_account: Option<String>,
    /// A file with the key to the provider; it is copied
    #[arg(long, value_name = "FILE")]
    provider_token_file: Option<PathBuf>,
    /// The sender at the provider: a number, a short code or a name
    #[arg(long, value_name = "SENDER")]
    provider_from: Option<String>,
    /// Where the API of the provider is, if it is not the same for all customers
    #[arg(long, value_name = "URL")]
    provider_url: Option<String>,
    /// Twilio's account SID
    #[arg(long, value_name = "SID")]
    twilio_account: Option<String>,
    /// An API key of Twilio's; the token file has its secret then
    #[arg(long, value_name = "SID")]
    twilio_api_key: Option<String>,
    /// A file with Twilio's auth token or the API key's secret; it is copied
    #[arg(long, value_name = "FILE")]
    twilio_token_file: Option<PathBuf>,
    /// The sender at Twilio: a number, a short code, a name or a messaging service
    #[arg(long, value_name = "NUMBER")]
    twilio_from: Option<String>,
    /// Where Twilio's API is
    #[arg(long, hide = true)]
    twilio_url: Option<String>,
    /// The URL of the HTTP API for text messages
    #[arg(long, value_name = "URL")]
    webhook_url: Option<String>,
    /// One key of its body, such as to={to}; can be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    webhook_body: Vec<(String, String)>,
    /// One header, such as "Authorization=Bearer {token}"; can be repeated. {token} works in URL and body as well
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    webhook_header: Vec<(String, String)>,
    /// A file with the value of {token}; it is copied
    #[arg(long, value_name = "FILE")]
    webhook_token_file: Option<PathBuf>,
    /// The program for text messages, and each of its arguments; repeated. {to} is the number; the message is on standard input
    #[arg(long, value_name = "WORD", allow_hyphen_values = true)]
    phone_command: Vec<String>,
    /// The modem for text messages, by its IMEI or port; by default the only one
    #[arg(long, value_name = "DEVICE")]
    modem: Option<String>,
    /// One line for users whom self-service can't help
    #[arg(long, value_name = "TEXT")]
    helpdesk: Option<String>,
    #[command(flatten)]
    directory: directory::options::Options,
    /// Leave PAM alone
    #[arg(long)]
    no_pam: bool,
    /// Leave sshd alone
    #[arg(long)]
    no_sshd: bool,
    /// Offer resets over SSH even if sshd accepts keys only: users can then type passwords over SSH
    #[arg(long, conflicts_with = "no_sshd")]
    sshd_passwords: bool,
    /// Where a Match block of sshd refuses passwords, have the drop-in refuse keyboard-interactive there too
    #[arg(long, conflicts_with = "no_sshd")]
    sshd_match_blocks: bool,
    /// What the package does before it goes: takes sshd's drop-in away if nobody is kept out or let in by that.
    #[arg(long, hide = true)]
    leave_sshd: bool,
    /// What the package does after an upgrade: says where the drop-in lets people type a password whom sshd keeps to keys.
    #[arg(long, hide = true)]
    check_sshd: bool,
    /// The settings file
    #[arg(long, hide = true, default_value = settings::PATH)]
    config: PathBuf,
}

/// How text messages leave: `Spool` is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Kind(PhoneGateway);

impl ValueEnum for Kind {
    fn value_variants<'a>() -> &'a [Self] {
        static ALL: LazyLock<Vec<Kind>> = LazyLock::new(|| PhoneGateway::all().map(|(_, kind)| Kind(kind)).collect());
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(if self.0 == PhoneGateway::Spool { "none" } else { self.0.name() }))
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write it as KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

/// Does it.
pub async fn run(arguments: &Arguments, bus: &str) -> ExitCode {
    let outcome = if arguments.leave_sshd {
        undo::leave_sshd()
    } else if arguments.check_sshd {
        check_sshd()
    } else if arguments.undo {
        undo::undo(arguments, bus).await
    } else {
        set_up(arguments, bus).await
    };
    outcome.unwrap_or_else(|failure| failure.complain())
}

/// After an upgrade: a drop-in that an older version wrote may lack what Match blocks say. Only setup closes that, as a user may
/// sign in by it. Exit status 1 where there is something to close.
fn check_sshd() -> Result<ExitCode, Failure> {
    only_root("setup --check-sshd")?;
    let ssh::Plan::DropIn(ssh::DropIn { change, .. }) = ssh::plan(false)? else { return Ok(ExitCode::SUCCESS) };
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
    let mut wanted = arguments.wishes(&loaded.settings)?;
    if asks {
        wanted = ask::wishes(person, &loaded, wanted)?;
    }
    let how = (bus, asks, arguments.check);
    let people = directory::tried::wanted(person, &loaded.settings, config, wanted.directory.take(), how).await?;
    wanted.directory = people.as_ref().map(|(wish, _)| wish.clone());
    let agent = User::from_name(AGENT_USER).ok().flatten();
    let agent = agent.ok_or_else(|| Failure::Refused("there is no user sspr; reinstall the package sspr".into()))?;
    let mut changes = wishes::changes(config, &loaded, &wanted, (agent.uid.as_raw(), agent.gid.as_raw()))?;
    let by_modem = matches!(wanted.phone, Some(Phone::Modem(_)));
    let on_the_bus = if by_modem { modem::change(Path::new(modem::LOCAL))? } else { None };
    let closes = on_the_bus.is_some();
    changes.extend(on_the_bus);
    let pam = if arguments.no_pam { pam::Plan::InPlace } else { pam::plan(Path::new(SCRATCH))? };
    let ssh = if arguments.no_sshd { ssh::Plan::InPlace } else { ssh::plan(arguments.sshd_passwords)? };
    let ssh = if asks {
        ssh::asked(person, ssh, arguments.sshd_match_blocks, || ssh::plan(true))?
    } else {
        ssh::unasked(ssh, arguments.sshd_match_blocks)?
    };
    if pam == pam::Plan::ByHand {
        println!("{BY_HAND}");
    }

    let nothing = changes.is_empty() && !matches!(pam, pam::Plan::Enable(_)) && ssh == ssh::Plan::InPlace;
    if nothing {
        println!("Nothing to change: settings, PAM and sshd are as asked.");
    }
    if arguments.check {
        for change in &changes {
            print!("{}", change.shown());
        }
        if let pam::Plan::Enable(lines) = &pam {
            print!("{}", shown(lines));
        }
        if let ssh::Plan::DropIn(drop_in) = &ssh {
            print!("{}", drop_in.change.shown());
        }
        return Ok(ExitCode::from(u8::from(!nothing)));
    }
    if nothing && !asks {
        return Ok(ExitCode::SUCCESS);
    }

    let kept = Path::new(record::DIRECTORY);
    let checks = checked::examine;
    let mut steps = Steps { person, asks, checks, record: Record::load(kept)?, kept };
    let meant =
        Meant { whom: wanted.scope.as_ref().map(|(whom, _)| whom), people: people.as_ref().map(|(_, to_be)| to_be) };
    steps.settings(config, bus, &changes, meant).await?;
    if closes {
        modem::reload(bus).await?;
    }
    if asks && settings::load(config).is_ok_and(|s| s.email.gateway == EmailGateway::Smtp) {
        loop {
            let tried = mail::try_out(steps.person, bus).await?;
            let now = settings::load_with_origins(config).map_err(|error| Failure::Refused(error.to_string()))?;
            let mail = match tried {
                Tried::Enough => break,
                Tried::AnotherSender(from) => {
                    let url = now.settings.email.smtp.clone().unwrap_or_default();
                    Mail::Smtp { url, from: Some(from), user: None, password: None }
                }
                Tried::AnotherServer => ask::mail(steps.person, &now)?,
            };
            let gone = matches!(mail, Mail::None);
            let wanted = Wishes { mail: Some(mail), ..Wishes::default() };
            let changes = wishes::changes(config, &now, &wanted, (agent.uid.as_raw(), agent.gid.as_raw()))?;
            steps.settings(config, bus, &changes, Meant::default()).await?;
            if gone {
                break;
            }
        }
    }
    if let pam::Plan::Enable(lines) = &pam {
        steps.pam(lines)?;
    }
    if let ssh::Plan::DropIn(drop_in) = &ssh {
        steps.ssh(drop_in)?;
    }
    println!(
        "\nDone. Keep this shell open until a sign-in in another one has worked.\nTo undo all of it: sspr setup --undo\n"
    );
    let findings = doctor::examine(config, bus, false, None).await;
    print!("{}", told(&findings));
    Ok(ExitCode::from(u8::from(doctor::worst(&findings) == doctor::Level::Error)))
}

const BY_HAND: &str = "\
PAM: this system has no pam-auth-update. Add these lines by hand, the first before pam_unix.so,
the second after it, to the stacks of login and sshd:
  auth     [default=ignore]                   pam_sspr.so
  account  [perm_denied=die default=ignore]   pam_sspr.so";

fn shown(lines: &[Change]) -> String {
    if lines.is_empty() {
        return "/etc/pam.d/common-auth and common-account get their lines by: pam-auth-update --enable sspr\n".into();
    }
    lines.iter().map(Change::shown).collect()
}

/// What the settings must come to, whatever other files say.
#[derive(Clone, Copy, Default)]
struct Meant<'a> {
    whom: Option<&'a Enable>,
    people: Option<&'a settings::Directory>,
}

/// What is done, one thing after the other, each noted before it is made.
struct Steps<'a> {
    person: &'a mut dyn Person,
    asks: bool,
    /// Says whether settings can stand.
    checks: fn(&Path) -> Report,
    record: Record,
    /// Where the record is kept.
    kept: &'a Path,
}

impl Steps<'_> {
    /// Shows what is about to be changed, and asks.
    fn agreed(&mut self, what: &str, difference: &str) -> Result<bool, Failure> {
        self.person.hear(&format!("{what}\n\n{}", difference.trim_end()));
        if !self.asks {
            return Ok(true);
        }
        agrees(self.person, "\nMake this change?")
    }

    fn note(&mut self, change: &Change) -> Result<(), Failure> {
        stopped::changes();
        self.record.note(change);
        Ok(self.record.save(self.kept)?)
    }

    async fn settings(
        &mut self,
        config: &Path,
        bus: &str,
        changes: &[Change],
        meant: Meant<'_>,
    ) -> Result<(), Failure> {
        if changes.is_empty() {
            return Ok(());
        }
        let difference: String = changes.iter().map(Change::shown).collect();
        if !self.agreed("\nThe settings:", &difference)? {
            return Ok(());
        }
        let directory = settings::drop_ins(config);
        if !directory.exists() {
            DirBuilder::new().mode(0o755).create(&directory)?;
        }
        let mut made = Vec::new();
        let mut outcome = Ok(());
        for change in changes {
            let noted = self.note(change).map_err(|e| e.to_string());
            outcome = noted.and_then(|()| change.make().map_err(|e| format!("{}: {e}", change.path.display())));
            if outcome.is_err() {
                break;
            }
            made.push(change);
        }
        if outcome.is_ok()
            && let Some(error) = (self.checks)(config).error
        {
            outcome = Err(error);
        }
        if outcome.is_ok()
            && let Some(whom) = meant.whom
        {
            outcome = whom::counts(config, whom);
        }
        if outcome.is_ok()
            && let Some(people) = meant.people
        {
            outcome = directory::counts(config, people);
        }
        if outcome.is_ok() {
            outcome = match reload::ask(bus).await {
                Ok(Reloaded::Done) => Ok(()),
                Ok(Reloaded::NotRunning) => start(),
                Ok(Reloaded::Kept(why)) => Err(why),
                Err(failure) => Err(failure.to_string()),
            };
        }
        outcome.map_err(|why| {
            for change in made.iter().rev() {
                let _ = change.take_back();
            }
            Failure::Refused(format!("the new settings do not work, so the old ones are back: {why}"))
        })
    }

    fn pam(&mut self, lines: &[Change]) -> Result<(), Failure> {
        if !self.agreed("\nPAM, by pam-auth-update --enable sspr:", &shown(lines))? {
            return Ok(());
        }
        stopped::changes();
        self.record.pam = true;
        self.record.save(self.kept)?;
        pam::enable()
    }

    fn ssh(&mut self, drop_in: &ssh::DropIn) -> Result<(), Failure> {
        if !self.agreed("\nsshd, followed by sshd -t and a reload:", &drop_in.change.shown())? {
            return Ok(());
        }
        let was = self.record.sshd_keys_alone;
        // What only says no where blocks do is the way to none.
        self.record.sshd_keys_alone = drop_in.opens || drop_in.closes && was;
        self.note(&drop_in.change)?;
        let made = ssh::make(drop_in);
        if made.is_err() && self.record.sshd_keys_alone != was {
            self.record.sshd_keys_alone = was;
            self.record.save(self.kept)?;
        }
        made
    }
}

/// Starts an agent that does not run, such as one that did not like its settings.
fn start() -> Result<(), String> {
    let output = Command::new("systemctl")
        .args(["restart", "sspr-agent.service"])
        .stdin(Stdio::null())
        .output()
        .map_err(|e| format!("systemctl: {e}"))?;
    if output.status.success() { Ok(()) } else { Err("the agent does not start; see: journalctl -u sspr-agent".into()) }
}

impl Arguments {
    fn wishes(&self, now: &settings::Settings) -> Result<Wishes, Failure> {
        let secret = |file: &Option<PathBuf>| file.as_ref().map(secret_in).transpose();
        let scope = if self.scope.is_empty() { None } else { Some((whom::parse(&self.scope)?, self.scope.clone())) };
        let password = secret(&self.smtp_password_file)?;
        let url = self.smtp.clone().or_else(|| now.email.smtp.clone());
        let mail = match (self.smtp.as_deref(), url) {
            (Some("none"), _) => Some(Mail::None),
            (None, _) if self.from.is_none() && self.smtp_user.is_none() && password.is_none() => None,
            (Some(_), _) if self.from.is_none() && now.email.from.is_none() => {
                return Err(Failure::Usage(
                    "--smtp needs a sender; add: --from \"Password reset <no-reply@example.org>\"".into(),
                ));
            }
            (_, Some(url)) => Some(Mail::Smtp { url, from: self.from.clone(), user: self.smtp_user.clone(), password }),
            (_, None) => {
                return Err(Failure::Usage(
                    "--from, --smtp-user and --smtp-password-file need a server; add: --smtp smtp://HOST:587".into(),
                ));
            }
        };
        let phone = match self.phone {
            None => None,
            Some(Kind(PhoneGateway::Spool)) => Some(Phone::None),
            Some(Kind(PhoneGateway::Twilio)) => Some(Phone::Twilio {
                account: self.twilio_account.clone(),
                api_key: self.twilio_api_key.clone(),
                from: self.twilio_from.clone(),
                token: secret(&self.twilio_token_file)?,
                url: self.twilio_url.clone(),
            }),
            Some(Kind(PhoneGateway::Webhook)) => Some(Phone::Webhook {
                url: self.webhook_url.clone(),
                body: self.webhook_body.clone(),
                headers: self.webhook_header.clone(),
                token: secret(&self.webhook_token_file)?,
            }),
            Some(Kind(PhoneGateway::Command)) => Some(Phone::Command(self.phone_command.clone())),
            Some(Kind(PhoneGateway::Modem)) => Some(Phone::Modem(self.modem.clone())),
            Some(Kind(gateway @ PhoneGateway::Provider(_))) => {
                let given =
                    [("account", &self.provider_account), ("from", &self.provider_from), ("url", &self.provider_url)];
                let values = given.into_iter().filter_map(|(key, value)| Some((key, value.clone()?))).collect();
                let token = secret(&self.provider_token_file)?;
                Some(Phone::Section(Section { gateway, name: Provider::SECTION, values, token }))
            }
        };
        wishes::nothing_shown(phone.as_ref())?;
        let directory = self.directory.wish(&now.directory)?;
        Ok(Wishes { scope, mail, phone, region: self.region.clone(), helpdesk: self.helpdesk.clone(), directory })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    async fn refused(later: &str) -> (String, Vec<PathBuf>) {
        let dir = tempfile::tempdir().unwrap();
        let config = dir.path().join("sspr.toml");
        sspr_machine::files::write(&config, b"", 0o644, None).unwrap();
        let drop_ins = settings::drop_ins(&config);
        DirBuilder::new().mode(0o755).create(&drop_ins).unwrap();
        if !later.is_empty() {
            sspr_machine::files::write(&drop_ins.join("90-local.toml"), later.as_bytes(), 0o644, None).unwrap();
        }
        let text = b"[scope]\nenable = \"all\"\n".to_vec();
        let change = Change::to(drop_ins.join(whom::DROP_IN), text).unwrap();
        let kept = dir.path().join("kept");
        let checks = |_: &Path| Report::default();
        let mut steps = Steps { person: &mut AtTerminal, asks: false, checks, record: Record::default(), kept: &kept };
        let bus = format!("unix:path={}", dir.path().join("no-bus").display());
        let outcome = steps.settings(&config, &bus, &[change], Meant { whom: Some(&Enable::All), people: None }).await;
        let left = fs::read_dir(&drop_ins).unwrap().map(|entry| entry.unwrap().path());
        (outcome.unwrap_err().to_string(), left.filter(|path| path.ends_with(whom::DROP_IN)).collect())
    }

    #[tokio::test]
    async fn settings_are_as_they_were_when_the_bus_can_not_be_asked() {
        let (why, left) = refused("").await;
        assert!(why.contains("the old ones are back") && why.contains("the bus can't be reached"), "{why}");
        assert_eq!(left, Vec::<PathBuf>::new());
    }

    #[tokio::test]
    async fn settings_are_as_they_were_when_a_later_drop_in_has_the_last_word() {
        let (why, left) = refused("[scope]\nenable = \"none\"\n").await;
        assert!(why.contains("90-local.toml:2 overrides this"), "{why}");
        assert_eq!(left, Vec::<PathBuf>::new());
    }
}
