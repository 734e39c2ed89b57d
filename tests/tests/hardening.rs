//! What our two services may do, and what an attacker who took the agent over could.

use std::path::{Path, PathBuf};

use sspr_tests::{
    Image, Machine, Suite,
    apparmor::{self, Profile},
    host,
    phone::Gateway,
};

const PASSWORD: &str = "rain on a tin roof";
const NEW: &str = "seven green kites fly";

pub(crate) fn packaging(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging").join(path)
}

/// What `systemd-analyze security` says of a unit, on a scale of 0 to 100, is no more than `most`; and whatever it would
/// have stricter is explained in the unit.
#[track_caller]
fn is_exposed_at_most(unit: &str, most: u32) {
    let path = packaging(&format!("systemd/{unit}"));
    let text = std::fs::read_to_string(&path).unwrap();
    let path = path.to_str().unwrap();
    // Exits with a failure above the threshold.
    let threshold = format!("--threshold={most}");
    host::command("systemd-analyze", ["security", "--offline=true", &threshold, "--no-pager", path]);
    let report = host::command("systemd-analyze", ["security", "--offline=true", "--json=short", "--no-pager", path]);
    let checks: serde_json::Value = serde_json::from_str(&report).unwrap();
    for check in checks.as_array().unwrap() {
        let costs = check["exposure"].as_str().is_some_and(|exposure| exposure != "0.0");
        let name = check["name"].as_str().unwrap();
        let directive = format!("{}=", name.split(['=', '/']).next().unwrap());
        let mut lines = text.lines().peekable();
        let mut explained = false;
        while let Some(line) = lines.next() {
            let comment = line.starts_with('#');
            explained |=
                comment && (line.contains(&directive) || lines.peek().is_some_and(|l| l.starts_with(&directive)));
        }
        assert!(!costs || explained, "{unit}: {name} is relaxed and nothing says why");
    }
}

#[test]
fn the_exposure_of_both_services_is_low_and_each_relaxed_line_has_its_reason() {
    is_exposed_at_most("sspr-agent.service", 15);
    is_exposed_at_most("sspr-credential.service", 30);
    is_exposed_at_most("sspr-directory.service", 15);
    is_exposed_at_most("sspr-metrics.service", 30);
}

#[test]
fn newer_and_older_systemd_agree_on_the_exposure() {
    for suite in Suite::ALL {
        let machine = Machine::with(Image::installed_on(suite)).boot();
        for (unit, most) in [("sspr-agent", 15), ("sspr-credential", 30)] {
            let path = format!("/usr/lib/systemd/system/{unit}.service");
            machine.must(&format!("systemd-analyze security --offline=true --threshold={most} --no-pager {path}"));
        }
    }
}

#[test]
fn the_apparmor_profiles_hold_where_the_kernel_has_it_and_are_read_by_its_parser_everywhere() {
    let profiles = ["sspr-agent", "sspr-credential"].map(|name| (name, packaging(&format!("apparmor/{name}"))));
    for path in profiles.iter().map(|(_, path)| path).chain([&packaging("apparmor/sspr-directory")]) {
        // Neither needs nor asks this kernel.
        let features = "--features-file=/usr/share/apparmor-features/features";
        host::command("apparmor_parser", ["-Q", "-K", features, path.to_str().unwrap()]);
    }
    if !std::fs::read_to_string("/sys/module/apparmor/parameters/enabled").is_ok_and(|on| on.starts_with('Y')) {
        eprintln!("this kernel has no AppArmor: the profiles were parsed, and not enforced");
        return;
    }
    eprintln!("this kernel has AppArmor: the profiles are enforced");
    for (_, path) in &profiles {
        host::command("apparmor_parser", ["--replace", path.to_str().unwrap()]);
    }
    let (machine, agent, helper) = with_the_helper_running();
    machine.registers_email("alice", PASSWORD, "alice@example.org");
    for ((name, path), pid) in profiles.iter().zip([agent, helper]) {
        assert_eq!(machine.must(&format!("cat /proc/{pid}/attr/current")), format!("{name} (enforce)"));
        host::command("apparmor_parser", ["--remove", path.to_str().unwrap()]);
    }
}

