//! Mail by SMTP: over TLS, or on this machine.

use std::{error::Error as _, net::SocketAddr, sync::Arc, time::Duration};

use lettre::{
    address::Envelope,
    message::Mailbox,
    transport::smtp::{
        Error as SmtpError,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, AsyncTokioStream},
        commands::{Data, Ehlo, Mail as MailFrom, Rcpt},
        extension::ClientId,
    },
};
use sspr_config::settings::{Email, is_loopback};
use sspr_core::{cause, contact::EmailAddress};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{
    DeliveryError, DeliverySetupError, Message, Probed, Secret, Surroundings, Trust,
    gateway::{Gateway, Setup, Work},
    greeting::Greeting,
    reach,
    refusal::{Reply, Stage},
    secret, setting,
    stream::Bounded,
    tls, trouble,
};

mod compose;

use compose::{compose, mailbox, nonce, sender};

/// How long the server may take to say goodbye after it accepted or refused a mail.
const GOODBYE: Duration = Duration::from_secs(1);

/// A permanent refusal is for an administrator to correct: the server is not asked again immediately.
const MENDED_AFTER: Duration = Duration::from_mins(10);

/// How long a server may keep silent before a test whether it waits for TLS.
const UNASKED_AFTER: Duration = Duration::from_secs(7);

/// Mechanisms that are not supported here and can be named in a message. Others are not named, because a server could
/// send any text in their place.
const OTHER_WAYS: [&str; 10] = [
    "SCRAM-SHA-1",
    "SCRAM-SHA-256",
    "SCRAM-SHA-512",
    "CRAM-MD5",
    "DIGEST-MD5",
    "NTLM",
    "GSSAPI",
    "XOAUTH2",
    "OAUTHBEARER",
    "EXTERNAL",
];

#[derive(Debug)]
struct Smtp {
    security: Security,
    host: String,
    port: u16,
    from: Mailbox,
    greeting: Greeting,
    login: Option<(String, Secret)>,
    trust: Trust,
    /// Until the server is ready for the mail.
    deadline: Duration,
    /// For its verdict on the mail.
    verdict: Duration,
}

/// A connection, and how the server was greeted.
struct Connected {
    connection: AsyncSmtpConnection,
    hello: ClientId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Security {
    /// `smtps://`
    Tls,
    /// `smtp://`: STARTTLS, without which nothing is sent.
    StartTls,
    /// `smtp+plain://`: to this machine only.
    Plain,
}

/// The mail server that `[email]` names.
pub(super) fn gateway(setup: &Setup<'_>) -> Result<Box<dyn Gateway>, DeliverySetupError> {
    Ok(Box::new(Smtp::new(&setup.settings.email, setup.around)?))
}

impl Gateway for Smtp {
    fn name(&self) -> &'static str {
        "smtp"
    }

    fn deliver<'a>(&'a self, message: &'a Message) -> Work<'a, Option<String>> {
        Box::pin(self.send(message))
    }

    fn probe<'a>(&'a self, to: Option<&'a EmailAddress>, within: Duration) -> Work<'a, Probed> {
        Box::pin(self.look(to, within))
    }
}

impl Smtp {
    fn new(email: &Email, around: &Surroundings) -> Result<Self, DeliverySetupError> {
        let url = email.smtp.as_deref().unwrap_or_default();
        let (security, host, port) = server(url).ok_or_else(|| {
            setting("email", "smtp", format!("{url:?} is not such as \"smtp://mail.example.org:587\""))
        })?;
        if security == Security::Plain && !is_loopback(&host) {
            return Err(setting("email", "smtp", "smtp+plain:// is for an address of this machine only; use smtp://"));
        }
        let from = email.from.as_deref().unwrap_or_default();
        let from = sender(from).ok_or_else(|| {
            setting("email", "from", format!("{from:?} is not such as \"Password reset <no-reply@example.org>\""))
        })?;
        let login = match (&email.username, &email.password_file) {
            (Some(name), Some(path)) => Some((name.clone(), secret::read(path, around.credentials.as_deref())?)),
            _ => None,
        };
        Ok(Self {
            security,
            host,
            port,
            from,
            greeting: Greeting::new(email.host_name.as_deref().unwrap_or(&around.host_name)),
            login,
            trust: around.trust.clone(),
            deadline: around.mail_deadline.unwrap_or(Duration::from_secs(email.timeout.as_secs().cast_unsigned())),
            verdict: around.verdict_deadline,
        })
    }

