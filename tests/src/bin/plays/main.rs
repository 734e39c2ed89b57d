//! Runs inside a machine, as root: signs in through its libpam as programs do. `plays FILE LANES` plays everything in
//! the file, LANES at a time, and writes the result of each as a line of JSON; `plays one PLAY` is the process of one
//! of them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test's program"
)]

mod pam;

use std::{
    fs::{self, File},
    process::{Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use sspr_tests::conversation::Play;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [one, play] if one == "one" => pam::play(&serde_json::from_str(play).unwrap()),
        [file, lanes] => all(file, lanes.parse().unwrap()),
        _ => panic!("plays FILE LANES, or plays one PLAY"),
    }
}

fn all(file: &str, lanes: usize) {
    let plays: Vec<Play> = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..lanes {
            scope.spawn(|| {
                while let Some(play) = plays.get(next.fetch_add(1, Ordering::Relaxed)) {
                    one(play);
                }
            });
        }
    });
}

/// In a separate process: it may change its user, and some exit in the middle.
fn one(play: &Play) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["one", &serde_json::to_string(play).unwrap()]).stdin(Stdio::from(File::open("/dev/null").unwrap()));
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.starts_with('{'), "{}: {:?} {}", play.id, output.status, String::from_utf8_lossy(&output.stderr));
    print!("{said}");
}
