//! What root's program is built of. What is not linked can't be exploited.
#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(missing_docs, reason = "test names are sentences")]

use std::{collections::BTreeSet, process::Command};

/// The crates that `package` is built of, macros among them, each as cargo lists it.
fn crates_of(package: &str) -> BTreeSet<String> {
    let tree = ["tree", "--locked", "--offline", "--edges", "normal", "--prefix", "none", "--package", package];
    let output = Command::new(env!("CARGO")).args(tree).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// Those of `names` that `package` is built of.
fn found<'a>(package: &str, names: &[&'a str]) -> Vec<&'a str> {
    let crates = crates_of(package);
    let is_there = |name: &&&str| crates.iter().any(|line| line.split(' ').next() == Some(**name));
    let found: Vec<&str> = names.iter().filter(is_there).copied().collect();
    assert!(crates.iter().any(|line| line.starts_with("sspr-config ")), "{crates:?}");
    found
}

#[test]
fn roots_helper_is_built_of_seventy_crates_and_none_for_stores_networks_or_what_people_read() {
    let crates = crates_of("sspr-credential");
    assert!(crates.len() <= 70, "{}: {crates:#?}", crates.len());
    let kept_out = [
        "sspr-agent",
        "sqlx",
        "sqlx-core",
        "libsqlite3-sys",
        "rustls",
        "reqwest",
        "hyper",
        "lettre",
        "clap",
        "serde_json",
        "zxcvbn",
        "fluent-bundle",
        "csv",
        "phonenumber",
        "qrcode",
        "regex-automata",
    ];
    assert!(found("sspr-credential", &kept_out).is_empty());
    assert_eq!(found("sspr-agent", &["sqlx", "reqwest"]), ["sqlx", "reqwest"], "what is looked for could be found");
}

#[test]
fn the_module_and_what_reads_the_machine_are_built_without_what_only_the_agent_needs() {
    let agents_own = ["tokio", "sqlx", "reqwest", "rustls", "lettre", "clap", "fluent-bundle", "sspr-agent"];
    for package in ["pam_sspr", "sspr-machine", "sspr-config"] {
        assert!(found(package, &agents_own).is_empty(), "{package}");
    }
    assert!(found("pam_sspr", &["toml", "sspr-machine", "tracing"]).is_empty());
}

#[test]
fn the_program_for_directories_is_built_without_stores_gateways_and_what_people_read() {
    let kept_out = [
        "sspr-agent",
        "sqlx",
        "libsqlite3-sys",
        "reqwest",
        "hyper",
        "lettre",
        "clap",
        "serde_json",
        "fluent-bundle",
        "zxcvbn",
    ];
    assert!(found("sspr-directory", &kept_out).is_empty());
    assert_eq!(found("sspr-directory", &["rustls"]), ["rustls"]);
}
