//! A chain in memory, a user with a key, and a real agent with its real gateway.

#![allow(dead_code, clippy::unwrap_used)] // each test file uses a part of this; a test may panic

#[path = "../../../faas-gateway/tests/support/certificate.rs"]
pub mod certificate;
pub mod fake_chain;
pub mod fake_gateway;
pub mod redis;
pub mod user;

pub use fake_chain::FakeChain;
pub use user::User;

use grid_types::{
    bus::WorkloadState,
    deployment::{Deployment, Digest},
};
use serde_json::{json, Value};
use std::{future::Future, sync::Arc, time::Duration};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use zos_agent::{
    agent::Agent,
    chain::Chain,
    config::{BusConfig, Config, GatewayConfig},
    error::AgentError,
    key::AgentKey,
    store::{deployments::Stored, identity::Identity, Store},
};

pub const NODE: u32 = 7;
pub const NODE_TWIN: u32 = 1;
pub const USER_TWIN: u32 = 2;
pub const STRANGER_TWIN: u32 = 3;
pub const AGENT: &str = "//Alice";
pub const USER: &str = "//Bob";
pub const STRANGER: &str = "//Charlie";

/// Everything of one test.
pub struct Bench {
    pub chain: Arc<FakeChain>,
    pub config: Config,
    /// What the agent asks in place of the chain itself.
    through: Option<Arc<dyn Chain>>,
    agent: Option<Agent>,
    _state: TempDir,
}

impl Bench {
    /// A chain with a node and two users, and an agent that serves it.
    pub async fn start() -> Self {
        Self::with(|_| ()).await
    }

