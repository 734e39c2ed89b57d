//! What the demos print.
#![allow(clippy::print_stdout, reason = "this is a show")]

use crate::{Terminal, mail::Mailbox};

/// What happens next.
pub fn say(text: &str) {
    println!("\n=== {text}");
}

/// What was on the terminal so far.
pub fn show(terminal: &Terminal) {
    for line in terminal.transcript().lines().map(str::trim_end).filter(|line| !line.is_empty()) {
        println!("    {line}");
    }
}

/// The last message to `address`.
pub fn show_mail(mailbox: &Mailbox, address: &str) {
    if let Some(message) = mailbox.messages().last() {
        println!("\n    [mail to {address}]  {}", message.subject);
        for line in message.text.lines() {
            println!("    [mail] {}", line.trim_end());
        }
    }
}
