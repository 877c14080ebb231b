//! TLS of the direct door, and its certificate: read again when the files change, without cutting connections.

use crate::error::AgentError;
use rustls::{
    pki_types::{pem::PemObject, CertificateDer, PrivateKeyDer},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
    ServerConfig,
};
use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(5);

/// The certificate of now.
pub struct Certificate {
    chain: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<CertifiedKey>>,
}

/// When the files were last written.
type Stamp = [Option<SystemTime>; 2];

impl Certificate {
    /// Reads it.
    pub fn load(chain: &Path, key: &Path) -> Result<Arc<Self>, AgentError> {
        let current = RwLock::new(Arc::new(read(chain, key)?));
        Ok(Arc::new(Self { chain: chain.to_owned(), key: key.to_owned(), current }))
    }

    /// What accepts connections with it.
    pub fn acceptor(self: &Arc<Self>) -> Result<TlsAcceptor, AgentError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| AgentError::Tls { path: self.chain.clone(), reason: error.to_string() })?;
        let mut config = config.with_no_client_auth().with_cert_resolver(self.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// Reads it again whenever one of the files has changed, until `stop`. A pair that does not fit changes nothing: while
    /// one file is new and the other still old, the old pair serves.
    pub async fn watch(self: Arc<Self>, stop: CancellationToken) {
        let mut seen = self.stamp();
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK) => {},
            }
            let now = self.stamp();
            if now != seen && self.reload() {
                seen = now;
            }
        }
    }

    /// Whether the files were taken.
    fn reload(&self) -> bool {
        match read(&self.chain, &self.key) {
            Ok(fresh) => {
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
                tracing::info!(certificate = %self.chain.display(), "the bus has a new certificate");
                true
            },
            Err(error) => {
                tracing::warn!(%error, "the bus keeps its certificate");
                false
            },
        }
    }

    fn stamp(&self) -> Stamp {
        let written = |path: &Path| std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
        [written(&self.chain), written(&self.key)]
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("chain", &self.chain).finish_non_exhaustive()
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

fn read(chain: &Path, key: &Path) -> Result<CertifiedKey, AgentError> {
    let failed = |path: &Path, reason: String| AgentError::Tls { path: path.to_owned(), reason };
    let certificates = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| failed(chain, error.to_string()))?;
    if certificates.is_empty() {
        return Err(failed(chain, "holds no certificate".to_owned()));
    }
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| failed(key, error.to_string()))?;
    let provider = rustls::crypto::ring::default_provider();
    let pair = CertifiedKey::from_der(certificates, secret, &provider);
    pair.map_err(|error| failed(key, format!("does not fit the certificate in {}: {error}", chain.display())))
}

#[cfg(test)]
#[path = "../../../../faas-gateway/tests/support/certificate.rs"]
#[allow(clippy::unwrap_used)]
mod certificate;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    struct Files {
        folder: tempfile::TempDir,
    }

    impl Files {
        fn new() -> Self {
            let files = Self { folder: tempfile::tempdir().unwrap() };
            files.write(true, true);
            files
        }

        fn chain(&self) -> PathBuf {
            self.folder.path().join("chain.pem")
        }

        fn key(&self) -> PathBuf {
            self.folder.path().join("key.pem")
        }

        fn write(&self, chain: bool, key: bool) {
            let other = self.folder.path().join("other.pem");
            let file = |wanted, path: PathBuf| if wanted { path } else { other.clone() };
            certificate::make("localhost", &file(chain, self.chain()), &file(key, self.key()));
        }

        fn load(&self) -> Result<Arc<Certificate>, AgentError> {
            Certificate::load(&self.chain(), &self.key())
        }
    }

    #[test]
    fn a_new_pair_is_taken_and_half_of_one_is_not() {
        let files = Files::new();
        let certificate = files.load().unwrap();
        let served = || certificate.current.read().unwrap().cert.clone();
        let first = served();
        files.write(true, false);
        assert!(!certificate.reload());
        assert_eq!(served(), first);
        files.write(true, true);
        assert!(certificate.reload());
        assert_ne!(served(), first);
    }

    #[test]
    fn what_is_wrong_with_the_files_is_named() {
        let files = Files::new();
        files.write(false, true);
        assert!(files.load().unwrap_err().to_string().contains("does not fit"));
        std::fs::write(files.chain(), "").unwrap();
        assert!(files.load().unwrap_err().to_string().contains("holds no certificate"));
        std::fs::remove_file(files.chain()).unwrap();
        assert!(files.load().unwrap_err().to_string().contains("chain.pem"));
    }
}
