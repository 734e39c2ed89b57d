//! TLS 1.3 only, with certificates that only carry a public key. A host accepts the pins of its servers. A server
//! accepts every key; its caller looks the key up in the store.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, Error, OtherError, ServerConfig,
    SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::{
        ClientHello, ResolvesServerCert,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
    sign::CertifiedKey,
    version::TLS13,
};

use crate::{
    issuer::issuer,
    key::{Key, Pin},
};

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// The key of a server, which can be replaced. It counts for connections that are made from then on.
#[derive(Debug)]
pub(crate) struct Replaceable(Mutex<Arc<CertifiedKey>>);

fn certified(key: &Key) -> Result<Arc<CertifiedKey>, Error> {
    let (chain, private) = key.for_tls();
    CertifiedKey::from_der(chain, private, &provider()).map(Arc::new)
}

impl Replaceable {
    pub(crate) fn new(key: &Key) -> Result<Self, Error> {
        Ok(Self(Mutex::new(certified(key)?)))
    }

    pub(crate) fn replace(&self, key: &Key) -> Result<(), Error> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = certified(key)?;
        Ok(())
    }
}

impl ResolvesServerCert for Replaceable {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

/// The configuration of a server, which accepts any key whose owner signs the handshake.
pub(crate) fn server(key: Arc<Replaceable>) -> Result<ServerConfig, Error> {
    let config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(Arc::new(AnyKey(provider())))
        .with_cert_resolver(key);
    Ok(config)
}

/// The configuration of a host, which connects only to the owners of `pins`.
pub(crate) fn client(key: &Key, pins: Vec<Pin>) -> Result<ClientConfig, Error> {
    let (chain, private) = key.for_tls();
    ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Pinned { pins, provider: provider() }))
        .with_client_auth_cert(chain, private)
}

fn no_tls12() -> Error {
    Error::General("TLS 1.2 is not spoken".to_owned())
}

/// Accepts every public key, because the keys of hosts are not known here. The key must have signed the handshake.
#[derive(Debug)]
struct AnyKey(Arc<CryptoProvider>);

impl ClientCertVerifier for AnyKey {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Pin::of(end_entity).map_err(|_| Error::InvalidCertificate(CertificateError::BadEncoding))?;
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(no_tls12())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// The server has a key without a pin.
#[derive(Debug, thiserror::Error)]
#[error("the key is not pinned")]
pub(crate) struct AnotherKey {
    /// Who issued its certificate, if that has a name in it.
    pub(crate) issuer: Option<String>,
}

/// Accepts the public keys with one of these pins.
#[derive(Debug)]
struct Pinned {
    pins: Vec<Pin>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let pin = Pin::of(end_entity).map_err(|_| Error::InvalidCertificate(CertificateError::BadEncoding))?;
        if self.pins.contains(&pin) {
            return Ok(ServerCertVerified::assertion());
        }
        let another: Arc<dyn std::error::Error + Send + Sync> = Arc::new(AnotherKey { issuer: issuer(end_entity) });
        Err(Error::InvalidCertificate(CertificateError::Other(OtherError(another))))
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(no_tls12())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
