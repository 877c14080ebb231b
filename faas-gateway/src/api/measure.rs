//! Counts calls and requests for the metrics, and slows down those who guess passwords.

use super::Api;
use crate::{core::Core, error::ErrorCode, function::Function, metrics::CALLER_GONE, names::Key};
use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    http::{header, Method, StatusCode},
    middleware::Next,
    response::Response,
};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

/// How long a wrong credential waits for its refusal. Connections are bounded, so this bounds guesses; who is right does
/// not wait.
const WRONG_CREDENTIAL_PAUSE: Duration = Duration::from_millis(200);

/// A call of a function, from its beginning to the end of its answer. It is counted when this goes.
pub(super) struct Measured {
    core: Arc<Core>,
    began: Instant,
    function: Option<Arc<Function>>,
    status: u16,
}

impl Measured {
    /// `None` if there is no such function.
    pub fn begin(api: &Api, function: Option<Arc<Function>>) -> Self {
        if let Some(function) = &function {
            api.core.metrics.call_began(function.key());
            forget_if_gone(&api.core, function);
        }
        Self { core: api.core.clone(), began: Instant::now(), function, status: CALLER_GONE }
    }

    /// Goes with the answer: the call ends when the last of its body is taken, or the body is dropped.
    pub fn follow(mut self, response: Response) -> Response {
        self.status = response.status().as_u16();
        if let Some(ErrorCode(reason)) = response.extensions().get().filter(is_refusal) {
            self.core.metrics.call_refused(reason);
        }
        response.map(|body| Body::new(Followed { body, measured: Some(self) }))
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        // One that was deleted meanwhile must not come back as a label.
        if let Some(function) = self.function.take().filter(|function| !function.shared.gone.is_cancelled()) {
            self.core.metrics.call_ended(function.key(), self.status, self.began.elapsed());
            forget_if_gone(&self.core, &function);
        }
    }
}

/// For one that was deleted between a look at it and a count.
fn forget_if_gone(core: &Core, function: &Function) {
    if function.shared.gone.is_cancelled() && core.find(function.key()).is_none() {
        core.metrics.forget(function.key());
    }
}

/// An answer's body with its call's measure.
struct Followed {
    body: Body,
    measured: Option<Measured>,
}

impl hyper::body::Body for Followed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        let ended = match &polled {
            Poll::Ready(Some(Ok(_))) => self.body.is_end_stream(),
            Poll::Ready(_) => true,
            Poll::Pending => false,
        };
        if ended {
            self.measured = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
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
    let measured = name.and_then(Key::parse).map(|key| Measured::begin(&api, api.core.find(key)));
    let response = next.run(request).await;
    match measured {
        Some(measured) => measured.follow(response),
        None => response,
    }
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
