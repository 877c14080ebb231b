//! The decision core: what is to be done, given what is. No I/O, no clock, no memory.
//!
//! **Properties** (each with a test of its name):
//! - *Progress.* Doing what is decided leads to a state in which nothing is left to decide.
//! - *Restraint.* A function that is not this node's by label and name together is never touched.
//! - *Unknown is not ended.* Nothing is done on the word of a chain that is another one, that is behind what was seen, or
//!   that has not made the contract yet; and nothing while the gateway cannot be asked.
//! - *Ended is ended.* The functions of a contract that is gone are removed, also those that no record tells of.
//! - *Replaced, not torn down.* What the new version does not have any more goes when the new version runs; until then the old
//!   one serves, unless both together are more than the contract reserves. The secrets that only it had go last.
//! - *What is leaving still counts.* A function is not begun on room that one of an ended contract still takes: it waits, which
//!   is no failure.

pub use super::action::{Action, Target};
use super::room::Room;
use crate::{
    chain::{ContractState, ContractView, Snapshot},
    faas::{FunctionSpec, Listed},
    store::deployments::{Step, Work},
};
use grid_types::{bus::WorkloadState, deployment::Workload};
use std::collections::{BTreeMap, BTreeSet};

/// What the operator decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How long the data of an ended contract is kept, seconds.
    pub keep_ended: u64,
    /// How long a function with an outdated hash keeps running, seconds.
    pub outdated_grace: u64,
    /// Failed attempts before the chain is told.
    pub tries: u32,
}

/// Everything that is known at one moment.
#[derive(Clone, Debug)]
pub struct World {
    /// Unix seconds.
    pub now: u64,
    /// This node.
    pub node_id: u32,
    /// The chain that this node belongs to.
    pub genesis: [u8; 32],
    /// The newest finalized block that was ever seen.
    pub cursor: u64,
    /// What the operator decided.
    pub rules: Rules,
    /// This node's contracts; `None` if the chain cannot be asked.
    pub chain: Option<Snapshot>,
    /// What the gateway runs; `None` if it cannot be asked.
    pub gateway: Option<Vec<Listed>>,
    /// What was accepted.
    pub works: BTreeMap<u64, Work>,
    /// Contracts for which modules are kept, whether anything was accepted for them or not.
    pub holders: BTreeSet<u64>,
    /// Contracts that are being worked on right now, or rest.
    pub busy: BTreeSet<u64>,
    /// Contracts that are said to be over by one endpoint of the chain alone: nothing is known of them.
    pub doubted: BTreeSet<u64>,
}

/// Why a function is not begun yet although nothing is wrong with it.
const FULL: &str = "waits until the work of contracts that have ended is removed";

/// What the chain says about a contract.
#[derive(Clone, Copy)]
enum Fate<'a> {
    Live(&'a ContractView),
    Over(&'static str),
    Unknown,
}

/// What should happen to a live contract's functions.
enum Course {
    /// They run as accepted.
    Run,
    /// They stay as they are.
    Keep,
    /// They stop, for this reason.
    Stop(&'static str),
}

/// A function of this node's on the gateway.
pub(super) struct Running<'a> {
    workload: &'a str,
    pub(super) function: &'a Listed,
}

/// What is to be done, in order.
pub fn decide(world: &World) -> Vec<Action> {
    let Some(chain) = world.chain.as_ref().filter(|chain| believable(chain, world)) else { return Vec::new() };
    let Some(gateway) = &world.gateway else { return Vec::new() };
    let mut running: BTreeMap<u64, Vec<Running>> = BTreeMap::new();
    for function in gateway {
        if let Some(owner) = function.owner.as_ref().filter(|owner| owner.node_id == world.node_id) {
            running.entry(owner.contract_id).or_default().push(Running { workload: &owner.workload, function });
        }
    }
    let mut room = Room::of(world, chain, &running);
    let contracts: BTreeSet<u64> = running.keys().chain(world.works.keys()).chain(&world.holders).copied().collect();
    let mut actions = Vec::new();
    for contract_id in contracts.difference(&world.busy) {
        let running = running.get(contract_id).map_or(&[][..], Vec::as_slice);
        let case = Case { world, contract_id: *contract_id, running };
        let fate = if world.doubted.contains(contract_id) { Fate::Unknown } else { fate(chain, *contract_id) };
        match world.works.get(contract_id) {
            Some(work) => case.decide(work, fate, &mut room, &mut actions),
            // Modules were put for it, and never a deployment.
            None if running.is_empty() && matches!(fate, Fate::Over(_)) => actions.push(Action::Forget(*contract_id)),
            None => case.orphan(None, fate, &mut actions),
        }
    }
    actions
}

/// Whether a snapshot may be acted on at all.
fn believable(chain: &Snapshot, world: &World) -> bool {
    chain.genesis == world.genesis && chain.head.number >= world.cursor
}

fn fate(chain: &Snapshot, contract_id: u64) -> Fate<'_> {
    match chain.contracts.get(&contract_id) {
        Some(contract) if contract.state == ContractState::Ending => Fate::Over("the contract is ending"),
        Some(contract) => Fate::Live(contract),
        None if contract_id < chain.next_contract_id => Fate::Over("the contract has ended"),
        None => Fate::Unknown,
    }
}

