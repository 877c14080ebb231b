//! A component's own request: checked, connected to an address that was checked, counted, bounded in number.

use super::{Egress, EgressRules};
use crate::{headers, runtime::usage::Usage};
use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::{
    body::Frame,
    client::conn::http1,
    header::{HeaderValue, HOST},
    http::uri::PathAndQuery,
    Request, Uri,
};
use hyper_util::rt::TokioIo;
use rustls_platform_verifier::BuilderVerifierExt as _;
use std::{
    future::Future,
    io,
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_rustls::{rustls, TlsConnector};
use wasmtime_wasi_http::{
    bindings::http::types::{DnsErrorPayload, ErrorCode},
    body::HyperOutgoingBody,
    hyper_request_error, hyper_response_error,
    types::{HostFutureIncomingResponse, IncomingResponse, OutgoingRequestConfig},
};

/// Requests of one call that may be open at once: sent, and their answers not yet read to the end or dropped.
const OPEN_REQUESTS: usize = 8;

/// The servers one call may speak to.
pub(in crate::runtime) struct Outgoing {
    egress: Arc<Egress>,
    rules: Arc<EgressRules>,
    usage: Arc<Usage>,
    open: Arc<Semaphore>,
}

/// Where a request goes.
struct Target {
    host: String,
    port: u16,
    tls: bool,
}

impl Outgoing {
    pub fn new(egress: Arc<Egress>, rules: Arc<EgressRules>, usage: Arc<Usage>) -> Self {
        Self { egress, rules, usage, open: Arc::new(Semaphore::new(OPEN_REQUESTS)) }
    }

    /// Sends a request, or says at once why not. What comes of it is heard through the future; dropping that ends it.
    pub fn send(
        &self,
        request: Request<HyperOutgoingBody>,
        config: OutgoingRequestConfig,
    ) -> Result<HostFutureIncomingResponse, ErrorCode> {
        let target = Target::of(request.uri(), config.use_tls)?;
        if !self.egress.allows(&target.host, target.port, target.default_port()) {
            return Err(ErrorCode::HttpRequestDenied);
        }
        let permit = self.open.clone().try_acquire_owned().map_err(|_| ErrorCode::ConnectionLimitReached)?;
        let (rules, usage) = (self.rules.clone(), self.usage.clone());
        let answer = exchange(target, request, config, rules, usage, permit);
        let task = wasmtime_wasi::runtime::spawn(async move { Ok(answer.await) });
        Ok(HostFutureIncomingResponse::pending(task))
    }
}

impl Target {
    fn of(uri: &Uri, tls: bool) -> Result<Self, ErrorCode> {
        let authority = uri.authority().ok_or(ErrorCode::HttpRequestUriInvalid)?;
        let port = authority.port_u16().unwrap_or(if tls { 443 } else { 80 });
        Ok(Self { host: authority.host().to_owned(), port, tls })
    }

    fn default_port(&self) -> u16 {
        if self.tls {
            443
        } else {
            80
        }
    }
}

async fn exchange(
    target: Target,
    request: Request<HyperOutgoingBody>,
    config: OutgoingRequestConfig,
    rules: Arc<EgressRules>,
    usage: Arc<Usage>,
    permit: OwnedSemaphorePermit,
) -> Result<IncomingResponse, ErrorCode> {
    let connecting = connect(&target, &rules);
    let stream = within(config.connect_timeout, ErrorCode::ConnectionTimeout, connecting).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(hyper_request_error)?;
    let worker = wasmtime_wasi::runtime::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a function's connection broke");
        }
    });
    let request = prepare(request, &target)?;
    usage.add_traffic(headers::bytes(request.headers()));
    let sent = usage.clone();
    let request = request.map(|body| body.map_frame(move |frame| counted(frame, &sent)).boxed_unsync());
    let asking = async { sender.send_request(request).await.map_err(hyper_request_error) };
    let answer = within(config.first_byte_timeout, ErrorCode::ConnectionReadTimeout, asking).await?;
    usage.add_traffic(headers::bytes(answer.headers()));
    let resp = answer.map(|body| {
        let body = body.map_err(hyper_response_error);
        // The place is free again when the answer is read or dropped.
        body.map_frame(move |frame| {
            let _held = &permit;
            counted(frame, &usage)
        })
        .boxed()
    });
    Ok(IncomingResponse { resp, worker: Some(worker), between_bytes_timeout: config.between_bytes_timeout })
}

