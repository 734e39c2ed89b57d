//! Sign-ins through one PAM stack after another, with other modules that people use.

use std::{fs, path::Path, process::Command, time::Instant};

use crate::{last_line, pam, say};

/// Where the stacks are, one directory each.
const STACKS: &str = "/etc/bench";

/// Signs `user` in once through each of `stacks` in every round. Each stack has its turn as the first one, and each
/// sign-in has its own process, as logins do: in one process, `pam_unix` alone took a quarter longer after some stacks
/// than after others. A stack is `directory:service`.
pub(crate) fn rounds(user: &str, password: &str, rounds: usize, stacks: &[&str]) {
    // RFC 4226: one for each sign-in, in order.
    let mut one_time = oathtool(&["--hotp", "--window", "4000", &secret("oath")]);
    one_time.reverse();
    for round in 0..rounds {
        for at in 0..stacks.len() {
            let stack = stacks[(at + round) % stacks.len()];
            let code = match stack.split(':').next() {
                Some("google") => oathtool(&["--totp", "--base32", &secret("google")]).pop(),
                Some("oath") => one_time.pop(),
                _ => None,
            };
            let mut once = Command::new("/proc/self/exe");
            once.args(["once", user, password, stack]).args(code);
            println!("{}", output(once).concat());
        }
    }
}

/// One sign-in; `code` answers any question besides the password's.
pub(crate) fn once(user: &str, password: &str, stack: &str, code: Option<&str>) {
    let (directory, service) = stack.split_once(':').unwrap();
    let begun = Instant::now();
    pam::sign_in(
        &Path::new(STACKS).join(directory),
        service,
        user,
        &mut |prompt| match last_line(prompt) {
            "Password: " => password.into(),
            _ => code.unwrap_or_else(|| panic!("{stack} asks: {prompt}")).into(),
        },
        || {},
    );
    say(stack, begun.elapsed().as_nanos());
}

fn secret(of: &str) -> String {
    fs::read_to_string(Path::new(STACKS).join(of).join("secret")).unwrap().trim().to_owned()
}

fn oathtool(arguments: &[&str]) -> Vec<String> {
    let mut command = Command::new("oathtool");
    command.args(arguments);
    output(command)
}

/// A program's output, line by line.
fn output(mut command: Command) -> Vec<String> {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}
