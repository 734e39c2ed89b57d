//! `sspr`: self-service password reset for the person in a shell, by the same dialogues as at the login prompt; and what
//! administrators set up, look at and switch.

use std::{ffi::OsString, process::ExitCode, time::Duration};

use clap::Parser as _;
use sspr_cli::{
    command::{
        doctor, join,
        line::{Action, Arguments},
        metrics, monitor, replace_key,
    },
    descriptors,
    failure::Failure,
    hint_stamp, setup,
    terminal::{self, Outcome},
};
use sspr_config::dialogue::Purpose;

/// How long a shell that starts may be kept.
const HINT_MAX: Duration = Duration::from_millis(900);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // Too old a kernel for it has the children as they were.
    let _ = descriptors::keep_from_children();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        // A monitoring system takes clap's own status, 2, for an outage.
        Err(why) if why.use_stderr() && is_a_check(std::env::args_os().skip(1)) => {
            let _ = why.print();
            return ExitCode::from(monitor::WRONG_USAGE);
        }
        Err(why) => why.exit(),
    };
    let bus = &arguments.bus;
    match arguments.action {
        Action::Enroll => hold(bus, Purpose::Enroll, None).await,
        Action::Status => hold(bus, Purpose::Status, None).await,
        Action::Reset { user } => hold(bus, Purpose::Recover, user).await,
        Action::Hint => {
            hint(bus).await;
            ExitCode::SUCCESS
        }
        Action::Codes => hold(bus, Purpose::Codes, None).await,
        Action::Remove => hold(bus, Purpose::Remove, None).await,
        Action::Config(config) => config.run(bus).await,
        Action::Admin(admin) => admin.run(bus).await,
        Action::Join(arguments) => join::join(&arguments, bus).await,
        Action::Leave(arguments) => join::leave(&arguments, bus).await,
        Action::Server(server) => server.run(bus).await,
        Action::ReplaceKey(arguments) => replace_key::run(&arguments),
        Action::Setup(arguments) => setup::run(&arguments, bus).await,
        Action::Doctor(arguments) => doctor::run(&arguments, bus).await,
        Action::Check(arguments) => monitor::run(&arguments, bus).await,
        Action::Metrics(arguments) => metrics::run(&arguments, bus).await,
    }
}

/// Whether it is `sspr check` that was typed, and not `sspr config check`.
fn is_a_check(mut words: impl Iterator<Item = OsString>) -> bool {
    words.find(|word| !word.as_encoded_bytes().starts_with(b"-")).is_some_and(|word| word == "check")
}

/// A shell starts meanwhile, so it does not take long.
async fn hint(bus: &str) {
    // Noted before it is asked: an agent that is down is not waited for in every shell.
    if let Some(user) = terminal::own_name()
        && hint_stamp::is_news(&jiff::Zoned::now().date().to_string())
    {
        let _ = tokio::time::timeout(HINT_MAX, terminal::hold(bus, Purpose::Hint, &user)).await;
    }
}

/// Root most likely comes for the account of a user, or for the service.
const FOR_ROOT: &str = "self-service never serves root.\n\
                        For a user's registration, run: sspr admin show USER\n\
                        For the service itself, run: sspr doctor";

/// Whether the dialogue changes the registration of the user who types it.
const fn changes_own(purpose: Purpose) -> bool {
    matches!(purpose, Purpose::Enroll | Purpose::Codes | Purpose::Remove)
}

async fn hold(bus: &str, purpose: Purpose, user: Option<String>) -> ExitCode {
    let is_root = rustix::process::getuid().is_root();
    if is_root && changes_own(purpose) {
        return Failure::Refused(FOR_ROOT.into()).complain();
    }
    let outcome = match user.or_else(terminal::own_name) {
        Some(_) if purpose != Purpose::Status && !terminal::is_there() => Outcome::Failed(
            "this asks questions and needs a terminal. Over SSH, ask for one: ssh -t HOST sspr ...".into(),
        ),
        Some(user) => terminal::hold(bus, purpose, &user).await,
        None => Outcome::Failed("there is no account with your uid".into()),
    };
    match outcome {
        Outcome::Done => {
            if is_root && purpose == Purpose::Status {
                terminal::complain(&format!("sspr: {FOR_ROOT}"));
            }
            ExitCode::SUCCESS
        }
        Outcome::Refused => ExitCode::from(1),
        Outcome::Failed(why) => {
            terminal::complain(&format!("sspr: {why}"));
            ExitCode::from(3)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_use_of_check_is_told_from_one_of_another_command() {
        let is = |line: &str| is_a_check(line.split(' ').map(Into::into));
        assert!(is("check -w soon") && is("--version check") && is("check"));
        assert!(!is("config check --nonsense") && !is("admin code check") && !is(""));
    }
}
