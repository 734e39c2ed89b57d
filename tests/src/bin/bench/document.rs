//! `docs/benchmarks.md`: what was measured, where and when.

use std::{fmt::Write as _, fs, thread};

use sspr_tests::Machine;

use crate::figures::{Row, table};

/// A group of figures.
#[derive(Debug)]
pub(crate) struct Section {
    title: &'static str,
    rows: Vec<Row>,
    /// The text below the figures: how they were measured, what they show, further tables.
    below: Vec<String>,
}

impl Section {
    pub(crate) fn new(title: &'static str, rows: Vec<Row>) -> Self {
        Self { title, rows, below: Vec::new() }
    }

    /// A paragraph or a table below the figures.
    pub(crate) fn below(mut self, text: impl Into<String>) -> Self {
        self.below.push(text.into());
        self
    }

    pub(crate) fn text(&self) -> String {
        let mut text = format!("## {}\n\n{}", self.title, table(&self.rows));
        for below in &self.below {
            let _ = write!(text, "\n{}\n", below.trim_end());
        }
        text
    }
}

/// Where and when it was measured.
pub(crate) fn about(machine: &Machine) -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let value = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_once([':', '=']).map_or("?", |(_, value)| value.trim()).trim_matches('"').to_owned()
    };
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let memory = value(&read("/proc/meminfo"), "MemTotal");
    format!(
        "Written by `make bench`; every figure below is from the one run of {}.\n\n\
         Machine: {}, {cores} cores, {} GiB; {} in containers with systemd, sshd and a mail server, the \
         package installed and switched on.",
        jiff::Zoned::now().strftime("%Y-%m-%d %H:%M %Z"),
        value(&read("/proc/cpuinfo"), "model name"),
        memory.split(' ').next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or_default() >> 20,
        value(&machine.must("cat /etc/os-release"), "PRETTY_NAME"),
    )
}

/// The whole document.
pub(crate) fn text(about: &str, sections: &[Section]) -> String {
    let mut text = format!(
        "# Benchmarks\n\n{about}\n\nMedians, with the range of the middle 80 % in brackets. The last column has the least \
         that anybody could need for it on this machine, measured in the same run where it is a number.\n"
    );
    for section in sections {
        let _ = write!(text, "\n{}", section.text());
    }
    text
}
