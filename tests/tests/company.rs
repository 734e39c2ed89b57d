//! With other modules: with `pam_faillock`, `pam_access`, `pam_time`, `pam_google_authenticator`, `pam_u2f` and
//! `pam_sss` in the same stack, recovery and registration work, and a sign-in still requires everything else that it
//! required before.

use std::time::Duration;

use sspr_tests::{
    Image, Machine, Suite, Terminal, host, machine,
    story::{INVITATION, WHERE_TO},
};

const OLD: &str = "rain on a tin roof";
const NEW: &str = "seven green kites fly";
const CODE: &str = "Verification code: ";

/// According to its README, for sshd and the console.
const GOOGLE_AFTER: &str = "
    for service in sshd login; do
        sed -i '/^@include common-auth/a auth required pam_google_authenticator.so' /etc/pam.d/$service
    done
";

/// The package enabled, and alice, bob, carol and dave, of whom the first three are registered.
fn machine(prepare: &str) -> Machine {
    let mut builder: machine::Builder = Machine::with(Image::in_company()).switched_on().with_mail();
    for name in ["alice", "bob", "carol", "dave"] {
        builder = builder.user(name, OLD);
    }
    let machine = builder.prepare(prepare).settings("[scope]\nenable = \"all\"\n").boot();
    for name in ["alice", "bob", "carol"] {
        machine.has_email(name, &mail(name));
    }
    machine
}

fn mail(name: &str) -> String {
    format!("{name}@example.org")
}

/// Sets up Google's authenticator for a user.
fn has_google(machine: &Machine, name: &str) {
    machine.must(&format!(
        "runuser -l {name} -c 'google-authenticator --time-based --allow-reuse --no-rate-limit --force --no-confirm \
         --window-size=3 --quiet'"
    ));
}

/// The code that it shows now.
fn google(machine: &Machine, name: &str) -> String {
    machine.must(&format!("oathtool --totp --base32 \"$(head -n 1 ~{name}/.google_authenticator)\""))
}

/// A code that it does not show now, did not show recently and will not show soon.
fn not_google(machine: &Machine, name: &str) -> String {
    let near = machine.must(&format!(
        "oathtool --totp --base32 --window=6 --now='3 minutes ago' \"$(head -n 1 ~{name}/.google_authenticator)\""
    ));
    if near.contains("111111") { "222222" } else { "111111" }.to_owned()
}

/// Recovers, up to the changed password.
#[track_caller]
fn recovers(machine: &Machine, name: &str) -> Terminal {
    let mut terminal = machine.ssh(name);
    terminal.proves_by_email(machine, &mail(name)).new_password(NEW);
    terminal
}

/// Waits for one of `texts`, or for the end of the connection, about which `ssh` says nothing. Returns whether a text
/// came.
#[track_caller]
fn comes_before_the_end(terminal: &Terminal, texts: &[&str]) -> bool {
    host::wait_for(&format!("{texts:?} or the end"), Duration::from_secs(20), || {
        let closed = terminal.is_closed();
        let came = texts.iter().any(|text| terminal.unread().contains(text));
        (came || closed).then_some(came)
    })
}

/// The connection ends or another attempt follows, without a shell.
#[track_caller]
fn is_kept_out(terminal: &mut Terminal, name: &str) {
    comes_before_the_end(terminal, &["Password: ", "Permission denied", "Login incorrect"]);
    assert!(!terminal.transcript().contains(&sspr_tests::story::shell(name)), "{}", terminal.transcript());
}

#[test]
fn after_a_recovery_the_google_code_is_asked_as_ever_and_a_wrong_one_still_refuses() {
    let machine = machine(GOOGLE_AFTER);
    for name in ["alice", "bob", "dave"] {
        has_google(&machine, name);
    }
    let before = machine.shadow("alice");
    let mut terminal = recovers(&machine, "alice");
    terminal.expect(CODE).type_line(&not_google(&machine, "alice"));
    is_kept_out(&mut terminal, "alice");
    assert_ne!(machine.shadow("alice"), before, "the reset itself was done");
    let mut terminal = machine.ssh("alice");
    terminal.password(NEW).expect(CODE).press_enter();
    is_kept_out(&mut terminal, "alice");
    machine.ssh("alice").password(NEW).expect(CODE).type_line(&google(&machine, "alice")).signed_in("alice");

    recovers(&machine, "bob").expect(CODE).type_line(&google(&machine, "bob")).signed_in("bob");
    // Carol has not set it up, so she can't sign in, as before.
    let mut terminal = recovers(&machine, "carol");
    terminal.expect(CODE).type_line("123456");
    is_kept_out(&mut terminal, "carol");

    // A user who has not given both is not asked to register.
    let mut terminal = machine.ssh("dave");
    terminal.password(OLD).expect(CODE).type_line(&not_google(&machine, "dave"));
    is_kept_out(&mut terminal, "dave");
    let mut terminal = machine.ssh("dave");
    terminal.password(OLD).expect(CODE).type_line(&google(&machine, "dave"));
    terminal.registers_email(&machine, &mail("dave")).signed_in("dave");
}

