//! Files to import, and the contacts in them: one that is taken is a contact, and is taken again in its one form.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sspr_agent::contact::{EmailAddress, PhoneNumber};

#[path = "../checks/import.rs"]
mod import;

fuzz_target!(|bytes: &[u8]| {
    // A number takes long to read.
    for row in import::check(bytes).iter().take(3) {
        if let Ok(address) = EmailAddress::parse(&row.email) {
            let text = address.as_str();
            assert!(text.contains('@') && !text.chars().any(|c| c.is_control() || c.is_whitespace()), "{text:?}");
            assert_eq!(EmailAddress::parse(text).expect("its one form is taken").as_str(), text);
        }
        for region in [None, Some("JP"), Some("US")] {
            if let Ok(number) = PhoneNumber::parse(&row.phone, region) {
                let text = number.as_str();
                assert!(
                    text.strip_prefix('+').is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit())),
                    "{text:?}"
                );
                assert_eq!(PhoneNumber::parse(text, region).expect("its one form is taken").as_str(), text);
            }
        }
    }
});
