//! Whose certificates are good. TLS 1.2 and 1.3 by rustls with ring.

use std::{error::Error, sync::Arc};

use lettre::transport::smtp::client::{Certificate, CertificateStore, TlsParameters};
use rustls::{ClientConfig, RootCertStore, crypto::CryptoProvider, pki_types::CertificateDer};
use rustls_platform_verifier::Verifier;
use tokio::sync::Semaphore;

use super::trouble;

/// Whose certificates are good.
#[derive(Clone, Debug)]
pub enum Trust {
    /// What this machine trusts; on Debian, the package ca-certificates. `SSL_CERT_FILE` and `SSL_CERT_DIR` count.
    System,
    /// These authorities alone.
    Only(Vec<CertificateDer<'static>>),
}

impl Trust {
    /// For a connection that begins with TLS. Reads the system's certificates anew. An error is in plain words.
    pub(super) async fn client(&self) -> Result<ClientConfig, String> {
        let this = self.clone();
        aside(move || this.read_client()).await
    }

    /// The same for lettre, which upgrades a connection after STARTTLS by itself.
    pub(super) async fn starttls(&self, host: &str) -> Result<TlsParameters, String> {
        let (this, host) = (self.clone(), host.to_owned());
        aside(move || this.read_starttls(host)).await
    }

    fn read_client(&self) -> Result<ClientConfig, rustls::Error> {
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

    fn read_starttls(&self, host: String) -> Result<TlsParameters, lettre::transport::smtp::Error> {
        let builder = TlsParameters::builder(host);
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
pub(super) fn none() -> Result<ClientConfig, String> {
    Ok(ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|e| trouble::plain(&e))?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth())
}

/// Reading a hundred and more certificates takes some milliseconds. The agent has one thread: done there, everybody's
/// dialogue would halt for so long whenever a message goes out, and who watches could tell that one does. One message
/// after another: eight readers at once would take the processor away from that thread, and memory.
async fn aside<T: Send + 'static, E: Error + 'static>(
    read: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, String> {
    static TURN: Semaphore = Semaphore::const_new(1);
    let _turn = TURN.acquire().await;
    match tokio::task::spawn_blocking(move || read().map_err(|e| trouble::plain(&e))).await {
        Ok(made) => made,
        Err(_) => Err("the certificates could not be read".into()),
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}
