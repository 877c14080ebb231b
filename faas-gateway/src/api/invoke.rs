//! `/function/NAME[/rest]`: a call, from the request's head to the answer.
//!
//! Statuses are the gateway's: a function that ends well is 200, its answer what it wrote. One that traps, exits with
//! another status than 0 or runs out of memory is 500; one that writes too much is 502; one that is too slow is 504
//! (the classic watchdog says 408, which by the HTTP standard blames the client); refused for lack of room is 429.

use super::{body, cgi, local_name, Api};
use crate::{
    access::Admitted,
    error::ApiError,
    function::Function,
    runtime::{Call, CallError, Outcome},
    server::Peer,
    SERVED_BY,
};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{header, request, HeaderMap, HeaderName, HeaderValue, Method, StatusCode},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use hyper::body::Body as _;
use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::{runtime::Handle, sync::OwnedSemaphorePermit};

pub(super) const CALL_ID: HeaderName = HeaderName::from_static("x-call-id");
pub(super) const START_TIME: HeaderName = HeaderName::from_static("x-start-time");
pub(super) const DURATION: HeaderName = HeaderName::from_static("x-duration-seconds");
const SERVED: HeaderName = HeaderName::from_static("x-served-by");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
/// The variable with which a deployment sets its answers' content type.
const CONTENT_TYPE_VARIABLE: &str = "content_type";
/// Of a failed function's output, how much its caller is shown, in bytes.
const SHOWN_OUTPUT_BYTES: usize = 16 << 10;

/// Any method but TRACE and CONNECT.
pub(super) async fn invoke(State(api): State<Api>, request: Request) -> Response {
    let began = Instant::now();
    let (mut head, body) = request.into_parts();
    let identity = Identity::of(&mut head);
    let mut response = answer(&api, head, body, &identity).await.unwrap_or_else(IntoResponse::into_response);
    identity.mark(response.headers_mut(), began.elapsed());
    response
}

