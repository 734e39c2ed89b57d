//! The mail server and the gateway for text messages. The running agent asks them: nothing else in this project talks
//! to a network, and no process of the agent's user runs outside its sandbox. Its answer is also closer to the truth.

use std::time::Duration;

use jiff::Timestamp;
use sspr_config::settings::{EmailGateway, Method, PhoneGateway, Settings};
use sspr_core::{cause, plain::plain};
use sspr_protocol::{
    Time,
    admin::{LastAnswer, Look, Looked, Probe},
};

use super::Finding;
use crate::{client::Client, failure::Failure, out};

/// How long an administrator waits. A server may take longer, and a message waits longer for it.
const PATIENCE: Duration = Duration::from_secs(10);

/// One of the two ways to send a message.
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

/// Checks one of them, if it is in use. `mail_to` is given to the mail server as a recipient, but no mail is sent.
pub async fn examine(settings: &Settings, way: Way, offline: bool, mail_to: Option<&str>, bus: &str) -> Vec<Finding> {
    if !settings.register.methods.contains(&way.method()) {
        return Vec::new();
    }
    vec![match unsent(settings, way) {
        Some(finding) => finding,
        None if offline => Finding::fine(way.check(), "not asked (--offline)"),
        None => match by_the_agent(bus, way, mail_to).await {
            Some(outcome) => judged(settings, way, outcome, mail_to.is_some(), Timestamp::now().as_second()),
            None => late(settings, way),
        },
    }]
}

/// No result within this check's time.
fn late(settings: &Settings, way: Way) -> Finding {
    Finding::warning(
        way.check(),
        format!(
            "{} did not answer within {} s; a message waits for it longer",
            name(settings, way),
            PATIENCE.as_secs()
        ),
        match way {
            Way::Email => {
                "see whether a mail gets through: sspr admin test-email ADDRESS; and how long the server takes to greet"
            }
            Way::Phone => "see whether a message gets through: sspr admin test-phone NUMBER",
        },
    )
}

fn name(settings: &Settings, way: Way) -> String {
    match way {
        Way::Email => settings.email.smtp.clone().unwrap_or_default(),
        Way::Phone => settings.phone.gateway.title().into(),
    }
}

/// If messages do not leave this machine.
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
            "mail is written to files in /var/lib/sspr/spool and reaches nobody",
            "run: sspr setup, or set [email] gateway = \"smtp\"",
        ),
        Way::Phone => (
            settings.phone.gateway == PhoneGateway::Spool,
            "text messages are written to files in /var/lib/sspr/spool and reach nobody",
            "run: sspr setup, or leave \"phone\" out of [register] methods",
        ),
    };
    spool.then(|| Finding::warning(way.check(), what, fix))
}

/// An answer that is older than this says nothing about today.
const LAST_COUNTS: Time = 86_400;

