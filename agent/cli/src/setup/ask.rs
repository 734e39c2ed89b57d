//! The questions of `sspr setup` at a terminal.
#![allow(clippy::print_stdout, reason = "this is what talks to a person")]

use std::io::{BufRead as _, Write as _};

use sspr_config::settings::{self, Loaded, PROVIDERS, PhoneGateway, SettingsError};
use sspr_core::{plain::plain_lines, typed};
use sspr_machine::host_name::{full_name, is_full_sender};

use super::{
    section, stopped,
    wishes::{Mail, Phone, Secret, Wishes},
};
use crate::{failure::Failure, hidden, whom};

/// The administrator who answers, or a test's stand-in.
pub trait Person {
    /// Shows this.
    fn hear(&mut self, text: &str);
    /// Asks for a line.
    fn line(&mut self, prompt: &str) -> Result<String, Failure>;
    /// Asks for a line that nobody sees.
    fn secret(&mut self, prompt: &str) -> Result<Secret, Failure>;
}

/// The person at the terminal.
#[derive(Clone, Copy, Debug)]
pub struct AtTerminal;

impl Person for AtTerminal {
    fn hear(&mut self, text: &str) {
        println!("{}", plain_lines(text));
    }

    fn line(&mut self, prompt: &str) -> Result<String, Failure> {
        print!("{prompt}");
        std::io::stdout().flush()?;
        let mut line = String::new();
        if std::io::stdin().lock().read_line(&mut line)? == 0 {
            println!();
            return Err(stopped::failure());
        }
        Ok(typed::trimmed(&line).to_owned())
    }

    fn secret(&mut self, prompt: &str) -> Result<Secret, Failure> {
        hidden::ask(prompt).map_err(|why| {
            if why.kind() == std::io::ErrorKind::Interrupted {
                stopped::wait_for_the_end();
            }
            stopped::failure()
        })
    }
}

/// Yes or no; Enter is no.
pub fn agrees(person: &mut dyn Person, question: &str) -> Result<bool, Failure> {
    loop {
        match typed::word(&person.line(&format!("{question} (y/n): "))?).as_str() {
            "y" | "yes" => return Ok(true),
            "n" | "no" => return Ok(false),
            _ => person.hear("Please type y or n."),
        }
    }
}

/// Asks for a word, a name or an address until `good` takes it, which sees it without what was pasted along. Enter means
/// `default`.
pub(super) fn ask<T>(
    person: &mut dyn Person,
    question: &str,
    default: &str,
    mut good: impl FnMut(&str) -> Result<T, String>,
) -> Result<T, Failure> {
    ask_words(person, question, default, |words| good(&typed::argument(words)))
}

/// The same for words that people are to read.
fn ask_words<T>(
    person: &mut dyn Person,
    question: &str,
    default: &str,
    mut good: impl FnMut(&str) -> Result<T, String>,
) -> Result<T, Failure> {
    loop {
        let kept = if default.is_empty() { String::new() } else { format!(" [{default}]") };
        let line = person.line(&format!("{question}{kept}: "))?;
        match good(if line.is_empty() { default } else { &line }) {
            Ok(value) => return Ok(value),
            Err(why) => person.hear(&format!("  {why}")),
        }
    }
}

