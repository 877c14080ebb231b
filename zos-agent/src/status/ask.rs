//! Asks a running agent how it is doing, or reads what it has left.

use super::Status;
use crate::{
    admin::SOCKET,
    store::{Store, StoreError},
};
use std::{
    io::{self, Read, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    time::Duration,
};

/// The longest that a running agent may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why there is no status.
#[derive(Debug, thiserror::Error)]
pub enum StatusError {
    /// An agent runs and does not answer.
    #[error("the agent at {path} does not answer: {reason}; its log says more")]
    Silent {
        /// The socket.
        path: PathBuf,
        /// What came instead.
        reason: String,
    },
    /// No agent has been here.
    #[error("there is no state in {0}; start the agent first, or name its configuration with --config FILE")]
    NoState(PathBuf),
    /// The store cannot be read.
    #[error("no agent answers, and its state in {path} cannot be read: {reason}")]
    Store {
        /// The state folder.
        path: PathBuf,
        /// Why.
        reason: StoreError,
    },
}

/// How the agent of this state folder is doing.
pub async fn ask(state_dir: &Path) -> Result<Status, StatusError> {
    let path = state_dir.join(SOCKET);
    match UnixStream::connect(&path) {
        Ok(stream) => exchange(stream).map_err(|reason| StatusError::Silent { path, reason }),
        Err(_) => left(state_dir),
    }
}

/// Over HTTP/1.0, so that the answer ends where the connection does.
fn exchange(mut stream: UnixStream) -> Result<Status, String> {
    let failed = |error: io::Error| error.to_string();
    stream.set_read_timeout(Some(PATIENCE)).map_err(failed)?;
    stream.write_all(b"GET /status HTTP/1.0\r\nHost: agent\r\n\r\n").map_err(failed)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).map_err(failed)?;
    let answer = String::from_utf8(answer).map_err(|error| error.to_string())?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("no answer")?;
    if head.lines().next().is_none_or(|line| !line.contains(" 200 ")) {
        return Err(body.trim().to_owned());
    }
    serde_json::from_str(body).map_err(|error| error.to_string())
}

fn left(state_dir: &Path) -> Result<Status, StatusError> {
    if !Store::exists(state_dir) {
        return Err(StatusError::NoState(state_dir.to_owned()));
    }
    let failed = |reason| StatusError::Store { path: state_dir.to_owned(), reason };
    let status = Store::look(state_dir, Status::read).map_err(failed)?;
    Ok(Status { state_dir: state_dir.to_owned(), ..status })
}
