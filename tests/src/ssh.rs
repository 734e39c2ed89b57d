//! Ways into a machine by SSH, with real clients on the host.

use std::fs;

use crate::{Machine, Output, Terminal, host};

impl Machine {
    /// `ssh` with the method keyboard-interactive, at a terminal.
    pub fn ssh(&self, user: &str) -> Terminal {
        self.ssh_with(user, &["-o", "PreferredAuthentications=keyboard-interactive"])
    }

    /// `ssh` with the method password, at a terminal.
    pub fn ssh_password_method(&self, user: &str) -> Terminal {
        self.ssh_with(user, &["-o", "PreferredAuthentications=password"])
    }

    /// `ssh` at a terminal with other options.
    pub fn ssh_with(&self, user: &str, options: &[&str]) -> Terminal {
        let mut line = ssh_line(&["-o", "PubkeyAuthentication=no"]);
        line.extend(options.iter().map(ToString::to_string));
        line.extend(["-tt".into(), format!("{user}@127.0.0.1")]);
        Terminal::start(&format!("ssh {user}"), &self.in_network(&line))
    }

    /// PuTTY's `plink`, at a terminal.
    #[track_caller]
    pub fn plink(&self, user: &str) -> Terminal {
        let key = self.must("ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub");
        let key = key.split(' ').nth(1).unwrap();
        let home = self.scratch().display().to_string();
        let line = ["env", &format!("HOME={home}"), "plink", "-ssh", "-t", "-hostkey", key, "-l", user, "127.0.0.1"];
        Terminal::start(&format!("plink {user}"), &self.in_network(&line.map(String::from)))
    }

    /// Lets `user` in with a key, and runs a command that way; nothing is ever asked.
    #[track_caller]
    pub fn ssh_key(&self, user: &str, command: &str) -> Output {
        let key = self.key_for(user);
        let mut line = ssh_line(&["-o", "BatchMode=yes", "-i", &key]);
        line.extend([format!("{user}@127.0.0.1"), command.into()]);
        self.from_outside(&line)
    }

    /// A key, on the host, that lets `user` in.
    #[track_caller]
    pub fn key_for(&self, user: &str) -> String {
        let key = self.scratch().join("key");
        if !key.exists() {
            host::command("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key.to_str().unwrap()]);
        }
        let public = fs::read_to_string(key.with_extension("pub")).unwrap();
        self.must(&format!(
            "cd ~{user} && mkdir -p .ssh && echo '{}' >.ssh/authorized_keys && chown -R {user}: .ssh && chmod -R go= .ssh",
            public.trim()
        ));
        key.display().to_string()
    }
}

/// An `ssh` that uses no settings of the user who runs the tests.
pub fn ssh_line(options: &[&str]) -> Vec<String> {
    let fixed = [
        "ssh",
        "-F",
        "/dev/null",
        "-o",
        "StrictHostKeyChecking=no",
        "-o",
        "UserKnownHostsFile=/dev/null",
        "-o",
        "GlobalKnownHostsFile=/dev/null",
        "-o",
        "IdentitiesOnly=yes",
        "-o",
        "LogLevel=ERROR",
    ];
    fixed.iter().chain(options).map(ToString::to_string).collect()
}
