//! Mail by SMTP: over TLS, or on this machine.

use std::{error::Error as _, time::Duration};

use lettre::{
    Address, Message as Mail,
    address::Envelope,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{Header, HeaderName, HeaderValue},
    },
    transport::smtp::{
        Error as SmtpError,
        authentication::{Credentials, Mechanism},
        client::AsyncSmtpConnection,
        commands::{Data, Mail as MailFrom, Rcpt},
        extension::ClientId,
    },
};
use sspr_config::settings::{Email, is_loopback};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{
    Content, DeliveryError, DeliverySetupError, Message, Secret, Surroundings, Trust, secret, setting, stream::Bounded,
    trouble, wrong_kind,
};

/// How long the server may take to say goodbye when it has taken or refused a mail.
const GOODBYE: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Smtp {
    security: Security,
    host: String,
    port: u16,
    from: Mailbox,
    hello: ClientId,
    login: Option<(String, Secret)>,
    trust: Trust,
    deadline: Duration,
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

impl Smtp {
    pub(super) fn new(email: &Email, around: &Surroundings) -> Result<Self, DeliverySetupError> {
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
            hello: hello(email.host_name.as_deref().unwrap_or(&around.host_name)),
            login,
            trust: around.trust.clone(),
            deadline: around.mail_deadline,
        })
    }

    pub(super) async fn deliver(&self, message: &Message) -> Result<Option<String>, DeliveryError> {
        let mail = compose(&self.from, message, &nonce()?)?;
        let bytes = zeroize::Zeroizing::new(mail.formatted());
        let (mut connection, outcome) = timeout(self.deadline, async {
            let mut connection = self.connect().await?;
            let outcome = self.hand_over(&mut connection, mail.envelope(), &bytes).await;
            Ok((connection, outcome))
        })
        .await
        .unwrap_or_else(|_| Err(self.trouble(trouble::SILENT)))?;
        // The mail is taken or refused, whatever comes of the goodbye.
        let _ = timeout(GOODBYE, connection.quit()).await;
        outcome.map(|()| None)
    }

    /// Connects, encrypts and signs in, and says goodbye.
    pub(super) async fn probe(&self) -> Result<(), DeliveryError> {
        let connected = timeout(self.deadline, self.connect()).await;
        let mut connection = connected.unwrap_or_else(|_| Err(self.trouble(trouble::SILENT)))?;
        let _ = timeout(GOODBYE, connection.quit()).await;
        Ok(())
    }

    /// Step by step, where lettre's `send` doesn't tell which one was refused. Addresses and mail are ASCII, as the tests
    /// have it, so no extension is asked for.
    async fn hand_over(
        &self,
        connection: &mut AsyncSmtpConnection,
        envelope: &Envelope,
        mail: &[u8],
    ) -> Result<(), DeliveryError> {
        let sender = MailFrom::new(envelope.from().cloned(), Vec::new());
        connection.command(sender).await.map_err(|e| self.refusal("the sender", &e))?;
        for to in envelope.to() {
            let recipient = Rcpt::new(to.clone(), Vec::new());
            connection.command(recipient).await.map_err(|e| self.refusal_of_recipient(&e))?;
        }
        connection.command(Data).await.map_err(|e| self.refusal("to begin with the mail", &e))?;
        connection.message(mail).await.map_err(|e| self.refusal_for_good("the mail", &e))?;
        Ok(())
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, DeliveryError> {
        let tcp =
            TcpStream::connect((self.host.as_str(), self.port)).await.map_err(|e| self.trouble(&trouble::plain(&e)))?;
        // The mail and the dot that ends it are two writes; Nagle's algorithm would hold the dot back for 40 ms.
        tcp.set_nodelay(true).map_err(|e| self.trouble(&trouble::plain(&e)))?;
        let greet = |e: SmtpError| self.refusal("the connection", &e);
        let mut connection = match self.security {
            Security::Plain => AsyncSmtpConnection::connect_with_transport(Box::new(Bounded::new(tcp)), &self.hello)
                .await
                .map_err(greet)?,
            Security::Tls => {
                let stream = self.encrypt(tcp).await?;
                AsyncSmtpConnection::connect_with_transport(Box::new(stream), &self.hello).await.map_err(greet)?
            }
            Security::StartTls => {
                let mut connection =
                    AsyncSmtpConnection::connect_with_transport(Box::new(Bounded::new(tcp)), &self.hello)
                        .await
                        .map_err(greet)?;
                if !connection.can_starttls() {
                    return Err(self.trouble("it doesn't offer STARTTLS, so nothing was sent"));
                }
                let tls = self.trust.starttls(&self.host).await.map_err(|words| self.trouble(&words))?;
                connection.starttls(tls, &self.hello).await.map_err(|e| self.refusal("STARTTLS", &e))?;
                connection
            }
        };
        if let Some((name, password)) = &self.login {
            let credentials = Credentials::new(name.clone(), password.0.to_string());
            connection
                .auth(&[Mechanism::Plain, Mechanism::Login], &credentials)
                .await
                .map_err(|e| self.refusal("the user name or the password", &e))?;
        }
        Ok(connection)
    }

    async fn encrypt(&self, tcp: TcpStream) -> Result<Bounded<TlsStream<TcpStream>>, DeliveryError> {
        let config = self.trust.client().await.map_err(|words| self.trouble(&words))?;
        let name = rustls::pki_types::ServerName::try_from(self.host.clone())
            .map_err(|_| self.trouble("its name can't stand in a certificate"))?;
        let stream = TlsConnector::from(std::sync::Arc::new(config)).connect(name, tcp).await;
        stream.map(Bounded::new).map_err(|e| self.trouble(&trouble::plain(&e)))
    }

    /// What the server said to `what`, by its number alone: the text after it often repeats the address. Worth another
    /// try though the server may call it permanent: an administrator, here or there, can mend it in the meantime.
    fn refusal(&self, what: &str, error: &SmtpError) -> DeliveryError {
        match error.status() {
            Some(code) => DeliveryError::later(format!("{}:{} refused {what} ({code})", self.host, self.port)),
            None if error.is_response() => self.trouble("it doesn't speak SMTP as it should, or broke off"),
            None if error.is_client() => self.trouble("it lacks an extension that is needed, such as AUTH"),
            None => self.trouble(&trouble::plain(error)),
        }
    }

    /// The same for what no administrator can mend: a permanent refusal ends the message.
    fn refusal_for_good(&self, what: &str, error: &SmtpError) -> DeliveryError {
        match self.refusal(what, error) {
            DeliveryError::Later { why, .. } if error.is_permanent() => DeliveryError::Never { why },
            refusal => refusal,
        }
    }

    fn refusal_of_recipient(&self, error: &SmtpError) -> DeliveryError {
        // RFC 4954, 6, and RFC 3463, 3.8 (security or policy): it is this machine that may not send there.
        let number = error.status().map(u16::from);
        let enhanced = error.source().map(ToString::to_string).unwrap_or_default();
        if matches!(number, Some(530 | 534 | 535 | 538)) || enhanced.starts_with("5.7.") {
            return self.refusal("to send for this machine; does it let it relay, or need username?", error);
        }
        self.refusal_for_good("the recipient", error)
    }

    fn trouble(&self, what: &str) -> DeliveryError {
        DeliveryError::later(format!("{}:{}: {what}", self.host, self.port))
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
    // A name in a certificate has no final dot, and no control character gets into a message about it.
    let host = host.trim_end_matches('.');
    rustls::pki_types::ServerName::try_from(host).ok()?;
    Some((security, host.to_owned(), port))
}

fn sender(text: &str) -> Option<Mailbox> {
    let from: Mailbox = text.trim().parse().ok()?;
    // The parser stops at what it can't read; all of it must have been read.
    let complete = text.trim().trim_end_matches('>').ends_with(from.email.as_ref() as &str);
    (complete && (from.email.as_ref() as &str).is_ascii()).then_some(from)
}

fn hello(name: &str) -> ClientId {
    let plausible =
        !name.is_empty() && name.len() <= 253 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b));
    if plausible { ClientId::Domain(name.to_owned()) } else { ClientId::default() }
}

