//! Whether this machine's sshd takes keys from elsewhere than `~/.ssh/authorized_keys`, as far as its settings say so by
//! themselves. A line that holds for some people only counts for all: what is asked is whether all keys were looked at.

use std::{fs, io, path::Path};

const SETTINGS: &str = "/etc/ssh/sshd_config";
const DROP_INS: &str = "/etc/ssh/sshd_config.d";

/// Whether there may be keys elsewhere. Settings that can't be read may say anything.
pub(super) fn may_be() -> io::Result<bool> {
    if !Path::new(SETTINGS).exists() {
        return Ok(false);
    }
    let mut files = vec![fs::read(SETTINGS)?];
    for entry in fs::read_dir(DROP_INS).into_iter().flatten() {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "conf") {
            files.push(fs::read(path)?);
        }
    }
    Ok(files.iter().any(|text| String::from_utf8_lossy(text).lines().any(is_elsewhere)))
}

/// Whether a line of `sshd_config(5)` names another source of keys.
fn is_elsewhere(line: &str) -> bool {
    let mut words = line.split(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '"')).filter(|w| !w.is_empty());
    let Some(key) = words.next() else { return false };
    match key.to_ascii_lowercase().as_str() {
        "authorizedkeysfile" => words.any(|file| {
            let file = file.strip_prefix("%h/").unwrap_or(file);
            !matches!(file, ".ssh/authorized_keys" | ".ssh/authorized_keys2" | "none")
        }),
        "authorizedkeyscommand" | "trustedusercakeys" | "authorizedprincipalscommand" => {
            words.next().is_some_and(|value| !value.eq_ignore_ascii_case("none"))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_file_a_command_and_a_certificate_authority_are_elsewhere() {
        for line in [
            "AuthorizedKeysFile /etc/ssh/keys/%u",
            "authorizedkeysfile=.ssh/authorized_keys /etc/ssh/keys/%u",
            "\tAuthorizedKeysFile \".ssh/keys\"",
            "AuthorizedKeysCommand /usr/bin/sss_ssh_authorizedkeys",
            "TrustedUserCAKeys /etc/ssh/ca.pub",
        ] {
            assert!(is_elsewhere(line), "{line}");
        }
        for line in [
            "#AuthorizedKeysFile /etc/ssh/keys/%u",
            "AuthorizedKeysFile .ssh/authorized_keys .ssh/authorized_keys2",
            "AuthorizedKeysFile %h/.ssh/authorized_keys",
            "AuthorizedKeysCommand none",
            "AuthorizedKeysCommandUser nobody",
            "PasswordAuthentication yes",
            "",
        ] {
            assert!(!is_elsewhere(line), "{line}");
        }
    }
}
