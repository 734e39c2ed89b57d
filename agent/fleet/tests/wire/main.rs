//! A listener and its hosts over real TLS on this machine.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(missing_docs, reason = "test names are sentences")]

mod proxied;
mod proxy;
mod served;
mod servers;

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use rustls::{
    ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use served::{SOON, Served, begin, served, way};
use sspr_fleet::{
    Key,
    client::{Link, Trouble, Way},
    server::Bounds,
    wire::{Answer, Begin, Refusal, Typed, VERSION},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

fn kind(trouble: &Trouble) -> Option<Refusal> {
    match trouble {
        Trouble::Refused(refused) => Some(refused.refused),
        Trouble::Unreachable(_) | Trouble::Strange(_) => None,
    }
}

#[tokio::test]
async fn a_host_begins_and_answers_and_a_stranger_hears_that_it_is_one() {
    let served = served(Bounds::default()).await;
    let link = served.link();
    let begun = link.begin(&begin("zoe"), SOON).await.unwrap();
    assert_eq!((begun.handle.as_str(), begun.step.turn), ("zoe", 1));
    let answer = Answer { v: VERSION, handle: begun.handle.clone(), turn: 1, answer: Typed(b"secret".to_vec().into()) };
    assert_eq!(link.answer(&begun.at, &answer, true, SOON).await.unwrap().text, "6 true");
    assert_eq!(link.answer(&begun.at, &answer, false, SOON).await.unwrap().text, "6 false");
    let stranger = served.link_of(&Key::generate().unwrap());
    let refused = stranger.begin(&begin("zoe"), SOON).await.unwrap_err();
    assert_eq!(kind(&refused), Some(Refusal::NotJoined));
    assert!(stranger.down().is_none(), "the server is there");
}

#[tokio::test]
async fn another_version_of_the_messages_is_refused_and_said_so() {
    let served = served(Bounds::default()).await;
    let later = Begin { v: VERSION + 1, ..begin("zoe") };
    let refused = served.link().begin(&later, SOON).await.unwrap_err();
    assert_eq!(kind(&refused), Some(Refusal::Version));
    assert!(refused.to_string().contains("version 2"), "{refused}");
}

#[tokio::test]
async fn a_server_with_another_key_is_told_nothing() {
    let served = served(Bounds::default()).await;
    let link = way(&[served.address], Key::generate().unwrap().pin(), &served.host);
    let trouble = link.begin(&begin("zoe"), SOON).await.unwrap_err();
    assert!(matches!(&trouble, Trouble::Unreachable(why) if why.contains("another key")), "{trouble}");
    assert_eq!(served.echo.calls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_server_that_replaces_its_key_keeps_its_connections_and_takes_hosts_that_know_the_new_one() {
    let served = served(Bounds::default()).await;
    let (next, open) = (Key::generate().unwrap(), served.link());
    open.begin(&begin("zoe"), SOON).await.unwrap();
    let both = |pins| {
        let servers = vec![served.address.to_string()];
        Link::new(&Way { servers, pins, key: served.host.clone(), proxy: None }).unwrap()
    };
    let knows = both(vec![served.key.pin(), next.pin()]);
    knows.begin(&begin("zoe"), SOON).await.unwrap();
    served.replaces.replace(&next).unwrap();
    open.begin(&begin("zoe"), SOON).await.unwrap();
    assert!(both(vec![served.key.pin(), next.pin()]).begin(&begin("zoe"), SOON).await.is_ok());
    assert!(both(vec![next.pin()]).begin(&begin("zoe"), SOON).await.is_ok());
    let trouble = both(vec![served.key.pin()]).begin(&begin("zoe"), SOON).await.unwrap_err();
    assert!(matches!(&trouble, Trouble::Unreachable(why) if why.contains("another key")), "{trouble}");
}

/// Accepts every server.
#[derive(Debug)]
struct Anybody;

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ECDSA_NISTP256_SHA256]
    }
}

/// The response to `request` over these versions of TLS, with or without a key; `None` if there is no connection.
async fn raw(
    served: &Served,
    versions: &[&'static rustls::SupportedProtocolVersion],
    key: Option<&Key>,
    request: &[u8],
) -> Option<String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody));
    let config = match key {
        Some(key) => {
            let pair = rcgen::KeyPair::try_from(key.private()).unwrap();
            let own = rcgen::CertificateParams::default().self_signed(&pair).unwrap();
            let private = rustls::pki_types::PrivatePkcs8KeyDer::from(key.private().to_vec());
            config.with_client_auth_cert(vec![own.der().clone()], private.into()).unwrap()
        }
        None => config.with_no_client_auth(),
    };
    let stream = TcpStream::connect(served.address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, stream).await.ok()?;
    stream.write_all(request).await.ok()?;
    let mut said = Vec::new();
    // It does not matter how the other end closes the connection.
    let _ = tokio::time::timeout(SOON, stream.read_to_end(&mut said)).await.unwrap();
    (!said.is_empty()).then(|| String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test]
async fn tls_1_2_and_a_caller_without_a_key_get_no_connection() {
    let served = served(Bounds::default()).await;
    let request = b"POST /v1/nonsense HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let (new, old) = (&rustls::version::TLS13, &rustls::version::TLS12);
    let key = Some(&served.host);
    assert!(raw(&served, &[new], key, request).await.unwrap().starts_with("HTTP/1.1 404"));
    assert_eq!(raw(&served, &[old], key, request).await, None);
    assert_eq!(raw(&served, &[new], None, request).await, None);
}

