//! A compromised agent that answers root's commands with control sequences for the terminal: none of them gets there.

use std::process::{Command, Stdio};

use futures_util::StreamExt as _;
use serde_json::{Value, json};
use zbus::{Connection, MessageStream, message::Type};

use super::{
    ADDRESS, AGENT, Standing, Step,
    host::{Host, both, on_a_host},
    sspr,
};

/// Sets the title, clears the screen, types into the next prompt, writes to the clipboard, reverses the direction; C1
/// and DEL.
const HOSTILE: &str =
    "a\u{1b}]0;x\u{7}\u{1b}[2J\u{1b}[6n\u{1b}]52;c;cm0gLXJm\u{7}\u{9b}31m\u{90}q\u{7f}\r\u{8}\u{202e}\u{2066}b";

/// A positive answer: of the correct type, with that text in every text field.
fn answer(member: &str) -> Value {
    let at = 1_800_000_000;
    let user = json!({
        "name": HOSTILE, "uid": 1001, "admin": false, "enabled": true, "registered": true, "capable": true,
        "methods": [HOSTILE], "unconfirmed": [HOSTILE], "recovery_codes": 3, "confirmed": at, "rests_for": null,
        "exempt": true,
    });
    match member {
        "Users" => json!([user]),
        "People" => json!({ "users": [user], "matching": 2, "more": true }),
        "Show" => {
            let mut shown = user;
            let more = json!({
                "verdict": HOSTILE,
                "contacts": [{ "method": HOSTILE, "contact": HOSTILE, "preferred": true, "usable": false, "since": at }],
                "since": at, "language": HOSTILE, "asked": at,
                "helpdesk_code": { "issuer": HOSTILE, "created": at, "expires": at, "used": at },
                "exemption": { "issuer": HOSTILE, "reason": HOSTILE, "created": at },
            });
            shown.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            shown
        }
        "Code" => json!({ "code": HOSTILE, "expires": at, "lifetime": 3600 }),
        "Test" => json!({ "accepted": true, "gateway": HOSTILE, "said": HOSTILE, "to": HOSTILE }),
        "Probe" => json!({ "outcome": "refused", "why": HOSTILE }),
        "Report" => json!({
            "accounts": 1, "enabled": 1, "registered": 1, "capable": 1, "exempt": 0, "resting": 0,
            "by_method": { HOSTILE: 1 }, "days": [{ "day": HOSTILE, "recoveries": 1, "refusals": 1 }],
        }),
        "Audit" => json!([{
            "id": 1, "at": at, "event": HOSTILE, "correlation": HOSTILE, "actor": HOSTILE, "account": HOSTILE,
            "service": HOSTILE, "source": HOSTILE, "outcome": HOSTILE, "reason": HOSTILE,
        }]),
        "ImportBegin" => json!({ "handle": HOSTILE }),
        "ImportRows" | "ImportCommit" | "ImportCancel" => json!({
            "imported": 0, "replaced": 0, "unchanged": 0, "usable": true,
            "faults": [{ "line": 2, "name": HOSTILE, "reason": HOSTILE }],
        }),
        _ => json!({ "changed": true }),
    }
}

/// Answers every call while it is polled; with errors if it `refuses`.
async fn stand_in(bus: &Connection, refuses: Option<&str>) {
    let mut calls = MessageStream::from(bus);
    while let Some(Ok(call)) = calls.next().await {
        let header = call.header();
        if header.message_type() != Type::MethodCall {
            continue;
        }
        let member = header.member().map(ToString::to_string).unwrap_or_default();
        let done = match refuses {
            _ if member == "Ping" => bus.reply(&header, &()).await,
            Some(name) => bus.reply_error(&header, format!("org.pam_sspr.Error.{name}"), &HOSTILE).await,
            None if member == "Begin" => {
                let step = Step {
                    turn: 1,
                    standing: Standing::Finished.to_wire(),
                    ask: 0,
                    text: HOSTILE.into(),
                    prompt: HOSTILE.into(),
                };
                bus.reply(&header, &(HOSTILE, step)).await
            }
            None if member == "Reload" => bus.reply(&header, &()).await,
            None => bus.reply(&header, &answer(&member).to_string()).await,
        };
        done.unwrap();
    }
}

/// A command's output, on both standard output and standard error.
async fn said(arguments: &[&str]) -> String {
    let mut command = Command::new(sspr());
    command.args(["--bus", ADDRESS]).args(arguments).stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    both(&output)
}

#[test]
fn of_what_an_agent_answers_nothing_that_a_terminal_obeys_reaches_it_by_any_command() {
    on_a_host(
        "escapes::of_what_an_agent_answers_nothing_that_a_terminal_obeys_reaches_it_by_any_command",
        async |host: &Host| {
            std::fs::write("/run/sspr-test/people.csv", "name,email\nalice,alice@example.org\n").unwrap();
            host.settings(
                "[email]\ngateway = \"smtp\"\nsmtp = \"smtp://mail.example.org\"\nfrom = \"a@example.org\"\n\
                 [register]\nmethods = [\"email\", \"app\"]\n",
            );
            let commands: &[&[&str]] = &[
                &["admin", "users"],
                &["admin", "users", "--json"],
                &["admin", "users", "--page-size", "9"],
                &["admin", "users", "--search", "a", "--json"],
                &["admin", "show", "alice", "--reveal"],
                &["admin", "show", "alice", "--json"],
                &["admin", "code", "alice"],
                &["admin", "code", "alice", "--json"],
                &["admin", "unblock", "alice"],
                &["admin", "forget", "alice", "--yes"],
                &["admin", "exempt", "alice", "--reason", "x"],
                &["admin", "report"],
                &["admin", "report", "--csv"],
                &["admin", "report", "--json"],
                &["admin", "audit"],
                &["admin", "audit", "--json"],
                &["admin", "test-email", "a@example.org"],
                &["admin", "test-phone", "+819012345678", "--json"],
                &["admin", "import", "/run/sspr-test/people.csv"],
                &["admin", "import", "/run/sspr-test/people.csv", "--json"],
                &["admin", "enable", "all"],
                &["config", "reload"],
                &["doctor"],
                &["doctor", "--json"],
                &["status"],
                &["hint"],
            ];
            for refuses in [None, Some("Refused"), Some("Malformed"), Some("Unavailable"), Some("Settings")] {
                let bus = host.connect().await;
                bus.request_name(AGENT).await.unwrap();
                let mut reached = 0;
                let ask = async {
                    for command in commands {
                        let said = said(command).await;
                        let obeyed = said.chars().find(|c| {
                            (c.is_control() && !matches!(c, '\n' | '\t'))
                                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
                        });
                        assert_eq!(obeyed, None, "{refuses:?} {command:?}: {said:?}");
                        reached += u32::from(said.contains("]0;x") || said.contains("u001b"));
                    }
                };
                tokio::select! {
                    () = stand_in(&bus, refuses) => panic!("the bus is gone"),
                    () = ask => {}
                }
                // Its words must be shown, or this would prove nothing.
                assert!(reached >= 2, "{refuses:?}: {reached}");
                bus.release_name(AGENT).await.unwrap();
            }
        },
    );
}
