//! An administrator sets the service up, inspects it, changes it and removes it again.

use std::collections::BTreeMap;

use sspr_tests::{Image, Machine, Terminal};

const PASSWORD: &str = "rain on a tin roof";

/// Saves what a user sees in `$SSPR_TEST_SCREENS`, for inspection.
pub(crate) fn screen(terminal: &Terminal, name: &str) {
    if let Some(directory) = std::env::var_os("SSPR_TEST_SCREENS") {
        let _ = std::fs::write(std::path::Path::new(&directory).join(name), terminal.screen());
    }
}

/// Every file and link below `/etc` with its content, owner, mode and time of change.
pub(crate) fn etc(machine: &Machine) -> BTreeMap<String, String> {
    let list = machine.must(
        "cd /etc && find . ! -type d -printf '%p\\t%U:%G %m %l ' -exec sh -c \
             'test -f \"$1\" && sha256sum <\"$1\" || echo' sh {} \\;",
    );
    list.lines().filter_map(|line| line.split_once('\t')).map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
}

fn times(machine: &Machine) -> String {
    machine.must("find /etc /var/lib/sspr-setup /var/lib/pam ! -type d -printf '%p %T@ %i\\n' | sort")
}

/// A fresh machine with the package, a mail server and a gateway, and nothing set up.
pub(crate) fn fresh() -> Machine {
    let machine = Machine::with(Image::installed())
        .with_mail()
        .with_gateway()
        .user("alice", PASSWORD)
        .prepare(
            "rm -f /etc/sspr/smtp-password /etc/sspr/twilio-token
             echo 'smtp of the tests' >/root/smtp-password
             echo 0f1e2d3c4b5a69788796a5b4c3d2e1f0 >/root/twilio-token",
        )
        .boot();
    // As the package ships it.
    machine.must("dpkg-deb --fsys-tarfile /root/sspr.deb | tar -xO ./etc/sspr/sspr.toml >/etc/sspr/sspr.toml && systemctl restart sspr-agent");
    machine
}

const BY_FLAGS: &str = "sspr setup --scope all --smtp smtp://mail.example.org:587 --from no-reply@example.org \
    --smtp-user sspr --smtp-password-file /root/smtp-password \
    --phone twilio --twilio-account AC0123456789abcdef0123456789abcdef --twilio-from +15005550006 \
    --twilio-token-file /root/twilio-token --twilio-url http://127.0.0.1:8080 --region JP --helpdesk 'Call 4711.'";

