//! Reading request bodies: bounded in size and in time.

use crate::{
    error::ApiError,
    runtime::{InputError, Rest},
};
use axum::{
    body::Body,
    http::{header, HeaderMap, StatusCode},
};
use bytes::{Bytes, BytesMut};
use futures::task::AtomicWaker;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::{Body as _, Frame};
use serde::de::DeserializeOwned;
use std::{
    future::{poll_fn, Future as _},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};
use tokio::time::{Instant, Sleep};

/// Largest JSON body under `/system`, in bytes.
const MAX_JSON_BYTES: usize = 1 << 20;
/// How much of a call's body is read before the call begins, in bytes: most bodies are whole by then, and a caller who
/// dawdles with so little occupies no place.
const AHEAD_BYTES: usize = 64 << 10;

/// Refuses a body whose announced length is beyond the limit, before a byte of it is read. Gives that length.
pub(super) fn check_length(headers: &HeaderMap, limit: usize) -> Result<Option<u64>, ApiError> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(too_large(limit));
    }
    Ok(announced)
}

/// The whole body, at most `limit` bytes, sent within `time`.
pub(super) async fn read(body: Body, limit: usize, time: Duration) -> Result<Bytes, ApiError> {
    let collected = tokio::time::timeout(time, Limited::new(body, limit).collect()).await.map_err(|_| slow(time))?;
    match collected {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large(limit)),
        Err(error) => Err(ApiError::bad_request("body_unreadable", format!("the body broke off: {error}"))),
    }
}

/// A JSON body.
pub(super) async fn read_json<T: DeserializeOwned>(body: Body, time: Duration) -> Result<T, ApiError> {
    parse(&read(body, MAX_JSON_BYTES, time).await?)
}

/// A JSON body, or none: then what is the default.
pub(super) async fn read_json_or_nothing<T: DeserializeOwned + Default>(
    body: Body,
    time: Duration,
) -> Result<T, ApiError> {
    let bytes = read(body, MAX_JSON_BYTES, time).await?;
    if bytes.trim_ascii().is_empty() {
        return Ok(T::default());
    }
    parse(&bytes)
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(bytes)
        .map_err(|error| ApiError::bad_request("bad_json", format!("the body is not the JSON expected here: {error}")))
}

/// A JSON body with something secret in it: the error says where it is wrong, not what stands there.
pub(super) async fn read_hidden_json<T: DeserializeOwned>(body: Body, time: Duration) -> Result<T, ApiError> {
    let bytes = read(body, MAX_JSON_BYTES, time).await?;
    serde_json::from_slice(&bytes).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        ApiError::bad_request("bad_json", format!("the body is not the JSON expected here: see {place}"))
    })
}

/// A call's body: what was read ahead, and the rest if that was not all.
pub(super) struct Ahead {
    pub first: Bytes,
    pub rest: Option<Rest>,
}

/// Reads the beginning of a body of at most `limit` bytes that must arrive within `time`. With `wait`, waits until it is
/// whole or large; without, takes what is there.
pub(super) async fn read_ahead(body: Body, limit: usize, time: Duration, wait: bool) -> Result<Ahead, InputError> {
    let arrival = Arc::new(Arrival::default());
    let mut rest = Bounded { body, left: limit, limit, time, waited: Duration::ZERO, waiting: None, arrival };
    let mut first = Bytes::new();
    let mut more = BytesMut::new();
    while first.len() + more.len() < AHEAD_BYTES {
        let frame = poll_fn(|context| match Pin::new(&mut rest).poll_frame(context) {
            Poll::Pending if !wait => Poll::Ready(None),
            polled => polled.map(Some),
        });
        let frame = match frame.await {
            Some(Some(frame)) => frame?,
            Some(None) => return Ok(Ahead { first: joined(first, more), rest: None }),
            None => break,
        };
        let Ok(bytes) = frame.into_data() else { continue };
        // The first frame of most bodies is the only one: it is not copied.
        if first.is_empty() {
            first = bytes;
        } else {
            more.extend_from_slice(&bytes);
        }
        if rest.body.is_end_stream() {
            return Ok(Ahead { first: joined(first, more), rest: None });
        }
    }
    Ok(Ahead { first: joined(first, more), rest: Some(rest.boxed_unsync()) })
}

/// The rest of a body behind what was read ahead of it.
pub(super) async fn read_rest(first: Bytes, mut rest: Rest) -> Result<Bytes, InputError> {
    let mut all = BytesMut::from(first);
    while let Some(frame) = rest.frame().await {
        if let Ok(bytes) = frame?.into_data() {
            all.extend_from_slice(&bytes);
        }
    }
    Ok(all.freeze())
}

fn joined(first: Bytes, more: BytesMut) -> Bytes {
    if more.is_empty() {
        return first;
    }
    let mut all = BytesMut::from(first);
    all.unsplit(more);
    all.freeze()
}

