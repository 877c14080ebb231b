//! The chain's rules that an agent can feel, in memory. Every change is a finalized block, but for an acceptance that is held.

use super::{AGENT, NODE, NODE_TWIN, STRANGER, STRANGER_TWIN, USER, USER_TWIN};
use futures::{
    stream::{self, BoxStream},
    StreamExt,
};
use grid_types::{
    challenge,
    deployment::Deployment,
    units::{Capacity, Report, Resources},
};
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
    time::{SystemTime, UNIX_EPOCH},
};
use tokio::sync::watch;
use zos_agent::{
    chain::{
        Chain, ChainError, ContractKind, ContractState, ContractView, Head, Lookup, NodeView, Outcome, Settled,
        Snapshot, Times,
    },
    key::AgentKey,
};

pub const GENESIS: [u8; 32] = [5; 32];
pub const RESOURCES: Resources = Resources { cru: 1_000, mru: 64 << 20, sru: 1 << 20, hru: 0, nru_per_hour: 1 << 30 };

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reporting {
    /// Reports are taken.
    Open,
    /// The chain does not answer.
    Down,
    /// Reports are taken, but the answer is lost.
    Mute,
}

/// How far an acceptance is. Only what is final is seen by who asks which node this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Acceptance {
    No,
    InBlock,
    Final,
}

struct State {
    number: u64,
    down: bool,
    reporting: Reporting,
    next_contract_id: u64,
    contracts: BTreeMap<u64, ContractView>,
    twins: BTreeMap<u32, [u8; 32]>,
    offered: Vec<Report>,
    taken: Vec<Report>,
    outcomes: Vec<(u64, u32, Outcome)>,
    heartbeats: usize,
    acceptance: Acceptance,
    /// What is heard of an acceptance that becomes final later.
    held: Option<Result<(), ChainError>>,
    accepts: Vec<u32>,
    questions: usize,
    fees: usize,
}

pub struct FakeChain {
    genesis: [u8; 32],
    state: Mutex<State>,
    blocks: watch::Sender<u64>,
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

impl FakeChain {
    pub fn new() -> Self {
        Self::of(GENESIS)
    }

    pub fn of(genesis: [u8; 32]) -> Self {
        let account = |uri: &str| AgentKey::from_uri(uri).unwrap().account();
        let state = State {
            number: 1,
            down: false,
            reporting: Reporting::Open,
            next_contract_id: 1,
            contracts: BTreeMap::new(),
            twins: BTreeMap::from([
                (NODE_TWIN, account(AGENT)),
                (USER_TWIN, account(USER)),
                (STRANGER_TWIN, account(STRANGER)),
            ]),
            offered: Vec::new(),
            taken: Vec::new(),
            outcomes: Vec::new(),
            heartbeats: 0,
            acceptance: Acceptance::Final,
            held: None,
            accepts: Vec::new(),
            questions: 0,
            fees: 0,
        };
        Self { genesis, state: Mutex::new(state), blocks: watch::channel(1).0 }
    }

    /// From now on this twin's account is that of another key.
    pub fn set_account(&self, twin: u32, uri: &str) {
        let account = AgentKey::from_uri(uri).unwrap().account();
        self.state().twins.insert(twin, account);
    }

    /// A chain on which the node names its agent, who has not accepted yet.
    pub fn before_acceptance() -> Self {
        let chain = Self::new();
        chain.state().acceptance = Acceptance::No;
        chain
    }

    /// From now on an acceptance gets into a block that is not final before [`Self::finalize`]; who sends it hears this.
    pub fn hold(&self, heard: Result<(), ChainError>) {
        self.state().held = Some(heard);
    }

    /// What was held is final.
    pub fn finalize(&self) {
        self.block(|state| {
            state.held = None;
            if state.acceptance == Acceptance::InBlock {
                state.acceptance = Acceptance::Final;
            }
        });
    }

    pub fn accepted(&self) -> bool {
        self.state().acceptance == Acceptance::Final
    }

    /// The nodes that the agent said it accepts, each time that it said so.
    pub fn accepts(&self) -> Vec<u32> {
        self.state().accepts.clone()
    }

    /// How often it was asked which node this is.
    pub fn questions(&self) -> usize {
        self.state().questions
    }