/// A machine whose helper was just called and is still there.
fn with_the_helper_running() -> (Machine, String, String) {
    let machine = Machine::ready(&[("alice", PASSWORD)]);
    machine.must(
        "setpriv --reuid sspr --regid sspr --clear-groups \
             busctl call org.pam_sspr.Credential1 /org/pam_sspr/Credential1 org.pam_sspr.Credential1 Account s alice",
    );
    let pid = |unit| machine.must(&format!("systemctl show -P MainPID {unit}"));
    let (agent, helper) = (pid("sspr-agent"), pid("sspr-credential"));
    (machine, agent, helper)
}

#[test]
fn whoever_becomes_the_agents_user_reads_no_passwords_traces_nobody_and_changes_nothing_of_the_systems() {
    let (machine, agent, helper) = with_the_helper_running();
    let attempts = [
        "cat /etc/shadow",
        "cat /etc/gshadow",
        "ls /run/sspr-credential",
        "cat /root/.profile",
        &format!("cat /proc/{helper}/environ"),
        &format!("cat /proc/{helper}/root/etc/shadow"),
        &format!("cat /proc/{helper}/maps"),
        &format!("kill -0 {helper}"),
        &format!("strace -o /dev/null -p {helper}"),
        &format!("strace -o /dev/null -p {agent}"),
        "strace -o /dev/null -p 1",
        "touch /etc/pam.d/sspr",
        "touch /etc/sspr/sspr.toml",
        "touch /etc/new",
        "touch /usr/libexec/sspr/sspr-agent",
        "touch /etc/passwd",
        "su -c true root",
        "setpriv --reuid 0 true",
        "busctl call org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager StopUnit ss ssh.service replace",
    ];
    let user = "setpriv --reuid sspr --regid sspr --clear-groups";
    // As the user, and as the user with the agent's view of the file system and of the processes.
    let inside = format!("nsenter --mount --target {agent} {user} --no-new-privs --bounding-set -all");
    for become_it in [user, &inside] {
        assert_eq!(machine.must(&format!("{become_it} id -un")), "sspr");
        for attempt in attempts {
            // The command must be there and fail.
            let program = attempt.split(' ').next().unwrap();
            machine.must(&format!("command -v {program}"));
            let outcome = machine.run(&format!("timeout 5 {become_it} {attempt} </dev/null"));
            assert!(![0, 124].contains(&outcome.code), "{become_it} {attempt}: {outcome:?}");
        }
    }
    // Its own directory is all that it can write in its own view.
    let writable = machine.must(&format!(
        "{inside} find / -xdev \\( -path /proc -o -path /dev -o -path /sys \\) -prune -o -type d -writable -print 2>/dev/null || true"
    ));
    let expected = ["/run/sspr", "/tmp", "/var/lib/sspr", "/var/lib/sspr/spool", "/var/tmp"];
    assert!(writable.lines().all(|line| expected.contains(&line)), "{writable}");
    assert_eq!(machine.must("systemctl is-active ssh"), "active");
}

#[test]
fn the_helper_has_no_network_and_neither_of_the_two_leaves_a_core() {
    let (machine, agent, helper) = with_the_helper_running();
    // What it may not even ask for, wherever it stands.
    assert_eq!(machine.must("systemctl show -P RestrictAddressFamilies sspr-credential"), "AF_NETLINK AF_UNIX");
    if machine.journal("sspr-credential").contains("lack privileges for network namespace, proceeding without") {
        eprintln!("systemd can't make network namespaces in this container; not looked at: what is in the helper's");
    } else {
        has_a_network_of_its_own(&machine, &helper);
    }
    for pid in [agent, helper] {
        let limits = machine.must(&format!("grep '^Max core file size' /proc/{pid}/limits"));
        assert_eq!(limits.split_whitespace().collect::<Vec<_>>()[4..6], ["0", "0"], "{limits}");
        // Nor for a program that takes cores by a pipe, which goes by this rather than by the limit.
        assert_eq!(machine.must(&format!("stat -c %U /proc/{pid}/mem")), "root");
    }
}

fn has_a_network_of_its_own(machine: &Machine, helper: &str) {
    let devices = machine.must(&format!("nsenter --net --target {helper} cat /proc/net/dev"));
    let names: Vec<_> = devices.lines().skip(2).map(|line| line.split(':').next().unwrap().trim()).collect();
    assert_eq!(names, ["lo"]);
    let reach = |prefix: &str| machine.run(&format!("{prefix} bash -c 'exec 3<>/dev/tcp/127.0.0.1/22'")).code;
    assert_eq!(reach(""), 0, "sshd listens");
    assert_ne!(reach(&format!("nsenter --net --target {helper}")), 0, "but not where the helper is");
}

