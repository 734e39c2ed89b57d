//! An administrator sets the service up, looks at it, changes it and takes it away again.

use std::collections::BTreeMap;

use sspr_tests::{Image, Machine, Terminal, image, ssh::ssh_line, story::INVITATION};

const PASSWORD: &str = "rain on a tin roof";

#[test]
fn a_change_of_the_settings_counts_after_a_reload_and_a_mistake_keeps_the_old_ones_and_fails_it() {
    let machine = Machine::ready(&[("alice", PASSWORD), ("bob", PASSWORD), ("carol", PASSWORD)]);
    let pid = machine.must("systemctl show -P MainPID sspr-agent");
    let drop_in = "/etc/sspr/sspr.toml.d/60-local.toml";

    // A dialogue in flight goes on with what it began with.
    let mut before = machine.ssh("alice");
    before.password(PASSWORD).expect(INVITATION);

    machine.must(&format!("printf '[helpdesk]\\ntext = \"Call 4711.\"\\n[code]\\ndigits = 8\\n' >{drop_in}"));
    machine.must("sspr config check && systemctl reload sspr-agent");
    before.type_line("1").expect("Email address").type_line("alice@example.org");
    assert_eq!(machine.mailbox("alice@example.org").wait_for(1).code().len(), 6);
    let registers = |user: &str| {
        let mut terminal = machine.ssh(user);
        let address = format!("{user}@example.org");
        terminal.password(PASSWORD).expect(INVITATION).type_line("1").expect("Email address").type_line(&address);
        machine.mailbox(&address).wait_for(1).code()
    };
    assert_eq!(registers("bob").len(), 8);

    machine.must(&format!("printf '[code]\\ndigits = 4\\n' >{drop_in}"));
    let check = machine.run("sspr config check");
    assert_eq!(check.code, 1);
    assert!(check.stderr.starts_with(&format!("{drop_in}:2: digits = 4 is out of range")), "{check:?}");
    assert_ne!(machine.run("systemctl reload sspr-agent").code, 0);
    let journal = machine.journal("sspr-agent");
    assert!(journal.contains("the old ones are kept until this is corrected"), "{journal}");
    assert!(journal.contains("60-local.toml:2: digits = 4 is out of range"), "{journal}");
    assert_eq!(registers("carol").len(), 8);

    machine.must(&format!("rm {drop_in} && kill -HUP {pid}"));
    machine.must(
        "until journalctl -qu sspr-agent -o cat | grep -c 'settings were read again' | grep -qx 2; do sleep 0.05; done",
    );
    assert_eq!(machine.must("systemctl show -P MainPID sspr-agent"), pid, "it never restarted");
}

#[test]
fn what_talks_to_the_network_for_root_is_the_agent_in_its_sandbox_and_nothing_else_runs_as_its_user() {
    let machine = Machine::ready(&[]);
    let outside = machine.must(
        r#"uid=$(id -u sspr)
        while [ ! -e /run/looked ]; do
            for status in $(grep -ls "^Uid:[[:space:]]*$uid[[:space:]]" /proc/[0-9]*/status); do
                of=$(cat "${status%/status}/cgroup" 2>/dev/null) || continue
                case "$of" in "" | *sspr-agent.service*) ;; *) echo "$of" ;; esac
            done
        done >/run/outside &
        for n in 1 2 3; do sspr doctor >/run/doctor || true; done
        touch /run/looked; wait; cat /run/outside"#,
    );
    assert_eq!(outside, "");
    let doctor = machine.must("cat /run/doctor");
    assert!(doctor.contains("lets this machine in"), "{doctor}");
}

