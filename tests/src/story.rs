//! Frequent actions of users at the prompts, for tests whose subject is something else.

use crate::{Machine, Terminal};

/// The line above the first password prompt.
pub const HINT: &str = "Forgotten? Press Enter to reset it.";
/// The end of the invitation to register.
pub const INVITATION: &str = "1, 2 or 3 (Enter for not now): ";
/// The end of a recovery's first question.
pub const WHERE_TO: &str = "Your choice (Enter to go back): ";
/// The end of the question that asks for the new password again, in this package and in older ones.
pub const AGAIN: &str = "again: ";

/// The prompt of a shell.
pub fn shell(user: &str) -> String {
    format!("{user}@shell:~$ ")
}

impl Terminal {
    /// Types the password at a prompt.
    #[track_caller]
    pub fn password(&mut self, password: &str) -> &mut Self {
        self.expect("Password: ").type_line(password)
    }

    /// Has signed in: a shell waits.
    #[track_caller]
    pub fn signed_in(&mut self, user: &str) -> &mut Self {
        self.expect(&shell(user))
    }

    /// Presses Enter at the password prompt, to reset.
    #[track_caller]
    pub fn forgotten(&mut self) -> &mut Self {
        self.expect("Password: ").press_enter()
    }

    /// Types a new password, twice.
    #[track_caller]
    pub fn new_password(&mut self, password: &str) -> &mut Self {
        self.expect("New password: ").type_line(password).expect(AGAIN).type_line(password)
    }

    /// Registers an address at the invitation.
    #[track_caller]
    pub fn registers_email(&mut self, machine: &Machine, address: &str) -> &mut Self {
        self.expect(INVITATION).type_line("1");
        self.types_email(machine, address).reads_that_it_is_done()
    }

    /// Registers a number at the invitation.
    #[track_caller]
    pub fn registers_phone(&mut self, machine: &Machine, typed: &str, number: &str) -> &mut Self {
        self.expect(INVITATION).type_line("2");
        self.types_phone(machine, typed, number).reads_that_it_is_done()
    }

    /// Types an address, and the code that comes there.
    #[track_caller]
    pub fn types_email(&mut self, machine: &Machine, address: &str) -> &mut Self {
        let before = machine.mailbox(address).codes();
        self.expect("Email address (Enter to go back): ").type_line(address);
        let code = machine.mailbox(address).wait_for_code(before + 1);
        self.expect("Code: ").type_line(&code)
    }

    /// Types a number as people write it, and the code that comes to `number`.
    #[track_caller]
    pub fn types_phone(&mut self, machine: &Machine, typed: &str, number: &str) -> &mut Self {
        let before = machine.gateway().messages_to(number).len();
        self.expect("Phone number (Enter to go back): ").type_line(typed);
        let code = machine.gateway().wait_for(number, before + 1).code();
        self.expect("Code: ").type_line(&code)
    }

    /// Reads the instructions, and continues.
    #[track_caller]
    pub fn reads_that_it_is_done(&mut self) -> &mut Self {
        self.expect("Done, you are registered.");
        self.expect("Press Enter to go on: ").press_enter()
    }

    /// At the password prompt: has a code sent by email, reads it, and types it.
    #[track_caller]
    pub fn proves_by_email(&mut self, machine: &Machine, address: &str) -> &mut Self {
        let before = machine.mailbox(address).codes();
        self.forgotten().expect(WHERE_TO).type_line("e");
        let code = machine.mailbox(address).wait_for_code(before + 1);
        self.expect("Code: ").type_line(&code)
    }
}

impl Machine {
    /// Enters an address as an administrator, which is usable at once. An older package can do that as well.
    #[track_caller]
    pub fn imports_email(&self, user: &str, address: &str) {
        self.must(&format!(
            "printf 'name,email\\n{user},{address}\\n' >/root/one.csv && sspr admin import /root/one.csv"
        ));
    }

    /// Signs in by SSH and registers an address.
    #[track_caller]
    pub fn registers_email(&self, user: &str, password: &str, address: &str) {
        self.ssh(user).password(password).registers_email(self, address).signed_in(user);
    }

    /// Signs in by SSH and registers a number.
    #[track_caller]
    pub fn registers_phone(&self, user: &str, password: &str, typed: &str, number: &str) {
        self.ssh(user).password(password).registers_phone(self, typed, number).signed_in(user);
    }

    /// Signs in by SSH without being asked anything.
    #[track_caller]
    pub fn signs_in(&self, user: &str, password: &str) -> Terminal {
        let mut terminal = self.ssh(user);
        terminal.password(password).signed_in(user);
        assert!(!terminal.transcript().contains("Where can it reach you?"), "{}", terminal.transcript());
        terminal
    }

    /// Is refused by SSH, which asks again.
    #[track_caller]
    pub fn is_refused(&self, user: &str, password: &str) {
        self.ssh(user).password(password).expect("Password: ");
    }
}
