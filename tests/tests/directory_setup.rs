//! Setup asks for the directory, tries it, and writes it only if it works.

use sspr_tests::{Image, Machine, Suite, machine::line_showing};

use crate::directory::{OLD, PREPARE, SECRET, ask, with_asker};

/// A host that signs users in with sssd, with the package and without a directory in the settings.
fn fresh() -> Machine {
    let machine = Machine::with(Image::with_openldap(Suite::Bookworm))
        .prepare(PREPARE)
        .prepare("rm /etc/sspr/directory-password; cp /etc/ldap/tls/ca.pem /etc/sspr/directory-ca.pem")
        .prepare("printf '%s\\n' secret-of-the-service >/root/secret; chmod 600 /root/secret")
        .boot();
    with_asker(machine)
}

const SETUP: &str = "sspr setup --yes --no-pam --no-sshd --scope all --directory openldap --directory-server ldaps://localhost \
    --directory-base ou=people,dc=example,dc=org --directory-bind cn=reset,dc=example,dc=org \
    --directory-password-file /root/secret --directory-ca-file";

#[test]
fn by_options_what_does_not_work_is_not_written_and_what_works_is_in_place_at_once() {
    let machine = fresh();
    let etc = || machine.must("ls -R /etc/sspr; cat /etc/sspr/sspr.toml.d/*.toml 2>/dev/null || true");
    let before = etc();
    // Only root may try settings; not even the agent may.
    assert_eq!(ask(&machine, "try", ""), "Denied only root may ask that");
    // The authority is another one.
    let refused = machine.run(&format!("{SETUP} system"));
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stdout.contains("ERROR    directory") && refused.stdout.contains("certificate"), "{refused:?}");
    assert!(refused.stderr.contains("nothing was changed"), "{refused:?}");
    assert_eq!(etc(), before);
    let done = machine.run(&format!("{SETUP} /etc/sspr/directory-ca.pem"));
    assert!(done.stdout.contains("Trying it.") && done.stdout.contains("the service's entry signs in"), "{done:?}");
    assert!(!done.stdout.contains(SECRET) && !done.stderr.contains(SECRET), "{done:?}");
    assert_eq!(machine.must("stat -c '%U %a' /etc/sspr/directory-password"), "sspr-directory 600");
    assert!(ask(&machine, "account alice", "").starts_with("alice "));
    assert_eq!(ask(&machine, "verify alice", OLD), "true");
    let again = machine.run(&format!("{SETUP} /etc/sspr/directory-ca.pem"));
    assert_eq!((again.code, again.stdout.as_str()), (0, "Nothing to change: settings, PAM and sshd are as asked.\n"));
    // Whatever else is missing on this machine is a separate error.
    let out = machine.run("sspr setup --yes --no-pam --no-sshd --directory none");
    assert!(out.stdout.contains("/etc/sspr/directory-password: removed"), "{out:?}");
    assert_eq!(machine.must("ls /etc/sspr/directory-password 2>/dev/null || true"), "");
    assert_eq!(line_showing(&machine.whole_journal(), SECRET), None);
}

#[test]
fn an_administrator_is_asked_five_questions_with_what_sssd_says_proposed_and_corrects_what_does_not_work() {
    let mut machine = fresh();
    let terminal = machine.console();
    terminal.expect("login: ").type_line("root").expect("Password: ").type_line("root of the tests");
    terminal.expect("root@shell:~# ");
    terminal.type_line("clear; sspr setup --no-pam --no-sshd --scope all --smtp none --phone none --helpdesk x");
    terminal.expect("Directory [openldap]: ").press_enter();
    terminal.expect("Servers [ldaps://localhost]: ").press_enter();
    terminal.expect("Base [dc=example,dc=org]: ").type_line("ou=people,dc=example,dc=org");
    terminal.expect("Entry: ").type_line("cn=reset,dc=example,dc=org");
    terminal.expect("Its password (not shown): ").type_line("not-the-password");
    terminal.expect("Authority [/etc/ldap/tls/ca.pem]: ").press_enter();
    terminal.expect("ERROR    directory").expect("leave the directory out: ").type_line("rights");
    terminal.expect("olcAccess").expect("leave the directory out: ").type_line("change");
    for question in ["Directory [openldap]: ", "Servers [", "Base [ou=people", "Entry [cn=reset"] {
        terminal.expect(question).press_enter();
    }
    terminal.expect("Its password (not shown; Enter keeps the old one): ").type_line(SECRET);
    terminal.expect("Authority [").press_enter();
    terminal.expect("signs in at").expect("+kind = \"openldap\"").expect("Make this change? (y/n): ").type_line("y");
    terminal.expect("Done.").expect("root@shell:~# ");
    assert!(!terminal.transcript().contains(SECRET), "the password was shown");
    assert_eq!(ask(&machine, "verify alice", OLD), "true");
}
