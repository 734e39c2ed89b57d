//! The drop-in for sshd: it offers conversations only to users who may type a password.

use std::fmt::Write as _;

use crate::sshd::{
    Answers, Typed,
    config::{Config, Keyword},
};

/// As shipped: for an sshd without Match blocks that say otherwise.
const SHIPPED: &str = include_str!("../../../../packaging/sshd/10-sspr.conf");
const FOR_ALL: &str = "KbdInteractiveAuthentication yes\n";
/// The comment before the repeated blocks.
const REPEATED: &str = "\n# Written by \"sspr setup\": repeats for keyboard-interactive what Match blocks say about passwords.\n\
                        # Run it again when you change one of them.\n";

/// What a Match block says about conversations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    criteria: String,
    place: String,
    pub(super) yes: bool,
    /// Whether the block itself has the statement.
    pub(super) stands: bool,
}

/// A word for each block of `config` that says something about passwords; `base` applies without blocks.
pub(super) fn words(config: &Config, base: &Answers) -> Result<Vec<Word>, String> {
    let mut all = Vec::new();
    for (number, block) in config.blocks.iter().enumerate() {
        let word = |keyword| config.word(Some(number), keyword);
        let yes = |value: &str| value.eq_ignore_ascii_case("yes");
        let (yes, stands) = if let Some(word) = word(Keyword::Conversation) {
            (yes(&word.value), true)
        } else if let Some(word) = word(Keyword::Password) {
            (yes(&word.value), false)
        } else if let Some(word) = word(Keyword::Methods) {
            let lists = format!("authenticationmethods {}\n", word.value);
            let its = Answers { conversations: false, methods: Answers::of(&lists).methods, ..base.clone() };
            if !its.opened_by_conversations() {
                continue;
            }
            (false, false)
        } else {
            continue;
        };
        if block.nested || block.criteria.contains('\u{fffd}') {
            let why = if block.nested { "is nested in another block" } else { "has bytes that are not text" };
            return Err(format!(
                "{} {why}, and can't be repeated in the drop-in: write KbdInteractiveAuthentication into it",
                block.shown()
            ));
        }
        all.push(Word { criteria: block.criteria.clone(), place: block.place.clone(), yes, stands });
    }
    // If two blocks match a user, the first one counts. A block's own statement comes before one that follows from its
    // statement about passwords, as without the drop-in.
    all.sort_by_key(|word| !word.stands);
    Ok(all)
}

/// The statements that refuse passwords from some users.
pub(super) fn closed(config: &Config) -> Vec<String> {
    let mut all = Vec::new();
    for (number, block) in config.blocks.iter().enumerate() {
        for word in config.statements.iter().filter(|statement| statement.block == Some(number)) {
            let no = match word.keyword {
                Keyword::Password | Keyword::Conversation => !word.value.eq_ignore_ascii_case("yes"),
                Keyword::Methods => {
                    let lists = format!(
                        "passwordauthentication yes\nkbdinteractiveauthentication yes\nauthenticationmethods {}\n",
                        word.value
                    );
                    Answers::of(&lists).typed() < Typed::Alone
                }
            };
            if no {
                all.push(format!("{}: Match {}: {} {}", word.place, block.criteria, word.keyword.name(), word.value));
            }
        }
    }
    all
}

/// The drop-in: conversations for all users, or only for those whose blocks accept passwords.
pub(super) fn text(for_all: bool, words: &[Word]) -> String {
    let mut text = if for_all { SHIPPED.to_owned() } else { SHIPPED.replace(FOR_ALL, "") };
    if words.iter().any(|word| !word.stands && word.yes != for_all) {
        text.push_str(REPEATED);
        for Word { criteria, place, yes, .. } in words {
            let word = if *yes { "yes" } else { "no" };
            let _ = writeln!(text, "# {place}\nMatch {criteria}\n    KbdInteractiveAuthentication {word}");
        }
    }
    text
}

/// Whether `content` is setup's own, unchanged.
pub(super) fn is_ours(content: &[u8]) -> bool {
    let Ok(content) = std::str::from_utf8(content) else { return false };
    let remark = SHIPPED.replace(FOR_ALL, "");
    let Some(rest) = content.strip_prefix(&remark) else { return false };
    let rest = rest.strip_prefix(FOR_ALL).unwrap_or(rest);
    let lines = rest.strip_prefix(REPEATED).unwrap_or(rest).lines();
    lines.enumerate().all(|(number, line)| match number % 3 {
        0 => line.starts_with("# /"),
        1 => line.starts_with("Match "),
        _ => matches!(line.strip_prefix("    KbdInteractiveAuthentication "), Some("yes" | "no")),
    })
}

/// Whether the drop-in `content` offers conversations to all users for whom no block says otherwise.
pub(super) fn is_for_all(content: &[u8]) -> bool {
    String::from_utf8_lossy(content).contains(&format!("\n{FOR_ALL}"))
}

/// The Match blocks for which the drop-in `content` refuses conversations.
fn says_no(content: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(content);
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let no = |pair: &[&str]| match pair {
        [block, word] if word.trim() == "KbdInteractiveAuthentication no" => Some((*block).to_owned()),
        _ => None,
    };
    lines.windows(2).filter_map(no).collect()
}

