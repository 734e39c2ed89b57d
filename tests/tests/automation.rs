//! What runs without a person: the Ansible role, the check of a monitoring system, and numbers for Prometheus.

use std::{fs, path::Path, time::Duration};

use sspr_tests::{
    Image, Machine, host,
    image::{self, Suite},
    machine::Output,
    story::WHERE_TO,
};

const OLD: &str = "rain on a tin roof";
const SECRET: &str = "a token that ansible brings";
const SETTINGS: &str = "/etc/sspr/sspr.toml.d/60-ansible.toml";

/// A playbook for this machine, with more of its variables.
fn play(variables: &str) -> String {
    format!(
        "- hosts: all\n  roles:\n    - role: sspr\n      vars:\n        sspr_package: /root/sspr.deb\n        \
         sspr_setup_options: [--sshd-match-blocks]\n        \
         sspr_secrets: {{sms-token: \"{{{{ lookup('file', '/root/vault') }}}}\"}}\n{variables}"
    )
}

struct Controller(Machine);

impl Controller {
    fn new() -> Self {
        let image = Image::plain_with(Suite::Bookworm, &["ansible-core", "python3-apt"]);
        let machine = Machine::with(image).user("alice", OLD).boot();
        machine.copy_in(&image::package(), "/root/sspr.deb");
        let roles = concat!(env!("CARGO_MANIFEST_DIR"), "/../packaging/ansible/roles");
        host::command("cp", ["-r".as_ref(), Path::new(roles).as_os_str(), machine.root().join("root").as_os_str()]);
        fs::write(machine.root().join("root/vault"), SECRET).unwrap();
        Self(machine)
    }

    fn runs(&self, options: &str, variables: &str) -> Output {
        fs::write(self.0.root().join("root/site.yml"), play(variables)).unwrap();
        let line = format!(
            "export LC_ALL=C.UTF-8 ANSIBLE_ROLES_PATH=/root/roles ANSIBLE_NOCOLOR=1
             ansible-playbook -i localhost, -c local {options} /root/site.yml"
        );
        self.0.run_within(Duration::from_mins(5), &line)
    }

    /// How many tasks changed something, of a run that went well; and what was said.
    #[track_caller]
    fn changed(&self, options: &str, variables: &str) -> (u32, String) {
        let run = self.runs(options, variables);
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        let (_, after) = run.stdout.split_once("changed=").unwrap();
        (after.split(' ').next().unwrap().parse().unwrap(), run.stdout)
    }
}

const ON: &str = "        sspr_enable: all\n        sspr_settings: {code: {tries: 3}}\n";

#[test]
fn the_role_installs_configures_and_switches_on_says_before_what_it_would_do_and_then_changes_nothing() {
    let controller = Controller::new();
    let machine = &controller.0;

    let (changed, said) = controller.changed("--check --diff", ON);
    assert!(changed > 0 && said.contains("+tries = 3") && said.contains("+enable = \"all\""), "{said}");
    assert_ne!(machine.run("test -e /usr/bin/sspr || test -e /etc/sspr").code, 0, "--check changes nothing");

    // What every user of the machine can read of other processes, as long as it runs.
    machine.must(
        "nohup sh -c 'until [ -e /root/stop ]; do cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ; done; touch /root/stopped' \
         >/root/seen 2>/dev/null &",
    );
    let (changed, said) = controller.changed("-vv --diff", ON);
    machine.must("touch /root/stop; timeout 20 sh -c 'until [ -e /root/stopped ]; do sleep 0.1; done'");
    assert!(changed >= 4, "{said}");
    assert!(!said.contains(SECRET), "the secret is in what ansible says");
    assert_eq!(machine.run(&format!("grep -aqF '{SECRET}' /root/seen")).code, 1, "the secret is an argument");
    assert_eq!(
        machine.must("stat -c '%a %U' /etc/sspr/sms-token; cat /etc/sspr/sms-token"),
        format!("600 sspr\n{SECRET}")
    );
    let effective = machine.must("sspr config show");
    assert!(effective.contains("tries = 3") && effective.contains("enable = \"all\""), "{effective}");
    assert_eq!(machine.must("systemctl is-active sspr-agent"), "active");
    machine.ssh("alice").forgotten().expect(WHERE_TO);
    machine.must("diff -r /root/roles/sspr /usr/share/sspr/ansible/roles/sspr");

    let (changed, said) = controller.changed("--diff", ON);
    assert_eq!(changed, 0, "{said}");
    let (changed, said) = controller.changed("--check --diff", ON);
    assert_eq!(changed, 0, "{said}");

    // Another value, and another secret.
    let other = "        sspr_enable: none\n        sspr_settings: {code: {tries: 4}}\n";
    let before = machine.must(&format!("cat {SETTINGS}"));
    fs::write(machine.root().join("root/vault"), "another token").unwrap();
    let (changed, said) = controller.changed("--check --diff", other);
    assert!(changed == 2 && said.contains("-tries = 3") && said.contains("+tries = 4"), "{said}");
    assert_eq!(machine.must(&format!("cat {SETTINGS} /etc/sspr/sms-token")), format!("{before}\n{SECRET}"));
    controller.changed("", other);
    assert!(machine.must("sspr config show").contains("enable = \"none\""));
    assert_eq!(machine.must("cat /etc/sspr/sms-token"), "another token");

    // What can't stand is refused with the line, and nothing is written.
    let before = machine.must(&format!("cat {SETTINGS}"));
    let run = controller.runs("", "        sspr_enable: all\n        sspr_settings: {code: {tries: 40}}\n");
    assert!(run.code != 0 && run.stdout.contains("60-ansible.toml:4: tries = 40 is out of range"), "{run:?}");
    assert_eq!(machine.must(&format!("cat {SETTINGS}")), before);

    let (_, said) = controller.changed("", "        sspr_package_state: absent\n");
    assert_ne!(machine.run("test -e /usr/bin/sspr").code, 0, "{said}");
}

