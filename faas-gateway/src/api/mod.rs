//! The REST doors. One file per group of routes; here is the table.

mod answer;
mod async_function;
mod body;
mod cgi;
mod deliver;
#[cfg(test)]
mod flood;
mod functions;
mod identity;
mod info;
mod invoke;
mod logs;
mod measure;
mod modules;
mod namespaces;
mod query;
mod scale;
mod secrets;

use crate::{
    auth,
    core::Core,
    error::ApiError,
    metrics,
    queue::{Queue, Turn},
};
use axum::{
    extract::{Request, State},
    http::{header, StatusCode},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{any, get, head, post},
    Router,
};
use std::sync::Arc;
use tokio_util::task::TaskTracker;

/// What every door can reach.
#[derive(Clone)]
pub(crate) struct Api {
    core: Arc<Core>,
    queue: Arc<Queue>,
    /// Calls that run; stopping waits for them even if their callers have gone.
    tasks: TaskTracker,
}

impl Api {
    pub fn new(core: Arc<Core>, queue: Arc<Queue>, tasks: TaskTracker) -> Self {
        Self { core, queue, tasks }
    }

    /// The whole API.
    pub fn router(self) -> Router {
        let whole = open(&self).nest("/system", system(&self));
        whole.layer(middleware::from_fn(measure::slow_guesses)).with_state(self)
    }

    /// What is served where everybody may knock, if administration has an address of its own.
    pub fn open_router(self) -> Router {
        open(&self).layer(middleware::from_fn(measure::slow_guesses)).with_state(self)
    }

    /// What is served on the address for metrics.
    pub fn metrics_router(self) -> Router {
        Router::new()
            .route("/metrics", get(text_of_metrics))
            .route("/healthz", get(info::healthz))
            .fallback(no_such_path)
            .method_not_allowed_fallback(wrong_method)
            .with_state(self)
    }

    /// Does what a waiting call needs done in its turn.
    pub async fn deliver(self, turn: Turn) {
        deliver::deliver(self, turn).await;
    }
}

/// Everything but `/system`.
fn open(api: &Api) -> Router<Api> {
    functions(api)
        .route("/", get(info::front))
        .route("/healthz", get(info::healthz))
        .fallback(no_such_path)
        .method_not_allowed_fallback(wrong_method)
}

/// Everything under `/system` wants the administrator, also what does not exist.
fn system(api: &Api) -> Router<Api> {
    Router::new()
        .route(
            "/functions",
            get(functions::list).post(functions::create).put(functions::update).delete(functions::delete),
        )
        .route("/function/{name}", get(functions::status))
        .route("/scale-function/{name}", post(scale::scale))
        .route("/modules/{digest}", head(modules::head).put(modules::put).delete(modules::delete))
        .route("/namespaces", get(namespaces::list))
        .route("/namespace/", post(namespaces::create))
        .route(
            "/namespace/{name}",
            get(namespaces::get).post(namespaces::create_named).put(namespaces::update).delete(namespaces::delete),
        )
        .route("/secrets", get(secrets::list).post(secrets::create).put(secrets::update).delete(secrets::delete))
        .route("/logs", get(logs::logs))
        .route("/info", get(info::info))
        .route("/alert", post(info::alert))
        .route_layer(middleware::from_fn_with_state(api.clone(), measure::requests))
        .fallback(no_such_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(api.clone(), administrator_only))
}

/// Calls, now and later.
fn functions(api: &Api) -> Router<Api> {
    let now = Router::new()
        .route("/function/{name}", any(invoke::invoke))
        .route("/function/{name}/", any(invoke::invoke))
        .route("/function/{name}/{*rest}", any(invoke::invoke))
        .route_layer(middleware::from_fn_with_state(api.clone(), measure::calls));
    Router::new()
        .route("/async-function/{name}", any(async_function::accept))
        .route("/async-function/{name}/", any(async_function::accept))
        .route("/async-function/{name}/{*rest}", any(async_function::accept))
        .merge(now)
}

async fn text_of_metrics(State(api): State<Api>) -> impl IntoResponse {
    let text = api.core.metrics.text(&api.core, &api.queue);
    ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], text)
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
