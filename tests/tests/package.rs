//! The package itself: installing switches nothing on, removing takes everything back.

use std::collections::BTreeMap;

use sspr_tests::{Image, Machine, Suite, image, ssh::ssh_line};

const PASSWORD: &str = "rain on a tin roof";

/// Every file and link below `/etc`, with its content, owner and mode.
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

/// What a person and a script see of each way in, and what sshd offers.
fn ways_in(machine: &mut Machine) -> Vec<String> {
    let mut terminal = machine.ssh_password_method("alice");
    terminal.expect("password: ").type_line(PASSWORD).signed_in("alice").type_line("exit");
    assert!(terminal.wait_closed().success());
    let transcript = terminal.transcript();
    let console = machine.console();
    console.expect("login: ").type_line("alice").expect("Password: ").type_line(PASSWORD).signed_in("alice");
    console.type_line("exit");
    let key = machine.ssh_key("alice", "id -un");
    let offered = machine.from_outside(&ssh_line(&["-o", "PreferredAuthentications=none", "alice@127.0.0.1"]));
    let shown = transcript.lines().filter(|line| !line.starts_with("Last login")).collect::<Vec<_>>().join("\n");
    vec![shown, format!("{key:?}"), format!("{offered:?}"), machine.must("sshd -T; su -c 'id -un' alice")]
}

#[track_caller]
fn installs_without_a_trace(suite: Suite) {
    let mut machine = Machine::with(Image::plain_of(suite)).user("alice", PASSWORD).boot();
    machine.copy_in(&image::package(), "/root/sspr.deb");
    let ways = ways_in(&mut machine);
    let before = etc(&machine);
    let state = machine.run("systemctl is-system-running").stdout;
    let said = machine.must("dpkg -i /root/sspr.deb");
    assert!(said.contains("switched on for nobody yet. Next: sspr setup"), "{said}");
    let owned = [
        "./apparmor.d/sspr-agent",
        "./apparmor.d/sspr-credential",
        "./pam.d/sspr",
        "./profile.d/sspr.sh",
        "./shadow-maint/userdel-post.d/sspr",
        "./sspr/installed.toml",
        "./sspr/sspr.toml",
        "./systemd/system/multi-user.target.wants/sspr-agent.service",
    ];
    let (ours, others): (Vec<_>, Vec<_>) =
        changes(&before, &etc(&machine)).into_iter().partition(|name| owned.contains(&name.as_str()));
    assert_eq!(ours, owned);
    // The agent's user.
    let accounts = ["./.pwd.lock", "./group", "./gshadow", "./passwd", "./shadow"];
    assert!(others.iter().all(|name| accounts.contains(&name.trim_end_matches('-'))), "{others:?}");
    assert_eq!(machine.must("systemctl is-active sspr-agent; systemctl is-enabled sspr-agent"), "active\nenabled");
    assert_eq!(machine.run("systemctl is-system-running").stdout, state);
    assert_eq!(ways_in(&mut machine), ways);
    // That is for machines with a modem, where setup writes it.
    assert_eq!(machine.must("find / -xdev -path '*/rules.d/*sspr*' -print"), "");

    machine.must("dpkg --purge sspr");
    let left = changes(&before, &etc(&machine));
    // The account files' backups show that there was a user; nothing else does.
    assert!(left.iter().all(|name| name.ends_with('-') || name == "./.pwd.lock"), "{left:?}");
    // Homes are their people's: when they were last told that they can register is noted there.
    assert_eq!(
        machine.must(
            "find / -xdev \\( -path /proc -o -path /home \\) -prune -o -name '*sspr*' -print; find /run -name '*sspr*'"
        ),
        "/root/sspr.deb"
    );
    assert_eq!(machine.run("systemctl is-system-running").stdout, state);
    assert_eq!(ways_in(&mut machine), ways);
}

#[test]
fn on_debian_12_installing_changes_no_file_of_anybody_else_and_purging_leaves_nothing_behind() {
    installs_without_a_trace(Suite::Bookworm);
}

#[test]
fn on_debian_13_installing_changes_no_file_of_anybody_else_and_purging_leaves_nothing_behind() {
    installs_without_a_trace(Suite::Trixie);
}

