//! The first chapter of the guide, as a new administrator follows it on a machine without a mail server.

use sspr_tests::{Image, Machine, story::WHERE_TO};

const GUIDE: &str = include_str!("../../docs/administrators-guide.md");
const OLD: &str = "rain on a tin roof";
const NEW: &str = "seven green kites fly";

/// The code in the newest of `number` messages in the spool, read as the guide describes.
fn code(machine: &Machine, number: usize) -> String {
    const READ: &str = "tail -n +1 /var/lib/sspr/spool/*";
    assert!(GUIDE.contains(READ));
    machine.must(&format!(
        "timeout 20 sh -c 'until [ \"$(ls /var/lib/sspr/spool | wc -l)\" -ge {number} ]; do sleep 0.05; done'"
    ));
    let all = machine.must(READ);
    let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit());
    all.split_whitespace().rfind(is_code).unwrap_or_else(|| panic!("no code in {all}")).to_owned()
}

#[test]
fn a_trial_without_a_mail_server_leads_from_setup_to_a_reset() {
    assert!(GUIDE.contains("answer `none` for the mail server and for text messages"));
    let mut machine = Machine::with(Image::installed()).user("alice", OLD).boot();
    // As the package ships it.
    machine.must(
        "dpkg-deb --fsys-tarfile /root/sspr.deb | tar -xO ./etc/sspr/sspr.toml >/etc/sspr/sspr.toml && systemctl restart sspr-agent",
    );
    let console = machine.console();
    console.resize(80, 24);
    console.expect("login: ").type_line("root");
    console.expect("Password: ").type_line("root of the tests").expect("root@shell:~# ");
    console.type_line("clear; sspr setup").expect("Users [none]: ").type_line("all");
    // A server that does not exist: after the failed test mail, a way back is offered.
    console.expect("smtp+plain://127.0.0.1:25").expect("Mail server [none]: ").type_line("smtp+plain://127.0.0.1:2");
    console.expect("Sender [").press_enter();
    console.expect("User name at that server, or none [none]: ").press_enter();
    console.expect("Text messages by [none]: ").press_enter();
    console.expect("Line [none]: ").type_line("Call 4711.");
    console.expect("Make this change? (y/n): ").type_line("y");
    console.expect("Your address (Enter to skip): ").type_line("root@example.org");
    console.expect("It was not sent");
    console.expect("Your address (server: other settings, Enter to skip): ").type_line("server");
    console.expect("Mail server [smtp+plain://127.0.0.1:2]: ").type_line("none");
    console.expect("Make this change? (y/n): ").type_line("y");
    console.expect("pam_sspr.so").expect("Make this change? (y/n): ").type_line("y");
    console.expect("+KbdInteractiveAuthentication yes").expect("Make this change? (y/n): ").type_line("y");
    console.expect("Done.").expect("root@shell:~# ").type_line("exit");

    // Without a gateway for text messages, no phone is offered.
    console.expect("login: ").type_line("alice").password(OLD);
    console.expect("  1  email").expect("  2  authenticator app").expect("1 or 2 (Enter for not now): ").type_line("1");
    console.expect("Email address (Enter to go back): ").type_line("alice@example.org").expect("Code: ");
    let typed = code(&machine, 1);
    let console = machine.console();
    console.type_line(&typed).reads_that_it_is_done().signed_in("alice").type_line("exit");
    console.expect("login: ").type_line("alice").forgotten().expect(WHERE_TO).type_line("e").expect("Code: ");
    let typed = code(&machine, 2);
    machine.console().type_line(&typed).new_password(NEW).signed_in("alice");
    let said = machine.must("sspr admin test-phone '+81 90 1234 5678'");
    assert!(said.starts_with("Nothing was sent: [phone]"), "{said}");
}