/// The Match blocks for which `new` refuses conversations, but `old` does not.
pub(super) fn closes(old: &[u8], new: &[u8]) -> Vec<String> {
    let before = says_no(old);
    says_no(new).into_iter().filter(|block| !before.contains(block)).collect()
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    fn config(text: &str) -> Config {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("etc/ssh/more")).unwrap();
        fs::write(root.path().join("etc/ssh/sshd_config"), text).unwrap();
        fs::write(root.path().join("etc/ssh/more/x"), "Match User bob\nPasswordAuthentication no\n").unwrap();
        Config::read(root.path(), Path::new("/etc/ssh/sshd_config"), None)
    }

    /// The blocks in the drop-in.
    fn repeated(text: &str, for_all: bool) -> Vec<String> {
        let base = Answers { password: for_all, pam: true, ..Answers::default() };
        let drop_in = super::text(for_all, &words(&config(text), &base).unwrap());
        assert!(is_ours(drop_in.as_bytes()), "{drop_in}");
        assert_eq!(is_for_all(drop_in.as_bytes()), for_all, "{drop_in}");
        let lines: Vec<&str> = drop_in.lines().filter(|line| !line.starts_with('#')).collect();
        let blocks = lines.split(|line| line.is_empty()).nth(1).unwrap_or_default();
        blocks.chunks(2).map(|pair| format!("{}:{}", pair[0], pair[1].rsplit(' ').next().unwrap())).collect()
    }

    #[test]
    fn the_drop_in_says_of_conversations_what_blocks_say_of_passwords() {
        for (text, for_all, want) in [
            ("", true, &[] as &[&str]),
            ("Match Group staff\nX11Forwarding no\n", true, &[]),
            ("Match Group staff\nPasswordAuthentication no\n", true, &["Match Group staff:no"]),
            ("Match Group staff # those\nPasswordAuthentication NO\n", true, &["Match Group staff:no"]),
            // There is nothing to refuse.
            ("Match Address 10.0.0.0/8\nPasswordAuthentication yes\n", true, &[]),
            ("Match Group staff\nKbdInteractiveAuthentication no\n", true, &[]),
            ("Match Group staff\nAuthenticationMethods publickey\n", true, &[]),
            (
                "Match Group staff\nAuthenticationMethods publickey keyboard-interactive\n",
                true,
                &["Match Group staff:no"],
            ),
            // For a user in both, the first block counts.
            (
                "Match User bob\nPasswordAuthentication yes\nMatch Group staff\nPasswordAuthentication no\n",
                true,
                &["Match User bob:yes", "Match Group staff:no"],
            ),
            // A statement about conversations comes before one that follows from another block's about passwords.
            (
                "Match Group staff\nPasswordAuthentication no\nMatch User bob\nKbdInteractiveAuthentication yes\n",
                true,
                &["Match User bob:yes", "Match Group staff:no"],
            ),
            // If only keys are accepted, with exceptions.
            ("Match Address 10.0.0.0/8\nPasswordAuthentication yes\n", false, &["Match Address 10.0.0.0/8:yes"]),
            ("Match Group staff\nPasswordAuthentication no\n", false, &[]),
        ] {
            assert_eq!(repeated(text, for_all), want, "{text}");
        }
    }

    #[test]
    fn what_a_newer_drop_in_closes_is_told_from_what_only_stands_elsewhere() {
        let base = Answers { password: true, pam: true, ..Answers::default() };
        let drop_in = |text: &str| super::text(true, &words(&config(text), &base).unwrap()).into_bytes();
        let block = "Match Group staff\nPasswordAuthentication no\n";
        let (old, new) = (SHIPPED.as_bytes(), drop_in(block));
        assert_eq!(closes(old, &new), ["Match Group staff"]);
        assert_eq!(closes(&new, &drop_in(&format!("# a line more\n{block}"))), Vec::<String>::new());
        assert_eq!(closes(&new, old), Vec::<String>::new());
    }

    #[test]
    fn a_block_that_can_not_be_repeated_is_named() {
        let base = Answers { password: true, ..Answers::default() };
        let text = "Match Group staff\nInclude /etc/ssh/more/*\n";
        let why = words(&config(text), &base).unwrap_err();
        assert!(why.contains("Match User bob (/etc/ssh/more/x:1) is nested in another block"), "{why}");
    }

    #[test]
    fn all_that_says_no_to_some_is_named_with_file_and_line() {
        let text = "PasswordAuthentication no\nMatch User bob\nPasswordAuthentication yes\nMatch Group staff\n\
                    PasswordAuthentication no\nKbdInteractiveAuthentication no\nMatch all\nAuthenticationMethods \
                    publickey,password\n";
        assert_eq!(
            closed(&config(text)),
            [
                "/etc/ssh/sshd_config:5: Match Group staff: PasswordAuthentication no",
                "/etc/ssh/sshd_config:6: Match Group staff: KbdInteractiveAuthentication no",
                "/etc/ssh/sshd_config:8: Match all: AuthenticationMethods publickey,password",
            ]
        );
        assert_eq!(closed(&config("Match all\nAuthenticationMethods keyboard-interactive\n")), Vec::<String>::new());
    }

    #[test]
    fn what_somebody_else_wrote_is_not_ours() {
        assert!(is_ours(SHIPPED.as_bytes()) && is_for_all(SHIPPED.as_bytes()));
        for other in ["", "KbdInteractiveAuthentication yes\n", &format!("{SHIPPED}LoginGraceTime 300\n")] {
            assert!(!is_ours(other.as_bytes()), "{other}");
        }
    }
}
