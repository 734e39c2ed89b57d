//! Settings, messages and certificates for the tests of delivery.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use sspr_config::settings;
use sspr_core::contact::{Contact, EmailAddress, PhoneNumber};
use sspr_delivery::{Content, Deliveries, DeliveryError, Message, Spoken, Surroundings, Trust};
use tokio::io::AsyncWriteExt as _;
use zeroize::Zeroizing;

pub(crate) const CODE: &str = "042042";
pub(crate) const ADDRESS: &str = "jane.doe@example.org";
pub(crate) const NUMBER: &str = "+819012345678";

pub(crate) fn mail() -> Message {
    Message {
        id: "d1".into(),
        at: SystemTime::now(),
        code: Some(Zeroizing::new(CODE.into())),
        content: Content::Mail {
            to: EmailAddress::parse(ADDRESS).unwrap(),
            subject: "Your code".into(),
            text: Zeroizing::new(format!("The code is {CODE}.\n")),
            html: Some(Zeroizing::new(format!("<p>The code is <b>{CODE}</b>.</p>"))),
        },
        known: None,
    }
}

pub(crate) fn text(words: &str) -> Message {
    Message {
        id: "d2".into(),
        at: SystemTime::now(),
        code: Some(Zeroizing::new(CODE.into())),
        content: Content::Text {
            to: Contact::Phone(PhoneNumber::from_e164(NUMBER).unwrap()),
            text: Zeroizing::new(words.into()),
        },
        known: None,
    }
}

pub(crate) fn call() -> Message {
    let spoken = Spoken {
        language: "en-US".into(),
        opening: "Hello & welcome.".into(),
        code: Zeroizing::new(CODE.into()),
        again: "Once more:".into(),
        closing: "Goodbye.".into(),
    };
    Message { content: Content::Call { to: PhoneNumber::from_e164(NUMBER).unwrap(), spoken }, ..text("") }
}

/// The deliveries of the settings `toml`, with deadlines that are short enough for a test.
pub(crate) fn deliveries(toml: &str, trust: Trust) -> Deliveries {
    let spool = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap().keep().join("spool");
    let toml = format!("{toml}\n[spool]\ndirectory = {:?}\n", spool.to_str().unwrap());
    let settings = settings::parse(&toml, Path::new("sspr.toml")).unwrap_or_else(|e| panic!("{e}"));
    let mut around = Surroundings::of_this_machine("shell.example.org");
    around.trust = trust;
    around.mail_deadline = Some(Duration::from_secs(2));
    around.verdict_deadline = Duration::from_secs(2);
    // Longer than the wait for the body of an answer.
    around.gateway_deadline = Duration::from_secs(3);
    Deliveries::in_surroundings(&settings, &around).unwrap_or_else(|e| panic!("{e}"))
}

/// A file with a secret, as an administrator would write it.
pub(crate) fn secret(content: &str) -> PathBuf {
    let path = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap().keep().join("secret");
    fs::write(&path, content).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path
}

/// A server's certificate for `name`, and the trust that a client needs to accept it.
pub(crate) fn certificate(name: &str) -> (Arc<ServerConfig>, Trust) {
    certificate_until(name, 2099)
}

/// An expired one for `name`.
pub(crate) fn expired_certificate(name: &str) -> (Arc<ServerConfig>, Trust) {
    certificate_until(name, 2020)
}

fn certificate_until(name: &str, year: i32) -> (Arc<ServerConfig>, Trust) {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut parameters = rcgen::CertificateParams::new([name.to_owned()]).unwrap();
    parameters.not_after = rcgen::date_time_ymd(year, 1, 1);
    let certificate: CertificateDer<'static> = parameters.self_signed(&key).unwrap().der().clone();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    (Arc::new(config), Trust::Only(vec![certificate]))
}

/// Runs the test `name` again in a process that reads the system's certificates from a slow pipe. That process gets the
/// pipe; this one gets `None` after the other has ended.
pub(crate) async fn certificates_from_a_pipe(name: &str) -> Option<PathBuf> {
    if let Some(pipe) = std::env::var_os("SSPR_TEST_PIPE") {
        return Some(pipe.into());
    }
    let pipe = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap().keep().join("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let test = tokio::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name])
        .env("SSL_CERT_FILE", &pipe)
        .env_remove("SSL_CERT_DIR")
        .env("SSPR_TEST_PIPE", &pipe)
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(Duration::from_secs(20), test).await;
    let output = output.unwrap_or_else(|_| panic!("{name}: the thread waits for the certificates")).unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
    None
}

/// The outcome of `delivery`, while its own thread writes the certificates that it reads. A thread that waits for them
/// never gets that far.
pub(crate) async fn while_they_are_read<T>(pipe: &Path, delivery: impl Future<Output = T>) -> T {
    let write = async {
        // Opening it succeeds once there is a reader.
        let mut pipe = loop {
            match tokio::net::unix::pipe::OpenOptions::new().open_sender(pipe) {
                Ok(pipe) => break pipe,
                Err(_) => tokio::task::yield_now().await,
            }
        };
        pipe.write_all(&fs::read("/etc/ssl/certs/ca-certificates.crt").unwrap()).await.unwrap();
    };
    tokio::join!(delivery, write).0
}

/// `Some(why)` for a message that should be tried again.
pub(crate) fn later(error: &DeliveryError) -> Option<&str> {
    if let DeliveryError::Later { why, .. } = error { Some(why) } else { None }
}

/// `Some(why)` for a message that should not be tried again.
pub(crate) fn never(error: &DeliveryError) -> Option<&str> {
    if let DeliveryError::Never { why } = error { Some(why) } else { None }
}

/// Whether a message may have been sent.
pub(crate) fn unsure(error: &DeliveryError) -> bool {
    matches!(error, DeliveryError::Unsure { .. })
}

/// Fails if an error, as it would appear in the journal, reveals more than it may.
#[track_caller]
pub(crate) fn tells_nothing(error: &DeliveryError) {
    let told = format!("{error} {error:?}");
    for private in [CODE, "jane", "12345678", "s3cret", "leaked"] {
        assert!(!told.contains(private), "{told}");
    }
}
