//! Where the agent tells about itself: a socket in the state folder, for `zos-agent status`, and an address for Prometheus if the
//! operator gives one. Nothing can be changed here, and no secret can be read.
//!
//! | path | answer |
//! | --- | --- |
//! | `/healthz` | 200 while the process answers |
//! | `/readyz` | 200 while it does its work; else 503 and why |
//! | `/metrics` | what was counted, for Prometheus |
//! | `/status` | [`Status`] as JSON |

use crate::{
    board::Board,
    chain::{Chain, Snapshot},
    clock,
    config::Config,
    error::AgentError,
    key::AgentKey,
    metrics::{Metrics, CONTENT_TYPE},
    status::Status,
    store::{Store, StoreError},
};
use axum::{
    extract::State,
    http::{header, StatusCode},
    response::{IntoResponse, Response},
    routing::get,
    Json, Router,
};
use std::{io, net::SocketAddr, path::Path, path::PathBuf, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, UnixListener},
    sync::watch,
};
use tokio_util::sync::CancellationToken;

/// The socket's name in the state folder.
pub const SOCKET: &str = "admin.sock";
/// The longest that the chain may take for what is shown of it.
const CHAIN: Duration = Duration::from_secs(3);
/// How old the last look at everything may be beyond the time between two, seconds.
const LATE: u64 = 60;

/// What is told about.
#[derive(Clone)]
pub struct Source {
    store: Store,
    chain: Arc<dyn Chain>,
    metrics: Metrics,
    board: Board,
    view: watch::Receiver<Option<Arc<Snapshot>>>,
    account: String,
    resync: u64,
    state_dir: PathBuf,
}

impl Source {
    /// The agent with this configuration and these parts.
    pub fn new(
        config: &Config,
        key: &AgentKey,
        store: &Store,
        chain: &Arc<dyn Chain>,
        metrics: &Metrics,
        board: &Board,
        view: watch::Receiver<Option<Arc<Snapshot>>>,
    ) -> Self {
        Self {
            store: store.clone(),
            chain: chain.clone(),
            metrics: metrics.clone(),
            board: board.clone(),
            view,
            account: key.address(),
            resync: config.engine.resync,
            state_dir: config.state_dir.clone(),
        }
    }

    async fn status(&self) -> Result<Status, StoreError> {
        let mut status = self.store.read(Status::read).await?;
        status.running = true;
        status.account = Some(self.account.clone());
        status.state_dir = self.state_dir.clone();
        status.notes = self.board.read();
        status.endpoints = self.chain.endpoints();
        if let Some(view) = self.view.borrow().clone() {
            status.see(&view);
        }
        status.float = tokio::time::timeout(CHAIN, self.chain.float()).await.ok().and_then(Result::ok);
        Ok(status)
    }

    /// Why the agent does not do its work.
    fn not_ready(&self) -> Vec<String> {
        let notes = self.board.read();
        let now = clock::now();
        let mut reasons = Vec::new();
        match notes.look_at {
            None => reasons.push("it has not seen both chain and gateway yet".to_owned()),
            Some(at) if now.saturating_sub(at) > self.resync.saturating_add(LATE) => {
                reasons.push(format!("it has not seen both chain and gateway for {} s", now.saturating_sub(at)));
            },
            Some(_) => {},
        }
        reasons.extend(notes.door_failure);
        reasons
    }
}

/// The open doors.
pub struct Admin {
    source: Source,
    socket: Option<UnixListener>,
    listener: Option<TcpListener>,
}

impl Admin {
    /// Opens them. Without the socket everything works but `zos-agent status`.
    pub async fn open(config: &Config, source: Source) -> Result<Self, AgentError> {
        let path = config.state_dir.join(SOCKET);
        let socket = bind(&path)
            .map_err(|error| tracing::warn!(path = %path.display(), %error, "zos-agent status will not work"))
            .ok();
        let listener = match config.admin.listen {
            Some(address) => {
                let failed = |reason| AgentError::Admin { place: address.to_string(), reason };
                Some(TcpListener::bind(address).await.map_err(failed)?)
            },
            None => None,
        };
        let admin = Self { source, socket, listener };
        if let Some(address) = admin.address() {
            tracing::info!(listen = %address, "telling about itself");
        }
        Ok(admin)
    }

    /// The address, if there is one.
    pub fn address(&self) -> Option<SocketAddr> {
        self.listener.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// Answers until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let routes = Router::new()
            .route("/healthz", get(|| async { "ok\n" }))
            .route("/readyz", get(readyz))
            .route("/metrics", get(metrics))
            .route("/status", get(status))
            .with_state(self.source);
        let over_socket = async {
            if let Some(socket) = self.socket {
                served(axum::serve(socket, routes.clone()).await);
            }
            std::future::pending::<()>().await;
        };
        let over_tcp = async {
            if let Some(listener) = self.listener {
                served(axum::serve(listener, routes.clone()).await);
            }
            std::future::pending::<()>().await;
        };
        // Answers that are under way end with it: whoever asks can ask again.
        tokio::select! {
            () = stop.cancelled() => {},
            () = over_socket => {},
            () = over_tcp => {},
        }
    }
}

fn served(outcome: io::Result<()>) {
    if let Err(error) = outcome {
        tracing::error!(%error, "the agent does not tell about itself any more");
    }
}

/// A socket of an earlier process is in the way; that it is gone is sure, as this one has the store.
fn bind(path: &Path) -> io::Result<UnixListener> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {},
    }
    UnixListener::bind(path)
}

async fn readyz(State(source): State<Source>) -> Response {
    match source.not_ready() {
        reasons if reasons.is_empty() => "ready\n".into_response(),
        reasons => (StatusCode::SERVICE_UNAVAILABLE, format!("{}\n", reasons.join("\n"))).into_response(),
    }
}

async fn metrics(State(source): State<Source>) -> Response {
    let now = clock::now();
    let age = |at: Option<u64>| at.map_or(-1, |at| i64::try_from(now.saturating_sub(at)).unwrap_or(i64::MAX));
    let head = source.view.borrow().as_ref().map(|view| view.head.timestamp);
    let endpoints = source.chain.endpoints();
    match source.metrics.encode(age(source.board.read().heartbeat_at), age(head), &endpoints) {
        Ok(text) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn status(State(source): State<Source>) -> Response {
    match source.status().await {
        Ok(status) => Json(status).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
