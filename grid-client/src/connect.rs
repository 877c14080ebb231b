//! A chain and the endpoints through which it is reached.
//!
//! One WebSocket at a time. When it breaks, the next use connects to the next endpoint of the list that has the same genesis
//! hash; so an endpoint of another chain is never taken for this one.

use crate::{address::shown, error::ChainError, reads::View, records::BlockRef, submit::Nonces, Hash};
use futures::{
    future::{BoxFuture, Shared},
    FutureExt,
};
use jsonrpsee_client::{
    core::{
        client::{async_client::PingConfig, BatchResponse, ClientT},
        params::{ArrayParams, BatchRequestBuilder},
    },
    types::ErrorObject,
    ws_client::{WsClient, WsClientBuilder},
};
use serde::de::DeserializeOwned;
use std::{sync::Arc, time::Duration};
use subxt::{
    backend::LegacyBackend,
    config::{substrate::H256, RpcConfigFor},
    error::{BackendError, ExtrinsicError, OnlineClientAtBlockError, RpcError, StorageError},
    rpcs::{methods::LegacyRpcMethods, Error as ClientError, RpcClient},
    OnlineClient, OnlineClientAtBlock, SubstrateConfig,
};
use tokio::{sync::Mutex, task::JoinError};

/// The longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest wait for one answer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Entries of a list that are asked for at once.
const PAGE: u32 = 1_000;

/// The chain at one block, as the generated code knows it.
pub(crate) type AtBlock = OnlineClientAtBlock<SubstrateConfig>;
/// Plain JSON-RPC methods of a node.
pub(crate) type Methods = LegacyRpcMethods<RpcConfigFor<SubstrateConfig>>;

/// A chain. Cheap to clone; clones share the connection.
#[derive(Clone)]
pub struct Chain {
    inner: Arc<Inner>,
}

struct Inner {
    endpoints: Vec<String>,
    genesis: Hash,
    link: Mutex<Link>,
    nonces: Nonces,
}

/// The connection in use, and the attempt to make another one while there is one.
struct Link {
    current: Arc<Connection>,
    next: Option<Connecting>,
}

/// An attempt to connect, for all who wait for it.
type Connecting = Shared<BoxFuture<'static, Result<Arc<Connection>, ChainError>>>;

/// One WebSocket to one endpoint.
pub(crate) struct Connection {
    /// As it may be shown.
    pub(crate) endpoint: String,
    /// As it is connected to.
    url: String,
    pub(crate) methods: Methods,
    pub(crate) client: OnlineClient<SubstrateConfig>,
    rpc: RpcClient,
    socket: Arc<WsClient>,
}

impl std::fmt::Debug for Chain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let endpoints: Vec<_> = self.inner.endpoints.iter().map(|url| shown(url)).collect();
        write!(f, "Chain(genesis 0x{}, {:?})", hex::encode(self.inner.genesis), endpoints)
    }
}

impl Chain {
    /// Connects to the first endpoint that answers; its genesis hash is the chain's from then on.
    pub async fn connect(endpoints: &[String]) -> Result<Self, ChainError> {
        Self::open(endpoints, None).await
    }

    /// Connects to the first endpoint that answers and belongs to the chain with this genesis hash.
    pub async fn connect_to(endpoints: &[String], genesis: Hash) -> Result<Self, ChainError> {
        Self::open(endpoints, Some(genesis)).await
    }

    async fn open(endpoints: &[String], genesis: Option<Hash>) -> Result<Self, ChainError> {
        let connection = first_of(endpoints.iter(), genesis).await?;
        let genesis = connection.genesis();
        Ok(Self {
            inner: Arc::new(Inner {
                endpoints: endpoints.to_vec(),
                genesis,
                link: Mutex::new(Link { current: Arc::new(connection), next: None }),
                nonces: Nonces::default(),
            }),
        })
    }

    /// The hash of the chain's first block: what makes it this chain.
    pub fn genesis(&self) -> Hash {
        self.inner.genesis
    }

    /// The endpoint in use, as it may be shown.
    pub async fn endpoint(&self) -> String {
        self.inner.link.lock().await.current.endpoint.clone()
    }

    /// The chain at its latest finalized block.
    pub async fn finalized(&self) -> Result<View, ChainError> {
        let connection = self.connection().await?;
        let hash = connection.methods.chain_get_finalized_head().await.map_err(|e| connection.failed(e))?;
        connection.view(hash).await
    }

