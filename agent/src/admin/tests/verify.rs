//! Verifies a caller by a code to a registered contact.

use std::sync::atomic::Ordering;

use sspr_config::{dialogue::Purpose, settings::Method};

use super::{Office, why};
use crate::{
    account::Name,
    admin::{
        verify,
        wire::Label,
        wire_of_the_desk::{Verified, Verify, VerifyAnswer, VerifySent},
    },
    contact::{Contact, EmailAddress},
    delivery::Content,
    limits,
    outbox::OutboxMessage,
    proof::{self, Answered, Sent, To},
    random::SystemRandom,
    sender::tests_support,
    store::{FirstContacts, Registrations, Synced, registrations},
};

impl Office {
    async fn verifies(&self, user: &str) -> VerifySent {
        verify::send(&self.root(), &Verify { user: user.into(), method: None }).await.unwrap()
    }

    async fn reads_out(&self, user: &str, sent: &VerifySent, code: &str) -> Verified {
        let answer = VerifyAnswer { user: user.into(), handle: sent.handle.clone(), code: code.to_owned().into() };
        verify::answer(&self.root(), &answer).await.unwrap()
    }

    /// The last code that was sent, and the text of its message.
    async fn code(&self) -> (String, String) {
        let (queued, message) = tests_support::drain(&self.agent).await.pop().unwrap();
        let OutboxMessage::Code(code) = queued else { panic!("a notification") };
        let text = match &message.content {
            Content::Mail { text, .. } | Content::Text { text, .. } => text.to_string(),
            Content::Call { .. } => panic!("a call"),
        };
        (code.code.to_string(), text)
    }
}

/// A code that differs from `code`.
fn other(code: &str) -> String {
    code.chars().map(|digit| if digit == '9' { '0' } else { char::from(digit as u8 + 1) }).collect()
}

#[tokio::test(flavor = "current_thread")]
async fn the_code_that_was_sent_matches_once_and_both_are_recorded() {
    let office = Office::new().await;
    office.register("alice", "alice@example.org").await;
    let sent = office.verifies("alice").await;
    assert_eq!((sent.method.as_str(), sent.to.as_str()), ("email", "a***@e***.org"));
    let (code, text) = office.code().await;
    assert!(text.contains("help desk") && text.contains("resets nothing"), "{text}");
    let wrong = office.reads_out("alice", &sent, &other(&code)).await;
    assert_eq!((wrong.matched, wrong.left), (false, 4));
    assert!(office.reads_out("alice", &sent, &format!(" {code} ")).await.matched);
    let again = office.reads_out("alice", &sent, &code).await;
    assert!(!again.matched && again.why.unwrap().contains("used"), "it is good once");
    let records = office.records().await;
    let told: Vec<_> = records.iter().map(|r| (r.event.as_str(), r.outcome.as_str())).collect();
    let verified = "Caller verified (help desk)";
    let sent = ("Caller verification code sent (help desk)", "success");
    assert_eq!(told, [sent, (verified, "failure"), (verified, "success"), (verified, "failure")]);
    assert!(!serde_json::to_string(&records).unwrap().contains(&code));
}

#[tokio::test(flavor = "current_thread")]
async fn the_desk_s_code_is_none_of_a_reset_and_a_reset_s_code_is_none_of_the_desk() {
    let office = Office::new().await;
    office.register("alice", "alice@example.org").await;
    // The question for the owner at the password prompt, where a help-desk member who knows the code may sit.
    let s = office.session("alice", "dialogue");
    let Sent::Now(reset) = proof::send(&s, To::Registered(Method::Email, None)).await.unwrap() else {
        panic!("not sent")
    };
    let (of_the_reset, _) = office.code().await;
    let sent = office.verifies("alice").await;
    let (of_the_desk, _) = office.code().await;
    for handle in [&reset.id, &sent.handle] {
        assert_ne!(proof::answer(&s, handle, &of_the_desk).await.unwrap(), Answered::Right);
    }
    assert!(proof::good(&s, crate::account::Id::from(1001)).await.unwrap().is_empty());
    for handle in [reset.id, sent.handle.clone()] {
        let sent = VerifySent { handle, ..sent.clone() };
        assert!(!office.reads_out("alice", &sent, &of_the_reset).await.matched);
    }
    // No dialogue has the help desk's purpose either.
    assert!(crate::sessions::Beginning::new(Purpose::Desk.as_str(), ["alice", "sshd", "", "", ""]).is_err());
}

