//! The direct door: a WebSocket to the node's agent.
//!
//! Payloads are sealed to the key that the node's agent has said is its own ([`Introduction`]), fetched at the first command
//! and again when it is no longer good. There is no way back to plain messages: whoever sits in between cannot ask for one.

use super::{
    bad_reply, bad_request, life, now, unreachable, without_password, BusError, BusTarget, ANSWER_TIMEOUT,
    CONNECT_TIMEOUT,
};
use crate::{
    keys::{verify, Key},
    Hash,
};
use grid_types::{
    bus::{
        Code, Envelope, Failure, Hello, Introduction, MessageId, Reply, Seal, HELLO_METHOD, MAX_MESSAGE, METHOD,
        SYSTEM_VERSION,
    },
    seal::SealKey,
};
use jsonrpsee_client::{
    client_transport::ws::WsHandshakeError,
    core::client::{async_client::PingConfig, ClientT, Error as RpcError},
    rpc_params,
    ws_client::{WsClient, WsClientBuilder},
};
use rustls::{
    pki_types::{pem::PemObject, CertificateDer},
    ClientConfig, RootCertStore,
};
use serde_json::value::RawValue;
use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::Mutex;

/// From so many bytes on a payload is not the first thing that a door hears on a connection: it takes little from strangers.
const LARGE: usize = 64 << 10;
/// The status with which a door turns connections away that are too many.
const TOO_MANY: u16 = 429;
/// Room for JSON-RPC around the largest message, bytes.
const FRAME: u32 = 1_024;

/// How often a silent door is asked for a sign of life, so that nothing on the way forgets the connection.
const PING: Duration = Duration::from_secs(30);

/// A connection to one node's direct door. One that was lost is made anew for the next message.
pub struct Direct {
    builder: WsClientBuilder,
    socket: Mutex<Arc<WsClient>>,
    target: BusTarget,
    key: Key,
    twin: u32,
    genesis: Hash,
    /// The node's key, and until when it is used without asking again.
    node_key: Mutex<Option<([u8; 32], Instant)>>,
}

impl Direct {
    /// Connects.
    pub async fn connect(target: &BusTarget, key: Key, twin: u32, genesis: Hash) -> Result<Self, BusError> {
        let tls = target.roots.as_deref().map(roots).transpose()?;
        Self::connect_over(target, key, twin, genesis, tls).await
    }

    /// Connects, over TLS as the caller wants it in place of the system's.
    pub async fn connect_over(
        target: &BusTarget,
        key: Key,
        twin: u32,
        genesis: Hash,
        tls: Option<ClientConfig>,
    ) -> Result<Self, BusError> {
        let size = u32::try_from(MAX_MESSAGE).unwrap_or(u32::MAX).saturating_add(FRAME);
        let mut builder = WsClientBuilder::default()
            .connection_timeout(CONNECT_TIMEOUT)
            .request_timeout(ANSWER_TIMEOUT)
            .max_request_size(size)
            .max_response_size(size)
            // A door that works on a long command, or takes in a large message, says nothing meanwhile.
            .enable_ws_ping(PingConfig::new().ping_interval(PING).inactive_limit(ANSWER_TIMEOUT));
        if let Some(tls) = tls {
            builder = builder.with_custom_cert_store(tls);
        }
        let socket = Mutex::new(open(&builder, &target.url).await?);
        Ok(Self { builder, socket, target: target.clone(), key, twin, genesis, node_key: Mutex::new(None) })
    }

    /// Sends a command and gives its result.
    pub async fn call(&self, command: &str, payload: &[u8]) -> Result<Vec<u8>, BusError> {
        if payload.len() >= LARGE {
            self.ask(SYSTEM_VERSION, b"{}").await?;
        }
        self.ask(command, payload).await
    }

    async fn ask(&self, command: &str, payload: &[u8]) -> Result<Vec<u8>, BusError> {
        match self.exchange(command, payload).await {
            // The node has a new key since it was asked.
            Err(error) if error.refusal() == Some(Code::UnknownKey) => {
                *self.node_key.lock().await = None;
                self.exchange(command, payload).await
            },
            outcome => outcome,
        }
    }

    async fn exchange(&self, command: &str, payload: &[u8]) -> Result<Vec<u8>, BusError> {
        let node_key = self.node_key().await?;
        // A key for this one answer: once it is dropped, nobody can read the answer again.
        let own = SealKey::random(&self.genesis).map_err(bad_request)?;
        let seal = Seal { node_key, reply_key: own.public() };
        let id = MessageId::random().map_err(bad_request)?;
        let (parties, times) = ((self.twin, self.target.node_twin), (now()?, life(command)));
        let mut envelope =
            Envelope::sealed(id, parties, command, payload, times, seal, &self.genesis).map_err(bad_request)?;
        envelope.signature_type = self.key.scheme().as_str().into();
        envelope.signature = self.key.sign(&envelope.signing_bytes(&self.genesis));
        let reply = self.deliver(&envelope).await?;
        if !reply.is_sealed() && reply.error.is_none() {
            return Err(self.bad_reply("the result is not sealed".into()));
        }
        let outcome = reply.open(&own).map_err(|failure| self.bad_reply(failure.message))?;
        outcome.map_err(BusError::Refused)
    }

