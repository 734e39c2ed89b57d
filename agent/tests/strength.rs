//! The subprocess that checks the strength of a password, as the agent starts it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
#![allow(missing_docs, reason = "test names are sentences")]

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, Command, Stdio},
};

use sspr_agent::password::strength::{OPTION, Question, StrengthChecker as _, Subprocess, Weakness};

const AGENT: &str = env!("CARGO_BIN_EXE_sspr-agent");

fn question(password: &str) -> Question {
    Question { password: password.into(), names: vec!["alice".into()], min_score: 3 }
}

#[tokio::test]
async fn passwords_are_checked_by_the_agents_own_program() {
    let checker = Subprocess::new(AGENT);
    for (password, want) in [
        ("plover tundra biscuit", None),
        ("password1234", Some(Weakness::Common)),
        ("静かな帰り道を歩いた夜の月", None),
        (&"x".repeat(511), Some(Weakness::Repeats)),
    ] {
        assert_eq!(checker.check(question(password)).await, want, "{password}");
    }
}

#[test]
fn the_checker_says_one_word_for_each_question_and_never_the_password() {
    let line = |password: &str| format!("{}\n", serde_json::to_string(&question(password)).unwrap());
    let (weak, strong) = (line("password1234"), line("plover tundra biscuit"));
    for (asked, said, succeeds) in [
        (weak.clone(), "common\n", true),
        (format!("{strong}{strong}"), "", false),
        ("{\"password\":\"secret\"\n".to_owned(), "", false),
        // It goes with who asks.
        (weak.trim_end().to_owned(), "", true),
        (String::new(), "", true),
        ("x".repeat(1 << 16), "", true),
    ] {
        let mut checker = started();
        // It may have ended by then.
        let _ = checker.stdin.take().unwrap().write_all(asked.as_bytes());
        let done = checker.wait_with_output().unwrap();
        let shown = &asked[..asked.len().min(99)];
        assert_eq!((str::from_utf8(&done.stdout).unwrap(), done.status.success()), (said, succeeds), "{shown}");
        assert!(done.stderr.is_empty());
    }
    let mut checker = started();
    let (mut to, mut from) = (checker.stdin.take().unwrap(), BufReader::new(checker.stdout.take().unwrap()));
    for (asked, want) in [(&weak, "common\n"), (&strong, "strong\n"), (&weak, "common\n")] {
        to.write_all(asked.as_bytes()).unwrap();
        let mut said = String::new();
        from.read_line(&mut said).unwrap();
        assert_eq!(said, want);
    }
    drop(to);
    assert!(checker.wait().unwrap().success());
}

fn started() -> Child {
    let mut checker = Command::new(AGENT);
    checker.arg(OPTION).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}