#[test]
fn however_a_dialogue_ends_the_google_code_is_asked() {
    let mut machine = machine(GOOGLE_AFTER);
    for name in ["alice", "bob"] {
        has_google(&machine, name);
    }
    let wrong = not_google(&machine, "bob");
    let refused_with = |mut terminal: Terminal| {
        terminal.password(OLD).expect(CODE).type_line(&wrong);
        is_kept_out(&mut terminal, "bob");
    };
    // The identity is proved, and the connection breaks at the new password.
    let mut terminal = machine.ssh("alice");
    terminal.proves_by_email(&machine, &mail("alice")).expect("New password: ").press_enter();
    terminal.expect("New password: ").type_line("abc").expect("too short").expect("New password: ");
    assert!(!terminal.broken_off().success());

    let mut terminal = machine.ssh("bob");
    terminal.forgotten().expect(WHERE_TO).press_enter();
    refused_with(terminal);

    let console = machine.console();
    console.expect("login: ").type_line("bob").forgotten().expect(WHERE_TO).ctrl('d');
    console.password(OLD).expect(CODE).type_line(&wrong).expect("Login incorrect");
    console.expect("login: ").type_line("bob").forgotten().expect(WHERE_TO).ctrl('c');
    if Suite::default() == Suite::Bookworm {
        // The login of Debian 13 ignores it at every prompt.
        console.expect("login: ");
    }

    let mut terminal = machine.ssh("bob");
    terminal.forgotten().expect(WHERE_TO);
    machine.agent().kill();
    terminal.type_line("e");
    refused_with(terminal);
    machine.agent().restart();

    // A client that hangs up at each question in turn.
    let answers = ["\\n", "\\ne\\n", "\\ne\\n000000\\n", "\\n\\n", &format!("\\n\\n{OLD}\\n")];
    for typed in answers {
        let output = machine.run(&format!("printf '{typed}' | pamtester -I tty=ssh sshd bob authenticate"));
        assert!(output.code != 0 && !output.stdout.contains("successfully"), "{typed}: {output:?}");
    }
}

#[test]
fn a_password_with_its_google_code_at_one_prompt_works_and_a_reset_does_not_stand_for_the_code() {
    let machine = machine(
        "sed -i '0,/^@include common-auth/s//auth required pam_google_authenticator.so forward_pass\\n&/' /etc/pam.d/sshd",
    );
    has_google(&machine, "alice");
    let both = "Password & verification code: ";
    let typed = format!("{OLD}{}", google(&machine, "alice"));
    machine.ssh("alice").expect(both).type_line(&typed).signed_in("alice");
    // The prompt is not ours, but what Enter leads to is, and it is too late for the code.
    let mut terminal = machine.ssh("alice");
    terminal.expect(both).press_enter();
    terminal.proves_by_email(&machine, &mail("alice")).new_password(NEW).expect(both);
    terminal.type_line(&format!("{NEW}{}", google(&machine, "alice"))).signed_in("alice");
}

#[test]
fn where_every_service_asks_for_factors_recovery_enrolling_and_a_key_without_its_device_work_as_they_should() {
    // According to pam_u2f's README for users without a key; bob has one, which is not plugged in.
    let machine = machine(
        "printf '%s\n' 'auth required pam_u2f.so nouserok cue' \
             'auth required pam_google_authenticator.so nullok' >>/etc/pam.d/common-auth
         mkdir -p ~bob/.config/Yubico
         echo 'bob:aGFuZGxl,cHVibGlj,es256,+presence' >~bob/.config/Yubico/u2f_keys
         chown -R bob: ~bob/.config",
    );
    has_google(&machine, "alice");
    recovers(&machine, "alice").expect(CODE).type_line(&google(&machine, "alice")).signed_in("alice");
    is_kept_out(&mut recovers(&machine, "bob"), "bob");
    recovers(&machine, "carol").signed_in("carol");

    // With neither, dave registers at sign-in; he proves his password to our own command, which requires nothing more.
    let mut terminal = machine.ssh("dave");
    terminal.password(OLD).expect(INVITATION).press_enter().signed_in("dave");
    has_google(&machine, "dave");
    let (password, menu) = ("Current password: ", "A number (Enter when you are done): ");
    terminal.type_line("sspr enroll").expect(password).type_line("not the one it is");
    terminal.expect("That is not your current password.").signed_in("dave");
    terminal.type_line("sspr enroll").expect(password).type_line(OLD).expect(menu).type_line("e");
    terminal.types_email(&machine, &mail("dave")).expect(menu).press_enter().expect("Done, you are registered.");
    assert!(!terminal.transcript().contains(CODE), "{}", terminal.transcript());
}

