//! `/function/NAME[/rest]`: a call, from the request's head to the answer.
//!
//! Statuses of commands are the gateway's: one that ends well is 200, its answer what it wrote. A component's status and
//! headers are its own, and its answer is sent as it is written. One that traps, exits with another status than 0 or runs
//! out of memory is 500; one that writes too much is 502; one that is too slow is 504 (the classic watchdog says 408,
//! which by the HTTP standard blames the client); refused for lack of room is 429.

use super::{answer, body, cgi, identity::Identity, Api};
use crate::{
    error::ApiError,
    function::Function,
    headers,
    names::Key,
    runtime::{Call, CallError, Code, Input, Lines, Outcome},
};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{header, request, HeaderMap, HeaderValue, Method, StatusCode},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use hyper::body::Body as _;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

/// The variable with which a deployment sets its answers' content type.
const CONTENT_TYPE_VARIABLE: &str = "content_type";
/// How long a caller who waits for the answer waits for a place. A call gives its place back a moment after its caller has
/// the whole answer: who calls one after the other must not be told that he calls too often.
const PATIENCE: Duration = Duration::from_millis(100);
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

async fn answer(api: &Api, mut head: request::Parts, body: Body, identity: &Identity) -> Result<Response, ApiError> {
    if head.method == Method::TRACE || head.method == Method::CONNECT {
        let text = "functions take every method but TRACE and CONNECT";
        return Err(ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", text));
    }
    let (name, _) = split(head.uri.path());
    let missing = || ApiError::function_not_found(name);
    let function = Key::parse(name).and_then(|key| api.core.find(key)).ok_or_else(missing)?;
    function.plan.access.admit(&api.core.admin, &mut head.headers)?;
    call(api, &function, head, body, identity, PATIENCE).await
}

/// Reads ahead, admits, runs, answers. That the caller may call this function has been decided. `patience`: how long it may
/// wait for each of its places.
pub(super) async fn call(
    api: &Api,
    function: &Arc<Function>,
    head: request::Parts,
    body: Body,
    identity: &Identity,
    patience: Duration,
) -> Result<Response, ApiError> {
    let (_, path) = split(head.uri.path());
    let path = &path.to_owned();
    let limits = &api.core.limits;
    let announced = body::check_length(&head.headers, limits.request_body_bytes)?;
    let code = function.code.as_ref().map_err(|problem| {
        let text = format!("the function cannot run: {problem}. Deploy it again");
        ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "function_unavailable", text)
    })?;
    // A component whose caller sends bit by bit wants to answer bit by bit: it does not wait for the body.
    let wait = announced.is_some() || matches!(code.code, Code::Command(_));
    // Before it is let in: who sends slowly occupies memory, which is little, but no place.
    let ahead = body::read_ahead(body, limits.request_body_bytes, limits.body_timeout, wait).await?;
    let places = admit(api, function, patience).await?;
    let usage = &function.shared.usage;
    usage.add_call();
    usage.add_traffic(head_bytes(&head));
    let length = ahead.rest.is_none().then_some(ahead.first.len() as u64).or(announced);
    let input = Input::new(ahead.first, ahead.rest, usage.clone());
    let cancel = function.shared.cancel.child_token();
    let mut call = prepare(api, function, identity, places, cancel.clone());
    // A caller that goes away drops this future, and with it the guard, which ends the call.
    let guard = cancel.drop_guard();
    let answered = match &code.code {
        Code::Command(command) => {
            let (method, query) = (&head.method, head.uri.query());
            let cgi_head = cgi::Head { method, path, query, headers: &head.headers, body_bytes: length };
            call.environment = cgi::environment(&cgi_head, &function.plan.environment);
            let outcome = api.core.runtime.command(command.clone(), call, input).await;
            usage.add_traffic(if outcome.result.is_ok() { outcome.stdout.len() as u64 } else { 0 });
            respond(function, &head, outcome)
        },
        Code::Component(component) => {
            let method = head.method.clone();
            let request = Request::from_parts(forwarded(head, path), input);
            let answer = api.core.runtime.component(component.clone(), call, request, &api.tasks).await;
            answer
                .map(|answer| answer::stream(answer, &method, usage.clone(), limits.stream_bytes, guard))
                .map_err(|error| (error, Bytes::new()))
        },
    };
    let response = answered.unwrap_or_else(|(error, written)| {
        log_failure(function, identity, &error);
        let response = failure(&error, &written).into_response();
        usage.add_traffic(response.body().size_hint().lower());
        response
    });
    usage.add_traffic(headers::bytes(response.headers()));
    Ok(response)
}

