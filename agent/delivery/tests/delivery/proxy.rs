//! Gateways in a network that lets nobody out but by a proxy, with an authority of its own and names that no DNS has.

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rustls::{ServerConfig, pki_types::PrivateKeyDer};
use sspr_config::settings::Method;
use sspr_core::cause;
use sspr_delivery::{Deliveries, DeliveryError, Probed, Trust, entra::Walk};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

use crate::{
    http::{BODY, CREATED, Server, told, webhook},
    support::{CODE, certificate, deliveries, later, secret, text},
};

const LOOK: Duration = Duration::from_secs(10);
/// A name that nobody but the proxy knows.
const HOST: &str = "sms.example.invalid";
/// A name that is none, so that nobody is asked for it.
const NO_NAME: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example";

/// What the proxy does.
#[derive(Clone, Copy)]
enum Does {
    /// Leads every name to this port.
    Lead(u16),
    /// Answers with this.
    Say(&'static str),
    KeepSilent,
}

/// A proxy of its own, and what it was asked.
#[derive(Clone)]
struct Proxy {
    does: Does,
    tls: Option<Arc<ServerConfig>>,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn that(does: Does) -> Self {
        Self { does, tls: None, heard: Arc::default() }
    }

    async fn start(&self) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let proxy = self.clone();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let proxy = proxy.clone();
                tokio::spawn(async move {
                    match &proxy.tls {
                        None => proxy.serve(tcp).await,
                        Some(tls) => proxy.serve(TlsAcceptor::from(Arc::clone(tls)).accept(tcp).await.ok()?).await,
                    }
                });
            }
        });
        port
    }

    async fn serve<S: AsyncRead + AsyncWrite + Unpin>(&self, mut stream: S) -> Option<()> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.ok()?);
        }
        self.heard.lock().unwrap().push(String::from_utf8(head).unwrap());
        match self.does {
            Does::Lead(port) => {
                let mut there = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
                stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.ok()?;
                copy_bidirectional(&mut stream, &mut there).await.ok()?;
            }
            Does::Say(answer) => {
                stream.write_all(answer.as_bytes()).await.ok()?;
                stream.shutdown().await.ok()?;
            }
            Does::KeepSilent => std::future::pending().await,
        }
        Some(())
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

/// A server's certificate for `names`, and a file with the authority that issued it.
fn issued(names: &[&str]) -> (Arc<ServerConfig>, PathBuf) {
    let mut of_authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    of_authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    of_authority.distinguished_name.push(rcgen::DnType::CommonName, "Example Proxy CA");
    let key = rcgen::KeyPair::generate().unwrap();
    let authority = of_authority.self_signed(&key).unwrap().der().clone();
    let issuer = rcgen::Issuer::new(of_authority, key);
    let own_key = rcgen::KeyPair::generate().unwrap();
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let own = rcgen::CertificateParams::new(names).unwrap().signed_by(&own_key, &issuer).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.der().clone()], PrivateKeyDer::try_from(own_key.serialize_der()).unwrap())
        .unwrap();
    let file = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap().keep().join("ca.pem");
    let pem =
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(authority.as_ref()));
    fs::write(&file, pem).unwrap();
    (Arc::new(config), file)
}

/// A gateway that only a proxy finds: its port, what it heard, and the authority's file.
async fn far_gateway() -> (Server, u16, PathBuf) {
    let (tls, authority) = issued(&[HOST, "api.twilio.com"]);
    let mut server = Server::with("201 Created", "", CREATED);
    server.tls = Some(tls);
    let port = server.start().await;
    (server, port, authority)
}

/// `[phone]` with these lines, and a webhook at `url`.
fn by(url: &str, lines: &str) -> Deliveries {
    let settings = webhook(url, BODY).replacen("[phone]\n", &format!("[phone]\n{lines}\n"), 1);
    deliveries(&settings, nobody())
}

/// A machine that trusts none of the authorities here.
fn nobody() -> Trust {
    certificate("elsewhere.example.org").1
}

