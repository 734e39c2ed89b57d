//! The mail server and the gateway for text messages. What asks them is the running agent, as nothing else of this project talks
//! to a network, and no process of its user runs outside of its sandbox. Its answer is also the truer one.

use std::time::Duration;

use sspr_config::settings::{EmailGateway, Method, PhoneGateway, Settings};

use super::Finding;
use crate::{
    admin::wire::{Looked, Probe},
    command::{Failure, client::Client},
    delivery::network_fix,
};

/// What an administrator waits for. A server may take longer, and a message waits for it longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// One of the two ways out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Mail.
    Email,
    /// Text messages.
    Phone,
}

impl Way {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Email, Self::Phone];

    const fn method(self) -> Method {
        match self {
            Self::Email => Method::Email,
            Self::Phone => Method::Phone,
        }
    }

    /// The name of its check.
    pub const fn check(self) -> &'static str {
        match self {
            Self::Email => "mail",
            Self::Phone => "phone",
        }
    }
}

/// One of them, if it is in use.
pub async fn examine(settings: &Settings, way: Way, offline: bool, bus: &str) -> Vec<Finding> {
    if !settings.register.methods.contains(&way.method()) {
        return Vec::new();
    }
    vec![match unsent(settings, way) {
        Some(finding) => finding,
        None if offline => Finding::fine(way.check(), "not asked (--offline)"),
        None => match by_the_agent(bus, way).await {
            Some(outcome) => judged(settings, way, outcome),
            None => late(settings, way),
        },
    }]
}

/// No verdict, in the time that is taken here.
fn late(settings: &Settings, way: Way) -> Finding {
    Finding::warning(
        way.check(),
        format!(
            "{} gave no verdict within {} s; a message waits for it longer",
            name(settings, way),
            PATIENCE.as_secs()
        ),
        match way {
            Way::Email => {
                "see whether one gets through: sspr admin test-email ADDRESS; and how long the server takes to greet"
            }
            Way::Phone => "see whether one gets through: sspr admin test-phone NUMBER",
        },
    )
}

fn name(settings: &Settings, way: Way) -> String {
    match way {
        Way::Email => settings.email.smtp.clone().unwrap_or_default(),
        Way::Phone => match settings.phone.gateway {
            PhoneGateway::Twilio => "twilio".into(),
            PhoneGateway::Webhook => "the webhook".into(),
            PhoneGateway::Command | PhoneGateway::Spool => "the program".into(),
        },
    }
}

/// Where nothing leaves this machine.
fn unsent(settings: &Settings, way: Way) -> Option<Finding> {
    if way == Way::Phone && settings.shown_message().is_some() {
        return Some(Finding::error(
            way.check(),
            "no text message leaves: the program would get the code in an argument, which everybody can see",
            "take {text} and {code} out of [phone.command] argv: the message comes on standard input; then: systemctl reload \
             sspr-agent",
        ));
    }
    let (spool, what, fix) = match way {
        Way::Email => (
            settings.email.gateway == EmailGateway::Spool,
            "mail becomes files in /var/lib/sspr/spool: it reaches nobody by itself",
            "run: sspr setup, or set [email] gateway = \"smtp\"",
        ),
        Way::Phone => (
            settings.phone.gateway == PhoneGateway::Spool,
            "text messages become files in /var/lib/sspr/spool: they reach nobody by themselves",
            "run: sspr setup, or leave \"phone\" out of [register] methods",
        ),
    };
    spool.then(|| Finding::warning(way.check(), what, fix))
}

