//! How long an administrator waits for `sspr doctor`, including when a mail server hangs.

use sspr_tests::Machine;

use crate::{
    document::Section,
    effort,
    figures::{Row, Samples},
};

/// How often it runs on a healthy machine, and on one whose mail server never sends a greeting.
const RUNS: (usize, usize) = (20, 3);

/// Accepts connections but sends no greeting; the system's own Perl, which every Debian has.
const SILENT: &str = "systemctl stop mail-server
    cat >/root/silent.pl <<'END'
use IO::Socket::INET;
my $server = IO::Socket::INET->new(LocalPort => 587, Listen => 9, ReuseAddr => 1) or die;
my @kept;
while (my $client = $server->accept) { push @kept, $client }
END
    systemd-run -q --unit=silent --property=Type=exec perl /root/silent.pl
    until grep -q ':024B 00000000:0000 0A' /proc/net/tcp; do sleep 0.05; done";

pub(crate) fn section(machine: &Machine) -> Section {
    let quick = |limit: f64, samples: &Samples| samples.quantile(100) <= limit * 1e9;
    let healthy = runs(machine, effort(RUNS.0, 3));
    machine.must(SILENT);
    let hanging = runs(machine, effort(RUNS.1, 1));
    machine.must("systemctl stop silent; systemctl start mail-server");
    let rows = vec![
        Row::aimed("`sspr doctor` on a healthy host", "at most 1.5 s", quick(1.5, &healthy), healthy.in_words())
            .floor("a start of the helper, and a talk with the mail server"),
        Row::aimed(
            "The same where the mail server takes connections and greets nobody",
            "at most 12 s",
            quick(12.0, &hanging),
            hanging.in_words(),
        )
        .floor("10 s, for which a verdict is waited"),
    ];
    Section::new("Doctor", rows).below("Each aim is for the longest run.")
}

/// The nanoseconds of each run.
fn runs(machine: &Machine, count: usize) -> Samples {
    let script = "start=$(date +%s%N); sspr doctor >/root/doctor; echo $(( $(date +%s%N) - start ))";
    (0..count).map(|_| machine.must(script).parse::<f64>().unwrap()).collect()
}