#[test]
fn a_monitoring_system_is_told_in_one_line_and_by_the_status_what_is_wrong() {
    let machine = Machine::ready(&[("alice", OLD)]);
    let check = |arguments: &str| {
        let run = machine.run(&format!("sspr check {arguments}"));
        (run.code, run.stdout + &run.stderr)
    };
    machine.must("sspr admin test-email root@example.org");
    let (code, said) = check("");
    assert!(code == 0 && said.starts_with("SSPR OK - agent ") && said.lines().count() == 1, "{said}");
    assert!(said.contains("email by smtp works") && said.contains("| oldest_message=0s;60;300;0"), "{said}");
    assert_eq!(check("--probe").0, 0);
    machine.must("systemctl stop mail-server");
    let (code, said) = check("--probe");
    assert!(code == 1 && said.contains("WARNING") && said.contains("email by smtp FAILS"), "{said}");
    // A message that can't leave grows old.
    machine.has_email("alice", "alice@example.org");
    machine.ssh("alice").forgotten().expect(WHERE_TO).type_line("e").expect("Code: ");
    host::wait_for("a message to wait", Duration::from_secs(30), || (check("-w 0 -c 1s").0 == 2).then_some(()));
    assert!(check("-w 1h -c 2h").1.contains("1 message waits"));
    assert_eq!((check("-w soon").0, check("--nonsense").0), (3, 3), "a wrong use is no outage");
    assert_eq!(machine.run("runuser -u alice -- sspr check").code, 3);
    machine.must("systemctl stop sspr-agent");
    let (code, said) = check("");
    assert!(code == 2 && said.contains("CRITICAL"), "{said}");
}

#[test]
fn the_timer_is_off_and_once_switched_on_writes_numbers_whole_also_while_the_agent_is_down() {
    let machine = Machine::ready(&[("alice", OLD)]);
    let file = "/var/lib/prometheus/node-exporter/sspr.prom";
    assert_eq!(machine.run("systemctl is-enabled sspr-metrics.timer").stdout.trim(), "disabled");
    // Without the folder of node_exporter, that is said, and nothing is made.
    assert_ne!(machine.run("systemctl start sspr-metrics.service").code, 0);
    assert!(machine.journal("sspr-metrics").contains("sspr.prom: "), "{}", machine.journal("sspr-metrics"));
    machine.must(&format!("mkdir -p $(dirname {file}) && systemctl enable -q --now sspr-metrics.timer"));
    let written = || machine.run(&format!("cat {file}")).stdout;
    host::wait_for("the first numbers", Duration::from_mins(1), || written().contains("sspr_up 1\n").then_some(()));
    assert!(written().contains("sspr_people 1\n") && written().contains("sspr_people_capable 0\n"), "{}", written());
    assert_eq!(machine.must(&format!("stat -c %a {file}; ls -A $(dirname {file})")), "644\nsspr.prom");
    machine.must("systemctl stop sspr-agent && systemctl start sspr-metrics.service");
    assert!(written().ends_with("\nsspr_up 0\n"), "{}", written());
}
