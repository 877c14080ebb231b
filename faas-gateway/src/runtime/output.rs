//! Where a command's answer goes: a bounded buffer in memory. Whether it becomes an answer is only known when the
//! command has ended well.

use super::limits::Budget;
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
/// What an answer may have without asking for room, in bytes: most have no more.
const SMALL_BYTES: usize = 64 << 10;
/// In what steps room is asked for, in bytes.
const STEP_BYTES: u64 = 256 << 10;

/// Why a guest that writes is stopped: a cut answer would look like a whole one.
#[derive(Debug, thiserror::Error)]
pub(super) enum OutputRefused {
    #[error("more than {0} bytes of output")]
    TooMuch(usize),
    #[error("no room for more output")]
    Busy,
}

/// A buffer that a guest writes to and the host reads afterwards. Clones share it.
#[derive(Clone)]
pub(super) struct Output {
    limit: usize,
    buffer: Arc<Mutex<Buffer>>,
}

/// Bytes and the room they take of what all waiting answers share. The room is free again when the bytes are gone:
/// sent, or dropped.
struct Buffer {
    bytes: BytesMut,
    room: Arc<Budget>,
    held: u64,
}

impl Buffer {
    fn make_room(&mut self, size: usize) -> bool {
        let wanted = (size.saturating_sub(SMALL_BYTES) as u64).next_multiple_of(STEP_BYTES);
        let more = wanted.saturating_sub(self.held);
        if more > 0 && !self.room.take(more) {
            return false;
        }
        self.held += more;
        true
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        self.room.give_back(self.held);
    }
}

impl Output {
    /// At most `limit` bytes; `room` is shared with other answers that wait to be sent.
    pub fn new(limit: usize, room: Arc<Budget>) -> Self {
        let buffer = Buffer { bytes: BytesMut::new(), room, held: 0 };
        Self { limit, buffer: Arc::new(Mutex::new(buffer)) }
    }

    /// What was written; the buffer is empty afterwards.
    pub fn take(&self) -> Bytes {
        let mut buffer = self.buffer.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = std::mem::take(&mut buffer.bytes);
        if buffer.held == 0 {
            return bytes.freeze();
        }
        let held = std::mem::take(&mut buffer.held);
        Bytes::from_owner(Buffer { bytes, room: buffer.room.clone(), held })
    }

    fn append(&self, bytes: &[u8]) -> Result<(), OutputRefused> {
        let mut buffer = self.buffer.lock().unwrap_or_else(PoisonError::into_inner);
        let size = buffer.bytes.len() + bytes.len();
        if size > self.limit {
            return Err(OutputRefused::TooMuch(self.limit));
        }
        if !buffer.make_room(size) {
            return Err(OutputRefused::Busy);
        }
        buffer.bytes.extend_from_slice(bytes);
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

    fn output(limit: usize, room: &Arc<Budget>) -> Output {
        Output::new(limit, room.clone())
    }

    #[test]
    fn an_answer_at_the_limit_passes_and_one_byte_more_stops() {
        let output = output(4, &Budget::new(0, None));
        assert!(output.append(b"1234").is_ok());
        assert!(matches!(output.append(b"5"), Err(OutputRefused::TooMuch(4))));
        assert_eq!(&output.take()[..], b"1234");
    }

    #[test]
    fn large_answers_share_room_until_they_are_sent() {
        let room = Budget::new(STEP_BYTES, None);
        let large = vec![0; SMALL_BYTES + 1];
        let one = output(1 << 20, &room);
        assert!(one.append(&large).is_ok());
        let sent = one.take();
        drop(one);
        assert!(matches!(output(1 << 20, &room).append(&large), Err(OutputRefused::Busy)));
        assert!(output(1 << 20, &room).append(&large[1..]).is_ok(), "a small one needs none");
        drop(sent);
        assert!(output(1 << 20, &room).append(&large).is_ok());
    }
}
