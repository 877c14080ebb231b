//! What the agent needs from the chain, in plain types.
//!
//! [`Chain`] is the seam: [`client`] speaks to a real node, tests bring a chain in memory. Every read is of a *finalized*
//! block, and whoever reads is told which: what is not finalized did not happen.

pub mod client;

use async_trait::async_trait;
use futures::stream::BoxStream;
use grid_types::units::{Capacity, Report, Resources};
use std::collections::BTreeMap;

/// A finalized block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Its number.
    pub number: u64,
    /// Its time, Unix seconds.
    pub timestamp: u64,
}

/// This agent's node as it is registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeView {
    /// Its number.
    pub node_id: u32,
    /// The twin that speaks for it on the bus.
    pub twin_id: u32,
    /// What it offers.
    pub capacity: Capacity,
}

/// The chain's times that concern an agent, seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// Between two reports of one contract.
    pub report_period: u64,
    /// Between two heartbeats.
    pub heartbeat: u64,
    /// The longest window a report may cover.
    pub max_window: u64,
}

/// Where a contract stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContractState {
    /// Made, not yet running.
    Created,
    /// Reported as running.
    Deployed,
    /// Out of funds with a cushion: the work pauses.
    Grace,
    /// About to go; nothing is charged any more.
    Ending,
}

/// What a contract is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ContractKind {
    /// A part of the node, and what shall run there.
    #[default]
    Capacity,
    /// The node as a whole: nothing is deployed under it. Contracts inside it are like any other.
    Rent,
}

/// A contract as the agent sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContractView {
    /// Its number.
    pub contract_id: u64,
    /// Of its content: 0 when made, one more with every update.
    pub version: u32,
    /// Whose it is.
    pub twin_id: u32,
    /// Where it runs.
    pub node_id: u32,
    /// What it is about.
    pub kind: ContractKind,
    /// Hash of the deployment that was agreed.
    pub hash: [u8; 32],
    /// What it may take.
    pub resources: Resources,
    /// Where it stands.
    pub state: ContractState,
    /// The version that the agent last reported as running.
    pub deployed_version: Option<u32>,
}

/// All contracts of one node at one finalized block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Of the chain that was asked.
    pub genesis: [u8; 32],
    /// The block.
    pub head: Head,
    /// The number that the next contract will get: whatever is below has been made.
    pub next_contract_id: u64,
    /// The node's contracts by number.
    pub contracts: BTreeMap<u64, ContractView>,
}

/// One contract at one finalized block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// Of the chain that was asked.
    pub genesis: [u8; 32],
    /// The block.
    pub head: Head,
    /// The number that the next contract will get.
    pub next_contract_id: u64,
    /// The contract, if there is one now.
    pub contract: Option<ContractView>,
}

/// What became of a deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All its workloads run.
    Deployed,
    /// It could not be made to run, for this reason; at most 256 bytes reach the chain.
    Failed(String),
}

/// What became of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The chain has it; whatever of its window was still open is billed.
    Taken,
    /// The chain will never take it, for this reason.
    Refused(String),
    /// Its window ends after the chain's time; it can be handed in again.
    TooEarly,
}

/// Why the chain could not be asked, or did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// No answer; says nothing about the chain's state.
    #[error("the chain cannot be asked: {0}")]
    Unavailable(String),
    /// The transaction was sent and nobody knows what became of it.
    #[error("the fate of the transaction is not known: {0}")]
    Uncertain(String),
    /// The chain executed the transaction and said no, or it was not sent since the chain would.
    #[error("the chain refused: {0}")]
    Refused(String),
}

/// The chain, as far as an agent needs it. All reads are of a finalized block.
#[async_trait]
pub trait Chain: Send + Sync + 'static {
    /// Hash of the chain's first block.
    async fn genesis(&self) -> Result<[u8; 32], ChainError>;

    /// The newest finalized block.
    async fn head(&self) -> Result<Head, ChainError>;

    /// The numbers of finalized blocks as they come; may end when the connection is lost.
    async fn heads(&self) -> Result<BoxStream<'static, u64>, ChainError>;

    /// The node that this agent's account is the agent of, if there is one.
    async fn node(&self) -> Result<Option<NodeView>, ChainError>;

    /// Says that this agent's account is the agent of a node that names it. Returns when it is final; nothing is sent while
    /// the node names another account, or while an acceptance is in a block that is not final yet.
    async fn accept(&self, node_id: u32) -> Result<(), ChainError>;

    /// The chain's times.
    async fn times(&self) -> Result<Times, ChainError>;

    /// All contracts of a node.
    async fn snapshot(&self, node_id: u32) -> Result<Snapshot, ChainError>;

    /// One contract, of whatever node.
    async fn contract(&self, contract_id: u64) -> Result<Lookup, ChainError>;

    /// The account that signs for a twin.
    async fn account_of(&self, twin_id: u32) -> Result<Option<[u8; 32]>, ChainError>;

    /// Says what became of a version of a contract. Returns when it is in a block; nothing is sent while the contract's node
    /// names another account.
    async fn report_deployment(&self, contract_id: u64, version: u32, outcome: Outcome) -> Result<(), ChainError>;

    /// Hands in reports, at most 500. Returns when they are final, with what became of each, in their order. Nothing is sent
    /// while this account is no node's agent.
    async fn add_reports(&self, reports: Vec<Report>) -> Result<Vec<Settled>, ChainError>;

    /// The heartbeat. `uptime` in seconds. Returns when it is in a block; nothing is sent while this account is no node's
    /// agent.
    async fn report_uptime(&self, uptime: u64) -> Result<(), ChainError>;
}