    /// Sends an envelope as it is and gives the answer, if it is signed and answers this envelope.
    pub async fn deliver(&self, envelope: &Envelope) -> Result<Reply, BusError> {
        let answer = self.request(METHOD, envelope.to_value()).await?;
        let reply = Reply::from_json(answer.get().as_bytes()).map_err(|error| self.bad_reply(error.to_string()))?;
        let scheme = reply.scheme().map_err(|error| self.bad_reply(error.to_string()))?;
        if !verify(scheme, &self.target.agent, &reply.signing_bytes(&self.genesis), &reply.signature) {
            let found = reply.error.as_ref().map(|error| format!("; it says: {} ({})", error.message, error.code));
            let reason = format!("not signed by the node's agent {}{}", self.target.agent, found.unwrap_or_default());
            return Err(self.bad_reply(reason));
        }
        if let Some(error) = reply.error.as_ref().filter(|_| reply.refuses_unread()) {
            return Err(BusError::Refused(error.clone()));
        }
        if !reply.answers(envelope) {
            return Err(self.bad_reply("it answers another message".into()));
        }
        Ok(reply)
    }

    /// Asks the node who it is; checks that its agent says so, just now.
    pub async fn introduction(&self) -> Result<Introduction, BusError> {
        let challenge = MessageId::random().map_err(bad_request)?;
        let hello = serde_json::to_value(Hello { challenge }).map_err(bad_request)?;
        let answer = self.request(HELLO_METHOD, hello).await?;
        let said =
            Introduction::from_json(answer.get().as_bytes()).map_err(|error| self.bad_reply(error.to_string()))?;
        let scheme = said.scheme().map_err(|error| self.bad_reply(error.to_string()))?;
        let wrong = if !verify(scheme, &self.target.agent, &said.signing_bytes(), &said.signature) {
            "not signed by the node's agent"
        } else if said.challenge != challenge {
            "an introduction to somebody else"
        } else if said.genesis != self.genesis {
            "the node is of another chain"
        } else if said.twin_id != self.target.node_twin {
            "another node"
        } else {
            return Ok(said);
        };
        Err(self.bad_reply(wrong.into()))
    }

    async fn node_key(&self) -> Result<[u8; 32], BusError> {
        let mut known = self.node_key.lock().await;
        match *known {
            Some((key, until)) if until > Instant::now() => Ok(key),
            _ => {
                let asked = Instant::now();
                let said = self.introduction().await?;
                let until = asked.checked_add(Duration::from_secs(said.valid_for)).unwrap_or(asked);
                *known = Some((said.seal_key, until));
                Ok(said.seal_key)
            },
        }
    }

    async fn request(&self, method: &str, parameter: serde_json::Value) -> Result<Box<RawValue>, BusError> {
        let socket = self.connected().await?;
        socket.request(method, rpc_params![parameter]).await.map_err(|error| self.failed(error))
    }

    async fn connected(&self) -> Result<Arc<WsClient>, BusError> {
        let mut socket = self.socket.lock().await;
        if !socket.is_connected() {
            *socket = open(&self.builder, &self.target.url).await?;
        }
        Ok(Arc::clone(&socket))
    }

    fn bad_reply(&self, reason: String) -> BusError {
        bad_reply(&self.target.url, reason)
    }

    fn failed(&self, error: RpcError) -> BusError {
        match error {
            RpcError::Call(refusal) if u32::try_from(refusal.code()) == Ok(Code::RateLimited.number()) => {
                busy(refusal.message())
            },
            RpcError::Call(refusal) => {
                BusError::NotTaken { url: without_password(&self.target.url), reason: refusal.message().into() }
            },
            other => unreachable(&self.target.url, other),
        }
    }
}

async fn open(builder: &WsClientBuilder, url: &str) -> Result<Arc<WsClient>, BusError> {
    let failed = |error: RpcError| match &error {
        RpcError::Transport(inner) if is_full(inner.as_ref()) => busy("it has too many connections; wait a second"),
        _ => unreachable(url, error),
    };
    builder.clone().build(url).await.map(Arc::new).map_err(failed)
}

/// Whether a door turned the connection away because it has too many.
fn is_full(error: &(dyn std::error::Error + 'static)) -> bool {
    let rejected = error.downcast_ref();
    matches!(rejected, Some(WsHandshakeError::Rejected { status_code: TOO_MANY }))
}

/// A refusal that nobody has signed: it says no more than that trying again later may help.
fn busy(message: &str) -> BusError {
    BusError::Refused(Failure::new(Code::RateLimited, message).into())
}

/// What a door's certificate is checked with, if it is not the system's roots.
fn roots(path: &Path) -> Result<ClientConfig, BusError> {
    let failed = |reason: String| bad_request(format!("{}: {reason}", path.display()));
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| failed(error.to_string()))? {
        let certificate = certificate.map_err(|error| failed(error.to_string()))?;
        roots.add(certificate).map_err(|error| failed(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(failed("holds no certificate".into()));
    }
    let provider = rustls::crypto::ring::default_provider().into();
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| failed(error.to_string()))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
