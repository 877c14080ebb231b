//! Start and stop: the door for programs that embed the gateway.

use crate::{
    api::Api,
    config::GatewayConfig,
    core::Core,
    error::StartError,
    queue::{self, Queue},
    server::{self, Patience, Server},
};
use futures::future::join_all;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{net::TcpListener, task::JoinHandle, time};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Connections that may ask for metrics at once.
const METRICS_CONNECTIONS: usize = 16;
/// How often the mean processor use of functions is taken, and their calls are written.
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
        let (listener, addr) = bind(config.listen).await?;
        let control = bind_if(config.control_listen).await?;
        let metrics = bind_if(config.metrics_listen).await?;
        let opened = config.clone();
        let (core, queue, writer) = tokio::task::spawn_blocking(move || open(&opened))
            .await
            .map_err(|error| StartError::Engine(error.to_string()))??;
        let core = Arc::new(core);
        let (stop, stop_writing) = (CancellationToken::new(), CancellationToken::new());
        let (tasks, deliveries) = (TaskTracker::new(), TaskTracker::new());
        tasks.spawn(stop.clone().run_until_cancelled_owned(measure(core.clone(), tasks.clone())));
        tasks.spawn(stop.clone().run_until_cancelled_owned(sweep(core.clone(), tasks.clone())));
        tasks.spawn(writer.run(stop_writing.clone()));
        let api = Api::new(core.clone(), queue.clone(), tasks.clone());
        let deliver = api.clone();
        let deliver = move |turn| deliver.clone().deliver(turn);
        tasks.spawn(queue::run(queue, deliveries.clone(), stop.clone(), deliver));
        let patience = Patience { head: core.limits.head_timeout, write: core.limits.write_timeout };
        let metrics_addr = metrics.as_ref().map(|(_, addr)| *addr);
        if let Some((listener, addr)) = metrics {
            let server = Server::new(listener, METRICS_CONNECTIONS, patience, stop.clone());
            let router = api.clone().metrics_router();
            // Its answers are short: what is open when the gateway stops is closed.
            tasks.spawn(async move { drop(server.run(router).await) });
            tracing::info!(%addr, "metrics are served");
        }
        let serve = |listener, router| {
            let server = Server::new(listener, core.limits.connections, patience, stop.clone());
            tasks.spawn(server.run(router))
        };
        let control_addr = control.as_ref().map(|(_, addr)| *addr);
        let serving = match control {
            None => vec![serve(listener, api.router())],
            Some((control, addr)) => {
                tracing::info!(%addr, "administration has an address of its own");
                vec![serve(listener, api.clone().open_router()), serve(control, api.router())]
            },
        };
        tracing::info!(%addr, state_dir = %config.state_dir.display(), functions = core.list().len(), "the gateway serves");
        Ok(Running { addr, control_addr, metrics_addr, core, stop, stop_writing, tasks, deliveries, serving })
    }
}

async fn bind(listen: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let error = |source| StartError::Bind { addr: listen, source };
    let listener = TcpListener::bind(listen).await.map_err(error)?;
    let addr = listener.local_addr().map_err(error)?;
    Ok((listener, addr))
}

async fn bind_if(listen: Option<SocketAddr>) -> Result<Option<(TcpListener, SocketAddr)>, StartError> {
    match listen {
        Some(listen) => bind(listen).await.map(Some),
        None => Ok(None),
    }
}

fn open(config: &GatewayConfig) -> Result<(Core, Arc<Queue>, queue::QueueWriter), StartError> {
    let core = Core::open(config)?;
    let unreadable = |error: crate::store::StoreError| StartError::Store {
        path: config.state_dir.clone(),
        message: format!("the queue: {error}"),
    };
    let (queue, writer) = Queue::open(&config.state_dir, &config.limits.asynchronous).map_err(unreadable)?;
    Ok((core, queue, writer))
}

/// A running gateway. Dropping it stops it at once; [`Running::shutdown`] lets calls end.
#[must_use = "the gateway stops when this is dropped"]
pub struct Running {
    addr: SocketAddr,
    control_addr: Option<SocketAddr>,
    metrics_addr: Option<SocketAddr>,
    core: Arc<Core>,
    stop: CancellationToken,
    /// Comes after `stop`: what ends is still noted.
    stop_writing: CancellationToken,
    tasks: TaskTracker,
    /// Waiting calls that run, and callbacks that are being sent.
    deliveries: TaskTracker,
    serving: Vec<JoinHandle<server::Connections>>,
}

impl Running {
    /// Where the gateway listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Where the whole API is served, if that is not where the gateway listens for all.
    pub fn control_addr(&self) -> Option<SocketAddr> {
        self.control_addr
    }

    /// Where the metrics are served, if they are.
    pub fn metrics_addr(&self) -> Option<SocketAddr> {
        self.metrics_addr
    }

    /// Stops: no new connections, running calls get [`crate::Limits::drain_timeout`], what is left is ended. When this
    /// returns, the address and the state folder are free again.
    pub async fn shutdown(mut self) {
        tracing::info!("the gateway stops");
        self.stop.cancel();
        self.core.stopping.cancel();
        let mut connections = Vec::new();
        for serving in std::mem::take(&mut self.serving) {
            connections.extend(serving.await);
        }
        self.drain(connections).await;
        self.stop_writing.cancel();
        let core = self.core.clone();
        self.tasks.spawn_blocking(move || save_invocations(&core));
        self.tasks.close();
        if time::timeout(STOP_TIME, self.tasks.wait()).await.is_err() {
            tracing::warn!("some calls did not end in time");
        }
    }

    async fn drain(&self, connections: Vec<server::Connections>) {
        self.deliveries.close();
        let connections = join_all(connections.into_iter().map(server::Connections::drain));
        let mut drained = std::pin::pin!(async { tokio::join!(connections, self.deliveries.wait()) });
        let in_time = time::timeout(self.core.limits.drain_timeout, &mut drained).await.is_ok();
        // Also what goes on after its answer was sent.
        self.core.cancel.cancel();
        if in_time {
            return;
        }
        if time::timeout(STOP_TIME, drained).await.is_err() {
            tracing::warn!("some connections or callbacks did not end in time");
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
        self.core.stopping.cancel();
        self.core.cancel.cancel();
        self.stop_writing.cancel();
    }
}

async fn measure(core: Arc<Core>, tasks: TaskTracker) {
    let mut ticks = time::interval(USAGE_INTERVAL);
    loop {
        ticks.tick().await;
        core.list().iter().for_each(|function| function.shared.usage.end_interval());
        let core = core.clone();
        if let Err(error) = tasks.spawn_blocking(move || save_invocations(&core)).await {
            tracing::error!(%error, "counting calls failed");
        }
    }
}

fn save_invocations(core: &Core) {
    if let Err(error) = core.save_invocations() {
        tracing::warn!(%error, "cannot write how often functions were called");
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
