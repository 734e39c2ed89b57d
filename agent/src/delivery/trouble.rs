//! What went wrong on the way, in plain words. An error's own text may have a URL or an address in it; only its kind is
//! used.

use std::{error::Error, io};

use rustls::{AlertDescription, CertificateError};

/// No address belongs to the name.
const UNRESOLVED: &str = "the name can't be resolved";
/// Nobody answers there.
pub(super) const SILENT: &str = "no answer in time";

/// It was reached, and takes longer than the settings allow.
pub(super) const SLOW: &str = "it was not done within [email] timeout";

/// What to look at where `why`, the text of a [`super::DeliveryError`], tells that the other side was not reached at all.
pub fn network_fix(why: &str) -> Option<&'static str> {
    if why.ends_with(UNRESOLVED) {
        return Some("is the name right, and does this machine find it? try: getent hosts NAME");
    }
    if why.contains(SLOW) {
        return Some("is the port one for smtps:// (465), or is the server that slow? then raise [email] timeout");
    }
    (why.ends_with(SILENT) || why.contains("(os error "))
        .then_some("are name and port right, and does a firewall let this machine out?")
}

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
        return Some(UNRESOLVED.into());
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
        E::InvalidCertificate(fault) => format!("its certificate is not accepted: {}", of_certificate(fault)),
        E::AlertReceived(AlertDescription::ProtocolVersion) | E::PeerIncompatible(_) => {
            "no common version of TLS (1.2 or later is needed)".into()
        }
        E::AlertReceived(_) => "it broke off the TLS handshake".into(),
        E::InvalidMessage(_) => "it doesn't speak TLS here; is the port right?".into(),
        E::General(_) => "this machine trusts no certificates; install the package ca-certificates".into(),
        _ => "the TLS handshake failed".into(),
    }
}

fn of_certificate(fault: &CertificateError) -> &'static str {
    match fault {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "it has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "it is not valid yet",
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it belongs to another name"
        }
        CertificateError::UnknownIssuer | CertificateError::BadSignature => "this machine doesn't trust who issued it",
        CertificateError::Revoked => "it was revoked",
        // Such as the certificate of an authority itself, which openssl makes unless told otherwise.
        CertificateError::Other(_)
        | CertificateError::InvalidPurpose
        | CertificateError::InvalidPurposeContext { .. } => "it is not one for a server (CA:FALSE, serverAuth)",
        _ => "it is faulty",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_not_reached_is_told_from_who_refuses() {
        let unknown = plain(&io::Error::other("failed to lookup address information: Name or service not known"));
        assert_eq!(unknown, UNRESOLVED);
        assert!(network_fix(&format!("twilio: {unknown}")).unwrap().contains("getent"));
        let refused = plain(&io::Error::from_raw_os_error(111));
        assert!(network_fix(&format!("mail.example.org:587: {refused}")).unwrap().contains("firewall"));
        assert!(network_fix(&format!("twilio: {SILENT}")).is_some());
        assert!(network_fix(&format!("mail.example.org:465: {SLOW} (300s)")).unwrap().contains("smtps://"));
        assert_eq!(network_fix("twilio answered 401: is the account or the token right, and not locked?"), None);
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
