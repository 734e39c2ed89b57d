//! Contacts from Entra for this host's own accounts, by a server that answers as Graph does.

use std::sync::{Arc, atomic::Ordering};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    runtime::Handle,
};

use super::{Office, whom};
use crate::{
    admin::{
        people,
        wire::{SyncOutcome, SyncWish},
    },
    delivery::{Deliveries, Surroundings},
    snapshot::Snapshot,
    sync,
};

/// Users, and what each registered.
const ANSWERS: [(&str, &str); 6] = [
    ("POST ", r#"{"token_type":"Bearer","expires_in":3599,"access_token":"t0ken"}"#),
    (
        "GET /v1.0/users?",
        r#"{"value":[{"id":"a-1","userPrincipalName":"alice@contoso.com"},{"id":"c-2","userPrincipalName":"carol@contoso.com"},
            {"id":"n-3","userPrincipalName":"nobody@contoso.com"},{"id":"o-4","userPrincipalName":"outside@contoso.com"}]}"#,
    ),
    ("GET /v1.0/users/a-1/authentication/emailMethods", r#"{"value":[{"emailAddress":"alice@example.com"}]}"#),
    ("GET /v1.0/users/c-2/authentication/emailMethods", r#"{"value":[{"emailAddress":"carol@example.com"}]}"#),
    ("GET /v1.0/users/n-3/authentication/emailMethods", r#"{"value":[{"emailAddress":"nobody@example.com"}]}"#),
    ("GET /v1.0/users/o-4/authentication/emailMethods", r#"{"value":[{"emailAddress":"outside@example.com"}]}"#),
];

async fn graph() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (mut request, mut buffer) = (String::new(), [0; 4096]);
            loop {
                let count = stream.read(&mut buffer).await.unwrap();
                request.push_str(&String::from_utf8_lossy(&buffer[..count]));
                let Some((head, body)) = request.split_once("\r\n\r\n") else { continue };
                let length = head.to_ascii_lowercase();
                let length = length.split("content-length: ").nth(1).and_then(|l| l.lines().next()?.parse().ok());
                if body.len() >= length.unwrap_or(0) {
                    break;
                }
            }
            let said = ANSWERS.iter().find(|(path, _)| request.starts_with(path)).map(|(_, said)| *said);
            let said = said.unwrap_or(r#"{"value":[]}"#);
            let text = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{said}", said.len());
            stream.write_all(text.as_bytes()).await.unwrap();
        }
    });
    port
}

#[tokio::test]
async fn what_users_registered_with_entra_is_their_accounts_after_the_quiet_time_and_administrators_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    sspr_machine::files::write(&secret, b"s3cret\n", 0o600, None).unwrap();
    let (url, spool) = (format!("http://127.0.0.1:{}", graph().await), folder.path().join("spool"));
    let mut office = Office::with(&format!(
        "[contacts.entra]\ntenant = \"t\"\nclient_id = \"c\"\nsecret_file = {secret:?}\nlogin_url = \"{url}\"\ngraph_url = \"{url}\"\n\
         [spool]\ndirectory = {spool:?}\n"
    ))
    .await;
    let around = Surroundings::of_this_machine("shell.example.org");
    let deliveries = Deliveries::in_surroundings(&office.agent.settings, &around).unwrap();
    office.agent = Arc::new(Snapshot { deliveries: Arc::new(deliveries), ..Snapshot::clone(&office.agent) });
    let copies =
        async || -> SyncOutcome { sync::now(&office.agent, SyncWish::default(), &Handle::current()).await.unwrap() };
    let first = copies().await;
    assert_eq!((first.people, first.new, first.left_out), (1, 1, 3));
    assert!(office.contacts("alice").await.is_empty());
    office.wall.0.fetch_add(7 * 86_400, Ordering::SeqCst);
    assert_eq!(copies().await.entered, 1);
    let shown = people::show(&office.root(), &whom("alice", true)).await.unwrap().contacts;
    let kept: Vec<_> = shown.iter().map(|own| (own.contact.as_str(), own.source.as_deref(), own.usable)).collect();
    assert_eq!(kept, [("alice@example.com", Some("entra"), true)]);
    assert!(office.contacts("carol").await.is_empty());
    // Out of the settings, out of the store.
    let mut settings = (*office.agent.settings).clone();
    settings.contacts.entra = None;
    office.agent = office.agent.with_settings(settings);
    let again = sync::now(&office.agent, SyncWish::default(), &Handle::current()).await;
    assert!(matches!(again, Err(sync::Why::Unset)), "{again:?}");
    assert!(office.contacts("alice").await.is_empty());
}
