//! `/system/secrets`: values go in and never come out; functions read them as files.
//!
//! 201 and 202 rather than 200 or 204: OpenFaaS' client takes 204 for a failure.

use super::{
    body,
    query::{Namespace, Query},
    Api,
};
use crate::{error::ApiError, model::SecretName, names, secret::SecretRequest};
use axum::{body::Body, extract::State, http::StatusCode, Json};

/// GET: the names.
pub(super) async fn list(
    State(api): State<Api>,
    Query(query): Query<Namespace>,
) -> Result<Json<Vec<SecretName>>, ApiError> {
    let namespace = names::or_default(query.namespace.as_deref()).to_owned();
    let secrets = api
        .blocking(move |core| {
            let names = core.secret_names(&namespace)?;
            Ok(names.into_iter().map(|name| SecretName { name, namespace: namespace.clone() }).collect())
        })
        .await?;
    Ok(Json(secrets))
}

/// POST: 201, or 409 if it exists (clients then PUT).
pub(super) async fn create(
    State(api): State<Api>,
    Query(query): Query<Namespace>,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let request = read(&api, query, body).await?;
    api.blocking(move |core| core.create_secret(&request)).await?;
    Ok(StatusCode::CREATED)
}

/// PUT: 202, or 404. The next call sees the new value.
pub(super) async fn update(
    State(api): State<Api>,
    Query(query): Query<Namespace>,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let request = read(&api, query, body).await?;
    api.blocking(move |core| core.update_secret(&request)).await?;
    Ok(StatusCode::ACCEPTED)
}

/// DELETE: 202, 404, or 409 while functions use it.
pub(super) async fn delete(
    State(api): State<Api>,
    Query(query): Query<Namespace>,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let request = read(&api, query, body).await?;
    api.blocking(move |core| core.delete_secret(&request.name, request.namespace.as_deref())).await?;
    Ok(StatusCode::ACCEPTED)
}

async fn read(api: &Api, query: Namespace, body: Body) -> Result<SecretRequest, ApiError> {
    let mut request: SecretRequest = body::read_hidden_json(body, api.core.limits.body_timeout).await?;
    request.namespace = query.unless(request.namespace.take());
    Ok(request)
}
