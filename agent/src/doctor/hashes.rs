//! What this machine's password hashes need: time for those that a change computes, and memory for the costliest.

use std::{collections::BTreeMap, path::Path, process::Command, time::Duration};

use super::Finding;
use crate::credential::PAM_SERVICE;
use sspr_config::credential::CHANGE_MAX;
use sspr_machine::{
    files,
    hash::{BCRYPT_MAX, SHA_ROUNDS_MAX, YESCRYPT_COST_MAX},
};

const CHECK: &str = "hashes";
/// What the helper's unit may use (`MemoryMax=`) as it is shipped, in MiB.
const MEMORY: u64 = 1536;
/// What it needs besides hashes.
const BESIDES: u64 = 136;
/// Settings for crypt(3) with a cost that takes no long time, to measure this machine.
const YESCRYPT_5: &str = "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$";
const SHA512_5000: &str = "$6$saltsaltsaltsalt$";
const BCRYPT_5: &str = "$2b$05$abcdefghijklmnopqrstuu";

/// What `pam_unix` hashes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hash {
    /// Cost 1 to 11: time and memory double with each.
    Yescrypt(u32),
    /// So many rounds.
    Sha(u32),
    /// Cost 4 to 31: time doubles with each.
    Bcrypt(u32),
    /// Costs nothing worth a word.
    Cheap,
}

/// On this machine.
pub fn examine(root: &Path) -> Vec<Finding> {
    let lines = |module| sspr_machine::password_arguments(PAM_SERVICE, module);
    // A stack that can't be read is said elsewhere.
    let (Ok(unix), Ok(history)) = (lines("pam_unix"), lines("pam_pwhistory")) else { return Vec::new() };
    let definitions = files::text(&root.join("etc/login.defs")).unwrap_or_default();
    let remembered = unix.iter().chain(&history).map(|arguments| remembered(arguments)).sum();
    let Some(hash) = unix.first().map(|arguments| hash(arguments, &definitions)) else { return Vec::new() };
    judge(hash, remembered, memory(), sspr_machine::hash_time)
}

/// What the helper may use on this machine, in MiB, as an administrator may have written it in a drop-in.
fn memory() -> u64 {
    let show =
        Command::new("systemctl").args(["show", "--value", "-p", "MemoryMax", "sspr-credential.service"]).output();
    show.ok().map_or(MEMORY, |shown| mebibytes(&String::from_utf8_lossy(&shown.stdout)))
}

/// What `systemctl show` says of a limit, in MiB.
fn mebibytes(shown: &str) -> u64 {
    match shown.trim() {
        "infinity" => u64::MAX,
        bytes => bytes.parse().map_or(MEMORY, |bytes: u64| bytes >> 20),
    }
}

/// How many hashes `arguments` of `pam_unix` or `pam_pwhistory` have a new password compared with.
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
    /// Whether a sign-in can wait until what was typed is compared with it.
    const fn is_quick(self) -> bool {
        match self {
            Self::Yescrypt(cost) => cost <= YESCRYPT_COST_MAX,
            Self::Sha(rounds) => rounds <= SHA_ROUNDS_MAX,
            Self::Bcrypt(cost) => cost <= BCRYPT_MAX,
            Self::Cheap => true,
        }
    }
}

