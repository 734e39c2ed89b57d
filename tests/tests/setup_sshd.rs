//! `sspr setup` and sshd: users who must use a key type no password because of it.

use sspr_tests::{image, ssh::ssh_line};

use crate::setup::{etc, fresh};

const PASSWORD: &str = "rain on a tin roof";

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

    // A drop-in that was copied by hand, or by a version that did not check, is found, and closed by the next run.
    machine.must(&format!(
        "cp /usr/share/sspr/sshd_config.d/10-sspr.conf /etc/ssh/sshd_config.d/; systemctl reload ssh; {listens}"
    ));
    assert_eq!(methods("alice"), "publickey,keyboard-interactive");
    let told = machine.run("sspr doctor").stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("but alice can type a password anyway"), "{told}");
    // An upgrade does not change that, and says so.
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
