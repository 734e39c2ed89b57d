//! The settings as they are written: what is valid, and what is shown.

use std::path::Path;

use super::*;

mod files;
mod mistakes;

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
    // Entra is asked by the same proxy, whatever the gateway.
    let entra = "[phone]\ngateway = \"modem\"\nproxy = \"http://h\"\nproxy_user = \"u\"\nproxy_password_file = \"/x\"\n\
                 [contacts.entra]\ntenant = \"contoso.onmicrosoft.com\"\nsecret_file = \"/s\"\n\
                 client_id = \"535fb089-9ff3-47b6-9bfb-4f1264799865\"\ndomains = [\"contoso.com\"]\n";
    assert_eq!(files(entra), ["phone.proxy_password_file=/x"]);
}

#[test]
fn a_machine_is_a_server_of_people_of_a_directory_or_a_host_without_one_and_never_both() {
    let directory = "[directory]\nkind = \"openldap\"\nservers = [\"ldaps://l.example.org\"]\nbase = \"dc=example\"\n\
                     bind = \"cn=sspr\"\npassword_file = \"/p\"\n";
    let (server, host) = ("[server]\nlisten = \"[::]:7142\"\n", "[fleet]\nservers = [\"r.example.org:7142\"]\n");
    let read = |parts: &[&str]| parse(&parts.concat(), Path::new("sspr.toml"));
    let settings = read(&[directory, server]).unwrap();
    assert_eq!(settings.server.reached_by("r.example.org"), ["r.example.org:7142"]);
    assert!(read(&[host]).unwrap().fleet.is_on());
    let balanced =
        read(&["[server]\nproxies = [\"192.0.2.10\", \"::ffff:192.0.2.11\"]\n"]).unwrap().server.balanced_by();
    assert_eq!(balanced.iter().map(ToString::to_string).collect::<Vec<_>>(), ["192.0.2.10", "192.0.2.11"]);
    let proxy = "[fleet]\nproxy = \"http://[2001:db8::1]:3128/\"\n";
    assert!(!read(&[proxy]).unwrap().fleet.is_on(), "a proxy is set before the host joins");
    assert!(read(&[server, "local_accounts = true\n"]).is_ok(), "it serves the hosts' own accounts alone");
    for (parts, why) in [
        (vec![server], "[directory] first"),
        (vec![directory, server, host], "server itself"),
        (vec![directory, host], "remove [directory]"),
        (vec![directory, "[server]\nlisten = \"7142\"\n"], "no address with a port"),
        (vec![directory, "[server]\nlisten = \"[::]:0\"\n"], "no address with a port"),
        (vec!["[server]\nnames = [\"r.example.org\"]\n"], "no name with a port"),
        (vec!["[server]\nproxies = [\"192.0.2.0/24\"]\n"], "no address"),
        (vec!["[server]\nkey_file = \"server.key\"\n"], "full path"),
        (vec!["[server]\nfirst_contact_wait = \"31d\"\n"], "at most"),
        (vec!["[fleet]\nservers = [\"r\"]\n"], "no name with a port"),
        (vec!["[fleet]\nproxy = \"proxy:3128\"\n"], "http://proxy.example.org:3128"),
        (vec!["[fleet]\nproxy = \"https://proxy:3128\"\n"], "http://proxy.example.org:3128"),
        (vec!["[fleet]\nproxy = \"http://proxy\"\n"], "with its port"),
        (vec!["[fleet]\nproxy = \"http://me:secret@proxy:3128\"\n"], "without a password"),
    ] {
        let error = read(&parts).unwrap_err().to_string();
        assert!(error.contains(why), "{parts:?}: {error}");
    }
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
