//! What a daemon of the machine holds and does, as the kernel tells it.

use std::collections::BTreeMap;

use sspr_tests::Machine;

use crate::figures::mebibytes;

/// A daemon's main process.
#[derive(Debug)]
pub(crate) struct Process<'a> {
    machine: &'a Machine,
    pub(crate) pid: String,
}

/// What a process has in memory, in KiB.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    pub(crate) resident: f64,
    /// Of that, its own: heap, stacks, written data.
    anonymous: f64,
    /// Of that, pages of files, which the kernel may drop and read again.
    file: f64,
    /// Pages that it shares counted in part.
    proportional: f64,
}

impl Memory {
    pub(crate) fn in_words(&self) -> String {
        let [resident, anonymous, file, proportional] =
            [self.resident, self.anonymous, self.file, self.proportional].map(mebibytes);
        format!("{resident} (own {anonymous}, of files {file}; proportional share {proportional})")
    }
}

/// What a process did in some seconds.
#[derive(Debug)]
pub(crate) struct Activity {
    pub(crate) cpu: f64,
    pub(crate) switches: u64,
}

impl<'a> Process<'a> {
    /// The main process of `unit`, which must be running.
    pub(crate) fn of(machine: &'a Machine, unit: &str) -> Self {
        let pid = machine.must(&format!("systemctl show --property=MainPID --value {unit}"));
        assert_ne!(pid, "0", "{unit} does not run\n{}", machine.journal(unit));
        Self { machine, pid }
    }

    pub(crate) fn memory(&self) -> Memory {
        let rollup = self.machine.must(&format!("cat /proc/{0}/smaps_rollup /proc/{0}/status", self.pid));
        let field = |name: &str| field(&rollup, name);
        Memory {
            resident: field("VmRSS"),
            anonymous: field("RssAnon"),
            file: field("RssFile") + field("RssShmem"),
            proportional: field("Pss"),
        }
    }

    /// The most that it held since it began, in KiB.
    pub(crate) fn peak(&self) -> f64 {
        field(&self.machine.must(&format!("cat /proc/{}/status", self.pid)), "VmHWM")
    }

    /// Resident KiB by mapping, the largest first: each file's code, constants and data, and what has no file.
    pub(crate) fn mappings(&self) -> Vec<(String, f64)> {
        let maps = self.machine.must(&format!("cat /proc/{}/smaps", self.pid));
        let mut by_name = BTreeMap::<String, f64>::new();
        let mut current = String::new();
        for line in maps.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            if words.len() >= 5 && words[0].contains('-') && words[1].len() == 4 {
                let name = words.get(5..).map(|name| name.join(" ")).unwrap_or_default();
                let name = name.rsplit('/').next().unwrap_or_default();
                current = match (name, words[1]) {
                    ("", _) => "memory without a name".into(),
                    (name, _) if name.starts_with('[') => name.into(),
                    (name, "r-xp") => format!("{name}: code"),
                    (name, "rw-p") => format!("{name}: data"),
                    (name, _) => format!("{name}: constants"),
                };
            } else if let Some(value) = line.strip_prefix("Rss:") {
                *by_name.entry(current.clone()).or_default() += kibibytes(value);
            }
        }
        let mut sorted: Vec<_> = by_name.into_iter().collect();
        sorted.sort_by(|a, b| b.1.total_cmp(&a.1));
        sorted
    }

    /// What it has done since it began.
    pub(crate) fn so_far(&self) -> Activity {
        // Threads that ended count here, in hundredths of a second.
        let look = "awk '{ sub(/.*\\) /, \"\"); print ($12 + $13) * 10000000 }' /proc/PID/stat
                    grep -h ctxt_switches /proc/PID/task/*/status";
        activity(&self.machine.must(&look.replace("PID", &self.pid)))
    }

    /// What it does in ten seconds in which nobody wants anything of it.
    pub(crate) fn idle(&self) -> Activity {
        let script = format!(
            "look() {{ cat /proc/{0}/task/*/schedstat; grep -h ctxt_switches /proc/{0}/task/*/status; }}
             look; echo; sleep 10; look",
            self.pid
        );
        let seen = self.machine.must(&script);
        let (before, after) = seen.split_once("\n\n").unwrap();
        let (before, after) = (activity(before), activity(after));
        Activity { cpu: after.cpu - before.cpu, switches: after.switches - before.switches }
    }
}

fn activity(seen: &str) -> Activity {
    let mut sum = Activity { cpu: 0.0, switches: 0 };
    for line in seen.lines() {
        let last = line.split_whitespace().next_back().unwrap_or_default();
        if line.contains("ctxt_switches") {
            sum.switches += last.parse::<u64>().unwrap();
        } else if let Some(running) = line.split(' ').next() {
            sum.cpu += running.parse::<f64>().unwrap();
        }
    }
    sum
}

/// What `name` says in a file of /proc.
fn field(text: &str, name: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    kibibytes(line.unwrap_or_else(|| panic!("no {name} in\n{text}")))
}

fn kibibytes(field: &str) -> f64 {
    field.trim().trim_end_matches(" kB").parse().unwrap()
}
