//! Where a deployment's code comes from: the module store (an upload), a file, or a registry. Whatever it was, what is
//! deployed is a digest: a tag that moves or a file that changes later changes nothing.

mod config;
mod file;
mod image;
mod registry;

use crate::{
    core::{self, Core},
    digest::Digest,
    error::ApiError,
};
use axum::http::StatusCode;
use image::Image;
use std::sync::Arc;
use tokio_util::task::TaskTracker;

pub use config::Sources;
pub(crate) use config::SourcesError;
use {file::FileError, registry::Registries, registry::RegistryError};

/// The sources an operator allows, ready for use.
pub(crate) struct Fetcher {
    files: Option<std::path::PathBuf>,
    registries: Registries,
}

impl Fetcher {
    pub fn new(sources: &Sources) -> Result<Self, SourcesError> {
        Ok(Self { files: sources.canonical_folder()?, registries: Registries::new(sources)? })
    }
}

/// Finds the code that an image names and puts it into the store of modules, if it is not there. Fetching takes as long
/// as the source does, up to a deadline; nothing is locked meanwhile.
pub(crate) async fn resolve(core: &Arc<Core>, tasks: &TaskTracker, image: &str) -> Result<Digest, ApiError> {
    match Image::parse(image)? {
        Image::Module(digest) => Ok(digest),
        Image::File(name) => {
            let core = core.clone();
            blocking(tasks, move || {
                let folder = core.sources.files.as_deref();
                let wasm = file::read(folder, &name, core.limits.module_bytes as u64)?;
                keep(&core, &wasm)
            })
            .await
        },
        Image::Registry(reference) => {
            let known = |digest: &Digest| matches!(core.modules.find(digest), Ok(Some(_)));
            let found = core.sources.registries.fetch(&reference, core.limits.module_bytes as u64, known).await?;
            match found {
                registry::Found::Known(digest) => Ok(digest),
                registry::Found::New(wasm) => {
                    let core = core.clone();
                    blocking(tasks, move || keep(&core, &wasm)).await
                },
            }
        },
    }
}

fn keep(core: &Core, wasm: &[u8]) -> Result<Digest, ApiError> {
    let digest = Digest::of(wasm);
    core.modules.put(&digest, wasm, core::now().as_secs())?;
    Ok(digest)
}

async fn blocking<T: Send + 'static>(
    tasks: &TaskTracker,
    work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    tasks.spawn_blocking(work).await.unwrap_or_else(|error| Err(ApiError::internal(error.to_string())))
}

impl From<FileError> for ApiError {
    fn from(error: FileError) -> Self {
        let code = match error {
            FileError::NotAllowed => "file_not_allowed",
            FileError::Outside | FileError::NotFound(_) => "file_not_found",
            FileError::TooLarge(_) => "module_too_large",
        };
        ApiError::bad_request(code, error.to_string())
    }
}

impl From<RegistryError> for ApiError {
    fn from(error: RegistryError) -> Self {
        let (status, code) = match &error {
            RegistryError::NotAllowed(_) => (StatusCode::BAD_REQUEST, "registry_not_allowed"),
            RegistryError::NoModule(_) => (StatusCode::BAD_REQUEST, "image_has_no_module"),
            RegistryError::TooLarge(_) => (StatusCode::BAD_REQUEST, "module_too_large"),
            RegistryError::NotFound(_) => (StatusCode::BAD_REQUEST, "image_not_found"),
            RegistryError::Refused(_) => (StatusCode::BAD_REQUEST, "registry_refused"),
            RegistryError::Unavailable { .. } => (StatusCode::BAD_GATEWAY, "registry_unavailable"),
            RegistryError::Slow(_) => (StatusCode::GATEWAY_TIMEOUT, "registry_timeout"),
        };
        ApiError::new(status, code, error.to_string())
    }
}
