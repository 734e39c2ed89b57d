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

use crate::contact::EmailAddress;

use super::{
    Content, DeliveryError, DeliverySetupError, Message, Secret, Surroundings, Trust, greeting::Greeting, reach,
    secret, setting, stream::Bounded, trouble, trouble::SLOW, wrong_kind,
};

/// How long the server may take to say goodbye when it has taken or refused a mail.
const GOODBYE: Duration = Duration::from_secs(1);

/// What a server refuses with a permanent answer, somebody has to mend: it is not asked again and again.
const MENDED_AFTER: Duration = Duration::from_mins(10);

#[derive(Debug)]
pub(super) struct Smtp {
    security: Security,
    host: String,
    port: u16,
    from: Mailbox,
    greeting: Greeting,
    login: Option<(String, Secret)>,
    trust: Trust,
    /// Until the server is ready for the mail.
    deadline: Duration,
    /// For its verdict on it.
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
            greeting: Greeting::new(email.host_name.as_deref().unwrap_or(&around.host_name)),
            login,
            trust: around.trust.clone(),
            deadline: around.mail_deadline.unwrap_or(Duration::from_secs(email.timeout.as_secs().cast_unsigned())),
            verdict: around.verdict_deadline,
        })
    }

    pub(super) async fn deliver(&self, message: &Message) -> Result<Option<String>, DeliveryError> {
        let mail = compose(&self.from, message, &nonce()?)?;
        let bytes = zeroize::Zeroizing::new(mail.formatted());
        let (mut connection, ready) = self
            .in_time(async {
                let mut connected = self.connect().await?;
                let ready = self.announce(&mut connected, mail.envelope(), message.known.as_ref()).await;
                Ok((connected.connection, ready))
            })
            .await?;
        let outcome = match ready {
            Ok(()) => match timeout(self.verdict, connection.message(&bytes)).await {
                Ok(Ok(_)) => Ok(None),
                Ok(Err(error)) if error.status().is_some() => Err(self.refusal_of_mail(&error)),
                // It may have the whole mail, and deliver it yet. Sent again, it would come twice, or once for each try.
                Ok(Err(_)) | Err(_) => {
                    let why = "it has the mail and did not say what becomes of it: it may have gone";
                    return Err(DeliveryError::Unsure { why: format!("{}:{}: {why}", self.host, self.port) });
                }
            },
            Err(refused) => Err(refused),
        };
        // The mail is taken or refused, whatever comes of the goodbye.
        let _ = timeout(GOODBYE, connection.quit()).await;
        outcome
    }

    /// Connects, encrypts and signs in, and says goodbye. How the server was greeted.
    pub(super) async fn probe(&self) -> Result<ClientId, DeliveryError> {
        let Connected { mut connection, hello } = self.in_time(self.connect()).await?;
        let _ = timeout(GOODBYE, connection.quit()).await;
        Ok(hello)
    }

    async fn in_time<T>(&self, work: impl Future<Output = Result<T, DeliveryError>>) -> Result<T, DeliveryError> {
        timeout(self.deadline, work).await.unwrap_or_else(|_| {
            let seconds = self.deadline.as_secs();
            Err(self.trouble(&format!("{SLOW} ({seconds}s)")))
        })
    }

    /// Step by step, where lettre's `send` doesn't tell which one was refused. Addresses and mail are ASCII, as the tests
    /// have it, so no extension is asked for.
    async fn announce(
        &self,
        connected: &mut Connected,
        envelope: &Envelope,
        known: Option<&EmailAddress>,
    ) -> Result<(), DeliveryError> {
        let Connected { connection, hello } = connected;
        let sender = MailFrom::new(envelope.from().cloned(), Vec::new());
        connection.command(sender).await.map_err(|e| self.refusal_by_words("the sender", &e, hello))?;
        for to in envelope.to() {
            let recipient = Rcpt::new(to.clone(), Vec::new());
            if let Err(error) = connection.command(recipient).await {
                let refusal = self.refusal_of_recipient(&error, hello);
                let open = matches!(refusal, DeliveryError::Later { .. });
                let alone = open && takes_another(connection, &error, known).await;
                return Err(if alone { of_this_one(refusal) } else { refusal });
            }
        }
        connection.command(Data).await.map_err(|e| self.refusal_by_words("to begin with the mail", &e, hello))?;
        Ok(())
    }

    async fn connect(&self) -> Result<Connected, DeliveryError> {
        let tcp = reach::connect(&self.host, self.port).await.map_err(|words| self.trouble(&words))?;
        // The mail and the dot that ends it are two writes; Nagle's algorithm would hold the dot back for 40 ms.
        tcp.set_nodelay(true).map_err(|e| self.trouble(&trouble::plain(&e)))?;
        let own = tcp.local_addr().map_err(|e| self.trouble(&trouble::plain(&e)))?;
        let hello = self.greeting.from(own).await;
        let greet = |e: SmtpError| self.refusal_by_words("the connection", &e, &hello);
        let mut connection = match self.security {
            Security::Plain => {
                AsyncSmtpConnection::connect_with_transport(Box::new(Bounded::new(tcp)), &hello).await.map_err(greet)?
            }
            Security::Tls => {
                let stream = self.encrypt(tcp).await?;
                AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello).await.map_err(greet)?
            }
            Security::StartTls => {
                let mut connection = AsyncSmtpConnection::connect_with_transport(Box::new(Bounded::new(tcp)), &hello)
                    .await
                    .map_err(greet)?;
                if !connection.can_starttls() {
                    return Err(self.trouble("it doesn't offer STARTTLS, so nothing was sent"));
                }
                let tls = self.trust.starttls(&self.host).await.map_err(|words| self.trouble(&words))?;
                connection.starttls(tls, &hello).await.map_err(|e| self.refusal("STARTTLS", &e))?;
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
        Ok(Connected { connection, hello })
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
            Some(code) => {
                let why = format!("{}:{} refused {what} ({code})", self.host, self.port);
                DeliveryError::Later { why, after: error.is_permanent().then_some(MENDED_AFTER) }
            }
            None if error.is_response() => self.trouble("it doesn't speak SMTP as it should, or broke off"),
            None if error.is_client() => self.trouble("it lacks an extension that is needed, such as AUTH"),
            None => self.trouble(&trouble::plain(error)),
        }
    }

    /// The same for what came as an answer to `what` and may be about something that was said before: many servers put off
    /// their verdict on greeting and sender until they know the recipient.
    fn refusal_by_words(&self, what: &str, error: &SmtpError, hello: &ClientId) -> DeliveryError {
        let said = said(error);
        let number = error.status().map(u16::from);
        if number == Some(504) || said.starts_with("5.5.2") || said.contains("helo ") || said.contains("ehlo ") {
            let name = format!(
                "the name {hello}, with which it is greeted; set [email] host_name to this machine's full name"
            );
            return self.refusal(&name, error);
        }
        if ["5.1.0", "5.1.7", "5.1.8", "4.1.8"].iter().any(|code| said.starts_with(code)) || said.contains("sender") {
            return self.refusal("the sender; does it take mail from the address in [email] from?", error);
        }
        self.refusal(what, error)
    }

    /// For good is only what is plainly about the mailbox; a bare refusal may be about this machine.
    fn refusal_of_recipient(&self, error: &SmtpError, hello: &ClientId) -> DeliveryError {
        if is_about_the_mailbox(error) {
            return self.for_good("the recipient", error);
        }
        // RFC 4954, 6, and RFC 3463, 3.8 (security or policy): it is this machine that may not send there.
        let number = error.status().map(u16::from);
        let said = said(error);
        let words =
            if matches!(number, Some(530 | 534 | 535 | 538)) || said.starts_with("5.7.") || said.contains("relay") {
                "to send for this machine; does it let it relay, or need username?"
            } else if error.is_permanent() {
                "the recipient, or to send for this machine; does it let it relay, or need username?"
            } else {
                "the recipient"
            };
        self.refusal_by_words(words, error, hello)
    }

    fn refusal_of_mail(&self, error: &SmtpError) -> DeliveryError {
        if is_about_the_mailbox(error) { self.for_good("the mail", error) } else { self.refusal("the mail", error) }
    }

    fn for_good(&self, what: &str, error: &SmtpError) -> DeliveryError {
        match self.refusal(what, error) {
            DeliveryError::Later { why, .. } => DeliveryError::Never { why },
            refusal => refusal,
        }
    }

    fn trouble(&self, what: &str) -> DeliveryError {
        DeliveryError::later(format!("{}:{}: {what}", self.host, self.port))
    }
}

