//! The parts of a plan that every user can see: the settings, and the list of processes.

use std::collections::BTreeMap;

use sspr_config::{
    duration::Span,
    settings::{self, PhoneGateway, Settings},
};

use super::Phone;
use crate::failure::Failure;

/// Refuses a plan that would put a key to a gateway or a code into the settings or the list of processes, where every
/// user can read it.
pub fn nothing_shown(phone: Option<&Phone>) -> Result<(), Failure> {
    let mut settings = Settings::default();
    match phone {
        Some(Phone::Webhook { url, body, headers, .. }) => {
            settings.phone.webhook = Some(settings::Webhook {
                method: String::new(),
                url: url.clone().unwrap_or_default(),
                headers: headers.iter().cloned().collect(),
                encoding: settings::BodyEncoding::default(),
                body: body.iter().map(|(key, value)| (key.clone(), value.as_str().into())).collect(),
                token_file: None,
                secret_files: BTreeMap::new(),
                user: None,
                password_file: None,
                success: Vec::new(),
                success_contains: None,
                success_field: None,
                success_values: Vec::new(),
                retry_values: Vec::new(),
                id_field: None,
                error_field: Vec::new(),
            });
        }
        Some(Phone::Command(argv)) => {
            settings.phone.gateway = PhoneGateway::Command;
            settings.phone.command =
                Some(settings::Command { argv: argv.clone(), stdin: true, timeout: Span::seconds(30) });
        }
        Some(Phone::None | Phone::Twilio { .. } | Phone::Modem(_) | Phone::Section(_)) | None => {}
    }
    if let Some(exposed) = settings.shown_message() {
        return Err(Failure::Usage(format!("--phone-command: {}", exposed.why)));
    }
    match settings.shown_secret() {
        None => Ok(()),
        Some(exposed) => {
            Err(Failure::Usage(format!("{}, or give that file as --webhook-token-file, which is copied", exposed.why)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://sms.example.org/";

    #[test]
    fn a_key_of_a_gateway_and_a_code_in_an_argument_are_refused_and_not_repeated() {
        let webhook = |url: &str, headers: &[(&str, &str)], body: &[(&str, &str)]| {
            let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
            let phone =
                Phone::Webhook { url: Some(url.into()), body: pairs(body), headers: pairs(headers), token: None };
            nothing_shown(Some(&phone))
        };
        for name in
            ["Authorization", "authorization", "Proxy-Authorization", "X-Api-Key", "X-Auth", "Cookie", "Client-Secret"]
        {
            let why = webhook(URL, &[(name, "sk-12")], &[]).unwrap_err().to_string();
            assert!(why.contains("write {token}") && why.contains("--webhook-token-file"), "{why}");
            assert!(!why.contains("sk-12"), "{why}");
            webhook(URL, &[(name, "Bearer {token}")], &[]).unwrap();
        }
        webhook("https://sms.example.org/?api_key=sk-12", &[], &[]).unwrap_err();
        webhook(URL, &[], &[("password", "sk-12")]).unwrap_err();
        webhook("https://sms.example.org/?api_key={token}", &[("X-Sender", "sspr")], &[("to", "{to}")]).unwrap();
        let command = |argument: &str| nothing_shown(Some(&Phone::Command(vec!["/bin/send".into(), argument.into()])));
        assert!(command("--text={text}").unwrap_err().to_string().contains("standard input"));
        command("{to}").unwrap();
    }
}
