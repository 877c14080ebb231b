//! Where a guest's output goes: a bounded buffer in memory.

use bytes::{Bytes, BytesMut};
use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};
use tokio::io::AsyncWrite;
use wasmtime_wasi::{
    cli::{IsTerminal, StdoutStream},
    p2::{OutputStream, Pollable, StreamError, StreamResult},
};

/// How much a guest may hand over at once; bounds what the host allocates for it.
const PERMIT_BYTES: usize = 64 << 10;

/// The guest wrote more than it may.
#[derive(Debug, thiserror::Error)]
#[error("more than {0} bytes of output")]
pub(super) struct TooMuchOutput(pub usize);

/// What happens to bytes beyond the limit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Beyond {
    /// The guest is stopped: a cut answer would look like a whole one.
    Stop,
    /// They are dropped: a log may be cut.
    Drop,
}

/// A buffer that a guest writes to and the host reads afterwards. Clones share it.
#[derive(Clone)]
pub(super) struct Output {
    limit: usize,
    beyond: Beyond,
    buffer: Arc<Mutex<BytesMut>>,
}

impl Output {
    pub fn new(limit: usize, beyond: Beyond) -> Self {
        Self { limit, beyond, buffer: Arc::default() }
    }

    /// What was written; the buffer is empty afterwards.
    pub fn take(&self) -> Bytes {
        std::mem::take(&mut *self.buffer.lock().unwrap_or_else(PoisonError::into_inner)).freeze()
    }

    fn append(&self, bytes: &[u8]) -> Result<(), TooMuchOutput> {
        let mut buffer = self.buffer.lock().unwrap_or_else(PoisonError::into_inner);
        let room = self.limit - buffer.len();
        if bytes.len() > room && self.beyond == Beyond::Stop {
            return Err(TooMuchOutput(self.limit));
        }
        buffer.extend_from_slice(&bytes[..bytes.len().min(room)]);
        Ok(())
    }
}

impl OutputStream for Output {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.append(&bytes).map_err(|error| StreamError::Trap(error.into()))
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(PERMIT_BYTES)
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Output {
    async fn ready(&mut self) {}
}

impl AsyncWrite for Output {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(self.append(bytes).map(|()| bytes.len()).map_err(io::Error::other))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl IsTerminal for Output {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Output {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_at_the_limit_passes_and_one_byte_more_stops() {
        let output = Output::new(4, Beyond::Stop);
        assert!(output.append(b"1234").is_ok());
        assert!(output.append(b"5").is_err());
        assert_eq!(&output.take()[..], b"1234");
    }

    #[test]
    fn a_log_is_cut_at_the_limit() {
        let output = Output::new(4, Beyond::Drop);
        assert!(output.append(b"123").is_ok());
        assert!(output.append(b"456").is_ok());
        assert_eq!(&output.take()[..], b"1234");
    }
}
