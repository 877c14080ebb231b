//! `/async-function/NAME[.NAMESPACE][/rest]`: a call that is answered now and run later.
//!
//! Who may call, and whether there is such a function at all, is decided here and not when its turn comes: the caller's
//! credential must not be stored, and a queue that takes calls of functions that do not exist is one that strangers can
//! fill. A function that is deleted meanwhile is looked for again at its turn; the callback then gets a 404.

use super::{
    body,
    identity::{Identity, DURATION},
    Api,
};
use crate::{
    callback,
    error::{ApiError, ErrorCode},
    function::Function,
    headers,
    names::Key,
    queue::{millis, Headers, Item, Stage},
};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{header, request, HeaderName, Method, StatusCode},
    response::{IntoResponse, Response},
};
use std::time::{Duration, Instant};
use tokio::sync::OwnedSemaphorePermit;

const CALLBACK_URL: HeaderName = HeaderName::from_static("x-callback-url");

/// POST: 202 and the call's id, when the call is on disk.
pub(super) async fn accept(State(api): State<Api>, request: Request) -> Response {
    let began = Instant::now();
    let (mut head, body) = request.into_parts();
    let identity = Identity::of(&mut head);
    let accepted = queue(&api, head, body, &identity).await;
    let mut response = accepted.map_or_else(IntoResponse::into_response, |()| StatusCode::ACCEPTED.into_response());
    if let Some(ErrorCode(reason)) = response.extensions().get() {
        api.core.metrics.call_refused(reason);
    }
    identity.mark(response.headers_mut(), began.elapsed());
    response
}

async fn queue(api: &Api, mut head: request::Parts, body: Body, identity: &Identity) -> Result<(), ApiError> {
    if head.method != Method::POST {
        return Err(ApiError::method_not_allowed("calls that wait are sent with POST"));
    }
    let uri = head.uri.path_and_query().map_or("", |uri| uri.as_str());
    let uri = uri.strip_prefix("/async-function/").unwrap_or_default().to_owned();
    let name = uri.split(['/', '?']).next().unwrap_or_default();
    let key = Key::parse(name).ok_or_else(|| ApiError::function_not_found(name))?;
    let function = api.core.find(key).ok_or_else(|| ApiError::function_not_found(name))?;
    function.plan.access.admit(&api.core.admin, &mut head.headers)?;
    let callback = callback_url(api, &head)?;
    let limits = &api.core.limits;
    body::check_length(&head.headers, limits.asynchronous.body_bytes)?;
    // Most bodies are whole then: who sends slowly occupies memory, which is little, but no place.
    let ahead = body::read_ahead(body, limits.asynchronous.body_bytes, limits.body_timeout, true).await?;
    let (body, reading) = match ahead.rest {
        None => (ahead.first, None),
        Some(rest) => {
            let reading = admit(api, &function, limits.body_timeout).await?;
            (body::read_rest(ahead.first, rest).await?, Some(reading))
        },
    };
    // Of the connection, and the body is whole now.
    head.headers.remove(header::TRANSFER_ENCODING);
    head.headers.remove(header::EXPECT);
    let item = Item {
        namespace: key.namespace.to_owned(),
        name: key.name.to_owned(),
        created_at: function.record.created_at,
        headers: Headers::from(&head.headers),
        call_id: identity.call_id.to_str().unwrap_or_default().to_owned(),
        callback,
        queued_at: millis(),
        due: millis(),
        stage: Stage::Call { attempts: 0 },
        uri: uri.clone(),
    };
    // A task of its own: a caller who goes away in the middle must not leave it half queued.
    let queue = api.queue.clone();
    let added = api.tasks.spawn(async move {
        // Until it is on disk, it is in memory.
        let _reading = reading;
        queue.add(&item, body).await
    });
    added.await.unwrap_or_else(|error| Err(ApiError::internal(error.to_string())))
}

/// Bounds what is in memory before it is on disk: a place among those of the function and of all. Waits for them as long as
/// a body may take; meanwhile the sender is not read from.
async fn admit(api: &Api, function: &Function, patience: Duration) -> Result<[OwnedSemaphorePermit; 2], ApiError> {
    let (own, all) = (function.shared.queue_readers.clone(), api.core.queue_readers.clone());
    // The own one first: whoever waits for it holds none of all. The semaphores are never closed.
    let taken = async { Some([own.acquire_owned().await.ok()?, all.acquire_owned().await.ok()?]) };
    tokio::time::timeout(patience, taken).await.ok().flatten().ok_or_else(|| {
        let text = "the gateway takes up as many calls as it may, of this function or in all; try again soon";
        ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "queue_busy", text)
    })
}

fn callback_url(api: &Api, head: &request::Parts) -> Result<Option<String>, ApiError> {
    let Some(value) = head.headers.get(CALLBACK_URL).filter(|value| !value.is_empty()) else { return Ok(None) };
    let url = value.to_str().map_err(|_| callback::Refused::NotAUrl).and_then(|url| {
        callback::check(url, &api.core.callback_networks)?;
        Ok(url.to_owned())
    });
    url.map(Some).map_err(|refused| ApiError::bad_request("invalid_callback", format!("X-Callback-Url: {refused}")))
}

/// The request as the function gets it.
pub(super) fn request(item: &Item) -> Result<request::Parts, ApiError> {
    let request = Request::builder().method(Method::POST).uri(format!("/function/{}", item.uri)).body(());
    let request = request.map_err(|error| ApiError::internal(format!("a stored request cannot be read: {error}")))?;
    let (mut head, ()) = request.into_parts();
    head.headers = (&item.headers).into();
    Ok(head)
}

/// Headers that say something about one answer over one connection, and are not passed on with it.
pub(super) fn is_of_one_answer(name: &HeaderName) -> bool {
    [header::CONTENT_LENGTH, header::HOST, DURATION].contains(name) || headers::is_of_connection(name)
}