/// A body with a largest size for which its sender may be waited for so long in all. The time in which nobody reads is
/// the reader's, not the sender's.
struct Bounded {
    body: Body,
    left: usize,
    limit: usize,
    time: Duration,
    waited: Duration,
    /// While there is something to wait for: since when, and until when.
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
    arrival: Arc<Arrival>,
}

/// Notes when more of a body came, for a reader who may look for it much later.
#[derive(Default)]
struct Arrival {
    at: Mutex<Option<Instant>>,
    reader: AtomicWaker,
}

impl Arrival {
    fn at(&self) -> MutexGuard<'_, Option<Instant>> {
        self.at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Arrival {
    fn wake(self: Arc<Self>) {
        self.at().get_or_insert_with(Instant::now);
        self.reader.wake();
    }
}

impl hyper::body::Body for Bounded {
    type Data = Bytes;
    type Error = InputError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, InputError>>> {
        self.arrival.reader.register(context.waker());
        let arrived = self.arrival.at().take();
        let waker = Waker::from(self.arrival.clone());
        let polled = Pin::new(&mut self.body).poll_frame(&mut Context::from_waker(&waker));
        let Poll::Ready(next) = polled else {
            let (time, left) = (self.time, self.time.saturating_sub(self.waited));
            let wait = || (Instant::now(), Box::pin(tokio::time::sleep(left)));
            let (_, sleep) = self.waiting.get_or_insert_with(wait);
            return sleep.as_mut().poll(context).map(|()| Some(Err(InputError::Slow(time))));
        };
        if let Some((since, _)) = self.waiting.take() {
            self.waited += arrived.unwrap_or_else(Instant::now).saturating_duration_since(since);
        }
        let frame = match next {
            Some(Ok(frame)) => frame,
            Some(Err(error)) => return Poll::Ready(Some(Err(InputError::Broken(error.to_string())))),
            None => return Poll::Ready(None),
        };
        let size = frame.data_ref().map_or(0, Bytes::len);
        match self.left.checked_sub(size) {
            Some(left) => self.left = left,
            None => return Poll::Ready(Some(Err(InputError::TooLarge(self.limit)))),
        }
        Poll::Ready(Some(Ok(frame)))
    }
}

impl From<InputError> for ApiError {
    fn from(error: InputError) -> Self {
        match error {
            InputError::TooLarge(limit) => too_large(limit),
            InputError::Slow(time) => slow(time),
            InputError::Broken(_) => Self::bad_request("body_unreadable", error.to_string()),
        }
    }
}

fn too_large(limit: usize) -> ApiError {
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", InputError::TooLarge(limit).to_string())
}

fn slow(time: Duration) -> ApiError {
    ApiError::new(StatusCode::REQUEST_TIMEOUT, "body_timeout", InputError::Slow(time).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::channel::mpsc;

    const TIME: Duration = Duration::from_millis(500);

    /// A body, the way to send it, and how long one may be waited for.
    async fn sent() -> (mpsc::UnboundedSender<Result<Bytes, std::io::Error>>, Rest) {
        let (sender, receiver) = mpsc::unbounded();
        let ahead = read_ahead(Body::from_stream(receiver), 1000, TIME, false).await.expect("nothing yet");
        (sender, ahead.rest.expect("it goes on"))
    }

    fn part() -> Result<Bytes, std::io::Error> {
        Ok(Bytes::from_static(b"part"))
    }

    #[tokio::test]
    async fn who_reads_slowly_does_not_make_the_sender_slow() {
        let (sender, mut rest) = sent().await;
        sender.unbounded_send(part()).expect("somebody reads");
        rest.frame().await.expect("it goes on").expect("in time");
        tokio::time::sleep(TIME * 2).await;
        // Waited for first, then sent.
        let (frame, ()) =
            futures::join!(rest.frame(), async { sender.unbounded_send(part()).expect("somebody reads") });
        frame.expect("it goes on").expect("in time");
    }

    #[tokio::test]
    async fn who_looks_late_for_what_came_does_not_make_the_sender_slow() {
        let (sender, mut rest) = sent().await;
        for _ in 0..2 {
            assert!(futures::poll!(rest.frame()).is_pending(), "nothing yet");
            sender.unbounded_send(part()).expect("somebody reads");
            tokio::time::sleep(TIME * 2).await;
            rest.frame().await.expect("it goes on").expect("in time");
        }
    }

    #[tokio::test]
    async fn the_waits_for_a_sender_add_up() {
        let (sender, mut rest) = sent().await;
        let sending = async {
            loop {
                tokio::time::sleep(TIME / 5).await;
                sender.unbounded_send(part()).expect("somebody reads");
            }
        };
        let reading = async {
            loop {
                if let Err(error) = rest.frame().await.expect("it goes on") {
                    return error;
                }
            }
        };
        let error = tokio::select! {
            error = reading => error,
            () = sending => return,
        };
        assert!(matches!(error, InputError::Slow(TIME)), "{error}");
    }
}
