//! The socket: a JSON-RPC server on a WebSocket, over TLS if there is a certificate.

use super::{
    places::Places,
    seats::{Seat, Seats},
    tls::Certificate,
    watch::{Caller, Watched},
    Direct,
};
use crate::{bus::config::BusConfig, error::AgentError};
use grid_types::bus::{Failure, HELLO_METHOD, MAX_MESSAGE, METHOD};
use jsonrpsee_client::{
    core::server::ResponsePayload,
    server::{
        serve_with_graceful_shutdown, stop_channel, BatchRequestConfig, HttpRequest, Methods, PingConfig, Server,
        ServerConfig, ServerHandle, StopHandle, TowerServiceBuilder,
    },
    types::ErrorObjectOwned,
    Extensions, RpcModule,
};
use serde_json::{json, Value};
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::{layer::util::Identity, Service};

/// How long commands that have begun may go on when the agent stops.
const DRAIN: Duration = Duration::from_secs(15);
/// Answers of one connection that may wait to be read.
const BUFFER: u32 = 8;
/// How long a TLS handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// The pause after a connection that could not be accepted, such as for want of file handles.
const PAUSE: Duration = Duration::from_millis(100);
/// How often a silent client is asked for a sign of life, and how long one that gives none is kept. Longer than any command.
const PING: Duration = Duration::from_secs(30);
const SILENCE: Duration = Duration::from_secs(420);

/// The open door.
pub struct Door {
    address: SocketAddr,
    handle: ServerHandle,
    closing: CancellationToken,
}

/// What each connection needs.
#[derive(Clone)]
struct Hall {
    builder: TowerServiceBuilder<Identity, Identity>,
    methods: Methods,
    tls: Option<TlsAcceptor>,
    seats: Seats,
    places: Places,
}

impl Door {
    /// Opens it.
    pub async fn open(config: &BusConfig, direct: Arc<Direct>) -> Result<Self, AgentError> {
        let failed = |reason| AgentError::Bus { address: config.listen, reason };
        let certificate = match (&config.tls_certificate, &config.tls_key) {
            (Some(chain), Some(key)) => Some(Certificate::load(chain, key)?),
            _ => None,
        };
        let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let hall = Hall {
            builder: Server::builder().set_config(limits(config)).to_service_builder(),
            methods: methods(direct).into(),
            tls: certificate.as_ref().map(Certificate::acceptor).transpose()?,
            seats: Seats::new(config.connections_per_address as usize),
            places: Places::free(),
        };
        let (stop, handle) = stop_channel();
        let closing = CancellationToken::new();
        if let Some(certificate) = certificate {
            tokio::spawn(certificate.watch(closing.clone()));
        }
        tracing::info!(listen = %address, tls = hall.tls.is_some(), "the bus is open");
        tokio::spawn(accept(listener, hall, stop));
        Ok(Self { address, handle, closing })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no new commands and lets those that have begun come to their end.
    pub async fn close(self) {
        self.closing.cancel();
        // An error means that it is closed already.
        let _ = self.handle.stop();
        if tokio::time::timeout(DRAIN, self.handle.clone().stopped()).await.is_err() {
            tracing::warn!("some commands did not end in time");
        }
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.closing.cancel();
        let _ = self.handle.stop();
    }
}

fn limits(config: &BusConfig) -> ServerConfig {
    let limit = u32::try_from(MAX_MESSAGE).unwrap_or(u32::MAX);
    ServerConfig::builder()
        .max_request_body_size(limit)
        .max_response_body_size(limit)
        .max_connections(config.max_connections)
        .set_batch_request_config(BatchRequestConfig::Disabled)
        .set_message_buffer_capacity(BUFFER)
        .enable_ws_ping(PingConfig::new().ping_interval(PING).inactive_limit(SILENCE))
        .ws_only()
        .build()
}

async fn accept(listener: TcpListener, hall: Hall, stop: StopHandle) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.clone().shutdown() => return,
        };
        let (socket, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(PAUSE).await;
                continue;
            },
        };
        let address = SocketAddr::new(seen_from(&socket, address), address.port());
        match hall.seats.take(address.ip()) {
            Some(seat) => drop(tokio::spawn(connection(socket, address, seat, hall.clone(), stop.clone()))),
            None => tracing::info!(%address, "too many connections of one address; this one is closed"),
        }
    }
}

