//! The chain's rules that an agent can feel, in memory. Every change is a finalized block, but for an acceptance that is held.

use super::{AGENT, NODE, NODE_TWIN, STRANGER, STRANGER_TWIN, USER, USER_TWIN};
use futures::{
    stream::{self, BoxStream},
    StreamExt,
};
use grid_types::{
    challenge,
    deployment::{Deployment, Digest},
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
        Chain, ChainError, ContractKind, ContractState, ContractView, Fate, Head, Lookup, NodeView, Outcome, Settled,
        Signed, Snapshot, Ticket, Times,
    },
    key::AgentKey,
};

pub const GENESIS: [u8; 32] = [5; 32];
pub const CAPACITY: Capacity = Capacity { cru: 4_000, mru: 8 << 30, sru: 1 << 40, hru: 0 };
pub const RESOURCES: Resources = Resources { cru: 1_000, mru: 64 << 20, sru: 1 << 20, hru: 0, nru_per_hour: 1 << 30 };

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reporting {
    /// Reports are taken.
    Open,
    /// The chain does not answer.
    Down,
    /// Reports are taken, but the answer is lost.
    Mute,
    /// Reports are in blocks that do not become final.
    Unfinal,
    /// Transactions vanish on their way and expire.
    Lossy,
    /// Reports are taken, and what became of them is discarded.
    Forgetful,
    /// A batch gets into a block and fails there as a whole.
    Failing,
}

/// How far an acceptance is. Only what is final is seen by who asks which node this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Acceptance {
    No,
    InBlock,
    Final,
}

/// A batch of reports that was signed.
#[derive(Clone, Debug, Default)]
struct Batch {
    reports: Vec<Report>,
    /// How often it arrived.
    arrived: usize,
    /// What became of it, once it is in a block.
    outcomes: Option<Result<Vec<Settled>, String>>,
}

struct State {
    number: u64,
    down: bool,
    hanging: bool,
    reporting: Reporting,
    next_contract_id: u64,
    contracts: BTreeMap<u64, ContractView>,
    twins: BTreeMap<u32, [u8; 32]>,
    offered: Vec<Report>,
    taken: Vec<Report>,
    refused: Vec<(Report, String)>,
    batches: BTreeMap<[u8; 32], Batch>,
    oldest: u64,
    latest: Option<u64>,
    capacity: Capacity,
    period: u64,
    forgetful: bool,
    taken_count: usize,
    outcomes: Vec<(u64, u32, Outcome)>,
    heartbeats: usize,
    acceptance: Acceptance,
    /// What is heard of an acceptance that becomes final later.
    held: Option<Result<(), ChainError>>,
    accepts: Vec<u32>,
    questions: usize,
    fees: usize,
    /// Reports for which a block has room.
    room: usize,
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
            hanging: false,
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
            refused: Vec::new(),
            batches: BTreeMap::new(),
            oldest: 0,
            latest: None,
            capacity: CAPACITY,
            period: 1,
            forgetful: false,
            taken_count: 0,
            outcomes: Vec::new(),
            heartbeats: 0,
            acceptance: Acceptance::Final,
            held: None,
            accepts: Vec::new(),
            questions: 0,
            fees: 0,
            room: usize::MAX,
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

    /// From now on questions are not answered.
    pub fn set_hanging(&self, hanging: bool) {
        self.block(|state| state.hanging = hanging);
    }

    /// The same contracts, twins and numbers as another chain has now.
    pub fn copy(&self, other: &Self) {
        let (number, next, contracts) = {
            let other = other.state();
            (other.number, other.next_contract_id, other.contracts.clone())
        };
        self.block(|state| (state.number, state.next_contract_id, state.contracts) = (number - 1, next, contracts));
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

    /// What the chain refused, with its reasons.
    pub fn refused(&self) -> Vec<(Report, String)> {
        self.state().refused.clone()
    }

    /// Transactions with reports that were signed.
    pub fn batches(&self) -> usize {
        self.state().batches.len()
    }

    /// Windows that end before this are too old.
    pub fn set_oldest(&self, oldest: u64) {
        self.state().oldest = oldest;
    }

    /// From now on the newest finalized block has this time.
    pub fn set_time(&self, latest: Option<u64>) {
        self.block(|state| state.latest = latest);
    }

    /// From now on no block takes more reports at once.
    pub fn set_room(&self, reports: usize) {
        self.state().room = reports;
    }

    /// What was offered last.
    pub fn offered(&self) -> Vec<Report> {
        self.state().offered.clone()
    }

    pub fn outcomes(&self) -> Vec<(u64, u32, Outcome)> {
        self.state().outcomes.clone()
    }

    pub fn heartbeats(&self) -> usize {
        self.state().heartbeats
    }

    /// A contract with room for large modules.
    pub fn create_large(&self, deployment: &Deployment) -> u64 {
        let id = self.create(deployment);
        self.change(id, |contract| contract.resources.sru = 1 << 30);
        id
    }

    /// Its periods are those of production, not a test's.
    pub fn set_slow(&self) {
        self.state().period = 600;
    }

    /// It counts reports and keeps none.
    pub fn forget_reports(&self) {
        self.state().forgetful = true;
    }

    pub fn taken_count(&self) -> usize {
        self.state().taken_count
    }

    /// Contracts that were reported as running.
    pub fn deployed_count(&self) -> usize {
        self.state().contracts.values().filter(|contract| contract.deployed_version.is_some()).count()
    }

    /// The number that the next contract gets.
    pub fn next_contract_id(&self) -> u64 {
        self.state().next_contract_id
    }

    /// What the node offers from now on.
    pub fn set_capacity(&self, capacity: Capacity) {
        self.block(|state| state.capacity = capacity);
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
        Head { number: self.number, timestamp: self.latest.unwrap_or_else(now) }
    }

    /// A batch in its block.
    fn execute(&mut self, reports: &[Report]) -> Result<Vec<Settled>, String> {
        if self.reporting == Reporting::Failing {
            self.fees += 1;
            return Err("NotTheAgent".to_owned());
        }
        Ok(reports.iter().map(|report| self.take(report)).collect())
    }

    fn take(&mut self, report: &Report) -> Settled {
        let settled = self.judge(report);
        self.taken_count += usize::from(settled == Settled::Taken);
        match &settled {
            _ if self.forgetful => {},
            Settled::Taken => self.taken.push(*report),
            Settled::Refused(reason) => self.refused.push((*report, reason.clone())),
            Settled::TooEarly => {},
        }
        settled
    }

    fn judge(&self, report: &Report) -> Settled {
        let refused = |reason: &str| Settled::Refused(reason.to_owned());
        match self.contracts.get(&report.contract_id) {
            None => return refused("UnknownContract"),
            Some(contract) if contract.node_id != NODE => return refused("ForeignContract"),
            Some(contract) if contract.state != ContractState::Deployed => return refused("NotDeployed"),
            Some(_) => {},
        }
        if report.timestamp > self.head().timestamp {
            return Settled::TooEarly;
        }
        if report.window == 0 || report.window > 60 {
            return refused("InvalidWindow");
        }
        Settled::Taken
    }
}

#[async_trait::async_trait]
impl Chain for FakeChain {
    async fn genesis(&self) -> Result<[u8; 32], ChainError> {
        self.asked().map(|_| self.genesis)
    }

