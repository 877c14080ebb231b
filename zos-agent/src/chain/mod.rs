//! What the agent needs from the chain, in plain types.
//!
//! [`Chain`] is the seam: [`client`] speaks to a real node, [`failover`] makes one chain of several endpoints, of which
//! [`health`] says whom to believe; tests bring a chain in memory. Every read is of a *finalized* block, and whoever reads is
//! told which: what is not finalized did not happen.

pub mod client;
pub mod failover;
pub mod health;

use async_trait::async_trait;
use futures::stream::BoxStream;
use grid_types::units::{Capacity, Report, Resources};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A finalized block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Its number.
    pub number: u64,
    /// Its time, Unix seconds.
    pub timestamp: u64,
}

impl Head {
    /// Blocks that the chain can have made in a second: no slot is shorter than half of one.
    const PER_SECOND: u64 = 2;
    /// So many more are no reason for doubt: times are whole seconds, and of one block each.
    const SLACK: u64 = 64;

    /// Whether a chain that was at this block can be at that one: a height that its time does not allow is made up.
    pub const fn can_reach(self, later: Self) -> bool {
        let passed = later.timestamp.saturating_sub(self.timestamp);
        later.number.saturating_sub(self.number) <= passed.saturating_mul(Self::PER_SECOND).saturating_add(Self::SLACK)
    }
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
    /// Windows that end before this are too old to be charged, Unix seconds.
    pub oldest: u64,
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
    /// What the node offers; not told if the chain knows no such node.
    pub capacity: Option<Capacity>,
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

impl Lookup {
    /// Whether the contract was made and is over, or about to be.
    pub fn is_over(&self, contract_id: u64) -> bool {
        match self.contract {
            Some(contract) => contract.state == ContractState::Ending,
            None => contract_id < self.next_contract_id,
        }
    }
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

/// By what a transaction is found again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Its hash.
    pub transaction: [u8; 32],
    /// The block from which its life counts.
    pub from: u64,
}

/// A transaction that is signed, with which one can do nothing but send it, as often as one likes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// By what it is found again.
    pub ticket: Ticket,
    /// What is sent.
    pub bytes: Vec<u8>,
}

/// What became of a batch of reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is final; what became of each report, in their order.
    Settled(Vec<Settled>),
    /// It is final, and the chain refused all of it.
    Failed(String),
    /// It is in no block and can be in none any more: nothing happened.
    Expired,
    /// It is final, and what the chain made of it nobody can tell any more.
    Forgotten,
    /// It may still be included, or is in a block that is not final.
    Open,
}

/// How an endpoint of the chain is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointStatus {
    /// Its address.
    pub url: String,
    /// Whether it is the one that is asked now.
    pub used: bool,
    /// Why it is not asked; nothing if it can be.
    pub set_aside: Option<String>,
    /// The newest finalized block that it has told of.
    pub head: Option<u64>,
    /// How far that is behind the newest that any endpoint has told of, blocks.
    pub behind: Option<u64>,
    /// When it was last heard of, Unix seconds.
    pub heard_at: Option<u64>,
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
    /// No block takes a transaction of this size; nothing was sent.
    #[error("no block takes so much at once: {0}")]
    TooLarge(String),
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

    /// Whether somebody else than who said so at this block agrees that a contract is over. `true` if there is nobody else to
    /// ask; `false` if that cannot be told yet, or was not true.
    async fn is_over(&self, _contract_id: u64, _head: Head) -> Result<bool, ChainError> {
        Ok(true)
    }

    /// The account that signs for a twin.
    async fn account_of(&self, twin_id: u32) -> Result<Option<[u8; 32]>, ChainError>;

    /// Says what became of a version of a contract. Returns when it is in a block; nothing is sent while the contract's node
    /// names another account.
    async fn report_deployment(&self, contract_id: u64, version: u32, outcome: Outcome) -> Result<(), ChainError>;

    /// Signs a batch of reports, at most 500, without sending it: whoever keeps the ticket first can always find out what
    /// became of it. Nothing is signed while this account is no node's agent.
    async fn sign_reports(&self, reports: &[Report]) -> Result<Signed, ChainError>;

    /// Sends a signed batch. Sending it again does nothing. [`ChainError::Refused`]: the pool will not take it;
    /// [`ChainError::TooLarge`]: nor would a block.
    async fn send(&self, signed: &Signed) -> Result<(), ChainError>;

    /// What became of a batch of these reports.
    async fn reports_fate(&self, ticket: &Ticket, reports: &[Report]) -> Result<Fate, ChainError>;

    /// The heartbeat. `uptime` in seconds. Returns when it is in a block; nothing is sent while this account is no node's
    /// agent.
    async fn report_uptime(&self, uptime: u64) -> Result<(), ChainError>;

    /// What this agent's account has for fees, base units.
    async fn float(&self) -> Result<u128, ChainError>;

    /// From now on only this chain counts, and nothing older than this block of it: what an earlier process has seen.
    fn expect(&self, _genesis: [u8; 32], _seen: Head) {}

    /// How much of a height that one endpoint has told of may be held against all from now on: what another one has about
    /// reached too, if there is another.
    fn vouched(&self, head: Head) -> Head {
        head
    }

    /// The endpoints behind this and how they are doing.
    fn endpoints(&self) -> Vec<EndpointStatus> {
        Vec::new()
    }
}
