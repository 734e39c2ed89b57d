//! The settings file as an administrator gets it wrong.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
};

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
        "sspr.toml:3: there is no setting \"lifetme\" in [code]; did you mean \"lifetime\"?"
    );
    assert!(error("\n[emial]\n").starts_with("sspr.toml:2: there is no section [emial]; did you mean [email]?"));
    assert!(error("[code]\nzzzzzzzzzz = 1\n").contains("there are digits, lifetime, tries, resend_after"));
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn a_bad_value_is_refused_with_its_line_and_the_way_out() {
    for (text, want) in [
        ("[code]\nlifetime = \"ten\"\n", "sspr.toml:2: code.lifetime: \"ten\" is not a duration"),
        ("[code]\nlifetime = \"11m\"\n", "sspr.toml:2: lifetime = \"11m\" is too long"),
        ("[code]\ndigits = 4\n", "sspr.toml:2: digits = 4 is out of range; it can be 6 to 8"),
        (
            "[register]\nmin_typing_ms = 5001\n",
            "sspr.toml:2: min_typing_ms = 5001 is out of range; it can be 0 to 5000",
        ),
        ("[limits]\nfailed_proofs = 0\n", "sspr.toml:2: failed_proofs = 0 is out of range"),
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
            "[email]\ngateway = \"smtp\"\nsmtp = \"smtp://h:abc\"\nfrom = \"a@b.org\"\n",
            "sspr.toml:3: smtp = \"smtp://h:abc\" has no port \"abc\"",
        ),
        (
            "[email]\ngateway = \"smtp\"\nsmtp = \"smtps://[::1]:65536\"\nfrom = \"a@b.org\"\n",
            "sspr.toml:3: smtp = \"smtps://[::1]:65536\" has no port \"65536\"",
        ),
        (
            "[email]\ngateway = \"smtp\"\nsmtp = \"smtp://u:p@h\"\nfrom = \"a@b.org\"\n",
            "sspr.toml:3: smtp is scheme, host and port alone",
        ),
        (
            "[email]\ngateway = \"smtp\"\nsmtp = \"smtp://h\"\nfrom = \"a@b.org\"\nusername = \"u\"\n",
            "sspr.toml:5: username is set but password_file is not",
        ),
        ("[email]\ntimeout = \"1s\"\n", "sspr.toml:2: timeout = \"1s\" can be \"5s\" to \"10m\""),
        ("[phone]\ngateway = \"twilio\"\n", "sspr.toml:2: gateway is \"twilio\", but there is no [phone.twilio]"),
        ("[phone]\nvoice = true\n", "sspr.toml:2: voice = true needs gateway = \"twilio\""),
        (
            "[phone]\ngateway = \"modem\"\nvoice = true\n",
            "sspr.toml:3: voice = true needs gateway = \"twilio\"; no other gateway makes calls",
        ),
        (
            "[phone]\ngateway = \"modem\"\n[phone.modem]\ndevice = \"\"\n",
            "sspr.toml:4: device = \"\" names no modem; write its IMEI",
        ),
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
            "[phone]\ngateway = \"command\"\n[phone.command]\nargv = [\"/bin/send\", \"{to}\"]\nstdin = false\n",
            "sspr.toml:5: the message goes nowhere",
        ),
        (
            "[phone]\ngateway = \"command\"\n[phone.command]\nargv = [\"/bin/send\", \"{to}\"]\ntimeout = \"46s\"\n",
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
            "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"http://127.0.0.1:1@evil.org/\"\n",
            "sspr.toml:4: url has a user name or an odd host",
        ),
        (
            "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"http://[::1]evil.org/\"\n",
            "sspr.toml:4: url has a user name or an odd host",
        ),
        (
            "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"https://sms.example.org\\\\@evil.org/\"\n",
            "sspr.toml:4: url has a user name or an odd host",
        ),
        (
            "[phone]\ngateway = \"twilio\"\n[phone.twilio]\naccount_sid = \"AC0123456789abcdef0123456789abcdef\"\n\
             token_file = \"/t\"\nfrom = \"+15005550006\"\nurl = \"http://127.0.0.1:1@evil.org/\"\n",
            "sspr.toml:7: url has a user name or an odd host",
        ),
        (
            "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"https://sms.example.org/\"\n",
            "nothing in url or body has {to}",
        ),
        (
            "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"https://h/?k={token}\"\nbody = { a = \"{to}{text}\" }\n",
            "sspr.toml:4: url has {token}, but token_file is not set",
        ),
        (
            "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"https://h/{number}{text}\"\nbody = { at = 2026-11-29 }\n",
            "sspr.toml:5: phone.webhook.body",
        ),
        (
            "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"https://h/\"\nencoding = \"form\"\n\
             body = { to = [\"{to}\"], m = \"{text}\" }\n",
            "sspr.toml:6: a form has keys and values alone",
        ),
        (
            "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"https://h/{to}{text}\"\nsecret_files = { to = \"/t\" }\n",
            "sspr.toml:5: {to} means something else already",
        ),
        (
            "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"https://h/{to}{text}\"\nsecret_files = { \"A b\" = \"/t\" }\n",
            "sspr.toml:5: \"A b\" can't stand in braces",
        ),
        (
            "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"https://h/{to}{text}\"\nuser = \"u\"\n",
            "sspr.toml:5: user is set but password_file is not",
        ),
        (
            "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"https://h/{to}{text}\"\nsuccess_field = \"a.0.b\"\n",
            "sspr.toml:3: success_field is set, but no value of it means success",
        ),
        (
            "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"https://h/{to}{text}\"\nid_field = \"a..b\"\n",
            "sspr.toml:5: id_field is keys and places with dots between",
        ),
        (
            "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"https://h/{to}{text}\"\nretry_values = [\"1\"]\n",
            "sspr.toml:5: retry_values needs success_field or error_field",
        ),
        (
            "[phone]\ngateway = \"sinc\"\n",
            "sspr.toml:2: phone.gateway can't be \"sinc\"; it can be \"spool\", \"twilio\", \"webhook\", \"command\", \"modem\", \"vonage\"",
        ),
        (
            "[phone]\ngateway = \"vonage\"\n",
            "sspr.toml:2: gateway is \"vonage\", but there is no [phone.provider] with account,",
        ),
        (
            "[phone]\ngateway = \"vonage\"\n[phone.provider]\ntoken_file = \"/t\"\nfrom = \"Example\"\n",
            "sspr.toml:3: account is not set; it is the API key of Vonage",
        ),
        (
            "[phone]\ngateway = \"bird\"\n[phone.provider]\naccount = \"a\"\ntoken_file = \"/t\"\nfrom = \"Example\"\n",
            "sspr.toml:4: Bird knows the account by its access key; leave account out",
        ),
        (
            "[phone]\ngateway = \"infobip\"\n[phone.provider]\ntoken_file = \"/t\"\nfrom = \"Example\"\n",
            "sspr.toml:3: url is not set; each customer of Infobip has an address of its own",
        ),
        (
            "[phone]\ngateway = \"bird\"\n[phone.provider]\nurl = \"http://sms.example.org\"\ntoken_file = \"/t\"\nfrom = \"a\"\n",
            "sspr.toml:4: url has no encryption",
        ),
        (
            "[phone]\ngateway = \"command\"\nproxy = \"http://proxy.example.org:3128\"\n[phone.command]\nargv = [\"/bin/send\", \"{to}\"]\n",
            "sspr.toml:3: proxy is for gateways that are asked by HTTP, and gateway = \"command\" is not; leave proxy out",
        ),
        (
            "[phone]\nca_file = \"/etc/sspr/ca.pem\"\n",
            "sspr.toml:2: ca_file is for gateways that are asked by HTTP, and gateway = \"spool\" is not",
        ),
        (
            "[phone]\ngateway = \"bird\"\nproxy = \"proxy.example.org:3128\"\n",
            "sspr.toml:3: proxy = \"proxy.example.org:3128\" can't be used; write it as http://",
        ),
        (
            "[phone]\ngateway = \"bird\"\nproxy = \"http://a:b@h:1\"\n",
            "sspr.toml:3: proxy is scheme, host and port alone",
        ),
        (
            "[phone]\ngateway = \"bird\"\nproxy = \"http://h:0\"\n",
            "sspr.toml:3: proxy = \"http://h:0\" has no host, or something odd",
        ),
        (
            "[phone]\ngateway = \"bird\"\nproxy = \"http://h/x\"\n",
            "sspr.toml:3: proxy = \"http://h/x\" has no host, or something odd",
        ),
        ("[phone]\ngateway = \"bird\"\nproxy_user = \"u\"\n", "sspr.toml:3: proxy_user is set, but proxy is not"),
        (
            "[phone]\ngateway = \"bird\"\nproxy = \"http://h\"\nproxy_user = \"u\"\n",
            "sspr.toml:4: proxy_user is set but proxy_password_file is not",
        ),
        (
            "[phone]\ngateway = \"twilio\"\n[phone.twilio]\naccount_sid = \"AC00000000000000000000000000000000\"\n\
             api_key = \"AC00000000000000000000000000000000\"\ntoken_file = \"/t\"\nfrom = \"Example\"\n",
            "sspr.toml:5: api_key must be SK and 32 hexadecimal digits",
        ),
        (
            "[phone]\ngateway = \"twilio\"\n[phone.twilio]\naccount_sid = \"AC00000000000000000000000000000000\"\n\
             token_file = \"/t\"\nfrom = \"A name that is too long\"\n",
            "sspr.toml:6: from must be a number such as \"+15005550006\", a short code, a name",
        ),
        ("[helpdesk]\ntext = \"a\\nb\"\n", "sspr.toml:2: text must be one line"),
        (
            "[texts]\nlanguage = \"is\"\n",
            "sspr.toml:2: language = \"is\" is not known; it can be \"auto\" or one of en, ja",
        ),
        ("[texts]\ntemplates = \"templates\"\n", "sspr.toml:2: templates must be a full path"),
        ("[notify]\nadmins = [\"root\"]\n", "sspr.toml:2: \"root\" in admins is not a mail address"),
        ("[directory]\nkind = \"openldap\"\n", "sspr.toml:1: kind is set, but no server is named"),
        ("[directory]\nservers = [\"ldap.example.org\"]\n", "sspr.toml:2: \"ldap.example.org\" has no scheme"),
        (
            "[directory]\nkind = \"openldap\"\nservers = [\"ldaps://h\"]\nbase = \"example.org\"\n",
            "sspr.toml:4: base must say where people are",
        ),
        (
            "[directory]\nkind = \"openldap\"\nservers = [\"ldaps://h\"]\nbase = \"dc=example\"\n",
            "sspr.toml:1: bind is not set; only a server at ldapi:// knows the program without",
        ),
        (
            "[directory]\nkind = \"389ds\"\nservers = [\"ldaps://h\"]\nbase = \"dc=example\"\nbind = \"cn=r\"\n",
            "sspr.toml:5: bind is set but password_file is not",
        ),
        (
            "[directory]\nkind = \"ad\"\nservers = [\"ldapi:///run/ldapi\"]\nbase = \"dc=example\"\n",
            "sspr.toml:3: kind = \"ad\" takes a password over TLS alone",
        ),
        (
            "[directory]\nkind = \"openldap\"\nservers = [\"ldapi:///s\"]\nbase = \"dc=x\"\npassword = \"kerberos\"\n",
            "password = \"kerberos\" needs realm",
        ),
        (
            "[directory]\nkind = \"ad\"\nservers = [\"ldaps://h\"]\nbase = \"dc=x\"\npassword = \"kerberos\"\n",
            "sspr.toml:5: password = \"kerberos\" is for a KDC of MIT Kerberos",
        ),
        (
            "[directory]\nkind = \"openldap\"\nservers = [\"ldapi:///s\"]\nbase = \"dc=x\"\nrealm = \"R\"\n",
            "sspr.toml:5: realm is set, but password is not",
        ),
        (
            "[directory]\nkind = \"openldap\"\nservers = [\"ldapi:///s\"]\nbase = \"dc=x\"\npassword = \"kerberos\"\n\
             realm = \"R\"\nadmin_principal = \"-q@R\"\nkeytab = \"/k\"\n",
            "sspr.toml:7: admin_principal = \"-q@R\" is no principal",
        ),
        ("[directory]\nfilter = \"uid=*\"\n", "sspr.toml:2: filter = \"uid=*\" is no LDAP filter"),
        ("[directory]\nfilter = \"(uid=a)(b=c)\"\n", "sspr.toml:2: filter = \"(uid=a)(b=c)\" is no LDAP filter"),
        ("[directory]\nfilter = \"(posixAccount)\"\n", "sspr.toml:2: filter = \"(posixAccount)\" is no LDAP filter"),
        ("[directory]\nname_attribute = \"uid)(cn\"\n", "sspr.toml:2: name_attribute = \"uid)(cn\" is no attribute"),
        ("[directory]\nca_file = \"ca.pem\"\n", "sspr.toml:2: ca_file must be a full path"),
        ("[directory]\nkind = \"novell\"\n", "sspr.toml:2: directory.kind can't be \"novell\"; it can be \"openldap\""),
        ("[contacts.directory]\nemail = \"mail)(\"\n", "sspr.toml:2: email = \"mail)(\" is no attribute"),
        ("[contacts.directory]\nemail = \"mail\"\n", "sspr.toml:2: email is set, but there is no directory"),
        ("[contacts.directory]\nevery = \"1m\"\n", "sspr.toml:2: every = \"1m\" can be \"15m\" to \"30d\""),
        ("[contacts.directory]\nquiet_days = 0\n", "sspr.toml:2: quiet_days = 0 is out of range; it can be 1 to 90"),
        (
            "[contacts.directory]\nphone = \"mobile\"\n[register]\nmethods = [\"email\", \"app\"]\n[directory]\nkind = \"openldap\"\n\
             servers = [\"ldapi:///s\"]\nbase = \"dc=x\"\n",
            "sspr.toml:2: phone is set, but [register] methods does not name \"phone\"",
        ),
        (
            "[contacts.entra]\ntenant = \"a/../b\"\nclient_id = \"c\"\nsecret_file = \"/s\"\n",
            "sspr.toml:2: tenant = \"a/../b\" is not an id",
        ),
        (
            "[contacts.entra]\ntenant = \"a\"\nclient_id = \"c\"\nsecret_file = \"s\"\n",
            "sspr.toml:4: secret_file must be a full path",
        ),
        (
            "[contacts.entra]\ntenant = \"a\"\nclient_id = \"c\"\nsecret_file = \"/s\"\ngraph_url = \"http://graph.example.org\"\n",
            "sspr.toml:5: graph_url has no encryption",
        ),
        (
            "[contacts.entra]\ntenant = \"a\"\nclient_id = \"c\"\nsecret_file = \"/s\"\nname = \"mail\"\n",
            "sspr.toml:5: contacts.entra.name can't be \"mail\"; it can be \"onPremisesSamAccountName\"",
        ),
        (
            "[directory]\nkind = \"openldap\"\nservers = [\"ldapi:///s\"]\nbase = \"dc=x\"\n[contacts.directory]\nemail = \"mail\"\n\
             [contacts.entra]\ntenant = \"a\"\nclient_id = \"c\"\nsecret_file = \"/s\"\n",
            "sspr.toml:8: contacts come from [contacts.directory] already",
        ),
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
            "[phone]\ngateway = \"command\"\n[phone.command]\nargv = [\"/bin/send\", \"{{to}}\"]\n\
             timeout = \"{timeout}\"\n"
        );
        parse(&text, Path::new("sspr.toml"))
    };
    assert!(with("45s").is_ok());
    assert!(with("1m").unwrap_err().to_string().contains("timeout = \"1m\" is too long"));
}

