//! What sshd offers, as `sshd -T` prints it for each kind of connection, and how long login(1) waits.

use std::{collections::BTreeSet, path::Path};

use super::Finding;
use crate::sshd::{
    Answers, Daemon, Typed,
    config::{Block, Config, Keyword},
    connections::{self, Account, Connection},
    program, started,
};
use sspr_machine::files;

const CHECK: &str = "sshd";
/// Why a hardened server is left unchanged until an administrator decides otherwise.
pub const KEYS_ALONE: &str = "this sshd accepts keys only; keyboard-interactive would let passwords in";
/// OpenSSH's default, in seconds: enough to wait for a code and to type it.
const GRACE: u64 = 120;
/// The default of login(1), in seconds: enough to have a code sent, which stays valid for the next sign-in.
const LOGIN: u64 = 60;

/// Asks this machine's sshd, however it is started.
pub fn examine(root: &Path) -> Vec<Finding> {
    let Some(program) = program(root) else {
        return vec![Finding::fine(CHECK, "not installed; resets work at the console")];
    };
    let daemons = started::daemons(&program);
    let mut findings = Vec::new();
    for daemon in &daemons {
        let mut found = of_daemon(root, daemon);
        if daemons.len() > 1 {
            for finding in &mut found {
                finding.what = format!("{}: {}", daemon.shown(), finding.what);
            }
        }
        findings.extend(found);
    }
    findings
}

fn of_daemon(root: &Path, daemon: &Daemon) -> Vec<Finding> {
    if let Some(odd) = &daemon.odd {
        return vec![Finding::warning(
            CHECK,
            format!("{}: not checked, as doctor does not know the option {odd}", daemon.name),
            "check it by hand: run sshd -T with the options that sshd is started with",
        )];
    }
    let base = match daemon.says(&[], None) {
        Ok(words) => Answers::of(&words),
        Err(why) => return vec![unread(&why, rustix::process::geteuid().is_root())],
    };
    let config = Config::read(root, &daemon.main(), None);
    let accounts = connections::accounts(root, &config);
    let (all, unknown) = connections::of(&config, &accounts);
    let mut findings = judge(daemon, &config, &base);
    let mut answers = Vec::new();
    for connection in all {
        match daemon.says(&[], Some(&connection)) {
            Ok(words) => answers.push((connection, Answers::of(&words))),
            Err(why) => {
                findings.push(Finding::warning(
                    CHECK,
                    format!("Match blocks were not checked, as sshd gave no answer for some users: {why}"),
                    "check them by hand: sshd -T -C user=NAME,host=HOST,addr=ADDRESS",
                ));
                break;
            }
        }
    }
    findings.extend(differences(&config, &base, &answers, &accounts));
    let says = |block: &Block| {
        let number = config.blocks.iter().position(|known| known == block);
        number.is_some() && config.statements.iter().any(|statement| statement.block == number)
    };
    let unlooked = unknown.iter().filter(|block| says(block)).map(Block::shown).chain(config.unread.iter().cloned());
    findings.extend(unlooked.map(|what| Finding::fine(CHECK, format!("not checked: {what}"))));
    findings.extend(keys_elsewhere(&base, answers.iter().map(|(_, answers)| answers)));
    if findings.iter().all(|finding| finding.level == super::Level::Fine) {
        findings.insert(0, Finding::fine(CHECK, "asks through PAM, and gives users enough time"));
    }
    findings
}

/// sshd printed no settings. To a user it prints none because only root can read its host keys, which is not a fault.
fn unread(why: &str, root: bool) -> Finding {
    if !root {
        return Finding::warning(CHECK, "only root can ask sshd for its settings", "look as root");
    }
    Finding::error(CHECK, format!("its settings can't be read: {why}"), "run: sshd -t, and correct what it names")
}

/// Which line sets `keyword` for users to whom no block applies.
pub fn origin(daemon: &Daemon, config: &Config, keyword: Keyword) -> Option<String> {
    if let Some((_, text)) = daemon.option(keyword) {
        return Some(format!("{} has -o {text}", if daemon.name.is_empty() { "sshd" } else { &daemon.name }));
    }
    config.word(None, keyword).map(|word| format!("{}: {} {}", word.place, keyword.name(), word.value))
}

