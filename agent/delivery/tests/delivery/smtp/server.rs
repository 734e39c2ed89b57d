//! A mail server for tests, with scripted answers.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use rustls::ServerConfig;
use sspr_delivery::{DeliveryError, Message, Receipt, Trust};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

use crate::support::{deliveries, mail, secret, tells_nothing};

/// A mail server with scripted answers.
#[derive(Clone, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a habit of its own")]
pub(crate) struct Server {
    pub(super) tls: Option<Arc<ServerConfig>>,
    /// TLS from the first byte.
    pub(super) implicit: bool,
    pub(super) offers_starttls: bool,
    pub(super) offers_auth: bool,
    /// Instead of the usual greeting.
    pub(super) greeting: Option<&'static str>,
    /// Instead of the list of extensions, of 250 to MAIL, of 354 to DATA.
    pub(super) to_ehlo: Option<&'static str>,
    pub(super) to_from: Option<&'static str>,
    pub(super) to_data: Option<&'static str>,
    /// Instead of 220 to STARTTLS, in one packet.
    pub(super) to_starttls: Option<&'static str>,
    /// Instead of 250 to RCPT, of 235 to AUTH, of 250 to the mail.
    pub(crate) to_rcpt: Option<&'static str>,
    /// The address for which it still accepts mail.
    pub(super) takes: Option<&'static str>,
    pub(crate) to_auth: Option<&'static str>,
    pub(super) to_mail: Option<&'static str>,
    /// Falls silent after this command.
    pub(crate) hangs_after: Option<&'static str>,
    /// Falls silent once it has the mail.
    pub(super) hangs_with_the_mail: bool,
    /// Sends one byte, and the next one much later.
    pub(super) drips: bool,
    pub(super) heard: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// A server that requires STARTTLS and a password.
    pub(crate) fn with_starttls(tls: Arc<ServerConfig>) -> Self {
        Self { tls: Some(tls), offers_starttls: true, offers_auth: true, ..Self::default() }
    }

    /// Starts the server, and returns the settings to use it at `scheme` with the correct password.
    pub(crate) async fn settings(&self, scheme: &str) -> String {
        let port = self.start().await;
        format!(
            "[email]\ngateway = \"smtp\"\nsmtp = \"{scheme}://127.0.0.1:{port}\"\nfrom = \"a@example.org\"\n{}",
            login()
        )
    }

    /// Starts the server, and returns the settings to use it at `scheme` without a password.
    pub(crate) async fn settings_without_password(&self, scheme: &str) -> String {
        let port = self.start().await;
        format!("[email]\ngateway = \"smtp\"\nsmtp = \"{scheme}://127.0.0.1:{port}\"\nfrom = \"a@example.org\"\n")
    }

    /// Starts the server and returns its port.
    async fn start(&self) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = self.clone();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let server = server.clone();
                tokio::spawn(async move { server.serve(tcp).await });
            }
        });
        port
    }

    async fn serve(&self, tcp: TcpStream) -> Option<()> {
        if self.implicit {
            let tls = TlsAcceptor::from(self.tls.clone()?).accept(tcp).await.ok()?;
            self.speak(tls, true, true).await;
        } else if let Some(tcp) = self.speak(tcp, true, false).await {
            let tls = TlsAcceptor::from(self.tls.clone()?).accept(tcp).await.ok()?;
            self.speak(tls, false, true).await;
        }
        Some(())
    }

    /// Answers until the client has said goodbye, or returns the stream for STARTTLS.
    async fn speak<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: S, greet: bool, encrypted: bool) -> Option<S> {
        let mut stream = BufReader::new(stream);
        if greet {
            stream.write_all(self.greeting.unwrap_or("220 mail.example.org\r\n").as_bytes()).await.ok()?;
        }
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            let command = line.trim_end().to_owned();
            self.heard.lock().unwrap().push(command.clone());
            let verb = command.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            if self.hangs_after == Some(verb.as_str()) {
                std::future::pending::<()>().await;
            }
            let answer = match verb.as_str() {
                "EHLO" if self.to_ehlo.is_some() => self.to_ehlo.unwrap_or_default().into(),
                "MAIL" if self.to_from.is_some() => self.to_from.unwrap_or_default().into(),
                "DATA" if self.to_data.is_some() => self.to_data.unwrap_or_default().into(),
                "EHLO" => {
                    let starttls = if self.offers_starttls && !encrypted { "250-STARTTLS\r\n" } else { "" };
                    let auth = if self.offers_auth { "250-AUTH PLAIN LOGIN\r\n" } else { "" };
                    format!("250-mail.example.org\r\n{starttls}{auth}250 SIZE 1000000\r\n")
                }
                "STARTTLS" => {
                    stream.write_all(self.to_starttls.unwrap_or("220 go on\r\n").as_bytes()).await.ok()?;
                    return Some(stream.into_inner());
                }
                "AUTH" => self.to_auth.unwrap_or("235 welcome\r\n").into(),
                "RCPT" if self.takes.is_some_and(|taken| command.contains(taken)) => "250 ok\r\n".into(),
                "RCPT" => self.to_rcpt.unwrap_or("250 ok\r\n").into(),
                "DATA" => {
                    stream.write_all(b"354 go on\r\n").await.ok()?;
                    let mut mail = String::new();
                    while !mail.ends_with("\r\n.\r\n") {
                        if stream.read_line(&mut mail).await.ok()? == 0 {
                            return None;
                        }
                    }
                    self.heard.lock().unwrap().push(mail);
                    if self.hangs_with_the_mail {
                        std::future::pending::<()>().await;
                    }
                    self.to_mail.unwrap_or("250 queued\r\n").into()
                }
                "QUIT" => "221 bye\r\n".into(),
                _ => "250 ok\r\n".to_owned(),
            };
            for part in answer.as_bytes().chunks(if self.drips { 1 } else { answer.len() }) {
                stream.write_all(part).await.ok()?;
                if self.drips {
                    stream.flush().await.ok()?;
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        }
    }

    /// Everything that clients sent, line by line.
    pub(crate) fn heard(&self) -> String {
        self.heard.lock().unwrap().join("\n")
    }

    /// Sends a mail to this server at `scheme` and returns the outcome.
    pub(super) async fn mail_by(&self, scheme: &str, extra: &str, trust: Trust) -> Result<Receipt, DeliveryError> {
        self.by(scheme, extra, trust, &mail()).await
    }

    /// Sends `mail` to this server at `scheme` and returns the outcome.
    pub(super) async fn by(
        &self,
        scheme: &str,
        extra: &str,
        trust: Trust,
        mail: &Message,
    ) -> Result<Receipt, DeliveryError> {
        let port = self.start().await;
        let settings = format!(
            "[email]\ngateway = \"smtp\"\nsmtp = \"{scheme}://127.0.0.1:{port}\"\n\
             from = \"Password reset <no-reply@example.org>\"\n{extra}"
        );
        let result = deliveries(&settings, trust).deliver(mail).await;
        if let Err(error) = &result {
            tells_nothing(error);
        }
        result
    }
}

/// The settings for the server's user.
pub(super) fn login() -> String {
    format!("username = \"sspr\"\npassword_file = {:?}\n", secret("s3cret\n").to_str().unwrap())
}