/// Asks for all that `given` leaves open. What stands in the settings is what Enter keeps.
pub fn wishes(person: &mut dyn Person, loaded: &Loaded, mut given: Wishes) -> Result<Wishes, Failure> {
    person.hear(
        "Self-service password reset, set up in a few questions. Each change is shown\n\
         before it is made. Enter accepts the value in [brackets]; ctrl-C stops.\n",
    );
    let s = &loaded.settings;
    if given.scope.is_none() {
        let now = match &s.scope.enable {
            settings::Enable::None => "none".to_owned(),
            settings::Enable::All => "all".to_owned(),
            settings::Enable::Groups(groups) => groups.join(" "),
        };
        person.hear("Who can use it? all, none, or the names of groups.");
        given.scope = Some(ask(person, "Users", &now, |typed| {
            let words: Vec<String> =
                typed.split([' ', ',']).filter(|word| !word.is_empty()).map(ToOwned::to_owned).collect();
            whom::parse(&words).map(|whom| (whom, words)).map_err(|e| e.to_string())
        })?);
    }
    if given.mail.is_none() {
        given.mail = Some(mail(person, loaded)?);
    }
    if given.phone.is_none() {
        given.phone = phone(person, loaded)?;
    }
    if given.region.is_none() && !matches!(given.phone, Some(Phone::None)) {
        let now = s.phone.default_region.clone().unwrap_or_else(|| "none".into());
        person.hear("\nCountry of numbers without a country code? Two letters, such as JP.");
        let region = ask(person, "Country", &now, |typed| match typed {
            "none" => Ok(None),
            typed => {
                let region = typed.to_uppercase();
                checked(&format!("[phone]\ndefault_region = {}\n", quoted(&region))).map(|()| Some(region))
            }
        })?;
        given.region = region;
    }
    if given.helpdesk.is_none() {
        let now = s.helpdesk.text.clone().unwrap_or_else(|| "none".into());
        person.hear("\nOne line for users whom self-service can't help, such as: Call 4711.");
        given.helpdesk = Some(ask_words(person, "Line", &now, |typed| match typed {
            "none" => Ok(String::new()),
            typed => checked(&format!("[helpdesk]\ntext = {}\n", quoted(typed))).map(|()| typed.to_owned()),
        })?);
    }
    person.hear("");
    Ok(given)
}

/// Asks for the mail server, and what it wants.
pub(super) fn mail(person: &mut dyn Person, loaded: &Loaded) -> Result<Mail, Failure> {
    let email = &loaded.settings.email;
    let now = |value: &Option<String>, otherwise: &str| value.clone().unwrap_or_else(|| otherwise.to_owned());
    person.hear(
        "\nThe mail server: smtp://host:587 (STARTTLS) or smtps://host:465 (TLS);\n\
         one on this machine, without TLS: smtp+plain://127.0.0.1:25.\n\
         none: mail is written to files that only root can read, for a trial.",
    );
    let url = ask(person, "Mail server", &now(&email.smtp, "none"), |typed| match typed {
        "none" => Ok(None),
        typed => checked(&format!("[email]\ngateway = \"smtp\"\nfrom = \"a@example.org\"\nsmtp = {}\n", quoted(typed)))
            .map(|()| Some(typed.to_owned())),
    })?;
    let Some(url) = url else { return Ok(Mail::None) };
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let far = !url.starts_with("smtp+plain://");
    let known = full_name(&host).map(|name| format!("Password reset <no-reply@{name}>"));
    if known.is_none() && email.from.is_none() {
        person.hear(
            "The sender of mails, such as: Password reset <no-reply@example.org>\n\
             This machine's own name has no domain to use here.",
        );
    }
    let from = ask(person, "Sender", &now(&email.from, &known.unwrap_or_default()), |typed| sender(typed, far))?;
    let user = ask(person, "User name at that server, or none", &now(&email.username, "none"), |typed| {
        Ok(if typed == "none" { String::new() } else { typed.to_owned() })
    })?;
    let known = email.username.as_deref() == Some(user.as_str());
    let password = if user.is_empty() { None } else { hidden(person, "Password at that server", known)? };
    Ok(Mail::Smtp { url, from: Some(from), user: Some(user), password })
}

/// The sender of mails as it was typed. A server that is not on this machine wants a domain in it that others know.
pub fn sender(typed: &str, far: bool) -> Result<String, String> {
    let typed = typed::argument(typed);
    checked(&format!("[email]\ngateway = \"smtp\"\nsmtp = \"smtp://h\"\nfrom = {}\n", quoted(&typed)))?;
    if far && !is_full_sender(&typed) {
        return Err(format!(
            "{typed:?} has no full domain, which mail servers require; write one such as no-reply@example.org"
        ));
    }
    Ok(typed)
}