fn nonce() -> Result<String, DeliveryError> {
    let number = getrandom::u64().map_err(|_| DeliveryError::later("the system has no random numbers"))?;
    Ok(format!("{number:016x}"))
}

/// RFC 3834: no machine answers this mail.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// The mail as it goes out. `nonce` makes the Message-ID of each attempt its own: two messages with the same one are
/// shown as one by some mail programs, and the second code would not be seen.
fn compose(from: &Mailbox, message: &Message, nonce: &str) -> Result<Mail, DeliveryError> {
    let Content::Mail { to, subject, text, html } = &message.content else { return Err(wrong_kind()) };
    let unfit = |_| DeliveryError::never("the mail can't be put together");
    let to = Address::new(to.local(), to.domain()).map_err(|_| DeliveryError::never("the address is not accepted"))?;
    let subject: String = subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mail = Mail::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(subject)
        .date(message.at)
        .message_id(Some(format!("<{}.{nonce}@{}>", message.plain_id(), from.email.domain())))
        .header(AutoSubmitted);
    let text = SinglePart::plain(text.to_string());
    match html {
        Some(html) => {
            mail.multipart(MultiPart::alternative().singlepart(text).singlepart(SinglePart::html(html.to_string())))
        }
        None => mail.singlepart(text),
    }
    .map_err(unfit)
}

#[cfg(test)]
#[path = "email_tests.rs"]
mod tests;
