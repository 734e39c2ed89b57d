//! The settings that are written for a plan.

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf};

use sspr_config::settings::Method::{App, Email, Phone as Number};

use super::*;

/// A settings file with this text, and a folder for drop-ins beside it.
pub(in crate::setup) fn settings_file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("sspr.toml");
    fs::write(&config, text).unwrap();
    fs::set_permissions(&config, fs::Permissions::from_mode(0o644)).unwrap();
    fs::create_dir(settings::drop_ins(&config)).unwrap();
    fs::set_permissions(settings::drop_ins(&config), fs::Permissions::from_mode(0o755)).unwrap();
    (dir, config)
}

fn own() -> (u32, u32) {
    (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw())
}

fn apply(config: &Path, plan: &Plan) -> usize {
    let loaded = settings::load_with_origins(config).unwrap();
    let all = changes(config, &loaded, plan, own()).unwrap();
    for change in &all {
        change.make().unwrap();
    }
    settings::load(config).unwrap_or_else(|e| panic!("{e}"));
    all.len()
}

fn smtp() -> Mail {
    Mail::Smtp {
        url: "smtp://mail.example.org:587".into(),
        from: Some("a@example.org".into()),
        user: Some("sspr".into()),
        password: Some(Secret::new("s3cret".into())),
    }
}

#[test]
fn what_is_wanted_is_written_once_and_a_second_time_there_is_nothing_to_do() {
    let (dir, config) = settings_file("");
    let plan = Plan {
        scope: Some((Enable::All, vec!["all".into()])),
        mail: Some(smtp()),
        phone: Some(Phone::Twilio {
            account: Some("AC0123456789abcdef0123456789abcdef".into()),
            api_key: None,
            from: Some("+15005550006".into()),
            token: Some(Secret::new("t0ken".into())),
            url: None,
        }),
        region: Some("JP".into()),
        helpdesk: Some("Call 4711.".into()),
        ..Plan::default()
    };
    assert_eq!(apply(&config, &plan), 4);
    assert_eq!(apply(&config, &plan), 0);
    let s = settings::load(&config).unwrap();
    assert_eq!(
        (s.scope.enable, s.email.gateway, s.phone.gateway),
        (Enable::All, EmailGateway::Smtp, PhoneGateway::Twilio)
    );
    assert_eq!(s.register.methods.len(), 3);
    assert_eq!(fs::read_to_string(dir.path().join("smtp-password")).unwrap(), "s3cret\n");
    let text = fs::read_to_string(settings::drop_ins(&config).join(DROP_IN)).unwrap();
    assert!(text.starts_with(HEADER) && !text.contains("s3cret") && !text.contains("t0ken"), "{text}");

    // Only what is said changes.
    let plan = Plan { helpdesk: Some(String::new()), ..Plan::default() };
    assert_eq!(apply(&config, &plan), 1);
    let s = settings::load(&config).unwrap();
    assert_eq!((s.helpdesk.text, s.email.smtp.as_deref()), (None, Some("smtp://mail.example.org:587")));
    assert_eq!(apply(&config, &Plan::default()), 0);
}

#[test]
fn whom_it_is_for_is_no_wish_fulfilled_where_a_later_drop_in_has_the_last_word() {
    let (_dir, config) = settings_file("");
    let plan = Plan { scope: Some((Enable::All, vec!["all".into()])), ..Plan::default() };
    assert_eq!(apply(&config, &plan), 2);
    let later = settings::drop_ins(&config).join("90-local.toml");
    sspr_machine::files::write(&later, b"[scope]\nenable = \"none\"\n", 0o644, None).unwrap();
    let loaded = settings::load_with_origins(&config).unwrap();
    let why = changes(&config, &loaded, &plan, own()).unwrap_err().to_string();
    assert!(why.contains("90-local.toml:2 overrides this"), "{why}");
}

#[test]
fn nobody_is_asked_to_register_what_no_code_reaches() {
    let methods = |config: &Path| settings::load(config).unwrap().register.methods;
    let (_dir, config) = settings_file("");
    apply(&config, &Plan { mail: Some(smtp()), ..Plan::default() });
    assert_eq!(methods(&config), [Email, App]);
    let argv = ["/bin/send", "{to}"].map(String::from).to_vec();
    apply(&config, &Plan { phone: Some(Phone::Command(argv)), ..Plan::default() });
    assert_eq!(methods(&config), [Email, Number, App]);
    apply(&config, &Plan { mail: Some(Mail::None), ..Plan::default() });
    assert_eq!(methods(&config), [Number, App]);
    apply(&config, &Plan { phone: Some(Phone::None), ..Plan::default() });
    assert_eq!(methods(&config), [Email, App], "for a trial, mail is written to files");
    let (_dir, config) = settings_file("");
    apply(&config, &Plan { mail: Some(Mail::None), phone: Some(Phone::None), ..Plan::default() });
    assert_eq!(methods(&config), [Email, App], "the same at once");

    let (_dir, config) = settings_file("");
    apply(&config, &Plan { helpdesk: Some("Call 4711.".into()), ..Plan::default() });
    assert_eq!(methods(&config), [Email, Number, App], "it is not switched on");
    apply(&config, &Plan { scope: Some((Enable::All, vec!["all".into()])), ..Plan::default() });
    assert_eq!(methods(&config), [Email, App], "switched on by an option, with no word about mail and phone");

    let (_dir, config) = settings_file("[register]\nmethods = [\"email\", \"phone\"]\n");
    apply(&config, &Plan { mail: Some(smtp()), ..Plan::default() });
    assert_eq!(methods(&config), [Email, Number], "the administrator's own word");
}