/// PAM's and sshd's files, ours left out.
fn pam_and_sshd(machine: &Machine) -> BTreeMap<String, String> {
    let all = etc(machine).into_iter();
    all.filter(|(name, _)| (name.starts_with("./pam.d/") && name != "./pam.d/sspr") || name.starts_with("./ssh/"))
        .collect()
}

#[track_caller]
fn is_removed_byte_for_byte(suite: Suite) {
    let machine = Machine::with(Image::installed_on(suite)).user("alice", PASSWORD).boot();
    let before = pam_and_sshd(&machine);
    machine.switch_on();
    let switched = ["./pam.d/common-account", "./pam.d/common-auth", "./ssh/sshd_config.d/10-sspr.conf"];
    assert_eq!(changes(&before, &pam_and_sshd(&machine)), switched);
    machine.ssh("alice").expect("Forgotten? Press Enter to reset it.").password(PASSWORD).signed_in("alice");
    machine.reloads_sshd(|| machine.must("dpkg --remove sspr"));
    assert_eq!(changes(&before, &pam_and_sshd(&machine)), Vec::<String>::new());
    assert_eq!(machine.must("ls -d /run/sspr* 2>/dev/null || true"), "");
    let mut terminal = machine.ssh_password_method("alice");
    terminal.expect("password: ").type_line(PASSWORD).signed_in("alice");
    assert!(!terminal.transcript().contains("Forgotten"), "{}", terminal.transcript());
    // sshd goes by its files again.
    let offered = machine.from_outside(&ssh_line(&["-o", "PreferredAuthentications=none", "alice@127.0.0.1"]));
    assert!(offered.stderr.contains("(publickey,password)"), "{offered:?}");

    // Installed again, over settings that have it on.
    machine.must("printf '[scope]\nenable = \"all\"\n' >/etc/sspr/sspr.toml.d/50-enable.toml");
    machine.copy_in(&image::package(), "/root/sspr.deb");
    let said = machine.must("dpkg -i /root/sspr.deb 2>&1");
    assert!(
        said.contains("on for everybody, but PAM does not have pam_sspr.so") && said.contains("run: sspr setup"),
        "{said}"
    );
    assert_eq!(changes(&before, &pam_and_sshd(&machine)), Vec::<String>::new());
    let said = machine.must("sspr admin enable all");
    assert!(said.contains("PAM does not have pam_sspr.so. Next: sspr setup"), "{said}");
    machine.switch_on();
    let said = machine.must("sspr admin enable all; dpkg -i /root/sspr.deb 2>&1");
    assert!(!said.contains("does not have pam_sspr.so"), "{said}");
}

#[test]
fn on_debian_12_removing_restores_pam_and_sshd_byte_for_byte() {
    is_removed_byte_for_byte(Suite::Bookworm);
}

#[test]
fn on_debian_13_removing_restores_pam_and_sshd_byte_for_byte() {
    is_removed_byte_for_byte(Suite::Trixie);
}

#[test]
fn removing_keeps_an_sshd_file_that_was_changed_or_without_which_nobody_could_type_a_password() {
    for change in [
        "echo 'LoginGraceTime 300' >>/etc/ssh/sshd_config.d/10-sspr.conf",
        "echo 'PasswordAuthentication no' >/etc/ssh/sshd_config.d/20-ours.conf",
    ] {
        let machine = Machine::with(Image::installed()).user("alice", PASSWORD).boot();
        machine.switch_on();
        machine.reloads_sshd(|| machine.must(&format!("{change}; systemctl reload ssh")));
        let before = machine.must("cat /etc/ssh/sshd_config.d/*");
        let said = machine.must("dpkg --remove sspr 2>&1");
        assert!(said.contains("/etc/ssh/sshd_config.d/10-sspr.conf is kept"), "{said}");
        assert_eq!(machine.must("cat /etc/ssh/sshd_config.d/*"), before);
        machine.ssh("alice").password(PASSWORD).signed_in("alice");
    }
}

