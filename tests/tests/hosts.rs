//! Hardened and individually configured machines: the requirements of their password modules apply to a reset as to the
//! owner's `passwd`, and what is impossible is known before the user is asked anything.

use sspr_tests::{Image, Machine, Suite, story::WHERE_TO};

const OLD: &str = "rain on a tin roof";
const NEW: &str = "seven green kites fly";
const NEWER: &str = "nine brown boats sail";
const NOT_NOW: &str = "Reset isn't available right now";

const KEEP_RULES: &str = "cp /etc/pam.d/common-password /root/";
const RULES: &str = "cp /root/common-password /etc/pam.d/";

/// A machine with these packages, and alice.
fn machine(packages: &[&str], prepare: &str, settings: &str) -> Machine {
    machine_of(Suite::default(), packages, prepare, settings)
}

fn machine_of(suite: Suite, packages: &[&str], prepare: &str, settings: &str) -> Machine {
    built(Image::installed_with(suite, packages), prepare, settings)
}

fn built(image: Image, prepare: &str, settings: &str) -> Machine {
    Machine::with(image)
        .switched_on()
        .with_mail()
        .with_gateway()
        .user("alice", OLD)
        .settings("[scope]\nenable = \"all\"\n")
        .settings(settings)
        .prepare(prepare)
        .boot()
}

#[test]
fn where_no_password_can_be_set_nobody_is_led_through_a_reset_whatever_the_name() {
    let machine = machine(&["libpam-pwquality", "cracklib-runtime", "libpam-systemd"], KEEP_RULES, "");
    machine.registers_email("alice", OLD, "alice@example.org");
    let keep = RULES;
    for (breaks, mends) in [
        ("sed -i '/pam_unix/{p}' /etc/pam.d/common-password", keep),
        ("sed -i '/pam_pwquality/d' /etc/pam.d/common-password", keep),
        ("cp -a /etc/shadow /root/shadow; mount --bind /root/shadow /etc/shadow", "umount /etc/shadow"),
        ("mv /var/cache/cracklib /root/", "mv /root/cracklib /var/cache/"),
    ] {
        machine.must(breaks);
        for name in ["alice", "nobody-of-that-name"] {
            let mut terminal = machine.ssh(name);
            terminal.forgotten().expect(NOT_NOW);
            assert!(!terminal.transcript().contains("Your choice"), "{breaks}, {name}: {}", terminal.transcript());
        }
        assert_eq!(machine.mailbox("alice@example.org").codes(), 1, "{breaks}");
        machine.must(mends);
        machine.ssh("alice").forgotten().expect(WHERE_TO);
    }
    assert!(machine.journal("sspr-agent").contains("something is mounted on /etc/shadow"));
}

/// A user who forgot a password learns at once that there is no reset, and no code is sent.
#[track_caller]
fn refuses_everybody(machine: &Machine, why: &str) {
    let codes = machine.mailbox("alice@example.org").codes();
    for name in ["alice", "nobody-of-that-name"] {
        let mut terminal = machine.ssh(name);
        terminal.forgotten().expect(NOT_NOW).expect("Password: ");
        // From the agent, not because of a missing agent, for which the text differs.
        assert!(!terminal.transcript().contains("Your choice"), "{why}, {name}: {}", terminal.transcript());
        assert!(!terminal.transcript().contains("Try again later"), "{why}, {name}: {}", terminal.transcript());
    }
    assert_eq!(machine.mailbox("alice@example.org").codes(), codes, "{why}");
    assert!(machine.journal("sspr-agent").contains("no password can be set: "), "{why}");
}