    /// Transactions that failed: each has cost a fee.
    pub fn fees(&self) -> usize {
        self.state().fees
    }

    /// Blocks pass until this one is the newest.
    pub fn reach(&self, number: u64) {
        self.block(|state| state.number = number - 1);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Changes the state in a new finalized block.
    fn block<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state();
        let value = change(&mut state);
        state.number += 1;
        let number = state.number;
        drop(state);
        self.blocks.send_replace(number);
        value
    }

    /// A contract of the user's on this node.
    pub fn create(&self, deployment: &Deployment) -> u64 {
        self.create_on(NODE, deployment)
    }

    pub fn create_on(&self, node_id: u32, deployment: &Deployment) -> u64 {
        self.block(|state| {
            let contract_id = state.next_contract_id;
            state.next_contract_id += 1;
            let contract = ContractView {
                contract_id,
                version: 0,
                twin_id: deployment.twin_id,
                node_id,
                kind: ContractKind::Capacity,
                hash: challenge::hash(deployment, &GENESIS),
                resources: RESOURCES,
                state: ContractState::Created,
                deployed_version: None,
            };
            state.contracts.insert(contract_id, contract);
            contract_id
        })
    }

    /// A rent of the whole node by the user.
    pub fn rent(&self) -> u64 {
        let contract_id = self.create(&super::deployment(&["none"]));
        self.change(contract_id, |contract| {
            contract.kind = ContractKind::Rent;
            contract.state = ContractState::Deployed;
            contract.hash = [0; 32];
            contract.deployed_version = Some(0);
        });
        contract_id
    }

    pub fn update(&self, deployment: &Deployment) {
        self.change(deployment.contract_id, |contract| {
            contract.version += 1;
            contract.hash = challenge::hash(deployment, &GENESIS);
        });
    }

    pub fn change(&self, contract_id: u64, change: impl FnOnce(&mut ContractView)) {
        self.block(|state| change(state.contracts.get_mut(&contract_id).unwrap()));
    }

    pub fn end(&self, contract_id: u64) {
        self.block(|state| state.contracts.remove(&contract_id));
    }

    pub fn set_down(&self, down: bool) {
        self.block(|state| state.down = down);
    }

    pub fn set_reporting(&self, reporting: Reporting) {
        self.block(|state| state.reporting = reporting);
    }

    pub fn deployed_version(&self, contract_id: u64) -> Option<u32> {
        self.state().contracts.get(&contract_id).and_then(|contract| contract.deployed_version)
    }

    pub fn taken(&self) -> Vec<Report> {
        self.state().taken.clone()
    }

    /// What was offered while the chain did not take it.
    pub fn offered(&self) -> Vec<Report> {
        self.state().offered.clone()
    }

    pub fn outcomes(&self) -> Vec<(u64, u32, Outcome)> {
        self.state().outcomes.clone()
    }

    pub fn heartbeats(&self) -> usize {
        self.state().heartbeats
    }

    fn asked(&self) -> Result<MutexGuard<'_, State>, ChainError> {
        let state = self.state();
        if state.down {
            return Err(ChainError::Unavailable("down".to_owned()));
        }
        Ok(state)
    }
}

impl State {
    /// A transaction that the chain executes and refuses.
    fn fail<T>(&mut self, reason: &str) -> Result<T, ChainError> {
        self.fees += 1;
        Err(ChainError::Refused(reason.to_owned()))
    }

    /// Nothing is sent by an account that is no node's agent.
    fn check_agent(&self) -> Result<(), ChainError> {
        match self.acceptance {
            Acceptance::Final => Ok(()),
            _ => Err(ChainError::Refused("not an agent".to_owned())),
        }
    }

    fn head(&self) -> Head {
        Head { number: self.number, timestamp: now() }
    }

    fn take(&mut self, report: &Report) -> Settled {
        let refused = |reason: &str| Settled::Refused(reason.to_owned());
        match self.contracts.get(&report.contract_id) {
            None => return refused("UnknownContract"),
            Some(contract) if contract.node_id != NODE => return refused("ForeignContract"),
            Some(contract) if contract.state != ContractState::Deployed => return refused("NotDeployed"),
            Some(_) => {},
        }
        if report.timestamp > now() {
            return Settled::TooEarly;
        }
        if report.window == 0 || report.window > 60 {
            return refused("InvalidWindow");
        }
        self.taken.push(*report);
        Settled::Taken
    }
}