/// `takes` measures one hash with the setting that it is given; the helper may use so much memory, in MiB.
fn judge(hash: Hash, remembered: u32, may_use: u64, takes: impl Fn(&str) -> Duration) -> Vec<Finding> {
    let doubled = |base: Duration, from: u32, to: u32| base.mul_f64(2f64.powi(to.cast_signed() - from.cast_signed()));
    let (one, memory) = match hash {
        // 128 bytes times r = 32 times N, which is 2^12 for 5.
        Hash::Yescrypt(cost) => (doubled(takes(YESCRYPT_5), 5, cost), 16 * 2u64.pow(cost) / 32),
        Hash::Sha(rounds) => (takes(SHA512_5000).mul_f64(f64::from(rounds) / 5000.0), 0),
        Hash::Bcrypt(cost) => (doubled(takes(BCRYPT_5), 5, cost), 0),
        Hash::Cheap => return Vec::new(),
    };
    // Whether it is the current one, each that is remembered, the new one, and the look whether it is in place.
    let all = one * (remembered + 3);
    let mut findings = Vec::new();
    if memory > may_use.saturating_sub(BESIDES) {
        findings.push(Finding::error(
            CHECK,
            format!("a hash takes {memory} MiB, but the helper may use only {may_use}: no password can be set"),
            "write MemoryMax= in a drop-in of sspr-credential.service",
        ));
    }
    if !hash.is_quick() {
        findings.push(Finding::warning(
            CHECK,
            "a hash takes too long to be compared in a sign-in: unregistered users are not asked there, and \"required\" \
             does not keep them out; a line mentions sspr enroll",
            format!("lower the cost of hashes, of yescrypt to rounds={YESCRYPT_COST_MAX} of pam_unix.so"),
        ));
    }
    let seconds = all.as_secs_f64();
    let what =
        format!("a new password takes {seconds:.0} s of hashing here, and a reset waits {} s", CHANGE_MAX.as_secs());
    if all >= CHANGE_MAX {
        findings.push(Finding::error(
            CHECK,
            format!("{what}: no password can be set"),
            "lower rounds= of pam_unix.so or remember= in common-password",
        ));
    } else if all * 2 >= CHANGE_MAX {
        findings.push(Finding::warning(
            CHECK,
            format!("{what}: too long when the machine is busy"),
            "lower rounds= of pam_unix.so or remember= in common-password",
        ));
    } else if findings.is_empty() {
        findings.push(Finding::fine(CHECK, format!("{seconds:.1} s and {memory} MiB for a new password")));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{super::Level, *};

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
    fn what_takes_longer_than_a_reset_waits_is_an_error_and_what_is_near_it_a_warning() {
        let takes = |_: &str| Duration::from_millis(40);
        for (hash, remembered, level) in [
            (Hash::Yescrypt(5), 0, Level::Fine),
            (Hash::Yescrypt(5), 24, Level::Fine),
            // 0.64 s each.
            (Hash::Yescrypt(9), 24, Level::Warning),
            (Hash::Yescrypt(7), 0, Level::Fine),
            // Too slow for a sign-in.
            (Hash::Yescrypt(8), 0, Level::Warning),
            (Hash::Yescrypt(11), 0, Level::Warning),
            (Hash::Bcrypt(12), 0, Level::Warning),
            (Hash::Sha(200_000), 0, Level::Warning),
            // 2.56 s each.
            (Hash::Yescrypt(11), 24, Level::Error),
            (Hash::Sha(5000), 24, Level::Fine),
            (Hash::Bcrypt(14), 0, Level::Error),
        ] {
            let found = judge(hash, remembered, MEMORY, takes);
            assert_eq!(found.last().map(|f| f.level), Some(level), "{hash:?} {remembered}: {found:?}");
        }
        let small = judge(Hash::Yescrypt(11), 0, 512, takes);
        assert!(small[0].level == Level::Error && small[0].what.contains("takes 1024 MiB"), "{small:?}");
    }

    #[test]
    fn the_unit_lets_the_helper_have_what_the_costliest_hash_takes() {
        let unit = include_str!("../../../packaging/systemd/sspr-credential.service");
        let most: u64 =
            unit.lines().find_map(|l| l.strip_prefix("MemoryMax=")?.strip_suffix('M')?.parse().ok()).unwrap();
        assert!(most == MEMORY && MEMORY - BESIDES > 1024);
        for (shown, limit) in [("1610612736\n", 1536), ("infinity", u64::MAX), ("", MEMORY), ("[not set]", MEMORY)] {
            assert_eq!(mebibytes(shown), limit, "{shown:?}");
        }
    }

    #[test]
    fn this_machine_can_be_measured() {
        for setting in [YESCRYPT_5, SHA512_5000, BCRYPT_5] {
            assert!(sspr_machine::hash_time(setting) > Duration::from_micros(200), "{setting}");
        }
    }
}
