//! The cost of loading the module in a process that has libpam, compared with a module that does nothing.

use sspr_tests::Machine;

use crate::{
    column,
    document::Section,
    effort,
    figures::{Row, Samples},
    host,
};

/// Debian's directory of PAM modules.
pub(crate) const MODULES: &str = "/usr/lib/x86_64-linux-gnu/security";

pub(crate) fn section(machine: &Machine) -> Section {
    let (permit, ours) = (format!("{MODULES}/pam_permit.so"), format!("{MODULES}/pam_sspr.so"));
    let [permit, ours] = loads(machine, [&permit, &ours]);
    let times = ours.median() / permit.median();
    let rows = vec![
        Row::told("pam_permit.so, loaded and let go", permit.in_words()),
        Row::aimed(
            "pam_sspr.so, loaded and let go",
            "at most 2 × pam_permit",
            times <= 2.0,
            format!("**{times:.2} ×**: {}", ours.in_words()),
        )
        .floor("a file of one page"),
    ];
    Section::new("Loading the module", rows).below(
        "By turns in one process that has libpam, as `dlopen` and `dlclose` of what libpam calls them with. The unwinder of panics is \
         linked into the module on x86_64: no other library of a sign-in needs `libgcc_s`.",
    )
}

/// The time to load each of these files, alternately.
pub(crate) fn loads<const N: usize>(machine: &Machine, modules: [&str; N]) -> [Samples; N] {
    let seen = host(machine, &format!("loads {} {}", effort(500, 100), modules.join(" ")));
    std::array::from_fn(|at| column(&seen, &format!("load-{at}"), 0))
}