    /// The chain at its best block, which may still be replaced by another one.
    pub async fn best(&self) -> Result<View, ChainError> {
        let connection = self.connection().await?;
        let hash = connection.methods.chain_get_block_hash(None).await.map_err(|e| connection.failed(e))?;
        let hash = hash.ok_or_else(|| ChainError::UnknownBlock { block: "best".into() })?;
        connection.view(hash).await
    }

    /// The chain at a block.
    pub async fn at(&self, block: BlockRef) -> Result<View, ChainError> {
        self.connection().await?.view(H256(block.hash)).await
    }

    /// The chain at the block of this height on its best branch.
    pub async fn at_number(&self, number: u64) -> Result<View, ChainError> {
        let connection = self.connection().await?;
        let hash = connection.hash_of(number).await?;
        connection.view(hash).await
    }

    /// The name that the chain's specification gives it.
    pub async fn name(&self) -> Result<String, ChainError> {
        let connection = self.connection().await?;
        connection.methods.system_chain().await.map_err(|e| connection.failed(e))
    }

    /// Whether the chain is for development: its well-known keys are everybody's.
    pub async fn is_development(&self) -> Result<bool, ChainError> {
        let connection = self.connection().await?;
        let kind: serde_json::Value = connection
            .rpc
            .request("system_chainType", subxt::rpcs::client::rpc_params![])
            .await
            .map_err(|e| connection.failed(e))?;
        Ok(kind == "Development")
    }

    /// The connection in use; a new one if the last has broken.
    ///
    /// That is made in a task of its own: whoever loses patience does not take with him what others wait for, and what he finds
    /// himself when he asks again.
    pub(crate) async fn connection(&self) -> Result<Arc<Connection>, ChainError> {
        let next = {
            let mut link = self.inner.link.lock().await;
            if link.current.socket.is_connected() {
                return Ok(link.current.clone());
            }
            let under_way = link.next.clone().filter(|next| next.peek().is_none());
            let next = under_way.unwrap_or_else(|| self.connect_again(&link.current));
            link.next = Some(next.clone());
            next
        };
        next.await
    }

    /// Begins to connect to the first that serves of the endpoints after this one.
    fn connect_again(&self, used: &Connection) -> Connecting {
        let inner = self.inner.clone();
        let (used, from, endpoint) = (used.url.clone(), used.endpoint.clone(), used.endpoint.clone());
        let gone = move |error: JoinError| ChainError::Unavailable { endpoint, reason: error.to_string() };
        let task = tokio::spawn(async move {
            let endpoints = &inner.endpoints;
            let place = endpoints.iter().position(|endpoint| *endpoint == used).unwrap_or_default();
            let from_next = endpoints.iter().cycle().skip(place + 1).take(endpoints.len());
            let connected = first_of(from_next, Some(inner.genesis)).await.map(Arc::new);
            let mut link = inner.link.lock().await;
            link.next = None;
            let connection = connected?;
            tracing::info!(%from, to = %connection.endpoint, "connected to the chain again");
            link.current = connection.clone();
            Ok(connection)
        });
        task.map(|done| done.unwrap_or_else(|error| Err(gone(error)))).boxed().shared()
    }

    pub(crate) fn nonces(&self) -> &Nonces {
        &self.inner.nonces
    }
}

/// The first endpoint that answers and belongs to the chain; else why the last one did not do.
async fn first_of(endpoints: impl Iterator<Item = &String>, genesis: Option<Hash>) -> Result<Connection, ChainError> {
    let mut failure =
        ChainError::Unavailable { endpoint: "nowhere".into(), reason: "no endpoint is configured".into() };
    for url in endpoints {
        let endpoint = shown(url);
        match Connection::open(url).await {
            Ok(connection) => match genesis {
                Some(expected) if expected != connection.genesis() => {
                    let found = connection.genesis();
                    failure = ChainError::WrongChain { endpoint: endpoint.clone(), expected, found };
                },
                _ => return Ok(connection),
            },
            Err(error) => failure = error,
        }
        tracing::warn!(%endpoint, error = %failure, "endpoint does not serve");
    }
    Err(failure)
}

