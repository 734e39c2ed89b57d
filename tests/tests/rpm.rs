//! The .rpm, with rpm's own database, on a machine that resembles those it is for: sign-ins go through system-auth and
//! password-auth, and modules are where rpm puts them.

use std::collections::BTreeSet;

use sspr_tests::{Image, Machine, Suite, image};

const PASSWORD: &str = "rain on a tin roof";
/// Debian's rpm requires a confirmation; the packages that ours requires exist under Debian's names.
const RPM: &str = "rpm --force-debian --nodeps";
const AUTHSELECT: &str = include_str!("../image/authselect");
/// As in a vendor's profile: a line that skips the next one for users who are in no local file.
const PROFILE: &str = r#"auth     required                                pam_env.so
auth     required                                pam_faillock.so preauth {include if "with-faillock"}
auth     [default=1 ignore=ignore success=ok]    pam_localuser.so
auth     sufficient                              pam_unix.so {if "without-nullok":|nullok}
auth     required                                pam_deny.so
account  required                                pam_unix.so
account  sufficient                              pam_localuser.so
account  required                                pam_permit.so
password requisite                               pam_unix.so
"#;

/// A machine with both packages available, and PAM as on such systems.
fn machine() -> Machine {
    let machine = Machine::with(Image::plain_with(Suite::Bookworm, &["rpm"]))
        .user("alice", PASSWORD)
        .prepare(&format!(
            "rpm --initdb
             ln -s /usr/lib64/security/pam_sspr.so /usr/lib/$(uname -m)-linux-gnu/security/pam_sspr.so
             mkdir -p /etc/authselect/custom /usr/share/authselect/default/local
             cat >/usr/share/authselect/default/local/system-auth <<'PROFILE'\n{PROFILE}PROFILE
             cp /usr/share/authselect/default/local/system-auth /usr/share/authselect/default/local/password-auth
             sed 's/ *{{.*//' /usr/share/authselect/default/local/system-auth >/etc/pam.d/system-auth
             cp /etc/pam.d/system-auth /etc/pam.d/password-auth
             sed -i 's/^@include common-\\(auth\\|account\\)/\\1 substack password-auth/' /etc/pam.d/sshd /etc/pam.d/login"
        ))
        // As on RHEL 9.
        .prepare("echo 'KbdInteractiveAuthentication no' >/etc/ssh/sshd_config.d/50-redhat.conf")
        .boot();
    let rpm = image::rpm();
    machine.copy_in(&rpm, "/root/sspr.rpm");
    machine.copy_in(&image::newer_rpm(&rpm), "/root/newer.rpm");
    machine
}

fn with_authselect() -> Machine {
    let machine = machine();
    machine.must(&format!(
        "cat >/usr/bin/authselect <<'SCRIPT'\n{AUTHSELECT}SCRIPT
         chmod 755 /usr/bin/authselect; rm /etc/pam.d/system-auth /etc/pam.d/password-auth
         authselect select local without-nullok"
    ));
    machine
}

/// PAM's and sshd's files, except ours, with their content.
fn pam_and_sshd(machine: &Machine) -> BTreeSet<String> {
    let list = machine.must("cd /etc; sha256sum pam.d/* ssh/sshd_config ssh/sshd_config.d/* | grep -v ' pam.d/sspr$'");
    list.lines().map(str::to_owned).collect()
}

/// Whether a password signs in with SSH, and whether the way to reset it is shown.
#[track_caller]
fn signs_in(machine: &Machine, hint: bool) {
    let mut terminal = if hint { machine.ssh("alice") } else { machine.ssh_password_method("alice") };
    if hint {
        terminal.expect("Forgotten? Press Enter to reset it.").expect("Password: ");
    } else {
        terminal.expect("password: ");
    }
    terminal.type_line(PASSWORD).signed_in("alice");
}

