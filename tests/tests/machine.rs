//! The tests' own machine: an ordinary Debian.

use sspr_tests::{Image, Machine};

#[test]
fn a_plain_debian_boots_and_lets_people_in_by_ssh_and_at_the_console() {
    let mut machine = Machine::with(Image::plain()).user("alice", "correct horse").boot();
    assert_eq!(
        machine.run("systemctl is-system-running").stdout.trim(),
        "running",
        "{}",
        machine.must("systemctl --failed")
    );

    let mut terminal = machine.ssh_password_method("alice");
    terminal.expect("password: ").type_line("correct horse").expect("alice@shell:~$ ");
    terminal.type_line("exit");
    assert!(terminal.wait_closed().success());
    assert_eq!(machine.ssh_key("alice", "id -un").stdout, "alice\n");

    let console = machine.console();
    console.expect("login: ").type_line("alice");
    console.expect("Password: ").type_line("correct horse").expect("alice@shell:~$ ");
}

#[test]
fn mail_is_taken_by_starttls_with_a_password_and_lies_in_the_mailbox() {
    let machine = Machine::with(Image::plain()).prepare("systemctl enable -q mail-server").boot();
    let letter = "EHLO shell\\nAUTH PLAIN %s\\nMAIL FROM:<a@example.org>\\nRCPT TO:<b@example.org>\\nDATA\\n\
                  Subject: Hello\\n\\n123456 is your code\\n.\\nQUIT\\n";
    let talk = machine
        .run(&format!(
            "token=$(printf '\\0sspr\\0smtp of the tests' | base64)
         printf '{letter}' \"$token\" | while read -r line; do sleep 0.2; printf '%s\\n' \"$line\"; done |
             openssl s_client -quiet -verify_return_error -verify_hostname mail.example.org -crlf \\
                 -starttls smtp -connect mail.example.org:587 2>&1"
        ))
        .stdout;
    assert!(talk.contains("250 OK"), "{talk}{}", machine.journal("mail-server"));
    let message = machine.mailbox("b@example.org").wait_for_message();
    assert_eq!((message.subject.as_str(), message.code().as_str()), ("Hello", "123456"));
}