#[tokio::test]
async fn a_gateway_is_reached_by_the_proxy_which_finds_its_name_and_sees_no_message() {
    let (server, port, authority) = far_gateway().await;
    let proxy = Proxy::that(Does::Lead(port));
    let lines = format!("proxy = \"http://127.0.0.1:{}\"\nca_file = {authority:?}", proxy.start().await);
    let gateway = by(&format!("https://{HOST}/send"), &lines);
    gateway.deliver(&text(&format!("Code {CODE}"))).await.unwrap();
    let [request] = &server.requests()[..] else { panic!() };
    assert!(request.starts_with("POST /send HTTP/1.1\r\n") && request.contains(CODE), "{request}");
    let [asked] = &proxy.heard()[..] else { panic!() };
    assert!(asked.starts_with(&format!("CONNECT {HOST}:443 HTTP/1.1\r\n")), "{asked}");
    assert!(!asked.to_ascii_lowercase().contains("authorization"), "{asked}");
    assert_eq!(gateway.probe(Method::Phone, None, LOOK).await, Ok(Probed::Unasked));
    assert_eq!(server.requests().len(), 1, "a look sends nothing");
}

#[tokio::test]
async fn the_proxy_s_password_comes_from_a_file_and_goes_to_the_proxy_alone() {
    let (server, port, authority) = far_gateway().await;
    let proxy = Proxy::that(Does::Lead(port));
    let lines = format!(
        "proxy = \"http://127.0.0.1:{}\"\nproxy_user = \"sspr\"\nproxy_password_file = {:?}\nca_file = {authority:?}",
        proxy.start().await,
        secret("s3cret\n")
    );
    let gateway = by(&format!("https://{HOST}/send"), &lines);
    gateway.deliver(&text("x")).await.unwrap();
    gateway.probe(Method::Phone, None, LOOK).await.unwrap();
    let basic = format!("Basic {}", STANDARD.encode("sspr:s3cret"));
    let asked = proxy.heard();
    assert!(asked.len() == 2 && asked.iter().all(|asked| asked.contains(&basic)), "{asked:?}");
    assert!(!server.requests().concat().to_ascii_lowercase().contains("proxy"), "{:?}", server.requests());
    assert!(!format!("{gateway:?}").contains("s3cret"));
}

#[tokio::test]
async fn twilio_and_providers_go_by_the_proxy_too_also_where_that_wants_tls_itself() {
    let (server, port, authority) = far_gateway().await;
    let (tls, _) = issued(&["127.0.0.1"]);
    let wrong = Proxy { tls: Some(tls), ..Proxy::that(Does::Lead(port)) };
    let (given, proxy_authority) = issued(&["127.0.0.1"]);
    let good = Proxy { tls: Some(given), ..Proxy::that(Does::Lead(port)) };
    let both = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap().keep().join("both.pem");
    let all = fs::read_to_string(authority).unwrap() + &fs::read_to_string(proxy_authority).unwrap();
    fs::write(&both, all).unwrap();
    let settings = |port: u16| {
        format!(
            "[phone]\ngateway = \"twilio\"\nproxy = \"https://127.0.0.1:{port}\"\nca_file = {both:?}\n[phone.twilio]\n\
             account_sid = \"AC00000000000000000000000000000000\"\ntoken_file = {:?}\nfrom = \"+15005550006\"\n",
            secret("s3cret\n")
        )
    };
    let twilio = deliveries(&settings(good.start().await), nobody());
    twilio.deliver(&text("x")).await.unwrap();
    assert_eq!(server.requests().len(), 1);
    assert!(good.heard().concat().starts_with("CONNECT api.twilio.com:443 "));

    let twilio = deliveries(&settings(wrong.start().await), nobody());
    let error = told(twilio.deliver(&text("x")).await).unwrap_err();
    assert!(later(&error).unwrap().contains("(issued by \"Example Proxy CA\")"), "{error}");
    assert_eq!((server.requests().len(), wrong.heard().len()), (1, 0));
}

