//! The mail server and the gateway for text messages. What asks them is the running agent, as nothing else of this project talks
//! to a network, and no process of its user runs outside of its sandbox. Its answer is also the truer one.

use std::time::Duration;

use sspr_config::settings::{EmailGateway, Method, PhoneGateway, Settings};

use super::Finding;
use crate::{
    admin::wire::{LastAnswer, Look, Looked, Probe},
    clock::{Clock as _, SystemClock, Time},
    command::{Failure, client::Client, out},
    delivery,
};

/// Longer than the agent lets a look take.
const PATIENCE: Duration = Duration::from_secs(45);

/// One of the two ways out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Mail.
    Email,
    /// Text messages.
    Phone,
}

impl Way {
    const fn method(self) -> Method {
        match self {
            Self::Email => Method::Email,
            Self::Phone => Method::Phone,
        }
    }

    const fn check(self) -> &'static str {
        match self {
            Self::Email => "mail",
            Self::Phone => "phone",
        }
    }
}

/// Both ways, as far as they are in use. `mail_to` /// is told to the mail server as the address of a mail, which gets none.
pub async fn examine(settings: &Settings, offline: bool, mail_to: Option<&str>, bus: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for way in [Way::Email, Way::Phone] {
        if !settings.register.methods.contains(&way.method()) {
            continue;
        }
        findings.push(match unsent(settings, way) {
            Some(finding) => finding,
            None if offline => Finding::fine(way.check(), "not asked (--offline)"),
            None => {
                let to = mail_to.filter(|_| way == Way::Email);
                judged(settings, way, by_the_agent(bus, way, to).await, to.is_some(), SystemClock.now())
            }
        });
    }
    findings
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

/// A gateway that answered so long ago says nothing of today.
const LAST_COUNTS: Time = 86_400;

/// What is to be said of a look, where the gateway was also `told` an address.
fn judged(settings: &Settings, way: Way, outcome: Result<Look, Failure>, told: bool, now: Time) -> Finding {
    let name = match way {
        Way::Email => settings.email.smtp.clone().unwrap_or_default(),
        Way::Phone => match settings.phone.gateway {
            PhoneGateway::Twilio => "twilio".into(),
            PhoneGateway::Webhook => "the webhook".into(),
            PhoneGateway::Command | PhoneGateway::Spool => "the program".into(),
        },
    };
    let Look { looked, last } = match outcome {
        Ok(look) => look,
        Err(Failure::Unreachable(_)) => {
            return Finding::warning(
                way.check(),
                "not looked at: the agent, which alone talks to the network, does not answer",
                "run: systemctl start sspr-agent; then again: sspr doctor",
            );
        }
        Err(why) => {
            return Finding::warning(way.check(), format!("not looked at: {why}"), "run as root: sspr doctor");
        }
    };
    // What really happened says more than any look.
    let recent = last.filter(|last| now - last.at < LAST_COUNTS);
    if let (Some(LastAnswer { at, why: Some(why) }), false) = (&recent, matches!(looked, Looked::Refused(_))) {
        let what = format!("the last message, at {}, did not go: {why}", out::moment(*at));
        return Finding::error(way.check(), what, fix(way, why));
    }
    let last = recent.map(|last| format!("; it took the last message, at {}", out::moment(last.at)));
    let last = last.unwrap_or_default();
    let test = match way {
        Way::Email => "sspr admin test-email",
        Way::Phone => "sspr admin test-phone",
    };
    let only = if told {
        "takes mail from this machine for that address, as far as it says before it has the mail".to_owned()
    } else if last.is_empty() && way == Way::Email {
        format!("lets this machine in; whether it takes its mail, a test shows: {test}")
    } else {
        "lets this machine in".to_owned()
    };
    match looked {
        Looked::Accepted => Finding::fine(way.check(), format!("{name} {only}{last}")),
        Looked::Nameless(address) => Finding::warning(
            way.check(),
            format!("{name} {only}{last}. For lack of a full name it is greeted as {address}"),
            "set [email] host_name to this machine's full name, such as shell.example.org: many servers want one",
        ),
        Looked::Unasked => {
            Finding::fine(way.check(), format!("{name} can't be asked without sending; try: {test}{last}"))
        }
        Looked::Slow(seconds) => Finding::warning(
            way.check(),
            format!("{name} answers, but is slow: not done after {seconds} s; codes will arrive late{last}"),
            match way {
                Way::Email => {
                    "find out why it is slow (a name that it looks up?), then try: sspr admin test-email ADDRESS"
                }
                Way::Phone => "find out why it is slow, then try: sspr admin test-phone NUMBER",
            },
        ),
        Looked::Refused(why) => {
            let fix = fix(way, &why);
            Finding::error(way.check(), why, fix)
        }
    }
}

fn fix(way: Way, why: &str) -> &'static str {
    delivery::fix(why).unwrap_or(match way {
        Way::Email => "look at the mail server's log for the reason",
        Way::Phone => "correct [phone] and its token_file, then: systemctl reload sspr-agent",
    })
}