    /// With another configuration than the default one.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut bench = Self::on(FakeChain::new(), change);
        bench.up().await;
        bench
    }

    /// On another chain than the usual one, with an agent that has not been started.
    pub fn on(chain: FakeChain, change: impl FnOnce(&mut Config)) -> Self {
        let state = tempfile::tempdir().unwrap();
        let loopback = ([127, 0, 0, 1], 0).into();
        let mut config = Config {
            state_dir: state.path().join("agent"),
            bus: BusConfig { listen: loopback, ..BusConfig::default() },
            gateway: GatewayConfig { listen: loopback, ..GatewayConfig::default() },
            ..Config::default()
        };
        config.engine.resync = 1;
        change(&mut config);
        Self { chain: Arc::new(chain), config, through: None, agent: None, _state: state }
    }

    /// From the next start on the agent asks this chain.
    pub fn through(&mut self, chain: Arc<dyn Chain>) {
        self.through = Some(chain);
    }

    pub async fn up(&mut self) {
        let key = AgentKey::from_uri(AGENT).unwrap();
        let chain: Arc<dyn Chain> = self.through.clone().unwrap_or_else(|| self.chain.clone());
        // An agent that was dropped lets go of its files a moment later.
        for attempt in 0.. {
            match Agent::start(&self.config, chain.clone(), key.clone(), CancellationToken::new()).await {
                Ok(agent) => {
                    self.agent = Some(agent);
                    return;
                },
                Err(error) if attempt == 200 => panic!("the agent does not start: {error}"),
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// Begins a start that may take as long as it likes; ends when the token is cancelled.
    pub fn begin(&self) -> (JoinHandle<Result<Agent, AgentError>>, CancellationToken) {
        let stop = CancellationToken::new();
        let (config, chain, token) = (self.config.clone(), self.chain.clone(), stop.clone());
        let key = AgentKey::from_uri(AGENT).unwrap();
        (tokio::spawn(async move { Agent::start(&config, chain, key, token).await }), stop)
    }

    /// A state folder of a node that has seen the chain up to this block.
    pub async fn knows(&self, node_id: u32, seen: u64) {
        let identity = Identity { genesis: fake_chain::GENESIS, node_id, twin_id: NODE_TWIN };
        let store = Store::open(&self.config.state_dir).unwrap();
        let written = store.write(move |write| {
            write.set_identity(&identity)?;
            write.raise_cursor(zos_agent::chain::Head { number: seen, timestamp: 0 })
        });
        written.await.unwrap();
    }

    /// What is on disk of a contract. Only while no agent runs.
    pub async fn stored(&self, contract_id: u64) -> Option<Stored> {
        let store = Store::open(&self.config.state_dir).unwrap();
        store.read(move |read| read.stored(contract_id)).await.unwrap()
    }

    /// Whether a contract's work is over: nothing of it is deployed any more.
    pub async fn ended(&self, contract_id: u64) -> bool {
        let workloads = self.user().await.state(contract_id).await.unwrap().workloads;
        workloads.iter().all(|workload| workload.state == WorkloadState::Deleted)
    }

    /// Stops in good order.
    pub async fn down(&mut self) {
        self.agent.take().unwrap().stop().await;
    }

    /// Stops at once, in the middle of whatever goes on.
    pub async fn kill(&mut self) {
        drop(self.agent.take().unwrap());
    }

    pub fn agent(&self) -> &Agent {
        self.agent.as_ref().unwrap()
    }

    pub fn bus_url(&self) -> String {
        format!("ws://{}", self.agent().bus())
    }

    pub async fn user(&self) -> User {
        User::connect(&self.bus_url(), USER_TWIN, USER).await
    }

    pub async fn stranger(&self) -> User {
        User::connect(&self.bus_url(), STRANGER_TWIN, STRANGER).await
    }

    /// Calls a function over plain HTTP; its status and text.
    pub async fn call(&self, function: &str, body: &str) -> (u16, String) {
        let url = format!("{}/function/{function}", self.agent().gateway_url());
        let answer = reqwest::Client::new().post(url).body(body.to_owned()).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// A request of the embedded gateway's administrator.
    pub fn administrator(&self, method: reqwest::Method, url: &str) -> reqwest::RequestBuilder {
        let password = std::fs::read_to_string(self.config.state_dir.join("gateway.password")).unwrap();
        reqwest::Client::new().request(method, url).basic_auth("admin", Some(password.trim()))
    }

    /// A contract for `deployment`, its module put and the deployment accepted.
    pub async fn deployed(&self, names: &[&str]) -> Deployment {
        let deployment = self.agreed(names);
        let user = self.user().await;
        user.put_module(deployment.contract_id, &echo()).await.unwrap();
        user.deploy(&deployment).await.unwrap();
        deployment
    }

    /// A contract for a deployment that has not been sent.
    pub fn agreed(&self, names: &[&str]) -> Deployment {
        let deployment = deployment(names);
        Deployment { contract_id: self.chain.create(&deployment), ..deployment }
    }

    /// Waits until the chain has heard that the contract runs.
    pub async fn running(&self, contract_id: u64) {
        eventually("the contract runs", || async { self.chain.deployed_version(contract_id).is_some() }).await;
    }
}

/// A deployment of echo functions that everybody may call, not yet of a contract.
pub fn deployment(names: &[&str]) -> Deployment {
    let workloads: Vec<Value> = names.iter().map(|name| workload(name)).collect();
    Deployment::from_value(json!({
        "version": 0, "twin_id": USER_TWIN, "contract_id": 0, "metadata": "", "description": "", "expiration": 0,
        "workloads": workloads,
    }))
    .unwrap()
}

fn workload(name: &str) -> Value {
    let data = json!({
        "module": format!("sha256:{}", Digest::of(&echo())), "memory": 1 << 20, "timeout_ms": 5_000, "access": "public",
    });
    json!({ "version": 0, "name": name, "type": "function", "data": data, "metadata": "", "description": "" })
}

/// A function that answers with what it is sent.
pub fn echo() -> Vec<u8> {
    copying_to(1)
}

/// A function that writes what it is sent to its standard error, and answers nothing.
pub fn loud() -> Vec<u8> {
    copying_to(2)
}

fn copying_to(file: u8) -> Vec<u8> {
    let text = r#"(module
            (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
            (memory (export "memory") 1)
            (func (export "_start")
                (loop $more
                    (i32.store (i32.const 0) (i32.const 64))
                    (i32.store (i32.const 4) (i32.const 4096))
                    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
                    (if (i32.load (i32.const 8)) (then
                        (i32.store (i32.const 4) (i32.load (i32.const 8)))
                        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12)))
                        (br $more))))))"#;
    wat::parse_str(text.replace("(call $write (i32.const 1)", &format!("(call $write (i32.const {file})"))).unwrap()
}

/// Waits for something to become true.
pub async fn eventually<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    for _ in 0..600 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never happened: {what}");
}
