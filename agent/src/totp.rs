//! Codes of an authenticator app: TOTP (RFC 6238) with the parameters that every app knows, SHA-1, 6 digits and steps of
//! 30 seconds.

use std::fmt::Write as _;

use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

use crate::{clock::Time, error::Result, keys::same, random::Random};

/// 160 bits, as RFC 4226 (section 4) recommends.
const SECRET_BYTES: usize = 20;
/// How many digits a code has.
const DIGITS: u8 = 6;
/// How many seconds a step lasts.
const STEP: Time = 30;
/// How many steps the clocks may be apart, either way (RFC 6238, section 5.2).
const SKEW: i64 = 1;

/// The secret that the app and this machine share.
pub type Secret = Zeroizing<[u8; SECRET_BYTES]>;

/// A new secret.
pub fn secret(random: &dyn Random) -> Result<Secret> {
    let mut secret = Secret::default();
    random.fill(secret.as_mut())?;
    Ok(secret)
}

/// The secret as users type it into an app: base32 (RFC 4648) in groups of four.
pub fn grouped(secret: &Secret) -> Zeroizing<String> {
    let base32 = base32(secret);
    let mut text = Zeroizing::new(String::with_capacity(base32.len() + base32.len() / 4));
    for (at, c) in base32.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            text.push(' ');
        }
        text.push(c);
    }
    text
}

/// The content of the QR code: the secret for `account` at `issuer`, in the key URI format of Google's authenticator.
/// Algorithm, digits and period have their defaults, which keeps the picture small. The issuer precedes the account,
/// as every app reads it, and is `repeated` if there is room, as the format recommends.
pub fn uri(secret: &Secret, issuer: &str, account: &str, repeated: bool) -> Zeroizing<String> {
    // A colon separates the issuer from the account.
    let (issuer, account) = (encoded(&issuer.replace(':', "-")), encoded(&account.replace(':', "-")));
    let base32 = base32(secret);
    let mut uri = Zeroizing::new(String::with_capacity(64 + 2 * issuer.len() + account.len() + base32.len()));
    let _ = write!(uri, "otpauth://totp/{issuer}:{account}?secret={}", base32.as_str());
    if repeated {
        let _ = write!(uri, "&issuer={issuer}");
    }
    uri
}

/// Checks a code that was typed at `now`, with one step of skew each way. Returns its step; never one up to
/// `last_step`, so that no code is accepted twice. All steps are compared, even after a match.
pub fn check(secret: &Secret, typed: &str, now: Time, last_step: i64) -> Option<i64> {
    let typed = sspr_core::code::tidy(typed, DIGITS).unwrap_or_default();
    let totp = totp(secret);
    let mut right = None;
    for step in (now / STEP - SKEW)..=(now / STEP + SKEW) {
        let code = code(&totp, step);
        if same(code.as_bytes(), typed.as_bytes()) && step > last_step {
            right = Some(step);
        }
    }
    right
}

/// The step of `now`.
pub const fn step_at(now: Time) -> i64 {
    now / STEP
}

fn totp(secret: &Secret) -> Totp {
    Builder::new()
        .with_secret(totp_rs::Secret::new_stack(**secret))
        .with_digits(DIGITS)
        .with_skew(0)
        .with_step_duration(STEP.unsigned_abs())
        .build_noncompliant()
}

fn code(totp: &Totp, step: i64) -> Zeroizing<String> {
    let seconds = u64::try_from(step.saturating_mul(STEP)).unwrap_or_default();
    Zeroizing::new(totp.generate(seconds).to_string())
}

fn base32(secret: &Secret) -> Zeroizing<String> {
    Zeroizing::new(totp_rs::Secret::new_stack(**secret).to_base32())
}

/// Percent-encoded (RFC 3986): all but unreserved characters.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