#[tokio::test]
async fn contacts_of_entra_are_read_by_the_proxy_and_with_the_authority_of_the_settings() {
    let (tls, authority) = issued(&["login.microsoftonline.com", "graph.microsoft.com"]);
    // A token, and a page of nobody.
    let mut server = Server::with("200 OK", "", r#"{"expires_in":3599,"access_token":"t0ken","value":[]}"#);
    server.tls = Some(tls);
    let proxy = Proxy::that(Does::Lead(server.start().await));
    let way = format!("proxy = \"http://127.0.0.1:{}\"", proxy.start().await);
    let entra = |lines: &str| {
        let settings = format!(
            "[phone]\n{lines}\n[contacts.entra]\ntenant = \"contoso.onmicrosoft.com\"\nsecret_file = {:?}\n\
             client_id = \"535fb089-9ff3-47b6-9bfb-4f1264799865\"\ndomains = [\"contoso.com\"]\n",
            secret("s3cret\n")
        );
        deliveries(&settings, nobody()).entra().unwrap()
    };
    let page = entra(&format!("{way}\nca_file = {authority:?}")).users(&mut Walk::default()).await;
    assert_eq!(page.map(|people| people.map(|people| people.len())), Ok(Some(0)));
    let asked = proxy.heard();
    let hosts = ["CONNECT login.microsoftonline.com:443 ", "CONNECT graph.microsoft.com:443 "];
    assert!(asked.len() == 2 && asked.iter().zip(hosts).all(|(asked, host)| asked.starts_with(host)), "{asked:?}");
    let error = entra(&way).users(&mut Walk::default()).await.unwrap_err();
    assert!(error.starts_with("entra: ") && error.contains("(issued by \"Example Proxy CA\")"), "{error}");
}

#[tokio::test]
async fn what_a_proxy_has_to_do_with_it_is_said_with_what_to_do() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let login = format!("proxy_user = \"sspr\"\nproxy_password_file = {:?}", secret("s3cret\n"));
    let says = async |answer| format!("http://127.0.0.1:{}", Proxy::that(Does::Say(answer)).start().await);
    for (proxy, more, part, cause) in [
        (format!("http://{gone}"), "", "Connection refused", &cause::PROXY_GONE),
        (format!("http://{NO_NAME}:3128"), "", NO_NAME, &cause::PROXY_UNRESOLVED),
        (says("HTTP/1.1 403 Forbidden\r\n\r\nleaked").await, "", "answers 403 to CONNECT", &cause::PROXY_REFUSES),
        (says("HTTP/1.0 407 leaked\r\n\r\n").await, "", "answers 407", &cause::PROXY_WANTS_SIGN_IN),
        (says("HTTP/1.1 407 leaked\r\n\r\n").await, login.as_str(), "answers 407", &cause::PROXY_PASSWORD),
        (says("HTTP/1.1 503 leaked\r\n\r\n").await, "", "answers 503", &cause::PROXY_FAILS),
        (says("SSH-2.0-leaked\r\n").await, "", "127.0.0.1:", &cause::NO_PROXY),
        (says("").await, "", "127.0.0.1:", &cause::NO_PROXY),
    ] {
        let gateway = by(&format!("https://{HOST}/send"), &format!("proxy = {proxy:?}\n{more}"));
        let sent = told(gateway.deliver(&text("x")).await).map(drop);
        let looked = gateway.probe(Method::Phone, None, LOOK).await.map(drop);
        for error in [sent.unwrap_err(), looked.unwrap_err()] {
            let why = later(&error).unwrap();
            assert!(why.starts_with(&format!("webhook: {}: ", cause.words)) && why.contains(part), "{why}");
            assert_eq!(cause::fix_of_gateway(why), Some(cause.fix));
        }
    }
}

#[tokio::test]
async fn a_proxy_that_keeps_silent_is_named() {
    let proxy = format!("http://127.0.0.1:{}", Proxy::that(Does::KeepSilent).start().await);
    let gateway = by(&format!("https://{HOST}/send"), &format!("proxy = {proxy:?}"));
    let looked = gateway.probe(Method::Phone, None, LOOK).await.unwrap_err();
    assert!(later(&looked).unwrap().contains("keeps silent about CONNECT"), "{looked}");
    let sent: DeliveryError = told(gateway.deliver(&text("x")).await).unwrap_err();
    assert!(later(&sent).unwrap().contains("no answer in time by way of the proxy 127.0.0.1:"), "{sent}");
}

#[tokio::test]
async fn who_issued_a_certificate_that_is_not_trusted_is_said_with_the_setting_that_mends_it() {
    let (server, port, authority) = far_gateway().await;
    let proxy = Proxy::that(Does::Lead(port));
    let proxy = format!("proxy = \"http://127.0.0.1:{}\"", proxy.start().await);
    let url = format!("https://{HOST}/send");
    let gateway = by(&url, &proxy);
    let sent = told(gateway.deliver(&text("x")).await).map(drop).unwrap_err();
    let looked = gateway.probe(Method::Phone, None, LOOK).await.unwrap_err();
    for error in [sent, looked] {
        let why = later(&error).unwrap();
        assert!(why.starts_with(&format!("webhook: {HOST}: its certificate is not accepted: ")), "{why}");
        assert!(why.ends_with("(issued by \"Example Proxy CA\")"), "{why}");
        assert!(cause::fix_of_gateway(why).unwrap().contains("[phone] ca_file"), "{why}");
    }
    assert_eq!(server.requests(), Vec::<String>::new());
    by(&url, &format!("{proxy}\nca_file = {authority:?}")).deliver(&text("x")).await.unwrap();
}

