//! Sign-ins through one PAM stack after another: what else people put into theirs.

use std::{fs, path::Path, process::Command, time::Instant};

use crate::{last_line, pam, say};

/// Where the stacks are, one directory each.
const STACKS: &str = "/etc/bench";

/// Signs `user` in once by each of `stacks` in every round, each first in its turn. A stack is `directory:service`.
pub(crate) fn rounds(user: &str, password: &str, rounds: usize, stacks: &[&str]) {
    // RFC 4226: one for each sign-in, in order.
    let mut one_time = output("oathtool", &["--hotp", "--window", "4000", &secret("oath")]);
    one_time.reverse();
    for round in 0..rounds {
        for at in 0..stacks.len() {
            let stack = stacks[(at + round) % stacks.len()];
            let (directory, service) = stack.split_once(':').unwrap();
            let code = match directory {
                "google" => output("oathtool", &["--totp", "--base32", &secret("google")]).pop(),
                "oath" => one_time.pop(),
                _ => None,
            };
            let begun = Instant::now();
            pam::sign_in(
                &Path::new(STACKS).join(directory),
                service,
                user,
                &mut |prompt| match last_line(prompt) {
                    "Password: " => password.into(),
                    _ => code.clone().unwrap_or_else(|| panic!("{stack} asks: {prompt}")),
                },
                || {},
            );
            say(stack, begun.elapsed().as_nanos());
        }
    }
}

fn secret(of: &str) -> String {
    fs::read_to_string(Path::new(STACKS).join(of).join("secret")).unwrap().trim().to_owned()
}

fn output(program: &str, arguments: &[&str]) -> Vec<String> {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{program}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}