pub(super) async fn answer(
    api: &Api,
    mut head: request::Parts,
    body: Body,
    identity: &Identity,
) -> Result<Response, ApiError> {
    if head.method == Method::TRACE || head.method == Method::CONNECT {
        let text = "functions take every method but TRACE and CONNECT";
        return Err(ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", text));
    }
    let (name, path) = split(head.uri.path());
    let missing = || ApiError::function_not_found(name);
    let function = local_name(name).and_then(|name| api.core.find(name)).ok_or_else(missing)?;
    if head.extensions.get::<Admitted>().is_none() {
        function.plan.access.admit(&api.core.admin, &mut head.headers)?;
    }
    let path = path.to_owned();
    call(api, &function, &head, &path, body, identity).await
}

/// Admits, reads, runs, answers.
async fn call(
    api: &Api,
    function: &Arc<Function>,
    head: &request::Parts,
    path: &str,
    body: Body,
    identity: &Identity,
) -> Result<Response, ApiError> {
    let limits = &api.core.limits;
    body::check_length(&head.headers, limits.request_body_bytes)?;
    // Before the body is read: what waits in memory is bounded by the calls that were let in.
    let permits = admit(api, function)?;
    let input = body::read(body, limits.request_body_bytes, limits.body_timeout).await?;
    function.shared.usage.add_call(head_bytes(head) + input.len() as u64);
    let outcome = run(api, function, head, path, input, permits).await;
    let response = match outcome {
        Ok(outcome) => {
            log(function, identity, &outcome);
            respond(function, head, outcome).unwrap_or_else(IntoResponse::into_response)
        },
        Err(error) => error.into_response(),
    };
    // Answers are whole in memory, so that their length is exact.
    let body_bytes = response.body().size_hint().lower();
    function.shared.usage.add_response(headers_bytes(response.headers()) + body_bytes);
    Ok(response)
}

/// A place among the function's calls and among all. The function's comes first, so that calls refused for its sake
/// do not take places from others even for a moment.
fn admit(api: &Api, function: &Function) -> Result<[OwnedSemaphorePermit; 2], ApiError> {
    let busy = |code, what| {
        ApiError::new(StatusCode::TOO_MANY_REQUESTS, code, format!("{what} as many calls as it may; try again soon"))
    };
    let own = function.shared.permits.clone().try_acquire_owned();
    let own = own.map_err(|_| busy("function_busy", "the function runs"))?;
    let common = api.core.permits.clone().try_acquire_owned();
    let common = common.map_err(|_| busy("gateway_busy", "the gateway runs"))?;
    Ok([own, common])
}

async fn run(
    api: &Api,
    function: &Arc<Function>,
    head: &request::Parts,
    path: &str,
    input: Bytes,
    permits: [OwnedSemaphorePermit; 2],
) -> Result<Outcome, ApiError> {
    let code = function.code.as_ref().map_err(|problem| {
        let text = format!("the function cannot run: {problem}. Deploy it again");
        ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "function_unavailable", text)
    })?;
    let cancel = function.shared.cancel.child_token();
    // A caller that goes away drops this future, and with it the guard, which ends the call.
    let _guard = cancel.clone().drop_guard();
    let cgi_head = cgi::Head {
        method: &head.method,
        path,
        query: head.uri.query(),
        headers: &head.headers,
        body_bytes: input.len(),
    };
    let call = Call {
        compiled: code.clone(),
        arguments: function.plan.arguments.clone(),
        environment: cgi::environment(&cgi_head, &function.plan.environment),
        input,
        secrets: function.secrets.as_ref().map(|folder| folder.path().to_owned()),
        timeout: function.plan.timeout,
        output_bytes: api.core.limits.output_bytes,
        memory: function.shared.memory.clone(),
        usage: function.shared.usage.clone(),
        cancel,
    };
    let runtime = api.core.runtime.clone();
    let handle = Handle::current();
    let running = api.tasks.spawn_blocking(move || {
        // The places are free again when the instance is gone, whether or not somebody still waits for the answer.
        let _permits = permits;
        runtime.run(&handle, call)
    });
    running.await.map_err(|error| ApiError::internal(format!("the call broke: {error}")))
}

fn respond(function: &Function, head: &request::Parts, outcome: Outcome) -> Result<Response, ApiError> {
    match outcome.result {
        Ok(()) => {
            let content_type = content_type(function, &head.headers);
            Ok(([(header::CONTENT_TYPE, content_type)], outcome.stdout).into_response())
        },
        Err(error) => Err(failure(&error, &outcome.stdout)),
    }
}