#[tokio::test(flavor = "current_thread")]
async fn a_caller_who_guesses_suspends_the_verification_alone_and_unblocking_ends_that() {
    let office = Office::new().await;
    office.register("alice", "alice@example.org").await;
    let sent = office.verifies("alice").await;
    let (code, _) = office.code().await;
    let mut last = Verified::default();
    for _ in 0..5 {
        last = office.reads_out("alice", &sent, &other(&code)).await;
        assert!(!last.matched);
    }
    assert_eq!(last.left, 0);
    assert!(!office.reads_out("alice", &sent, &code).await.matched, "the right one comes too late");
    office.wall.0.fetch_add(3600, Ordering::SeqCst);
    let said = why(verify::send(&office.root(), &Verify { user: "alice".into(), method: None }).await);
    assert!(said.contains("too many codes"), "{said}");
    // The owner can reset as before.
    let mut tx = office.agent.begin().await.unwrap();
    let failures = office.session("alice", "d").failures();
    let allowance =
        limits::suspension(&mut tx, &office.agent.settings.limits, &failures, office.agent.now()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(allowance, limits::Allowance::Granted);
    assert!(office.notifications().await.is_empty());
    let shown = crate::admin::people::show(&office.root(), &super::whom("alice", false)).await.unwrap();
    assert_eq!(shown.user.rests_for, None);
    assert!(crate::admin::people::unblock(&office.root(), "alice").await.unwrap().changed);
    office.verifies("alice").await;
}

#[tokio::test(flavor = "current_thread")]
async fn as_many_codes_are_sent_as_to_anybody_and_none_to_whom_nothing_can_be_sent() {
    let office = Office::new().await;
    office.register("alice", "alice@example.org").await;
    let send = async |user: &str, method: Option<&str>| {
        verify::send(&office.root(), &Verify { user: user.into(), method: method.map(Into::into) }).await
    };
    send("alice", None).await.unwrap();
    assert!(why(send("alice", None).await).contains("sent already"));
    for _ in 0..4 {
        office.wall.0.fetch_add(61, Ordering::SeqCst);
        send("alice", None).await.unwrap();
    }
    office.wall.0.fetch_add(61, Ordering::SeqCst);
    assert!(why(send("alice", None).await).contains("sent already"), "five an hour");
    assert!(why(send("alice", Some("phone")).await).contains("has no phone registered"));
    assert!(why(send("bob", None).await).contains("in another way"));
    assert!(why(send("locked", None).await).contains("locked"));
    assert!(send("alice", Some("app")).await.is_err());
    let own = office.by(Label { login: Some(1001), sudo: None });
    assert!(why(verify::send(&own, &Verify { user: "alice".into(), method: None }).await).contains("your own account"));
}

#[tokio::test(flavor = "current_thread")]
async fn a_code_of_one_account_verifies_no_other() {
    let office = Office::new().await;
    for name in ["alice", "bob"] {
        office.register(name, &format!("{name}@example.org")).await;
    }
    let sent = office.verifies("alice").await;
    let (code, _) = office.code().await;
    assert!(!office.reads_out("bob", &sent, &code).await.matched);
    assert!(office.reads_out("alice", &sent, &code).await.matched);
}

#[tokio::test(flavor = "current_thread")]
async fn a_first_contact_that_waits_verifies_nobody_and_one_that_others_vouch_for_does() {
    let office = Office::new().await;
    office.register("alice", "alice@evil.example").await;
    let until = office.agent.now() + 86_400;
    let mut tx = office.agent.begin().await.unwrap();
    FirstContacts::wait(&mut tx, Name::local("alice"), until, "h1").await.unwrap();
    tx.commit().await.unwrap();
    let said = why(verify::send(&office.root(), &Verify { user: "alice".into(), method: None }).await);
    assert!(said.contains("first_contact_wait"), "{said}");
    assert!(tests_support::drain(&office.agent).await.is_empty(), "nothing goes there");
    let mut tx = office.agent.begin().await.unwrap();
    let contact = Contact::Email(EmailAddress::parse("alice@example.org").unwrap());
    let (name, keys, id) = (Name::local("alice"), &office.agent.keys, crate::account::Id::from(1001));
    Registrations::import_contact(&mut tx, keys, &SystemRandom, name, id, &contact, true, office.agent.now())
        .await
        .unwrap();
    Synced::vouch(&mut tx, name, &registrations::lookup(keys, &contact), "import").await.unwrap();
    tx.commit().await.unwrap();
    let sent = office.verifies("alice").await;
    assert_eq!(sent.to, "a***@e***.org");
    let (code, _) = office.code().await;
    assert!(office.reads_out("alice", &sent, &code).await.matched);
}
