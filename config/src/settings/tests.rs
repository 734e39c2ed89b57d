//! The settings file as an administrator gets it wrong.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use super::*;

fn error(text: &str) -> String {
    parse(text, Path::new("sspr.toml")).unwrap_err().to_string()
}

#[test]
fn an_empty_file_serves_nobody_and_has_the_documented_defaults() {
    let s = parse("", Path::new("sspr.toml")).unwrap();
    assert_eq!(s, Settings::default());
    assert_eq!(s.scope.enable, Enable::None);
    assert_eq!((s.code.digits, s.code.tries, s.code.lifetime.as_secs()), (6, 5, 600));
    assert_eq!((s.limits.failed_proofs, s.limits.failed_window.as_secs()), (5, 86_400));
}

#[test]
fn the_shipped_file_is_the_defaults() {
    let shipped = include_str!("../../sspr.toml");
    assert_eq!(parse(shipped, Path::new("sspr.toml")).unwrap(), Settings::default());
}

#[test]
fn every_key_that_the_shipped_file_shows_commented_out_is_valid() {
    let shown = include_str!("../../sspr.toml")
        .lines()
        .map(|line| line.strip_prefix('#').filter(|l| l.starts_with('[') || l.contains(" = ")).unwrap_or(line))
        .filter(|line| !line.starts_with('#'))
        .collect::<Vec<_>>()
        .join("\n");
    let table: toml::Table = shown.parse().unwrap_or_else(|e| panic!("{e}\n{shown}"));
    assert!(table.len() >= 11, "every section is shown");
    Settings::deserialize(table).unwrap();
}

#[test]
fn an_unknown_key_is_refused_with_line_and_nearest_key() {
    assert_eq!(
        error("[code]\ndigits = 6\nlifetme = \"5m\"\n"),
        "sspr.toml:3: there is no setting \"lifetme\" here; did you mean \"lifetime\"?"
    );
    assert!(
        error("\n[emial]\n").starts_with("sspr.toml:2: there is no setting \"emial\" here; did you mean \"email\"?")
    );
    assert!(error("[code]\nzzzzzzzzzz = 1\n").contains("known are digits, lifetime, tries, resend_after"));
}

