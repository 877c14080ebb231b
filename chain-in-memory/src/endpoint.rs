//! A door to a chain: a WebSocket on a port of this machine, and how well it serves.

use crate::{
    chain::{locked, Chain},
    rpc,
};
use gridchain_runtime::Hash;
use jsonrpsee_client::server::{Server, ServerConfig};
use std::{
    collections::BTreeSet,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};
use tokio::{runtime::Runtime, sync::watch};

/// The largest message, bytes: a batch of 500 reports, and the metadata as hexadecimal.
const MAX_MESSAGE: u32 = 16 << 20;
/// The longest wait for the end of the connections of an endpoint that closes.
const CLOSING: Duration = Duration::from_secs(5);

/// How an endpoint serves. The default is: well.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manners {
    /// It takes questions and answers none.
    pub silent: bool,
    /// How long each answer takes.
    pub delay: Duration,
    /// It knows blocks up to this number only. Transactions do not get from it to the others.
    pub knows_up_to: Option<u32>,
    /// The hash that it gives for the first block.
    pub genesis: Option<Hash>,
    /// Contracts of which it says that there are none.
    pub forgets: BTreeSet<u64>,
    /// What it does with transactions.
    pub transactions: Transactions,
}

/// What an endpoint does with transactions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transactions {
    /// They get into a block.
    #[default]
    Included,
    /// It does not take them.
    Refused,
    /// It takes them and drops them.
    Lost,
    /// They get into a block, and who sent them does not hear of it: it says that it has dropped them.
    Unheard,
}

/// A door to a chain. Closed when dropped.
pub struct Endpoint {
    address: SocketAddr,
    chain: Chain,
    manners: watch::Sender<Manners>,
    served: Arc<Mutex<u64>>,
    /// All of its connections live in here; none is left when it is gone.
    open: Mutex<Option<Runtime>>,
}

impl Endpoint {
    pub(crate) fn open(chain: Chain) -> Self {
        let mut endpoint = Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            chain,
            manners: watch::channel(Manners::default()).0,
            served: Arc::default(),
            open: Mutex::new(None),
        };
        endpoint.address = endpoint.listen();
        endpoint
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// From now on it serves like this, also those who are connected.
    pub fn set(&self, manners: Manners) {
        self.manners.send_replace(manners);
    }

    /// How it serves now.
    pub fn manners(&self) -> Manners {
        self.manners.borrow().clone()
    }

    /// Changes how it serves.
    pub fn change(&self, change: impl FnOnce(&mut Manners)) {
        self.manners.send_modify(change);
    }

    /// How many questions it was asked.
    pub fn asked(&self) -> u64 {
        *locked(&self.served)
    }

    /// Breaks all connections and takes no new ones.
    pub fn close(&self) {
        let Some(runtime) = locked(&self.open).take() else { return };
        // Waiting is not allowed to whoever runs in a runtime himself.
        let closed = thread::spawn(move || runtime.shutdown_timeout(CLOSING)).join();
        closed.expect("an endpoint can be closed");
    }

    /// Takes connections again, at the same address.
    pub fn reopen(&self) {
        self.close();
        self.listen();
    }

    fn listen(&self) -> SocketAddr {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("endpoint")
            .enable_all()
            .build()
            .expect("there is room for a thread");
        let door = rpc::Door::new(self.chain.clone(), self.manners.subscribe(), self.served.clone());
        let (address, handle) = (self.address, runtime.handle().clone());
        let bound = thread::spawn(move || {
            handle.block_on(async {
                let config = ServerConfig::builder()
                    .max_request_body_size(MAX_MESSAGE)
                    .max_response_body_size(MAX_MESSAGE)
                    .build();
                let server = Server::builder().set_config(config).build(address).await.expect("the port is free");
                let address = server.local_addr().expect("a bound socket has an address");
                let serving = server.start(rpc::methods(door));
                tokio::spawn(serving.stopped());
                address
            })
        });
        let bound = bound.join().expect("an endpoint can be opened");
        *locked(&self.open) = Some(runtime);
        bound
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.close();
    }
}
