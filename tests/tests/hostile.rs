//! A local user who has an account and a shell, and the bus as the package sets it up.

use sspr_tests::{Machine, Output};

const PASSWORD: &str = "rain on a tin roof";
const AGENT: &str = "org.pam_sspr.Agent1 /org/pam_sspr/Agent1";
const PEOPLE: &str = "org.pam_sspr.People1 /org/pam_sspr/Agent1";
const CREDENTIAL: &str = "org.pam_sspr.Credential1 /org/pam_sspr/Credential1";
const NEW: &str = "seven green kites fly";
const BUS: &str = "org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus";

fn busctl(machine: &Machine, who: &str, call: &str) -> Output {
    machine.run(&format!("setpriv --reuid {who} --regid {who} --init-groups busctl {call} </dev/null"))
}

/// Every interface of an object with its methods, as root sees them.
fn methods(machine: &Machine, object: &str) -> Vec<(String, String)> {
    let list = machine.must(&format!("busctl introspect --no-pager --no-legend {object}"));
    let mut interface = String::new();
    let mut methods = Vec::new();
    for line in list.lines() {
        let mut words = line.split_whitespace();
        match (words.next(), words.next()) {
            (Some(name), Some("interface")) => name.clone_into(&mut interface),
            (Some(name), Some("method")) => {
                methods.push((interface.clone(), name.trim_start_matches('.').to_owned()));
            }
            _ => {}
        }
    }
    methods
}

#[test]
fn of_all_that_the_agent_and_the_helper_can_do_a_local_user_reaches_the_dialogues_alone() {
    let machine = Machine::ready(&[("alice", PASSWORD)]);
    let open = [
        "org.pam_sspr.Dialogue1",
        // The agent looks the caller's groups up, and refuses all while no group is set.
        "org.pam_sspr.HelpDesk1",
        "org.freedesktop.DBus.Introspectable",
        // Answered by every process on a bus; it knows nothing but the machine's number.
        "org.freedesktop.DBus.Peer",
    ];
    let (mut reached, mut denied) = (0, 0);
    for object in [AGENT, PEOPLE, CREDENTIAL] {
        let methods = methods(&machine, object);
        for interface in ["Dialogue1", "Admin1", "Settings1", "Credential1", "HelpDesk1"] {
            let ours = match object {
                CREDENTIAL => interface == "Credential1",
                PEOPLE => ["Dialogue1", "HelpDesk1"].contains(&interface),
                _ => !["Credential1", "HelpDesk1"].contains(&interface),
            };
            assert_eq!(methods.iter().any(|(name, _)| name.ends_with(interface)), ours, "{object}: {methods:?}");
        }
        for (interface, method) in methods {
            let outcome = busctl(&machine, "alice", &format!("call {object} {interface} {method}"));
            if object == PEOPLE && open.contains(&interface.as_str()) {
                assert!(!outcome.stderr.contains("Access denied"), "{interface}.{method}: {outcome:?}");
                assert!(
                    interface != "org.pam_sspr.HelpDesk1" || outcome.code != 0,
                    "{interface}.{method}: {outcome:?}"
                );
                reached += 1;
            } else {
                assert!(
                    outcome.code != 0 && outcome.stderr.contains("Access denied"),
                    "{interface}.{method}: {outcome:?}"
                );
                denied += 1;
            }
        }
    }
    assert!(reached >= 4 && denied >= 20, "{reached} reached, {denied} denied");
    // The agent's own user is no administrator either.
    let outcome = busctl(&machine, "sspr", &format!("call {AGENT} org.pam_sspr.Admin1 Users ss '{{}}' '{{}}'"));
    assert!(outcome.stderr.contains("Access denied"), "{outcome:?}");
}

#[test]
fn nobody_takes_our_names_and_nobody_listens() {
    let machine = Machine::ready(&[("alice", PASSWORD)]);
    machine.must("systemctl stop sspr-agent sspr-credential");
    for (who, name) in [
        ("alice", "org.pam_sspr.Agent1"),
        ("alice", "org.pam_sspr.People1"),
        ("alice", "org.pam_sspr.Credential1"),
        ("sspr", "org.pam_sspr.Credential1"),
        ("root", "org.pam_sspr.Agent1"),
        ("root", "org.pam_sspr.People1"),
        ("alice", "org.pam_sspr.Other1"),
    ] {
        // Replacing an owner, being replaced, and not waiting.
        let outcome = busctl(&machine, who, &format!("call {BUS} RequestName su {name} 7"));
        assert!(
            outcome.code != 0 && ["not allowed to own", "Access denied"].iter().any(|no| outcome.stderr.contains(no)),
            "{who} {name}: {outcome:?}"
        );
    }
    machine.agent().restart();
    let outcome = busctl(&machine, "alice", &format!("call {BUS}.Monitoring BecomeMonitor asu 0 0"));
    assert!(outcome.code != 0, "{outcome:?}");
    let match_all = "eavesdrop=true,destination='org.pam_sspr.Agent1'";
    let outcome = busctl(&machine, "alice", &format!("call {BUS} AddMatch s \"{match_all}\""));
    let journal = machine.journal("sspr-agent");
    assert!(!journal.contains("panicked"), "{outcome:?}\n{journal}");
    // Nor does anybody where our policy is gone: by the bus's own, nobody may own a name.
    machine.must("systemctl stop sspr-agent sspr-credential && rm /usr/share/dbus-1/system.d/org.pam_sspr.conf");
    machine.must("busctl call org.freedesktop.DBus / org.freedesktop.DBus ReloadConfig");
    for name in ["org.pam_sspr.Agent1", "org.pam_sspr.People1", "org.pam_sspr.Credential1"] {
        let who = "alice";
        let outcome = busctl(&machine, who, &format!("call {BUS} RequestName su {name} 7"));
        assert!(
            outcome.code != 0 && ["not allowed to own", "Access denied"].iter().any(|no| outcome.stderr.contains(no)),
            "{who} {name}: {outcome:?}"
        );
    }
}

