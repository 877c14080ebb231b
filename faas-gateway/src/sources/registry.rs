//! Images in OCI registries: WebAssembly artifacts, whose one layer of interest is the module itself.
//!
//! A tag is resolved when a function is deployed. A layer's digest is the module's, so that what is already stored is not
//! fetched again.

use super::config::{Sources, SourcesError};
use crate::{digest::Digest, error::causes};
use futures::StreamExt as _;
use oci_client::{
    client::{Client, ClientConfig, ClientProtocol},
    errors::OciDistributionError,
    manifest::{ImageIndexEntry, OciDescriptor},
    secrets::RegistryAuth,
    Reference,
};
use std::{collections::HashMap, time::Duration};

/// How a layer says that it is a module: the CNCF's artifact type, and what Docker's and other tools write.
const MEDIA_TYPES: [&str; 2] = ["application/wasm", "application/vnd.wasm.content.layer.v1+wasm"];
/// Of what a registry says, how much is passed on.
const SHOWN_CHARACTERS: usize = 300;
/// Time in which a registry must take a connection.
const CONNECT_TIME: Duration = Duration::from_secs(10);

/// The registries that may be asked.
pub(super) struct Registries {
    client: Client,
    allowed: Vec<String>,
    credentials: HashMap<String, RegistryAuth>,
    timeout: Duration,
}

/// An image's module.
pub(super) enum Found {
    /// It is stored already.
    Known(Digest),
    New(Vec<u8>),
}

/// Why an image gave no module.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RegistryError {
    #[error("images from {0} are not taken here: its operator has not listed this registry")]
    NotAllowed(String),
    #[error(
        "the image holds no WebAssembly module: {0}. Push one as an artifact with a layer of type application/wasm"
    )]
    NoModule(String),
    #[error("the image's module has more than the {0} bytes a module may have")]
    TooLarge(u64),
    #[error("the registry does not have this image: {0}")]
    NotFound(String),
    #[error("the registry refused: {0}. The gateway's operator configures credentials")]
    Refused(String),
    #[error("the registry {registry} cannot be used: {problem}. Nothing was changed; try again later")]
    Unavailable { registry: String, problem: String },
    #[error("the image did not arrive within {} s. Nothing was changed; try again later", .0.as_secs())]
    Slow(Duration),
}

impl Registries {
    pub fn new(sources: &Sources) -> Result<Self, SourcesError> {
        let config = ClientConfig {
            protocol: ClientProtocol::HttpsExcept(sources.insecure_registries.clone()),
            connect_timeout: Some(CONNECT_TIME),
            platform_resolver: Some(Box::new(wasm_platform)),
            ..ClientConfig::default()
        };
        let client = Client::try_from(config).map_err(|error| SourcesError::Client(error.to_string()))?;
        let allowed = sources.registries.iter().chain(&sources.insecure_registries).cloned().collect();
        let (credentials, timeout) = (sources.credentials()?, sources.registry_timeout);
        Ok(Self { client, allowed, credentials, timeout })
    }

    /// Fetches an image's module of at most `limit` bytes, unless it is `known`.
    pub async fn fetch(
        &self,
        image: &Reference,
        limit: u64,
        known: impl Fn(&Digest) -> bool,
    ) -> Result<Found, RegistryError> {
        if !self.allowed.iter().any(|registry| registry == image.registry()) {
            return Err(RegistryError::NotAllowed(image.registry().to_owned()));
        }
        let fetching = async {
            let layer = self.module_layer(image).await?;
            let digest = layer.digest.strip_prefix("sha256:").and_then(|hex| hex.parse().ok());
            if let Some(digest) = digest.filter(known) {
                return Ok(Found::Known(digest));
            }
            Ok(Found::New(self.download(image, &layer, limit).await?))
        };
        tokio::time::timeout(self.timeout, fetching).await.unwrap_or(Err(RegistryError::Slow(self.timeout)))
    }

    async fn module_layer(&self, image: &Reference) -> Result<OciDescriptor, RegistryError> {
        let auth = self.credentials.get(image.registry()).unwrap_or(&RegistryAuth::Anonymous);
        let manifest = self.client.pull_image_manifest(image, auth).await;
        let (manifest, _) = manifest.map_err(|error| named(image, error))?;
        let mut modules = manifest.layers.into_iter().filter(|layer| MEDIA_TYPES.contains(&layer.media_type.as_str()));
        match (modules.next(), modules.next()) {
            (Some(layer), None) => Ok(layer),
            (Some(_), Some(_)) => Err(RegistryError::NoModule("it has several, and one is needed".into())),
            (None, _) => Err(RegistryError::NoModule("none of its layers is one".into())),
        }
    }

    async fn download(&self, image: &Reference, layer: &OciDescriptor, limit: u64) -> Result<Vec<u8>, RegistryError> {
        if u64::try_from(layer.size).is_ok_and(|size| size > limit) {
            return Err(RegistryError::TooLarge(limit));
        }
        // The stream itself checks the digest at its end.
        let mut stream = self.client.pull_blob_stream(image, layer).await.map_err(|error| named(image, error))?;
        let mut bytes = Vec::new();
        while let Some(part) = stream.next().await {
            let part = part.map_err(|error| unavailable(image, error.to_string()))?;
            if (bytes.len() + part.len()) as u64 > limit {
                return Err(RegistryError::TooLarge(limit));
            }
            bytes.extend_from_slice(&part);
        }
        Ok(bytes)
    }
}

/// Of an image for several platforms the one for WebAssembly.
fn wasm_platform(entries: &[ImageIndexEntry]) -> Option<String> {
    let wasm = |entry: &&ImageIndexEntry| {
        entry.platform.as_ref().is_some_and(|platform| platform.architecture.to_string() == "wasm")
    };
    entries.iter().find(wasm).map(|entry| entry.digest.clone())
}

fn unavailable(image: &Reference, problem: String) -> RegistryError {
    RegistryError::Unavailable { registry: image.registry().to_owned(), problem }
}

fn named(image: &Reference, error: OciDistributionError) -> RegistryError {
    use OciDistributionError as E;
    match error {
        E::ImageManifestNotFoundError(_) => RegistryError::NotFound(image.to_string()),
        E::ServerError { code: 404, .. } => RegistryError::NotFound(image.to_string()),
        E::ServerError { code: 401 | 403, .. } | E::UnauthorizedError { .. } | E::AuthenticationFailure(_) => {
            RegistryError::Refused(format!("it does not give {image} to whom the gateway is"))
        },
        E::RegistryError { envelope, .. } => registry_said(image, &envelope),
        E::ImageIndexParsingNoPlatformResolverError => RegistryError::NoModule("it is an index".into()),
        E::UnsupportedMediaTypeError(kind) => RegistryError::NoModule(format!("it is of type {kind}")),
        other => unavailable(image, causes(&other).chars().take(SHOWN_CHARACTERS).collect()),
    }
}

fn registry_said(image: &Reference, envelope: &oci_client::errors::OciEnvelope) -> RegistryError {
    use oci_client::errors::OciErrorCode as C;
    let code = |wanted: &[C]| envelope.errors.iter().any(|error| wanted.contains(&error.code));
    if code(&[C::ManifestUnknown, C::NameUnknown, C::NotFound, C::BlobUnknown]) {
        return RegistryError::NotFound(image.to_string());
    }
    if code(&[C::Unauthorized, C::Denied]) {
        return RegistryError::Refused(format!("it does not give {image} to whom the gateway is"));
    }
    unavailable(image, format!("it answered with {} errors", envelope.errors.len()))
}