    async fn send(&self, message: &Message) -> Result<Option<String>, DeliveryError> {
        let mail = compose(&self.from, message, &nonce()?)?;
        let bytes = zeroize::Zeroizing::new(mail.formatted());
        let (Connected { mut connection, hello }, ready) = self
            .in_time(async {
                let mut connected = self.connect(reach::WITHIN).await?;
                let ready = self.announce(&mut connected, mail.envelope(), message.known.as_ref()).await;
                Ok((connected, ready))
            })
            .await?;
        let outcome = match ready {
            Ok(()) => match timeout(self.verdict, connection.message(&bytes)).await {
                Ok(Ok(_)) => Ok(None),
                Ok(Err(error)) if error.status().is_some() => Err(self.refusal(Stage::Mail, &error, &hello)),
                // The server may have the whole mail, and still deliver it. Sent again, it would arrive twice, or once
                // for each try.
                Ok(Err(_)) | Err(_) => {
                    let why = format!("it has the mail and did not say what becomes of it: {}", cause::UNSURE.words);
                    return Err(DeliveryError::Unsure { why: format!("{}:{}: {why}", self.host, self.port) });
                }
            },
            Err(refused) => Err(refused),
        };
        // The mail is accepted or refused, whether or not the goodbye succeeds.
        let _ = timeout(GOODBYE, connection.quit()).await;
        outcome
    }

    /// Connects, encrypts, signs in, names the sender and, if given, the recipient `to`, and says goodbye. The result
    /// depends on how the server was greeted.
    async fn look(&self, to: Option<&EmailAddress>, within: Duration) -> Result<Probed, DeliveryError> {
        // A server that is reached within this time but not done is slow.
        let reached = within.mul_f32(0.8);
        let look = self.in_time(async {
            let mut connected = self.connect(reached).await?;
            let taken = match to {
                Some(to) => {
                    let envelope = Envelope::new(Some(self.from.email.clone()), vec![mailbox(to)?]);
                    let envelope = envelope.map_err(|_| DeliveryError::never("the address is not accepted"))?;
                    self.address(&mut connected, &envelope, None).await
                }
                None => Ok(()),
            };
            Ok((connected, taken))
        });
        let Ok(looked) = timeout(within, look).await else { return Ok(Probed::Slow) };
        let (mut connected, taken) = looked?;
        let _ = timeout(GOODBYE, connected.connection.quit()).await;
        taken?;
        Ok(match connected.hello {
            ClientId::Domain(_) => Probed::Accepted,
            address => Probed::Nameless(address.to_string()),
        })
    }

    async fn in_time<T>(&self, work: impl Future<Output = Result<T, DeliveryError>>) -> Result<T, DeliveryError> {
        timeout(self.deadline, work).await.unwrap_or_else(|_| {
            let seconds = self.deadline.as_secs();
            Err(self.trouble(&format!("{} ({seconds}s)", cause::SLOW.words)))
        })
    }

    /// Step by step, because lettre's `send` doesn't tell which step was refused. Addresses and mail are ASCII, which
    /// the tests ensure, so no extension is requested.
    async fn announce(
        &self,
        connected: &mut Connected,
        envelope: &Envelope,
        known: Option<&EmailAddress>,
    ) -> Result<(), DeliveryError> {
        self.address(connected, envelope, known).await?;
        let Connected { connection, hello } = connected;
        connection.command(Data).await.map_err(|e| self.refusal(Stage::Data, &e, hello))?;
        Ok(())
    }

    /// Sender and recipient.
    async fn address(
        &self,
        connected: &mut Connected,
        envelope: &Envelope,
        known: Option<&EmailAddress>,
    ) -> Result<(), DeliveryError> {
        let Connected { connection, hello } = connected;
        let sender = MailFrom::new(envelope.from().cloned(), Vec::new());
        connection.command(sender).await.map_err(|e| self.refusal(Stage::Sender, &e, hello))?;
        for to in envelope.to() {
            let recipient = Rcpt::new(to.clone(), Vec::new());
            if let Err(error) = connection.command(recipient).await {
                let refusal = self.refusal(Stage::Recipient, &error, hello);
                let open = error.status().is_some() && matches!(refusal, DeliveryError::Later { .. });
                let alone = open && takes_another(connection, known).await;
                return Err(if alone { of_this_one(refusal) } else { refusal });
            }
        }
        Ok(())
    }

