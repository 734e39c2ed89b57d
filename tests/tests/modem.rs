//! Debian's own ModemManager, its policy of the bus, and polkit. Its modem is a double that speaks AT commands, which ModemManager
//! reaches by its test interface.

use sspr_tests::{Image, Machine, Suite};

const PASSWORD: &str = "rain on a tin roof";
const SENT: &str = "/root/sent";
const REFUSES: &str = "/root/refuses";
const RULE: &str = "org.pam_sspr.rules";
/// What polkit is asked about before a message is sent.
const SENDING: &str = "org.freedesktop.ModemManager1.Messaging";

/// What a user reads of a SIM card, as of a message.
const READ: &str = "busctl get-property org.freedesktop.ModemManager1 /org/freedesktop/ModemManager1/SIM/0 \
                    org.freedesktop.ModemManager1.Sim Imsi";

/// What doctor says of text messages, in one line.
fn doctor(machine: &Machine) -> String {
    let said = machine.run("sspr doctor").stdout;
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_real_modem_manager_is_asked_and_no_other_user_reads_it() {
    let machine = Machine::with(Image::installed_with(Suite::default(), &["modemmanager"]))
        .switched_on()
        .with_mail()
        .user("alice", PASSWORD)
        .settings("[scope]\nenable = \"all\"\n")
        .prepare(
            // It does not start in a container by itself.
            "mkdir -p /etc/systemd/system/ModemManager.service.d
             printf '[Unit]\\nConditionVirtualization=\\n[Service]\\nExecStart=\\nExecStart=/usr/sbin/ModemManager --test-enable\\n' \
                >/etc/systemd/system/ModemManager.service.d/test.conf
             systemctl mask -q ModemManager",
        )
        .boot();
    machine.copy_in(std::path::Path::new(env!("CARGO_BIN_EXE_at-modem")), "/usr/bin/at-modem");
    assert_eq!(machine.must(&format!("find /etc /usr/share/polkit-1 -name {RULE}")), "", "before setup");
    let setup = "sspr setup --yes --no-pam --no-sshd --phone modem";
    let said = machine.run(setup).stdout;
    assert!(said.contains("/etc/dbus-1/system-local.conf"), "{said}");
    assert!(!machine.run(setup).stdout.contains("system-local.conf"), "a second time there is nothing to do");
    let said = doctor(&machine);
    assert!(
        said.contains("modem: ModemManager doesn't answer") && said.contains("journalctl -u ModemManager"),
        "{said}"
    );

    machine.must("systemctl unmask -q ModemManager; systemctl start ModemManager");
    let said = doctor(&machine);
    assert!(said.contains("ModemManager knows no modem"), "{said}");

    machine.must(&format!(
        "systemd-run -q --unit=at-modem /usr/bin/at-modem {SENT} {REFUSES}
         timeout 10 sh -c 'until grep -q abstract:at-modem /proc/net/unix; do sleep 0.05; done'
         busctl call org.freedesktop.ModemManager1 /org/freedesktop/ModemManager1 org.freedesktop.ModemManager1.Test \
            SetProfile ssas sspr generic 1 abstract:at-modem
         timeout 40 sh -c 'until mmcli -m any 2>&1 | grep -q disabled; do sleep 0.1; done'"
    ));
    let said = doctor(&machine);
    assert!(said.contains("Example Model 1 (abstract:at-modem): it is switched off in ModemManager"), "{said}");
    // A message has it switched on, by polkit's leave. It leaves at another try if the modem does not find its network in time for this one.
    machine.must(&format!(
        "timeout 120 sh -c 'until sspr admin test-phone +819012345678; do sleep 1; done'
         mmcli -m any | grep -q 'state:.*registered'
         rm {SENT}"
    ));
    let said = doctor(&machine);
    assert!(said.contains("Example Model 1 (abstract:at-modem), registered in a network"), "{said}");

    // By polkit's leave, and by that alone.
    machine.must("sspr admin test-phone '+81 90 1234 5678'");
    let sent = machine.must(&format!("cat {SENT}"));
    assert!(sent.starts_with("0001000C91180921436587"), "{sent}");
    let left = machine.must("mmcli -m any --messaging-list-sms");
    assert!(left.contains("No sms messages were found"), "{left}");
    // A restart of polkit would take ModemManager with it, and the modem that it knows. It sees by itself that a rule is gone.
    let until_the_agent_may = |may: bool| {
        let wait = if may { "until" } else { "while" };
        machine.must(&format!(
            "agent=$(systemctl show -P MainPID sspr-agent)
             timeout 40 sh -c '{wait} pkcheck --action-id {SENDING} --process '$agent' >/dev/null 2>&1; do sleep 0.1; done'"
        ));
    };
    until_the_agent_may(true);
    machine.must("mv /etc/polkit-1/rules.d/org.pam_sspr.rules /root/");
    until_the_agent_may(false);
    let refused = machine.run("sspr admin test-phone '+81 90 1234 5678'");
    assert!(refused.code == 1 && refused.stderr.contains("ModemManager doesn't let the agent send"), "{refused:?}");
    let said = doctor(&machine);
    assert!(said.contains("org.pam_sspr.rules isn't there"), "{said}");
    machine.must("mv /root/org.pam_sspr.rules /etc/polkit-1/rules.d/");
    until_the_agent_may(true);

    machine.must(&format!("echo 322 >{REFUSES}"));
    let refused = machine.run("sspr admin test-phone '+81 90 1234 5678'");
    assert!(refused.code == 1 && refused.stderr.contains("its storage for messages is full"), "{refused:?}");
    let left = machine.must("mmcli -m any --messaging-list-sms");
    assert!(left.contains("No sms messages were found"), "{left}");
    machine.must(&format!("rm {REFUSES}"));

    // The codes are root's and the agent's, and what the package has for that is in effect or nothing leaves.
    assert!(machine.must(READ).contains("001019990000001"));
    let alice = machine.run(&format!("runuser -u alice -- {READ}"));
    assert!(alice.code != 0 && alice.stderr.contains("Access denied"), "{alice:?}");
    machine.must("mv /etc/dbus-1/system-local.conf /root/; systemctl reload dbus");
    assert!(machine.must(&format!("runuser -u alice -- {READ}")).contains("001019990000001"));
    let refused = machine.run("sspr admin test-phone '+81 90 1234 5678'");
    assert!(
        refused.code == 1 && refused.stderr.contains("every user of this machine could read the codes"),
        "{refused:?}"
    );
    let said = doctor(&machine);
    assert!(said.contains("/usr/share/sspr/dbus/modem.conf"), "{said}");
    assert_eq!(machine.must(&format!("wc -l <{SENT}")), "1");

    // Nothing of it is left where messages leave in another way, or setup is undone.
    let rules = || machine.must("ls /etc/polkit-1/rules.d");
    assert!(rules().contains(RULE), "{}", rules());
    machine.run("sspr setup --yes --no-pam --no-sshd --phone none");
    assert!(!rules().contains(RULE), "{}", rules());
    machine.run(setup);
    assert!(rules().contains(RULE), "{}", rules());
    machine.must("sspr setup --undo --yes");
    assert!(!rules().contains(RULE), "{}", rules());
}
