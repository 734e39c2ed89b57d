//! A proxy on the way to the server, and devices that open TLS.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use sspr_fleet::{
    Key,
    client::{Link, Trouble, Way},
    server::Bounds,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

use super::served::{SOON, Served, begin, served};

/// A proxy that answers CONNECT with `answer`, and then passes bytes on to the server that it was asked for.
struct Proxy {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
}

async fn proxy(answer: &'static str) -> Proxy {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (asked, connections) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<AtomicUsize>::default());
    let (noted, counted) = (asked.clone(), connections.clone());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            counted.fetch_add(1, Ordering::SeqCst);
            let noted = noted.clone();
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.unwrap());
                }
                let head = String::from_utf8(head).unwrap();
                noted.lock().unwrap().push(head.clone());
                stream.write_all(answer.as_bytes()).await.unwrap();
                let server = head.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next()).unwrap();
                if let (true, Ok(mut there)) = (answer.contains("200"), TcpStream::connect(server).await) {
                    let _ = copy_bidirectional(&mut stream, &mut there).await;
                }
            });
        }
    });
    Proxy { address, asked, connections }
}

fn through(proxy: SocketAddr, served: &Served) -> Link {
    let (servers, pins) = (vec![served.address.to_string()], vec![served.key.pin()]);
    Link::new(&Way { servers, pins, key: served.host.clone(), proxy: Some(format!("http://{proxy}")) }).unwrap()
}

fn why(trouble: Trouble) -> String {
    match trouble {
        Trouble::Unreachable(why) => why,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_host_reaches_its_server_through_the_proxy_in_its_settings_alone() {
    let served = served(Bounds::default()).await;
    let proxy = proxy("HTTP/1.1 200 Connection established\r\nVia: 1.1 p\r\n\r\n").await;
    let link = through(proxy.address, &served);
    assert_eq!(link.begin(&begin("zoe"), SOON).await.unwrap().handle, "zoe");
    let asked = format!("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n\r\n", served.address);
    assert_eq!(*proxy.asked.lock().unwrap(), [asked]);
    // The server's own key counts behind the proxy, too.
    let other = Served { key: Key::generate().unwrap(), ..served };
    let trouble = why(through(proxy.address, &other).begin(&begin("zoe"), SOON).await.unwrap_err());
    assert!(trouble.contains("another key"), "{trouble}");
}

#[tokio::test]
async fn a_proxy_that_refuses_is_named_with_its_answer_and_the_server_is_not_asked_without_it() {
    let served = served(Bounds::default()).await;
    for (answer, said) in [
        ("HTTP/1.1 403 Forbidden\r\n\r\n", "HTTP/1.1 403 Forbidden"),
        ("HTTP/1.1 407 Proxy Authentication\u{7} Required\r\n\r\n", "407 Proxy Authentication Required"),
        ("SSH-2.0-OpenSSH\r\n\r\n", "SSH-2.0-OpenSSH"),
        ("HTTP/1.1 2000 x\r\n\r\n", "2000"),
    ] {
        let proxy = proxy(answer).await;
        let trouble = why(through(proxy.address, &served).begin(&begin("zoe"), SOON).await.unwrap_err());
        assert!(trouble.contains(&format!("the proxy {}", proxy.address)) && trouble.contains(said), "{trouble}");
        assert!(proxy.connections.load(Ordering::SeqCst) > 0);
    }
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let trouble = why(through(gone, &served).begin(&begin("zoe"), SOON).await.unwrap_err());
    assert!(trouble.contains("can't be reached"), "{trouble}");
    assert_eq!(served.echo.calls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn who_opens_tls_on_the_way_is_named_by_its_certificate_and_told_nothing() {
    let served = served(Bounds::default()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let pair = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, "Example Inspection CA");
    let certificate = params.self_signed(&pair).unwrap().der().clone();
    let private = rustls::pki_types::PrivatePkcs8KeyDer::from(pair.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], private.into())
        .unwrap();
    tokio::spawn(async move {
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            assert!(acceptor.accept(stream).await.is_err());
        }
    });
    let way = Way { servers: vec![address.to_string()], pins: vec![served.key.pin()], key: served.host, proxy: None };
    let trouble = why(Link::new(&way).unwrap().begin(&begin("zoe"), SOON).await.unwrap_err());
    assert!(trouble.contains("another key") && trouble.contains("issued by \"Example Inspection CA\""), "{trouble}");
}
