//! A password of the directory, set without us.

use std::{
    process::{Command, Stdio},
    time::Instant,
};

use sspr_tests::openldap::SECRET;

use crate::say;

const SERVICE: &str = "cn=reset,dc=example,dc=org";
const BOB: &str = "uid=bob,ou=people,dc=example,dc=org";

/// Sets bob's password as the service's entry does, and signs in with it once.
pub(crate) fn ldappasswd(new: &str) {
    let begun = Instant::now();
    run("ldappasswd", SERVICE, SECRET, &["-s", new, BOB]);
    run("ldapwhoami", BOB, new, &[]);
    say("ldappasswd", begun.elapsed().as_nanos());
}

fn run(program: &str, bind: &str, password: &str, more: &[&str]) {
    let mut command = Command::new(program);
    command.args(["-x", "-H", "ldaps://localhost", "-D", bind, "-w", password]).args(more);
    command.env("LDAPTLS_CACERT", "/etc/ldap/tls/ca.pem").stdout(Stdio::null());
    assert!(command.status().unwrap().success(), "{command:?}");
}
