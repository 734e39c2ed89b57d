//! What the module relies on at a sign-in and must not take from the agent: whether registration may be required, the
//! first uid of users, how soon after its prompt a password can't have been typed, and whether the server of a fleet may
//! check it. The credential helper, which is root, writes it from the settings in force; the module is built without the
//! settings.

use std::time::Duration;

/// The file, unless a test uses another. Its directory belongs to root alone.
pub const FILE: &str = "/run/sspr-credential/policy";

/// While this file exists, the module stands aside in every sign-in. An administrator creates it when nobody can sign
/// in.
pub const OFF: &str = "/etc/sspr/off";

/// The most bytes of such a file.
pub const FILE_MAX: usize = 256;

/// login.defs(5) has the first uid of users, if no policy says it.
pub const LOGIN_DEFS: &str = "/etc/login.defs";

/// The first uid of users if it is not set anywhere.
const UID_MIN: u32 = 1000;

/// The default of `[register] min_typing_ms`. Programs answer after one round trip; nobody reads a prompt and types
/// eight characters within a second.
pub const MIN_TYPING_MS: u16 = 1000;

/// The content of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Whether `[register] mode` is "required"; otherwise no user is kept out.
    pub required: bool,
    /// Below this uid, and for uid 0, nothing is asked.
    pub min_uid: u32,
    /// A password that came over the network sooner than this after its prompt was not typed.
    pub min_typing_ms: u16,
    /// Whether the agent may have the password that was typed, for the server of the fleet to check:
    /// `[fleet] register_at_sign_in`.
    pub fleet: bool,
}

impl Policy {
    /// The policy if there is no file: no user is refused, and `login_defs`, the text of login.defs(5), says where
    /// system accounts end.
    pub fn without_a_file(login_defs: &str) -> Self {
        let told = |line: &str| {
            let mut words = line.split_ascii_whitespace();
            words.next().filter(|key| *key == "UID_MIN").and(words.next()).and_then(|number| number.parse().ok())
        };
        let min_uid = login_defs.lines().filter_map(told).next_back().unwrap_or(UID_MIN);
        Self { required: false, min_uid, min_typing_ms: MIN_TYPING_MS, fleet: false }
    }

    /// The lines of the file.
    pub fn to_text(self) -> String {
        let word = |yes| if yes { "yes" } else { "no" };
        let Self { required, min_uid, min_typing_ms, fleet } = self;
        let (required, fleet) = (word(required), word(fleet));
        format!("required={required}\nmin_uid={min_uid}\nmin_typing_ms={min_typing_ms}\nfleet={fleet}\n")
    }

    /// `None` for anything but what [`Policy::to_text`] writes. Lines that a later version may add are skipped. Earlier
    /// versions had no line about typing, and none about a fleet.
    pub fn parse(text: &str) -> Option<Self> {
        let (mut required, mut min_uid, mut min_typing_ms, mut fleet) = (None, None, MIN_TYPING_MS, false);
        for line in text.lines() {
            match line.split_once('=')? {
                ("required", "yes") => required = Some(true),
                ("required", "no") => required = Some(false),
                ("required", _) => return None,
                ("min_uid", number) => min_uid = Some(number.parse().ok()?),
                ("min_typing_ms", number) => min_typing_ms = number.parse().ok()?,
                ("fleet", word) => fleet = word == "yes",
                _ => {}
            }
        }
        Some(Self { required: required?, min_uid: min_uid?, min_typing_ms, fleet })
    }

    /// How long a person needs, at least, to type a password.
    pub fn min_typing(self) -> Duration {
        Duration::from_millis(self.min_typing_ms.into())
    }

    /// Whether this account is a user's.
    pub fn is_person(self, uid: u32) -> bool {
        uid != 0 && uid >= self.min_uid && uid != u32::MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_nothing_else_is() {
        for policy in [
            Policy { required: true, min_uid: 500, min_typing_ms: 0, fleet: false },
            Policy { required: false, min_uid: u32::MAX, min_typing_ms: u16::MAX, fleet: true },
        ] {
            assert_eq!(Policy::parse(&policy.to_text()), Some(policy));
            assert!(policy.to_text().len() < FILE_MAX);
        }
        let earlier = Some(Policy { required: true, min_uid: 1000, min_typing_ms: MIN_TYPING_MS, fleet: false });
        assert_eq!(Policy::parse("required=yes\nmin_uid=1000\n"), earlier);
        assert_eq!(Policy::parse("required=yes\nmin_uid=1000\nlater=1\n"), earlier);
        assert_eq!(Policy::parse("required=yes\nmin_uid=1000\nfleet=perhaps\n"), earlier, "only a yes is one");
        for text in [
            "",
            "required=yes\n",
            "min_uid=1\n",
            "required=true\nmin_uid=1\n",
            "required=yes\nmin_uid=-1\n",
            "x",
            "required=yes\nmin_uid=1\nmin_typing_ms=65536\n",
        ] {
            assert_eq!(Policy::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn without_a_file_login_defs_says_who_is_no_system_account_and_nobody_is_kept_out() {
        let min = |text: &str| Policy::without_a_file(text).min_uid;
        assert_eq!(min("# UID_MIN 1\nSYS_UID_MIN 100\nUID_MIN\t\t  500\nUID_MAX 60000\n"), 500);
        assert_eq!((min(""), min("UID_MIN x\n"), min("UID_MIN\n")), (1000, 1000, 1000));
        let none = Policy::without_a_file("");
        assert!(!none.required && !none.fleet);
    }

    #[test]
    fn root_is_nobody_whatever_the_bound() {
        let all = Policy { required: true, min_uid: 0, min_typing_ms: 0, fleet: false };
        assert!(!all.is_person(0) && all.is_person(1) && !all.is_person(u32::MAX));
        assert!(!Policy { min_uid: 1000, ..all }.is_person(999));
    }
}
