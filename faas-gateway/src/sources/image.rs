//! The field `image` of a deployment.
//!
//! `module:sha256:<hex>` names a module of the store, `file:<path>` a file, anything else an image in a registry, as
//! OpenFaaS' deployments write it: `host/repository:tag`, `host/repository@sha256:<hex>`, with or without `oci://`.

use crate::{digest::Digest, error::ApiError};
use oci_client::Reference;

/// What an image names.
#[derive(Debug)]
pub(super) enum Image {
    Module(Digest),
    File(String),
    Registry(Reference),
}

impl Image {
    pub fn parse(text: &str) -> Result<Self, ApiError> {
        if let Some(digest) = Digest::from_image(text) {
            return Ok(Self::Module(digest));
        }
        if let Some(path) = text.strip_prefix("file:") {
            return Ok(Self::File(path.to_owned()));
        }
        let reference = text.strip_prefix("oci://").unwrap_or(text);
        match reference.parse() {
            Ok(reference) if !text.starts_with("module:") => Ok(Self::Registry(reference)),
            _ => Err(ApiError::bad_request(
                "invalid_image",
                format!(
                    "image must be {}<64 hex digits> (a module stored by PUT /system/modules/<hex>), file:<path>, or an \
                     image in a registry, as in registry.example/repository:tag",
                    Digest::IMAGE_PREFIX
                ),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registry(text: &str) -> String {
        match Image::parse(text) {
            Ok(Image::Registry(reference)) => reference.to_string(),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn images_are_written_as_openfaas_does() {
        let digest = Digest::of(b"module");
        assert!(
            matches!(Image::parse(&format!("module:sha256:{digest}")), Ok(Image::Module(found)) if found == digest)
        );
        assert!(matches!(Image::parse("file:stats.wasm"), Ok(Image::File(name)) if name == "stats.wasm"));
        assert_eq!(registry("functions/alpine:latest"), "docker.io/functions/alpine:latest");
        assert_eq!(registry("oci://localhost:5000/a/b:1"), "localhost:5000/a/b:1");
        let pinned = format!("ghcr.io/a/b@sha256:{digest}");
        assert_eq!(registry(&pinned), pinned);
    }

    #[test]
    fn what_names_nothing_is_refused() {
        for text in ["", "module:sha256:00", "module:x", "host/UPPER:tag", "oci://", "a b", "host/repo@sha256:00"] {
            assert_eq!(Image::parse(text).map(|_| ()).map_err(|error| error.code), Err("invalid_image"), "{text}");
        }
    }
}