/// The findings for connections to which no Match block applies.
fn judge(daemon: &Daemon, config: &Config, base: &Answers) -> Vec<Finding> {
    let mut findings = Vec::new();
    let place = |keyword| origin(daemon, config, keyword).map(|origin| format!(" ({origin})")).unwrap_or_default();
    if !base.password && !base.conversations {
        findings.push(Finding::warning(
            CHECK,
            format!("{KEYS_ALONE}: no reset over SSH; at the console it works{}", place(Keyword::Password)),
            "to allow passwords over SSH, run: sspr setup --sshd-passwords",
        ));
    } else if !base.conversations {
        findings.push(Finding::error(
            CHECK,
            format!(
                "KbdInteractiveAuthentication is \"no\": over SSH nobody can register or reset{}",
                place(Keyword::Conversation)
            ),
            "run: sspr setup",
        ));
    }
    if !base.pam {
        findings.push(Finding::error(
            CHECK,
            "UsePAM is \"no\": sshd never asks PAM",
            "write UsePAM yes in /etc/ssh/sshd_config, and reload ssh",
        ));
    }
    if base.conversations && !base.converses() {
        let methods: Vec<String> = base.methods.iter().map(|list| list.join(",")).collect();
        findings.push(Finding::warning(
            CHECK,
            format!(
                "AuthenticationMethods is {:?}: over SSH nobody can register or reset{}",
                methods.join(" "),
                place(Keyword::Methods)
            ),
            "add keyboard-interactive to it where passwords are allowed",
        ));
    }
    // 0 means no limit.
    if let Some(seconds) = base.grace
        && (1..GRACE).contains(&seconds)
    {
        // An option takes precedence over the files.
        let option =
            daemon.options.iter().any(|option| option == "-g" || option.to_lowercase().contains("logingracetime"));
        let fix = if option {
            format!("remove that option where sshd is started: {}", daemon.shown())
        } else {
            format!("write LoginGraceTime {GRACE} in /etc/ssh/sshd_config, and reload ssh")
        };
        let what = format!("LoginGraceTime is {seconds} s: too short to wait for a code and type it");
        findings.push(Finding::warning(CHECK, what, fix));
    }
    findings
}

/// The connections for which it is different, with the Match block that says so.
fn differences(
    config: &Config,
    base: &Answers,
    answers: &[(Connection, Answers)],
    accounts: &[Account],
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, block) in config.blocks.iter().enumerate() {
        let word = |keyword| config.word(Some(number), keyword).map(|word| word.value.to_ascii_lowercase());
        let (password, conversation) = (word(Keyword::Password), word(Keyword::Conversation));
        if password.is_none() && conversation.is_none() && word(Keyword::Methods).is_none() {
            continue;
        }
        let of_block = answers.iter().filter(|(c, _)| connections::has(block, c, accounts) == Some(true));
        let finding = of_block.clone().find_map(|(connection, its)| {
            let who = connection.shown();
            let closed = password.as_deref().is_some_and(|word| word != "yes") && conversation.is_none();
            if closed && its.conversations && !its.password && its.typed() == Typed::Alone {
                return Some(Finding::warning(
                    CHECK,
                    format!(
                        "{} says PasswordAuthentication no, but {who} can type a password anyway: by \
                         keyboard-interactive",
                        block.shown()
                    ),
                    "run: sspr setup; if this stays, write KbdInteractiveAuthentication no into that block",
                ));
            }
            (its.typed() > Typed::Never && !its.converses() && base.converses()).then(|| {
                Finding::warning(
                    CHECK,
                    format!("{}: {who} can type a password, but can neither register nor reset", block.shown()),
                    "write KbdInteractiveAuthentication yes into that block, and reload ssh",
                )
            })
        });
        if let Some(finding) = finding {
            findings.push(finding);
        } else if base.typed() > Typed::Never && of_block.clone().any(|(_, its)| its.typed() == Typed::Never) {
            findings.push(Finding::fine(CHECK, format!("{}: keys only, no reset over SSH", block.shown())));
        } else if !base.converses() && of_block.clone().any(|(_, its)| its.converses()) {
            findings.push(Finding::fine(CHECK, format!("{}: can register and reset", block.shown())));
        }
    }
    findings
}

