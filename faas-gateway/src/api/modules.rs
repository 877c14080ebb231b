//! `/system/modules/<sha256 hex>`: the store of modules. An extension of the OpenFaaS API.

use super::{body, Api};
use crate::{core, digest::Digest, error::ApiError, model::ModuleStatus, modules::ModuleStoreError};
use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    Json,
};

/// HEAD: 200 if the module is stored, 404 if not.
pub(super) async fn head(State(api): State<Api>, Path(digest): Path<String>) -> Result<StatusCode, ApiError> {
    let digest = parse(&digest)?;
    let found = api.blocking(move |core| Ok(core.modules.find(&digest)?)).await?;
    found.map(|_| StatusCode::OK).ok_or_else(missing)
}

/// PUT: checks the digest, compiles and stores. 201 if it is new, 200 if it was there.
pub(super) async fn put(
    State(api): State<Api>,
    Path(digest): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<ModuleStatus>), ApiError> {
    let digest = parse(&digest)?;
    let limit = api.core.limits.module_bytes;
    body::check_length(&headers, limit)?;
    let wasm = body::read(body, limit, api.core.limits.body_timeout).await?;
    let put = move |core: &core::Core| Ok(core.modules.put(&digest, &wasm, core::now().as_secs())?);
    let (record, new) = api.blocking(put).await?;
    let status = ModuleStatus {
        digest: format!("sha256:{digest}"),
        size: record.module_bytes,
        compiled_size: record.compiled_bytes,
    };
    Ok((if new { StatusCode::CREATED } else { StatusCode::OK }, Json(status)))
}

/// DELETE: 202, 404, or 409 while a function uses it.
pub(super) async fn delete(State(api): State<Api>, Path(digest): Path<String>) -> Result<StatusCode, ApiError> {
    let digest = parse(&digest)?;
    api.blocking(move |core| match core.remove_module(&digest) {
        Err(ModuleStoreError::Missing) => Err(missing()),
        other => Ok(other?),
    })
    .await?;
    Ok(StatusCode::ACCEPTED)
}

fn parse(digest: &str) -> Result<Digest, ApiError> {
    digest
        .parse()
        .map_err(|error: crate::digest::NotADigest| ApiError::bad_request("invalid_digest", error.to_string()))
}

fn missing() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "module_missing", "no module with this digest is stored")
}