/// As the classic watchdog has it: the deployment's, else the request's, else bytes.
fn content_type(function: &Function, headers: &HeaderMap) -> HeaderValue {
    let deployed = function.plan.environment.get(CONTENT_TYPE_VARIABLE);
    deployed
        .and_then(|text| HeaderValue::from_str(text).ok())
        .or_else(|| headers.get(header::CONTENT_TYPE).cloned())
        .unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

fn failure(error: &CallError, stdout: &[u8]) -> ApiError {
    let (status, code) = match error {
        CallError::Trapped(_) => (StatusCode::INTERNAL_SERVER_ERROR, "function_trapped"),
        CallError::Exited(_) => (StatusCode::INTERNAL_SERVER_ERROR, "function_exited"),
        CallError::OutOfMemory(_) => (StatusCode::INTERNAL_SERVER_ERROR, "function_out_of_memory"),
        CallError::MemoryBusy => (StatusCode::TOO_MANY_REQUESTS, "memory_busy"),
        CallError::TooMuchOutput(_) => (StatusCode::BAD_GATEWAY, "function_output_too_large"),
        CallError::Deadline(_) => (StatusCode::GATEWAY_TIMEOUT, "function_timeout"),
        CallError::Cancelled => (StatusCode::SERVICE_UNAVAILABLE, "call_stopped"),
        CallError::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
    };
    // What a program says about its own failure. Not standard error, which is for whoever deployed it.
    let shown = matches!(error, CallError::Exited(_) | CallError::Trapped(_)).then(|| shown(stdout));
    ApiError::new(status, code, error.to_string()).with_output(shown)
}

fn shown(output: &[u8]) -> String {
    String::from_utf8_lossy(&output[..output.len().min(SHOWN_OUTPUT_BYTES)]).into_owned()
}

fn log(function: &Function, identity: &Identity, outcome: &Outcome) {
    let name = function.record.deployment.service.as_str();
    let call_id = identity.call_id.to_str().unwrap_or_default();
    let stderr = String::from_utf8_lossy(&outcome.stderr);
    if !stderr.is_empty() {
        tracing::debug!(target: "faas_gateway::stderr", function = name, call_id, "{stderr}");
        function.shared.log.add(call_id, &stderr);
    }
    if let Err(error) = &outcome.result {
        tracing::info!(function = name, call_id, %error, "a call failed");
        function.shared.log.add(call_id, &error.to_string());
    }
}

/// `/function/NAME/rest` -> `NAME`, `/rest`.
fn split(path: &str) -> (&str, &str) {
    let path = path.strip_prefix("/function/").unwrap_or_default();
    match path.find('/') {
        Some(slash) => path.split_at(slash),
        None => (path, "/"),
    }
}

/// A request's head as HTTP/1.1 writes it, in bytes.
fn head_bytes(head: &request::Parts) -> u64 {
    let line = head.method.as_str().len() + head.uri.to_string().len() + " HTTP/1.1\r\n".len() + 1;
    line as u64 + headers_bytes(&head.headers)
}

fn headers_bytes(headers: &HeaderMap) -> u64 {
    headers.iter().map(|(name, value)| (name.as_str().len() + value.len() + ": \r\n".len()) as u64).sum()
}

/// What tells one call from another, on its way in and out.
pub(super) struct Identity {
    pub call_id: HeaderValue,
    start_time: HeaderValue,
}

impl Identity {
    /// Takes the caller's id or makes one, and completes the headers that the function will see.
    pub fn of(head: &mut request::Parts) -> Self {
        let fit = |id: &&HeaderValue| (1..=128).contains(&id.len()) && id.to_str().is_ok();
        let call_id = head.headers.get(CALL_ID).filter(fit).cloned().unwrap_or_else(|| {
            HeaderValue::from_str(&uuid::Uuid::new_v4().to_string()).unwrap_or(HeaderValue::from_static("-"))
        });
        let start = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos() as u64;
        let start_time = HeaderValue::from(start);
        head.headers.insert(CALL_ID, call_id.clone());
        head.headers.insert(START_TIME, start_time.clone());
        let peer = head.extensions.get::<Peer>().and_then(|Peer(addr)| HeaderValue::from_str(&addr.to_string()).ok());
        if let Some(peer) = peer {
            head.headers.entry(FORWARDED_FOR).or_insert(peer);
        }
        if let Some(host) = head.headers.get(header::HOST).cloned() {
            head.headers.entry(FORWARDED_HOST).or_insert(host);
        }
        Self { call_id, start_time }
    }

    /// Marks an answer.
    pub fn mark(self, headers: &mut HeaderMap, duration: Duration) {
        headers.insert(CALL_ID, self.call_id);
        headers.insert(START_TIME, self.start_time);
        let seconds = HeaderValue::from_str(&format!("{:.6}", duration.as_secs_f64()));
        headers.insert(DURATION, seconds.unwrap_or(HeaderValue::from_static("0")));
        headers.insert(SERVED, HeaderValue::from_static(SERVED_BY));
        // A function may answer anything under any type it was asked with; a browser must not guess another.
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn the_path_is_what_follows_the_name() {
        assert_eq!(split("/function/stats"), ("stats", "/"));
        assert_eq!(split("/function/stats/"), ("stats", "/"));
        assert_eq!(split("/function/stats/a/b"), ("stats", "/a/b"));
        assert_eq!(split("/function/stats//x%2F"), ("stats", "//x%2F"));
    }
}
