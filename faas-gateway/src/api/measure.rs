//! Counts calls and requests for the metrics, and slows down those who guess passwords.

use super::Api;
use crate::{error::ErrorCode, function::Function, names::Key};
use axum::{
    extract::{MatchedPath, Request, State},
    http::{header, Method, StatusCode},
    middleware::Next,
    response::Response,
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// How long a wrong credential waits for its refusal. Connections are bounded, so this bounds guesses; who is right does
/// not wait.
const WRONG_CREDENTIAL_PAUSE: Duration = Duration::from_millis(200);

/// A call of a function, from its beginning to the head of its answer.
pub(super) struct Measured {
    began: Instant,
    function: Option<Arc<Function>>,
}

impl Measured {
    pub fn begin(api: &Api, key: Key<'_>) -> Self {
        let function = api.core.find(key);
        if function.is_some() {
            api.core.metrics.call_began(key);
        }
        Self { began: Instant::now(), function }
    }

    pub fn end(self, api: &Api, response: &Response) {
        let metrics = &api.core.metrics;
        // One that was deleted meanwhile must not come back as a label.
        if let Some(function) = self.function.filter(|function| !function.shared.gone.is_cancelled()) {
            metrics.call_ended(function.key(), response.status().as_u16(), self.began.elapsed());
        }
        if let Some(ErrorCode(reason)) = response.extensions().get().filter(is_refusal) {
            metrics.call_refused(reason);
        }
    }
}

/// Whether the function was not run.
fn is_refusal(ErrorCode(code): &&ErrorCode) -> bool {
    !code.starts_with("function_") || matches!(*code, "function_busy" | "function_not_found" | "function_unavailable")
}

/// Around `/function/NAME`.
pub(super) async fn calls(State(api): State<Api>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let name = path.strip_prefix("/function/").and_then(|rest| rest.split('/').next());
    let measured = name.and_then(Key::parse).map(|key| Measured::begin(&api, key));
    let response = next.run(request).await;
    if let Some(measured) = measured {
        measured.end(&api, &response);
    }
    response
}

/// Around `/system`.
pub(super) async fn requests(State(api): State<Api>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = method(request.method());
    let path = request.extensions().get::<MatchedPath>().map_or("unknown", MatchedPath::as_str).to_owned();
    let response = next.run(request).await;
    api.core.metrics.request(&path, method, response.status().as_u16(), began.elapsed());
    response
}

/// Callers may invent methods; labels may not grow with them.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

/// Around everything: a credential that is refused is refused late.
pub(super) async fn slow_guesses(request: Request, next: Next) -> Response {
    let guess = request.headers().contains_key(header::AUTHORIZATION);
    let response = next.run(request).await;
    if guess && response.status() == StatusCode::UNAUTHORIZED && response.extensions().get::<ErrorCode>().is_some() {
        tokio::time::sleep(WRONG_CREDENTIAL_PAUSE).await;
    }
    response
}