#[async_trait::async_trait]
impl Chain for FakeChain {
    async fn genesis(&self) -> Result<[u8; 32], ChainError> {
        self.asked().map(|_| self.genesis)
    }

    async fn head(&self) -> Result<Head, ChainError> {
        Ok(self.asked()?.head())
    }

    async fn heads(&self) -> Result<BoxStream<'static, u64>, ChainError> {
        drop(self.asked()?);
        let blocks = stream::unfold(self.blocks.subscribe(), |mut blocks| async move {
            blocks.changed().await.ok()?;
            let number = *blocks.borrow_and_update();
            Some((number, blocks))
        });
        Ok(blocks.boxed())
    }

    async fn node(&self) -> Result<Option<NodeView>, ChainError> {
        let mut state = self.asked()?;
        state.questions += 1;
        if state.acceptance != Acceptance::Final {
            return Ok(None);
        }
        let capacity = Capacity { cru: 4_000, mru: 8 << 30, sru: 1 << 40, hru: 0 };
        Ok(Some(NodeView { node_id: NODE, twin_id: NODE_TWIN, capacity }))
    }

    async fn accept(&self, node_id: u32) -> Result<(), ChainError> {
        drop(self.asked()?);
        self.block(|state| {
            state.accepts.push(node_id);
            if node_id != NODE {
                return Err(ChainError::Refused("it names another account".to_owned()));
            }
            if state.acceptance != Acceptance::No {
                return state.fail("AgentTaken");
            }
            let held = state.held.clone();
            state.acceptance = if held.is_some() { Acceptance::InBlock } else { Acceptance::Final };
            held.unwrap_or(Ok(()))
        })
    }

    async fn times(&self) -> Result<Times, ChainError> {
        drop(self.asked()?);
        Ok(Times { report_period: 1, heartbeat: 1, max_window: 60 })
    }

    async fn snapshot(&self, node_id: u32) -> Result<Snapshot, ChainError> {
        let state = self.asked()?;
        let contracts = state.contracts.iter().filter(|(_, contract)| contract.node_id == node_id);
        Ok(Snapshot {
            genesis: self.genesis,
            head: state.head(),
            next_contract_id: state.next_contract_id,
            contracts: contracts.map(|(id, contract)| (*id, *contract)).collect(),
        })
    }

    async fn contract(&self, contract_id: u64) -> Result<Lookup, ChainError> {
        let state = self.asked()?;
        Ok(Lookup {
            genesis: self.genesis,
            head: state.head(),
            next_contract_id: state.next_contract_id,
            contract: state.contracts.get(&contract_id).copied(),
        })
    }

    async fn account_of(&self, twin_id: u32) -> Result<Option<[u8; 32]>, ChainError> {
        Ok(self.asked()?.twins.get(&twin_id).copied())
    }

    async fn report_deployment(&self, contract_id: u64, version: u32, outcome: Outcome) -> Result<(), ChainError> {
        drop(self.asked()?);
        self.block(|state| {
            let Some(contract) = state.contracts.get_mut(&contract_id).filter(|contract| contract.version == version)
            else {
                return Err(ChainError::Refused("no such contract or version".to_owned()));
            };
            if outcome == Outcome::Deployed {
                contract.deployed_version = Some(version);
                contract.state = ContractState::Deployed;
            }
            state.outcomes.push((contract_id, version, outcome));
            Ok(())
        })
    }

    async fn add_reports(&self, reports: Vec<Report>) -> Result<Vec<Settled>, ChainError> {
        let mut state = self.asked()?;
        state.check_agent()?;
        match state.reporting {
            Reporting::Open => {},
            Reporting::Down => {
                state.offered = reports;
                return Err(ChainError::Unavailable("down".to_owned()));
            },
            Reporting::Mute => {
                reports.iter().for_each(|report| drop(state.take(report)));
                return Err(ChainError::Uncertain("no answer".to_owned()));
            },
        }
        Ok(reports.iter().map(|report| state.take(report)).collect())
    }

    async fn report_uptime(&self, _: u64) -> Result<(), ChainError> {
        let mut state = self.asked()?;
        state.check_agent()?;
        state.heartbeats += 1;
        Ok(())
    }
}