    async fn connect(&self, reached: Duration) -> Result<Connected, DeliveryError> {
        let tcp = reach::connect(&self.host, self.port, reached).await.map_err(|words| self.trouble(&words))?;
        // The mail and the dot that ends it are two writes; Nagle's algorithm would hold the dot back for 40 ms.
        tcp.set_nodelay(true).map_err(|e| self.trouble(&trouble::plain(&e)))?;
        let own = tcp.local_addr().map_err(|e| self.trouble(&trouble::plain(&e)))?;
        let hello = self.greeting.from(own).await;
        let stream: Box<dyn AsyncTokioStream> = match self.security {
            Security::Plain => Box::new(Bounded::new(tcp)),
            Security::Tls => Box::new(Bounded::new(self.encrypt(tcp).await?)),
            Security::StartTls => {
                let tcp = self.ready_for_tls(tcp, &hello).await?;
                Box::new(Bounded::greeted(self.encrypt(tcp).await?))
            }
        };
        let connection = AsyncSmtpConnection::connect_with_transport(stream, &hello).await;
        let mut connection = connection.map_err(|e| self.refusal(Stage::Connection, &e, &hello))?;
        if let Some((name, password)) = &self.login {
            self.sign_in(&mut connection, &hello, name, password).await?;
        }
        Ok(Connected { connection, hello })
    }

    async fn sign_in(
        &self,
        connection: &mut AsyncSmtpConnection,
        hello: &ClientId,
        name: &str,
        password: &Secret,
    ) -> Result<(), DeliveryError> {
        let ways = [Mechanism::Plain, Mechanism::Login];
        if connection.server_info().get_auth_mechanism(&ways).is_none() {
            return Err(self.without_a_way_to_sign_in(connection, hello).await);
        }
        let credentials = Credentials::new(name.to_owned(), password.0.to_string());
        match connection.auth(&ways, &credentials).await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.refusal(Stage::SignIn, &error, hello)),
        }
    }

    /// lettre drops the mechanisms that it does not support, so the server is asked again for those that it offers.
    async fn without_a_way_to_sign_in(&self, connection: &mut AsyncSmtpConnection, hello: &ClientId) -> DeliveryError {
        let offered: Vec<String> = match connection.command(Ehlo::new(hello.clone())).await {
            Ok(said) => {
                let lines = said.message().map(str::to_ascii_uppercase);
                let auth = lines.filter(|line| line.starts_with("AUTH ") || line.starts_with("AUTH="));
                auth.flat_map(|line| line.split([' ', '=']).skip(1).map(str::to_owned).collect::<Vec<_>>()).collect()
            }
            Err(_) => Vec::new(),
        };
        let _ = timeout(GOODBYE, connection.quit()).await;
        if offered.is_empty() {
            return self.mended(cause::NO_SIGN_IN.words);
        }
        let known: Vec<&str> = OTHER_WAYS.into_iter().filter(|way| offered.iter().any(|name| name == way)).collect();
        let named = if known.is_empty() { String::new() } else { format!(": {}", known.join(", ")) };
        self.mended(&format!("{}{named}", cause::OTHER_SIGN_IN.words))
    }

    /// Asks for TLS, and returns the connection when the server waits for it to begin.
    async fn ready_for_tls(&self, tcp: TcpStream, hello: &ClientId) -> Result<TcpStream, DeliveryError> {
        let peer = tcp.peer_addr().map_err(|e| self.trouble(&trouble::plain(&e)))?;
        let mut stream = Bounded::new(tcp);
        let greeted = tokio::select! {
            biased;
            greeted = stream.ask("") => greeted,
            () = self.speaks_tls_unasked(peer) => return Err(self.trouble(cause::FROM_THE_FIRST_BYTE.words)),
        };
        self.good(greeted, Stage::Connection, hello)?;
        let offers = self.good(stream.ask(&format!("EHLO {hello}")).await, Stage::Connection, hello)?;
        if !offers.lines().any(|line| line.trim().eq_ignore_ascii_case("STARTTLS")) {
            return Err(self.trouble(cause::NO_STARTTLS.words));
        }
        self.good(stream.ask("STARTTLS").await, Stage::StartTls, hello)?;
        stream.into_inner().ok_or_else(|| self.trouble(cause::TALKED_ON.words))
    }

    /// The text of a positive answer.
    fn good(
        &self,
        answer: std::io::Result<(u16, String)>,
        stage: Stage,
        hello: &ClientId,
    ) -> Result<String, DeliveryError> {
        match answer {
            Ok((200..400, text)) => Ok(text),
            Ok((code, text)) => Err(self.said(stage, &Reply::new(code, &text), hello)),
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => Err(self.trouble(cause::NOT_SMTP.words)),
            Err(error) => Err(self.trouble(&trouble::plain(&error))),
        }
    }

    /// Returns if the server keeps silent because it waits for TLS to begin. Otherwise each side would wait for the
    /// other for minutes. Postfix watches for six seconds for clients that don't wait for its greeting, so the test
    /// comes after that.
    async fn speaks_tls_unasked(&self, peer: SocketAddr) {
        tokio::time::sleep(UNASKED_AFTER.min(self.deadline / 4)).await;
        let speaks = async {
            let tcp = TcpStream::connect(peer).await.ok()?;
            let (config, noted) = self.trust.noting_client().await.ok()?;
            let name = rustls::pki_types::ServerName::try_from(self.host.clone()).ok()?;
            let begun = TlsConnector::from(Arc::new(config)).connect(name, tcp).await;
            (begun.is_ok() || noted.found().is_some()).then_some(())
        };
        if speaks.await.is_none() {
            std::future::pending::<()>().await;
        }
    }

    async fn encrypt(&self, tcp: TcpStream) -> Result<TlsStream<TcpStream>, DeliveryError> {
        tls::begin(&self.trust, &self.host, tcp).await.map_err(|words| self.trouble(&words))
    }

    /// The meaning of the server's answer at `stage`, or of another error there.
    fn refusal(&self, stage: Stage, error: &SmtpError, hello: &ClientId) -> DeliveryError {
        match error.status() {
            Some(code) => {
                let text = error.source().map(ToString::to_string).unwrap_or_default();
                self.said(stage, &Reply::new(code.into(), &text), hello)
            }
            None if error.is_response() => self.trouble(cause::NOT_SMTP.words),
            None => self.trouble(&trouble::plain(error)),
        }
    }

    /// By number and cause, because the text often repeats the address.
    fn said(&self, stage: Stage, reply: &Reply, hello: &ClientId) -> DeliveryError {
        let (cause, code) = (reply.cause(stage), reply.code);
        let name = if *cause == cause::GREETING { format!(", {hello}") } else { String::new() };
        let why = format!("{}:{} {}{name} ({code})", self.host, self.port, cause.words);
        if reply.is_for_good(stage) {
            return DeliveryError::Never { why };
        }
        // Another try is useful although the server calls it permanent: an administrator can correct the fault
        // meanwhile.
        DeliveryError::Later { why, after: reply.is_permanent().then_some(MENDED_AFTER) }
    }

    /// For a fault that an administrator has to correct.
    fn mended(&self, what: &str) -> DeliveryError {
        DeliveryError::Later { why: format!("{}:{}: {what}", self.host, self.port), after: Some(MENDED_AFTER) }
    }

    fn trouble(&self, what: &str) -> DeliveryError {
        DeliveryError::later(format!("{}:{}: {what}", self.host, self.port))
    }
}