/// The code for the step of `now`, as an app in a test shows it.
#[cfg(any(test, fuzzing))]
pub(crate) fn shown(secret: &Secret, now: Time) -> String {
    code(&totp(secret), step_at(now)).to_string()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::random::SystemRandom;

    fn rfc() -> Secret {
        Zeroizing::new(*b"12345678901234567890")
    }

    #[test]
    fn the_codes_are_those_of_rfc_6238_appendix_b() {
        // The table has 8 digits; 6 digits are their end.
        for (now, code) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(check(&rfc(), &code[2..], now, 0), Some(now / 30), "at {now}");
            assert_eq!(shown(&rfc(), now), code[2..]);
        }
    }

    #[test]
    fn a_code_is_good_one_step_early_and_one_late_and_no_further() {
        let now = 1_234_567_890;
        let code = shown(&rfc(), now);
        let middle = now / 30 * 30;
        for (at, good) in [(middle - 31, false), (middle - 30, true), (middle + 59, true), (middle + 60, false)] {
            assert_eq!(check(&rfc(), &code, at, 0).is_some(), good, "{}", at - middle);
        }
    }

    #[test]
    fn no_step_is_taken_that_is_not_newer_than_the_last_one() {
        let now = 1_234_567_890;
        let (step, code, next) = (now / 30, shown(&rfc(), now), shown(&rfc(), now + 30));
        assert_eq!(check(&rfc(), &code, now, step - 1), Some(step));
        assert_eq!(check(&rfc(), &code, now, step), None);
        assert_eq!(check(&rfc(), &next, now, step), Some(step + 1));
        assert_eq!(check(&rfc(), &code, now, step + 1), None, "an older one after a newer one");
    }

    #[test]
    fn a_code_may_be_typed_with_blanks_and_nothing_else_is_a_code() {
        let now = 1_111_111_109;
        assert_eq!(check(&rfc(), " 081 804 ", now, 0), Some(now / 30));
        assert_eq!(check(&rfc(), "０８１８０４", now, 0), Some(now / 30));
        for wrong in ["", "081805", "81804", "0081804", "+81804", "08180x", "07081804"] {
            assert_eq!(check(&rfc(), wrong, now, 0), None, "{wrong:?}");
        }
        assert_eq!(check(&Secret::default(), "081804", now, 0), None, "another secret");
        assert_eq!(check(&rfc(), "081804", -1, 0), None, "before the epoch");
    }

    #[test]
    fn the_uri_and_the_groups_say_the_same_secret_and_names_are_encoded() {
        assert_eq!(
            uri(&rfc(), "shell.example.org", "alice", true).as_str(),
            "otpauth://totp/shell.example.org:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=shell.example.org"
        );
        assert_eq!(
            uri(&rfc(), "shell.example.org", "alice", false).as_str(),
            "otpauth://totp/shell.example.org:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        );
        assert_eq!(grouped(&rfc()).as_str(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        let strange = uri(&rfc(), "my host: ä?&", "DOM\\bob@x#y", true);
        assert!(
            strange.starts_with("otpauth://totp/my%20host-%20%C3%A4%3F%26:DOM%5Cbob%40x%23y?secret="),
            "{strange:?}"
        );
        assert!(strange.ends_with("&issuer=my%20host-%20%C3%A4%3F%26"), "{strange:?}");
        assert_ne!(secret(&SystemRandom).unwrap(), secret(&SystemRandom).unwrap());
    }

    #[test]
    fn oathtool_shows_the_codes_that_are_taken() {
        let run = |secret: &str, now: i64| {
            Command::new("oathtool")
                .args(["--totp", "--base32", "--now", &format!("@{now}"), "--window=2", secret])
                .output()
                .ok()
                .map(|output| String::from_utf8(output.stdout).unwrap())
        };
        if run("AAAA", 0).is_none() {
            eprintln!("oathtool is not installed");
            return;
        }
        for now in (1_700_000_000..1_800_000_000).step_by(9_999_991) {
            let secret = secret(&SystemRandom).unwrap();
            let shown = run(&grouped(&secret), now).unwrap();
            let shown: Vec<&str> = shown.lines().collect();
            assert_eq!(shown.len(), 3);
            // Its window begins at `now`: the next but one is too early.
            assert_eq!(check(&secret, shown[0], now, 0), Some(now / 30));
            assert_eq!(check(&secret, shown[1], now, 0), Some(now / 30 + 1));
            assert_eq!(check(&secret, shown[2], now, 0), None);
        }
    }
}