/// Whether the chain says that a contract was made and is over.
pub(super) fn is_over(chain: &Snapshot, contract_id: u64) -> bool {
    matches!(fate(chain, contract_id), Fate::Over(_))
}

/// One contract.
struct Case<'a> {
    world: &'a World,
    contract_id: u64,
    running: &'a [Running<'a>],
}

impl Case<'_> {
    /// Functions that no record tells of, or one of a contract that has been set aside: removed if their contract is over, else
    /// left alone.
    fn orphan(&self, work: Option<&Work>, fate: Fate, actions: &mut Vec<Action>) {
        if matches!(fate, Fate::Over(_)) {
            let due = |function: &&Running| work.is_none_or(|work| self.removal_due(work, function.workload));
            let functions = self.running.iter().filter(due);
            actions.extend(functions.map(|function| Action::Remove(self.target(function.workload), None)));
        }
    }

    fn decide(&self, work: &Work, fate: Fate, room: &mut Room, actions: &mut Vec<Action>) {
        if let Some(ended) = &work.stored.ended {
            self.orphan(Some(work), fate, actions);
            if self.running.is_empty() && self.world.now >= ended.at.saturating_add(self.world.rules.keep_ended) {
                actions.push(Action::Forget(self.contract_id));
            }
            return;
        }
        match fate {
            Fate::Unknown => {},
            Fate::Over(cause) if self.running.is_empty() => actions.push(Action::SetAside(self.contract_id, cause)),
            Fate::Over(cause) => self.stop(work, cause, actions),
            Fate::Live(contract) => {
                self.note_outdated(work, contract, actions);
                match self.course(work, contract) {
                    Course::Keep => {},
                    Course::Stop(reason) => self.stop(work, reason, actions),
                    Course::Run => self.run(work, contract, room, actions),
                }
            },
        }
    }

    fn note_outdated(&self, work: &Work, contract: &ContractView, actions: &mut Vec<Action>) {
        match (work.stored.hash == contract.hash, work.stored.outdated_since) {
            (false, None) => actions.push(Action::MarkOutdated(self.contract_id)),
            (true, Some(_)) => actions.push(Action::ClearOutdated(self.contract_id)),
            _ => {},
        }
    }

    fn course(&self, work: &Work, contract: &ContractView) -> Course {
        let Work { stored, .. } = work;
        let now = self.world.now;
        if contract.state == ContractState::Grace {
            return Course::Stop("paused: the contract is out of funds");
        }
        if stored.deployment.expiration != 0 && stored.deployment.expiration <= now {
            return Course::Stop("stopped: the deployment's expiration has passed");
        }
        if !stored.deployment.required().within(&contract.resources.capacity()) {
            return Course::Stop("stopped: it may take more than the contract now reserves");
        }
        if stored.hash == contract.hash {
            return Course::Run;
        }
        let overdue = |since: u64| now >= since.saturating_add(self.world.rules.outdated_grace);
        if stored.outdated_since.is_some_and(overdue) {
            return Course::Stop("stopped: the contract was updated and the new deployment has not been sent");
        }
        Course::Keep
    }

    fn stop(&self, work: &Work, reason: &'static str, actions: &mut Vec<Action>) {
        for function in self.running {
            if self.removal_due(work, function.workload) {
                actions.push(Action::Remove(self.target(function.workload), Some(reason)));
            }
        }
        for workload in &work.stored.deployment.workloads {
            let gone = !self.running.iter().any(|function| function.workload == workload.name);
            if gone && !stands(work, workload, WorkloadState::Error, reason) {
                actions.push(Action::Note(self.target(&workload.name), WorkloadState::Error, reason));
            }
        }
    }

    fn run(&self, work: &Work, contract: &ContractView, room: &mut Room, actions: &mut Vec<Action>) {
        let wanted = &work.stored.deployment;
        let up: Vec<_> = wanted.workloads.iter().map(|workload| self.bring_up(work, workload, room, actions)).collect();
        let all_up = up.iter().all(|up| *up);
        let unwanted = || self.running.iter().filter(|function| wanted.workload(function.workload).is_none());
        let besides = unwanted().map(|function| function.function.memory).fold(0, u64::saturating_add);
        let fits = wanted.required().mru.saturating_add(besides) <= contract.resources.mru;
        if all_up || !fits {
            let due = unwanted().filter(|function| self.removal_due(work, function.workload));
            actions.extend(due.map(|function| Action::Remove(self.target(function.workload), None)));
        }
        let past = work.standings.keys().filter(|name| wanted.workload(name).is_none());
        let gone = past.filter(|name| !self.running.iter().any(|function| function.workload == name.as_str()));
        actions.extend(gone.map(|name| Action::Drop(self.target(name))));
        self.report(work, contract, all_up, actions);
        // Until then what is to go may need them.
        if all_up && unwanted().next().is_none() && !work.stored.past_secrets().is_empty() {
            actions.push(Action::DropSecrets(self.contract_id));
        }
    }

    /// Tells the chain what came of the contract's newest version.
    fn report(&self, work: &Work, contract: &ContractView, all_up: bool, actions: &mut Vec<Action>) {
        let news = contract.deployed_version != Some(contract.version);
        if !news || !is_due(work, &Step::Report, self.world.now) {
            return;
        }
        if all_up {
            actions.push(Action::ReportDeployed(self.contract_id, contract.version));
        } else if work.stored.failed_version != Some(contract.version) {
            let failed = work.stored.deployment.workloads.iter().find_map(|workload| self.failure(work, workload));
            actions.extend(failed.map(|reason| Action::ReportFailed(self.contract_id, contract.version, reason)));
        }
    }

    /// Whether the workload's function runs as accepted; else what brings it there, if that is due and there is room.
    fn bring_up(&self, work: &Work, workload: &Workload, room: &mut Room, actions: &mut Vec<Action>) -> bool {
        let target = self.target(&workload.name);
        let spec = FunctionSpec::of(workload, self.contract_id, self.world.node_id);
        let present = self.running.iter().find(|function| function.workload == workload.name);
        let current = present.is_some_and(|present| present.function.hash == spec.hash());
        if current && present.is_some_and(|present| present.function.ready) {
            let waiting = work.tasks.contains_key(&Step::Function(workload.name.clone()));
            if waiting || !stands(work, workload, WorkloadState::Ok, "") {
                actions.push(Action::Note(target, WorkloadState::Ok, ""));
            }
            return true;
        }
        if !is_due(work, &Step::Function(workload.name.clone()), self.world.now) {
            return false;
        }
        if present.is_some() {
            actions.extend([Action::PutModule(target.clone(), workload.data.module), Action::Update(target)]);
        } else if room.take(workload.data.memory) {
            actions.extend([Action::PutModule(target.clone(), workload.data.module), Action::Deploy(target)]);
        } else if !stands(work, workload, WorkloadState::Init, FULL) {
            actions.push(Action::Note(target, WorkloadState::Init, FULL));
        }
        false
    }

    /// Why a workload will not come to run, if enough was tried.
    fn failure(&self, work: &Work, workload: &Workload) -> Option<String> {
        let task = work.tasks.get(&Step::Function(workload.name.clone()))?;
        let enough = task.hopeless || task.tries >= self.world.rules.tries;
        enough.then(|| format!("{}: {}", workload.name, task.reason))
    }

    fn removal_due(&self, work: &Work, workload: &str) -> bool {
        is_due(work, &Step::Removal(workload.to_owned()), self.world.now)
    }

    fn target(&self, workload: &str) -> Target {
        let function = grid_types::deployment::function_name(workload, self.contract_id);
        Target { contract_id: self.contract_id, workload: workload.to_owned(), function }
    }
}

fn is_due(work: &Work, step: &Step, now: u64) -> bool {
    work.tasks.get(step).is_none_or(|task| task.next_try <= now)
}

fn stands(work: &Work, workload: &Workload, state: WorkloadState, message: &str) -> bool {
    work.standings.get(&workload.name).is_some_and(|standing| standing.state == state && standing.message == message)
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