#[test]
fn a_bad_value_is_refused_with_its_line_and_the_way_out() {
    for (text, want) in [
        ("[code]\nlifetime = \"ten\"\n", "sspr.toml:2: \"ten\" is not a duration"),
        ("[code]\nlifetime = \"11m\"\n", "sspr.toml:2: lifetime = \"11m\" is too long"),
        ("[code]\ndigits = 4\n", "sspr.toml:2: digits = 4 is out of range; it can be 6 to 8"),
        ("[scope]\nenable = \"everybody\"\n", "sspr.toml:2: "),
        ("[scope]\nenable = []\n", "sspr.toml:2: enable is an empty list"),
        ("[scope]\nenable = [\"\"]\n", "sspr.toml:2: enable has an empty group name"),
        ("[scope]\nmin_uid = 0\n", "sspr.toml:2: min_uid = 0 would serve root"),
        ("[register]\nmethods = []\n", "sspr.toml:2: methods is empty"),
        ("[register]\nmethods = [\"email\", \"email\"]\n", "sspr.toml:2: methods names the same method twice"),
        ("[register]\nmethods = [\"email\"]\n[recover]\nmethods_required = 2\n", "sspr.toml:4: methods_required is 2"),
        ("[email]\ngateway = \"smtp\"\n", "sspr.toml:1: mail is to go by SMTP, but no server is named"),
        ("[email]\nsmtp = \"smtp://h\"\n", "sspr.toml:1: smtp or from is set"),
        (
            "[email]\ngateway = \"smtp\"\nsmtp = \"mail.example.org\"\nfrom = \"a@b.org\"\n",
            "sspr.toml:3: smtp = \"mail.example.org\" has no scheme",
        ),
        (
            "[email]\ngateway = \"smtp\"\nsmtp = \"smtp+plain://mail.example.org\"\nfrom = \"a@b.org\"\n",
            "sspr.toml:3: smtp+plain:// has no encryption",
        ),
        (
            "[email]\ngateway = \"smtp\"\nsmtp = \"smtp://u:p@h\"\nfrom = \"a@b.org\"\n",
            "sspr.toml:3: smtp is scheme, host and port alone",
        ),
        (
            "[email]\ngateway = \"smtp\"\nsmtp = \"smtp://h\"\nfrom = \"a@b.org\"\nusername = \"u\"\n",
            "sspr.toml:5: username is set but password_file is not",
        ),
        ("[phone]\ngateway = \"twilio\"\n", "sspr.toml:2: gateway is \"twilio\", but there is no [phone.twilio]"),
        ("[phone]\nvoice = true\n", "sspr.toml:2: voice = true needs gateway = \"twilio\""),
        (
            "[phone]\ngateway = \"twilio\"\nvoice = true\n[phone.twilio]\n\
             account_sid = \"AC00000000000000000000000000000000\"\ntoken_file = \"/t\"\n\
             from = \"MG00000000000000000000000000000000\"\n",
            "sspr.toml:7: from must be a number",
        ),
        ("[phone]\ndefault_region = \"Japan\"\n", "sspr.toml:2: default_region = \"Japan\" is not a country"),
        (
            "[phone]\ngateway = \"command\"\n[phone.command]\nargv = [\"send\"]\n",
            "sspr.toml:4: the program \"send\" must be a full path",
        ),
        (
            "[phone]\ngateway = \"command\"\n[phone.command]\nargv = [\"/bin/send\", \"{to}\"]\n",
            "sspr.toml:4: the text goes nowhere",
        ),
        (
            "[phone]\ngateway = \"command\"\n[phone.command]\nargv = [\"/bin/send\", \"{to}\", \"{text}\"]\ntimeout = \"46s\"\n",
            "sspr.toml:5: timeout = \"46s\" is too long; a command may take at most \"45s\"",
        ),
        (
            "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"http://sms.example.org/\"\n",
            "sspr.toml:4: url has no encryption",
        ),
        (
            "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"http://127.0.0.1.evil.org/\"\n",
            "sspr.toml:4: url has no encryption",
        ),
        (
            "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"https://sms.example.org/\"\n",
            "nothing in url or body has {to}",
        ),
        ("[helpdesk]\ntext = \"a\\nb\"\n", "sspr.toml:2: text must be one line"),
        ("[code\n", "sspr.toml:1: "),
    ] {
        let got = error(text);
        assert!(got.contains(want), "{text:?}\n  got  {got}\n  want {want}");
    }
}

#[test]
fn a_command_may_take_as_long_as_its_message_is_left_alone_and_no_longer() {
    let with = |timeout: &str| {
        let text = format!(
            "[phone]\ngateway = \"command\"\n[phone.command]\nargv = [\"/bin/send\", \"{{to}}\", \"{{text}}\"]\n\
             timeout = \"{timeout}\"\n"
        );
        parse(&text, Path::new("sspr.toml"))
    };
    assert!(with("45s").is_ok());
    assert!(with("1m").unwrap_err().to_string().contains("timeout = \"1m\" is too long"));
}

#[test]
fn a_file_that_is_missing_a_directory_or_writable_by_others_is_refused_with_the_fix() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sspr.toml");
    assert!(load(&path).unwrap_err().to_string().contains("there is no such file"));
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    assert!(load(&path).unwrap_err().to_string().contains("run: chmod 0644"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(load(&path).unwrap(), Settings::default());
    fs::write(&path, [b'#', 0xff, 0xfe]).unwrap();
    assert!(load(&path).unwrap_err().to_string().contains("can't be read as text"));
    fs::write(&path, "#".repeat((1 << 20) + 1)).unwrap();
    assert!(load(&path).unwrap_err().to_string().contains("larger than 1 MiB"));
    assert!(load(dir.path()).unwrap_err().to_string().contains("not a regular file"));
}
