//! Contacts from Entra for this host's own accounts, from a server that answers like Graph.

use std::sync::{Arc, Mutex, atomic::Ordering};

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

/// The beginnings of requests, and the responses to them. Other requests get an empty list.
type Said = &'static [(&'static str, &'static str)];

const TOKEN: &str = r#"{"token_type":"Bearer","expires_in":3599,"access_token":"t0ken"}"#;

/// Users, and their registered contacts.
const ANSWERS: Said = &[
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

/// Starts the server and returns its port. The test can change `said`, which counts from the next request on.
async fn graph(said: Arc<Mutex<Said>>) -> u16 {
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
            let script = *said.lock().unwrap();
            let said = script.iter().find(|(path, _)| request.starts_with(path)).map(|(_, said)| *said);
            let said = said.unwrap_or(if request.starts_with("POST ") { TOKEN } else { r#"{"value":[]}"# });
            let said = said.replace("{host}", &format!("http://127.0.0.1:{port}"));
            let text = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{said}", said.len());
            stream.write_all(text.as_bytes()).await.unwrap();
        }
    });
    port
}

/// An office whose contacts come from a tenant with scripted responses.
struct Tenant {
    office: Office,
    said: Arc<Mutex<Said>>,
    _folder: tempfile::TempDir,
}

