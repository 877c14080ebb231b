//! `/system/functions` and `/system/function/NAME`: deploy, update, delete, look.

use super::{
    body,
    query::{Namespace, Query},
    Api,
};
use crate::{
    error::ApiError,
    model::{DeleteFunctionRequest, FunctionDeployment, FunctionStatus},
    names::{self, Key},
    sources,
};
use axum::{
    body::Body,
    extract::{Path, State},
    http::StatusCode,
    Json,
};

/// GET: a namespace's functions. A namespace that does not exist has none.
pub(super) async fn list(State(api): State<Api>, Query(query): Query<Namespace>) -> Json<Vec<FunctionStatus>> {
    let functions = api.core.list_in(names::or_default(query.namespace.as_deref()));
    Json(functions.iter().map(|function| function.status()).collect())
}

/// GET: one function.
pub(super) async fn status(
    State(api): State<Api>,
    Path(name): Path<String>,
    Query(query): Query<Namespace>,
) -> Result<Json<FunctionStatus>, ApiError> {
    Key::parse_within(&name, query.namespace.as_deref())
        .and_then(|key| api.core.find(key))
        .map(|function| Json(function.status()))
        .ok_or_else(|| ApiError::function_not_found(&name))
}

/// POST: 202, or 400 if it exists.
pub(super) async fn create(State(api): State<Api>, body: Body) -> Result<StatusCode, ApiError> {
    let deployment: FunctionDeployment = body::read_json(body, api.core.limits.body_timeout).await?;
    let module = sources::resolve(&api.core, &api.tasks, &deployment.image).await?;
    api.blocking(move |core| core.create(deployment, module)).await?;
    Ok(StatusCode::ACCEPTED)
}

/// PUT: 202, or 404 if there is no such function (clients then POST).
pub(super) async fn update(State(api): State<Api>, body: Body) -> Result<StatusCode, ApiError> {
    let deployment: FunctionDeployment = body::read_json(body, api.core.limits.body_timeout).await?;
    let module = sources::resolve(&api.core, &api.tasks, &deployment.image).await?;
    api.blocking(move |core| core.update(deployment, module)).await?;
    Ok(StatusCode::ACCEPTED)
}

/// DELETE: 202 with the function's last status (an extension: its counters end here), or 404. The namespace may stand
/// in the body or, as older clients do it, in the query. Calls that run get the drain time.
pub(super) async fn delete(
    State(api): State<Api>,
    Query(query): Query<Namespace>,
    body: Body,
) -> Result<(StatusCode, Json<FunctionStatus>), ApiError> {
    let request: DeleteFunctionRequest = body::read_json(body, api.core.limits.body_timeout).await?;
    let namespace = query.unless(request.namespace);
    let function = api.blocking(move |core| core.delete(&request.function_name, namespace.as_deref())).await?;
    let cancel = function.shared.cancel.clone();
    let drain = api.core.limits.drain_timeout;
    // Not tracked: stopping the gateway ends the calls anyway.
    tokio::spawn(async move {
        let stopped = cancel.clone();
        if tokio::time::timeout(drain, stopped.cancelled()).await.is_err() {
            cancel.cancel();
        }
    });
    Ok((StatusCode::ACCEPTED, Json(function.status())))
}