#[tokio::test]
async fn a_body_that_is_too_large_and_anything_but_a_post_are_refused() {
    let served = served(Bounds::default()).await;
    let (new, key) = (&[&rustls::version::TLS13], Some(&served.host));
    let large = format!("POST /v1/begin HTTP/1.1\r\nhost: x\r\ncontent-length: 9000\r\n\r\n{}", " ".repeat(9000));
    assert!(raw(&served, new, key, large.as_bytes()).await.unwrap().starts_with("HTTP/1.1 413"));
    let get = b"GET /v1/begin HTTP/1.1\r\nhost: x\r\n\r\n";
    assert!(raw(&served, new, key, get).await.unwrap().starts_with("HTTP/1.1 405"));
    let junk = b"POST /v1/begin HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";
    let said = raw(&served, new, key, junk).await.unwrap();
    assert!(said.starts_with("HTTP/1.1 400") && said.contains("malformed"), "{said}");
    assert_eq!(served.echo.calls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn who_connects_and_says_nothing_holds_a_place_for_a_moment_and_no_more_places_than_one_address_may() {
    let bounds = Bounds { per_address: 3, first_request: Duration::from_millis(300), ..Bounds::default() };
    let served = served(bounds).await;
    let mut silent = Vec::new();
    for _ in 0..3 {
        silent.push(TcpStream::connect(served.address).await.unwrap());
    }
    // There is no room for a fourth connection: it is closed at once.
    let mut fourth = TcpStream::connect(served.address).await.unwrap();
    let mut nothing = [0; 1];
    assert!(!matches!(tokio::time::timeout(SOON, fourth.read(&mut nothing)).await.unwrap(), Ok(1)));
    // The silent connections are closed, and a host is served.
    for stream in &mut silent {
        assert!(!matches!(tokio::time::timeout(SOON, stream.read(&mut nothing)).await.unwrap(), Ok(1)));
    }
    assert!(served.link().begin(&begin("zoe"), SOON).await.is_ok());
}

#[tokio::test]
async fn beyond_what_may_be_at_work_a_host_hears_at_once_that_it_is_to_come_back() {
    let served = served(Bounds { at_work: 1, ..Bounds::default() }).await;
    let (one, other) = (served.link(), served.link());
    let slow = tokio::spawn(async move { one.begin(&begin("slow"), SOON).await });
    while served.echo.calls.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    let refused = other.begin(&begin("zoe"), SOON).await.unwrap_err();
    assert_eq!(kind(&refused), Some(Refusal::Unavailable));
    assert_eq!(served.echo.calls.load(Ordering::SeqCst), 1);
    served.echo.slow.add_permits(1);
    assert!(slow.await.unwrap().is_ok());
    assert!(other.begin(&begin("zoe"), SOON).await.is_ok());
}

#[tokio::test]
async fn a_server_that_stops_answers_what_is_at_work_and_takes_nothing_more() {
    let served = served(Bounds::default()).await;
    let (link, other) = (served.link(), served.link());
    let slow = tokio::spawn(async move { link.begin(&begin("slow"), SOON).await });
    while served.echo.calls.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    served.stop.send_replace(true);
    while TcpStream::connect(served.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(other.begin(&begin("zoe"), SOON).await.is_err());
    served.echo.slow.add_permits(1);
    assert_eq!(slow.await.unwrap().unwrap().handle, "slow");
    served.task.await.unwrap();
}

#[tokio::test]
async fn bodies_that_strangers_send_slowly_keep_no_host_from_work() {
    let served = served(Bounds { at_work: 1, of_strangers: 1, ..Bounds::default() }).await;
    let (new, key) = (&[&rustls::version::TLS13], &Key::generate().unwrap());
    let head = b"POST /v1/begin HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n";
    let late = raw(&served, new, Some(key), head);
    let served_meanwhile = async {
        let link = served.link();
        link.begin(&begin("zoe"), SOON).await.unwrap();
        link.begin(&begin("zoe"), SOON).await.unwrap();
    };
    let (said, ()) = tokio::join!(late, served_meanwhile);
    assert!(said.unwrap().starts_with("HTTP/1.1 413"));
}

#[tokio::test]
async fn a_connection_is_closed_after_any_refusal_but_that_a_dialogue_is_over() {
    let served = served(Bounds::default()).await;
    let (new, key) = (&[&rustls::version::TLS13], Some(&served.host));
    for (path, body) in [("/v1/nonsense", "{}"), ("/v1/begin", "{}")] {
        let request =
            format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}", body.len()).repeat(2);
        let said = raw(&served, new, key, request.as_bytes()).await.unwrap();
        assert_eq!(said.matches("HTTP/1.1 4").count(), 1, "{said}");
    }
}

#[tokio::test]
async fn a_host_that_has_nothing_more_to_ask_holds_no_place() {
    let served = served(Bounds { idle: Duration::from_millis(500), ..Bounds::default() }).await;
    let (new, key) = (&[&rustls::version::TLS13], Some(&served.host));
    for (path, body, answers) in [
        ("/v1/begin", r#"{"v":1,"purpose":"recover","user":"zoe"}"#, 2),
        ("/v1/answer", r#"{"v":1,"handle":"zoe","turn":1,"answer":""}"#, 2),
        ("/v1/begin", r#"{"v":1,"purpose":"register","user":"done"}"#, 1),
        ("/v1/leave", r#"{"v":1,"handle":"zoe"}"#, 1),
        ("/v1/join", r#"{"v":1,"secret":"","name":"web1"}"#, 1),
        ("/v1/hello", r#"{"v":1,"name":"web1"}"#, 1),
    ] {
        let request =
            format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}", body.len()).repeat(2);
        let said = raw(&served, new, key, request.as_bytes()).await.unwrap();
        assert_eq!(said.matches("HTTP/1.1 200").count(), answers, "{path}: {said}");
    }
}
