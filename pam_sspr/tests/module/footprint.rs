//! What the module is as a file, and what many sign-ins leave of a process.

use std::process::Command;

use sspr_config::dialogue::{Ask, Standing};

use crate::bus::Bus;
use crate::fake_agent::{asks, ends};
use crate::login::{SUCCESS, alice};
use crate::module_file::module;

fn tool(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).arg(module()).output().expect("binutils are installed");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_module_is_at_most_one_mebibyte() {
    let bytes = std::fs::metadata(module()).unwrap().len();
    println!("pam_sspr.so: {bytes} bytes");
    assert!(bytes <= 1024 * 1024, "{bytes}");
}

#[test]
fn the_module_exports_the_entry_points_of_pam_and_nothing_else() {
    let symbols = tool("nm", &["--dynamic", "--defined-only", "--format=posix"]);
    let mut names: Vec<_> = symbols.lines().filter_map(|line| line.split(' ').next()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "pam_sm_acct_mgmt",
            "pam_sm_authenticate",
            "pam_sm_chauthtok",
            "pam_sm_close_session",
            "pam_sm_open_session",
            "pam_sm_setcred"
        ]
    );
}

#[test]
fn the_module_needs_libpam_and_the_c_library_alone() {
    let dynamic = tool("readelf", &["--dynamic"]);
    let needed = dynamic.lines().filter(|line| line.contains("(NEEDED)"));
    for line in needed {
        let mut known = vec!["libpam.so.0", "libc.so.6", "ld-linux"];
        // Where the unwinder is not linked in, see build.rs.
        if !cfg!(target_arch = "x86_64") {
            known.push("libgcc_s.so.1");
        }
        assert!(known.iter().any(|name| line.contains(name)), "{line}");
    }
}

/// What RHEL 9 has. The unwinder of a newer compiler, or relocations in a shorter form, would want a newer one, and a module that can't
/// be loaded is passed over without a word.
#[test]
fn the_module_needs_no_newer_glibc_than_2_34() {
    let versions = tool("readelf", &["--version-info"]);
    let wanted: Vec<&str> = versions.split_whitespace().filter(|word| word.starts_with("GLIBC_")).collect();
    assert!(wanted.contains(&"GLIBC_2.34"), "{wanted:?}");
    for version in wanted {
        let numbers = version.trim_start_matches("GLIBC_").split('.').map(str::parse::<u32>);
        let numbers = numbers.collect::<Result<Vec<_>, _>>().unwrap_or_else(|_| panic!("{version}"));
        assert!(numbers <= vec![2, 34], "{version}");
    }
}

/// `ADSelfService` CVE-2020-11552: what a login screen could be made to start ran as SYSTEM.
#[test]
fn the_module_has_no_way_to_start_a_program() {
    let symbols = tool("nm", &["--dynamic", "--undefined-only", "--format=posix"]);
    let names: Vec<&str> = symbols.lines().filter_map(|line| line.split([' ', '@']).next()).collect();
    assert!(names.contains(&"sendmsg") || names.contains(&"syscall"), "{names:?}");
    let starts = ["exec", "posix_spawn", "fork", "vfork", "clone", "system", "popen", "wordexp"];
    let able: Vec<_> = names.iter().filter(|name| starts.iter().any(|start| name.starts_with(start))).collect();
    assert!(able.is_empty(), "{able:?}");
}

#[test]
fn the_module_knows_no_variable_that_says_where_a_bus_is() {
    let bytes = std::fs::read(module()).unwrap();
    for name in [b"DBUS_SYSTEM_BUS".as_slice(), b"DBUS_SESSION_BUS", b"XDG_RUNTIME"] {
        assert!(!bytes.windows(name.len()).any(|window| window == name), "{}", String::from_utf8_lossy(name));
    }
}

#[test]
fn a_host_with_its_standard_files_closed_is_served_and_left_so() {
    let bus = Bus::with_agent(vec![asks(1, Ask::Line, "", "Code: "), ends(Standing::Refused, "No.")]);
    let report = alice(&bus).service("sshd").without_standard_files().types("").types("1").types("hunter2").run_bare();
    assert_eq!(report.codes, [SUCCESS]);
    assert_eq!(report.shown().len(), 3);
    assert_eq!(report.after.descriptors.len(), report.before.descriptors.len());
    report.assert_host_untouched();
}

#[test]
fn a_host_that_has_no_descriptors_left_signs_in_as_without_us() {
    // Enough for libpam to load the modules, not for a connection, at any of its steps.
    for most in 7..17 {
        let bus = Bus::with_agent_for_ever(vec![ends(Standing::Finished, "")]);
        let report = alice(&bus).descriptors_max(most).types("hunter2").and_account().run_bare();
        assert_eq!(report.codes, [SUCCESS, SUCCESS], "{most}");
        report.assert_host_untouched();
    }
}

#[test]
fn a_thousand_sign_ins_leave_no_thread_no_descriptor_and_no_memory_behind() {
    let bus = Bus::with_agent_for_ever(vec![
        asks(1, Ask::NewPassword, "A text.", "New: "),
        ends(Standing::Recovered, "Done."),
        ends(Standing::Finished, ""),
    ]);
    let report = alice(&bus).times(1000).types("").types("correct horse").and_account().run_bare();
    assert_eq!(report.codes, [SUCCESS, SUCCESS]);
    report.assert_host_untouched();
    assert!(report.growth < 256 * 1024, "{} bytes more", report.growth);
    let mut took = report.last_act.clone();
    took.sort_unstable();
    println!("account, one beginning: {:?} median of {}", took[took.len() / 2], took.len());
    println!(
        "threads {}, descriptors {}, {} bytes more resident",
        report.after.threads,
        report.after.descriptors.len(),
        report.growth
    );
}
