//! The package itself: installing switches nothing on, removing takes everything back.

use std::collections::BTreeMap;

use sspr_tests::{Image, Machine, image};

const PASSWORD: &str = "rain on a tin roof";

/// Every file and link below `/etc`, with what is in it, and with its owner and mode.
fn etc(machine: &Machine) -> BTreeMap<String, String> {
    let list = machine.must(
        "cd /etc && find . ! -type d -printf '%p\\t%U:%G %m %l ' -exec sh -c \
             'test -f \"$1\" && sha256sum <\"$1\" || echo' sh {} \\;",
    );
    list.lines().filter_map(|line| line.split_once('\t')).map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
}

/// Which files differ.
fn changes(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<String> {
    let mut names: Vec<_> =
        before.keys().chain(after.keys()).filter(|n| before.get(*n) != after.get(*n)).cloned().collect();
    names.sort();
    names.dedup();
    names
}

fn plain_with_package_at_hand() -> Machine {
    let machine = Machine::with(Image::plain()).user("alice", PASSWORD).boot();
    machine.copy_in(&image::package(), "/root/sspr.deb");
    machine
}

#[test]
fn installing_changes_no_file_of_anybody_else_and_purging_leaves_nothing_behind() {
    let machine = plain_with_package_at_hand();
    let before = etc(&machine);
    machine.must("dpkg -i /root/sspr.deb");
    let owned = ["./pam.d/sspr", "./sspr/sspr.toml", "./systemd/system/multi-user.target.wants/sspr-agent.service"];
    let (ours, others): (Vec<_>, Vec<_>) =
        changes(&before, &etc(&machine)).into_iter().partition(|name| owned.contains(&name.as_str()));
    assert_eq!(ours, owned);
    // The agent's user.
    let accounts = ["./.pwd.lock", "./group", "./gshadow", "./passwd", "./shadow"];
    assert!(others.iter().all(|name| accounts.contains(&name.trim_end_matches('-'))), "{others:?}");
    assert_eq!(machine.must("systemctl is-active sspr-agent; systemctl is-enabled sspr-agent"), "active\nenabled");
    assert_eq!(machine.run("systemctl is-system-running").stdout, "running\n");
    let mut terminal = machine.ssh_password_method("alice");
    terminal.expect("password: ").type_line(PASSWORD).signed_in("alice");
    drop(terminal);

    machine.must("dpkg --purge sspr");
    let left = changes(&before, &etc(&machine));
    // The account files' backups show that there was a user; nothing else does.
    assert!(left.iter().all(|name| name.ends_with('-') || name == "./.pwd.lock"), "{left:?}");
    assert_eq!(machine.must("find / -xdev -path /proc -prune -o -name '*sspr*' -print"), "/root/sspr.deb");
    assert_eq!(machine.run("systemctl is-system-running").stdout, "running\n");
}

#[test]
fn removing_takes_the_module_out_of_pam_and_restores_it_byte_for_byte() {
    let machine = Machine::with(Image::installed()).user("alice", PASSWORD).boot();
    let pam = || {
        let all = etc(&machine);
        all.into_iter()
            .filter(|(name, _)| name.starts_with("./pam.d/") && name != "./pam.d/sspr")
            .collect::<BTreeMap<_, _>>()
    };
    let before = pam();
    machine.switch_on();
    assert_eq!(changes(&before, &pam()), ["./pam.d/common-account", "./pam.d/common-auth"]);
    machine.ssh("alice").expect("Forgotten? Press Enter to reset it.").password(PASSWORD).signed_in("alice");
    machine.must("dpkg --remove sspr");
    assert_eq!(changes(&before, &pam()), Vec::<String>::new());
    let mut terminal = machine.ssh("alice");
    terminal.password(PASSWORD).signed_in("alice");
    assert!(!terminal.transcript().contains("Forgotten"), "{}", terminal.transcript());
}

#[test]
fn an_upgrade_keeps_settings_and_the_switch_and_runs_the_new_agent() {
    let machine = Machine::with(Image::installed()).settings("[scope]\nenable = \"all\"").switched_on().boot();
    machine.copy_in(&image::package(), "/root/sspr.deb");
    let state = || machine.must("cat /etc/sspr/sspr.toml /etc/pam.d/common-*; systemctl is-active sspr-agent");
    let pid = || machine.must("systemctl show -P MainPID sspr-agent");
    let (before, old) = (state(), pid());
    machine.must("dpkg -i --force-confold /root/sspr.deb");
    assert_eq!(state(), before);
    assert_ne!(pid(), old);
    machine.must("systemctl disable --now sspr-agent; dpkg -i --force-confold /root/sspr.deb");
    assert_eq!(machine.run("systemctl is-enabled sspr-agent").stdout, "disabled\n", "what was disabled stays so");
}

#[test]
fn the_bus_lets_only_the_right_ones_own_names_and_call() {
    let machine = Machine::ready(&[("alice", PASSWORD)]);
    let call = |user: &str, name: &str, object: &str, member: &str| {
        machine.run(&format!(
            "setpriv --reuid {user} --clear-groups --regid nogroup busctl call org.pam_sspr.{name} /org/pam_sspr/{object} {member} 2>&1"
        ))
    };
    let begin = "org.pam_sspr.Dialogue1 Begin ssssss recover alice sspr '' '' ''";
    assert_eq!(call("alice", "Agent1", "Agent1", begin).code, 0);
    let admin = call("alice", "Agent1", "Agent1", "org.pam_sspr.Admin1 Anything");
    assert!(admin.stdout.contains("Access denied"), "{admin:?}");
    let account = "org.pam_sspr.Credential1 Account s alice";
    let denied = call("alice", "Credential1", "Credential1", account);
    assert!(denied.stdout.contains("Access denied"), "{denied:?}");
    let allowed = call("sspr", "Credential1", "Credential1", account);
    assert_eq!(allowed.code, 0, "{allowed:?}");
    for user in ["alice", "root"] {
        let own = machine.run(&format!(
            "systemctl stop sspr-agent
             setpriv --reuid {user} --clear-groups --regid nogroup busctl call org.freedesktop.DBus /org/freedesktop/DBus \
                 org.freedesktop.DBus RequestName su org.pam_sspr.Agent1 0 2>&1"
        ));
        assert!(own.stdout.contains("Access denied"), "{user}: {own:?}");
    }
    assert_eq!(machine.run("pgrep -x sspr-agent").stdout, "", "nothing starts a stopped agent");
}
