//! What this machine's password hashes cost: the time for those that a change computes, and the memory for the most
//! expensive one.

use std::{path::Path, process::Command, time::Duration};

use sspr_config::credential::CHANGE_MAX;
use sspr_machine::hash_cost::{self, Hash, times, waits};

use super::Finding;

const CHECK: &str = "hashes";
/// The memory that the helper's unit may use (`MemoryMax=`) as shipped, in MiB.
const MEMORY: u64 = 1536;
/// The memory that the helper needs besides hashes, in MiB.
const BESIDES: u64 = 136;

/// On this machine.
pub fn examine(root: &Path) -> Vec<Finding> {
    let Some((hash, remembered)) = hash_cost::of_new_passwords(root) else { return Vec::new() };
    judge(hash, remembered, memory(), sspr_machine::hash_time)
}

/// The memory that the helper may use on this machine, in MiB; an administrator may have changed it in a drop-in.
fn memory() -> u64 {
    let show =
        Command::new("systemctl").args(["show", "--value", "-p", "MemoryMax", "sspr-credential.service"]).output();
    show.ok().map_or(MEMORY, |shown| mebibytes(&String::from_utf8_lossy(&shown.stdout)))
}

/// A limit as `systemctl show` prints it, in MiB.
fn mebibytes(shown: &str) -> u64 {
    match shown.trim() {
        "infinity" => u64::MAX,
        bytes => bytes.parse().map_or(MEMORY, |bytes: u64| bytes >> 20),
    }
}

/// `takes` measures one hash with the given setting; the helper may use `may_use` MiB of memory.
fn judge(hash: Hash, remembered: u32, may_use: u64, takes: impl Fn(&str) -> Duration) -> Vec<Finding> {
    if hash == Hash::Cheap {
        return Vec::new();
    }
    let (all, memory) = (hash.time(takes) * times(remembered), hash.memory());
    let mut findings = Vec::new();
    if memory > may_use.saturating_sub(BESIDES) {
        findings.push(Finding::error(
            CHECK,
            format!("a hash takes {memory} MiB, but the helper may use only {may_use}: no password can be set"),
            "write MemoryMax= in a drop-in of sspr-credential.service",
        ));
    }
    let what = waits(all);
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
        let seconds = all.as_secs_f64();
        findings.push(Finding::fine(CHECK, format!("{seconds:.1} s and {memory} MiB for a new password")));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{super::Level, *};

    #[test]
    fn what_takes_longer_than_a_reset_waits_is_an_error_and_what_is_near_it_a_warning() {
        let takes = |_: &str| Duration::from_millis(40);
        for (hash, remembered, level) in [
            (Hash::Yescrypt(5), 0, Level::Fine),
            (Hash::Yescrypt(5), 24, Level::Fine),
            // 0.64 s each.
            (Hash::Yescrypt(9), 24, Level::Warning),
            (Hash::Yescrypt(7), 0, Level::Fine),
            // Too slow for a sign-in; the check of the scope reports that.
            (Hash::Yescrypt(8), 0, Level::Fine),
            (Hash::Yescrypt(11), 0, Level::Fine),
            (Hash::Bcrypt(12), 0, Level::Warning),
            (Hash::Sha(200_000), 0, Level::Fine),
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
        let unit = include_str!("../../../../packaging/systemd/sspr-credential.service");
        let most: u64 =
            unit.lines().find_map(|l| l.strip_prefix("MemoryMax=")?.strip_suffix('M')?.parse().ok()).unwrap();
        assert!(most == MEMORY && MEMORY - BESIDES > 1024);
        for (shown, limit) in [("1610612736\n", 1536), ("infinity", u64::MAX), ("", MEMORY), ("[not set]", MEMORY)] {
            assert_eq!(mebibytes(shown), limit, "{shown:?}");
        }
    }
}
