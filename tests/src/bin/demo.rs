//! The whole story on a throwaway Debian: register, forget, recover, sign in, over real SSH and at the console. At a
//! terminal it then leaves a login prompt to try.
#![allow(clippy::print_stdout, reason = "this is a show")]

use std::{
    io::{IsTerminal as _, Write as _, stdin, stdout},
    process::{Command, ExitCode},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sspr_tests::{
    Machine,
    mail::Mailbox,
    show::{say, show, show_mail},
    ssh::ssh_line,
    story::{INVITATION, WHERE_TO},
};

const FORGOTTEN: &str = "rain on a tin roof";
const NEW: &str = "seven green kites fly";
const ADDRESS: &str = "alice@example.org";
const TYPED: &str = "090-1234-5678";
const NUMBER: &str = "+819012345678";

fn main() -> ExitCode {
    say("Booting a throwaway Debian with the package, a mail server and a text message gateway ...");
    let mut machine = Machine::ready(&[("alice", FORGOTTEN), ("bob", FORGOTTEN), ("carol", FORGOTTEN)]);
    let mailbox = machine.mailbox(ADDRESS);

    say("alice signs in by SSH with her password, and is asked to register.");
    let mut ssh = machine.ssh("alice");
    ssh.password(FORGOTTEN).registers_email(&machine, ADDRESS).signed_in("alice");
    show(&ssh);
    show_mail(&mailbox, ADDRESS);

    say("She forgets it. At the password prompt she presses Enter.");
    let mut ssh = machine.ssh("alice");
    ssh.proves_by_email(&machine, ADDRESS).expect("New password: ").type_line("short");
    ssh.expect("too short").new_password(NEW).signed_in("alice");
    show(&ssh);
    show_mail(&mailbox, ADDRESS);

    say("The old password is no longer good; the new one is, also for su.");
    machine.is_refused("alice", FORGOTTEN);
    machine.signs_in("alice", NEW);
    println!("    ssh: old password refused, new password taken");

    say("bob does the same with his phone, and types its number first.");
    machine.registers_phone("bob", FORGOTTEN, TYPED, NUMBER);
    let mut ssh = machine.ssh("bob");
    ssh.forgotten().expect(WHERE_TO).type_line("+81 90 1234 0000");
    ssh.expect("If that is registered for this account").expect("Code: ").type_line("other");
    let before = machine.gateway().messages_to(NUMBER).len();
    ssh.expect(WHERE_TO).type_line(TYPED);
    let code = machine.gateway().wait_for(NUMBER, before + 1).code();
    ssh.expect("Code: ").type_line(&code);
    ssh.new_password(NEW).signed_in("bob");
    show(&ssh);
    if let Some(sms) = machine.gateway().messages_to(NUMBER).last() {
        println!("\n    [text message to {NUMBER}]  {}", sms.body);
    }

    say("carol does both at the console. Her connection drops after the code was sent: the next one goes on with it.");
    let hers = machine.mailbox("carol@example.org");
    let console = machine.console();
    console.expect("shell login: ").type_line("carol").password(FORGOTTEN);
    console.expect(INVITATION).type_line("1").expect("Email address").type_line("carol@example.org");
    let code = hers.wait_for(1).code();
    console.expect("Code: ").type_line(&code).reads_that_it_is_done().signed_in("carol").type_line("exit");
    console.expect("shell login: ").type_line("carol").forgotten().expect(WHERE_TO).type_line("e").expect("Code: ");
    let code = hers.wait_for(2).code();
    console.ctrl('c').expect("shell login: ").type_line("carol").forgotten();
    console.expect("still good").expect("Code: ").type_line(&code).new_password(NEW).signed_in("carol");
    console.type_line("exit");
    show(console);
    println!("\n    mail to carol: one code to register, one to recover, one note: {} in all", {
        hers.wait_for(3);
        hers.messages().len()
    });

    say("An account that does not exist looks the same.");
    let mut ssh = machine.ssh("nobody-of-that-name");
    ssh.forgotten().expect(WHERE_TO).type_line("e").expect("Code: ").type_line("123456").expect("tries are left");
    show(&ssh);

    say("What the administrator sees in the journal.");
    for line in machine.journal("sspr-agent").lines() {
        println!("    {line}");
    }
    if stdin().is_terminal() && stdout().is_terminal() {
        try_it(&machine, &mailbox);
    }
    say("That was the story. The machine is gone; nothing is left on this one but cached images.");
    ExitCode::SUCCESS
}

/// Shows login prompts until the user has seen enough; new mail is shown as it arrives.
fn try_it(machine: &Machine, mailbox: &Mailbox) {
    say("Your turn. alice's password is \"seven green kites fly\"; forget it: press Enter.");
    println!("    Mail to {ADDRESS} shows up here. Sign in and leave with exit; ctrl-C at a prompt ends this.");
    let over = Arc::new(AtomicBool::new(false));
    let (watching, mailbox) = (over.clone(), mailbox.clone());
    let postman = std::thread::spawn(move || {
        let mut seen = mailbox.messages().len();
        while !watching.load(Ordering::Relaxed) {
            for message in mailbox.messages().iter().skip(seen) {
                let line = message.text.lines().next().unwrap_or_default().trim_end();
                print!("\r\n    [mail to {ADDRESS}] {line}\r\n");
                let _ = stdout().flush();
            }
            seen = seen.max(mailbox.messages().len());
            std::thread::sleep(Duration::from_millis(200));
        }
    });
    let mut line = machine.in_network(&ssh_line(&["-o", "PubkeyAuthentication=no"]));
    line.push("alice@127.0.0.1".into());
    println!();
    if let Some((program, arguments)) = line.split_first()
        && let Err(error) = Command::new(program).args(arguments).status()
    {
        println!("    ssh does not start: {error}");
    }
    over.store(true, Ordering::Relaxed);
    let _ = postman.join();
}
