//! The tests on machines, in one program: so many run at a time as `--test-threads` says, to the last.
//!
//! `cargo test` alone runs none of them: they want root and a built package. `cargo test -p sspr-tests --test machines`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails so")]

mod administration;
mod automation;
mod broken_agent;
mod clients;
mod company;
mod console;
mod contacts;
mod conversations;
mod database;
mod desk;
mod desk_without_root;
mod directory;
mod directory_kerberos;
mod directory_offline;
mod directory_people;
mod directory_setup;
mod doctor;
mod dropped;
mod faults;
mod first_steps;
mod fleet;
mod fleet_balanced;
mod fleet_local;
mod fleet_replicas;
mod hardening;
mod helpdesk;
mod hint;
mod host_key;
mod hostile;
mod hosts;
mod hosts_directory;
mod languages;
mod locales;
mod lockout;
mod looks_alike;
mod machine;
mod mail_servers;
mod methods;
mod modem;
mod neighbours;
mod notes;
mod package;
mod programs;
mod recover;
mod register;
mod rpm;
mod runbooks;
mod screens;
mod secrets;
mod server_setup;
mod settings;
mod setup;
mod setup_sshd;
mod slow;
mod stand_in;
mod trail;
mod untouched;
mod upgrade;
mod waiting;

#[test]
fn each_file_of_tests_is_run() {
    let this = include_str!("main.rs");
    let files =
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests")).unwrap().map(|file| file.unwrap().path());
    let names: Vec<String> = files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    assert!(names.len() > 20, "{names:?}");
    for name in names.iter().filter(|name| *name != "main") {
        assert!(this.lines().any(|line| line == format!("mod {name};")), "{name} is not in main.rs");
    }
}
