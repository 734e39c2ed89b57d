//! What this machine's password hashes cost: the time for those that a change computes, and the memory for the most
//! expensive one.

use std::{collections::BTreeMap, path::Path, time::Duration};

use sspr_config::credential::{CHANGE_MAX, PAM_SERVICE};

use super::{
    files,
    hash::{BCRYPT_MAX, SHA_ROUNDS_MAX, YESCRYPT_COST_MAX},
    hash_time, password_arguments,
};

/// Settings for crypt(3) with a low cost, to measure this machine.
const YESCRYPT_5: &str = "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$";
const SHA512_5000: &str = "$6$saltsaltsaltsalt$";
const BCRYPT_5: &str = "$2b$05$abcdefghijklmnopqrstuu";

/// The hash that `pam_unix` uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// Cost 1 to 11: time and memory double with each.
    Yescrypt(u32),
    /// This many rounds.
    Sha(u32),
    /// Cost 4 to 31: time doubles with each.
    Bcrypt(u32),
    /// The cost is negligible.
    Cheap,
}

/// The hash of new passwords, and with how many old ones a new password is compared. Unreadable files are reported
/// elsewhere.
pub fn of_new_passwords(root: &Path) -> Option<(Hash, u32)> {
    let lines = |module| password_arguments(PAM_SERVICE, module).ok();
    let (unix, history) = (lines("pam_unix")?, lines("pam_pwhistory")?);
    let definitions = files::text(&root.join("etc/login.defs")).unwrap_or_default();
    let remembered = unix.iter().chain(&history).map(|arguments| remembered(arguments)).sum();
    Some((unix.first().map(|arguments| hash(arguments, &definitions))?, remembered))
}

/// Whether the hash of a new password takes too long to be computed in a sign-in.
pub fn new_ones_are_slow(root: &Path) -> bool {
    of_new_passwords(root).is_some_and(|(hash, _)| !hash.is_quick())
}

/// Why no password can be set for any account, if hashing it takes longer than a reset waits.
pub fn hopeless(root: &Path) -> Option<String> {
    let (hash, _) = of_new_passwords(root)?;
    // The usual hash is not measured.
    if hash.is_quick() {
        return None;
    }
    // Remembered passwords are left out: they are compared at the cost that they were made with. The fastest of some
    // measurements counts, because the processor may have been in a power-saving state.
    let best = |setting: &str| (0..3).map(|_| hash_time(setting)).min().unwrap_or_default();
    let all = hash.time(best) * times(0);
    (all >= CHANGE_MAX).then(|| waits(all))
}

/// How many hashes a change computes: one to compare the current password, one for each remembered password, the new
/// one, and one to check that it is in place.
pub const fn times(remembered: u32) -> u32 {
    remembered + 3
}

/// What a wait of this length means, as the beginning of a sentence.
pub fn waits(all: Duration) -> String {
    let seconds = all.as_secs_f64();
    format!("a new password takes {seconds:.0} s of hashing here, and a reset waits {} s", CHANGE_MAX.as_secs())
}

/// With how many hashes `arguments` of `pam_unix` or `pam_pwhistory` compare a new password.
fn remembered(arguments: &[String]) -> u32 {
    let named = arguments.iter().rev().find_map(|argument| argument.strip_prefix("remember="));
    named.and_then(|number| number.parse().ok()).unwrap_or(0).min(400)
}

fn hash(arguments: &[String], definitions: &str) -> Hash {
    let defined: BTreeMap<&str, &str> =
        definitions.lines().filter_map(|line| line.trim().split_once(|c: char| c.is_ascii_whitespace())).collect();
    let number = |key: &str| defined.get(key).and_then(|value| value.trim().parse::<u32>().ok());
    let rounds = arguments.iter().rev().find_map(|a| a.strip_prefix("rounds=")).and_then(|n| n.parse().ok());
    let has = |word: &str| arguments.iter().any(|argument| argument == word);
    let method = match () {
        () if has("yescrypt") || has("gost_yescrypt") => "YESCRYPT",
        () if has("sha512") || has("sha256") => "SHA512",
        () if has("blowfish") => "BCRYPT",
        () if has("md5") || has("bigcrypt") => "MD5",
        () => defined.get("ENCRYPT_METHOD").map_or("YESCRYPT", |method| method.trim()),
    };
    match method {
        "YESCRYPT" => Hash::Yescrypt(rounds.or(number("YESCRYPT_COST_FACTOR")).unwrap_or(5).clamp(1, 11)),
        "SHA512" | "SHA256" => Hash::Sha(rounds.or(number("SHA_CRYPT_MAX_ROUNDS")).unwrap_or(5000)),
        "BCRYPT" => Hash::Bcrypt(rounds.or(number("BCRYPT_MAX_ROUNDS")).unwrap_or(5).clamp(4, 31)),
        _ => Hash::Cheap,
    }
}

impl Hash {
    /// How long one takes; `takes` measures one with the given setting.
    pub fn time(self, takes: impl Fn(&str) -> Duration) -> Duration {
        let doubled =
            |base: Duration, from: u32, to: u32| base.mul_f64(2f64.powi(to.cast_signed() - from.cast_signed()));
        match self {
            Self::Yescrypt(cost) => doubled(takes(YESCRYPT_5), 5, cost),
            Self::Sha(rounds) => takes(SHA512_5000).mul_f64(f64::from(rounds) / 5000.0),
            Self::Bcrypt(cost) => doubled(takes(BCRYPT_5), 5, cost),
            Self::Cheap => Duration::ZERO,
        }
    }

    /// The memory for one, in MiB.
    pub const fn memory(self) -> u64 {
        match self {
            // 128 bytes times r = 32 times N, which is 2^12 for 5.
            Self::Yescrypt(cost) => 16 * 2u64.pow(cost) / 32,
            _ => 0,
        }
    }

    /// Whether a sign-in can wait for a typed password to be compared with it.
    pub const fn is_quick(self) -> bool {
        match self {
            Self::Yescrypt(cost) => cost <= YESCRYPT_COST_MAX,
            Self::Sha(rounds) => rounds <= SHA_ROUNDS_MAX,
            Self::Bcrypt(cost) => cost <= BCRYPT_MAX,
            Self::Cheap => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn the_hash_is_that_of_the_line_and_else_of_login_defs() {
        let definitions = "# a comment\nENCRYPT_METHOD SHA512\nSHA_CRYPT_MAX_ROUNDS\t70000\nYESCRYPT_COST_FACTOR 7\n";
        for (line, want) in [
            ("obscure use_authtok yescrypt", Hash::Yescrypt(7)),
            ("yescrypt rounds=11", Hash::Yescrypt(11)),
            ("yescrypt rounds=99", Hash::Yescrypt(11)),
            ("sha512 rounds=65536", Hash::Sha(65536)),
            ("obscure", Hash::Sha(70000)),
            ("blowfish rounds=12", Hash::Bcrypt(12)),
            ("md5", Hash::Cheap),
        ] {
            assert_eq!(hash(&words(line), definitions), want, "{line}");
        }
        assert_eq!(hash(&words("obscure"), ""), Hash::Yescrypt(5));
        assert_eq!(remembered(&words("remember=24 use_authtok")), 24);
        assert_eq!(remembered(&words("use_authtok")), 0);
    }

    #[test]
    fn this_machine_can_be_measured() {
        for setting in [YESCRYPT_5, SHA512_5000, BCRYPT_5] {
            assert!(hash_time(setting) > Duration::from_micros(200), "{setting}");
        }
    }
}
