//! Microsoft Graph as it is documented, by a server of the tests' own.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use sspr_delivery::{Deliveries, Trust, entra::Walk};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::support::{deliveries, secret};

const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const CLIENT: &str = "535fb089-9ff3-47b6-9bfb-4f1264799865";

/// An answer: status, more headers, and the body.
type Said = (u16, &'static str, String);
/// What is asked, and what is said to it.
type Script = Arc<Mutex<Vec<(String, VecDeque<Said>)>>>;

/// Answers each path as it is told, the last answer again and again.
struct Graph {
    base: String,
    script: Script,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Graph {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let (script, heard) = (Script::default(), Arc::<Mutex<Vec<String>>>::default());
        let (told, log) = (script.clone(), heard.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, told.clone(), log.clone()));
            }
        });
        let graph = Self { base, script, heard };
        graph.says(
            &format!("POST /{TENANT}/oauth2/v2.0/token"),
            200,
            "",
            r#"{"token_type":"Bearer","expires_in":3599,"access_token":"t0ken"}"#,
        );
        graph
    }

    /// To what begins so, this is said, after what was to be said before.
    fn says(&self, path: &str, status: u16, headers: &'static str, body: &str) {
        let mut script = self.script.lock().unwrap();
        let said = (status, headers, body.to_owned());
        match script.iter_mut().find(|(known, _)| known == path) {
            Some((_, all)) => all.push_back(said),
            None => script.push((path.to_owned(), VecDeque::from([said]))),
        }
    }

    fn of_user(&self, id: &str, phones: &str, emails: &str) {
        let path = |kind: &str| format!("GET /v1.0/users/{id}/authentication/{kind}");
        self.says(&path("phoneMethods"), 200, "", &format!("{{\"value\":[{phones}]}}"));
        self.says(&path("emailMethods"), 200, "", &format!("{{\"value\":[{emails}]}}"));
    }

    fn heard(&self, what: &str) -> usize {
        self.heard.lock().unwrap().iter().filter(|asked| asked.contains(what)).count()
    }

    fn deliveries(&self, name: &str) -> Deliveries {
        let file = secret("s3cret\n").to_str().unwrap().to_owned();
        let url = &self.base;
        let domains = if name == "userPrincipalName" { "domains = [\"Contoso.com\"]\n" } else { "" };
        deliveries(
            &format!(
                "[contacts.entra]\ntenant = \"{TENANT}\"\nclient_id = \"{CLIENT}\"\nsecret_file = {file:?}\nname = \"{name}\"\n{domains}\
                 login_url = \"{url}\"\ngraph_url = \"{url}\"\n"
            ),
            Trust::System,
        )
    }

    /// Everybody: name, addresses, numbers.
    async fn everybody(&self, name: &str) -> Result<Vec<(String, Vec<String>, Vec<String>)>, String> {
        let deliveries = self.deliveries(name);
        let entra = deliveries.entra().unwrap();
        let (mut walk, mut all) = (Walk::default(), Vec::new());
        while let Some(users) = entra.users(&mut walk).await? {
            for user in users.into_iter().filter(|user| user.enabled) {
                let person = entra.registered(&mut walk, user).await?;
                all.extend(person.map(|person| (person.name, person.emails, person.phones)));
            }
        }
        Ok(all)
    }
}

async fn answer(mut stream: TcpStream, script: Script, log: Arc<Mutex<Vec<String>>>) -> Option<()> {
    let mut request = String::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).await.ok()?;
        request.push_str(&String::from_utf8_lossy(&buffer[..count]));
        let (head, body) = request.split_once("\r\n\r\n").unwrap_or((&request, ""));
        let length = head.to_ascii_lowercase();
        let length = length.split("content-length: ").nth(1).and_then(|l| l.lines().next()?.parse().ok());
        if request.contains("\r\n\r\n") && body.len() >= length.unwrap_or(0) || count == 0 {
            break;
        }
    }
    let said = {
        let mut script = script.lock().unwrap();
        let longest =
            script.iter_mut().filter(|(path, _)| request.starts_with(path.as_str())).max_by_key(|(path, _)| path.len());
        longest.map(|(_, all)| if all.len() > 1 { all.pop_front().unwrap() } else { all.front().unwrap().clone() })
    };
    log.lock().unwrap().push(request);
    let (status, headers, body) = said.unwrap_or((404, "", "{}".to_owned()));
    let length = body.len();
    let text = format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}");
    stream.write_all(text.as_bytes()).await.ok()?;
    stream.shutdown().await.ok()
}

const USERS: &str = "GET /v1.0/users?";
const PHONE: &str = r#"{"id":"3179e48a-750b-4051-897c-87b9720928f7","phoneNumber":"+81 9012345678","phoneType":"mobile","smsSignInState":"notEnabled"}"#;
const OTHER: &str =
    r#"{"id":"b6332ec1-7057-4abe-9331-3d72feddfe41","phoneNumber":"+81 9087654321","phoneType":"alternateMobile"}"#;