async fn within<T>(
    time: Duration,
    late: ErrorCode,
    work: impl Future<Output = Result<T, ErrorCode>>,
) -> Result<T, ErrorCode> {
    tokio::time::timeout(time, work).await.unwrap_or(Err(late))
}

/// The request as it goes over a connection to its server: the path alone, and the host in its header.
fn prepare(mut request: Request<HyperOutgoingBody>, target: &Target) -> Result<Request<HyperOutgoingBody>, ErrorCode> {
    let host = if target.port == target.default_port() {
        target.host.clone()
    } else {
        format!("{}:{}", target.host, target.port)
    };
    // Always what was checked: a server that has many names must not be asked for another.
    let host = HeaderValue::from_str(&host).map_err(|_| ErrorCode::HttpRequestUriInvalid)?;
    request.headers_mut().insert(HOST, host);
    let path = request.uri().path_and_query().cloned().unwrap_or(PathAndQuery::from_static("/"));
    *request.uri_mut() = Uri::from(path);
    Ok(request)
}

fn counted(frame: Frame<Bytes>, usage: &Usage) -> Frame<Bytes> {
    if let Some(bytes) = frame.data_ref() {
        usage.add_traffic(bytes.len() as u64);
    }
    frame
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

async fn connect(target: &Target, rules: &EgressRules) -> Result<Box<dyn Stream>, ErrorCode> {
    let name = target.host.trim_start_matches('[').trim_end_matches(']');
    let dns = |rcode: &str| ErrorCode::DnsError(DnsErrorPayload { rcode: Some(rcode.into()), info_code: None });
    let found = tokio::net::lookup_host((name, target.port)).await.map_err(|_| dns("address not available"))?;
    let addresses = rules.permitted(found);
    if addresses.is_empty() {
        return Err(ErrorCode::DestinationIpProhibited);
    }
    let stream = connect_to(&addresses).await.map_err(|error| match error.kind() {
        io::ErrorKind::TimedOut => ErrorCode::ConnectionTimeout,
        _ => ErrorCode::ConnectionRefused,
    })?;
    let _ = stream.set_nodelay(true);
    if !target.tls {
        return Ok(Box::new(stream));
    }
    let server = rustls::pki_types::ServerName::try_from(name.to_owned()).map_err(|_| dns("invalid dns name"))?;
    let connector = TlsConnector::from(tls()?);
    let stream = connector.connect(server, stream).await.map_err(|error| {
        tracing::debug!(%error, "a function's server was not trusted");
        ErrorCode::TlsCertificateError
    })?;
    Ok(Box::new(stream))
}

/// The first that takes the connection.
async fn connect_to(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Servers are trusted as this machine trusts them. Made when it is first needed.
fn tls() -> Result<Arc<rustls::ClientConfig>, ErrorCode> {
    static CONFIG: OnceLock<Arc<rustls::ClientConfig>> = OnceLock::new();
    if let Some(config) = CONFIG.get() {
        return Ok(config.clone());
    }
    let made = || {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        Ok::<_, rustls::Error>(builder.with_platform_verifier()?.with_no_client_auth())
    };
    let config = made().map_err(|error| {
        tracing::warn!(%error, "functions cannot use TLS: this machine's certificates cannot be used");
        ErrorCode::TlsProtocolError
    })?;
    Ok(CONFIG.get_or_init(|| Arc::new(config)).clone())
}