#[test]
fn a_removal_that_is_aborted_leaves_on_what_was_on_and_off_what_was_off() {
    let machine = Machine::with(Image::installed()).user("alice", PASSWORD).boot();
    let abort = "/var/lib/dpkg/info/sspr.prerm remove && /var/lib/dpkg/info/sspr.postinst abort-remove";
    for on in [false, true] {
        if on {
            machine.switch_on();
            machine.must("systemctl enable -q --now sspr-metrics.timer");
        }
        let before = pam_and_sshd(&machine);
        machine.must(&format!("DEBIAN_FRONTEND=noninteractive DPKG_MAINTSCRIPT_PACKAGE=sspr sh -c '{abort}'"));
        assert_eq!(changes(&before, &pam_and_sshd(&machine)), Vec::<String>::new(), "{on}");
        let wired = machine.must("cat /etc/pam.d/common-auth; ls /etc/ssh/sshd_config.d");
        assert_eq!((wired.contains("pam_sspr.so"), wired.contains("10-sspr.conf")), (on, on), "{wired}");
        assert_eq!(machine.must("systemctl is-active sspr-agent"), "active");
        let metrics = machine.run("systemctl is-active sspr-metrics.timer").stdout;
        assert_eq!(metrics.trim() == "active", on, "{metrics}");
        if on {
            machine.signs_in("alice", PASSWORD);
        }
    }
}

#[test]
fn a_profile_of_a_new_version_reaches_pam_where_it_is_on_and_nowhere_else() {
    let machine = Machine::with(Image::installed()).user("alice", PASSWORD).boot();
    let configure =
        "DEBIAN_FRONTEND=noninteractive DPKG_MAINTSCRIPT_PACKAGE=sspr /var/lib/dpkg/info/sspr.postinst configure 0.0.1";
    let newer = "sed -i 's/pam_sspr.so/pam_sspr.so debug/' /usr/share/pam-configs/sspr";
    let before = pam_and_sshd(&machine);
    let told = "offers no reset any more. To keep it, see NEWS.Debian";
    assert!(!machine.must(configure).contains(told));
    assert_eq!(changes(&before, &pam_and_sshd(&machine)), Vec::<String>::new());
    machine.switch_on();
    // That SDDM is not served any more is said where it is installed.
    machine.must("touch /etc/pam.d/sddm");
    let said = machine.must(&format!("{newer} && {configure}"));
    assert!(said.contains(&format!("sspr: sddm {told}")) && said.matches(told).count() == 1, "{said}");
    machine.must("grep -q 'pam_sspr.so debug' /etc/pam.d/common-auth");
    machine.signs_in("alice", PASSWORD);
}

/// Everything that signs in or changes a password works, however little of us is left.
#[track_caller]
fn every_login_works(machine: &mut Machine) {
    let mut terminal = machine.ssh("alice");
    terminal.password(PASSWORD).signed_in("alice");
    terminal.type_line("sudo -k echo as root").expect("[sudo] password for alice: ").type_line(PASSWORD);
    terminal.expect("as root\n").signed_in("alice");
    terminal.type_line("su -c 'echo I am $(id -un)' bob").expect("\nPassword: ").type_line(PASSWORD).expect("I am bob");
    let mut terminal = machine.ssh_password_method("alice");
    terminal.expect("password: ").type_line(PASSWORD).signed_in("alice");
    let console = machine.console();
    console.expect("login: ").type_line("alice").expect("Password: ").type_line(PASSWORD).signed_in("alice");
    console.type_line("exit");
    assert_eq!(machine.ssh_key("alice", "id -un").stdout, "alice\n");
    machine.must(&format!(
        "printf 'bob:{PASSWORD}\n' | chpasswd; pamtester cron bob acct_mgmt open_session close_session"
    ));
}

#[test]
fn with_all_our_files_and_our_user_deleted_by_hand_every_login_works_and_a_new_installation_heals_it() {
    let mut machine = Machine::ready(&[("alice", PASSWORD), ("bob", PASSWORD)]);
    machine.must("echo 'alice ALL=(ALL) ALL' >/etc/sudoers.d/alice");
    machine.must(
        "dpkg -L sspr | while read -r path; do [ -d \"$path\" ] || rm -f \"$path\"; done
         rm -rf /var/lib/sspr /etc/sspr /run/sspr
         systemctl kill --signal=KILL sspr-agent; systemctl daemon-reload
         userdel -f sspr",
    );
    assert!(machine.must("cat /etc/pam.d/common-auth").contains("pam_sspr.so"));
    every_login_works(&mut machine);
    machine.copy_in(&image::package(), "/root/sspr.deb");
    machine.must("dpkg -i --force-confmiss /root/sspr.deb");
    machine.ssh("alice").expect("Forgotten? Press Enter to reset it.").password(PASSWORD).signed_in("alice");
}