#[test]
fn enable_takes_effect_at_the_next_sign_in_without_a_restart_and_says_what_was_before() {
    let machine = Machine::with(Image::installed())
        .switched_on()
        .with_mail()
        .user("alice", PASSWORD)
        .user("bob", PASSWORD)
        .prepare("groupadd staff2 && usermod -aG staff2 alice")
        .boot();
    let pid = machine.must("systemctl show -P MainPID sspr-agent");
    machine.signs_in("alice", PASSWORD);

    let said = machine.must("sspr admin enable staff2");
    assert!(
        said.starts_with("It was on for nobody.\nIt is now on for members of staff2: 1 account can use it."),
        "{said}"
    );
    let again = machine.must("sspr admin enable staff2");
    assert!(
        again.starts_with("Nothing to change: it is already on for members of staff2. 1 account can use it."),
        "{again}"
    );
    machine.ssh("alice").password(PASSWORD).expect(INVITATION);
    machine.signs_in("bob", PASSWORD);

    let json: serde_json::Value = serde_json::from_str(&machine.must("sspr admin enable all --json")).unwrap();
    assert_eq!(
        (json["before"][0].as_str(), json["after"].as_str(), json["accounts"].as_u64()),
        (Some("staff2"), Some("all"), Some(2))
    );
    machine.ssh("bob").password(PASSWORD).expect(INVITATION);

    let refused = machine.run("sspr admin enable no-such-group");
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("there is no group \"no-such-group\""), "{refused:?}");
    machine.must("sspr admin enable none");
    machine.signs_in("bob", PASSWORD);
    let shown = machine.must("sspr config show");
    assert!(shown.contains("/etc/sspr/sspr.toml.d/50-enable.toml:3"), "{shown}");
    assert_eq!(machine.must("systemctl show -P MainPID sspr-agent"), pid, "it never restarted");
    let as_alice = machine.run("setpriv --reuid alice --regid alice --clear-groups sspr admin enable all");
    assert_eq!((as_alice.code, as_alice.stderr.contains("is for root")), (1, true), "{as_alice:?}");
}

/// What a person sees, kept where `$SSPR_TEST_SCREENS` says: to be looked at.
fn screen(terminal: &Terminal, name: &str) {
    if let Some(directory) = std::env::var_os("SSPR_TEST_SCREENS") {
        let _ = std::fs::write(std::path::Path::new(&directory).join(name), terminal.screen());
    }
}