#[tokio::test]
async fn a_name_that_only_the_hosts_file_has_is_found_without_a_proxy() {
    let (tls, authority) = issued(&["localhost"]);
    let mut server = Server::with("200 OK", "", "{}");
    server.tls = Some(tls);
    let url = format!("https://localhost:{}/send", server.start().await);
    let gateway = by(&url, &format!("ca_file = {authority:?}"));
    assert_eq!(gateway.probe(Method::Phone, None, LOOK).await, Ok(Probed::Unasked));
    gateway.deliver(&text("x")).await.unwrap();
    assert_eq!(server.requests().len(), 1);

    let gateway = by(&format!("https://{NO_NAME}/send"), "");
    let sent = told(gateway.deliver(&text("x")).await).map(drop).unwrap_err();
    let looked = gateway.probe(Method::Phone, None, LOOK).await.unwrap_err();
    for error in [sent, looked] {
        let why = later(&error).unwrap();
        assert!(why.starts_with(&format!("webhook: {NO_NAME}: the name can't be resolved")), "{why}");
        assert!(cause::fix_of_gateway(why).unwrap().contains("/etc/hosts"));
    }
}

#[tokio::test]
async fn what_is_on_this_machine_is_reached_without_the_proxy() {
    let proxy = Proxy::that(Does::Say("HTTP/1.1 403 no\r\n\r\n"));
    let server = Server::with("200 OK", "", "{}");
    let url = format!("http://127.0.0.1:{}/send", server.start().await);
    by(&url, &format!("proxy = \"http://127.0.0.1:{}\"", proxy.start().await)).deliver(&text("x")).await.unwrap();
    assert_eq!((server.requests().len(), proxy.heard().len()), (1, 0));
}

#[tokio::test]
async fn no_proxy_of_the_environment_is_followed() {
    const AGAIN: &str = "SSPR_TEST_PROXY_OF_THE_ENVIRONMENT";
    if std::env::var_os(AGAIN).is_none() {
        let proxy = Proxy::that(Does::Say("HTTP/1.1 403 no\r\n\r\n"));
        let url = format!("http://127.0.0.1:{}", proxy.start().await);
        let mut test = tokio::process::Command::new(std::env::current_exe().unwrap());
        test.args(["--exact", "proxy::no_proxy_of_the_environment_is_followed"]).env(AGAIN, "1");
        for name in ["http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"] {
            test.env(name, &url);
        }
        let output = test.env_remove("NO_PROXY").env_remove("no_proxy").output().await.unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && told.contains("1 passed"), "{told}");
        assert_eq!(proxy.heard(), Vec::<String>::new());
        return;
    }
    let (tls, authority) = issued(&["localhost"]);
    let mut server = Server::with("200 OK", "", "{}");
    server.tls = Some(tls);
    let url = format!("https://localhost:{}/send", server.start().await);
    by(&url, &format!("ca_file = {authority:?}")).deliver(&text("x")).await.unwrap();
}

#[test]
fn a_file_without_authorities_is_refused_by_name() {
    let settings = |file: &PathBuf| {
        let text = webhook("https://sms.example.org/", BODY).replacen(
            "[phone]\n",
            &format!("[phone]\nca_file = {file:?}\n"),
            1,
        );
        sspr_config::settings::parse(&text, "sspr.toml".as_ref()).unwrap()
    };
    for (content, part) in [("", "no file of certificates"), ("s3cret", "no file of certificates")] {
        let file = secret(content);
        let around = sspr_delivery::Surroundings::of_this_machine("host");
        let error = Deliveries::check(&settings(&file), &around).unwrap_err().to_string();
        assert!(error.contains(part) && error.contains(file.to_str().unwrap()) && !error.contains("s3cret"), "{error}");
    }
    let absent = PathBuf::from("/nonexistent/ca.pem");
    let error =
        Deliveries::check(&settings(&absent), &sspr_delivery::Surroundings::of_this_machine("host")).unwrap_err();
    assert!(error.to_string().contains("/nonexistent/ca.pem: can't be read"), "{error}");
}
