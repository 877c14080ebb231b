//! Where a guest's standard error goes: lines, handed on as they are written, and not more than a call may write.

use bytes::Bytes;
use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};
use tokio::io::AsyncWrite;
use wasmtime_wasi::{
    cli::{IsTerminal, StdoutStream},
    p2::{OutputStream, Pollable, StreamResult},
};

/// Kept of one call, in bytes.
const CALL_BYTES: usize = 64 << 10;
/// A line that is longer is handed on in pieces, in bytes.
const LINE_BYTES: usize = 4 << 10;
/// How much a guest may hand over at once, in bytes.
const PERMIT_BYTES: usize = 64 << 10;

/// Takes a line, or several.
pub(crate) type Lines = Arc<dyn Fn(&str) + Send + Sync>;

/// A guest's log. Clones share it; the last of them hands on what is left.
#[derive(Clone)]
pub(super) struct Log(Arc<Mutex<Open>>);

struct Open {
    lines: Lines,
    begun: Vec<u8>,
    room: usize,
    /// Something did not fit.
    cut: bool,
}

impl Log {
    pub fn new(lines: Lines) -> Self {
        Self(Arc::new(Mutex::new(Open { lines, begun: Vec::new(), room: CALL_BYTES, cut: false })))
    }

    fn append(&self, bytes: &[u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).append(bytes);
    }
}

impl Open {
    fn append(&mut self, bytes: &[u8]) {
        let (kept, dropped) = bytes.split_at(bytes.len().min(self.room));
        self.room -= kept.len();
        for mut line in kept.split_inclusive(|byte| *byte == b'\n') {
            while !line.is_empty() {
                let (part, more) = line.split_at(line.len().min(LINE_BYTES - self.begun.len()));
                self.begun.extend_from_slice(part);
                if part.ends_with(b"\n") || self.begun.len() == LINE_BYTES {
                    self.hand_on();
                }
                line = more;
            }
        }
        if !dropped.is_empty() && !self.cut {
            self.cut = true;
            self.hand_on();
            (self.lines)("[the call wrote more than is kept]");
        }
    }

    fn hand_on(&mut self) {
        if !self.begun.is_empty() {
            (self.lines)(String::from_utf8_lossy(&self.begun).trim_end_matches('\n'));
            self.begun.clear();
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.hand_on();
    }
}

impl OutputStream for Log {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.append(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(PERMIT_BYTES)
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Log {
    async fn ready(&mut self) {}
}

impl AsyncWrite for Log {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.append(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl IsTerminal for Log {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Log {
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

    fn log() -> (Log, Arc<Mutex<Vec<String>>>) {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let kept = lines.clone();
        (Log::new(Arc::new(move |line| kept.lock().expect("whole").push(line.to_owned()))), lines)
    }

    #[test]
    fn a_line_is_handed_on_when_it_is_whole_and_the_last_one_at_the_end() {
        let (log, lines) = log();
        log.append(b"one\ntw");
        assert_eq!(*lines.lock().expect("whole"), ["one"]);
        log.append(b"o\nthree");
        drop(log);
        assert_eq!(*lines.lock().expect("whole"), ["one", "two", "three"]);
    }

    #[test]
    fn a_call_that_writes_without_end_is_cut_once() {
        // Pieces of which the last that fits is cut, and pieces that fit exactly.
        for piece in [1000, CALL_BYTES / 2] {
            let (log, lines) = log();
            for _ in 0..1000 {
                log.append(&vec![b'x'; piece]);
            }
            drop(log);
            let lines = lines.lock().expect("whole");
            assert_eq!(lines.iter().filter(|line| line.starts_with('[')).count(), 1);
            assert_eq!(lines.iter().filter(|line| !line.starts_with('[')).map(String::len).sum::<usize>(), CALL_BYTES);
        }
    }

    #[test]
    fn a_long_line_is_handed_on_in_pieces() {
        let (log, lines) = log();
        log.append(b"begin");
        log.append(&[b'x'; 2 * LINE_BYTES]);
        log.append(b"end\n");
        let lines = lines.lock().expect("whole");
        assert_eq!(lines.iter().map(String::len).collect::<Vec<_>>(), [LINE_BYTES, LINE_BYTES, 8]);
    }
}
