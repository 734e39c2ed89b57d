//! The subprocess that checks the strength of a password, as the agent starts it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
#![allow(missing_docs, reason = "test names are sentences")]

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use sspr_agent::password::strength::{OPTION, Question, StrengthChecker as _, Subprocess, Weakness};
use sspr_config::sealed;

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
fn the_checker_says_one_word_and_never_the_password() {
    for (asked, want) in [
        (serde_json::to_vec(&question("password1234")).unwrap(), "common\n"),
        (serde_json::to_vec(&question("plover tundra biscuit")).unwrap(), "strong\n"),
        (b"{\"password\":\"secret\"".to_vec(), ""),
        (Vec::new(), ""),
        (vec![b'x'; 1 << 16], ""),
    ] {
        let done = Command::new(AGENT).arg(OPTION).stdin(sealed::make(&asked).unwrap()).output().unwrap();
        assert_eq!((String::from_utf8(done.stdout).unwrap().as_str(), done.status.success()), (want, !want.is_empty()));
        assert!(done.stderr.is_empty());
    }
    // A pipe is not sealed, and is not waited for.
    let start = Instant::now();
    let mut checker = Command::new(AGENT).arg(OPTION).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    assert!(!checker.wait().unwrap().success());
    assert!(start.elapsed() < Duration::from_secs(5));
}
