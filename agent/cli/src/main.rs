//! `sspr`: self-service password reset for the person in a shell, by the same dialogues as at the login prompt; and what
//! administrators set up, look at and switch.

use std::{process::ExitCode, time::Duration};

use clap::Parser as _;
use sspr_cli::{
    command::{
        doctor,
        line::{Action, Arguments},
    },
    descriptors, hint_stamp, setup,
    terminal::{self, Outcome},
};
use sspr_config::dialogue::Purpose;

/// How long a shell that starts may be kept.
const HINT_MAX: Duration = Duration::from_millis(900);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // Too old a kernel for it has the children as they were.
    let _ = descriptors::keep_from_children();
    let arguments = Arguments::parse();
    let bus = &arguments.bus;
    match arguments.action {
        Action::Enroll => talk(bus, Purpose::Enroll, None).await,
        Action::Status => talk(bus, Purpose::Status, None).await,
        Action::Reset { user } => talk(bus, Purpose::Recover, user).await,
        Action::Hint => {
            hint(bus).await;
            ExitCode::SUCCESS
        }
        Action::Codes => talk(bus, Purpose::Codes, None).await,
        Action::Remove => talk(bus, Purpose::Remove, None).await,
        Action::Config(config) => config.run(bus).await,
        Action::Admin(admin) => admin.run(bus).await,
        Action::Setup(arguments) => setup::run(&arguments, bus).await,
        Action::Doctor(arguments) => doctor::run(&arguments, bus).await,
    }
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

async fn talk(bus: &str, purpose: Purpose, user: Option<String>) -> ExitCode {
    let outcome = match user.or_else(terminal::own_name) {
        Some(_) if purpose != Purpose::Status && !terminal::is_there() => Outcome::Failed(
            "this asks questions and needs a terminal. Over SSH, ask for one: ssh -t HOST sspr ...".into(),
        ),
        Some(user) => terminal::hold(bus, purpose, &user).await,
        None => Outcome::Failed("there is no account with your uid".into()),
    };
    match outcome {
        Outcome::Done => ExitCode::SUCCESS,
        Outcome::Refused => ExitCode::from(1),
        Outcome::Failed(why) => {
            terminal::complain(&format!("sspr: {why}"));
            ExitCode::from(3)
        }
    }
}