impl Tenant {
    async fn new(said: Said) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("secret");
        sspr_machine::files::write(&secret, b"s3cret\n", 0o600, None).unwrap();
        let said = Arc::new(Mutex::new(said));
        let (url, spool) = (format!("http://127.0.0.1:{}", graph(said.clone()).await), folder.path().join("spool"));
        let mut office = Office::with(&format!(
            "[contacts.entra]\ntenant = \"t\"\nclient_id = \"c\"\nsecret_file = {secret:?}\nlogin_url = \"{url}\"\n\
             graph_url = \"{url}\"\ndomains = [\"contoso.com\", \"students.contoso.com\"]\n[spool]\ndirectory = {spool:?}\n"
        ))
        .await;
        let around = Surroundings::of_this_machine("shell.example.org");
        let deliveries = Deliveries::in_surroundings(&office.agent.settings, &around).unwrap();
        office.agent = Arc::new(Snapshot { deliveries: Arc::new(deliveries), ..Snapshot::clone(&office.agent) });
        Self { office, said, _folder: folder }
    }

    fn says(&self, said: Said) {
        *self.said.lock().unwrap() = said;
    }

    async fn copies(&self) -> SyncOutcome {
        sync::now(&self.office.agent.clone().into(), SyncWish::default(), &Handle::current()).await.unwrap()
    }

    fn days(&self, days: i64) {
        self.office.wall.0.fetch_add(days * 86_400, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn what_users_registered_with_entra_is_their_accounts_after_the_quiet_time_and_administrators_is_not() {
    let mut tenant = Tenant::new(ANSWERS).await;
    let first = tenant.copies().await;
    assert_eq!((first.people, first.new, first.left_out), (1, 1, 3));
    assert!(tenant.office.contacts("alice").await.is_empty());
    tenant.days(7);
    assert_eq!(tenant.copies().await.entered, 1);
    let office = &mut tenant.office;
    let shown = people::show(&office.root(), &whom("alice", true)).await.unwrap().contacts;
    let kept: Vec<_> = shown.iter().map(|own| (own.contact.as_str(), own.source.as_deref(), own.usable)).collect();
    assert_eq!(kept, [("alice@example.com", Some("entra"), true)]);
    assert!(office.contacts("carol").await.is_empty());
    // Without the setting, the contacts are erased from the store.
    let mut settings = (*office.agent.settings).clone();
    settings.contacts.entra = None;
    office.agent = office.agent.with_settings(settings);
    let again = sync::now(&office.agent.clone().into(), SyncWish::default(), &Handle::current()).await;
    assert!(matches!(again, Err(sync::Why::Unset)), "{again:?}");
    assert!(office.contacts("alice").await.is_empty());
}

const STUDENTS: &str = "GET /v1.0/users/s-9/authentication/emailMethods";
const STAFFS: &str = "GET /v1.0/users/a-1/authentication/emailMethods";
const THIEF: &str = r#"{"value":[{"emailAddress":"thief@example.net"}]}"#;
const ALICE: &str = r#"{"value":[{"emailAddress":"alice@example.com"}]}"#;

/// The student comes first, then the member of staff.
const ON_ONE_PAGE: &str = r#"{"value":[{"id":"s-9","userPrincipalName":"alice@students.contoso.com"},{"id":"a-1","userPrincipalName":"alice@contoso.com"}]}"#;
const THE_STUDENT_FIRST: &str = r#"{"@odata.nextLink":"{host}/v1.0/users?$skiptoken=2","value":[{"id":"s-9","userPrincipalName":"alice@students.contoso.com"}]}"#;
const THE_STAFF: &str = r#"{"value":[{"id":"a-1","userPrincipalName":"alice@contoso.com"}]}"#;
const THE_STAFF_FIRST: &str = r#"{"@odata.nextLink":"{host}/v1.0/users?$skiptoken=2","value":[{"id":"a-1","userPrincipalName":"alice@contoso.com"}]}"#;
const THE_STUDENT: &str = r#"{"value":[{"id":"s-9","userPrincipalName":"alice@students.contoso.com"}]}"#;
/// A disabled user is still another user.
const ONE_IS_DISABLED: &str = r#"{"value":[{"id":"s-9","userPrincipalName":"alice@students.contoso.com"},{"id":"a-1","accountEnabled":false,"userPrincipalName":"alice@contoso.com"}]}"#;

const USERS: &str = "GET /v1.0/users?";
const SECOND: &str = "GET /v1.0/users?$skiptoken=2";

/// Each has the student's address; some have the other user's address too.
const TWINS: [Said; 7] = [
    &[(USERS, ON_ONE_PAGE), (STUDENTS, THIEF)],
    &[(USERS, ON_ONE_PAGE), (STUDENTS, THIEF), (STAFFS, ALICE)],
    &[(SECOND, THE_STAFF), (USERS, THE_STUDENT_FIRST), (STUDENTS, THIEF)],
    &[(SECOND, THE_STAFF), (USERS, THE_STUDENT_FIRST), (STUDENTS, THIEF), (STAFFS, ALICE)],
    &[(SECOND, THE_STUDENT), (USERS, THE_STAFF_FIRST), (STUDENTS, THIEF)],
    &[(SECOND, THE_STUDENT), (USERS, THE_STAFF_FIRST), (STUDENTS, THIEF), (STAFFS, ALICE)],
    &[(USERS, ONE_IS_DISABLED), (STUDENTS, THIEF)],
];

#[tokio::test]
async fn of_two_users_with_one_name_here_neither_gives_the_account_a_contact_and_both_the_sync_and_doctor_are_told() {
    for said in TWINS {
        let tenant = Tenant::new(said).await;
        for _ in 0..3 {
            let outcome = tenant.copies().await;
            assert_eq!((outcome.people, outcome.new, outcome.entered, outcome.left_out), (0, 0, 0, 1), "{said:?}");
            let doubled = outcome.doubled.unwrap();
            assert!(doubled.ends_with(": alice"), "{doubled}");
            assert_eq!(sync::state(&tenant.office.agent).await.unwrap().doubled, Some(doubled));
            assert!(tenant.office.contacts("alice").await.is_empty(), "{said:?}");
            tenant.days(8);
        }
    }
}

#[tokio::test]
async fn a_second_user_with_the_name_takes_no_contact_away_and_sends_no_notes() {
    for said in TWINS {
        let tenant = Tenant::new(&[(USERS, THE_STAFF), (STAFFS, ALICE)]).await;
        tenant.copies().await;
        tenant.days(7);
        assert_eq!(tenant.copies().await.entered, 1);
        tenant.says(said);
        for _ in 0..3 {
            let outcome = tenant.copies().await;
            assert_eq!((outcome.changed, outcome.erased, outcome.held), (0, 0, None), "{said:?}");
            assert_eq!(tenant.office.contacts("alice").await, ["alice@example.com"], "{said:?}");
            assert!(tenant.office.notifications().await.is_empty(), "{said:?}");
            tenant.days(8);
        }
        // The name is unique again.
        tenant.says(&[(USERS, THE_STAFF), (STAFFS, ALICE)]);
        let outcome = tenant.copies().await;
        assert_eq!((outcome.unchanged, outcome.doubled), (1, None));
        assert_eq!(sync::state(&tenant.office.agent).await.unwrap().doubled, None);
    }
}

/// The list may change while it is read.
#[tokio::test]
async fn a_user_who_is_listed_twice_is_one() {
    let tenant = Tenant::new(&[(SECOND, THE_STAFF), (USERS, THE_STAFF_FIRST), (STAFFS, ALICE)]).await;
    let outcome = tenant.copies().await;
    assert_eq!((outcome.people, outcome.new, outcome.doubled), (1, 1, None));
}