/// The finding for a check in which the gateway may also have been `told` an address.
fn judged(settings: &Settings, way: Way, outcome: Result<Look, Failure>, told: bool, now: Time) -> Finding {
    let name = name(settings, way);
    let Look { looked, last, about } = match outcome {
        Ok(look) => look,
        Err(Failure::Unreachable(_)) => {
            return Finding::warning(
                way.check(),
                "not checked: the agent, which alone talks to the network, does not answer",
                "run: systemctl start sspr-agent; then again: sspr doctor",
            );
        }
        Err(why) => {
            return Finding::warning(way.check(), format!("not checked: {why}"), "run as root: sspr doctor");
        }
    };
    // A real message says more than any check.
    let recent = last.filter(|last| now - last.at < LAST_COUNTS);
    if let (Some(LastAnswer { at, why: Some(why), unsure }), false) = (&recent, matches!(looked, Looked::Refused(_))) {
        let at = out::moment(*at);
        if *unsure {
            return Finding::warning(
                way.check(),
                format!("the last message, at {at}, may have been sent: {why}"),
                fix(way, why),
            );
        }
        let what = format!("the last message, at {at}, was not sent: {why}");
        // The fault may have been fixed since, or concern only that message.
        return if matches!(looked, Looked::Accepted | Looked::Nameless(_)) {
            Finding::warning(way.check(), format!("{what}. A check just now found nothing wrong"), fix(way, why))
        } else {
            Finding::error(way.check(), what, fix(way, why))
        };
    }
    let last = recent.map(|last| format!("; it took the last message, at {}", out::moment(last.at)));
    let last = last.unwrap_or_default();
    let test = match way {
        Way::Email => "sspr admin test-email",
        Way::Phone => "sspr admin test-phone",
    };
    let only = if told {
        "accepts mail from this machine for that address, but could still refuse the mail itself".to_owned()
    } else if last.is_empty() && way == Way::Email {
        format!("lets this machine in; to see whether it accepts its mail, run: {test}")
    } else {
        "lets this machine in".to_owned()
    };
    match looked {
        // Nothing else was checked.
        Looked::Accepted if way == Way::Phone && settings.phone.gateway == PhoneGateway::Command => {
            let program = settings.phone.command.as_ref().and_then(|command| command.argv.first());
            let program = program.map_or("", String::as_str);
            let what = format!("{program} is installed and executable; to test it: {test}{last}");
            Finding::fine(way.check(), what)
        }
        Looked::Accepted => match about {
            Some(about) => Finding::fine(way.check(), format!("{}; to test it: {test}{last}", plain(&about))),
            None => Finding::fine(way.check(), format!("{name} {only}{last}")),
        },
        Looked::Nameless(address) => Finding::warning(
            way.check(),
            format!("{name} {only}{last}. This machine has no full name, so it greets the server as {address}"),
            "set [email] host_name to this machine's full name, such as shell.example.org: many servers want one",
        ),
        Looked::Unasked if way == Way::Phone && settings.phone.gateway.is_http() => Finding::fine(
            way.check(),
            format!("the way to {name} is open; more can't be checked without sending; try: {test}{last}"),
        ),
        Looked::Unasked => {
            Finding::fine(way.check(), format!("{name} can't be checked without sending; try: {test}{last}"))
        }
        Looked::Slow(seconds) => Finding::warning(
            way.check(),
            format!("{name} answers, but slowly: not done after {seconds} s; codes will arrive late{last}"),
            match way {
                Way::Email => {
                    "find out why it is slow (a name that it looks up?), then try: sspr admin test-email ADDRESS"
                }
                Way::Phone => "find out why it is slow, then try: sspr admin test-phone NUMBER",
            },
        ),
        // A missing file has nothing to do with a network.
        Looked::Refused(why) if way == Way::Phone && settings.phone.gateway == PhoneGateway::Command => Finding::error(
            way.check(),
            why,
            "install it, or correct [phone.command] argv; then: systemctl reload sspr-agent",
        ),
        Looked::Refused(why) => {
            let fix = fix(way, &why);
            Finding::error(way.check(), why, fix)
        }
    }
}

fn fix(way: Way, why: &str) -> &'static str {
    match way {
        Way::Email => cause::fix(why).unwrap_or("look at the mail server's log for the reason"),
        Way::Phone => cause::fix_of_gateway(why)
            .unwrap_or("correct [phone] and its token_file, then: systemctl reload sspr-agent"),
    }
}