/// Whether the server, which has just refused a recipient, would accept a mail for the mailbox that is `known` to
/// exist. Few servers say clearly whether they refuse the mailbox or this machine; this shows it. The mail is not sent
/// then.
async fn takes_another(connection: &mut AsyncSmtpConnection, known: Option<&EmailAddress>) -> bool {
    let Some(Ok(known)) = known.map(mailbox) else { return false };
    connection.command(Rcpt::new(known, Vec::new())).await.is_ok()
}

/// The same refusal, now known to concern only its recipient.
fn of_this_one(refusal: DeliveryError) -> DeliveryError {
    match refusal {
        DeliveryError::Later { why, after } => {
            DeliveryError::Recipient { why: format!("{why}; it takes mail for others"), after }
        }
        refusal => refusal,
    }
}

/// Scheme, host and port of `smtp://host:port`.
fn server(url: &str) -> Option<(Security, String, u16)> {
    let (scheme, rest) = url.split_once("://")?;
    let (security, standard) = match scheme {
        "smtps" => (Security::Tls, 465),
        "smtp" => (Security::StartTls, 587),
        "smtp+plain" => (Security::Plain, 25),
        _ => return None,
    };
    let (host, port) = match rest.strip_prefix('[') {
        Some(v6) => v6.split_once(']')?,
        None => rest.split_at(rest.find(':').unwrap_or(rest.len())),
    };
    let port = match port.strip_prefix(':') {
        Some(port) => port.parse().ok().filter(|p| *p != 0)?,
        None if port.is_empty() => standard,
        None => return None,
    };
    // A name in a certificate has no final dot. Control characters must not get into a message about it.
    let host = host.trim_end_matches('.');
    rustls::pki_types::ServerName::try_from(host).ok()?;
    Some((security, host.to_owned(), port))
}

#[cfg(test)]
#[path = "email_tests.rs"]
mod tests;
