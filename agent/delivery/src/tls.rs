//! Which certificates are trusted. TLS 1.2 and 1.3 by rustls with ring.

use std::{error::Error, path::Path, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier},
    crypto::CryptoProvider,
    pki_types::{
        CertificateDer, ServerName,
        pem::{self, PemObject as _},
    },
};
use rustls_platform_verifier::Verifier;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::Semaphore,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{
    certificate::{Noted, Noting},
    trouble,
};

/// Which certificates are trusted.
#[derive(Clone, Debug)]
pub enum Trust {
    /// Those that this machine trusts; on Debian, the package ca-certificates. `SSL_CERT_FILE` and `SSL_CERT_DIR` are
    /// respected.
    System,
    /// The same, and these authorities.
    SystemAnd(Vec<CertificateDer<'static>>),
    /// Only these authorities.
    Only(Vec<CertificateDer<'static>>),
}

impl Trust {
    /// The same, and the authorities in `file`, in PEM.
    pub(super) fn with(self, file: &Path) -> Result<Self, String> {
        let more: Vec<_> =
            CertificateDer::pem_file_iter(file).and_then(Iterator::collect).map_err(|why| match why {
                pem::Error::Io(why) => format!("can't be read: {why}"),
                _ => "is no file of certificates in PEM (-----BEGIN CERTIFICATE-----)".to_owned(),
            })?;
        let mut roots = RootCertStore::empty();
        if more.is_empty() || more.iter().any(|authority| roots.add(authority.clone()).is_err()) {
            return Err("is no file of certificates in PEM (-----BEGIN CERTIFICATE-----)".to_owned());
        }
        Ok(match self {
            Self::System => Self::SystemAnd(more),
            Self::SystemAnd(some) => Self::SystemAnd(some.into_iter().chain(more).collect()),
            Self::Only(some) => Self::Only(some.into_iter().chain(more).collect()),
        })
    }

    /// For a connection that begins with TLS. Reads the system's certificates again. An error is in plain words. After
    /// the handshake, `Noted` has any fault of a certificate.
    pub(super) async fn noting_client(&self) -> Result<(ClientConfig, Noted), String> {
        let this = self.clone();
        aside(move || this.read_noting_client()).await
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
            Self::SystemAnd(more) => Arc::new(Verifier::new_with_extra_roots(more.iter().cloned(), provider())?),
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

/// Begins TLS with `host`, whose certificate must be trusted. An error is in plain words.
pub(super) async fn begin<S: AsyncRead + AsyncWrite + Unpin>(
    trust: &Trust,
    host: &str,
    stream: S,
) -> Result<TlsStream<S>, String> {
    let (config, noted) = trust.noting_client().await?;
    let name = ServerName::try_from(host.to_owned()).map_err(|_| "its name can't stand in a certificate".to_owned())?;
    let begun = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    begun.map_err(|why| noted.words().unwrap_or_else(|| trouble::plain(&why)))
}

/// A client that does not use TLS and trusts no certificate: reads none.
pub(super) fn none() -> Result<ClientConfig, String> {
    Ok(ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|e| trouble::plain(&e))?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth())
}

/// Reading a hundred and more certificates takes some milliseconds, so a blocking thread does it. In the thread of the
/// dialogues it would delay all of them, and an observer could tell that a message is sent. One reader at a time: eight
/// at once would take processor time from that thread, and memory.
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