/// Moves the secrets of the tests out of the agent's reach, into credentials; one of them encrypted for the machine.
const INTO_CREDENTIALS: &str = r"
systemctl stop sspr-agent
install -d -m 700 /etc/credstore /etc/credstore.encrypted
mv /var/lib/sspr/host.key /etc/sspr/smtp-password /etc/credstore
chown -R root: /etc/credstore
systemd-creds encrypt --with-key=host --name=twilio-token /etc/sspr/twilio-token /etc/credstore.encrypted/twilio-token
rm /etc/sspr/twilio-token
sed -i 's#/etc/sspr/\(smtp-password\|twilio-token\)#/run/credentials/sspr-agent.service/\1#' /etc/sspr/sspr.toml
mkdir -p /etc/systemd/system/sspr-agent.service.d
cat >/etc/systemd/system/sspr-agent.service.d/credentials.conf <<'DROPIN'
[Service]
LoadCredential=host.key:/etc/credstore/host.key
LoadCredential=smtp-password:/etc/credstore/smtp-password
LoadCredentialEncrypted=twilio-token:/etc/credstore.encrypted/twilio-token
DROPIN
systemctl daemon-reload
systemctl start sspr-agent
";

#[test]
fn host_key_mail_password_and_gateway_token_can_be_systemd_credentials_also_encrypted_ones() {
    let machine = Machine::ready(&[("alice", PASSWORD), ("bob", PASSWORD)]);
    machine.registers_email("alice", PASSWORD, "alice@example.org");
    machine.must(INTO_CREDENTIALS);
    assert!(machine.must("cat /etc/sspr/sspr.toml").contains("/run/credentials/"));
    // The same key opens what was registered before, and password and token send.
    machine.ssh("alice").proves_by_email(&machine, "alice@example.org").new_password(NEW).signed_in("alice");
    machine.registers_phone("bob", PASSWORD, "090-1234-5678", "+819012345678");
    assert_eq!(machine.must("ls /var/lib/sspr/host.key 2>/dev/null || true"), "", "no second key was made");
    let token = Gateway::TOKEN;
    let places = "/etc/sspr /var/lib/sspr /var/log/journal /run/log/journal";
    assert_eq!(machine.must(&format!("grep -rlE 'smtp of the tests|{token}' {places} 2>/dev/null || true")), "");
}

#[test]
fn all_that_the_two_do_with_files_is_in_their_apparmor_profiles() {
    let machine = Machine::ready(&[("alice", PASSWORD), ("bob", PASSWORD)]);
    machine.must("systemctl stop sspr-agent sspr-credential");
    apparmor::start_tracing(&machine);
    machine.must("systemctl start sspr-agent");
    machine.registers_email("alice", PASSWORD, "alice@example.org");
    machine.registers_phone("bob", PASSWORD, "090-1234-5678", "+819012345678");
    machine.ssh("alice").proves_by_email(&machine, "alice@example.org").new_password(NEW).signed_in("alice");
    machine.must("systemctl reload sspr-agent && systemctl stop sspr-agent sspr-credential");
    let programs = ["/usr/libexec/sspr/sspr-agent", "/usr/libexec/sspr/sspr-credential"];
    let done = apparmor::stop_tracing(&machine, &programs);
    for (program, done) in programs.iter().zip(done) {
        let name = program.rsplit('/').next().unwrap();
        let profile = Profile::read(&packaging(&format!("apparmor/{name}")));
        assert!(done.len() > 20, "{name}: {done:?}");
        let outside = apparmor::outside(&profile, program, &done);
        assert!(outside.is_empty(), "{name}: {outside:#?}");
        // The profile is no formality either.
        assert!(!profile.allows("/root/.ssh/id_ed25519", "r") && !profile.allows("/usr/bin/sh", "x"), "{name}");
    }
    let agent = Profile::read(&packaging("apparmor/sspr-agent"));
    assert!(!agent.allows("/etc/shadow", "r") && !agent.allows("/etc/sspr/sspr.toml", "w"));
    let helper = Profile::read(&packaging("apparmor/sspr-credential"));
    assert!(!helper.allows(programs[0], "x") && helper.allows(programs[1], "mr"));
}
