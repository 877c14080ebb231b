//! `/system/namespaces` and `/system/namespace/NAME`.
//!
//! Clients POST to `/system/namespace/` with the name in the body; with a name in both places the two must agree.

use super::{body, Api};
use crate::{error::ApiError, model::FunctionNamespace};
use axum::{
    body::Body,
    extract::{Path, State},
    http::StatusCode,
    Json,
};

/// GET `/system/namespaces`: all names.
pub(super) async fn list(State(api): State<Api>) -> Json<Vec<String>> {
    Json(api.core.namespaces())
}

/// GET: labels and annotations, or 404.
pub(super) async fn get(State(api): State<Api>, Path(name): Path<String>) -> Result<Json<FunctionNamespace>, ApiError> {
    Ok(Json(api.blocking(move |core| core.namespace(&name)).await?))
}

/// POST `/system/namespace/`: 201, or 409 if it exists.
pub(super) async fn create(State(api): State<Api>, body: Body) -> Result<StatusCode, ApiError> {
    let request = body::read_json(body, api.core.limits.body_timeout).await?;
    api.blocking(move |core| core.create_namespace(request)).await?;
    Ok(StatusCode::CREATED)
}

/// POST `/system/namespace/NAME`.
pub(super) async fn create_named(
    State(api): State<Api>,
    Path(name): Path<String>,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let request = named(&api, name, body).await?;
    api.blocking(move |core| core.create_namespace(request)).await?;
    Ok(StatusCode::CREATED)
}

/// PUT: replaces labels and annotations; 202, or 404.
pub(super) async fn update(
    State(api): State<Api>,
    Path(name): Path<String>,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let request = named(&api, name, body).await?;
    api.blocking(move |core| core.update_namespace(request)).await?;
    Ok(StatusCode::ACCEPTED)
}

/// DELETE: 202, 404, or 409 if it holds functions or secrets. The body repeats the name or is empty.
pub(super) async fn delete(
    State(api): State<Api>,
    Path(name): Path<String>,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let request = named(&api, name, body).await?;
    api.blocking(move |core| core.delete_namespace(&request.name)).await?;
    Ok(StatusCode::ACCEPTED)
}

/// The body, which may be empty, with the name of the path.
async fn named(api: &Api, name: String, body: Body) -> Result<FunctionNamespace, ApiError> {
    let request: FunctionNamespace = body::read_json_or_nothing(body, api.core.limits.body_timeout).await?;
    if !request.name.is_empty() && request.name != name {
        return Err(ApiError::bad_request("name_mismatch", "the body names another namespace than the path"));
    }
    Ok(FunctionNamespace { name, ..request })
}
