//! Brings a waiting call to its end: runs it, sends its answer back, or gives it up.

use super::{
    async_function::{is_of_one_answer, request},
    identity::{Identity, CALL_ID, DURATION},
    invoke,
    measure::Measured,
    Api,
};
use crate::{
    error::{ApiError, ErrorCode},
    metrics::Dropped,
    names::{Key, DEFAULT_NAMESPACE},
    queue::{self, call_again, callback_again, millis, Answer, Headers, Item, Stage, Tried, Turn},
    store::StoreError,
};
use axum::{
    body::Body,
    http::{response, HeaderMap, HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::StreamExt as _;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use std::time::{Duration, Instant};

const FUNCTION_STATUS: HeaderName = HeaderName::from_static("x-function-status");
const FUNCTION_NAME: HeaderName = HeaderName::from_static("x-function-name");

/// What the gateway says when a call could not be run, and can be later. Other failures are the function's.
const NO_ROOM: [&str; 6] =
    ["function_busy", "gateway_busy", "memory_busy", "buffers_busy", "function_unavailable", "call_stopped"];
/// What becomes of a call that runs when the gateway stops: before its answer began, and after.
const ENDED_EARLY: [&str; 2] = ["call_stopped", BROKE_OFF];
/// An answer that had begun and did not come to its end.
const BROKE_OFF: &str = "function_error";

/// One turn of an item.
pub(super) async fn deliver(api: Api, turn: Turn) {
    let done = match api.queue.load(&turn).await {
        Ok(Some((item, body))) => match item.stage.clone() {
            Stage::Call { attempts } => call(&api, turn, item, body, attempts + 1).await,
            Stage::Callback { attempts, answer } => call_back(&api, turn, item, &answer, body, attempts + 1).await,
        },
        Ok(None) => {
            tracing::error!("a waiting call is not on disk any more");
            api.queue.finish(turn).await
        },
        // Tried again at the next start; trying at once would turn a broken disk into a busy loop.
        Err(error) => {
            drop(turn);
            Err(error)
        },
    };
    if let Err(error) = done {
        tracing::error!(%error, "the queue cannot be written; what waits may run once more than it should");
    }
}

/// Runs the function.
async fn call(api: &Api, turn: Turn, mut item: Item, body: Bytes, attempts: u32) -> Result<(), StoreError> {
    let began = Instant::now();
    let kept = item.callback.is_some().then_some(api.core.limits.output_bytes);
    let (head, body) = whole(run(api, &item, body).await, kept).await;
    let code = head.extensions.get::<ErrorCode>().map(|code| code.0);
    if code.is_some_and(|code| ENDED_EARLY.contains(&code)) && api.core.cancel.is_cancelled() {
        // It stays as it is, for the next start.
        return Ok(());
    }
    let refused = code.is_some_and(|code| NO_ROOM.contains(&code));
    let tried = Tried { status: head.status.as_u16(), refused, attempts };
    let retry = api.core.find(item.key()).and_then(|function| function.plan.retry.clone());
    if let Some(wait) = call_again(tried, retry.as_ref(), &api.core.limits.asynchronous, random()) {
        api.core.metrics.retries.call();
        item.stage = Stage::Call { attempts };
        item.due = millis() + wait.as_millis() as u64;
        return api.queue.again(turn, &item).await;
    }
    if refused || code == Some("function_not_found") {
        dropped(api, &item, Dropped::Call, &format!("it was refused {attempts} times, at last with {}", tried.status));
    }
    if item.callback.is_none() {
        return api.queue.finish(turn).await;
    }
    let seconds = format!("{:.6}", began.elapsed().as_secs_f64());
    // Not needed any more.
    item.headers = Headers::default();
    item.due = millis();
    let (no_room, no_room_body) = refusal(no_room()).await;
    let with = |head: &response::Parts| {
        let (status, headers) = (head.status.as_u16(), Headers::from(&head.headers));
        let answer = Answer { status, headers, seconds: seconds.clone() };
        Item { stage: Stage::Callback { attempts: 0, answer }, ..item.clone() }
    };
    api.queue.answered(turn, &with(&head), body, || (with(&no_room), no_room_body)).await
}

/// What a callback hears instead of an answer that the queue has no room for. The function is not run again: it would
/// answer as much.
fn no_room() -> ApiError {
    let text = "the function has answered, and there is no room to keep the answer until it is brought back";
    ApiError::new(StatusCode::INSUFFICIENT_STORAGE, queue::FULL, text)
}

/// The function's answer, as a caller who waits would get it.
async fn run(api: &Api, item: &Item, body: Bytes) -> Response {
    let found = api.core.find(item.key()).filter(|function| function.record.created_at == item.created_at);
    let Some(function) = found else {
        return ApiError::function_not_found(&item.name).into_response();
    };
    let mut head = match request(item) {
        Ok(head) => head,
        Err(error) => return error.into_response(),
    };
    let measured = Measured::begin(api, Some(function.clone()));
    let identity = Identity::of(&mut head);
    // This one, and no other that gets its name meanwhile. Who may call it was decided when the call came.
    // It waits for its places in the queue: an update that comes meanwhile is then followed.
    let answered = invoke::call(api, &function, head, Body::from(body), &identity, Duration::ZERO).await;
    measured.follow(answered.unwrap_or_else(IntoResponse::into_response))
}

/// The answer when it has come to its end: not before has the function done its work. At most `kept` bytes of its body,
/// or nothing if nobody will get it. One that is too long or broke off becomes the failure that it is.
async fn whole(response: Response, kept: Option<usize>) -> (response::Parts, Bytes) {
    let (head, body) = response.into_parts();
    let ended = match kept {
        Some(most) => Limited::new(body, most).collect().await.map(|body| body.to_bytes()),
        None => drain(body).await,
    };
    match ended {
        Ok(body) => (head, body),
        Err(error) => {
            let code = if error.is::<LengthLimitError>() { "function_output_too_large" } else { BROKE_OFF };
            let text = format!("the function's answer cannot be kept: {error}");
            refusal(ApiError::new(StatusCode::BAD_GATEWAY, code, text)).await
        },
    }
}

/// What the gateway says itself: short, and whole in memory.
async fn refusal(error: ApiError) -> (response::Parts, Bytes) {
    let (head, body) = error.into_response().into_parts();
    (head, body.collect().await.map(|body| body.to_bytes()).unwrap_or_default())
}

/// Takes all there is and keeps nothing.
async fn drain(body: Body) -> Result<Bytes, axum::BoxError> {
    let mut parts = body.into_data_stream();
    while let Some(part) = parts.next().await {
        part?;
    }
    Ok(Bytes::new())
}

/// Sends the answer back.
async fn call_back(
    api: &Api,
    turn: Turn,
    mut item: Item,
    answer: &Answer,
    body: Bytes,
    attempts: u32,
) -> Result<(), StoreError> {
    let url = item.callback.clone().unwrap_or_default();
    let sending = api.core.callbacks.send(&url, callback_headers(&item, answer), body);
    let Some(sent) = api.core.cancel.run_until_cancelled(sending).await else {
        return Ok(());
    };
    let status = sent.as_ref().ok().copied();
    api.core.metrics.callbacks.sent(status);
    if status.is_some_and(|status| (200..300).contains(&status)) {
        return api.queue.finish(turn).await;
    }
    if let Some(wait) = callback_again(status, attempts, &api.core.limits.asynchronous, random()) {
        api.core.metrics.retries.callback();
        item.stage = Stage::Callback { attempts, answer: answer.clone() };
        item.due = millis() + wait.as_millis() as u64;
        return api.queue.again(turn, &item).await;
    }
    let why = sent.map_or_else(|error| error, |status| format!("it answered {status}"));
    dropped(api, &item, Dropped::Callback, &format!("its callback was tried {attempts} times: {why}"));
    api.queue.finish(turn).await
}

fn callback_headers(item: &Item, answer: &Answer) -> HeaderMap {
    let mut headers = HeaderMap::from(&answer.headers);
    let connection: Vec<HeaderName> = headers.keys().filter(|name| is_of_one_answer(name)).cloned().collect();
    for name in connection {
        headers.remove(name);
    }
    let Key { namespace, name } = item.key();
    let name = if namespace == DEFAULT_NAMESPACE { name.to_owned() } else { item.key().full() };
    let own = [
        (CALL_ID, item.call_id.as_str()),
        (DURATION, answer.seconds.as_str()),
        (FUNCTION_STATUS, &answer.status.to_string()),
        (FUNCTION_NAME, &name),
    ];
    for (header, text) in own {
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.insert(header, value);
        }
    }
    headers
}

fn dropped(api: &Api, item: &Item, what: Dropped, why: &str) {
    api.core.metrics.dropped.count(what);
    let (function, call_id) = (item.key().full(), &item.call_id);
    tracing::warn!(function, call_id, why, "gave up a call that waited");
}

/// For spreading what would come back together; need not be good.
fn random() -> u64 {
    getrandom::u64().unwrap_or_else(|_| millis())
}