/// A secret; where one is `known`, Enter keeps it.
pub(super) fn hidden(person: &mut dyn Person, what: &str, known: bool) -> Result<Option<Secret>, Failure> {
    loop {
        let hint = if known { " (not shown; Enter keeps the old one)" } else { " (not shown)" };
        let secret = person.secret(&format!("{what}{hint}: "))?;
        match (secret.is_empty(), known) {
            (true, true) => return Ok(None),
            (true, false) => person.hear("  A value is required."),
            (false, _) if secret.chars().any(char::is_control) => {
                person.hear("  It has characters that can't be typed.");
            }
            (false, _) if secret.chars().any(typed::is_unseen) => {
                person.hear("  It has invisible characters. Please copy it again, or type it.");
            }
            (false, _) => return Ok(Some(secret)),
        }
    }
}

fn phone(person: &mut dyn Person, loaded: &Loaded) -> Result<Option<Phone>, Failure> {
    let settings = &loaded.settings.phone;
    let now = match settings.gateway {
        PhoneGateway::Spool => "none",
        gateway => gateway.name(),
    };
    let providers: Vec<_> = PROVIDERS.iter().map(|preset| preset.name).collect();
    let providers = providers.join(", ");
    person.hear(&format!(
        "\nText messages: none, twilio, webhook (any HTTP API), command (a program),\nmodem, or one of {providers}."
    ));
    let kind = ask(person, "Text messages by", now, |typed| {
        if typed == "none" || PhoneGateway::all().any(|(name, gateway)| name == typed && gateway != PhoneGateway::Spool)
        {
            Ok(typed.to_owned())
        } else {
            Err(format!("Please type none, twilio, webhook, command, modem or one of {providers}."))
        }
    })?;
    let named = PhoneGateway::all().find(|(name, _)| *name == kind).map(|(_, gateway)| gateway);
    if let Some(gateway) = named.filter(|gateway| section::has(*gateway)) {
        return Ok(section::asked(person, loaded, gateway)?.map(Phone::Section));
    }
    Ok(Some(match kind.as_str() {
        "twilio" => {
            let old = settings.twilio.as_ref();
            let known = |value: Option<&String>| value.cloned().unwrap_or_default();
            let sample = |account: &str, from: &str| {
                checked(&format!(
                    "[phone]\ngateway = \"twilio\"\n[phone.twilio]\ntoken_file = \"/t\"\naccount_sid = {}\nfrom = {}\n",
                    quoted(account),
                    quoted(from)
                ))
            };
            let account = ask(person, "Account SID (AC...)", &known(old.map(|t| &t.account_sid)), |typed| {
                sample(typed, "+15005550006").map(|()| typed.to_owned())
            })?;
            let from = ask(
                person,
                "Sender (+15005550006, a name, a short code or MG...)",
                &known(old.map(|t| &t.from)),
                |typed| sample("AC00000000000000000000000000000000", typed).map(|()| typed.to_owned()),
            )?;
            let token = hidden(person, "Auth token", old.is_some())?;
            Phone::Twilio { account: Some(account), api_key: None, from: Some(from), token, url: None }
        }
        "webhook" => {
            let old = settings.webhook.as_ref();
            person.hear(
                "{to}, {text} and {token} stand for the number, the message and the key to the API. The\n\
                 key itself comes below: everybody can read the settings.",
            );
            let url = ask(person, "URL", &old.map(|w| w.url.clone()).unwrap_or_default(), |typed| {
                checked(&format!(
                    "[phone]\ngateway = \"webhook\"\n[phone.webhook]\ntoken_file = \"/t\"\nurl = {}\nbody = {{ a = \"{{to}}{{text}}\" }}\n",
                    quoted(typed)
                ))
                .map(|()| typed.to_owned())
            })?;
            let in_url = url.contains("{token}");
            let to = ask(person, "Key of the number in the JSON body", "to", |typed| Ok(typed.to_owned()))?;
            let text = ask(person, "Key of the message", "text", |typed| Ok(typed.to_owned()))?;
            let known = old.is_some_and(|w| w.token_file.is_some());
            let bearer = !in_url && (known || agrees(person, "Is there a token to send (Authorization: Bearer ...)?")?);
            let token = if bearer || in_url { hidden(person, "Token", known)? } else { None };
            let headers =
                if bearer { vec![("Authorization".to_owned(), "Bearer {token}".to_owned())] } else { Vec::new() };
            Phone::Webhook { url: Some(url), body: vec![(to, "{to}".into()), (text, "{text}".into())], headers, token }
        }
        "command" => {
            person.hear(
                "The program by its full path, and its arguments with {to} for the number. It reads\n\
                 the message from standard input, as everybody can see arguments.",
            );
            let now = settings.command.as_ref().filter(|_| loaded.settings.shown_message().is_none());
            let now = now.map(|c| c.argv.join(" ")).unwrap_or_default();
            Phone::Command(ask(person, "Program", &now, |typed| {
                let argv: Vec<String> = typed.split_whitespace().map(ToOwned::to_owned).collect();
                let list: Vec<_> = argv.iter().map(|word| quoted(word)).collect();
                checked(&format!("[phone]\ngateway = \"command\"\n[phone.command]\nargv = [{}]\n", list.join(", ")))
                    .map(|()| argv)
            })?)
        }
        "modem" => modem(person, settings.modem.as_ref().and_then(|modem| modem.device.as_deref()))?,
        _ => Phone::None,
    }))
}

