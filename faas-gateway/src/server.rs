//! Sockets and connections: accepting, bounding, draining. Plain HTTP/1.1; TLS is a proxy's work.

use crate::{
    impatient::Impatient,
    places::{Place, Places},
};
use axum::Router;
use hyper::{
    body::Incoming,
    server::conn::http1,
    service::{service_fn, Service as _},
    Request,
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
    service::TowerToHyperService,
};
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

/// Largest head of a request, in bytes.
const MAX_HEAD_BYTES: usize = 64 << 10;
/// When accepting fails (out of file descriptors), trying again at once would only burn the processor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The client's address, given to every request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub SocketAddr);

/// A listener and what it may do.
pub(crate) struct Server {
    listener: TcpListener,
    room: Arc<Semaphore>,
    places: Arc<Places>,
    patience: Patience,
    stop: CancellationToken,
}

/// How long a client is waited for; then its connection is closed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// To send a request's head; also how long an idle connection is kept.
    pub head: Duration,
    /// To take any part of an answer.
    pub write: Duration,
}

/// The connections that were open when the server stopped accepting.
pub(crate) struct Connections {
    graceful: GracefulShutdown,
    tasks: JoinSet<()>,
}

impl Connections {
    /// Lets each connection end the request it is at, then closes it. Dropping the future closes them all.
    pub async fn drain(self) {
        let Self { graceful, mut tasks } = self;
        graceful.shutdown().await;
        while tasks.join_next().await.is_some() {}
    }
}

impl Server {
    pub fn new(listener: TcpListener, connections: usize, patience: Patience, stop: CancellationToken) -> Self {
        let (room, places) = (Arc::new(Semaphore::new(connections)), Places::new(connections));
        Self { listener, room, places, patience, stop }
    }

    /// Accepts until it is told to stop.
    pub async fn run(self, router: Router) -> Connections {
        let graceful = GracefulShutdown::new();
        let mut tasks = JoinSet::new();
        // Dropping the future between a permit and a connection loses neither: both begin anew.
        while let Some((stream, peer, held)) = self.stop.run_until_cancelled(self.accept()).await {
            while tasks.try_join_next().is_some() {}
            let connection = serve(stream, peer, router.clone(), self.patience, graceful.watcher());
            tasks.spawn(async move {
                connection.await;
                drop(held);
            });
        }
        Connections { graceful, tasks }
    }

    async fn accept(&self) -> (TcpStream, SocketAddr, (Option<OwnedSemaphorePermit>, Place)) {
        loop {
            // The semaphore is never closed.
            let permit = self.room.clone().acquire_owned().await.ok();
            match self.listener.accept().await {
                Ok((stream, peer)) => match self.places.enter(seen_from(&stream, peer)) {
                    Some(place) => return (stream, peer, (permit, place)),
                    // Closed at once: to see whose the next one is.
                    None => tracing::debug!(%peer, "too many connections of this address, or of all"),
                },
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                },
            }
        }
    }
}

/// Where a connection comes from: from one address of this machine to the same is as good as from loopback.
fn seen_from(stream: &TcpStream, peer: SocketAddr) -> IpAddr {
    let peer = peer.ip().to_canonical();
    match stream.local_addr() {
        Ok(own) if own.ip().to_canonical() == peer => Ipv4Addr::LOCALHOST.into(),
        _ => peer,
    }
}

async fn serve(stream: TcpStream, peer: SocketAddr, router: Router, patience: Patience, watcher: Watcher) {
    // Answers are written in pieces as large as they come; waiting for more to send only delays them.
    let _ = stream.set_nodelay(true);
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        router.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience.head)
        .max_header_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(Impatient::new(stream, patience.write)), service);
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%peer, %error, "a connection ended early");
    }
}
