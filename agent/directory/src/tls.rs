//! The trusted certificates. TLS 1.2 and 1.3 by rustls with ring.

use std::{path::Path, sync::Arc};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::CryptoProvider,
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _},
    server::ParsedCertificate,
};
use rustls_platform_verifier::Verifier;

/// The configuration for connections to servers whose certificate comes from an authority in `ca_file`, or, without a
/// file, from one that this machine trusts. The error is a sentence with the fault.
pub fn client(ca_file: Option<&Path>) -> Result<Arc<ClientConfig>, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = match ca_file {
        None => {
            Arc::new(Verifier::new(Arc::clone(&provider)).map_err(|why| format!("the trusted authorities: {why}"))?)
        }
        Some(path) => Arc::new(Named::read(path, &provider)?),
    };
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|why| why.to_string())?;
    Ok(Arc::new(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth()))
}

/// The authorities in a file. A small site's server often has a self-signed certificate that is its own authority
/// (`openssl req -x509`), and the file contains that certificate. Hosts accept it then, but rustls by itself does not.
#[derive(Debug)]
struct Named {
    authorities: Vec<CertificateDer<'static>>,
    by_the_book: Arc<WebPkiServerVerifier>,
}

impl Named {
    fn read(path: &Path, provider: &Arc<CryptoProvider>) -> Result<Self, String> {
        let bad = |why: String| format!("[directory] ca_file: {}: {why}", path.display());
        let authorities: Vec<_> = CertificateDer::pem_file_iter(path)
            .and_then(Iterator::collect)
            .map_err(|why| bad(format!("can't be read as certificates in PEM: {why}")))?;
        let mut roots = RootCertStore::empty();
        for authority in &authorities {
            roots.add(authority.clone()).map_err(|why| bad(why.to_string()))?;
        }
        let by_the_book = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build();
        let by_the_book = by_the_book.map_err(|_| bad("has no certificate".to_owned()))?;
        Ok(Self { authorities, by_the_book })
    }
}

impl ServerCertVerifier for Named {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self.by_the_book.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            // rustls reports this only after it has checked the dates.
            Err(Error::InvalidCertificate(CertificateError::Other(why)))
                if format!("{why:?}").contains("CaUsedAsEndEntity") && self.authorities.contains(end_entity) =>
            {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.by_the_book.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.by_the_book.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.by_the_book.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
    use rustls::pki_types::UnixTime;

    use super::*;

    /// A self-signed authority for a server, as `openssl req -x509` makes it.
    fn own(names: &[&str], days: i64) -> (String, CertificateDer<'static>) {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = if days > 0 { rcgen::date_time_ymd(2090, 1, 1) } else { rcgen::date_time_ymd(2021, 1, 1) };
        let made = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        {
            use base64::Engine as _;
            let text = base64::engine::general_purpose::STANDARD.encode(made.der());
            (format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n"), made.der().clone())
        }
    }

    fn takes(file: &str, shown: &CertificateDer<'_>, name: &str) -> Result<(), String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ca.pem");
        std::fs::write(&path, file).unwrap();
        let named = Named::read(&path, &Arc::new(rustls::crypto::ring::default_provider()))?;
        let name = ServerName::try_from(name.to_owned()).unwrap();
        named.verify_server_cert(shown, &[], &name, &[], UnixTime::now()).map(|_| ()).map_err(|why| why.to_string())
    }

    #[test]
    fn a_certificate_that_vouches_for_itself_is_good_where_it_is_in_the_file_and_for_its_names_and_days_alone() {
        let (pem, der) = own(&["ldap.example.org"], 1);
        let (other_pem, other) = own(&["ldap.example.org"], 1);
        assert_eq!(takes(&pem, &der, "ldap.example.org"), Ok(()));
        assert_eq!(takes(&format!("{other_pem}{pem}"), &der, "ldap.example.org"), Ok(()));
        assert!(takes(&pem, &der, "evil.example.org").is_err());
        assert!(takes(&pem, &other, "ldap.example.org").is_err());
        let (old_pem, old) = own(&["ldap.example.org"], 0);
        assert!(takes(&old_pem, &old, "ldap.example.org").unwrap_err().contains("xpired"));
    }

    #[test]
    fn a_file_without_a_certificate_is_said_with_its_name() {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in [("absent", None), ("empty", Some("")), ("junk", Some("-----BEGIN CERTIFICATE-----\n!"))] {
            let path = dir.path().join(name);
            if let Some(text) = text {
                std::fs::write(&path, text).unwrap();
            }
            let why = client(Some(&path)).unwrap_err();
            assert!(why.contains(name) && why.starts_with("[directory] ca_file"), "{why}");
        }
    }
}
