//! Settings take effect on a running machine: by a reload, and by `sspr admin enable`.

use sspr_tests::{Image, Machine, story::INVITATION};

const PASSWORD: &str = "rain on a tin roof";

#[test]
fn a_change_of_the_settings_counts_after_a_reload_and_a_mistake_keeps_the_old_ones_and_fails_it() {
    let machine = Machine::ready(&[("alice", PASSWORD), ("bob", PASSWORD), ("carol", PASSWORD)]);
    let pid = machine.must("systemctl show -P MainPID sspr-agent");
    let drop_in = "/etc/sspr/sspr.toml.d/60-local.toml";

    // A dialogue in progress keeps the settings that it began with.
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