/// A place among the function's calls and among all. The function's comes first, so that calls refused for its sake
/// do not take places from others even for a moment.
async fn admit(api: &Api, function: &Function, patience: Duration) -> Result<[OwnedSemaphorePermit; 2], ApiError> {
    let busy = |code, what| {
        ApiError::new(StatusCode::TOO_MANY_REQUESTS, code, format!("{what} as many calls as it may; try again soon"))
    };
    let own = place(&function.shared.permits, patience).await;
    let own = own.ok_or_else(|| busy("function_busy", "the function runs"))?;
    let common = place(&api.core.permits, patience).await;
    let common = common.ok_or_else(|| busy("gateway_busy", "the gateway runs"))?;
    Ok([own, common])
}

async fn place(among: &Arc<Semaphore>, patience: Duration) -> Option<OwnedSemaphorePermit> {
    if let Ok(place) = among.clone().try_acquire_owned() {
        return Some(place);
    }
    timeout(patience, among.clone().acquire_owned()).await.ok()?.ok()
}

/// All that a call of either kind needs.
fn prepare(
    api: &Api,
    function: &Arc<Function>,
    identity: &Identity,
    places: [OwnedSemaphorePermit; 2],
    cancel: CancellationToken,
) -> Call {
    let (shared, plan) = (&function.shared, &function.plan);
    Call {
        arguments: plan.arguments.clone(),
        environment: Vec::new(),
        // As long as the call has its log, it has its function, and with it this folder.
        secrets: function.secrets.as_ref().map(|folder| folder.path().to_owned()),
        timeout: plan.timeout,
        output_bytes: api.core.limits.output_bytes,
        buffers: shared.buffers.clone(),
        memory: shared.memory.clone(),
        usage: shared.usage.clone(),
        pace: shared.pace.clone(),
        log: lines_of(function, identity),
        egress: plan.egress.clone(),
        _places: places,
        cancel,
    }
}

/// What a component sees of a request's head: the path below the function's name.
fn forwarded(mut head: request::Parts, path: &str) -> request::Parts {
    let target = match head.uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    // What was a valid path with a query is one from a slash on.
    head.uri = target.parse().unwrap_or_default();
    // HTTP/1.0 may leave it out, components' requests may not.
    head.headers.entry(header::HOST).or_insert(HeaderValue::from_static("localhost"));
    head
}

fn respond(function: &Function, head: &request::Parts, outcome: Outcome) -> Result<Response, (CallError, Bytes)> {
    match outcome.result {
        Ok(()) => {
            let content_type = content_type(function, &head.headers);
            Ok(([(header::CONTENT_TYPE, content_type)], outcome.stdout).into_response())
        },
        Err(error) => Err((error, outcome.stdout)),
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
        CallError::Input(error) => return error.clone().into(),
        CallError::NoAnswer => (StatusCode::INTERNAL_SERVER_ERROR, "function_no_answer"),
        CallError::Answer(_) => (StatusCode::BAD_GATEWAY, "function_error"),
        CallError::BuffersBusy => (StatusCode::TOO_MANY_REQUESTS, "buffers_busy"),
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

/// Where the lines of a call's standard error go.
fn lines_of(function: &Arc<Function>, identity: &Identity) -> Lines {
    let (function, call_id) = (function.clone(), identity.call_id.clone());
    Arc::new(move |line| {
        let call_id = call_id.to_str().unwrap_or_default();
        let Key { namespace, name } = function.key();
        tracing::debug!(target: "faas_gateway::stderr", function = name, namespace, call_id, "{line}");
        function.shared.log.add(call_id, line);
    })
}

fn log_failure(function: &Function, identity: &Identity, error: &CallError) {
    let call_id = identity.call_id.to_str().unwrap_or_default();
    let Key { namespace, name } = function.key();
    // A function that fails, or a caller who makes it fail, must not fill the log of the gateway; it has one of its own.
    tracing::debug!(function = name, namespace, call_id, %error, "a call failed");
    function.shared.log.add(call_id, &error.to_string());
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
    line as u64 + headers::bytes(&head.headers)
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