#[test]
fn a_program_that_would_get_a_code_in_an_argument_keeps_no_agent_from_starting_and_is_named_with_the_way_out() {
    for (argv, rest, slot) in [
        (r#""-text", "{text}""#, "", "{text}"),
        (r#""--code={code}""#, "stdin = true", "{code}"),
        (r#""{text}""#, "stdin = false", "{text}"),
    ] {
        let text = format!(
            "[phone]\ngateway = \"command\"\n[phone.command]\nargv = [\"/bin/send\", \"{{to}}\", {argv}]\n{rest}\n"
        );
        let exposed = parse(&text, Path::new("sspr.toml")).unwrap().shown_message().unwrap_or_else(|| panic!("{text}"));
        assert_eq!((exposed.section, exposed.key), ("phone.command", "argv"));
        assert!(exposed.why.contains(&format!("{slot} in an argument")) && exposed.why.contains("standard input"));
        // One that is not in use shows nothing.
        let unused = text.replace("gateway = \"command\"", "gateway = \"spool\"");
        assert_eq!(parse(&unused, Path::new("sspr.toml")).unwrap().shown_message(), None);
    }
    let good = "[phone]\ngateway = \"command\"\n[phone.command]\nargv = [\"/bin/send\", \"{to}\"]\n";
    assert_eq!(parse(good, Path::new("sspr.toml")).unwrap().shown_message(), None);
}

#[test]
fn a_file_that_is_missing_a_directory_or_writable_by_others_is_refused_with_the_fix() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sspr.toml");
    assert!(load(&path).unwrap_err().to_string().contains("there is no such file"));
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    assert!(load(&path).unwrap_err().to_string().contains("run: chmod 0644"));
    // The directory, as `chown sspr /etc/sspr` or a generous mode leaves it.
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    load(&path).unwrap();
    let home = path.parent().unwrap();
    // A group of administrators may write in it, as 0.1.0 had it; everybody may not.
    fs::set_permissions(home, fs::Permissions::from_mode(0o2775)).unwrap();
    load(&path).unwrap();
    fs::set_permissions(home, fs::Permissions::from_mode(0o757)).unwrap();
    assert!(load(&path).unwrap_err().to_string().contains(&format!("run: chmod o-w {}", home.display())));
    fs::set_permissions(home, fs::Permissions::from_mode(0o755)).unwrap();
    if std::os::unix::fs::chown(home, Some(996), None).is_ok() {
        let why = load(&path).unwrap_err().to_string();
        assert!(why.contains(&format!("belongs to uid 996; run: chown root:root {}", home.display())), "{why}");
    }
    std::os::unix::fs::chown(home, Some(fs::metadata(&path).unwrap().uid()), None).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(load(&path).unwrap(), Settings::default());
    fs::write(&path, [b'#', 0xff, 0xfe]).unwrap();
    assert!(load(&path).unwrap_err().to_string().contains("can't be read as text"));
    fs::write(&path, "#".repeat((1 << 20) + 1)).unwrap();
    assert!(load(&path).unwrap_err().to_string().contains("larger than 1 MiB"));
    assert!(load(dir.path()).unwrap_err().to_string().contains("not a regular file"));
}

#[test]
fn what_is_wrong_with_a_line_is_said_in_plain_words_with_the_key_and_what_can_stand_there() {
    for (text, want) in [
        ("[code]\ndigits = 6\ndigits = 7\n", "sspr.toml:3: digits was already set on line 2; keep one of the two"),
        (
            "[code]\ndigits = 6\n[scope]\n[code]\ntries = 3\n",
            "sspr.toml:4: [code] was already set on line 1; keep one of the two",
        ),
        (
            "[register]\nmode = \"always\"\n",
            "sspr.toml:2: register.mode can't be \"always\"; it can be \"off\", \"skippable\" or \"required\"",
        ),
        (
            "[register]\nmethods = [\"email\", \"fax\"]\n",
            "sspr.toml:2: register.methods can't be \"fax\"; it can be \"email\", \"phone\" or \"app\"",
        ),
        (
            "[scope]\nenable = \"everybody\"\n",
            "sspr.toml:2: scope.enable can't be \"everybody\"; it can be \"none\", \"all\" or a list of groups such as [\"staff\"]",
        ),
        (
            "[scope]\nenable = 1\n",
            "sspr.toml:2: scope.enable can't be 1; it can be \"none\", \"all\" or a list of groups such as [\"staff\"]",
        ),
        (
            "[code]\ndigits = \"six\"\n",
            "sspr.toml:2: code.digits can't be \"six\"; it takes a whole number, without quotes, such as: digits = 6",
        ),
        ("[code]\ndigits = 300\n", "sspr.toml:2: code.digits can't be 300; it can be 0 to 255, such as: digits = 6"),
        ("[code]\ndigits = -1\n", "sspr.toml:2: code.digits can't be -1; it can be 0 to 255, such as: digits = 6"),
        (
            "[notify]\nrecovery = \"yes\"\n",
            "sspr.toml:2: notify.recovery can't be \"yes\"; it can be true or false, without quotes, such as: recovery = true",
        ),
        (
            "[scope]\nexclude = \"guest\"\n",
            "sspr.toml:2: scope.exclude can't be \"guest\"; it takes a list in square brackets, such as: exclude = []",
        ),
        (
            "[email]\nfrom = 7\n",
            "sspr.toml:2: email.from can't be 7; it takes text in quotes, such as: from = \"Password reset <no-reply@example.org>\"",
        ),
        ("code = 6\n", "sspr.toml:1: code is a section; write [code] in a line of its own and its keys below"),
        (
            "[code]\n[code.digits]\nx = 1\n",
            "sspr.toml:2: digits is a key of [code], not a section; write a line such as: digits = 6",
        ),
        ("lifetime = \"5m\"\n", "sspr.toml:1: lifetime is outside its section; it belongs below [code]"),
        (
            "[code]\nmin_length = 9\n",
            "sspr.toml:2: there is no setting \"min_length\" in [code]; it belongs below [password]",
        ),
        (
            "[phone]\ngateway = \"twilio\"\n[phone.twilio]\nfrom = \"+15005550006\"\ntoken_file = \"/t\"\n",
            "sspr.toml:3: [phone.twilio] lacks account_sid; add a line such as: account_sid = \"AC00000000000000000000000000000000\"",
        ),
        ("[code\n", "sspr.toml:1: the name of the section is not closed; write it as [code]"),
        (
            "[code]\ndigits\n",
            "sspr.toml:2: this is neither a section such as [code] nor a key with a value such as digits = 6",
        ),
        ("[code]\ndigits =\n", "sspr.toml:2: digits has no value; write one after the =, or put a # before the line"),
        ("[email]\nfrom = a@b.org\n", "sspr.toml:2: text needs quotes; write from = \"a@b.org\""),
        (
            "[email]\nfrom = \"a@b.org\n",
            "sspr.toml:2: the text of from has one quote too few; write it as from = \"...\"",
        ),
        ("[scope]\nenable = [\"a\"\n[code]\n", "sspr.toml:"),
    ] {
        let got = error(text);
        assert!(got.starts_with(want), "{text:?}\n  got  {got}\n  want {want}");
        for raw in ["expected", "invalid", "TOML", "serde", "struct", "u8", "`"] {
            assert!(!got.contains(raw), "a library's own words: {got}");
        }
    }
}

#[test]
fn twilio_takes_every_kind_of_sender_and_only_a_number_has_a_voice() {
    let with = |from: &str, more: &str| {
        let text = format!(
            "[phone]\ngateway = \"twilio\"\n{more}[phone.twilio]\naccount_sid = \"AC00000000000000000000000000000000\"\n\
             api_key = \"SK00000000000000000000000000000000\"\ntoken_file = \"/t\"\nfrom = \"{from}\"\n"
        );
        parse(&text, Path::new("sspr.toml")).map(drop).map_err(|e| e.to_string())
    };
    for from in ["+15005550006", "12345", "MG00000000000000000000000000000000", "Example", "Acme & Co", "MG Bank", "A1"]
    {
        assert_eq!(with(from, ""), Ok(()), "{from}");
        assert_eq!(with(from, "voice = true\n").is_ok(), from.starts_with('+'), "{from}");
    }
    for from in ["", "12", "123456789", " Example", "Exämple", "Example{to}", "+1", "Twelve chars"] {
        assert!(with(from, "").unwrap_err().contains("from must be a number"), "{from}");
    }
}

#[test]
fn secrets_of_gateways_are_named_as_far_as_they_are_in_use() {
    let files = |text: &str| {
        let phone = parse(text, Path::new("sspr.toml")).unwrap().phone;
        phone.secret_files().into_iter().map(|(s, k, f)| format!("{s}.{k}={}", f.display())).collect::<Vec<_>>()
    };
    let webhook = "[phone.webhook]\nurl = \"https://h/{to}{text}\"\ntoken_file = \"/t\"\nsecret_files = { a = \"/a\" }\n\
                   user = \"u\"\npassword_file = \"/p\"\n";
    assert_eq!(files(webhook), Vec::<String>::new());
    assert_eq!(
        files(&format!("[phone]\ngateway = \"webhook\"\n{webhook}")),
        ["phone.webhook.token_file=/t", "phone.webhook.secret_files=/a", "phone.webhook.password_file=/p"]
    );
    let bird = "[phone]\ngateway = \"bird\"\nproxy = \"http://h\"\nproxy_user = \"u\"\nproxy_password_file = \"/x\"\n\
                [phone.provider]\ntoken_file = \"/t\"\nfrom = \"Example\"\n";
    assert_eq!(files(bird), ["phone.provider.token_file=/t", "phone.proxy_password_file=/x"]);
}

/// A directory with `sspr.toml` and drop-ins.
fn written(main: &str, drop_ins: &[(&str, &str)]) -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sspr.toml");
    let put = |path: &Path, text: &str| {
        fs::write(path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    };
    put(&path, main);
    fs::create_dir(drop_ins_of(&path)).unwrap();
    fs::set_permissions(drop_ins_of(&path), fs::Permissions::from_mode(0o755)).unwrap();
    for (name, text) in drop_ins {
        put(&drop_ins_of(&path).join(name), text);
    }
    (dir, path)
}

fn drop_ins_of(path: &Path) -> std::path::PathBuf {
    super::drop_ins(path)
}

#[test]
fn drop_ins_are_laid_over_the_file_in_the_order_of_their_names_key_by_key_and_lists_as_a_whole() {
    let (_dir, path) = written(
        "[scope]\nenable = [\"staff\", \"admins\"]\nmin_uid = 500\n[code]\ndigits = 7\n",
        &[
            ("50-enable.toml", "[scope]\nenable = [\"students\"]\n"),
            ("40-setup.toml", "[scope]\nenable = \"all\"\n[code]\ntries = 3\n"),
            (".hidden.toml", "not read"),
            ("60-old.toml.dpkg-old", "not read"),
        ],
    );
    let settings = load(&path).unwrap();
    assert_eq!(settings.scope.enable, Enable::Groups(vec!["students".into()]));
    assert_eq!((settings.scope.min_uid, settings.code.digits, settings.code.tries), (500, 7, 3));
}

#[test]
fn it_can_be_told_where_each_value_comes_from() {
    let (_dir, path) = written(
        "[scope]\nenable = \"none\"\nmin_uid = 500\n",
        &[("50-enable.toml", "# by hand\n[scope]\nenable = \"all\"\n")],
    );
    let loaded = load_with_origins(&path).unwrap();
    let drop_in = drop_ins_of(&path).join("50-enable.toml");
    assert_eq!(loaded.files, [path.clone(), drop_in.clone()]);
    assert_eq!(loaded.origin("scope", "enable"), Some(&Origin { path: drop_in, line: 3 }));
    assert_eq!(loaded.origin("scope", "min_uid"), Some(&Origin { path, line: 3 }));
    assert_eq!(loaded.origin("scope", "exclude"), None);
    let effective = loaded.effective();
    let get = |section: &str, key: &str| effective.iter().find(|e| e.section == section && e.key == key).unwrap();
    assert_eq!(get("scope", "enable").value, Some("all".into()));
    assert_eq!(
        (get("code", "lifetime").value.clone(), get("code", "lifetime").origin.clone()),
        (Some("10m".into()), None)
    );
    assert_eq!(get("email", "smtp").value, None);
    assert!(!effective.iter().any(|e| e.section == "phone.twilio"), "a gateway that is not set up is left out");
}

#[test]
fn every_key_that_has_an_effect_is_shown() {
    let shown: Vec<String> = words::shipped().map(|(section, key, _)| format!("{section}.{key}")).collect();
    let table = toml::Table::try_from(Settings::default()).unwrap();
    let mut sections: Vec<_> = table.iter().map(|(name, keys)| (name.clone(), keys.as_table().unwrap())).collect();
    while let Some((section, keys)) = sections.pop() {
        for (key, value) in keys {
            match value.as_table() {
                Some(inner) if !shown.contains(&format!("{section}.{key}")) => {
                    sections.push((format!("{section}.{key}"), inner));
                }
                _ => assert!(shown.contains(&format!("{section}.{key}")), "{section}.{key} is not in the shipped file"),
            }
        }
    }
}

#[test]
fn a_mistake_is_said_with_the_file_that_made_it_also_between_keys() {
    for (main, drop_in, want) in [
        ("", "[code]\nlifetme = \"5m\"\n", "sspr.toml.d/50.toml:2: there is no setting \"lifetme\""),
        ("", "[code\n", "sspr.toml.d/50.toml:1: the name of the section"),
        ("[code]\ndigits = 9\n", "[code]\ndigits = 4\n", "sspr.toml.d/50.toml:2: digits = 4 is out of range"),
        ("[code]\ndigits = 4\n", "[code]\ntries = 3\n", "sspr.toml:2: digits = 4 is out of range"),
        (
            "[register]\nmethods = [\"email\"]\n[recover]\nadmin_methods_required = 1\n",
            "\n[recover]\nmethods_required = 2\n",
            "sspr.toml.d/50.toml:3: methods_required is 2",
        ),
        (
            "[email]\ngateway = \"spool\"\n",
            "#\n[email]\ngateway = \"smtp\"\n",
            "sspr.toml.d/50.toml:2: mail is to go by SMTP",
        ),
        ("[code]\ndigits = \"x\"\n", "[scope]\nenable = \"all\"\n", "sspr.toml:2: code.digits can't be"),
        ("[code]\ndigits = \"x\"\n", "[code]\ndigits = 7\n", ""),
    ] {
        let (_dir, path) = written(main, &[("50.toml", drop_in)]);
        match load(&path) {
            Err(error) => assert!(!want.is_empty() && error.to_string().contains(want), "{error}\n  want {want}"),
            Ok(_) => assert!(want.is_empty(), "{want}"),
        }
    }
}

#[test]
fn a_drop_in_that_others_can_write_is_refused_like_the_file_itself_and_so_is_their_directory() {
    let (_dir, path) = written("", &[("50.toml", "")]);
    let drop_in = drop_ins_of(&path).join("50.toml");
    fs::set_permissions(&drop_in, fs::Permissions::from_mode(0o664)).unwrap();
    let error = load(&path).unwrap_err().to_string();
    assert!(error.contains("50.toml: is writable by others") && error.contains("run: chmod 0644"), "{error}");
    fs::set_permissions(&drop_in, fs::Permissions::from_mode(0o644)).unwrap();
    fs::set_permissions(drop_ins_of(&path), fs::Permissions::from_mode(0o777)).unwrap();
    let error = load(&path).unwrap_err().to_string();
    assert!(error.contains("sspr.toml.d: is writable by others") && error.contains("run: chmod 0755"), "{error}");
    fs::set_permissions(drop_ins_of(&path), fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(&drop_in, "#".repeat((1 << 20) + 1)).unwrap();
    assert!(load(&path).unwrap_err().to_string().contains("50.toml: is larger than 1 MiB"));
    fs::remove_file(&drop_in).unwrap();
    fs::create_dir(&drop_in).unwrap();
    assert!(load(&path).unwrap_err().to_string().contains("50.toml: is not a regular file"));
}

#[test]
fn what_a_new_installation_has_counts_below_the_file_and_is_what_the_packages_write() {
    let (_dir, path) = written("[scope]\nenable = \"all\"\n", &[]);
    assert_eq!(load(&path).unwrap().scope.admin_groups, ["sudo", "wheel"]);
    let installed = |script: &str| {
        let rest = script.split_once("installed.toml <<'TOML'\n").unwrap().1;
        rest.split_once("\nTOML\n").unwrap().0.to_owned()
    };
    let text = installed(include_str!("../../../packaging/debian/postinst"));
    assert_eq!(installed(include_str!("../../../packaging/rpm/post.sh")), text);
    let put = |path: &Path, text: &str| {
        fs::write(path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    };
    put(&path.with_file_name("installed.toml"), &text);
    let loaded = load_with_origins(&path).unwrap();
    assert_eq!(loaded.settings.scope.admin_groups, AS_GOOD_AS_ROOT);
    assert_eq!(loaded.settings.scope.enable, Enable::All);
    put(&path, "[scope]\nadmin_groups = [\"ops\"]\n");
    assert_eq!(load(&path).unwrap().scope.admin_groups, ["ops"], "the administrator's word counts");
}
