//! The way to a gateway that is asked over HTTP. If the gateway did not answer, setup asks for a proxy, or for the
//! certificate authority of one that inspects TLS. If it did answer, setup asks nothing.

use std::path::Path;

use sspr_config::settings::{Loaded, Phone as Settings, PhoneGateway};
use sspr_core::cause::{self, WayOut};
use sspr_protocol::admin::{Look, Looked};

use super::{
    ask::{self, Person},
    plan::Plan,
};
use crate::{
    doctor::network::{self, Way},
    failure::Failure,
};

/// The word for no proxy, or no file.
const NONE: &str = "none";

/// Asks how the gateway can be reached, if the agent does not reach it. `None`: it does, or the administrator leaves
/// it so.
pub(super) async fn asked(person: &mut dyn Person, bus: &str, now: &Loaded) -> Result<Option<Plan>, Failure> {
    if !is_far(&now.settings.phone) {
        return Ok(None);
    }
    match network::by_the_agent(bus, Way::Phone, None).await {
        Some(Ok(Look { looked: Looked::Refused(why), .. })) => wanted(person, &now.settings.phone, &why),
        _ => Ok(None),
    }
}

/// Whether the gateway is asked over https: a server on this machine is reached without a proxy.
fn is_far(phone: &Settings) -> bool {
    let url = match phone.gateway {
        PhoneGateway::Twilio => phone.twilio.as_ref().map(|twilio| twilio.url.as_str()),
        PhoneGateway::Webhook => phone.webhook.as_ref().map(|webhook| webhook.url.as_str()),
        PhoneGateway::Provider(preset) => phone.provider.as_ref().and_then(|account| preset.base(account)),
        PhoneGateway::Spool | PhoneGateway::Command | PhoneGateway::Modem => None,
    };
    url.is_some_and(|url| url.starts_with("https://"))
}

fn wanted(person: &mut dyn Person, now: &Settings, why: &str) -> Result<Option<Plan>, Failure> {
    let Some(way) = cause::way_out(why) else { return Ok(None) };
    person.hear(&format!("\nText messages can't leave yet: {why}"));
    if let Some(fix) = cause::fix_of_gateway(why) {
        person.hear(&format!("  What to do: {fix}"));
    }
    let old = match way {
        WayOut::Proxy => now.proxy.clone(),
        WayOut::Authority => now.ca_file.as_ref().map(|file| file.display().to_string()),
    };
    let old = old.unwrap_or_else(|| NONE.to_owned());
    let new = match way {
        WayOut::Proxy => ask::ask(person, "HTTP proxy (http://host:port), or none", &old, fits_proxy)?,
        WayOut::Authority => ask::ask(person, "File with its authority's certificate, or none", &old, fits_file)?,
    };
    if new == old {
        return Ok(None);
    }
    let new = Some(given(&new));
    Ok(Some(match way {
        WayOut::Proxy => Plan { proxy: new, ..Plan::default() },
        WayOut::Authority => Plan { ca_file: new, ..Plan::default() },
    }))
}

fn fits_proxy(typed: &str) -> Result<String, String> {
    if typed != NONE {
        let keys = "account = \"a\"\ntoken_file = \"/t\"\nfrom = \"a\"\n";
        let proxy = ask::quoted(typed);
        ask::checked(&format!("[phone]\ngateway = \"vonage\"\nproxy = {proxy}\n[phone.provider]\n{keys}"))?;
    }
    Ok(typed.to_owned())
}

fn fits_file(typed: &str) -> Result<String, String> {
    if typed != NONE && !(typed.starts_with('/') && Path::new(typed).is_file()) {
        return Err("There is no such file; write its full path.".to_owned());
    }
    Ok(typed.to_owned())
}

/// The value that was typed or given as an option; empty if it means none.
pub(super) fn given(typed: &str) -> String {
    if typed == NONE { String::new() } else { typed.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{super::ask::tests::Script, *};

    const UNRESOLVED: &str = "vonage: rest.nexmo.com: the name can't be resolved";
    const ISSUED: &str = "vonage: rest.nexmo.com: its certificate is not accepted: this machine doesn't trust who issued it \
                          (issued by \"Example Proxy CA\")";

    #[test]
    fn a_gateway_that_did_not_answer_has_a_proxy_or_an_authority_asked_for_and_enter_leaves_it() {
        let mut person = Script::of(&["proxy.example.org:3128", "http://proxy.example.org:3128"]);
        let plan = wanted(&mut person, &Settings::default(), UNRESOLVED).unwrap().unwrap();
        assert_eq!((plan.proxy.as_deref(), plan.ca_file), (Some("http://proxy.example.org:3128"), None));
        assert!(person.seen.contains("or none [none]: ") && person.seen.contains("can't be used"), "{}", person.seen);
        assert!(person.seen.contains("What to do: is the name right"), "{}", person.seen);

        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("ca.pem").to_str().unwrap().to_owned();
        std::fs::write(&file, "x").unwrap();
        let mut person = Script::of(&["/nonexistent/ca.pem", Box::leak(file.clone().into_boxed_str())]);
        let plan = wanted(&mut person, &Settings::default(), ISSUED).unwrap().unwrap();
        assert_eq!((plan.proxy, plan.ca_file), (None, Some(file)));
        assert!(person.seen.contains("no such file") && person.seen.contains("Example Proxy CA"), "{}", person.seen);

        // Enter keeps the value; none removes it.
        let now = Settings { proxy: Some("http://proxy:3128".into()), ..Settings::default() };
        let why = format!("vonage: {}: proxy:3128", cause::PROXY_WANTS_SIGN_IN.words);
        for (why, now, typed, want) in [
            (UNRESOLVED, &Settings::default(), "", None),
            (ISSUED, &Settings::default(), "", None),
            (why.as_str(), &now, "", None),
            (why.as_str(), &now, "none", Some("")),
        ] {
            let plan = wanted(&mut Script::of(&[typed]), now, why).unwrap();
            assert_eq!(plan.and_then(|plan| plan.proxy).as_deref(), want, "{why}");
        }
    }

    #[tokio::test]
    async fn nobody_is_asked_where_a_proxy_is_no_way_out() {
        for why in ["twilio answered 401: is the account or the token right, and not locked?", "vonage: it has expired"]
        {
            assert!(wanted(&mut Script::of(&[]), &Settings::default(), why).unwrap().is_none(), "{why}");
        }
        // On this machine, or nowhere; and there is no agent.
        let bird = "[phone]\ngateway = \"bird\"\n[phone.provider]\ntoken_file = \"/t\"\nfrom = \"a\"\n";
        let near = format!("{bird}url = \"http://127.0.0.1:8080\"\n");
        for (settings, far) in [("[phone]\ngateway = \"modem\"\n", false), (near.as_str(), false), (bird, true)] {
            let dir = tempfile::tempdir().unwrap();
            let file = dir.path().join("sspr.toml");
            sspr_machine::files::write(&file, settings.as_bytes(), 0o644, None).unwrap();
            let now = sspr_config::settings::load_with_origins(&file).unwrap();
            assert_eq!(is_far(&now.settings.phone), far, "{settings}");
            assert!(asked(&mut Script::of(&[]), "unix:path=/nonexistent/bus", &now).await.unwrap().is_none());
        }
    }
}