const OFFICE: &str =
    r#"{"id":"e37fc753-ff3b-4958-9484-eaa9425c82bc","phoneNumber":"+81 312345678","phoneType":"office"}"#;
const EMAIL: &str = r#"{"id":"3ddfcfc8-9383-446f-83cc-3ab9be4be18f","emailAddress":"alice@example.org"}"#;

#[tokio::test]
async fn everybody_is_read_page_by_page_with_what_they_registered_there_for_their_own_reset() {
    let graph = Graph::start().await;
    let next = format!("{}/v1.0/users?$skiptoken=RFNwdAIAAQ", graph.base);
    graph.says(
        USERS,
        200,
        "",
        &format!(
            r#"{{"@odata.nextLink":"{next}","value":[{{"id":"a-1","accountEnabled":true,"userPrincipalName":"alice@contoso.com"}},{{"id":"b-2","accountEnabled":false,"userPrincipalName":"bob@contoso.com"}}]}}"#
        ),
    );
    graph.says("GET /v1.0/users?$skiptoken=", 200, "", r#"{"value":[{"id":"c-3","userPrincipalName":"carol@contoso.com"},{"id":"d-4","userPrincipalName":"dora@contoso.com"}]}"#);
    graph.of_user("a-1", &format!("{OTHER},{OFFICE},{PHONE}"), EMAIL);
    graph.of_user("c-3", OFFICE, "");
    // Deleted since the list was made: dora is answered 404.
    let all = graph.everybody("userPrincipalName").await.unwrap();
    let phones = ["+81 9012345678", "+81 9087654321"].map(str::to_owned).to_vec();
    assert_eq!(all, [("alice".to_owned(), vec!["alice@example.org".to_owned()], phones)]);
    assert_eq!((graph.heard("/token"), graph.heard("/users/b-2/")), (1, 0), "one token; nobody asks about bob");
    assert_eq!(graph.heard("grant_type=client_credentials&client_id=535fb089-9ff3-47b6-9bfb-4f1264799865&client_secret=s3cret&scope=http"), 1);
    assert_eq!(graph.heard("$select=id,accountEnabled,userPrincipalName&$top="), 1);
    let asked = graph.heard.lock().unwrap().iter().filter(|asked| asked.starts_with("GET")).count();
    assert_eq!(asked, graph.heard("uthorization: Bearer t0ken"));
}

/// Of a tenant with several domains, staff's and students' say, one has accounts here.
#[tokio::test]
async fn a_user_of_another_domain_has_no_name_here_and_a_user_without_anything_registered_has_one() {
    let graph = Graph::start().await;
    graph.says(
        USERS,
        200,
        "",
        r#"{"value":[{"id":"a-1","userPrincipalName":"alice@students.contoso.com"},{"id":"a-2","userPrincipalName":"alice@contoso.com"},
            {"id":"b-3","userPrincipalName":"bob@evil.example@contoso.com"},{"id":"c-4","userPrincipalName":"carol"},
            {"id":"d-5","userPrincipalName":"dora@CONTOSO.com","accountEnabled":false}]}"#,
    );
    let deliveries = graph.deliveries("userPrincipalName");
    let users = deliveries.entra().unwrap().users(&mut Walk::default()).await.unwrap().unwrap();
    let users: Vec<_> = users.iter().map(|user| (user.id.as_str(), user.name.as_str(), user.enabled)).collect();
    assert_eq!(users, [("a-2", "alice", true), ("b-3", "bob@evil.example", true), ("d-5", "dora", false)]);
    let graph = Graph::start().await;
    graph.says(USERS, 200, "", r#"{"value":[{"id":"../a","mailNickname":"alice"}]}"#);
    assert!(graph.everybody("mailNickname").await.unwrap_err().contains("not Graph's"));
}

