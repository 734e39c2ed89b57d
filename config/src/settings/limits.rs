//! `[limits]`: a row for each, with its default and, if it is a number, its range.

use serde::{Deserialize, Serialize};

use crate::duration::Span;

/// A key with an out-of-range value: the value, the minimum and the maximum.
pub(super) type Beyond = (&'static str, i64, i64, i64);

macro_rules! limits {
    ($($(#[$doc:meta])* $key:ident: $kind:ty = $default:expr $(, $least:literal to $most:literal)?;)*) => {
        /// `[limits]`
        #[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Limits {
            $($(#[$doc])* pub $key: $kind,)*
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($key: $default,)* }
            }
        }

        impl Limits {
            /// The first number that is out of range.
            pub(super) fn beyond(&self) -> Option<Beyond> {
                $($(
                    let value = i64::from(self.$key);
                    if !($least..=$most).contains(&value) {
                        return Some((stringify!($key), value, $least, $most));
                    }
                )?)*
                None
            }
        }
    };
}

// Values of failed_proofs or failed_window that limit nothing are bounded, see `bounded`.
limits! {
    /// Wrong codes for one account within `failed_window`, after which its self-service is suspended.
    failed_proofs: u32 = 5, 1 to 1_000_000;
    /// The window, and the length of the first suspension; each further one within 30 days is twice as long, up to 7
    /// days.
    failed_window: Span = Span::seconds(86_400);
    /// Wrong codes an hour over all accounts, beyond which answers take longer and administrators are notified.
    failed_proofs_per_hour: u32 = 60, 1 to 1_000_000;
    /// Codes an hour, to one account and to one destination.
    sends_per_hour: u32 = 5, 1 to 1_000_000;
    /// Codes a day, to one account and to one destination.
    sends_per_day: u32 = 10, 1 to 1_000_000;
    /// Dialogues an hour from one source: a remote host (of IPv6, a network of 64 bits), a terminal or a uid.
    starts_per_hour: u32 = 20, 1 to 1_000_000;
    /// Messages an hour from this machine, for all accounts.
    messages_per_hour: u32 = 100, 1 to 1_000_000;
    /// Resets an hour that may be begun through one host of a fleet.
    host_starts_per_hour: u32 = 20, 1 to 1_000_000;
    /// Wrong codes and passwords an hour through one host of a fleet.
    host_failed_proofs_per_hour: u32 = 20, 1 to 1_000_000;
    /// Codes an hour that are sent for one host of a fleet.
    host_codes_per_hour: u32 = 60, 1 to 1_000_000;
    /// How long one recovery may take from start to finish.
    recovery: Span = Span::seconds(900);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_is_looked_at_and_the_defaults_stand() {
        assert_eq!(Limits::default().beyond(), None);
        let zero = [
            Limits { failed_proofs: 0, ..Limits::default() },
            Limits { failed_proofs_per_hour: 0, ..Limits::default() },
            Limits { sends_per_hour: 0, ..Limits::default() },
            Limits { sends_per_day: 0, ..Limits::default() },
            Limits { starts_per_hour: 0, ..Limits::default() },
            Limits { messages_per_hour: 0, ..Limits::default() },
            Limits { host_starts_per_hour: 0, ..Limits::default() },
            Limits { host_failed_proofs_per_hour: 0, ..Limits::default() },
            Limits { host_codes_per_hour: 0, ..Limits::default() },
        ];
        let keys = toml::Table::try_from(Limits::default()).unwrap();
        let numbers = keys.values().filter(|value| value.is_integer()).count();
        assert_eq!(zero.iter().filter_map(Limits::beyond).filter(|(_, value, ..)| *value == 0).count(), numbers);
        let many = Limits { sends_per_day: 1_000_001, ..Limits::default() };
        assert_eq!(many.beyond(), Some(("sends_per_day", 1_000_001, 1, 1_000_000)));
    }
}