/// Every file and link below `/etc` with its content, owner, mode and time of change.
fn etc(machine: &Machine) -> BTreeMap<String, String> {
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
fn fresh() -> Machine {
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
    // Nobody types as fast as the tests.
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

#[test]
fn an_sshd_that_takes_keys_alone_is_opened_only_on_demand_and_closed_again_by_undo_and_by_removal() {
    let machine = fresh();
    machine.reloads_sshd(|| {
        machine.must("echo 'PasswordAuthentication no' >/etc/ssh/sshd_config.d/20-ours.conf && systemctl reload ssh")
    });
    let before = etc(&machine);
    let offered = || machine.must("sshd -T | grep -x 'kbdinteractiveauthentication .*'");
    for option in ["--yes", "--check"] {
        let refused = machine.run(&format!("sspr setup --no-pam {option}"));
        assert_eq!(refused.code, 1, "{refused:?}");
        assert!(
            refused.stderr.contains("accepts keys only") && refused.stderr.contains("--sshd-passwords"),
            "{refused:?}"
        );
    }
    assert_eq!(etc(&machine), before);
    let told = machine.run("sspr doctor").stdout;
    assert!(told.contains("warning  sshd       this sshd accepts keys only"), "{told}");

    machine.run("sspr setup --no-pam --yes --sshd-passwords");
    assert_eq!(offered(), "kbdinteractiveauthentication yes");
    machine.must("sspr setup --undo --yes");
    assert_eq!((offered().as_str(), etc(&machine)), ("kbdinteractiveauthentication no", before));

    machine.run("sspr setup --no-pam --yes --sshd-passwords");
    assert_eq!(offered(), "kbdinteractiveauthentication yes");
    machine.reloads_sshd(|| machine.must("dpkg --remove sspr 2>&1"));
    assert_eq!(offered(), "kbdinteractiveauthentication no");
    assert_eq!(machine.ssh_key("alice", "id -un").stdout, "alice\n");
}

#[test]
fn whom_sshd_keeps_to_keys_types_no_password_after_setup_nor_after_the_removal() {
    let machine = fresh();
    machine.must(&format!(
        "groupadd crew; usermod -aG crew alice; useradd -m -s /bin/bash bob; printf 'bob:{PASSWORD}\n' | chpasswd"
    ));
    let methods = |user: &str| {
        let line = ssh_line(&["-o", "PreferredAuthentications=none", &format!("{user}@127.0.0.1")]);
        let said = machine.from_outside(&line).stderr;
        said.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map_or(said.clone(), |(all, _)| all.to_owned())
    };
    let listens = "bash -c 'until (echo >/dev/tcp/127.0.0.1/22) 2>/dev/null; do sleep 0.1; done'";

    // An option of the unit.
    machine.must(&format!(
        "cp /etc/default/ssh /root; echo 'SSHD_OPTS=\"-o PasswordAuthentication=no\"' >/etc/default/ssh
         systemctl restart ssh; {listens}"
    ));
    let before = etc(&machine);
    let refused = machine.run("sspr setup --no-pam --yes");
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stderr.contains("accepts keys only"), "{refused:?}");
    assert!(refused.stderr.contains("(ssh.service has -o PasswordAuthentication=no)"), "{refused:?}");
    assert_eq!((etc(&machine), methods("alice").as_str()), (before, "publickey"));
    let told = machine.run("sspr doctor").stdout;
    assert!(told.contains("warning  sshd       this sshd accepts keys only"), "{told}");

    // A Match block.
    machine.must(&format!(
        "cp /root/ssh /etc/default/ssh
         printf 'Match Group crew\n    PasswordAuthentication no\n' >>/etc/ssh/sshd_config
         systemctl restart ssh; {listens}"
    ));
    let line = machine.must("grep -n 'Match Group crew' /etc/ssh/sshd_config | cut -d: -f1").parse::<u32>().unwrap();
    let said = format!("/etc/ssh/sshd_config:{}: Match Group crew: PasswordAuthentication no", line + 1);
    let before = etc(&machine);
    for option in ["--yes", "--check"] {
        let refused = machine.run(&format!("sspr setup --no-pam {option}"));
        assert_eq!(refused.code, 1, "{refused:?}");
        assert!(refused.stderr.contains(&said) && refused.stderr.contains("--sshd-match-blocks"), "{refused:?}");
    }
    assert_eq!((etc(&machine), methods("alice").as_str()), (before, "publickey"));
    let made = machine.run("sspr setup --no-pam --yes --sshd-match-blocks");
    let both = || (methods("alice"), methods("bob"));
    let kept = ("publickey".to_owned(), "publickey,password,keyboard-interactive".to_owned());
    machine.must(listens);
    assert_eq!(both(), kept, "{made:?}");
    let again = machine.run("sspr setup --no-pam --yes --sshd-match-blocks");
    assert_eq!(again.stdout, "Nothing to change: settings, PAM and sshd are as asked.\n");
    let told = machine.run("sspr doctor").stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains(&format!("Match Group crew (/etc/ssh/sshd_config:{line}): keys only")), "{told}");

    // What was copied by hand, or by a version that did not look, is found, and closed by the next run.
    machine.must(&format!(
        "cp /usr/share/sspr/sshd_config.d/10-sspr.conf /etc/ssh/sshd_config.d/; systemctl reload ssh; {listens}"
    ));
    assert_eq!(methods("alice"), "publickey,keyboard-interactive");
    let told = machine.run("sspr doctor").stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("but alice can type a password anyway"), "{told}");
    // An upgrade changes nothing of it, and says so.
    machine.copy_in(&image::package(), "/root/same.deb");
    let said = machine.must(&format!("dpkg -i --force-confold /root/same.deb 2>&1; {listens}"));
    assert!(said.contains("over SSH from users whom sshd keeps to keys: Match Group crew."), "{said}");
    assert!(said.contains("sspr: to keep them to keys again, run: sspr setup"), "{said}");
    assert_eq!(methods("alice"), "publickey,keyboard-interactive");
    machine.run("sspr setup --no-pam --yes");
    machine.must(listens);
    assert_eq!(both(), kept);
    let said = machine.must(&format!("dpkg -i --force-confold /root/same.deb 2>&1; {listens}"));
    assert!(!said.contains("whom sshd keeps to keys"), "{said}");

    machine.must(&format!("dpkg --remove sspr 2>&1; {listens}"));
    assert_eq!(both(), ("publickey".into(), "publickey,password".into()));
    machine.must("! ls /etc/ssh/sshd_config.d/10-sspr.conf");
}

#[test]
fn undo_keeps_what_has_become_the_last_way_to_type_a_password() {
    let machine = fresh();
    machine.run("sspr setup --no-pam --yes");
    machine.reloads_sshd(|| {
        machine.must("echo 'PasswordAuthentication no' >/etc/ssh/sshd_config.d/20-ours.conf && systemctl reload ssh")
    });
    let said = machine.must("sspr setup --undo --yes");
    assert!(said.contains("10-sspr.conf is kept: without it nobody could type a password"), "{said}");
    machine.ssh("alice").password(PASSWORD).signed_in("alice");
    machine.must("rm /etc/ssh/sshd_config.d/20-ours.conf");
    let said = machine.must("sspr setup --undo --yes");
    assert!(said.contains("Everything is as before"), "{said}");
    machine.must("! ls /etc/ssh/sshd_config.d/10-sspr.conf");
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
    assert!(!console.transcript().contains("ERROR"), "{}", console.transcript());
    // The terminal of the tests types faster than people.
    machine.must(
        "printf '[register]\\nmin_typing_ms = 0\\n' >/etc/sspr/sspr.toml.d/90-typist.toml; systemctl reload sspr-agent",
    );
    machine.ssh("alice").password(PASSWORD).expect("can't sign in");
}
