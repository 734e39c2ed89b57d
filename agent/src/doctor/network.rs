//! The mail server and the gateway for text messages. What asks them is a process of the agent's user, as everything of this
//! project that talks to a network: root starts it and reads one line from it.

use std::{path::Path, process::Stdio, time::Duration};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use sspr_config::settings::{self, EmailGateway, Method, PhoneGateway, Settings};

use super::Finding;
use crate::{
    command::networked,
    delivery::{Deliveries, Probed, network_fix},
    reload::host_name,
};

/// Longer than any gateway may take.
const PATIENCE: Duration = Duration::from_secs(40);

/// One of the two ways out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Way {
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

    const fn word(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
        }
    }
}

/// What the process found.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "outcome", content = "why")]
enum Outcome {
    Accepted,
    Unasked,
    Refused(String),
}

/// What the process writes: one line of JSON.
pub async fn answer(config: &Path, way: Way) -> String {
    let outcome = match settings::load(config) {
        Err(error) => Outcome::Refused(error.to_string()),
        Ok(settings) => ask(&settings, way).await,
    };
    serde_json::to_string(&outcome).unwrap_or_default()
}

async fn ask(settings: &Settings, way: Way) -> Outcome {
    let deliveries = match Deliveries::from_settings(settings, &host_name(settings)) {
        Ok(deliveries) => deliveries,
        Err(error) => return Outcome::Refused(error.to_string()),
    };
    match deliveries.probe(way.method()).await {
        Ok(Probed::Accepted) => Outcome::Accepted,
        Ok(Probed::Unasked) => Outcome::Unasked,
        Err(error) => Outcome::Refused(error.to_string()),
    }
}

/// Both ways, as far as they are in use.
pub async fn examine(config: &Path, settings: &Settings, offline: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for way in [Way::Email, Way::Phone] {
        if !settings.register.methods.contains(&way.method()) {
            continue;
        }
        findings.push(match unsent(settings, way) {
            Some(finding) => finding,
            None if offline => Finding::fine(way.check(), "not asked (--offline)"),
            None => judged(settings, way, as_the_agent(config, way).await),
        });
    }
    findings
}

/// Where nothing leaves this machine.
fn unsent(settings: &Settings, way: Way) -> Option<Finding> {
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

fn judged(settings: &Settings, way: Way, outcome: Result<Outcome, String>) -> Finding {
    let name = match way {
        Way::Email => settings.email.smtp.clone().unwrap_or_default(),
        Way::Phone => match settings.phone.gateway {
            PhoneGateway::Twilio => "twilio".into(),
            PhoneGateway::Webhook => "the webhook".into(),
            PhoneGateway::Command | PhoneGateway::Spool => "the program".into(),
        },
    };
    match outcome {
        Ok(Outcome::Accepted) => Finding::fine(way.check(), format!("{name} takes what this machine sends")),
        Ok(Outcome::Unasked) => {
            Finding::fine(way.check(), format!("{name} can't be asked without sending; try: sspr admin test-phone"))
        }
        Ok(Outcome::Refused(why)) => {
            let fix = network_fix(&why).unwrap_or(match way {
                Way::Email => "correct [email] and its password_file, then: systemctl reload sspr-agent",
                Way::Phone => "correct [phone] and its token_file, then: systemctl reload sspr-agent",
            });
            Finding::error(way.check(), why, fix)
        }
        Err(why) => Finding::warning(way.check(), format!("could not be asked: {why}"), "run as root: sspr doctor"),
    }
}

/// Asks in a process of the agent's user.
async fn as_the_agent(config: &Path, way: Way) -> Result<Outcome, String> {
    let mut command = networked::command()?;
    command.args(["doctor", "--probe", way.word(), "--config"]).arg(config);
    command.stdin(Stdio::null());
    let output = tokio::time::timeout(PATIENCE, command.output()).await;
    let output = output.map_err(|_| "no answer in time")?.map_err(|e| e.to_string())?;
    serde_json::from_slice(&output.stdout).map_err(|_| "it ended without an answer".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{super::Level, *};

    #[test]
    fn messages_that_stay_on_the_machine_are_a_warning_each_and_none_where_the_method_is_off() {
        assert_eq!(unsent(&Settings::default(), Way::Email).unwrap().level, Level::Warning);
        assert_eq!(unsent(&Settings::default(), Way::Phone).unwrap().level, Level::Warning);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut settings = Settings::default();
        settings.register.methods = vec![Method::Email];
        let found = runtime.block_on(examine(Path::new("/nonexistent"), &settings, true));
        assert_eq!(found.iter().map(|f| f.check).collect::<Vec<_>>(), ["mail"]);
    }

    #[test]
    fn a_refusal_is_an_error_with_its_fix_and_a_question_that_could_not_be_asked_a_warning() {
        let settings = Settings::default();
        let refused = judged(&settings, Way::Email, Ok(Outcome::Refused("mail:587 refused the password (535)".into())));
        assert!(
            refused.level == Level::Error
                && refused.what.contains("535")
                && refused.fix.unwrap().contains("password_file")
        );
        let unknown = Ok(Outcome::Refused("twilio: the name can't be resolved".into()));
        assert!(judged(&settings, Way::Phone, unknown).fix.unwrap().contains("getent hosts"));
        assert_eq!(judged(&settings, Way::Phone, Ok(Outcome::Accepted)).level, Level::Fine);
        assert_eq!(judged(&settings, Way::Phone, Err("why".into())).level, Level::Warning);
    }

    #[tokio::test]
    async fn the_process_answers_in_one_line_also_where_the_settings_are_wrong() {
        let line = answer(Path::new("/nonexistent"), Way::Email).await;
        assert!(matches!(serde_json::from_str(&line).unwrap(), Outcome::Refused(why) if why.contains("no such file")));
    }
}