fn judged(settings: &Settings, way: Way, outcome: Result<Looked, Failure>) -> Finding {
    let name = name(settings, way);
    match outcome {
        // Nothing but that was looked at.
        Ok(Looked::Accepted) if way == Way::Phone && settings.phone.gateway == PhoneGateway::Command => {
            let program = settings.phone.command.as_ref().and_then(|command| command.argv.first());
            let program = program.map_or("", String::as_str);
            Finding::fine(
                way.check(),
                format!("{program} is there and can be run; it was not run, so try: sspr admin test-phone NUMBER"),
            )
        }
        Ok(Looked::Accepted) => Finding::fine(way.check(), format!("{name} takes what this machine sends")),
        Ok(Looked::Nameless(address)) => Finding::warning(
            way.check(),
            format!("{name} takes what this machine sends, which for lack of a full name greets it as {address}"),
            "set [email] host_name to this machine's full name, such as shell.example.org: many servers want one",
        ),
        Ok(Looked::Unasked) => {
            Finding::fine(way.check(), format!("{name} can't be asked without sending; try: sspr admin test-phone"))
        }
        Ok(Looked::Slow(seconds)) => Finding::warning(
            way.check(),
            format!("{name} answers, but is slow: not done after {seconds} s; codes will arrive late"),
            match way {
                Way::Email => {
                    "find out why it is slow (a name that it looks up?), then try: sspr admin test-email ADDRESS"
                }
                Way::Phone => "find out why it is slow, then try: sspr admin test-phone NUMBER",
            },
        ),
        Ok(Looked::Refused(why)) => {
            let fix = network_fix(&why).unwrap_or(match way {
                Way::Email => "correct [email] and its password_file, then: systemctl reload sspr-agent",
                Way::Phone => "correct [phone] and its token_file, then: systemctl reload sspr-agent",
            });
            Finding::error(way.check(), why, fix)
        }
        Err(Failure::Unreachable(_)) => Finding::warning(
            way.check(),
            "not looked at: the agent, which alone talks to the network, does not answer",
            "run: systemctl start sspr-agent; then again: sspr doctor",
        ),
        Err(why) => Finding::warning(way.check(), format!("not looked at: {why}"), "run as root: sspr doctor"),
    }
}

/// `None` where it takes too long.
async fn by_the_agent(bus: &str, way: Way) -> Option<Result<Looked, Failure>> {
    let probe = Probe { method: way.method().as_str().into() };
    let ask = async { Client::connect(bus).await?.call("Probe", &probe).await };
    tokio::time::timeout(PATIENCE, ask).await.ok()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use sspr_config::settings;

    use super::{super::Level, *};

    #[test]
    fn messages_that_stay_on_the_machine_are_a_warning_each_and_none_where_the_method_is_off() {
        assert_eq!(unsent(&Settings::default(), Way::Email).unwrap().level, Level::Warning);
        assert_eq!(unsent(&Settings::default(), Way::Phone).unwrap().level, Level::Warning);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut settings = Settings::default();
        settings.register.methods = vec![Method::Email];
        let found = |way| runtime.block_on(examine(&settings, way, true, "unix:path=/nonexistent"));
        assert_eq!(Way::ALL.map(|way| found(way).len()), [1, 0]);
    }

    #[test]
    fn a_program_that_would_show_codes_is_an_error_without_being_asked() {
        let text = "[phone]\ngateway = \"command\"\n[phone.command]\nargv = [\"/bin/send\", \"{to}\", \"{text}\"]\n";
        let found = unsent(&settings::parse(text, Path::new("sspr.toml")).unwrap(), Way::Phone).unwrap();
        assert!(found.level == Level::Error && found.fix.unwrap().contains("standard input"));
    }

    #[test]
    fn of_a_program_no_more_is_said_than_was_looked_at_and_a_late_verdict_is_none() {
        let text = "[phone]\ngateway = \"command\"\n[phone.command]\nargv = [\"/bin/send\", \"{to}\"]\n";
        let settings = settings::parse(text, Path::new("sspr.toml")).unwrap();
        let found = judged(&settings, Way::Phone, Ok(Looked::Accepted));
        assert!(found.level == Level::Fine && found.what.starts_with("/bin/send is there"), "{found:?}");
        assert!(found.what.contains("it was not run"), "{found:?}");
        let found = late(&settings, Way::Email);
        assert!(found.level == Level::Warning && found.what.contains("no verdict within 10 s"), "{found:?}");
    }

    #[test]
    fn a_refusal_is_an_error_with_its_fix_and_a_question_that_could_not_be_asked_a_warning() {
        let settings = Settings::default();
        let refused = judged(&settings, Way::Email, Ok(Looked::Refused("mail:587 refused the password (535)".into())));
        assert!(
            refused.level == Level::Error
                && refused.what.contains("535")
                && refused.fix.unwrap().contains("password_file")
        );
        let unknown = Ok(Looked::Refused("twilio: the name can't be resolved".into()));
        assert!(judged(&settings, Way::Phone, unknown).fix.unwrap().contains("getent hosts"));
        assert_eq!(judged(&settings, Way::Phone, Ok(Looked::Accepted)).level, Level::Fine);
        let slow = judged(&settings, Way::Email, Ok(Looked::Slow(35)));
        assert!(slow.level == Level::Warning && slow.what.contains("is slow: not done after 35 s"), "{slow:?}");
        assert_eq!(judged(&settings, Way::Phone, Err(Failure::Refused("why".into()))).level, Level::Warning);
        let gone = judged(&settings, Way::Email, Err(Failure::Unreachable("why".into())));
        assert!(gone.level == Level::Warning && gone.fix.unwrap().contains("systemctl start sspr-agent"));
    }
}