#[test]
fn what_only_the_helper_can_know_to_be_impossible_is_known_before_anybody_is_asked_anything() {
    let machine = machine(&[], KEEP_RULES, "");
    machine.registers_email("alice", OLD, "alice@example.org");
    let drop_in = |text: &str| {
        format!(
            "mkdir -p /run/systemd/system/sspr-credential.service.d
             printf '[Service]\\n{text}\\n' >/run/systemd/system/sspr-credential.service.d/test.conf
             systemctl daemon-reload; systemctl stop sspr-credential"
        )
    };
    let without = "rm /run/systemd/system/sspr-credential.service.d/test.conf; systemctl daemon-reload
                   systemctl stop sspr-credential";
    for (breaks, mends) in [
        (drop_in("ReadOnlyPaths=/etc"), without),
        (drop_in("ExecStart=\\nExecStart=/bin/false"), without),
        ("sed -i '1i password requisite pam_gone.so' /etc/pam.d/common-password".to_owned(), RULES),
        // Minutes of hashing.
        ("sed -i 's/pam_unix.so.*/pam_unix.so sha512 rounds=999999999/' /etc/pam.d/common-password".to_owned(), RULES),
    ] {
        // A recent finding is kept for a minute.
        machine.agent().restart();
        machine.must(&breaks);
        // A helper that takes long to start, or whose start fails, is no reason to refuse. The first user may be shown the
        // menu; after that the result is known for a while.
        let shown = machine.ssh("alice").forgotten().expect_any(&[WHERE_TO, NOT_NOW]);
        assert!(shown == 0 || !breaks.contains("/bin/false"), "nobody waits for a start that fails");
        machine.must(
            "since=_SYSTEMD_INVOCATION_ID=$(systemctl show -P InvocationID sspr-agent)
             timeout 30 sh -c \"until journalctl $since | grep -q 'no password can be set'; do sleep 0.1; done\"",
        );
        refuses_everybody(&machine, &breaks);
        assert_eq!(machine.run("sspr doctor --offline").code, 2, "{breaks}");
        machine.must(mends);
        // The bus may still wait for the earlier start.
        machine.must(
            "timeout 60 sh -c 'until busctl call org.pam_sspr.Credential1 /org/pam_sspr/Credential1 org.freedesktop.DBus.Peer Ping
             do sleep 0.5; done'",
        );
        machine.ssh("alice").forgotten().expect(WHERE_TO);
    }
}

/// Its own words, and the same rules as for the owner.
#[test]
fn rules_of_passwdqc_hold_in_a_reset_and_are_told_in_its_own_words() {
    let machine = built(
        Image::with_files_of("libpam-passwdqc", "*passwdqc*"),
        "pam-auth-update --enable passwdqc; grep -q pam_passwdqc.so /etc/pam.d/common-password",
        "",
    );
    machine.registers_email("alice", OLD, "alice@example.org");
    let mut reset = machine.ssh("alice");
    reset.proves_by_email(&machine, "alice@example.org");
    // One class of characters: our own rules accept it, but passwdqc requires more classes at this length.
    reset.new_password("qmvkzjwxgrtpfh").expect("not enough different characters or classes for this length.");
    reset.new_password("Tk7-rainwood-9Q").signed_in("alice");
    assert!(machine.run("sspr doctor --offline").stdout.contains("own rules for new passwords apply as well"));
    // The same when the owner changes it.
    let mut owner = machine.ssh("alice");
    owner.password("Tk7-rainwood-9Q").signed_in("alice").type_line("passwd").expect("Current password: ");
    owner.type_line("Tk7-rainwood-9Q").expect("new password: ").type_line("qmvkzjwxgrtpfh");
    owner.expect("not enough different characters or classes for this length.");
}

#[test]
fn a_password_that_pam_unix_remembers_is_refused_in_a_reset_as_passwd_refuses_it() {
    let machine =
        machine(&[], "sed -i 's/pam_unix.so obscure/pam_unix.so obscure remember=5/' /etc/pam.d/common-password", "");
    machine.registers_email("alice", OLD, "alice@example.org");
    let mut alice = machine.ssh("alice");
    alice.password(OLD).signed_in("alice").type_line("passwd").expect("Current password: ").type_line(OLD);
    alice.expect("New password: ").type_line(NEW).expect("Retype new password: ").type_line(NEW);
    alice.expect("updated successfully");
    // The message that the owner sees.
    alice.type_line("passwd").expect("Current password: ").type_line(NEW);
    alice.expect("New password: ").type_line(OLD).expect("Retype new password: ").type_line(OLD);
    alice.expect("Password has been already used.");
    let mut reset = machine.ssh("alice");
    reset.proves_by_email(&machine, "alice@example.org");
    reset.new_password(OLD).expect("Password has been already used. Choose another.");
    reset.new_password(NEWER).signed_in("alice");
    // The user was told before typing anything.
    let seen = reset.transcript();
    let (before, _) = seen.split_once("New password: ").unwrap();
    assert!(before.contains("used before"), "{before}");
}