#[test]
fn without_authselect_it_says_which_lines_to_add_and_an_upgrade_and_an_erasure_touch_none_of_them() {
    let machine = machine();
    let before = pam_and_sshd(&machine);
    let said = machine.must(&format!("{RPM} --install /root/sspr.rpm 2>&1"));
    assert!(said.contains("switched on for nobody yet. Next: sspr setup"), "{said}");
    assert_eq!(pam_and_sshd(&machine), before);
    assert_eq!(machine.must("systemctl is-active sspr-agent; systemctl is-enabled sspr-agent"), "active\nenabled");
    signs_in(&machine, false);
    assert_eq!(machine.must(&format!("{RPM} --verify sspr || true")), "", "what is there is what was packed");

    // Exactly the lines that it prints.
    let line = |start: &str| said.lines().find(|line| line.trim_start().starts_with(start)).unwrap().trim().to_owned();
    let (auth, account) = (line("auth "), line("account "));
    let wire = format!(
        "for file in system-auth password-auth; do
             sed -i -e 's/default=1/default=2/' -e '/^auth.*pam_unix/i {auth}' -e '/^account.*pam_unix/a {account}' /etc/pam.d/$file
         done
         cp /usr/share/sspr/sshd_config.d/10-sspr.conf /etc/ssh/sshd_config.d/; systemctl reload ssh"
    );
    machine.reloads_sshd(|| machine.must(&wire));
    // The file that sorts first counts, before the distribution's own.
    assert!(machine.must("sshd -T").contains("kbdinteractiveauthentication yes"));
    signs_in(&machine, true);

    machine.must("echo '[scope]\nenable = \"none\"' >/etc/sspr/sspr.toml");
    let (wired, agent) = (pam_and_sshd(&machine), machine.must("systemctl show -P MainPID sspr-agent"));
    let said = machine.must(&format!("{RPM} --upgrade /root/newer.rpm 2>&1"));
    assert!(!said.contains("pam_sspr") && !said.contains("sspr setup"), "{said}");
    assert_eq!(machine.must("rpm --force-debian -q --qf '%{VERSION}' sspr"), "99.0.0");
    assert_eq!(pam_and_sshd(&machine), wired);
    assert_ne!(machine.must("systemctl show -P MainPID sspr-agent"), agent);
    assert!(machine.must("cat /etc/sspr/sspr.toml").starts_with("[scope]"));
    signs_in(&machine, true);

    let said = machine.must(&format!("{RPM} --erase sspr 2>&1"));
    assert!(said.contains("take the lines out") && said.contains("/etc/pam.d/password-auth"), "{said}");
    assert_eq!(
        machine.must("ls -d /etc/ssh/sshd_config.d/10-sspr.conf /usr/libexec/sspr /run/sspr 2>/dev/null || true"),
        ""
    );
    signs_in(&machine, false);
}

#[test]
fn with_authselect_a_feature_is_prepared_and_off_an_upgrade_keeps_it_and_an_erasure_puts_the_profile_back() {
    let machine = with_authselect();
    let files = || machine.must("cat /etc/pam.d/system-auth /etc/pam.d/password-auth");
    let before = files();
    let said = machine.must(&format!("{RPM} --install /root/sspr.rpm 2>&1"));
    assert!(said.contains("authselect enable-feature with-sspr"), "{said}");
    assert_eq!(files(), before);
    assert_eq!(machine.must("authselect current --raw"), "custom/sspr without-nullok");
    signs_in(&machine, false);

    machine.reloads_sshd(|| {
        machine.must(
            "authselect enable-feature with-sspr
             cp /usr/share/sspr/sshd_config.d/10-sspr.conf /etc/ssh/sshd_config.d/; systemctl reload ssh",
        )
    });
    signs_in(&machine, true);
    // A user in no local file skips the module, as well as pam_unix.
    assert!(files().contains("[default=2 ignore=ignore success=ok]"), "{}", files());
    let wired = files();
    machine.must(&format!("{RPM} --upgrade /root/newer.rpm"));
    assert_eq!(files(), wired);
    signs_in(&machine, true);

    machine.must(&format!("{RPM} --erase sspr"));
    assert_eq!(files(), before);
    assert_eq!(machine.must("authselect current --raw"), "local without-nullok");
    assert_eq!(machine.must("ls /etc/authselect/custom"), "");
    signs_in(&machine, false);
}
