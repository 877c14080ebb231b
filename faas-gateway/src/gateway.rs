//! Start and stop: the door for programs that embed the gateway.

use crate::{
    api,
    config::GatewayConfig,
    core::Core,
    error::StartError,
    server::{self, Server},
};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{net::TcpListener, time};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How often the mean processor use of functions is taken.
const USAGE_INTERVAL: Duration = Duration::from_secs(5);
/// How often unused modules are looked for.
const SWEEP_INTERVAL: Duration = Duration::from_secs(3600);
/// After the drain time: how long calls that were told to stop, and their answers, may take.
const STOP_TIME: Duration = Duration::from_secs(5);

/// The gateway, not running.
pub struct Gateway;

impl Gateway {
    /// Opens the state folder, takes up the functions deployed before, listens and serves.
    ///
    /// When this returns, functions answer. Needs a Tokio runtime with timers and I/O. Calls that compute for long get
    /// threads of the gateway's own, of which there are at most [`crate::Limits::calls`].
    ///
    /// # Errors
    /// See [`StartError`]; nothing is left running.
    pub async fn start(config: GatewayConfig) -> Result<Running, StartError> {
        if let Some(problem) = config.problem() {
            return Err(StartError::Config(problem));
        }
        // For clients of registries; another part of the program may have chosen one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let bind = |source| StartError::Bind { addr: config.listen, source };
        let listener = TcpListener::bind(config.listen).await.map_err(bind)?;
        let addr = listener.local_addr().map_err(bind)?;
        let opened = config.clone();
        let core = tokio::task::spawn_blocking(move || Core::open(&opened))
            .await
            .map_err(|error| StartError::Engine(error.to_string()))??;
        let core = Arc::new(core);
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        tasks.spawn(stop.clone().run_until_cancelled_owned(measure(core.clone())));
        tasks.spawn(stop.clone().run_until_cancelled_owned(sweep(core.clone(), tasks.clone())));
        let server = Server::new(listener, core.limits.connections, core.limits.write_timeout, stop.clone());
        let serving = tasks.spawn(server.run(api::router(core.clone(), tasks.clone())));
        tracing::info!(%addr, state_dir = %config.state_dir.display(), functions = core.list().len(), "the gateway serves");
        Ok(Running { addr, core, stop, tasks, serving: Some(serving) })
    }
}

/// A running gateway. Dropping it stops it at once; [`Running::shutdown`] lets calls end.
#[must_use = "the gateway stops when this is dropped"]
pub struct Running {
    addr: SocketAddr,
    core: Arc<Core>,
    stop: CancellationToken,
    tasks: TaskTracker,
    serving: Option<tokio::task::JoinHandle<server::Connections>>,
}

impl Running {
    /// Where the gateway listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Stops: no new connections, running calls get [`crate::Limits::drain_timeout`], what is left is ended. When this
    /// returns, the address and the state folder are free again.
    pub async fn shutdown(mut self) {
        tracing::info!("the gateway stops");
        self.stop.cancel();
        if let Some(Ok(connections)) = match self.serving.take() {
            Some(serving) => Some(serving.await),
            None => None,
        } {
            self.drain(connections).await;
        }
        self.tasks.close();
        if time::timeout(STOP_TIME, self.tasks.wait()).await.is_err() {
            tracing::warn!("some calls did not end in time");
        }
    }

    async fn drain(&self, connections: server::Connections) {
        let mut drained = std::pin::pin!(connections.drain());
        let in_time = time::timeout(self.core.limits.drain_timeout, &mut drained).await.is_ok();
        // Also what goes on after its answer was sent.
        self.core.cancel.cancel();
        if in_time {
            return;
        }
        if time::timeout(STOP_TIME, drained).await.is_err() {
            tracing::warn!("some connections did not close in time");
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
        self.core.cancel.cancel();
    }
}

async fn measure(core: Arc<Core>) {
    let mut ticks = time::interval(USAGE_INTERVAL);
    loop {
        ticks.tick().await;
        core.list().iter().for_each(|function| function.shared.usage.end_interval());
    }
}

async fn sweep(core: Arc<Core>, tasks: TaskTracker) {
    let mut ticks = time::interval(SWEEP_INTERVAL);
    loop {
        ticks.tick().await;
        let core = core.clone();
        // Tracked, so that stopping waits for it: it holds the database.
        match tasks.spawn_blocking(move || core.sweep()).await {
            Ok(Err(error)) => tracing::warn!(%error, "cannot remove unused modules"),
            Err(error) => tracing::error!(%error, "the search for unused modules failed"),
            Ok(Ok(())) => (),
        }
    }
}