#[test]
fn alice_acts_for_nobody_else_and_bob_is_served_while_she_floods() {
    let machine = Machine::ready(&[("alice", PASSWORD), ("bob", PASSWORD)]);
    machine.has_email("bob", "bob@example.org");
    let begin = |purpose: &str, user: &str| {
        let call = format!("call {PEOPLE} org.pam_sspr.Dialogue1 Begin ssssss {purpose} {user} sshd ssh 192.0.2.1 ''");
        busctl(&machine, "alice", &call)
    };
    assert!(begin("register", "bob").stderr.contains("only a PAM host"));
    for purpose in ["enroll", "remove", "codes"] {
        let said = begin(purpose, "bob");
        assert!(said.code == 0 && !said.stdout.contains("example.org"), "{purpose}: {said:?}");
    }
    let status = begin("status", "bob");
    assert!(status.code == 0 && status.stdout.contains("Nothing is registered"), "hers, not bob's: {status:?}");
    let pid = machine.must("systemctl show -P MainPID sspr-agent");
    let memory = || -> u64 {
        let status = machine.must(&format!("grep VmRSS /proc/{pid}/status"));
        status.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    let before = memory();
    machine.must(&format!(
        "systemd-run --quiet --unit=flood --uid=alice sh -c 'while :; do for i in 1 2 3 4 5 6 7 8; do \
         busctl call {PEOPLE} org.pam_sspr.Dialogue1 Begin ssssss recover bob sshd ssh x \"\" >/dev/null 2>&1 & done; wait; done'"
    ));
    machine.ssh("bob").proves_by_email(&machine, "bob@example.org").new_password(NEW).signed_in("bob");
    machine.must("systemctl is-active flood && systemctl stop flood");
    let after = memory();
    assert!(after < before + 20_000, "{before} kB before, {after} kB after");
    assert_eq!(machine.must("systemctl show -P MainPID sspr-agent"), pid);
}

#[test]
fn huge_messages_of_alice_keep_no_sign_in_from_the_agent() {
    let machine = Machine::ready(&[("alice", PASSWORD), ("bob", PASSWORD)]);
    machine.imports_email("bob", "bob@example.org");
    machine.copy_in(std::path::Path::new(env!("CARGO_BIN_EXE_stand-in")), "/usr/bin/stand-in");
    // An older package has one name for root and for all others.
    let policy = machine.must("cat /usr/share/dbus-1/system.d/org.pam_sspr.conf");
    let name = if policy.contains("org.pam_sspr.People1") { "org.pam_sspr.People1" } else { "org.pam_sspr.Agent1" };
    machine.must(&format!(
        "chmod 755 /usr/bin/stand-in
         systemd-run -q --collect --unit=flood --uid=alice /usr/bin/stand-in floods {name}
         held() {{ awk '/^VmRSS/ {{ print $2 }}' /proc/$(pgrep -o dbus-daemon)/status; }}
         for n in $(seq 400); do [ $(held) -gt 50000 ] && exit 0; sleep 0.05; done; exit 1"
    ));
    let call = format!("busctl call {AGENT} org.pam_sspr.Dialogue1 Begin ssssss register root login tty1 '' '' 2>&1");
    for _ in 0..12 {
        let begun = machine.run(&call);
        assert_eq!(begun.code, 0, "{begun:?}");
    }
    machine.ssh("bob").proves_by_email(&machine, "bob@example.org").new_password(NEW).signed_in("bob");
    machine.must("systemctl is-active flood && systemctl stop flood");
}

#[test]
fn alice_gets_into_no_process_that_the_helper_starts_to_count_her_keys() {
    let machine = Machine::ready(&[("alice", PASSWORD)]);
    machine.copy_in(std::path::Path::new(env!("CARGO_BIN_EXE_stand-in")), "/usr/bin/stand-in");
    machine.must(
        "chmod 755 /usr/bin/stand-in; install -d -m 700 -o alice -g alice ~alice/.ssh
         echo ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ6 >~alice/.ssh/authorized_keys; chown alice: ~alice/.ssh/authorized_keys",
    );
    let looks_at = |unit: &str| {
        let seen = format!("/tmp/{unit}");
        machine.must(&format!(
            "systemd-run -q --collect --unit=looks --uid=alice /usr/bin/stand-in opens {unit}.service {seen}
             timeout 30 sh -c 'until [ -s {seen} ]; do sleep 0.05; done'"
        ));
        seen
    };
    // What is hers she gets into at once. Where Yama forbids that already, nothing could be seen here.
    let seen = looks_at("hers");
    machine.must("systemd-run -q --unit=hers --uid=alice sh -c 'while sleep 0.2; do :; done'");
    let yama = machine.run("cat /proc/sys/kernel/yama/ptrace_scope").stdout;
    assert!(["", "0"].contains(&yama.trim()), "this test needs: sysctl kernel.yama.ptrace_scope=0");
    machine.must(&format!("timeout 30 sh -c 'until grep opened {seen}; do sleep 0.05; done'"));
    machine.must("systemctl stop looks hers");
    let seen = looks_at("sspr-credential");
    let uid = machine.must("id -u alice");
    for _ in 0..40 {
        machine.must(&format!("busctl call {CREDENTIAL} org.pam_sspr.Credential1 Aftermath sub alice {uid} false"));
    }
    assert_eq!(machine.must(&format!("systemctl is-active looks >/dev/null && cat {seen}")), "looks");
}