/// `None` where it takes too long.
pub(crate) async fn by_the_agent(bus: &str, way: Way, to: Option<&str>) -> Option<Result<Look, Failure>> {
    let probe = Probe { method: way.method().as_str().into(), to: to.map(str::to_owned) };
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
        let found = |way| runtime.block_on(examine(&settings, way, true, None, "unix:path=/nonexistent"));
        assert_eq!(Way::ALL.map(|way| found(way).len()), [1, 0]);
    }

    #[test]
    fn a_program_that_would_show_codes_is_an_error_without_being_asked() {
        let text = "[phone]\ngateway = \"command\"\n[phone.command]\nargv = [\"/bin/send\", \"{to}\", \"{text}\"]\n";
        let found = unsent(&settings::parse(text, Path::new("sspr.toml")).unwrap(), Way::Phone).unwrap();
        assert!(found.level == Level::Error && found.fix.unwrap().contains("standard input"));
    }

    const NOW: Time = 1_800_000_000;

    fn look(way: Way, looked: Looked, last: Option<LastAnswer>) -> Finding {
        judged(&Settings::default(), way, Ok(Look { looked, last, about: None }), false, NOW)
    }

    #[test]
    fn of_a_program_no_more_is_said_than_was_looked_at_and_a_late_verdict_is_none() {
        let text = "[phone]\ngateway = \"command\"\n[phone.command]\nargv = [\"/bin/send\", \"{to}\"]\n";
        let settings = settings::parse(text, Path::new("sspr.toml")).unwrap();
        let looked = Look { looked: Looked::Accepted, last: None, about: None };
        let found = judged(&settings, Way::Phone, Ok(looked), false, NOW);
        assert!(found.level == Level::Fine && found.what.starts_with("/bin/send is installed"), "{found:?}");
        assert!(found.what.contains("to test it: "), "{found:?}");
        let gone = Looked::Refused("the program /bin/send can't be run: No such file or directory".into());
        let gone = Look { looked: gone, last: None, about: None };
        assert!(judged(&settings, Way::Phone, Ok(gone), false, NOW).fix.unwrap().contains("[phone.command] argv"));
        let found = late(&settings, Way::Email);
        assert!(found.level == Level::Warning && found.what.contains("did not answer within 10 s"), "{found:?}");
    }

    #[test]
    fn of_a_modem_it_is_said_which_it_is_and_what_to_do_where_it_sends_nothing() {
        let settings = settings::parse("[phone]\ngateway = \"modem\"\n", Path::new("sspr.toml")).unwrap();
        let about = "Quectel EG25-G (cdc-wdm0), SIM card of Example, registered in Example";
        let found = judged(
            &settings,
            Way::Phone,
            Ok(Look { looked: Looked::Accepted, last: None, about: Some(about.to_owned()) }),
            false,
            NOW,
        );
        assert!(found.level == Level::Fine && found.what.starts_with(about), "{found:?}");
        for (cause, fix) in [
            (&cause::modem::NO_MODEM_MANAGER, "apt install modemmanager"),
            (&cause::modem::NO_MODEM, "mmcli -L"),
            (&cause::modem::PIN, "--disable-pin"),
            (&cause::modem::READABLE, "/etc/dbus-1/system-local.conf"),
        ] {
            let refused = Looked::Refused(format!("modem: {}", cause.words));
            let found =
                judged(&settings, Way::Phone, Ok(Look { looked: refused, last: None, about: None }), false, NOW);
            assert!(found.level == Level::Error && found.fix.as_ref().unwrap().contains(fix), "{found:?}");
        }
    }

    #[test]
    fn a_refusal_is_an_error_with_its_fix_and_a_question_that_could_not_be_asked_a_warning() {
        let why = "mail:587 refused the user name or the password (535)";
        let refused = look(Way::Email, Looked::Refused(why.into()), None);
        assert!(refused.level == Level::Error && refused.what.contains("535"));
        assert!(refused.fix.unwrap().contains("password_file"));
        let unknown = Looked::Refused("twilio: the name can't be resolved".into());
        assert!(look(Way::Phone, unknown, None).fix.unwrap().contains("getent hosts"));
        let why = "vonage: rest.nexmo.com: its certificate is not accepted: this machine doesn't trust who issued it \
                   (issued by \"Example Proxy CA\")";
        let found = look(Way::Phone, Looked::Refused(why.into()), None);
        assert!(
            found.what.contains("Example Proxy CA") && found.fix.as_ref().unwrap().contains("[phone] ca_file"),
            "{found:?}"
        );
        assert_eq!(look(Way::Phone, Looked::Accepted, None).level, Level::Fine);
        let slow = look(Way::Email, Looked::Slow(10), None);
        assert!(slow.level == Level::Warning && slow.what.contains("slowly: not done after 10 s"), "{slow:?}");
        let settings = Settings::default();
        let failed = |why| judged(&settings, Way::Phone, Err(why), false, NOW);
        assert_eq!(failed(Failure::Refused("why".into())).level, Level::Warning);
        let gone = failed(Failure::Unreachable("why".into()));
        assert!(gone.level == Level::Warning && gone.fix.unwrap().contains("systemctl start sspr-agent"));
    }

    #[test]
    fn a_look_says_that_it_was_only_a_look_and_what_the_last_message_was_answered() {
        let only = look(Way::Email, Looked::Accepted, None);
        assert!(only.level == Level::Fine && only.what.contains("run: sspr admin test-email"), "{only:?}");
        let took = look(Way::Email, Looked::Accepted, Some(LastAnswer { at: NOW - 60, why: None, unsure: false }));
        assert!(took.level == Level::Fine && took.what.contains("it took the last message, at "), "{took:?}");
        let why = Some("mail:587 doesn't let this user name send as the address in [email] from (553)".to_owned());
        let last = |unsure| Some(LastAnswer { at: NOW - 60, why: why.clone(), unsure });
        let refused = look(Way::Email, Looked::Accepted, last(false));
        assert!(
            refused.level == Level::Warning && refused.what.contains("was not sent: mail:587 doesn't let"),
            "{refused:?}"
        );
        assert!(refused.fix.unwrap().contains("set [email] from"));
        // If a check reveals nothing, only the message counts.
        assert_eq!(look(Way::Phone, Looked::Unasked, last(false)).level, Level::Error);
        let unsure = look(Way::Email, Looked::Unasked, last(true));
        assert!(unsure.level == Level::Warning && unsure.what.contains("may have been sent: mail:587"), "{unsure:?}");
        let old =
            look(Way::Email, Looked::Accepted, Some(LastAnswer { at: NOW - 2 * LAST_COUNTS, why, unsure: false }));
        assert_eq!(old.level, Level::Fine, "{old:?}");
        let told = judged(
            &Settings::default(),
            Way::Email,
            Ok(Look { looked: Looked::Accepted, last: None, about: None }),
            true,
            NOW,
        );
        assert!(told.what.contains("for that address"), "{told:?}");
    }
}