impl Connection {
    async fn open(url: &str) -> Result<Self, ChainError> {
        let unavailable = |reason: String| ChainError::Unavailable { endpoint: shown(url), reason };
        let socket = WsClientBuilder::default()
            .connection_timeout(CONNECT_TIMEOUT)
            .request_timeout(REQUEST_TIMEOUT)
            .enable_ws_ping(PingConfig::default())
            .build(url)
            .await
            .map_err(|error| unavailable(error.to_string()))?;
        let socket = Arc::new(socket);
        let rpc = RpcClient::new(socket.clone());
        let backend = LegacyBackend::builder().storage_page_size(PAGE).build(rpc.clone());
        let client = OnlineClient::from_backend(Arc::new(backend)).await.map_err(|e| unavailable(e.to_string()))?;
        Ok(Self { endpoint: shown(url), url: url.into(), methods: Methods::new(rpc.clone()), client, rpc, socket })
    }

    fn genesis(&self) -> Hash {
        self.client.genesis_hash().0
    }

    /// Answers to many questions of one method at once, in their order.
    pub(crate) async fn batch<R: DeserializeOwned + std::fmt::Debug>(
        &self,
        method: &'static str,
        questions: impl IntoIterator<Item = ArrayParams>,
    ) -> Result<Vec<R>, ChainError> {
        let unavailable = |reason: String| ChainError::Unavailable { endpoint: self.endpoint.clone(), reason };
        let mut batch = BatchRequestBuilder::new();
        for question in questions {
            batch.insert(method, question).map_err(|error| unavailable(error.to_string()))?;
        }
        let answers: BatchResponse<'_, R> =
            self.socket.batch_request(batch).await.map_err(|error| unavailable(error.to_string()))?;
        let read = |answer: Result<R, _>| answer.map_err(|error: ErrorObject<'_>| unavailable(error.to_string()));
        answers.into_iter().map(read).collect()
    }

    /// The hash of the block of this height on the best branch.
    pub(crate) async fn hash_of(&self, number: u64) -> Result<H256, ChainError> {
        let hash = self.methods.chain_get_block_hash(Some(number.into())).await.map_err(|e| self.failed(e))?;
        hash.ok_or_else(|| ChainError::UnknownBlock { block: format!("#{number}") })
    }

    pub(crate) async fn view(self: &Arc<Self>, hash: H256) -> Result<View, ChainError> {
        let at = self.client.at_block(hash).await.map_err(|error| self.no_block(error))?;
        Ok(View::new(at, self.clone()))
    }

    /// What a failed request means.
    pub(crate) fn failed(&self, error: ClientError) -> ChainError {
        self.backend_failed(BackendError::Rpc(RpcError::ClientError(error)))
    }

    /// What a failed request of the backend means. A node says "unknown block" of blocks whose state it has discarded.
    pub(crate) fn backend_failed(&self, error: BackendError) -> ChainError {
        if let BackendError::Rpc(RpcError::ClientError(ClientError::User(refusal))) = &error {
            if ["UnknownBlock", "Unknown block", "discarded"].iter().any(|words| refusal.message.contains(words)) {
                return ChainError::UnknownBlock { block: refusal.message.clone() };
            }
        }
        ChainError::Unavailable { endpoint: self.endpoint.clone(), reason: error.to_string() }
    }

    pub(crate) fn no_block(&self, error: OnlineClientAtBlockError) -> ChainError {
        use OnlineClientAtBlockError as E;
        match error {
            E::BlockNotFound { block_number } => ChainError::UnknownBlock { block: format!("#{block_number}") },
            E::BlockHeaderNotFound { block_hash } => ChainError::UnknownBlock { block: block_hash.to_string() },
            E::CannotGetCurrentBlock { reason }
            | E::CannotGetBlockHash { reason, .. }
            | E::CannotGetBlockHeader { reason, .. }
            | E::CannotGetSpecVersion { reason, .. } => self.backend_failed(reason),
            E::CannotGetMetadata { reason, .. } => ChainError::Unavailable { endpoint: self.endpoint.clone(), reason },
            other => ChainError::unreadable("the chain's metadata", other),
        }
    }

    pub(crate) fn storage_failed(&self, what: &str, error: StorageError) -> ChainError {
        match error {
            StorageError::CannotFetchValue(reason)
            | StorageError::CannotIterateValues(reason)
            | StorageError::StreamFailure(reason) => self.backend_failed(reason),
            other => ChainError::RuntimeMismatch { what: what.into(), reason: other.to_string() },
        }
    }
}

/// What it means that a call cannot be encoded.
pub(crate) fn at_block_error(what: &str, error: ExtrinsicError) -> ChainError {
    ChainError::RuntimeMismatch { what: what.into(), reason: error.to_string() }
}
