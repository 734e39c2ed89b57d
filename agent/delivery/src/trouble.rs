//! What went wrong on the way, in plain words. An error's own text may have a URL or an address in it; only its kind is
//! used.

use std::{error::Error, io};

use rustls::AlertDescription;

use sspr_core::cause;

use super::certificate;

/// Nobody answers there.
pub(super) const SILENT: &str = cause::SILENT.words;

/// The first cause that can be named, for the end of a sentence such as "mail.example.org:587: ...".
pub(super) fn plain(error: &(dyn Error + 'static)) -> String {
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            if let Some(words) = of_io(io) {
                return words;
            }
            // What an I/O error wraps is not its source; it can be another I/O error.
            if let Some(inner) = io.get_ref() {
                return plain(inner);
            }
        }
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return of_tls(tls);
        }
        next = cause.source();
    }
    "the connection failed".into()
}

/// `None` where another error inside says more.
fn of_io(error: &io::Error) -> Option<String> {
    // The operating system's own words have nothing of ours in them.
    if let Some(number) = error.raw_os_error() {
        return Some(io::Error::from_raw_os_error(number).to_string());
    }
    if error.to_string().starts_with("failed to lookup address") {
        return Some(cause::UNRESOLVED.words.into());
    }
    match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
            Some("the connection was closed".into())
        }
        io::ErrorKind::TimedOut => Some(SILENT.into()),
        io::ErrorKind::FileTooLarge => Some("it talked too much".into()),
        _ => None,
    }
}

fn of_tls(error: &rustls::Error) -> String {
    use rustls::Error as E;
    match error {
        E::InvalidCertificate(fault) => certificate::not_accepted(certificate::plain(fault)),
        E::AlertReceived(AlertDescription::ProtocolVersion | AlertDescription::HandshakeFailure)
        | E::PeerIncompatible(_) => cause::NO_COMMON_TLS.words.into(),
        E::AlertReceived(_) => cause::TLS_BROKEN_OFF.words.into(),
        E::InvalidMessage(_) => format!("{}; is the port right?", cause::NO_TLS.words),
        E::General(_) => cause::NO_AUTHORITIES.words.into(),
        _ => "the TLS handshake failed".into(),
    }
}

#[cfg(test)]
mod tests {
    use rustls::CertificateError;

    use super::{super::fix, *};

    #[test]
    fn who_is_not_reached_is_told_from_who_refuses() {
        let unknown = plain(&io::Error::other("failed to lookup address information: Name or service not known"));
        assert_eq!(unknown, cause::UNRESOLVED.words);
        assert!(fix(&format!("twilio: {unknown}")).unwrap().contains("getent"));
        let refused = plain(&io::Error::from_raw_os_error(111));
        assert!(fix(&format!("mail.example.org:587: {refused}")).unwrap().contains("firewall"));
        assert!(fix(&format!("twilio: {SILENT}")).is_some());
        assert!(fix(&format!("mail.example.org:465: {} (300s)", cause::SLOW.words)).unwrap().contains("smtps://"));
        assert_eq!(fix("twilio answered 401: is the account or the token right, and not locked?"), None);
    }

    #[test]
    fn only_the_kind_of_an_error_is_told() {
        #[derive(Debug, thiserror::Error)]
        #[error("url https://sms.example.org/?code=123456")]
        struct Telling(#[source] io::Error);
        for (inner, words) in [
            (io::Error::from_raw_os_error(111), "Connection refused (os error 111)"),
            (io::Error::new(io::ErrorKind::UnexpectedEof, "123456"), "the connection was closed"),
            (io::Error::other("123456"), "the connection failed"),
            (
                io::Error::other(io::Error::other(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer))),
                "its certificate is not accepted: this machine doesn't trust who issued it",
            ),
        ] {
            assert_eq!(plain(&Telling(inner)), words);
        }
    }
}