#[test]
fn removed_by_force_without_its_scripts_every_login_works_and_the_next_pam_auth_update_cleans_up() {
    let mut machine = Machine::ready(&[("alice", PASSWORD), ("bob", PASSWORD)]);
    machine.must("echo 'alice ALL=(ALL) ALL' >/etc/sudoers.d/alice");
    machine.must("rm /var/lib/dpkg/info/sspr.prerm /var/lib/dpkg/info/sspr.postrm; dpkg --force-all --purge sspr");
    assert!(machine.must("cat /etc/pam.d/common-auth").contains("pam_sspr.so"));
    every_login_works(&mut machine);
    machine.must("pam-auth-update --package");
    assert_eq!(machine.must("grep -l pam_sspr /etc/pam.d/* || true"), "");
    every_login_works(&mut machine);
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
    assert_eq!(call("alice", "People1", "Agent1", begin).code, 0);
    for (name, member) in
        [("Agent1", begin), ("Agent1", "org.pam_sspr.Admin1 Anything"), ("People1", "org.pam_sspr.Admin1 Anything")]
    {
        let denied = call("alice", name, "Agent1", member);
        assert!(denied.stdout.contains("Access denied"), "{denied:?}");
    }
    // Anybody may ask the help desk's interface, and the agent refuses.
    for user in ["alice", "root"] {
        let denied = call(user, "People1", "Agent1", "org.pam_sspr.HelpDesk1 Show s '{\"user\":\"alice\"}'");
        assert!(denied.code != 0 && !denied.stdout.contains("Access denied"), "{denied:?}");
    }
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

#[test]
fn a_person_called_sspr_never_becomes_the_agent_and_keeps_the_account() {
    let machine = Machine::with(Image::plain()).user("alice", PASSWORD).boot();
    machine.copy_in(&image::package(), "/root/sspr.deb");
    let person = "useradd -m -s /bin/bash -c 'Sam Sprat' sspr; echo 'sspr:his own words 7' | chpasswd";
    machine.must(person);
    let entry = machine.must("getent passwd sspr; getent group sspr; getent shadow sspr");
    let refused = machine.run("dpkg -i /root/sspr.deb 2>&1");
    assert!(
        refused.code != 0 && refused.stdout.contains("a user named sspr exists that this package did not create"),
        "{refused:?}"
    );
    machine.must("dpkg --purge sspr");
    assert_eq!(machine.must("getent passwd sspr; getent group sspr; getent shadow sspr"), entry);
    assert_eq!(machine.run("systemctl is-active sspr-agent").stdout, "inactive\n");

    // A person whom an older package took for the agent.
    machine.must("userdel -r sspr 2>/dev/null; dpkg -i /root/sspr.deb && systemctl is-active sspr-agent");
    machine.must(&format!("systemctl stop sspr-agent; userdel sspr; {person}; chown -R sspr: /var/lib/sspr"));
    // The bus goes by the new uid, as after the next boot.
    machine.must("busctl call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus ReloadConfig");
    assert_ne!(machine.run("systemctl start sspr-agent").code, 0);
    let journal = machine.journal("sspr-agent");
    assert!(journal.contains("the user sspr has a login shell, so it may be a person's"), "{journal}");
    let call = "setpriv --reuid sspr --clear-groups --regid sspr busctl call org.pam_sspr.Credential1 \
                /org/pam_sspr/Credential1 org.pam_sspr.Credential1 Account s alice 2>&1";
    let denied = machine.run(call);
    assert!(denied.code != 0 && denied.stdout.contains("only the sign-in agent may ask"), "{denied:?}");
    let told = machine.run("sspr doctor --offline").stdout;
    assert!(told.contains("ERROR    user       the user sspr has a login shell"), "{told}");
    machine.must("dpkg --purge sspr");
    assert_eq!(machine.must("getent passwd sspr | cut -d: -f5,7; id -gn sspr"), "Sam Sprat:/bin/bash\nsspr");
}