    async fn head(&self) -> Result<Head, ChainError> {
        if self.state().hanging {
            std::future::pending::<()>().await;
        }
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
        Ok(Some(NodeView { node_id: NODE, twin_id: NODE_TWIN, capacity: state.capacity }))
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
        let state = self.state();
        Ok(Times { report_period: state.period, heartbeat: state.period, max_window: 60, oldest: state.oldest })
    }

    async fn snapshot(&self, node_id: u32) -> Result<Snapshot, ChainError> {
        let state = self.asked()?;
        let contracts = state.contracts.iter().filter(|(_, contract)| contract.node_id == node_id);
        Ok(Snapshot {
            genesis: self.genesis,
            head: state.head(),
            next_contract_id: state.next_contract_id,
            capacity: Some(state.capacity),
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

    async fn sign_reports(&self, reports: &[Report]) -> Result<Signed, ChainError> {
        let mut state = self.asked()?;
        state.check_agent()?;
        assert!(reports.len() <= 500, "the chain takes no more in one transaction");
        state.offered = reports.to_vec();
        if state.reporting == Reporting::Down {
            return Err(ChainError::Unavailable("down".to_owned()));
        }
        // As a hash, it is another one for other reports, also at another endpoint.
        let transaction = Digest::of(format!("{} {reports:?}", state.batches.len()).as_bytes()).0;
        state.batches.insert(transaction, Batch { reports: reports.to_vec(), ..Batch::default() });
        let ticket = Ticket { transaction, from: state.number };
        Ok(Signed { ticket, bytes: transaction.to_vec() })
    }

    async fn send(&self, signed: &Signed) -> Result<(), ChainError> {
        let mut state = self.asked()?;
        if state.reporting == Reporting::Down {
            return Err(ChainError::Unavailable("down".to_owned()));
        }
        let transaction = signed.ticket.transaction;
        // What was signed at another endpoint is lost here.
        let Some(mut batch) = state.batches.get(&transaction).cloned() else { return Ok(()) };
        batch.arrived += 1;
        if batch.reports.len() > state.room {
            return Err(ChainError::TooLarge("it would exhaust the block".to_owned()));
        }
        let reporting = state.reporting;
        if reporting != Reporting::Lossy && batch.outcomes.is_none() {
            batch.outcomes = Some(state.execute(&batch.reports));
        }
        state.batches.insert(transaction, batch);
        match reporting {
            Reporting::Open | Reporting::Unfinal | Reporting::Failing => Ok(()),
            _ => Err(ChainError::Uncertain("no answer".to_owned())),
        }
    }

    async fn reports_fate(&self, ticket: &Ticket, reports: &[Report]) -> Result<Fate, ChainError> {
        let state = self.asked()?;
        let batch = state.batches.get(&ticket.transaction).cloned().unwrap_or_default();
        assert!(batch.reports.is_empty() || batch.reports == reports, "it asks about the batch that it sent");
        Ok(match (state.reporting, batch.outcomes) {
            (Reporting::Down, _) => return Err(ChainError::Unavailable("down".to_owned())),
            (Reporting::Unfinal | Reporting::Mute, _) => Fate::Open,
            (Reporting::Forgetful, Some(_)) => Fate::Forgotten,
            (_, Some(Ok(outcomes))) => Fate::Settled(outcomes),
            (_, Some(Err(reason))) => Fate::Failed(reason),
            (Reporting::Lossy | Reporting::Forgetful, None) => Fate::Open,
            (Reporting::Open | Reporting::Failing, None) => Fate::Expired,
        })
    }

    async fn report_uptime(&self, _: u64) -> Result<(), ChainError> {
        let mut state = self.asked()?;
        state.check_agent()?;
        state.heartbeats += 1;
        Ok(())
    }

    async fn float(&self) -> Result<u128, ChainError> {
        self.asked().map(|_| 12_500_000)
    }
}