/// Where a connection comes from. From one address of this machine to the same is as good as from loopback: a proxy, or the
/// agent that looks whether its door is open.
fn seen_from(socket: &TcpStream, peer: SocketAddr) -> IpAddr {
    let peer = peer.ip().to_canonical();
    match socket.local_addr() {
        Ok(own) if own.ip().to_canonical() == peer => Ipv4Addr::LOCALHOST.into(),
        _ => peer,
    }
}

async fn connection(socket: TcpStream, address: SocketAddr, seat: Seat, hall: Hall, stop: StopHandle) {
    // Messages are small and wait for their answers.
    let _ = socket.set_nodelay(true);
    let Some(tls) = hall.tls.clone() else { return serve(socket, address, seat, hall, stop).await };
    match tokio::time::timeout(HANDSHAKE, tls.accept(socket)).await {
        Ok(Ok(stream)) => serve(stream, address, seat, hall, stop).await,
        Ok(Err(error)) => tracing::debug!(%address, %error, "no TLS"),
        Err(_) => tracing::debug!(%address, "the TLS handshake takes too long"),
    }
}

async fn serve<S>(stream: S, address: SocketAddr, seat: Seat, hall: Hall, stop: StopHandle)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let caller = Arc::new(Caller::new(address.ip()));
    let stream = Watched::new(stream, caller.clone(), &hall.places, seat);
    let rpc = hall.builder.build(hall.methods, stop.clone());
    let service = tower::service_fn(move |mut request: HttpRequest<hyper::body::Incoming>| {
        request.extensions_mut().insert(caller.clone());
        let answer = rpc.clone().call(request);
        async move { answer.await.map_err(std::io::Error::other) }
    });
    if let Err(error) = serve_with_graceful_shutdown(stream, service, stop.shutdown()).await {
        tracing::debug!(%address, %error, "a connection ended");
    }
}

fn methods(direct: Arc<Direct>) -> RpcModule<Direct> {
    let mut module = RpcModule::from_arc(direct);
    let call = module
        .register_async_method(METHOD, |params, direct, extensions| {
            // What cannot be read is answered as well.
            let params = params.as_str().unwrap_or("[]").to_owned();
            let caller = caller(&extensions);
            async move {
                let working = caller.begin();
                let reply = direct.answer(params, caller).await.to_value();
                let (payload, done) = ResponsePayload::<Value>::success(reply).notify_on_completion();
                // Until it is on its way: who does not read his answers gets no more.
                tokio::spawn(async move {
                    let _ = done.await;
                    drop(working);
                });
                payload
            }
        })
        .map(drop);
    let hello = module
        .register_method(HELLO_METHOD, |params, direct, extensions| {
            let introduction = direct.introduce(params.as_str().unwrap_or("[]"), &caller(extensions));
            introduction.map(|introduction| introduction.to_value()).map_err(refusal)
        })
        .map(drop);
    // Only a name that is taken is refused, and these are the only ones.
    if let Some(error) = call.err().or(hello.err()) {
        tracing::error!(%error, "the bus lacks a method");
    }
    module
}

/// A refusal of what is no message, as JSON-RPC says it.
fn refusal(failure: Failure) -> ErrorObjectOwned {
    let Failure { code, message } = failure;
    let number = i32::try_from(code.number()).unwrap_or(i32::MAX);
    ErrorObjectOwned::owned(number, message, Some(json!({ "code": code.as_str(), "retryable": code.retryable() })))
}

fn caller(extensions: &Extensions) -> Arc<Caller> {
    let unknown = || Arc::new(Caller::new(Ipv4Addr::UNSPECIFIED.into()));
    extensions.get::<Arc<Caller>>().cloned().unwrap_or_else(unknown)
}