fn modem(person: &mut dyn Person, now: Option<&str>) -> Result<Phone, Failure> {
    person.hear(
        "With several modems: the IMEI or the port of the one to send by, as mmcli -m any\n\
         shows them. The guide says what else a modem needs.",
    );
    let device = ask(person, "Modem, or any for the only one", now.unwrap_or("any"), |typed| match typed {
        "any" => Ok(String::new()),
        typed => checked(&format!("[phone]\ngateway = \"modem\"\n[phone.modem]\ndevice = {}\n", quoted(typed)))
            .map(|()| typed.to_owned()),
    })?;
    Ok(Phone::Modem(Some(device)))
}

/// Whether settings with nothing but this would stand; if not, why.
pub(super) fn checked(text: &str) -> Result<(), String> {
    match settings::parse(text, std::path::Path::new("")) {
        Ok(read) => match read.shown_message().or_else(|| read.shown_secret()) {
            None => Ok(()),
            Some(exposed) => Err(exposed.why),
        },
        Err(SettingsError::File { why, .. }) => Err(why.to_string()),
        Err(SettingsError::Line { why, .. }) => Err(why),
    }
}

pub(super) fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

#[cfg(test)]
pub(super) mod tests {
    use std::{collections::VecDeque, fs, os::unix::fs::PermissionsExt as _};

    use sspr_config::settings::Enable;

    use super::*;

    /// Answers from a script, which must be used up.
    #[derive(Default)]
    pub(in super::super) struct Script {
        answers: VecDeque<&'static str>,
        pub(in super::super) seen: String,
    }

    impl Script {
        pub(in super::super) fn of(answers: &[&'static str]) -> Self {
            Self { answers: answers.iter().copied().collect(), seen: String::new() }
        }
    }

    impl Person for Script {
        fn hear(&mut self, text: &str) {
            self.seen.push_str(text);
            self.seen.push('\n');
        }

        fn line(&mut self, prompt: &str) -> Result<String, Failure> {
            self.hear(prompt);
            self.answers.pop_front().map(ToOwned::to_owned).ok_or_else(stopped::failure)
        }

        fn secret(&mut self, prompt: &str) -> Result<Secret, Failure> {
            self.line(prompt).map(zeroize::Zeroizing::new)
        }
    }

    fn loaded(text: &str) -> Loaded {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sspr.toml");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        settings::load_with_origins(&path).unwrap()
    }