#[test]
fn messages_go_to_gammu_as_the_guide_has_it_and_without_its_drop_in_the_reason_is_told() {
    let guide = include_str!("../../docs/administrators-guide.md");
    let line = r#"argv = ["/usr/bin/gammu-smsd-inject", "TEXT", "{to}", "-autolen", "600"]"#;
    assert!(guide.contains(line) && include_str!("../../config/sspr.toml").contains(line));
    let drop_in = ["SupplementaryGroups=gammu", "ReadWritePaths=/var/spool/gammu"];
    assert!(drop_in.iter().all(|line| guide.contains(line)));
    let settings =
        format!("[phone]\ngateway = \"command\"\n[phone.command]\n{line}\nstdin = true\n[texts]\nlanguage = \"ja\"\n");
    let machine = machine(&["gammu-smsd"], "systemctl disable -q gammu-smsd", &settings);
    let refused = machine.run("sspr admin test-phone '+81 90 1234 5678'");
    assert!(refused.code != 0 && refused.stderr.contains("it said: Failed to inject message"), "{refused:?}");
    machine.must(&format!(
        "mkdir -p /etc/systemd/system/sspr-agent.service.d
         printf '[Service]\\n{}\\n' >/etc/systemd/system/sspr-agent.service.d/gammu.conf
         systemctl daemon-reload; systemctl restart sspr-agent",
        drop_in.join("\\n")
    ));
    machine.must("sspr admin test-phone '+81 90 1234 5678'");
    let waiting = machine.must("ls /var/spool/gammu/outbox; cat /var/spool/gammu/outbox/OUT*");
    assert!(waiting.contains("+819012345678") && waiting.contains("Unicode"), "{waiting}");

    // It is sent with Gammu's own dummy telephone, because the daemon of Debian's unit is root.
    assert!(guide.contains("The daemon must run as root"));
    machine.must(
        "mkdir /var/lib/dummy
         sed -i 's|^port = .*|port = /var/lib/dummy|; s|^connection = .*|model = dummy\\nconnection = none|' /etc/gammu-smsdrc
         systemctl start gammu-smsd
         timeout 40 sh -c 'until ls /var/spool/gammu/sent/OUT* >/dev/null 2>&1; do sleep 0.1; done'",
    );
    assert_eq!(machine.must("ls /var/spool/gammu/error /var/spool/gammu/outbox | grep OUT || true"), "");
}

#[test]
fn with_the_drop_in_that_doctor_names_old_passwords_may_be_kept_anywhere() {
    // An older pam_pwhistory does not support file=.
    let machine = machine_of(
        Suite::Trixie,
        &[],
        "mkdir -m 700 /var/lib/old; touch /var/lib/old/opasswd
         { echo 'password requisite pam_pwhistory.so remember=5 file=/var/lib/old/opasswd'
           sed 's/^password.*pam_unix.so/& use_authtok/' /etc/pam.d/common-password; } >/root/with-history
         cp /root/with-history /etc/pam.d/common-password",
        "",
    );
    machine.registers_email("alice", OLD, "alice@example.org");
    let doctor = machine.run("sspr doctor --offline");
    let told = doctor.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        doctor.code == 2 && told.contains("pam_pwhistory.so keeps old passwords in /var/lib/old/opasswd"),
        "{told}"
    );
    assert!(told.contains("[Service] ReadWritePaths=/var/lib/old"), "{told}");
    // Until then no user is led through a reset that can't succeed, whatever the name.
    refuses_everybody(&machine, "pam_pwhistory");
    assert!(machine.journal("sspr-agent").contains("pam_pwhistory.so keeps old passwords in /var/lib/old/opasswd"));
    machine.must(
        "mkdir -p /etc/systemd/system/sspr-credential.service.d
         printf '[Service]\\nReadWritePaths=/var/lib/old\\n' >/etc/systemd/system/sspr-credential.service.d/old.conf
         systemctl daemon-reload; systemctl stop sspr-credential",
    );
    assert_eq!(machine.run("sspr doctor --offline").code, 0);
    let mut reset = machine.ssh("alice");
    reset.proves_by_email(&machine, "alice@example.org").new_password(NEW).signed_in("alice");
    assert!(machine.must("cat /var/lib/old/opasswd").starts_with("alice:"));
}
