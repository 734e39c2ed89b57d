//! Whose certificates are good. TLS 1.2 and 1.3 by rustls with ring.

use std::{error::Error, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier},
    crypto::CryptoProvider,
    pki_types::CertificateDer,
};
use rustls_platform_verifier::Verifier;
use tokio::sync::Semaphore;

use super::{
    certificate::{Noted, Noting},
    trouble,
};

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

    /// The same, and what was found wrong with a certificate when the handshake is over.
    pub(super) async fn noting_client(&self) -> Result<(ClientConfig, Noted), String> {
        let this = self.clone();
        aside(move || this.read_noting_client()).await
    }

    fn read_client(&self) -> Result<ClientConfig, rustls::Error> {
        let builder = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
        Ok(builder.dangerous().with_custom_certificate_verifier(self.verifier()?).with_no_client_auth())
    }

    fn read_noting_client(&self) -> Result<(ClientConfig, Noted), rustls::Error> {
        let (noting, noted) = Noting::new(self.verifier()?);
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(noting))
            .with_no_client_auth();
        Ok((config, noted))
    }

    fn verifier(&self) -> Result<Arc<dyn ServerCertVerifier>, rustls::Error> {
        Ok(match self {
            Self::System => Arc::new(Verifier::new(provider())?),
            Self::Only(authorities) => {
                let mut roots = RootCertStore::empty();
                for authority in authorities {
                    roots.add(authority.clone())?;
                }
                let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider()).build();
                verifier.map_err(|error| rustls::Error::General(error.to_string()))?
            }
        })
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
