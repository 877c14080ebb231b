//! The REST doors. One file per group of routes; here is the table.

mod answer;
mod body;
mod cgi;
#[cfg(test)]
mod flood;
mod functions;
mod info;
mod invoke;
mod logs;
mod modules;

use crate::{auth, core::Core, error::ApiError, plan};
use axum::{
    extract::{Request, State},
    http::StatusCode,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{any, get, head},
    Router,
};
use std::sync::Arc;
use tokio_util::task::TaskTracker;

/// What every door can reach.
#[derive(Clone)]
pub(crate) struct Api {
    core: Arc<Core>,
    /// Calls that run; stopping waits for them even if their callers have gone.
    tasks: TaskTracker,
}

/// The whole API.
pub(crate) fn router(core: Arc<Core>, tasks: TaskTracker) -> Router {
    let api = Api { core, tasks };
    // Everything under /system wants the administrator, also what does not exist.
    let system = Router::new()
        .route(
            "/functions",
            get(functions::list).post(functions::create).put(functions::update).delete(functions::delete),
        )
        .route("/function/{name}", get(functions::status))
        .route("/modules/{digest}", head(modules::head).put(modules::put).delete(modules::delete))
        .route("/info", get(info::info))
        .route("/namespaces", get(info::namespaces))
        .route("/logs", get(logs::logs))
        .fallback(no_such_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(api.clone(), administrator_only));
    Router::new()
        .nest("/system", system)
        .route("/healthz", get(info::healthz))
        .route("/function/{name}", any(invoke::invoke))
        .route("/function/{name}/", any(invoke::invoke))
        .route("/function/{name}/{*rest}", any(invoke::invoke))
        .fallback(no_such_path)
        .method_not_allowed_fallback(wrong_method)
        .with_state(api)
}

async fn administrator_only(State(api): State<Api>, request: Request, next: Next) -> Response {
    if api.core.admin.is(request.headers()) {
        return next.run(request).await;
    }
    ApiError::unauthorized(auth::BASIC_CHALLENGE, "invalid credentials").into_response()
}

async fn no_such_path() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "not_found", "there is nothing at this path")
}

async fn wrong_method() -> ApiError {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this path does not take this method")
}

impl Api {
    /// Does blocking work off the threads that serve sockets.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Core) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let core = self.core.clone();
        self.tasks
            .spawn_blocking(move || work(&core))
            .await
            .unwrap_or_else(|error| Err(ApiError::internal(error.to_string())))
    }
}

/// The function's name of `NAME` or `NAME.NAMESPACE`, if it can be one of this gateway's.
fn local_name(name: &str) -> Option<&str> {
    let name = match name.rsplit_once('.') {
        Some((name, namespace)) if plan::is_here(Some(namespace)) => name,
        Some(_) => return None,
        None => name,
    };
    plan::is_name(name).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::local_name;

    #[test]
    fn a_namespace_stands_after_the_last_dot() {
        assert_eq!(local_name("stats-7"), Some("stats-7"));
        assert_eq!(local_name("stats-7.openfaas-fn"), Some("stats-7"));
        assert_eq!(local_name("stats-7.other"), None);
        assert_eq!(local_name("a.b.openfaas-fn"), None);
        assert_eq!(local_name(""), None);
        assert_eq!(local_name(".openfaas-fn"), None);
    }
}