/// Whether the server, which has just refused a recipient, would take a mail for the mailbox that is `known` to exist. Few say in a
/// way that all understand whether it is the mailbox that they refuse or this machine; this tells. The mail is given up then.
async fn takes_another(
    connection: &mut AsyncSmtpConnection,
    refused: &SmtpError,
    known: Option<&EmailAddress>,
) -> bool {
    let Some(known) = known.filter(|_| refused.status().is_some()) else { return false };
    let Ok(known) = Address::new(known.local(), known.domain()) else { return false };
    connection.command(Rcpt::new(known, Vec::new())).await.is_ok()
}

/// The same refusal, known to be about its recipient alone.
fn of_this_one(refusal: DeliveryError) -> DeliveryError {
    match refusal {
        DeliveryError::Later { why, after } => {
            DeliveryError::Recipient { why: format!("{why}; it takes mail for others"), after }
        }
        refusal => refusal,
    }
}

/// What the server said after its number, in small letters. To be compared with, and never repeated.
fn said(error: &SmtpError) -> String {
    if error.status().is_none() {
        return String::new();
    }
    error.source().map(|said| said.to_string().to_lowercase()).unwrap_or_default()
}

/// RFC 3463, 3.2 and 3.3: an address that there is not, or a mailbox that takes nothing.
fn is_about_the_mailbox(error: &SmtpError) -> bool {
    let said = said(error);
    let code = said.split([' ', '-', '\n']).next().unwrap_or_default();
    let about = matches!(code, "5.1.1" | "5.1.2" | "5.1.3" | "5.1.6" | "5.1.10") || code.starts_with("5.2.");
    error.is_permanent() && about
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