    #[test]
    fn a_wrong_answer_is_explained_and_asked_again_and_each_line_fits_the_terminal() {
        let mut person = Script::of(&[
            "no-such-group",
            "root",
            "mail.example.org",
            "smtp://mail.example.org:587",
            "nobody",
            "no-reply@debian",
            "a@example.org",
            "sspr",
            "",
            "s3cret",
            "pigeon",
            "twilio",
            "AC1",
            "AC0123456789abcdef0123456789abcdef",
            "+15005550006",
            "t0ken",
            "Japan",
            "jp",
            "Call 4711.",
        ]);
        let wishes = wishes(&mut person, &loaded(""), Wishes::default()).unwrap();
        assert!(person.answers.is_empty());
        assert_eq!(wishes.scope.unwrap().0, Enable::Groups(vec!["root".into()]));
        assert!(matches!(wishes.mail, Some(Mail::Smtp { password: Some(p), .. }) if *p == "s3cret"));
        assert!(matches!(wishes.phone, Some(Phone::Twilio { token: Some(t), .. }) if *t == "t0ken"));
        assert_eq!((wishes.region.as_deref(), wishes.helpdesk.as_deref()), (Some("JP"), Some("Call 4711.")));
        for said in [
            "no group \"no-such-group\"",
            "has no scheme",
            "is not a mail address",
            "has no full domain",
            "A value is required",
            "must be AC",
        ] {
            assert!(person.seen.contains(said), "{said}\n{}", person.seen);
        }
        assert!(!person.seen.contains("s3cret"));
        for line in person.seen.lines().filter(|line| !line.starts_with("  ")) {
            assert!(line.chars().count() <= 78, "{line}");
        }
    }

    #[test]
    fn what_is_pasted_along_is_passed_over_and_in_a_password_it_is_pointed_out() {
        let mut person = Script::of(&[
            "\u{200b}\u{a0}smtp://mail.exam\u{ad}ple.org:587\u{2060}",
            "\u{2068}a@example.org\u{2069}",
            "ｓｓｐｒ\u{feff}",
            "s3cret\u{200b}",
            "s3cret",
        ]);
        let Mail::Smtp { url, from, user, password } = mail(&mut person, &loaded("")).unwrap() else { panic!() };
        assert_eq!((url.as_str(), from.as_deref()), ("smtp://mail.example.org:587", Some("a@example.org")));
        assert_eq!((user.as_deref(), password.unwrap().as_str()), (Some("sspr"), "s3cret"));
        assert!(person.seen.contains("invisible"), "{}", person.seen);
    }

    #[test]
    fn a_program_gets_no_message_in_an_argument_and_an_api_its_key_from_a_file_alone() {
        let mut person = Script::of(&[
            "command",
            "/usr/bin/gammu-smsd-inject TEXT {to} -text {text}",
            "/usr/bin/gammu-smsd-inject TEXT {to} -autolen 600",
        ]);
        let Some(Phone::Command(argv)) = phone(&mut person, &loaded("")).unwrap() else { panic!("{}", person.seen) };
        assert_eq!(argv.last().unwrap(), "600");
        assert!(
            person.seen.contains("{text} in an argument") && person.seen.contains("standard input"),
            "{}",
            person.seen
        );
        // What 0.1.0 took is not what Enter keeps.
        let old = "[phone]\ngateway = \"command\"\n[phone.command]\nargv = [\"/bin/send\", \"{to}\", \"{text}\"]\n";
        let mut person = Script::of(&["", "", "/bin/send {to}"]);
        assert!(matches!(phone(&mut person, &loaded(old)).unwrap(), Some(Phone::Command(argv)) if argv.len() == 2));

        let mut person = Script::of(&[
            "webhook",
            "https://sms.example.org/?key=s3cret",
            "https://sms.example.org/?key={token}",
            "",
            "",
            "t0ken",
        ]);
        let Some(Phone::Webhook { url, headers, token, .. }) = phone(&mut person, &loaded("")).unwrap() else {
            panic!("{}", person.seen)
        };
        assert_eq!((url.as_deref(), headers.len()), (Some("https://sms.example.org/?key={token}"), 0));
        assert_eq!(token.unwrap().as_str(), "t0ken");
        assert!(person.seen.contains("the parameter key seems"), "{}", person.seen);
    }

