//! The host process in valgrind: the module touches no byte that is not its own, and loses none.
//!
//! `make memcheck` runs all stories of `behaviour` this way, by the variable `SSPR_MEMCHECK`. What is kept is not lost: 48 bytes
//! for each thread that held a dialogue, Rust's handle of it, which goes with the thread; twenty dialogues keep no more than one.

use std::path::Path;
use std::process::Command;

use sspr_config::dialogue::{Ask, Standing};

use crate::bus::Bus;
use crate::fake_agent::{asks, ends};
use crate::login::{Does, SUCCESS, alice};

/// What other libraries do wrong, each with a reason.
const NOT_OURS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/module/valgrind.supp");

/// Whether every host is to be checked.
pub(crate) fn is_checked_everywhere() -> bool {
    std::env::var_os("SSPR_MEMCHECK").is_some()
}

/// `program` in valgrind, which writes what it finds to `log`.
pub(crate) fn checked(program: &Path, log: &Path) -> Command {
    let mut valgrind = Command::new("valgrind");
    valgrind
        .args(["--quiet", "--leak-check=full", "--num-callers=40", "--keep-debuginfo=yes", "--gen-suppressions=all"])
        // Blocks that are still pointed to when the process ends belong to libraries that stay loaded.
        .args(["--show-leak-kinds=definite,indirect,possible", "--errors-for-leak-kinds=definite,indirect,possible"])
        .arg(format!("--suppressions={NOT_OURS}"))
        .arg(format!("--log-file={}", log.display()))
        .arg(program);
    valgrind
}

/// valgrind found nothing.
#[track_caller]
pub(crate) fn assert_clean(log: &Path) {
    let found = std::fs::read_to_string(log).expect("valgrind is installed");
    // What it says of itself begins with "--": Debian 12's does not know openat2(2) yet, and answers ENOSYS for the kernel.
    let errors: Vec<&str> = found.lines().filter(|line| !line.starts_with("--") && !line.is_empty()).collect();
    assert!(errors.is_empty(), "{found}");
}

#[test]
fn dialogues_that_recover_are_refused_or_broken_off_lose_no_memory_and_touch_none_of_others() {
    let asks_all = || {
        vec![
            asks(1, Ask::Line, "A code is on its way.", "Code: "),
            asks(2, Ask::NewPassword, "", "New: "),
            asks(3, Ask::Secret, "", "Again: "),
        ]
    };
    let recovers = [asks_all(), vec![ends(Standing::Recovered, "Done."), ends(Standing::Finished, "")]].concat();
    let bus = Bus::with_agent(recovers);
    let report = alice(&bus).checked().types("").types("1").types("pw").types("pw").and_account().run_bare();
    assert_eq!(report.codes, [SUCCESS, SUCCESS]);
    report.assert_host_untouched();

    let bus = Bus::with_agent([asks_all(), vec![ends(Standing::Refused, "No.")]].concat());
    let refused = alice(&bus).checked().types("").types("1").types("pw").types("pw").does(Does::Fails).run_bare();
    assert_eq!(refused.shown().len(), 5);
    refused.assert_host_untouched();

    for answered in 0..3 {
        let bus = Bus::with_agent(asks_all());
        let mut breaks_off = alice(&bus).checked().types("");
        for _ in 0..answered {
            breaks_off = breaks_off.types("1");
        }
        let report = breaks_off.does(Does::Fails).run_bare();
        assert_eq!(report.shown().len(), 2 + answered);
        report.assert_host_untouched();
    }
}
