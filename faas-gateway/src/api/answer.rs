//! A component's answer on its way to the caller: counted, bounded, and the end of the call if the caller goes away.

use crate::runtime::{Answer, Usage};
use axum::{
    body::Body,
    http::{Method, StatusCode},
    response::Response,
};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tokio_util::sync::DropGuard;
use wasmtime_wasi_http::body::HyperOutgoingBody;

/// Wraps the answer to a request of this method. `guard` ends the call unless the answer is sent whole; `limit` is in bytes.
pub(super) fn stream(answer: Answer, method: &Method, usage: Arc<Usage>, limit: u64, guard: DropGuard) -> Response {
    if *method == Method::HEAD || matches!(answer.status(), StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
        // Such an answer is whole with its head; nobody takes its body.
        guard.disarm();
        return answer.map(|_| Body::empty());
    }
    answer.map(|body| Body::new(Streamed { body, usage, left: limit, guard: Some(guard) }))
}

struct Streamed {
    body: HyperOutgoingBody,
    usage: Arc<Usage>,
    left: u64,
    guard: Option<DropGuard>,
}

/// Why an answer breaks off.
#[derive(Debug, thiserror::Error)]
enum BrokeOff {
    #[error("the function's answer is too large")]
    TooLarge,
    #[error("the function's answer broke off: {0}")]
    Function(String),
}

impl Streamed {
    /// The whole answer is on its way: what the component does after it, it may do within its time.
    fn ended(&mut self) {
        if let Some(guard) = self.guard.take() {
            guard.disarm();
        }
    }
}

impl hyper::body::Body for Streamed {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        let next = match std::task::ready!(Pin::new(&mut self.body).poll_frame(context)) {
            Some(Ok(frame)) => frame,
            Some(Err(error)) => return Poll::Ready(Some(Err(BrokeOff::Function(format!("{error:?}")).into()))),
            None => {
                self.ended();
                return Poll::Ready(None);
            },
        };
        let size = next.data_ref().map_or(0, Bytes::len) as u64;
        match self.left.checked_sub(size) {
            Some(left) => self.left = left,
            None => return Poll::Ready(Some(Err(BrokeOff::TooLarge.into()))),
        }
        self.usage.add_traffic(size);
        if self.body.is_end_stream() {
            self.ended();
        }
        Poll::Ready(Some(Ok(next)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