#[tokio::test]
async fn a_question_that_is_put_off_is_asked_again_when_the_server_says_so_and_a_token_that_ended_is_renewed() {
    let graph = Graph::start().await;
    graph.says(USERS, 429, "Retry-After: 0\r\n", "{}");
    graph.says(USERS, 503, "Retry-After: 0\r\n", "{}");
    graph.says(USERS, 401, "", "{}");
    graph.says(USERS, 200, "", r#"{"value":[{"id":"a-1","onPremisesSamAccountName":"alice"}]}"#);
    graph.of_user("a-1", PHONE, "");
    let all = graph.everybody("onPremisesSamAccountName").await.unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!((graph.heard(USERS), graph.heard("/token")), (4, 2));
    // For ever put off: it ends.
    let graph = Graph::start().await;
    graph.says(USERS, 429, "Retry-After: 0\r\n", "{}");
    assert!(graph.everybody("mailNickname").await.unwrap_err().contains("puts off"));
}

/// It could be read for ever.
#[tokio::test]
async fn a_next_page_that_was_read_already_ends_it() {
    let graph = Graph::start().await;
    let page = |to: &str| format!(r#"{{"@odata.nextLink":"{}/v1.0/users?$skiptoken={to}","value":[]}}"#, graph.base);
    graph.says(USERS, 200, "", &page("a"));
    graph.says("GET /v1.0/users?$skiptoken=a", 200, "", &page("b"));
    graph.says("GET /v1.0/users?$skiptoken=b", 200, "", &page("a"));
    assert!(graph.everybody("mailNickname").await.unwrap_err().contains("read already"));
    assert_eq!(graph.heard(USERS), 3);
    let graph = Graph::start().await;
    let next = format!("{}/v1.0/users?$skiptoken=a", graph.base);
    graph.says(USERS, 200, "", &format!(r#"{{"@odata.nextLink":"{next}","value":[]}}"#));
    assert!(graph.everybody("mailNickname").await.unwrap_err().contains("read already"));
    assert_eq!(graph.heard(USERS), 2);
}

/// Thousands are asked about, and a handshake takes longer than an answer.
#[tokio::test]
async fn everybody_is_asked_for_over_one_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let made = Arc::new(Mutex::new(0));
    let count = made.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            *count.lock().unwrap() += 1;
            let mut buffer = [0; 4096];
            while stream.read(&mut buffer).await.is_ok_and(|count| count > 0) {
                let request = String::from_utf8_lossy(&buffer);
                let said = if request.starts_with("POST") {
                    r#"{"expires_in":3599,"access_token":"t0ken"}"#
                } else if request.starts_with(USERS) {
                    r#"{"value":[{"id":"a-1","mailNickname":"alice"},{"id":"b-2","mailNickname":"bob"}]}"#
                } else {
                    r#"{"value":[]}"#
                };
                let text = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{said}", said.len());
                stream.write_all(text.as_bytes()).await.unwrap();
            }
        }
    });
    let graph = Graph { base, script: Script::default(), heard: Arc::default() };
    assert!(graph.everybody("mailNickname").await.unwrap().is_empty());
    assert_eq!(*made.lock().unwrap(), 1);
}

#[tokio::test]
async fn a_wait_of_more_than_a_minute_ends_the_sync_at_once_and_is_said() {
    let token = format!("POST /{TENANT}/oauth2/v2.0/token");
    for (asked, status) in [(USERS, 429), (USERS, 503), (token.as_str(), 429)] {
        let graph = Graph::start().await;
        graph.script.lock().unwrap().retain(|(path, _)| path != asked);
        graph.says(asked, status, "Retry-After: 61\r\n", "{}");
        let begun = std::time::Instant::now();
        let error = graph.everybody("mailNickname").await.unwrap_err();
        assert!(error.contains("no question for 61 s") && error.contains("next sync"), "{error}");
        assert!(begun.elapsed() < std::time::Duration::from_secs(30) && graph.heard(asked) == 1);
    }
}

#[tokio::test]
async fn no_token_goes_to_a_host_that_the_settings_do_not_name() {
    let other = Graph::start().await;
    for next in [
        other.base.clone() + "/v1.0/users?$skiptoken=x",
        "https://graph.microsoft.com.evil.example/v1.0/users".to_owned(),
    ] {
        let graph = Graph::start().await;
        graph.says(USERS, 200, "", &format!(r#"{{"@odata.nextLink":"{next}","value":[]}}"#));
        assert!(graph.everybody("mailNickname").await.unwrap_err().contains("another host"), "{next}");
    }
    // The host's name with more behind it.
    let graph = Graph::start().await;
    let next = graph.base.clone() + ".evil.example/v1.0/users";
    graph.says(USERS, 200, "", &format!(r#"{{"@odata.nextLink":"{next}","value":[]}}"#));
    assert!(graph.everybody("mailNickname").await.unwrap_err().contains("another host"));
    assert_eq!(other.heard(""), 0);
}

#[tokio::test]
async fn what_is_wrong_is_said_in_words_of_ours_and_is_a_failure_not_a_shorter_list() {
    for (status, body, why) in [
        (
            403,
            r#"{"error":{"code":"Authorization_RequestDenied","message":"s3cret words"}}"#,
            "UserAuthenticationMethod.Read.All",
        ),
        (404, "{}", "not there"),
        (200, "<html>", "not Graph's"),
        (302, "", "redirects are not followed"),
        (500, "s3cret words", "500"),
    ] {
        let graph = Graph::start().await;
        graph.says(USERS, status, "", body);
        let error = graph.everybody("mailNickname").await.unwrap_err();
        assert!(error.contains(why) && !error.contains("s3cret"), "{error}");
    }
    // Half way.
    let graph = Graph::start().await;
    graph.says(USERS, 200, "", r#"{"value":[{"id":"a-1","mailNickname":"alice"}]}"#);
    graph.says("GET /v1.0/users/a-1/", 500, "", "{}");
    assert!(graph.everybody("mailNickname").await.is_err());
    let graph = Graph::start().await;
    graph.script.lock().unwrap().clear();
    graph.says(
        &format!("POST /{TENANT}/oauth2/v2.0/token"),
        401,
        "",
        r#"{"error":"invalid_client","error_description":"s3cret"}"#,
    );
    let error = graph.everybody("mailNickname").await.unwrap_err();
    assert!(error.contains("secret_file") && !error.contains("s3cret"), "{error}");
}