/// Keys that a reset does not count, for any user.
fn keys_elsewhere<'a>(base: &'a Answers, others: impl Iterator<Item = &'a Answers>) -> Option<Finding> {
    let all = std::iter::once(base).chain(others).flat_map(|answers| &answers.keys_elsewhere);
    let all: BTreeSet<&str> = all.map(String::as_str).collect();
    let named = all.into_iter().collect::<Vec<_>>().join(", ");
    (!named.is_empty()).then(|| Finding {
        fix: Some("if an account was taken over, look there too".into()),
        ..Finding::fine(CHECK, format!("a reset does not check these SSH keys: {named}"))
    })
}

/// How long login(1) waits at the console.
pub fn login_timeout(root: &Path) -> Finding {
    let text = files::text(&root.join("etc/login.defs")).unwrap_or_default();
    let set = text.lines().filter_map(|line| line.trim().strip_prefix("LOGIN_TIMEOUT")).next_back();
    let seconds = set.and_then(|rest| rest.trim().parse::<u64>().ok()).unwrap_or(LOGIN);
    match seconds {
        1..LOGIN => Finding::warning(
            "console",
            format!("LOGIN_TIMEOUT is {seconds} s: too short to wait for a code and type it"),
            "write LOGIN_TIMEOUT 180 in /etc/login.defs",
        ),
        0 => Finding::fine("console", "no time limit"),
        _ => {
            Finding::fine("console", format!("login waits {seconds} s; a code that was sent works at the next try too"))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{super::Level, *};

    const GOOD: &str = "port 22\nusepam yes\nlogingracetime 120\npasswordauthentication yes\n\
                        kbdinteractiveauthentication yes\nauthenticationmethods any\n";

    /// The findings if sshd prints `words` for every user, and the files are below `root`.
    fn found(words: &str, config: &Config, special: &[(&str, &str)]) -> Vec<Finding> {
        let account = |name: &str, groups: &[&str]| Account {
            name: name.into(),
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        };
        let accounts = [account("alice", &["staff"]), account("bob", &[])];
        let special = special.iter().map(|(user, words)| (Connection::plain(user), Answers::of(words)));
        let base = Answers::of(words);
        let mut all = judge(&Daemon::plain(Path::new("/usr/sbin/sshd")), config, &base);
        all.extend(differences(config, &base, &special.collect::<Vec<_>>(), &accounts));
        all
    }

    fn block(lines: &[&str]) -> Config {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("etc/ssh")).unwrap();
        let text = format!("Match Group staff\n{}\n", lines.join("\n"));
        fs::write(root.path().join("etc/ssh/sshd_config"), text).unwrap();
        Config::read(root.path(), Path::new("/etc/ssh/sshd_config"), None)
    }

    #[test]
    fn each_setting_that_keeps_people_from_a_conversation_is_found() {
        let judge = |words: &str| found(words, &Config::default(), &[]);
        assert_eq!(judge(GOOD), []);
        assert_eq!(judge(&GOOD.replace("logingracetime 120", "logingracetime 0")), []);
        for (from, to, level, want) in [
            (
                "kbdinteractiveauthentication yes",
                "kbdinteractiveauthentication no",
                Level::Error,
                "KbdInteractiveAuthentication is \"no\"",
            ),
            ("usepam yes", "usepam no", Level::Error, "UsePAM is \"no\""),
            ("logingracetime 120", "logingracetime 30", Level::Warning, "LoginGraceTime is 30 s"),
            (
                "authenticationmethods any",
                "authenticationmethods publickey",
                Level::Warning,
                "AuthenticationMethods is \"publickey\"",
            ),
        ] {
            let found = judge(&GOOD.replace(from, to));
            assert!(found.len() == 1 && found[0].level == level && found[0].what.contains(want), "{found:?}");
        }
    }

    #[test]
    fn that_a_user_can_not_read_the_host_keys_is_no_fault_of_sshd() {
        let why = "sshd: no hostkeys available -- exiting.";
        assert_eq!(unread(why, false).level, Level::Warning);
        assert!(!unread(why, false).what.contains("hostkeys"));
        let of_root = unread(why, true);
        assert!(of_root.level == Level::Error && of_root.what.contains(why), "{of_root:?}");
    }

    #[test]
    fn an_sshd_that_takes_keys_alone_is_no_error_and_nobody_is_told_to_open_it_unawares() {
        let keys = GOOD.replace("authentication yes", "authentication no");
        let found = found(&keys, &Config::default(), &[]);
        assert!(found.len() == 1 && found[0].level == Level::Warning, "{found:?}");
        assert!(found[0].what.contains(KEYS_ALONE), "{found:?}");
        assert!(found[0].fix.as_deref().is_some_and(|fix| fix.ends_with("--sshd-passwords")), "{found:?}");
    }

    #[test]
    fn for_whom_it_is_otherwise_is_said_with_file_line_and_block() {
        let no_password = GOOD.replace("passwordauthentication yes", "passwordauthentication no");
        let keys = GOOD.replace("authentication yes", "authentication no");
        let no_talk = GOOD.replace("kbdinteractiveauthentication yes", "kbdinteractiveauthentication no");
        let by_key = GOOD.replace("methods any", "methods publickey");
        for (base, lines, alice, level, want) in [
            (
                GOOD,
                ["PasswordAuthentication no"].as_slice(),
                &no_password,
                Level::Warning,
                "alice can type a password anyway",
            ),
            (GOOD, &["PasswordAuthentication no"], &keys, Level::Fine, "keys only"),
            (GOOD, &["KbdInteractiveAuthentication no"], &no_talk, Level::Warning, "can neither register nor reset"),
            (GOOD, &["AuthenticationMethods publickey"], &by_key, Level::Fine, "keys only"),
        ] {
            let found = found(base, &block(lines), &[("alice", alice), ("bob", GOOD)]);
            assert!(found.len() == 1 && found[0].level == level && found[0].what.contains(want), "{found:?}");
            assert!(found[0].what.contains("Match Group staff (/etc/ssh/sshd_config:1)"), "{found:?}");
        }
        // An administrator who turned conversations on in that block meant it.
        let lines = ["PasswordAuthentication no", "KbdInteractiveAuthentication yes"];
        assert_eq!(found(GOOD, &block(&lines), &[("alice", &no_password)]), []);
        assert_eq!(found(GOOD, &block(&["X11Forwarding no"]), &[("alice", GOOD)]), []);
    }

    #[test]
    fn keys_that_a_reset_does_not_look_at_are_named_whomever_they_are_for() {
        let of = |file: &str| Answers::of(&format!("authorizedkeysfile .ssh/authorized_keys {file}\n"));
        assert_eq!(keys_elsewhere(&of(""), [of("")].iter()), None);
        let found = keys_elsewhere(&of(""), [of("/etc/keys/%u"), of("/etc/keys/%u")].iter()).unwrap();
        assert_eq!(
            (found.level, found.what.as_str()),
            (Level::Fine, "a reset does not check these SSH keys: AuthorizedKeysFile /etc/keys/%u")
        );
    }

    #[test]
    fn the_console_may_not_hurry_people() {
        let root = tempfile::tempdir().unwrap();
        let with = |text: &str| {
            fs::create_dir_all(root.path().join("etc")).unwrap();
            fs::write(root.path().join("etc/login.defs"), [b"# f\xfcr alle\n", text.as_bytes()].concat()).unwrap();
            login_timeout(root.path()).level
        };
        assert_eq!(login_timeout(root.path()).level, Level::Fine);
        assert_eq!(with("LOGIN_TIMEOUT\t\t60\n"), Level::Fine);
        assert_eq!(with("# LOGIN_TIMEOUT 10\nLOGIN_TIMEOUT 30\n"), Level::Warning);
        assert_eq!(with("LOGIN_TIMEOUT 0\n"), Level::Fine);
    }
}
