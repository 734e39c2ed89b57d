//! The crates in each program, and which of our crates may depend on which. Code that is not linked can't be exploited.
#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(missing_docs, reason = "test names are sentences")]

use std::{collections::BTreeSet, process::Command};

/// Crates that connect to a network.
const NETWORK: [&str; 10] = [
    "sspr-delivery",
    "sspr-fleet",
    "rustls",
    "tokio-rustls",
    "ring",
    "reqwest",
    "hyper",
    "http",
    "lettre",
    "native-tls",
];
/// Crates for a store.
const STORE: [&str; 5] = ["sspr-agent", "sqlx", "sqlx-core", "libsqlite3-sys", "sqlx-postgres"];

/// The crates in `package`, macros included, as cargo lists them.
fn crates_of(package: &str) -> BTreeSet<String> {
    let tree = ["tree", "--locked", "--offline", "--edges", "normal", "--prefix", "none", "--package", package];
    let output = Command::new(env!("CARGO")).args(tree).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// Those of `names` that are in `package`.
fn found<'a>(package: &str, names: &[&'a str]) -> Vec<&'a str> {
    let crates = crates_of(package);
    let is_there = |name: &&&str| crates.iter().any(|line| line.split(' ').next() == Some(**name));
    let found: Vec<&str> = names.iter().filter(is_there).copied().collect();
    assert!(crates.iter().any(|line| line.starts_with(&format!("{package} "))), "{crates:?}");
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
fn the_command_is_built_without_stores_networks_and_what_rates_passwords_or_speaks_languages() {
    let kept_out = [NETWORK.as_slice(), &STORE, &["zxcvbn", "fluent-bundle", "chacha20poly1305"]].concat();
    assert_eq!(found("sspr-cli", &kept_out), <[&str; 0]>::default());
    let agents_own = ["sspr-delivery", "rustls", "reqwest", "lettre", "sqlx", "zxcvbn", "fluent-bundle"];
    assert_eq!(found("sspr-agent", &agents_own), agents_own, "what is looked for could be found");
}

#[test]
fn what_is_read_and_said_knows_no_bus_no_store_and_no_network() {
    let kept_out = [NETWORK.as_slice(), &STORE, &["zbus", "zvariant", "tokio", "sspr-machine"]].concat();
    for package in ["sspr-core", "sspr-protocol"] {
        assert_eq!(found(package, &kept_out), <[&str; 0]>::default(), "{package}");
    }
    assert_eq!(found("sspr-cli", &["zbus", "tokio"]), ["zbus", "tokio"], "what is looked for could be found");
}

/// Our crates from the bottom up, each with its allowed dependencies.
const ARROWS: [(&str, &[&str]); 11] = [
    ("sspr-config", &[]),
    ("sspr-protocol", &[]),
    ("sspr-machine", &["sspr-config"]),
    ("sspr-core", &["sspr-config"]),
    ("sspr-delivery", &["sspr-config", "sspr-core", "sspr-machine", "sspr-protocol"]),
    ("sspr-fleet", &[]),
    ("sspr-credential", &["sspr-config", "sspr-machine"]),
    ("sspr-directory", &["sspr-config", "sspr-machine"]),
    ("sspr-agent", &["sspr-config", "sspr-core", "sspr-delivery", "sspr-fleet", "sspr-machine", "sspr-protocol"]),
    ("sspr-cli", &["sspr-config", "sspr-core", "sspr-machine", "sspr-protocol"]),
    ("pam_sspr", &["sspr-config"]),
];

#[test]
fn the_program_for_directories_is_built_without_stores_gateways_and_what_people_read() {
    let kept_out =
        [STORE.as_slice(), &["sspr-agent", "reqwest", "hyper", "lettre", "clap", "fluent-bundle", "zxcvbn"]].concat();
    assert_eq!(found("sspr-directory", &kept_out), <[&str; 0]>::default());
    assert_eq!(found("sspr-directory", &["rustls"]), ["rustls"], "what is looked for could be found");
}

#[test]
fn our_crates_know_those_below_them_and_no_others() {
    for (package, may_know) in ARROWS {
        let crates = crates_of(package);
        let names = crates.iter().filter_map(|line| line.split(' ').next());
        let ours: BTreeSet<&str> =
            names.filter(|name| *name != package && (name.starts_with("sspr-") || *name == "pam_sspr")).collect();
        assert_eq!(ours, may_know.iter().copied().collect(), "{package}");
    }
}
