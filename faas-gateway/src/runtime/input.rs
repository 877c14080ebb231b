//! A request's body on its way into a guest: what came before the call began, then the rest as it arrives.

use super::usage::Usage;
use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::{Body, Frame, SizeHint};
use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    task::{ready, Context, Poll},
    time::Duration,
};
use tokio::io::{AsyncRead, ReadBuf};
use wasmtime_wasi::{
    cli::{IsTerminal, StdinStream},
    p2::{InputStream, Pollable, StreamError, StreamResult},
};

/// Why a body did not arrive whole.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum InputError {
    #[error("a body may have at most {0} bytes")]
    TooLarge(usize),
    #[error("the body did not arrive within {} s", .0.as_secs_f32())]
    Slow(Duration),
    #[error("the body broke off: {0}")]
    Broken(String),
}

/// The rest of a body, bounded by whoever made it.
pub(crate) type Rest = UnsyncBoxBody<Bytes, InputError>;

/// A body. What goes through it is counted as traffic.
pub(crate) struct Input {
    first: Bytes,
    /// Never locked: it is in a mutex because a guest's resources must be shareable, which a body is not.
    rest: Option<Mutex<Rest>>,
    usage: Arc<Usage>,
    fault: Fault,
}

/// Tells, afterwards, whether and why a body broke.
pub(super) type Fault = Arc<OnceLock<InputError>>;

impl Input {
    /// `first` is counted at once, what follows when it comes.
    pub fn new(first: Bytes, rest: Option<Rest>, usage: Arc<Usage>) -> Self {
        usage.add_traffic(first.len() as u64);
        Self { first, rest: rest.map(Mutex::new), usage, fault: Fault::default() }
    }

    pub(super) fn fault(&self) -> Fault {
        self.fault.clone()
    }

    /// The next bytes, never none; `None` at the end.
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, InputError>>> {
        if !self.first.is_empty() {
            return Poll::Ready(Some(Ok(std::mem::take(&mut self.first))));
        }
        loop {
            let Some(rest) = &mut self.rest else {
                return Poll::Ready(self.fault.get().cloned().map(Err));
            };
            let rest = rest.get_mut().unwrap_or_else(PoisonError::into_inner);
            match ready!(Pin::new(rest).poll_frame(context)) {
                // Trailers have no place in a guest's input.
                Some(Ok(frame)) => {
                    if let Some(bytes) = frame.into_data().ok().filter(|bytes| !bytes.is_empty()) {
                        self.usage.add_traffic(bytes.len() as u64);
                        return Poll::Ready(Some(Ok(bytes)));
                    }
                },
                Some(Err(error)) => {
                    let _ = self.fault.set(error);
                    self.rest = None;
                },
                None => self.rest = None,
            }
        }
    }
}

/// As the body of a component's request.
impl Body for Input {
    type Data = Bytes;
    type Error = InputError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, InputError>>> {
        self.poll_next(context).map(|next| next.map(|next| next.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_empty() && self.rest.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        match &self.rest {
            None => SizeHint::with_exact(self.first.len() as u64),
            Some(_) => SizeHint::default(),
        }
    }
}

/// As a command's standard input. Clones read the same bytes, each byte once.
#[derive(Clone)]
pub(super) struct Stdin(Arc<Mutex<Buffered>>);

struct Buffered {
    bytes: Bytes,
    input: Input,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Ended,
    Broken,
}

impl Stdin {
    pub fn new(input: Input) -> Self {
        Self(Arc::new(Mutex::new(Buffered { bytes: Bytes::new(), input, state: State::Open })))
    }

    fn lock(&self) -> MutexGuard<'_, Buffered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Until there are bytes, or there will never be.
    fn poll_filled(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut this = self.lock();
        if this.bytes.is_empty() && this.state == State::Open {
            match ready!(this.input.poll_next(context)) {
                Some(Ok(bytes)) => this.bytes = bytes,
                Some(Err(_)) => this.state = State::Broken,
                None => this.state = State::Ended,
            }
        }
        Poll::Ready(())
    }
}

/// A guest cannot tell a body that broke off from one that ended: it is stopped. The reason is in [`Fault`].
#[derive(Debug, thiserror::Error)]
#[error("the input broke off")]
struct BrokeOff;

impl InputStream for Stdin {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        let mut this = self.lock();
        if !this.bytes.is_empty() {
            let size = size.min(this.bytes.len());
            return Ok(this.bytes.split_to(size));
        }
        match this.state {
            State::Open => Ok(Bytes::new()),
            State::Ended => Err(StreamError::Closed),
            State::Broken => Err(StreamError::Trap(BrokeOff.into())),
        }
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Stdin {
    async fn ready(&mut self) {
        std::future::poll_fn(|context| self.poll_filled(context)).await;
    }
}

impl AsyncRead for Stdin {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        ready!(self.poll_filled(context));
        let mut this = self.lock();
        let size = buffer.remaining().min(this.bytes.len());
        buffer.put_slice(&this.bytes.split_to(size));
        match this.state {
            State::Broken => Poll::Ready(Err(std::io::Error::other(BrokeOff))),
            State::Open | State::Ended => Poll::Ready(Ok(())),
        }
    }
}

impl IsTerminal for Stdin {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdinStream for Stdin {
    fn async_stream(&self) -> Box<dyn AsyncRead + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn InputStream> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::{BodyExt as _, StreamBody};

    fn stdin(frames: Vec<Result<&'static str, InputError>>) -> (Stdin, Fault, Arc<Usage>) {
        let frames = frames.into_iter().map(|frame| frame.map(|text| Frame::data(Bytes::from(text))));
        let rest = StreamBody::new(futures::stream::iter(frames)).boxed_unsync();
        let usage = Usage::new();
        let input = Input::new(Bytes::from_static(b"first "), Some(rest), usage.clone());
        let fault = input.fault();
        (Stdin::new(input), fault, usage)
    }

    #[tokio::test]
    async fn what_came_first_and_the_rest_are_one_input() {
        let (mut stdin, _, usage) = stdin(vec![Ok("second "), Ok(""), Ok("third")]);
        let mut text = Vec::new();
        loop {
            match stdin.blocking_read(4).await {
                Ok(bytes) => text.extend_from_slice(&bytes),
                Err(StreamError::Closed) => break,
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(text, b"first second third");
        assert_eq!(usage.read().0.network_bytes, 18);
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_stops_the_guest_and_says_why() {
        let (mut stdin, fault, _) = stdin(vec![Ok("second"), Err(InputError::TooLarge(10))]);
        for _ in 0..2 {
            stdin.blocking_read(100).await.expect("whole parts");
        }
        assert!(matches!(stdin.blocking_read(100).await, Err(StreamError::Trap(_))));
        assert!(matches!(fault.get(), Some(InputError::TooLarge(10))));
    }
}
