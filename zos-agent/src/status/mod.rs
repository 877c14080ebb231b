//! What `zos-agent status` shows: asked of the running agent, or read from what it has left.

mod ask;
mod table;

use crate::{
    board::Notes,
    chain::{ContractState, EndpointStatus, Snapshot},
    store::{
        deployments::{Step, Work},
        reports::Tally,
        Read, StoreError,
    },
};
use grid_types::bus::WorkloadState;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

pub use ask::{ask, StatusError};

/// How an agent is doing. Times in Unix seconds, money in base units.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Whether this is from a running agent; else from what one has left on disk.
    pub running: bool,
    /// The program's version.
    pub version: String,
    /// The state folder.
    pub state_dir: PathBuf,
    /// The node.
    pub node_id: Option<u32>,
    /// Its twin.
    pub twin_id: Option<u32>,
    /// The chain.
    pub genesis: Option<String>,
    /// The agent's account.
    pub account: Option<String>,
    /// What that has for fees.
    pub float: Option<u128>,
    /// The newest finalized block that was acted on.
    pub block: u64,
    /// When that block was made.
    pub block_at: Option<u64>,
    /// The endpoints of the chain.
    pub endpoints: Vec<EndpointStatus>,
    /// What parts tell of themselves.
    pub notes: Notes,
    /// Report windows that wait.
    pub outbox: u64,
    /// The windows of those that are under way.
    pub in_flight: usize,
    /// What became of the others so far.
    pub windows: Tally,
    /// The contracts, by number.
    pub contracts: Vec<ContractStatus>,
}

/// How a contract is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractStatus {
    /// Its number.
    pub contract_id: u64,
    /// Whose it is.
    pub twin_id: u32,
    /// Where it stands on chain, as last seen; nothing if that has not been seen.
    pub state: Option<String>,
    /// The version that was accepted last; nothing if none was.
    pub version: Option<u32>,
    /// Why it is over, for one whose data is kept aside.
    pub ended: Option<String>,
    /// What it runs.
    pub workloads: Vec<WorkloadStatus>,
    /// Why the chain has not heard of it yet, and when it is told again.
    pub report: Option<Waiting>,
}

/// How a workload is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkloadStatus {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub state: WorkloadState,
    /// Why.
    pub message: String,
    /// Since when.
    pub since: u64,
    /// When it is tried again.
    pub next_try: Option<u64>,
    /// Attempts that failed.
    pub tries: u32,
}

/// Something that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Why.
    pub reason: String,
    /// Until when.
    pub next_try: u64,
}

impl Status {
    /// What the store knows.
    pub(crate) fn read(read: &Read) -> Result<Self, StoreError> {
        let identity = read.identity()?;
        let works = read.works()?;
        Ok(Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            node_id: identity.map(|identity| identity.node_id),
            twin_id: identity.map(|identity| identity.twin_id),
            genesis: identity.map(|identity| format!("0x{}", hex::encode(identity.genesis))),
            block: read.cursor()?,
            outbox: read.waiting_reports()?,
            in_flight: read.flight()?.map_or(0, |flight| flight.reports.len()),
            windows: read.tally()?,
            contracts: works.iter().map(|(id, work)| ContractStatus::of(*id, work)).collect(),
            ..Self::default()
        })
    }

    /// What the chain said last.
    pub(crate) fn see(&mut self, view: &Snapshot) {
        self.block_at = Some(view.head.timestamp);
        let mut others = Vec::new();
        for (id, contract) in &view.contracts {
            let state = match contract.state {
                ContractState::Created => "created",
                ContractState::Deployed => "deployed",
                ContractState::Grace => "grace",
                ContractState::Ending => "ending",
            };
            let place = self.contracts.binary_search_by_key(id, |known| known.contract_id);
            match place.ok().and_then(|place| self.contracts.get_mut(place)) {
                Some(known) => known.state = Some(state.to_owned()),
                None => others.push(ContractStatus {
                    contract_id: *id,
                    twin_id: contract.twin_id,
                    state: Some(state.to_owned()),
                    ..ContractStatus::default()
                }),
            }
        }
        self.contracts.append(&mut others);
        self.contracts.sort_by_key(|contract| contract.contract_id);
    }
}

impl ContractStatus {
    fn of(contract_id: u64, work: &Work) -> Self {
        let deployment = &work.stored.deployment;
        let report = work.tasks.get(&Step::Report);
        let workload = |name: &str| {
            let standing = work.standings.get(name);
            let steps = [Step::Removal(name.to_owned()), Step::Function(name.to_owned())];
            let tasks = || steps.iter().filter_map(|step| work.tasks.get(step));
            WorkloadStatus {
                name: name.to_owned(),
                state: standing.map_or(WorkloadState::Init, |standing| standing.state),
                message: standing.map(|standing| standing.message.clone()).unwrap_or_default(),
                since: standing.map_or(work.stored.accepted_at, |standing| standing.since),
                next_try: tasks().map(|task| task.next_try).min(),
                tries: tasks().map(|task| task.tries).max().unwrap_or_default(),
            }
        };
        Self {
            contract_id,
            twin_id: deployment.twin_id,
            state: None,
            version: Some(deployment.version),
            ended: work.stored.ended.as_ref().map(|ended| ended.cause.clone()),
            workloads: deployment.workloads.iter().map(|wanted| workload(&wanted.name)).collect(),
            report: report.map(|task| Waiting { reason: task.reason.clone(), next_try: task.next_try }),
        }
    }
}
