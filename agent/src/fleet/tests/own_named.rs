//! Names of hosts and of their own accounts, in what users get to read.

use sspr_config::dialogue::Ask;
use sspr_fleet::wire::Refusal;

use super::{
    is_refused,
    own::{both, proves, registers, with_alice},
    own_captured::own,
    world::{NEW, OLD, OWN, SOON, Server},
};
use crate::{delivery::Content, sender, store::Hosts};

/// The subjects and texts of the mails that are sent now.
async fn mails(server: &Server) -> Vec<String> {
    let sent = sender::tests_support::drain(&server.agent).await;
    let read = |content: Content| match content {
        Content::Mail { subject, text, .. } => format!("{subject}\n{}", *text),
        Content::Text { .. } | Content::Call { .. } => panic!("no phone is registered"),
    };
    sent.into_iter().map(|(_, message)| read(message.content)).collect()
}

#[tokio::test]
async fn a_mail_about_an_account_of_a_host_names_that_host_and_never_the_server() {
    let (server, host) = both().await;
    registers(&server, &host).await;
    let about = async |shown: &str| {
        let mut alice = host.forgets("alice");
        alice.begins("recover").await;
        alice.answers("How do you want", "e").await;
        let mails = mails(&server).await;
        assert_eq!(mails.len(), 1, "{mails:?}");
        let on = format!("the password of alice on {shown}.");
        assert!(mails[0].contains(&on) && mails[0].starts_with(&format!("Your code for {shown}\n")), "{}", mails[0]);
        alice.leaves();
        server.later(86_400);
    };
    let changes = async |sql: &'static str| {
        let mut session = server.agent.store.session().await.unwrap();
        crate::store::sql::query(sql).execute(session.connection()).await.unwrap();
    };
    about("web1").await;
    // A host may have joined under any name that its token allows.
    changes("UPDATE host SET name = 'w\u{435}b1/<b>.example.org'").await;
    about("wb1b.example.org").await;
    // What changes is said of the host too, and where it came from.
    let mut alice = host.forgets("alice");
    alice.begins("recover").await;
    alice.answers("How do you want", "e").await;
    let code = server.the_code().await;
    alice.answers("on its way", &code).await;
    alice.answers("", NEW).await;
    alice.answers("", NEW).await;
    let note = mails(&server).await.remove(0);
    assert!(note.starts_with("The password of alice on wb1b.example.org was reset\n"), "{note}");
    assert!(note.contains("(wb1b.example.org)") && !note.contains("shell.example.org"), "{note}");
    server.later(86_400);
    changes("UPDATE host SET name = '\u{5bc6}\u{7801}'").await;
    about(&host.id).await;
    // The name of a host that is no longer in the table is its id.
    let queued = crate::account::realm_of_host("h-gone");
    let gone = crate::account::Name { realm: &queued, name: "alice" };
    assert_eq!(crate::machines::of_account(&server.agent, gone).await.unwrap(), "h-gone");
    let mut tx = server.agent.begin().await.unwrap();
    assert!(Hosts::by_id(&mut tx, "h-gone").await.unwrap().is_none());
}

#[tokio::test]
async fn a_name_that_the_server_excludes_is_not_that_of_an_account_of_a_host() {
    let server = Server::with(&format!("{OWN}[scope]\nenable = \"all\"\nexclude = [\"alice\"]\n")).await;
    let host = with_alice(&server, "web1").await;
    registers(&server, &host).await;
    let mut alice = host.forgets("alice");
    let step = proves(&server, &mut alice).await;
    assert_eq!(Ask::from_wire(step.ask), Some(Ask::NewPassword), "{step:?}");
}

#[tokio::test]
async fn an_app_lists_an_account_of_a_host_by_that_host_even_if_the_server_has_another_name_for_itself() {
    let server = Server::with("local_accounts = true\n[register]\napp_issuer = \"Example Ltd\"\n").await;
    let host = with_alice(&server, "web1").await;
    let mut alice = host.in_her_shell();
    alice.begins("enroll").await;
    alice.answers("password", OLD).await;
    let mut step = alice.answers("", "app").await;
    if !step.text.contains("Account:") {
        step = alice.answers("", "text").await;
    }
    assert!(step.text.contains("Account: alice on web1"), "{}", step.text);
}

#[tokio::test]
async fn a_captured_host_has_no_words_of_its_own_sent_as_the_name_of_an_account() {
    let (server, host) = both().await;
    let mine = host.captured(&server);
    for name in ["you won, see evil.example", "<b>x</b>", "-rf", "\u{5bc6}\u{7801}", "a\u{202e}b", &"a".repeat(65)] {
        for purpose in ["enroll", "codes", "remove"] {
            let refused = mine.begin(&own(purpose, name), SOON).await.unwrap_err();
            assert!(is_refused(&refused, Refusal::Malformed), "{purpose} {name:?}: {refused}");
        }
    }
    // At a login prompt, a name that nobody can register looks like any other, and nothing is sent.
    let mut screens = Vec::new();
    for name in ["j\u{fc}rgen", "nobody-has-this"] {
        screens.push(mine.begin(&own("recover", name), SOON).await.unwrap().step);
    }
    assert_eq!(screens[0], screens[1]);
    for name in ["www-data", "build$", "Alice.B@example"] {
        assert!(mine.begin(&own("enroll", name), SOON).await.unwrap().own, "{name}");
    }
}