#[test]
fn a_secret_goes_with_the_last_setting_that_names_it() {
    let (dir, config) = settings_file("");
    let password = dir.path().join("smtp-password");
    apply(&config, &Plan { mail: Some(smtp()), ..Plan::default() });
    assert!(password.exists());
    let loaded = settings::load_with_origins(&config).unwrap();
    let none = Plan { mail: Some(Mail::None), ..Plan::default() };
    let shown: String = changes(&config, &loaded, &none, own()).unwrap().iter().map(Change::shown).collect();
    assert!(shown.contains("smtp-password: removed; the secret in it is not shown"), "{shown}");
    apply(&config, &none);
    assert!(!password.exists());
    assert_eq!(apply(&config, &none), 0);

    // A server that asks for no password, and text messages.
    let token = Some(Secret::new("t0ken".into()));
    let twilio = Phone::Twilio {
        account: Some("AC0123456789abcdef0123456789abcdef".into()),
        api_key: None,
        from: Some("+15005550006".into()),
        token,
        url: None,
    };
    apply(&config, &Plan { mail: Some(smtp()), phone: Some(twilio), ..Plan::default() });
    let open =
        Mail::Smtp { url: "smtp+plain://127.0.0.1:25".into(), from: None, user: Some(String::new()), password: None };
    apply(&config, &Plan { mail: Some(open), phone: Some(Phone::None), ..Plan::default() });
    assert!(!password.exists() && !dir.path().join("twilio-token").exists());

    // One that other settings name stays, and so does one that setup never named.
    apply(&config, &Plan { mail: Some(smtp()), ..Plan::default() });
    let own_words = format!("[email]\npassword_file = {:?}\n", password.display().to_string());
    let local = settings::drop_ins(&config).join("60-local.toml");
    sspr_machine::files::write(&local, own_words.as_bytes(), 0o644, None).unwrap();
    let loaded = settings::load_with_origins(&config).unwrap();
    let all = changes(&config, &loaded, &none, own()).unwrap();
    assert!(all.iter().all(|change| !change.secret), "{all:?}");
}

#[test]
fn a_webhook_is_written_with_its_body_and_headers() {
    let (_dir, config) = settings_file("");
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    let plan = Plan {
        phone: Some(Phone::Webhook {
            url: Some("https://sms.example.org/".into()),
            body: vec![pair("to", "{to}"), pair("text", "{text}")],
            headers: vec![pair("Authorization", "Bearer {token}")],
            token: Some(Secret::new("t0ken".into())),
        }),
        ..Plan::default()
    };
    assert_eq!((apply(&config, &plan), apply(&config, &plan)), (2, 0));
    let webhook = settings::load(&config).unwrap().phone.webhook.unwrap();
    assert_eq!(webhook.body.texts().collect::<Vec<_>>(), [("text", "{text}"), ("to", "{to}")]);
    assert_eq!(webhook.headers["Authorization"], "Bearer {token}");
}

#[test]
fn a_provider_is_written_and_the_next_one_gets_nothing_of_it() {
    let (dir, config) = settings_file("");
    let planned = |name: &str, values: &[(&'static str, &str)]| {
        let gateway = PhoneGateway::all().find(|(known, _)| *known == name).unwrap().1;
        let values = values.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
        let token = Some(Secret::new("t0ken".into()));
        let section = Section { gateway, name: "phone.provider", values, token };
        Plan { phone: Some(Phone::Section(section)), ..Plan::default() }
    };
    let vonage = planned("vonage", &[("account", "a1"), ("from", "Example")]);
    assert_eq!((apply(&config, &vonage), apply(&config, &vonage)), (2, 0));
    assert_eq!(fs::read_to_string(dir.path().join("provider-token")).unwrap(), "t0ken\n");
    apply(&config, &planned("bird", &[("from", "Example")]));
    let phone = settings::load(&config).unwrap().phone;
    assert_eq!((phone.gateway.name(), phone.provider.unwrap().account), ("bird", None));
}

#[test]
fn the_way_out_is_written_and_goes_with_the_last_gateway_that_has_a_use_for_it() {
    let (_dir, config) = settings_file("");
    let bird = |proxy: Option<&str>, ca_file: Option<&str>| {
        let gateway = PhoneGateway::all().find(|(known, _)| *known == "bird").unwrap().1;
        let values = vec![("from", "Example".to_owned())];
        let token = Some(Secret::new("t0ken".into()));
        let section = Section { gateway, name: "phone.provider", values, token };
        let (proxy, ca_file) = (proxy.map(str::to_owned), ca_file.map(str::to_owned));
        Plan { phone: Some(Phone::Section(section)), proxy, ca_file, ..Plan::default() }
    };
    let now = |config: &Path| {
        let phone = settings::load(config).unwrap().phone;
        (phone.proxy, phone.ca_file.map(|file| file.display().to_string()))
    };
    let both = bird(Some("http://proxy:3128"), Some("/etc/sspr/ca.pem"));
    assert_eq!((apply(&config, &both), apply(&config, &both)), (2, 0));
    assert_eq!(now(&config), (Some("http://proxy:3128".into()), Some("/etc/sspr/ca.pem".into())));
    // Settings that the plan leaves open stay, and an empty word removes one.
    apply(&config, &bird(None, Some("")));
    assert_eq!(now(&config), (Some("http://proxy:3128".into()), None));
    apply(&config, &Plan { phone: Some(Phone::Modem(None)), ..Plan::default() });
    assert_eq!(now(&config), (None, None));
}
