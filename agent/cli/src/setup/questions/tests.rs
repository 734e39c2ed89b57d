//! The questions, the proposals, and the resulting settings.

use std::{fs, os::unix::fs::PermissionsExt as _};

use sspr_config::settings::Enable;

use super::*;
use crate::setup::ask::tests::Script;

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
    let plan = plan(&mut person, &loaded(""), Plan::default()).unwrap();
    assert!(person.answers.is_empty());
    assert_eq!(plan.scope.unwrap().0, Enable::Groups(vec!["root".into()]));
    assert!(matches!(plan.mail, Some(Mail::Smtp { password: Some(p), .. }) if *p == "s3cret"));
    assert!(matches!(plan.phone, Some(Phone::Twilio { token: Some(t), .. }) if *t == "t0ken"));
    assert_eq!((plan.region.as_deref(), plan.helpdesk.as_deref()), (Some("JP"), Some("Call 4711.")));
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
    assert!(person.seen.contains("{text} in an argument") && person.seen.contains("standard input"), "{}", person.seen);
    // Enter does not keep values that 0.1.0 accepted but are wrong.
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
    let Some(Phone::Section(infobip)) = phone(&mut person, &loaded(old)).unwrap() else { panic!("{}", person.seen) };
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
fn back_leads_from_any_gateway_to_the_choice_of_another() {
    for (kind, before) in [
        ("webhook", &[][..]),
        ("webhook", &["https://sms.example.org/", ""]),
        ("twilio", &[]),
        ("command", &[]),
        ("modem", &[]),
        ("sinch", &["plan"]),
    ] {
        let answers: Vec<_> = [&[kind][..], before, &["Back", "none"]].concat();
        let mut person = Script::of(&answers);
        let given = phone(&mut person, &loaded("")).unwrap();
        assert!(matches!(given, Some(Phone::None)) && person.answers.is_empty(), "{kind}: {}", person.seen);
        assert!(person.seen.contains("back: choose another way"), "{}", person.seen);
    }
    // Where nobody answers any more, it is no way back.
    phone(&mut Script::of(&["webhook"]), &loaded("")).unwrap_err();
}

#[test]
fn enter_all_the_way_keeps_what_the_settings_have() {
    let settings = "[scope]\nenable = \"all\"\n[email]\ngateway = \"smtp\"\nsmtp = \"smtp://h\"\nfrom = \"a@b.org\"\n\
                    username = \"u\"\npassword_file = \"/p\"\n[helpdesk]\ntext = \"Call.\"\n";
    let mut person = Script::of(&["", "", "", "", "", "", ""]);
    let plan = plan(&mut person, &loaded(settings), Plan::default()).unwrap();
    assert!(person.answers.is_empty());
    assert_eq!(plan.scope.unwrap().0, Enable::All);
    assert!(matches!(plan.mail, Some(Mail::Smtp { url, password: None, .. }) if url == "smtp://h"));
    assert!(matches!(plan.phone, Some(Phone::None)));
    assert_eq!(plan.helpdesk.as_deref(), Some("Call."));
}

#[test]
fn what_the_command_line_says_is_not_asked() {
    let mut person = Script::of(&[""]);
    let given = Plan {
        scope: Some((Enable::All, vec!["all".into()])),
        mail: Some(Mail::None),
        phone: Some(Phone::None),
        ..Plan::default()
    };
    assert_eq!(plan(&mut person, &loaded(""), given).unwrap().helpdesk.as_deref(), Some(""));
}