#[test]
fn who_and_when_is_still_said_by_pam_access_and_pam_time_after_a_recovery() {
    let machine = machine(
        "for service in sshd login; do
             sed -i '0,/^@include common-account/s//account required pam_access.so\\naccount required pam_time.so\\n&/' \
                 /etc/pam.d/$service
         done
         echo '-:bob:ALL' >>/etc/security/access.conf
         echo 'sshd|login;*;carol|dave;!Al0000-2400' >>/etc/security/time.conf",
    );
    recovers(&machine, "alice").signed_in("alice");
    for name in ["bob", "carol"] {
        let before = machine.shadow(name);
        is_kept_out(&mut recovers(&machine, name), name);
        assert_ne!(machine.shadow(name), before);
        let mut terminal = machine.ssh(name);
        terminal.password(NEW);
        is_kept_out(&mut terminal, name);
    }
    // Registering at the prompt does not let a user in either.
    let mut terminal = machine.ssh("dave");
    terminal.password(OLD);
    if comes_before_the_end(&terminal, &[INVITATION]) {
        terminal.expect(INVITATION).press_enter();
    }
    is_kept_out(&mut terminal, "dave");
}

#[test]
fn an_account_that_faillock_locked_recovers_is_unlocked_and_is_asked_for_its_google_code() {
    let machine = machine(&format!(
        "{GOOGLE_AFTER}
         printf '%s\n' 'Name: Lock after failures' 'Default: yes' 'Priority: 0' 'Auth-Type: Primary' 'Auth:' \
             '	[default=die]	pam_faillock.so authfail' >/usr/share/pam-configs/faillock
         printf '%s\n' 'Name: Notify of failures' 'Default: yes' 'Priority: 1024' 'Auth-Type: Primary' 'Auth:' \
             '	requisite	pam_faillock.so preauth' 'Account-Type: Primary' 'Account:' \
             '	required	pam_faillock.so' >/usr/share/pam-configs/faillock_notify
         printf 'deny = 2\nunlock_time = 0\n' >/etc/security/faillock.conf
         pam-auth-update --enable faillock faillock_notify"
    ));
    has_google(&machine, "alice");
    let failures = || machine.must("faillock --user alice").lines().filter(|line| line.ends_with('V')).count();
    for _ in 0..2 {
        let mut terminal = machine.ssh("alice");
        terminal.password("not the one it is");
        is_kept_out(&mut terminal, "alice");
    }
    assert!(failures() >= 2);
    let mut terminal = machine.ssh("alice");
    terminal.proves_by_email(&machine, &mail("alice")).expect("have locked this account").press_enter();
    terminal.new_password(NEW).expect(CODE).type_line(&not_google(&machine, "alice"));
    is_kept_out(&mut terminal, "alice");
    machine.ssh("alice").password(NEW).expect(CODE).type_line(&google(&machine, "alice")).signed_in("alice");
    assert_eq!(failures(), 0);
}

/// A domain whose accounts and passwords are not in `/etc`.
const DOMAIN: &str = "
    mkdir -p /var/lib/extrausers /home/erin
    echo 'erin:x:4000:4000::/home/erin:/bin/bash' >/var/lib/extrausers/passwd
    echo 'erin:x:4000:' >/var/lib/extrausers/group
    echo 'erin:*:20000::::::' >/var/lib/extrausers/shadow
    chown 4000:4000 /home/erin
    printf '%s\n' 'auth required pam_exec.so expose_authtok quiet /usr/local/bin/is-the-password' \
        'account required pam_permit.so' >/etc/pam.d/sssd-company
    printf '%s\n' '#!/bin/bash' 'IFS= read -r -d \"\" typed' '[ \"$typed\" = \"of the domain\" ]' >/usr/local/bin/is-the-password
    chmod 755 /usr/local/bin/is-the-password
    printf '%s\n' '[sssd]' 'services = nss, pam' 'domains = company' '[domain/company]' 'id_provider = proxy' \
        'proxy_lib_name = extrausers' 'auth_provider = proxy' 'proxy_pam_target = sssd-company' >/etc/sssd/sssd.conf
    chmod 600 /etc/sssd/sssd.conf
    grep -q pam_sss /etc/pam.d/common-auth
";

#[test]
fn beside_sssd_its_people_sign_in_as_before_and_ours_recover_and_register() {
    let machine = machine(DOMAIN);
    machine.must("timeout 20 sh -c 'until getent passwd erin; do sleep 0.2; done'; ! grep erin /etc/passwd");
    machine.ssh("erin").password("of the domain").signed_in("erin");
    machine.is_refused("erin", OLD);
    // The same questions as for every user, and nothing is changed.
    let mut terminal = machine.ssh("erin");
    terminal.forgotten().expect(WHERE_TO).press_enter().password("of the domain").signed_in("erin");
    terminal.type_line("su -c 'id -un' erin").password("of the domain").expect("erin\n").signed_in("erin");

    recovers(&machine, "alice").signed_in("alice");
    machine.is_refused("alice", OLD);
    machine.signs_in("alice", NEW);
    let mut terminal = machine.ssh("dave");
    terminal.password(OLD).registers_email(&machine, &mail("dave")).signed_in("dave");
}