#[test]
fn by_flags_a_fresh_package_is_set_up_alice_registers_and_recovers_a_second_run_has_nothing_to_do_and_undo_leaves_no_trace()
 {
    let machine = fresh();
    let before = etc(&machine);

    let would = machine.run(&format!("{BY_FLAGS} --check"));
    assert_eq!(would.code, 1, "{would:?}");
    for part in [
        "+enable = \"all\"",
        "+smtp = \"smtp://mail.example.org:587\"",
        "/etc/sspr/smtp-password: new, mode 0600; the secret in it is not shown",
        "+auth\t[default=ignore]\tpam_sspr.so",
        "+account\t[perm_denied=die default=ignore]\tpam_sspr.so",
        "+KbdInteractiveAuthentication yes",
    ] {
        assert!(would.stdout.contains(part), "{part} in {}", would.stdout);
    }
    assert!(!would.stdout.contains("smtp of the tests") && !would.stdout.contains("0f1e2d3c"), "{}", would.stdout);
    assert_eq!(etc(&machine), before, "--check changes nothing");
    assert_eq!(machine.run("ls /var/lib/sspr-setup /run/sspr-setup").stdout, "");

    let done = machine.reloads_sshd(|| machine.run(&format!("{BY_FLAGS} --yes")));
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.stdout.contains("lets this machine in") && !done.stdout.contains("ERROR"), "{}", done.stdout);
    assert_eq!(machine.must("stat -c '%U %a' /etc/sspr/smtp-password /etc/sspr/twilio-token"), "sspr 600\nsspr 600");
    // No person types as fast as the tests.
    machine.must(
        "printf '[register]\\nmin_typing_ms = 0\\n' >/etc/sspr/sspr.toml.d/60-local.toml && sspr config reload
         timeout 10 sh -c 'until grep -q min_typing_ms=0 /run/sspr-credential/policy; do sleep 0.05; done'",
    );
    machine.registers_email("alice", PASSWORD, "alice@example.org");
    machine.must("rm /etc/sspr/sspr.toml.d/60-local.toml && sspr config reload");
    let mut terminal = machine.ssh("alice");
    terminal.proves_by_email(&machine, "alice@example.org").new_password("an entirely new one 7").signed_in("alice");

    let then = times(&machine);
    let again = machine.run(&format!("{BY_FLAGS} --yes"));
    assert_eq!((again.code, again.stdout.as_str()), (0, "Nothing to change: settings, PAM and sshd are as asked.\n"));
    assert_eq!(machine.run(&format!("{BY_FLAGS} --check")).code, 0);
    assert_eq!(times(&machine), then, "no file was touched");

    // One thing changes, the rest stays.
    let helpdesk = machine.run("sspr setup --yes --helpdesk 'Call 4712.'");
    assert_eq!(helpdesk.code, 0, "{helpdesk:?}");
    assert!(helpdesk.stdout.contains("-text = \"Call 4711.\"\n+text = \"Call 4712.\""), "{}", helpdesk.stdout);

    let undone = machine.reloads_sshd(|| machine.run("sspr setup --undo --yes"));
    assert_eq!(undone.code, 0, "{undone:?}");
    let mut after = etc(&machine);
    // Alice's new password.
    for name in ["./shadow", "./shadow-", "./.pwd.lock"] {
        after.remove(name);
    }
    for (name, was) in
        before.iter().filter(|(name, _)| !["./shadow", "./shadow-", "./.pwd.lock"].contains(&name.as_str()))
    {
        assert_eq!(after.remove(name).as_ref(), Some(was), "{name}");
    }
    assert_eq!(after, BTreeMap::new());
    assert_eq!(machine.run("ls /var/lib/sspr-setup").stdout, "");
    assert_eq!(machine.must("sspr setup --undo --yes"), "There is nothing to undo.");
    machine.must("sspr admin enable all");
    let said = machine.must("sspr setup --undo --yes");
    assert!(
        said.starts_with("There is nothing to undo.\n/etc/sspr/sspr.toml.d/50-enable.toml: ")
            && said.contains("it stays"),
        "{said}"
    );
    machine.must("sspr admin enable none && rm /etc/sspr/sspr.toml.d/50-enable.toml && sspr config reload");
    let mut terminal = machine.ssh_password_method("alice");
    terminal.expect("password: ").type_line("an entirely new one 7").signed_in("alice");
}

#[test]
fn settings_that_can_not_stand_and_an_sshd_that_does_not_listen_are_taken_back() {
    let machine = fresh();
    let before = etc(&machine);
    let refused = machine.run("sspr setup --yes --no-pam --no-sshd --smtp smtp://mail.example.org:587");
    assert!(refused.code == 2 && refused.stderr.contains("--smtp needs a sender; add: --from"), "{refused:?}");
    let refused = machine.run("sspr setup --yes --no-pam --no-sshd --smtp mail.example.org --from a@example.org");
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(
        refused.stderr.contains("the old ones are back") && refused.stderr.contains("has no scheme"),
        "{refused:?}"
    );
    assert_eq!(etc(&machine), before);
    machine.reloads_sshd(|| machine.must("sed -i 's/^Include/#Include/' /etc/ssh/sshd_config && systemctl reload ssh"));
    let before = etc(&machine);
    let refused = machine.run("sspr setup --yes --no-pam");
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stderr.contains("put this into its first line"), "{refused:?}");
    assert_eq!(etc(&machine), before);
    machine.ssh_password_method("alice").expect("password: ").type_line(PASSWORD).signed_in("alice");
}

/// Text messages by a provider that can't be reached from here.
fn closed_network(line: &str) -> String {
    format!(
        "cat >/etc/sspr/sspr.toml.d/90.toml <<'TOML'
[phone]
gateway = \"vonage\"
{line}
[phone.provider]
account = \"a1b2c3d4\"
token_file = \"/etc/sspr/twilio-token\"
from = \"Example\"
TOML
sspr config reload"
    )
}