async fn by_the_agent(bus: &str, way: Way, to: Option<&str>) -> Result<Look, Failure> {
    let probe = Probe { method: way.method().as_str().into(), to: to.map(str::to_owned) };
    let ask = async { Client::connect(bus).await?.call("Probe", &probe).await };
    let late = |_| Failure::Refused("no answer in time".into());
    tokio::time::timeout(PATIENCE, ask).await.map_err(late)?
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
        let found = runtime.block_on(examine(&settings, true, None, "unix:path=/nonexistent"));
        assert_eq!(found.iter().map(|f| f.check).collect::<Vec<_>>(), ["mail"]);
    }

    #[test]
    fn a_program_that_would_show_codes_is_an_error_without_being_asked() {
        let text = "[phone]\ngateway = \"command\"\n[phone.command]\nargv = [\"/bin/send\", \"{to}\", \"{text}\"]\n";
        let found = unsent(&settings::parse(text, Path::new("sspr.toml")).unwrap(), Way::Phone).unwrap();
        assert!(found.level == Level::Error && found.fix.unwrap().contains("standard input"));
    }

    const NOW: Time = 1_800_000_000;

    fn look(way: Way, looked: Looked, last: Option<LastAnswer>) -> Finding {
        judged(&Settings::default(), way, Ok(Look { looked, last }), false, NOW)
    }

    #[test]
    fn a_refusal_is_an_error_with_its_fix_and_a_question_that_could_not_be_asked_a_warning() {
        let why = "mail:587 refused the user name or the password (535)";
        let refused = look(Way::Email, Looked::Refused(why.into()), None);
        assert!(refused.level == Level::Error && refused.what.contains("535"));
        assert!(refused.fix.unwrap().contains("password_file"));
        let unknown = Looked::Refused("twilio: the name can't be resolved".into());
        assert!(look(Way::Phone, unknown, None).fix.unwrap().contains("getent hosts"));
        assert_eq!(look(Way::Phone, Looked::Accepted, None).level, Level::Fine);
        let slow = look(Way::Email, Looked::Slow(10), None);
        assert!(slow.level == Level::Warning && slow.what.contains("is slow: not done after 10 s"), "{slow:?}");
        let settings = Settings::default();
        let failed = |why| judged(&settings, Way::Phone, Err(why), false, NOW);
        assert_eq!(failed(Failure::Refused("why".into())).level, Level::Warning);
        let gone = failed(Failure::Unreachable("why".into()));
        assert!(gone.level == Level::Warning && gone.fix.unwrap().contains("systemctl start sspr-agent"));
    }

    #[test]
    fn a_look_says_that_it_was_only_a_look_and_what_the_last_message_was_answered() {
        let only = look(Way::Email, Looked::Accepted, None);
        assert!(only.level == Level::Fine && only.what.contains("a test shows: sspr admin test-email"), "{only:?}");
        let took = look(Way::Email, Looked::Accepted, Some(LastAnswer { at: NOW - 60, why: None }));
        assert!(took.level == Level::Fine && took.what.contains("it took the last message, at "), "{took:?}");
        let why = Some("mail:587 doesn't let this user name send as the address in [email] from (553)".to_owned());
        let refused = look(Way::Email, Looked::Accepted, Some(LastAnswer { at: NOW - 60, why: why.clone() }));
        assert!(
            refused.level == Level::Error && refused.what.contains("did not go: mail:587 doesn't let"),
            "{refused:?}"
        );
        assert!(refused.fix.unwrap().contains("set [email] from"));
        let old = look(Way::Email, Looked::Accepted, Some(LastAnswer { at: NOW - 2 * LAST_COUNTS, why }));
        assert_eq!(old.level, Level::Fine, "{old:?}");
        let told =
            judged(&Settings::default(), Way::Email, Ok(Look { looked: Looked::Accepted, last: None }), true, NOW);
        assert!(told.what.contains("for that address"), "{told:?}");
    }
}
