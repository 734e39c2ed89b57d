//! Whose certificates are good. TLS 1.2 and 1.3 by rustls with ring.

use std::sync::Arc;

use lettre::transport::smtp::client::{Certificate, CertificateStore, TlsParameters};
use rustls::{ClientConfig, RootCertStore, crypto::CryptoProvider, pki_types::CertificateDer};
use rustls_platform_verifier::Verifier;

/// Whose certificates are good.
#[derive(Clone, Debug)]
pub enum Trust {
    /// What this machine trusts; on Debian, the package ca-certificates. `SSL_CERT_FILE` and `SSL_CERT_DIR` count.
    System,
    /// These authorities alone.
    Only(Vec<CertificateDer<'static>>),
}

impl Trust {
    /// For a connection that begins with TLS. Reads the system's certificates anew.
    pub(super) fn client(&self) -> Result<ClientConfig, rustls::Error> {
        let provider = provider();
        let builder =
            ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
        Ok(match self {
            Self::System => {
                let verifier = Arc::new(Verifier::new(provider)?);
                builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth()
            }
            Self::Only(authorities) => {
                let mut roots = RootCertStore::empty();
                for authority in authorities {
                    roots.add(authority.clone())?;
                }
                builder.with_root_certificates(roots).with_no_client_auth()
            }
        })
    }

    /// The same for lettre, which upgrades a connection after STARTTLS by itself.
    pub(super) fn starttls(&self, host: &str) -> Result<TlsParameters, lettre::transport::smtp::Error> {
        let builder = TlsParameters::builder(host.to_owned());
        match self {
            Self::System => builder,
            Self::Only(authorities) => authorities
                .iter()
                .try_fold(builder.certificate_store(CertificateStore::None), |builder, authority| {
                    Ok(builder.add_root_certificate(Certificate::from_der(authority.to_vec())?))
                })?,
        }
        .build()
    }
}

/// A client that has no use for TLS and trusts nobody: reads no certificates.
pub(super) fn none() -> Result<ClientConfig, rustls::Error> {
    Ok(ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth())
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}
