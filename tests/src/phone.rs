//! The text message gateway of a machine, and the phones that it reaches.

use std::{net::TcpListener, thread, time::Duration};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use crate::{
    host::{self, Place},
    twilio::{Call, Sms, Twilio},
};

/// A gateway that behaves like Twilio's, on the machine's loopback.
#[derive(Debug)]
pub struct Gateway {
    twilio: Twilio,
}

impl Gateway {
    /// The account that the machine's settings name.
    pub const ACCOUNT: &'static str = "AC0123456789abcdef0123456789abcdef";
    /// Its token.
    pub const TOKEN: &'static str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
    const ADDRESS: &'static str = "127.0.0.1:8080";

    /// Settings that use this gateway.
    pub(crate) fn settings() -> String {
        format!(
            r#"[phone]
            gateway = "twilio"
            default_region = "JP"
            [phone.twilio]
            account_sid = "{}"
            token_file = "/etc/sspr/twilio-token"
            from = "+15005550006"
            url = "http://{}""#,
            Self::ACCOUNT,
            Self::ADDRESS
        )
    }

    pub(crate) fn start(place: &Place) -> Self {
        let network = place.network();
        // A socket belongs to the network namespace in which its thread created it.
        let listener = thread::spawn(move || {
            let network = std::fs::File::open(network).unwrap();
            move_into_link_name_space(std::os::fd::AsFd::as_fd(&network), Some(LinkNameSpaceType::Network)).unwrap();
            TcpListener::bind(Self::ADDRESS).unwrap()
        });
        Self { twilio: Twilio::serve(listener.join().unwrap(), Self::ACCOUNT, Self::TOKEN) }
    }

    /// The messages that the gateway accepted, oldest first.
    pub fn messages(&self) -> Vec<Sms> {
        self.twilio.messages()
    }

    /// The messages to `number`, in E.164.
    pub fn messages_to(&self, number: &str) -> Vec<Sms> {
        self.messages().into_iter().filter(|sms| sms.to == number).collect()
    }

    /// Waits until `count` messages to `number` have come, and returns the last one.
    #[track_caller]
    pub fn wait_for(&self, number: &str, count: usize) -> Sms {
        host::wait_for(&format!("text message {count} to {number}"), Duration::from_secs(20), || {
            let messages = self.messages_to(number);
            (messages.len() >= count).then(|| messages.into_iter().next_back()).flatten()
        })
    }

    /// Waits until `count` calls to `number` were made, and returns the last one.
    #[track_caller]
    pub fn wait_for_call(&self, number: &str, count: usize) -> Call {
        host::wait_for(&format!("call {count} to {number}"), Duration::from_secs(20), || {
            let calls: Vec<Call> = self.twilio.calls().into_iter().filter(|call| call.to == number).collect();
            (calls.len() >= count).then(|| calls.into_iter().next_back()).flatten()
        })
    }

    /// Answers the next `times` requests with 429 and this `Retry-After`.
    pub fn busy(&self, times: u32, retry_after: u32) {
        self.twilio.busy(times, retry_after);
    }

    /// How many requests came, accepted or not.
    pub fn requests(&self) -> usize {
        self.twilio.requests()
    }
}

impl Sms {
    /// The code in it.
    #[track_caller]
    pub fn code(&self) -> String {
        code_in(&self.body).unwrap_or_else(|| panic!("no code in this message: {}", self.body))
    }
}

/// The first word of six to eight digits.
pub fn code_in(text: &str) -> Option<String> {
    text.split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .find(|word| (6..=8).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit()))
        .map(String::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_found_in_a_sentence_and_years_and_numbers_are_not_codes() {
        assert_eq!(code_in("In 2026: 012345 is your code."), Some("012345".into()));
        assert_eq!(code_in("Your code: 12345678. Don't share it."), Some("12345678".into()));
        assert_eq!(code_in("Call 4711 or +81901234567890"), None);
    }
}
