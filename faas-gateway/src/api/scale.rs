//! `/system/scale-function/NAME`.

use super::{
    body,
    query::{Namespace, Query},
    Api,
};
use crate::{error::ApiError, model::ScaleServiceRequest, names::Key};
use axum::{
    body::Body,
    extract::{Path, State},
    http::StatusCode,
};

/// POST: 202, 404, or 400. The body names the function once more.
pub(super) async fn scale(
    State(api): State<Api>,
    Path(name): Path<String>,
    Query(query): Query<Namespace>,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let request: ScaleServiceRequest = body::read_json(body, api.core.limits.body_timeout).await?;
    let namespace = query.unless(request.namespace);
    let missing = || ApiError::function_not_found(&name);
    let key = Key::parse_within(&name, namespace.as_deref()).ok_or_else(missing)?;
    if Key::parse_within(&request.service_name, Some(key.namespace)) != Some(key) {
        return Err(ApiError::bad_request("name_mismatch", "serviceName must be the function that the path names"));
    }
    let (namespace, name) = (key.namespace.to_owned(), key.name.to_owned());
    api.blocking(move |core| core.scale(Key { namespace: &namespace, name: &name }, request.replicas)).await?;
    Ok(StatusCode::ACCEPTED)
}