    #[test]
    fn a_modem_is_the_only_one_or_one_by_its_name_and_enter_keeps_it() {
        let given = |settings, typed: &[&'static str]| {
            let mut person = Script::of(typed);
            let given = phone(&mut person, &loaded(settings)).unwrap();
            assert!(person.answers.is_empty(), "{}", person.seen);
            let Some(Phone::Modem(Some(device))) = given else { panic!("{}", person.seen) };
            device
        };
        assert_eq!(given("", &["modem", ""]), "");
        assert_eq!(given("", &["modem", "/dev/ttyUSB2"]), "/dev/ttyUSB2");
        let old = "[phone]\ngateway = \"modem\"\n[phone.modem]\ndevice = \"867698040000000\"\n";
        assert_eq!(given(old, &["", ""]), "867698040000000");
        assert_eq!(given(old, &["", "any"]), "");
    }

    #[test]
    fn a_provider_is_asked_for_what_it_needs_and_enter_keeps_it() {
        let mut person = Script::of(&["sinch", "plan", "", "Example", "t0ken"]);
        let Some(Phone::Section(sinch)) = phone(&mut person, &loaded("")).unwrap() else { panic!("{}", person.seen) };
        assert!(person.answers.is_empty() && person.seen.contains("A value is required"), "{}", person.seen);
        assert_eq!(sinch.values, [("account", "plan".to_owned()), ("from", "Example".to_owned())]);
        assert_eq!(sinch.token.unwrap().as_str(), "t0ken");
        let old = "[phone]\ngateway = \"infobip\"\n[phone.provider]\ntoken_file = \"/t\"\nfrom = \"Example\"\nurl = \"https://x.example\"\n";
        let mut person = Script::of(&["", "", "http://x.example", "", ""]);
        let Some(Phone::Section(infobip)) = phone(&mut person, &loaded(old)).unwrap() else {
            panic!("{}", person.seen)
        };
        assert_eq!(infobip.values, [("from", "Example".to_owned()), ("url", "https://x.example".to_owned())]);
        assert!(infobip.token.is_none() && person.seen.contains("url has no encryption"), "{}", person.seen);
        // Another provider's account is not this one's.
        let mut person = Script::of(&["telnyx", "", "+15005550006", "t0ken"]);
        let Some(Phone::Section(telnyx)) = phone(&mut person, &loaded(old)).unwrap() else { panic!("{}", person.seen) };
        assert_eq!(telnyx.values, [("from", "+15005550006".to_owned())]);
        for line in person.seen.lines() {
            assert!(line.chars().count() <= 78, "{line}");
        }
    }

    #[test]
    fn enter_all_the_way_keeps_what_the_settings_have() {
        let settings = "[scope]\nenable = \"all\"\n[email]\ngateway = \"smtp\"\nsmtp = \"smtp://h\"\nfrom = \"a@b.org\"\n\
                        username = \"u\"\npassword_file = \"/p\"\n[helpdesk]\ntext = \"Call.\"\n";
        let mut person = Script::of(&["", "", "", "", "", "", ""]);
        let wishes = wishes(&mut person, &loaded(settings), Wishes::default()).unwrap();
        assert!(person.answers.is_empty());
        assert_eq!(wishes.scope.unwrap().0, Enable::All);
        assert!(matches!(wishes.mail, Some(Mail::Smtp { url, password: None, .. }) if url == "smtp://h"));
        assert!(matches!(wishes.phone, Some(Phone::None)));
        assert_eq!(wishes.helpdesk.as_deref(), Some("Call."));
    }

    #[test]
    fn what_the_command_line_says_is_not_asked() {
        let mut person = Script::of(&[""]);
        let given = Wishes {
            scope: Some((Enable::All, vec!["all".into()])),
            mail: Some(Mail::None),
            phone: Some(Phone::None),
            ..Wishes::default()
        };
        assert_eq!(wishes(&mut person, &loaded(""), given).unwrap().helpdesk.as_deref(), Some(""));
    }
}