#[test]
fn doctor_finds_what_keeps_the_service_from_working_each_with_its_fix() {
    let machine = fresh();
    machine.must(&format!("{BY_FLAGS} --yes"));
    let examine = || {
        let output = machine.run("sspr doctor --json");
        let json: serde_json::Value = serde_json::from_str(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
        (output.code, json)
    };
    let (code, json) = examine();
    let errors = |json: &serde_json::Value| -> Vec<String> {
        let all = json["findings"].as_array().unwrap().iter().filter(|f| f["level"] == "error");
        all.map(|f| {
            format!(
                "{}: {} | {}",
                f["check"].as_str().unwrap(),
                f["what"].as_str().unwrap(),
                f["fix"].as_str().unwrap()
            )
        })
        .collect()
    };
    assert_eq!((code, errors(&json)), (0, vec![]), "{json:#}");
    for (break_it, mend_it, want) in [
        (
            "cp /etc/pam.d/common-auth /root/ && sed -i /pam_sspr/d /etc/pam.d/common-auth",
            "cp /root/common-auth /etc/pam.d/",
            "pam: login: pam_sspr.so is in account but not in auth",
        ),
        (
            "mv /etc/ssh/sshd_config.d/10-sspr.conf /root/",
            "mv /root/10-sspr.conf /etc/ssh/sshd_config.d/",
            "sshd: KbdInteractiveAuthentication is \"no\"",
        ),
        ("systemctl stop sspr-agent", "systemctl start sspr-agent", "agent: does not run"),
        (
            "echo wrong >/root/wrong && cat /etc/sspr/smtp-password >/root/right && cat /root/wrong >/etc/sspr/smtp-password
             sspr config reload",
            "cat /root/right >/etc/sspr/smtp-password; sspr config reload",
            "mail: mail.example.org:587 refused the user name or the password (535)",
        ),
        (
            "echo wrong >/etc/sspr/twilio-token; sspr config reload",
            "cat /root/twilio-token >/etc/sspr/twilio-token; sspr config reload",
            "phone: twilio answered 401",
        ),
        (
            closed_network("proxy = \"http://127.0.0.1:9\"").as_str(),
            "rm /etc/sspr/sspr.toml.d/90.toml; sspr config reload",
            "phone: vonage: the proxy in [phone] proxy can't be reached: 127.0.0.1:9: Connection refused",
        ),
        (
            closed_network("").as_str(),
            "rm /etc/sspr/sspr.toml.d/90.toml; sspr config reload",
            "phone: vonage: rest.nexmo.com: the name can't be resolved",
        ),
        (
            format!("{}\necho 127.0.0.1 rest.nexmo.com >>/etc/hosts", closed_network("")).as_str(),
            "sed -i /nexmo/d /etc/hosts; rm /etc/sspr/sspr.toml.d/90.toml; sspr config reload",
            "phone: vonage: rest.nexmo.com: Connection refused",
        ),
        ("chmod 755 /var/lib/sspr", "chmod 700 /var/lib/sspr", "state: /var/lib/sspr is open to others (mode 0755)"),
        ("systemctl stop mail-server", "systemctl start mail-server", "mail: mail.example.org:587: Connection refused"),
        (
            "printf '[code]\\ndigits = 1\\n' >/etc/sspr/sspr.toml.d/90.toml",
            "rm /etc/sspr/sspr.toml.d/90.toml",
            "settings: /etc/sspr/sspr.toml.d/90.toml:2: digits = 1 is out of range",
        ),
    ] {
        machine.must(break_it);
        let (code, json) = examine();
        let found = errors(&json);
        assert!(code == 2 && found.iter().any(|error| error.starts_with(want)), "{want}\n{found:#?}");
        machine.must(mend_it);
    }
    let (code, json) = examine();
    assert_eq!((code, errors(&json)), (0, vec![]), "{json:#}");
    machine.must("echo 'LOGIN_TIMEOUT 20' >>/etc/login.defs");
    let told = machine.run("sspr doctor");
    assert_eq!(told.code, 1);
    assert!(told.stdout.contains("LOGIN_TIMEOUT is 20 s"), "{}", told.stdout);
}

#[test]
fn an_administrator_is_led_through_it_at_the_console_sees_each_change_and_a_test_mail_must_arrive() {
    let mut machine = fresh();
    let mailbox = machine.mailbox("root@example.org");
    let console = machine.console();
    console.resize(80, 24);
    console.expect("login: ").type_line("root");
    console.expect("Password: ").type_line("root of the tests").expect("root@shell:~# ");
    console.type_line("sspr setup").expect("Users [none]: ").ctrl('c');
    console.expect("sspr: stopped; nothing was changed").expect("root@shell:~# ");
    console.type_line("clear; sspr setup --scope all --smtp none --helpdesk x");
    console.expect("Text messages by [none]: ").type_line("webhook").expect("URL: ").type_line("back");
    console.expect("Text messages by [none]: ").press_enter();
    for _ in ["settings", "PAM", "sshd"] {
        console.expect("Make this change? (y/n): ").type_line("n");
    }
    console.expect("Nothing was changed: you declined each change.").expect("run: sspr setup").expect("root@shell:~# ");
    console.type_line("clear; sspr setup");
    console
        .expect("Users [none]: ")
        .type_line("staff-of-nobody")
        .expect("there is no group")
        .expect("Users [none]: ")
        .type_line("all");
    console.expect("Mail server [none]: ").type_line("smtp://mail.example.org:587");
    console.expect("Sender [Password reset <no-reply@shell.example.org>]: ").press_enter();
    console.expect("User name at that server, or none [none]: ").type_line("sspr");
    console.expect("Password at that server (not shown): ").type_line("smtp of the tests");
    console.expect("Text messages by [none]: ").press_enter();
    console.expect("Line [none]: ").type_line("Call 4711.");
    screen(console, "questions");
    console.expect("+smtp = \"smtp://mail.example.org:587\"").expect("Make this change? (y/n): ");
    screen(console, "settings");
    console.type_line("y");
    console.expect("Your address (Enter to skip): ").type_line("root@example.org");
    console.expect("The code in it").type_line("000000");
    console.expect("That is not the code in the mail.").expect("The code in it").type_line(&mailbox.wait_for(1).code());
    console.expect("Correct: codes arrive.");
    console.expect("pam_sspr.so").expect("Make this change? (y/n): ").ctrl('c');
    console.expect("stopped; the changes so far are kept, and sspr setup --undo undoes them").expect("root@shell:~# ");
    console.type_line("clear; sspr setup").expect("Users [all]: ").press_enter();
    for question in
        ["Mail server [smtp://", "Sender [", "[sspr]: ", "Enter keeps the old one", "by [none]", "Line [Call"]
    {
        console.expect(question).press_enter();
    }
    console.expect("Your address (Enter to skip): ").press_enter();
    console.expect("pam_sspr.so").expect("Make this change? (y/n): ");
    screen(console, "pam");
    console.type_line("y");
    console.expect("+KbdInteractiveAuthentication yes").expect("Make this change? (y/n): ");
    screen(console, "sshd");
    console.type_line("maybe").expect("Please type y or n.").type_line("y");
    console.expect("Done.").expect("root@shell:~# ");
    screen(console, "doctor");
    assert!(!console.transcript().contains("smtp of the tests"), "the password was shown");
    // After the changes that were declined, doctor had errors.
    let last = console.transcript();
    assert!(!last.rsplit("clear; sspr setup").next().unwrap().contains("ERROR"), "{last}");
    // The tests' terminal types faster than people.
    machine.must(
        "printf '[register]\\nmin_typing_ms = 0\\n' >/etc/sspr/sspr.toml.d/90-typist.toml; systemctl reload sspr-agent",
    );
    machine.ssh("alice").password(PASSWORD).expect("can't sign in");
}

/// What an administrator is asked who has all else from options.
const BY_VONAGE: &str = "sspr setup --scope all --smtp none --phone vonage --provider-account a1b2c3d4 --provider-from Example \
    --provider-token-file /root/twilio-token --region JP --helpdesk none --no-pam --no-sshd";

#[test]
fn a_gateway_that_is_not_reached_has_setup_ask_for_a_proxy_and_one_that_is_does_not() {
    let mut machine = fresh();
    let settings = "cat /etc/sspr/sspr.toml.d/40-setup.toml";
    let console = machine.console();
    console.resize(200, 24);
    console.expect("login: ").type_line("root");
    console.expect("Password: ").type_line("root of the tests").expect("root@shell:~# ");
    console.type_line(BY_VONAGE).expect("Make this change? (y/n): ").type_line("y");
    console.expect("rest.nexmo.com: the name can't be resolved").expect("[phone] proxy");
    console.expect("HTTP proxy (http://host:port), or none [none]: ").type_line("http://127.0.0.1:9");
    console.expect("+proxy = \"http://127.0.0.1:9\"").expect("Make this change? (y/n): ").type_line("y");
    console.expect("the proxy in [phone] proxy can't be reached");
    console.expect("or none [http://127.0.0.1:9]: ").press_enter();
    console.expect("Done.").expect("root@shell:~# ");
    assert!(machine.must(settings).contains("proxy = \"http://127.0.0.1:9\""));

    // The same by an option, and nobody is asked where the way is open.
    machine.must(&format!("{BY_VONAGE} --phone-proxy none --yes || true"));
    assert!(!machine.must(settings).contains("proxy"));
    let twilio = BY_FLAGS.replace("--smtp smtp://mail.example.org:587 --from no-reply@example.org", "--smtp none");
    let twilio = twilio.replace("--smtp-user sspr --smtp-password-file /root/smtp-password", "--no-pam --no-sshd");
    let console = machine.console();
    console.type_line(&twilio).expect("Make this change? (y/n): ").type_line("y");
    console.expect("Done.").expect("root@shell:~# ");
    assert!(!machine.must(settings).contains("proxy"));
}
